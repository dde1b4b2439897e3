package control

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// tty is a caller with a terminal: a pty that collects what is shown.
type tty struct {
	t    *testing.T
	ctl  *os.File // our side
	tty  *os.File // the caller's
	cmd  *exec.Cmd
	done chan error

	before *term.State

	more  chan struct{} // something was shown
	mu    sync.Mutex
	shown bytes.Buffer
}

func openTTY(t *testing.T, path string) *tty {
	t.Helper()
	ctl, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	c := &tty{t: t, ctl: ctl, tty: slave, cmd: player(t, "screen", path), done: make(chan error, 1), more: make(chan struct{}, 1)}
	t.Cleanup(func() { _ = ctl.Close(); _ = slave.Close() })
	c.before = c.settings()
	c.resize(100, 30)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = slave, slave, slave
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.done <- c.cmd.Wait() }()
	go func() { _, _ = io.Copy(c, ctl) }()
	return c
}

func (c *tty) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	signalTo(c.more)
	return c.shown.Write(p)
}

func signalTo(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (c *tty) resize(w, h uint16) {
	c.t.Helper()
	if err := pty.Setsize(c.ctl, &pty.Winsize{Cols: w, Rows: h}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *tty) key(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.ctl, s); err != nil {
		c.t.Fatal(err)
	}
}

// sees waits until the terminal has been sent each of want, in any order.
func (c *tty) sees(want ...string) {
	c.t.Helper()
	for limit := time.After(patience); ; {
		c.mu.Lock()
		got := c.shown.String()
		c.mu.Unlock()
		missing := ""
		for _, w := range want {
			if !strings.Contains(got, w) {
				missing = w
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-c.more:
		case <-limit:
			c.t.Fatalf("never saw %q in %q", missing, got)
		}
	}
}

// untouched says whether the terminal's settings are those it had at first.
func (c *tty) untouched() bool {
	c.t.Helper()
	return reflect.DeepEqual(c.before, c.settings())
}

func (c *tty) settings() *term.State {
	c.t.Helper()
	st, err := term.GetState(int(c.tty.Fd()))
	if err != nil {
		c.t.Fatal(err)
	}
	return st
}

func TestAScreenOfTheServerOnTheCallersTerminal(t *testing.T) {
	path := serve(t, playServer)
	c := openTTY(t, path)
	c.sees("\x1b[?1049h", "size=100x30")

	c.key("路灯")
	c.sees("路灯")
	c.resize(120, 40)
	c.sees("120x40")
	if c.untouched() {
		t.Error("the terminal is not in raw mode while the screen is up")
	}

	c.key("q")
	if err := within(t, "the caller", c.done); err != nil {
		t.Errorf("caller: %v", err)
	}
	c.sees("\x1b[?1049l")
	if !c.untouched() {
		t.Error("the terminal was left in raw mode")
	}
}

func TestAScreenWhoseServerIsKilledGivesTheTerminalBack(t *testing.T) {
	server, path := startServer(t)
	c := openTTY(t, path)
	c.sees("size=100x30")
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	if err := within(t, "the caller", c.done); err == nil {
		t.Error("the caller reported success")
	}
	c.sees("\x1b[?1049l", "\x1b[?25h", ErrLost.ZH)
	if !c.untouched() {
		t.Error("the terminal was left in raw mode")
	}
}

func TestAScreenEndedByASignalGivesTheTerminalBack(t *testing.T) {
	path := serve(t, playServer)
	c := openTTY(t, path)
	c.sees("size=100x30")
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := within(t, "the caller", c.done); err == nil {
		t.Error("the caller reported success")
	}
	c.sees("\x1b[?1049l")
	if !c.untouched() {
		t.Error("the terminal was left in raw mode")
	}
}

func TestAScreenNeedsATerminal(t *testing.T) {
	path := serve(t, playServer)
	code, err := dial(t, path).Run(t.Context(), Request{Args: []string{"screen"}, Stdin: strings.NewReader(""), Terminal: true})
	if err != ErrTerminal || code == 0 {
		t.Errorf("code %d, %v", code, err)
	}
}
