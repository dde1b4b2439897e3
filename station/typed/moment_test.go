package typed

import (
	"testing"
	"time"
)

func TestMoment(t *testing.T) {
	loc := time.FixedZone("CST", 8*60*60)
	today := Date{2026, time.November, 23}
	for in, want := range map[string]string{
		"2020/1/6 12:09:38":         "2020-01-06T12:09:38+08:00",
		"2012/9/29 9:23:50":         "2012-09-29T09:23:50+08:00",
		"2020-01-06 9:05":           "2020-01-06T09:05:00+08:00",
		"2020年1月6日 9点半":             "2020-01-06T09:30:00+08:00",
		"８．１７　９：０５":                 "2026-08-17T09:05:00+08:00",
		"2020-01-06T12:09:38":       "2020-01-06T12:09:38+08:00",
		"2020-01-06T12:09:38Z":      "2020-01-06T12:09:38Z",
		"2020-01-06T12:09:38+09:00": "2020-01-06T12:09:38+09:00",
		"2020-01-06 12:09:38.000":   "2020-01-06T12:09:38+08:00",
		"2020-01-06":                "2020-01-06T00:00:00+08:00",
		"2026 8 17":                 "2026-08-17T00:00:00+08:00",
		"昨天 下午2点":                   "2026-11-22T14:00:00+08:00",
		"817":                       "2026-08-17T00:00:00+08:00",
	} {
		got, err := Moment(in, today, loc)
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("Moment(%q) = %s, %v; want %s", in, got.Format(time.RFC3339), err, want)
		}
	}
	for in, code := range map[string]string{
		"": "date.empty", "2020/13/6 12:09:38": "date.month", "2020/1/6 25:00": "clock.range", "2020/1/6 ?": "clock.form", "x 9:05": "date.form",
	} {
		_, err := Moment(in, today, loc)
		wantProblem(t, in, err, code)
	}
}

func FuzzMoment(f *testing.F) {
	for _, s := range []string{"2020/1/6 12:09:38", "2020-01-06T12:09:38Z", "昨天 下午2点", "T:", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Moment(s, Date{2026, time.November, 23}, time.UTC)
		if err == nil && (got.Year() < 0 || got.Year() > 9999) {
			t.Fatalf("%q gave %s", s, got)
		}
	})
}
