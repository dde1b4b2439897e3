package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// An Enrolment asks the city to take a station in. The request is signed with
// the private part of Key, which proves that the sender holds it.
type Enrolment struct {
	Station string `json:"station"`
	Name    string `json:"name"`
	Key     []byte `json:"key"`
	Code    string `json:"code"`
}

// Body returns the enrolment as it is sent.
func (e Enrolment) Body() ([]byte, error) { return canonical(e) }

// MaxEnrolment is the length of the longest enrolment, in bytes.
const MaxEnrolment = 4 << 10

// ParseEnrolment reads what Body writes. The error wraps ErrMalformed.
func ParseEnrolment(b []byte) (Enrolment, error) {
	var e Enrolment
	if len(b) > MaxEnrolment {
		return e, fmt.Errorf("%w enrolment of %d bytes", ErrMalformed, len(b))
	}
	if err := strict(b, &e); err != nil {
		return Enrolment{}, err
	}
	if len(e.Key) != ed25519.PublicKeySize || utf8.RuneCountInString(e.Name) > 100 {
		return Enrolment{}, fmt.Errorf("%w enrolment: key or name", ErrMalformed)
	}
	return e, ValidStation(e.Station)
}

// ValidStation checks a station's code: 2 to 16 capital letters, digits and
// inner hyphens, and not "city", which is the other side.
func ValidStation(code string) error {
	ok := len(code) >= 2 && len(code) <= 16 && code[0] != '-' && code[len(code)-1] != '-'
	for i := range len(code) {
		c := code[i]
		ok = ok && (c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')
	}
	if !ok {
		return fmt.Errorf("%w station code %.20q", ErrMalformed, code)
	}
	return nil
}

// codeLetters leaves out I, L, O and U, which are read or misread as others.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCode makes a one-time code of 75 random bits, in groups of five
// characters: "7K3M9-QXA2F-D01ZT".
func NewCode(rand io.Reader) (string, error) {
	var b [10]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("make code: %w", err)
	}
	s := base32.NewEncoding(codeLetters).EncodeToString(b[:])
	return s[:5] + "-" + s[5:10] + "-" + s[10:15], nil
}

// CodeHash is what the city keeps of a code: the hash of its characters,
// however people type them: small or full-width letters, O for 0, I or L for
// 1, with or without hyphens and spaces.
func CodeHash(code string) [sha256.Size]byte {
	fold := func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		case '-', ' ', '\t', '　', '—', '–':
			return -1
		}
		return r
	}
	return sha256.Sum256([]byte(strings.Map(fold, code)))
}
