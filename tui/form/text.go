package form

import (
	"fmt"
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
	Secret      bool // drawn as dots: a PIN
}

// Text is a field of one line. Text longer than the field scrolls in cells.
type Text struct {
	base
	buffer
	placeholder string
	secret      bool
	scroll      int // first column drawn
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

// SetPlaceholder replaces the example in the empty field.
func (t *Text) SetPlaceholder(s string) {
	t.placeholder = s
	t.version++
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
	if t.lost > 0 {
		t.problem = fmt.Sprintf(t.words.Over, t.limit, t.lost)
	}
}

// Click puts the caret at column x.
func (t *Text) Click(x, _, _ int) {
	if !t.secret {
		t.move(cell.Offset(t.text, x+t.scroll))
		t.version++
	}
}

// Draw returns the one row of the field.
func (t *Text) Draw(width int, th *theme.Theme) Drawing {
	return t.draw(width, th, func() Drawing {
		shown, before := t.shown(th)
		if shown == "" {
			return blankLine(t.placeholder, width, t.focused, th)
		}
		if !t.focused {
			t.scroll = 0
			line := cell.Pad(cell.Clip(shown, width, th.Glyphs.More), width)
			return Drawing{Lines: []string{th.Field.Render(line)}}
		}
		var x int
		shown, x, t.scroll = window(shown, cell.Width(before), width, t.scroll, th)
		return Drawing{Lines: []string{th.FieldFocused.Render(shown)}, X: x, Cursor: true}
	})
}

// shown is the text as it is drawn, whole and up to the caret.
func (t *Text) shown(th *theme.Theme) (all, before string) {
	if t.secret {
		return stars(t.text), stars(t.text[:t.caret])
	}
	return th.Glyphs.Show(t.text), th.Glyphs.Show(t.text[:t.caret])
}

func stars(s string) string {
	n := 0
	for range cell.Graphemes(s) {
		n++
	}
	return strings.Repeat("*", n)
}

// blankLine draws an empty field with its example.
func blankLine(example string, width int, focused bool, th *theme.Theme) Drawing {
	style := th.Placeholder
	if focused {
		style = th.PlaceFocused
	}
	line := cell.Pad(cell.Clip(show(example, th), width, th.Glyphs.More), width)
	return Drawing{Lines: []string{style.Render(line)}, Cursor: focused}
}

// window returns the part of a long line that is drawn around column x of the
// caret: exactly width cells, with marks where text is hidden, the column of
// the caret in it, and the scroll offset to start from next time.
func window(line string, x, width, scroll int, th *theme.Theme) (part string, at, offset int) {
	total := cell.Width(line)
	if total < width {
		return cell.Pad(line, width), x, 0
	}
	room := max(width-1-reserve(width), 0)   // the last column for the caret
	lead := min(max(width/4, 1), 8, room)    // text kept in sight before it
	scroll = min(scroll, max(total-room, 0)) // nothing but text is scrolled away
	if x-scroll > room {
		scroll = x - room
	}
	if x-scroll < lead {
		scroll = max(x-lead, 0)
	}
	part = cell.Pad(cell.Slice(line, scroll, scroll+width), width)
	if scroll > 0 && x > scroll {
		part = th.Glyphs.Prev + cell.Pad(cell.Slice(line, scroll+1, scroll+width), width-1)
	}
	if total-scroll > width && x-scroll < width-1 {
		part = cell.Pad(cell.Slice(part, 0, width-1), width-1) + th.Glyphs.More
	}
	return part, x - scroll, scroll
}

// reserve is how many cells stay free after the caret: an input method that
// draws what is not yet committed into the row pushes the rest to the right.
// A narrow field keeps 24 cells for its text before it gives any away.
func reserve(width int) int { return min(max(width-24, 0), 20) }
