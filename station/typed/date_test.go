package typed

import (
	"encoding/json"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	today := Date{2026, time.November, 23} // a Monday
	for in, want := range map[string]string{
		"2026-11-23": "2026-11-23", "2026.11.23": "2026-11-23", "2026/11/23": "2026-11-23",
		"2026年11月23日": "2026-11-23", "2026年8月7号": "2026-08-07", "20261123": "2026-11-23",
		"２０２６－１１－２３": "2026-11-23", "2026。8。17": "2026-08-17", "2026 8 17": "2026-08-17",
		"1123": "2026-11-23", "1124": "2025-11-24", "817": "2026-08-17", "0817": "2026-08-17",
		"8.17": "2026-08-17", "8-17": "2026-08-17", "8/17": "2026-08-17", "8月17日": "2026-08-17",
		"8月17": "2026-08-17", "12月31日": "2025-12-31", "229": "2024-02-29",
		"今天": "2026-11-23", "昨天": "2026-11-22", "前天": "2026-11-21", "明天": "2026-11-24",
		"today": "2026-11-23", "Yesterday": "2026-11-22", "-1": "2026-11-22", "－1": "2026-11-22", "-30": "2026-10-24",
		"周一": "2026-11-23", "周二": "2026-11-17", "星期日": "2026-11-22", "礼拜天": "2026-11-22", "周7": "2026-11-22",
		"上周三": "2026-11-18", "上周日": "2026-11-22", "fri": "2026-11-20", "Friday": "2026-11-20",
		"2030-01-01": "2030-01-01",
	} {
		got, err := ParseDate(in, today)
		if err != nil || got.String() != want {
			t.Errorf("ParseDate(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestParseDateProblems(t *testing.T) {
	today := Date{2026, time.November, 23}
	for in, code := range map[string]string{
		"": "date.empty", "　": "date.empty",
		"abc": "date.form", "12345": "date.form", "1": "date.form", "2026": "date.month", "26-8-17": "date.form",
		"2026-8": "date.form", "1.2.3.4": "date.form", "周八": "date.form", "-1234": "date.form", "8.": "date.form",
		"1323": "date.month", "0000": "date.month", "2026-00-10": "date.month",
		"431": "date.day", "2026-02-29": "date.day", "8-0": "date.day", "230": "date.day",
	} {
		_, err := ParseDate(in, today)
		wantProblem(t, in, err, code)
	}
}

func wantProblem(t *testing.T, in string, err error, code string) {
	t.Helper()
	p, ok := err.(Problem)
	if !ok || p.Code != code || p.ZH == "" || p.EN == "" {
		t.Errorf("%q: problem %q (%v), want %q", in, p.Code, err, code)
	}
}

func TestDate(t *testing.T) {
	d := Date{2026, time.November, 23}
	if got := d.Long(); got != "2026年11月23日 星期一" {
		t.Error(got)
	}
	if got := d.AddDays(39); got != (Date{2027, time.January, 1}) || got.DaysSince(d) != 39 {
		t.Error(got)
	}
	if !d.Before(d.AddDays(1)) || !d.After(d.AddDays(-30)) || d.Compare(d) != 0 {
		t.Error("order of days")
	}
	if (Date{2026, time.February, 29}).Valid() || !(Date{2024, time.February, 29}).Valid() || (Date{}).Valid() {
		t.Error("leap days")
	}
	if got := DateOf(d.Time(time.FixedZone("CST", 8*3600))); got != d {
		t.Error(got)
	}
	if n := (Date{9999, 12, 31}).DaysSince(Date{1, 1, 1}); n != 3652058 {
		t.Error(n)
	}
}

func TestDateAsJSON(t *testing.T) {
	type form struct {
		On Date `json:"on"`
	}
	for _, text := range []string{`{"on":"2026-11-23"}`, `{"on":""}`} {
		var f form
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(f)
		if err != nil || string(b) != text {
			t.Errorf("%s came back as %s, %v", text, b, err)
		}
	}
	for _, text := range []string{`{"on":"2026-02-30"}`, `{"on":"817"}`, `{"on":"0000-01-01"}`} {
		if err := json.Unmarshal([]byte(text), &form{}); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestClock(t *testing.T) {
	for in, want := range map[string]string{
		"905": "09:05", "0905": "09:05", "9:05": "09:05", "09：05": "09:05", "9.05": "09:05", "9点": "09:00", "9点钟": "09:00",
		"9点半": "09:30", "9点一刻": "09:15", "9时5分": "09:05", "９点０５": "09:05", "9": "09:00", "14": "14:00", "1330": "13:30",
		"下午2点": "14:00", "下午12点": "12:00", "中午1点": "13:00", "中午11点半": "11:30", "上午9点": "09:00", "晚上7:30": "19:30",
		"下午14点": "14:00", "0:00": "00:00", "23:59": "23:59",
	} {
		if got, err := Clock(in); err != nil || got != want {
			t.Errorf("Clock(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, code := range map[string]string{
		"": "clock.empty", "x": "clock.form", "9点x": "clock.form", "12345": "clock.form", ":5": "clock.form", "点": "clock.form",
		"2400": "clock.range", "960": "clock.range", "晚上12点": "clock.range", "上午14点": "clock.range",
	} {
		_, err := Clock(in)
		wantProblem(t, in, err, code)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"817", "2026年11月23日", "上周三", "-1", "8.17", "号", "0229"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s, Date{2026, time.November, 23})
		if err != nil {
			if _, ok := err.(Problem); !ok {
				t.Fatalf("%q: %v is not a Problem", s, err)
			}
			return
		}
		if !d.Valid() {
			t.Fatalf("%q gave %v", s, d)
		}
		if again, err := ParseDate(d.String(), Date{}); err != nil || again != d {
			t.Fatalf("%q gave %s, which reads as %s, %v", s, d, again, err)
		}
	})
}

func FuzzClock(f *testing.F) {
	for _, s := range []string{"905", "9点半", "下午2点", "：5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Clock(s)
		if err != nil {
			return
		}
		if _, err := time.Parse("15:04", c); err != nil {
			t.Fatalf("%q gave %q", s, c)
		}
		if again, err := Clock(c); err != nil || again != c {
			t.Fatalf("%q gave %q, which reads as %q, %v", s, c, again, err)
		}
	})
}

// A day ahead without a year is the next one; one with a year is that one.
func TestComingDate(t *testing.T) {
	today := Date{2026, time.November, 27}
	for typed, want := range map[string]string{"1201": "2026-12-01", "12.5": "2026-12-05", "1126": "2027-11-26", "1127": "2026-11-27", "今天": "2026-11-27", "明天": "2026-11-28",
		"2025-12-01": "2025-12-01", "2027-01-01": "2027-01-01", "昨天": "2026-11-26"} {
		if d, err := ComingDate(typed, today); err != nil || d.String() != want {
			t.Errorf("%s is %s, %v; want %s", typed, d, err, want)
		}
	}
	if _, err := ComingDate("x", today); err == nil {
		t.Error("nonsense is a day")
	}
}
