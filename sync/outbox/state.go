package outbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// Names of local settings.
const (
	localState = "outbox/state"
	localBatch = "outbox/batch/"
	localDoubt = "outbox/doubt/"
)

// state is what survives between runs and restarts.
type state struct {
	LastSync time.Time                    `json:"last_sync"`
	LastTry  time.Time                    `json:"last_try"`
	Error    *Error                       `json:"error,omitempty"`
	Failures int                          `json:"failures"`
	Skew     time.Duration                `json:"skew"`
	CityTime time.Time                    `json:"city_time"`        // when the city gave its last word, by its clock
	Held     map[ledger.Stream]ledger.Seq `json:"held"`             // how far the city is, by its last word
	City     string                       `json:"city,omitempty"`   // KeyID of who gave it
	Writes   ledger.Stream                `json:"writes,omitempty"` // the stream that the city wrote then
}

// held is how far the city holds a stream. Its last word counts, also when it
// has gone back behind a receipt.
func (s state) held(h ledger.Head) ledger.Seq {
	if n, ok := s.Held[h.Stream]; ok {
		return n
	}
	return h.Confirmed
}

// held is how far the city holds a stream, see state.
func (o *Outbox) held(h ledger.Head) ledger.Seq {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state.held(h)
}

// believe takes a listing for how far the city is. Own streams that it does
// not name, the city has lost, or never had.
func (s *state) believe(l wire.Listing, own []ledger.Head) {
	s.City, s.Writes = l.City, l.Writes
	clear(s.Held)
	for _, h := range own {
		s.Held[h.Stream] = 0
	}
	for _, h := range l.Heads {
		s.Held[h.Stream] = h.Seq
	}
}

// hear takes a listing that came by stick, at a time by this machine's clock.
// Sticks come late, twice and in any order, and clocks are wrong, so what a
// listing says is judged by what it says: in the epoch that the city writes, it
// never goes back, so that the most it ever held there is what it holds. Only
// its words of different epochs, before and after a backup was restored, are
// told apart by when they were said; and a last word from the future does not
// count there, since a clock that was set wrong once would never be overtaken.
func (s *state) hear(l wire.Listing, own []ledger.Head, now time.Time) {
	switch {
	case l.City == s.City && l.Writes.Epoch() == s.Writes.Epoch():
		for _, h := range l.Heads {
			s.Held[h.Stream] = max(s.Held[h.Stream], h.Seq)
		}
		s.CityTime = later(s.CityTime, l.At)
	case l.City != s.City, l.At.After(s.CityTime), s.CityTime.After(now):
		s.believe(l, own)
		s.CityTime = l.At
	default:
		return // an old stick, from before the city's backup was restored
	}
	heard := l.At
	if heard.After(now) {
		heard = now
	}
	if s.LastSync.After(now) || heard.After(s.LastSync) {
		s.LastSync, s.Error, s.Failures = heard, nil, 0
	}
}

func loadState(l ledger.Ledger) (state, error) {
	s := state{Held: map[ledger.Stream]ledger.Seq{}}
	b, err := l.Local(localState)
	if errors.Is(err, ledger.ErrNotFound) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return s, fmt.Errorf("read sync state: %w", err)
	}
	return s, nil
}

// change applies fn to the state and returns it as a setting to be committed.
func (o *Outbox) change(fn func(*state)) (ledger.Local, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state.Held = maps.Clone(o.state.Held)
	if o.state.Held == nil {
		o.state.Held = map[ledger.Stream]ledger.Seq{}
	}
	fn(&o.state)
	b, err := json.Marshal(o.state)
	return ledger.Local{Name: localState, Value: b}, err
}

// succeeded records the run, also one that had nothing to send: that is how
// an idle line is told from a dead one.
func (r *run) succeeded(ctx context.Context) error {
	l, err := r.change(func(s *state) {
		s.LastSync = r.Clock().UTC()
		s.LastTry, s.Error, s.Failures = s.LastSync, nil, 0
	})
	if err == nil {
		_, err = r.Ledger.Commit(ctx, ledger.Change{Local: []ledger.Local{l}})
	}
	if err != nil {
		return fmt.Errorf("record sync: %w", err)
	}
	r.set(func() { r.retry = time.Time{} })
	return nil
}

// failed records why the run ended, also when its time was up.
func (r *run) failed(ctx context.Context, e *Error) {
	now := r.Clock().UTC()
	l, err := r.change(func(s *state) { s.LastTry, s.Error, s.Failures = now, e, s.Failures+1 })
	if err == nil {
		_, err = r.Ledger.Commit(context.WithoutCancel(ctx), ledger.Change{Local: []ledger.Local{l}})
	}
	if err != nil {
		r.Logger.Warn("sync result not kept", "error", err)
	}
	retry := now.Add(r.backOff(e))
	r.set(func() { r.retry = retry })
	r.Logger.Warn("sync", "code", string(e.Code), "error", e.cause)
}

// parcel is a batch with the hash of its last header and its place among the
// frozen ones. There are two places: one batch is on its way while the next is
// made ready.
type parcel struct {
	wire.Batch
	head ledger.Hash
	slot int
}

const slots = 2

// parcelHead is the first line of a frozen batch; its bytes follow.
type parcelHead struct {
	Stream ledger.Stream `json:"stream"`
	First  ledger.Seq    `json:"first"`
	Last   ledger.Seq    `json:"last"`
	Head   ledger.Hash   `json:"head"`
}

// freeze is the parcel as a setting to be committed.
func (p *parcel) freeze() (ledger.Local, error) {
	b, err := json.Marshal(parcelHead{p.Stream, p.First, p.Last, p.head})
	return ledger.Local{Name: slotName(p.slot), Value: append(append(b, '\n'), p.Body...)}, err
}

func slotName(slot int) string { return fmt.Sprintf("%s%d", localBatch, slot) }

// frozen returns the batches that were on their way when the last run ended,
// in order.
func (o *Outbox) frozen() ([]*parcel, error) {
	var all []*parcel
	for slot := range slots {
		b, err := o.Ledger.Local(slotName(slot))
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read frozen batch: %w", err)
		}
		first, body, _ := bytes.Cut(b, []byte{'\n'})
		var h parcelHead
		if err := json.Unmarshal(first, &h); err != nil {
			return nil, fmt.Errorf("read frozen batch: %w", err)
		}
		all = append(all, &parcel{wire.Batch{Stream: h.Stream, First: h.First, Last: h.Last, Body: body}, h.Head, slot})
	}
	slices.SortFunc(all, func(a, b *parcel) int { return cmp.Compare(a.First, b.First) })
	return all, nil
}

// Doubtful is an entry with what the city finds wrong with it.
type Doubtful struct {
	Ref    ledger.Ref
	Doubts []wire.Doubt
}

// Doubts returns what the city finds wrong with entries of this station. They
// are stored there all the same; a person should look at them.
func (o *Outbox) Doubts() ([]Doubtful, error) {
	list, err := o.Ledger.Locals(localDoubt)
	if err != nil {
		return nil, fmt.Errorf("list doubts: %w", err)
	}
	var all []Doubtful
	for _, l := range list {
		name := strings.TrimPrefix(l.Name, localDoubt)
		d := Doubtful{Ref: ledger.Ref{Stream: ledger.Stream(name[:max(0, strings.LastIndexByte(name, '/'))])}}
		if err := json.Unmarshal(l.Value, &d.Doubts); err != nil || len(d.Doubts) == 0 {
			return nil, fmt.Errorf("list doubts: read %s: %w", l.Name, errors.Join(err, wire.ErrMalformed))
		}
		d.Ref.Seq = d.Doubts[0].Seq
		all = append(all, d)
	}
	return all, nil
}
