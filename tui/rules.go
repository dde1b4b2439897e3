package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
)

// rulesPage shows what clocks and results are reckoned by: time limits, result
// classes, working days. They lie in memory.
type rulesPage struct{ scroll scroll }

func newRules() *rulesPage { return &rulesPage{} }

func (p *rulesPage) title(e *env) string      { return e.word(wRules) }
func (p *rulesPage) scope() scope             { return inRules }
func (p *rulesPage) load(*env) tea.Cmd        { return nil }
func (p *rulesPage) act(*env, action) tea.Cmd { return nil }
func (p *rulesPage) wheel(_ *env, down bool)  { p.scroll.wheel(down) }

func (p *rulesPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.scroll.key(k.String()), nil
}

func (p *rulesPage) view(e *env) ([]string, *tea.Cursor) {
	w := min(e.w-3, 110)
	t := &sheet{env: e, w: w}
	col := func(s string, n int) string { return cell.Pad(cell.Clip(s, n-1, e.th.Glyphs.More), n) }
	if warn, missing := e.desk.CalendarWarning(e.desk.Today()); missing {
		for _, line := range cell.Wrap(e.show(e.text(warn)), w) {
			t.rows = append(t.rows, e.th.Warn.Render(line))
		}
	}
	t.rows = append(t.rows, e.th.Head.Render(e.label(wLimits))+"   "+e.th.Muted.Render(e.label(wImportHint, "limits")))
	for _, l := range e.desk.Limits() {
		of := e.label(wAllOf)
		if l.Disposition != "" {
			of = e.term(station.Dispositions, l.Disposition)
		}
		if l.Hard {
			of += " " + e.label(wHard)
		}
		from := ""
		if !l.From.IsZero() {
			from = e.label(wSince, l.From.String())
		}
		t.rows = append(t.rows, e.th.Text.Render(col(e.term(station.Timers, string(l.Timer)), 26)+col(of, 20)+col(e.show(e.text(l.Text())), 16)+from))
	}
	t.blank()
	t.rows = append(t.rows, e.th.Head.Render(e.label(wClasses))+"   "+e.th.Muted.Render(e.label(wImportHint, "classes")))
	for _, c := range e.desk.ResultClasses(e.desk.Today()) {
		var marks []string
		if c.CountsDone {
			marks = append(marks, e.label(wCountsDone))
		}
		if c.NeedsFollowUp {
			marks = append(marks, e.label(wNeedsPromise))
		}
		t.rows = append(t.rows, e.th.Text.Render(col(e.show(e.text(c.Text())), max(40, w-24)))+e.th.Muted.Render(strings.Join(marks, " ")))
	}
	t.blank()
	t.rows = append(t.rows, e.th.Head.Render(e.label(wCalendar))+"   "+e.th.Muted.Render(e.label(wImportHint, "calendar")))
	c := e.desk.Calendar()
	for year := e.desk.Today().Year - 2; year <= e.desk.Today().Year+1; year++ {
		if !c.Years[year] {
			t.rows = append(t.rows, e.th.Warn.Render(fmt.Sprintf("%d  ", year)+e.label(wYearUnknown)))
			continue
		}
		off, on := 0, 0
		for d := range c.Off {
			if d.Year == year {
				off++
			}
		}
		for d := range c.Work {
			if d.Year == year {
				on++
			}
		}
		t.rows = append(t.rows, e.th.Text.Render(fmt.Sprintf("%d  ", year)+e.label(wYearDays, off, on)))
	}
	rows := p.scroll.window(t.rows, e.h)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = "  " + r
	}
	return out, nil
}
