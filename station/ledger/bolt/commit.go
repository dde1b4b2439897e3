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

	bbolt "go.etcd.io/bbolt"

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
	err = l.update(place{bucket: "journal"}, func(tx *bbolt.Tx) error {
		return newWriting(l, tx).all(p)
	})
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
}

func (l *Ledger) prepare(c ledger.Change) (*prepared, error) {
	p := &prepared{Change: c, now: l.o.Now(), lines: make([][]line, len(c.Foreign))}
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
	if err := l.prepareForeign(c.Foreign, p.lines); err != nil {
		return nil, err
	}
	return p, validNames(c)
}

// share is how many foreign entries make another goroutine worth its start.
const share = 64

// prepareForeign verifies foreign entries and makes their index lines, on all
// processors: for a full batch it is as much work as the transaction.
func (l *Ledger) prepareForeign(es []ledger.Entry, lines [][]line) error {
	n := min(runtime.GOMAXPROCS(0), 1+len(es)/share)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for part := range n {
		wg.Go(func() {
			for i := len(es) * part / n; i < len(es)*(part+1)/n && errs[part] == nil; i++ {
				if errs[part] = es[i].Verify(); errs[part] == nil {
					lines[i], errs[part] = l.lines(es[i])
				}
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
