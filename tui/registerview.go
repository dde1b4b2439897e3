package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// registerTop is the row of the page at which the register's rows begin.
const registerTop = 3

func (p *registerPage) view(e *env) ([]string, *tea.Cursor) {
	if p.search == nil {
		return nil, nil
	}
	w, side := split(e)
	count := e.label(wLoading)
	if p.read {
		count = e.label(wRows, len(p.rows))
	}
	in, cur := p.search.Rows(w-cell.Width(count)-4, 1, e.th)
	if cur != nil {
		cur.X++
	}
	rows := []string{" " + in[0] + "  " + e.th.Muted.Render(count) + " ", p.chips(e, w), ""}
	c := columnsFor(e, w, p.byPhone())
	rows[2] = " " + e.th.Head.Render(c.heading(e))
	room := e.h - len(rows)
	from, to := p.list.window(room)
	switch {
	case p.denied != "":
		rows = append(rows, "", "  "+e.show(p.denied))
	case p.read && len(p.rows) == 0:
		rows = append(rows, "", "  "+e.th.Muted.Render(e.label(wNothing)))
	}
	today := e.desk.Today()
	for i := from; i < min(to, len(p.rows)); i++ {
		rows = append(rows, " "+e.marked(i == p.list.at, c.row(e, p.rows[i], today)))
	}
	if side == 0 {
		return rows, cur
	}
	var right []string
	if r := p.marked(); r != nil && p.beside.full.ID == r.ID {
		right = p.drawn.draw(e, &p.beside, side, false)
	}
	return beside(e, rows, right, w), cur
}

// byPhone reports that digits are searched for, so that phones are worth
// their place.
func (p *registerPage) byPhone() bool {
	q := cell.Fold(strings.TrimSpace(p.search.Value("q")))
	return len(q) >= 3 && strings.Trim(q, "0123456789 -") == ""
}

// chips says in words which filters are on, or what can be searched.
func (p *registerPage) chips(e *env, w int) string {
	var on []string
	q := p.filter
	switch {
	case !q.From.IsZero() && !q.To.IsZero():
		on = append(on, q.From.String()+" "+e.th.Glyphs.Range+" "+q.To.String())
	case !q.From.IsZero():
		on = append(on, e.label(wSince, q.From.String()))
	case !q.To.IsZero():
		on = append(on, e.label(wUntil, q.To.String()))
	}
	if q.Category != "" {
		on = append(on, q.Category+" "+e.show(e.desk.CategoryName(q.Category)))
	}
	if q.Disposition != "" {
		on = append(on, e.term(station.Dispositions, q.Disposition))
	}
	if q.Station != "" {
		on = append(on, e.label(wStationOf, q.Station+" "+e.desk.StationName(q.Station)))
	}
	if len(on) == 0 {
		return " " + e.th.Muted.Render(cell.Clip(e.label(wNoFilter, e.keyOf(inRegister, actFilter)), w-2, e.th.Glyphs.More))
	}
	clear := e.keyOf(inRegister, actClearFilter) + " " + e.label(wClear)
	text := cell.Clip(strings.Join(on, " "+e.th.Glyphs.Dot+" "), w-cell.Width(clear)-cell.Width(e.label(wFilter))-8, e.th.Glyphs.More)
	return " " + e.th.Label.Render(e.label(wFilter)) + "  " + e.th.Accent.Render(text) + "   " + e.th.Key.Render(clear)
}

// columns are the widths of the register's columns on a screen.
type columns struct {
	when, name, place, title, category, state int
	phone                                     bool
}

// columnsFor shares so many cells out; the title takes what is left.
func columnsFor(e *env, w int, phone bool) columns {
	c := columns{when: 6, name: 8, place: 8, category: 2, state: 15, phone: phone}
	if w >= 90 {
		c.name, c.place = 12, 12
	}
	if w >= 100 {
		c.when, c.category = 11, 14
	}
	switch {
	case phone:
		c.place = 13
	case w < 76:
		c.place = 0
	}
	if e.en {
		c.state = 16
		c.when = max(c.when, 9)
	}
	used := 0
	for _, n := range [...]int{1 + 2, numberWidth, c.when, c.name, c.place, c.category, c.state, 1} { // margins and pointer too
		if n > 0 {
			used += n + 1
		}
	}
	c.title = max(4, w-used+1)
	return c
}

// numberWidth is QA01-26A-0123-K; longer station codes push the row's end off.
const numberWidth = 15

func (c columns) heading(e *env) string {
	place := wVillage
	if c.phone {
		place = wPhone
	}
	category := wCategoryShort
	if c.category > 4 {
		category = wCategory
	}
	return "  " + cell.Pad(e.label(wNumber), numberWidth+1) + c.cells(e, e.label(wWhen), e.label(wName), e.label(place), e.label(wMatter), e.label(category), e.label(wDisposition))
}

func (c columns) cells(e *env, when, name, place, title, category, state string) string {
	var b strings.Builder
	for _, x := range [...]struct {
		s string
		w int
	}{{when, c.when}, {name, c.name}, {place, c.place}, {title, c.title}, {category, c.category}} {
		if x.w > 0 {
			b.WriteString(cell.Pad(cell.Clip(x.s, x.w, e.th.Glyphs.More), x.w))
			b.WriteByte(' ')
		}
	}
	return b.String() + cell.Pad(cell.Clip(state, c.state, e.th.Glyphs.More), c.state)
}

// row is one reception in the list.
func (c columns) row(e *env, r *station.Row, today typed.Date) string {
	when := e.day(r.At)
	if c.when >= 11 {
		when = e.when(r.At)
	}
	name, place := e.show(typed.MaskName(r.Name)), e.villageName(r.Village)
	if name == "" {
		name = e.th.Glyphs.Show("—")
	}
	if c.phone {
		place = typed.MaskPhone(r.Phone)
	}
	title := e.show(r.Title())
	if n := len(r.Matters); n > 1 {
		title = "(" + itoa(n) + ") " + title
	}
	category, state, mark := "", "", ""
	if r.Late() {
		mark = e.label(wLate)
	}
	if len(r.Matters) > 0 {
		m := r.Matters[0]
		category, state = m.Category, e.term(station.Dispositions, m.Disposition)
		if c.category > 4 {
			category += " " + e.show(e.desk.CategoryName(m.Category))
		}
		if st, _, _ := e.desk.Standing(m.ID); st > station.StAnswered && !st.Ended() {
			state = e.show(e.text(st.Text())) // it has moved on from how it was classed at the desk
		}
		if lamp := e.lamp(r, m); lamp != "" {
			if mark != "" {
				title = mark + " " + title
			}
			mark = lamp
		}
	}
	if r.Void {
		state = e.label(wVoid)
	}
	if mark != "" { // the word must not be cut off
		state = cell.Clip(state, c.state-1-cell.Width(mark), e.th.Glyphs.More) + " " + mark
	}
	return cell.Pad(string(r.Number), numberWidth+1) + c.cells(e, when, name, place, title, category, state)
}

// lamp says 临期 or 超期 of a matter in a list.
func (e *env) lamp(r *station.Row, m station.RowMatter) string {
	if r.Void {
		return ""
	}
	_, _, lamp := e.desk.Standing(m.ID) // the row is there, so the table is
	if lamp == station.LampNone || lamp == station.LampOK {
		return ""
	}
	return e.text(lamp.Text())
}

// day says a day in six cells: the clock today, 昨天, the day, or another
// year.
func (e *env) day(t time.Time) string {
	t = t.In(station.Beijing)
	day, today := typed.DateOf(t), typed.DateOf(e.now.In(station.Beijing))
	switch {
	case day == today:
		return t.Format("15:04")
	case day == today.AddDays(-1):
		return e.label(wYesterday)
	case day.Year == today.Year:
		return t.Format("01-02")
	}
	return t.Format("2006")
}

// villageName is the short name of a village, or a dash.
func (e *env) villageName(code string) string {
	if v, ok := e.desk.Village(code); ok {
		return e.show(v.Name)
	}
	if code == "" {
		return e.th.Glyphs.Show("—")
	}
	return e.show(code)
}
