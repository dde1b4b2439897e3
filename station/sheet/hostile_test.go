package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"liaison/station/typed"
)

// parts gives the parts of an .xlsx, to be spoilt and put together again.
func parts(t testing.TB, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		s, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(s)
	}
	return out
}

func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, s)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const sheetPart = "xl/worksheets/sheet1.xml"

// A sheet that is cut off inside a sound zip must not pass for a shorter one.
func TestCutOffSheetIsRefused(t *testing.T) {
	p := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"}, []any{"D001", "王小明"}, []any{"D002", "单小明"})))
	whole := p[sheetPart]
	at := strings.LastIndex(whole, "<row")
	for _, cut := range []int{at, at + 8, strings.Index(whole, "</sheetData>")} {
		p[sheetPart] = whole[:cut]
		_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, Limits{})
		wantProblem(t, err, "sheet.damaged")
	}
}

func TestDamagedParts(t *testing.T) {
	good := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"}, []any{"D001", "王小明"})))
	for part := range good {
		if !strings.HasPrefix(part, "xl/") || strings.Contains(part, "theme") {
			continue
		}
		p := parts(t, zipOf(t, good))
		p[part] = p[part][:len(p[part])/2]
		_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, Limits{})
		if got, ok := err.(typed.Problem); !ok || got.Code != "sheet.damaged" {
			t.Errorf("half of %s: %v", part, err)
		}
	}
	p := parts(t, zipOf(t, good))
	delete(p, "xl/sharedStrings.xml")
	_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, Limits{})
	wantProblem(t, err, "sheet.damaged")
}

// Other programs write backslashes, absolute targets, cells and rows without
// their names, and prefixes.
func TestOtherProgramsWorkbooks(t *testing.T) {
	p := map[string]string{
		`xl\workbook.xml`:            `<x:workbook xmlns:x="m" xmlns:rel="r"><x:sheets><x:sheet name="a" sheetId="1" rel:id="q"/></x:sheets></x:workbook>`,
		`xl\_rels\workbook.xml.rels`: `<Relationships><Relationship Id="q" Target="/xl/worksheets/Sheet9.xml"/></Relationships>`,
		`xl\worksheets\Sheet9.xml`: `<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>编号</x:t></x:is></x:c><x:c t="str"><x:v>姓名</x:v></x:c></x:row>` +
			`<x:row/><x:row><x:c><x:v>7</x:v></x:c><x:c t="inlineStr"><x:is><x:r><x:t>王</x:t></x:r><x:r><x:t>小明</x:t></x:r><x:rPh><x:t>wang</x:t></x:rPh></x:is></x:c></x:row></x:sheetData></x:worksheet>`,
	}
	table := read(t, "a.xlsx", zipOf(t, p), deputies)
	if len(table.Rows) != 1 || table.Rows[0].Line != 3 || table.Rows[0].Get("code") != "7" || table.Rows[0].Get("name") != "王小明" {
		t.Errorf("%+v", table)
	}
}

func TestFormulaErrorsAreNamed(t *testing.T) {
	p := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"}, []any{"D001", "王小明"})))
	p[sheetPart] = strings.Replace(p[sheetPart], `</sheetData>`, `<row r="3"><c r="A3" t="e"><v>#REF!</v></c><c r="B3" t="s"><v>3</v></c></row></sheetData>`, 1)
	table := read(t, "a.xlsx", zipOf(t, p), deputies)
	if r := table.Rows[1]; len(r.Problems) != 1 || r.Problems[0].Code != "sheet.formula" || r.Get("name") != "王小明" {
		t.Errorf("%+v", r)
	}
}

func TestLimits(t *testing.T) {
	rows := [][]any{{"编号", "姓名"}}
	for range 10 {
		rows = append(rows, []any{"D001", "王小明"})
	}
	xlsx := workbookOf(t, rowsOf(rows...))
	text := "编号,姓名\n" + strings.Repeat("D001,王小明\n", 10)
	for _, c := range []struct {
		what   string
		b      []byte
		limits Limits
		code   string
	}{
		{"rows of an .xlsx", xlsx, Limits{Rows: 10}, "sheet.rows"},
		{"rows of a .csv", []byte(text), Limits{Rows: 10}, "sheet.rows"},
		{"bytes", xlsx, Limits{Bytes: 100}, "sheet.size"},
		{"unpacked", xlsx, Limits{Unpacked: 1000}, "sheet.size"},
	} {
		_, err := Read("a", bytes.NewReader(c.b), deputies, c.limits)
		if p, ok := err.(typed.Problem); !ok || p.Code != c.code {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
		}
	}
	if table, err := Read("a", bytes.NewReader(xlsx), deputies, Limits{Rows: 11}); err != nil || len(table.Rows) != 10 {
		t.Errorf("at the limit: %v", err)
	}
}

// A few kilobytes that unpack to a gigabyte are refused before they do.
func TestZipBomb(t *testing.T) {
	p := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"})))
	p[sheetPart] = strings.Replace(p[sheetPart], "<sheetData>", strings.Repeat(" ", 64<<20)+"<sheetData>", 1)
	b := zipOf(t, p)
	_, err := Read("a.xlsx", bytes.NewReader(b), deputies, Limits{Unpacked: 16 << 20})
	wantProblem(t, err, "sheet.size")
}

// A cell far to the right in every row would cost memory without end.
func TestFarColumns(t *testing.T) {
	for ref, code := range map[string]string{"XFD2": "sheet.columns", "ZZZZZZZ2": "sheet.columns"} {
		p := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"})))
		p[sheetPart] = strings.Replace(p[sheetPart], `</sheetData>`, `<row r="2"><c r="`+ref+`"><v>1</v></c></row></sheetData>`, 1)
		_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, Limits{})
		wantProblem(t, err, code)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"编号,姓名\nD001,王小明\n", utf8BOM + "编号;姓名\n\"", "\xff\xfe1\x00", "\xb1\xe0\xba\xc5,\xd0\xd5\xc3\xfb\n1,\xcd\xf5", "编号,姓名\n3.2E+17,a\n合计"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzzRead(t, "a.csv", b) })
}

func FuzzReadXLSX(f *testing.F) {
	good := workbookOf(f, rowsOf([]any{"编号", "姓名"}, []any{"D001", "王小明"}, []any{3.5, true}))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, b []byte) { fuzzRead(t, "a.xlsx", b) })
}

// Bytes of a sheet reach the token reader only inside a sound zip.
func FuzzSheetPart(f *testing.F) {
	good := parts(f, workbookOf(f, rowsOf([]any{"编号", "姓名"}, []any{"D001", "王小明"}, []any{3.5, true})))
	f.Add(good[sheetPart], good["xl/sharedStrings.xml"], good["xl/styles.xml"])
	f.Add(`<sheetData><row r="-1"><c r="9" t="d"><v>2026-01-01T00:00:00Z</v></c></row></sheetData>`, `<sst></sst>`, `<styleSheet><numFmts><numFmt numFmtId="9" formatCode="[h]:mm"/></numFmts></styleSheet>`)
	f.Fuzz(func(t *testing.T, sheet, strings, styles string) {
		p := map[string]string{"xl/workbook.xml": good["xl/workbook.xml"], "xl/_rels/workbook.xml.rels": good["xl/_rels/workbook.xml.rels"],
			sheetPart: sheet, "xl/sharedStrings.xml": strings, "xl/styles.xml": styles}
		fuzzRead(t, "a.xlsx", zipOf(t, p))
	})
}

func fuzzRead(t *testing.T, name string, b []byte) {
	table, err := Read(name, bytes.NewReader(b), deputies, Limits{Rows: 1000, Unpacked: 1 << 20})
	if err != nil {
		if p, ok := err.(typed.Problem); !ok || p.ZH == "" || p.EN == "" || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Fatalf("no sentence: %q", err)
		}
		return
	}
	for _, r := range table.Rows {
		for _, c := range deputies {
			if s := r.Get(c.Key); s != strings.TrimSpace(typed.Clean(s, true)) {
				t.Fatalf("line %d is not clean: %q", r.Line, s)
			}
		}
	}
}
