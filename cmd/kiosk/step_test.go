package main

import (
	"strings"
	"testing"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
)

// A matter is handled by commands: what waits, what may be done, each step,
// and the refusal of one that is not its turn.
func TestAMatterIsHandledByCommands(t *testing.T) {
	f := newStation(t)
	n := strings.TrimSpace(f.okIn(`{"at":"2026-11-23T09:12:00+08:00","channel":"walkin","persons":1,"session":{"time":"fixed","place":"station","topic":"open"},"voter":{"name":"王小明","phone":"13800138000","anonymous":false},"matters":[{"content":"村口水渠塌了一段","kind":"suggestion","category":"21","disposition":"village"}]}`+"\n", "add"))
	m := n + "/1"
	count := func(queue string) int {
		for _, q := range objects[clerk.Waiting](t, f.ok("list", "queue", "--json")) {
			if q.Queue == queue {
				return q.Count
			}
		}
		t.Fatalf("no queue %s", queue)
		return 0
	}
	if count("review") != 1 || count("assign") != 0 {
		t.Error("it does not wait for its review")
	}
	ps := objects[clerk.Possible](t, f.ok("step", m, "--json"))
	if len(ps) == 0 || ps[0].Action != "review" {
		t.Errorf("possible %+v", ps)
	}
	wants(t, f.ok("step", m), "审核分类", "--disposition")
	r := f.run("", "step", m, "reply", "--text", "已修好", "--class", "A")
	if r.code != exitFailed {
		t.Errorf("a reply before the assignment: %d", r.code)
	}
	wants(t, r.errs, "不能“单位答复”")
	r = f.run("", "step", m, "fly")
	if r.code != exitUsage {
		t.Errorf("no such step: %d", r.code)
	}
	f.ok("step", m, "review", "--disposition", "village")
	wants(t, f.ok("step", m, "assign", "--unit", "前艾村"), "已交办", "期限")
	if count("accept") != 1 {
		t.Error("it does not wait to be accepted")
	}
	f.ok("step", m, "accept")
	r = f.run("", "step", m, "reply", "--class", "A")
	wants(t, r.errs, "text")
	f.okIn("渠已修好\n", "step", m, "reply", "--class", "A", "--text", "-")
	f.ok("step", m, "feedback", "--means", "phone")
	ls := objects[report.Life](t, f.ok("list", "queue", "rate", "--json"))
	if len(ls) != 1 || ls[0].Number != m || ls[0].Answer != "渠已修好" || ls[0].ClassName == "" {
		t.Errorf("to rate: %+v", ls)
	}
	wants(t, f.ok("list", "queue", "rate"), m, "前艾村")
	r = f.run("", "list", "queue", "nonsense")
	if r.code != exitUsage {
		t.Errorf("no such queue: %d", r.code)
	}
	if out := f.ok("list", "notices", "--json"); out != "" {
		t.Errorf("notices: %s", out)
	}
}
