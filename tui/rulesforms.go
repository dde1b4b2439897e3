package tui

import (
	"strconv"
	"strings"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// newLimit begins a new limit with what the marked one says but for how long;
// like may be nil.
func (p *rulesPage) newLimit(e *env, like *station.Limit) *recordPage[station.Limit] {
	begin := station.Limit{Timer: station.TimerHandle, Disposition: "village", Unit: station.WorkingDays, Warn: 2}
	if like != nil {
		begin = *like
	}
	begin.Code, begin.From, begin.Count = "", typed.Date{}, -1
	r := newRecord(limitRecord(), nil, func(code string) { p.want = "limit " + code })
	r.shape = begin
	return r
}

// yesNoChoice is a field for a yes or a no.
func (e *env) yesNoChoice(id string, label word) *form.Choice {
	return choice(e, id, label, station.Terms{{Code: "no", Key: "0", Text: wNo.text()}, {Code: "yes", Key: "1", Text: wYes.text()}}, "no")
}

// yesNoOf is what such a field holds.
func yesNoOf(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// numberLine is a field for a whole number.
func (e *env) numberLine(id string, label, hint word) form.Field {
	return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint), Limit: 5, Fold: cell.Fold, Rule: func(v string) (string, string) {
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err != nil || n < 0 {
			return v, e.word(wNumberWrong)
		}
		return strings.TrimSpace(v), ""
	}})
}

// fromLine is a field for the day from which a rule holds.
func (e *env) fromLine() form.Item {
	parse := rule(e, func(v string) (string, error) {
		d, err := typed.ComingDate(v, e.desk.Today())
		return d.String(), err
	})
	return form.In(form.NewText(form.TextConfig{ID: "from", Label: e.word(wForceFrom), Placeholder: e.word(wForceFromHint), Limit: 20, Fold: cell.Fold, Rule: func(v string) (string, string) {
		if strings.TrimSpace(v) == "" {
			return v, e.word(wRequired)
		}
		return parse(v)
	}}), 0)
}

// limitRecord adds a limit with the day from which it holds, or changes one
// that is not in force yet: how long, not of what.
func limitRecord() recordKind[station.Limit] {
	type T = station.Limit
	return recordKind[T]{kind: string(station.KindLimit), fresh: wNewLimit, change: wChangeLimit, hint: wLimitHint,
		fields: func(e *env, _ T, fresh bool) []form.Row {
			of := append(station.Terms{{Code: "", Key: "0", Text: wAllOf.text()}}, station.Dispositions...)
			rows := []form.Row{{form.In(e.numberLine("count", wHowLong, wNeeded), 22), form.In(choice(e, "unit", wCountedIn, station.Units, ""), 24), form.In(e.numberLine("warn", wWarnBefore, wNeeded), 0)},
				{e.fromLine()}}
			if fresh {
				rows = append([]form.Row{{form.In(choice(e, "timer", wTimer, station.Timers, ""), 38), form.In(choice(e, "disposition", wDisposition, of, ""), 0)},
					{form.In(e.yesNoChoice("hard", wHardOnly), 0)}}, rows...)
			}
			return rows
		},
		values: func(v T) map[string]string {
			return map[string]string{"timer": string(v.Timer), "disposition": v.Disposition, "hard": yesNoOf(v.Hard), "count": numberOf(v.Count),
				"unit": string(v.Unit), "warn": itoa(v.Warn), "from": v.From.String()}
		},
		typed: func(e *env, v T, get func(string) string) T {
			if get("timer") != "" {
				v.Timer, v.Disposition = station.Timer(get("timer")), get("disposition")
				v.Hard = get("hard") == "yes" && v.Disposition == "proposal"
			}
			v.Count, v.Warn = wholeNumber(get("count")), wholeNumber(get("warn"))
			v.Unit = station.Unit(get("unit"))
			v.From, _ = typed.ComingDate(get("from"), e.desk.Today()) // the field's rule has read it already
			return v
		},
		follow: func(f *form.Form) { f.Hide("hard", f.Value("disposition") != "proposal") },
		sure: func(e *env, v T) string {
			w := wLimitSure
			if v.From.Before(e.desk.Today()) {
				w = wLimitSurePast
			}
			return e.word(w, v.From.String(), e.limitName(v), e.text(v.Text()))
		},
		save: (*station.Desk).ChangeLimit,
		code: func(v T) string { return v.Code },
		name: func(e *env, v T) string { return e.limitName(v) }}
}

// limitName is a limit without its length.
func (e *env) limitName(l station.Limit) string {
	return e.text(station.Timers.Label(string(l.Timer))) + " · " + e.limitOf(l)
}

// numberOf is a number as a field holds it; -1 is none yet.
func numberOf(n int) string {
	if n < 0 {
		return ""
	}
	return itoa(n)
}

// wholeNumber reads what a numberLine has let through.
func wholeNumber(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return -1 // the desk refuses it
	}
	return n
}

// newClass begins a class: of the scheme that is ahead, else of the present
// one.
func (p *rulesPage) newClass(e *env) *recordPage[station.ResultClass] {
	begin := station.ResultClass{Scheme: 1}
	for _, c := range e.desk.AllResultClasses() {
		if e.desk.ClassForce(c) != station.Past {
			begin.Scheme = c.Scheme
			if from := e.desk.ClassFrom(c); from.After(e.desk.Today()) {
				begin.From = from
			}
		}
	}
	r := newRecord(classRecord(), nil, func(code string) { p.want = "class " + code })
	r.shape = begin
	return r
}

// schemes are those to which a class may be added, and a new one.
func schemes(e *env) station.Terms {
	var out station.Terms
	highest := 0
	for _, c := range e.desk.AllResultClasses() {
		n := itoa(c.Scheme)
		if _, have := out.Find(n); !have && e.desk.ClassForce(c) != station.Past {
			out = append(out, station.Term{Code: n, Key: n, Text: wScheme.with(c.Scheme)})
		}
		highest = max(highest, c.Scheme)
	}
	n := itoa(highest + 1)
	return append(out, station.Term{Code: n, Key: n, Text: wNewScheme.with(highest + 1)})
}

// classRecord adds a result class, or changes one that is not in force yet.
func classRecord() recordKind[station.ResultClass] {
	type T = station.ResultClass
	return recordKind[T]{kind: string(station.KindResultClass), fresh: wNewClass, change: wChangeClass, hint: wClassHint,
		fields: func(e *env, _ T, fresh bool) []form.Row {
			rows := []form.Row{{form.In(e.textLine("label", wClassLabel, wNeeded, 100, required(e)), 0)}, {form.In(e.textLine("label_en", wClassLabelEN, wOptional, 100, nil), 0)},
				{form.In(e.yesNoChoice("done", wCountsDone), 38), form.In(e.yesNoChoice("follow", wNeedsPromise), 0)}, {e.fromLine()}}
			if fresh {
				class := form.NewText(form.TextConfig{ID: "class", Label: e.word(wClassLetter), Placeholder: e.word(wClassLetterHint), Limit: 4, Rule: required(e),
					Fold: func(s string) string { return strings.ToUpper(cell.Fold(s)) }})
				rows = append([]form.Row{{form.In(choice(e, "scheme", wSchemeOf, schemes(e), ""), 38), form.In(class, 0)}}, rows...)
			}
			return rows
		},
		values: func(v T) map[string]string {
			return map[string]string{"scheme": itoa(v.Scheme), "class": v.Class, "label": v.Label, "label_en": v.LabelEN, "done": yesNoOf(v.CountsDone),
				"follow": yesNoOf(v.NeedsFollowUp), "from": v.From.String()}
		},
		typed: func(e *env, v T, get func(string) string) T {
			if get("class") != "" {
				v.Scheme, v.Class = wholeNumber(get("scheme")), get("class")
			}
			v.Label, v.LabelEN, v.CountsDone, v.NeedsFollowUp = get("label"), get("label_en"), get("done") == "yes", get("follow") == "yes"
			v.From, _ = typed.ComingDate(get("from"), e.desk.Today()) // the field's rule has read it already
			return v
		},
		sure: func(e *env, v T) string {
			for _, c := range e.desk.AllResultClasses() {
				if c.Scheme == v.Scheme {
					return ""
				}
			}
			return e.word(wSchemeSure, v.Scheme, v.From.String())
		},
		save: (*station.Desk).ChangeResultClass,
		code: func(v T) string { return v.Code },
		name: func(e *env, v T) string { return e.text(v.Text()) }}
}
