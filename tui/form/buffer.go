package form

import (
	"strings"
	"unicode/utf8"

	"liaison/tui/cell"
)

// buffer is a text with a caret: what Text, Area and the query of a Pick edit.
// The caret is a byte offset and always lies between two graphemes.
type buffer struct {
	text  string
	caret int
	limit int                 // characters, 0: no limit
	multi bool                // line breaks are allowed
	fold  func(string) string // applied to what is inserted, may be nil
	lost  int                 // characters that the last insertion left out

	undone, redone []state
	last           edit
	run            int // changes of kind last in a row
}

// state is one step of the undo history.
type state struct {
	text  string
	caret int
}

// edit is the kind of a change; a run of one kind is undone in one step.
type edit uint8

const (
	moved edit = iota
	typed
	erased
	other
)

// Steps kept for undo, and key presses in a row that form one step.
const (
	undoSteps = 50
	undoRun   = 20
)

// set replaces the whole text, as a program does; it can be undone.
func (b *buffer) set(s string) {
	s = cell.Clean(s, b.multi)
	if s == b.text {
		b.caret = len(s)
		return
	}
	b.remember(other)
	b.text, b.caret = s, len(s)
	b.lost = 0
}

// insert puts cleaned text at the caret and reports whether the text changed.
// What does not fit under the limit is left out and counted in lost.
func (b *buffer) insert(s string, kind edit) bool {
	b.lost = 0
	if b.fold != nil {
		s = b.fold(s)
	}
	before, _ := cell.Prev(b.text[:b.caret]) // a mark may join what stands there
	s = strings.TrimPrefix(cell.Clean(before+s, b.multi), before)
	if b.limit > 0 {
		s = b.fit(s, b.limit-utf8.RuneCountInString(b.text))
	}
	if s == "" {
		return false
	}
	b.remember(kind)
	at := b.caret + len(s)
	b.text = b.text[:b.caret] + s + b.text[b.caret:]
	b.caret = cell.Snap(b.text, at)
	return true
}

// fit returns the start of s of at most room characters, cut between
// graphemes, and counts the rest as lost.
func (b *buffer) fit(s string, room int) string {
	if utf8.RuneCountInString(s) <= room {
		return s
	}
	end := 0
	for g := range cell.Graphemes(s) {
		n := utf8.RuneCountInString(g)
		if room < n {
			break
		}
		room -= n
		end += len(g)
	}
	b.lost = utf8.RuneCountInString(s[end:])
	return s[:end]
}

// erase removes text[from:to] and reports whether there was any.
func (b *buffer) erase(from, to int) bool {
	if from >= to {
		return false
	}
	b.remember(erased)
	b.lost = 0
	b.text = b.text[:from] + b.text[to:]
	b.caret = cell.Snap(b.text, from)
	return true
}

// move sets the caret.
func (b *buffer) move(to int) {
	b.caret = min(max(to, 0), len(b.text))
	b.last = moved
}

// left and right are the offsets one grapheme from the caret.
func (b *buffer) left() int {
	g, _ := cell.Prev(b.text[:b.caret])
	return b.caret - len(g)
}

func (b *buffer) right() int {
	g, _ := cell.Next(b.text[b.caret:])
	return b.caret + len(g)
}

// lineStart and lineEnd are the borders of the paragraph with the caret.
func (b *buffer) lineStart() int {
	return strings.LastIndexByte(b.text[:b.caret], '\n') + 1
}

func (b *buffer) lineEnd() int {
	if i := strings.IndexByte(b.text[b.caret:], '\n'); i >= 0 {
		return b.caret + i
	}
	return len(b.text)
}

// remember keeps the present state for undo, unless the change continues a
// run of the same kind: what an input method commits comes as one key for each
// character, and is taken back together.
func (b *buffer) remember(kind edit) {
	b.redone = nil
	if kind == b.last && kind != other && b.run < undoRun {
		b.run++
		return
	}
	b.last, b.run = kind, 1
	b.undone = append(b.undone, state{b.text, b.caret})
	if len(b.undone) > undoSteps {
		b.undone = append(b.undone[:0:0], b.undone[1:]...)
	}
}

// undo and redo go one step through the history and report whether there was
// one.
func (b *buffer) undo() bool { return b.step(&b.undone, &b.redone) }
func (b *buffer) redo() bool { return b.step(&b.redone, &b.undone) }

func (b *buffer) step(from, to *[]state) bool {
	n := len(*from)
	if n == 0 {
		return false
	}
	*to = append(*to, state{b.text, b.caret})
	s := (*from)[n-1]
	*from = (*from)[:n-1]
	b.text, b.caret, b.last, b.lost = s.text, s.caret, moved, 0
	return true
}

func abs(n int) int { return max(n, -n) }
