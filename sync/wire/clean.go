package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"unicode/utf8"
)

// MaxDepth is how deep a clean body may nest.
const MaxDepth = 32

// Clean reports why body cannot stand in a line as it is, or nil. A clean
// body is one JSON value in valid UTF-8 (RFC 8259) that every reader
// understands alike: no name twice in an object, no half surrogate pair, at
// most MaxDepth levels; and it has neither line ends nor space around it.
func Clean(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("not UTF-8")
	}
	s := scanner{b: body}
	s.value(0)
	if s.err == "" && s.i != len(body) {
		s.fail("something after the value")
	}
	if s.err != "" {
		return errors.New(s.err)
	}
	return nil
}

// scanner walks over one JSON value and remembers the first fault.
type scanner struct {
	b    []byte
	i    int
	keys [][]byte // names of the objects that are open, outermost first
	err  string
}

func (s *scanner) fail(what string) {
	if s.err == "" {
		s.err = what
	}
	s.i = len(s.b)
}

// peek returns the byte at hand, or 0 at the end.
func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) space() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.i++
	}
}

func (s *scanner) value(depth int) {
	switch c := s.peek(); {
	case (c == '{' || c == '[') && depth == MaxDepth:
		s.fail("nested too deep")
	case c == '{':
		s.object(depth)
	case c == '[':
		s.array(depth)
	case c == '"':
		s.text()
	case c == '-' || c >= '0' && c <= '9':
		s.number()
	case c == 't':
		s.word("true")
	case c == 'f':
		s.word("false")
	case c == 'n':
		s.word("null")
	default:
		s.fail("not JSON on one line")
	}
}

func (s *scanner) word(w string) {
	if !bytes.HasPrefix(s.b[s.i:], []byte(w)) {
		s.fail("not a JSON word")
		return
	}
	s.i += len(w)
}

func (s *scanner) array(depth int) {
	s.i++
	s.space()
	if s.peek() == ']' {
		s.i++
		return
	}
	for s.err == "" {
		s.space()
		s.value(depth + 1)
		s.space()
		switch s.peek() {
		case ',':
			s.i++
		case ']':
			s.i++
			return
		default:
			s.fail("an array without end")
		}
	}
}

func (s *scanner) object(depth int) {
	s.i++
	base := len(s.keys)
	s.space()
	if s.peek() == '}' {
		s.i++
		return
	}
	for s.err == "" {
		s.space()
		if s.peek() != '"' {
			s.fail("an object's name is missing")
			return
		}
		s.keys = append(s.keys, plain(s.text()))
		s.space()
		if s.peek() != ':' {
			s.fail("a colon is missing")
			return
		}
		s.i++
		s.space()
		s.value(depth + 1)
		s.space()
		switch s.peek() {
		case ',':
			s.i++
		case '}':
			s.i++
			s.unique(base)
			return
		default:
			s.fail("an object without end")
		}
	}
}

// unique closes an object: its names since base must differ. Sorting keeps a
// body of a hundred thousand names from costing their square.
func (s *scanner) unique(base int) {
	if s.err != "" {
		return
	}
	names := s.keys[base:]
	slices.SortFunc(names, bytes.Compare)
	for i := 1; i < len(names); i++ {
		if bytes.Equal(names[i-1], names[i]) {
			s.fail("a name twice in one object")
			return
		}
	}
	s.keys = s.keys[:base]
}

// plain undoes escapes in a quoted name, so that "a" and "\u0061" are one.
func plain(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted
	}
	var name string
	if json.Unmarshal(quoted, &name) != nil {
		return quoted
	}
	return append(append([]byte{'"'}, name...), '"')
}

// text walks over a string and returns it with its quotes.
func (s *scanner) text() []byte {
	start := s.i
	s.i++
	for s.i < len(s.b) {
		s.i += ordinary(s.b[s.i:])
		switch c := s.peek(); {
		case c == '"':
			s.i++
			return s.b[start:s.i]
		case c == '\\':
			s.escape()
		case c < ' ' && s.i < len(s.b):
			s.fail("a control character in a string")
		default:
			s.i = min(s.i+1, len(s.b))
		}
	}
	s.fail("a string without end")
	return nil
}

// ordinary counts bytes, eight at a time, before the first eight among which
// are a quote, a backslash or a control character.
func ordinary(b []byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(b); n += 8 {
		x := binary.LittleEndian.Uint64(b[n:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		// A byte below 1 (or below a space) borrows into its top bit; bytes
		// that had it set before are not meant.
		if ((quote-ones)&^quote|(slash-ones)&^slash|(x-ones*' ')&^x)&tops != 0 {
			break
		}
	}
	return n
}

func (s *scanner) escape() {
	s.i++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i++
		return
	case 'u':
	default:
		s.fail("an unknown escape")
		return
	}
	switch r := s.hex4(); {
	case r < 0 || r >= 0xdc00 && r <= 0xdfff:
		s.fail("a malformed escape")
	case r >= 0xd800 && r <= 0xdbff:
		if s.peek() != '\\' {
			s.fail("half a surrogate pair")
			return
		}
		s.i++
		if low := s.hex4(); low < 0xdc00 || low > 0xdfff {
			s.fail("half a surrogate pair")
		}
	}
}

// hex4 reads "uXXXX"; -1 where it is something else.
func (s *scanner) hex4() int {
	if s.i+5 > len(s.b) || s.b[s.i] != 'u' {
		return -1
	}
	r := 0
	for _, c := range s.b[s.i+1 : s.i+5] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | int(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | int(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | int(c-'A'+10)
		default:
			return -1
		}
	}
	s.i += 5
	return r
}

func (s *scanner) number() {
	if s.peek() == '-' {
		s.i++
	}
	if s.peek() == '0' {
		s.i++
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.i++
		s.digits()
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.i++
		if c = s.peek(); c == '+' || c == '-' {
			s.i++
		}
		s.digits()
	}
}

// digits walks over one digit or more.
func (s *scanner) digits() {
	start := s.i
	for s.peek() >= '0' && s.peek() <= '9' {
		s.i++
	}
	if s.i == start {
		s.fail("a digit is missing")
	}
}
