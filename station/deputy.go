package station

import (
	"fmt"
	"slices"
	"strings"

	"liaison/station/typed"
)

// EndReasons are why a seat ends before its term does (代表法 Art. 62). A roster
// writes them in words, and so does the record.
var EndReasons = Terms{
	{"迁出或者调离", "1", Text{"迁出或者调离", "Moved away"}},
	{"辞职", "2", Text{"辞职被接受", "Resigned"}},
	{"两次不出席会议", "3", Text{"未经批准两次不出席会议", "Twice absent without leave"}},
	{"罢免", "4", Text{"被罢免", "Recalled"}},
	{"丧失国籍", "5", Text{"丧失国籍", "Lost the nationality"}},
	{"剥夺政治权利", "6", Text{"被剥夺政治权利", "Deprived of political rights"}},
	{"丧失行为能力", "7", Text{"丧失行为能力", "Lost legal capacity"}},
	{"去世", "8", Text{"去世", "Died"}},
}

// PutDeputies records deputies; those that say nothing new are passed over.
func (d *Desk) PutDeputies(who Who, ds []Deputy) (int, error) {
	if err := d.needLists(who); err != nil {
		return 0, err
	}
	return putReference(d, who, KindDeputy, ds, checkDeputy, func(v Deputy) string { return v.Code })
}

func checkDeputy(ps *Problems, at string, v *Deputy) {
	v.Code = ps.code(at+"code", v.Code)
	v.Name = ps.name(at+"name", v.Name, maxName)
	ps.add(at+"sex", Sexes.check(v.Sex))
	v.Post = ps.text(at+"post", v.Post, maxLine)
	if v.Phone != "" {
		p, err := typed.Phone(v.Phone, "")
		if err != nil {
			ps.add(at+"phone", asProblem(err))
		} else {
			v.Phone = p
		}
	}
	v.CertNo = ps.text(at+"cert", typed.Fold(v.CertNo), maxCode)
	v.Mandates = slices.Clone(v.Mandates)
	for i := range v.Mandates {
		checkMandate(ps, fmt.Sprintf("%smandates[%d].", at, i), &v.Mandates[i])
	}
}

func checkMandate(ps *Problems, at string, m *Mandate) {
	m.Level = ps.text(at+"level", m.Level, maxLine)
	m.Term = ps.text(at+"term", m.Term, maxLine)
	m.Constituency = ps.text(at+"constituency", m.Constituency, maxLine)
	m.Group = ps.text(at+"group", m.Group, maxLine)
	m.EndReason = ps.text(at+"end", m.EndReason, maxLine)
	checkDay(ps, at+"from", m.From)
	checkDay(ps, at+"to", m.To)
	if !m.From.IsZero() && !m.To.IsZero() && m.To.Before(m.From) {
		ps.add(at+"to", &typed.Problem{Code: "mandate-order",
			ZH: "任期的结束在开始之前。", EN: "The mandate ends before it begins."})
	}
}

// code cleans a code of the lists: capitals, since people type either.
func (ps *Problems) code(field, s string) string {
	return strings.ToUpper(ps.text(field, typed.Fold(s), maxCode))
}
