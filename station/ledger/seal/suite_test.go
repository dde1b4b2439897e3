package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNationalSuite: the vectors of RFC 8998, A.1 (SM4-GCM), and of GB/T
// 32905, A.1 (SM3).
func TestNationalSuite(t *testing.T) {
	a, err := SM4.aead(unhex(t, "0123456789abcdeffedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	got := a.Seal(nil, unhex(t, "00001234567800000000abcd"),
		unhex(t, "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"),
		unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
	want := unhex(t, "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"+
		"83de3541e4c2b58177e065a9bf7b62ec")
	if !bytes.Equal(got, want) {
		t.Errorf("SM4-GCM: %x, want %x", got, want)
	}
	h := SM4.newHash()
	h.Write([]byte("abc"))
	if want := unhex(t, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"); !bytes.Equal(h.Sum(nil), want) {
		t.Errorf("SM3: %x, want %x", h.Sum(nil), want)
	}
}

// TestTheDrawingIsEnough: a value is opened with nothing but what the package
// comment says, by the standard library, as somebody else would in ten years.
func TestTheDrawingIsEnough(t *testing.T) {
	b := golden(t, "value-1-aes", nil)
	wrapKey, err := hkdf.Key(sha256.New, goldenRoot, nil, "liaison/seal/1 data keys", 32)
	if err != nil {
		t.Fatal(err)
	}
	dataKey, err := gcm(t, wrapKey).Open(nil, b[7:19], b[19:67], b[:7])
	if err != nil {
		t.Fatal(err)
	}
	aad := append(bytes.Clone(b[:7]), goldenAAD...)
	text, err := gcm(t, dataKey).Open(nil, make([]byte, 12), b[67:len(b)-4], aad)
	if err != nil || !bytes.Equal(text, visit) {
		t.Errorf("%q, %v", text, err)
	}
}

func gcm(t *testing.T, key []byte) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
