package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// image is the disk as a power cut may leave it, and what had been promised
// by then.
type image struct {
	disk      *memDisk
	kept      uint64 // newest frame whose Append had returned
	attempted uint64 // newest frame that Append was called for
	failed    bool   // the disk failed before: what it left at the end of a segment may be told, but nothing be missing
}

// lives makes images of logs that live for some days on a disk whose power is
// cut at random moments, most often while something waits to be synced.
func lives(r *rand.Rand, o Options, images int) []image {
	var out []image
	for len(out) < images {
		d := newMemDisk()
		o.disk = d
		var kept, attempted uint64
		d.watch = func(op string) {
			often := 20
			if op == "sync" {
				often = 3
			}
			if len(out) < images && r.IntN(often) == 0 {
				out = append(out, image{d.crash(r), kept, attempted, false})
			}
		}
		for range 3 {
			l, err := Open("", o)
			for i := r.IntN(30); i >= 0 && err == nil; i-- {
				attempted = l.Last() + 1
				if kept, err = l.Append(payload(attempted)); r.IntN(15) == 0 {
					writeState(l, kept, r.IntN(3) > 0)
				}
			}
			if err != nil {
				panic(err) // this disk does not fail
			}
			l.Close()
		}
	}
	return out
}

// writeState writes a state whose parts are the payloads it stands for, and
// prunes.
func writeState(l *Log, through uint64, prune bool) {
	w, err := l.NewState(through)
	for n := uint64(1); err == nil && n <= through; n += 7 {
		err = w.Add(payload(n))
	}
	if err == nil {
		err = w.Commit()
	}
	if err == nil && prune {
		_, err = l.Prune(through + 1)
	}
	if err != nil {
		panic(err)
	}
}

// survived opens what a power cut left and reports what is wrong with it.
func survived(t testing.TB, im image, o Options) error {
	o.disk = im.disk
	o.noSync = false
	for round := range 2 {
		l, err := Open("", o)
		if err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
		from, err := complete(l)
		if err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
		got, faults := read(t, l, from)
		switch {
		case slices.ContainsFunc(faults, func(f *Fault) bool { return !im.failed || f.From > 0 && f.From <= l.Last() }):
			return fmt.Errorf("round %d: %v", round, faults)
		case l.Last() < im.kept:
			return fmt.Errorf("round %d: frame %d was kept, the log ends at %d", round, im.kept, l.Last())
		case l.Last() > im.attempted:
			return fmt.Errorf("round %d: frame %d was never written, the log ends at %d", round, im.attempted+1, l.Last())
		case !slices.Equal(got, seq(from+1, l.Last())):
			return fmt.Errorf("round %d: after %d: %v, last %d", round, from, got, l.Last())
		}
		for range 12 {
			n, err := l.Append(payload(l.Last() + 1))
			if err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
			im.kept, im.attempted = n, n
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}

// complete is the frame that the newest complete state stands for.
func complete(l *Log) (uint64, error) {
	states := l.States()
	if len(states) == 0 {
		return 0, nil
	}
	n := states[len(states)-1]
	next := uint64(1)
	for part, err := range l.State(n) {
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(part, payload(next)) {
			return 0, fmt.Errorf("state %d: a part that was never written", n)
		}
		next += 7
	}
	if next <= n {
		return 0, fmt.Errorf("state %d: ends before part %d", n, next)
	}
	return n, nil
}

// TestPowerCuts: torn, lost and reordered sectors, lost names, at any moment of
// appending, rolling, writing states and pruning.
func TestPowerCuts(t *testing.T) {
	const images = 3000
	r := rand.New(rand.NewPCG(11, 12))
	o := small(nil)
	torn := 0
	for i, im := range lives(r, o, images) {
		if err := survived(t, im, o); err != nil {
			t.Fatalf("image %d (%s): %v", i, im.disk, err)
		}
		if strings.Contains(im.disk.String(), ".torn-") {
			torn++
		}
	}
	if torn < images/20 {
		t.Errorf("only %d images had a torn end: the disk forgets too little to prove anything", torn)
	}
	t.Logf("%d power cuts, %d with a torn end: 0 frames lost", images, torn)
}

// TestPowerCutsWithoutSync is the control: with no sync the same cuts lose
// frames, or the test above shows nothing.
func TestPowerCutsWithoutSync(t *testing.T) {
	const images = 200
	r := rand.New(rand.NewPCG(11, 12))
	o := small(nil)
	o.noSync = true
	lost := 0
	for _, im := range lives(r, o, images) {
		if survived(t, im, o) != nil {
			lost++
		}
	}
	if lost < images/2 {
		t.Errorf("only %d of %d broken", lost, images)
	}
	t.Logf("control: %d of %d power cuts lose frames when nothing is synced", lost, images)
}

// TestEveryPrefixOfTheLastFrame: a write that stopped after any byte, with
// zeros after it or the file cut short there.
func TestEveryPrefixOfTheLastFrame(t *testing.T) {
	d := newMemDisk()
	o := small(d)
	l := mustOpen(t, "", o)
	appendFrames(t, l, 5)
	start := l.end
	if _, err := l.Append(payload(6)); err != nil {
		t.Fatal(err)
	}
	end, name := l.end, l.segments[len(l.segments)-1].name()
	images := 0
	for at := start; at <= end; at++ {
		for _, short := range []bool{false, true} {
			im := image{d.copyOf(), 5, 6, false}
			n := im.disk.files[name]
			clear(n.now[at:end])
			if short {
				n.now = n.now[:at]
			}
			if err := survived(t, im, o); err != nil {
				t.Fatalf("cut after %d of %d bytes, file short %v: %v", at-start, end-start, short, err)
			}
			images++
		}
	}
	t.Logf("%d images: 0 frames lost", images)
}

// TestTornEndIsKept: what is cut off can be looked at afterwards, and goes with
// its segment.
func TestTornEndIsKept(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir, Options{Stream: station})
	appendFrames(t, l, 3)
	end := l.end
	l.Close()
	path := filepath.Join(dir, segmentName(1))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	torn := bytes.Repeat([]byte{0xab}, 700)
	if _, err := f.WriteAt(torn, end+512); err != nil {
		t.Fatal(err)
	}
	f.Close()

	r := mustOpen(t, dir, Options{ReadOnly: true})
	if got, faults := read(t, r, 0); len(got) != 3 || len(faults) != 1 || faults[0].From != 4 || len(r.Faults()) != 1 {
		t.Errorf("for reading only: %v, %v, %v", got, faults, r.Faults())
	}
	l = mustOpen(t, dir, Options{})
	faults := l.Faults()
	if len(faults) != 1 || faults[0].From != 4 || faults[0].To != 0 || faults[0].Kept != tornName(segmentName(1), end) {
		t.Fatalf("%v", faults)
	}
	kept, err := os.ReadFile(filepath.Join(dir, faults[0].Kept))
	if err != nil || !bytes.Equal(kept, append(make([]byte, 512), torn...)) {
		t.Errorf("%d bytes kept, %v", len(kept), err)
	}
	appendFrames(t, l, 2)
	if got, faults := read(t, l, 0); !slices.Equal(got, seq(1, 5)) || len(faults) > 0 {
		t.Errorf("%v, %v", got, faults)
	}
	writeState(l, 5, true)
	if _, err := os.Stat(filepath.Join(dir, faults[0].Kept)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the torn end outlives its segment: %v", err)
	}
}

// childEnv tells the test's own program to be the child that is killed.
const childEnv = "JOURNAL_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// child appends until it is killed, and says which frames are durable.
func child(dir string) error {
	o := small(nil)
	o.disk = nil
	l, err := Open(dir, o)
	if err != nil {
		return err
	}
	fmt.Println("open", l.Last())
	for {
		n, err := l.Append(payload(l.Last() + 1))
		if err != nil {
			return err
		}
		fmt.Println("kept", n)
		if n%97 == 0 {
			writeState(l, n, true)
		}
	}
}

// TestKilledAtRandom: the process is killed with SIGKILL while it appends,
// rolls, writes states and prunes. What it said to be durable is there.
func TestKilledAtRandom(t *testing.T) {
	const cycles = 60
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(5, 6))
	total := uint64(0)
	for cycle := range cycles {
		kept, err := killed(dir, r.IntN(60))
		if err != nil {
			t.Fatalf("cycle %d: %v", cycle, err)
		}
		l, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("cycle %d: %v", cycle, err)
		}
		from, err := complete(l)
		if err != nil {
			t.Fatalf("cycle %d: %v", cycle, err)
		}
		got, faults := read(t, l, from)
		if l.Last() < kept || l.Last() > kept+1 || !slices.Equal(got, seq(from+1, l.Last())) || len(faults) > 0 {
			t.Fatalf("cycle %d: %d kept, last %d, state %d, %v, %v", cycle, kept, l.Last(), from, got, faults)
		}
		total = l.Last()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d frames: 0 lost", cycles, total)
}

// killed starts the child, lets it append some frames and for a moment more,
// kills it, and returns the last frame it said to be durable.
func killed(dir string, frames int) (kept uint64, err error) {
	exe, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(out)
	for i := 0; i <= frames && lines.Scan(); i++ {
		if kept, err = spoken(lines.Text()); err != nil {
			break
		}
	}
	// At some moment of the next frames, told by the clock's last digits.
	for until := time.Now().Add(time.Duration(time.Now().UnixNano()%900) * time.Microsecond); time.Now().Before(until); {
	}
	killErr := cmd.Process.Kill()
	for lines.Scan() {
		if n, e := spoken(lines.Text()); e == nil {
			kept = n
		}
	}
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		return kept, fmt.Errorf("the child ended by itself: %v: %s", err, stderr.String())
	}
	return kept, errors.Join(err, killErr)
}

func spoken(line string) (uint64, error) {
	_, n, _ := strings.Cut(line, " ")
	return strconv.ParseUint(n, 10, 64)
}
