package report

import (
	"strings"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// A Life is what has become of a matter: who has it, what they said, what the
// voter said, and every step of both sides in the order that counts. Days that
// say nothing yet are left out.
type Life struct {
	Number      string     `json:"number"`
	Title       string     `json:"title"`
	Station     string     `json:"station"`
	State       string     `json:"state"`
	Disposition string     `json:"disposition"` // as classed now
	Clock       string     `json:"clock"`       // T1 to T8; "" where none runs
	Due         typed.Date `json:"due"`         // of that clock
	Lamp        string     `json:"lamp"`
	Unsure      bool       `json:"unsure,omitempty"` // due is counted without that year's holidays
	Paused      typed.Date `json:"paused,omitzero"`  // since
	Unit        string     `json:"unit,omitempty"`   // code or name
	UnitName    string     `json:"unit_name,omitempty"`
	Units       []string   `json:"units,omitempty"` // those that help
	UnitNames   []string   `json:"unit_names,omitempty"`
	Assigned    typed.Date `json:"assigned,omitzero"`
	HandleBy    typed.Date `json:"handle_by,omitzero"` // counted from the assignment
	Extended    bool       `json:"extended,omitempty"`
	Replied     typed.Date `json:"replied,omitzero"`
	InTime      bool       `json:"in_time,omitempty"`
	Answer      string     `json:"answer,omitempty"`
	Class       string     `json:"class,omitempty"` // 1A
	ClassName   string     `json:"class_name,omitempty"`
	Promise     typed.Date `json:"promise,omitzero"`
	Kept        typed.Date `json:"kept,omitzero"`
	Told        typed.Date `json:"told,omitzero"`
	Means       string     `json:"means,omitempty"`
	Rated       typed.Date `json:"rated,omitzero"`
	Attitude    string     `json:"attitude,omitempty"` // good fair bad refused unreached
	Outcome     string     `json:"outcome,omitempty"`
	Closed      bool       `json:"closed,omitempty"` // 办结: the deputy accepts
	Followers   int        `json:"followers,omitempty"`
	Joined      bool       `json:"joined,omitempty"` // follows another matter
	Steps       []Step     `json:"steps,omitempty"`
}

// A Step is one transition. Moot says why it had no effect (未生效).
type Step struct {
	At          time.Time  `json:"at"`
	Side        string     `json:"side"` // station city
	By          string     `json:"by"`   // account
	Name        string     `json:"name"`
	Role        string     `json:"role"`
	Action      string     `json:"action"`
	From        string     `json:"from"`
	To          string     `json:"to"`
	Moot        string     `json:"moot,omitempty"`
	Disposition string     `json:"disposition,omitempty"`
	Unit        string     `json:"unit,omitempty"`
	UnitName    string     `json:"unit_name,omitempty"`
	Units       []string   `json:"units,omitempty"`
	UnitNames   []string   `json:"unit_names,omitempty"`
	Doc         string     `json:"doc,omitempty"`
	Note        string     `json:"note,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	Text        string     `json:"text,omitempty"`
	Class       string     `json:"class,omitempty"`
	Date        typed.Date `json:"date,omitzero"`
	Means       string     `json:"means,omitempty"`
	Attitude    string     `json:"attitude,omitempty"`
	Outcome     string     `json:"outcome,omitempty"`
	Approver    string     `json:"approver,omitempty"`
}

// CaseNames gives units and classes their names. A station.Desk is one.
type CaseNames interface {
	UnitName(code string) string
	ClassText(code string) station.Text
}

// FromLife makes a life.
func FromLife(l station.Life, names CaseNames) Life {
	out := Life{Number: l.Number, Title: l.Title, Station: l.Station, State: l.State.Code(), Disposition: l.Disposition,
		Clock: string(l.Clock.Timer), Due: l.Due, Lamp: lampWord(l.Lamp), Unsure: l.Clock.Unsure, Paused: l.Clock.Paused, Unit: l.Unit, Units: l.Units,
		Assigned: l.Assigned, HandleBy: l.HandleBy, Extended: l.Extended, Replied: l.Replied, InTime: l.InTime, Answer: l.Answer, Class: l.Class,
		Promise: l.Promise, Kept: l.Kept, Told: l.Told, Means: l.Means, Rated: l.Rated, Attitude: l.Attitude, Outcome: l.Outcome,
		Closed: l.Closed, Followers: len(l.Followers), Joined: l.Lead != ""}
	out.UnitName, out.UnitNames = unitNames(names, l.Unit, l.Units)
	if l.Class != "" {
		out.ClassName = names.ClassText(l.Class).ZH
	}
	for _, d := range l.Steps {
		s := Step{At: beijing(d.At), Side: "station", By: d.By, Name: d.Name, Role: string(d.Role), Action: string(d.Action), From: d.From.Code(), To: d.To.Code(),
			Disposition: d.Disposition, Unit: d.Unit, Units: d.Units, Doc: d.DocNo, Note: d.Note, Reason: d.Reason, Text: d.Text, Class: d.Class,
			Date: d.Date, Means: d.Means, Attitude: d.Attitude, Outcome: d.Outcome, Approver: d.Approver}
		s.UnitName, s.UnitNames = unitNames(names, d.Unit, d.Units)
		if d.City {
			s.Side = "city"
		}
		if d.Moot != nil {
			s.Moot = d.Moot.ZH
		}
		out.Steps = append(out.Steps, s)
	}
	return out
}

func unitNames(names CaseNames, unit string, units []string) (one string, all []string) {
	if unit != "" {
		one = names.UnitName(unit)
	}
	for _, u := range units {
		all = append(all, names.UnitName(u))
	}
	return one, all
}

// life prints what has become of a matter under it.
func (p *lines) life(l *Life) {
	if l == nil {
		return
	}
	p.put("承办 Unit", strings.TrimSpace(l.UnitName+"  "+strings.Join(l.UnitNames, " ")))
	if !l.Assigned.IsZero() {
		p.put("交办 Assigned", l.Assigned.String()+"  办理期限 by "+l.HandleBy.String()+also(l.Extended, "(已延期)"))
	}
	p.put("单位答复 Answer", l.Answer)
	p.put("结果 Result", strings.TrimSpace(l.ClassName+"  "+also(!l.Promise.IsZero(), "承诺 "+l.Promise.String())+also(!l.Kept.IsZero(), " 已兑现 "+l.Kept.String())))
	if l.Attitude != "" || l.Outcome != "" {
		p.put("满意度 Satisfied", "态度 "+station.Satisfactions.Label(l.Attitude).ZH+"  结果 "+station.Satisfactions.Label(l.Outcome).ZH)
	}
	if len(l.Steps) == 0 {
		return
	}
	p.printf("\n办理经过 Steps\n")
	for _, s := range l.Steps {
		side := "站"
		if s.Side == "city" {
			side = "市"
		}
		what := station.Actions.Label(s.Action).ZH
		if s.From != s.To {
			what += " → " + StateText(s.To).ZH
		}
		p.printf("  %s  %s  %s  %s\n", s.At.Format(Minute), side, what, typed.Clean(s.Name, false))
		for _, text := range []string{also(s.Unit != "", strings.TrimSpace("承办 "+s.UnitName+"  "+strings.Join(s.UnitNames, " "))), s.Doc, s.Text, s.Note, also(s.Moot != "", "未生效:"+s.Moot)} {
			if text != "" {
				p.printf("      %s\n", strings.ReplaceAll(typed.Clean(text, true), "\n", "\n      "))
			}
		}
	}
}
