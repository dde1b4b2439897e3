// Package doortest opens doors and sits before them, for tests and
// benchmarks: of package door with a model of its own, of the whole program
// with the real one.
package doortest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"liaison/tui/door"
)

// Patience is how long anything here waits before it calls a test hung. It is
// never a verdict on speed.
const Patience = 30 * time.Second

// NewKey makes a person's key.
func NewKey(t testing.TB) gossh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := gossh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Fingerprint is what a Config's Lookup is asked about.
func Fingerprint(k gossh.Signer) string { return gossh.FingerprintSHA256(k.PublicKey()) }

// Only is a Lookup that knows one person.
func Only(k gossh.Signer, user string) func(string) (string, bool) {
	fp := Fingerprint(k)
	return func(f string) (string, bool) {
		if f != fp {
			return "", false
		}
		return user, true
	}
}

// Open serves a door on the loopback address until the test ends. A missing
// host key path is made up.
func Open(t testing.TB, cfg door.Config) (d *door.Door, addr string) {
	t.Helper()
	if cfg.HostKeyPath == "" {
		cfg.HostKeyPath = filepath.Join(t.TempDir(), "host_key")
	}
	d, err := door.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("the door did not shut cleanly: %v", err)
			}
		case <-time.After(Patience):
			t.Error("the door does not shut")
		}
	})
	return d, l.Addr().String()
}

// Dial connects as the owner of k.
func Dial(addr string, k gossh.Signer) (*gossh.Client, error) {
	return gossh.Dial("tcp", addr, &gossh.ClientConfig{
		User: "someone", Auth: []gossh.AuthMethod{gossh.PublicKeys(k)},
		HostKeyCallback: gossh.InsecureIgnoreHostKey(), Timeout: Patience,
	})
}

// Connect is Dial for a test that cannot go on without; the connection is
// closed with the test.
func Connect(t testing.TB, addr string, k gossh.Signer) *gossh.Client {
	t.Helper()
	c, err := Dial(addr, k)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A Terminal is a session with a window, and what was sent to it.
type Terminal struct {
	*gossh.Session
	in   io.WriteCloser
	more chan struct{}

	mu    sync.Mutex
	shown bytes.Buffer
	errs  bytes.Buffer
}

// Sit asks for a window of that size and for the screen.
func Sit(c *gossh.Client, width, height int) (*Terminal, error) {
	s, err := c.NewSession()
	if err != nil {
		return nil, err
	}
	t := &Terminal{Session: s, more: make(chan struct{}, 1)}
	s.Stdout, s.Stderr = sink{t, &t.shown}, sink{t, &t.errs}
	if t.in, err = s.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.RequestPty("xterm-256color", height, width, gossh.TerminalModes{}); err != nil {
		return nil, err
	}
	return t, s.Shell()
}

type sink struct {
	t *Terminal
	b *bytes.Buffer
}

func (s sink) Write(p []byte) (int, error) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	select {
	case s.t.more <- struct{}{}:
	default:
	}
	return s.b.Write(p)
}

// Type sends keys.
func (t *Terminal) Type(keys string) error {
	_, err := io.WriteString(t.in, keys)
	return err
}

// Shown is all that the terminal was sent so far.
func (t *Terminal) Shown() string { t.mu.Lock(); defer t.mu.Unlock(); return t.shown.String() }

// Said is what was sent beside the screen, on standard error.
func (t *Terminal) Said() string { t.mu.Lock(); defer t.mu.Unlock(); return t.errs.String() }

// Sees waits until the terminal has been sent want.
func (t *Terminal) Sees(want string) error {
	limit := time.After(Patience)
	for !strings.Contains(t.Shown(), want) {
		select {
		case <-t.more:
		case <-limit:
			return errors.New("never saw " + want + " in " + t.Shown())
		}
	}
	return nil
}

// Status waits for the session's end and returns its exit status; -1 when it
// was cut off without one.
func (t *Terminal) Status() (int, error) { return Status(t.Wait) }

// Status is the exit status behind wait's error.
func Status(wait func() error) (int, error) {
	done := make(chan error, 1)
	go func() { done <- wait() }()
	var err error
	select {
	case err = <-done:
	case <-time.After(Patience):
		return -1, errors.New("the session does not end")
	}
	var exit *gossh.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit):
		return exit.ExitStatus(), nil
	}
	return -1, err
}

// idleFor is how long IdleSessions looks on while nothing happens.
const idleFor = 3 * time.Second

// IdleSessions opens that many screens of 120×40, each on a connection of its
// own, waits until each has been sent ready, and reports what the process
// spends on one of them, the benchmark's own client included: heap and stacks
// in use after a collection, goroutines, and for all together the processor's
// time while nobody types.
func IdleSessions(b *testing.B, sessions int, ready string, newModel func(door.Caller) tea.Model) {
	key := NewKey(b)
	_, addr := Open(b, door.Config{
		Lookup: Only(key, "u1"), NewModel: newModel,
		Limits: door.Limits{PerAddress: sessions + 1, Connections: sessions + 1, Unproven: sessions + 1},
	})
	for b.Loop() {
		bytes0, routines0 := held()
		clients := make([]*gossh.Client, 0, sessions)
		for range sessions {
			c := Connect(b, addr, key)
			clients = append(clients, c)
			t, err := Sit(c, 120, 40)
			if err == nil {
				err = t.Sees(ready)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		bytes1, routines1 := held()
		spent0 := processor(b)
		<-time.After(idleFor)
		spent := processor(b) - spent0
		n := float64(sessions)
		b.ReportMetric((bytes1-bytes0)/n/(1<<20), "MiB/session")
		b.ReportMetric((routines1-routines0)/n, "goroutines/session")
		b.ReportMetric(100*spent.Seconds()/idleFor.Seconds(), "%cpu-idle")
		b.ReportMetric(0, "ns/op")
		for _, c := range clients {
			_ = c.Close()
		}
	}
}

// held is the memory in use, in bytes, and the number of goroutines.
func held() (bytes, goroutines float64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one's finalizers let go
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse), float64(runtime.NumGoroutine())
}

// processor is the time that this process has kept a processor busy.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
