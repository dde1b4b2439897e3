package bolt

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bbolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
	"liaison/station/ledger/seal"
)

// Options say how a ledger is opened. The zero value opens an existing file.
type Options struct {
	// Writer is whose ledger it is: a station's code, or "city". Open makes
	// the file if there is none and Writer is set, and refuses a file that
	// is another writer's.
	Writer string
	// Indexes say under which keys records are found; none by default.
	Indexes ledger.Indexes
	// Now is the clock; time.Now by default.
	Now func() time.Time
	// Timeout is how long Open waits for another process to let go of the
	// file; one second by default.
	Timeout time.Duration
	// MaxSize is the quota of the file in bytes, so that the ledger says
	// ErrFull before the disk is full; 0 is none.
	MaxSize int64
	// ReadOnly opens without the right to write, for a copy on a medium that
	// cannot be written.
	ReadOnly bool
	// Key opens the file's key, and is what the key is wrapped for when the
	// file is made. By default it is a key file named ledger.key beside the
	// database, which is made with it.
	Key seal.Source
	// Suite is what a new file is sealed with; AES by default.
	Suite seal.Suite
	// Recovery are those who can open the file without its key, and to whom
	// backups are sealed: identities that are kept off the machine. They are
	// stored in the file when it is made; see also SetRecovery.
	Recovery []seal.Recipient
	// Log is the folder of the second copy, which may lie on another disk; by
	// default beside the database, under its name with .journal for .db. The
	// folder is made, but none above it.
	Log string
	// Report is told what the ledger does by itself, such as filling one copy
	// from the other. It is called while the ledger is locked, and must not
	// use it.
	Report func(Event)

	identity *seal.Identity            // what a restore was given
	wrapLog  func(*journal.Log) second // for tests: stands between
	opened   func(*Ledger)             // for tests: called whenever the file was opened
	noSync   bool                      // for control tests: what breaks when nothing is synced
	noLog    bool                      // no second copy: temporary files, and control tests
	noIndex  bool                      // index lines are made when all else is there
	keyless  bool                      // do without the key: headers and pointers can be read
	lenient  bool                      // open what is damaged, to look what is left
	page     int                       // for benchmarks of the page size
	plain    bool                      // for benchmarks: bodies as in layout 1, to see what sealing costs
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Indexes.Keys == nil {
		o.Indexes.Keys = func(ledger.Entry) []ledger.Key { return nil }
	}
	o.Timeout = cmp.Or(o.Timeout, time.Second)
	o.Suite = cmp.Or(o.Suite, seal.AES)
	return o
}

// A Ledger is a ledger.Ledger in one bbolt file.
type Ledger struct {
	path string
	o    Options
	db   *bbolt.DB
	file *os.File // the one bbolt works on
	own  ledger.Stream

	indexed bool // the file's indexes are of this program's version
	vault   *seal.Vault
	wrapped seal.Wrapped // the vault's key, as it is stored

	keeps   atomic.Bool  // a salvage left entries that have no place yet
	use     sync.RWMutex // held while the database is used, and alone while it is exchanged
	long    sync.Mutex   // held by what reads for long: backup and check, or a compaction
	write   sync.Mutex   // one writer; guards what follows
	whole   *journal.Log // the second copy, or nil
	log     second       // the same as far as commits use it
	behind  bool         // it was said that the log cannot be written
	tried   time.Time    // when the log could not be opened
	bare    error        // why there is no reserve, or nil
	stopped error        // why nothing is written any more
	stuck   bool         // bbolt still holds a lock that it will never release
	closed  bool
}

var _ ledger.Ledger = (*Ledger)(nil)

const (
	// pageSize is written into the file at creation, so that a file made on
	// one machine is the same on another. With pages of 4 KiB two values share
	// one only up to 2,016 bytes each, and a record of 2 kB with its header
	// lies just beyond. Measured with BenchmarkAccept500 (bodies of 2,000
	// bytes): 4,892 bytes of file an entry with 4 KiB, 3,400 with 8, 3,000
	// with 16; BenchmarkCommit is as fast with 8 KiB as with 4, and a fifth
	// slower with 16. Compressing the bodies instead was tried and left: what
	// people really write shrinks to two thirds only (zstd, bodies of 1.4 kB
	// one by one), at 20 µs each, which is half of what a city may spend.
	pageSize = 8192
	// mapSize is the address space mapped at open. While the file is smaller
	// no commit has to wait for a reader, not even for a long backup.
	mapSize = 1 << 30
	// growBy is how much the file grows at a time; a sixteenth of the quota
	// if that is less.
	growBy = 16 << 20
)

// Open opens the ledger at path, and makes the two copies equal. A database
// that is missing or damaged is made anew from the second copy; see Event.
// Errors: ErrBusy if another process holds it; ErrNotFound if there is none
// and o.Writer is not set; ErrLocked; ErrDamaged where neither copy will do.
func Open(path string, o Options) (*Ledger, error) {
	o = o.withDefaults()
	l, err := openOrRebuild(path, o)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	return l, nil
}

func openOrRebuild(path string, o Options) (*Ledger, error) {
	if err := ensure(path, o); err != nil {
		return nil, err
	}
	l, err := open(path, o)
	if !errors.Is(err, ErrDamaged) || o.ReadOnly || o.noLog {
		return l, err
	}
	if rerr := rebuild(path, o, err); rerr != nil {
		return nil, errors.Join(err, rerr)
	}
	return open(path, o)
}

// open opens an existing file and brings it up to date.
func open(path string, o Options) (*Ledger, error) {
	l := &Ledger{path: path, o: o}
	if err := l.openFile(); err != nil {
		return nil, err
	}
	if err := l.start(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Ledger) openFile() (err error) {
	if l.db, l.file, err = openDB(l.path, l.o); err != nil {
		return err
	}
	if err := soundPages(l.file); err != nil {
		err = errors.Join(err, l.db.Close())
		l.db, l.file = nil, nil
		return err
	}
	if l.o.opened != nil {
		l.o.opened(l)
	}
	return nil
}

// openDB opens the file with bbolt, which panics on many kinds of damage and
// then leaves its lock behind.
func openDB(path string, o Options) (db *bbolt.DB, file *os.File, err error) {
	bo := &bbolt.Options{
		Timeout:      o.Timeout,
		FreelistType: bbolt.FreelistMapType,
		PageSize:     cmp.Or(o.page, pageSize),
		ReadOnly:     o.ReadOnly,
		NoSync:       o.noSync,
		MaxSize:      int(o.MaxSize),
		NoStatistics: true,
		// bbolt's own check wants the free pages, also of a file it may not write.
		PreLoadFreelist: o.lenient,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
			file = f
			return f, err
		},
	}
	if !o.ReadOnly && strconv.IntSize == 64 && runtime.GOOS != "windows" { // Windows grows the file to the map
		bo.InitialMmapSize = mapSize
	}
	err = contain(pages, func() (err error) {
		db, err = bbolt.Open(path, 0o600, bo)
		return err
	})
	switch {
	case err == nil:
		db.AllocSize = growBy
		if q := int(o.MaxSize / 16); q > 0 && q < growBy {
			db.AllocSize = q
		}
		return db, file, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, nil, fmt.Errorf("%w; end it, or give the command to it", ledger.ErrBusy)
	case errors.Is(err, ErrDamaged):
		return nil, nil, errors.Join(err, letGo(file))
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, nil, fmt.Errorf("%w: it is no ledger, or its first pages are gone (%s)", ErrDamaged, err)
	}
	return nil, nil, err
}

// contain runs f and turns a panic in it, or a fault in the mapped file, into
// an error that wraps ErrDamaged and names the place that was being worked on.
func contain(at place, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = at.damaged(fmt.Sprintf("the pages cannot be read (%.200v)", p))
		}
	}()
	return f()
}

// view runs fn in a read transaction. fn must not use the ledger: while the
// database waits to be exchanged, another view would wait for that.
func (l *Ledger) view(at place, fn func(*bbolt.Tx) error) error {
	l.use.RLock()
	defer l.use.RUnlock()
	return contain(at, func() error {
		err := l.db.View(fn)
		if errors.Is(err, berrors.ErrDatabaseNotOpen) {
			return fmt.Errorf("ledger %s: %w", l.path, os.ErrClosed)
		}
		return err
	})
}

// update runs fn in a write transaction that is not for the second copy. The
// caller holds l.write, or is the only one who knows the ledger.
func (l *Ledger) update(at place, fn func(*bbolt.Tx) error) error {
	switch {
	case l.closed:
		return fmt.Errorf("ledger %s: %w", l.path, os.ErrClosed)
	case l.o.ReadOnly:
		return fmt.Errorf("ledger %s is opened for reading only: %w", l.path, os.ErrPermission)
	case l.stopped != nil:
		return fmt.Errorf("%w: writing stopped when this happened: %w", ledger.ErrUnsure, l.stopped)
	}
	var tx *bbolt.Tx
	committing := false
	err := contain(at, func() (err error) {
		if tx, err = l.db.Begin(true); err != nil {
			return err
		}
		if err = fn(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		committing = true
		return tx.Commit()
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrDamaged):
		l.stopped = err
		l.abandon(tx)
		if committing {
			return fmt.Errorf("%w: %w", ledger.ErrUnsure, err)
		}
		return err
	case !committing:
		return err
	case full(err):
		return fmt.Errorf("%w: %w", ledger.ErrFull, err)
	}
	l.stopped = err
	return fmt.Errorf("%w: %w", ledger.ErrUnsure, err)
}

// abandon gives up a transaction in which bbolt panicked. If that panics as
// well bbolt's writer lock stays taken, and Close must not ask for it.
func (l *Ledger) abandon(tx *bbolt.Tx) {
	if tx == nil {
		return
	}
	err := contain(place{}, tx.Rollback)
	l.stuck = l.stuck || errors.Is(err, ErrDamaged)
}

// full reports whether a commit failed before its meta page was written,
// because there was no room. A bare ENOSPC comes from fdatasync, after which
// nothing is certain.
func full(err error) bool {
	if errors.Is(err, berrors.ErrMaxSizeReached) {
		return true
	}
	var pe *os.PathError
	return errors.As(err, &pe) && pe.Op == "write" &&
		(errors.Is(pe.Err, syscall.ENOSPC) || errors.Is(pe.Err, syscall.EDQUOT))
}

// Own is the stream this ledger writes.
func (l *Ledger) Own() ledger.Stream { return l.own }

// Path is where the file lies.
func (l *Ledger) Path() string { return l.path }

// Close ends the use of the file. It waits for transactions under way. A
// second Close does nothing.
func (l *Ledger) Close() error {
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	var err error
	if l.log != nil {
		err = l.log.Close()
	}
	l.use.Lock()
	defer l.use.Unlock()
	if err := errors.Join(err, l.closeFile()); err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}

// closeFile closes the database as far as that can be done.
func (l *Ledger) closeFile() error {
	switch {
	case l.db == nil:
		return nil
	case l.stuck:
		return letGo(l.file) // the map goes with the process
	}
	return contain(pages, l.db.Close)
}
