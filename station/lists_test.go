package station_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// One door for tables and for the screen: a record changed upon what was read
// is written, one that moved meanwhile is not, and a code is given once.
func TestARecordIsChangedUponWhatWasRead(t *testing.T) {
	w := newRealm(t)
	u := station.UndertakingUnit{Code: "jt", Name: "交通运输局", Kind: "gov"}
	if _, err := w.city.ChangeUnit(leader, nil, u); station.Say(err).Code != station.ErrForbidden {
		t.Errorf("a leader writes a list: %v", err)
	}
	if _, err := w.one.ChangeUnit(head, nil, u); station.Say(err).Code != "city-only" {
		t.Errorf("a station writes the city's list: %v", err)
	}
	first, err := w.city.ChangeUnit(office, nil, u)
	if err != nil || first.Code != "JT" {
		t.Fatalf("%+v, %v", first, err)
	}
	_, err = w.city.ChangeUnit(office, nil, u)
	faulty(t, err, "unit[0].code", "code-taken")
	_, err = w.city.ChangeUnit(office, nil, station.UndertakingUnit{Code: "X"})
	faulty(t, err, "unit[0].name", "name-missing")
	other := first
	other.Code = "XX"
	_, err = w.city.ChangeUnit(office, &first, other)
	faulty(t, err, "unit[0].code", "code-fixed")
	if _, err = w.city.ChangeUnit(office, &first, first); station.Say(err).Code != "unchanged" {
		t.Errorf("nothing changed: %v", err)
	}

	if n, err := w.city.PutUnits(office, []station.UndertakingUnit{{Code: "JT", Name: "交通局", Kind: "gov", Contact: "马超"}}); n != 1 || err != nil { // a table, meanwhile
		t.Fatal(n, err)
	}
	mine := first
	mine.Phone = "0511-86000002"
	theirs, err := w.city.ChangeUnit(office, &first, mine)
	if !errors.Is(err, ledger.ErrStale) || theirs.Name != "交通局" || theirs.Contact != "马超" {
		t.Fatalf("%+v, %v", theirs, err)
	}
	mine = theirs
	mine.Phone, mine.Ended, mine.EndReason = "0511-86000002", true, "并入住建局"
	if _, err := w.city.ChangeUnit(office, &theirs, mine); err != nil {
		t.Fatal(err)
	}
	w.carry()
	if u, _ := w.one.Unit("JT"); u.Name != "交通局" || u.Phone != "0511-86000002" || !u.Ended || u.EndReason != "并入住建局" {
		t.Errorf("the station has %+v", u)
	}
	mine.Ended = false
	if got, err := w.city.ChangeUnit(office, func() *station.UndertakingUnit { u, _ := w.city.Unit("JT"); return &u }(), mine); err != nil || got.EndReason != "" {
		t.Errorf("restored with a reason: %+v, %v", got, err)
	}
	_, err = w.city.ChangeDeputy(office, nil, station.Deputy{Code: "D1", Name: "赵云", Sex: "3", Phone: "12",
		Mandates: []station.Mandate{{}, {From: date("2026-02-01"), To: date("2026-01-01")}}})
	for field, code := range map[string]string{"deputy[0].sex": "unknown-word", "deputy[0].phone": "phone.length", "deputy[0].mandates[1].to": "mandate-order"} {
		faulty(t, err, field, code)
	}
	_, err = w.city.ChangeDeputy(office, nil, station.Deputy{Code: "D1", Name: "赵云", Mandates: []station.Mandate{{To: typed.Date{Year: 2026, Month: 2, Day: 30}}}})
	faulty(t, err, "deputy[0].mandates[0].to", "date-range")
}

// A limit of the same code that names a day ahead leaves what holds until then
// (it took it away: a matter assigned before that day had no limit at all).
func TestALimitAheadLeavesTheOneBefore(t *testing.T) {
	w := newRealm(t)
	put := func(count int, from string) {
		t.Helper()
		l := station.Limit{Code: "T5-village", Timer: station.TimerHandle, Disposition: "village", Count: count, Unit: station.WorkingDays, Warn: 1}
		if from != "" {
			l.From = date(from)
		}
		if n, err := w.city.PutLimits(office, []station.Limit{l}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	days := func(from string) int {
		t.Helper()
		w.carry()
		at := map[*outpost]int{}
		for _, p := range []*outpost{w.city, w.one} {
			c, ok := p.DueFor(station.TimerHandle, "village", false, date(from))
			if !ok {
				return 0
			}
			n := 0
			for d := date(from); d != c.Due; d = d.AddDays(1) {
				if wd := d.AddDays(1).Weekday(); wd != 0 && wd != 6 {
					n++
				}
			}
			at[p] = n
		}
		if at[w.city] != at[w.one] {
			t.Errorf("%d days at the city, %d at the station", at[w.city], at[w.one])
		}
		return at[w.city]
	}
	put(5, "2027-01-01")
	if a, b := days("2026-12-01"), days("2027-02-01"); a != 7 || b != 5 {
		t.Errorf("%d days in December, %d in February", a, b)
	}
	put(4, "2027-03-01") // mended before it was in force: the day was wrong
	if a, b := days("2027-02-01"), days("2027-04-01"); a != 7 || b != 4 {
		t.Errorf("%d days in February, %d in April", a, b)
	}
	put(6, "") // from ever
	if a, b := days("2026-12-01"), days("2027-04-01"); a != 6 || b != 6 {
		t.Errorf("%d and %d days", a, b)
	}
}

// A unit that has ended was left out of the lists to choose from only: by its
// code it was handed matters all the same.
func TestAnEndedUnitGotMatters(t *testing.T) {
	w := newRealm(t)
	for _, u := range []station.UndertakingUnit{{Code: "GA", Name: "公安局", Ended: true, EndReason: "并入市公安局"}, {Code: "JT", Name: "交通局"},
		{Code: "J0", Name: "交通局", Ended: true}} {
		if _, err := w.city.ChangeUnit(office, nil, u); err != nil {
			t.Fatal(err)
		}
	}
	r := lamp()
	r.Matters[0].Disposition = "city"
	n := w.receive(w.one, r).Number
	w.carry()
	l, err := w.city.LifeByNumber(office, string(n)+"/1")
	if err != nil {
		t.Fatal(err)
	}
	if l, err = w.city.Take(office, l, station.Step{Action: station.DoReview, Disposition: "city"}); err != nil {
		t.Fatal(err)
	}
	for field, s := range map[string]station.Step{"unit": {Unit: "GA"}, "units": {Unit: "JT", Units: []string{"JT", "ga"}}} {
		s.Action = station.DoAssign
		_, err := w.city.Take(office, l, s)
		faulty(t, err, field, "unit-ended")
		if said := station.Say(err); !strings.Contains(said.ZH, "并入市公安局") && !strings.Contains(err.Error(), "并入市公安局") {
			t.Errorf("why it has ended is not said: %v", err)
		}
	}
	_, err = w.city.Take(office, l, station.Step{Action: station.DoAssign, Unit: "公安局"})
	faulty(t, err, "unit", "unit-ended")
	for _, unit := range []string{"交通局", "某村民小组"} { // one of the name goes on; one is on no list
		if got, err := w.city.Take(office, l, station.Step{Action: station.DoAssign, Unit: unit}); err != nil || got.State != station.StAssigned {
			t.Errorf("%s: %v, %v", unit, got.State, err)
		} else if l, err = w.city.Take(office, got, station.Step{Action: station.DoReturn, Note: "不归我管"}); err != nil {
			t.Fatal(err)
		} else if l, err = w.city.Take(office, l, station.Step{Action: station.DoReview, Disposition: "city"}); err != nil {
			t.Fatal(err)
		}
	}
}

// A table took the place of rules in force: a class that replies bore lost its
// meaning, and a matter that was assigned before was due on another day. Once
// there is a matter it obeys what the screen asks; before, an office loads its
// own in place of what is built in.
func TestATableLeavesTheRulesInForce(t *testing.T) {
	b := newDesk(t)
	sign := func(code string, count int, from typed.Date) station.Limit {
		return station.Limit{Code: code, Timer: station.TimerSign, Count: count, Unit: station.WorkingDays, Warn: 1, From: from}
	}
	solved := station.ResultClass{Code: "1A", Scheme: 1, Class: "A", Label: "已解决", CountsDone: true}
	putLimit := func(l station.Limit) (int, error) { return b.PutLimits(head, []station.Limit{l}) }
	putClass := func(c station.ResultClass) (int, error) { return b.PutResultClasses(head, []station.ResultClass{c}) }
	if n, err := putLimit(sign("T3", 4, typed.Date{})); n != 1 || err != nil {
		t.Fatalf("the first load: %d, %v", n, err)
	}
	if n, err := putClass(solved); n != 1 || err != nil {
		t.Fatalf("the first load: %d, %v", n, err)
	}
	l := b.take(head, b.matter("town"), station.Step{Action: station.DoReview})
	l = b.take(head, l, station.Step{Action: station.DoAssign, Unit: "城管局"})
	done := b.take(attendant, b.accepted("town"), station.Step{Action: station.DoReply, Text: "好了。", Class: "A"})
	due := l.Due
	for i, c := range []struct {
		limit station.Limit
		code  string
	}{
		{sign("T3", 10, typed.Date{}), "rule-in-force"},
		{sign("T3", 10, date("2020-01-01")), "from-past"},
		{sign("X1", 10, typed.Date{}), "from-missing"},
		{sign("X1", 10, date("2020-01-01")), "from-past"},
		{station.Limit{Code: "T3", Timer: station.TimerTell, Count: 1, Unit: station.WorkingDays, From: date("2027-01-01")}, "rule-in-force"},
	} {
		_, err := putLimit(c.limit)
		faulty(t, err, "limit[0].from", c.code)
		if _, err := station.CheckRecord(b.Desk, c.limit); err == nil {
			t.Errorf("%d: a dry run promises it", i)
		}
	}
	if _, err := b.ChangeLimit(head, nil, sign("", 10, date("2020-01-01"))); station.Say(err).Code == "" {
		t.Error("a station changes a limit")
	}
	other, late := solved, solved
	other.Label, other.CountsDone = "已解决了的", false
	late.Code, late.Scheme = "2A", 2
	_, err := putClass(other)
	faulty(t, err, "resultclass[0].class", "class-taken")
	_, err = putClass(late)
	faulty(t, err, "resultclass[0].from", "from-missing")
	for _, known := range []func() (int, error){func() (int, error) { return putLimit(sign("T3", 4, typed.Date{})) }, func() (int, error) { return putClass(solved) },
		func() (int, error) { return b.PutLimits(head, station.DefaultLimits()[:2]) }} {
		if n, err := known(); n != 0 || err != nil {
			t.Errorf("what says nothing new: %d, %v", n, err)
		}
	}
	late.From = date("2027-01-01")
	if n, err := putClass(late); n != 1 || err != nil {
		t.Errorf("a new scheme: %d, %v", n, err)
	}
	late.Label = "已经解决"
	if n, err := putClass(late); n != 1 || err != nil {
		t.Errorf("mended before it may be chosen: %d, %v", n, err)
	}
	if n, err := putLimit(sign("T3", 10, date("2027-01-01"))); n != 1 || err != nil {
		t.Errorf("a limit ahead: %d, %v", n, err)
	}
	if n, err := putLimit(sign("T3", 4, typed.Date{})); n != 0 || err != nil {
		t.Errorf("the one that holds until then, once more: %d, %v", n, err)
	}
	if c, _ := b.DueFor(station.TimerSign, "town", false, date("2027-02-01")); c.Due != date("2027-02-15") {
		t.Errorf("after its day due %s", c.Due)
	}
	if l, err = b.Life(head, l.MatterID); err != nil || l.Due != due || due.IsZero() {
		t.Errorf("an assignment of before was due %s, now %s, %v", due, l.Due, err)
	}
	if c, _ := b.ResultClass(done.Class); c != solved {
		t.Errorf("the class that was used is %+v", c)
	}
}

// A limit is added with the day from which it holds, changed until then and
// not after, and stays beside the one before; both sides count by them.
func TestALimitIsAddedWithItsDay(t *testing.T) {
	w := newRealm(t)
	l := station.Limit{Timer: station.TimerHandle, Disposition: "village", Count: 5, Unit: station.WorkingDays, Warn: 1}
	_, err := w.city.ChangeLimit(office, nil, l)
	faulty(t, err, "limit[0].from", "from-missing")
	l.From = date("2027-01-01")
	added, err := w.city.ChangeLimit(office, nil, l)
	if err != nil || added.Code != "T5-village-2" {
		t.Fatalf("%+v, %v", added, err)
	}
	_, err = w.city.ChangeLimit(office, nil, l)
	faulty(t, err, "limit[0].from", "limit-twice")
	if _, err := w.city.ChangeLimit(leader, nil, l); station.Say(err).Code != station.ErrForbidden {
		t.Errorf("a leader sets a limit: %v", err)
	}
	better := added
	better.Count = 4
	if better, err = w.city.ChangeLimit(office, &added, better); err != nil {
		t.Fatal(err)
	}
	if _, err := w.city.ChangeLimit(office, &added, added); !errors.Is(err, ledger.ErrStale) {
		t.Errorf("changed upon what is no more so: %v", err)
	}
	w.carry()
	for _, p := range []*outpost{w.city, w.one} {
		before, _ := p.DueFor(station.TimerHandle, "village", false, date("2026-12-01"))
		after, _ := p.DueFor(station.TimerHandle, "village", false, date("2027-03-01"))
		if before.Due != date("2026-12-10") || after.Due != date("2027-03-05") {
			t.Errorf("%s: due %s and %s", p.code, before.Due, after.Due)
		}
	}
	if f, through := w.city.LimitForce(better); f != station.Ahead || !through.IsZero() {
		t.Errorf("%v through %s", f, through)
	}
	old, _ := w.city.LimitFor(station.TimerHandle, "village", false)
	if f, through := w.city.LimitForce(old); f != station.Holds || through != date("2026-12-31") || old.Count != 7 {
		t.Errorf("%+v: %v through %s", old, f, through)
	}
	*w.city.now = w.city.now.AddDate(0, 2, 0)
	if _, err := w.city.ChangeLimit(office, &better, added); station.Say(err).Code != "rule-in-force" {
		t.Errorf("what is in force was changed: %v", err)
	}
	if f, through := w.city.LimitForce(old); f != station.Past || through != date("2026-12-31") {
		t.Errorf("%v through %s", f, through)
	}
}

// A class is added to a scheme from its day on; a new scheme takes the place
// of the present one; a class that was used keeps its meaning.
func TestAClassIsAddedWithItsDay(t *testing.T) {
	w := newRealm(t)
	e := station.ResultClass{Scheme: 1, Class: "e", Label: "转其他渠道办理", From: date("2026-12-01")}
	added, err := w.city.ChangeResultClass(office, nil, e)
	if err != nil || added.Code != "1E" {
		t.Fatalf("%+v, %v", added, err)
	}
	letters := func(p *outpost, day string) string {
		var out []string
		for _, c := range p.ResultClasses(date(day)) {
			out = append(out, c.Code)
		}
		return strings.Join(out, " ")
	}
	for _, in := range []struct {
		c           station.ResultClass
		field, code string
	}{
		{station.ResultClass{Scheme: 1, Class: "B", Label: "另一个意思", From: date("2026-12-01")}, "class", "class-taken"},
		{station.ResultClass{Scheme: 0, Class: "A", Label: "x", From: date("2026-12-01")}, "scheme", "out-of-range"},
		{station.ResultClass{Scheme: 2, Class: "A", Label: "x"}, "from", "from-missing"},
		{station.ResultClass{Scheme: 2, Class: "A", From: date("2027-01-01")}, "label", "name-missing"},
	} {
		_, err := w.city.ChangeResultClass(office, nil, in.c)
		faulty(t, err, "resultclass[0]."+in.field, in.code)
	}
	for _, c := range []station.ResultClass{{Scheme: 2, Class: "甲", Label: "已解决", CountsDone: true, From: date("2027-01-01")}, {Scheme: 2, Class: "乙", Label: "列入计划", NeedsFollowUp: true, From: date("2027-02-01")}} {
		if _, err := w.city.ChangeResultClass(office, nil, c); err != nil {
			t.Fatal(err)
		}
	}
	w.carry()
	for _, p := range []*outpost{w.city, w.one} {
		for day, want := range map[string]string{"2026-11-30": "1A 1B 1C 1D", "2026-12-31": "1A 1B 1C 1D 1E", "2027-01-15": "2A", "2027-02-01": "2A 2B"} {
			if got := letters(p, day); got != want {
				t.Errorf("%s on %s: %s", p.code, day, got)
			}
		}
	}
	better := added
	better.Label = "引导到其他渠道"
	if _, err := w.city.ChangeResultClass(office, &added, better); err != nil {
		t.Fatal(err)
	}
	*w.city.now = w.city.now.AddDate(0, 0, 20)
	if _, err := w.city.ChangeResultClass(office, &better, added); station.Say(err).Code != "rule-in-force" {
		t.Errorf("a class in force was changed: %v", err)
	}
}

// What is in the lists already is reckoned anew where a rule reaches back, and
// is as if it had been where it lies ahead: restarted, the desk says the same.
func TestRowsFollowTheRules(t *testing.T) {
	w := newRealm(t)
	r := lamp()
	r.Matters[0].Disposition = "city"
	n := w.receive(w.one, r).Number
	w.carry()
	if err := w.city.Warm(); err != nil {
		t.Fatal(err)
	}
	due := func() string {
		t.Helper()
		ls, err := w.city.Queue(office, "classify", 10)
		if err != nil || len(ls) != 1 {
			t.Fatalf("%d to classify, %v", len(ls), err)
		}
		l, err := w.city.LifeByNumber(office, string(n))
		if err != nil || l.Due != ls[0].Due {
			t.Errorf("in the queue due %s, by itself %s, %v", ls[0].Due, l.Due, err)
		}
		return ls[0].Due.String()
	}
	before := due()
	limit := func(count int, from typed.Date) {
		t.Helper()
		if _, err := w.city.ChangeLimit(office, nil, station.Limit{Timer: station.TimerClass, Count: count, Unit: station.CalendarDays, From: from}); err != nil {
			t.Fatal(err)
		}
	}
	limit(9, w.city.Today().AddDays(30))
	if got := due(); got != before {
		t.Errorf("a limit ahead moves %s to %s", before, got)
	}
	limit(6, w.city.Today())
	now := due()
	if now == before {
		t.Errorf("a limit of today leaves %s", now)
	}
	w.city.restart(t)
	if err := w.city.Warm(); err != nil {
		t.Fatal(err)
	}
	if got := due(); got != now {
		t.Errorf("restarted, due %s instead of %s", got, now)
	}
	*w.city.now = w.city.now.AddDate(0, 0, 40)
	*w.one.now = *w.city.now
	m := w.receive(w.one, r).Number
	w.carry()
	if l, err := w.city.LifeByNumber(office, string(m)); err != nil || l.Due != w.city.Today().AddDays(9) {
		t.Errorf("after its day: due %s, %v", l.Due, err)
	}
}

// Of many who change one record at once upon the same reading one is written,
// and the others are told.
func TestManyChangeOneRecordAtOnce(t *testing.T) {
	w := newRealm(t)
	was, err := w.city.ChangeUnit(office, nil, station.UndertakingUnit{Code: "GA", Name: "公安局", Kind: "gov"})
	if err != nil {
		t.Fatal(err)
	}
	const many = 8
	errs := make([]error, many)
	limits := make([]station.Limit, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			u := was
			u.Contact = "甲乙丙丁戊己庚辛"[3*i : 3*i+3]
			_, errs[i] = w.city.ChangeUnit(office, &was, u)
			limits[i], _ = w.city.ChangeLimit(office, nil, station.Limit{Timer: station.TimerSign, Count: i, Unit: station.WorkingDays, From: date("2027-01-01").AddDays(i)})
		})
	}
	all.Wait()
	won, codes := 0, map[string]bool{}
	for i, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ledger.ErrStale) {
			t.Error(err)
		}
		codes[limits[i].Code] = true
	}
	if u, _ := w.city.Unit("GA"); won != 1 || u.Contact == "" || len(codes) != many {
		t.Errorf("%d were written: %+v; %d codes for %d limits", won, u, len(codes), many)
	}
}
