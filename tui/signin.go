package tui

import (
	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// signInPage asks who sits down and for the PIN.
type signInPage struct {
	users []station.User
	read  bool
	at    int
	f     *form.Form
	busy  bool
}

func newSignIn() *signInPage { return &signInPage{f: pinForm()} }

func pinForm() *form.Form {
	return form.New("pin", form.Row{form.In(form.NewText(form.TextConfig{ID: "pin", Label: "PIN", Secret: true, Limit: 12, Fold: cell.Fold}), 30)})
}

func (p *signInPage) title(e *env) string { return e.word(wSignIn) }
func (p *signInPage) scope() scope        { return inSignIn }

func (p *signInPage) load(e *env) tea.Cmd {
	desk := e.desk
	return work(func() ([]station.User, error) {
		all, err := desk.Users()
		var out []station.User
		for _, u := range all {
			if u.PIN != "" {
				out = append(out, u)
			}
		}
		return out, err
	}, func(us []station.User, err error) tea.Cmd {
		p.users, p.read = us, true
		p.at = min(p.at, max(0, len(us)-1))
		if err != nil {
			return e.fail(err)
		}
		if len(us) == 0 && !e.ssh && e.who.Account == "" {
			// Nobody can sign in yet: before the station's own screen sits
			// whoever owns it, as for commands.
			return tea.Sequence(send(signInMsg{who: e.desk.Owner()}), say(e.word(wNoUsers)))
		}
		return nil
	})
}

func (p *signInPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.busy {
		return true, nil
	}
	switch k.String() {
	case "up":
		p.at = max(0, p.at-1)
	case "down", "tab":
		p.at = min(max(0, len(p.users)-1), p.at+1)
	case "enter":
		if p.at < len(p.users) {
			return true, p.try(e, p.users[p.at].ID)
		}
	default:
		return p.f.Key(k), nil
	}
	return true, nil
}

// waiting: while a PIN is checked, and Enter for the names.
func (p *signInPage) waiting(key string) bool { return p.busy || !p.read && key == "enter" }

// try checks the PIN; hashing takes a moment and runs as work.
func (p *signInPage) try(e *env, id string) tea.Cmd {
	p.busy = true
	pin, desk, by := p.f.Value("pin"), e.desk, e.door()
	return work(func() (station.User, error) { return desk.CheckPIN(by, id, pin) }, func(u station.User, err error) tea.Cmd {
		p.busy = false
		p.f.Set("pin", "")
		if err != nil {
			e.held = nil // it was meant for what lies behind the lock
			return e.fail(err)
		}
		m := signInMsg{who: u.Who()}
		if u.First {
			m.pin = pin
		}
		return send(m)
	})
}

func (p *signInPage) paste(_ *env, text string) tea.Cmd { p.f.Paste(text); return nil }

func (p *signInPage) click(_ *env, _, y int) tea.Cmd {
	if i := y - 3; i >= 0 && i < len(p.users) {
		p.at = i
	}
	return nil
}

func (p *signInPage) act(*env, action) tea.Cmd { return nil }

func (p *signInPage) view(e *env) ([]string, *tea.Cursor) {
	rows := []string{"", "   " + e.th.Head.Render(e.word(wWhoAreYou)), ""}
	if p.read && len(p.users) == 0 {
		return append(rows, "   "+e.word(wNoUsers)), nil
	}
	room := e.h - 7
	from := max(0, min(p.at-room/2, len(p.users)-room))
	for i := from; i < len(p.users) && i < from+room; i++ {
		u := p.users[i]
		row := cell.Pad(e.show(u.Name), 16) + e.text(u.Who().RoleText())
		if i == p.at {
			rows = append(rows, "   "+e.th.Selected.Render(e.th.Glyphs.Pointer+" "+cell.Pad(row, 34)))
		} else {
			rows = append(rows, "     "+row)
		}
	}
	rows = append(rows, "")
	in, cur := p.f.Rows(40, 1, e.th)
	if cur != nil {
		cur.X, cur.Y = cur.X+3, cur.Y+len(rows)
	}
	return append(rows, "   "+in[0]), cur
}

// lockPage covers a session until its user's PIN is typed; another user may
// sign in over it, since a kiosk is shared.
type lockPage struct {
	who station.Who
	signInPage
	other bool
}

func newLock(who station.Who) *lockPage {
	return &lockPage{who: who, signInPage: signInPage{f: pinForm()}}
}

func (p *lockPage) title(e *env) string { return e.word(wLocked) }
func (p *lockPage) scope() scope        { return inLock }

func (p *lockPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.other {
		return p.signInPage.key(e, k)
	}
	if k.String() == "enter" && !p.busy {
		return true, p.try(e, p.who.Account)
	}
	return p.f.Key(k), nil
}

func (p *lockPage) act(e *env, id action) tea.Cmd {
	if id == actSwitchUser && !e.ssh {
		p.other = !p.other
	}
	return nil
}

func (p *lockPage) view(e *env) ([]string, *tea.Cursor) {
	if p.other {
		return p.signInPage.view(e)
	}
	rows := []string{"", "   " + e.th.Head.Render(e.word(wLocked)), "", "   " + e.word(wLockedHint, e.show(p.who.Name)), ""}
	in, cur := p.f.Rows(40, 1, e.th)
	if cur != nil {
		cur.X, cur.Y = cur.X+3, cur.Y+len(rows)
	}
	return append(rows, "   "+in[0]), cur
}
