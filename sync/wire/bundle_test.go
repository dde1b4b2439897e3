package wire

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"liaison/station/ledger"
)

// inside is a bundle as it is before it is sealed.
func inside(key ed25519.PrivateKey, lines ...string) []byte {
	var b bytes.Buffer
	for _, l := range lines {
		b.WriteString(l)
	}
	sum := sha256.Sum256(b.Bytes())
	sig := ed25519.Sign(key, append([]byte(forBundle), sum[:]...))
	b.WriteString(base64.StdEncoding.EncodeToString(sig) + "\n")
	return b.Bytes()
}

// The form of a bundle is frozen: this one was written by the first program
// that had them.
const goldenBundle = `{"bundle":1,"from":"QA01","for":"city","at":"2026-11-23T01:12:00Z","holds":[{"stream":"QA01/A-1","seq":2,"hash":"0000000000000000000000000000000000000000000000000000000000000000"}]}
{"stream":"QA01/A-1","first":1,"last":2,"size":3}
abc{"stream":"QA01/A-1","first":0,"last":0,"size":0,"receipt":"eA=="}
{"end":2}
`

func readInside(b []byte, key ed25519.PublicKey) (head BundleHead, parts []BundlePart, err error) {
	r := &bundleReader{in: bufio.NewReader(bytes.NewReader(b)), sum: sha256.New()}
	head, err = r.read(func(BundleHead) (ed25519.PublicKey, error) { return key, nil },
		func(_ BundleHead, p BundlePart) error { parts = append(parts, p); return nil })
	return head, parts, err
}

func TestTheFormOfABundle(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	pub := key.Public().(ed25519.PublicKey)
	head, parts, err := readInside(inside(key, goldenBundle), pub)
	if err != nil {
		t.Fatal(err)
	}
	if head.From != "QA01" || len(head.Holds) != 1 || len(parts) != 2 || string(parts[0].Body) != "abc" || string(parts[1].Receipt) != "x" {
		t.Errorf("read %+v %+v", head, parts)
	}

	// Written anew it is the same, and is read back through its seal.
	var sealed bytes.Buffer
	w, err := NewBundleWriter(&sealed, pub, key, BundleHead{From: "QA01", For: "city", At: time.Date(2026, 11, 23, 1, 12, 0, 0, time.UTC), Holds: []Head{{Stream: "QA01/A-1", Seq: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if err := w.Part(p); err != nil {
			t.Fatal(err)
		}
	}
	sum := w.sum.Sum(nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256([]byte(goldenBundle[:len(goldenBundle)-len("{\"end\":2}\n")]))
	if !bytes.Equal(sum, want[:]) {
		t.Error("a bundle is written in another form now")
	}
	n := 0
	if _, err := ReadBundle(bytes.NewReader(sealed.Bytes()), key, func(BundleHead) (ed25519.PublicKey, error) { return pub, nil },
		func(BundleHead, BundlePart) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d parts: %v", n, err)
	}

	// Nothing is handed on before the signature was seen to be right.
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	n = 0
	_, err = ReadBundle(bytes.NewReader(sealed.Bytes()), key, func(BundleHead) (ed25519.PublicKey, error) { return other.Public().(ed25519.PublicKey), nil },
		func(BundleHead, BundlePart) error { n++; return nil })
	if !errors.Is(err, ErrUnsigned) || n > 0 {
		t.Errorf("another's signature: %d parts handed on, %v", n, err)
	}
	if _, err := ReadBundle(bytes.NewReader(sealed.Bytes()), other, nil, nil); !errors.Is(err, ErrNotForUs) {
		t.Errorf("another's seal: %v", err)
	}
}

// FuzzBundle: whatever is inside a bundle, reading it ends with a named error or
// with what its writer signed.
func FuzzBundle(f *testing.F) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	pub := key.Public().(ed25519.PublicKey)
	f.Add([]byte(goldenBundle))
	f.Add([]byte(`{"bundle":1,"from":"QA01","for":"city","at":"2026-11-23T01:12:00Z"}` + "\n" + `{"end":0}` + "\n"))
	f.Add([]byte(`{"bundle":1,"from":"","for":"","at":"2026-11-23T01:12:00Z"}` + "\n" + `{"stream":"a/A-1","first":1,"last":1,"size":99999999}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, signed := range [][]byte{b, inside(key, string(b))} {
			_, parts, err := readInside(signed, pub)
			if err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrUnsigned) && !errors.Is(err, ledger.ErrBroken) {
				t.Fatalf("unnamed error: %v", err)
			}
			for _, p := range parts {
				if p.Stream.Valid() != nil || len(p.Body) != p.Size || p.Size > MaxPacked {
					t.Fatalf("handed on: %+v", p)
				}
			}
		}
	})
}
