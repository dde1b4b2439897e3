package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// deputiesPage is the roster, searched by name, initials or pinyin. The
// roster lies in memory, so the search needs no work behind.
type deputiesPage struct {
	search *form.Form
	found  []station.Deputy
	list   list
	reveal bool
}

func newDeputies() *deputiesPage { return &deputiesPage{} }

func (p *deputiesPage) title(e *env) string { return e.word(wDeputies) }
func (p *deputiesPage) scope() scope        { return inDeputies }

func (p *deputiesPage) load(e *env) tea.Cmd {
	if p.search == nil {
		p.search = form.New("search", form.Row{form.In(form.NewText(form.TextConfig{ID: "q", Label: e.word(wFind), Placeholder: e.word(wNameHint), Limit: 50}), 0)})
	}
	p.find(e)
	return nil
}

// find asks the roster; the mark stays on the deputy it stood on.
func (p *deputiesPage) find(e *env) {
	was := p.marked().Code
	p.found = e.desk.FindDeputies(p.search.Value("q"), e.desk.Now())
	p.list.size(len(p.found))
	for i, d := range p.found {
		if d.Code == was {
			p.list.mark(i)
		}
	}
}

func (p *deputiesPage) marked() station.Deputy {
	if p.list.at >= len(p.found) {
		return station.Deputy{}
	}
	return p.found[p.list.at]
}

func (p *deputiesPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.search == nil {
		return false, nil
	}
	s := k.String()
	if inField := s == "home" || s == "end"; !inField || p.search.Value("q") == "" {
		if p.list.key(s) {
			p.reveal = false
			return true, nil
		}
	}
	if !p.search.Key(k) {
		return false, nil
	}
	p.typed(e)
	return true, nil
}

func (p *deputiesPage) typed(e *env) {
	p.reveal = false
	p.list.mark(0)
	p.found = nil
	p.find(e)
}

func (p *deputiesPage) paste(e *env, text string) tea.Cmd {
	if p.search != nil {
		p.search.Paste(text)
		p.typed(e)
	}
	return nil
}

func (p *deputiesPage) click(e *env, x, y int) tea.Cmd {
	if w, _ := split(e); p.search != nil && x < w {
		if hit, again := p.list.click(y - 2); hit && !again {
			p.reveal = false
		}
	}
	return nil
}

func (p *deputiesPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *deputiesPage) act(_ *env, id action) tea.Cmd {
	if id == actReveal {
		p.reveal = !p.reveal
	}
	return nil
}

// deputyFoot is how many rows the marked deputy has under the list.
const deputyFoot = 8

func (p *deputiesPage) view(e *env) ([]string, *tea.Cursor) {
	if p.search == nil {
		return nil, nil
	}
	w, side := split(e)
	count := e.label(wPeople, len(p.found))
	in, cur := p.search.Rows(w-cell.Width(count)-4, 1, e.th)
	if cur != nil {
		cur.X++
	}
	rows := []string{" " + in[0] + "  " + e.th.Muted.Render(count),
		"   " + e.th.Head.Render(cell.Pad(e.label(wName), 17)+cell.Pad(e.label(wLevel), 10)+cell.Pad(e.label(wGroup), 17)+cell.Pad(e.label(wPhone), 15)+e.label(wPost))}
	foot := deputyFoot
	if side > 0 {
		foot = 0
	}
	from, to := p.list.window(e.h - 2 - foot)
	if len(p.found) == 0 {
		empty := wNothing
		if len(e.desk.Deputies()) == 0 {
			empty = wNoRoster
		}
		rows = append(rows, "", "  "+e.th.Muted.Render(e.label(empty)))
	}
	for i := from; i < to; i++ {
		d := p.found[i]
		col := func(s string, n int) string { return cell.Pad(cell.Clip(e.show(s), n-1, e.th.Glyphs.More), n) }
		rows = append(rows, " "+e.marked(i == p.list.at, col(d.Name, 17)+col(d.Levels(), 10)+col(groups(d), 17)+cell.Pad(e.phone(d.Phone, false), 15)+cell.Pad(cell.Clip(e.show(d.Post), w-64, e.th.Glyphs.More), w-64)))
	}
	about := p.about(e, e.w-2)
	if side > 0 {
		return beside(e, rows, p.about(e, side), w), cur
	}
	return e.under(rows, about, foot), cur
}

// groups are the deputies' groups of all seats.
func groups(d station.Deputy) string {
	var out []string
	for _, m := range d.Mandates {
		if m.Group != "" {
			out = append(out, m.Group)
		}
	}
	return strings.Join(out, "、")
}

// about is the marked deputy in full.
func (p *deputiesPage) about(e *env, w int) []string {
	d := p.marked()
	if d.Code == "" {
		return nil
	}
	t := &sheet{env: e, w: w}
	t.rows = append(t.rows, e.th.Number.Render(e.show(d.Name))+"   "+e.th.Muted.Render(e.show(d.Code)))
	phone := e.phone(d.Phone, p.reveal)
	t.pairs(pair{e.label(wPost), e.show(d.Post)}, pair{e.label(wPhone), phone}, pair{e.label(wSex), e.given(station.Sexes, d.Sex)}, pair{e.label(wCert), e.show(d.CertNo)})
	for _, m := range d.Mandates {
		t.value(e.label(wMandate), e.mandate(m), e.th.Text)
	}
	return t.rows
}

// known is a day, or nothing where it is open.
func known(d typed.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
