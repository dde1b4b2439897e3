package paper_test

import (
	"strings"
	"testing"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/paper"
)

// Whatever people typed stays within the paper's columns, gives a printer no
// order and a browser no markup.
func TestHostileTextOnPaper(t *testing.T) {
	for name, text := range map[string]string{
		"control characters": "灯\x1b[2J坏了\x1bE\f\v\a", "markup": "<script>alert(1)</script>&amp;</div>", "one long word": strings.Repeat("W", 3000),
		"Chinese without a stop": strings.Repeat("路灯不亮", 500), "lines": strings.Repeat("灯\n", 400), "wide and odd": "👨‍👩‍👧‍👦㛃\u202e倒\u0301", "empty": "",
	} {
		for _, small := range []bool{false, true} {
			p := station.Paper{Title: "单子" + text, Issuer: text, Number: "QA01-26A-0001-7/1", Small: small, Blocks: []station.Block{
				{Pairs: []station.PaperPair{{Label: "选民", Text: text}, {Label: "事项", Text: text}, {Label: "空", Text: ""}}},
				{Label: "内容", Text: text, Room: 3}, {Text: text}, {Small: text}, {Tear: "撕开"}, {Label: "态度", Ticks: []string{"满意", "不满意"}}, {Signs: []string{"选民"}, Seal: true}}}
			for _, row := range paper.Rows(p) {
				if w := cell.Width(row); w > paper.Columns(p) {
					t.Errorf("%s: a row of %d cells on %d: %.60q", name, w, paper.Columns(p), row)
				}
				if strings.ContainsFunc(row, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x202e }) {
					t.Errorf("%s: the printer is given %.80q", name, row)
				}
			}
			var b strings.Builder
			if err := paper.Page(&b, p, 1); err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"<script", "\x1b", "</div>&"} {
				if strings.Contains(b.String(), bad) {
					t.Errorf("%s: the page holds %q", name, bad)
				}
			}
		}
	}
}

// Copies say which they are, a form feed between them.
func TestCopiesAreNumbered(t *testing.T) {
	p := station.Paper{Title: "回执", Issuer: "曲阿", Small: true}
	one, three := paper.Text(p, 1), paper.Text(p, 3)
	if strings.Contains(one, "份") || strings.Count(three, "\f") != 2 || !strings.Contains(three, "第 3 份,共 3 份") {
		t.Errorf("one:\n%s\nthree:\n%s", one, three)
	}
}
