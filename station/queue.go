package station

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A day is a typed.Date in few bytes: days since 1970, 0 for none.
type day int32

func dayOf(d typed.Date) day {
	if d.IsZero() {
		return 0
	}
	return day(d.Time(time.UTC).Unix() / (24 * 60 * 60))
}

// Date is the day as a date.
func (d day) date() typed.Date {
	if d == 0 {
		return typed.Date{}
	}
	return typed.DateOf(time.Unix(int64(d)*24*60*60, 0).UTC())
}

// A fate is a life in the table: what queues and counts ask for. It is made
// from a Life, never changed, and made anew when a step arrives.
type fate struct {
	id          ledger.ID
	row         *Row
	n           int // which matter of the row
	slot        int // its place in the table
	station     string
	state       State // its own, without what its lead does
	disposition string
	unit        string
	class       string
	attitude    string
	outcome     string
	lead        ledger.ID
	news        *place // as in a Life; nil for none
	teller      *sight // likewise, of one that follows another

	assigned, due, soon, handleBy           day // soon: from then on 临期
	tell, tellSoon                          day // of Life.tell
	replied, told, rated, promise, kept     day
	steps                                   uint16
	bad, redone, urged, returned            uint8
	inTime, met, closed, undecided, stopped bool
}

// fateOf keeps of a life what the table needs.
func fateOf(l *Life, words map[string]string) *fate {
	in := func(s string) string { // one copy of each word
		if words == nil || s == "" {
			return s
		}
		if w, ok := words[s]; ok {
			return w
		}
		words[s] = s
		return s
	}
	b := &fate{id: l.MatterID, station: in(l.Station), state: l.own, disposition: in(l.Disposition), unit: in(l.Unit), class: in(l.Class),
		attitude: in(l.Attitude), outcome: in(l.Outcome), lead: l.Lead, assigned: dayOf(l.Assigned), due: dayOf(l.Due), handleBy: dayOf(l.HandleBy),
		replied: dayOf(l.Replied), told: dayOf(l.Told), rated: dayOf(l.Rated), promise: dayOf(l.Promise), kept: dayOf(l.Kept),
		bad: few(l.Bad), redone: few(l.Redone), urged: few(l.Urged), returned: few(l.Returned), steps: uint16(min(len(l.Steps), 1<<16-1)),
		inTime: l.InTime, met: l.Met, closed: l.Closed, undecided: l.Undecided, stopped: !l.Clock.Paused.IsZero()}
	if b.due != 0 {
		b.soon = b.due - day(l.Clock.Warn)
	}
	if b.tell = dayOf(l.tell.Due); b.tell != 0 {
		b.tellSoon = b.tell - day(l.tell.Warn)
	}
	if l.Lead != "" && !l.Told.IsZero() {
		told := l.teller
		b.teller = &told
	}
	if !l.news.ref.IsZero() {
		b.news = &place{ledger.Ref{Stream: ledger.Stream(in(string(l.news.ref.Stream))), Seq: l.news.ref.Seq}, l.news.city}
	}
	return b
}

func few(n int) uint8 { return uint8(min(n, 255)) }

// standing is where a matter stands, with what its lead has come to.
type standing struct {
	state   State
	due     day
	soon    day
	stopped bool
	waits   bool // for its lead, and for nobody else
}

func (s standing) lamp(today day) Lamp {
	switch {
	case s.due == 0:
		return LampNone
	case s.stopped:
		return LampPaused
	case today > s.due:
		return LampOver
	case today >= s.soon:
		return LampSoon
	}
	return LampOK
}

// standing computes it. The table is locked for reading.
func (t *table) standing(b *fate) standing {
	s := standing{b.state, b.due, b.soon, b.stopped, false}
	if b.row != nil && b.row.Void {
		return standing{state: StVoid}
	}
	lead, ok := t.fates[b.lead]
	if b.lead == "" || !ok {
		return s
	}
	st, waits := behind(b.state, lead.state, b.current(lead))
	switch {
	case waits:
		return standing{st, lead.due, lead.soon, lead.stopped, true}
	case st == b.state:
		return s
	case b.tell > lead.tell:
		return standing{state: st, due: b.tell, soon: b.tellSoon}
	}
	return standing{state: st, due: lead.tell, soon: lead.tellSoon}
}

// current reports whether the voter was told what the lead has come to.
func (b *fate) current(lead *fate) bool {
	return lead.news == nil || b.teller != nil && b.teller.knows(*lead.news)
}

// Standing is where a matter stands today: its state, when the clock that it
// is under is due, and the lamp. It is looked up in the table where that is
// filled, and otherwise read.
func (d *Desk) Standing(matter ledger.ID) (State, typed.Date, Lamp) {
	d.table.mu.RLock()
	if f, ok := d.table.fates[matter]; ok {
		defer d.table.mu.RUnlock()
		s := d.table.standing(f)
		return s.state, s.due.date(), s.lamp(dayOf(d.Today()))
	}
	d.table.mu.RUnlock()
	l, err := d.life(matter, true)
	if err != nil {
		return 0, typed.Date{}, LampNone
	}
	return l.State, l.Due, l.Lamp
}

// A queue is one list of what waits for somebody.
type queue struct {
	name  string
	side  Side
	roles []Role
	Text
	has   func(b *fate, s standing, lamp Lamp) bool
	order func(b *fate, s standing) day // what is due first; 0: last
}

func byDue(_ *fate, s standing) day { return s.due }

// here reports whether what is due is this side's to do. The station reviews,
// tells the voter and asks; whoever hands the matter out sees to the rest.
func here(side Side, b *fate, s standing) bool {
	switch s.state {
	case StRegistered, StReplied, StFedBack:
		return side == AtStation
	}
	return side == sideOfRealm(b.disposition)
}

func sideOfRealm(disposition string) Side {
	if realmOf(disposition) == OfCity {
		return AtCity
	}
	return AtStation
}

// inState makes the test of a queue that is one state; realm 0 is any.
func inState(st State, realm Realm) func(*fate, standing, Lamp) bool {
	return func(b *fate, s standing, _ Lamp) bool {
		return s.state == st && (realm == 0 || realmOf(b.disposition) == realm) && !s.waits
	}
}

func lampIs(side Side, l Lamp) func(*fate, standing, Lamp) bool {
	return func(b *fate, s standing, lamp Lamp) bool { return lamp == l && !s.waits && here(side, b, s) }
}

// toAccept: what was assigned waits for 签收, and so does what its unit handles
// again. What was answered on the spot has none, and is for who classes it.
func toAccept(realm Realm) func(*fate, standing, Lamp) bool {
	first, again := inState(StAssigned, realm), inState(StRedo, realm)
	return func(b *fate, s standing, l Lamp) bool {
		return first(b, s, l) || b.disposition != "onspot" && again(b, s, l)
	}
}

func toReview(b *fate, s standing, l Lamp) bool {
	return inState(StRegistered, 0)(b, s, l) || b.disposition == "onspot" && inState(StRedo, OfStation)(b, s, l)
}

// queues is the table, in the order in which they are shown.
var queues = []queue{
	{"review", AtStation, byHeads, Text{"待审核", "To review"}, toReview, byDue},
	{"assign", AtStation, byHeads, Text{"待交办", "To assign"}, inState(StReviewed, OfStation), byDue},
	{"accept", AtStation, byClerks, Text{"待签收", "To accept"}, toAccept(OfStation), byDue},
	{"returned", AtStation, byHeads, Text{"被退回", "Returned"}, inState(StReturned, OfStation), byDue},
	{"soon", AtStation, byClerks, Text{"临期", "Due soon"}, lampIs(AtStation, LampSoon), byDue},
	{"overdue", AtStation, byClerks, Text{"超期", "Overdue"}, lampIs(AtStation, LampOver), byDue},
	{"feedback", AtStation, byAll, Text{"待反馈", "To tell"}, inState(StReplied, 0), byDue},
	{"rate", AtStation, byClerks, Text{"待评价", "To ask"}, inState(StFedBack, 0), byDue},
	{"bad", AtStation, byHeads, Text{"不满意", "Unsatisfied"}, func(b *fate, s standing, _ Lamp) bool {
		return s.state == StRated && b.undecided && realmOf(b.disposition) == OfStation
	}, byDue},
	{"close", AtStation, []Role{RoleDeputy, RoleHead}, Text{"待办结", "To close"}, func(b *fate, s standing, _ Lamp) bool {
		return s.state == StRated && b.replied != 0 && !b.closed && !b.undecided
	}, byDue},
	{"file", AtStation, byHeads, Text{"待归档", "To file"}, func(b *fate, s standing, _ Lamp) bool {
		return s.state == StRated && !b.undecided && (b.closed || b.replied == 0)
	}, byDue},
	{"promise", AtStation, byClerks, Text{"承诺事项", "Promised"}, openPromise, byPromise},
	{"follow", AtStation, []Role{RoleDeputy}, Text{"我关注的", "I follow"}, func(b *fate, s standing, _ Lamp) bool {
		return !s.state.Ended() && s.state != StAnswered
	}, byDue},

	{"classify", AtCity, byCity, Text{"待分类", "To classify"}, inState(StRegistered, OfCity), byDue},
	{"assign", AtCity, byCity, Text{"待交办", "To assign"}, func(b *fate, s standing, _ Lamp) bool {
		return s.state == StReviewed && !s.waits && b.disposition == "city"
	}, byDue},
	{"accept", AtCity, byCity, Text{"待签收", "To accept"}, toAccept(OfCity), byDue},
	{"returned", AtCity, byCity, Text{"被退回", "Returned"}, inState(StReturned, OfCity), byDue},
	{"soon", AtCity, byCity, Text{"临期", "Due soon"}, lampIs(AtCity, LampSoon), byDue},
	{"overdue", AtCity, byCity, Text{"超期", "Overdue"}, lampIs(AtCity, LampOver), byDue},
	{"replies", AtCity, byCity, Text{"答复待审", "Replies to check"}, func(b *fate, s standing, _ Lamp) bool {
		return s.state == StReplied && b.lead == "" && !b.closed && realmOf(b.disposition) == OfCity
	}, byDue},
	{"bad", AtCity, byCity, Text{"不满意", "Unsatisfied"}, func(b *fate, s standing, _ Lamp) bool {
		return s.state == StRated && b.undecided && realmOf(b.disposition) == OfCity
	}, byDue},
	{"suggestion", AtCity, byCity, Text{"代表建议", "Proposals"}, func(b *fate, s standing, _ Lamp) bool {
		return !s.waits && (s.state == StSuggestion || s.state == StReviewed && (b.disposition == "proposal" || b.disposition == "upper"))
	}, byDue},
	{"promise", AtCity, byCity, Text{"承诺事项", "Promised"}, func(b *fate, s standing, l Lamp) bool {
		return openPromise(b, s, l) && realmOf(b.disposition) == OfCity
	}, byPromise},
}

func openPromise(b *fate, s standing, _ Lamp) bool {
	return b.promise != 0 && b.kept == 0 && s.state != StVoid && b.lead == ""
}

func byPromise(b *fate, _ standing) day { return b.promise }

// A QueueCount is one queue with how much waits in it.
type QueueCount struct {
	Name string
	Text
	N    int
	Over int // of these overdue
}

// mine are the queues that concern somebody here.
func (d *Desk) mine(who Who) []queue {
	var out []queue
	for _, q := range queues {
		if q.side == d.side() && (who.Role == RoleOwner && q.name != "follow" || slices.Contains(q.roles, who.Role)) {
			out = append(out, q)
		}
	}
	return out
}

// Queues counts what waits for somebody, in the order in which it is shown.
// While the table is still being filled there is nothing to say; whoever
// watches hears when it is.
func (d *Desk) Queues(who Who) []QueueCount {
	qs := d.mine(who)
	if len(qs) == 0 || !d.Ready() {
		return nil
	}
	out := make([]QueueCount, len(qs))
	for i, q := range qs {
		out[i] = QueueCount{Name: q.name, Text: q.Text}
	}
	d.eachFate(who, func(b *fate, s standing, lamp Lamp) {
		for i := range qs {
			if qs[i].has(b, s, lamp) {
				out[i].N++
				if lamp == LampOver {
					out[i].Over++
				}
			}
		}
	})
	return out
}

// eachFate calls fn with every matter that who may see and that may still
// wait for somebody.
func (d *Desk) eachFate(who Who, fn func(*fate, standing, Lamp)) {
	own := ""
	if !who.May(RightSeeAll) {
		if own = who.Deputy; own == "" || !who.May(RightSeeOwn) {
			return
		}
	}
	t, today := d.table, dayOf(d.Today())
	t.mu.RLock()
	defer t.mu.RUnlock()
	concerns := func(*Row) bool { return true }
	if own != "" {
		concerns = t.concerns(own)
	}
	for _, b := range t.live {
		if b == nil || own != "" && !concerns(b.row) {
			continue
		}
		s := t.standing(b)
		fn(b, s, s.lamp(today))
	}
}

// Queue lists what waits in a queue: what is due first, then the oldest; at
// most limit, 0 for all. The lives come without their steps.
func (d *Desk) Queue(who Who, name string, limit int) ([]Life, error) {
	if err := d.Warm(); err != nil {
		return nil, err
	}
	qs := d.mine(who)
	i := slices.IndexFunc(qs, func(q queue) bool { return q.name == name })
	if i < 0 {
		return nil, nil
	}
	type placed struct {
		id ledger.ID
		by day
		at time.Time
		n  Number
		m  int
		r  *Row
	}
	var all []placed
	d.eachFate(who, func(b *fate, s standing, lamp Lamp) {
		if qs[i].has(b, s, lamp) {
			all = append(all, placed{b.id, qs[i].order(b, s), b.row.At, b.row.Number, b.n, b.row})
		}
	})
	slices.SortFunc(all, func(a, b placed) int {
		if (a.by == 0) != (b.by == 0) {
			return cmp.Compare(b.by, a.by)
		}
		if c := cmp.Compare(a.by, b.by); c != 0 {
			return c
		}
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(numberKey(a.n), numberKey(b.n)), cmp.Compare(a.m, b.m))
	})
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	out := make([]Life, 0, len(all))
	for _, p := range all {
		l, err := d.listed(p.id, p.r)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// listed reads a life as lists carry it: without its steps, with the voter as
// far as a list shows one. Of one that cannot be read, such as a newer program's
// own, it has what the table knows: one record must not hide all the others.
func (d *Desk) listed(matter ledger.ID, r *Row) (Life, error) {
	l, err := d.life(matter, true)
	if errors.Is(err, ledger.ErrBroken) {
		l, err = r.bare(matter), nil
	}
	l.Steps, l.Caller, l.Phone = nil, typed.MaskName(r.Name), typed.MaskPhone(r.Phone)
	return l, err
}

// bare is what a row knows of one of its matters.
func (r *Row) bare(matter ledger.ID) Life {
	l := Life{MatterID: matter, VisitID: r.ID, Session: r.Session, Station: r.Station, At: r.At, Entered: r.Entered, Recorder: r.By}
	for _, m := range r.Matters {
		if m.ID != matter {
			continue
		}
		l.Matter = Matter{Visit: r.ID, N: m.N, Number: r.Number.Matter(m.N), Title: m.Title, Kind: m.Kind, Category: m.Category,
			Disposition: m.Disposition, Deputy: m.Deputy, Village: m.Village}
		if l.Disposition = m.Disposition; m.fate != nil {
			l.State, l.Disposition, l.Unit = m.fate.state, m.fate.disposition, m.fate.unit
		}
	}
	return l
}

// Progress finds matters by what a voter says at the counter: a number, a
// name, its initials or pinyin, digits of a phone. Newest first, at most
// limit; the lives come without their steps.
func (d *Desk) Progress(who Who, text string, limit int) ([]Life, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	q := Query{Text: text, Limit: limit}
	if n, _, err := ParseNumber(text); err == nil { // as the screens write it, in groups; nobody else is meant
		q.Text = string(n)
	}
	rows, err := d.List(who, q)
	if err != nil {
		return nil, err
	}
	var out []Life
	for _, r := range rows {
		for _, m := range r.Matters {
			l, err := d.listed(m.ID, r)
			if err != nil {
				return nil, err
			}
			out = append(out, l)
		}
	}
	return out[:min(limit, len(out))], nil
}

// waits reports whether a fate may be in any queue at all.
func (b *fate) waits() bool {
	if b.row.Void {
		return false
	}
	return !b.state.Ended() && (b.state != StAnswered || b.lead != "") || b.promise != 0 && b.kept == 0
}
