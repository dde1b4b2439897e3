package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"liaison/station/typed"
)

// maxStrings bounds the shared strings of a workbook.
const maxStrings = 4 << 20

// A workbook is an .xlsx that is open for reading.
type workbook struct {
	parts   map[string]*zip.File
	limits  Limits
	left    int64 // bytes that may still be unpacked
	strings []cell
	styles  []numFormat // by cell style
	from04  bool        // days are counted from 1904
}

// readXLSX reads the first visible sheet that has the wanted header.
func readXLSX(b []byte, want []Column, limits Limits) (Table, error) {
	w, sheets, err := openXLSX(b, limits)
	if err != nil {
		return Table{}, plainly(err)
	}
	var first error // of the first sheet that is not empty
	for _, part := range sheets {
		lines, err := w.lines(part)
		if err != nil {
			return Table{}, plainly(err)
		}
		t, err := build(lines, want, limits)
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

// plainly replaces what went wrong inside the file by a sentence; the reader
// can do nothing with "unexpected EOF".
func plainly(err error) error {
	if p, ok := errors.AsType[typed.Problem](err); ok {
		return p
	}
	return problem("sheet.damaged",
		"文件已损坏或不完整，请重新获取，或在 Excel 中打开后另存为 .xlsx。",
		"The file is damaged or incomplete; get it again, or open it in Excel and save it as .xlsx.")
}

var errPart = errors.New("a part of the workbook is missing")

// openXLSX reads all but the sheets, and gives the parts of the visible ones
// in their order.
func openXLSX(b []byte, limits Limits) (*workbook, []string, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, nil, err
	}
	w := &workbook{parts: map[string]*zip.File{}, limits: limits, left: limits.Unpacked}
	for _, f := range z.File {
		w.parts[strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))] = f
	}
	book := "xl/workbook.xml"
	if w.parts[book] == nil {
		return nil, nil, problem("sheet.kind",
			"这个文件不是 .xlsx 表格，请在 Excel 或 WPS 中另存为 .xlsx。", "This file is not an .xlsx table; save it as .xlsx.")
	}
	rels, err := w.relations(book)
	if err != nil {
		return nil, nil, err
	}
	sheets, err := w.readBook(book, rels)
	if err != nil {
		return nil, nil, err
	}
	if err := w.readStrings("xl/sharedstrings.xml"); err != nil {
		return nil, nil, err
	}
	return w, sheets, w.readStyles("xl/styles.xml")
}

// open unpacks a part within what may still be unpacked.
func (w *workbook) open(part string) (io.ReadCloser, error) {
	f := w.parts[strings.ToLower(part)]
	if f == nil {
		return nil, errPart
	}
	if f.UncompressedSize64 > uint64(w.left) {
		return nil, w.tooMuch()
	}
	r, err := f.Open()
	return &metered{w, r}, err
}

func (w *workbook) tooMuch() error {
	return problem("sheet.size", "文件解开后太大，最多 %d MB，请分成几个文件。", "The file unpacks to too much; at most %d MB, so split it.", w.limits.Unpacked>>20)
}

// metered counts what is really unpacked, whatever the directory says.
type metered struct {
	w *workbook
	io.ReadCloser
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	if m.w.left -= int64(n); m.w.left < 0 {
		return 0, m.w.tooMuch()
	}
	return n, err
}

// walk gives every token of a part to f until f is done or the part ends. A
// part that ends before f is done is broken off.
func (w *workbook) walk(part string, f func(xml.Token) (done bool, err error)) error {
	r, err := w.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if done, err := f(tok); done || err != nil {
			return err
		}
	}
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

func closes(tok xml.Token, local string) bool {
	e, ok := tok.(xml.EndElement)
	return ok && e.Name.Local == local
}

// relations gives the parts that a part refers to, by their id.
func (w *workbook) relations(part string) (map[string]string, error) {
	dir, base := path.Split(part)
	rels := map[string]string{}
	err := w.walk(dir+"_rels/"+base+".rels", func(tok xml.Token) (bool, error) {
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "Relationship" {
			target := strings.ReplaceAll(attr(e, "Target"), `\`, "/")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			rels[attr(e, "Id")] = strings.TrimPrefix(target, "/")
		}
		return closes(tok, "Relationships"), nil
	})
	return rels, err
}

// readBook reads which sheets there are and how days are counted.
func (w *workbook) readBook(part string, rels map[string]string) ([]string, error) {
	var sheets []string
	err := w.walk(part, func(tok xml.Token) (bool, error) {
		e, ok := tok.(xml.StartElement)
		switch {
		case ok && e.Name.Local == "workbookPr":
			v := attr(e, "date1904")
			w.from04 = v == "1" || v == "true"
		case ok && e.Name.Local == "sheet" && attr(e, "state") == "":
			if p := rels[relationID(e)]; strings.Contains(p, "worksheets/") {
				sheets = append(sheets, p)
			}
		case ok && e.Name.Local == "sheet" && attr(e, "state") == "visible":
			sheets = append(sheets, rels[relationID(e)])
		}
		return closes(tok, "workbook"), nil
	})
	return sheets, err
}

// relationID is the attribute r:id; sheetId has another name.
func relationID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Space != "" && a.Name.Local == "id" {
			return a.Value
		}
	}
	return ""
}

// readStrings reads the strings that cells share; a workbook may have none.
// Phonetic guides beside a string (rPh) are no part of it.
func (w *workbook) readStrings(part string) error {
	if w.parts[part] == nil {
		return nil
	}
	var b strings.Builder
	var inText, phonetic bool
	return w.walk(part, func(tok xml.Token) (bool, error) {
		switch e := tok.(type) {
		case xml.StartElement:
			inText = e.Name.Local == "t"
			phonetic = phonetic || e.Name.Local == "rPh"
		case xml.CharData:
			if inText && !phonetic {
				b.Write(e)
			}
		case xml.EndElement:
			inText = false
			switch e.Name.Local {
			case "rPh":
				phonetic = false
			case "si":
				if len(w.strings) == maxStrings {
					return false, w.tooMuch()
				}
				w.strings = append(w.strings, w.limits.bound(unescape(b.String())))
				b.Reset()
			case "sst":
				return true, nil
			}
		}
		return false, nil
	})
}

// shared gives the shared string with a number written in a cell.
func (w *workbook) shared(s string) (cell, error) {
	i, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || i < 0 || i >= len(w.strings) {
		return cell{}, errPart
	}
	return w.strings[i], nil
}
