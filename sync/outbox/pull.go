package outbox

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// pull fetches what the city has and this ledger lacks: the city's entries for
// everyone and for this station, and entries of this station's own earlier
// epochs that were lost when it was restored from a backup.
func (r *run) pull(ctx context.Context, heads map[ledger.Stream]wire.Head) error {
	for _, s := range slices.Sorted(maps.Keys(heads)) {
		city := heads[s]
		if !r.fetches(s) {
			continue
		}
		mine, err := r.Ledger.Head(s)
		if err != nil {
			return fmt.Errorf("fetch entries: %w", err)
		}
		if mine.Seq == city.Seq && mine.Hash != city.Hash {
			return forked(fmt.Errorf("%s#%d: the city holds another entry", s, city.Seq))
		}
		before := mine.Seq
		for mine.Seq < city.Seq {
			if mine, err = r.fetch(ctx, mine, s); err != nil {
				return err
			}
		}
		if mine.Seq > city.Seq && city.Seq > before { // it went on writing, and what it wrote came along
			heads[s] = wire.Head{Stream: s, Seq: mine.Seq, Hash: mine.Hash}
		}
	}
	return nil
}

// fetches reports whether a stream is one to fetch: of the station itself the
// earlier epochs, of the city what is for everyone or for this station.
func (r *run) fetches(s ledger.Stream) bool {
	if s.Writer() == r.Station {
		return s.Epoch() != r.Ledger.Own().Epoch()
	}
	return s.Reader() == "" || s.Reader() == r.Station
}

// fetch takes in the next batch of a stream after mine. It must continue what
// is held, and a receipt that the city signed must vouch for its end.
func (r *run) fetch(ctx context.Context, mine ledger.Head, s ledger.Stream) (ledger.Head, error) {
	a, err := r.line.get(ctx, wire.PathAfter(s, mine.Seq), wire.MaxPacked)
	if err != nil {
		return mine, err
	}
	b := wire.Batch{Stream: s, Body: a.body}
	if b.First, b.Last, err = wire.ParseRange(a.header.Get(wire.HeaderEntries)); err != nil {
		return mine, notTheCity(err)
	}
	if !wire.DigestIs(a.header.Get(wire.HeaderDigest), a.body) {
		return mine, problem(wire.NewProblem(wire.BadDigest), nil)
	}
	raw, err := base64.StdEncoding.DecodeString(a.header.Get(wire.HeaderReceipt))
	if err != nil {
		return mine, notTheCity(err)
	}
	return r.takeIn(ctx, mine, b, raw)
}

// handBack returns to the city its own entries that it lost when it was
// restored from a backup. It believes them because of its own receipts, which
// came with them. A city that lost entries of the epoch it still writes was
// not restored but copied back: it would give the same numbers twice, so
// people must act.
func (r *run) handBack(ctx context.Context, heads map[ledger.Stream]wire.Head) error {
	all, err := r.Ledger.Heads()
	if err != nil {
		return fmt.Errorf("hand back: %w", err)
	}
	for _, mine := range all {
		s, city := mine.Stream, heads[mine.Stream]
		if s.Writer() != r.word.Writes.Writer() || s.Reader() != "" && s.Reader() != r.Station || mine.Confirmed <= city.Seq {
			continue
		}
		if _, err := wire.OpenReceipt(mine.Receipt, r.City.Key); err != nil {
			continue // of a city before this one, which would not know its own hand
		}
		if s.Epoch() == r.word.Writes.Epoch() {
			return say(cityBehind, fmt.Errorf("%s: city at %d, fetched up to %d", s, city.Seq, mine.Seq))
		}
		if err := r.place(mine, city); err != nil {
			return err
		}
		for held := city.Seq; held < mine.Confirmed; {
			if held, err = r.giveBack(ctx, s, held); err != nil {
				return err
			}
		}
	}
	return nil
}

// giveBack sends the entries after held up to the next number for which the
// city gave a receipt. They came in one batch, so they fit in one.
func (r *run) giveBack(ctx context.Context, s ledger.Stream, held ledger.Seq) (ledger.Seq, error) {
	list, err := r.Ledger.Since(s, held, wire.MaxEntries)
	if err != nil {
		return held, fmt.Errorf("hand back: %w", err)
	}
	for i, e := range list {
		voucher, err := r.Ledger.Receipt(s, e.Seq)
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return held, fmt.Errorf("hand back: %w", err)
		}
		b, err := r.packer.Pack(list[:i+1])
		if err != nil {
			return held, fmt.Errorf("hand back: %w", err)
		}
		a, err := r.line.put(ctx, b, voucher)
		if err != nil {
			return held, err
		}
		return e.Seq, r.believe(a.body, s, e.Seq, e.Hash())
	}
	return held, fmt.Errorf("hand back: %w: no receipt after %s#%d", ledger.ErrNotFound, s, held)
}
