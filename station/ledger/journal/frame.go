package journal

import (
	"bytes"
	"encoding/binary"
)

// MaxPayload bounds what one frame holds, in bytes: enough for the largest
// commit a city accepts several times over.
const MaxPayload = 64 << 20

type kindOfFrame byte

const (
	commitFrame  kindOfFrame = 1
	catchUpFrame kindOfFrame = 2
	partFrame    kindOfFrame = 3
	endFrame     kindOfFrame = 4
)

const (
	frameMagic = "\xf7LJ\x1e"
	frameHead  = 36
)

// frame is a frame in memory.
type frame struct {
	kind    kindOfFrame
	from    uint64
	number  uint64
	payload []byte
}

// length is how many bytes the frame takes in the file.
func (f *frame) length() int64 { return frameHead + int64(len(f.payload)) }

// origin is the file a frame belongs to. With the offset it is bound into the
// frame's CRC.
type origin struct {
	kind   kindOfFile
	number uint64
}

func (o origin) checksum(off int64, head []byte) uint32 {
	var b [17 + 32]byte
	b[0] = byte(o.kind)
	binary.LittleEndian.PutUint64(b[1:], o.number)
	binary.LittleEndian.PutUint64(b[9:], uint64(off))
	copy(b[17:], head)
	return checksum(b[:])
}

// append appends the frame as it stands at an offset of a file.
func (f *frame) append(b []byte, o origin, off int64) []byte {
	start := len(b)
	b = append(b, frameMagic...)
	b = append(b, byte(f.kind), 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, f.from)
	b = binary.LittleEndian.AppendUint64(b, f.number)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.payload)))
	b = binary.LittleEndian.AppendUint32(b, checksum(f.payload))
	b = binary.LittleEndian.AppendUint32(b, o.checksum(off, b[start:]))
	return append(b, f.payload...)
}

// claim is what a frame's head says of the payload that should follow.
type claim struct {
	length int64
	sum    uint32
}

// parseFrame reads a frame's head found at an offset; ok is false for anything
// that is none, or stands in a place not its own.
func parseFrame(b []byte, o origin, off int64) (f frame, c claim, ok bool) {
	if len(b) < frameHead || !bytes.HasPrefix(b, []byte(frameMagic)) {
		return f, c, false
	}
	if binary.LittleEndian.Uint32(b[32:]) != o.checksum(off, b[:32]) {
		return f, c, false
	}
	f.kind = kindOfFrame(b[4])
	f.from, f.number = binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	c.length, c.sum = int64(binary.LittleEndian.Uint32(b[24:])), binary.LittleEndian.Uint32(b[28:])
	fits := b[5]|b[6]|b[7] == 0 && (f.kind == catchUpFrame || f.from == f.number)
	switch o.kind {
	case segmentFile:
		fits = fits && (f.kind == commitFrame || f.kind == catchUpFrame)
	case stateFile:
		fits = fits && (f.kind == partFrame || f.kind == endFrame)
	}
	return f, c, fits && f.from > 0 && f.from <= f.number && c.length <= MaxPayload
}
