package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"liaison/station/ledger"
)

func each(s *scene) {
	const n = 1300 // more than a ledger will read at once
	var news []ledger.New
	for i := range n {
		news = append(news, entry("visit", ledger.ID(fmt.Sprintf("v%05d", n-i)), ledger.Ref{}, "alt"))
	}
	es := s.commit(ledger.Change{New: append(news, entry("matter", "m1", ledger.Ref{}, "x"))})
	s.commit(ledger.Change{New: []ledger.New{entry("visit", es[7].ID, es[7].Ref, "neu")}})
	seen, revised := 0, 0
	var last ledger.ID
	err := s.l.Each("visit", func(e ledger.Entry) error {
		if e.ID <= last || e.Kind != "visit" {
			s.Errorf("%s %s after %s", e.Kind, e.ID, last)
		}
		last = e.ID
		if string(e.Body) == "neu" {
			revised++
		}
		if seen++; seen%500 == 1 { // the ledger may be used meanwhile, also for writing
			if _, err := s.l.Record("matter", "m1"); err != nil {
				s.Error(err)
			}
			s.write("step", ledger.ID(fmt.Sprint("s", seen)), ledger.Ref{}, "y")
		}
		return nil
	})
	if err != nil || seen != n || revised != 1 {
		s.Errorf("%d records, %d revised, %v; want %d and 1", seen, revised, err, n)
	}
	stop := errors.New("enough")
	seen = 0
	err = s.l.Each("visit", func(ledger.Entry) error { seen++; return stop })
	if !errors.Is(err, stop) || seen != 1 {
		s.Errorf("stopped with %v after %d", err, seen)
	}
	if err := s.l.Each("nothing", func(ledger.Entry) error { return stop }); err != nil {
		s.Errorf("a kind without records: %v", err)
	}
}

func find(s *scene) {
	s.commit(ledger.Change{New: []ledger.New{
		entry("visit", "v2", ledger.Ref{}, "b ab"), entry("visit", "v1", ledger.Ref{}, "b a"),
		entry("visit", "v3", ledger.Ref{}, "c abc 路"), entry("visit", "v4", ledger.Ref{}, "路灯 d\x01"),
	}})
	for _, q := range []struct {
		find ledger.Find
		want []string
	}{
		{ledger.Find{Index: "word"}, []string{"a v1", "ab v2", "abc v3", "b v1", "b v2", "c v3", "d\x01 v4", "路 v3", "路灯 v4"}},
		{ledger.Find{Index: "word", Reverse: true, Limit: 3}, []string{"路灯 v4", "路 v3", "d\x01 v4"}},
		{ledger.Find{Index: "word", From: "ab", To: "c"}, []string{"ab v2", "abc v3", "b v1", "b v2"}},
		{ledger.Find{Index: "word", From: "ab", To: "c", Limit: 2}, []string{"ab v2", "abc v3"}},
		{ledger.Find{Index: "word", From: "ab", To: "c", Reverse: true}, []string{"b v2", "b v1", "abc v3", "ab v2"}},
		{ledger.Find{Index: "word", From: "ab", To: "b", Reverse: true, Limit: 1}, []string{"abc v3"}},
		{ledger.Find{Index: "word", From: "b", To: "b"}, nil},
		{ledger.Find{Index: "word", From: "x", To: "y"}, nil},
		{ledger.Find{Index: "word", To: "a", Reverse: true}, nil},
		{ledger.Find{Index: "word", From: "路灯", Reverse: true}, []string{"路灯 v4"}},
		{ledger.Prefix("word", "ab"), []string{"ab v2", "abc v3"}},
		{ledger.Prefix("word", "路"), []string{"路 v3", "路灯 v4"}},
		{ledger.Find{Index: "no such index"}, nil},
		{ledger.Find{}, nil},
	} {
		hits, err := s.l.Find(q.find)
		if err != nil {
			s.Fatalf("%+v: %v", q.find, err)
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.Key+" "+string(h.ID))
		}
		if !slices.Equal(got, q.want) {
			s.Errorf("%+v: %q, want %q", q.find, got, q.want)
		}
	}
}

// hits is every line of the index of words.
func (s *scene) hits() []ledger.Hit {
	s.Helper()
	hs, err := s.l.Find(ledger.Find{Index: "word"})
	if err != nil {
		s.Fatalf("find: %v", err)
	}
	return hs
}

func indexVersion(s *scene) {
	var last ledger.Ref
	for i := range 20 {
		last = s.write("visit", "v0", last, fmt.Sprintf("rev%d wort", i)).Ref
		s.write("visit", ledger.ID(fmt.Sprint("w", i)), ledger.Ref{}, fmt.Sprintf("eins%d", i))
	}
	incremental := s.hits()
	if err := s.l.Reindex(context.Background()); err != nil {
		s.Fatal(err)
	}
	if again := s.hits(); !slices.Equal(again, incremental) {
		s.Errorf("after reindex %v, before %v", again, incremental)
	}
	s.o.Indexes = ledger.Indexes{Version: 2, Keys: func(e ledger.Entry) []ledger.Key {
		return []ledger.Key{{Index: "word", Key: "v2-" + string(e.ID)}}
	}}
	s.reopen()
	if got := s.hits(); len(got) != 21 || got[0] != (ledger.Hit{Key: "v2-v0", ID: "v0"}) {
		s.Errorf("after a change of version: %v", got)
	}
	s.checked()
	s.o.Indexes = ledger.Indexes{Version: 1, Keys: words}
	s.reopen()
	if again := s.hits(); !slices.Equal(again, incremental) {
		s.Errorf("after going back %v, before %v", again, incremental)
	}
	// A key with a NUL, or far too long, does not stop what comes from outside.
	c := Chain{Stream: "city/A-abc"}
	s.commit(ledger.Change{Foreign: []ledger.Entry{c.Next("unit", "u1", ledger.Ref{}, "nu\x00ll"), c.Next("unit", "u2", ledger.Ref{}, string(make([]byte, 9))+longWord())}})
	s.ids("null", "u1")
}

func longWord() string {
	b := make([]byte, 40000)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}
