package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"liaison/station/ledger"
	"liaison/tui/form"
)

// An editor changes the records of one list.
type editor interface {
	// open shows the form of a record, of a new one where code is "".
	open(e *env, code string, done func(code string)) tea.Cmd
	// end asks why a record is no more, or restores one that was ended.
	end(e *env, code string, done func(code string)) tea.Cmd
}

func (of recordKind[T]) open(e *env, code string, done func(string)) tea.Cmd {
	if code == "" {
		return e.atOnce(openMsg{newRecord(of, nil, done)})
	}
	v, ok := of.held(e.desk, code)
	if !ok {
		return nil
	}
	return e.atOnce(openMsg{newRecord(of, &v, done)})
}

func (of recordKind[T]) end(e *env, code string, done func(string)) tea.Cmd {
	v, ok := of.held(e.desk, code)
	switch {
	case !ok:
		return nil
	case of.leave != nil:
		return of.leave(e, v, done)
	}
	return of.askEnd(e, v, "", done)
}

// askEnd asks for the reason; why is what was typed before somebody else
// changed the record. Nothing is deleted: what went there keeps its name.
func (of recordKind[T]) askEnd(e *env, was T, why string, done func(string)) tea.Cmd {
	now := was
	ended, reason := of.ended(&now)
	if *ended {
		*ended, *reason = false, ""
		return e.atOnce(dialogMsg{&confirm{text: e.word(wRestoreRecord, of.name(e, was)), yes: of.put(e, was, now, "", done)}})
	}
	f := form.New("end", form.Row{form.In(e.textLine("why", wEndWhy, wEndWhyHint, 200, required(e)), 0)})
	f.SetWords(formWords(e))
	f.Set("why", why)
	d := &formDialog{title: e.word(of.ask, of.name(e, was)), rows: 2, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		*ended, *reason = true, f.Value("why")
		return true, of.put(e, was, now, *reason, done)
	}}
	return d.open(e)
}

// put writes a record that was ended or restored. Where somebody else was
// faster it is asked again, upon theirs.
func (of recordKind[T]) put(e *env, was, now T, why string, done func(string)) tea.Cmd {
	desk, who := e.desk, e.who
	return work(func() (T, error) { return of.save(desk, who, &was, now) }, func(now T, err error) tea.Cmd {
		switch {
		case errors.Is(err, ledger.ErrStale):
			return tea.Batch(of.askEnd(e, now, why, done), send(noticeMsg{notice{e.word(wMoved), true}}))
		case err != nil:
			return e.fail(err)
		}
		done(of.code(now))
		if ended, _ := of.ended(&now); *ended {
			return say(e.word(wRecordEnded, of.name(e, was)))
		}
		return say(e.word(wRecordRestored, of.name(e, now)))
	})
}
