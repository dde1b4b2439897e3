package clerk

import (
	"context"
	"fmt"
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
// a row. A year that the table names is replaced whole.
func (k *Intake) calendar(context.Context) error {
	years := map[string]*station.YearCalendar{}
	first := map[typed.Date]int{}
	for _, r := range k.Table.Rows {
		if !k.Sound(r) {
			continue
		}
		d, err := typed.ParseDate(r.Get("date"), k.Desk.Today())
		if err != nil {
			k.Refuse(r.Line, Sentence(err))
			continue
		}
		work := false
		switch strings.ToLower(OneLine(r.Get("kind"))) {
		case "holiday", "放假", "休", "假日", "节假日", "休息":
		case "workday", "上班", "班", "补班", "调休上班", "工作日":
			work = true
		default:
			k.Refuse(r.Line, "类别请写作 放假 或 上班 / write holiday or workday")
			continue
		}
		if at := first[d]; at > 0 {
			k.Refuse(r.Line, fmt.Sprintf("这一天在第 %d 行已有安排 / row %[1]d has this day already", at))
			continue
		}
		first[d] = r.Line
		code := fmt.Sprintf("%04d", d.Year)
		if years[code] == nil {
			years[code] = &station.YearCalendar{Code: code}
		}
		years[code].Days = append(years[code].Days, station.CalendarDay{Date: d, Work: work, Name: OneLine(r.Get("name"))})
	}
	var out []station.YearCalendar
	for _, y := range years {
		slices.SortFunc(y.Days, func(a, b station.CalendarDay) int { return a.Date.Compare(b.Date) })
		out = append(out, *y)
	}
	slices.SortFunc(out, func(a, b station.YearCalendar) int { return strings.Compare(a.Code, b.Code) })
	d := k.Desk
	return store(k, out, d.PutCalendars, func(y station.YearCalendar) bool { return d.SaysAlready(station.KindCalendar, y.Code, y) })
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
