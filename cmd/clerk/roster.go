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
	at := map[string]int{}      // place in out by code
	first := map[string]int{}   // line a code first stands in
	rows := map[string]int{}    // by code
	faulty := map[string]bool{} // codes of which a row was refused
	for _, r := range k.Table.Rows {
		rows[fold(r.Get("code"))]++
	}
	for _, r := range k.Table.Rows {
		if !k.Sound(r) {
			faulty[fold(r.Get("code"))] = true
			continue
		}
		d, err := k.deputy(r, rows[fold(r.Get("code"))] > 1)
		if err != nil {
			k.Refuse(r.Line, k.wrong(err))
			faulty[fold(r.Get("code"))] = true
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
	out = slices.DeleteFunc(out, func(d station.Deputy) bool { // with a row less a seat would go
		if faulty[d.Code] {
			k.Refuse(first[d.Code], "这位代表另有一行未收,整位未改,请改正后再导入 / another row of this deputy was refused, so nothing of the deputy was changed; mend it and import again")
		}
		return faulty[d.Code]
	})
	desk := k.Desk
	return store(k, out, desk.PutDeputies, func(d station.Deputy) bool {
		old, ok := desk.Deputy(d.Code)
		return ok && same(old, d)
	})
}

// deputy reads one row and has the desk check it; the error says the first
// thing that is wrong. again says that the deputy stands in other rows too.
func (k *Intake) deputy(sr sheet.Row, again bool) (d station.Deputy, err error) {
	d, _ = k.Desk.Deputy(fold(sr.Get("code")))
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
	if slices.ContainsFunc(mandateColumns, r.has) {
		if d.Mandates, err = k.seats(r, d.Mandates, again); err != nil {
			return d, err
		}
	}
	return station.CheckRecord(k.Desk, d)
}

// seats reads a row over the seats that are held. With a level the table says
// which seats there are, and each has from the held one of its level what the
// table has no column for. Without one its columns are laid over every seat,
// unless the deputy stands in several rows: those are the seats then.
func (k *Intake) seats(r *row, held []station.Mandate, again bool) ([]station.Mandate, error) {
	over := func(m station.Mandate) station.Mandate {
		r.text("term", &m.Term)
		r.text("constituency", &m.Constituency)
		r.text("group", &m.Group)
		r.text("end", &m.EndReason)
		into(r, "from", &m.From, k.since)
		into(r, "to", &m.To, func(s string) (typed.Date, error) { return k.month(s, true) })
		return m
	}
	var out []station.Mandate
	add := func(m station.Mandate) {
		if m = over(m); m != (station.Mandate{}) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	if !r.has("level") {
		switch {
		case again && slices.ContainsFunc(held, func(m station.Mandate) bool { return m.Level != "" }):
			return nil, refuse("这位代表有几行,请加“级别”一列,写明各是哪一级的", "this deputy stands in several rows; add a column 级别 that says of which level each is")
		case again || len(held) == 0:
			held = []station.Mandate{{}}
		}
		for _, m := range held {
			add(m)
		}
		return out, r.err
	}
	levels := strings.FieldsFunc(r.Get("level"), func(c rune) bool { return strings.ContainsRune("、,,;;/ \n", c) })
	if len(levels) == 0 {
		levels = []string{""}
	}
	for _, l := range levels {
		for _, m := range heldAt(held, station.Mandate{Level: l}, over) {
			add(m)
		}
	}
	return out, r.err
}

// heldAt are the held seats of a level that a row speaks of: those that its
// term, constituency and beginning fit, or else the last, which the row moves
// on; a new one where none is held.
func heldAt(held []station.Mandate, m station.Mandate, over func(station.Mandate) station.Mandate) []station.Mandate {
	var same, fit []station.Mandate
	for _, o := range held {
		if o.Level != m.Level {
			continue
		}
		same = append(same, o)
		if v := over(o); v.Term == o.Term && v.Constituency == o.Constituency && v.From == o.From {
			fit = append(fit, o)
		}
	}
	switch {
	case len(fit) > 0:
		return fit
	case len(same) > 0:
		return same[len(same)-1:]
	}
	return []station.Mandate{m}
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
