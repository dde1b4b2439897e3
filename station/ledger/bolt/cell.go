package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged: the file does not hold what was written to it. The message
// names the place. Keep the file, and restore from the second copy.
var ErrDamaged = errors.New("the ledger file is damaged")

// A place names one value in the file.
type place struct {
	bucket string // top-level bucket
	sub    string // bucket within, or ""
	key    []byte
}

// pages is the place of what bbolt keeps below the buckets.
var pages = place{bucket: "pages"}

// String writes the place the way the package comment draws it.
func (p place) String() string {
	s := p.bucket
	if p.sub != "" {
		s += "/" + p.sub
	}
	switch {
	case p.key == nil:
		return s
	case (p.bucket == "journal" || p.bucket == "receipt") && len(p.key) == 8:
		return fmt.Sprintf("%s/%d", s, binary.BigEndian.Uint64(p.key))
	default:
		return fmt.Sprintf("%s/%.200q", s, p.key)
	}
}

// damaged is an error that wraps ErrDamaged. The place is written at once: its
// key may lie in the mapped file.
func (p place) damaged(what string) error { return &damage{p.String(), what} }

type damage struct{ where, what string }

func (d *damage) Error() string { return fmt.Sprintf("%s at %s: %s", ErrDamaged, d.where, d.what) }

func (d *damage) Unwrap() error { return ErrDamaged }

// The first byte of a cell says how its payload is kept. Files of layout 1
// hold plain ones only; they stay readable.
const (
	formatPlain  = 1
	formatSealed = 2 // by the vault, bound to the place
)

// cellHead is the format byte and the checksum.
const cellHead = 1 + 4

// appendCell appends a plain cell that holds the parts one after another.
func appendCell(dst []byte, at place, parts ...[]byte) []byte {
	return appendFormat(dst, at, formatPlain, parts...)
}

func appendFormat(dst []byte, at place, format byte, parts ...[]byte) []byte {
	start := len(dst)
	dst = append(dst, format, 0, 0, 0, 0)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	binary.LittleEndian.PutUint32(dst[start+1:], checksum(at, format, dst[start+cellHead:]))
	return dst
}

// openCell checks the plain cell found at a place and returns what it holds,
// without copying.
func openCell(at place, v []byte) ([]byte, error) {
	format, p, err := checkCell(at, v)
	if err == nil && format != formatPlain {
		err = at.damaged("the value is sealed where it should be plain")
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// checkCell checks the cell found at a place, as far as that goes without the
// key, and returns its format and payload.
func checkCell(at place, v []byte) (format byte, payload []byte, err error) {
	if len(v) < cellHead {
		return 0, nil, at.damaged(fmt.Sprintf("value of %d bytes", len(v)))
	}
	if v[0] != formatPlain && v[0] != formatSealed {
		return 0, nil, at.damaged(fmt.Sprintf("value of format %d, this program knows %d and %d", v[0], formatPlain, formatSealed))
	}
	if binary.LittleEndian.Uint32(v[1:]) != checksum(at, v[0], v[cellHead:]) {
		return 0, nil, at.damaged("checksum does not match")
	}
	return v[0], v[cellHead:], nil
}

// checksum is CRC32C over the place and the payload, so that a value that
// turns up under another key is damage too.
func checksum(at place, format byte, payload []byte) uint32 {
	t := crc32.MakeTable(crc32.Castagnoli) // made once by the library
	var b [160]byte
	head := append(at.appendTo(b[:0]), 0, format)
	return crc32.Update(crc32.Update(0, t, head), t, payload)
}

// appendTo appends what a value is bound to: its bucket, the one within, and
// its key, with NUL between them. It is part of the file's format, for the
// checksum and as what a sealed value is authenticated with.
func (p place) appendTo(b []byte) []byte {
	b = append(b, p.bucket...)
	b = append(append(b, 0), p.sub...)
	return append(append(b, 0), p.key...)
}

// seqKey is a number as a key.
func seqKey[N ~uint64](n N) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
