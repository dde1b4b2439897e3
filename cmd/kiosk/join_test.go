package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"liaison/station"
)

// TestAForeignCityTakesNoStationOverTheNetwork: whoever comes over SSH cannot
// give the station another city, at another address or at the same one with
// another key, whatever the role, and nobody at the other address is even asked.
// At the machine it takes two people. The same city is joined anew as before, by
// those who run the station.
func TestAForeignCityTakesNoStationOverTheNetwork(t *testing.T) {
	f := newStation(t)
	c, foreign := newCity(t, (*httptest.Server).Start), newCity(t, (*httptest.Server).Start)
	said, stop := serve(t, f, "--ssh", "127.0.0.1:0")
	addr := sshAddr.FindString(said)
	people := map[station.Role]guest{}
	for _, role := range []station.Role{station.RoleAttendant, station.RoleHead, station.RoleAdmin} {
		people[role] = newGuest(t, addr)
		f.ok("user", "add", "某"+string(role), "--role", string(role), "--key", people[role].pub)
	}
	// The first one is as easy as ever.
	if r := people[station.RoleAttendant].run("", "enroll "+c.srv.URL+" "+c.code()); r.code != 0 {
		t.Fatalf("the first enrolment: %+v", r)
	}
	f.okIn(line("王小明", "路灯")+"\n", "add")
	for role, g := range people {
		r := g.run("", "enroll "+foreign.srv.URL+" "+foreign.code())
		if sentenceOnly(t, r.errs); r.code == 0 || !strings.Contains(r.errs, "本机") && role != station.RoleAttendant {
			t.Errorf("%s at another address: %+v", role, r)
		}
	}
	if list, err := foreign.in.Stations(); err != nil || len(list) != 1 || !list[0].Since.IsZero() { // a code alone
		t.Errorf("the foreign city was asked: %+v, %v", list, err)
	}
	real := c.srv.Config.Handler
	c.srv.Config.Handler = foreign.in
	r := people[station.RoleHead].run("", "enroll "+c.srv.URL+" "+foreign.code())
	if r.code == 0 {
		t.Errorf("another key at the same address was pinned: %+v", r)
	}
	wants(t, r.errs, "密钥不同", "本机")
	c.srv.Config.Handler = real
	if s := f.status(); s.City != c.srv.URL {
		t.Errorf("the station's city is %s", s.City)
	}
	wants(t, f.ok("sync"), "同步完成")
	if s := f.status(); s.Waiting != 0 {
		t.Errorf("status %+v", s)
	}

	// The same city, after a revoked key: whoever runs the station.
	if err := c.in.Revoke(t.Context(), "QA01"); err != nil {
		t.Fatal(err)
	}
	wants(t, people[station.RoleAttendant].run("", "enroll "+c.srv.URL+" "+c.code()).errs, "没有这项权限")
	for _, role := range []station.Role{station.RoleHead, station.RoleAdmin} {
		if r := people[role].run("", "enroll "+c.srv.URL+"/ "+c.code()); r.code != 0 {
			t.Errorf("%s joined the same city anew: %+v", role, r)
		}
	}
	wants(t, f.ok("sync"), "同步完成")

	// At the machine, by two: nobody is asked where there is nobody to ask.
	stop()
	f.okIn("8642\n", "user", "add", "郑工", "--role", "admin", "--pin")
	f.changePIN("郑工", "8642", "9753")
	wants(t, f.no("", "enroll", foreign.srv.URL, foreign.code()), "两个人", "--second")
	wants(t, f.no("1111\n", "enroll", foreign.srv.URL, foreign.code(), "--second", "郑工"), "PIN")
	if s := f.status(); s.City != c.srv.URL {
		t.Errorf("the station's city is %s", s.City)
	}
	f.okIn("9753\n", "enroll", foreign.srv.URL, foreign.code(), "--second", "郑工")
	if s := f.status(); s.City != foreign.srv.URL {
		t.Errorf("the station's city is %s", s.City)
	}
	wants(t, f.ok("audit", "--act", "enrol"), "another city, with u-")
}

// changePIN is what somebody does at the first sign-in.
func (f folder) changePIN(name, old, pin string) {
	f.t.Helper()
	k, err := openKiosk(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	defer k.close()
	us, err := k.desk.Users()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, u := range us {
		if u.Name == name {
			if err := k.desk.SetPIN(u.Who(), u.ID, old, pin); err != nil {
				f.t.Fatal(err)
			}
			return
		}
	}
	f.t.Fatalf("no account %s", name)
}

// TestTheScreenJoinsACityOnlyWhereThereIsNone: two have its form open, and the
// second one sends it after the first.
func TestTheScreenJoinsACityOnlyWhereThereIsNone(t *testing.T) {
	f := newStation(t)
	c, foreign := newCity(t, (*httptest.Server).Start), newCity(t, (*httptest.Server).Start)
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	if err := k.line.Enrol(t.Context(), c.srv.URL, c.code()); err != nil {
		t.Fatal(err)
	}
	if err := k.line.Enrol(t.Context(), foreign.srv.URL, foreign.code()); err == nil || !strings.Contains(err.Error(), "joined") {
		t.Errorf("the second: %v", err)
	}
	if at := k.line.address(); at != c.srv.URL {
		t.Errorf("the station's city is %s", at)
	}
}
