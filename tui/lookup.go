package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// lookupShown is how many matters a look-up lists.
const lookupShown = 30

// lookupPage answers a voter at the counter: by number, name or phone, without
// the network, as of the last sync.
type lookupPage struct {
	search *form.Form
	lives  []station.Life
	list   list
	asking bool
	again  bool
	read   bool
	reveal ledger.ID
	who    matterRead // whose name is shown
}

func newLookup() *lookupPage { return &lookupPage{} }

func (p *lookupPage) title(e *env) string { return e.word(wLookup) }
func (p *lookupPage) scope() scope        { return inLookup }

// waiting: text can be typed at any time, but what acts on a matter waits for
// those that were asked for.
func (p *lookupPage) waiting(key string) bool {
	if p.search == nil {
		return true
	}
	b, ok := lookup(inLookup, key)
	return p.asking && (key == "" || ok && b.scope == inLookup)
}

func (p *lookupPage) load(e *env) tea.Cmd {
	if p.search == nil {
		p.search = form.New("lookup", form.Row{form.In(form.NewText(form.TextConfig{ID: "q", Label: e.word(wLookup), Placeholder: e.word(wLookupHint), Limit: 60}), 0)})
	}
	return p.find(e)
}

// find asks the desk; one question runs at a time.
func (p *lookupPage) find(e *env) tea.Cmd {
	if p.asking {
		p.again = true
		return nil
	}
	p.asking, p.again = true, false
	desk, who, q := e.desk, e.who, p.search.Value("q")
	return work(func() ([]station.Life, error) { return desk.Progress(who, q, lookupShown) }, func(ls []station.Life, err error) tea.Cmd {
		p.asking = false
		if p.again {
			return p.find(e)
		}
		p.lives, p.read = ls, true
		p.list.size(len(ls))
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

func (p *lookupPage) marked() *station.Life {
	if p.list.at >= len(p.lives) {
		return nil
	}
	return &p.lives[p.list.at]
}

func (p *lookupPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.search == nil {
		return false, nil
	}
	if s := k.String(); s != "home" && s != "end" && p.list.key(s) {
		return true, nil
	}
	was := p.search.Value("q")
	if !p.search.Key(k) {
		return false, nil
	}
	return true, p.typed(e, was)
}

func (p *lookupPage) paste(e *env, text string) tea.Cmd {
	if p.search == nil {
		return nil
	}
	was := p.search.Value("q")
	p.search.Paste(text)
	return p.typed(e, was)
}

func (p *lookupPage) typed(e *env, was string) tea.Cmd {
	if strings.TrimSpace(was) == strings.TrimSpace(p.search.Value("q")) {
		return nil
	}
	p.list, p.reveal = list{}, ""
	return p.find(e)
}

func (p *lookupPage) click(e *env, x, y int) tea.Cmd {
	if p.search != nil && y == 0 {
		p.search.Click(x-1, 0)
		return nil
	}
	if _, again := p.list.click(y - lookupTop); again {
		return p.act(e, actOpen)
	}
	return nil
}

func (p *lookupPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *lookupPage) act(e *env, id action) tea.Cmd {
	l := p.marked()
	if l == nil {
		return nil
	}
	switch id {
	case actOpen:
		return e.atOnce(openMsg{newMatter(l.MatterID)})
	case actReveal:
		if p.reveal == l.MatterID {
			p.reveal = ""
			return nil
		}
		desk, who, matter := e.desk, e.who, l.MatterID
		return work(func() (matterRead, error) { return readMatter(desk, who, matter) }, func(m matterRead, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return m.reveal(e, func() { p.who, p.reveal = m, matter })
		})
	}
	return nil
}

// lookupTop is the row of the page at which the list begins; lookupFoot are
// the rows under it, with what to say.
const (
	lookupTop  = 3
	lookupFoot = 8
)

func (p *lookupPage) view(e *env) ([]string, *tea.Cursor) {
	if p.search == nil {
		return nil, nil
	}
	in, cur := p.search.Rows(e.w-4, 1, e.th)
	if cur != nil {
		cur.X++
	}
	rows := []string{" " + in[0], " " + e.th.Muted.Render(e.label(p.asOf(e))), ""}
	if !e.state.LastSync.IsZero() && !e.desk.AtCity() {
		rows[1] = " " + e.th.Muted.Render(e.label(wAsOf, e.when(e.state.LastSync)))
	}
	c := (&queuePage{name: "feedback"}).columns(e, e.w)
	c.what = wState
	rows[2] = " " + e.th.Head.Render("  "+c.line(e, e.label(wNumber), e.label(wDueHead), e.label(wLamp), e.label(wVoter), e.label(wMatter), e.label(wState)))
	if len(p.lives) == 0 {
		hint := wLookupType
		if p.read && strings.TrimSpace(p.search.Value("q")) != "" {
			hint = wLookupNone
		}
		return append(rows, "", "  "+e.th.Muted.Render(e.label(hint))), cur
	}
	from, to := p.list.window(e.h - lookupTop - lookupFoot)
	for i := from; i < min(to, len(p.lives)); i++ {
		l := p.lives[i]
		row := c.row(e, l)
		state := cell.Clip(e.show(e.text(l.State.Text())), c.unit, e.th.Glyphs.More)
		row = cell.Pad(cell.Clip(row, e.w-5-c.unit, ""), e.w-5-c.unit) + " " + state
		rows = append(rows, " "+e.marked(i == p.list.at, row))
	}
	for len(rows) < e.h-lookupFoot {
		rows = append(rows, "")
	}
	rows = append(rows, e.th.Rule.Render(" "+strings.Repeat(e.th.Glyphs.Rule, e.w-2)))
	return append(rows, p.answer(e)...), cur
}

// asOf says how far what is shown reaches.
func (p *lookupPage) asOf(e *env) word {
	if e.desk.AtCity() {
		return wAsOfNow
	}
	return wAsOfNever
}

// answer is what to say to the voter, in a sentence that can be read out.
func (p *lookupPage) answer(e *env) []string {
	l := p.marked()
	if l == nil {
		return nil
	}
	rows := []string{" " + e.standing(*l)}
	if p.reveal == l.MatterID {
		name, phone := p.who.voter(e, true)
		rows = append(rows, " "+e.th.Text.Render(name+"   "+phone))
	}
	rows = append(rows, " "+e.th.Head.Render(e.label(wTellVoter)))
	for _, r := range cell.Wrap(e.show(e.say(*l)), e.w-4) {
		rows = append(rows, "   "+e.th.Text.Render(r))
	}
	return rows[:min(len(rows), lookupFoot-1)]
}

// say is where a matter stands, as a voter is told.
func (e *env) say(l station.Life) string {
	unit := e.desk.UnitName(l.Unit)
	switch l.State {
	case station.StRegistered:
		return e.word(wSayRegistered, l.Title)
	case station.StReviewed:
		return e.word(wSayReviewed, l.Title)
	case station.StAssigned, station.StAccepted, station.StDelayed, station.StRedo:
		s := e.word(wSayInHand, l.Title, unit, l.HandleBy.String())
		if l.Clock.Lamp(e.desk.Today()) == station.LampOver {
			s += e.word(wSayOver)
		}
		return s
	case station.StReturned:
		return e.word(wSayReturned, l.Title)
	case station.StSuggestion:
		if l.HandleBy.IsZero() {
			return e.word(wSayProposal, l.Title)
		}
		return e.word(wSayProposalDue, l.Title, unit, l.HandleBy.String())
	case station.StNotAccepted:
		return e.word(wSayClosed, l.Title, e.text(station.Guidance(l.Turned)))
	case station.StVoid:
		return e.word(wSayVoid)
	}
	switch {
	case l.Answer != "":
		return e.word(wSayReplied, l.Title, l.Answer)
	case l.Lead != "" && l.Turned != "": // the one that it follows was turned away
		return e.word(wSayClosed, l.Title, e.text(station.Guidance(l.Turned)))
	case l.Reply != "":
		return e.word(wSayAnswered, l.Title, l.Reply)
	}
	return e.word(wSayFiled, l.Title)
}
