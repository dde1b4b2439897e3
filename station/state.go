package station

import (
	"time"

	"liaison/station/typed"
)

// A State of a matter is computed from the record and the rules on both
// sides alike, and never stored (DOMAIN 3.1).
type State uint8

// The states a matter can be in before steps of others are known.
const (
	StRegistered  State = 10 // 已登记
	StAnswered    State = 20 // 当场答复
	StArchived    State = 80 // 留存汇总
	StNotAccepted State = 85 // 不予受理或已引导
	StVoid        State = 99 // 作废
)

// Text names the state.
func (s State) Text() Text {
	switch s {
	case StAnswered:
		return Text{"当场答复", "Answered"}
	case StArchived:
		return Text{"已归档", "Filed"}
	case StNotAccepted:
		return Text{"不予受理/已引导", "Not accepted or guided"}
	case StVoid:
		return Text{"作废", "Void"}
	default:
		return Text{"已登记", "Registered"}
	}
}

// MatterState computes a matter's state.
func MatterState(v Visit, m Matter) State {
	switch {
	case v.Void != "":
		return StVoid
	case m.Disposition == "onspot":
		return StAnswered
	case m.Disposition == "guide", m.Disposition == "refuse":
		return StNotAccepted
	case m.Disposition == "collect":
		return StArchived
	}
	return StRegistered
}

// Unit of a time limit.
type Unit string

// Units of DOMAIN 3.3.
const (
	WorkingDays  Unit = "wd"
	CalendarDays Unit = "cd"
	Months       Unit = "month"
)

// A Limit is how long the handling of a matter may take, by disposition.
// Only the 3 months for proposals are law (代表法 Art. 51); the rest are an
// office's to change.
type Limit struct {
	Disposition string
	Count       int
	Unit        Unit
	Warn        int // days before the end from which it is 临期
}

// DefaultLimits is the table of DOMAIN 3.3, T5.
func DefaultLimits() []Limit {
	return []Limit{
		{"village", 7, WorkingDays, 2},
		{"town", 15, WorkingDays, 3},
		{"city", 30, CalendarDays, 5},
		{"proposal", 3, Months, 15},
		{"upper", 3, Months, 15},
		{"mediate", 1, Months, 5},
	}
}

// A Calendar knows which days are worked. Days it holds nothing about follow
// the week.
type Calendar struct {
	Off  map[typed.Date]bool // public holidays
	Work map[typed.Date]bool // weekend days worked instead (调休)
}

// Works reports whether a day is a working day.
func (c Calendar) Works(d typed.Date) bool {
	if c.Work[d] {
		return true
	}
	w := d.Weekday()
	return !c.Off[d] && w != time.Saturday && w != time.Sunday
}

// Due is the last day of a limit that begins on a day. The first day is not
// counted; months are clamped to the month's end (31 January + 3 months is 30
// April).
func (c Calendar) Due(from typed.Date, l Limit) typed.Date {
	switch l.Unit {
	case WorkingDays:
		for n := 0; n < l.Count; {
			from = from.AddDays(1)
			if c.Works(from) {
				n++
			}
		}
		return from
	case Months:
		first := time.Date(from.Year, from.Month+time.Month(l.Count), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		return typed.Date{Year: first.Year(), Month: first.Month(), Day: min(from.Day, last)}
	}
	return from.AddDays(l.Count)
}

// A Lamp is a deadline in one word: 正常, 临期, 超期.
type Lamp uint8

// Lamps.
const (
	LampNone Lamp = iota
	LampOK
	LampSoon
	LampOver
)

// Text names the lamp; colour is never alone.
func (l Lamp) Text() Text {
	return [...]Text{{}, {"正常", "On time"}, {"临期", "Due soon"}, {"超期", "Overdue"}}[l]
}

// Deadline computes when a matter is due and its lamp on a day; ok is false
// where no clock runs.
func (d *Desk) Deadline(v Visit, m Matter, on typed.Date) (due typed.Date, lamp Lamp, ok bool) {
	if MatterState(v, m) != StRegistered {
		return due, LampNone, false
	}
	for _, l := range d.limits {
		if l.Disposition != m.Disposition {
			continue
		}
		due = d.calendar.Due(typed.DateOf(v.Entered.In(Beijing)), l)
		switch {
		case on.Compare(due) > 0:
			lamp = LampOver
		case on.AddDays(l.Warn).Compare(due) >= 0:
			lamp = LampSoon
		default:
			lamp = LampOK
		}
		return due, lamp, true
	}
	return due, LampNone, false
}
