package tui

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// recordKind is what a page must know to change one kind of record that the
// city keeps.
type recordKind[T any] struct {
	kind                string // as the ledger calls it, for drafts
	fresh, change, hint word   // titles, and what to know of a new one
	ask                 word   // whether a record is to end
	// fields lays the form out; a new record has its code among them.
	fields func(e *env, v T, fresh bool) []form.Row
	// values are the record as its fields hold it, typed the record with what
	// the fields hold in place.
	values func(v T) map[string]string
	typed  func(e *env, v T, get func(string) string) T
	// more is v with one more of what there may be several of, and the field
	// that it begins with; nil: nothing.
	more func(v T) (T, string)
	// follow hides and shows fields by what others hold, sure asks once more
	// before it is saved; nil: nothing, and "" too.
	follow func(f *form.Form)
	sure   func(e *env, now T) string
	held   func(d *station.Desk, code string) (T, bool)
	save   func(d *station.Desk, who station.Who, was *T, now T) (T, error)
	// ended is where a record says that it is no more, and why.
	ended func(v *T) (ended *bool, why *string)
	// leave asks by itself how a record ends; nil: for the reason.
	leave func(e *env, v T, done func(code string)) tea.Cmd
	code  func(T) string
	name  func(e *env, v T) string
}

// recordPage is the form of one record. It is saved upon what was read: where
// somebody else has changed the record meanwhile, theirs is shown beside what
// was typed, and nothing is lost. What is typed is a draft until it is saved or
// given up.
type recordPage[T any] struct {
	draftPart
	of    recordKind[T]
	was   *T // nil: a new record
	shape T  // by which the form is laid out, and what it has no field for
	base  map[string]string
	why   string // what somebody else has changed meanwhile
	saved func(code string)
}

// wasDraft is what a draft calls the record as it was read.
const wasDraft = " was"

func newRecord[T any](of recordKind[T], was *T, saved func(code string)) *recordPage[T] {
	p := &recordPage[T]{of: of, was: was, saved: saved}
	p.name = "record-" + of.kind
	if was != nil {
		p.shape = *was
		p.name += "-" + of.code(*was)
	}
	return p
}

func (p *recordPage[T]) scope() scope        { return inRecord }
func (p *recordPage[T]) waiting(string) bool { return p.f == nil || p.busy }

func (p *recordPage[T]) title(e *env) string {
	if p.was == nil {
		return e.word(p.of.fresh)
	}
	return e.word(p.of.change)
}

func (p *recordPage[T]) load(e *env) tea.Cmd {
	if p.f != nil {
		return nil
	}
	desk, who := e.desk, e.who
	return work(func() ([]station.Draft, error) { return desk.Drafts(who) }, func(ds []station.Draft, err error) tea.Cmd {
		if p.f != nil {
			return nil
		}
		var kept map[string]string
		for _, d := range ds {
			if d.Form == p.name {
				kept = d.Values
			}
		}
		p.start(e, kept)
		switch {
		case err != nil:
			return e.fail(err)
		case len(kept) > 0:
			return say(e.word(wDraftTaken))
		}
		return nil
	})
}

// start makes the form, with what was typed before and neither saved nor given
// up: that was upon the record as it was then.
func (p *recordPage[T]) start(e *env, kept map[string]string) {
	var then T
	if p.was != nil && json.Unmarshal([]byte(kept[wasDraft]), &then) == nil {
		p.was, p.shape = &then, then
	}
	p.f = p.build(e, p.shape)
	p.base = p.f.Values()
	p.remember()
	for p.of.more != nil {
		more, first := p.of.more(p.shape)
		if _, typed := kept[first]; !typed {
			break
		}
		p.relay(e, more)
	}
	if len(kept) > 0 {
		p.f.Restore(kept)
		p.follow(p.f)
	}
}

// remember has drafts say upon what they were typed.
func (p *recordPage[T]) remember() {
	if p.was == nil {
		return
	}
	if body, err := json.Marshal(*p.was); err == nil {
		p.with = map[string]string{wasDraft: string(body)}
	}
}

// build makes the form of a record.
func (p *recordPage[T]) build(e *env, v T) *form.Form {
	f := form.New("record", p.of.fields(e, v, p.was == nil)...)
	f.SetWords(formWords(e))
	f.Restore(p.of.values(v))
	p.follow(f)
	return f
}

func (p *recordPage[T]) follow(f *form.Form) {
	if p.of.follow != nil {
		p.of.follow(f)
	}
}

// named: not every record has several of something.
func (p *recordPage[T]) named(e *env, b binding) (string, bool) {
	return e.text(b.text), b.id != actMore || p.of.more != nil
}

func (p *recordPage[T]) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		p.follow(p.f)
		return true, p.autosave()
	}
	switch {
	case k.String() == "enter": // on the last field
		return true, p.save(e)
	case k.String() == "esc" && p.changed():
		return true, e.atOnce(dialogMsg{&confirm{text: e.word(wGiveUp), yes: p.giveUp(e)}})
	}
	return false, nil
}

// changed reports whether there is something to lose.
func (p *recordPage[T]) changed() bool {
	for id, v := range p.f.Draft() {
		if v != p.base[id] {
			return true
		}
	}
	return false
}

// giveUp leaves without what was typed.
func (p *recordPage[T]) giveUp(e *env) tea.Cmd {
	desk, who := e.desk, e.who
	return work(func() (bool, error) { return true, desk.DropDraft(who, p.name) }, func(_ bool, err error) tea.Cmd {
		p.done = true
		if err != nil {
			return tea.Batch(e.atOnce(closeMsg{}), e.fail(err))
		}
		return e.atOnce(closeMsg{})
	})
}

func (p *recordPage[T]) act(e *env, id action) tea.Cmd {
	switch {
	case !p.ready():
	case id == actSave:
		return p.save(e)
	case id == actMore && p.of.more != nil:
		v, first := p.of.more(p.shape)
		p.relay(e, v)
		p.f.FocusID(first)
	}
	return nil
}

// relay lays the form out anew and keeps what was typed.
func (p *recordPage[T]) relay(e *env, v T) {
	typed := p.f.Draft()
	p.shape = v
	p.f.SetRows(p.of.fields(e, v, p.was == nil)...)
	p.f.SetWords(formWords(e))
	p.f.Restore(typed)
}

// save writes the record; where it is a rule for everybody it asks once more.
func (p *recordPage[T]) save(e *env) tea.Cmd {
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	now := p.of.typed(e, p.shape, p.f.Value)
	if p.of.sure != nil {
		if ask := p.of.sure(e, now); ask != "" {
			return e.atOnce(dialogMsg{&confirm{text: ask, yes: p.write(e, now)}})
		}
	}
	p.busy = true
	return p.write(e, now)
}

func (p *recordPage[T]) write(e *env, now T) tea.Cmd {
	desk, who, was, save := e.desk, e.who, p.was, p.of.save
	return func() tea.Msg {
		now, err := save(desk, who, was, now)
		if errors.Is(err, ledger.ErrStale) {
			return landed{func() tea.Cmd { p.busy = false; return p.moved(e, now) }}
		}
		return p.landed(e, p.placed(err), func() string {
			p.saved(p.of.code(now))
			return e.word(wRecordSaved, p.of.name(e, now))
		})
	}
}

// placed gives the problems of the i-th seat of a deputy its number, which its
// fields bear.
func (p *recordPage[T]) placed(err error) error {
	ps, ok := station.FieldsOf(err)
	if !ok {
		return err
	}
	ps = slices.Clone(ps)
	for i, fp := range ps {
		_, seat, ok := strings.Cut(fp.Field, "mandates[")
		var n int
		if _, serr := fmt.Sscanf(seat, "%d]", &n); ok && serr == nil {
			ps[i].Field += itoa(n)
		}
	}
	return ps
}

// moved takes in what somebody else has made of the record: where only they
// changed a field it is theirs that stands in it, where both did it is what was
// typed here, with theirs beside it. Saving again then means this.
func (p *recordPage[T]) moved(e *env, theirs T) tea.Cmd {
	now, shape := p.build(e, theirs).Values(), theirs
	for p.of.more != nil {
		more, first := p.of.more(shape)
		if p.f.Field(first) == nil {
			break
		}
		shape = more
	}
	p.relay(e, shape)
	var changed, both []string
	for _, f := range p.f.Fields() {
		id, v := f.ID(), now[f.ID()]
		switch mine := f.Value(); {
		case v == p.base[id] || v == mine:
			continue
		case mine == p.base[id]:
			p.f.Set(id, v)
		default:
			both = append(both, id)
		}
		changed = append(changed, f.Label())
	}
	if len(both) > 0 {
		p.f.FocusID(both[0])
	}
	for _, id := range both {
		p.f.SetProblem(id, e.word(wTheySay, e.said(id, now[id])))
	}
	p.was, p.base = &theirs, now
	p.remember()
	p.why = e.word(wMovedOn)
	if len(changed) > 0 {
		p.why = e.word(wMovedIn, strings.Join(changed, "、"))
	}
	return send(noticeMsg{notice{e.word(wMoved), true}})
}

// said is what a field of a record says, for a person.
func (e *env) said(id, v string) string {
	switch {
	case v == "":
		return e.word(wNothingThere)
	case id == "kind":
		return e.text(station.UnitKinds.Label(v))
	case id == "parent":
		return e.desk.UnitName(v)
	case id == "leader":
		l, _ := e.desk.Leader(v)
		return cmp.Or(l.Name, v)
	case id == "categories":
		return e.categories(strings.Split(v, ","))
	case id == "station":
		return e.desk.StationName(v)
	case id == "head" || id == "members":
		return e.deputyNames(strings.Split(v, ","))
	case id == "sex":
		return e.text(station.Sexes.Label(v))
	case id == "unit":
		return e.text(station.Units.Label(v))
	case id == "done" || id == "follow":
		return e.yesNo(v == "yes")
	}
	return v
}

func (p *recordPage[T]) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return nil, nil
	}
	head := e.label(p.of.hint)
	if p.was != nil {
		head = e.show(p.of.code(*p.was) + "   " + p.of.name(e, *p.was))
	}
	heading := []string{"", "  " + e.th.Head.Render(cell.Clip(head, e.w-4, e.th.Glyphs.More))}
	if p.why != "" {
		for _, r := range cell.Wrap(e.show(p.why), e.w-4) {
			heading = append(heading, "  "+e.th.Warn.Render(r))
		}
	}
	return p.draw(e, append(heading, ""), 0)
}
