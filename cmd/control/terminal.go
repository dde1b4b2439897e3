package control

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// LeaveScreen undoes what a screen may have switched on: synchronised output,
// mouse, focus reports, bracketed paste, key protocols, grapheme mode, colours,
// progress, hidden cursor, alternate screen. For a screen whose program can no
// longer do it itself.
const LeaveScreen = "\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l" +
	"\x1b[<u\x1b[>4m\x1b[?2027l\x1b[0m\x1b]9;4;0\x07\x1b[?1049l\x1b[?25h\r"

// terminal is the caller's, as far as it has one.
type terminal struct {
	out   *os.File // nil: Stdout is no terminal
	in    *os.File
	state *term.State // what to go back to; nil: not in raw mode
}

// openTerminal finds the terminal behind q and, for a screen, takes it over.
func openTerminal(q Request) (*terminal, error) {
	t := &terminal{}
	if f, ok := q.Stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		t.out = f
	}
	if !q.Terminal {
		return t, nil
	}
	in, ok := q.Stdin.(*os.File)
	if !ok || t.out == nil || !term.IsTerminal(int(in.Fd())) {
		return nil, ErrTerminal
	}
	state, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTerminal, err)
	}
	t.in, t.state = in, state
	return t, nil
}

// size is the terminal's, or zero.
func (t *terminal) size() Size {
	if t.out == nil {
		return Size{}
	}
	w, h, err := term.GetSize(int(t.out.Fd()))
	if err != nil {
		return Size{}
	}
	return Size{w, h}
}

// watch reports every change of size until stop is called.
func (t *terminal) watch(report func(Size)) (stop func()) {
	if t.out == nil {
		return func() {}
	}
	changed, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(changed, unix.SIGWINCH)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-changed:
				report(t.size())
			case <-done:
				return
			}
		}
	})
	return func() { signal.Stop(changed); close(done); wg.Wait() }
}

// restore gives the terminal back. clean says that the screen's own program
// has left it in order.
func (t *terminal) restore(clean bool) {
	if t.state == nil {
		return
	}
	if !clean {
		_, _ = io.WriteString(t.out, LeaveScreen)
	}
	_ = term.Restore(int(t.in.Fd()), t.state)
}
