package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// quick is a passphrase whose guesses cost little, so that tests are fast.
func quick(p string) Source {
	return passphrase{text: []byte(p), cost: cost{memory: 64, time: 1, threads: 1}}
}

const phrase = "七月 Lianluo-zhan 灯下 93"

func makeKey(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := MakeKeyFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustWrap(t testing.TB, v *Vault, src ...Source) Wrapped {
	t.Helper()
	w, err := v.Wrap(src...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newIdentity(t testing.TB) Identity {
	t.Helper()
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestEverySourceOpensItsOwn: one file key, wrapped for all kinds at once.
func TestEverySourceOpensItsOwn(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		file, id, city := makeKey(t, "some.key"), newIdentity(t), newIdentity(t)
		credential := makeKey(t, CredentialName)
		w := mustWrap(t, v, Credential(filepath.Dir(credential)), KeyFile(file), quick(phrase), Recovery(id.Recipient(), city.Recipient()))
		kinds, err := w.Sources()
		if err != nil || !slices.Equal(kinds, []Kind{Credentials, KeyFiles, Passphrases, Recovering}) {
			t.Errorf("sources %v, %v", kinds, err)
		}
		sealed := mustSeal(t, v, []byte("a"), visit)
		for _, src := range []Source{Credential(filepath.Dir(credential)), KeyFile(file), KeyFile(credential), quick(phrase), RecoveredBy(id), RecoveredBy(city)} {
			got, err := Unlock(w, src)
			if err != nil {
				t.Errorf("%s: %v", src.Kind(), err)
				continue
			}
			text, err := got.Open([]byte("a"), sealed)
			if err != nil || !bytes.Equal(text, visit) {
				t.Errorf("%s: %q, %v", src.Kind(), text, err)
			}
			if got.Suite() != s || got.Blind("phone", "13800138000") != v.Blind("phone", "13800138000") {
				t.Errorf("%s: another vault", src.Kind())
			}
		}
	})
}

// TestStrangersStayOut: the wrong secret of the right kind, and the wrong kind.
func TestStrangersStayOut(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		file, id := KeyFile(makeKey(t, "a.key")), newIdentity(t)
		stranger, other := newIdentity(t), KeyFile(makeKey(t, "b.key"))
		for _, c := range []struct {
			w    Wrapped
			src  Source
			want error
		}{
			{mustWrap(t, v, file), other, ErrWrongKey},
			{mustWrap(t, v, quick(phrase)), quick(phrase + "x"), ErrWrongKey},
			{mustWrap(t, v, Recovery(id.Recipient())), RecoveredBy(stranger), ErrWrongKey},
			{mustWrap(t, v, Recovery(id.Recipient())), RecoveredBy(Identity{}), ErrWrongKey},
			{mustWrap(t, v, file), quick(phrase), ErrSource},
			{mustWrap(t, v, quick(phrase)), file, ErrSource},
			{mustWrap(t, v, file, quick(phrase)), RecoveredBy(id), ErrSource},
			{mustWrap(t, v, file), Credential(t.TempDir()), fs.ErrNotExist},
			{nil, file, ErrDamaged},
		} {
			if got, err := Unlock(c.w, c.src); got != nil || !errors.Is(err, c.want) {
				t.Errorf("%s, want %v: %v", c.src.Kind(), c.want, err)
			}
		}
	})
}

// TestChangingTheSourceRewritesNothing: what was sealed before is read after,
// and the old source is out.
func TestChangingTheSourceRewritesNothing(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := newVault(t, s)
		sealed := mustSeal(t, v, []byte("a"), visit)
		file := KeyFile(makeKey(t, "a.key"))
		old := mustWrap(t, v, file)
		v, err := Unlock(old, file)
		if err != nil {
			t.Fatal(err)
		}
		w := mustWrap(t, v, quick(phrase))
		if _, err := Unlock(w, file); !errors.Is(err, ErrSource) {
			t.Errorf("the old source: %v", err)
		}
		v, err = Unlock(w, quick(phrase))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := v.Open([]byte("a"), sealed); err != nil || !bytes.Equal(text, visit) {
			t.Errorf("%q, %v", text, err)
		}
	})
}

// TestNoBitOfTheWrappedKeyMayChange, with and without a mended checksum.
func TestNoBitOfTheWrappedKeyMayChange(t *testing.T) {
	v := newVault(t, SM4)
	id := newIdentity(t)
	file := KeyFile(makeKey(t, "a.key"))
	for _, c := range []struct{ wrap, open Source }{{file, file}, {quick(phrase), quick(phrase)}, {Recovery(id.Recipient()), RecoveredBy(id)}} {
		w := mustWrap(t, v, c.wrap)
		for bit := range 8 * len(w) {
			b := bytes.Clone(w)
			b[bit/8] ^= 1 << (bit % 8)
			if _, err := Unlock(b, c.open); !errors.Is(err, ErrDamaged) {
				t.Fatalf("%s, bit %d: %v", c.open.Kind(), bit, err)
			}
			if bit/8 >= 28 && c.wrap.Kind() == Passphrases && bit/8 < 28+int(w[27]) {
				continue // another cost is another key, and takes its time
			}
			got, err := Unlock(mend(b), c.open)
			if err == nil && !bytes.Equal(got.root, v.root) {
				t.Fatalf("%s, bit %d, mended: another key", c.open.Kind(), bit)
			}
			if bit/8 < 11 && bit/8 != 6 && err == nil { // not the kind: files and credentials are the same
				t.Fatalf("%s, bit %d, mended: opens", c.open.Kind(), bit)
			}
		}
	}
}

func TestWrapsOfTwoFilesDoNotMix(t *testing.T) {
	file := KeyFile(makeKey(t, "a.key"))
	a, b := mustWrap(t, newVault(t, AES), file), mustWrap(t, newVault(t, AES), file)
	if _, err := Unlock(append(a, b...), file); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

func TestWrapWantsASource(t *testing.T) {
	v := newVault(t, AES)
	if _, err := v.Wrap(); err == nil {
		t.Error("wrapped for nobody")
	}
	if _, err := v.Wrap(Recovery()); err == nil {
		t.Error("wrapped for no recipient")
	}
	if _, err := v.Wrap(Recovery(Recipient{})); err == nil {
		t.Error("wrapped for an empty recipient")
	}
	if _, err := v.Wrap(make([]Source, maxWraps+1)...); err == nil {
		t.Error("wrapped for too many")
	}
}

// TestKeyFileIsReadableByItsOwnerOnly: others may not read it, and a file that
// they can read is refused.
func TestKeyFileIsReadableByItsOwnerOnly(t *testing.T) {
	path := makeKey(t, "a.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	v := newVault(t, AES)
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o644, 0o666, 0o610} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Wrap(KeyFile(path)); !errors.Is(err, ErrExposed) {
			t.Errorf("mode %#o: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Wrap(KeyFile(path)); err != nil {
		t.Errorf("mode 0400: %v", err)
	}
}

// TestCredentialMayShowRightsOfTheGroup: systemd lends it by an access list.
func TestCredentialMayShowRightsOfTheGroup(t *testing.T) {
	path := makeKey(t, CredentialName)
	v := newVault(t, AES)
	for mode, want := range map[fs.FileMode]error{0o440: nil, 0o400: nil, 0o444: ErrExposed} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Wrap(Credential(filepath.Dir(path))); !errors.Is(err, want) {
			t.Errorf("mode %#o: %v", mode, err)
		}
	}
}

// TestAKeyFileIsNeverReplaced, not even when two make it at once: the other's
// data would be lost with it.
func TestAKeyFileIsNeverReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "liaison.key")
	errs := make(chan error)
	for range 8 {
		go func() { errs <- MakeKeyFile(path) }()
	}
	made := 0
	for range 8 {
		if err := <-errs; err == nil {
			made++
		} else if !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
	}
	names, err := os.ReadDir(dir)
	if made != 1 || err != nil || len(names) != 1 {
		t.Errorf("made %d times; %v, %v", made, names, err)
	}
	// Where the file system has no links the file is published by renaming.
	temp := filepath.Join(dir, "temp")
	if err := os.WriteFile(temp, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := publish(temp, path); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
}

func TestKeyFileOnAFullOrMissingDisk(t *testing.T) {
	if err := MakeKeyFile(filepath.Join(t.TempDir(), "not", "there", "a.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := newVault(t, AES).Wrap(KeyFile(t.TempDir())); err == nil {
		t.Error("a folder was read as a key")
	}
}

// TestAKeyTypedFromPaper: what people do to a key file, and what is said.
func TestAKeyTypedFromPaper(t *testing.T) {
	text := string(KeyText())
	secret, err := parseKeyText([]byte(text))
	if err != nil || len(secret) != rootSize {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(text, keyPrefix)
	line = keyPrefix + strings.TrimSpace(line)
	for _, good := range []string{line, line + "\r\n", "\n\n# note\r\n  " + line + "\t\r\n\r\n# end"} {
		if got, err := parseKeyText([]byte(good)); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%q: %v", good, err)
		}
	}
	swapped := []byte(line)
	i := len(keyPrefix) + 5
	for swapped[i] == swapped[i+1] {
		i++
	}
	swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	for _, bad := range []string{"", "# only a note\n", line + "\n" + line, line[:len(line)-1], line + "0", line[1:],
		strings.ToLower(line), strings.ToUpper(line), string(swapped), strings.Replace(line, ":", " ", 1), line[:len(keyPrefix)] + ":"} {
		if got, err := parseKeyText([]byte(bad)); got != nil || !errors.Is(err, ErrKeyFile) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	long := filepath.Join(t.TempDir(), "long")
	if err := os.WriteFile(long, []byte(line+strings.Repeat("\n", maxKeyFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newVault(t, AES).Wrap(KeyFile(long)); !errors.Is(err, ErrKeyFile) {
		t.Errorf("too long: %v", err)
	}
}

// TestPassphraseForms: the input method's width and the line break at the end
// lock nobody out; anything else is another passphrase.
func TestPassphraseForms(t *testing.T) {
	v := newVault(t, AES)
	w := mustWrap(t, v, quick("Qianming 2026 lamp-post"))
	for _, same := range []string{"Qianming 2026 lamp-post\n", "Qianming 2026 lamp-post\r\n", "Ｑianming　２０２６ lamp-post"} {
		if _, err := Unlock(w, quick(same)); err != nil {
			t.Errorf("%q: %v", same, err)
		}
	}
	for _, other := range []string{"qianming 2026 lamp-post", "Qianming 2026 lamp-post ", "Qianming  2026 lamp-post", ""} {
		if _, err := Unlock(w, quick(other)); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%q: %v", other, err)
		}
	}
}

// TestUsualCost: what a guess costs is the recommended cost, and is stored.
func TestUsualCost(t *testing.T) {
	v := newVault(t, SM4)
	src := Passphrase([]byte(phrase))
	start := time.Now()
	w := mustWrap(t, v, src)
	t.Logf("one guess takes %v", time.Since(start))
	if !bytes.Contains(w, []byte("argon2id$v=19$m=65536,t=3,p=4")) {
		t.Error("the cost is not in the wrapped key")
	}
	if _, err := Unlock(w, src); err != nil {
		t.Error(err)
	}
}

func TestSimplePassphrasesAreRefused(t *testing.T) {
	v := newVault(t, AES)
	for _, weak := range []string{"", "123456", "888888888888888888888888", "12345678901234567890", "13800138000", "20260101",
		"password", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "abcabcabcabcabcabcabc", "admin888", "人大代表", "\n\n\n\n\n\n\n\n\n\n\n\n",
		"１３８００１３８０００", "aAaAaAaAaAaAaAaAaAaAaA"} {
		if _, err := v.Wrap(quick(weak)); !errors.Is(err, ErrWeak) {
			t.Errorf("%q has %d bits: %v", weak, Strength([]byte(weak)), err)
		}
	}
	for _, good := range []string{phrase, "correct-horse-battery", "雨夜修灯记二月", "7f Kq 93 vm Lx", "940285173062947158"} {
		if _, err := v.Wrap(quick(good)); err != nil {
			t.Errorf("%q has %d bits: %v", good, Strength([]byte(good)), err)
		}
	}
}

// TestCostOutOfBounds: a damaged or forged key must not take all memory.
func TestCostOutOfBounds(t *testing.T) {
	for _, bad := range []string{"", "argon2id$v=19$m=4294967295,t=3,p=4", "argon2id$v=19$m=65536,t=17,p=4", "argon2id$v=19$m=65536,t=0,p=4",
		"argon2id$v=19$m=65536,t=3,p=0", "argon2id$v=19$m=65536,t=3,p=255", "argon2id$v=19$m=7,t=3,p=1", "argon2id$v=16$m=65536,t=3,p=4",
		"argon2i$v=19$m=65536,t=3,p=4", "argon2id$v=19$m=65536,t=3,p=4 ", "argon2id$v=19$m=065536,t=3,p=4", "argon2id$v=19$m=-1,t=3,p=4"} {
		if c, err := parseCost(bad); err == nil {
			t.Errorf("%q read as %v", bad, c)
		}
	}
	if c, err := parseCost(usualCost.String()); err != nil || c != usualCost {
		t.Errorf("%v, %v", c, err)
	}
}

func TestKindsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for k := Credentials; k <= Recovering; k++ {
		seen[k.String()] = true
	}
	if len(seen) != 4 || seen[fmt.Sprintf("source %d", 1)] {
		t.Errorf("%v", seen)
	}
}
