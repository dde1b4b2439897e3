package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// gap is the cells between two items of a row, and labelGap those between the
// labels of the first column and their fields.
const (
	gap      = 2
	labelGap = 2
	itemMin  = 24
	labelMax = 16 // a longer label of the first column does not widen the others
)

// picture is where things were drawn last, for clicks and for Up and Down.
type picture struct {
	stale  bool
	width  int
	top    int // first row of the form in sight
	places []place
	popup  place // of the focused field's list; cells 0 when closed
}

// place is a rectangle of the whole form, before scrolling.
type place struct {
	field       int // index in Form.fields, -1 for a note
	item        Item
	x, y, cells int
	label       int // cells of the label, the field has the rest
	height      int
}

// View draws the form into exactly width × height cells and returns the real
// cursor in them, nil when no field wants it. With height 0 it takes the rows
// it needs. The field with the focus, its list and its problem are in sight.
func (f *Form) View(width, height int, th *theme.Theme) (string, *tea.Cursor) {
	rows, cursor := f.Rows(width, height, th)
	return strings.Join(rows, "\n"), cursor
}

// Rows is View as single rows.
func (f *Form) Rows(width, height int, th *theme.Theme) ([]string, *tea.Cursor) {
	width = max(width, 1)
	p := f.lay(width)
	c := canvas{width: width, th: th, form: f}
	for line := 0; line < len(p); {
		n := line + 1
		for n < len(p) && p[n].y == p[line].y {
			n++
		}
		c.line(p[line:n])
		line = n
	}
	f.shown.places = c.places
	f.shown.width = width
	f.shown.stale = false
	c.drawPopup()
	f.shown.popup = c.popup
	if height <= 0 {
		height = len(c.rows)
	}
	return c.cut(height), c.cursor
}

// Height is how many rows the form needs at a width.
func (f *Form) Height(width int, th *theme.Theme) int {
	top := f.shown
	rows, _ := f.Rows(width, 0, th)
	f.shown = top
	return len(rows)
}

// lay places the items on lines: y counts lines, not yet rows of cells.
func (f *Form) lay(width int) []place {
	var places []place
	y, index := 0, 0
	for _, row := range f.rows {
		var line []place
		used := 0
		flush := func() {
			places = append(places, share(line, width)...)
			line, used = nil, 0
			y++
		}
		shown := len(row) == 0
		for _, item := range row {
			p := place{field: -1, item: item, y: y}
			if item.Field != nil {
				p.field = index
				index++
				if f.hidden[item.Field.ID()] {
					continue
				}
			}
			shown = true
			want := min(wanted(item), width)
			if len(line) > 0 && used+gap+want > width {
				flush()
				p.y = y
			}
			if len(line) > 0 {
				used += gap
			}
			p.cells = want
			used += want
			line = append(line, p)
		}
		if len(row) == 0 {
			line = append(line, place{field: -1, y: y})
		}
		if shown {
			flush()
		}
	}
	f.align(places)
	return places
}

// wanted is the width that an item needs to stand on a line.
func wanted(item Item) int {
	switch {
	case item.Cells > 0:
		return item.Cells
	case item.Min > 0:
		return item.Min
	}
	return itemMin
}

// share gives what a line leaves to its items without a width of their own,
// and the columns.
func share(line []place, width int) []place {
	free, open := width-gap*(len(line)-1), 0
	for _, p := range line {
		free -= p.cells
		if p.item.Cells == 0 {
			open++
		}
	}
	x := 0
	for i := range line {
		p := &line[i]
		p.x = x
		if p.item.Cells == 0 && open > 0 && (p.item.Field != nil || p.item.Note != nil) {
			more := free / open
			p.cells += more
			free -= more
			open--
		}
		x += p.cells + gap
	}
	return line
}

// align gives the first column labels of one width.
func (f *Form) align(places []place) {
	first := 0
	for _, p := range places {
		if p.field >= 0 && p.x == 0 {
			if w := cell.Width(p.item.Field.Label()); w <= labelMax {
				first = max(first, w)
			}
		}
	}
	for i := range places {
		p := &places[i]
		if p.field < 0 {
			continue
		}
		w := cell.Width(p.item.Field.Label())
		switch {
		case w == 0:
		case p.x == 0:
			p.label = max(first, w) + labelGap
		default:
			p.label = w + 1
		}
		p.label = min(p.label, p.cells*2/3)
	}
}

// canvas collects the rows of a form while it is drawn.
type canvas struct {
	form   *Form
	th     *theme.Theme
	width  int
	rows   []string
	places []place
	cursor *tea.Cursor
	popup  place
	from   int // rows that must be in sight: the field with the focus …
	to     int // … and what belongs to it
	anchor int // column of its value
}

// line draws the items that stand side by side, and their problems under them.
func (c *canvas) line(items []place) {
	y := len(c.rows)
	drawn := make([][]string, len(items))
	height := 1
	for i := range items {
		p := &items[i]
		p.y = y
		drawn[i] = c.item(p)
		p.height = len(drawn[i])
		height = max(height, p.height)
	}
	for r := range height {
		var b strings.Builder
		x := 0
		for i, p := range items {
			b.WriteString(cell.Blank(p.x - x))
			if r < len(drawn[i]) {
				b.WriteString(drawn[i][r])
			} else {
				b.WriteString(cell.Blank(p.cells))
			}
			x = p.x + p.cells
		}
		b.WriteString(cell.Blank(c.width - x))
		c.rows = append(c.rows, b.String())
	}
	c.places = append(c.places, items...)
	for _, p := range items {
		c.problems(p)
	}
	if c.to == -1 {
		c.to = len(c.rows)
	}
}

// item draws one item as rows of p.cells each.
func (c *canvas) item(p *place) []string {
	if p.field < 0 {
		text := ""
		if p.item.Note != nil {
			text = c.th.Glyphs.Show(p.item.Note(p.cells, c.th))
		}
		return []string{cell.Pad(text, p.cells)}
	}
	focused := p.field == c.form.focus
	label := c.th.Label
	if focused {
		label = c.th.LabelFocused
	}
	d := p.item.Field.Draw(p.cells-p.label, c.th)
	rows := make([]string, len(d.Lines))
	for i, line := range d.Lines {
		head := cell.Blank(p.label)
		if i == 0 && p.label > 0 {
			head = label.Render(cell.Pad(show(p.item.Field.Label(), c.th), p.label-1)) + " "
		}
		rows[i] = head + line
	}
	if focused {
		c.from, c.to, c.anchor = p.y, -1, p.x+p.label
		if d.Cursor {
			c.cursor = tea.NewCursor(p.x+p.label+d.X, p.y+d.Y)
		}
	}
	return rows
}

// problems draws under a field what is wrong with it, and what was done to its
// text.
func (c *canvas) problems(p place) {
	if p.field < 0 {
		return
	}
	if n, ok := p.item.Field.(interface{ Notice() string }); ok {
		c.problem(p, n.Notice(), c.th.Warn)
	}
	c.problem(p, p.item.Field.Problem(), c.th.Error)
}

func (c *canvas) problem(p place, said string, style lipgloss.Style) {
	if said == "" {
		return
	}
	x := p.x + p.label
	if c.width-x < 40 {
		x = max(min(x, c.width-40), 0)
	}
	text := c.th.Glyphs.Wrong + " " + show(said, c.th)
	for _, row := range cell.Wrap(text, c.width-x) {
		row = cell.Clip(row, c.width-x, "")
		c.rows = append(c.rows, cell.Blank(x)+style.Render(row)+cell.Blank(c.width-x-cell.Width(row)))
	}
}

// drawPopup lays the list of the field with the focus over the rows under it.
func (c *canvas) drawPopup() {
	field, ok := c.form.Focused().(interface {
		Popup(width int, th *theme.Theme) []string
	})
	if !ok {
		return
	}
	x := c.anchor
	if c.width-x < 50 {
		x = max(min(x, c.width-50), 0)
	}
	rows := field.Popup(c.width-x, c.th)
	if len(rows) == 0 {
		return
	}
	for len(c.rows) < c.to+len(rows) {
		c.rows = append(c.rows, cell.Blank(c.width))
	}
	for i, row := range rows {
		c.rows[c.to+i] = cell.Blank(x) + row
	}
	c.popup = place{x: x, y: c.to, cells: c.width - x, height: len(rows)}
	c.to += len(rows)
}

// cut returns height rows with the focus in sight, and moves the cursor with
// them.
func (c *canvas) cut(height int) []string {
	f := c.form
	top := min(f.shown.top, c.from)
	top = max(top, c.to-height)
	top = min(top, c.from)
	if c.cursor != nil {
		top = max(top, c.cursor.Y-height+1) // a field may be higher than the window
	}
	top = max(min(top, len(c.rows)-height), 0)
	f.shown.top = top
	if top > 0 {
		c.mark(top, c.th.Glyphs.Up)
	}
	if top+height < len(c.rows) {
		c.mark(top+height-1, c.th.Glyphs.Down)
	}
	for len(c.rows) < top+height {
		c.rows = append(c.rows, cell.Blank(c.width))
	}
	if c.cursor != nil {
		c.cursor.Y -= top
	}
	return c.rows[top : top+height]
}

// mark puts a sign at the right end of a row: there is more beyond it.
func (c *canvas) mark(y int, sign string) {
	if c.cursor != nil && c.cursor.Y == y && c.cursor.X >= c.width-1 {
		return
	}
	c.rows[y] = cell.Pad(c.rows[y], c.width-1) + c.th.Muted.Render(sign)
}
