package outbox

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// What goes by stick is said where the line says nothing of the kind.
var (
	notForUs = sentence{"bundle-other", "这份文件不是给本站的，没有改动任何数据。请核对 U 盘上的文件。",
		"This file is not for this station; nothing was changed. Check the file on the stick."}
	badBundle = sentence{"bundle-form", "这份文件不完整，或不是市里给本站的文件，没有改动任何数据。请重新拷贝一份。",
		"This file is not whole, or not the city's file for this station; nothing was changed. Copy it anew."}
	earlierBundle = sentence{"bundle-gap", "这份文件之前还有一份没有收：请先收那一份，或请市里加 --all 重新导出。",
		"Another file comes before this one: take that in first, or ask the city for one with --all."}
	// What comes first in a file is kept when something behind it is wrong, so
	// these two do not say that nothing was changed.
	strangePart = sentence{"bundle-part", "这份文件里夹着不是给本站的数据，从那里起没有收，前面的已收下。请市里重新导出；若再出现，请把两端程序升级到同一版本。",
		"Part of this file is not for this station; nothing was taken from there on, what comes before it was. Ask the city for a new file; if it happens again, bring both programs to the same version."}
	brokenPart = sentence{"bundle-form", "这份文件从中间起不完整或不对：前面的已收下，其余没有收。请重新拷贝一份，再收一次。",
		"This file is not whole, or wrong, from somewhere on: what comes before was taken in, the rest was not. Copy it anew and take it in again."}
)

// Bundle writes what the city has not confirmed yet to a file for a stick,
// sealed to the city and signed by the station; with all, everything, for a
// city that was set up anew. It returns the number of entries in it. They stay
// unconfirmed until the city's file comes back (Accept).
func (o *Outbox) Bundle(ctx context.Context, w io.Writer, all bool) (entries uint64, err error) {
	if err := o.turn(ctx); err != nil {
		return 0, err
	}
	defer func() { <-o.one }()
	r := &run{Outbox: o}
	heads, err := o.Ledger.Heads()
	if err != nil {
		return 0, fmt.Errorf("write bundle: %w", err)
	}
	head := wire.BundleHead{From: o.Station, For: "city", At: o.Clock()}
	for _, h := range heads {
		head.Holds = append(head.Holds, wire.Head{Stream: h.Stream, Seq: h.Seq, Hash: h.Hash})
	}
	out, err := wire.NewBundleWriter(w, o.City.Key, o.Key, head)
	if err != nil {
		return 0, err
	}
	own, err := o.ownHeads()
	if err != nil {
		return 0, fmt.Errorf("write bundle: %w", err)
	}
	for _, h := range own {
		// A city that was restored may have said that it holds less than it
		// gave receipts for.
		after := min(h.Confirmed, r.held(h))
		if all {
			after = 0
		}
		for after < h.Seq {
			if err := ctx.Err(); err != nil {
				return entries, err
			}
			p, err := r.build(h.Stream, after)
			if err != nil {
				return entries, fmt.Errorf("write bundle: %w", err)
			}
			if p == nil {
				break
			}
			if err := out.Part(wire.BundlePart{Stream: p.Stream, First: p.First, Last: p.Last, Body: p.Body}); err != nil {
				return entries, err
			}
			if !beside(h.Stream) {
				entries += uint64(p.Len())
			}
			after = p.Last
		}
	}
	return entries, out.Close()
}

// turn waits for the right to run.
func (o *Outbox) turn(ctx context.Context) error {
	select {
	case o.one <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Accepted says what came by stick.
type Accepted struct {
	Confirmed uint64 // own entries that the city has confirmed now, as the status counts them
	New       int    // entries of the city that this station lacked
}

// Accept takes in the city's file: its receipts for what this station sent,
// and what it has for the station, verified as if it came over the line. It
// may be repeated; an old file does no harm. The error is an *Error or ctx's.
func (o *Outbox) Accept(ctx context.Context, f io.ReadSeeker) (Accepted, error) {
	if err := o.turn(ctx); err != nil {
		return Accepted{}, err
	}
	defer func() { <-o.one }()
	r := &run{Outbox: o}
	var a Accepted
	took := false
	head, err := wire.ReadBundle(f, o.Key, func(h wire.BundleHead) (ed25519.PublicKey, error) {
		if h.For != o.Station || h.From != "city" {
			return nil, wire.ErrNotForUs
		}
		return o.City.Key, nil
	}, func(_ wire.BundleHead, p wire.BundlePart) error {
		n, err := r.unpackPart(ctx, p)
		a.New += n
		took = took || err == nil
		return err
	})
	if err == nil {
		err = r.acceptListing(ctx, head)
	}
	if errors.Is(err, context.Canceled) {
		return a, err
	}
	if err != nil {
		return a, explainBundle(err, took)
	}
	s, err := o.Status()
	if err != nil {
		return a, explain(err)
	}
	a.Confirmed = s.Confirmed
	return a, nil
}

// explainBundle finds the words for a file that was not taken in, or not
// whole: took says whether a part of it was.
func explainBundle(err error, took bool) error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case ok && e.Code != impostor.code:
		return e
	case errors.Is(err, wire.ErrNotForUs):
		return say(notForUs, err)
	case ok, // on a stick nobody signs in to a network, and no address is wrong
		errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrUnsigned), errors.Is(err, wire.ErrTooLarge), errors.Is(err, ledger.ErrBroken):
		if took {
			return say(brokenPart, err)
		}
		return say(badBundle, err)
	}
	return explain(err)
}

// unpackPart takes in one part: a receipt alone, or entries with theirs. It
// returns how many entries were new.
func (r *run) unpackPart(ctx context.Context, p wire.BundlePart) (int, error) {
	if p.Size > 0 {
		if !r.fetches(p.Stream) && p.Stream.Writer() != r.Station {
			return 0, say(strangePart, fmt.Errorf("a part of %s", p.Stream))
		}
		mine, err := r.Ledger.Head(p.Stream)
		if err != nil {
			return 0, fmt.Errorf("take in bundle: %w", err)
		}
		if p.Last > mine.Seq && r.writing(p.Stream) {
			return 0, aheadOf(mine, p.Last)
		}
		if p.First > mine.Seq+1 {
			return 0, say(earlierBundle, fmt.Errorf("%s: has %d, bundle from %d", p.Stream, mine.Seq, p.First))
		}
		now, err := r.takeIn(ctx, mine, p.Batch(), p.Receipt)
		return int(now.Seq - mine.Seq), err
	}
	word, err := wire.OpenReceipt(p.Receipt, r.City.Key)
	if err != nil || word.Stream != p.Stream || word.Stream.Writer() != r.Station {
		return 0, notTheCity(err)
	}
	e, err := r.Ledger.Entry(ledger.Ref{Stream: word.Stream, Seq: word.Through})
	if errors.Is(err, ledger.ErrNotFound) && r.writing(word.Stream) {
		return 0, aheadOf(ledger.Head{Stream: word.Stream}, word.Through)
	}
	if errors.Is(err, ledger.ErrNotFound) { // this file is older than the receipt: what is lacking comes back first
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("take in bundle: %w", err)
	}
	if e.Hash() != word.Head {
		return 0, forked(fmt.Errorf("%s: the city holds another entry", e.Ref))
	}
	c, err := r.kept(word.Stream, word.Through, p.Receipt)
	if err != nil {
		return 0, err
	}
	if _, err := r.Ledger.Commit(ctx, c); err != nil {
		return 0, fmt.Errorf("keep receipt: %w", err)
	}
	return 0, nil
}

// acceptListing learns how far the city was when it wrote the file, unless
// something newer is known.
func (r *run) acceptListing(ctx context.Context, head wire.BundleHead) error {
	l, err := wire.OpenListing(head.Listing, r.City.Key)
	if err != nil || l.Station != r.Station {
		return notTheCity(err)
	}
	own, err := r.ownHeads()
	if err != nil {
		return fmt.Errorf("take in bundle: %w", err)
	}
	kept, err := r.change(func(s *state) { s.hear(l, own, r.Clock().UTC()) })
	if err != nil {
		return err
	}
	if _, err := r.Ledger.Commit(ctx, ledger.Change{Local: []ledger.Local{kept}}); err != nil {
		return fmt.Errorf("take in bundle: %w", err)
	}
	return nil
}

// writing reports whether the stream is of the epoch that is being written
// here.
func (r *run) writing(s ledger.Stream) bool {
	return s.Writer() == r.Station && s.Epoch() == r.Ledger.Own().Epoch()
}

// aheadOf: the city holds more of a stream than the one who writes it, see
// place.
func aheadOf(mine ledger.Head, city ledger.Seq) error {
	return forked(fmt.Errorf("%s: city at %d, own head %d", mine.Stream, city, mine.Seq))
}

// takeIn commits a batch that continues what is held of a stream, or overlaps
// it, once the city's receipt vouches for its end. Of a batch that is held
// already, as when it came over the line since the stick was written, it only
// makes sure that it is the same one.
func (r *run) takeIn(ctx context.Context, mine ledger.Head, b wire.Batch, receipt []byte) (ledger.Head, error) {
	list, err := r.unpack.Unpack(b)
	if err != nil {
		return mine, notTheCity(err)
	}
	last := list[len(list)-1]
	if err := r.believe(receipt, b.Stream, last.Seq, last.Hash()); err != nil {
		return mine, err
	}
	if last.Seq <= mine.Seq {
		// The entries chain to each other, so the last one speaks for all.
		held, err := r.Ledger.Entry(last.Ref)
		if err != nil {
			return mine, fmt.Errorf("compare entries: %w", err)
		}
		if held.Hash() != last.Hash() {
			return mine, forked(fmt.Errorf("%s: the city holds another entry", last.Ref))
		}
		return mine, nil
	}
	next := slices.IndexFunc(list, func(e ledger.Entry) bool { return e.Seq == mine.Seq+1 })
	if next < 0 || list[next].Prev != mine.Hash {
		return mine, forked(fmt.Errorf("%s: does not continue %s#%d", list[0].Ref, b.Stream, mine.Seq))
	}
	c := ledger.Change{Foreign: list[next:], Receipts: []ledger.Receipt{{Stream: b.Stream, Through: last.Seq, Raw: receipt}}}
	if _, err := r.Ledger.Commit(ctx, c); err != nil {
		return mine, fmt.Errorf("keep fetched entries: %w", err)
	}
	return ledger.Head{Stream: b.Stream, Seq: last.Seq, Hash: last.Hash()}, nil
}
