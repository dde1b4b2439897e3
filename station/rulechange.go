package station

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// What holds for everybody is not changed in place: a new limit or class is
// added with the day from which it holds, and the one before stays for what
// began under it.

// loadLimits reads the limits: what is built in, and of every record each
// revision that had come into force when the next was written. One that names
// a day ahead does not take away what holds until then.
func loadLimits(l ledger.Ledger) (map[string][]Limit, error) {
	kept := map[string][]Limit{}
	for _, x := range DefaultLimits() {
		kept[x.Code] = []Limit{x}
	}
	var heads []ledger.Entry
	if err := l.Each(KindLimit, func(e ledger.Entry) error {
		if says(l, e) {
			heads = append(heads, e)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for _, head := range heads {
		revs, err := l.History(KindLimit, head.ID)
		if err != nil {
			return nil, err
		}
		code := string(head.ID)
		for _, e := range revs {
			v, err := decode[Limit](e)
			if err != nil || e.Stream.Writer() != head.Stream.Writer() { // the city's takes the place of a station's
				continue
			}
			var ps Problems
			if checkLimit(&ps, "", &v); len(ps) > 0 { // of a newer program, or none that was ever checked
				continue
			}
			kept[code] = append(surviving(kept[code], v, typed.DateOf(e.At.In(Beijing))), v)
		}
	}
	return kept, nil
}

// surviving are the revisions that still count beside one that was written on
// a day: those in force by then which it does not replace from their
// beginning.
func surviving(old []Limit, v Limit, on typed.Date) []Limit {
	return slices.DeleteFunc(old, func(o Limit) bool {
		return o.From.After(on) || !o.From.Before(v.From) || !o.twin(v)
	})
}

// twin reports whether two limits are of the same matters' same clock.
func (l Limit) twin(o Limit) bool {
	return l.Timer == o.Timer && l.Disposition == o.Disposition && l.Hard == o.Hard
}

// A Force says whether a rule holds.
type Force uint8

// What a rule may be on a day.
const (
	Holds Force = iota
	Ahead       // from a later day on
	Past        // something else holds by now
)

// LimitForce says whether a limit holds today, and through which day where it
// no more does or where the next is known.
func (d *Desk) LimitForce(l Limit) (s Force, through typed.Date) {
	var next typed.Date
	for _, o := range d.rules().limits[l.Timer] {
		if o.twin(l) && o.From.After(l.From) && (next.IsZero() || o.From.Before(next)) {
			next = o.From
		}
	}
	if !next.IsZero() {
		through = next.AddDays(-1)
	}
	switch today := d.Today(); {
	case l.From.After(today):
		return Ahead, through
	case !next.IsZero() && !next.After(today):
		return Past, through
	}
	return Holds, through
}

// ChangeLimit adds a limit (was nil), or changes one that is not in force yet.
// It needs the day from which it holds. ErrStale as ever; see changeReference.
func (d *Desk) ChangeLimit(who Who, was *Limit, l Limit) (Limit, error) {
	if err := d.needCity(who); err != nil {
		return l, err
	}
	d.mu.Lock()
	defer d.unlockRules()
	var ps Problems
	if was != nil {
		if s, _ := d.LimitForce(*was); s != Ahead {
			return l, inForce()
		}
		l.Code = was.Code
	} else if l.Code = d.limitCode(l); l.Code == "" {
		return l, Problems{{"limit[0].timer", typed.Problem{Code: "limits-many", ZH: "这一期限改过太多次。", EN: "This limit was changed too often."}}}
	}
	if l.From.IsZero() {
		ps.add("limit[0].from", &typed.Problem{Code: "from-missing", ZH: "请写明从哪天起生效。", EN: "Give the day from which it holds."})
	}
	for _, o := range d.rules().limits[l.Timer] {
		if o.Code != l.Code && o.twin(l) && o.From == l.From && !l.From.IsZero() {
			ps.add("limit[0].from", &typed.Problem{Code: "limit-twice",
				ZH: l.From.String() + " 起已经另有一条:" + o.Text().ZH + "。", EN: "From " + l.From.String() + " there is another already: " + o.Text().EN + "."})
		}
	}
	if err := ps.err(); err != nil {
		return l, err
	}
	return changeLocked(d, who, KindLimit, was, l, checkLimit, func(v Limit) string { return v.Code })
}

func inForce() typed.Problem {
	return typed.Problem{Code: "rule-in-force",
		ZH: "已经生效的不能更改,请添加一条新的,写明从哪天起。", EN: "What is in force is not changed; add a new one with the day from which it holds."}
}

// limitCode makes the code of a new limit: what it is for, and a number. The
// desk is locked.
func (d *Desk) limitCode(l Limit) string {
	base := string(l.Timer)
	if l.Disposition != "" {
		base += "-" + l.Disposition
	}
	if l.Hard {
		base += "-hard"
	}
	for n := 2; n < 1000; n++ {
		code := fmt.Sprintf("%s-%d", base, n)
		if !slices.ContainsFunc(d.Limits(), func(o Limit) bool { return o.Code == code }) {
			return code
		}
	}
	return ""
}

// onlyAhead reports whether a rule changes nothing that has been reckoned: no
// clock has begun by then, and no reply bears a class that is new. In a large
// city reckoning everything anew takes seconds. A day is left for clocks that
// go wrong.
func (d *Desk) onlyAhead(e ledger.Entry) bool {
	tomorrow := d.Today().AddDays(1)
	switch e.Kind {
	case KindLimit:
		v, err := decode[Limit](e)
		return err == nil && v.From.After(tomorrow)
	case KindResultClass:
		v, err := decode[ResultClass](e)
		return err == nil && v.From.After(tomorrow) && e.Replaces == (ledger.Ref{})
	}
	return false
}

// ClassCode is the code of a result class: its scheme and its letter.
func ClassCode(scheme int, class string) string {
	return strconv.Itoa(scheme) + strings.NewReplacer("甲", "A", "乙", "B", "丙", "C", "丁", "D").Replace(strings.ToUpper(typed.Fold(class)))
}

// AllResultClasses are those of every scheme, by scheme and letter.
func (d *Desk) AllResultClasses() []ResultClass { return d.rules().classes }

// ClassForce says whether a class may be chosen today.
func (d *Desk) ClassForce(c ResultClass) Force {
	switch {
	case slices.ContainsFunc(d.ResultClasses(d.Today()), func(x ResultClass) bool { return x.Code == c.Code }):
		return Holds
	case d.ClassFrom(c).After(d.Today()):
		return Ahead
	}
	return Past
}

// ClassFrom is the day from which a class may be chosen, zero for ever.
func (d *Desk) ClassFrom(c ResultClass) typed.Date {
	if from := d.rules().begins(c.Scheme); from.After(c.From) {
		return from
	}
	return c.From
}

// ChangeResultClass adds a class (was nil) to a scheme, or changes one that is
// not in force yet. A scheme that nobody has used takes the place of the
// present one, whole, from the day its first class names.
func (d *Desk) ChangeResultClass(who Who, was *ResultClass, c ResultClass) (ResultClass, error) {
	if err := d.needCity(who); err != nil {
		return c, err
	}
	d.mu.Lock()
	defer d.unlockRules()
	var ps Problems
	if c.Scheme < 1 || c.Scheme > 999 {
		ps.add("resultclass[0].scheme", outside(1, 999))
	}
	if was != nil {
		if d.ClassForce(*was) != Ahead {
			return c, inForce()
		}
		c.Code, c.Scheme, c.Class = was.Code, was.Scheme, was.Class
	} else {
		c.Code = ClassCode(c.Scheme, c.Class)
		if o, taken := d.ResultClass(c.Code); taken {
			ps.add("resultclass[0].class", &typed.Problem{Code: "class-taken",
				ZH: "这个方案已经有这一类:" + o.Label + "。要换含义请用新的方案。", EN: "The scheme has this class already: " + o.Name().EN + ". For another meaning begin a new scheme."})
		}
	}
	if c.From.IsZero() {
		ps.add("resultclass[0].from", &typed.Problem{Code: "from-missing", ZH: "请写明从哪天起生效。", EN: "Give the day from which it holds."})
	}
	if err := ps.err(); err != nil {
		return c, err
	}
	return changeLocked(d, who, KindResultClass, was, c, checkClass, func(v ResultClass) string { return v.Code })
}

// begins is the day from which a scheme holds: that of its first class.
func (r *rules) begins(scheme int) (from typed.Date) {
	first := true
	for _, c := range r.classes {
		if c.Scheme == scheme && (first || c.From.Before(from)) {
			from, first = c.From, false
		}
	}
	return from
}
