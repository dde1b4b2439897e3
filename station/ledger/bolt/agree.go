package bolt

import (
	"context"
	"maps"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
)

// checkAgree holds drafts and settings against the second copy. Entries form
// chains that end in a head, so that none can be missing unnoticed; these do
// not. bbolt's pages carry no checksum: one flipped bit in the count of a page
// takes the last of them away without a trace.
func (l *Ledger) checkAgree(ctx context.Context, report func(ledger.Fault)) error {
	l.write.Lock()
	log := l.whole
	l.write.Unlock()
	if log == nil {
		return nil
	}
	return l.view(place{bucket: "local"}, func(tx *bbolt.Tx) error {
		n, err := getCounter(tx)
		if err != nil || log.Last() < n {
			return nil // told elsewhere, or the log is behind
		}
		want, whole := inLog(ctx, log, n)
		if !whole {
			return ctx.Err() // the log's faults are told elsewhere
		}
		for _, bucket := range []string{"draft", "local"} {
			if err := agree(tx, bucket, want, report); err != nil {
				return err
			}
		}
		for _, at := range slices.Sorted(maps.Keys(want)) {
			report(ledger.Fault{Where: at, What: "it is missing, and the second copy has it"})
		}
		return ctx.Err()
	})
}

// inLog is what the log says of drafts and settings after commit n: their
// cells, by place. whole is false where not all of the log can be read.
func inLog(ctx context.Context, log *journal.Log, n uint64) (cells map[string]string, whole bool) {
	cells, whole = map[string]string{}, true
	take := func(payload []byte) {
		kind, ops, err := decodeFrame(payload)
		if err != nil {
			whole = false
			return
		}
		if kind == frameAll {
			clear(cells)
		}
		for _, o := range ops {
			switch {
			case o.at.bucket != "draft" && o.at.bucket != "local":
			case o.value == nil:
				delete(cells, o.at.String())
			default:
				cells[o.at.String()] = string(o.value)
			}
		}
	}
	state, _ := soundState(log)
	if state > n {
		return nil, false // a commit went on meanwhile, and a state with it
	}
	if state > 0 {
		for part, err := range log.State(state) {
			if err != nil || ctx.Err() != nil {
				return nil, false
			}
			take(part)
		}
	}
	for f, err := range log.Frames(state) {
		if err != nil || ctx.Err() != nil {
			return nil, false
		}
		if f.Number > n {
			break
		}
		take(f.Payload)
	}
	return cells, whole
}

// agree compares one bucket, and drops from want what it has.
func agree(tx *bbolt.Tx, bucket string, want map[string]string, report func(ledger.Fault)) error {
	b := tx.Bucket([]byte(bucket))
	one := func(at place, v []byte) error {
		cell, ok := want[at.String()]
		switch delete(want, at.String()); {
		case !ok:
			report(ledger.Fault{Where: at.String(), What: "it is here, and the second copy has none"})
		case cell != string(v):
			report(ledger.Fault{Where: at.String(), What: "the second copy has another value"})
		}
		return nil
	}
	return b.ForEach(func(k, v []byte) error {
		if v != nil {
			return one(place{bucket: bucket, key: k}, v)
		}
		return b.Bucket(k).ForEach(func(key, v []byte) error { return one(place{bucket, string(k), key}, v) })
	})
}
