// Package paper lays out what is printed of a matter: as plain text for a line
// printer and for a look on the screen, and as a page for a browser.
package paper

import (
	"fmt"
	"strings"

	"liaison/station"
	"liaison/tui/cell"
)

// Columns is how wide a paper is as text: 80 cells on A4, 48 on A5 or on a roll
// of 80 mm.
func Columns(p station.Paper) int {
	if p.Small {
		return 48
	}
	return 80
}

// Text lays a paper out, a line a row, none wider than Columns. Copies above 1
// say which of how many each is, a form feed between them.
func Text(p station.Paper, copies int) string {
	var b strings.Builder
	for i := range max(1, copies) {
		if i > 0 {
			b.WriteString("\f")
		}
		for _, row := range Rows(p) {
			b.WriteString(row + "\n")
		}
		if copies > 1 {
			fmt.Fprintf(&b, "\n第 %d 份,共 %d 份\n", i+1, copies)
		}
	}
	return b.String()
}

// sheet is a paper while it is laid out.
type sheet struct {
	cols int
	rows []string
}

// Rows are the lines of one copy.
func Rows(p station.Paper) []string {
	s := &sheet{cols: Columns(p)}
	s.centred(p.Issuer)
	s.centred(p.Title)
	s.add(strings.Repeat("-", s.cols))
	for i, b := range p.Blocks {
		if i > 0 && b.Tear == "" {
			s.add("")
		}
		s.block(b)
	}
	return s.rows
}

func (s *sheet) add(row string) { s.rows = append(s.rows, strings.TrimRight(row, " ")) }

// clean is text that may hold what people typed, on one line or on several.
func clean(text string, lines bool) string { return cell.Clean(text, lines) }

func (s *sheet) centred(text string) {
	for _, row := range cell.Wrap(clean(text, false), s.cols) {
		s.add(cell.Center(row, s.cols))
	}
}

func (s *sheet) block(b station.Block) {
	if b.Tear != "" {
		s.add("")
		s.add(strings.Repeat("- ", s.cols/2))
		s.centred(b.Tear)
		s.add("")
	}
	if b.Head != "" {
		s.centred(b.Head)
	}
	s.pairs(b.Pairs)
	s.text(b)
	for _, who := range b.Signs {
		s.sign(who, s.cols)
	}
	if b.Seal {
		s.add("")
		s.right("(盖章)")
		s.right("年    月    日")
	}
	if b.Small != "" {
		for _, row := range cell.Wrap(clean(b.Small, false), s.cols) {
			s.add(row)
		}
	}
}

func (s *sheet) right(text string) { s.add(cell.PadLeft(text, s.cols-4)) }

// labelCells is how wide the names of facts are.
const labelCells = 12

// pairs puts two facts in a row where both are short, and leaves a line for
// what is to be written.
func (s *sheet) pairs(ps []station.PaperPair) {
	half := s.cols / 2
	for i := 0; i < len(ps); i++ {
		left := pair(ps[i], half)
		if i+1 < len(ps) && half > 30 {
			if right := pair(ps[i+1], half); cell.Width(left) < half && cell.Width(right) <= half {
				s.add(cell.Pad(left, half) + right)
				i++
				continue
			}
		}
		label, value := cell.Pad(clean(ps[i].Label, false), labelCells), clean(ps[i].Text, false)
		if value == "" {
			s.add(left)
			continue
		}
		for _, row := range cell.Wrap(value, s.cols-labelCells) {
			s.add(label + row)
			label = cell.Blank(labelCells)
		}
	}
}

func pair(p station.PaperPair, width int) string {
	value := clean(p.Text, false)
	if value == "" {
		value = strings.Repeat("_", width-labelCells-4)
	}
	return cell.Pad(clean(p.Label, false), labelCells) + value
}

// text is a label with what belongs under it: text, room to write, boxes.
func (s *sheet) text(b station.Block) {
	if len(b.Ticks) > 0 {
		s.add(cell.Pad(b.Label, labelCells) + "□ " + strings.Join(b.Ticks, "    □ "))
		return
	}
	if b.Label == "" && b.Text == "" {
		return
	}
	indent := ""
	if b.Label != "" {
		s.add(b.Label + ":")
		indent = "  "
	}
	rows := 0
	for _, row := range cell.Wrap(clean(b.Text, true), s.cols-len(indent)) {
		s.add(indent + row)
		rows++
	}
	for ; rows < b.Room; rows++ {
		s.add("")
	}
}

func (s *sheet) sign(who string, cols int) {
	date := "    年    月    日"
	label := who + "(签名):"
	line := max(4, min(24, cols-cell.Width(label)-cell.Width(date)-2))
	s.add(label + strings.Repeat("_", line) + "  " + date)
	s.add("")
}
