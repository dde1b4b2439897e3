package station_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/typed"
)

// holidays is the State Council's arrangement of 2025 and 2026: spans of days
// off, and weekend days worked.
const holidays = `
2025-01-01 off; 2025-01-28..2025-02-04 off; 2025-04-04..2025-04-06 off; 2025-05-01..2025-05-05 off
2025-05-31..2025-06-02 off; 2025-10-01..2025-10-08 off
2025-01-26 work; 2025-02-08 work; 2025-04-27 work; 2025-09-28 work; 2025-10-11 work
2026-01-01..2026-01-03 off; 2026-02-15..2026-02-23 off; 2026-04-04..2026-04-06 off; 2026-05-01..2026-05-05 off
2026-06-19..2026-06-21 off; 2026-09-25..2026-09-27 off; 2026-10-01..2026-10-07 off
2026-01-04 work; 2026-02-14 work; 2026-02-28 work; 2026-05-09 work; 2026-09-20 work; 2026-10-10 work`

// arrangement reads the table above.
func arrangement(t testing.TB) []station.YearCalendar {
	t.Helper()
	years := map[int]*station.YearCalendar{2025: {Code: "2025"}, 2026: {Code: "2026"}}
	for part := range strings.FieldsFuncSeq(holidays, func(r rune) bool { return r == ';' || r == '\n' }) {
		span, what, _ := strings.Cut(strings.TrimSpace(part), " ")
		first, last, ok := strings.Cut(span, "..")
		if !ok {
			last = first
		}
		for d := date(first); !d.After(date(last)); d = d.AddDays(1) {
			y := years[d.Year]
			y.Days = append(y.Days, station.CalendarDay{Date: d, Work: what == "work"})
		}
	}
	return []station.YearCalendar{*years[2025], *years[2026]}
}

// samples is the folder of published data to try against, and whether it is
// there.
func samples(name string) (string, bool) {
	dir := os.Getenv("LIAISON_SAMPLES")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	path := filepath.Join(dir, name)
	_, err := os.Stat(path)
	return path, err == nil
}

// TestTheArrangementIsThePublishedOne compares the table built into this test
// with the published file, where that is at hand.
func TestTheArrangementIsThePublishedOne(t *testing.T) {
	want := map[typed.Date]bool{} // worked
	for _, y := range arrangement(t) {
		for _, d := range y.Days {
			want[d.Date] = d.Work
		}
	}
	if len(want) != 72 {
		t.Fatalf("the table has %d days", len(want))
	}
	path, ok := samples("calendar.csv")
	if !ok {
		t.Logf("%s is not here: the %d days built into the test stand for it", path, len(want))
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range rows[1:] {
		d := date(r[0])
		if d.Year < 2025 {
			continue
		}
		n++
		if work, ok := want[d]; !ok || work != (r[1] == "workday") {
			t.Errorf("%s is published as %s", d, r[1])
		}
	}
	if n != len(want) {
		t.Errorf("%d days are published, %d are in the table", n, len(want))
	}
	t.Logf("%d days departing from the week in 2025 and 2026, as published", n)
}

// reckoned is when a limit ends by another way of counting: a list of every
// working day of the years, walked by its place; months by the civil calendar.
type reckoned struct {
	days []time.Time // worked, in order
}

func reckoning(t testing.TB, through int) reckoned {
	off, work := map[string]bool{}, map[string]bool{}
	for _, y := range arrangement(t) {
		for _, d := range y.Days {
			if d.Work {
				work[d.Date.String()] = true
			} else {
				off[d.Date.String()] = true
			}
		}
	}
	var r reckoned
	for d := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() <= through; d = d.Add(24 * time.Hour) {
		day := d.Format(time.DateOnly)
		if weekend := int(d.Weekday())%6 == 0; work[day] || !weekend && !off[day] {
			r.days = append(r.days, d)
		}
	}
	return r
}

func (r reckoned) workingDays(from time.Time, n int) string {
	i := 0
	for !r.days[i].After(from) {
		i++
	}
	return r.days[i+n-1].Format(time.DateOnly)
}

func reckonMonths(from time.Time, n int) string {
	months := from.Year()*12 + int(from.Month()) - 1 + n
	for day := from.Day(); ; day-- {
		s := fmt.Sprintf("%04d-%02d-%02d", months/12, months%12+1, day)
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			return s
		}
	}
}

// TestDeadlinesOfEveryDay counts 7 and 15 working days, 30 days and 3 months
// from every day of 2025 and 2026, against another reckoning from the
// published arrangement. A deadline in working days that runs into 2027, which
// is not published, says so.
func TestDeadlinesOfEveryDay(t *testing.T) {
	b := newDesk(t)
	if n, err := b.PutCalendars(head, arrangement(t)); err != nil || n != 2 {
		t.Fatalf("%d calendars, %v", n, err)
	}
	other := reckoning(t, 2027)
	deadlines, unsure := 0, 0
	for d := date("2025-01-01"); d.Year < 2027; d = d.AddDays(1) {
		from := d.Time(time.UTC)
		for _, x := range []struct {
			timer       station.Timer
			disposition string
			want        string
			working     bool
		}{
			{station.TimerHandle, "village", other.workingDays(from, 7), true},
			{station.TimerHandle, "town", other.workingDays(from, 15), true},
			{station.TimerHandle, "city", from.Add(30 * 24 * time.Hour).Format(time.DateOnly), false},
			{station.TimerHandle, "proposal", reckonMonths(from, 3), false},
		} {
			c, ok := b.DueFor(x.timer, x.disposition, false, d)
			if !ok || c.Due.String() != x.want {
				t.Errorf("%s from %s: due %s, want %s", x.disposition, d, c.Due, x.want)
			}
			if past := x.working && x.want > "2026-12-31"; c.Unsure != past {
				t.Errorf("%s from %s: due %s, unsure %v", x.disposition, d, c.Due, c.Unsure)
			}
			deadlines++
			if c.Unsure {
				unsure++
			}
		}
	}
	t.Logf("%d deadlines from %d days; %d of them run past the calendar and say so", deadlines, 730, unsure)
	if deadlines != 4*730 || unsure == 0 {
		t.Errorf("%d deadlines, %d unsure", deadlines, unsure)
	}
}

// The program warns when the year's arrangement is missing, and from November
// on when the next one's is; a life carries the flag.
func TestTheMissingCalendarIsSaid(t *testing.T) {
	b := newDesk(t)
	if w, ok := b.CalendarWarning(date("2026-11-23")); !ok || !strings.Contains(w.ZH, "2026") || !strings.Contains(w.EN, "2026") {
		t.Errorf("without any calendar: %+v", w)
	}
	if l := b.accepted("village"); !l.Clock.Unsure {
		t.Error("a deadline counted without a calendar is held for certain")
	}
	if _, err := b.PutCalendars(head, arrangement(t)); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{"2026-03-01": "", "2026-10-31": "", "2026-11-01": "2027", "2026-12-31": "2027", "2027-01-01": "2027", "2025-12-01": ""} {
		w, ok := b.CalendarWarning(date(day))
		if ok != (want != "") || ok && !strings.Contains(w.ZH, want) {
			t.Errorf("on %s: %v %+v, want %q", day, ok, w, want)
		}
	}
	b.on("2026-11-24")
	if l := b.accepted("village"); l.Clock.Unsure {
		t.Errorf("due %s and unsure", l.Due)
	}
	if l := b.accepted("town"); l.Clock.Unsure || l.Due != date("2026-12-15") {
		t.Errorf("due %s, unsure %v", l.Due, l.Clock.Unsure)
	}
	b.on("2026-12-28")
	if l := b.accepted("village"); !l.Clock.Unsure || l.Due != date("2027-01-06") {
		t.Errorf("due %s, unsure %v", l.Due, l.Clock.Unsure)
	}
	_, err := b.PutCalendars(head, []station.YearCalendar{{Code: "26"}, {Code: "2027", Days: []station.CalendarDay{{Date: date("2026-01-01")}}}})
	faulty(t, err, "calendar[0].code", "year-form")
	faulty(t, err, "calendar[1].days[0].date", "year-other")
}
