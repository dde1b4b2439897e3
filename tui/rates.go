package tui

import (
	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// ratesPage is the rates of a month, each with what it means under it and the
// matters behind it one key away.
type ratesPage struct {
	from, to typed.Date
	r        station.Rates
	read     bool
	denied   string
	list     list
}

func newRates(from, to typed.Date) *ratesPage { return &ratesPage{from: from, to: to} }

func (p *ratesPage) title(e *env) string { return e.word(wRates) }
func (p *ratesPage) scope() scope        { return inRates }

func (p *ratesPage) query() station.RateQuery { return station.RateQuery{From: p.from, To: p.to} }

func (p *ratesPage) load(e *env) tea.Cmd {
	desk, who, q := e.desk, e.who, p.query()
	return work(func() (station.Rates, error) { return desk.Rates(who, q) }, func(r station.Rates, err error) tea.Cmd {
		p.r, p.read, p.denied = r, true, ""
		p.list.size(len(r.Lines))
		if err != nil {
			p.denied = e.explain(err)
		}
		return nil
	})
}

// waiting: for the first reading.
func (p *ratesPage) waiting(string) bool { return !p.read }

func (p *ratesPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *ratesPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *ratesPage) act(e *env, id action) tea.Cmd {
	if id == actOpen && p.list.at < len(p.r.Lines) {
		return e.atOnce(openMsg{&rateRowsPage{q: p.query(), line: p.r.Lines[p.list.at]}})
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
	rows := []string{" " + e.th.Text.Render(p.from.String()+" "+e.th.Glyphs.Range+" "+p.to.String()) + "   " +
		e.th.Muted.Render(e.label(wRatesAsOf, p.r.Matters, e.when(p.r.At)))}
	width := 0
	for _, l := range p.r.Lines {
		width = max(width, cell.Width(e.text(l.Text)))
	}
	per := 2
	if e.h < len(rows)+2*len(p.r.Lines) {
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
	return rows, nil
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
		tail := cell.Pad(cell.Clip(e.show(l.Unit), 12, e.th.Glyphs.More), 12) + "  " + cell.Pad(cell.Clip(e.text(l.State.Text()), 16, e.th.Glyphs.More), 16)
		head := cell.Pad(mark, 3) + cell.Pad(l.Number, 20)
		room := e.w - cell.Width(head) - cell.Width(tail) - 5
		rows = append(rows, " "+e.marked(i == p.list.at, head+cell.Pad(cell.Clip(e.show(l.Title), room, e.th.Glyphs.More), room)+" "+tail))
	}
	if len(p.den) == 0 {
		rows = append(rows, "  "+e.th.Muted.Render(e.label(wNothing)))
	}
	return rows, nil
}
