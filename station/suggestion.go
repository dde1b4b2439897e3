package station

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// KindSuggestion is 代表建议. It is the city's alone to write, so that there is
// nothing to merge: each act is a whole revision by the office that did it, and
// what became of it is a scan of the revisions. Its id is the public number
// that it was first given (届-次-号); of two that a restored city gave the same
// one, see begun. It names deputies and units, never a voter, and travels to every
// station; a station shows those that concern it.
const KindSuggestion ledger.Kind = "suggestion"

// A Suggestion of deputies (代表建议、批评和意见), DOMAIN 4.1.
type Suggestion struct {
	No        int              `json:"no"`      // 第n号 of the meeting
	Term      int              `json:"term"`    // 届
	Meeting   int              `json:"meeting"` // 次
	Period    string           `json:"period"`  // Periods
	Title     string           `json:"title"`   // 案由
	Body      string           `json:"body"`    // 内容: the facts, why, and what is suggested
	Lead      string           `json:"lead"`    // 领衔代表, code
	Co        []CoDeputy       `json:"co,omitempty"`
	Category  string           `json:"category"`          // its first digit is the committee's
	Matters   []string         `json:"matters,omitempty"` // numbers of the voters' matters it came from
	Key       string           `json:"key,omitempty"`     // 重点建议: why; 代表法 Art. 52
	Units     []Undertaker     `json:"units,omitempty"`
	Hard      bool             `json:"hard,omitempty"` // 涉及面广、处理难度大: six months
	Assigned  typed.Date       `json:"assigned,omitzero"`
	Reply     *SuggestionReply `json:"reply,omitempty"`
	Appraisal *Appraisal       `json:"appraisal,omitempty"`
	Again     typed.Date       `json:"again,omitzero"` // sent back to the unit, after
	Before    *Appraisal       `json:"before,omitempty"`
	Redone    int              `json:"redone,omitempty"`
	Decided   string           `json:"decided,omitempty"` // what a meeting decided after a second 不满意
	Leader    string           `json:"leader,omitempty"`  // 领衔督办的市领导, where not by portfolio
	Withdrawn string           `json:"withdrawn,omitempty"`
	Reason    string           `json:"reason,omitempty"` // of the last act
	Name      string           `json:"name,omitempty"`   // who did the last act, as shown

	origin
}

// CoDeputy is who signs along (联名、附议).
type CoDeputy struct {
	Deputy string `json:"deputy"`
	Agreed bool   `json:"agreed,omitempty"`
}

// Undertaker is a unit with its part (主办、协办、分办).
type Undertaker struct {
	Unit string `json:"unit"` // code of the list, or a name
	Role string `json:"role"` // UndertakerRoles
}

// SuggestionReply is the unit's answer to the deputies.
type SuggestionReply struct {
	Doc     string     `json:"doc,omitempty"` // 文号
	On      typed.Date `json:"on"`
	Signer  string     `json:"signer,omitempty"`
	Text    string     `json:"text"`
	Class   string     `json:"class"` // ResultClass
	Promise typed.Date `json:"promise,omitzero"`
	Met     bool       `json:"met,omitempty"` // 面商
}

// Appraisal is the deputy's word on the answer (征询意见表).
type Appraisal struct {
	Attitude string     `json:"attitude"` // Satisfactions
	Outcome  string     `json:"outcome"`
	On       typed.Date `json:"on"`
	Reason   string     `json:"reason,omitempty"`
}

var (
	// Periods: 大会期间、闭会期间.
	Periods = Terms{{"session", "1", Text{"大会期间", "During the congress"}}, {"between", "2", Text{"闭会期间", "Between congresses"}}}
	// UndertakerRoles: 主办、协办、分办.
	UndertakerRoles = Terms{{"lead", "1", Text{"主办", "Leads"}}, {"co", "2", Text{"协办", "Helps"}}, {"separate", "3", Text{"分办", "Separately"}}}
)

// ID is what links and acts call the suggestion: the number that it was first
// given, 17-4-0023. What people see is Code.
func (s Suggestion) ID() ledger.ID { return cmp.Or(s.id, ledger.ID(s.Code())) }

// Number is how people say it.
func (s Suggestion) Number() Text {
	return Text{fmt.Sprintf("%d届%d次第%d号", s.Term, s.Meeting, s.No), fmt.Sprintf("No. %d of meeting %d, term %d", s.No, s.Meeting, s.Term)}
}

// A SuggestionState is where it stands, computed from what it says.
type SuggestionState string

// States of a suggestion.
const (
	SgOpen      SuggestionState = "open"      // 待交办
	SgAssigned  SuggestionState = "assigned"  // 办理中
	SgReplied   SuggestionState = "replied"   // 已答复,待代表评价
	SgMeeting   SuggestionState = "meeting"   // 第二次不满意,待会商
	SgAppraised SuggestionState = "appraised" // 办结
	SgWithdrawn SuggestionState = "withdrawn" // 撤回
)

// Text names it.
func (s SuggestionState) Text() Text {
	return map[SuggestionState]Text{SgOpen: {"待交办", "To be assigned"}, SgAssigned: {"办理中", "In hand"}, SgReplied: {"已答复待评价", "To appraise"},
		SgMeeting: {"不满意待会商", "To a meeting"}, SgAppraised: {"办结", "Closed"}, SgWithdrawn: {"撤回", "Withdrawn"}}[s]
}

// State computes it.
func (s Suggestion) State() SuggestionState {
	switch {
	case s.Withdrawn != "":
		return SgWithdrawn
	case s.Appraisal != nil && s.Decided == "" && Worse(s.Appraisal.Attitude, s.Appraisal.Outcome) == "bad":
		return SgMeeting
	case s.Appraisal != nil:
		return SgAppraised
	case s.Reply != nil:
		return SgReplied
	case !s.Assigned.IsZero():
		return SgAssigned
	}
	return SgOpen
}

// clock is the one that the unit is under: three months from 交办, six where it
// is broad or difficult (代表法 Art. 51), and the shorter one of 重新办理 after a
// deputy was not satisfied.
func (s Suggestion) clock() Clock {
	switch {
	case s.State() != SgAssigned:
		return Clock{}
	case !s.Again.IsZero():
		return Clock{Timer: TimerRedo, From: s.Again}
	}
	return Clock{Timer: TimerHandle, From: s.Assigned}
}

// SuggestionClock is when the unit's answer is due, by the limits in force;
// none runs before 交办 and after the reply.
func (d *Desk) SuggestionClock(s Suggestion) Clock {
	c := s.clock()
	d.rules().reckon(&c, legal, s.Hard)
	return c
}

// undertakers are the unit that leads and those beside it.
func (s Suggestion) undertakers() (lead string, others []string) {
	for _, u := range s.Units {
		if lead == "" && u.Role != "co" {
			lead = u.Unit
		} else {
			others = append(others, u.Unit)
		}
	}
	return lead, others
}

// Suggestions lists those that concern who sits here, by number, newest
// meeting first: at the city all of them, at a station those that came from its
// voters' matters or that one of its group's deputies leads or signs.
func (d *Desk) Suggestions(who Who) ([]Suggestion, error) {
	if !who.May(RightSeeAll) {
		if err := who.need(RightSeeOwn); err != nil {
			return nil, err
		}
	}
	var out []Suggestion
	for _, s := range d.rules().suggestions {
		if d.concernsSuggestion(who, s) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Term, a.Term), cmp.Compare(b.Meeting, a.Meeting), cmp.Compare(a.No, b.No))
	})
	return out, nil
}

func (d *Desk) concernsSuggestion(who Who, s Suggestion) bool {
	signs := func(deputy string) bool {
		return s.Lead == deputy || slices.ContainsFunc(s.Co, func(c CoDeputy) bool { return c.Deputy == deputy })
	}
	if !who.May(RightSeeAll) {
		return who.Deputy != "" && signs(who.Deputy)
	}
	if d.AtCity() || slices.ContainsFunc(s.Matters, func(n string) bool { return strings.HasPrefix(n, d.code()+"-") }) {
		return true
	}
	return slices.ContainsFunc(d.Groups(), func(g Group) bool { return g.Station == d.code() && slices.ContainsFunc(g.Members, signs) })
}

// Suggestion returns one, with its revision for a change.
func (d *Desk) Suggestion(who Who, id ledger.ID) (Suggestion, ledger.Ref, error) {
	s, err := d.suggestion(id)
	if errors.Is(err, ledger.ErrNotFound) {
		return Suggestion{}, ledger.Ref{}, typed.Problem{Code: "suggestion-unknown", ZH: "没有这件建议;编号的样子是 17-4-0023(届-次-号)。", EN: "There is no such suggestion; numbers look like 17-4-0023 (term-meeting-number)."}
	}
	if err == nil && !d.concernsSuggestion(who, s) {
		err = who.need(RightSeeAll)
		if err == nil {
			err = typed.Problem{Code: ErrForbidden, ZH: "这件建议与本站无关。", EN: "This suggestion does not concern this station."}
		}
	}
	if err != nil {
		return Suggestion{}, ledger.Ref{}, err
	}
	return s, s.rev, nil
}

// NewSuggestion records one at the city and gives it the next number of its
// meeting. Where a matter is named, it must have passed the gate (转代表建议).
func (d *Desk) NewSuggestion(who Who, s Suggestion) (Suggestion, error) {
	if err := d.needCity(who); err != nil {
		return s, err
	}
	if err := d.checkSuggestion(&s); err != nil {
		return s, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.passedGate(who, &s); err != nil {
		return s, err
	}
	s.origin = origin{}
	no, err := d.nextNo(s.Term, s.Meeting)
	if err != nil {
		return s, err
	}
	s.No, s.Name = no, who.Name
	return s, d.putCity(who, KindSuggestion, ledger.ID(s.Code()), ledger.Ref{}, s)
}

// passedGate holds the voters' matters that a suggestion names to the gate, and
// writes their numbers in full. A matter belongs to one suggestion.
func (d *Desk) passedGate(who Who, s *Suggestion) error {
	var ps Problems
	var in []string
	for _, n := range s.Matters {
		l, err := d.LifeByNumber(who, n)
		switch p := Say(err); {
		case err != nil:
			ps.add("matters", &p)
			continue
		case l.Lead != "": // its lead passed the gate, it did not, and has the answer from there
			lead, _ := d.life(l.Lead, false)
			ps.add("matters", &typed.Problem{Code: "suggestion-joined", ZH: l.Number + " 已并入主件 " + lead.Number + ",请写主件。", EN: l.Number + " follows " + lead.Number + "; name that one."})
		case l.State != StSuggestion:
			ps.add("matters", &typed.Problem{Code: "suggestion-gate", ZH: l.Number + " 还没有办“转代表建议”(六个不应当都要答“否”)。", EN: l.Number + " has not been made a proposal yet: the gate of six questions comes first."})
		case l.Suggestion != "":
			ps.add("matters", &typed.Problem{Code: "suggestion-twice", ZH: l.Number + " 已写入建议 " + d.suggestionCode(l.Suggestion) + "。", EN: l.Number + " belongs to suggestion " + d.suggestionCode(l.Suggestion) + " already."})
		}
		if f, err := d.Read(who, l.VisitID); err == nil && f.Voter.namedIn(s.Title+"\n"+s.Body) {
			ps.add("body", &typed.Problem{Code: "voter-named", ZH: "这里写了选民的姓名或电话,建议会发到各站。请改写成“选民”。", EN: "This names the voter or gives the phone, and a suggestion goes to every station. Write “the voter” instead."})
		}
		if !slices.Contains(in, l.Number) {
			in = append(in, l.Number)
		}
	}
	s.Matters = in
	return ps.err()
}

// Unsuggested lists the voters' matters that have passed the gate and are in no
// suggestion yet, what waits longest first.
func (d *Desk) Unsuggested(who Who) ([]Life, error) {
	all, err := d.Queue(who, "suggestion", 0)
	return slices.DeleteFunc(all, func(l Life) bool { return l.State != StSuggestion || l.Suggestion != "" }), err
}

func (d *Desk) checkSuggestion(s *Suggestion) error {
	var ps Problems
	s.Title = ps.name("title", s.Title, maxLine)
	s.Body = ps.long("body", s.Body)
	if s.Body == "" {
		ps.missing("body", "请写内容。", "Write what is suggested.")
	}
	if s.Term < 1 || s.Term > 99 || s.Meeting < 1 || s.Meeting > 99 {
		ps.add("term", outside(1, 99))
	}
	s.Period = cmpOr(s.Period, "between")
	ps.add("period", Periods.check(s.Period))
	if s.Lead == "" {
		ps.missing("lead", "请写领衔代表。", "Name the deputy who leads.")
	} else {
		ps.add("lead", d.onRoster(s.Lead))
	}
	for i, c := range s.Co {
		ps.add("co", d.onRoster(c.Deputy))
		if c.Deputy == s.Lead || slices.ContainsFunc(s.Co[:i], func(o CoDeputy) bool { return o.Deputy == c.Deputy }) {
			ps.add("co", &typed.Problem{Code: "co-twice", ZH: "同一位代表写了两次。", EN: "The same deputy is named twice."})
		}
	}
	if _, ok := d.Category(s.Category); !ok {
		ps.add("category", &typed.Problem{Code: "category-unknown", ZH: "没有分类“" + quote(s.Category) + "”。", EN: "There is no category “" + quote(s.Category) + "”."})
	}
	if len(s.Matters) > maxMatters {
		ps.add("matters", outside(0, maxMatters))
	}
	return ps.err()
}

// onRoster asks for a deputy of the roster: a suggestion is the deputies' own,
// so the city needs a roster before it records one.
func (d *Desk) onRoster(code string) *typed.Problem {
	if _, ok := d.Deputy(code); ok {
		return nil
	}
	return &typed.Problem{Code: "deputy-unknown", ZH: "代表名册里没有“" + quote(code) + "”;名册用 import deputies 导入。", EN: "The roster has no deputy “" + quote(code) + "”; rosters come with import deputies."}
}

// putCity commits one revision of a record of the city's.
func (d *Desk) putCity(who Who, k ledger.Kind, id ledger.ID, replaces ledger.Ref, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return d.save(ledger.Change{New: []ledger.New{{Kind: k, ID: id, At: d.now(), By: who.Account, Replaces: replaces, Body: b}}})
}
