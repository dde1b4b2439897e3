package tui

import (
	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// sessionsShown is how many sessions the list holds: years of them.
const sessionsShown = 500

// sessionsPage lists the sessions (接待场次), newest first.
type sessionsPage struct {
	all    []station.Session
	counts map[ledger.ID]sessionCount
	list   list
	read   bool
	want   ledger.ID // to be marked when the list is read next
}

// sessionCount is what was recorded at a session.
type sessionCount struct{ visits, persons, matters int }

func newSessions() *sessionsPage { return &sessionsPage{} }

func (p *sessionsPage) title(e *env) string { return e.word(wSessions) }
func (p *sessionsPage) scope() scope        { return inSessions }

func (p *sessionsPage) load(e *env) tea.Cmd {
	desk, who := e.desk, e.who
	return work(func() (sessionsPage, error) {
		var n sessionsPage
		var err error
		n.all, err = desk.Sessions(typed.Date{}, typed.Date{}, sessionsShown)
		n.counts = map[ledger.ID]sessionCount{}
		if rows, err := desk.List(who, station.Query{}); err == nil { // who may not see receptions sees no counts
			for _, r := range rows {
				if !r.Void {
					c := n.counts[r.Session]
					n.counts[r.Session] = sessionCount{c.visits + 1, c.persons + r.Persons, c.matters + len(r.Matters)}
				}
			}
		}
		return n, err
	}, func(n sessionsPage, err error) tea.Cmd {
		if s, ok := p.marked(); ok && p.want == "" {
			p.want = s.ID
		}
		p.all, p.counts, p.read = n.all, n.counts, true
		p.list.size(len(p.all))
		for i, s := range p.all {
			if s.ID == p.want {
				p.list.mark(i)
			}
		}
		p.want = ""
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

// waiting: for the first reading.
func (p *sessionsPage) waiting(string) bool { return !p.read }

func (p *sessionsPage) marked() (station.Session, bool) {
	if p.list.at >= len(p.all) {
		return station.Session{}, false
	}
	return p.all[p.list.at], true
}

func (p *sessionsPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *sessionsPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *sessionsPage) click(e *env, x, y int) tea.Cmd {
	if w, _ := split(e); x >= w {
		return nil
	}
	if _, again := p.list.click(y - 1); again && e.who.May(station.RightSession) {
		return p.act(e, actEditSession)
	}
	return nil
}

func (p *sessionsPage) act(e *env, id action) tea.Cmd {
	s, ok := p.marked()
	switch id {
	case actNewSession:
		return e.atOnce(openMsg{newSession(p, station.Session{Time: "fixed", Place: "station", Topic: "open"})})
	case actEditSession:
		if ok {
			return e.atOnce(openMsg{newSession(p, s)})
		}
	case actCloseSession:
		if ok {
			return p.askClose(e, s)
		}
	}
	return nil
}

// askClose closes a session, or opens a closed one again; a reason may be
// given.
func (p *sessionsPage) askClose(e *env, s station.Session) tea.Cmd {
	title, done := wCloseSession, wSessionClosed
	if s.Closed {
		title, done = wReopenSession, wSessionOpen
	}
	f := form.New("close", form.Row{form.In(form.NewText(form.TextConfig{ID: "reason", Label: e.word(wRefuse), Placeholder: e.word(wOptional)}), 0)})
	f.SetWords(formWords(e))
	d := &formDialog{title: e.word(title, string(s.Number)), rows: 2, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		s.Closed = !s.Closed
		desk, who, reason := e.desk, e.who, f.Value("reason")
		return true, work(func() (station.Session, error) { return desk.PutSession(who, s, reason) }, func(_ station.Session, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(done, string(s.Number)))
		})
	}}
	return d.open(e)
}

func (p *sessionsPage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	if len(p.all) == 0 {
		return []string{"", "  " + e.th.Muted.Render(e.label(wNoSessions))}, nil
	}
	w, side := split(e)
	names := max(8, w-48)
	head := "   " + cell.Pad(e.label(wDay), 16) + cell.Pad(e.label(wTimeOf), 13) + cell.Pad(e.label(wDeputies), names) + cell.Pad(e.label(wVisitsMatters), 9) + e.label(wState)
	rows := []string{e.th.Head.Render(head)}
	from, to := p.list.window(e.h - 1 - sessionFoot(side))
	for i := from; i < to; i++ {
		rows = append(rows, " "+e.marked(i == p.list.at, p.row(e, p.all[i], names)))
	}
	s, _ := p.marked()
	if side > 0 {
		return beside(e, rows, p.about(e, s, side), w), nil
	}
	return e.under(rows, p.about(e, s, e.w-2), sessionFoot(side)), nil
}

// sessionFoot is how many rows the marked session has under the list.
func sessionFoot(side int) int {
	if side > 0 {
		return 0
	}
	return 7
}

func (p *sessionsPage) row(e *env, s station.Session, names int) string {
	clock := s.Start
	if s.End != "" {
		clock += e.th.Glyphs.Range + s.End
	}
	if clock == "" {
		clock = e.term(station.Times, s.Time)
	}
	c := p.counts[s.ID]
	state := e.label(wOngoing)
	if s.Closed {
		state = e.label(wClosed)
	}
	who := e.show(e.deputyNames(s.Deputies))
	if who == "" {
		who = e.label(wNobodyOnDuty)
	}
	return cell.Pad(s.Day.String()+" "+e.weekday(s.Day.Time(station.Beijing)), 16) + cell.Pad(cell.Clip(clock, 12, e.th.Glyphs.More), 13) +
		cell.Pad(cell.Clip(who, names-1, e.th.Glyphs.More), names) + cell.Pad(itoa(c.visits)+"/"+itoa(c.matters), 9) + cell.Pad(state, 6)
}

// about is the marked session in full.
func (p *sessionsPage) about(e *env, s station.Session, w int) []string {
	t := &sheet{env: e, w: w}
	t.rows = append(t.rows, e.th.Number.Render(string(s.Number))+"   "+e.th.Text.Render(cell.Clip(e.show(e.text(s.Modes())), w-20, e.th.Glyphs.More)))
	t.value(e.label(wDeputies), e.show(e.deputyNames(s.Deputies)), e.th.Text)
	t.value(e.label(wWhere), e.show(s.Where), e.th.Text)
	c := p.counts[s.ID]
	t.value(e.label(wCounts), e.label(wDayCounts, c.visits, c.persons, c.matters), e.th.Text)
	return t.rows
}
