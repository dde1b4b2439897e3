package tui

import (
	"testing"
	"time"

	"liaison/station"
)

// The main job, as an attendant does it: F2, phone, name, village, the matter,
// category, save; the number stands there in large, and is the first in the
// list at home.
func TestReceptionIsRecorded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		s.see("曲阿街道代表联络站", "2026-11-23", "张敏")
		s.press("f2")
		f := s.m.top().(*receptionPage).f
		s.to(f, "phone")
		s.typed("13611136111")
		s.to(f, "name")
		s.typed("钱多多")
		if sc := s.screen(); sc.left() != "多" {
			t.Errorf("the cursor stands after %q:\n%s", sc.left(), sc)
		}
		s.to(f, "village")
		s.typed("qa")
		s.press("enter")
		s.to(f, "content")
		s.typed("小区没有充电桩。")
		s.to(f, "category")
		s.typed("19")
		s.wait(time.Second)
		s.to(f, "reply")
		s.typed("已登记转交")
		s.press("f10")
		s.see("已保存", "QA01  26A  0008")
		s.press("esc")
		s.see("小区没有充电桩")
	})
}

// Somebody else has brought the matter before: the form says so, and the key
// joins this one to it, or a reason tells it apart.
func TestRepeatedMatterIsJoinedOrToldApart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		if err := d.Warm(); err != nil {
			t.Fatal(err)
		}
		first, err := d.Receive(ps.attendant, station.Reception{Voter: station.InVoter{Anonymous: true}, Matters: []station.Issue{
			{Content: "三号楼后面的污水井冒水,臭得开不了窗。", Category: "16", Disposition: "town"}}}, false, "")
		if err != nil {
			t.Fatal(err)
		}
		s := sitAs(t, d, ps.attendant)
		s.press("f2")
		f := s.m.top().(*receptionPage).f
		s.to(f, "content")
		s.typed("三号楼后面的污水井一直往外冒水")
		s.wait(time.Second)
		s.see("可能重复", string(first.Number), "内容相近", "F7 并入", "F5 不是")
		s.press("f7")
		s.see("保存时并入 "+first.Number.Matter(1), "F7 取消")
		s.press("f7")
		s.see("可能重复")
		s.press("f5")
		s.see("为什么不是同一件事")
		s.typed("那是二号楼")
		s.press("enter")
		s.wait(time.Second)
		s.seeNot("可能重复")
		p := s.m.top().(*receptionPage)
		r, _ := p.reception(&s.m.env)
		if m := r.Matters[0]; len(m.Distinct) != 1 || m.Distinct[0].Number != first.Number.Matter(1) || m.Distinct[0].Reason != "那是二号楼" || m.Repeat != "" {
			t.Errorf("recorded would be %+v", m)
		}
	})
}
