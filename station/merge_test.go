package station_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

// bring carries some of what one ledger holds for another: at most so many
// entries of each stream.
func bring(t testing.TB, from, to *outpost, most int) {
	t.Helper()
	heads, err := from.led.Heads()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if h.Stream.Writer() != from.code || h.Stream.Reader() != "" && h.Stream.Reader() != to.code {
			continue
		}
		have, err := to.led.Head(h.Stream)
		if err != nil {
			t.Fatal(err)
		}
		es, err := from.led.Since(h.Stream, have.Seq, most)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range es {
			if station.Withheld(from.led, e) {
				es[i] = e.Withhold()
			}
		}
		if _, err := to.Ledger().Commit(t.Context(), ledger.Change{Foreign: es}); err != nil {
			t.Fatal(err)
		}
	}
}

// told is a life in words, for comparing what two ends compute.
func inWords(l station.Life) string {
	var b strings.Builder
	for _, s := range l.Steps {
		moot := ""
		if s.Moot != nil {
			moot = s.Moot.ZH
		}
		fmt.Fprintf(&b, "%s %v %s→%s %s %s\n", s.Action, s.City, s.From.Code(), s.To.Code(), s.ID, moot)
	}
	l.Steps = nil
	slices.Sort(l.Followers)
	c := l.Clock
	return fmt.Sprintf("%s%s %s unit=%q due=%s lamp=%d timer=%s paused=%s class=%s promise=%s kept=%s told=%s rated=%s %s/%s bad=%d closed=%v lead=%s followers=%v intime=%v by=%s urged=%d answer=%q turned=%s",
		b.String(), l.State.Code(), l.Disposition, l.Unit, l.Due, l.Lamp, c.Timer, c.Paused, l.Class, l.Promise, l.Kept, l.Told, l.Rated,
		l.Attitude, l.Outcome, l.Bad, l.Closed, l.Lead, l.Followers, l.InTime, l.HandleBy, l.Urged, l.Answer, l.Turned)
}

// randomStep makes a step that says all that a row needs.
func randomStep(r *rand.Rand, d *station.Desk, t station.Transition, l station.Life, all []ledger.ID) station.Step {
	s := station.Step{Action: t.Action, Note: "说明", Text: "内容", Unit: pick(r, []string{"城管中队", "供电所", "住建局"}),
		Class: pick(r, []string{"A", "B", "C", "D"}), Date: d.Today().AddDays(1 + r.IntN(20)), Means: pick(r, station.Meanses).Code,
		Attitude: pick(r, station.Satisfactions).Code, Outcome: pick(r, station.Satisfactions).Code, Gate: []string{"no", "no", "no", "no", "no", "no"}}
	switch t.Action {
	case station.DoReview, station.DoReopen:
		s.Disposition = pick(r, []string{"village", "town", "city", "mediate", "city"})
		if d.AtCity() {
			s.Disposition = "city"
		}
	case station.DoRefuse:
		s.Disposition, s.Reason = "refuse", pick(r, station.RefuseReasons).Code
		if r.IntN(2) == 0 {
			s.Disposition, s.Reason = "guide", pick(r, station.GuideDoors).Code
		}
	case station.DoExtend:
		s.Date = l.Due.AddDays(1)
	case station.DoJoin:
		s.Lead = pick(r, all)
	}
	return s
}

// ofJoined are the steps that make and end what joined matters have of their
// own, so that a random walk sees enough of them.
func ofJoined(t station.Transition) bool {
	return t.Joined && t.Rank == station.RankUsual && t.Action != station.DoFile || t.Action == station.DoJoin
}

// TestBothEndsComputeTheSameLife lets a station and the city act on the same
// matters, each before it has seen what the other did, and carries their
// entries between them in bits, at any time and in any order. At the end both
// have the same timeline of every matter: same order, same states, same
// reasons where a step had no effect; and every matter is somebody's to see to.
func TestBothEndsComputeTheSameLife(t *testing.T) {
	steps, moot, refused := 0, 0, 0
	states := map[station.State]bool{}
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2026))
		w := newRealm(t)
		if _, err := w.city.PutCalendars(office, arrangement(t)); err != nil {
			t.Fatal(err)
		}
		var all []ledger.ID
		for i := range 7 {
			in := lamp()
			in.Matters[0].Disposition = []string{"city", "town", "city", "proposal", "onspot", "village", "onspot"}[i]
			s := w.receive(w.one, in)
			f, _, err := w.one.Lookup(head, string(s.Number))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, f.MatterID(0))
		}
		w.carry()
		for range 160 {
			switch r.IntN(8) {
			case 0:
				bring(t, w.one, w.city, 1+r.IntN(6))
			case 1:
				bring(t, w.city, w.one, 1+r.IntN(6))
			case 2:
				*w.one.now = w.one.now.Add(time.Duration(r.IntN(20)) * time.Hour)
			case 3:
				switch r.IntN(12) {
				case 0, 1:
					pick(r, []*outpost{w.one, w.city}).restart(t)
				case 2:
					id := pick(r, all)
					if lead := w.life(id).Lead; lead != "" {
						id = lead
					}
					f, _, err := w.one.Lookup(head, w.life(id).Number)
					if err == nil {
						err = w.one.Void(head, f, "录错")
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			default:
				at, who := w.one, pick(r, []station.Who{head, attendant, other, town, head})
				if r.IntN(2) == 0 {
					at, who = w.city, office
				}
				id := all[min(r.IntN(len(all)), r.IntN(len(all)))] // some matters more than others
				l, err := at.Life(who, id)
				if err != nil {
					t.Fatal(err)
				}
				next := at.Next(who, l)
				if len(next) == 0 {
					continue
				}
				x := next[min(r.IntN(len(next)), r.IntN(len(next)))]
				if i := slices.IndexFunc(next, ofJoined); i >= 0 && r.IntN(4) == 0 {
					x = next[i]
				}
				if _, err := at.Take(who, l, randomStep(r, at.Desk, x, l, all)); err != nil {
					if p := station.Say(err); p.Code == "E-OTHER" || p.Code == "life-moved" {
						t.Fatalf("seed %d: %s at %s: %v", seed, x.Action, at.code, err)
					}
					refused++
				}
			}
		}
		w.carry()
		lead := map[ledger.ID]ledger.ID{}
		for _, id := range all {
			a, err := w.one.Life(head, id)
			if err != nil {
				t.Fatal(err)
			}
			lead[id] = a.Lead
			c, err := w.city.Life(office, id)
			if err != nil {
				t.Fatal(err)
			}
			if x, y := inWords(a), inWords(c); x != y {
				t.Errorf("seed %d: the station has\n%s\nthe city has\n%s", seed, x, y)
			}
			steps += len(a.Steps)
			for _, s := range a.Steps {
				states[s.To] = true
				if s.Moot == nil {
					continue
				}
				moot++
				if s.From != s.To || s.Moot.ZH == "" || s.Moot.EN == "" {
					t.Errorf("a step without effect went from %s to %s: %+v", s.From.Code(), s.To.Code(), s.Moot)
				}
			}
		}
		for id, l := range lead {
			if l != "" && lead[l] != "" && w.life(id).State < station.StFedBack { // what is told or filed waits for nobody
				t.Errorf("seed %d: %s follows %s, which follows %s", seed, id, l, lead[l])
			}
		}
		w.agree(all...)
		w.placed(all...)
	}
	t.Logf("%d steps at both ends, %d of them without effect, %d refused at the desk, %d states", steps, moot, refused, len(states))
	if moot < 10 || len(states) < 12 {
		t.Errorf("%d steps without effect and %d states: nothing was tried", moot, len(states))
	}
}

// sameTable compares the table kept by every commit with one read anew.
func sameTable(t testing.TB, p *outpost) {
	t.Helper()
	if err := p.Warm(); err != nil {
		t.Fatal(err)
	}
	fresh, err := station.Open(p.led, station.Options{Now: func() time.Time { return *p.now }})
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Warm(); err != nil {
		t.Fatal(err)
	}
	kept, waiting := station.Fates(p.Desk)
	read, waits := station.Fates(fresh)
	equal(t, p.code+": lives", kept, read)
	if waiting != waits {
		t.Errorf("%s: %d lives may wait in the kept table, %d in the refilled one", p.code, waiting, waits)
	}
}

// Where both act before they have seen each other, the city's counts first;
// the station's step stays in the timeline as 未生效, with what the city did.
func TestOfTwoAtOnceTheCitysCounts(t *testing.T) {
	w := newRealm(t)
	in := lamp()
	in.Matters[0].Disposition = "city"
	s := w.receive(w.one, in)
	w.carry()
	at := func(p *outpost, who station.Who) station.Life {
		t.Helper()
		l, err := p.LifeByNumber(who, string(s.Number))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	take := func(p *outpost, who station.Who, s station.Step) {
		t.Helper()
		if _, err := p.Take(who, at(p, who), s); err != nil {
			t.Fatalf("%s: %v", s.Action, err)
		}
	}
	// The line is down: the station guides the voter elsewhere, the city takes the matter up.
	take(w.one, head, station.Step{Action: station.DoRefuse, Disposition: "guide", Reason: "hotline"})
	take(w.city, office, station.Step{Action: station.DoReview, Disposition: "city"})
	take(w.city, office, station.Step{Action: station.DoAssign, Unit: "供电公司"})
	if st := at(w.one, head).State; st != station.StNotAccepted {
		t.Errorf("before the line is back the station has %s", st.Text().ZH)
	}
	w.carry()
	for _, l := range []station.Life{at(w.one, head), at(w.city, office)} {
		if l.State != station.StAssigned || l.Unit != "供电公司" || len(l.Steps) != 3 {
			t.Errorf("%s at %q after %d steps", l.State.Text().ZH, l.Unit, len(l.Steps))
		}
		last := l.Steps[2]
		if last.Action != station.DoRefuse || last.Moot == nil || !strings.Contains(last.Moot.ZH, "市里同时已“交办”") || !strings.Contains(last.Moot.EN, "the city's counts first") {
			t.Errorf("the last step is %s, without effect because %+v", last.Action, last.Moot)
		}
	}
	// What the station does after it has seen the city's steps comes after them.
	take(w.city, office, station.Step{Action: station.DoAccept})
	w.carry()
	take(w.one, attendant, station.Step{Action: station.DoReply, Text: "供电公司书面答复:已换线。", Class: "A", DocNo: "丹供函〔2026〕8号"})
	w.carry()
	take(w.city, office, station.Step{Action: station.DoClose})
	take(w.one, attendant, station.Step{Action: station.DoFeedback, Means: "phone"})
	w.carry()
	a, c := at(w.one, head), at(w.city, office)
	if inWords(a) != inWords(c) || a.State != station.StFedBack || !a.Closed {
		t.Errorf("the station has\n%s\nthe city has\n%s", inWords(a), inWords(c))
	}
}

// TestMattersJoinedCrosswiseFellOutOfEveryQueue: while the line was down the
// station joined one matter to another, and the city that one to the first, or
// to a third. Followers of each other, or in a chain, stood in no queue for good.
// Of two such joins the city's counts.
func TestMattersJoinedCrosswiseFellOutOfEveryQueue(t *testing.T) {
	for _, c := range []struct {
		name       string
		ours, city [2]int // which joins which
		free       int    // the one that follows nobody then
	}{
		{"a circle", [2]int{0, 1}, [2]int{1, 0}, 0},
		{"a chain, the lead led away", [2]int{0, 1}, [2]int{1, 2}, 0},
		{"a chain, the follower followed", [2]int{1, 2}, [2]int{0, 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newRealm(t)
			var id []ledger.ID
			for range 3 {
				in := lamp()
				in.Matters[0].Disposition = "city"
				f, _, err := w.one.Lookup(head, string(w.receive(w.one, in).Number))
				if err != nil {
					t.Fatal(err)
				}
				id = append(id, f.MatterID(0))
			}
			life := func(p *outpost, who station.Who, i int) station.Life {
				t.Helper()
				l, err := p.Life(who, id[i])
				if err != nil {
					t.Fatal(err)
				}
				return l
			}
			take := func(p *outpost, who station.Who, i int, s station.Step) {
				t.Helper()
				if _, err := p.Take(who, life(p, who, i), s); err != nil {
					t.Fatalf("%s: %v", s.Action, err)
				}
			}
			for i := range id {
				take(w.one, head, i, station.Step{Action: station.DoReview, Disposition: "city"})
			}
			w.carry()
			for _, p := range []*outpost{w.one, w.city} {
				if err := p.Warm(); err != nil {
					t.Fatal(err)
				}
			}
			take(w.one, head, c.ours[0], station.Step{Action: station.DoJoin, Lead: id[c.ours[1]]})
			take(w.city, office, c.city[0], station.Step{Action: station.DoJoin, Lead: id[c.city[1]]})
			w.carry()
			check := func(when string, of int) {
				t.Helper()
				for i := range id {
					a, b := life(w.one, head, i), life(w.city, office, i)
					if x, y := inWords(a), inWords(b); x != y {
						t.Errorf("%s: the station has\n%s\nthe city has\n%s", when, x, y)
					}
					want := ledger.ID("")
					if i == c.city[0] {
						want = id[c.city[1]]
					}
					if a.Lead != want {
						t.Errorf("%s: matter %d follows %q, want %q", when, i, a.Lead, want)
					}
				}
				for _, q := range w.city.Queues(office) {
					if q.Name == "assign" && q.N != of {
						t.Errorf("%s: %d to assign at the city, want %d", when, q.N, of)
					}
				}
				for _, p := range []*outpost{w.one, w.city} {
					sameTable(t, p)
				}
			}
			check("joined", 2)
			ours := life(w.one, head, c.ours[0]).Steps
			if last := ours[len(ours)-1]; last.Action != station.DoJoin || last.Moot == nil || !strings.Contains(last.Moot.ZH, "以市里的为准") {
				t.Errorf("the station's join is %+v", last)
			}
			// What the city did then goes on, and the other does not come back with what is done later.
			take(w.city, office, c.free, station.Step{Action: station.DoAssign, Unit: "供电公司"})
			w.carry()
			check("assigned", 1)
			for _, p := range []*outpost{w.one, w.city} {
				p.restart(t)
			}
			check("restarted", 1)
		})
	}
}

// A step that another station wrote of a matter counts at neither end, nor
// does one that the city wrote for another station; an unknown action is kept
// and said to be one.
func TestStepsOfOthersDoNotCount(t *testing.T) {
	w := newRealm(t)
	in := lamp()
	in.Matters[0].Disposition = "city"
	s := w.receive(w.one, in)
	w.carry()
	l, err := w.city.LifeByNumber(office, string(s.Number))
	if err != nil {
		t.Fatal(err)
	}
	body := func(action, role string) []byte {
		return fmt.Appendf(nil, `{"matter":%q,"action":%q,"role":%q,"by":"x","name":"x","disposition":"city","unit":"U"}`, l.MatterID, action, role)
	}
	put := func(p *outpost, s ledger.Stream, id string, b []byte) {
		t.Helper()
		if _, err := p.Ledger().Commit(t.Context(), ledger.Change{New: []ledger.New{{Stream: s, Kind: station.KindStep, ID: ledger.ID(id), By: "x", At: monday, Body: b}}}); err != nil {
			t.Fatal(err)
		}
	}
	put(w.two, "", "0192-other", body("review", "head"))
	put(w.city, w.city.led.Own().For("ST02"), "0192-for-other", body("review", "city"))
	put(w.city, w.city.led.Own().For("QA01"), "0192-newer", body("newer", "city"))
	w.carry()
	a, err := w.one.Life(head, l.MatterID)
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.city.Life(office, l.MatterID)
	if err != nil {
		t.Fatal(err)
	}
	if inWords(a) != inWords(c) || a.State != station.StRegistered || len(a.Steps) != 1 || a.Steps[0].Moot == nil || !strings.Contains(a.Steps[0].Moot.ZH, "不认识") {
		t.Errorf("the station has\n%s\nthe city has\n%s", inWords(a), inWords(c))
	}
	sameTable(t, w.city)
}

// TestOneStrangeMatterHidesNoOther: a matter in a newer program's form made the
// queue that it stands in, and every rate that counts it, impossible to open.
func TestOneStrangeMatterHidesNoOther(t *testing.T) {
	w := newRealm(t)
	in := lamp()
	in.Matters[0].Disposition = "city"
	s := w.receive(w.one, in)
	f, _, err := w.one.Lookup(head, string(s.Number))
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"visit":%q,"n":2,"title":"新样式","disposition":"city","category":"11","content":["新","格式"]}`, f.ID)
	if _, err := w.one.Ledger().Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: station.KindMatter, ID: "newer", By: "x", At: monday, Body: []byte(body)}}}); err != nil {
		t.Fatal(err)
	}
	w.carry()
	has := func(what string, ls []station.Life, err error) {
		t.Helper()
		if err != nil || !slices.ContainsFunc(ls, func(l station.Life) bool { return l.Title == "新样式" && l.State == station.StRegistered }) ||
			!slices.ContainsFunc(ls, func(l station.Life) bool { return l.MatterID == f.MatterID(0) }) {
			t.Errorf("%s: %+v, %v", what, ls, err)
		}
	}
	ls, err := w.city.Queue(office, "classify", 0)
	has("queue", ls, err)
	_, ls, err = w.city.RateRows(office, station.RateQuery{From: date("2026-11-01"), To: date("2026-11-30")}, "onspot")
	has("rate", ls, err)
	if ls, err = w.city.Progress(office, string(s.Number), 10); err != nil || len(ls) == 0 {
		t.Errorf("progress: %+v, %v", ls, err)
	}
}

// TestALimitBeyondAllBoundsIsNone: a time limit that no program of ours would
// have written, of thousands of millions of working days, had the station count
// them; one in an unknown unit was counted in days.
func TestALimitBeyondAllBoundsIsNone(t *testing.T) {
	for _, body := range []string{`{"code":"T1","timer":"T1","count":2000000000000,"unit":"wd"}`, `{"code":"T1","timer":"T1","count":3,"unit":"week"}`, `{"code":"T1","timer":"T1","count":-5,"unit":"cd"}`} {
		w := newRealm(t)
		in := lamp()
		in.Matters[0].Disposition = "city"
		s := w.receive(w.one, in)
		was, err := w.one.LifeByNumber(head, string(s.Number))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.city.Ledger().Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: station.KindLimit, ID: "T1", By: "x", At: monday, Body: []byte(body)}}}); err != nil {
			t.Fatal(err)
		}
		w.carry()
		if l, err := w.one.LifeByNumber(head, string(s.Number)); err != nil || l.Due != was.Due || l.Due.IsZero() {
			t.Errorf("%s: due %s, was %s: %v", body, l.Due, was.Due, err)
		}
	}
}
