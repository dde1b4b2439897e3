package station

import (
	"strings"

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
	reason = strings.TrimSpace(typed.Clean(reason, false))
	if reason == "" {
		return "", Problems{{"reason", typed.Problem{Code: "reason-missing",
			ZH: "请写明原因。", EN: "Give the reason."}}}
	}
	return clip(reason, maxLine), nil
}

// Correct writes new revisions of what differs between the reception as it
// was read and as it is now typed, in one commit. Number and first entry time
// stay. The i-th issue corrects the i-th matter; further ones are new matters.
// A matter cannot be taken away: void the reception instead. The draft of that
// form goes with the commit. ErrStale says that somebody else was faster.
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
	r.At = was.Visit.At
	r, ps := d.Check(r, false)
	if len(r.Matters) < len(was.Matters) {
		ps.add("matters", &typed.Problem{Code: "matter-removed", ZH: "已登记的事项不能删去。", EN: "A recorded matter cannot be removed."})
	}
	if err := ps.err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	w := writer{who: who, at: d.now(), seen: d.seen()}
	v := visitOf(r)
	v.Number, v.Session, v.By, v.Entered, v.RefHash = was.Visit.Number, was.Visit.Session, was.Visit.By, was.Visit.Entered, was.Visit.RefHash
	old := was.Visit
	old.Reason = ""
	if !sameJSON(old, v) {
		v.Reason = reason
		w.put(KindVisit, was.ID, was.rev, v)
	}
	voter, oldVoter := voterOf(r), was.Voter
	oldVoter.Reason = ""
	if !sameJSON(oldVoter, voter) {
		voter.Reason = reason
		w.put(KindVoter, was.ID, was.voterRev, voter)
	}
	for i, in := range r.Matters {
		if err := d.correctMatter(&w, was, r, i, in, v, reason); err != nil {
			return err
		}
	}
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
	return d.commitSure(c, KindVisit, was.ID)
}

// correctMatter adds the i-th matter's new revision, and its contact's, to a
// commit. A contact that no longer may travel is emptied; if it had not been
// sent yet, its earlier revision never will be (Withheld).
func (d *Desk) correctMatter(w *writer, was Full, r Reception, i int, in Issue, v Visit, reason string) error {
	m := matterOf(in, was.ID, v, i+1)
	id := newID()
	if i < len(was.Matters) {
		id = was.matterIDs[i]
		old := was.Matters[i]
		old.Reason = ""
		if !sameJSON(old, m) {
			m.Reason = reason
			w.put(KindMatter, id, was.matterRevs[i], m)
		}
	} else {
		m.Reason = reason
		w.put(KindMatter, id, ledger.Ref{}, m)
	}
	c, ok := contactOf(r, in, was.ID)
	rec, err := d.led.Record(KindContact, id)
	if err != nil {
		if ok {
			w.put(KindContact, id, ledger.Ref{}, c)
		}
		return nil
	}
	if !ok {
		c = Contact{Visit: was.ID}
	}
	old, err := decode[Contact](rec.Entry)
	if err != nil || old != c {
		w.put(KindContact, id, rec.Ref, c)
	}
	return nil
}

// Void marks a reception as made in error (作废). Its number stays and is
// never given again; contacts not yet sent are withheld, sent ones withdrawn.
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
	w := writer{who: who, at: d.now(), seen: d.seen()}
	v := was.Visit
	v.Void, v.Reason = reason, ""
	w.put(KindVisit, was.ID, was.rev, v)
	for _, id := range was.matterIDs {
		if rec, err := d.led.Record(KindContact, id); err == nil {
			w.put(KindContact, id, rec.Ref, Contact{Visit: was.ID})
		}
	}
	if w.err != nil {
		return w.err
	}
	return d.commitSure(ledger.Change{New: w.news}, KindVisit, was.ID)
}
