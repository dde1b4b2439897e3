package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"liaison/cmd/control"
)

// A seat is a terminal with the program on it.
type seat struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	done chan error

	mu    sync.Mutex
	moved chan struct{} // closed and replaced when more is seen
	seen  bytes.Buffer  // since the last look
}

// sit starts the program on an 80×24 terminal.
func sit(t *testing.T, f folder, args ...string) *seat {
	t.Helper()
	s := &seat{t: t, cmd: f.command(args...), done: make(chan error, 1), moved: make(chan struct{})}
	s.cmd.Env = append(s.cmd.Env, "TERM=xterm-256color", "LANG=C.UTF-8")
	var err error
	if s.tty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	go s.watch()
	go func() { s.done <- s.cmd.Wait() }()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.tty.Close()
	})
	return s
}

func (s *seat) watch() {
	buf := make([]byte, 32<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		s.seen.Write(buf[:n])
		close(s.moved)
		s.moved = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// sees waits until text was drawn, and forgets what was seen up to then.
func (s *seat) sees(text string) {
	s.t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		at, moved := bytes.Index(s.seen.Bytes(), []byte(text)), s.moved
		ok := at >= 0
		if ok { // what came after it, perhaps in the same read, is for the next question
			s.seen.Next(at + len(text))
		}
		seen := s.seen.String()
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-moved:
		case <-late:
			s.t.Fatalf("%q never showed in %q", text, seen)
		}
	}
}

func (s *seat) ends() error {
	s.t.Helper()
	select {
	case err := <-s.done:
		return err
	case <-time.After(patience):
		s.t.Fatal("it goes on")
		return nil
	}
}

// living is the process that serves a folder.
func living(t *testing.T, f folder) int {
	t.Helper()
	c, err := control.Dial(filepath.Join(f.dir, socketFile))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.PID()
}

// TestAScreenComesBackAfterACrash: the process behind it dies as a panic in a
// library's goroutine would have it die, and the next one draws the screen.
func TestAScreenComesBackAfterACrash(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	f.okIn("2580\n", "user", "add", "张敏", "--role", "attendant", "--pin")
	s := sit(t, f, "run")
	s.sees("张敏")
	first := living(t, f)
	if first == s.cmd.Process.Pid {
		t.Fatal("nobody watches over it")
	}
	if err := syscall.Kill(first, syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	s.sees(control.LeaveScreen)
	s.sees("张敏")
	if second := living(t, f); second == first {
		t.Error("the same process")
	}
	if b, err := os.ReadFile(filepath.Join(f.dir, logFile)); err != nil || !bytes.Contains(b, []byte("SIGABRT")) {
		t.Errorf("the log tells nothing of it: %q, %v", b, err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = s.ends()
	f.ok("status") // and the file is free
}

// TestNoScreenOutlivesItsWatcher: kill -9 of the watching process takes the
// other with it, so that the next start finds the file free.
func TestNoScreenOutlivesItsWatcher(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	f.okIn("2580\n", "user", "add", "张敏", "--role", "attendant", "--pin")
	s := sit(t, f)
	s.sees("张敏")
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.ends()
	again := sit(t, f)
	again.sees("张敏")
}

// TestAScreenBesideALivingProcessIsThatOnes: what the other saves shows here.
func TestAScreenBesideALivingProcessIsThatOnes(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	f.okIn("3690\n", "user", "add", "张敏", "--role", "attendant", "--pin")
	f.changePIN("张敏", "3690", "2580")
	_, stop := serve(t, f)
	s := sit(t, f)
	s.sees("张敏")
	if got := living(t, f); got != os.Getpid() {
		t.Errorf("process %d serves, want %d", got, os.Getpid())
	}
	if _, err := s.tty.WriteString("2580\r"); err != nil {
		t.Fatal(err)
	}
	s.sees("今日接待")
	f.okIn(line("王小明", "路灯不亮")+"\n", "add")
	s.sees("路灯不亮")
	stop()
	_ = s.ends()
}

func TestTheDemoOnATerminalIsSignedIn(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	f := folder{t, filepath.Join(tmp, "data")}
	s := sit(t, f, "demo")
	s.sees("ssh -F")
	s.sees("停车与交通秩序")
	f.ok("list", "receptions")
	f.ok("sync")
	wants(t, folder{t, filepath.Join(f.dir, "city")}.ok("list", "receptions"), "QA01-26A-0001-7")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.ends(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}
