package station_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// accepted records a matter and brings it to the unit's desk.
func (b *bench) accepted(disposition string) station.Life {
	b.Helper()
	l := b.take(head, b.matter(disposition), station.Step{Action: station.DoReview})
	l = b.take(head, l, station.Step{Action: station.DoAssign, Unit: "城管中队"})
	return b.take(attendant, l, station.Step{Action: station.DoAccept})
}

// told brings a matter to where the voter has been told.
func (b *bench) told(l station.Life) station.Life {
	b.Helper()
	l = b.take(attendant, l, station.Step{Action: station.DoReply, Text: "已处理。", Class: "A"})
	return b.take(attendant, l, station.Step{Action: station.DoFeedback, Means: "phone"})
}

func (b *bench) refused(who station.Who, l station.Life, s station.Step, code string) {
	b.Helper()
	before := len(b.journal())
	_, err := b.Take(who, l, s)
	if err == nil {
		b.Fatalf("%s by %s was allowed, want %s", s.Action, who.Name, code)
	}
	problem(b, err, code)
	if n := len(b.journal()); n != before {
		b.Errorf("%d entries were written by what was refused", n-before)
	}
}

// on moves the clock to a day, at ten in the morning.
func (b *bench) on(day string) { b.set(date(day).Time(station.Beijing).Add(10 * time.Hour)) }

// 转代表建议: every one of six questions is answered, and every answer is no.
func TestTheGateBeforeAProposal(t *testing.T) {
	b := newDesk(t)
	l := b.take(head, b.matter("proposal"), station.Step{Action: station.DoReview})
	b.refused(head, l, station.Step{Action: station.DoAssign, Unit: "住建局"}, "step-not-now") // the city's, and not that way
	b.refused(head, l, station.Step{Action: station.DoSuggest}, "gate-missing")
	b.refused(head, l, station.Step{Action: station.DoSuggest, Gate: []string{"no", "no", "no"}}, "gate-missing")
	no := []string{"no", "no", "no", "no", "no", "no"}
	for i := range no {
		yes := slices.Clone(no)
		yes[i] = "yes"
		b.refused(head, l, station.Step{Action: station.DoSuggest, Gate: yes}, "gate-closed")
		_, err := b.Take(head, l, station.Step{Action: station.DoSuggest, Gate: yes})
		if p := station.Say(err); !strings.Contains(p.ZH, station.Gate[i].ZH) || !strings.Contains(p.EN, station.Gate[i].EN) {
			t.Errorf("question %d is refused with %+v", i, p)
		}
	}
	l = b.take(head, l, station.Step{Action: station.DoSuggest, Gate: no})
	if l.State != station.StSuggestion || l.Disposition != "proposal" || l.Lamp != station.LampNone {
		t.Errorf("it is %s, %s, lamp %s", l.State.Text().ZH, l.Disposition, l.Lamp.Text().ZH)
	}
	l = b.take(attendant, l, station.Step{Action: station.DoReply, Text: "建议已办复。", Class: "A"})
	if l.State != station.StReplied {
		t.Errorf("answered, it is %s", l.State.Text().ZH)
	}
	// F keeps what it is.
	l = b.take(head, b.matter("upper"), station.Step{Action: station.DoSuggest, Gate: no})
	if l.Disposition != "upper" || l.State != station.StSuggestion {
		t.Errorf("F became %s, %s", l.Disposition, l.State.Text().ZH)
	}
}

// One extension, with reason and approver, by at most the original length,
// and T5 runs from 交办.
func TestOneExtension(t *testing.T) {
	b := newDesk(t)
	l := b.accepted("village") // 7 working days from Monday the 23rd
	if l.Due != date("2026-12-02") || l.HandleBy != l.Due {
		t.Fatalf("due %s, handle by %s", l.Due, l.HandleBy)
	}
	ask := func(day, note string) station.Step {
		return station.Step{Action: station.DoExtend, Date: date(day), Note: note}
	}
	b.refused(head, l, ask("2026-12-10", ""), "note-missing")
	b.refused(head, l, station.Step{Action: station.DoExtend, Note: "等配件"}, "date-missing")
	b.refused(head, l, ask("2026-12-02", "等配件"), "extension-range")
	b.refused(head, l, ask("2026-12-12", "等配件"), "extension-range") // one day more than seven working days
	b.refused(attendant, l, ask("2026-12-10", "等配件"), "step-not-now")
	l = b.take(head, l, ask("2026-12-11", "等配件"))
	if l.State != station.StDelayed || l.Due != date("2026-12-11") || !l.Extended || l.Steps[len(l.Steps)-1].Approver != head.Name {
		t.Errorf("%s due %s, extended %v, approved by %q", l.State.Text().ZH, l.Due, l.Extended, l.Steps[len(l.Steps)-1].Approver)
	}
	b.refused(head, l, ask("2026-12-15", "还要等"), "step-not-now")
	b.on("2026-12-11")
	l = b.take(attendant, l, station.Step{Action: station.DoReply, Text: "修好了。", Class: "A"})
	if !l.InTime || l.HandleBy != date("2026-12-11") {
		t.Errorf("replied within the extension: in time %v, by %s", l.InTime, l.HandleBy)
	}
}

// A pause needs a reason, and moves the end by the working days that it took.
func TestAPauseMovesTheEnd(t *testing.T) {
	b := newDesk(t)
	l := b.accepted("village") // due on Wednesday, 2 December
	b.refused(head, l, station.Step{Action: station.DoPause}, "note-missing")
	b.refused(head, l, station.Step{Action: station.DoResume, Note: "x"}, "step-not-now")
	b.on("2026-11-26") // Thursday
	l = b.take(head, l, station.Step{Action: station.DoPause, Note: "等选民补材料"})
	b.on("2026-12-20")
	if l, _ = b.LifeByNumber(head, l.Number); l.Lamp != station.LampPaused || l.State != station.StAccepted {
		t.Errorf("paused, the lamp is %s and the state %s", l.Lamp.Text().ZH, l.State.Text().ZH)
	}
	if got := b.queue(attendant, "overdue"); len(got) != 0 {
		t.Errorf("overdue while paused: %v", got)
	}
	b.refused(head, l, station.Step{Action: station.DoPause, Note: "再等"}, "step-not-now")
	b.on("2026-12-01") // the clock of the machine is set right: Friday, Monday and Tuesday were lost
	l = b.take(head, l, station.Step{Action: station.DoResume, Note: "材料已补"})
	if l.Due != date("2026-12-07") || l.Lamp != station.LampOK {
		t.Errorf("due %s, lamp %s", l.Due, l.Lamp.Text().ZH)
	}
}

// 不满意 needs a reason and opens a decision; the second time it goes to a
// meeting, and not round again.
func TestNotSatisfiedTwiceGoesToAMeeting(t *testing.T) {
	b := newDesk(t)
	b.roster()
	l := b.told(b.accepted("town"))
	bad := station.Step{Action: station.DoRate, Attitude: "good", Outcome: "bad"}
	b.refused(other, l, bad, "note-missing")
	b.refused(other, l, station.Step{Action: station.DoRate, Attitude: "good"}, "outcome-missing")
	bad.Note = "路灯还是不亮"
	l = b.take(other, l, bad)
	equal(t, "to decide", b.queue(head, "bad"), []string{l.Number})
	if l.Satisfied() != "bad" || !l.Undecided || l.Why != "路灯还是不亮" {
		t.Errorf("satisfied %s, undecided %v, why %q", l.Satisfied(), l.Undecided, l.Why)
	}
	b.refused(head, l, station.Step{Action: station.DoMeeting, Text: "会商"}, "step-not-now")
	l = b.take(head, l, station.Step{Action: station.DoRedo, Note: "选民不满意"})
	if l.State != station.StRedo || l.Due != date("2026-12-23") || l.Class != "" || l.Satisfied() != "" {
		t.Errorf("%s due %s, class %q, satisfied %q", l.State.Text().ZH, l.Due, l.Class, l.Satisfied())
	}
	l = b.take(attendant, l, station.Step{Action: station.DoAccept})
	if l.Due != date("2026-12-23") || l.Clock.Timer != station.TimerRedo {
		t.Errorf("accepted again it is due %s by %s", l.Due, l.Clock.Timer)
	}
	l = b.take(other, b.told(l), bad)
	b.refused(head, l, station.Step{Action: station.DoRedo, Note: "再来"}, "step-not-now")
	l = b.take(deputy1, b.follow(l, deputy1), station.Step{Action: station.DoClose})
	b.refused(head, l, station.Step{Action: station.DoFile, Note: "归档"}, "step-not-now")
	l = b.take(head, l, station.Step{Action: station.DoMeeting, Text: "镇人大与城管、供电会商:十二月底前换线。"})
	if l.Bad != 2 || l.Undecided || l.Meeting.IsZero() {
		t.Errorf("bad %d, undecided %v, meeting %s", l.Bad, l.Undecided, l.Meeting)
	}
	if l = b.take(head, l, station.Step{Action: station.DoFile}); l.State != station.StArchived {
		t.Errorf("filed, it is %s", l.State.Text().ZH)
	}
	// Once not satisfied, it may be filed without being handled again, with a reason.
	l = b.take(other, b.told(b.accepted("town")), bad)
	l = b.take(head, l, station.Step{Action: station.DoClose})
	b.refused(head, l, station.Step{Action: station.DoFile}, "note-missing")
	b.take(head, l, station.Step{Action: station.DoFile, Note: "诉求超出政策,已说明"})
}

// Not reached and declined are answers: the matter goes on.
func TestUnreachedAndDeclinedAreAnswers(t *testing.T) {
	b := newDesk(t)
	l := b.take(attendant, b.accepted("town"), station.Step{Action: station.DoReply, Text: "已处理。", Class: "D"})
	l = b.take(attendant, l, station.Step{Action: station.DoFeedback, Means: "unreached"})
	l = b.take(other, l, station.Step{Action: station.DoRate, Attitude: "unreached", Outcome: "unreached"})
	if l.State != station.StRated || l.Satisfied() != "unreached" || l.Undecided {
		t.Errorf("%s, %q, undecided %v", l.State.Text().ZH, l.Satisfied(), l.Undecided)
	}
	for _, x := range [][3]string{{"good", "refused", "good"}, {"refused", "unreached", "refused"}, {"fair", "good", "fair"}, {"bad", "good", "bad"}, {"", "", ""}} {
		if got := station.Worse(x[0], x[1]); got != x[2] {
			t.Errorf("%s and %s count as %s, want %s", x[0], x[1], got, x[2])
		}
	}
}

// Who entered the answer does not ask how satisfied the voter is, where
// somebody else may.
func TestSomebodyElseAsksHowSatisfied(t *testing.T) {
	b := newDesk(t)
	add := func(name string, role station.Role) station.Who {
		t.Helper()
		u, err := b.AddUser(station.Owner(), station.User{Name: name, Role: role, Keys: []station.UserKey{{Fingerprint: "SHA256:" + name}}}, "")
		if err != nil {
			t.Fatal(err)
		}
		return u.Who()
	}
	one := add("张敏", station.RoleAttendant)
	rate := station.Step{Action: station.DoRate, Attitude: "good", Outcome: "good"}
	answer := func() station.Life {
		l := b.accepted("town")
		l = b.take(one, l, station.Step{Action: station.DoReply, Text: "已处理。", Class: "A"})
		return b.take(one, l, station.Step{Action: station.DoFeedback, Means: "phone"})
	}
	b.take(one, answer(), rate) // there is nobody else
	two := add("赵强", station.RoleAttendant)
	l := answer()
	b.refused(one, l, rate, "rate-own")
	if _, err := b.Take(one, l, rate); !strings.Contains(station.Say(err).ZH, "赵强") {
		t.Errorf("who else may ask is not said: %v", err)
	}
	for _, n := range b.Next(one, l) {
		if n.Action == station.DoRate {
			t.Error("it is offered all the same")
		}
	}
	b.take(two, l, rate)
	// On the spot: the attendant who recorded it without a deputy answered it.
	spot, err := b.Receive(one, lamp(), false, "")
	if err != nil {
		t.Fatal(err)
	}
	l, err = b.LifeByNumber(one, string(spot.Number))
	if err != nil {
		t.Fatal(err)
	}
	b.refused(one, l, rate, "rate-own")
	if l = b.take(two, l, rate); l.State != station.StRated {
		t.Errorf("it is %s", l.State.Text().ZH)
	}
}

// B and C carry a promised date and stand in a queue of their own until the
// promise is kept.
func TestPromisesAreFollowedUp(t *testing.T) {
	b := newDesk(t)
	l := b.accepted("town")
	b.refused(attendant, l, station.Step{Action: station.DoReply, Text: "在建。", Class: "B"}, "date-missing")
	b.refused(attendant, l, station.Step{Action: station.DoReply, Text: "在建。", Class: "b", Date: date("2026-11-01")}, "date-past")
	b.refused(attendant, l, station.Step{Action: station.DoReply, Text: "在建。", Class: "E"}, "class-missing")
	l = b.take(attendant, l, station.Step{Action: station.DoReply, Text: "在建。", Class: "b", Date: date("2027-03-31")})
	if l.Class != "1B" || l.Promise != date("2027-03-31") || !l.OpenPromise() {
		t.Errorf("class %s, promised %s", l.Class, l.Promise)
	}
	l = b.take(attendant, l, station.Step{Action: station.DoFeedback, Means: "slip"})
	l = b.take(other, l, station.Step{Action: station.DoRate, Attitude: "good", Outcome: "fair"})
	l = b.take(head, l, station.Step{Action: station.DoClose})
	l = b.take(head, l, station.Step{Action: station.DoFile})
	equal(t, "promised", b.queue(attendant, "promise"), []string{l.Number})
	l = b.take(attendant, l, station.Step{Action: station.DoKeep, Text: "路已修通。"})
	if l.OpenPromise() || len(b.queue(attendant, "promise")) != 0 {
		t.Errorf("kept on %s, still in the queue: %v", l.Kept, b.queue(attendant, "promise"))
	}
	b.refused(attendant, l, station.Step{Action: station.DoKeep, Text: "再说一次"}, "step-not-now")
	if l = b.accepted("town"); l.State == station.StAccepted {
		l = b.take(attendant, l, station.Step{Action: station.DoReply, Text: "办好了。", Class: "A", Date: date("2027-01-01")})
		if !l.Promise.IsZero() {
			t.Errorf("class A promises %s", l.Promise)
		}
	}
}

// A repeated matter follows its lead, but its own voter is told and asked
// apart.
func TestJoinedMattersFollowTheirLead(t *testing.T) {
	b := newDesk(t)
	lead := b.accepted("town")
	r := lampBy("单小芳", "13900139000")
	r.Matters[0].Disposition, r.Matters[0].Repeat = "village", lead.Number
	second, err := b.LifeByNumber(head, string(b.receive(attendant, r).Number))
	if err != nil {
		t.Fatal(err)
	}
	third := b.matter("town")
	b.refused(attendant, third, station.Step{Action: station.DoJoin, Lead: third.MatterID}, "lead-not")
	b.refused(attendant, third, station.Step{Action: station.DoJoin, Lead: second.MatterID}, "lead-not")
	b.refused(attendant, lead, station.Step{Action: station.DoJoin, Lead: third.MatterID}, "lead-not") // others follow it
	third = b.take(attendant, third, station.Step{Action: station.DoJoin, Lead: lead.MatterID})
	for _, l := range []station.Life{second, third} {
		if l.State != station.StAccepted || l.Unit != "城管中队" || l.Due != lead.Due || l.Lead != lead.MatterID {
			t.Errorf("%s is %s at %q, due %s", l.Number, l.State.Text().ZH, l.Unit, l.Due)
		}
		b.refused(head, l, station.Step{Action: station.DoReply, Text: "x", Class: "A"}, "step-not-now")
		b.refused(head, l, station.Step{Action: station.DoFeedback, Means: "phone"}, "step-not-now")
	}
	if lead, err = b.Life(head, lead.MatterID); err != nil || len(lead.Followers) != 2 {
		t.Fatalf("followers %v, %v", lead.Followers, err)
	}
	if got := b.queue(head, "review"); len(got) != 0 {
		t.Errorf("to review: %v", got)
	}
	lead = b.take(attendant, lead, station.Step{Action: station.DoReply, Text: "已修好。", Class: "A"})
	equal(t, "to tell", b.queue(attendant, "feedback"), []string{lead.Number, second.Number, third.Number})
	second, _ = b.Life(head, second.MatterID)
	if second.State != station.StReplied || second.Answer != "已修好。" {
		t.Errorf("the second is %s with %q", second.State.Text().ZH, second.Answer)
	}
	second = b.take(attendant, second, station.Step{Action: station.DoFeedback, Means: "phone"})
	second = b.take(other, second, station.Step{Action: station.DoRate, Attitude: "good", Outcome: "good"})
	second = b.take(head, second, station.Step{Action: station.DoFile})
	lead, _ = b.Life(head, lead.MatterID)
	if lead.State != station.StReplied || second.State != station.StArchived {
		t.Errorf("the lead is %s, the second %s", lead.State.Text().ZH, second.State.Text().ZH)
	}
	third, _ = b.Life(head, third.MatterID)
	third = b.take(attendant, third, station.Step{Action: station.DoPart, Note: "不是同一盏灯"})
	if third.State != station.StReviewed || third.Lead != "" {
		t.Errorf("parted, it is %s and follows %q", third.State.Text().ZH, third.Lead)
	}
	sameAfterRefill(t, b)
	r.Matters[0].Repeat = "QA01-26A-0999-" + check999
	if _, err := b.Receive(attendant, r, false, ""); err == nil {
		t.Error("joined to a number that nobody has")
	}
}

const check999 = "H"

// Passing a matter up hands the voter's contact on with it, unless the voter
// asked for confidence; a later correction does not take it back.
func TestPassingUpCarriesTheContact(t *testing.T) {
	b := newDesk(t)
	l := b.take(head, b.matter("town"), station.Step{Action: station.DoReview})
	if n := len(b.entries(station.KindContact)); n != 0 {
		t.Fatalf("%d contacts before", n)
	}
	l = b.take(head, l, station.Step{Action: station.DoEscalate, Note: "镇里没有这个权限"})
	es := b.entries(station.KindContact)
	if len(es) != 1 || !strings.Contains(string(es[0].Body), "13800138000") || string(es[0].ID) != string(l.MatterID) {
		t.Fatalf("contacts %v", es)
	}
	if l.Disposition != "city" || l.State != station.StReviewed {
		t.Errorf("%s, %s", l.Disposition, l.State.Text().ZH)
	}
	n := l.Number[:strings.Index(l.Number, "/")]
	b.correct(attendant, station.Number(n), func(r *station.Reception) { r.Persons = 2 })
	if es = b.entries(station.KindContact); !strings.Contains(string(es[0].Body), "13800138000") {
		t.Error("a correction took the contact back")
	}
	f := b.lookup(n)
	r := f.Reception()
	r.Matters[0].Disposition = "onspot"
	faulty(t, b.Correct(attendant, f, r, "改处理方式", ""), "matters[0].disposition", "disposition-in-hand")
	r = lamp()
	r.Confidential, r.Matters[0].Disposition = true, "town"
	l, err := b.LifeByNumber(head, string(b.receive(attendant, r).Number))
	if err != nil {
		t.Fatal(err)
	}
	l = b.take(head, l, station.Step{Action: station.DoReview, Disposition: "city"})
	if es = b.entries(station.KindContact); len(es) != 1 {
		t.Errorf("what was told in confidence was handed on: %d contacts", len(es))
	}
}

// Of two who act at once the second is told what the first did, and nothing
// is written.
func TestSomebodyWasFasterWithAStep(t *testing.T) {
	b := newDesk(t)
	l := b.matter("town")
	b.take(town, l, station.Step{Action: station.DoReview})
	b.refused(head, l, station.Step{Action: station.DoReview}, "life-moved")
	if _, err := b.Take(head, l, station.Step{Action: station.DoReview}); !strings.Contains(station.Say(err).ZH, town.Name) {
		t.Errorf("who was faster is not said: %v", err)
	}
	b.refused(deputy1, b.matter("town"), station.Step{Action: station.DoNote, Note: "x"}, station.ErrForbidden)
	v := b.matter("town")
	f := b.lookup(v.Number)
	if err := b.Void(head, f, "重复登记"); err != nil {
		t.Fatal(err)
	}
	b.refused(head, v, station.Step{Action: station.DoReview}, "life-moved")
	v, _ = b.Life(head, v.MatterID)
	b.refused(head, v, station.Step{Action: station.DoReview}, "void")
	if b.Next(head, v) != nil {
		t.Error("there is something to do about a void reception")
	}
}

// A limit that takes effect later does not move deadlines of clocks that
// began before; one for a disposition counts before the general one.
func TestLimitsHaveEffectiveDates(t *testing.T) {
	b := newDesk(t)
	l := b.accepted("village")
	if _, err := b.PutLimits(head, []station.Limit{
		{Code: "T5-village-2027", Timer: station.TimerHandle, Disposition: "village", Count: 3, Unit: station.WorkingDays, Warn: 1, From: date("2026-12-01")},
		{Code: "T6-village", Timer: station.TimerTell, Disposition: "village", Count: 1, Unit: station.WorkingDays, From: b.Today()},
	}); err != nil {
		t.Fatal(err)
	}
	if l, _ = b.Life(head, l.MatterID); l.Due != date("2026-12-02") {
		t.Errorf("an assignment of before is now due %s", l.Due)
	}
	told := b.take(attendant, l, station.Step{Action: station.DoReply, Text: "好了。", Class: "A"})
	if told.Due != date("2026-11-24") {
		t.Errorf("to be told by %s", told.Due)
	}
	b.on("2026-12-01")
	if l = b.accepted("village"); l.Due != date("2026-12-04") {
		t.Errorf("an assignment of 1 December is due %s", l.Due)
	}
	sameAfterRefill(t, b)
	_, err := b.PutLimits(head, []station.Limit{{Code: "x", Timer: "T9", Count: -1, Unit: "week"}})
	faulty(t, err, "limit[0].timer", "unknown-word")
	faulty(t, err, "limit[0].unit", "unknown-word")
	faulty(t, err, "limit[0].count", "out-of-range")
}

// A new scheme of result classes leaves old replies their meaning.
func TestResultClassesAreData(t *testing.T) {
	b := newDesk(t)
	l := b.take(attendant, b.accepted("town"), station.Step{Action: station.DoReply, Text: "好了。", Class: "A"})
	if _, err := b.PutResultClasses(head, []station.ResultClass{
		{Code: "3甲", Scheme: 3, Class: "甲", Label: "x"}}); err == nil {
		t.Error("a code that no record can have was taken")
	}
	if _, err := b.PutResultClasses(head, []station.ResultClass{
		{Code: "3A", Scheme: 3, Class: "甲", Label: "已解决或基本解决", CountsDone: true, From: date("2026-11-01")},
		{Code: "3B", Scheme: 3, Class: "乙", Label: "正在解决及列入计划", NeedsFollowUp: true, From: date("2026-11-01")},
	}); err != nil {
		t.Fatal(err)
	}
	if got := b.ClassText(l.Class); !strings.HasPrefix(got.ZH, "A 已解决") {
		t.Errorf("the old class is %+v", got)
	}
	l = b.accepted("town")
	b.refused(attendant, l, station.Step{Action: station.DoReply, Text: "好了。", Class: "D"}, "class-missing")
	if l = b.take(attendant, l, station.Step{Action: station.DoReply, Text: "好了。", Class: "甲"}); l.Class != "3A" {
		t.Errorf("甲 is kept as %q", l.Class)
	}
	if n := len(b.ResultClasses(typed.Date{Year: 2026, Month: 10, Day: 1})); n != 4 {
		t.Errorf("%d classes in October", n)
	}
}

// A step travels, so it does not say who the voter is, unless the matter was
// handed to somebody who must be able to call.
func TestAStepDoesNotNameTheVoter(t *testing.T) {
	b := newDesk(t)
	l := b.take(head, b.matter("town"), station.Step{Action: station.DoReview})
	for _, text := range []string{"王小明说路灯还是不亮", "电话 13800138000", "1380013 8000", "１３８００１３８０００"} {
		b.refused(head, l, station.Step{Action: station.DoNote, Note: text}, "voter-named")
		b.refused(head, l, station.Step{Action: station.DoAssign, Unit: "城管中队", Note: text}, "voter-named")
	}
	l = b.take(head, l, station.Step{Action: station.DoNote, Note: "选民说路灯还是不亮"})
	l = b.take(head, l, station.Step{Action: station.DoEscalate, Note: "请与王小明联系"})
	b.take(head, l, station.Step{Action: station.DoNote, Note: "王小明下午在家"})
	r := lamp()
	r.Confidential, r.Matters[0].Disposition = true, "city"
	l, err := b.LifeByNumber(head, string(b.receive(attendant, r).Number))
	if err != nil {
		t.Fatal(err)
	}
	b.refused(head, l, station.Step{Action: station.DoNote, Note: "王小明要求保密"}, "voter-named")
}

// A step's document number was folded, so that 〔2026〕 became [2026].
func TestADocumentNumberKeepsItsBrackets(t *testing.T) {
	b := newDesk(t)
	l := b.take(head, b.matter("town"), station.Step{Action: station.DoReview})
	l = b.take(head, l, station.Step{Action: station.DoAssign, Unit: "城管中队", DocNo: " 曲街交〔2026〕3号\x1b[2J"})
	if got := l.Steps[1].DocNo; got != "曲街交〔2026〕3号" {
		t.Errorf("it became %q", got)
	}
}

// TestANoteDoesNotHandThePhoneOut: a step that classes nothing, but came with a
// disposition, had name and phone sent to the city.
func TestANoteDoesNotHandThePhoneOut(t *testing.T) {
	b := newDesk(t)
	l := b.matter("village")
	b.refused(attendant, l, station.Step{Action: station.DoNote, Note: lamp().Voter.Name + "又来问", Disposition: "city"}, "voter-named")
	l = b.take(attendant, l, station.Step{Action: station.DoNote, Note: "又来问", Disposition: "city"})
	if n := len(b.entries(station.KindContact)); n != 0 || l.Disposition != "village" || l.Steps[0].Disposition != "" {
		t.Errorf("%d contacts, disposition %q, the step's %q", n, l.Disposition, l.Steps[0].Disposition)
	}
	l = b.take(head, l, station.Step{Action: station.DoReview, Disposition: "city"})
	if n := len(b.entries(station.KindContact)); n != 1 || l.Disposition != "city" {
		t.Errorf("handed to the city: %d contacts, disposition %q", n, l.Disposition)
	}
}

// TestExtendedWhilePausedCountedThePauseTwice: the days of a pause before the
// extension, which the new end has in it, were added to it once more.
func TestExtendedWhilePausedCountedThePauseTwice(t *testing.T) {
	b := newDesk(t)
	l := b.accepted("village")
	b.on("2026-11-24")
	l = b.take(head, l, station.Step{Action: station.DoPause, Note: "等料"})
	b.on("2026-12-01")
	l = b.take(head, l, station.Step{Action: station.DoExtend, Note: "料未到", Date: date("2026-12-11")})
	if l.Lamp != station.LampPaused {
		t.Errorf("it stands still no more: %s", l.Lamp.Text().ZH)
	}
	b.on("2026-12-03")
	l = b.take(head, l, station.Step{Action: station.DoResume, Note: "料到了"})
	if want := date("2026-12-15"); l.Due != want { // two working days on
		t.Errorf("due %s, want %s", l.Due, want)
	}
}

// TestAPauseNeverShortens: the clock was set back within a pause, and the end
// came nearer.
func TestAPauseNeverShortens(t *testing.T) {
	for _, disposition := range []string{"mediate", "village"} { // a month, working days
		b := newDesk(t)
		l := b.accepted(disposition)
		due := l.Due
		b.on("2026-12-20")
		l = b.take(head, l, station.Step{Action: station.DoPause, Note: "等"})
		b.on("2026-11-25")
		if l = b.take(head, l, station.Step{Action: station.DoResume, Note: "好"}); l.Due != due {
			t.Errorf("%s: due %s, was %s", disposition, l.Due, due)
		}
	}
}

// TestWhatWasReturnedIsAtNoUnit: a matter that its unit had returned and that
// was classed anew counted as handed out, and as that unit's.
func TestWhatWasReturnedIsAtNoUnit(t *testing.T) {
	b := newDesk(t)
	l := b.take(head, b.matter("town"), station.Step{Action: station.DoReview})
	l = b.take(head, l, station.Step{Action: station.DoAssign, Unit: "城管中队"})
	l = b.take(attendant, l, station.Step{Action: station.DoReturn, Note: "不归我们"})
	l = b.take(head, l, station.Step{Action: station.DoReview})
	if got := b.rates(station.RateQuery{})["replied"]; got != "—" || l.Unit != "" || !l.HandleBy.IsZero() {
		t.Errorf("replied %s, unit %q, handle by %s", got, l.Unit, l.HandleBy)
	}
	l = b.take(head, l, station.Step{Action: station.DoAssign, Unit: "供电所"})
	if got := b.rates(station.RateQuery{})["replied"]; got != "0/1 = 0.00%" || l.Unit != "供电所" || l.Returned != 1 {
		t.Errorf("handed out again: replied %s, unit %q, returned %d", got, l.Unit, l.Returned)
	}
}

// TestANewComplaintIsNotAnsweredWithAnOldOnesAnswer: it was joined to a matter
// that was filed or turned away, was at once 单位已答复, and nobody handled it.
func TestANewComplaintIsNotAnsweredWithAnOldOnesAnswer(t *testing.T) {
	b := newDesk(t)
	over := b.take(head, b.matter("town"), station.Step{Action: station.DoRefuse, Disposition: "refuse", Reason: station.RefuseReasons[0].Code})
	l := b.matter("town")
	b.refused(attendant, l, station.Step{Action: station.DoJoin, Lead: over.MatterID}, "lead-not")
	in := lamp()
	in.Matters[0].Repeat = over.Number
	if _, err := b.Receive(attendant, in, true, ""); err == nil {
		t.Error("a new reception joined what is over")
	} else if ps, ok := station.FieldsOf(err); !ok || ps[0].Problem.Code != "lead-over" {
		t.Errorf("it says %v", err)
	}
}

// TestAnAnswerOnTheSpotThatIsHandledAgainGetsAUnit: it had none, could be given
// none, and like everything that is handled again it stood in no queue until it
// was nearly due.
func TestAnAnswerOnTheSpotThatIsHandledAgainGetsAUnit(t *testing.T) {
	b := newDesk(t)
	l := b.take(other, b.matter("onspot"), station.Step{Action: station.DoRate, Attitude: "fair", Outcome: "bad", Note: "还漏"})
	l = b.take(head, l, station.Step{Action: station.DoRedo, Note: "再办"})
	if q := b.queue(head, "review"); len(q) != 1 || q[0] != l.Number {
		t.Errorf("to review: %v", q)
	}
	b.refused(attendant, l, station.Step{Action: station.DoAccept}, "step-not-now")
	l = b.take(head, l, station.Step{Action: station.DoReopen, Disposition: "town", Note: "请镇里办"})
	l = b.take(head, l, station.Step{Action: station.DoAssign, Unit: "水务公司"})
	l = b.take(attendant, l, station.Step{Action: station.DoAccept})
	if l.State != station.StAccepted || l.Unit != "水务公司" || l.Due.IsZero() {
		t.Errorf("%s at %q, due %s", l.State.Text().ZH, l.Unit, l.Due)
	}
	l = b.told(l)
	l = b.take(other, l, station.Step{Action: station.DoRate, Attitude: "good", Outcome: "bad", Note: "又漏"})
	if l.Bad != 2 {
		t.Errorf("not satisfied %d times", l.Bad)
	}
}

// TestANumberInGroupsFindsItself: typed as the screen shows it, with spaces, it
// found other voters first, whose numbers and phones had those digits.
func TestANumberInGroupsFindsItself(t *testing.T) {
	b := newDesk(t)
	var numbers []string
	for range 12 {
		numbers = append(numbers, b.matter("town").Number)
	}
	for _, n := range numbers {
		whole, _, _ := strings.Cut(n, "/")
		ls, err := b.Progress(head, strings.ToLower(strings.ReplaceAll(whole, "-", " ")), 5)
		if err != nil || len(ls) != 1 || ls[0].Number != n {
			t.Errorf("%s finds %d, %v", whole, len(ls), err)
		}
	}
}
