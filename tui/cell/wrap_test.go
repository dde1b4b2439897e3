package cell

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWrapBreaksAsChineseIsPrinted(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     string
		width int
		want  []string
	}{
		{"between any two characters", "小区门口路灯不亮", 6, []string{"小区门", "口路灯", "不亮"}},
		{"a half free cell stays free", "小区门口", 5, []string{"小区", "门口"}},
		{"no comma at the start", "小区门口，路灯", 8, []string{"小区门", "口，路灯"}},
		{"no opening bracket at the end", "说明一（二）", 8, []string{"说明一", "（二）"}},
		{"a word goes whole", "停车位parking问题", 12, []string{"停车位", "parking问题"}},
		{"a number goes whole", "编号QA01-26A-0123-K已存", 18, []string{"编号", "QA01-26A-0123-K已", "存"}},
		{"a long word is cut", "abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"spaces hang over the edge", "abcd    efgh", 4, []string{"abcd", "efgh"}},
		{"trailing spaces need no row", "abcd    ", 4, []string{"abcd"}},
		{"line breaks stay", "一\n\n二\n", 10, []string{"一", "", "二", ""}},
		{"empty", "", 10, []string{""}},
		{"too narrow for a character", "路灯", 1, []string{"路", "灯"}},
		{"dashes stay together", "他说——好", 5, []string{"他", "说——", "好"}},
	} {
		if got := Wrap(c.s, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// FuzzLines: no row is too wide, no byte is lost, every caret has one row, and
// no row starts with what must not start one if it could be helped.
func FuzzLines(f *testing.F) {
	f.Add("ABC 混排 English 单词与中文，、。“引号”……——小区门口路灯不亮。", 20)
	f.Add("https://example.gov.cn/very/long/url?x=1 中文（括号）\n\n 《书名号》   ", 13)
	f.Add("，，，，，，，，，，，", 4)
	f.Fuzz(func(t *testing.T, s string, width int) {
		s = Clean(s, true)
		width = 2 + bound(width, 120)
		at := 0
		for i, l := range Lines(s, width) {
			if l.From != at || l.To < l.From || l.Next < l.To {
				t.Fatalf("%q at %d: row %d is %+v after %d", s, width, i, l, at)
			}
			if w := Width(s[l.From:l.To]); w > width {
				t.Fatalf("%q at %d: row %d is %d cells", s, width, i, w)
			}
			if rest := strings.TrimLeft(s[l.To:l.Next], " "); rest != "" && rest != "\n" {
				t.Fatalf("%q at %d: row %d hides %q", s, width, i, rest)
			}
			if !utf8.ValidString(s[l.From:l.To]) {
				t.Fatalf("%q at %d: row %d cuts a character", s, width, i)
			}
			at = l.Next
		}
		if at != len(s) {
			t.Fatalf("%q at %d: rows end at %d of %d", s, width, at, len(s))
		}
		kept := strings.Join(Wrap(s, width), "")
		if strip(kept) != strip(s) {
			t.Fatalf("%q at %d: text lost: %q", s, width, kept)
		}
	})
}

func strip(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }

func BenchmarkLinesOf2000Characters(b *testing.B) {
	s := strings.Repeat("小区东门的路灯坏了半个月，晚上老人出门不安全。", 87)[:6000]
	b.ReportAllocs()
	for b.Loop() {
		Lines(s, 70)
	}
}
