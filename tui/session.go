package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// sessionPage is the form of a session, for a new one of today and for
// changing one.
type sessionPage struct {
	formPart
	list *sessionsPage // which marks what was saved
	s    station.Session
}

func newSession(list *sessionsPage, s station.Session) *sessionPage {
	return &sessionPage{list: list, s: s}
}

func (p *sessionPage) title(e *env) string {
	if p.s.ID != "" {
		return string(p.s.Number)
	}
	return e.word(wNewSession)
}

func (p *sessionPage) scope() scope { return inSession }

func (p *sessionPage) load(e *env) tea.Cmd {
	if p.f == nil {
		p.build(e)
	}
	return nil
}

func (p *sessionPage) build(e *env) {
	clock := func(id string, label word, r form.Rule) form.Field {
		return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(wClockHint), Limit: 20, Fold: cell.Fold, Rule: r})
	}
	reads := rule(e, typed.Clock)
	after := func(v string) (string, string) {
		v, problem := reads(v)
		if start := p.f.Value("start"); problem == "" && v != "" && len(start) == len(v) && v <= start {
			return v, e.word(wEndBefore)
		}
		return v, problem
	}
	text := func(id string, label, hint word) form.Field {
		return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint)})
	}
	p.f = form.New("session",
		form.Row{form.In(form.NewMultiPick(e.deputyPick("deputies", wDeputies, nil)), 0)},
		form.Row{form.In(choice(e, "time", wByPlan, station.Times, p.s.Time), 36), form.In(choice(e, "place", wPlace, station.Places, p.s.Place), 0)},
		form.Row{form.In(clock("start", wStart, reads), 36), form.In(clock("end", wEnd, after), 0)},
		form.Row{form.In(text("where", wWhere, wWhereHint), 0)},
		form.Row{form.In(choice(e, "topic", wTopic, station.Topics, p.s.Topic), 0)},
		form.Row{form.In(text("theme", wTheme, wThemeHint), 0)},
		form.Row{form.In(text("reason", wRefuse, wOptional), 0)})
	p.f.SetWords(formWords(e))
	for id, v := range map[string]string{"deputies": strings.Join(p.s.Deputies, ","), "start": p.s.Start, "end": p.s.End, "where": p.s.Where, "theme": p.s.Theme} {
		p.f.Set(id, v)
	}
	p.f.Hide("reason", p.s.ID == "")
	p.follow()
}

// follow shows the theme where there is one.
func (p *sessionPage) follow() { p.f.Hide("theme", p.f.Value("topic") != "themed") }

func (p *sessionPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		p.follow()
		return true, nil
	}
	if k.String() == "enter" { // on the last field
		return true, p.act(e, actSave)
	}
	return false, nil
}

func (p *sessionPage) act(e *env, id action) tea.Cmd {
	if id != actSave || !p.ready() {
		return nil
	}
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	s, v := p.s, p.f.Value
	s.Time, s.Place, s.Topic, s.Theme, s.Where, s.Start, s.End = v("time"), v("place"), v("topic"), v("theme"), v("where"), v("start"), v("end")
	s.Deputies = nil
	if codes := v("deputies"); codes != "" {
		s.Deputies = strings.Split(codes, ",")
	}
	p.busy = true
	desk, who, reason := e.desk, e.who, v("reason")
	return work(func() (station.Session, error) { return desk.PutSession(who, s, reason) }, func(s station.Session, err error) tea.Cmd {
		p.busy = false
		if err != nil {
			return p.refuse(e, err)
		}
		p.list.want = s.ID
		return tea.Batch(e.atOnce(closeMsg{}), say(e.word(wSessionSaved, string(s.Number))))
	})
}

func (p *sessionPage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return nil, nil
	}
	heading := e.word(wNewSessionHint)
	if p.s.ID != "" {
		heading = e.word(wSessionOf, string(p.s.Number), p.s.Day.String())
	}
	return p.draw(e, []string{"", "  " + e.th.Head.Render(e.show(heading)), ""}, 0)
}
