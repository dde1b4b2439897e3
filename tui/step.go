package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// stepPage asks for what one step must say, and does it. What is typed is a
// draft until it is done.
type stepPage struct {
	draftPart
	m   matterRead
	t   station.Transition
	ask bool // feedback that may also ask how satisfied the voter is
	why string
}

func newStep(m matterRead, t station.Transition) *stepPage {
	return &stepPage{draftPart: draftPart{name: "step-" + string(t.Action) + "-" + string(m.life.MatterID)}, m: m, t: t}
}

func (p *stepPage) title(e *env) string { return p.m.life.Number }
func (p *stepPage) scope() scope        { return inStep }

func (p *stepPage) load(e *env) tea.Cmd {
	if p.f != nil {
		return nil
	}
	desk, who, l := e.desk, e.who, p.m.life
	return work(func() (bool, error) {
		if p.t.Action != station.DoFeedback {
			return false, nil
		}
		return true, desk.MayAsk(who, l)
	}, func(ask bool, err error) tea.Cmd {
		p.ask = ask && err == nil
		if ask && err != nil && station.Say(err).Code == "rate-own" {
			p.why = e.explain(err)
		}
		return p.begin(e, func() { p.build(e) }, func() {})
	})
}

// build makes the fields of the step.
func (p *stepPage) build(e *env) {
	var rows []form.Row
	add := func(fs ...form.Field) {
		for _, f := range fs {
			rows = append(rows, form.Row{form.In(f, 0)})
		}
	}
	for _, n := range p.t.Needs {
		add(p.field(e, n)...)
	}
	if p.ask {
		ratings := append(station.Terms{{Code: "", Key: "0", Text: wAskLater.text()}}, station.Satisfactions...)
		add(choice(e, "attitude", wAttitude, ratings, ""), choice(e, "outcome", wOutcome, ratings, ""), p.line(e, "note", wWhyBad, wWhyBadHint, ""))
	}
	switch p.t.Action {
	case station.DoAssign:
		add(p.line(e, "units", wUnits, wUnitsHint, ""), p.line(e, "doc", wDoc, wDocHint, ""))
	case station.DoAccept, station.DoReply:
		add(p.line(e, "doc", wDoc, wDocHint, ""))
	}
	if !p.t.Asks(station.NeedNote) && !p.t.Asks(station.NeedRating) && !p.ask {
		add(p.line(e, "note", wNoteOf, wOptional, ""))
	}
	p.f = form.New("step", rows...)
	p.f.SetWords(formWords(e))
}

func (p *stepPage) line(e *env, id string, label, hint word, value string) form.Field {
	f := form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint), Limit: 200})
	f.SetValue(value)
	return f
}

// field is what asks for one need.
func (p *stepPage) field(e *env, n station.Need) []form.Field {
	l := p.m.life
	switch n {
	case station.NeedDisposition:
		if p.t.Action == station.DoRefuse {
			return nil // the reason says which
		}
		return []form.Field{choice(e, "disposition", wDisposition, p.dispositions(e), l.Disposition)}
	case station.NeedReason:
		return []form.Field{p.reasons(e)}
	case station.NeedUnit:
		return []form.Field{p.unit(e)}
	case station.NeedNote:
		return []form.Field{form.NewArea(form.AreaConfig{ID: "note", Label: e.word(wNoteOf), Rows: 2, Grow: 4, Rule: required(e)})}
	case station.NeedText:
		return []form.Field{form.NewArea(form.AreaConfig{ID: "text", Label: e.word(wStepText), Rows: 3, Grow: 8, Rule: required(e)})}
	case station.NeedClass:
		return []form.Field{e.classChoice(), e.comingDay("date", wPromiseDay, wPromiseHint)}
	case station.NeedDate:
		return []form.Field{e.comingDay("date", wNewDue, wNewDueHint)}
	case station.NeedApprover:
		return []form.Field{p.line(e, "approver", wApprover, wOptional, e.who.Name)}
	case station.NeedMeans:
		means := "phone"
		if p.m.full.Visit.NoContact {
			means = "posted"
		}
		return []form.Field{choice(e, "means", wMeans, station.Meanses, means)}
	case station.NeedRating:
		return []form.Field{choice(e, "attitude", wAttitude, station.Satisfactions, "good"), choice(e, "outcome", wOutcome, station.Satisfactions, "good"),
			p.line(e, "note", wWhyBad, wWhyBadHint, "")}
	case station.NeedGate:
		return p.gate(e)
	case station.NeedLead:
		return []form.Field{p.line(e, "lead", wLeadNumber, wLookupHint, "")}
	}
	return nil
}

func (p *stepPage) dispositions(e *env) station.Terms {
	var out station.Terms
	for _, t := range station.Dispositions {
		switch t.Code {
		case "village", "town", "mediate":
			if !e.desk.AtCity() {
				out = append(out, t)
			}
		case "city", "proposal", "upper":
			out = append(out, t)
		}
	}
	return out
}

// reasons offers why a matter is not accepted, and where a voter is guided.
func (p *stepPage) reasons(e *env) form.Field {
	var all []form.Option
	for _, x := range []struct {
		code string
		set  station.Terms
	}{{"refuse", station.RefuseReasons}, {"guide", station.GuideDoors}} {
		d, _ := station.Dispositions.Find(x.code)
		for _, t := range x.set {
			all = append(all, form.Option{Value: x.code + ":" + t.Code, Label: d.Key + t.Key + " " + e.text(t.Text), Hint: e.text(d.Text)})
		}
	}
	return form.NewPick(form.PickConfig{ID: "reason", Label: e.word(wReasonOrDoor), Rows: 8, Rule: required(e), Source: func(q string) []form.Option {
		q = strings.ToLower(strings.TrimSpace(q))
		var out []form.Option
		for _, o := range all {
			if strings.Contains(strings.ToLower(o.Label+o.Hint), q) {
				out = append(out, o)
			}
		}
		return out
	}})
}

// unit offers the units that such matters usually go to; any name may be
// typed.
func (p *stepPage) unit(e *env) form.Field {
	l := p.m.life
	c := e.unitPick("unit", wUnit, l.Category)
	c.Rule = required(e)
	f := form.NewPick(c)
	switch us := e.desk.UnitsFor(l.Category); {
	case l.Unit != "":
		f.SetValue(l.Unit)
	case l.Disposition == "village":
		f.SetValue(e.desk.VillageName(l.Village))
	case len(us) > 0:
		f.SetValue(us[0].Code)
	}
	return f
}

// gate asks each question before a matter becomes a proposal; nobody's answer
// is guessed.
func (p *stepPage) gate(e *env) []form.Field {
	answers := station.Terms{{Code: "", Key: "0", Text: station.Text{ZH: "?", EN: "?"}}, {Code: "no", Key: "1", Text: wNo.text()}, {Code: "yes", Key: "2", Text: wYes.text()}}
	var out []form.Field
	for i, q := range station.Gate {
		os := make([]form.Option, len(answers))
		for j, a := range answers {
			os[j] = form.Option{Value: a.Code, Label: e.text(a.Text), Keys: a.Key}
		}
		out = append(out, form.NewChoice(form.ChoiceConfig{ID: "gate" + itoa(i), Label: e.text(q.Text), Options: os, Hop: true, Rule: required(e)}))
	}
	return out
}

func (p *stepPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		return true, p.autosave()
	}
	if k.String() == "enter" {
		return true, p.save(e)
	}
	return false, nil
}

func (p *stepPage) act(e *env, id action) tea.Cmd {
	if id == actSave && p.ready() {
		return p.save(e)
	}
	return nil
}

// step is what was typed.
func (p *stepPage) step(e *env) station.Step {
	v := p.f.Value
	s := station.Step{Action: p.t.Action, Disposition: v("disposition"), Unit: v("unit"), Note: v("note"), Text: v("text"), DocNo: v("doc"),
		Class: v("class"), Means: v("means"), Approver: v("approver"), Reason: v("reason")}
	if p.t.Asks(station.NeedRating) {
		s.Attitude, s.Outcome = v("attitude"), v("outcome")
	}
	if p.ask {
		s.Note = ""
	}
	s.Date, _ = typed.ComingDate(v("date"), e.desk.Today()) // the field's rule has read it already
	if d, reason, ok := strings.Cut(s.Reason, ":"); ok {
		s.Disposition, s.Reason = d, reason
	}
	if us := v("units"); us != "" {
		s.Units = strings.FieldsFunc(us, func(r rune) bool { return strings.ContainsRune(",，、;；", r) })
	}
	if p.t.Asks(station.NeedGate) {
		for i := range station.Gate {
			s.Gate = append(s.Gate, v("gate"+itoa(i)))
		}
	}
	return s
}

// rating is what was asked together with the feedback; ok is false where it
// was left for later.
func (p *stepPage) rating() (s station.Step, ok bool) {
	s = station.Step{Action: station.DoRate, Attitude: p.f.Value("attitude"), Outcome: p.f.Value("outcome"), Note: p.f.Value("note")}
	return s, p.ask && (s.Attitude != "" || s.Outcome != "")
}

func (p *stepPage) save(e *env) tea.Cmd {
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	rating, rates := p.rating()
	for id, v := range map[string]string{"attitude": rating.Attitude, "outcome": rating.Outcome} {
		if rates && v == "" {
			p.f.SetProblem(id, e.word(wRequired))
			p.f.FocusID(id)
			return nil
		}
	}
	if rates && station.Worse(rating.Attitude, rating.Outcome) == "bad" && strings.TrimSpace(rating.Note) == "" {
		p.f.SetProblem("note", e.word(wWhyBadHint))
		p.f.FocusID("note")
		return nil
	}
	p.busy = true
	desk, who, l, s, lead, name := e.desk, e.who, p.m.life, p.step(e), p.f.Value("lead"), p.name
	var dropped error
	return work(func() (station.Life, error) {
		if lead != "" {
			x, err := desk.LifeByNumber(who, lead)
			if err != nil {
				return l, err
			}
			s.Lead = x.MatterID
		}
		now, err := desk.Take(who, l, s)
		if err == nil && rates {
			now, err = desk.Take(who, now, rating)
		}
		if err == nil {
			dropped = desk.DropDraft(who, name)
		}
		return now, err
	}, func(now station.Life, err error) tea.Cmd {
		p.busy = false
		if err != nil {
			return p.failed(e, err)
		}
		if p.done = true; dropped != nil {
			return tea.Sequence(e.atOnce(closeMsg{}), e.fail(dropped))
		}
		return tea.Sequence(e.atOnce(closeMsg{}), say(e.done(p.t, now, s.Reason)))
	})
}

// failed keeps the page where it can be mended, and leaves it where the matter
// has moved on.
func (p *stepPage) failed(e *env, err error) tea.Cmd {
	if station.Say(err).Code == "life-moved" {
		return tea.Sequence(e.atOnce(closeMsg{}), e.fail(err))
	}
	return p.refuse(e, err)
}

// done says what a step has led to, with what the voter is told where they
// were turned away.
func (e *env) done(t station.Transition, l station.Life, reason string) string {
	s := e.word(wStepDone, e.text(t.Text()), e.text(l.State.Text()))
	if !l.Due.IsZero() {
		s += "   " + e.word(wStepDue, e.text(station.Timers.Label(string(l.Clock.Timer))), l.Due.String())
	}
	if t.Action == station.DoRefuse {
		s += "   " + e.text(station.Guidance(reason))
	}
	return s
}

func (p *stepPage) view(e *env) ([]string, *tea.Cursor) {
	l := p.m.life
	heading := []string{
		" " + e.th.Head.Render(cell.Clip(e.show(e.text(p.t.Text())+"   "+l.Title), e.w-2, e.th.Glyphs.More)),
		" " + e.standing(l),
	}
	if p.why != "" {
		for _, r := range cell.Wrap(e.show(p.why), e.w-2) {
			heading = append(heading, " "+e.th.Warn.Render(r))
		}
	}
	if p.t.Asks(station.NeedGate) {
		heading = append(heading, " "+e.th.Muted.Render(e.label(wGateHint)))
	}
	heading = append(heading, "")
	if p.f == nil {
		return heading, nil
	}
	return p.draw(e, heading, 0)
}
