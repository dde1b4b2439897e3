package station

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Kinds of the rules that an office may change. They are the city's; what is
// built in holds until it says otherwise.
const (
	KindLimit       ledger.Kind = "limit"
	KindCalendar    ledger.Kind = "calendar" // its id is the year
	KindResultClass ledger.Kind = "resultclass"
)

// A Limit is how long one step may take (办理期限). Only the 3 and 6 months of a
// 代表建议 are law (代表法 Art. 51); the rest are an office's to change. Of the
// limits that fit, the one that names the disposition counts before one that
// does not, and among those the latest that had taken effect when the clock
// began.
type Limit struct {
	Code        string     `json:"code"`
	Timer       Timer      `json:"timer"`
	Disposition string     `json:"disposition,omitempty"` // "" for all
	Hard        bool       `json:"hard,omitempty"`        // 涉及面广、处理难度大的
	Count       int        `json:"count"`
	Unit        Unit       `json:"unit"`
	Warn        int        `json:"warn"` // days before the end from which it is 临期
	From        typed.Date `json:"from,omitzero"`
}

// Text says the limit, such as 7 个工作日.
func (l Limit) Text() Text {
	u := Units.Label(string(l.Unit))
	return Text{fmt.Sprintf("%d %s", l.Count, u.ZH), fmt.Sprintf("%d %s", l.Count, u.EN)}
}

// DefaultLimits is the table of DOMAIN 3.3.
func DefaultLimits() []Limit {
	return []Limit{
		{Code: "T1", Timer: TimerClass, Count: 0, Unit: WorkingDays},
		{Code: "T2", Timer: TimerAssign, Count: 3, Unit: WorkingDays, Warn: 1},
		{Code: "T3", Timer: TimerSign, Count: 5, Unit: WorkingDays, Warn: 1},
		{Code: "T4", Timer: TimerAgain, Count: 3, Unit: WorkingDays, Warn: 1},
		{Code: "T5-village", Timer: TimerHandle, Disposition: "village", Count: 7, Unit: WorkingDays, Warn: 2},
		{Code: "T5-town", Timer: TimerHandle, Disposition: "town", Count: 15, Unit: WorkingDays, Warn: 3},
		{Code: "T5-city", Timer: TimerHandle, Disposition: "city", Count: 30, Unit: CalendarDays, Warn: 5},
		{Code: "T5-proposal", Timer: TimerHandle, Disposition: "proposal", Count: 3, Unit: Months, Warn: 15},
		{Code: "T5-proposal-hard", Timer: TimerHandle, Disposition: "proposal", Hard: true, Count: 6, Unit: Months, Warn: 15},
		{Code: "T5-upper", Timer: TimerHandle, Disposition: "upper", Count: 3, Unit: Months, Warn: 15},
		{Code: "T5-mediate", Timer: TimerHandle, Disposition: "mediate", Count: 1, Unit: Months, Warn: 5},
		{Code: "T6", Timer: TimerTell, Count: 3, Unit: WorkingDays, Warn: 1},
		{Code: "T7", Timer: TimerAsk, Count: 10, Unit: WorkingDays, Warn: 2},
		{Code: "T8", Timer: TimerRedo, Count: 1, Unit: Months, Warn: 5},
	}
}

// A YearCalendar is the State Council's arrangement of one year: public
// holidays, and the weekend days that are worked instead (调休).
type YearCalendar struct {
	Code string        `json:"code"` // the year, 2026
	Days []CalendarDay `json:"days"`
}

// A CalendarDay departs from the week.
type CalendarDay struct {
	Date typed.Date `json:"date"`
	Work bool       `json:"work,omitempty"` // worked though it is a weekend day; else a holiday
	Name string     `json:"name,omitempty"` // 春节
}

// A ResultClass is what a unit says has become of a matter (办理结果分类). Schemes
// differ by place and year, so a class is data; Code is the scheme and the
// letter, so that a new scheme leaves old replies their meaning.
type ResultClass struct {
	Code          string     `json:"code"` // 1A
	Scheme        int        `json:"scheme"`
	Class         string     `json:"class"` // A
	Label         string     `json:"label"`
	LabelEN       string     `json:"label_en,omitempty"`
	CountsDone    bool       `json:"counts_done,omitempty"`     // 计入办成率
	NeedsFollowUp bool       `json:"needs_follow_up,omitempty"` // 须有承诺期限
	From          typed.Date `json:"from,omitzero"`
}

// Name is the class's label.
func (c ResultClass) Name() Text { return Text{c.Label, cmpOr(c.LabelEN, c.Label)} }

// Text is the class with its label.
func (c ResultClass) Text() Text {
	n := c.Name()
	return Text{c.Class + " " + n.ZH, c.Class + " " + n.EN}
}

// DefaultClasses is scheme 1 of DOMAIN 3.4, the most common one.
func DefaultClasses() []ResultClass {
	return []ResultClass{
		{Code: "1A", Scheme: 1, Class: "A", Label: "已解决或基本解决", LabelEN: "Solved or mostly solved", CountsDone: true},
		{Code: "1B", Scheme: 1, Class: "B", Label: "正在解决或有关工作已启动", LabelEN: "Being solved or begun", NeedsFollowUp: true},
		{Code: "1C", Scheme: 1, Class: "C", Label: "已列入规划计划,逐步解决", LabelEN: "Planned, to be solved by steps", NeedsFollowUp: true},
		{Code: "1D", Scheme: 1, Class: "D", Label: "因条件限制暂难解决或留作参考", LabelEN: "Cannot be solved for now, or kept for reference"},
	}
}

// rules is what clocks and results are reckoned by; replaced whole, never
// changed.
type rules struct {
	limits   map[Timer][]Limit // best first
	calendar Calendar
	classes  []ResultClass // by scheme and code
	class    map[string]ResultClass

	// proposals are the deputies' suggestions by the voters' matters that they
	// came from: such a matter is under the suggestion's clock.
	proposals   map[string]Suggestion
	suggestions []Suggestion   // all of them, as allBegun reads them
	numbers     map[string]int // how many have a number
}

func loadRules(l ledger.Ledger) (*rules, error) {
	r := &rules{limits: map[Timer][]Limit{}, class: map[string]ResultClass{}, proposals: map[string]Suggestion{}, numbers: map[string]int{},
		calendar: Calendar{Off: map[typed.Date]bool{}, Work: map[typed.Date]bool{}, Years: map[int]bool{}}}
	for _, x := range DefaultClasses() {
		r.class[x.Code] = x
	}
	limits, err := loadLimits(l)
	all, serr := allBegun(l)
	r.suggestions = all
	for _, v := range all {
		r.numbers[v.Code()]++
		for _, n := range v.Matters {
			if v.Withdrawn == "" {
				r.proposals[n] = v
			}
		}
	}
	err = cmp.Or(err, serr,
		each(l, KindResultClass, func(_ ledger.ID, v ResultClass) { r.class[v.Code] = v }),
		each(l, KindCalendar, func(_ ledger.ID, v YearCalendar) { r.calendar.add(v) }),
	)
	for _, xs := range limits {
		for _, x := range xs {
			r.limits[x.Timer] = append(r.limits[x.Timer], x)
		}
	}
	for _, xs := range r.limits {
		slices.SortFunc(xs, func(a, b Limit) int {
			return cmp.Or(b.From.Compare(a.From), strings.Compare(a.Code, b.Code))
		})
	}
	for _, c := range r.class {
		r.classes = append(r.classes, c)
	}
	slices.SortFunc(r.classes, func(a, b ResultClass) int {
		return cmp.Or(cmp.Compare(a.Scheme, b.Scheme), strings.Compare(a.Code, b.Code)) // 甲 before 乙
	})
	return r, err
}

func (c *Calendar) add(y YearCalendar) {
	for _, d := range y.Days {
		if d.Work {
			c.Work[d.Date] = true
		} else {
			c.Off[d.Date] = true
		}
		c.Years[d.Date.Year] = true
	}
	var n int
	if _, err := fmt.Sscanf(y.Code, "%d", &n); err == nil {
		c.Years[n] = true
	}
}

// limit finds the limit that a clock runs by which began on a day.
func (r *rules) limit(t Timer, disposition string, hard bool, on typed.Date) (best Limit, ok bool) {
	for _, exact := range [...]bool{true, false} {
		for _, hardly := range [...]bool{hard, false} {
			for _, l := range r.limits[t] {
				if l.From.After(on) || l.Hard != hardly || exact && l.Disposition != disposition || !exact && l.Disposition != "" {
					continue
				}
				return l, true
			}
		}
	}
	return best, false
}

// scheme is the classes that are in force on a day: of the scheme that took
// effect last those that had by then.
func (r *rules) scheme(on typed.Date) []ResultClass {
	var from typed.Date
	n := 0
	for _, c := range r.classes {
		if b := r.begins(c.Scheme); !b.After(on) && !b.Before(from) {
			n, from = c.Scheme, b
		}
	}
	var out []ResultClass
	for _, c := range r.classes {
		if c.Scheme == n && !c.From.After(on) {
			out = append(out, c)
		}
	}
	return out
}

func (d *Desk) rules() *rules { return d.ref.Load().rules }

// Calendar returns what is known of working days.
func (d *Desk) Calendar() Calendar { return d.rules().calendar }

// Limits returns every limit, by clock; of those of one clock the one that
// took effect last first.
func (d *Desk) Limits() []Limit {
	var out []Limit
	for _, t := range Timers {
		out = append(out, d.rules().limits[Timer(t.Code)]...)
	}
	return out
}

// LimitFor is the limit of a clock that begins today.
func (d *Desk) LimitFor(t Timer, disposition string, hard bool) (Limit, bool) {
	return d.rules().limit(t, disposition, hard, d.Today())
}

// DueFor is when a clock that began on a day is due, and whether that is
// certain: false where it is counted in working days of a year whose holidays
// are not known yet. ok is false where no limit is set.
func (d *Desk) DueFor(t Timer, disposition string, hard bool, from typed.Date) (c Clock, ok bool) {
	c.start(t, from)
	d.rules().reckon(&c, disposition, hard)
	return c, !c.Due.IsZero()
}

// ResultClasses returns the classes in force on a day.
func (d *Desk) ResultClasses(on typed.Date) []ResultClass { return d.rules().scheme(on) }

// ResultClass returns the class with this code, of whatever scheme.
func (d *Desk) ResultClass(code string) (ResultClass, bool) {
	c, ok := d.rules().class[code]
	return c, ok
}

// ClassText names a class; an unknown code is its own name.
func (d *Desk) ClassText(code string) Text {
	if c, ok := d.ResultClass(code); ok {
		return c.Text()
	}
	return Text{code, code}
}

// CalendarWarning says which year's arrangement of working days is missing:
// this year's at any time, next year's from 1 November on, when the State
// Council publishes it. ok is false where none is.
func (d *Desk) CalendarWarning(today typed.Date) (t Text, ok bool) {
	c := d.Calendar()
	year := today.Year
	if c.Years[year] {
		if year++; c.Years[year] || today.Month < time.November {
			return t, false
		}
	}
	return Text{
		ZH: fmt.Sprintf("缺 %d 年工作日历,期限暂按周一至周五算", year),
		EN: fmt.Sprintf("working days of %d not known: counted Mon–Fri", year),
	}, true
}

// PutLimits records limits; those that say nothing new are passed over, and
// none takes the place of one that is in force; see checkNewLimit.
func (d *Desk) PutLimits(who Who, ls []Limit) (int, error) {
	if err := d.needLists(who); err != nil {
		return 0, err
	}
	return putRules(d, who, KindLimit, ls, d.checkNewLimit, d.KnowsLimit, func(v Limit) string { return v.Code })
}

// PutCalendars records years likewise.
func (d *Desk) PutCalendars(who Who, ys []YearCalendar) (int, error) {
	if err := d.needLists(who); err != nil {
		return 0, err
	}
	return putReference(d, who, KindCalendar, ys, checkYear, func(v YearCalendar) string { return v.Code })
}

// PutResultClasses records classes likewise.
func (d *Desk) PutResultClasses(who Who, cs []ResultClass) (int, error) {
	if err := d.needLists(who); err != nil {
		return 0, err
	}
	return putRules(d, who, KindResultClass, cs, d.checkNewClass, d.KnowsResultClass, func(v ResultClass) string { return v.Code })
}

// putRules is putReference for what must not change under those who count by
// it: it is checked with the desk locked, against what holds at that moment.
func putRules[T any](d *Desk, who Who, k ledger.Kind, items []T, check func(*Problems, string, *T), known func(T) bool, code func(T) string) (int, error) {
	d.mu.Lock()
	defer d.unlockRules()
	items, err := checked(k, items, check, code)
	if err != nil {
		return 0, err
	}
	return writeReference(d, who, k, slices.DeleteFunc(items, known), code)
}

func checkLimit(ps *Problems, at string, v *Limit) {
	v.Code = ps.text(at+"code", typed.Fold(v.Code), maxCode)
	ps.add(at+"timer", Timers.check(string(v.Timer)))
	ps.add(at+"unit", Units.check(string(v.Unit)))
	if v.Disposition != "" {
		ps.add(at+"disposition", Dispositions.check(v.Disposition))
	}
	if v.Count < 0 || v.Count > 1000 {
		ps.add(at+"count", outside(0, 1000))
	}
	if v.Warn < 0 || v.Warn > 366 {
		ps.add(at+"warn", outside(0, 366))
	}
	checkDay(ps, at+"from", v.From)
}

func checkYear(ps *Problems, at string, v *YearCalendar) {
	v.Code = ps.text(at+"code", typed.Fold(v.Code), maxCode)
	if len(v.Code) != 4 || !digitsOnly(v.Code) {
		ps.add(at+"code", &typed.Problem{Code: "year-form", ZH: "年份应是四位数字,例如 2026。", EN: "The year has four digits, such as 2026."})
	}
	v.Days = slices.Clone(v.Days)
	for i := range v.Days {
		x := &v.Days[i]
		place := fmt.Sprintf("%sdays[%d].", at, i)
		x.Name = ps.text(place+"name", x.Name, maxName)
		checkDay(ps, place+"date", x.Date)
		if fmt.Sprintf("%04d", x.Date.Year) != v.Code {
			ps.add(place+"date", &typed.Problem{Code: "year-other", ZH: x.Date.String() + " 不在 " + quote(v.Code) + " 年。", EN: x.Date.String() + " is not in " + quote(v.Code) + "."})
		}
	}
}

func checkClass(ps *Problems, at string, v *ResultClass) {
	v.Code = ps.text(at+"code", typed.Fold(v.Code), maxCode)
	v.Class = ps.name(at+"class", typed.Fold(v.Class), maxCode)
	v.Label = ps.name(at+"label", v.Label, maxLine)
	v.LabelEN = ps.text(at+"label_en", v.LabelEN, maxLine)
	checkDay(ps, at+"from", v.From)
}

// checkDay holds a day that may be left open to the calendar.
func checkDay(ps *Problems, field string, d typed.Date) {
	if !d.IsZero() && !d.Valid() {
		ps.add(field, &typed.Problem{Code: "date-range", ZH: "没有这一天。", EN: "There is no such day."})
	}
}
