package station_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"liaison/station"
)

// letters of the roles in what is expected below.
var letters = map[rune]station.Role{'a': station.RoleAttendant, 'd': station.RoleDeputy, 'h': station.RoleHead, 't': station.RoleTown, 'c': station.RoleCity}

// expected is who may do what from which state, by side and by whose the
// matter is. It is written down here a second time, from DOMAIN 3.1 and 3.2:
// "action roles" and, where the state changes, "→ state"; the clock that it
// starts stands behind "!". "owner" may do whatever anybody of that side may.
var expected = map[string]string{
	"station, its own": `
		10 review ht →30 !T2; suggest dht →60 !stop; refuse aht →85 !stop; join aht; part aht →30 !T2; note adht
		20 rate aht →70 !stop; reopen ht →30 !T2; join aht; part aht →30 !T2; note adht
		30 assign ht →40 !T3; escalate ht →30 !T2; suggest dht →60 !stop; refuse ht →85 !stop; join aht; part aht →30 !T2; note adht
		40 accept aht →42 !T5; return aht →41 !T4; contact adht; urge dht; join aht; part aht →30 !T2; note adht
		41 review ht →30; escalate ht →30 !T2; suggest dht →60 !stop; join aht; part aht →30 !T2; note adht
		42 reply aht →46 !T6; extend ht →45; pause ht; resume ht; contact adht; urge dht; join aht; part aht →30 !T2; note adht
		45 reply aht →46 !T6; pause ht; resume ht; contact adht; urge dht; join aht; part aht →30 !T2; note adht
		46 feedback adht →50 !T7; redo ht →47 !T8; close dh; keepPromise aht; part aht →30 !T2; note adht
		47 reopen ht →30 !T2; accept aht →42; contact adht; urge dht; join aht; part aht →30 !T2; note adht
		50 rate aht →70 !stop; redo ht →47 !T8; close dh; keepPromise aht; note adht
		60 review ht →30 !T2; reply aht →46 !T6; part aht →30 !T2; note adht
		70 redo ht →47 !T8; meeting ht; close dh; file ht →80 !stop; keepPromise aht; note adht
		80 keepPromise aht; note adht
		85 file ht →80 !stop; note adht
		99`,
	"station, the city's": `
		10 review ht →30 !T2; suggest dht →60 !stop; refuse aht →85 !stop; join aht; part aht →30 !T2; note adht
		20 rate aht →70 !stop; join aht; part aht →30 !T2; note adht
		30 suggest dht →60 !stop; refuse ht →85 !stop; join aht; part aht →30 !T2; note adht
		40 contact adht; urge dht; join aht; part aht →30 !T2; note adht
		41 suggest dht →60 !stop; join aht; part aht →30 !T2; note adht
		42 reply aht →46 !T6; contact adht; urge dht; join aht; part aht →30 !T2; note adht
		45 reply aht →46 !T6; contact adht; urge dht; join aht; part aht →30 !T2; note adht
		46 feedback adht →50 !T7; close dh; keepPromise aht; part aht →30 !T2; note adht
		47 contact adht; urge dht; join aht; part aht →30 !T2; note adht
		50 rate aht →70 !stop; close dh; keepPromise aht; note adht
		60 review ht →30 !T2; reply aht →46 !T6; part aht →30 !T2; note adht
		70 close dh; file ht →80 !stop; keepPromise aht; note adht
		80 keepPromise aht; note adht
		85 file ht →80 !stop; note adht
		99`,
	"city, a station's": `
		10 note c
		20 note c
		30 note c
		40 contact c; urge c; note c
		41 note c
		42 contact c; urge c; note c
		45 contact c; urge c; note c
		46 note c
		47 contact c; urge c; note c
		50 note c
		60 note c
		70 note c
		80 note c
		85 note c
		99`,
	"city, its own": `
		10 review c →30 !T2; suggest c →60 !stop; refuse c →85 !stop; join c; part c →30 !T2; note c
		20 join c; part c →30 !T2; note c
		30 assign c →40 !T3; suggest c →60 !stop; refuse c →85 !stop; join c; part c →30 !T2; note c
		40 accept c →42 !T5; return c →41 !T4; contact c; urge c; join c; part c →30 !T2; note c
		41 review c →30; suggest c →60 !stop; join c; part c →30 !T2; note c
		42 reply c →46 !T6; extend c →45; pause c; resume c; contact c; urge c; join c; part c →30 !T2; note c
		45 reply c →46 !T6; pause c; resume c; contact c; urge c; join c; part c →30 !T2; note c
		46 feedback c →50 !T7; redo c →47 !T8; close c; keepPromise c; part c →30 !T2; note c
		47 accept c →42; contact c; urge c; join c; part c →30 !T2; note c
		50 rate c →70 !stop; redo c →47 !T8; close c; keepPromise c; note c
		60 review c →30 !T2; reply c →46 !T6; part c →30 !T2; note c
		70 redo c →47 !T8; meeting c; close c; file c →80 !stop; keepPromise c; note c
		80 keepPromise c; note c
		85 file c →80 !stop; note c
		99`,
}

// TestEveryTransition walks every side, realm, state, action and role: what
// is not expected is refused.
func TestEveryTransition(t *testing.T) {
	roles := []station.Role{station.RoleAttendant, station.RoleDeputy, station.RoleHead, station.RoleTown, station.RoleCity,
		station.RoleLeader, station.RoleAuditor, station.RoleAdmin, station.RoleOwner, ""}
	walked, allowed := 0, 0
	for name, text := range expected {
		side, realm := station.AtStation, station.OfStation
		if strings.HasPrefix(name, "city,") {
			side = station.AtCity
		}
		if name == "city, its own" || name == "station, the city's" {
			realm = station.OfCity
		}
		want := readExpected(t, text)
		if len(want) != len(station.States) {
			t.Errorf("%s: %d states are expected, there are %d", name, len(want), len(station.States))
		}
		for _, st := range station.States {
			for _, a := range station.Actions {
				x, may := want[st.State][station.Action(a.Code)]
				for _, role := range roles {
					walked++
					to, clock, ok := station.RowOf(st.State, station.Action(a.Code), role, side, realm)
					should := may && (role == station.RoleOwner || slices.Contains(x.roles, role))
					if ok != should {
						t.Errorf("%s: %s from %s by %q is allowed: %v, want %v", name, a.Code, st.Code, role, ok, should)
						continue
					}
					if ok {
						allowed++
						if to != x.to || clock != x.clock {
							t.Errorf("%s: %s from %s leads to %s with clock %q, want %s with %q", name, a.Code, st.Code, to.Text().ZH, clock, x.to.Text().ZH, x.clock)
						}
					}
				}
			}
		}
	}
	t.Logf("%d combinations of side, realm, state, action and role, of which %d are allowed", walked, allowed)
}

type expectation struct {
	roles []station.Role
	to    station.State
	clock station.Timer
}

func readExpected(t *testing.T, text string) map[station.State]map[station.Action]expectation {
	t.Helper()
	number := func(s string) station.State {
		for _, x := range station.States {
			if s == strconv.Itoa(int(x.State)) {
				return x.State
			}
		}
		t.Fatalf("there is no state %q", s)
		return 0
	}
	out := map[station.State]map[station.Action]expectation{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		code, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		from := number(code)
		out[from] = map[station.Action]expectation{}
		for part := range strings.SplitSeq(rest, ";") {
			words := strings.Fields(part)
			if len(words) == 0 {
				continue
			}
			if _, ok := station.Actions.Find(words[0]); !ok {
				t.Fatalf("there is no action %q", words[0])
			}
			x := expectation{to: from}
			for _, r := range words[1] {
				x.roles = append(x.roles, letters[r])
			}
			for _, w := range words[2:] {
				if to, ok := strings.CutPrefix(w, "→"); ok {
					x.to = number(to)
				} else {
					x.clock = station.Timer(strings.TrimPrefix(w, "!"))
				}
			}
			out[from][station.Action(words[0])] = x
		}
	}
	return out
}

// Every action, answer and reason has both languages, and every reason to
// turn a voter away says what to do instead.
func TestEveryReasonComesWithGuidance(t *testing.T) {
	said := map[station.Text]string{}
	for _, ts := range []station.Terms{station.RefuseReasons, station.GuideDoors} {
		for _, x := range ts {
			g := station.Guidance(x.Code)
			if g.ZH == "" || g.EN == "" || said[g] != "" {
				t.Errorf("%s: guidance %+v, also that of %q", x.Code, g, said[g])
			}
			said[g] = x.Code
		}
	}
	if g := station.Guidance("newer"); g.ZH == "" || said[g] != "" {
		t.Errorf("an unknown reason is guided by %+v", g)
	}
	for _, ts := range []station.Terms{station.Actions, station.Timers, station.Satisfactions, station.Meanses, station.Gate} {
		for _, x := range ts {
			if x.ZH == "" || x.EN == "" || x.ZH == x.EN {
				t.Errorf("%s lacks a language: %+v", x.Code, x)
			}
		}
	}
}
