package bolt

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

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

// TestAStationsFolderOfEveryLayoutOpens: database, second copy and key as a
// station holds them. Both together open, and so does either copy alone.
func TestAStationsFolderOfEveryLayoutOpens(t *testing.T) {
	for _, name := range []string{"station-2"} {
		for _, without := range []string{"", "ledger.db", "ledger.journal"} {
			t.Run(name+" without "+without, func(t *testing.T) {
				dir := t.TempDir()
				if err := os.Mkdir(filepath.Join(dir, "ledger.journal"), 0o700); err != nil {
					t.Fatal(err)
				}
				for _, file := range stationFiles {
					unzip(t, filepath.Join("testdata", name, filepath.Base(file)+".gz"), filepath.Join(dir, file))
				}
				if without != "" {
					if err := os.RemoveAll(filepath.Join(dir, without)); err != nil {
						t.Fatal(err)
					}
				}
				expectGolden(t, openTest(t, filepath.Join(dir, "ledger.db"), testOptions()))
			})
		}
	}
}

// stationFiles are those of a golden folder.
var stationFiles = []string{"ledger.db", "ledger.key", "ledger.journal/journal.log.000001"}

// TestANewerFileIsLeftAlone: a station went back to an older program. That
// says so, and changes no byte of either copy.
func TestANewerFileIsLeftAlone(t *testing.T) {
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), testOptions())
	goldenChanges(t, l)
	closeTest(t, l)
	raw(t, l.path, func(tx *bbolt.Tx) error {
		return putMeta(tx, "schema", binary.AppendUvarint(nil, uint64(len(migrations))+1))
	})
	tree := func() map[string]string {
		out := map[string]string{}
		for _, name := range filesWith(t, filepath.Dir(l.path), nil) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = string(b)
		}
		return out
	}
	before := tree()
	for _, o := range []Options{testOptions(), {ReadOnly: true}} {
		if _, err := Open(l.path, o); !errors.Is(err, ErrNewer) {
			t.Errorf("opened with %v", err)
		}
	}
	if after := tree(); !maps.Equal(before, after) {
		t.Error("a file of a newer program was changed")
	}
	if len(before) < 3 {
		t.Errorf("only %d files", len(before))
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

func zip(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(text)
	if err := errors.Join(err, z.Close(), os.WriteFile(to, b.Bytes(), 0o600)); err != nil {
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

// TestWhatIsWrittenIsWhatTheGoldenFilesHold writes this layout's golden folder to
// the one that LEDGER_GOLDEN names. It is how testdata/station-2 was made.
func TestWhatIsWrittenIsWhatTheGoldenFilesHold(t *testing.T) {
	o := testOptions()
	o.Now = func() time.Time { return goldenTime }
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	goldenChanges(t, l)
	if to := os.Getenv("LEDGER_GOLDEN"); to != "" {
		for _, file := range stationFiles {
			zip(t, filepath.Join(filepath.Dir(l.path), file), filepath.Join(to, filepath.Base(file)+".gz"))
		}
	}
	expectGolden(t, l)
}
