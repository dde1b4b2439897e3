package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
)

// What the suggestions page shows, by turns.
const (
	showSuggestions = iota
	showGaps        // what the five supervisions still lack; at the city alone
	showLog         // what was done for them this year
)

// suggestionsPage is deputies' suggestions (代表建议) with the marked one in
// full; after F5 what the five supervisions (五个督办) still lack, and their log.
type suggestionsPage struct {
	suggestionsRead
	list list
	show int
	read bool
}

// suggestionsRead is what a reading brings.
type suggestionsRead struct {
	all    []station.Suggestion
	free   []station.Life // voters' matters that wait to become one
	gaps   []station.Gap
	log    []station.Supervision
	units  []station.Count // by how many they undertake
	groups []station.Count
}

func newSuggestions() *suggestionsPage           { return &suggestionsPage{} }
func (p *suggestionsPage) scope() scope          { return inSuggestions }
func (p *suggestionsPage) waiting(string) bool   { return !p.read }
func (p *suggestionsPage) wheel(_ *env, dn bool) { p.list.wheel(dn) }
func (p *suggestionsPage) title(e *env) string   { return e.word(p.name(p.show)) }

func (p *suggestionsPage) name(show int) word {
	return [...]word{wSuggestions, wSupervision, wSuperviseLog}[show]
}

// next is what F5 shows next. A station has only the acts that concern it, and
// would count too few.
func (p *suggestionsPage) next(e *env) int {
	n := (p.show + 1) % 3
	if n == showGaps && !e.desk.AtCity() {
		n = showLog
	}
	return n
}

func (p *suggestionsPage) load(e *env) tea.Cmd {
	desk, who := e.desk, e.who
	return work(func() (n suggestionsRead, err error) {
		if n.all, err = desk.Suggestions(who); err != nil {
			return n, err
		}
		today := desk.Today()
		if n.log, err = desk.Supervisions(who, today.Year, ""); err != nil || !desk.AtCity() {
			return n, err
		}
		if n.gaps, err = desk.SuperviseGaps(who, today); err != nil {
			return n, err
		}
		if n.units, n.groups, err = desk.SuggestionCounts(who); err != nil {
			return n, err
		}
		n.free, err = desk.Unsuggested(who)
		return n, err
	}, func(n suggestionsRead, err error) tea.Cmd {
		was := p.marked()
		p.suggestionsRead, p.read = n, true
		p.size()
		if was != nil && p.show == showSuggestions {
			for i, s := range p.all {
				if s.ID() == was.ID() {
					p.list.mark(i)
				}
			}
		}
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

func (p *suggestionsPage) size() {
	p.list.size([...]int{len(p.all), len(p.gaps), len(p.log)}[p.show])
}

// marked is the suggestion that the mark stands on; nil on the other lists.
func (p *suggestionsPage) marked() *station.Suggestion {
	if p.show != showSuggestions || p.list.at >= len(p.all) {
		return nil
	}
	return &p.all[p.list.at]
}

// named says where F5 leads, and what F4 does now; keys that do nothing here
// are left out.
func (p *suggestionsPage) named(e *env, b binding) (string, bool) {
	office := e.desk.AtCity() && e.who.May(station.RightRules)
	switch b.id {
	case actNextList:
		return e.word(p.name(p.next(e))), true
	case actOpen:
		return e.text(b.text), p.marked() != nil
	case actAdd:
		if p.show != showSuggestions {
			return e.word(wSuperviseAdd), office
		}
		return e.text(b.text), office
	case actStep:
		if p.show == showGaps {
			return e.word(wFillGap), office && len(p.gaps) > 0
		}
		return sgNamed(e, p.marked(), b)
	case actStepMore:
		return sgNamed(e, p.marked(), b)
	}
	return e.text(b.text), true
}

func (p *suggestionsPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *suggestionsPage) click(e *env, _, y int) tea.Cmd {
	if _, again := p.list.click(y - 1); again {
		return p.act(e, actOpen)
	}
	return nil
}

func (p *suggestionsPage) act(e *env, id action) tea.Cmd {
	switch {
	case !p.read:
		return nil
	case id == actNextList:
		p.show = p.next(e)
		p.list = list{}
		p.size()
	case id == actOpen && p.marked() != nil:
		return e.atOnce(openMsg{newSuggestionPage(*p.marked())})
	case !e.desk.AtCity() || !e.who.May(station.RightRules):
		return nil
	case id == actAdd && p.show == showSuggestions:
		var last station.Suggestion
		if len(p.all) > 0 {
			last = p.all[0]
		}
		return e.newSuggestion(last, p.free, false)
	case id == actAdd:
		return e.openSupervise(station.Supervision{}, p.all)
	case id == actStep && p.show == showGaps && p.list.at < len(p.gaps):
		return p.fill(e, p.gaps[p.list.at].Fill)
	default:
		return sgStep(e, p.marked(), id, p.all)
	}
	return nil
}

// fill opens the form that fills a gap: of the act that lacks, or of the leader
// of a suggestion that has none.
func (p *suggestionsPage) fill(e *env, f station.Supervision) tea.Cmd {
	if f.Act != "" {
		return e.openSupervise(f, p.all)
	}
	for _, s := range p.all {
		for _, a := range e.suggestActsFor(s) {
			if s.ID() == f.Suggestion && a.id == "leader" {
				return a.open(e, s)
			}
		}
	}
	return nil
}

// suggestionFoot is how many rows the marked suggestion has under the list.
const suggestionFoot = 11

func (p *suggestionsPage) view(e *env) ([]string, *tea.Cursor) {
	switch {
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	case p.show == showGaps:
		return p.lacking(e), nil
	case p.show == showLog:
		return p.done(e), nil
	case len(p.all) == 0:
		return []string{"", "  " + e.th.Muted.Render(e.label(wNoSuggestions))}, nil
	}
	w, side := split(e)
	foot := suggestionFoot
	if side > 0 {
		foot = 0
	}
	light := 6
	if e.en {
		light = 10
	}
	titles := max(10, w-12-15-12-light-4)
	rows := []string{"   " + e.th.Head.Render(e.col(e.label(wNumber), 12)+e.col(e.label(wState), 15)+e.col(e.label(wDueHead), 12)+e.col(e.label(wLamp), light)+e.label(wSuggestionTitle))}
	from, to := p.list.window(e.h - 1 - foot)
	for i := from; i < to; i++ {
		s := p.all[i]
		c := e.desk.SuggestionClock(s)
		title := s.Title
		if s.Key != "" {
			title = e.word(wKeyShort) + " " + title
		}
		if s.Shared() {
			title = e.word(wSharedShort) + " " + title
		}
		rows = append(rows, " "+e.marked(i == p.list.at, e.col(s.Code(), 12)+e.col(e.show(e.text(s.State().Text())), 15)+e.col(c.Due.String(), 12)+
			e.col(e.show(e.text(c.Lamp(e.desk.Today()).Text())), light)+e.col(e.show(title), titles)))
	}
	s := p.all[min(p.list.at, len(p.all)-1)]
	if side > 0 {
		return beside(e, rows, suggestionRows(e, s, side), w), nil
	}
	return e.under(rows, suggestionRows(e, s, e.w-2), foot), nil
}

// lacking lists the gaps, and below them who has most: of them the key units and
// groups are chosen.
func (p *suggestionsPage) lacking(e *env) []string {
	kind := 26
	rows := []string{"   " + e.th.Head.Render(e.col(e.label(wSupervisedBy), kind)+e.label(wLacks))}
	if len(p.gaps) == 0 {
		rows = []string{"", "  " + e.th.Text.Render(e.label(wNothingLacks))}
	}
	s := &sheet{env: e, w: e.w - 2}
	s.value(e.label(wMostUnits), e.show(most(p.units)), e.th.Text)
	s.value(e.label(wMostGroups), e.show(most(p.groups)), e.th.Text)
	foot := 0
	if len(s.rows) > 0 {
		s.rows = s.rows[:min(len(s.rows), 2)]
		foot = len(s.rows) + 1
	}
	from, to := p.list.window(e.h - 1 - foot)
	for i := from; i < to; i++ {
		g := p.gaps[i]
		rows = append(rows, " "+e.marked(i == p.list.at, e.col(e.term(station.SuperviseTypes, g.Type), kind)+e.col(e.show(e.text(g.What)), e.w-kind-4)))
	}
	if foot == 0 {
		return rows
	}
	return e.under(rows, s.rows, foot)
}

// most names those at the head of a ranking.
func most(cs []station.Count) string {
	var out []string
	for _, c := range cs[:min(len(cs), 8)] {
		out = append(out, c.Name+" "+itoa(c.N))
	}
	return strings.Join(out, "  ")
}

// done lists the year's acts, with the marked one in full.
func (p *suggestionsPage) done(e *env) []string {
	if len(p.log) == 0 {
		return []string{"", "  " + e.th.Muted.Render(e.label(wNoSupervision))}
	}
	w, side := split(e)
	foot := 8
	if side > 0 {
		foot = 0
	}
	rows := []string{"   " + e.th.Head.Render(e.col(e.label(wDay), 12)+e.col(e.label(wSupervisedBy), 22)+e.col(e.label(wActHead), 18)+e.label(wSuggestion))}
	from, to := p.list.window(e.h - 1 - foot)
	for i := from; i < to; i++ {
		s := p.log[len(p.log)-1-i] // newest first
		of := s.Number
		if of == "" {
			of = e.desk.UnitName(s.Unit) + e.desk.GroupName(s.Group)
		}
		rows = append(rows, " "+e.marked(i == p.list.at, e.col(s.On.String(), 12)+e.col(e.term(station.SuperviseTypes, s.Type), 22)+e.col(e.term(station.SuperviseActs, s.Act), 18)+
			e.col(e.show(of), w-12-22-18-4)))
	}
	marked := p.log[len(p.log)-1-min(p.list.at, len(p.log)-1)]
	if side > 0 {
		return beside(e, rows, superviseRows(e, marked, side), w)
	}
	return e.under(rows, superviseRows(e, marked, e.w-2), foot)
}
