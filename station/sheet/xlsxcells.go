package sheet

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
)

// maxColumns bounds the width of a table; a cell far out would else cost a
// slice of sixteen thousand in every row.
const maxColumns = 512

// A cellReader makes lines of a sheet's tokens.
type cellReader struct {
	w     *workbook
	lines []line
	row   line

	col      int // of the cell that is open, from 0
	typ      string
	style    int
	formula  bool // a formula stands in it
	computed bool // and its value, if only an empty text
	value    strings.Builder
	inText   bool
	phonetic bool
}

// lines reads a sheet. Rows and cells without anything in them are left out.
func (w *workbook) lines(part string) ([]line, error) {
	r := cellReader{w: w}
	err := w.walk(part, func(tok xml.Token) (bool, error) {
		switch e := tok.(type) {
		case xml.StartElement:
			return false, r.start(e)
		case xml.CharData:
			if r.inText && !r.phonetic {
				r.value.Write(e)
			}
		case xml.EndElement:
			return e.Name.Local == "sheetData", r.end(e.Name.Local)
		}
		return false, nil
	})
	return r.lines, err
}

func (r *cellReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		no, err := strconv.Atoi(attr(e, "r"))
		if err != nil || no < 1 {
			no = r.row.no + 1
		}
		r.row, r.col = line{no: no}, -1
	case "c":
		r.col = column(attr(e, "r"), r.col+1)
		r.typ = attr(e, "t")
		r.style, _ = strconv.Atoi(attr(e, "s"))
		r.value.Reset()
		r.formula, r.computed = false, false
	case "f":
		r.formula = true
	case "v", "t":
		r.inText, r.computed = true, true
	case "rPh":
		r.phonetic = true
	}
	return nil
}

func (r *cellReader) end(local string) error {
	switch local {
	case "v", "t":
		r.inText = false
	case "rPh":
		r.phonetic = false
	case "c":
		return r.endCell()
	case "row":
		if blank(r.row) {
			return nil
		}
		if r.lines = append(r.lines, r.row); len(r.lines) > r.w.limits.Rows {
			return tooManyRows(r.w.limits)
		}
	}
	return nil
}

func (r *cellReader) endCell() error {
	var c cell
	switch {
	case r.value.Len() > 0:
		var err error
		if c, err = r.cell(r.value.String()); err != nil {
			return err
		}
	case r.formula && !r.computed: // written by a program that did not compute it
		c.fault = failed
	default:
		return nil
	}
	if r.col >= maxColumns {
		return problem("sheet.columns", "表太宽，最多 %d 列。", "The table is too wide; at most %d columns.", maxColumns)
	}
	for len(r.row.cells) <= r.col {
		r.row.cells = append(r.row.cells, cell{})
	}
	r.row.cells[r.col] = c
	return nil
}

// cell gives what the open cell holds.
func (r *cellReader) cell(v string) (cell, error) {
	switch r.typ {
	case "s":
		return r.w.shared(v)
	case "inlineStr", "str":
		return r.w.limits.bound(unescape(v)), nil
	case "b":
		if v == "1" {
			return cell{text: "是"}, nil
		}
		return cell{text: "否"}, nil
	case "e":
		return cell{text: v, fault: failed}, nil
	case "d":
		return cell{text: strings.Replace(strings.TrimSuffix(v, "Z"), "T", " ", 1)}, nil
	}
	f := numFormat{}
	if r.style >= 0 && r.style < len(r.w.styles) {
		f = r.w.styles[r.style]
	}
	return numberCell(v, f, r.w.from04), nil
}

// column gives the place in the row, from 0, of a cell named like BC23; next
// where it has no name.
func column(ref string, next int) int {
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	if n == 0 {
		return next
	}
	return n - 1
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape undoes the format's own way to write characters that XML cannot
// hold, such as _x000D_.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:6], 16, 16)
		if err != nil {
			return m
		}
		return string(rune(n))
	})
}
