package form

// clicker is a field that takes clicks; x and y count from its value. Again says
// that it had the focus already.
type clicker interface{ Click(x, y int, again bool) }

// Click takes a mouse click at a cell of the last drawing, and reports whether
// it was on something.
func (f *Form) Click(x, y int) bool {
	y += f.shown.top
	if p := f.shown.popup; p.has(x, y) {
		field := f.Focused()
		list, ok := field.(interface{ ClickPopup(row int) Reply })
		if !ok {
			return false
		}
		reply := Took
		f.watch(field, func() { reply = list.ClickPopup(y - p.y) })
		if reply == Leave {
			f.move(+1, false)
		}
		return true
	}
	for _, p := range f.shown.places {
		if p.field < 0 || !p.has(x, y) || p.field >= len(f.fields) {
			continue
		}
		field := f.fields[p.field]
		again := p.field == f.focus
		f.focusOn(p.field)
		if c, ok := field.(clicker); ok && x >= p.x+p.label {
			f.watch(field, func() { c.Click(x-p.x-p.label, y-p.y, again) })
		}
		return true
	}
	return false
}

func (p place) has(x, y int) bool {
	return x >= p.x && x < p.x+p.cells && y >= p.y && y < p.y+p.height
}

// vertical moves the focus to the nearest field in the row above or below,
// as drawn last; without a drawing it goes by the order of the fields.
func (f *Form) vertical(by int) bool {
	places := f.shown.places
	at := -1
	for i, p := range places {
		if p.field == f.focus {
			at = i
		}
	}
	if at < 0 || f.shown.stale {
		return f.move(by, false)
	}
	from := places[at]
	best, row := -1, 0
	for i := at + by; i >= 0 && i < len(places); i += by {
		p := places[i]
		if p.field < 0 || p.y == from.y {
			continue
		}
		if best >= 0 && p.y != row {
			break
		}
		if best < 0 || distance(p, from) < distance(places[best], from) {
			best, row = i, p.y
		}
	}
	if best < 0 {
		return false
	}
	f.focusOn(places[best].field)
	return true
}

// distance is how far apart two places are sideways.
func distance(a, b place) int {
	return max(a.x-(b.x+b.cells-1), b.x-(a.x+a.cells-1), 0)*1000 + abs(a.x-b.x)
}
