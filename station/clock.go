package station

import (
	"time"

	"liaison/station/typed"
)

// A Timer is one of the clocks of DOMAIN 3.3.
type Timer string

// The clocks of a matter. T5 runs from 交办, not from 签收: a unit that pushes
// the order back and forth gains nothing by it.
const (
	TimerNone   Timer = ""
	TimerClass  Timer = "T1" // 登记 → 审核分类
	TimerAssign Timer = "T2" // 审核 → 交办
	TimerSign   Timer = "T3" // 交办 → 签收或退回
	TimerAgain  Timer = "T4" // 退回 → 重新交办
	TimerHandle Timer = "T5" // 办理, from 交办
	TimerTell   Timer = "T6" // 答复 → 反馈选民
	TimerAsk    Timer = "T7" // 反馈 → 评价
	TimerRedo   Timer = "T8" // 重新办理
)

// Timers name them.
var Timers = Terms{
	{string(TimerClass), "1", Text{"审核分类", "to review"}},
	{string(TimerAssign), "2", Text{"交办", "to assign"}},
	{string(TimerSign), "3", Text{"签收", "to accept"}},
	{string(TimerAgain), "4", Text{"重新交办", "to assign again"}},
	{string(TimerHandle), "5", Text{"办理", "to handle"}},
	{string(TimerTell), "6", Text{"反馈选民", "to tell the voter"}},
	{string(TimerAsk), "7", Text{"满意度", "to ask how satisfied"}},
	{string(TimerRedo), "8", Text{"重新办理", "to handle again"}},
}

// Unit of a time limit.
type Unit string

// Units of DOMAIN 3.3.
const (
	WorkingDays  Unit = "wd"
	CalendarDays Unit = "cd"
	Months       Unit = "month"
)

// Units name them.
var Units = Terms{
	{string(WorkingDays), "1", Text{"个工作日", "working days"}},
	{string(CalendarDays), "2", Text{"天", "days"}},
	{string(Months), "3", Text{"个月", "months"}},
}

// A Calendar knows which days are worked. Days it holds nothing about follow
// the week.
type Calendar struct {
	Off   map[typed.Date]bool // public holidays
	Work  map[typed.Date]bool // weekend days worked instead (调休)
	Years map[int]bool        // the years whose arrangement is known
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
// April). A limit of no working days ends the same day, or on the next one
// that is worked.
func (c Calendar) Due(from typed.Date, l Limit) typed.Date {
	switch l.Unit {
	case WorkingDays:
		return c.later(from, l.Count)
	case Months:
		first := time.Date(from.Year, from.Month+time.Month(l.Count), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		return typed.Date{Year: first.Year(), Month: first.Month(), Day: min(from.Day, last)}
	}
	return from.AddDays(l.Count)
}

// later counts n working days on.
func (c Calendar) later(from typed.Date, n int) typed.Date {
	for i := 0; i < n; {
		from = from.AddDays(1)
		if c.Works(from) {
			i++
		}
	}
	for n == 0 && !c.Works(from) {
		from = from.AddDays(1)
	}
	return from
}

// worked counts the working days after from, through to.
func (c Calendar) worked(from, to typed.Date) int {
	n := 0
	for d := from.AddDays(1); !d.After(to); d = d.AddDays(1) {
		if c.Works(d) {
			n++
		}
	}
	return n
}

// Knows reports whether the arrangement of every year from..to is known: only
// then is a count of working days between them certain.
func (c Calendar) Knows(from, to typed.Date) bool {
	for y := from.Year; y <= to.Year; y++ {
		if !c.Years[y] {
			return false
		}
	}
	return true
}

// A Lamp is a deadline in one word.
type Lamp uint8

// Lamps.
const (
	LampNone Lamp = iota
	LampOK
	LampSoon
	LampOver
	LampPaused
)

// Text names the lamp; colour is never alone.
func (l Lamp) Text() Text {
	return [...]Text{{}, {"正常", "On time"}, {"临期", "Due soon"}, {"超期", "Overdue"}, {"暂停", "Paused"}}[l]
}

// A Clock is the deadline that a matter is under.
type Clock struct {
	Timer    Timer
	From     typed.Date // the day it began, which is not counted
	Due      typed.Date // its last day; zero while none runs
	Warn     int        // days before Due from which it is 临期
	Extended bool       // Due was set by 延期
	Paused   typed.Date // since when it stands still; zero: it runs
	// Unsure says that Due is counted in working days of a year whose
	// arrangement of holidays is not known here yet.
	Unsure bool

	pauses []pause // that are over
}

// A pause is a stretch of days that does not count.
type pause struct{ from, to typed.Date }

// Lamp is the clock's lamp on a day.
func (c Clock) Lamp(on typed.Date) Lamp {
	switch {
	case c.Timer == TimerNone || c.Due.IsZero():
		return LampNone
	case !c.Paused.IsZero():
		return LampPaused
	case on.After(c.Due):
		return LampOver
	case !on.AddDays(c.Warn).Before(c.Due):
		return LampSoon
	}
	return LampOK
}

// start begins a clock; pauses and extensions of the one before are gone.
func (c *Clock) start(t Timer, from typed.Date) { *c = Clock{Timer: t, From: from} }

// reckon counts when the clock is due. A pause that is over moves the end by
// as many days as it took, in the limit's own measure.
func (r *rules) reckon(c *Clock, disposition string, hard bool) {
	l, ok := r.limit(c.Timer, disposition, hard, c.From)
	if c.Timer == TimerNone || !ok {
		c.Due, c.Warn, c.Unsure = typed.Date{}, 0, false
		return
	}
	if !c.Extended {
		c.Due = r.calendar.Due(c.From, l)
	}
	for _, p := range c.pauses {
		if l.Unit == WorkingDays {
			if n := r.calendar.worked(p.from, p.to); n > 0 {
				c.Due = r.calendar.later(c.Due, n)
			}
			continue
		}
		c.Due = c.Due.AddDays(max(0, p.to.DaysSince(p.from))) // a clock may have been set back meanwhile
	}
	c.Warn = l.Warn
	c.Unsure = l.Unit == WorkingDays && !r.calendar.Knows(c.From, c.Due)
}
