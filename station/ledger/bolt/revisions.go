package bolt

import (
	"cmp"
	"encoding/binary"
	"slices"

	"liaison/station/ledger"
)

// revisions is what record/<kind>/<id> holds.
//
// The rule. An entry of a record is replaced when the ledger holds another
// entry of the same record that succeeds it (Header.Succeeds). The entries that are
// not replaced are kept in open, in the order in which they count:
//
//   - the city's before a station's: reference records have ids made from
//     public codes, and the city's entry takes the place of a local import;
//   - of two stations, the one whose code comes first: arbitrary, but the
//     same everywhere;
//   - of one writer, the later epoch (Stream.Later);
//   - of one epoch, the stream for everyone before a reader's;
//   - of one stream, the higher number.
//
// The first is the record; the others are its rivals, except that a station's
// entries yield to the city's without a word.
//
// open is a function of the set of entries held, whatever the order in which
// they came. A replacing entry may come before the one it replaces, because
// streams travel independently; such references wait in missing.
type revisions struct {
	open    []ledger.Ref // unreplaced, the one that counts first
	missing []ledger.Ref // replaced by a held entry, but not held themselves
}

// counts orders references: negative when a counts before b.
func counts(a, b ledger.Ref) int {
	if aw, bw := a.Stream.Writer(), b.Stream.Writer(); aw != bw {
		if aw == ledger.City {
			return -1
		}
		if bw == ledger.City {
			return 1
		}
		return cmp.Compare(aw, bw)
	}
	switch {
	case a.Stream.Later(b.Stream):
		return -1
	case b.Stream.Later(a.Stream):
		return 1
	}
	return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(b.Seq, a.Seq))
}

// newest is the reference that counts, or the zero one.
func (r *revisions) newest() ledger.Ref {
	if len(r.open) == 0 {
		return ledger.Ref{}
	}
	return r.open[0]
}

// rivals are the unreplaced references that people are to be shown.
func (r *revisions) rivals() []ledger.Ref {
	if len(r.open) < 2 {
		return nil
	}
	rest := r.open[1:]
	if r.newest().Stream.Writer() != ledger.City {
		return rest
	}
	n := 0
	for n < len(rest) && rest[n].Stream.Writer() == ledger.City {
		n++
	}
	return rest[:n]
}

// add takes in an entry that the ledger did not hold. held says whether the
// ledger holds an entry of the same record under a reference.
func (r *revisions) add(h *ledger.Header, held func(ledger.Ref) (bool, error)) error {
	if i := slices.Index(r.missing, h.Ref); i >= 0 {
		r.missing = slices.Delete(r.missing, i, i+1)
	} else {
		i, _ := slices.BinarySearchFunc(r.open, h.Ref, counts)
		r.open = slices.Insert(r.open, i, h.Ref)
	}
	older := h.Succeeds()
	if older.IsZero() {
		return nil
	}
	if i := slices.Index(r.open, older); i >= 0 {
		r.open = slices.Delete(r.open, i, i+1)
		return nil
	}
	ok, err := held(older)
	if err == nil && !ok && !slices.Contains(r.missing, older) {
		r.missing = append(r.missing, older)
	}
	return err
}

// append writes the counts of both lists and their references.
func (r *revisions) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(r.open)))
	b = binary.AppendUvarint(b, uint64(len(r.missing)))
	for _, list := range [...][]ledger.Ref{r.open, r.missing} {
		for _, ref := range list {
			b = binary.AppendUvarint(b, uint64(len(ref.Stream)))
			b = append(b, ref.Stream...)
			b = binary.AppendUvarint(b, uint64(ref.Seq))
		}
	}
	return b
}

// parseRevisions reads what append writes; false where it is something else.
func parseRevisions(b []byte) (r revisions, ok bool) {
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			ok = false
			return 0
		}
		b = b[n:]
		return v
	}
	list := func(n uint64) (refs []ledger.Ref) {
		for ; ok && n > 0; n-- {
			size := number()
			if size > uint64(len(b)) {
				ok = false
				return nil
			}
			s := ledger.Stream(b[:size])
			b = b[size:]
			refs = append(refs, ledger.Ref{Stream: s, Seq: ledger.Seq(number())})
		}
		return refs
	}
	ok = true
	open, missing := number(), number()
	r.open = list(open)
	r.missing = list(missing)
	return r, ok && len(b) == 0 && len(r.open) > 0
}
