package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
)

// TestADayAtAStation is the first day as somebody at a shell lives it.
func TestADayAtAStation(t *testing.T) {
	f := newFolder(t)
	wants(t, f.no("", "status"), "kiosk init")

	wants(t, f.ok("init", "--station", "qa01", "--name", "曲阿街道代表联络站"), "QA01")
	wants(t, f.ok("init", "--station", "QA01", "--name", "曲阿街道代表联络站"), "已经")
	wants(t, f.no("", "init", "--station", "QA02", "--name", "别的站"), "QA01", "没有改动")
	for name, mode := range map[string]os.FileMode{"": 0o700, ledgerFile: 0o600, logFile: 0o600} {
		st, err := os.Stat(filepath.Join(f.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode().Perm() != mode {
			t.Errorf("%q has mode %v, want %v", name, st.Mode().Perm(), mode)
		}
	}

	number := strings.TrimSpace(f.okIn(line("王小明", "小区东门的路灯坏了半个月。")+"\n", "add"))
	wants(t, f.ok("list", "receptions"), number, "王*明", "138****8000")
	wants(t, f.ok("list", "receptions", "--full"), number, "王小明", "13800138000")
	if out := f.ok("list", "receptions"); strings.Contains(out, "13800138000") {
		t.Errorf("a whole phone number in a list:\n%s", out)
	}
	rs := objects[report.Reception](t, f.ok("list", "receptions", "--json"))
	if len(rs) != 1 || rs[0].Number != number || rs[0].Voter.Phone != "13800138000" || len(rs[0].Matters) != 1 ||
		rs[0].Matters[0].Number != number+"/1" || rs[0].At.Format("2006-01-02T15:04:05-07:00") != "2026-11-23T09:12:00+08:00" {
		t.Errorf("listed as %+v", rs)
	}
	ms := objects[report.Matter](t, f.ok("list", "--json", "matters")) // flags may stand anywhere
	if len(ms) != 1 || ms[0].Reception != number || ms[0].At == nil || ms[0].State != "answered" {
		t.Errorf("matters listed as %+v", ms)
	}
	wants(t, f.ok("show", strings.ToLower(number)), "小区东门的路灯", "138 0013 8000", "登记")
	one := objects[report.Matter](t, f.ok("show", number+"/1", "--json"))
	if len(one) != 1 || len(one[0].History) != 1 || !one[0].History[0].First {
		t.Errorf("shown as %+v", one)
	}
	wants(t, f.no("", "show", number[:len(number)-1]+"?"), "编号")

	s := objects[Status](t, f.ok("status", "--json"))[0]
	if s.Station != "QA01" || s.Entries == 0 || s.Waiting != s.Entries || s.Confirmed != 0 || s.LastSync != nil || s.LastError != "" {
		t.Errorf("status %+v", s)
	}
	wants(t, f.ok("totals", "--month", "2026-11"), "批次 Visits 1", "停车与交通秩序")
	wants(t, f.ok("check"), "完好")
	f.ok("reindex")
	wants(t, f.ok("check"), "完好")
	wants(t, f.no("", "sync"), "kiosk enroll")
}

func TestListsAreNarrowedByDaysWordsAndCount(t *testing.T) {
	f := newStation(t)
	old := strings.Replace(line("单志远", "渠道淤塞"), "2026-11-23", "2026-08-17", 1)
	f.okIn(line("王小明", "路灯不亮")+"\n"+old+"\n"+line("曾雅琴", "噪声扰民")+"\n", "add")
	for _, c := range []struct {
		args []string
		n    int
	}{
		{nil, 3},
		{[]string{"--limit", "2"}, 2},
		{[]string{"--from", "2026-11-23"}, 2},
		{[]string{"--to", "20260817"}, 1},
		{[]string{"--from", "2026年8月1日", "--to", "2026.8.31"}, 1},
		{[]string{"--search", "wxm"}, 1},
		{[]string{"--search", "shan"}, 1}, // 单 as a surname
		{[]string{"--search", "噪声"}, 1},
		{[]string{"--search", "8000"}, 3},
		{[]string{"--search", "没有这个人"}, 0},
	} {
		got := objects[report.Reception](t, f.ok(append([]string{"list", "receptions", "--json"}, c.args...)...))
		if len(got) != c.n {
			t.Errorf("list receptions %q: %d, want %d", c.args, len(got), c.n)
		}
	}
	if n := len(objects[report.Session](t, f.ok("list", "sessions", "--json"))); n != 2 {
		t.Errorf("%d sessions, want one a day", n)
	}
	wants(t, f.no("", "list", "receptions", "--from", "13月1日"), "--from")
	wants(t, f.no("", "list", "receptions", "--from", "1123", "--to", "817"), "--to")
}

func TestWordsThatMakeNoSenseExitWithTwo(t *testing.T) {
	f := newStation(t)
	for _, args := range [][]string{
		{"lst"}, {"list"}, {"list", "voters"}, {"list", "receptions", "--bogus"}, {"list", "receptions", "--limit", "x"},
		{"list", "receptions", "--limit", "-1"}, {"show"}, {"export", "receptions", "a.doc"}, {"import", "people", "x.csv"},
		{"user", "add"}, {"user", "frob", "x"}, {"totals", "--month", "13"}, {"list", "deputies", "--from", "817"}, {"status", "extra"},
	} {
		r := f.run("", args...)
		sentenceOnly(t, r.errs)
		if r.code != exitUsage {
			t.Errorf("kiosk %q: code %d, want %d: %s", args, r.code, exitUsage, r.errs)
		}
	}
	for _, args := range [][]string{{"help"}, {"list", "--help"}, {"help", "add"}, {"--help"}, {"version"}} {
		if out := f.ok(args...); !strings.Contains(out, "kiosk") {
			t.Errorf("kiosk %q printed %q", args, out)
		}
	}
}

func TestUsersComeAndGo(t *testing.T) {
	f := newStation(t)
	key := write(t, "chen.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJUEyN4r2Pzj5TTMXQdH0QPqLnJcz2nGhYwu6VdEkgT5 chen@home\n")
	f.okIn("2580\n", "user", "add", "张敏", "--role", "attendant", "--pin")
	f.ok("user", "add", "陈站长", "--role", "head", "--key", key)
	us := objects[clerk.Account](t, f.ok("user", "list", "--json"))
	if len(us) != 2 || !us[0].PIN && !us[1].PIN || len(us[0].Keys)+len(us[1].Keys) != 1 {
		t.Errorf("accounts %+v", us)
	}
	f.okIn("1470\n", "user", "pin", "张敏")
	wants(t, f.no("1234\n", "user", "pin", "张敏"), "PIN")
	wants(t, f.no("", "user", "add", "李四", "--role", "attendant"), "PIN")
	wants(t, f.no("", "user", "add", "李四", "--role", "king", "--key", key), "role")
	wants(t, f.no("", "user", "add", "李四", "--role", "head", "--key", key), "陈站长")
	wants(t, f.no("", "user", "add", "李四", "--role", "head", "--key", write(t, "k", "-----BEGIN OPENSSH PRIVATE KEY-----")), "私钥")
	wants(t, f.no("", "user", "add", "李四", "--role", "deputy", "--key", key, "--deputy", "D9"), "D9")
	f.ok("user", "remove", "张敏")
	wants(t, f.no("", "user", "remove", "张敏"), "张敏")
}

func TestACopyIsSoundAndGoesBack(t *testing.T) {
	f := newStation(t)
	first := strings.TrimSpace(f.okIn(line("王小明", "路灯")+"\n", "add"))
	copied := filepath.Join(t.TempDir(), "copy.db")
	f.ok("backup", copied)
	later := strings.TrimSpace(f.okIn(line("李四", "后来的")+"\n", "add"))
	wants(t, f.ok("restore", copied), "B")
	wants(t, f.ok("show", first), "王小明")
	wants(t, f.no("", "show", later), later)
	again := strings.TrimSpace(f.okIn(line("赵六", "恢复以后")+"\n", "add"))
	if again == later {
		t.Errorf("%s was given twice", again)
	}
	aside, err := filepath.Glob(filepath.Join(f.dir, ledgerFile+".*"))
	if err != nil || len(aside) != 1 {
		t.Errorf("set aside: %q, %v", aside, err)
	}
	wants(t, f.ok("check"), "完好")

	fresh := newFolder(t)
	fresh.ok("restore", copied)
	wants(t, fresh.ok("show", first), "王小明")
	wants(t, fresh.no("", "restore", write(t, "x", "no ledger")), "没有改动")
	wants(t, fresh.no("", "restore", filepath.Join(t.TempDir(), "none")), "没有")
	wants(t, fresh.ok("show", first), "王小明")
}

func TestExportsOpenAgain(t *testing.T) {
	f := newStation(t)
	f.okIn(line("=cmd|' /C calc'!A0", "第一行\n第二行,有逗号和“引号”")+"\n", "add")
	dir := t.TempDir()
	for _, kind := range []string{"receptions", "matters"} {
		for _, ext := range []string{".csv", ".xlsx"} {
			f.ok("export", kind, filepath.Join(dir, kind+ext))
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "matters.csv"))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, string(b), "'=cmd", "13800138000", "第二行")
	if out := f.ok("export", "receptions", "-", "--format", "csv"); !strings.Contains(out, "QA01-26A-0001") {
		t.Errorf("exported to standard output: %q", out)
	}
	wants(t, f.no("", "export", "receptions", filepath.Join(dir, "none", "x.csv")), "目录")
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
