package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// rows draws a reception on w columns.
func (d detail) rows(e *env, w int, reveal bool) []string {
	s := &sheet{env: e, w: w}
	if d.gone != "" {
		return append(s.rows, "", e.show(d.gone))
	}
	d.headRows(s)
	d.visitRows(s, reveal)
	for i, m := range d.full.Matters {
		d.matterRows(s, i, m)
	}
	d.historyRows(s, reveal)
	return s.rows
}

func (d detail) headRows(s *sheet) {
	v := d.full.Visit
	number := s.th.Number.Render(cell.Grouped(string(v.Number)))
	if v.Late() {
		number += "   " + s.th.Warn.Render(s.label(wLate))
	}
	s.rows = append(s.rows, number)
	if v.Void != "" {
		s.rows[0] += "   " + s.th.Error.Render(s.label(wVoid))
		s.value(s.label(wVoid), s.show(v.Void), s.th.Error)
	}
	if d.full.Rivals > 0 {
		s.value(s.label(wRivals), s.label(wRivalsText, d.full.Rivals), s.th.Warn)
	}
	s.blank()
}

func (d detail) visitRows(s *sheet, reveal bool) {
	v, voter, sess := d.full.Visit, d.full.Voter, d.full.Session
	s.pairs(pair{s.label(wTimeOf), s.stamp(v.At)}, pair{s.label(wChannel), s.term(station.Channels, v.Channel)})
	entered := d.account(s.env, v.By)
	if v.Late() {
		entered += "  " + s.stamp(v.Entered)
	}
	s.pairs(pair{s.label(wEnteredBy), entered})
	session := string(sess.Number) + "  " + s.text(sess.Modes())
	if sess.Start != "" || sess.End != "" {
		session += "  " + sess.Start + s.th.Glyphs.Range + sess.End
	}
	if sess.Where != "" {
		session += "  " + sess.Where
	}
	s.value(s.label(wSession), s.show(session), s.th.Text)
	s.value(s.label(wDeputies), s.show(s.deputyNames(sess.Deputies)), s.th.Text)
	s.blank()
	if !voter.Erased.IsZero() {
		s.value(s.label(wVoter), s.label(wErasedOn, s.stamp(voter.Erased)), s.th.Warn)
	}
	name := s.show(voter.Name)
	if !reveal {
		name = s.show(typed.MaskName(voter.Name))
	}
	if v.Anonymous || name == "" {
		name = s.label(wAnonymous)
	}
	phone := s.phone(voter.Phone, reveal)
	if v.NoContact {
		phone = s.label(wNoPhone)
	}
	s.pairs(pair{s.label(wVoter), name}, pair{s.label(wPhone), phone}, pair{s.label(wPersons), itoa(v.Persons)},
		pair{s.label(wSex), s.given(station.Sexes, v.Sex)}, pair{s.label(wAge), s.given(station.AgeBands, v.AgeBand)})
	id := voter.IDCard
	if !reveal {
		id = typed.MaskID(id)
	}
	s.pairs(pair{s.label(wVillage), s.show(s.desk.VillageName(v.Village))}, pair{s.label(wAddress), s.show(voter.Address)}, pair{s.label(wIDCard), s.show(id)})
	s.pairs(pair{s.label(wNotified), s.yesNo(v.Notified)}, pair{s.label(wConfidential), s.yesNo(v.Confidential)})
}

// given is the label of a code, and nothing where nobody said.
func (e *env) given(ts station.Terms, code string) string {
	if code == "" {
		return ""
	}
	return e.term(ts, code)
}

// phone is a stored number, hidden in its middle until it is asked for.
func (e *env) phone(number string, reveal bool) string {
	if reveal {
		return e.show(typed.GroupPhone(number))
	}
	return typed.MaskPhone(number)
}

func (e *env) yesNo(b bool) string {
	if b {
		return e.label(wYes)
	}
	return e.label(wNo)
}

func (d detail) matterRows(s *sheet, i int, m station.Matter) {
	s.blank()
	l := d.lives[i]
	state, style := s.text(l.State.Text()), s.th.Text
	if lamp := l.Clock.Lamp(s.desk.Today()); lamp != station.LampNone {
		style = lampStyle(s.env, lamp)
		state += "   " + s.label(wDue, l.Due.String()) + "   " + s.text(lamp.Text())
	}
	title := s.th.Head.Render(s.label(wMatterOf, i+1, len(d.full.Matters))) + "   " + s.th.Muted.Render(m.Number)
	if cell.Width(title)+3+cell.Width(state) <= s.w {
		s.rows = append(s.rows, title+"   "+style.Render(state))
	} else {
		s.rows = append(s.rows, title, style.Render(cell.Clip(state, s.w, s.th.Glyphs.More)))
	}
	for _, line := range cell.Wrap(s.th.Glyphs.Show(cell.Clean(m.Content, true)), s.w) {
		s.rows = append(s.rows, s.th.Text.Render(line))
	}
	s.pairs(pair{s.label(wCategory), m.Category + " " + s.show(s.desk.CategoryName(m.Category))},
		pair{s.label(wKind), s.term(station.MatterKinds, m.Kind)},
		pair{s.label(wAffected), s.given(station.Affecteds, m.Affected)},
		pair{s.label(wUrgency), s.term(station.Urgencies, m.Urgency)})
	village := ""
	if m.Village != d.full.Visit.Village {
		village = s.show(s.desk.VillageName(m.Village))
	}
	letter := ""
	if t, ok := station.Dispositions.Find(m.Disposition); ok {
		letter = t.Key + " "
	}
	s.pairs(pair{s.label(wDisposition), letter + s.term(station.Dispositions, m.Disposition)},
		pair{s.label(wRefuse), s.given(station.RefuseReasons, m.Refuse)},
		pair{s.label(wReplyBy), s.show(s.deputyNames(nonEmpty(m.Deputy)))}, pair{s.label(wMatterVillage), village})
	s.value(s.label(wReply), s.th.Glyphs.Show(cell.Clean(m.Reply, true)), s.th.Text)
}

// nonEmpty leaves out what says nothing.
func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

func lampStyle(e *env, l station.Lamp) lipgloss.Style {
	switch l {
	case station.LampOver:
		return e.th.Error
	case station.LampSoon:
		return e.th.Warn
	}
	return e.th.Ok
}

// account names who wrote: the person, or the account's id where it is gone.
func (d detail) account(e *env, id string) string {
	if n, ok := d.names[id]; ok {
		return e.show(n)
	}
	if e.desk.AtCity() { // the station's own accounts are not known here
		return e.label(wAccountOf, d.full.Station)
	}
	if id == station.Owner().Account {
		return e.text(station.Owner().RoleText())
	}
	return e.show(id)
}

// stamp is a time in full.
func (e *env) stamp(t time.Time) string {
	t = t.In(station.Beijing)
	return typed.DateOf(t).String() + " " + e.weekday(t) + " " + t.Format("15:04")
}

// historyRows tells every revision: who, when, why, and what became what.
// What was saved at one moment is one step, however many records it touched.
func (d detail) historyRows(s *sheet, reveal bool) {
	s.blank()
	s.head(s.label(wHistory))
	for i := 0; i < len(d.revs); {
		j := i + 1
		for j < len(d.revs) && d.revs[j].At.Equal(d.revs[i].At) && d.revs[j].By == d.revs[i].By {
			j++
		}
		d.step(s, d.revs[i:j], i == 0, reveal)
		i = j
	}
}

func (d detail) step(s *sheet, revs []station.Revision, first, reveal bool) {
	what, style := s.label(wHistCorrected), s.th.Text
	reason := ""
	for _, r := range revs {
		if reason == "" {
			reason = r.Reason
		}
		if slices.ContainsFunc(r.Fields, func(f station.FieldChange) bool { return f.Field == "void" }) {
			what, style = s.label(wHistVoided), s.th.Error
		}
	}
	if first {
		what = s.label(wHistRecorded)
	}
	line := s.stamp(revs[0].At) + "  " + d.account(s.env, revs[0].By) + "  " + what
	if reason != "" && !first {
		line += s.label(wColon) + s.show(reason)
	}
	for i, l := range cell.Wrap(line, max(8, s.w-2)) {
		if i > 0 {
			l = "  " + l
		}
		s.rows = append(s.rows, style.Render(l))
	}
	if first {
		return
	}
	for _, r := range revs {
		of := ""
		if r.Kind == station.KindMatter && len(d.full.Matters) > 1 {
			of = r.Number[strings.LastIndexByte(r.Number, '/'):] + " "
		}
		if r.First && r.Kind == station.KindMatter {
			s.rows = append(s.rows, "  "+s.th.Muted.Render(of+s.label(wHistAdded)))
		}
		for _, f := range r.Fields {
			if f.Field == "void" {
				continue
			}
			old, now := s.stored(f.Field, f.Old, reveal), s.stored(f.Field, f.New, reveal)
			text := of + s.fieldLabel(r.Kind, f.Field) + s.label(wColon) + old + " " + s.th.Glyphs.Show("→") + " " + now
			for _, l := range cell.Wrap(text, max(8, s.w-2)) {
				s.rows = append(s.rows, "  "+s.th.Muted.Render(l))
			}
		}
	}
}

// fieldLabel names a stored field as the form does; one that this program
// does not know keeps its stored name.
func (e *env) fieldLabel(k ledger.Kind, field string) string {
	if k == station.KindMatter && field == "village" {
		return e.label(wMatterVillage)
	}
	w, ok := map[string]word{"channel": wChannel, "persons": wPersons, "village": wVillage, "sex": wSex, "age": wAge, "anonymous": wAnonymous,
		"no_contact": wNoPhone, "confidential": wConfidential, "notified": wNotified, "name": wName, "phone": wPhone, "address": wAddress,
		"idcard": wIDCard, "title": wTitle, "content": wContent, "kind": wKind, "category": wCategory, "disposition": wDisposition, "reply": wReply,
		"deputy": wReplyBy, "refuse": wRefuse, "affected": wAffected, "urgency": wUrgency}[field]
	if !ok {
		return e.show(field)
	}
	return e.label(w)
}

// stored says a stored value in words.
func (e *env) stored(field, v string, reveal bool) string {
	if v == "" {
		return e.label(wEmpty)
	}
	if b, err := strconv.ParseBool(v); err == nil && (v == "true" || v == "false") {
		return e.yesNo(b)
	}
	if ts, ok := map[string]station.Terms{"channel": station.Channels, "sex": station.Sexes, "age": station.AgeBands, "kind": station.MatterKinds,
		"disposition": station.Dispositions, "refuse": station.RefuseReasons, "affected": station.Affecteds, "urgency": station.Urgencies}[field]; ok {
		return e.term(ts, v)
	}
	switch field {
	case "village":
		return e.show(e.desk.VillageName(v))
	case "category":
		return e.show(v + " " + e.desk.CategoryName(v))
	case "deputy":
		return e.show(e.deputyNames([]string{v}))
	case "phone":
		return e.phone(v, reveal)
	case "idcard":
		if !reveal {
			return typed.MaskID(v)
		}
	}
	return e.show(v)
}
