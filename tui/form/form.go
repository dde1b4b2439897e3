package form

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"liaison/tui/theme"
)

// An Item is one place in a row: a field, or a text beside the fields.
type Item struct {
	Field Field
	// Note returns a text that is drawn in place of a field, one row of at
	// most width cells. It may be styled.
	Note func(width int, th *theme.Theme) string
	// Cells is the width of the place with the label; items with 0 share
	// what the others in their row leave.
	Cells int
	// Min is the width under which an item with 0 Cells goes to a row of its
	// own, 0: 24.
	Min int
}

// A Row is what stands side by side where there is room; in a narrow window
// it folds to several. An empty Row is a blank line.
type Row []Item

// In places a field with its label on so many cells, 0 for what is left.
func In(f Field, cells int) Item { return Item{Field: f, Cells: cells} }

// Beside places a text on so many cells, 0 for what is left.
func Beside(cells int, note func(width int, th *theme.Theme) string) Item {
	return Item{Note: note, Cells: cells}
}

// Form is fields in rows, one of them with the focus.
//
// Its methods are called from Update; View only draws, and remembers where it
// drew for the next click.
type Form struct {
	id     string
	rows   []Row
	fields []Field // in the order of the rows
	hidden map[string]bool
	focus  int // index in fields, -1 when there is none
	words  Words

	generation int // counts changes of values
	saved      int // the generation that is in the draft store
	armed      bool

	shown picture
}

// New makes a form and puts the focus on its first field. The id names it in
// DraftMsg.
func New(id string, rows ...Row) *Form {
	f := &Form{id: id, hidden: map[string]bool{}, focus: -1, words: Bilingual()}
	f.SetRows(rows...)
	return f
}

// ID is the name given to New.
func (f *Form) ID() string { return f.id }

// SetRows replaces the layout. The focus stays on its field if that is still
// there.
func (f *Form) SetRows(rows ...Row) {
	was := f.Focused()
	f.rows, f.fields, f.focus = rows, nil, -1
	for _, r := range rows {
		for _, item := range r {
			if item.Field == nil {
				continue
			}
			f.fields = append(f.fields, item.Field)
			if w, ok := item.Field.(interface{ setWords(Words) }); ok {
				w.setWords(f.words)
			}
			if was != nil && item.Field.ID() == was.ID() {
				f.focus = len(f.fields) - 1
			}
		}
	}
	f.shown.stale = true
	if f.focus >= 0 && f.fields[f.focus] == was {
		return
	}
	if was != nil {
		was.Blur()
	}
	if f.focus < 0 {
		f.focus = f.next(-1, +1)
	}
	if f.focus >= 0 {
		f.fields[f.focus].Focus()
	}
}

// SetWords replaces the sentences that fields say by themselves.
func (f *Form) SetWords(w Words) {
	f.words = w
	for _, field := range f.fields {
		if to, ok := field.(interface{ setWords(Words) }); ok {
			to.setWords(w)
		}
	}
}

// Field returns the field with an id, nil when there is none.
func (f *Form) Field(id string) Field {
	for _, field := range f.fields {
		if field.ID() == id {
			return field
		}
	}
	return nil
}

// Fields returns all fields in the order of the rows, hidden ones too.
func (f *Form) Fields() []Field { return slices.Clone(f.fields) }

// Value returns the value of a field, "" when there is none.
func (f *Form) Value(id string) string {
	if field := f.Field(id); field != nil {
		return field.Value()
	}
	return ""
}

// Set replaces the value of a field as a program does, for instance when an
// earlier voter is recalled.
func (f *Form) Set(id, value string) {
	if field := f.Field(id); field != nil && field.Value() != value {
		field.SetValue(value)
		f.generation++
	}
}

// Hide takes a field off the screen, or shows it again. Its value is kept, but
// it is neither reached nor checked.
func (f *Form) Hide(id string, hide bool) {
	if f.hidden[id] == hide {
		return
	}
	f.hidden[id] = hide
	f.shown.stale = true
	if now := f.Focused(); hide && now != nil && now.ID() == id {
		if !f.move(+1, false) {
			f.move(-1, false)
		}
	}
}

// Focused is the field with the focus, nil when there is none.
func (f *Form) Focused() Field {
	if f.focus < 0 || f.focus >= len(f.fields) {
		return nil
	}
	return f.fields[f.focus]
}

// FocusID puts the focus on a field and reports whether it could.
func (f *Form) FocusID(id string) bool {
	for i, field := range f.fields {
		if field.ID() == id && !f.hidden[id] {
			f.focusOn(i)
			return true
		}
	}
	return false
}

// focusOn moves the focus; the field that is left judges its value.
func (f *Form) focusOn(i int) {
	if i == f.focus {
		return
	}
	if was := f.Focused(); was != nil {
		f.watch(was, was.Blur)
	}
	f.focus = i
	f.fields[i].Focus()
}

// next is the index of the next field that is not hidden, -1 at the end.
func (f *Form) next(from, by int) int {
	for i := from + by; i >= 0 && i < len(f.fields); i += by {
		if !f.hidden[f.fields[i].ID()] {
			return i
		}
	}
	return -1
}

// move takes the focus to the next field, around the end if wrap.
func (f *Form) move(by int, wrap bool) bool {
	i := f.next(f.focus, by)
	if i < 0 && wrap {
		end := -1
		if by < 0 {
			end = len(f.fields)
		}
		i = f.next(end, by)
	}
	if i < 0 {
		return false
	}
	f.focusOn(i)
	return true
}

// Next and Back take the focus one field on or back, around the ends.
func (f *Form) Next() { f.move(+1, true) }

// Back takes the focus one field back, around the ends.
func (f *Form) Back() { f.move(-1, true) }

// Key offers a key to the field with the focus and then moves the focus. It
// reports false for keys that are not for the form; among them is Enter on the
// last field, which a screen may take for "save".
func (f *Form) Key(k tea.KeyPressMsg) bool {
	field := f.Focused()
	if field == nil {
		return false
	}
	reply := Pass
	f.watch(field, func() { reply = field.Key(k) })
	switch reply {
	case Took:
		return true
	case Leave:
		f.move(+1, false)
		return true
	}
	switch k.Keystroke() {
	case "tab":
		f.Next()
	case "shift+tab":
		f.Back()
	case "enter":
		return f.move(+1, false)
	case "down":
		return f.vertical(+1)
	case "up":
		return f.vertical(-1)
	default:
		return false
	}
	return true
}

// Paste inserts text into the field with the focus, and reports whether there
// was one. It also serves for what does not come from the keyboard: a ready
// phrase, or the word that a built-in input method commits.
func (f *Form) Paste(text string) bool {
	field := f.Focused()
	if field == nil {
		return false
	}
	f.watch(field, func() { field.Paste(text) })
	return true
}

// watch does something to a field and counts it if the value changed.
func (f *Form) watch(field Field, do func()) {
	value, pending := field.Value(), pendingOf(field)
	do()
	if field.Value() != value || pendingOf(field) != pending {
		f.generation++
	}
}

// A Problem is a field that is not right.
type Problem struct{ ID, Label, Text string }

// Check applies the rules of all fields that are shown, puts the focus on the
// first that is not right, and returns those.
func (f *Form) Check() []Problem {
	var bad []Problem
	for _, field := range f.fields {
		if f.hidden[field.ID()] {
			continue
		}
		right := true
		f.watch(field, func() { right = field.Check() })
		if !right {
			bad = append(bad, Problem{field.ID(), field.Label(), field.Problem()})
		}
	}
	if len(bad) > 0 {
		f.FocusID(bad[0].ID)
		f.Field(bad[0].ID).SetProblem(bad[0].Text)
	}
	return bad
}

// Problem returns what is wrong with the field with the focus, for a status
// line.
func (f *Form) Problem() string {
	if field := f.Focused(); field != nil {
		return field.Problem()
	}
	return ""
}

// SetProblem marks a field from outside.
func (f *Form) SetProblem(id, text string) {
	if field := f.Field(id); field != nil {
		field.SetProblem(text)
	}
}
