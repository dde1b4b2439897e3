package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// getEntry reads one entry, or ErrNotFound.
func (l *Ledger) getEntry(tx *bbolt.Tx, r ledger.Ref) (ledger.Entry, error) {
	at := journalPlace(r)
	v := lookup(tx, at)
	if v == nil {
		return ledger.Entry{}, ledger.ErrNotFound
	}
	return l.decode(at, r, v)
}

// mustEntry is getEntry for a reference found in the file itself.
func (l *Ledger) mustEntry(tx *bbolt.Tx, from place, r ledger.Ref) (ledger.Entry, error) {
	e, err := l.getEntry(tx, r)
	if errors.Is(err, ledger.ErrNotFound) {
		return e, from.damaged(fmt.Sprintf("it leads to %s, which is missing", r))
	}
	return e, err
}

// Entry reads one entry, or ErrNotFound.
func (l *Ledger) Entry(r ledger.Ref) (e ledger.Entry, err error) {
	err = l.view(journalPlace(r), func(tx *bbolt.Tx) error {
		e, err = l.getEntry(tx, r)
		return err
	})
	return e, err
}

// Since returns at most limit entries after the given number, in order; none
// where limit is not positive.
func (l *Ledger) Since(s ledger.Stream, after ledger.Seq, limit int) ([]ledger.Entry, error) {
	var out []ledger.Entry
	at := place{bucket: "journal", sub: string(s)}
	err := l.view(at, func(tx *bbolt.Tx) error {
		j := tx.Bucket([]byte("journal")).Bucket([]byte(s))
		if j == nil || after+1 == 0 {
			return nil
		}
		c := j.Cursor()
		for k, v := c.Seek(seqKey(after + 1)); k != nil && len(out) < limit; k, v = c.Next() {
			if len(k) != 8 {
				return at.damaged("a key is no number")
			}
			r := ledger.Ref{Stream: s, Seq: ledger.Seq(binary.BigEndian.Uint64(k))}
			e, err := l.decode(journalPlace(r), r, v)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

func recordPlace(k ledger.Kind, id ledger.ID) place {
	return place{"record", string(k), []byte(id)}
}

// getRevisions reads a record's pointers; no open ones for an unknown record.
func getRevisions(tx *bbolt.Tx, at place) (revisions, error) {
	v := lookup(tx, at)
	if v == nil {
		return revisions{}, nil
	}
	return decodeRevisions(at, v)
}

func decodeRevisions(at place, v []byte) (revisions, error) {
	p, err := openCell(at, v)
	if err != nil {
		return revisions{}, err
	}
	r, ok := parseRevisions(p)
	if !ok {
		return revisions{}, at.damaged("the list of revisions is malformed")
	}
	return r, nil
}

// Record reads the revision that counts and its rivals, or ErrNotFound.
func (l *Ledger) Record(k ledger.Kind, id ledger.ID) (rec ledger.Record, err error) {
	at := recordPlace(k, id)
	err = l.view(at, func(tx *bbolt.Tx) error {
		revs, err := getRevisions(tx, at)
		if err != nil {
			return err
		}
		if len(revs.open) == 0 {
			return ledger.ErrNotFound
		}
		if rec.Entry, err = l.mustEntry(tx, at, revs.newest()); err != nil {
			return err
		}
		for _, r := range revs.rivals() {
			e, err := l.mustEntry(tx, at, r)
			if err != nil {
				return err
			}
			rec.Rivals = append(rec.Rivals, e)
		}
		return nil
	})
	return rec, err
}

const (
	chunkRecords = 512     // records that Each reads in one transaction
	chunkBytes   = 1 << 20 // bytes of bodies after which it stops earlier
)

// Each calls fn with the newest revision of every record of a kind, by id.
// It reads some hundred records, closes its transaction, and only then calls
// fn for them: fn may take its time, and use the ledger. A record that is
// revised meanwhile is seen as it was when it was read.
func (l *Ledger) Each(k ledger.Kind, fn func(ledger.Entry) error) error {
	var from []byte
	for {
		chunk, next, err := l.chunk(k, from)
		if err != nil {
			return err
		}
		for _, e := range chunk {
			if err := fn(e); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		from = next
	}
}

// chunk reads newest revisions from an id on; next is where to go on.
func (l *Ledger) chunk(k ledger.Kind, from []byte) (chunk []ledger.Entry, next []byte, err error) {
	err = l.view(place{"record", string(k), from}, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("record")).Bucket([]byte(k))
		if b == nil {
			return nil
		}
		c := b.Cursor()
		size := 0
		for id, v := c.Seek(from); id != nil; id, v = c.Next() {
			if len(chunk) == chunkRecords || size > chunkBytes {
				next = slices.Clone(id)
				return nil
			}
			at := recordPlace(k, ledger.ID(id))
			revs, err := decodeRevisions(at, v)
			if err != nil {
				return err
			}
			e, err := l.mustEntry(tx, at, revs.newest())
			if err != nil {
				return err
			}
			chunk = append(chunk, e)
			size += len(e.Body)
		}
		return nil
	})
	return chunk, next, err
}

// History returns every revision of a record the ledger holds: what nothing
// replaces, and from there back along Replaces. An entry stands after the
// one it replaces; where that does not decide, the older epoch and the lower
// number come first.
func (l *Ledger) History(k ledger.Kind, id ledger.ID) (out []ledger.Entry, err error) {
	at := recordPlace(k, id)
	err = l.view(at, func(tx *bbolt.Tx) error {
		revs, err := getRevisions(tx, at)
		if err != nil {
			return err
		}
		seen := map[ledger.Ref]bool{}
		for _, r := range slices.Backward(revs.open) {
			var line []ledger.Entry // one line of descent, newest first
			err := descent(tx, at, r, func(k kept) (bool, error) {
				if seen[k.Ref] {
					return false, nil
				}
				seen[k.Ref] = true
				e, err := l.unsealEntry(journalPlace(k.Ref), k)
				line = append(line, e)
				return true, err
			})
			if err != nil {
				return err
			}
			slices.Reverse(line)
			out = append(out, line...)
		}
		return nil
	})
	return out, err
}

// descent calls fn with an unreplaced entry of a record and then with the
// held ones that it replaces, one after the other, until fn says enough.
func descent(tx *bbolt.Tx, record place, r ledger.Ref, fn func(kept) (bool, error)) error {
	k, err := getKept(tx, r)
	if errors.Is(err, ledger.ErrNotFound) {
		return record.damaged(fmt.Sprintf("it leads to %s, which is missing", r))
	}
	for err == nil {
		more, ferr := fn(k)
		if ferr != nil || !more || k.Succeeds().IsZero() {
			return ferr
		}
		var older kept
		older, err = getKept(tx, k.Succeeds())
		if errors.Is(err, ledger.ErrNotFound) || err == nil && !sameRecord(older.Header, k.Header) {
			return nil
		}
		k = older
	}
	return err
}

func sameRecord(a, b ledger.Header) bool { return a.Kind == b.Kind && a.ID == b.ID }

// Kinds lists the kinds of which the ledger holds records, by name.
func (l *Ledger) Kinds() (kinds []ledger.Kind, err error) {
	err = l.view(place{bucket: "record"}, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("record")).ForEachBucket(func(name []byte) error {
			kinds = append(kinds, ledger.Kind(name))
			return nil
		})
	})
	return kinds, err
}
