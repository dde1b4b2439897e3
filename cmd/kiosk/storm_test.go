package main

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// A remote is the city's program, behind a line that is cut.
type remote struct {
	t     *testing.T
	bin   string // the program
	dir   string
	front net.Listener
	back  atomic.Value // address of the living process
	cuts  atomic.Int64
	cmd   *exec.Cmd
	calm  atomic.Bool // the line holds
}

func newRemote(t *testing.T) *remote {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{t: t, bin: filepath.Join(t.TempDir(), "city"), dir: t.TempDir(), front: l}
	if out, err := exec.Command("go", "build", "-o", r.bin, "liaison/cmd/city").CombinedOutput(); err != nil {
		t.Fatalf("build city: %v\n%s", err, out)
	}
	r.calm.Store(true)
	r.start()
	go r.forward()
	t.Cleanup(func() {
		_ = l.Close()
		r.kill()
	})
	return r
}

// start runs `city serve` and waits until it says where.
func (r *remote) start() {
	r.t.Helper()
	r.cmd = exec.Command(r.bin, "serve", "--listen", "127.0.0.1:0", "--data", r.dir)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	s := bufio.NewScanner(out)
	if !s.Scan() {
		r.t.Fatal("the city did not start")
	}
	_, addr, _ := strings.Cut(s.Text(), "http://")
	r.back.Store(addr)
}

// ask runs another command of the city and returns what it printed.
func (r *remote) ask(args ...string) string {
	r.t.Helper()
	out, err := exec.Command(r.bin, append(args, "--data", r.dir)...).Output()
	if err != nil {
		r.t.Fatalf("city %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *remote) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// forward passes connections on, and cuts each after a random number of bytes
// in either direction: before the request is whole, or after the city has
// committed and before its answer is.
func (r *remote) forward() {
	for {
		c, err := r.front.Accept()
		if err != nil {
			return
		}
		go r.pass(c)
	}
}

func (r *remote) pass(c net.Conn) {
	defer c.Close()
	b, err := net.Dial("tcp", r.back.Load().(string))
	if err != nil {
		return
	}
	defer b.Close()
	up, down := int64(1<<40), int64(1<<40)
	if !r.calm.Load() {
		if rand.IntN(2) == 0 {
			up = rand.Int64N(128 << 10)
		} else {
			down = rand.Int64N(4 << 10)
		}
	}
	var wg sync.WaitGroup
	carry := func(dst, src net.Conn, most int64) {
		if n, _ := io.CopyN(dst, src, most); n == most {
			r.cuts.Add(1)
		}
		_, _ = dst.Close(), src.Close()
	}
	wg.Go(func() { carry(b, c, up) })
	wg.Go(func() { carry(c, b, down) })
	wg.Wait()
}

// TestTheCityEndsWithTheSameEntries records 10,000 receptions (or
// KIOSK_RECEPTIONS) while the city is killed ten times and the line is cut at
// random, before and after answers.
func TestTheCityEndsWithTheSameEntries(t *testing.T) {
	t.Parallel()
	n := repeats(t, "KIOSK_RECEPTIONS", 10_000)
	f := newStation(t)
	r := newRemote(t)
	serve(t, f)
	f.ok("enroll", "http://"+r.front.Addr().String(), r.ask("enroll", "QA01"))
	r.calm.Store(false)

	var numbers lines
	numbers.moved.L = &numbers.mu
	added := make(chan int, 1)
	go func() {
		err := run(t.Context(), []string{"add", "--data", f.dir}, nil, &counted{n: n}, &numbers, t.Output())
		numbers.end()
		added <- settle(t.Output(), nil, err)
	}()
	failed := 0
	push := func() {
		if f.run("", "sync").code != 0 {
			failed++
		}
	}
	for step := range 40 {
		numbers.reach(n * step / 40)
		if step%4 > 0 {
			push()
			continue
		}
		moment := time.AfterFunc(time.Duration(rand.Int64N(int64(60*time.Millisecond))), func() { _ = r.cmd.Process.Kill() })
		push()
		moment.Stop()
		r.kill()
		r.start()
	}
	if code := <-added; code != 0 || numbers.n != n {
		t.Fatalf("add: code %d, %d numbers, want %d", code, numbers.n, n)
	}
	for f.status().Waiting > 0 {
		push()
	}
	r.kill()
	same := compare(t, f, r.dir)
	t.Logf("%d receptions, %d entries the same on both sides; 10 kills, %d cuts of the line, %d syncs that failed", n, same, r.cuts.Load(), failed)
	if r.cuts.Load() == 0 {
		t.Error("the line was never cut")
	}
	wants(t, f.ok("check"), "完好")
	wants(t, r.ask("check"), "完好")
	if listed := strings.Count(r.ask("list", "receptions", "--json"), "\n") + 1; listed != n {
		t.Errorf("the city lists %d receptions, want %d", listed, n)
	}
}

// lines counts what is printed.
type lines struct {
	mu    sync.Mutex
	moved sync.Cond
	n     int
	over  bool // nothing more will come
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n += strings.Count(string(p), "\n")
	l.moved.Broadcast()
	return len(p), nil
}

// reach waits until n lines are printed.
func (l *lines) reach(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.n < n && !l.over {
		l.moved.Wait()
	}
}

func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.moved.Broadcast()
}

// counted gives n lines.
type counted struct {
	n int
	e endless
}

func (c *counted) Read(p []byte) (int, error) {
	if len(c.e.rest) == 0 && c.e.n == c.n {
		return 0, io.EOF
	}
	return c.e.Read(p)
}

// compare walks both ledgers and returns how many entries they share.
func compare(t *testing.T, f folder, cityDir string) (same int) {
	t.Helper()
	city, err := bolt.Open(filepath.Join(cityDir, ledgerFile), bolt.Options{Indexes: station.Indexes()})
	if err != nil {
		t.Fatal(err)
	}
	defer city.Close()
	copied := filepath.Join(t.TempDir(), "copy.db")
	f.ok("backup", copied)
	own, err := bolt.Open(copied, bolt.Options{Indexes: station.Indexes(), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	for after := ledger.Seq(0); ; after += 1000 {
		mine, err1 := own.Since(own.Own(), after, 1000)
		theirs, err2 := city.Since(own.Own(), after, 1000)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if len(mine) != len(theirs) {
			t.Fatalf("after %d: %d here, %d at the city", after, len(mine), len(theirs))
		}
		for i := range mine {
			if mine[i].Hash() != theirs[i].Hash() {
				t.Fatalf("%s differs", mine[i].Ref)
			}
			if theirs[i].Absent() != (mine[i].Kind == station.KindVoter) {
				t.Errorf("%s %s: absent at the city: %v", mine[i].Kind, mine[i].Ref, theirs[i].Absent())
			}
		}
		if same += len(mine); len(mine) == 0 {
			break
		}
	}
	return same
}
