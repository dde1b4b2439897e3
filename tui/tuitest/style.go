package tuitest

// A Colour is the terminal's own (the zero value), one of its palette, or one
// given by red, green and blue.
type Colour struct {
	Kind  ColourKind
	Value uint32 // place in the palette, or 0xRRGGBB
}

// ColourKind tells how a Colour is given.
type ColourKind uint8

// The kinds of colours.
const (
	Default ColourKind = iota
	Palette
	RGB
)

// Attr is a set of attributes.
type Attr uint16

// The attributes of SGR.
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Blink
	Reverse
	Conceal
	Strike
)

// A Style is how a cell looks.
type Style struct {
	Fg, Bg, Line Colour // Line is the underline's
	Attrs        Attr
	Underline    int // 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed
	Link         string
}

// attrs are the attributes by the numbers that set them.
var attrs = map[int]Attr{1: Bold, 2: Faint, 3: Italic, 5: Blink, 7: Reverse, 8: Conceal, 9: Strike}

// unset are the attributes by the numbers that take them away.
var unset = map[int]Attr{22: Bold | Faint, 23: Italic, 25: Blink, 27: Reverse, 28: Conceal, 29: Strike}

// sgr changes the pen (Select Graphic Rendition).
func (s *Screen) sgr(ps params) {
	if len(ps) == 0 {
		ps = params{{0}}
	}
	for len(ps) > 0 {
		p := ps[0]
		n := p.at(0, 0)
		used := 1
		switch {
		case n == 0:
			s.pen = Style{Link: s.pen.Link}
		case attrs[n] != 0:
			s.pen.Attrs |= attrs[n]
		case unset[n] != 0:
			s.pen.Attrs &^= unset[n]
		case n == 4:
			s.pen.Underline = p.at(1, 1)
		case n == 24:
			s.pen.Underline = 0
		case n >= 30 && n <= 37:
			s.pen.Fg = Colour{Palette, uint32(n - 30)}
		case n >= 40 && n <= 47:
			s.pen.Bg = Colour{Palette, uint32(n - 40)}
		case n >= 90 && n <= 97:
			s.pen.Fg = Colour{Palette, uint32(n - 90 + 8)}
		case n >= 100 && n <= 107:
			s.pen.Bg = Colour{Palette, uint32(n - 100 + 8)}
		case n == 38:
			s.pen.Fg, used = s.colour(ps)
		case n == 48:
			s.pen.Bg, used = s.colour(ps)
		case n == 58:
			s.pen.Line, used = s.colour(ps)
		case n == 39:
			s.pen.Fg = Colour{}
		case n == 49:
			s.pen.Bg = Colour{}
		case n == 59:
			s.pen.Line = Colour{}
		default:
			s.fault("SGR %d", n)
		}
		ps = ps[min(used, len(ps)):]
	}
}

// colour reads 38;5;n, 38;2;r;g;b and their forms with colons, and returns how
// many parameters it took.
func (s *Screen) colour(ps params) (Colour, int) {
	sub, used := ps[0][1:], 1
	if len(sub) == 0 {
		for _, p := range ps[1:] {
			sub = append(sub[:len(sub):len(sub)], p.at(0, 0))
		}
		used = 3
		if len(sub) > 0 && sub[0] == 2 {
			used = 5
		}
	} else if sub[0] == 2 && len(sub) == 5 { // 38:2:<space>:r:g:b
		sub = []int{2, sub[2], sub[3], sub[4]}
	}
	switch {
	case len(sub) >= 2 && sub[0] == 5:
		return Colour{Palette, uint32(sub[1])}, used
	case len(sub) >= 4 && sub[0] == 2:
		return Colour{RGB, uint32(sub[1])<<16 | uint32(sub[2])<<8 | uint32(sub[3])}, used
	}
	s.fault("colour %v", ps)
	return Colour{}, len(ps)
}
