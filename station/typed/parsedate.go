package typed

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a date the way people type it. Without a year it is the
// nearest such day that is not after today, and so is a weekday.
//
//	2026-11-23  2026.11.23  2026/11/23  2026年11月23日  20261123
//	1123  817  0817  8.17  8-17  8/17  8月17日  8月17号
//	今天  昨天  前天  大前天  明天  today  yesterday  tomorrow
//	-1 (days ago)  周一  星期一  礼拜一  mon  上周五 (of the week before)
//
// A day in the future is returned as it is: whether it may be is for the
// caller to say.
func ParseDate(s string, today Date) (Date, error) {
	s = strings.ToLower(strings.TrimSpace(Fold(s)))
	if s == "" {
		return Date{}, problem("date.empty", "请输入日期，例如 817 或 2026-08-17。", "Type a date, such as 817 or 2026-08-17.")
	}
	if n, ok := dayWord(s); ok {
		return today.AddDays(n), nil
	}
	if d, ok := weekday(s, today); ok {
		return d, nil
	}
	if n, ok := strings.CutPrefix(s, "-"); ok && len(n) <= 3 {
		if ago, err := strconv.ParseUint(n, 10, 16); err == nil {
			return today.AddDays(-int(ago)), nil
		}
	}
	parts, ok := dateParts(s)
	if !ok {
		return Date{}, problem("date.form",
			"看不懂这个日期，请写作 817、8月17日 或 2026-08-17。",
			"This date cannot be read; write 817, 8月17日 or 2026-08-17.")
	}
	return complete(parts, today)
}

// ComingDate reads a day that lies ahead, such as a due date: where no year was
// said it is the next such day, not the last.
func ComingDate(s string, today Date) (Date, error) {
	d, err := ParseDate(s, today)
	if err != nil || !d.Before(today) {
		return d, err
	}
	next, err := ParseDate(s, today.AddDays(364))
	if err == nil && next.Year == d.Year+1 && next.Month == d.Month && next.Day == d.Day {
		return next, nil
	}
	return d, nil
}

// Month reads a date of a roster or a rule, which often names no more than the
// month: its first day, or its last where an end is meant. 至今 is none.
func Month(s string, today Date, end bool) (Date, error) {
	s = strings.TrimSpace(Fold(s))
	if s == "" || s == "至今" {
		return Date{}, nil
	}
	t, err := time.Parse("2006-1", strings.Trim(strings.NewReplacer("年", "-", "月", "", ".", "-", "/", "-").Replace(s), "-"))
	if err != nil {
		return ParseDate(s, today)
	}
	if end {
		t = t.AddDate(0, 1, -1)
	}
	return DateOf(t), nil
}

// dayWord gives the distance from today in days.
func dayWord(s string) (int, bool) {
	switch s {
	case "今天", "今日", "today":
		return 0, true
	case "昨天", "昨日", "yesterday":
		return -1, true
	case "前天":
		return -2, true
	case "大前天":
		return -3, true
	case "明天", "明日", "tomorrow":
		return 1, true
	case "后天":
		return 2, true
	}
	return 0, false
}

// weekday reads 周三, 星期三, 礼拜三, wed, wednesday: the last one not after
// today; and 上周三, the one in the week before this. Weeks begin on Monday.
func weekday(s string, today Date) (Date, bool) {
	s, last := strings.CutPrefix(s, "上")
	w, ok := weekdayName(s)
	if !ok {
		return Date{}, false
	}
	if last {
		monday := today.AddDays(-sinceMonday(today.Weekday()))
		return monday.AddDays(sinceMonday(w) - 7), true
	}
	return today.AddDays(-((int(today.Weekday()) - int(w) + 7) % 7)), true
}

func sinceMonday(w time.Weekday) int { return (int(w) + 6) % 7 }

func weekdayName(s string) (time.Weekday, bool) {
	for _, p := range [...]string{"周", "星期", "礼拜"} {
		rest, ok := strings.CutPrefix(s, p)
		if !ok {
			continue
		}
		if rest == "天" || rest == "7" {
			return time.Sunday, true
		}
		for w := range time.Weekday(7) {
			if rest == string([]rune("日一二三四五六")[w]) || w > 0 && rest == strconv.Itoa(int(w)) {
				return w, true
			}
		}
		return 0, false
	}
	for w := range time.Weekday(7) {
		if name := strings.ToLower(w.String()); s == name || s == name[:3] {
			return w, true
		}
	}
	return 0, false
}

// dateParts splits a date into two or three numbers, the year first where
// there is one.
func dateParts(s string) ([]int, bool) {
	s = strings.TrimRight(s, "日号 ")
	if digits(s) {
		switch len(s) {
		case 8:
			s = s[:4] + "-" + s[4:6] + "-" + s[6:]
		case 3, 4:
			s = s[:len(s)-2] + "-" + s[len(s)-2:]
		default:
			return nil, false
		}
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-./, 年月", r) })
	if len(fields) != 2 && len(fields) != 3 {
		return nil, false
	}
	var parts []int
	for i, f := range fields {
		year := i == 0 && len(fields) == 3
		if !digits(f) || year != (len(f) == 4) || !year && len(f) > 2 {
			return nil, false
		}
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil, false
		}
		parts = append(parts, n)
	}
	return parts, true
}

// digits reports whether s is one or more ASCII digits.
func digits(s string) bool {
	return s != "" && span(s, '0', '9') == len(s)
}

// complete makes a date of its parts and looks for the year where none was
// given. 29 February lies up to eight years back.
func complete(parts []int, today Date) (Date, error) {
	if len(parts) == 3 {
		d := Date{parts[0], time.Month(parts[1]), parts[2]}
		if !d.Valid() {
			return Date{}, noSuchDay(parts[1], parts[2])
		}
		return d, nil
	}
	for y := today.Year; y >= today.Year-8; y-- {
		d := Date{y, time.Month(parts[0]), parts[1]}
		if d.Valid() && !d.After(today) {
			return d, nil
		}
	}
	return Date{}, noSuchDay(parts[0], parts[1])
}

func noSuchDay(month, day int) error {
	if month < 1 || month > 12 {
		return counted("date.month", "没有 %d 月，月份是 1 到 12。", "There is no month %d; months are 1 to 12.", month)
	}
	return counted("date.day", "%d 月没有 %d 日。", "Month %d has no day %d.", month, day)
}
