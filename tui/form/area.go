package form

import (
	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
	"liaison/tui/theme"
)

// AreaConfig says what an Area is.
type AreaConfig struct {
	ID, Label   string
	Placeholder string
	Limit       int // characters, 0: 2000
	Rows        int // rows drawn when there is little text, 0: 3
	Grow        int // rows drawn at most, 0: Rows
	Rule        Rule
}

// Area is a field of several lines. Enter goes on to the next field, as
// everywhere; Alt+Enter or Ctrl+J begins a new line.
type Area struct {
	base
	buffer
	placeholder string
	rows, grow  int
	top         int  // first row drawn
	goal        int  // column that Up and Down aim at, -1: the caret's own
	edge        bool // the caret is drawn behind its row, not before the next one

	width  int         // cells of a row at the last drawing
	glyphs cell.Glyphs // of the last drawing
	wrap   wrapped
}

// wrapped is the text as it was last broken into rows.
type wrapped struct {
	text  string
	width int
	shown string // text with the glyphs of this terminal; rows count in it
	lines []cell.Line
}

// NewArea makes an empty Area.
func NewArea(c AreaConfig) *Area {
	if c.Limit <= 0 {
		c.Limit = 2000
	}
	if c.Rows <= 0 {
		c.Rows = 3
	}
	return &Area{
		base:        newBase(c.ID, c.Label, c.Rule),
		buffer:      buffer{limit: c.Limit, multi: true},
		placeholder: c.Placeholder,
		rows:        c.Rows,
		grow:        max(c.Grow, c.Rows),
		goal:        -1,
		width:       60,
		glyphs:      cell.PlainGlyphs(),
	}
}

// Value is the text, its lines separated by "\n".
func (a *Area) Value() string { return a.text }

// SetValue replaces the text.
func (a *Area) SetValue(s string) {
	a.set(s)
	a.goal, a.edge = -1, false
	a.changed()
}

// Blur ends editing and judges what was typed.
func (a *Area) Blur() {
	a.focused, a.goal = false, -1
	a.version++
	if a.text != "" {
		a.Check()
	}
}

// Check applies the rule.
func (a *Area) Check() bool {
	normal, ok := a.judge(a.text)
	if ok && normal != a.text {
		a.set(normal)
		a.edge = false
		a.version++
	}
	return ok
}

// Key edits the text. Up in the first row and Down in the last are not for it.
func (a *Area) Key(k tea.KeyPressMsg) Reply {
	switch k.Keystroke() {
	case "up":
		return a.vertical(-1)
	case "down":
		return a.vertical(+1)
	case "alt+enter", "shift+enter", "ctrl+enter", "ctrl+j":
		a.after(a.insert("\n", other))
		return Took
	case "home", "shift+home":
		row := a.layout().lines[a.row()]
		a.horizontal(a.fromShown(row.From), false)
		return Took
	case "end", "shift+end":
		to, edge := a.rowEnd(a.row())
		a.horizontal(a.fromShown(to), edge)
		return Took
	}
	used, changed := a.key(k)
	if !used {
		return Pass
	}
	a.after(changed)
	return Took
}

// Paste inserts text at the caret.
func (a *Area) Paste(s string) { a.after(a.insert(s, other)) }

// after redraws, and says when text was left out.
func (a *Area) after(changed bool) {
	a.goal, a.edge = -1, false
	a.version++
	if changed {
		a.changed()
	}
	a.said(a.limit, a.lost)
}

func (a *Area) horizontal(to int, edge bool) {
	a.move(to)
	a.goal, a.edge = -1, edge
	a.version++
}

// vertical moves the caret by whole rows, keeping its column where it can.
func (a *Area) vertical(by int) Reply {
	row := a.row() + by
	if row < 0 || row >= len(a.layout().lines) {
		return Pass
	}
	if a.goal < 0 {
		a.goal, _ = a.caretCell()
	}
	goal := a.goal
	a.horizontal(a.offsetAt(goal, row))
	a.goal = goal
	return Took
}

// Click puts the caret into the clicked cell.
func (a *Area) Click(x, y int, _ bool) {
	row := min(a.top+y, len(a.layout().lines)-1)
	a.horizontal(a.offsetAt(x, row))
}

// layout breaks the text into rows, once for every text and width. The last
// column stays free, so that the caret fits behind a full row, and in a wide
// field some more for an input method. A Text keeps up to 20 cells free; here
// nothing stands to the right that could be pushed away, and rows are dear, so
// it is a quarter of what the field can spare.
func (a *Area) layout() *wrapped {
	width := max(a.width-1-min(max(a.width-24, 0)/4, 20), 2)
	if a.wrap.lines == nil || a.wrap.width != width || a.wrap.text != a.text {
		shown := a.glyphs.Show(a.text)
		a.wrap = wrapped{a.text, width, shown, cell.Lines(shown, width)}
	}
	return &a.wrap
}

// row is the number of the row with the caret.
func (a *Area) row() int {
	w := a.layout()
	caret := a.toShown(a.caret)
	low, high := 0, len(w.lines)-1
	for low < high { // the last row that starts at or before the caret
		mid := (low + high + 1) / 2
		if w.lines[mid].From <= caret {
			low = mid
		} else {
			high = mid - 1
		}
	}
	if a.edge && low > 0 && w.lines[low].From == caret {
		return low - 1
	}
	return low
}

// caretCell is the column and row of the caret in the whole text. A caret
// among spaces that hang over the edge stands at the edge.
func (a *Area) caretCell() (x, row int) {
	row = a.row()
	w := a.layout()
	line := w.lines[row]
	to := min(max(a.toShown(a.caret), line.From), line.To)
	return cell.Width(w.shown[line.From:to]), row
}

// rowEnd is the offset behind the last character of a row. Where the row was
// broken within a paragraph the next row starts at the same offset; edge then
// keeps the caret in this one.
func (a *Area) rowEnd(row int) (at int, edge bool) {
	w := a.layout()
	line := w.lines[row]
	switch {
	case row == len(w.lines)-1:
		return line.Next, false
	case w.shown[line.Next-1] == '\n':
		return line.Next - 1, false
	}
	return line.Next, true
}

// offsetAt is the offset in the text of the character at column x of a row, or
// of the row's end.
func (a *Area) offsetAt(x, row int) (at int, edge bool) {
	w := a.layout()
	line := w.lines[row]
	at = line.From + cell.Offset(w.shown[line.From:line.To], x)
	if at == line.To {
		end, edge := a.rowEnd(row)
		return a.fromShown(min(at, end)), edge && at == end
	}
	return a.fromShown(at), false
}

// toShown and fromShown turn an offset in the text into one in the shown text
// and back.
func (a *Area) toShown(at int) int {
	if a.layout().shown == a.text {
		return at
	}
	return len(a.glyphs.Show(a.text[:at]))
}

func (a *Area) fromShown(at int) int {
	return inText(a.text, a.layout().shown, at)
}

// Draw returns the visible rows.
func (a *Area) Draw(width int, th *theme.Theme) Drawing {
	if a.width != width || a.glyphs != th.Glyphs {
		a.width, a.glyphs, a.wrap = width, th.Glyphs, wrapped{}
		a.version++
	}
	return a.draw(width, th, func() Drawing { return a.paint(width, th) })
}

func (a *Area) paint(width int, th *theme.Theme) Drawing {
	style := th.Field
	if a.focused {
		style = th.FieldFocused
	}
	if a.text == "" {
		d := blankLine(a.placeholder, width, a.focused, th)
		for len(d.Lines) < a.rows {
			d.Lines = append(d.Lines, style.Render(cell.Blank(width)))
		}
		return d
	}
	w := a.layout()
	x, row := a.caretCell()
	height := min(max(len(w.lines), a.rows), a.grow)
	a.top = a.scrolled(row, height, len(w.lines))
	d := Drawing{X: min(x, width-1), Y: row - a.top, Cursor: a.focused}
	for i := a.top; i < a.top+height; i++ {
		text := ""
		if i < len(w.lines) {
			text = w.shown[w.lines[i].From:w.lines[i].To]
		}
		d.Lines = append(d.Lines, style.Render(cell.Pad(text, width)))
	}
	return d
}

// scrolled is the first row to draw so that the caret's is among them. A field
// without the focus shows its beginning.
func (a *Area) scrolled(row, height, total int) int {
	if !a.focused {
		return 0
	}
	top := min(max(a.top, row-height+1), row)
	return min(top, max(total-height, 0))
}
