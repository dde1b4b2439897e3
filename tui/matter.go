package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
)

// matterPage is one matter's life: where it stands and what happened, both
// sides' steps in one order.
type matterPage struct {
	id     ledger.ID
	m      matterRead
	read   bool
	reveal bool
	scroll scroll
}

func newMatter(id ledger.ID) *matterPage { return &matterPage{id: id} }

func (p *matterPage) title(e *env) string {
	if n := p.m.life.Number; n != "" {
		return n
	}
	return e.word(wMatterPage)
}

func (p *matterPage) scope() scope        { return inMatter }
func (p *matterPage) waiting(string) bool { return !p.read }

func (p *matterPage) load(e *env) tea.Cmd {
	desk, who, id := e.desk, e.who, p.id
	return work(func() (matterRead, error) { return readMatter(desk, who, id) }, func(m matterRead, err error) tea.Cmd {
		p.read = true
		if err != nil {
			m.gone = e.explain(err)
		}
		p.m = m
		return nil
	})
}

func (p *matterPage) named(e *env, b binding) (string, bool) { return p.m.named(e, b) }

func (p *matterPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.scroll.key(k.String()), nil
}

func (p *matterPage) wheel(_ *env, down bool) { p.scroll.wheel(down) }

func (p *matterPage) act(e *env, id action) tea.Cmd {
	if !p.read || p.m.gone != "" {
		return nil
	}
	switch id {
	case actStep, actStep2, actStepMore:
		return p.m.step(e, id)
	case actReveal:
		if p.reveal {
			p.reveal = false
			return nil
		}
		return p.m.reveal(e, func() { p.reveal = true })
	case actPapers:
		return e.atOnce(openMsg{newPapers(p.m.life.VisitID, p.m.life.N)})
	case actReception:
		return e.atOnce(openMsg{newDetail(p.m.life.VisitID)})
	}
	return nil
}

func (p *matterPage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	rows := p.scroll.window(p.m.rows(e, min(e.w-2, 110), p.reveal), e.h)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = " " + r
	}
	return out, nil
}

// rows draws a matter on w columns.
func (m *matterRead) rows(e *env, w int, reveal bool) []string {
	s := &sheet{env: e, w: w}
	if m.gone != "" {
		return append(s.rows, "", e.show(m.gone))
	}
	l := m.life
	s.rows = append(s.rows, e.th.Number.Render(l.Number)+"   "+e.th.Head.Render(cell.Clip(e.show(l.Title), max(8, w-24), e.th.Glyphs.More)))
	s.rows = append(s.rows, e.standing(l))
	if l.Clock.Unsure {
		s.rows = append(s.rows, e.th.Warn.Render(cell.Clip(e.label(wUnsure), w, e.th.Glyphs.More)))
	}
	if !l.Clock.Paused.IsZero() {
		s.rows = append(s.rows, e.th.Warn.Render(e.label(wPausedOf, l.Clock.Paused.String())))
	}
	s.blank()
	m.caseRows(s, reveal)
	m.answerRows(s)
	s.blank()
	s.head(e.label(wTimeline))
	m.timeline(s)
	return s.rows
}

// caseRows say whose matter it is and who has it.
func (m *matterRead) caseRows(s *sheet, reveal bool) {
	l := m.life
	name, phone := m.voter(s.env, reveal)
	pairs := []pair{{s.label(wVoter), name}, {s.label(wPhone), phone}, {s.label(wVillage), s.show(s.desk.VillageName(l.Village))}}
	if s.desk.AtCity() {
		pairs = append(pairs, pair{s.label(wListStation), s.show(s.desk.StationName(l.Station))})
	}
	s.pairs(pairs...)
	s.value(s.label(wStepText), s.th.Glyphs.Show(cell.Clean(l.Content, true)), s.th.Text)
	letter := ""
	if t, ok := station.Dispositions.Find(l.Disposition); ok {
		letter = t.Key + " "
	}
	s.pairs(pair{s.label(wDisposition), letter + s.term(station.Dispositions, l.Disposition)},
		pair{s.label(wCategory), l.Category + " " + s.show(s.desk.CategoryName(l.Category))}, pair{s.label(wRefuse), s.given(station.RefuseReasons, l.Refuse)})
	unit := s.show(s.desk.UnitName(l.Unit))
	var with []string
	for _, u := range l.Units {
		with = append(with, s.show(s.desk.UnitName(u)))
	}
	handle := l.HandleBy.String()
	if l.Extended {
		handle += " " + s.label(wExtended)
	}
	s.pairs(pair{s.label(wUnit), unit}, pair{s.label(wUnits), strings.Join(with, "、")}, pair{s.label(wAssignedOn), l.Assigned.String()},
		pair{s.label(wDueHead), handle})
	if g := m.suggestion; g != nil {
		s.pairs(pair{s.label(wSuggestion), s.show(s.text(g.Number()))}, pair{s.label(wState), s.show(s.text(g.State().Text()))}, pair{s.label(wLeadDeputy), s.show(s.desk.DeputyName(g.Lead))})
	}
	if l.Lead != "" {
		s.value(s.label(wJoinedTo), m.lead, s.th.Warn)
	}
	s.value(s.label(wFollowers), strings.Join(m.followers, "  "), s.th.Text)
}

// answerRows say what has come of it.
func (m *matterRead) answerRows(s *sheet) {
	l := m.life
	answer := l.Answer
	if answer == "" && l.Lead != "" && l.Turned != "" { // the lead was turned away: what this voter is told too
		answer = s.text(station.Guidance(l.Turned))
	}
	if answer == "" {
		answer = l.Reply
	}
	s.value(s.label(wAnswerOf), s.th.Glyphs.Show(cell.Clean(answer, true)), s.th.Text)
	class := ""
	if l.Class != "" {
		class = s.show(s.text(s.desk.ClassText(l.Class)))
	}
	promise := l.Promise.String()
	if !l.Kept.IsZero() {
		promise = s.label(wKeptOf, promise, l.Kept.String())
	}
	s.pairs(pair{s.label(wClass), class}, pair{s.label(wPromiseOf), promise})
	told := ""
	if !l.Told.IsZero() {
		told = l.Told.String() + " " + s.given(station.Meanses, l.Means)
	}
	s.pairs(pair{s.label(wToldOf), told}, pair{s.label(wAttitude), s.given(station.Satisfactions, l.Attitude)},
		pair{s.label(wOutcome), s.given(station.Satisfactions, l.Outcome)}, pair{s.label(wWhyBad), s.show(l.Why)})
}

// timeline draws every step of both sides, in the order that counts.
func (m *matterRead) timeline(s *sheet) {
	v := m.full.Visit
	first := s.text(station.StRegistered.Text())
	if m.life.Matter.Disposition != "" {
		first += "  " + s.term(station.Dispositions, m.life.Matter.Disposition)
	}
	s.rows = append(s.rows, s.th.Muted.Render(v.Entered.In(station.Beijing).Format("01-02 15:04")+" "+cell.Pad(s.label(wAtStation), 4)+" ")+s.th.Text.Render(s.show(first)))
	for _, d := range m.life.Steps {
		side := s.label(wAtStation)
		if d.City {
			side = s.label(wAtCity)
		}
		what := s.text(station.Actions.Label(string(d.Action)))
		if d.To != d.From {
			what += " → " + s.text(d.To.Text())
		}
		when := d.At.In(station.Beijing).Format("01-02 15:04") + " " + cell.Pad(side, 4) + " "
		style := s.th.Text
		if d.Moot != nil {
			what += "   " + s.word(wMoot)
			style = s.th.Muted
		}
		line := s.show(what) + "   " + s.show(d.Name)
		s.rows = append(s.rows, s.th.Muted.Render(when)+style.Render(cell.Clip(line, s.w-cell.Width(when), s.th.Glyphs.More)))
		indent := cell.Blank(cell.Width(when))
		more := m.said(s, d)
		if d.Moot != nil {
			more = append(more, s.show(s.text(*d.Moot)))
		}
		for _, text := range more {
			for _, row := range cell.Wrap(text, max(8, s.w-len(indent))) {
				s.rows = append(s.rows, indent+s.th.Muted.Render(row))
			}
		}
	}
}

// said is what a step says beside its action.
func (m *matterRead) said(s *sheet, d station.Done) []string {
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+" "+text)
		}
	}
	if d.Disposition != "" && (d.Action != station.DoReview || d.Disposition != m.life.Matter.Disposition) {
		add(s.label(wDisposition), s.term(station.Dispositions, d.Disposition))
	}
	unit := s.show(s.desk.UnitName(d.Unit))
	for _, u := range d.Units {
		unit += "、" + s.show(s.desk.UnitName(u))
	}
	add(s.label(wUnit), unit)
	add(s.label(wDoc), s.show(d.DocNo))
	if d.Class != "" {
		add(s.label(wClass), s.show(s.text(s.desk.ClassText(d.Class))))
	}
	switch d.Action {
	case station.DoReply:
		add(s.label(wPromiseDay), d.Date.String())
	case station.DoExtend:
		add(s.label(wNewDue), d.Date.String())
		add(s.label(wApprover), s.show(d.Approver))
	}
	add(s.label(wMeans), s.given(station.Meanses, d.Means))
	add(s.label(wAttitude), s.given(station.Satisfactions, d.Attitude))
	add(s.label(wOutcome), s.given(station.Satisfactions, d.Outcome))
	reasons := station.RefuseReasons
	if d.Disposition == "guide" {
		reasons = station.GuideDoors
	}
	add(s.label(wRefuse), s.given(reasons, d.Reason))
	var out []string
	if len(parts) > 0 {
		out = append(out, strings.Join(parts, "   "))
	}
	for _, text := range []string{d.Text, d.Note} {
		if text != "" {
			out = append(out, s.th.Glyphs.Show(cell.Clean(text, true)))
		}
	}
	return out
}
