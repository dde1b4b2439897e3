package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/term"

	"liaison/cmd/control"
)

// A Watched is a program that runs on a terminal as a child of itself, and is
// started once more whenever it dies of a panic or a fatal signal: a panic
// inside a library's own goroutine ends a process whatever it does. What is
// typed is kept in drafts, so the screen comes back as it was.
type Watched struct {
	Args           []string
	Env            []string // the child's
	Dir            string
	Stdin          *os.File // the terminal
	Stdout, Stderr io.Writer
	Again          int    // exit code by which the child asks for a new start
	Log            string // the log's name, for what a person is told
}

// Limits of starting again: a program that crashes at once will do so always.
const (
	maxRestarts  = 5                // in a row
	steadyAfter  = time.Minute      // a run this long ends the row
	stopPatience = 10 * time.Second // from the first signal to the last
)

// Run returns with the child's exit code once that has ended for good, or with
// an error where it could not be started or fails again and again.
func (w Watched) Run(ctx context.Context) (code int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find this program: %w", err)
	}
	fd := int(w.Stdin.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return 0, fmt.Errorf("state of the terminal: %w", err)
	}
	runtime.LockOSThread() // the child dies with this thread, see DieWithParent
	defer runtime.UnlockOSThread()
	for crashes := 0; ; {
		began := time.Now()
		err := w.child(ctx, self).Run()
		exit, ok := errors.AsType[*exec.ExitError](err)
		switch {
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return 0, nil // it was told to end, and did so in order
		case !ok:
			return 0, err // nil, or it could not be started
		case ctx.Err() != nil || !w.crashed(exit):
			return exit.ExitCode(), nil
		}
		fmt.Fprint(w.Stdout, control.LeaveScreen)
		if err := term.Restore(fd, state); err != nil {
			return 0, fmt.Errorf("restore the terminal: %w", err)
		}
		if time.Since(began) > steadyAfter {
			crashes = 0
		}
		if crashes++; crashes > maxRestarts {
			return 0, refuse(err, "程序连续出错 %[1]d 次,已停止;数据和草稿都在。请把 %[2]s 交给技术人员", "the program failed %[1]d times in a row and was stopped; records and drafts are safe. Give %[2]s to technical support", maxRestarts, w.Log)
		}
	}
}

// child is this program on this terminal. It ends with its parent.
func (w Watched) child(ctx context.Context, self string) *exec.Cmd {
	c := exec.CommandContext(ctx, self, w.Args...)
	c.Env, c.Dir = w.Env, w.Dir
	c.Stdin, c.Stdout, c.Stderr = w.Stdin, w.Stdout, w.Stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = stopPatience
	c.SysProcAttr = DieWithParent()
	return c
}

// crashed tells an end that calls for a new start: a panic (the runtime exits
// with 2), a fatal signal, also the kernel's for want of memory, or Again. A
// watched program does not exit with 2 by itself: its words were read before
// it was started.
func (w Watched) crashed(e *exec.ExitError) bool {
	ws, ok := e.Sys().(syscall.WaitStatus)
	if !ok {
		return e.ExitCode() == 2
	}
	if ws.Signaled() {
		s := ws.Signal()
		return s != syscall.SIGINT && s != syscall.SIGTERM && s != syscall.SIGHUP
	}
	return ws.ExitStatus() == 2 || ws.ExitStatus() == w.Again
}
