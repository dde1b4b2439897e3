package tui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/tui/paper"
)

// paperDesk is the sample station with one matter brought from the voter's word
// to the unit's answer, step by step: at is called after each.
func paperDesk(t *testing.T, at func(d *station.Desk, ps people, l station.Life)) {
	t.Helper()
	d, ps := sampleDesk(t)
	set := d.Settings()
	set.Phone = "0511-86123456"
	if err := d.SaveSettings(ps.head, set); err != nil {
		t.Fatal(err)
	}
	l := lifeOf(t, d, ps.head, "QA01-26A-0004-1")
	at(d, ps, l)
	for _, x := range []struct {
		who station.Who
		s   station.Step
	}{
		{ps.head, station.Step{Action: station.DoReview, Disposition: "town", Note: "请城管中队三日内查看。"}},
		{ps.head, station.Step{Action: station.DoAssign, Unit: "城管中队", Units: []string{"供电所"}, DocNo: "曲街交〔2026〕3号", Note: "请派人查看并回复选民。"}},
		{ps.attendant, station.Step{Action: station.DoAccept}},
		{ps.attendant, station.Step{Action: station.DoReply, Text: "已更换灯泡 12 盏,剩余 3 盏等待材料。", Class: "B", Date: d.Today().AddDays(20)}},
		{ps.attendant, station.Step{Action: station.DoFeedback, Means: "phone"}},
		{ps.head, station.Step{Action: station.DoRate, Attitude: "good", Outcome: "fair"}},
	} {
		time.Sleep(time.Second)
		var err error
		if l, err = d.Take(x.who, l, x.s); err != nil {
			t.Fatalf("%s: %v", x.s.Action, err)
		}
		at(d, ps, l)
	}
}

// A matter has the papers that its state has made, and says why it has no
// others.
func TestWhichPapersAMatterHas(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		want := map[station.State]string{station.StRegistered: "slip form", station.StReviewed: "slip form", station.StAssigned: "slip form assign", station.StAccepted: "slip form assign",
			station.StReplied: "slip form assign feedback", station.StFedBack: "slip form assign feedback", station.StRated: "slip form assign feedback"}
		paperDesk(t, func(d *station.Desk, ps people, l station.Life) {
			var have []string
			for _, k := range station.Papers(l) {
				have = append(have, k.Code)
			}
			if got := strings.Join(have, " "); got != want[l.State] {
				t.Errorf("in state %d: %s, want %s", l.State, got, want[l.State])
			}
			for _, k := range station.PaperKinds {
				p, err := d.Paper(ps.head, l.MatterID, k.Code, false)
				switch is := strings.Contains(want[l.State], k.Code); {
				case is != (err == nil):
					t.Errorf("%s in state %d: %v", k.Code, l.State, err)
				case err != nil && (station.Say(err).ZH == "" || station.Say(err).EN == ""):
					t.Errorf("%s in state %d: no sentence", k.Code, l.State)
				case err == nil && (p.Number != l.Number && k.Code != "slip" || p.Issuer != "曲阿街道代表联络站"):
					t.Errorf("%s is number %s of %s", k.Code, p.Number, p.Issuer)
				}
			}
		})
	})
}

// The papers themselves, as text and one as a page, word for word; the voter is
// named only in full, which the audit log notes.
func TestGoldenPapers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		paperDesk(t, func(d *station.Desk, ps people, l station.Life) {
			if l.State != station.StRated {
				return
			}
			for _, k := range station.Papers(l) {
				p, err := d.Paper(ps.head, l.MatterID, k.Code, true)
				if err != nil {
					t.Fatal(err)
				}
				sameAs(t, "paper-"+k.Code, paper.Text(p, 1))
				masked, err := d.Paper(ps.head, l.MatterID, k.Code, false)
				if err != nil {
					t.Fatal(err)
				}
				if text := paper.Text(masked, 1); strings.Contains(text, "王小明") || strings.Contains(text, "13800138000") {
					t.Errorf("%s names the voter unasked:\n%s", k.Code, text)
				}
				if k.Code == "feedback" {
					var b strings.Builder
					if err := paper.Page(&b, p, 2); err != nil {
						t.Fatal(err)
					}
					sameAs(t, "paper-feedback-page", b.String())
				}
			}
			lines, err := d.AuditLog(station.Owner(), station.AuditQuery{Act: station.ActReveal})
			if err != nil || len(lines) != 4 {
				t.Errorf("%d papers in full are in the audit log, want 4: %v", len(lines), err)
			}
		})
		// One that was turned away, and one of two matters.
		d, ps := sampleDesk(t)
		saved, err := d.Receive(ps.attendant, station.Reception{Voter: station.InVoter{Name: "王小明", Phone: "13800138000", Village: "321181002001"}, Matters: []station.Issue{
			{Content: "法院判了还没有执行。", Category: "64", Disposition: "refuse", Refuse: "court"},
			{Content: "村口路灯不亮。", Category: "11", Disposition: "onspot", Reply: "已联系供电所,今晚修好"}}}, false, "")
		if err != nil {
			t.Fatal(err)
		}
		l := lifeOf(t, d, ps.head, saved.Number.Matter(1))
		for _, kind := range []string{"guide", "slip"} {
			p, err := d.Paper(ps.head, l.MatterID, kind, true)
			if err != nil {
				t.Fatal(err)
			}
			sameAs(t, "paper-"+map[string]string{"guide": "guide", "slip": "slip-of-two"}[kind], paper.Text(p, 1))
		}
	})
}

// sameAs compares a text with its golden file.
func sameAs(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is now:\n%s\nwas:\n%s", name, got, want)
	}
}

// An assignment goes out of the house: who asked for confidence is not on it,
// not even when the paper is asked for in full.
func TestASecretVoterIsOnNoAssignment(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		saved, err := d.Receive(ps.attendant, station.Reception{Confidential: true, Voter: station.InVoter{Name: "王小明", Phone: "13800138000"},
			Matters: []station.Issue{{Content: "某企业夜里偷排废水。", Category: "16", Disposition: "town"}}}, false, "")
		if err != nil {
			t.Fatal(err)
		}
		l := lifeOf(t, d, ps.head, saved.Number.Matter(1))
		for _, s := range []station.Step{{Action: station.DoReview, Disposition: "town"}, {Action: station.DoAssign, Unit: "环保所"}} {
			if l, err = d.Take(ps.head, l, s); err != nil {
				t.Fatal(err)
			}
		}
		p, err := d.Paper(ps.head, l.MatterID, "assign", true)
		if err != nil {
			t.Fatal(err)
		}
		if text := paper.Text(p, 1); strings.Contains(text, "王小明") || strings.Contains(text, "1380013") || !strings.Contains(text, "偷排废水") {
			t.Errorf("the assignment:\n%s", text)
		}
	})
}

// fakePrinter keeps what was printed, or fails.
type fakePrinter struct {
	printed []station.Paper
	err     error
}

func (p *fakePrinter) Print(_ context.Context, page station.Paper, _ int) error {
	if p.err == nil {
		p.printed = append(p.printed, page)
	}
	return p.err
}

// Papers are looked at and printed from the screen, right after a reception was
// saved and from a matter's page; a printer that fails is said in a sentence.
func TestPapersOnScreen(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"140x45", 140, 45}} {
		for _, language := range []string{"zh", "en"} {
			name := size.name + "." + language
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					d, ps := casesDesk(t)
					set := d.Settings()
					set.Language = language
					if err := d.SaveSettings(ps.head, set); err != nil {
						t.Fatal(err)
					}
					cfg, printer := sampleConfig(d, enrolled()), &fakePrinter{}
					cfg.Printer = printer
					s := sit(t, cfg, Caller{Who: ps.head}, size.w, size.h)
					s.press("f3")
					s.typed("0002")
					s.press("enter", "ctrl+p")
					s.golden("papers." + name)
					s.press("right", "right", "f6")
					s.golden("papers-assign." + name)
					s.press("f10")
					if len(printer.printed) != 1 || printer.printed[0].Kind != "assign" {
						t.Fatalf("printed: %+v", printer.printed)
					}
					if language == "zh" {
						s.see("已送打印:选民反映事项交办单")
						printer.err = errors.New("out of paper")
						s.press("left", "ctrl+p")
						s.see("!")
						s.press("esc")
						s.see("QA01-26A-0002-5")
					}
				})
			})
		}
	}
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
		s.see("接待选民回执", "楼道灯不亮", "王*明", "A 当场答复")
		s.press("f10")
		s.see("已送打印")
		s.press("esc", "enter")
		s.see("电话") // the next voter's form
	})
}
