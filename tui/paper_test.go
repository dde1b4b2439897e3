package tui

import (
	"context"
	"errors"
	"testing"

	"liaison/station"
)

// fakePrinter keeps what was printed, or fails.
type fakePrinter struct {
	printed []station.Paper
	err     error
}

func (p *fakePrinter) Print(_ context.Context, ps []station.Paper, _ int) error {
	if p.err == nil {
		p.printed = append(p.printed, ps...)
	}
	return p.err
}

// Papers are looked at and printed from the screen, right after a reception was
// saved and from a matter's page; a printer that fails is said in a sentence.
func TestPapersOnScreen(t *testing.T) {
	eachLook(t, func(t *testing.T, l look) {
		d, ps := casesDesk(t)
		l.speaks(t, d)
		cfg, printer := sampleConfig(d, enrolled()), &fakePrinter{}
		cfg.Printer = printer
		s := sit(t, cfg, Caller{Who: ps.head}, l.w, l.h)
		s.press("f3")
		s.typed("0002")
		s.press("enter", "ctrl+p")
		s.golden("papers." + l.name)
		s.press("right", "right", "f6")
		s.golden("papers-assign." + l.name)
		s.press("f10")
		if len(printer.printed) != 1 || printer.printed[0].Kind != station.PaperAssign {
			t.Fatalf("printed: %+v", printer.printed)
		}
		if l.language == "zh" {
			s.see("已送打印:交办单")
			printer.err = errors.New("out of paper")
			s.press("left", "ctrl+p")
			s.see("!")
			s.press("esc")
			s.see("QA01-26A-0002-5")
		}
	})
}

// The receipt is one key away from the number.
func TestTheReceiptAfterASave(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		cfg, printer := sampleConfig(d, enrolled()), &fakePrinter{}
		cfg.Printer = printer
		s := sit(t, cfg, Caller{Who: ps.attendant}, MinWidth, MinHeight)
		s.press("f2")
		s.typed("8000")
		s.press("enter")
		s.typed("楼道灯不亮")
		s.press("enter")
		s.typed("11")
		s.press("enter")
		s.typed("已解释政策")
		s.press("f10")
		s.see("Ctrl+P 回执")
		s.press("ctrl+p")
		s.see("接待选民回执", "楼道灯不亮", "王*明", "当场答复")
		s.press("f10")
		s.see("已送打印")
		s.press("esc", "enter")
		s.see("电话") // the next voter's form
	})
}

// Somebody else's work while a paper is shown in full is no new look at the
// voter: the audit log has the one that was asked for. Over SSH only who
// records at the station prints on its printer.
func TestALookInFullIsNotedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := casesDesk(t)
		cfg, printer := sampleConfig(d, enrolled()), &fakePrinter{}
		cfg.Printer = printer
		far := ps.town
		far.Door = "ssh"
		s := sit(t, cfg, Caller{Who: far, SSH: true}, MinWidth, MinHeight)
		s.press("f3")
		s.typed("0001")
		s.press("enter")
		s.run(s.m.push(newPapers(s.m.top().(*detailPage).id, 0)))
		s.press("f6")
		s.see("赵铁柱")
		for range 5 {
			if _, err := d.Receive(ps.attendant, sampleReceptions()[0], false, ""); err != nil {
				t.Fatal(err)
			}
			s.wait(0)
		}
		lines, err := d.AuditLog(station.Owner(), station.AuditQuery{Act: station.ActReveal})
		if err != nil || len(lines) != 1 {
			t.Errorf("%d looks are noted, %v", len(lines), err)
		}
		s.seeNot("F10 打印")
		s.press("f10")
		if len(printer.printed) != 0 {
			t.Error("the town printed on the station's printer from afar")
		}
	})
}
