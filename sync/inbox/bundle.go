package inbox

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// localHolds says how far a station held each stream when it last sent a
// bundle, so that the way back carries only what it lacks.
const localHolds = "bundle/"

// Accepted says what a bundle brought.
type Accepted struct {
	Station string
	Stored  int // entries that the city lacked
	Known   int // entries that it held already
}

// ErrUnknownStation: no such station is enrolled here.
var ErrUnknownStation = errors.New("no such station is enrolled")

// Accept takes in what a station sent by stick, as if it had come over the
// line: verified, stored once, and with a receipt that goes back with Bundle.
// It may be repeated. Errors: wire.ErrNotForUs, wire.ErrUnsigned,
// wire.ErrMalformed, wire.ErrTooLarge, ErrUnknownStation, a wire.Problem (a gap:
// an earlier bundle is still on its way; a fork), and those of the ledger.
func (in *Inbox) Accept(ctx context.Context, f io.ReadSeeker) (Accepted, error) {
	var a Accepted
	var m *member
	head, err := wire.ReadBundle(f, in.Key, func(h wire.BundleHead) (ed25519.PublicKey, error) {
		if h.For != "city" {
			return nil, wire.ErrNotForUs
		}
		a.Station = h.From
		if m = in.member(h.From); m == nil {
			return nil, fmt.Errorf("%w: %.20q", ErrUnknownStation, h.From)
		}
		key, revoked := m.key()
		if revoked {
			return nil, ErrRevoked
		}
		return key, nil
	}, func(_ wire.BundleHead, p wire.BundlePart) error {
		if !m.mayWrite(p.Stream) || p.Size == 0 {
			return wire.NewProblem(wire.NotYours)
		}
		before, err := in.Ledger.Head(p.Stream)
		if err != nil {
			return fmt.Errorf("take in bundle: %w", err)
		}
		b := p.Batch()
		if b.First == 0 || b.Last < b.First {
			return fmt.Errorf("%w bundle: entries %d to %d", wire.ErrMalformed, b.First, b.Last)
		}
		if _, err := in.deliver(ctx, m, b, wire.Digest(b.Body), ledger.Hash{}); err != nil {
			return err
		}
		fresh := 0
		if b.Last > before.Seq {
			fresh = int(b.Last - max(before.Seq, b.First-1))
		}
		a.Stored, a.Known = a.Stored+fresh, a.Known+b.Len()-fresh
		return nil
	})
	if err != nil {
		return a, err
	}
	return a, in.keepHolds(ctx, m, head)
}

// keepHolds remembers what the station has, and that it was heard of.
func (in *Inbox) keepHolds(ctx context.Context, m *member, head wire.BundleHead) error {
	b, err := json.Marshal(head.Holds)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.rec.Seen = in.Clock().UTC()
	m.mu.Unlock()
	l, err := m.local()
	if err != nil {
		return err
	}
	if _, err := in.Ledger.Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: localHolds + m.code, Value: b}, l}}); err != nil {
		return fmt.Errorf("take in bundle: %w", err)
	}
	return nil
}

// Bundle writes the way back for a station: the city's receipts, and what it
// has for the station that the station's last bundle did not say it holds;
// with all, everything. Of the epoch that the station writes now it lacks
// nothing, however long ago its last bundle was: only the receipt is sent. (A
// program before this one even refuses a file that carries more, which is then
// only one that was asked for with all.) It returns the number of entries in it. Errors:
// ErrUnknownStation, and those of the ledger and of w.
func (in *Inbox) Bundle(ctx context.Context, station string, w io.Writer, all bool) (entries int, err error) {
	m := in.member(station)
	if m == nil {
		return 0, fmt.Errorf("%w: %.20q", ErrUnknownStation, station)
	}
	holds, err := in.holds(station)
	if err != nil {
		return 0, err
	}
	now := in.writing(m, holds)
	if all {
		holds, now = nil, ""
	}
	listing, err := in.listingFor(m, "bundle")
	if err != nil {
		return 0, err
	}
	key, revoked := m.key()
	if revoked {
		return 0, ErrRevoked
	}
	out, err := wire.NewBundleWriter(w, key, in.Key, wire.BundleHead{From: "city", For: station, At: in.Clock(), Listing: listing})
	if err != nil {
		return 0, err
	}
	for _, s := range in.concerning(m) {
		after := holds[s]
		if m.mayWrite(s) && s.Epoch() == now.Epoch() {
			after = math.MaxUint64
		}
		n, err := in.bundleStream(ctx, out, m, s, after)
		if entries += n; err != nil {
			return entries, err
		}
	}
	return entries, out.Close()
}

// writing is a stream of the epoch that the station writes now, as far as is
// known: the latest that it said it holds. A later one that it did not name
// may be one that it lost: of two restores of one backup, either may seem the
// later. Where it never said, it is the latest that came.
func (in *Inbox) writing(m *member, holds map[ledger.Stream]ledger.Seq) (latest ledger.Stream) {
	look := func(s ledger.Stream) {
		if m.mayWrite(s) && (latest == "" || s.Later(latest)) {
			latest = s
		}
	}
	for s := range holds {
		look(s)
	}
	if latest == "" {
		for _, s := range in.concerning(m) {
			look(s)
		}
	}
	return latest
}

func (in *Inbox) holds(station string) (map[ledger.Stream]ledger.Seq, error) {
	b, err := in.Ledger.Local(localHolds + station)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, nil
	}
	var list []wire.Head
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("read what %s holds: %w", station, err)
	}
	out := make(map[ledger.Stream]ledger.Seq, len(list))
	for _, h := range list {
		out[h.Stream] = h.Seq
	}
	return out, nil
}

// bundleStream writes what the station lacks of a stream, and of its own
// streams the receipt for all that the city holds.
func (in *Inbox) bundleStream(ctx context.Context, out *wire.BundleWriter, m *member, s ledger.Stream, after ledger.Seq) (entries int, err error) {
	head, err := in.Ledger.Head(s)
	if err != nil || head.Seq == 0 {
		return 0, err
	}
	t, err := turn(ctx, in, in.workers)
	if err != nil {
		return 0, err
	}
	defer func() { in.workers <- t }()
	for after < head.Seq {
		b, receipt, err := in.pack(t, s, after)
		if err != nil || len(b.Body) == 0 {
			return entries, err
		}
		if err := out.Part(wire.BundlePart{Stream: s, First: b.First, Last: b.Last, Body: b.Body, Receipt: receipt}); err != nil {
			return entries, err
		}
		entries, after = entries+b.Len(), b.Last
	}
	if !m.mayWrite(s) {
		return entries, nil
	}
	raw, err := in.receiptAtHead(s)
	if err != nil {
		return entries, err
	}
	return entries, out.Part(wire.BundlePart{Stream: s, Receipt: raw})
}
