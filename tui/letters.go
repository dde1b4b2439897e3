package tui

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// lettersPage lists what the city sends: notices (重大事项通报) and requests for
// opinions (征询意见函). At a station they are read and answered here; at the
// city it says who has.
type lettersPage struct {
	all   []station.Posted
	total int // stations
	list  list
	read  bool
}

func newLetters() *lettersPage { return &lettersPage{} }

func (p *lettersPage) title(e *env) string     { return e.word(wLetters) }
func (p *lettersPage) scope() scope            { return inLetters }
func (p *lettersPage) waiting(string) bool     { return !p.read }
func (p *lettersPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *lettersPage) load(e *env) tea.Cmd {
	desk, who := e.desk, e.who
	return work(func() (lettersPage, error) {
		ns, err1 := desk.Letters(who, station.KindNotice)
		cs, err2 := desk.Letters(who, station.KindConsult)
		all := append(ns, cs...)
		slices.SortStableFunc(all, func(a, b station.Posted) int { return b.At.Compare(a.At) })
		return lettersPage{all: all, total: len(desk.Stations())}, errors.Join(err1, err2)
	}, func(n lettersPage, err error) tea.Cmd {
		was, ok := p.marked()
		p.all, p.total, p.read = n.all, n.total, true
		p.list.size(len(p.all))
		for i, l := range p.all {
			if ok && l.Letter.Letter == was.Letter.Letter {
				p.list.mark(i)
			}
		}
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

func (p *lettersPage) marked() (station.Posted, bool) {
	if p.list.at >= len(p.all) {
		return station.Posted{}, false
	}
	return p.all[p.list.at], true
}

func (p *lettersPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *lettersPage) click(e *env, _, y int) tea.Cmd {
	if _, again := p.list.click(y - 1); again {
		return p.act(e, actOpen)
	}
	return nil
}

func (p *lettersPage) act(e *env, id action) tea.Cmd {
	switch id {
	case actOpen:
		if l, ok := p.marked(); ok {
			return e.atOnce(openMsg{newLetter(l)})
		}
	case actWrite:
		return e.atOnce(openMsg{newWriting()})
	}
	return nil
}

func (p *lettersPage) view(e *env) ([]string, *tea.Cursor) {
	switch {
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	case len(p.all) == 0:
		return []string{"", "  " + e.th.Muted.Render(e.label(wNoLetters))}, nil
	}
	titles := e.w - 3 - 13 - 11 - 12 - 18
	rows := []string{"   " + e.th.Head.Render(e.col(e.label(wWhen), 13)+e.col(e.label(wUnitKind), 11)+e.col(e.label(wTitle), titles)+e.col(e.label(wDueBy), 12)+e.label(wState))}
	from, to := p.list.window(e.h - 1)
	for i := from; i < to; i++ {
		l := p.all[i]
		due := ""
		if !l.Due.IsZero() {
			due = l.Due.String()
		}
		rows = append(rows, " "+e.marked(i == p.list.at, e.col(e.when(l.At), 13)+e.col(e.text(station.KindLabel(l.Kind)), 11)+e.col(e.show(l.Title), titles)+
			e.col(due, 12)+e.col(p.state(e, l), 18)))
	}
	return rows, nil
}

// state says what has come back: at the city by how many stations, at a
// station whether anything is still to be done.
func (p *lettersPage) state(e *env, l station.Posted) string {
	to := len(l.To)
	if l.To == nil {
		to = p.total
	}
	switch {
	case e.desk.AtCity() && l.Kind == station.KindConsult:
		return e.label(wAnsweredOf, len(l.Answers), to)
	case e.desk.AtCity():
		return e.label(wReadOf, to-len(l.Silent(e.desk.Stations())), to)
	case l.Kind == station.KindConsult && len(l.Answers) > 0:
		return e.label(wAnswered)
	case l.Kind == station.KindConsult:
		return e.label(wToAnswer)
	case l.Mine:
		return e.label(wReadIt)
	}
	return e.label(wToRead)
}

// letterPage is one letter with what has come back.
type letterPage struct {
	l      station.Posted
	scroll scroll
}

func newLetter(l station.Posted) *letterPage { return &letterPage{l: l} }

func (p *letterPage) title(e *env) string     { return e.text(station.KindLabel(p.l.Kind)) }
func (p *letterPage) wheel(_ *env, down bool) { p.scroll.wheel(down) }

func (p *letterPage) scope() scope {
	if p.l.Kind == station.KindConsult {
		return inConsult
	}
	return inNotice
}

func (p *letterPage) load(e *env) tea.Cmd {
	desk, who, k, id := e.desk, e.who, p.l.Kind, p.l.Letter.Letter
	return work(func() ([]station.Posted, error) { return desk.Letters(who, k) }, func(all []station.Posted, err error) tea.Cmd {
		for _, l := range all {
			if l.Letter.Letter == id {
				p.l = l
			}
		}
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

func (p *letterPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.scroll.key(k.String()), nil
}

func (p *letterPage) act(e *env, id action) tea.Cmd {
	desk, who, letter := e.desk, e.who, p.l.Letter.Letter
	if desk.AtCity() {
		return nil
	}
	switch id {
	case actMarkRead:
		if p.l.Mine {
			return say(e.word(wReadAlready))
		}
		return work(func() (bool, error) { return true, desk.MarkRead(who, letter) }, func(_ bool, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(wMarkedRead))
		})
	case actAnswer:
		return p.answer(e)
	}
	return nil
}

// named: what was read is not to be read again.
func (p *letterPage) named(e *env, b binding) (string, bool) {
	return e.text(b.text), b.id != actMarkRead || !p.l.Mine
}

// answer asks for the station's answer, or for a better one.
func (p *letterPage) answer(e *env) tea.Cmd {
	if !e.who.May(station.RightAnswer) {
		return e.fail(e.who.Need(station.RightAnswer))
	}
	letter, before := p.l.Letter.Letter, ""
	if len(p.l.Answers) > 0 {
		before = p.l.Answers[0].Text
	}
	return e.atOnce(openMsg{newEntry(entry{draft: "answer-" + string(letter), title: wAnswerText, head: p.l.Title, hint: wAnswerAgain,
		make: func(e *env) []form.Row {
			f := form.NewArea(form.AreaConfig{ID: "text", Label: e.word(wAnswerText), Limit: 20_000, Rows: 8, Grow: 14, Rule: required(e)})
			f.SetValue(before)
			return lines(f)
		},
		save: func(e *env, f *form.Form) func() (func() string, error) {
			desk, who, text := e.desk, e.who, f.Value("text")
			return func() (func() string, error) {
				err := desk.AnswerLetter(who, letter, text)
				return func() string { return e.word(wAnswerSaved) }, err
			}
		}})})
}

func (p *letterPage) view(e *env) ([]string, *tea.Cursor) {
	w := min(e.w-4, 100)
	t := &sheet{env: e, w: w}
	l := p.l
	t.rows = append(t.rows, "")
	for _, line := range cell.Wrap(e.show(l.Title), w) {
		t.rows = append(t.rows, e.th.Number.Render(line))
	}
	due := ""
	if !l.Due.IsZero() {
		due = l.Due.String()
	}
	t.pairs(pair{e.label(wLetterFrom), e.show(l.From)}, pair{e.label(wDocNo), e.show(l.DocNo)}, pair{e.label(wWhen), e.when(l.At)}, pair{e.label(wDueBy), due})
	if e.desk.AtCity() {
		to := e.label(wAllStations)
		if l.To != nil {
			to = strings.Join(l.To, " ")
		}
		t.value(e.label(wLetterTo), to, e.th.Text)
	}
	t.blank()
	for para := range strings.SplitSeq(l.Text, "\n") {
		for _, line := range cell.Wrap(e.show(para), w) {
			t.rows = append(t.rows, e.th.Text.Render(line))
		}
	}
	t.blank()
	p.back(t)
	rows := p.scroll.window(t.rows, e.h)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = "  " + r
	}
	return out, nil
}

// back is what came back.
func (p *letterPage) back(t *sheet) {
	e, l := t.env, p.l
	for _, a := range l.Answers {
		t.head(e.label(wAnswerFrom, e.show(e.desk.StationName(a.Station)), e.show(a.Name), e.when(a.At)))
		for para := range strings.SplitSeq(a.Text, "\n") {
			for _, line := range cell.Wrap(e.show(para), t.w) {
				t.rows = append(t.rows, e.th.Text.Render(line))
			}
		}
		t.blank()
	}
	if len(l.Reads) > 0 {
		t.head(e.label(wReadBy))
		for _, r := range l.Reads {
			t.rows = append(t.rows, e.th.Text.Render(cell.Pad(cell.Clip(e.show(e.desk.StationName(r.Station)), 29, e.th.Glyphs.More), 30)+
				cell.Pad(e.show(r.Name), 14)+e.when(r.At)))
		}
		t.blank()
	}
	switch {
	case e.desk.AtCity():
		var silent []string
		for _, code := range l.Silent(e.desk.Stations()) {
			silent = append(silent, code+" "+e.desk.StationName(code))
		}
		if len(silent) > 0 {
			t.value(e.label(wSilent), e.show(strings.Join(silent, "、")), e.th.Warn)
		}
	case l.Kind == station.KindNotice && !l.Mine:
		t.rows = append(t.rows, e.th.Accent.Render(e.label(wReadHint, e.keyOf(inNotice, actMarkRead))))
	case l.Kind == station.KindConsult && len(l.Answers) == 0:
		t.rows = append(t.rows, e.th.Accent.Render(e.label(wAnswerHint, e.keyOf(inConsult, actAnswer))))
	}
}

// kindOf reads what the form calls a kind.
func kindOf(word string) ledger.Kind {
	if word == "consult" {
		return station.KindConsult
	}
	return station.KindNotice
}
