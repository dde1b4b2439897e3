package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// run is one sync.
type run struct {
	*Outbox
	progress func(done, total uint64)
	sent     uint64
	waiting  uint64
	word     wire.Listing // the city's, in this run
}

// asks bounds how often a run starts over because the city's position was
// not what it had said, as when it is restored meanwhile.
const asks = 3

// sync asks for the city's position, sends and fetches. When the city misses
// something before a batch, everything believed is forgotten and asked anew.
func (r *run) sync(ctx context.Context) error {
	r.line.offset = 0
	for try := 1; ; try++ {
		err := r.round(ctx)
		var e *Error
		if try < asks && errors.As(err, &e) && e.Code == wire.Gap {
			continue
		}
		return err
	}
}

func (r *run) round(ctx context.Context) error {
	heads, err := r.ask(ctx)
	if err != nil {
		return err
	}
	own, err := r.ownHeads()
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	if _, err := r.change(func(s *state) {
		s.believe(r.word, own)
	}); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	r.waiting, r.sent = 0, 0
	for _, h := range own {
		if !beside(h.Stream) {
			r.waiting += uint64(h.Seq - min(h.Seq, heads[h.Stream].Seq))
		}
	}
	r.report(r.Ledger.Own(), 0)
	for _, h := range own {
		if err := r.place(h, heads[h.Stream]); err != nil {
			return err
		}
	}
	if err := r.resend(ctx, own, heads); err != nil {
		return err
	}
	for _, h := range own {
		if err := r.push(ctx, h, heads[h.Stream]); err != nil {
			return err
		}
	}
	if err := r.pull(ctx, heads); err != nil {
		return err
	}
	return r.handBack(ctx, heads)
}

// report tells of n more entries sent, if they are of those that count.
func (r *run) report(s ledger.Stream, n int) {
	if beside(s) {
		return
	}
	r.sent += uint64(n)
	r.set(func() { r.done, r.total = r.sent, r.waiting })
	if r.progress != nil && (n > 0 || r.waiting > 0) {
		r.progress(min(r.sent, r.waiting), r.waiting)
	}
}

// ask gets the city's position in every stream that concerns the station.
func (r *run) ask(ctx context.Context) (map[ledger.Stream]wire.Head, error) {
	a, err := r.line.get(ctx, wire.PathStreams, wire.MaxSmall)
	if err != nil {
		return nil, err
	}
	l, err := wire.OpenListing(a.body, r.City.Key)
	if err != nil || l.Station != r.Station || l.Nonce != a.nonce {
		return nil, notTheCity(errors.Join(err, errors.New("listing does not answer this request")))
	}
	r.word = l
	heads := make(map[ledger.Stream]wire.Head, len(l.Heads))
	for _, h := range l.Heads {
		heads[h.Stream] = h
	}
	_, err = r.change(func(s *state) {
		s.Skew = a.at.Sub(l.At).Round(time.Millisecond)
		// This word answers this very request, so it is the city's present
		// time also where it is earlier than what was said before.
		s.CityTime = l.At
	})
	return heads, err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// place makes sure that the city's copy of an own stream is a beginning of
// this one. In the epoch that is being written here, the city can never be
// ahead: then this file is an old copy, or two machines write as one station.
func (r *run) place(own ledger.Head, city wire.Head) error {
	hash := own.Hash
	switch {
	case city.Seq > own.Seq && own.Stream == r.Ledger.Own():
		return aheadOf(own, city.Seq)
	case city.Seq > own.Seq:
		return nil // given back: see pull
	case city.Seq == 0:
		return nil
	case city.Seq < own.Seq:
		e, err := r.Ledger.Entry(ledger.Ref{Stream: own.Stream, Seq: city.Seq})
		if err != nil {
			return fmt.Errorf("sync: %w", err)
		}
		hash = e.Hash()
	}
	if hash != city.Hash {
		return forked(fmt.Errorf("%s#%d: the city holds another entry", own.Stream, city.Seq))
	}
	return nil
}

// resend sends frozen batches again, as the same bytes, when their receipts
// are still missing; this also brings the answer that was lost. When the city
// has gone back behind them, they are forgotten.
func (r *run) resend(ctx context.Context, own []ledger.Head, heads map[ledger.Stream]wire.Head) error {
	parcels, err := r.frozen()
	if err != nil {
		return err
	}
	for _, p := range parcels {
		c := ledger.Change{Local: []ledger.Local{{Name: slotName(p.slot)}}}
		city := heads[p.Stream]
		if confirmed, ours := confirmedOf(own, p.Stream); ours && city.Seq >= p.First-1 && confirmed < p.Last {
			raw, err := r.send(ctx, p)
			if err != nil {
				return err
			}
			if c, err = r.settle(&settled{p, raw}, max(city.Seq, p.Last)); err != nil {
				return err
			}
			if city.Seq < p.Last {
				r.report(p.Stream, int(p.Last-city.Seq))
				heads[p.Stream] = wire.Head{Stream: p.Stream, Seq: p.Last, Hash: p.head}
			}
		}
		if _, err := r.Ledger.Commit(ctx, c); err != nil {
			return fmt.Errorf("keep receipt: %w", err)
		}
	}
	return nil
}

func confirmedOf(own []ledger.Head, s ledger.Stream) (ledger.Seq, bool) {
	for _, h := range own {
		if h.Stream == s {
			return h.Confirmed, true
		}
	}
	return 0, false
}

// settled is a batch with the receipt that was believed.
type settled struct {
	*parcel
	receipt []byte
}

// push sends what the city lacks of one own stream. While a batch is on its
// way, the receipt for the one before it is kept and the next one is packed
// and frozen, in one commit.
func (r *run) push(ctx context.Context, own ledger.Head, city wire.Head) error {
	if city.Seq > own.Seq {
		return nil
	}
	if err := r.fetchReceipt(ctx, own.Stream, city.Seq); err != nil {
		return err
	}
	p, err := r.prepare(ctx, nil, own.Stream, city.Seq, 0)
	if err != nil {
		return err
	}
	var owed *settled
	for p != nil && err == nil {
		ready := make(chan prepared, 1)
		go func() {
			next, err := r.prepare(ctx, owed, p.Stream, p.Last, 1-p.slot)
			ready <- prepared{next, err}
		}()
		raw, failed := r.send(ctx, p)
		next := <-ready
		owed, err = nil, errors.Join(failed, next.err)
		if failed == nil {
			owed = &settled{p, raw}
			r.report(p.Stream, p.Len())
		}
		p = next.parcel
	}
	if owed == nil {
		return err
	}
	c, failed := r.settle(owed, owed.Last)
	if failed == nil {
		_, failed = r.Ledger.Commit(ctx, c)
	}
	return errors.Join(err, failed)
}

type prepared struct {
	*parcel
	err error
}

// prepare keeps the receipt that is owed, if any, and packs and freezes the
// entries after a number; nil when there are none.
func (r *run) prepare(ctx context.Context, owed *settled, s ledger.Stream, after ledger.Seq, slot int) (*parcel, error) {
	var c ledger.Change
	if owed != nil {
		var err error
		if c, err = r.settle(owed, owed.Last); err != nil {
			return nil, err
		}
	}
	p, err := r.build(s, after)
	if err != nil {
		return nil, err
	}
	if p != nil {
		p.slot = slot
		kept, err := p.freeze()
		if err != nil {
			return nil, err
		}
		c.Local = append(c.Local, kept) // after the one that empties the slot
	}
	if _, err := r.Ledger.Commit(ctx, c); err != nil {
		return nil, fmt.Errorf("freeze batch: %w", err)
	}
	return p, nil
}

// build packs the entries after a number; nil when there are none.
func (r *run) build(s ledger.Stream, after ledger.Seq) (*parcel, error) {
	list, err := r.Ledger.Since(s, after, wire.MaxEntries)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	for i, e := range list {
		if e.Private || r.Withhold(e) {
			list[i] = e.Withhold()
		}
	}
	b, err := r.packer.Pack(list)
	if err != nil {
		return nil, err
	}
	return &parcel{Batch: b, head: list[b.Len()-1].Hash()}, nil
}

// send puts a batch and returns the receipt's bytes once it is believed.
func (r *run) send(ctx context.Context, p *parcel) ([]byte, error) {
	a, err := r.line.put(ctx, p.Batch, nil)
	if err != nil {
		return nil, err
	}
	if err := r.believe(a.body, p.Stream, p.Last, p.head); err != nil {
		return nil, err
	}
	return a.body, nil
}

// believe verifies a receipt for exactly this stream, number and hash.
func (r *run) believe(raw []byte, s ledger.Stream, through ledger.Seq, head ledger.Hash) error {
	got, err := wire.OpenReceipt(raw, r.City.Key)
	if err != nil {
		return notTheCity(err)
	}
	if got.Stream != s || got.Through != through || got.Head != head {
		return notTheCity(fmt.Errorf("receipt for %s through %d, want %s through %d", got.Stream, got.Through, s, through))
	}
	return nil
}

// settle is what to commit for a batch that the city has: its receipt, what
// the city finds doubtful, and that it need not be kept frozen. Held is how far
// the city is now.
func (r *run) settle(b *settled, held ledger.Seq) (ledger.Change, error) {
	c, err := r.kept(b.Stream, b.Last, b.receipt)
	if err != nil {
		return c, err
	}
	state, err := r.change(func(s *state) { s.Held[b.Stream] = held })
	c.Local = append(c.Local, state, ledger.Local{Name: slotName(b.slot)})
	return c, err
}

// kept is a receipt as a change to be committed.
func (r *run) kept(s ledger.Stream, through ledger.Seq, raw []byte) (ledger.Change, error) {
	c := ledger.Change{Receipts: []ledger.Receipt{{Stream: s, Through: through, Raw: raw}}}
	receipt, err := wire.OpenReceipt(raw, r.City.Key)
	if err != nil {
		return c, notTheCity(err)
	}
	bySeq := map[ledger.Seq][]wire.Doubt{}
	for _, d := range receipt.Doubtful {
		bySeq[d.Seq] = append(bySeq[d.Seq], d)
	}
	for seq, doubts := range bySeq {
		b, err := json.Marshal(doubts)
		if err != nil {
			return c, err
		}
		c.Local = append(c.Local, ledger.Local{Name: fmt.Sprintf("%s%s/%d", localDoubt, s, seq), Value: b})
	}
	return c, nil
}

// fetchReceipt asks for the receipt of what the city holds, when this ledger
// has none for it: the answer was lost, and the frozen batch with it.
func (r *run) fetchReceipt(ctx context.Context, s ledger.Stream, held ledger.Seq) error {
	if held == 0 {
		return nil
	}
	if _, err := r.Ledger.Receipt(s, held); !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	e, err := r.Ledger.Entry(ledger.Ref{Stream: s, Seq: held})
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	a, err := r.line.get(ctx, wire.PathHead(s), wire.MaxSmall)
	if err != nil {
		return err
	}
	if err := r.believe(a.body, s, held, e.Hash()); err != nil {
		return err
	}
	c, err := r.kept(s, held, a.body)
	if err != nil {
		return err
	}
	if _, err := r.Ledger.Commit(ctx, c); err != nil {
		return fmt.Errorf("keep receipt: %w", err)
	}
	return nil
}
