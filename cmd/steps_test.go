package cmd

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/sync/outbox"
)

// staff are the accounts that act at an end.
func (e *end) staff() []station.Who {
	if e == e.w.city {
		return []station.Who{{Account: "c1", Name: "市办甲", Role: station.RoleCity}, {Account: "c2", Name: "市办乙", Role: station.RoleCity}}
	}
	return []station.Who{{Account: "a1", Name: "值班甲", Role: station.RoleAttendant}, {Account: "a2", Name: "值班乙", Role: station.RoleAttendant},
		{Account: "h1", Name: "站长", Role: station.RoleHead}, {Account: "t1", Name: "镇人大", Role: station.RoleTown}}
}

// random picks one of a list.
func random[T any](w *world, list []T) T { return list[w.rng.IntN(len(list))] }

// fill makes a step that says what the transition needs, mostly.
func (e *end) fill(t station.Transition, l station.Life, others []ledger.ID) station.Step {
	w := e.w
	s := station.Step{Action: t.Action, Note: "说明"}
	for _, n := range t.Needs {
		switch n {
		case station.NeedDisposition:
			s.Disposition = random(w, []string{"village", "town", "city", "guide", "refuse", l.Disposition})
		case station.NeedUnit:
			s.Unit = random(w, []string{"住建局", "交运局", "前艾村"})
		case station.NeedReason:
			set := station.RefuseReasons
			if s.Disposition == "guide" {
				set = station.GuideDoors
			}
			s.Reason = random(w, set).Code
		case station.NeedText:
			s.Text = "已派人修好"
		case station.NeedClass:
			s.Class = random(w, []string{"A", "B", "C", "D"})
			s.Date = e.desk.Today().AddDays(30)
		case station.NeedDate:
			s.Date = l.Due.AddDays(1 + w.rng.IntN(5))
		case station.NeedApprover:
			s.Approver = "站长"
		case station.NeedMeans:
			s.Means = random(w, station.Meanses).Code
		case station.NeedRating:
			s.Attitude, s.Outcome = random(w, station.Satisfactions).Code, random(w, station.Satisfactions).Code
		case station.NeedGate:
			for range station.Gate {
				s.Gate = append(s.Gate, "no")
			}
		case station.NeedLead:
			if len(others) > 0 {
				s.Lead = random(w, others)
			}
		}
	}
	return s
}

// matters are those that an end knows, of one station.
func (e *end) matters(code string) (ids []ledger.ID) {
	err := e.led.Each(station.KindMatter, func(x ledger.Entry) error {
		if x.Stream.Writer() == code {
			ids = append(ids, x.ID)
		}
		return nil
	})
	if err != nil {
		e.w.Fatal(err)
	}
	return ids
}

// tally counts what was tried and done.
type tally struct {
	taken, refused, moot int
	actions              map[station.Action]int
	suggested            map[string]int                   // by the state that was acted upon
	written              map[ledger.ID]map[ledger.ID]bool // steps of each matter that were answered as taken
}

// act has somebody at an end do something about a matter, as the screens would
// let them.
func (e *end) act(n *tally) {
	w := e.w
	code := e.code
	if e == w.city {
		code = random(w, w.stations).code
	}
	ids := e.matters(code)
	if len(ids) == 0 {
		return
	}
	who := random(w, e.staff())
	l, err := e.desk.Life(who, random(w, ids))
	if err != nil {
		w.Fatalf("%s: life: %v", e.code, err)
	}
	next := e.desk.Next(who, l)
	if len(next) == 0 {
		return
	}
	usual := slices.IndexFunc(next, func(t station.Transition) bool { return t.Rank != station.RankUsual })
	t := random(w, next)
	if usual > 0 && w.chance(60) {
		t = next[w.rng.IntN(usual)]
	}
	now, err := e.desk.Take(who, l, e.fill(t, l, ids))
	if err != nil {
		if _, fields := station.FieldsOf(err); !fields && station.Say(err).Code == "E-OTHER" {
			w.Fatalf("%s: %s: %v", e.code, t.Action, err)
		}
		n.refused++
		return
	}
	n.taken++
	n.actions[t.Action]++
	last := now.Steps[len(now.Steps)-1]
	for _, s := range now.Steps { // the newest of this end's own; the other's may count after it
		if s.City == (e == w.city) {
			last = s
		}
	}
	if n.written[now.MatterID] == nil {
		n.written[now.MatterID] = map[ledger.ID]bool{}
	}
	n.written[now.MatterID][last.ID] = true
}

// suggest has the city's office do something about a deputies' suggestion, or
// make one of a voter's matter.
func (e *end) suggest(n *tally) {
	w, d, who := e.w, e.desk, random(e.w, e.staff())
	who.City = true
	free, err := d.Unsuggested(who)
	if err != nil {
		w.Fatalf("unsuggested: %v", err)
	}
	all, err := d.Suggestions(who)
	if err != nil {
		w.Fatalf("suggestions: %v", err)
	}
	act, s := "made", station.Suggestion{}
	switch {
	case len(free) > 0 && (len(all) == 0 || w.chance(50)):
		_, err = d.NewSuggestion(who, station.Suggestion{Term: 18, Meeting: 2, Title: "建议", Body: "内容", Lead: "D001", Category: "11", Matters: []string{random(w, free).Number}})
	case len(all) == 0:
		return
	default:
		s = random(w, all)
		act = string(s.State())
		switch {
		case s.Reply == nil && s.Before == nil && w.chance(15):
			act = "withdrawn"
			_, err = d.WithdrawSuggestion(who, s.ID(), "提案人撤回")
		case s.State() == station.SgOpen:
			_, err = d.AssignSuggestion(who, s.ID(), []station.Undertaker{{Unit: "住建局"}, {Unit: "交运局", Role: "co"}}, w.chance(30))
		case s.State() == station.SgAssigned:
			_, err = d.ReplySuggestion(who, s.ID(), station.SuggestionReply{Text: fmt.Sprintf("第%d次答复", s.Redone+1), Class: random(w, []string{"A", "D"})})
		case s.State() == station.SgReplied:
			_, err = d.AppraiseSuggestion(who, s.ID(), station.Appraisal{Attitude: "good", Outcome: random(w, []string{"good", "bad"}), Reason: "说明"})
		case s.State() == station.SgMeeting:
			_, err = d.MeetSuggestion(who, s.ID(), "同意结案")
		default:
			return
		}
	}
	if err != nil {
		if _, fields := station.FieldsOf(err); fields || station.Say(err).Code == "E-OTHER" || act != "withdrawn" {
			w.Fatalf("%s of %s: %v", act, s.ID(), err)
		}
		n.refused++
		return
	}
	n.suggested[act]++
}

// receive records a reception at a station.
func (e *end) receive(i int) {
	w := e.w
	d := random(w, []string{"onspot", "village", "town", "city", "city", "proposal", "upper", "mediate", "guide", "collect"})
	_, err := e.desk.Receive(e.staff()[w.rng.IntN(2)], station.Reception{Voter: station.InVoter{Name: "王小明", Phone: "13800138000"},
		Matters: []station.Issue{{Content: fmt.Sprintf("第%d件:路灯不亮", i), Category: "11", Disposition: d, Reply: "已登记转交"}}}, false, "")
	if err != nil {
		w.Fatalf("%s: receive: %v", e.code, err)
	}
}

// TestFiveStationsAndACityAgree: people at five stations and at the city act in
// random order, offline, over a line that loses and repeats, with machines that
// are switched off and clocks that are wrong. In the end both sides tell the
// same life of every matter, step for step; no step is lost or doubled, every
// chain verifies, and every state was reached by the table alone.
// LIAISON_STEPS raises the number of things that happen, LIAISON_SEEDS that of
// worlds.
func TestFiveStationsAndACityAgree(t *testing.T) {
	steps, seeds := number("LIAISON_STEPS", 600), number("LIAISON_SEEDS", 3)
	sum := tally{actions: map[station.Action]int{}, suggested: map[string]int{}}
	var line faults
	lives, cut := 0, 0
	for seed := range seeds {
		w := newWorld(t, uint64(seed), 5)
		if _, err := w.city.desk.PutDeputies(w.city.desk.Owner(), []station.Deputy{{Code: "D001", Name: "李建国"}}); err != nil {
			t.Fatal(err)
		}
		w.faults = faults{loseRequest: 15, loseAnswer: 15, repeat: 10}
		n := tally{actions: sum.actions, suggested: sum.suggested, written: map[ledger.ID]map[ledger.ID]bool{}}
		for i := range steps {
			w.now = w.now.Add(time.Duration(1+w.rng.IntN(180)) * time.Minute)
			e := random(w, w.ends())
			switch p := w.rng.IntN(100); {
			case p < 12 && e != w.city:
				e.receive(i)
			case p < 30 && e == w.city:
				e.suggest(&n)
			case p < 80:
				e.act(&n)
			case p < 94 && e != w.city:
				var why *outbox.Error
				if err := e.sync(); errors.As(err, &why) {
					cut++
				} else if err != nil {
					t.Fatalf("%s: sync: %v", e.code, err)
				}
			case p < 97:
				e.restart()
			default:
				e.skew = time.Duration(w.rng.IntN(5)-2) * 17 * time.Hour
				if e == w.city { // a city whose clock is days off lets nobody in; the stations' own are told the time
					e.skew = 0
				}
			}
		}
		w.settle()
		w.sound()
		lives += w.agree(&n)
		sum.taken, sum.refused, sum.moot = sum.taken+n.taken, sum.refused+n.refused, sum.moot+n.moot
		line.sent, line.lost, line.unheard, line.repeated = line.sent+w.faults.sent, line.lost+w.faults.lost, line.unheard+w.faults.unheard, line.repeated+w.faults.repeated
	}
	if len(sum.suggested) < 5 {
		t.Errorf("suggestions were only %v", sum.suggested)
	}
	if len(sum.actions) < 15 {
		t.Errorf("only %d kinds of action were done: %v", len(sum.actions), sum.actions)
	}
	t.Logf("%d worlds of 5 stations: %d steps taken of %d kinds, suggestions acted upon %v, %d refused, %d without effect because the other side had acted; %d requests, %d lost, %d answers lost, %d doubled, %d runs cut; %d lives equal at both ends; lost 0, doubled 0",
		seeds, sum.taken, len(sum.actions), sum.suggested, sum.refused, sum.moot, line.sent, line.lost, line.unheard, line.repeated, cut, lives)
}

func number(name string, or int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return or
}

// agree holds every life at a station against the city's, and both against
// the table and against what was answered.
func (w *world) agree(n *tally) (lives int) {
	w.Helper()
	table := station.Flow()
	for _, e := range w.stations {
		for _, id := range e.matters(e.code) {
			here, err1 := e.desk.Life(station.Owner(), id)
			there, err2 := w.city.desk.Life(station.Owner(), id)
			if err1 != nil || err2 != nil {
				w.Fatalf("%s: %v %v", here.Number, err1, err2)
			}
			lives++
			if a, b := told(here), told(there); a != b {
				w.Errorf("%s is told differently:\nstation: %s\ncity:    %s", here.Number, a, b)
			}
			seen, joined := map[ledger.ID]bool{}, false
			for _, s := range here.Steps {
				if seen[s.ID] {
					w.Errorf("%s: step %s is there twice", here.Number, s.ID)
				}
				seen[s.ID] = true
				if s.Moot != nil {
					n.moot++
					continue
				}
				if !slices.ContainsFunc(table, func(t station.Transition) bool { // one that follows another stands where that one stands
					return t.Action == s.Action && (slices.Contains(t.From, s.From) || joined && t.Joined) && (t.To == s.To || t.To == 0 || s.From == s.To)
				}) {
					w.Errorf("%s: %s led from %d to %d, which the table does not know", here.Number, s.Action, s.From, s.To)
				}
				if s.Action == station.DoJoin || s.Action == station.DoPart {
					joined = s.Action == station.DoJoin // a parting itself is still one of a matter that follows
				}
			}
			for step := range n.written[id] {
				if !seen[step] {
					w.Errorf("%s: step %s was answered as taken and is gone", here.Number, step)
				}
			}
		}
	}
	return lives
}

// told is a life in one line: what both ends must agree on.
func told(l station.Life) string {
	s := fmt.Sprintf("state %d, %s, unit %q, class %q, clock %s due %s, extended %v, bad %d, lead %s, suggestion %s, assigned %s, by %s, in time %v, answer %q |", l.State, l.Disposition, l.Unit, l.Class, l.Clock.Timer, l.Due, l.Extended, l.Bad, l.Lead,
		l.Suggestion, l.Assigned, l.HandleBy, l.InTime, l.Answer)
	for _, d := range l.Steps {
		s += fmt.Sprintf(" %s(%d→%d %v)", d.Action, d.From, d.To, d.Moot != nil)
	}
	return s
}
