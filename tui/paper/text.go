// Package paper draws official papers: as text in cells, for a terminal and a
// line printer, and as HTML, for the printer of any browser. What stands on a
// paper is package station's; here is only how it looks.
package paper

import (
	"strings"

	"liaison/station"
	"liaison/tui/cell"
)

// turn is the row at which a paper goes on on its back, or another begins: a
// line printer takes it for the next sheet.
const turn = "\f"

// Columns are the cells across a sheet: 80 on A4, 48 on A5 and on a roll of
// 80 mm.
func Columns(size station.PaperSize) int {
	if size == station.A5 {
		return 48
	}
	return 80
}

// rowHeight is what a line printer moves on for a row, in tenths of a
// millimetre: a sixth of an inch.
const rowHeight = 42

// Text is the papers as text, each as many times as there are copies, with a
// form feed between two sheets. No row is wider than its sheet, and no control
// character but these line ends and form feeds stands in it.
func Text(ps []station.Paper, copies int) string {
	var b strings.Builder
	for range max(copies, 1) {
		for _, p := range ps {
			if b.Len() > 0 {
				b.WriteString(turn)
			}
			for _, row := range rows(p) {
				b.WriteString(row)
				if row != turn {
					b.WriteByte('\n')
				}
			}
		}
	}
	return b.String()
}

// Preview is a paper's rows for a screen; a line stands where it is turned.
func Preview(p station.Paper) []string {
	out := rows(p)
	for i, row := range out {
		if row == turn {
			out[i] = strings.Repeat("=", Columns(p.Size))
		}
	}
	return out
}

// sheet is a paper being drawn.
type sheet struct {
	w    int
	rows []string
}

func rows(p station.Paper) []string {
	s := &sheet{w: Columns(p.Size)}
	s.centre(p.Office)
	s.centre(p.Title)
	s.put(strings.Repeat("-", s.w))
	for _, b := range p.Blocks {
		switch b.Kind {
		case station.BlockPairs:
			s.pairs(b.Pairs)
		case station.BlockText:
			s.text(b)
		case station.BlockTick:
			s.ticks(b)
		case station.BlockSigns:
			s.signs(b.Signs)
		case station.BlockHead:
			s.blank()
			s.centre(b.Text)
			s.blank()
		case station.BlockNote:
			s.put(cell.Wrap(cell.Clean(b.Text, false), s.w)...)
		case station.BlockTear:
			s.tear(cell.Clean(b.Text, false))
		case station.BlockTurn:
			s.put(turn)
		}
	}
	return s.rows
}

func (s *sheet) put(rows ...string) {
	for _, r := range rows {
		s.rows = append(s.rows, strings.TrimRight(r, " "))
	}
}

// blank leaves one row blank.
func (s *sheet) blank() {
	if n := len(s.rows); n == 0 || s.rows[n-1] != "" && s.rows[n-1] != turn {
		s.rows = append(s.rows, "")
	}
}

func (s *sheet) centre(text string) {
	for _, r := range cell.Wrap(cell.Clean(text, false), s.w) {
		s.put(cell.Center(r, s.w))
	}
}

// gap stands between a label and its value, and between two columns.
const gap = 2

// pairs puts two on a row where both fit in their half of it.
func (s *sheet) pairs(ps []station.PaperPair) {
	label := 8
	for i := range ps {
		ps[i].Label, ps[i].Value = cell.Clean(ps[i].Label, false), cell.Clean(ps[i].Value, false)
		label = max(label, cell.Width(ps[i].Label))
	}
	half := (s.w - gap) / 2
	fits := func(p station.PaperPair) bool {
		return !p.Wide && label+gap+cell.Width(p.Value) <= half
	}
	for i := 0; i < len(ps); i++ {
		if i+1 < len(ps) && fits(ps[i]) && fits(ps[i+1]) {
			left := s.pair(ps[i], label, half)[0]
			s.put(cell.Pad(left, half) + cell.Blank(gap) + s.pair(ps[i+1], label, half)[0])
			i++
			continue
		}
		s.put(s.pair(ps[i], label, s.w)...)
	}
	s.blank()
}

// pair is a label and its value on so many cells; an empty value is a line.
func (s *sheet) pair(p station.PaperPair, label, w int) []string {
	room := w - label - gap
	value := p.Value
	if value == "" {
		value = strings.Repeat("_", min(room, 24))
	}
	var out []string
	for i, r := range cell.Wrap(value, room) {
		head := ""
		if i == 0 {
			head = p.Label
		}
		out = append(out, cell.Pad(head, label+gap)+r)
	}
	return out
}

// text is a long text under its label, with room to write.
func (s *sheet) text(b station.PaperBlock) {
	s.put(cell.Wrap(cell.Clean(b.Label, false)+"：", s.w)...)
	n := 0
	if b.Text != "" {
		for _, r := range cell.Wrap(cell.Clean(b.Text, true), s.w-4) {
			s.put("  " + r)
			n++
		}
	}
	for ; n*rowHeight < b.Room*10; n++ {
		s.put("")
	}
	s.blank()
}

func (s *sheet) ticks(b station.PaperBlock) {
	row := cell.Clean(b.Label, false)
	for _, t := range b.Ticks {
		t = "[ ] " + cell.Clean(t, false)
		if cell.Width(row)+gap+cell.Width(t) > s.w {
			s.put(row)
			row = cell.Blank(gap)
		}
		row += cell.Blank(gap) + t
	}
	s.put(row)
	s.blank()
}

// signs are lines to sign on, each with a date; a seal takes room below.
func (s *sheet) signs(ss []station.PaperSign) {
	const date = "      年   月   日"
	for _, g := range ss {
		s.blank()
		who := cell.Clip(cell.Clean(g.Who, false)+"：", s.w-12, "")
		seal := ""
		if g.Seal {
			seal = "  （盖章）"
		}
		line := s.w - cell.Width(who) - cell.Width(seal) - cell.Width(date)
		if line >= 10 {
			line = min(line, 20)
			left := who + strings.Repeat("_", line) + seal
			s.put(left + cell.Blank(s.w-cell.Width(left)-cell.Width(date)) + date)
		} else {
			s.put(who+strings.Repeat("_", min(20, s.w-cell.Width(who))), cell.PadLeft(seal+date, s.w))
		}
		if g.Seal {
			s.put("", "")
		}
	}
	s.blank()
}

// tear is the line along which the part below is torn off.
func (s *sheet) tear(text string) {
	text = " " + cell.Clip(text, s.w-8, "") + " "
	left := (s.w - cell.Width(text)) / 2
	s.put("", dashes(left)+text+dashes(s.w-left-cell.Width(text)))
}

// dashes are n cells of a broken line.
func dashes(n int) string { return strings.Repeat("- ", n)[:max(n, 0)] }
