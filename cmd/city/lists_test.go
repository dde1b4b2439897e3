package main

import (
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"liaison/station"
	"liaison/tui/tuitest"
)

// screen opens a screen over SSH.
func (g *colleague) screen(w, h int) *tuitest.Terminal {
	g.t.Helper()
	c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{User: "anyone", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = c.Close() })
	return tuitest.Shell(g.t, c, w, h)
}

// TestAListIsKeptOnTheCitysScreen: the office changes a unit, adds one, ends
// one and sets a limit on a screen over SSH; after a sync the kiosk has it all,
// over real HTTP. A table that is imported afterwards says nothing new.
func TestAListIsKeptOnTheCitysScreen(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	qian := newColleague(t)
	f.ok("user", "add", "钱进", "--role", "city", "--key", qian.pub)
	f.ok("import", "units", file(t, "units.csv", "单位编号,单位名称,类别,电话,对口分类\nGA,公安局,gov,0511-86000001,61\nCG,城市管理局,gov,,1\n"))
	url, addr := f.serveSSH("--name", "丹阳市人大")
	qian.addr = addr
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	k.mustSync()
	if u := k.desk.UnitName("GA"); u != "公安局" {
		t.Fatalf("the kiosk has %q", u)
	}

	s := qian.screen(80, 24)
	s.WaitText("名录")
	s.Key("4")
	s.WaitText("城市管理局", "F8 撤销")
	s.Key("down", "enter")
	s.WaitText("更改单位", "GA   公安局")
	s.Key("ctrl+u")
	s.Type("市公安局")
	s.Key("f10")
	s.WaitText("已保存 市公安局")
	s.Key("f6")
	s.WaitText("添加单位")
	s.Type("jt")
	s.Key("tab")
	s.Type("交通运输局")
	s.Key("f10")
	s.WaitText("已保存 交通运输局")
	s.Key("home", "f8")
	s.WaitText("撤销 城市管理局")
	s.Type("并入住建局")
	s.Key("enter")
	s.WaitText("已记录:城市管理局")
	s.Key("esc")
	s.WaitText("待办")
	s.Key("5")
	s.WaitText("办理期限", "F6 加期限")
	s.Key("down", "f6")
	s.WaitText("加办理期限", "交办")
	s.Key("tab", "tab")
	s.Type("2")
	s.Key("tab", "tab", "tab")
	s.Type("2099-01-01")
	s.Key("f10")
	s.WaitText("的期限是 2 个工作日")
	s.Key("right", "enter")
	s.WaitText("已保存 交办", "现行,至 2098-12-31")
	k.mustSync()

	for code, want := range map[string]station.UndertakingUnit{
		"GA": {Code: "GA", Name: "市公安局", Kind: "gov", Phone: "0511-86000001"}, "JT": {Code: "JT", Name: "交通运输局", Kind: "gov"},
		"CG": {Code: "CG", Name: "城市管理局", Kind: "gov", Ended: true, EndReason: "并入住建局"}} {
		got, ok := k.desk.Unit(code)
		if !ok || got.Name != want.Name || got.Kind != want.Kind || got.Phone != want.Phone || got.Ended != want.Ended || got.EndReason != want.EndReason {
			t.Errorf("the kiosk has %+v, want %+v", got, want)
		}
	}
	if us := k.desk.FindUnits(""); len(us) != 2 {
		t.Errorf("the kiosk offers %+v", us)
	}
	var limits []string
	for _, l := range k.desk.Limits() {
		if l.Timer == station.TimerAssign {
			limits = append(limits, l.Code+" "+l.From.String())
		}
	}
	if strings.Join(limits, ",") != "T2-2 2099-01-01,T2 " {
		t.Errorf("the kiosk's limits %q", limits)
	}

	same := "单位编号,单位名称,类别,电话,对口分类,状态\nGA,市公安局,gov,0511-86000001,61,\nCG,城市管理局,gov,,1,撤销\n"
	if out := f.ok("import", "units", file(t, "again.csv", same)); !strings.Contains(out, "recorded 0") {
		t.Errorf("what the screen wrote and the table repeats: %s", out)
	}
	acts := map[string]bool{}
	for _, a := range objects[station.AuditLine](t, f.ok("audit", "--json")) {
		if a.Act == station.ActList {
			acts[a.Object+" "+a.Door] = true
		}
	}
	for _, want := range []string{"unit GA ssh", "unit JT ssh", "unit CG ssh", "limit T2-2 ssh"} {
		if !acts[want] {
			t.Errorf("the audit log lacks %q: %v", want, acts)
		}
	}
}
