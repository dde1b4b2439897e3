package cell

import (
	"strings"
	"unicode/utf8"
)

// A Line is one row of wrapped text as byte offsets into it. The row shows
// text[From:To]; text[To:Next] is the line break or the spaces at which the
// row was broken, and the next row starts at Next. A caret at an offset o with
// From ≤ o < Next stands in this row (in the last row also at o = Next).
type Line struct{ From, To, Next int }

// Neither may 避头 characters start a row nor 避尾 characters end one (the
// rules of GB/T 15834 for line ends).
const (
	noStart = "，。、；：！？）》】」』〉〕］｝’”…—·～％‰℃,.;:!?)]}%"
	noEnd   = "（《【「『〈〔［｛‘“([{￥＄$"
)

// Wrap breaks plain text into rows of at most width cells. It breaks at line
// breaks, at spaces, and between any two CJK characters, but not before
// closing or after opening punctuation (避头尾) nor inside a Latin word or a
// number that fits on a row. No text is lost but the spaces at a break. A
// width under 2 counts as 2, since a wide character needs that.
func Wrap(s string, width int) []string {
	lines := Lines(s, width)
	rows := make([]string, len(lines))
	for i, l := range lines {
		rows[i] = strings.TrimRight(s[l.From:l.To], " ")
	}
	return rows
}

// Lines breaks text as Wrap does and returns the rows as offsets, so that an
// editor knows the row and column of its caret. There is always at least one.
func Lines(s string, width int) []Line {
	width = max(width, 2)
	lines := make([]Line, 0, 1+len(s)/width)
	for from := 0; ; {
		length := strings.IndexByte(s[from:], '\n')
		if length < 0 {
			return wrapParagraph(s, from, len(s), width, lines)
		}
		end := from + length
		lines = wrapParagraph(s, from, end, width, lines)
		lines[len(lines)-1].Next = end + 1
		from = end + 1
	}
}

// wrapParagraph appends the rows of s[start:end], which holds no line break.
func wrapParagraph(s string, start, end, width int, lines []Line) []Line {
	var (
		from   = start // first offset of the row
		used   = 0     // cells of the row so far
		brk    = start // last offset in this row at which it may break
		before rune    // last rune of the grapheme before
	)
	for at := start; at < end; {
		g, w := Next(s[at:end])
		first, _ := utf8.DecodeRuneInString(g)
		if at > from && mayBreak(before, first) {
			brk = at
		}
		if used+w <= width || w == 0 || at == from {
			used += w
			before, _ = utf8.DecodeLastRuneInString(g)
			at += len(g)
			continue
		}
		row := Line{From: from, To: at, Next: at}
		switch {
		case first == ' ': // the spaces hang over the edge
			for row.Next < end && s[row.Next] == ' ' {
				row.Next++
			}
		case brk > from:
			row.To, row.Next = brk, brk
		}
		lines = append(lines, row)
		from, at, brk, used = row.Next, row.Next, row.Next, 0
	}
	if from == end && from > start {
		return lines // nothing but hanging spaces was left, they need no row
	}
	return append(lines, Line{From: from, To: end, Next: end})
}

// mayBreak reports whether a row may end between the runes a and b.
func mayBreak(a, b rune) bool {
	switch {
	case a >= 0x4e00 && a <= 0x9fff && b >= 0x4e00 && b <= 0x9fff:
		return true // the common case first
	case b == ' ':
		return false // spaces stay with what they follow
	case a == ' ':
		return true
	case strings.ContainsRune(noStart, b), strings.ContainsRune(noEnd, a):
		return false
	}
	return !inWord(a) || !inWord(b)
}

// inWord reports whether r belongs to writing with spaces between words.
func inWord(r rune) bool {
	return r > ' ' && r < 0x2e80 && !(r >= 0x2010 && r <= 0x2bff)
}
