package sheet

import (
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// A Format is a kind of file that Write can make.
type Format int

// The formats.
const (
	XLSX Format = iota
	CSV
)

// FormatOf gives the format that a file name asks for.
func FormatOf(name string) (Format, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		return XLSX, nil
	case ".csv":
		return CSV, nil
	}
	return 0, problem("sheet.name", "文件名请以 .xlsx 或 .csv 结尾。", "The file name must end in .xlsx or .csv.")
}

// A Col is a column of an export.
type Col struct {
	Name  string
	Width int  // in cells of the terminal: two for a Chinese character
	Text  bool // numbers, phones and the like: never a number to a spreadsheet
}

// A Sheet is a table to be written. Rows are taken one at a time; an error
// among them ends the writing, so that a table cut short cannot pass for a
// whole one.
type Sheet struct {
	Title   string // above the header of an .xlsx; a .csv has none
	Columns []Col
	Rows    iter.Seq2[[]string, error]
}

// Lines makes rows of a slice.
func Lines(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Write writes a table. No cell is ever a formula.
//
// An .xlsx is made for printing: A4 landscape, as wide as the page, the header
// frozen and repeated on every page. A .csv is UTF-8 with a mark and CRLF, as
// Excel wants it; there a text that a spreadsheet would take for a formula gets
// an apostrophe before it, which Read takes off again.
func Write(w io.Writer, f Format, s Sheet) error {
	var err error
	switch f {
	case CSV:
		err = writeCSV(w, s)
	default:
		err = writeXLSX(w, s)
	}
	if err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// risky reports whether a spreadsheet would take a text for a formula, or
// would if apostrophes and blanks were taken off it. Chinese and Japanese ones
// read the full-width signs likewise.
func risky(s string) bool {
	s = strings.TrimLeft(s, "' \u3000\n")
	return s != "" && strings.ContainsAny(firstRune(s), "=+-@\t\r＝＋－＠﹦﹢﹣﹫−")
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// plainNumber reports whether s is a number that a spreadsheet keeps to the
// last digit: no leading zeros, no exponent, at most 15 digits.
func plainNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, part, point := strings.Cut(s, ".")
	if whole == "" || point && part == "" || len(whole)+len(part) > 15 || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	return strings.Trim(whole+part, "0123456789") == ""
}
