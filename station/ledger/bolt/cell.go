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

// formatPlain begins every cell. A sealed cell will begin with another byte
// and carry an authentication tag instead of the checksum, so that old and
// new values can lie side by side.
const formatPlain = 1

// cellHead is the format byte and the checksum.
const cellHead = 1 + 4

// appendCell appends a cell that holds the parts one after another.
func appendCell(dst []byte, at place, parts ...[]byte) []byte {
	start := len(dst)
	dst = append(dst, formatPlain, 0, 0, 0, 0)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	binary.LittleEndian.PutUint32(dst[start+1:], checksum(at, formatPlain, dst[start+cellHead:]))
	return dst
}

// openCell checks the cell found at a place and returns what it holds,
// without copying.
func openCell(at place, v []byte) ([]byte, error) {
	if len(v) < cellHead {
		return nil, at.damaged(fmt.Sprintf("value of %d bytes", len(v)))
	}
	if v[0] != formatPlain {
		return nil, at.damaged(fmt.Sprintf("value of format %d, this program knows %d", v[0], formatPlain))
	}
	if binary.LittleEndian.Uint32(v[1:]) != checksum(at, v[0], v[cellHead:]) {
		return nil, at.damaged("checksum does not match")
	}
	return v[cellHead:], nil
}

// checksum is CRC32C over the place and the payload, so that a value that
// turns up under another key is damage too.
func checksum(at place, format byte, payload []byte) uint32 {
	t := crc32.MakeTable(crc32.Castagnoli) // made once by the library
	var b [160]byte
	head := append(b[:0], at.bucket...)
	head = append(append(head, 0), at.sub...)
	head = append(append(head, 0), at.key...)
	head = append(head, 0, format)
	return crc32.Update(crc32.Update(0, t, head), t, payload)
}

// seqKey is a number as a key.
func seqKey[N ~uint64](n N) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
