package station

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// KindSupervision is one act of 五个督办到位 (DOMAIN 4.2): the city's own data.
// One kind for all of them keeps one log; each act is a record of its own and
// is never revised.
const KindSupervision ledger.Kind = "supervision"

// A Supervision is one line of the log.
type Supervision struct {
	Type       string     `json:"type"` // SuperviseTypes
	Act        string     `json:"act"`  // SuperviseActs
	Suggestion ledger.ID  `json:"suggestion,omitempty"`
	On         typed.Date `json:"on"`
	Meeting    string     `json:"meeting,omitempty"`   // 主任会议, its number
	Leader     string     `json:"leader,omitempty"`    // code
	Committee  string     `json:"committee,omitempty"` // code
	Unit       string     `json:"unit,omitempty"`
	Group      string     `json:"group,omitempty"` // code
	Deputies   []string   `json:"deputies,omitempty"`
	Form       string     `json:"form,omitempty"` // SuperviseForms
	Finding    string     `json:"finding,omitempty"`
	Demand     string     `json:"demand,omitempty"`
	Due        typed.Date `json:"due,omitzero"`
	Reason     string     `json:"reason,omitempty"`

	Number string `json:"-"` // of the suggestion, as people know it; filled in by reading
}

var (
	// SuperviseTypes are the five.
	SuperviseTypes = Terms{
		{"leader", "1", Text{"领衔督办", "By a leader"}},
		{"meeting", "2", Text{"主任会议督办", "By the director meeting"}},
		{"committee", "3", Text{"对口督办", "By a committee"}},
		{"unit", "4", Text{"重点承办单位督办", "Of a key unit"}},
		{"group", "5", Text{"重点小组代表跟踪督办", "By a key group"}},
	}
	// SuperviseActs are what is recorded of them.
	SuperviseActs = Terms{
		{"hearing", "1", Text{"听取办理情况", "Hearing"}},
		{"pick", "2", Text{"选为重点", "Picked"}},
		{"keyunit", "3", Text{"定为重点承办单位", "Key unit"}},
		{"meetup", "4", Text{"工作方案见面会", "Meet-up"}},
		{"keygroup", "5", Text{"定为重点小组", "Key group"}},
		{"track", "6", Text{"代表跟踪", "Tracked by deputies"}},
		{"log", "7", Text{"督办记录", "Note"}},
	}
	// SuperviseForms: how it was done.
	SuperviseForms = Terms{
		{"report", "1", Text{"听取汇报", "Report heard"}}, {"visit", "2", Text{"实地视察", "Visit"}}, {"talk", "3", Text{"座谈", "Talk"}},
		{"letter", "4", Text{"函询", "Letter"}}, {"phone", "5", Text{"电话", "Phone"}}, {"again", "6", Text{"回头看", "Second look"}},
	}
)

// typeOf is which of the five an act belongs to.
var typeOf = map[string]string{"hearing": "meeting", "pick": "committee", "keyunit": "unit", "meetup": "unit", "keygroup": "group", "track": "group"}

// Supervise records one act.
func (d *Desk) Supervise(who Who, s Supervision) error {
	if err := d.needCity(who); err != nil {
		return err
	}
	var ps Problems
	ps.add("act", SuperviseActs.check(s.Act))
	s.Type = cmpOr(typeOf[s.Act], s.Type)
	ps.add("type", SuperviseTypes.check(s.Type))
	if s.On.IsZero() {
		s.On = d.Today()
	}
	for field, v := range map[string]*string{"meeting": &s.Meeting, "unit": &s.Unit, "reason": &s.Reason} {
		*v = ps.text(field, *v, maxLine)
	}
	s.Finding, s.Demand = ps.long("finding", s.Finding), ps.long("demand", s.Demand)
	if s.Form != "" {
		ps.add("form", SuperviseForms.check(s.Form))
	}
	needs := map[string][]string{"hearing": {"suggestion"}, "pick": {"committee", "suggestion"}, "keyunit": {"unit", "leader"}, "meetup": {"unit"},
		"keygroup": {"group", "leader"}, "track": {"group", "suggestion", "finding"}, "log": {"suggestion", "finding"}}[s.Act]
	have := map[string]string{"suggestion": string(s.Suggestion), "committee": s.Committee, "unit": s.Unit, "leader": s.Leader, "group": s.Group, "finding": s.Finding}
	for _, n := range needs {
		if have[n] == "" {
			ps.missing(n, "这一项要写。", "This must be given.")
		}
	}
	d.checkSupervised(&ps, s)
	if err := ps.err(); err != nil {
		return err
	}
	return d.putCity(who, KindSupervision, newID(), ledger.Ref{}, s)
}

// checkSupervised asks whether what an act names is there.
func (d *Desk) checkSupervised(ps *Problems, s Supervision) {
	unknown := func(field, code string) {
		ps.add(field, &typed.Problem{Code: field + "-unknown", ZH: "没有“" + quote(code) + "”。", EN: "There is no “" + quote(code) + "”."})
	}
	if s.Suggestion != "" {
		if _, err := d.suggestion(s.Suggestion); err != nil {
			unknown("suggestion", string(s.Suggestion))
		}
	}
	if _, ok := d.Committee(s.Committee); s.Committee != "" && !ok {
		unknown("committee", s.Committee)
	}
	if _, ok := d.Group(s.Group); s.Group != "" && !ok {
		unknown("group", s.Group)
	}
	if _, ok := d.Leader(s.Leader); s.Leader != "" && !ok {
		unknown("leader", s.Leader)
	}
	for _, c := range s.Deputies {
		ps.add("deputies", d.knownDeputy(c))
	}
}

// Supervisions lists the log of a year (0: of all), oldest first; of one suggestion where
// it is named. A station sees those of the suggestions that concern it, and its
// own groups'.
func (d *Desk) Supervisions(who Who, year int, suggestion ledger.ID) ([]Supervision, error) {
	mine, err := d.Suggestions(who)
	if err != nil {
		return nil, err
	}
	all := d.rules().suggestions
	if suggestion != "" {
		if x, err := d.suggestion(suggestion); err == nil {
			suggestion = x.id
		}
	}
	var out []Supervision
	err = d.led.Each(KindSupervision, func(e ledger.Entry) error {
		s, err := decode[Supervision](e)
		if err != nil || !says(d.led, e) {
			return nil
		}
		if x, ok := meant(all, s.Suggestion, e.Ref); ok {
			s.Suggestion, s.Number = x.id, x.Called()
		}
		switch {
		case year != 0 && s.On.Year != year, suggestion != "" && s.Suggestion != suggestion:
			return nil
		case !d.AtCity() && !slices.ContainsFunc(mine, func(x Suggestion) bool { return x.ID() == s.Suggestion }) &&
			!slices.ContainsFunc(d.Groups(), func(g Group) bool { return g.Code == s.Group && g.Station == d.code() }):
			return nil
		}
		out = append(out, s)
		return nil
	})
	slices.SortStableFunc(out, func(a, b Supervision) int { return a.On.Compare(b.On) })
	return out, err
}

// A Gap is one thing that the five supervisions still lack. Fill is the act
// that would fill it, as far as it is known; without an act it is a leader for
// a suggestion that is asked for.
type Gap struct {
	Type string // SuperviseTypes
	What Text
	Fill Supervision
}

// What is asked for (DOMAIN 4.2).
const (
	hearingsAMonth = 2 // of the director meeting, from July on
	picksEach      = 3 // of a committee, a year
)

// SuperviseGaps says what is missing on a day, in words: suggestions without a
// leader, months from July to now in which fewer than two suggestions were
// heard, committees that picked fewer than three, key units without a meet-up and key groups that
// nobody tracks.
func (d *Desk) SuperviseGaps(who Who, today typed.Date) ([]Gap, error) {
	sgs, err := d.Suggestions(who)
	if err != nil {
		return nil, err
	}
	log, err := d.Supervisions(who, today.Year, "")
	if err != nil {
		return nil, err
	}
	log = slices.DeleteFunc(log, func(s Supervision) bool { return s.On.After(today) })
	var out []Gap
	add := func(kind string, fill Supervision, zh, en string) { out = append(out, Gap{kind, Text{zh, en}, fill}) }
	for _, s := range sgs {
		n := s.Told()
		if s.State() == SgMeeting {
			add("meeting", Supervision{Act: "hearing", Suggestion: s.ID()}, n.ZH+"代表第二次不满意,待会商。", n.EN+": not satisfied for the second time, it waits for a meeting.")
		}
		if s.Withdrawn == "" && d.SuperLeader(s) == "" {
			add("leader", Supervision{Suggestion: s.ID()}, n.ZH+"还没有领衔督办的领导。", n.EN+" has no leader yet.")
		}
	}
	count := func(has func(Supervision) bool) int { // of suggestions: one may be entered twice, or heard twice in a month
		of := map[ledger.ID]bool{}
		for _, s := range log {
			if has(s) {
				of[s.Suggestion] = true
			}
		}
		return len(of)
	}
	for m := time.July; m <= today.Month; m++ {
		if n := count(func(s Supervision) bool { return s.Act == "hearing" && s.On.Month == m }); n < hearingsAMonth {
			add("meeting", Supervision{Act: "hearing"}, fmt.Sprintf("%d月主任会议听取办理情况 %d 件,应 %d 件。", m, n, hearingsAMonth), fmt.Sprintf("%s: %d hearings, %d are due.", m, n, hearingsAMonth))
		}
	}
	for _, c := range d.Committees() {
		if n := count(func(s Supervision) bool { return s.Act == "pick" && s.Committee == c.Code }); !c.Ended && n < picksEach {
			add("committee", Supervision{Act: "pick", Committee: c.Code}, fmt.Sprintf("%s选重点 %d 件,应 %d 件以上。", c.Name, n, picksEach), fmt.Sprintf("%s has picked %d, at least %d are due.", c.Name, n, picksEach))
		}
	}
	asked := map[[2]string]bool{}
	for _, s := range log {
		key := [2]string{s.Act, s.Unit + s.Group}
		if asked[key] {
			continue
		}
		asked[key] = true
		switch s.Act {
		case "keyunit":
			if count(func(x Supervision) bool { return x.Act == "meetup" && x.Unit == s.Unit }) == 0 {
				add("unit", Supervision{Act: "meetup", Unit: s.Unit}, "重点承办单位"+d.UnitName(s.Unit)+"还没有开见面会。", "The key unit "+d.UnitName(s.Unit)+" has had no meet-up yet.")
			}
		case "keygroup":
			if count(func(x Supervision) bool { return x.Act == "track" && x.Group == s.Group }) == 0 {
				add("group", Supervision{Act: "track", Group: s.Group}, "重点小组"+d.GroupName(s.Group)+"还没有跟踪记录。", "The key group "+d.GroupName(s.Group)+" has tracked nothing yet.")
			}
		}
	}
	return out, nil
}

// GroupName is a group's name, or its code.
func (d *Desk) GroupName(code string) string {
	if g, ok := d.Group(code); ok {
		return g.Name
	}
	return code
}

// A Count is how many suggestions a unit undertakes or a group's deputies lead.
type Count struct {
	Code, Name string
	N          int
}

// SuggestionCounts ranks units by what they undertake and groups by what their
// deputies lead: 重点承办单位 and 重点小组 are chosen by them.
func (d *Desk) SuggestionCounts(who Who) (units, groups []Count, err error) {
	sgs, err := d.Suggestions(who)
	if err != nil {
		return nil, nil, err
	}
	byUnit, byGroup := map[string]int{}, map[string]int{}
	for _, s := range sgs {
		if s.Withdrawn != "" {
			continue
		}
		for i, u := range s.Units {
			if !slices.ContainsFunc(s.Units[:i], func(o Undertaker) bool { return o.Unit == u.Unit }) {
				byUnit[u.Unit]++
			}
		}
		for _, g := range d.GroupsOf(s.Lead) {
			byGroup[g.Code]++
		}
	}
	rank := func(by map[string]int, name func(string) string) (out []Count) {
		for c, n := range by {
			out = append(out, Count{c, name(c), n})
		}
		slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code)) })
		return out
	}
	return rank(byUnit, d.UnitName), rank(byGroup, d.GroupName), nil
}
