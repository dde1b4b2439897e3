package bolt

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// Commit makes c durable before it returns: first the foreign entries, then
// the new ones, then receipts, drafts and settings. Everything that needs no
// transaction (verifying, hashing, compressing) is done before one is begun,
// so that commits of others wait for as little as possible.
func (l *Ledger) Commit(ctx context.Context, c ledger.Change) ([]ledger.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.Empty() {
		return nil, nil
	}
	p, err := l.prepare(c)
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	err = l.update(place{bucket: "journal"}, func(tx *bbolt.Tx) error {
		return (&writing{l: l, tx: tx}).all(c, p)
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return nil, fmt.Errorf("commit: %w", err)
	}
	return p.own, nil
}

// prepared is what can be known of a change without looking into the file.
type prepared struct {
	own     []ledger.Entry // without sequence and previous hash
	ownBody [][]byte       // stored form of salt and body
	foreign [][]byte
}

func (l *Ledger) prepare(c ledger.Change) (p prepared, err error) {
	for _, n := range c.New {
		e, err := l.prepareNew(n)
		if err != nil {
			return p, err
		}
		p.own = append(p.own, e)
		p.ownBody = append(p.ownBody, l.appendBody(nil, e))
	}
	for _, e := range c.Foreign {
		if err := e.Verify(); err != nil {
			return p, err
		}
		p.foreign = append(p.foreign, l.appendBody(make([]byte, 0, 1+ledger.SaltSize+len(e.Body)), e))
	}
	for _, r := range c.Receipts {
		if err := r.Stream.Valid(); err != nil {
			return p, fmt.Errorf("receipt: %w", err)
		}
		if r.Through == 0 {
			return p, fmt.Errorf("receipt for %s: number 0", r.Stream)
		}
	}
	for _, d := range c.Drafts {
		if err := validName(d.Who); err != nil {
			return p, fmt.Errorf("draft: account: %w", err)
		}
		if err := validName(d.Form); err != nil {
			return p, fmt.Errorf("draft: form: %w", err)
		}
	}
	for _, s := range c.Local {
		if err := validSetting(s.Name); err != nil {
			return p, fmt.Errorf("setting: %w", err)
		}
	}
	return p, nil
}

// prepareNew checks what the caller gave and salts the body.
func (l *Ledger) prepareNew(n ledger.New) (ledger.Entry, error) {
	s := n.Stream
	if s == "" {
		s = l.own
	}
	if s != l.own && (s.Reader() == "" || s != l.own.For(s.Reader())) {
		return ledger.Entry{}, fmt.Errorf("stream %.80q is not written here: own stream is %s", string(s), l.own)
	}
	if n.At.IsZero() {
		n.At = l.o.Now()
	}
	e := ledger.Entry{
		Header: ledger.Header{
			Ref:  ledger.Ref{Stream: s, Seq: 1}, // the number is given in the transaction
			Kind: n.Kind, ID: n.ID, At: n.At.UTC().Truncate(1e6), By: n.By, Private: n.Private,
			Replaces: n.Replaces, Seen: slices.Clone(n.Seen),
		},
		Salt: make([]byte, ledger.SaltSize),
		Body: append([]byte{}, n.Body...),
	}
	rand.Read(e.Salt) // never fails
	e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
	return e, e.Verify()
}

// errUnchanged ends a transaction that has nothing to write, because the
// ledger holds it all: a batch sent again costs no sync.
var errUnchanged = errors.New("nothing to write")

// writing is one transaction of Commit. Heads are read once and written once.
type writing struct {
	l       *Ledger
	tx      *bbolt.Tx
	heads   map[ledger.Stream]*head
	changed bool
}

func (w *writing) all(c ledger.Change, p prepared) error {
	w.heads = map[ledger.Stream]*head{}
	for i := range c.Foreign {
		if err := w.accept(&c.Foreign[i], p.foreign[i]); err != nil {
			return err
		}
	}
	for i := range p.own {
		if err := w.continueOwn(&p.own[i], p.ownBody[i]); err != nil {
			return err
		}
	}
	for _, r := range c.Receipts {
		if err := w.keep(r); err != nil {
			return err
		}
	}
	for _, d := range c.Drafts {
		if d.At.IsZero() {
			d.At = w.l.o.Now()
		}
		if err := putDraft(w.tx, d); err != nil {
			return err
		}
	}
	for _, s := range c.Local {
		if err := putLocal(w.tx, s); err != nil {
			return err
		}
	}
	if !w.changed && len(c.Drafts)+len(c.Local) == 0 {
		return errUnchanged
	}
	return w.putHeads()
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
func (w *writing) continueOwn(e *ledger.Entry, body []byte) error {
	h, err := w.head(e.Stream)
	if err != nil {
		return err
	}
	e.Seq, e.Prev = h.seq+1, h.hash
	revs, err := getRevisions(w.tx, recordPlace(e.Kind, e.ID))
	if err != nil {
		return err
	}
	if !slices.Contains(revs.open, e.Replaces) && !(e.Replaces.IsZero() && len(revs.open) == 0) {
		return stale(e, revs)
	}
	return w.put(e, body, h, revs)
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
func (w *writing) accept(e *ledger.Entry, body []byte) error {
	h, err := w.head(e.Stream)
	if err != nil {
		return err
	}
	own := e.Stream.Writer() == w.l.own.Writer() && e.Stream.Epoch() == w.l.own.Epoch()
	switch {
	case e.Seq <= h.seq:
		return w.again(e, body)
	case own:
		return fmt.Errorf("%w: %s is of the epoch that is being written here, which ends at %d", ledger.ErrFork, e.Ref, h.seq)
	case e.Seq != h.seq+1:
		return fmt.Errorf("%w: %s came, and %s ends at %d", ledger.ErrGap, e.Ref, e.Stream, h.seq)
	case e.Prev != h.hash:
		return fmt.Errorf("%w: %s follows another entry than the one held", ledger.ErrFork, e.Ref)
	}
	revs, err := getRevisions(w.tx, recordPlace(e.Kind, e.ID))
	if err != nil {
		return err
	}
	if err := w.circle(e, revs); err != nil {
		return err
	}
	return w.put(e, body, h, revs)
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
	for !at.Replaces.IsZero() {
		older, err := w.l.getEntry(w.tx, at.Replaces)
		if err == ledger.ErrNotFound || err == nil && !sameRecord(older.Header, at) {
			return nil
		}
		if err != nil {
			return err
		}
		if older.Replaces == e.Ref {
			return fmt.Errorf("%w: %s replaces %s, which comes from it", ledger.ErrBroken, e.Ref, older.Ref)
		}
		at = older.Header
	}
	return nil
}

// again compares an entry with the one held under its number. Where the held
// one came without its body and this one has it, the body is filled in.
func (w *writing) again(e *ledger.Entry, body []byte) error {
	held, err := w.l.mustEntry(w.tx, headPlace(e.Stream), e.Ref)
	if err != nil {
		return err
	}
	if held.Hash() != e.Hash() {
		return fmt.Errorf("%w: %s", ledger.ErrFork, e.Ref)
	}
	if !held.Absent() || e.Absent() {
		return nil
	}
	if err := w.store(e, e.AppendBinary(nil), body); err != nil {
		return err
	}
	revs, err := getRevisions(w.tx, recordPlace(e.Kind, e.ID))
	if err != nil || revs.newest() != e.Ref {
		return err
	}
	return w.l.shiftIndex(w.tx, &held, e)
}

// put appends an entry to its stream and moves pointers and index lines.
func (w *writing) put(e *ledger.Entry, body []byte, h *head, revs revisions) error {
	header := e.AppendBinary(make([]byte, 0, 320))
	if err := w.store(e, header, body); err != nil {
		return err
	}
	h.seq, h.hash = e.Seq, sha256.Sum256(header)

	was := revs.newest()
	err := revs.add(&e.Header, func(r ledger.Ref) (bool, error) {
		older, err := w.l.getEntry(w.tx, r)
		if err == ledger.ErrNotFound {
			return false, nil
		}
		return err == nil && sameRecord(older.Header, e.Header), err
	})
	if err != nil {
		return err
	}
	if err := w.point(e, revs); err != nil {
		return err
	}
	return w.index(e, was, revs.newest())
}

// index moves the index lines if another revision counts now.
func (w *writing) index(e *ledger.Entry, was, is ledger.Ref) error {
	if was == is {
		return nil
	}
	at := recordPlace(e.Kind, e.ID)
	var old *ledger.Entry
	if !was.IsZero() {
		o, err := w.l.mustEntry(w.tx, at, was)
		if err != nil {
			return err
		}
		old = &o
	}
	if is == e.Ref {
		return w.l.shiftIndex(w.tx, old, e)
	}
	now, err := w.l.mustEntry(w.tx, at, is)
	if err != nil {
		return err
	}
	return w.l.shiftIndex(w.tx, old, &now)
}

// fill is how full pages of the journal are made: it only grows at the end.
const fill = 0.95

// store writes one journal cell.
func (w *writing) store(e *ledger.Entry, header, body []byte) error {
	b, err := w.tx.Bucket([]byte("journal")).CreateBucketIfNotExists([]byte(e.Stream))
	if err != nil {
		return err
	}
	b.FillPercent = fill
	w.changed = true
	at := journalPlace(e.Ref)
	return b.Put(at.key, appendCell(make([]byte, 0, cellHead+len(header)+len(body)), at, header, body))
}

// point writes a record's pointers.
func (w *writing) point(e *ledger.Entry, revs revisions) error {
	at := recordPlace(e.Kind, e.ID)
	b, err := w.tx.Bucket([]byte("record")).CreateBucketIfNotExists([]byte(e.Kind))
	if err != nil {
		return err
	}
	return b.Put(at.key, appendCell(nil, at, revs.append(nil)))
}

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
	b, err := w.tx.Bucket([]byte("receipt")).CreateBucketIfNotExists([]byte(r.Stream))
	if err != nil {
		return err
	}
	at := receiptPlace(r.Stream, r.Through)
	if b.Get(at.key) != nil {
		return nil
	}
	h.confirmed = max(h.confirmed, r.Through)
	b.FillPercent = fill
	w.changed = true
	return b.Put(at.key, appendCell(nil, at, r.Raw))
}
