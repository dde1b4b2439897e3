package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"liaison/station"
)

// mayCall is who may call what from elsewhere: T attendant, D deputy, H head,
// W town, C city, A auditor, M administrator. A deputy's lists hold what
// concerns the deputy. The administrator reads no business data.
var mayCall = map[string]string{
	"enroll http://127.0.0.1:1 X":      "THM",
	"add":                              "TH",
	"list receptions":                  "TDHWC",
	"list receptions --full":           "TDHWC",
	"list matters":                     "TDHWC",
	"list deputies":                    "TDHWC",
	"list sessions":                    "TDHWC",
	"rates":                            "TDHWC",
	"suggest":                          "TDHWC",
	"totals":                           "TDHWC",
	"list queue":                       "TDHWC",
	"list notices":                     "TDHWC",
	"list suggestions":                 "TDHWC",
	"export receptions - --format csv": "THWC",
	"import villages -":                "H",
	"status":                           "TDHWCAM",
	"sync":                             "THM",
	"rekey":                            "THM",
	"bundle -":                         "THM",
	"accept -":                         "THM",
	"check":                            "M",
	"reindex":                          "M",
	"backup -":                         "M",
	"rehearse":                         "M",
	"user list":                        "HM",
	"sessions":                         "HM",
	"audit":                            "A",
	"erase X --reason r":               "HM",
	"retention --dry-run":              "HM",
	"help":                             "TDHWCAM",
	"version":                          "TDHWCAM",
}

// TestEveryCommandAsksTheTable: each command that can be called from elsewhere,
// by each role, is refused or not as the table above says; one that the table
// forgets fails the test.
func TestEveryCommandAsksTheTable(t *testing.T) {
	f := newStation(t)
	number := strings.TrimSpace(f.okIn(line("王小明", "路灯不亮")+"\n", "add"))
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	roles := []struct {
		letter string
		role   station.Role
	}{{"T", station.RoleAttendant}, {"D", station.RoleDeputy}, {"H", station.RoleHead}, {"W", station.RoleTown}, {"C", station.RoleCity}, {"A", station.RoleAuditor}, {"M", station.RoleAdmin}}
	all := map[string]string{"show " + number: "THWC", "paper " + number: "THWC", "paper " + number + " form --full": "THWC"} // a deputy whom it does not concern is refused, too
	words := map[string]bool{"show": true, "paper": true, "step": true}                                                       // a step is asked of the table of steps: see TestEveryTransition
	for call, who := range mayCall {
		all[call] = who
		words[strings.Fields(call)[0]] = true
	}
	for _, c := range commands() {
		if c.remote && !c.hidden && !words[c.word] {
			t.Errorf("the table says nothing of %q", c.word)
		}
	}
	tried := 0
	for call, who := range all {
		for _, r := range roles {
			args := strings.Fields(call)
			cmd, rest, err := find(args)
			if err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			inv := &invocation{cmd: cmd, args: rest, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, kiosk: k,
				who: station.Who{Account: "u-" + string(r.role), Role: r.role, Deputy: "D999", Door: "ssh"}}
			err = inv.carryOut(t.Context())
			refused := err != nil && station.Say(err).Code == station.ErrForbidden
			if may := strings.Contains(who, r.letter); refused == may {
				t.Errorf("%s by %s: %v", call, r.role, err)
			}
			if refused && strings.Contains(out.String(), "路灯") {
				t.Errorf("%s by %s was refused, and printed %q", call, r.role, out.String())
			}
			if r.role == station.RoleAdmin && call != "backup -" && (strings.Contains(out.String(), "路灯") || strings.Contains(out.String(), "13800138000")) {
				t.Errorf("%s shows an administrator business data: %q", call, out.String())
			}
			tried++
		}
	}
	lines, err := k.desk.AuditLog(station.Who{Role: station.RoleAuditor}, station.AuditQuery{Act: station.ActRefused})
	if err != nil || !slices.ContainsFunc(lines, func(l station.AuditLine) bool { return l.Role == station.RoleAdmin }) {
		t.Errorf("refusals are not in the audit log: %d, %v", len(lines), err)
	}
	t.Logf("%d calls of %d commands by %d roles", tried, len(words), len(roles))
}
