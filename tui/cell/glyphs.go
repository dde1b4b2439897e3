package cell

import "strings"

// Glyphs are the signs that the screens draw with, each one cell wide.
type Glyphs struct {
	Rule     string // horizontal line
	Bar      string // vertical line
	Dot      string // between parts of a title
	More     string // end of text that was cut
	Pointer  string // before the selected row
	Range    string // between two numbers
	Prev     string // there is something to the left
	Next     string // there is something to the right
	Up       string // there is something above
	Down     string // there is something below
	Done     string // a thing that is finished
	Wrong    string // before a problem
	Full     string // part of a bar that is filled
	Empty    string // part of a bar that is not
	narrowed bool   // the terminal draws ambiguous characters two cells wide
}

// PlainGlyphs is what a terminal in its normal state draws.
func PlainGlyphs() Glyphs {
	return Glyphs{
		Rule: "─", Bar: "│", Dot: "·", More: "…", Pointer: "›", Range: "–",
		Prev: "‹", Next: "›", Up: "↑", Down: "↓", Done: "✓", Wrong: "!",
		Full: "█", Empty: "░",
	}
}

// ASCIIGlyphs is for a terminal that draws · or ─ two cells wide (an old
// locale setting in China), and for one that has no such characters.
func ASCIIGlyphs() Glyphs {
	return Glyphs{
		Rule: "-", Bar: "|", Dot: "-", More: "~", Pointer: ">", Range: "-",
		Prev: "<", Next: ">", Up: "^", Down: "v", Done: "+", Wrong: "!",
		Full: "#", Empty: ".", narrowed: true,
	}
}

// Show returns text as this terminal can draw it without its columns moving.
// It maps each character by itself, so Show(a+b) is Show(a)+Show(b).
func (g Glyphs) Show(s string) string {
	if !g.narrowed || isClean(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if to, ok := unambiguous(r); ok {
			return to
		}
		return r
	}, s)
}

// unambiguous returns the character of certain width that stands for one
// whose width is left open. Names such as 阿依古丽·买买提 need it.
func unambiguous(r rune) (rune, bool) {
	switch r {
	case '·':
		return '・', true
	case '…':
		return '～', true
	case '“', '”':
		return '＂', true
	case '‘', '’':
		return '＇', true
	case '—', '–', '─', '―':
		return '－', true
	case '│':
		return '｜', true
	case '→':
		return '＞', true
	case '←':
		return '＜', true
	case '↑':
		return '＾', true
	case '↓':
		return 'ｖ', true
	case '÷':
		return '／', true
	case '×':
		return 'ｘ', true
	case '°':
		return '゜', true
	}
	return 0, false
}
