package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"liaison/station/ledger"
)

func receipts(s *scene) {
	own := s.l.Own()
	for i := range 4 {
		s.write("visit", ledger.ID(fmt.Sprint("v", i)), ledger.Ref{}, "x")
	}
	keep := func(through ledger.Seq, raw string) ledger.Change {
		return ledger.Change{Receipts: []ledger.Receipt{{Stream: own, Through: through, Raw: []byte(raw)}}}
	}
	s.commit(keep(3, "three"))
	s.commit(keep(2, "two, late"))
	s.commit(keep(3, "three, another time"))
	if h := s.head(own); h.Confirmed != 3 || string(h.Receipt) != "three" || h.Seq != 4 {
		s.Errorf("head %+v, want 3 confirmed by the first receipt", h)
	}
	for through, want := range map[ledger.Seq]string{2: "two, late", 3: "three"} {
		if raw, err := s.l.Receipt(own, through); err != nil || string(raw) != want {
			s.Errorf("receipt for %d: %q, %v; want %q", through, raw, err, want)
		}
	}
	if err := second(s.l.Receipt(own, 1)); !errors.Is(err, ledger.ErrNotFound) {
		s.Errorf("receipt for 1: %v", err)
	}
	s.refused(ledger.ErrGap, keep(5, "for what is not there"))
	s.refused(ledger.ErrGap, ledger.Change{Receipts: []ledger.Receipt{{Stream: "city/A-abc", Through: 1, Raw: []byte("x")}}})

	// Two answer the same batch at once: both find the same receipt afterwards.
	c := Chain{Stream: "QA02/A-abc"}
	batch := []ledger.Entry{c.Next("visit", "w1", ledger.Ref{}, "x"), c.Next("visit", "w2", ledger.Ref{}, "x")}
	answers := make([]string, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			_, err := s.l.Commit(context.Background(), ledger.Change{Foreign: batch, Receipts: []ledger.Receipt{{Stream: c.Stream, Through: 2, Raw: fmt.Append(nil, "answer ", i)}}})
			raw, rerr := s.l.Receipt(c.Stream, 2)
			if err := errors.Join(err, rerr); err != nil {
				s.Error(err)
			}
			answers[i] = string(raw)
		})
	}
	wg.Wait()
	if distinct := slices.Compact(slices.Sorted(slices.Values(answers))); len(distinct) != 1 {
		s.Errorf("the same batch was answered with %q", distinct)
	}
}

func drafts(s *scene) {
	put := func(who, form string, at time.Time, body []byte) {
		s.Helper()
		s.commit(ledger.Change{Drafts: []ledger.Draft{{Who: who, Form: form, At: at, Body: body}}})
	}
	expect := func(who string, want ...string) {
		s.Helper()
		ds, err := s.l.Drafts(who)
		if err != nil {
			s.Fatal(err)
		}
		var got []string
		for _, d := range ds {
			got = append(got, fmt.Sprintf("%s %s %d %s", d.Who, d.Form, d.At.Sub(noon)/time.Minute, d.Body))
		}
		if !slices.Equal(got, want) {
			s.Errorf("drafts of %q: %q, want %q", who, got, want)
		}
	}
	put("zhang", "visit", noon, []byte("路"))
	put("zhang", "visit", noon.Add(time.Minute), []byte("路灯"))
	put("zhang", "matter:m1", noon.Add(2*time.Minute), []byte{})
	put("li", "visit", noon.Add(3*time.Minute), []byte("x"))
	expect("zhang", "zhang matter:m1 2 ", "zhang visit 1 路灯")
	expect("", "li visit 3 x", "zhang matter:m1 2 ", "zhang visit 1 路灯")
	expect("wang")
	put("zhang", "matter:m1", noon, nil)
	put("wang", "never-there", noon, nil)
	s.reopen()
	expect("", "li visit 3 x", "zhang visit 1 路灯")
	// A save drops its draft in the same commit.
	s.commit(ledger.Change{New: []ledger.New{entry("visit", "v1", ledger.Ref{}, "路灯")}, Drafts: []ledger.Draft{{Who: "zhang", Form: "visit"}}})
	expect("zhang")
}

func locals(s *scene) {
	set := func(name, value string) ledger.Local { return ledger.Local{Name: name, Value: []byte(value)} }
	s.commit(ledger.Change{Local: []ledger.Local{set("user/zhang", "1"), set("user/li", "2"), set("站名", "曲阿"), set("empty", "")}})
	s.commit(ledger.Change{Local: []ledger.Local{set("user/zhang", "3")}})
	for name, want := range map[string]string{"user/zhang": "3", "user/li": "2", "站名": "曲阿", "empty": ""} {
		if v, err := s.l.Local(name); err != nil || string(v) != want || v == nil {
			s.Errorf("setting %s: %q, %v; want %q", name, v, err, want)
		}
	}
	names := func(prefix string) (out []string) {
		s.Helper()
		ls, err := s.l.Locals(prefix)
		if err != nil {
			s.Fatal(err)
		}
		for _, x := range ls {
			out = append(out, x.Name)
		}
		return out
	}
	if got := names("user/"); !slices.Equal(got, []string{"user/li", "user/zhang"}) {
		s.Errorf("users %q", got)
	}
	if got := names(""); len(got) != 4 {
		s.Errorf("all settings %q", got)
	}
	s.commit(ledger.Change{Local: []ledger.Local{{Name: "user/li"}, {Name: "never there"}}})
	if err := second(s.l.Local("user/li")); !errors.Is(err, ledger.ErrNotFound) {
		s.Errorf("a dropped setting: %v", err)
	}
}

// backup copies the ledger while it is written to. The copy is put where a
// ledger of its own is expected.
func backup(s *scene) {
	for i := range 50 {
		s.write("visit", ledger.ID(fmt.Sprint("v", i)), ledger.Ref{}, "vorher")
	}
	var copied bytes.Buffer
	done := make(chan error, 1)
	go func() { done <- s.l.Backup(context.Background(), &copied) }()
	for i := range 50 {
		s.write("visit", ledger.ID(fmt.Sprint("w", i)), ledger.Ref{}, "während")
	}
	if err := <-done; err != nil {
		s.Fatal(err)
	}
	own := s.l.Own()
	there := s.hits()
	s.close()
	s.dir = s.TempDir()
	if err := os.WriteFile(filepath.Join(s.dir, File), copied.Bytes(), 0o600); err != nil {
		s.Fatal(err)
	}
	s.reopen()
	tally := s.checked()
	if tally.Entries < 50 || tally.Entries > 100 || s.l.Own() != own {
		s.Errorf("the copy holds %s of %s", tally, s.l.Own())
	}
	if got := s.hits(); len(got) != tally.Records || len(got) > len(there) {
		s.Errorf("the copy has %d index lines for %s", len(got), tally)
	}
}
