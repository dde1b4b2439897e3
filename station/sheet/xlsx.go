package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"liaison/station/typed"
)

// maxColumns bounds the width of a table; a cell far out would else cost a
// slice of sixteen thousand in every row.
const maxColumns = 512

// A workbook is an .xlsx that is open for reading.
type workbook struct {
	file   *excelize.File
	limits Limits
	faults map[spot]fault
	from04 bool // days are counted from 1904, as on old Macintoshes
}

// readXLSX reads the first visible sheet that has the wanted header.
func readXLSX(b []byte, want []Column, limits Limits) (Table, error) {
	w, err := openXLSX(b, limits)
	if err != nil {
		return Table{}, plainly(err)
	}
	defer w.file.Close()
	var first error // of the first sheet that is not empty
	for _, name := range w.file.GetSheetList() {
		lines, err := w.lines(name)
		if err != nil {
			return Table{}, plainly(err)
		}
		t, err := build(lines, want, limits, w.from04)
		if err == nil {
			return t, nil
		}
		if first == nil && len(lines) > 0 {
			first = err
		}
	}
	if first == nil {
		first = missingColumns(nil, want)
	}
	return Table{}, first
}

// openXLSX inspects a workbook and opens it. The two limits are the same, or
// excelize would unpack large sheets into temporary files.
func openXLSX(b []byte, limits Limits) (w *workbook, err error) {
	defer orBroken(&err)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(z.File, func(f *zip.File) bool { return partName(f) == "xl/workbook.xml" }) {
		return nil, problem("sheet.kind",
			"这个文件不是 .xlsx 表格，请在 Excel 或 WPS 中另存为 .xlsx。", "This file is not an .xlsx table; save it as .xlsx.")
	}
	faults, err := inspect(z, limits)
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: limits.Unpacked, UnzipXMLSizeLimit: limits.Unpacked})
	if err != nil {
		return nil, err
	}
	p, err := f.GetWorkbookProps()
	if err != nil {
		return nil, err
	}
	return &workbook{f, limits, faults, p.Date1904 != nil && *p.Date1904}, nil
}

// errBroken is any damage to a file.
var errBroken = errors.New("the workbook is broken")

// orBroken makes an error of a panic in the library.
func orBroken(err *error) {
	if recover() != nil {
		*err = errBroken
	}
}

// plainly replaces what went wrong inside the file by a sentence; the reader
// can do nothing with "unexpected EOF".
func plainly(err error) error {
	if p, ok := errors.AsType[typed.Problem](err); ok {
		return p
	}
	if errors.Is(err, excelize.ErrColumnNumber) {
		return tooWide()
	}
	return problem("sheet.damaged",
		"文件已损坏或不完整，请重新获取，或在 Excel 中打开后另存为 .xlsx。",
		"The file is damaged or incomplete; get it again, or open it in Excel and save it as .xlsx.")
}

func tooWide() error {
	return problem("sheet.columns", "表太宽，最多 %d 列。", "The table is too wide; at most %d columns.", maxColumns)
}

// lines reads a sheet, or nothing where it is hidden. Rows without anything in
// them are left out. The rows are read twice, side by side, as they are stored
// and as they are shown.
func (w *workbook) lines(name string) (lines []line, err error) {
	defer orBroken(&err)
	if visible, err := w.file.GetSheetVisible(name); err != nil || !visible {
		return nil, err
	}
	raw, err := w.file.Rows(name)
	if err != nil {
		return nil, err
	}
	shown, err := w.file.Rows(name)
	if err != nil {
		return nil, err
	}
	room := w.limits.cells()
	for no := 1; raw.Next() && shown.Next(); no++ {
		values, err := raw.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		looks, err := shown.Columns()
		if err != nil {
			return nil, err
		}
		if len(values) > maxColumns {
			return nil, tooWide()
		}
		if room -= len(values); room < 0 { // a row is as wide as its last cell is far out
			return nil, w.limits.tooMuch()
		}
		l := line{no: no, cells: w.cells(no, values, looks)}
		if blank(l) {
			continue
		}
		if lines = append(lines, l); len(lines) > w.limits.Rows {
			return nil, tooManyRows(w.limits)
		}
	}
	return lines, errors.Join(raw.Close(), shown.Close())
}

func (w *workbook) cells(row int, values, looks []string) []cell {
	cells := make([]cell, len(values))
	for i, v := range values {
		if f := w.faults[spot{row, i + 1, v}]; f != sound {
			cells[i].fault = f
			continue
		}
		look := v
		if i < len(looks) {
			look = looks[i]
		}
		cells[i] = w.limits.bound(meant(v, look))
	}
	return cells
}

// meant gives what a cell means by how it is stored and how it is shown, which
// are the same for a text. What is shown of a number may lack digits (1.38E+10,
// 13,800元), so only leading zeros are taken from it, as in 007; dates are
// numbers until their column is known.
func meant(raw, shown string) string {
	v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if raw == shown || err != nil {
		return raw
	}
	if shown == "TRUE" || shown == "FALSE" {
		return shown
	}
	// 15 digits: 0.1+0.2 is 0.3, as the sheet shows it.
	v, err = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		return raw
	}
	plain := strconv.FormatFloat(v, 'f', -1, 64)
	if strings.Trim(shown, "0123456789") == "" && len(shown) > len(plain) && strings.TrimLeft(shown, "0") == strings.TrimLeft(plain, "0") {
		return shown
	}
	return plain
}
