package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestARestoredCityLosesNoSuggestion: a city that was restored from a copy gives
// a number again that it had given after the copy was made. The first one comes
// back from a station, and both are there, each with its own life; a command
// that says the number alone is refused until one of them has another.
func TestARestoredCityLosesNoSuggestion(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	f.ok("import", "deputies", file(t, "deputies.csv", "代表编号,姓名,级别,代表小组\nD001,李建国,市,第三代表小组\n"))
	url, stop := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	copied := filepath.Join(t.TempDir(), "copy.db")
	f.ok("backup", copied)
	entered := func(title string) {
		t.Helper()
		if out := f.ok("suggest", "new", file(t, "sg.json", `{"term":17,"meeting":4,"title":"`+title+`","body":"内容","lead":"D001","category":"12"}`)); !strings.HasPrefix(out, "17-4-0001 ") {
			t.Fatalf("entered as %s", out)
		}
	}
	entered("甲路修灯")
	k.mustSync()
	stop()
	f.ok("restore", "--alone", copied)
	k.cfg.City.URL, stop = f.serve()
	entered("乙河治污")
	k.mustSync()
	k.mustSync()
	stop()

	list := f.ok("suggest")
	for _, title := range []string{"甲路修灯", "乙河治污"} {
		if !strings.Contains(list, "[重号] "+title) {
			t.Errorf("%s is not listed, or without the mark:\n%s", title, list)
		}
	}
	var called []string
	for line := range strings.SplitSeq(list, "\n") {
		if w, _, _ := strings.Cut(line, " "); strings.HasPrefix(w, "17-4-0001~") {
			called = append(called, w)
		}
	}
	if len(called) != 2 || called[0] == called[1] || !strings.HasPrefix(called[0], "17-4-0001~A-") || !strings.HasPrefix(called[1], "17-4-0001~B-") {
		t.Fatalf("they are called %q:\n%s", called, list)
	}
	for i, title := range []string{"甲路修灯", "乙河治污"} {
		out := f.ok("suggest", called[i])
		if !strings.Contains(out, title) || strings.Count(out, "提出") != 1 || strings.Contains(out, "更改") {
			t.Errorf("one is shown as a change of the other:\n%s", out)
		}
	}
	for _, args := range [][]string{{"suggest", "17-4-0001"}, {"suggest", "17-4-0001", "key", "x"}, {"suggest", "17-4-0001", "withdraw", "重复"}, {"supervise", "log", "17-4-0001"},
		{"supervise", "add", file(t, "act.json", `{"act":"hearing","suggestion":"17-4-0001"}`)}} {
		f.no(1, "", args...)
		if _, errs, _ := f.do(args...); !strings.Contains(errs, called[0]+"《甲路修灯》") || !strings.Contains(errs, called[1]+"《乙河治污》") {
			t.Errorf("%q is refused with %s", args, errs)
		}
	}
	f.ok("suggest", "17-4-0001~A", "key", "群众反映集中") // as much of the epoch as tells them apart
	f.ok("supervise", "add", file(t, "act.json", `{"act":"hearing","suggestion":"`+called[0]+`"}`))
	if out := f.ok("suggest", "17-4-0001~B", "renumber", "恢复备份后重号"); !strings.HasPrefix(out, "17-4-0002 ") {
		t.Errorf("renumbered: %s", out)
	}
	f.no(1, "不用改号", "suggest", "17-4-0002", "renumber", "再改")
	if out := f.ok("suggest"); strings.Contains(out, "重号") || !strings.Contains(out, "17-4-0001 ") || !strings.Contains(out, "17-4-0002 ") {
		t.Errorf("the list:\n%s", out)
	}
	if out := f.ok("suggest", "17-4-0001"); !strings.Contains(out, "甲路修灯") || !strings.Contains(out, "定为重点建议") {
		t.Errorf("the first:\n%s", out)
	}
	if out := f.ok("suggest", "17-4-0002"); !strings.Contains(out, "乙河治污") || !strings.Contains(out, "改号  17-4-0001 → 17-4-0002 恢复备份后重号") || strings.Contains(out, "定为重点建议") {
		t.Errorf("the second:\n%s", out)
	}
	if out := f.ok("supervise", "log", "17-4-0001"); strings.Count(out, "听取办理情况") != 1 {
		t.Errorf("the log of the first:\n%s", out)
	}
	if out := f.ok("supervise", "log", "17-4-0002"); strings.Contains(out, "听取办理情况") {
		t.Errorf("the log of the second:\n%s", out)
	}
	if out := f.ok("suggest", "new", file(t, "sg.json", `{"term":17,"meeting":4,"title":"丙","body":"内容","lead":"D001","category":"12"}`)); !strings.HasPrefix(out, "17-4-0003 ") {
		t.Errorf("the next one: %s", out)
	}
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Error(out)
	}
}
