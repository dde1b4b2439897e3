package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
	"liaison/tui/theme"
)

// formTop is the row of the page at which the form begins.
const formTop = 1

// build makes the form's fields and their places.
func (p *receptionPage) build(e *env) {
	p.f = form.New(p.id)
	p.f.SetRows(
		form.Row{form.In(p.phoneField(e), 28), form.Beside(0, func(w int, _ *theme.Theme) string { return p.earlierNote(e, w) })},
		form.Row{form.In(p.nameField(e), 28), form.In(p.villageField(e), 0)},
		form.Row{form.In(p.yesNo(e, "anonymous", wAnonymous), 17), form.In(choice(e, "sex", wSex, station.Sexes, ""), 15),
			form.In(choice(e, "age", wAge, station.AgeBands, ""), 20), form.Item{Field: p.personsField(e), Min: 12}},
		form.Row{form.In(choice(e, "channel", wChannel, station.Channels, "walkin"), 34), form.In(p.dayField(e), 0)},
		form.Row{form.In(p.yesNo(e, "notified", wNotified), 17), form.In(p.yesNo(e, "confidential", wConfidential), 17)},
		form.Row{form.Beside(0, p.notice(e))},
		form.Row{},
		form.Row{form.Beside(0, func(_ int, th *theme.Theme) string {
			return th.Head.Render(e.word(wMatterOf, p.at+1, len(p.issues)))
		})},
		form.Row{form.In(form.NewArea(form.AreaConfig{ID: "content", Label: e.word(wContent), Placeholder: e.word(wContentHint), Limit: station.FormContent, Rows: 3, Grow: 5}), 0)},
		form.Row{form.In(p.categoryField(e), 38), form.In(choice(e, "disposition", wDisposition, station.Dispositions, "onspot"), 0)},
		form.Row{form.In(choice(e, "refuse", wRefuse, station.RefuseReasons, "court"), 0)},
		form.Row{form.In(form.NewArea(form.AreaConfig{ID: "reply", Label: e.word(wReply), Placeholder: e.word(wReplyHint), Limit: station.FormContent, Rows: 2, Grow: 4}), 0)},
		form.Row{form.In(choice(e, "kind", wKind, station.MatterKinds, "suggestion"), 38), form.In(p.deputyField(e), 0)},
		form.Row{form.In(choice(e, "affected", wAffected, station.Affecteds, "one"), 38), form.In(choice(e, "urgency", wUrgency, station.Urgencies, "normal"), 0)},
		form.Row{form.Beside(0, p.echoNote(e))},
	)
	p.f.SetWords(formWords(e))
	p.f.Set("persons", "1")
	p.f.Set("notified", "yes")
	p.issues = []map[string]string{{}}
	p.put(nil)
	p.f.FocusID("phone")
	p.f.Saved(p.f.Generation())
}

// notice is what the attendant tells the voter (个人信息保护法 Art. 17, 35).
func (p *receptionPage) notice(e *env) func(int, *theme.Theme) string {
	return func(w int, th *theme.Theme) string {
		return th.Muted.Render(cell.Clip(e.show(e.word(wNotice)), w, th.Glyphs.More))
	}
}

// formWords are the sentences of fields in the session's language.
func formWords(e *env) form.Words {
	return form.Words{NoMatch: e.word(wNothing), Choose: e.word(wPickOne), Over: e.word(wOverLimit), More: e.word(wMoreOf)}
}

// choice is a field over a closed set; keys of the set choose.
func choice(e *env, id string, label word, ts station.Terms, value string) *form.Choice {
	os := make([]form.Option, len(ts))
	for i, t := range ts {
		os[i] = form.Option{Value: t.Code, Label: e.text(t.Text), Keys: t.Key}
	}
	return form.NewChoice(form.ChoiceConfig{ID: id, Label: e.word(label), Options: os, Value: value})
}

func (p *receptionPage) yesNo(e *env, id string, label word) *form.Choice {
	return form.NewChoice(form.ChoiceConfig{ID: id, Label: e.word(label), Value: "no",
		Options: []form.Option{{Value: "no", Label: e.word(wNo), Keys: "0"}, {Value: "yes", Label: e.word(wYes), Keys: "1"}}})
}

// rule makes a form's rule of a parser of what people type.
func rule(e *env, parse func(string) (string, error)) form.Rule {
	return func(v string) (string, string) {
		if strings.TrimSpace(v) == "" {
			return v, ""
		}
		s, err := parse(v)
		if err != nil {
			return v, e.problem(station.Say(err))
		}
		return s, ""
	}
}

func (p *receptionPage) phoneField(e *env) form.Field {
	return form.NewText(form.TextConfig{ID: "phone", Label: e.word(wPhone), Placeholder: e.word(wPhoneHint), Limit: 24, Fold: cell.Fold,
		Rule: rule(e, func(v string) (string, error) {
			if noPhone(v) {
				return "无", nil
			}
			return typed.Phone(v, "")
		})})
}

func (p *receptionPage) nameField(e *env) form.Field {
	return form.NewText(form.TextConfig{ID: "name", Label: e.word(wName), Placeholder: e.word(wNameHint), Limit: 50})
}

func (p *receptionPage) personsField(e *env) form.Field {
	return form.NewText(form.TextConfig{ID: "persons", Label: e.word(wPersons), Limit: 5, Fold: cell.Fold})
}

func (p *receptionPage) dayField(e *env) form.Field {
	return form.NewText(form.TextConfig{ID: "day", Label: e.word(wDay), Placeholder: e.word(wDayHint), Limit: 20, Fold: cell.Fold,
		Rule: rule(e, func(v string) (string, error) {
			d, err := typed.ParseDate(v, e.desk.Today())
			return d.String(), err
		})})
}

func (p *receptionPage) villageField(e *env) form.Field {
	option := func(v station.Village) form.Option {
		return form.Option{Value: v.Code, Label: e.show(v.Name), Hint: e.show(v.Town)}
	}
	return form.NewPick(form.PickConfig{ID: "village", Label: e.word(wVillage), Placeholder: e.word(wVillageHint),
		Source: func(q string) []form.Option { return options(e.desk.FindVillages(q), option) },
		Find: func(code string) (form.Option, bool) {
			v, ok := e.desk.Village(code)
			return option(v), ok
		}})
}

func (p *receptionPage) categoryField(e *env) form.Field { return form.NewPick(e.finePick()) }

func (p *receptionPage) deputyField(e *env) form.Field {
	return form.NewPick(e.deputyPick("deputy", wReplyBy, func() []string { return p.session.Deputies }))
}

// earlierNote says beside the phone who this may be.
func (p *receptionPage) earlierNote(e *env, w int) string {
	if len(p.earlier) == 0 {
		return ""
	}
	v := p.earlier[0]
	take := e.word(wEarlierTake)
	if n := len(p.earlier); n > 1 {
		take = e.word(wEarlierMore, n) + " " + take
	}
	village, _ := e.desk.Village(v.Village)
	text := e.show(e.word(wEarlier, v.Name, village.Name, e.when(v.Last), v.Title))
	return e.th.Accent.Render(cell.Clip(text, w-cell.Width(take)-2, e.th.Glyphs.More)) + "  " + e.th.Key.Render(take)
}

func (p *receptionPage) view(e *env) ([]string, *tea.Cursor) {
	if p.saved != nil {
		return p.savedView(e), nil
	}
	if p.f == nil {
		return []string{"", "  " + e.word(wLoading)}, nil
	}
	rows := []string{p.sessionRow(e)}
	in, cur := p.f.Rows(e.w-2, e.h-formTop, e.th)
	for _, r := range in {
		rows = append(rows, " "+r)
	}
	if cur != nil {
		cur.X, cur.Y = cur.X+1, cur.Y+formTop
	}
	if p.saving {
		cur = nil
	}
	return rows, cur
}

// sessionRow says into which session this goes, and how safe what is typed is.
func (p *receptionPage) sessionRow(e *env) string {
	s := e.word(wSession) + "  "
	if p.sitting {
		s += e.text(p.session.Modes())
		if names := e.deputyNames(p.session.Deputies); names != "" {
			s += "  " + names
		}
	} else {
		s += e.word(wNoSession)
	}
	right := e.word(wDraftNew)
	switch {
	case p.saving:
		right = e.word(wSaving)
	case !p.restored.IsZero() && p.draftAt.Equal(p.restored):
		right = e.word(wDraftBack, e.when(p.restored))
	case !p.draftAt.IsZero():
		right = e.word(wDraftKept, e.when(p.draftAt))
	}
	room := e.w - cell.Width(right) - 4
	return " " + e.th.Muted.Render(cell.Pad(cell.Clip(e.show(s), room, e.th.Glyphs.More), room)) + "  " + e.th.Ok.Render(right) + " "
}

// deputyNames lists deputies by name, with their levels.
func (e *env) deputyNames(codes []string) string {
	var out []string
	for _, c := range codes {
		d, ok := e.desk.Deputy(c)
		switch {
		case !ok:
			out = append(out, c)
		case d.Levels() != "":
			out = append(out, d.Name+"("+d.Levels()+")")
		default:
			out = append(out, d.Name)
		}
	}
	return strings.Join(out, " ")
}

// savedView shows the number in large, for reading aloud.
func (p *receptionPage) savedView(e *env) []string {
	s := p.saved
	rows := []string{"", "", cell.Center(e.th.Ok.Render(e.th.Glyphs.Done+" "+e.word(wSaved)), e.w), "", ""}
	for _, r := range bigText(string(s.Number), e.th) {
		rows = append(rows, cell.Center(r, e.w))
	}
	rows = append(rows, "", cell.Center(e.th.Number.Render(cell.Grouped(string(s.Number))), e.w), "",
		cell.Center(e.th.Muted.Render(e.show(e.word(wSavedInto, s.matters, string(s.Session.Number)+" "+e.text(s.Session.Modes())))), e.w))
	if !s.late.IsZero() {
		rows = append(rows, cell.Center(e.th.Warn.Render(e.word(wSavedLate, s.late.String())), e.w))
	}
	return append(rows, "", cell.Center(e.word(wReadAloud), e.w))
}
