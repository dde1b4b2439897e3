package station

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A SuggestionAct is what somebody did about a suggestion, told from what its
// record said before and after.
type SuggestionAct struct {
	At   time.Time
	Name string // who, as shown; the account where the record does not say
	What Text
	Said Text // what was written, and by what number
}

// SuggestionActs is a suggestion's life, oldest first.
func (d *Desk) SuggestionActs(who Who, id ledger.ID) ([]SuggestionAct, error) {
	s, _, err := d.Suggestion(who, id)
	if err != nil {
		return nil, err
	}
	es, err := d.led.History(KindSuggestion, s.record)
	if err != nil {
		return nil, err
	}
	root := beginnings(es)
	es = slices.DeleteFunc(es, func(e ledger.Entry) bool { return root[e.Ref] != root[s.rev] }) // of another of the same number
	var out []SuggestionAct
	var was Suggestion
	for i, e := range es {
		now, err := decode[Suggestion](e)
		if err != nil {
			return nil, err
		}
		a := SuggestionAct{At: e.At, Name: cmpOr(now.Name, e.By), What: Text{"提出", "Made"}}
		if i > 0 {
			a.What, a.Said = d.suggestionAct(was, now)
		}
		out, was = append(out, a), now
	}
	return out, nil
}

// suggestionAct tells what was done between two revisions.
func (d *Desk) suggestionAct(was, now Suggestion) (what, said Text) {
	same := func(s string) Text { return Text{s, s} }
	word := func(a *Appraisal) Text {
		at, out := Satisfactions.Label(a.Attitude), Satisfactions.Label(a.Outcome)
		return Text{strings.TrimSpace(at.ZH + "/" + out.ZH + " " + a.Reason), strings.TrimSpace(at.EN + "/" + out.EN + " " + a.Reason)}
	}
	switch {
	case now.Code() != was.Code():
		return Text{"改号", "Renumbered"}, same(was.Code() + " → " + now.Code() + " " + now.Reason)
	case now.Withdrawn != was.Withdrawn:
		return Text{"撤回", "Withdrawn"}, same(now.Withdrawn)
	case now.Decided != was.Decided:
		return Text{"会商", "Meeting"}, same(now.Decided)
	case now.Appraisal != nil && was.Appraisal == nil:
		return Text{"代表评价", "Appraised"}, word(now.Appraisal)
	case now.Redone != was.Redone && now.Before != nil:
		return Text{"代表不满意,退回重办", "Not satisfied: back to the unit"}, word(now.Before)
	case now.Reply != nil && was.Reply == nil:
		return Text{"单位答复", "Replied"}, same(strings.TrimSpace(now.Reply.Doc + " " + now.Reply.Text))
	case !slices.Equal(now.Units, was.Units) || now.Hard != was.Hard || now.Assigned != was.Assigned:
		var zh, en []string
		for _, u := range now.Units {
			role := UndertakerRoles.Label(u.Role)
			zh, en = append(zh, role.ZH+" "+d.UnitName(u.Unit)), append(en, role.EN+" "+d.UnitName(u.Unit))
		}
		return Text{"交办", "Assigned"}, Text{strings.Join(zh, "、"), strings.Join(en, ", ")}
	case now.Key != was.Key && now.Key == "":
		return Text{"取消重点建议", "No longer key"}, same(was.Key)
	case now.Key != was.Key:
		return Text{"定为重点建议", "Made key"}, same(now.Key)
	case now.Leader != was.Leader:
		return Text{"领衔督办", "Leader"}, same(d.LeaderName(now.Leader))
	case !slices.Equal(now.Co, was.Co):
		for _, c := range now.Co {
			if c.Agreed && !slices.Contains(was.Co, c) {
				return Text{"同意联名", "Co-signed"}, same(d.DeputyName(c.Deputy))
			}
		}
	}
	return Text{"更改", "Changed"}, same(now.Reason)
}

// LeaderName and DeputyName are the names of the lists, or the code where they
// have none.
func (d *Desk) LeaderName(code string) string {
	if l, ok := d.Leader(code); ok {
		return l.Name
	}
	return code
}

func (d *Desk) DeputyName(code string) string {
	if v, ok := d.Deputy(code); ok {
		return v.Name
	}
	return code
}

// changeSuggestion reads a suggestion, lets fn change it, and commits.
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
	reason, name := s.Reason, s.Name
	var ps Problems
	s.Reason, s.Name = "", who.Name
	if err := fn(&s, &ps); err != nil {
		return s, err
	}
	if err := ps.err(); err != nil {
		return s, err
	}
	unchanged := s
	unchanged.Reason, unchanged.Name = reason, name
	if b, err := json.Marshal(unchanged); err != nil || bytes.Equal(b, old) {
		return unchanged, err
	}
	if err := d.putCity(who, KindSuggestion, s.record, rev, s); err != nil {
		return s, err
	}
	return d.suggestion(id)
}

// AssignSuggestion hands it to units, or to others than before; the legal clock
// runs from the first 交办.
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
		if s.Reply != nil {
			return suggestionNotNow(s, "交办", "assigned")
		}
		s.Units, s.Hard = units, hard
		if s.Assigned.IsZero() { // other units later, and the clock runs on
			s.Assigned = d.Today()
		}
		return nil
	})
}

// ReplySuggestion enters the unit's answer, and with it the answer to each of
// the voters' matters it came from, so that the voters are told as usual. The
// same answer once more finishes what a power cut stopped in between.
func (d *Desk) ReplySuggestion(who Who, id ledger.ID, r SuggestionReply) (Suggestion, error) {
	s, err := d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		state := s.State()
		if state != SgAssigned && state != SgReplied {
			return suggestionNotNow(s, "答复", "replied to")
		}
		r.Doc, r.Signer = ps.text("doc", r.Doc, maxLine), ps.text("signer", r.Signer, maxName)
		if r.Text = ps.long("text", r.Text); r.Text == "" {
			ps.missing("text", "请写答复内容。", "Write the answer.")
		}
		step := Step{Class: r.Class, Date: r.Promise}
		d.checkResult(ps, &step)
		r.Class, r.Promise, r.On = step.Class, step.Date, d.Today()
		if state == SgAssigned {
			s.Reply = &r
			return nil
		}
		if was := s.Reply; r.Text != was.Text || r.Class != was.Class || r.Doc != "" && r.Doc != was.Doc || r.Signer != "" && r.Signer != was.Signer ||
			!r.Promise.IsZero() && r.Promise != was.Promise || r.Met && !was.Met { // another answer, and not the same one once more
			return suggestionNotNow(s, "再答复", "replied to again")
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	for _, n := range s.Matters {
		if err := d.answerMatter(who, n, s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// answerOf begins what a voter is told of a suggestion's reply; the number
// before it may be another by now.
const answerOf = "建议的答复:"

// answerMatter gives a voter's matter the suggestion's answer; one that went
// back to the unit is taken up first. An answer that is there already, from
// the unit's paper, stands: it is taken back only where a deputy did not accept
// it, and where that has not been done.
func (d *Desk) answerMatter(who Who, number string, s Suggestion) error {
	l, err := d.LifeByNumber(who, number)
	if err != nil {
		return err
	}
	answer := Step{Action: DoReply, Text: s.Number().ZH + answerOf + s.Reply.Text, DocNo: s.Reply.Doc, Class: s.Reply.Class, Date: s.Reply.Promise}
	if strings.HasSuffix(l.Answer, answerOf+s.Reply.Text) || !l.under(s) || l.Lead != "" { // one that follows another is answered there
		return nil
	}
	var steps []Step
	switch l.State {
	case StReplied, StFedBack, StRated:
		if s.Before == nil || !l.mayGoBack() || l.wentBack(s.Again) {
			return nil
		}
		steps = []Step{againStep(s), {Action: DoAccept}, answer}
	case StRedo:
		steps = []Step{{Action: DoAccept}, answer}
	case StAccepted, StDelayed, StSuggestion:
		steps = []Step{answer}
	}
	for _, step := range steps {
		if l, err = d.Take(who, l, step); err != nil {
			return err
		}
	}
	return nil
}

// under reports whether no other suggestion has the matter: one that a restored
// city entered anew may name it too.
func (l *Life) under(s Suggestion) bool { return l.Suggestion == "" || l.Suggestion == s.ID() }

// mayGoBack reports whether a matter that was answered goes back to the unit
// with its suggestion: until the voter was asked, and after that where the
// voter is not satisfied either and nothing has been decided. One who is
// satisfied is not told a second answer, and what is bad for the second time
// goes to a meeting by itself.
func (l *Life) mayGoBack() bool {
	answered := l.State == StReplied || l.State == StFedBack || l.State == StRated
	return answered && l.Lead == "" && badOnce(l) == nil // one that follows another is sent back with it
}

// wentBack reports whether a matter has been sent back since a day: then the
// answer that it has is a later one.
func (l *Life) wentBack(since typed.Date) bool {
	return slices.ContainsFunc(l.Steps, func(s Done) bool { return s.Action == DoRedo && s.Moot == nil && !s.Day().Before(since) })
}

// againStep takes the first answer back: the voter is told the second.
func againStep(s Suggestion) Step {
	return Step{Action: DoRedo, Note: "代表对建议的答复不满意:" + s.Before.Reason}
}

// AppraiseSuggestion enters the deputy's word; one that is not satisfied sends
// it back to the unit, with the clock of 重新办理, and with it the voters' matters
// that it answered. A second time it goes to a meeting.
func (d *Desk) AppraiseSuggestion(who Who, id ledger.ID, a Appraisal) (Suggestion, error) {
	s, err := d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		if s.State() != SgReplied {
			return suggestionNotNow(s, "评价", "appraised")
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
		s.Reply, s.Before, s.Again = nil, &a, d.Today()
		return nil
	})
	if err != nil || s.State() != SgAssigned {
		return s, err
	}
	for _, n := range s.Matters {
		l, err := d.LifeByNumber(who, n)
		if err != nil {
			return s, err
		}
		if l.under(s) && l.mayGoBack() {
			if _, err := d.Take(who, l, againStep(s)); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func suggestionNotNow(s *Suggestion, zh, en string) error {
	is := s.State().Text()
	return typed.Problem{Code: "suggestion-not-now", ZH: "这件建议现在是“" + is.ZH + "”,不能" + zh + "。", EN: "This suggestion is “" + is.EN + "” and cannot be " + en + " now."}
}

// MeetSuggestion enters what a meeting decided after a second 不满意.
func (d *Desk) MeetSuggestion(who Who, id ledger.ID, said string) (Suggestion, error) {
	return d.changeSuggestion(who, id, func(s *Suggestion, ps *Problems) error {
		if s.State() != SgMeeting {
			return suggestionNotNow(s, "提交会商", "taken to a meeting")
		}
		if s.Decided = ps.long("said", said); s.Decided == "" {
			ps.missing("said", "请写会商结论。", "Write what was decided.")
		}
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
		switch l, ok := d.Leader(leader); {
		case leader == "":
		case !ok:
			ps.add("leader", &typed.Problem{Code: "leader-unknown", ZH: "没有这位领导的编号。", EN: "There is no leader with this code."})
		case l.Ended:
			ps.add("leader", &typed.Problem{Code: "leader-ended", ZH: l.Name + "已撤销,不能领衔督办;请换一位,或空着按分工。", EN: l.Name + " has ended and leads no supervision; name another, or leave it to the portfolio."})
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
			ps.add("co", d.onRoster(deputy))
			s.Co = append(s.Co, CoDeputy{deputy, true})
			return nil
		}
		s.Co = slices.Clone(s.Co)
		s.Co[i].Agreed = true
		return nil
	})
}

// WithdrawSuggestion takes it back before a unit has answered, with a reason;
// the number stays. What was answered is appraised: the voters were told of it.
func (d *Desk) WithdrawSuggestion(who Who, id ledger.ID, why string) (Suggestion, error) {
	why, err := needReason(why)
	if err != nil {
		return Suggestion{}, err
	}
	return d.changeSuggestion(who, id, func(s *Suggestion, _ *Problems) error {
		if s.Reply != nil || s.Before != nil {
			return suggestionNotNow(s, "撤回(单位已经答复过,请由代表评价)", "withdrawn, since the unit has answered; let the deputy appraise it")
		}
		s.Withdrawn = why
		return nil
	})
}

// SuperLeader is who leads its supervision (领衔督办): its own leader while that
// one is in office, or the one into whose portfolio its category falls; "" where
// there is none.
func (d *Desk) SuperLeader(s Suggestion) string {
	if own, known := d.Leader(s.Leader); s.Leader != "" && !(known && own.Ended) {
		return s.Leader
	}
	l, _ := d.LeaderFor(s.Category)
	return l.Code
}
