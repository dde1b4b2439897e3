package station

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Full is one reception with everything that belongs to it, as read at one
// moment. It is what a correction starts from.
type Full struct {
	ID      ledger.ID
	Station string // who wrote it
	Visit   Visit
	Voter   Voter
	Session Session
	Matters []Matter
	Rivals  int // other revisions that nothing replaces: two epochs wrote

	rev, voterRev ledger.Ref
	voterGone     bool // there was a voter whose body is not in this file
	matterIDs     []ledger.ID
	matterRevs    []ledger.Ref
}

// Read returns one reception by id, as far as who may see it.
func (d *Desk) Read(who Who, id ledger.ID) (Full, error) {
	f, err := read(d.led, id)
	if err != nil {
		return f, err
	}
	if who.May(RightSeeAll) {
		return f, nil
	}
	if err := who.need(RightSeeOwn); err != nil {
		return Full{}, err
	}
	mine := who.Deputy != "" && (slices.Contains(f.Session.Deputies, who.Deputy) ||
		slices.ContainsFunc(f.Matters, func(m Matter) bool { return m.Deputy == who.Deputy }))
	if !mine {
		return Full{}, who.need(RightSeeAll)
	}
	return f, nil
}

func read(l ledger.Ledger, id ledger.ID) (Full, error) {
	f := Full{ID: id}
	rec, err := l.Record(KindVisit, id)
	if err != nil {
		return f, err
	}
	if f.Visit, err = decode[Visit](rec.Entry); err != nil {
		return f, err
	}
	f.Station, f.rev, f.Rivals = rec.Stream.Writer(), rec.Ref, len(rec.Rivals)
	if rv, err := l.Record(KindVoter, id); err == nil {
		f.voterRev, f.voterGone = rv.Ref, rv.Absent()
		if !rv.Absent() {
			if f.Voter, err = decode[Voter](rv.Entry); err != nil {
				return f, err
			}
		}
	} else if !errors.Is(err, ledger.ErrNotFound) {
		return f, err
	}
	if rs, err := l.Record(KindSession, f.Visit.Session); err == nil {
		f.Session, _ = readSession(rs.Entry)
	}
	es, ms, err := matters(l, id, f.Station)
	if err != nil {
		return f, err
	}
	if l.Own().Writer() == CityCode && f.Voter.Name == "" && f.Voter.Phone == "" {
		c, err := contactSent(l, es)
		if err != nil {
			return f, err
		}
		f.Voter.Name, f.Voter.Phone = c.Name, c.Phone
	}
	f.Matters = ms
	for _, e := range es {
		f.matterIDs = append(f.matterIDs, e.ID)
		f.matterRevs = append(f.matterRevs, e.Ref)
	}
	return f, nil
}

// contactSent returns name and phone where one of a reception's matters was
// handed to someone who must call the voter.
func contactSent(l ledger.Ledger, matters []ledger.Entry) (Contact, error) {
	for _, m := range matters {
		rec, err := l.Record(KindContact, m.ID)
		if errors.Is(err, ledger.ErrNotFound) || err == nil && (rec.Absent() || rec.Stream.Writer() != m.Stream.Writer()) {
			continue
		}
		if err != nil {
			return Contact{}, err
		}
		if c, err := decode[Contact](rec.Entry); err != nil || c.Name != "" || c.Phone != "" {
			return c, err
		}
	}
	return Contact{}, nil
}

// Lookup finds a reception by the number a person gives, its own or one of
// its matters'. matter is 0 where the reception was meant. A number that two
// machines of one station have given is refused, and the ids are named by which
// each can be meant: an id is taken like a number, ID or ID/2.
func (d *Desk) Lookup(who Who, number string) (f Full, matter int, err error) {
	if id, rest, _ := strings.Cut(strings.TrimSpace(number), "/"); uuid.Validate(id) == nil {
		if matter, err = strconv.Atoi(rest); rest != "" && (err != nil || matter < 1) {
			return f, 0, badNumber(number)
		}
		f, err = d.Read(who, ledger.ID(strings.ToLower(id)))
		return f, matter, cmpErr(f.has(matter, err), err)
	}
	n, matter, err := ParseNumber(number)
	if err != nil {
		return f, 0, err
	}
	key := numberKey(n)
	find := exactly("visit-number", key)
	find.Limit = 0
	hits, err := d.led.Find(find)
	if err != nil {
		return f, 0, err
	}
	if len(hits) > 1 { // another station claims it: whose number it is, says the number
		hits = slices.DeleteFunc(hits, func(h ledger.Hit) bool {
			rec, err := d.led.Record(KindVisit, h.ID)
			return err != nil || !strings.HasPrefix(string(n), rec.Stream.Writer()+"-")
		})
	}
	switch len(hits) {
	case 0:
		return f, 0, typed.Problem{Code: "number-unknown",
			ZH: "没有编号 " + string(n) + " 的登记。", EN: "No reception has the number " + string(n) + "."}
	case 1:
		f, err = d.Read(who, hits[0].ID)
		return f, matter, cmpErr(f.has(matter, err), err)
	}
	return f, 0, d.twice(n, hits)
}

// has returns a problem where the reception that was read lacks a matter.
func (f Full) has(matter int, err error) error {
	if err != nil || matter <= len(f.Matters) {
		return nil
	}
	n := string(f.Visit.Number)
	return typed.Problem{Code: "number-unknown", ZH: n + " 没有这一件。", EN: n + " has no such matter."}
}

// twice names the receptions that have one number, by when they were recorded.
func (d *Desk) twice(n Number, hits []ledger.Hit) error {
	var ids []string
	for _, h := range hits {
		at := ""
		if rec, err := d.led.Record(KindVisit, h.ID); err == nil {
			if v, err := decode[Visit](rec.Entry); err == nil {
				at = " (" + v.At.In(Beijing).Format("2006-01-02 15:04") + ")"
			}
		}
		ids = append(ids, string(h.ID)+at)
	}
	all := strings.Join(ids, ", ")
	return typed.Problem{Code: "number-twice",
		ZH: "两台机器都用过编号 " + string(n) + ",请改用其中一条的标识:" + all + "。",
		EN: "Two machines gave the number " + string(n) + "; name one of the receptions by its id instead: " + all + "."}
}

// Reception turns what was read back into what can be typed, for correcting.
// A matter that lies where the voter lives says nothing of its own, so that it
// follows when the voter's village is corrected.
func (f Full) Reception() Reception {
	v := f.Visit
	r := Reception{At: v.At, Channel: v.Channel, Persons: v.Persons, Confidential: v.Confidential, Notified: v.Notified,
		Session: InSession{ID: string(f.Session.ID), Time: f.Session.Time, Place: f.Session.Place, Where: f.Session.Where,
			Topic: f.Session.Topic, Theme: f.Session.Theme, Deputies: f.Session.Deputies},
		Voter: InVoter{Name: f.Voter.Name, Phone: f.Voter.Phone, Address: f.Voter.Address, IDCard: f.Voter.IDCard,
			Village: v.Village, Sex: v.Sex, AgeBand: v.AgeBand, Anonymous: v.Anonymous, NoContact: v.NoContact}}
	for _, m := range f.Matters {
		if m.Village == v.Village {
			m.Village = ""
		}
		r.Matters = append(r.Matters, Issue{Title: m.Title, Content: m.Content, Kind: m.Kind, Category: m.Category,
			Disposition: m.Disposition, Reply: m.Reply, Deputy: m.Deputy, Refuse: m.Refuse, Affected: m.Affected,
			Urgency: m.Urgency, Village: m.Village, Distinct: m.Distinct})
	}
	return r
}

// A Revision is one step in the history of a reception: who, when, why, and
// which fields became what.
type Revision struct {
	At     time.Time
	By     string
	Kind   ledger.Kind
	Number string // of the matter, where one was revised
	First  bool
	Reason string
	Fields []FieldChange

	ref ledger.Ref
}

// inOrder compares revisions by when they were written: by epoch and number,
// since the clock of a kiosk may have been wrong.
func inOrder(a, b Revision) int {
	switch {
	case a.ref.Stream == b.ref.Stream:
		return cmp.Compare(a.ref.Seq, b.ref.Seq)
	case a.ref.Stream.Later(b.ref.Stream):
		return 1
	}
	return -1
}

// FieldChange is one field's old and new value as stored.
type FieldChange struct{ Field, Old, New string }

// Revisions returns the history of a reception, oldest first.
func (d *Desk) Revisions(who Who, f Full) ([]Revision, error) {
	if _, err := d.Read(who, f.ID); err != nil {
		return nil, err
	}
	var out []Revision
	add := func(k ledger.Kind, id ledger.ID, number string) error {
		es, err := d.led.History(k, id)
		if err != nil {
			return err
		}
		var last map[string]any
		for i, e := range es {
			var body map[string]any
			if !e.Absent() {
				if err := json.Unmarshal(e.Body, &body); err != nil {
					continue // the check names it
				}
			}
			r := Revision{At: e.At, By: e.By, Kind: k, Number: number, First: i == 0, ref: e.Ref}
			r.Reason, _ = body["reason"].(string)
			if void, ok := body["void"].(string); ok {
				r.Reason = void
			}
			if i > 0 {
				r.Fields = fieldChanges(last, body)
			}
			out, last = append(out, r), body
		}
		return nil
	}
	errs := []error{add(KindVisit, f.ID, ""), add(KindVoter, f.ID, "")}
	for i, id := range f.matterIDs {
		errs = append(errs, add(KindMatter, id, f.Matters[i].Number))
	}
	slices.SortStableFunc(out, inOrder)
	return out, errors.Join(errs...)
}

func fieldChanges(old, now map[string]any) []FieldChange {
	var out []FieldChange
	seen := map[string]bool{"reason": true}
	for _, m := range [...]map[string]any{old, now} {
		for k := range m {
			if seen[k] {
				continue
			}
			seen[k] = true
			if a, b := plain(old[k]), plain(now[k]); a != b {
				out = append(out, FieldChange{k, a, b})
			}
		}
	}
	slices.SortFunc(out, func(a, b FieldChange) int { return cmp.Compare(a.Field, b.Field) })
	return out
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(b)
}
