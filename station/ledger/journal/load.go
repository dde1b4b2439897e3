package journal

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"liaison/station/ledger"
)

// openError types the errors of opening; those that say what to do stay.
func openError(err error) error {
	switch {
	case errors.Is(err, ledger.ErrBusy):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ledger.ErrNotFound, err)
	}
	return typed(err)
}

// load finds out what the folder holds, and repairs the end.
func (l *Log) load() error {
	if err := l.list(); err != nil {
		return openError(err)
	}
	if len(l.segments)+len(l.states) == 0 && l.o.Stream == "" {
		return fmt.Errorf("%w: there is no journal", ledger.ErrNotFound)
	}
	if err := l.readHeads(); err != nil {
		return err
	}
	end, err := l.findEnd()
	if err != nil {
		return typed(err)
	}
	if end.torn != nil {
		end.torn.From = l.last + 1
	}
	if !l.o.ReadOnly && len(l.segments) > 0 {
		l.resume(end)
	}
	if end.torn != nil {
		l.faults = append(l.faults, *end.torn)
	}
	l.lookAhead()
	l.next = l.last + 1
	if !l.o.ReadOnly && len(l.segments) == 0 {
		return typed(l.begin())
	}
	return nil
}

// list sorts the folder's files and removes what was not finished.
func (l *Log) list() error {
	names, err := l.disk.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, newSuffix) && !l.o.ReadOnly {
			if err := l.disk.remove(name); err != nil {
				return err
			}
		}
		switch kind, n := parseName(name); kind {
		case segmentFile:
			l.segments = append(l.segments, segment{number: n})
		case stateFile:
			l.states = append(l.states, n)
		}
	}
	slices.SortFunc(l.segments, func(a, b segment) int { return cmp.Compare(a.number, b.number) })
	slices.Sort(l.states)
	return nil
}

// readHeads reads the heads of all files. The newest one that can be read says
// whose log it is.
func (l *Log) readHeads() error {
	known := false
	for _, n := range l.states {
		h, err := l.readHead(stateFile, n)
		if err != nil {
			return typed(err)
		}
		if h.copies > 0 {
			l.adopt(h.head)
			known = true
		}
	}
	for i := range l.segments {
		s := &l.segments[i]
		h, err := l.readHead(segmentFile, s.number)
		if err != nil {
			return typed(err)
		}
		if h.copies > 0 {
			l.adopt(h.head)
			known = true
			s.first, s.data = h.first, h.data
		}
	}
	if !known {
		rand.Read(l.id[:])
		l.stream, l.key = l.o.Stream, slices.Clone(l.o.Key)
		if l.o.Stream == "" {
			return fmt.Errorf("%w: no file says whose it is", ErrDamaged)
		}
		return describable(l.stream, l.key)
	}
	if l.o.Stream != "" && l.o.Stream != l.stream {
		return fmt.Errorf("%w: it is %s's, not %s's", ErrOther, l.stream, l.o.Stream)
	}
	return nil
}

func (l *Log) adopt(h head) {
	l.id, l.stream, l.key = h.log, ledger.Stream(h.stream), h.key
}

func (l *Log) readHead(kind kindOfFile, n uint64) (found, error) {
	f, err := l.disk.open(fileName(kind, n), false)
	if err != nil {
		return found{}, err
	}
	defer f.Close()
	size, err := f.size()
	if err != nil {
		return found{}, err
	}
	return readHead(f, size, kind, n), nil
}

func fileName(kind kindOfFile, n uint64) string {
	if kind == stateFile {
		return stateName(n)
	}
	return segmentName(n)
}

// ending is how a segment ends.
type ending struct {
	last uint64 // its newest frame; 0 where it holds none
	off  int64  // after that frame
	size int64  // of the file
	torn *Fault // what lies after the frame, if that is not zeros
}

// findEnd finds the newest frame, and tells how the newest segment ends. A
// segment that holds no frames was just begun: the one before it is read, too.
func (l *Log) findEnd() (newest ending, err error) {
	ends := make([]ending, len(l.segments))
	from := len(l.segments)
	for from > 0 && l.last == 0 {
		from--
		if ends[from], err = l.scanEnd(l.segments[from]); err != nil {
			return newest, err
		}
		l.last = ends[from].last
	}
	kept := slices.Clone(l.segments[:from])
	for i := from; i < len(l.segments); i++ {
		s, e := l.segments[i], ends[i]
		empty := e.last == 0 && s.first > 0
		if empty && s.first <= l.last && e.torn == nil { // begun and given up, and could not be removed then
			if err := l.drop(s.name()); err != nil {
				return newest, err
			}
			continue
		}
		if empty {
			l.last = max(l.last, s.first-1)
		}
		kept, newest = append(kept, s), e
	}
	l.segments = kept
	return newest, nil
}

// drop removes a file, unless the log is opened for reading only.
func (l *Log) drop(name string) error {
	if l.o.ReadOnly {
		return nil
	}
	return l.disk.remove(name)
}

// scanEnd reads a segment to its end. Damage with frames after it is only
// noted.
func (l *Log) scanEnd(s segment) (e ending, err error) {
	f, err := l.disk.open(s.name(), false)
	if err != nil {
		return e, err
	}
	defer f.Close()
	if e.size, err = f.size(); err != nil {
		return e, err
	}
	scan := newScanner(f, s.name(), origin{segmentFile, s.number}, s.data, e.size)
	e.off = s.data
	var faults []Fault // since the last frame
	for {
		f, err := scan.next()
		if fault, ok := errors.AsType[*Fault](err); ok {
			faults = append(faults, *fault)
			continue
		}
		if err == io.EOF {
			break
		}
		l.faults = append(l.faults, faults...)
		faults = nil
		e.off, e.last = scan.off, max(e.last, f.number)
	}
	if len(faults) > 0 {
		torn, end := faults[0], faults[len(faults)-1]
		torn.Length, torn.To = end.Offset+end.Length-torn.Offset, 0
		e.torn = &torn
	}
	return e, nil
}

// resume makes the newest segment ready to be written to, or has the next
// frame begin a new one. That the disk cannot be written, or the segment not
// be continued, is no reason not to open.
func (l *Log) resume(e ending) {
	s := l.segments[len(l.segments)-1]
	if s.data == 0 || e.size < s.data {
		l.dirty = fmt.Errorf("%w: neither copy of the head can be read", ErrDamaged)
		l.faults = append(l.faults, Fault{File: s.name(), What: "neither copy of the head can be read", Err: ErrDamaged})
	} else if err := l.cut(s, e); err != nil {
		l.dirty = err
	}
}

// lookAhead goes on after a state that is ahead of the segments, where the log
// was cut off between the two.
func (l *Log) lookAhead() {
	for _, n := range l.states {
		if n > l.last && l.checkState(n) == nil {
			l.last, l.dirty = n, errJump
		}
	}
}

// errJump: the next frame does not follow on the newest segment, and goes into
// a segment of its own.
var errJump = errors.New("a state has gone ahead of the segments")

// cut opens the newest segment and takes off what is torn, after it was set
// aside.
func (l *Log) cut(s segment, e ending) error {
	f, err := l.disk.open(s.name(), true)
	if err != nil {
		return err
	}
	if e.torn != nil {
		if err := l.setAside(f, s, e); err != nil {
			return errors.Join(err, f.Close())
		}
		e.size = e.off
	}
	l.active, l.end, l.room = f, e.off, e.size
	return nil
}

// setAside copies the torn end into a file of its own and cuts it off.
func (l *Log) setAside(f file, s segment, e ending) error {
	kept := tornName(s.name(), e.off)
	torn := make([]byte, min(e.torn.Offset+e.torn.Length, e.size)-e.off)
	if _, err := f.ReadAt(torn, e.off); err != nil && err != io.EOF {
		return err
	}
	if err := l.writeFile(kept, bytes.TrimRight(torn, "\x00")); err != nil {
		return err
	}
	e.torn.Kept = kept
	return errors.Join(f.truncate(e.off), l.sync(f))
}

// writeFile writes a file under a temporary name and gives it its own.
func (l *Log) writeFile(name string, content []byte) error {
	f, err := l.disk.create(name + newSuffix)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, 0)
	if err := errors.Join(err, l.sync(f), f.Close()); err != nil {
		return err
	}
	return l.publish(name)
}

// publish gives a finished file its name, durably.
func (l *Log) publish(name string) error {
	if err := l.disk.rename(name+newSuffix, name); err != nil {
		return err
	}
	if l.o.noSync {
		return nil
	}
	return l.disk.sync()
}

func (l *Log) sync(f file) error {
	if l.o.noSync {
		return nil
	}
	return f.sync()
}
