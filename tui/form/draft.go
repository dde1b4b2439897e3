package form

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// DraftPause is how long after a first unsaved change the draft is written.
// It is counted from that change, not from the last one: someone who types
// without a pause loses no more than someone who stops.
const DraftPause = 500 * time.Millisecond

// DraftMsg says that the draft of a form is due.
type DraftMsg struct{ Form string }

// pendingSuffix marks a query that was typed and not yet picked. No field id
// contains a space.
const pendingSuffix = " query"

// pender is a field with text that is not yet its value.
type pender interface {
	Pending() string
	SetPending(string)
}

func pendingOf(field Field) string {
	if p, ok := field.(pender); ok {
		return p.Pending()
	}
	return ""
}

// Values returns the values of all fields by id, of hidden ones too.
func (f *Form) Values() map[string]string {
	values := make(map[string]string, len(f.fields))
	for _, field := range f.fields {
		values[field.ID()] = field.Value()
	}
	return values
}

// Draft returns what Restore needs to bring the form back: the values, and
// what was typed but not yet picked. Secret texts are not in it.
func (f *Form) Draft() map[string]string {
	values := f.Values()
	for _, field := range f.fields {
		if s, ok := field.(interface{ Secret() bool }); ok && s.Secret() {
			delete(values, field.ID())
		}
		if q := pendingOf(field); q != "" {
			values[field.ID()+pendingSuffix] = q
		}
	}
	return values
}

// Restore fills the form from a draft. Fields that the draft does not name
// keep their values; names without a field are passed over. The form then
// counts as saved.
func (f *Form) Restore(draft map[string]string) {
	for _, field := range f.fields {
		if v, ok := draft[field.ID()]; ok {
			field.SetValue(v)
		}
		if q, ok := draft[field.ID()+pendingSuffix]; ok {
			if p, ok := field.(pender); ok {
				p.SetPending(q)
			}
		}
		field.SetProblem("")
	}
	f.generation++
	f.saved = f.generation
}

// Generation counts changes of values; it never goes back.
func (f *Form) Generation() int { return f.generation }

// Touch counts a change of what belongs to the form and is no field, so that
// the draft is written.
func (f *Form) Touch() { f.generation++ }

// Dirty reports whether values changed after the generation last saved.
func (f *Form) Dirty() bool { return f.generation != f.saved }

// Saved says that the draft of a generation is durable.
func (f *Form) Saved(generation int) { f.saved = max(f.saved, generation) }

// Autosave returns the command that makes a DraftMsg due after DraftPause, or
// nil when nothing has changed or one is under way. Call it after every key.
func (f *Form) Autosave() tea.Cmd {
	if f.armed || !f.Dirty() {
		return nil
	}
	f.armed = true
	id := f.id
	return tea.Tick(DraftPause, func(time.Time) tea.Msg { return DraftMsg{Form: id} })
}

// Due takes a DraftMsg and returns what is to be written, and the generation
// to hand to Saved when it is. It reports false when the message is for
// another form or nothing is left to write.
func (f *Form) Due(msg DraftMsg) (draft map[string]string, generation int, ok bool) {
	if msg.Form != f.id {
		return nil, 0, false
	}
	f.armed = false
	if !f.Dirty() {
		return nil, 0, false
	}
	return f.Draft(), f.generation, true
}
