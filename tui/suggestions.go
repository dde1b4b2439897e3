package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
)

// suggestionsPage is deputies' suggestions (代表建议) with the marked one in
// full, or, after F5, what the five supervisions (五个督办) still lack.
type suggestionsPage struct {
	all  []station.Suggestion
	gaps []station.Gap
	list list
	lack bool // shows the gaps
	read bool
}

func newSuggestions() *suggestionsPage           { return &suggestionsPage{} }
func (p *suggestionsPage) scope() scope          { return inSuggestions }
func (p *suggestionsPage) waiting(string) bool   { return !p.read }
func (p *suggestionsPage) wheel(_ *env, dn bool) { p.list.wheel(dn) }
func (p *suggestionsPage) title(e *env) string {
	if p.lack {
		return e.word(wSupervision)
	}
	return e.word(wSuggestions)
}

// named leaves out at a station what only the city can say, and says where F5
// leads.
func (p *suggestionsPage) named(e *env, b binding) (string, bool) {
	if b.id != actNextList {
		return e.text(b.text), true
	}
	if p.lack {
		return e.word(wSuggestions), true
	}
	return e.text(b.text), e.desk.AtCity()
}

func (p *suggestionsPage) load(e *env) tea.Cmd {
	desk, who := e.desk, e.who
	return work(func() (suggestionsPage, error) {
		all, err := desk.Suggestions(who)
		if err != nil || !desk.AtCity() { // a station has only the acts that concern it, and would count too few
			return suggestionsPage{all: all}, err
		}
		gaps, err := desk.SuperviseGaps(who, desk.Today())
		return suggestionsPage{all: all, gaps: gaps}, err
	}, func(n suggestionsPage, err error) tea.Cmd {
		p.all, p.gaps, p.read = n.all, n.gaps, true
		p.size()
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

func (p *suggestionsPage) size() {
	if p.lack {
		p.list.size(len(p.gaps))
		return
	}
	p.list.size(len(p.all))
}

func (p *suggestionsPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *suggestionsPage) click(_ *env, _, y int) tea.Cmd {
	p.list.click(y - 1)
	return nil
}

func (p *suggestionsPage) act(e *env, id action) tea.Cmd {
	if id == actNextList && e.desk.AtCity() {
		p.lack = !p.lack
		p.list = list{}
		p.size()
	}
	return nil
}

// suggestionFoot is how many rows the marked suggestion has under the list.
const suggestionFoot = 11

func (p *suggestionsPage) view(e *env) ([]string, *tea.Cursor) {
	col := func(s string, n int) string { return cell.Pad(cell.Clip(s, n-1, e.th.Glyphs.More), n) }
	switch {
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	case p.lack && len(p.gaps) == 0:
		return []string{"", "  " + e.th.Text.Render(e.label(wNothingLacks))}, nil
	case p.lack:
		kind := 26
		rows := []string{"   " + e.th.Head.Render(col(e.label(wSupervisedBy), kind)+e.label(wLacks))}
		from, to := p.list.window(e.h - 1)
		for i := from; i < to; i++ {
			g := p.gaps[i]
			rows = append(rows, " "+e.marked(i == p.list.at, col(e.term(station.SuperviseTypes, g.Type), kind)+col(e.show(e.text(g.What)), e.w-kind-4)))
		}
		return rows, nil
	case len(p.all) == 0:
		return []string{"", "  " + e.th.Muted.Render(e.label(wNoSuggestions))}, nil
	}
	w, side := split(e)
	foot := suggestionFoot
	if side > 0 {
		foot = 0
	}
	titles := max(10, w-12-15-12-10-4)
	rows := []string{"   " + e.th.Head.Render(col(e.label(wNumber), 12)+col(e.label(wState), 15)+col(e.label(wDueHead), 12)+col(e.label(wLamp), 10)+e.label(wSuggestionTitle))}
	from, to := p.list.window(e.h - 1 - foot)
	for i := from; i < to; i++ {
		s := p.all[i]
		due, lamp := "", ""
		if s.State() == station.SgAssigned {
			due, lamp = s.Due().String(), e.text(s.Lamp(e.desk.Today()).Text())
		}
		rows = append(rows, " "+e.marked(i == p.list.at, col(string(s.ID()), 12)+col(e.show(e.text(s.State().Text())), 15)+col(due, 12)+col(e.show(lamp), 10)+col(e.show(s.Title), titles)))
	}
	s := p.all[min(p.list.at, len(p.all)-1)]
	if side > 0 {
		return beside(e, rows, p.about(e, s, side), w), nil
	}
	for len(rows) < e.h-foot {
		rows = append(rows, "")
	}
	rows = append(rows, e.th.Rule.Render(" "+strings.Repeat(e.th.Glyphs.Rule, e.w-2)))
	for _, r := range p.about(e, s, e.w-2) {
		rows = append(rows, " "+r)
	}
	return rows[:min(len(rows), e.h)], nil
}

// about is one suggestion in full.
func (p *suggestionsPage) about(e *env, s station.Suggestion, w int) []string {
	t := &sheet{env: e, w: w}
	t.rows = append(t.rows, e.th.Number.Render(e.show(e.text(s.Number())))+"   "+e.th.Text.Render(e.show(e.text(s.State().Text()))))
	t.value(e.label(wSuggestionTitle), e.show(s.Title), e.th.Text)
	signers := []string{e.deputyName(s.Lead)}
	for _, c := range s.Co {
		signers = append(signers, e.deputyName(c.Deputy))
	}
	t.value(e.label(wSigners), e.show(strings.Join(signers, " ")), e.th.Text)
	var units []string
	for _, u := range s.Units {
		units = append(units, e.term(station.UndertakerRoles, u.Role)+" "+e.show(e.desk.UnitName(u.Unit)))
	}
	lead := e.desk.SuperLeader(s)
	if i := slices.IndexFunc(e.desk.Leaders(), func(l station.Leader) bool { return l.Code == lead }); i >= 0 {
		lead = e.desk.Leaders()[i].Name
	}
	t.pairs(pair{e.label(wUndertakers), strings.Join(units, " ")}, pair{e.label(wSuperLeader), e.show(lead)})
	if s.Key != "" {
		t.value(e.label(wKeyMark), e.show(s.Key), e.th.Accent)
	}
	if len(s.Matters) > 0 {
		t.value(e.label(wMatter), strings.Join(s.Matters, " "), e.th.Number)
	}
	if s.Reply != nil {
		t.value(e.label(wReply), e.show(s.Reply.On.String()+" "+s.Reply.Doc+" "+s.Reply.Text), e.th.Text)
	}
	if s.Appraisal != nil {
		t.value(e.label(wAppraisal), e.term(station.Satisfactions, s.Appraisal.Attitude)+" / "+e.term(station.Satisfactions, s.Appraisal.Outcome), e.th.Text)
	}
	if s.Withdrawn != "" {
		t.value(e.label(wRefuse), e.show(s.Withdrawn), e.th.Warn)
	}
	return t.rows
}

// deputyName is a deputy's name, or the code where no roster has it.
func (e *env) deputyName(code string) string {
	if v, ok := e.desk.Deputy(code); ok {
		return v.Name
	}
	return code
}
