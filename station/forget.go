package station

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// KindErased records say, under the visit's id, that its voter was erased, and
// where the city's own steps name them. The city must be told where: once it
// hears of the erasure it has no name to look for any more.
const KindErased ledger.Kind = "erased"

// A Forgotten is the body of such a record. It names nobody: it holds places.
type Forgotten struct {
	All  bool  `json:"all,omitempty"` // all that steps say, not only what names the voter
	Cuts []Cut `json:"cuts,omitempty"`
}

// A Cut is a place in the other side's step that names the voter.
type Cut struct {
	Rev   ledger.Ref `json:"rev"`   // of the step, as it was when the place was found
	Field string     `json:"field"` // JSON name
	From  int        `json:"from"`  // in characters
	To    int        `json:"to"`
}

// maxCuts is how many places one record names; beyond, everything goes.
const maxCuts = 4000

// A person is what tells who a voter is, as far as a text can repeat it.
type person struct {
	known  []string // in the form of plainRunes, telling by themselves
	short  []string // too short to be told apart from other words
	unsure bool     // something of them was lost, so nobody can say what names them
}

// personOf gathers every name, phone, address and identity number that a
// voter ever had here. marked says that an earlier erasure is accounted for.
func (d *Desk) personOf(f Full, marked bool) (person, error) {
	var p person
	voter, err := d.led.History(KindVoter, f.ID)
	for _, e := range voter {
		v, derr := decode[Voter](e)
		if derr != nil {
			p.unsure = p.unsure || !marked
			continue
		}
		p.add(v.Name, 2)
		p.add(v.Phone, 7)
		if _, local, ok := strings.Cut(v.Phone, "-"); ok { // as one says it in town
			p.add(local, 7)
		}
		p.add(v.Address, 4)
		p.add(v.IDCard, 7)
	}
	for _, id := range f.matterIDs {
		es, herr := d.led.History(KindContact, id)
		err = errors.Join(err, herr)
		for _, e := range es {
			if c, derr := decode[Contact](e); derr == nil { // one withheld says no more than the voter's record
				p.add(c.Name, 2)
				p.add(c.Phone, 7)
			}
		}
	}
	return p, err
}

func (p *person) add(text string, telling int) {
	rs, _ := plainRunes(text)
	s := string(rs)
	switch {
	case s == "" || slices.Contains(p.known, s) || slices.Contains(p.short, s):
	case len(rs) < telling:
		p.short = append(p.short, s)
	default:
		p.known = append(p.known, s)
	}
}

// plainRunes is a text without spaces and separators, in half width and lower
// case, with where each character stood.
func plainRunes(text string) (rs []rune, at []int) {
	i := 0
	for _, r := range text {
		for _, r := range typed.Fold(string(r)) {
			if !unicode.IsSpace(r) && !strings.ContainsRune("-.·()[]", r) {
				rs, at = append(rs, unicode.ToLower(r)), append(at, i)
			}
		}
		i++
	}
	return rs, at
}

// in finds where a text names the person, in characters: places in order that
// do not overlap. Where it may, and nobody can tell where, it is all of it.
func (p person) in(text string) (spans [][2]int) {
	rs, at := plainRunes(text)
	for _, s := range p.short {
		if strings.Contains(string(rs), s) {
			return [][2]int{{0, utf8.RuneCountInString(text)}}
		}
	}
	for _, s := range p.known {
		want := []rune(s)
		for i := 0; i+len(want) <= len(rs); i++ {
			if slices.Equal(rs[i:i+len(want)], want) {
				spans = append(spans, [2]int{at[i], at[i+len(want)-1] + 1})
			}
		}
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], s[1])
			continue
		}
		out = append(out, s)
	}
	return out
}

// without is a text with Erased where the spans were. Spans that do not fit it
// take it all: they were made by another program, or for another text.
func without(text string, spans [][2]int) string {
	rs := []rune(text)
	for _, s := range slices.Backward(spans) {
		if s[0] < 0 || s[1] <= s[0] || s[1] > len(rs) {
			return Erased
		}
		rs = slices.Concat(rs[:s[0]], []rune(Erased), rs[s[1]:])
	}
	return string(rs)
}

// A stepText is a field of a step in which somebody wrote what they liked.
type stepText struct {
	field string
	at    *string
	words bool // sentences, of which all may go; the others say who does it
}

func (s *Step) texts() []stepText {
	out := []stepText{{"note", &s.Note, true}, {"text", &s.Text, true}, {"doc", &s.DocNo, false}, {"unit", &s.Unit, false}}
	for i := range s.Units {
		out = append(out, stepText{fmt.Sprintf("units/%d", i), &s.Units[i], false})
	}
	return out
}

// cut takes out of a step what an erasure asks for: all that it says, or the
// spans that a function names. It reports whether anything was there.
func (s Step) cut(all bool, spans func(stepText) [][2]int) (Step, bool) {
	s.Units = slices.Clone(s.Units)
	cut := false
	for _, t := range s.texts() {
		was := *t.at
		switch {
		case was == "" || was == Erased:
		case all && t.words:
			*t.at = Erased
		default:
			if at := spans(t); len(at) > 0 {
				*t.at = without(was, at)
			}
		}
		cut = cut || *t.at != was
	}
	return s, cut
}

// inStep is person.in for a field of a step. Only sentences go as a whole.
func (p person) inStep(t stepText) [][2]int {
	if !t.words {
		p.short = nil
	}
	return p.in(*t.at)
}

// forget takes what names the voter out of this station's steps on a matter,
// or all that they say, and tells the city where its own steps do. The desk is
// locked.
func (d *Desk) forget(w *writer, refs []ledger.Ref, matter ledger.ID, p person, all bool, x *Forgotten) ([]ledger.Ref, error) {
	refs, err := d.blankSteps(w, refs, matter, func(s Done, _ ledger.Record) (Step, bool) { return s.Step.cut(all || p.unsure, p.inStep) })
	if err != nil {
		return refs, err
	}
	steps, err := d.steps(matter)
	for _, s := range steps {
		if err != nil || !s.City {
			continue
		}
		rec, rerr := d.led.Record(KindStep, s.ID)
		if err = rerr; err != nil {
			break
		}
		for _, t := range s.texts() {
			for _, at := range p.inStep(t) {
				x.Cuts = append(x.Cuts, Cut{Rev: rec.Ref, Field: t.field, From: at[0], To: at[1]})
			}
		}
	}
	return refs, err
}

// forgetReasons takes what names the voter out of the reasons that were given
// for corrections of a reception, such as that a name was misspelt: they travel
// with what was corrected. The desk is locked.
func (d *Desk) forgetReasons(w *writer, refs []ledger.Ref, f Full, p person, content bool) ([]ledger.Ref, error) {
	names, err := d.anyRevision(KindVisit, f.ID, func(e ledger.Entry) bool {
		v, err := decode[Visit](e)
		return err == nil && (p.blank(v.Reason) != v.Reason || p.blank(v.Void) != v.Void)
	})
	if err == nil && names {
		v := f.Visit
		v.Reason, v.Void = p.blank(v.Reason), p.blank(v.Void)
		w.put(KindVisit, f.ID, f.rev, v)
		refs, err = d.bodies(refs, KindVisit, f.ID)
	}
	for i, id := range f.matterIDs {
		if err != nil || content { // then all of the matter goes
			break
		}
		names, err = d.anyRevision(KindMatter, id, func(e ledger.Entry) bool {
			m, err := decode[Matter](e)
			return err == nil && p.blank(m.Reason) != m.Reason
		})
		if err == nil && names {
			m := f.Matters[i]
			m.Reason = p.blank(m.Reason)
			w.put(KindMatter, id, f.matterRevs[i], m)
			refs, err = d.bodies(refs, KindMatter, id)
		}
	}
	return refs, err
}

// anyRevision reports whether a function holds for one that this side wrote.
func (d *Desk) anyRevision(k ledger.Kind, id ledger.ID, fn func(ledger.Entry) bool) (bool, error) {
	es, err := d.led.History(k, id)
	return slices.ContainsFunc(es, func(e ledger.Entry) bool { return e.Stream.Writer() == d.code() && fn(e) }), err
}

// blank is a text without what names the person.
func (p person) blank(text string) string {
	if p.unsure && text != "" {
		return Erased
	}
	if text == Erased {
		return text
	}
	return without(text, p.in(text))
}

// forgotten reads what is recorded of a visit's erasures. rev is zero where
// its voter was never erased, or by a program that recorded nothing of it.
func (d *Desk) forgotten(visit ledger.ID) (x Forgotten, rec ledger.Record, err error) {
	if rec, err = d.led.Record(KindErased, visit); errors.Is(err, ledger.ErrNotFound) {
		return x, ledger.Record{}, nil
	}
	if err == nil && !rec.Absent() {
		x, err = decode[Forgotten](rec.Entry)
	}
	return x, rec, err
}

// putForgotten adds the record of an erasure to its commit.
func (d *Desk) putForgotten(w *writer, visit ledger.ID, x Forgotten, replaces ledger.Ref) {
	if len(x.Cuts) > maxCuts {
		x = Forgotten{All: true}
	}
	w.put(KindErased, visit, replaces, x)
}

// asked is what a station's record of an erasure asks of a step of the city's.
// A step that the station had seen names the voter where the record says so.
// One that it had not seen, and whose writer had not heard, may name them
// anywhere. One that was written knowing of the erasure stays: from then on
// the city knows no name.
func (x Forgotten) asked(mark ledger.Header, s Done, rec ledger.Record) (Step, bool) {
	if sees(rec.Seen, mark.Ref) {
		return s.Step, false
	}
	mine := func(c Cut) bool { return c.Rev == rec.Ref }
	all := x.All || !sees(mark.Seen, rec.Ref) && !slices.ContainsFunc(x.Cuts, mine)
	return s.Step.cut(all, func(t stepText) (spans [][2]int) {
		for _, c := range x.Cuts {
			if mine(c) && c.Field == t.field {
				spans = append(spans, [2]int{c.From, c.To})
			}
		}
		return spans
	})
}

// followForgotten takes out of the city's steps on a visit's matters what the
// station's record of an erasure asks for, and returns how many it changed.
func (d *Desk) followForgotten(visit ledger.ID) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	x, mark, err := d.forgotten(visit)
	if err != nil || mark.Ref.IsZero() || mark.Absent() {
		return 0, err
	}
	rv, err := d.led.Record(KindVisit, visit)
	if errors.Is(err, ledger.ErrNotFound) {
		return 0, nil // on its way still: the night looks again
	}
	station := mark.Stream.Writer()
	if err != nil || rv.Stream.Writer() != station {
		return 0, err // another station's visit is not its to forget
	}
	ms, vs, err := matters(d.led, visit, station)
	if err != nil {
		return 0, err
	}
	w := writer{who: d.Owner(), at: d.now()}
	w.stream, w.seen = d.outTo(station)
	var refs []ledger.Ref
	number := ""
	drafts, err := d.draftsBefore(mark.At, ms)
	if err != nil {
		return 0, err
	}
	for i, m := range ms {
		number = vs[i].Number
		refs, err = d.blankSteps(&w, refs, m.ID, func(s Done, rec ledger.Record) (Step, bool) { return x.asked(mark.Header, s, rec) })
		if err != nil {
			return 0, err
		}
	}
	return d.saveFollowed(&w, refs, number, station, drafts...)
}

// draftsBefore are the drafts about some matters that were saved before a time:
// who wrote them may have known whom they are about.
func (d *Desk) draftsBefore(at time.Time, matters []ledger.Entry) ([]ledger.Draft, error) {
	all, err := d.led.Drafts("")
	var out []ledger.Draft
	for _, x := range all {
		if x.At.Before(at) && slices.ContainsFunc(matters, func(m ledger.Entry) bool { return strings.HasSuffix(x.Form, "-"+string(m.ID)) }) {
			out = append(out, ledger.Draft{Who: x.Who, Form: x.Form})
		}
	}
	return out, err
}

// saveFollowed commits what the city blanked after a station's erasure, with
// the order to drop the bodies of before.
func (d *Desk) saveFollowed(w *writer, refs []ledger.Ref, number, station string, drafts ...ledger.Draft) (int, error) {
	if w.err != nil || len(w.news)+len(drafts) == 0 {
		return 0, w.err
	}
	n := len(w.news)
	c := ledger.Change{New: append(w.news, d.audit(d.Owner(), ActErase, number, true, "follows "+station)), Drafts: drafts}
	if n > 0 {
		order, err := json.Marshal(ledger.Erasure{Entries: refs})
		if err != nil {
			return 0, err
		}
		c.Local = []ledger.Local{{Name: localErasing + string(newID()), Value: order}}
	}
	return n, d.save(c)
}

// unsay takes out of the city's steps, as they are shown, what an erasure asks
// for. The city itself takes it out in the night after it has heard; until that
// has come back, nobody at either end reads it any more. Steps that are already
// without it stay as they are.
func (d *Desk) unsay(visit ledger.ID, station string, steps []Done) error {
	if !slices.ContainsFunc(steps, func(s Done) bool { return s.City }) {
		return nil
	}
	x, mark, err := d.forgotten(visit)
	if err != nil || mark.Ref.IsZero() || mark.Absent() || mark.Stream.Writer() != station {
		return err
	}
	for i, s := range steps {
		if !s.City {
			continue
		}
		rec, err := d.led.Record(KindStep, s.ID)
		if err != nil {
			return err
		}
		steps[i].Step, _ = x.asked(mark.Header, s, rec)
	}
	return nil
}
