package station_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

func TestSearchFindsAReceptionByEverythingPeopleRemember(t *testing.T) {
	b := newDesk(t)
	wang := b.receive(attendant, lamp()).Number
	b.pass(time.Minute)
	shan := b.receive(attendant, lampBy("单小芳", "0511-86123456")).Number
	b.pass(time.Minute)
	r := lampBy("欧阳·买买提", "13900139000")
	r.Matters[0].Content = "学校门口停车、接送孩子很挤ＡＢＣ路"
	r.Matters[0].Title = "停车、接送ＡＢＣ路"
	r.Matters = append(r.Matters, station.Issue{Content: "食堂太贵", Category: "31"})
	ouyang := b.receive(attendant, r).Number

	for _, x := range []struct {
		text string
		want []station.Number
	}{
		{"", []station.Number{ouyang, shan, wang}},
		{string(wang), []station.Number{wang}},
		{"qa0126a0001", []station.Number{wang}},
		{string(ouyang) + "/2", []station.Number{ouyang}},
		{"ＱＡ01-26Ａ-0002", []station.Number{shan}},
		{"王小明", []station.Number{wang}},
		{"wxm", []station.Number{wang}},
		{"WangXiaoMing", []station.Number{wang}},
		{"wangxm", []station.Number{wang}},
		{"shanxiaofang", []station.Number{shan}},
		{"sxf", []station.Number{shan}},
		{"dxf", []station.Number{shan}}, // what somebody types who does not know the surname
		{"ouyang", []station.Number{ouyang}},
		{"8000", []station.Number{wang}},
		{"138 0013 8000", []station.Number{wang}},
		{"0511-8612", []station.Number{shan}},
		{"051186123456", []station.Number{shan}},
		{"86123456", []station.Number{shan}},
		{"路灯", []station.Number{shan, wang}},
		{"停车、接送", []station.Number{ouyang}},
		{"abc路", []station.Number{ouyang}},
		{"食堂", []station.Number{ouyang}},
		{"路灯 wxm", []station.Number{wang}},
		{"路灯 8000", []station.Number{wang}},
		{"路灯 食堂", nil},
		{"查无此人", nil},
	} {
		equal(t, fmt.Sprintf("search %q", x.text), b.find(x.text), x.want)
	}

	equal(t, "category 31", b.numbers(head, station.Query{Category: "31"}), []station.Number{ouyang})
	equal(t, "first level 3", b.numbers(head, station.Query{Category: "3"}), []station.Number{ouyang})
	equal(t, "one match of two words", b.numbers(head, station.Query{Text: "路灯", Limit: 1}), []station.Number{shan})
	equal(t, "tomorrow", b.numbers(head, station.Query{From: date("2026-11-24")}), nil)
	equal(t, "today", b.numbers(head, station.Query{From: date("2026-11-23"), To: date("2026-11-23"), Text: "wxm"}), []station.Number{wang})

	b.correct(attendant, wang, func(r *station.Reception) { r.Voter.Name, r.Matters[0].Title = "王晓鸣", "东门路灯" })
	equal(t, "by the corrected title", b.find("东门路灯"), []station.Number{wang})
	equal(t, "by the name before", b.find("王小明"), nil)
}

func TestRecallFoundNobodyByInitialsOrFullPinyin(t *testing.T) {
	b := newDesk(t)
	b.receive(attendant, lamp())
	b.pass(time.Hour)
	r := lamp()
	r.Voter.Village, r.Matters[0].Title = "321181002005", "加装电梯"
	last := b.receive(attendant, r)
	b.receive(attendant, lampBy("王小敏", "13800138001"))
	void := b.receive(attendant, lampBy("王小毛", "13800138002"))
	if err := b.Void(attendant, b.lookup(string(void.Number)), "重复登记"); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Recall(attendant, "wxm", 5); err != nil || len(got) != 0 {
		t.Errorf("recall before the table is filled: %v %v, want nobody and no wait", got, err)
	}
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	names := func(text string, limit int) (out []string) {
		got, err := b.Recall(attendant, text, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got {
			out = append(out, e.Name)
		}
		return out
	}
	both := []string{"王小敏", "王小明"}
	equal(t, "initials", names("wxm", 5), both)
	equal(t, "limit", names("wxm", 1), both[:1])
	equal(t, "full pinyin", names("wangxiaoming", 5), both[1:])
	equal(t, "characters", names("小明", 5), both[1:])
	equal(t, "number typed whole", names("13800138000", 5), both[1:])
	equal(t, "number typed in groups", names("138 0013-8000", 5), both[1:])
	equal(t, "full-width tail", names("８０００", 5), both[1:])
	equal(t, "beginning", names("1380", 5), both)
	equal(t, "three digits", names("138", 5), nil)
	equal(t, "nothing", names(" ", 5), nil)
	equal(t, "a title is no name", names("路灯", 5), nil)

	got, err := b.Recall(attendant, "8000", 1)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if e := got[0]; e.Number != last.Number || e.Village != "321181002005" || e.Title != "加装电梯" {
		t.Errorf("recalled %+v, want what the latest visit said", e)
	}
	for _, who := range []station.Who{deputy1, town, admin, nobody} {
		if _, err := b.Recall(who, "wxm", 5); err == nil {
			t.Errorf("role %q recalled a voter", who.Role)
		}
	}
}

func TestAFailedFillLeftTheListsEmptyForGood(t *testing.T) {
	b := newDesk(t)
	saved := b.receive(attendant, lamp())
	l := &broken{}
	b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.Ledger = inner; return l }
	b.restart()

	l.fail(nil, errDisk)
	if _, err := b.List(head, station.Query{}); err == nil {
		t.Fatal("a list was answered that could not be read")
	}
	if b.Ready() {
		t.Error("ready after a failed fill")
	}
	l.fail(nil, nil)
	b.pass(time.Minute)
	again := b.receive(attendant, lamp())
	equal(t, "after the disk answers again", b.numbers(head, station.Query{}), []station.Number{again.Number, saved.Number})
}

func TestDeputiesSeeOnlyWhatConcernsThem(t *testing.T) {
	b := newDesk(t)
	b.roster()
	at := func(codes ...string) station.Number {
		r := lamp()
		r.Session = station.InSession{Topic: "themed", Theme: fmt.Sprint("主题", codes), Deputies: codes}
		b.pass(time.Minute)
		return b.receive(attendant, r).Number
	}
	mine, both, theirs := at("D001"), at("D001", "D002"), at("D002")
	r := lamp()
	r.Session = station.InSession{Deputies: []string{"D003"}}
	r.Matters[0].Deputy = "D001"
	b.pass(time.Minute)
	replied := b.receive(attendant, r).Number

	equal(t, "the head", b.numbers(head, station.Query{}), []station.Number{replied, theirs, both, mine})
	equal(t, "the town", b.numbers(town, station.Query{}), []station.Number{replied, theirs, both, mine})
	equal(t, "D001", b.numbers(deputy1, station.Query{}), []station.Number{replied, both, mine})
	equal(t, "D002", b.numbers(deputy2, station.Query{}), []station.Number{theirs, both})
	equal(t, "D001 asking for D002", b.numbers(deputy1, station.Query{Deputy: "D002"}), []station.Number{both})
	equal(t, "the head asking for D002", b.numbers(head, station.Query{Deputy: "D002"}), []station.Number{theirs, both})
	unnamed := station.Who{Account: "u-x", Role: station.RoleDeputy}
	equal(t, "a deputy without a code", b.numbers(unnamed, station.Query{}), nil)

	if _, _, err := b.Lookup(deputy1, string(both)); err != nil {
		t.Errorf("own reception: %v", err)
	}
	_, _, err := b.Lookup(deputy1, string(theirs))
	problem(t, err, station.ErrForbidden)
	f := b.lookup(string(theirs))
	_, err = b.Revisions(deputy1, f)
	problem(t, err, station.ErrForbidden)
	_, err = b.Read(unnamed, f.ID)
	problem(t, err, station.ErrForbidden)
	sum, err := b.Totals(deputy1, date("2026-11-23"), date("2026-11-23"))
	if err != nil || sum.Visits != 3 {
		t.Errorf("a deputy's totals: %d visits, %v; want the 3 that concern D001", sum.Visits, err)
	}

	for _, who := range []station.Who{admin, nobody} {
		_, err := b.List(who, station.Query{})
		problem(t, err, station.ErrForbidden)
		_, err = b.Read(who, f.ID)
		problem(t, err, station.ErrForbidden)
		_, err = b.Totals(who, date("2026-11-23"), date("2026-11-23"))
		problem(t, err, station.ErrForbidden)
		for _, try := range []error{
			b.Correct(who, f, f.Reception(), "x", ""),
			b.Void(who, f, "x"),
			func() error { _, err := b.Receive(who, lamp(), false, ""); return err }(),
			func() error { _, err := b.PutSession(who, station.Session{}, ""); return err }(),
			func() error { _, err := b.PutDeputies(who, nil); return err }(),
		} {
			problem(t, try, station.ErrForbidden)
		}
	}
}

// Many people save, correct and list at once, while the table is being
// filled; nobody sees a list that skips or repeats, and in the end the kept
// table equals one that is filled anew.
func TestTableStaysWholeUnderConcurrentWork(t *testing.T) {
	b := newDesk(t)
	for i := range 40 {
		b.set(monday.Add(time.Duration(i) * time.Second))
		b.receive(attendant, lamp())
	}
	b.restart()
	var people sync.WaitGroup
	for p := range 6 {
		people.Go(func() {
			for i := range 15 {
				r := lampBy("王小明", fmt.Sprintf("138001%05d", 100*p+i))
				r.At = monday.Add(time.Duration(i-p) * time.Hour) // also between earlier ones
				s, err := b.Receive(attendant, r, false, "")
				if err != nil {
					t.Error(err)
					return
				}
				f, err := b.Read(attendant, s.ID)
				if err != nil {
					t.Error(err)
					return
				}
				change := f.Reception()
				change.Voter.Name = fmt.Sprintf("王%d", i)
				if err := b.Correct(attendant, f, change, "姓名写错", ""); err != nil {
					t.Error(err)
				}
			}
		})
		people.Go(func() {
			last := 0
			for range 40 {
				rows, err := b.List(head, station.Query{})
				if err != nil {
					t.Error(err)
					return
				}
				if len(rows) < last {
					t.Errorf("a list of %d rows after one of %d", len(rows), last)
				}
				last = len(rows)
				ids := map[ledger.ID]bool{}
				for i, r := range rows {
					if ids[r.ID] {
						t.Errorf("%s stands twice in one list", r.Number)
					}
					ids[r.ID] = true
					if i > 0 && r.At.After(rows[i-1].At) {
						t.Errorf("%s stands after an older one", r.Number)
					}
				}
			}
		})
	}
	people.Wait()
	if rows, err := b.List(head, station.Query{}); err != nil || len(rows) != 40+6*15 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	sameAfterRefill(t, b)
}

// sameAfterRefill compares the table kept by every commit with one read anew.
func sameAfterRefill(t testing.TB, b *bench) {
	t.Helper()
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	kept, keptHays := station.Rows(b.Desk)
	fresh, err := station.Open(b.led, station.Options{Now: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Warm(); err != nil {
		t.Fatal(err)
	}
	read, readHays := station.Rows(fresh)
	if len(kept) != len(read) {
		t.Fatalf("kept table has %d rows, refilled one %d", len(kept), len(read))
	}
	equal(t, "search texts", keptHays, readHays)
	keptLives, keptWait := station.Fates(b.Desk)
	readLives, readWait := station.Fates(fresh)
	equal(t, "lives", keptLives, readLives)
	if keptWait != readWait {
		t.Errorf("%d lives may wait in the kept table, %d in the refilled one", keptWait, readWait)
	}
	for i := range kept {
		k, r := *kept[i], *read[i]
		same := slices.Equal(k.Matters, r.Matters)
		k.Matters, r.Matters = nil, nil
		if !same || fmt.Sprintf("%+v", k) != fmt.Sprintf("%+v", r) {
			t.Errorf("row %d is kept as %+v, read as %+v", i, kept[i], read[i])
		}
	}
}

// meanwhile is a ledger in which something happens after the visits were read
// for the first time.
type meanwhile struct {
	ledger.Ledger
	once sync.Once
	do   func()
}

func (l *meanwhile) Each(k ledger.Kind, fn func(ledger.Entry) error) error {
	err := l.Ledger.Each(k, fn)
	if k == station.KindVisit {
		l.once.Do(l.do)
	}
	return err
}

func TestWhatIsSavedWhileTheTableIsFilledIsInIt(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Session.Deputies = []string{"D002"}
	first := b.receive(attendant, r).Number
	var second station.Number
	l := &meanwhile{do: func() {
		b.pass(time.Minute)
		r.Session.Deputies = []string{"D001"}
		second = b.receive(attendant, r).Number
		b.correct(attendant, first, func(r *station.Reception) { r.Voter.Name = "单小芳" })
	}}
	b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.Ledger = inner; return l }
	b.restart()
	equal(t, "all", b.find(""), []station.Number{second, first})
	equal(t, "by the corrected name", b.find("sxf"), []station.Number{first})
	equal(t, "of the deputy who joined", b.numbers(deputy1, station.Query{}), []station.Number{second, first})
	b.wrap = nil
	sameAfterRefill(t, b)
}

// TestNobodyWaitsWhileDeadlinesAreReckonedAnew: the city office changed a limit,
// and for as long as every matter was read again, thirteen seconds with 400,000
// of them, every station's push waited.
func TestNobodyWaitsWhileDeadlinesAreReckonedAnew(t *testing.T) {
	b := newDesk(t)
	var saved, found []station.Number
	l := &meanwhile{}
	b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.Ledger = inner; return l }
	l.do = func() {}
	b.restart()
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	visit := station.Number(strings.TrimSuffix(b.accepted("village").Number, "/1"))
	r := lamp()
	r.Session.Deputies = []string{"D001"}
	l.do = func() { // as one who pushes would: it must come back
		saved = append(saved, b.receive(attendant, r).Number)
		b.correct(attendant, visit, func(r *station.Reception) { r.Voter.Name = "单小芳" })
		found = b.find("sxf")
	}
	l.once = sync.Once{}
	if _, err := b.PutLimits(head, []station.Limit{{Code: "T5-village-now", Timer: station.TimerHandle, Disposition: "village", Count: 3, Unit: station.WorkingDays, Warn: 1, From: b.Today()}}); err != nil {
		t.Fatal(err)
	}
	if len(saved) != 1 {
		t.Fatal("nothing was read anew: this shows nothing")
	}
	equal(t, "found while everything was read", found, []station.Number{visit})
	equal(t, "all", b.find(""), []station.Number{saved[0], visit})
	equal(t, "of the deputy who joined", b.numbers(deputy1, station.Query{}), []station.Number{saved[0], visit})
	sameAfterRefill(t, b)
}
