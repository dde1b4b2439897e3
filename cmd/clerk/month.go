package clerk

import (
	"strings"
	"time"

	"liaison/station/typed"
)

// Month is the span of days that --month names: 2026-11, 11, or "" for this
// month. A month without its year is the latest one.
func Month(s string, today typed.Date) (from, to typed.Date, err error) {
	s = strings.TrimSpace(typed.Fold(s))
	y, m := today.Year, today.Month
	if s != "" {
		if t, err := time.Parse("2006-1", strings.NewReplacer("年", "-", "月", "", ".", "-", "/", "-").Replace(s)); err == nil {
			y, m = t.Year(), t.Month()
		} else if t, err := time.Parse("1", strings.TrimSuffix(s, "月")); err == nil {
			m = t.Month()
			if m > today.Month {
				y--
			}
		} else {
			return from, to, usage("看不懂月份“%[1]s”,请写作 2026-11 或 11", "the month %[1]s cannot be read; write 2026-11 or 11", clip(s))
		}
	}
	from = typed.Date{Year: y, Month: m, Day: 1}
	return from, typed.DateOf(from.Time(time.UTC).AddDate(0, 1, -1)), nil
}
