package inbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

const (
	bodyTime   = 2 * time.Minute  // how long a body may take on the line
	answerTime = 30 * time.Second // and then what is done with it, and the answer
	firstRead  = 1 << 20          // memory given to a body before it has come
)

// streamOf reads the stream's name from the path.
func streamOf(r *http.Request) (ledger.Stream, error) {
	s := ledger.Stream(r.PathValue("writer") + "/" + r.PathValue("epoch"))
	if reader := r.PathValue("reader"); reader != "" {
		s = s.For(reader)
	}
	if err := s.Valid(); err != nil {
		return "", fmt.Errorf("%w: %w", wire.ErrMalformed, err)
	}
	if s.Epoch() != r.PathValue("epoch") || s.Reader() != r.PathValue("reader") { // an escaped slash
		return "", fmt.Errorf("%w stream in the path", wire.ErrMalformed)
	}
	return s, nil
}

// put takes a batch and answers with a receipt, after it is durable.
func (in *Inbox) put(w http.ResponseWriter, r *http.Request, who caller) error {
	b, err := in.receive(w, r, who)
	if err != nil {
		return err
	}
	var vouched ledger.Hash
	if !who.mayWrite(b.Stream) {
		if vouched, err = in.voucher(r, b); err != nil {
			return err
		}
	}
	raw, err := in.deliver(r.Context(), who.member, b, r.Header.Get(wire.HeaderDigest), vouched)
	if err != nil {
		return err
	}
	return reply(w, raw)
}

// voucher reads the receipt with which the city's own entries are handed back:
// this city's word, from before it lost them, that they end with this hash.
// Without it anybody enrolled could continue an old epoch of the city.
func (in *Inbox) voucher(r *http.Request, b wire.Batch) (ledger.Hash, error) {
	raw, err := base64.StdEncoding.DecodeString(r.Header.Get(wire.HeaderReceipt))
	if err != nil {
		return ledger.Hash{}, wire.NewProblem(wire.NotYours)
	}
	word, err := wire.OpenReceipt(raw, in.Key.Public().(ed25519.PublicKey))
	if err != nil || word.Stream != b.Stream || word.Through != b.Last {
		return ledger.Hash{}, wire.NewProblem(wire.NotYours)
	}
	return word.Head, nil
}

func reply(w http.ResponseWriter, raw []byte) error {
	w.Header().Set("Content-Type", wire.TypeJSON)
	_, _ = w.Write(raw) // a receipt that does not arrive is asked for again
	return nil
}

// receive reads a batch from the line, as it is packed.
func (in *Inbox) receive(w http.ResponseWriter, r *http.Request, who caller) (wire.Batch, error) {
	s, err := streamOf(r)
	if err != nil {
		return wire.Batch{}, err
	}
	if !who.mayWrite(s) && !in.mayHandBack(who.member, s) {
		return wire.Batch{}, wire.NewProblem(wire.NotYours)
	}
	b := wire.Batch{Stream: s}
	if b.First, b.Last, err = wire.ParseRange(r.PathValue("range")); err != nil {
		return b, err
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != wire.TypeEntries || !slices.Equal(r.Header.Values("Content-Encoding"), []string{wire.Zstd}) {
		return b, wire.NewProblem(wire.BadMedia)
	}
	if _, err := turn(r.Context(), in, who.bodies); err != nil {
		return b, err
	}
	defer func() { who.bodies <- struct{}{} }()
	if _, err := turn(r.Context(), in, in.readers); err != nil {
		return b, err
	}
	defer func() { in.readers <- struct{}{} }()
	if err := mayTake(w, bodyTime); err != nil {
		return b, fmt.Errorf("receive batch: %w", err)
	}
	var buf bytes.Buffer
	buf.Grow(int(max(0, min(r.ContentLength, firstRead))) + bytes.MinRead)
	if _, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, wire.MaxPacked)); err != nil {
		return b, fmt.Errorf("receive batch: %w", err)
	}
	b.Body = buf.Bytes()
	if !wire.DigestIs(r.Header.Get(wire.HeaderDigest), b.Body) {
		return b, wire.NewProblem(wire.BadDigest)
	}
	return b, nil
}

// mayTake gives a request more time than the server gives to strangers.
func mayTake(w http.ResponseWriter, long time.Duration) error {
	c := http.NewResponseController(w)
	now := time.Now()
	for _, err := range []error{c.SetReadDeadline(now.Add(long)), c.SetWriteDeadline(now.Add(long + answerTime))} {
		if err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
	}
	return nil
}

// deliver stores a batch, one at a time of each station. The batch that was
// stored last is known again by its digest and costs nothing. Vouched, if set,
// is the hash that the last header must have.
func (in *Inbox) deliver(ctx context.Context, m *member, b wire.Batch, digest string, vouched ledger.Hash) ([]byte, error) {
	if _, err := turn(ctx, in, m.gate); err != nil {
		return nil, err
	}
	defer func() { m.gate <- struct{}{} }()
	if m.last.path == b.Path() && m.last.digest == digest {
		in.figures.repeats.Inc()
		return m.last.receipt, nil
	}
	t, err := turn(ctx, in, in.workers)
	if err != nil {
		return nil, err
	}
	defer func() { in.workers <- t }()
	entries, err := t.Unpack(b)
	if err != nil {
		return nil, err
	}
	if !vouched.IsZero() && entries[len(entries)-1].Hash() != vouched {
		return nil, wire.NewProblem(wire.NotYours)
	}
	raw, err := in.store(ctx, m, b, entries, t.Odd)
	if err != nil {
		return nil, err
	}
	m.last = answered{b.Path(), digest, raw}
	return raw, nil
}

// store commits what the city does not hold yet and returns the receipt. Odd
// are the entries whose bodies are not clean JSON. The caller holds the
// station's gate.
func (in *Inbox) store(ctx context.Context, m *member, b wire.Batch, entries []ledger.Entry, odd []ledger.Seq) ([]byte, error) {
	head, err := in.Ledger.Head(b.Stream)
	if err != nil {
		return nil, fmt.Errorf("store batch: %w", err)
	}
	if b.First > head.Seq+1 {
		return nil, wire.NewProblem(wire.Gap).With(wire.Head{Stream: b.Stream, Seq: head.Seq, Hash: head.Hash})
	}
	fresh, err := in.compare(ctx, head, b, entries)
	if err != nil {
		return nil, err
	}
	if len(fresh) == 0 {
		raw, err := in.Ledger.Receipt(b.Stream, b.Last)
		if !errors.Is(err, ledger.ErrNotFound) {
			in.figures.repeats.Inc()
			return raw, err
		}
	}
	raw, err := in.commit(ctx, m, b, entries, len(fresh), in.doubts(entries, odd))
	if err != nil {
		return nil, fmt.Errorf("store batch: %w", err)
	}
	if head.Seq == 0 {
		in.mu.Lock()
		if w := b.Stream.Writer(); !slices.Contains(in.streams[w], b.Stream) {
			in.streams[w] = append(in.streams[w], b.Stream)
		}
		in.mu.Unlock()
	}
	in.figures.entries.Add(len(fresh))
	in.figures.batches.Inc()
	in.Logger.Info("stored", "stream", string(b.Stream), "first", b.First, "last", b.Last, "new", len(fresh))
	return raw, nil
}

// compare returns the entries that the city lacks, having made sure that the
// others are the very ones it holds: judged by their headers, since a body may
// be withheld the second time.
func (in *Inbox) compare(ctx context.Context, head ledger.Head, b wire.Batch, entries []ledger.Entry) ([]ledger.Entry, error) {
	known := 0
	if head.Seq >= b.First {
		known = int(min(head.Seq, b.Last) - b.First + 1)
		held, err := in.Ledger.Since(b.Stream, b.First-1, known)
		if err != nil {
			return nil, fmt.Errorf("compare batch: %w", err)
		}
		if len(held) != known {
			return nil, fmt.Errorf("compare batch: ledger returned %d entries of %d", len(held), known)
		}
		for i, e := range held {
			if e.Hash() != entries[i].Hash() {
				return nil, in.fork(ctx, head, e.Hash(), entries[i])
			}
		}
	}
	fresh := entries[known:]
	if len(fresh) > 0 && fresh[0].Prev != head.Hash {
		return nil, in.fork(ctx, head, head.Hash, fresh[0])
	}
	return fresh, nil
}

// fork records that the station offered something else than the city holds.
func (in *Inbox) fork(ctx context.Context, head ledger.Head, held ledger.Hash, e ledger.Entry) error {
	f := Fork{Stream: e.Stream, Seq: e.Seq, Held: held, Offered: e.Hash(), At: in.Clock().UTC()}
	if err := in.keepFork(ctx, f); err != nil {
		return err
	}
	return wire.NewProblem(wire.Fork).With(wire.Head{Stream: e.Stream, Seq: head.Seq, Hash: head.Hash})
}

// commit makes entries, of which the last are fresh, doubts, receipt and the
// station's record durable in one transaction.
func (in *Inbox) commit(ctx context.Context, m *member, b wire.Batch, entries []ledger.Entry, fresh int, doubts []wire.Doubt) ([]byte, error) {
	raw, err := wire.Receipt{Stream: b.Stream, Through: b.Last, Head: entries[len(entries)-1].Hash(), At: in.Clock(), Doubtful: doubts}.Sign(in.Key)
	if err != nil {
		return nil, err
	}
	c := ledger.Change{Foreign: entries[len(entries)-fresh:], Receipts: []ledger.Receipt{{Stream: b.Stream, Through: b.Last, Raw: raw}}}
	kept := 0
	for _, group := range bySeq(doubts) {
		if group[0].Seq <= b.Last-ledger.Seq(fresh) {
			continue // noted when the entry came
		}
		value, err := json.Marshal(group)
		if err != nil {
			return nil, err
		}
		c.Local = append(c.Local, ledger.Local{Name: fmt.Sprintf("%s%s/%d", localDoubt, b.Stream, group[0].Seq), Value: value})
		kept++
	}
	l, err := m.local()
	if err != nil {
		return nil, err
	}
	c.Local = append(c.Local, l)
	start := time.Now()
	if _, err := in.Ledger.Commit(ctx, c); err != nil {
		return nil, err
	}
	in.figures.commits.UpdateDuration(start)
	in.figures.doubts.Add(int64(kept))
	return raw, nil
}

// maxDoubts bounds what is kept about one entry.
const maxDoubts = 8

// doubts asks what is wrong with each entry.
func (in *Inbox) doubts(entries []ledger.Entry, odd []ledger.Seq) []wire.Doubt {
	var all []wire.Doubt
	for _, e := range entries {
		var found []wire.Doubt
		if slices.Contains(odd, e.Seq) {
			found = append(found, wire.Doubt{Code: "body-form", ZH: "内容不是规范的 JSON，已按原样保存。",
				EN: "The body is not clean JSON; it is kept as it came."})
		}
		found = append(found, in.Doubts(e)...)
		for i := range found[:min(len(found), maxDoubts)] {
			found[i].Seq = e.Seq
			all = append(all, found[i])
		}
	}
	return all
}

// bySeq splits doubts, which are in order, into those of each entry.
func bySeq(doubts []wire.Doubt) [][]wire.Doubt {
	var groups [][]wire.Doubt
	for len(doubts) > 0 {
		n := slices.IndexFunc(doubts, func(d wire.Doubt) bool { return d.Seq != doubts[0].Seq })
		if n < 0 {
			n = len(doubts)
		}
		groups, doubts = append(groups, doubts[:n]), doubts[n:]
	}
	return groups
}
