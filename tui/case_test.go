package tui

import (
	"testing"
	"time"

	"liaison/station"
)

// casesDesk is the sample station with matters on their way: one to be
// assigned, one in hand and late, one answered, one told.
func casesDesk(t testing.TB) (*station.Desk, people) {
	t.Helper()
	d, ps := sampleDesk(t)
	if err := d.Warm(); err != nil {
		t.Fatal(err)
	}
	take := func(number string, who station.Who, ss ...station.Step) {
		t.Helper()
		for _, s := range ss {
			l, err := d.LifeByNumber(who, number)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Take(who, l, s); err != nil {
				t.Fatalf("%s of %s: %v", s.Action, number, err)
			}
			time.Sleep(time.Second)
		}
	}
	review, assign := station.Step{Action: station.DoReview}, station.Step{Action: station.DoAssign, Unit: "城管中队", DocNo: "曲街交〔2026〕3号", Note: "请派人查看。"}
	take("QA01-26A-0004-1", ps.head, review)
	take("QA01-26A-0001-7", ps.head, review, assign)
	take("QA01-26A-0001-7", ps.attendant, station.Step{Action: station.DoReturn, Note: "水渠归水利站管"})
	take("QA01-26A-0002-5", ps.head, review, assign)
	take("QA01-26A-0002-5", ps.attendant, station.Step{Action: station.DoAccept}, station.Step{Action: station.DoContact},
		station.Step{Action: station.DoReply, Text: "低保名单已在村务公开栏公示,每季度更新一次。", Class: "B", Date: d.Today().AddDays(20)})
	time.Sleep(time.Until(monday.Add(2 * time.Minute)))
	return d, ps
}

// The pages of a matter's life in both languages, on a small and on a large
// screen.
func TestGoldenCasePages(t *testing.T) {
	eachLook(t, func(t *testing.T, l look) {
		d, ps := casesDesk(t)
		l.speaks(t, d)
		s := sit(t, sampleConfig(d, enrolled()), Caller{Who: ps.head}, l.w, l.h)
		for _, p := range []struct {
			name string
			keys []string
		}{
			{"case-home", nil}, {"queue", []string{"f5"}}, {"queue-assign", []string{"right"}}, {"step-assign", []string{"f4"}},
			{"queue-feedback", []string{"esc", "right", "right", "right", "right", "right"}}, {"step-feedback", []string{"f4"}},
			{"matter", []string{"esc", "enter"}}, {"matter-more", []string{"f7"}}, {"lookup", []string{"esc", "esc", "esc", "f6", "0", "0", "0", "2"}},
		} {
			s.press(p.keys...)
			s.golden(p.name + "." + l.name)
		}
	})
}

// The head and the attendant bring a matter from the voter's word to the file
// with the keys of the queues, without a mouse and without typing a number.
func TestAMatterIsHandledFromTheQueues(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.head)
		s.press("f5")
		s.see("待审核 5", "F4 审核分类", "老楼加装电梯")
		s.press("down", "f4", "enter", "enter") // to the town, as it was classed at the desk
		s.see("已办“审核分类”,现在是“已审核”", "交办期限 2026-11-26", "待审核 4")
		s.press("right")
		s.see("待交办 1", "希望公示低保名单")
		s.press("f4", "f10")
		s.see("还有 1 项要改:承办")
		s.typed("城管中队")
		s.press("f10")
		s.see("已办“交办”", "签收期限 2026-11-30", "待交办 0")

		a := sitAs(t, d, ps.attendant)
		a.press("f5")
		a.see("待签收 1", "城管中队")
		a.press("f4", "f10")
		a.see("已办“签收”", "办理期限 2026-12-14")
		a.press("esc", "f3")
		a.see("办理中")
		a.typed("0002")
		a.press("enter", "f5")
		a.see("QA01-26A-0002-5/1", "办理中", "F4 单位答复", "经过", "签收 → 办理中")
		a.press("f4")
		a.typed("低保名单已公示。")
		a.press("tab")
		a.typed("b")
		a.press("f10")
		a.see("还有 1 项要改:承诺期限", "B 类须有承诺期限")
		a.typed("12-20")
		a.press("f10")
		a.see("现在是“单位已答复”", "承诺 2026-12-20", "单位答复 → 单位已答复")
		a.press("f4") // the voter left no phone: it is posted, and whoever entered the reply does not ask
		a.see("请由别人来问", "吴平")
		a.press("f10")
		a.see("现在是“已反馈选民”", "张贴公示")
	})
}

// Whoever was told of is asked by the head, from the head's own queue; the
// deputy accepts, and only then is it filed.
func TestRatedClosedAndFiledFromTheQueues(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := casesDesk(t)
		l := lifeOf(t, d, ps.attendant, "QA01-26A-0002-5")
		if _, err := d.Take(ps.attendant, l, station.Step{Action: station.DoFeedback, Means: "posted"}); err != nil {
			t.Fatal(err)
		}
		s := sitAs(t, d, ps.head)
		s.run(s.m.push(newQueue("rate")))
		s.see("待评价 1", "希望公示低保名单", "F4 满意度")
		s.press("f4")
		s.typed("13") // 态度满意 → stays on the field: the last digit counts
		s.press("tab")
		s.typed("3")
		s.press("f10")
		s.see("不满意时要写")
		s.typed("名单还是没看到")
		s.press("f10")
		s.see("现在是“已评价”")
		s.run(s.m.push(newQueue("bad")))
		s.see("不满意 1", "F4 重新办理")
		s.press("enter")
		s.see("不满意", "名单还是没看到")
		s.press("f4")
		s.typed("请再公示一次")
		s.press("f10")
		s.see("现在是“重新办理”", "重新办理期限 2026-12-23")
	})
}

// A voter asks at the counter: by number, name or phone the answer is there at
// once, with a sentence to read out and as of when.
func TestAVoterAsksAtTheCounter(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := casesDesk(t)
		s := sit(t, sampleConfig(d, enrolled()), Caller{Who: ps.attendant}, MinWidth, MinHeight)
		s.press("f6")
		s.see("请输入选民报的编号、姓名或电话", "截至上次同步 02:12")
		for _, c := range []struct{ typed, say string }{
			{"QA01-26A-0001-7", "您反映的“村口的水渠塌了一段”原承办单位退回,正在重新交办。"},
			{"ztz", "正在重新交办"}, {"13800138010", "正在重新交办"}, {"单雄信", "已登记,正在审核"}, {"qa01-26a-0004", "已审核,准备交有关单位办理"}, {"孙丽", "已当场答复:已解释政策"},
		} {
			s.typed(c.typed)
			sc := s.see(c.say)
			if sc.has("赵铁柱") || sc.has("13800138010") && c.typed != "13800138010" {
				t.Errorf("whose it is stands there in full:\n%s", sc)
			}
			for range c.typed {
				s.press("backspace")
			}
		}
		s.typed("ztz")
		s.press("f6")
		s.see("赵铁柱", "138 0013 8010")
		lines, err := d.AuditLog(station.Owner(), station.AuditQuery{Act: station.ActReveal})
		if err != nil || len(lines) != 1 || lines[0].Object != "QA01-26A-0001-7" {
			t.Errorf("the audit log has %v, %v", lines, err)
		}
		s.press("enter")
		s.see("水渠归水利站管", "交办 → 已交办")
	})
}

func lifeOf(t testing.TB, d *station.Desk, who station.Who, number string) station.Life {
	t.Helper()
	l, err := d.LifeByNumber(who, number)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// What is somebody else's to do is no reason to offer, on the key for the next
// step, what leads off the way.
func TestTheKeyForTheNextStepOffersNoWayOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		s.run(s.m.push(newQueue("soon")))
		s.see("临期 5", "村口的水渠", "F7 其他", "Enter 打开")
		s.seeNot("F4 ", "F5 ")
		s.press("f4", "f5")
		s.see("临期 5") // nothing has opened
		s.press("f7")
		s.see("不予受理/引导", "并入主件", "备注")
	})
}

// A voter who was answered on the spot is asked face to face, from the page
// that shows the number.
func TestAskedFaceToFaceAfterTheSave(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		for i, c := range []struct{ deputy, disposition string }{{"D001", "onspot"}, {"", "onspot"}, {"", "town"}} {
			r := sampleReceptions()[6]
			r.Matters[0].Deputy, r.Matters[0].Disposition = c.deputy, c.disposition
			saved, err := d.Receive(ps.attendant, r, false, "")
			if err != nil {
				t.Fatal(err)
			}
			p := newReception()
			s.run(s.m.push(p))
			p.saved = &savedReception{Saved: saved, matters: 1, spot: c.disposition == "onspot"}
			s.settle()
			switch i {
			case 0:
				s.see("F4 满意度")
				s.press("f4")
				s.see("办理态度", "办理结果")
				s.press("tab")
				s.typed("2")
				s.press("f10")
				s.see("已办“满意度”,现在是“已评价”", string(saved.Number[:4]))
				if l := lifeOf(t, d, ps.head, string(saved.Number)); l.Satisfied() != "fair" {
					t.Errorf("satisfied %q", l.Satisfied())
				}
			case 1: // the attendant answered: somebody else asks
				s.press("f4")
				s.see("满意度请由别人来问")
			case 2:
				s.seeNot("F4 满意度")
			}
			s.press("esc")
		}
	})
}

// A deputy sees what concerns the deputy, and accepts or does not.
func TestADeputyFollowsAndAccepts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := casesDesk(t)
		s := sitAs(t, d, ps.deputy)
		s.see("我关注的")
		s.press("f5")
		s.see("我关注的", "小区东门的路灯")
		s.seeNot("村口的水渠", "低保名单") // another deputy's, or nobody's
		l := lifeOf(t, d, ps.head, "QA01-26A-0004-1")
		for _, x := range []struct {
			who station.Who
			s   station.Step
		}{{ps.head, station.Step{Action: station.DoAssign, Unit: "供电所"}}, {ps.attendant, station.Step{Action: station.DoAccept}},
			{ps.attendant, station.Step{Action: station.DoReply, Text: "路灯已换。", Class: "A"}}} {
			var err error
			if l, err = d.Take(x.who, l, x.s); err != nil {
				t.Fatal(err)
			}
		}
		s.settle()
		s.run(s.m.push(newMatter(l.MatterID)))
		s.see("路灯已换", "F4 反馈选民", "F5 办结(代表认可)")
		s.press("f5", "f10")
		s.see("已办“办结(代表认可)”", "已办结")
	})
}

// A unit's reply that is half typed is there again after the connection was
// cut, and gone once it is done.
func TestAStepIsADraftUntilItIsDone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		l := lifeOf(t, d, ps.head, "QA01-26A-0002-5")
		for _, s := range []station.Step{{Action: station.DoReview}, {Action: station.DoAssign, Unit: "城管中队"}, {Action: station.DoAccept}} {
			var err error
			if l, err = d.Take(ps.head, l, s); err != nil {
				t.Fatal(err)
			}
		}
		s := sitAs(t, d, ps.attendant)
		s.run(s.m.push(newMatter(l.MatterID)))
		s.press("f4")
		s.typed("低保名单已公示,每季度更新")
		s.wait(2 * time.Second) // a pause in typing
		again := sitAs(t, d, ps.attendant)
		again.run(again.m.push(newMatter(l.MatterID)))
		again.press("f4")
		again.see("低保名单已公示,每季度更新", "已恢复上次没保存的草稿")
		again.press("tab")
		again.typed("a")
		again.press("f10")
		again.see("现在是“单位已答复”")
		ds, err := d.Drafts(ps.attendant)
		if err != nil || len(ds) != 0 {
			t.Errorf("drafts left: %v, %v", ds, err)
		}
	})
}
