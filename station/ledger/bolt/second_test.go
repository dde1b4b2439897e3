package bolt

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
)

// heard gathers what a ledger reports.
type heard []EventKind

func (h *heard) options() Options {
	o := testOptions()
	o.Report = func(e Event) { *h = append(*h, e.What) }
	return o
}

func (h *heard) expect(t *testing.T, what string, want ...EventKind) {
	t.Helper()
	if !slices.Equal(*h, want) {
		t.Errorf("%s: reported %q, want %q", what, *h, want)
	}
	*h = nil
}

// expectVisits expects records 0 to n-1, each with its body and nothing else.
func expectVisits(t *testing.T, l *Ledger, n int) {
	t.Helper()
	es, err := l.Since(l.Own(), 0, n+1)
	if err != nil || len(es) != n {
		t.Fatalf("%d entries, %v; want %d", len(es), err, n)
	}
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Fatal(faults)
	}
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := errors.Join(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from))); err != nil {
		t.Fatal(err)
	}
}

// commitVisits commits records from to to-1.
func commitVisits(t *testing.T, l *Ledger, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		c := visit(i, "wort")
		c.Drafts = []ledger.Draft{{Who: "zhang", Form: "f", Body: []byte{byte(i)}}}
		mustCommit(t, l, c)
	}
}

func TestTheLongerCopyFillsTheOther(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "station")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path, old := filepath.Join(dir, "ledger.db"), dir+".old"
	var h heard
	l := openTest(t, path, h.options())
	commitVisits(t, l, 0, 5)
	closeTest(t, l)
	h.expect(t, "a new ledger")
	copyTree(t, dir, old)
	l = openTest(t, path, h.options())
	commitVisits(t, l, 5, 9)
	closeTest(t, l)

	for _, c := range []struct {
		what string
		harm func() error
		want []EventKind
	}{
		{"an older database", func() error { return os.Rename(filepath.Join(old, "ledger.db"), path) }, []EventKind{Caught}},
		{"no database", func() error { return os.Remove(path) }, []EventKind{Rebuilt}},
		{"an empty database", func() error { return os.Truncate(path, 0) }, []EventKind{Rebuilt}},
		{"an older log", func() error {
			return errors.Join(os.RemoveAll(logDir(path, Options{})), os.Rename(logDir(filepath.Join(old, "ledger.db"), Options{}), logDir(path, Options{})))
		}, nil},
		{"no log", func() error { return os.RemoveAll(logDir(path, Options{})) }, []EventKind{Renewed}},
		{"a log of another ledger", func() error {
			other := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), testOptions())
			commitVisits(t, other, 0, 3)
			closeTest(t, other)
			return errors.Join(os.RemoveAll(logDir(path, Options{})), os.Rename(logDir(other.path, Options{}), logDir(path, Options{})))
		}, []EventKind{Renewed}},
		{"a log that is text", func() error {
			return os.WriteFile(filepath.Join(logDir(path, Options{}), "journal.log.000001"), []byte(strings.Repeat("text ", 5000)), 0o600)
		}, []EventKind{Renewed}},
	} {
		if err := c.harm(); err != nil {
			t.Fatal(c.what, err)
		}
		l := openTest(t, path, h.options())
		h.expect(t, c.what, c.want...)
		expectVisits(t, l, 9)
		if ds, err := l.Drafts("zhang"); err != nil || len(ds) != 1 || ds[0].Body[0] != 8 {
			t.Errorf("%s: drafts %v, %v", c.what, ds, err)
		}
		closeTest(t, l)
		if err := os.Remove(path); err != nil { // the log alone is enough, whatever happened
			t.Fatal(err)
		}
		l = openTest(t, path, h.options())
		h.expect(t, c.what+", then no database", Rebuilt)
		expectVisits(t, l, 9)
		closeTest(t, l)
	}
}

// TestADamagedDatabaseDoesNotCostTheLog: a database that lost part of its last
// commit differs from the log's last frame. It was taken for another ledger's
// once, and the log, the only whole copy, was set aside.
func TestADamagedDatabaseDoesNotCostTheLog(t *testing.T) {
	for _, at := range []func(l *Ledger) place{
		func(l *Ledger) place { return receiptPlace(l.own, 3) },
		func(l *Ledger) place { return journalPlace(ledger.Ref{Stream: l.own, Seq: 2}) },
	} {
		var h heard
		l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), h.options())
		commitVisits(t, l, 0, 3)
		mustCommit(t, l, ledger.Change{Receipts: []ledger.Receipt{{Stream: l.own, Through: 3, Raw: []byte("r")}}})
		closeTest(t, l)
		raw(t, l.path, func(tx *bbolt.Tx) error {
			err := recell(tx, headPlace(l.own), func(b []byte) []byte { clear(b[headSize-8:]); return b })
			return errors.Join(err, putRaw(tx, at(l), nil))
		})
		l = openTest(t, l.path, h.options())
		if len(h) == 0 {
			if err := Rebuild(closed(t, l), h.options()); err != nil { // found by a check only
				t.Fatal(err)
			}
			l = openTest(t, l.path, h.options())
		}
		h.expect(t, "a value is missing", Rebuilt)
		expectVisits(t, l, 3)
		if got, err := l.Head(l.own); err != nil || got.Confirmed != 3 {
			t.Errorf("head %+v, %v", got, err)
		}
	}
}

func closed(t *testing.T, l *Ledger) string {
	t.Helper()
	closeTest(t, l)
	return l.path
}

func TestMendMakesADamagedLogWhole(t *testing.T) {
	l := newTest(t)
	commitVisits(t, l, 0, 9)
	log := filepath.Join(logDir(l.path, l.o), "journal.log.000001")
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	frames := slices.Collect(indexes(b, "\xf7LJ\x1e"))
	f, err := os.OpenFile(log, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(make([]byte, 40), int64(frames[3]))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if faults := faultsOf(t, l); len(faults) == 0 || !strings.HasPrefix(faults[0].Where, "journal.log.000001") {
		t.Errorf("faults %v", faults)
	}
	if err := l.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	commitVisits(t, l, 9, 12)
	closeTest(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	expectVisits(t, openTest(t, l.path, testOptions()), 12)
}

func TestALogThatCannotBeWrittenIsSaidAndHeals(t *testing.T) {
	var h heard
	o := h.options()
	sick := &sickLog{}
	o.wrapLog = func(l *journal.Log) second { sick.Log = l; return sick }
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	commitVisits(t, l, 0, 3)
	sick.err = &os.PathError{Op: "write", Path: "journal.log", Err: syscall.EIO}
	commitVisits(t, l, 3, 6)
	h.expect(t, "while it cannot be written", Behind)
	sick.err = nil
	commitVisits(t, l, 6, 8)
	h.expect(t, "when it can again", InStep)
	if err := l.Behind(); err != nil {
		t.Errorf("behind: %v", err)
	}
	closeTest(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, h.options())
	h.expect(t, "rebuilt from it", Rebuilt)
	expectVisits(t, l, 8)
}

// sickLog is a log whose disk does not answer.
type sickLog struct {
	*journal.Log
	err error
}

func (s *sickLog) Append(p []byte) (uint64, error) {
	if s.err != nil {
		return 0, s.err
	}
	return s.Log.Append(p)
}

func (s *sickLog) Behind() (uint64, error) {
	if s.err != nil {
		return s.Last() + 1, s.err
	}
	return s.Log.Behind()
}

func TestALogOnADiskThatIsNotThereDoesNotStopTheDay(t *testing.T) {
	var h heard
	o := h.options()
	o.Log = filepath.Join(t.TempDir(), "mount", "log") // nothing is mounted
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	commitVisits(t, l, 0, 3)
	h.expect(t, "without the disk", Behind)
	closeTest(t, l)
	if err := os.Mkdir(filepath.Dir(o.Log), 0o700); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, o)
	h.expect(t, "with the disk", Renewed)
	closeTest(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	expectVisits(t, openTest(t, l.path, o), 3)
}

func TestALogWithAHoleRebuildsWhatItCanInANewEpoch(t *testing.T) {
	var h heard
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), h.options())
	commitVisits(t, l, 0, 9)
	own := l.Own()
	closeTest(t, l)
	log := filepath.Join(logDir(l.path, l.o), "journal.log.000001")
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	frames := slices.Collect(indexes(b, "\xf7LJ\x1e"))
	clear(b[frames[5]:frames[6]])
	if err := errors.Join(os.WriteFile(log, b, 0o600), os.Remove(l.path)); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, h.options())
	if h[0] != Partly {
		t.Errorf("reported %q", h)
	}
	if l.Own() == own || l.Own().Letter() != "B" {
		t.Errorf("numbers that were given would be given again: own stream %s", l.Own())
	}
	if head, err := l.Head(own); err != nil || head.Seq < 3 {
		t.Errorf("head %v, %v", head, err)
	}
	mustCommit(t, l, visit(100, "weiter"))
}

func indexes(b []byte, what string) func(func(int) bool) {
	return func(yield func(int) bool) {
		for at := 0; ; {
			i := strings.Index(string(b[at:]), what)
			if i < 0 || !yield(at+i) {
				return
			}
			at += i + 1
		}
	}
}
