package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Cell styles, in the order of cellXfs below.
const (
	styleTitle = iota + 1
	styleHeader
	styleText
	styleNumber
)

// Limits of the format.
const (
	excelRows  = 1 << 20
	excelCell  = 32767 // UTF-16 units
	cellTooFar = "…（超出单元格上限，全文见系统）"
)

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// The parts of a workbook that do not depend on what is in it.
var fixedParts = [...]struct{ name, body string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`</Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>` +
		`</Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
		`</Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<fonts count="3"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="16"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>` +
		`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
		`<fill><patternFill patternType="solid"><fgColor rgb="FFE8E8E8"/><bgColor indexed="64"/></patternFill></fill></fills>` +
		`<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>` +
		`<border><left style="thin"/><right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1"><alignment horizontal="center" vertical="center"/></xf>` +
		`<xf numFmtId="49" fontId="2" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
		`<xf numFmtId="0" fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1" applyAlignment="1"><alignment vertical="top"/></xf></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
}

// writeXLSX writes the parts one after the other; nothing but the row at hand
// is held in memory.
func writeXLSX(w io.Writer, s Sheet) error {
	z := zip.NewWriter(w)
	for _, p := range fixedParts {
		if err := writePart(z, p.name, p.body); err != nil {
			return err
		}
	}
	header := 1
	if s.Title != "" {
		header = 2
	}
	book := fmt.Sprintf(`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`+
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">`+
		`<bookViews><workbookView/></bookViews><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>`+
		`<definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">Sheet1!$1:$%d</definedName></definedNames></workbook>`, header)
	if err := writePart(z, "xl/workbook.xml", book); err != nil {
		return err
	}
	p, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	b := sheetWriter{Writer: bufio.NewWriterSize(p, 64<<10)}
	b.head(s, header)
	if err := b.rows(s); err != nil {
		return err
	}
	b.foot(s, header)
	if err := b.Flush(); err != nil {
		return err
	}
	return z.Close()
}

func writePart(z *zip.Writer, name, body string) error {
	p, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p, xmlHead+body)
	return err
}

// A sheetWriter writes the one sheet. A bufio.Writer remembers its first error,
// and Flush gives it.
type sheetWriter struct {
	*bufio.Writer
	row int
}

func (w *sheetWriter) head(s Sheet, header int) {
	fmt.Fprintf(w, xmlHead+`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`+
		`<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`+
		`<sheetViews><sheetView workbookViewId="0"><pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`+
		`<sheetFormatPr defaultRowHeight="15"/><cols>`, header, header+1)
	for i, c := range s.Columns {
		width := min(max(c.Width, 4), 120) + 2
		fmt.Fprintf(w, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, width)
	}
	w.WriteString(`</cols><sheetData>`)
	if s.Title != "" {
		w.row++
		fmt.Fprintf(w, `<row r="%d" ht="30" customHeight="1">`, w.row)
		w.text(0, styleTitle, s.Title)
		w.WriteString(`</row>`)
	}
	w.row++
	fmt.Fprintf(w, `<row r="%d">`, w.row)
	for i, c := range s.Columns {
		w.text(i, styleHeader, c.Name)
	}
	w.WriteString(`</row>`)
}

func (w *sheetWriter) rows(s Sheet) error {
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if w.row++; w.row > excelRows {
			return problem("sheet.rows", "一张表最多 %d 行，请缩小范围或导出 .csv。", "A sheet has at most %d rows; narrow the range or export .csv.", excelRows)
		}
		w.WriteString(`<row r="`)
		w.WriteString(strconv.Itoa(w.row))
		w.WriteString(`">`)
		for i, c := range s.Columns {
			v := ""
			if i < len(row) {
				v = row[i]
			}
			if !c.Text && plainNumber(v) {
				w.cell(i, styleNumber, `><v>`)
				w.WriteString(v)
				w.WriteString(`</v></c>`)
				continue
			}
			w.text(i, styleText, v)
		}
		w.WriteString(`</row>`)
	}
	return nil
}

// cell opens a cell; rest ends its start tag.
func (w *sheetWriter) cell(col, style int, rest string) {
	w.WriteString(`<c r="`)
	w.WriteString(columnName(col))
	w.WriteString(strconv.Itoa(w.row))
	w.WriteString(`" s="`)
	w.WriteString(strconv.Itoa(style))
	w.WriteByte('"')
	w.WriteString(rest)
}

// text writes a string cell, which no spreadsheet takes for a formula.
func (w *sheetWriter) text(col, style int, s string) {
	if s == "" {
		w.cell(col, style, `/>`)
		return
	}
	w.cell(col, style, ` t="inlineStr"><is><t xml:space="preserve">`)
	// EscapeText can only return the writer's error, which Flush gives too.
	_ = xml.EscapeText(w, []byte(escape(cut(s))))
	w.WriteString(`</t></is></c>`)
}

func (w *sheetWriter) foot(s Sheet, header int) {
	w.WriteString(`</sheetData>`)
	if s.Title != "" && len(s.Columns) > 1 {
		fmt.Fprintf(w, `<mergeCells count="1"><mergeCell ref="A1:%s1"/></mergeCells>`, columnName(len(s.Columns)-1))
	}
	w.WriteString(`<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>` +
		`<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>` +
		`<headerFooter><oddFooter>&amp;C第 &amp;P 页 共 &amp;N 页</oddFooter></headerFooter></worksheet>`)
}

// columnName gives the letters of a column counted from 0.
func columnName(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return columnName(i/26-1) + string(rune('A'+i%26))
}

// escape keeps text that looks like the format's own escapes from being read
// as one.
func escape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(m string) string { return "_x005F" + m })
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
