package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
	"liaison/station/ledger/seal"
)

// Rebuild makes the database at path anew from its second copy; what there was
// is kept under a dated name. It is for damage to the database that only a deep
// check found, and for both copies damaged at once: what Open finds it mends
// by itself, and faults of the second copy alone are for Mend. Errors: ErrBusy,
// ErrLocked, and ErrDamaged where neither copy says whose ledger it is.
func Rebuild(path string, o Options) error {
	o = o.withDefaults()
	if err := rebuild(path, o, errors.New("asked for")); err != nil {
		return fmt.Errorf("rebuild ledger %s: %w", path, err)
	}
	return nil
}

// rebuild does it, and reports what came of it. A log that had a hole is set
// aside, too, and begun anew.
func rebuild(path string, o Options, why error) (err error) {
	log, err := oldLog(path, o)
	if err != nil {
		return err
	}
	n, err := renewed(log, path, o)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	defer func() { err = errors.Join(err, remove(n.temp)) }()
	aside, err := putInPlace(n.temp, path, o)
	if err := errors.Join(err, log.Close()); err != nil {
		return err
	}
	what := Rebuilt
	if n.lost != nil {
		what = Partly
	}
	o.report(what, aside, errors.Join(why, n.hole, n.lost))
	if n.hole == nil {
		return nil
	}
	if err := asideLog(path, o); err != nil {
		return err
	}
	o.Report = nil // that the log is begun anew goes without saying
	l, err := open(path, o)
	if err != nil {
		return err
	}
	return l.Close()
}

// A pastLog is the log as it was found.
type pastLog struct{ *journal.Log } // nil: there is none

// oldLog opens the log. That there is none, or nothing in it tells whose it
// is, is no error, unless it is to lie elsewhere: then its disk may be away.
func oldLog(path string, o Options) (pastLog, error) {
	log, err := journal.Open(logDir(path, o), journal.Options{Now: o.Now})
	beside := logDir(path, o) == logDir(path, Options{})
	switch {
	case err == nil:
		return pastLog{log}, nil
	case errors.Is(err, journal.ErrDamaged), beside && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, ledger.ErrNotFound)):
		return pastLog{}, nil
	}
	return pastLog{}, err
}

func (l pastLog) Close() error {
	if l.Log == nil {
		return nil
	}
	return l.Log.Close()
}

func (l pastLog) last() uint64 {
	if l.Log == nil {
		return 0
	}
	return l.Last()
}

// A renewal is a new and sound file beside the database.
type renewal struct {
	temp string
	hole error // in the log: then it was made from both copies
	lost error // what neither copy has
}

// renewed makes a sound file of everything the log has; where it has a hole,
// of everything that can be read in either copy.
func renewed(log pastLog, path string, o Options) (n renewal, err error) {
	if n.temp, err = tempName(path); err != nil {
		return n, err
	}
	if err = n.fill(log, path, o); err == nil {
		err = sound(n.temp, o)
	}
	if err != nil {
		return n, errors.Join(err, remove(n.temp))
	}
	return n, nil
}

// fill writes the file.
func (n *renewal) fill(log pastLog, path string, o Options) (err error) {
	var s *salvage
	if log.last() == 0 {
		n.hole = fmt.Errorf("%w: there is no second copy", ledger.ErrNotFound)
		if s, err = gather(log, path); err != nil {
			return err
		}
	}
	o.noLog, o.noIndex, o.noSync, o.MaxSize = true, true, true, 0
	if err := blankFile(log, s, n.temp, o); err != nil {
		return err
	}
	l, err := open(n.temp, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	l.whole = log.Log
	defer func() { l.whole = nil }()
	if s == nil {
		if n.hole, err = l.refill(path); err != nil {
			return err
		}
		if n.hole != nil {
			if s, err = gather(log, path); err != nil {
				return err
			}
		}
	}
	if s != nil {
		if n.lost, err = s.complete(l, log.last()); err != nil {
			return err
		}
	}
	l.o.noIndex = false
	return errors.Join(l.reindex(), l.db.Sync())
}

// putInPlace gives a new file the database's name, and returns where the old
// one lies.
func putInPlace(temp, path string, o Options) (aside string, err error) {
	if aside, err = setAside(path, o.Now()); err != nil {
		return "", err
	}
	if err := os.Rename(temp, path); err != nil {
		return "", err
	}
	return aside, syncDir(path)
}

// blankFile makes an empty ledger of the log's stream and key; where there is
// no log, of what a salvage found of them.
func blankFile(log pastLog, s *salvage, temp string, o Options) error {
	var own ledger.Stream
	var key seal.Wrapped
	var recovery []byte
	if log.last() > 0 {
		own, key = log.Stream(), log.Key()
	} else {
		own, key, recovery = ledger.Stream(s.meta["stream"]), seal.Wrapped(s.meta["key"]), s.meta["recovery"]
	}
	if own.Valid() != nil || len(key) == 0 {
		return fmt.Errorf("%w: neither copy says whose ledger it is", ErrDamaged)
	}
	db, err := bbolt.Open(temp, 0o600, &bbolt.Options{PageSize: pageSize, FreelistType: bbolt.FreelistMapType, Timeout: o.Timeout, NoSync: true})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(func(tx *bbolt.Tx) error {
		return initialise(tx, own, key, recovery, o)
	}), db.Close())
}

// refill replays the newest state that can be read, and the frames after it.
// hole is why that is not all: frames are missing, or the old database, at
// path, has newer commits.
func (l *Ledger) refill(path string) (hole, err error) {
	state, _ := soundState(l.whole)
	r := refilling{l: l}
	for part, err := range l.whole.State(state) {
		if state == 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := r.add(part, state); err != nil {
			return nil, err
		}
	}
	for f, err := range l.whole.Frames(state) {
		if err != nil {
			hole = err
			break
		}
		if err := r.add(f.Payload, f.Number); err != nil {
			return nil, err
		}
	}
	n := commitsIn(path)
	switch torn := l.whole.Faults(); {
	case hole != nil:
	case n > l.whole.Last():
		hole = fmt.Errorf("%w: the second copy ends at commit %d of %d", journal.ErrBehind, l.whole.Last(), n)
	case n == 0 && len(torn) > 0: // a torn end is nothing, but for whoever has no other witness
		hole = &torn[0]
	}
	return hole, r.flush()
}

// refilling gathers frames, so that not each costs a transaction.
type refilling struct {
	l      *Ledger
	held   [][]byte
	number uint64
	size   int
}

func (r *refilling) add(payload []byte, number uint64) error {
	r.held, r.number = append(r.held, payload), number
	if r.size += len(payload); r.size < 4<<20 {
		return nil
	}
	return r.flush()
}

func (r *refilling) flush() error {
	if len(r.held) == 0 {
		return nil
	}
	err := r.l.apply(r.number, r.held...)
	r.held, r.size = r.held[:0], 0
	return err
}

// newEpoch begins one in a file that may lack what was written.
func (l *Ledger) newEpoch() error {
	after, err := lastLetter("", l.own.Writer(), l)
	if err != nil {
		return err
	}
	own, err := newStream(l.own.Writer(), after)
	if err != nil {
		return err
	}
	_, _, err = l.transact(metaPlace("stream"), func(w *writing) error { return w.set(metaOp("stream", []byte(own))) })
	if err == nil {
		l.own = own
	}
	return err
}

// sound checks a file that was just written.
func sound(path string, o Options) error {
	var first error
	_, err := Examine(context.Background(), path, o, func(f ledger.Fault) {
		if first == nil {
			first = fmt.Errorf("%w: what the second copy gives is not sound: %s", ErrDamaged, f)
		}
	})
	return errors.Join(err, first)
}

// rebuildFrom is rebuild for a ledger that is in use, whose log must be whole:
// a hole is an error that wraps ErrDamaged.
func rebuildFrom(log *journal.Log, path string, o Options, why error) error {
	n, err := renewed(pastLog{log}, path, o)
	if err != nil {
		return err
	}
	aside := ""
	if n.hole != nil {
		err = fmt.Errorf("%w: its second copy, too: %w", ErrDamaged, n.hole)
	} else {
		aside, err = putInPlace(n.temp, path, o)
	}
	if err = errors.Join(err, remove(n.temp)); err == nil {
		o.report(Rebuilt, aside, why)
	}
	return err
}

// stamp is the date and time in the name of a file set aside.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T150405.000Z") }
