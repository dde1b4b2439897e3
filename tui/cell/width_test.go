package cell

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

func TestWidthOfWhatIsTyped(t *testing.T) {
	for s, want := range map[string]int{
		"":                 0,
		"abc":              3,
		"王小明":              6,
		"，。《》％￥〇":          14,
		"𠮷野家":              6, // extension B
		"㐂":                2,
		"· … “ ” — ─ │ ›":  15, // ambiguous: narrow
		"e\u0301":          1,
		"阿依古丽·买买提":         15,
		"\ue000":           1, // private use
		"\x1b[1m粗\x1b[0m体": 4, // styled
		"👍":                2,
	} {
		if got := Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

// scripts is what people at a station write in.
var scripts = []*unicode.RangeTable{
	unicode.Han, unicode.Common, unicode.Latin, unicode.Bopomofo, unicode.Hiragana, unicode.Katakana,
	unicode.Arabic, unicode.Tibetan, unicode.Mongolian, unicode.Yi, unicode.Hangul, unicode.Cyrillic,
	unicode.Greek, unicode.Co,
}

// open reports the characters for which the package comment makes no promise.
func open(r rune) bool {
	jamo := r >= 0x1100 && r <= 0x11ff || r >= 0xa960 && r <= 0xa97f || r >= 0xd7b0 && r <= 0xd7ff
	voiced := r == 0xff9e || r == 0xff9f // half-width kana marks
	return jamo || voiced || unicode.Is(unicode.Mc, r)
}

// A terminal may turn mode 2027 on or not; no column may move by it.
func TestWidthsByGraphemeAndByCodePointAgree(t *testing.T) {
	beside := []string{"", "a", "1", "中", "，", "e\u0301", "👍", "가", "·", "🇨"}
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if simple(r) > 0 || open(r) || !unicode.In(r, scripts...) {
			continue
		}
		if r >= 0xf0100 && r < 0x10ff00 {
			continue // the middle of a private plane is like its ends
		}
		for _, c := range beside {
			for _, s := range [2]string{c + string(r), string(r) + c} {
				s = Clean(s, false)
				if w, g, p := Width(s), ansi.StringWidth(s), ansi.StringWidthWc(s); w != g || w != p {
					t.Fatalf("%+q: width %d, by grapheme %d, by code point %d", s, w, g, p)
				}
			}
		}
	}
}

func TestSimpleRunesAreMeasuredAsTheRendererDoes(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		w := simple(r)
		if w == 0 {
			continue
		}
		if s := string(r); ansi.StringWidth(s) != w || ansi.StringWidthWc(s) != w {
			t.Fatalf("%+q: simple says %d, the renderer %d and %d", s, w, ansi.StringWidth(s), ansi.StringWidthWc(s))
		}
		for _, other := range "a中、あア１𠮷" {
			pair := string(r) + string(other)
			if g, _ := ansi.FirstGraphemeCluster(pair, ansi.GraphemeWidth); g != string(r) {
				t.Fatalf("%+q is one grapheme, but both are simple", pair)
			}
		}
	}
}

// FuzzGraphemes: going forward, going back and snapping find the same borders,
// and they are the renderer's.
func FuzzGraphemes(f *testing.F) {
	for _, s := range []string{"", "a中e\u0301𠮷·", "🇨🇳🇨", "ᄒ\u1161\u11ab가", "क\u094dष", "\r\n\x00\x1b[1m", "\xd6\xd0", strings.Repeat("\u0301", 9)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "\ufffd") // invalid bytes are cleaned before they are measured
		borders := map[int]bool{0: true}
		at := 0
		for g, w := range Graphemes(s) {
			if g == "" || w < 0 {
				t.Fatalf("grapheme %q of width %d", g, w)
			}
			want, _ := ansi.FirstGraphemeCluster(s[at:], ansi.GraphemeWidth)
			if g != want {
				t.Fatalf("%q at %d: %q, the renderer takes %q", s, at, g, want)
			}
			at += len(g)
			borders[at] = true
		}
		if at != len(s) {
			t.Fatalf("%q: graphemes end at %d", s, at)
		}
		if g, _ := Prev(s); !borders[len(s)-len(g)] {
			t.Fatalf("%q: Prev gives %q", s, g)
		}
		for i := range len(s) + 1 {
			to := Snap(s, i)
			if to < i || !borders[to] {
				t.Fatalf("%q: Snap(%d) = %d", s, i, to)
			}
			for j := i; j < to; j++ {
				if borders[j] {
					t.Fatalf("%q: Snap(%d) = %d, but %d is nearer", s, i, to, j)
				}
			}
		}
	})
}

func BenchmarkWidthOfChinese(b *testing.B) {
	s := strings.Repeat("小区东门的路灯坏了半个月，", 10)
	b.ReportAllocs()
	for b.Loop() {
		Width(s)
	}
}
