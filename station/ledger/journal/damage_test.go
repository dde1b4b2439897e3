package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"liaison/station/ledger"
)

// worn is a disk with a log of 60 frames over several segments and two states.
func worn(t testing.TB) (*memDisk, Options) {
	t.Helper()
	d := newMemDisk()
	o := small(d)
	l := mustOpen(t, "", o)
	appendFrames(t, l, 20)
	writeState(l, 20, false)
	appendFrames(t, l, 20)
	writeState(l, 40, false)
	appendFrames(t, l, 20)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return d, o
}

func (d *memDisk) list() []string {
	names, _ := d.names() // a folder in memory is always read
	return names
}

// told says whether every frame up to last was read or is named by a fault.
func told(last uint64, got []uint64, faults []*Fault) error {
	for n := uint64(1); n <= last; n++ {
		named := slices.ContainsFunc(faults, func(f *Fault) bool { return f.From > 0 && f.From <= n && (n <= f.To || f.To == 0) })
		if !slices.Contains(got, n) && !named {
			return fmt.Errorf("frame %d was not read, and no fault names it; %d read, faults %v", n, len(got), faults)
		}
		if slices.Contains(got, n) && named {
			return fmt.Errorf("frame %d was read, and a fault calls it missing: %v", n, faults)
		}
	}
	return nil
}

// used is an open log after some damage, and what it says.
func used(t testing.TB, d *memDisk, o Options) (got []uint64, faults []*Fault, err error) {
	t.Helper()
	o.disk = d
	l, err := Open("", o)
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	last := l.Last()
	got, faults = read(t, l, 0)
	if err := told(last, got, faults); err != nil {
		return nil, nil, err
	}
	for _, n := range l.States() {
		whole := l.checkState(n) == nil
		want := uint64(1)
		for part, err := range l.State(n) {
			if err != nil {
				whole = false
				continue
			}
			for want <= n && string(part) != string(payload(want)) {
				want += 7
			}
			if want > n {
				return nil, nil, fmt.Errorf("state %d: a part that was never written", n)
			}
		}
		if whole && want+7 <= n {
			return nil, nil, fmt.Errorf("state %d passes for whole and ends at part %d", n, want)
		}
	}
	if _, err := l.Check(t.Context(), func(Fault) {}); err != nil {
		return nil, nil, err
	}
	// Work goes on, and what is written now is read.
	for range 3 {
		if _, err := l.Append(payload(l.Last() + 1)); err != nil {
			return nil, nil, err
		}
	}
	after, _ := read(t, l, last)
	if !slices.Equal(after, seq(last+1, last+3)) {
		return nil, nil, fmt.Errorf("appended %d to %d, read %v", last+1, last+3, after)
	}
	return got, faults, nil
}

// TestOneFlippedBit: anywhere in any file. It costs one frame at most, which is
// named, and nothing where it hits a head or zeros.
func TestOneFlippedBit(t *testing.T) {
	d, o := worn(t)
	r := rand.New(rand.NewPCG(21, 22))
	const flips = 2000
	lost, harmless := 0, 0
	for i := range flips {
		c := d.copyOf()
		names := c.list()
		name := names[r.IntN(len(names))]
		b := c.files[name].now
		at := r.IntN(len(b))
		if i%4 == 0 {
			at = r.IntN(min(len(b), 3*page)) // heads, and the first frames
		}
		b[at] ^= 1 << r.IntN(8)
		got, faults, err := used(t, c, o)
		if err != nil {
			t.Fatalf("%s, byte %d: %v", name, at, err)
		}
		switch {
		case len(got) < 59:
			t.Fatalf("%s, byte %d: only %d frames left: %v", name, at, len(got), faults)
		case len(got) == 59:
			lost++
		default:
			harmless++
		}
	}
	t.Logf("%d flipped bits: %d cost one frame, which was named; %d none; 0 wrong payloads", flips, lost, harmless)
}

// naive reads a segment as it would be read without checksums.
func naive(b []byte) (payloads [][]byte) {
	for at := 2 * page; at+frameHead <= len(b) && string(b[at:at+4]) == frameMagic; {
		n := int(binary.LittleEndian.Uint32(b[at+24:]))
		if at+frameHead+n > len(b) {
			break
		}
		payloads = append(payloads, b[at+frameHead:][:n])
		at += frameHead + n
	}
	return payloads
}

// TestOneFlippedBitWithoutChecksums is the control: the same flips, read by
// somebody who believes what is there.
func TestOneFlippedBitWithoutChecksums(t *testing.T) {
	d, _ := worn(t)
	clean := d.files[segmentName(1)].now
	r := rand.New(rand.NewPCG(21, 22))
	const flips = 200
	wrong := 0
	for range flips {
		b := slices.Clone(clean)
		b[2*page+r.IntN(len(b)-3*page)] ^= 1 << r.IntN(8)
		for i, p := range naive(b) {
			if string(p) != string(payload(uint64(i+1))) {
				wrong++
				break
			}
		}
	}
	if wrong < flips/2 {
		t.Errorf("only %d of %d flips show", wrong, flips)
	}
	t.Logf("control: without checksums %d of %d flips give out a wrong payload", wrong, flips)
}

// TestDamage: sectors and pages zeroed or overwritten, files cut short, heads
// destroyed, files gone. Every frame up to where the log now ends is read or
// named, work goes on. That the end itself is gone only the database can tell:
// its last commit is then past Last.
func TestDamage(t *testing.T) {
	d, o := worn(t)
	r := rand.New(rand.NewPCG(31, 32))
	fill := func(b []byte) {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
	}
	span := func(b []byte, size int) []byte {
		at := r.IntN(len(b)) / size * size
		return b[at:min(at+size, len(b))]
	}
	kinds := []struct {
		name string
		do   func(c *memDisk, name string)
	}{
		{"sector zeroed", func(c *memDisk, name string) { clear(span(c.files[name].now, sector)) }},
		{"sector overwritten", func(c *memDisk, name string) { fill(span(c.files[name].now, sector)) }},
		{"page zeroed", func(c *memDisk, name string) { clear(span(c.files[name].now, page)) }},
		{"page overwritten", func(c *memDisk, name string) { fill(span(c.files[name].now, page)) }},
		{"pages swapped", func(c *memDisk, name string) {
			a, b := span(c.files[name].now, page), span(c.files[name].now, page)
			n := copy(make([]byte, page), a)
			tmp := slices.Clone(a[:min(n, len(b))])
			copy(a, b)
			copy(b, tmp)
		}},
		{"both heads destroyed", func(c *memDisk, name string) { fill(c.files[name].now[:2*page]) }},
		{"cut short", func(c *memDisk, name string) {
			n := c.files[name]
			n.now = n.now[:r.IntN(len(n.now))]
		}},
		{"emptied", func(c *memDisk, name string) { c.files[name].now = nil }},
		{"gone", func(c *memDisk, name string) { delete(c.files, name) }},
		{"older content", func(c *memDisk, name string) { // another segment's, as after a bad copy
			names := c.list()
			c.files[name].now = slices.Clone(c.files[names[r.IntN(len(names))]].now)
		}},
	}
	const each = 120
	for _, k := range kinds {
		whole := 0
		for i := range each {
			c := d.copyOf()
			names := c.list()
			name := names[r.IntN(len(names))]
			k.do(c, name)
			got, _, err := used(t, c, o)
			if err != nil {
				t.Fatalf("%s, %s, trial %d: %v", k.name, name, i, err)
			}
			if len(got) == 60 {
				whole++
			}
		}
		t.Logf("%s: %d trials, %d cost no frame; in the others every frame up to the new end was read or named", k.name, each, whole)
	}
}

// TestNothingButOneSegmentLeft: the frames of one file are read even where all
// else is gone, heads and all.
func TestNothingButOneSegmentLeft(t *testing.T) {
	d, o := worn(t)
	c := newMemDisk()
	n := d.files[segmentName(2)]
	clear(n.now[:2*page])
	c.files[segmentName(2)] = n
	o.disk, o.Stream, o.ReadOnly = c, station, true
	l := mustOpen(t, "", o)
	got, _ := read(t, l, 0)
	if len(got) < 3 {
		t.Errorf("%v", got)
	}
	o.Stream = ""
	if _, err := Open("", o); !errors.Is(err, ErrDamaged) {
		t.Errorf("whose it is cannot be known: %v", err)
	}
}

// TestBadSectors: the disk cannot read some pages. What lies before and after
// is read, and the fault says so.
func TestBadSectors(t *testing.T) {
	d, o := worn(t)
	r := rand.New(rand.NewPCG(41, 42))
	for i := range 200 {
		c := d.copyOf()
		names := c.list()
		bad := names[r.IntN(len(names))]
		at := int64(r.IntN(len(c.files[bad].now))) / page * page
		c.bad = func(name string, off, n int64) error {
			if name == bad && off < at+page && at < off+n {
				return syscall.EIO
			}
			return nil
		}
		got, faults, err := used(t, c, o)
		if err != nil {
			t.Fatalf("trial %d, %s, byte %d: %v", i, bad, at, err)
		}
		if len(got) < 50 {
			t.Errorf("trial %d, %s, byte %d: one page cost %d frames", i, bad, at, 60-len(got))
		}
		for _, f := range faults {
			if f.File == bad && f.Offset <= at && at < f.Offset+f.Length && !strings.Contains(f.What, "input/output error") {
				t.Errorf("trial %d: not said to be the disk: %v", i, f)
			}
		}
	}
}

// TestDamageNamesFramesAndPlace: what the staff's log says is exact.
func TestDamageNamesFramesAndPlace(t *testing.T) {
	d, o := worn(t)
	l := mustOpen(t, "", o)
	var place Frame
	for f, err := range l.Frames(6) {
		if err != nil {
			t.Fatal(err)
		}
		place = f
		break
	}
	l.Close()
	d.files[place.File].now[place.Offset+frameHead+3] ^= 4
	l = mustOpen(t, "", o)
	got, faults := read(t, l, 0)
	if len(got) != 59 || len(faults) != 1 {
		t.Fatalf("%v, %v", got, faults)
	}
	f := faults[0]
	if f.File != place.File || f.Offset != place.Offset || f.Length != frameHead+int64(len(place.Payload)) || f.From != 7 || f.To != 7 || !errors.Is(f, ErrDamaged) {
		t.Errorf("%+v, want frame 7 at %s, %d", f, place.File, place.Offset)
	}
	if _, faults := read(t, l, 7); len(faults) > 0 {
		t.Errorf("damage before what was asked for is told: %v", faults)
	}
	_, all := check(t, l)
	if len(all) != 1 || all[0].From != 7 {
		t.Errorf("check: %v", all)
	}
}

// TestALostHeadCostsNothing: one copy is rotten, the other serves.
func TestALostHeadCostsNothing(t *testing.T) {
	for copyOfHead := range 2 {
		d, o := worn(t)
		for _, name := range d.list() {
			clear(d.files[name].now[copyOfHead*page:][:page])
		}
		l := mustOpen(t, "", o)
		if got, faults := read(t, l, 0); len(got) != 60 || len(faults) > 0 || string(l.Key()) != string(wrappedKey) {
			t.Errorf("copy %d: %v, %v, %q", copyOfHead+1, got, faults, l.Key())
		}
		_, faults := check(t, l)
		if len(faults) != len(d.list()) {
			t.Errorf("copy %d: %d faults for %d files", copyOfHead+1, len(faults), len(d.list()))
		}
	}
}

// TestAMissingStateIsTold: what was pruned because a state stood for it.
func TestAMissingStateIsTold(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir, Options{Stream: station})
	appendFrames(t, l, 10)
	writeState(l, 10, true)
	appendFrames(t, l, 2)
	if _, faults := check(t, l); len(faults) > 0 {
		t.Fatal(faults)
	}
	if err := os.Remove(filepath.Join(dir, stateName(10))); err != nil {
		t.Fatal(err)
	}
	if got, faults := read(t, l, 0); len(got) != 2 || len(faults) != 1 || !errors.Is(faults[0], ErrMissing) || faults[0].From != 1 || faults[0].To != 10 {
		t.Errorf("%v, %v", got, faults)
	}
	l.Close()
	l = mustOpen(t, dir, Options{})
	if _, faults := check(t, l); len(faults) != 1 || !errors.Is(&faults[0], ErrMissing) || faults[0].To != 10 {
		t.Errorf("%v", faults)
	}
}

// TestSetAside: the old log is kept whole, and a new one begins.
func TestSetAside(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir, Options{Stream: station})
	appendFrames(t, l, 10)
	writeState(l, 10, false)
	if _, err := SetAside(dir, l.o.Now()); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("while it is open: %v", err)
	}
	l.Close()
	moved, err := SetAside(dir, l.o.Now())
	if err != nil {
		t.Fatal(err)
	}
	old := mustOpen(t, moved, Options{})
	if got, faults := read(t, old, 0); len(got) != 10 || len(faults) > 0 || len(old.States()) != 1 {
		t.Errorf("%v, %v, %v", got, faults, old.States())
	}
	l = mustOpen(t, dir, Options{Stream: "QA01/B-test"})
	if l.Last() != 0 || l.Stream() != "QA01/B-test" {
		t.Errorf("%d, %s", l.Last(), l.Stream())
	}
	l.Close()
	if again, err := SetAside(dir, old.o.Now()); err != nil || again == moved {
		t.Errorf("a second time in the same second: %s, %v", again, err)
	}
}
