package tuitest

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/crypto/ssh"
)

// environment is what programs are told of the terminal.
var environment = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}

// Start runs a program in a real pty of w × h cells. It is killed when the
// test ends.
func Start(t testing.TB, cmd *exec.Cmd, w, h int) *Terminal {
	t.Helper()
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains([]string{"TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "TERM_PROGRAM", "SSH_TTY", "WT_SESSION", "NO_COLOR", "TMUX"}, name)
	})
	cmd.Env = append(cmd.Env, environment...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		_ = f.Close()
	})
	return Attach(t, NewScreen(w, h), Line{
		Out: f, In: f,
		Resize: func(w, h int) error { return pty.Setsize(f, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}) },
		Cut:    func() { _ = f.Close() },
		Status: func() (int, error) {
			<-done
			return cmd.ProcessState.ExitCode(), nil
		},
	})
}

// Shell asks for a window of w × h cells over SSH, and for the screen. The
// session is closed when the test ends.
func Shell(t testing.TB, c *ssh.Client, w, h int) *Terminal {
	t.Helper()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, err1 := s.StdinPipe()
	out, err2 := s.StdoutPipe()
	for _, kv := range environment[1:] {
		name, value, _ := strings.Cut(kv, "=")
		_ = s.Setenv(name, value) // a server need not take them
	}
	err3 := s.RequestPty("xterm-256color", h, w, ssh.TerminalModes{})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if err := s.Shell(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return Attach(t, NewScreen(w, h), Line{
		Out: out, In: in,
		Resize: func(w, h int) error { return s.WindowChange(h, w) },
		Cut:    func() { _ = c.Close() },
		Status: func() (int, error) {
			err := s.Wait()
			if exit, ok := errors.AsType[*ssh.ExitError](err); ok {
				return exit.ExitStatus(), nil
			}
			return 0, err
		},
	})
}
