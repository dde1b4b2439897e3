package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// usersPage lists the accounts of this machine.
type usersPage struct {
	users []station.User
	list  list
	read  bool
}

func newUsers() *usersPage { return &usersPage{} }

func (p *usersPage) title(e *env) string { return e.word(wUsers) }
func (p *usersPage) scope() scope        { return inUsers }

func (p *usersPage) load(e *env) tea.Cmd {
	desk := e.desk
	return work(desk.Users, func(us []station.User, err error) tea.Cmd {
		was, ok := p.marked()
		p.users, p.read = us, true
		p.list.size(len(us))
		for i, u := range us {
			if ok && u.ID == was.ID {
				p.list.mark(i)
			}
		}
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

// waiting: for the first reading.
func (p *usersPage) waiting(string) bool { return !p.read }

func (p *usersPage) marked() (station.User, bool) {
	if p.list.at >= len(p.users) {
		return station.User{}, false
	}
	return p.users[p.list.at], true
}

func (p *usersPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *usersPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *usersPage) click(_ *env, _, y int) tea.Cmd {
	p.list.click(y - 1)
	return nil
}

func (p *usersPage) act(e *env, id action) tea.Cmd {
	if id == actAdd {
		return e.atOnce(openMsg{&userPage{}})
	}
	u, ok := p.marked()
	if !ok {
		return nil
	}
	switch id {
	case actRemove:
		desk, who := e.desk, e.who
		return e.atOnce(dialogMsg{&confirm{text: e.word(wRemoveSure, u.Name), yes: work(func() (bool, error) { return true, desk.RemoveUser(who, u.ID) },
			func(_ bool, err error) tea.Cmd {
				if err != nil {
					return e.fail(err)
				}
				return say(e.word(wRemoved, u.Name))
			})}})
	case actUntil:
		return lastDay(e, u)
	case actResetPIN:
		if u.Role == station.RoleAdmin && u.ID != e.who.Account {
			return unlock(e, u)
		}
		return askPIN(e, u)
	}
	return nil
}

// askPIN asks for an account's new PIN; for one's own, for the present one
// too.
func askPIN(e *env, u station.User) tea.Cmd {
	own := u.ID == e.who.Account
	var f *form.Form
	first, again := newPIN(e, func() *form.Form { return f }, false)
	rows := []form.Row{{form.In(first, 0)}, {form.In(again, 0)}}
	if own {
		rows = append([]form.Row{{form.In(secret("old", e.word(wOldPIN), required(e)), 0)}}, rows...)
	}
	f = form.New("pin", rows...)
	f.SetWords(formWords(e))
	d := &formDialog{title: e.word(wPINOf, u.Name), rows: 6, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		desk, who, old, pin := e.desk, e.who, f.Value("old"), f.Value("pin")
		return true, work(func() (bool, error) { return true, desk.SetPIN(who, u.ID, old, pin) }, func(_ bool, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(wPINSet, u.Name))
		})
	}}
	return d.open(e)
}

func (p *usersPage) view(e *env) ([]string, *tea.Cursor) {
	if !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	rows := []string{"   " + e.th.Head.Render(cell.Pad(e.label(wName), 18)+cell.Pad(e.label(wRole), 18)+cell.Pad(e.label(wPIN), 8)+e.label(wKeys))}
	from, to := p.list.window(e.h - 1)
	for i := from; i < to; i++ {
		u := p.users[i]
		pin := e.label(wNone)
		if u.PIN != "" {
			pin = e.label(wIsSet)
		}
		role := e.text(u.Who().RoleText())
		if u.Deputy != "" {
			role += " " + u.Deputy
		}
		name := u.Name
		if u.ID == e.who.Account {
			name += " " + e.word(wYou)
		}
		var keys []string
		for _, k := range u.Keys {
			keys = append(keys, strings.TrimSpace(k.Comment+" "+k.Fingerprint))
		}
		text := strings.Join(keys, "  ")
		if text == "" {
			text = e.word(wNone)
		}
		if !u.Expires.IsZero() {
			text = e.word(wUntilDay, u.Expires.String()) + "  " + text
		}
		room := e.w - 49
		rows = append(rows, " "+e.marked(i == p.list.at, cell.Pad(cell.Clip(e.show(name), 17, e.th.Glyphs.More), 18)+cell.Pad(cell.Clip(e.show(role), 17, e.th.Glyphs.More), 18)+
			cell.Pad(pin, 8)+cell.Pad(cell.Clip(e.show(text), room, e.th.Glyphs.More), room)))
	}
	if len(p.users) == 0 {
		rows = append(rows, "", "  "+e.th.Muted.Render(e.label(wNoUsers)))
	}
	return rows, nil
}

// userPage is the form of a new account.
type userPage struct{ formPart }

func (p *userPage) title(e *env) string { return e.word(wNewUser) }
func (p *userPage) scope() scope        { return inUser }

func (p *userPage) load(e *env) tea.Cmd {
	if p.f == nil {
		p.build(e)
	}
	return nil
}

func (p *userPage) build(e *env) {
	first, again := newPIN(e, func() *form.Form { return p.f }, true)
	key := form.NewText(form.TextConfig{ID: "key", Label: e.word(wPublicKey), Placeholder: e.word(wPublicKeyHint), Limit: 4000, Rule: func(v string) (string, string) {
		if strings.TrimSpace(v) == "" {
			return "", ""
		}
		if _, err := e.parseKey(v); err != nil {
			return v, e.word(wKeyWrong)
		}
		return v, ""
	}})
	deputy := e.deputyPick("deputy", wWhichDeputy, nil)
	deputy.Rule = required(e)
	p.f = form.New("user",
		form.Row{form.In(form.NewText(form.TextConfig{ID: "name", Label: e.word(wName), Limit: 20, Rule: required(e)}), 0)},
		form.Row{form.In(choice(e, "role", wRole, e.desk.Roles(), e.desk.Roles()[0].Code), 0)},
		form.Row{form.In(form.NewPick(deputy), 0)},
		form.Row{form.In(first, 0)}, form.Row{form.In(again, 0)},
		form.Row{form.In(key, 0)})
	p.f.SetWords(formWords(e))
	p.f.Hide("key", e.parseKey == nil)
	p.follow()
}

// follow shows who a deputy is only for deputies.
func (p *userPage) follow() { p.f.Hide("deputy", p.f.Value("role") != string(station.RoleDeputy)) }

func (p *userPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		p.follow()
		return true, nil
	}
	if k.String() == "enter" {
		return true, p.act(e, actSave)
	}
	return false, nil
}

func (p *userPage) act(e *env, id action) tea.Cmd {
	if id != actSave || !p.ready() {
		return nil
	}
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	v := p.f.Value
	u := station.User{Name: v("name"), Role: station.Role(v("role")), First: true}
	if u.Role == station.RoleDeputy {
		u.Deputy = v("deputy")
	}
	if line := strings.TrimSpace(v("key")); line != "" && e.parseKey != nil {
		k, err := e.parseKey(line)
		if err != nil {
			return warn(e.word(wKeyWrong))
		}
		u.Keys = []station.UserKey{k}
	}
	p.busy = true
	desk, who, pin := e.desk, e.who, v("pin")
	return work(func() (station.User, error) { return desk.AddUser(who, u, pin) }, func(u station.User, err error) tea.Cmd {
		p.busy = false
		if err != nil {
			return p.refuse(e, err)
		}
		return tea.Batch(e.atOnce(closeMsg{}), say(e.word(wUserAdded, u.Name)))
	})
}

func (p *userPage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return nil, nil
	}
	return p.draw(e, []string{"", "  " + e.th.Head.Render(e.label(wNewUserHint)), ""}, 0)
}
