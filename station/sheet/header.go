package sheet

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"liaison/station/typed"
)

// headerWithin is how many lines from the top the header is looked for.
const headerWithin = 50

// build finds the header and makes rows of the lines under it. Days are counted
// from 1904 where from04 is set.
func build(lines []line, want []Column, limits Limits, from04 bool) (Table, error) {
	at, cols := findHeader(lines, want)
	if at < 0 {
		return Table{}, missingColumns(lines, want)
	}
	head := lines[at]
	t := Table{Header: head.no, Found: map[string]string{}}
	for i, c := range cols {
		if c >= 0 {
			t.Found[want[i].Key] = tidy(head.cells[c].text)
		}
	}
	for i, c := range head.cells {
		if h := tidy(c.text); h != "" && !slices.Contains(cols, i) && !slices.Contains(numbering, normal(h)) {
			t.Unknown = append(t.Unknown, h)
		}
	}
	for _, l := range lines[at+1:] {
		if isTotal(l) || sameHeader(l, head, cols) {
			t.Skipped++
			continue
		}
		t.Rows = append(t.Rows, makeRow(l, want, cols, limits, from04))
	}
	return t, nil
}

// numbering are headings of the running number, which says nothing.
var numbering = []string{"序号", "序", "no", "no.", "#", "行号"}

// findHeader gives the line that holds all required columns and most others,
// and for every wanted column its place in the line, or -1.
func findHeader(lines []line, want []Column) (at int, cols []int) {
	at, best := -1, 0
	for i, l := range lines[:min(len(lines), headerWithin)] {
		c := place(l, want)
		n := 0
		for j, p := range c {
			if p >= 0 {
				n++
			} else if want[j].Required {
				n = -len(want)
			}
		}
		if n > best {
			at, best, cols = i, n, c
		}
	}
	return at, cols
}

// place gives where in the line each wanted column's heading stands, or -1. A
// heading counts with and without its remark in brackets: 电话（手机）.
func place(l line, want []Column) []int {
	heads := make([]string, len(l.cells))
	for i, c := range l.cells {
		heads[i] = normal(c.text)
	}
	cols := make([]int, len(want))
	for i, w := range want {
		cols[i] = -1
		for _, bare := range [...]bool{false, true} {
			for _, name := range w.Names {
				at := slices.IndexFunc(heads, func(h string) bool {
					return h != "" && (h == normal(name) || bare && beforeBracket(h) == normal(name))
				})
				if at >= 0 && !slices.Contains(cols[:i], at) {
					cols[i] = at
					break
				}
			}
			if cols[i] >= 0 {
				break
			}
		}
	}
	return cols
}

// normal makes headings comparable: folded, lower case, without white space,
// and without the stars and colons people put around them.
func normal(s string) string {
	if utf8.RuneCountInString(s) > 200 { // no heading, but a cell of text
		return ""
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToLower(typed.Fold(typed.Clean(s, false))))
	return strings.Trim(s, "*:")
}

func beforeBracket(s string) string {
	before, _, _ := strings.Cut(s, "(")
	return before
}

// tidy is a heading as it is shown.
func tidy(s string) string {
	return strings.Join(strings.Fields(typed.Clean(s, false)), " ")
}

// isTotal reports whether a line is a total, as its first cell that is not
// empty says.
func isTotal(l line) bool {
	i := slices.IndexFunc(l.cells, func(c cell) bool { return strings.TrimSpace(c.text) != "" })
	if i < 0 {
		return false
	}
	s := strings.TrimRight(normal(l.cells[i].text), "0123456789人件条个:")
	return slices.Contains([]string{"合计", "总计", "小计", "共计", "累计", "total", "subtotal", "grandtotal", "sum"}, s)
}

// sameHeader reports whether a line repeats the header, as tables do that were
// pasted together or printed page by page.
func sameHeader(l, head line, cols []int) bool {
	for _, c := range cols {
		if c >= 0 && (c >= len(l.cells) || normal(l.cells[c].text) != normal(head.cells[c].text)) {
			return false
		}
	}
	return true
}

func makeRow(l line, want []Column, cols []int, limits Limits, from04 bool) Row {
	r := Row{Line: l.no, want: want, cells: make([]string, len(want))}
	for i, at := range cols {
		if at < 0 || at >= len(l.cells) {
			continue
		}
		c := l.cells[at]
		if c.fault != sound {
			r.Problems = append(r.Problems, c.fault.problem(want[i].Names[0], limits))
			continue
		}
		if want[i].Date {
			c.text = serialText(c.text, from04)
		}
		r.cells[i] = strings.TrimSpace(typed.Clean(c.text, true))
	}
	return r
}

// serialText turns a bare number into the day that Excel means by it, for
// columns that hold dates. Numbers that could be typed dates stay.
func serialText(s string, from04 bool) string {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(v >= 20000 && v < 80000) { // 1954 to 2119, and no NaN
		return s
	}
	t, err := excelize.ExcelDateToTime(v, from04)
	if err != nil {
		return s
	}
	if t = t.Round(time.Second); t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}

func (f fault) problem(column string, limits Limits) typed.Problem {
	switch f {
	case digits:
		return problem("sheet.digits",
			"“%s”里的数字太长，已被 Excel 改坏（如 3.21E+17），请把该列设为文本后重新填写。",
			"The number under %q was too long and Excel has rounded it; set the column to text and type it again.", column)
	case garbled:
		return problem("sheet.garbled", "“%s”里有乱码，请检查文件的编码。", "The text under %q is garbled; check the file's encoding.", column)
	case quote:
		return problem("sheet.quote", "“%s”里的引号没有配对，后面的行都被并进了这一格。", "A quotation mark under %q is never closed and takes the rest of the file.", column)
	case failed:
		return problem("sheet.formula", "“%s”里的公式没有算出结果，请改成实际内容。", "The formula under %q has no result; put in its value.", column)
	}
	return problem("sheet.long", "“%s”的内容太长，最多 %d 个字。", "The text under %q is too long; at most %d characters.", column, limits.Cell)
}

// missingColumns says which required columns no line has, and what was found in
// the line that comes nearest.
func missingColumns(lines []line, want []Column) error {
	if len(lines) == 0 {
		return problem("sheet.empty", "表里没有内容。", "The table is empty.")
	}
	nearest, most := lines[0], -1
	for _, l := range lines[:min(len(lines), headerWithin)] {
		n := len(want) - count(place(l, want), -1)
		if n > most || n == most && most == 0 && len(nearest.cells) < 2 {
			nearest, most = l, n
		}
	}
	var missing, found []string
	for i, at := range place(nearest, want) {
		if at < 0 && want[i].Required {
			missing = append(missing, want[i].Names[0])
		}
	}
	if len(missing) == 0 {
		for _, w := range want {
			missing = append(missing, w.Names[0])
		}
	}
	for _, c := range nearest.cells {
		if h := tidy(c.text); h != "" && len(found) < 20 {
			found = append(found, shorten(h, 12))
		}
	}
	return problem("sheet.columns",
		"找不到这些列：%s。第 %d 行是：%s。请核对表头。", "Columns are missing: %s. Line %d reads: %s. Please check the header.",
		strings.Join(missing, "、"), nearest.no, strings.Join(found, "、"))
}

func count(s []int, v int) int {
	n := 0
	for _, x := range s {
		if x == v {
			n++
		}
	}
	return n
}

func shorten(s string, n int) string {
	if rs := []rune(s); len(rs) > n {
		return string(rs[:n]) + "…"
	}
	return s
}
