package tui

import (
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
)

// cityHomePage is where a session at the city begins: the work queues of who
// sits there, letters that are still unanswered, and the stations that need
// looking at.
type cityHomePage struct {
	day     station.Day
	queues  []station.QueueCount
	sgs     []suggestWaits
	letters []station.Posted // not yet read or answered everywhere
	silent  []int            // stations that each waits for
	states  []StationState   // those that need looking at first
	heard   int              // stations heard of today
	read    bool
	at      int
}

// suggestWaits is how many suggestions wait for the same thing.
type suggestWaits struct {
	text    station.Text
	n, over int
	show    int // of the suggestions page
}

// readSuggestWaits counts suggestions by what the office does next, and what
// the five supervisions lack.
func readSuggestWaits(desk *station.Desk, who station.Who) ([]suggestWaits, error) {
	all, err := desk.Suggestions(who)
	if err != nil {
		return nil, err
	}
	gaps, err := desk.SuperviseGaps(who, desk.Today())
	if err != nil {
		return nil, err
	}
	waits := []suggestWaits{{text: station.Text{ZH: "建议待交办", EN: "Suggestions to assign"}}, {text: station.Text{ZH: "建议在办", EN: "Suggestions in hand"}},
		{text: station.Text{ZH: "建议待评价", EN: "Suggestions to appraise"}}, {text: station.Text{ZH: "建议待会商", EN: "Suggestions to a meeting"}}, {text: station.Text{ZH: "五个督办还缺", EN: "Supervision lacks"}, n: len(gaps), show: showGaps}}
	for _, s := range all {
		i := map[station.SuggestionState]int{station.SgOpen: 1, station.SgAssigned: 2, station.SgReplied: 3, station.SgMeeting: 4}[s.State()] - 1
		if i < 0 {
			continue
		}
		waits[i].n++
		if desk.SuggestionClock(s).Lamp(desk.Today()) == station.LampOver {
			waits[i].over++
		}
	}
	if len(all) == 0 { // nothing to supervise yet
		return nil, nil
	}
	return slices.DeleteFunc(waits, func(w suggestWaits) bool { return w.n == 0 }), nil
}

func newCityHome() *cityHomePage { return &cityHomePage{} }

// homeOf is the first page of a session.
func (e *env) homeOf() page {
	if e.desk.AtCity() {
		return newCityHome()
	}
	return newHome()
}

func (p *cityHomePage) title(e *env) string { return e.word(wHome) }
func (p *cityHomePage) scope() scope        { return inCity }

func (p *cityHomePage) load(e *env) tea.Cmd {
	desk, who, roll, today := e.desk, e.who, e.roll, e.desk.Today()
	return work(func() (cityHomePage, error) {
		var n cityHomePage
		var errs []error
		keep := func(err error) {
			if station.Say(err).Code != station.ErrForbidden { // what one may not see is left out
				errs = append(errs, err)
			}
		}
		if who.May(station.RightSeeAll) {
			var err error
			n.day, err = desk.Day(who, 0)
			keep(err)
			for _, q := range desk.Queues(who) {
				if q.N > 0 {
					n.queues = append(n.queues, q)
				}
			}
		}
		if who.May(station.RightSeeAll) {
			var err error
			n.sgs, err = readSuggestWaits(desk, who)
			keep(err)
		}
		for _, k := range [...]ledger.Kind{station.KindConsult, station.KindNotice} {
			ls, err := desk.Letters(who, k)
			if err != nil {
				keep(err)
				continue
			}
			for _, l := range ls {
				if s := len(l.Silent(desk.Stations())); s > 0 && (k == station.KindConsult || l.Read) {
					n.letters, n.silent = append(n.letters, l), append(n.silent, s)
				}
			}
		}
		if roll != nil && who.May(station.RightStatus) {
			all, err := roll.Stations()
			keep(err)
			n.states = byNeed(all)
			for _, s := range all {
				if !s.Seen.IsZero() && s.Seen.In(station.Beijing).Format(time.DateOnly) == today.String() {
					n.heard++
				}
			}
		}
		return n, errors.Join(errs...)
	}, func(n cityHomePage, err error) tea.Cmd {
		at := p.at
		*p = n
		p.read = true
		p.at = min(at, max(0, len(p.lines())-1))
		if err != nil {
			return e.fail(err)
		}
		return warm(e)
	})
}

// lines are what Enter can open: queues, letters, then stations.
func (p *cityHomePage) lines() []func() page {
	var out []func() page
	for _, q := range p.queues {
		out = append(out, func() page { return newQueue(q.Name) })
	}
	for _, w := range p.sgs {
		out = append(out, func() page { return &suggestionsPage{show: w.show} })
	}
	for _, l := range p.letters {
		out = append(out, func() page { return newLetter(l) })
	}
	for _, s := range p.states {
		out = append(out, func() page { return newStationsAt(s.Code) })
	}
	return out
}

func (p *cityHomePage) waiting(key string) bool { return !p.read && (key == "" || key == "enter") }

func (p *cityHomePage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	n := len(p.lines())
	left := p.left()
	switch k.String() {
	case "up":
		p.at = max(0, p.at-1)
	case "down":
		p.at = min(max(0, n-1), p.at+1)
	case "right":
		if p.at < left && left < n {
			p.at = left
		}
	case "left":
		if p.at >= left {
			p.at = 0
		}
	default:
		return false, nil
	}
	return true, nil
}

func (p *cityHomePage) act(e *env, id action) tea.Cmd {
	if id == actOpen && p.at < len(p.lines()) {
		return e.atOnce(openMsg{p.lines()[p.at]()})
	}
	return nil
}

// cityTop is the row of the first line under the headings.
const cityTop = 5

func (p *cityHomePage) click(e *env, x, y int) tea.Cmd {
	i := y - cityTop
	left := p.left()
	switch {
	case i < 0:
		return nil
	case x >= p.leftWidth(e):
		i += left
	case i >= left:
		return nil
	}
	if i < len(p.lines()) {
		p.at = i
		return p.act(e, actOpen)
	}
	return nil
}

func (p *cityHomePage) leftWidth(e *env) int { return max(36, min(56, e.w*9/20)) }

func (p *cityHomePage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.word(wLoading)}, nil
	}
	th := e.th
	label := func(w word) string { return " " + th.Muted.Render(cell.Pad(e.word(w), 10)) }
	rows := []string{""}
	if e.who.May(station.RightSeeAll) {
		rows[0] = label(wToday) + th.Text.Render(e.word(wDayCounts, p.day.Visits, p.day.Persons, p.day.Matters)) + "     " +
			th.Muted.Render(e.word(wDayMatters, p.day.OnSpot, p.day.Handed))
	}
	rows = append(rows, label(wStations)+th.Text.Render(e.word(wStationsHeard, len(p.states), p.heard)), "")
	left := p.leftWidth(e)
	rows = append(rows, " "+th.Head.Render(cell.Pad(e.word(wWaits), left))+th.Head.Render(e.word(wStationsSilent)), "")
	waits, states := p.waits(e, left-2), p.stations(e, e.w-left-2)
	menu := menuOf(e, inCity)
	room := e.h - len(rows) - len(menu) - 1
	for i := range max(0, min(room, max(len(waits), len(states)))) {
		l, r := cell.Blank(left), ""
		if i < len(waits) {
			l = cell.Pad(waits[i], left)
		}
		if i < len(states) {
			r = states[i]
		}
		rows = append(rows, " "+l+r)
	}
	for len(rows) < e.h-len(menu) {
		rows = append(rows, "")
	}
	return append(rows, menu...), nil
}

// left is how many lines stand on the left.
func (p *cityHomePage) left() int { return len(p.queues) + len(p.sgs) + len(p.letters) }

// waits are the queues, the suggestions and the letters.
func (p *cityHomePage) waits(e *env, w int) []string {
	var rows []string
	line := func(text station.Text, n, over int) {
		late := ""
		if over > 0 {
			late = "  " + e.word(wOverOf, over)
		}
		name := 18
		if e.en {
			name = 25
		}
		rows = append(rows, p.mark(e, len(rows), cell.Pad(cell.Pad(e.show(e.text(text)), name)+cell.PadLeft(itoa(n), 4)+late, w-2)))
	}
	for _, q := range p.queues {
		line(q.Text, q.N, q.Over)
	}
	for _, x := range p.sgs {
		line(x.text, x.n, x.over)
	}
	for i, l := range p.letters {
		count := e.word(wSilentOf, p.silent[i])
		room := w - 3 - cell.Width(count)
		rows = append(rows, p.mark(e, len(rows), cell.Pad(cell.Clip(e.text(station.KindLabel(l.Kind))+" "+e.show(l.Title), room, e.th.Glyphs.More), room)+" "+count))
	}
	if len(rows) == 0 {
		rows = append(rows, "  "+e.th.Muted.Render(e.word(wNothingWaits)))
	}
	return rows
}

func (p *cityHomePage) stations(e *env, w int) []string {
	var rows []string
	at := p.left()
	for i, s := range p.states {
		when := e.lastSeen(s)
		note := cell.Clip(e.attention(s, e.now), max(0, w-4-cell.Width(when)-stationName), e.th.Glyphs.More)
		room := w - 4 - cell.Width(when) - cell.Width(note)
		rows = append(rows, p.mark(e, at+i, cell.Pad(cell.Clip(s.Code+" "+e.show(s.Name), room, e.th.Glyphs.More), room)+" "+when+" "+note))
	}
	if len(rows) == 0 {
		rows = append(rows, "  "+e.th.Muted.Render(e.word(wNoStations)))
	}
	return rows
}

func (p *cityHomePage) mark(e *env, i int, row string) string {
	if i == p.at {
		return e.th.Selected.Render(e.th.Glyphs.Pointer + " " + row)
	}
	return "  " + e.th.Text.Render(row)
}

// menuOf is the digits of a first page, on as many rows as they need.
func menuOf(e *env, s scope) []string {
	row, rows := " ", []string{""}
	for _, b := range bindings {
		if b.scope != s || len(b.keys[0]) != 1 || b.right != "" && !e.who.May(b.right) {
			continue
		}
		it := e.th.Key.Render(b.keys[0]) + " " + e.th.Action.Render(e.text(b.text)) + "  "
		if cell.Width(row)+cell.Width(it) > e.w {
			rows, row = append(rows, row), " "
		}
		row += it
	}
	return append(rows, row)
}

// stationName is the cells that a station's name keeps, whatever else is to be
// said of it.
const stationName = 12

// quietDays is after how many days without a word a station counts as silent.
const quietDays = 3

// lastSeen says when a station was last heard of.
func (e *env) lastSeen(s StationState) string {
	if s.Seen.IsZero() {
		return e.label(wNeverHeard)
	}
	return e.when(s.Seen)
}

// attention is what people should look at, in few words; "" where nothing is.
func (e *env) attention(s StationState, now time.Time) string {
	var all []string
	add := func(on bool, w word, args ...any) {
		if on {
			all = append(all, e.label(w, args...))
		}
	}
	add(!s.Revoked.IsZero(), wKeyRevoked)
	add(len(s.Forks) > 0, wForked)
	add(!s.Seen.IsZero() && now.Sub(s.Seen) > quietDays*24*time.Hour, wSilentDays, int(now.Sub(s.Seen).Hours()/24))
	add(s.Skew.Abs() > 2*time.Minute, wClockOff)
	add(s.Strange > 0, wNewer)
	add(s.Doubts > 0, wDoubtful, s.Doubts)
	add(s.Strange == 0 && s.Other, wOtherVersion)
	add(s.Since.IsZero(), wNotJoined)
	return strings.Join(all, " ")
}

// byNeed orders stations by who needs looking at: forked or revoked first,
// then those not heard of for the longest time.
func byNeed(all []StationState) []StationState {
	out := slices.Clone(all)
	bad := func(s StationState) int {
		if len(s.Forks) > 0 || !s.Revoked.IsZero() {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b StationState) int {
		if d := bad(a) - bad(b); d != 0 {
			return d
		}
		return a.Seen.Compare(b.Seen)
	})
	return out
}
