package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
	"liaison/station/ledger/seal"
)

// Rebuild makes the database at path anew from its second copy; what there was
// is kept under a dated name. It is for damage to the database that only a deep
// check found; what Open finds it mends by itself, and faults of the second
// copy are for Mend. Errors: ErrBusy, ErrLocked, ErrNotFound where there is no
// second copy, and ErrDamaged where that has a hole: then neither copy alone
// will do, and nothing is changed.
func Rebuild(path string, o Options) error {
	o = o.withDefaults()
	if err := rebuildAsked(path, o); err != nil {
		return fmt.Errorf("rebuild ledger %s: %w", path, err)
	}
	return nil
}

func rebuildAsked(path string, o Options) error {
	log, err := journal.Open(logDir(path, o), journal.Options{Now: o.Now})
	if err != nil {
		return err
	}
	var hole error
	_, err = log.Check(context.Background(), func(f journal.Fault) {
		if f.From > 0 && hole == nil {
			hole = fmt.Errorf("%w: its second copy, too: %w", ErrDamaged, &f)
		}
	})
	if err = errors.Join(err, hole); err == nil {
		err = rebuildFrom(log, path, o, errors.New("asked for"))
	}
	return errors.Join(err, log.Close())
}

func rebuild(path string, o Options, why error) error {
	log, err := journal.Open(logDir(path, o), journal.Options{Now: o.Now})
	if err != nil {
		return err
	}
	return errors.Join(rebuildFrom(log, path, o, why), log.Close())
}

// rebuildFrom makes a new file, gives it everything the log has, checks it,
// and only then gives it the name.
func rebuildFrom(log *journal.Log, path string, o Options, why error) (err error) {
	if log.Last() == 0 {
		return fmt.Errorf("%w: the second copy is empty", ledger.ErrNotFound)
	}
	temp, err := tempName(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(temp)) }()
	gap, err := refill(log, temp, o)
	if err != nil {
		return err
	}
	if err := sound(temp, o); err != nil {
		return err
	}
	aside, err := setAside(path, o.Now())
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	if err := syncDir(path); err != nil {
		return err
	}
	o.report(Rebuilt, aside, errors.Join(why, gap))
	return nil
}

// refill writes what the log holds into the file at temp. gap says what of it
// could not be read: then the file begins a new epoch, since numbers may be
// missing that must not be given again.
func refill(log *journal.Log, temp string, o Options) (gap, err error) {
	o.noLog, o.noIndex, o.noSync, o.MaxSize = true, true, true, 0
	if err := blankFile(log, temp, o); err != nil {
		return nil, err
	}
	l, err := open(temp, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	l.whole = log
	defer func() { l.whole = nil }()
	if gap, err = l.refill(); err != nil {
		return gap, err
	}
	if gap != nil {
		if err := l.newEpoch(); err != nil {
			return gap, err
		}
	}
	l.o.noIndex = false
	return gap, errors.Join(l.reindex(), l.db.Sync())
}

// blankFile makes an empty ledger of the log's stream and key.
func blankFile(log *journal.Log, temp string, o Options) error {
	db, err := bbolt.Open(temp, 0o600, &bbolt.Options{PageSize: pageSize, FreelistType: bbolt.FreelistMapType, Timeout: o.Timeout, NoSync: true})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(func(tx *bbolt.Tx) error {
		return initialise(tx, log.Stream(), seal.Wrapped(log.Key()), nil, o)
	}), db.Close())
}

// refill replays the newest state that can be read, and the frames after it.
func (l *Ledger) refill() (gap, err error) {
	state, _ := l.soundState()
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
			gap = err
			break
		}
		if err := r.add(f.Payload, f.Number); err != nil {
			return nil, err
		}
	}
	return gap, r.flush()
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

// stamp is the date and time in the name of a file set aside.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T150405.000Z") }
