package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/station/ledger"
)

const station ledger.Stream = "QA01/A-test"

var wrappedKey = []byte("a wrapped key")

// small makes segments short and zeros few, so that tests see many of them.
func small(d disk) Options {
	return Options{Stream: station, Key: wrappedKey, SegmentSize: 32 << 10, step: 4 << 10, disk: d,
		Now: func() time.Time { return time.UnixMilli(1795400000000) }}
}

func mustOpen(t testing.TB, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// payload is what frame n holds: told by its number, of varying length. It is
// shared and not to be changed.
func payload(n uint64) []byte {
	if made := payloads(); n < uint64(len(made)) {
		return made[n]
	}
	return makePayload(n)
}

var payloads = sync.OnceValue(func() [][]byte {
	made := make([][]byte, 600)
	for n := range made {
		made[n] = makePayload(uint64(n))
	}
	return made
})

func makePayload(n uint64) []byte {
	r := rand.New(rand.NewPCG(n, 77))
	b := fmt.Appendf(nil, "frame %d ", n)
	for range r.IntN(3000) {
		b = append(b, byte(r.Uint32()))
	}
	return b
}

func appendFrames(t testing.TB, l *Log, n int) {
	t.Helper()
	for range n {
		want := l.Last() + 1
		if got, err := l.Append(payload(want)); err != nil || got != want {
			t.Fatalf("frame %d: %d, %v", want, got, err)
		}
	}
}

// read collects what a log gives, and fails where a payload is not the one
// that was appended: that must never happen, whatever the damage.
func read(t testing.TB, l *Log, after uint64) (numbers []uint64, faults []*Fault) {
	t.Helper()
	for f, err := range l.Frames(after) {
		if fault, ok := errors.AsType[*Fault](err); ok {
			faults = append(faults, fault)
			continue
		}
		if err != nil {
			t.Fatalf("an error that is no fault: %v", err)
		}
		if f.From == f.Number && !bytes.Equal(f.Payload, payload(f.Number)) {
			t.Fatalf("frame %d: a payload of %d bytes that was never appended", f.Number, len(f.Payload))
		}
		numbers = append(numbers, f.Number)
	}
	return numbers, faults
}

func seq(from, to uint64) []uint64 {
	var out []uint64
	for n := from; n <= to; n++ {
		out = append(out, n)
	}
	return out
}

func check(t testing.TB, l *Log) (Tally, []Fault) {
	t.Helper()
	var faults []Fault
	tally, err := l.Check(t.Context(), func(f Fault) { faults = append(faults, f) })
	if err != nil {
		t.Fatal(err)
	}
	return tally, faults
}

// TestAppendedIsRead: over many segments, closed and opened again.
func TestAppendedIsRead(t *testing.T) {
	dir := t.TempDir()
	o := small(nil)
	o.disk = nil
	l := mustOpen(t, dir, o)
	appendFrames(t, l, 100)
	for range 2 {
		if got, faults := read(t, l, 0); !slices.Equal(got, seq(1, 100)) || len(faults) > 0 {
			t.Fatalf("%v, %v", got, faults)
		}
		for _, after := range []uint64{1, 50, 99, 100, 1000} {
			if got, faults := read(t, l, after); !slices.Equal(got, seq(after+1, 100)) || len(faults) > 0 {
				t.Errorf("after %d: %v, %v", after, got, faults)
			}
		}
		tally, faults := check(t, l)
		if tally.Frames != 100 || tally.First != 1 || tally.Last != 100 || tally.Segments < 5 || len(faults) > 0 {
			t.Errorf("%+v, %v", tally, faults)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = mustOpen(t, dir, Options{SegmentSize: o.SegmentSize})
		if l.Last() != 100 || l.Stream() != station || !bytes.Equal(l.Key(), wrappedKey) || len(l.Faults()) > 0 {
			t.Errorf("opened again: %d, %s, %q, %v", l.Last(), l.Stream(), l.Key(), l.Faults())
		}
	}
	appendFrames(t, l, 1)
	if got, _ := read(t, l, 99); !slices.Equal(got, []uint64{100, 101}) {
		t.Errorf("goes on with %v", got)
	}
}

// TestEveryPayloadSize, empty, larger than a segment, and too large.
func TestEveryPayloadSize(t *testing.T) {
	l := mustOpen(t, "", small(newMemDisk()))
	var want [][]byte
	for _, n := range []int{0, 1, 35, 36, 37, 4096, 32 << 10, 100 << 10, 3 << 20, 5} {
		p := bytes.Repeat([]byte{0xf7}, n)
		copy(p, frameMagic)
		want = append(want, p)
		if _, err := l.Append(p); err != nil {
			t.Fatal(err)
		}
	}
	i := 0
	for f, err := range l.Frames(0) {
		if err != nil || !bytes.Equal(f.Payload, want[i]) {
			t.Fatalf("payload %d: %d bytes, %v", i, len(f.Payload), err)
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d of %d", i, len(want))
	}
	if _, err := l.Append(make([]byte, MaxPayload+1)); !errors.Is(err, ErrTooLarge) || !errors.Is(err, ErrBehind) {
		t.Errorf("too large: %v", err)
	}
	if since, err := l.Behind(); since != uint64(len(want))+1 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("behind since %d, %v", since, err)
	}
}

// TestALogWithinALog: a payload that holds a whole segment is one payload, also
// where the frame around it is damaged.
func TestALogWithinALog(t *testing.T) {
	inner := newMemDisk()
	l := mustOpen(t, "", small(inner))
	appendFrames(t, l, 8)
	image := inner.files[segmentName(1)].now
	outer := newMemDisk()
	l = mustOpen(t, "", small(outer))
	for _, p := range [][]byte{payload(1), image, payload(3)} {
		if _, err := l.Append(p); err != nil {
			t.Fatal(err)
		}
	}
	segments := slices.Sorted(func(yield func(string) bool) {
		for name := range outer.files {
			if !yield(name) {
				return
			}
		}
	})
	for _, name := range segments {
		if b := outer.files[name].now; bytes.Contains(b, image) {
			b[bytes.Index(b, image)-1] ^= 1 // the frame's own head
		}
	}
	got, faults := read(t, l, 0)
	if !slices.Equal(got, []uint64{1, 3}) || len(faults) != 1 || faults[0].From != 2 || faults[0].To != 2 {
		t.Errorf("%v, %v", got, faults)
	}
}

// TestOneWriter: a second process, or a second Open, is told who is there.
func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir, Options{Stream: station})
	appendFrames(t, l, 3)
	if _, err := Open(dir, Options{Stream: station}); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("second writer: %v", err)
	}
	reader := mustOpen(t, dir, Options{ReadOnly: true})
	if got, _ := read(t, reader, 0); len(got) != 3 {
		t.Errorf("reader beside the writer: %v", got)
	}
	if _, err := reader.Append(nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("reader appends: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	mustOpen(t, dir, Options{})
}

func TestWhoseLogItIs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	if _, err := Open(dir, Options{}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a folder was made for nobody")
	}
	if _, err := Open(filepath.Join(dir, "deep"), Options{Stream: station}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("the disk is not mounted: %v", err)
	}
	l := mustOpen(t, dir, Options{Stream: station, Key: wrappedKey})
	l.Close()
	if _, err := Open(dir, Options{Stream: "QA02/A-test"}); !errors.Is(err, ErrOther) {
		t.Errorf("another station's: %v", err)
	}
	for _, bad := range []Options{{Stream: "no stream"}, {Stream: station, Key: make([]byte, MaxKey+1)}} {
		if _, err := Open(filepath.Join(t.TempDir(), "x"), bad); err == nil {
			t.Errorf("opened with stream %q and %d bytes of key", bad.Stream, len(bad.Key))
		}
	}
	empty := t.TempDir()
	if _, err := Open(empty, Options{}); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("empty folder: %v", err)
	}
}

// TestEverySegmentCarriesTheKey, and a new key from the next one on.
func TestEverySegmentCarriesTheKey(t *testing.T) {
	d := newMemDisk()
	l := mustOpen(t, "", small(d))
	appendFrames(t, l, 60)
	if err := l.Describe("QA01/B-next", []byte("another key")); err != nil {
		t.Fatal(err)
	}
	appendFrames(t, l, 60)
	keys := map[string]int{}
	for _, s := range l.segments {
		h, err := l.readHead(segmentFile, s.number)
		if err != nil || h.copies != 2 {
			t.Fatalf("%s: %d copies, %v", s.name(), h.copies, err)
		}
		keys[h.stream+" "+string(h.key)]++
	}
	if keys[string(station)+" a wrapped key"] < 3 || keys["QA01/B-next another key"] < 3 || len(keys) != 2 {
		t.Errorf("%v", keys)
	}
	l = mustOpen(t, "", Options{disk: d})
	if l.Stream() != "QA01/B-next" || string(l.Key()) != "another key" || l.Last() != 120 {
		t.Errorf("%s, %q, %d", l.Stream(), l.Key(), l.Last())
	}
	if err := l.Describe("nonsense", nil); err == nil {
		t.Error("nonsense accepted")
	}
}

// TestReadingWhileAppending: readers see whole frames in order, never the one
// under way.
func TestReadingWhileAppending(t *testing.T) {
	o := small(nil)
	o.disk = nil
	l := mustOpen(t, t.TempDir(), o)
	appendFrames(t, l, 1)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for stop := false; !stop; {
				select {
				case <-done:
					stop = true
				default:
				}
				least := l.Last()
				got, faults := read(t, l, 0)
				if uint64(len(got)) < least || !slices.Equal(got, seq(1, uint64(len(got)))) || len(faults) > 0 {
					t.Errorf("%d durable, read %d: %v", least, len(got), faults)
				}
			}
		})
	}
	appendFrames(t, l, 200)
	close(done)
	wg.Wait()
}

// TestAConsumerMayStop and may append while it reads.
func TestAConsumerMayStop(t *testing.T) {
	l := mustOpen(t, "", small(newMemDisk()))
	appendFrames(t, l, 40)
	seen := 0
	for f, err := range l.Frames(0) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if f.Number == 20 {
			break
		}
		appendFrames(t, l, 1)
	}
	if seen != 20 || l.Last() != 59 {
		t.Errorf("%d seen, last %d", seen, l.Last())
	}
}

// TestForeignFilesStay: nothing is touched that is not the log's.
func TestForeignFilesStay(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ledger.db", "ledger.db.new", "journal.log", "journal.log.txt", "journal.log.1", "journal.log.000000", "notes.new"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("other"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := mustOpen(t, dir, Options{Stream: station})
	appendFrames(t, l, 2)
	if _, faults := check(t, l); len(faults) > 0 {
		t.Error(faults)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 9 {
		t.Errorf("%v, %v", names, err)
	}
	info, err := os.Stat(filepath.Join(dir, segmentName(1)))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestFaultsAreSentences(t *testing.T) {
	f := &Fault{File: "journal.log.000002", Offset: 8192, From: 3, To: 4, What: "no frame can be read", Kept: "kept", Err: ErrDamaged}
	if !errors.Is(f, ErrDamaged) || !strings.Contains(f.Error(), "journal.log.000002, byte 8192: no frame can be read; missing frames 3 to 4; kept in kept") {
		t.Error(f)
	}
	f.To = 0
	if !strings.Contains(f.Error(), "missing from frame 3 on") {
		t.Error(f)
	}
}
