package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
	"liaison/tui/paper"
)

// A Printer prints papers, all of one size.
type Printer interface {
	Print(ctx context.Context, ps []station.Paper, copies int) error
}

// paperPage shows the papers of a reception or a matter as they are printed,
// one kind at a time.
type paperPage struct {
	visit ledger.ID
	n     int // the matter that is meant, from 1; 0: the reception
	paperRead
	at     int
	full   bool // names the voter, which was recorded
	gone   string
	read   bool
	busy   bool // on its way to the printer
	scroll scroll
}

// paperRead is what a reading brings: everything that papers are made of.
type paperRead struct {
	x     station.Dossier
	kinds []station.PaperKind
	ps    []station.Paper // of the kind that is shown
}

// newPapers shows the papers of a matter, or with n 0 of a whole reception.
func newPapers(visit ledger.ID, n int) *paperPage { return &paperPage{visit: visit, n: n} }

func (p *paperPage) title(e *env) string     { return e.word(wPapers) }
func (p *paperPage) scope() scope            { return inPaper }
func (p *paperPage) waiting(string) bool     { return !p.read || len(p.ps) == 0 && p.gone == "" }
func (p *paperPage) wheel(_ *env, down bool) { p.scroll.wheel(down) }

func (p *paperPage) load(e *env) tea.Cmd {
	desk, who, visit, n := e.desk, e.who, p.visit, p.n
	return work(func() (r paperRead, err error) {
		if r.x, err = desk.Dossier(who, visit, n); err == nil {
			r.kinds = desk.PapersNow(r.x)
		}
		return r, err
	}, func(r paperRead, err error) tea.Cmd {
		if err != nil {
			p.read, p.gone = true, e.explain(err)
			return nil
		}
		p.x, p.kinds, p.gone = r.x, r.kinds, ""
		p.at = max(0, min(p.at, len(p.kinds)-1))
		return p.show(e)
	})
}

// show composes the papers of the kind that is chosen.
func (p *paperPage) show(e *env) tea.Cmd {
	desk, x, kind, full := e.desk, p.x, p.kinds[p.at], p.full
	return work(func() ([]station.Paper, error) { return desk.Compose(x, kind, full) }, func(ps []station.Paper, err error) tea.Cmd {
		if kind != p.kinds[p.at] || full != p.full {
			return nil // another was asked for meanwhile
		}
		if p.read, p.ps = true, ps; err != nil {
			p.gone = e.explain(err)
		}
		return nil
	})
}

func (p *paperPage) named(e *env, b binding) (string, bool) {
	switch b.id {
	case actPrint:
		return e.text(b.text), e.printer != nil && p.gone == "" && e.who.MayPrint() == nil
	case actReveal:
		if p.full {
			return e.word(wMaskName), p.gone == ""
		}
		return e.text(b.text), p.gone == ""
	}
	return e.text(b.text), true
}

func (p *paperPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	n := len(p.kinds)
	switch s := k.String(); s {
	case "left", "right", "tab", "shift+tab":
		if n == 0 {
			return true, nil
		}
		by := map[string]int{"left": n - 1, "shift+tab": n - 1, "right": 1, "tab": 1}[s]
		p.at, p.scroll = (p.at+by)%n, scroll{}
		return true, p.show(e)
	default:
		return p.scroll.key(s), nil
	}
}

func (p *paperPage) act(e *env, id action) tea.Cmd {
	switch {
	case !p.read || p.gone != "":
		return nil
	case id == actReveal && p.full:
		p.full = false
		return p.show(e)
	case id == actReveal:
		desk, who, full := e.desk, e.who, p.x.Full
		return work(func() (station.Voter, error) { return desk.Reveal(who, full) }, func(_ station.Voter, err error) tea.Cmd {
			if err != nil {
				return e.fail(err)
			}
			p.full = true
			return p.show(e)
		})
	case id == actPrint && e.printer != nil && !p.busy:
		if err := e.who.MayPrint(); err != nil {
			return e.fail(err)
		}
		p.busy = true
		printer, pages := e.printer, p.ps
		return work(func() (bool, error) { return true, printer.Print(context.Background(), pages, 1) }, func(_ bool, err error) tea.Cmd {
			p.busy = false
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(wPrinted, pages[0].Title))
		})
	}
	return nil
}

func (p *paperPage) view(e *env) ([]string, *tea.Cursor) {
	switch {
	case !p.read:
		return []string{"", "  " + e.label(wLoading)}, nil
	case p.gone != "":
		return []string{"", "  " + e.th.Warn.Render(cell.Clip(e.show(p.gone), e.w-4, e.th.Glyphs.More))}, nil
	}
	tabs := " "
	for i, k := range p.kinds {
		text := " " + e.term(station.Papers, string(k)) + " "
		if i == p.at {
			text = e.th.Selected.Render(text)
		} else {
			text = e.th.Muted.Render(text)
		}
		tabs += text + " "
	}
	rows := []string{tabs, " " + e.th.Muted.Render(cell.Clip(e.label(p.hint(e)), e.w-2, e.th.Glyphs.More))}
	var all []string
	for _, x := range p.ps {
		all = append(all, paper.Preview(x)...)
	}
	left := max(0, (e.w-paper.Columns(p.ps[0].Size))/2)
	for _, r := range p.scroll.window(all, e.h-len(rows)) {
		rows = append(rows, cell.Blank(left)+e.th.Text.Render(cell.Clip(e.show(r), e.w-left, e.th.Glyphs.More)))
	}
	return rows, nil
}

// hint says what a printing brings out, and where there is no printer what to
// do instead.
func (p *paperPage) hint(e *env) word {
	switch {
	case p.busy:
		return wPrinting
	case e.printer == nil, e.who.MayPrint() != nil:
		return wNoPrinter
	case p.full:
		return wPaperFull
	}
	return wPaperMasked
}
