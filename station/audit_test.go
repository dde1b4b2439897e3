package station_test

import (
	"errors"
	"strings"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
)

// TestAuditTellsTheDay: sign-ins and refusals, a phone shown in full, a
// correction and a void, accounts and settings are in the log; what was typed
// and who the voter is are not.
func TestAuditTellsTheDay(t *testing.T) {
	d := newDesk(t)
	owner := station.Owner()
	zhang, err := d.AddUser(owner, station.User{Name: "张敏", Role: station.RoleAttendant, First: true}, "2718")
	if err != nil {
		t.Fatal(err)
	}
	auditor, err := d.AddUser(owner, station.User{Name: "孙审", Role: station.RoleAuditor}, "3141")
	if err != nil {
		t.Fatal(err)
	}
	door := station.Nobody("ssh", "10.0.0.7")
	if _, err := d.CheckPIN(door, zhang.ID, "9999"); err == nil {
		t.Fatal("a wrong PIN signed in")
	}
	u, err := d.CheckPIN(door, zhang.ID, "2718")
	if err != nil || !u.First {
		t.Fatalf("sign-in %+v, %v; want one with a first PIN", u, err)
	}
	if err := d.SetPIN(u.Who(), u.ID, "2718", "161803"); err != nil {
		t.Fatal(err)
	}
	if u, err = d.CheckPIN(door, zhang.ID, "161803"); err != nil || u.First {
		t.Fatalf("after one's own change: first %v, %v", u.First, err)
	}
	s, err := d.Receive(u.Who(), station.Reception{Voter: station.InVoter{Name: "王小明", Phone: "13800138000"},
		Matters: []station.Issue{{Content: "路灯坏了半个月", Category: "11"}}}, false, "")
	if err != nil {
		t.Fatal(err)
	}
	full, err := d.Read(u.Who(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := d.Reveal(u.Who(), full); err != nil || v.Phone != "13800138000" {
		t.Fatalf("reveal %+v, %v", v, err)
	}
	r := full.Reception()
	r.Persons = 2
	if err := d.Correct(u.Who(), full, r, "人次记错", ""); err != nil {
		t.Fatal(err)
	}
	if full, err = d.Read(u.Who(), s.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.Void(u.Who(), full, "重复登记"); err != nil {
		t.Fatal(err)
	}
	if err := d.SaveSettings(owner, station.Settings{IdleLock: 5}); err != nil {
		t.Fatal(err)
	}

	if _, err := d.AuditLog(u.Who(), station.AuditQuery{}); station.Say(err).Code != station.ErrForbidden {
		t.Fatalf("an attendant reads the audit log: %v", err)
	}
	lines, err := d.AuditLog(auditor.Who(), station.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var acts []string
	for i := len(lines) - 1; i >= 0; i-- {
		l := lines[i]
		ok := "+"
		if !l.OK {
			ok = "-"
		}
		acts = append(acts, ok+string(l.Act))
		for _, secret := range []string{"王小明", "13800138000", "路灯", "2718", "161803", "9999"} {
			if strings.Contains(l.Object+l.Note+l.Remote+l.Account, secret) {
				t.Errorf("line %d says %q: %+v", l.Seq, secret, l)
			}
		}
	}
	want := "+user-add +user-add -refused +sign-in +user-pin +sign-in +reveal +correct +void +settings -refused"
	if got := strings.Join(acts, " "); got != want {
		t.Errorf("acts\n%s, want\n%s", got, want)
	}
	only, err := d.AuditLog(auditor.Who(), station.AuditQuery{Act: station.ActRefused, Account: zhang.ID, From: d.Today(), To: d.Today()})
	if err != nil || len(only) != 2 || only[0].Object != "audit" || only[1].Remote != "10.0.0.7" || only[1].Door != "ssh" || only[1].Note != "pin-wrong" {
		t.Errorf("filtered %+v, %v", only, err)
	}
	if later, err := d.AuditLog(auditor.Who(), station.AuditQuery{From: d.Today().AddDays(1)}); err != nil || len(later) != 0 {
		t.Errorf("tomorrow's lines %+v, %v", later, err)
	}
}

// TestNobodyWritesTheAuditLog: its stream takes no entry from outside and no
// revision of a line; a line of another epoch stays readable.
func TestNobodyWritesTheAuditLog(t *testing.T) {
	d := newDesk(t)
	owner := station.Owner()
	if err := d.Audit(owner, station.ActStart, "", true, ""); err != nil {
		t.Fatal(err)
	}
	led := d.Ledger()
	es, err := led.Since(led.Own().For("audit"), 0, 10)
	if err != nil || len(es) != 1 || !station.AuditStream(es[0].Stream) {
		t.Fatalf("audit stream %v, %v", es, err)
	}
	forged := es[0]
	forged.Body = []byte(`{"act":"stop","ok":true}`)
	if _, err := led.Commit(t.Context(), ledger.Change{Foreign: []ledger.Entry{forged}}); !errors.Is(err, ledger.ErrBroken) && !errors.Is(err, ledger.ErrFork) {
		t.Errorf("a forged line was taken: %v", err)
	}
}

// TestExpiredAccountsStayOut: the last day of an account is its last.
func TestExpiredAccountsStayOut(t *testing.T) {
	d := newDesk(t)
	u, err := d.AddUser(station.Owner(), station.User{Name: "实习生", Role: station.RoleAttendant, Expires: d.Today()}, "2718")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CheckPIN(station.Who{}, u.ID, "2718"); err != nil {
		t.Errorf("on its last day: %v", err)
	}
	gone, err := d.AddUser(station.Owner(), station.User{Name: "前实习生", Role: station.RoleAttendant, Expires: d.Today().AddDays(-1)}, "2718")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CheckPIN(station.Who{}, gone.ID, "2718"); station.Say(err).Code != "user-expired" {
		t.Errorf("after its last day: %v", err)
	}
	if u, ok := d.UserByKey("SHA256:none"); ok {
		t.Errorf("a key of nobody is %v", u)
	}
}
