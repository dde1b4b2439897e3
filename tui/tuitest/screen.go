// Package tuitest is a terminal for tests: what a person would see, and where
// their cursor would stand, made from the bytes that a program writes.
//
//	Screen     bytes → cells, cursor, modes; answers what a program asks
//	Terminal   a Screen before a living program: in a real pty (Start), over
//	           SSH (Shell), or on any pair of streams (Attach)
//
// A Screen understands the sequences that Bubble Tea v2.1.1 writes, each as
// xterm does, and no others: what it does not know makes the test fail, so
// that nothing is passed over in silence. It measures characters by the
// Unicode tables of golang.org/x/text, not by those of the renderer that it
// judges. A Terminal waits for conditions, never for a time.
package tuitest

import (
	"fmt"
	"slices"
	"strings"
)

// A Cell is one place of the grid.
type Cell struct {
	Text  string // the character with its combining marks, " " where nothing stands
	Width int    // 1, or 2 for a wide character; 0 for the right half of one
	Style Style
}

// A Cursor is the terminal's own, at which an input method puts its window.
type Cursor struct {
	X, Y    int
	Visible bool
}

// point is a cursor as it is saved.
type point struct {
	x, y    int
	pen     Style
	pending bool
}

// A Screen is a terminal's grid. It is not safe for concurrent use; a Terminal
// is.
type Screen struct {
	w, h    int
	cells   [][]Cell
	other   [][]Cell // the main screen while the alternate one is shown
	saved   point    // the main screen's cursor meanwhile
	x, y    int
	pending bool // the row is full, and the next character goes to the next one
	pen     Style
	top     int // scrolling region, both rows included
	bottom  int
	last    rune   // printed last, for REP
	lastAt  [2]int // where, for combining marks

	modes   map[int]bool
	keys    int    // modifyOtherKeys
	kitty   [2]int // depth of the key protocol's stack, of main and alternate screen
	shape   int    // of the cursor
	title   string
	colours map[int]string // set by OSC 10, 11, 12
	clip    string         // put into the clipboard, as it came
	bar     string         // progress
	bells   int
	frames  int
	entered int // times the alternate screen was entered

	in      parser
	answers []byte
	err     error

	// Light makes the terminal say that its background is light.
	Light bool
	// Grapheme makes it offer mode 2027.
	Grapheme bool
	// Plain makes it know neither 2026 nor 2027, as an old terminal.
	Plain bool
}

// NewScreen makes an empty screen of w × h cells.
func NewScreen(w, h int) *Screen {
	s := &Screen{w: w, h: h, bottom: h - 1, modes: map[int]bool{modeWrap: true, modeCursor: true}, colours: map[int]string{}}
	s.cells = grid(w, h)
	s.lastAt = [2]int{-1, -1}
	return s
}

func grid(w, h int) [][]Cell {
	rows := make([][]Cell, h)
	for y := range rows {
		rows[y] = blanks(w, Style{})
	}
	return rows
}

func blanks(n int, st Style) []Cell {
	row := make([]Cell, n)
	for x := range row {
		row[x] = blank(st)
	}
	return row
}

// blank is an erased cell: it keeps the pen's background (xterm's bce).
func blank(pen Style) Cell { return Cell{Text: " ", Width: 1, Style: Style{Bg: pen.Bg}} }

// Size is the number of columns and rows.
func (s *Screen) Size() (w, h int) { return s.w, s.h }

// Cell returns one place. It must be on the grid.
func (s *Screen) Cell(x, y int) Cell { return s.cells[y][x] }

// Row is the text of a row, without the blanks at its end.
func (s *Screen) Row(y int) string { return strings.TrimRight(s.span(y, 0, s.w), " ") }

// span is the text of the cells from a to before b.
func (s *Screen) span(y, a, b int) string {
	var t strings.Builder
	for _, c := range s.cells[y][a:b] {
		if c.Width > 0 {
			t.WriteString(c.Text)
		}
	}
	return t.String()
}

// Text is the whole screen, a row a line.
func (s *Screen) Text() string {
	rows := make([]string, s.h)
	for y := range rows {
		rows[y] = s.Row(y)
	}
	return strings.Join(rows, "\n")
}

// Cursor is where the terminal's cursor stands.
func (s *Screen) Cursor() Cursor { return Cursor{s.x, s.y, s.modes[modeCursor]} }

// Before is the text in the cursor's row from its beginning to the cell left
// of the cursor: what was typed is at its end when the cursor is right.
func (s *Screen) Before() string { return s.span(s.y, 0, s.x) }

// Find returns the cell in which a text begins; of several the first.
func (s *Screen) Find(text string) (x, y int, ok bool) {
	for y := range s.h {
		for x, c := range s.cells[y] {
			if c.Width > 0 && strings.HasPrefix(s.span(y, x, s.w), text) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

// Alternate reports whether the alternate screen is shown.
func (s *Screen) Alternate() bool { return s.modes[modeAlternate] }

// Title is the window's.
func (s *Screen) Title() string { return s.title }

// Bells counts how often the bell rang.
func (s *Screen) Bells() int { return s.bells }

// Frames counts synchronised updates that are complete.
func (s *Screen) Frames() int { return s.frames }

// Settled reports that no sequence and no synchronised update is half way.
func (s *Screen) Settled() bool {
	return s.in.state == ground && len(s.in.char) == 0 && !s.modes[modeSync]
}

// Err is what the screen did not understand, the first of it.
func (s *Screen) Err() error { return s.err }

// Answers returns what the terminal has to say to the program since it was
// last asked.
func (s *Screen) Answers() []byte {
	a := s.answers
	s.answers = nil
	return a
}

func (s *Screen) answer(format string, args ...any) {
	s.answers = fmt.Appendf(s.answers, format, args...)
}

// fault notes what is not understood.
func (s *Screen) fault(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("terminal: "+format, args...)
	}
}

// Resize changes the size. What lies outside the new one is lost, as on the
// alternate screen of any terminal.
func (s *Screen) Resize(w, h int) {
	s.cells = fit(s.cells, w, h)
	if s.other != nil {
		s.other = fit(s.other, w, h)
	}
	s.w, s.h, s.top, s.bottom = w, h, 0, h-1
	s.x, s.y, s.pending = min(s.x, w-1), min(s.y, h-1), false
	s.lastAt = [2]int{-1, -1}
}

func fit(rows [][]Cell, w, h int) [][]Cell {
	out := grid(w, h)
	for y := range min(h, len(rows)) {
		n := copy(out[y], rows[y])
		if n == w && out[y][w-1].Width == 2 { // its right half is cut off
			out[y][w-1] = blank(out[y][w-1].Style)
		}
	}
	return out
}

// Restored returns nil when the terminal is as a shell wants it, and otherwise
// names everything that a program has left behind.
func (s *Screen) Restored() error {
	var left []string
	for m, want := range map[int]bool{modeWrap: true, modeCursor: true} {
		if s.modes[m] != want {
			left = append(left, fmt.Sprintf("mode %d", m))
		}
	}
	for m, on := range s.modes {
		if on && m != modeWrap && m != modeCursor {
			left = append(left, fmt.Sprintf("mode %d", m))
		}
	}
	for what, bad := range map[string]bool{
		"scrolling region": s.top != 0 || s.bottom != s.h-1, "style": s.pen != Style{}, "modifyOtherKeys": s.keys != 0,
		"key protocol": s.kitty != [2]int{}, "shape of the cursor": s.shape > 1, "title": s.title != "",
		"colours": len(s.colours) > 0, "progress": s.bar != "" && s.bar != "0",
	} {
		if bad {
			left = append(left, what)
		}
	}
	if len(left) == 0 {
		return nil
	}
	slices.Sort(left)
	return fmt.Errorf("left behind: %s", strings.Join(left, ", "))
}
