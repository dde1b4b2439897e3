package ledgertest

import (
	"fmt"
	"strings"
	"testing"

	"liaison/station/ledger"
)

func foreignContinues(s *scene) {
	c := Chain{Stream: "city/A-abc"}
	a, b := c.Next("unit", "u1", ledger.Ref{}, "amt"), c.Next("notice", "n1", ledger.Ref{}, "ruf")
	s.commit(ledger.Change{Foreign: []ledger.Entry{a, b}})
	u2 := c.Next("unit", "u1", a.Ref, "neues amt")
	s.commit(ledger.Change{Foreign: []ledger.Entry{u2}, New: []ledger.New{entry("step", "s1", ledger.Ref{}, "x")}})
	got, err := s.l.Since(c.Stream, 0, 10)
	if err != nil || len(got) != 3 {
		s.Fatalf("since 0: %d entries, %v", len(got), err)
	}
	for i, want := range []ledger.Entry{a, b, u2} {
		s.same(got[i], want)
	}
	s.newest("unit", "u1", "neues amt")
	s.ids("amt", "u1")
	s.ids("neues", "u1")
	s.ids("ruf", "n1")
	if h := s.head(c.Stream); h.Seq != 3 || h.Hash != u2.Hash() {
		s.Errorf("head %+v", h)
	}
	// An unknown kind passes through like any other.
	s.commit(ledger.Change{Foreign: []ledger.Entry{c.Next("not-yet-invented", "z1", ledger.Ref{}, "{}")}})
	s.newest("not-yet-invented", "z1", "{}")
}

func foreignAgain(s *scene) {
	c := Chain{Stream: "city/A-abc"}
	var all []ledger.Entry
	for i := range 5 {
		all = append(all, c.Next("unit", ledger.ID(fmt.Sprint("u", i)), ledger.Ref{}, "amt"))
	}
	s.commit(ledger.Change{Foreign: all[:3]})
	before := s.heads()
	s.commit(ledger.Change{Foreign: all[:3]})
	s.commit(ledger.Change{Foreign: all[1:2]})
	if after := s.heads(); !sameHead(before[0], after[0]) {
		s.Errorf("the same entries again moved the head to %v", after)
	}
	s.commit(ledger.Change{Foreign: all}) // an overlap
	s.commit(ledger.Change{Foreign: append([]ledger.Entry{all[0].Withhold()}, all[1:]...)})
	if e, err := s.l.Entry(all[0].Ref); err != nil || e.Absent() {
		s.Errorf("a body once held was taken away: %v, %v", e, err)
	}
	if t := s.checked(); t.Entries != 5 || t.Absent != 0 {
		s.Errorf("tally %s", t)
	}
}

func foreignGap(s *scene) {
	c := Chain{Stream: "city/A-abc"}
	a, b, d := c.Next("unit", "u1", ledger.Ref{}, "a"), c.Next("unit", "u2", ledger.Ref{}, "b"), c.Next("unit", "u3", ledger.Ref{}, "d")
	s.refused(ledger.ErrGap, ledger.Change{Foreign: []ledger.Entry{b}})
	s.commit(ledger.Change{Foreign: []ledger.Entry{a}})
	s.refused(ledger.ErrGap, ledger.Change{Foreign: []ledger.Entry{d}})
	s.refused(ledger.ErrGap, ledger.Change{Foreign: []ledger.Entry{d, b}})
	s.commit(ledger.Change{Foreign: []ledger.Entry{b, d}})
}

func foreignFork(s *scene) {
	c := Chain{Stream: "city/A-abc"}
	a := c.Next("unit", "u1", ledger.Ref{}, "a")
	f := c.Fork()
	b := c.Next("unit", "u2", ledger.Ref{}, "b")
	s.commit(ledger.Change{Foreign: []ledger.Entry{a, b}})
	b2 := f.Next("unit", "u2", ledger.Ref{}, "B")
	s.refused(ledger.ErrFork, ledger.Change{Foreign: []ledger.Entry{b2}})
	s.refused(ledger.ErrFork, ledger.Change{Foreign: []ledger.Entry{f.Next("unit", "u3", ledger.Ref{}, "c")}}) // follows b2
	s.refused(ledger.ErrFork, ledger.Change{Foreign: []ledger.Entry{c.Next("unit", "u4", ledger.Ref{}, "c"), a, b2}})
	g := Chain{Stream: "city/A-other"}
	first := g.Next("unit", "u5", ledger.Ref{}, "x")
	first.Prev = a.Hash()
	s.refused(ledger.ErrFork, ledger.Change{Foreign: []ledger.Entry{first}}) // number 1 follows on nothing
}

func foreignTampered(s *scene) {
	c := Chain{Stream: "city/A-abc"}
	a := c.Next("unit", "u1", ledger.Ref{}, "ein amt")
	for what, spoil := range map[string]func(*ledger.Entry){
		"another body":     func(e *ledger.Entry) { e.Body = []byte("kein amt") },
		"another salt":     func(e *ledger.Entry) { e.Salt = make([]byte, ledger.SaltSize) },
		"a short salt":     func(e *ledger.Entry) { e.Salt = e.Salt[:8] },
		"number 0":         func(e *ledger.Entry) { e.Seq = 0 },
		"a nonsense name":  func(e *ledger.Entry) { e.Stream = "city" },
		"a control sign":   func(e *ledger.Entry) { e.By = "l\x1b[2Ji" },
		"a body too long":  func(e *ledger.Entry) { e.Body = make([]byte, ledger.MaxBody+1) },
		"a bad reference":  func(e *ledger.Entry) { e.Replaces = ledger.Ref{Stream: "..", Seq: 1} },
		"a kind too long":  func(e *ledger.Entry) { e.Kind = ledger.Kind(strings.Repeat("k", 65)) },
		"a salt, no body?": func(e *ledger.Entry) { e.Body = nil },
	} {
		e := a
		spoil(&e)
		s.Run(what, func(t *testing.T) {
			sub := *s
			sub.T = t
			sub.refused(ledger.ErrBroken, ledger.Change{Foreign: []ledger.Entry{e}})
		})
	}
	s.commit(ledger.Change{Foreign: []ledger.Entry{a}})
}

func foreignOwnEpoch(s *scene) {
	e := s.write("visit", "v1", ledger.Ref{}, "x")
	s.commit(ledger.Change{Foreign: []ledger.Entry{e}}) // equal: passed over
	next := Chain{Stream: s.l.Own(), last: e}
	s.refused(ledger.ErrFork, ledger.Change{Foreign: []ledger.Entry{next.Next("visit", "v2", ledger.Ref{}, "x")}})
	other := Chain{Stream: s.l.Own()}
	s.refused(ledger.ErrFork, ledger.Change{Foreign: []ledger.Entry{other.Next("visit", "v3", ledger.Ref{}, "x")}})
	reader := Chain{Stream: s.l.Own().For("city")}
	s.refused(ledger.ErrFork, ledger.Change{Foreign: []ledger.Entry{reader.Next("visit", "v3", ledger.Ref{}, "x")}})
	// An earlier epoch of the same writer is like any other stream.
	earlier := Chain{Stream: "QA01/A-0"}
	s.commit(ledger.Change{Foreign: []ledger.Entry{earlier.Next("visit", "v4", ledger.Ref{}, "früher")}})
	s.newest("visit", "v4", "früher")
}

func foreignFilledIn(s *scene) {
	c := Chain{Stream: "QA02/A-abc"}
	a, b := c.NextPrivate("voter", "p1", "geheim"), c.Next("visit", "v1", ledger.Ref{}, "offen")
	s.commit(ledger.Change{Foreign: []ledger.Entry{a.Withhold(), b}})
	got := s.record("voter", "p1")
	if !got.Absent() || got.Hash() != a.Hash() {
		s.Errorf("withheld entry came out as %+v", got.Entry)
	}
	if t := s.checked(); t.Absent != 1 || t.Entries != 2 {
		s.Errorf("tally %s", t)
	}
	s.ids("geheim")
	bad := a
	bad.Body = []byte("falsch")
	s.refused(ledger.ErrBroken, ledger.Change{Foreign: []ledger.Entry{bad}})
	s.commit(ledger.Change{Foreign: []ledger.Entry{a}})
	s.newest("voter", "p1", "geheim")
	s.ids("geheim", "p1")
	if t := s.checked(); t.Absent != 0 {
		s.Errorf("tally %s", t)
	}
}

func foreignCircle(s *scene) {
	a, b := Chain{Stream: "QA02/A-abc"}, Chain{Stream: "QA02/B-abc"}
	self := a.Fork().Next("visit", "v1", ledger.Ref{Stream: a.Stream, Seq: 1}, "x")
	s.refused(ledger.ErrBroken, ledger.Change{Foreign: []ledger.Entry{self}})

	one := a.Next("visit", "v1", ledger.Ref{Stream: b.Stream, Seq: 2}, "one")
	two := b.Next("visit", "v1", one.Ref, "two")
	three := b.Next("visit", "v1", two.Ref, "three")
	s.commit(ledger.Change{Foreign: []ledger.Entry{one, two}})
	s.newest("visit", "v1", "two")
	s.refused(ledger.ErrBroken, ledger.Change{Foreign: []ledger.Entry{three}})
	s.newest("visit", "v1", "two")
}
