package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
)

// catchUp gives the database the commits after n that only the log has. Where
// they do not fit, the database is not what it was when it made commit n: the
// error wraps ErrDamaged, and the log is the better of the two.
func (l *Ledger) catchUp(n uint64) error {
	err := l.catchUpFrom(n)
	if errors.Is(err, errOtherLog) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

func (l *Ledger) catchUpFrom(n uint64) error {
	for f, err := range l.whole.Frames(n) {
		if err != nil {
			return l.catchUpState(n)
		}
		if f.From > n+1 { // the frames between are in a state
			return l.catchUpState(n)
		}
		if err := l.applyFrame(f); err != nil {
			return err
		}
		n = f.Number
	}
	if n < l.whole.Last() {
		return l.catchUpState(n)
	}
	return nil
}

// catchUpState is for a log whose frames after n are pruned or damaged, but
// stood for by a state. Frames beyond the state follow.
func (l *Ledger) catchUpState(n uint64) error {
	state, ok := soundState(l.whole)
	if !ok || state <= n {
		return fmt.Errorf("%w: frames after %d cannot be read", errOtherLog, n)
	}
	for part, err := range l.whole.State(state) {
		if err != nil {
			return err
		}
		if err := l.apply(state, part); err != nil {
			return err
		}
	}
	for f, err := range l.whole.Frames(state) {
		if err != nil {
			return nil // the rest is lost with the log; a check tells of it
		}
		if err := l.applyFrame(f); err != nil {
			return err
		}
	}
	return nil
}

// soundState is the newest state that can be read to its end.
func soundState(log *journal.Log) (uint64, bool) {
	states := log.States()
	for i := len(states) - 1; i >= 0; i-- {
		if readable(log.State(states[i])) {
			return states[i], true
		}
	}
	return 0, false
}

func readable[T any](parts iter.Seq2[T, error]) bool {
	for _, err := range parts {
		if err != nil {
			return false
		}
	}
	return true
}

func (l *Ledger) applyFrame(f journal.Frame) error { return l.apply(f.Number, f.Payload) }

// apply replays frames in one transaction, which gets the last one's number.
func (l *Ledger) apply(number uint64, payloads ...[]byte) error {
	_, _, err := l.transact(place{bucket: "journal"}, func(w *writing) error {
		w.number = number
		for _, p := range payloads {
			if err := w.replayFrame(p); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func (w *writing) replayFrame(payload []byte) error {
	kind, ops, err := decodeFrame(payload)
	if err != nil {
		return err
	}
	if kind == frameAll {
		if err := w.clear(); err != nil {
			return err
		}
	}
	for _, o := range ops {
		if err := w.replay(o); err != nil {
			return err
		}
	}
	return nil
}

// clear drops what a full state would not name any more.
func (w *writing) clear() error {
	for _, name := range []string{"draft", "local"} {
		if err := w.tx.DeleteBucket([]byte(name)); err != nil {
			return err
		}
		if _, err := w.tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	clear(w.subs)
	return nil
}

// replay carries an operation out again, and what follows from it.
func (w *writing) replay(o op) error {
	if o.value != nil {
		if _, _, err := checkCell(o.at, o.value); err != nil {
			return err
		}
	}
	switch o.at.bucket {
	case "journal":
		return w.replayEntry(o)
	case "receipt":
		h, err := w.head(ledger.Stream(o.at.sub))
		if err != nil {
			return err
		}
		if len(o.at.key) != 8 || h.seq == 0 {
			return o.at.damaged("a receipt for no entry")
		}
		h.confirmed = max(h.confirmed, ledger.Seq(binary.BigEndian.Uint64(o.at.key)))
	case "meta":
		if k := string(o.at.key); k == "commit" || k == "indexes" || k == "scrub" {
			return nil // each copy of the database has its own
		}
	}
	return w.set(o)
}

func (w *writing) replayEntry(o op) error {
	if len(o.at.key) != 8 || o.value == nil {
		return o.at.damaged("no entry")
	}
	r := ledger.Ref{Stream: ledger.Stream(o.at.sub), Seq: ledger.Seq(binary.BigEndian.Uint64(o.at.key))}
	k, err := openKept(o.at, r, o.value)
	if err != nil {
		return err
	}
	held, err := getKept(w.tx, r)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return w.replayNew(o, k)
	case err != nil:
		return err
	case held.Hash() != k.Hash():
		return fmt.Errorf("%w: %s is another entry there", errOtherLog, r)
	case held.erased() || k.way == bodyAbsent && held.way != bodyAbsent:
		return nil // what was erased stays so
	}
	return w.replayBody(o, held, k)
}

// replayNew appends an entry. Its index lines are made from its body, unless
// all of them will be made anew at the end.
func (w *writing) replayNew(o op, k kept) error {
	h, err := w.head(k.Stream)
	if err != nil {
		return err
	}
	if k.Seq != h.seq+1 || k.Prev != h.hash {
		return fmt.Errorf("%w: %s does not follow on entry %d", errOtherLog, k.Ref, h.seq)
	}
	revs, err := w.revisions(&k.Header)
	if err != nil {
		return err
	}
	e, lines, err := w.opened(o.at, k)
	if err != nil {
		return err
	}
	return w.append(&e, o.value, lines, h, revs)
}

// replayBody fills in a body, or takes one away that was erased.
func (w *writing) replayBody(o op, held, k kept) error {
	e, lines, err := w.opened(o.at, k)
	if err != nil {
		return err
	}
	was, gone, err := w.opened(o.at, held)
	if err != nil {
		return err
	}
	if err := w.set(o); err != nil {
		return err
	}
	if was.Absent() {
		if err := w.erase(&e); err != nil {
			return err
		}
	}
	revs, err := w.revisions(&k.Header)
	if err == nil && revs.newest() == k.Ref {
		w.index.shift(gone, lines)
	}
	return err
}

// opened unseals an entry and makes its index lines, as far as they are
// wanted. An erasure is always opened: it must be carried out.
func (w *writing) opened(at place, k kept) (e ledger.Entry, lines []line, err error) {
	if w.l.o.noIndex && k.Kind != ledger.KindErase {
		return k.Entry, nil, nil
	}
	if e, err = w.l.unsealEntry(at, k); err != nil {
		return e, nil, err
	}
	lines, err = w.l.lines(e)
	return e, lines, err
}
