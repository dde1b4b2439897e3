package tuitest

import (
	"slices"
	"unicode"

	"golang.org/x/text/width"
)

// cellsOf is how many cells a character takes by the Unicode tables: East Asian
// Wide and Fullwidth two, marks and format characters none. Ambiguous ones
// take one, which is the program's own rule.
func cellsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// print puts a character at the cursor.
func (s *Screen) print(r rune) {
	if unicode.IsControl(r) {
		s.fault("control character %U", r)
		return
	}
	n := cellsOf(r)
	if n == 0 {
		if at := s.lastAt; at[0] >= 0 {
			s.cells[at[1]][at[0]].Text += string(r)
		}
		return
	}
	if s.pending {
		s.wrap()
	}
	if s.x+n > s.w {
		if !s.modes[modeWrap] || n > s.w {
			return // no room, and no next row to go to
		}
		s.wrap()
	}
	s.cut(s.y, s.x)
	s.cut(s.y, s.x+n)
	row := s.cells[s.y]
	row[s.x] = Cell{string(r), n, s.pen}
	if n == 2 {
		row[s.x+1] = Cell{Style: s.pen}
	}
	s.last, s.lastAt = r, [2]int{s.x, s.y}
	if s.x += n; s.x >= s.w {
		s.x, s.pending = s.w-1, s.modes[modeWrap]
	}
}

func (s *Screen) wrap() {
	s.x, s.pending = 0, false
	s.index()
}

// cut takes a wide character away whose halves lie on both sides of column x.
func (s *Screen) cut(y, x int) {
	if row := s.cells[y]; x > 0 && x < s.w && row[x].Width == 0 {
		row[x-1], row[x] = blank(row[x-1].Style), blank(row[x].Style)
	}
}

// move carries out what moves the cursor; false where it is something else.
func (s *Screen) move(name string, ps params) bool {
	n := ps.n(0, 1)
	x, y := s.x, s.y
	switch name {
	case "A":
		y = s.up(n)
	case "B":
		y = s.down(n)
	case "C":
		x += n
	case "D":
		x -= n
	case "G", "`":
		x = n - 1
	case "d":
		y = n - 1
	case "H":
		y, x = n-1, ps.n(1, 1)-1
	case "Z":
		for range n {
			x = max(0, (x-1)/8*8)
		}
	case "I":
		for range n {
			x = (x/8 + 1) * 8
		}
	default:
		return false
	}
	s.x, s.y, s.pending = min(max(x, 0), s.w-1), min(max(y, 0), s.h-1), false
	return true
}

// up and down stop at the margin of the scrolling region when they begin
// inside it.
func (s *Screen) up(n int) int {
	if s.y >= s.top {
		return max(s.y-n, s.top)
	}
	return s.y - n
}

func (s *Screen) down(n int) int {
	if s.y <= s.bottom {
		return min(s.y+n, s.bottom)
	}
	return s.y + n
}

// index goes a row down, reverseIndex up; at the margin the region scrolls.
func (s *Screen) index() {
	switch {
	case s.y == s.bottom:
		s.scroll(s.top, s.bottom, 1)
	case s.y < s.h-1:
		s.y++
	}
}

func (s *Screen) reverseIndex() {
	s.pending = false
	switch {
	case s.y == s.top:
		s.scroll(s.top, s.bottom, -1)
	case s.y > 0:
		s.y--
	}
}

// scroll moves the rows from top to bottom up by n, or down where n is
// negative.
func (s *Screen) scroll(top, bottom, n int) {
	rows := s.cells[top : bottom+1]
	k := min(max(n, -n), len(rows))
	fresh := make([][]Cell, k)
	for i := range fresh {
		fresh[i] = blanks(s.w, Style{Bg: s.pen.Bg})
	}
	if n > 0 {
		copy(rows, slices.Concat(rows[k:], fresh))
	} else {
		copy(rows, slices.Concat(fresh, rows[:len(rows)-k]))
	}
	s.lastAt = [2]int{-1, -1}
}

// edit carries out what changes cells; false where it is something else.
func (s *Screen) edit(name string, ps params) bool {
	n := ps.n(0, 1)
	switch name {
	case "J":
		return s.eraseScreen(ps.n(0, 0))
	case "K":
		return s.eraseRow(ps.n(0, 0))
	case "X":
		s.erase(s.y, s.x, min(s.w, s.x+n))
		s.pending = false
	case "@":
		s.insert(n)
	case "P":
		s.remove(n)
	case "L", "M":
		if s.y < s.top || s.y > s.bottom {
			return true
		}
		if name == "L" {
			n = -n
		}
		s.scroll(s.y, s.bottom, n)
		s.x, s.pending = 0, false
	case "S":
		s.scroll(s.top, s.bottom, n)
	case "T":
		s.scroll(s.top, s.bottom, -n)
	case "b":
		if s.last == 0 {
			s.fault("REP before any character")
		}
		for range n {
			s.print(s.last)
		}
	case "r":
		top, bottom := n-1, ps.n(1, s.h)-1
		if top < 0 || bottom >= s.h || top >= bottom {
			top, bottom = 0, s.h-1
		}
		s.top, s.bottom, s.x, s.y, s.pending = top, bottom, 0, 0, false
	default:
		return false
	}
	return true
}

// erase blanks the cells of a row from a to before b.
func (s *Screen) erase(y, a, b int) {
	s.cut(y, a)
	s.cut(y, b)
	for x := a; x < b; x++ {
		s.cells[y][x] = blank(s.pen)
	}
}

func (s *Screen) eraseRow(what int) bool {
	switch what {
	case 0:
		s.erase(s.y, s.x, s.w)
	case 1:
		s.erase(s.y, 0, s.x+1)
	case 2:
		s.erase(s.y, 0, s.w)
	default:
		return false
	}
	s.pending = false
	return true
}

func (s *Screen) eraseScreen(what int) bool {
	from, to := 0, s.h
	switch what {
	case 0:
		s.eraseRow(0)
		from = s.y + 1
	case 1:
		s.eraseRow(1)
		to = s.y
	case 2:
	default:
		return false
	}
	for y := from; y < to; y++ {
		s.erase(y, 0, s.w)
	}
	s.pending = false
	return true
}

// insert makes room for n cells at the cursor; what passes the margin is lost.
func (s *Screen) insert(n int) {
	s.cut(s.y, s.x)
	n = min(n, s.w-s.x)
	s.cut(s.y, s.w-n)
	row := s.cells[s.y]
	copy(row[s.x+n:], row[s.x:s.w-n])
	copy(row[s.x:], blanks(n, Style{Bg: s.pen.Bg}))
	s.pending, s.lastAt = false, [2]int{-1, -1}
}

// remove takes n cells away at the cursor; blanks come in from the right.
func (s *Screen) remove(n int) {
	n = min(n, s.w-s.x)
	s.cut(s.y, s.x)
	s.cut(s.y, s.x+n)
	row := s.cells[s.y]
	copy(row[s.x:], row[s.x+n:])
	copy(row[s.w-n:], blanks(n, Style{Bg: s.pen.Bg}))
	s.pending, s.lastAt = false, [2]int{-1, -1}
}
