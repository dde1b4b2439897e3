package bolt

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/seal"
)

// ensure makes the file if there is none and o names a writer. A file of
// length 0 is none: a full disk leaves such a thing.
func ensure(path string, o Options) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Size() > 0:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case lost(path, o):
		return rebuild(path, o, errors.New("the database is missing"))
	case o.Writer == "" || o.ReadOnly:
		if err == nil {
			return fmt.Errorf("%w: the file is empty, nothing was ever written to it", ledger.ErrNotFound)
		}
		return fmt.Errorf("%w: there is no such file", ledger.ErrNotFound)
	}
	if info != nil {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	own, err := newStream(o.Writer, "")
	if err != nil {
		return err
	}
	return create(path, own, o)
}

// lost reports whether a database that is not there was there once: its log is,
// which is only ever begun beside a database, be it damaged so that nothing
// can be made of it. A new ledger in its place would hide that.
func lost(path string, o Options) bool {
	if o.ReadOnly || o.noLog {
		return false
	}
	segments, err := filepath.Glob(filepath.Join(globQuote(logDir(path, o)), "journal.log.[0-9]*"))
	return err == nil && len(segments) > 0
}

// newStream names a stream for a new epoch of a writer, which counts after
// the epochs of the given letter.
func newStream(writer, after string) (ledger.Stream, error) {
	random := strings.ToLower(rand.Text()[:10]) // 50 bits
	s := ledger.Stream(writer + "/" + ledger.NextLetter(after) + "-" + random)
	if err := s.Valid(); err != nil {
		return "", err
	}
	if s.Reader() != "" {
		return "", fmt.Errorf("writer %.80q: a slash is not allowed", writer)
	}
	return s, nil
}

// create makes the file under a temporary name, complete and synced, before
// it gets its own: a power cut leaves either no ledger or a whole one. If
// another process was faster, its file stays.
func create(path string, own ledger.Stream, o Options) (err error) {
	temp, err := tempName(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(temp)) }()
	db, err := bbolt.Open(temp, 0o600, &bbolt.Options{PageSize: cmp.Or(o.page, pageSize), FreelistType: bbolt.FreelistMapType, Timeout: o.Timeout})
	if err != nil {
		return err
	}
	v, err := seal.New(o.Suite)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	l := &Ledger{path: path, o: o, own: own}
	wrapped, recovery, err := l.wrapVault(v)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	err = errors.Join(db.Update(func(tx *bbolt.Tx) error { return initialise(tx, own, wrapped, recovery, o) }), db.Close())
	if err != nil {
		return err
	}
	if err := os.Link(temp, path); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil { // a file system without links
		if err := os.Rename(temp, path); err != nil {
			return err
		}
	}
	return syncDir(path)
}

// initialise writes what every ledger file holds.
func initialise(tx *bbolt.Tx, own ledger.Stream, wrapped seal.Wrapped, recovery []byte, o Options) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	created, err := o.Now().UTC().Truncate(time.Millisecond).MarshalText()
	if err != nil {
		return err
	}
	return errors.Join(
		putMeta(tx, "schema", binary.AppendUvarint(nil, uint64(len(migrations)))),
		putMeta(tx, "stream", []byte(own)),
		putMeta(tx, "created", created),
		putMeta(tx, "key", wrapped),
		putMeta(tx, "recovery", recovery),
		putMeta(tx, "commit", seqKey(uint64(1))),
		putMeta(tx, "indexes", binary.AppendVarint(nil, int64(o.Indexes.Version))),
	)
}

// tempName makes an empty file with a name of its own beside path.
func tempName(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// remove deletes a temporary file, if it is still there.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir makes the names in path's directory durable.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
