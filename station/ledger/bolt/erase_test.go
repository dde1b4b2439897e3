package bolt

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

// sealedBytes is the sealed value of an entry as it lies in the file: its
// data key, without which nobody reads it, and its text.
func sealedBytes(t *testing.T, l *Ledger, r ledger.Ref) []byte {
	t.Helper()
	var out []byte
	err := l.view(pages, func(tx *bbolt.Tx) error {
		k, err := getKept(tx, r)
		out = bytes.Clone(k.sealed)
		return err
	})
	if err != nil || len(out) < 100 {
		t.Fatalf("%d sealed bytes, %v", len(out), err)
	}
	return out
}

// expectErased expects an entry without its body, lawfully, and the rest whole.
func expectErased(t *testing.T, l *Ledger, r ledger.Ref) {
	t.Helper()
	e, err := l.Entry(r)
	if err != nil || !e.Absent() {
		t.Fatalf("%s: %q, %v", r, e.Body, err)
	}
	if err := e.Verify(); err != nil {
		t.Error(err)
	}
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Fatal(faults)
	}
}

// TestErasedIsGoneFromEveryFile looks for the sealed bytes of an erased body,
// and for what its index keys told, in the raw database, the raw log, and in
// backups made afterwards.
func TestErasedIsGoneFromEveryFile(t *testing.T) {
	l := newTest(t)
	first := mustCommit(t, l, visit(1, "geheimeswort eins"))[0]
	second := mustCommit(t, l, ledger.Change{New: []ledger.New{{Kind: "visit", ID: first.ID, By: "zhang", Replaces: first.Ref, Body: []byte("geheimeswort zwei")}}})[0]
	for i := 2; i < 40; i++ {
		mustCommit(t, l, visit(i, strings.Repeat("anderes ", 50)))
	}
	dir := filepath.Dir(l.path)
	whats := [][]byte{sealedBytes(t, l, first.Ref)[20:60], sealedBytes(t, l, second.Ref)[20:60], []byte("geheimeswort")}
	for _, what := range whats {
		if in := filesWith(t, dir, what); len(in) == 0 {
			t.Fatal("what is to be erased is not found before: this shows nothing")
		}
	}
	e, err := l.Erase(t.Context(), "zhang", first.Ref, second.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if e.Kind != ledger.KindErase || e.Private || e.Seq != 41 {
		t.Errorf("the erasure is %+v", e.Header)
	}
	backupOf(t, l, "backup.db")
	for _, what := range whats {
		if in := filesWith(t, dir, what); len(in) > 0 {
			t.Errorf("%.20q is still in %v", what, in)
		}
	}
	expectErased(t, l, first.Ref)
	expectErased(t, l, second.Ref)
	if tally, err := l.Check(t.Context(), func(ledger.Fault) {}); err != nil || tally.Absent != 2 {
		t.Errorf("tally %s, %v", tally, err)
	}
	if hits, err := l.Find(ledger.Prefix("word", "geheim")); err != nil || len(hits) > 0 {
		t.Errorf("hits %v, %v", hits, err)
	}
	if h, err := l.History("visit", first.ID); err != nil || len(h) != 2 || !h[0].Absent() {
		t.Errorf("history %v, %v", h, err)
	}

	// The copy from which all can be rebuilt knows nothing of it either.
	closeTest(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, testOptions())
	expectErased(t, l, second.Ref)
	expectVisits(t, l, 41)
	for _, what := range whats {
		if in := filesWith(t, dir, what); len(in) > 0 {
			t.Errorf("%.20q is again in %v", what, in)
		}
	}
	t.Logf("%d files searched for two sealed bodies and a word: found in none", len(names(t, l.path)))
}

// TestAnErasedBodyThatComesAgainIsDroppedAgain: from a backup made before, or
// from the other side, which holds it still.
func TestAnErasedBodyThatComesAgainIsDroppedAgain(t *testing.T) {
	station, city := newTest(t), Options{Writer: "city", Indexes: testOptions().Indexes}
	a := mustCommit(t, station, visit(1, "geheim"))[0]
	saved := backupOf(t, station, "backup.db")
	c := openTest(t, filepath.Join(t.TempDir(), "city.db"), city)
	mustCommit(t, c, ledger.Change{Foreign: []ledger.Entry{a}})
	e, err := station.Erase(t.Context(), "zhang", a.Ref)
	if err != nil {
		t.Fatal(err)
	}

	mustCommit(t, c, ledger.Change{Foreign: []ledger.Entry{e}}) // the city is told and does the same
	expectErased(t, c, a.Ref)
	mustCommit(t, c, ledger.Change{Foreign: []ledger.Entry{a, e}}) // again: it stays so
	expectErased(t, c, a.Ref)

	closeTest(t, station)
	if _, err := Restore(t.Context(), saved, station.path, restoreOptions(true)); err != nil {
		t.Fatal(err)
	}
	station = openTest(t, station.path, testOptions())
	if e, err := station.Entry(a.Ref); err != nil || string(e.Body) != "geheim" {
		t.Fatalf("the old backup: %v, %v", e, err)
	}
	mustCommit(t, station, ledger.Change{Foreign: []ledger.Entry{e}}) // what the backup lacked
	expectErased(t, station, a.Ref)

	// A ledger that hears of the erasure first.
	d := openTest(t, filepath.Join(t.TempDir(), "city.db"), city)
	chain := ledgertest.Chain{Stream: "QA02/A-abc"}
	body := chain.Next("visit", "v1", ledger.Ref{}, "geheim")
	later := ledgertest.Chain{Stream: "QA02/B-abc"}
	mustCommit(t, d, ledger.Change{Foreign: []ledger.Entry{later.Next(ledger.KindErase, "e1", ledger.Ref{}, `{"entries":[{"stream":"QA02/A-abc","seq":1}]}`)}})
	mustCommit(t, d, ledger.Change{Foreign: []ledger.Entry{body}})
	expectErased(t, d, body.Ref)
	if err := d.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestNobodyErasesWhatOthersWrote(t *testing.T) {
	l := newTest(t)
	c := ledgertest.Chain{Stream: "city/A-abc"}
	unit := c.Next("unit", "u1", ledger.Ref{}, "amt")
	mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{unit}})
	if _, err := l.Erase(t.Context(), "zhang", unit.Ref); err == nil {
		t.Error("a station erased the city's entry")
	}
	if _, err := l.Erase(t.Context(), "zhang", ledger.Ref{Stream: l.own, Seq: 9}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an entry that is not there: %v", err)
	}
	other := ledgertest.Chain{Stream: "QA02/A-abc"}
	mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{
		other.Next(ledger.KindErase, "e1", ledger.Ref{}, `{"entries":[{"stream":"city/A-abc","seq":1}]}`),
		other.Next(ledger.KindErase, "e2", ledger.Ref{}, `what is this`),
	}})
	if e, err := l.Entry(unit.Ref); err != nil || e.Absent() {
		t.Errorf("another station erased the city's entry: %v", err)
	}
}

func TestABodyThatIsAbsentUnlawfullyIsAFault(t *testing.T) {
	for what, tamper := range map[string]func(l *Ledger, at place, k kept) ([]byte, error){
		"erased": func(l *Ledger, at place, k kept) ([]byte, error) { return l.erasedCell(at, k) },
		"withheld": func(_ *Ledger, at place, k kept) ([]byte, error) {
			return appendCell(nil, at, k.AppendBinary(nil), []byte{bodyAbsent}), nil
		},
	} {
		l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), testOptions())
		e := mustCommit(t, l, visit(1, "x"))[0]
		err := l.update(pages, func(tx *bbolt.Tx) error {
			k, err := getKept(tx, e.Ref)
			if err != nil {
				return err
			}
			cell, err := tamper(l, journalPlace(e.Ref), k)
			return errors.Join(err, putRaw(tx, journalPlace(e.Ref), cell))
		})
		if err != nil {
			t.Fatal(err)
		}
		if f := faultsOf(t, l); len(f) == 0 || !strings.HasPrefix(f[0].Where, "journal/") {
			t.Errorf("%s: faults %v", what, f)
		}
		closeTest(t, l)
	}
}

func TestCompactShrinksTheFileWhilePeopleRead(t *testing.T) {
	l := newTest(t)
	for i := range 60 {
		mustCommit(t, l, visit(i, strings.Repeat("wort ", 2000)))
	}
	var refs []ledger.Ref
	for i := range 50 {
		refs = append(refs, ledger.Ref{Stream: l.own, Seq: ledger.Seq(i + 1)})
	}
	before := usedBytes(t, l)
	stop, done := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if r, err := l.Record("visit", "v00059"); err != nil || len(r.Body) == 0 {
				done <- errors.Join(err, errors.New("a record could not be read"))
				return
			}
		}
	}()
	if _, err := l.Erase(t.Context(), "zhang", refs...); err != nil {
		t.Error(err)
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if after := usedBytes(t, l); after > before/2 {
		t.Errorf("%d bytes in use before, %d after", before, after)
	}
	mustCommit(t, l, visit(99, "weiter"))
}

func usedBytes(t *testing.T, l *Ledger) (n int64) {
	t.Helper()
	err := l.view(pages, func(tx *bbolt.Tx) error { n = tx.Size(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// erasureOf is a foreign entry that asks for the erasure of others.
func erasureOf(t *testing.T, c *ledgertest.Chain, id ledger.ID, refs ...ledger.Ref) ledger.Entry {
	t.Helper()
	body, err := json.Marshal(ledger.Erasure{Entries: refs})
	if err != nil {
		t.Fatal(err)
	}
	return c.Next(ledger.KindErase, id, ledger.Ref{}, string(body))
}

// TestACityErasesNothingThatAStationWrote: neither its own records nor lines of
// its audit log; nor does a station erase such a line, its own neither. The
// chain stays whole, what was asked is counted, and the copy that is rebuilt
// from the log refuses the same.
func TestACityErasesNothingThatAStationWrote(t *testing.T) {
	l := newTest(t)
	a := mustCommit(t, l, visit(1, "eins"))[0]
	line := mustCommit(t, l, ledger.Change{New: []ledger.New{{Stream: l.own.For("audit"), Kind: "audit", ID: "l1", By: "zhang", Body: []byte(`{"act":"erase"}`)}}})[0]
	gone := mustCommit(t, l, visit(2, "zwei"))[0]
	city := ledgertest.Chain{Stream: "city/A-abc/QA01"}
	citys := city.Next("step", "s1", ledger.Ref{}, "{}")
	audit := ledgertest.Chain{Stream: "city/A-abc/audit"}
	auditLine := audit.Next("audit", "l2", ledger.Ref{}, "{}")
	mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{citys, auditLine,
		erasureOf(t, &city, "e1", a.Ref, line.Ref, citys.Ref),
		erasureOf(t, &city, "e2", ledger.Ref{Stream: "city/A-abc/audit", Seq: 1}),
	}})
	if _, err := l.Erase(t.Context(), "zhang", line.Ref); err == nil {
		t.Error("a line of the audit log was erased by who wrote it")
	}
	if _, err := l.Erase(t.Context(), "zhang", gone.Ref); err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		for _, r := range []ledger.Ref{a.Ref, line.Ref, auditLine.Ref} {
			if e, err := l.Entry(r); err != nil || e.Absent() {
				t.Errorf("%s: the body of %s is gone: %v", when, r, err)
			}
		}
		expectErased(t, l, citys.Ref) // the city's own to erase
		expectErased(t, l, gone.Ref)
		tally, err := l.Check(t.Context(), func(ledger.Fault) {})
		if err != nil || tally.Refused != 3 || tally.RefusedBy != (ledger.Ref{Stream: city.Stream, Seq: 2}) {
			t.Errorf("%s: tally %+v, %v", when, tally, err)
		}
	}
	look("after it came")
	saved := backupOf(t, l, "backup.db")
	closeTest(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, testOptions())
	look("rebuilt from the second copy")
	closeTest(t, l)
	if _, err := Restore(t.Context(), saved, l.path, restoreOptions(true)); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, testOptions())
	look("restored from a backup")
}

// TestACityAsksForAnErasureBeforeTheEntryComes: an entry that is named before
// it is held keeps its body too.
func TestACityAsksForAnErasureBeforeTheEntryComes(t *testing.T) {
	l := newTest(t)
	city, old := ledgertest.Chain{Stream: "city/A-abc"}, ledgertest.Chain{Stream: "QA01/A-abc"}
	e := old.Next("visit", "v1", ledger.Ref{}, "eins")
	mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{erasureOf(t, &city, "e1", e.Ref)}})
	mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{e}})
	if got, err := l.Entry(e.Ref); err != nil || string(got.Body) != "eins" {
		t.Errorf("%q, %v", got.Body, err)
	}
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestACityErasesNothingInTheNameOfTheStation: it makes up an epoch of the
// station, as if it gave back what a restored one had lost.
func TestACityErasesNothingInTheNameOfTheStation(t *testing.T) {
	l := newTest(t)
	e := mustCommit(t, l, visit(1, "eins"))[0]
	for _, epoch := range []string{"A-0", "A-zzzzzzzzzz", "B-abc", "ZZ-abc"} {
		made := ledgertest.Chain{Stream: ledger.Stream("QA01/" + epoch)}
		mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{erasureOf(t, &made, ledger.ID("e"+epoch), e.Ref)}})
		if got, err := l.Entry(e.Ref); err != nil || string(got.Body) != "eins" {
			t.Fatalf("%s: %q, %v", epoch, got.Body, err)
		}
	}
	if tally, err := l.Check(t.Context(), func(f ledger.Fault) { t.Error(f) }); err != nil || tally.Refused != 4 {
		t.Errorf("tally %s, %v", tally, err)
	}
}

// TestASuccessorErasesWhatItsPredecessorWrote: a new machine of a station has an
// epoch of its own, whose letter may be an earlier one, and the old machine's
// erasures hold for what it wrote.
func TestASuccessorErasesWhatItsPredecessorWrote(t *testing.T) {
	for _, epoch := range []string{"A-0", "A-zzzzzzzzzz", "B-abc"} {
		l := newTest(t)
		old := ledgertest.Chain{Stream: ledger.Stream("QA01/" + epoch)}
		a, b := old.Next("visit", "v1", ledger.Ref{}, "eins"), old.Next("visit", "v2", ledger.Ref{}, "zwei")
		mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{a, b, erasureOf(t, &old, "e1", a.Ref)}})
		expectErased(t, l, a.Ref)
		if _, err := l.Erase(t.Context(), "zhang", b.Ref); err != nil {
			t.Fatalf("%s: %v", epoch, err)
		}
		expectErased(t, l, b.Ref)
		if tally, err := l.Check(t.Context(), func(f ledger.Fault) { t.Error(f) }); err != nil || tally.Refused != 0 {
			t.Errorf("tally %s, %v", tally, err)
		}
		closeTest(t, l)
	}
}

// TestWhatAnEarlierProgramErasedForTheCityStaysLawful: an earlier program obeyed
// the city. A file in which it did opens, is whole, and is whole when it is made
// anew from its second copy.
func TestWhatAnEarlierProgramErasedForTheCityStaysLawful(t *testing.T) {
	l := newTest(t)
	a := mustCommit(t, l, visit(1, "eins"))[0]
	city := ledgertest.Chain{Stream: "city/A-abc"}
	e := erasureOf(t, &city, "e1", a.Ref)
	mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{e}})
	err := l.update(pages, func(tx *bbolt.Tx) error { // what it did
		k, err := getKept(tx, a.Ref)
		if err != nil {
			return err
		}
		cell, err := l.erasedCell(journalPlace(a.Ref), k)
		at := erasedPlace(a.Ref)
		w := newWriting(l, tx)
		return errors.Join(err, w.put(journalPlace(a.Ref), cell), w.put(at, appendCell(nil, at, []byte(e.Stream), seqKey(e.Seq))), w.index.apply(tx), putMeta(tx, "scrub", nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectErased(t, l, a.Ref)
	closeTest(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, testOptions())
	expectErased(t, l, a.Ref)
}
