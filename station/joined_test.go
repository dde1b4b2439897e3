package station_test

import (
	"slices"
	"strings"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
)

// issue records one matter at the first station and tells the city.
func (w *realm) issue(change func(*station.Issue)) ledger.ID {
	w.Helper()
	in := lamp()
	change(&in.Matters[0])
	f, _, err := w.one.Lookup(head, string(w.receive(w.one, in).Number))
	if err != nil {
		w.Fatal(err)
	}
	w.carry()
	return f.MatterID(0)
}

// classed is an issue with a disposition, joined to the matter repeat, if any.
func classed(disposition, repeat string) func(*station.Issue) {
	return func(in *station.Issue) { in.Disposition, in.Repeat = disposition, repeat }
}

// joinedTo records a matter and joins it to another.
func (w *realm) joinedTo(lead ledger.ID, disposition string) ledger.ID {
	w.Helper()
	f := w.issue(classed(disposition, ""))
	w.do(attendant, f, station.Step{Action: station.DoJoin, Lead: lead})
	return f
}

func (w *realm) life(id ledger.ID) station.Life {
	w.Helper()
	l, err := w.one.Life(head, id)
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// do does steps where who sits, and tells the other end.
func (w *realm) do(who station.Who, id ledger.ID, steps ...station.Step) station.Life {
	w.Helper()
	p := w.one
	if who.City {
		p = w.city
	}
	for _, s := range steps {
		l, err := p.Life(who, id)
		if err != nil {
			w.Fatal(err)
		}
		if _, err := p.Take(who, l, s); err != nil {
			w.Fatalf("%s: %s from %s: %v", who.Name, s.Action, l.State.Code(), err)
		}
	}
	w.carry()
	return w.life(id)
}

// inHand brings a matter to the unit's desk, answered one on to where the
// unit has replied.
func (w *realm) inHand(id ledger.ID) station.Life {
	w.Helper()
	return w.do(head, id, station.Step{Action: station.DoReview, Disposition: "town"}, station.Step{Action: station.DoAssign, Unit: "城管中队"}, station.Step{Action: station.DoAccept})
}

var (
	replied = station.Step{Action: station.DoReply, Text: "已修好。", Class: "A"}
	phoned  = station.Step{Action: station.DoFeedback, Means: "phone"}
	content = station.Step{Action: station.DoRate, Attitude: "good", Outcome: "good"}
	angry   = station.Step{Action: station.DoRate, Attitude: "good", Outcome: "bad", Note: "灯还是不亮"}
	again   = station.Step{Action: station.DoRedo, Note: "重新办理"}
)

// queuesOf are the queues of both ends in which a matter stands, but those
// that only repeat what stands elsewhere.
func (w *realm) queuesOf(id ledger.ID) (in []string) {
	w.Helper()
	for _, p := range []*outpost{w.one, w.city} {
		if err := p.Warm(); err != nil {
			w.Fatal(err)
		}
		for _, q := range p.Queues(p.Owner()) {
			if q.Name == "soon" || q.Name == "overdue" || q.Name == "promise" {
				continue
			}
			ls, err := p.Queue(p.Owner(), q.Name, 0)
			if err != nil {
				w.Fatal(err)
			}
			if slices.ContainsFunc(ls, func(l station.Life) bool { return l.MatterID == id }) {
				in = append(in, p.code+" "+q.Name)
			}
		}
	}
	return in
}

// wantIn holds a matter to a state and its queues, at both ends.
func (w *realm) wantIn(id ledger.ID, st station.State, queues ...string) station.Life {
	w.Helper()
	l := w.life(id)
	if l.State != st {
		w.Errorf("%s is %s, want %s", l.Number, l.State.Code(), st.Code())
	}
	equal(w, l.Number+": queues", w.queuesOf(id), queues)
	w.agree(id)
	return l
}

// agree holds both ends to one life of each matter, and the table of each to
// its lives.
func (w *realm) agree(ids ...ledger.ID) {
	w.Helper()
	for _, id := range ids {
		a, c := w.life(id), station.Life{}
		c, err := w.city.Life(office, id)
		if err != nil {
			w.Fatal(err)
		}
		if x, y := inWords(a), inWords(c); x != y {
			w.Errorf("the station has\n%s\nthe city has\n%s", x, y)
		}
		for _, p := range []*outpost{w.one, w.city} {
			if st, due, lamp := p.Standing(id); st != a.State || due != a.Due || lamp != a.Lamp {
				w.Errorf("%s: the table of %s has %s, due %s, %s; its life is %s, due %s, %s", a.Number, p.code, st.Code(), due, lamp.Text().EN, a.State.Code(), a.Due, a.Lamp.Text().EN)
			}
		}
	}
	sameTable(w, w.one)
	sameTable(w, w.city)
}

// placed requires that somebody is to see to each matter: it stands in a
// queue, a unit has it until a day, or it waits for a lead that does, unless
// nothing is left to do about it.
func (w *realm) placed(ids ...ledger.ID) {
	w.Helper()
	for _, id := range ids {
		l := w.life(id)
		in := w.queuesOf(id)
		waits := l.Lead != "" && (l.State < station.StReplied || l.State == station.StRedo || l.State == station.StSuggestion)
		if waits && len(in) > 0 {
			w.Errorf("%s waits for its lead and stands in %v: %s", l.Number, in, inWords(l))
		}
		if l.State == station.StReplied && l.Due.IsZero() {
			w.Errorf("%s is to be told by no day: %s", l.Number, inWords(l))
		}
		if l.State == station.StRated && l.Undecided && !w.decides(l) {
			w.Errorf("nothing is to be decided about %s: %s", l.Number, inWords(l))
		}
		switch l.State {
		case station.StArchived, station.StNotAccepted, station.StVoid:
			continue
		case station.StAnswered:
			if l.Lead == "" {
				continue
			}
		case station.StAccepted, station.StDelayed, station.StRedo:
			if !l.Due.IsZero() || !l.Clock.Paused.IsZero() {
				continue
			}
		case station.StRegistered, station.StReviewed, station.StAssigned, station.StReturned, station.StSuggestion:
			if waits && w.life(l.Lead).Lead == "" {
				continue
			}
		}
		if len(in) == 0 {
			w.Errorf("nobody sees to %s: %s", l.Number, inWords(l))
		}
	}
}

// decides reports whether an end may have a matter handled again, or bring it
// to a meeting.
func (w *realm) decides(l station.Life) bool {
	return slices.ContainsFunc([]*outpost{w.one, w.city}, func(p *outpost) bool {
		return slices.ContainsFunc(p.Next(p.Owner(), l), func(t station.Transition) bool { return t.Action == station.DoRedo || t.Action == station.DoMeeting })
	})
}

// TestAVoidLeadHeldItsFollowersForGood: what had joined a matter that was
// recorded in error stood in no queue, and nothing could be done about it.
func TestAVoidLeadHeldItsFollowersForGood(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(classed("town", ""))
	w.inHand(lead)
	waits, told, parted := w.joinedTo(lead, "town"), w.joinedTo(lead, "town"), w.joinedTo(lead, "village")
	w.do(head, parted, station.Step{Action: station.DoPart, Note: "不是同一盏灯"}, station.Step{Action: station.DoAssign, Unit: "张巷村"})
	w.do(attendant, lead, replied)
	w.do(attendant, told, phoned)
	for _, p := range []*outpost{w.one, w.city} {
		if err := p.Warm(); err != nil {
			t.Fatal(err)
		}
	}
	n := w.life(lead).Number
	f, _, err := w.one.Lookup(head, n)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.one.Void(head, f, "录错"); err != nil {
		t.Fatal(err)
	}
	w.carry()
	if l := w.wantIn(waits, station.StRegistered, "QA01 review"); l.Lead != "" || l.Due != date("2026-11-23") {
		t.Errorf("it follows %q and is due %s", l.Lead, l.Due)
	}
	w.wantIn(told, station.StFedBack, "QA01 rate") // told is told
	w.wantIn(parted, station.StAssigned, "QA01 accept")
	w.inHand(waits) // it goes its own way
	if l := w.do(attendant, waits, replied); l.State != station.StReplied {
		t.Errorf("it is %s", l.State.Code())
	}
	second := w.issue(classed("town", ""))
	w.do(attendant, w.joinedTo(second, "town"), station.Step{Action: station.DoPart, Note: "不是"})
	w.agree(waits, told, parted)
}

// TestNobodyWasToldWhatTheLeadsVoterHeardOnTheSpot: what joined a matter that
// was answered on the spot stood in no queue until that one's voter was asked.
func TestNobodyWasToldWhatTheLeadsVoterHeardOnTheSpot(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(func(in *station.Issue) { in.Disposition, in.Reply = "onspot", "已联系供电所,今晚修。" })
	f := w.issue(classed("town", w.life(lead).Number))
	if l := w.wantIn(f, station.StReplied, "QA01 feedback"); l.Answer != "已联系供电所,今晚修。" {
		t.Errorf("to be told %q", l.Answer)
	}
	w.do(other, lead, content)
	w.wantIn(f, station.StReplied, "QA01 feedback")
	w.do(attendant, f, phoned)
	w.wantIn(f, station.StFedBack, "QA01 rate")
}

// TestAMatterAnsweredOnTheSpotAndJoinedWasInNoQueue, though its lead had been
// replied to.
func TestAMatterAnsweredOnTheSpotAndJoinedWasInNoQueue(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(classed("town", ""))
	w.inHand(lead)
	f := w.issue(classed("onspot", w.life(lead).Number))
	w.wantIn(f, station.StAccepted)
	w.do(attendant, lead, replied)
	w.wantIn(f, station.StReplied, "QA01 feedback")
	w.do(attendant, f, phoned)
	w.wantIn(f, station.StFedBack, "QA01 rate")
}

// TestWhatALeadWasTurnedAwayForWasNotToldToOthers: what followed was to be
// told, with neither an answer nor a reason.
func TestWhatALeadWasTurnedAwayForWasNotToldToOthers(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(classed("town", ""))
	f := w.joinedTo(lead, "town")
	w.do(head, lead, station.Step{Action: station.DoRefuse, Disposition: "refuse", Reason: "court"})
	if l := w.wantIn(f, station.StReplied, "QA01 feedback"); l.Turned != "court" || l.Answer != "" { // not what the lead's voter heard before
		t.Errorf("turned away for %q, to be told %q", l.Turned, l.Answer)
	}
	if got := papers(t, w.one.Desk, head, w.life(f).Number, station.PaperSlip, false); !strings.Contains(got, "法律援助中心") {
		t.Errorf("the slip does not say where to turn to:\n%s", got)
	}
}

// refuses requires that a step is refused, by the code of the problem.
func (w *realm) refuses(who station.Who, id ledger.ID, s station.Step, code string) {
	w.Helper()
	p := w.one
	if who.City {
		p = w.city
	}
	l, err := p.Life(who, id)
	if err != nil {
		w.Fatal(err)
	}
	_, err = p.Take(who, l, s)
	problem(w, err, code)
}

// TestAJoinedVoterWhoWasNotSatisfiedOpenedNothing: neither the joined matter
// nor its lead could be handled again.
func TestAJoinedVoterWhoWasNotSatisfiedOpenedNothing(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(classed("town", ""))
	w.inHand(lead)
	f := w.joinedTo(lead, "town")
	w.do(attendant, lead, replied, phoned)
	w.do(other, lead, content)
	w.do(attendant, f, phoned)
	w.refuses(head, f, again, "step-not-now") // nobody was dissatisfied yet
	w.do(other, f, angry)
	w.wantIn(f, station.StRated, "QA01 bad")
	w.do(head, lead, station.Step{Action: station.DoClose}, station.Step{Action: station.DoFile}) // the lead is over: it is no matter
	l := w.do(head, f, again)
	if l.Lead != "" || l.Unit != "城管中队" || l.Clock.Timer != station.TimerRedo || l.Due != date("2026-12-23") || l.Undecided || l.Bad != 1 || l.Redone != 1 {
		t.Errorf("handled again it follows %q, is at %q, %s due %s, undecided %v, bad %d, redone %d", l.Lead, l.Unit, l.Clock.Timer, l.Due, l.Undecided, l.Bad, l.Redone)
	}
	w.wantIn(f, station.StRedo, "QA01 accept")
	x, err := w.one.Dossier(head, l.VisitID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.one.Compose(x, station.PaperAssign, false); err != nil {
		t.Errorf("nothing to hand the unit: %v", err)
	}
	w.do(attendant, f, station.Step{Action: station.DoAccept}, station.Step{Action: station.DoReply, Text: "换了新灯。", Class: "A"}, phoned)
	w.do(other, f, angry)
	w.refuses(head, f, again, "step-not-now") // a second time
	w.do(head, f, station.Step{Action: station.DoMeeting, Text: "十二月底前换线。"}, station.Step{Action: station.DoClose}, station.Step{Action: station.DoFile})
	w.wantIn(f, station.StArchived)
}

// TestASecondAnswerDidNotReachThoseWhoWereToldTheFirst: the lead was handled
// again, and the joined voters kept the answer that had been taken back.
func TestASecondAnswerDidNotReachThoseWhoWereToldTheFirst(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(classed("town", ""))
	w.inHand(lead)
	told, rated, filed := w.joinedTo(lead, "town"), w.joinedTo(lead, "town"), w.joinedTo(lead, "town")
	waits, parted := w.joinedTo(lead, "onspot"), w.joinedTo(lead, "town")
	w.do(attendant, lead, replied)
	for _, f := range []ledger.ID{told, rated, filed, parted} {
		w.do(attendant, f, phoned)
	}
	w.do(other, rated, angry)
	w.do(other, filed, content)
	w.do(head, filed, station.Step{Action: station.DoFile})
	w.do(head, lead, again)
	for _, f := range []ledger.ID{told, rated, waits, parted} {
		w.wantIn(f, station.StRedo) // what was told is taken back: all wait
	}
	w.do(head, parted, station.Step{Action: station.DoPart, Note: "不是同一盏灯"})
	w.wantIn(parted, station.StReviewed, "QA01 assign")
	w.do(attendant, lead, station.Step{Action: station.DoAccept}, station.Step{Action: station.DoReply, Text: "换了新灯。", Class: "A"})
	for _, f := range []ledger.ID{told, rated, waits} {
		if l := w.wantIn(f, station.StReplied, "QA01 feedback"); l.Answer != "换了新灯。" {
			t.Errorf("to be told %q", l.Answer)
		}
		w.do(attendant, f, phoned)
		w.wantIn(f, station.StFedBack, "QA01 rate")
	}
	w.wantIn(filed, station.StArchived)
	// The second time of the same voter.
	w.do(other, rated, angry)
	w.wantIn(rated, station.StRated, "QA01 bad")
	w.refuses(head, rated, again, "step-not-now")
	w.refuses(head, rated, station.Step{Action: station.DoFile, Note: "归档"}, "step-not-now")
	w.do(head, rated, station.Step{Action: station.DoMeeting, Text: "十二月底前换线。"}, station.Step{Action: station.DoFile})
	w.do(other, told, content)
	w.do(head, told, station.Step{Action: station.DoFile})
	w.agree(told, rated, filed, waits, parted, lead)
}

// Where the station tells the joined voters while the city has the lead handled
// again, they are told what is known later; a telling at both ends is one.
func TestJoinedVotersToldWhileTheLeadIsHandledAgain(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(classed("city", ""))
	w.do(office, lead, station.Step{Action: station.DoReview, Disposition: "city"}, station.Step{Action: station.DoAssign, Unit: "供电公司"}, station.Step{Action: station.DoAccept})
	one, both := w.joinedTo(lead, "city"), w.joinedTo(lead, "city")
	w.do(office, lead, replied)
	take := func(p *outpost, who station.Who, id ledger.ID, s station.Step) {
		t.Helper()
		l, err := p.Life(who, id)
		if err == nil {
			_, err = p.Take(who, l, s)
		}
		if err != nil {
			t.Fatalf("%s: %v", s.Action, err)
		}
	}
	take(w.one, attendant, both, phoned) // the line is down
	take(w.city, office, both, phoned)
	take(w.city, office, both, content)
	w.carry()
	if l := w.wantIn(both, station.StRated, "QA01 file"); l.Steps[len(l.Steps)-1].Moot == nil {
		t.Error("both told the same answer, and both count")
	}
	take(w.one, attendant, one, phoned)
	take(w.city, office, lead, again)
	w.carry()
	w.wantIn(one, station.StRedo)
	w.do(office, lead, station.Step{Action: station.DoAccept}, replied)
	w.wantIn(one, station.StReplied, "QA01 feedback")
	w.wantIn(both, station.StReplied, "QA01 feedback")
	w.do(attendant, both, phoned)
	w.wantIn(both, station.StFedBack, "QA01 rate")
}

// TestAJoinedVotersClockWasLost: once the lead's voter was told, a joined one
// was to be told by no day, and one who was to be asked stood in no list of what
// is overdue.
func TestAJoinedVotersClockWasLost(t *testing.T) {
	w := newRealm(t)
	on := func(day string) { *w.one.now = date(day).Time(station.Beijing).Add(10 * 60 * 60 * 1e9) }
	overdue := func() (out []string) {
		t.Helper()
		ls, err := w.one.Queue(attendant, "overdue", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range ls {
			out = append(out, l.Number)
		}
		return out
	}
	lead := w.issue(classed("town", ""))
	w.inHand(lead)
	f := w.joinedTo(lead, "town")
	on("2026-12-20")
	l := w.wantIn(f, station.StAccepted)
	if l.Lamp != station.LampOver {
		t.Errorf("lamp %s", l.Lamp.Text().EN)
	}
	equal(t, "overdue, that waits for its lead", overdue(), []string{w.life(lead).Number})
	w.do(attendant, lead, replied)
	told := func(due string, lamp station.Lamp) {
		t.Helper()
		if l := w.wantIn(f, station.StReplied, "QA01 feedback"); l.Clock.Timer != station.TimerTell || l.Due != date(due) || l.Lamp != lamp {
			t.Errorf("to be told: %s due %s, lamp %s; want T6, %s, %s", l.Clock.Timer, l.Due, l.Lamp.Text().EN, due, lamp.Text().EN)
		}
	}
	told("2026-12-23", station.LampOK)
	w.do(attendant, lead, phoned)
	w.do(other, lead, content)
	told("2026-12-23", station.LampOK)
	on("2026-12-24")
	told("2026-12-23", station.LampOver)
	equal(t, "overdue, to be told", overdue(), []string{l.Number})
	w.do(attendant, f, phoned)
	if l := w.wantIn(f, station.StFedBack, "QA01 rate"); l.Clock.Timer != station.TimerAsk || l.Due != date("2027-01-07") {
		t.Errorf("to be asked: %s due %s", l.Clock.Timer, l.Due)
	}
	on("2027-02-20")
	w.wantIn(f, station.StFedBack, "QA01 rate")
	equal(t, "overdue, to be asked", overdue(), []string{l.Number})
	// What joins when there has long been an answer is to be told from then on.
	late := w.joinedTo(lead, "village")
	if l := w.wantIn(late, station.StReplied, "QA01 feedback"); l.Due != date("2027-02-24") || l.Lamp != station.LampOK {
		t.Errorf("joined on 20 February it is due %s, %s", l.Due, l.Lamp.Text().EN)
	}
	spot := w.issue(classed("onspot", ""))
	if l := w.wantIn(w.joinedTo(spot, "village"), station.StReplied, "QA01 feedback"); l.Due != date("2027-02-24") {
		t.Errorf("answered on the spot on 20 February, it is to be told by %s", l.Due)
	}
}

// TestWhoEnteredTheLeadsAnswerAskedTheJoinedVoters how satisfied they were with
// it.
func TestWhoEnteredTheLeadsAnswerAskedTheJoinedVoters(t *testing.T) {
	b := newDesk(t)
	one := b.user(station.User{Name: "张敏", Role: station.RoleAttendant}, "27182").Who()
	two := b.user(station.User{Name: "赵强", Role: station.RoleAttendant}, "31415").Who()
	again := func(l station.Life) station.Life {
		t.Helper()
		l, err := b.Life(head, l.MatterID)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	lead := b.accepted("town")
	f := b.take(attendant, b.matter("town"), station.Step{Action: station.DoJoin, Lead: lead.MatterID})
	b.take(one, lead, replied)
	f = b.take(one, again(f), phoned)
	b.refused(one, f, content, "rate-own")
	if slices.ContainsFunc(b.Next(one, f), func(t station.Transition) bool { return t.Action == station.DoRate }) {
		t.Error("it is offered all the same")
	}
	b.take(two, f, content)
	// What was said on the spot likewise.
	spot, err := b.LifeByNumber(one, string(b.receive(one, lamp()).Number))
	if err != nil {
		t.Fatal(err)
	}
	f = b.take(attendant, b.matter("town"), station.Step{Action: station.DoJoin, Lead: spot.MatterID})
	b.take(two, spot, content)
	f = b.take(one, again(f), phoned)
	b.refused(one, f, content, "rate-own")
	b.take(two, f, content)
}

// TestAJoinedMatterWaitedForASuggestionOfItsOwn though its lead was in one, and
// got a second without having passed the gate.
func TestAJoinedMatterWaitedForASuggestionOfItsOwn(t *testing.T) {
	w := newRealm(t)
	if _, err := w.city.PutDeputies(office, []station.Deputy{{Code: "D001", Name: "李建国"}}); err != nil {
		t.Fatal(err)
	}
	lead := w.issue(classed("proposal", ""))
	f, early := w.joinedTo(lead, "proposal"), w.joinedTo(lead, "upper")
	w.do(head, lead, station.Step{Action: station.DoReview, Disposition: "proposal"})
	w.wantIn(early, station.StReviewed)
	w.do(head, lead, station.Step{Action: station.DoSuggest, Gate: []string{"no", "no", "no", "no", "no", "no"}})
	w.wantIn(f, station.StSuggestion)
	suggest := func(number string) (station.Suggestion, error) {
		return w.city.NewSuggestion(office, station.Suggestion{Term: 17, Meeting: 4, Title: "关于路灯的建议", Body: "内容。", Lead: "D001", Category: "11", Matters: []string{number}})
	}
	numbers := func() (out []string) {
		t.Helper()
		ls, err := w.city.Unsuggested(office)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range ls {
			out = append(out, l.Number)
		}
		return out
	}
	n := w.life(lead).Number
	equal(t, "to be written", numbers(), []string{n})
	_, err := suggest(w.life(f).Number)
	faulty(t, err, "matters", "suggestion-joined")
	if p := station.Say(err); !strings.Contains(p.ZH, n) || !strings.Contains(p.EN, n) {
		t.Errorf("which to name instead is not said: %+v", p)
	}
	s, err := suggest(n)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "to be written", numbers(), nil)
	if s, err = w.city.AssignSuggestion(office, s.ID(), []station.Undertaker{{Unit: "住建局"}}, false); err != nil {
		t.Fatal(err)
	}
	w.carry()
	if l := w.wantIn(f, station.StSuggestion); l.Suggestion != s.ID() || l.Unit != "住建局" || l.Due != date("2027-02-23") {
		t.Errorf("it is in %q, at %q, due %s", l.Suggestion, l.Unit, l.Due)
	}
	if _, err := w.city.ReplySuggestion(office, s.ID(), station.SuggestionReply{Text: "三月开工。", Class: "A"}); err != nil {
		t.Fatal(err)
	}
	w.carry()
	if l := w.wantIn(f, station.StReplied, "QA01 feedback"); !strings.Contains(l.Answer, "三月开工。") {
		t.Errorf("to be told %q", l.Answer)
	}
	w.do(attendant, f, phoned)
	w.wantIn(f, station.StFedBack, "QA01 rate")
	// The deputy is not satisfied: the second answer reaches the joined voter too.
	if _, err := w.city.AppraiseSuggestion(office, s.ID(), station.Appraisal{Attitude: "bad", Outcome: "bad", Reason: "没有时间表"}); err != nil {
		t.Fatal(err)
	}
	w.carry()
	w.wantIn(f, station.StRedo)
	if _, err := w.city.ReplySuggestion(office, s.ID(), station.SuggestionReply{Text: "三月十日开工。", Class: "A"}); err != nil {
		t.Fatal(err)
	}
	w.carry()
	w.wantIn(f, station.StReplied, "QA01 feedback")
}

// TestAMatterAnsweredOnTheSpotThatPartedHadNoDeadline: it was handed to a unit as
// 当场答复, without a day by which it was due.
func TestAMatterAnsweredOnTheSpotThatPartedHadNoDeadline(t *testing.T) {
	w := newRealm(t)
	lead := w.issue(classed("town", ""))
	w.inHand(lead)
	f, told := w.joinedTo(lead, "onspot"), w.joinedTo(lead, "onspot")
	part := station.Step{Action: station.DoPart, Note: "不是同一盏灯"}
	for _, x := range w.one.Next(head, w.life(f)) {
		if x.Action == station.DoPart && x.To != station.StAnswered {
			t.Errorf("it is said to lead to %s", x.To.Code())
		}
	}
	w.do(attendant, f, part)
	if l := w.wantIn(f, station.StAnswered); l.Lead != "" || l.Disposition != "onspot" {
		t.Errorf("it follows %q, %s", l.Lead, l.Disposition)
	}
	w.refuses(head, f, station.Step{Action: station.DoAssign, Unit: "城管中队"}, "step-not-now")
	w.do(head, f, station.Step{Action: station.DoReopen, Disposition: "village", Note: "没解决"}, station.Step{Action: station.DoAssign, Unit: "张巷村"}, station.Step{Action: station.DoAccept})
	if l := w.wantIn(f, station.StAccepted); l.Due != date("2026-12-02") {
		t.Errorf("in hand until %q", l.Due)
	}
	w.do(attendant, lead, replied)
	w.do(attendant, told, phoned)
	w.do(head, lead, again)
	w.do(attendant, told, part)
	w.wantIn(told, station.StAnswered)
	// One that was being handled is handed out anew.
	third := w.issue(classed("village", ""))
	w.inHand(third)
	w.do(attendant, third, station.Step{Action: station.DoJoin, Lead: lead}, part)
	w.wantIn(third, station.StReviewed, "QA01 assign")
}

// What was read to a joined voter is not what they were told, where the lead
// has been answered anew meanwhile.
func TestTheLeadsAnswerChangedWhileTheVoterWasCalled(t *testing.T) {
	b := newDesk(t)
	lead := b.accepted("town")
	f := b.take(attendant, b.matter("town"), station.Step{Action: station.DoJoin, Lead: lead.MatterID})
	lead = b.take(attendant, lead, replied)
	f, err := b.Life(head, f.MatterID)
	if err != nil {
		t.Fatal(err)
	}
	lead = b.take(attendant, b.take(head, lead, again), station.Step{Action: station.DoAccept})
	b.take(attendant, lead, station.Step{Action: station.DoReply, Text: "换了新灯。", Class: "A"})
	b.refused(attendant, f, phoned, "life-moved")
}

// TestPartedWhileItsVoterWasTold: the city tells the voter the lead's answer;
// at once the station has that handled again, parts the matter from it and joins
// the lead to another. The parting counts, or it would follow a follower.
func TestPartedWhileItsVoterWasTold(t *testing.T) {
	w := newRealm(t)
	lead, third := w.issue(classed("town", "")), w.issue(classed("town", ""))
	w.inHand(lead)
	f := w.joinedTo(lead, "city")
	w.do(attendant, lead, replied)
	take := func(p *outpost, who station.Who, id ledger.ID, s station.Step) {
		t.Helper()
		l, err := p.Life(who, id)
		if err == nil {
			_, err = p.Take(who, l, s)
		}
		if err != nil {
			t.Fatalf("%s: %v", s.Action, err)
		}
	}
	take(w.city, office, f, phoned)
	take(w.one, head, lead, again)
	take(w.one, head, f, station.Step{Action: station.DoPart, Note: "不是同一盏灯"})
	take(w.one, head, lead, station.Step{Action: station.DoJoin, Lead: third})
	w.carry()
	if l := w.wantIn(f, station.StReviewed, "city assign"); l.Lead != "" || !l.Told.IsZero() {
		t.Errorf("it follows %q, told %s", l.Lead, l.Told)
	}
	w.placed(lead, third, f)
	w.agree(lead, third, f)
}
