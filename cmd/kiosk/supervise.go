package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/term"

	"liaison/cmd/control"
)

// childMark names the variable that tells the program that it was started by
// itself, and as what.
const childMark = "LIAISON_CHILD"

// Limits of starting again: a program that crashes at once will do so always.
const (
	maxRestarts  = 5                // in a row
	steadyAfter  = time.Minute      // a run this long ends the row
	stopPatience = 10 * time.Second // from the first signal to the last
)

func supervised(env []string) bool { return getenv(env, childMark) == "run" }

// supervise runs this program again as a child on the same terminal, and once
// more whenever it dies of a panic or a fatal signal: a panic inside a
// library's own goroutine ends a process whatever it does. Everything typed is
// kept in drafts, so the screen comes back as it was.
func supervise(ctx context.Context, inv *invocation) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	fd := int(inv.stdin.(*os.File).Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return fmt.Errorf("state of the terminal: %w", err)
	}
	runtime.LockOSThread() // the child dies with this thread, see dieWithParent
	defer runtime.UnlockOSThread()
	for crashes := 0; ; {
		began := time.Now()
		err := child(ctx, self, inv).Run()
		exit, ok := errors.AsType[*exec.ExitError](err)
		switch {
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return nil // it was told to end, and did so in order
		case !ok:
			return err // nil, or it could not be started
		case ctx.Err() != nil || !crashed(exit):
			return exitCode(exit.ExitCode())
		}
		fmt.Fprint(inv.stdout, control.LeaveScreen)
		if err := term.Restore(fd, state); err != nil {
			return fmt.Errorf("restore the terminal: %w", err)
		}
		if time.Since(began) > steadyAfter {
			crashes = 0
		}
		if crashes++; crashes > maxRestarts {
			return refuse(err, "程序连续出错 %[1]d 次,已停止;数据和草稿都在。请把 kiosk.log 交给技术人员", "the program failed %[1]d times in a row and was stopped; records and drafts are safe. Give kiosk.log to technical support", maxRestarts)
		}
	}
}

// child is this program on this terminal. It ends with its parent.
func child(ctx context.Context, self string, inv *invocation) *exec.Cmd {
	c := exec.CommandContext(ctx, self, append([]string{"run", "--data", inv.data}, inv.args...)...)
	c.Env = append(inv.env[:len(inv.env):len(inv.env)], childMark+"=run")
	c.Dir = inv.dir
	c.Stdin, c.Stdout, c.Stderr = inv.stdin, inv.stdout, inv.stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = stopPatience
	c.SysProcAttr = dieWithParent()
	return c
}

// crashed tells an end that calls for a new start: a panic (the runtime exits
// with 2), a fatal signal, also the kernel's for want of memory, or exitAgain.
// A watched program does not exit with 2 by itself: its words were read before
// it was started.
func crashed(e *exec.ExitError) bool {
	ws, ok := e.Sys().(syscall.WaitStatus)
	if !ok {
		return e.ExitCode() == 2
	}
	if ws.Signaled() {
		s := ws.Signal()
		return s != syscall.SIGINT && s != syscall.SIGTERM && s != syscall.SIGHUP
	}
	return ws.ExitStatus() == 2 || ws.ExitStatus() == exitAgain
}
