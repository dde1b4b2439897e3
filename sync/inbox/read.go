package inbox

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// head answers with the receipt for all that the city holds of a stream.
func (in *Inbox) head(w http.ResponseWriter, r *http.Request, who caller) error {
	s, err := streamOf(r)
	if err != nil {
		return err
	}
	if !in.mayRead(who.member, s) {
		return wire.NewProblem(wire.NotYours)
	}
	raw, err := in.receiptAtHead(s)
	if err != nil {
		return fmt.Errorf("head: %w", err)
	}
	return reply(w, raw)
}

// receiptAtHead returns the kept receipt, or where none was given at this
// number (a stream that is empty, or the city's own) a new one that is not kept.
func (in *Inbox) receiptAtHead(s ledger.Stream) ([]byte, error) {
	h, err := in.Ledger.Head(s)
	if err != nil {
		return nil, err
	}
	if h.Seq > 0 {
		raw, err := in.Ledger.Receipt(s, h.Seq)
		if !errors.Is(err, ledger.ErrNotFound) {
			return raw, err
		}
	}
	return wire.Receipt{Stream: s, Through: h.Seq, Head: h.Hash, At: in.Clock()}.Sign(in.Key)
}

// listing answers how far the city holds every stream that concerns the
// station. With nothing new on either side it is all that a sync asks.
func (in *Inbox) listing(w http.ResponseWriter, _ *http.Request, who caller) error {
	raw, err := in.listingFor(who.member, who.sig.Nonce)
	if err != nil {
		return err
	}
	return reply(w, raw)
}

// listingFor is the listing for a station, signed.
func (in *Inbox) listingFor(m *member, nonce string) ([]byte, error) {
	l := wire.Listing{Station: m.code, Nonce: nonce, At: in.Clock(), Writes: in.Ledger.Own(), Heads: []wire.Head{}}
	for _, s := range in.concerning(m) {
		h, err := in.Ledger.Head(s)
		if err != nil {
			return nil, fmt.Errorf("list heads: %w", err)
		}
		if h.Seq > 0 {
			l.Heads = append(l.Heads, wire.Head{Stream: s, Seq: h.Seq, Hash: h.Hash})
		}
	}
	raw, err := l.Sign(in.Key)
	if err != nil {
		return nil, fmt.Errorf("list heads: %w", err)
	}
	return raw, nil
}

// concerning returns the streams that the station may read. The two that the
// city writes now are asked for always: whoever writes them does not tell.
func (in *Inbox) concerning(m *member) []ledger.Stream {
	own := in.Ledger.Own()
	list := []ledger.Stream{own, own.For(m.code)}
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, s := range append(in.streams[own.Writer()][:len(in.streams[own.Writer()]):len(in.streams[own.Writer()])], in.streams[m.code]...) {
		if in.mayRead(m, s) && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// entries answers with the next batch after a number: the city's own entries,
// or those of the station's earlier epochs that it lost. 204: there are none.
func (in *Inbox) entries(w http.ResponseWriter, r *http.Request, who caller) error {
	s, err := streamOf(r)
	if err != nil {
		return err
	}
	if !in.mayRead(who.member, s) {
		return wire.NewProblem(wire.NotYours)
	}
	after, err := wire.ParseSeq(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	t, err := turn(r.Context(), in, in.workers)
	if err != nil {
		return err
	}
	b, receipt, err := in.pack(t, s, after)
	in.workers <- t
	if err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	if len(b.Body) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	_ = mayTake(w, bodyTime)
	h := w.Header()
	h.Set("Content-Type", wire.TypeEntries)
	h.Set("Content-Encoding", wire.Zstd)
	h.Set(wire.HeaderDigest, wire.Digest(b.Body))
	h.Set(wire.HeaderEntries, fmt.Sprintf("%d-%d", b.First, b.Last))
	h.Set(wire.HeaderReceipt, base64.StdEncoding.EncodeToString(receipt))
	_, _ = w.Write(b.Body) // what does not arrive is asked for again
	return nil
}

// pack reads the next batch and vouches for its end, so that a station can
// tell that every batch comes from the city.
func (in *Inbox) pack(t *tools, s ledger.Stream, after ledger.Seq) (wire.Batch, []byte, error) {
	list, err := in.Ledger.Since(s, after, wire.MaxEntries)
	if err != nil || len(list) == 0 {
		return wire.Batch{}, nil, err
	}
	for i, e := range list {
		if e.Private {
			list[i] = e.Withhold()
		}
	}
	b, err := t.Pack(list)
	if err != nil {
		return wire.Batch{}, nil, err
	}
	raw, err := wire.Receipt{Stream: s, Through: b.Last, Head: list[b.Len()-1].Hash(), At: in.Clock()}.Sign(in.Key)
	return b, raw, err
}

// health says whether the city can store. It names no station.
func (in *Inbox) health(w http.ResponseWriter, _ *http.Request) {
	status, code := "ok", http.StatusOK
	if _, err := in.Ledger.Head(in.Ledger.Own()); err != nil {
		in.Logger.Error("unhealthy", "error", err)
		status, code = "failing", http.StatusServiceUnavailable
	}
	in.mu.Lock()
	stations := len(in.members)
	in.mu.Unlock()
	b, err := json.Marshal(struct {
		Status   string `json:"status"`
		Stations int    `json:"stations"`
		Forks    int64  `json:"forks"`
		Doubts   int64  `json:"doubts"`
	}{status, stations, in.figures.forks.Load(), in.figures.doubts.Load()})
	if err != nil {
		code = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", wire.TypeJSON)
	w.WriteHeader(code)
	_, _ = w.Write(b)
}
