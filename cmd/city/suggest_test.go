package main

import (
	"strings"
	"testing"

	"liaison/station"
)

// A suggestion from its entry to the deputy's word, and what the five
// supervisions lack on the way, all by command.
func TestTheOfficeHandlesASuggestion(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	f.ok("import", "units", file(t, "units.csv", "单位编号,单位名称,类别\nCG,城市管理局,gov\n"))
	f.ok("import", "leaders", file(t, "leaders.csv", "编号,姓名,职务,分管工作,分类\nL1,周正,副市长,城管,1\n"))
	f.ok("import", "committees", file(t, "committees.csv", "工委编号,工委名称,对口分类\nHZ,环资城建工委,1\n"))
	f.ok("import", "deputies", file(t, "deputies.csv", "代表编号,姓名,级别,代表小组\nD001,李建国,市,第三代表小组\n"))

	body := `{"term":17,"meeting":4,"period":"session","title":"关于建立体车库的建议","body":"老城区停车难","lead":"D001","category":"12"}`
	if out, errs, code := f.do("suggest", "new", file(t, "bad.json", `{"term":17,"nobody":1}`)); code == 0 || !strings.Contains(errs, "没有记录") {
		t.Errorf("an unknown field: %d %s%s", code, out, errs)
	}
	if out := f.ok("suggest", "new", file(t, "sg.json", body)); !strings.Contains(out, "17-4-0001") {
		t.Fatalf("entered: %s", out)
	}
	if out, errs, code := f.do("suggest", "17-4-0001", "reply", "--text", "好", "--class", "A"); code == 0 || !strings.Contains(errs, "不能答复") {
		t.Errorf("a reply before it is assigned: %d %s%s", code, out, errs)
	}
	if _, _, code := f.do("suggest", "17-4-0001", "key"); code != 2 {
		t.Errorf("a key mark without a word: exit %d", code)
	}
	if out := f.ok("suggest", "17-4-0001", "assign", "--lead", "城市管理局", "--hard"); !strings.Contains(out, "期限") {
		t.Errorf("assigned: %s", out)
	}
	if out := f.ok("suggest", "--json"); !strings.Contains(out, `"id":"17-4-0001","state":"assigned","due":"`) || !strings.Contains(out, `"lamp":"正常"`) {
		t.Errorf("as JSON: %s", out)
	}
	f.ok("suggest", "17-4-0001", "key", "群众反映集中")
	f.ok("suggest", "17-4-0001", "reply", "--text", "已列入建设计划", "--class", "A", "--doc", "丹交〔2027〕3号", "--met")
	if out := f.ok("suggest", "17-4-0001", "appraise", "--attitude", station.Satisfactions[0].Code, "--outcome", station.Satisfactions[0].Code); !strings.Contains(out, "办结") {
		t.Errorf("appraised: %s", out)
	}
	if f.ok("list", "suggestions") != f.ok("suggest") {
		t.Error("two words, two lists")
	}
	if out := f.ok("suggest"); !strings.Contains(out, "立体车库") || !strings.Contains(out, "周正") {
		t.Errorf("the list: %s", out)
	}
	if out := f.ok("suggest", "17-4-0001"); !strings.Contains(out, "主办 城市管理局") || !strings.Contains(out, "丹交〔2027〕3号") || strings.Count(out, ":") < 5 {
		t.Errorf("shown: %s", out)
	}

	if out := f.ok("supervise"); !strings.Contains(out, "环资城建工委") {
		t.Errorf("what is missing: %s", out)
	}
	f.ok("supervise", "add", file(t, "act.json", `{"act":"pick","committee":"HZ","suggestion":"17-4-0001"}`))
	if out, errs, code := f.do("supervise", "add", file(t, "act.json", `{"act":"pick","committee":"XX","suggestion":"17-4-0001"}`)); code == 0 || !strings.Contains(errs, "committee") {
		t.Errorf("a committee that is not there: %d %s%s", code, out, errs)
	}
	if out := f.ok("supervise", "log", "17-4-0001"); !strings.Contains(out, "选为重点") {
		t.Errorf("the log: %s", out)
	}
}
