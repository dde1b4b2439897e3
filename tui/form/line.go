package form

import (
	"liaison/tui/cell"
	"liaison/tui/theme"
)

// paintLine draws one line of text with the caret behind before.
func paintLine(text, before, example string, scroll *int, focused bool, width int, th *theme.Theme) Drawing {
	if text == "" {
		return blankLine(example, width, focused, th)
	}
	if !focused {
		*scroll = 0
		line := cell.Pad(cell.Clip(text, width, th.Glyphs.More), width)
		return Drawing{Lines: []string{th.Field.Render(line)}}
	}
	line, x, from := window(text, cell.Width(before), width, *scroll, th)
	*scroll = from
	return Drawing{Lines: []string{th.FieldFocused.Render(line)}, X: x, Cursor: true}
}

// blankLine draws an empty field with its example.
func blankLine(example string, width int, focused bool, th *theme.Theme) Drawing {
	style := th.Placeholder
	if focused {
		style = th.PlaceFocused
	}
	line := cell.Pad(cell.Clip(show(example, th), width, th.Glyphs.More), width)
	return Drawing{Lines: []string{style.Render(line)}, Cursor: focused}
}

// window returns the part of a long line that is drawn around column x of the
// caret: exactly width cells, with marks where text is hidden, the column of
// the caret in it, and the scroll offset to start from next time.
func window(line string, x, width, scroll int, th *theme.Theme) (part string, at, offset int) {
	total := cell.Width(line)
	room := max(width-1-reserve(width), 0) // the last column for the caret
	if total <= room {
		return cell.Pad(line, width), x, 0
	}
	lead := min(max(width/4, 3), 8, room)    // text kept in sight before it, more than the mark hides
	scroll = min(scroll, max(total-room, 0)) // nothing but text is scrolled away
	if x-scroll > room {
		scroll = x - room
	}
	if x-scroll < lead {
		scroll = max(x-lead, 0)
	}
	part = cell.Pad(cell.Slice(line, scroll, scroll+width), width)
	if scroll > 0 && x > scroll {
		part = th.Glyphs.Prev + cell.Pad(cell.Slice(line, scroll+1, scroll+width), width-1)
	}
	if total-scroll > width && x-scroll < width-1 {
		part = cell.Pad(cell.Slice(part, 0, width-1), width-1) + th.Glyphs.More
	}
	return part, x - scroll, scroll
}

// reserve is how many cells stay free after the caret: an input method that
// draws what is not yet committed into the row pushes the rest to the right.
// A narrow field keeps 24 cells for its text before it gives any away.
func reserve(width int) int { return min(max(width-24, 0), 20) }
