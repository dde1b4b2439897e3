package sheet

import (
	"archive/zip"
	"cmp"
	"encoding/xml"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Bounds of a workbook's XML. Excelize keeps parts other than sheets as
// structures many times the size of what they are unpacked from, and a file
// unpacks to a thousand times its own size.
const (
	perRow   = 20      // cells by the rows there may be; elements of shared strings the same
	spare    = 1 << 16 // more of either
	maxNodes = 1 << 20 // elements of any other part, or of a sheet beside its rows
	maxDepth = 256     // of elements within each other
	maxRow   = 4 << 20 // bytes of a row, or of anything else that is read at once
	copies   = 2       // bytes of the strings that cells share, counted for each, by those unpacked
)

// An inspection reads every part of a workbook once before excelize does,
// which passes over errors of unpacking and of XML: to it a sheet that is cut
// off is a shorter one, a string that is missing an empty one, and rows that
// are out of order are one row. Nor does its reader of rows tell numbers from
// texts.
type inspection struct {
	limits  Limits
	faults  map[spot]fault
	cells   int
	strings []int32 // bytes of the strings that cells can share
	copied  int64   // bytes of them that cells will take
}

// A spot is a cell with what is stored in it. The sheet is left out: excelize
// does not say which part a sheet is. The same in the same place of two sheets
// is rare, and then one is named that might have passed.
type spot struct {
	row, col int // from 1
	raw      string
}

// inspect gives the cells that are not what their writer meant; an error is a
// typed.Problem, or that the file is damaged.
func inspect(z *zip.Reader, limits Limits) (map[spot]fault, error) {
	n := &inspection{limits: limits, faults: map[spot]fault{}}
	left := uint64(limits.Unpacked)
	for _, f := range z.File { // archive/zip holds a part to the size it is said to have
		if f.UncompressedSize64 > left {
			return nil, n.limits.tooMuch()
		}
		left -= f.UncompressedSize64
	}
	for _, stringsFirst := range [...]bool{true, false} {
		for _, f := range z.File {
			if !used(f) || sharedStrings(f) != stringsFirst {
				continue
			}
			if err := n.part(f); err != nil {
				return nil, err
			}
		}
	}
	return n.faults, nil
}

// used reports whether excelize reads a part and takes it for XML.
func used(f *zip.File) bool {
	name := partName(f)
	top, _, _ := strings.Cut(name, "/")
	return (top == "xl" || top == "_rels" || top == "[content_types].xml") &&
		(strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels"))
}

// sharedStrings reports whether a part is the one where excelize looks for
// them, whatever the workbook says.
func sharedStrings(f *zip.File) bool { return partName(f) == "xl/sharedstrings.xml" }

// partName is how excelize finds a part, for some programs write backslashes.
func partName(f *zip.File) string {
	return strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
}

func (l Limits) tooMuch() error {
	return problem("sheet.size", "文件解开后太大，最多 %d MB，请分成几个文件。", "The file unpacks to too much; at most %d MB, so split it.", l.Unpacked>>20)
}

// cells is how many there may be in a workbook, also empty ones.
func (l Limits) cells() int { return perRow*l.Rows + spare }

// part reads a part to its end, where its checksum is compared.
func (n *inspection) part(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	in := &io.LimitedReader{R: r}
	d := xml.NewDecoder(in)
	depth, nodes, root, lastRow, start := 0, 0, "", 0, int64(0)
	shared, most := sharedStrings(f), maxNodes
	if shared {
		most = n.limits.cells()
	}
	for {
		in.N = maxRow
		tok, err := d.Token()
		if err == io.EOF && in.N > 0 && root != "" {
			return nil
		}
		switch e := tok.(type) {
		case xml.StartElement:
			root = cmp.Or(root, e.Name.Local)
			if root == "worksheet" && depth == 2 && e.Name.Local == "row" {
				lastRow, err = n.row(d, e, lastRow) // to its end
				break
			}
			if depth++; depth > maxDepth {
				return errBroken
			}
			if nodes++; nodes > most {
				return n.limits.tooMuch()
			}
			if depth == 2 {
				start = d.InputOffset()
			}
		case xml.EndElement:
			if depth--; depth == 1 && e.Name.Local == "si" && shared {
				n.strings = append(n.strings, int32(min(d.InputOffset()-start, math.MaxInt32)))
			}
		}
		if err != nil && in.N <= 0 {
			return n.limits.tooMuch()
		}
		if err != nil {
			return err
		}
	}
}

// A storedRow is a row of a sheet, a storedCell one of its cells.
type (
	storedRow struct {
		No    *int         `xml:"r,attr"`
		Cells []storedCell `xml:"c"`
	}
	storedCell struct {
		At      string    `xml:"r,attr"`
		Type    string    `xml:"t,attr"`
		Formula *struct{} `xml:"f"`
		Value   *string   `xml:"v"`
		Inline  *struct{} `xml:"is"`
	}
)

// row reads a row that must come after the last one, and gives its number.
func (n *inspection) row(d *xml.Decoder, start xml.StartElement, last int) (int, error) {
	var r storedRow
	if err := d.DecodeElement(&r, &start); err != nil {
		return 0, err
	}
	no := last + 1
	if r.No != nil {
		no = *r.No
	}
	if no <= last {
		return 0, errBroken
	}
	if n.cells += len(r.Cells); n.cells > n.limits.cells() {
		return 0, n.limits.tooMuch()
	}
	col := 0
	for _, c := range r.Cells {
		before := col
		col++
		if c.At != "" {
			var err error
			if col, _, err = excelize.CellNameToCoordinates(c.At); err != nil {
				return 0, err
			}
		}
		if col <= before {
			return 0, errBroken
		}
		if err := n.cell(c, no, col); err != nil {
			return 0, err
		}
	}
	if len(n.faults) > n.limits.Rows {
		return 0, problem("sheet.faults", "太多格子里的数字已被改坏或公式没有结果，请在 Excel 中改好。",
			"Too many cells hold rounded numbers or formulas without a result; mend them in Excel.")
	}
	return no, nil
}

// cell notes what is wrong with a cell. Excel keeps 15 digits of a number; what
// is longer was an identity or a card number and is rounded.
func (n *inspection) cell(c storedCell, row, col int) error {
	raw := ""
	if c.Value != nil {
		raw = *c.Value
	}
	notComputed := c.Formula != nil && c.Value == nil && c.Inline == nil // by the program that wrote it
	switch {
	case c.Type == "e" || notComputed: // "e" is #REF! and the like
		n.faults[spot{row, col, raw}] = failed
	case c.Type == "s" && raw != "":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || i < 0 || i >= len(n.strings) {
			return errBroken
		}
		if n.copied += int64(n.strings[i]); n.copied > copies*n.limits.Unpacked {
			return n.limits.tooMuch()
		}
	case c.Type == "" || c.Type == "n":
		if v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64); err == nil && math.Abs(v) >= 1e15 {
			n.faults[spot{row, col, raw}] = digits
		}
	}
	return nil
}
