package tui

import (
	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
	"liaison/tui/form"
)

// An entry is one thing that is recorded by filling in a form: what the form
// is called, what it asks, and what is done with the answers.
type entry struct {
	draft string // the form's name among drafts
	title word
	head  string // whose it is, over the form
	hint  word
	make  func(e *env) []form.Row
	// follow shows the fields that belong to what is chosen; may be nil.
	follow func(f *form.Form)
	// save reads the fields and returns the work, which returns what is to be
	// said of it.
	save func(e *env, f *form.Form) func() (func() string, error)
}

// entryPage fills in an entry. What is typed is a draft until it is recorded.
type entryPage struct {
	draftPart
	entry
}

func newEntry(x entry) *entryPage { return &entryPage{draftPart{name: x.draft}, x} }

func (p *entryPage) title(e *env) string { return e.word(p.entry.title) }
func (p *entryPage) scope() scope        { return inEntry }

func (p *entryPage) load(e *env) tea.Cmd {
	return p.begin(e, func() {
		p.f = form.New("entry", p.make(e)...)
		p.f.SetWords(formWords(e))
	}, p.turn)
}

func (p *entryPage) turn() {
	if p.follow != nil {
		p.follow(p.f)
	}
}

func (p *entryPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		p.turn()
		return true, p.autosave()
	}
	if k.String() == "enter" { // on the last field
		return true, p.act(e, actSave)
	}
	return false, nil
}

func (p *entryPage) act(e *env, id action) tea.Cmd {
	if id == actDiscard {
		return p.discard(e, func() tea.Cmd { return p.load(e) })
	}
	if id != actSave || !p.ready() {
		return nil
	}
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	do := p.save(e, p.f)
	p.busy = true
	return func() tea.Msg {
		text, err := do()
		return p.landed(e, err, text)
	}
}

func (p *entryPage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	heading := []string{""}
	if p.head != "" {
		heading = append(heading, "  "+e.th.Number.Render(cell.Clip(e.show(p.head), e.w-4, e.th.Glyphs.More)))
	}
	for _, row := range cell.Wrap(e.label(p.hint), e.w-4) {
		heading = append(heading, "  "+e.th.Muted.Render(row))
	}
	return p.draw(e, append(heading, ""), 0)
}

// textField is a line of text; areaField several.
func (e *env) textField(id string, label, hint word, r form.Rule) *form.Text {
	return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint), Limit: 200, Rule: r})
}

func (e *env) areaField(id string, label word, rows, grow int, r form.Rule) *form.Area {
	return form.NewArea(form.AreaConfig{ID: id, Label: e.word(label), Rows: rows, Grow: grow, Rule: r})
}

// lines puts fields under each other.
func lines(fs ...form.Field) []form.Row {
	rows := make([]form.Row, len(fs))
	for i, f := range fs {
		rows[i] = form.Row{form.In(f, 0)}
	}
	return rows
}
