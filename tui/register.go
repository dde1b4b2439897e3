package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// registerPage is the register (台账): every reception, newest first, searched
// as one types. It holds the rows that the desk found and draws those in
// sight, so a hundred thousand scroll like ten.
type registerPage struct {
	search *form.Form
	filter station.Query // all but the text
	rows   []*station.Row
	list   list
	read   bool
	denied string // why this person sees no register

	asking bool // a search is under way
	again  bool // and what it answers is no longer asked
	fresh  bool // something else is asked: the newest match is to be marked

	beside  detail // of the marked row, on wide screens
	drawn   drawnDetail
	stale   bool // and it may have changed meanwhile
	reading bool
}

func newRegister() *registerPage { return &registerPage{} }

// newRegisterOf is the register of one station, at the city.
func newRegisterOf(code string) *registerPage {
	return &registerPage{filter: station.Query{Station: code}}
}

func (p *registerPage) title(e *env) string { return e.word(wRegister) }
func (p *registerPage) scope() scope        { return inRegister }

// build makes the search field in the session's language.
func (p *registerPage) build(e *env) {
	if p.search == nil {
		p.search = form.New("search", form.Row{form.In(form.NewText(form.TextConfig{ID: "q", Label: e.word(wFind), Placeholder: e.word(wFindHint), Limit: 100}), 0)})
	}
}

func (p *registerPage) load(e *env) tea.Cmd {
	p.build(e)
	p.stale = true
	return p.find(e)
}

// waiting: text can be typed at any time, but what acts on a row waits for the
// rows that were asked for.
func (p *registerPage) waiting(key string) bool {
	return (p.asking || !p.read) && (key == "" || key == "enter")
}

// query is what is asked now.
func (p *registerPage) query() station.Query {
	q := p.filter
	q.Text = p.search.Value("q")
	return q
}

// find searches. One search runs at a time; while one does, only the newest
// text is asked next, so that fast typing never queues up work.
func (p *registerPage) find(e *env) tea.Cmd {
	if p.asking {
		p.again = true
		return nil
	}
	p.asking, p.again = true, false
	desk, who, q := e.desk, e.who, p.query()
	return work(func() ([]*station.Row, error) { return desk.List(who, q) }, func(rows []*station.Row, err error) tea.Cmd {
		p.asking = false
		if p.again {
			return p.find(e)
		}
		p.read = true
		p.put(rows)
		if err != nil {
			p.denied = e.explain(err)
			return nil
		}
		p.denied = ""
		return p.look(e)
	})
}

// put shows other rows; the mark stays on the reception it stood on, unless
// something else was asked.
func (p *registerPage) put(rows []*station.Row) {
	was := p.marked()
	p.rows = rows
	p.list.size(len(rows))
	if p.fresh || was == nil {
		p.fresh = false
		p.list.mark(0)
		return
	}
	for i, r := range rows {
		if r.ID == was.ID {
			p.list.top += i - p.list.at
			p.list.mark(i)
			return
		}
	}
}

// marked is the row that the keys act on, nil where there is none.
func (p *registerPage) marked() *station.Row {
	if p.list.at >= len(p.rows) {
		return nil
	}
	return p.rows[p.list.at]
}

// look reads the marked reception for the side of a wide screen.
func (p *registerPage) look(e *env) tea.Cmd {
	r := p.marked()
	if r == nil || e.w < besideWidth || p.reading || p.beside.full.ID == r.ID && !p.stale {
		return nil
	}
	p.reading, p.stale = true, false
	desk, who, id := e.desk, e.who, r.ID
	return work(func() (detail, error) { return readDetail(desk, who, id) }, func(d detail, err error) tea.Cmd {
		p.reading = false
		if err != nil {
			d = detail{full: station.Full{ID: id}, gone: e.explain(err)}
		}
		p.beside, p.drawn = d, drawnDetail{}
		return p.look(e) // the mark may have moved on
	})
}

func (p *registerPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.search == nil {
		return false, nil
	}
	s := k.String()
	if inField := s == "home" || s == "end"; !inField || p.search.Value("q") == "" {
		if p.list.key(s) {
			return true, p.look(e)
		}
	}
	was := p.search.Value("q")
	if !p.search.Key(k) {
		return false, nil
	}
	return true, p.typed(e, was)
}

// typed searches anew where the text has changed; the newest match is marked.
func (p *registerPage) typed(e *env, was string) tea.Cmd {
	if strings.TrimSpace(was) == strings.TrimSpace(p.search.Value("q")) {
		return nil
	}
	p.fresh = true
	return p.find(e)
}

func (p *registerPage) paste(e *env, text string) tea.Cmd {
	if p.search == nil {
		return nil
	}
	was := p.search.Value("q")
	p.search.Paste(text)
	return p.typed(e, was)
}

func (p *registerPage) click(e *env, x, y int) tea.Cmd {
	if p.search == nil {
		return nil
	}
	if y == 0 {
		p.search.Click(x-1, 0)
		return nil
	}
	w, _ := split(e)
	if x >= w {
		return nil
	}
	hit, again := p.list.click(y - registerTop)
	switch {
	case again:
		return p.act(e, actOpen)
	case hit:
		return p.look(e)
	}
	return nil
}

func (p *registerPage) wheel(_ *env, down bool) { p.list.wheel(down) }

func (p *registerPage) act(e *env, id action) tea.Cmd {
	switch id {
	case actFind: // F3 on the register begins a new search
		p.search.Set("q", "")
		p.fresh = true
		return p.find(e)
	case actOpen:
		if r := p.marked(); r != nil {
			return e.atOnce(openMsg{newDetail(r.ID)})
		}
	case actFilter:
		return p.ask(e)
	case actClearFilter:
		p.filter, p.fresh = station.Query{}, true
		p.search.Set("q", "")
		return p.find(e)
	}
	return nil
}

// ask opens the filters.
func (p *registerPage) ask(e *env) tea.Cmd {
	day := func(id string, label word, v typed.Date) form.Field {
		f := form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(wFilterDayHint), Limit: 20, Fold: cell.Fold,
			Rule: rule(e, func(v string) (string, error) {
				d, err := typed.ParseDate(v, e.desk.Today())
				return d.String(), err
			})})
		if !v.IsZero() {
			f.SetValue(v.String())
		}
		return f
	}
	any := append(station.Terms{{Code: "", Key: "0", Text: wAny.text()}}, station.Dispositions...)
	category := form.NewPick(form.PickConfig{ID: "category", Label: e.word(wCategory), Placeholder: e.word(wFilterCategoryHint),
		Source: func(q string) []form.Option { return options(e.desk.FindCategories(q), e.categoryOption) },
		Find:   e.findCategory})
	category.SetValue(p.filter.Category)
	f := form.New("filter",
		form.Row{form.In(day("from", wFrom, p.filter.From), 0)},
		form.Row{form.In(day("to", wTo, p.filter.To), 0)},
		form.Row{form.In(category, 0)},
		form.Row{form.In(choice(e, "disposition", wDisposition, any, p.filter.Disposition), 0)},
		form.Row{form.In(form.NewPick(e.stationPick("station", wStations, wAny)), 0)})
	f.SetWords(formWords(e))
	f.Hide("station", !e.desk.AtCity())
	f.Set("station", p.filter.Station)
	rows := 11
	if e.desk.AtCity() {
		rows++
	}
	d := &formDialog{title: e.word(wFilter), rows: rows, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		p.filter = station.Query{Category: f.Value("category"), Disposition: f.Value("disposition"), Station: f.Value("station")}
		today := e.desk.Today()
		for id, to := range map[string]*typed.Date{"from": &p.filter.From, "to": &p.filter.To} {
			if v := f.Value(id); v != "" {
				*to, _ = typed.ParseDate(v, today) // the field's rule has read it already
			}
		}
		if !p.filter.To.IsZero() && p.filter.To.Before(p.filter.From) {
			p.filter.From, p.filter.To = p.filter.To, p.filter.From
		}
		p.fresh = true
		return true, p.find(e)
	}}
	return d.open(e)
}
