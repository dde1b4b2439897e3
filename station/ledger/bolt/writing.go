package bolt

import (
	"errors"
	"fmt"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// errUnchanged ends a transaction that has nothing to write, because the
// ledger holds it all: a batch sent again costs no sync.
var errUnchanged = errors.New("nothing to write")

// writing is one transaction of Commit. Heads are read once and written once,
// index lines are gathered and put at the end.
type writing struct {
	l       *Ledger
	tx      *bbolt.Tx
	heads   map[ledger.Stream]*head
	subs    map[[2]string]*bbolt.Bucket
	index   shifts
	changed bool

	ops      []op   // what a replay of this transaction needs
	number   uint64 // of the commit, where it is replayed
	erasures int    // bodies dropped
}

func newWriting(l *Ledger, tx *bbolt.Tx) *writing {
	return &writing{l: l, tx: tx, heads: map[ledger.Stream]*head{}, subs: map[[2]string]*bbolt.Bucket{}, index: shifts{}}
}

// all writes a change: foreign entries first, so that a new one may build on
// what came with it.
func (w *writing) all(c *prepared) error {
	for i := range c.Foreign {
		if err := w.accept(&c.Foreign[i], c.cells[i], c.lines[i]); err != nil {
			return err
		}
	}
	for i := range c.own {
		if err := w.continueOwn(&c.own[i]); err != nil {
			return err
		}
	}
	for _, r := range c.Receipts {
		if err := w.keep(r); err != nil {
			return err
		}
	}
	for _, o := range c.ops {
		if err := w.set(o); err != nil {
			return err
		}
	}
	if !w.changed {
		return errUnchanged
	}
	return nil
}

// set carries an operation out that a replay must repeat.
func (w *writing) set(o op) error {
	w.changed = true
	w.ops = append(w.ops, o)
	return w.put(o.at, o.value)
}

// put stores a value, or drops what there is where it is nil. What is put only
// follows from the operations, and a replay finds it out anew.
func (w *writing) put(at place, v []byte) error {
	if v == nil {
		b := w.tx.Bucket([]byte(at.bucket))
		if at.sub != "" {
			b = b.Bucket([]byte(at.sub))
		}
		if b == nil {
			return nil
		}
		return b.Delete(at.key)
	}
	b, err := w.sub(at)
	if err != nil {
		return err
	}
	if at.bucket == "journal" || at.bucket == "receipt" {
		b.FillPercent = fill
	}
	return b.Put(at.key, v)
}

// finish writes what was gathered, and returns the frame of the transaction
// with its number.
func (w *writing) finish() (number uint64, frame []byte, err error) {
	if err := errors.Join(w.putHeads(), w.index.apply(w.tx)); err != nil {
		return 0, nil, err
	}
	if w.erasures > 0 {
		if err := putMeta(w.tx, "scrub", nil); err != nil {
			return 0, nil, err
		}
	}
	if number = w.number; number == 0 {
		n, err := getCounter(w.tx)
		if err != nil {
			return 0, nil, err
		}
		number = n + 1
	}
	return number, encodeFrame(frameChange, w.ops), putMeta(w.tx, "commit", append(seqKey(number), encodeTouched(w.ops)...))
}

// sub returns a bucket of the second level, and makes it if there is none.
func (w *writing) sub(at place) (*bbolt.Bucket, error) {
	name := [2]string{at.bucket, at.sub}
	if b := w.subs[name]; b != nil {
		return b, nil
	}
	b := w.tx.Bucket([]byte(at.bucket))
	if at.sub != "" {
		var err error
		if b, err = b.CreateBucketIfNotExists([]byte(at.sub)); err != nil {
			return nil, err
		}
	}
	w.subs[name] = b
	return b, nil
}

// revisions reads a record's pointers as this transaction has them.
func (w *writing) revisions(h *ledger.Header) (revisions, error) {
	at := recordPlace(h.Kind, h.ID)
	b, err := w.sub(at)
	if err != nil {
		return revisions{}, err
	}
	v := b.Get(at.key)
	if v == nil {
		return revisions{}, nil
	}
	return decodeRevisions(at, v)
}

func (w *writing) putHeads() error {
	heads := w.tx.Bucket([]byte("head"))
	for s, h := range w.heads {
		at := headPlace(s)
		if err := heads.Put(at.key, appendCell(nil, at, h.append(nil))); err != nil {
			return err
		}
	}
	return nil
}

// head returns a stream's head as this transaction has it. It is written at
// the end of the transaction.
func (w *writing) head(s ledger.Stream) (*head, error) {
	if h := w.heads[s]; h != nil {
		return h, nil
	}
	h, err := getHead(w.tx, s)
	if err != nil {
		return nil, err
	}
	w.heads[s] = &h
	return &h, nil
}

// continueOwn gives a new entry its number and its place in the chain.
func (w *writing) continueOwn(e *ledger.Entry) error {
	h, err := w.head(e.Stream)
	if err != nil {
		return err
	}
	e.Seq, e.Prev = h.seq+1, h.hash
	revs, err := w.revisions(&e.Header)
	if err != nil {
		return err
	}
	if !slices.Contains(revs.open, e.Replaces) && !(e.Replaces.IsZero() && len(revs.open) == 0) {
		return stale(e, revs)
	}
	lines, err := w.l.lines(*e)
	if err != nil {
		return err
	}
	header := e.AppendBinary(make([]byte, 0, 320))
	cell, err := w.l.entryCell(journalPlace(e.Ref), header, e)
	if err != nil {
		return err
	}
	return w.append(e, cell, lines, h, revs)
}

func stale(e *ledger.Entry, revs revisions) error {
	switch {
	case len(revs.open) == 0:
		return fmt.Errorf("%w: %s %s is to replace %s, and there is no such record", ledger.ErrStale, e.Kind, e.ID, e.Replaces)
	case e.Replaces.IsZero():
		return fmt.Errorf("%w: %s %s is there already, as %s", ledger.ErrStale, e.Kind, e.ID, revs.newest())
	}
	return fmt.Errorf("%w: %s %s is to replace %s and is now at %s", ledger.ErrStale, e.Kind, e.ID, e.Replaces, revs.newest())
}

// accept takes in an entry of another writer, or of an earlier epoch of this
// one: nobody but this ledger writes into its own epoch.
func (w *writing) accept(e *ledger.Entry, cell []byte, lines []line) error {
	h, err := w.head(e.Stream)
	if err != nil {
		return err
	}
	own := e.Stream.Writer() == w.l.own.Writer() && e.Stream.Epoch() == w.l.own.Epoch()
	switch {
	case e.Seq <= h.seq:
		return w.again(e, cell, lines)
	case own:
		return fmt.Errorf("%w: %s is of the epoch that is being written here, which ends at %d", ledger.ErrFork, e.Ref, h.seq)
	case e.Seq != h.seq+1:
		return fmt.Errorf("%w: %s came, and %s ends at %d", ledger.ErrGap, e.Ref, e.Stream, h.seq)
	case e.Prev != h.hash:
		return fmt.Errorf("%w: %s follows another entry than the one held", ledger.ErrFork, e.Ref)
	}
	revs, err := w.revisions(&e.Header)
	if err != nil {
		return err
	}
	if err := w.circle(e, revs); err != nil {
		return err
	}
	return w.append(e, cell, lines, h, revs)
}

// circle refuses an entry with which revisions would replace each other in a
// circle, so that no record was left. No honest writer can make one.
func (w *writing) circle(e *ledger.Entry, revs revisions) error {
	if e.Replaces == e.Ref {
		return fmt.Errorf("%w: %s replaces itself", ledger.ErrBroken, e.Ref)
	}
	if !slices.Contains(revs.missing, e.Ref) {
		return nil // nothing held replaces e
	}
	at := e.Header
	for !at.Succeeds().IsZero() {
		older, err := getKept(w.tx, at.Succeeds())
		if errors.Is(err, ledger.ErrNotFound) || err == nil && !sameRecord(older.Header, at) {
			return nil
		}
		if err != nil {
			return err
		}
		if older.Succeeds() == e.Ref {
			return fmt.Errorf("%w: %s replaces %s, which comes from it", ledger.ErrBroken, e.Ref, older.Ref)
		}
		at = older.Header
	}
	return nil
}

// again compares an entry with the one held under its number. Where the held
// one came without its body and this one has it, the body is filled in, unless
// it was erased.
func (w *writing) again(e *ledger.Entry, cell []byte, lines []line) error {
	held, err := getKept(w.tx, e.Ref)
	if errors.Is(err, ledger.ErrNotFound) {
		return headPlace(e.Stream).damaged(fmt.Sprintf("%s is missing", e.Ref))
	}
	if err != nil {
		return err
	}
	if held.Hash() != e.Hash() {
		return fmt.Errorf("%w: %s", ledger.ErrFork, e.Ref)
	}
	if held.way != bodyAbsent || e.Absent() || w.isErased(e.Ref) {
		return nil
	}
	if err := w.set(op{journalPlace(e.Ref), cell}); err != nil {
		return err
	}
	if err := w.erase(e); err != nil {
		return err
	}
	revs, err := w.revisions(&e.Header)
	if err != nil || revs.newest() != e.Ref {
		return err
	}
	was, err := w.l.lines(held.Entry)
	w.index.shift(was, lines)
	return err
}

// append appends an entry to its stream and moves pointers and index lines.
// An entry that was named by an erasure before it came is held without its
// body.
func (w *writing) append(e *ledger.Entry, cell []byte, lines []line, h *head, revs revisions) (err error) {
	at := journalPlace(e.Ref)
	if !e.Absent() && w.isErased(e.Ref) {
		if cell, err = w.l.erasedCell(at, kept{Entry: *e}); err != nil {
			return err
		}
		left := e.Withhold()
		e = &left
		if lines, err = w.l.lines(left); err != nil {
			return err
		}
	}
	if err := w.set(op{at, cell}); err != nil {
		return err
	}
	h.seq, h.hash = e.Seq, e.Hash()
	if err := w.point(e, lines, revs); err != nil {
		return err
	}
	return w.erase(e)
}

// point makes the record of a new entry lead to the revisions that count now.
func (w *writing) point(e *ledger.Entry, lines []line, revs revisions) error {
	was := revs.newest()
	err := revs.add(&e.Header, func(r ledger.Ref) (bool, error) {
		older, err := getKept(w.tx, r)
		if errors.Is(err, ledger.ErrNotFound) {
			return false, nil
		}
		return err == nil && sameRecord(older.Header, e.Header), err
	})
	if err != nil {
		return err
	}
	at := recordPlace(e.Kind, e.ID)
	b, err := w.sub(at)
	if err != nil {
		return err
	}
	if err := b.Put(at.key, appendCell(nil, at, revs.append(nil))); err != nil {
		return err
	}
	return w.reindex(at, e, lines, was, revs.newest())
}

// reindex moves index lines if another revision counts now. That may be e, to
// which the lines belong, or one that e uncovered by replacing what stood
// before it.
func (w *writing) reindex(at place, e *ledger.Entry, lines []line, was, is ledger.Ref) (err error) {
	if was == is || w.l.o.noIndex {
		return nil
	}
	var gone []line
	if !was.IsZero() {
		if gone, err = w.linesOf(at, was); err != nil {
			return err
		}
	}
	if is != e.Ref {
		if lines, err = w.linesOf(at, is); err != nil {
			return err
		}
	}
	w.index.shift(gone, lines)
	return nil
}

// linesOf asks for the index lines of an entry held.
func (w *writing) linesOf(record place, r ledger.Ref) ([]line, error) {
	e, err := w.l.mustEntry(w.tx, record, r)
	if err != nil {
		return nil, err
	}
	return w.l.lines(e)
}

// fill is how full pages of the journal are made: it only grows at the end.
const fill = 0.95

// keep stores a receipt. The first one for a number stays: the same batch
// sent again gets the same answer, byte for byte, also when two came at once
// and both were answered. So who answers reads the kept receipt first.
func (w *writing) keep(r ledger.Receipt) error {
	h, err := w.head(r.Stream)
	if err != nil {
		return err
	}
	if r.Through > h.seq {
		return fmt.Errorf("%w: a receipt for %s through %d, which ends at %d", ledger.ErrGap, r.Stream, r.Through, h.seq)
	}
	at := receiptPlace(r.Stream, r.Through)
	if lookup(w.tx, at) != nil {
		return nil
	}
	cell, err := w.l.sealCell(at, r.Raw)
	if err != nil {
		return err
	}
	h.confirmed = max(h.confirmed, r.Through)
	return w.set(op{at, cell})
}
