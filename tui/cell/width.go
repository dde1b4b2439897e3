// Package cell measures and cuts text in terminal cells.
//
// A cell is one column of one row. A Chinese character takes two, a Latin
// letter one, a combining mark none. Nothing here counts bytes or runes: a
// column computed in runes puts the input method's window in the wrong place.
//
// Characters whose width East Asian standards leave open (· … “ ” — ─) count
// as one cell, whatever the locale says; a session whose terminal draws them
// two wide uses Glyphs.Show, which replaces them by characters that leave
// nothing open.
//
// Widths are those of the renderer. It measures by grapheme where the terminal
// can (mode 2027) and by code point elsewhere; for cleaned text in the scripts
// of China both agree, which a test holds for every character. They differ for
// Indic vowel signs, Thai AM and single Hangul letters: there the grapheme
// counts, and on an old terminal the rest of such a row stands a cell off.
package cell

import (
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Next returns the first grapheme of s, that is, what a reader takes for one
// character, and its width in cells. It returns "" and 0 when s is empty. A
// control character counts as a grapheme of no width.
func Next(s string) (grapheme string, width int) {
	if s == "" {
		return "", 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if w := simple(r); w > 0 {
		if n == len(s) {
			return s, w
		}
		if after, _ := utf8.DecodeRuneInString(s[n:]); simple(after) > 0 {
			return s[:n], w
		}
	}
	return ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
}

// simple returns the width of a rune that never joins another simple rune in
// one grapheme, and 0 for every other rune. Nearly all text at a station is
// made of these, and telling them apart here is many times faster than asking
// the segmentation tables.
func simple(r rune) int {
	switch {
	case r >= 0x20 && r < 0x7f:
		return 1
	case r >= 0x4e00 && r <= 0x9fff, // CJK unified ideographs
		r >= 0x3400 && r <= 0x4dbf,   // extension A
		r >= 0x3001 && r <= 0x3020,   // 、。〈〉《》「」『』【】
		r >= 0x3041 && r <= 0x3096,   // hiragana
		r >= 0x30a1 && r <= 0x30fa,   // katakana
		r >= 0xff01 && r <= 0xff5e,   // full-width ASCII
		r >= 0x20000 && r <= 0x2fffd, // extensions B to F
		r >= 0x30000 && r <= 0x323af: // G and H
		return 2
	}
	return 0
}

// Graphemes yields the graphemes of s with their widths in cells.
func Graphemes(s string) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for s != "" {
			g, w := Next(s)
			if !yield(g, w) {
				return
			}
			s = s[len(g):]
		}
	}
}

// Width returns how many cells s takes. Escape sequences take none; a line
// break takes none either, so measure one line at a time.
func Width(s string) int {
	if styled(s) {
		return ansi.StringWidth(s)
	}
	w := 0
	for s != "" {
		g, gw := Next(s)
		w += gw
		s = s[len(g):]
	}
	return w
}

// styled reports whether s holds escape sequences.
func styled(s string) bool { return strings.IndexByte(s, 0x1b) >= 0 }
