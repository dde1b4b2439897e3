package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"liaison/station/typed"
)

var deputies = []Column{
	{Key: "code", Names: []string{"代表编号", "编号"}, Required: true},
	{Key: "name", Names: []string{"姓名", "代表姓名"}, Required: true},
	{Key: "phone", Names: []string{"联系电话", "手机号码", "手机", "电话"}},
	{Key: "since", Names: []string{"任职日期"}, Date: true},
}

// workbookOf makes an .xlsx.
func workbookOf(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rowsOf(rows ...[]any) func(*excelize.File) {
	return func(f *excelize.File) {
		for i, r := range rows {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
				panic(err)
			}
		}
	}
}

func read(t *testing.T, name string, b []byte, want []Column) Table {
	t.Helper()
	table, err := Read(name, bytes.NewReader(b), want, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func wantProblem(t *testing.T, err error, code string) {
	t.Helper()
	p, ok := err.(typed.Problem)
	if !ok || p.Code != code || p.ZH == "" || p.EN == "" {
		t.Fatalf("problem %q (%v), want %q", p.Code, err, code)
	}
}

// The list as a clerk sends it: title rows, a running number, untidy headings,
// a total at the end, and a remark in a column nobody asked for.
func TestReadAClerksList(t *testing.T) {
	xlsx := workbookOf(t, rowsOf(
		[]any{"曲阿街道人大代表花名册"},
		[]any{},
		[]any{"序号", "代 表\n编 号", " 姓　名 ", "手机号码（必填）", "任职日期", "备注"},
		[]any{1, "D001", " 王小明 ", "１３８００１３８０００", "2022.1.5", "组长"},
		[]any{},
		[]any{2, "D002", "单小明", 13800138001, "2022-01-05"},
		[]any{"合计", "", "2人"},
	))
	csvText := "曲阿街道人大代表花名册,,,,,\n,,,,,\n序号,代 表 编 号,\" 姓　名 \n\",手机号码（必填）,任职日期,备注\n" +
		"1,D001, 王小明 ,１３８００１３８０００,2022.1.5,组长\n,,,,,\n2,D002,单小明,13800138001,2022-01-05,\n合计：2人,,,,,\n"
	for name, b := range map[string][]byte{"list.xlsx": xlsx, "list.csv": []byte(csvText)} {
		table := read(t, name, b, deputies)
		if table.Header != 3 || table.Skipped != 1 || !slices.Equal(table.Unknown, []string{"备注"}) || table.Found["phone"] != "手机号码（必填）" {
			t.Errorf("%s: header %d, skipped %d, unknown %q, found %q", name, table.Header, table.Skipped, table.Unknown, table.Found)
		}
		if len(table.Rows) != 2 {
			t.Fatalf("%s: %d rows", name, len(table.Rows))
		}
		first, second := table.Rows[0], table.Rows[1]
		if first.Get("code") != "D001" || first.Get("name") != "王小明" || first.Get("phone") != "１３８００１３８０００" || first.Get("since") != "2022.1.5" {
			t.Errorf("%s: first row %+v", name, first)
		}
		if second.Get("phone") != "13800138001" || second.Get("since") != "2022-01-05" || second.Get("sex") != "" {
			t.Errorf("%s: second row %+v", name, second)
		}
		line := 4
		if name == "list.csv" {
			line = 5 // the heading broke over two lines
		}
		if first.Line != line || second.Line != line+2 {
			t.Errorf("%s: lines %d and %d", name, first.Line, second.Line)
		}
	}
}

func TestMissingColumnsAreNamedWithWhatWasFound(t *testing.T) {
	_, err := Read("a.csv", strings.NewReader("花名册,\n姓名,电话,单位\n王小明,1,2\n"), deputies, Limits{})
	wantProblem(t, err, "sheet.columns")
	for _, s := range []string{"代表编号", "第 2 行", "姓名、电话、单位"} {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%q does not say %q", err, s)
		}
	}
	if strings.Contains(err.Error(), "王小明") {
		t.Errorf("%q shows a row", err)
	}
	_, err = Read("a.xlsx", bytes.NewReader(workbookOf(t, rowsOf([]any{"x"}))), deputies, Limits{})
	wantProblem(t, err, "sheet.columns")
	_, err = Read("a.xlsx", bytes.NewReader(workbookOf(t, func(*excelize.File) {})), deputies, Limits{})
	wantProblem(t, err, "sheet.empty")
}

func TestCSVEncodings(t *testing.T) {
	const text = "编号,姓名\nD001,王小明\nD002,㛃喆\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{
		"UTF-8": text, "UTF-8 with mark": utf8BOM + text, "GB18030": gbk, "UTF-16 with tabs": utf16,
		"semicolons": strings.ReplaceAll(text, ",", ";"), "CRLF": strings.ReplaceAll(text, "\n", "\r\n"),
		"quoted": "\"编号\",\"姓名\"\n\"D001\",\"王小明\"\n\"D002\",㛃喆",
	} {
		table := read(t, "a.csv", []byte(s), deputies)
		if len(table.Rows) != 2 || table.Rows[0].Get("name") != "王小明" || table.Rows[1].Get("name") != "㛃喆" || table.Rows[1].Line != 3 {
			t.Errorf("%s: %+v", name, table)
		}
	}
}

func TestOneBrokenByteSpoilsOneRow(t *testing.T) {
	text := "编号,姓名\nD001,王小明\nD002,单\xff小明\nD003,曾小明和解小明和查小明\n"
	table := read(t, "a.csv", []byte(text), deputies)
	if len(table.Rows) != 3 || len(table.Rows[0].Problems)+len(table.Rows[2].Problems) != 0 || table.Rows[2].Get("code") != "D003" {
		t.Fatalf("%+v", table)
	}
	if p := table.Rows[1].Problems; len(p) != 1 || p[0].Code != "sheet.garbled" || !strings.Contains(p[0].ZH, "代表编号") && !strings.Contains(p[0].ZH, "姓名") {
		t.Errorf("problems %v", p)
	}
}

// Excel keeps 15 digits of a number, so a long one was rounded.
func TestRoundedNumbersAreNamed(t *testing.T) {
	xlsx := workbookOf(t, rowsOf(
		[]any{"编号", "姓名", "电话"},
		[]any{321181190001010016, "王小明", 13800138000},
		[]any{"321181190001010016", "单小明", "1.38001E+10"},
		[]any{321181190001010000, "曾小明", 999999999999999},
		[]any{"321181190001010000", "解小明"},
	))
	table := read(t, "a.xlsx", xlsx, deputies)
	if p := table.Rows[0].Problems; len(p) != 1 || p[0].Code != "sheet.digits" || !strings.Contains(p[0].ZH, "代表编号") {
		t.Errorf("a rounded number gives %v", p)
	}
	if r := table.Rows[1]; len(r.Problems) != 0 || r.Get("code") != "321181190001010016" {
		t.Errorf("a long number kept as text gives %+v", r)
	}
	if p := table.Rows[2].Problems; len(p) != 1 || p[0].Code != "sheet.digits" || table.Rows[2].Get("phone") != "999999999999999" {
		t.Errorf("a number rounded to zeros gives %v", p)
	}
	if r := table.Rows[3]; len(r.Problems) != 0 || r.Get("code") != "321181190001010000" {
		t.Errorf("the same as text gives %+v", r)
	}
	table = read(t, "a.csv", []byte("编号,姓名\n3.21E+17,王小明\n3.21181E+17,单小明\n1E+05,曾小明\nE+17,解小明\n"), deputies)
	for i, want := range []int{1, 1, 1, 0} {
		if got := len(table.Rows[i].Problems); got != want {
			t.Errorf("row %d has %d problems, want %d", i, got, want)
		}
	}
}

func TestNumbersAndDatesOfASpreadsheet(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 5, 7, 0, time.UTC)
	day := at.Truncate(24 * time.Hour)
	styles := map[string]string{"yyyy": `yyyy"年"m"月"d"日"`, "zeros": "000000", "money": `#,##0.00"元";[Red]-#,##0.00`, "local": `[$-804]yyyy/m/d h:mm:ss;@`}
	xlsx := workbookOf(t, func(f *excelize.File) {
		rowsOf([]any{"编号", "姓名", "电话", "任职日期"})(f)
		for i, c := range []struct {
			value  any
			custom string
			id     int
		}{
			{day, styles["yyyy"], 0}, {at, styles["local"], 0}, {at, "", 22}, {day, "", 31}, {46349, "", 0}, {"2026年11月23日", "", 0},
			{12, styles["zeros"], 0}, {1234.5, styles["money"], 0}, {0.1 + 0.2, "", 0}, {0.378472, "h:mm", 0}, {817, "", 0}, {20261123, "", 0}, {true, "", 0},
			{13800138000, "0.00E+00", 0}, {13800138000, "000-0000-0000", 0}, {"007", styles["zeros"], 0}, {-5, styles["zeros"], 0}, {12, ";;;", 0},
		} {
			style := &excelize.Style{NumFmt: c.id}
			if c.custom != "" {
				style.CustomNumFmt = &c.custom
			}
			id, err := f.NewStyle(style)
			if err != nil {
				t.Fatal(err)
			}
			for col, v := range map[string]any{"A": i, "B": "王小明", "C": c.value, "D": c.value} {
				at := fmt.Sprintf("%s%d", col, i+2)
				if err := f.SetCellValue("Sheet1", at, v); err != nil {
					t.Fatal(err)
				}
				if col > "B" {
					if err := f.SetCellStyle("Sheet1", at, at, id); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	})
	table := read(t, "a.xlsx", xlsx, deputies)
	for i, want := range [][2]string{ // in a column of texts and in one of dates
		{"46349", "2026-11-23"}, {"46349.3785532407", "2026-11-23 09:05:07"}, {"46349.3785532407", "2026-11-23 09:05:07"},
		{"46349", "2026-11-23"}, {"46349", "2026-11-23"}, {"2026年11月23日", "2026年11月23日"},
		{"000012", "000012"}, {"1234.5", "1234.5"}, {"0.3", "0.3"}, {"0.378472", "0.378472"}, {"817", "817"}, {"20261123", "20261123"}, {"TRUE", "TRUE"},
		{"13800138000", "13800138000"}, {"13800138000", "13800138000"}, {"007", "007"}, {"-5", "-5"}, {"12", "12"},
	} {
		if r := table.Rows[i]; r.Get("phone") != want[0] || r.Get("since") != want[1] {
			t.Errorf("row %d: %q, as a date %q; want %q", i, r.Get("phone"), r.Get("since"), want)
		}
	}
}

func TestSerialDays(t *testing.T) {
	for text, want := range map[string]string{
		"46349": "2026-11-23", "25569": "1970-01-01", "46349.3785532407": "2026-11-23 09:05:07", "46349.999999": "2026-11-24",
		"19999": "19999", "80000": "80000", "817": "817", "20261123": "20261123", "-1": "-1", "昨天": "昨天", "NaN": "NaN",
	} {
		if got := serialText(text, false); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

// Workbooks of old Macintoshes count days from 1904.
func TestDaysFrom1904(t *testing.T) {
	xlsx := workbookOf(t, func(f *excelize.File) {
		rowsOf([]any{"编号", "姓名", "任职日期"}, []any{"D001", "王小明", 44887})(f)
		yes := true
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
	})
	if got := read(t, "a.xlsx", xlsx, deputies).Rows[0].Get("since"); got != "2026-11-23" {
		t.Error(got)
	}
}

func TestSheetsOfAWorkbook(t *testing.T) {
	xlsx := workbookOf(t, func(f *excelize.File) {
		rowsOf([]any{"说明：请填写第二张表"})(f)
		for _, name := range []string{"旧表", "名单"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			f.SetSheetRow(name, "A1", &[]any{"编号", "姓名"})
			f.SetSheetRow(name, "A2", &[]any{name, "王小明"})
		}
		if err := f.SetSheetVisible("旧表", false); err != nil {
			t.Fatal(err)
		}
	})
	table := read(t, "a.xlsx", xlsx, deputies)
	if len(table.Rows) != 1 || table.Rows[0].Get("code") != "名单" {
		t.Errorf("%+v", table)
	}
}

func TestRichTextAndFormulas(t *testing.T) {
	xlsx := workbookOf(t, func(f *excelize.File) {
		rowsOf([]any{"编号", "姓名", "电话"}, []any{"D001"})(f)
		f.SetCellRichText("Sheet1", "B2", []excelize.RichTextRun{{Text: "王"}, {Text: "小明", Font: &excelize.Font{Bold: true}}})
		f.SetCellFormula("Sheet1", "C2", `=HYPERLINK("http://e/")`)
		f.SetCellStr("Sheet1", "D2", "a\x1b[31mb")
	})
	table := read(t, "a.xlsx", xlsx, deputies)
	if r := table.Rows[0]; r.Get("name") != "王小明" || len(r.Problems) != 1 || r.Problems[0].Code != "sheet.formula" {
		t.Errorf("%+v", r)
	}
}

func TestCellsAreCleaned(t *testing.T) {
	table := read(t, "a.csv", []byte("编号,姓名\nD001,\"王\x1b]52;c;Z\x07小\u202e明\r\n第二行\"\n"), deputies)
	if got := table.Rows[0].Get("name"); got != "王小明\n第二行" {
		t.Errorf("%q", got)
	}
}

func TestLongCellSpoilsItsRowOnly(t *testing.T) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.WriteAll([][]string{{"编号", "姓名"}, {"D001", strings.Repeat("长", 1<<20)}, {"D002", strings.Repeat("长", 32767)}})
	table := read(t, "a.csv", b.Bytes(), deputies)
	if p := table.Rows[0].Problems; len(table.Rows) != 2 || len(p) != 1 || p[0].Code != "sheet.long" {
		t.Errorf("%v", p)
	}
	if len(table.Rows[1].Problems) != 0 {
		t.Errorf("%v", table.Rows[1].Problems)
	}
}

func TestQuotationMarks(t *testing.T) {
	table := read(t, "a.csv", []byte("编号,姓名\nD001,他说\"好\"\nD002,\"王\nD003,李\n"), deputies)
	if len(table.Rows) != 2 || table.Rows[0].Get("name") != `他说"好"` {
		t.Fatalf("%+v", table)
	}
	if p := table.Rows[1].Problems; len(p) != 1 || p[0].Code != "sheet.quote" {
		t.Errorf("rows that a quotation mark took away are not named: %v", p)
	}
}

func TestRepeatedHeaderAndTotals(t *testing.T) {
	table := read(t, "a.csv", []byte("编号,姓名,电话\n1,王小明,\n小计,,1\n编号,姓名,电话\n2,单小明,\n总 计：,,\n3,合计生,\n"), deputies)
	if len(table.Rows) != 3 || table.Skipped != 3 || table.Rows[2].Get("name") != "合计生" {
		t.Errorf("%+v", table)
	}
}

func TestWrongFiles(t *testing.T) {
	good := workbookOf(t, rowsOf([]any{"编号", "姓名"}, []any{"D001", "王小明"}))
	for _, c := range []struct {
		what, name string
		b          []byte
		code       string
	}{
		{"nothing", "a.csv", nil, "sheet.empty"},
		{"a mark alone", "a.csv", []byte(utf8BOM), "sheet.empty"},
		{"an old or locked workbook", "a.xlsx", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), "sheet.kind"},
		{"a web page", "a.xls", []byte("<!DOCTYPE html><table>"), "sheet.kind"},
		{"text under the wrong name", "a.xlsx", []byte("编号,姓名\n"), "sheet.kind"},
		{"a picture", "a.csv", []byte("\x89PNG\r\n\x1a\n\x00\x00"), "sheet.kind"},
		{"another zip", "a.xlsx", []byte("PK\x05\x06" + strings.Repeat("\x00", 18)), "sheet.kind"},
		{"a workbook cut off", "a.xlsx", good[:len(good)/2], "sheet.damaged"},
		{"a zip without its directory", "a.xlsx", []byte("PK\x03\x04 and no more"), "sheet.damaged"},
	} {
		_, err := Read(c.name, bytes.NewReader(c.b), deputies, Limits{})
		if p, ok := err.(typed.Problem); !ok || p.Code != c.code {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
		}
	}
}

func TestReadErrorIsPassedOn(t *testing.T) {
	_, err := Read("a.csv", io.MultiReader(strings.NewReader("编号"), failing{}), deputies, Limits{})
	if err == nil || !strings.Contains(err.Error(), "read table") {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
