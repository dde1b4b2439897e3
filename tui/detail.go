package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/tui/theme"
)

// detailPage shows everything of one reception.
type detailPage struct {
	id     ledger.ID
	d      detail
	read   bool
	reveal bool // the phone in full
	scroll scroll
	drawn  drawnDetail
}

// drawnDetail is the last drawing of a reception and what it was made for: a
// matter may be long, and a view is drawn at every key.
type drawnDetail struct {
	th     *theme.Theme
	en     bool
	w      int
	reveal bool
	day    typed.Date
	rows   []string
}

// draw returns the rows of d. Whoever reads d anew empties the drawing first.
func (c *drawnDetail) draw(e *env, d *detail, w int, reveal bool) []string {
	today := e.desk.Today()
	if c.rows == nil || c.th != e.th || c.en != e.en || c.w != w || c.reveal != reveal || c.day != today {
		*c = drawnDetail{e.th, e.en, w, reveal, today, d.rows(e, w, reveal)}
	}
	return c.rows
}

func newDetail(id ledger.ID) *detailPage { return &detailPage{id: id} }

func (p *detailPage) title(e *env) string {
	if n := p.d.full.Visit.Number; n != "" {
		return string(n)
	}
	return e.word(wRegister)
}

func (p *detailPage) scope() scope { return inDetail }

// detail is a reception with its history, as read at one moment.
type detail struct {
	full  station.Full
	lives []station.Life // of its matters
	revs  []station.Revision
	names map[string]string // of accounts
	gone  string            // why there is nothing to show
}

// readDetail reads a reception, as far as who may see it.
func readDetail(desk *station.Desk, who station.Who, id ledger.ID) (detail, error) {
	full, err := desk.Read(who, id)
	if err != nil {
		return detail{}, err
	}
	d := detail{full: full, names: map[string]string{}}
	for i := range full.Matters {
		l, err := desk.Life(who, full.MatterID(i))
		if err != nil {
			return detail{}, err
		}
		d.lives = append(d.lives, l)
	}
	revs, err1 := desk.Revisions(who, full)
	users, err2 := desk.Users()
	d.revs = revs
	for _, u := range users {
		d.names[u.ID] = u.Name
	}
	return d, errors.Join(err1, err2)
}

func (p *detailPage) load(e *env) tea.Cmd {
	desk, who, id := e.desk, e.who, p.id
	return work(func() (detail, error) { return readDetail(desk, who, id) }, func(d detail, err error) tea.Cmd {
		p.read = true
		p.drawn = drawnDetail{}
		if err != nil {
			d.gone = e.explain(err)
		}
		p.d = d
		return nil
	})
}

// waiting: for the first reading.
func (p *detailPage) waiting(string) bool { return !p.read }

func (p *detailPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.scroll.key(k.String()), nil
}

func (p *detailPage) wheel(_ *env, down bool) { p.scroll.wheel(down) }

func (p *detailPage) act(e *env, id action) tea.Cmd {
	if !p.read || p.d.gone != "" {
		return nil
	}
	switch id {
	case actMatter:
		return p.pick(e, func(l station.Life) page { return newMatter(l.MatterID) })
	case actPapers:
		return e.atOnce(openMsg{newPapers(p.id, 0)})
	case actReveal:
		if p.reveal {
			p.reveal = false
			return nil
		}
		desk, who, full := e.desk, e.who, p.d.full
		return work(func() (station.Voter, error) { return desk.Reveal(who, full) }, func(_ station.Voter, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			p.reveal = true
			return nil
		})
	case actCorrect:
		if c := p.refused(e); c != nil {
			return c
		}
		return e.atOnce(openMsg{newCorrection(p.d.full)})
	case actErase:
		return p.erase(e)
	case actVoid:
		if c := p.refused(e); c != nil {
			return c
		}
		return e.atOnce(dialogMsg{newPrompt(e.word(wVoidWhy, string(p.d.full.Visit.Number)), e.word(wRefuse), false, func(reason string) tea.Cmd {
			return e.atOnce(dialogMsg{&confirm{text: e.word(wVoidSure, string(p.d.full.Visit.Number)), yes: p.void(e, reason)}})
		})})
	}
	return nil
}

// pick opens a page of the reception's matter, or lets one choose which.
func (p *detailPage) pick(e *env, of func(station.Life) page) tea.Cmd {
	ls := p.d.lives
	if len(ls) == 1 {
		return e.atOnce(openMsg{of(ls[0])})
	}
	var items []chosen
	for _, l := range ls {
		items = append(items, chosen{text: l.Title, hint: l.Number + "  " + e.text(l.State.Text()), do: func() tea.Cmd { return e.atOnce(openMsg{of(l)}) }})
	}
	return e.atOnce(dialogMsg{newChooser(e.word(wMatterPage), e.word(wTypeToFilter), items)})
}

// refused says at once what the desk would say after everything was typed.
func (p *detailPage) refused(e *env) tea.Cmd {
	v := p.d.full.Visit
	if v.Void != "" {
		return warn(e.word(wIsVoid))
	}
	if !e.who.May(station.RightCorrectAll) && v.By != e.who.Account {
		return warn(e.word(wNotYours))
	}
	return nil
}

func (p *detailPage) void(e *env, reason string) tea.Cmd {
	desk, who, full := e.desk, e.who, p.d.full
	return work(func() (bool, error) { return true, desk.Void(who, full, reason) }, func(_ bool, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		return say(e.word(wVoided, string(full.Visit.Number)))
	})
}

// warn shows a notice that something could not be done.
func warn(text string) tea.Cmd { return send(noticeMsg{notice{text, true}}) }

func (p *detailPage) view(e *env) ([]string, *tea.Cursor) {
	switch {
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	case p.d.gone != "":
		return []string{"", "  " + e.show(p.d.gone)}, nil
	}
	w := min(e.w-2, 110)
	rows := p.scroll.window(p.drawn.draw(e, &p.d, w, p.reveal), e.h)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = " " + r
	}
	return out, nil
}
