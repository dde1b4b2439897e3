package station_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

// An attendant misheard; the head looks at what was changed, when and why.
func TestACorrectionIsANewRevisionWithItsReason(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Matters = append(r.Matters, station.Issue{Content: "门口占道", Category: "18"})
	s := b.receive(attendant, r)
	if err := b.SaveDraft(attendant, station.Draft{Form: "correct-" + string(s.ID)}); err != nil {
		t.Fatal(err)
	}
	was := b.lookup(string(s.Number))

	b.pass(time.Hour)
	now := was.Reception()
	now.Voter.Name, now.Matters[1].Category, now.Persons = "王晓明", "17", 2
	now.At, now.Ref = now.At.AddDate(0, 0, 5), "x" // not the corrector's to change
	now.Session = station.InSession{Topic: "themed", Theme: "另一场"}
	now.Matters = append(now.Matters, station.Issue{Content: "还有一件", Category: "79"})
	for _, reason := range []string{"", "  ", "\x1b[31m", "\u200b"} {
		faulty(t, b.Correct(attendant, was, now, reason, ""), "reason", "reason-missing")
	}
	faulty(t, b.Correct(attendant, was, now, strings.Repeat("长", 201), ""), "reason", "too-long")
	if err := b.Correct(attendant, was, now, " 听\x1b[31m错 ", "correct-"+string(s.ID)); err != nil {
		t.Fatal(err)
	}
	if ds, err := b.Drafts(attendant); err != nil || len(ds) != 0 {
		t.Errorf("the draft stayed: %v %v", ds, err)
	}

	f := b.lookup(string(s.Number))
	if f.Voter.Name != "王晓明" || f.Voter.Phone != "13800138000" || f.Visit.Persons != 2 || f.Visit.Reason != "听错" ||
		f.Matters[1].Category != "17" || f.Matters[0].Reason != "" || len(f.Matters) != 3 || f.Matters[2].Number != string(s.Number)+"/3" {
		t.Errorf("corrected %+v", f)
	}
	if !f.Visit.At.Equal(was.Visit.At) || !f.Visit.Entered.Equal(was.Visit.Entered) || f.Visit.Session != was.Visit.Session ||
		f.Visit.By != attendant.Account || f.Visit.RefHash != was.Visit.RefHash || f.Visit.Number != s.Number {
		t.Errorf("what must stay changed: %+v, was %+v", f.Visit, was.Visit)
	}
	if ss, err := b.Sessions(date("2026-01-01"), date("2026-12-31"), 0); err != nil || len(ss) != 1 {
		t.Errorf("a correction made a session: %v %v", ss, err)
	}

	rs, err := b.Revisions(head, f)
	if err != nil {
		t.Fatal(err)
	}
	var first, later []string
	for _, r := range rs {
		if r.First {
			first = append(first, string(r.Kind)+r.Number)
			continue
		}
		for _, c := range r.Fields {
			later = append(later, string(r.Kind)+" "+c.Field+" "+c.Old+"→"+c.New+" "+r.Reason+" "+r.By)
		}
	}
	equal(t, "first revisions", first, []string{"voter", "visit", "matter" + string(s.Number) + "/1", "matter" + string(s.Number) + "/2", "matter" + string(s.Number) + "/3"})
	equal(t, "later revisions", later, []string{"visit persons 1→2 听错 u-attend", "voter name 王小明→王晓明 听错 u-attend", "matter category 18→17 听错 u-attend"})

	problem(t, b.Correct(attendant, f, f.Reception(), "没有改", ""), "unchanged")
	less := f.Reception()
	less.Matters = less.Matters[:2]
	faulty(t, b.Correct(attendant, f, less, "去掉一件", ""), "matters", "matter-removed")
	wrong := f.Reception()
	wrong.Matters[2].Category = "99"
	faulty(t, b.Correct(attendant, f, wrong, "x", ""), "matters[2].category", "category-unknown")
}

func TestHistoryFollowedTheClockInsteadOfTheOrder(t *testing.T) {
	b := newDesk(t)
	n := b.receive(attendant, lamp()).Number
	b.set(monday.AddDate(-1, 0, 0)) // a flat battery
	b.correct(attendant, n, func(r *station.Reception) { r.Persons = 2 })
	b.correct(attendant, n, func(r *station.Reception) { r.Persons = 3 })
	rs, err := b.Revisions(head, b.lookup(string(n)))
	if err != nil {
		t.Fatal(err)
	}
	var persons []string
	for _, r := range rs {
		for _, c := range r.Fields {
			if c.Field == "persons" {
				persons = append(persons, c.Old+"→"+c.New)
			}
		}
	}
	equal(t, "persons", persons, []string{"1→2", "2→3"})
	if !rs[0].First || rs[len(rs)-1].First {
		t.Error("a first revision stands after a later one")
	}
}

func TestWhoMayCorrect(t *testing.T) {
	b := newDesk(t)
	b.roster()
	r := lamp()
	r.Session.Deputies = []string{"D001"}
	n := b.receive(attendant, r).Number
	f := b.lookup(string(n))
	change := f.Reception()
	change.Persons = 2
	for _, who := range []station.Who{other, deputy1, town, admin, nobody} {
		problem(t, b.Correct(who, f, change, "x", ""), station.ErrForbidden)
		problem(t, b.Void(who, f, "x"), station.ErrForbidden)
	}
	if err := b.Correct(head, f, change, "站长核对", ""); err != nil {
		t.Errorf("the head: %v", err)
	}
	f = b.lookup(string(n))
	if f.Visit.By != attendant.Account {
		t.Errorf("a correction made it %s's", f.Visit.By)
	}
	if err := b.Void(attendant, f, "重复"); err != nil {
		t.Errorf("who recorded it: %v", err)
	}
	f = b.lookup(string(n))
	problem(t, b.Correct(head, f, change, "x", ""), "void")
	before := len(b.journal())
	if err := b.Void(head, f, "再次"); err != nil || len(b.journal()) != before {
		t.Errorf("a second void: %v, %d entries more", err, len(b.journal())-before)
	}
}

func TestAVoidReceptionKeepsItsNumberAndIsNotCounted(t *testing.T) {
	b := newDesk(t)
	a, z := b.receive(attendant, lamp()), b.receive(attendant, lamp())
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	f := b.lookup(string(a.Number))
	faulty(t, b.Void(attendant, f, " "), "reason", "reason-missing")
	if err := b.Void(attendant, f, "登记错误"); err != nil {
		t.Fatal(err)
	}
	f = b.lookup(string(a.Number))
	if f.Visit.Void != "登记错误" || b.state(f.MatterID(0)) != station.StVoid {
		t.Errorf("void %+v", f.Visit)
	}
	equal(t, "still listed", b.find("路灯"), []station.Number{z.Number, a.Number})
	sum, err := b.Totals(head, date("2026-11-23"), date("2026-11-23"))
	if err != nil || sum.Visits != 1 || sum.Void != 1 || sum.Matters != 1 {
		t.Errorf("totals %+v, %v", sum, err)
	}
	rs, err := b.Revisions(head, f)
	if err != nil || rs[len(rs)-1].Reason != "登记错误" {
		t.Errorf("history %+v, %v", rs, err)
	}
	b.restart()
	if day, err := b.Day(head, 5); err != nil || day.Visits != 1 || len(day.Recent) != 2 {
		t.Errorf("the day %+v, %v", day, err)
	}
}

// Two people have the same reception open.
func TestTheSecondOfTwoCorrectionsIsStale(t *testing.T) {
	b := newDesk(t)
	n := b.receive(attendant, lamp()).Number
	mine, hers := b.lookup(string(n)), b.lookup(string(n))
	change := mine.Reception()
	change.Persons = 2
	if err := b.Correct(attendant, mine, change, "人数", ""); err != nil {
		t.Fatal(err)
	}
	change = hers.Reception()
	change.Matters[0].Reply = "另一处改动"
	err := b.Correct(head, hers, change, "答复", "")
	problem(t, err, "E-STALE")
	if !errors.Is(err, ledger.ErrStale) {
		t.Errorf("error %v", err)
	}
	problem(t, b.Void(head, hers, "作废"), "E-STALE")

	var wins, stale int
	var mu sync.Mutex
	var people sync.WaitGroup
	f := b.lookup(string(n))
	for i := range 6 {
		people.Go(func() {
			change := f.Reception()
			change.Persons = 10 + i
			err := b.Correct(head, f, change, "人数", "")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				wins++
			case errors.Is(err, ledger.ErrStale):
				stale++
			default:
				t.Error(err)
			}
		})
	}
	people.Wait()
	if wins != 1 || stale != 5 {
		t.Errorf("%d corrections won, %d were stale", wins, stale)
	}
}

func TestARosterLoadedLaterMadeOldReceptionsImpossibleToCorrect(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Session.Deputies, r.Matters[0].Deputy = []string{"X9"}, "X8"
	n := b.receive(attendant, r).Number
	b.roster()
	b.correct(attendant, n, func(r *station.Reception) { r.Persons = 2 })
	f := b.lookup(string(n))
	change := f.Reception()
	change.Matters[0].Deputy = "X7"
	faulty(t, b.Correct(attendant, f, change, "x", ""), "matters[0].deputy", "deputy-unknown")
	b.correct(attendant, n, func(r *station.Reception) { r.Matters[0].Deputy = "D001" })
}

func TestACorrectedVillageTakesTheMattersAlong(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Matters = append(r.Matters, station.Issue{Content: "别处的事", Category: "11", Village: "321181002009"})
	n := b.receive(attendant, r).Number
	b.correct(attendant, n, func(r *station.Reception) { r.Voter.Village = "321181002005" })
	f := b.lookup(string(n))
	if f.Matters[0].Village != "321181002005" || f.Matters[1].Village != "321181002009" {
		t.Errorf("villages %s and %s", f.Matters[0].Village, f.Matters[1].Village)
	}
}
