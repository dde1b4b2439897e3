package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
)

// second is what the ledger needs of its second copy, *journal.Log. Tests
// stand in between.
type second interface {
	Append(payload []byte) (uint64, error)
	Last() uint64
	Behind() (since uint64, err error)
	Close() error
}

// An Event is something the ledger did by itself that people should know of.
type Event struct {
	What EventKind
	Path string // a file that was set aside, or ""
	Err  error  // why; for the log, not for people
}

// An EventKind says what happened, so that a program finds its own words.
type EventKind string

const (
	// Rebuilt: the database was missing or damaged, and was made anew from
	// the second copy. Nothing that was acknowledged is lost.
	Rebuilt EventKind = "database rebuilt from the second copy"
	// Partly: both copies were damaged. What could be read in either was
	// kept, in a new epoch; Err says what was not. The other side has the rest,
	// but for private bodies.
	Partly EventKind = "both copies damaged, what could be read was kept"
	// Caught: the database lacked the newest commits and got them from the
	// second copy.
	Caught EventKind = "newest commits taken from the second copy"
	// Renewed: the second copy was missing, damaged or another ledger's, and
	// was begun anew.
	Renewed EventKind = "second copy begun anew"
	// Behind: the second copy cannot be written. Work goes on with one copy.
	Behind EventKind = "second copy cannot be written"
	// InStep: the second copy holds everything again.
	InStep EventKind = "second copy complete again"
	// Reopened: a write failed, and the file was opened anew in its place.
	Reopened EventKind = "database opened anew after a failed write"
	// Reserve: the disk is full, and the reserve was given up so that drafts
	// and sync can go on.
	Reserve EventKind = "disk full, reserve in use"
)

func (e Event) String() string {
	var b strings.Builder
	b.WriteString(string(e.What))
	if e.Path != "" {
		b.WriteString("; set aside: " + e.Path)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

func (o *Options) report(what EventKind, path string, err error) {
	if o.Report != nil {
		o.Report(Event{what, path, err})
	}
}

// logDir is the folder of the second copy.
func logDir(path string, o Options) string {
	if o.Log != "" {
		return o.Log
	}
	return strings.TrimSuffix(path, ".db") + ".journal"
}

// getCounter is the number of the newest commit: that of its frame in the log.
func getCounter(tx *bbolt.Tx) (uint64, error) {
	at := metaPlace("commit")
	p, err := openCell(at, lookup(tx, at))
	if err == nil && len(p) < 8 {
		err = at.damaged("it ends too soon")
	}
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(p), nil
}

// counter reads it in a transaction of its own.
func (l *Ledger) counter() (n uint64, err error) {
	err = l.view(metaPlace("commit"), func(tx *bbolt.Tx) error {
		n, err = getCounter(tx)
		return err
	})
	return n, err
}

// copySecond writes a commit's frame. That the log cannot be written does not
// stop the day: it is said once, and said again when it is over.
func (l *Ledger) copySecond(n uint64, frame []byte) {
	if l.o.noLog || l.log == nil && !l.retryLog() {
		return
	}
	if l.whole.Last() >= n { // opened just now, and filled
		return
	}
	err := l.appendFrame(n, frame)
	if errors.Is(err, ledger.ErrFull) && l.giveReserve(err) {
		err = l.whole.Retry()
	}
	if errors.Is(err, journal.ErrBehind) { // it gave up what it owed
		err = l.fillLog()
	}
	switch {
	case err != nil:
		l.fellBehind(err)
	case err == nil && l.behind:
		l.behind = false
		l.o.report(InStep, "", nil)
	}
}

// appendFrame appends frame n, or everything, where the log is out of step.
func (l *Ledger) appendFrame(n uint64, frame []byte) error {
	if since, _ := l.log.Behind(); since == 0 && l.whole.Last()+1 != n {
		return l.fillLog()
	}
	_, err := l.log.Append(frame)
	return err
}

// retryEvery is how long a log that could not be opened is left alone.
const retryEvery = 30 * time.Second

// retryLog tries to open a log that could not be opened before.
func (l *Ledger) retryLog() bool {
	if !l.behind { // it is not opened yet
		return false
	}
	if now := l.o.Now(); now.Sub(l.tried).Abs() < retryEvery {
		return false
	}
	err := l.joinLog()
	return err == nil && l.log != nil
}

// Behind reports why the second copy lacks the newest commits, or nil.
func (l *Ledger) Behind() error {
	l.write.Lock()
	defer l.write.Unlock()
	if l.log == nil {
		return nil
	}
	_, err := l.log.Behind()
	return err
}

// joinLog opens the second copy, and lets the longer of the two fill the
// other. Whatever is wrong with the log, the ledger opens.
func (l *Ledger) joinLog() error {
	if l.o.ReadOnly || l.o.noLog {
		return nil
	}
	n, err := l.counter()
	if err != nil {
		return err
	}
	dir := logDir(l.path, l.o)
	log, err := journal.Open(dir, l.logOptions())
	if errors.Is(err, ledger.ErrBusy) {
		return err
	}
	if errors.Is(err, journal.ErrOther) || errors.Is(err, journal.ErrDamaged) {
		return l.renewLog(dir, err)
	}
	if err != nil { // cannot be written or read now
		l.fellBehind(err)
		return nil
	}
	l.setLog(log)
	err = l.compare(n)
	if errors.Is(err, errOtherLog) {
		return l.renewLog(dir, err)
	}
	return err
}

// fellBehind says once that there is only one copy.
func (l *Ledger) fellBehind(err error) {
	l.tried = l.o.Now()
	if !l.behind {
		l.behind = true
		l.o.report(Behind, "", err)
	}
}

func (l *Ledger) setLog(log *journal.Log) {
	l.whole, l.log = log, log
	if l.o.wrapLog != nil {
		l.log = l.o.wrapLog(log)
	}
}

func (l *Ledger) logOptions() journal.Options {
	return journal.Options{Stream: l.own, Key: l.wrapped, Now: l.o.Now}
}

// errOtherLog: the log does not continue this database, or this database does
// not continue the log.
var errOtherLog = errors.New("the second copy is not this ledger's")

// compare holds database and log against each other, which end at commit n and
// at the log's last frame.
func (l *Ledger) compare(n uint64) error {
	last := l.whole.Last()
	fresh := last == 0
	switch {
	case fresh && len(l.whole.Faults()) > 0:
		f := l.whole.Faults()[0]
		return fmt.Errorf("%w: nothing in it can be read: %w", errOtherLog, &f)
	case last > n:
		if err := l.catchUp(n); err != nil {
			return err
		}
		l.o.report(Caught, "", nil)
	case last < n:
		if err := l.fillLog(); err != nil {
			l.fellBehind(err)
			return nil
		}
		if fresh && n > 1 {
			l.o.report(Renewed, "", nil)
		}
	default:
		if err := l.sameEnd(n); err != nil {
			return err
		}
	}
	if l.whole.Key() != nil && !bytes.Equal(l.whole.Key(), l.wrapped) {
		return l.describe()
	}
	return nil
}

// sameEnd holds the log's last frame against what the database has of it. A
// database put back from elsewhere may have the same number of commits.
func (l *Ledger) sameEnd(n uint64) error {
	for f, err := range l.whole.Frames(n - 1) {
		if err != nil {
			continue // a rotten frame proves nothing; a check tells of it
		}
		_, ops, err := decodeFrame(f.Payload)
		if err != nil {
			return nil
		}
		return l.view(place{bucket: "meta"}, func(tx *bbolt.Tx) error {
			for _, o := range ops {
				if err := sameValue(tx, o); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return nil
}

// sameValue holds what a frame says of one entry or receipt against the
// database. What is missing there, or rotten, is damage to the database. What
// is sound and different belongs to another ledger. Drafts and settings may be
// overwritten within one frame, and bodies erased.
func sameValue(tx *bbolt.Tx, o op) error {
	if o.at.bucket != "journal" && o.at.bucket != "receipt" {
		return nil
	}
	v := lookup(tx, o.at)
	if v == nil {
		return o.at.damaged("it is missing, and the second copy has it")
	}
	if _, _, err := checkCell(o.at, v); err != nil {
		return err
	}
	if bytes.Equal(v, o.value) {
		return nil
	}
	if o.at.bucket == "journal" && len(o.at.key) == 8 {
		r := ledger.Ref{Stream: ledger.Stream(o.at.sub), Seq: ledger.Seq(binary.BigEndian.Uint64(o.at.key))}
		mine, err := openKept(o.at, r, v)
		if err != nil {
			return err
		}
		if its, err := openKept(o.at, r, o.value); err == nil && mine.Hash() == its.Hash() {
			return nil
		}
	}
	return fmt.Errorf("%w: its last frame differs at %s", errOtherLog, o.at)
}

// soundSelf is an error that wraps ErrDamaged where a check of the database
// finds anything. It comes before everything that gives up the log, or part
// of it, in favour of the database.
func (l *Ledger) soundSelf(ctx context.Context) error {
	var first error
	_, err := l.check(ctx, func(f ledger.Fault) {
		if first == nil && f.Where != "index" {
			first = &damage{f.Where, f.What}
		}
	})
	return errors.Join(err, first)
}

// renewLog sets a log aside that is of no use and begins a new one. Before, it
// makes sure that the database is whole: if not, the log may be the better of
// the two, and the error wraps ErrDamaged.
func (l *Ledger) renewLog(dir string, why error) error {
	if err := l.soundSelf(context.Background()); err != nil {
		return err
	}
	if l.whole != nil {
		if err := l.whole.Close(); err != nil {
			return err
		}
		l.whole, l.log = nil, nil
	}
	aside := dir + "." + stamp(l.o.Now())
	if err := os.Rename(dir, aside); err != nil {
		l.fellBehind(errors.Join(why, err))
		return nil
	}
	log, err := journal.Open(dir, l.logOptions())
	if err != nil {
		l.fellBehind(errors.Join(why, err))
		return nil
	}
	l.setLog(log)
	l.o.report(Renewed, aside, why)
	if err := l.fillLog(); err != nil {
		l.fellBehind(err)
	}
	return nil
}

// describe has the log's heads carry the stream and the wrapped key.
func (l *Ledger) describe() error {
	if l.whole == nil {
		return nil
	}
	if err := l.whole.Describe(l.own, l.wrapped); err != nil {
		l.fellBehind(err)
	}
	return nil
}

// smallState is up to how many bytes everything there is goes into one frame.
const smallState = 1 << 20

// fillLog gives the log what it lacks: the newest commit if it is that alone,
// else everything there is.
func (l *Ledger) fillLog() error {
	n, err := l.counter()
	if err != nil {
		return err
	}
	if l.whole.Last()+1 == n {
		if frame, ok, err := l.newestFrame(); err != nil {
			return err
		} else if ok {
			return l.whole.CatchUp(n, frame)
		}
	}
	return l.writeState(n, false)
}

// newestFrame makes the frame of the newest commit again, if it can.
func (l *Ledger) newestFrame() (frame []byte, ok bool, err error) {
	err = l.view(metaPlace("commit"), func(tx *bbolt.Tx) error {
		at := metaPlace("commit")
		p, err := openCell(at, lookup(tx, at))
		if err != nil || len(p) <= 8 {
			return err
		}
		places, whole := decodeTouched(p[8:])
		ops := make([]op, 0, len(places))
		for _, at := range places {
			ops = append(ops, op{at, lookup(tx, at)})
		}
		frame, ok = encodeFrame(frameChange, ops), whole
		return nil
	})
	return frame, ok, err
}

// writeState writes everything there is into the log: into one frame where it
// is little, else into a state.
func (l *Ledger) writeState(n uint64, always bool) error {
	var w *journal.StateWriter
	var part []byte
	kind := byte(frameAll)
	flush := func() error {
		if w == nil {
			var err error
			if w, err = l.whole.NewState(n); err != nil {
				return err
			}
		}
		err := w.Add(part)
		kind, part = frameChange, part[:0]
		return err
	}
	err := l.view(pages, func(tx *bbolt.Tx) error {
		return everything(tx, func(o op) error {
			if _, _, err := checkCell(o.at, o.value); err != nil {
				return err // rot is not copied
			}
			if len(part) == 0 {
				part = append(part, frameVersion, kind)
			}
			part = appendOp(part, o)
			if len(part) < smallState {
				return nil
			}
			return flush()
		})
	})
	switch {
	case err == nil && w == nil && !always:
		return l.whole.CatchUp(n, part)
	case err == nil && len(part) > 0:
		err = flush()
	}
	if w == nil {
		return err
	}
	if err != nil {
		return errors.Join(err, w.Cancel())
	}
	return w.Commit()
}

// everything calls fn with every value that does not follow from others.
func everything(tx *bbolt.Tx, fn func(op) error) error {
	for _, bucket := range logged {
		b := tx.Bucket([]byte(bucket))
		err := b.ForEach(func(k, v []byte) error {
			if v != nil {
				return fn(op{place{bucket: bucket, key: k}, v})
			}
			sub := string(k)
			return b.Bucket(k).ForEach(func(k, v []byte) error {
				return fn(op{place{bucket, sub, k}, v})
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
