package seal

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"unicode"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// ErrWeak: the passphrase is too easily guessed.
var ErrWeak = errors.New("the passphrase is too simple")

// Passphrase is a passphrase as a person typed it. Full-width letters and
// digits are the same as half-width ones, so that the input method's state
// does not lock anyone out; a line break at the end is not part of it. The
// bytes stay the caller's, who may overwrite them when the source is no
// longer used.
func Passphrase(p []byte) Source { return passphrase{text: p, cost: usualCost} }

type passphrase struct {
	text []byte
	cost cost
}

func (p passphrase) Kind() Kind { return Passphrases }

// Format keeps the passphrase out of logs whatever the verb.
func (p passphrase) Format(f fmt.State, _ rune) { fmt.Fprint(f, Passphrases) }

func (p passphrase) close(w *wrap, root []byte) error {
	if got := Strength(p.text); got < MinStrength {
		return fmt.Errorf("%w: some %d bits, want %d", ErrWeak, got, MinStrength)
	}
	w.cost = p.cost.String()
	secret := p.cost.stretch(p.text, w.salt[:])
	defer clear(secret)
	return closeBox(w, secret, root)
}

func (p passphrase) open(w *wrap) ([]byte, error) {
	c, err := parseCost(w.cost)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	secret := c.stretch(p.text, w.salt[:])
	defer clear(secret)
	return openBox(w, secret)
}

// cost is what one guess at a passphrase costs: Argon2id (RFC 9106).
type cost struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

// usualCost is the second recommendation of RFC 9106, section 4: 64 MiB and
// three passes.
var usualCost = cost{memory: 64 << 10, time: 3, threads: 4}

// What a file may ask for. A damaged or forged one must not take all memory
// of a small machine, or all day.
const (
	maxMemory  = 1 << 20 // KiB
	maxTime    = 16
	maxThreads = 16
)

// String has the form of a PHC string without salt and hash.
func (c cost) String() string {
	return fmt.Sprintf("argon2id$v=%d$m=%d,t=%d,p=%d", argon2.Version, c.memory, c.time, c.threads)
}

// parseCost accepts only what String writes, within the limits.
func parseCost(s string) (cost, error) {
	var c cost
	var version int
	_, err := fmt.Sscanf(s, "argon2id$v=%d$m=%d,t=%d,p=%d", &version, &c.memory, &c.time, &c.threads)
	if err != nil || version != argon2.Version || c.String() != s {
		return cost{}, fmt.Errorf("cost %.60q: want argon2id$v=%d$m=…,t=…,p=…", s, argon2.Version)
	}
	if c.memory < 8*uint32(c.threads) || c.memory > maxMemory || c.time < 1 || c.time > maxTime || c.threads < 1 || c.threads > maxThreads {
		return cost{}, fmt.Errorf("cost %.60q: out of bounds", s)
	}
	return c, nil
}

func (c cost) stretch(text, salt []byte) []byte {
	plain := fold(text)
	defer clear(plain)
	return argon2.IDKey(plain, salt, c.time, c.memory, c.threads, rootSize)
}

// fold returns the form in which a passphrase counts, in memory of its own.
func fold(text []byte) []byte {
	return norm.NFKC.Append(make([]byte, 0, 2*len(text)+64), bytes.TrimRight(text, "\r\n")...)
}

// MinStrength is what Strength must say of a passphrase, in bits: eleven
// letters, fifteen digits, or seven Han characters, without runs.
const MinStrength = 48

// Strength is a low estimate, in bits, of how hard a passphrase is to guess.
// Each character counts for its alphabet, but for one bit only where it
// repeats or continues what went before (aaaa, 1234, abcabc). It knows no
// words: a name with a birthday passes for more than it is worth.
func Strength(text []byte) int {
	plain := fold(text)
	defer clear(plain)
	bits := 0.0
	var last rune
	follows := map[[2]rune]bool{}
	for i, r := range bytes.Runes(plain) {
		pair := [2]rune{last, r}
		switch step := r - last; {
		case i > 0 && (step >= -1 && step <= 1 || follows[pair]):
			bits++
		default:
			bits += alphabet(r)
		}
		follows[pair] = true
		last = r
	}
	return int(math.Floor(bits))
}

// alphabet is the bits that one character of r's sort can carry.
func alphabet(r rune) float64 {
	switch {
	case r >= '0' && r <= '9':
		return 3.3
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		return 4.7
	case unicode.Is(unicode.Han, r):
		return 7 // of the common characters, and people choose words
	}
	return 5
}
