package tui

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// fieldID maps a problem's place to a field of the form.
func fieldID(at string) (id string, matter int) {
	if rest, ok := strings.CutPrefix(at, "matters["); ok {
		n, field, _ := strings.Cut(rest, "].")
		if i, err := strconv.Atoi(n); err == nil {
			return field, i
		}
	}
	at = strings.TrimPrefix(strings.TrimPrefix(at, "voter."), "session.")
	if at == "at" {
		at = "day"
	}
	return at, -1
}

// reception gathers the form.
func (p *receptionPage) reception(e *env) (station.Reception, station.Problems) {
	var ps station.Problems
	v := p.f.Value
	r := station.Reception{
		Channel: v("channel"), Confidential: v("confidential") == "yes", Notified: v("notified") == "yes",
		Session: station.InSession{ID: string(p.session.ID), Time: p.session.Time, Place: p.session.Place, Where: p.session.Where,
			Topic: p.session.Topic, Theme: p.session.Theme, Deputies: p.session.Deputies},
		Voter: station.InVoter{Name: v("name"), Phone: v("phone"), Village: v("village"), Sex: v("sex"), AgeBand: v("age"), Anonymous: v("anonymous") == "yes"},
	}
	if noPhone(r.Voter.Phone) {
		r.Voter.Phone, r.Voter.NoContact = "", true
	}
	n, err := strconv.Atoi(cell.Fold(v("persons")))
	if err != nil || n < 1 {
		ps = append(ps, station.FieldProblem{Field: "persons", Problem: typed.Problem{Code: "persons-range", ZH: words[wPersonsRange].ZH, EN: words[wPersonsRange].EN}})
	}
	r.Persons = n
	r.At, err = dayTime(v("day"), e.desk.Now())
	if err != nil {
		ps = append(ps, station.FieldProblem{Field: "day", Problem: station.Say(err)})
	}
	if day := typed.DateOf(r.At.In(station.Beijing)); p.fix == nil && day != e.desk.Today() {
		r.Session.ID = "" // an earlier day has a session of its own
	}
	if p.fix != nil {
		was := p.fix.Reception()
		r.At, r.Voter.Address, r.Voter.IDCard = was.At, was.Voter.Address, was.Voter.IDCard
	}
	for i, m := range p.issues {
		in := station.Issue{Content: m["content"], Kind: m["kind"], Category: m["category"], Disposition: m["disposition"],
			Reply: m["reply"], Deputy: m["deputy"], Refuse: m["refuse"], Affected: m["affected"], Urgency: m["urgency"],
			Repeat: m[keptRepeat], Distinct: p.distinct(i)}
		if p.fix != nil && i < len(p.fix.Matters) {
			in.Village = p.fix.Matters[i].Village
			if in.Content == p.fix.Matters[i].Content {
				in.Title = p.fix.Matters[i].Title
			}
		}
		if in.Content == "" && i > 0 && i == len(p.issues)-1 {
			continue // begun with one key and left empty
		}
		r.Matters = append(r.Matters, in)
	}
	return r, ps
}

// dayTime is the time of a reception: now, or nine o'clock of an earlier day.
func dayTime(s string, now time.Time) (time.Time, error) {
	today := typed.DateOf(now)
	if strings.TrimSpace(s) == "" {
		return now, nil
	}
	d, err := typed.ParseDate(s, today)
	if err != nil {
		return now, err
	}
	if d == today {
		return now, nil
	}
	return d.Time(station.Beijing).Add(9 * time.Hour), nil
}

func noPhone(s string) bool {
	switch strings.ToLower(strings.TrimSpace(cell.Fold(s))) {
	case "无", "没有", "none", "no", "0":
		return true
	}
	return false
}

// fromRecord fills the form from a recorded reception.
func (p *receptionPage) fromRecord(r station.Reception) {
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	for id, v := range map[string]string{"phone": r.Voter.Phone, "name": r.Voter.Name, "anonymous": yes(r.Voter.Anonymous),
		"sex": r.Voter.Sex, "age": r.Voter.AgeBand, "village": r.Voter.Village, "persons": strconv.Itoa(r.Persons), "channel": r.Channel,
		"notified": yes(r.Notified), "confidential": yes(r.Confidential), "day": typed.DateOf(r.At.In(station.Beijing)).String()} {
		p.f.Set(id, v)
	}
	if r.Voter.NoContact && r.Voter.Phone == "" {
		p.f.Set("phone", "无")
	}
	p.issues = nil
	for _, m := range r.Matters {
		p.issues = append(p.issues, map[string]string{"content": m.Content, "category": m.Category, "kind": m.Kind, "affected": m.Affected,
			"urgency": m.Urgency, "disposition": m.Disposition, "reply": m.Reply, "refuse": m.Refuse, "deputy": m.Deputy})
		if b, err := json.Marshal(m.Distinct); err == nil && len(m.Distinct) > 0 {
			p.issues[len(p.issues)-1][keptDistinct] = string(b)
		}
	}
	p.put(p.issues[0])
	p.f.Saved(p.f.Generation())
}
