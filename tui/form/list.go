package form

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// A Source returns the options that match what was typed, the best first: by
// part of a name, initials, full pinyin or code. It is called in Update after
// every change of the query, so it must answer from memory.
type Source func(query string) []Option

// defaultMatches is how many rows of matches are drawn.
const defaultMatches = 6

// list is the list of matches under a Pick.
type list struct {
	open    bool
	matches []Option
	at      int // the match that Enter takes, -1: none
	rows    int
}

// key moves in an open list and reports whether the key was for it.
func (l *list) key(k tea.KeyPressMsg) bool {
	if !l.open {
		return false
	}
	last := len(l.matches) - 1
	switch k.Keystroke() {
	case "down":
		l.at = min(l.at+1, last)
	case "up":
		l.at = max(l.at-1, min(0, last))
	case "pgdown":
		l.at = min(l.at+l.rows, last)
	case "pgup":
		l.at = max(l.at-l.rows, min(0, last))
	default:
		return false
	}
	return true
}

// current is the match that Enter takes.
func (l *list) current() (Option, bool) {
	if !l.open || l.at < 0 || l.at >= len(l.matches) {
		return Option{}, false
	}
	return l.matches[l.at], true
}

// top is the first match drawn.
func (l *list) top() int {
	return max(min(l.at-l.rows/2, len(l.matches)-l.rows), 0)
}

// draw returns the rows under the field, none when the list is closed.
func (l *list) draw(width int, th *theme.Theme, words Words) []string {
	if !l.open {
		return nil
	}
	if len(l.matches) == 0 {
		return []string{th.MatchHint.Render(cell.Pad("  "+words.NoMatch, width))}
	}
	top := l.top()
	end := min(top+l.rows, len(l.matches))
	count := "" // where in a long list this is
	if len(l.matches) > l.rows {
		count = fmt.Sprintf(" "+words.More, max(l.at, 0)+1, len(l.matches))
	}
	column := 0 // cells of the labels; the hints stand behind them
	for _, o := range l.matches[top:end] {
		column = max(column, cell.Width(show(o.Label, th)))
	}
	column = min(column, max(width*2/3, width-30), width-4-cell.Width(count))
	rows := make([]string, 0, end-top)
	for i := top; i < end; i++ {
		last := ""
		if i == end-1 {
			last = count
		}
		rows = append(rows, l.row(i, width, column, last, th))
	}
	return rows
}

// row draws one match: its mark, its label on column cells, its hint, and count
// at the right.
func (l *list) row(i, width, column int, count string, th *theme.Theme) string {
	o := l.matches[i]
	mark, label, hint := "  ", th.Match, th.MatchHint
	if i == l.at {
		mark, label, hint = th.Glyphs.Pointer+" ", th.MatchOn, th.MatchOn
	}
	text := cell.Pad(cell.Clip(show(o.Label, th), column, th.Glyphs.More), column)
	head := cell.Clip(mark+text+"  ", width, "")
	room := width - cell.Width(head)
	free := max(room-cell.Width(count), 0)
	tail := cell.Pad(cell.Clip(show(o.Hint, th), free, th.Glyphs.More), free) + count
	return label.Render(head) + hint.Render(cell.Pad(tail, room))
}
