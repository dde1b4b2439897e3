package journal

import (
	"bytes"
	"fmt"
	"io"
)

// window reads a file piece by piece. Pages that the disk cannot give are
// zeros, so that what lies after them is still found.
type window struct {
	r   io.ReaderAt
	end int64 // reading stops here
	off int64 // of buf in the file
	buf []byte
	bad error // why the disk could not give a page
}

// readAhead is how much is read at a time, in bytes.
const readAhead = 256 << 10

// bytes returns n bytes from an offset on, or fewer at the end. They are good
// until the next call.
func (w *window) bytes(off int64, n int) []byte {
	want := min(int64(n), w.end-off)
	if off < 0 || want <= 0 {
		return nil
	}
	if off < w.off || off+want > w.off+int64(len(w.buf)) {
		w.load(off, min(max(want, readAhead), w.end-off))
	}
	return w.buf[off-w.off:][:want:want]
}

func (w *window) load(off, n int64) {
	if int64(cap(w.buf)) < n {
		w.buf = make([]byte, n)
	}
	w.off, w.buf = off, w.buf[:n]
	if got, _ := w.r.ReadAt(w.buf, off); int64(got) == n {
		return
	}
	for at := int64(0); at < n; at += page {
		p := w.buf[at:min(at+page, n)]
		if got, err := w.r.ReadAt(p, off+at); got < len(p) {
			w.bad = err
			clear(p)
		}
	}
}

// scanner finds the frames of one file.
type scanner struct {
	win  window
	name string
	origin
	off int64 // of what comes next
}

func newScanner(f io.ReaderAt, name string, o origin, from, end int64) *scanner {
	return &scanner{win: window{r: f, end: end}, name: name, origin: o, off: from}
}

// next returns the next frame, whose payload is good until the next call and
// which ends at s.off. Or it returns a *Fault for bytes that are no frame and
// were passed over; where the head of a damaged frame can be read, the fault
// says which numbers it had. Or io.EOF, where there is nothing but zeros.
func (s *scanner) next() (frame, error) {
	if s.off >= s.win.end {
		return frame{}, io.EOF
	}
	s.win.bad = nil
	f, c, ok := parseFrame(s.win.bytes(s.off, frameHead), s.origin, s.off)
	if !ok {
		return frame{}, s.skip()
	}
	length := frameHead + c.length
	if s.off+length > s.win.end {
		return frame{}, s.skip()
	}
	// A payload that should lie here and does not: what lies in its stead is
	// passed over in one step only if another frame, or the end, follows it.
	f.payload = s.win.bytes(s.off, int(length))[frameHead:]
	if checksum(f.payload) == c.sum {
		s.off += length
		return f, nil
	}
	fault := s.fault(s.off, "the payload is not what the frame's checksum says")
	fault.From, fault.To = f.from, f.number
	next, ok := s.findFrame(s.off + 1)
	if !ok {
		next = s.lastByte(s.off) + 1
	}
	fault.Length = next - s.off
	s.off = next
	return frame{}, fault
}

// skip passes over what is no frame.
func (s *scanner) skip() error {
	start := s.off
	next, ok := s.findFrame(start + 1)
	if !ok {
		next = s.lastByte(start) + 1
		if next == start && s.win.bad == nil {
			s.off = s.win.end
			return io.EOF
		}
	}
	f := s.fault(start, "no frame can be read")
	f.Length = next - start
	s.off = next
	if !ok {
		s.off = s.win.end
	}
	return f
}

func (s *scanner) fault(off int64, what string) *Fault {
	if s.win.bad != nil {
		what = fmt.Sprintf("the disk cannot be read (%s)", s.win.bad)
	}
	return &Fault{File: s.name, Offset: off, What: what, Err: ErrDamaged}
}

// findFrame looks for the head of a frame from an offset on.
func (s *scanner) findFrame(off int64) (int64, bool) {
	for off+frameHead <= s.win.end {
		b := s.win.bytes(off, readAhead)
		last := off+int64(len(b)) == s.win.end
		i := 0
		for i+frameHead <= len(b) {
			found := bytes.Index(b[i:], []byte(frameMagic))
			if found < 0 {
				i = len(b) - frameHead + 1 // one may begin in what is left
				break
			}
			i += found
			if _, _, ok := parseFrame(b[i:], s.origin, off+int64(i)); ok {
				return off + int64(i), true
			}
			if i+frameHead > len(b) {
				break
			}
			i++
		}
		if last {
			break
		}
		off += int64(i)
	}
	return 0, false
}

// lastByte is the offset of the last byte from off on that is not zero, or
// off-1 where there is none.
func (s *scanner) lastByte(off int64) int64 {
	last := off - 1
	for off < s.win.end {
		b := s.win.bytes(off, readAhead)
		if trimmed := bytes.TrimRight(b, "\x00"); len(trimmed) > 0 {
			last = off + int64(len(trimmed)) - 1
		}
		off += int64(len(b))
	}
	return last
}
