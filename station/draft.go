package station

import (
	"encoding/json"
	"time"

	"liaison/station/ledger"
)

// A Draft is what somebody typed into a form and has not saved: the form's
// values by field.
type Draft struct {
	Form   string // which form: "reception", or "correct-<id>"
	At     time.Time
	Values map[string]string
}

// SaveDraft keeps a draft durably; it overwrites the earlier one of the same
// person and form.
func (d *Desk) SaveDraft(who Who, dr Draft) error {
	body, err := json.Marshal(dr.Values)
	if err != nil {
		return err
	}
	return d.save(ledger.Change{Drafts: []ledger.Draft{{Who: who.Account, Form: dr.Form, At: d.now(), Body: body}}})
}

// DropDraft forgets a draft.
func (d *Desk) DropDraft(who Who, form string) error {
	return d.save(ledger.Change{Drafts: []ledger.Draft{{Who: who.Account, Form: form}}})
}

// Drafts returns a person's drafts, newest first. Nobody has none: to the
// ledger no account means everybody's.
func (d *Desk) Drafts(who Who) ([]Draft, error) {
	if who.Account == "" {
		return nil, nil
	}
	ds, err := d.led.Drafts(who.Account)
	if err != nil {
		return nil, err
	}
	var out []Draft
	for _, x := range ds {
		dr := Draft{Form: x.Form, At: x.At}
		if err := json.Unmarshal(x.Body, &dr.Values); err != nil {
			d.log.Error("read draft", "code", "E-DRAFT", "form", x.Form, "err", err)
			continue
		}
		out = append(out, dr)
	}
	return out, nil
}
