// Package sheet reads the tables that people bring, .xlsx and .csv, and writes
// the ones they take away.
//
// Tables made by hand have a title above the header, a running number before
// the columns and a total below the rows; their columns go by several names.
// Read finds the header by those names and gives each row with its line in the
// file, so that whatever cannot be taken over can be named. No row is dropped
// in silence: a row is given, is a total or empty, or the whole file is refused
// with a sentence.
//
// Excelize reads and writes .xlsx. It forgives much, so every file is inspected
// before it gets to read it: one that is cut off must not pass for a shorter
// one, and limits must hold before memory is taken. Nothing of people's data
// lies in temporary files.
package sheet

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"liaison/station/typed"
)

// A Column is one that the caller wants.
type Column struct {
	Key      string   // what Row.Get calls it
	Names    []string // its headings; the first one is named where it is missing
	Required bool
	Date     bool // a bare number is a day as Excel counts them
}

// Limits bound what is read; a zero field means its default.
type Limits struct {
	Bytes    int64 // of the file: 32 MiB
	Unpacked int64 // of an .xlsx: 256 MiB
	Rows     int   // with something in them: 200,000; an .xlsx has at most some 20 cells for each
	Cell     int   // characters in a cell: 32,767, as in Excel
}

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 32 << 20
	}
	if l.Unpacked <= 0 {
		l.Unpacked = 256 << 20
	}
	if l.Rows <= 0 {
		l.Rows = 200_000
	}
	if l.Cell <= 0 {
		l.Cell = 32_767
	}
	return l
}

// A Table is what was found.
type Table struct {
	Header  int               // line of the header, from 1
	Found   map[string]string // heading by key of the columns that are there
	Unknown []string          // headings that no wanted column goes by, as written
	Skipped int               // totals and repeated headers
	Rows    []Row
}

// A Row is one line of data. One with Problems must not be recorded: a cell of
// it is not what its writer meant.
type Row struct {
	Line     int // in the file, from 1
	Problems []typed.Problem

	want  []Column
	cells []string
}

// Get gives the cell of a wanted column, cleaned and trimmed; empty where the
// column or the cell is missing.
func (r Row) Get(key string) string {
	for i, c := range r.want {
		if c.Key == key {
			return r.cells[i]
		}
	}
	return ""
}

// A line is a row of the file as it lies there.
type line struct {
	no    int
	cells []cell
}

type cell struct {
	text  string
	fault fault
}

// A fault is why a cell is not what its writer meant.
type fault int

const (
	sound   fault = iota
	digits        // a number of more than 15 digits, which Excel rounds
	garbled       // characters that could not be decoded
	quote         // a quotation mark that is never closed
	long          // more characters than a cell may have
	failed        // a formula without a value
)

// Read reads a table. The name only serves to tell what the file should be;
// what it is, its first bytes say. An error is a typed.Problem, or comes from r.
func Read(name string, r io.Reader, want []Column, limits Limits) (Table, error) {
	limits = limits.withDefaults()
	b, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	if err != nil {
		return Table{}, fmt.Errorf("read table: %w", err)
	}
	if int64(len(b)) > limits.Bytes {
		return Table{}, problem("sheet.size", "文件太大，最多 %d MB，请分成几个文件。", "The file is too large; at most %d MB, so split it.", limits.Bytes>>20)
	}
	switch kindOf(name, b) {
	case zipped:
		return readXLSX(b, want, limits)
	case text:
		lines, err := readCSV(b, limits)
		if err != nil {
			return Table{}, err
		}
		return build(lines, want, limits, false)
	case empty:
		return Table{}, problem("sheet.empty", "文件是空的。", "The file is empty.")
	case ole:
		return Table{}, problem("sheet.kind",
			"这是旧版 .xls 或加了密码的文件，请在 Excel 或 WPS 中另存为不带密码的 .xlsx。",
			"This is an old .xls or a file with a password; save it as .xlsx without a password.")
	}
	return Table{}, problem("sheet.kind",
		"这不是表格文件，请另存为 .xlsx 或 .csv。", "This is not a table; save it as .xlsx or .csv.")
}

// A kind of file, by content.
type kind int

const (
	other kind = iota
	empty
	zipped
	ole
	text
)

func kindOf(name string, b []byte) kind {
	head := b[:min(len(b), 512)]
	lower := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	switch {
	case len(lower) == 0:
		return empty
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("PK\x05\x06")):
		return zipped
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return ole
	case bytes.HasPrefix(lower, []byte("<html")), bytes.HasPrefix(lower, []byte("<!doctype")),
		bytes.HasPrefix(lower, []byte("<?xml")), bytes.HasPrefix(lower, []byte("%pdf")), bytes.HasPrefix(lower, []byte("{\\rtf")):
		return other
	case strings.HasSuffix(strings.ToLower(name), ".xlsx"):
		return other
	case utf16BOM(b) == "" && bytes.IndexByte(b, 0) >= 0:
		return other
	}
	return text
}

func problem(code, zh, en string, args ...any) typed.Problem {
	if len(args) > 0 {
		zh, en = fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)
	}
	return typed.Problem{Code: code, ZH: zh, EN: en}
}

// bound makes a cell of a text, without the text where it is too long: many
// cells may share one string, and each would cost its length again.
func (l Limits) bound(s string) cell {
	if len(s) <= l.Cell || utf8.RuneCountInString(s) <= l.Cell {
		return cell{text: s}
	}
	return cell{fault: long}
}
