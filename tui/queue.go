package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
)

// queueShown is how many matters of a queue are listed: a day's work and more.
const queueShown = 200

// queuePage lists what waits, by kind. The keys for the next step act on the
// marked matter, so that most of the work is done from here.
type queuePage struct {
	name   string // of the queue; "" before the first reading: the first one that holds something
	counts []station.QueueCount
	lives  []station.Life
	list   list
	read   bool
	again  bool // another queue was asked for while one was read
	asking bool

	m       matterRead // the marked matter
	reading bool
	stale   bool
	reveal  ledger.ID // whose phone is shown
}

func newQueue(name string) *queuePage { return &queuePage{name: name} }

func (p *queuePage) title(e *env) string { return e.word(wQueues) }
func (p *queuePage) scope() scope        { return inQueue }

// waiting: the marks can be moved at any time; what acts on a matter waits
// until it is read.
func (p *queuePage) waiting(key string) bool {
	if !p.read || p.asking {
		return true
	}
	b, ok := lookup(inQueue, key)
	return ok && b.scope == inQueue && p.reading
}

// queueRead is what a reading brings.
type queueRead struct {
	name   string
	counts []station.QueueCount
	lives  []station.Life
}

func (p *queuePage) load(e *env) tea.Cmd {
	p.stale = true
	if p.asking {
		p.again = true
		return nil
	}
	p.asking, p.again = true, false
	desk, who, name := e.desk, e.who, p.name
	return work(func() (queueRead, error) {
		if err := desk.Warm(); err != nil {
			return queueRead{}, err
		}
		n := queueRead{name: name, counts: desk.Queues(who)}
		if name == "" && len(n.counts) > 0 {
			i := max(0, slices.IndexFunc(n.counts, func(q station.QueueCount) bool { return q.N > 0 }))
			n.name = n.counts[i].Name
		}
		var err error
		if n.name != "" {
			n.lives, err = desk.Queue(who, n.name, queueShown)
		}
		return n, err
	}, func(n queueRead, err error) tea.Cmd {
		p.asking = false
		if p.again {
			return p.load(e)
		}
		p.put(n)
		if err != nil {
			return e.fail(err)
		}
		return p.look(e)
	})
}

// put shows what was read; the mark stays on its matter, or where that was.
func (p *queuePage) put(n queueRead) {
	was := p.marked()
	p.read, p.name, p.counts, p.lives = true, n.name, n.counts, n.lives
	p.list.size(len(p.lives))
	if was == nil {
		return
	}
	if i := slices.IndexFunc(p.lives, func(l station.Life) bool { return l.MatterID == was.MatterID }); i >= 0 {
		p.list.mark(i)
	}
}

func (p *queuePage) marked() *station.Life {
	if p.list.at >= len(p.lives) {
		return nil
	}
	return &p.lives[p.list.at]
}

// look reads the marked matter: its steps for the side of a wide screen, and
// what can be done about it for the keys.
func (p *queuePage) look(e *env) tea.Cmd {
	l := p.marked()
	if l == nil {
		p.m = matterRead{}
		return nil
	}
	if p.reading || p.m.life.MatterID == l.MatterID && !p.stale {
		return nil
	}
	p.reading, p.stale = true, false
	desk, who, id := e.desk, e.who, l.MatterID
	return work(func() (matterRead, error) { return readMatter(desk, who, id) }, func(m matterRead, err error) tea.Cmd {
		p.reading = false
		if err != nil {
			m = matterRead{life: station.Life{MatterID: id}, gone: e.explain(err)}
		}
		p.m = m
		return p.look(e) // the mark may have moved on
	})
}

func (p *queuePage) named(e *env, b binding) (string, bool) {
	if p.marked() == nil {
		return e.text(b.text), b.id == actBack
	}
	return p.m.named(e, b)
}

func (p *queuePage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch s := k.String(); s {
	case "left", "right", "tab", "shift+tab":
		return true, p.flip(e, map[string]int{"left": -1, "shift+tab": -1, "right": 1, "tab": 1}[s])
	default:
		if p.list.key(s) {
			return true, p.look(e)
		}
	}
	return false, nil
}

// flip goes to the queue beside.
func (p *queuePage) flip(e *env, by int) tea.Cmd {
	n := len(p.counts)
	if n == 0 {
		return nil
	}
	i := slices.IndexFunc(p.counts, func(q station.QueueCount) bool { return q.Name == p.name })
	p.name = p.counts[((i+by)%n+n)%n].Name
	p.lives = nil
	p.list = list{}
	return p.load(e)
}

func (p *queuePage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *queuePage) click(e *env, x, y int) tea.Cmd {
	if w, _ := split(e); x >= w {
		return nil
	}
	hit, again := p.list.click(y - queueTop)
	switch {
	case again:
		return p.act(e, actOpen)
	case hit:
		return p.look(e)
	}
	return nil
}

func (p *queuePage) act(e *env, id action) tea.Cmd {
	l := p.marked()
	if l == nil {
		return nil
	}
	switch id {
	case actOpen:
		return e.atOnce(openMsg{newMatter(l.MatterID)})
	case actStep, actStep2, actStepMore:
		return p.m.step(e, id)
	case actReveal:
		if p.reveal == l.MatterID {
			p.reveal = ""
			return nil
		}
		return p.m.reveal(e, func() { p.reveal = l.MatterID })
	}
	return nil
}

// queueTop is the row of the page at which the list begins.
const queueTop = 2

// queueFoot is how many rows the marked matter has under the list of a narrow
// screen.
const queueFoot = 6

func (p *queuePage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	w, side := split(e)
	rows := []string{p.tabs(e, w), ""}
	c := p.columns(e, w)
	rows[1] = " " + e.th.Head.Render("  "+c.line(e, e.label(wNumber), e.label(wDueHead), e.label(wLamp), e.label(c.who), e.label(wMatter), e.label(c.what)))
	if len(p.lives) == 0 {
		rows = append(rows, "", "  "+e.th.Muted.Render(e.label(wQueueEmpty)))
	}
	room := e.h - len(rows)
	if side == 0 {
		room -= queueFoot
	}
	from, to := p.list.window(room)
	for i := from; i < min(to, len(p.lives)); i++ {
		rows = append(rows, " "+e.marked(i == p.list.at, c.row(e, p.lives[i])))
	}
	if n := p.count(); n > len(p.lives) && len(p.lives) > 0 && to == len(p.lives) && len(rows) < e.h {
		rows = append(rows, "   "+e.th.Muted.Render(e.label(wQueueFull, len(p.lives), n)))
	}
	var about []string
	if l := p.marked(); l != nil && p.m.life.MatterID == l.MatterID {
		about = p.m.rows(e, cmp.Or(side, e.w-2), p.reveal == l.MatterID)
	}
	if side > 0 {
		return beside(e, rows, about, w), nil
	}
	return e.under(rows, p.brief(e, about), queueFoot), nil
}

// brief is what a narrow screen shows of the marked matter: where it stands,
// whose it is and what was said last.
func (p *queuePage) brief(e *env, about []string) []string {
	l := p.marked()
	if l == nil || len(about) == 0 || p.m.gone != "" {
		return about
	}
	s := &sheet{env: e, w: e.w - 2}
	s.rows = append(s.rows, e.standing(p.m.life))
	name, phone := p.m.voter(e, p.reveal == l.MatterID)
	s.pairs(pair{e.label(wVoter), name}, pair{e.label(wPhone), phone}, pair{e.label(wUnit), e.show(e.desk.UnitName(l.Unit))})
	text := l.Answer
	if text == "" {
		text = l.Content
	}
	s.value(e.label(wStepText), e.th.Glyphs.Show(cell.Clean(text, true)), e.th.Text)
	return s.rows[:min(len(s.rows), queueFoot-1)]
}

// count is how many the queue holds.
func (p *queuePage) count() int {
	for _, q := range p.counts {
		if q.Name == p.name {
			return q.N
		}
	}
	return 0
}

// tabs names the queues with what they hold; the one that is shown stands out
// and is always in sight.
func (p *queuePage) tabs(e *env, w int) string {
	var all []string
	at := 0
	for i, q := range p.counts {
		text := e.show(e.text(q.Text)) + " " + itoa(q.N)
		switch {
		case q.Name == p.name:
			at, text = i, e.th.Selected.Render(" "+text+" ")
		case q.N == 0:
			text = e.th.Muted.Render(text)
		default:
			text = e.th.Text.Render(text)
		}
		all = append(all, text)
	}
	from, to := at, at+1
	used := 0
	if at < len(all) {
		used = cell.Width(all[at])
	}
	for grown := true; grown; {
		grown = false
		if to < len(all) && used+2+cell.Width(all[to]) <= w-6 {
			used, to, grown = used+2+cell.Width(all[to]), to+1, true
		}
		if from > 0 && used+2+cell.Width(all[from-1]) <= w-6 {
			used, from, grown = used+2+cell.Width(all[from-1]), from-1, true
		}
	}
	row := " "
	if from > 0 {
		row += e.th.Glyphs.More + " "
	}
	row += strings.Join(all[from:min(to, len(all))], "  ")
	if to < len(all) {
		row += " " + e.th.Glyphs.More
	}
	return row
}

// queueColumns are the columns of a queue.
type queueColumns struct {
	number, due, lamp, caller, title, unit int
	who, what                              word
	phone                                  bool
}

// columns shares so many cells out. Where the voter is to be called the name
// and the phone stand in the row, otherwise the place and the unit.
func (p *queuePage) columns(e *env, w int) queueColumns {
	c := queueColumns{number: 17, due: 6, lamp: 5, caller: 8, unit: 13, who: wVillage, what: wUnit}
	if e.en {
		c.lamp, c.due = 9, 6
	}
	if p.name == "feedback" || p.name == "rate" {
		c.who, c.what, c.phone = wVoter, wPhone, true
	}
	c.title = max(6, w-3-c.number-c.due-c.lamp-c.caller-c.unit-6)
	return c
}

func (c queueColumns) line(e *env, number, due, lamp, who, title, unit string) string {
	var b strings.Builder
	for _, x := range [...]struct {
		s string
		w int
	}{{number, c.number}, {due, c.due}, {lamp, c.lamp}, {who, c.caller}, {title, c.title}, {unit, c.unit}} {
		b.WriteString(cell.Pad(cell.Clip(x.s, x.w, e.th.Glyphs.More), x.w) + " ")
	}
	return strings.TrimRight(b.String(), " ")
}

func (c queueColumns) row(e *env, l station.Life) string {
	due := ""
	if day := l.Due; !day.IsZero() {
		due = day.String()[5:]
		if day.Year != e.desk.Today().Year {
			due = day.String()[:4]
		}
	}
	who, unit := e.villageName(l.Village), e.show(e.desk.UnitName(l.Unit))
	if c.phone {
		who, unit = e.show(l.Caller), l.Phone
		if l.NoContact {
			unit = e.label(wNoPhone)
		}
	}
	if l.Unit == "" && !c.phone {
		unit = e.term(station.Dispositions, l.Disposition)
	}
	if !l.Promise.IsZero() && l.Clock.Timer == station.TimerNone {
		due = l.Promise.String()[5:]
	}
	return c.line(e, l.Number, due, e.show(e.text(l.Clock.Lamp(e.desk.Today()).Text())), who, e.show(l.Title), unit)
}
