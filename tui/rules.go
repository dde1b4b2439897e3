package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// rulesPage shows what clocks and results are reckoned by: time limits, result
// classes, working days, with what held before and what will. They lie in
// memory. The city's office adds limits and classes here; working days are
// imported.
type rulesPage struct {
	rows []ruleRow
	list list  // over the rows that can be marked
	at   []int // where those stand among the rows
	top  int   // the first row drawn
	want string
}

// ruleRow is one row of the page: a rule, or a heading.
type ruleRow struct {
	text  string
	style lipgloss.Style
	limit *station.Limit
	class *station.ResultClass
	ahead bool // not in force yet: it may still be changed
	mark  bool // the mark can stand on it
}

func (r ruleRow) code() string {
	switch {
	case r.limit != nil:
		return "limit " + r.limit.Code + " " + r.limit.From.String()
	case r.class != nil:
		return "class " + r.class.Code
	}
	return ""
}

func newRules() *rulesPage { return &rulesPage{} }

func (p *rulesPage) title(e *env) string     { return e.word(wRules) }
func (p *rulesPage) scope() scope            { return inRules }
func (p *rulesPage) wheel(_ *env, down bool) { p.list.wheel(down) }

// load reads the rules; the mark stays on the rule it stood on.
func (p *rulesPage) load(e *env) tea.Cmd {
	if r, ok := p.marked(); ok && p.want == "" {
		p.want = r.code()
	}
	p.read(e)
	for i, at := range p.at {
		if c := p.rows[at].code(); c != "" && (c == p.want || strings.HasPrefix(c, p.want+" ")) { // of one just saved the day is not known here
			p.list.mark(i)
		}
	}
	p.want = ""
	return nil
}

// read lays the page out.
func (p *rulesPage) read(e *env) {
	p.rows, p.at = nil, nil
	p.years(e)
	p.limits(e)
	p.classes(e)
	p.calendar(e)
	for i, r := range p.rows {
		if r.mark {
			p.at = append(p.at, i)
		}
	}
	p.list.size(len(p.at))
}

func (p *rulesPage) marked() (ruleRow, bool) {
	if p.list.at >= len(p.at) {
		return ruleRow{}, false
	}
	return p.rows[p.at[p.list.at]], true
}

func (p *rulesPage) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	return p.list.key(k.String()), nil
}

func (p *rulesPage) click(e *env, _, y int) tea.Cmd {
	i := slices.Index(p.at, p.top+y)
	if i < 0 {
		return nil
	}
	again := i == p.list.at
	p.list.mark(i)
	if r, _ := p.marked(); again && r.ahead && e.who.May(station.RightRules) {
		return p.act(e, actChange)
	}
	return nil
}

// named: only what is not in force yet is changed.
func (p *rulesPage) named(e *env, b binding) (string, bool) {
	r, _ := p.marked()
	return e.text(b.text), b.id != actChange || r.ahead
}

func (p *rulesPage) act(e *env, id action) tea.Cmd {
	r, _ := p.marked()
	switch {
	case id == actAdd:
		return e.atOnce(openMsg{p.newLimit(e, r.limit)})
	case id == actAddClass:
		return e.atOnce(openMsg{p.newClass(e)})
	case id == actChange && !r.ahead && (r.limit != nil || r.class != nil):
		return say(e.word(wInForce))
	case id == actChange && r.limit != nil:
		return e.atOnce(openMsg{newRecord(limitRecord(), r.limit, func(code string) { p.want = "limit " + code })})
	case id == actChange && r.class != nil:
		return e.atOnce(openMsg{newRecord(classRecord(), r.class, func(code string) { p.want = "class " + code })})
	}
	return nil
}

func (p *rulesPage) add(r ruleRow) { p.rows = append(p.rows, r) }

// head is a heading, with what changes the rules under it for whom may.
func (p *rulesPage) head(e *env, name word, id action, file string) {
	how := ""
	switch {
	case !e.who.May(station.RightRules):
	case id == actNone:
		how = "   " + e.label(wImportHint, file)
	default:
		how = "   " + e.label(wAddHint, e.keyOf(inRules, id), file)
	}
	p.add(ruleRow{text: e.label(name) + how, style: e.th.Head})
}

// years says plainly of which years the working days are known.
func (p *rulesPage) years(e *env) {
	c, today := e.desk.Calendar(), e.desk.Today()
	var known, missing []string
	for y := today.Year - 2; y <= today.Year+1; y++ {
		switch {
		case c.Years[y]:
			known = append(known, itoa(y))
		case y >= today.Year:
			missing = append(missing, itoa(y))
		}
	}
	have := strings.Join(known, "、")
	text, style := e.word(wYearsKnown, cmp.Or(have, e.word(wNone))), e.th.Muted
	if len(missing) > 0 {
		text, style = e.word(wYearsMissing, cmp.Or(have, e.word(wNone)), strings.Join(missing, "、")), e.th.Warn
	}
	for _, line := range cell.Wrap(e.show(text), e.w-4) {
		p.add(ruleRow{text: line, style: style})
	}
}

// columns of a limit: which clock, of what, how long, when it warns; the rest
// says whether it holds.
func limitColumns(e *env) [4]int {
	w := [4]int{11, 17, 13, 11}
	if e.en {
		w = [4]int{14, 20, 16, 10}
	}
	w[1] += min(10, max(0, e.w-80))
	return w
}

func (p *rulesPage) limits(e *env) {
	p.head(e, wLimits, actAdd, "limits")
	all := slices.Clone(e.desk.Limits())
	order := func(ts station.Terms, code string) int {
		return slices.IndexFunc(ts, func(t station.Term) bool { return t.Code == code })
	}
	hard := func(l station.Limit) int { return map[bool]int{true: 1}[l.Hard] }
	slices.SortStableFunc(all, func(a, b station.Limit) int {
		return cmp.Or(order(station.Timers, string(a.Timer))-order(station.Timers, string(b.Timer)), order(station.Dispositions, a.Disposition)-order(station.Dispositions, b.Disposition),
			hard(a)-hard(b), a.From.Compare(b.From))
	})
	ws := limitColumns(e)
	for _, l := range all {
		force, through := e.desk.LimitForce(l)
		warn := ""
		if l.Warn > 0 {
			warn = e.label(wWarnDays, l.Warn)
		}
		row := p.columns(e, ws[:], e.term(station.Timers, string(l.Timer)), e.limitOf(l), e.show(e.text(l.Text())), warn)
		p.add(ruleRow{text: row + e.force(force, l.From, through), style: e.forceStyle(force), limit: &l, ahead: force == station.Ahead, mark: true})
	}
	p.add(ruleRow{})
}

func (p *rulesPage) columns(e *env, widths []int, texts ...string) string {
	var b strings.Builder
	for i, t := range texts {
		b.WriteString(cell.Pad(cell.Clip(t, widths[i]-1, e.th.Glyphs.More), widths[i]))
	}
	return b.String()
}

// limitOf says which matters a limit is for.
func (e *env) limitOf(l station.Limit) string {
	of := e.label(wAllOf)
	if l.Disposition != "" {
		of = e.term(station.Dispositions, l.Disposition)
	}
	if l.Hard {
		of = e.label(wHard) + " " + of
	}
	return of
}

// force says in words whether a rule holds.
func (e *env) force(f station.Force, from, through typed.Date) string {
	switch {
	case f == station.Ahead:
		return e.label(wAheadFrom, from.String())
	case f == station.Past && through.IsZero():
		return e.label(wPast)
	case f == station.Past:
		return e.label(wPastThrough, through.String())
	case !through.IsZero():
		return e.label(wHoldsThrough, through.String())
	}
	return e.label(wHolds)
}

func (e *env) forceStyle(f station.Force) lipgloss.Style {
	switch f {
	case station.Ahead:
		return e.th.Accent
	case station.Past:
		return e.th.Muted
	}
	return e.th.Text
}

func (p *rulesPage) classes(e *env) {
	p.head(e, wClasses, actAddClass, "classes")
	w := min(e.w-4, 110)
	ws := []int{w - 16 - 20, 16}
	scheme := 0
	for _, c := range e.desk.AllResultClasses() {
		if c.Scheme != scheme {
			scheme = c.Scheme
			p.add(ruleRow{text: e.label(wScheme, scheme), style: e.th.Label})
		}
		var marks []string
		if c.CountsDone {
			marks = append(marks, e.label(wCountsDone))
		}
		if c.NeedsFollowUp {
			marks = append(marks, e.label(wNeedsPromise))
		}
		force := e.desk.ClassForce(c)
		p.add(ruleRow{text: p.columns(e, ws, e.show(e.text(c.Text())), strings.Join(marks, " ")) + e.force(force, e.desk.ClassFrom(c), typed.Date{}),
			style: e.forceStyle(force), class: &c, ahead: force == station.Ahead, mark: true})
	}
	p.add(ruleRow{})
}

func (p *rulesPage) calendar(e *env) {
	p.head(e, wCalendar, actNone, "calendar")
	c := e.desk.Calendar()
	for year := e.desk.Today().Year - 2; year <= e.desk.Today().Year+1; year++ {
		if !c.Years[year] {
			p.add(ruleRow{text: fmt.Sprintf("%d  ", year) + e.label(wYearUnknown), style: e.th.Warn, mark: true})
			continue
		}
		off, on := 0, 0
		for d := range c.Off {
			if d.Year == year {
				off++
			}
		}
		for d := range c.Work {
			if d.Year == year {
				on++
			}
		}
		p.add(ruleRow{text: fmt.Sprintf("%d  ", year) + e.label(wYearDays, off, on), style: e.th.Text, mark: true})
	}
}

func (p *rulesPage) view(e *env) ([]string, *tea.Cursor) {
	p.read(e) // its columns depend on the screen
	line := -1
	if p.list.at < len(p.at) {
		line = p.at[p.list.at]
	}
	p.list.room = max(1, e.h)
	first := line
	if p.list.at == 0 {
		first = 0 // with the headings above it
	}
	p.top = max(min(p.top, first), line-e.h+1, 0)
	p.top = max(0, min(p.top, len(p.rows)-e.h))
	var out []string
	for i := p.top; i < len(p.rows) && len(out) < e.h; i++ {
		r := p.rows[i]
		switch {
		case r.mark && i == line:
			out = append(out, " "+e.th.Selected.Render(e.th.Glyphs.Pointer+" "+r.text))
		case r.mark:
			out = append(out, "   "+r.style.Render(r.text))
		default:
			out = append(out, " "+r.style.Render(r.text))
		}
	}
	return out, nil
}
