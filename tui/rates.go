package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// ratesPage is the rates of a month, each with what it means under it and the
// matters behind it one key away; or, after F5, those of each station, unit or
// branch of the categories side by side.
type ratesPage struct {
	q        station.RateQuery
	of       string // whose they are, where not everybody's
	by       string // "", station, unit or category
	r        station.Rates
	groups   []rateGroup
	read     bool
	behind   []StationState // of the city's stations, those that have not sent all of it
	stations int
	denied   string
	list     list
}

// A rateGroup is one line of rates side by side.
type rateGroup struct {
	key, name string
	r         *station.Rates
}

func newRates(from, to typed.Date) *ratesPage {
	return &ratesPage{q: station.RateQuery{From: from, To: to}}
}

func (p *ratesPage) title(e *env) string { return e.word(wRates) }
func (p *ratesPage) scope() scope        { return inRates }

// next is what F5 groups by next. Of one station or unit there is nothing to
// put side by side with itself.
func (p *ratesPage) next(e *env) string {
	all := []string{"", "station", "unit", "category"}
	all = slices.DeleteFunc(all, func(by string) bool {
		return by == "station" && (!e.desk.AtCity() || p.q.Station != "") || by == "unit" && p.q.Unit != "" || by == "category" && p.q.Category != ""
	})
	return all[(slices.Index(all, p.by)+1)%len(all)]
}

func (p *ratesPage) named(e *env, b binding) (string, bool) {
	if b.id == actNextList {
		return e.word(rateBys[p.next(e)]), true
	}
	return e.text(b.text), true
}

// rateBys names the ways of grouping.
var rateBys = map[string]word{"": wRatesWhole, "station": wRatesByStation, "unit": wRatesByUnit, "category": wRatesByCategory}

func (p *ratesPage) load(e *env) tea.Cmd {
	desk, who, q, by, roll, now := e.desk, e.who, p.q, p.by, e.roll, e.desk.Now()
	return work(func() (n ratesPage, err error) {
		n.by = by
		if n.r, err = desk.Rates(who, q); err != nil {
			return n, err
		}
		if by != "" {
			if n.groups, err = rateGroups(desk, who, q, by); err != nil {
				return n, err
			}
		}
		if roll == nil {
			return n, nil
		}
		all, err := roll.Stations()
		n.stations = len(all)
		for _, s := range byNeed(all) {
			if !q.Complete(s.Seen, now) {
				n.behind = append(n.behind, s)
			}
		}
		return n, err
	}, func(n ratesPage, err error) tea.Cmd {
		if n.by != p.by {
			return nil // another grouping was asked for meanwhile, and is on its way
		}
		p.r, p.groups, p.behind, p.stations, p.read, p.denied = n.r, n.groups, n.behind, n.stations, true, ""
		p.list.size(len(n.r.Lines))
		if p.by != "" {
			p.list.size(len(n.groups))
		}
		if err != nil {
			p.denied = e.explain(err)
		}
		return nil
	})
}

// rateGroups puts them side by side, those with most matters first.
func rateGroups(desk *station.Desk, who station.Who, q station.RateQuery, by string) ([]rateGroup, error) {
	groups, err := desk.RatesBy(who, q, by)
	var out []rateGroup
	for k, r := range groups {
		g := rateGroup{key: k, name: k, r: r}
		switch by {
		case "station":
			g.name = k + " " + desk.StationName(k)
		case "unit":
			g.name = desk.UnitName(k)
		case "category":
			g.name = k + " " + desk.CategoryName(k)
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b rateGroup) int {
		return cmp.Or(cmp.Compare(b.r.Matters, a.r.Matters), strings.Compare(a.key, b.key))
	})
	return out, err
}

// waiting: for the first reading.
func (p *ratesPage) waiting(string) bool { return !p.read }

func (p *ratesPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *ratesPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *ratesPage) act(e *env, id action) tea.Cmd {
	switch {
	case id == actNextList:
		p.by = p.next(e)
		p.list, p.groups, p.read = list{}, nil, false
		return p.load(e)
	case id == actOpen && p.by != "" && p.list.at < len(p.groups):
		if g := p.groups[p.list.at]; g.key != "" {
			return e.atOnce(openMsg{&ratesPage{q: p.q.Narrow(p.by, g.key), of: g.name}})
		}
		return warn(e.word(wRatesNoGroup))
	case id == actOpen && p.by == "" && p.list.at < len(p.r.Lines):
		return e.atOnce(openMsg{&rateRowsPage{q: p.q, line: p.r.Lines[p.list.at]}})
	}
	return nil
}

func (p *ratesPage) view(e *env) ([]string, *tea.Cursor) {
	switch {
	case p.denied != "":
		return []string{"", "  " + e.show(p.denied)}, nil
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	rows := []string{" " + e.th.Text.Render(p.q.From.String()+" "+e.th.Glyphs.Range+" "+p.q.To.String()) + "   " +
		e.th.Muted.Render(e.label(wRatesAsOf, p.r.Matters, e.when(p.r.At))) + "   " + e.th.Head.Render(e.show(p.of))}
	if p.by != "" {
		return p.side(e, rows), nil
	}
	width := 0
	for _, l := range p.r.Lines {
		width = max(width, cell.Width(e.text(l.Text)))
	}
	per := 2
	arrived := p.arrived(e)
	if e.h < len(rows)+2*len(p.r.Lines)+len(arrived) {
		per = 1 // the definition stands beside the number then
	}
	for i, l := range p.r.Lines {
		value := e.show(l.Rate.String())
		name := cell.Pad(e.text(l.Text), width) + "  " + cell.Pad(value, 20)
		room := e.w - cell.Width(name) - 6
		if per == 1 {
			rows = append(rows, " "+e.marked(i == p.list.at, name+"  "+cell.Pad(cell.Clip(e.text(l.Rule), room, e.th.Glyphs.More), room)))
			continue
		}
		rows = append(rows, " "+e.marked(i == p.list.at, name), "     "+e.th.Muted.Render(cell.Clip(e.text(l.Rule), e.w-6, e.th.Glyphs.More)))
	}
	if per == 1 && p.list.at < len(p.r.Lines) { // clipped beside the number, whole under the list
		rows = append(rows, "")
		for _, r := range cell.Wrap(e.text(p.r.Lines[p.list.at].Rule), e.w-6) {
			rows = append(rows, "   "+e.th.Text.Render(r))
		}
	}
	for len(rows) < e.h-len(arrived) {
		rows = append(rows, "")
	}
	return append(rows, arrived...), nil
}

// side puts the rates of the groups side by side, as many as there is room for.
func (p *ratesPage) side(e *env, rows []string) []string {
	const name, count = 22, 6
	one := 9
	if e.en {
		one = 10
	}
	fits := min(len(p.r.Lines), (e.w-4-name-count)/one)
	shown := sideRates
	if fits >= len(p.r.Lines) {
		shown = nil
		for _, l := range p.r.Lines {
			shown = append(shown, l.Code)
		}
	}
	shown = shown[:min(len(shown), fits)]
	head := e.col(e.label(rateBys[p.by]), name) + cell.PadLeft(e.label(wCount), count)
	for _, code := range shown {
		head += cell.PadLeft(e.show(cell.Clip(e.text(p.line(code).Head), one-1, "")), one)
	}
	rows = append(rows, "   "+e.th.Head.Render(head))
	arrived := p.arrived(e)
	from, to := p.list.window(e.h - len(rows) - len(arrived))
	for i := from; i < to; i++ {
		g := p.groups[i]
		title := g.name
		if g.key == "" {
			title = e.word(wNone)
		}
		row := e.col(e.show(title), name) + cell.PadLeft(itoa(g.r.Matters), count)
		for _, code := range shown {
			for _, l := range g.r.Lines {
				if l.Code == code {
					row += cell.PadLeft(e.show(l.Rate.Percent()), one)
				}
			}
		}
		rows = append(rows, " "+e.marked(i == p.list.at, row))
	}
	for len(rows) < e.h-len(arrived) {
		rows = append(rows, "")
	}
	return append(rows, arrived...)
}

// sideRates are those that a narrow screen puts side by side.
var sideRates = []string{"onspot", "replied", "intime", "done", "fair"}

func (p *ratesPage) line(code string) station.RateLine {
	for _, l := range p.r.Lines {
		if l.Code == code {
			return l
		}
	}
	return station.RateLine{}
}

// arrived says how far what is counted reaches: at the city which stations
// have not sent all of it, at a station when it heard from the city.
func (p *ratesPage) arrived(e *env) []string {
	if !e.desk.AtCity() {
		if e.state.LastSync.IsZero() {
			return nil
		}
		return []string{" " + e.th.Muted.Render(e.label(wAsOf, e.when(e.state.LastSync)))}
	}
	if e.roll == nil {
		return nil
	}
	rows := []string{" " + e.th.Muted.Render(e.label(wRatesSynced, p.stations-len(p.behind), p.stations))}
	if len(p.behind) == 0 {
		return rows
	}
	var names []string
	for _, s := range p.behind {
		names = append(names, s.Code+" "+e.show(s.Name)+" "+e.lastSeen(s))
	}
	lines := cell.Wrap(e.label(wRatesBehind)+"  "+strings.Join(names, "   "), e.w-2)
	if len(lines) > 2 {
		lines = lines[:2]
		lines[1] = cell.Clip(lines[1]+" "+e.th.Glyphs.More+e.th.Glyphs.More, e.w-2, e.th.Glyphs.More)
	}
	for _, l := range lines {
		rows = append(rows, " "+e.th.Warn.Render(l))
	}
	return rows
}

// rateRowsPage is the matters behind a rate.
type rateRowsPage struct {
	q        station.RateQuery
	line     station.RateLine
	num, den []station.Life
	counts   map[string]bool
	read     bool
	list     list
}

func (p *rateRowsPage) title(e *env) string { return e.text(p.line.Text) }
func (p *rateRowsPage) scope() scope        { return inRateRows }

type rateRows struct{ num, den []station.Life }

func (p *rateRowsPage) load(e *env) tea.Cmd {
	desk, who, q, code := e.desk, e.who, p.q, p.line.Code
	return work(func() (r rateRows, err error) {
		r.num, r.den, err = desk.RateRows(who, q, code)
		return r, err
	}, func(r rateRows, err error) tea.Cmd {
		p.num, p.den, p.read, p.counts = r.num, r.den, true, map[string]bool{}
		for _, l := range r.num {
			p.counts[l.Number] = true
		}
		p.list.size(len(r.den))
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

// waiting: for the first reading.
func (p *rateRowsPage) waiting(string) bool { return !p.read }

func (p *rateRowsPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *rateRowsPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *rateRowsPage) act(e *env, id action) tea.Cmd {
	if id == actOpen && p.list.at < len(p.den) {
		return e.atOnce(openMsg{newMatter(p.den[p.list.at].MatterID)})
	}
	return nil
}

func (p *rateRowsPage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	rows := []string{" " + e.th.Number.Render(e.show(station.Rate{Num: len(p.num), Den: len(p.den)}.String())) + "   " +
		e.th.Muted.Render(cell.Clip(e.text(p.line.Rule), e.w-28, e.th.Glyphs.More)), ""}
	from, to := p.list.window(e.h - len(rows))
	for i := from; i < to; i++ {
		l := p.den[i]
		mark := "  "
		if p.counts[l.Number] {
			mark = e.th.Glyphs.Done + " "
		}
		tail := cell.Pad(cell.Clip(e.show(e.desk.UnitName(l.Unit)), 12, e.th.Glyphs.More), 12) + "  " + cell.Pad(cell.Clip(e.text(l.State.Text()), 16, e.th.Glyphs.More), 16)
		head := cell.Pad(mark, 3) + cell.Pad(l.Number, 20)
		room := e.w - cell.Width(head) - cell.Width(tail) - 5
		rows = append(rows, " "+e.marked(i == p.list.at, head+cell.Pad(cell.Clip(e.show(l.Title), room, e.th.Glyphs.More), room)+" "+tail))
	}
	if len(p.den) == 0 {
		rows = append(rows, "  "+e.th.Muted.Render(e.label(wNothing)))
	}
	return rows, nil
}
