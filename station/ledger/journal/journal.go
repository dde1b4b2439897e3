package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"liaison/station/ledger"
)

// Options say how a log is opened. The zero value opens one that exists.
type Options struct {
	// Stream is whose log it is. Open begins a log where there is none and
	// Stream is set, and refuses another stream's.
	Stream ledger.Stream
	// Key is the wrapped key that the first segment is to carry. It plays no
	// part where a log exists: Describe changes it.
	Key []byte
	// SegmentSize is when a new segment begins, in bytes; 16 MiB by default.
	SegmentSize int64
	// Owe is how many bytes of frames are kept in memory while the disk
	// cannot be written; 16 MiB by default.
	Owe int64
	// ReadOnly opens for reading only: nothing is repaired, and another
	// process may be writing.
	ReadOnly bool
	// Now is the clock; time.Now by default.
	Now func() time.Time

	disk   disk  // in place of the real one
	noSync bool  // for control tests: what breaks when nothing is synced
	step   int64 // how many bytes of zeros are written ahead
}

func (o Options) withDefaults(dir string) Options {
	o.SegmentSize = cmp.Or(o.SegmentSize, 16<<20)
	o.Owe = cmp.Or(o.Owe, 16<<20)
	o.step = cmp.Or(o.step, 256<<10)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.disk == nil {
		o.disk = folder(dir)
	}
	return o
}

// A Log is a second copy. It is safe for concurrent use.
type Log struct {
	o    Options
	disk disk
	lock io.Closer

	mu       sync.Mutex // guards what follows
	id       [16]byte
	stream   ledger.Stream
	key      []byte
	segments []segment // in order; the last is written to
	states   []uint64  // the frames that states stand for, ascending
	faults   []Fault   // found by Open

	active file
	end    int64  // where the next frame goes
	room   int64  // the file holds zeros from end to here
	last   uint64 // newest frame on the disk
	next   uint64 // number of the next frame
	dirty  error  // why the active segment must be mended before it is written to
	owed   []frame
	owing  int64 // bytes of owed
	lost   bool  // frames are missing that are no longer owed
	cause  error // why the log is behind
	buf    []byte
	inUse  bool // a state is being written
	closed bool
}

// segment is one file of frames.
type segment struct {
	number uint64
	first  uint64 // what its head says; 0 where that cannot be read
	data   int64  // where its frames begin
}

func (s segment) name() string { return segmentName(s.number) }

// Open opens the log in a folder, which is made where there is none, but no
// folder above it. What is damaged does not keep it from opening; Faults tells
// what was found at the end of the log, Check finds the rest. Errors:
// ledger.ErrNotFound where there is no log and no stream to begin one for,
// ledger.ErrBusy, ErrOther, and those of the disk.
func Open(dir string, o Options) (*Log, error) {
	l, err := open(dir, o.withDefaults(dir))
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	return l, nil
}

func open(dir string, o Options) (_ *Log, err error) {
	l := &Log{o: o, disk: o.disk}
	if real, ok := o.disk.(folder); ok && !o.ReadOnly {
		if o.Stream != "" {
			if err := makeFolder(dir); err != nil {
				return nil, openError(err)
			}
		}
		if l.lock, err = lock(filepath.Join(string(real), lockName)); err != nil {
			return nil, openError(err)
		}
	}
	if err := l.load(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Stream is whose log it is.
func (l *Log) Stream() ledger.Stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stream
}

// Key is the wrapped key that the newest segment carries.
func (l *Log) Key() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.key)
}

// Last is the newest frame on the disk; 0 where there is none.
func (l *Log) Last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Behind says from which frame on the log owes what was appended, and why; 0
// and nil where it owes nothing.
func (l *Log) Behind() (since uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause == nil {
		return 0, nil
	}
	return l.last + 1, l.cause
}

// Faults tells what Open found and did.
func (l *Log) Faults() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.faults)
}

// Describe changes what the heads of segments say: the stream, after a new
// epoch began, and the wrapped key, after its source was changed. A new
// segment begins, so that it holds from now on; what is in older segments
// goes with them.
func (l *Log) Describe(s ledger.Stream, key []byte) error {
	if err := describable(s, key); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.writable(); err != nil {
		return err
	}
	oldStream, oldKey := l.stream, l.key
	l.stream, l.key = s, slices.Clone(key)
	if err := l.begin(); err != nil {
		l.stream, l.key = oldStream, oldKey
		return fmt.Errorf("journal: begin a segment: %w", typed(err))
	}
	return nil
}

func describable(s ledger.Stream, key []byte) error {
	if err := s.Valid(); err != nil {
		return err
	}
	if len(s) > maxStream || len(key) > MaxKey {
		return fmt.Errorf("stream name of %d bytes, key of %d: at most %d and %d", len(s), len(key), maxStream, MaxKey)
	}
	return nil
}

// writable is an error where the log is closed or opened for reading.
func (l *Log) writable() error {
	switch {
	case l.closed:
		return fmt.Errorf("journal is closed: %w", os.ErrClosed)
	case l.o.ReadOnly:
		return fmt.Errorf("%w: it was opened for reading only", ErrReadOnly)
	}
	return nil
}

// Close ends the use of the log. What is owed is tried once more; the error
// says if it could not be written. A second Close does nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	var err error
	if len(l.owed) > 0 {
		err = l.settle()
	}
	l.closed = true
	if l.active != nil {
		err = errors.Join(err, l.active.Close())
	}
	if l.lock != nil {
		err = errors.Join(err, l.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// A Frame is one commit as it was appended.
type Frame struct {
	From    uint64 // first number it stands for; Number but for a catch-up
	Number  uint64 // last number it stands for
	Payload []byte // the caller's own
	File    string // where it lies
	Offset  int64
}

// A Tally is what Check walked through.
type Tally struct {
	Segments int
	Frames   int
	States   int
	Bytes    int64
	First    uint64 // oldest number that a frame stands for
	Last     uint64 // newest
}
