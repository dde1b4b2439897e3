package tui

import (
	"testing"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// A limit is added on screen with the day from which it holds, mended until
// then, and stays beside the one before; the station has it with the sync.
func TestALimitIsKeptOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("5")
		s.see("工作日历 已有:2026;缺:2027", "F6 加期限", "F7 加结果", "现行")
		s.seeNot("F4")
		s.press("down", "down", "down", "down", "f4")
		s.see("已经生效的不能更改")
		s.press("f6")
		s.see("加办理期限", "5 办理", "B 交村(社区)")
		s.press("f10")
		s.see("请填整数", "这一项要填", "还有 2 项要改:期限、生效日期")
		s.fill("count", "4")
		s.fill("from", "13.40")
		s.press("f10")
		s.see("生效日期", "没有 13 月")
		s.fill("from", "1.1")
		s.press("f10")
		s.see("自 2027-01-01 起,“办理 · 交村(社区)”的期限是 4 个工作日", "此前已经开")
		s.press("right", "enter")
		s.see("已保存 办理 · 交村(社区)", "现行,至 2026-12-31", "› 办理       交村(社区)       4 个工作日", "2027-01-01 起", "F4 更改")
		s.press("f6")
		s.fill("count", "3")
		s.fill("from", "2027-01-01")
		s.press("f10", "right", "enter")
		s.see("2027-01-01 起已经另有一条:4 个工作日", "加办理期限")
		s.press("esc", "right", "enter", "enter")
		s.see("更改期限", "T5-village-2")
		s.fill("count", "5")
		s.fill("warn", "1")
		s.press("f10", "right", "enter")
		s.see("5 个工作日   提前 1 天")
		c.carry()
		for _, d := range []*station.Desk{c.desk, c.one} {
			before, _ := d.DueFor(station.TimerHandle, "village", false, typed.Date{Year: 2026, Month: 12, Day: 1})
			after, _ := d.DueFor(station.TimerHandle, "village", false, typed.Date{Year: 2027, Month: 3, Day: 1})
			if before.Due.String() != "2026-12-10" || after.Due.String() != "2027-03-08" {
				t.Errorf("due %s and %s", before.Due, after.Due)
			}
		}
		time.Sleep(60 * 24 * time.Hour)
		s.settle()
		s.typed("2580")
		s.press("enter")
		s.see("旧,至 2026-12-31", "缺:2027")
	})
}

// A class is added to the scheme, and a new scheme begun.
func TestAResultClassIsKeptOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, 140, 45)
		s.press("5", "f7")
		s.see("加办理结果", "1 方案 1", "用过的分类含义不变")
		s.fill("class", "b")
		s.fill("label", "另一个意思")
		s.fill("from", "2026-12-01")
		s.press("f10")
		s.see("这个方案已经有这一类", "请用新的方案")
		s.fill("class", "e")
		s.fill("label", "转其他渠道办理")
		s.to(s.form(), "follow")
		s.press("1")
		s.press("f10")
		s.see("已保存 E 转其他渠道办理", "› E 转其他渠道办理", "须有承诺期限", "2026-12-01 起", "F4 更改")
		s.press("f7")
		s.to(s.form(), "scheme")
		s.press("2")
		s.fill("class", "甲")
		s.fill("label", "已解决")
		s.to(s.form(), "done")
		s.press("1")
		s.fill("from", "2027-01-01")
		s.press("f10")
		s.see("方案 2 从 2027-01-01 起整套代替现行方案")
		s.press("right", "enter")
		s.see("方案 2", "› 甲 已解决", "计入办成", "2027-01-01 起")
		s.press("f7")
		s.see("2 方案 2", "2027-01-01") // what is ahead is gone on with
		s.press("esc", "f4")
		s.see("更改结果", "2A   甲 已解决")
		s.fill("label", "已经解决")
		s.press("f10")
		s.see("已保存 甲 已经解决")
		c.carry()
		if x, ok := c.one.ResultClass("2A"); !ok || x.Label != "已经解决" || !x.CountsDone || x.From.String() != "2027-01-01" {
			t.Errorf("the station has %+v", x)
		}
	})
}

// Who may not change the rules sees them without the keys for it.
func TestRulesWithoutTheRightAreReadOnly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		u, err := c.desk.AddUser(c.desk.Owner(), station.User{Name: "孙建", Role: station.RoleLeader}, "2580")
		if err != nil {
			t.Fatal(err)
		}
		s := sit(t, c.config(), Caller{Who: u.Who()}, MinWidth, MinHeight)
		s.press("5")
		s.see("办理期限", "工作日历 已有:2026;缺:2027")
		s.seeNot("F6", "F7", "F4", "city import")
		for _, k := range []string{"f6", "f7", "enter"} {
			s.press(k)
			s.see("没有这项权限", "办理期限")
		}
	})
}
