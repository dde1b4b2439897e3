package station_test

import (
	"testing"
	"time"

	"liaison/station"
)

// While a matter is typed, earlier ones that may be the same are named: of the
// same phone, of the same village and category, or with similar words.
func TestAlikeNamesEarlierMatters(t *testing.T) {
	b := newDesk(t)
	if err := b.Warm(); err != nil {
		t.Fatal(err)
	}
	first := b.receive(attendant, lamp()).Number.Matter(1)
	b.pass(time.Hour)
	other := lampBy("单小芳", "0511-86123456")
	other.Voter.Village = "321181003001"
	other.Matters[0].Content, other.Matters[0].Category = "杏虎村口的公交车一小时才来一班,老人去镇上看病等得太久。", "19"
	bus := b.receive(attendant, other).Number.Matter(1)

	ask := func(p station.Probe) []station.Echo {
		t.Helper()
		es, err := b.Alike(attendant, p, 3)
		if err != nil {
			t.Fatal(err)
		}
		return es
	}
	for _, x := range []struct {
		name  string
		probe station.Probe
		want  string
		why   string
	}{
		{"the same voter, before a word is typed, category known", station.Probe{Phone: "13800138000", Village: "321181002001", Category: "11"}, first, "同一电话、同村同类"},
		{"a landline with and without hyphen", station.Probe{Phone: "051186123456", Content: "公交车还是来得太少"}, bus, "同一电话"},
		{"a neighbour about the same lamp", station.Probe{Village: "321181002001", Category: "11", Content: "东门那盏路灯一直不亮,晚上看不见路"}, first, "同村同类"},
		{"the same words from anywhere", station.Probe{Content: "小区东门的路灯坏了半个月没人修"}, first, "内容相近"},
		{"full width and punctuation do not matter", station.Probe{Content: "小区东门，的路灯坏了，半个月！"}, first, ""},
		{"something else in the same village", station.Probe{Village: "321181002001", Category: "41", Content: "希望开一个老年食堂,中午有地方吃饭"}, "", ""},
		{"courtesies only", station.Probe{Content: "希望尽快解决,谢谢领导"}, "", ""},
		{"nothing yet", station.Probe{Content: "路"}, "", ""},
	} {
		got, why := "", ""
		if es := ask(x.probe); len(es) > 0 {
			got, why = es[0].Number, es[0].Why().ZH
		}
		if got != x.want || x.why != "" && why[:min(len(why), len(x.why))] != x.why {
			t.Errorf("%s: %q (%s), want %q (%s)", x.name, got, why, x.want, x.why)
		}
	}

	// What is corrected or void is judged as it is now.
	same := station.Probe{Content: "小区东门的路灯坏了半个月没人修"}
	b.correct(attendant, "QA01-26A-0001-"+station.Number(first[len("QA01-26A-0001-"):len(first)-2]), func(r *station.Reception) {
		r.Matters[0].Content = "菜场北侧的下水道堵了,一下雨就漫到路上。"
	})
	if es := ask(same); len(es) != 0 {
		t.Errorf("still named after its correction: %+v", es)
	}
	if es := ask(station.Probe{Content: "菜场北侧下水道又堵了"}); len(es) != 1 || es[0].Number != first {
		t.Errorf("not named by its new words: %+v", es)
	}
	f := b.lookup(bus)
	if err := b.Void(head, f, "重复录入"); err != nil {
		t.Fatal(err)
	}
	if es := ask(station.Probe{Phone: "051186123456", Content: "公交车还是来得太少"}); len(es) != 0 {
		t.Errorf("a void one is named: %+v", es)
	}

	// It looks back a little more than a year.
	b.pass(401 * 24 * time.Hour)
	if es := ask(station.Probe{Content: "菜场北侧下水道又堵了"}); len(es) != 0 {
		t.Errorf("an old one is named: %+v", es)
	}
	if _, err := b.Alike(station.Who{Account: "d", Role: station.RoleDeputy}, same, 3); err == nil {
		t.Error("a deputy, who records nothing, was answered")
	}
}

// A matter that was told apart keeps what it was told apart from, and why;
// what is no number is refused at its field.
func TestDistinctIsKept(t *testing.T) {
	b := newDesk(t)
	first := b.receive(attendant, lamp()).Number.Matter(1)
	r := lampBy("单小芳", "13900139000")
	r.Matters[0].Distinct = []station.Distinct{{Number: first, Reason: "西门的灯,不是东门"}}
	second := b.receive(attendant, r).Number
	f := b.lookup(string(second))
	equal(t, "kept", f.Matters[0].Distinct, []station.Distinct{{Number: first, Reason: "西门的灯,不是东门"}})
	equal(t, "typed again for a correction", f.Reception().Matters[0].Distinct, f.Matters[0].Distinct)

	r = lampBy("单小芳", "13900139000")
	r.Matters[0].Repeat, r.Matters[0].Distinct = "十二号", []station.Distinct{{Number: "x"}}
	_, err := b.Receive(attendant, r, false, "")
	ps, ok := station.FieldsOf(err)
	if !ok || len(ps) != 2 || ps[0].Field != "matters[0].repeat" || ps[1].Field != "matters[0].distinct" {
		t.Errorf("%v", err)
	}
}
