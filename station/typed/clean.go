package typed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks one character may carry. More only
// draws over the lines above and below.
const maxMarks = 2

// Clean makes text from people safe to store and to draw on a terminal. It is
// applied when text is stored and again when it is shown, and applied twice it
// changes nothing more.
//
//   - Invalid UTF-8 becomes U+FFFD.
//   - Terminal sequences go as a whole (CSI, OSC, DCS, APC, PM, SOS, in their
//     ESC and their C1 forms), so that no "[31m" stays behind. A string
//     sequence that does not end on its line is not one: only its introducer
//     goes, and the words after it stay.
//   - Control characters, bidirectional overrides, zero-width and other
//     invisible characters go.
//   - A character keeps at most two combining marks; the result is NFC.
//   - CRLF, CR, VT, FF, NEL, LS and PS become LF, which stays where multiline
//     is set and is a space otherwise; a tab becomes a space.
//
// Private-use characters stay: names of people are written with them. So do
// ideographic variation selectors, for the same reason.
func Clean(s string, multiline bool) string {
	if plain(s, multiline) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		if n := sequence(s[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r == '\r' && strings.HasPrefix(s[i:], "\n") {
			continue
		}
		if r = cleanRune(r, multiline); r >= 0 {
			b.WriteRune(r)
		}
	}
	return capMarks(norm.NFC.String(b.String()))
}

// plain reports whether s needs no cleaning: printable ASCII and the
// characters that nearly all Chinese text is made of. Lists call Clean for
// every cell they draw.
func plain(s string, multiline bool) bool {
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~', r >= 0x4E00 && r <= 0x9FFF, r >= '！' && r <= '～':
		case r >= 0x3000 && r <= 0x3029: // ideographic space, 、。〈〉《》「」【】〔〕
		case r == '·', r == '—', r == '…', r >= '‘' && r <= '”':
		case r == '\n' && multiline:
		default:
			return false
		}
	}
	return true
}

// cleanRune gives what a character becomes, or -1 where it goes.
func cleanRune(r rune, multiline bool) rune {
	switch r {
	case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
		if multiline {
			return '\n'
		}
		return ' '
	case '\t':
		return ' '
	}
	if r >= 0xE0100 && r <= 0xE01EF { // ideographic variation selectors
		return r
	}
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point) {
		return -1
	}
	return r
}

// capMarks drops the combining marks past maxMarks on a character, and the
// joiners that normalising puts into long runs of them.
func capMarks(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u034f':
			return -1
		case !unicode.In(r, unicode.Mn, unicode.Me):
			marks = 0
			return r
		}
		if marks++; marks > maxMarks {
			return -1
		}
		return r
	}, s)
}

const esc = '\x1b'

// sequence gives the length in bytes of the terminal sequence that s starts
// with, or 0. Of a sequence that is broken off, it is the introducer's.
func sequence(s string) int {
	kind, n := introducer(s)
	switch kind {
	case 0:
		return 0
	case '[':
		at := n + span(s[n:], 0x30, 0x3f)
		at += span(s[at:], 0x20, 0x2f)
		if at < len(s) && s[at] >= 0x40 && s[at] <= 0x7e {
			return at + 1
		}
		return n
	case ']', 'P', '_', '^', 'X':
		return n + stringEnd(s[n:], kind == ']')
	}
	// ESC, intermediates, one final: a charset, a reset, a lone ST.
	if at := n + span(s[n:], 0x20, 0x2f); at < len(s) && s[at] >= 0x30 && s[at] <= 0x7e {
		return at + 1
	}
	return n
}

// introducer names the sequence at the start of s by the byte that follows ESC
// in its 7-bit form, esc itself for any other escape, and 0 for none; with the
// length of the introducer.
func introducer(s string) (kind byte, n int) {
	if s == "" {
		return 0, 0
	}
	if s[0] == esc {
		if len(s) > 1 && strings.IndexByte("[]P_^X", s[1]) >= 0 {
			return s[1], 2
		}
		return esc, 1
	}
	if s[0] != 0xc2 || len(s) < 2 { // C1 controls are C2 80 to C2 9F
		return 0, 0
	}
	switch s[1] {
	case 0x9b:
		return '[', 2
	case 0x9d:
		return ']', 2
	case 0x90:
		return 'P', 2
	case 0x9f:
		return '_', 2
	case 0x9e:
		return '^', 2
	case 0x98:
		return 'X', 2
	}
	return 0, 0
}

// span counts the bytes at the start of s that lie in lo..hi.
func span(s string, lo, hi byte) int {
	n := 0
	for n < len(s) && s[n] >= lo && s[n] <= hi {
		n++
	}
	return n
}

// stringEnd gives the length of a control string with its terminator: ST in
// either form, or BEL where that ends it. It is 0 where the string does not
// end on its line.
func stringEnd(s string, bel bool) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\n', '\r':
			return 0
		case 0x07:
			if bel {
				return i + 1
			}
		case esc:
			if i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		case 0xc2:
			if i+1 < len(s) && s[i+1] == 0x9c {
				return i + 2
			}
		}
	}
	return 0
}
