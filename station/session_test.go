package station_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// The morning of the common reception day: who comes for the same modes and
// theme on the same day sits in one session.
func TestReceptionsOfADayShareASession(t *testing.T) {
	b := newDesk(t)
	if _, ok, err := b.Current(); ok || err != nil {
		t.Fatalf("a session before anybody came: %v", err)
	}
	at := func(in station.InSession, day string) station.Session {
		t.Helper()
		r := lamp()
		r.Session = in
		if day != "" {
			r.At = date(day).Time(station.Beijing).Add(9 * time.Hour)
		}
		return b.receive(attendant, r).Session
	}
	open := station.InSession{Time: "fixed"}
	themed := station.InSession{Time: "fixed", Topic: "themed", Theme: "停车"}
	first := at(open, "")
	for what, x := range map[string]struct {
		got  station.Session
		same bool
	}{
		"the same modes":            {at(open, ""), true},
		"another time mode":         {at(station.InSession{}, ""), false},
		"another place mode":        {at(station.InSession{Time: "fixed", Place: "forum"}, ""), false},
		"a theme":                   {at(themed, ""), false},
		"the day before":            {at(open, "2026-11-22"), false},
		"a theme without its topic": {at(station.InSession{Time: "fixed", Theme: "停车"}, ""), false},
	} {
		if (x.got.ID == first.ID) != x.same {
			t.Errorf("%s: session %s of %s, the first is %s", what, x.got.Number, x.got.Day, first.Number)
		}
	}
	if a, z := at(themed, ""), at(station.InSession{Time: "fixed", Theme: "停车"}, ""); a.ID != z.ID || z.Topic != "themed" {
		t.Errorf("a theme without its topic went into %+v", z)
	}
	more := at(station.InSession{Time: "fixed", Deputies: []string{"D001"}}, "")
	more = at(station.InSession{Time: "fixed", Deputies: []string{"D002", "D001"}}, "")
	equal(t, "deputies join the session", more.Deputies, []string{"D001", "D002"})
	if more.ID != first.ID || more.Number != first.Number {
		t.Errorf("deputies made another session %+v", more)
	}
	ss, err := b.Sessions(date("2026-11-23"), date("2026-11-23"), 0)
	if err != nil || len(ss) != 4 {
		t.Errorf("%d sessions today, %v; want 4", len(ss), err)
	}
	if ss, err := b.Sessions(typed.Date{}, typed.Date{}, 2); err != nil || len(ss) != 2 {
		t.Errorf("%d sessions of at most 2, %v", len(ss), err)
	}
	if sum, err := b.Totals(head, date("2026-11-23"), date("2026-11-23")); err != nil || sum.Sessions != 4 || sum.Deputies != 2 {
		t.Errorf("totals %+v, %v", sum, err)
	}
}

func TestThePlaceOfAVisitWasLostInASessionWithoutOne(t *testing.T) {
	b := newDesk(t)
	at := func(where string) station.Session {
		r := lamp()
		r.Session = station.InSession{Place: "visit", Where: where}
		return b.receive(attendant, r).Session
	}
	first, zhang, cheng := at(""), at("张巷"), at("城北")
	if first.ID != zhang.ID || zhang.Where != "张巷" || cheng.ID == first.ID || cheng.Where != "城北" {
		t.Errorf("sessions %+v %+v %+v", first, zhang, cheng)
	}
	if again := at(""); again.ID != first.ID && again.ID != cheng.ID {
		t.Errorf("no place named: a third session %+v", again)
	}
}

func TestAReceptionOfAnotherDayWentIntoTodaysSession(t *testing.T) {
	b := newDesk(t)
	today, err := b.PutSession(attendant, station.Session{Time: "fixed", Topic: "themed", Theme: "停车", Deputies: []string{"D001"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	r := lamp()
	r.Session.ID = string(today.ID)
	if s := b.receive(attendant, r); s.Session.ID != today.ID {
		t.Errorf("today's went into %+v", s.Session)
	}
	r.At = monday.AddDate(0, 0, -1)
	s := b.receive(attendant, r).Session
	if s.ID == today.ID || s.Day != date("2026-11-22") || s.Theme != "停车" || s.Time != "fixed" {
		t.Errorf("yesterday's went into %+v", s)
	}
	b.set(monday.AddDate(0, 0, 1)) // the form stayed open over midnight
	r.At = time.Time{}
	s = b.receive(attendant, r).Session
	if s.ID == today.ID || s.Day != date("2026-11-24") {
		t.Errorf("tomorrow's went into %+v", s)
	}
	r.Session.ID = "0192-no-such-session"
	_, err = b.Receive(attendant, r, true, "")
	faulty(t, err, "session", "session-unknown")
}

func TestASessionJustOpenedCouldNotBeClosed(t *testing.T) {
	b := newDesk(t)
	s, err := b.PutSession(attendant, station.Session{Time: "fixed", Start: "９点", End: "11"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if s.Start != "09:00" || s.End != "11:00" || s.Day != date("2026-11-23") || s.Number == "" {
		t.Errorf("opened %+v", s)
	}
	cur, ok, err := b.Current()
	if err != nil || !ok || cur.ID != s.ID || cur.Rev != s.Rev {
		t.Fatalf("current %+v %v %v", cur, ok, err)
	}
	stale := s
	s.Closed, s.Number = true, "QA01-26A-S9999-X" // a number is not the caller's to give
	if s, err = b.PutSession(attendant, s, "到点"); err != nil {
		t.Fatal(err)
	}
	if s.Number != stale.Number {
		t.Errorf("number %s became %s", stale.Number, s.Number)
	}
	if _, ok, err := b.Current(); ok || err != nil {
		t.Errorf("a closed session is current (%v)", err)
	}
	_, err = b.PutSession(attendant, stale, "")
	problem(t, err, "E-STALE")
	stale.Rev = ledger.Ref{}
	_, err = b.PutSession(attendant, stale, "")
	problem(t, err, "E-STALE")
	s.Closed = false
	if s, err = b.PutSession(head, s, "延长"); err != nil {
		t.Fatal(err)
	}
	r := lamp()
	r.Session = station.InSession{Time: "fixed", Deputies: []string{"D009"}}
	joined := b.receive(attendant, r).Session
	joined.Where = "一楼"
	if _, err := b.PutSession(attendant, joined, ""); err != nil {
		t.Errorf("the session that a save gave back: %v", err)
	}
	for _, who := range []station.Who{deputy1, town, admin} {
		_, err := b.PutSession(who, station.Session{}, "")
		problem(t, err, station.ErrForbidden)
	}
	_, err = b.PutSession(attendant, station.Session{Start: "25点", Topic: "themed"}, "")
	faulty(t, err, "session.start", "clock.range")
	faulty(t, err, "session.theme", "theme-missing")
	_, err = b.PutSession(attendant, station.Session{ID: "0192-none"}, "")
	problem(t, err, "E-NONE")
}

func TestTheSessionAfterNumber9999WasNotCurrent(t *testing.T) {
	b := newDesk(t)
	for i, n := range []string{"QA01-26A-S9999-" + check(t, "QA0126AS9999"), "QA01-26A-S10000-" + check(t, "QA0126AS10000")} {
		body := fmt.Sprintf(`{"number":%q,"day":"2026-11-23","time":"fixed","place":"station","topic":"open"}`, n)
		c := ledger.Change{New: []ledger.New{{Kind: station.KindSession, ID: ledger.ID(fmt.Sprint("s", i)), By: "u-test", Body: []byte(body)}}}
		if _, err := b.Ledger().Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if s, ok, err := b.Current(); err != nil || !ok || s.ID != "s1" {
		t.Errorf("current %+v %v %v, want the 10,000th", s, ok, err)
	}
	s, err := b.PutSession(attendant, station.Session{}, "")
	if err != nil || s.Number != station.Number("QA01-26A-S10001-"+check(t, "QA0126AS10001")) {
		t.Errorf("the next is %s, %v", s.Number, err)
	}
}

func check(t testing.TB, s string) string {
	t.Helper()
	c, err := typed.Check3736(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(c)
}

// Two attendants name their deputies at the same moment.
func TestDeputiesJoinASessionFromManyDesks(t *testing.T) {
	b := newDesk(t)
	var people sync.WaitGroup
	for i := range 8 {
		people.Go(func() {
			r := lamp()
			r.Session.Deputies = []string{fmt.Sprintf("D%03d", i)}
			if _, err := b.Receive(attendant, r, false, ""); err != nil {
				t.Error(err)
			}
		})
	}
	people.Wait()
	ss, err := b.Sessions(typed.Date{}, typed.Date{}, 0)
	if err != nil || len(ss) != 1 || len(ss[0].Deputies) != 8 {
		t.Errorf("sessions %+v, %v; want one with 8 deputies", ss, err)
	}
}

func TestWatchHearsWhatChangesAndNotWhatIsTyped(t *testing.T) {
	b := newDesk(t)
	changed, stop := b.Watch()
	heard := func() bool {
		select {
		case <-changed:
			return true
		default:
			return false
		}
	}
	b.receive(attendant, lamp())
	b.receive(attendant, lamp())
	if !heard() || heard() {
		t.Error("two saves are not heard as one change")
	}
	if err := b.SaveDraft(attendant, station.Draft{Form: "reception"}); err != nil {
		t.Fatal(err)
	}
	if heard() {
		t.Error("every screen was woken by somebody typing")
	}
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	if !heard() {
		t.Error("nobody heard that the lists are complete")
	}
	if err := b.SaveSettings(head, station.Settings{Language: "en"}); err != nil {
		t.Fatal(err)
	}
	if !heard() {
		t.Error("settings were not heard")
	}
	if _, err := b.Ledger().Commit(t.Context(), foreign(t, "QA02", station.KindVillage, "321181002001", `{"code":"321181002001","name":"前艾村"}`)); err != nil {
		t.Fatal(err)
	}
	if !heard() {
		t.Error("what a sync brought was not heard")
	}
	if v, ok := b.Village("321181002001"); !ok || v.Name != "前艾村" {
		t.Errorf("the list lacks what a sync brought: %+v", v)
	}
	stop()
	stop()
	if _, open := <-changed; open {
		t.Error("the channel stays open after stop")
	}
	b.receive(attendant, lamp()) // nobody listens
	var many sync.WaitGroup
	for range 8 {
		many.Go(func() {
			c, stop := b.Watch()
			b.receive(attendant, lamp())
			<-c
			stop()
		})
	}
	many.Wait()
}

// foreign makes the first entry of another writer's stream.
func foreign(t testing.TB, writer string, k ledger.Kind, id, body string) ledger.Change {
	t.Helper()
	e := ledger.Entry{Header: ledger.Header{Ref: ledger.Ref{Stream: ledger.Stream(writer + "/A-test"), Seq: 1}, Kind: k, ID: ledger.ID(id),
		At: monday.UTC(), By: "u-city"}, Salt: make([]byte, ledger.SaltSize), Body: []byte(body)}
	e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
	if err := e.Verify(); err != nil {
		t.Fatal(err)
	}
	return ledger.Change{Foreign: []ledger.Entry{e}}
}

// A reception of another file of this station, brought back by the city
// without the voter's name, is listed at once.
func TestListsHearWhatASyncBrings(t *testing.T) {
	a := newDesk(t)
	n := a.receive(attendant, lamp()).Number
	b := newDesk(t)
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	var es []ledger.Entry
	for _, e := range a.journal() {
		if station.Withheld(a.led, e) {
			e = e.Withhold()
		}
		es = append(es, e)
	}
	if _, err := b.Ledger().Commit(t.Context(), ledger.Change{Foreign: es}); err != nil {
		t.Fatal(err)
	}
	equal(t, "found by title", b.find("路灯"), []station.Number{n})
	equal(t, "found by name", b.find("王小明"), nil)
	sameAfterRefill(t, b)
	f := b.lookup(string(n))
	if f.Voter != (station.Voter{}) || len(f.Matters) != 1 {
		t.Errorf("read %+v", f)
	}

	// It can still be corrected, though nobody knows the name any more.
	r := f.Reception()
	r.Matters[0].Reply = "已修好"
	if err := b.Correct(head, f, r, "补充", ""); err != nil {
		t.Errorf("correct: %v", err)
	}
	if err := b.Correct(head, f, r, "补充", ""); !errors.Is(err, ledger.ErrStale) {
		t.Errorf("a second time: %v, want stale", err)
	}
}

// TestAnotherChannelDoesNotTakeTheDayOver: a line that says nothing of its
// session opens an ad hoc one; the planned session stays the day's.
func TestAnotherChannelDoesNotTakeTheDayOver(t *testing.T) {
	d := newDesk(t)
	planned, err := d.PutSession(station.Owner(), station.Session{Time: "fixed", Topic: "themed", Theme: "停车与交通秩序"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Receive(station.Owner(), station.Reception{Voter: station.InVoter{Name: "李四"}, Matters: []station.Issue{{Content: "路灯坏了", Category: "11"}}}, false, ""); err != nil {
		t.Fatal(err)
	}
	if s, ok, err := d.Current(); err != nil || !ok || s.ID != planned.ID {
		t.Errorf("current %+v, %v, %v; want %s", s, ok, err, planned.Number)
	}
}
