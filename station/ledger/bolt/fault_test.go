package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	berrors "go.etcd.io/bbolt/errors"

	"liaison/station/ledger"
)

// failing is what the disk answers to one write.
func failing(errno syscall.Errno) error {
	return &os.PathError{Op: "write", Path: "ledger.db", Err: errno}
}

// A disk fails writes of the database on purpose, also after the file was
// opened anew.
type disk struct {
	fail func(nth int, meta bool) (err error, written bool) // nil: it does not
	n    int
}

func (d *disk) hook(t *testing.T) func(*Ledger) {
	return func(l *Ledger) {
		hookWrites(t, l, func(write writeAt) writeAt {
			return func(b []byte, off int64) (int, error) {
				d.n++
				if d.fail == nil {
					return write(b, off)
				}
				err, written := d.fail(d.n, isMeta(off))
				if err == nil || written {
					if n, werr := write(b, off); werr != nil {
						return n, werr
					}
				}
				if err != nil {
					return 0, err
				}
				return len(b), nil
			}
		})
	}
}

func TestWhatAFailedWriteLeadsTo(t *testing.T) {
	for _, c := range []struct {
		what string
		meta bool // the meta page's write fails, or a data page's
		err  error
		is   error // while it lasts
	}{
		{"no space for a data page", false, failing(syscall.ENOSPC), ledger.ErrFull},
		{"no space for the meta page", true, failing(syscall.ENOSPC), ledger.ErrFull},
		{"the quota for a data page", false, failing(syscall.EDQUOT), ledger.ErrFull},
		{"an I/O error at a data page", false, failing(syscall.EIO), ledger.ErrUnsure},
		{"an I/O error at the meta page", true, failing(syscall.EIO), ledger.ErrUnsure},
		{"no space, said by a sync", true, syscall.ENOSPC, ledger.ErrUnsure},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := &disk{}
			o := testOptions()
			o.opened = d.hook(t)
			l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
			mustCommit(t, l, visit(1, "vorher"))
			d.fail = func(_ int, meta bool) (error, bool) {
				if meta == c.meta {
					return c.err, false
				}
				return nil, false
			}
			for range 3 {
				if _, err := l.Commit(t.Context(), visit(2, "verloren")); !errors.Is(err, c.is) {
					t.Fatalf("commit: %v, want %v", err, c.is)
				}
			}
			if r, err := l.Record("visit", "v00001"); err != nil || string(r.Body) != "vorher" {
				t.Errorf("reading meanwhile: %v, %v", r, err)
			}
			if _, err := l.Record("visit", "v00002"); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("what was not committed: %v", err)
			}
			d.fail = nil
			mustCommit(t, l, visit(3, "nachher")) // without a restart
			closeTest(t, l)
			mustCommit(t, openTest(t, l.path, testOptions()), visit(4, "am Ende"))
		})
	}
}

// TestAnErrorAtEachWriteInTurnDoesNotEndTheDay fails every write of a commit
// once, before it reached the file (as a sync before it would have failed) and
// after (as the sync that follows it).
func TestAnErrorAtEachWriteInTurnDoesNotEndTheDay(t *testing.T) {
	d := &disk{}
	o := testOptions()
	o.opened = d.hook(t)
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	commits, faults := 0, 0
	commit := func() {
		t.Helper()
		mustCommit(t, l, visit(commits, fmt.Sprintf("wort%d", commits)))
		commits++
	}
	commit()
	for _, written := range []bool{false, true} {
		for nth := 1; ; nth++ {
			d.n = 0
			hit := false
			d.fail = func(n int, _ bool) (error, bool) {
				if n == nth {
					hit = true
					return syscall.EIO, written
				}
				return nil, false
			}
			commit()
			if !hit {
				break
			}
			faults++
		}
	}
	d.fail = nil
	es, err := l.Since(l.Own(), 0, commits+1)
	if err != nil || len(es) != commits {
		t.Fatalf("%d entries after %d commits, %v: lost or doubled", len(es), commits, err)
	}
	if faults < 4 {
		t.Fatalf("only %d writes were hit", faults)
	}
	t.Logf("an I/O error at each of %d writes and syncs: %d commits, 0 lost, 0 doubled, 0 restarts", faults, commits)
}

// TestWithoutASecondCopyALastErrorIsNotANo: bbolt reports the error of the
// second fdatasync although the meta page is written. With nothing else to
// make the commit durable, the answer must stay open.
func TestWithoutASecondCopyALastErrorIsNotANo(t *testing.T) {
	d := &disk{}
	o := testOptions()
	o.opened, o.noLog = d.hook(t), true
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	mustCommit(t, l, visit(1, "vorher"))
	d.fail = func(_ int, meta bool) (error, bool) {
		if meta {
			return syscall.EIO, true
		}
		return nil, false
	}
	if _, err := l.Commit(t.Context(), visit(2, "vielleicht")); !errors.Is(err, ledger.ErrUnsure) {
		t.Fatalf("commit: %v", err)
	}
	d.fail = nil
	if r, err := l.Record("visit", "v00002"); err != nil || string(r.Body) != "vielleicht" {
		t.Errorf("afterwards: %v, %v", r, err)
	}
	mustCommit(t, l, visit(3, "weiter"))
}

func TestAFullDiskLosesNothingAndGoesOnWhenThereIsRoom(t *testing.T) {
	o := testOptions()
	o.MaxSize = 2 << 20
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	body := strings.Repeat("voll ", 4000)
	n := 0
	var err error
	for ; n < 1000; n++ {
		if _, err = l.Commit(t.Context(), visit(n, fmt.Sprint(body, n))); err != nil {
			break
		}
	}
	if !errors.Is(err, ledger.ErrFull) || !errors.Is(err, berrors.ErrMaxSizeReached) {
		t.Fatalf("commit %d: %v, want ErrFull", n, err)
	}
	if n < 20 {
		t.Fatalf("full after %d", n)
	}
	if info, err := os.Stat(l.path); err != nil || info.Size() > o.MaxSize {
		t.Errorf("the file has %d bytes, %v; the quota is %d", info.Size(), err, o.MaxSize)
	}
	for range 3 { // again and again the same answer
		if _, err := l.Commit(t.Context(), visit(n, body)); !errors.Is(err, ledger.ErrFull) {
			t.Fatalf("again: %v", err)
		}
	}
	for i := range n {
		if _, err := l.Record("visit", ledger.ID(fmt.Sprintf("v%05d", i))); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
	}
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Fatal(faults)
	}
	closeTest(t, l)
	o.MaxSize = 0
	l = openTest(t, l.path, o)
	if h, err := l.Head(l.Own()); err != nil || h.Seq != ledger.Seq(n) {
		t.Errorf("head %v, %v; want %d", h, err, n)
	}
	mustCommit(t, l, visit(n, body))
}

func TestAPanicInAPageDoesNotEndTheDay(t *testing.T) {
	o := testOptions()
	var events []Event
	o.Report = func(e Event) { events = append(events, e) }
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	mustCommit(t, l, visit(1, "vorher"))
	hookWrites(t, l, func(write writeAt) writeAt {
		return func(b []byte, off int64) (int, error) { panic("page 7: bad type") }
	})
	mustCommit(t, l, visit(2, "x"))
	if len(events) != 1 || events[0].What != Reopened || !errors.Is(events[0].Err, ErrDamaged) {
		t.Errorf("reported %v", events)
	}
	mustCommit(t, l, visit(3, "x"))
	if _, err := l.Record("visit", "v00001"); err != nil {
		t.Errorf("reading: %v", err)
	}
	closeTest(t, l) // does not hang, and gives back the lock
	mustCommit(t, openTest(t, l.path, testOptions()), visit(4, "x"))
}
