package lossy

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// addUntilCut has the program record receptions and cuts the power at a random
// moment; what was printed until then is returned.
func (m *machine) addUntilCut(r *rand.Rand, ref *int) (printed []string) {
	m.t.Helper()
	c := m.command("add", "-")
	in, err := c.StdinPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	fed := make(chan int)
	go func(ref int) { // ends when the other end is killed
		for ; ; ref++ {
			if _, err := io.WriteString(in, line(ref)); err != nil {
				fed <- ref
				return
			}
		}
	}(*ref)
	after := 1 + r.IntN(40)
	for s := bufio.NewScanner(out); s.Scan(); {
		printed = append(printed, s.Text())
		if after--; after == 0 {
			time.AfterFunc(time.Duration(r.IntN(3000))*time.Microsecond, func() {
				m.d.Cut()
				_ = c.Process.Kill()
			})
		}
	}
	_ = c.Wait()
	*ref = <-fed + 1
	return printed
}

// powerCuts cuts the power n times, and returns what was wrong afterwards.
func (m *machine) powerCuts(n int, deaf bool) (printed int, wrong []string) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	var all []string
	ref := 0
	for i := range n {
		m.d.Deaf = deaf
		all = append(all, m.addUntilCut(r, &ref)...)
		m.again(r)
		there, err := m.there()
		lost := 0
		for _, p := range all {
			if there[p] == 0 {
				lost++
			}
		}
		if err == nil && lost > 0 {
			err = fmt.Errorf("%d of %d printed numbers are gone", lost, len(all))
		}
		if out, code := m.run("", "check"); err == nil && code != 0 {
			err = errors.New(out)
		}
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("cut %d (seed %d): %.300v", i, seed, err))
			if deaf {
				return len(all), wrong
			}
		}
	}
	return len(all), wrong
}

// TestPowerCutsUnderTheRealProgram: 60 times, or LOSSY_CUTS. At the end the
// database is deleted: the log alone has everything, too.
func TestPowerCutsUnderTheRealProgram(t *testing.T) {
	m := newMachine(t)
	if m == nil {
		return
	}
	n := times(t, "LOSSY_CUTS", 60)
	printed, wrong := m.powerCuts(n, false)
	for _, w := range wrong {
		t.Error(w)
	}
	before, err := m.there()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(m.dir, "data", "ledger.db")); err != nil {
		t.Fatal(err)
	}
	if after, err := m.there(); err != nil || len(after) != len(before) {
		t.Errorf("without the database %d of %d receptions, %v", len(after), len(before), err)
	}
	if printed < n {
		t.Errorf("only %d receptions in %d cuts: this shows nothing", printed, n)
	}
	t.Logf("power cuts on a lossy file system: %d cuts, %d receptions acknowledged, %d there, %d cuts with anything lost", n, printed, len(before), len(wrong))
}

// TestPowerCutsOnADeafDisk is the control: a disk that does not know what a
// sync is must lose.
func TestPowerCutsOnADeafDisk(t *testing.T) {
	broken := 0
	const n = 5
	for range n {
		m := newMachine(t)
		if m == nil {
			return
		}
		if _, wrong := m.powerCuts(3, true); len(wrong) > 0 {
			broken++
		}
		m.off()
	}
	if broken < n-1 {
		t.Errorf("only %d of %d stations lost anything on a disk that syncs nothing", broken, n)
	}
	t.Logf("control: on a disk that syncs nothing %d of %d stations lost something within three cuts", broken, n)
}

// TestAnErrorAtEachOperationInTurn: every write, sync and change of a name of
// a whole run of the program fails once with EIO, and then, from every fifth
// on, all that follow. What was printed is there, and the same input again
// gives the same numbers: no error was taken for a no, and nothing is there
// twice.
func TestAnErrorAtEachOperationInTurn(t *testing.T) {
	m := newMachine(t)
	if m == nil {
		return
	}
	const batch = 4
	refs, printed, refused, hits := 0, 0, 0, 0
	kinds := map[string]int{}
	try := func(fails func(nth int) bool) (hit bool) {
		nth := 0
		m.d.Fail(func(op Op) syscall.Errno {
			if strings.HasSuffix(op.Path, ".log") { // kiosk.log is no promise
				return 0
			}
			if nth++; !fails(nth) {
				return 0
			}
			hit = true
			kinds[op.Kind]++
			return syscall.EIO
		})
		in := lines(refs, refs+batch)
		refs += batch
		out, code := m.run(in, "add", "-")
		m.d.Fail(nil)
		if code != 0 {
			refused++
		}
		again, code := m.run(in, "add", "-")
		if code != 0 || len(strings.Fields(again)) != batch {
			t.Fatalf("when the disk is well again: %s", again)
		}
		for _, p := range strings.Fields(out) {
			if strings.HasPrefix(p, "QA01-") {
				printed++
				if !strings.Contains(again, p) {
					t.Errorf("%s was printed, and the same reception is now another: %s", p, again)
				}
			}
		}
		return hit
	}
	for nth := 1; ; nth++ {
		if !try(func(n int) bool { return n == nth }) {
			break
		}
		hits++
		if nth%5 == 0 {
			try(func(n int) bool { return n >= nth })
			hits++
		}
	}
	there, err := m.there()
	if err != nil || len(there) != refs {
		t.Errorf("%d receptions of %d, %v: lost or doubled", len(there), refs, err)
	}
	if out, code := m.run("", "check"); code != 0 {
		t.Error(out)
	}
	if hits < 20 || kinds["fsync"] == 0 || kinds["write"] == 0 {
		t.Errorf("only %d operations failed, %v: this shows nothing", hits, kinds)
	}
	t.Logf("EIO at each operation in turn: %d points, %d errors (%v), %d receptions, %d printed while it failed, %d runs refused in a sentence, 0 lost, 0 doubled", hits, sum(kinds), kinds, refs, printed, refused)
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// TestAFullDiskUnderTheRealProgram: a sentence, nothing lost, reading goes on,
// and so does recording when there is room.
func TestAFullDiskUnderTheRealProgram(t *testing.T) {
	m := newMachine(t)
	if m == nil {
		return
	}
	m.d.mu.Lock()
	m.d.Room = m.d.used + 2<<20 // beside the reserve, which is kept already
	m.d.mu.Unlock()
	refs, said := 0, ""
	var printed []string
	for said == "" && refs < 100_000 {
		out, code := m.run(lines(refs, refs+1000), "add", "-")
		refs += 1000
		for _, p := range strings.Fields(out) {
			if strings.HasPrefix(p, "QA01-") {
				printed = append(printed, p)
			}
		}
		if code != 0 {
			said = out
		}
	}
	if !strings.Contains(said, "满") || len(printed) < 100 {
		t.Errorf("after %d receptions it said %.300s", len(printed), said)
	}
	expect := func(when string) {
		there, err := m.there()
		if err != nil {
			t.Errorf("%s: %v", when, err)
		}
		for _, p := range printed {
			if there[p] == 0 {
				t.Errorf("%s: %s was printed and is gone", when, p)
			}
		}
	}
	expect("on the full disk")
	if out, code := m.run(line(refs), "add", "-"); code == 0 {
		t.Errorf("recorded on a full disk: %s", out)
	}
	m.d.mu.Lock()
	m.d.Room = 0
	m.d.mu.Unlock()
	out, code := m.run(line(refs), "add", "-")
	if code != 0 {
		t.Errorf("with room again: %s", out)
	}
	expect("with room again")
	if out, code := m.run("", "check"); code != 0 {
		t.Error(out)
	}
	t.Logf("full disk: %d receptions until it was full, then a sentence, 0 lost, recording again with room", len(printed))
}

// TestADiskThatTurnsReadOnly: as Linux does with a disk that fails. What can
// be read is read, nothing is lost, and work goes on when it is mended.
func TestADiskThatTurnsReadOnly(t *testing.T) {
	m := newMachine(t)
	if m == nil {
		return
	}
	out, code := m.run(lines(0, 5), "add", "-")
	if code != 0 {
		t.Fatal(out)
	}
	m.d.Fail(func(Op) syscall.Errno { return syscall.EROFS }) // what is open stays open
	if out, code := m.run(lines(5, 6), "add", "-"); code == 0 {
		t.Errorf("recorded: %s", out)
	}
	m.d.Fail(nil)
	if err := syscall.Mount("", m.dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Logf("NOT SHOWN: the disk could not be mounted read-only: %v", err)
	} else {
		for _, args := range [][]string{{"add", "-"}, {"status"}, {"serve"}} {
			if out, code := m.run(lines(5, 6), args...); code == 0 || !strings.Contains(out, "只读") {
				t.Errorf("kiosk %q on a read-only disk: %s", args, out)
			}
		}
		if err := syscall.Mount("", m.dir, "", syscall.MS_REMOUNT, ""); err != nil {
			t.Fatal(err)
		}
	}
	if out, code := m.run(lines(0, 7), "add", "-"); code != 0 || len(strings.Fields(out)) != 7 {
		t.Errorf("afterwards: %s", out)
	}
	if there, err := m.there(); err != nil || len(there) != 7 {
		t.Errorf("%d receptions, %v", len(there), err)
	}
	t.Log("read-only disk: a sentence, 0 lost, recording again afterwards")
}

// TestADiskOfTheSecondCopyThatFails: the second copy cannot be written for a
// while, and the station serves on: the status says it, and no longer once the
// disk is well. Then the second copy has everything.
func TestADiskOfTheSecondCopyThatFails(t *testing.T) {
	m := newMachine(t)
	if m == nil {
		return
	}
	c := m.command("serve")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if s := bufio.NewScanner(out); !s.Scan() {
		t.Fatal("it does not serve")
	}
	add := func(from, to int) {
		t.Helper()
		if out, code := m.run(lines(from, to), "add", "-"); code != 0 || len(strings.Fields(out)) != to-from {
			t.Errorf("receptions %d to %d: %s", from, to, out)
		}
	}
	status := func() string {
		out, code := m.run("", "status")
		if code != 0 {
			t.Error(out)
		}
		return out
	}
	n := 0
	some := func(more int) { add(n, n+more); n += more }
	some(5)
	for _, e := range []syscall.Errno{syscall.EIO, syscall.ENOSPC, syscall.EROFS} {
		m.d.Fail(func(op Op) syscall.Errno {
			if strings.Contains(op.Path, "ledger.journal") {
				return e
			}
			return 0
		})
		some(10)
		if said := status(); !strings.Contains(said, "现在只有一份") {
			t.Errorf("%v, and the status says\n%s", e, said)
		}
		m.d.Fail(nil)
		some(5)
		if said := status(); strings.Contains(said, "现在只有一份") {
			t.Errorf("well again after %v, and the status says\n%s", e, said)
		}
	}
	if out, code := m.run("", "check"); code != 0 {
		t.Error(out)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if err := os.Remove(filepath.Join(m.dir, "data", "ledger.db")); err != nil {
		t.Fatal(err)
	}
	if there, err := m.there(); err != nil || len(there) != n {
		t.Errorf("the second copy has %d of %d receptions, %v", len(there), n, err)
	}
	t.Logf("second copy's disk: EIO, full, read-only in turn: %d receptions, said on the status, whole afterwards, 0 lost", n)
}
