// Package report is what the two programs print: the same records in the same
// words, as JSON for programs and as tables for people.
//
// The JSON is a promise. Fields may be added; none changes its meaning or goes
// away. Instants are RFC 3339 in Beijing time, days are 2026-11-23, words are
// those of station's closed sets, and a field that says nothing is left out
// unless its comment says otherwise. One object stands on one line.
package report

import (
	"time"

	"liaison/station/typed"
)

// A Reception is one visit with its matters, as `list receptions --json` and
// `show --json` give it.
type Reception struct {
	ID           string    `json:"id"`      // names it where two machines gave one number; always
	Number       string    `json:"number"`  // QA01-26A-0123-K; always
	Station      string    `json:"station"` // QA01; always
	At           time.Time `json:"at"`      // when it took place; always
	Entered      time.Time `json:"entered"` // when it was first saved; always
	Late         bool      `json:"late"`    // 补录: entered on a later day; always
	Void         bool      `json:"void"`    // 作废; always
	VoidReason   string    `json:"void_reason,omitempty"`
	By           string    `json:"by"` // account that recorded it; always
	Channel      string    `json:"channel"`
	Persons      int       `json:"persons"`
	Confidential bool      `json:"confidential,omitempty"` // 保密
	Notified     bool      `json:"notified,omitempty"`     // 已告知
	Session      *Session  `json:"session,omitempty"`      // without counts; absent where it is not known here
	Voter        *Voter    `json:"voter,omitempty"`        // absent where name and phone never came
	Rivals       int       `json:"rivals,omitempty"`       // other newest revisions: two epochs wrote
	Matters      []Matter  `json:"matters"`                // always
	History      []Change  `json:"history,omitempty"`      // show only
}

// A Voter is who came.
type Voter struct {
	Name        string `json:"name"`
	Phone       string `json:"phone"`
	Village     string `json:"village"` // 12-digit code
	VillageName string `json:"village_name"`
	Address     string `json:"address,omitempty"`
	Sex         string `json:"sex,omitempty"`
	AgeBand     string `json:"age,omitempty"`
	Anonymous   bool   `json:"anonymous"`
	NoContact   bool   `json:"no_contact,omitempty"`
}

// A Matter is one thing a voter brought. In a reception, At, Reception and
// Station stand at the reception and are left out.
type Matter struct {
	Number       string     `json:"number"` // QA01-26A-0123-K/1
	At           *time.Time `json:"at,omitempty"`
	Station      string     `json:"station,omitempty"`
	Reception    string     `json:"reception,omitempty"`
	Title        string     `json:"title"`
	Content      string     `json:"content"`
	Kind         string     `json:"kind"`
	Category     string     `json:"category"`
	CategoryName string     `json:"category_name"`
	Disposition  string     `json:"disposition"`
	Reply        string     `json:"reply"`
	Deputy       string     `json:"deputy,omitempty"`
	Refuse       string     `json:"refuse,omitempty"`
	Affected     string     `json:"affected,omitempty"`
	Urgency      string     `json:"urgency"`
	Village      string     `json:"village,omitempty"`
	VillageName  string     `json:"village_name,omitempty"`
	State        string     `json:"state"`          // registered answered reviewed assigned returned accepted extended replied redo told proposal rated filed not_accepted void
	Due          typed.Date `json:"due"`            // of the clock that it is under now; "" where none runs
	Lamp         string     `json:"lamp"`           // ok soon over paused; "" where no clock runs
	Life         *Life      `json:"life,omitempty"` // show only
	History      []Change   `json:"history,omitempty"`
}

// A Session is one sitting of deputies (接待场次).
type Session struct {
	Number   string     `json:"number"` // QA01-26A-S0007-X
	At       *time.Time `json:"at,omitempty"`
	Station  string     `json:"station,omitempty"`
	Day      typed.Date `json:"day"`
	Start    string     `json:"start,omitempty"` // 09:00
	End      string     `json:"end,omitempty"`
	Time     string     `json:"time"`
	Place    string     `json:"place"`
	Where    string     `json:"where,omitempty"`
	Topic    string     `json:"topic"`
	Theme    string     `json:"theme"`
	Deputies []string   `json:"deputies"` // codes
	Closed   bool       `json:"closed,omitempty"`
}

// A Deputy of the roster. Number is the deputy's code and At when the roster
// last said something new of the deputy.
type Deputy struct {
	Number   string    `json:"number"`
	At       time.Time `json:"at"`
	Name     string    `json:"name"`
	Sex      string    `json:"sex,omitempty"`
	Post     string    `json:"post,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Cert     string    `json:"cert,omitempty"`
	Sitting  bool      `json:"sitting"`
	Mandates []Mandate `json:"mandates"`
}

// A Mandate is a deputy's seat at one level.
type Mandate struct {
	Level        string     `json:"level,omitempty"`
	Term         string     `json:"term,omitempty"`
	Constituency string     `json:"constituency,omitempty"`
	Group        string     `json:"group,omitempty"`
	From         typed.Date `json:"from,omitzero"`
	To           typed.Date `json:"to,omitzero"`
	EndReason    string     `json:"end_reason,omitempty"`
}

// A Change is one step in a record's history.
type Change struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`               // account
	Name   string    `json:"name,omitempty"`   // of the account's owner, where it still exists
	Record string    `json:"record"`           // visit, voter, matter
	Number string    `json:"number,omitempty"` // of the matter
	First  bool      `json:"first,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Fields []Field   `json:"fields,omitempty"`
}

// A Field is one field's old and new value as stored.
type Field struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}
