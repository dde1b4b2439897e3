package tui

import (
	"net"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// Guests is who is connected to this process, for those who look after its
// doors.
type Guests interface {
	Guests() []Guest
	// End asks a session to end; its terminal is restored and its person told
	// why. The error is a problem in words.
	End(who station.Who, id string) error
}

// A Guest is one live session.
type Guest struct {
	ID      string
	Who     station.Who // as signed in there; zero: nobody yet. Door and Remote say from where
	Command bool        // a command, not a screen
	Since   time.Time
	Last    time.Time    // key, click or paste; zero: none yet
	Doing   station.Text // the page, or the command's word
}

// A Seat is told what goes on at one session. It must not wait.
type Seat interface {
	Shows(who station.Who, page station.Text)
	Touched()
}

// endedMsg signs a session out that has no end of its own: the station's.
type endedMsg struct{ why station.Text }

// heed waits for the word that ends the session.
func (m *Model) heed() tea.Cmd {
	c, over := m.caller.Ended, m.over
	if c == nil {
		return nil
	}
	return func() tea.Msg {
		select {
		case why, ok := <-c:
			if ok {
				return endedMsg{why}
			}
		case <-over:
		}
		return nil
	}
}

// signOut keeps what was typed and goes back to the sign-in.
func (m *Model) signOut(why station.Text) tea.Cmd {
	keep := m.leaveAll()
	m.dialogs, m.locked, m.locking = nil, nil, false
	return tea.Sequence(keep, func() tea.Msg {
		return landed{func() tea.Cmd {
			m.who, m.own, m.pages = station.Who{}, ownLook{}, nil
			m.who.Door, m.who.Remote = m.door().Door, m.remote
			m.restyle()
			return tea.Batch(m.push(newSignIn()), warn(m.text(why)), m.heed())
		}}
	})
}

// tellSeat says what is on the screen now, when that is something else.
func (m *Model) tellSeat() {
	if m.caller.Seat == nil {
		return
	}
	top := m.top()
	if top == m.told.page && m.who == m.told.who {
		return
	}
	m.told.page, m.told.who = top, m.who
	zh, en := m.env, m.env
	zh.en, en.en = false, true
	m.caller.Seat.Shows(m.who, station.Text{ZH: top.title(&zh), EN: top.title(&en)})
}

// guestsPage lists who is connected, the one that came last first.
type guestsPage struct {
	guests []Guest
	list   list
	read   bool
}

func newGuests() *guestsPage { return &guestsPage{} }

func (p *guestsPage) title(e *env) string { return e.word(wGuests) }
func (p *guestsPage) scope() scope        { return inGuests }

func (p *guestsPage) load(e *env) tea.Cmd {
	if e.guests == nil {
		p.read = true
		return nil
	}
	guests := e.guests
	return work(func() ([]Guest, error) { return guests.Guests(), nil }, func(gs []Guest, _ error) tea.Cmd {
		was, ok := p.marked()
		p.guests, p.read = gs, true
		p.list.size(len(gs))
		for i, g := range gs {
			if ok && g.ID == was.ID {
				p.list.mark(i)
			}
		}
		return nil
	})
}

// waiting: for the first reading.
func (p *guestsPage) waiting(string) bool { return !p.read }

// everyMinute has the page read again when the clock moves on.
func (p *guestsPage) everyMinute(e *env) tea.Cmd { return p.load(e) }

func (p *guestsPage) marked() (Guest, bool) {
	if p.list.at >= len(p.guests) {
		return Guest{}, false
	}
	return p.guests[p.list.at], true
}

func (p *guestsPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *guestsPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *guestsPage) click(_ *env, _, y int) tea.Cmd {
	p.list.click(y - 1)
	return nil
}

func (p *guestsPage) act(e *env, id action) tea.Cmd {
	if id == actRefresh {
		return p.load(e)
	}
	g, ok := p.marked()
	if id != actEndGuest || !ok {
		return nil
	}
	if g.ID == e.seat {
		return warn(e.word(wEndOwn))
	}
	guests, who, name := e.guests, e.who, e.guestName(g)
	return e.atOnce(dialogMsg{&confirm{text: e.word(wEndSure, name, from(g)), yes: work(func() (bool, error) { return true, guests.End(who, g.ID) },
		func(_ bool, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return tea.Batch(p.load(e), say(e.word(wEnded, name)))
		})}})
}

// guestName is whom a person knows the session by.
func (e *env) guestName(g Guest) string {
	if g.Who.Account == "" {
		return e.word(wNobodyYet)
	}
	return g.Who.Name
}

// from is where a session comes from, in as few letters as say it: an address
// without its port, or the door.
func from(g Guest) string {
	if host, _, err := net.SplitHostPort(g.Who.Remote); err == nil {
		return host
	}
	if g.Who.Remote != "" {
		return g.Who.Remote
	}
	return g.Who.Door
}

func (p *guestsPage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	more := e.th.Glyphs.More
	col := func(s string, w int) string { return cell.Pad(cell.Clip(e.show(s), w-1, more), w) }
	origin := 16
	if e.w >= besideWidth {
		origin = 40
	}
	room := e.w - 12 - 11 - origin - 12 - 12 - 3
	rows := []string{"   " + e.th.Head.Render(col(e.word(wName), 12)+col(e.word(wRole), 11)+col(e.word(wOrigin), origin)+
		col(e.word(wSinceWhen), 12)+col(e.word(wLastKey), 12)+e.label(wDoing))}
	first, to := p.list.window(e.h - 1)
	for i := first; i < to; i++ {
		g := p.guests[i]
		name := e.guestName(g)
		if g.ID == e.seat {
			name += " " + e.word(wYou)
		}
		role := ""
		if g.Who.Account != "" {
			role = e.text(g.Who.RoleText())
		}
		doing := e.text(g.Doing)
		if g.Command {
			doing = e.word(wCommandOf, doing)
		}
		rows = append(rows, " "+e.marked(i == p.list.at, col(name, 12)+col(role, 11)+col(p.origin(e, g), origin)+
			col(e.minute(g.Since), 12)+col(e.minute(g.Last), 12)+cell.Pad(cell.Clip(e.show(doing), room, more), room)))
	}
	if len(p.guests) == 0 {
		rows = append(rows, "", "  "+e.th.Muted.Render(e.label(wNoGuests)))
	}
	return rows, nil
}

// minute is the clock, with the day before it where that is not today.
func (e *env) minute(t time.Time) string {
	if !t.IsZero() && typed.DateOf(t.In(station.Beijing)) == typed.DateOf(e.now.In(station.Beijing)).AddDays(-1) {
		return t.In(station.Beijing).Format("01-02 15:04")
	}
	return e.when(t)
}

// origin is the door's word and the address.
func (p *guestsPage) origin(e *env, g Guest) string {
	if g.Who.Door == "ssh" {
		return from(g)
	}
	return e.word(wThisMachine)
}
