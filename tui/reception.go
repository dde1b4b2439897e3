package tui

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/form"
)

// receptionPage is the form of a reception, for a new one and for correcting
// one that is recorded. One matter is on the form at a time; the others wait
// in issues.
type receptionPage struct {
	id       string // of the draft
	fix      *station.Full
	f        *form.Form
	session  station.Session
	sitting  bool // session is an open one, not a guess
	issues   []map[string]string
	at       int // the matter on the form
	earlier  []station.Earlier
	asked    string // what was asked for last among earlier voters
	answered string // what earlier answers; another than asked while that is looked for
	echoes   []station.Echo
	probe    station.Probe // what echoes answer
	taken    bool
	draftAt  time.Time
	restored time.Time
	writing  bool   // a draft is on its way to the disk
	saving   bool   //
	reason   string // of a correction
	saved    *savedReception
}

// savedReception is what stands on the screen after a save.
type savedReception struct {
	station.Saved
	matters int
	spot    bool // something was answered on the spot: the voter can be asked face to face
	late    typed.Date
}

func newReception() *receptionPage { return &receptionPage{id: "reception"} }

// newCorrection opens the form on a recorded reception.
func newCorrection(f station.Full) *receptionPage {
	return &receptionPage{id: "correct-" + string(f.ID), fix: &f}
}

func (p *receptionPage) title(e *env) string {
	if p.fix != nil {
		return e.word(wCorrecting, string(p.fix.Visit.Number))
	}
	return e.word(wReception)
}

func (p *receptionPage) scope() scope {
	if p.saved != nil {
		return inSaved
	}
	return inReception
}

// waiting: for the first reading, and for a save; and what may take an earlier
// voter waits for those that were asked for, or the same keys would do one thing
// at a quick station and another at a slow one.
func (p *receptionPage) waiting(key string) bool {
	if p.saved != nil {
		return false
	}
	return p.f == nil || p.saving || p.asked != p.answered && p.naming() && (key == "enter" || key == "down")
}

// naming reports whether the focus is on a field that finds earlier voters.
func (p *receptionPage) naming() bool {
	field := p.f.Focused()
	return field != nil && (field.ID() == "phone" || field.ID() == "name")
}

// opening is what the page reads before it can be filled.
type opening struct {
	session station.Session
	sitting bool
	draft   *station.Draft
}

func (p *receptionPage) load(e *env) tea.Cmd {
	desk, who := e.desk, e.who
	return work(func() (opening, error) {
		var o opening
		var err1, err2 error
		if p.fix != nil {
			o.session, o.sitting = p.fix.Session, true
		} else {
			o.session, o.sitting, err1 = desk.Current()
		}
		ds, err2 := desk.Drafts(who)
		for i := range ds {
			if ds[i].Form == p.id {
				o.draft = &ds[i]
			}
		}
		return o, errors.Join(err1, err2)
	}, func(o opening, err error) tea.Cmd {
		if !p.saving {
			p.session, p.sitting = o.session, o.sitting
		}
		if p.f == nil {
			p.build(e)
			p.fill(e, o)
		}
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

// fill puts the recorded reception, and over it a draft, into the new form.
func (p *receptionPage) fill(e *env, o opening) {
	p.issues, p.at = []map[string]string{{}}, 0
	if p.fix != nil {
		p.fromRecord(p.fix.Reception())
	}
	if o.draft == nil || len(o.draft.Values) == 0 {
		return
	}
	v := o.draft.Values
	var issues []map[string]string
	if json.Unmarshal([]byte(v["#issues"]), &issues) == nil && len(issues) > 0 {
		p.issues = issues
		p.at, _ = strconv.Atoi(v["#at"])
		p.at = min(max(p.at, 0), len(issues)-1)
	}
	p.f.Restore(v)
	p.follow()
	p.restored, p.draftAt = o.draft.At, o.draft.At
}

// The fields of a matter; the others belong to the visit.
var issueFields = []string{"content", "category", "kind", "affected", "urgency", "disposition", "reply", "refuse", "deputy"}

func (p *receptionPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.f == nil || p.saving || p.saved != nil {
		return false, nil
	}
	if cmd, ok := p.take(e, k.String()); ok {
		return true, cmd
	}
	at := p.f.Focused()
	if !p.f.Key(k) {
		if k.String() == "enter" { // on the last field
			return true, p.save(e)
		}
		return false, nil
	}
	if k.String() == "enter" && at != nil && at.ID() == "village" && p.f.Focused() != at && p.fix == nil {
		p.f.FocusID("content") // what lies between has its usual value; Tab goes there
	}
	return true, p.after(e)
}

func (p *receptionPage) paste(e *env, text string) tea.Cmd {
	if p.f == nil || p.saving || p.saved != nil {
		return nil
	}
	p.f.Paste(text)
	return p.after(e)
}

func (p *receptionPage) click(e *env, x, y int) tea.Cmd {
	if p.f == nil || p.saving || p.saved != nil || y < formTop {
		return nil
	}
	p.f.Click(x-1, y-formTop)
	return p.after(e)
}

// after follows a change: which fields show, who has been here before, and
// the draft.
func (p *receptionPage) after(e *env) tea.Cmd {
	p.follow()
	return tea.Batch(p.f.Autosave(), p.recall(e))
}

// follow shows the fields that the others call for.
func (p *receptionPage) follow() {
	refuse := p.f.Value("disposition") == "refuse"
	p.f.Hide("refuse", !refuse)
}

// recall asks for earlier voters by what stands in the field that is typed
// into.
func (p *receptionPage) recall(e *env) tea.Cmd {
	if p.fix != nil || !p.naming() {
		p.earlier = nil
		return nil
	}
	text := p.f.Focused().Value()
	if text == p.asked {
		return nil
	}
	p.asked, p.earlier, p.taken = text, nil, false
	desk, who := e.desk, e.who
	return work(func() ([]station.Earlier, error) { return desk.Recall(who, text, 5) },
		func(found []station.Earlier, err error) tea.Cmd {
			if p.asked != text {
				return nil
			}
			p.answered = text
			if err == nil && p.naming() {
				p.earlier = found
			}
			return nil
		})
}

// take fills in an earlier voter on Enter; with Up and Down another of those
// found comes first.
func (p *receptionPage) take(_ *env, key string) (tea.Cmd, bool) {
	if len(p.earlier) == 0 || p.taken || !p.naming() {
		return nil, false
	}
	switch key {
	case "down":
		if len(p.earlier) > 1 {
			p.earlier = append(p.earlier[1:len(p.earlier):len(p.earlier)], p.earlier[0])
			return nil, true
		}
	case "enter":
		v := p.earlier[0]
		if v.Phone != "" {
			p.f.Set("phone", v.Phone)
		} else if p.f.Focused().ID() == "phone" || p.f.Value("phone") == "" { // a number typed before the name may be new
			p.f.Set("phone", "无")
		}
		p.f.Set("name", v.Name)
		if v.Village != "" {
			p.f.Set("village", v.Village)
		}
		p.taken, p.earlier, p.asked, p.answered = true, nil, "", ""
		p.f.FocusID("content")
		return p.f.Autosave(), true
	}
	return nil, false
}

func (p *receptionPage) act(e *env, id action) tea.Cmd {
	if id == actNextVoter {
		*p = receptionPage{id: "reception"}
		return p.load(e)
	}
	if id == actStep && p.saved != nil {
		return p.askNow(e)
	}
	if id == actPapers && p.saved != nil {
		return e.atOnce(openMsg{newPapers(p.saved.ID, 0)})
	}
	if id == actOpen && p.saved != nil {
		return e.atOnce(openMsg{newDetail(p.saved.ID)})
	}
	if p.f == nil || p.saving || p.saved != nil {
		return nil
	}
	switch id {
	case actSave:
		return p.save(e)
	case actPhrases:
		return e.atOnce(dialogMsg{newPhrases(e, func(text string) tea.Cmd {
			return p.phrase(e, text)
		})})
	case actMoreMatter:
		return p.moreMatter(e)
	case actNextMatter:
		p.show(p.at + 1)
		return p.after(e)
	case actPrevMatter:
		p.show(p.at - 1)
		return p.after(e)
	case actJoin:
		return p.join(e)
	case actDistinct:
		return p.tellApart(e)
	case actDiscard:
		return e.atOnce(dialogMsg{&confirm{text: e.word(wAskDiscard), yes: p.discard(e)}})
	}
	return nil
}

// phrase puts a ready phrase into the reply.
func (p *receptionPage) phrase(e *env, text string) tea.Cmd {
	if v := strings.TrimSpace(p.f.Value("reply")); v != "" {
		text = strings.TrimRight(v, "。；;") + "；" + text
	}
	p.f.Set("reply", text)
	p.f.FocusID("reply")
	return p.after(e)
}

// stash keeps the matter on the form with the others.
func (p *receptionPage) stash() {
	m := map[string]string{}
	for k, v := range p.issues[p.at] {
		if strings.HasPrefix(k, "#") { // no field
			m[k] = v
		}
	}
	for _, id := range issueFields {
		if v := p.f.Value(id); v != "" {
			m[id] = v
		}
	}
	p.issues[p.at] = m
}

// show puts the i-th matter on the form.
func (p *receptionPage) show(i int) {
	if i < 0 || i >= len(p.issues) || i == p.at {
		return
	}
	p.stash()
	p.at = i
	p.echoes, p.probe = nil, station.Probe{}
	p.put(p.issues[i])
	p.f.FocusID("content")
}

// put fills the matter's fields, with defaults for what m lacks.
func (p *receptionPage) put(m map[string]string) {
	defaults := map[string]string{"kind": "suggestion", "urgency": "normal", "disposition": "onspot", "affected": "one"}
	for _, id := range issueFields {
		v, ok := m[id]
		if !ok {
			v = defaults[id]
		}
		p.f.Set(id, v)
		p.f.SetProblem(id, "")
	}
	p.follow()
}

func (p *receptionPage) moreMatter(e *env) tea.Cmd {
	if strings.TrimSpace(p.f.Value("content")) == "" {
		return send(noticeMsg{notice{e.word(wMatterNone), true}})
	}
	p.stash()
	p.issues = append(p.issues, map[string]string{})
	p.at = len(p.issues) - 1
	p.echoes, p.probe = nil, station.Probe{}
	p.put(nil)
	p.f.FocusID("content")
	return p.after(e)
}

// draft is what a crash, a cut line or the lock must not lose.
func (p *receptionPage) draft(values map[string]string) station.Draft {
	p.stash()
	issues, err := json.Marshal(p.issues)
	if err == nil {
		values["#issues"], values["#at"] = string(issues), strconv.Itoa(p.at)
	}
	return station.Draft{Form: p.id, Values: values}
}

func (p *receptionPage) msg(e *env, m tea.Msg) tea.Cmd {
	due, ok := m.(form.DraftMsg)
	if !ok || p.f == nil || p.saving || p.saved != nil {
		return nil
	}
	values, gen, ok := p.f.Due(due)
	if !ok {
		return nil
	}
	p.writing = true
	dr, desk, who := p.draft(values), e.desk, e.who
	return tea.Batch(p.hear(e), work(func() (bool, error) { return true, desk.SaveDraft(who, dr) }, func(_ bool, err error) tea.Cmd {
		p.writing = false
		if err != nil && p.saving { // the save says better what is wrong, if anything still is
			return p.commit(e)
		}
		if err != nil {
			return tea.Batch(e.fail(err), p.f.Autosave())
		}
		p.f.Saved(gen)
		p.draftAt = e.desk.Now()
		if p.saving { // the save has waited for this
			return p.commit(e)
		}
		return p.f.Autosave()
	}))
}

// leave keeps an unsaved change before the page goes or is covered.
func (p *receptionPage) leave(e *env) tea.Cmd {
	if p.f == nil || p.saved != nil || p.saving || !p.f.Dirty() {
		return nil
	}
	dr, gen, desk, who := p.draft(p.f.Draft()), p.f.Generation(), e.desk, e.who
	return work(func() (bool, error) { return true, desk.SaveDraft(who, dr) }, func(_ bool, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		p.f.Saved(gen)
		return nil
	})
}

func (p *receptionPage) discard(e *env) tea.Cmd {
	desk, who, id := e.desk, e.who, p.id
	return work(func() (bool, error) { return true, desk.DropDraft(who, id) }, func(_ bool, err error) tea.Cmd {
		if err != nil {
			return e.fail(err)
		}
		if p.fix != nil {
			p.f = nil
			return e.atOnce(closeMsg{})
		}
		*p = receptionPage{id: p.id}
		return p.load(e)
	})
}

// save checks the form, asks the reason where something recorded is
// corrected, and records.
func (p *receptionPage) save(e *env) tea.Cmd {
	p.f.Check()
	p.stash()
	if p.fix != nil && p.reason == "" {
		return e.atOnce(dialogMsg{newPrompt(e.word(wCorrectWhy), e.word(wRefuse), false, func(reason string) tea.Cmd {
			p.reason = reason
			return p.begin(e)
		})})
	}
	return p.begin(e)
}

// begin starts the save, after a draft that is on its way: were the draft
// written last, it would offer again what is already recorded.
func (p *receptionPage) begin(e *env) tea.Cmd {
	p.saving = true
	if p.writing {
		return nil
	}
	return p.commit(e)
}

func (p *receptionPage) commit(e *env) tea.Cmd {
	r, ps := p.reception(e)
	if len(ps) > 0 {
		p.saving = false
		return p.mark(e, ps)
	}
	desk, who, id, fix, reason := e.desk, e.who, p.id, p.fix, p.reason
	return work(func() (station.Saved, error) {
		if fix != nil {
			return station.Saved{Number: fix.Visit.Number, ID: fix.ID}, desk.Correct(who, *fix, r, reason, id)
		}
		return desk.Receive(who, r, true, id)
	}, func(s station.Saved, err error) tea.Cmd {
		p.saving, p.reason = false, ""
		if ps, ok := station.FieldsOf(err); ok {
			return p.mark(e, ps)
		}
		if err != nil {
			return e.fail(err)
		}
		p.saved = &savedReception{Saved: s, matters: len(r.Matters)}
		p.saved.spot = slices.ContainsFunc(r.Matters, func(m station.Issue) bool { return m.Disposition == "onspot" || m.Disposition == "" })
		if day := typed.DateOf(r.At.In(station.Beijing)); day.Before(e.desk.Today()) {
			p.saved.late = day
		}
		if p.fix != nil {
			p.f = nil
			return tea.Batch(e.atOnce(closeMsg{}), say(e.word(wCorrected, string(s.Number))))
		}
		return nil
	})
}

// mark puts problems to their fields, names them in one line and goes to the
// first.
func (p *receptionPage) mark(e *env, ps station.Problems) tea.Cmd {
	e.held = nil // it was meant for what should have followed
	first, names := "", []string{}
	for _, fp := range ps {
		id, matter := fieldID(fp.Field)
		if first == "" && matter >= 0 && matter != p.at {
			p.show(matter)
		}
		if matter >= 0 && matter != p.at {
			continue
		}
		field := p.f.Field(id)
		if field == nil {
			names = append(names, e.problem(fp.Problem))
			continue
		}
		p.f.SetProblem(id, e.problem(fp.Problem))
		names = append(names, field.Label())
		if first == "" {
			first = id
		}
	}
	p.f.FocusID(first)
	return send(noticeMsg{notice{e.word(wFieldsWrong, len(ps), strings.Join(names, " ")), true}})
}
