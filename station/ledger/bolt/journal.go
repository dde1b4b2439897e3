package bolt

import (
	"errors"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/seal"
)

// A journal cell holds the header in its binary form and then the body in
// one of these ways. Bodies are not compressed, see pageSize.
const (
	bodyAbsent = 0 // withheld: it came without
	bodyPlain  = 1 // salt, body; in layout 1
	bodySealed = 2 // salt and body, sealed or erased
)

// A kept entry is one as its cell holds it: the body still sealed.
type kept struct {
	ledger.Entry        // with the body where that is plain
	way          byte   // one of the above
	sealed       []byte // the sealed value, in the cell's memory
}

// erased reports whether the body was erased here.
func (k kept) erased() bool { return k.way == bodySealed && seal.Erased(k.sealed) }

// parseKept reads what a journal cell holds. Only sealed shares memory with p.
// A fault is told as a sentence.
func parseKept(p []byte) (k kept, fault string) {
	h, rest, err := ledger.ParseHeader(p)
	if err != nil {
		return k, err.Error()
	}
	k.Header = h
	if len(rest) == 0 {
		return k, "there is no body and no word of its absence"
	}
	k.way, rest = rest[0], rest[1:]
	switch {
	case k.way == bodyAbsent && len(rest) == 0:
	case k.way == bodyPlain:
		if len(rest) < ledger.SaltSize {
			return k, "the salt ends too soon"
		}
		k.Salt, k.Body = cutSalt(append([]byte{}, rest...))
	case k.way == bodySealed:
		if err := seal.Sound(rest); err != nil {
			return k, err.Error()
		}
		k.sealed = rest
	default:
		return k, "the body is stored in a way this program does not know"
	}
	return k, ""
}

func cutSalt(b []byte) (salt, body []byte) {
	return b[:ledger.SaltSize:ledger.SaltSize], b[ledger.SaltSize:]
}

// journalPlace names the place of one entry.
func journalPlace(r ledger.Ref) place {
	return place{"journal", string(r.Stream), seqKey(r.Seq)}
}

// entryCell makes the cell of an entry whose binary header is given.
func (l *Ledger) entryCell(at place, header []byte, e *ledger.Entry) ([]byte, error) {
	if e.Absent() {
		return appendCell(nil, at, header, []byte{bodyAbsent}), nil
	}
	if l.o.plain {
		return appendCell(nil, at, header, []byte{bodyPlain}, e.Salt, e.Body), nil
	}
	sealed, err := l.seal(at, e.Salt, e.Body)
	if err != nil {
		return nil, err
	}
	return sealedCell(at, header, sealed), nil
}

func sealedCell(at place, header, sealed []byte) []byte {
	return appendCell(make([]byte, 0, cellHead+len(header)+1+len(sealed)), at, header, []byte{bodySealed}, sealed)
}

// erasedCell makes the cell that stays of an entry when its body is erased.
func (l *Ledger) erasedCell(at place, k kept) ([]byte, error) {
	sealed := k.sealed
	if k.way != bodySealed { // what is left says whose it was, whatever it was
		var err error
		if sealed, err = l.seal(at, nil); err != nil {
			return nil, err
		}
	}
	left, err := seal.Shred(sealed)
	if err != nil {
		return nil, at.damaged(err.Error())
	}
	return sealedCell(at, k.AppendBinary(nil), left), nil
}

// openKept reads the cell of an entry and checks that it is the entry of its
// key. The body stays sealed: that is all that pointers and links need.
func openKept(at place, r ledger.Ref, v []byte) (kept, error) {
	p, err := openCell(at, v)
	if err != nil {
		return kept{}, err
	}
	k, fault := parseKept(p)
	if fault == "" && k.Ref != r {
		fault = "the header is of another entry"
	}
	if fault != "" {
		return kept{}, at.damaged(fault)
	}
	return k, nil
}

// decode is openKept with the body unsealed.
func (l *Ledger) decode(at place, r ledger.Ref, v []byte) (ledger.Entry, error) {
	k, err := openKept(at, r, v)
	if err != nil {
		return ledger.Entry{}, err
	}
	return l.unsealEntry(at, k)
}

func (l *Ledger) unsealEntry(at place, k kept) (ledger.Entry, error) {
	if k.way != bodySealed {
		return k.Entry, nil
	}
	text, err := l.unseal(at, k.sealed)
	switch {
	case errors.Is(err, seal.ErrErased):
		return k.Entry, nil
	case err != nil:
		return ledger.Entry{}, err
	case len(text) < ledger.SaltSize:
		return ledger.Entry{}, at.damaged("the salt ends too soon")
	}
	k.Salt, k.Body = cutSalt(text)
	return k.Entry, nil
}

// getKept reads one entry without unsealing it, or ErrNotFound.
func getKept(tx *bbolt.Tx, r ledger.Ref) (kept, error) {
	at := journalPlace(r)
	v := lookup(tx, at)
	if v == nil {
		return kept{}, ledger.ErrNotFound
	}
	return openKept(at, r, v)
}
