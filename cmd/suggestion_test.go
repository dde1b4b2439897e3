package cmd

import (
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// TestASuggestionFromAVotersMatterAndBack: a voter's matter passes the gate,
// becomes a suggestion with a number, a leader and units, is answered within
// the legal three months, is appraised, and the voter is told, at two ends that
// meet by sync alone.
func TestASuggestionFromAVotersMatterAndBack(t *testing.T) {
	w := newWorld(t, 1, 2)
	w.now = time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	city, s1, s2 := w.city.desk, w.stations[0], w.stations[1]
	office := station.Who{Account: "c1", Name: "市办甲", Role: station.RoleCity, City: true}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
	_, err := city.PutDeputies(office, []station.Deputy{{Code: "D001", Name: "李建国"}, {Code: "D002", Name: "王秀英"}, {Code: "D003", Name: "单小芳"}})
	must(err)
	_, err = city.PutLeaders(office, []station.Leader{{Code: "L1", Name: "赵主任", Categories: []string{"1"}}, {Code: "L2", Name: "钱副主任", Categories: []string{"12"}}})
	must(err)
	_, err = city.PutGroups(office, []station.Group{{Code: "G1", Name: "第一小组", Station: "S002", Members: []string{"D003"}}})
	must(err)
	attendant, headWho := s1.staff()[0], s1.staff()[2]
	saved, err := s1.desk.Receive(attendant, station.Reception{Voter: station.InVoter{Name: "王小明", Phone: "13800138000"},
		Matters: []station.Issue{{Content: "学校门口停车太挤,建议建立体车库。", Category: "12", Disposition: "proposal"}}}, false, "")
	must(err)
	number := saved.Number.Matter(1)
	sync := func() {
		t.Helper()
		for _, e := range w.stations {
			must(e.sync())
		}
	}
	step := func(e *end, who station.Who, s station.Step) station.Life {
		t.Helper()
		l, err := e.desk.LifeByNumber(who, number)
		must(err)
		l, err = e.desk.Take(who, l, s)
		must(err)
		return l
	}
	step(s1, headWho, station.Step{Action: station.DoReview, Disposition: "proposal"})
	sync()

	draft := station.Suggestion{Term: 17, Meeting: 4, Title: "关于学校门口建立体车库的建议", Body: "情况、分析和具体意见。", Lead: "D001", Co: []station.CoDeputy{{Deputy: "D002"}}, Category: "12", Matters: []string{number}}
	if _, err := city.NewSuggestion(office, draft); err == nil || !strings.Contains(station.Say(err).ZH, "转代表建议") {
		t.Errorf("made without the gate: %v", err)
	}
	var gate []string
	for range station.Gate {
		gate = append(gate, "no")
	}
	step(w.city, office, station.Step{Action: station.DoSuggest, Gate: gate, Note: "转建议"})
	for _, body := range []string{"选民王小明反映停车难。", "请联系 138-0013-8000。"} {
		named := draft
		named.Body = body
		if _, err := city.NewSuggestion(office, named); err == nil || !strings.Contains(station.Say(err).ZH, "选民的姓名或电话") {
			t.Errorf("a suggestion that tells every station who the voter is: %v", err)
		}
	}
	sg, err := city.NewSuggestion(office, draft)
	must(err)
	id := sg.ID()
	if id != "17-4-0001" || city.SuperLeader(sg) != "L2" || sg.State() != station.SgOpen {
		t.Errorf("made %s, leader %s, state %s", id, city.SuperLeader(sg), sg.State())
	}
	_, err = city.AgreeSuggestion(office, id, "D002")
	must(err)
	if _, err := city.ReplySuggestion(office, id, station.SuggestionReply{Text: "早了", Class: "A"}); err == nil {
		t.Error("replied before it was assigned")
	}
	sg, err = city.AssignSuggestion(office, id, []station.Undertaker{{Unit: "交运局"}, {Unit: "住建局", Role: "co"}}, false)
	must(err)
	clock := city.SuggestionClock(sg)
	if clock.Due != (typed.Date{Year: 2027, Month: 2, Day: 28}) { // three months from 30 November, clamped
		t.Errorf("due %s", clock.Due)
	}
	if clock.Lamp(clock.Due.AddDays(-16)) != station.LampOK || clock.Lamp(clock.Due.AddDays(-15)) != station.LampSoon || clock.Lamp(clock.Due.AddDays(1)) != station.LampOver {
		t.Error("lamps")
	}
	hard := sg
	hard.Hard = true
	if due := city.SuggestionClock(hard).Due; due != (typed.Date{Year: 2027, Month: 5, Day: 30}) {
		t.Errorf("broad or difficult: due %s", due)
	}
	_, err = city.NewSuggestion(office, draft)
	if err == nil || !strings.Contains(station.Say(err).ZH, string(id)) {
		t.Errorf("one matter in two suggestions: %v", err)
	}
	sync()
	if all, err := s1.desk.Suggestions(headWho); err != nil || len(all) != 1 || all[0].ID() != id {
		t.Errorf("the voter's station sees %d, %v", len(all), err)
	}
	// The voter's matter is under the suggestion's clock, at both ends and in the lists.
	for _, d := range []*station.Desk{city, s1.desk} {
		l, err := d.LifeByNumber(d.Owner(), number)
		must(err)
		must(d.Warm())
		state, due, _ := d.Standing(l.MatterID)
		if l.Suggestion != id || l.Unit != "交运局" || len(l.Units) != 1 || l.Due != clock.Due || l.HandleBy != clock.Due || state != station.StSuggestion || due != clock.Due {
			t.Errorf("the matter: suggestion %q, unit %q with %v, due %s, listed due %s in state %d", l.Suggestion, l.Unit, l.Units, l.Due, due, state)
		}
	}
	if waits, err := city.Unsuggested(office); err != nil || len(waits) != 0 {
		t.Errorf("%d wait to be written as a suggestion, %v", len(waits), err)
	}
	if all, err := s2.desk.Suggestions(s2.staff()[2]); err != nil || len(all) != 0 {
		t.Errorf("a station that it does not concern sees %d, %v", len(all), err)
	}
	if _, err := s1.desk.AssignSuggestion(headWho, id, nil, false); err == nil {
		t.Error("a station changed the city's record")
	}

	w.now = w.now.AddDate(0, 2, 0)
	_, err = city.ReplySuggestion(office, id, station.SuggestionReply{Doc: "丹交〔2027〕3号", Signer: "孙局", Text: "已列入立体车库建设计划", Class: "A", Met: true})
	must(err)
	_, err = city.ReplySuggestion(office, id, station.SuggestionReply{Text: "已列入立体车库建设计划", Class: "A"}) // once more finishes and doubles nothing
	must(err)
	sync()
	l := step(s1, attendant, station.Step{Action: station.DoFeedback, Means: station.Meanses[0].Code})
	if !strings.Contains(l.Answer, "17届4次第1号") || !strings.Contains(l.Answer, "立体车库") || l.State != station.StFedBack {
		t.Errorf("the voter is told %q, state %d", l.Answer, l.State)
	}
	if !l.InTime || l.HandleBy != clock.Due || l.Assigned != sg.Assigned {
		t.Errorf("replied in time: %v, by %s, assigned %s", l.InTime, l.HandleBy, l.Assigned)
	}
	replies := 0
	for _, d := range l.Steps {
		if d.Action == station.DoReply {
			replies++
		}
	}
	if replies != 1 {
		t.Errorf("%d replies in the matter's life", replies)
	}
	sg, err = city.AppraiseSuggestion(office, id, station.Appraisal{Attitude: "good", Outcome: "bad", Reason: "只是计划"})
	must(err)
	if due := city.SuggestionClock(sg).Due; sg.State() != station.SgAssigned || sg.Redone != 1 || sg.Again != city.Today() || due != (typed.Date{Year: 2027, Month: 2, Day: 28}) {
		t.Errorf("not satisfied: %s, redone %d, from %s until %s", sg.State(), sg.Redone, sg.Again, due)
	}
	sync()
	l, err = s1.desk.LifeByNumber(headWho, number) // the voter's matter went back with it
	must(err)
	if l.State != station.StRedo || l.Due != (typed.Date{Year: 2027, Month: 2, Day: 28}) {
		t.Errorf("the matter after the deputy was not satisfied: state %d, due %s", l.State, l.Due)
	}
	_, err = city.ReplySuggestion(office, id, station.SuggestionReply{Text: "已开工", Class: "A"})
	must(err)
	_, err = city.ReplySuggestion(office, id, station.SuggestionReply{Text: "已开工", Class: "A"})
	must(err)
	sync()
	l, err = s1.desk.LifeByNumber(headWho, number)
	must(err)
	if l.State != station.StReplied || !strings.HasSuffix(l.Answer, "已开工") || !l.InTime || !l.Told.IsZero() {
		t.Errorf("answered again: state %d, %q, in time %v, told %s", l.State, l.Answer, l.InTime, l.Told)
	}
	sg, err = city.AppraiseSuggestion(office, id, station.Appraisal{Attitude: "good", Outcome: "bad", Reason: "没有说完工日期"})
	must(err)
	if sg.State() != station.SgMeeting {
		t.Errorf("not satisfied for the second time: %s", sg.State())
	}
	gaps, err := city.SuperviseGaps(office, city.Today())
	must(err)
	if len(gaps) == 0 || gaps[0].Fill.Suggestion != id {
		t.Errorf("what is missing: %v", gaps)
	}
	if _, err := city.MeetSuggestion(office, id, " "); err == nil {
		t.Error("a meeting that said nothing")
	}
	sg, err = city.MeetSuggestion(office, id, "主任会议同意年底前完工")
	must(err)
	if sg.State() != station.SgAppraised {
		t.Errorf("state %s", sg.State())
	}
	acts, err := city.SuggestionActs(office, id)
	must(err)
	var told []string
	for _, a := range acts {
		told = append(told, a.What.ZH)
		if a.Name != office.Name {
			t.Errorf("%s was done by %q", a.What.ZH, a.Name)
		}
	}
	if got := strings.Join(told, " "); got != "提出 同意联名 交办 单位答复 代表不满意,退回重办 单位答复 代表评价 会商" {
		t.Errorf("its life: %s", got)
	}
	sync()
	got, _, err := s1.desk.Suggestion(headWho, id)
	if err != nil || got.State() != station.SgAppraised {
		t.Errorf("at the station: %s, %v", got.State(), err)
	}
	w.sound()
}

// TestTheFiveSupervisions follows a half year month by month, against what is
// due by hand.
func TestTheFiveSupervisions(t *testing.T) {
	w := newWorld(t, 1, 1)
	city := w.city.desk
	office := station.Who{Account: "c1", Name: "市办甲", Role: station.RoleCity, City: true}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
	_, err := city.PutDeputies(office, []station.Deputy{{Code: "D001", Name: "李建国"}})
	must(err)
	_, err = city.PutLeaders(office, []station.Leader{{Code: "L1", Name: "赵主任", Categories: []string{"1"}}})
	must(err)
	_, err = city.PutCommittees(office, []station.Committee{{Code: "C1", Name: "环资城建工委", Categories: []string{"1"}}, {Code: "C3", Name: "教科文卫工委", Categories: []string{"3"}}})
	must(err)
	_, err = city.PutGroups(office, []station.Group{{Code: "G1", Name: "曲阿小组", Station: "S001", Members: []string{"D001"}}})
	must(err)
	for i := range 4 {
		_, err := city.NewSuggestion(office, station.Suggestion{Term: 17, Meeting: 4, Title: "建议", Body: "内容", Lead: "D001", Category: []string{"11", "12", "13", "31"}[i]})
		must(err)
	}
	do := func(month time.Month, s station.Supervision) {
		t.Helper()
		s.On = typed.Date{Year: 2026, Month: month, Day: 10}
		must(city.Supervise(office, s))
	}
	gaps := func(month time.Month) map[string]int {
		t.Helper()
		gs, err := city.SuperviseGaps(office, typed.Date{Year: 2026, Month: month, Day: 28})
		must(err)
		out := map[string]int{}
		for _, g := range gs {
			out[g.Type]++
			if g.What.ZH == "" || g.What.EN == "" {
				t.Errorf("%s has no words", g.Type)
			}
		}
		return out
	}
	want := func(month time.Month, leader, meeting, committee, unit, group int) {
		t.Helper()
		got := gaps(month)
		for kind, n := range map[string]int{"leader": leader, "meeting": meeting, "committee": committee, "unit": unit, "group": group} {
			if got[kind] != n {
				t.Errorf("%s, %s: %d missing, want %d", month, kind, got[kind], n)
			}
		}
	}
	want(time.June, 1, 0, 2, 0, 0) // 31 falls into nobody's portfolio
	want(time.July, 1, 1, 2, 0, 0)
	do(time.July, station.Supervision{Act: "hearing", Suggestion: "17-4-0001", Meeting: "第30次"})
	want(time.July, 1, 1, 2, 0, 0)
	do(time.July, station.Supervision{Act: "hearing", Suggestion: "17-4-0002", Meeting: "第30次"})
	want(time.July, 1, 0, 2, 0, 0)
	want(time.August, 1, 1, 2, 0, 0)
	do(time.August, station.Supervision{Act: "keyunit", Unit: "交运局", Leader: "L1", Reason: "承办较多"})
	do(time.August, station.Supervision{Act: "keygroup", Group: "G1", Leader: "L1", Reason: "建议较多"})
	for _, n := range []ledger.ID{"17-4-0001", "17-4-0002", "17-4-0003"} {
		do(time.August, station.Supervision{Act: "pick", Committee: "C1", Suggestion: n})
	}
	want(time.August, 1, 1, 1, 1, 1)
	do(time.September, station.Supervision{Act: "meetup", Unit: "交运局", Deputies: []string{"D001"}})
	do(time.September, station.Supervision{Act: "track", Group: "G1", Suggestion: "17-4-0001", Finding: "已开工"})
	_, err = city.LeadSuggestion(office, "17-4-0004", "L1")
	must(err)
	want(time.September, 0, 2, 1, 0, 0)
	if err := city.Supervise(office, station.Supervision{Act: "pick", Committee: "C9", Suggestion: "17-4-0001"}); err == nil {
		t.Error("a committee that is not there picked")
	}
	if err := city.Supervise(office, station.Supervision{Act: "track", Group: "G1", Suggestion: "17-4-0001"}); err == nil {
		t.Error("tracked without a finding")
	}
	if err := city.Supervise(station.Who{Account: "x", Role: station.RoleLeader, City: true}, station.Supervision{Act: "hearing", Suggestion: "17-4-0001"}); err == nil {
		t.Error("a leader, who reads, wrote")
	}
	units, groups, err := city.SuggestionCounts(office)
	if err != nil || len(units) != 0 || len(groups) != 1 || groups[0].N != 4 {
		t.Errorf("counts: %v %v %v", units, groups, err)
	}
	must(w.stations[0].sync())
	if log, err := w.stations[0].desk.Supervisions(w.stations[0].staff()[2], 2026, ""); err != nil || len(log) != 7 {
		t.Errorf("the group's station sees %d acts, %v", len(log), err)
	}
}

// TestAnAnsweredSuggestionIsNotTakenBack: one that was withdrawn after its
// answer, closed or not, took unit, deadline and 交办 off the voters' matters; a
// second answer with the same words, but another class and promise, was called
// done and dropped; and a matter whose suggestion was withdrawn before could go
// nowhere but into another.
func TestAnAnsweredSuggestionIsNotTakenBack(t *testing.T) {
	w := newWorld(t, 3, 1)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	city := w.city.desk
	_, err := city.PutDeputies(office, []station.Deputy{{Code: "D001", Name: "李建国"}})
	must(err)
	gate := []string{"no", "no", "no", "no", "no", "no"}
	var ids []ledger.ID
	var sg []station.Suggestion
	for range 2 {
		m := w.stations[0].record("proposal", "停车难")
		w.settle()
		l, err := city.Life(office, m)
		must(err)
		l, err = city.Take(office, l, station.Step{Action: station.DoSuggest, Gate: gate})
		must(err)
		s, err := city.NewSuggestion(office, station.Suggestion{Term: 18, Meeting: 2, Title: "停车", Body: "建车库", Lead: "D001", Category: "12", Matters: []string{l.Number}})
		must(err)
		ids, sg = append(ids, m), append(sg, s)
	}
	refused := func(code string, err error) {
		t.Helper()
		if got := station.Say(err).Code; got != code {
			t.Errorf("%q, want %s: %v", got, code, err)
		}
	}
	_, err = city.AssignSuggestion(office, sg[0].ID(), []station.Undertaker{{Unit: "住建局"}}, false)
	must(err)
	reply := station.SuggestionReply{Text: "已办", Class: "A"}
	_, err = city.ReplySuggestion(office, sg[0].ID(), reply)
	must(err)
	_, err = city.ReplySuggestion(office, sg[0].ID(), reply)
	must(err)
	for _, other := range []station.SuggestionReply{{Text: "已办", Class: "D"}, {Text: "已办", Class: "A", Doc: "公〔2026〕9号"}, {Text: "已办", Class: "A", Met: true}} {
		_, err = city.ReplySuggestion(office, sg[0].ID(), other)
		refused("suggestion-not-now", err)
	}
	_, err = city.WithdrawSuggestion(office, sg[0].ID(), "提案人撤回")
	refused("suggestion-not-now", err)
	_, err = city.AppraiseSuggestion(office, sg[0].ID(), station.Appraisal{Attitude: "good", Outcome: "good"})
	must(err)
	_, err = city.WithdrawSuggestion(office, sg[0].ID(), "提案人撤回")
	refused("suggestion-not-now", err)
	if l, err := city.Life(office, ids[0]); err != nil || l.Unit != "住建局" || l.Assigned.IsZero() || l.Answer == "" {
		t.Errorf("the matter is at %q since %s, %v", l.Unit, l.Assigned, err)
	}

	review := station.Step{Action: station.DoReview, Disposition: "city", Note: "建议撤回了,照常办"}
	l, err := city.Life(office, ids[1])
	must(err)
	_, err = city.Take(office, l, review)
	refused("step-not-now", err)
	_, err = city.WithdrawSuggestion(office, sg[1].ID(), "提案人撤回")
	must(err)
	l, err = city.Life(office, ids[1])
	must(err)
	l, err = city.Take(office, l, review)
	must(err)
	if l, err = city.Take(office, l, station.Step{Action: station.DoAssign, Unit: "住建局"}); err != nil || l.State != station.StAssigned || l.Suggestion != "" {
		t.Errorf("state %s, suggestion %q: %v", l.State.Text().ZH, l.Suggestion, err)
	}
	w.settle()
	w.sound()
}
