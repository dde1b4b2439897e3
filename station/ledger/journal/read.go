package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
)

// Frames reads the frames after a number, in order, each once, up to the last
// one that is durable when the reading begins. Where frames are missing, and
// where bytes are damaged, it gives a *Fault that says which and where, and
// then goes on. Appending meanwhile is allowed.
func (l *Log) Frames(after uint64) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		r := run{after: after, want: after + 1}
		r.frame = func(s *scanner, f frame) bool {
			return yield(Frame{From: f.from, Number: f.number, Payload: bytes.Clone(f.payload), File: s.name, Offset: s.off - f.length()}, nil)
		}
		r.fault = func(f *Fault) bool { return yield(Frame{}, f) }
		segments, end, last := l.snapshot()
		for i, s := range segments {
			if i+1 < len(segments) && segments[i+1].first > 0 && segments[i+1].first <= after+1 {
				continue
			}
			limit := int64(-1)
			if i == len(segments)-1 {
				limit = end
			}
			if !l.readSegment(&r, s, limit) {
				return
			}
		}
		r.finish(last)
	}
}

// snapshot is what there is to read: the segments, where the newest one ends
// (-1: with the file), and the number of its last frame.
func (l *Log) snapshot() ([]segment, int64, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.end
	if l.active == nil {
		end = -1
	}
	return slices.Clone(l.segments), end, l.last
}

// readSegment reads one segment as far as limit; -1 is the whole file.
func (l *Log) readSegment(r *run, s segment, limit int64) bool {
	return l.read(r, origin{segmentFile, s.number}, s.data, limit)
}

// read reads the frames of one file. It returns false where r has had enough.
func (l *Log) read(r *run, o origin, data, limit int64) bool {
	name := fileName(o.kind, o.number)
	f, err := l.disk.open(name, false)
	if err != nil {
		fault := &Fault{File: name, What: fmt.Sprintf("the file cannot be opened (%s)", err), Err: ErrDamaged}
		if errors.Is(err, fs.ErrNotExist) {
			fault.What, fault.Err = "the file is not there", ErrMissing
		}
		r.note(fault)
		return true
	}
	defer f.Close()
	size, err := f.size()
	if err != nil {
		r.note(&Fault{File: name, What: fmt.Sprintf("the file cannot be read (%s)", err), Err: ErrDamaged})
		return true
	}
	if limit < 0 || limit > size {
		limit = size
	}
	return r.through(newScanner(f, name, o, data, limit))
}

// A run puts the frames of several files in one row, and says where one is
// missing.
type run struct {
	after   uint64 // frames up to this one are of no interest
	want    uint64 // next number; 0: whichever comes first
	pending *Fault // passed over, and not yet told what is missing for it
	frame   func(*scanner, frame) bool
	fault   func(*Fault) bool
}

// through reads one file to its end, and returns false where the reader has
// had enough.
func (r *run) through(s *scanner) bool {
	for {
		f, err := s.next()
		if fault, ok := errors.AsType[*Fault](err); ok {
			r.note(fault)
			continue
		}
		if err == io.EOF {
			return true
		}
		switch {
		case f.number <= r.after:
			r.pending = nil
			continue
		case f.number < r.want: // written again in the next segment, after a sync failed
			continue
		}
		if r.want == 0 {
			r.want = f.from
		}
		if !r.tell(f.from-1, s.name, s.off-f.length()) || !r.frame(s, f) {
			return false
		}
		r.want = f.number + 1
	}
}

// note remembers a fault until it is known which frames it cost.
func (r *run) note(f *Fault) {
	if r.pending == nil {
		r.pending = f
	} else if r.pending.File == f.File {
		r.pending.Length = f.Offset + f.Length - r.pending.Offset
	}
}

// tell reports what lies before frame upTo+1, which was found at a place.
func (r *run) tell(upTo uint64, file string, off int64) bool {
	f := r.pending
	r.pending = nil
	missing := r.want != 0 && r.want <= upTo
	early := r.after > 0 && r.want == r.after+1 // nothing read yet, so it lies before what was asked for
	if !missing && (f == nil || early) {
		return true
	}
	if f == nil {
		f = &Fault{File: file, Offset: off, What: "the frames before this one are not here", Err: ErrMissing}
	}
	f.From, f.To = 0, 0
	if missing {
		f.From, f.To = r.want, upTo
	}
	return r.fault(f)
}

// finish reports what is missing at the end, where last is the newest number.
func (r *run) finish(last uint64) bool {
	f := r.pending
	if f == nil || r.want <= last {
		return r.tell(last, prefix[:len(prefix)-1], 0)
	}
	r.pending = nil
	if f.From < r.want {
		f.From, f.To = r.want, 0
	}
	return r.fault(f)
}
