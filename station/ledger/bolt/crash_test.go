package bolt

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"liaison/station/ledger"
)

// trials is how often a random test is tried: n, or what the environment
// variable says.
func trials(t *testing.T, env string, n int) int {
	t.Helper()
	if s := os.Getenv(env); s != "" {
		v, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", env, err)
		}
		n = v
	}
	return n
}

// TestKillLosesNothingThatWasPrinted kills a writer with SIGKILL at random
// moments, 50 times or LEDGER_KILLS times, always on the same file, and at the
// end makes the database anew from the log.
func TestKillLosesNothingThatWasPrinted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	n := trials(t, "LEDGER_KILLS", 50)
	acknowledged, unprinted := ledger.Seq(0), 0
	for cycle := range n {
		last := killed(t, path, r)
		acknowledged = max(acknowledged, last)
		l, err := Open(path, testOptions())
		if err != nil {
			t.Fatalf("cycle %d: %v", cycle, err)
		}
		h, err := l.Head(l.Own())
		if err != nil {
			t.Fatal(err)
		}
		if h.Seq < acknowledged {
			t.Fatalf("cycle %d: number %d was printed, the ledger ends at %d", cycle, acknowledged, h.Seq)
		}
		if h.Seq > acknowledged {
			unprinted++
		}
		checkVisits(t, l, h.Seq)
		closeTest(t, l)
		acknowledged = h.Seq
	}
	if acknowledged < ledger.Seq(n) {
		t.Errorf("only %d entries in %d cycles: this shows nothing", acknowledged, n)
	}
	if err := os.Remove(path); err != nil { // the log alone has it all, too
		t.Fatal(err)
	}
	checkVisits(t, openTest(t, path, testOptions()), acknowledged)
	t.Logf("%d kills, %d entries acknowledged, 0 lost in either copy; in %d cycles the last one was durable and not yet printed", n, acknowledged, unprinted)
}

// killed runs a writer, kills it a random time after a random number of
// commits, and returns the last number it printed.
func killed(t *testing.T, path string, r *rand.Rand) (last ledger.Seq) {
	t.Helper()
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	cmd := child(ctx, t, "write", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	after := 1 + r.IntN(25)
	for sc := bufio.NewScanner(out); sc.Scan(); {
		n, err := strconv.ParseUint(sc.Text(), 10, 64)
		if err != nil {
			break // the last line, cut
		}
		last = ledger.Seq(n)
		if after--; after == 0 {
			time.AfterFunc(time.Duration(r.IntN(3000))*time.Microsecond, kill)
		}
	}
	if err := cmd.Wait(); err == nil || ctx.Err() == nil {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return last
}

// checkVisits expects what childWrite wrote through a number, and nothing
// else: entry, record, index line, draft and receipt of every commit.
func checkVisits(t *testing.T, l *Ledger, through ledger.Seq) {
	t.Helper()
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Fatalf("check: %v", faults)
	}
	es, err := l.Since(l.Own(), 0, int(through)+1)
	if err != nil || len(es) != int(through) {
		t.Fatalf("%d entries, %v; want %d", len(es), err, through)
	}
	for i, e := range es {
		if want := visit(i, fmt.Sprintf("wort%d %0200d", i, i)).New[0]; e.ID != want.ID || string(e.Body) != string(want.Body) {
			t.Fatalf("entry %s is %s %q", e.Ref, e.ID, e.Body)
		}
	}
	if hits, err := l.Find(ledger.Prefix("word", "wort")); err != nil || len(hits) != len(es) {
		t.Fatalf("%d index lines, %v; want %d", len(hits), err, len(es))
	}
	ds, err := l.Drafts("zhang")
	if err != nil || len(es) > 0 && (len(ds) != 1 || string(ds[0].Body) != fmt.Sprint(len(es)-1)) {
		t.Fatalf("drafts %v, %v after %d commits: a commit came through in part", ds, err, len(es))
	}
	if h, err := l.Head(l.Own()); err != nil || h.Confirmed != (through/7)*7-min(1, (through/7)*7) {
		t.Fatalf("confirmed through %d of %d, %v", h.Confirmed, through, err)
	}
}
