package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Erased is what stands where a matter's words were.
const Erased = "(已删除)"

// An Erasing says what of a reception is to go.
type Erasing struct {
	// Content: the voter's words and the replies too, where they tell who it
	// was. Name, phone, address and identity number always go.
	Content bool
	Reason  string // why: the voter's right (个人信息保护法 Art. 47), or a mistake
}

// localErasing holds the bodies that are still to be dropped: it is written in
// the commit that takes them off the screens, so that a power cut in between
// delays the dropping and does not forget it.
const localErasing = "erasing/"

// Erase erases the person of a reception for good: with two people's consent,
// in both copies, at the station and, by the entry that names what was erased,
// at the city, and with them whatever steps of either side say of the voter.
// Number, day, village and category stay, and so do all counts.
// Backups made before hold what they held, until the last of them has gone.
func (d *Desk) Erase(ctx context.Context, who Who, f Full, x Erasing, s Second) error {
	if err := who.need(RightErase); err != nil {
		return d.refused(who, string(f.Visit.Number), err)
	}
	reason, err := needReason(x.Reason)
	if err != nil {
		return err
	}
	if d.erase == nil || d.AtCity() {
		return typed.Problem{Code: "erase-here", ZH: "这里不能删除个人信息,请在联络站的主机上操作。", EN: "Erasing is done at the station's own machine."}
	}
	second, err := d.NeedSecond(who, s)
	if err != nil {
		return err
	}
	if err := d.blank(who, f.ID, x.Content, reason, "with "+second.Account); err != nil {
		return err
	}
	return d.FinishErasing(ctx)
}

// blank writes the revisions that no longer name the person, and with them the
// order to drop the bodies of all earlier ones.
func (d *Desk) blank(who Who, visit ledger.ID, content bool, reason, note string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := read(d.led, visit)
	if err != nil {
		return err
	}
	w := writer{who: who, at: d.now(), seen: d.seen()}
	mark, last, err := d.forgotten(visit)
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	known := !last.Ref.IsZero()
	p, err := d.personOf(f, known)
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	tell := !known || len(p.known)+len(p.short) > 0 || content && !mark.All
	mark.All = mark.All || content || p.unsure
	refs, err := d.forgetReasons(&w, nil, f, p, content)
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	if !f.voterRev.IsZero() {
		w.put(KindVoter, visit, f.voterRev, Voter{Erased: w.at, Reason: reason})
		refs, err = d.bodies(refs, KindVoter, visit)
	}
	for i, id := range f.matterIDs {
		if err != nil {
			break
		}
		if rec, cerr := d.led.Record(KindContact, id); cerr == nil {
			w.put(KindContact, id, rec.Ref, Contact{Visit: visit})
			if refs, err = d.bodies(refs, KindContact, id); err != nil {
				break
			}
		}
		if refs, err = d.forget(&w, refs, id, p, content, &mark); err != nil {
			break
		}
		if !content {
			continue
		}
		m := f.Matters[i]
		m.Title, m.Content, m.Reason = Erased, Erased, reason
		if m.Reply != "" {
			m.Reply = Erased
		}
		m.Distinct = nil
		w.put(KindMatter, id, f.matterRevs[i], m)
		refs, err = d.bodies(refs, KindMatter, id)
	}
	if tell {
		d.putForgotten(&w, visit, mark, last.Ref)
	}
	if err = errors.Join(err, w.err); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	if len(w.news) == 0 {
		return typed.Problem{Code: "unchanged", ZH: "没有可删除的个人信息。", EN: "There is nothing left to erase."}
	}
	order, err := json.Marshal(ledger.Erasure{Entries: refs})
	if err != nil {
		return err
	}
	c := ledger.Change{New: append(w.news, d.audit(who, ActErase, string(f.Visit.Number), true, note)),
		Local: []ledger.Local{{Name: localErasing + string(newID()), Value: order}}}
	if c.Drafts, err = d.draftsOf(f); err != nil {
		return err
	}
	return d.save(c)
}

// blankSteps takes out of this side's steps on a matter what a function says,
// and adds the bodies that are to go. Who did what, when and with which result
// stays.
func (d *Desk) blankSteps(w *writer, refs []ledger.Ref, matter ledger.ID, blank func(Done, ledger.Record) (Step, bool)) ([]ledger.Ref, error) {
	steps, err := d.steps(matter)
	for _, s := range steps {
		if err != nil || s.City != d.AtCity() {
			continue
		}
		rec, rerr := d.led.Record(KindStep, s.ID)
		if err = rerr; err != nil {
			break
		}
		b, cut := blank(s, rec)
		if !cut {
			continue
		}
		b.First = &FirstWritten{Ref: s.Ref, At: s.At, Seen: s.seen}
		w.put(KindStep, s.ID, rec.Ref, b)
		refs, err = d.bodies(refs, KindStep, s.ID)
	}
	return refs, err
}

// wordless blanks all that a step says.
func wordless(s Done, _ ledger.Record) (Step, bool) {
	return s.Step.cut(true, func(stepText) [][2]int { return nil })
}

// FollowErasures blanks at the city what its steps say of voters whom the
// station has erased, and all that they say on matters whose words it has. The
// city does it every night, before it compacts.
func (d *Desk) FollowErasures(ctx context.Context) (int, error) {
	if d.erase == nil || !d.AtCity() {
		return 0, nil
	}
	if err := d.FinishErasing(ctx); err != nil {
		return 0, err
	}
	type matter struct {
		id              ledger.ID
		station, number string
	}
	var gone []matter
	if err := eachBy(d.led, KindMatter, func(id ledger.ID, writer string, m Matter) {
		if m.Content == Erased {
			gone = append(gone, matter{id, writer, m.Number})
		}
	}); err != nil {
		return 0, err
	}
	var voters []ledger.ID
	if err := d.led.Each(KindErased, func(e ledger.Entry) error { voters = append(voters, e.ID); return nil }); err != nil {
		return 0, err
	}
	n := 0
	for _, id := range voters {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		blanked, err := d.followForgotten(id)
		if err != nil {
			return n, fmt.Errorf("follow the erasure of %s: %w", id, err)
		}
		n += blanked
	}
	for _, m := range gone {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		blanked, err := d.followErasure(m.id, m.station, m.number)
		if err != nil {
			return n, fmt.Errorf("follow the erasure of %s: %w", m.id, err)
		}
		n += blanked
	}
	return n, d.FinishErasing(ctx)
}

func (d *Desk) followErasure(matter ledger.ID, station, number string) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := writer{who: d.Owner(), at: d.now()}
	w.stream, w.seen = d.outTo(station)
	refs, err := d.blankSteps(&w, nil, matter, wordless)
	if err != nil {
		return 0, err
	}
	return d.saveFollowed(&w, refs, number, station)
}

// bodies adds every entry of a record that has a body.
func (d *Desk) bodies(refs []ledger.Ref, k ledger.Kind, id ledger.ID) ([]ledger.Ref, error) {
	es, err := d.led.History(k, id)
	for _, e := range es {
		if !e.Absent() && e.Stream.Writer() == d.code() {
			refs = append(refs, e.Ref)
		}
	}
	return refs, err
}

// draftsOf are the drafts that may name the voter: corrections of the reception,
// new receptions under the same phone, and what is being written about one of
// its matters.
func (d *Desk) draftsOf(f Full) ([]ledger.Draft, error) {
	all, err := d.led.Drafts("")
	if err != nil {
		return nil, err
	}
	var out []ledger.Draft
	for _, x := range all {
		var v map[string]string
		_ = json.Unmarshal(x.Body, &v) // one that cannot be read names nobody
		same := f.Voter.Phone != "" && strings.ReplaceAll(v["phone"], "-", "") == strings.ReplaceAll(f.Voter.Phone, "-", "")
		about := slices.ContainsFunc(f.matterIDs, func(id ledger.ID) bool { return strings.HasSuffix(x.Form, "-"+string(id)) })
		if same || about || x.Form == "correct-"+string(f.ID) {
			out = append(out, ledger.Draft{Who: x.Who, Form: x.Form})
		}
	}
	return out, nil
}

// FinishErasing drops the bodies that are still to be dropped, also those of
// an erasure that a power cut stopped. The program calls it at the start and
// every night.
func (d *Desk) FinishErasing(ctx context.Context) error {
	if d.erase == nil {
		return nil
	}
	orders, err := d.led.Locals(localErasing)
	if err != nil {
		return fmt.Errorf("finish erasing: %w", err)
	}
	for _, o := range orders {
		x, err := ledger.ParseErasure(o.Value)
		if err != nil {
			return fmt.Errorf("finish erasing: %w", err)
		}
		for part := range slices.Chunk(x.Entries, ledger.MaxErased) {
			if err := d.erase(ctx, part...); err != nil {
				return fmt.Errorf("finish erasing: %w", err)
			}
		}
		if err := d.save(ledger.Change{Local: []ledger.Local{{Name: o.Name}}}); err != nil {
			return fmt.Errorf("finish erasing: %w", err)
		}
	}
	return nil
}

// Retention says how long what is kept (个人信息保护法 Art. 19: no longer than
// needed; 国家档案局令第8号). A place may have other periods: they are data.
type Retention struct {
	VoterMonths  int `json:"voter_months"`  // name and phone, after the reception's matters were done; 24
	MatterMonths int `json:"matter_months"` // the words of matters, likewise; 120
	DraftDays    int `json:"draft_days"`    // drafts that nobody went on with; 7
}

// DefaultRetention is DOMAIN 13.1's proposal.
func DefaultRetention() Retention { return Retention{24, 120, 7} }

const localRetention = "retention"

// Retention returns the periods in force.
func (d *Desk) Retention() Retention {
	r := DefaultRetention()
	if b, err := d.led.Local(localRetention); err == nil {
		if err := json.Unmarshal(b, &r); err != nil {
			d.log.Error("read retention periods", "code", "E-SETTINGS", "err", err)
		}
	}
	return r
}

// SetRetention changes them.
func (d *Desk) SetRetention(who Who, r Retention) error {
	if err := who.need(RightSettings); err != nil {
		return err
	}
	var ps Problems
	for _, x := range [...]struct {
		field          string
		value, low, up int
	}{{"voter_months", r.VoterMonths, 1, 1200}, {"matter_months", r.MatterMonths, 1, 1200}, {"draft_days", r.DraftDays, 1, 365}} {
		if x.value < x.low || x.value > x.up {
			ps.add(x.field, outside(x.low, x.up))
		}
	}
	if err := ps.err(); err != nil {
		return err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return d.save(ledger.Change{Local: []ledger.Local{{Name: localRetention, Value: b}},
		New: []ledger.New{d.audit(who, ActSettings, "retention", true, fmt.Sprintf("%d/%d/%d", r.VoterMonths, r.MatterMonths, r.DraftDays))}})
}

// An Overdue is a reception of which something has been kept long enough.
type Overdue struct {
	ID      ledger.ID
	Number  Number
	Done    time.Time // when its matters were done
	Content bool      // the words too
}

// Overdue lists what the periods ask to erase today.
func (d *Desk) Overdue() ([]Overdue, error) {
	r, now := d.Retention(), d.now()
	voter, matter := now.AddDate(0, -r.VoterMonths, 0), now.AddDate(0, -r.MatterMonths, 0)
	var due []Overdue
	err := each(d.led, KindVisit, func(id ledger.ID, v Visit) {
		if v.Entered.Before(voter) { // the others cannot be due
			due = append(due, Overdue{ID: id, Number: v.Number})
		}
	})
	if err != nil {
		return nil, err
	}
	var out []Overdue
	for _, o := range due {
		f, err := read(d.led, o.ID)
		if err != nil {
			continue // the check names it
		}
		done, ok := d.doneAt(f)
		if !ok || !done.Before(voter) {
			continue
		}
		o.Done, o.Content = done, done.Before(matter) && slices.ContainsFunc(f.Matters, func(m Matter) bool { return m.Content != Erased })
		named := !f.voterRev.IsZero() && !f.voterGone && f.Voter.Erased.IsZero()
		if named || o.Content {
			out = append(out, o)
		}
	}
	return out, nil
}

// doneAt is when the last matter of a reception was done; false while one is
// not, or while something promised is still to be kept.
func (d *Desk) doneAt(f Full) (time.Time, bool) {
	done := f.Visit.Entered
	for i := range f.Matters {
		l, err := d.life(f.MatterID(i), true)
		if err != nil || !l.State.Ended() && l.State != StAnswered || l.OpenPromise() {
			return time.Time{}, false
		}
		for _, s := range l.Steps {
			if s.Moot == nil && s.At.After(done) {
				done = s.At
			}
		}
	}
	return done, true
}

// ApplyRetention erases what has been kept long enough, and drops old drafts.
// The rule was set by people; it needs no second person each night.
func (d *Desk) ApplyRetention(ctx context.Context) (erased int, err error) {
	due, err := d.Overdue()
	if err != nil {
		return 0, err
	}
	for _, o := range due {
		if err := ctx.Err(); err != nil {
			return erased, err
		}
		if err := d.blank(Owner(), o.ID, o.Content, "保存期满", "retention"); err != nil {
			return erased, err
		}
		erased++
	}
	if err := d.dropOldDrafts(); err != nil {
		return erased, err
	}
	return erased, d.FinishErasing(ctx)
}

func (d *Desk) dropOldDrafts() error {
	all, err := d.led.Drafts("")
	if err != nil {
		return err
	}
	before := d.now().AddDate(0, 0, -d.Retention().DraftDays)
	var c ledger.Change
	for _, x := range all {
		if x.At.Before(before) {
			c.Drafts = append(c.Drafts, ledger.Draft{Who: x.Who, Form: x.Form})
		}
	}
	if c.Empty() {
		return nil
	}
	return d.save(c)
}
