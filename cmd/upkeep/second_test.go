package upkeep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// TestTheSecondCopyMovesToAnotherDisk: it is complete there, rebuilds a ledger
// that is gone, is not taken for an empty one while its disk is away, and
// comes back.
func TestTheSecondCopyMovesToAnotherDisk(t *testing.T) {
	dir, disk := t.TempDir(), filepath.Join(t.TempDir(), "disk")
	path := filepath.Join(dir, "ledger.db")
	open := func() *bolt.Ledger {
		t.Helper()
		led, err := bolt.Open(path, Options(dir, bolt.Options{Writer: "QA01"}))
		if err != nil {
			t.Fatal(err)
		}
		return led
	}
	write := func(led *bolt.Ledger, id ledger.ID) {
		t.Helper()
		if _, err := led.Commit(context.Background(), ledger.Change{New: []ledger.New{{Kind: "visit", ID: id, By: "a", Body: []byte(`{}`)}}}); err != nil {
			t.Fatal(err)
		}
	}
	close := func(led *bolt.Ledger) {
		t.Helper()
		if err := led.Close(); err != nil {
			t.Fatal(err)
		}
	}
	led := open()
	write(led, "v1")
	close(led)

	to := filepath.Join(disk, "liaison")
	if err := MoveSecond(dir, "ledger.db", to, Options(dir, bolt.Options{})); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ledger.journal")); err == nil || Second(dir) != filepath.Join(to, "ledger.journal") {
		t.Fatalf("it lies at %s, and the old one is still there: %v", Second(dir), err)
	}
	led = open()
	write(led, "v2")
	close(led)

	// The ledger is gone; the copy on the other disk has everything.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if !Exists(path) {
		t.Error("a station whose second copy lies on another disk is called none")
	}
	led = open()
	for _, id := range []ledger.ID{"v1", "v2"} {
		if _, err := led.Record("visit", id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	close(led)

	// The disk is away: the day goes on, nothing is made in its place, and
	// what was written meanwhile follows when it is back.
	if err := os.Rename(disk, disk+".away"); err != nil {
		t.Fatal(err)
	}
	var said Events
	led, err := bolt.Open(path, Options(dir, bolt.Options{Report: said.Report}))
	if err != nil {
		t.Fatal(err)
	}
	write(led, "v3")
	if !said.Happened(bolt.Behind) {
		t.Error("nobody is told that there is one copy only")
	}
	close(led)
	if _, err := os.Stat(disk); err == nil {
		t.Error("a folder was made where the disk should be")
	}
	if err := os.Rename(disk+".away", disk); err != nil {
		t.Fatal(err)
	}
	close(open())
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	led = open()
	if _, err := led.Record("visit", "v3"); err != nil {
		t.Errorf("v3: %v", err)
	}
	close(led)

	// A folder that holds another copy is left alone; back beside the ledger.
	other := t.TempDir()
	if err := os.MkdirAll(filepath.Join(other, "ledger.journal", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := MoveSecond(dir, "ledger.db", other, Options(dir, bolt.Options{})); !errors.Is(err, ErrTaken) {
		t.Errorf("moved over another copy: %v", err)
	}
	if err := MoveSecond(dir, "ledger.db", "", Options(dir, bolt.Options{})); err != nil {
		t.Fatal(err)
	}
	if Second(dir) != filepath.Join(dir, "ledger.journal") {
		t.Errorf("it lies at %s", Second(dir))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	led = open()
	if _, err := led.Record("visit", "v3"); err != nil {
		t.Errorf("after it came back: %v", err)
	}
	close(led)
}
