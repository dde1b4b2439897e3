package typed

import (
	"strings"
	"time"
)

// Moment reads a date with or without a time of day, as tables and other
// programs write them: 2020/1/6 12:09:38, 2020-01-06T12:09:38+08:00,
// 8月17日 9点半. Without a zone it is in loc; without a time it is the start of
// the day. Today serves as in ParseDate.
func Moment(s string, today Date, loc *time.Location) (time.Time, error) {
	s = strings.TrimSpace(Fold(s))
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	day, clock, both := splitMoment(s)
	d, err := ParseDate(day, today)
	if err != nil {
		return time.Time{}, err
	}
	if !both {
		return d.Time(loc), nil
	}
	at, err := timeOfDay(clock)
	if err != nil {
		return time.Time{}, err
	}
	return time.Date(d.Year, d.Month, d.Day, at.Hour(), at.Minute(), at.Second(), 0, loc), nil
}

// splitMoment parts day and time at a T or, where the last word is not a bare
// number that belongs to a date such as "2026 8 17", at the last space.
func splitMoment(s string) (day, clock string, both bool) {
	if day, clock, ok := strings.Cut(s, "T"); ok && strings.Contains(clock, ":") {
		return day, clock, true
	}
	i := strings.LastIndexByte(s, ' ')
	if i < 0 || digits(s[i+1:]) {
		return s, "", false
	}
	if strings.Trim(s[i+1:], "0123456789月日号.-/") == "" {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// timeOfDay reads a time with seconds, or whatever Clock reads.
func timeOfDay(s string) (time.Time, error) {
	for _, form := range [...]string{"15:4:5", "15:4:5.999"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	c, err := Clock(s)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse("15:04", c)
}
