package station_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// The figures of DOMAIN's first fact: 4 visits, 18 persons, several matters.
func TestTotalsOfAMonth(t *testing.T) {
	b := newDesk(t)
	if err := b.SetInfo(head, station.Info{Code: "QA01", Name: "曲阿街道代表联络站"}); err != nil {
		t.Fatal(err)
	}
	add := func(day string, persons int, in station.InSession, dispositions ...string) station.Number {
		t.Helper()
		r := lamp()
		r.At, r.Persons, r.Session, r.Matters = date(day).Time(station.Beijing).Add(9*time.Hour), persons, in, nil
		for i, d := range dispositions {
			m := station.Issue{Content: "事项", Category: []string{"11", "31"}[i%2], Disposition: d}
			if d == "village" {
				m.Village = "321181002009"
			}
			r.Matters = append(r.Matters, m)
		}
		return b.receive(attendant, r).Number
	}
	fixed := station.InSession{Time: "fixed", Deputies: []string{"D001", "D002"}}
	add("2026-11-03", 10, fixed, "onspot", "onspot")
	add("2026-11-03", 5, fixed, "onspot", "village")
	add("2026-11-23", 2, station.InSession{Place: "visit"}, "city")
	add("2026-11-23", 1, station.InSession{Topic: "themed", Theme: "停车", Deputies: []string{"D001"}}, "collect")
	void := add("2026-11-23", 50, station.InSession{Place: "forum"}, "onspot")
	add("2026-10-31", 7, fixed, "onspot")
	add("2026-12-01", 7, fixed, "onspot")
	if err := b.Void(attendant, b.lookup(string(void)), "登记错误"); err != nil {
		t.Fatal(err)
	}
	got, err := b.Totals(town, date("2026-11-01"), date("2026-11-30"))
	if err != nil {
		t.Fatal(err)
	}
	want := station.Totals{From: date("2026-11-01"), To: date("2026-11-30"), Sessions: 3, Deputies: 3, Visits: 4, Persons: 18, Matters: 6,
		OnSpot: station.Rate{Num: 3, Den: 6}, Void: 1, Late: 2,
		Dispositions: map[string]int{"onspot": 3, "village": 1, "city": 1, "collect": 1},
		Categories:   map[string]int{"11": 4, "31": 2},
		Villages:     map[string]int{"321181002001": 5, "321181002009": 1},
		Modes:        map[string]int{"fixed-station-open": 1, "adhoc-elsewhere-open": 1, "adhoc-station-themed": 1}}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("totals\n%+v, want\n%+v", got, want)
	}
	if all, err := b.Totals(head, typed.Date{}, typed.Date{}); err != nil || all.Visits != 6 || all.Persons != 32 {
		t.Errorf("of all days %+v, %v", all, err)
	}
	if none, err := b.Totals(head, date("2020-01-01"), date("2020-12-31")); err != nil || none.Visits != 0 || none.OnSpot.String() != "—" {
		t.Errorf("of an empty year %+v, %v", none, err)
	}
	if s := (station.Rate{Num: 80, Den: 129}).String(); s != "80/129 = 62.02%" {
		t.Errorf("rate %s", s)
	}
}

// What the home screen shows must not depend on whether the search table is
// filled already.
func TestTheDayIsTheSameBeforeAndAfterTheTableIsFilled(t *testing.T) {
	b := newDesk(t)
	b.roster()
	for i, d := range []string{"onspot", "town", "city", "guide", "collect", "onspot"} {
		r := lamp()
		r.Persons = i + 1
		r.Matters[0].Disposition = d
		r.Matters = append(r.Matters, lamp().Matters...)
		if i%2 == 0 {
			r.Session.Deputies = []string{"D001"}
			r.Session.Time = "fixed"
		}
		b.pass(time.Minute)
		b.receive(attendant, r)
	}
	void := b.receive(attendant, lamp())
	if err := b.Void(attendant, b.lookup(string(void.Number)), "登记错误"); err != nil {
		t.Fatal(err)
	}
	yesterday := lamp()
	yesterday.At = monday.AddDate(0, 0, -1)
	b.receive(attendant, yesterday)
	b.restart()

	day := func(who station.Who, recent int) (string, int) {
		t.Helper()
		d, err := b.Day(who, recent)
		if err != nil {
			t.Fatal(err)
		}
		var ns []string
		for _, f := range d.Recent {
			ns = append(ns, string(f.Visit.Number))
		}
		return fmt.Sprint(d.Visits, d.Persons, d.Matters, d.OnSpot, d.Handed, ns), d.Visits
	}
	if b.Ready() {
		t.Fatal("the table is filled before anybody asked")
	}
	before, n := day(head, 4)
	if b.Ready() || n != 6 {
		t.Errorf("the first screen waited for the table, or counts %d visits", n)
	}
	if _, n := day(deputy1, 4); n != 0 {
		t.Errorf("a deputy was shown %d visits before anybody knows which are theirs", n)
	}
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	if after, _ := day(head, 4); after != before {
		t.Errorf("the day is %s before and %s after", before, after)
	}
	if _, n := day(deputy1, 4); n != 3 {
		t.Errorf("a deputy was shown %d visits, want 3", n)
	}
	for _, who := range []station.Who{admin, nobody} {
		if got, _ := day(who, 4); got != "0 0 0 0 0 []" {
			t.Errorf("%q was shown %s", who.Role, got)
		}
	}
	if got, _ := day(head, 0); !strings.HasSuffix(got, "[]") {
		t.Errorf("no recent ones were asked for: %s", got)
	}
}

func TestStatesAreComputed(t *testing.T) {
	b := newDesk(t)
	for d, want := range map[string]station.State{
		"onspot": station.StAnswered, "guide": station.StNotAccepted, "refuse": station.StNotAccepted, "collect": station.StArchived,
		"village": station.StRegistered, "town": station.StRegistered, "city": station.StRegistered, "proposal": station.StRegistered,
		"upper": station.StRegistered, "mediate": station.StRegistered,
	} {
		r := lamp()
		r.Matters[0].Disposition = d
		f := b.lookup(string(b.receive(attendant, r).Number))
		if got := b.state(f.MatterID(0)); got != want {
			t.Errorf("%s is %v, want %v", d, got, want)
		}
		if err := b.Void(head, f, "登记错误"); err != nil {
			t.Fatal(err)
		}
		if got := b.state(f.MatterID(0)); got != station.StVoid {
			t.Errorf("%s of a void visit is %v", d, got)
		}
	}
	seen, codes := map[station.Text]bool{}, map[string]bool{}
	for _, s := range station.States {
		if x := s.State.Text(); x.ZH == "" || x.EN == "" || seen[x] || codes[s.Code] {
			t.Errorf("state %d is called %+v", s.State, x)
		}
		seen[s.State.Text()], codes[s.Code] = true, true
	}
}

func TestDeadlines(t *testing.T) {
	holidays := station.Calendar{
		Off:  map[typed.Date]bool{date("2026-10-01"): true, date("2026-10-02"): true, date("2026-10-05"): true, date("2026-10-06"): true, date("2026-10-07"): true},
		Work: map[typed.Date]bool{date("2026-10-10"): true}, // a Saturday
	}
	for _, x := range []struct {
		from, want string
		limit      station.Limit
	}{
		{"2026-11-23", "2026-12-02", station.Limit{Count: 7, Unit: station.WorkingDays}},
		{"2026-11-27", "2026-11-30", station.Limit{Count: 1, Unit: station.WorkingDays}}, // Friday
		{"2026-11-28", "2026-11-30", station.Limit{Count: 1, Unit: station.WorkingDays}}, // Saturday
		{"2026-09-30", "2026-10-08", station.Limit{Count: 1, Unit: station.WorkingDays}},
		{"2026-09-30", "2026-10-10", station.Limit{Count: 3, Unit: station.WorkingDays}}, // a Saturday that is worked
		{"2026-11-23", "2026-12-23", station.Limit{Count: 30, Unit: station.CalendarDays}},
		{"2026-01-31", "2026-04-30", station.Limit{Count: 3, Unit: station.Months}},
		{"2026-11-30", "2027-02-28", station.Limit{Count: 3, Unit: station.Months}},
		{"2027-11-30", "2028-02-29", station.Limit{Count: 3, Unit: station.Months}},
		{"2026-08-31", "2027-02-28", station.Limit{Count: 6, Unit: station.Months}},
		{"2026-12-15", "2027-01-15", station.Limit{Count: 1, Unit: station.Months}},
		{"2026-11-23", "2026-11-23", station.Limit{Count: 0, Unit: station.WorkingDays}},
	} {
		if got := holidays.Due(date(x.from), x.limit); got != date(x.want) {
			t.Errorf("%d %s from %s end on %s, want %s", x.limit.Count, x.limit.Unit, x.from, got, x.want)
		}
	}
}

func TestLampsOfAMatter(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Matters[0].Disposition = "village" // to be reviewed the same day
	r.At = monday.AddDate(0, -1, 0)      // the clock runs from the day of the entry
	f := b.lookup(string(b.receive(attendant, r).Number))
	for day, want := range map[string]station.Lamp{
		"2026-11-23": station.LampSoon, "2026-11-24": station.LampOver, "2027-11-23": station.LampOver,
	} {
		b.set(date(day).Time(station.Beijing).Add(10 * time.Hour))
		st, due, lamp := b.Standing(f.MatterID(0))
		if st != station.StRegistered || due != date("2026-11-23") || lamp != want {
			t.Errorf("on %s: %s, due %s, lamp %v; want %v", day, st.Text().ZH, due, lamp.Text(), want.Text())
		}
	}
}

func TestEveryTermHasItsOwnCodeKeyAndBothLanguages(t *testing.T) {
	for name, terms := range station.TermSets() {
		codes, keys, zh, en := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, x := range terms {
			if codes[x.Code] || keys[x.Key] || zh[x.ZH] || en[x.EN] {
				t.Errorf("%s: %+v repeats something", name, x)
			}
			if x.Key == "" || x.ZH == "" || x.EN == "" || x.ZH == x.EN && !strings.ContainsAny(x.ZH, "0123456789") {
				t.Errorf("%s: %+v lacks something", name, x)
			}
			codes[x.Code], keys[x.Key], zh[x.ZH], en[x.EN] = true, true, true, true
			if got, ok := terms.Find(x.Code); !ok || got != x || terms.Label(x.Code) != x.Text {
				t.Errorf("%s: %q is found as %+v", name, x.Code, got)
			}
		}
		if len(terms) < 2 {
			t.Errorf("%s has %d terms", name, len(terms))
		}
		if got := terms.Label("something newer"); got.ZH != "something newer" || got.EN != "something newer" {
			t.Errorf("%s: an unknown code is called %+v", name, got)
		}
	}
}

// Whatever goes wrong, a person reads a sentence in both languages with a
// code, and never the error itself.
func TestEveryErrorIsSaidInBothLanguages(t *testing.T) {
	codes := map[string]bool{}
	for _, err := range []error{
		ledger.ErrFull, ledger.ErrUnsure, ledger.ErrStale, ledger.ErrNotFound, ledger.ErrBusy, ledger.ErrBroken,
		ledger.ErrGap, ledger.ErrFork, errDisk, fmt.Errorf("pread /dev/sda1: %w", errDisk), station.Problems{},
	} {
		p := station.Say(fmt.Errorf("commit: %w", err))
		if p.ZH == "" || p.EN == "" || p.Code == "" || strings.Contains(p.ZH+p.EN, "commit") || strings.Contains(p.EN, "pread") {
			t.Errorf("%v is said as %+v", err, p)
		}
		codes[p.Code] = true
	}
	if len(codes) != 7 {
		t.Errorf("codes %v", slices.Sorted(maps.Keys(codes)))
	}
	ps := station.Problems{{Field: "name", Problem: typed.Problem{Code: "a", ZH: "甲。", EN: "A."}}, {Field: "at", Problem: typed.Problem{Code: "b", ZH: "乙。", EN: "B."}}}
	if got := ps.Error(); got != "name: 甲。 A. at: 乙。 B." {
		t.Errorf("problems are said as %q", got)
	}
	if p := station.Say(fmt.Errorf("line 3: %w", ps)); p.Code != "a" {
		t.Errorf("of several problems the first is said: %+v", p)
	}
}

// TestTotalsAndRatesCountTheSame: a matter answered on the spot and reopened
// counted as answered on the spot in the totals, and not in the rates.
func TestTotalsAndRatesCountTheSame(t *testing.T) {
	b := newDesk(t)
	b.matter("onspot")
	b.take(head, b.matter("onspot"), station.Step{Action: station.DoReopen, Disposition: "town", Note: "没解决"})
	total, err := b.Totals(head, b.Today(), b.Today())
	if err != nil {
		t.Fatal(err)
	}
	if rate := b.rates(station.RateQuery{})["onspot"]; total.OnSpot.String() != rate || total.OnSpot.Num != 1 || total.Dispositions["town"] != 1 {
		t.Errorf("totals %s with %v, rates %s", total.OnSpot, total.Dispositions, rate)
	}
}
