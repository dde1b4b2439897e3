package tui

import (
	"testing"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

// Suggestions and what the supervisions lack, at the city and at the station
// that one concerns, in both languages on a small and on a large screen.
func TestGoldenSuggestions(t *testing.T) {
	eachLook(t, func(t *testing.T, l look) {
		c := newSampleCity(t)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, d := range []*station.Desk{c.desk, c.one} {
			set := d.Settings()
			set.Language = l.language
			must(d.SaveSettings(d.Owner(), set))
		}
		one, err := c.desk.NewSuggestion(c.office, station.Suggestion{Term: 17, Meeting: 4, Title: "关于学校门口建立体车库的建议", Body: "情况、分析和具体意见。", Lead: "D001", Category: "12"})
		must(err)
		_, err = c.desk.AssignSuggestion(c.office, one.ID(), []station.Undertaker{{Unit: "GA"}, {Unit: "CG", Role: "co"}}, false)
		must(err)
		_, err = c.desk.MarkSuggestion(c.office, one.ID(), "群众反映集中")
		must(err)
		_, err = c.desk.ReplySuggestion(c.office, one.ID(), station.SuggestionReply{Doc: "丹公字〔2026〕9号", Text: "已列入明年的建设计划,三月开工。", Class: "A", Met: true})
		must(err)
		_, err = c.desk.NewSuggestion(c.office, station.Suggestion{Term: 17, Meeting: 4, Title: "关于增加社区食堂的建议", Body: "情况、分析和具体意见。", Lead: "D001", Category: "5"})
		must(err)
		c.carry()

		s := sit(t, c.config(), Caller{Who: c.office}, l.w, l.h)
		s.golden("city-home-suggestions." + l.name)
		s.press("f7", "down")
		s.golden("suggestions." + l.name)
		s.press("f5")
		s.golden("supervision." + l.name)
		at := sit(t, sampleConfig(c.one, enrolled()), Caller{Who: c.head}, l.w, l.h)
		at.press("f8")
		at.golden("suggestions-station." + l.name)
	})
}

// The office takes a voter's matter that the station proposed through the gate,
// writes it as a suggestion, hands it out, enters the reply and the deputies'
// word, and marks it, all with keys; the station sees whose it is and until
// when, and tells the voter.
func TestTheOfficeHandlesASuggestionOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.desk.PutDeputies(c.office, []station.Deputy{{Code: "D002", Name: "王秀英"}})
		must(err)
		saved, err := c.one.Receive(c.head, station.Reception{Voter: station.InVoter{Name: "王小明", Phone: "13800138000"},
			Matters: []station.Issue{{Content: "学校门口停车太挤,建议建立体车库。", Category: "12", Disposition: "proposal"}}}, false, "")
		must(err)
		number := saved.Number.Matter(1)
		l := lifeOf(t, c.one, c.head, number)
		_, err = c.one.Take(c.head, l, station.Step{Action: station.DoReview, Disposition: "proposal"})
		must(err)
		c.carry()

		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.run(s.m.push(newQueue("suggestion")))
		s.see("代表建议 1", "学校门口停车太挤", "F4 转代表建议")
		s.press("f4")
		s.see("六项都要是“否”", "本人或亲属")
		for range station.Gate {
			s.press("1")
		}
		s.press("f10")
		s.see("现在是“转代表建议”", "F4 写成建议", "F7 其他")

		s.press("f4")
		s.see("录入建议", "来源事项", number, "学校门口停车太挤", "停车与交通秩序")
		s.press("f10")
		s.see("还有 2 项要改:案由、领衔代表")
		s.typed("关于学校门口建立体车库的建议")
		s.to(s.m.top().(*entryPage).f, "lead")
		s.typed("ljg")
		s.press("enter")
		s.to(s.m.top().(*entryPage).f, "co")
		s.typed("wxy")
		s.press("enter")
		s.press("f10")
		s.see("应在 1 到 99 之间") // no meeting yet to go by
		s.press("esc")
		s.press("f4") // what was typed is still there
		s.see("关于学校门口建立体车库的建议", "李建国", "王秀英", "已恢复上次没保存的草稿")
		s.press("f8")
		s.see("丢弃这张草稿")
		s.press("esc")
		s.see("关于学校门口建立体车库的建议")
		s.to(s.m.top().(*entryPage).f, "term")
		s.typed("18")
		s.press("tab")
		s.typed("2")
		s.golden("suggestion-new.80x24.zh")
		s.press("f10")
		s.see("已录入 18-2-0001(18届2次第1号)", "F4 看建议")

		s.press("f4")
		s.see("18届2次第1号", "待交办", "王秀英(未回)", "F4 交办", "F5 来源事项", "提出   钱进")
		s.press("f4")
		s.see("公安局", "三个月")
		s.to(s.m.top().(*entryPage).f, "co")
		s.typed("csgl")
		s.press("enter", "f10")
		s.see("18-2-0001 交办", "办理中", "办理期限 2027-02-23", "主办 公安局 协办 城市管理局", "督办领导 周正")
		s.press("f7")
		s.typed("联名")
		s.press("enter")
		s.see("代表本人同意")
		s.typed("wxy")
		s.press("enter", "f10")
		s.seeNot("未回")
		s.press("f7")
		s.typed("重点")
		s.press("enter")
		s.typed("群众反映集中")
		s.press("f10")
		s.see("重点建议  群众反映集中")
		s.press("f6") // 记督办
		s.see("先选做了什么", "18-2-0001")
		s.press("1") // 听取办理情况
		s.see("主任会议", "第几次")
		s.to(s.m.top().(*entryPage).f, "meeting")
		s.typed("第31次")
		s.to(s.m.top().(*entryPage).f, "finding")
		s.typed("方案已定,十二月招标。")
		s.golden("supervise.80x24.zh")
		s.press("f10")
		s.see("已记录督办:听取办理情况")
		c.carry()

		at := sit(t, sampleConfig(c.one, enrolled()), Caller{Who: c.head}, MinWidth, MinHeight)
		at.press("f6")
		at.typed("wxm")
		at.see("已转为代表建议,由公安局依法办理,期限到")
		at.press("enter")
		at.see("18届2次第1号", "办理期限 2027-02-23", "李建国")
		at.press("esc", "esc", "f8", "enter")
		at.see("18届2次第1号")
		at.press("end")
		at.see("重点建议  群众反映集中", "听取办理情况", "方案已定")
		at.seeNot("F4", "F6", "F7")

		s.press("f4")
		s.typed("立体车库已列入计划,明年三月开工。")
		s.press("tab")
		s.typed("b")
		s.press("f10")
		s.see("承诺期限", "B 类须有承诺期限")
		s.typed("2027-6-30")
		s.press("f10")
		s.see("已答复待评价", "F4 代表评价")
		s.press("f4", "3", "tab", "3", "f10")
		s.see("不满意的,请写明原因")
		s.typed("只有计划")
		s.press("f10")
		s.see("重新办理期限 2026-12-23", "上次评价  不满意 / 不满意 只有计划")
		s.press("f4")
		s.typed("施工单位已进场。")
		s.press("tab")
		s.typed("a")
		s.press("f10")
		s.press("f4", "f10")
		s.see("办结", "代表评价")
		s.golden("suggestion.80x24.zh")
		s.press("f5")
		s.see(number, "单位已答复", "18届2次第1号", "施工单位已进场")
		s.press("end")
		s.see("代表对建议的答复不满意:只有计划")
	})
}

// What is missing of the five supervisions is done from where it is shown.
func TestAGapIsFilledFromTheList(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		one, err := c.desk.NewSuggestion(c.office, station.Suggestion{Term: 17, Meeting: 4, Title: "关于增加社区食堂的建议", Body: "内容。", Lead: "D001", Category: "5"})
		if err != nil {
			t.Fatal(err)
		}
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("f7", "f5")
		s.see("还没有领衔督办的领导", "环资城建工委选重点 0 件", "F4 去办")
		s.press("f4")
		s.see("领衔督办", string(one.ID()))
		s.typed("zz")
		s.press("enter", "f10")
		s.seeNot("还没有领衔督办的领导")
		s.press("end", "f4")
		s.see("选为重点", "环资城建工委")
		s.to(s.m.top().(*entryPage).f, "suggestion")
		s.typed("食堂")
		s.press("enter", "f10")
		s.see("环资城建工委选重点 1 件")
		s.press("f5")
		s.see("督办记录", "选为重点", string(one.ID()))

		leader := station.Who{Account: "l", Name: "周正", Role: station.RoleLeader, City: true}
		r := sit(t, c.config(), Caller{Who: leader}, MinWidth, MinHeight)
		r.press("f7", "f5")
		r.see("环资城建工委选重点 1 件")
		r.seeNot("F4", "F6", "F7 ")
		r.press("f4", "f6")
		r.see("五个督办")
	})
}

// The form of a suggestion took the first level for the first digit of a
// category, so that 12 became 1 and the 2 went into the next field.
func TestACategoryOfASuggestionIsTwoDigits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("f7", "f6")
		s.typed("18")
		s.press("f8", "right", "enter")
		s.see("届        数字")
		s.to(s.m.top().(*entryPage).f, "category")
		s.typed("12")
		s.see("12 停车与交通秩序")
		if f := s.m.top().(*entryPage).f; f.Value("category") != "12" || f.Focused().ID() != "lead" {
			t.Errorf("category %q, then %s", f.Value("category"), f.Focused().ID())
		}
	})
}

// Of two suggestions that a restored city gave one number both are shown, with
// a mark, and the chosen one gets another number.
func TestASuggestionIsRenumberedOnScreen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newSampleCity(t)
		if _, err := c.desk.NewSuggestion(c.office, station.Suggestion{Term: 17, Meeting: 4, Title: "乙河治污", Body: "内容。", Lead: "D001", Category: "5"}); err != nil {
			t.Fatal(err)
		}
		lost := ledgertest.Chain{Stream: "city/A-0"}
		e := lost.Next(station.KindSuggestion, "17-4-0001", ledger.Ref{}, `{"no":1,"term":17,"meeting":4,"title":"甲路修灯","body":"内容。","lead":"D001","category":"5"}`)
		if _, err := c.desk.Ledger().Commit(t.Context(), ledger.Change{Foreign: []ledger.Entry{e}}); err != nil {
			t.Fatal(err)
		}
		s := sit(t, c.config(), Caller{Who: c.office}, MinWidth, MinHeight)
		s.press("f7")
		s.see("[重号] 甲路修灯", "[重号] 乙河治污", "另一件建议也用了这个号")
		s.press("down", "enter")
		s.see("乙河治污", "重号")
		s.press("f7")
		s.typed("改号")
		s.press("enter")
		s.see("给这一件下一个空号", "17-4-0001 乙河治污")
		s.typed("恢复备份后重号")
		s.press("f10")
		s.see("17-4-0002 改号", "17-4-0001 → 17-4-0002", "乙河治污")
		s.press("esc")
		s.see("17-4-0001", "甲路修灯", "17-4-0002", "乙河治污")
		s.seeNot("[重号]")
	})
}
