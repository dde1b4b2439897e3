package report

import (
	"strings"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// Names gives codes their names and says where matters stand. A station.Desk
// is one.
type Names interface {
	VillageName(code string) string
	CategoryName(code string) string
	Standing(matter ledger.ID) (state station.State, due typed.Date, lamp station.Lamp)
}

// FromFull makes a reception from what a station's ledger holds of it.
func FromFull(f station.Full, names Names) Reception {
	v := f.Visit
	r := Reception{
		ID: string(f.ID), Number: string(v.Number), Station: stationOf(string(v.Number)), At: beijing(v.At), Entered: beijing(v.Entered),
		Late: v.Late(), Void: v.Void != "", VoidReason: v.Void, By: v.By, Channel: v.Channel, Persons: v.Persons,
		Confidential: v.Confidential, Notified: v.Notified, Rivals: f.Rivals,
		Voter: &Voter{Name: f.Voter.Name, Phone: f.Voter.Phone, Village: v.Village, VillageName: names.VillageName(v.Village),
			Address: f.Voter.Address, Sex: v.Sex, AgeBand: v.AgeBand, Anonymous: v.Anonymous, NoContact: v.NoContact},
		Matters: make([]Matter, 0, len(f.Matters)),
	}
	if f.Session.Number != "" {
		s := FromSession(f.Session)
		s.At, s.Station = nil, ""
		r.Session = &s
	}
	for i, m := range f.Matters {
		r.Matters = append(r.Matters, FromMatter(f.MatterID(i), m, names))
	}
	return r
}

// FromMatter makes a matter as it stands within its reception.
func FromMatter(id ledger.ID, m station.Matter, names Names) Matter {
	state, due, lamp := names.Standing(id)
	out := Matter{
		Number: m.Number, Title: m.Title, Content: m.Content, Kind: m.Kind, Category: m.Category,
		CategoryName: names.CategoryName(m.Category), Disposition: m.Disposition, Reply: m.Reply, Deputy: m.Deputy,
		Refuse: m.Refuse, Affected: m.Affected, Urgency: m.Urgency, Village: m.Village,
		State: state.Code(), Due: due, Lamp: lampWord(lamp),
	}
	if m.Village != "" {
		out.VillageName = names.VillageName(m.Village)
	}
	return out
}

// Alone gives a matter what it shares with its reception, for standing alone.
func (r Reception) Alone(m Matter) Matter {
	m.At, m.Station, m.Reception = &r.At, r.Station, r.Number
	return m
}

// FromSession makes a session.
func FromSession(s station.Session) Session {
	at := s.Day.Time(station.Beijing)
	if t, err := time.Parse("15:04", s.Start); err == nil {
		at = at.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	}
	deputies := s.Deputies
	if deputies == nil {
		deputies = []string{}
	}
	return Session{Number: string(s.Number), At: &at, Station: stationOf(string(s.Number)), Day: s.Day, Start: s.Start, End: s.End,
		Time: s.Time, Place: s.Place, Where: s.Where, Topic: s.Topic, Theme: s.Theme, Deputies: deputies, Closed: s.Closed}
}

// FromDeputy makes a deputy; at is when the roster last spoke of the deputy.
func FromDeputy(d station.Deputy, at time.Time, today typed.Date) Deputy {
	out := Deputy{Number: d.Code, At: beijing(at), Name: d.Name, Sex: d.Sex, Post: d.Post, Phone: d.Phone, Cert: d.CertNo,
		Sitting: d.Sitting(today), Mandates: make([]Mandate, 0, len(d.Mandates))}
	for _, m := range d.Mandates {
		out.Mandates = append(out.Mandates, Mandate(m))
	}
	return out
}

// FromRevisions makes a history. name gives an account's name, "" where the
// account is gone.
func FromRevisions(rs []station.Revision, name func(account string) string) []Change {
	out := make([]Change, 0, len(rs))
	for _, r := range rs {
		c := Change{At: beijing(r.At), By: r.By, Name: name(r.By), Record: string(r.Kind), Number: r.Number, First: r.First, Reason: r.Reason}
		for _, f := range r.Fields {
			c.Fields = append(c.Fields, Field(f))
		}
		out = append(out, c)
	}
	return out
}

func beijing(t time.Time) time.Time { return t.In(station.Beijing) }

// stationOf is the code a number begins with.
func stationOf(number string) string {
	code, _, _ := strings.Cut(number, "-")
	return code
}

func lampWord(l station.Lamp) string {
	switch l {
	case station.LampOK:
		return "ok"
	case station.LampSoon:
		return "soon"
	case station.LampOver:
		return "over"
	case station.LampPaused:
		return "paused"
	default:
		return ""
	}
}
