package sheet

import (
	"errors"
	"io"
	"os"
	"strconv"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"liaison/station/typed"
)

// Limits of the format.
const (
	excelCell  = excelize.TotalCellChars // UTF-16 units
	cellTooFar = "…（超出单元格上限，全文见系统）"
)

const sheetName = "Sheet1"

// writeXLSX makes the whole workbook in memory before anything of it is
// written.
func writeXLSX(w io.Writer, s Sheet) error {
	// Excelize would put what is over 16 MiB into a file under TmpDir. Where it
	// cannot make one, as in what is no directory, it goes on in memory.
	f := excelize.NewFile(excelize.Options{TmpDir: os.DevNull})
	defer f.Close()
	header := 1
	if s.Title != "" {
		header = 2
	}
	if err := layOut(f, s, header); err != nil {
		return err
	}
	if err := writeRows(f, s, header); err != nil {
		return err
	}
	return f.Write(w)
}

// layOut sets what is printed: A4 landscape as wide as the page, the header on
// every page.
func layOut(f *excelize.File, s Sheet, header int) error {
	fit, a4, landscape, wide, high := true, 9, "landscape", 1, 0
	side, top, head := 0.5, 0.6, 0.3
	now := time.Now().UTC().Format(time.RFC3339)
	return errors.Join(
		f.SetSheetProps(sheetName, &excelize.SheetPropsOptions{FitToPage: &fit}),
		f.SetPageLayout(sheetName, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}),
		f.SetPageMargins(sheetName, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &head, Footer: &head}),
		f.SetHeaderFooter(sheetName, &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页 共 &N 页"}),
		f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: sheetName + "!$1:$" + strconv.Itoa(header), Scope: sheetName}),
		f.SetDocProps(&excelize.DocProperties{Creator: "Liaison", Title: typed.Clean(s.Title, false), Created: now, Modified: now}),
	)
}

func writeRows(f *excelize.File, s Sheet, header int) error {
	st, err := makeStyles(f)
	if err != nil {
		return err
	}
	w, err := f.NewStreamWriter(sheetName)
	if err != nil {
		return err
	}
	if err := writeHead(w, s, st, header); err != nil {
		return err
	}
	no, cells := header, make([]any, len(s.Columns))
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if no++; no > excelize.TotalRows {
			return problem("sheet.rows", "一张表最多 %d 行，请缩小范围或导出 .csv。", "A sheet has at most %d rows; narrow the range or export .csv.", excelize.TotalRows)
		}
		for i, c := range s.Columns {
			v := ""
			if i < len(row) {
				v = row[i]
			}
			cells[i] = st.cell(c, v)
		}
		if err := w.SetRow("A"+strconv.Itoa(no), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// writeHead writes the title and the header, which stay in sight.
func writeHead(w *excelize.StreamWriter, s Sheet, st styles, header int) error {
	for i, c := range s.Columns {
		if err := w.SetColWidth(i+1, i+1, float64(min(max(c.Width, 4), 120)+2)); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: header, TopLeftCell: "A" + strconv.Itoa(header+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if s.Title != "" {
		if err := w.SetRow("A1", []any{textIn(st.title, s.Title)}, excelize.RowOpts{Height: 30}); err != nil {
			return err
		}
		if n := len(s.Columns); n > 1 {
			last, err := excelize.CoordinatesToCellName(n, 1)
			if err != nil {
				return err
			}
			if err := w.MergeCell("A1", last); err != nil {
				return err
			}
		}
	}
	names := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = textIn(st.header, c.Name)
	}
	return w.SetRow("A"+strconv.Itoa(header), names)
}

// The styles are numbers of cell styles in a workbook.
type styles struct{ title, header, text, number int }

func makeStyles(f *excelize.File) (styles, error) {
	const asText = 49 // the built-in number format @
	font := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: "宋体", Size: size, Bold: bold}
	}
	var border []excelize.Border
	for _, side := range [...]string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Style: 1, Color: "000000"})
	}
	var st styles
	for _, s := range [...]struct {
		id    *int
		style excelize.Style
	}{
		{&st.title, excelize.Style{NumFmt: asText, Font: font(16, true), Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"}}},
		{&st.header, excelize.Style{NumFmt: asText, Font: font(11, true), Border: border, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8E8E8"}}}},
		{&st.text, excelize.Style{NumFmt: asText, Font: font(11, false), Border: border, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&st.number, excelize.Style{Font: font(11, false), Border: border, Alignment: &excelize.Alignment{Vertical: "top"}}},
	} {
		var err error
		if *s.id, err = f.NewStyle(&s.style); err != nil {
			return styles{}, err
		}
	}
	return st, nil
}

// cell makes a number of what a spreadsheet keeps to the last digit, and else a
// text, which it never takes for a formula.
func (st styles) cell(c Col, v string) excelize.Cell {
	if !c.Text && plainNumber(v) {
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return excelize.Cell{StyleID: st.number, Value: n}
		}
	}
	return textIn(st.text, v)
}

// textIn makes a text without control characters.
func textIn(style int, s string) excelize.Cell {
	if s == "" {
		return excelize.Cell{StyleID: style}
	}
	return excelize.Cell{StyleID: style, Value: cut(typed.Clean(s, true))}
}

// cut shortens a text to what a cell can hold, and says so.
func cut(s string) string {
	if len(s) <= excelCell {
		return s
	}
	units := 0
	keep := excelCell - len([]rune(cellTooFar))
	at := len(s)
	for i, r := range s {
		n := max(utf16.RuneLen(r), 1)
		if units+n > keep && at == len(s) {
			at = i
		}
		units += n
	}
	if units <= excelCell {
		return s
	}
	return s[:at] + cellTooFar
}
