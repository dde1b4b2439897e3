package bolt

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

// TestFilesOfEveryLayoutOpen opens a file of each layout that was ever written
// and finds in it what goldenChanges wrote. The files in testdata are never
// made anew: a layout that was written once is read for ever.
func TestFilesOfEveryLayoutOpen(t *testing.T) {
	for _, name := range []string{"layout-1.db.gz", "layout-2.db.gz"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			unzip(t, filepath.Join("testdata", name), path)
			copied := filepath.Join(t.TempDir(), "ledger.db")
			unzip(t, filepath.Join("testdata", name), copied)
			expectGolden(t, openTest(t, path, testOptions()))
			o := testOptions() // those find by the words of bodies; these by nothing
			o.Indexes = ledger.Indexes{Version: 9}
			l := openTest(t, copied, o)
			if name != "layout-1.db.gz" { // which was compacted when it was brought to a newer one
				if err := l.Compact(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			closeTest(t, l)
			for _, text := range []string{"路灯", "13800138000", "quittung", "entwurf", "pin"} {
				if in := filesWith(t, filepath.Dir(copied), []byte(text)); len(in) > 0 {
					t.Errorf("%q can be read in %v", text, in)
				}
			}
		})
	}
}

// goldenChanges are what stands in the golden files.
func goldenChanges(t *testing.T, l *Ledger) {
	t.Helper()
	a := mustCommit(t, l, visit(1, "路灯不亮"))[0]
	mustCommit(t, l, ledger.Change{New: []ledger.New{{Kind: "visit", ID: a.ID, By: "zhang", Replaces: a.Ref, Body: []byte("路灯 已修")}}})
	mustCommit(t, l, ledger.Change{New: []ledger.New{{Kind: "voter", ID: "p1", By: "zhang", Private: true, Body: []byte("王某 13800138000")}}})
	c := ledgertest.Chain{Stream: "city/A-abc"}
	mustCommit(t, l, ledger.Change{
		Foreign:  []ledger.Entry{c.Next("unit", "u1", ledger.Ref{}, "amt"), c.NextPrivate("voter", "p9", "x").Withhold()},
		Receipts: []ledger.Receipt{{Stream: a.Stream, Through: 2, Raw: []byte("quittung")}},
		Drafts:   []ledger.Draft{{Who: "zhang", Form: "visit", Body: []byte("entwurf")}},
		Local:    []ledger.Local{{Name: "user/zhang", Value: []byte("pin")}},
	})
}

func expectGolden(t *testing.T, l *Ledger) {
	t.Helper()
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Fatal(faults)
	}
	for id, want := range map[ledger.ID]string{"v00001": "路灯 已修", "p1": "王某 13800138000"} {
		kind := ledger.Kind("visit")
		if id == "p1" {
			kind = "voter"
		}
		if r, err := l.Record(kind, id); err != nil || string(r.Body) != want {
			t.Errorf("record %s: %q, %v", id, r.Body, err)
		}
	}
	if h, err := l.Head(l.Own()); err != nil || h.Seq != 3 || h.Confirmed != 2 || string(h.Receipt) != "quittung" {
		t.Errorf("head %+v, %v", h, err)
	}
	if ds, err := l.Drafts("zhang"); err != nil || len(ds) != 1 || string(ds[0].Body) != "entwurf" {
		t.Errorf("drafts %v, %v", ds, err)
	}
	if v, err := l.Local("user/zhang"); err != nil || string(v) != "pin" {
		t.Errorf("setting %q, %v", v, err)
	}
	if hits, err := l.Find(ledger.Prefix("word", "路灯")); err != nil || len(hits) != 1 {
		t.Errorf("hits %v, %v", hits, err)
	}
	mustCommit(t, l, visit(2, "weiter"))
}

func unzip(t *testing.T, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err := errors.Join(err, os.WriteFile(to, b, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// filesWith lists the files under a folder in which bytes are found.
func filesWith(t *testing.T, dir string, what []byte) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, what) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var goldenTime = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// TestWhatIsWrittenIsWhatTheGoldenFilesHold writes this layout's golden file where
// LEDGER_GOLDEN says. It is how testdata/layout-2.db.gz was made.
func TestWhatIsWrittenIsWhatTheGoldenFilesHold(t *testing.T) {
	o := testOptions()
	o.Now = func() time.Time { return goldenTime }
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	goldenChanges(t, l)
	if to := os.Getenv("LEDGER_GOLDEN"); to != "" {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if err := errors.Join(l.Backup(t.Context(), z), z.Close(), os.WriteFile(to, b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	expectGolden(t, l)
}
