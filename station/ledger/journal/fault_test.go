package journal

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"liaison/station/ledger"
)

// day is what a log goes through while something fails: appending over several
// segments, a state, pruning. Errors must be of a kind; what returned without
// one is remembered.
type day struct {
	t        *testing.T
	l        *Log
	kept     uint64 // newest frame whose Append, or a later one, returned without error
	appended uint64
	errs     []error
}

func (d *day) append(n int) {
	for range n {
		d.appended++
		got, err := d.l.Append(payload(d.appended))
		if got != d.appended {
			d.t.Fatalf("frame %d got number %d", d.appended, got)
		}
		since, why := d.l.Behind()
		switch {
		case err == nil && (why != nil || since != 0):
			d.t.Fatalf("frame %d: no error, but behind since %d: %v", got, since, why)
		case err == nil:
			d.kept = got
		case why == nil || since == 0 || since > got:
			d.t.Fatalf("frame %d: %v, but behind since %d: %v", got, err, since, why)
		default:
			d.note(err)
		}
	}
}

func (d *day) note(err error) {
	if err == nil {
		return
	}
	d.errs = append(d.errs, err)
	if !errors.Is(err, ledger.ErrFull) && !errors.Is(err, ErrReadOnly) && !errors.Is(err, ErrDisk) {
		d.t.Fatalf("an error of no kind: %v", err)
	}
}

func (d *day) state() {
	w, err := d.l.NewState(d.kept)
	for n := uint64(1); err == nil && n <= d.kept; n += 7 {
		err = w.Add(payload(n))
	}
	if err == nil {
		err = w.Commit()
	} else if w != nil {
		err = errors.Join(err, w.Cancel())
	}
	if err == nil {
		_, err = d.l.Prune(d.kept + 1)
	}
	d.note(err)
}

func (d *day) run() {
	d.append(12)
	d.state()
	d.append(12)
}

// whole fails unless every frame appended is there, with nothing to complain of.
func whole(t *testing.T, l *Log, appended uint64) {
	t.Helper()
	from, err := complete(l)
	if err != nil {
		t.Fatal(err)
	}
	got, faults := read(t, l, from)
	if l.Last() != appended || !slices.Equal(got, seq(from+1, appended)) {
		t.Fatalf("%d appended, last %d, after state %d read %v, faults %v", appended, l.Last(), from, got, faults)
	}
	for _, f := range faults {
		if f.From > 0 {
			t.Fatalf("called missing: %v", f)
		}
	}
}

// TestEachOperationFails: EIO, no space, a disk turned read-only, and a signal
// of another kind, at each write, sync, create, rename, remove and truncate in
// turn, once and from then on. No frame is lost while the process lives, none
// that was kept when it ends, and work resumes when the disk does.
func TestEachOperationFails(t *testing.T) {
	dry := newMemDisk()
	d := &day{t: t, l: mustOpen(t, "", small(dry))}
	opening := dry.writes
	d.run()
	if len(d.errs) > 0 {
		t.Fatal(d.errs)
	}
	ops := dry.writes
	r := rand.New(rand.NewPCG(51, 52))
	trials, failed := 0, 0
	for _, cause := range []syscall.Errno{syscall.EIO, syscall.ENOSPC, syscall.EROFS, syscall.ENODEV} {
		for _, lasting := range []bool{false, true} {
			for k := opening; k <= ops; k++ {
				disk := newMemDisk()
				d := &day{t: t, l: mustOpen(t, "", small(disk))}
				disk.fail = func(op, name string) error {
					if disk.writes == k+1 || lasting && disk.writes > k {
						return cause
					}
					return nil
				}
				d.run()
				trials++
				if len(d.errs) > 0 {
					failed++
				}
				if err := survived(t, image{disk.crash(r), d.kept, d.appended, true}, small(nil)); err != nil {
					t.Fatalf("%v at operation %d, lasting %v, then a power cut: %v", cause, k, lasting, err)
				}
				disk.fail = nil
				if err := d.l.Retry(); err != nil {
					t.Fatalf("%v at operation %d, lasting %v: the disk is back, and %v", cause, k, lasting, err)
				}
				whole(t, d.l, d.appended)
				d.append(3)
				if err := d.l.Close(); err != nil {
					t.Fatal(err)
				}
				l := mustOpen(t, "", small(disk))
				whole(t, l, d.appended)
			}
		}
	}
	if failed < trials/3 {
		t.Errorf("only %d of %d trials saw an error", failed, trials)
	}
	t.Logf("%d trials over %d operations, %d saw an error: 0 frames lost, work resumed in all", trials, ops-opening, failed)
}

// TestOpeningFails at each of its operations: an error of a kind, or an open
// log that mends itself; never a lost frame.
func TestOpeningFails(t *testing.T) {
	torn := func() *memDisk {
		d, _ := worn(t)
		n := d.files[slices.Max(segmentsOf(d))]
		n.now = append(bytes.TrimRight(n.now, "\x00"), 1, 2, 3)
		d.files["journal.log.000099.new"] = &memNode{}
		return d.copyOf()
	}
	for k := range 12 {
		d := torn()
		d.fail = func(op, name string) error {
			if d.writes == k+1 {
				return syscall.EIO
			}
			return nil
		}
		l, err := Open("", small(d))
		d.fail = nil
		if err != nil {
			if !errors.Is(err, ErrDisk) {
				t.Errorf("operation %d: %v", k, err)
			}
			if l, err = Open("", small(d)); err != nil {
				t.Fatal(err)
			}
		}
		appendFrames(t, l, 2)
		whole(t, l, 62)
		l.Close()
		l = mustOpen(t, "", small(d))
		whole(t, l, 62)
	}
}

func segmentsOf(d *memDisk) (names []string) {
	for name := range d.files {
		if kind, _ := parseName(name); kind == segmentFile {
			names = append(names, name)
		}
	}
	return names
}

// fullDisk is what happens on a disk that fills up, and is given room again.
func fullDisk(t *testing.T, l *Log, free func()) {
	d := &day{t: t, l: l}
	for len(d.errs) == 0 {
		d.append(1)
		if d.appended > 5000 {
			t.Fatal("the disk never fills")
		}
	}
	if !errors.Is(d.errs[0], ledger.ErrFull) {
		t.Fatalf("full: %v", d.errs[0])
	}
	since, why := l.Behind()
	if since != d.kept+1 || !errors.Is(why, ledger.ErrFull) {
		t.Errorf("behind since %d, %v; kept %d", since, why, d.kept)
	}
	if got, faults := read(t, l, 0); !slices.Equal(got, seq(1, d.kept)) || len(faults) > 0 {
		t.Errorf("reading goes on: %d of %d, %v", len(got), d.kept, faults)
	}
	d.append(5)
	if err := l.Retry(); !errors.Is(err, ledger.ErrFull) {
		t.Errorf("retry on a full disk: %v", err)
	}
	free()
	d.append(1)
	if d.kept != d.appended {
		t.Fatalf("there is room again: kept %d of %d, %v", d.kept, d.appended, d.errs[len(d.errs)-1])
	}
	whole(t, l, d.appended)
	t.Logf("full after %d frames; %d owed and written later; 0 lost", since-1, d.appended-since)
}

func TestFullDiskInMemory(t *testing.T) {
	disk := newMemDisk()
	disk.room = 100 << 10
	l := mustOpen(t, "", small(disk))
	fullDisk(t, l, func() { disk.room = 1 << 20 })
	l.Close()
	whole(t, mustOpen(t, "", small(disk)), l.Last())
}

// TestFullDisk on a small real file system where the machine allows one to be
// mounted; in memory otherwise, as above.
func TestFullDisk(t *testing.T) {
	dir, free, ok := smallFileSystem(t)
	o := small(nil)
	o.disk = nil
	if !ok {
		disk := newMemDisk()
		disk.room = 200 << 10
		o.disk, free = disk, func() { disk.room = 1 << 20 }
		t.Log("no file system can be mounted here; the disk is in memory")
	}
	l := mustOpen(t, dir, o)
	fullDisk(t, l, free)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = mustOpen(t, dir, o)
	whole(t, l, l.Last())
	l.Close()
}

// TestReadOnlyDisk: a log on a medium that cannot be written is opened for
// reading; one that turns read-only says so and goes on later.
func TestReadOnlyDisk(t *testing.T) {
	d, o := worn(t)
	d.fail = func(string, string) error { return syscall.EROFS }
	l := mustOpen(t, "", o) // opening needs no writing
	if _, err := l.Append(payload(61)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("append: %v", err)
	}
	o.ReadOnly = true
	r := mustOpen(t, "", o)
	if got, faults := read(t, r, 0); len(got) != 60 || len(faults) > 0 {
		t.Errorf("%v, %v", got, faults)
	}
	for what, err := range map[string]error{"describe": r.Describe(station, nil), "catch up": r.CatchUp(70, nil), "retry": r.Retry()} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := r.NewState(60); !errors.Is(err, ErrReadOnly) {
		t.Errorf("state: %v", err)
	}
	if _, err := r.Prune(2); !errors.Is(err, ErrReadOnly) {
		t.Errorf("prune: %v", err)
	}
	d.fail = nil
	if _, err := l.Append(payload(62)); err != nil {
		t.Error(err)
	}
	whole(t, l, 62)
}

// TestOwesNoMoreThanItMay: past the limit the log gives up, says so, and takes
// nothing more until it was given what it missed.
func TestOwesNoMoreThanItMay(t *testing.T) {
	disk := newMemDisk()
	o := small(disk)
	o.Owe = 20 << 10
	l := mustOpen(t, "", o)
	appendFrames(t, l, 10)
	disk.fail = func(string, string) error { return syscall.EIO }
	var err error
	last := uint64(10)
	for !errors.Is(err, ErrBehind) {
		last++
		var n uint64
		if n, err = l.Append(payload(last)); err == nil || n != last {
			t.Fatalf("frame %d: %d, %v", last, n, err)
		}
		if !errors.Is(err, ErrDisk) {
			t.Fatalf("the cause is lost: %v", err)
		}
	}
	disk.fail = nil
	last++
	if _, err := l.Append(payload(last)); !errors.Is(err, ErrBehind) {
		t.Errorf("it pretends: %v", err)
	}
	if err := l.Retry(); !errors.Is(err, ErrBehind) {
		t.Errorf("it pretends: %v", err)
	}
	if since, _ := l.Behind(); since != 11 || l.Last() != 10 {
		t.Errorf("behind since %d, last %d", since, l.Last())
	}
	if err := l.CatchUp(last-1, payload(0)); err == nil {
		t.Error("caught up with less than was appended")
	}
	if err := l.CatchUp(last, []byte("all since 11")); err != nil {
		t.Fatal(err)
	}
	if since, why := l.Behind(); since != 0 || why != nil || l.Last() != last {
		t.Errorf("behind since %d, %v, last %d", since, why, l.Last())
	}
	if n, err := l.Append(payload(last + 1)); err != nil || n != last+1 {
		t.Fatalf("%d, %v", n, err)
	}
	var rows []string
	for f, err := range l.Frames(9) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf("%d-%d", f.From, f.Number))
	}
	if want := []string{"10-10", fmt.Sprintf("11-%d", last), fmt.Sprintf("%d-%d", last+1, last+1)}; !slices.Equal(rows, want) {
		t.Errorf("%v, want %v", rows, want)
	}
}

// TestAStateMakesUpForWhatWasLost, also for a log that is new beside an old
// database.
func TestAStateMakesUpForWhatWasLost(t *testing.T) {
	disk := newMemDisk()
	o := small(disk)
	l := mustOpen(t, "", o)
	if n, err := l.Append(payload(1)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	writeState(l, 500, false)
	if l.Last() != 500 {
		t.Errorf("last %d", l.Last())
	}
	l.Close() // before the next segment was begun
	l = mustOpen(t, "", o)
	appendFrames(t, l, 3)
	got, faults := read(t, l, 500)
	if !slices.Equal(got, seq(501, 503)) || len(faults) > 0 {
		t.Errorf("%v, %v", got, faults)
	}
	if _, faults = read(t, l, 0); len(faults) != 1 || faults[0].From != 2 || faults[0].To != 500 || !errors.Is(faults[0], ErrMissing) {
		t.Errorf("%v", faults)
	}
	if _, err := l.Prune(504); !errors.Is(err, ErrMissing) {
		t.Errorf("pruned what no state stands for: %v", err)
	}
	if n, err := l.Prune(501); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if from, err := complete(l); from != 500 || err != nil {
		t.Errorf("%d, %v", from, err)
	}
}

// TestDamagedStateKeepsWhatItStandsFor: nothing is pruned on its word.
func TestDamagedStateKeepsWhatItStandsFor(t *testing.T) {
	disk := newMemDisk()
	l := mustOpen(t, "", small(disk))
	appendFrames(t, l, 30)
	writeState(l, 30, false)
	b := disk.files[stateName(30)].now
	b[2*page+frameHead+1] ^= 1
	if n, err := l.Prune(31); n != 0 || !errors.Is(err, ErrDamaged) {
		t.Errorf("%d, %v", n, err)
	}
	if got, faults := read(t, l, 0); len(got) != 30 || len(faults) > 0 {
		t.Errorf("%v, %v", got, faults)
	}
	b[2*page+frameHead+1] ^= 1
	cut := slices.Clone(b[:len(b)-frameHead])
	disk.files[stateName(30)].now = cut
	if n, err := l.Prune(31); n != 0 || !errors.Is(err, ErrDamaged) {
		t.Errorf("a state without an end: %d, %v", n, err)
	}
}

// TestPrunedIsGone: after a state of everything and Prune, the raw files do
// not hold what was appended before.
func TestPrunedIsGone(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir, Options{Stream: station})
	secret := []byte("测试选民甲 13800138000")
	if _, err := l.Append(secret); err != nil {
		t.Fatal(err)
	}
	found := func() (n int) {
		names, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range names {
			b, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(b, secret)
		}
		return n
	}
	if found() != 1 {
		t.Fatal("it is not there to begin with")
	}
	w, err := l.NewState(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(payload(2)); err != nil { // while the state is written
		t.Fatal(err)
	}
	if _, err := l.NewState(2); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("two states at once: %v", err)
	}
	if err := errors.Join(w.Add([]byte("erased")), w.Commit(), w.Commit(), w.Cancel()); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Prune(2); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if found() != 0 {
		t.Error("it is still there")
	}
	if got, faults := read(t, l, 1); !slices.Equal(got, []uint64{2}) || len(faults) > 0 {
		t.Errorf("%v, %v", got, faults)
	}
}

// TestCancelledStateLeavesNothing.
func TestCancelledStateLeavesNothing(t *testing.T) {
	disk := newMemDisk()
	l := mustOpen(t, "", small(disk))
	appendFrames(t, l, 3)
	w, err := l.NewState(3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(make([]byte, MaxPayload+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if err := w.Commit(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	for name := range disk.files {
		if strings.Contains(name, "state") {
			t.Errorf("%s is left", name)
		}
	}
	if len(l.States()) != 0 {
		t.Error(l.States())
	}
	if _, err := l.NewState(0); err == nil {
		t.Error("a state of nothing")
	}
	writeState(l, 3, true)
}
