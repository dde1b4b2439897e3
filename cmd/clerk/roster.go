package clerk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"liaison/station"
	"liaison/station/sheet"
	"liaison/station/typed"
)

// deputies takes a roster. A deputy who holds seats at several levels stands
// in several rows of one code, or in one row with the levels side by side.
func (k *Intake) deputies(context.Context) error {
	var out []station.Deputy
	at := map[string]int{}    // place in out by code
	first := map[string]int{} // line a code first stands in
	for _, r := range k.Table.Rows {
		if !k.Sound(r) {
			continue
		}
		d, err := k.deputy(r)
		if err != nil {
			k.Refuse(r.Line, k.wrong(err))
			continue
		}
		i, again := at[d.Code]
		switch {
		case !again:
			at[d.Code], first[d.Code] = len(out), r.Line
			out = append(out, d)
		case out[i].Name != d.Name:
			k.Refuse(r.Line, fmt.Sprintf("代表编号与第 %d 行相同,姓名却不同 / row %d has this code with another name", first[d.Code], first[d.Code]))
		default:
			for _, m := range d.Mandates {
				if !slices.Contains(out[i].Mandates, m) {
					out[i].Mandates = append(out[i].Mandates, m)
				}
			}
		}
	}
	desk := k.Desk
	return store(k, out, desk.PutDeputies, func(d station.Deputy) bool {
		old, ok := desk.Deputy(d.Code)
		return ok && same(old, d)
	})
}

// deputy reads one row and has the desk check it; the error says the first
// thing that is wrong.
func (k *Intake) deputy(sr sheet.Row) (station.Deputy, error) {
	d, _ := k.Desk.Deputy(fold(sr.Get("code")))
	r := &row{Row: sr, found: k.Table.Found}
	r.code("code", &d.Code)
	r.text("name", &d.Name)
	if d.Code == "" || d.Name == "" {
		return d, refuse("缺少代表编号或姓名", "the code or the name is missing")
	}
	r.text("post", &d.Post)
	r.text("cert", &d.CertNo)
	r.text("phone", &d.Phone)
	if into(r, "sex", &d.Sex, sex); r.err != nil {
		return d, r.err
	}
	if !slices.ContainsFunc(mandateColumns, r.has) {
		return station.CheckRecord(k.Desk, d)
	}
	d.Mandates = nil
	m := station.Mandate{Term: OneLine(r.Get("term")), Constituency: OneLine(r.Get("constituency")), Group: OneLine(r.Get("group")), EndReason: OneLine(r.Get("end"))}
	var err error
	if m.From, err = k.month(r.Get("from"), false); err != nil {
		return d, err
	}
	if m.To, err = k.month(r.Get("to"), true); err != nil {
		return d, err
	}
	levels := strings.FieldsFunc(r.Get("level"), func(c rune) bool { return strings.ContainsRune("、,,;;/ \n", c) })
	for _, l := range levels {
		m.Level = l
		d.Mandates = append(d.Mandates, m)
	}
	if len(levels) == 0 && m != (station.Mandate{}) {
		d.Mandates = append(d.Mandates, m)
	}
	return station.CheckRecord(k.Desk, d)
}

// mandateColumns are those of the seats; a table without any of them says
// nothing of the seats.
var mandateColumns = []string{"level", "term", "constituency", "group", "from", "to", "end"}

// sex reads 男 or 女. Digits mean different things in different systems.
func sex(s string) (string, error) {
	switch strings.ToLower(s) {
	case "", "未知":
		return "", nil
	case "男", "male", "m":
		return "male", nil
	case "女", "female", "f":
		return "female", nil
	}
	return "", refuse("性别请写作 男 或 女", "write the sex as 男 or 女")
}

// since reads the day from which something holds.
func (k *Intake) since(s string) (typed.Date, error) { return k.month(s, false) }

// month reads a date of a table; see typed.Month.
func (k *Intake) month(s string, end bool) (typed.Date, error) {
	return typed.Month(s, k.Desk.Today(), end)
}
