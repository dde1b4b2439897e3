package tuitest

import (
	"strings"
)

// Private modes (DECSET) that Bubble Tea sets.
const (
	modeWrap      = 7
	modeCursor    = 25
	modeButtons   = 1000
	modeDrag      = 1002
	modeMotion    = 1003
	modeFocus     = 1004
	modeMouseSGR  = 1006
	modeAlternate = 1049
	modePaste     = 2004
	modeSync      = 2026
	modeGrapheme  = 2027
)

// setMode switches a private mode; false where it is unknown.
func (s *Screen) setMode(m int, on bool) bool {
	switch m {
	case modeWrap, modeCursor, modeButtons, modeDrag, modeMotion, modeFocus, modeMouseSGR, modePaste, modeGrapheme:
	case modeSync:
		if s.modes[m] && !on {
			s.frames++
		}
	case modeAlternate:
		s.alternate(on)
	default:
		return false
	}
	s.modes[m] = on
	return true
}

// alternate shows the alternate screen, empty, or the main one with the cursor
// where it was.
func (s *Screen) alternate(on bool) {
	if on == s.modes[modeAlternate] {
		return
	}
	if on {
		s.entered++
		s.saved = point{s.x, s.y, s.pen, s.pending}
		s.other, s.cells = s.cells, grid(s.w, s.h)
	} else {
		s.cells, s.other = s.other, nil
		s.x, s.y = min(s.saved.x, s.w-1), min(s.saved.y, s.h-1)
		s.pen, s.pending = s.saved.pen, s.saved.pending
	}
	s.lastAt = [2]int{-1, -1}
}

// screenNumber is 1 for the alternate screen; each has a key protocol stack.
func (s *Screen) screenNumber() int {
	if s.Alternate() {
		return 1
	}
	return 0
}

// ask carries out questions and key protocols; false where a sequence is
// unknown.
func (s *Screen) ask(name string, ps params) bool {
	switch name {
	case "n":
		if ps.n(0, 0) != 6 {
			return false
		}
		s.answer("\x1b[%d;%dR", s.y+1, s.x+1)
	case "c":
		s.answer("\x1b[?62;22c")
	case ">c":
		s.answer("\x1b[>41;390;0c")
	case "?$p":
		m := ps.n(0, 0)
		s.answer("\x1b[?%d;%d$y", m, s.report(m))
	case ">m":
		if ps.n(0, 0) != 4 {
			return false
		}
		s.keys = ps.n(1, 0)
	case ">u":
		s.kitty[s.screenNumber()]++
	case "<u":
		s.kitty[s.screenNumber()] = max(0, s.kitty[s.screenNumber()]-ps.n(0, 1))
	case "?u": // xterm knows no such question and stays silent
	case " q":
		s.shape = ps.n(0, 0)
	case "?W":
		return ps.n(0, 0) == 5 // tab stops every eight columns; there are no others
	default:
		return false
	}
	return true
}

// report is the state of a mode as DECRQM tells it: 0 unknown, 1 on, 2 off.
func (s *Screen) report(m int) int {
	if s.Plain && m >= modeSync || m == modeGrapheme && !s.Grapheme {
		return 0
	}
	if s.modes[m] {
		return 1
	}
	return 2
}

// osc carries out an operating system command.
func (s *Screen) osc(seq string) {
	what, rest, _ := strings.Cut(seq, ";")
	switch what {
	case "0", "2":
		s.title = rest
	case "10", "11", "12":
		n := int(what[1]-'0') + 10
		if rest != "?" {
			s.colours[n] = rest
			return
		}
		dark := n == 11
		if dark != s.Light {
			s.answer("\x1b]%d;rgb:0000/0000/0000\x07", n)
		} else {
			s.answer("\x1b]%d;rgb:ffff/ffff/ffff\x07", n)
		}
	case "110", "111", "112":
		delete(s.colours, int(what[2]-'0')+10)
	case "8":
		_, s.pen.Link, _ = strings.Cut(rest, ";")
	case "52":
		s.clip = rest
	case "9":
		bar, ok := strings.CutPrefix(rest, "4;")
		if !ok {
			s.fault("OSC %q", seq)
			return
		}
		s.bar = bar
	default:
		s.fault("OSC %q", seq)
	}
}
