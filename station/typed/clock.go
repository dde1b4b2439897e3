package typed

import (
	"fmt"
	"strconv"
	"strings"
)

// Clock reads a time of day the way people type it and gives it as 09:05.
//
//	905  0905  9:05  9.05  09：05  9点  9点半  9点一刻  9时5分  9  下午2点
func Clock(s string) (string, error) {
	s = strings.ReplaceAll(strings.TrimSpace(Fold(s)), " ", "")
	if s == "" {
		return "", problem("clock.empty", "请输入时间，例如 905 或 9点半。", "Type a time, such as 905 or 9:30.")
	}
	s, part := partOfDay(s)
	h, m, ok := clockParts(s)
	if !ok {
		return "", problem("clock.form", "看不懂这个时间，请写作 905、9:05 或 9点半。", "This time cannot be read; write 905, 9:05 or 9点半.")
	}
	if h < part.from && h+12 <= part.to {
		h += 12
	}
	if h < part.from || h > part.to || m > 59 {
		return "", problem("clock.range", "没有这个时间，时间在 0:00 到 23:59 之间。", "There is no such time; times lie between 0:00 and 23:59.")
	}
	return fmt.Sprintf("%02d:%02d", h, m), nil
}

// hours is a part of the day by its first and last hour.
type hours struct{ from, to int }

// partOfDay cuts 上午, 下午 and the like off. The hours they cover overlap, as
// they do in speech; 晚上12点 is in none, because it could be either midnight.
func partOfDay(s string) (string, hours) {
	for _, p := range [...]struct {
		word string
		hours
	}{
		{"凌晨", hours{0, 5}}, {"早上", hours{4, 11}}, {"上午", hours{5, 12}}, {"中午", hours{10, 14}},
		{"下午", hours{12, 18}}, {"傍晚", hours{16, 20}}, {"晚上", hours{17, 23}},
	} {
		if rest, ok := strings.CutPrefix(s, p.word); ok {
			return rest, p.hours
		}
	}
	return s, hours{0, 23}
}

func clockParts(s string) (h, m int, ok bool) {
	if digits(s) {
		switch len(s) {
		case 1, 2:
			s += ":00"
		case 3, 4:
			s = s[:len(s)-2] + ":" + s[len(s)-2:]
		}
	}
	i := strings.IndexAny(s, ":.点时")
	if i < 0 {
		return 0, 0, false
	}
	hour := s[:i]
	spoken := s[i] != ':' && s[i] != '.'
	minute := strings.TrimLeft(s[i:], ":.点时")
	if spoken {
		minute = spokenMinute(strings.TrimPrefix(minute, "钟"))
	}
	if !digits(hour) || len(hour) > 2 || !digits(minute) || len(minute) > 2 {
		return 0, 0, false
	}
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	return h, m, errH == nil && errM == nil
}

// spokenMinute reads what follows 点.
func spokenMinute(s string) string {
	switch s {
	case "", "整":
		return "0"
	case "半":
		return "30"
	case "一刻":
		return "15"
	case "三刻":
		return "45"
	}
	return strings.TrimSuffix(s, "分")
}
