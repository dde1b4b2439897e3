package main

import (
	"strings"
	"testing"
)

// TestPapersByCommand: text, or a page for a browser; from elsewhere the voter
// is named only where that is asked for, which the audit log notes.
func TestPapersByCommand(t *testing.T) {
	f := newStation(t)
	number := strings.TrimSpace(f.okIn(line("王小明", "路灯不亮")+"\n", "add"))
	wants(t, f.ok("paper", number), "接待选民回执", "王小明", number, "A 当场答复")
	wants(t, f.ok("paper", number+"/1", "form", "--copies", "2"), "接待选民登记表", "路灯不亮", "第 2 份,共 2 份")
	wants(t, f.ok("paper", number, "form", "--html"), "<!doctype html>", "size: A4", "路灯不亮")
	wants(t, f.no("", "paper", number, "assign"), "还没有交办")
	wants(t, f.no("", "paper", "QA01-26A-9999-X"), "编号")
	if r := f.run("", "paper", number, "poster"); r.code != 2 {
		t.Errorf("a paper that there is not: code %d, %s", r.code, r.errs)
	}
	if r := f.run("", "paper", number, "--copies", "500"); r.code != 2 {
		t.Errorf("500 copies: code %d, %s", r.code, r.errs)
	}

	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	clerk := newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", clerk.pub)
	before := strings.Count(f.ok("audit", "--act", "reveal"), "张敏")
	if out := clerk.run("", "paper "+number+" form").out; strings.Contains(out, "王小明") || !strings.Contains(out, "王*明") {
		t.Errorf("over SSH, unasked:\n%s", out)
	}
	if out := clerk.run("", "paper "+number+" form --full").out; !strings.Contains(out, "王小明") {
		t.Errorf("over SSH, in full:\n%s", out)
	}
	if n := strings.Count(f.ok("audit", "--act", "reveal"), "张敏") - before; n != 1 {
		t.Errorf("named once, noted %d times", n)
	}
}
