package station_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// erasing has the desk erase in the bench's ledger.
func (b *bench) erasing() {
	b.Helper()
	d, err := station.Open(b.led, station.Options{Now: b.clock, Erase: func(ctx context.Context, refs ...ledger.Ref) error {
		_, err := b.led.Erase(ctx, "owner", refs...)
		return err
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.Desk = d
}

// twoPeople are a head and an administrator with PINs.
func (b *bench) twoPeople() (headWho, admin station.Who) {
	b.Helper()
	h, err := b.AddUser(station.Owner(), station.User{Name: "周立", Role: station.RoleHead}, "1357")
	if err != nil {
		b.Fatal(err)
	}
	a, err := b.AddUser(station.Owner(), station.User{Name: "郑工", Role: station.RoleAdmin}, "8642")
	if err != nil {
		b.Fatal(err)
	}
	return h.Who(), a.Who()
}

// TestErasingAPerson: two people agree; name, phone and words are gone from
// every screen, every revision and every draft; number and counts stay; and
// nothing comes back at the next start.
func TestErasingAPerson(t *testing.T) {
	b := newDesk(t)
	b.erasing()
	headWho, admin := b.twoPeople()
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	r := lamp()
	r.Matters[0].Disposition = "city"
	num := b.receive(attendant, r).Number
	b.correct(attendant, num, func(r *station.Reception) {
		r.Voter.Name = "王晓明"
		r.Matters[0].Content += "我是三号楼的王晓明。"
	})
	kept := b.receive(attendant, lampBy("李四", "13900139000")).Number
	f := b.lookup(string(num))
	for who, form := range map[string]string{"a1": "correct-" + string(f.ID), "a2": "reception", "a4": "step-reply-" + string(f.MatterID(0))} {
		if err := b.SaveDraft(station.Who{Account: who}, station.Draft{Form: form, Values: map[string]string{"phone": "13800138000"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SaveDraft(station.Who{Account: "a3"}, station.Draft{Form: "reception", Values: map[string]string{"phone": "13900139000"}}); err != nil {
		t.Fatal(err)
	}
	before, err := b.Totals(headWho, typed.Date{Year: 2000, Month: 1, Day: 1}, typed.Date{Year: 2100, Month: 1, Day: 1})
	if err != nil {
		t.Fatal(err)
	}

	x := station.Erasing{Content: true, Reason: "选民本人要求"}
	for name, try := range map[string]struct {
		who station.Who
		s   station.Second
		x   station.Erasing
	}{
		"alone":              {headWho, station.Second{}, x},
		"with oneself":       {headWho, station.Second{Account: "周立", PIN: "1357"}, x},
		"a wrong PIN":        {headWho, station.Second{Account: "郑工", PIN: "1111"}, x},
		"nobody's name":      {headWho, station.Second{Account: "无此人", PIN: "8642"}, x},
		"by an attendant":    {attendant, station.Second{Account: "郑工", PIN: "8642"}, x},
		"without any reason": {headWho, station.Second{Account: "郑工", PIN: "8642"}, station.Erasing{Content: true}},
	} {
		if err := b.Erase(context.Background(), try.who, f, try.x, try.s); err == nil {
			t.Errorf("%s: erased", name)
		}
	}
	if got := b.lookup(string(num)); got.Voter.Name != "王晓明" {
		t.Fatalf("erased by a refused try: %+v", got.Voter)
	}
	if err := b.Erase(context.Background(), headWho, f, x, station.Second{Account: admin.Account, PIN: "8642"}); err != nil {
		t.Fatal(err)
	}

	look := func() {
		t.Helper()
		got := b.lookup(string(num))
		if got.Voter.Name+got.Voter.Phone != "" || got.Voter.Erased.IsZero() || got.Matters[0].Content != station.Erased || got.Matters[0].Reply != station.Erased || got.Matters[0].Category != "11" {
			t.Errorf("left: %+v %+v", got.Voter, got.Matters[0])
		}
		if c, err := b.led.Record(station.KindContact, got.MatterID(0)); err != nil || strings.Contains(string(c.Body), "1380013") {
			t.Errorf("the contact: %s, %v", c.Body, err)
		}
		for _, k := range []ledger.Kind{station.KindVoter, station.KindContact, station.KindMatter} {
			id := got.ID
			if k != station.KindVoter {
				id = got.MatterID(0)
			}
			es, err := b.led.History(k, id)
			if err != nil || len(es) < 2 {
				t.Fatalf("history of %s: %d, %v", k, len(es), err)
			}
			for _, e := range es[:len(es)-1] {
				if !e.Absent() {
					t.Errorf("%s has its body still: %s", e.Ref, e.Body)
				}
			}
		}
		for _, text := range []string{"王小明", "王晓明", "wxm", "13800138000", "路灯 8000"} {
			if got := b.find(text); len(got) != 0 {
				t.Errorf("found by %q: %v", text, got)
			}
		}
		if got := b.find(""); len(got) != 2 {
			t.Errorf("%d receptions are left", len(got))
		}
		ds, err := b.led.Drafts("")
		if err != nil || len(ds) != 1 || ds[0].Who != "a3" {
			t.Errorf("drafts: %+v, %v", ds, err)
		}
	}
	look()
	after, err := b.Totals(headWho, before.From, before.To)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(after, before) {
		t.Errorf("totals: %+v, want %+v", after, before)
	}
	if got := b.lookup(string(kept)); got.Voter.Name != "李四" || got.Matters[0].Content == station.Erased {
		t.Errorf("somebody else was erased, too: %+v", got)
	}
	lines, err := b.AuditLog(station.Who{Role: station.RoleAuditor}, station.AuditQuery{Act: station.ActErase})
	if err != nil || len(lines) != 1 || lines[0].Account != headWho.Account || lines[0].Note != "with "+admin.Account || lines[0].Object != string(num) {
		t.Errorf("the audit log: %+v, %v", lines, err)
	}
	if err := b.Erase(context.Background(), headWho, b.lookup(string(num)), x, station.Second{Account: admin.Account, PIN: "8642"}); err != nil {
		t.Errorf("once more: %v", err) // the tombstone itself is renewed; it names nobody
	}

	b.restart()
	b.erasing()
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	look()
}

// TestErasingGoesOnAfterAPowerCut: the body-dropping fails between the two
// steps; screens show nothing from the first on, and the next start finishes.
func TestErasingGoesOnAfterAPowerCut(t *testing.T) {
	b := newDesk(t)
	headWho, admin := b.twoPeople()
	d, err := station.Open(b.led, station.Options{Now: b.clock, Erase: func(context.Context, ...ledger.Ref) error { return errors.New("the power went") }})
	if err != nil {
		t.Fatal(err)
	}
	num := b.receive(attendant, lamp()).Number
	f := b.lookup(string(num))
	if err := d.Erase(context.Background(), headWho, f, station.Erasing{Reason: "本人要求"}, station.Second{Account: admin.Account, PIN: "8642"}); err == nil {
		t.Fatal("the failure was not told")
	}
	if got := b.lookup(string(num)); got.Voter.Name != "" {
		t.Errorf("still shown: %+v", got.Voter)
	}
	b.restart()
	b.erasing()
	if err := b.FinishErasing(context.Background()); err != nil {
		t.Fatal(err)
	}
	es, err := b.led.History(station.KindVoter, f.ID)
	if err != nil || len(es) != 2 || !es[0].Absent() {
		t.Errorf("after the start: %+v, %v", es, err)
	}
	if left, err := b.led.Locals("erasing/"); err != nil || len(left) > 0 {
		t.Errorf("orders left: %v %v", left, err)
	}
}

// TestRetention: what has been kept long enough goes by itself, by periods
// that the head may change within reason; what is still open stays.
func TestRetention(t *testing.T) {
	b := newDesk(t)
	b.erasing()
	done := b.receive(attendant, lamp()).Number
	open := lampBy("李四", "13900139000")
	open.Matters[0].Disposition = "town"
	opened := b.receive(attendant, open).Number
	if err := b.SaveDraft(attendant, station.Draft{Form: "reception", Values: map[string]string{"name": "赵六"}}); err != nil {
		t.Fatal(err)
	}
	count := func(what string, want int) {
		t.Helper()
		n, err := b.ApplyRetention(context.Background())
		if err != nil || n != want {
			t.Errorf("%s: %d erased, want %d: %v", what, n, want, err)
		}
	}
	drafts := func() int { ds, _ := b.Drafts(attendant); return len(ds) }
	b.pass(6 * 24 * time.Hour)
	count("after six days", 0)
	if drafts() != 1 {
		t.Error("a draft of six days is gone")
	}
	b.pass(2 * 24 * time.Hour)
	count("after eight days", 0)
	if drafts() != 0 {
		t.Error("a draft of eight days is there still")
	}
	b.set(b.clock().AddDate(0, 23, 0))
	count("before two years", 0)
	b.set(b.clock().AddDate(0, 1, 0))
	count("after two years", 1)
	if f := b.lookup(string(done)); f.Voter.Name != "" || f.Voter.Erased.IsZero() || f.Matters[0].Content == station.Erased {
		t.Errorf("%+v %+v", f.Voter, f.Matters[0])
	}
	if f := b.lookup(string(opened)); f.Voter.Name != "李四" {
		t.Errorf("a matter that is open was erased: %+v", f.Voter)
	}
	count("the next night", 0)
	b.set(b.clock().AddDate(8, 0, 0))
	count("after ten years", 1)
	if f := b.lookup(string(done)); f.Matters[0].Content != station.Erased {
		t.Errorf("the words: %+v", f.Matters[0])
	}

	for _, r := range []station.Retention{{}, {VoterMonths: 1, MatterMonths: 1}, {VoterMonths: 5000, MatterMonths: 1, DraftDays: 1}} {
		if err := b.SetRetention(head, r); err == nil {
			t.Errorf("taken: %+v", r)
		}
	}
	if err := b.SetRetention(attendant, station.Retention{VoterMonths: 12, MatterMonths: 12, DraftDays: 1}); err == nil {
		t.Error("an attendant changed the periods")
	}
	want := station.Retention{VoterMonths: 36, MatterMonths: 360, DraftDays: 30}
	if err := b.SetRetention(head, want); err != nil {
		t.Fatal(err)
	}
	if got := b.Retention(); got != want {
		t.Errorf("periods: %+v", got)
	}
	lines, err := b.AuditLog(station.Who{Role: station.RoleAuditor}, station.AuditQuery{Act: station.ActErase})
	if err != nil || len(lines) != 2 || lines[0].Note != "retention" {
		t.Errorf("the audit log: %+v %v", lines, err)
	}
}

// TestAnAdministratorIsUnlockedByTwo, and an account ends on its last day, by
// PIN and by key.
func TestAnAdministratorIsUnlockedByTwo(t *testing.T) {
	b := newDesk(t)
	headWho, admin := b.twoPeople()
	for range 6 {
		_, _ = b.CheckPIN(station.Nobody("screen", ""), admin.Account, "0000")
	}
	if _, err := b.CheckPIN(station.Nobody("screen", ""), admin.Account, "8642"); err == nil {
		t.Fatal("not locked")
	}
	if err := b.SetPIN(headWho, admin.Account, "", "7531"); err == nil {
		t.Error("the head alone set an administrator's PIN")
	}
	if err := b.Unlock(headWho, admin.Account, "7531", station.Second{Account: "郑工", PIN: "8642"}); err == nil {
		t.Error("the locked one was the second person")
	}
	second, err := b.AddUser(station.Owner(), station.User{Name: "吴站", Role: station.RoleHead}, "9753")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Unlock(headWho, admin.Account, "7531", station.Second{Account: "吴站", PIN: "9753"}); err != nil {
		t.Fatal(err)
	}
	u, err := b.CheckPIN(station.Nobody("screen", ""), admin.Account, "7531")
	if err != nil || !u.First {
		t.Errorf("after it: first %v, %v", u.First, err)
	}
	lines, err := b.AuditLog(station.Who{Role: station.RoleAuditor}, station.AuditQuery{Act: station.ActUserPIN})
	if err != nil || len(lines) != 1 || lines[0].Note != "with "+second.ID {
		t.Errorf("the audit log: %+v %v", lines, err)
	}
}

func TestAnAccountEndsOnItsLastDay(t *testing.T) {
	b := newDesk(t)
	headWho, admin := b.twoPeople()
	u, err := b.AddUser(headWho, station.User{Name: "实习生", Role: station.RoleAttendant, Keys: []station.UserKey{{Fingerprint: "SHA256:abc"}}}, "2580")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SetExpires(headWho, u.ID, b.Today()); err != nil {
		t.Fatal(err)
	}
	if err := b.SetExpires(headWho, headWho.Account, b.Today()); err == nil {
		t.Error("somebody set the last day of the own account")
	}
	if err := b.SetExpires(attendant, admin.Account, b.Today()); err == nil {
		t.Error("an attendant set a last day")
	}
	if _, ok := b.UserByKey("SHA256:abc"); !ok {
		t.Error("not in by key on the last day")
	}
	if _, err := b.CheckPIN(station.Nobody("screen", ""), u.ID, "2580"); err != nil {
		t.Errorf("not in by PIN on the last day: %v", err)
	}
	b.pass(24 * time.Hour)
	if _, ok := b.UserByKey("SHA256:abc"); ok {
		t.Error("in by key after the last day")
	}
	if _, err := b.CheckPIN(station.Nobody("screen", ""), u.ID, "2580"); err == nil {
		t.Error("in by PIN after the last day")
	}
	if err := b.SetExpires(headWho, u.ID, typed.Date{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CheckPIN(station.Nobody("screen", ""), u.ID, "2580"); err != nil {
		t.Errorf("without a last day: %v", err)
	}
}

// TestRetentionTakesTheNameOutOfSteps: after two years name and phone go, and
// with them what the station's own steps say of them.
func TestRetentionTakesTheNameOutOfSteps(t *testing.T) {
	b := newDesk(t)
	b.erasing()
	r := lamp()
	r.Matters[0].Disposition = "city"
	num := b.receive(attendant, r).Number
	b.correct(attendant, num, func(r *station.Reception) { r.Voter.Name = "王晓明" })
	l, err := b.LifeByNumber(head, string(num))
	if err == nil {
		l, err = b.Take(head, l, station.Step{Action: station.DoReview, Disposition: "city", Note: "已联系王小明(应为王晓明)138 0013 8000,同意"})
	}
	if err == nil {
		_, err = b.Take(station.Owner(), l, station.Step{Action: station.DoRefuse, Disposition: "guide", Reason: "hotline", Note: "已告知选民"})
	}
	if err != nil {
		t.Fatal(err)
	}
	b.set(b.clock().AddDate(0, 25, 0))
	if n, err := b.ApplyRetention(context.Background()); err != nil || n != 1 {
		t.Fatalf("%d erased: %v", n, err)
	}
	if l, err = b.LifeByNumber(head, string(num)); err != nil || len(l.Steps) != 2 {
		t.Fatal(len(l.Steps), err)
	}
	if got, want := l.Steps[0].Note, "已联系(已删除)(应为(已删除))(已删除),同意"; got != want {
		t.Errorf("the review says %q, want %q", got, want)
	}
	if got, want := l.Steps[1].Note, "已告知选民"; got != want {
		t.Errorf("the other says %q, want %q", got, want)
	}
	for _, e := range b.journal() {
		for _, name := range []string{"王小明", "王晓明", "13800138000", "138 0013 8000"} {
			if strings.Contains(string(e.Body), name) {
				t.Errorf("%s %s says %s still: %s", e.Kind, e.Ref, name, e.Body)
			}
		}
	}
}

// TestANameThatCannotBeToldApartTakesTheWholeText: of one character, such as a
// family name alone, nobody can say where it is the voter's.
func TestANameThatCannotBeToldApartTakesTheWholeText(t *testing.T) {
	b := newDesk(t)
	b.erasing()
	headWho, admin := b.twoPeople()
	r := lamp()
	r.Voter.Name = "王"
	r.Matters[0].Disposition = "city"
	num := b.receive(attendant, r).Number
	l, err := b.LifeByNumber(head, string(num))
	for _, note := range []string{"王大爷来过两次", "同意上报"} {
		if err == nil {
			l, err = b.Take(head, l, station.Step{Action: station.DoNote, Note: note})
		}
	}
	if err == nil {
		err = b.Erase(context.Background(), headWho, b.lookup(string(num)), station.Erasing{Reason: "本人要求"}, station.Second{Account: admin.Account, PIN: "8642"})
	}
	if err != nil {
		t.Fatal(err)
	}
	if l, err = b.LifeByNumber(head, string(num)); err != nil || l.Steps[0].Note != station.Erased || l.Steps[1].Note != "同意上报" {
		t.Errorf("%+v %v", l.Steps, err)
	}
}

// TestErasedByAnEarlierProgram: it left the name in steps, and nobody knows it
// any more. To erase once more takes all that the steps say.
func TestErasedByAnEarlierProgram(t *testing.T) {
	b := newDesk(t)
	b.erasing()
	headWho, admin := b.twoPeople()
	r := lamp()
	r.Matters[0].Disposition = "city"
	num := b.receive(attendant, r).Number
	l, err := b.LifeByNumber(head, string(num))
	if err == nil {
		_, err = b.Take(head, l, station.Step{Action: station.DoNote, Note: "已联系王小明"})
	}
	if err != nil {
		t.Fatal(err)
	}
	f := b.lookup(string(num))
	rec, err := b.led.Record(station.KindVoter, f.ID)
	if err == nil {
		_, err = b.led.Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: station.KindVoter, ID: f.ID, By: "a", Private: true, Replaces: rec.Ref, Body: []byte(`{"erased":"2026-11-26T01:02:03Z"}`)}}})
	}
	if err == nil {
		_, err = b.led.Erase(t.Context(), "a", rec.Ref)
	}
	contact, err2 := b.led.Record(station.KindContact, f.MatterID(0))
	if err = errors.Join(err, err2); err == nil {
		_, err = b.led.Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: station.KindContact, ID: contact.ID, By: "a", Replaces: contact.Ref, Body: []byte(`{"visit":"` + string(f.ID) + `"}`)}}})
	}
	if err == nil {
		_, err = b.led.Erase(t.Context(), "a", contact.Ref)
	}
	for range 2 { // and once more: what is written since stays
		if err == nil {
			err = b.Erase(t.Context(), headWho, b.lookup(string(num)), station.Erasing{Reason: "本人要求"}, station.Second{Account: admin.Account, PIN: "8642"})
		}
		if err == nil {
			l, err = b.LifeByNumber(head, string(num))
		}
		if err != nil || l.Steps[0].Note != station.Erased || len(l.Steps) > 1 && l.Steps[1].Note != "选民来站致谢" {
			t.Fatalf("%+v %v", l.Steps, err)
		}
		_, err = b.Take(head, l, station.Step{Action: station.DoNote, Note: "选民来站致谢"})
	}
}
