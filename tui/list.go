package tui

import (
	"strings"

	"liaison/tui/cell"
)

// A list is the window over the rows that a page shows: which row is marked,
// and which is drawn first. It knows only their number, so it costs the same
// for ten rows and for a million.
type list struct {
	n   int // rows there are
	at  int // the marked one
	top int // the first one drawn

	room int // rows drawn last
}

// size says how many rows there are; the mark stays among them.
func (l *list) size(n int) {
	l.n = n
	l.mark(l.at)
}

// mark marks a row, or the nearest there is.
func (l *list) mark(i int) { l.at = max(0, min(i, l.n-1)) }

// key moves the mark and reports whether the key was for that. Home and End
// are given with Ctrl too, for pages where a text field has the plain ones.
func (l *list) key(k string) bool {
	switch k {
	case "up":
		l.mark(l.at - 1)
	case "down":
		l.mark(l.at + 1)
	case "pgup":
		l.mark(l.at - max(1, l.room-1))
	case "pgdown":
		l.mark(l.at + max(1, l.room-1))
	case "home", "ctrl+home":
		l.mark(0)
	case "end", "ctrl+end":
		l.mark(l.n - 1)
	default:
		return false
	}
	return true
}

// wheel moves the mark as the mouse wheel turns.
func (l *list) wheel(down bool) { l.mark(l.at + map[bool]int{true: 3, false: -3}[down]) }

// click marks the row drawn as the y-th. again says that it was marked
// already, so that a second click opens.
func (l *list) click(y int) (hit, again bool) {
	i := l.top + y
	if y < 0 || y >= l.room || i >= l.n {
		return false, false
	}
	again = i == l.at
	l.at = i
	return true, again
}

// window says which rows to draw on so many lines: those around the mark.
func (l *list) window(room int) (from, to int) {
	l.room = max(room, 0)
	l.top = min(l.top, l.at)
	l.top = max(l.top, l.at-l.room+1)
	l.top = max(0, min(l.top, l.n-l.room))
	return l.top, min(l.n, l.top+l.room)
}

// scroll is the place in a text that is longer than the page.
type scroll struct {
	top  int
	n    int // rows at the last drawing
	room int // of which so many were drawn
}

func (s *scroll) by(n int) { s.top = max(0, min(s.top+n, s.n-s.room)) }

// key scrolls and reports whether the key was for that.
func (s *scroll) key(k string) bool {
	switch k {
	case "up":
		s.by(-1)
	case "down":
		s.by(1)
	case "pgup":
		s.by(1 - s.room)
	case "pgdown", "space":
		s.by(s.room - 1)
	case "home", "ctrl+home":
		s.by(-s.n)
	case "end", "ctrl+end":
		s.by(s.n)
	default:
		return false
	}
	return true
}

func (s *scroll) wheel(down bool) { s.by(map[bool]int{true: 3, false: -3}[down]) }

// window returns the rows in sight.
func (s *scroll) window(rows []string, room int) []string {
	s.n, s.room = len(rows), max(room, 0)
	s.by(0)
	return rows[s.top:min(len(rows), s.top+s.room)]
}

// From besideWidth columns on, what is marked in a list stands beside it.
const besideWidth = 110

// split gives the cells of a list and of what stands beside it, 0 where the
// screen is too narrow for that.
func split(e *env) (left, right int) {
	if e.w < besideWidth {
		return e.w, 0
	}
	left = max(66, e.w*3/5)
	return left, e.w - left - 3
}

// beside joins two columns with a bar between them.
func beside(e *env, left, right []string, w int) []string {
	rows := make([]string, e.h)
	bar := e.th.Rule.Render(" " + e.th.Glyphs.Bar + " ")
	for i := range rows {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		rows[i] = cell.Pad(cell.Clip(l, w, ""), w) + bar + r
	}
	return rows
}

// marked draws one row of a list.
func (e *env) marked(on bool, row string) string {
	if on {
		return e.th.Selected.Render(e.th.Glyphs.Pointer + " " + row)
	}
	return "  " + e.th.Text.Render(row)
}

// under draws what is said of the marked line below the list, on so many rows.
func (e *env) under(rows, about []string, foot int) []string {
	for len(rows) < e.h-foot {
		rows = append(rows, "")
	}
	rows = append(rows, e.th.Rule.Render(" "+strings.Repeat(e.th.Glyphs.Rule, e.w-2)))
	for _, r := range about {
		rows = append(rows, " "+r)
	}
	return rows[:min(len(rows), e.h)]
}

// col clips and pads a column of a list; one cell of it stays free.
func (e *env) col(s string, n int) string { return cell.Pad(cell.Clip(s, n-1, e.th.Glyphs.More), n) }
