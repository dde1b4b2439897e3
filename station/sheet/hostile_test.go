package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
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
	for part, body := range good {
		if strings.HasPrefix(part, "docProps/") {
			continue
		}
		for what, s := range map[string]string{"half of": body[:len(body)/2], "nothing of": "", "something before": "x<a>" + body, "another in place of": "<a/>"} {
			p := maps.Clone(good)
			p[part] = s
			_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, Limits{})
			if got, ok := err.(typed.Problem); !ok {
				t.Errorf("%s %s: %v", what, part, err)
			} else if got.Code != "sheet.damaged" && what != "another in place of" {
				t.Errorf("%s %s: %v", what, part, err)
			}
		}
	}
	for _, part := range []string{"xl/sharedStrings.xml", sheetPart, "xl/_rels/workbook.xml.rels"} {
		p := maps.Clone(good)
		delete(p, part)
		_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, Limits{})
		wantProblem(t, err, "sheet.damaged")
	}
}

// Other programs write backslashes, absolute targets, cells and rows without
// their names, prefixes and phonetic guides.
func TestOtherProgramsWorkbooks(t *testing.T) {
	const (
		main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
		rel  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		rels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="q" Type="` + rel
	)
	p := map[string]string{
		`_rels/.rels`:                rels + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		`xl\workbook.xml`:            `<x:workbook xmlns:x="` + main + `" xmlns:rel="` + rel + `"><x:sheets><x:sheet name="a" sheetId="1" rel:id="q"/></x:sheets></x:workbook>`,
		`xl\_rels\workbook.xml.rels`: rels + `/worksheet" Target="/xl/worksheets/Sheet9.xml"/></Relationships>`,
		`xl\worksheets\Sheet9.xml`: "\ufeff" + `<x:worksheet xmlns:x="` + main + `"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>编号</x:t></x:is></x:c><x:c t="str"><x:v>姓名</x:v></x:c></x:row>` +
			`<x:row/><x:row><x:c><x:v>7</x:v></x:c><x:c t="inlineStr"><x:is><x:r><x:t>王</x:t></x:r><x:r><x:t>小明</x:t></x:r><x:rPh sb="0" eb="1"><x:t>wang</x:t></x:rPh></x:is></x:c></x:row>` +
			`<x:row r="9"><x:c r="B9"><x:v>8</x:v></x:c></x:row><x:row><x:c r="B10" t="inlineStr"><x:is><x:t>单小明</x:t></x:is></x:c><x:c><x:f>A1</x:f></x:c></x:row></x:sheetData></x:worksheet>`,
	}
	table := read(t, "a.xlsx", zipOf(t, p), deputies)
	if len(table.Rows) != 3 || table.Rows[0].Line != 3 || table.Rows[0].Get("code") != "7" || table.Rows[0].Get("name") != "王小明" {
		t.Fatalf("%+v", table)
	}
	if second, third := table.Rows[1], table.Rows[2]; second.Line != 9 || second.Get("name") != "8" || third.Line != 10 || third.Get("name") != "单小明" {
		t.Errorf("%+v, %+v", second, third)
	}
}

// Excelize makes one row of rows out of order, and moves cells that are.
func TestDisorderIsRefused(t *testing.T) {
	for _, rows := range []string{
		`<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>`,
		`<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>`,
		`<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>2</v></c></row>`,
		`<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>`,
		`<row r="0"><c><v>1</v></c></row>`, `<row r="-1"/>`, `<row r="x"/>`, `<row r="1048577"/>`,
		`<row><c r="1"><v>1</v></c></row>`, `<row><c r="A"><v>1</v></c></row>`,
		`<row><c t="s"><v>2</v></c></row>`, `<row><c t="s"><v>-1</v></c></row>`, `<row><c t="s"><v>x</v></c></row>`,
	} {
		p := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"})))
		p[sheetPart] = strings.Replace(p[sheetPart], `</sheetData>`, rows+`</sheetData>`, 1)
		_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, Limits{})
		if got, ok := err.(typed.Problem); !ok || got.Code != "sheet.damaged" {
			t.Errorf("%s: %v", rows, err)
		}
	}
}

// A bit that flipped in a part gives other text, and no error of XML.
func TestWrongChecksumIsRefused(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"}, []any{"D001", "王小明"}))) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, s)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if table := read(t, "a.xlsx", b.Bytes(), deputies); len(table.Rows) != 1 {
		t.Fatalf("%+v", table)
	}
	for _, was := range []string{"D001", "<row", `r="B2"`} {
		spoilt := bytes.Clone(b.Bytes())
		i := bytes.LastIndex(spoilt, []byte(was))
		spoilt[i+len(was)-2]++
		_, err := Read("a.xlsx", bytes.NewReader(spoilt), deputies, Limits{})
		wantProblem(t, err, "sheet.damaged")
	}
}

// What a few kilobytes can be unpacked to that costs many times its size in
// memory, or time without end.
func TestXMLBombs(t *testing.T) {
	const cells = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	good := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"})))
	limits := Limits{Rows: 1000}
	for _, c := range []struct{ what, part, body, code string }{
		{"elements within each other", sheetPart, strings.Repeat("<a>", 1000), "sheet.damaged"},
		{"attributes", sheetPart, "<worksheet " + strings.Repeat(`a="" `, maxRow/5+1) + "/>", "sheet.size"},
		{"strings", "xl/sharedStrings.xml", "<sst>" + strings.Repeat("<si/>", limits.cells()) + "</sst>", "sheet.size"},
		{"styles", "xl/styles.xml", "<styleSheet><cellXfs>" + strings.Repeat("<xf/>", maxNodes) + "</cellXfs></styleSheet>", "sheet.size"},
		{"cells", sheetPart, cells + "<row>" + strings.Repeat("<c/>", limits.cells()+1) + "</row></sheetData></worksheet>", "sheet.size"},
		{"rows with one cell far out", sheetPart, cells + strings.Repeat(`<row><c/><c r="SR1"><v>1</v></c></row>`, 900) + "</sheetData></worksheet>", "sheet.size"},
		{"rounded numbers", sheetPart, cells + strings.Repeat(`<row><c><v>1e15</v></c><c><v>1e15</v></c></row>`, 501) + "</sheetData></worksheet>", "sheet.faults"},
		{"a long cell", sheetPart, cells + "<row><c t=\"inlineStr\"><is><t>" + strings.Repeat("长", maxRow/2) + "</t></is></c></row></sheetData></worksheet>", "sheet.size"},
		{"an entity", sheetPart, `<!DOCTYPE a [<!ENTITY e "eeeeeeee">]>` + cells + "<row><c><v>&e;</v></c></row></sheetData></worksheet>", "sheet.damaged"},
	} {
		p := maps.Clone(good)
		p[c.part] = c.body
		_, err := Read("a.xlsx", bytes.NewReader(zipOf(t, p)), deputies, limits)
		if got, ok := err.(typed.Problem); !ok || got.Code != c.code {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
		}
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

// Every cell that has a shared string costs its length again.
func TestALongStringInManyCells(t *testing.T) {
	p := parts(t, workbookOf(t, rowsOf([]any{"编号", "姓名"})))
	p["xl/sharedStrings.xml"] = strings.Replace(p["xl/sharedStrings.xml"], "</sst>", "<si><t>"+strings.Repeat("长", 100_000)+"</t></si></sst>", 1)
	for n, code := range map[int]string{2: "", 20: "sheet.size"} {
		q := maps.Clone(p)
		q[sheetPart] = strings.Replace(p[sheetPart], "</sheetData>", strings.Repeat(`<row><c t="s"><v>2</v></c></row>`, n)+"</sheetData>", 1)
		table, err := Read("a.xlsx", bytes.NewReader(zipOf(t, q)), deputies, Limits{Unpacked: 1 << 20})
		if code != "" {
			wantProblem(t, err, code)
		} else if err != nil || len(table.Rows) != n || table.Rows[1].Problems[0].Code != "sheet.long" {
			t.Errorf("%+v, %v", table, err)
		}
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
		p := maps.Clone(good)
		p[sheetPart], p["xl/sharedStrings.xml"], p["xl/styles.xml"] = sheet, strings, styles
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
