package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
)

// Erase drops the bodies of the named entries for ever: their keys go, in the
// database and in its second copy, and what is left says only that they were
// there. Numbers, headers and chains stay. An entry of ledger.KindErase, by
// the given account, names them, so that their absence is lawful and the other
// side is told; it is returned.
//
// Erase ends with a Compact. Where that cannot be done at once (ErrBusy, a log
// that cannot be written) the bodies are gone from what can be read, the next
// Compact removes what is left of them on the disk, and Erase returns its
// error beside the entry. Files that were set aside, and older backups, hold
// what they held: see Leftovers.
func (l *Ledger) Erase(ctx context.Context, by string, refs ...ledger.Ref) (ledger.Entry, error) {
	var none ledger.Entry
	for _, r := range refs {
		if !ledger.Erases(l.own, r.Stream, l.own) {
			return none, fmt.Errorf("erase %s: %s may not erase what others wrote, nor an audit log", r, l.own.Writer())
		}
		if _, err := l.Entry(r); err != nil {
			return none, fmt.Errorf("erase %s: %w", r, err)
		}
	}
	body, err := json.Marshal(ledger.Erasure{Entries: refs})
	if err == nil {
		_, err = ledger.ParseErasure(body)
	}
	if err != nil {
		return none, fmt.Errorf("erase: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return none, fmt.Errorf("erase: %w", err)
	}
	p, err := l.prepare(ledger.Change{New: []ledger.New{{Stream: l.streamFor(refs), Kind: ledger.KindErase, ID: ledger.ID(id.String()), By: by, Body: body}}})
	if err == nil {
		err = l.commit(place{bucket: "journal"}, true, func(w *writing) error { return w.all(p) })
	}
	if err != nil {
		return none, fmt.Errorf("erase: %w", err)
	}
	return p.own[0], l.Compact(ctx)
}

// streamFor is the stream into which the erasure of some entries goes: that of
// their one reader, behind whatever takes their place there; else the main one.
func (l *Ledger) streamFor(refs []ledger.Ref) ledger.Stream {
	reader := ""
	for i, r := range refs {
		if of := r.Stream.Reader(); i == 0 {
			reader = of
		} else if of != reader {
			reader = ""
		}
	}
	if reader == "" {
		return ""
	}
	return l.own.For(reader)
}

// Leftovers lists what was set aside beside the ledger at path, databases and
// logs: they hold what was erased since.
func Leftovers(path string, o Options) ([]string, error) {
	var out []string
	for _, name := range []string{path, logDir(path, o)} {
		found, err := filepath.Glob(globQuote(name) + ".2[0-9][0-9][0-9]-*Z")
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// globQuote quotes what Glob would read as a pattern.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// scrub has the second copy forget what was erased: everything there is goes
// into a state, and what is older goes.
func (l *Ledger) scrub() error {
	if l.o.noLog {
		return nil
	}
	if l.log == nil {
		return fmt.Errorf("%w: it holds what was erased still", journal.ErrBehind)
	}
	n, err := l.counter()
	if err != nil {
		return err
	}
	if err := l.writeState(n, true); err != nil {
		return err
	}
	_, err = l.whole.Prune(n + 1)
	return err
}

// unscrubbed reports whether bodies were erased since the last Compact.
func (l *Ledger) unscrubbed() (yes bool, err error) {
	err = l.view(metaPlace("scrub"), func(tx *bbolt.Tx) error {
		yes = lookup(tx, metaPlace("scrub")) != nil
		return nil
	})
	return yes, err
}

// erasedPlace names the mark of an entry that an erasure names.
func erasedPlace(r ledger.Ref) place { return place{"erased", string(r.Stream), seqKey(r.Seq)} }

// erase does what an entry of ledger.KindErase asks, as far as its writer may:
// it marks the entries that it names and drops the bodies of those that are
// held. One whose body cannot
// be read passes through, as any unknown entry does.
func (w *writing) erase(e *ledger.Entry) error {
	if e.Kind != ledger.KindErase || e.Absent() {
		return nil
	}
	x, err := ledger.ParseErasure(e.Body)
	if err != nil {
		return nil // foreign: a newer program's. Own ones are made by Erase.
	}
	for _, r := range x.Entries {
		if r == e.Ref {
			continue
		}
		if !ledger.Erases(e.Stream, r.Stream, w.l.own) {
			// Earlier programs obeyed. Where the second copy knows the entry only
			// as erased, that it is absent stays lawful.
			if k, err := getKept(w.tx, r); err != nil || !k.erased() || w.isErased(r) {
				continue
			}
		}
		at := erasedPlace(r)
		if err := w.put(at, appendCell(nil, at, []byte(e.Stream), seqKey(e.Seq))); err != nil {
			return err
		}
		if err := w.blank(r); err != nil {
			return err
		}
	}
	return nil
}

// blank drops the body of an entry, if it is held and has one.
func (w *writing) blank(r ledger.Ref) error {
	k, err := getKept(w.tx, r)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && (k.way == bodyAbsent || k.erased()) {
		return nil
	}
	if err != nil {
		return err
	}
	at := journalPlace(r)
	was, err := w.l.unsealEntry(at, k)
	if err != nil {
		return err
	}
	cell, err := w.l.erasedCell(at, k)
	if err != nil {
		return err
	}
	if err := w.put(at, cell); err != nil {
		return err
	}
	w.erasures++
	revs, err := w.revisions(&k.Header)
	if err != nil || revs.newest() != r || w.l.o.noIndex {
		return err
	}
	gone, err := w.l.lines(was)
	if err != nil {
		return err
	}
	left, err := w.l.lines(was.Withhold())
	w.index.shift(gone, left)
	return err
}

// isErased reports whether an erasure names an entry.
func (w *writing) isErased(r ledger.Ref) bool { return lookup(w.tx, erasedPlace(r)) != nil }
