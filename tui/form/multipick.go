package form

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// MultiPick is a field whose value is several of many, such as the deputies
// on duty. It is filled like a Pick, one after the other; Enter on an empty
// query goes on, Backspace on one takes the last away.
type MultiPick struct {
	base
	query       buffer
	list        list
	chosen      []Option
	placeholder string
	source      Source
	find        func(string) (Option, bool)
	scroll      int
}

// separator stands between the values of a MultiPick.
const separator = ","

// NewMultiPick makes an empty MultiPick; Hop and Free do not apply.
func NewMultiPick(c PickConfig) *MultiPick {
	if c.Rows <= 0 {
		c.Rows = defaultMatches
	}
	return &MultiPick{
		base:        newBase(c.ID, c.Label, c.Rule),
		query:       buffer{limit: queryLimit},
		list:        list{rows: c.Rows},
		placeholder: c.Placeholder,
		source:      c.Source,
		find:        c.Find,
	}
}

// Value is the chosen values, separated by commas.
func (m *MultiPick) Value() string { return strings.Join(m.Chosen(), separator) }

// Chosen is the chosen values in the order in which they were picked.
func (m *MultiPick) Chosen() []string {
	values := make([]string, len(m.chosen))
	for i, o := range m.chosen {
		values[i] = o.Value
	}
	return values
}

// SetValue chooses the options with these values.
func (m *MultiPick) SetValue(v string) {
	m.query, m.list.open = buffer{limit: queryLimit}, false
	m.chosen = nil
	for _, one := range strings.Split(v, separator) {
		if one = strings.TrimSpace(one); one != "" {
			m.add(lookUp(one, m.source, m.find))
		}
	}
	m.changed()
}

func (m *MultiPick) add(o Option) {
	if !m.has(o) {
		m.chosen = append(m.chosen, o)
	}
}

func (m *MultiPick) has(o Option) bool {
	return slices.ContainsFunc(m.chosen, func(c Option) bool { return c.Value == o.Value })
}

// Blur ends picking. Text that was typed and not picked stays, marked.
func (m *MultiPick) Blur() {
	m.focused = false
	m.list.open = false
	m.version++
	if m.query.text != "" || len(m.chosen) > 0 {
		m.Check()
	}
}

// Check applies the rule.
func (m *MultiPick) Check() bool {
	if m.query.text != "" {
		m.SetProblem(m.words.Choose)
		return false
	}
	normal, ok := m.judge(m.Value())
	if ok && normal != m.Value() {
		m.SetValue(normal)
	}
	return ok
}

// Pending and SetPending are the query, for drafts.
func (m *MultiPick) Pending() string { return m.query.text }

// SetPending restores a query without opening its list.
func (m *MultiPick) SetPending(s string) {
	m.query.set(s)
	m.version++
}

// Key edits the query or moves in the list.
func (m *MultiPick) Key(k tea.KeyPressMsg) Reply {
	m.version++
	if m.list.key(k) {
		return Took
	}
	switch key := k.Keystroke(); key {
	case "enter", "tab":
		o, ok := m.list.current()
		if !ok {
			return Pass
		}
		m.take(o)
		if key == "tab" {
			return Leave
		}
		return Took
	case "esc":
		if !m.list.open {
			return Pass
		}
		m.query, m.list.open = buffer{limit: queryLimit}, false
		return Took
	case "down", "alt+down":
		if key == "down" && len(m.chosen) > 0 {
			return Pass
		}
		m.search()
		return Took
	case "backspace", "ctrl+h", "ctrl+w":
		if n := len(m.chosen); m.query.text == "" && n > 0 {
			m.chosen = slices.Clone(m.chosen[:n-1])
			m.changed()
			return Took
		}
	}
	used, changed := m.query.key(k)
	if !used {
		return Pass
	}
	if changed {
		m.changed()
		m.search()
		m.list.open = m.query.text != ""
	}
	return Took
}

// Paste inserts text into the query.
func (m *MultiPick) Paste(s string) {
	if m.query.insert(s, other) {
		m.changed()
		m.search()
	}
}

// Focus begins picking; a query that was left open is open again.
func (m *MultiPick) Focus() {
	m.base.Focus()
	if m.query.text != "" {
		m.search()
	}
}

// search asks the source; what is chosen already is not offered again.
func (m *MultiPick) search() {
	m.list.open, m.list.at, m.list.matches = true, 0, nil
	if m.source == nil {
		return
	}
	for _, o := range m.source(cell.Fold(m.query.text)) {
		if !m.has(o) {
			m.list.matches = append(m.list.matches, o)
		}
	}
}

func (m *MultiPick) take(o Option) {
	m.query = buffer{limit: queryLimit}
	m.list.open, m.list.matches = false, nil
	m.add(o)
	m.changed()
}

// Draw returns the one row of the field: the chosen names, then the query.
func (m *MultiPick) Draw(width int, th *theme.Theme) Drawing {
	return m.draw(width, th, func() Drawing {
		names := m.names(th)
		query := th.Glyphs.Show(m.query.text)
		before := names + th.Glyphs.Show(m.query.text[:m.query.caret])
		return paintLine(names+query, before, m.placeholder, &m.scroll, m.focused, width, th)
	})
}

// names is the chosen labels, with a gap behind each while more can be added.
func (m *MultiPick) names(th *theme.Theme) string {
	labels := make([]string, len(m.chosen))
	for i, o := range m.chosen {
		labels[i] = show(o.Label, th)
	}
	names := strings.Join(labels, "  ")
	if len(labels) > 0 && m.focused {
		names += "  "
	}
	return names
}

// Popup returns the rows of matches.
func (m *MultiPick) Popup(width int, th *theme.Theme) []string {
	return m.list.draw(width, th, m.words)
}

// ClickPopup takes the match in a row of the popup.
func (m *MultiPick) ClickPopup(row int) Reply {
	if i := m.list.top() + row; m.list.open && i < len(m.list.matches) {
		m.take(m.list.matches[i])
	}
	return Took
}
