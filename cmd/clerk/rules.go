package clerk

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"liaison/station"
	"liaison/station/sheet"
	"liaison/station/typed"
)

// ruleColumns are the tables of the rules by which clocks and results are
// reckoned.
func ruleColumns(kind string) Kind {
	switch kind {
	case "calendar":
		return Kind{[]sheet.Column{
			{Key: "date", Names: []string{"日期", "date"}, Required: true, Date: true},
			{Key: "kind", Names: []string{"类别", "类型", "安排", "kind"}, Required: true},
			{Key: "name", Names: []string{"节日", "名称", "假期", "name"}},
		}, (*Intake).calendar}
	case "limits":
		return Kind{[]sheet.Column{
			{Key: "code", Names: append([]string{"期限编号"}, codeColumn...), Required: true},
			{Key: "timer", Names: []string{"时钟", "环节", "步骤", "timer"}, Required: true},
			{Key: "disposition", Names: []string{"处理方式", "disposition"}},
			{Key: "hard", Names: []string{"难度", "疑难", "hard"}},
			{Key: "count", Names: []string{"期限", "天数", "数量", "count"}, Required: true},
			{Key: "unit", Names: []string{"单位", "计量", "unit"}, Required: true},
			{Key: "warn", Names: []string{"提前提醒", "提醒", "临期", "warn"}},
			{Key: "from", Names: []string{"生效日期", "起", "from"}, Date: true},
		}, (*Intake).limits}
	case "classes":
		return Kind{[]sheet.Column{
			{Key: "scheme", Names: []string{"方案", "scheme"}, Required: true},
			{Key: "class", Names: []string{"类", "类别", "class"}, Required: true},
			{Key: "label", Names: []string{"含义", "名称", "说明", "label"}, Required: true},
			{Key: "label_en", Names: []string{"英文", "label_en"}},
			{Key: "done", Names: []string{"计入办成", "办成", "counts_done"}},
			{Key: "follow", Names: []string{"须承诺", "需跟踪", "needs_follow_up"}},
			{Key: "from", Names: []string{"生效日期", "起", "from"}, Date: true},
		}, (*Intake).classes}
	}
	return Kind{}
}

// calendar takes the State Council's arrangement: one departure from the week
// a row. A year that the table names is replaced whole, so it is left as it is
// where a row of it is refused, or where days that are held would go: a day
// that is missing by mistake turns a holiday into a working day, and moves
// deadlines.
func (k *Intake) calendar(context.Context) error {
	years := map[string]*station.YearCalendar{}
	line := map[string]int{} // where a year begins
	first := map[typed.Date]int{}
	faulty := map[string]bool{} // years of which a row was refused; "": a row of no year that can be told
	wrong := func(r sheet.Row, why string) {
		if why != "" {
			k.Refuse(r.Line, why)
		}
		faulty[yearOf(r.Get("date"), k.Desk.Today())] = true
	}
	for _, r := range k.Table.Rows {
		if !k.Sound(r) {
			wrong(r, "")
			continue
		}
		d, err := typed.ParseDate(r.Get("date"), k.Desk.Today())
		if err != nil {
			wrong(r, Sentence(err))
			continue
		}
		work := false
		switch strings.ToLower(OneLine(r.Get("kind"))) {
		case "holiday", "放假", "休", "假日", "节假日", "休息":
		case "workday", "上班", "班", "补班", "调休上班", "工作日":
			work = true
		default:
			wrong(r, "类别请写作 放假 或 上班 / write holiday or workday")
			continue
		}
		if at := first[d]; at > 0 {
			wrong(r, fmt.Sprintf("这一天在第 %d 行已有安排 / row %[1]d has this day already", at))
			continue
		}
		first[d] = r.Line
		code := fmt.Sprintf("%04d", d.Year)
		if years[code] == nil {
			years[code], line[code] = &station.YearCalendar{Code: code}, r.Line
		}
		years[code].Days = append(years[code].Days, station.CalendarDay{Date: d, Work: work, Name: OneLine(r.Get("name"))})
	}
	var out []station.YearCalendar
	for _, code := range slices.Sorted(maps.Keys(years)) {
		y := years[code]
		slices.SortFunc(y.Days, func(a, b station.CalendarDay) int { return a.Date.Compare(b.Date) })
		held := k.heldDays(code)
		switch {
		case faulty[code] || faulty[""]:
			k.Refuse(line[code], code+" 年有未收的行,整年未改,请改正后再导入 / a row of "+code+" was refused, so the year was left as it is; mend it and import again")
		case len(y.Days) < held && !k.Replace:
			k.Refuse(line[code], fmt.Sprintf("%[1]s 年已有 %[2]d 天,表里只有 %[3]d 天,整年未改:安排要整年导入;确实要以少换多,请加 --replace / %[1]s holds %[2]d days and the table %[3]d, so the year was left as it is: a year is imported whole; to replace it all the same add --replace", code, held, len(y.Days)))
		default:
			out = append(out, *y)
		}
	}
	d := k.Desk
	known := func(y station.YearCalendar) bool { return d.SaysAlready(station.KindCalendar, y.Code, y) }
	var told []string
	for _, y := range out {
		if held := k.heldDays(y.Code); !known(y) {
			told = append(told, fmt.Sprintf("%[1]s 年:%[3]d 天,原有 %[2]d 天 / %[1]s: %[3]d days in place of %[2]d\n", y.Code, held, len(y.Days)))
		}
	}
	if err := store(k, out, d.PutCalendars, known); err != nil {
		return err
	}
	_, err := io.WriteString(k.Stdout, strings.Join(told, ""))
	return err
}

// heldDays counts the days of a year of which an arrangement is held.
func (k *Intake) heldDays(year string) (n int) {
	c := k.Desk.Calendar()
	for _, days := range [...]map[typed.Date]bool{c.Off, c.Work} {
		for d := range days {
			if fmt.Sprintf("%04d", d.Year) == year {
				n++
			}
		}
	}
	return n
}

// yearOf is the year that a cell speaks of, though it may be no day of it; ""
// where that cannot be told.
func yearOf(s string, today typed.Date) string {
	if d, err := typed.ParseDate(s, today); err == nil {
		return fmt.Sprintf("%04d", d.Year)
	}
	digits := strings.TrimSpace(typed.Fold(s))
	if n := strings.IndexFunc(digits, func(c rune) bool { return c < '0' || c > '9' }); n >= 0 {
		digits = digits[:n]
	}
	if len(digits) == 4 || len(digits) == 8 {
		return digits[:4]
	}
	return ""
}

// timer reads which clock a limit is of: T1…T8, its word or its name.
func timer(s string) (station.Timer, error) {
	t, err := oneOf(s, "", station.Timers)
	if err == nil && t == "" {
		err = refuse("缺环节", "the clock is missing")
	}
	return station.Timer(t), err
}

func (k *Intake) limits(context.Context) error {
	held := map[string]station.Limit{}
	for _, l := range k.Desk.Limits() {
		if _, ok := held[l.Code]; !ok { // of one code that which holds last
			held[l.Code] = l
		}
	}
	out := take(k, func(r *row) station.Limit {
		code := OneLine(typed.Fold(r.Get("code")))
		v := held[code]
		v.Code = code
		into(r, "timer", &v.Timer, timer)
		into(r, "disposition", &v.Disposition, func(s string) (string, error) { return oneOf(s, "", station.Dispositions) })
		into(r, "hard", &v.Hard, yes)
		into(r, "unit", &v.Unit, func(s string) (station.Unit, error) {
			u, err := oneOf(s, "", station.Units)
			return station.Unit(u), err
		})
		into(r, "count", &v.Count, count)
		into(r, "warn", &v.Warn, func(s string) (int, error) {
			if s == "" {
				return 0, nil
			}
			return count(s)
		})
		into(r, "from", &v.From, k.since)
		return v
	})
	d := k.Desk
	return store(k, out, d.PutLimits, d.KnowsLimit)
}

func (k *Intake) classes(context.Context) error {
	var out []station.ResultClass
	first := map[string]int{}
	for _, sr := range k.Table.Rows {
		if !k.Sound(sr) {
			continue
		}
		scheme, err := count(sr.Get("scheme"))
		r := &row{Row: sr, found: k.Table.Found, err: err}
		code := station.ClassCode(scheme, fold(sr.Get("class")))
		if at := first[code]; err == nil && at > 0 {
			r.err = refuse("与第 %[1]d 行同方案同类", "row %[1]d has this scheme and class already", at)
		}
		v, _ := k.Desk.ResultClass(code)
		v.Code, v.Scheme = code, scheme
		r.code("class", &v.Class)
		r.text("label", &v.Label)
		r.text("label_en", &v.LabelEN)
		into(r, "done", &v.CountsDone, yes)
		into(r, "follow", &v.NeedsFollowUp, yes)
		into(r, "from", &v.From, k.since)
		if add(k, &out, r, v) {
			first[code] = sr.Line
		}
	}
	d := k.Desk
	return store(k, out, d.PutResultClasses, d.KnowsResultClass)
}

// count reads a whole number.
func count(s string) (int, error) {
	n, err := strconv.Atoi(OneLine(typed.Fold(s)))
	if err != nil {
		return 0, refuse("“%[1]s”应是整数", "%[1]s should be a whole number", clip(s))
	}
	return n, nil
}

// yes reads a mark.
func yes(s string) (bool, error) {
	switch strings.ToLower(OneLine(s)) {
	case "", "否", "no", "false", "0":
		return false, nil
	case "是", "yes", "true", "1", "√", "✓":
		return true, nil
	}
	return false, refuse("请写 是 或 否", "write 是 or 否")
}
