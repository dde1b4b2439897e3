package tui

import (
	"charm.land/lipgloss/v2"

	"liaison/tui/cell"
)

// A sheet collects the rows of a text made of labels and values.
type sheet struct {
	*env
	w    int
	rows []string
}

// pair is a text with its label.
type pair struct{ label, text string }

func (s *sheet) blank() { s.rows = append(s.rows, "") }

func (s *sheet) head(text string) {
	s.rows = append(s.rows, s.th.Head.Render(cell.Clip(text, s.w, s.th.Glyphs.More)))
}

// labelWidth is where values begin.
func (s *sheet) labelWidth() int {
	if s.en {
		return 12
	}
	return 10
}

// value is one labelled text, wrapped; nothing is drawn for an empty one.
func (s *sheet) value(label, text string, st lipgloss.Style) {
	if text == "" {
		return
	}
	lw := s.labelWidth()
	head := s.th.Label.Render(cell.Pad(cell.Clip(label, lw-1, s.th.Glyphs.More), lw))
	for _, line := range cell.Wrap(text, max(8, s.w-lw)) {
		s.rows = append(s.rows, head+st.Render(line))
		head = cell.Blank(lw)
	}
}

// pairs puts labelled texts side by side, as many as fit in a row.
func (s *sheet) pairs(items ...pair) {
	lw := s.labelWidth()
	row, used := "", 0
	flush := func() {
		if used > 0 {
			s.rows = append(s.rows, row)
		}
		row, used = "", 0
	}
	for _, it := range items {
		if it.text == "" {
			continue
		}
		first := cell.Pad(it.label, max(lw, cell.Width(it.label)+1)) // a long label does not run into its value
		label := first
		if used > 0 {
			label = it.label + " "
		}
		w := cell.Width(label) + cell.Width(it.text)
		if used > 0 && used+3+w > s.w {
			flush()
			label = first
			w = cell.Width(label) + cell.Width(it.text)
		}
		if w > s.w {
			flush()
			s.value(it.label, it.text, s.th.Text)
			continue
		}
		if used > 0 {
			row, used = row+"   ", used+3
		}
		row += s.th.Label.Render(label) + s.th.Text.Render(it.text)
		used += w
	}
	flush()
}
