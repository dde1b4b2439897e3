package station

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// mayCorrect asks the table: everyone's, or what one recorded oneself.
func (d *Desk) mayCorrect(who Who, v Visit) error {
	if who.May(RightCorrectAll) || who.May(RightCorrectOwn) && v.By == who.Account {
		return nil
	}
	if who.May(RightCorrectOwn) {
		return typed.Problem{Code: ErrForbidden,
			ZH: "只能更正自己登记的;别人登记的请找站长。", EN: "You may correct what you recorded yourself; for this one ask the head."}
	}
	return who.need(RightCorrectOwn)
}

func needReason(reason string) (string, error) {
	var ps Problems
	reason = ps.text("reason", reason, maxLine)
	if reason == "" {
		ps.add("reason", &typed.Problem{Code: "reason-missing", ZH: "请写明原因。", EN: "Give the reason."})
	}
	return reason, ps.err()
}

// unchanged reads a reception again and requires it to be as it was read
// before: a change is judged by what it was made upon, and what others have
// decided since, such as confidence, must not be undone unseen. The desk is
// locked.
func (d *Desk) unchanged(was Full) (Full, error) {
	now, err := read(d.led, was.ID)
	if err != nil {
		return now, err
	}
	if now.rev != was.rev || now.voterRev != was.voterRev || !slices.Equal(now.matterRevs, was.matterRevs) {
		return now, fmt.Errorf("visit %s: %w", was.ID, ledger.ErrStale)
	}
	return now, nil
}

// Correct writes new revisions of what differs between the reception as it
// was read and as it is now typed, in one commit. Number, day, session and
// first entry time stay. The i-th issue corrects the i-th matter; further ones
// are new matters. A matter cannot be taken away: void the reception instead.
// The draft of that form goes with the commit. ErrStale says that somebody
// else was faster.
func (d *Desk) Correct(who Who, was Full, r Reception, reason, draft string) error {
	if err := d.mayCorrect(who, was.Visit); err != nil {
		return err
	}
	reason, err := needReason(reason)
	if err != nil {
		return err
	}
	if was.Visit.Void != "" {
		return typed.Problem{Code: "void", ZH: "这条登记已作废,不能更正。", EN: "This reception is void and cannot be corrected."}
	}
	r, ps := d.checkAgain(was, r)
	if len(r.Matters) < len(was.Matters) {
		ps.add("matters", &typed.Problem{Code: "matter-removed", ZH: "已登记的事项不能删去。", EN: "A recorded matter cannot be removed."})
	}
	if err := ps.err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if was, err = d.unchanged(was); err != nil {
		return err
	}
	if err := d.mayReclass(was, r); err != nil {
		return err
	}
	w := writer{who: who, at: d.now(), seen: d.seen()}
	d.correct(&w, was, r, reason)
	if w.err != nil {
		return w.err
	}
	if len(w.news) == 0 {
		return typed.Problem{Code: "unchanged", ZH: "没有改动。", EN: "Nothing was changed."}
	}
	c := ledger.Change{New: w.news}
	if draft != "" {
		c.Drafts = []ledger.Draft{{Who: who.Account, Form: draft}}
	}
	c.New = append(c.New, d.audit(who, ActCorrect, string(was.Visit.Number), true, ""))
	return d.save(c)
}

// mayReclass: once something has been done about a matter, what it is classed
// as is changed by a step, not by a correction.
func (d *Desk) mayReclass(was Full, r Reception) error {
	var ps Problems
	for i, m := range was.Matters {
		if m.Disposition == r.Matters[i].Disposition {
			continue
		}
		l, err := d.life(was.MatterID(i), false)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(l.Steps, func(s Done) bool { return s.Action != DoNote && s.Action != DoJoin }) {
			ps.add("matters["+strconv.Itoa(i)+"].disposition", &typed.Problem{Code: "disposition-in-hand",
				ZH: "已经有办理步骤,处理方式请在办理中改(审核、报市、退回重办),不能用更正。", EN: "It is being handled; change how by a step (review, pass up, return), not by a correction."})
		}
	}
	return ps.err()
}

// checkAgain checks a correction. Faults that the reception already had when
// it was recorded, such as a deputy who is not in the roster of today, are
// none of the corrector's.
func (d *Desk) checkAgain(was Full, r Reception) (Reception, Problems) {
	before := was.Reception()
	r.At, r.Ref, r.Session = before.At, "", before.Session
	_, known := d.Check(before, false)
	r, ps := d.Check(r, false)
	return r, slices.DeleteFunc(ps, func(p FieldProblem) bool { return slices.Contains(known, p) })
}

// correct adds the new revisions to a commit.
func (d *Desk) correct(w *writer, was Full, r Reception, reason string) {
	v := visitOf(r)
	v.Number, v.Session, v.By, v.Entered, v.RefHash = was.Visit.Number, was.Visit.Session, was.Visit.By, was.Visit.Entered, was.Visit.RefHash
	old := was.Visit
	old.Reason = ""
	if !sameJSON(old, v) {
		v.Reason = reason
		w.put(KindVisit, was.ID, was.rev, v)
	}
	voter, oldVoter := voterOf(r), was.Voter
	oldVoter.Reason, oldVoter.Erased = "", time.Time{}
	if !sameJSON(oldVoter, voter) {
		voter.Reason = reason
		w.put(KindVoter, was.ID, was.voterRev, voter)
	}
	for i, in := range r.Matters {
		id := d.correctMatter(w, was, i, matterOf(in, was.ID, v, i+1), reason)
		d.correctContact(w, was, r, in, id)
	}
}

// correctMatter adds the i-th matter's new revision, or a new matter, and
// returns its id.
func (d *Desk) correctMatter(w *writer, was Full, i int, m Matter, reason string) ledger.ID {
	if i >= len(was.Matters) {
		id := newID()
		m.Reason = reason
		w.put(KindMatter, id, ledger.Ref{}, m)
		return id
	}
	old := was.Matters[i]
	old.Reason = ""
	if !sameJSON(old, m) {
		m.Reason = reason
		w.put(KindMatter, was.matterIDs[i], was.matterRevs[i], m)
	}
	return was.matterIDs[i]
}

// correctContact adds the new revision of a matter's contact. One that no
// longer may travel is emptied; if it had not been sent yet, its earlier
// revision never will be (Withheld).
func (d *Desk) correctContact(w *writer, was Full, r Reception, in Issue, id ledger.ID) {
	if l, err := d.life(id, false); err == nil && was.Visit.Number != "" {
		if l.Disposition != l.Matter.Disposition { // a step has classed it anew
			in.Disposition = l.Disposition
		}
	}
	c, may := contactOf(r, in, was.ID)
	if was.voterGone && r.Voter.Name == "" && r.Voter.Phone == "" && Handed(in.Disposition) && !r.Confidential {
		return // who it is stayed in a file that was lost; the contact still knows
	}
	rec, err := d.led.Record(KindContact, id)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		if may {
			w.put(KindContact, id, ledger.Ref{}, c)
		}
		return
	case err != nil:
		w.err = errors.Join(w.err, err)
		return
	case !may:
		c = Contact{Visit: was.ID}
	}
	if old, err := decode[Contact](rec.Entry); err != nil || old != c {
		w.put(KindContact, id, rec.Ref, c)
	}
}

// Void marks a reception as made in error (作废). Its number stays and is
// never given again; contacts not yet sent are withheld, sent ones withdrawn.
// A second time changes nothing.
func (d *Desk) Void(who Who, was Full, reason string) error {
	if err := d.mayCorrect(who, was.Visit); err != nil {
		return err
	}
	reason, err := needReason(reason)
	if err != nil {
		return err
	}
	if was.Visit.Void != "" {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if was, err = d.unchanged(was); err != nil {
		return err
	}
	w := writer{who: who, at: d.now(), seen: d.seen()}
	v := was.Visit
	v.Void, v.Reason = reason, ""
	w.put(KindVisit, was.ID, was.rev, v)
	for _, id := range was.matterIDs {
		d.correctContact(&w, Full{ID: was.ID}, Reception{}, Issue{}, id)
	}
	if w.err != nil {
		return w.err
	}
	return d.save(ledger.Change{New: append(w.news, d.audit(who, ActVoid, string(was.Visit.Number), true, ""))})
}
