package tui

import "github.com/charmbracelet/x/ansi"

// clipStyled cuts the cells [from, to) out of styled text; a wide character
// cut in half becomes a blank.
func clipStyled(s string, from, to int) string {
	if to <= from {
		return ""
	}
	out := ansi.Cut(s, from, to)
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
