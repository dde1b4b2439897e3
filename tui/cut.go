package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// ground lays styled text on a style: where the text goes back to plain, the
// style goes on. Without it a panel would show holes after every word with a
// style of its own.
func ground(st lipgloss.Style, s string) string {
	open, _, _ := strings.Cut(st.Render("x"), "x")
	if open == "" {
		return s
	}
	const reset = "\x1b[m"
	return open + strings.ReplaceAll(s, reset, reset+open) + reset
}

// clipStyled cuts the cells [from, to) out of styled text; a wide character
// cut in half becomes a blank.
func clipStyled(s string, from, to int) string {
	if to <= from {
		return ""
	}
	out := ansi.Cut(s, from, to)
	if ansi.StringWidth(out) > to-from { // it kept the whole of a character that begins before from
		out = " " + ansi.Cut(s, from+1, to)
	}
	if n := to - from - ansi.StringWidth(out); n > 0 {
		pad := make([]byte, n)
		for i := range pad {
			pad[i] = ' '
		}
		if from == 0 {
			return out + string(pad)
		}
		return string(pad) + out
	}
	return out
}
