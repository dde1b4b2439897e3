package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// A suggestAct is one thing the city office does about a suggestion.
type suggestAct struct {
	id    string
	text  station.Text
	usual station.SuggestionState // in which it is the next thing to do
	in    func(station.Suggestion) bool
	hint  word
	ask   func(*env, station.Suggestion) []form.Row
	// do reads the form and returns the work.
	do func(*env, station.Suggestion, *form.Form) func() (station.Suggestion, error)
}

func sgIs(states ...station.SuggestionState) func(station.Suggestion) bool {
	return func(s station.Suggestion) bool {
		for _, st := range states {
			if s.State() == st {
				return true
			}
		}
		return false
	}
}

// suggestActs is the table, in the order in which they are offered.
var suggestActs = []suggestAct{
	{id: "assign", text: station.Text{ZH: "交办", EN: "Assign"}, usual: station.SgOpen, in: sgIs(station.SgOpen, station.SgAssigned), hint: wAssignHint, ask: askAssign, do: doAssign},
	{id: "reply", text: station.Text{ZH: "录入答复", EN: "Enter reply"}, usual: station.SgAssigned, in: sgIs(station.SgAssigned), hint: wUnitReplyHint, ask: askReply, do: doReply},
	{id: "appraise", text: station.Text{ZH: "代表评价", EN: "Appraise"}, usual: station.SgReplied, in: sgIs(station.SgReplied), hint: wAppraiseHint, ask: askAppraise, do: doAppraise},
	{id: "meet", text: station.Text{ZH: "会商结论", EN: "Meeting"}, usual: station.SgMeeting, in: sgIs(station.SgMeeting), hint: wMeetHint,
		ask: func(e *env, _ station.Suggestion) []form.Row {
			return lines(e.areaField("said", wStepText, 3, 6, required(e)))
		},
		do: func(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
			desk, who, said := e.desk, e.who, f.Value("said")
			return func() (station.Suggestion, error) { return desk.MeetSuggestion(who, s.ID(), said) }
		}},
	{id: "key", text: station.Text{ZH: "重点建议", EN: "Key mark"}, in: sgIs(station.SgOpen, station.SgAssigned, station.SgReplied, station.SgAppraised), hint: wKeyHint,
		ask: func(e *env, s station.Suggestion) []form.Row {
			f := e.textField("key", wKeyMark, wKeyWhyHint, nil)
			f.SetValue(s.Key)
			return lines(f)
		},
		do: func(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
			desk, who, why := e.desk, e.who, f.Value("key")
			return func() (station.Suggestion, error) { return desk.MarkSuggestion(who, s.ID(), why) }
		}},
	{id: "leader", text: station.Text{ZH: "领衔督办", EN: "Leader"}, in: sgIs(station.SgOpen, station.SgAssigned, station.SgReplied, station.SgAppraised), hint: wLeaderHint,
		ask: func(e *env, s station.Suggestion) []form.Row {
			f := form.NewPick(e.leaderPick("leader", wSuperLeader))
			f.SetValue(s.Leader)
			return lines(f)
		},
		do: func(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
			desk, who, leader := e.desk, e.who, f.Value("leader")
			return func() (station.Suggestion, error) { return desk.LeadSuggestion(who, s.ID(), leader) }
		}},
	{id: "agree", text: station.Text{ZH: "代表联名", EN: "Co-signer"}, in: sgIs(station.SgOpen, station.SgAssigned), hint: wAgreeHint,
		ask: func(e *env, s station.Suggestion) []form.Row {
			pick := e.deputyPick("co", wCoSigner, func() (out []string) {
				for _, c := range s.Co {
					if !c.Agreed {
						out = append(out, c.Deputy)
					}
				}
				return out
			})
			pick.Rule = required(e)
			return lines(form.NewPick(pick))
		},
		do: func(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
			desk, who, deputy := e.desk, e.who, f.Value("co")
			return func() (station.Suggestion, error) { return desk.AgreeSuggestion(who, s.ID(), deputy) }
		}},
	{id: "renumber", text: station.Text{ZH: "改号", EN: "Renumber"}, in: func(s station.Suggestion) bool { return s.Shared() && s.Withdrawn == "" }, hint: wRenumberHint,
		ask: func(e *env, _ station.Suggestion) []form.Row {
			return lines(e.textField("why", wRefuse, wRenumberWhy, required(e)))
		},
		do: func(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
			desk, who, why := e.desk, e.who, f.Value("why")
			return func() (station.Suggestion, error) { return desk.RenumberSuggestion(who, s.ID(), why) }
		}},
	{id: "withdraw", text: station.Text{ZH: "撤回", EN: "Withdraw"}, in: func(s station.Suggestion) bool {
		return s.Reply == nil && s.Before == nil && sgIs(station.SgOpen, station.SgAssigned)(s)
	}, hint: wWithdrawHint,
		ask: func(e *env, _ station.Suggestion) []form.Row {
			return lines(e.textField("why", wRefuse, wWithdrawHint, required(e)))
		},
		do: func(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
			desk, who, why := e.desk, e.who, f.Value("why")
			return func() (station.Suggestion, error) { return desk.WithdrawSuggestion(who, s.ID(), why) }
		}},
}

// suggestActsFor are those that may be done now, the usual one first.
func (e *env) suggestActsFor(s station.Suggestion) []suggestAct {
	if !e.desk.AtCity() || !e.who.May(station.RightRules) {
		return nil
	}
	var usual, out []suggestAct
	for _, a := range suggestActs {
		switch {
		case !a.in(s):
		case a.usual == s.State():
			usual = append(usual, a)
		default:
			out = append(out, a)
		}
	}
	return append(usual, out...)
}

// open shows the act's form.
func (a suggestAct) open(e *env, s station.Suggestion) tea.Cmd {
	return e.atOnce(openMsg{newEntry(entry{draft: "suggest-" + a.id + "-" + string(s.ID()), title: wSuggestions, head: e.text(a.text) + "   " + s.Code() + " " + s.Title, hint: a.hint,
		make: func(e *env) []form.Row { return a.ask(e, s) },
		save: func(e *env, f *form.Form) func() (func() string, error) {
			do := a.do(e, s, f)
			return func() (func() string, error) {
				now, err := do()
				return func() string { return e.suggestDone(a, now) }, err
			}
		}})})
}

// suggestDone says what an act has led to.
func (e *env) suggestDone(a suggestAct, s station.Suggestion) string {
	text := e.word(wStepDone, s.Code()+" "+e.text(a.text), e.text(s.State().Text()))
	if c := e.desk.SuggestionClock(s); !c.Due.IsZero() {
		text += "   " + e.word(wStepDue, e.text(station.Timers.Label(string(c.Timer))), c.Due.String())
	}
	return text
}

// askAssign asks for the units; those that such suggestions usually go to are
// offered first.
func askAssign(e *env, s station.Suggestion) []form.Row {
	lead := e.unitPick("units", wLeadUnit, s.Category)
	lead.Rule = required(e)
	main, co, apart := form.NewPick(lead), form.NewMultiPick(e.unitPick("co", wCoUnits, "")), form.NewMultiPick(e.unitPick("apart", wApartUnits, ""))
	var cos, aparts []string
	for _, u := range s.Units {
		switch u.Role {
		case "lead":
			main.SetValue(u.Unit)
		case "co":
			cos = append(cos, u.Unit)
		default:
			aparts = append(aparts, u.Unit)
		}
	}
	co.SetValue(strings.Join(cos, ","))
	apart.SetValue(strings.Join(aparts, ","))
	hard := "no"
	if s.Hard {
		hard = "yes"
	}
	if us := e.desk.UnitsFor(s.Category); len(s.Units) == 0 && len(us) > 0 {
		main.SetValue(us[0].Code)
	}
	return lines(main, co, apart, choice(e, "hard", wDifficulty, hards, hard))
}

// hards: how long the law gives.
var hards = station.Terms{
	{Code: "no", Key: "0", Text: station.Text{ZH: "一般(三个月)", EN: "Ordinary (three months)"}},
	{Code: "yes", Key: "1", Text: station.Text{ZH: "涉及面广、难度大(六个月)", EN: "Broad or difficult (six months)"}},
}

func doAssign(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
	desk, who, hard := e.desk, e.who, f.Value("hard") == "yes"
	units := []station.Undertaker{{Unit: f.Value("units"), Role: "lead"}}
	for role, id := range map[string]string{"co": "co", "separate": "apart"} {
		for u := range strings.SplitSeq(f.Value(id), ",") {
			if u != "" {
				units = append(units, station.Undertaker{Unit: u, Role: role})
			}
		}
	}
	return func() (station.Suggestion, error) { return desk.AssignSuggestion(who, s.ID(), units, hard) }
}

func askReply(e *env, _ station.Suggestion) []form.Row {
	rows := lines(e.areaField("text", wReply, 4, 8, required(e)), e.classChoice(), e.comingDay("date", wPromiseDay, wPromiseHint))
	return append(rows,
		form.Row{form.In(e.textField("doc", wDoc, wDocHint, nil), 40), form.In(e.textField("signer", wSigner, wOptional, nil), 0)},
		form.Row{form.In(choice(e, "met", wMetDeputy, yesNos, "no"), 0)})
}

// yesNos is a plain question.
var yesNos = station.Terms{{Code: "no", Key: "0", Text: wNo.text()}, {Code: "yes", Key: "1", Text: wYes.text()}}

func doReply(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
	desk, who, v := e.desk, e.who, f.Value
	r := station.SuggestionReply{Doc: v("doc"), Signer: v("signer"), Text: v("text"), Class: v("class"), Met: v("met") == "yes"}
	r.Promise, _ = typed.ComingDate(v("date"), e.desk.Today()) // the field's rule has read it already
	return func() (station.Suggestion, error) { return desk.ReplySuggestion(who, s.ID(), r) }
}

func askAppraise(e *env, _ station.Suggestion) []form.Row {
	return lines(choice(e, "attitude", wAttitude, station.Satisfactions, "good"), choice(e, "outcome", wOutcome, station.Satisfactions, "good"),
		e.areaField("reason", wWhyBad, 2, 4, nil))
}

func doAppraise(e *env, s station.Suggestion, f *form.Form) func() (station.Suggestion, error) {
	desk, who := e.desk, e.who
	a := station.Appraisal{Attitude: f.Value("attitude"), Outcome: f.Value("outcome"), Reason: f.Value("reason")}
	return func() (station.Suggestion, error) { return desk.AppraiseSuggestion(who, s.ID(), a) }
}

// newSuggestion opens the form of a suggestion: of its own, or from the voters'
// matters that have passed the gate (转代表建议).
func (e *env) newSuggestion(last station.Suggestion, from []station.Life, chosen bool) tea.Cmd {
	x := entry{draft: "suggestion", title: wNewSuggestion, hint: wNewSuggestionHint, make: func(e *env) []form.Row { return askSuggestion(e, last, from, chosen) }, save: saveSuggestion}
	if chosen {
		x.draft += "-" + string(from[0].MatterID)
	}
	return e.atOnce(openMsg{newEntry(x)})
}

func askSuggestion(e *env, last station.Suggestion, from []station.Life, chosen bool) []form.Row {
	count := func(id string, label word, n int) form.Field {
		f := number(e, id, label, wNumberHint, wNumberRange, 1, 99)
		if n > 0 {
			f.SetValue(itoa(n))
		}
		return f
	}
	lead := e.deputyPick("lead", wLeadDeputy, nil)
	lead.Rule = required(e)
	sort := e.finePick()
	sort.Rule = required(e)
	title, body, category := e.textField("title", wSuggestionTitle, wSuggestionTitleHint, required(e)), e.areaField("body", wSuggestionBody, 5, 8, required(e)), form.NewPick(sort)
	matters, leader := form.NewMultiPick(matterPick(e, from)), form.NewPick(lead)
	if chosen {
		l := from[0]
		if !l.Secret { // who asked for confidence is not quoted to every station
			body.SetValue(l.Content)
		}
		category.SetValue(l.Category)
		matters.SetValue(l.Number)
		if l.Deputy != "" {
			leader.SetValue(l.Deputy)
		}
	}
	period := "between"
	if last.Period != "" {
		period = last.Period
	}
	return append([]form.Row{
		{form.In(count("term", wTermNo, last.Term), 16), form.In(count("meeting", wMeetingNo, last.Meeting), 16), form.In(choice(e, "period", wPeriod, station.Periods, period), 0)}},
		lines(title, body, category, leader, form.NewMultiPick(e.deputyPick("co", wCoSigners, nil)), matters)...)
}

// matterPick picks among the voters' matters that wait to become one.
func matterPick(e *env, from []station.Life) form.PickConfig {
	option := func(l station.Life) form.Option {
		return form.Option{Value: l.Number, Label: l.Number, Hint: e.show(l.Title)}
	}
	return form.PickConfig{ID: "matters", Label: e.word(wFromMatters), Placeholder: e.word(wFromMattersHint),
		Source: func(q string) []form.Option {
			q = strings.ToUpper(cell.Fold(strings.TrimSpace(q)))
			var out []form.Option
			for _, l := range from {
				if strings.Contains(l.Number, q) || strings.Contains(l.Title, q) {
					out = append(out, option(l))
				}
			}
			return out
		},
		Find: func(n string) (form.Option, bool) {
			for _, l := range from {
				if l.Number == n {
					return option(l), true
				}
			}
			return form.Option{Value: n, Label: n}, n != ""
		}}
}

func saveSuggestion(e *env, f *form.Form) func() (func() string, error) {
	v := f.Value
	s := station.Suggestion{Period: v("period"), Title: v("title"), Body: v("body"), Lead: v("lead"), Category: v("category")}
	s.Term, _ = strconv.Atoi(v("term")) // the fields' rules have read both; empty is asked for by the desk
	s.Meeting, _ = strconv.Atoi(v("meeting"))
	for c := range strings.SplitSeq(v("co"), ",") {
		if c != "" {
			s.Co = append(s.Co, station.CoDeputy{Deputy: c})
		}
	}
	for n := range strings.SplitSeq(v("matters"), ",") {
		if n != "" {
			s.Matters = append(s.Matters, n)
		}
	}
	desk, who := e.desk, e.who
	return func() (func() string, error) {
		now, err := desk.NewSuggestion(who, s)
		return func() string { return e.word(wSuggestionMade, string(now.ID()), e.text(now.Number())) }, err
	}
}
