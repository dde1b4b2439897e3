package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/pinyin"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// listsPage shows the city's lists: units, leaders, committees, groups and
// deputies. They lie in memory. The city's office changes them here one by one,
// or many at once by importing a table.
type listsPage struct {
	which  int
	search *form.Form
	found  []listed
	list   list
	want   string // code to be marked when the list is read next
}

// listed is one record of a list: its row, and what it says in full.
type listed struct {
	code, name string
	cols       [3]string
	about      []pair
	ended      bool
	stays      bool // a seat of a deputy: what has ended is not restored by a key
}

// cityLists are the lists in the order in which F5 goes through them.
var cityLists = []struct {
	name word
	file string // as city import calls it
	who  word   // what a name is of
	end  word   // what the key calls it that a record ends
	over word   // what is said of one that has
	cols [3]word
	all  func(*env) []listed
	edit editor
}{
	{wListUnits, "units", wNameOf, wEnds, wListEnded, [3]word{wUnitKind, wContactName, wListCategories}, listUnits, unitRecord()},
	{wLeaders, "leaders", wName, wLeaves, wHasLeft, [3]word{wPost, wPortfolio, wListCategories}, listLeaders, leaderRecord()},
	{wCommittees, "committees", wNameOf, wEnds, wListEnded, [3]word{wContactName, wPhone, wListCategories}, listCommittees, committeeRecord()},
	{wGroups, "groups", wNameOf, wEnds, wListEnded, [3]word{wListStation, wGroupHead, wMembers}, listGroups, groupRecord()},
	{wDeputies, "deputies", wName, wEndsSeat, wSeatOver, [3]word{wLevel, wGroup, wPost}, listDeputies, deputyRecord()},
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

// find reads the list; the mark stays on the record it stood on.
func (p *listsPage) find(e *env) {
	if l, ok := p.marked(); ok && p.want == "" {
		p.want = l.code
	}
	q := strings.TrimSpace(p.search.Value("q"))
	p.found = nil
	for _, l := range cityLists[p.which].all(e) {
		if _, hit := pinyin.Match(q, l.name); q == "" || hit || strings.HasPrefix(strings.ToLower(l.code), strings.ToLower(q)) {
			p.found = append(p.found, l)
		}
	}
	p.list.size(len(p.found))
	if i := slices.IndexFunc(p.found, func(l listed) bool { return l.code == p.want }); i >= 0 {
		p.list.mark(i)
	}
	p.want = ""
}

func (p *listsPage) marked() (listed, bool) {
	if p.list.at >= len(p.found) {
		return listed{}, false
	}
	return p.found[p.list.at], true
}

// typed finds anew what the search asks for.
func (p *listsPage) typed(e *env) {
	p.found = nil
	p.list.mark(0)
	p.find(e)
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
	p.typed(e)
	return true, nil
}

func (p *listsPage) paste(e *env, text string) tea.Cmd {
	if p.search != nil {
		p.search.Paste(text)
		p.typed(e)
	}
	return nil
}

func (p *listsPage) click(e *env, x, y int) tea.Cmd {
	w, _ := split(e)
	if x >= w {
		return nil
	}
	if _, again := p.list.click(y - 3); again && e.who.May(station.RightRules) {
		return p.act(e, actChange)
	}
	return nil
}

func (p *listsPage) act(e *env, id action) tea.Cmd {
	if p.search == nil {
		return nil
	}
	l, ok := p.marked()
	done := func(code string) { p.want = code }
	switch edit := cityLists[p.which].edit; {
	case id == actNextList:
		p.which = (p.which + 1) % len(cityLists)
		p.search.Set("q", "")
		p.typed(e)
	case id == actAdd:
		return edit.open(e, "", done)
	case id == actChange && ok:
		return edit.open(e, l.code, done)
	case id == actRemove && ok:
		return edit.end(e, l.code, done)
	}
	return nil
}

// named: what is to be changed must be there, and what was ended is restored.
func (p *listsPage) named(e *env, b binding) (string, bool) {
	l, ok := p.marked()
	switch {
	case b.id == actChange:
		return e.text(b.text), ok
	case b.id == actRemove && l.ended:
		return e.word(wRestore), !l.stays
	case b.id == actRemove:
		return e.word(cityLists[p.which].end), ok
	}
	return e.text(b.text), true
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
	head := e.col(e.label(wCode), 11) + e.col(e.label(on.who), names)
	for i, c := range on.cols {
		head += e.col(e.label(c), widths[i])
	}
	rows := []string{" " + in[0] + "  " + e.th.Muted.Render(count), " " + strings.Join(tabs, " "), "   " + e.th.Head.Render(head)}
	from, to := p.list.window(e.h - 3 - listFoot(side))
	if len(p.found) == 0 {
		empty := e.label(wListEmpty, on.file)
		if e.who.May(station.RightRules) {
			empty = e.label(wListBegin, e.keyOf(inLists, actAdd), on.file)
		}
		rows = append(rows, "", "  "+e.th.Muted.Render(empty))
	}
	for i := from; i < to; i++ {
		l := p.found[i]
		row := e.col(e.show(l.code), 11) + e.col(e.show(l.name), names)
		for j, c := range l.cols {
			row += e.col(e.show(c), widths[j])
		}
		rows = append(rows, " "+e.marked(i == p.list.at, row))
	}
	if side > 0 {
		return beside(e, rows, p.about(e, side), w), cur
	}
	return e.under(rows, p.about(e, e.w-2), listFoot(side)), cur
}

func listFoot(side int) int {
	if side > 0 {
		return 0
	}
	return 7
}

func (p *listsPage) about(e *env, w int) []string {
	l, ok := p.marked()
	if !ok {
		return nil
	}
	t := &sheet{env: e, w: w}
	name := e.th.Number.Render(e.show(l.name)) + "   " + e.th.Muted.Render(e.show(l.code))
	if l.ended {
		name += "   " + e.th.Warn.Render(e.label(cityLists[p.which].over))
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

// over says of an ended record that it is, in a list.
func (e *env) over(name string, ended bool, w word) string {
	if ended {
		return "(" + e.word(w) + ") " + name
	}
	return name
}

func listUnits(e *env) (out []listed) {
	for _, u := range e.desk.Units() {
		leader, _ := e.desk.Leader(u.Leader)
		kind := e.text(station.UnitKinds.Label(u.Kind))
		out = append(out, listed{code: u.Code, name: e.over(u.Name, u.Ended, wListEnded), cols: [3]string{kind, u.Contact, strings.Join(u.Categories, " ")}, ended: u.Ended,
			about: []pair{{e.label(wUnitKind), kind}, {e.label(wParent), e.show(e.desk.UnitName(u.Parent))}, {e.label(wContactName), e.show(u.Contact)}, {e.label(wPhone), e.phone(u.Phone, false)},
				{e.label(wLeaderOf), e.show(leader.Name)}, {e.label(wListCategories), e.show(e.categories(u.Categories))}, {e.label(wEndedWhy), e.show(u.EndReason)}}})
	}
	return out
}

func listLeaders(e *env) (out []listed) {
	for _, l := range e.desk.Leaders() {
		out = append(out, listed{code: l.Code, name: e.over(l.Name, l.Ended, wHasLeft), cols: [3]string{l.Post, l.Portfolio, strings.Join(l.Categories, " ")}, ended: l.Ended,
			about: []pair{{e.label(wPost), e.show(l.Post)}, {e.label(wPortfolio), e.show(l.Portfolio)}, {e.label(wListCategories), e.show(e.categories(l.Categories))}, {e.label(wEndedWhy), e.show(l.EndReason)}}})
	}
	return out
}

func listCommittees(e *env) (out []listed) {
	for _, c := range e.desk.Committees() {
		out = append(out, listed{code: c.Code, name: e.over(c.Name, c.Ended, wListEnded), cols: [3]string{c.Contact, e.phone(c.Phone, false), strings.Join(c.Categories, " ")}, ended: c.Ended,
			about: []pair{{e.label(wContactName), e.show(c.Contact)}, {e.label(wPhone), e.phone(c.Phone, false)}, {e.label(wListCategories), e.show(e.categories(c.Categories))}, {e.label(wEndedWhy), e.show(c.EndReason)}}})
	}
	return out
}

func listGroups(e *env) (out []listed) {
	for _, g := range e.desk.Groups() {
		head := e.deputyNames([]string{g.Head})
		out = append(out, listed{code: g.Code, name: e.over(g.Name, g.Ended, wListEnded), cols: [3]string{g.Station, head, itoa(len(g.Members))}, ended: g.Ended,
			about: []pair{{e.label(wListStation), e.show(e.desk.StationName(g.Station))}, {e.label(wGroupHead), e.show(head)}, {e.label(wMembers), e.show(e.deputyNames(g.Members))}, {e.label(wEndedWhy), e.show(g.EndReason)}}})
	}
	return out
}

func listDeputies(e *env) (out []listed) {
	for _, d := range e.desk.Deputies() {
		l := listed{code: d.Code, name: d.Name, cols: [3]string{d.Levels(), groups(d), d.Post}, stays: true,
			about: []pair{{e.label(wPost), e.show(d.Post)}, {e.label(wPhone), e.phone(d.Phone, false)}, {e.label(wCert), e.show(d.CertNo)}}}
		l.ended = len(d.Mandates) > 0
		for _, m := range d.Mandates {
			l.ended = l.ended && !sits(m, e.desk.Today())
			l.about = append(l.about, pair{e.label(wMandate), e.mandate(m)})
		}
		l.name = e.over(l.name, l.ended, wSeatOver)
		out = append(out, l)
	}
	return out
}
