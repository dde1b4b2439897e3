package bolt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// maxKey is how much of an index key is kept. Keys are made from bodies that
// come from outside, and bbolt refuses a key beyond 32 KiB.
const maxKey = 512

// A line is one key of one index with the record it leads to.
type line struct {
	index string
	key   string // <key> NUL <id>
}

// lines asks the program for an entry's index keys. A panic in there is the
// program's fault and not the file's.
func (l *Ledger) lines(e ledger.Entry) (out []line, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("index keys of %s %s: %v", e.Kind, e.Ref, p)
		}
	}()
	for _, k := range l.o.Indexes.Keys(e) {
		if k.Index == "" {
			return nil, fmt.Errorf("index keys of %s %s: an index without a name", e.Kind, e.Ref)
		}
		key := strings.ReplaceAll(k.Key, "\x00", "")
		key = l.indexKey(k.Index, key[:min(len(key), maxKey)])
		out = append(out, line{k.Index, key + "\x00" + string(e.ID)})
	}
	return out, nil
}

// shifts gathers what one transaction does to index lines: true is put, false
// is taken away. They are carried out at its end and in order, which bbolt
// does in a third of the time.
type shifts map[line]bool

// shift takes away the lines of the revision that was the newest and puts
// those of the one that is.
func (s shifts) shift(was, is []line) {
	for _, x := range was {
		s[x] = false
	}
	for _, x := range is {
		s[x] = true
	}
}

// apply carries the shifts out. A line that is there already is left alone,
// so that its page is not written.
func (s shifts) apply(tx *bbolt.Tx) error {
	var b *bbolt.Bucket
	var err error
	name := ""
	for _, x := range slices.SortedFunc(maps.Keys(s), compareLines) {
		if x.index != name || b == nil {
			name = x.index
			if b, err = tx.Bucket([]byte("index")).CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		key := []byte(x.key)
		if !s[x] {
			err = b.Delete(key)
		} else if b.Get(key) == nil {
			err = b.Put(key, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func compareLines(a, b line) int {
	return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.key, b.key))
}

// Find selects index lines in key order.
func (l *Ledger) Find(f ledger.Find) ([]ledger.Hit, error) {
	if !l.indexed {
		return nil, fmt.Errorf("find in index %s: the file's indexes are of another version; open it for writing once", f.Index)
	}
	if strings.HasSuffix(f.Index, blindSuffix) { // nothing but the whole key finds
		f.From = l.indexKey(f.Index, f.From)
		f.To = f.From + "\x01"
	}
	var out []ledger.Hit
	at := place{bucket: "index", sub: f.Index}
	err := l.view(at, func(tx *bbolt.Tx) error {
		if f.Index == "" {
			return nil
		}
		b := tx.Bucket([]byte("index")).Bucket([]byte(f.Index))
		if b == nil {
			return nil
		}
		c := b.Cursor()
		k, next := first(c, f)
		for ; k != nil && within(k, f) && (f.Limit <= 0 || len(out) < f.Limit); k, _ = next() {
			key, id, ok := bytes.Cut(k, []byte{0})
			if !ok {
				return at.damaged("a key leads to no record")
			}
			out = append(out, ledger.Hit{Key: string(key), ID: ledger.ID(id)})
		}
		return nil
	})
	return out, err
}

// first sets the cursor on the first line of f and says how to go on.
func first(c *bbolt.Cursor, f ledger.Find) ([]byte, func() ([]byte, []byte)) {
	if !f.Reverse {
		k, _ := c.Seek([]byte(f.From))
		return k, c.Next
	}
	if f.To != "" {
		if k, _ := c.Seek([]byte(f.To)); k != nil {
			k, _ = c.Prev()
			return k, c.Prev
		}
	}
	k, _ := c.Last()
	return k, c.Prev
}

// within compares whole lines with the bounds: NUL sorts before everything
// else, so a line lies within them exactly when its key does.
func within(k []byte, f ledger.Find) bool {
	if f.Reverse {
		return string(k) >= f.From
	}
	return f.To == "" || string(k) < f.To
}

// Reindex builds every index anew. Commits wait until it is done; a Find
// meanwhile may see part of the lines only.
func (l *Ledger) Reindex(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.write.Lock()
	defer l.write.Unlock()
	return l.reindex()
}

// underway stands in meta/indexes while indexes are being built, so that a
// cut leads to another try at the next open. No program has this version.
const underway = -1 << 63

// reindex empties the indexes and fills them in transactions of bounded size.
func (l *Ledger) reindex() error {
	err := l.update(place{bucket: "index"}, func(tx *bbolt.Tx) error {
		if err := tx.DeleteBucket([]byte("index")); err != nil {
			return err
		}
		if _, err := tx.CreateBucket([]byte("index")); err != nil {
			return err
		}
		return putMeta(tx, "indexes", binary.AppendVarint(nil, underway))
	})
	if err != nil {
		return fmt.Errorf("empty the indexes: %w", err)
	}
	kinds, err := l.kinds()
	if err != nil {
		return err
	}
	for _, k := range kinds {
		if err := l.reindexKind(k); err != nil {
			return fmt.Errorf("index the records of kind %s: %w", k, err)
		}
	}
	err = l.update(metaPlace("indexes"), func(tx *bbolt.Tx) error {
		return putMeta(tx, "indexes", binary.AppendVarint(nil, int64(l.o.Indexes.Version)))
	})
	l.indexed = l.indexed || err == nil
	return err
}

func (l *Ledger) kinds() (kinds []ledger.Kind, err error) {
	err = l.view(place{bucket: "record"}, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("record")).ForEachBucket(func(k []byte) error {
			kinds = append(kinds, ledger.Kind(k))
			return nil
		})
	})
	return kinds, err
}

// reindexBatch is how many records' lines are put in one transaction: enough
// that the two syncs of each do not count.
const reindexBatch = 8192

func (l *Ledger) reindexKind(k ledger.Kind) error {
	var from []byte
	pending := shifts{}
	records := 0
	put := func() error {
		err := l.update(place{bucket: "index"}, pending.apply)
		clear(pending)
		records = 0
		return err
	}
	for {
		chunk, next, err := l.chunk(k, from)
		if err != nil {
			return err
		}
		for _, e := range chunk {
			ls, err := l.lines(e)
			if err != nil {
				return err
			}
			pending.shift(nil, ls)
		}
		if records += len(chunk); records >= reindexBatch || next == nil {
			if err := put(); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		from = next
	}
}
