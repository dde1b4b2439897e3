package station_test

import (
	"context"
	"fmt"
	"testing"

	"liaison/station"
	"liaison/station/ledger"
)

// coy is a ledger on a disk whose last sync fails: it does not say whether a
// commit is durable.
type coy struct {
	ledger.Ledger
	fails int  // commits that are answered so
	keeps bool // and that are there nevertheless
}

func (l *coy) Commit(ctx context.Context, c ledger.Change) ([]ledger.Entry, error) {
	if l.fails == 0 {
		return l.Ledger.Commit(ctx, c)
	}
	l.fails--
	if l.keeps {
		if _, err := l.Ledger.Commit(ctx, c); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: fdatasync: input/output error", ledger.ErrUnsure)
}

// TestAnErrorIsNoNo: the disk reports an error of the last sync, and the
// reception may be there or not. Whoever presses F10 again, in whatever state
// the disk is, gets one number and one record.
func TestAnErrorIsNoNo(t *testing.T) {
	for _, keeps := range []bool{true, false} {
		t.Run(fmt.Sprint("durable ", keeps), func(t *testing.T) {
			l := &coy{keeps: keeps}
			b := newDesk(t)
			b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.Ledger = inner; return l }
			b.restart()
			draft := func() {
				t.Helper()
				if err := b.SaveDraft(attendant, station.Draft{Form: "reception", Values: map[string]string{"content": "路灯"}}); err != nil {
					t.Fatal(err)
				}
			}
			draft()
			l.fails = 1
			_, err := b.Receive(attendant, lamp(), true, "reception")
			problem(t, err, "E-UNSURE")
			if !keeps {
				draft() // the screen goes on saving what stands on it
			}
			l.fails, l.keeps = 1, false // the disk is not well yet
			_, err = b.Receive(attendant, lamp(), true, "reception")
			problem(t, err, "E-UNSURE")
			l.keeps = keeps
			s, err := b.Receive(attendant, lamp(), true, "reception")
			if err != nil || s.Known != keeps || s.Number == "" {
				t.Fatalf("saved again: %+v, %v", s, err)
			}
			if all, err := b.List(station.Owner(), station.Query{}); err != nil || len(all) != 1 || all[0].Number != s.Number {
				t.Errorf("%d receptions, %v: doubled or lost", len(all), err)
			}
			if ds, err := b.Drafts(attendant); err != nil || len(ds) > 0 {
				t.Errorf("drafts left: %v, %v", ds, err)
			}
			other := lamp()
			other.Voter.Name = "李大民"
			if s2, err := b.Receive(attendant, other, true, "reception"); err != nil || s2.Known || s2.Number == s.Number {
				t.Errorf("the next one: %+v, %v", s2, err)
			}
		})
	}
}

// TestWhatIsTypedAnewIsRecordedAnew: the first save was durable after all, and
// the words were changed before the key was pressed again.
func TestWhatIsTypedAnewIsRecordedAnew(t *testing.T) {
	l := &coy{keeps: true}
	b := newDesk(t)
	b.wrap = func(inner ledger.Ledger) ledger.Ledger { l.Ledger = inner; return l }
	b.restart()
	l.fails = 1
	_, err := b.Receive(attendant, lamp(), true, "reception")
	problem(t, err, "E-UNSURE")
	other := lamp()
	other.Voter.Name = "李大民"
	if s, err := b.Receive(attendant, other, true, "reception"); err != nil || s.Known {
		t.Errorf("%+v, %v", s, err)
	}
	if all, err := b.List(station.Owner(), station.Query{}); err != nil || len(all) != 2 {
		t.Errorf("%d receptions, %v", len(all), err)
	}
}
