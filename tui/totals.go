package tui

import (
	"cmp"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// totalsPage is one month in figures (统计).
type totalsPage struct {
	from   typed.Date // first of the month
	t      station.Totals
	read   bool
	denied string
	scroll scroll
}

func newTotals() *totalsPage { return &totalsPage{} }

func (p *totalsPage) title(e *env) string { return e.word(wTotals) }
func (p *totalsPage) scope() scope        { return inTotals }

// month is the first day of the month n months from d's.
func month(d typed.Date, n int) typed.Date {
	return typed.DateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

func (p *totalsPage) load(e *env) tea.Cmd {
	if p.from.IsZero() {
		p.from = month(e.desk.Today(), 0)
	}
	desk, who, from := e.desk, e.who, p.from
	return work(func() (station.Totals, error) { return desk.Totals(who, from, month(from, 1).AddDays(-1)) }, func(t station.Totals, err error) tea.Cmd {
		if from != p.from {
			return nil // another month has been asked for meanwhile
		}
		p.t, p.read, p.denied = t, true, ""
		if err != nil {
			p.denied = e.explain(err)
		}
		return nil
	})
}

func (p *totalsPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "left":
		return true, p.act(e, actPrevMonth)
	case "right":
		return true, p.act(e, actNextMonth)
	}
	return p.scroll.key(k.String()), nil
}

func (p *totalsPage) wheel(_ *env, down bool) { p.scroll.wheel(down) }

func (p *totalsPage) act(e *env, id action) tea.Cmd {
	to := p.from
	switch id {
	case actRates:
		if p.from.IsZero() {
			return nil
		}
		return e.atOnce(openMsg{newRates(p.from, month(p.from, 1).AddDays(-1))})
	case actPrevMonth:
		to = month(p.from, -1)
	case actNextMonth:
		to = month(p.from, 1)
	}
	if p.from.IsZero() || to == p.from || to.After(e.desk.Today()) || to.Year < 2000 {
		return nil
	}
	p.from = to
	return p.load(e)
}

func (p *totalsPage) view(e *env) ([]string, *tea.Cursor) {
	switch {
	case p.denied != "":
		return []string{"", "  " + e.show(p.denied)}, nil
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	t := p.t
	rows := []string{
		" " + e.th.Key.Render(e.th.Glyphs.Prev) + " " + e.th.Number.Render(e.label(wMonthOf, p.from.Year, int(p.from.Month))) + " " + e.th.Key.Render(e.th.Glyphs.Next) +
			"   " + e.th.Muted.Render(t.From.String()+" "+e.th.Glyphs.Range+" "+t.To.String()),
		"",
	}
	all, more := " "+e.label(wTotalsLine, t.Sessions, t.Deputies, t.Visits, t.Persons, t.Matters), e.label(wTotalsMore, t.Late, t.Void)
	if cell.Width(all)+3+cell.Width(more) > e.w {
		rows = append(rows, e.th.Text.Render(all), " "+e.th.Muted.Render(more))
	} else {
		rows = append(rows, e.th.Text.Render(all)+"   "+e.th.Muted.Render(more))
	}
	rows = append(rows,
		" "+e.th.Label.Render(e.label(wOnSpotRate))+"  "+e.th.Number.Render(e.show(t.OnSpot.String()))+"   "+e.th.Muted.Render(cell.Clip(e.label(wOnSpotDef), e.w-40, e.th.Glyphs.More)),
		"")
	rows = append(rows, columnsOf(e, p.blocks(e))...)
	return p.scroll.window(rows, e.h), nil
}

// block is a part of the page: a heading and lines with bars.
type block struct {
	title string
	lines []barLine
	total int
}

type barLine struct {
	text string
	n    int
}

func (p *totalsPage) blocks(e *env) []block {
	t := p.t
	disp := block{title: e.label(wByDisposition), total: t.Matters}
	for _, d := range station.Dispositions {
		disp.lines = append(disp.lines, barLine{d.Key + " " + e.text(d.Text), t.Dispositions[d.Code]})
	}
	first := map[string]int{}
	for code, n := range t.Categories {
		first[code[:min(1, len(code))]] += n
	}
	cats := block{title: e.label(wByCategory), total: t.Matters}
	for _, c := range e.desk.Categories() {
		if len(c.Code) == 1 {
			cats.lines = append(cats.lines, barLine{c.Code + " " + e.show(c.Name), first[c.Code]})
		}
	}
	villages := block{title: e.label(wByVillage), total: t.Matters}
	for code, n := range t.Villages {
		villages.lines = append(villages.lines, barLine{e.show(e.desk.VillageName(code)), n})
	}
	slices.SortFunc(villages.lines, func(a, b barLine) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.text, b.text)) })
	villages.lines = villages.lines[:min(10, len(villages.lines))]
	modes := block{title: e.label(wByModes), total: t.Sessions}
	type mode struct {
		code string
		word word
	}
	for _, at := range [...]mode{{"fixed", wFixedTime}, {"adhoc", wAnyTime}} {
		for _, place := range [...]mode{{"station", wFixedPlace}, {"elsewhere", wAnyPlace}} {
			for _, topic := range [...]mode{{"themed", wFixedTopic}, {"open", wAnyTopic}} {
				text := e.label(at.word) + " " + e.label(place.word) + " " + e.label(topic.word)
				modes.lines = append(modes.lines, barLine{text, t.Modes[at.code+"-"+place.code+"-"+topic.code]})
			}
		}
	}
	return []block{disp, cats, villages, modes}
}

// columnsOf puts blocks side by side: two on a narrow screen, four on a wide
// one.
func columnsOf(e *env, bs []block) []string {
	n := 2
	if e.w >= 132 {
		n = 4
	}
	w := (e.w - 2) / n
	var rows []string
	for ; len(bs) > 0; bs = bs[min(n, len(bs)):] {
		height := 0
		for _, b := range bs[:min(n, len(bs))] {
			height = max(height, 1+len(b.lines))
		}
		for y := range height {
			row := " "
			for _, b := range bs[:min(n, len(bs))] {
				row += cell.Pad(b.row(e, y, w-2), w)
			}
			rows = append(rows, row)
		}
		rows = append(rows, "")
	}
	return rows
}

// row draws one row of a block: its heading, or a bar with its word and figure.
func (b block) row(e *env, y, w int) string {
	if y == 0 {
		return e.th.Head.Render(cell.Clip(b.title, w, e.th.Glyphs.More))
	}
	if y > len(b.lines) {
		return ""
	}
	l := b.lines[y-1]
	figure := cell.PadLeft(itoa(l.n), 5)
	word := 0
	for _, l := range b.lines {
		word = max(word, cell.Width(l.text))
	}
	word = min(word, w-12)
	text := cell.Pad(cell.Clip(l.text, word, e.th.Glyphs.More), word)
	room := w - word - cell.Width(figure) - 1
	if l.n == 0 {
		return e.th.Muted.Render(text + figure)
	}
	bar := e.bar(uint64(l.n), uint64(max(b.total, l.n)), room)
	return e.th.Text.Render(text+figure) + " " + bar
}
