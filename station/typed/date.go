package typed

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a day of the calendar, without clock and zone. The zero Date means
// "none". Dates compare with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf gives the day on which t falls, where t says it is.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero reports whether d is none.
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether d is a day of the calendar, years 1 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && DateOf(d.Time(time.UTC)) == d
}

// Time gives the start of the day in loc.
func (d Date) Time(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// AddDays gives the day n days later, or earlier where n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.Time(time.UTC).AddDate(0, 0, n)) }

// DaysSince gives the number of days from o to d.
func (d Date) DaysSince(o Date) int {
	const day = 24 * 60 * 60
	return int((d.Time(time.UTC).Unix() - o.Time(time.UTC).Unix()) / day)
}

// Compare orders days: -1 where d is before o, 0 where it is the same, or +1.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// Before reports whether d is before o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After reports whether d is after o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return d.Time(time.UTC).Weekday() }

// String gives 2026-11-23, and nothing for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// Long gives 2026年11月23日 星期一, as documents write it.
func (d Date) Long() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日 %s", d.Year, int(d.Month), d.Day, WeekdayZH(d.Weekday()))
}

// WeekdayZH gives 星期一 and so on.
func WeekdayZH(w time.Weekday) string {
	return "星期" + string([]rune("日一二三四五六")[w])
}

// MarshalText writes what String gives.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes and nothing else; people's ways
// of writing a date are for ParseDate.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil || t.Year() < 1 {
		return problem("date.form", "日期应写作 2026-11-23。", "A date is written 2026-11-23.")
	}
	*d = DateOf(t)
	return nil
}
