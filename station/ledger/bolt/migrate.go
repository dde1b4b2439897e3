package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/seal"
)

// buckets are the top-level buckets, as the package comment draws them.
var buckets = [...]string{"meta", "journal", "record", "index", "head", "receipt", "draft", "local", "erased"}

// migrations bring a file from layout n to layout n+1 in one transaction
// each. meta/schema counts how many of them a file has seen. A new file is
// made in the newest layout and has seen them all.
var migrations = [...]func(*Ledger, *bbolt.Tx) error{
	func(*Ledger, *bbolt.Tx) error { return nil }, // layout 1: the first
	(*Ledger).sealLayout,                          // layout 2: sealed, counted, erasable
}

var (
	// ErrNewer: the file was written by a newer program; use that one. Nothing
	// was changed.
	ErrNewer = errors.New("the file is of a newer program")
	// ErrOther: the file is another writer's ledger. Nothing was changed.
	ErrOther = errors.New("the file is another writer's ledger")
)

// sealLayout gives a file of layout 1 a key, seals everything in it, and
// begins to count its commits.
func (l *Ledger) sealLayout(tx *bbolt.Tx) error {
	v, err := seal.New(l.o.Suite)
	if err != nil {
		return err
	}
	l.vault = v
	wrapped, recovery, err := l.wrapVault(v)
	if err != nil {
		return err
	}
	l.wrapped = wrapped
	if _, err := tx.CreateBucketIfNotExists([]byte("erased")); err != nil {
		return err
	}
	err = errors.Join(putMeta(tx, "key", wrapped), putMeta(tx, "recovery", recovery), putMeta(tx, "commit", seqKey(uint64(1))),
		putMeta(tx, "indexes", binary.AppendVarint(nil, underway))) // some of their keys are blind now
	if err != nil {
		return err
	}
	var all []op
	if err := everything(tx, func(o op) error { all = append(all, o); return nil }); err != nil {
		return err
	}
	for _, o := range all {
		if err := l.sealOld(tx, o); err != nil {
			return err
		}
	}
	return nil
}

// sealOld replaces a plain value by a sealed one.
func (l *Ledger) sealOld(tx *bbolt.Tx, o op) error {
	if o.at.bucket == "meta" {
		return nil
	}
	p, err := openCell(o.at, o.value)
	if err != nil {
		return err
	}
	var cell []byte
	if o.at.bucket == "journal" {
		k, fault := parseKept(p)
		if fault != "" {
			return o.at.damaged(fault)
		}
		cell, err = l.entryCell(o.at, k.AppendBinary(nil), &k.Entry)
	} else {
		cell, err = l.sealCell(o.at, p)
	}
	if err != nil {
		return err
	}
	return newWriting(l, tx).put(o.at, cell)
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

// start checks that the file is what the options expect, opens its key,
// migrates it, compares every head with the end of its journal, and lets the
// two copies fill each other.
func (l *Ledger) start() error {
	m, err := l.readMeta()
	if err != nil {
		return err
	}
	newest := uint64(len(migrations))
	if m.schema > newest {
		return fmt.Errorf("%w: it is of layout %d and this program knows %d", ErrNewer, m.schema, newest)
	}
	if w := l.own.Writer(); l.o.Writer != "" && l.o.Writer != w {
		return fmt.Errorf("%w: it is of %s, not of %s", ErrOther, w, l.o.Writer)
	}
	if l.o.ReadOnly && !l.o.lenient && m.schema < newest {
		return fmt.Errorf("the file is of layout %d; open it for writing once, so that it is brought to %d", m.schema, newest)
	}
	moved := false
	if m.schema >= 2 && !l.o.keyless {
		if moved, err = l.unlock(l.wrapped); err != nil {
			return err
		}
	}
	l.indexed = m.indexes == int64(l.o.Indexes.Version)
	if !l.o.lenient {
		if err := l.compareHeads(); err != nil {
			return err
		}
	}
	if l.o.ReadOnly {
		return nil
	}
	for schema := m.schema; schema < newest; schema++ {
		if err := l.migrate(schema); err != nil {
			return fmt.Errorf("bring layout %d to %d: %w", schema, schema+1, err)
		}
		l.indexed = false
	}
	if m.schema < newest { // what was plain lies in freed pages still
		if !l.o.noIndex {
			if err := l.reindex(); err != nil {
				return err
			}
		}
		if err := l.compact(context.Background()); err != nil {
			return err
		}
	}
	return l.settle(moved)
}

// settle makes an opened file the one that is written to on this machine.
func (l *Ledger) settle(moved bool) error {
	if moved {
		if err := l.rewrap(); err != nil {
			return err
		}
	}
	if err := l.dropCarried(); err != nil {
		return err
	}
	if err := l.joinLog(); err != nil {
		return err
	}
	if err := l.noteKept(); err != nil {
		return err
	}
	l.keepReserve()
	if !l.indexed && !l.o.noIndex {
		return l.reindex()
	}
	return nil
}

// meta is what the meta bucket says of the file's form.
type meta struct {
	schema  uint64
	indexes int64
}

func (l *Ledger) readMeta() (m meta, err error) {
	err = l.view(metaPlace("schema"), func(tx *bbolt.Tx) error {
		v, err := getMeta(tx, "schema")
		if err != nil {
			return err
		}
		m.schema, _ = binary.Uvarint(v)
		if v, err = getMeta(tx, "stream"); err != nil {
			return err
		}
		l.own = ledger.Stream(v)
		if v, err = getMeta(tx, "indexes"); err != nil {
			return err
		}
		m.indexes, _ = binary.Varint(v)
		for _, name := range buckets {
			if tx.Bucket([]byte(name)) == nil && (m.schema >= 2 || name != "erased") {
				return place{bucket: name}.damaged("the bucket is missing")
			}
		}
		if m.schema < 2 {
			return nil
		}
		return l.readKey(tx)
	})
	return m, err
}

// readKey reads the wrapped key and who can recover it.
func (l *Ledger) readKey(tx *bbolt.Tx) error {
	v, err := getMeta(tx, "key")
	if err != nil {
		return err
	}
	l.wrapped = seal.Wrapped(slices.Clone(v))
	if v, err = getMeta(tx, "recovery"); err != nil {
		return err
	}
	l.o.Recovery, err = parseRecipients(v)
	return err
}

func (l *Ledger) migrate(from uint64) error {
	return l.update(metaPlace("schema"), func(tx *bbolt.Tx) error {
		if err := migrations[from](l, tx); err != nil {
			return err
		}
		return putMeta(tx, "schema", binary.AppendUvarint(nil, from+1))
	})
}
