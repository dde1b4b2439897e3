// Package form joins fields, keys and cells: what a person types, where it
// stands on the screen, and what is kept of it.
//
// A Form holds fields in rows, moves the focus among them, and draws them
// with the real cursor in the cell after the typed text, where an input method
// puts its window. Letters belong to the input method: nothing here listens
// for a single letter outside a field of choices. A field never holds a person
// back; what is wrong is marked and can be left.
//
// The package knows no domain. What a value may be is said by a Rule, what can
// be picked by a Source, both from outside.
package form

import (
	"fmt"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// A Field is one input. The fields of this package are Text, Area, Choice,
// Pick and MultiPick.
type Field interface {
	// ID names the field in values and drafts.
	ID() string
	// Label is the name a person reads.
	Label() string
	// Value is what would be saved now, "" for nothing.
	Value() string
	// SetValue replaces the value; the caret goes to its end.
	SetValue(string)
	// Focus and Blur tell the field that keys now come to it, or no longer.
	Focus()
	Blur()
	// Key offers a key press to the field.
	Key(tea.KeyPressMsg) Reply
	// Paste inserts text at the caret.
	Paste(string)
	// Draw returns the field's rows, each exactly width cells.
	Draw(width int, th *theme.Theme) Drawing
	// Check applies the field's rule: the value is put into its normal form,
	// or a problem is marked. It reports whether the value is right.
	Check() bool
	// Problem is what is wrong with the value, "" for nothing known.
	Problem() string
	// SetProblem marks the field from outside; "" takes the mark away. The
	// next change of the value takes it away too, and so does Check.
	SetProblem(string)
}

// Reply is what a field did with a key.
type Reply uint8

// The replies of Field.Key.
const (
	Pass  Reply = iota // the key is not for this field
	Took               // the key was used
	Leave              // the key was used and the field is finished: go on
)

// Drawing is how a field looks.
type Drawing struct {
	Lines  []string // rows of equal width
	X, Y   int      // cell of the real cursor, counted from the first row
	Cursor bool     // whether the field wants the cursor
}

// A Rule judges a value. It returns the value in its normal form and "", or
// the value as it is and what is wrong with it, in words for a person. Rules
// see empty values only when the whole form is checked, not when a person
// passes by.
type Rule func(value string) (normal, problem string)

// Words are the sentences that fields say by themselves.
type Words struct {
	NoMatch string // no candidate matches the query
	Choose  string // text was typed but nothing was picked
	Over    string // text beyond the limit was left out; verbs: limit, lost
	More    string // more candidates follow; verbs: place, total
}

// Bilingual returns the words in Chinese with English beside them.
func Bilingual() Words {
	return Words{
		NoMatch: "没有匹配 no match",
		Choose:  "请从列表中选一项 pick one from the list",
		Over:    "最多 %d 字，后面 %d 字没有收入 limit reached, the rest was left out",
		More:    "%d / %d",
	}
}

// base is what all fields share.
type base struct {
	id, label string
	rule      Rule
	problem   string
	notice    string // what was done to the text, said until the next change
	focused   bool
	version   int // counts everything that changes the drawing
	words     Words
	cache     drawn
}

// drawn is a drawing and what it was made from.
type drawn struct {
	Drawing
	version, width int
	theme          *theme.Theme
}

func newBase(id, label string, rule Rule) base {
	return base{id: id, label: label, rule: rule, words: Bilingual(), version: 1}
}

func (b *base) ID() string       { return b.id }
func (b *base) Label() string    { return b.label }
func (b *base) Problem() string  { return b.problem }
func (b *base) Notice() string   { return b.notice }
func (b *base) setWords(w Words) { b.words = w; b.version++ }
func (b *base) Focus()           { b.focused = true; b.version++ }

// SetProblem marks the field, or takes the mark away.
func (b *base) SetProblem(text string) {
	if text != b.problem {
		b.problem = text
		b.version++
	}
}

// changed is called after every change of the value.
func (b *base) changed() {
	b.problem, b.notice = "", ""
	b.version++
}

// said tells the person that a text was cut at its limit, when it was.
func (b *base) said(limit, lost int) {
	if lost > 0 {
		b.notice = fmt.Sprintf(b.words.Over, limit, lost)
		b.version++
	}
}

// judge applies the rule to a value and marks the problem.
func (b *base) judge(value string) (normal string, ok bool) {
	if b.rule == nil {
		b.SetProblem("")
		return value, true
	}
	normal, problem := b.rule(value)
	b.SetProblem(problem)
	if problem != "" {
		return value, false
	}
	return normal, true
}

// draw returns the cached drawing, or makes and keeps a new one.
func (b *base) draw(width int, th *theme.Theme, paint func() Drawing) Drawing {
	if b.cache.version != b.version || b.cache.width != width || b.cache.theme != th {
		b.cache = drawn{Drawing: paint(), version: b.version, width: width, theme: th}
	}
	return b.cache.Drawing
}

// inText turns an offset in what Glyphs.Show made of text into one in text. Show
// maps character by character, so their number is the same.
func inText(text, shown string, at int) int {
	if text == shown {
		return at
	}
	n := utf8.RuneCountInString(shown[:at])
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// show cleans and maps text that is drawn but not typed here.
func show(s string, th *theme.Theme) string {
	return th.Glyphs.Show(cell.Clean(s, false))
}
