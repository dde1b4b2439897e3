package tui

import (
	"testing"
	"time"
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
