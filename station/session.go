package station

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// KindSession is 接待场次.
const KindSession ledger.Kind = "session"

// A Session is one sitting of deputies for voters (接待场次), with the three
// two-valued modes of 三定三不定. Receptions of one day and the same modes and
// theme share one.
type Session struct {
	ID       ledger.ID  `json:"-"`
	Rev      ledger.Ref `json:"-"`
	Number   Number     `json:"number"`
	Day      typed.Date `json:"day"`
	Time     string     `json:"time"`  // Times
	Place    string     `json:"place"` // Places
	Where    string     `json:"where,omitempty"`
	Topic    string     `json:"topic"` // Topics
	Theme    string     `json:"theme,omitempty"`
	Start    string     `json:"start,omitempty"` // 09:00
	End      string     `json:"end,omitempty"`   // 11:00
	Deputies []string   `json:"deputies,omitempty"`
	Closed   bool       `json:"closed,omitempty"`
}

// Index "session-day": the day. Index "session-number": numberKey.
func sessionKeys(e ledger.Entry) []ledger.Key {
	s, err := decode[Session](e)
	if err != nil {
		return nil
	}
	return []ledger.Key{{Index: "session-day", Key: s.Day.String()}, {Index: "session-number", Key: numberKey(s.Number)}}
}

// sameModes reports whether a reception of these modes belongs to s.
func (s Session) sameModes(o Session) bool {
	return s.Day == o.Day && s.Time == o.Time && s.Place == o.Place && s.Topic == o.Topic && s.Theme == o.Theme &&
		(o.Where == "" || s.Where == "" || s.Where == o.Where)
}

// Modes says the three modes in words, such as 定时 · 进站 · 停车与交通秩序.
func (s Session) Modes() Text {
	t := Text{
		Times.Label(s.Time).ZH + " · " + Places.Label(s.Place).ZH,
		Times.Label(s.Time).EN + " · " + Places.Label(s.Place).EN,
	}
	if s.Topic == "themed" {
		return Text{t.ZH + " · " + s.Theme, t.EN + " · " + s.Theme}
	}
	return Text{t.ZH + " · " + Topics.Label("open").ZH, t.EN + " · " + Topics.Label("open").EN}
}

func readSession(e ledger.Entry) (Session, error) {
	s, err := decode[Session](e)
	s.ID, s.Rev = e.ID, e.Ref
	return s, err
}

// Session returns one session by id.
func (d *Desk) Session(id ledger.ID) (Session, error) {
	rec, err := d.led.Record(KindSession, id)
	if err != nil {
		return Session{}, err
	}
	return readSession(rec.Entry)
}

// Sessions returns the sessions of the days from..to (zero: open end), newest
// first; limit 0 means all.
func (d *Desk) Sessions(from, to typed.Date, limit int) ([]Session, error) {
	f := ledger.Find{Index: "session-day", Reverse: true, Limit: limit}
	if !from.IsZero() {
		f.From = from.String()
	}
	if !to.IsZero() {
		f.To = to.AddDays(1).String()
	}
	hits, err := d.led.Find(f)
	if err != nil {
		return nil, err
	}
	out := make([]Session, 0, len(hits))
	for _, h := range hits {
		s, err := d.Session(h.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Current is today's session that receptions go to by default: of those not
// closed the newest planned one (定时), so that a line from another channel
// does not take the day over; else the newest. ok is false where there is none.
func (d *Desk) Current() (s Session, ok bool, err error) {
	today := d.Today()
	all, err := d.Sessions(today, today, 0)
	for _, x := range all {
		if x.Closed {
			continue
		}
		if planned := x.Time == "fixed"; !ok || planned != (s.Time == "fixed") && planned || planned == (s.Time == "fixed") && numberKey(x.Number) > numberKey(s.Number) {
			s, ok = x, true
		}
	}
	return s, ok, err
}

// checkSession normalises what was typed into a session.
func (d *Desk) checkSession(s Session) (Session, Problems) {
	var ps Problems
	if s.Time == "" {
		s.Time = "adhoc"
	}
	if s.Place == "" {
		s.Place = "station"
	}
	if s.Topic == "" && s.Theme != "" {
		s.Topic = "themed"
	}
	s.Topic = cmpOr(s.Topic, "open")
	ps.add("session.time", Times.check(s.Time))
	ps.add("session.place", Places.check(s.Place))
	ps.add("session.topic", Topics.check(s.Topic))
	s.Theme = ps.text("session.theme", s.Theme, maxLine)
	s.Where = ps.text("session.where", s.Where, maxLine)
	if s.Topic == "themed" && s.Theme == "" {
		ps.add("session.theme", &typed.Problem{Code: "theme-missing",
			ZH: "设主题的场次要写主题。", EN: "A themed session needs its theme."})
	}
	if s.Topic != "themed" {
		s.Theme = ""
	}
	s.Deputies = d.checkDeputies(s.Deputies, &ps)
	s.Start = ps.clock("session.start", s.Start)
	s.End = ps.clock("session.end", s.End)
	return s, ps
}

// checkDeputies cleans the codes of a session's deputies and leaves out what
// is empty or said twice.
func (d *Desk) checkDeputies(in []string, ps *Problems) []string {
	var codes []string
	for _, c := range in {
		c = ps.text("session.deputies", typed.Fold(c), maxCode)
		if c == "" || slices.Contains(codes, c) {
			continue
		}
		ps.add("session.deputies", d.knownDeputy(c))
		if codes = append(codes, c); len(codes) > maxDeputies {
			ps.add("session.deputies", &typed.Problem{Code: "deputies-many",
				ZH: "一个场次最多 " + strconv.Itoa(maxDeputies) + " 位代表。", EN: "At most " + strconv.Itoa(maxDeputies) + " deputies a session."})
			break
		}
	}
	return codes
}

// knownDeputy returns a problem where there is a roster and the code is not
// in it.
func (d *Desk) knownDeputy(code string) *typed.Problem {
	ref := d.ref.Load()
	if _, ok := ref.deputy[code]; ok || len(ref.deputies) == 0 {
		return nil
	}
	return &typed.Problem{Code: "deputy-unknown",
		ZH: "名册里没有代表编号“" + quote(code) + "”。", EN: "The roster has no deputy “" + quote(code) + "”."}
}

// PutSession opens a session (ID empty) or writes a new revision of one, and
// returns it as it now stands. Its number stays. ErrStale says that s is not
// the newest revision.
func (d *Desk) PutSession(who Who, s Session, reason string) (Session, error) {
	if err := who.need(RightSession); err != nil {
		return s, err
	}
	s, ps := d.checkSession(s)
	reason = ps.text("reason", reason, maxLine)
	if s.Day.IsZero() {
		s.Day = d.Today()
	}
	if err := ps.err(); err != nil {
		return s, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.ID != "" {
		held, err := d.Session(s.ID)
		if err != nil {
			return s, err
		}
		s.Number = held.Number
	}
	n, s, err := d.newSession(who, s, d.now(), reason)
	if err != nil {
		return s, err
	}
	es, err := d.commit(ledger.Change{New: []ledger.New{n}})
	if err == nil {
		s.Rev = es[0].Ref
	}
	return s, err
}

// newSession makes the entry for a session, numbering it when it is new. The
// desk is locked.
func (d *Desk) newSession(who Who, s Session, now time.Time, reason string) (ledger.New, Session, error) {
	if s.ID == "" {
		s.ID = newID()
		num, err := d.number("session-number", "S", now)
		if err != nil {
			return ledger.New{}, s, err
		}
		s.Number = num
	}
	body, err := json.Marshal(struct {
		Session
		Reason string `json:"reason,omitempty"`
	}{s, reason})
	return ledger.New{Kind: KindSession, ID: s.ID, At: now, By: who.Account, Replaces: s.Rev, Seen: d.seen(), Body: body}, s, err
}

// sessionFor finds the session that a reception of these modes belongs to, or
// makes it, and adds deputies and place where it lacks them. The returned
// entry is nil when nothing has to be written. The desk is locked.
func (d *Desk) sessionFor(who Who, want Session, now time.Time) (Session, *ledger.New, error) {
	if want.ID != "" {
		s, err := d.Session(want.ID)
		if errors.Is(err, ledger.ErrNotFound) {
			return want, nil, Problems{{"session", typed.Problem{Code: "session-unknown",
				ZH: "没有这个场次,请重新选择。", EN: "There is no such session; choose again."}}}
		}
		if err != nil || s.Day == want.Day {
			return s, nil, err
		}
		// Midnight has passed, or the day was changed: the same modes on
		// the day of the reception.
		s.Day, s.Deputies = want.Day, want.Deputies
		want = Session{Day: s.Day, Time: s.Time, Place: s.Place, Where: s.Where, Topic: s.Topic, Theme: s.Theme, Deputies: s.Deputies}
	}
	hits, err := d.led.Find(ledger.Find{Index: "session-day", From: want.Day.String(), To: want.Day.AddDays(1).String()})
	if err != nil {
		return want, nil, err
	}
	for _, h := range hits {
		s, err := d.Session(h.ID)
		if errors.Is(err, ledger.ErrNotFound) || err == nil && !s.sameModes(want) {
			continue
		}
		if err != nil {
			return want, nil, err
		}
		return d.join(who, s, want, now)
	}
	n, s, err := d.newSession(who, want, now, "")
	return s, &n, err
}

// join adds to a session what a reception says of it and it lacks.
func (d *Desk) join(who Who, s, want Session, now time.Time) (Session, *ledger.New, error) {
	more := s.Where == "" && want.Where != ""
	s.Where = cmpOr(s.Where, want.Where)
	for _, c := range want.Deputies {
		if !slices.Contains(s.Deputies, c) {
			s.Deputies, more = append(s.Deputies, c), true
		}
	}
	if !more {
		return s, nil, nil
	}
	n, s, err := d.newSession(who, s, now, "")
	return s, &n, err
}
