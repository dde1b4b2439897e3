package tuitest

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// state is where the parser stands.
type state uint8

const (
	ground state = iota
	escape
	control     // CSI
	command     // OSC
	device      // DCS
	commandEsc  // OSC, and ESC has come
	deviceEsc   // DCS, and ESC has come
	maxSequence = 1 << 20
)

// parser takes bytes apart.
type parser struct {
	state state
	buf   []byte // of the sequence
	char  []byte // of a character that has begun
}

// Write takes what a program wrote. It always takes all; what is not
// understood is told by Err.
func (s *Screen) Write(p []byte) (int, error) {
	for _, b := range p {
		s.take(b)
	}
	return len(p), nil
}

func (s *Screen) take(b byte) {
	in := &s.in
	if len(in.buf) > maxSequence {
		s.fault("a sequence without end")
		in.buf, in.state = in.buf[:0], ground
	}
	switch in.state {
	case ground:
		s.text(b)
	case escape:
		s.escape(b)
	case control:
		if b < 0x20 || b > 0x7e {
			s.fault("byte %#x in CSI %q", b, in.buf)
			in.state = ground
			return
		}
		in.buf = append(in.buf, b)
		if b >= 0x40 {
			in.state = ground
			s.csi(in.buf)
		}
	case command, device:
		switch {
		case b == 0x1b:
			if in.state == command {
				in.state = commandEsc
			} else {
				in.state = deviceEsc
			}
		case b == 0x07 && in.state == command:
			in.state = ground
			s.osc(string(in.buf))
		default:
			in.buf = append(in.buf, b)
		}
	case commandEsc, deviceEsc:
		was := in.state
		in.state = ground
		if b != '\\' {
			s.fault("ESC %q inside a string", b)
			return
		}
		if was == commandEsc {
			s.osc(string(in.buf))
		} else {
			s.fault("DCS %q", in.buf)
		}
	}
}

// text takes a byte outside of sequences.
func (s *Screen) text(b byte) {
	in := &s.in
	if len(in.char) > 0 || b >= 0x80 {
		in.char = append(in.char, b)
		if !utf8.FullRune(in.char) {
			return
		}
		r, n := utf8.DecodeRune(in.char)
		if r == utf8.RuneError && n == 1 {
			s.fault("bytes % x are no UTF-8", in.char)
		} else {
			s.print(r)
		}
		in.char = in.char[:0]
		return
	}
	switch {
	case b == 0x1b:
		in.state, in.buf = escape, in.buf[:0]
	case b >= 0x20 && b < 0x7f:
		s.print(rune(b))
	default:
		s.c0(b)
	}
}

func (s *Screen) c0(b byte) {
	switch b {
	case '\a':
		s.bells++
	case '\b':
		s.x, s.pending = max(0, s.x-1), false
	case '\t':
		s.x, s.pending = min(s.w-1, (s.x/8+1)*8), false
	case '\n':
		s.pending = false
		s.index()
	case '\r':
		s.x, s.pending = 0, false
	default:
		s.fault("control character %#x", b)
	}
}

func (s *Screen) escape(b byte) {
	s.in.state, s.in.buf = ground, s.in.buf[:0]
	switch b {
	case '[':
		s.in.state = control
	case ']':
		s.in.state = command
	case 'P':
		s.in.state = device
	case 'M':
		s.reverseIndex()
	default:
		s.fault("ESC %q", b)
	}
}

// param is one parameter with what stands behind its colons; -1 is nothing.
type param []int

func (p param) at(i, otherwise int) int {
	if i >= len(p) || p[i] < 0 {
		return otherwise
	}
	return p[i]
}

type params []param

// maxParam bounds a number: no screen has so many cells in a row.
const maxParam = 1 << 14

// n is the i-th parameter; nothing and 0 both mean otherwise where that is 1,
// as everywhere in ECMA-48.
func (ps params) n(i, otherwise int) int {
	if i >= len(ps) {
		return otherwise
	}
	v := ps[i].at(0, otherwise)
	if v == 0 && otherwise == 1 {
		return 1
	}
	return min(v, maxParam)
}

// csi carries out a control sequence: private mark, parameters, intermediates
// and the final byte.
func (s *Screen) csi(seq []byte) {
	body, final := seq[:len(seq)-1], seq[len(seq)-1]
	mark := ""
	if len(body) > 0 && strings.IndexByte("?><=", body[0]) >= 0 {
		mark, body = string(body[0]), body[1:]
	}
	mid := ""
	if i := bytes.IndexFunc(body, func(r rune) bool { return r >= 0x20 && r <= 0x2f }); i >= 0 {
		mid, body = string(body[i:]), body[:i]
	}
	ps, ok := parseParams(string(body))
	if !ok || !s.control(mark+mid+string(final), ps) {
		s.fault("CSI %q", seq)
	}
}

func parseParams(body string) (params, bool) {
	if body == "" {
		return nil, true
	}
	var ps params
	for field := range strings.SplitSeq(body, ";") {
		var p param
		for sub := range strings.SplitSeq(field, ":") {
			n := -1
			if sub != "" {
				var err error
				if n, err = strconv.Atoi(sub); err != nil || n < 0 {
					return nil, false
				}
			}
			p = append(p, n)
		}
		ps = append(ps, p)
	}
	return ps, true
}

// control carries out a sequence by its name; false where it is unknown.
func (s *Screen) control(name string, ps params) bool {
	if s.move(name, ps) || s.edit(name, ps) {
		return true
	}
	switch name {
	case "m":
		s.sgr(ps)
	case "?h", "?l":
		for _, p := range ps {
			if !s.setMode(p.at(0, -1), name == "?h") {
				return false
			}
		}
	default:
		return s.ask(name, ps)
	}
	return true
}
