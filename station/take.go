package station

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Next returns what who may do about a matter as it is, the usual step first.
func (d *Desk) Next(who Who, l Life) []Transition {
	if !l.concerns(who) || l.State == StVoid {
		return nil
	}
	var out []Transition
	for _, a := range Actions {
		if slices.ContainsFunc(out, func(t Transition) bool { return t.Action == Action(a.Code) }) {
			continue
		}
		if t, why := l.find(l.State, Action(a.Code), who.Role, d.side()); why == nil && d.mayRate(who, l, t) == nil {
			t.Rank = rank(l, t.Action)
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Transition) int { return cmp.Compare(a.Rank, b.Rank) })
	return out
}

// rank tells the way that a matter goes from what is done on the way, and from
// what leads off it: a key must not offer the last where the first is somebody
// else's to do.
func rank(l Life, a Action) Rank {
	if a == DoReply && l.State == StSuggestion { // the answer comes with the suggestion's
		return RankOther
	}
	switch a {
	case DoReview, DoAssign, DoAccept, DoReply, DoFeedback, DoRate, DoMeeting, DoFile:
		return RankUsual
	case DoRedo:
		if l.Undecided {
			return RankUsual
		}
	case DoSuggest: // what was classed as a proposal goes this way
		if l.proposed() {
			return RankUsual
		}
	case DoClose:
		if l.State == StRated && !l.Undecided {
			return RankUsual
		}
		return RankHandy
	case DoReturn, DoContact, DoUrge, DoKeep, DoResume:
		return RankHandy
	}
	return RankOther
}

// Take does one step: it is checked against the table and against the life as
// it is at this moment, and is durable when Take returns the life that it has
// become. Where somebody was faster the answer is the problem life-moved, and
// nothing was written; a Problems error names the fields at fault.
func (d *Desk) Take(who Who, l Life, s Step) (Life, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, err := d.whole(l.MatterID)
	if err != nil {
		return now, err
	}
	if !now.concerns(who) {
		return Life{}, cmpErr(who.need(RightSeeAll), ledger.ErrNotFound)
	}
	if p := moved(l, now); p != nil {
		return now, *p
	}
	if now.State == StVoid {
		return now, typed.Problem{Code: "void", ZH: "这条登记已作废。", EN: "This reception is void."}
	}
	t, why := now.find(now.State, s.Action, who.Role, d.side())
	if why != nil {
		return now, why.problem("step-not-now")
	}
	if err := d.mayRate(who, now, t); err != nil {
		return now, err
	}
	s.Matter, s.Role, s.By, s.Name = now.MatterID, who.Role, who.Account, who.Name
	s, ps := d.checkStep(who, now, t, s)
	d.namesVoter(&ps, now, s)
	if err := ps.err(); err != nil {
		return now, err
	}
	w := writer{who: who, at: d.now()}
	w.stream, w.seen = d.outTo(now.Station)
	w.put(KindStep, newID(), ledger.Ref{}, s)
	if err := d.handContact(&w, now, s); err != nil {
		return now, err
	}
	if w.err != nil {
		return now, w.err
	}
	if err := d.save(ledger.Change{New: w.news}); err != nil {
		return now, err
	}
	return d.whole(now.MatterID)
}

func cmpErr(err, or error) error {
	if err != nil {
		return err
	}
	return or
}

// moved says who did what between the life as it was read and as it is now.
func moved(was, now Life) *typed.Problem {
	if len(was.Steps) == len(now.Steps) && was.State == now.State && was.Lead == now.Lead && was.Answer == now.Answer {
		return nil
	}
	p := &typed.Problem{Code: "life-moved", ZH: "这件事刚刚有了变化,请看过新的状态再办。", EN: "This matter has changed meanwhile. Look at its new state first."}
	for _, s := range slices.Backward(now.Steps) {
		if slices.ContainsFunc(was.Steps, func(o Done) bool { return o.ID == s.ID }) {
			continue
		}
		what := Actions.Label(string(s.Action))
		p.ZH = quote(s.Name) + "刚刚办了“" + what.ZH + "”,请看过新的状态再办。"
		p.EN = quote(s.Name) + " has just done “" + what.EN + "”. Look at the new state first."
		break
	}
	return p
}

// mayRate: whoever answered does not ask how satisfied the voter is, where the
// desk has another account that may.
func (d *Desk) mayRate(who Who, l Life, t Transition) error {
	if t.Action != DoRate || !d.answered(who, l) {
		return nil
	}
	us, err := d.Users()
	if err != nil {
		return err
	}
	today := d.Today()
	for _, u := range us {
		if u.ID != who.Account && slices.Contains(t.Roles, u.Role) && (u.Expires.IsZero() || !today.After(u.Expires)) {
			return typed.Problem{Code: "rate-own",
				ZH: "答复是您录入的,满意度请由别人来问(例如" + quote(u.Name) + "),选民才好说真话。",
				EN: "You entered the answer, so somebody else asks how satisfied the voter is (such as " + quote(u.Name) + "): people speak more freely then."}
		}
	}
	return nil
}

// MayAsk returns a problem where who answered a matter, and somebody else is
// to ask how satisfied the voter is; or where who may not ask at all.
func (d *Desk) MayAsk(who Who, l Life) error {
	t, _ := rowFor(StFedBack, DoRate, who.Role, d.side(), realmOf(l.Disposition))
	if t == nil {
		return who.need(RightRecord)
	}
	return d.mayRate(who, l, *t)
}

// answered reports whether who entered the unit's reply, or gave the answer
// on the spot: of a matter that follows another the lead's, which its voter is
// told.
func (d *Desk) answered(who Who, l Life) bool {
	spot := l.State == StAnswered
	if l.Lead != "" {
		lead, err := d.life(l.Lead, false)
		if err != nil {
			return false
		}
		l = lead
		spot = l.handler.ID == "" && l.Disposition == "onspot"
	}
	if spot {
		if l.Matter.Deputy != "" {
			return who.Deputy == l.Matter.Deputy
		}
		return l.Recorder == who.Account && !d.AtCity()
	}
	return l.handler.By == who.Account && l.handler.City == d.AtCity()
}

// checkStep cleans a step and asks for what its row needs.
func (d *Desk) checkStep(who Who, l Life, t Transition, s Step) (Step, Problems) {
	var ps Problems
	line := func(field string, v *string) { *v = ps.text(field, typed.Fold(*v), maxLine) }
	line("unit", &s.Unit)
	s.DocNo = ps.text("doc", s.DocNo, maxLine) // 〔2026〕 keeps its brackets (GB/T 9704)
	line("approver", &s.Approver)
	s.Note = ps.long("note", s.Note)
	s.Text = ps.long("text", s.Text)
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		line("units", &s.Units[i])
	}
	s.Units = slices.DeleteFunc(s.Units, func(u string) bool { return u == "" })
	if len(s.Units) > maxDeputies {
		ps.add("units", outside(0, maxDeputies))
	}
	if !slices.Contains(t.Needs, NeedDisposition) { // it would class nothing, and yet hand the voter's phone out
		s.Disposition = ""
	}
	switch s.Action {
	case DoEscalate:
		s.Disposition = "city"
	case DoSuggest:
		if s.Disposition = "proposal"; l.Disposition == "upper" {
			s.Disposition = "upper"
		}
	case DoRedo:
		if l.Lead != "" { // alone from now on, and with who handled the lead
			s.Unit, s.Units = l.Unit, slices.Clone(l.Units)
		}
	}
	for _, n := range t.Needs {
		d.checkNeed(&ps, n, l, t, &s)
	}
	if t.Action == DoFile && l.Undecided && s.Note == "" {
		ps.missing("note", "选民不满意,不再重办就归档的,请写明理由。", "The voter is not satisfied; say why it is filed without being handled again.")
	}
	if s.Approver == "" && slices.Contains(t.Needs, NeedApprover) {
		s.Approver = who.Name
	}
	return s, ps
}

func (ps *Problems) missing(field, zh, en string) {
	p := Text{zh, en}.problem(field + "-missing")
	ps.add(field, &p)
}

// problem makes a problem of a sentence.
func (t Text) problem(code string) (p typed.Problem) {
	p.Code, p.ZH, p.EN = code, t.ZH, t.EN
	return p
}

// long cleans a text of several lines.
func (ps *Problems) long(field, s string) string {
	s = strings.TrimSpace(typed.Clean(s, true))
	if n := utf8.RuneCountInString(s); n > MaxContent {
		ps.add(field, tooLong(n, MaxContent))
	}
	return s
}

// term asks for a value of a closed set.
func (ps *Problems) term(field, v string, ts Terms, zh, en string) {
	if v == "" {
		ps.missing(field, zh, en)
		return
	}
	ps.add(field, ts.check(v))
}

// namesVoter refuses a step that says who the voter is where that is not to
// leave the station: a step travels, and whoever reads it needs no name.
func (d *Desk) namesVoter(ps *Problems, l Life, s Step) {
	if d.AtCity() || Handed(cmpOr(s.Disposition, l.Disposition)) && !l.Secret {
		return
	}
	rec, err := d.led.Record(KindVoter, l.VisitID)
	if err != nil {
		return
	}
	v, err := decode[Voter](rec.Entry)
	if err != nil {
		return
	}
	for _, x := range [...]struct{ field, text string }{{"note", s.Note}, {"text", s.Text}, {"doc", s.DocNo}, {"unit", s.Unit}} {
		if v.namedIn(x.text) {
			ps.add(x.field, &typed.Problem{Code: "voter-named",
				ZH: "这里写了选民的姓名或电话,会随步骤送出本站。请改写成“选民”。", EN: "This names the voter or gives the phone, and a step leaves the station. Write “the voter” instead."})
		}
	}
}

// namedIn reports whether a text says who the voter is, by name or by phone.
func (v Voter) namedIn(text string) bool {
	phone := strings.ReplaceAll(v.Phone, "-", "")
	digits := strings.NewReplacer("-", "", " ", "").Replace(typed.Fold(text))
	return utf8.RuneCountInString(v.Name) > 1 && strings.Contains(text, v.Name) || len(phone) > 6 && strings.Contains(digits, phone)
}

// checkNeed asks a step for one thing.
func (d *Desk) checkNeed(ps *Problems, n Need, l Life, t Transition, s *Step) {
	switch n {
	case NeedDisposition:
		d.checkDisposition(ps, l, t, s)
	case NeedUnit:
		if s.Unit == "" {
			ps.missing("unit", "请写承办单位。", "Name the undertaking unit.")
		}
		ps.add("unit", d.unitEnded(s.Unit))
		for _, u := range s.Units {
			ps.add("units", d.unitEnded(u))
		}
	case NeedNote:
		if s.Note == "" {
			ps.missing("note", "请写明原因或说明。", "Give the reason or a remark.")
		}
	case NeedReason:
		set := RefuseReasons
		if s.Disposition == "guide" {
			set = GuideDoors
		}
		ps.term("reason", s.Reason, set, "请选理由或去处。", "Choose the reason, or where they are guided to.")
	case NeedText:
		if s.Text == "" {
			ps.missing("text", "请写内容。", "Write what was said.")
		}
	case NeedClass:
		d.checkResult(ps, s)
	case NeedDate:
		d.checkExtension(ps, l, s)
	case NeedMeans:
		ps.term("means", s.Means, Meanses, "请选反馈方式;联系不上也是一种。", "Choose how the voter was told; not reached is an answer too.")
	case NeedRating:
		ps.term("attitude", s.Attitude, Satisfactions, "请选对办理态度的评价。", "Choose what they think of the attitude.")
		ps.term("outcome", s.Outcome, Satisfactions, "请选对办理结果的评价。", "Choose what they think of the outcome.")
		if Worse(s.Attitude, s.Outcome) == "bad" && s.Note == "" {
			ps.missing("note", "不满意的,请写明原因。", "Not satisfied: write why.")
		}
	case NeedGate:
		checkGate(ps, s)
	case NeedLead:
		d.checkLead(ps, l, s)
	}
}

// unitEnded refuses a unit of the list that is no more, by its code or by a
// name that no other bears. What no list has may be written in words.
func (d *Desk) unitEnded(unit string) *typed.Problem {
	u, ok := d.Unit(strings.ToUpper(unit))
	for _, o := range d.Units() {
		if !ok && o.Name == unit {
			u = o
			if !o.Ended {
				return nil
			}
		}
	}
	if !u.Ended {
		return nil
	}
	why, whyEN := "", ""
	if u.EndReason != "" {
		why, whyEN = "("+quote(u.EndReason)+")", " ("+quote(u.EndReason)+")"
	}
	return &typed.Problem{Code: "unit-ended",
		ZH: "“" + quote(u.Name) + "”已撤销" + why + ",请换一个单位。", EN: "“" + quote(u.Name) + "” has ended" + whyEN + "; choose another unit."}
}

// checkDisposition: review hands on, refuse turns away.
func (d *Desk) checkDisposition(ps *Problems, l Life, t Transition, s *Step) {
	if s.Disposition == "" && t.Action == DoReview {
		s.Disposition = l.Disposition
	}
	can := []string{"village", "town", "city", "proposal", "upper", "mediate"}
	switch {
	case t.Action == DoRefuse:
		can = []string{"guide", "refuse"}
	case d.AtCity():
		can = []string{"city", "proposal", "upper"} // what it takes up stays the city's
	}
	if s.Disposition == "" {
		ps.missing("disposition", "请选处理方式。", "Choose the disposition.")
	} else if !slices.Contains(can, s.Disposition) {
		ps.add("disposition", &typed.Problem{Code: "disposition-not-here",
			ZH: "这一步不能选“" + Dispositions.Label(s.Disposition).ZH + "”。", EN: "“" + Dispositions.Label(s.Disposition).EN + "” cannot be chosen in this step."})
	}
}

// checkResult asks for a class of the scheme in force, by its code or its
// letter, and for a promised date where the class needs one.
func (d *Desk) checkResult(ps *Problems, s *Step) {
	s.Class = strings.ToUpper(strings.TrimSpace(typed.Fold(s.Class)))
	classes := d.ResultClasses(d.Today())
	i := slices.IndexFunc(classes, func(c ResultClass) bool { return c.Code == s.Class || c.Class == s.Class })
	if i < 0 {
		var is []string
		for _, c := range classes {
			is = append(is, c.Class)
		}
		ps.add("class", &typed.Problem{Code: "class-missing",
			ZH: "请选办理结果分类:" + strings.Join(is, " ") + "。", EN: "Choose the result class: " + strings.Join(is, " ") + "."})
		return
	}
	s.Class = classes[i].Code
	if !classes[i].NeedsFollowUp {
		s.Date = typed.Date{}
		return
	}
	switch {
	case s.Date.IsZero():
		ps.missing("date", classes[i].Class+" 类须有承诺期限。", "Class "+classes[i].Class+" needs a promised date.")
	case !s.Date.Valid() || s.Date.Before(d.Today()):
		ps.add("date", &typed.Problem{Code: "date-past", ZH: "承诺期限应在今天之后。", EN: "The promised date lies in the past."})
	}
}

// checkExtension: once, and by at most the original length.
func (d *Desk) checkExtension(ps *Problems, l Life, s *Step) {
	if s.Date.IsZero() {
		ps.missing("date", "请写延期到哪一天。", "Until which day?")
		return
	}
	limit, ok := d.rules().limit(l.Clock.Timer, l.Disposition, l.Hard, l.Clock.From)
	if !ok || l.Due.IsZero() {
		return
	}
	last := d.Calendar().Due(l.Due, limit)
	if !s.Date.Valid() || !s.Date.After(l.Due) || s.Date.After(last) {
		ps.add("date", &typed.Problem{Code: "extension-range",
			ZH: fmt.Sprintf("延期应在 %s 之后,最晚 %s(不超过原期限 %s)。", l.Due, last, limit.Text().ZH),
			EN: fmt.Sprintf("The new date lies after %s and at latest on %s (no more than the original %s).", l.Due, last, limit.Text().EN)})
	}
}

// checkGate: every question answered, and every answer no.
func checkGate(ps *Problems, s *Step) {
	if len(s.Gate) != len(Gate) {
		ps.missing("gate", fmt.Sprintf("转代表建议前,%d 个问题要逐一回答。", len(Gate)), fmt.Sprintf("Before it becomes a proposal, each of the %d questions is answered.", len(Gate)))
		return
	}
	for i, a := range s.Gate {
		if a != "no" {
			ps.add("gate", &typed.Problem{Code: "gate-closed",
				ZH: "不应当作为代表建议提出:" + Gate[i].ZH + "。请报市转办(D)或引导(G)。",
				EN: "It should not become a proposal: " + Gate[i].EN + " Pass it to the city (D) or guide the voter (G)."})
			return
		}
	}
}

// checkLead: a lead is a matter of the same station that is not void and
// follows nobody.
func (d *Desk) checkLead(ps *Problems, l Life, s *Step) {
	bad := func(zh, en string) {
		p := Text{zh, en}.problem("lead-not")
		ps.add("lead", &p)
	}
	lead, err := d.life(s.Lead, false)
	switch {
	case s.Lead == "":
		ps.missing("lead", "请写主件编号。", "Give the number of the matter that it joins.")
	case err != nil:
		bad("没有找到主件。", "The matter that it joins was not found.")
	case s.Lead == l.MatterID:
		bad("不能并入自己。", "A matter cannot follow itself.")
	case lead.Station != l.Station:
		bad("主件是别的站的,两站不能并件。", "The other matter is another station's.")
	case lead.Lead != "":
		bad("主件自己已并入别的件,请并入那一件。", "The other matter follows another itself; join that one.")
	case lead.State == StVoid:
		bad("主件已作废。", "The other matter is void.")
	case lead.State.Ended():
		bad("主件已经了结,这是新反映的事,请另行办理。", "The other matter is over; what is brought up now is handled by itself.")
	case len(l.Followers) > 0:
		bad("有别的件并在这件上,不能再并入别的件。", "Other matters follow this one, so it cannot follow another.")
	}
}

// handContact adds the contact of a matter that a step hands to somebody who
// must be able to call the voter. Only the station knows who that is.
func (d *Desk) handContact(w *writer, l Life, s Step) error {
	if d.AtCity() || !Handed(s.Disposition) || Handed(l.Disposition) || l.Secret {
		return nil
	}
	f, err := read(d.led, l.VisitID)
	if err != nil {
		return err
	}
	c := Contact{Visit: l.VisitID, Name: f.Voter.Name, Phone: f.Voter.Phone}
	if c.Name == "" && c.Phone == "" {
		return nil
	}
	rec, err := d.led.Record(KindContact, l.MatterID)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	w.put(KindContact, l.MatterID, rec.Ref, c)
	w.news[len(w.news)-1].Replaces = rec.Ref
	return nil
}
