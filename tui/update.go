package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
)

// take takes one message. Order: lock, dialogs, page, bindings of the page,
// bindings that act everywhere.
func (m *Model) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		return m.paste(msg.Content)
	case tea.MouseClickMsg:
		return m.click(msg)
	case tea.MouseWheelMsg:
		m.touch()
		if w, ok := m.top().(wheeler); ok && len(m.dialogs) == 0 {
			w.wheel(&m.env, msg.Button == tea.MouseWheelDown)
		}
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height-frameRows
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.restyle()
	case landed:
		return msg.apply()
	default:
		return m.news(msg)
	}
	return nil
}

// news takes what did not come from the keyboard.
func (m *Model) news(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openMsg:
		return m.push(msg.p)
	case closeMsg:
		return m.pop()
	case homeMsg:
		return m.home()
	case dialogMsg:
		m.dialogs = append(m.dialogs, msg.d)
	case noticeMsg:
		m.notice = msg.notice
	case signInMsg:
		return m.signIn(msg)
	case deskMsg:
		m.desk, m.now = msg.d, msg.d.Now()
		return tea.Batch(m.begin(), m.readSettings())
	case restyleMsg:
		m.restyle()
	case lockMsg:
		return m.lock()
	case changedMsg:
		return tea.Batch(m.listen(m.rest()), m.top().load(&m.env), m.readState(), m.readSettings())
	case stateMsg:
		m.state = msg.s
	case minuteMsg:
		m.now = m.clock()
		return tea.Batch(m.tick(), m.readState(), m.idle(), m.everyMinute())
	case runMsg:
		return m.carryOut(msg.b)
	case endedMsg:
		return m.signOut(msg.why)
	case quitMsg, Closing:
		return m.quit()
	default:
		return m.hand(msg)
	}
	return nil
}

// everyMinute tells the page that the clock moved on.
func (m *Model) everyMinute() tea.Cmd {
	if p, ok := m.top().(interface{ everyMinute(*env) tea.Cmd }); ok {
		return p.everyMinute(&m.env)
	}
	return nil
}

// hand gives a message to every page, also to those that lie under another:
// a draft falls due wherever the person has gone meanwhile.
func (m *Model) hand(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range m.pages {
		if p, ok := p.(msger); ok {
			cmds = append(cmds, p.msg(&m.env, msg))
		}
	}
	return tea.Batch(cmds...)
}

// home leaves all pages but the first.
func (m *Model) home() tea.Cmd {
	var cmds []tea.Cmd
	for len(m.pages) > 1 {
		cmds = append(cmds, m.pop())
	}
	return tea.Sequence(cmds...)
}

func (m *Model) signIn(msg signInMsg) tea.Cmd {
	who := msg.who
	who.Door, who.Remote = m.door().Door, m.door().Remote
	if msg.pin != "" { // two people know it
		m.locked, m.who, m.pages = nil, station.Who{}, nil
		return m.push(&firstPINPage{who: who, old: msg.pin})
	}
	if m.locked != nil && who.Account == m.who.Account {
		m.locked = nil
		return m.top().load(&m.env)
	}
	m.locked = nil
	m.who, m.own = who, ownLook{}
	m.restyle()
	m.pages = nil
	return tea.Batch(m.push(m.homeOf()), m.greet())
}

// touch notes that a person is there.
func (m *Model) touch() {
	m.last = time.Now()
	m.notice = notice{}
	if m.cfg.Typed != nil {
		m.cfg.Typed()
	}
	if m.caller.Seat != nil {
		m.caller.Seat.Touched()
	}
}

func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	m.touch()
	if n := len(m.dialogs); n > 0 && m.locked == nil {
		done, cmd := m.dialogs[n-1].key(&m.env, k)
		if done {
			m.dialogs = m.dialogs[:n-1]
		}
		return cmd
	}
	p := m.top()
	if ok, cmd := p.key(&m.env, k); ok {
		return cmd
	}
	if b, ok := lookup(p.scope(), k.String()); ok {
		return m.carryOut(b)
	}
	return nil
}

// carryOut runs a binding: the root's own, or the page's.
func (m *Model) carryOut(b binding) tea.Cmd {
	p := m.top()
	if b.right != "" && !m.who.May(b.right) {
		return m.fail(m.who.Need(b.right))
	}
	if b.id == actQuit {
		return m.quit()
	}
	if b.scope == everywhere && (m.locked != nil || m.who.Account == "") {
		return nil
	}
	switch b.id {
	case actHelp:
		return m.push(newHelp(p))
	case actPalette:
		return m.atOnce(dialogMsg{newPalette(&m.env, m.palette(p))})
	case actNew:
		if _, ok := p.(*receptionPage); ok {
			return nil
		}
		return m.push(newReception())
	case actFind:
		if r, ok := p.(*registerPage); ok {
			return r.act(&m.env, actFind)
		}
	case actSync:
		if s, ok := p.(*syncPage); ok {
			return s.begin(&m.env)
		}
		return m.push(newSync(true))
	case actLock:
		return m.lock()
	case actBack:
		return m.pop()
	}
	if make, ok := pages[b.id]; ok {
		return m.push(make())
	}
	return p.act(&m.env, b.id)
}

// namer is a page on which some keys do what the moment asks for: it names
// what they do, or says that they do nothing now.
type namer interface {
	named(e *env, b binding) (text string, ok bool)
}

// named is what a binding does on a page.
func (m *Model) named(p page, b binding) (string, bool) {
	if n, ok := p.(namer); ok && b.scope == p.scope() {
		return n.named(&m.env, b)
	}
	return m.text(b.text), true
}

// pages are those that open by an action of their own.
var pages = map[action]func() page{
	actFind:        func() page { return newRegister() },
	actRegister:    func() page { return newRegister() },
	actSessions:    func() page { return newSessions() },
	actDeputies:    func() page { return newDeputies() },
	actTotals:      func() page { return newTotals() },
	actSyncPage:    func() page { return newSync(false) },
	actUsers:       func() page { return newUsers() },
	actSettings:    func() page { return newSettings() },
	actAudit:       func() page { return newAudit() },
	actGuests:      func() page { return newGuests() },
	actQueues:      func() page { return newQueue("") },
	actLookup:      func() page { return newLookup() },
	actStations:    func() page { return newStations() },
	actSuggestions: func() page { return newSuggestions() },
	actLetters:     func() page { return newLetters() },
	actLists:       func() page { return newLists() },
	actRules:       func() page { return newRules() },
}

// palette lists what can be done here and now.
func (m *Model) palette(p page) []binding {
	var out []binding
	for _, b := range bindings {
		if (b.scope == everywhere || b.scope == p.scope()) && (b.right == "" || m.who.May(b.right)) && b.id != actPalette && b.id != actNone {
			if text, ok := m.named(p, b); ok {
				b.text = station.Text{ZH: text, EN: text}
				out = append(out, b)
			}
		}
	}
	return out
}

func (m *Model) paste(text string) tea.Cmd {
	m.touch()
	if n := len(m.dialogs); n > 0 && m.locked == nil {
		if p, ok := m.dialogs[n-1].(paster); ok {
			return p.paste(&m.env, text)
		}
		return nil
	}
	if p, ok := m.top().(paster); ok {
		return p.paste(&m.env, text)
	}
	return nil
}

// click gives a mouse click to the page, to the foot's keys, or to a dialog.
func (m *Model) click(c tea.MouseClickMsg) tea.Cmd {
	m.touch()
	if c.Button != tea.MouseLeft || len(m.dialogs) > 0 {
		return nil
	}
	if c.Y == m.h+frameRows-1 {
		if b, ok := m.footAt(c.X); ok {
			return m.carryOut(b)
		}
		return nil
	}
	if p, ok := m.top().(clicker); ok {
		return p.click(&m.env, c.X, c.Y-headRows)
	}
	return nil
}

// lock covers the screen. What was typed is kept first. Who has no PIN signs
// in with a key, so the session ends instead.
func (m *Model) lock() tea.Cmd {
	if m.locked != nil || m.locking || m.desk == nil || m.who.Account == "" {
		return nil
	}
	m.locking = true
	keep := m.leaveAll()
	if m.ssh || m.who.Role == station.RoleOwner {
		desk, who := m.desk, m.who
		return tea.Sequence(keep, work(func() (bool, error) {
			u, err := desk.User(who.Account)
			return err == nil && u.PIN != "", nil
		}, func(pin bool, _ error) tea.Cmd {
			if !pin {
				return m.quit()
			}
			return m.cover()
		}))
	}
	return tea.Sequence(keep, func() tea.Msg { return landed{m.cover} })
}

func (m *Model) cover() tea.Cmd {
	m.locking = false
	m.dialogs = nil
	m.locked = newLock(m.who)
	return m.locked.load(&m.env)
}

// idle locks when nobody has touched the session for the set time.
func (m *Model) idle() tea.Cmd {
	if m.set.IdleLock > 0 && time.Since(m.last) >= time.Duration(m.set.IdleLock)*time.Minute {
		return m.lock()
	}
	return nil
}
