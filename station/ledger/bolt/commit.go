package bolt

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"liaison/station/ledger"
)

// Commit makes c durable before it returns: first the foreign entries, then
// the new ones, then receipts, drafts and settings. Everything that needs no
// transaction (verifying, hashing, index keys) is done before one is begun,
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
	err = l.commit(place{bucket: "journal"}, len(c.New) == 0, func(w *writing) error { return w.all(p) })
	if err != nil && !errors.Is(err, errUnchanged) {
		return nil, fmt.Errorf("commit: %w", err)
	}
	return p.own, nil
}

// prepared is a change as far as it can be done without looking into the file.
type prepared struct {
	ledger.Change
	now   time.Time
	own   []ledger.Entry // the new entries, but for number and link
	lines [][]line       // index lines of the foreign entries
	cells [][]byte       // what the file is to hold of them
	ops   []op           // drafts and settings
}

func (l *Ledger) prepare(c ledger.Change) (*prepared, error) {
	p := &prepared{Change: c, now: l.o.Now()}
	for _, n := range c.New {
		if n.At.IsZero() {
			n.At = p.now
		}
		e, err := l.prepareNew(n)
		if err != nil {
			return nil, err
		}
		p.own = append(p.own, e)
	}
	if err := l.fillKept(p); err != nil {
		return nil, err
	}
	if err := l.prepareForeign(p); err != nil {
		return nil, err
	}
	if err := validNames(c); err != nil {
		return nil, err
	}
	for _, d := range c.Drafts {
		o, err := l.draftOp(d, p.now)
		if err != nil {
			return nil, err
		}
		p.ops = append(p.ops, o)
	}
	for _, s := range c.Local {
		o, err := l.localOp(s)
		if err != nil {
			return nil, err
		}
		p.ops = append(p.ops, o)
	}
	return p, nil
}

// share is how many foreign entries make another goroutine worth its start.
const share = 64

// prepareForeign verifies foreign entries, seals them and makes their index
// lines, on all processors: for a full batch it is as much work as the
// transaction.
func (l *Ledger) prepareForeign(p *prepared) error {
	es := p.Foreign
	p.cells, p.lines = make([][]byte, len(es)), make([][]line, len(es))
	one := func(i int) (err error) {
		if err := es[i].Verify(); err != nil {
			return err
		}
		if p.lines[i], err = l.lines(es[i]); err != nil {
			return err
		}
		header := es[i].AppendBinary(make([]byte, 0, 320))
		p.cells[i], err = l.entryCell(journalPlace(es[i].Ref), header, &es[i])
		return err
	}
	n := min(runtime.GOMAXPROCS(0), 1+len(es)/share)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for part := range n {
		wg.Go(func() {
			for i := len(es) * part / n; i < len(es)*(part+1)/n && errs[part] == nil; i++ {
				errs[part] = one(i)
			}
		})
	}
	wg.Wait()
	return cmp.Or(errs...)
}

// validNames checks what is not part of an entry.
func validNames(c ledger.Change) error {
	for _, r := range c.Receipts {
		if err := r.Stream.Valid(); err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
		if r.Through == 0 {
			return fmt.Errorf("receipt for %s: number 0", r.Stream)
		}
	}
	for _, d := range c.Drafts {
		if err := validName(d.Who); err != nil {
			return fmt.Errorf("draft: account: %w", err)
		}
		if err := validName(d.Form); err != nil {
			return fmt.Errorf("draft: form: %w", err)
		}
	}
	for _, s := range c.Local {
		if err := validSetting(s.Name); err != nil {
			return fmt.Errorf("setting: %w", err)
		}
	}
	return nil
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
	e := ledger.Entry{
		Header: ledger.Header{
			Ref:  ledger.Ref{Stream: s, Seq: 1}, // the number is given in the transaction
			Kind: n.Kind, ID: n.ID, At: n.At.UTC().Truncate(time.Millisecond), By: n.By, Private: n.Private,
			Replaces: n.Replaces, Seen: slices.Clone(n.Seen),
		},
		Salt: make([]byte, ledger.SaltSize),
		Body: append([]byte{}, n.Body...),
	}
	rand.Read(e.Salt) // never fails
	e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
	return e, e.Verify()
}
