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
	bad []badPage
}

// badPage is a page that the disk could not give.
type badPage struct {
	off int64
	err error
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
	for at := off; at < off+n; {
		next := min(at/page*page+page, off+n)
		p := w.buf[at-off : next-off]
		if got, err := w.r.ReadAt(p, at); got < len(p) {
			clear(p)
			w.bad = append(w.bad, badPage{at / page * page, err})
		}
		at = next
	}
}

// failed says why the disk could not give all of a range; nil where it could.
func (w *window) failed(off, end int64) error {
	for _, p := range w.bad {
		if p.off < end && off < p.off+page {
			return p.err
		}
	}
	return nil
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
	next, ok := s.findFrame(s.off + 1)
	if !ok {
		next = s.lastByte(s.off) + 1
	}
	fault := s.fault(next, "the payload is not what the frame's checksum says")
	fault.From, fault.To = f.from, f.number
	if err := s.win.failed(fault.Offset, fault.Offset+length); err != nil {
		fault.What = unreadable(err)
	}
	return frame{}, fault
}

// skip passes over what is no frame.
func (s *scanner) skip() error {
	next, ok := s.findFrame(s.off + 1)
	if ok {
		return s.fault(next, "no frame can be read")
	}
	next = s.lastByte(s.off) + 1
	if s.win.failed(s.off, s.win.end) != nil {
		next = s.win.end // anything may have been there
	}
	if next == s.off {
		s.off = s.win.end
		return io.EOF
	}
	fault := s.fault(next, "no frame can be read")
	s.off = s.win.end
	return fault
}

// fault passes over what lies before an offset.
func (s *scanner) fault(next int64, what string) *Fault {
	if err := s.win.failed(s.off, next); err != nil {
		what = unreadable(err)
	}
	f := &Fault{File: s.name, Offset: s.off, Length: next - s.off, What: what, Err: ErrDamaged}
	s.off = next
	return f
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

func unreadable(err error) string { return fmt.Sprintf("the disk cannot be read (%s)", err) }
