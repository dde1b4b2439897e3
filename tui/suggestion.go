package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
)

// suggestionPage is one suggestion with all that happened to it: the office's
// acts, the unit's answer, the deputies' word, and what was done to supervise
// it.
type suggestionPage struct {
	s      station.Suggestion
	all    []station.Suggestion
	acts   []station.SuggestionAct
	log    []station.Supervision
	read   bool
	scroll scroll
}

func newSuggestionPage(s station.Suggestion) *suggestionPage { return &suggestionPage{s: s} }

func (p *suggestionPage) title(*env) string       { return p.s.Code() }
func (p *suggestionPage) scope() scope            { return inSuggestion }
func (p *suggestionPage) waiting(string) bool     { return !p.read }
func (p *suggestionPage) wheel(_ *env, down bool) { p.scroll.wheel(down) }

func (p *suggestionPage) load(e *env) tea.Cmd {
	desk, who, id := e.desk, e.who, p.s.ID()
	return work(func() (n suggestionPage, err error) {
		if n.s, _, err = desk.Suggestion(who, id); err != nil {
			return n, err
		}
		if n.all, err = desk.Suggestions(who); err != nil {
			return n, err
		}
		if n.acts, err = desk.SuggestionActs(who, id); err != nil {
			return n, err
		}
		n.log, err = desk.Supervisions(who, 0, id)
		return n, err
	}, func(n suggestionPage, err error) tea.Cmd {
		p.read = true
		if err != nil {
			return e.fail(err)
		}
		p.s, p.all, p.acts, p.log = n.s, n.all, n.acts, n.log
		return nil
	})
}

func (p *suggestionPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.scroll.key(k.String()), nil
}

func (p *suggestionPage) named(e *env, b binding) (string, bool) {
	switch b.id {
	case actAdd:
		return e.text(b.text), e.desk.AtCity() && e.who.May(station.RightRules) && p.s.Withdrawn == ""
	case actMatter:
		return e.text(b.text), len(p.mine(e)) > 0
	}
	return sgNamed(e, &p.s, b)
}

// mine are the voters' matters that can be opened here.
func (p *suggestionPage) mine(e *env) []string {
	if e.desk.AtCity() {
		return p.s.Matters
	}
	var out []string
	for _, n := range p.s.Matters {
		for _, st := range e.desk.Stations() {
			if strings.HasPrefix(n, st.Code+"-") {
				out = append(out, n)
			}
		}
	}
	return out
}

func (p *suggestionPage) act(e *env, id action) tea.Cmd {
	switch {
	case !p.read:
		return nil
	case id == actMatter:
		return p.openMatter(e)
	case id == actAdd && e.desk.AtCity() && e.who.May(station.RightRules):
		return e.openSupervise(station.Supervision{Suggestion: p.s.ID()}, p.all)
	}
	return sgStep(e, &p.s, id, p.all)
}

// openMatter opens the voter's matter that it came from, or lets one choose.
func (p *suggestionPage) openMatter(e *env) tea.Cmd {
	open := func(number string) tea.Cmd {
		desk, who := e.desk, e.who
		return work(func() (station.Life, error) { return desk.LifeByNumber(who, number) }, func(l station.Life, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return send(openMsg{newMatter(l.MatterID)})
		})
	}
	ms := p.mine(e)
	switch len(ms) {
	case 0:
		return nil
	case 1:
		return open(ms[0])
	}
	var items []chosen
	for _, n := range ms {
		items = append(items, chosen{text: n, do: func() tea.Cmd { return open(n) }})
	}
	return e.atOnce(dialogMsg{newChooser(e.word(wFromMatters), e.word(wTypeToFilter), items)})
}

// sgNamed is what the keys for acts do to a suggestion as it stands.
func sgNamed(e *env, s *station.Suggestion, b binding) (string, bool) {
	if b.id != actStep && b.id != actStepMore {
		return e.text(b.text), true
	}
	if s == nil {
		return "", false
	}
	acts := e.suggestActsFor(*s)
	switch {
	case b.id == actStepMore:
		return e.text(b.text), len(acts) > 0
	case len(acts) == 0 || acts[0].usual != s.State():
		return "", false
	}
	return e.text(acts[0].text), true
}

// sgStep begins the usual act, or lets one choose among all.
func sgStep(e *env, s *station.Suggestion, id action, all []station.Suggestion) tea.Cmd {
	if s == nil {
		return nil
	}
	acts := e.suggestActsFor(*s)
	switch {
	case len(acts) == 0:
		return nil
	case id == actStep && acts[0].usual == s.State():
		return acts[0].open(e, *s)
	case id != actStepMore:
		return nil
	}
	var items []chosen
	for _, a := range acts {
		items = append(items, chosen{text: e.text(a.text), hint: e.word(a.hint), do: func() tea.Cmd { return a.open(e, *s) }})
	}
	if s.Withdrawn == "" {
		items = append(items, chosen{text: e.word(wSuperviseAdd), hint: e.word(wSupervision), do: func() tea.Cmd { return e.openSupervise(station.Supervision{Suggestion: s.ID()}, all) }})
	}
	return e.atOnce(dialogMsg{newChooser(e.word(wMoreSteps), e.word(wTypeToFilter), items)})
}

func (p *suggestionPage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	w := min(e.w-2, 110)
	s := &sheet{env: e, w: w, rows: suggestionRows(e, p.s, w)}
	s.blank()
	s.value(e.label(wSuggestionBody), e.th.Glyphs.Show(cell.Clean(p.s.Body, true)), e.th.Text)
	s.blank()
	s.head(e.label(wTimeline))
	for _, a := range p.acts {
		when := a.At.In(station.Beijing).Format("2006-01-02 15:04") + "  "
		s.rows = append(s.rows, e.th.Muted.Render(when)+e.th.Text.Render(e.show(e.text(a.What)+"   "+a.Name)))
		said := e.text(a.Said)
		if said == "" {
			continue
		}
		for _, row := range cell.Wrap(e.th.Glyphs.Show(cell.Clean(said, true)), max(8, w-cell.Width(when))) {
			s.rows = append(s.rows, cell.Blank(cell.Width(when))+e.th.Muted.Render(row))
		}
	}
	if len(p.log) > 0 {
		s.blank()
		s.head(e.label(wSupervision))
	}
	for _, x := range p.log {
		s.rows = append(s.rows, superviseRows(e, x, w)...)
	}
	rows := p.scroll.window(s.rows, e.h)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = " " + r
	}
	return out, nil
}

// suggestionRows is one suggestion in short: where it stands, whose it is, who
// has it and what was answered.
func suggestionRows(e *env, s station.Suggestion, w int) []string {
	t := &sheet{env: e, w: w}
	standing := e.text(s.State().Text())
	if c := e.desk.SuggestionClock(s); !c.Due.IsZero() {
		standing += "   " + e.word(wStepDue, e.text(station.Timers.Label(string(c.Timer))), c.Due.String()) + "   " + e.text(c.Lamp(e.desk.Today()).Text())
	}
	t.rows = append(t.rows, e.th.Number.Render(e.show(e.text(s.Number())))+"   "+e.th.Text.Render(e.show(standing)))
	if s.Shared() {
		t.value(e.label(wSharedNumber), e.label(wSharedNumberText), e.th.Warn)
	}
	t.value(e.label(wSuggestionTitle), e.show(s.Title), e.th.Text)
	signers := []string{e.desk.DeputyName(s.Lead)}
	for _, c := range s.Co {
		name := e.desk.DeputyName(c.Deputy)
		if !c.Agreed {
			name += "(" + e.word(wNotAgreed) + ")"
		}
		signers = append(signers, name)
	}
	t.pairs(pair{e.label(wSigners), e.show(strings.Join(signers, " "))}, pair{e.label(wCategory), s.Category + " " + e.show(e.desk.CategoryName(s.Category))})
	var units []string
	for _, u := range s.Units {
		units = append(units, e.term(station.UndertakerRoles, u.Role)+" "+e.show(e.desk.UnitName(u.Unit)))
	}
	t.pairs(pair{e.label(wUndertakers), strings.Join(units, " ")}, pair{e.label(wAssignedOn), s.Assigned.String()}, pair{e.label(wSuperLeader), e.show(e.desk.LeaderName(e.desk.SuperLeader(s)))})
	if s.Key != "" {
		t.value(e.label(wKeyMark), e.show(s.Key), e.th.Accent)
	}
	if len(s.Matters) > 0 {
		t.value(e.label(wFromMatters), strings.Join(s.Matters, " "), e.th.Number)
	}
	if s.Reply != nil {
		class := e.show(e.text(e.desk.ClassText(s.Reply.Class)))
		t.value(e.label(wReply), e.show(strings.TrimSpace(s.Reply.On.String()+" "+s.Reply.Doc+" "+s.Reply.Text)), e.th.Text)
		t.pairs(pair{e.label(wClass), class}, pair{e.label(wPromiseOf), s.Reply.Promise.String()})
	}
	word := func(label word, a *station.Appraisal) {
		if a != nil {
			t.value(e.label(label), e.show(strings.TrimSpace(e.term(station.Satisfactions, a.Attitude)+" / "+e.term(station.Satisfactions, a.Outcome)+" "+a.Reason)), e.th.Text)
		}
	}
	word(wAppraisedBefore, s.Before)
	word(wAppraisal, s.Appraisal)
	if s.Decided != "" {
		t.value(e.label(wDirectorMeeting), e.show(s.Decided), e.th.Text)
	}
	if s.Withdrawn != "" {
		t.value(e.label(wRefuse), e.show(s.Withdrawn), e.th.Warn)
	}
	return t.rows
}

// superviseRows is one act of the five supervisions in full.
func superviseRows(e *env, s station.Supervision, w int) []string {
	t := &sheet{env: e, w: w}
	t.rows = append(t.rows, e.th.Number.Render(s.On.String())+"   "+e.th.Text.Render(cell.Clip(e.term(station.SuperviseTypes, s.Type)+"   "+e.term(station.SuperviseActs, s.Act), max(8, w-13), e.th.Glyphs.More)))
	var names []string
	for _, c := range s.Deputies {
		names = append(names, e.desk.DeputyName(c))
	}
	committee := s.Committee
	if c, ok := e.desk.Committee(s.Committee); ok {
		committee = c.Name
	}
	t.pairs(pair{e.label(wSuggestion), s.Number}, pair{e.label(wDirectorMeeting), e.show(s.Meeting)}, pair{e.label(wUnit), e.show(e.desk.UnitName(s.Unit))},
		pair{e.label(wGroup), e.show(e.desk.GroupName(s.Group))}, pair{e.label(wCommittee), e.show(committee)}, pair{e.label(wSuperLeader), e.show(e.desk.LeaderName(s.Leader))},
		pair{e.label(wDeputies), e.show(strings.Join(names, " "))}, pair{e.label(wSuperviseForm), e.given(station.SuperviseForms, s.Form)}, pair{e.label(wDueBy), s.Due.String()})
	for _, x := range [...]pair{{e.label(wFinding), s.Finding}, {e.label(wDemand), s.Demand}, {e.label(wRefuse), s.Reason}} {
		t.value(x.label, e.th.Glyphs.Show(cell.Clean(x.text, true)), e.th.Text)
	}
	return t.rows
}
