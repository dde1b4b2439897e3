package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"liaison/station/ledger"
)

// fillUp commits receptions until the ledger is full, and returns how many it
// took.
func fillUp(t *testing.T, l *Ledger, from int) int {
	t.Helper()
	for i := from; i < from+20000; i++ {
		_, err := l.Commit(t.Context(), visit(i, strings.Repeat("voll ", 400)))
		if errors.Is(err, ledger.ErrFull) {
			return i
		}
		if err != nil {
			t.Fatalf("commit %d: %v", i, err)
		}
	}
	t.Fatal("it is never full")
	return 0
}

// draftsGoOn expects that what is not a new reception still finds room.
func draftsGoOn(t *testing.T, l *Ledger, n int) {
	t.Helper()
	for i := range 50 {
		mustCommit(t, l, ledger.Change{
			Drafts: []ledger.Draft{{Who: "zhang", Form: fmt.Sprint("f", i%5), Body: []byte(strings.Repeat("entwurf ", 1000))}},
			Local:  []ledger.Local{{Name: fmt.Sprint("n", i%5), Value: []byte("wert")}},
		})
	}
	mustCommit(t, l, ledger.Change{Receipts: []ledger.Receipt{{Stream: l.own, Through: ledger.Seq(n), Raw: []byte("quittung")}}})
}

func TestAQuotaLeavesRoomForDraftsAndReceipts(t *testing.T) {
	o := testOptions()
	o.MaxSize = 4 << 20
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	n := fillUp(t, l, 0)
	if n < 100 {
		t.Fatalf("full after %d", n)
	}
	draftsGoOn(t, l, n)
	if _, err := l.Commit(t.Context(), visit(n, "x")); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("a reception afterwards: %v", err)
	}
	expectVisits(t, l, n)
}

// TestAFullFileSystemLeavesRoomForDraftsAndReceipts fills a file system of
// 16 MiB that database, log and reserve share. Where the test may not mount
// one (it needs root, on Linux), there is nothing it could show.
func TestAFullFileSystemLeavesRoomForDraftsAndReceipts(t *testing.T) {
	dir, ok := smallDisk(t, 16<<20)
	if !ok {
		t.Log("no file system could be mounted: the quota test stands alone")
		return
	}
	var h heard
	o := h.options()
	l := openTest(t, filepath.Join(dir, "ledger.db"), o)
	n := fillUp(t, l, 0)
	fillRest(t, filepath.Join(dir, "filler")) // what others leave on the disk
	draftsGoOn(t, l, n)
	if !slices.Contains(h, Reserve) {
		t.Errorf("reported %q, and not that the reserve is in use", h)
	}
	if _, err := l.Commit(t.Context(), visit(n, "x")); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("a reception afterwards: %v", err)
	}
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Errorf("on the full disk: %v", faults)
	}
	closeTest(t, l)
	l = openTest(t, l.path, o)
	expectVisits(t, l, n)

	// Room again: the same ledger takes receptions, without a restart.
	if err := growDisk(dir, 64<<20); err != nil {
		t.Fatal(err)
	}
	commitVisits(t, l, n, n+5)
	expectVisits(t, l, n+5)
	closeTest(t, l)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	l = openTest(t, l.path, o)
	expectVisits(t, l, n+5) // the log has it all, too
	t.Logf("%d receptions until the disk was full, then 51 drafts, settings and receipts; 0 lost", n)
}

// fillRest takes the last byte there is.
func fillRest(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}
