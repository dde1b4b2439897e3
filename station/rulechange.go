package station

import (
	"errors"
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
		ps.add("limit[0].from", fromMissing())
	}
	ps.add("limit[0].from", d.limitTwice(l))
	if !l.From.IsZero() && l.From.Before(d.Today()) && d.reckoned() {
		ps.add("limit[0].from", fromPast())
	}
	if err := ps.err(); err != nil {
		return l, err
	}
	return changeLocked(d, who, KindLimit, was, l, checkLimit, func(v Limit) string { return v.Code })
}

// limitTwice refuses a limit beside another of the same clock and day.
func (d *Desk) limitTwice(l Limit) *typed.Problem {
	for _, o := range d.rules().limits[l.Timer] {
		if o.Code != l.Code && o.twin(l) && o.From == l.From && !l.From.IsZero() {
			return &typed.Problem{Code: "limit-twice",
				ZH: l.From.String() + " 起已经另有一条:" + o.Text().ZH + "。", EN: "From " + l.From.String() + " there is another already: " + o.Text().EN + "."}
		}
	}
	return nil
}

func fromMissing() *typed.Problem {
	return &typed.Problem{Code: "from-missing", ZH: "请写明从哪天起生效。", EN: "Give the day from which it holds."}
}

func fromPast() *typed.Problem {
	return &typed.Problem{Code: "from-past",
		ZH: "已经过去的日子按原来的算,请写今天或以后的一天。", EN: "Days that are past are counted as they were; give today or a day ahead."}
}

func classTaken(o ResultClass) *typed.Problem {
	return &typed.Problem{Code: "class-taken",
		ZH: "这个方案已经有这一类:" + o.Label + "。要换含义请用新的方案。", EN: "The scheme has this class already: " + o.Name().EN + ". For another meaning begin a new scheme."}
}

// reckoned reports whether there is anything yet that clocks and results were
// counted for: from then on a table changes no rule that holds. Until then an
// office loads its own in place of what is built in.
func (d *Desk) reckoned() bool {
	found := errors.New("found")
	for _, k := range [...]ledger.Kind{KindMatter, KindSuggestion} {
		if err := d.led.Each(k, func(ledger.Entry) error { return found }); err != nil { // what cannot be read may be one
			return true
		}
	}
	return false
}

// KnowsLimit reports whether a limit is among those kept under its code.
func (d *Desk) KnowsLimit(l Limit) bool {
	return slices.ContainsFunc(d.rules().limits[l.Timer], func(o Limit) bool { return sameJSON(o, l) })
}

// KnowsResultClass reports whether a class says nothing new.
func (d *Desk) KnowsResultClass(c ResultClass) bool {
	o, ok := d.ResultClass(c.Code)
	return ok && sameJSON(o, c)
}

// checkNewLimit holds a limit of a table to what the screen asks of one: it
// has its day, and takes nothing away that is in force.
func (d *Desk) checkNewLimit(ps *Problems, at string, l *Limit) {
	n := len(*ps)
	if checkLimit(ps, at, l); len(*ps) > n || d.KnowsLimit(*l) || !d.reckoned() {
		return
	}
	today := d.Today()
	for _, o := range d.Limits() {
		if o.Code == l.Code && !o.From.After(today) && (!o.From.Before(l.From) || !o.twin(*l)) {
			p := inForce()
			ps.add(at+"from", &p)
			return
		}
	}
	switch {
	case l.From.IsZero():
		ps.add(at+"from", fromMissing())
	case l.From.Before(today):
		ps.add(at+"from", fromPast())
	default:
		ps.add(at+"from", d.limitTwice(*l))
	}
}

// checkNewClass holds a result class of a table likewise: one that could be
// chosen keeps its meaning.
func (d *Desk) checkNewClass(ps *Problems, at string, c *ResultClass) {
	n := len(*ps)
	if checkClass(ps, at, c); len(*ps) > n || d.KnowsResultClass(*c) || !d.reckoned() {
		return
	}
	if o, held := d.ResultClass(c.Code); held && d.ClassForce(o) != Ahead {
		ps.add(at+"class", classTaken(o))
		return
	}
	if c.From.IsZero() {
		ps.add(at+"from", fromMissing())
	}
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
			ps.add("resultclass[0].class", classTaken(o))
		}
	}
	if c.From.IsZero() {
		ps.add("resultclass[0].from", fromMissing())
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
