package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/ledgertest"
)

// TestTwoPeopleForWhatCannotBeUndone: erasing, and going back to a backup over
// data. One alone is told what is missing; both names stand in the audit log.
func TestTwoPeopleForWhatCannotBeUndone(t *testing.T) {
	f := newStation(t)
	number := strings.TrimSpace(f.okIn(`{"voter":{"name":"王小明","phone":"13800138000"},"matters":[{"content":"路灯不亮","category":"11"}]}`, "add", "-"))
	saved := filepath.Join(t.TempDir(), "saved")
	f.ok("backup", saved)
	wants(t, f.no("", "erase", number, "--reason", "本人要求"), "没有第二个")
	f.okIn("8642\n", "user", "add", "郑工", "--role", "admin", "--pin")
	f.okIn("2580\n", "user", "add", "张敏", "--role", "attendant", "--pin")
	wants(t, f.no("", "erase", number, "--reason", "本人要求"), "两个人")
	wants(t, f.no("8642\n", "erase", number, "--reason", "本人要求", "--second", "郑工"), "别人设的", "登录")
	f.changePIN("郑工", "8642", "9753")
	wants(t, f.no("1111\n", "erase", number, "--reason", "本人要求", "--second", "郑工"), "PIN")
	wants(t, f.no("2580\n", "erase", number, "--reason", "本人要求", "--second", "张敏"), "权限")
	wants(t, f.no("9753\n", "erase", number, "--second", "郑工"), "原因")
	if !strings.Contains(f.ok("show", number, "--json"), "13800138000") {
		t.Fatal("erased by a refused try")
	}
	wants(t, f.okIn("9753\n", "erase", number, "--reason", "本人要求", "--second", "郑工"), number, "已删除")
	if out := f.ok("show", number, "--json"); strings.Contains(out, "13800138000") || strings.Contains(out, "王小明") || !strings.Contains(out, "路灯不亮") {
		t.Errorf("after it: %s", out)
	}
	wants(t, f.ok("audit", "--act", "erase"), "with u-", number)

	wants(t, f.no("", "restore", saved), "--second")
	wants(t, f.no("1111\n", "restore", saved, "--second", "郑工"), "PIN")
	f.okIn("9753\n", "restore", saved, "--second", "郑工")
	wants(t, f.ok("audit", "--act", "restore"), "with u-")
	if out := f.ok("show", number, "--json"); !strings.Contains(out, "13800138000") {
		t.Errorf("a backup of before holds what it held: %s", out)
	}
}

// TestOneHeadOverSSHIsNotTwoPeople: a head makes a second head, and agrees with
// the PIN that the head has just chosen.
func TestOneHeadOverSSHIsNotTwoPeople(t *testing.T) {
	f := newStation(t)
	number := strings.TrimSpace(f.okIn(line("王小明", "路灯不亮")+"\n", "add"))
	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	g := newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "周立", "--role", "head", "--key", g.pub)
	if r := g.run("2580\n", "user add 影子 --role head --pin"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	r := g.run("2580\n", "erase "+number+" --reason x --second 影子 --content")
	if sentenceOnly(t, r.errs); r.code == 0 {
		t.Errorf("one head alone erased: %+v", r)
	}
	wants(t, r.errs, "别人设的")
	wants(t, f.ok("show", number, "--json"), "13800138000", "路灯不亮")
	wants(t, f.ok("audit", "--act", "refused"), "second-same-hand")
}

// TestRetentionCommand shows, changes and applies the periods.
func TestRetentionCommand(t *testing.T) {
	f := newStation(t)
	wants(t, f.ok("retention", "--dry-run"), "24 个月", "120 个月", "7 天", "今夜将删除 0 条")
	wants(t, f.ok("retention", "set", "--voter", "12"), "12 个月", "120 个月")
	wants(t, f.no("", "retention", "set", "--drafts", "0"), "draft_days")
	wants(t, f.ok("retention"), "12 个月", "已删除 0 条")
	wants(t, f.ok("audit", "--act", "settings"), "retention", "12/120/7")
}

// TestAccountsEnd by command.
func TestAccountsEnd(t *testing.T) {
	f := newStation(t)
	f.okIn("2580\n", "user", "add", "实习生", "--role", "attendant", "--pin", "--until", "2027-01-31")
	wants(t, f.ok("user", "list"), "2027-01-31")
	wants(t, f.ok("user", "until", "实习生", "2027-03-01"), "2027-03-01")
	wants(t, f.ok("user", "until", "实习生", "-"), "不设期限")
	wants(t, f.no("", "user", "until", "无此人", "-"), "没有")
	wants(t, f.no("", "user", "until", "实习生", "某天"), "日期")
}

// TestCheckTellsOfAnErasureThatWasRefused: the city asks for what is not its to
// erase. It stays, the check says who asked and what to do, and mends nothing.
func TestCheckTellsOfAnErasureThatWasRefused(t *testing.T) {
	f := newStation(t)
	number := strings.TrimSpace(f.okIn(`{"voter":{"name":"王小明","phone":"13800138000"},"matters":[{"content":"路灯不亮","category":"11"}]}`, "add", "-"))
	led, err := bolt.Open(f.db(), upkeep.Options(f.dir, bolt.Options{Indexes: station.Indexes()}))
	if err != nil {
		t.Fatal(err)
	}
	own, err := led.Head(led.Own())
	var x ledger.Erasure
	for seq := ledger.Seq(1); seq <= own.Seq; seq++ {
		x.Entries = append(x.Entries, ledger.Ref{Stream: own.Stream, Seq: seq})
	}
	body, err2 := json.Marshal(x)
	city := ledgertest.Chain{Stream: "city/A-abc/QA01"}
	_, err3 := led.Commit(t.Context(), ledger.Change{Foreign: []ledger.Entry{city.Next(ledger.KindErase, "e1", ledger.Ref{}, string(body))}})
	if err := errors.Join(err, err2, err3, led.Close()); err != nil {
		t.Fatal(err)
	}
	r := f.run("", "check")
	if r.code != 0 {
		t.Errorf("check ends with %d: %s", r.code, r.errs)
	}
	wants(t, r.errs, fmt.Sprintf("市级端名义发来的删除要求,涉及 %d 条", own.Seq), "没有照办", "the city")
	wants(t, r.out, "核对无误", "erasures refused")
	if out := f.ok("show", number, "--json"); !strings.Contains(out, "13800138000") || !strings.Contains(out, "路灯不亮") {
		t.Errorf("after it: %s", out)
	}
}
