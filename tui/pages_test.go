package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// city is a line to a city that does what a test says.
type city struct {
	state LineState
	run   func(progress func(done, total uint64)) error
	enrol func(url, code string) error
}

func (c *city) State() LineState { return c.state }

func (c *city) Run(_ context.Context, progress func(done, total uint64)) error {
	return c.run(progress)
}

func (c *city) Enrol(_ context.Context, url, code string) error { return c.enrol(url, code) }

func enrolled() *city {
	return &city{state: LineState{City: "https://city.example", Entries: 412, Confirmed: 400, Waiting: 12,
		LastSync: monday.Add(-7 * time.Hour), LastTry: monday.Add(-time.Hour), Next: monday.Add(17 * time.Hour)}}
}

func sampleConfig(d *station.Desk, l Line) Config {
	return Config{Desk: d, Line: l, Version: "0.1", Hints: []station.Text{{ZH: "远程登录:ssh -p 2222 kiosk.example", EN: "Over SSH: ssh -p 2222 kiosk.example"},
		{ZH: "主机指纹 SHA256:q1w2e3r4t5y6", EN: "Host key SHA256:q1w2e3r4t5y6"}},
		ParseKey: func(line string) (station.UserKey, error) {
			if line != "ssh-ed25519 AAAA test" {
				return station.UserKey{}, errors.New("not a key")
			}
			return station.UserKey{Fingerprint: "SHA256:test", Comment: "test"}, nil
		}}
}

// Every page as people see it, in both languages, on a small and on a large
// screen.
func TestGoldenPages(t *testing.T) {
	eachLook(t, func(t *testing.T, l look) {
		d, ps := sampleDesk(t)
		l.speaks(t, d)
		s := sit(t, sampleConfig(d, enrolled()), Caller{Who: ps.head}, l.w, l.h)
		for _, p := range []struct {
			name string
			keys []string
		}{
			{"register", []string{"2"}}, {"filter", []string{"f5"}}, {"register-search", []string{"esc", "w", "x", "m"}}, {"detail", []string{"enter"}}, {"home", []string{"esc", "esc"}},
			{"sessions", []string{"3"}}, {"session", []string{"f4"}}, {"deputies", []string{"esc", "esc", "4"}}, {"totals", []string{"esc", "5"}}, {"rates", []string{"f7"}}, {"rate-rows", []string{"enter"}}, {"totals", []string{"esc", "esc"}},
			{"sync", []string{"esc", "6"}}, {"users", []string{"esc", "7"}}, {"user", []string{"f6"}}, {"settings", []string{"esc", "esc", "8"}},
			{"help", []string{"f1"}}, {"palette", []string{"esc", "ctrl+k"}},
		} {
			s.press(p.keys...)
			s.golden(p.name + "." + l.name)
		}
	})
}

// A search shows what was asked last, by number, name, initials, phone and
// title; filters stand in words and one key takes them away.
func TestRegisterSearch(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		s.press("f3")
		s.see("7 条", "单*信", "—")
		for _, c := range []struct{ typed, want, without string }{
			{"sxx", "单*信", "王*明"}, {"8000", "138****8000", "单*信"}, {"加装电梯", "阿**丽", "王*明"}, {"0004", "补录 小区", "赵*柱"},
		} {
			s.press("f3")
			s.typed(c.typed)
			s.see(c.want)
			s.seeNot(c.without, "13800138000")
		}
		s.press("f8")
		s.see("7 条")
		s.press("f5")
		s.typed("昨天")
		s.press("tab", "tab")
		s.typed("13") // the marked match is taken
		s.press("f10")
		s.see("2026-11-22 起", "13 老旧小区/物业", "1 条", "阿**丽")
		s.press("f8")
		s.see("7 条")
	})
}

// The mark stays on its reception when somebody else saves another one.
func TestRegisterKeepsItsPlace(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		s.press("f3", "down", "down")
		was := s.m.top().(*registerPage).marked().ID
		if _, err := d.Receive(ps.head, sampleReceptions()[6], false, ""); err != nil {
			t.Fatal(err)
		}
		s.settle()
		s.see("8 条")
		if got := s.m.top().(*registerPage).marked().ID; got != was {
			t.Errorf("the mark went from %s to %s", was, got)
		}
	})
}

// A phone is hidden until it is asked for; a void reception says so, with its
// reason, and cannot be corrected.
func TestDetailRevealAndVoid(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		s.press("f3", "enter")
		s.see("138****8000", "王*明", "路灯修好了")
		s.press("f6")
		s.see("138 0013 8000", "王小明")
		s.press("f8")
		s.typed("重复登记")
		s.press("enter")
		s.see("作废后不能恢复")
		s.press("right", "enter")
		s.see("作废", "重复登记")
		s.press("end")
		s.see("作废:重复登记")
		s.press("f4")
		s.see("已作废,不能再改")
	})
}

// A correction is in the history: who, why, old and new.
func TestCorrectionIsInTheHistory(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.head)
		s.press("f3", "enter", "f4")
		f := s.m.top().(*receptionPage).f
		s.to(f, "content")
		s.typed("另外,还要一盏。")
		s.press("f10")
		s.typed("漏记")
		s.press("enter")
		s.see("已更正")
		s.press("end")
		s.see("更正:漏记", "内容:路灯修好了,谢谢代表。", "周立")
	})
}

// An attendant is told before typing, not after, that somebody else's
// reception is not theirs to correct.
func TestNotYoursToCorrect(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		if _, err := d.Receive(ps.head, sampleReceptions()[6], false, ""); err != nil {
			t.Fatal(err)
		}
		s := sitAs(t, d, ps.attendant)
		s.press("f3", "enter", "f4")
		s.see("请找站长")
	})
}

// A session is opened with deputies picked by initials and times as people
// type them, then changed, closed and opened again.
func TestSessionOpenedChangedClosed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		s.press("3", "f6")
		f := s.m.top().(*sessionPage).f
		s.typed("wxy")
		s.press("enter")
		s.to(f, "start")
		s.typed("下午2点半")
		s.to(f, "end")
		s.typed("1600")
		s.to(f, "topic")
		s.typed("1")
		s.press("f10")
		s.see("设主题的场次要写主题")
		s.to(f, "theme")
		s.typed("养老助餐")
		s.press("f10")
		s.see("已保存", "王秀英", "养老助餐")
		all, err := d.Sessions(d.Today(), d.Today(), 0)
		if err != nil || len(all) != 2 {
			t.Fatalf("%d sessions today, %v", len(all), err)
		}
		s.press("f8")
		s.typed("提前结束")
		s.press("enter")
		s.see("已结束")
		s.press("f8", "enter")
		s.see("重新开始")
	})
}

// F9 runs a sync at once, shows how far it is, and says what came of it;
// a failure is said in words and stays on the page.
func TestSyncByKey(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		c := enrolled()
		c.run = func(progress func(done, total uint64)) error {
			c.state.Running = true
			progress(3, 12)
			time.Sleep(time.Second)
			c.state = LineState{City: c.state.City, Entries: 412, Confirmed: 412, LastSync: monday.Add(time.Minute)}
			return nil
		}
		s := sit(t, sampleConfig(d, c), Caller{Who: ps.attendant}, 80, 24)
		s.press("f9")
		s.see("正在同步", "3/12")
		s.press("f9", "esc") // a second time changes nothing; the page may be left
		s.wait(2 * time.Second)
		s.see("同步完成,市级已确认 412 条")
		c.run = func(func(done, total uint64)) error {
			p := typed.Problem{Code: "E-DOWN", ZH: "连不上市级。", EN: "The city cannot be reached."}
			c.state.Err = &p
			return p
		}
		s.press("f9")
		s.see("连不上市级。 [E-DOWN]", "没有成功")
	})
}

// A station joins a city on the screen.
func TestEnrolOnTheScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		c := &city{}
		var got [2]string
		c.enrol = func(url, code string) error {
			got = [2]string{url, code}
			c.state.City = url
			return nil
		}
		c.run = func(func(done, total uint64)) error { return nil }
		s := sit(t, sampleConfig(d, c), Caller{Who: ps.head}, 80, 24)
		s.press("6")
		s.see("接入市级")
		s.press("f10")
		s.see("这一项要填")
		s.typed("https://city.example")
		s.press("tab")
		s.typed("AB12-CD34")
		s.press("enter")
		if want := [2]string{"https://city.example", "AB12-CD34"}; got != want {
			t.Errorf("enrolled with %q, want %q", got, want)
		}
		s.see("https://city.example", "已确认")
	})
}

// An account is added with PIN and key, gets another PIN, and is removed.
func TestUsers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sit(t, sampleConfig(d, nil), Caller{Who: ps.head}, 80, 24)
		s.press("7", "f6")
		f := s.m.top().(*userPage).f
		s.typed("孙立")
		s.to(f, "pin")
		s.typed("1111")
		s.to(f, "again")
		s.see("太容易猜到")
		s.m.top().(*userPage).f.Set("pin", "")
		s.to(f, "pin")
		s.typed("1590")
		s.to(f, "again")
		s.typed("1591")
		s.to(f, "key")
		s.see("两次输入不一样")
		f.Set("again", "1590")
		s.paste("nonsense")
		s.press("f10")
		s.see("这不是 SSH 公钥")
		s.press("ctrl+u")
		s.paste("ssh-ed25519 AAAA test")
		s.press("f10")
		s.see("已添加账号 孙立")
		us, err := d.Users()
		if err != nil {
			t.Fatal(err)
		}
		at := -1
		for i, u := range us {
			if u.Name == "孙立" {
				at = i
				if len(u.Keys) != 1 || u.PIN == "" || u.Role != station.RoleAttendant {
					t.Errorf("account %+v", u)
				}
			}
		}
		for range at {
			s.press("down")
		}
		s.press("f7")
		s.typed("7531")
		s.press("enter")
		s.typed("7531")
		s.press("enter")
		s.see("孙立 的 PIN 已更改")
		if _, err := d.CheckPIN(station.Who{}, us[at].ID, "7531"); err != nil {
			t.Errorf("the new PIN: %v", err)
		}
		s.press("f8", "right", "enter")
		s.see("已删除账号 孙立")
	})
}

// Settings take effect at once and are kept; who may not change them chooses
// for the session only.
func TestSettings(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sit(t, sampleConfig(d, nil), Caller{Who: ps.head}, 80, 24)
		s.press("8", "2")
		s.see("Settings", "Idle lock (min)", "ssh -p 2222")
		s.to(s.m.top().(*settingsPage).f, "idle")
		s.press("ctrl+u")
		s.typed("25")
		s.press("f10")
		s.see("settings saved")
		if set := d.Settings(); set.Language != "en" || set.IdleLock != 25 {
			t.Errorf("settings %+v", set)
		}

		a := sitAs(t, d, ps.attendant)
		a.press("8", "1", "tab")
		a.see("设置", "语言和配色只对这次登录有效")
		a.seeNot("自动锁屏")
		a.press("4")
		if a.m.th.Mode != "contrast" || d.Settings().Theme != "" && d.Settings().Theme != "auto" || d.Settings().Language != "en" {
			t.Errorf("theme of the session %q, of the machine %+v", a.m.th.Mode, d.Settings())
		}
		a.press("f7")
		a.typed("2580")
		a.press("enter")
		a.typed("8520")
		a.press("enter")
		a.typed("8520")
		a.press("enter")
		a.see("PIN 已更改")
	})
}

// The first start makes a station and its head, says what must not be
// forgotten, and goes on as the head.
func TestFirstStart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var d *station.Desk
		s := sit(t, Config{Create: func(code, name string) (*station.Desk, error) {
			d = newDesk(t)
			return d, d.SetInfo(station.Owner(), station.Info{Code: code, Name: name})
		}}, Caller{}, 80, 24)
		s.see("欢迎使用联络站")
		s.golden("guide.80x24.zh")
		s.press("f10")
		s.see("2 到 8 位大写字母和数字")
		s.typed("qa01") // folded to capitals
		s.press("enter")
		s.typed("曲阿街道代表联络站")
		s.press("enter")
		s.typed("周立")
		s.press("enter")
		s.typed("1234")
		s.press("tab")
		s.see("太容易猜到")
		s.press("shift+tab", "ctrl+u")
		s.typed("1357")
		s.press("enter")
		s.typed("1357")
		s.press("enter")
		s.see("联络站已建好", "kiosk backup")
		s.golden("guide-done.80x24.zh")
		s.press("enter")
		s.see("曲阿街道代表联络站", "周立 站长")
		if us, err := d.Users(); err != nil || len(us) != 1 || us[0].Role != station.RoleHead {
			t.Errorf("accounts %+v, %v", us, err)
		}
	})
}

// Roles see what the table of rights gives them, and a sentence where it
// gives nothing.
func TestRolesOnPages(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		dep := sitAs(t, d, ps.deputy)
		dep.press("2")
		dep.see("4 条", "单*信")
		dep.seeNot("阿**丽") // answered by somebody else, at another session
		dep.press("enter", "f4", "f8")
		dep.seeNot("原因")
		adm := sitAs(t, d, ps.admin)
		adm.press("2")
		adm.see("没有这项权限")
		adm.press("esc", "5")
		adm.see("没有这项权限")
		adm.press("esc", "3")
		adm.see("停车与交通秩序")
		adm.press("f6")
		adm.see("没有这项权限")
	})
}

// Where no account has a PIN yet, whoever owns the machine sits before its
// own screen: a station made with init alone must not shut everybody out.
func TestAStationWithoutAccountsOpensForItsOwner(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d := newDesk(t)
		if err := d.SetInfo(station.Owner(), station.Info{Code: "QA01", Name: "曲阿街道代表联络站"}); err != nil {
			t.Fatal(err)
		}
		s := sitAs(t, d, station.Who{})
		s.see("今日接待", "本机", "8 设置", "9 审计")
		s.press("9")
		s.see("审计")
	})
}

// A data file that was mended is told to whoever sits down, until the first
// key; keys are told to whoever waits for a quiet hour.
func TestWhatHappenedIsToldAfterASignIn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		cfg := sampleConfig(d, nil)
		typed := 0
		cfg.Notice = func() station.Text { return station.Text{ZH: "数据文件已重建", EN: "rebuilt"} }
		cfg.Typed = func() { typed++ }
		s := sit(t, cfg, Caller{Who: ps.head}, 80, 24)
		s.see("数据文件已重建")
		s.press("8")
		s.seeNot("数据文件已重建")
		if typed != 1 {
			t.Errorf("one key was told %d times", typed)
		}
	})
}
