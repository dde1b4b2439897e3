package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"liaison/station/typed"
	"liaison/tui/cell"
)

// Lines writes one JSON object a line. Text stays as people wrote it: < > &
// are not escaped; what a terminal would act on is, see escaped.
type Lines struct {
	w    *bufio.Writer
	line bytes.Buffer
	enc  *json.Encoder
}

// NewLines writes to w. Flush must follow.
func NewLines(w io.Writer) *Lines {
	l := &Lines{w: bufio.NewWriterSize(w, 64<<10)}
	l.enc = json.NewEncoder(&l.line)
	l.enc.SetEscapeHTML(false)
	return l
}

// Put writes one object.
func (l *Lines) Put(v any) error {
	l.line.Reset()
	if err := l.enc.Encode(v); err != nil {
		return err
	}
	_, err := l.w.Write(escaped(l.line.Bytes()))
	return err
}

// Flush writes what is still held back.
func (l *Lines) Flush() error { return l.w.Flush() }

// A Column of a table. Width is the most it takes, in cells; 0 means as much
// as its widest value.
type Column struct {
	Head  string
	Width int
	Right bool // numbers
}

// A Table is printed once its rows are known, so that columns fit.
type Table struct {
	cols []Column
	rows [][]string
}

// NewTable makes an empty table.
func NewTable(cols ...Column) *Table { return &Table{cols: cols} }

// Row adds a row, one value a column. Values are cleaned of what a terminal
// would take for a command.
func (t *Table) Row(values ...string) {
	for i, v := range values {
		values[i] = typed.Clean(v, false)
	}
	t.rows = append(t.rows, values)
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// gap stands between two columns.
const gap = "  "

// Print writes the head and the rows, padded in terminal cells. Nothing is
// written where there is no row.
func (t *Table) Print(w io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	widths := make([]int, len(t.cols))
	head := make([]string, len(t.cols))
	for i, c := range t.cols {
		head[i], widths[i] = c.Head, cell.Width(c.Head)
	}
	for _, r := range t.rows {
		for i, v := range r {
			widths[i] = max(widths[i], cell.Width(v))
		}
	}
	for i, c := range t.cols {
		if c.Width > 0 {
			widths[i] = min(widths[i], c.Width)
		}
	}
	b := bufio.NewWriterSize(w, 64<<10)
	t.line(b, head, widths)
	for _, r := range t.rows {
		t.line(b, r, widths)
	}
	return b.Flush()
}

// line writes one row; the last column is not filled up. The writer keeps its
// first error for Flush.
func (t *Table) line(b *bufio.Writer, values []string, widths []int) {
	var s strings.Builder
	for i, v := range values {
		if i > 0 {
			s.WriteString(gap)
		}
		v = cell.Clip(v, widths[i], "…")
		if t.cols[i].Right {
			v = cell.PadLeft(v, widths[i])
		} else {
			v = cell.Pad(v, widths[i])
		}
		s.WriteString(v)
	}
	b.WriteString(strings.TrimRight(s.String(), " "))
	b.WriteByte('\n')
}
