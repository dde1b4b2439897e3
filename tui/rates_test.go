package tui

import (
	"testing"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// The city's rates say which stations they lack, stand side by side by station,
// unit and category, and lead to the matters behind them.
func TestTheCitysRates(t *testing.T) {
	eachLook(t, func(t *testing.T, l look) {
		c := newSampleCity(t)
		l.speaks(t, c.desk)
		s := sit(t, c.config(), Caller{Who: c.office}, l.w, l.h)
		s.press("6", "f7")
		s.golden("city-rates." + l.name)
		s.press("f5")
		s.golden("city-rates-station." + l.name)
		s.press("f5", "f5")
		s.golden("city-rates-category." + l.name)
		if l.language != "zh" {
			return
		}
		s.see("1 环资城建", "按分类", "F5 合计")
		s.press("enter")
		s.see("1 环资城建", "当场答复率", "F5 按站") // of one branch: not by category once more
		s.press("enter")
		s.see("QA01-26A-0007-W/1")
	})
}

// Of the matters behind a rate the unit's code was shown where queues show its
// name.
func TestTheRowsBehindARateNameTheUnit(t *testing.T) { inBubble(t, theRowsBehindARateNameTheUnit) }

func theRowsBehindARateNameTheUnit(t *testing.T) {
	c := newSampleCity(t)
	ls, err := c.desk.Queue(c.office, "classify", 1)
	if err != nil || len(ls) == 0 {
		t.Fatal(ls, err)
	}
	l, err := c.desk.Life(c.office, ls[0].MatterID)
	for _, step := range []station.Step{{Action: station.DoReview, Disposition: "city"}, {Action: station.DoAssign, Unit: "CG"}} {
		if err != nil {
			t.Fatal(err)
		}
		l, err = c.desk.Take(c.office, l, step)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := sit(t, c.config(), Caller{Who: c.office}, 80, 24)
	s.press("6", "f7", "down", "enter")
	s.see(l.Number, "城市管理局")
}

// What a period's figures lack is said of the stations that were not heard of
// after it, or, while it runs, for a day.
func TestWhichStationsAPeriodLacks(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, station.Beijing)
	month := func(m time.Month) station.RateQuery {
		return station.RateQuery{From: typed.Date{Year: 2026, Month: m, Day: 1}, To: (typed.Date{Year: 2026, Month: m + 1, Day: 1}).AddDays(-1)}
	}
	for _, c := range []struct {
		q    station.RateQuery
		seen time.Time
		want bool
	}{
		{month(10), time.Date(2026, 11, 1, 2, 0, 0, 0, station.Beijing), true},
		{month(10), time.Date(2026, 10, 31, 23, 0, 0, 0, station.Beijing), false},
		{month(11), now.Add(-23 * time.Hour), true},
		{month(11), now.Add(-25 * time.Hour), false},
		{station.RateQuery{}, now.Add(-25 * time.Hour), false},
		{month(10), time.Time{}, false},
	} {
		if got := c.q.Complete(c.seen, now); got != c.want {
			t.Errorf("%s, last heard of %s: %v", c.q.To, c.seen, got)
		}
	}
}
