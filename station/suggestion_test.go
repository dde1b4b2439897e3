package station_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// proposals is a realm whose city can make suggestions.
type proposals struct{ *realm }

func newProposals(t testing.TB) proposals {
	t.Helper()
	w := proposals{newRealm(t)}
	_, err := w.city.PutDeputies(office, []station.Deputy{{Code: "D001", Name: "李建国"}, {Code: "D002", Name: "王秀英"}})
	w.must(err)
	_, err = w.city.PutCommittees(office, []station.Committee{{Code: "C1", Name: "环资城建工委", Categories: []string{"1"}}})
	w.must(err)
	_, err = w.city.PutGroups(office, []station.Group{{Code: "G1", Name: "第一小组", Station: "QA01", Members: []string{"D001"}}})
	w.must(err)
	w.carry()
	return w
}

func (w proposals) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w proposals) make(title string, matters ...string) station.Suggestion {
	w.Helper()
	s, err := w.city.NewSuggestion(office, station.Suggestion{Term: 17, Meeting: 4, Title: title, Body: "内容。", Lead: "D001", Category: "11", Matters: matters})
	w.must(err)
	return s
}

// listed are the suggestions that an end shows, each with its mark and life.
func (w proposals) listed(p *outpost) (out []string) {
	w.Helper()
	all, err := p.Suggestions(p.Owner())
	w.must(err)
	for _, s := range all {
		one, _, err := p.Suggestion(p.Owner(), s.ID())
		w.must(err)
		if one.Title != s.Title || one.Shared() != s.Shared() || one.Called() != s.Called() {
			w.Errorf("%s: the list says %s of %s, by itself it is %s of %s", p.code, s.Called(), s.Title, one.Called(), one.Title)
		}
		acts, err := p.SuggestionActs(p.Owner(), s.ID())
		w.must(err)
		row := s.Code() + " " + s.Title
		if s.Shared() {
			row += " 重号"
		}
		for _, a := range acts {
			row += " " + a.What.ZH
		}
		out = append(out, row)
	}
	return out
}

// both expects the same list at the city and at the station.
func (w proposals) both(what string, want ...string) {
	w.Helper()
	for _, p := range []*outpost{w.city, w.one} {
		if got := w.listed(p); !slices.Equal(got, want) {
			w.Errorf("%s, at %s:\n%s\nwant\n%s", what, p.code, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// copied is a backup of the city; restored puts it in the city's place.
func (w proposals) copied() string {
	w.Helper()
	var b bytes.Buffer
	w.must(w.city.led.Backup(w.Context(), &b))
	path := filepath.Join(w.TempDir(), "copy.db")
	w.must(os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

func (w proposals) restored(from string) {
	w.Helper()
	w.must(w.city.led.Close())
	_, err := bolt.Restore(w.Context(), from, w.city.path, bolt.RestoreOptions{Replace: true, Options: bolt.Options{Writer: "city", Indexes: station.Indexes()}})
	w.must(err)
	w.city.open(w)
}

// sentBack has a station return what the city wrote and lost.
func (w proposals) sentBack() {
	w.Helper()
	heads, err := w.one.led.Heads()
	w.must(err)
	for _, h := range heads {
		have, err := w.city.led.Head(h.Stream)
		w.must(err)
		if h.Stream.Writer() != "city" || have.Seq >= h.Seq {
			continue
		}
		es, err := w.one.led.Since(h.Stream, have.Seq, 10_000)
		w.must(err)
		_, err = w.city.Ledger().Commit(w.Context(), ledger.Change{Foreign: es})
		w.must(err)
	}
}

// A restored city gives 17-4-0001 a second time. The first suggestion had
// disappeared into the second's history, as if it had been changed into it.
func TestTwoSuggestionsOfOneNumberAreTwo(t *testing.T) {
	w := newProposals(t)
	copied := w.copied()
	first := w.make("甲路修灯")
	_, err := w.city.AssignSuggestion(office, first.ID(), []station.Undertaker{{Unit: "供电公司"}}, false)
	w.must(err)
	w.must(w.city.Supervise(office, station.Supervision{Act: "hearing", Suggestion: first.ID()}))
	w.carry()
	w.restored(copied)
	second := w.make("乙河治污")
	if second.Code() != first.Code() {
		t.Fatalf("%s and %s", first.Code(), second.Code())
	}
	w.must(w.city.Supervise(office, station.Supervision{Act: "pick", Suggestion: second.ID(), Committee: "C1"}))
	if got := w.listed(w.city); !slices.Equal(got, []string{"17-4-0001 乙河治污 提出"}) {
		t.Errorf("before anything comes back: %v", got)
	}
	w.sentBack()
	w.carry()
	w.both("sent back", "17-4-0001 甲路修灯 重号 提出 交办", "17-4-0001 乙河治污 重号 提出")

	all, err := w.city.Suggestions(office)
	w.must(err)
	first, second = all[0], all[1]
	for _, p := range []*outpost{w.city, w.one} { // a link of before means the one that its writer knew
		for s, want := range map[*station.Suggestion]string{&first: "hearing", &second: "pick"} {
			log, err := p.Supervisions(p.Owner(), 0, s.ID())
			w.must(err)
			if len(log) != 1 || log[0].Act != want || log[0].Number != s.Called() {
				t.Errorf("at %s, the log of %s: %+v", p.code, s.Title, log)
			}
		}
		if _, err := p.SuggestionNumbered(p.Owner(), "17-4-0001"); err == nil {
			t.Errorf("%s takes the number for one of the two", p.code)
		} else {
			problem(t, err, "suggestion-number-twice")
			if zh := station.Say(err).ZH; !strings.Contains(zh, first.Called()+"《甲路修灯》") || !strings.Contains(zh, second.Called()+"《乙河治污》") {
				t.Errorf("%s says %s", p.code, zh)
			}
		}
		for _, s := range all {
			if got, err := p.SuggestionNumbered(p.Owner(), s.Called()); err != nil || got.Title != s.Title {
				t.Errorf("%s: %s is %s, %v", p.code, s.Called(), got.Title, err)
			}
		}
	}

	// Each has its own life on, and a change of one is none of the other.
	_, err = w.city.ReplySuggestion(office, first.ID(), station.SuggestionReply{Text: "已装灯", Class: "A"})
	w.must(err)
	_, err = w.city.MarkSuggestion(office, second.ID(), "群众反映集中")
	w.must(err)
	w.carry()
	w.both("after an act on each", "17-4-0001 甲路修灯 重号 提出 交办 单位答复", "17-4-0001 乙河治污 重号 提出 定为重点建议")

	if _, err := w.city.RenumberSuggestion(office, second.ID(), " "); err == nil {
		t.Error("renumbered without a reason")
	}
	second, err = w.city.RenumberSuggestion(office, second.ID(), "恢复备份后重号")
	w.must(err)
	if second.Code() != "17-4-0002" || second.Shared() || second.Called() != "17-4-0002" {
		t.Errorf("renumbered, it is %s, shared %v", second.Called(), second.Shared())
	}
	_, err = w.city.RenumberSuggestion(office, second.ID(), "再改")
	problem(t, err, "suggestion-number-own")
	if s := w.make("丙桥加固"); s.Code() != "17-4-0003" {
		t.Errorf("the next one is %s", s.Code())
	}
	w.carry()
	w.both("renumbered", "17-4-0001 甲路修灯 提出 交办 单位答复", "17-4-0002 乙河治污 提出 定为重点建议 改号", "17-4-0003 丙桥加固 提出")
	for n, title := range map[string]string{"17-4-0001": "甲路修灯", "17-4-0002": "乙河治污"} {
		if s, err := w.one.SuggestionNumbered(head, n); err != nil || s.Title != title {
			t.Errorf("%s is %s, %v", n, s.Title, err)
		}
	}
	w.city.restart(t)
	w.one.restart(t)
	w.both("after a start", "17-4-0001 甲路修灯 提出 交办 单位答复", "17-4-0002 乙河治污 提出 定为重点建议 改号", "17-4-0003 丙桥加固 提出")
}

// Two epochs that changed one suggestion at once are still two versions of one.
func TestOneSuggestionChangedInTwoEpochsIsOne(t *testing.T) {
	w := newProposals(t)
	s := w.make("甲路修灯")
	copied := w.copied()
	_, err := w.city.MarkSuggestion(office, s.ID(), "群众反映集中")
	w.must(err)
	w.carry()
	w.restored(copied)
	_, err = w.city.AssignSuggestion(office, s.ID(), []station.Undertaker{{Unit: "供电公司"}}, false)
	w.must(err)
	w.sentBack()
	w.carry()
	for _, p := range []*outpost{w.city, w.one} {
		all, err := p.Suggestions(p.Owner())
		w.must(err)
		if len(all) != 1 || all[0].Shared() || all[0].State() != station.SgAssigned || all[0].ID() != s.ID() {
			t.Errorf("%s: %+v", p.code, all)
		}
	}
}

// Whatever order the epochs come in, a station tells the same in the end.
func TestSuggestionsOfOneNumberInAnyOrder(t *testing.T) {
	w := newProposals(t)
	copied := w.copied()
	w.make("甲路修灯")
	w.must(w.city.Supervise(office, station.Supervision{Act: "hearing", Suggestion: "17-4-0001"}))
	w.carry() // QA01 and ST02 hold the first
	w.restored(copied)
	w.make("乙河治污")
	bring(t, w.city, w.one, 10_000) // QA01 has both before the city has
	if got, want := fmt.Sprint(w.listed(w.one)), "[17-4-0001 甲路修灯 重号 提出 17-4-0001 乙河治污 重号 提出]"; got != want {
		t.Errorf("at the station: %s", got)
	}
	w.restored(copied) // and a third time, before anything came back
	w.make("丙桥加固")
	w.carry()
	w.sentBack()
	w.carry()
	w.both("three", "17-4-0001 甲路修灯 重号 提出", "17-4-0001 乙河治污 重号 提出", "17-4-0001 丙桥加固 重号 提出")
	all, err := w.city.Suggestions(office)
	w.must(err)
	for _, s := range all[1:] {
		_, err := w.city.RenumberSuggestion(office, s.ID(), "重号")
		w.must(err)
	}
	w.carry()
	w.both("parted", "17-4-0001 甲路修灯 提出", "17-4-0002 乙河治污 提出 改号", "17-4-0003 丙桥加固 提出 改号")
	if log, err := w.one.Supervisions(head, 0, all[0].ID()); err != nil || len(log) != 1 {
		t.Errorf("the log of the first: %v, %v", log, err)
	}
}

// passed records a voter's matter at the station that has passed the gate.
func (w proposals) passed(disposition string) string {
	w.Helper()
	in := lamp()
	in.Matters[0].Disposition = disposition
	saved := w.receive(w.one, in)
	n := saved.Number.Matter(1)
	w.step(w.one, n, station.Step{Action: station.DoSuggest, Gate: []string{"no", "no", "no", "no", "no", "no"}})
	w.carry()
	return n
}

func (w proposals) life(p *outpost, number string) station.Life {
	w.Helper()
	l, err := p.LifeByNumber(p.Owner(), number)
	w.must(err)
	return l
}

func (w proposals) step(p *outpost, number string, s station.Step) station.Life {
	w.Helper()
	who := head
	if p == w.city {
		who = office
	}
	l, err := p.Take(who, w.life(p, number), s)
	if err != nil {
		w.Fatalf("%s at %s: %v", s.Action, p.code, err)
	}
	return l
}

// handed makes a suggestion of matters and hands it to a unit.
func (w proposals) handed(hard bool, matters ...string) station.Suggestion {
	w.Helper()
	s, err := w.city.AssignSuggestion(office, w.make("关于路灯的建议", matters...).ID(), []station.Undertaker{{Unit: "住建局"}}, hard)
	w.must(err)
	w.carry()
	return s
}

func (w proposals) reply(s station.Suggestion, text string) {
	w.Helper()
	_, err := w.city.ReplySuggestion(office, s.ID(), station.SuggestionReply{Text: text, Class: "A"})
	w.must(err)
	w.carry()
}

func (w proposals) notSatisfied(s station.Suggestion) {
	w.Helper()
	_, err := w.city.AppraiseSuggestion(office, s.ID(), station.Appraisal{Attitude: "bad", Outcome: "bad", Reason: "只是计划"})
	w.must(err)
	w.carry()
}

// answered expects both ends to tell the voter the same answer.
func (w proposals) answered(number string, state station.State, answer string, redone int) {
	w.Helper()
	for _, p := range []*outpost{w.city, w.one} {
		if l := w.life(p, number); l.State != state || l.Answer != answer || l.Redone != redone {
			w.Errorf("at %s the matter is %s, sent back %d times, with the answer %q; want %s, %d, %q", p.code, l.State.Code(), l.Redone, l.Answer, state.Code(), redone, answer)
		}
	}
}

const told17 = "17届4次第1号建议的答复:"

// A matter that was sent back with its suggestion and got an extension kept no
// answer at all when the second one came.
func TestTheSecondAnswerReachesAnExtendedMatter(t *testing.T) {
	w := newProposals(t)
	n := w.passed("proposal")
	s := w.handed(false, n)
	w.reply(s, "第一次答复")
	w.notSatisfied(s)
	w.step(w.city, n, station.Step{Action: station.DoAccept})
	w.step(w.city, n, station.Step{Action: station.DoExtend, Note: "要招标", Date: w.life(w.city, n).Due.AddDays(10)})
	w.reply(s, "第二次答复")
	w.answered(n, station.StReplied, told17+"第二次答复", 1)
}

// Where the voter had said 不满意 before the deputy did, the matter was neither
// sent back nor answered again.
func TestTheSecondAnswerReachesAVoterWhoWasNotSatisfied(t *testing.T) {
	w := newProposals(t)
	n, pleased := w.passed("proposal"), w.passed("proposal")
	s := w.handed(false, n, pleased)
	w.reply(s, "第一次答复")
	for m, word := range map[string]string{n: "bad", pleased: "good"} {
		w.step(w.one, m, station.Step{Action: station.DoFeedback, Means: "phone"})
		w.step(w.one, m, station.Step{Action: station.DoRate, Attitude: word, Outcome: word, Note: "说明"})
	}
	w.carry()
	w.notSatisfied(s)
	w.answered(n, station.StRedo, "", 1)
	w.answered(pleased, station.StRated, told17+"第一次答复", 0) // this voter has what was asked for
	w.reply(s, "第二次答复")
	w.answered(n, station.StReplied, told17+"第二次答复", 1)
	w.answered(pleased, station.StRated, told17+"第一次答复", 0)

	// Not satisfied for the second time it goes to a meeting, and stops nothing.
	w.step(w.one, n, station.Step{Action: station.DoFeedback, Means: "phone"})
	w.step(w.one, n, station.Step{Action: station.DoRate, Attitude: "bad", Outcome: "bad", Note: "还是没修"})
	w.carry()
	w.notSatisfied(s)
	w.answered(n, station.StRated, told17+"第二次答复", 1)
}

// A station that had entered the unit's paper and told the voter was given a
// line that the deputy was not satisfied, when the city entered the same reply.
func TestAPaperReplyIsNotTakenBackUnappraised(t *testing.T) {
	w := newProposals(t)
	n := w.passed("proposal")
	s := w.handed(false, n)
	w.step(w.one, n, station.Step{Action: station.DoReply, Text: "住建局书面答复:三月开工。", Class: "A"})
	w.step(w.one, n, station.Step{Action: station.DoFeedback, Means: "phone"})
	w.carry()
	w.reply(s, "三月开工。")
	w.reply(s, "三月开工。")
	w.answered(n, station.StFedBack, "住建局书面答复:三月开工。", 0)

	// After a word of the deputy's it is; and the second paper stands again.
	w.notSatisfied(s)
	w.answered(n, station.StRedo, "", 1)
	if l := w.life(w.one, n); l.Steps[len(l.Steps)-1].Note != "代表对建议的答复不满意:只是计划" {
		t.Errorf("sent back with %q", l.Steps[len(l.Steps)-1].Note)
	}
	w.step(w.city, n, station.Step{Action: station.DoAccept})
	w.carry()
	w.step(w.one, n, station.Step{Action: station.DoReply, Text: "书面:已开工。", Class: "A"})
	w.carry()
	w.reply(s, "已开工。")
	w.answered(n, station.StReplied, "书面:已开工。", 1)
}

// alike expects a suggestion and its matter to be at one unit by one clock, at
// both ends and in their lists.
func (w proposals) alike(s station.Suggestion, number string, due string) {
	w.Helper()
	if c := w.city.SuggestionClock(s); c.Due != date(due) {
		w.Errorf("the suggestion is due %s, want %s", c.Due, due)
	}
	for _, p := range []*outpost{w.city, w.one} {
		w.must(p.Warm())
		l := w.life(p, number)
		state, listed, _ := p.Standing(l.MatterID)
		if l.State != station.StSuggestion || state != l.State || l.Unit != "住建局" || l.Due != date(due) || listed != l.Due || l.HandleBy != l.Due || l.Assigned != s.Assigned || l.Lamp != station.LampOK {
			w.Errorf("at %s the matter is %s at %q since %s, due %s (listed as %s, %s), handle by %s, lamp %s; the suggestion is due %s",
				p.code, l.State.Code(), l.Unit, l.Assigned, l.Due, state.Code(), listed, l.HandleBy, l.Lamp.Text().EN, due)
		}
	}
}

// A matter that a unit had returned and that was then made a suggestion stayed
// at that unit by its clock, and counted as late when the suggestion was
// answered in time.
func TestAReturnedMatterGoesWithItsSuggestion(t *testing.T) {
	w := newProposals(t)
	in := lamp()
	in.Matters[0].Disposition = "city"
	n := w.receive(w.one, in).Number.Matter(1)
	w.carry()
	w.step(w.city, n, station.Step{Action: station.DoReview, Disposition: "city"})
	w.step(w.city, n, station.Step{Action: station.DoAssign, Unit: "供电公司", Hard: true})
	w.step(w.city, n, station.Step{Action: station.DoReturn, Note: "不归我"})
	l := w.step(w.city, n, station.Step{Action: station.DoSuggest, Gate: []string{"no", "no", "no", "no", "no", "no"}})
	w.carry()
	if at := w.life(w.one, n); l.Unit != "" || !l.Assigned.IsZero() || l.Hard || !l.HandleBy.IsZero() || at.Unit != "" || !at.Assigned.IsZero() || at.Returned != 1 {
		t.Errorf("it is at %q since %s, at the station at %q since %s", l.Unit, l.Assigned, at.Unit, at.Assigned)
	}
	*w.city.now = w.city.now.AddDate(0, 0, 20) // 13 December
	s := w.handed(false, n)
	w.alike(s, n, "2027-03-13")
	*w.city.now = w.city.now.AddDate(0, 0, 80)
	w.reply(s, "已列入计划")
	for _, p := range []*outpost{w.city, w.one} {
		if l := w.life(p, n); !l.InTime || l.HandleBy != date("2027-03-13") {
			t.Errorf("at %s: in time %v, by %s", p.code, l.InTime, l.HandleBy)
		}
	}
}

// A matter for a higher level (F) that became a suggestion which is broad or
// difficult had three months, and its suggestion six.
func TestAMatterForAboveHasItsSuggestionsClock(t *testing.T) {
	w := newProposals(t)
	n := w.passed("upper")
	s := w.handed(true, n)
	w.alike(s, n, "2027-05-23")
	*w.city.now = w.city.now.AddDate(0, 5, 0)
	w.reply(s, "已列入计划")
	for _, p := range []*outpost{w.city, w.one} {
		if l := w.life(p, n); !l.InTime || l.HandleBy != date("2027-05-23") || l.Disposition != "upper" {
			t.Errorf("at %s, %s: in time %v, by %s", p.code, l.Disposition, l.InTime, l.HandleBy)
		}
	}
}

// lacks counts what the supervisions still lack, by type, on a day.
func (w proposals) lacks(day string) map[string]int {
	w.Helper()
	gs, err := w.city.SuperviseGaps(office, date(day))
	w.must(err)
	out := map[string]int{}
	for _, g := range gs {
		out[g.Type]++
	}
	return out
}

// One suggestion that a committee picks three times is no three, and two
// hearings of one in a month are no two: what is asked for is suggestions.
func TestTheSupervisionsCountSuggestionsNotLines(t *testing.T) {
	w := newProposals(t)
	_, err := w.city.PutLeaders(office, []station.Leader{{Code: "L1", Name: "赵主任", Categories: []string{"1"}}})
	w.must(err)
	var all []station.Suggestion
	for _, title := range []string{"甲路修灯", "乙河治污", "丙桥加固"} {
		all = append(all, w.make(title))
	}
	did := func(day string, s station.Supervision) {
		t.Helper()
		s.On = date(day)
		w.must(w.city.Supervise(office, s))
	}
	want := func(what, day string, meeting, committee, unit, group int) {
		t.Helper()
		if got := w.lacks(day); got["meeting"] != meeting || got["committee"] != committee || got["unit"] != unit || got["group"] != group || got["leader"] != 0 {
			t.Errorf("%s: missing %v; want meeting %d, committee %d, unit %d, group %d", what, got, meeting, committee, unit, group)
		}
	}
	for range 3 {
		did("2026-07-02", station.Supervision{Act: "pick", Committee: "C1", Suggestion: all[0].ID()})
		did("2026-07-02", station.Supervision{Act: "hearing", Suggestion: all[0].ID()})
	}
	want("one suggestion three times", "2026-07-31", 1, 1, 0, 0)
	did("2026-07-03", station.Supervision{Act: "hearing", Suggestion: all[1].ID()})
	did("2026-07-03", station.Supervision{Act: "pick", Committee: "C1", Suggestion: all[1].ID()})
	want("two suggestions", "2026-07-31", 0, 1, 0, 0)
	did("2026-07-04", station.Supervision{Act: "pick", Committee: "C1", Suggestion: all[2].ID()})
	want("three suggestions", "2026-07-31", 0, 0, 0, 0)
	did("2026-08-05", station.Supervision{Act: "hearing", Suggestion: all[0].ID()})
	did("2026-08-06", station.Supervision{Act: "hearing", Suggestion: all[1].ID()}) // heard in July too
	want("each month by itself", "2026-08-31", 0, 0, 0, 0)

	for range 2 { // entered twice, it is still one unit and one group
		did("2026-08-07", station.Supervision{Act: "keyunit", Unit: "住建局", Leader: "L1"})
		did("2026-08-07", station.Supervision{Act: "keygroup", Group: "G1", Leader: "L1"})
	}
	want("a key unit and a key group", "2026-08-31", 0, 0, 1, 1)
	_, err = w.city.AssignSuggestion(office, all[0].ID(), []station.Undertaker{{Unit: "住建局"}, {Unit: "住建局", Role: "co"}}, false)
	w.must(err)
	if units, _, err := w.city.SuggestionCounts(office); err != nil || len(units) != 1 || units[0].N != 1 {
		t.Errorf("a unit with two parts in one suggestion: %v, %v", units, err)
	}
}

// A leader of its own who has left no longer leads: the one of the portfolio
// does, and where there is none that is a gap.
func TestAnEndedLeaderLeadsNoSuggestion(t *testing.T) {
	w := newProposals(t)
	leaders := []station.Leader{{Code: "L1", Name: "刘主任"}, {Code: "L2", Name: "钱副主任", Categories: []string{"1"}}}
	put := func() {
		t.Helper()
		_, err := w.city.PutLeaders(office, leaders)
		w.must(err)
	}
	put()
	s, err := w.city.LeadSuggestion(office, w.make("甲路修灯").ID(), "L1")
	w.must(err)
	want := func(code string, gaps int) {
		t.Helper()
		w.carry()
		for _, p := range []*outpost{w.city, w.one} {
			if got := p.SuperLeader(s); got != code {
				t.Errorf("at %s it is led by %q, want %q", p.code, got, code)
			}
		}
		if got := w.lacks("2026-06-30")["leader"]; got != gaps {
			t.Errorf("%d lack a leader, want %d", got, gaps)
		}
	}
	want("L1", 0)
	leaders[0].Ended = true
	put()
	want("L2", 0)
	leaders[1].Ended = true
	put()
	want("", 1)
	leaders[0].Ended = false
	put()
	want("L1", 0)
	leaders[0].Ended = true
	put()
	_, err = w.city.LeadSuggestion(office, w.make("乙河治污").ID(), "L1")
	problem(t, err, "leader-ended")
}

// An office that was restored enters a lost suggestion once more, from the same
// voter's matter: the matter is in one of the two, and the other's answer is not
// told to the voter. When the one is withdrawn, it is in the other.
func TestAMatterInTwoSuggestionsOfOneNumberIsInOne(t *testing.T) {
	w := newProposals(t)
	n := w.passed("proposal")
	copied := w.copied()
	w.handed(false, n)
	w.restored(copied)
	second := w.make("关于路灯的建议(重新录入)", n)
	w.sentBack()
	w.carry()
	all, err := w.city.Suggestions(office)
	w.must(err)
	if len(all) != 2 || !all[0].Shared() || all[1].ID() != second.ID() {
		t.Fatalf("there are %+v", all)
	}
	first := all[0]
	in := func(s station.Suggestion, unit string) {
		t.Helper()
		for _, p := range []*outpost{w.city, w.one} {
			if l := w.life(p, n); l.Suggestion != s.ID() || l.Unit != unit {
				t.Errorf("at %s the matter is in %q at %q, want %s at %q", p.code, l.Suggestion, l.Unit, s.ID(), unit)
			}
		}
	}
	in(second, "")
	w.reply(first, "已装灯")
	w.answered(n, station.StSuggestion, "", 0)
	_, err = w.city.WithdrawSuggestion(office, second.ID(), "恢复备份后重复录入")
	w.must(err)
	w.carry()
	in(first, "住建局")
	w.reply(first, "已装灯") // the same once more brings it to the matter
	w.answered(n, station.StReplied, told17+"已装灯", 0)
}
