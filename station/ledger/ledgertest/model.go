package ledgertest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"liaison/station/ledger"
)

// model plays random work of a city and four streams of stations that know
// little of each other, and compares the ledger with the plain rule: a
// revision counts unless a held one of the same record replaces it.
func model(s *scene) {
	for seed := range uint64(8) {
		s.as("city")
		m := &world{scene: s, r: rand.New(rand.NewPCG(seed, 1))}
		for _, st := range []ledger.Stream{"QA01/A-a", "QA01/B-b", "QA01/B-b/city", "QA02/A-a"} {
			m.chains = append(m.chains, &Chain{Stream: st})
		}
		for range 60 {
			m.step()
		}
		m.compare()
		incremental := s.hits()
		if err := s.l.Reindex(context.Background()); err != nil {
			s.Fatal(err)
		}
		if again := s.hits(); !slices.Equal(again, incremental) {
			s.Errorf("seed %d: reindex gives %v, incrementally %v", seed, again, incremental)
		}
		s.reopen()
		m.compare()
		if s.Failed() {
			s.Fatalf("seed %d", seed)
		}
	}
}

type world struct {
	*scene
	r      *rand.Rand
	chains []*Chain
	made   []ledger.Entry // by stations, in the order in which they were made
	sent   map[ledger.Stream]ledger.Seq
	held   []ledger.Entry
}

func (m *world) id() ledger.ID { return ledger.ID(fmt.Sprint("r", m.r.IntN(6))) }

func (m *world) body() string { return fmt.Sprintf("w%d w%d", m.r.IntN(9), m.r.IntN(9)) }

// step lets a station write, or a part of what was written arrive in an order
// that only keeps each stream's own, or the city write.
func (m *world) step() {
	switch m.r.IntN(4) {
	case 0, 1:
		id := m.id()
		e := m.chains[m.r.IntN(len(m.chains))].Next("visit", id, m.any(id, m.made), m.body())
		m.made = append(m.made, e)
	case 2:
		m.arrive()
	case 3:
		id := m.id()
		var replaces ledger.Ref
		if open := m.open(id); len(open) > 0 {
			replaces = open[m.r.IntN(len(open))].Ref
		}
		m.held = append(m.held, m.write("visit", id, replaces, m.body()))
	}
}

// any is a revision of a record that a station may know, or none.
func (m *world) any(id ledger.ID, from []ledger.Entry) ledger.Ref {
	var of []ledger.Ref
	for _, e := range append(slices.Clone(from), m.held...) {
		if e.ID == id {
			of = append(of, e.Ref)
		}
	}
	if len(of) == 0 || m.r.IntN(5) == 0 {
		return ledger.Ref{}
	}
	return of[m.r.IntN(len(of))]
}

func (m *world) arrive() {
	if m.sent == nil {
		m.sent = map[ledger.Stream]ledger.Seq{}
	}
	st := m.chains[m.r.IntN(len(m.chains))].Stream
	var batch []ledger.Entry
	for _, e := range m.made {
		if e.Stream == st && e.Seq > m.sent[st] && len(batch) < 3 {
			batch = append(batch, e)
		}
	}
	if len(batch) == 0 {
		return
	}
	m.commit(ledger.Change{Foreign: batch})
	m.sent[st] = batch[len(batch)-1].Seq
	m.held = append(m.held, batch...)
}

// open is what nothing held replaces, the one that counts first.
func (m *world) open(id ledger.ID) (open []ledger.Entry) {
	replaced := map[ledger.Ref]bool{}
	for _, e := range m.held {
		if e.ID == id {
			replaced[e.Succeeds()] = true
		}
	}
	for _, e := range m.held {
		if e.ID == id && !replaced[e.Ref] {
			open = append(open, e)
		}
	}
	rank := func(e ledger.Entry) string { // in the order of the rule
		w := e.Stream.Writer()
		if w == "city" {
			w = ""
		}
		return fmt.Sprintf("%s\x00%02d\x00%s\x00%06d", w, 'Z'-e.Stream.Letter()[0], e.Stream, 999999-e.Seq)
	}
	slices.SortFunc(open, func(a, b ledger.Entry) int { return strings.Compare(rank(a), rank(b)) })
	return open
}

func (m *world) compare() {
	m.Helper()
	var lines []string
	for i := range 6 {
		id := ledger.ID(fmt.Sprint("r", i))
		open := m.open(id)
		if len(open) == 0 {
			if err := second(m.l.Record("visit", id)); err == nil {
				m.Errorf("record %s is there", id)
			}
			continue
		}
		var rivals []string
		for _, e := range open[1:] {
			if open[0].Stream.Writer() != "city" || e.Stream.Writer() == "city" {
				rivals = append(rivals, string(e.Body))
			}
		}
		m.newest("visit", id, string(open[0].Body), rivals...)
		for _, w := range strings.Fields(string(open[0].Body)) {
			lines = append(lines, w+" "+string(id))
		}
		n := 0
		for _, e := range m.held {
			if e.ID == id {
				n++
			}
		}
		if h, err := m.l.History("visit", id); err != nil || len(h) != n {
			m.Errorf("history of %s has %d revisions, %v; want %d", id, len(h), err, n)
		}
	}
	var got []string
	for _, h := range m.hits() {
		got = append(got, h.Key+" "+string(h.ID))
	}
	slices.Sort(lines)
	if lines = slices.Compact(lines); !slices.Equal(got, lines) {
		m.Errorf("index lines %q, want %q", got, lines)
	}
	m.checked()
}
