package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
)

// Check walks chains, pointers, indexes and heads, reads the second copy, and
// reports every fault it finds. Faults of the second copy are mended by Mend. It works in one read transaction, so that its counts fit together;
// commits go on meanwhile, but the pages they free are not used again before
// it ends. Memory does not grow with the file. The error is ctx's, or that of
// a file that cannot be read at all.
func (l *Ledger) Check(ctx context.Context, report func(ledger.Fault)) (ledger.Tally, error) {
	l.long.Lock()
	defer l.long.Unlock()
	tally, err := l.check(ctx, report)
	if err == nil {
		err = errors.Join(l.checkLog(ctx, report), l.checkAgree(ctx, report))
	}
	return tally, err
}

// checkLog reads the second copy.
func (l *Ledger) checkLog(ctx context.Context, report func(ledger.Fault)) error {
	l.write.Lock()
	log, closed := l.whole, l.closed
	l.write.Unlock()
	if log == nil || closed {
		return nil
	}
	_, err := log.Check(ctx, func(f journal.Fault) {
		report(ledger.Fault{Where: fmt.Sprintf("%s, byte %d", f.File, f.Offset), What: f.What})
	})
	return err
}

// check is Check of the database alone, for who holds l.long.
func (l *Ledger) check(ctx context.Context, report func(ledger.Fault)) (ledger.Tally, error) {
	c := checking{l: l, ctx: ctx, report: report}
	err := l.view(pages, func(tx *bbolt.Tx) error {
		c.tx = tx
		for _, part := range [...]struct {
			bucket string
			walk   func() error
		}{
			{"journal", c.journal},
			{"head", c.heads},
			{"record", c.records},
			{"index", c.indexes},
			{"receipt", c.receipts},
			{"draft", c.drafts},
			{"local", c.locals},
		} {
			at := place{bucket: part.bucket}
			err := contain(at, part.walk)
			if errors.Is(err, ErrDamaged) {
				c.trouble(at, err)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	return c.tally, err
}

// checking is one check under way.
type checking struct {
	l      *Ledger
	ctx    context.Context
	tx     *bbolt.Tx
	report func(ledger.Fault)
	tally  ledger.Tally
	steps  int
}

func (c *checking) fault(at place, format string, args ...any) {
	c.report(ledger.Fault{Where: at.String(), What: fmt.Sprintf(format, args...)})
}

// trouble reports an error met at a place. Damage knows its place better.
func (c *checking) trouble(at place, err error) {
	var d *damage
	if errors.As(err, &d) {
		c.report(ledger.Fault{Where: d.where, What: d.what})
		return
	}
	c.fault(at, "%s", err)
}

// step is called once for each key, and ends the check with the context.
func (c *checking) step() error {
	if c.steps++; c.steps%1024 == 0 {
		return c.ctx.Err()
	}
	return nil
}

func (c *checking) bucket(name string) *bbolt.Bucket { return c.tx.Bucket([]byte(name)) }

// each walks a bucket, which must be in order. bbolt's pages carry no checksum:
// an element that leads to its neighbour's key and value, or a page in
// another's place, is whole in itself, and may leave every count as it was.
func (c *checking) each(at place, b *bbolt.Bucket, fn func(k, v []byte) error) error {
	var last []byte
	return b.ForEach(func(k, v []byte) error {
		if last != nil && bytes.Compare(last, k) >= 0 {
			at.key = k
			c.fault(at, "it stands behind %q: keys are out of order or there twice", last)
		}
		last = append(last[:0], k...)
		return fn(k, v)
	})
}

// journal walks every stream from number 1: cell, header, body, chain, and
// the head it ends with.
func (c *checking) journal() error {
	return c.each(place{bucket: "journal"}, c.bucket("journal"), func(name, v []byte) error {
		s := ledger.Stream(name)
		at := place{bucket: "journal", sub: string(s)}
		if v != nil || s.Valid() != nil {
			c.fault(at, "this is no stream")
			return nil
		}
		c.tally.Streams++
		return c.stream(at, s)
	})
}

func (c *checking) stream(at place, s ledger.Stream) error {
	var last head
	err := c.bucket("journal").Bucket([]byte(s)).ForEach(func(k, v []byte) error {
		if err := c.step(); err != nil {
			return err
		}
		if len(k) != 8 {
			c.fault(place{"journal", string(s), k}, "the key is no number")
			return nil
		}
		ref := ledger.Ref{Stream: s, Seq: ledger.Seq(binary.BigEndian.Uint64(k))}
		at := journalPlace(ref)
		if ref.Seq != last.seq+1 {
			c.fault(at, "the number before it is %d: entries are missing", last.seq)
		}
		c.tally.Entries++
		e, err := openKept(at, ref, v)
		if err != nil {
			c.trouble(at, err)
			last = head{seq: ref.Seq} // the next entry's link cannot be compared
			return nil
		}
		c.body(at, e)
		if (!last.hash.IsZero() || ref.Seq == 1) && e.Prev != last.hash {
			c.fault(at, "it does not follow on the entry before it")
		}
		last = head{seq: ref.Seq, hash: e.Hash()}
		return nil
	})
	if err != nil {
		return err
	}
	h, err := getHead(c.tx, s)
	switch {
	case err != nil:
		c.trouble(headPlace(s), err)
	case h.seq != last.seq || !last.hash.IsZero() && h.hash != last.hash:
		c.fault(headPlace(s), "the head says number %d, the journal ends at %d or with another entry", h.seq, last.seq)
	case last.seq == 0:
		c.fault(at, "the stream is empty")
	}
	return nil
}

// body checks an entry's body: it verifies, or it is lawfully absent. That is
// so where an erasure names it, and where the entry came from elsewhere
// without one.
func (c *checking) body(at place, k kept) {
	named := lookup(c.tx, erasedPlace(k.Ref)) != nil
	switch {
	case k.erased() && !named:
		c.fault(at, "the body was erased, and no erasure names it")
	case named && k.way != bodyAbsent && !k.erased():
		c.fault(at, "an erasure names it, and its body is here")
	case k.way == bodyAbsent && k.Stream == c.l.own:
		c.fault(at, "the body of an entry that was written here is missing")
	}
	e, err := c.l.unsealEntry(at, k)
	if err == nil {
		err = e.Verify()
	}
	if err != nil {
		c.trouble(at, err)
	}
	if e.Absent() {
		c.tally.Absent++
	}
	if n := ledger.Refused(e, c.l.own); n > 0 && err == nil {
		if c.tally.Refused += n; c.tally.RefusedBy.IsZero() {
			c.tally.RefusedBy = e.Ref
		}
	}
}

// heads looks for heads without a journal. The others were compared there.
func (c *checking) heads() error {
	return c.each(place{bucket: "head"}, c.bucket("head"), func(k, v []byte) error {
		if c.bucket("journal").Bucket(k) == nil {
			c.fault(headPlace(ledger.Stream(k)), "there is no journal for it")
		}
		return c.step()
	})
}

// records walks from every record's pointers back along Replaces. What is
// reached that way must be the whole journal: then every entry is either
// pointed at or replaced by one that is there.
func (c *checking) records() error {
	reached := 0
	err := c.bucket("record").ForEachBucket(func(kind []byte) error {
		return c.each(recordPlace(ledger.Kind(kind), ""), c.bucket("record").Bucket(kind), func(id, v []byte) error {
			if err := c.step(); err != nil {
				return err
			}
			at := recordPlace(ledger.Kind(kind), ledger.ID(id))
			revs, err := decodeRevisions(at, v)
			if err != nil {
				c.trouble(at, err)
				return nil
			}
			c.tally.Records++
			n, err := c.record(at, revs)
			reached += n
			if err != nil {
				c.trouble(at, err)
			}
			return nil
		})
	})
	if err != nil || reached == c.tally.Entries {
		return err
	}
	return c.unreached()
}

// record checks one record's pointers and counts the entries they lead to.
func (c *checking) record(at place, revs revisions) (int, error) {
	if !slices.IsSortedFunc(revs.open, counts) {
		c.fault(at, "the revisions are in the wrong order")
	}
	reached := map[ledger.Ref]bool{}
	var missing []ledger.Ref
	for _, r := range revs.open {
		if reached[r] {
			c.fault(at, "%s counts as unreplaced, and a later revision replaces it", r)
			continue
		}
		var last ledger.Header
		joined := false
		err := descent(c.tx, at, r, func(e kept) (bool, error) {
			if joined = reached[e.Ref]; joined {
				if slices.Contains(revs.open, e.Ref) {
					c.fault(at, "%s counts as unreplaced, and %s replaces it", e.Ref, last.Ref)
				}
				return false, nil
			}
			reached[e.Ref] = true
			last = e.Header
			return true, nil
		})
		if err != nil {
			return len(reached), err
		}
		if recordPlace(last.Kind, last.ID).String() != at.String() {
			c.fault(at, "it leads to %s, which is of another record", last.Ref)
		}
		if !joined && !last.Succeeds().IsZero() && !slices.Contains(missing, last.Succeeds()) {
			missing = append(missing, last.Succeeds())
		}
	}
	slices.SortFunc(missing, counts)
	if !slices.Equal(missing, slices.SortedFunc(slices.Values(revs.missing), counts)) {
		c.fault(at, "the list of revisions that are replaced but not held is wrong")
	}
	return len(reached), nil
}

// unreached names the entries that no record leads to. It is run only when
// some are known to exist.
func (c *checking) unreached() error {
	return c.bucket("journal").ForEachBucket(func(name []byte) error {
		return c.bucket("journal").Bucket(name).ForEach(func(k, v []byte) error {
			if err := c.step(); err != nil || len(k) != 8 {
				return err
			}
			ref := ledger.Ref{Stream: ledger.Stream(name), Seq: ledger.Seq(binary.BigEndian.Uint64(k))}
			at := journalPlace(ref)
			e, err := openKept(at, ref, v)
			if err != nil {
				return nil // reported already
			}
			ok, err := c.reaches(e.Header)
			if err == nil && !ok {
				c.fault(at, "no revision replaces it, and its record %s %s does not point at it", e.Kind, e.ID)
			}
			return nil // a pointer that cannot be read is reported already
		})
	})
}

// reaches reports whether a record's pointers lead to an entry.
func (c *checking) reaches(h ledger.Header) (found bool, err error) {
	at := recordPlace(h.Kind, h.ID)
	revs, err := getRevisions(c.tx, at)
	for _, r := range revs.open {
		if err != nil || found {
			break
		}
		err = descent(c.tx, at, r, func(e kept) (bool, error) {
			found = found || e.Ref == h.Ref
			return !found, nil
		})
	}
	return found, err
}

// indexes compares the lines that the records ask for with those there are.
// When the numbers agree and none is missing, none is too many.
func (c *checking) indexes() error {
	if !c.l.indexed {
		c.fault(place{bucket: "index"}, "the indexes are of another version: open the file for writing once, or reindex")
		return nil
	}
	want := 0
	err := c.bucket("record").ForEachBucket(func(kind []byte) error {
		return c.bucket("record").Bucket(kind).ForEach(func(id, v []byte) error {
			if err := c.step(); err != nil {
				return err
			}
			lines, err := c.newestLines(recordPlace(ledger.Kind(kind), ledger.ID(id)), v)
			if err != nil {
				return nil // reported with the record
			}
			want += len(lines)
			for _, x := range lines {
				if b := c.bucket("index").Bucket([]byte(x.index)); b == nil || !has(b, x.key) {
					c.fault(place{"index", x.index, []byte(x.key)}, "the line is missing: reindex")
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	err = c.eachLine(func(place, string, []byte) { c.tally.Keys++ })
	if err != nil || c.tally.Keys == want {
		return err
	}
	return c.eachLine(c.wanted)
}

func has(b *bbolt.Bucket, key string) bool {
	k, _ := b.Cursor().Seek([]byte(key))
	return string(k) == key
}

// newestLines are the index lines of the record at a place, each once.
func (c *checking) newestLines(at place, v []byte) ([]line, error) {
	revs, err := decodeRevisions(at, v)
	if err != nil {
		return nil, err
	}
	e, err := c.l.mustEntry(c.tx, at, revs.newest())
	if err != nil {
		return nil, err
	}
	lines, err := c.l.lines(e)
	if err != nil {
		c.trouble(at, err)
		return nil, err
	}
	var once []line
	for _, x := range lines {
		if !slices.Contains(once, x) {
			once = append(once, x)
		}
	}
	return once, nil
}

func (c *checking) eachLine(fn func(at place, index string, key []byte)) error {
	return c.bucket("index").ForEachBucket(func(index []byte) error {
		return c.each(place{bucket: "index", sub: string(index)}, c.bucket("index").Bucket(index), func(k, _ []byte) error {
			fn(place{"index", string(index), k}, string(index), k)
			return c.step()
		})
	})
}

// wanted reports an index line that no record asks for. The kind is not in
// the line, so records of that id in every kind are asked.
func (c *checking) wanted(at place, index string, key []byte) {
	_, id, ok := bytes.Cut(key, []byte{0})
	err := c.bucket("record").ForEachBucket(func(kind []byte) error {
		v := c.bucket("record").Bucket(kind).Get(id)
		if v == nil {
			return nil
		}
		lines, err := c.newestLines(recordPlace(ledger.Kind(kind), ledger.ID(id)), v)
		if err == nil && slices.Contains(lines, line{index, string(key)}) {
			return errFound
		}
		return nil
	})
	if !ok || err == nil {
		c.fault(at, "no record asks for this line: reindex")
	}
}

// errFound ends a walk early.
var errFound = errors.New("found")

// receipts checks that every receipt can be read and that each head names
// the last one.
func (c *checking) receipts() error {
	err := c.bucket("receipt").ForEachBucket(func(name []byte) error {
		s := ledger.Stream(name)
		var last ledger.Seq
		err := c.each(place{bucket: "receipt", sub: string(s)}, c.bucket("receipt").Bucket(name), func(k, v []byte) error {
			at := place{"receipt", string(s), k}
			if _, err := c.l.unsealCell(at, v); err != nil {
				c.trouble(at, err)
			}
			if len(k) == 8 {
				last = ledger.Seq(binary.BigEndian.Uint64(k))
			}
			return c.step()
		})
		if h, herr := getHead(c.tx, s); herr == nil && (h.confirmed != last || last > h.seq) {
			c.fault(headPlace(s), "it names %d as confirmed and ends at %d; the last receipt is for %d", h.confirmed, h.seq, last)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.bucket("head").ForEach(func(k, v []byte) error {
		h, err := parseHead(headPlace(ledger.Stream(k)), v)
		if err == nil && h.confirmed > 0 && lookup(c.tx, receiptPlace(ledger.Stream(k), h.confirmed)) == nil {
			c.fault(headPlace(ledger.Stream(k)), "the receipt for %d is missing", h.confirmed)
		}
		return c.step()
	})
}

func (c *checking) drafts() error {
	return c.bucket("draft").ForEachBucket(func(who []byte) error {
		return c.each(place{bucket: "draft", sub: string(who)}, c.bucket("draft").Bucket(who), func(k, v []byte) error {
			if _, err := c.l.parseDraft(string(who), string(k), v); err != nil {
				c.trouble(draftPlace(string(who), string(k)), err)
			}
			return c.step()
		})
	})
}

func (c *checking) locals() error {
	return c.each(place{bucket: "local"}, c.bucket("local"), func(k, v []byte) error {
		at := localPlace(string(k))
		if _, err := c.l.unsealCell(at, v); err != nil {
			c.trouble(at, err)
		}
		return c.step()
	})
}
