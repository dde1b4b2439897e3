package station_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
)

// travels returns what leaves the station of its journal from an entry on.
func (b *bench) travels(after ledger.Seq) []ledger.Entry {
	b.Helper()
	es, err := b.led.Since(b.led.Own(), after, 1<<30)
	if err != nil {
		b.Fatal(err)
	}
	for i, e := range es {
		if station.Withheld(b.led, e) {
			es[i] = e.Withhold()
		}
	}
	return es
}

// contacts returns name and phone of every contact that travels, "-" for one
// that is withheld, "" for one withdrawn.
func contacts(t testing.TB, es []ledger.Entry) (out []string) {
	t.Helper()
	for _, e := range es {
		if e.Kind != station.KindContact {
			continue
		}
		if e.Absent() {
			out = append(out, "-")
			continue
		}
		var c station.Contact
		if err := json.Unmarshal(e.Body, &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.TrimSpace(c.Name+" "+c.Phone))
	}
	return out
}

var personal = []string{"王小明", "13800138000", "前艾村8组", "321181190001010016", "wangxiaoming", "138****8000"}

func TestNameAndPhoneLeaveWithDEFOnly(t *testing.T) {
	for _, term := range station.Dispositions {
		for _, confidential := range []bool{false, true} {
			b := newDesk(t)
			r := lamp()
			r.Confidential, r.Ref = confidential, "13800138000"
			r.Voter.Address, r.Voter.IDCard = "前艾村8组", "321181190001010016"
			r.Matters[0].Disposition = term.Code
			b.receive(attendant, r)
			got := contacts(t, b.travels(0))
			var want []string
			if slices.Contains([]string{"D", "E", "F"}, term.Key) && !confidential {
				want = []string{"王小明 13800138000"}
			}
			equal(t, term.Key+" "+term.Code, got, want)
			for _, e := range b.travels(0) {
				if e.Kind == station.KindVoter && !e.Absent() {
					t.Errorf("%s: the voter's record travels", term.Code)
				}
				for _, p := range personal {
					if e.Kind != station.KindContact && strings.Contains(string(e.Body), p) {
						t.Errorf("%s: %s carries %s: %s", term.Code, e.Kind, p, e.Body)
					}
					if strings.Contains(string(e.AppendBinary(nil)), p) {
						t.Errorf("%s: the header of %s carries %s", term.Code, e.Kind, p)
					}
				}
				if e.Kind == station.KindContact && (strings.Contains(string(e.Body), "8组") || strings.Contains(string(e.Body), "321181190001010016")) {
					t.Errorf("%s: a contact carries more than name and phone: %s", term.Code, e.Body)
				}
			}
		}
	}
}

// The evening before the sync: what was corrected in time never leaves.
func TestAContactCorrectedBeforeTheNightIsWithheld(t *testing.T) {
	for what, x := range map[string]struct {
		change func(*station.Reception)
		want   []string
	}{
		"disposition":     {func(r *station.Reception) { r.Matters[0].Disposition = "onspot" }, []string{"-", ""}},
		"confidence":      {func(r *station.Reception) { r.Confidential = true }, []string{"-", ""}},
		"anonymous":       {func(r *station.Reception) { r.Voter.Anonymous, r.Voter.Phone = true, "" }, []string{"-", ""}},
		"a wrong phone":   {func(r *station.Reception) { r.Voter.Phone = "13800138001" }, []string{"-", "王小明 13800138001"}},
		"something else":  {func(r *station.Reception) { r.Persons = 2 }, []string{"王小明 13800138000"}},
		"another city":    {func(r *station.Reception) { r.Matters[0].Disposition = "upper" }, []string{"王小明 13800138000"}},
		"a second matter": {func(r *station.Reception) { r.Matters = append(r.Matters, r.Matters[0]) }, []string{"王小明 13800138000", "王小明 13800138000"}},
	} {
		b := newDesk(t)
		r := lamp()
		r.Matters[0].Disposition = "city"
		n := b.receive(attendant, r).Number
		b.correct(attendant, n, x.change)
		equal(t, what, contacts(t, b.travels(0)), x.want)
	}
	b := newDesk(t)
	r := lamp()
	r.Matters[0].Disposition = "city"
	n := b.receive(attendant, r).Number
	if err := b.Void(attendant, b.lookup(string(n)), "登记错误"); err != nil {
		t.Fatal(err)
	}
	equal(t, "void", contacts(t, b.travels(0)), []string{"-", ""})
}

func TestASentContactIsWithdrawn(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Matters[0].Disposition = "city"
	n := b.receive(attendant, r).Number
	sent := b.travels(0)
	equal(t, "sent", contacts(t, sent), []string{"王小明 13800138000"})
	b.correct(attendant, n, func(r *station.Reception) { r.Matters[0].Disposition = "town" })
	equal(t, "next night", contacts(t, b.travels(sent[len(sent)-1].Seq)), []string{""})
	before := len(b.journal())
	if err := b.Void(attendant, b.lookup(string(n)), "登记错误"); err != nil {
		t.Fatal(err)
	}
	if n := len(b.journal()) - before; n != 1 {
		t.Errorf("a void wrote %d entries; an empty contact needs no second emptying", n)
	}
	b.receive(attendant, r)
	equal(t, "another reception", contacts(t, b.travels(ledger.Seq(before+1))), []string{"王小明 13800138000"})
}

// She opened the reception; meanwhile the voter asked for confidence at the
// other desk. Her correction of the category must not bring the phone back.
func TestAnOldReadingBroughtAContactBack(t *testing.T) {
	for what, meanwhile := range map[string]func(*bench, station.Full){
		"confidence": func(b *bench, f station.Full) {
			b.correct(attendant, f.Visit.Number, func(r *station.Reception) { r.Confidential = true })
		},
		"void": func(b *bench, f station.Full) {
			if err := b.Void(attendant, f, "登记错误"); err != nil {
				b.Fatal(err)
			}
		},
	} {
		b := newDesk(t)
		r := lamp()
		r.Matters[0].Disposition = "city"
		n := b.receive(attendant, r).Number
		hers := b.lookup(string(n))
		meanwhile(b, b.lookup(string(n)))
		change := hers.Reception()
		change.Matters[0].Category = "12"
		problem(t, b.Correct(head, hers, change, "分类", ""), "E-STALE")
		equal(t, what, contacts(t, b.travels(0)), []string{"-", ""})
	}
}

func TestALostNameDoesNotWithdrawTheContact(t *testing.T) {
	a := newDesk(t)
	r := lamp()
	r.Matters[0].Disposition = "city"
	n := a.receive(attendant, r).Number
	b := newDesk(t) // the station's disk was lost; the city sends back what it has
	if _, err := b.Ledger().Commit(t.Context(), ledger.Change{Foreign: a.travels(0)}); err != nil {
		t.Fatal(err)
	}
	b.correct(head, n, func(r *station.Reception) { r.Matters[0].Category = "12" })
	equal(t, "contacts written by the correction", contacts(t, b.journal()), nil)
	b.correct(head, n, func(r *station.Reception) { r.Confidential = true })
	equal(t, "confidence withdraws it", contacts(t, b.journal()), []string{""})
	b.correct(head, n, func(r *station.Reception) { r.Voter.Name = "王小明" })
	if f := b.lookup(string(n)); f.Voter.Name != "王小明" {
		t.Errorf("the name typed again: %+v", f.Voter)
	}
}

// Index keys and settings stay readable in the file; so does the log.
func TestNoPersonalDataInKeysFilesOrLogs(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Ref = "王小明 13800138000"
	r.Voter.Address, r.Voter.IDCard = "前艾村8组", "321181190001010016"
	r.Session.Where = "王小明家"
	r.Matters[0].Disposition = "proposal"
	n := b.receive(attendant, r).Number
	b.correct(attendant, n, func(r *station.Reception) { r.Persons = 2 })
	bad := r
	bad.Voter.Phone = "王小明13800138000"
	if _, err := b.Receive(attendant, bad, true, ""); err == nil || strings.Contains(err.Error(), "王小明") || strings.Contains(err.Error(), "13800138000") {
		t.Errorf("the refusal repeats what was typed: %v", err)
	}
	b.find("王小明")
	keys := station.Indexes().Keys
	for _, e := range b.journal() {
		for _, k := range keys(e) {
			for _, p := range personal {
				if strings.Contains(k.Key, p) {
					t.Errorf("index %s has the key %s", k.Index, k.Key)
				}
			}
		}
		if e.Private != (e.Kind == station.KindVoter) {
			t.Errorf("%s is private: %v", e.Kind, e.Private)
		}
	}
	if log := b.log.String(); log != "" {
		t.Errorf("logged %s", log)
	}
	names, private := station.Kinds()
	for _, k := range names {
		if private[k] != (k == station.KindVoter) {
			t.Errorf("kind %s is private: %v", k, private[k])
		}
		if l := station.KindLabel(k); l.ZH == "" || l.EN == "" || l.ZH == string(k) {
			t.Errorf("kind %s is called %+v", k, l)
		}
	}
	if l := station.KindLabel("newer"); l.ZH != "newer" {
		t.Errorf("an unknown kind is called %+v", l)
	}
}

// A kind that this program does not know passes through.
func TestUnknownKindsPassThrough(t *testing.T) {
	b := newDesk(t)
	if _, err := b.Ledger().Commit(t.Context(), foreign(t, "city", "newer", "0192-newer", `{"matter":"x","to":42}`)); err != nil {
		t.Fatal(err)
	}
	rec, err := b.led.Record("newer", "0192-newer")
	if err != nil || string(rec.Body) != `{"matter":"x","to":42}` {
		t.Errorf("record %s, %v", rec.Body, err)
	}
	b.receive(attendant, lamp())
	es := b.journal()
	if seen := es[len(es)-1].Seen; len(seen) != 1 || seen[0].Stream != "city/A-test" || seen[0].Seq != 1 {
		t.Errorf("the header has seen %v", seen)
	}
}
