package station_test

import (
	"testing"

	"liaison/station"
)

// matter records one matter with a disposition and returns its life.
func (b *bench) matter(disposition string) station.Life {
	b.Helper()
	r := lamp()
	r.Matters[0].Disposition = disposition
	s := b.receive(attendant, r)
	l, err := b.LifeByNumber(head, string(s.Number))
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// take does a step and fails the test where it may not be done.
func (b *bench) take(who station.Who, l station.Life, s station.Step) station.Life {
	b.Helper()
	l, err := b.Take(who, l, s)
	if err != nil {
		b.Fatalf("%s %s: %v", who.Name, s.Action, err)
	}
	return l
}

// queue lists the numbers in a queue.
func (b *bench) queue(who station.Who, name string) []string {
	b.Helper()
	ls, err := b.Queue(who, name, 0)
	if err != nil {
		b.Fatal(err)
	}
	var out []string
	for _, l := range ls {
		out = append(out, l.Number)
	}
	for _, c := range b.Queues(who) {
		if c.Name == name && c.N != len(out) {
			b.Errorf("queue %s counts %d and lists %d", name, c.N, len(out))
		}
	}
	return out
}

// TestAMatterGoesThroughItsLife as the head, the attendant and the deputy of
// one station see it, from the voter's word to the file.
func TestAMatterGoesThroughItsLife(t *testing.T) {
	b := newDesk(t)
	b.roster()
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	l := b.matter("town")
	expect := func(st station.State, timer station.Timer, due string, in string, who station.Who) {
		t.Helper()
		if l.State != st || l.Clock.Timer != timer || l.Due.String() != due {
			t.Fatalf("%s, clock %s due %s; want %s, %s %s", l.State.Text().ZH, l.Clock.Timer, l.Due, st.Text().ZH, timer, due)
		}
		if in != "" {
			equal(t, in, b.queue(who, in), []string{l.Number})
		}
	}
	expect(station.StRegistered, station.TimerClass, "2026-11-23", "review", head)
	l = b.take(head, l, station.Step{Action: station.DoReview})
	expect(station.StReviewed, station.TimerAssign, "2026-11-26", "assign", town)
	l = b.take(town, l, station.Step{Action: station.DoAssign, Unit: "城管中队", DocNo: "曲街交〔2026〕3号"})
	expect(station.StAssigned, station.TimerSign, "2026-11-30", "accept", attendant)
	l = b.take(attendant, l, station.Step{Action: station.DoReturn, Note: "不属本单位职责"})
	expect(station.StReturned, station.TimerAgain, "2026-11-26", "returned", head)
	l = b.take(head, l, station.Step{Action: station.DoReview, Disposition: "town"})
	expect(station.StReviewed, station.TimerAgain, "2026-11-26", "assign", head)
	l = b.take(town, l, station.Step{Action: station.DoAssign, Unit: "供电所"})
	b.set(date("2026-11-27").Time(station.Beijing))
	l = b.take(attendant, l, station.Step{Action: station.DoAccept})
	expect(station.StAccepted, station.TimerHandle, "2026-12-14", "", head) // 15 working days from 交办, the 23rd
	l = b.take(deputy1, b.follow(l, deputy1), station.Step{Action: station.DoUrge})
	l = b.take(attendant, l, station.Step{Action: station.DoContact})
	l = b.take(attendant, l, station.Step{Action: station.DoReply, Text: "路灯已修复,并更换了线路。", Class: "A"})
	expect(station.StReplied, station.TimerTell, "2026-12-02", "feedback", attendant)
	if !l.InTime || !l.Met || l.Urged != 1 || l.Returned != 1 || l.Class != "1A" {
		t.Errorf("in time %v, met %v, urged %d, returned %d, class %s", l.InTime, l.Met, l.Urged, l.Returned, l.Class)
	}
	l = b.take(attendant, l, station.Step{Action: station.DoFeedback, Means: "phone"})
	expect(station.StFedBack, station.TimerAsk, "2026-12-11", "rate", other)
	l = b.take(other, l, station.Step{Action: station.DoRate, Attitude: "good", Outcome: "fair"})
	expect(station.StRated, station.TimerNone, "", "close", head)
	if _, err := b.Take(head, l, station.Step{Action: station.DoFile}); err == nil {
		t.Error("filed before the deputy accepted the reply")
	}
	l = b.take(deputy1, l, station.Step{Action: station.DoClose})
	expect(station.StRated, station.TimerNone, "", "file", head)
	l = b.take(head, l, station.Step{Action: station.DoFile})
	expect(station.StArchived, station.TimerNone, "", "", head)
	if len(l.Steps) != 13 || l.Satisfied() != "fair" {
		t.Errorf("%d steps, satisfied %q", len(l.Steps), l.Satisfied())
	}
	for _, c := range b.Queues(head) {
		if c.N != 0 {
			t.Errorf("%s still holds %d", c.Name, c.N)
		}
	}
}

// follow makes l concern a deputy: the deputy sat at its session.
func (b *bench) follow(l station.Life, who station.Who) station.Life {
	b.Helper()
	s, err := b.Session(l.Session)
	if err != nil {
		b.Fatal(err)
	}
	s.Deputies = []string{who.Deputy}
	if _, err := b.PutSession(head, s, "值班代表"); err != nil {
		b.Fatal(err)
	}
	equal(b, "what "+who.Name+" follows", b.queue(who, "follow"), []string{l.Number})
	return l
}
