package seal

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzOpen: whatever lies in the file, Open gives back only what was sealed.
// The checksum is mended, or the fuzzer would never get past it.
func FuzzOpen(f *testing.F) {
	vaults := map[Suite]*Vault{AES: newVault(f, AES), SM4: newVault(f, SM4)}
	for s, v := range vaults {
		sealed := mustSeal(f, v, []byte("a"), visit)
		erased, err := Shred(sealed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(s), sealed)
		f.Add(byte(s), erased)
	}
	f.Add(byte(AES), []byte{})
	f.Fuzz(func(t *testing.T, s byte, b []byte) {
		v := vaults[AES]
		if Suite(s) == SM4 {
			v = vaults[SM4]
		}
		b = bytes.Clone(b)
		if len(b) >= crcSize {
			mend(b)
		}
		text, err := v.Open([]byte("a"), b)
		switch {
		case err == nil && !bytes.Equal(text, visit):
			t.Fatalf("opened as %q", text)
		case err != nil && text != nil:
			t.Fatalf("%q with %v", text, err)
		case err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrWrongKey) && !errors.Is(err, ErrPlace) && !errors.Is(err, ErrErased):
			t.Fatalf("an error of no kind: %v", err)
		}
		if Sound(b) != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("Sound says %v, Open %v", Sound(b), err)
		}
		gone, err := Shred(b)
		if (err == nil) != (Sound(b) == nil) || err == nil && !Erased(gone) {
			t.Fatalf("shred: %x, %v", gone, err)
		}
	})
}

// FuzzWrapped: a segment's head or a backup may hold anything. Passphrases are
// left out, whose cost is bounded by parseCost and would slow the fuzzer.
func FuzzWrapped(f *testing.F) {
	v, id := newVault(f, AES), newIdentity(f)
	file := KeyFile(makeKey(f, "a.key"))
	f.Add([]byte(mustWrap(f, v, file)))
	f.Add([]byte(mustWrap(f, v, quick(phrase))))
	f.Add([]byte(mustWrap(f, v, Recovery(id.Recipient()))))
	f.Add([]byte(mustWrap(f, v, file, Recovery(id.Recipient()))))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = bytes.Clone(b)
		if len(b) >= wrapFixed {
			mend(b) // the last of them
		}
		wraps, err := Wrapped(b).parse()
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		var again []byte
		for _, w := range wraps {
			again = w.append(again)
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("reads\n%x as\n%x", b, again)
		}
		for _, src := range []Source{file, RecoveredBy(id)} {
			if got, err := Unlock(b, src); err == nil && !bytes.Equal(got.root, v.root) {
				t.Fatal("another key was let in")
			}
		}
	})
}

// FuzzKeyText: key files are typed from paper.
func FuzzKeyText(f *testing.F) {
	f.Add(KeyText())
	f.Add([]byte(keyPrefix + ":00000000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if secret, err := parseKeyText(b); (err == nil) != (len(secret) == rootSize) || err != nil && !errors.Is(err, ErrKeyFile) {
			t.Fatalf("%x, %v", secret, err)
		}
	})
}

// FuzzCost: what is accepted is exactly what is written.
func FuzzCost(f *testing.F) {
	f.Add(usualCost.String())
	f.Add("argon2id$v=19$m=+8,t=1,p=1")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := parseCost(s); err == nil && (c.String() != s || c.memory > maxMemory || c.time > maxTime) {
			t.Fatalf("%q read as %s", s, c)
		}
	})
}
