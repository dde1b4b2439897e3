package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

var (
	// ErrDamaged: the bytes are not what was written: cut short, rotten, of
	// an unknown version, or altered. Take the other copy.
	ErrDamaged = errors.New("the sealed bytes are damaged")
	// ErrWrongKey: sound, but sealed with another key, or opened with the
	// wrong key file, passphrase or identity.
	ErrWrongKey = errors.New("this is not the key")
	// ErrPlace: sound, and the key fits, but it was sealed with other
	// associated data: the value stands in a place that is not its own. (Or
	// somebody altered it and mended the checksum.)
	ErrPlace = errors.New("the sealed value belongs to another place")
	// ErrErased: the value's key was dropped; nobody can read it any more.
	ErrErased = errors.New("erased")
)

const (
	valueVersion = 1

	stateSealed = 1
	stateErased = 2

	idSize   = 4
	headSize = 3 + idSize
	crcSize  = 4

	rootSize = 32
)

// A Vault seals and opens the values of one file. It is safe for concurrent
// use.
type Vault struct {
	suite Suite
	root  []byte       // the file key
	id    [idSize]byte // its name
	wrap  cipher.AEAD  // seals data keys
	blind []byte       // key of the blind index
}

// New makes a vault with a fresh file key. It is lost with the process unless
// Wrap's result is stored.
func New(s Suite) (*Vault, error) {
	root := make([]byte, rootSize)
	rand.Read(root) // never fails
	v, err := open(s, root)
	if err != nil {
		return nil, fmt.Errorf("new file key: %w", err)
	}
	return v, nil
}

// open derives a vault's keys. The vault keeps root.
func open(s Suite, root []byte) (*Vault, error) {
	if !s.known() {
		return nil, fmt.Errorf("%s is not known to this program", s)
	}
	wrapKey, err := s.derive(root, nil, "data keys", s.keySize())
	if err != nil {
		return nil, err
	}
	defer clear(wrapKey)
	wrap, err := s.aead(wrapKey)
	if err != nil {
		return nil, err
	}
	blind, err := s.derive(root, nil, "blind index", 32)
	if err != nil {
		return nil, err
	}
	name, err := s.derive(root, nil, "name", idSize)
	if err != nil {
		return nil, err
	}
	return &Vault{suite: s, root: root, id: [idSize]byte(name), wrap: wrap, blind: blind}, nil
}

// Suite says which algorithms the vault seals with.
func (v *Vault) Suite() Suite { return v.suite }

// Format keeps keys out of logs whatever the verb.
func (v Vault) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "vault %x (%s)", v.id, v.suite) }

// Overhead is how many bytes longer a sealed value is than its text.
func (v *Vault) Overhead() int {
	return headSize + nonceSize + v.suite.keySize() + tagSize + tagSize + crcSize
}

// Seal seals a text for one place. What aad names (stream and number, bucket
// and key) is not stored: Open must be given the same, so that a value that
// turns up elsewhere is refused. The error is that of a platform which does
// not allow the algorithm.
func (v *Vault) Seal(aad, text []byte) ([]byte, error) {
	var random [nonceSize + rootSize]byte
	rand.Read(random[:])
	defer clear(random[:])
	return v.sealWith(aad, text, random[:nonceSize], random[nonceSize:][:v.suite.keySize()])
}

// sealWith is Seal with the random parts given.
func (v *Vault) sealWith(aad, text, nonce, dataKey []byte) ([]byte, error) {
	body, err := v.suite.aead(dataKey)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	b := make([]byte, 0, len(text)+v.Overhead())
	b = v.appendHead(b, stateSealed)
	head := b[:headSize:headSize]
	b = append(b, nonce...)
	b = v.wrap.Seal(b, nonce, dataKey, head)
	var zero [nonceSize]byte
	b = body.Seal(b, zero[:], text, append(head, aad...))
	return appendCRC(b), nil
}

func (v *Vault) appendHead(b []byte, state byte) []byte {
	return append(append(b, valueVersion, byte(v.suite), state), v.id[:]...)
}

// Open opens what Seal made with the same aad. Errors: ErrDamaged,
// ErrWrongKey, ErrPlace, ErrErased.
func (v *Vault) Open(aad, sealed []byte) ([]byte, error) {
	p, err := parse(sealed)
	switch {
	case err != nil:
		return nil, err
	case p.state == stateErased:
		return nil, ErrErased
	case !bytes.Equal(p.id, v.id[:]) || p.suite != v.suite:
		return nil, fmt.Errorf("%w: the value names key %x (%s), this is %x (%s)", ErrWrongKey, p.id, p.suite, v.id, v.suite)
	}
	var room [rootSize]byte
	defer clear(room[:])
	dataKey, err := v.wrap.Open(room[:0], p.nonce, p.key, p.head)
	if err != nil {
		return nil, fmt.Errorf("%w: its data key does not authenticate", ErrDamaged)
	}
	body, err := v.suite.aead(dataKey)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	var zero [nonceSize]byte
	text, err := body.Open(nil, zero[:], p.text, append(p.head[:headSize:headSize], aad...))
	if err != nil {
		return nil, ErrPlace
	}
	return text, nil
}

// value is a sealed value taken apart; the parts lie in the value's memory.
type value struct {
	suite Suite
	state byte
	head  []byte
	id    []byte
	nonce []byte
	key   []byte // with tag
	text  []byte // with tag
}

// parse checks the form and the CRC.
func parse(b []byte) (p value, err error) {
	if len(b) < headSize+crcSize {
		return p, fmt.Errorf("%w: %d bytes", ErrDamaged, len(b))
	}
	b, ok := cutCRC(b)
	if !ok {
		return p, fmt.Errorf("%w: checksum does not match", ErrDamaged)
	}
	p.head, p.suite, p.state, p.id = b[:headSize], Suite(b[1]), b[2], b[3:headSize]
	rest := b[headSize:]
	switch {
	case b[0] != valueVersion || !p.suite.known():
		return p, fmt.Errorf("%w: version %d, %s; this program knows version %d", ErrDamaged, b[0], p.suite, valueVersion)
	case p.state == stateErased && len(rest) == 0:
		return p, nil
	case p.state != stateSealed:
		return p, fmt.Errorf("%w: state %d with %d bytes", ErrDamaged, p.state, len(rest))
	}
	wrapped := p.suite.keySize() + tagSize
	if len(rest) < nonceSize+wrapped+tagSize {
		return p, fmt.Errorf("%w: it ends too soon", ErrDamaged)
	}
	p.nonce, rest = rest[:nonceSize], rest[nonceSize:]
	p.key, p.text = rest[:wrapped], rest[wrapped:]
	return p, nil
}

// Sound checks a sealed or erased value as far as that goes without the key:
// its form and its checksum. The error wraps ErrDamaged.
func Sound(sealed []byte) error {
	_, err := parse(sealed)
	return err
}

// Shred returns what stays of a value when it is erased: a few bytes that say
// so. The value's key and text are not in it. Writing it over the value, in
// every copy, is what erases; the file must then be compacted, since freed
// pages keep what they held. Who may erase is not told by these bytes, which
// anyone can make: an entry of the chain must name what was erased.
func Shred(sealed []byte) ([]byte, error) {
	p, err := parse(sealed)
	if err != nil {
		return nil, fmt.Errorf("shred: %w", err)
	}
	b := append(make([]byte, 0, headSize+crcSize), p.head...)
	b[2] = stateErased
	return appendCRC(b), nil
}

// Erased reports whether a value is what Shred leaves.
func Erased(sealed []byte) bool {
	p, err := parse(sealed)
	return err == nil && p.state == stateErased
}

// Blind gives the name under which a personal value (a phone, a name) is found
// in an index: 26 small letters and digits that tell nothing without the file
// key, the same for the same value in the same index. Two indexes share no
// names. The first 128 bits of an HMAC.
func (v *Vault) Blind(index, value string) string {
	m := hmac.New(v.suite.newHash, v.blind)
	m.Write(binary.AppendUvarint(nil, uint64(len(index))))
	m.Write([]byte(index))
	m.Write([]byte(value))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(m.Sum(nil)[:16]))
}

func appendCRC(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// cutCRC takes the CRC off b, which is at least as long, and says whether it
// was right.
func cutCRC(b []byte) ([]byte, bool) {
	n := len(b) - crcSize
	return b[:n], binary.LittleEndian.Uint32(b[n:]) == checksum(b[:n])
}

func checksum(b []byte) uint32 {
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) // made once by the library
}
