//go:build !race

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"liaison/tui/tuitest"
)

// runStation opens `kiosk run` on 80×24, at the sign-in.
func runStation(t *testing.T, f folder) counter {
	t.Helper()
	cmd := f.command("run")
	c := counter{tuitest.Start(t, cmd, 80, 24), f, cmd}
	c.WaitText("请选择您的名字", "› 张敏")
	return c
}

// signIn types the PIN of who is marked.
func signIn(s *tuitest.Terminal, pin string) {
	s.Helper()
	s.Type(pin)
	s.WaitTyped("****")
	s.Key("enter")
	s.WaitText("最近登记")
}

// oneClerk is a station with 张敏, who signs in with a PIN.
func oneClerk(t *testing.T) folder {
	t.Helper()
	f := newStation(t)
	f.okIn("3690\n", "user", "add", "张敏", "--role", "attendant", "--pin")
	f.changePIN("张敏", "3690", "2580")
	return f
}

// TestKillWhileTypingLosesASecondAtMost: the attendant types without a pause,
// the process and its watcher are killed, and what was on the screen a second
// before is offered again, in the same form.
func TestKillWhileTypingLosesASecondAtMost(t *testing.T) {
	t.Parallel()
	f := oneClerk(t)
	c := runStation(t, f)
	signIn(c.Terminal, "2580")
	fresh(c.Terminal)
	for range 11 {
		c.Key("tab")
	}
	at(c.Terminal, "内容")
	var typed strings.Builder
	var seen []time.Time // when each part was on the screen
	for began := time.Now(); time.Since(began) < 2500*time.Millisecond; {
		part := fmt.Sprintf("路%03d灯", len(seen))
		c.Type(part)
		c.WaitTyped(part)
		typed.WriteString(part)
		seen = append(seen, time.Now())
	}
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	c.WaitEnd()

	kept := keptDraft(t, f, "content")
	if !strings.HasPrefix(typed.String(), kept) {
		t.Fatalf("what is offered was never typed: %q", kept)
	}
	safe := 0
	for safe < len(seen) && killed.Sub(seen[safe]) > time.Second {
		safe++
	}
	parts := len([]rune(kept)) / 5
	lost := time.Duration(0)
	if parts < len(seen) {
		lost = killed.Sub(seen[parts])
	}
	t.Logf("typed %d parts, %d are back: %v of typing lost", len(seen), parts, lost.Round(time.Millisecond))
	if parts < safe {
		t.Errorf("%d parts are back, %d were on the screen a second before the kill", parts, safe)
	}

	again := runStation(t, f)
	signIn(again.Terminal, "2580")
	again.WaitText("草稿")
	again.Key("enter") // the draft is marked
	again.WaitText("已恢复上次没保存的草稿", "路000灯路001灯")
}

// keptDraft reads a field of 张敏's draft from the file, once nobody has it
// open.
func keptDraft(t *testing.T, f folder, field string) string {
	t.Helper()
	k, living, err := reach(t.Context(), f.dir, patience)
	if err != nil || living != nil {
		t.Fatalf("the file: %v, %v", living, err)
	}
	defer k.close()
	us, err := k.desk.Users()
	if err != nil || len(us) != 1 {
		t.Fatalf("%d accounts, %v", len(us), err)
	}
	ds, err := k.desk.Drafts(us[0].Who())
	if err != nil || len(ds) != 1 {
		t.Fatalf("%d drafts, %v", len(ds), err)
	}
	return ds[0].Values[field]
}

// TestACutLineKeepsTheForm: the cable is pulled while somebody types over SSH.
// On return the whole of it is there, further matters too.
func TestACutLineKeepsTheForm(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	s := c.colleague(80, 24)
	fresh(s)
	newVoter(s, "13800138077", "查小芬", "公交站台的顶棚漏雨。")
	s.Type("已告知公交公司。")
	s.WaitTyped("公交公司。")
	s.Key("f6")
	s.WaitText("第 2 件 / 共 2 件")
	s.Type("另外,站牌看不清。")
	s.WaitTyped("站牌看不清。")
	s.Cut()

	s = c.colleague(80, 24)
	for began := time.Now(); !s.Has("站牌看不清。"); { // the cut session keeps its draft at about this moment
		if time.Since(began) > patience {
			t.Fatalf("the draft is not offered:\n%s", s.Text())
		}
		back(s)
		s.Key("f2")
		s.WaitText("第 ", "草稿")
	}
	s.WaitText("已恢复上次没保存的草稿", "13800138077", "查小芬", "前艾村", "第 2 件 / 共 2 件", "另外,站牌看不清。")
	s.Key("alt+up")
	s.WaitText("第 1 件 / 共 2 件", "公交站台的顶棚漏雨。", "11 道路", "已告知公交公司。")
	s.Key("alt+down")
	s.WaitText("第 2 件 / 共 2 件")
	s.WaitTyped("站牌看不清。")
	s.Key("tab")
	s.Type("11")
	at(s, "处理")
	s.Type("j")
	s.Key("f10")
	n := saved(s)
	s.WaitText("2 件")
	c.WaitText(n)
}

// TestTheLockKeepsTheDraft: by key. What was typed is not on the screen while
// it is locked, a wrong PIN does not open it, and afterwards all is as it was.
func TestTheLockKeepsTheDraft(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	fresh(c.Terminal)
	newVoter(c.Terminal, "13800138066", "仇小燕", "小区的水压不够,五楼以上晚上洗不了澡。")
	c.Type("正在")
	c.WaitTyped("正在")
	c.Key("f12")
	c.WaitText("已锁屏")
	for _, secret := range []string{"仇小燕", "13800138066", "水压"} {
		if c.Has(secret) {
			t.Errorf("%s is on the locked screen:\n%s", secret, c.Text())
		}
	}
	c.Type("2581")
	c.WaitTyped("****")
	c.Key("enter")
	c.WaitText("PIN 不对")
	c.Type(demoPIN)
	c.WaitTyped("****")
	c.Key("enter")
	c.WaitText("仇小燕", "13800138066", "水压不够")
	c.WaitTyped("正在")
	c.Type("联系水厂。")
	c.WaitTyped("正在联系水厂。")
	c.Key("f10")
	saved(c.Terminal)
}

// TestWhatOneSavesTheOtherShows: both ways, between a pty and SSH, on the first
// page and in the register, without a key of who looks on.
func TestWhatOneSavesTheOtherShows(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	s := c.colleague(100, 30)

	fresh(s)
	newVoter(s, "13800138088", "朴小英", "健身步道的灯全灭了。")
	s.Type("已派人")
	s.Key("f10")
	n := saved(s)
	c.WaitText(n, "健身步道的灯全灭")

	c.Key("2")
	c.WaitText("全部登记", "朴*英")
	s.Key("enter") // the next voter
	at(s, "电话")
	newVoter(s, "13800138099", "解小春", "垃圾桶三天没有人清。")
	s.Type("已派人")
	s.Key("f10")
	m := saved(s)
	c.WaitText(m, "解*春", "11 条")

	s.Key("f3")
	s.WaitText("全部登记", "解*春")
	c.Key("f2")
	at(c.Terminal, "电话")
	newVoter(c.Terminal, "13800138044", "繁小雨", "路口的镜子碎了。")
	c.Type("已派人")
	c.Key("f10")
	s.WaitText(saved(c.Terminal), "繁*雨", "12 条")
}

// TestSIGTERMRestoresEveryTerminal: the local one and the colleague's, in the
// middle of a form, whose text is kept.
func TestSIGTERMRestoresEveryTerminal(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	s := c.colleague(120, 40)
	fresh(c.Terminal)
	c.Type("13800138033")
	c.WaitTyped("13800138033")
	fresh(s)
	s.Type("13800138022")
	s.WaitTyped("13800138022")
	if code := c.stop(); code != 0 {
		t.Errorf("the station's own terminal: exit status %d", code)
	}
	if code := s.WaitEnd(); code != 0 {
		t.Errorf("the colleague's: exit status %d", code)
	}
	c.Restored()
	s.Restored()

	k, err := openKiosk(c.f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	us, err := k.desk.Users()
	if err != nil {
		t.Fatal(err)
	}
	phones := map[string]bool{}
	for _, u := range us {
		ds, err := k.desk.Drafts(u.Who())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			phones[d.Values["phone"]] = true
		}
	}
	if !phones["13800138033"] || !phones["13800138022"] || len(phones) != 2 {
		t.Errorf("drafts with the phones %v", phones)
	}
}

// TestAWatchedScreenEndsOnSIGTERM: the same for `kiosk run`, whose screen is a
// child of the process that is told to stop.
func TestAWatchedScreenEndsOnSIGTERM(t *testing.T) {
	t.Parallel()
	f := oneClerk(t)
	c := runStation(t, f)
	signIn(c.Terminal, "2580")
	fresh(c.Terminal)
	c.Type("13800138011")
	c.WaitTyped("13800138011")
	if code := c.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	c.Restored()
	if kept := keptDraft(t, f, "phone"); kept != "13800138011" {
		t.Errorf("the draft holds %q", kept)
	}
}
