package tuitest

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience is how long a Terminal waits before it calls a program hung. It is
// never a verdict on speed.
const Patience = 60 * time.Second

// A Line joins a terminal to a program.
type Line struct {
	Out    io.Reader            // what the program writes, until it has ended
	In     io.Writer            // what it reads
	Resize func(w, h int) error // tells it the window's size
	Status func() (int, error)  // how it ended, once it has
	Cut    func()               // pulls the plug
}

// A Terminal is a Screen before a living program, with a keyboard.
type Terminal struct {
	testing.TB
	line Line

	mu      sync.Mutex
	scr     *Screen
	changed chan struct{} // closed at the next change
	ended   bool
	bytes   int       // received so far
	at      time.Time // of the latest of them
	presses int
	typed   int
}

// Attach puts a terminal before the program at the other end of a line. What
// the line lacks the test must not ask for.
func Attach(t testing.TB, scr *Screen, line Line) *Terminal {
	term := &Terminal{TB: t, line: line, scr: scr, changed: make(chan struct{})}
	go term.listen()
	return term
}

// listen feeds the screen until the program has gone.
func (t *Terminal) listen() {
	buf := make([]byte, 64<<10)
	for {
		n, err := t.line.Out.Read(buf)
		now := time.Now()
		t.mu.Lock()
		_, _ = t.scr.Write(buf[:n])
		answers := t.scr.Answers()
		t.bytes += n
		t.at = now
		t.ended = err != nil
		close(t.changed)
		t.changed = make(chan struct{})
		t.mu.Unlock()
		if len(answers) > 0 {
			_, _ = t.line.In.Write(answers) // who does not listen any more does not want to know
		}
		if err != nil {
			return
		}
	}
}

// Look lets f read the screen while nothing changes it.
func (t *Terminal) Look(f func(*Screen)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(t.scr)
}

// Text is the whole screen.
func (t *Terminal) Text() (text string) {
	t.Look(func(s *Screen) { text = s.Text() })
	return text
}

// Cursor is where the cursor stands.
func (t *Terminal) Cursor() (c Cursor) {
	t.Look(func(s *Screen) { c = s.Cursor() })
	return c
}

// Has reports whether a text is on the screen.
func (t *Terminal) Has(text string) bool { return strings.Contains(t.Text(), text) }

// Presses counts the keys of Key, and characters the characters of Type.
func (t *Terminal) Presses() (keys, characters int) { return t.presses, t.typed }

// Traffic is how many bytes have come, and when the last of them came.
func (t *Terminal) Traffic() (bytes int, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bytes, t.at
}

// Wait returns when cond holds between two frames. It fails the test when the
// program ends first, when the terminal does not understand the program, and
// when patience is at its end; why says what was waited for.
func (t *Terminal) Wait(why string, cond func(*Screen) bool) {
	t.Helper()
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	for {
		t.mu.Lock()
		held := t.scr.Settled() && cond(t.scr)
		err, ended, changed := t.scr.Err(), t.ended, t.changed
		t.mu.Unlock()
		switch {
		case err != nil:
			t.Fatalf("%v\n%s", err, t.frame())
		case held:
			return
		case ended:
			t.Fatalf("the program ended before: %s\n%s", why, t.frame())
		}
		select {
		case <-changed:
		case <-limit.C:
			t.Fatalf("waited in vain for: %s\n%s", why, t.frame())
		}
	}
}

// Measure presses a key and waits until cond holds, as Wait does. It returns
// the time from the writing of the key to the coming of the last byte of the
// frame in which cond holds for the first time.
func (t *Terminal) Measure(key string, cond func(*Screen) bool) time.Duration {
	t.Helper()
	var came time.Time
	began := time.Now()
	t.Key(key)
	t.Wait("what "+key+" does", func(s *Screen) bool {
		if !cond(s) {
			return false
		}
		came = t.at
		return true
	})
	return came.Sub(began)
}

// frame is the screen between bars, with the cursor, for messages.
func (t *Terminal) frame() string {
	var b strings.Builder
	t.Look(func(s *Screen) {
		for y := range s.h {
			fmt.Fprintf(&b, "│%s\n", s.Row(y))
		}
		fmt.Fprintf(&b, "cursor %+v", s.Cursor())
	})
	return b.String()
}

// WaitText waits until all texts are on the screen.
func (t *Terminal) WaitText(texts ...string) {
	t.Helper()
	t.Wait(strings.Join(texts, " and "), func(s *Screen) bool {
		all := s.Text()
		for _, text := range texts {
			if !strings.Contains(all, text) {
				return false
			}
		}
		return true
	})
}

// WaitNo waits until a text is no longer on the screen.
func (t *Terminal) WaitNo(text string) {
	t.Helper()
	t.Wait("no "+text, func(s *Screen) bool { return !strings.Contains(s.Text(), text) })
}

// WaitTyped waits until the cursor is seen in the cell after text.
func (t *Terminal) WaitTyped(text string) {
	t.Helper()
	t.Wait("the cursor after "+text, func(s *Screen) bool {
		return s.Cursor().Visible && strings.HasSuffix(s.Before(), text)
	})
}

// Key presses keys by name, one after the other.
func (t *Terminal) Key(names ...string) {
	t.Helper()
	for _, name := range names {
		seq, err := Bytes(name)
		if err != nil {
			t.Fatal(err)
		}
		t.presses++
		t.send(seq)
	}
}

// Type sends text as an input method commits it.
func (t *Terminal) Type(text string) {
	t.Helper()
	t.typed += len([]rune(text))
	t.send(text)
}

// Paste sends text as a terminal pastes it: between marks where the program
// has asked for them.
func (t *Terminal) Paste(text string) {
	t.Helper()
	marked := false
	t.Look(func(s *Screen) { marked = s.modes[modePaste] })
	if marked {
		text = "\x1b[200~" + text + "\x1b[201~"
	}
	t.send(text)
}

// Click presses and releases the left button over a cell, where the program
// has asked for the mouse.
func (t *Terminal) Click(x, y int) {
	t.Helper()
	t.mouse(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", x+1, y+1, x+1, y+1))
}

// Wheel turns the wheel by a notch over a cell.
func (t *Terminal) Wheel(x, y int, down bool) {
	t.Helper()
	button := 64
	if down {
		button = 65
	}
	t.mouse(fmt.Sprintf("\x1b[<%d;%d;%dM", button, x+1, y+1))
}

func (t *Terminal) mouse(seq string) {
	t.Helper()
	wanted := false
	t.Look(func(s *Screen) {
		wanted = (s.modes[modeDrag] || s.modes[modeMotion] || s.modes[modeButtons]) && s.modes[modeMouseSGR]
	})
	if !wanted {
		t.Fatal("the program has not asked for the mouse")
	}
	t.send(seq)
}

func (t *Terminal) send(seq string) {
	t.Helper()
	if _, err := io.WriteString(t.line.In, seq); err != nil {
		t.Fatalf("type %q: %v\n%s", seq, err, t.frame())
	}
}

// Resize changes the window's size.
func (t *Terminal) Resize(w, h int) {
	t.Helper()
	t.Look(func(s *Screen) { s.Resize(w, h) })
	if err := t.line.Resize(w, h); err != nil {
		t.Fatal(err)
	}
}

// Cut ends the line to the program without a word: the window is closed, the
// cable pulled.
func (t *Terminal) Cut() { t.line.Cut() }

// WaitEnd waits until the program has ended and returns its exit status.
func (t *Terminal) WaitEnd() int {
	t.Helper()
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	for {
		t.mu.Lock()
		ended, changed := t.ended, t.changed
		t.mu.Unlock()
		if ended {
			break
		}
		select {
		case <-changed:
		case <-limit.C:
			t.Fatalf("the program does not end\n%s", t.frame())
		}
	}
	code, err := t.line.Status()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// Restored fails the test where the program has left anything of its own on
// the terminal.
func (t *Terminal) Restored() {
	t.Helper()
	t.Look(func(s *Screen) {
		if s.err != nil {
			t.Error(s.err)
		}
		if s.entered == 0 {
			t.Error("the alternate screen was never shown")
		}
		if err := s.Restored(); err != nil {
			t.Error(err)
		}
	})
}
