package cell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks a character may carry. Two are enough
// for every writing in use here; a hundred climb over the rows above.
const maxMarks = 2

// Clean makes text from outside safe to store and to draw. Use it when text
// comes in and again when it is shown: the store may hold what an older
// program let through.
//
// Escape sequences go whole, so that no "[31m" stays behind as text; an
// escape character that begins no complete sequence goes alone, so that
// nothing after it is lost. Controls, C1, bidi, zero-width and
// presentation-selecting characters go. Invalid bytes become U+FFFD. Private
// use characters stay: rare names are written with them. Line breaks of every
// kind become "\n" when multiline, otherwise a space; a tab becomes a space.
func Clean(s string, multiline bool) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	marks := maxMarks // a mark needs something to stand on
	seq := sequences{}
	for i := 0; i < len(s); {
		if n := seq.length(s, i); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '\r' && i < len(s) && s[i] == '\n':
		case r == '\n', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			if multiline {
				b.WriteByte('\n')
				marks = maxMarks
			} else {
				b.WriteByte(' ')
				marks = 0
			}
		case r == '\t':
			b.WriteByte(' ')
			marks = 0
		case invisible(r):
		case r >= 0x1f1e6 && r <= 0x1f1ff: // halves of flags: terminals disagree on their width
			marks = 0
			b.WriteRune(r - 0x1f1e6 + 'A')
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks <= maxMarks {
				b.WriteRune(r)
			}
		default:
			marks = 0
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isClean reports whether s is made of simple characters only, as nearly all
// text is.
func isClean(s string) bool {
	for _, r := range s {
		if simple(r) == 0 {
			return false
		}
	}
	return true
}

// invisible reports whether r must not be drawn: it moves the cursor, turns
// the direction of writing, changes how others measure, or shows nothing.
func invisible(r rune) bool {
	switch {
	case r >= 0x1f3fb && r <= 0x1f3ff, // skin tones: terminals disagree on their width
		r >= 0xfe00 && r <= 0xfe0f,                         // variation selectors: likewise
		r == 0x034f,                                        // combining grapheme joiner
		r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, // Hangul fillers
		r >= 0x180b && r <= 0x180f,                     // Mongolian selectors
		r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef: // no characters at all
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs)
}

// sequences finds escape sequences (ECMA-48). It remembers where the next
// terminators are, so that a megabyte of openings is still read once.
type sequences struct{ next [3]int }

// length returns how many bytes the complete escape sequence at s[i] takes, 0
// if there is none.
func (q *sequences) length(s string, i int) int {
	kind, n := opening(s[i:])
	switch kind {
	case 0:
		return 0
	case '[':
		return control(s[i:], n)
	case ']':
		return q.text(s, i, n, true)
	case 'P', 'X', '^', '_':
		return q.text(s, i, n, false)
	}
	return plain(s[i:])
}

// opening returns the byte that follows ESC and the length of the opening. C1
// controls, in UTF-8, count as the ESC form they stand for.
func opening(s string) (kind byte, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch {
	case s[0] == 0x1b:
		return s[1], 2
	case s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0:
		if k := s[1] - 0x40; strings.IndexByte("[]PX^_", k) >= 0 {
			return k, 2
		}
	}
	return 0, 0
}

// control returns the length of a control sequence (CSI) whose parameters
// start at n: parameter bytes, intermediate bytes, one final byte.
func control(s string, n int) int {
	for n < len(s) && s[n] >= 0x30 && s[n] <= 0x3f {
		n++
	}
	for n < len(s) && s[n] >= 0x20 && s[n] <= 0x2f {
		n++
	}
	if n < len(s) && s[n] >= 0x40 && s[n] <= 0x7e {
		return n + 1
	}
	return 0
}

// plain returns the length of a two-character escape, or of one with
// intermediate bytes such as ESC ( B.
func plain(s string) int {
	n := 1
	for n < len(s) && s[n] >= 0x20 && s[n] <= 0x2f {
		n++
	}
	if n < len(s) && s[n] >= 0x30 && s[n] <= 0x7e {
		return n + 1
	}
	return 0
}

// text returns the length of the sequence at s[i] that carries text from n on
// and runs to a string terminator; bel says that BEL ends it too.
func (q *sequences) text(s string, i, n int, bel bool) int {
	end := 0
	for m, mark := range terminators() {
		if mark == "\a" && !bel {
			continue
		}
		if q.next[m] < i+n { // not looked for yet, or passed
			q.next[m] = len(s) + 1
			if at := strings.Index(s[i+n:], mark); at >= 0 {
				q.next[m] = i + n + at
			}
		}
		if stop := q.next[m] + len(mark) - i; q.next[m] <= len(s) && (end == 0 || stop < end) {
			end = stop
		}
	}
	return end
}

// terminators end a sequence that carries text: ST, ST as a C1 control, BEL.
func terminators() [3]string { return [...]string{"\x1b\\", "\u009c", "\a"} }
