package tui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
)

// homePage is where a session begins: what is on, what waits, what was last.
type homePage struct {
	session station.Session
	sitting bool
	day     station.Day
	drafts  []station.Draft
	queues  []station.QueueCount // those in which something waits
	missing station.Text         // which year's working days are not known
	unread  int                  // notices of the city
	asked   int                  // its letters that wait for an answer
	read    bool
	at      int // marked line of waiting and recent
}

func newHome() *homePage { return &homePage{} }

func (p *homePage) title(e *env) string { return e.word(wHome) }
func (p *homePage) scope() scope        { return inHome }

func (p *homePage) load(e *env) tea.Cmd {
	desk, who, recent := e.desk, e.who, max(12, e.h)
	return work(func() (homePage, error) {
		var n homePage
		var errs [3]error
		n.session, n.sitting, errs[0] = desk.Current()
		n.day, errs[1] = desk.Day(who, recent)
		n.drafts, errs[2] = desk.Drafts(who)
		for _, q := range desk.Queues(who) {
			if q.N > 0 {
				n.queues = append(n.queues, q)
			}
		}
		n.missing, _ = desk.CalendarWarning(desk.Today())
		if who.May(station.RightLetters) {
			var err error
			n.unread, n.asked, err = desk.LettersWaiting(who)
			errs[2] = errors.Join(errs[2], err)
		}
		return n, errors.Join(errs[:]...)
	}, func(n homePage, err error) tea.Cmd {
		p.session, p.sitting, p.day, p.drafts, p.queues, p.missing, p.read = n.session, n.sitting, n.day, n.drafts, n.queues, n.missing, true
		p.unread, p.asked = n.unread, n.asked
		p.at = min(p.at, max(0, len(p.lines())-1))
		if err != nil {
			return e.fail(err)
		}
		return warm(e)
	})
}

// warm fills the search table behind the first screen, and at a station makes
// ready what tells repeated matters.
func warm(e *env) tea.Cmd {
	if e.desk.Ready() {
		return nil
	}
	desk := e.desk
	return work(func() (bool, error) {
		if err := desk.Warm(); err != nil || desk.AtCity() {
			return true, err
		}
		return true, desk.WarmAlike()
	}, func(_ bool, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

// queuesShown is how many kinds of what waits stand on the first screen.
const queuesShown = 8

// shown are the queues that have a line.
func (p *homePage) shown() []station.QueueCount { return p.queues[:min(queuesShown, len(p.queues))] }

// lines are what Enter can open: drafts, then what waits, then the latest
// receptions.
func (p *homePage) lines() []func() page {
	var out []func() page
	for _, d := range p.drafts {
		if d.Form == "reception" {
			out = append(out, func() page { return newReception() })
		}
	}
	for _, q := range p.shown() {
		out = append(out, func() page { return newQueue(q.Name) })
	}
	if p.unread+p.asked > 0 {
		out = append(out, func() page { return newLetters() })
	}
	for _, f := range p.day.Recent {
		out = append(out, func() page { return newDetail(f.ID) })
	}
	return out
}

// waiting: what acts on a line waits for the first reading.
func (p *homePage) waiting(key string) bool { return !p.read && (key == "" || key == "enter") }

func (p *homePage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	n := len(p.lines())
	switch k.String() {
	case "up":
		p.at = max(0, p.at-1)
	case "down":
		p.at = min(max(0, n-1), p.at+1)
	default:
		return false, nil
	}
	return true, nil
}

func (p *homePage) act(e *env, id action) tea.Cmd {
	if id == actOpen && p.at < len(p.lines()) {
		return e.atOnce(openMsg{p.lines()[p.at]()})
	}
	return nil
}

func (p *homePage) click(e *env, x, y int) tea.Cmd {
	top := p.listTop()
	if y < top {
		return nil
	}
	drafts := len(p.lines()) - len(p.day.Recent)
	i := y - top
	if x >= e.w/2 {
		i += drafts
	} else if i >= drafts {
		return nil
	}
	if i < len(p.lines()) {
		p.at = i
		return p.act(e, actOpen)
	}
	return nil
}

// listTop is the row of the first line under 待办 and 最近登记.
func (p *homePage) listTop() int { return 6 }

func (p *homePage) view(e *env) ([]string, *tea.Cursor) {
	th := e.th
	label := func(w word) string { return " " + th.Muted.Render(cell.Pad(e.word(w), 10)) }
	if !p.read {
		return []string{"", "  " + e.word(wLoading)}, nil
	}
	rows := []string{p.sessionRow(e, label(wTodaySession))}
	duty := e.deputyNames(p.session.Deputies)
	if duty == "" {
		duty = th.Muted.Render(e.word(wNobodyOnDuty))
	}
	rows = append(rows, label(wOnDuty)+e.show(duty))
	if e.who.May(station.RightSeeAll) {
		rows = append(rows, label(wToday)+th.Text.Render(e.word(wDayCounts, p.day.Visits, p.day.Persons, p.day.Matters))+"     "+
			th.Muted.Render(e.word(wDayMatters, p.day.OnSpot, p.day.Handed)))
	} else {
		rows = append(rows, "")
	}
	rows = append(rows, "")
	left := max(30, min(44, e.w*2/5))
	rows = append(rows, " "+th.Head.Render(cell.Pad(e.word(wWaits), left))+th.Head.Render(e.word(wRecent)), "")
	waits, recent := p.waits(e, left-2), p.recent(e, e.w-left-2)
	menu := p.menu(e)
	room := e.h - len(rows) - len(menu) - 1
	for i := range max(0, min(room, max(len(waits), len(recent)))) {
		l, r := cell.Blank(left), ""
		if i < len(waits) {
			l = cell.Pad(waits[i], left)
		}
		if i < len(recent) {
			r = recent[i]
		}
		rows = append(rows, " "+l+r)
	}
	for len(rows) < e.h-len(menu) {
		rows = append(rows, "")
	}
	return append(rows, menu...), nil
}

func (p *homePage) sessionRow(e *env, label string) string {
	if !p.sitting {
		return label + e.th.Muted.Render(e.word(wNoSession)+e.th.Glyphs.Show("·")+e.word(wOpenHint))
	}
	s := p.session
	text := e.text(s.Modes())
	if s.Start != "" {
		text = s.Start + e.th.Glyphs.Range + s.End + "  " + text
	}
	state := e.th.Ok.Render(e.word(wOngoing))
	return label + cell.Pad(e.th.Text.Render(cell.Clip(e.show(text), e.w-24, e.th.Glyphs.More)), e.w-22) + state
}

// waits are the lines on the left: drafts that can be opened, then counts.
func (p *homePage) waits(e *env, w int) []string {
	var rows []string
	i := 0
	for _, d := range p.drafts {
		if d.Form != "reception" {
			continue
		}
		name := d.Values["name"]
		if name == "" {
			name = e.word(wDraftNone)
		}
		rows = append(rows, p.mark(e, i, cell.Pad(e.word(wDraft)+"  "+e.show(name)+" "+e.when(d.At), w-2)))
		i++
	}
	for _, q := range p.shown() {
		text := cell.Pad(e.show(e.text(q.Text)), 12) + cell.PadLeft(itoa(q.N), 5)
		over := ""
		if q.Over > 0 && q.Name != "overdue" {
			over = "   " + e.label(wQueueOver, q.Over)
		}
		rows = append(rows, p.mark(e, i, text+over))
		i++
	}
	if n := len(p.queues) - len(p.shown()); n > 0 {
		rows = append(rows, "  "+e.th.Muted.Render(e.label(wQueueMore, n)))
	}
	if p.unread+p.asked > 0 {
		var parts []string
		if p.unread > 0 {
			parts = append(parts, e.word(wLettersUnread, p.unread))
		}
		if p.asked > 0 {
			parts = append(parts, e.word(wLettersUnanswered, p.asked))
		}
		rows = append(rows, p.mark(e, i, cell.Pad(strings.Join(parts, "  "), w-2)))
	}
	if s := e.state; s.City != "" {
		st := e.th.Text
		if s.Waiting > 0 {
			st = e.th.Warn
		}
		rows = append(rows, "  "+st.Render(e.word(wUnsent)+"  "+itoa(s.Waiting)),
			"  "+e.th.Muted.Render(e.word(wConfirmed, s.Confirmed, e.when(s.LastSync))))
	}
	if len(rows) == 0 {
		rows = append(rows, "  "+e.th.Muted.Render(e.word(wNothingWaits)))
	}
	if p.missing != (station.Text{}) {
		for _, r := range cell.Wrap(e.show(e.text(p.missing)), w-2) {
			rows = append(rows, "  "+e.th.Warn.Render(r))
		}
	}
	return rows
}

func (p *homePage) recent(e *env, w int) []string {
	drafts := len(p.lines()) - len(p.day.Recent)
	var rows []string
	for i, f := range p.day.Recent {
		title := ""
		if len(f.Matters) > 0 {
			title = f.Matters[0].Title
		}
		at := e.when(f.Visit.At)
		tag := ""
		switch {
		case f.Visit.Void != "":
			tag = e.word(wVoid) + " "
		case f.Visit.Late():
			tag = e.word(wLate) + " "
		}
		num := string(f.Visit.Number) + " "
		room := w - 2 - cell.Width(num) - cell.Width(at) - 1
		row := num + cell.Pad(cell.Clip(tag+e.show(title), room, e.th.Glyphs.More), room) + " " + at
		rows = append(rows, p.mark(e, drafts+i, row))
	}
	return rows
}

// mark draws a line that Enter can open.
func (p *homePage) mark(e *env, i int, row string) string {
	if i == p.at {
		return e.th.Selected.Render(e.th.Glyphs.Pointer + " " + row)
	}
	return "  " + e.th.Text.Render(row)
}

// menu is the digits, on as many rows as they need.
func (p *homePage) menu(e *env) []string {
	return menuOf(e, inHome)
}
