package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"liaison/tui/door/doortest"
)

// An assault is what is done to a station's SSH door, from one address, by
// strangers and by somebody who has an account.
type assault struct {
	t       *testing.T
	addr    string
	from    int         // which attack it is
	insider *ssh.Client // made before any of it
}

// line is a connection from an address of the attack's own, where the machine
// has more than one on its loopback: each attack then meets the door as a
// stranger, and not the penalty for the one before.
func (a *assault) line() (net.Conn, error) {
	d := net.Dialer{Timeout: patience}
	if runtime.GOOS == "linux" {
		d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(10+a.from))}
	}
	return d.Dial("tcp", a.addr)
}

// dial connects as the owner of k; what became of it is for the caller.
func (a *assault) dial(k ssh.Signer, user string) (*ssh.Client, error) {
	nc, err := a.line()
	if err != nil {
		return nil, err
	}
	c, chans, reqs, err := ssh.NewClientConn(nc, a.addr, &ssh.ClientConfig{User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(k)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey()})
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return ssh.NewClient(c, chans, reqs), nil
}

// many does f n times, in eight goroutines.
func many(n int, f func(i int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 8 {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				f(i)
			}
		})
	}
	wg.Wait()
}

func (a *assault) wrongKeys() string {
	wrong := newGuest(a.t, a.addr).signer
	var in, told atomic.Int64
	many(1000, func(int) {
		c, err := a.dial(wrong, "root")
		switch {
		case err == nil:
			in.Add(1)
			_ = c.Close()
		case strings.Contains(err.Error(), "D-PENALTY"):
			told.Add(1)
		}
	})
	if in.Load() > 0 || told.Load() == 0 {
		a.t.Errorf("%d let in, %d told to wait", in.Load(), told.Load())
	}
	return fmt.Sprintf("1000 wrong keys: 0 let in, %d turned away in words before the handshake", told.Load())
}

// userName is a name of 64 KiB, from a stranger and from the insider.
func (a *assault) userName() string {
	name := strings.Repeat("a\x1b]0;x\a", 8<<10)
	for range 20 {
		if c, err := a.dial(newGuest(a.t, a.addr).signer, name); err == nil {
			_ = c.Close()
			a.t.Error("a stranger with a long name is let in")
		}
	}
	return "20 user names of 64 KiB: refused"
}

// garbage is what scanners send: something else than SSH, half a handshake,
// nothing but a byte.
func (a *assault) garbage() string {
	many(300, func(i int) {
		c, err := a.line()
		if err != nil {
			return
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patience))
		switch i % 3 {
		case 0:
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		case 1:
			_, _ = io.WriteString(c, "SSH-2.0-x\r\n\x00\x00\xff\xff")
		case 2:
			_, _ = c.Write(bytes.Repeat([]byte{'x'}, 64<<10))
		}
	})
	return "300 broken handshakes"
}

// silent opens connections that say nothing and keeps them until the end.
func (a *assault) silent() (said string, end func()) {
	var all []net.Conn
	for range 200 {
		if c, err := a.line(); err == nil {
			all = append(all, c)
		}
	}
	return fmt.Sprintf("%d silent connections, kept", len(all)), func() {
		for _, c := range all {
			_ = c.Close()
		}
	}
}

// sessions are 300 at once on one connection.
func (a *assault) sessions() string {
	var open, most, refused atomic.Int64
	var wg sync.WaitGroup
	for range 300 {
		wg.Go(func() {
			s, err := a.insider.NewSession()
			if err != nil {
				refused.Add(1)
				return
			}
			n := open.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			if err := s.RequestPty("xterm-256color", 24, 80, nil); err == nil {
				_ = s.Shell()
			}
			<-time.After(50 * time.Millisecond) // a screen's life
			open.Add(-1)
			_ = s.Close()
		})
	}
	wg.Wait()
	if most.Load() > 2 || refused.Load() < 200 {
		a.t.Errorf("%d at once, %d refused", most.Load(), refused.Load())
	}
	return fmt.Sprintf("300 sessions on one connection: at most %d at once, %d refused", most.Load(), refused.Load())
}

// screen is a session of the insider, once there is a place for it.
func (a *assault) screen(term string, h, w int) (*ssh.Session, *written) {
	a.t.Helper()
	var s *ssh.Session
	eventually(a.t, "there is a place", func() (ok bool) {
		var err error
		s, err = a.insider.NewSession()
		return err == nil
	})
	out := &written{}
	s.Stdout = out
	if _, err := s.StdinPipe(); err != nil {
		a.t.Fatal(err)
	}
	if err := s.RequestPty(term, h, w, nil); err != nil {
		a.t.Fatal(err)
	}
	if err := s.Shell(); err != nil {
		a.t.Fatal(err)
	}
	return s, out
}

func (a *assault) windows() string {
	for _, size := range []int{0, 65535, -1} {
		s, out := a.screen("xterm-256color", size, size)
		eventually(a.t, "it is drawn", func() bool { return out.String() != "" })
		for i := range 5000 {
			w, h := 65535*(i%2), 65535*(i/2%2)
			if err := s.WindowChange(h, w); err != nil {
				a.t.Fatal(err)
			}
		}
		if err := s.WindowChange(24, 80); err != nil {
			a.t.Fatal(err)
		}
		_ = s.Close()
	}
	return "windows of 0×0, 65535×65535 and 4294967295×4294967295, 15000 resizes"
}

func (a *assault) environment() string {
	s, err := a.insider.NewSession()
	if err != nil {
		a.t.Fatal(err)
	}
	defer s.Close()
	value, taken := strings.Repeat("x", 32<<10), 0
	for i := range 5000 {
		if s.Setenv(fmt.Sprintf("LD_PRELOAD_%d", i), value) == nil {
			taken++
		}
	}
	if taken > 0 {
		a.t.Errorf("%d variables were taken", taken)
	}
	return "5000 environment variables of 32 KiB: 0 taken"
}

// kept closes channels and keeps the connection.
func (a *assault) kept() string {
	for range 40 {
		s, out := a.screen("xterm-256color", 40, 120)
		eventually(a.t, "it is drawn", func() bool { return out.String() != "" })
		_ = s.Close()
	}
	return "40 channels closed on a kept connection"
}

// subsystems and forwarding, every kind there is.
func (a *assault) others() string {
	n := 0
	for _, c := range []string{"direct-tcpip", "direct-streamlocal@openssh.com", "auth-agent@openssh.com", "x11", "tun@openssh.com", "forwarded-tcpip", "no-such"} {
		if ch, _, err := a.insider.OpenChannel(c, nil); err == nil {
			_ = ch.Close()
			a.t.Errorf("channel %s", c)
		}
		n++
	}
	for _, r := range []string{"tcpip-forward", "streamlocal-forward@openssh.com", "no-more-sessions@openssh.com", "no-such"} {
		if ok, _, err := a.insider.SendRequest(r, true, ssh.Marshal(struct {
			A string
			P uint32
		}{"0.0.0.0", 0})); ok || err != nil {
			a.t.Errorf("request %s: %v, %v", r, ok, err)
		}
		n++
	}
	s, err := a.insider.NewSession()
	if err != nil {
		a.t.Fatal(err)
	}
	defer s.Close()
	for _, sub := range []string{"sftp", "netconf", "scp", "publickey", "", strings.Repeat("x", 32<<10)} {
		if s.RequestSubsystem(sub) == nil {
			a.t.Errorf("subsystem %.20q", sub)
		}
		n++
	}
	for _, r := range []string{"auth-agent-req@openssh.com", "x11-req", "break", "xon-xoff", "no-such"} {
		if ok, err := s.SendRequest(r, true, nil); ok || err != nil {
			a.t.Errorf("%s: %v, %v", r, ok, err)
		}
		n++
	}
	return fmt.Sprintf("%d kinds of forwarding, subsystem and request: all refused", n)
}

// An honest person types words on one screen for as long as it lasts, and sees
// each.
type honest struct {
	keys  io.Writer
	shown *written
	stop  chan struct{}
	done  chan error
	took  []time.Duration
}

func (g guest) types() *honest {
	g.t.Helper()
	_, shown, _, keys := g.screen()
	h := &honest{keys: keys, shown: shown, stop: make(chan struct{}), done: make(chan error, 1)}
	eventually(g.t, "the first page is there", func() bool { return strings.Contains(shown.String(), "最近登记") })
	go func() { h.done <- h.work() }()
	return h
}

func (h *honest) work() error {
	for n := 0; ; n++ {
		word := fmt.Sprintf("路灯%04d号", n)
		began := time.Now()
		if _, err := io.WriteString(h.keys, "\x1bOR"+word); err != nil { // F3 begins anew
			return fmt.Errorf("word %d: %w", n, err)
		}
		for limit := time.After(patience); !strings.Contains(h.shown.String(), word); {
			select {
			case <-limit:
				return fmt.Errorf("never saw %s", word)
			case <-time.After(2 * time.Millisecond):
			}
		}
		h.took = append(h.took, time.Since(began))
		h.shown.forget()
		select {
		case <-h.stop:
			return nil
		case <-time.After(30 * time.Millisecond): // nobody types faster
		}
	}
}

// ends returns how many words were typed and seen, and how long that took.
func (h *honest) ends(t *testing.T) (n int, median, longest time.Duration) {
	t.Helper()
	close(h.stop)
	if err := <-h.done; err != nil {
		t.Fatal(err)
	}
	slices.Sort(h.took)
	return len(h.took), h.took[len(h.took)/2], h.took[len(h.took)-1]
}

func (w *written) forget() { w.mu.Lock(); defer w.mu.Unlock(); w.b.Reset() }

// run does all of it and says so line by line.
func (a *assault) run() {
	var end func()
	silent := func() (said string) { said, end = a.silent(); return said }
	for _, step := range []func() string{silent, a.wrongKeys, a.userName, a.garbage, a.sessions, a.windows, a.environment, a.kept, a.others} {
		began := time.Now()
		a.from++
		said := step()
		a.t.Logf("%s (%v)", said, time.Since(began).Round(time.Millisecond))
	}
	end()
}

// under sets accounts up and lets the assault go while the honest person types.
func under(t *testing.T, f folder, addr string, quiet func() (before func(*testing.T))) {
	t.Helper()
	good, bad := newGuest(t, addr), newGuest(t, addr)
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", good.pub)
	f.ok("user", "add", "赵某", "--role", "deputy", "--key", bad.pub)
	h := good.types()
	a := &assault{t: t, addr: addr}
	var err error
	if a.insider, err = a.dial(bad.signer, "x"); err != nil {
		t.Fatal(err)
	}
	after := quiet()
	a.run()
	_ = a.insider.Close()
	n, median, longest := h.ends(t)
	t.Logf("the honest person typed %d words meanwhile and saw each: median %v, longest %v", n, median.Round(time.Millisecond), longest.Round(time.Millisecond))
	if n < 20 {
		t.Errorf("only %d words", n)
	}
	after(t)
	if b, err := os.ReadFile(filepath.Join(f.dir, logFile)); err != nil || len(b) > 256<<10 || bytes.Contains(b, []byte("\x1b")) || bytes.Contains(b, []byte("aaaa")) {
		t.Errorf("log of %d bytes, %v", len(b), err)
	} else {
		t.Logf("the log has %d KiB", len(b)>>10)
	}
	wants(t, f.ok("status"), "QA01")
}

// TestSSHUnderAbuse: the program as it runs at a station, in a process of its
// own whose memory and processor time are read from outside; and once more in
// this one, to count what is left behind. All of it on the loopback address, and
// the limits are those of every day.
func TestSSHUnderAbuse(t *testing.T) {
	t.Run("memory and processor", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Log("they are read from /proc, which is not here; what is left behind is counted in the other part")
			return
		}
		f := newStation(t)
		cmd := f.command("serve", "--ssh", "127.0.0.1:0")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		s := bufio.NewScanner(out)
		if !s.Scan() {
			t.Fatal("serve did not start")
		}
		under(t, f, sshAddr.FindString(s.Text()), func() func(*testing.T) {
			p := doortest.Proc{TB: t, PID: cmd.Process.Pid}
			rss0, idle0 := p.Memory("VmRSS"), p.Busy(time.Second)
			p.ForgetPeak()
			return func(t *testing.T) {
				peak := p.Memory("VmHWM")
				eventually(t, "it is quiet again", func() bool { return p.Busy(500*time.Millisecond) < 0.2 })
				rss, idle := p.Memory("VmRSS"), p.Busy(time.Second)
				t.Logf("memory %d MiB before, at most %d MiB, %d MiB after; processor idle %.1f %% of a core before (one person typing), %.1f %% after",
					rss0>>20, peak>>20, rss>>20, 100*idle0, 100*idle)
				if peak > rss0+slowness*128<<20 || rss > rss0+slowness*64<<20 { // the race detector takes as much again
					t.Error("memory does not stay level")
				}
			}
		})
	})
	t.Run("what is left behind", func(t *testing.T) {
		f := newStation(t)
		said, stop := serve(t, f, "--ssh", "127.0.0.1:0")
		var heap0 uint64
		var routines0 int
		under(t, f, sshAddr.FindString(said), func() func(*testing.T) {
			heap0, routines0 = left()
			return func(t *testing.T) {
				var heap uint64
				var routines int
				eventually(t, "memory and goroutines are back where they were", func() bool {
					heap, routines = left()
					return routines <= routines0 && heap <= heap0+8<<20
				})
				t.Logf("heap %.1f MiB before, %.1f MiB after; %d goroutines before, %d after", float64(heap0)/(1<<20), float64(heap)/(1<<20), routines0, routines)
			}
		})
		stop()
	})
}

func left() (heap uint64, routines int) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one's finalizers let go
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse, runtime.NumGoroutine()
}
