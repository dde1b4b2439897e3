package station

import (
	"bytes"
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
// what became of it is a scan of the revisions. Its id is its public number
// (届-次-号). It names deputies and units, never a voter, and travels to every
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
	Redone    int              `json:"redone,omitempty"`
	Leader    string           `json:"leader,omitempty"` // 领衔督办的市领导, where not by portfolio
	Withdrawn string           `json:"withdrawn,omitempty"`
	Reason    string           `json:"reason,omitempty"` // of the last act
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

// ID is the suggestion's public number: 17-4-0023.
func (s Suggestion) ID() ledger.ID {
	return ledger.ID(fmt.Sprintf("%d-%d-%04d", s.Term, s.Meeting, s.No))
}

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
	SgAppraised SuggestionState = "appraised" // 办结
	SgWithdrawn SuggestionState = "withdrawn" // 撤回
)

// Text names it.
func (s SuggestionState) Text() Text {
	return map[SuggestionState]Text{SgOpen: {"待交办", "To be assigned"}, SgAssigned: {"办理中", "In hand"}, SgReplied: {"已答复待评价", "To appraise"},
		SgAppraised: {"办结", "Closed"}, SgWithdrawn: {"撤回", "Withdrawn"}}[s]
}

// State computes it.
func (s Suggestion) State() SuggestionState {
	switch {
	case s.Withdrawn != "":
		return SgWithdrawn
	case s.Appraisal != nil:
		return SgAppraised
	case s.Reply != nil:
		return SgReplied
	case !s.Assigned.IsZero():
		return SgAssigned
	}
	return SgOpen
}

// Due is the last day for the answer: three months from 交办, six where it is
// broad or difficult (代表法 Art. 51); zero before it is assigned. The day is
// clamped to the month's end.
func (s Suggestion) Due() typed.Date {
	if s.Assigned.IsZero() {
		return typed.Date{}
	}
	n := 3
	if s.Hard {
		n = 6
	}
	return Calendar{}.Due(s.Assigned, Limit{Count: n, Unit: Months})
}

// Lamp is the deadline in a word, on a day.
func (s Suggestion) Lamp(on typed.Date) Lamp {
	if s.State() != SgAssigned {
		return LampNone
	}
	switch due := s.Due(); {
	case on.After(due):
		return LampOver
	case !on.AddDays(suggestionWarn).Before(due):
		return LampSoon
	}
	return LampOK
}

// suggestionWarn is how many days before the end it is 临期.
const suggestionWarn = 15

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
	err := each(d.led, KindSuggestion, func(_ ledger.ID, s Suggestion) {
		if d.concernsSuggestion(who, s) {
			out = append(out, s)
		}
	})
	slices.SortFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Term, a.Term), cmp.Compare(b.Meeting, a.Meeting), cmp.Compare(a.No, b.No))
	})
	return out, err
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
	rec, err := d.led.Record(KindSuggestion, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return Suggestion{}, ledger.Ref{}, typed.Problem{Code: "suggestion-unknown", ZH: "没有这件建议;编号的样子是 17-4-0023(届-次-号)。", EN: "There is no such suggestion; numbers look like 17-4-0023 (term-meeting-number)."}
	}
	if err != nil {
		return Suggestion{}, ledger.Ref{}, err
	}
	s, err := decode[Suggestion](rec.Entry)
	if err == nil && !d.concernsSuggestion(who, s) {
		err = who.need(RightSeeAll)
		if err == nil {
			err = typed.Problem{Code: ErrForbidden, ZH: "这件建议与本站无关。", EN: "This suggestion does not concern this station."}
		}
		return Suggestion{}, ledger.Ref{}, err
	}
	return s, rec.Ref, err
}

// SuggestionHistory is every revision, oldest first, with who wrote it.
func (d *Desk) SuggestionHistory(id ledger.ID) ([]ledger.Entry, error) {
	return d.led.History(KindSuggestion, id)
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
	for _, n := range s.Matters {
		l, err := d.LifeByNumber(who, n)
		if err != nil {
			return s, err
		}
		if l.State != StSuggestion {
			return s, typed.Problem{Code: "suggestion-gate", ZH: n + " 还没有办“转代表建议”(六个不应当都要答“否”)。", EN: n + " has not been made a proposal yet: the gate of six questions comes first."}
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.No = 0
	if err := each(d.led, KindSuggestion, func(_ ledger.ID, x Suggestion) {
		if x.Term == s.Term && x.Meeting == s.Meeting {
			s.No = max(s.No, x.No)
		}
	}); err != nil {
		return s, err
	}
	s.No++
	return s, d.putCity(who, KindSuggestion, s.ID(), ledger.Ref{}, s)
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
	ps.add("lead", d.knownDeputy(s.Lead))
	for _, c := range s.Co {
		ps.add("co", d.knownDeputy(c.Deputy))
	}
	if _, ok := d.Category(s.Category); !ok {
		ps.add("category", &typed.Problem{Code: "category-unknown", ZH: "没有分类“" + quote(s.Category) + "”。", EN: "There is no category “" + quote(s.Category) + "”."})
	}
	if len(s.Matters) > maxMatters {
		ps.add("matters", outside(0, maxMatters))
	}
	return ps.err()
}

// putCity commits one revision of a record of the city's.
func (d *Desk) putCity(who Who, k ledger.Kind, id ledger.ID, replaces ledger.Ref, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return d.save(ledger.Change{New: []ledger.New{{Kind: k, ID: id, At: d.now(), By: who.Account, Replaces: replaces, Body: b}}})
}

// change reads a suggestion, lets fn change it, and commits.
func (d *Desk) changeSuggestion(who Who, id ledger.ID, fn func(*Suggestion, *Problems) error) (Suggestion, error) {
	if err := d.needCity(who); err != nil {
		return Suggestion{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, rev, err := d.Suggestion(who, id)
	if err != nil {
		return s, err
	}
	if s.Withdrawn != "" {
		return s, typed.Problem{Code: "suggestion-withdrawn", ZH: "这件建议已撤回。", EN: "This suggestion was withdrawn."}
	}
	old, err := json.Marshal(s) // now, as fn may write into a slice of it
	if err != nil {
		return s, err
	}
	reason := s.Reason
	var ps Problems
	s.Reason = ""
	if err := fn(&s, &ps); err != nil {
		return s, err
	}
	if err := ps.err(); err != nil {
		return s, err
	}
	unchanged := s
	unchanged.Reason = reason
	if b, err := json.Marshal(unchanged); err != nil || bytes.Equal(b, old) {
		return unchanged, err
	}
	return s, d.putCity(who, KindSuggestion, id, rev, s)
}

// AssignSuggestion hands it to units; the legal clock runs from today.
func (d *Desk) AssignSuggestion(who Who, id ledger.ID, units []Undertaker, hard bool) (Suggestion, error) {
	return d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		lead := 0
		for i := range units {
			units[i].Unit = ps.name("units", units[i].Unit, maxLine)
			units[i].Role = cmpOr(units[i].Role, "lead")
			ps.add("units", UndertakerRoles.check(units[i].Role))
			if units[i].Role != "co" {
				lead++
			}
		}
		if lead == 0 {
			ps.missing("units", "请写主办单位。", "Name the unit that leads.")
		}
		s.Units, s.Hard, s.Assigned, s.Reply, s.Appraisal = units, hard, d.Today(), nil, nil
		return nil
	})
}

// ReplySuggestion enters the unit's answer, and with it the answer to each of
// the voters' matters it came from, so that the voters are told as usual. The
// same answer once more finishes what a power cut stopped in between.
func (d *Desk) ReplySuggestion(who Who, id ledger.ID, r SuggestionReply) (Suggestion, error) {
	s, err := d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		if s.State() == SgReplied && s.Reply.Text == strings.TrimSpace(r.Text) {
			return nil
		}
		if s.State() != SgAssigned {
			return typed.Problem{Code: "suggestion-not-now", ZH: "这件建议现在是“" + s.State().Text().ZH + "”,不能答复。", EN: "This suggestion is “" + s.State().Text().EN + "” and cannot be replied to now."}
		}
		r.Doc, r.Signer = ps.text("doc", r.Doc, maxLine), ps.text("signer", r.Signer, maxName)
		if r.Text = ps.long("text", r.Text); r.Text == "" {
			ps.missing("text", "请写答复内容。", "Write the answer.")
		}
		step := Step{Class: r.Class, Date: r.Promise}
		d.checkResult(ps, &step)
		r.Class, r.Promise, r.On = step.Class, step.Date, d.Today()
		s.Reply = &r
		return nil
	})
	if err != nil {
		return s, err
	}
	for _, n := range s.Matters {
		l, err := d.LifeByNumber(who, n)
		if err != nil {
			return s, err
		}
		if l.State != StSuggestion {
			continue
		}
		if _, err := d.Take(who, l, Step{Action: DoReply, Text: s.Number().ZH + "建议的答复:" + s.Reply.Text, DocNo: s.Reply.Doc, Class: s.Reply.Class, Date: s.Reply.Promise}); err != nil {
			return s, err
		}
	}
	return s, nil
}

// AppraiseSuggestion enters the deputy's word; one that is not satisfied sends
// it back to the unit, whose clock begins anew.
func (d *Desk) AppraiseSuggestion(who Who, id ledger.ID, a Appraisal) (Suggestion, error) {
	return d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		if s.State() != SgReplied {
			return typed.Problem{Code: "suggestion-not-now", ZH: "答复以后才能评价。", EN: "It is appraised after the reply."}
		}
		ps.term("attitude", a.Attitude, Satisfactions, "请选对办理态度的评价。", "Choose what the deputy thinks of the attitude.")
		ps.term("outcome", a.Outcome, Satisfactions, "请选对办理结果的评价。", "Choose what the deputy thinks of the outcome.")
		a.Reason, a.On = ps.long("reason", a.Reason), d.Today()
		if Worse(a.Attitude, a.Outcome) != "bad" {
			s.Appraisal = &a
			return nil
		}
		if a.Reason == "" {
			ps.missing("reason", "不满意的,请写明原因。", "Not satisfied: write why.")
		}
		s.Reason = a.Reason
		if s.Redone++; s.Redone > 1 { // a second time goes to a meeting, not round again
			s.Appraisal = &a
			return nil
		}
		s.Reply, s.Assigned = nil, d.Today()
		return nil
	})
}

// MarkSuggestion makes it a key suggestion (重点建议), which the director
// meeting decides (代表法 Art. 52); "" takes the mark away.
func (d *Desk) MarkSuggestion(who Who, id ledger.ID, why string) (Suggestion, error) {
	return d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		s.Key = ps.text("key", why, maxLine)
		return nil
	})
}

// LeadSuggestion gives it a leader of its own, against the portfolio.
func (d *Desk) LeadSuggestion(who Who, id ledger.ID, leader string) (Suggestion, error) {
	return d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		if leader != "" && !slices.ContainsFunc(d.Leaders(), func(l Leader) bool { return l.Code == leader }) {
			ps.add("leader", &typed.Problem{Code: "leader-unknown", ZH: "没有这位领导的编号。", EN: "There is no leader with this code."})
		}
		s.Leader = leader
		return nil
	})
}

// AgreeSuggestion records that a co-signing deputy agreed.
func (d *Desk) AgreeSuggestion(who Who, id ledger.ID, deputy string) (Suggestion, error) {
	return d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		i := slices.IndexFunc(s.Co, func(c CoDeputy) bool { return c.Deputy == deputy })
		if i < 0 {
			ps.add("co", d.knownDeputy(deputy))
			s.Co = append(s.Co, CoDeputy{deputy, true})
			return nil
		}
		s.Co = slices.Clone(s.Co)
		s.Co[i].Agreed = true
		return nil
	})
}

// WithdrawSuggestion takes it back, with a reason; the number stays.
func (d *Desk) WithdrawSuggestion(who Who, id ledger.ID, why string) (Suggestion, error) {
	why, err := needReason(why)
	if err != nil {
		return Suggestion{}, err
	}
	return d.changeSuggestion(who, id, func(s *Suggestion, _ *Problems) error { s.Withdrawn = why; return nil })
}

// SuperLeader is who leads its supervision (领衔督办): its own leader, or the one
// into whose portfolio its category falls; "" where there is none.
func (d *Desk) SuperLeader(s Suggestion) string {
	if s.Leader != "" {
		return s.Leader
	}
	best, length := "", 0
	for _, l := range d.Leaders() {
		if l.Ended {
			continue
		}
		for _, c := range l.Categories {
			if strings.HasPrefix(s.Category, c) && len(c) > length {
				best, length = l.Code, len(c)
			}
		}
	}
	return best
}
