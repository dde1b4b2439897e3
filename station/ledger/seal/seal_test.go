package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var suites = []Suite{AES, SM4}

func eachSuite(t *testing.T, f func(*testing.T, Suite)) {
	for _, s := range suites {
		t.Run(s.String(), func(t *testing.T) { f(t, s) })
	}
}

func newVault(t testing.TB, s Suite) *Vault {
	t.Helper()
	v, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mustSeal(t testing.TB, v *Vault, aad, text []byte) []byte {
	t.Helper()
	b, err := v.Seal(aad, text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mend puts the right checksum to altered bytes, as somebody would who does
// not want the alteration to look like rot.
func mend(b []byte) []byte {
	n := len(b) - crcSize
	binary.LittleEndian.PutUint32(b[n:], checksum(b[:n]))
	return b
}

var visit = []byte(`{"voter":"测试选民甲","phone":"13800138000","matter":"路灯不亮"}`)

func TestSealOpen(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		for _, n := range []int{0, 1, 15, 16, 17, 2048, 1 << 20} {
			text := bytes.Repeat([]byte{0xe5}, n)
			aad := fmt.Append(nil, "QA01/A-test#", n)
			sealed := mustSeal(t, v, aad, text)
			if len(sealed) != n+v.Overhead() {
				t.Errorf("%d bytes became %d, overhead said to be %d", n, len(sealed), v.Overhead())
			}
			if n > 15 && bytes.Contains(sealed, text[:16]) {
				t.Errorf("the text of %d bytes is readable", n)
			}
			got, err := v.Open(aad, sealed)
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("%d bytes: %d back, %v", n, len(got), err)
			}
			if err := Sound(sealed); err != nil {
				t.Errorf("sound without the key: %v", err)
			}
		}
	})
}

func TestSameTextTwiceLooksDifferent(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		a, b := mustSeal(t, v, nil, visit), mustSeal(t, v, nil, visit)
		for i := headSize; i+8 <= len(a); i++ {
			if bytes.Equal(a[i:i+8], b[i:i+8]) {
				t.Fatalf("bytes %d to %d are alike", i, i+8)
			}
		}
	})
}

// TestEachFaultHasItsOwnError: the staff is told different things for rot, a
// wrong key, a value in another's place, and an erased one.
func TestEachFaultHasItsOwnError(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v, other := newVault(t, s), newVault(t, s)
		aad := []byte("journal/QA01/A-test/1")
		sealed := mustSeal(t, v, aad, visit)
		erased, err := Shred(sealed)
		if err != nil {
			t.Fatal(err)
		}
		foreign := newVault(t, AES+SM4-s)
		for _, c := range []struct {
			name   string
			v      *Vault
			aad    string
			sealed []byte
			want   error
		}{
			{"wrong key", other, string(aad), sealed, ErrWrongKey},
			{"other suite", foreign, string(aad), sealed, ErrWrongKey},
			{"other place", v, "journal/QA01/A-test/2", sealed, ErrPlace},
			{"no place", v, "", sealed, ErrPlace},
			{"erased", v, string(aad), erased, ErrErased},
			{"erased, wrong key", other, string(aad), erased, ErrErased},
			{"empty", v, string(aad), nil, ErrDamaged},
			{"cut", v, string(aad), sealed[:len(sealed)-1], ErrDamaged},
		} {
			text, err := c.v.Open([]byte(c.aad), c.sealed)
			if text != nil || !errors.Is(err, c.want) {
				t.Errorf("%s: %q, %v", c.name, text, err)
			}
			for _, not := range []error{ErrDamaged, ErrWrongKey, ErrPlace, ErrErased} {
				if not != c.want && errors.Is(err, not) {
					t.Errorf("%s: is also %v", c.name, not)
				}
			}
		}
	})
}

func TestEveryFlippedBitIsDamage(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		sealed := mustSeal(t, v, []byte("a"), visit)
		for bit := range 8 * len(sealed) {
			b := bytes.Clone(sealed)
			b[bit/8] ^= 1 << (bit % 8)
			if text, err := v.Open([]byte("a"), b); text != nil || !errors.Is(err, ErrDamaged) {
				t.Fatalf("bit %d: %q, %v", bit, text, err)
			}
			if Sound(b) == nil || Erased(b) {
				t.Fatalf("bit %d passes for sound or erased", bit)
			}
		}
	})
}

// TestForgedBitsNeverOpen: who mends the checksum too still gets nothing past.
func TestForgedBitsNeverOpen(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		sealed := mustSeal(t, v, []byte("a"), visit)
		for bit := range 8 * (len(sealed) - crcSize) {
			b := bytes.Clone(sealed)
			b[bit/8] ^= 1 << (bit % 8)
			if text, err := v.Open([]byte("a"), mend(b)); text != nil || err == nil {
				t.Fatalf("bit %d: %q, %v", bit, text, err)
			}
		}
	})
}

// TestPartsOfTwoValuesDoNotMix: the key of one with the text of another.
func TestPartsOfTwoValuesDoNotMix(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		a, b := mustSeal(t, v, []byte("a"), visit), mustSeal(t, v, []byte("a"), visit)
		for cut := headSize + 1; cut < len(a)-crcSize; cut++ {
			mixed := mend(append(bytes.Clone(a[:cut]), b[cut:]...))
			if text, err := v.Open([]byte("a"), mixed); err == nil && !bytes.Equal(text, visit) {
				t.Fatalf("cut at %d opens as %q", cut, text)
			} else if err == nil && !bytes.Equal(mixed, a) && !bytes.Equal(mixed, b) {
				t.Fatalf("cut at %d opens", cut)
			}
		}
	})
}

func TestShredLeavesNeitherKeyNorText(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		sealed := mustSeal(t, v, []byte("a"), visit)
		before := bytes.Clone(sealed)
		erased, err := Shred(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(sealed, before) {
			t.Error("Shred wrote into the caller's bytes, which may be a mapped file")
		}
		if !Erased(erased) || Erased(sealed) || Sound(erased) != nil {
			t.Error("erased is not told from sealed")
		}
		for i := headSize; i+4 <= len(sealed); i++ {
			if bytes.Contains(erased, sealed[i:i+4]) {
				t.Errorf("bytes %d to %d of the value are still there", i, i+4)
			}
		}
		again, err := Shred(erased)
		if err != nil || !bytes.Equal(again, erased) {
			t.Errorf("shredding twice: %x, %v", again, err)
		}
		if _, err := Shred(sealed[1:]); !errors.Is(err, ErrDamaged) {
			t.Errorf("shredding damage: %v", err)
		}
	})
}

func TestBlindTellsNothingAndFindsAgain(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v, other := newVault(t, s), newVault(t, s)
		a := v.Blind("phone", "13800138000")
		if len(a) != 26 || strings.Trim(a, "abcdefghijklmnopqrstuvwxyz234567") != "" {
			t.Errorf("form %q", a)
		}
		if v.Blind("phone", "13800138000") != a {
			t.Error("not found again")
		}
		for name, b := range map[string]string{
			"another value": v.Blind("phone", "13800138001"),
			"another index": v.Blind("name", "13800138000"),
			"moved border":  v.Blind("phone1", "3800138000"),
			"another key":   other.Blind("phone", "13800138000"),
		} {
			if a == b {
				t.Errorf("%s gives the same name", name)
			}
		}
	})
}

// TestSecretsStayOutOfLogs: whatever is printed by mistake, with any verb.
func TestSecretsStayOutOfLogs(t *testing.T) {
	v := newVault(t, AES)
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	const phrase = "correct-horse-battery"
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for _, x := range []any{v, *v, id, &id, Passphrase([]byte(phrase)), Recovery(id.Recipient()), RecoveredBy(id)} {
			fmt.Fprintf(&out, verb+"\n", x)
		}
	}
	secret := strings.TrimPrefix(id.key.String(), "AGE-SECRET-KEY-1")
	for _, form := range []string{"%s", "%x", "%d", "%q"} {
		for what, s := range map[string][]byte{"file key": v.root, "blind key": v.blind, "passphrase": []byte(phrase), "identity": []byte(secret)} {
			if strings.Contains(out.String(), strings.Trim(fmt.Sprintf(form, s), `[]"`)) {
				t.Errorf("the %s is printed as %s", what, form)
			}
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	v := newVault(t, AES)
	done := make(chan error)
	for g := range 8 {
		go func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for i := range 200 {
				aad := fmt.Append(nil, g, i)
				text := make([]byte, r.IntN(3000))
				sealed, err := v.Seal(aad, text)
				if err == nil {
					var got []byte
					if got, err = v.Open(aad, sealed); err == nil && !bytes.Equal(got, text) {
						err = errors.New("another text")
					}
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestSuiteNames(t *testing.T) {
	for _, s := range suites {
		if got, err := ParseSuite(s.String()); got != s || err != nil {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	if _, err := ParseSuite("des"); err == nil {
		t.Error("des accepted")
	}
	if _, err := New(7); err == nil {
		t.Error("suite 7 accepted")
	}
}
