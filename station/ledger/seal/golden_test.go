package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files that do not exist yet; never changes one")

// What the golden files were made from. Stations hold files of this form for
// years: neither these nor the golden files may change.
var (
	goldenRoot  = bytes.Repeat([]byte{0x11, 0x22, 0x33, 0x44}, 8)
	goldenNonce = bytes.Repeat([]byte{0x55}, nonceSize)
	goldenKey   = bytes.Repeat([]byte{0x66, 0x77}, 16)
	goldenSalt  = bytes.Repeat([]byte{0x88}, saltSize)
	goldenAAD   = []byte("journal\x00QA01/A-golden\x00\x00\x00\x00\x00\x00\x00\x00\x07")
)

const (
	goldenFile     = "testdata/golden.key"      // a key file
	goldenIdentity = "testdata/golden.identity" // a recovery identity
	goldenPhrase   = "七月 Lianluo-zhan 灯下 93"
)

func goldenVault(t *testing.T, s Suite) *Vault {
	t.Helper()
	v, err := open(s, goldenRoot)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// golden reads testdata/name, hex in lines of 32 bytes.
func golden(t *testing.T, name string, make func() []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && *update {
		var b strings.Builder
		for p := range bytes.Lines([]byte(hex.EncodeToString(make()))) {
			for len(p) > 0 {
				n := min(64, len(p))
				b.Write(append(p[:n:n], '\n'))
				p = p[n:]
			}
		}
		text = []byte(b.String())
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestGoldenValues: today's program writes and reads what the first one did.
func TestGoldenValues(t *testing.T) {
	eachSuite(t, func(t *testing.T, s Suite) {
		v := goldenVault(t, s)
		made, err := v.sealWith(goldenAAD, visit, goldenNonce, goldenKey[:s.keySize()])
		if err != nil {
			t.Fatal(err)
		}
		frozen := golden(t, "value-1-"+s.String(), func() []byte { return made })
		if !bytes.Equal(made, frozen) {
			t.Errorf("the layout has changed:\n%x\n%x", made, frozen)
		}
		if text, err := v.Open(goldenAAD, frozen); err != nil || !bytes.Equal(text, visit) {
			t.Errorf("%q, %v", text, err)
		}
		gone, err := Shred(frozen)
		if err != nil {
			t.Fatal(err)
		}
		if want := golden(t, "erased-1-"+s.String(), func() []byte { return gone }); !bytes.Equal(gone, want) {
			t.Errorf("erased: %x, want %x", gone, want)
		}
		name := []byte(v.Blind("phone", "13800138000"))
		if want := golden(t, "blind-1-"+s.String(), func() []byte { return name }); !bytes.Equal(name, want) {
			t.Errorf("blind: %s, want %s", name, want)
		}
	})
}

// TestGoldenKeys: wrapped keys and a backup of the first version open.
func TestGoldenKeys(t *testing.T) {
	text, err := os.ReadFile(goldenIdentity)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ParseIdentity(text)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), CredentialName) // git keeps no mode 0600
	if text, err = os.ReadFile(goldenFile); err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	eachSuite(t, func(t *testing.T, s Suite) {
		for _, c := range []struct {
			name       string
			wrap, open Source
		}{
			{"credential", Credential(filepath.Dir(path)), Credential(filepath.Dir(path))},
			{"keyfile", KeyFile(path), KeyFile(path)},
			{"passphrase", Passphrase([]byte(goldenPhrase)), Passphrase([]byte(goldenPhrase))},
			{"recovery", Recovery(id.Recipient()), RecoveredBy(id)},
		} {
			w := wrap{suite: s, kind: c.wrap.Kind(), id: goldenVault(t, s).id, salt: [saltSize]byte(goldenSalt)}
			if err := c.wrap.close(&w, goldenRoot); err != nil {
				t.Fatal(err)
			}
			made := w.append(nil)
			frozen := golden(t, "key-1-"+s.String()+"-"+c.name, func() []byte { return made })
			if c.name != "recovery" && !bytes.Equal(made, frozen) { // age is never twice the same
				t.Errorf("%s: the layout has changed:\n%x\n%x", c.name, made, frozen)
			}
			v, err := Unlock(frozen, c.open)
			if err != nil || !bytes.Equal(v.root, goldenRoot) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
	backup := golden(t, "backup-1", func() []byte { return sealedBackup(t, visit, id.Recipient()) })
	if got, err := readBackup(bytes.NewReader(backup), id); err != nil || !bytes.Equal(got, visit) {
		t.Errorf("backup: %q, %v", got, err)
	}
}
