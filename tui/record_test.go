package tui

import (
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/tui/form"
)

func (p *formPart) shown() *form.Form { return p.f }

// form is the form on the page that is shown.
func (s *seat) form() *form.Form {
	s.Helper()
	p, ok := s.m.top().(interface{ shown() *form.Form })
	if !ok {
		s.Fatalf("no form on the screen:\n%s", s.screen())
	}
	return p.shown()
}

// fill goes to a field with Tab, clears it and types.
func (s *seat) fill(id, text string) {
	s.Helper()
	s.to(s.form(), id)
	s.press("ctrl+u")
	s.typed(text)
}

// A unit is added, changed, ended with a reason and restored on screen, and the
// station has it with the next sync.
func TestAUnitIsKeptOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("4")
		s.see("F6 添加", "F4 更改", "F8 撤销")
		s.press("f6")
		s.see("添加单位")
		s.fill("code", "ＪＴ") // as an input method may send it
		s.fill("name", "交通运输局")
		s.to(s.form(), "kind")
		s.press("1")
		s.fill("contact", "马超")
		s.fill("phone", "0511-86000002")
		s.fill("leader", "zz")
		s.press("enter")
		s.typed("19")
		s.press("enter", "f10")
		s.see("已保存 交通运输局", "马超", "› JT")
		u, ok := c.desk.Unit("JT")
		if !ok || u.Leader != "L1" || strings.Join(u.Categories, " ") != "19" || u.Kind != "gov" || u.Ended {
			t.Fatalf("kept %+v", u)
		}
		c.carry()
		if n := c.one.UnitName("JT"); n != "交通运输局" {
			t.Errorf("the station has %q", n)
		}

		s.press("enter")
		s.see("更改单位", "JT   交通运输局")
		s.fill("name", "交通局")
		s.to(s.form(), "leader")
		s.press("backspace")
		s.press("f10")
		s.see("已保存 交通局")
		if u, _ := c.desk.Unit("JT"); u.Name != "交通局" || u.Leader != "" || u.Phone != "0511-86000002" {
			t.Errorf("changed to %+v", u)
		}
		s.press("enter", "f10")
		s.see("没有改动", "更改单位")
		s.press("esc")

		s.press("f8")
		s.see("撤销 交通局", "记录和经过都保留")
		s.press("enter") // the reason is needed
		s.see("这一项要填")
		s.typed("并入城管局")
		s.press("enter")
		s.see("已记录:交通局 不再使用", "(已撤销) 交通局", "并入城管局", "F8 恢复")
		if u, _ := c.desk.Unit("JT"); !u.Ended || u.EndReason != "并入城管局" {
			t.Errorf("ended as %+v", u)
		}
		if len(c.desk.FindUnits("交通局")) != 0 {
			t.Error("an ended unit is still offered")
		}
		c.carry()
		if u, _ := c.one.Unit("JT"); !u.Ended || u.EndReason != "并入城管局" {
			t.Errorf("at the station: %+v", u)
		}
		s.press("f8", "right", "enter")
		s.see("已恢复 交通局", "F8 撤销")
		if u, _ := c.desk.Unit("JT"); u.Ended || u.EndReason != "" {
			t.Errorf("restored as %+v", u)
		}
		if h, err := c.desk.Ledger().History(station.KindUnit, "JT"); err != nil || len(h) != 4 {
			t.Errorf("%d revisions, %v", len(h), err)
		}
		if ls, err := c.desk.AuditLog(c.desk.Owner(), station.AuditQuery{Act: station.ActList}); err != nil || len(ls) != 4 || ls[0].Object != "unit JT" || ls[0].Account != c.office.Account {
			t.Errorf("audit: %+v, %v", ls, err)
		}
	})
}

// Wrong input is said at its field, and nothing is kept of it.
func TestWhatIsWrongInARecordIsSaidAtItsField(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("4", "f6", "f10")
		s.see("编号、名称", "这一项要填")
		s.fill("code", "ga")
		s.fill("name", "公安局二")
		s.press("f10")
		s.see("已经有编号“GA”")
		s.fill("code", "G A")
		s.press("f10")
		s.see("只能用字母、数字和连字符")
		s.fill("code", "GX")
		s.fill("parent", "没有这个单位")
		s.press("f10")
		s.see("请从列表里选一个")
		if n := len(c.desk.Units()); n != 4 {
			t.Errorf("%d units", n)
		}
		s.press("esc", "esc")
		s.see("放弃没有保存的改动?")
		s.press("right", "enter", "f5", "f5", "f5", "f6")
		s.see("添加小组")
		s.fill("code", "G9")
		s.fill("name", "第九代表小组")
		s.fill("head", "D404")
		s.press("f10")
		s.see("请从列表里选一个")
		if _, ok := c.desk.Group("G9"); ok {
			t.Error("a group with an unknown head was kept")
		}
		s.press("esc", "esc", "right", "enter", "f5", "f6")
		s.see("添加代表")
		s.fill("code", "D009")
		s.fill("name", "赵云")
		s.fill("phone", "12")
		s.fill("from0", "2022-13")
		s.press("f10")
		s.see("手机号应为 11 位", "看不懂这个日期", "还有 2 项要改:电话、任职起")
	})
}

// Two change one unit at once: the second is told, in which fields, and what
// was typed is still there; saving again means this.
func TestARecordThatMovedMeanwhile(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		one := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		two := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		for _, s := range []*seat{one, two} {
			s.press("4", "down", "enter")
			s.see("GA   公安局")
		}
		one.fill("contact", "甲某")
		one.fill("phone", "0511-86000009")
		one.press("f10")
		one.see("已保存 公安局")
		two.settle()
		two.fill("name", "市公安局")
		two.fill("contact", "乙某")
		two.press("f10")
		two.see("没有保存:别人刚刚改过", "别人刚刚改了:联系人、电话", "市公安局", "乙某", "别人写的是:甲某", "0511-86000009")
		if u, _ := c.desk.Unit("GA"); u.Name != "公安局" || u.Contact != "甲某" {
			t.Errorf("kept %+v", u)
		}
		two.press("f10")
		two.see("已保存 市公安局")
		if u, _ := c.desk.Unit("GA"); u.Name != "市公安局" || u.Contact != "乙某" || u.Phone != "0511-86000009" || u.Leader != "L1" {
			t.Errorf("kept %+v", u)
		}

		two.press("enter")
		two.fill("name", "公安局")
		two.press("f10")
		two.press("f8")
		two.typed("并入司法局")
		one.settle()
		one.press("enter")
		one.fill("phone", "0511-86000010")
		one.press("f10")
		two.settle()
		two.press("enter")
		two.see("别人刚刚改过", "并入司法局")
		if u, _ := c.desk.Unit("GA"); u.Ended {
			t.Error("ended unseen")
		}
		two.press("enter")
		two.see("已记录:公安局 不再使用")
		if u, _ := c.desk.Unit("GA"); !u.Ended || u.EndReason != "并入司法局" || u.Phone != "0511-86000010" {
			t.Errorf("ended as %+v", u)
		}

		one.settle() // who had the form open before saves the phone and does not bring the unit back
		one.press("enter")
		two.press("f8", "right", "enter")
		two.see("已恢复")
		one.fill("phone", "0511-86000011")
		one.press("f10")
		one.see("改的不是这里的几项")
		one.press("f10")
		one.see("已保存 公安局")
		if u, _ := c.desk.Unit("GA"); u.Ended || u.Phone != "0511-86000011" {
			t.Errorf("kept %+v", u)
		}
	})
}

// What was typed into a form survives the session that ends under it, upon the
// record as it was then; what is given up is gone.
func TestARecordIsADraftUntilItIsSaved(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		one := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		one.press("4", "f5", "f5", "f5", "f5")
		one.see("李建国")
		for one.m.top().(*listsPage).found[one.m.top().(*listsPage).list.at].code != "D001" {
			one.press("down")
		}
		one.press("enter")
		one.fill("post", "曲阿中学 校长")
		one.press("f6")
		one.typed("镇江市")
		one.send(Closing{})
		one.wait(time.Second)

		d, _ := c.desk.Deputy("D001")
		moved := d
		moved.CertNo = "1801"
		if _, err := c.desk.ChangeDeputy(c.office, &d, moved); err != nil {
			t.Fatal(err)
		}
		two := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		two.press("4", "f5", "f5", "f5", "f5")
		for two.m.top().(*listsPage).found[two.m.top().(*listsPage).list.at].code != "D001" {
			two.press("down")
		}
		two.press("enter")
		two.see("接着上次没有保存的填", "曲阿中学 校长", "镇江市")
		two.press("f10")
		two.see("别人刚刚改了:代表证号", "1801", "曲阿中学 校长", "镇江市")
		two.press("f10")
		two.see("已保存 李建国")
		d, _ = c.desk.Deputy("D001")
		if d.Post != "曲阿中学 校长" || d.CertNo != "1801" || len(d.Mandates) != 2 || d.Mandates[1].Level != "镇江市" {
			t.Errorf("kept %+v", d)
		}
		two.press("enter")
		two.seeNot("接着上次")
		two.fill("post", "别的")
		two.wait(time.Second) // the draft is on disk
		two.press("esc", "right", "enter")
		two.see("代表小组", "曲阿中学 校长")
		two.press("enter")
		two.see("曲阿中学 校长")
		two.seeNot("接着上次", "别的")
		if ds, err := c.desk.Drafts(c.office); err != nil || len(ds) != 0 {
			t.Errorf("drafts %+v, %v", ds, err)
		}
	})
}

// Who may not change the lists sees them without the keys for it.
func TestListsWithoutTheRightAreReadOnly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		for _, role := range []station.Role{station.RoleLeader, station.RoleAuditor} {
			u, err := c.desk.AddUser(c.desk.Owner(), station.User{Name: "某" + string(role), Role: role}, "2580")
			if err != nil {
				t.Fatal(err)
			}
			s := sit(t, c.config(), Caller{Who: u.Who()}, MinWidth, MinHeight)
			s.press("4")
			s.see("公安局", "F5 换名录")
			s.seeNot("F6", "F4", "F8")
			for _, k := range []string{"f6", "f4", "f8", "enter", "ctrl+n"} {
				s.press(k)
				s.see("没有这项权限", "承办单位")
			}
		}
		if _, err := c.one.ChangeUnit(c.head, nil, station.UndertakingUnit{Code: "X", Name: "x"}); err == nil || station.Say(err).Code != "city-only" {
			t.Errorf("at a station: %v", err)
		}
	})
}

// A leader's portfolio is changed and a committee added on screen.
func TestLeadersAndCommitteesAreKeptOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("4", "f5", "enter")
		s.see("更改领导", "公安、司法、城管", "6 监察司法")
		s.fill("portfolio", "公安、司法")
		s.to(s.form(), "categories")
		s.press("backspace")
		s.typed("nync")
		s.press("enter", "f10")
		s.see("已保存 周正")
		if l, ok := c.desk.LeaderFor("21"); !ok || l.Portfolio != "公安、司法" || strings.Join(l.Categories, " ") != "6 2" {
			t.Errorf("leader %+v", l)
		}
		if _, ok := c.desk.LeaderFor("11"); ok {
			t.Error("the leader still has what was taken away")
		}
		s.press("f5", "f6")
		s.fill("code", "SH")
		s.fill("name", "社会建设工委")
		s.fill("categories", "4")
		s.press("enter", "f10")
		s.see("已保存 社会建设工委")
		if x, ok := c.desk.CommitteeFor("41"); !ok || x.Code != "SH" {
			t.Errorf("committee %+v", x)
		}
	})
}

// A deputy's seats and a group's members are changed on screen; a seat ends
// for a reason of the law.
func TestDeputiesAndGroupsAreKeptOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("4", "f5", "f5", "f5", "f5", "f6")
		s.see("添加代表")
		s.fill("code", "d012")
		s.fill("name", "王秀兰")
		s.to(s.form(), "sex")
		s.press("2")
		s.fill("phone", "138 0013 8002")
		s.fill("level0", "市")
		s.fill("from0", "2022.1")
		s.press("f6")
		if f := s.form().Focused(); f.ID() != "level1" {
			t.Errorf("another seat begins at %s", f.ID())
		}
		s.typed("镇")
		s.fill("from1", "2022-02-01")
		s.fill("to1", "2021")
		s.press("f10")
		s.see("终止")
		s.fill("to1", "2021-12")
		s.press("f10")
		s.see("任期的结束在开始之前")
		s.fill("to1", "")
		s.press("f10")
		s.see("已保存 王秀兰", "138****8002")
		d, ok := c.desk.Deputy("D012")
		if !ok || d.Phone != "13800138002" || d.Sex != "female" || len(d.Mandates) != 2 || d.Mandates[0].From.String() != "2022-01-01" || d.Mandates[1].Level != "镇" {
			t.Fatalf("deputy %+v", d)
		}
		s.press("f8")
		s.see("王秀兰 终止代表资格", "全部任职")
		s.press("2", "tab", "8", "tab", "ctrl+u")
		s.typed("2026-13-40")
		s.press("enter")
		s.see("没有 13 月")
		s.press("ctrl+u")
		s.typed("1120")
		s.press("enter")
		s.see("已记录 王秀兰 终止代表资格", "去世")
		d, _ = c.desk.Deputy("D012")
		if m := d.Mandates[1]; m.To.String() != "2026-11-20" || m.EndReason != "去世" || !d.Mandates[0].To.IsZero() {
			t.Errorf("ended %+v", d)
		}

		s.press("f5", "f5", "f5", "f5") // round to the groups
		s.see("第三代表小组")
		s.press("enter")
		s.fill("members", "wxl")
		s.press("enter", "f10")
		s.see("已保存 第三代表小组", "王秀兰")
		if g, _ := c.desk.Group("G3"); strings.Join(g.Members, " ") != "D001 D012" || g.Station != "QA01" {
			t.Errorf("group %+v", g)
		}
		c.carry()
		if g, _ := c.one.Group("G3"); len(g.Members) != 2 {
			t.Errorf("the station's group %+v", g)
		}
	})
}

// The forms of all lists, in both languages, on a small and on a large screen.
func TestGoldenRecords(t *testing.T) {
	eachLook(t, func(t *testing.T, l look) {
		c := newSampleCity(t)
		l.speaks(t, c.desk)
		s := sit(t, c.config(), Caller{Who: c.office}, l.w, l.h)
		for _, p := range []struct {
			name string
			keys []string
		}{
			{"record-new", []string{"4", "f6"}}, {"record-unit", []string{"esc", "down", "enter"}}, {"record-end", []string{"esc", "f8"}},
			{"record-leader", []string{"esc", "f5", "enter"}}, {"record-committee", []string{"esc", "f5", "enter"}},
			{"record-group", []string{"esc", "f5", "enter"}}, {"record-deputy", []string{"esc", "f5", "enter", "f6"}}, {"record-leave", []string{"esc", "f8"}},
			{"record-limit", []string{"esc", "esc", "5", "down", "down", "down", "down", "f6"}}, {"record-class", []string{"esc", "f7"}},
		} {
			s.press(p.keys...)
			s.golden(p.name + "." + l.name)
		}
	})
}
