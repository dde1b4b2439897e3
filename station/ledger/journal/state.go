package journal

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"

	"liaison/station/ledger"
)

// A StateWriter writes a state: everything as it stood after one frame, in as
// many parts as the caller likes. Frames may be appended meanwhile. It is not
// safe for concurrent use, and there is one at a time.
type StateWriter struct {
	l       *Log
	f       file
	through uint64
	off     int64
	parts   uint64
	buf     []byte
	err     error
	done    bool
}

// NewState begins a state that stands for all frames up to and with through:
// the caller must have read what it writes at a moment when that was the last
// commit. Where it is also the log's last frame, a segment begins, so that
// Prune can drop everything older. A through beyond the last frame makes up
// for what the log lost, or never had. End it with Commit or Cancel.
func (l *Log) NewState(through uint64) (*StateWriter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, err := l.newState(through)
	if err != nil {
		return nil, fmt.Errorf("journal: state after frame %d: %w", through, typed(err))
	}
	return w, nil
}

func (l *Log) newState(through uint64) (*StateWriter, error) {
	switch {
	case l.inUse:
		return nil, fmt.Errorf("%w: another state is being written", ledger.ErrBusy)
	case through == 0:
		return nil, errors.New("there is no frame 0")
	}
	if err := l.writable(); err != nil {
		return nil, err
	}
	if s := l.segments[len(l.segments)-1]; through == l.last && l.cause == nil && (l.end > s.data || l.dirty != nil) {
		if err := l.begin(); err != nil {
			return nil, err
		}
	}
	h := head{kind: stateFile, number: through, first: 1, log: l.id, created: l.o.Now(), stream: string(l.stream), key: l.key}
	w := &StateWriter{l: l, through: through}
	var err error
	if w.f, err = l.disk.create(stateName(through) + newSuffix); err != nil {
		return nil, err
	}
	l.inUse = true
	b := h.pages()
	_, w.err = w.f.WriteAt(b, 0)
	w.off = int64(len(b))
	return w, nil
}

// Add writes one part, at most MaxPayload long. After an error the state can
// only be cancelled.
func (w *StateWriter) Add(part []byte) error {
	if w.err == nil && len(part) > MaxPayload {
		w.err = ErrTooLarge
	}
	w.parts++
	w.write(frame{kind: partFrame, from: w.parts, number: w.parts, payload: part})
	return w.told()
}

func (w *StateWriter) write(f frame) {
	if w.err != nil {
		return
	}
	w.buf = f.append(w.buf[:0], origin{stateFile, w.through}, w.off)
	_, w.err = w.f.WriteAt(w.buf, w.off)
	w.off += int64(len(w.buf))
}

func (w *StateWriter) told() error {
	if w.err == nil {
		return nil
	}
	return fmt.Errorf("journal: state after frame %d: %w", w.through, typed(w.err))
}

// Commit makes the state durable and gives it its name. After an error nothing
// of it is left.
func (w *StateWriter) Commit() error {
	if w.done {
		return w.told()
	}
	w.write(frame{kind: endFrame, from: w.parts + 1, number: w.parts + 1})
	if w.err == nil {
		w.err = w.l.sync(w.f)
	}
	if w.err != nil {
		return errors.Join(w.told(), w.Cancel())
	}
	w.done = true
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	w.l.inUse = false
	w.err = errors.Join(w.l.writable(), w.f.Close())
	if w.err == nil {
		w.err = w.l.publish(stateName(w.through))
	}
	if w.err != nil {
		_ = w.l.disk.remove(stateName(w.through) + newSuffix) // or Open removes it
		return w.told()
	}
	w.l.adoptState(w.through)
	return nil
}

// Cancel gives the state up. After Commit it does nothing.
func (w *StateWriter) Cancel() error {
	if w.done {
		return nil
	}
	w.done = true
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	w.l.inUse = false
	if err := errors.Join(w.f.Close(), w.l.disk.remove(stateName(w.through)+newSuffix)); err != nil {
		return fmt.Errorf("journal: give up a state: %w", typed(err))
	}
	return nil
}

// adoptState takes a finished state into account: what it stands for is owed
// no more, and where it is ahead of the frames, they go on after it.
func (l *Log) adoptState(through uint64) {
	if !slices.Contains(l.states, through) {
		l.states = append(l.states, through)
		slices.Sort(l.states)
	}
	if through <= l.last {
		return
	}
	l.last = through
	l.next = max(l.next, through+1)
	l.dirty = errJump
	for len(l.owed) > 0 && l.owed[0].number <= through {
		l.owing -= l.owed[0].length()
		l.owed = l.owed[1:]
	}
	if len(l.owed) == 0 && l.next == through+1 {
		l.forgive()
	}
}

// States lists the frames that there are states for, oldest first.
func (l *Log) States() []uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.states)
}

// State reads the parts of a state in order. A *Fault stands where parts are
// missing, and reading goes on after it; but what is read is then not all.
func (l *Log) State(through uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		l.readState(through,
			func(f frame) bool { return yield(bytes.Clone(f.payload), nil) },
			func(f *Fault) bool { return yield(nil, f) })
	}
}

// readState reads a state; it must end with an end, or something is missing.
func (l *Log) readState(through uint64, part func(frame) bool, fault func(*Fault) bool) {
	h, err := l.readHead(stateFile, through)
	if err != nil {
		fault(&Fault{File: stateName(through), What: fmt.Sprintf("the state cannot be opened (%s)", err), Err: ErrMissing})
		return
	}
	ended := false
	r := run{want: 1, fault: fault, frame: func(_ *scanner, f frame) bool {
		if f.kind == endFrame {
			ended = true
			return true
		}
		return part(f)
	}}
	if !l.read(&r, origin{stateFile, through}, h.data, -1) {
		return
	}
	if r.pending == nil && !ended {
		r.note(&Fault{File: stateName(through), What: "the state does not end", Err: ErrDamaged})
	}
	if r.pending != nil {
		r.finish(0)
	}
}

// checkState reads a state and returns the first fault.
func (l *Log) checkState(through uint64) error {
	var first error
	l.readState(through,
		func(frame) bool { return true },
		func(f *Fault) bool { first = f; return false })
	return first
}

// Prune removes the segments whose frames are all before a number, and the
// states older than the one that stands for them; how many files went is
// returned. It does so only where such a state is complete, which it reads to
// the end first: the error is ErrMissing where there is none, and that of the
// state where it is damaged. What was torn off a segment goes with it.
//
// Removing a file does not overwrite it. Until the disk uses its blocks for
// something else, or discards them, they hold what they held.
func (l *Log) Prune(before uint64) (int, error) {
	states := l.States()
	n := len(states)
	if n == 0 || states[n-1]+1 < before {
		return 0, fmt.Errorf("journal: prune before frame %d: %w: no state stands for them", before, ErrMissing)
	}
	if err := l.checkState(states[n-1]); err != nil {
		return 0, fmt.Errorf("journal: prune before frame %d: %w", before, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(); err != nil {
		return 0, err
	}
	gone, err := l.prune(before, states[n-1])
	if err != nil {
		return gone, fmt.Errorf("journal: prune before frame %d: %w", before, typed(err))
	}
	return gone, nil
}

func (l *Log) prune(before, state uint64) (gone int, err error) {
	stay := 0 // first segment that stays
	for i, s := range l.segments {
		if s.first > 0 && s.first <= before {
			stay = i
		}
	}
	names, err := l.disk.names()
	if err != nil {
		return 0, err
	}
	for stay > 0 && err == nil {
		name := l.segments[0].name()
		if err = l.disk.remove(name); err != nil {
			break
		}
		gone++
		stay--
		l.segments = l.segments[1:]
		for _, n := range names {
			if isTorn(n, name) {
				err = errors.Join(err, l.disk.remove(n))
			}
		}
	}
	for err == nil && l.states[0] < state {
		if err = l.disk.remove(stateName(l.states[0])); err == nil {
			gone++
			l.states = l.states[1:]
		}
	}
	if l.o.noSync {
		return gone, err
	}
	return gone, errors.Join(err, l.disk.sync())
}
