package station

import (
	"fmt"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Totals are the counts that reports ask for (DOMAIN 12). Void receptions are
// not counted.
type Totals struct {
	From         typed.Date     `json:"from"`
	To           typed.Date     `json:"to"`
	Sessions     int            `json:"sessions"` // 场次 with at least one reception
	Deputies     int            `json:"deputies"` // 代表人次: deputies summed over those sessions
	Visits       int            `json:"visits"`   // 批次
	Persons      int            `json:"persons"`  // 人次
	Matters      int            `json:"matters"`  // 件
	OnSpot       Rate           `json:"onspot"`   // 当场答复率
	Void         int            `json:"void"`
	Late         int            `json:"late"` // 补录
	Dispositions map[string]int `json:"dispositions"`
	Categories   map[string]int `json:"categories"`
	Villages     map[string]int `json:"villages"` // matters by where they lie (问题属地)
	Modes        map[string]int `json:"modes"`    // sessions by 三定三不定, such as fixed-station-open
}

// A Rate keeps numerator and denominator; nothing is stored as a percentage.
type Rate struct {
	Num int `json:"num"`
	Den int `json:"den"`
}

// String is 80/129 = 62.02%, and — where there is nothing to divide by.
func (r Rate) String() string {
	if r.Den == 0 {
		return "—"
	}
	return fmt.Sprintf("%d/%d = %s", r.Num, r.Den, r.Percent())
}

// Percent is the value alone, such as 62.02%.
func (r Rate) Percent() string {
	if r.Den == 0 {
		return "—"
	}
	return fmt.Sprintf("%.2f%%", 100*float64(r.Num)/float64(r.Den))
}

// Totals counts the receptions of the days from..to.
func (d *Desk) Totals(who Who, from, to typed.Date) (Totals, error) {
	t := Totals{From: from, To: to, Dispositions: map[string]int{}, Categories: map[string]int{}, Villages: map[string]int{}, Modes: map[string]int{}}
	rows, err := d.List(who, Query{From: from, To: to})
	if err != nil {
		return t, err
	}
	sessions := map[ledger.ID]bool{}
	for _, r := range rows {
		if r.Void {
			t.Void++
			continue
		}
		t.Visits++
		t.Persons += r.Persons
		if r.Late() {
			t.Late++
		}
		sessions[r.Session] = true
		for _, m := range r.Matters {
			t.Matters++
			t.Dispositions[m.classed()]++
			t.Categories[m.Category]++
			if m.Village != "" {
				t.Villages[m.Village]++
			}
		}
	}
	t.OnSpot = Rate{t.Dispositions["onspot"], t.Matters}
	for id := range sessions {
		s, err := d.Session(id)
		if err != nil {
			continue // a session still on its way; the check names it if it stays away
		}
		t.Sessions++
		t.Deputies += len(s.Deputies)
		place := s.Place
		if place != "station" {
			place = "elsewhere"
		}
		t.Modes[s.Time+"-"+place+"-"+s.Topic]++
	}
	return t, nil
}

// Day is what the home screen shows of one day. It reads only that day, so
// the first screen does not wait for the search table.
type Day struct {
	Visits, Persons, Matters, OnSpot, Handed int
	Recent                                   []Full // newest first
}

// add counts one reception.
func (t *Day) add(persons int, dispositions []string) {
	t.Visits++
	t.Persons += persons
	t.Matters += len(dispositions)
	for _, x := range dispositions {
		switch x {
		case "onspot":
			t.OnSpot++
		case "village", "town", "city", "proposal", "upper", "mediate":
			t.Handed++
		}
	}
}

// Day counts today's receptions and returns the latest few of any day, as far
// as who may see them. Before the search table is filled it answers only those
// who see everything; whoever watches hears when it is.
func (d *Desk) Day(who Who, recent int) (Day, error) {
	switch {
	case d.Ready() && (who.May(RightSeeAll) || who.May(RightSeeOwn)):
		return d.dayOfTable(who, recent)
	case who.May(RightSeeAll):
		return d.dayOfLedger(recent)
	}
	return Day{}, nil
}

func (d *Desk) dayOfTable(who Who, recent int) (Day, error) {
	var out Day
	today := d.Today()
	rows, err := d.List(who, Query{From: today, To: today})
	if err != nil {
		return out, err
	}
	var ds []string
	for _, r := range rows {
		if r.Void {
			continue
		}
		ds = ds[:0]
		for _, m := range r.Matters {
			ds = append(ds, m.Disposition)
		}
		out.add(r.Persons, ds)
	}
	if recent <= 0 {
		return out, nil
	}
	rows, err = d.List(who, Query{Limit: recent})
	for _, r := range rows {
		if f, err := read(d.led, r.ID); err == nil {
			out.Recent = append(out.Recent, f)
		}
	}
	return out, err
}

func (d *Desk) dayOfLedger(recent int) (Day, error) {
	var out Day
	today := d.Today()
	hits, err := d.led.Find(ledger.Find{Index: "visit-day", From: today.String(), To: today.AddDays(1).String()})
	if err != nil {
		return out, err
	}
	var ds []string
	for _, h := range hits {
		rec, err := d.led.Record(KindVisit, h.ID)
		if err != nil {
			continue // the check names it
		}
		v, err := decode[Visit](rec.Entry)
		if err != nil || v.Void != "" {
			continue
		}
		_, ms, err := matters(d.led, h.ID, rec.Stream.Writer())
		if err != nil {
			continue
		}
		ds = ds[:0]
		for _, m := range ms {
			ds = append(ds, m.Disposition)
		}
		out.add(v.Persons, ds)
	}
	if recent <= 0 {
		return out, nil
	}
	last, err := d.led.Find(ledger.Find{Index: "visit-day", Reverse: true, Limit: recent})
	for _, h := range last {
		if f, err := read(d.led, h.ID); err == nil {
			out.Recent = append(out.Recent, f)
		}
	}
	return out, err
}
