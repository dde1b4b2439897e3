package tui

import (
	"encoding/json"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/theme"
)

// What the form keeps of a matter beside its fields: the number of the earlier
// matter that it is joined to, and those that it was told apart from.
const (
	keptRepeat   = "#repeat"
	keptDistinct = "#distinct"
)

// echoNone says in keptRepeat's place that nothing was chosen.
const echoNone = ""

// hear asks for earlier matters that may be the same as the one on the form.
// It is asked at a pause in typing, as the draft is written.
func (p *receptionPage) hear(e *env) tea.Cmd {
	if p.fix != nil {
		return nil
	}
	probe := station.Probe{Phone: cell.Fold(p.f.Value("phone")), Village: p.f.Value("village"), Category: p.f.Value("category"), Content: p.f.Value("content")}
	if noPhone(probe.Phone) {
		probe.Phone = ""
	}
	if probe == p.probe {
		return nil
	}
	p.probe = probe
	desk, who, at := e.desk, e.who, p.at
	return work(func() ([]station.Echo, error) { return desk.Alike(who, probe, 3) }, func(found []station.Echo, err error) tea.Cmd {
		if err == nil && p.probe == probe && p.at == at { // a hint that fails is no hint
			p.echoes = found
		}
		return nil
	})
}

// hint is the earlier matter that is offered now: the likeliest that was not
// told apart.
func (p *receptionPage) hint() (station.Echo, bool) {
	if p.kept(keptRepeat) != echoNone {
		return station.Echo{}, false
	}
	for _, x := range p.echoes {
		if !slices.ContainsFunc(p.distinct(p.at), func(d station.Distinct) bool { return d.Number == x.Number }) {
			return x, true
		}
	}
	return station.Echo{}, false
}

// kept is what is kept beside the fields of the matter on the form.
func (p *receptionPage) kept(key string) string {
	if p.at < len(p.issues) {
		return p.issues[p.at][key]
	}
	return ""
}

// keep keeps it, and marks the form as changed, so that the draft has it too.
func (p *receptionPage) keep(e *env, key, value string) tea.Cmd {
	p.stash()
	if value == "" {
		delete(p.issues[p.at], key)
	} else {
		p.issues[p.at][key] = value
	}
	p.f.Touch()
	return p.after(e)
}

// distinct is what the i-th matter was told apart from.
func (p *receptionPage) distinct(i int) []station.Distinct {
	var out []station.Distinct
	if i < len(p.issues) {
		_ = json.Unmarshal([]byte(p.issues[i][keptDistinct]), &out) // a draft of another program's offers the hint once more
	}
	return out
}

// join takes the hint, or takes it back.
func (p *receptionPage) join(e *env) tea.Cmd {
	if p.kept(keptRepeat) != echoNone {
		return p.keep(e, keptRepeat, echoNone)
	}
	x, ok := p.hint()
	if !ok {
		return say(e.word(wEchoNone))
	}
	return p.keep(e, keptRepeat, x.Number)
}

// tellApart asks why the matter that is offered is not the same one.
func (p *receptionPage) tellApart(e *env) tea.Cmd {
	x, ok := p.hint()
	if !ok {
		return say(e.word(wEchoNone))
	}
	at := p.at
	return e.atOnce(dialogMsg{newPrompt(e.word(wEchoWhy, x.Number, x.Title), e.word(wRefuse), false, func(reason string) tea.Cmd {
		if at != p.at {
			return nil
		}
		b, err := json.Marshal(append(p.distinct(at), station.Distinct{Number: x.Number, Reason: reason}))
		if err != nil {
			return e.fail(err)
		}
		return p.keep(e, keptDistinct, string(b))
	})})
}

// echoNote is the line at the foot of a matter: what it may repeat, or what it
// is joined to.
func (p *receptionPage) echoNote(e *env) func(int, *theme.Theme) string {
	return func(w int, th *theme.Theme) string {
		if n := p.kept(keptRepeat); n != echoNone {
			undo := th.Key.Render(e.keyOf(inReception, actJoin)) + " " + th.Action.Render(e.word(wUndo))
			room := w - cell.Width(undo) - 2
			return th.Ok.Render(cell.Pad(cell.Clip(e.word(wEchoJoined, n), room, th.Glyphs.More), room)) + "  " + undo
		}
		x, ok := p.hint()
		if !ok {
			return ""
		}
		keys := th.Key.Render(e.keyOf(inReception, actJoin)) + " " + th.Action.Render(e.word(wEchoJoin)) + "  " +
			th.Key.Render(e.keyOf(inReception, actDistinct)) + " " + th.Action.Render(e.word(wEchoApart))
		village, _ := e.desk.Village(x.Village)
		text := strings.Join([]string{x.Number, e.text(x.Why()), e.show(x.Title), e.show(village.Name), e.when(x.At)}, " ")
		room := w - cell.Width(keys) - 2 - cell.Width(e.word(wEcho)) - 2
		return th.Warn.Render(e.word(wEcho)) + "  " + th.Text.Render(cell.Pad(cell.Clip(text, room, th.Glyphs.More), room)) + "  " + keys
	}
}
