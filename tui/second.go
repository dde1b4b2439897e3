package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// secondRows are the fields in which another person agrees to what takes two.
func secondRows(e *env) []form.Row {
	return []form.Row{
		{form.In(form.NewText(form.TextConfig{ID: "second", Label: e.word(wSecondName), Placeholder: e.word(wSecondHint), Limit: 20, Rule: required(e)}), 0)},
		{form.In(secret("secondpin", e.word(wSecondPIN), required(e)), 0)},
	}
}

func second(f *form.Form) station.Second {
	return station.Second{Account: f.Value("second"), PIN: f.Value("secondpin")}
}

// erase asks why, whether the words go too, and for the second person.
func (p *detailPage) erase(e *env) tea.Cmd {
	rows := append([]form.Row{
		{form.In(form.NewText(form.TextConfig{ID: "reason", Label: e.word(wRefuse), Placeholder: e.word(wEraseReason), Limit: 100, Rule: required(e)}), 0)},
		{form.In(form.NewChoice(form.ChoiceConfig{ID: "content", Label: e.word(wEraseWhat), Value: "no",
			Options: []form.Option{{Value: "no", Label: e.word(wEraseName), Keys: "0"}, {Value: "yes", Label: e.word(wEraseAll), Keys: "1"}}}), 0)},
	}, secondRows(e)...)
	f := form.New("erase", rows...)
	f.SetWords(formWords(e))
	full := p.d.full
	d := &formDialog{title: e.word(wEraseTitle, string(full.Visit.Number)), rows: 8, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		desk, who := e.desk, e.who
		x, s := station.Erasing{Content: f.Value("content") == "yes", Reason: f.Value("reason")}, second(f)
		return true, work(func() (bool, error) { return true, desk.Erase(context.Background(), who, full, x, s) }, func(_ bool, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(wErasedDone, string(full.Visit.Number)))
		})
	}}
	return d.open(e)
}

// unlock gives an administrator a new PIN, which takes two people.
func unlock(e *env, u station.User) tea.Cmd {
	var f *form.Form
	first, again := newPIN(e, func() *form.Form { return f }, false)
	f = form.New("unlock", append([]form.Row{{form.In(first, 0)}, {form.In(again, 0)}}, secondRows(e)...)...)
	f.SetWords(formWords(e))
	d := &formDialog{title: e.word(wPINOf, u.Name), rows: 8, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		desk, who, pin, s := e.desk, e.who, f.Value("pin"), second(f)
		return true, work(func() (bool, error) { return true, desk.Unlock(who, u.ID, pin, s) }, func(_ bool, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(wPINSet, u.Name))
		})
	}}
	return d.open(e)
}

// lastDay asks for an account's last day; empty is none.
func lastDay(e *env, u station.User) tea.Cmd {
	f := form.New("until", form.Row{form.In(form.NewText(form.TextConfig{ID: "day", Label: e.word(wLastDay), Placeholder: e.word(wUntilHint), Limit: 20, Fold: cell.Fold,
		Rule: rule(e, func(v string) (string, error) {
			d, err := typed.ParseDate(v, e.desk.Today())
			return d.String(), err
		})}), 0)})
	f.SetWords(formWords(e))
	if !u.Expires.IsZero() {
		f.Set("day", u.Expires.String())
	}
	d := &formDialog{title: e.word(wUntilOf, u.Name), rows: 2, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		var day typed.Date
		if v := f.Value("day"); v != "" {
			day, _ = typed.ParseDate(v, e.desk.Today()) // the field's rule has read it
		}
		desk, who := e.desk, e.who
		return true, work(func() (bool, error) { return true, desk.SetExpires(who, u.ID, day) }, func(_ bool, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(wUntilSet, u.Name))
		})
	}}
	return d.open(e)
}
