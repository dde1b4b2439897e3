package bolt

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
)

// backupOf writes a backup beside the ledger.
func backupOf(t *testing.T, l *Ledger, name string) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(l.path), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Backup(t.Context(), f), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func restoreOptions(replace bool) RestoreOptions {
	o := RestoreOptions{Options: testOptions(), Replace: replace}
	o.Now = func() time.Time { return time.Date(2026, 11, 23, 4, 5, 6, 789e6, time.UTC) }
	return o
}

// names lists the files beside a path.
func names(t *testing.T, path string) (out []string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		out = append(out, f.Name())
	}
	return out
}

func TestARestoredStationBeginsANewEpochAndGetsItsOldOneBack(t *testing.T) {
	l := newTest(t)
	a := mustCommit(t, l, visit(1, "gesichert"))[0]
	old := l.Own()
	saved := backupOf(t, l, "backup.db")
	lost := mustCommit(t, l, ledger.Change{New: []ledger.New{{Kind: "visit", ID: a.ID, By: "zhang", Replaces: a.Ref, Body: []byte("verloren")}}})[0]
	closeTest(t, l)

	got, err := Restore(t.Context(), saved, l.path, restoreOptions(true))
	if err != nil {
		t.Fatal(err)
	}
	if got.Own.Letter() != "B" || got.Own.Writer() != "QA01" || got.Tally.Entries != 1 {
		t.Errorf("restored %+v", got)
	}
	if want := l.path + ".2026-11-23T040506.789Z"; got.Aside != want {
		t.Errorf("set aside as %s, want %s", got.Aside, want)
	}
	aside := openTest(t, got.Aside, testOptions())
	if h, err := aside.Head(old); err != nil || h.Seq != 2 {
		t.Errorf("the file set aside ends at %v, %v", h, err)
	}
	l = openTest(t, l.path, testOptions())
	if l.Own() != got.Own {
		t.Errorf("own stream %s, want %s", l.Own(), got.Own)
	}

	// Nothing writes into the old epoch; a new entry starts the new one.
	n := visit(2, "x")
	n.New[0].Stream = old
	if _, err := l.Commit(t.Context(), n); err == nil {
		t.Error("an entry was written into the old epoch")
	}
	anew := mustCommit(t, l, ledger.Change{New: []ledger.New{{Kind: "visit", ID: a.ID, By: "zhang", Replaces: a.Ref, Body: []byte("neu")}}})[0]
	if anew.Stream != got.Own || anew.Seq != 1 {
		t.Errorf("the first entry of the new epoch is %s", anew.Ref)
	}

	// The city sends back what the backup lacked.
	mustCommit(t, l, ledger.Change{Foreign: []ledger.Entry{a, lost}})
	r, err := l.Record("visit", a.ID)
	if err != nil || string(r.Body) != "neu" || len(r.Rivals) != 1 || string(r.Rivals[0].Body) != "verloren" {
		t.Errorf("record %q with %d rivals, %v", r.Body, len(r.Rivals), err)
	}
}

func TestEveryRestoreTakesALetterNobodyHasSeen(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "x"))
	saved := backupOf(t, l, "backup.db")
	closeTest(t, l)
	o := restoreOptions(true)
	for i, want := range []string{"B", "C", "D"} { // always the same backup: the replaced file tells
		o.Now = func() time.Time { return time.Unix(int64(i), 0) }
		got, err := Restore(t.Context(), saved, l.path, o)
		if err != nil || got.Own.Letter() != want {
			t.Fatalf("restore %d: %+v, %v; want letter %s", i, got, err, want)
		}
	}
	o.After = "K" // the city has seen more
	got, err := Restore(t.Context(), saved, filepath.Join(t.TempDir(), "ledger.db"), o)
	if err != nil || got.Own.Letter() != "L" || got.Aside != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRestoreReplacesNothingThatIsInUseOrNotNamed(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "x"))
	saved := backupOf(t, l, "backup.db")
	before := len(names(t, l.path))
	o := restoreOptions(true)
	o.Timeout = 10 * time.Millisecond
	if _, err := Restore(t.Context(), saved, l.path, o); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("over a ledger in use: %v", err)
	}
	if _, err := Restore(t.Context(), saved, l.path, restoreOptions(false)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a ledger, unasked: %v", err)
	}
	if _, err := Restore(t.Context(), l.path, l.path, o); err == nil {
		t.Error("a ledger was restored from itself")
	}
	if _, err := Restore(t.Context(), saved+"x", filepath.Join(t.TempDir(), "l.db"), o); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("from no file: %v", err)
	}
	o.Writer = "QA02"
	if _, err := Restore(t.Context(), saved, filepath.Join(t.TempDir(), "l.db"), o); err == nil || !strings.Contains(err.Error(), "of QA01") {
		t.Errorf("another station's backup: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Restore(ctx, saved, filepath.Join(t.TempDir(), "l.db"), restoreOptions(true)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if after := names(t, l.path); len(after) != before {
		t.Errorf("files are left: %v", after)
	}
	mustCommit(t, l, visit(2, "goes on"))
}

func TestADamagedBackupIsNotRestored(t *testing.T) {
	l := newTest(t)
	for i := range 20 {
		mustCommit(t, l, visit(i, strings.Repeat("wort ", 50)))
	}
	saved := backupOf(t, l, "backup.db")
	closeTest(t, l)
	whole, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	for what, bad := range map[string][]byte{
		"flipped bits": bytes.ReplaceAll(whole, []byte("visit"), []byte("visiT")),
		"cut short":    whole[:len(whole)/2],
		"empty":        {},
		"a text":       []byte(strings.Repeat("no backup ", 4000)),
	} {
		if err := os.WriteFile(saved, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		before := len(names(t, l.path))
		if got, err := Restore(t.Context(), saved, l.path, restoreOptions(true)); err == nil {
			t.Errorf("%s: restored %+v", what, got)
		}
		if after := names(t, l.path); len(after) != before {
			t.Errorf("%s: files are left: %v", what, after)
		}
		closeTest(t, openTest(t, l.path, testOptions())) // untouched
	}
}

func TestADamagedLedgerIsSetAsideAndReplaced(t *testing.T) {
	for what, harm := range map[string]func(path string) error{
		"cut short":    func(path string) error { return os.Truncate(path, 5*pageSize/2) },
		"flipped bits": func(path string) error { return flipAll(path, "QA01/A-") },
		"a text":       func(path string) error { return os.WriteFile(path, []byte("no ledger"), 0o600) },
	} {
		t.Run(what, func(t *testing.T) {
			l := newTest(t)
			mustCommit(t, l, visit(1, "x"))
			saved := backupOf(t, l, "backup.db")
			closeTest(t, l)
			if err := errors.Join(harm(l.path), os.RemoveAll(logDir(l.path, l.o))); err != nil {
				t.Fatal(err)
			}
			bad, err := os.ReadFile(l.path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Open(l.path, testOptions()); !errors.Is(err, ErrDamaged) {
				t.Fatalf("open: %v", err)
			}
			got, err := Restore(t.Context(), saved, l.path, restoreOptions(true))
			if err != nil {
				t.Fatal(err)
			}
			if kept, err := os.ReadFile(got.Aside); err != nil || !bytes.Equal(kept, bad) {
				t.Errorf("the file set aside is not what it was: %v", err)
			}
			mustCommit(t, openTest(t, l.path, testOptions()), visit(2, "y"))
		})
	}
}

// flipAll flips a bit behind every place where a text stands in a file.
func flipAll(path, text string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := 0; ; {
		n := bytes.Index(b[i:], []byte(text))
		if n < 0 {
			return os.WriteFile(path, b, 0o600)
		}
		i += n + len(text)
		b[i] ^= 1
	}
}

func TestABackupOfAnOlderIndexVersionIsRestored(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "wort"))
	saved := backupOf(t, l, "backup.db")
	o := restoreOptions(false)
	o.Indexes.Version = 9
	to := filepath.Join(t.TempDir(), "ledger.db")
	if _, err := Restore(t.Context(), saved, to, o); err != nil {
		t.Fatal(err)
	}
	l2 := openTest(t, to, o.Options)
	if hits, err := l2.Find(ledger.Find{Index: "word"}); err != nil || len(hits) != 1 {
		t.Errorf("%v, %v", hits, err)
	}
}
