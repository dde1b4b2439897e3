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

// A Life is everything about a matter as both ends compute it: from visit,
// matter, steps and rules, and never by a clock of the two.
type Life struct {
	Matter                 // as recorded at the desk
	MatterID   ledger.ID   //
	VisitID    ledger.ID   //
	Session    ledger.ID   //
	Station    string      // QA01
	At         time.Time   // of the reception
	Entered    time.Time   //
	Recorder   string      // account that recorded it
	Deputies   []string    // who sat at the session
	Secret     bool        // 要求保密
	NoContact  bool        // 无法联系
	Steps      []Done      // both sides', in order
	Followers  []ledger.ID // matters that follow this one
	Suggestion ledger.ID   // the deputies' suggestion (代表建议) that came of it
	Caller     string      // the voter's name, masked; in lists only
	Phone      string      // likewise

	State       State
	Disposition string // as classed now; the desk's own is Matter.Disposition
	Unit        string // 主办单位
	Units       []string
	Hard        bool
	Assigned    typed.Date // the day of 交办 that counts
	Clock       Clock
	Due         typed.Date // of the clock
	Lamp        Lamp       // of the clock, today
	HandleBy    typed.Date // when handling is due, counted from 交办
	Extended    bool
	Met         bool // 见面联系 before the reply
	Urged       int
	Returned    int
	Redone      int

	Replied typed.Date // 办理完成
	InTime  bool       // and that within the limit
	Answer  string     // the unit's words; of one that follows a matter answered on the spot, what was said there
	Class   string     // ResultClass
	Promise typed.Date // promised for B and C
	Kept    typed.Date // 承诺兑现

	Told     typed.Date // 反馈选民
	Means    string
	Rated    typed.Date
	Attitude string
	Outcome  string
	Why      string // of 不满意
	Turned   string // why it was not accepted, or where the voter was guided: RefuseReasons, GuideDoors

	Bad       int  // how often they were not satisfied
	Undecided bool // 不满意 and not yet decided what follows
	Meeting   typed.Date
	Closed    bool // 办结
	Filed     typed.Date
	Lead      ledger.ID // the matter that this one follows

	own      State      // without what the lead does
	handled  Clock      // under which the unit replied
	handler  Done       // the step that entered the unit's reply
	news     place      // the last step that changed what there is to tell: 答复, 重新办理, 重开
	teller   sight      // the step that told the voter
	tell     Clock      // by which those who follow are told; of one that follows, counted from the day it joined
	joined   typed.Date // when it joined its lead
	answered typed.Date // since when there is something to tell: answered, or turned away
	leadVoid bool       // while it is folded: what it joined is void, so it follows nobody
}

// Satisfied is what counts of both axes; "" before anybody was asked.
func (l Life) Satisfied() string { return Worse(l.Attitude, l.Outcome) }

// OpenPromise reports a promised date that is still to be kept.
func (l Life) OpenPromise() bool { return !l.Promise.IsZero() && l.Kept.IsZero() && l.State != StVoid }

// fold works the steps into a life that has just begun, in the order both
// ends agree on. A step that the table does not allow from the state it finds
// is kept, with the reason, and changes nothing. A matter whose lead is void
// follows nobody: it goes on from its own state, and what its voter was told
// meanwhile stays told.
func (l *Life) fold(steps []Done) {
	l.own, l.Turned = firstState(l.Matter.Disposition), l.Refuse
	l.Disposition = l.Matter.Disposition
	if l.answered = typed.DateOf(l.Entered.In(Beijing)); l.own == StRegistered {
		l.Clock.start(TimerClass, l.answered)
		l.answered = typed.Date{}
	}
	for i := range steps {
		s := &steps[i]
		s.From, s.To = l.own, l.own
		side := AtStation
		if s.City {
			side = AtCity
		}
		at := l.own
		if l.Lead != "" && !at.Ended() && (s.Action == DoPart || s.Action == DoFeedback && (at < StFedBack || s.sight().knows(l.teller.place))) {
			at = StReplied // what its lead has come to is not for this chain to judge, nor whether that changed since the voter was told
		}
		t, why := l.find(at, s.Action, s.Role, side)
		if why == nil && s.crossed {
			s.Moot = &Text{"市里同时并了这两件中的一件,以市里的为准;还要并的,请再并一次。",
				"The city joined one of the two to another at the same time, and the city's counts first. Join again what is still to be joined."}
			continue
		}
		if why != nil {
			s.Moot = why
			if c, ok := rival(steps[:i], *s); ok {
				what := Actions.Label(string(c.Action))
				s.Moot = &Text{"市里同时已“" + what.ZH + "”,以市里的为准;" + why.ZH, "The city did “" + what.EN + "” at the same time, and the city's counts first. " + why.EN}
			}
			continue
		}
		l.apply(t, *s)
		s.To = l.own
	}
	if l.leadVoid {
		l.Lead = ""
	}
	l.Steps, l.State = steps, l.own
}

// rival is the city's last step that had its effect and that the station had
// not seen when it wrote s.
func rival(before []Done, s Done) (Done, bool) {
	for _, c := range slices.Backward(before) {
		if c.City && !s.City && c.Moot == nil && c.Action != DoNote && !sees(s.seen, c.Ref) {
			return c, true
		}
	}
	return Done{}, false
}

// crosses reports whether c is the city's join and s one that the station made
// at the same time, of which one makes a follower of the other's lead: both
// together would have matters follow in a chain or in a circle, where nobody
// handles them. Of the two the city's counts, and goes on counting whatever
// becomes of either matter later.
func crosses(c, s Done) bool {
	return c.City && c.Action == DoJoin && !s.City && s.Action == DoJoin && c.Matter != s.Matter &&
		(c.Matter == s.Lead || c.Lead == s.Matter) &&
		(c.Ref.Stream.Reader() == "" || c.Ref.Stream.Reader() == s.Ref.Stream.Writer()) &&
		!sees(s.seen, c.Ref) && !sees(c.seen, s.Ref)
}

// apply carries out a step that the table allows.
func (l *Life) apply(t Transition, s Done) {
	day := s.Day()
	if t.To != 0 {
		l.own = t.To
	}
	if t.To == StReviewed || t.To == StSuggestion { // it is at no unit, or no longer
		l.Unit, l.Units, l.Hard, l.Assigned, l.Extended = "", nil, false, typed.Date{}, false
	}
	if s.Disposition != "" && (slices.Contains(t.Needs, NeedDisposition) || s.Action == DoEscalate || s.Action == DoSuggest) {
		l.Disposition = s.Disposition
	}
	was := l.Clock
	switch t.Clock {
	case TimerNone:
	case timerStop:
		l.Clock = Clock{}
	default:
		l.Clock.start(t.Clock, day)
	}
	switch s.Action {
	case DoAssign:
		l.Unit, l.Units, l.Hard, l.Assigned, l.Extended = s.Unit, s.Units, s.Hard, day, false
	case DoAccept:
		if t.Clock == TimerHandle {
			l.Clock.From = l.Assigned
		}
	case DoReturn:
		l.Returned++
	case DoExtend:
		l.Extended = true
		l.Clock.Extended, l.Clock.Due, l.Clock.pauses = true, s.Date, nil
		if !l.Clock.Paused.IsZero() { // the new end has the days that went by in it
			l.Clock.Paused = day
		}
	case DoPause:
		l.Clock.Paused = day
	case DoResume:
		l.Clock.resume(day)
	case DoUrge:
		l.Urged++
	case DoContact:
		l.Met = true
	case DoReply:
		was.resume(day)
		l.handled, l.handler, l.news = was, s, s.place()
		l.answered = day
		l.Replied, l.Answer, l.Class, l.Promise, l.Kept = day, s.Text, s.Class, s.Date, typed.Date{}
	case DoFeedback:
		l.untold()
		l.Told, l.Means, l.teller = day, s.Means, s.sight()
	case DoRate:
		l.Rated, l.Attitude, l.Outcome, l.Why = day, s.Attitude, s.Outcome, s.Note
		if l.Undecided = l.Satisfied() == "bad"; l.Undecided {
			l.Bad++
		}
	case DoRedo:
		l.Redone++
		l.handled, l.handler, l.answered, l.news = Clock{}, Done{}, typed.Date{}, s.place()
		l.Replied, l.Answer, l.Class, l.Promise, l.Kept = typed.Date{}, "", "", typed.Date{}, typed.Date{}
		l.untold()
		l.Closed, l.Extended = false, false
		if l.Lead != "" {
			l.goAlone(s)
		}
	case DoReopen:
		l.answered, l.news = typed.Date{}, s.place()
	case DoRefuse:
		l.Turned, l.answered = s.Reason, day
	case DoMeeting:
		l.Meeting, l.Undecided = day, false
	case DoClose:
		l.Closed = true
	case DoFile:
		l.Filed, l.Undecided = day, false
	case DoKeep:
		l.Kept = day
	case DoJoin:
		l.Lead, l.leadVoid, l.joined = s.Lead, s.leadVoid, day
	case DoPart:
		l.Lead, l.leadVoid = "", false
		l.untold()
	}
}

// untold takes back what the voter was told and said of it.
func (l *Life) untold() {
	l.Told, l.Means, l.Rated, l.Attitude, l.Outcome, l.Why = typed.Date{}, "", typed.Date{}, "", "", ""
	l.Undecided, l.teller = false, sight{}
}

// goAlone takes a matter out of the one that it followed, whose answer did not
// satisfy its own voter: it alone is handled again, by the unit that the step
// names, which is the lead's.
func (l *Life) goAlone(s Done) {
	l.Lead, l.leadVoid = "", false
	if s.Unit != "" {
		l.Unit, l.Units, l.Assigned = s.Unit, s.Units, s.Day()
	}
}

func (c *Clock) resume(day typed.Date) {
	if !c.Paused.IsZero() {
		c.pauses = append(slices.Clip(c.pauses), pause{c.Paused, day})
		c.Paused = typed.Date{}
	}
}

// reckon counts what depends on the rules: deadlines, and whether the reply
// came within its own.
func (l *Life) reckon(r *rules) {
	as := l.propose(r)
	r.reckon(&l.Clock, as, l.Hard)
	if l.State == StVoid {
		l.Clock = Clock{}
	}
	from := l.answered
	if l.Lead != "" {
		from = l.joined
	}
	if !from.IsZero() {
		l.tell = Clock{Timer: TimerTell, From: from}
		r.reckon(&l.tell, l.Disposition, l.Hard)
	}
	l.Due, l.HandleBy = l.Clock.Due, typed.Date{}
	if !l.Assigned.IsZero() {
		c := Clock{Timer: TimerHandle, From: l.Assigned}
		r.reckon(&c, as, l.Hard)
		l.HandleBy = c.Due
	}
	if l.Clock.Timer == TimerHandle || l.Clock.Timer == TimerRedo {
		l.HandleBy = l.Due
	}
	if !l.Replied.IsZero() {
		if l.handled.Timer != TimerNone {
			r.reckon(&l.handled, as, l.Hard)
			l.HandleBy = l.handled.Due
		}
		l.InTime = l.HandleBy.IsZero() || !l.Replied.After(l.HandleBy)
	}
}

// legal is the disposition whose limits are those of suggestions.
const legal = "proposal"

// proposed reports whether a suggestion may have come of the matter.
func (l *Life) proposed() bool { return l.Disposition == legal || l.Disposition == "upper" }

// propose puts a matter that became a deputies' suggestion under the
// suggestion's unit and its clock, the legal one (代表法 Art. 51). It returns by
// which disposition's limits the matter is reckoned: one for a higher level (F)
// by those of suggestions too, once it is handled as one.
func (l *Life) propose(r *rules) (disposition string) {
	s, ok := r.proposals[l.Number]
	if !ok || !l.proposed() {
		return l.Disposition
	}
	l.Suggestion = s.ID()
	if s.Assigned.IsZero() || !l.Assigned.IsZero() {
		return l.Disposition
	}
	l.Assigned, l.Hard = s.Assigned, s.Hard
	l.Unit, l.Units = s.undertakers()
	switch {
	case l.own == StSuggestion:
		l.Clock = s.clock()
	case !l.Replied.IsZero() && l.handled.Timer == TimerNone:
		l.handled = Clock{Timer: TimerHandle, From: s.Assigned}
	}
	return legal
}

// behind tells where a matter stands that follows another, and whether it
// merely waits for that: it is handled there, but its own voter is told what
// the lead has come to, an answer on the spot and a refusal too, and is asked
// apart. current says that what its voter was told is still that.
func behind(own, lead State, current bool) (st State, waits bool) {
	switch {
	case own.Ended(), own >= StFedBack && current:
		return own, false
	case lead == StAnswered, lead == StReplied, lead >= StFedBack && lead != StSuggestion:
		return StReplied, false
	}
	return lead, true
}

// follow gives a life that has joined another what the other has come to.
//
// What its voter was told holds until the lead's answer changes by a step that
// whoever told it had not seen: the lead is handled again, replied to anew or
// reopened. From then on it waits for the lead as before, and its voter is told
// the new answer; what is filed stays filed. While it waits it is under its
// lead's clock; its voter is to be told in the time that the lead's own has,
// counted from the day that there was something to tell or, where it joined
// later, from that. A joined voter who is not satisfied
// is decided on like any other: 重新办理 of the joined matter takes it out of its
// lead and back to the unit that handled that (goAlone), and a second 不满意 of
// the same voter goes to a meeting. 重新办理 of the lead is for all who follow.
func (l *Life) follow(lead Life) {
	current := l.teller.knows(lead.news)
	if l.Lead == "" || l.State == StVoid || l.own.Ended() && !current {
		return
	}
	st, waits := behind(l.own, lead.own, current)
	l.Unit, l.Units, l.Assigned, l.HandleBy, l.Extended = lead.Unit, lead.Units, lead.Assigned, lead.HandleBy, lead.Extended
	l.Answer, l.Class, l.Promise, l.Kept = lead.Answer, lead.Class, lead.Promise, lead.Kept
	l.Replied, l.InTime = lead.Replied, lead.InTime
	if lead.Suggestion != "" {
		l.Suggestion = lead.Suggestion
	}
	if !waits {
		if l.Turned = lead.Turned; l.Turned == "" {
			l.Answer = cmpOr(lead.Answer, lead.Reply)
		}
	}
	if st == l.own && !waits {
		return // its own voter, on its own clock
	}
	l.State, l.Clock = st, lead.Clock
	if !waits {
		l.Clock = lead.tell
		if l.tell.Due.After(lead.tell.Due) {
			l.Clock = l.tell
		}
	}
	l.Due = l.Clock.Due
}

// A place is a step's among those of both sides; zero where there is none.
type place struct {
	ref  ledger.Ref
	city bool
}

// A sight is a step's place with what its writer had seen of the other side.
type sight struct {
	place
	seen []ledger.Ref
}

func (s Done) place() place { return place{s.Ref, s.City} }
func (s Done) sight() sight { return sight{s.place(), s.seen} }

// knows reports whether whoever wrote a step had the other one before them.
func (s sight) knows(p place) bool {
	switch {
	case p.ref.IsZero():
		return true
	case s.ref.IsZero():
		return false
	case s.city == p.city:
		return byStream(p.ref, s.ref) < 0
	}
	return sees(s.seen, p.ref)
}

// inTurn puts the steps of both sides in the one order that both compute: the
// city's next step, unless it has seen the station's next one. So of steps
// made at once the city's counts first. Each side's own steps keep their
// order: by epoch, then by number.
func inTurn(steps []Done) []Done {
	var ours, citys []Done
	for _, s := range steps {
		if s.City {
			citys = append(citys, s)
		} else {
			ours = append(ours, s)
		}
	}
	slices.SortFunc(ours, byRef)
	slices.SortFunc(citys, byRef)
	out := make([]Done, 0, len(steps))
	for len(ours)+len(citys) > 0 {
		if len(citys) > 0 && (len(ours) == 0 || !sees(citys[0].seen, ours[0].Ref)) {
			out, citys = append(out, citys[0]), citys[1:]
			continue
		}
		out, ours = append(out, ours[0]), ours[1:]
	}
	return out
}

func byRef(a, b Done) int { return byStream(a.Ref, b.Ref) }

// byStream compares two entries of one side: by epoch, then by number.
func byStream(a, b ledger.Ref) int {
	switch {
	case a.Stream.Epoch() == b.Stream.Epoch():
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Seq, b.Seq))
	case a.Stream.Later(b.Stream):
		return 1
	}
	return -1
}

// sees reports whether the heads that a writer had seen hold an entry. Heads
// name the latest epochs; of a full list, an epoch before all that it names was
// seen too.
func sees(heads []ledger.Ref, r ledger.Ref) bool {
	older := false
	for _, h := range heads {
		if h.Stream == r.Stream {
			return h.Seq >= r.Seq
		}
		older = older || h.Stream.Writer() == r.Stream.Writer() && h.Stream.Later(r.Stream)
	}
	return older && len(heads) == ledger.MaxSeen
}

// doneOf reads a step out of its entry.
func doneOf(e ledger.Entry) (Done, error) {
	s, err := decode[Step](e)
	d := Done{Step: s, ID: e.ID, Ref: e.Ref, At: e.At, City: e.Stream.Writer() == CityCode, seen: e.Seen}
	if f := s.First; f != nil && !e.Replaces.IsZero() && f.Ref.Stream.Writer() == e.Stream.Writer() && f.Ref.Stream.Reader() == e.Stream.Reader() {
		d.Ref, d.At, d.seen = f.Ref, f.At, f.Seen
	}
	return d, err
}

func (d *Desk) side() Side {
	if d.AtCity() {
		return AtCity
	}
	return AtStation
}

// steps reads the steps of a matter, in no order.
func (d *Desk) steps(matter ledger.ID) ([]Done, error) {
	steps, err := d.bareSteps(matter)
	for i := range steps {
		s := &steps[i]
		if err != nil || s.Action != DoJoin {
			continue
		}
		s.leadVoid = d.voided(s.Lead)
		if !s.City {
			s.crossed, err = d.crossed(*s)
		}
	}
	return steps, err
}

// voided reports whether a matter's reception is void.
func (d *Desk) voided(matter ledger.ID) bool {
	rec, err := d.led.Record(KindMatter, matter)
	if err != nil {
		return false // still on its way
	}
	m, err := decode[Matter](rec.Entry)
	if err != nil {
		return false
	}
	rv, err := d.led.Record(KindVisit, m.Visit)
	if err != nil {
		return false
	}
	v, err := decode[Visit](rv.Entry)
	return err == nil && v.Void != ""
}

// crossed looks for a join of the city's that crosses one of the station's.
func (d *Desk) crossed(s Done) (bool, error) {
	near, err := d.joined(s.Matter)
	for _, matter := range append(near, s.Lead) {
		steps, serr := d.bareSteps(matter)
		if slices.ContainsFunc(steps, func(c Done) bool { return crosses(c, s) }) {
			return true, nil
		}
		err = errors.Join(err, serr)
	}
	return false, err
}

// joined lists the matters that ever joined one.
func (d *Desk) joined(lead ledger.ID) ([]ledger.ID, error) {
	hits, err := d.led.Find(ledger.Prefix("step-lead", string(lead)+"/"))
	var out []ledger.ID
	for _, h := range hits {
		_, other, _ := strings.Cut(h.Key, "/")
		if !slices.Contains(out, ledger.ID(other)) {
			out = append(out, ledger.ID(other))
		}
	}
	return out, err
}

// bareSteps reads steps by themselves.
func (d *Desk) bareSteps(matter ledger.ID) ([]Done, error) {
	hits, err := d.led.Find(ledger.Prefix("step-matter", string(matter)+"-"))
	if err != nil {
		return nil, err
	}
	out := make([]Done, 0, len(hits))
	for _, h := range hits {
		rec, err := d.led.Record(KindStep, h.ID)
		if err != nil {
			return nil, err
		}
		s, err := doneOf(rec.Entry)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// life reads one life from the ledger, without the table: the matter's own,
// or with what its lead has come to.
func (d *Desk) life(matter ledger.ID, withLead bool) (Life, error) {
	rec, err := d.led.Record(KindMatter, matter)
	if err != nil {
		return Life{}, err
	}
	m, err := decode[Matter](rec.Entry)
	if err != nil {
		return Life{}, err
	}
	rv, err := d.led.Record(KindVisit, m.Visit)
	if err != nil {
		return Life{}, err
	}
	v, err := decode[Visit](rv.Entry)
	if err != nil {
		return Life{}, err
	}
	steps, err := d.steps(matter)
	if err != nil {
		return Life{}, err
	}
	if err := d.unsay(m.Visit, rec.Stream.Writer(), steps); err != nil {
		return Life{}, err
	}
	l := lifeOf(matter, m, v, rec.Stream.Writer(), steps)
	l.reckon(d.rules())
	if withLead && l.Lead != "" {
		lead, err := d.life(l.Lead, false)
		if err == nil {
			l.follow(lead)
		} else if !errors.Is(err, ledger.ErrNotFound) {
			return l, err
		}
	}
	l.Lamp = l.Clock.Lamp(d.Today())
	return l, nil
}

// whole is a life with whom it concerns and which matters follow it.
func (d *Desk) whole(matter ledger.ID) (Life, error) {
	l, err := d.life(matter, true)
	if err != nil {
		return l, err
	}
	if s, err := d.Session(l.Session); err == nil {
		l.Deputies = s.Deputies
	}
	return l, d.followers(&l)
}

// lifeOf folds a matter's life from the steps that are of it: the station's
// own and the city's. What another station wrote of a matter, or the city for
// another station, this station never sees, so it counts at neither end.
func lifeOf(id ledger.ID, m Matter, v Visit, station string, steps []Done) Life {
	l := Life{Matter: m, MatterID: id, VisitID: m.Visit, Session: v.Session, Station: station, At: v.At, Entered: v.Entered,
		Recorder: v.By, Secret: v.Confidential, NoContact: v.NoContact}
	l.fold(inTurn(slices.DeleteFunc(steps, func(s Done) bool {
		if s.City {
			return s.Ref.Stream.Reader() != "" && s.Ref.Stream.Reader() != station
		}
		return s.Ref.Stream.Writer() != station || s.Ref.Stream.Reader() != ""
	})))
	if v.Void != "" {
		l.own, l.State = StVoid, StVoid
	}
	return l
}

// followers finds the matters that follow one.
func (d *Desk) followers(l *Life) error {
	all, err := d.joined(l.MatterID)
	if err != nil {
		return err
	}
	for _, other := range all {
		f, err := d.life(other, false)
		if err == nil && f.Lead == l.MatterID {
			l.Followers = append(l.Followers, f.MatterID)
		}
	}
	return nil
}

// concerns reports whether who may see a matter's life.
func (l *Life) concerns(who Who) bool {
	return who.May(RightSeeAll) || who.May(RightSeeOwn) && who.Deputy != "" &&
		(l.Matter.Deputy == who.Deputy || slices.Contains(l.Deputies, who.Deputy))
}

// Life returns a matter's life as far as who may see it, read at this moment
// from the ledger alone.
func (d *Desk) Life(who Who, matter ledger.ID) (Life, error) {
	if !who.May(RightSeeOwn) {
		if err := who.need(RightSeeAll); err != nil {
			return Life{}, err
		}
	}
	l, err := d.whole(matter)
	if err == nil && !l.concerns(who) {
		return Life{}, who.need(RightSeeAll)
	}
	return l, err
}

// LifeByNumber returns the life of the matter with this number; a reception's
// own number means its first matter.
func (d *Desk) LifeByNumber(who Who, number string) (Life, error) {
	f, n, err := d.Lookup(who, number)
	if err != nil {
		return Life{}, err
	}
	if len(f.matterIDs) == 0 {
		return Life{}, ledger.ErrNotFound
	}
	return d.Life(who, f.matterIDs[max(n, 1)-1])
}

// MatterID is the id of the i-th of f.Matters.
func (f Full) MatterID(i int) ledger.ID {
	if i < 0 || i >= len(f.matterIDs) {
		return ""
	}
	return f.matterIDs[i]
}
