package tui

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/pinyin"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// deputyRecord changes a deputy: who it is, and the seats at each level, each
// in rows of its own whose fields bear its number.
func deputyRecord() recordKind[station.Deputy] {
	type T = station.Deputy
	return recordKind[T]{kind: string(station.KindDeputy), fresh: wNewDeputy, change: wChangeDeputy, hint: wRecordHint, fields: deputyFields,
		values: func(v T) map[string]string {
			out := map[string]string{"code": v.Code, "name": v.Name, "sex": v.Sex, "post": v.Post, "phone": v.Phone, "cert": v.CertNo}
			for i, m := range v.Mandates {
				n := itoa(i)
				out["level"+n], out["term"+n], out["constituency"+n], out["group"+n] = m.Level, m.Term, m.Constituency, m.Group
				out["from"+n], out["to"+n], out["end"+n] = m.From.String(), m.To.String(), m.EndReason
			}
			return out
		},
		typed: typedDeputy,
		more: func(v T) (T, string) {
			n := seats(v)
			v.Mandates = append(slices.Clone(v.Mandates), make([]station.Mandate, n+1-len(v.Mandates))...)
			return v, "level" + itoa(n)
		},
		held: (*station.Desk).Deputy, save: (*station.Desk).ChangeDeputy, leave: leaveSeats,
		code: func(v T) string { return v.Code },
		name: func(_ *env, v T) string { return v.Name }}
}

// seats is how many seats the form has room for.
func seats(v station.Deputy) int { return max(1, len(v.Mandates)) }

func deputyFields(e *env, v station.Deputy, fresh bool) []form.Row {
	phone := form.NewText(form.TextConfig{ID: "phone", Label: e.word(wPhone), Placeholder: e.word(wOptional), Limit: 40, Fold: cell.Fold,
		Rule: rule(e, func(s string) (string, error) { return typed.Phone(s, "") })})
	rows := []form.Row{e.codeRow(fresh, wName),
		{form.In(choice(e, "sex", wSex, station.Sexes, ""), 30), form.In(phone, 0)},
		{form.In(e.textLine("post", wPost, wOptional, 200, nil), 0)}, {form.In(e.textLine("cert", wCert, wOptional, 40, nil), 0)}}
	for i := range seats(v) {
		n := itoa(i)
		line := func(id string, label word) form.Item {
			return form.In(e.textLine(id+n, label, wOptional, 100, nil), 0)
		}
		rows = append(rows, form.Row{},
			form.Row{form.In(e.textLine("level"+n, wLevel, wLevelHint, 20, nil), 30), line("term", wTermOf)},
			form.Row{line("constituency", wConstituency)}, form.Row{line("group", wGroup)},
			form.Row{form.In(e.monthLine("from"+n, wSeatFrom, false), 30), form.In(e.monthLine("to"+n, wSeatTo, true), 0)},
			form.Row{form.In(e.reasonPick("end"+n), 0)})
	}
	return rows
}

// monthLine is a field for a day of a roster, for which a month will do.
func (e *env) monthLine(id string, label word, end bool) form.Field {
	return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(wMonthHint), Limit: 20, Fold: cell.Fold,
		Rule: rule(e, func(s string) (string, error) {
			d, err := typed.Month(s, e.desk.Today(), end)
			return d.String(), err
		})})
}

// reasonPick is a field for why a seat ended: those that the law names are
// offered, another may be typed.
func (e *env) reasonPick(id string) form.Field {
	return form.NewPick(form.PickConfig{ID: id, Label: e.word(wSeatEnd), Placeholder: e.word(wSeatEndHint), Free: true, Rows: 8,
		Source: func(q string) []form.Option {
			var out []form.Option
			for _, t := range station.EndReasons {
				_, hit := pinyin.Match(q, t.ZH)
				if hit || strings.Contains(t.Code+strings.ToLower(t.EN), strings.ToLower(q)) {
					out = append(out, form.Option{Value: t.Code, Label: e.text(t.Text)})
				}
			}
			return out
		},
		Find: func(v string) (form.Option, bool) {
			return form.Option{Value: v, Label: e.text(station.EndReasons.Label(v))}, true
		}})
}

func typedDeputy(e *env, v station.Deputy, get func(string) string) station.Deputy {
	n := seats(v)
	v.Code, v.Name, v.Sex, v.Post, v.Phone, v.CertNo = cmp.Or(get("code"), v.Code), get("name"), get("sex"), get("post"), get("phone"), get("cert")
	v.Mandates = nil
	day := func(id string, end bool) typed.Date {
		d, _ := typed.Month(get(id), e.desk.Today(), end) // the field's rule has read it already
		return d
	}
	for i := range n {
		s := itoa(i)
		m := station.Mandate{Level: get("level" + s), Term: get("term" + s), Constituency: get("constituency" + s), Group: get("group" + s),
			From: day("from"+s, false), To: day("to"+s, true), EndReason: get("end" + s)}
		if m != (station.Mandate{}) {
			v.Mandates = append(v.Mandates, m)
		}
	}
	return v
}

// mandate is a seat in words.
func (e *env) mandate(m station.Mandate) string {
	var parts []string
	for _, s := range []string{m.Level, m.Term, m.Constituency, m.Group} {
		if s != "" {
			parts = append(parts, e.show(s))
		}
	}
	if !m.From.IsZero() || !m.To.IsZero() {
		parts = append(parts, known(m.From)+" "+e.th.Glyphs.Range+" "+known(m.To))
	}
	if m.EndReason != "" {
		parts = append(parts, e.show(e.text(station.EndReasons.Label(m.EndReason))))
	}
	return strings.Join(parts, "  ")
}

// leaveSeats asks which seat ends, why, and with which day (代表法 Art. 62).
func leaveSeats(e *env, was station.Deputy, done func(string)) tea.Cmd {
	return askLeave(e, was, nil, done)
}

func askLeave(e *env, was station.Deputy, typedBefore map[string]string, done func(string)) tea.Cmd {
	which := []form.Option{{Value: "all", Label: e.word(wAllSeats), Keys: "0"}}
	for i, m := range was.Mandates {
		if sits(m, e.desk.Today()) && len(was.Mandates) > 1 {
			which = append(which, form.Option{Value: itoa(i), Label: e.mandate(m), Keys: itoa(i + 1)})
		}
	}
	f := form.New("leave",
		form.Row{form.In(form.NewChoice(form.ChoiceConfig{ID: "seat", Label: e.word(wMandate), Options: which}), 0)},
		form.Row{form.In(choice(e, "why", wSeatEnd, station.EndReasons, "辞职"), 0)},
		form.Row{form.In(e.dayLine("day", wSeatTo), 0)})
	f.SetWords(formWords(e))
	f.Set("day", e.desk.Today().String())
	f.Restore(typedBefore)
	d := &formDialog{title: e.word(wEndSeat, was.Name), rows: 6, f: f, accept: func(e *env, f *form.Form) (bool, tea.Cmd) {
		now, said := left(e, was, f), f.Draft()
		desk, who := e.desk, e.who
		return true, work(func() (station.Deputy, error) { return desk.ChangeDeputy(who, &was, now) }, func(now station.Deputy, err error) tea.Cmd {
			switch {
			case errors.Is(err, ledger.ErrStale):
				return tea.Batch(askLeave(e, now, said, done), send(noticeMsg{notice{e.word(wMoved), true}}))
			case err != nil:
				return tea.Batch(askLeave(e, was, said, done), e.fail(err))
			}
			done(now.Code)
			return say(e.word(wSeatEnded, now.Name))
		})
	}}
	return d.open(e)
}

// left is the deputy with the seats ended that the dialog names.
func left(e *env, v station.Deputy, f *form.Form) station.Deputy {
	day, _ := typed.ParseDate(f.Value("day"), e.desk.Today()) // the field's rule has read it already
	v.Mandates = slices.Clone(v.Mandates)
	if len(v.Mandates) == 0 {
		v.Mandates = []station.Mandate{{}}
	}
	for i := range v.Mandates {
		if m := &v.Mandates[i]; sits(*m, e.desk.Today()) && (f.Value("seat") == "all" || f.Value("seat") == itoa(i)) {
			m.To, m.EndReason = day, f.Value("why")
		}
	}
	return v
}

// sits reports whether a seat holds beyond a day: one that ends today has
// ended.
func sits(m station.Mandate, on typed.Date) bool {
	return m.To.IsZero() || m.To.After(on)
}

// dayLine is a field for a day that must be given.
func (e *env) dayLine(id string, label word) form.Field {
	parse := rule(e, func(s string) (string, error) {
		d, err := typed.ParseDate(s, e.desk.Today())
		return d.String(), err
	})
	return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(wNeeded), Limit: 20, Fold: cell.Fold, Rule: func(v string) (string, string) {
		if strings.TrimSpace(v) == "" {
			return v, e.word(wRequired)
		}
		return parse(v)
	}})
}
