package station_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// A voter sits down; the attendant types what the form asks for.
func TestReceptionIsRecordedAsTyped(t *testing.T) {
	b := newDesk(t)
	b.roster()
	r := lamp()
	r.Session = station.InSession{Time: "fixed", Topic: "themed", Theme: "停车与交通秩序", Deputies: []string{"D001", " Ｄ００２", "", "D001"}}
	r.Persons, r.Notified = 3, true
	r.Voter.Phone, r.Voter.IDCard = "+86 138-0013-8000", "321181190001010016"
	r.Matters[0].Content = "  第一行\r\n第二行 "
	r.Matters = append(r.Matters, station.Issue{Content: "门口占道", Category: "１８", Disposition: "town", Deputy: "D001", Village: "321181002002"})
	if err := b.SaveDraft(attendant, station.Draft{Form: "reception", Values: map[string]string{"name": "王"}}); err != nil {
		t.Fatal(err)
	}
	s, err := b.Receive(attendant, r, true, "reception")
	if err != nil {
		t.Fatal(err)
	}
	if ds, err := b.Drafts(attendant); err != nil || len(ds) != 0 {
		t.Errorf("the draft stayed: %v %v", ds, err)
	}
	b.restart()
	f := b.lookup(string(s.Number) + "/2")
	v := f.Visit
	if v.Number != s.Number || v.By != attendant.Account || !v.At.Equal(monday) || !v.Entered.Equal(monday) || v.Late() ||
		v.Channel != "walkin" || v.Persons != 3 || v.Village != "321181002001" || !v.Notified || v.Session != s.Session.ID {
		t.Errorf("visit %+v", v)
	}
	if f.Voter != (station.Voter{Name: "王小明", Phone: "13800138000", IDCard: "321181190001010016"}) {
		t.Errorf("voter %+v", f.Voter)
	}
	equal(t, "deputies", f.Session.Deputies, []string{"D001", "D002"})
	if f.Session.Number == "" || f.Session.Day != date("2026-11-23") || f.Session.Theme != "停车与交通秩序" {
		t.Errorf("session %+v", f.Session)
	}
	a, z := f.Matters[0], f.Matters[1]
	if a.Number != string(s.Number)+"/1" || a.Content != "第一行\n第二行" || a.Title != "第一行" || a.Disposition != "onspot" ||
		a.Kind != "suggestion" || a.Urgency != "normal" || a.Village != "321181002001" {
		t.Errorf("first matter %+v", a)
	}
	if z.Number != string(s.Number)+"/2" || z.Category != "18" || z.Disposition != "town" || z.Village != "321181002002" || z.Deputy != "D001" {
		t.Errorf("second matter %+v", z)
	}
	_, _, err = b.Lookup(head, string(s.Number)+"/3")
	problem(t, err, "number-unknown")
}

func TestWhatTheFormAsksFor(t *testing.T) {
	b := newDesk(t)
	if _, ps := b.Check(station.Reception{Matters: []station.Issue{{}}}, true); slices.ContainsFunc(ps, func(p station.FieldProblem) bool { return p.Field == "voter.village" }) {
		t.Error("a village is asked for where no list of them was imported")
	}
	if _, err := b.PutVillages(station.Owner(), []station.Village{{Code: "321181002001", Town: "曲阿街道", Name: "前艾村"}}); err != nil {
		t.Fatal(err)
	}
	_, ps := b.Check(station.Reception{Matters: []station.Issue{{}}}, true)
	var got []string
	for _, p := range ps {
		got = append(got, p.Field+" "+p.Code)
	}
	equal(t, "an empty form", got, []string{"voter.name name-missing", "voter.phone phone-missing", "voter.village village-missing",
		"matters[0].content content-missing", "matters[0].category category-missing", "matters[0].reply reply-missing"})
	_, ps = b.Check(station.Reception{Matters: []station.Issue{{}}}, false)
	if len(ps) != 3 {
		t.Errorf("an empty line lacks %v, want name, content and category", ps)
	}
	if _, ps = b.Check(lamp(), true); len(ps) != 0 {
		t.Errorf("a full form has problems: %v", ps)
	}

	for _, x := range []struct {
		field, code string
		change      func(*station.Reception)
	}{
		{"at", "date-future", func(r *station.Reception) { r.At = monday.AddDate(0, 0, 1) }},
		{"at", "date-range", func(r *station.Reception) { r.At = monday.AddDate(-100, 0, 0) }},
		{"channel", "unknown-word", func(r *station.Reception) { r.Channel = "fax" }},
		{"persons", "persons-range", func(r *station.Reception) { r.Persons = -1 }},
		{"persons", "persons-range", func(r *station.Reception) { r.Persons = 10001 }},
		{"session.time", "unknown-word", func(r *station.Reception) { r.Session.Time = "x" }},
		{"session.theme", "theme-missing", func(r *station.Reception) { r.Session.Topic = "themed" }},
		{"voter.phone", "phone.length", func(r *station.Reception) { r.Voter.Phone = "1380013800" }},
		{"voter.village", "village-code", func(r *station.Reception) { r.Voter.Village = "12345678901２３" }},
		{"voter.sex", "unknown-word", func(r *station.Reception) { r.Voter.Sex = "1" }},
		{"voter.age", "unknown-word", func(r *station.Reception) { r.Voter.AgeBand = "17" }},
		{"voter.idcard", "idcard.check", func(r *station.Reception) { r.Voter.IDCard = "321181190001010017" }},
		{"matters", "matter-missing", func(r *station.Reception) { r.Matters = nil }},
		{"matters", "matters-many", func(r *station.Reception) { r.Matters = make([]station.Issue, 51) }},
		{"matters[0].title", "too-long", func(r *station.Reception) { r.Matters[0].Title = strings.Repeat("长", 31) }},
		{"matters[0].content", "too-long", func(r *station.Reception) { r.Matters[0].Content = strings.Repeat("长", 20001) }},
		{"matters[0].kind", "unknown-word", func(r *station.Reception) { r.Matters[0].Kind = "x" }},
		{"matters[0].category", "category-unknown", func(r *station.Reception) { r.Matters[0].Category = "99" }},
		{"matters[0].disposition", "unknown-word", func(r *station.Reception) { r.Matters[0].Disposition = "A" }},
		{"matters[0].refuse", "refuse-missing", func(r *station.Reception) { r.Matters[0].Disposition = "refuse" }},
		{"matters[0].refuse", "unknown-word", func(r *station.Reception) { r.Matters[0].Disposition, r.Matters[0].Refuse = "refuse", "x" }},
		{"matters[0].affected", "unknown-word", func(r *station.Reception) { r.Matters[0].Affected = "x" }},
		{"matters[0].urgency", "unknown-word", func(r *station.Reception) { r.Matters[0].Urgency = "x" }},
		{"matters[0].village", "village-code", func(r *station.Reception) { r.Matters[0].Village = "x" }},
		{"ref", "too-long", func(r *station.Reception) { r.Ref = strings.Repeat("r", 201) }},
	} {
		r := lamp()
		x.change(&r)
		_, err := b.Receive(attendant, r, true, "")
		faulty(t, err, x.field, x.code)
		if ps, _ := station.FieldsOf(err); len(ps) == 0 || ps[0].Field != x.field {
			t.Errorf("%s %s: problems %v", x.field, x.code, ps)
		}
	}
	b.roster()
	r := lamp()
	r.Session.Deputies, r.Matters[0].Deputy = []string{"D999"}, "D998"
	_, err := b.Receive(attendant, r, true, "")
	faulty(t, err, "session.deputies", "deputy-unknown")
	faulty(t, err, "matters[0].deputy", "deputy-unknown")
	if n := len(b.entries(station.KindVisit)); n != 0 {
		t.Errorf("%d receptions were recorded in spite of their faults", n)
	}
}

// The form says: no phone? type 无.
func TestTheWordForNoPhoneWasRefused(t *testing.T) {
	b := newDesk(t)
	for _, word := range []string{"无", " 无 ", "没有", "none", "ＮＯＮＥ"} {
		r := lamp()
		r.Voter.Phone = word
		got, ps := b.Check(r, true)
		if len(ps) != 0 || got.Voter.Phone != "" || !got.Voter.NoContact {
			t.Errorf("%q: %v, %+v", word, ps, got.Voter)
		}
	}
}

func TestAnAnonymousVoterIsNotNamed(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Voter.Anonymous = true
	r.Matters[0].Disposition = "city"
	f := b.lookup(string(b.receive(attendant, r).Number))
	if f.Voter.Name != "" || !f.Visit.Anonymous {
		t.Errorf("kept %+v", f.Voter)
	}
	for _, e := range b.journal() {
		if strings.Contains(string(e.Body), "王小明") {
			t.Errorf("%s holds the name", e.Kind)
		}
	}
}

func TestTitleOfWordsThatBeginWithPunctuationWasEmpty(t *testing.T) {
	b := newDesk(t)
	for content, want := range map[string]string{
		"小区东门的路灯坏了半个月,晚上老人出门不安全": "小区东门的路灯坏了半个月",
		"小区东门口路灯，坏了":             "小区东门口路灯",
		"路灯,坏了。修":                "路灯,坏了",
		"？？怎么办":                  "怎么办",
		"。\n。\n第三行":              "第三行",
		"。。。":                    "。。。",
		"!\n!":                   "! !",
		strings.Repeat("长", 40):  strings.Repeat("长", 20),
	} {
		r := lamp()
		r.Matters[0].Content, r.Matters[0].Title = content, " \x1b[1m "
		got, ps := b.Check(r, true)
		if len(ps) != 0 || got.Matters[0].Title != want {
			t.Errorf("title of %q is %q, want %q (%v)", content, got.Matters[0].Title, want, ps)
		}
	}
}

func TestCheckTwiceChangesNothingMore(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Voter.Phone, r.Voter.Name = "０５１１－８６１２３４５６", " 王\x1b[31m小明\u202e "
	r.Session.Theme = "主题"
	r.Matters[0].Content = "é́́ 第一行\r\n\t第二行"
	once, ps := b.Check(r, true)
	twice, ps2 := b.Check(once, true)
	if len(ps)+len(ps2) != 0 || !reflect.DeepEqual(once, twice) {
		t.Errorf("once %+v %v, twice %+v %v", once, ps, twice, ps2)
	}
}

// A page of a paper register is typed in on the next day, and one of last year.
func TestLateEntriesSaySo(t *testing.T) {
	b := newDesk(t)
	for at, late := range map[string]bool{
		"2026-11-22T23:59:59+08:00": true,
		"2026-11-23T00:00:00+08:00": false,
		"2026-11-22T16:00:00Z":      false, // midnight in Beijing
		"2026-11-22T15:59:59Z":      true,
		"2025-12-31T10:00:00+08:00": true,
		"2026-11-23T09:12:00+08:00": false,
	} {
		r := lamp()
		if err := r.At.UnmarshalText([]byte(at)); err != nil {
			t.Fatal(err)
		}
		s := b.receive(attendant, r)
		f := b.lookup(string(s.Number))
		if f.Visit.Late() != late || !f.Visit.At.Equal(r.At) {
			t.Errorf("reception of %s: late %v at %s", at, f.Visit.Late(), f.Visit.At)
		}
		if !strings.HasPrefix(string(s.Number), "QA01-26A-") {
			t.Errorf("number %s is not of the year of the save", s.Number)
		}
		if want := typed.DateOf(r.At.In(station.Beijing)); f.Session.Day != want {
			t.Errorf("reception of %s went into the session of %s", at, f.Session.Day)
		}
	}
	rows, err := b.List(head, station.Query{})
	if err != nil || len(rows) != 6 {
		t.Fatal(len(rows), err)
	}
	late := 0
	for i, r := range rows {
		if i > 0 && r.At.After(rows[i-1].At) {
			t.Errorf("%s stands below an earlier one", r.Number)
		}
		if r.Late() {
			late++
		}
	}
	if sum, err := b.Totals(head, date("2025-01-01"), date("2026-12-31")); err != nil || late != 3 || sum.Late != 3 || sum.Visits != 6 {
		t.Errorf("%d late rows, totals %+v, %v", late, sum, err)
	}
}

func TestReceptionSurvivesJSON(t *testing.T) {
	const line = `{"at":"2026-11-23T09:12:00+08:00","channel":"walkin","persons":1,
 "session":{"time":"fixed","place":"station","topic":"open","theme":"","deputies":["D001"]},
 "voter":{"name":"王小明","phone":"13800138000","village":"321181002001","anonymous":false},
 "matters":[{"content":"路灯坏了","kind":"suggestion","category":"12","disposition":"onspot","reply":"已联系"}],"ref":"a-1"}`
	b := newDesk(t)
	var r station.Reception
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatal(err)
	}
	f := b.lookup(string(b.receive(attendant, r).Number))
	if f.Session.Time != "fixed" || f.Matters[0].Category != "12" || f.Voter.Name != "王小明" || !f.Visit.At.Equal(monday) {
		t.Errorf("read %+v", f)
	}
	back := f.Reception()
	text, err := json.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	var again station.Reception
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	again.Session.ID = back.Session.ID // stays in this process
	if !reflect.DeepEqual(again, back) {
		t.Errorf("%+v comes back as %+v", back, again)
	}
	if empty, err := json.Marshal(station.Reception{}); err != nil || string(empty) != `{"matters":null}` {
		t.Errorf("an empty reception is %s", empty)
	}
}

func TestReceptionAtTheLimitsIsRecorded(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Matters = nil
	for range 50 {
		r.Matters = append(r.Matters, station.Issue{Content: strings.Repeat("<长\n", 20000/3), Reply: strings.Repeat("\u2028&", 9999), Category: "11"})
	}
	s := b.receive(attendant, r)
	if f := b.lookup(string(s.Number) + "/50"); len(f.Matters) != 50 {
		t.Errorf("%d matters", len(f.Matters))
	}
	r = lamp()
	for i := range 51 {
		r.Session.Deputies = append(r.Session.Deputies, fmt.Sprint("D", i))
	}
	_, err := b.Receive(attendant, r, false, "")
	faulty(t, err, "session.deputies", "deputies-many")
}

// When the disk is full nothing is saved and the words stay in the draft; when
// it answers with an error it is not certain, and the person is told not to
// type it again.
func TestASaveThatFailsSaysWhatIsTrue(t *testing.T) {
	b := newDesk(t)
	l := &broken{}
	b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.Ledger = inner; return l }
	b.restart()
	if err := b.SaveDraft(attendant, station.Draft{Form: "reception", Values: map[string]string{"content": "路灯"}}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		err  error
		code string
	}{{ledger.ErrFull, "E-FULL"}, {ledger.ErrUnsure, "E-UNSURE"}, {errDisk, "E-OTHER"}} {
		l.fail(x.err, nil)
		_, err := b.Receive(attendant, lamp(), true, "reception")
		problem(t, err, x.code)
		if ds, err := b.Drafts(attendant); err != nil || len(ds) != 1 || ds[0].Values["content"] != "路灯" {
			t.Errorf("after %s the draft is %v, %v", x.code, ds, err)
		}
	}
	l.fail(nil, nil)
	equal(t, "listed", b.numbers(head, station.Query{}), nil)
	if log := b.log.String(); !strings.Contains(log, "E-UNSURE") || strings.Contains(log, "王小明") || strings.Contains(log, "13800138000") {
		t.Errorf("log %s", log)
	}
}
