package main

import (
	"strings"
	"testing"

	"liaison/station"
)

// The office prints the assignment of what a station handed to it, by command
// and over SSH. A name is there only where it was sent, and whole only where it
// was asked for, which the audit log has.
func TestTheOfficePrintsPapers(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	qian, admin := newColleague(t), newColleague(t)
	f.ok("user", "add", "钱进", "--role", "city", "--key", qian.pub)
	f.ok("user", "add", "郑工", "--role", "admin", "--key", admin.pub)
	url, addr := f.serveSSH()
	qian.addr, admin.addr = addr, addr
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	handed, kept := k.receive("李小红", "公交班次太少,希望增加", "city"), k.receive("王小明", "路灯不亮", "town")
	k.mustSync()
	if _, errs, exit := qian.do("", "paper "+handed+" assign"); exit != 1 || !strings.Contains(errs, "交办以后才有") {
		t.Errorf("an assignment before there is one: %d %s", exit, errs)
	}
	qian.ok("step " + handed + "/1 review --disposition city")
	qian.ok("step " + handed + "/1 assign --unit 交通运输局 --doc 丹人交〔2026〕7号")
	if out := qian.ok("paper " + handed + " assign"); !strings.Contains(out, "丹人交〔2026〕7号") || !strings.Contains(out, "李*红") || !strings.Contains(out, "市人大代表工委") {
		t.Errorf("assignment: %s", out)
	}
	if out := f.ok("paper", handed, "assign", "--html", "--full"); !strings.Contains(out, "李小红") || !strings.Contains(out, "@page { size: A4") {
		t.Errorf("in full: %s", out)
	}
	if out := f.ok("paper", kept, "form", "--full"); strings.Contains(out, "王小明") || !strings.Contains(out, "存于登记站") {
		t.Errorf("a name that was not sent: %s", out)
	}
	if out, errs, exit := admin.do("", "paper "+handed); exit != 1 || out != "" || !strings.Contains(errs, "没有这项权限") {
		t.Errorf("an administrator prints: %d %s%s", exit, out, errs)
	}
	f.no(2, "poster", "paper", handed, "poster")
	if lines := objects[station.AuditLine](t, f.ok("audit", "--act", "reveal", "--json")); len(lines) != 1 || lines[0].Object != handed {
		t.Errorf("the log has %+v", lines)
	}
}

// TestWhatWasMaskedWasLoggedAsShown: the audit log said "shown in full" of
// every look at a reception or a matter, and one that was could not be told.
func TestWhatWasMaskedWasLoggedAsShown(t *testing.T) {
	f := newFolder(t)
	code := strings.TrimSpace(f.ok("enroll", "QA01"))
	qian := newColleague(t)
	f.ok("user", "add", "钱进", "--role", "city", "--key", qian.pub)
	url, addr := f.serveSSH()
	qian.addr = addr
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, code); err != nil {
		t.Fatal(err)
	}
	handed, kept := k.receive("李小红", "公交班次太少,希望增加", "city"), k.receive("王小明", "路灯不亮", "town")
	k.mustSync()
	for _, words := range []string{"show " + handed, "show " + handed + " --json", "show " + handed + "/1", "show " + kept + " --full", "show " + kept + "/1 --full"} {
		if out := qian.ok(words); strings.Contains(out, "李小红") || strings.Contains(out, "13800138000") {
			t.Errorf("%s: %s", words, out)
		}
	}
	f.no(1, "", "show", "QA01-26A-9999-X")
	if lines := objects[station.AuditLine](t, f.ok("audit", "--act", "reveal", "--json")); len(lines) != 0 {
		t.Errorf("nothing was shown, and the log has %+v", lines)
	}
	n := 0
	for _, words := range []string{"show " + handed + " --full", "show --full " + handed + " --json", "show " + handed + "/1 --full"} {
		if out := qian.ok(words); strings.Contains(out, "李小红") || strings.Contains(out, "13800138000") {
			n++
		} else if !strings.Contains(words, "/1") {
			t.Errorf("%s: %s", words, out)
		}
		if lines := objects[station.AuditLine](t, f.ok("audit", "--act", "reveal", "--json")); len(lines) != n {
			t.Errorf("%s: of %d shown in full the log has %+v", words, n, lines)
		} else if n > 0 && !strings.HasPrefix(lines[0].Object, "show "+handed) {
			t.Errorf("the log does not say whose: %+v", lines[0])
		}
	}
}
