package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"liaison/station/ledger"
)

func newLedger(s *scene) {
	own := s.l.Own()
	if own.Valid() != nil || own.Writer() != "QA01" || own.Letter() != "A" || own.Reader() != "" {
		s.Errorf("own stream %q, want QA01/A-…", own)
	}
	if hs := s.heads(); len(hs) != 0 {
		s.Errorf("a new ledger has heads %v", hs)
	}
	if h := s.head("city/A-abc"); h.Seq != 0 || !h.Hash.IsZero() {
		s.Errorf("head of an unknown stream: %+v", h)
	}
	for what, err := range map[string]error{
		"entry":   second(s.l.Entry(ledger.Ref{Stream: own, Seq: 1})),
		"record":  second(s.l.Record("visit", "v1")),
		"receipt": second(s.l.Receipt(own, 1)),
		"setting": second(s.l.Local("station")),
	} {
		if !errors.Is(err, ledger.ErrNotFound) {
			s.Errorf("%s in a new ledger: %v, want ErrNotFound", what, err)
		}
	}
	if es, err := s.l.Since(own, 0, 10); err != nil || len(es) != 0 {
		s.Errorf("since 0 in a new ledger: %v, %v", es, err)
	}
	if es, err := s.l.History("visit", "v1"); err != nil || len(es) != 0 {
		s.Errorf("history in a new ledger: %v, %v", es, err)
	}
	if es := s.commit(ledger.Change{}); len(es) != 0 {
		s.Errorf("an empty change wrote %v", es)
	}
	s.reopen()
	if s.l.Own() != own {
		s.Errorf("own stream is %s after reopening, was %s", s.l.Own(), own)
	}
}

func second[T any](_ T, err error) error { return err }

func commitStays(s *scene) {
	bodies := []string{"", "x", "路灯不亮", strings.Repeat("长", 5000), string(bytes.Repeat([]byte{0, 0xff}, 9000))}
	var written []ledger.Entry
	for i, b := range bodies {
		written = append(written, s.write("visit", ledger.ID(fmt.Sprint("v", i)), ledger.Ref{}, b))
	}
	s.reopen()
	for i, w := range written {
		got, err := s.l.Entry(w.Ref)
		if err != nil {
			s.Fatalf("entry %s: %v", w.Ref, err)
		}
		s.same(got, w)
		if string(got.Body) != bodies[i] || got.Absent() {
			s.Errorf("body %d has %d bytes, want %d", i, len(got.Body), len(bodies[i]))
		}
		s.same(s.record("visit", w.ID).Entry, w)
	}
}

func chains(s *scene) {
	n := entry("visit", "v1", ledger.Ref{}, "eins")
	n.At = noon.Add(1234567) // kept to the millisecond
	n.Private = true
	n.Seen = []ledger.Ref{{Stream: "city/A-abc", Seq: 9}}
	es := s.commit(ledger.Change{New: []ledger.New{n, entry("matter", "m1", ledger.Ref{}, "zwei")}})
	es = append(es, s.write("visit", "v1", es[0].Ref, "drei"))
	var prev ledger.Hash
	salts := map[string]bool{}
	for i, e := range es {
		if e.Seq != ledger.Seq(i+1) || e.Stream != s.l.Own() || e.Prev != prev {
			s.Errorf("entry %d is %s with previous hash %s, want %s", i, e.Ref, e.Prev, prev)
		}
		if err := e.Verify(); err != nil {
			s.Error(err)
		}
		if salts[string(e.Salt)] {
			s.Error("a salt was used twice")
		}
		salts[string(e.Salt)] = true
		prev = e.Hash()
	}
	if e := es[0]; !e.At.Equal(noon.Add(1e6)) || !e.Private || len(e.Seen) != 1 || e.Seen[0] != n.Seen[0] || e.By != "zhang" {
		s.Errorf("entry came out as %+v", e)
	}
	if h := s.head(s.l.Own()); h.Seq != 3 || h.Hash != prev {
		s.Errorf("head %+v, want 3 %s", h, prev)
	}
	for _, r := range []struct {
		after ledger.Seq
		limit int
		want  []ledger.Entry
	}{{0, 10, es}, {0, 2, es[:2]}, {1, 1, es[1:2]}, {3, 10, nil}, {1 << 63, 10, nil}, {^ledger.Seq(0), 10, nil}, {0, 0, nil}} {
		got, err := s.l.Since(s.l.Own(), r.after, r.limit)
		if err != nil || len(got) != len(r.want) {
			s.Fatalf("since %d limit %d: %d entries, %v; want %d", r.after, r.limit, len(got), err, len(r.want))
		}
		for i := range got {
			s.same(got[i], r.want[i])
		}
	}
}

func allOrNothing(s *scene) {
	first := s.write("visit", "v1", ledger.Ref{}, "alt")
	other := Chain{Stream: "city/A-abc"}
	whole := func(stale ledger.Ref) ledger.Change {
		c := other.Fork()
		return ledger.Change{
			New:      []ledger.New{entry("visit", "v2", ledger.Ref{}, "neu"), entry("visit", "v1", stale, "neuer")},
			Foreign:  []ledger.Entry{c.Next("unit", "u1", ledger.Ref{}, "amt")},
			Receipts: []ledger.Receipt{{Stream: s.l.Own(), Through: 1, Raw: []byte("r")}},
			Drafts:   []ledger.Draft{{Who: "zhang", Form: "visit", At: noon, Body: []byte("d")}},
			Local:    []ledger.Local{{Name: "n", Value: []byte("v")}},
		}
	}
	s.refused(ledger.ErrStale, whole(ledger.Ref{Stream: s.l.Own(), Seq: 7}))
	s.newest("visit", "v1", "alt")
	s.ids("neu")
	s.ids("amt")
	if err := second(s.l.Local("n")); !errors.Is(err, ledger.ErrNotFound) {
		s.Errorf("setting of a refused commit: %v", err)
	}
	if d, err := s.l.Drafts(""); err != nil || len(d) != 0 {
		s.Errorf("drafts of a refused commit: %v, %v", d, err)
	}
	if err := second(s.l.Receipt(s.l.Own(), 1)); !errors.Is(err, ledger.ErrNotFound) {
		s.Errorf("receipt of a refused commit: %v", err)
	}

	s.commit(whole(first.Ref))
	s.newest("visit", "v1", "neuer")
	s.ids("alt")
	s.ids("neu", "v2")
	s.ids("amt", "u1")
}

func refusesMalformed(s *scene) {
	good := entry("visit", "v1", ledger.Ref{}, "x")
	for what, spoil := range map[string]func(*ledger.New){
		"no kind":             func(n *ledger.New) { n.Kind = "" },
		"no id":               func(n *ledger.New) { n.ID = "" },
		"no account":          func(n *ledger.New) { n.By = "" },
		"slash in the kind":   func(n *ledger.New) { n.Kind = "a/b" },
		"NUL in the id":       func(n *ledger.New) { n.ID = "a\x00b" },
		"a person's name":     func(n *ledger.New) { n.By = "张伟" },
		"id too long":         func(n *ledger.New) { n.ID = ledger.ID(strings.Repeat("a", ledger.MaxName+1)) },
		"body too long":       func(n *ledger.New) { n.Body = make([]byte, ledger.MaxBody+1) },
		"too much seen":       func(n *ledger.New) { n.Seen = make([]ledger.Ref, ledger.MaxSeen+1) },
		"replaces nonsense":   func(n *ledger.New) { n.Replaces = ledger.Ref{Stream: "nonsense", Seq: 1} },
		"has seen what isn't": func(n *ledger.New) { n.Seen = []ledger.Ref{{Stream: "x", Seq: 1}} },
	} {
		n := good
		spoil(&n)
		if _, err := s.l.Commit(context.Background(), ledger.Change{New: []ledger.New{n}}); !errors.Is(err, ledger.ErrBroken) {
			s.Errorf("%s: %v, want ErrBroken", what, err)
		}
	}
	for what, c := range map[string]ledger.Change{
		"receipt for nonsense":       {Receipts: []ledger.Receipt{{Stream: "x", Through: 1}}},
		"receipt for number 0":       {Receipts: []ledger.Receipt{{Stream: s.l.Own()}}},
		"draft of nobody":            {Drafts: []ledger.Draft{{Form: "f", Body: []byte("x")}}},
		"draft of no form":           {Drafts: []ledger.Draft{{Who: "zhang", Body: []byte("x")}}},
		"draft with a slash":         {Drafts: []ledger.Draft{{Who: "a/b", Form: "f", Body: []byte("x")}}},
		"setting without a name":     {Local: []ledger.Local{{Value: []byte("x")}}},
		"setting with a line feed":   {Local: []ledger.Local{{Name: "a\nb", Value: []byte("x")}}},
		"setting with too long name": {Local: []ledger.Local{{Name: strings.Repeat("a", 300), Value: []byte("x")}}},
	} {
		if _, err := s.l.Commit(context.Background(), c); err == nil {
			s.Errorf("%s was accepted", what)
		}
	}
	if hs := s.heads(); len(hs) != 0 {
		s.Errorf("refused changes left %v", hs)
	}
}

func ownStreams(s *scene) {
	own := s.l.Own()
	for _, st := range []ledger.Stream{"QA02/A-abc", "city/A-abc", "QA01/B-other", "QA01/B-other/x", own + "/a/b", own + "/", own + "/张"} {
		n := entry("step", "s1", ledger.Ref{}, "x")
		n.Stream = st
		if _, err := s.l.Commit(context.Background(), ledger.Change{New: []ledger.New{n}}); err == nil {
			s.Errorf("an entry for %s was written", st)
		}
	}
	mine, theirs := entry("step", "s1", ledger.Ref{}, "all"), entry("step", "s2", ledger.Ref{}, "one")
	mine.Stream, theirs.Stream = own, own.For("QA07")
	es := s.commit(ledger.Change{New: []ledger.New{mine, theirs}})
	if es[0].Stream != own || es[1].Stream != own.For("QA07") || es[0].Seq != 1 || es[1].Seq != 1 || !es[1].Prev.IsZero() {
		s.Errorf("written as %s and %s, each stream counts from 1", es[0].Ref, es[1].Ref)
	}
	// A record may go on in another stream of the epoch.
	on := entry("step", "s2", es[1].Ref, "for all now")
	s.commit(ledger.Change{New: []ledger.New{on}})
	s.newest("step", "s2", "for all now")
}

func staleRevision(s *scene) {
	a := s.write("visit", "v1", ledger.Ref{}, "a")
	s.refused(ledger.ErrStale, ledger.Change{New: []ledger.New{entry("visit", "v1", ledger.Ref{}, "again")}})
	s.refused(ledger.ErrStale, ledger.Change{New: []ledger.New{entry("visit", "v2", a.Ref, "another record")}})
	s.refused(ledger.ErrStale, ledger.Change{New: []ledger.New{entry("matter", "v1", a.Ref, "another kind")}})
	b := s.write("visit", "v1", a.Ref, "b")
	s.refused(ledger.ErrStale, ledger.Change{New: []ledger.New{entry("visit", "v1", a.Ref, "late")}})
	s.refused(ledger.ErrStale, ledger.Change{New: []ledger.New{entry("visit", "v1", b.Ref, "c"), entry("visit", "v1", b.Ref, "d")}})
	s.newest("visit", "v1", "b")
}

func concurrentRevision(s *scene) {
	a := s.write("visit", "v1", ledger.Ref{}, "a")
	var won, stale atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := s.l.Commit(context.Background(), ledger.Change{New: []ledger.New{entry("visit", "v1", a.Ref, fmt.Sprint("w", i))}})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, ledger.ErrStale):
				stale.Add(1)
			default:
				s.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || stale.Load() != 19 {
		s.Errorf("%d succeeded and %d were stale, want 1 and 19", won.Load(), stale.Load())
	}
}

func readersAndWriters(s *scene) {
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 30 {
				id := ledger.ID(fmt.Sprintf("v%d-%d", w, i))
				if _, err := s.l.Commit(context.Background(), ledger.Change{New: []ledger.New{entry("visit", id, ledger.Ref{}, "wort")}}); err != nil {
					s.Error(err)
					return
				}
				if _, err := s.l.Record("visit", id); err != nil {
					s.Errorf("own write not seen: %v", err)
				}
			}
		})
	}
	for range 3 {
		wg.Go(func() {
			for n := 0; n < 90; {
				es, err := s.l.Since(s.l.Own(), 0, 1000)
				if err != nil || len(es) < n {
					s.Errorf("%d entries after %d were seen: %v", len(es), n, err)
					return
				}
				n = len(es)
				hits, err := s.l.Find(ledger.Prefix("word", "wort"))
				if err != nil || len(hits) < n {
					s.Errorf("%d index lines for at least %d entries: %v", len(hits), n, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func cancelled(s *scene) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.l.Commit(ctx, ledger.Change{New: []ledger.New{entry("visit", "v1", ledger.Ref{}, "x")}})
	if !errors.Is(err, context.Canceled) {
		s.Errorf("commit: %v", err)
	}
	if h := s.head(s.l.Own()); h.Seq != 0 {
		s.Errorf("a cancelled commit wrote %v", h)
	}
	if _, err := s.l.Check(ctx, func(ledger.Fault) {}); err != nil && !errors.Is(err, context.Canceled) {
		s.Errorf("check: %v", err)
	}
	if err := s.l.Reindex(ctx); !errors.Is(err, context.Canceled) {
		s.Errorf("reindex: %v", err)
	}
	if err := s.l.Backup(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		s.Errorf("backup: %v", err)
	}
}
