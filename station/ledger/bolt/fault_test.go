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

func TestWhatAFailedWriteLeadsTo(t *testing.T) {
	for _, c := range []struct {
		what string
		meta bool // the meta page's write fails, or a data page's
		err  error
		is   error
		goes bool // whether the same ledger writes on afterwards
	}{
		{"no space for a data page", false, failing(syscall.ENOSPC), ledger.ErrFull, true},
		{"no space for the meta page", true, failing(syscall.ENOSPC), ledger.ErrFull, true},
		{"the quota for a data page", false, failing(syscall.EDQUOT), ledger.ErrFull, true},
		{"an I/O error at a data page", false, failing(syscall.EIO), ledger.ErrUnsure, false},
		{"an I/O error at the meta page", true, failing(syscall.EIO), ledger.ErrUnsure, false},
		{"no space, said by a sync", true, syscall.ENOSPC, ledger.ErrUnsure, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			l := newTest(t)
			mustCommit(t, l, visit(1, "vorher"))
			armed := true
			hookWrites(t, l, func(write writeAt) writeAt {
				return func(b []byte, off int64) (int, error) {
					if armed && isMeta(off) == c.meta {
						return 0, c.err
					}
					return write(b, off)
				}
			})
			if _, err := l.Commit(t.Context(), visit(2, "verloren")); !errors.Is(err, c.is) {
				t.Fatalf("commit: %v, want %v", err, c.is)
			}
			armed = false
			if r, err := l.Record("visit", "v00001"); err != nil || string(r.Body) != "vorher" {
				t.Errorf("reading afterwards: %v, %v", r, err)
			}
			if _, err := l.Record("visit", "v00002"); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("what was not committed: %v", err)
			}
			_, err := l.Commit(t.Context(), visit(3, "nachher"))
			if c.goes && err != nil || !c.goes && !errors.Is(err, ledger.ErrUnsure) {
				t.Errorf("the next commit: %v", err)
			}
			closeTest(t, l)
			l = openTest(t, l.path, testOptions())
			mustCommit(t, l, visit(4, "am Ende"))
		})
	}
}

// TestAnErrorOfTheLastSyncIsNotANo: bbolt reports the error of the second
// fdatasync although the meta page is written and will be found again.
func TestAnErrorOfTheLastSyncIsNotANo(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "vorher"))
	hookWrites(t, l, func(write writeAt) writeAt {
		return func(b []byte, off int64) (int, error) {
			n, err := write(b, off)
			if isMeta(off) {
				err = errors.Join(err, syscall.EIO)
			}
			return n, err
		}
	})
	if _, err := l.Commit(t.Context(), visit(2, "vielleicht")); !errors.Is(err, ledger.ErrUnsure) {
		t.Fatalf("commit: %v", err)
	}
	if _, err := l.Commit(t.Context(), visit(3, "nicht mehr")); !errors.Is(err, ledger.ErrUnsure) {
		t.Fatalf("the next commit: %v", err)
	}
	if err := l.Reindex(t.Context()); !errors.Is(err, ledger.ErrUnsure) {
		t.Errorf("reindex: %v", err)
	}
	closeTest(t, l)
	l = openTest(t, l.path, testOptions())
	if r, err := l.Record("visit", "v00002"); err != nil || string(r.Body) != "vielleicht" {
		t.Errorf("after reopening: %v, %v", r, err)
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

func TestAPanicInAPageStopsWritingAndNothingElse(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "vorher"))
	hookWrites(t, l, func(write writeAt) writeAt {
		return func(b []byte, off int64) (int, error) { panic("page 7: bad type") }
	})
	_, err := l.Commit(t.Context(), visit(2, "x"))
	if !errors.Is(err, ErrDamaged) || !errors.Is(err, ledger.ErrUnsure) {
		t.Fatalf("commit: %v", err)
	}
	if _, err := l.Commit(t.Context(), visit(3, "x")); !errors.Is(err, ledger.ErrUnsure) {
		t.Fatalf("the next commit: %v", err)
	}
	if _, err := l.Record("visit", "v00001"); err != nil {
		t.Errorf("reading: %v", err)
	}
	closeTest(t, l) // does not hang, and gives back the lock
	mustCommit(t, openTest(t, l.path, testOptions()), visit(2, "x"))
}
