package journal

import (
	"errors"
	"fmt"
	"slices"

	"liaison/station/ledger"
)

// Append makes a frame of one commit durable and returns its number. The
// number is the frame's also where it could not be written: then the log is
// behind, the payload is kept, and a later Append, Retry or Close writes it.
// Errors: ledger.ErrFull, ErrReadOnly, ErrDisk; ErrBehind where the log has
// lost frames and takes no more until it was given what it missed;
// ErrTooLarge, which loses a frame.
func (l *Log) Append(payload []byte) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(); err != nil {
		return 0, err
	}
	f := frame{kind: commitFrame, from: l.next, number: l.next, payload: payload}
	l.next++
	if len(payload) > MaxPayload {
		l.lose(ErrTooLarge)
	}
	if err := l.take(f); err != nil {
		return f.number, fmt.Errorf("journal: frame %d: %w", f.number, err)
	}
	return f.number, nil
}

// CatchUp makes one frame durable that stands for all commits after Last up to
// and with through: for those the log lost, and those it never saw. What it
// still owes is dropped. Errors as Append; the log is then behind. A through
// that is not past Last, or before what was appended, is refused.
func (l *Log) CatchUp(through uint64, payload []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(); err != nil {
		return err
	}
	f := frame{kind: catchUpFrame, from: l.last + 1, number: through, payload: payload}
	switch {
	case through+1 < l.next || through <= l.last:
		return fmt.Errorf("journal: catch-up through frame %d, but frame %d was appended", through, l.next-1)
	case len(payload) > MaxPayload:
		return fmt.Errorf("journal: catch-up: %w", ErrTooLarge)
	}
	err := l.mend()
	if err == nil {
		err = l.put(f)
	}
	if err != nil {
		if through+1 > l.next { // some of it was never owed
			l.next = through + 1
			l.lose(err)
		}
		return fmt.Errorf("journal: catch-up through frame %d: %w", through, err)
	}
	l.next = through + 1
	l.forgive()
	return nil
}

// Retry tries to write what the log owes. It returns nil where it owes
// nothing afterwards.
func (l *Log) Retry() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(); err != nil {
		return err
	}
	if l.cause == nil {
		return nil
	}
	if err := l.settle(); err != nil {
		return fmt.Errorf("journal: since frame %d: %w", l.last+1, err)
	}
	return nil
}

// take writes a frame, after those that are owed; or owes it too.
func (l *Log) take(f frame) error {
	if l.cause == nil {
		err := l.mend()
		if err == nil {
			err = l.put(f)
		}
		if err != nil {
			l.cause = err
			l.owe(f)
		}
		return err
	}
	l.owe(f)
	return l.settle()
}

// owe keeps a frame for later.
func (l *Log) owe(f frame) {
	if l.lost {
		return
	}
	if l.owing += f.length(); l.owing > l.o.Owe {
		l.lose(l.cause)
		return
	}
	f.payload = slices.Clone(f.payload)
	l.owed = append(l.owed, f)
}

// lose gives up what is owed: the log needs a catch-up.
func (l *Log) lose(cause error) {
	l.cause, l.lost = cause, true
	l.owed, l.owing = nil, 0
}

// forgive: the log owes nothing any more.
func (l *Log) forgive() {
	l.cause, l.lost = nil, false
	l.owed, l.owing = nil, 0
}

// together is how many bytes of owed frames are written with one sync.
const together = 1 << 20

// settle writes what is owed.
func (l *Log) settle() error {
	if l.lost {
		return fmt.Errorf("%w since frame %d: %w", ErrBehind, l.last+1, l.cause)
	}
	for len(l.owed) > 0 {
		n, size := 1, l.owed[0].length()
		for n < len(l.owed) && size+l.owed[n].length() <= together {
			size += l.owed[n].length()
			n++
		}
		err := l.mend()
		if err == nil {
			err = l.put(l.owed[:n]...)
		}
		if err != nil {
			l.cause = err
			return err
		}
		l.owed, l.owing = l.owed[n:], l.owing-size
	}
	l.forgive()
	return nil
}

// put writes frames after the last one and syncs once. After an error the
// segment's tail may hold anything.
func (l *Log) put(frames ...frame) error {
	var size int64
	for i := range frames {
		size += frames[i].length()
	}
	s := l.segments[len(l.segments)-1]
	if l.end > s.data && l.end+size > l.o.SegmentSize {
		if err := l.begin(); err != nil {
			return typed(err)
		}
		s = l.segments[len(l.segments)-1]
	}
	if l.end+size > l.room {
		l.grow(l.end + size)
	}
	b := l.buf[:0]
	for i := range frames {
		b = frames[i].append(b, origin{segmentFile, s.number}, l.end+int64(len(b)))
	}
	if cap(b) <= together {
		l.buf = b
	}
	_, err := l.active.WriteAt(b, l.end)
	if err == nil {
		err = l.sync(l.active)
	}
	if err != nil {
		l.dirty = err
		return typed(err)
	}
	l.end += size
	l.room = max(l.room, l.end)
	l.last = frames[len(frames)-1].number
	return nil
}

// grow writes zeros after the place of a frame that ends at need, for the
// frames to come, so that their syncs need not write what the file system
// knows about the file. Measured with BenchmarkAppend on ext4: p50 is 0.6 of a
// bare write at the end of a file, without zeros 0.9; reserving blocks without
// writing them gains little, since the first write to each must be noted, too.
func (l *Log) grow(need int64) {
	upTo := min(roundUp(need, l.o.step), l.o.SegmentSize)
	if upTo <= need {
		return
	}
	if _, err := l.active.WriteAt(make([]byte, upTo-need), need); err != nil {
		// What was gained of the last space goes to the frame. If it fails as
		// well, that is told.
		_ = l.active.truncate(l.end)
		upTo = l.end
	}
	l.room = upTo
}

// mend makes the log ready for the next frame after a failure. Where the disk
// was only full, the torn end is cut off. After any other failure a new segment
// begins: blocks that once failed are not trusted, and neither is what the
// system remembers of them.
func (l *Log) mend() error {
	if l.dirty == nil {
		return nil
	}
	if l.active != nil && errors.Is(typed(l.dirty), ledger.ErrFull) {
		err := l.active.truncate(l.end)
		if err == nil {
			err = l.sync(l.active)
		}
		if err == nil {
			l.room, l.dirty = l.end, nil
			return nil
		}
		l.dirty = err
	}
	return typed(l.begin())
}

// begin begins a new segment. It has its name only when its head is on the
// disk; until then the old one stays.
func (l *Log) begin() error {
	n := uint64(1)
	if len(l.segments) > 0 {
		n = l.segments[len(l.segments)-1].number + 1
	}
	h := head{kind: segmentFile, number: n, first: l.last + 1, log: l.id, created: l.o.Now(), stream: string(l.stream), key: l.key}
	f, err := l.create(h)
	if err != nil {
		return err
	}
	if l.active != nil {
		_ = l.active.truncate(l.end) // gives back what was written ahead; what stays does no harm
		_ = l.active.Close()         // all that counts in it was synced
	}
	data := int64(len(h.pages()))
	l.segments = append(l.segments, segment{number: n, first: h.first, data: data})
	l.active, l.end, l.room, l.dirty = f, data, data, nil
	return nil
}

// create makes a file of the log that holds its head, durably.
func (l *Log) create(h head) (file, error) {
	name := fileName(h.kind, h.number)
	f, err := l.disk.create(name + newSuffix)
	if err != nil {
		return nil, err
	}
	if _, err = f.WriteAt(h.pages(), 0); err == nil {
		err = l.sync(f)
	}
	if err == nil {
		err = l.publish(name)
	}
	if err != nil {
		err = errors.Join(err, f.Close())
		_ = l.disk.remove(name + newSuffix) // what cannot be removed now is
		_ = l.disk.remove(name)             // removed by Open
		return nil, err
	}
	return f, nil
}
