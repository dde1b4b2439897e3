package station

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"liaison/station/ledger"
)

// An unsureSave is a reception of which the disk would not say whether it is
// saved. Who presses the key again must not record it twice.
type unsureSave struct {
	id   ledger.ID
	hash [sha256.Size]byte // of what was to be recorded
}

// unsureKey is the form that a save came from: an account has one of a name.
func unsureKey(who Who, draft string) string { return who.Account + "\x00" + draft }

// hashOf is what was typed, but for the time of day, and for the session's id,
// which the first try may have made.
func hashOf(r Reception) (h [sha256.Size]byte, ok bool) {
	r.Session.ID = ""
	if !r.At.IsZero() {
		at := r.At.In(Beijing)
		r.At = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, Beijing)
	}
	b, err := json.Marshal(r)
	return sha256.Sum256(b), err == nil
}

// localSure is a setting that is written to have the ledger find out what
// became of a commit: it must succeed before anything is believed.
const localSure = "desk/sure"

// sure finds out what became of an earlier save of the same form that was left
// open, once the disk answers again. Where that is there, and was of the same
// words, it is the answer to this save, too. The desk is locked.
func (d *Desk) sure(who Who, r Reception, draft string) (Saved, bool, error) {
	was, open := d.unsure[unsureKey(who, draft)]
	if !open {
		return Saved{}, false, nil
	}
	at, err := d.now().MarshalText()
	if err != nil {
		return Saved{}, false, err
	}
	if err := d.save(ledger.Change{Local: []ledger.Local{{Name: localSure, Value: at}}}); err != nil {
		return Saved{}, false, err
	}
	rec, err := d.led.Record(KindVisit, was.id)
	if errors.Is(err, ledger.ErrNotFound) {
		delete(d.unsure, unsureKey(who, draft))
		return Saved{}, false, nil
	}
	if err != nil {
		return Saved{}, false, err
	}
	v, err := decode[Visit](rec.Entry)
	if err != nil {
		return Saved{}, false, err
	}
	d.after([]ledger.Entry{rec.Entry}, ledger.Change{}) // nobody was told when it was committed
	delete(d.unsure, unsureKey(who, draft))
	if h, ok := hashOf(r); !ok || h != was.hash {
		return Saved{}, false, nil // they typed something else meanwhile
	}
	s, err := d.Session(v.Session)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return Saved{}, false, err
	}
	return Saved{Number: v.Number, ID: rec.ID, Session: s, Known: true}, true, d.dropLate(who, draft)
}

// dropLate drops a draft that was saved after the reception it became.
func (d *Desk) dropLate(who Who, draft string) error {
	return d.save(ledger.Change{Drafts: []ledger.Draft{{Who: who.Account, Form: draft, At: time.Time{}}}})
}

// leftOpen remembers a save whose commit was left open. The desk is locked.
func (d *Desk) leftOpen(who Who, r Reception, draft string, id ledger.ID) {
	h, ok := hashOf(r)
	if draft == "" || !ok {
		return
	}
	if d.unsure == nil {
		d.unsure = map[string]unsureSave{}
	}
	d.unsure[unsureKey(who, draft)] = unsureSave{id, h}
}
