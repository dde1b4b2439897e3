package station_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

func (b *bench) user(u station.User, pin string) station.User {
	b.Helper()
	u, err := b.AddUser(head, u, pin)
	if err != nil {
		b.Fatal(err)
	}
	return u
}

// The first day: the head makes accounts, somebody signs in, forgets the PIN,
// is locked out, and let in again.
func TestAccountsFromTheFirstDayOn(t *testing.T) {
	b := newDesk(t)
	zhang := b.user(station.User{Name: " 张敏 ", Role: station.RoleAttendant}, "２７１８")
	zhou := b.user(station.User{Name: "周立", Role: station.RoleHead}, "31415")
	li := b.user(station.User{Name: "李建国", Role: station.RoleDeputy, Deputy: "D００１", Keys: []station.UserKey{{Fingerprint: "SHA256:abc"}}}, "")
	if zhang.Name != "张敏" || li.Deputy != "D001" || zhang.ID == zhou.ID || !zhang.Made.Equal(monday) {
		t.Errorf("accounts %+v %+v", zhang, li)
	}
	for _, x := range []struct {
		u           station.User
		pin         string
		field, code string
	}{
		{station.User{Name: "", Role: station.RoleHead}, "2718", "name", "name-missing"},
		{station.User{Name: "张敏", Role: station.RoleHead}, "2718", "name", "name-taken"},
		{station.User{Name: strings.Repeat("长", 21), Role: station.RoleHead}, "2718", "name", "too-long"},
		{station.User{Name: "新人", Role: "owner"}, "2718", "role", "unknown-word"},
		{station.User{Name: "新人", Role: station.RoleHead}, "", "pin", "credential-missing"},
		{station.User{Name: "新人", Role: station.RoleHead}, "12a4", "pin", "pin-form"},
		{station.User{Name: "新人", Role: station.RoleHead}, "123", "pin", "pin-form"},
		{station.User{Name: "新人", Role: station.RoleHead}, "1111", "pin", "pin-weak"},
		{station.User{Name: "新人", Role: station.RoleHead}, "4321", "pin", "pin-weak"},
		{station.User{Name: "新人", Role: station.RoleHead, Keys: []station.UserKey{{Fingerprint: "SHA256:abc"}}}, "", "key", "key-taken"},
	} {
		_, err := b.AddUser(head, x.u, x.pin)
		faulty(t, err, x.field, x.code)
	}
	for _, who := range []station.Who{attendant, town, deputy1, nobody} {
		_, err := b.AddUser(who, station.User{Name: "新人", Role: station.RoleHead}, "2718")
		problem(t, err, station.ErrForbidden)
		problem(t, b.RemoveUser(who, zhang.ID), station.ErrForbidden)
		problem(t, b.SetPIN(who, zhang.ID, "", "9182"), station.ErrForbidden)
	}

	if u, err := b.CheckPIN(station.Who{}, zhang.ID, "２７１８"); err != nil || u.Who() != (station.Who{Account: zhang.ID, Name: "张敏", Role: station.RoleAttendant}) {
		t.Errorf("signed in as %+v, %v", u, err)
	}
	if u, ok := b.UserByKey("SHA256:abc"); !ok || u.ID != li.ID || u.Who().Deputy != "D001" {
		t.Errorf("the key belongs to %+v", u)
	}
	if _, ok := b.UserByKey("SHA256:none"); ok {
		t.Error("an unknown key signed in")
	}
	_, err := b.CheckPIN(station.Who{}, li.ID, "")
	problem(t, err, "pin-wrong")
	_, err = b.CheckPIN(station.Who{}, "u-none", "2718")
	problem(t, err, "pin-wrong")

	if err := b.SetPIN(zhang.Who(), zhang.ID, "2718", "9182"); err != nil {
		t.Fatal(err)
	}
	_, err = b.CheckPIN(station.Who{}, zhang.ID, "2718")
	problem(t, err, "pin-wrong")
	problem(t, b.SetPIN(zhang.Who(), zhang.ID, "2718", "3344"), "pin-wrong")
	problem(t, b.SetPIN(head, zhou.ID, "", "3344"), station.ErrForbidden)
	problem(t, b.SetPIN(admin, zhou.ID, "", "3344"), station.ErrForbidden)
	if err := b.SetPIN(station.Owner(), zhou.ID, "", "3344"); err != nil {
		t.Errorf("the owner resets the head's: %v", err)
	}
	if err := b.SetPIN(head, zhang.ID, "", "7766"); err != nil {
		t.Errorf("the head resets an attendant's: %v", err)
	}
	problem(t, b.SetPIN(head, "u-none", "", "7766"), "E-NONE")

	if us, err := b.Users(); err != nil || len(us) != 3 {
		t.Errorf("%d accounts, %v", len(us), err)
	}
	for _, l := range must(b.led.Locals("user/")) {
		for _, secret := range []string{"2718", "9182", "7766", "3344"} {
			if strings.Contains(string(l.Value), `"`+secret) {
				t.Errorf("the file holds a PIN: %s", l.Value)
			}
		}
	}
	if err := b.RemoveUser(head, "张敏"); err != nil {
		t.Errorf("remove by name: %v", err)
	}
	problem(t, b.RemoveUser(head, "张敏"), "user-unknown")
	problem(t, b.RemoveUser(head, zhou.ID), "last-manager")
	boss := b.user(station.User{Name: "管理员", Role: station.RoleAdmin}, "8642")
	if err := b.RemoveUser(head, zhou.ID); err != nil {
		t.Errorf("remove one of two managers: %v", err)
	}
	if err := b.RemoveUser(station.Owner(), boss.ID); err != nil {
		t.Errorf("the owner removes the last manager: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestWrongPINsLockTheAccountOverRestarts(t *testing.T) {
	b := newDesk(t)
	u := b.user(station.User{Name: "张敏", Role: station.RoleAttendant}, "2718")
	wrong := func(code string) {
		t.Helper()
		_, err := b.CheckPIN(station.Who{}, u.ID, "0000")
		problem(t, err, code)
	}
	for range 4 {
		wrong("pin-wrong")
	}
	b.restart()
	wrong("pin-locked")
	right := func() error { _, err := b.CheckPIN(station.Who{}, u.ID, "2718"); return err }
	problem(t, right(), "pin-locked")
	b.pass(9*time.Minute + 59*time.Second)
	b.restart()
	problem(t, right(), "pin-locked")
	b.pass(2 * time.Second)
	wrong("pin-locked") // now 20 minutes
	b.pass(19 * time.Minute)
	problem(t, right(), "pin-locked")
	b.pass(2 * time.Minute)
	if err := right(); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	for range 4 {
		wrong("pin-wrong") // counted from the start again
	}
	if err := right(); err != nil {
		t.Error(err)
	}
	for range 5 {
		_, _ = b.CheckPIN(station.Who{}, u.ID, "0000")
	}
	problem(t, b.SetPIN(u.Who(), u.ID, "2718", "9182"), "pin-locked")
	if err := b.SetPIN(head, u.ID, "", "9182"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CheckPIN(station.Who{}, u.ID, "9182"); err != nil {
		t.Errorf("after the head has reset it: %v", err)
	}
}

func TestAClockSetBackLockedAnAccountForYears(t *testing.T) {
	b := newDesk(t)
	u := b.user(station.User{Name: "张敏", Role: station.RoleAttendant}, "2718")
	for range 5 {
		_, _ = b.CheckPIN(station.Who{}, u.ID, "0000")
	}
	b.set(monday.AddDate(-1, 0, 0))
	_, err := b.CheckPIN(station.Who{}, u.ID, "2718")
	problem(t, err, "pin-locked")
	b.pass(10*time.Minute + time.Second)
	if _, err := b.CheckPIN(station.Who{}, u.ID, "2718"); err != nil {
		t.Errorf("ten minutes later: %v", err)
	}
}

func TestManyWrongPINsAtOnceCountAsMany(t *testing.T) {
	b := newDesk(t)
	u := b.user(station.User{Name: "张敏", Role: station.RoleAttendant}, "2718")
	var tries sync.WaitGroup
	for range 20 {
		tries.Go(func() { _, _ = b.CheckPIN(station.Who{}, u.ID, "0000") })
	}
	tries.Wait()
	_, err := b.CheckPIN(station.Who{}, u.ID, "2718")
	problem(t, err, "pin-locked")
}

func TestAHashGivenFromOutsideBecameThePIN(t *testing.T) {
	b := newDesk(t)
	u := b.user(station.User{Name: "张敏", Role: station.RoleAttendant}, "2718")
	stolen, err := b.User(u.ID)
	if err != nil {
		t.Fatal(err)
	}
	x := b.user(station.User{Name: "新人", Role: station.RoleAdmin, PIN: stolen.PIN, Fails: -100, Keys: []station.UserKey{{Fingerprint: "SHA256:x"}}}, "")
	_, err = b.CheckPIN(station.Who{}, x.ID, "2718")
	problem(t, err, "pin-wrong")
	if x, err = b.User(x.ID); err != nil || x.PIN != "" || x.Fails != 1 {
		t.Errorf("account %+v, %v", x, err)
	}
}

func TestAnAccountWithAKeyOnlySetsItsFirstPIN(t *testing.T) {
	b := newDesk(t)
	u := b.user(station.User{Name: "李建国", Role: station.RoleDeputy, Keys: []station.UserKey{{Fingerprint: "SHA256:abc"}}}, "")
	if err := b.SetPIN(u.Who(), u.ID, "", "2718"); err != nil {
		t.Fatal(err)
	}
	problem(t, b.SetPIN(u.Who(), u.ID, "", "9182"), "pin-wrong")
	if _, err := b.CheckPIN(station.Who{}, u.ID, "2718"); err != nil {
		t.Error(err)
	}
}

// Hashing a PIN takes tens of milliseconds on purpose; whoever saves a
// reception meanwhile must not wait for it.
func TestSigningInHeldUpEverySave(t *testing.T) {
	b := newDesk(t)
	l := &gate{Ledger: b.led, entered: make(chan struct{}), open: make(chan struct{})}
	d, err := station.Open(l, station.Options{Now: b.clock})
	if err != nil {
		t.Fatal(err)
	}
	signing := make(chan error, 1)
	go func() { _, err := d.CheckPIN(station.Who{}, "u-slow", "2718"); signing <- err }()
	<-l.entered // somebody stands at the lock
	if _, err := d.Receive(attendant, lamp(), false, ""); err != nil {
		t.Error(err)
	}
	close(l.open)
	problem(t, <-signing, "pin-wrong")
}

// A gate holds up whoever reads an account.
type gate struct {
	ledger.Ledger
	entered, open chan struct{}
}

func (g *gate) Local(name string) ([]byte, error) {
	close(g.entered)
	<-g.open
	return g.Ledger.Local(name)
}

func TestEveryRoleHasItsRightsAndNoOther(t *testing.T) {
	for role, want := range map[station.Role]string{
		station.RoleAttendant: "record correct-own see-all session export sync status",
		station.RoleDeputy:    "see-own status",
		station.RoleHead:      "record correct-own correct-all see-all session import export sync users settings status",
		station.RoleTown:      "see-all export status",
		station.RoleAdmin:     "sync users settings backup status",
		station.RoleOwner:     "record correct-own correct-all see-all session import export sync users settings backup status",
		"":                    "",
		"root":                "",
	} {
		var got []string
		for _, r := range []station.Right{station.RightRecord, station.RightCorrectOwn, station.RightCorrectAll, station.RightSeeAll,
			station.RightSeeOwn, station.RightSession, station.RightImport, station.RightExport, station.RightSync,
			station.RightUsers, station.RightSettings, station.RightBackup, station.RightStatus} {
			who := station.Who{Role: role}
			if who.May(r) {
				got = append(got, string(r))
			}
			if (who.Need(r) == nil) != who.May(r) {
				t.Errorf("%q: Need and May differ on %s", role, r)
			}
		}
		equal(t, string(role), got, strings.Fields(want))
	}
	if station.Owner().RoleText().ZH != "本机" || head.RoleText().ZH != "站长" {
		t.Error("roles are misnamed")
	}
}

func TestDraftsAreTheirWritersOwn(t *testing.T) {
	b := newDesk(t)
	save := func(who station.Who, form, text string) {
		t.Helper()
		if err := b.SaveDraft(who, station.Draft{Form: form, Values: map[string]string{"content": text}}); err != nil {
			t.Fatal(err)
		}
	}
	save(attendant, "reception", "旧")
	b.pass(time.Second)
	save(attendant, "reception", dirty)
	b.pass(time.Second)
	save(attendant, "correct-0192", strings.Repeat("长", 1<<19))
	save(other, "reception", "别人的")
	b.restart()
	ds, err := b.Drafts(attendant)
	if err != nil || len(ds) != 2 || ds[0].Form != "correct-0192" || ds[1].Form != "reception" || !ds[1].At.Equal(monday.Add(time.Second)) {
		t.Fatalf("drafts %.200v, %v", ds, err)
	}
	if got := ds[1].Values["content"]; !strings.HasPrefix(got, "好") || strings.Contains(got, "旧") {
		t.Errorf("draft %q", got)
	}
	for _, who := range []station.Who{nobody, head} {
		if ds, err := b.Drafts(who); err != nil || len(ds) != 0 {
			t.Errorf("%q reads the drafts of others: %.100v %v", who.Account, ds, err)
		}
	}
	if err := b.SaveDraft(nobody, station.Draft{Form: "reception"}); err == nil {
		t.Error("nobody saved a draft")
	}
	if err := b.DropDraft(attendant, "correct-0192"); err != nil {
		t.Fatal(err)
	}
	if err := b.DropDraft(attendant, "never-was"); err != nil {
		t.Errorf("dropping what is not there: %v", err)
	}
	if ds, err := b.Drafts(attendant); err != nil || len(ds) != 1 {
		t.Errorf("drafts %v, %v", ds, err)
	}
	if es := b.journal(); len(es) != 0 {
		t.Errorf("drafts made %d entries", len(es))
	}
}

func TestSettingsAreCheckedAndHaveDefaults(t *testing.T) {
	b := newDesk(t)
	s := b.Settings()
	if s.Language != "zh" || s.SyncAt != "02:00" || s.IdleLock != 10 || len(s.Phrases) == 0 {
		t.Errorf("defaults %+v", s)
	}
	if err := b.SaveSettings(head, station.Settings{Language: "en", Theme: "contrast", SyncAt: "２点半", IdleLock: 5, SyncMins: 30, Phrases: []string{" 已办 ", "", "\x1b[31m"}}); err != nil {
		t.Fatal(err)
	}
	b.restart()
	s = b.Settings()
	if s.Language != "en" || s.Theme != "contrast" || s.SyncAt != "02:30" || s.IdleLock != 5 || s.SyncMins != 30 || len(s.Phrases) != 1 || s.Phrases[0] != "已办" {
		t.Errorf("settings %+v", s)
	}
	for field, s := range map[string]station.Settings{
		"language":     {Language: "fr"},
		"theme":        {Theme: "pink"},
		"sync_at":      {SyncAt: "25:00"},
		"idle_lock":    {IdleLock: -1},
		"sync_minutes": {SyncMins: 1 << 30},
		"phrases":      {Phrases: make51()},
	} {
		err := b.SaveSettings(head, s)
		ps, ok := station.FieldsOf(err)
		if !ok || ps[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	problem(t, b.SaveSettings(attendant, s), station.ErrForbidden)
}

func make51() []string {
	out := make([]string, 51)
	for i := range out {
		out[i] = "已办"
	}
	return out
}
