// Package pinyin finds Chinese names and places by what people type for them:
// initials (zxm for 张晓明), full pinyin, a mix of both, or the characters.
//
// There are two ways to search. A long table keeps Keys beside each row and
// looks with strings.Contains for the folded query; a short list asks Match,
// which knows more ways to type a thing and gives a rank.
//
// Readings of single characters come from go-pinyin, which knows neither
// surnames nor words: it reads 单 as dan and 重庆 as zhongqing. The tables here
// put the right reading first; the others stay searchable, because people type
// what they believe.
//
// The package is pure and its tables are constant.
package pinyin

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"liaison/station/typed"

	dict "github.com/mozillazg/go-pinyin"
)

// Bounds on what Keys makes. Most characters have one reading, so names stay
// far below them; they hold for text that was made to be large.
const (
	maxPinyin = 64 // characters that are given pinyin; the text itself is kept whole
	maxAll    = 12 // characters up to which all readings are combined; beyond, only the first of each
	maxCombos = 32 // combinations of readings
)

// Fold makes a text or a query ready to be compared: half-width, lower case,
// ü written v as keyboards do.
func Fold(s string) string {
	s = strings.ToLower(typed.Fold(s))
	if strings.ContainsAny(s, "üǖǘǚǜ") {
		s = strings.Map(toneless, s)
	}
	return strings.TrimSpace(s)
}

// Keys gives the search text of a place, a title, any words: the text folded,
// its initials and its full pinyin, in all readings, one form a line. A query
// folded with Fold and looked for with strings.Contains finds it.
//
// Readings are combined in the order: all first ones; then each other reading
// with the first ones around it, so that none is left out; then the rest, up
// to maxCombos. Spaces and punctuation are no part of the pinyin, and a
// character that has none stands for itself.
func Keys(s string) string { return keys(s, false) }

// KeysName is Keys for a person's name. The surname is read as a surname, and
// further forms are the surname in full or as written before the initials of
// the given name: zhangxm, 张xm.
func KeysName(s string) string { return keys(s, true) }

func keys(s string, name bool) string {
	folded := Fold(s)
	cs := chars(folded, name)
	forms := []string{folded}
	add := func(f string) {
		if f != "" && !slices.Contains(forms, f) {
			forms = append(forms, f)
		}
	}
	surname := 0
	if name {
		surname = surnameLen(folded)
	}
	for _, reading := range combine(cs) {
		add(join(cs, reading, 0, 0))
		if surname > 0 && surname < len(cs) {
			add(join(cs, reading, surname, 0))
			add(join(cs, reading, 0, surname))
		}
		add(join(cs, reading, len(cs), 0))
	}
	return strings.Join(forms, "\n")
}

// A char is one character of a text and how it may be read.
type char struct {
	lit  string   // folded
	read []string // the right reading first; empty where lit stands for itself
}

// initials gives the letter typed for the character in one of its readings.
func (c char) initial(i int) string {
	if len(c.read) == 0 {
		return c.lit
	}
	return c.read[i][:1]
}

func (c char) full(i int) string {
	if len(c.read) == 0 {
		return c.lit
	}
	return c.read[i]
}

// join writes the characters in the given readings: the first `full` of them
// in full and the rest by initials, or the first `lit` as they are written.
func join(cs []char, reading []int, full, lit int) string {
	var b strings.Builder
	for i, c := range cs {
		switch {
		case i < lit:
			b.WriteString(c.lit)
		case i < full:
			b.WriteString(c.full(reading[i]))
		default:
			b.WriteString(c.initial(reading[i]))
		}
	}
	return b.String()
}

// combine lists which reading to take of each character.
func combine(cs []char) [][]int {
	out := [][]int{make([]int, len(cs))}
	if len(cs) > maxAll {
		return out
	}
	for i, c := range cs {
		for r := 1; r < len(c.read) && len(out) < maxCombos; r++ {
			one := make([]int, len(cs))
			one[i] = r
			out = append(out, one)
		}
	}
	for at := make([]int, len(cs)); len(out) < maxCombos && next(at, cs); {
		if changed(at) > 1 {
			out = append(out, slices.Clone(at))
		}
	}
	return out
}

// next counts at up like the wheels of a meter; false after the last.
func next(at []int, cs []char) bool {
	for i := len(at) - 1; i >= 0; i-- {
		if at[i]++; at[i] < len(cs[i].read) {
			return true
		}
		at[i] = 0
	}
	return false
}

// changed counts the characters that are not in their first reading.
func changed(at []int) int {
	n := 0
	for _, r := range at {
		if r > 0 {
			n++
		}
	}
	return n
}

// chars reads a folded text. Spaces and punctuation are left out.
func chars(folded string, name bool) []char {
	cs := make([]char, 0, min(utf8.RuneCountInString(folded), maxPinyin))
	var known []string // readings of the characters to come
	if name {
		known = surnameReading(folded)
	}
	count := 0
	for at, r := range folded {
		if count++; count > maxPinyin {
			break
		}
		if len(known) == 0 {
			known = phraseAt(folded[at:])
		}
		right := ""
		if len(known) > 0 {
			right, known = known[0], known[1:]
		}
		if right != "" || !unicode.IsPunct(r) && !unicode.IsSpace(r) {
			_, n := utf8.DecodeRuneInString(folded[at:])
			cs = append(cs, newChar(folded[at:at+n], r, right))
		}
	}
	return cs
}

// newChar reads one character. What is known of its reading stands first;
// more than one reading is parted by a space.
func newChar(lit string, r rune, known string) char {
	c := char{lit: lit, read: strings.Fields(known)}
	for p := range strings.SplitSeq(strings.Map(toneless, dict.PinyinDict[int(r)]), ",") {
		if p != "" && !slices.Contains(c.read, p) {
			c.read = append(c.read, p)
		}
	}
	return c
}

// toneless takes the tone off a letter of pinyin; ü is v.
func toneless(r rune) rune {
	if r < 0x80 {
		return r
	}
	switch r {
	case 'ā', 'á', 'ǎ', 'à':
		return 'a'
	case 'ē', 'é', 'ě', 'è', 'ê', 'ế', 'ề':
		return 'e'
	case 'ī', 'í', 'ǐ', 'ì':
		return 'i'
	case 'ō', 'ó', 'ǒ', 'ò':
		return 'o'
	case 'ū', 'ú', 'ǔ', 'ù':
		return 'u'
	case 'ü', 'ǖ', 'ǘ', 'ǚ', 'ǜ':
		return 'v'
	case 'ń', 'ň', 'ǹ':
		return 'n'
	case 'ḿ':
		return 'm'
	}
	if unicode.Is(unicode.Mn, r) { // m̀ and ê̌ are written with a mark of their own
		return -1
	}
	return r
}

// Compare orders names for a list by pinyin, the surname read as a surname:
// character by character, by its first reading and then by its code, so that
// people of one surname stand together. Digits and letters come first.
func Compare(a, b string) int {
	as, bs := chars(Fold(a), true), chars(Fold(b), true)
	return cmp.Or(slices.CompareFunc(as, bs, func(x, y char) int {
		return cmp.Or(strings.Compare(x.full(0), y.full(0)), strings.Compare(x.lit, y.lit))
	}), strings.Compare(a, b))
}
