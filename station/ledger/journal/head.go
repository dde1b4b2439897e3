package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"time"
)

// kindOfFile says what a file holds.
type kindOfFile byte

const (
	segmentFile kindOfFile = 1
	stateFile   kindOfFile = 2
)

const (
	headMagic   = "\xf7LJSEG\r\n"
	headVersion = 1
	headFixed   = 56
	page        = 4096

	// MaxKey bounds the wrapped key, in bytes.
	MaxKey    = 16 << 10
	maxStream = 256
	maxHead   = headFixed + 2 + maxStream + 4 + MaxKey + 4
)

// head begins every file of the log.
type head struct {
	kind    kindOfFile
	number  uint64
	first   uint64
	log     [16]byte
	created time.Time
	stream  string
	key     []byte
}

func (h *head) append(b []byte) []byte {
	start := len(b)
	b = append(b, headMagic...)
	b = binary.LittleEndian.AppendUint16(b, headVersion)
	b = append(b, byte(h.kind), 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(headFixed+2+len(h.stream)+4+len(h.key)+4))
	b = binary.LittleEndian.AppendUint64(b, h.number)
	b = binary.LittleEndian.AppendUint64(b, h.first)
	b = append(b, h.log[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.created.UnixMilli()))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(h.stream)))
	b = append(b, h.stream...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(h.key)))
	b = append(b, h.key...)
	return binary.LittleEndian.AppendUint32(b, checksum(b[start:]))
}

// pages returns both copies as they stand in the file.
func (h *head) pages() []byte {
	b := h.append(nil)
	b = append(b, make([]byte, roundUp(int64(len(b)), page)-int64(len(b)))...)
	return append(b, b...)
}

// parseHead reads one copy; ok is false for anything that is none.
func parseHead(b []byte) (h head, length int, ok bool) {
	if len(b) < headFixed+10 || !bytes.HasPrefix(b, []byte(headMagic)) || binary.LittleEndian.Uint16(b[8:]) != headVersion || b[11] != 0 {
		return h, 0, false
	}
	n := int(binary.LittleEndian.Uint32(b[12:]))
	if n < headFixed+10 || n > min(maxHead, len(b)) || binary.LittleEndian.Uint32(b[n-4:]) != checksum(b[:n-4]) {
		return h, 0, false
	}
	h = head{
		kind:    kindOfFile(b[10]),
		number:  binary.LittleEndian.Uint64(b[16:]),
		first:   binary.LittleEndian.Uint64(b[24:]),
		log:     [16]byte(b[32:]),
		created: time.UnixMilli(int64(binary.LittleEndian.Uint64(b[48:]))).UTC(),
	}
	rest := b[headFixed : n-4]
	s := int(binary.LittleEndian.Uint16(rest))
	if s > maxStream || len(rest) < 2+s+4 {
		return h, 0, false
	}
	h.stream, rest = string(rest[2:2+s]), rest[2+s:]
	if uint64(binary.LittleEndian.Uint32(rest)) != uint64(len(rest)-4) {
		return h, 0, false
	}
	h.key = bytes.Clone(rest[4:])
	return h, n, true
}

// found is what readHead made of a file's beginning.
type found struct {
	head
	data   int64 // where frames begin
	copies int   // how many of the two copies are good; 0: nothing above is known
}

// readHead reads a file's head from whichever copy is good, and is of this
// kind and number.
func readHead(f io.ReaderAt, size int64, kind kindOfFile, number uint64) found {
	w := window{r: f, end: size}
	var out found
	try := func(off int64) {
		h, n, ok := parseHead(w.bytes(off, maxHead))
		step := roundUp(int64(n), page)
		if ok && h.kind == kind && h.number == number && (off == 0 || off == step) {
			out.head, out.data = h, 2*step
			out.copies++
		}
	}
	try(0)
	if out.copies == 1 {
		try(out.data / 2)
		return out
	}
	for off := int64(page); off <= roundUp(maxHead, page) && out.copies == 0; off += page {
		try(off)
	}
	return out
}

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }

func checksum(b []byte) uint32 {
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) // made once by the library
}

const (
	prefix      = "journal.log."
	statePrefix = prefix + "state-"
	newSuffix   = ".new"
	lockName    = prefix + "lock"
)

func segmentName(n uint64) string { return fmt.Sprintf(prefix+"%06d", n) }

func stateName(through uint64) string { return fmt.Sprintf(statePrefix+"%012d", through) }

func tornName(segment string, off int64) string { return fmt.Sprintf("%s.torn-%d", segment, off) }

// isTorn reports whether a file is what was torn off a segment.
func isTorn(name, segment string) bool { return strings.HasPrefix(name, segment+".torn-") }

// parseName says what a file of the folder is; kind 0 is none of the log's
// numbered files.
func parseName(name string) (kind kindOfFile, n uint64) {
	if _, err := fmt.Sscanf(name, statePrefix+"%d", &n); err == nil && stateName(n) == name {
		return stateFile, n
	}
	if _, err := fmt.Sscanf(name, prefix+"%d", &n); err == nil && segmentName(n) == name && n > 0 {
		return segmentFile, n
	}
	return 0, 0
}
