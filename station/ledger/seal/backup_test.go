package seal

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func sealedBackup(t testing.TB, text []byte, to ...Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := SealBackup(&out, to...)
	if err == nil {
		if _, err = io.Copy(w, bytes.NewReader(text)); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readBackup(r io.Reader, i Identity) ([]byte, error) {
	in, err := OpenBackup(r, i)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}

// backupText is longer than one of age's chunks of 64 KiB.
func backupText() []byte {
	r := rand.New(rand.NewPCG(3, 4))
	b := make([]byte, 150_000)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestBackupOpensForTheStationAndForTheCity, and for nobody else.
func TestBackupOpensForTheStationAndForTheCity(t *testing.T) {
	station, city, stranger := newIdentity(t), newIdentity(t), newIdentity(t)
	for _, text := range [][]byte{nil, visit, backupText()} {
		b := sealedBackup(t, text, station.Recipient(), city.Recipient())
		for _, id := range []Identity{station, city} {
			got, err := readBackup(bytes.NewReader(b), id)
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("%d bytes: %d back, %v", len(text), len(got), err)
			}
		}
		for _, id := range []Identity{stranger, {}} {
			if _, err := readBackup(bytes.NewReader(b), id); !errors.Is(err, ErrWrongKey) {
				t.Errorf("stranger: %v", err)
			}
		}
	}
}

func TestBackupForNobody(t *testing.T) {
	for _, to := range [][]Recipient{nil, {{}}} {
		if _, err := SealBackup(io.Discard, to...); err == nil {
			t.Errorf("sealed to %v", to)
		}
	}
}

// TestCutBackupIsDamage: at whatever byte the stick was pulled out.
func TestCutBackupIsDamage(t *testing.T) {
	id := newIdentity(t)
	whole := sealedBackup(t, backupText(), id.Recipient())
	cuts := []int{len(whole) - 1, len(whole) - 16, len(whole) - 17, len(whole) - 64<<10}
	for n := range 300 {
		cuts = append(cuts, n)
	}
	for _, n := range cuts {
		if _, err := readBackup(bytes.NewReader(whole[:n]), id); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	if _, err := readBackup(bytes.NewReader(append(bytes.Clone(whole), 0)), id); !errors.Is(err, ErrDamaged) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestNoBitOfABackupMayChange(t *testing.T) {
	id := newIdentity(t)
	text := []byte(strings.Repeat("测试 ", 40))
	whole := sealedBackup(t, text, id.Recipient())
	for bit := range 8 * len(whole) {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		if got, err := readBackup(bytes.NewReader(b), id); err == nil {
			t.Fatalf("bit %d: %q", bit, got)
		} else if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrWrongKey) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
}

// TestAStickThatFailsIsNoDamage: the error of the device comes through.
func TestAStickThatFailsIsNoDamage(t *testing.T) {
	id := newIdentity(t)
	whole := sealedBackup(t, backupText(), id.Recipient())
	gone := errors.New("device gone")
	for _, n := range []int64{0, 10, 100, 70_000} {
		r := io.MultiReader(io.LimitReader(bytes.NewReader(whole), n), iotest.ErrReader(gone))
		if _, err := readBackup(r, id); !errors.Is(err, gone) || errors.Is(err, ErrDamaged) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	w, err := SealBackup(failing{gone}, id.Recipient())
	if err == nil {
		_, err = w.Write(backupText())
		err = errors.Join(err, w.Close())
	}
	if !errors.Is(err, gone) {
		t.Errorf("writing: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestIdentityOnPaper: the printed file is read back; a name cannot add a line.
func TestIdentityOnPaper(t *testing.T) {
	id := newIdentity(t)
	text := id.Text("曲阿街道联络站\nAGE-SECRET-KEY-1FALSE", time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC))
	for _, p := range [][]byte{text, []byte(id.key.String()), []byte("\r\n " + id.key.String() + "\r\n")} {
		got, err := ParseIdentity(p)
		if err != nil || got.Recipient().String() != id.Recipient().String() {
			t.Errorf("%q: %v", p, err)
		}
	}
	if !strings.Contains(string(text), "2026-03-05") || !strings.Contains(string(text), id.Recipient().String()) {
		t.Errorf("%s", text)
	}
	secret := id.key.String()
	for _, bad := range []string{"", "# note", secret[:70], secret + "\n" + secret, id.Recipient().String(), secret[:40] + "b" + secret[41:]} {
		_, err := ParseIdentity([]byte(bad))
		if err == nil {
			t.Errorf("%q accepted", bad)
		} else if strings.Contains(err.Error(), secret[20:30]) {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
	if len(Identity{}.Text("", time.Time{})) != 0 {
		t.Error("an empty identity was printed")
	}
}

func TestRecipientText(t *testing.T) {
	id := newIdentity(t)
	got, err := ParseRecipient(" " + id.Recipient().String() + "\n")
	if err != nil || got.String() != id.Recipient().String() {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range []string{"", "age1x", id.key.String(), got.String()[:61]} {
		if _, err := ParseRecipient(bad); err == nil || bad != "" && strings.Contains(err.Error(), bad[len(bad)/2:]) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if (Recipient{}).String() != "" || (Identity{}).Recipient().String() != "" {
		t.Error("an empty recipient has a text")
	}
}
