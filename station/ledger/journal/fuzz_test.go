package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
)

// FuzzSegment: a file may hold anything. Reading it ends, stays within it,
// gives frames that lie where it says, and passes over every other byte once.
// Checksums of what looks like a frame are mended on request, or the fuzzer
// would never get past them.
func FuzzSegment(f *testing.F) {
	d, _ := worn(f)
	whole := d.files[segmentName(1)].now
	f.Add(whole[2*page:], false)
	f.Add(whole[2*page:][:9000], true)
	f.Add(bytes.Repeat([]byte(frameMagic), 300), true)
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, b []byte, mended bool) {
		o := origin{segmentFile, 1}
		if mended {
			mend(b, o)
		}
		s := newScanner(bytes.NewReader(b), "fuzzed", o, 0, int64(len(b)))
		for at := int64(0); ; {
			fr, err := s.next()
			if err == io.EOF {
				if rest := b[at:]; len(bytes.Trim(rest, "\x00")) > 0 {
					t.Fatalf("%d bytes from %d on are not accounted for", len(rest), at)
				}
				return
			}
			if fault, ok := errors.AsType[*Fault](err); ok {
				if fault.Offset != at || fault.Length <= 0 || fault.Offset+fault.Length > int64(len(b)) {
					t.Fatalf("at %d: %+v", at, fault)
				}
				at += fault.Length
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(fr.append(nil, o, at), b[at:at+fr.length()]) || s.off != at+fr.length() {
				t.Fatalf("frame %d at %d is not what lies there", fr.number, at)
			}
			at = s.off
		}
	})
}

// mend puts the right checksums to everything that begins like a frame.
func mend(b []byte, o origin) {
	for at := 0; at+frameHead <= len(b); at++ {
		if string(b[at:at+4]) != frameMagic {
			continue
		}
		n := int(binary.LittleEndian.Uint32(b[at+24:])) % (len(b) - at - frameHead + 1)
		binary.LittleEndian.PutUint32(b[at+24:], uint32(n))
		binary.LittleEndian.PutUint32(b[at+28:], checksum(b[at+frameHead:][:n]))
		binary.LittleEndian.PutUint32(b[at+32:], o.checksum(int64(at), b[at:at+32]))
		at += frameHead + n - 1
	}
}

// FuzzHead: what is read as a head is exactly what is written.
func FuzzHead(f *testing.F) {
	d, _ := worn(f)
	for _, name := range []string{segmentName(2), stateName(40)} {
		f.Add(d.files[name].now[:200])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = bytes.Clone(b)
		if len(b) > headFixed {
			n := int(binary.LittleEndian.Uint32(b[12:]))
			if n >= 4 && n <= len(b) {
				binary.LittleEndian.PutUint32(b[n-4:], checksum(b[:n-4]))
			}
		}
		h, n, ok := parseHead(b)
		if !ok {
			return
		}
		if again := h.append(nil); !bytes.Equal(again, b[:n]) {
			t.Fatalf("reads\n%x as\n%x", b[:n], h.append(nil))
		}
	})
}

// FuzzDamage: any bytes of any files are overwritten. The log opens, no wrong
// payload is given out, every frame is read or named, and work goes on. Each
// edit is a file, a place and what is written there.
func FuzzDamage(f *testing.F) {
	d, o := worn(f)
	names := d.list()
	f.Add([]byte{0, 0x20, 0x40, 0xff})
	f.Add([]byte{1, 0x00, 0x0c, 0x01, 1, 0x10, 0x0c, 0x01, 2, 0x40, 0x00, 0xf7})
	f.Fuzz(func(t *testing.T, edits []byte) {
		c := d.copyOf()
		for e := range slices.Chunk(edits, 4) {
			if len(e) < 4 {
				break
			}
			b := c.files[names[int(e[0])%len(names)]].now
			b[int(binary.BigEndian.Uint16(e[1:]))%len(b)] = e[3]
		}
		if _, _, err := used(t, c, o); err != nil {
			t.Fatal(err)
		}
	})
}
