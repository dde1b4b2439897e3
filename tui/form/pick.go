package form

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// PickConfig says what a Pick is.
type PickConfig struct {
	ID, Label   string
	Placeholder string
	Source      Source                            // candidates for a query
	Find        func(value string) (Option, bool) // the option with a value; nil: Source is asked
	Rows        int                               // matches drawn, 0: 6
	Hop         bool                              // a query that is exactly the first match's value is taken at once
	Free        bool                              // text that was not picked is a value too
	First       bool                              // and all the same the first match is marked at once: Esc keeps the text
	Rule        Rule
}

// Pick is a field whose value is one of many. What is typed filters a list
// under the field; Enter and Tab take the marked match, Up and Down mark
// another, Esc closes the list.
type Pick struct {
	base
	query       buffer
	list        list
	chosen      *Option
	placeholder string
	source      Source
	find        func(string) (Option, bool)
	hop, free   bool
	first       bool
	scroll      int
}

// queryLimit bounds what can be typed into a Pick.
const queryLimit = 100

// NewPick makes an empty Pick.
func NewPick(c PickConfig) *Pick {
	if c.Rows <= 0 {
		c.Rows = defaultMatches
	}
	return &Pick{
		base:        newBase(c.ID, c.Label, c.Rule),
		query:       buffer{limit: queryLimit},
		list:        list{rows: c.Rows},
		placeholder: c.Placeholder,
		source:      c.Source,
		find:        c.Find,
		hop:         c.Hop,
		free:        c.Free,
		first:       c.First,
	}
}

// Value is the value of the chosen option; in a free Pick it may be the text
// that was typed.
func (p *Pick) Value() string {
	switch {
	case p.free && p.query.text != "":
		return p.query.text
	case p.chosen != nil:
		return p.chosen.Value
	}
	return ""
}

// SetValue chooses the option with that value. A value without an option is
// kept and shown as it is, since the list may have changed meanwhile.
func (p *Pick) SetValue(v string) {
	p.reset()
	p.chosen = nil
	if v != "" {
		o := lookUp(v, p.source, p.find)
		p.chosen = &o
	}
	p.changed()
}

// lookUp finds the option with a value.
func lookUp(v string, source Source, find func(string) (Option, bool)) Option {
	if find != nil {
		if o, ok := find(v); ok {
			return o
		}
	} else if source != nil {
		options := source(v)
		if i := slices.IndexFunc(options, func(o Option) bool { return o.Value == v }); i >= 0 {
			return options[i]
		}
	}
	return Option{Value: v, Label: v}
}

// reset ends a query.
func (p *Pick) reset() {
	p.query = buffer{limit: queryLimit}
	p.list.open, p.list.matches = false, nil
	p.scroll = 0
}

// Blur ends picking. Text that was typed and not picked stays, marked.
func (p *Pick) Blur() {
	p.focused = false
	p.list.open = false
	p.version++
	if p.query.text != "" || p.chosen != nil {
		p.Check()
	}
}

// Check applies the rule.
func (p *Pick) Check() bool {
	if p.query.text != "" && !p.free {
		p.SetProblem(p.words.Choose)
		return false
	}
	normal, ok := p.judge(p.Value())
	if ok && normal != p.Value() {
		p.SetValue(normal)
	}
	return ok
}

// Pending and SetPending are the query, for drafts.
func (p *Pick) Pending() string { return p.query.text }

// SetPending restores a query without opening its list.
func (p *Pick) SetPending(s string) {
	p.query.set(s)
	p.version++
}

// Key edits the query or moves in the list.
func (p *Pick) Key(k tea.KeyPressMsg) Reply {
	p.version++
	if p.list.key(k) {
		return Took
	}
	switch k.Keystroke() {
	case "enter", "tab":
		if o, ok := p.list.current(); ok {
			p.take(o)
			return Leave
		}
		return Pass
	case "esc":
		if !p.list.open {
			return Pass
		}
		if !p.free {
			p.query = buffer{limit: queryLimit}
		}
		p.list.open = false
		return Took
	case "down", "alt+down":
		if k.Keystroke() == "down" && p.chosen != nil {
			return Pass // what is filled in is passed over
		}
		p.search()
		return Took
	case "backspace", "ctrl+h", "delete", "ctrl+u", "ctrl+w":
		if p.query.text == "" && p.chosen != nil {
			p.chosen = nil
			p.changed()
			return Took
		}
	}
	used, changed := p.query.key(k)
	switch {
	case !used:
		return Pass
	case changed && p.query.text == "":
		p.list.open = false
		p.changed()
	case changed:
		p.changed()
		return p.search()
	}
	return Took
}

// Paste inserts text into the query. A whole code is taken, as when typed.
func (p *Pick) Paste(s string) {
	if p.query.insert(s, other) {
		p.changed()
		p.search()
	}
}

// Focus begins picking; a query that was left open is open again.
func (p *Pick) Focus() {
	p.base.Focus()
	if p.query.text != "" {
		p.search()
	}
}

// search asks the source. It leaves the field when the query is a whole code.
func (p *Pick) search() Reply {
	p.version++
	query := cell.Fold(p.query.text)
	p.list.open, p.list.at, p.list.matches = true, 0, nil
	if p.source != nil {
		p.list.matches = p.source(query)
	}
	if p.free && query != "" {
		if !p.first {
			p.list.at = -1 // what was typed stands, unless a match is marked
		}
		p.list.open = len(p.list.matches) > 0
	}
	if p.hop && len(p.list.matches) > 0 && query != "" && p.list.matches[0].Value == query {
		p.take(p.list.matches[0])
		return Leave
	}
	return Took
}

func (p *Pick) take(o Option) {
	p.reset()
	p.chosen = &o
	p.changed()
}

// Draw returns the one row of the field.
func (p *Pick) Draw(width int, th *theme.Theme) Drawing {
	return p.draw(width, th, func() Drawing {
		text, before := th.Glyphs.Show(p.query.text), th.Glyphs.Show(p.query.text[:p.query.caret])
		if text == "" && p.chosen != nil {
			text = show(p.chosen.Label, th)
			before = text
		}
		return paintLine(text, before, p.placeholder, &p.scroll, p.focused, width, th)
	})
}

// Popup returns the rows of matches.
func (p *Pick) Popup(width int, th *theme.Theme) []string {
	return p.list.draw(width, th, p.words)
}

// ClickPopup takes the match in a row of the popup.
func (p *Pick) ClickPopup(row int) Reply {
	if i := p.list.top() + row; p.list.open && i < len(p.list.matches) {
		p.take(p.list.matches[i])
		return Leave
	}
	return Took
}
