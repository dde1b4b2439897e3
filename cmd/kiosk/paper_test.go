package main

import (
	"strings"
	"testing"

	"liaison/station"
)

// A paper is printed by command, on the machine and over SSH: masked unless
// asked for in full, which the audit log has; what does not exist yet is
// refused in a sentence that says what to do.
func TestPapersByCommand(t *testing.T) {
	f := newStation(t)
	n := strings.TrimSpace(f.okIn(`{"at":"2026-11-23T09:12:00+08:00","channel":"walkin","persons":1,"session":{"time":"fixed","place":"station","topic":"open"},"voter":{"name":"王小明","phone":"13800138000","anonymous":false},"matters":[{"content":"村口水渠塌了一段","kind":"suggestion","category":"21","disposition":"village"}]}`+"\n", "add"))
	slip := f.ok("paper", n)
	wants(t, slip, "接待选民回执", "曲阿街道接〔2026〕第A0001号", n, "王*明")
	if strings.Contains(slip, "王小明") {
		t.Errorf("the name is whole: %s", slip)
	}
	wants(t, f.ok("paper", n, "form", "--full"), "接待选民登记表", "王小明", "13800138000")
	if got := f.ok("paper", n, "slip", "--copies", "3"); strings.Count(got, "接待选民回执") != 3 || strings.Count(got, "\f") != 2 {
		t.Errorf("three copies: %q", got)
	}
	page := f.ok("paper", n, "--html")
	wants(t, page, "<!DOCTYPE html>", "@page { size: A5", n)
	wants(t, f.no("", "paper", n, "assign"), "没有交办单", "交办以后才有", "no assignment")
	wants(t, f.no("", "paper", n, "feedback"), "单位还没有答复")
	wants(t, f.no("", "paper", n, "guide"), "没有告知单")
	wants(t, f.no("", "paper", "QA01-26A-9999-9"), "校验字符")
	for _, args := range [][]string{{"paper"}, {"paper", n, "poster"}, {"paper", n, "--copies", "0"}, {"paper", n, "--copies", "51"}, {"paper", n, "--pdf"}} {
		if r := f.run("", args...); r.code != exitUsage {
			t.Errorf("%q: code %d, %s", args, r.code, r.errs)
		}
	}
	f.ok("step", n, "review", "--disposition", "village")
	f.ok("step", n, "assign", "--unit", "前艾村", "--doc", "曲街交〔2026〕3号")
	wants(t, f.ok("paper", n, "assign"), "前艾村", "曲街交〔2026〕3号", "签收/退回联")

	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	g, admin := newGuest(t, sshAddr.FindString(said)), newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", g.pub)
	f.ok("user", "add", "郑工", "--role", "admin", "--key", admin.pub)
	if r := g.run("", "paper "+n+" assign --html"); r.code != 0 || !strings.Contains(r.out, "@page { size: A4") || !strings.Contains(r.out, "王*明") {
		t.Errorf("over SSH: %+v", r)
	}
	if r := g.run("", "kiosk paper "+n+" --full"); r.code != 0 || !strings.Contains(r.out, "王小明") {
		t.Errorf("over SSH in full: %+v", r)
	}
	if r := admin.run("", "paper "+n); r.code != exitFailed || r.out != "" {
		t.Errorf("an administrator prints: %+v", r)
	}
	lines := objects[station.AuditLine](t, f.ok("audit", "--act", "reveal", "--json"))
	if len(lines) != 2 || lines[0].Object != n || lines[0].Door != "ssh" {
		t.Errorf("of two papers in full the log has %+v", lines)
	}
}
