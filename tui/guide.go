package tui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// guidePage is the first start: it makes the station and its head's account,
// and says what must not be forgotten.
type guidePage struct {
	formPart
	create func(code, name string) (*station.Desk, error)
	desk   *station.Desk // once it is made
	head   station.User  // likewise
	en     bool          // the language that the form was made in
	done   bool
	scroll scroll
}

func newGuide(create func(code, name string) (*station.Desk, error)) *guidePage {
	return &guidePage{create: create}
}

func (p *guidePage) title(e *env) string { return e.word(wGuide) }

func (p *guidePage) scope() scope {
	if p.done {
		return inGuideDone
	}
	return inGuide
}

func (p *guidePage) load(e *env) tea.Cmd {
	if p.f == nil {
		p.build(e)
		p.f.FocusID("code")
	}
	return nil
}

func (p *guidePage) build(e *env) {
	p.en = e.en
	code := form.NewText(form.TextConfig{ID: "code", Label: e.word(wStationCode), Placeholder: e.word(wStationCodeHint), Limit: 8,
		Fold: func(s string) string { return strings.ToUpper(cell.Fold(s)) },
		Rule: func(v string) (string, string) {
			if v = strings.TrimSpace(v); !station.ValidCode(v) {
				return v, e.word(wCodeWrong)
			}
			return v, ""
		}})
	first, again := newPIN(e, func() *form.Form { return p.f }, false)
	p.f = form.New("guide",
		form.Row{form.In(choice(e, "language", wLanguage, languages(), lang(e.en)), 0)},
		form.Row{form.In(code, 0)},
		form.Row{form.In(form.NewText(form.TextConfig{ID: "station", Label: e.word(wStationName), Placeholder: e.word(wStationNameHint), Limit: 50, Rule: required(e)}), 0)},
		form.Row{note(e, wHeadHint)},
		form.Row{form.In(form.NewText(form.TextConfig{ID: "name", Label: e.word(wHeadName), Limit: 20, Rule: required(e)}), 0)},
		form.Row{form.In(first, 0)}, form.Row{form.In(again, 0)})
	p.f.SetWords(formWords(e))
}

func (p *guidePage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.done {
		return p.scroll.key(k.String()), nil
	}
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		return true, p.after(e)
	}
	if k.String() == "enter" {
		return true, p.act(e, actSave)
	}
	return false, nil
}

// after changes the language as soon as it is chosen; what was typed stays.
func (p *guidePage) after(e *env) tea.Cmd {
	if language := p.f.Value("language"); language != lang(e.en) {
		e.own.language = language
		return send(restyleMsg{})
	}
	return nil
}

func (p *guidePage) click(e *env, x, y int) tea.Cmd {
	if p.done || !p.ready() {
		return nil
	}
	p.formPart.click(e, x, y)
	return p.after(e)
}

func (p *guidePage) act(e *env, id action) tea.Cmd {
	switch {
	case id == actSave && p.ready() && !p.done:
		if ok, cmd := p.check(e); !ok {
			return cmd
		}
		return p.make(e)
	case id == actBegin && p.done:
		return tea.Sequence(send(deskMsg{p.desk}), send(signInMsg{who: p.head.Who()}))
	}
	return nil
}

// errNoCreate is said where this process cannot make a station.
var errNoCreate = errors.New("this process cannot make a station")

// make makes the station, then the head's account. What was made stays made:
// when the second fails, only it is tried again.
func (p *guidePage) make(e *env) tea.Cmd {
	p.busy = true
	desk, create, v := p.desk, p.create, p.f.Value
	code, name, head, pin := v("code"), strings.TrimSpace(v("station")), v("name"), v("pin")
	set := station.Settings{Language: v("language")}
	type made struct {
		desk *station.Desk
		head station.User
	}
	return work(func() (made, error) {
		if desk == nil {
			if create == nil {
				return made{}, errNoCreate
			}
			var err error
			if desk, err = create(code, name); err != nil {
				return made{}, err
			}
			if err = desk.SaveSettings(station.Owner(), set); err != nil {
				return made{desk: desk}, err
			}
		}
		u, err := desk.AddUser(station.Owner(), station.User{Name: head, Role: station.RoleHead}, pin)
		return made{desk, u}, err
	}, func(m made, err error) tea.Cmd {
		p.busy, p.desk = false, m.desk
		if err != nil {
			return p.refuse(e, err)
		}
		p.head, p.done = m.head, true
		return nil
	})
}

func (p *guidePage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return nil, nil
	}
	if p.en != e.en {
		p.f = translated(p.f, func() *form.Form { p.build(e); return p.f })
	}
	w := min(e.w-4, 90)
	if p.done {
		rows := []string{"", "  " + e.th.Ok.Render(e.th.Glyphs.Done+" "+e.label(wGuideDone)), ""}
		for _, part := range []word{wGuideBackup, wGuideColleagues, wGuideLists} {
			for _, l := range cell.Wrap(e.label(part), w) {
				rows = append(rows, "  "+e.th.Text.Render(l))
			}
			rows = append(rows, "")
		}
		return p.scroll.window(append(rows, "  "+e.th.Accent.Render(e.label(wGuideEnter))), e.h), nil
	}
	heading := []string{"", "  " + e.th.Title.Render(e.label(wGuideHead)), ""}
	for _, l := range cell.Wrap(e.label(wGuideIntro), w) {
		heading = append(heading, "  "+e.th.Muted.Render(l))
	}
	return p.draw(e, append(heading, ""), 0)
}
