package cmd

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// People of a station and of the city's office.
var (
	zhang  = station.Who{Account: "u-zhang", Name: "张敏", Role: station.RoleAttendant}
	zhao   = station.Who{Account: "u-zhao", Name: "赵强", Role: station.RoleAttendant}
	zhou   = station.Who{Account: "u-zhou", Name: "周立", Role: station.RoleHead}
	li     = station.Who{Account: "u-li", Name: "李建国", Role: station.RoleDeputy, Deputy: "D001"}
	office = station.Who{Account: "u-qian", Name: "钱进", Role: station.RoleCity, City: true}
)

// walk is a matter on its way, handled at two ends.
type walk struct {
	*world
	matter  ledger.ID
	online  bool
	taken   int // steps made
	offline int // of these while the kiosk had no line
	visited map[station.State]bool
}

// take does one step at an end, as it stands there, an hour after the one
// before.
func (k *walk) take(e *end, who station.Who, s station.Step) {
	k.Helper()
	k.now = k.now.Add(time.Hour)
	l, err := e.desk.Life(who, k.matter)
	if err != nil {
		k.Fatalf("%s %s: %v", e.code, s.Action, err)
	}
	before := l.State
	if l, err = e.desk.Take(who, l, s); err != nil {
		k.Fatalf("%s %s from %s: %s", e.code, s.Action, before.Text().ZH, station.Say(err).ZH)
	}
	k.taken++
	if !k.online {
		k.offline++
	}
	k.visited[l.State] = true
	if k.online {
		k.settle()
	}
}

// timeline is what both screens show: order, who, from where to where, and
// what has no effect.
func timeline(l station.Life) string {
	var b strings.Builder
	for _, s := range l.Steps {
		side := "站"
		if s.City {
			side = "市"
		}
		moot := ""
		if s.Moot != nil {
			moot = "  未生效:" + s.Moot.ZH
		}
		fmt.Fprintf(&b, "%s %s %-6s %s  %s → %s%s\n", s.At.In(station.Beijing).Format("01-02 15:04"), side, s.Name,
			station.Actions.Label(string(s.Action)).ZH, s.From.Text().ZH, s.To.Text().ZH, moot)
	}
	return b.String()
}

// same reads the matter at both ends and compares all that is shown of it.
func (k *walk) same(at *end) station.Life {
	k.Helper()
	a, err := at.desk.Life(zhou, k.matter)
	if err != nil {
		k.Fatal(err)
	}
	b, err := k.city.desk.Life(office, k.matter)
	if err != nil {
		k.Fatal(err)
	}
	if x, y := timeline(a), timeline(b); x != y || a.State != b.State || a.Due != b.Due || a.Lamp != b.Lamp || a.Class != b.Class || a.Satisfied() != b.Satisfied() {
		k.Errorf("the ends differ: %s %s / %s %s\nstation:\n%s\ncity:\n%s", a.State.Text().ZH, a.Due, b.State.Text().ZH, b.Due, x, y)
	}
	for i := range a.Steps {
		if a.Steps[i].ID != b.Steps[i].ID || a.Steps[i].Ref != b.Steps[i].Ref {
			k.Errorf("step %d is %s at the station and %s at the city", i, a.Steps[i].Ref, b.Steps[i].Ref)
		}
	}
	return a
}

// record takes a matter in at a station.
func (e *end) record(disposition, content string) ledger.ID {
	e.w.Helper()
	s, err := e.desk.Receive(zhang, station.Reception{At: e.clock(), Channel: "walkin", Persons: 1, Notified: true,
		Session: station.InSession{Time: "fixed", Place: "station", Topic: "open", Deputies: []string{"D001"}},
		Voter:   station.InVoter{Name: "王小明", Phone: "13800138000"},
		Matters: []station.Issue{{Content: content, Kind: "suggestion", Category: "12", Disposition: disposition, Reply: "已说明情况", Deputy: "D001"}}}, false, "")
	if err != nil {
		e.w.Fatal(err)
	}
	l, err := e.desk.LifeByNumber(zhou, s.Number.Matter(1))
	if err != nil {
		e.w.Fatal(err)
	}
	return l.MatterID
}

// TestOneMatterThroughAllStates walks one matter from the voter's word to the
// file: returned by a town, passed up, handed out by the city, returned once
// more, extended, answered, found wanting, handled again and accepted. The
// kiosk has no line for more than a third of the steps, and at one time both
// sides act at once. Both ends show the same timeline afterwards, also after a
// restart, and the other station has heard nothing of it.
func TestOneMatterThroughAllStates(t *testing.T) {
	w := newWorld(t, 7, 2)
	here, other := w.stations[0], w.stations[1]
	if _, err := w.city.desk.PutDeputies(office, []station.Deputy{{Code: "D001", Name: "李建国"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.city.desk.PutUnits(office, []station.UndertakingUnit{{Code: "GA", Name: "公安局", Kind: "gov"}, {Code: "CG", Name: "城市管理局", Kind: "gov"}, {Code: "QA", Name: "曲阿街道办事处", Kind: "town"}}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	k := &walk{world: w, online: true, visited: map[station.State]bool{station.StRegistered: true}}
	k.matter = here.record("town", "小区门口道路狭窄,救护车进不来,希望划定停车位。")
	type S = station.Step

	k.take(here, zhou, S{Action: station.DoReview, Disposition: "town"})
	k.take(here, zhou, S{Action: station.DoAssign, Unit: "QA", DocNo: "曲阿交〔2026〕7号"})
	k.take(here, zhang, S{Action: station.DoReturn, Note: "道路由市里管"})
	k.take(here, zhou, S{Action: station.DoEscalate, Note: "超出街道职责"})
	k.take(w.city, office, S{Action: station.DoAssign, Unit: "CG"})
	k.take(w.city, office, S{Action: station.DoReturn, Note: "停车位由公安局划定"})
	k.take(w.city, office, S{Action: station.DoReview, Disposition: "city"})
	k.take(w.city, office, S{Action: station.DoAssign, Unit: "GA", Units: []string{"CG"}})
	k.take(w.city, office, S{Action: station.DoAccept})

	k.online = false // the line to the station is cut; both go on
	k.take(w.city, office, S{Action: station.DoExtend, Date: k.due(office, 15), Note: "须现场勘测", Approver: "孙主任"})
	k.take(here, zhang, S{Action: station.DoContact, Note: "陪同勘测"})
	k.take(here, zhang, S{Action: station.DoReply, Text: "站里收到的书面答复", Class: "A"}) // at once with the city's
	k.take(w.city, office, S{Action: station.DoReply, Text: "已列入十二月划线计划", Class: "B", Date: typed.DateOf(w.now.AddDate(0, 1, 0))})
	w.settle()
	k.same(here)
	k.take(here, zhang, S{Action: station.DoFeedback, Means: "phone"})
	k.take(here, zhao, S{Action: station.DoRate, Attitude: "good", Outcome: "bad", Note: "车位还没有划"})
	k.online = true
	w.settle()
	k.take(w.city, office, S{Action: station.DoRedo, Note: "选民不满意,提前划线"})
	k.take(w.city, office, S{Action: station.DoAccept})
	k.take(w.city, office, S{Action: station.DoReply, Text: "已划定车位 42 个,消防通道已清", Class: "A"})
	k.online = false
	k.take(here, zhang, S{Action: station.DoFeedback, Means: "visit"})
	k.take(here, zhao, S{Action: station.DoRate, Attitude: "good", Outcome: "good"})
	k.take(here, li, S{Action: station.DoClose, Note: "现场看过,车进得来了"})
	k.take(here, zhou, S{Action: station.DoFile})
	k.online = true
	w.settle()

	l := k.same(here)
	t.Logf("%s: %d steps, %d of them while the kiosk had no line\n%s", l.Number, k.taken, k.offline, timeline(l))
	if len(l.Steps) != k.taken || k.offline*3 < k.taken {
		t.Errorf("%d steps shown of %d, %d offline", len(l.Steps), k.taken, k.offline)
	}
	if l.State != station.StArchived || !l.Closed || l.Class != "1A" || l.Satisfied() != "good" {
		t.Errorf("it ended as %s, class %q, %q", l.State.Text().ZH, l.Class, l.Satisfied())
	}
	if !slices.ContainsFunc(l.Steps, func(s station.Done) bool {
		return s.Moot != nil && !s.City && s.Text == "站里收到的书面答复" && strings.Contains(s.Moot.ZH, "以市里的为准")
	}) {
		t.Errorf("of two replies at once the city's does not count first")
	}

	// The states that no matter reaches which has gone this way.
	for _, c := range []struct {
		disposition string
		who         station.Who
		step        station.Step
		want        station.State
	}{
		{"onspot", zhou, S{}, station.StAnswered},
		{"town", zhou, S{Action: station.DoRefuse, Disposition: "refuse", Reason: "court"}, station.StNotAccepted},
		{"city", li, S{Action: station.DoSuggest, Gate: []string{"no", "no", "no", "no", "no", "no"}}, station.StSuggestion},
	} {
		k.matter = here.record(c.disposition, "另一件:"+c.disposition)
		if c.step.Action != "" {
			k.take(here, c.who, c.step)
		}
		w.settle()
		if l := k.same(here); l.State != c.want {
			t.Errorf("%s: %s instead of %s", c.disposition, l.State.Text().ZH, c.want.Text().ZH)
		}
		k.visited[c.want] = true
	}
	k.matter = here.record("town", "登记有误")
	f, _, err := here.desk.Lookup(zhou, k.number(here))
	if err != nil {
		t.Fatal(err)
	}
	if err := here.desk.Void(zhou, f, "重复登记"); err != nil {
		t.Fatal(err)
	}
	w.settle()
	k.visited[k.same(here).State] = true
	for _, s := range station.States {
		if !k.visited[s.State] {
			t.Errorf("the state %s was never reached", s.Text.ZH)
		}
	}

	here.restart()
	w.city.restart()
	k.same(here)
	k.heardNothing(other)
	w.sound()
}

// due is the matter's due day and so many days after it.
func (k *walk) due(who station.Who, after int) typed.Date {
	l, err := k.city.desk.Life(who, k.matter)
	if err != nil {
		k.Fatal(err)
	}
	return l.Due.AddDays(after)
}

func (k *walk) number(e *end) string {
	l, err := e.desk.Life(zhou, k.matter)
	if err != nil {
		k.Fatal(err)
	}
	n, _, _ := strings.Cut(l.Number, "/")
	return n
}

// heardNothing: what the city does for one station never reaches another.
func (k *walk) heardNothing(other *end) {
	k.Helper()
	n := 0
	if err := other.led.Each(station.KindStep, func(ledger.Entry) error { n++; return nil }); err != nil || n != 0 {
		k.Errorf("%s holds %d steps of another station's matter, %v", other.code, n, err)
	}
	heads, err := other.led.Heads()
	if err != nil {
		k.Fatal(err)
	}
	for _, h := range heads {
		if w, r := h.Stream.Writer(), h.Stream.Reader(); w != other.code && (w != "city" || r != "" && r != other.code) {
			k.Errorf("%s holds the stream %s", other.code, h.Stream)
		}
	}
	if len(other.desk.Units()) != 3 {
		k.Errorf("%s has %d units of 3: what is for everyone does not come", other.code, len(other.desk.Units()))
	}
}
