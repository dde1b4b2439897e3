package cell

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Clip shortens s to at most width cells. Text that is cut ends in tail, which
// counts towards the width; a tail wider than the room is cut itself. Styled
// text keeps its styles.
func Clip(s string, width int, tail string) string {
	if width <= 0 {
		return ""
	}
	if Width(s) <= width {
		return s
	}
	tail = head(tail, width)
	if styled(s) {
		return ansi.Truncate(s, width, tail)
	}
	return head(s, width-Width(tail)) + tail
}

// head returns the longest start of plain text that takes at most width cells.
func head(s string, width int) string {
	used, end := 0, 0
	for g, w := range Graphemes(s) {
		if used+w > width {
			break
		}
		used += w
		end += len(g)
	}
	return s[:end]
}

// Pad makes s exactly width cells: blanks follow short text, long text is cut.
func Pad(s string, width int) string {
	s = Clip(s, width, "")
	return s + Blank(width-Width(s))
}

// PadLeft makes s exactly width cells with blanks before it, for numbers.
func PadLeft(s string, width int) string {
	s = Clip(s, width, "")
	return Blank(width-Width(s)) + s
}

// Center makes s exactly width cells with blanks on both sides; an odd blank
// goes to the right.
func Center(s string, width int) string {
	s = Clip(s, width, "")
	free := width - Width(s)
	return Blank(free/2) + s + Blank(free-free/2)
}

// Blank returns n spaces, none when n is negative.
func Blank(n int) string {
	return strings.Repeat(" ", max(n, 0))
}

// Slice returns the cells [from, to) of plain text. A wide character of which
// only one half lies inside is shown as a blank, so a row that is scrolled by
// an odd number of cells keeps its columns. Text that ends before to is not
// filled up.
func Slice(s string, from, to int) string {
	from = max(from, 0)
	if to <= from {
		return ""
	}
	var b strings.Builder
	at := 0
	for g, w := range Graphemes(s) {
		end := at + w
		switch {
		case at >= to:
			return b.String()
		case w == 0 && at > from, w > 0 && at >= from && end <= to:
			b.WriteString(g)
		case end > from && w > 0:
			b.WriteString(Blank(min(end, to) - max(at, from)))
		}
		at = end
	}
	return b.String()
}
