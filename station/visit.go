package station

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Kinds of the reception record. The voter's name and phone are a private
// record of their own, under the visit's id; a contact, under the matter's
// id, is the only record that carries them away from the station.
const (
	KindVisit   ledger.Kind = "visit"
	KindVoter   ledger.Kind = "voter"
	KindContact ledger.Kind = "contact"
)

// A Visit is one voter or group sitting down (接待批次). It holds nothing that
// names the voter.
type Visit struct {
	Number       Number    `json:"number"`
	Session      ledger.ID `json:"session"`
	By           string    `json:"by"` // account that recorded it first
	At           time.Time `json:"at"`
	Entered      time.Time `json:"entered"` // when it was first saved; a later day than At is 补录
	RefHash      string    `json:"ref,omitempty"`
	Channel      string    `json:"channel"`
	Persons      int       `json:"persons"`
	Village      string    `json:"village,omitempty"`
	Sex          string    `json:"sex,omitempty"`
	AgeBand      string    `json:"age,omitempty"`
	Anonymous    bool      `json:"anonymous,omitempty"`
	NoContact    bool      `json:"no_contact,omitempty"`
	Confidential bool      `json:"confidential,omitempty"`
	Notified     bool      `json:"notified,omitempty"`
	Void         string    `json:"void,omitempty"` // reason; the number stays
	Reason       string    `json:"reason,omitempty"`
}

// Late reports 补录: entered on a later day than the reception took place.
func (v Visit) Late() bool {
	return typed.DateOf(v.Entered.In(Beijing)).Compare(typed.DateOf(v.At.In(Beijing))) > 0
}

// A Voter is who came. Private: its body never leaves the station.
type Voter struct {
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Address string `json:"address,omitempty"`
	IDCard  string `json:"idcard,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Erased is when the person was erased; nothing else is left then.
	Erased time.Time `json:"erased,omitzero"`
}

// A Contact carries name and phone to whoever must call the voter: written
// for dispositions D, E and F only, and never where the voter asked for
// confidence. An empty one withdraws what was sent.
type Contact struct {
	Visit ledger.ID `json:"visit"`
	Name  string    `json:"name,omitempty"`
	Phone string    `json:"phone,omitempty"`
}

// Index "visit-number": numberKey. Index "visit-day": Beijing time of the
// reception. Index "visit-session". Index "visit-ref": hash of the caller's
// own reference.
func visitKeys(e ledger.Entry) []ledger.Key {
	v, err := decode[Visit](e)
	if err != nil {
		return nil
	}
	ks := []ledger.Key{
		{Index: "visit-number", Key: numberKey(v.Number)},
		{Index: "visit-day", Key: dayKey(v.At)},
		{Index: "visit-session", Key: string(v.Session)},
	}
	if v.RefHash != "" {
		ks = append(ks, ledger.Key{Index: "visit-ref", Key: v.RefHash})
	}
	return ks
}

// refHash hides a caller's reference, which may hold anything.
func refHash(station, ref string) string {
	if ref == "" {
		return ""
	}
	h := sha256.Sum256([]byte(station + "\x00" + ref))
	return hex.EncodeToString(h[:16])
}

// Saved is what the desk answers to a save.
type Saved struct {
	Number  Number
	ID      ledger.ID
	Session Session
	Known   bool // it had been recorded before, under the same ref or by a save that was left open; nothing was written
}

// Receive records a reception: number, session, visit, voter, matters and
// contacts in one durable commit, together with the dropping of the draft of
// that form which it came from ("" for none). The number in the answer exists
// from then on. A reference that was recorded before is answered with what was
// recorded then. A Problems error says which fields are at fault; nothing was
// written.
func (d *Desk) Receive(who Who, r Reception, asked bool, draft string) (Saved, error) {
	if err := who.need(RightRecord); err != nil {
		return Saved{}, err
	}
	sessionID, asTyped := ledger.ID(r.Session.ID), r
	r, ps := d.Check(r, asked)
	if err := ps.err(); err != nil {
		return Saved{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if known, ok, err := d.byRef(r.Ref); err != nil || ok {
		return known, err
	}
	if known, ok, err := d.sure(who, asTyped, draft); err != nil || ok {
		return known, err
	}
	now := d.now()
	want := r.Session.session(typed.DateOf(r.At.In(Beijing)))
	want.ID = sessionID
	s, sessionEntry, err := d.sessionFor(who, want, now)
	if err != nil {
		return Saved{}, err
	}
	num, err := d.number("visit-number", "", now)
	if err != nil {
		return Saved{}, err
	}
	id := newID()
	w := writer{who: who, at: now, seen: d.seen()}
	if sessionEntry != nil {
		w.news = append(w.news, *sessionEntry)
	}
	w.put(KindVoter, id, ledger.Ref{}, voterOf(r))
	v := visitOf(r)
	v.Number, v.Session, v.By, v.Entered, v.RefHash = num, s.ID, who.Account, now, refHash(d.code(), r.Ref)
	w.put(KindVisit, id, ledger.Ref{}, v)
	leads, err := d.leads(who, r.Matters)
	if err != nil {
		return Saved{}, err
	}
	for i, m := range r.Matters {
		mid := newID()
		w.put(KindMatter, mid, ledger.Ref{}, matterOf(m, id, v, i+1))
		if leads[i] != "" {
			w.put(KindStep, newID(), ledger.Ref{}, Step{Matter: mid, Action: DoJoin, Role: who.Role, By: who.Account, Name: who.Name, Lead: leads[i]})
		}
		if c, ok := contactOf(r, m, id); ok {
			w.put(KindContact, mid, ledger.Ref{}, c)
		}
	}
	if w.err != nil {
		return Saved{}, w.err
	}
	c := ledger.Change{New: w.news}
	if draft != "" {
		c.Drafts = []ledger.Draft{{Who: who.Account, Form: draft}}
	}
	es, err := d.commit(c)
	if errors.Is(err, ledger.ErrUnsure) {
		d.leftOpen(who, asTyped, draft, id)
	}
	if err != nil {
		return Saved{}, err
	}
	if sessionEntry != nil {
		s.Rev = es[0].Ref
	}
	return Saved{Number: num, ID: id, Session: s}, nil
}

// leads finds the matters that repeated ones join: the earlier one that is
// named, or the one which that follows. The desk is locked.
func (d *Desk) leads(who Who, in []Issue) ([]ledger.ID, error) {
	var ps Problems
	out := make([]ledger.ID, len(in))
	for i, m := range in {
		if m.Repeat == "" {
			continue
		}
		f, n, err := d.Lookup(who, m.Repeat)
		var l Life
		if err == nil {
			l, err = d.life(f.MatterID(max(n, 1)-1), false)
		}
		switch {
		case err != nil || l.State == StVoid || l.Station != d.code():
			ps.add(fmt.Sprintf("matters[%d].repeat", i), &typed.Problem{Code: "lead-not",
				ZH: "没有可以并入的“" + quote(m.Repeat) + "”。", EN: "There is no “" + quote(m.Repeat) + "” to join."})
		case l.State.Ended():
			ps.add(fmt.Sprintf("matters[%d].repeat", i), &typed.Problem{Code: "lead-over",
				ZH: "“" + quote(m.Repeat) + "”已经了结,这次反映的请另行办理(按 F7 撤销并入)。", EN: "“" + quote(m.Repeat) + "” is over; what is brought up now is handled by itself (F7 undoes the joining)."})
		case l.Lead != "":
			out[i] = l.Lead
		default:
			out[i] = l.MatterID
		}
	}
	return out, ps.err()
}

// byRef looks up a reference that was recorded before. The desk is locked.
func (d *Desk) byRef(ref string) (Saved, bool, error) {
	if ref == "" {
		return Saved{}, false, nil
	}
	h := refHash(d.code(), ref)
	hits, err := d.led.Find(exactly("visit-ref", h))
	if err != nil || len(hits) == 0 {
		return Saved{}, false, err
	}
	rec, err := d.led.Record(KindVisit, hits[0].ID)
	if err != nil {
		return Saved{}, false, err
	}
	v, err := decode[Visit](rec.Entry)
	if err != nil {
		return Saved{}, false, err
	}
	s, err := d.Session(v.Session)
	if errors.Is(err, ledger.ErrNotFound) {
		err = nil
	}
	return Saved{Number: v.Number, ID: rec.ID, Session: s, Known: true}, err == nil, err
}

// writer collects the entries of one commit.
type writer struct {
	who  Who
	at   time.Time
	seen []ledger.Ref
	news []ledger.New
	err  error

	stream ledger.Stream // that it goes to; zero: the main one
}

func (w *writer) put(k ledger.Kind, id ledger.ID, replaces ledger.Ref, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		w.err = errors.Join(w.err, err)
	}
	w.news = append(w.news, ledger.New{Stream: w.stream, Kind: k, ID: id, At: w.at, By: w.who.Account, Private: isPrivate(k), Replaces: replaces, Seen: w.seen, Body: b})
}

func visitOf(r Reception) Visit {
	return Visit{At: r.At.UTC().Truncate(time.Second), Channel: r.Channel, Persons: r.Persons, Village: r.Voter.Village,
		Sex: r.Voter.Sex, AgeBand: r.Voter.AgeBand, Anonymous: r.Voter.Anonymous, NoContact: r.Voter.NoContact,
		Confidential: r.Confidential, Notified: r.Notified}
}

func voterOf(r Reception) Voter {
	return Voter{Name: r.Voter.Name, Phone: r.Voter.Phone, Address: r.Voter.Address, IDCard: r.Voter.IDCard}
}

func contactOf(r Reception, m Issue, visit ledger.ID) (Contact, bool) {
	c := Contact{Visit: visit, Name: r.Voter.Name, Phone: r.Voter.Phone}
	return c, Handed(m.Disposition) && !r.Confidential && (c.Name != "" || c.Phone != "")
}

// Withheld reports whether an entry's body stays at the station: private
// kinds always, and a contact that was corrected before it was sent.
func Withheld(l ledger.Ledger, e ledger.Entry) bool {
	if e.Private || isPrivate(e.Kind) {
		return true
	}
	if e.Kind != KindContact {
		return false
	}
	rec, err := l.Record(e.Kind, e.ID)
	return err != nil || rec.Ref != e.Ref
}
