package station_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

// erasable is a reception to try two people on.
func (b *bench) erasable() func(who station.Who, second, pin string) error {
	b.Helper()
	b.erasing()
	f := b.lookup(string(b.receive(attendant, lamp()).Number))
	return func(who station.Who, second, pin string) error {
		return b.Erase(context.Background(), who, f, station.Erasing{Reason: "本人要求"}, station.Second{Account: second, PIN: pin})
	}
}

func (b *bench) add(by station.Who, name string, role station.Role, pin string) station.Who {
	b.Helper()
	u, err := b.AddUser(by, station.User{Name: name, Role: role, First: true}, pin)
	if err != nil {
		b.Fatal(err)
	}
	return u.Who()
}

func (b *bench) change(who station.Who, old, pin string) {
	b.Helper()
	if err := b.SetPIN(who, who.Account, old, pin); err != nil {
		b.Fatal(err)
	}
}

// wantSame fails the test unless the two were taken for one person, or, with ok,
// for two.
func wantSame(t *testing.T, what string, err error, ok bool) {
	t.Helper()
	if ok && err != nil || !ok && station.Say(err).Code != station.ErrSameHand {
		t.Errorf("%s: %v", what, err)
	}
}

// TestOneHeadIsNotTwoPeople: a head makes another head's account and agrees with
// its PIN, before and after changing it as its owner would, through a third one,
// the other way round, and with a PIN that was set anew. Somebody whom another
// made is another person; and so is everybody after a week.
func TestOneHeadIsNotTwoPeople(t *testing.T) {
	b := newDesk(t)
	headWho, adminWho := b.twoPeople()
	b.pass(30 * 24 * time.Hour)
	try := b.erasable()
	shadow := b.add(headWho, "影子", station.RoleHead, "2580")
	wantSame(t, "a PIN that the caller set", try(headWho, "影子", "2580"), false)
	wantSame(t, "a PIN that its owner never changed, to another", try(adminWho, "影子", "2580"), false)
	b.change(shadow, "2580", "9753")
	wantSame(t, "an account that the caller made", try(headWho, "影子", "9753"), false)
	wantSame(t, "its maker's, to itself", try(shadow, "周立", "1357"), false)
	third := b.add(shadow, "影子之影", station.RoleAdmin, "2580")
	b.change(third, "2580", "9753")
	wantSame(t, "an account that the caller's account made", try(headWho, "影子之影", "9753"), false)
	fourth := b.add(headWho, "又一影", station.RoleHead, "2580")
	b.change(fourth, "2580", "9753")
	wantSame(t, "two that one hand made", try(shadow, "又一影", "9753"), false)

	b.pass(7*24*time.Hour - time.Minute)
	wantSame(t, "a minute before the week is over", try(headWho, "影子", "9753"), false)
	if err := b.SetPIN(headWho, adminWho.Account, "", "4826"); err == nil {
		t.Fatal("the head alone set an administrator's PIN")
	}
	if err := b.SetPIN(station.Owner(), fourth.Account, "", "4826"); err != nil {
		t.Fatal(err)
	}
	b.change(fourth, "4826", "7531")
	b.pass(time.Minute)
	wantSame(t, "the owner, with a PIN that the owner set", try(station.Owner(), "又一影", "7531"), false)
	wantSame(t, "a week later", try(headWho, "影子", "9753"), true)
}

// TestTwoWhomTheOwnerMadeAreTwoPeople: in a new station somebody has to make the
// first accounts. They can act as soon as each has a PIN of their own, and so can
// the owner with one of them while the station is new.
func TestTwoWhomTheOwnerMadeAreTwoPeople(t *testing.T) {
	b := newDesk(t)
	try := b.erasable()
	headWho, adminWho := b.add(station.Owner(), "周立", station.RoleHead, "2580"), b.add(station.Owner(), "郑工", station.RoleAdmin, "2580")
	wantSame(t, "with the first PIN", try(headWho, "郑工", "2580"), false)
	b.change(adminWho, "2580", "8642")
	if _, err := b.NeedSecond(headWho, station.Second{Account: "郑工", PIN: "8642"}); err != nil {
		t.Errorf("two whom the owner made: %v", err)
	}
	if _, err := b.NeedSecond(station.Owner(), station.Second{Account: "郑工", PIN: "8642"}); err != nil {
		t.Errorf("the owner in a new station: %v", err)
	}
	b.pass(8 * 24 * time.Hour)
	late := b.add(station.Owner(), "吴工", station.RoleAdmin, "2580")
	b.change(late, "2580", "7531")
	wantSame(t, "the owner with a new account in an old station", try(station.Owner(), "吴工", "7531"), false)
	wantSame(t, "with an older one", try(station.Owner(), "郑工", "8642"), true)
}

// TestAnAccountOfBeforeIsASecondPerson: what older programs kept says nothing of
// whose hands an account was in.
func TestAnAccountOfBeforeIsASecondPerson(t *testing.T) {
	b := newDesk(t)
	headWho, adminWho := b.twoPeople()
	for _, id := range []string{headWho.Account, adminWho.Account} {
		b.older(id)
	}
	wantSame(t, "an older account", b.erasable()(headWho, "郑工", "8642"), true)
}

// older takes from an account what older programs did not keep.
func (b *bench) older(id string) {
	b.Helper()
	u, err := b.User(id)
	if err != nil {
		b.Fatal(err)
	}
	u.Hands = nil
	v, err := json.Marshal(u)
	if err == nil {
		_, err = b.led.Commit(context.Background(), ledger.Change{Local: []ledger.Local{{Name: "user/" + id, Value: v}}})
	}
	if err != nil {
		b.Fatal(err)
	}
}
