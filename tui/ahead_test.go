package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
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

// TestEnterAwaitsTheEarlierVoter: Enter after a known voter's phone took the
// voter only where the answer was there already; on a loaded machine the name
// that followed was typed as the name, and on a quick one as the matter. It
// waits for the answer now, and so do the marks among several; other keys do not.
func TestEnterAwaitsTheEarlierVoter(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		s := sitAs(t, d, ps.attendant)
		s.press("f2")
		var begun []tea.Cmd
		for _, k := range append(strings.Split("13800138010", ""), "enter", "渠", "又", "塌", "了") {
			_, cmd := s.m.Update(keyPress(k))
			begun = append(begun, cmd)
		}
		p := s.m.top().(*receptionPage)
		if name := p.f.Value("name"); name != "" || p.f.Focused().ID() != "phone" {
			t.Fatalf("before the answer: name %q, at %s", name, p.f.Focused().ID())
		}
		s.run(tea.Batch(begun...))
		if name, content := p.f.Value("name"), p.f.Value("content"); name != "赵铁柱" || content != "渠又塌了" {
			t.Errorf("name %q, content %q", name, content)
		}

		s.to(p.f, "name")
		_, asked := s.m.Update(keyPress("ctrl+u"))
		s.m.Update(keyPress("tab")) // to the next field, whatever the answer is
		if at := p.f.Focused().ID(); at == "name" {
			t.Errorf("Tab waits at %s", at)
		}
		s.run(asked)
		if p.waiting("enter") || len(p.earlier) > 0 {
			t.Errorf("waits %v for nothing, with %d offered where none is asked for", p.waiting("enter"), len(p.earlier))
		}
	})
}

// TestAKnownVoterWithoutAPhoneIsTaken: the voter who has none was taken with an
// empty phone, over the 无 that was typed, and the save asked for it again.
func TestAKnownVoterWithoutAPhoneIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		if _, err := d.Receive(ps.attendant, station.Reception{At: monday, Channel: "walkin", Persons: 1, Notified: true,
			Session: station.InSession{Time: "fixed", Place: "station", Topic: "open"}, Voter: station.InVoter{Name: "钱小兰", NoContact: true, Village: "321181002001"},
			Matters: []station.Issue{{Content: "井盖松了。", Category: "11", Disposition: "onspot", Kind: "suggestion", Reply: "已转告"}}}, true, ""); err != nil {
			t.Fatal(err)
		}
		for _, typed := range [][]string{{"钱小兰"}, {"无", "tab", "钱小兰"}, {"tab", "钱小兰"}, {"13900139555", "tab", "钱小兰"}} {
			want := "无"
			if len(typed[0]) == 11 {
				want = typed[0]
			}
			s := sitAs(t, d, ps.attendant)
			s.press("f2")
			f := s.m.top().(*receptionPage).f
			for _, k := range typed {
				if k == "tab" {
					s.press(k)
				} else {
					s.typed(k)
				}
			}
			s.press("enter")
			if phone, name, at := f.Value("phone"), f.Value("name"), f.Focused().ID(); phone != want || name != "钱小兰" || at != "content" {
				t.Errorf("%v: phone %q, name %q, at %s", typed, phone, name, at)
			}
			s.press("esc")
			if err := d.DropDraft(ps.attendant, "reception"); err != nil {
				t.Fatal(err)
			}
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
