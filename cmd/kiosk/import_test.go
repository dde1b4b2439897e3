package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station/sheet"
)

// table writes rows, the first of them the header, to a file.
func table(t *testing.T, name string, rows ...[]string) string {
	t.Helper()
	var b bytes.Buffer
	s := sheet.Sheet{Title: "一张表", Rows: sheet.Lines(rows[1:])}
	for _, c := range rows[0] {
		s.Columns = append(s.Columns, sheet.Col{Name: c, Width: 12, Text: true})
	}
	format, err := sheet.FormatOf(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := sheet.Write(&b, format, s); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestARosterIsLoadedOnceAndItsBadRowsAreNamed(t *testing.T) {
	for _, name := range []string{"roster.xlsx", "roster.csv"} {
		f := newStation(t)
		path := table(t, name,
			[]string{"序号", "代表编号", "姓名", "性别", "联系电话", "代表级别", "任期起", "民族"},
			[]string{"1", "D001", "李建国", "男", "13800138001", "市、镇", "2021年12月", "汉"},
			[]string{"2", "D002", "王秀英", "女", "0511-86123456", "镇", "2022-01-05", "汉"},
			[]string{"3", "D001", "李建国", "男", "13800138001", "省辖市", "", "汉"}, // another seat
			[]string{"4", "D001", "别的人", "男", "", "", "", ""},
			[]string{"5", "", "没有编号", "", "", "", "", ""},
			[]string{"6", "D003", "", "", "", "", "", ""},
			[]string{"7", "D004", "赵六", "1", "", "", "", ""},
			[]string{"8", "D005", "钱七", "", "12", "", "", ""},
			[]string{"9", "D006", "孙八", "", "", "", "不久前", ""},
			[]string{"合计", "9", "", "", "", "", "", ""},
		)
		r := f.run("", "import", "deputies", path, "--dry-run")
		wants(t, r.out, "would record 2, known already 0, refused 6")
		if n := len(objects[report.Deputy](t, f.ok("list", "deputies", "--json"))); n != 0 {
			t.Errorf("%s: a dry run recorded %d", name, n)
		}
		r = f.run("", "import", "deputies", path)
		if r.code != exitFailed {
			t.Errorf("%s: code %d though rows were refused", name, r.code)
		}
		wants(t, r.out, "recorded 2, known already 0, refused 6")
		wants(t, r.errs, "民族", "姓名却不同", "编号", "男 或 女")
		if n := strings.Count(r.errs, "row "); n != 7 { // six refused, one of which names another row
			t.Errorf("%s: rows named %d times:\n%s", name, n, r.errs)
		}
		wants(t, f.run("", "import", "deputies", path).out, "recorded 0, known already 2")
		ds := objects[report.Deputy](t, f.ok("list", "deputies", "--json"))
		if len(ds) != 2 {
			t.Fatalf("%s: %+v", name, ds)
		}
		for _, d := range ds {
			if want := map[string]int{"D001": 3, "D002": 1}[d.Number]; len(d.Mandates) != want || d.At.IsZero() {
				t.Errorf("%s: %+v, want %d mandates", name, d, want)
			}
		}
		if out := f.ok("list", "deputies"); strings.Contains(out, "13800138001") {
			t.Errorf("%s: a whole phone in a list:\n%s", name, out)
		}
	}
}

func TestATableThatIsNotOneIsRefusedAsAWhole(t *testing.T) {
	f := newStation(t)
	wants(t, f.no("", "import", "deputies", table(t, "a.csv", []string{"编号", "名字"}, []string{"1", "x"})), "姓名")
	wants(t, f.no("", "import", "villages", write(t, "v.csv", "")), "空")
	wants(t, f.no("", "import", "villages", write(t, "v.xlsx", "PK\x03\x04 cut off")), "/")
	wants(t, f.no("", "import", "villages", t.TempDir()), "目录")
	wants(t, f.no("", "import", "villages", "-"), "--format")
}

func TestVillagesAndCategoriesKeepTheirCodes(t *testing.T) {
	f := newStation(t)
	villages := "code,town,village\n321181002001,曲阿街道,前艾村\n321181002002,曲阿街道,东风社区\n32118100200,曲阿街道,少一位\n321181002002,曲阿街道,又一个\n321181002003,曲阿街道,\n"
	r := f.run("", "import", "villages", write(t, "villages.csv", villages))
	wants(t, r.out, "recorded 2, known already 0, refused 3")
	wants(t, r.errs, "row 4", "row 5", "row 6")
	wants(t, f.run(villages, "import", "villages", "-", "--format", "csv").out, "recorded 0, known already 2")

	tree := table(t, "tree.xlsx", []string{"一级分类", "二级分类", "三级分类"},
		[]string{"城乡建设", "安全生产", "事故处理"}, []string{"城乡建设", "安全生产", "安全隐患"}, []string{"环境保护", "", ""}, []string{"政法", "", "越级"})
	r = f.run("", "import", "categories", tree)
	wants(t, r.out, "recorded 6, known already 0, refused 1")
	wants(t, f.run("", "import", "categories", tree).out, "recorded 0, known already 6")
	f.okIn(strings.Replace(line("王", "x"), `"12"`, `"`+clerk.CategoryCode("/城乡建设/安全生产/安全隐患")+`"`, 1)+"\n", "add")
	if ms := objects[report.Matter](t, f.ok("list", "matters", "--json")); len(ms) != 1 || ms[0].CategoryName != "安全隐患" {
		t.Errorf("recorded under %+v", ms)
	}
}

func TestMessagesBecomeReceptionsOnce(t *testing.T) {
	f := newStation(t)
	long := strings.Repeat("很长的主题", 8)
	path := table(t, "messages.xlsx", []string{"留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "一级分类"},
		[]string{"24", "A0001", "占道施工", "2020/1/6 12:09:38", "\n\t\t\t\n\t\t　　有安全隐患。\n\n请处理。\n", "城乡建设"},
		[]string{"37", "A0002", long, "2020-01-04 11:17", "详情", "劳动和社会保障"},
		[]string{"38", "A0003", "没有分类的", "43591.4049", "详情", "谁也不认识"},
		[]string{"39", "A0004", "只有主题", "2019年8月17日", "", "教育文体"},
		[]string{"40", "A0005", "时间不对", "某天", "详情", "教育文体"},
		[]string{"", "A0006", "没有编号", "2020/1/1", "详情", "教育文体"},
		[]string{"41", "A0007", "", "2020/1/1", "", "教育文体"},
		[]string{"24", "A0001", "占道施工", "2020/1/6 12:09:38", "别的内容", "城乡建设"},
		[]string{"37", "A0002", long, "2020-01-04 11:17", "详情", "劳动和社会保障"},
	)
	wants(t, f.run("", "import", "messages", path, "--dry-run").out, "would record 4, known already 1, refused 4")
	r := f.run("", "import", "messages", path)
	wants(t, r.out, "recorded 4, known already 1, refused 4")
	again := f.run("", "import", "messages", path)
	wants(t, again.out, "recorded 0, known already 5, refused 4")
	got := map[string]report.Reception{}
	for _, x := range objects[report.Reception](t, f.ok("list", "receptions", "--json")) {
		got[x.At.Format("2006-01-02 15:04")] = x
	}
	for at, want := range map[string]struct{ title, content, category string }{
		"2020-01-06 12:09": {"占道施工", "有安全隐患。\n请处理。", "1"},
		"2020-01-04 11:17": {string([]rune(long)[:29]) + "…", long + "\n详情", "4"},
		"2019-05-06 09:43": {"没有分类的", "详情", "79"},
		"2019-08-17 00:00": {"只有主题", "只有主题", "3"},
	} {
		x, ok := got[at]
		if !ok || x.Channel != "online" || !x.Voter.Anonymous || len(x.Matters) != 1 {
			t.Errorf("%s: %+v", at, x)
			continue
		}
		m := x.Matters[0]
		if m.Title != want.title || m.Content != want.content || m.Category != want.category || m.Disposition != "collect" {
			t.Errorf("%s: %+v", at, m)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d receptions, want 4", len(got))
	}
	wants(t, f.ok("check"), "完好")
}

// FuzzImport: any bytes given as a table leave a sound ledger and a sentence
// for each row that was not taken in.
func FuzzImport(f *testing.F) {
	f.Add([]byte("code,town,village\n321181002001,曲阿街道,前艾村\n"), uint8(0))
	f.Add([]byte("代表编号,姓名,电话,任期起\nD1,李,138,2021年13月\n\"D2\nx"), uint8(1))
	f.Add([]byte("留言编号,留言时间,留言详情\n1,2020/1/1 9:00,x\x1b[31m\n"), uint8(2))
	f.Add([]byte("一级分类,二级分类\na/b,c\n/,\x00\n"), uint8(3))
	dir := f.TempDir()
	started := false
	f.Fuzz(func(t *testing.T, b []byte, which uint8) {
		x := folder{t, dir}
		if !started {
			x.ok("init", "--station", "QA01", "--name", "站")
			started = true
		}
		kind := []string{"villages", "deputies", "messages", "categories"}[which%4]
		r := x.run(string(b), "import", kind, "-", "--format", "csv", "--dry-run")
		var recorded, known, refused int
		_, rest, ok := strings.Cut(r.out, "/ dry run: ")
		if !ok {
			sentenceOnly(t, r.errs)
			return
		}
		if _, err := fmt.Sscanf(rest, "would record %d, known already %d, refused %d", &recorded, &known, &refused); err != nil {
			t.Fatalf("%q: %v", r.out, err)
		}
		if n := strings.Count(r.errs, "/ row ") + strings.Count(r.errs, " row "); n < refused {
			t.Errorf("%d rows refused, %d named:\n%s", refused, n, r.errs)
		}
		if strings.ContainsAny(r.errs, "\x1b\x07\x00") {
			t.Errorf("a control character reached the terminal: %q", r.errs)
		}
	})
}
