// Package station is the domain: what a liaison station (人大代表联络站)
// records, the rules, and the desk that applies them.
//
// The unit of work is three things inside one another, and reports count all
// three: a session (场次), a visit by a voter or a group (批次, 人次), and one
// or more matters (件). A record goes one way:
//
//	Reception (typed) → Desk (checks, number, session, rights)
//	  → one ledger.Commit: visit + voter + matters (+ contact) + index keys,
//	    and the draft it came from dropped
//	  → everyone who watches the desk hears of it
//
// Each kind of record is one file here and one line in the table in kinds.go.
// State, deadline and lamp are never stored; state.go computes them.
package station
