package pinyin

import (
	"cmp"
	"slices"
	"strings"
)

// Rank says how well a query fits a text; the smaller the better.
type Rank int

// The ways a query can fit, best first.
const (
	Exact     Rank = iota // the text itself
	Prefix                // the text begins so
	Within                // the text holds it
	Whole                 // initials, pinyin or a mix of the whole text
	Start                 // the same, of its beginning
	Middle                // the same, from a later character on
	Scattered             // initials of some of its characters, in order
)

// Match reports whether a text, such as a deputy, a village or a category, is
// one that the query can mean, and how well it fits. For 张晓明 these do: 张,
// 晓明, zxm, zhangxm, zhangxiaoming, zhxm, 张xm, zhangx, xm, zm. Every character is
// tried in all its readings, the first also as a surname. Full-width and
// capital letters count as plain ones; spaces and apostrophes in the query
// only part syllables (xi'an). An empty query fits everything alike.
func Match(query, text string) (Rank, bool) {
	return newMatcher(query).match(text)
}

// Filter gives the numbers of the texts that the query fits, best first and
// otherwise in the order given. There are n texts, numbered from 0.
func Filter(query string, n int, text func(int) string) []int {
	m := newMatcher(query)
	type hit struct {
		i    int
		rank Rank
	}
	var hits []hit
	for i := range n {
		if r, ok := m.match(text(i)); ok {
			hits = append(hits, hit{i, r})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]int, len(hits))
	for i, h := range hits {
		out[i] = h.i
	}
	return out
}

// A matcher is a query made ready to be tried on many texts.
type matcher struct {
	folded string // compared with the text
	typed  string // compared with its pinyin: without spaces and apostrophes
	latin  bool   // typed holds a letter or digit, so pinyin may fit
}

// maxTyped is how many bytes of a query may be pinyin: the positions reached
// are bits of one word.
const maxTyped = 63

func newMatcher(query string) matcher {
	m := matcher{folded: Fold(query)}
	m.typed = strings.NewReplacer(" ", "", "'", "").Replace(m.folded)
	m.latin = len(m.typed) <= maxTyped && strings.ContainsFunc(m.typed, func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	})
	return m
}

func (m matcher) match(text string) (Rank, bool) {
	folded := Fold(text)
	switch i := strings.Index(folded, m.folded); {
	case m.folded == "" || folded == m.folded:
		return Exact, true
	case i == 0:
		return Prefix, true
	case i > 0:
		return Within, true
	}
	if !m.latin {
		return 0, false
	}
	cs := chars(folded, true)
	for i := range cs {
		whole, ok := m.reads(cs[i:])
		switch {
		case ok && whole && i == 0:
			return Whole, true
		case ok && i == 0:
			return Start, true
		case ok:
			return Middle, true
		}
	}
	if m.scattered(cs) {
		return Scattered, true
	}
	return 0, false
}

// reads reports whether the query is a way to type the beginning of cs, each
// character by itself, by its initial (z or zh), or in full; the last may be
// broken off anywhere. whole says that it used all of cs.
//
// at holds, as bits, how much of the query can have been used so far: readings
// branch (xian is 西安 and 先), and the set of branches stays one word.
func (m matcher) reads(cs []char) (whole, ok bool) {
	end := uint64(1) << len(m.typed)
	at := uint64(1)
	for i, c := range cs {
		var next uint64
		for p := range len(m.typed) {
			if at&(1<<p) != 0 {
				next |= m.step(p, c)
			}
		}
		if next&end != 0 {
			return i == len(cs)-1, true
		}
		if at = next; at == 0 {
			return false, false
		}
	}
	return false, false
}

// step gives the positions that the query can be at after c, from position p.
func (m matcher) step(p int, c char) uint64 {
	var out uint64
	rest := m.typed[p:]
	if strings.HasPrefix(rest, c.lit) {
		out |= 1 << (p + len(c.lit))
	}
	for _, r := range c.read {
		n := commonPrefix(rest, r)
		if n == 0 {
			continue
		}
		out |= 1 << (p + 1)
		if n >= 2 && r[1] == 'h' {
			out |= 1 << (p + 2)
		}
		if n == len(r) || n == len(rest) {
			out |= 1 << (p + n)
		}
	}
	return out
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// scattered reports whether the query's characters are initials of cs, or
// characters of it, in order but with gaps.
func (m matcher) scattered(cs []char) bool {
	rest := m.typed
	for _, c := range cs {
		switch {
		case rest == "":
			return true
		case strings.HasPrefix(rest, c.lit):
			rest = rest[len(c.lit):]
		case slices.ContainsFunc(c.read, func(r string) bool { return r[0] == rest[0] }):
			rest = rest[1:]
		}
	}
	return rest == ""
}
