package tui

import (
	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// A matterRead is one matter as read at one moment: its life, whose it is,
// and what the person before the screen may do about it now.
type matterRead struct {
	life       station.Life
	next       []station.Transition
	moves      []move
	suggestion *station.Suggestion // that came of it; nil where none did, or is not shown here
	full       station.Full
	lead       string   // number of the matter that it follows
	followers  []string // numbers of those that follow it
	gone       string   // why there is nothing to show
}

// fewFollowers is how many of those that follow a matter are named.
const fewFollowers = 12

// readMatter reads a matter as far as who may see it.
func readMatter(desk *station.Desk, who station.Who, id ledger.ID) (matterRead, error) {
	l, err := desk.Life(who, id)
	if err != nil {
		return matterRead{}, err
	}
	full, err := desk.Read(who, l.VisitID)
	if err != nil {
		return matterRead{}, err
	}
	m := matterRead{life: l, next: desk.Next(who, l), full: full}
	m.move(desk, who)
	if l.Lead != "" {
		if lead, err := desk.Life(who, l.Lead); err == nil {
			m.lead = lead.Number
		}
	}
	for _, f := range l.Followers[:min(fewFollowers, len(l.Followers))] {
		if x, err := desk.Life(who, f); err == nil {
			m.followers = append(m.followers, x.Number)
		}
	}
	return m, nil
}

// A move is one thing that can be done about a matter now: a step, or, where
// it became a deputies' suggestion, to go there.
type move struct {
	text, into station.Text
	rank       station.Rank
	do         func(*env) tea.Cmd
}

// move lists what can be done, the usual thing first.
func (m *matterRead) move(desk *station.Desk, who station.Who) {
	l := m.life
	switch {
	case l.Suggestion != "":
		if s, _, err := desk.Suggestion(who, l.Suggestion); err == nil {
			m.suggestion = &s
			m.moves = append(m.moves, move{station.Text{ZH: "看建议", EN: "Suggestion"}, s.Number(), station.RankUsual, func(e *env) tea.Cmd { return e.atOnce(openMsg{newSuggestionPage(s)}) }})
		}
	case l.State == station.StSuggestion && l.Lead == "" && desk.AtCity() && who.May(station.RightRules):
		last, _ := desk.Suggestions(who) // only to offer the meeting that it is for
		m.moves = append(m.moves, move{station.Text{ZH: "写成建议", EN: "Write it"}, station.Text{ZH: "→ 代表建议", EN: "→ suggestion"}, station.RankUsual, func(e *env) tea.Cmd {
			var newest station.Suggestion
			if len(last) > 0 {
				newest = last[0]
			}
			return e.newSuggestion(newest, []station.Life{l}, true)
		}})
	}
	steps := make([]move, len(m.next))
	for i, t := range m.next {
		steps[i] = move{t.Text(), t.Into(), t.Rank, func(e *env) tea.Cmd { return e.atOnce(openMsg{newStep(*m, t)}) }}
	}
	if l.State == station.StSuggestion {
		m.moves = append(m.moves, steps...)
	} else { // it goes its own way again
		m.moves = append(steps, m.moves...)
	}
}

// step begins what a key for the next step does.
func (m *matterRead) step(e *env, id action) tea.Cmd {
	if m.gone != "" || m.life.MatterID == "" {
		return nil
	}
	n := map[action]int{actStep: 0, actStep2: 1}
	if i, ok := n[id]; ok {
		if !m.near(i) {
			return nil
		}
		return m.moves[i].do(e)
	}
	if len(m.moves) == 0 {
		return warn(e.word(wNoSteps))
	}
	var items []chosen
	for _, x := range m.moves {
		items = append(items, chosen{text: e.text(x.text), hint: e.text(x.into), do: func() tea.Cmd { return x.do(e) }})
	}
	return e.atOnce(dialogMsg{newChooser(e.word(wMoreSteps), e.word(wTypeToFilter), items)})
}

// near reports whether the i-th is one that a key of its own does; what leads
// off the way is chosen from the list.
func (m *matterRead) near(i int) bool {
	return i < len(m.moves) && m.moves[i].rank != station.RankOther
}

// named: what was not answered on the spot has nothing to ask about yet.
func (p *receptionPage) named(e *env, b binding) (string, bool) {
	return e.text(b.text), b.id != actStep || p.saved != nil && p.saved.spot
}

// askNow asks the voter, who still sits there, about what was answered on the
// spot: the first such matter that has not been asked about.
func (p *receptionPage) askNow(e *env) tea.Cmd {
	desk, who, id := e.desk, e.who, p.saved.ID
	return work(func() (matterRead, error) {
		full, err := desk.Read(who, id)
		if err != nil {
			return matterRead{}, err
		}
		for i := range full.Matters {
			m, err := readMatter(desk, who, full.MatterID(i))
			if err != nil {
				return m, err
			}
			if m.life.State == station.StAnswered {
				return m, desk.MayAsk(who, m.life)
			}
		}
		return matterRead{}, nil
	}, func(m matterRead, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		for _, t := range m.next {
			if t.Action == station.DoRate {
				return e.atOnce(openMsg{newStep(m, t)})
			}
		}
		return warn(e.word(wNoSteps))
	})
}

// named is what the keys for steps do now.
func (m *matterRead) named(e *env, b binding) (string, bool) {
	n := 0
	switch b.id {
	case actStep:
	case actStep2:
		n = 1
	case actStepMore:
		return e.text(b.text), len(m.moves) > 2 || len(m.moves) > 0 && !m.near(len(m.moves)-1)
	default:
		return e.text(b.text), true
	}
	if !m.near(n) {
		return "", false
	}
	return e.text(m.moves[n].text), true
}

// voter is who brought the matter, hidden until it is asked for.
func (m *matterRead) voter(e *env, reveal bool) (name, phone string) {
	v := m.full.Voter
	name = typed.MaskName(v.Name)
	if reveal {
		name = v.Name
	}
	if m.full.Visit.Anonymous || name == "" {
		name = e.word(wAnonymous)
	}
	phone = e.phone(v.Phone, reveal)
	if m.full.Visit.NoContact {
		phone = e.word(wNoPhone)
	}
	return e.show(name), e.show(phone)
}

// reveal shows the voter in full, which the audit log notes.
func (m *matterRead) reveal(e *env, then func()) tea.Cmd {
	desk, who, full := e.desk, e.who, m.full
	return work(func() (station.Voter, error) { return desk.Reveal(who, full) }, func(_ station.Voter, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		then()
		return nil
	})
}

// standing is a state in words with its deadline and lamp, and how to draw it.
func (e *env) standing(l station.Life) string {
	st := e.th.Text.Render(e.show(e.text(l.State.Text())))
	if l.Closed && l.State != station.StArchived {
		st += e.th.Text.Render(" " + e.label(wClosedOf))
	}
	if lamp := l.Clock.Lamp(e.desk.Today()); lamp != station.LampNone {
		what := e.text(station.Timers.Label(string(l.Clock.Timer)))
		st += "   " + lampStyle(e, lamp).Render(e.show(e.word(wStepDue, what, l.Due.String())+"   "+e.text(lamp.Text())))
	}
	return st
}
