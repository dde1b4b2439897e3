package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// TextConfig says what a Text is.
type TextConfig struct {
	ID, Label   string
	Placeholder string              // example in the empty field
	Limit       int                 // characters, 0: 200
	Fold        func(string) string // applied to what is typed, e.g. cell.Fold
	Rule        Rule
	Secret      bool // drawn as stars and never part of a draft: a PIN
}

// Text is a field of one line. Text longer than the field scrolls in cells.
type Text struct {
	base
	buffer
	placeholder string
	secret      bool
	scroll      int         // first column drawn
	glyphs      cell.Glyphs // of the last drawing
}

// defaultLimit bounds a one-line field: a megabyte pasted by mistake must not
// slow every later key.
const defaultLimit = 200

// NewText makes an empty Text.
func NewText(c TextConfig) *Text {
	if c.Limit <= 0 {
		c.Limit = defaultLimit
	}
	return &Text{
		base:        newBase(c.ID, c.Label, c.Rule),
		buffer:      buffer{limit: c.Limit, fold: c.Fold},
		placeholder: c.Placeholder,
		secret:      c.Secret,
	}
}

// Value is the text.
func (t *Text) Value() string { return t.text }

// SetValue replaces the text.
func (t *Text) SetValue(s string) {
	t.set(s)
	t.changed()
}

// Blur ends editing and judges what was typed.
func (t *Text) Blur() {
	t.focused = false
	t.version++
	if t.text != "" {
		t.Check()
	}
}

// Check applies the rule.
func (t *Text) Check() bool {
	normal, ok := t.judge(t.text)
	if ok && normal != t.text {
		t.set(normal)
		t.version++
	}
	return ok
}

// Key edits the text.
func (t *Text) Key(k tea.KeyPressMsg) Reply {
	used, changed := t.key(k)
	if !used {
		return Pass
	}
	t.after(changed)
	return Took
}

// Paste inserts text at the caret, line breaks as spaces.
func (t *Text) Paste(s string) { t.after(t.insert(s, other)) }

// after redraws, and says when text was left out.
func (t *Text) after(changed bool) {
	t.version++
	if changed {
		t.changed()
	}
	t.said(t.limit, t.lost)
}

// Click puts the caret at column x.
func (t *Text) Click(x, _ int, _ bool) {
	if !t.secret {
		shown := t.glyphs.Show(t.text)
		t.move(inText(t.text, shown, cell.Offset(shown, x+t.scroll)))
		t.version++
	}
}

// Secret reports whether the text must not be kept in drafts.
func (t *Text) Secret() bool { return t.secret }

// Draw returns the one row of the field.
func (t *Text) Draw(width int, th *theme.Theme) Drawing {
	return t.draw(width, th, func() Drawing {
		t.glyphs = th.Glyphs
		shown, before := t.shown()
		return paintLine(shown, before, t.placeholder, &t.scroll, t.focused, width, th)
	})
}

// shown is the text as it is drawn, whole and up to the caret.
func (t *Text) shown() (all, before string) {
	if t.secret {
		return stars(t.text), stars(t.text[:t.caret])
	}
	return t.glyphs.Show(t.text), t.glyphs.Show(t.text[:t.caret])
}

func stars(s string) string {
	n := 0
	for range cell.Graphemes(s) {
		n++
	}
	return strings.Repeat("*", n)
}
