package upkeep

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

func openLedger(t *testing.T, path string, o bolt.Options) *bolt.Ledger {
	t.Helper()
	led, err := bolt.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = led.Close() })
	return led
}

func record(t *testing.T, led *bolt.Ledger, id ledger.ID, body string) {
	t.Helper()
	if _, err := led.Commit(context.Background(), ledger.Change{New: []ledger.New{{Kind: "visit", ID: id, By: "a", Private: true, Body: []byte(body)}}}); err != nil {
		t.Fatal(err)
	}
}

// TestBackupsFollowEachOtherAndTheOldestGo follows nine nights.
func TestBackupsFollowEachOtherAndTheOldestGo(t *testing.T) {
	dir := t.TempDir()
	led := openLedger(t, filepath.Join(dir, "ledger.db"), bolt.Options{Writer: "QA01"})
	b := Backups{Ledger: led, Dir: BackupFolder(dir), Keep: 7}
	if list, err := b.List(); err != nil || len(list) > 0 || !b.Last().IsZero() {
		t.Errorf("before the first: %v %v", list, err)
	}
	synctest.Test(t, func(t *testing.T) {
		for night := range 9 {
			if night == 5 { // a backup that was cut short, and files of others
				for _, name := range []string{".QA01-20000101T000000Z.backup.123", "notes.txt", "QB02-20000101T000000Z.backup"} {
					if err := os.WriteFile(filepath.Join(b.Dir, name), []byte("x"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			if _, err := b.Make(context.Background()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(24 * time.Hour)
		}
		list, err := b.List()
		if err != nil || len(list) != 7 {
			t.Fatalf("%d generations: %v", len(list), err)
		}
		for i, g := range list {
			if age := time.Since(g.At); age < 24*time.Hour*time.Duration(i+1) || age > 24*time.Hour*time.Duration(i+1)+time.Minute || g.Size == 0 {
				t.Errorf("generation %d is %s old, %d bytes", i, age, g.Size)
			}
		}
		if !b.Last().Equal(list[0].At) {
			t.Errorf("the last was made %s", b.Last())
		}
	})
	names, err := os.ReadDir(b.Dir)
	if err != nil || len(names) != 9 { // seven, and what is none of ours
		t.Errorf("%d files: %v", len(names), err)
	}
}

// TestABackupThatFailsTakesNoneAway: the folder is full of earlier ones, and
// this one cannot be written.
func TestABackupThatFailsTakesNoneAway(t *testing.T) {
	dir := t.TempDir()
	led := openLedger(t, filepath.Join(dir, "ledger.db"), bolt.Options{Writer: "QA01"})
	b := Backups{Ledger: led, Dir: BackupFolder(dir), Keep: 1}
	first, err := b.Make(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.Make(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup that was stopped: %v", err)
	}
	list, err := b.List()
	if err != nil || len(list) != 1 || list[0].Path != first.Path {
		t.Errorf("left: %v, %v", list, err)
	}
	if entries, _ := os.ReadDir(b.Dir); len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
}

// TestRehearsalTriesEveryByte: a sound backup passes, sealed or not; a damaged
// one, one cut short, one of another key does not; no folder is left; and the
// ledger is untouched by it.
func TestRehearsalTriesEveryByte(t *testing.T) {
	paper, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]bolt.Options{"sealed": {Writer: "QA01", Recovery: []seal.Recipient{paper.Recipient()}}, "with the key file": {Writer: "QA01"}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			led := openLedger(t, filepath.Join(dir, "ledger.db"), o)
			record(t, led, "v1", "王小明 13800138000")
			b := Backups{Ledger: led, Dir: BackupFolder(dir)}
			g, err := b.Make(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(g.Path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte("13800138000")) {
				t.Error("a phone number can be read in the file")
			}
			record(t, led, "v2", "later")
			tally, err := b.Rehearse(context.Background(), g.Path, nil)
			if err != nil || tally.Entries != 1 {
				t.Fatalf("%s: %v", tally, err)
			}
			if o.Recovery != nil { // whoever has the paper can try it, too; whoever has another cannot
				if _, err := b.Rehearse(context.Background(), g.Path, &paper); err != nil {
					t.Errorf("with the recovery key: %v", err)
				}
				other, err := seal.NewIdentity()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := b.Rehearse(context.Background(), g.Path, &other); !errors.Is(err, seal.ErrWrongKey) {
					t.Errorf("with another key: %v", err)
				}
			}
			for what, bad := range map[string][]byte{"a flipped bit": flip(raw, len(raw)/2), "cut short": raw[:len(raw)-len(raw)/3], "empty": {}, "something else": []byte(strings.Repeat("x", 100))} {
				path := filepath.Join(b.Dir, "bad")
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := b.Rehearse(context.Background(), path, nil); err == nil {
					t.Errorf("%s was found sound", what)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".rehearsal-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if _, err := led.Record("visit", "v2"); err != nil {
				t.Error(err)
			}
		})
	}
}

// flip changes one bit that a ledger uses: of a page of zeros nobody would
// notice it, and need not.
func flip(b []byte, from int) []byte {
	out := bytes.Clone(b)
	for i := from; i < len(out); i++ {
		if out[i] != 0 {
			out[i] ^= 4
			return out
		}
	}
	out[0] ^= 4
	return out
}
