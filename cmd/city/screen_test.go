package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"liaison/cmd/control"
)

// TestTheCitysScreenComesBackAfterACrash: the process that serves stations and
// draws the screen dies as a panic in a library's goroutine would have it die;
// the next one listens on the same address and draws the screen.
func TestTheCitysScreenComesBackAfterACrash(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01") // makes the city
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "run", "--listen", "127.0.0.1:0", "--name", "丹阳市人大", "--data", f.dir)
	c.Env = append(os.Environ(), asCity+"=1", "TERM=xterm-256color", "LANG=C.UTF-8")
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	drawn := make(chan string, 1000)
	go func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := tty.Read(buf)
			if n > 0 {
				drawn <- string(buf[:n])
			}
			if err != nil {
				close(drawn)
				return
			}
		}
	}()
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	t.Cleanup(func() { _ = c.Process.Kill(); _ = tty.Close() })
	seen := ""
	sees := func(text string) {
		t.Helper()
		for late := time.After(patience); ; {
			if i := strings.Index(seen, text); i >= 0 {
				seen = seen[i+len(text):]
				return
			}
			select {
			case s, ok := <-drawn:
				if !ok {
					t.Fatalf("%q never showed in %q", text, seen)
				}
				seen += s
			case <-late:
				t.Fatalf("%q never showed in %q", text, seen)
			}
		}
	}
	living := func() int {
		t.Helper()
		l, err := control.Dial(filepath.Join(f.dir, socketFile))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.PID()
	}
	sees("丹阳市人大")
	first := living()
	if first == c.Process.Pid {
		t.Fatal("nobody watches over it")
	}
	if err := syscall.Kill(first, syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	sees(control.LeaveScreen)
	sees("丹阳市人大")
	if living() == first {
		t.Error("the same process")
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("told to end, it ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	f.ok("check") // and the file is free
}
