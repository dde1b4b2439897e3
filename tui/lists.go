package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/pinyin"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// listsPage shows the city's lists: units, leaders, committees, groups and
// deputies. They lie in memory. They are changed by importing a table.
type listsPage struct {
	which  int
	search *form.Form
	found  []listed
	list   list
}

// listed is one record of a list: its row, and what it says in full.
type listed struct {
	code, name string
	cols       [3]string
	about      []pair
	ended      bool
}

// cityLists are the lists in the order in which F5 goes through them.
var cityLists = []struct {
	name word
	file string // as city import calls it
	cols [3]word
	all  func(*env) []listed
}{
	{wListUnits, "units", [3]word{wUnitKind, wContactName, wListCategories}, listUnits},
	{wLeaders, "leaders", [3]word{wPost, wPortfolio, wListCategories}, listLeaders},
	{wCommittees, "committees", [3]word{wContactName, wPhone, wListCategories}, listCommittees},
	{wGroups, "groups", [3]word{wListStation, wGroupHead, wMembers}, listGroups},
	{wDeputies, "deputies", [3]word{wLevel, wGroup, wPost}, listDeputies},
}

func newLists() *listsPage { return &listsPage{} }

func (p *listsPage) title(e *env) string     { return e.word(wLists) }
func (p *listsPage) scope() scope            { return inLists }
func (p *listsPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *listsPage) load(e *env) tea.Cmd {
	if p.search == nil {
		p.search = form.New("search", form.Row{form.In(form.NewText(form.TextConfig{ID: "q", Label: e.word(wFind), Placeholder: e.word(wListFindHint), Limit: 50}), 0)})
	}
	p.find(e)
	return nil
}

func (p *listsPage) find(e *env) {
	q := strings.TrimSpace(p.search.Value("q"))
	p.found = nil
	for _, l := range cityLists[p.which].all(e) {
		if _, hit := pinyin.Match(q, l.name); q == "" || hit || strings.HasPrefix(strings.ToLower(l.code), strings.ToLower(q)) {
			p.found = append(p.found, l)
		}
	}
	p.list.size(len(p.found))
}

func (p *listsPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.search == nil {
		return false, nil
	}
	s := k.String()
	if inField := s == "home" || s == "end"; !inField || p.search.Value("q") == "" {
		if p.list.key(s) {
			return true, nil
		}
	}
	if !p.search.Key(k) {
		return false, nil
	}
	p.list.mark(0)
	p.find(e)
	return true, nil
}

func (p *listsPage) paste(e *env, text string) tea.Cmd {
	if p.search != nil {
		p.search.Paste(text)
		p.find(e)
	}
	return nil
}

func (p *listsPage) click(e *env, x, y int) tea.Cmd {
	if w, _ := split(e); x < w {
		p.list.click(y - 3)
	}
	return nil
}

func (p *listsPage) act(e *env, id action) tea.Cmd {
	if id == actNextList && p.search != nil {
		p.which = (p.which + 1) % len(cityLists)
		p.search.Set("q", "")
		p.list.mark(0)
		p.find(e)
	}
	return nil
}

func (p *listsPage) view(e *env) ([]string, *tea.Cursor) {
	if p.search == nil {
		return nil, nil
	}
	w, side := split(e)
	count := e.label(wRows, len(p.found))
	in, cur := p.search.Rows(w-cell.Width(count)-4, 1, e.th)
	if cur != nil {
		cur.X++
	}
	var tabs []string
	for i, l := range cityLists {
		name := " " + e.label(l.name) + " "
		if i == p.which {
			name = e.th.Selected.Render(name)
		}
		tabs = append(tabs, name)
	}
	on := cityLists[p.which]
	names := max(16, (w-14)/3)
	rest := w - 14 - names
	widths := [3]int{rest * 2 / 7, rest * 2 / 7, rest - 2*(rest*2/7)}
	col := func(s string, n int) string { return cell.Pad(cell.Clip(s, n-1, e.th.Glyphs.More), n) }
	head := col(e.label(wCode), 11) + col(e.label(wName), names)
	for i, c := range on.cols {
		head += col(e.label(c), widths[i])
	}
	rows := []string{" " + in[0] + "  " + e.th.Muted.Render(count), " " + strings.Join(tabs, " "), "   " + e.th.Head.Render(head)}
	from, to := p.list.window(e.h - 3 - listFoot(side))
	if len(p.found) == 0 {
		rows = append(rows, "", "  "+e.th.Muted.Render(e.label(wListEmpty, on.file)))
	}
	for i := from; i < to; i++ {
		l := p.found[i]
		row := col(e.show(l.code), 11) + col(e.show(l.name), names)
		for j, c := range l.cols {
			row += col(e.show(c), widths[j])
		}
		rows = append(rows, " "+e.marked(i == p.list.at, row))
	}
	if side > 0 {
		return beside(e, rows, p.about(e, side), w), cur
	}
	for len(rows) < e.h-listFoot(side) {
		rows = append(rows, "")
	}
	rows = append(rows, e.th.Rule.Render(" "+strings.Repeat(e.th.Glyphs.Rule, e.w-2)))
	for _, r := range p.about(e, e.w-2) {
		rows = append(rows, " "+r)
	}
	return rows, cur
}

func listFoot(side int) int {
	if side > 0 {
		return 0
	}
	return 7
}

func (p *listsPage) about(e *env, w int) []string {
	if p.list.at >= len(p.found) {
		return nil
	}
	l := p.found[p.list.at]
	t := &sheet{env: e, w: w}
	name := e.th.Number.Render(e.show(l.name)) + "   " + e.th.Muted.Render(e.show(l.code))
	if l.ended {
		name += "   " + e.th.Warn.Render(e.label(wListEnded))
	}
	t.rows = append(t.rows, name)
	t.pairs(l.about...)
	return t.rows
}

// categories names codes.
func (e *env) categories(codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, c+" "+e.desk.CategoryName(c))
	}
	return strings.Join(out, "、")
}

// mark says of an ended record that it is, in a list.
func (e *env) ended(name string, ended bool) string {
	if ended {
		return "(" + e.word(wListEnded) + ") " + name
	}
	return name
}

func listUnits(e *env) (out []listed) {
	for _, u := range e.desk.Units() {
		leader, _ := e.desk.Leader(u.Leader)
		kind := e.text(station.UnitKinds.Label(u.Kind))
		out = append(out, listed{code: u.Code, name: e.ended(u.Name, u.Ended), cols: [3]string{kind, u.Contact, strings.Join(u.Categories, " ")}, ended: u.Ended,
			about: []pair{{e.label(wUnitKind), kind}, {e.label(wParent), e.show(e.desk.UnitName(u.Parent))}, {e.label(wContactName), e.show(u.Contact)}, {e.label(wPhone), e.phone(u.Phone, false)},
				{e.label(wLeaderOf), e.show(leader.Name)}, {e.label(wListCategories), e.show(e.categories(u.Categories))}}})
	}
	return out
}

func listLeaders(e *env) (out []listed) {
	for _, l := range e.desk.Leaders() {
		out = append(out, listed{code: l.Code, name: e.ended(l.Name, l.Ended), cols: [3]string{l.Post, l.Portfolio, strings.Join(l.Categories, " ")}, ended: l.Ended,
			about: []pair{{e.label(wPost), e.show(l.Post)}, {e.label(wPortfolio), e.show(l.Portfolio)}, {e.label(wListCategories), e.show(e.categories(l.Categories))}}})
	}
	return out
}

func listCommittees(e *env) (out []listed) {
	for _, c := range e.desk.Committees() {
		out = append(out, listed{code: c.Code, name: e.ended(c.Name, c.Ended), cols: [3]string{c.Contact, e.phone(c.Phone, false), strings.Join(c.Categories, " ")}, ended: c.Ended,
			about: []pair{{e.label(wContactName), e.show(c.Contact)}, {e.label(wPhone), e.phone(c.Phone, false)}, {e.label(wListCategories), e.show(e.categories(c.Categories))}}})
	}
	return out
}

func listGroups(e *env) (out []listed) {
	for _, g := range e.desk.Groups() {
		head := e.deputyNames([]string{g.Head})
		out = append(out, listed{code: g.Code, name: e.ended(g.Name, g.Ended), cols: [3]string{g.Station, head, itoa(len(g.Members))}, ended: g.Ended,
			about: []pair{{e.label(wListStation), e.show(e.desk.StationName(g.Station))}, {e.label(wGroupHead), e.show(head)}, {e.label(wMembers), e.show(e.deputyNames(g.Members))}}})
	}
	return out
}

func listDeputies(e *env) (out []listed) {
	for _, d := range e.desk.Deputies() {
		out = append(out, listed{code: d.Code, name: d.Name, cols: [3]string{d.Levels(), groups(d), d.Post},
			about: []pair{{e.label(wLevel), e.show(d.Levels())}, {e.label(wGroup), e.show(groups(d))}, {e.label(wPost), e.show(d.Post)}, {e.label(wPhone), e.phone(d.Phone, false)}, {e.label(wCert), e.show(d.CertNo)}}})
	}
	return out
}
