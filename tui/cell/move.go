package cell

import (
	"unicode/utf8"
)

// Prev returns the last grapheme of s and its width in cells, "" and 0 when s
// is empty.
func Prev(s string) (grapheme string, width int) {
	last, n := utf8.DecodeLastRuneInString(s)
	if n == 0 {
		return "", 0
	}
	if w := simple(last); w > 0 {
		if before, m := utf8.DecodeLastRuneInString(s[:len(s)-n]); m == 0 || simple(before) > 0 {
			return s[len(s)-n:], w
		}
	}
	at := anchor(s, len(s))
	for {
		g, w := Next(s[at:])
		if at+len(g) >= len(s) {
			return g, w
		}
		at += len(g)
	}
}

// Snap returns the first border between two graphemes of s that is not before
// the byte offset at. An edit can join what stands on both sides of it.
func Snap(s string, at int) int {
	if at <= 0 || at >= len(s) {
		return min(max(at, 0), len(s))
	}
	for i := anchor(s, at); ; {
		if i >= at {
			return i
		}
		g, _ := Next(s[i:])
		i += len(g)
	}
}

// anchor returns an offset not after at that surely lies between two
// graphemes: between two simple runes, or the start.
func anchor(s string, at int) int {
	after := at < len(s) && simpleAt(s, at)
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:at])
		before := simple(r) > 0
		if before && after {
			return at
		}
		at -= n
		after = before
	}
	return 0
}

func simpleAt(s string, at int) bool {
	r, _ := utf8.DecodeRuneInString(s[at:])
	return simple(r) > 0
}

// Offset returns the byte offset of the grapheme of s that covers column x,
// and len(s) when x lies behind the text.
func Offset(s string, x int) int {
	at, used := 0, 0
	for g, w := range Graphemes(s) {
		if used+w > x && w > 0 {
			return at
		}
		used += w
		at += len(g)
	}
	return at
}
