package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
	"liaison/tui/paper"
)

// A Printer prints a paper that is laid out as text.
type Printer interface {
	Print(ctx context.Context, p station.Paper, copies int) error
}

// paperPage shows the papers of a matter as they are printed, one at a time.
type paperPage struct {
	id     ledger.ID // of the matter
	visit  ledger.ID // whose first matter it is, until that is known
	kinds  station.Terms
	at     int
	full   bool // names the voter
	p      station.Paper
	gone   string
	read   bool
	asking bool
	again  bool
	busy   bool // on its way to the printer
	scroll scroll
}

func newPapers(matter ledger.ID) *paperPage { return &paperPage{id: matter} }

// newPapersOf shows those of a reception's first matter, whose receipt is that
// of all.
func newPapersOf(visit ledger.ID) *paperPage { return &paperPage{visit: visit} }

func (p *paperPage) title(e *env) string     { return e.word(wPapers) }
func (p *paperPage) scope() scope            { return inPaper }
func (p *paperPage) waiting(string) bool     { return !p.read }
func (p *paperPage) wheel(_ *env, down bool) { p.scroll.wheel(down) }

type paperRead struct {
	id    ledger.ID
	kinds station.Terms
	p     station.Paper
}

func (p *paperPage) load(e *env) tea.Cmd {
	if p.asking {
		p.again = true
		return nil
	}
	p.asking, p.again = true, false
	desk, who, visit, at, full := e.desk, e.who, p.visit, p.at, p.full
	id := p.id
	return work(func() (n paperRead, err error) {
		if id == "" {
			f, err := desk.Read(who, visit)
			if err != nil {
				return n, err
			}
			id = f.MatterID(0)
		}
		n.id = id
		l, err := desk.Life(who, id)
		if err != nil {
			return n, err
		}
		if n.kinds = station.Papers(l); len(n.kinds) == 0 { // of a void one: the reason is the problem's
			_, err = desk.Paper(who, id, "slip", false)
			return n, err
		}
		n.p, err = desk.Paper(who, id, n.kinds[min(at, len(n.kinds)-1)].Code, full)
		return n, err
	}, func(n paperRead, err error) tea.Cmd {
		p.asking = false
		if p.again {
			return p.load(e)
		}
		p.id, p.read, p.kinds, p.p, p.gone = n.id, true, n.kinds, n.p, ""
		p.at = max(0, min(p.at, len(p.kinds)-1))
		if err != nil {
			p.gone = e.explain(err)
		}
		return nil
	})
}

func (p *paperPage) named(e *env, b binding) (string, bool) {
	switch b.id {
	case actPrint:
		return e.text(b.text), e.printer != nil && p.gone == ""
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
		return true, p.load(e)
	default:
		return p.scroll.key(s), nil
	}
}

func (p *paperPage) act(e *env, id action) tea.Cmd {
	switch {
	case !p.read || p.gone != "":
		return nil
	case id == actReveal:
		p.full = !p.full
		return p.load(e)
	case id == actPrint && e.printer != nil && !p.busy:
		p.busy = true
		printer, page := e.printer, p.p
		return work(func() (bool, error) { return true, printer.Print(context.Background(), page, 1) }, func(_ bool, err error) tea.Cmd {
			p.busy = false
			if err != nil {
				return e.fail(err)
			}
			return say(e.word(wPrinted, page.Title))
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
		text := " " + e.text(k.Text) + " "
		if i == p.at {
			text = e.th.Selected.Render(text)
		} else {
			text = e.th.Muted.Render(text)
		}
		tabs += text + " "
	}
	rows := []string{tabs, " " + e.th.Muted.Render(cell.Clip(e.label(p.hint(e)), e.w-2, e.th.Glyphs.More))}
	left := max(0, (e.w-paper.Columns(p.p))/2)
	for _, r := range p.scroll.window(paper.Rows(p.p), e.h-len(rows)) {
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
	case e.printer == nil:
		return wNoPrinter
	case p.full:
		return wPaperFull
	}
	return wPaperMasked
}
