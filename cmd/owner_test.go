package cmd

import (
	"context"
	"encoding/json"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
)

// TestAStationRewroteTheCitysRecords: a station whose own program is bypassed
// signs what it likes in its own name. Entries of its that claimed to replace
// the city's units, deputies and suggestions, or brought limits and letters of
// their own, counted at the city and for all the other stations. Only its owner
// revises a record.
func TestAStationRewroteTheCitysRecords(t *testing.T) {
	w := newWorld(t, 1, 2)
	who := w.city.desk.Owner()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.city.desk.PutUnits(who, []station.UndertakingUnit{{Code: "U1", Name: "住建局"}})
	must(err)
	_, err = w.city.desk.PutDeputies(who, []station.Deputy{{Code: "D1", Name: "李建国"}})
	must(err)
	s, err := w.city.desk.NewSuggestion(who, station.Suggestion{Term: 17, Meeting: 4, Title: "路灯", Body: "修路灯", Lead: "D1", Category: "12"})
	must(err)
	for _, e := range w.stations {
		must(e.desk.SetInfo(station.Owner(), station.Info{Code: e.code, Name: "站" + e.code}))
	}
	w.settle()

	bad := w.stations[0]
	push := func(k ledger.Kind, id ledger.ID, replaces bool, body any) {
		t.Helper()
		n := ledger.New{Kind: k, ID: id, By: "x"}
		if replaces {
			rec, err := bad.led.Record(k, id)
			must(err)
			n.Replaces = rec.Ref
		}
		n.Body, err = json.Marshal(body)
		must(err)
		_, err := bad.led.Commit(context.Background(), ledger.Change{New: []ledger.New{n}})
		must(err)
	}
	g := s
	g.Withdrawn, g.Reason, g.Title = "2026-11-01", "x", "黑"
	push(station.KindUnit, "U1", true, station.UndertakingUnit{Code: "U1", Name: "黑客局"})
	push(station.KindUnit, "U2", false, station.UndertakingUnit{Code: "U2", Name: "假局"})
	push(station.KindDeputy, "D1", true, station.Deputy{Code: "D1", Name: "冒名者"})
	push(station.KindSuggestion, s.ID(), true, g)
	g.No = 99
	push(station.KindSuggestion, g.ID(), false, g)
	push(station.KindLimit, "T1", false, station.Limit{Code: "T1", Timer: "T1", Count: 900, Unit: station.CalendarDays})
	push(station.KindResultClass, "1A", false, station.ResultClass{Code: "1A", Scheme: 1, Class: "A", Label: "什么都算", CountsDone: true})
	push(station.KindStation, "S002", false, station.Info{Code: "S002", Name: "假站"})
	w.settle()
	w.city.restart()
	w.settle()

	for _, e := range []*end{w.city, w.stations[1]} {
		if u, _ := e.desk.Unit("U1"); u.Name != "住建局" {
			t.Errorf("%s: unit %+v", e.code, u)
		}
		if u, there := e.desk.Unit("U2"); there {
			t.Errorf("%s: unit %+v", e.code, u)
		}
		if d, _ := e.desk.Deputy("D1"); d.Name != "李建国" {
			t.Errorf("%s: deputy %+v", e.code, d)
		}
		for _, l := range e.desk.Limits() {
			if l.Count == 900 {
				t.Errorf("%s: limit %+v", e.code, l)
			}
		}
		if c, _ := e.desk.ResultClass("1A"); c.Label == "什么都算" {
			t.Errorf("%s: class %+v", e.code, c)
		}
	}
	all, err := w.city.desk.Suggestions(who)
	if err != nil || len(all) != 1 || all[0].Title != "路灯" || all[0].Withdrawn != "" {
		t.Errorf("suggestions %+v, %v", all, err)
	}
	names := map[string]string{}
	for _, in := range w.city.desk.Stations() {
		names[in.Code] = in.Name
	}
	if names["S002"] != "站S002" || names["S001"] != "站S001" {
		t.Errorf("stations %v", names)
	}
	w.sound()
}
