package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// Keys that come before the form is read, the phrases are open or the save has
// ended are not lost, and each goes to what it was meant for: here nothing at
// all is read until the last key has come.
func TestKeysWaitForThePage(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		var begun []tea.Cmd
		for _, k := range []string{"f2", "1", "3", "9", "0", "0", "1", "3", "9", "1", "2", "3", "enter", "赵"} {
			_, cmd := s.m.Update(keyPress(k))
			begun = append(begun, cmd)
		}
		s.run(tea.Batch(begun...))
		f := s.m.top().(*receptionPage).f
		if phone, name := f.Value("phone"), f.Value("name"); phone != "13900139123" || name != "赵" {
			t.Errorf("phone %q, name %q", phone, name)
		}
		s.to(f, "reply")
		_, cmd := s.m.Update(keyPress("f4"))
		s.m.Update(keyPress("2")) // to the phrases, which one message has opened
		s.run(cmd)
		if reply := f.Value("reply"); reply != d.Settings().Phrases[1] {
			t.Errorf("reply %q", reply)
		}
	})
}

// Who wants to leave does not wait for a page that reads, and what was typed
// for it goes nowhere else.
func TestEscDoesNotWait(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		_, opening := s.m.Update(keyPress("f2"))
		s.m.Update(keyPress("2"))
		_, closing := s.m.Update(keyPress("esc"))
		s.run(tea.Batch(opening, closing))
		if _, home := s.m.top().(*homePage); !home {
			t.Errorf("on %T:\n%s", s.m.top(), s.screen())
		}
	})
}

// Over a slow line two presses of Esc come in one packet, and the terminal's
// reader makes one key of them: both count.
func TestTwoEscapesInOnePacket(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.head)
		s.press("2", "f5")
		s.see("F10 确定")
		s.press("alt+esc")
		s.see("今日接待")
		s.seeNot("F10 确定")
	})
}
