package tui

import (
	"maps"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/form"
)

// draftPart is a form whose text is a draft until it is done with: kept at
// every pause in typing, and offered again.
type draftPart struct {
	formPart
	name string            // among drafts
	done bool              // recorded: there is nothing left to keep
	with map[string]string // kept beside what the fields hold
}

// begin makes the form once, with what was typed before and not done with.
func (p *draftPart) begin(e *env, build, follow func()) tea.Cmd {
	if p.f != nil {
		return nil
	}
	desk, who := e.desk, e.who
	return work(func() ([]station.Draft, error) { return desk.Drafts(who) }, func(ds []station.Draft, err error) tea.Cmd {
		var back tea.Cmd
		if p.f == nil {
			build()
			for _, d := range ds {
				if d.Form == p.name && len(d.Values) > 0 {
					p.f.Restore(d.Values)
					back = say(e.word(wDraftBack, e.when(d.At)))
				}
			}
			follow()
		}
		if err != nil {
			return e.fail(err)
		}
		return back
	})
}

// discard throws away what was typed, after asking, and begins anew.
func (p *draftPart) discard(e *env, anew func() tea.Cmd) tea.Cmd {
	if !p.ready() {
		return nil
	}
	desk, who := e.desk, e.who
	return e.atOnce(dialogMsg{&confirm{text: e.word(wAskDiscard), yes: work(func() (bool, error) { return true, desk.DropDraft(who, p.name) }, func(_ bool, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		p.f = nil
		return anew()
	})}})
}

// waiting: for the draft.
func (p *draftPart) waiting(string) bool { return p.f == nil }

// msg writes the draft when it falls due.
func (p *draftPart) msg(e *env, m tea.Msg) tea.Cmd {
	due, ok := m.(form.DraftMsg)
	if !ok || p.f == nil || p.busy || p.done {
		return nil
	}
	values, gen, ok := p.f.Due(due)
	if !ok {
		return nil
	}
	return p.keep(e, values, gen)
}

// leave keeps what was typed before the page goes or is covered.
func (p *draftPart) leave(e *env) tea.Cmd {
	if p.f == nil || p.busy || p.done || !p.f.Dirty() {
		return nil
	}
	return p.keep(e, p.f.Draft(), p.f.Generation())
}

func (p *draftPart) keep(e *env, values map[string]string, gen int) tea.Cmd {
	desk, who := e.desk, e.who
	maps.Copy(values, p.with)
	return work(func() (bool, error) {
		return true, desk.SaveDraft(who, station.Draft{Form: p.name, Values: values})
	}, func(_ bool, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		p.f.Saved(gen)
		return p.f.Autosave()
	})
}

func (p *draftPart) paste(e *env, text string) tea.Cmd {
	return tea.Batch(p.formPart.paste(e, text), p.autosave())
}

func (p *draftPart) autosave() tea.Cmd {
	if p.f == nil {
		return nil
	}
	return p.f.Autosave()
}

// landed is what follows a record's way to the disk: what is wrong stands at
// its field; otherwise the draft goes, the page closes, and text says what came
// of it. It is called where the record was written, beside the screen.
func (p *draftPart) landed(e *env, err error, text func() string) tea.Msg {
	var dropped error
	if err == nil {
		dropped = e.desk.DropDraft(e.who, p.name)
	}
	return landed{func() tea.Cmd {
		p.busy = false
		if err != nil {
			return p.refuse(e, err)
		}
		p.done = true
		if dropped != nil {
			return tea.Batch(e.atOnce(closeMsg{}), e.fail(dropped))
		}
		return tea.Batch(e.atOnce(closeMsg{}), say(text()))
	}}
}
