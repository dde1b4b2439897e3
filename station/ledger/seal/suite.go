package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// A Suite is a set of algorithms. It is chosen when a file is made.
type Suite byte

const (
	AES Suite = 1 // AES-256-GCM and SHA-256
	SM4 Suite = 2 // SM4-GCM and SM3
)

// ParseSuite reads what String writes: "aes" or "sm4".
func ParseSuite(s string) (Suite, error) {
	for _, suite := range [...]Suite{AES, SM4} {
		if s == suite.String() {
			return suite, nil
		}
	}
	return 0, fmt.Errorf("suite %.20q: want aes or sm4", s)
}

func (s Suite) String() string {
	switch s {
	case AES:
		return "aes"
	case SM4:
		return "sm4"
	}
	return fmt.Sprintf("suite %d", byte(s))
}

func (s Suite) known() bool { return s == AES || s == SM4 }

// keySize is the length of the suite's keys in bytes.
func (s Suite) keySize() int {
	if s == SM4 {
		return sm4.BlockSize // key and block have one length
	}
	return 32
}

// Both suites have GCM's usual sizes.
const (
	nonceSize = 12
	tagSize   = 16
)

// aead makes the suite's cipher. It fails where the platform's policy does
// not allow the algorithm.
func (s Suite) aead(key []byte) (cipher.AEAD, error) {
	var block cipher.Block
	var err error
	if s == SM4 {
		block, err = sm4.NewCipher(key)
	} else {
		block, err = aes.NewCipher(key)
	}
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (s Suite) newHash() hash.Hash {
	if s == SM4 {
		return sm3.New()
	}
	return sha256.New()
}

// derive makes n bytes for one purpose out of a secret.
func (s Suite) derive(secret, salt []byte, purpose string, n int) ([]byte, error) {
	return hkdf.Key(s.newHash, secret, salt, "liaison/seal/1 "+purpose, n)
}
