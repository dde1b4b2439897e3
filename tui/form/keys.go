package form

import (
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
)

// printable returns the text that a key types, "" for a key with a command.
func printable(k tea.KeyPressMsg) string {
	if k.Mod&(tea.ModCtrl|tea.ModAlt|tea.ModMeta|tea.ModSuper|tea.ModHyper) != 0 {
		return ""
	}
	return k.Text
}

// key edits the text as the key says. It reports whether the key was for it
// and whether the text changed.
func (b *buffer) key(k tea.KeyPressMsg) (used, changed bool) {
	if text := printable(k); text != "" {
		return true, b.insert(text, typed)
	}
	switch k.Keystroke() {
	case "left", "shift+left":
		b.move(b.left())
	case "right", "shift+right":
		b.move(b.right())
	case "ctrl+left", "alt+left", "alt+b":
		b.move(b.wordLeft())
	case "ctrl+right", "alt+right", "alt+f":
		b.move(b.wordRight())
	case "home", "shift+home":
		b.move(b.lineStart())
	case "end", "shift+end":
		b.move(b.lineEnd())
	case "ctrl+home":
		b.move(0)
	case "ctrl+end":
		b.move(len(b.text))
	case "backspace", "shift+backspace", "ctrl+h":
		return true, b.erase(b.left(), b.caret)
	case "delete", "shift+delete":
		return true, b.erase(b.caret, b.right())
	case "ctrl+w", "ctrl+backspace", "alt+backspace":
		return true, b.erase(b.wordLeft(), b.caret)
	case "ctrl+delete", "alt+delete", "alt+d":
		return true, b.erase(b.caret, b.wordRight())
	case "ctrl+u":
		return true, b.erase(b.lineStart(), b.caret)
	case "ctrl+z":
		return true, b.undo()
	case "ctrl+y", "ctrl+shift+z":
		return true, b.redo()
	default:
		return false, false
	}
	return true, false
}

// class sorts characters for movement by words.
type class uint8

const (
	space class = iota
	han
	word
	mark
)

func classOf(grapheme string) class {
	r, _ := utf8.DecodeRuneInString(grapheme)
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return han
	case unicode.IsLetter(r), unicode.IsDigit(r):
		return word
	}
	return mark
}

// hanStep is how many Chinese characters count as a word. There are no spaces
// to go by; two is the length of most Chinese words, and deleting a whole
// clause with one key is what people hate.
const hanStep = 2

// wordLeft is the offset at the start of the word before the caret.
func (b *buffer) wordLeft() int {
	at, n, kind := b.caret, 0, space
	for at > 0 {
		g, _ := cell.Prev(b.text[:at])
		if stop := step(&kind, &n, classOf(g)); stop {
			break
		}
		at -= len(g)
	}
	return at
}

// wordRight is the offset behind the word after the caret.
func (b *buffer) wordRight() int {
	at, n, kind := b.caret, 0, space
	for at < len(b.text) {
		g, _ := cell.Next(b.text[at:])
		if stop := step(&kind, &n, classOf(g)); stop {
			break
		}
		at += len(g)
	}
	return at
}

// step takes one more grapheme of class c into a word of n graphemes of class
// kind, and reports whether the word ends before it. Spaces before the first
// grapheme belong to the word.
func step(kind *class, n *int, c class) (stop bool) {
	if *n > 0 && (c != *kind || c == han && *n >= hanStep) {
		return true
	}
	if c != space {
		*kind = c
		*n++
	}
	return false
}
