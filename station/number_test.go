package station_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

func TestNumberIsReadAsPeopleTypeIt(t *testing.T) {
	const n = station.Number("QA01-26A-0001-7")
	for _, s := range []string{
		"QA01-26A-0001-7", "qa01-26a-0001-7", " QA0126A00017 ", "ＱＡ０１－２６Ａ－０００１－７", "QA01 26A 0001 7", "QA01—26A—0001—7", "qa01-26a-00017",
	} {
		if got, m, err := station.ParseNumber(s); got != n || m != 0 || err != nil {
			t.Errorf("%q is read as %q/%d, %v", s, got, m, err)
		}
	}
	for _, s := range []string{"QA01-26A-0001-7/2", "qa01-26a-0001-7／２", "QA0126A00017/ 2"} {
		if got, m, err := station.ParseNumber(s); got != n || m != 2 || err != nil {
			t.Errorf("%q is read as %q/%d, %v", s, got, m, err)
		}
	}
	for _, s := range []string{
		"", "-", "/", "1", "13800138000", "2026-11-23", "王小明", "QA01-26A-0001-7/0", "QA01-26A-0001-7/-1", "QA01-26A-0001-7/+1",
		"QA01-26A-0001-7/x", "QA01-26A-0001-7/51", "QA01-26A-+001-7", "QA01-26A-0000-X", "Q-26A-0001-7", "QA01-26-0001-7",
		strings.Repeat("9", 1<<20), "QA01-26A-" + strings.Repeat("9", 25) + "-7", "\x1b]0;x\x07",
	} {
		got, _, err := station.ParseNumber(s)
		if err == nil {
			t.Errorf("%.40q was read as %q", s, got)
			continue
		}
		if p := station.Say(err); p.ZH == "" || p.EN == "" || len(p.ZH) > 400 || strings.ContainsRune(p.Error(), 0x1b) {
			t.Errorf("%.40q: problem %.400q", s, p)
		}
	}
	_, _, err := station.ParseNumber("QA01-26A-0002-7")
	problem(t, err, "number-check")
}

// Every wrong single character in a number is found.
func TestNumberFindsASlipOfOneCharacter(t *testing.T) {
	const n = "QA01-26A-0001-7"
	for i, was := range n {
		if was == '-' {
			continue
		}
		for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
			if c == was {
				continue
			}
			if got, _, err := station.ParseNumber(n[:i] + string(c) + n[i+1:]); err == nil {
				t.Errorf("%c instead of %c at %d was read as %s", c, was, i, got)
			}
		}
	}
}

func TestNumbersOfLongCodesAndLateEpochsWereNotReadInOnePiece(t *testing.T) {
	for _, front := range []string{"Q1-26A", "QUAYJIE1-26A", "QA01-26S", "QA01-26Z", "QA01-26AB"} {
		for _, run := range []string{"0007", "S0007", "12345"} {
			plain := strings.ReplaceAll(front+run, "-", "")
			c, err := typed.Check3736(plain)
			if err != nil {
				t.Fatal(err)
			}
			want := station.Number(front + "-" + run + "-" + string(c))
			for _, s := range []string{string(want), plain + string(c)} {
				if got, _, err := station.ParseNumber(s); got != want || err != nil {
					t.Errorf("%s is read as %q, %v; want %s", s, got, err, want)
				}
			}
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"QA01-26A-0001-7", "qa0126a00017/2", "QA01-26AS-0001-K", "ＱＡ０１－２６Ａ", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, m, err := station.ParseNumber(s)
		if err != nil {
			return
		}
		again, m2, err := station.ParseNumber(n.Matter(max(m, 1)))
		if err != nil || again != n || m2 != max(m, 1) {
			t.Errorf("%q gives %s/%d, which gives %s/%d, %v", s, n, m, again, m2, err)
		}
	})
}

func TestValidCode(t *testing.T) {
	for _, s := range []string{"QA", "QA01", "QUAYJIE1"} {
		if !station.ValidCode(s) {
			t.Errorf("%q refused", s)
		}
	}
	for _, s := range []string{"", "Q", "1A", "qa01", "QA-1", "QA/1", "QUAYJIE12", "曲阿", "QA01\n"} {
		if station.ValidCode(s) {
			t.Errorf("%q accepted", s)
		}
	}
}

// A day at the desk: numbers run on over failed commits, restarts, voids and
// the turn of the year, and never come twice.
func TestNumbersAreNeverGivenTwice(t *testing.T) {
	b := newDesk(t)
	l := &broken{}
	b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.Ledger = inner; return l }
	b.restart()
	given := map[station.Number]bool{}
	next := func(run string) {
		t.Helper()
		n := b.receive(attendant, lamp()).Number
		if given[n] {
			t.Errorf("%s was given twice", n)
		}
		given[n] = true
		if got := string(n)[:len(n)-2]; got != run {
			t.Errorf("number %s, want %s-…", n, run)
		}
	}
	next("QA01-26A-0001")
	l.fail(ledger.ErrFull, nil)
	_, err := b.Receive(attendant, lamp(), false, "")
	problem(t, err, "E-FULL")
	l.fail(nil, nil)
	next("QA01-26A-0002")
	if err := b.Void(attendant, b.lookup("QA0126A00025"), "重复登记"); err != nil {
		t.Fatal(err)
	}
	b.restart()
	next("QA01-26A-0003")
	if err := b.Ledger().Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	next("QA01-26A-0004")

	b.set(time.Date(2027, 1, 1, 0, 0, 0, 0, station.Beijing))
	next("QA01-27A-0001")
	b.set(time.Date(2026, 12, 31, 23, 59, 0, 0, station.Beijing)) // the clock was put right
	next("QA01-26A-0005")
	b.set(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)) // midnight in Beijing
	next("QA01-27A-0002")

	if f := b.lookup("qa01-26a-0002-5"); f.Visit.Void == "" {
		t.Error("the void reception lost its number")
	}
}

func TestNumbersGoOnPast9999(t *testing.T) {
	b := newDesk(t)
	s := b.receive(attendant, lamp())
	rec, err := b.led.Record(ledger.Kind("visit"), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	var v station.Visit
	if err := json.Unmarshal(rec.Body, &v); err != nil {
		t.Fatal(err)
	}
	c, err := typed.Check3736("QA0126A9999")
	if err != nil {
		t.Fatal(err)
	}
	v.Number = station.Number("QA01-26A-9999-" + string(c))
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	change := ledger.Change{New: []ledger.New{{Kind: station.KindVisit, ID: s.ID, By: "u-test", Replaces: rec.Ref, Body: body}}}
	if _, err := b.Ledger().Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"QA01-26A-10000-", "QA01-26A-10001-", "QA01-26A-10002-"} {
		n := b.receive(attendant, lamp()).Number
		if !strings.HasPrefix(string(n), want) {
			t.Errorf("number %s, want %s…", n, want)
		}
		if f := b.lookup(strings.ReplaceAll(string(n), "-", "")); f.Visit.Number != n {
			t.Errorf("%s leads to %s", n, f.Visit.Number)
		}
	}
}

func TestNumbersOfConcurrentSavesRunWithoutGapOrDouble(t *testing.T) {
	b := newDesk(t)
	var mu sync.Mutex
	var got []station.Number
	var people sync.WaitGroup
	for range 8 {
		people.Go(func() {
			for range 10 {
				s, err := b.Receive(attendant, lamp(), false, "")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got = append(got, s.Number)
				mu.Unlock()
			}
		})
	}
	people.Wait()
	slices.Sort(got)
	for i, n := range got {
		if want := fmt.Sprintf("QA01-26A-%04d-", i+1); !strings.HasPrefix(string(n), want) {
			t.Fatalf("number %d is %s, want %s…", i, n, want)
		}
	}
	if ss, err := b.Sessions(typed.Date{}, typed.Date{}, 0); err != nil || len(ss) != 1 {
		t.Errorf("%d sessions, %v; all receptions share one", len(ss), err)
	}
}

// The message from a web form is sent again because the answer was lost, and
// by two at once.
func TestReferenceIsRecordedOnce(t *testing.T) {
	b := newDesk(t)
	r := lamp()
	r.Ref = "wx-20261123-王小明-13800138000"
	first := b.receive(attendant, r)
	again := b.receive(other, r)
	if !again.Known || again.Number != first.Number || again.ID != first.ID || again.Session.ID != first.Session.ID {
		t.Errorf("sent again: %+v, want the number of %+v", again, first)
	}
	b.restart()
	r.Matters[0].Content = "内容被改过的重发"
	if s := b.receive(attendant, r); !s.Known || s.Number != first.Number {
		t.Errorf("after a restart: %+v", s)
	}
	b.correct(attendant, first.Number, func(r *station.Reception) { r.Persons = 3 })
	if s := b.receive(attendant, r); !s.Known {
		t.Error("a correction made the reference unknown")
	}
	if err := b.Void(attendant, b.lookup(string(first.Number)), "测试"); err != nil {
		t.Fatal(err)
	}
	if s := b.receive(attendant, r); !s.Known {
		t.Error("a void reception was recorded again")
	}

	r.Ref = "另一条"
	var mu sync.Mutex
	fresh := 0
	numbers := map[station.Number]bool{}
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			s, err := b.Receive(attendant, r, false, "")
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			numbers[s.Number] = true
			if !s.Known {
				fresh++
			}
		})
	}
	senders.Wait()
	if fresh != 1 || len(numbers) != 1 {
		t.Errorf("recorded %d times under %v", fresh, numbers)
	}
	if n := len(b.entries(station.KindVisit)); n != 2 {
		t.Errorf("%d visits, want 2", n)
	}
}

// The second epoch begins after a restore; its numbers have another letter.
func TestNumbersOfANewEpochDoNotMeetTheOld(t *testing.T) {
	b := newDesk(t)
	old := b.receive(attendant, lamp())
	var backup strings.Builder
	if err := b.led.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	restored := restore(t, b, backup.String())
	n := restored.receive(attendant, lamp()).Number
	if !strings.HasPrefix(string(n), "QA01-26B-0001-") {
		t.Errorf("number %s after a restore, want epoch B from 1", n)
	}
	equal(t, "both are listed", restored.numbers(head, station.Query{}), []station.Number{n, old.Number})
	for _, want := range []station.Number{old.Number, n} {
		if f := restored.lookup(string(want)); f.Visit.Number != want {
			t.Errorf("%s leads to %s", want, f.Visit.Number)
		}
	}
	if _, _, err := restored.Lookup(head, "QA01-26C-0001-X"); err == nil || errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("a number never given: %v, want a problem in words", err)
	}
}
