package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/form"
)

// writingPage is the form of a letter that the city sends. What is typed is a
// draft until it is sent.
type writingPage struct{ draftPart }

func newWriting() *writingPage { return &writingPage{draftPart{name: "letter"}} }

func (p *writingPage) title(e *env) string { return e.word(wWriting) }
func (p *writingPage) scope() scope        { return inWriting }

func (p *writingPage) load(e *env) tea.Cmd {
	return p.begin(e, func() { p.build(e) }, p.follow)
}

// letterKinds and readings are the choices of the form.
var (
	letterKinds = station.Terms{
		{Code: "notice", Key: "1", Text: station.Text{ZH: "通报", EN: "Notice"}},
		{Code: "consult", Key: "2", Text: station.Text{ZH: "征询意见函", EN: "Request for opinions"}},
	}
	readings = station.Terms{
		{Code: "must", Key: "1", Text: station.Text{ZH: "须阅知", EN: "Must be read"}},
		{Code: "", Key: "0", Text: station.Text{ZH: "一般", EN: "For information"}},
	}
)

func (p *writingPage) build(e *env) {
	text := func(id string, label, hint word, r form.Rule) form.Item {
		return form.In(form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint), Rule: r}), 0)
	}
	p.f = form.New("letter",
		form.Row{form.In(choice(e, "kind", wUnitKind, letterKinds, "notice"), 40), form.In(choice(e, "must", wReading, readings, "must"), 0)},
		form.Row{text("title", wTitle, wLetterTitleHint, required(e))},
		form.Row{form.In(form.NewArea(form.AreaConfig{ID: "text", Label: e.word(wLetterText), Limit: 20_000, Rows: 6, Grow: 9, Rule: required(e)}), 0)},
		form.Row{form.In(form.NewMultiPick(e.stationPick("to", wLetterTo, wLetterToHint)), 0)},
		form.Row{form.In(e.comingDay("due", wDueBy, wLetterDueHint), 40), form.In(form.NewText(form.TextConfig{ID: "doc", Label: e.word(wDocNo), Placeholder: e.word(wOptional)}), 0)},
		form.Row{text("from", wLetterFrom, wLetterFromHint, nil)})
	p.f.SetWords(formWords(e))
	p.f.FocusID("title")
	p.follow()
}

// follow: only a notice may be for information.
func (p *writingPage) follow() { p.f.Hide("must", p.f.Value("kind") != "notice") }

func (p *writingPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		p.follow()
		return true, p.autosave()
	}
	if k.String() == "enter" { // on the last field
		return true, p.act(e, actSave)
	}
	return false, nil
}

// act asks once more before a letter goes out: it cannot be taken back.
func (p *writingPage) act(e *env, id action) tea.Cmd {
	if id == actDiscard {
		return p.discard(e, func() tea.Cmd { return p.load(e) })
	}
	if id != actSave || !p.ready() {
		return nil
	}
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	v := p.f.Value
	l := station.Letter{Title: v("title"), Text: v("text"), From: v("from"), DocNo: v("doc"), Read: v("must") == "must"}
	if s := v("due"); s != "" {
		l.Due, _ = typed.ComingDate(s, e.desk.Today()) // the field's rule has read it already
	}
	var to []string
	where := e.word(wAllStations)
	if codes := v("to"); codes != "" {
		to = strings.Split(codes, ",")
		where = strings.Join(to, " ")
	}
	return e.atOnce(dialogMsg{&confirm{text: e.word(wSendSure, l.Title, where), yes: p.send(e, v("kind"), l, to)}})
}

func (p *writingPage) send(e *env, kind string, l station.Letter, to []string) tea.Cmd {
	desk, who := e.desk, e.who
	return func() tea.Msg {
		_, err := desk.SendLetter(who, kindOf(kind), l, to)
		return p.landed(e, err, func() string { return e.word(wLetterSent, l.Title) })
	}
}

func (p *writingPage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return nil, nil
	}
	return p.draw(e, []string{"", "  " + e.th.Head.Render(e.label(wWritingHint)), ""}, 0)
}
