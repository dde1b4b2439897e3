package bolt

import (
	"encoding/binary"
	"fmt"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// buckets are the top-level buckets, as the package comment draws them.
var buckets = [...]string{"meta", "journal", "record", "index", "head", "receipt", "draft", "local"}

// migrations bring a file from layout n to layout n+1 in one transaction
// each. meta/schema counts how many of them a file has seen. A new file is
// made in the newest layout and has seen them all.
var migrations = [...]func(*bbolt.Tx) error{
	func(*bbolt.Tx) error { return nil }, // layout 1: the first
}

func metaPlace(key string) place { return place{bucket: "meta", key: []byte(key)} }

func putMeta(tx *bbolt.Tx, key string, v []byte) error {
	at := metaPlace(key)
	return tx.Bucket([]byte(at.bucket)).Put(at.key, appendCell(nil, at, v))
}

// getMeta returns ErrDamaged where the key is missing, because every file
// has every one of them from the first day.
func getMeta(tx *bbolt.Tx, key string) ([]byte, error) {
	at := metaPlace(key)
	b := tx.Bucket([]byte(at.bucket))
	if b == nil {
		return nil, fmt.Errorf("%w: it is a bbolt file, but no ledger", ErrDamaged)
	}
	return openCell(at, b.Get(at.key))
}

// start checks that the file is what the options expect, migrates it, and
// compares every head with the end of its journal.
func (l *Ledger) start() error {
	schema, indexes, err := l.readMeta()
	if err != nil {
		return err
	}
	if schema > uint64(len(migrations)) {
		return fmt.Errorf("the file is of layout %d and this program knows %d: it was written by a newer program; use that one", schema, len(migrations))
	}
	if w := l.own.Writer(); l.o.Writer != "" && l.o.Writer != w {
		return fmt.Errorf("the file is the ledger of %s, not of %s", w, l.o.Writer)
	}
	if l.o.ReadOnly && !l.o.lenient && schema < uint64(len(migrations)) {
		return fmt.Errorf("the file is of layout %d; open it for writing once, so that it is brought to %d", schema, len(migrations))
	}
	for ; !l.o.ReadOnly && schema < uint64(len(migrations)); schema++ {
		if err := l.migrate(schema); err != nil {
			return fmt.Errorf("bring layout %d to %d: %w", schema, schema+1, err)
		}
	}
	if !l.o.lenient {
		if err := l.compareHeads(); err != nil {
			return err
		}
	}
	l.indexed = indexes == int64(l.o.Indexes.Version)
	if !l.indexed && !l.o.ReadOnly {
		return l.reindex()
	}
	return nil
}

func (l *Ledger) readMeta() (schema uint64, indexes int64, err error) {
	err = l.view(metaPlace("schema"), func(tx *bbolt.Tx) error {
		v, err := getMeta(tx, "schema")
		if err != nil {
			return err
		}
		schema, _ = binary.Uvarint(v)
		if v, err = getMeta(tx, "stream"); err != nil {
			return err
		}
		l.own = ledger.Stream(v)
		if v, err = getMeta(tx, "indexes"); err != nil {
			return err
		}
		indexes, _ = binary.Varint(v)
		for _, name := range buckets {
			if tx.Bucket([]byte(name)) == nil {
				return place{bucket: name}.damaged("the bucket is missing")
			}
		}
		return nil
	})
	return schema, indexes, err
}

func (l *Ledger) migrate(from uint64) error {
	return l.update(metaPlace("schema"), func(tx *bbolt.Tx) error {
		if err := migrations[from](tx); err != nil {
			return err
		}
		return putMeta(tx, "schema", binary.AppendUvarint(nil, from+1))
	})
}
