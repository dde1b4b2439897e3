package station

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A suggestion is what one first entry began, with all that replaced it. Its
// record's id is the number it was first given, and a city that was restored
// from a copy knows no more which numbers it had given: it begins another one
// under the same id, and when a station sends back what the copy lacked, one
// record holds two beginnings. They are two suggestions, of which neither is a
// change of the other. So are two that came to one number by being renumbered.

// origin is where in the ledger a suggestion lies.
type origin struct {
	id     ledger.ID  // what links call it; see begun
	record ledger.ID  //
	root   ledger.Ref // its first entry; zero where the record has no other and the number is its own
	rev    ledger.Ref // its newest revision
	shared bool       // another one has the same number
}

// beginnings leads from each revision of a record to the one that began it. Of
// one whose beginning is not held, the oldest that is.
func beginnings(history []ledger.Entry) map[ledger.Ref]ledger.Ref {
	before, out := map[ledger.Ref]ledger.Ref{}, map[ledger.Ref]ledger.Ref{}
	for _, e := range history {
		before[e.Ref] = e.Replaces
	}
	for _, e := range history {
		r := e.Ref
		for {
			p := before[r]
			if _, held := before[p]; !held {
				break
			}
			r = p
		}
		out[e.Ref] = r
	}
	return out
}

// begun reads the suggestions that were begun under one record's id, the oldest
// epoch's first. The last goes by the record's id, as links of before say; the
// others by that and the epoch that began them.
func begun(l ledger.Ledger, record ledger.ID) ([]Suggestion, error) {
	rec, err := l.Record(KindSuggestion, record)
	if err != nil {
		return nil, err
	}
	newest := append([]ledger.Entry{rec.Entry}, rec.Rivals...)
	roots := map[ledger.Ref]ledger.Ref{}
	if len(newest) > 1 {
		history, err := l.History(KindSuggestion, record)
		if err != nil {
			return nil, err
		}
		roots = beginnings(history)
	}
	var out []Suggestion
	for _, e := range newest {
		root := roots[e.Ref]
		if slices.ContainsFunc(out, func(s Suggestion) bool { return s.root == root }) {
			continue // two epochs changed it at once: the later one's counts
		}
		s, err := decode[Suggestion](e)
		if err != nil || !says(l, e) {
			continue
		}
		s.origin = origin{id: record, record: record, root: root, rev: e.Ref}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, ledger.ErrNotFound
	}
	slices.SortFunc(out, func(a, b Suggestion) int { return byRef(Done{Ref: a.root}, Done{Ref: b.root}) })
	for i := range out[:len(out)-1] {
		out[i].id = out[i].exact()
	}
	return out, nil
}

// exact names a suggestion beyond doubt: by the id of its record and the epoch
// that began it, which begins one under an id at most.
func (o origin) exact() ledger.ID { return o.record + "~" + ledger.ID(o.root.Stream.Epoch()) }

// allBegun reads every suggestion, by record, and marks those of one number.
func allBegun(l ledger.Ledger) ([]Suggestion, error) {
	heads, err := l.Heads()
	if err != nil {
		return nil, err
	}
	epochs := map[string]bool{}
	for _, h := range heads {
		if h.Stream.Writer() == CityCode {
			epochs[h.Stream.Epoch()] = true
		}
	}
	var out []Suggestion
	n := 0
	err = l.Each(KindSuggestion, func(e ledger.Entry) error {
		yield(n)
		n++
		if len(epochs) > 1 { // only a city that was restored has two beginnings of one id
			if ss, err := begun(l, e.ID); err == nil {
				out = append(out, ss...)
			}
			return nil
		}
		if s, err := decode[Suggestion](e); err == nil && says(l, e) {
			s.origin = origin{id: e.ID, record: e.ID, rev: e.Ref}
			out = append(out, s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	of := map[string]int{}
	for _, s := range out {
		of[s.Code()]++
	}
	for i := range out {
		if s := &out[i]; of[s.Code()] > 1 {
			if err := s.share(l); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// share marks one whose number another has too, and finds what tells the two
// apart.
func (s *Suggestion) share(l ledger.Ledger) error {
	s.shared = true
	if !s.root.IsZero() {
		return nil
	}
	history, err := l.History(KindSuggestion, s.record)
	s.root = beginnings(history)[s.rev]
	return err
}

// Shared reports whether another suggestion has the same number, after the city
// was restored from a copy. Both are shown; RenumberSuggestion parts them.
func (s Suggestion) Shared() bool { return s.shared }

// Code is the public number that it has now, 17-4-0023 (届-次-号).
func (s Suggestion) Code() string { return fmt.Sprintf("%d-%d-%04d", s.Term, s.Meeting, s.No) }

// Called is what a command is given to mean this one: its number, or where
// another has the same, what tells them apart.
func (s Suggestion) Called() string {
	if s.shared {
		return string(s.exact())
	}
	return s.Code()
}

// Told is its number in a sentence; where another has the same, with the title.
func (s Suggestion) Told() Text {
	n := s.Number()
	if s.shared {
		n.ZH += "(重号,《" + s.Title + "》)"
		n.EN += " (number given twice, “" + s.Title + "”)"
	}
	return n
}

// suggestion reads one by its id, at this moment from the ledger.
func (d *Desk) suggestion(id ledger.ID) (Suggestion, error) {
	record, epoch, exact := strings.Cut(string(id), "~")
	ss, err := begun(d.led, ledger.ID(record))
	if err != nil {
		return Suggestion{}, err
	}
	s := ss[len(ss)-1]
	if exact {
		for i := range ss {
			if err := ss[i].share(d.led); err != nil {
				return s, err
			}
		}
		i := slices.IndexFunc(ss, func(s Suggestion) bool { return s.root.Stream.Epoch() == epoch })
		if i < 0 {
			return s, ledger.ErrNotFound
		}
		s = ss[i]
	}
	s.shared = false
	if d.rules().numbers[s.Code()] > 1 {
		err = s.share(d.led)
	}
	return s, err
}

// suggestionCode is the number that people know a suggestion by.
func (d *Desk) suggestionCode(id ledger.ID) string {
	if s, err := d.suggestion(id); err == nil {
		return s.Code()
	}
	return string(id)
}

// SuggestionNumbered returns the one that somebody means by a number that they
// typed, or by what Called says. A number that two have is refused with both:
// to choose one would be to change the other's unit, answer or word unseen.
func (d *Desk) SuggestionNumbered(who Who, typedIn string) (Suggestion, error) {
	w := typed.Fold(strings.TrimSpace(typedIn))
	var meant []Suggestion
	for _, s := range d.rules().suggestions {
		if s.Code() == w || s.shared && strings.Contains(w, "~") && strings.HasPrefix(string(s.exact()), w) {
			meant = append(meant, s)
		}
	}
	if len(meant) > 1 { // a station is asked about its own alone
		if own := slices.DeleteFunc(slices.Clone(meant), func(s Suggestion) bool { return !d.concernsSuggestion(who, s) }); len(own) > 0 {
			meant = own
		}
	}
	switch len(meant) {
	case 0: // a number that it had before, or its id
		s, _, err := d.Suggestion(who, ledger.ID(w))
		return s, err
	case 1:
		s, _, err := d.Suggestion(who, meant[0].id)
		return s, err
	}
	var zh, en []string
	for _, s := range meant {
		zh = append(zh, s.Called()+"《"+s.Title+"》")
		en = append(en, s.Called()+" “"+s.Title+"”")
	}
	return Suggestion{}, typed.Problem{Code: "suggestion-number-twice",
		ZH: fmt.Sprintf("编号 %s 有 %d 件建议(市里恢复备份后重号):%s。请写全其中一件的编号;用 renumber 可给其中一件改号。", quote(w), len(meant), strings.Join(zh, "、")),
		EN: fmt.Sprintf("%d suggestions have the number %s, since the city was restored from a backup: %s. Give one of these in full; renumber gives one another number.", len(meant), quote(w), strings.Join(en, ", "))}
}

// RenumberSuggestion gives one that shares its number the next free one of its
// meeting. A person says which of the two, since either may be in print.
func (d *Desk) RenumberSuggestion(who Who, id ledger.ID, why string) (Suggestion, error) {
	why, err := needReason(why)
	if err != nil {
		return Suggestion{}, err
	}
	return d.changeSuggestion(who, id, func(s *Suggestion, _ *Problems) (err error) {
		if !s.shared {
			return typed.Problem{Code: "suggestion-number-own", ZH: s.Code() + " 只有这一件建议,不用改号。", EN: "No other suggestion has the number " + s.Code() + "; it keeps it."}
		}
		s.Reason = why
		s.No, err = d.nextNo(s.Term, s.Meeting)
		return err
	})
}

// nextNo is the number after all that a meeting's suggestions have, and that no
// record began with: what was in print once means one suggestion only.
func (d *Desk) nextNo(term, meeting int) (int, error) {
	all, err := allBegun(d.led)
	next := Suggestion{Term: term, Meeting: meeting, No: 1}
	for _, s := range all {
		if s.Term == term && s.Meeting == meeting {
			next.No = max(next.No, s.No+1)
		}
	}
	for err == nil {
		if _, err = d.led.Record(KindSuggestion, next.ID()); err == nil {
			next.No++
		}
	}
	if errors.Is(err, ledger.ErrNotFound) {
		err = nil
	}
	return next.No, err
}

// meant finds the suggestion that a record of the city's refers to. A plain id
// is of the last one begun by then: who wrote it knew of no later one.
func meant(all []Suggestion, id ledger.ID, by ledger.Ref) (found Suggestion, ok bool) {
	record, _, exact := strings.Cut(string(id), "~")
	for _, s := range all {
		switch {
		case s.record != ledger.ID(record):
		case exact && (s.root.IsZero() || s.exact() == id):
			return s, true
		case !exact && (!ok || !s.root.Stream.Later(by.Stream)):
			found, ok = s, true
		}
	}
	return found, ok
}
