package station_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/sheet"
)

// handled takes a matter through assign, reply, telling and rating.
func (b *bench) handled(r station.Reception, class, outcome string) station.Life {
	b.Helper()
	r.Matters[0].Disposition = "town"
	s := b.receive(attendant, r)
	l, err := b.LifeByNumber(head, string(s.Number))
	if err != nil {
		b.Fatal(err)
	}
	l = b.take(head, l, station.Step{Action: station.DoReview, Disposition: "town"})
	l = b.take(head, l, station.Step{Action: station.DoAssign, Unit: "住建局"})
	l = b.take(head, l, station.Step{Action: station.DoAccept})
	if class == "" {
		return l
	}
	l = b.take(head, l, station.Step{Action: station.DoReply, Text: "已办理", Class: class, Date: b.Today().AddDays(60)})
	l = b.take(attendant, l, station.Step{Action: station.DoFeedback, Means: station.Meanses[0].Code})
	if outcome == "" {
		return l
	}
	return b.take(attendant, l, station.Step{Action: station.DoRate, Attitude: outcome, Outcome: outcome, Note: "选民的话"})
}

// rates are the values by code.
func (b *bench) rates(q station.RateQuery) map[string]string {
	b.Helper()
	r, err := b.Rates(head, q)
	if err != nil {
		b.Fatal(err)
	}
	out := map[string]string{}
	for _, l := range r.Lines {
		out[l.Code] = l.Rate.String()
		if l.Rule.ZH == "" || l.Rule.EN == "" || l.Text.EN == "" {
			b.Errorf("%s is not defined", l.Code)
		}
	}
	return out
}

func (b *bench) wantRates(what string, q station.RateQuery, want map[string]string) {
	b.Helper()
	got := b.rates(q)
	for code, v := range want {
		if got[code] != v {
			b.Errorf("%s: %s is %s, want %s", what, code, got[code], v)
		}
	}
}

// TestRates counts by hand: 129 matters answered, of which 80 are really done
// (62.02 %, Danyang's own figure), with every other rate from the same rows.
func TestRates(t *testing.T) {
	b := newDesk(t)
	b.wantRates("with nothing recorded", station.RateQuery{}, map[string]string{"onspot": "—", "replied": "—", "done": "—", "good": "—", "kept": "—"})
	class := func(i int) string {
		switch {
		case i < 80:
			return "A"
		case i < 110:
			return "B"
		}
		return "D"
	}
	outcome := func(i int) string {
		switch {
		case i < 93:
			return "good"
		case i < 110:
			return "fair"
		case i < 115:
			return "bad"
		case i < 120:
			return "unreached"
		}
		return ""
	}
	for i := range 129 {
		b.handled(lamp(), class(i), outcome(i))
	}
	b.handled(lamp(), "", "") // handed out, no reply yet
	spot := lamp()
	b.receive(attendant, spot)
	gone := b.receive(attendant, lamp()) // void: counts nowhere
	if err := b.Void(head, b.lookup(string(gone.Number)), "重复录入"); err != nil {
		t.Fatal(err)
	}
	joined := lampBy("李四", "13900139000")
	joined.Matters[0].Disposition, joined.Matters[0].Repeat = "town", string(spotNumber(t, b))
	b.receive(attendant, joined)

	want := map[string]string{
		"onspot":  "1/132 = 0.76%",
		"replied": "129/130 = 99.23%",
		"intime":  "129/129 = 100.00%",
		"met":     "0/129 = 0.00%",
		"done":    "80/129 = 62.02%",
		"good":    "93/115 = 80.87%",
		"fair":    "110/115 = 95.65%",
		"told":    "129/129 = 100.00%",
		"kept":    "0/30 = 0.00%",
	}
	b.wantRates("all", station.RateQuery{}, want)
	b.wantRates("of the unit", station.RateQuery{Unit: "住建局"}, map[string]string{"done": "80/129 = 62.02%"})
	b.wantRates("of the branch", station.RateQuery{Category: "1"}, map[string]string{"done": "80/129 = 62.02%"})
	b.wantRates("of another branch", station.RateQuery{Category: "3"}, map[string]string{"done": "—"})
	b.wantRates("of another month", station.RateQuery{To: b.Today().AddDays(-30)}, map[string]string{"done": "—"})
	num, den, err := b.RateRows(head, station.RateQuery{}, "done")
	if err != nil || len(num) != 80 || len(den) != 129 {
		t.Errorf("the rows behind it: %d of %d, %v", len(num), len(den), err)
	}
	for _, l := range num {
		if c, _ := b.ResultClass(l.Class); !c.CountsDone {
			t.Errorf("%s counts as done and is %s", l.Number, l.Class)
		}
	}
	by, err := b.RatesBy(head, station.RateQuery{}, "unit")
	if err != nil || by["住建局"] == nil || by["住建局"].Matters != 130 {
		t.Errorf("by unit: %v, %v", by, err)
	}
	if _, err := b.Rates(station.Who{Account: "x", Role: station.RoleAdmin}, station.RateQuery{}); err == nil {
		t.Error("an administrator reads rates")
	}
	b.restart() // the table filled anew says the same
	b.wantRates("after a restart", station.RateQuery{}, want)
}

// spotNumber is the first matter that another may join.
func spotNumber(t *testing.T, b *bench) string {
	t.Helper()
	num, _, err := b.RateRows(head, station.RateQuery{}, "onspot")
	if err != nil || len(num) == 0 {
		t.Fatalf("no matter to join: %v", err)
	}
	return num[0].Number
}

// TestRealMessagesThroughTheirLife takes real citizens' messages and the
// offices' replies, where LIAISON_SAMPLES names the folder that holds them, and
// otherwise a few invented ones, through assigning, reply and rating; the rates
// are those of a count by hand.
func TestRealMessagesThroughTheirLife(t *testing.T) {
	b := newDesk(t)
	texts := []string{"小区东门的路灯坏了半个月。", "学校门口停车太挤。", "污水井冒水。", "公交车一小时一班。", "老楼加装电梯谈不拢。", "医保报销太慢。", "村口水渠塌了。"}
	from := "invented"
	if dir := os.Getenv("LIAISON_SAMPLES"); dir != "" {
		from = "real"
		texts = nil
		f, err := os.Open(filepath.Join(dir, "replies.xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		tab, err := sheet.Read("replies.xlsx", f, []sheet.Column{{Key: "text", Names: []string{"留言详情"}, Required: true}}, sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range tab.Rows {
			if r.Get("text") != "" {
				texts = append(texts, r.Get("text"))
			}
		}
	}
	classes, outcomes := []string{"A", "A", "A", "B", "C", "D"}, []string{"good", "fair", "good", "bad", "refused"}
	done, rated, good, fair := 0, 0, 0, 0
	for i, text := range texts {
		r := lamp()
		r.Matters[0].Content, r.Matters[0].Title = text, ""
		c, o := classes[i%len(classes)], outcomes[i%len(outcomes)]
		b.handled(r, c, o)
		b.pass(time.Minute)
		if c == "A" {
			done++
		}
		if o != "refused" {
			rated++
		}
		if o == "good" {
			good++
		}
		if o == "good" || o == "fair" {
			fair++
		}
	}
	n := len(texts)
	b.wantRates("by hand", station.RateQuery{}, map[string]string{
		"replied": station.Rate{Num: n, Den: n}.String(), "done": station.Rate{Num: done, Den: n}.String(),
		"good": station.Rate{Num: good, Den: rated}.String(), "fair": station.Rate{Num: fair, Den: rated}.String()})
	t.Logf("%d %s messages: %s really done, %s satisfied", n, from, fmt.Sprint(station.Rate{Num: done, Den: n}), fmt.Sprint(station.Rate{Num: good, Den: rated}))
}

// TestNoRateHasMoreAnswersThanTheRateOfAnswers: a matter that passed the gate
// and was answered from paper, without 交办, counted as answered in time and not
// as one to be answered.
func TestNoRateHasMoreAnswersThanTheRateOfAnswers(t *testing.T) {
	b := newDesk(t)
	l := b.take(head, b.matter("proposal"), station.Step{Action: station.DoReview, Disposition: "proposal"})
	l = b.take(head, l, station.Step{Action: station.DoSuggest, Gate: []string{"no", "no", "no", "no", "no", "no"}})
	b.take(head, l, station.Step{Action: station.DoReply, Text: "已办。", Class: "A"})
	got := b.rates(station.RateQuery{})
	if got["replied"] != "1/1 = 100.00%" || got["intime"] != "1/1 = 100.00%" {
		t.Errorf("replied %s, in time %s", got["replied"], got["intime"])
	}
}
