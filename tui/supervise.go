package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// superviseAsks is which fields each act of the five supervisions has.
var superviseAsks = map[string][]string{
	"hearing":  {"suggestion", "meeting", "unit", "finding", "demand", "due"},
	"pick":     {"committee", "suggestion", "reason"},
	"keyunit":  {"unit", "leader", "reason"},
	"meetup":   {"unit", "deputies", "finding"},
	"keygroup": {"group", "leader", "reason"},
	"track":    {"group", "suggestion", "deputies", "form", "finding", "demand", "due"},
	"log":      {"type", "suggestion", "leader", "committee", "form", "finding", "demand", "due"},
}

// superviseFields are all of them, in the order of the form.
var superviseFields = []string{"type", "suggestion", "committee", "group", "unit", "leader", "meeting", "deputies", "form", "finding", "demand", "due", "reason"}

// openSupervise opens the form of one act, filled with what is known of it.
func (e *env) openSupervise(fill station.Supervision, all []station.Suggestion) tea.Cmd {
	return e.atOnce(openMsg{newEntry(entry{draft: "supervise-" + fill.Act + "-" + string(fill.Suggestion) + fill.Committee + fill.Group, title: wSupervision, hint: wSuperviseHint,
		make:   func(e *env) []form.Row { return askSupervise(e, fill, all) },
		follow: followSupervise, save: saveSupervise})})
}

func askSupervise(e *env, fill station.Supervision, all []station.Suggestion) []form.Row {
	act := fill.Act
	if act == "" {
		act = "log"
	}
	forms := append(station.Terms{{Code: "", Key: "0", Text: wNotSaid.text()}}, station.SuperviseForms...)
	pick := func(c form.PickConfig, v string) form.Field {
		f := form.NewPick(c)
		f.SetValue(v)
		return f
	}
	day := form.NewText(form.TextConfig{ID: "on", Label: e.word(wDay), Placeholder: e.word(wSuperviseDayHint), Limit: 20, Fold: cell.Fold,
		Rule: rule(e, func(v string) (string, error) { d, err := e.anyDay(v); return d.String(), err })})
	return append([]form.Row{{form.In(choice(e, "act", wActHead, station.SuperviseActs, act), 0)}},
		lines(day, choice(e, "type", wSupervisedBy, station.SuperviseTypes, cmp.Or(fill.Type, "leader")),
			pick(suggestionPick(e, all), string(fill.Suggestion)), pick(e.committeePick("committee", wCommittee), fill.Committee),
			pick(e.groupPick("group", wGroup), fill.Group), pick(e.unitPick("unit", wUnit, ""), fill.Unit), pick(e.leaderPick("leader", wSuperLeader), fill.Leader),
			e.textField("meeting", wDirectorMeeting, wDirectorMeetingHint, nil), form.NewMultiPick(e.deputyPick("deputies", wDeputies, nil)),
			choice(e, "form", wSuperviseForm, forms, ""), e.areaField("finding", wFinding, 2, 4, nil), e.areaField("demand", wDemand, 1, 3, nil),
			e.comingDay("due", wDueBy, wOptional), e.textField("reason", wRefuse, wOptional, nil))...)
}

// anyDay reads a day as people type it, over or to come, whichever is nearer: a
// meeting may be entered after it was held, or as a date to attend.
func (e *env) anyDay(v string) (typed.Date, error) {
	today := e.desk.Today()
	past, err1 := typed.ParseDate(v, today)
	coming, err2 := typed.ComingDate(v, today)
	switch {
	case err1 != nil && err2 != nil:
		return typed.Date{}, err1
	case err2 != nil, err1 == nil && today.DaysSince(past) <= coming.DaysSince(today):
		return past, nil
	}
	return coming, nil
}

// followSupervise shows the fields of the act that is chosen.
func followSupervise(f *form.Form) {
	asks := superviseAsks[f.Value("act")]
	for _, id := range superviseFields {
		f.Hide(id, !slices.Contains(asks, id))
	}
}

func saveSupervise(e *env, f *form.Form) func() (func() string, error) {
	asks := superviseAsks[f.Value("act")]
	v := func(id string) string { // what was typed for another act is left out
		if !slices.Contains(asks, id) {
			return ""
		}
		return f.Value(id)
	}
	s := station.Supervision{Act: f.Value("act"), Type: v("type"), Suggestion: ledger.ID(v("suggestion")), Meeting: v("meeting"), Leader: v("leader"), Committee: v("committee"),
		Unit: v("unit"), Group: v("group"), Form: v("form"), Finding: v("finding"), Demand: v("demand"), Reason: v("reason")}
	s.On, _ = e.anyDay(f.Value("on")) // the fields' rules have read them already
	s.Due, _ = typed.ComingDate(v("due"), e.desk.Today())
	if codes := v("deputies"); codes != "" {
		s.Deputies = strings.Split(codes, ",")
	}
	desk, who := e.desk, e.who
	return func() (func() string, error) {
		err := desk.Supervise(who, s)
		return func() string {
			return e.word(wSupervised, e.term(station.SuperviseActs, s.Act))
		}, err
	}
}

// suggestionPick picks a suggestion by number or by words of its title.
func suggestionPick(e *env, all []station.Suggestion) form.PickConfig {
	option := func(s station.Suggestion) form.Option {
		return form.Option{Value: string(s.ID()), Label: s.Code(), Hint: e.show(s.Title)}
	}
	return form.PickConfig{ID: "suggestion", Label: e.word(wSuggestion), Placeholder: e.word(wSuggestionPickHint),
		Source: func(q string) []form.Option {
			q = cell.Fold(strings.TrimSpace(q))
			var out []form.Option
			for _, s := range all {
				if s.Withdrawn == "" && (strings.Contains(s.Code(), q) || strings.Contains(s.Title, q)) {
					out = append(out, option(s))
				}
			}
			return out
		},
		Find: func(id string) (form.Option, bool) {
			for _, s := range all {
				if string(s.ID()) == id {
					return option(s), true
				}
			}
			return form.Option{Value: id, Label: id}, id != ""
		}}
}
