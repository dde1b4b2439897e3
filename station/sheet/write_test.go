package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"liaison/station/typed"
)

var register = Sheet{
	Title: "接待选民登记台账",
	Columns: []Col{
		{Name: "编号", Width: 16, Text: true}, {Name: "姓名", Width: 8, Text: true}, {Name: "电话", Width: 13, Text: true},
		{Name: "内容", Width: 40, Text: true}, {Name: "人次", Width: 4},
	},
}

var wanted = []Column{
	{Key: "0", Names: []string{"编号"}, Required: true}, {Key: "1", Names: []string{"姓名"}}, {Key: "2", Names: []string{"电话"}},
	{Key: "3", Names: []string{"内容"}}, {Key: "4", Names: []string{"人次"}},
}

// What people write that a spreadsheet must not run, count or mangle.
var difficult = [][]string{
	{"QA01-26A-0123-K", "王小明", "13800138000", "路灯不亮，\n“三天”了", "1"},
	{"QA01-26A-0124-L", "=1+1", "0511-86123456", `=HYPERLINK("http://e/","x")`, "2"},
	{"321181190001010016", "+86", "-1", "@SUM(A1)", "-3"},
	{"007", "'=x", "", `a"b,c`, ""},
	{"1E5", "<b>&amp;", "𠮷", "_x000D_ _x005F_", "2.50"},
	{"=", "'", "+", "尾", "12345678901234567"},
}

func export(t testing.TB, f Format, s Sheet) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	s := register
	s.Rows = Lines(difficult)
	for name, f := range map[string]Format{"a.xlsx": XLSX, "a.csv": CSV} {
		table := read(t, name, export(t, f, s), wanted)
		if len(table.Rows) != len(difficult) || len(table.Unknown) != 0 {
			t.Fatalf("%s: %d rows, unknown %v", name, len(table.Rows), table.Unknown)
		}
		for i, r := range table.Rows {
			var got []string
			for _, c := range wanted {
				got = append(got, r.Get(c.Key))
			}
			want := slices.Clone(difficult[i])
			if name == "a.xlsx" && want[4] == "2.50" {
				want[4] = "2.5" // a number
			}
			if !slices.Equal(got, want) || len(r.Problems) > 0 {
				t.Errorf("%s line %d: %q %v, want %q", name, r.Line, got, r.Problems, want)
			}
		}
	}
}

// open opens what was written as a spreadsheet would.
func open(t *testing.T, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestNoCellIsAFormula(t *testing.T) {
	s := register
	s.Rows = Lines(difficult)
	b := export(t, XLSX, s)
	if xml := parts(t, b)[sheetPart]; strings.Contains(xml, "<f") || strings.Count(xml, "<row ") != 2+len(difficult) {
		t.Errorf("%.2000s", xml)
	}
	f := open(t, b)
	for i, row := range difficult {
		for col, want := range row {
			at, _ := excelize.CoordinatesToCellName(col+1, i+3)
			kind, _ := f.GetCellType("Sheet1", at)
			number := col == 4 && want != "" && len(want) < 16
			if want != "" && (kind == excelize.CellTypeInlineString) == number {
				t.Errorf("%s: %q has type %d", at, want, kind)
			}
		}
	}
}

func TestWorkbookIsMadeForPrinting(t *testing.T) {
	s := register
	s.Rows = Lines(difficult)
	f := open(t, export(t, XLSX, s))
	layout, err := f.GetPageLayout("Sheet1")
	if err != nil || *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
		t.Errorf("page %+v, %v", layout, err)
	}
	if p, err := f.GetSheetProps("Sheet1"); err != nil || !*p.FitToPage {
		t.Errorf("fit to page %v, %v", p.FitToPage, err)
	}
	panes, err := f.GetPanes("Sheet1")
	if err != nil || !panes.Freeze || panes.YSplit != 2 || panes.TopLeftCell != "A3" {
		t.Errorf("panes %+v, %v", panes, err)
	}
	names := f.GetDefinedName()
	if len(names) != 1 || names[0].Name != "_xlnm.Print_Titles" || names[0].RefersTo != "Sheet1!$1:$2" || names[0].Scope != "Sheet1" {
		t.Errorf("repeated rows %+v", names)
	}
	if w, _ := f.GetColWidth("Sheet1", "D"); w != 42 {
		t.Errorf("width %v", w)
	}
	if merged, _ := f.GetMergeCells("Sheet1"); len(merged) != 1 || merged[0].GetEndAxis() != "E1" || merged[0].GetCellValue() != s.Title {
		t.Errorf("merged %v", merged)
	}
	for at, size := range map[string]float64{"A1": 16, "A2": 11, "A3": 11} {
		id, _ := f.GetCellStyle("Sheet1", at)
		if st, err := f.GetStyle(id); err != nil || st.NumFmt != 49 || st.Font.Size != size {
			t.Errorf("%s: style %+v, %v", at, st, err)
		}
	}
	if p, err := f.GetDocProps(); err != nil || p.Creator != "Liaison" || p.Title != s.Title {
		t.Errorf("properties %+v, %v", p, err)
	}
}

func TestControlCharactersAreNotWritten(t *testing.T) {
	s := register
	s.Rows = Lines([][]string{{"A\x1b[31m1", "王\x00小\u202e明\x07", "", "第一行\r\n第二行\t\xff"}})
	rows, err := open(t, export(t, XLSX, s)).GetRows("Sheet1")
	if err != nil || !slices.Equal(rows[2], []string{"A1", "王小明", "", "第一行\n第二行 \ufffd"}) {
		t.Errorf("%q, %v", rows, err)
	}
}

// Excelize keeps what is large in temporary files unless it is hindered.
func TestNothingLiesInTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	before := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(dir, before, before); err != nil {
		t.Fatal(err)
	}
	s := register
	s.Rows = func(yield func([]string, error) bool) {
		long := strings.Repeat("&", 30_000) // &amp;
		for range 120 {                     // 18 MB of XML; excelize's bound is 16 MiB
			if !yield([]string{"1", "王小明", "", long}, nil) {
				return
			}
		}
	}
	if table := read(t, "a.xlsx", export(t, XLSX, s), wanted); len(table.Rows) != 120 {
		t.Errorf("%d rows", len(table.Rows))
	}
	// A file that was made and removed again has changed its directory.
	if info, err := os.Stat(dir); err != nil || !info.ModTime().Equal(before) {
		t.Errorf("a temporary file was made at %v, %v", info.ModTime(), err)
	}
}

func TestCSVForExcel(t *testing.T) {
	s := register
	s.Rows = Lines(difficult)
	b := export(t, CSV, s)
	text, ok := strings.CutPrefix(string(b), utf8BOM)
	if !ok || !strings.HasPrefix(text, "编号,姓名,电话,内容,人次\r\nQA01") {
		t.Fatalf("%q", text[:40])
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		for j, field := range r {
			if strings.IndexAny(field, "=+-@\t\r") == 0 && (j != 4 || !plainNumber(field)) {
				t.Errorf("row %d: %q would be a formula", i, field)
			}
		}
	}
}

func TestTitleAndRowsMayBeMissing(t *testing.T) {
	s := register
	s.Title, s.Rows = "", Lines([][]string{{"1"}})
	if rows, err := open(t, export(t, XLSX, s)).GetRows("Sheet1"); err != nil || len(rows) != 2 || rows[0][0] != "编号" {
		t.Errorf("%q %v", rows, err)
	}
	s.Rows = Lines(nil)
	if table := read(t, "a.xlsx", export(t, XLSX, s), wanted); len(table.Rows) != 0 {
		t.Errorf("%+v", table)
	}
}

// A cell holds 32,767 UTF-16 units; what is longer says that it goes on.
func TestLongTextIsCutAndSaysSo(t *testing.T) {
	for _, long := range []string{strings.Repeat("长", 40000), strings.Repeat("𠮷", 20000)} {
		got := cut(long)
		if n := len(utf16.Encode([]rune(got))); n > excelCell || n < excelCell-2 || !strings.HasSuffix(got, cellTooFar) {
			t.Errorf("%d units, ends %q", n, got[len(got)-30:])
		}
	}
	for _, s := range []string{strings.Repeat("长", 32767), strings.Repeat("a", 32767)} {
		if cut(s) != s {
			t.Error("a text that fits was cut")
		}
	}
}

var errStore = errors.New("store is gone")

// A table cut short must not look like a whole one.
func TestRowErrorEndsTheWriting(t *testing.T) {
	s := register
	s.Rows = func(yield func([]string, error) bool) {
		if yield([]string{"1"}, nil) {
			yield(nil, errStore)
		}
	}
	for _, f := range []Format{XLSX, CSV} {
		var b bytes.Buffer
		if err := Write(&b, f, s); !errors.Is(err, errStore) {
			t.Errorf("format %d: %v", f, err)
		}
		if f == XLSX && b.Len() > 0 {
			t.Errorf("%d bytes of a broken-off workbook", b.Len())
		}
	}
}

func TestWriteErrorIsPassedOn(t *testing.T) {
	s := register
	for _, f := range []Format{XLSX, CSV} {
		for _, room := range []int{0, 100, 5000} {
			s.Rows = many(2000)
			if err := Write(&full{room}, f, s); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("format %d with room for %d: %v", f, room, err)
			}
		}
	}
}

// full is a disk with room for some bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestFormatOf(t *testing.T) {
	if f, err := FormatOf("台账.XLSX"); err != nil || f != XLSX {
		t.Error(f, err)
	}
	if f, err := FormatOf("/a/b.csv"); err != nil || f != CSV {
		t.Error(f, err)
	}
	_, err := FormatOf("a.xls")
	wantProblem(t, err, "sheet.name")
}

// many gives n synthetic rows.
func many(n int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for i := range n {
			row := []string{fmt.Sprintf("QA01-26A-%05d", i), "王小明", "13800138000", "小区门口路灯不亮，影响夜间出行安全，希望尽快维修。", "1"}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func BenchmarkWrite100000(b *testing.B) {
	for name, f := range map[string]Format{"xlsx": XLSX, "csv": CSV} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			s := register
			s.Rows = many(100_000)
			for b.Loop() {
				if err := Write(io.Discard, f, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead100000(b *testing.B) {
	for name, f := range map[string]Format{"a.xlsx": XLSX, "a.csv": CSV} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			s := register
			s.Rows = many(100_000)
			file := export(b, f, s)
			for b.Loop() {
				if table, err := Read(name, bytes.NewReader(file), wanted, Limits{}); err != nil || len(table.Rows) != 100_000 {
					b.Fatal(err)
				}
			}
		})
	}
}

// Whatever a voter says, with blanks, apostrophes, full-width signs or a line's
// end before it: no cell begins as a formula does, and what is read back is what
// was written.
func TestEveryWayToBeginAFormulaIsClosed(t *testing.T) {
	var rows [][]string
	for _, before := range []string{"", " ", "　", "'", "''", "\t", "\r", "\n", "\x00", "\x1b[0m", "\u200b", "\ufeff", " '", "\u202e"} {
		for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "−"} {
			for _, rest := range []string{"cmd|'/c calc'!A0", "HYPERLINK(\"http://e/?\"&A1)", "1+1", ""} {
				rows = append(rows, []string{"QA01-26A-0123-K", before + sign + rest, "", "", ""})
			}
		}
	}
	s := register
	s.Rows = Lines(rows)
	for name, f := range map[string]Format{"a.csv": CSV, "a.xlsx": XLSX} {
		b := export(t, f, s)
		table := read(t, name, b, wanted)
		if len(table.Rows) != len(rows) {
			t.Fatalf("%s: %d rows of %d", name, len(table.Rows), len(rows))
		}
		for i, r := range table.Rows {
			if got, want := strings.TrimSpace(r.Get("1")), strings.TrimSpace(typed.Clean(rows[i][1], true)); got != want {
				t.Errorf("%s: %q comes back as %q", name, rows[i][1], got)
			}
		}
		if f == XLSX {
			if xml := parts(t, b)[sheetPart]; strings.Contains(xml, "<f") {
				t.Error("a formula in the workbook")
			}
			continue
		}
		records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), utf8BOM))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range records {
			field := strings.TrimLeft(r[1], " \u3000\n")
			if field != "" && strings.ContainsAny(firstRune(field), "=+-@\t\r＝＋－＠−") || strings.ContainsAny(r[1], "\x00\x1b\r") {
				t.Errorf("row %d: %q", i, r[1])
			}
		}
	}
	t.Logf("%d beginnings of a formula, 0 formulas", len(rows))
}
