package ledgertest

import (
	"slices"

	"liaison/station/ledger"
)

func rivalsOfTwoEpochs(s *scene) {
	s.as("city")
	old := Chain{Stream: "QA01/A-abc"}
	a := old.Next("visit", "v1", ledger.Ref{}, "saved")
	lost := old.Next("visit", "v1", a.Ref, "lost with the disk")
	restored := Chain{Stream: "QA01/B-def"}
	anew := restored.Next("visit", "v1", a.Ref, "written after the restore")
	s.commit(ledger.Change{Foreign: []ledger.Entry{a, lost}})
	s.newest("visit", "v1", "lost with the disk")
	s.commit(ledger.Change{Foreign: []ledger.Entry{anew}})
	s.newest("visit", "v1", "written after the restore", "lost with the disk")
	s.ids("lost")
	s.ids("written", "v1")

	// The other way round it comes to the same.
	s.as("city")
	s.commit(ledger.Change{Foreign: []ledger.Entry{anew}})
	s.newest("visit", "v1", "written after the restore")
	s.commit(ledger.Change{Foreign: []ledger.Entry{a, lost}})
	s.newest("visit", "v1", "written after the restore", "lost with the disk")
	s.ids("lost")

	// The rival may be revised, and so may the record; both remain.
	s.commit(ledger.Change{Foreign: []ledger.Entry{restored.Next("visit", "v1", lost.Ref, "settled")}})
	s.newest("visit", "v1", "settled", "written after the restore")
	s.commit(ledger.Change{Foreign: []ledger.Entry{restored.Next("visit", "v2", ledger.Ref{}, "x"), old.Next("visit", "v2", ledger.Ref{}, "y")}})
	s.newest("visit", "v2", "x", "y")
}

func cityTakesPlace(s *scene) {
	mine := s.write("deputy", "D001", ledger.Ref{}, "imported")
	city := Chain{Stream: "city/A-abc"}
	theirs := city.Next("deputy", "D001", ledger.Ref{}, "roster")
	s.commit(ledger.Change{Foreign: []ledger.Entry{theirs}})
	s.newest("deputy", "D001", "roster") // no rival: the import yields
	s.ids("imported")
	s.ids("roster", "D001")
	s.commit(ledger.Change{Foreign: []ledger.Entry{city.Next("deputy", "D001", theirs.Ref, "roster again")}})
	s.newest("deputy", "D001", "roster again")
	// Revising the import changes nothing, and importing anew is refused.
	s.commit(ledger.Change{New: []ledger.New{entry("deputy", "D001", mine.Ref, "imported twice")}})
	s.newest("deputy", "D001", "roster again")
	s.refused(ledger.ErrStale, ledger.Change{New: []ledger.New{entry("deputy", "D001", ledger.Ref{}, "imported anew")}})

	// Two stations with one public code: both are shown, until the city speaks.
	s.as("city")
	one, two := Chain{Stream: "QA01/A-abc"}, Chain{Stream: "QA02/Z-abc"}
	s.commit(ledger.Change{Foreign: []ledger.Entry{two.Next("deputy", "D001", ledger.Ref{}, "two"), one.Next("deputy", "D001", ledger.Ref{}, "one")}})
	s.newest("deputy", "D001", "one", "two")
	r := s.record("deputy", "D001")
	s.write("deputy", "D001", r.Ref, "the city's")
	s.newest("deputy", "D001", "the city's")
}

func revisionComesFirst(s *scene) {
	a, b := Chain{Stream: "QA02/A-abc"}, Chain{Stream: "QA02/B-def"}
	first := a.Next("visit", "v1", ledger.Ref{}, "first")
	second := a.Next("visit", "v1", first.Ref, "second")
	third := b.Next("visit", "v1", second.Ref, "third")
	for _, order := range [][]ledger.Entry{{third, first, second}, {first, third, second}, {first, second, third}} {
		s.as("city")
		for _, e := range order {
			s.commit(ledger.Change{Foreign: []ledger.Entry{e}})
			s.checked()
		}
		s.newest("visit", "v1", "third")
		s.ids("first")
		s.ids("second")
		s.ids("third", "v1")
	}
	// What a revision of another record replaces is not replaced in this one.
	s.commit(ledger.Change{Foreign: []ledger.Entry{b.Next("visit", "v2", third.Ref, "mixed up")}})
	s.newest("visit", "v1", "third")
	s.newest("visit", "v2", "mixed up")
}

func history(s *scene) {
	var want []string
	var last ledger.Ref
	for _, b := range []string{"one", "two", "three"} {
		last = s.write("visit", "v1", last, b).Ref
		s.write("visit", ledger.ID("other-"+b), ledger.Ref{}, b)
		want = append(want, b)
	}
	s.past("visit", "v1", want...)

	s.as("city")
	old, anew := Chain{Stream: "QA01/A-abc"}, Chain{Stream: "QA01/B-def"}
	a := old.Next("visit", "v1", ledger.Ref{}, "a")
	b := anew.Next("visit", "v1", a.Ref, "b")
	s.commit(ledger.Change{Foreign: []ledger.Entry{
		a, old.Next("visit", "v1", a.Ref, "lost"), b, anew.Next("visit", "v1", b.Ref, "c"),
	}})
	s.past("visit", "v1", "a", "lost", "b", "c")
}

func (s *scene) past(k ledger.Kind, id ledger.ID, want ...string) {
	s.Helper()
	es, err := s.l.History(k, id)
	if err != nil {
		s.Fatalf("history: %v", err)
	}
	var got []string
	for _, e := range es {
		got = append(got, string(e.Body))
	}
	if !slices.Equal(got, want) {
		s.Errorf("history of %s %s is %q, want %q", k, id, got, want)
	}
}
