package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// words finds a record under each word of its body.
func words(e ledger.Entry) (keys []ledger.Key) {
	for _, w := range strings.Fields(string(e.Body)) {
		keys = append(keys, ledger.Key{Index: "word", Key: w})
	}
	return keys
}

// testOptions are those of every test that does not say otherwise.
func testOptions() Options {
	return Options{Writer: "QA01", Indexes: ledger.Indexes{Version: 1, Keys: words}}
}

// openTest opens a ledger, and at the end of the test checks and closes it.
func openTest(t *testing.T, path string, o Options) *Ledger {
	t.Helper()
	l, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if l.closed {
			return
		}
		if faults := faultsOf(t, l); len(faults) > 0 {
			t.Errorf("check at the end: %v", faults)
		}
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

func newTest(t *testing.T) *Ledger {
	t.Helper()
	return openTest(t, filepath.Join(t.TempDir(), "ledger.db"), testOptions())
}

func faultsOf(t *testing.T, l *Ledger) (faults []ledger.Fault) {
	t.Helper()
	if _, err := l.Check(context.Background(), func(f ledger.Fault) { faults = append(faults, f) }); err != nil {
		t.Fatalf("check: %v", err)
	}
	return faults
}

func closeTest(t *testing.T, l *Ledger) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustCommit(t *testing.T, l *Ledger, c ledger.Change) []ledger.Entry {
	t.Helper()
	es, err := l.Commit(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

// visit is one new record.
func visit(i int, body string) ledger.Change {
	return ledger.Change{New: []ledger.New{{Kind: "visit", ID: ledger.ID(fmt.Sprintf("v%05d", i)), By: "zhang", Body: []byte(body)}}}
}

// raw works on the file behind the ledger's back.
func raw(t *testing.T, path string, fn func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fn), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	closeTest(t, openTest(t, good, testOptions()))
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	other := filepath.Join(dir, "other.db")
	raw(t, other, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("x")); return err })
	newer := filepath.Join(dir, "newer.db")
	closeTest(t, openTest(t, newer, testOptions()))
	raw(t, newer, func(tx *bbolt.Tx) error {
		return putMeta(tx, "schema", binary.AppendUvarint(nil, uint64(len(migrations))+1))
	})

	for _, c := range []struct {
		what, path string
		o          Options
		is         error
		says       string
	}{
		{"no file", filepath.Join(dir, "none.db"), Options{}, ledger.ErrNotFound, "no such file"},
		{"an empty file", write("empty.db", ""), Options{}, ledger.ErrNotFound, "nothing was ever written"},
		{"another writer's", good, Options{Writer: "QA02"}, ErrOther, "of QA01, not of QA02"},
		{"a text", write("text.db", strings.Repeat("this is no ledger\n", 2000)), testOptions(), ErrDamaged, "no ledger"},
		{"a short text", write("short.db", "x"), testOptions(), ErrDamaged, ""},
		{"a directory", dir, testOptions(), nil, "is a directory"},
		{"another program's bbolt file", other, testOptions(), ErrDamaged, "no ledger"},
		{"a newer program's file", newer, testOptions(), ErrNewer, "newer program"},
		{"no directory", filepath.Join(dir, "a", "b.db"), testOptions(), fs.ErrNotExist, ""},
		{"a writer with a slash", filepath.Join(dir, "c.db"), Options{Writer: "QA01/x"}, nil, "QA01/x"},
		{"a writer in Chinese", filepath.Join(dir, "c.db"), Options{Writer: "曲阿"}, nil, "not allowed"},
	} {
		l, err := Open(c.path, c.o)
		if err == nil {
			closeTest(t, l)
			t.Errorf("%s was opened", c.what)
			continue
		}
		if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %v and %q", c.what, err, c.is, c.says)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

func TestAFileLeftEmptyByAFullDiskIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := openTest(t, path, testOptions())
	mustCommit(t, l, visit(1, "x"))
}

func TestASecondOpenIsBusyAndTheFirstGoesOn(t *testing.T) {
	l := newTest(t)
	o := testOptions()
	o.Timeout = 10 * time.Millisecond
	if _, err := Open(l.path, o); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("second open: %v, want ErrBusy", err)
	}
	mustCommit(t, l, visit(1, "x"))
	closeTest(t, l)
	openTest(t, l.path, o)
}

func TestTwoWhoMakeTheFileAtOnceGetOneLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	owns := make(chan ledger.Stream)
	for range 8 {
		go func() {
			o := testOptions()
			o.Timeout = 10 * time.Second
			l, err := Open(path, o)
			if err != nil {
				t.Error(err)
				owns <- ""
				return
			}
			own := l.Own()
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			owns <- own
		}()
	}
	first := <-owns
	for range 7 {
		if own := <-owns; own != first {
			t.Errorf("one got %s, another %s", first, own)
		}
	}
}

func TestAnOlderLayoutIsBroughtUpToDate(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "x"))
	closeTest(t, l)
	raw(t, l.path, func(tx *bbolt.Tx) error { return putMeta(tx, "schema", []byte{0}) })
	o := testOptions()
	o.ReadOnly = true
	if _, err := Open(l.path, o); err == nil || !strings.Contains(err.Error(), "open it for writing once") {
		t.Errorf("read-only: %v", err)
	}
	l = openTest(t, l.path, testOptions())
	if m, err := l.readMeta(); err != nil || m.schema != uint64(len(migrations)) {
		t.Errorf("layout %d, %v", m.schema, err)
	}
}

func TestReadOnlyReadsAndRefusesToWrite(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "wort"))
	closeTest(t, l)
	if err := os.Chmod(l.path, 0o400); err != nil {
		t.Fatal(err)
	}
	o := testOptions()
	o.ReadOnly = true
	l = openTest(t, l.path, o)
	if r, err := l.Record("visit", "v00001"); err != nil || string(r.Body) != "wort" {
		t.Errorf("%v, %v", r, err)
	}
	if _, err := l.Commit(t.Context(), visit(2, "x")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("commit: %v", err)
	}
	o.Indexes.Version = 2
	l2 := openTest(t, l.path, Options{ReadOnly: true, Indexes: ledger.Indexes{Version: 2}, lenient: true})
	if _, err := l2.Find(ledger.Find{Index: "word"}); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("find in an index of another version: %v", err)
	}
	if f := faultsOf(t, l2); len(f) != 1 || f[0].Where != "index" {
		t.Errorf("faults %v", f)
	}
	closeTest(t, l2)
}

func TestAfterCloseEverythingSaysSo(t *testing.T) {
	l := newTest(t)
	closeTest(t, l)
	closeTest(t, l)
	if _, err := l.Commit(t.Context(), visit(1, "x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("commit: %v", err)
	}
	if _, err := l.Heads(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("heads: %v", err)
	}
}

func TestAPanicInTheProgramsIndexKeysIsNotTheFilesFault(t *testing.T) {
	l := newTest(t)
	l.o.Indexes.Keys = func(e ledger.Entry) []ledger.Key {
		if string(e.Body) == "bad" {
			panic("no such field")
		}
		return words(e)
	}
	_, err := l.Commit(t.Context(), visit(1, "bad"))
	if err == nil || errors.Is(err, ErrDamaged) || errors.Is(err, ledger.ErrUnsure) {
		t.Errorf("commit: %v", err)
	}
	mustCommit(t, l, visit(2, "good"))
}
