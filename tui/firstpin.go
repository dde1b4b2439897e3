package tui

import (
	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/form"
)

// firstPINPage stands before the home screen of an account whose PIN somebody
// else has set: it must be changed, since two people know it (等保: 首次登录
// 强制修改口令). There is nothing else to go to from here but to quit.
type firstPINPage struct {
	formPart
	who station.Who
	old string
}

func (p *firstPINPage) title(e *env) string { return e.word(wFirstPIN) }
func (p *firstPINPage) scope() scope        { return inFirstPIN }

func (p *firstPINPage) load(e *env) tea.Cmd {
	if p.f == nil {
		first, again := newPIN(e, func() *form.Form { return p.f }, false)
		p.f = form.New("first-pin", form.Row{form.In(first, 0)}, form.Row{form.In(again, 0)})
		p.f.SetWords(formWords(e))
	}
	return nil
}

func (p *firstPINPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		return true, nil
	}
	if k.String() == "enter" {
		return true, p.act(e, actSave)
	}
	return false, nil
}

func (p *firstPINPage) act(e *env, id action) tea.Cmd {
	if id != actSave || !p.ready() {
		return nil
	}
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	p.busy = true
	desk, who, old, pin := e.desk, p.who, p.old, p.f.Value("pin")
	return work(func() (bool, error) { return true, desk.SetPIN(who, who.Account, old, pin) }, func(_ bool, err error) tea.Cmd {
		p.busy = false
		if err != nil {
			return p.refuse(e, err)
		}
		return tea.Sequence(send(signInMsg{who: who}), say(e.word(wPINSet, who.Name)))
	})
}

func (p *firstPINPage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return nil, nil
	}
	return p.draw(e, []string{"", "  " + e.th.Head.Render(e.label(wFirstPINHint)), ""}, 0)
}
