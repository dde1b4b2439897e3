package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// Compact writes the database anew without the pages that are free, which hold
// what was erased, and slow every commit where they are many. It is for quiet
// times: reading goes on, commits wait until it is done. While a backup or a
// check is under way it answers ErrBusy.
func (l *Ledger) Compact(ctx context.Context) error {
	l.write.Lock()
	defer l.write.Unlock()
	if err := l.compactBoth(ctx); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

func (l *Ledger) compactBoth(ctx context.Context) error {
	if err := l.compact(ctx); err != nil {
		return err
	}
	yes, err := l.unscrubbed()
	if err != nil || !yes {
		return err
	}
	if err := l.scrub(); err != nil {
		return err
	}
	return l.update(metaPlace("scrub"), func(tx *bbolt.Tx) error {
		return newWriting(l, tx).put(metaPlace("scrub"), nil)
	})
}

// Mend makes the second copy whole again where a Check found faults in it:
// everything the database holds goes into it anew, and what was damaged goes.
// The database is checked first; if it is not whole itself, nothing is done
// and the error wraps ErrDamaged.
func (l *Ledger) Mend(ctx context.Context) error {
	l.write.Lock()
	defer l.write.Unlock()
	err := l.unread(func() error { return l.soundSelf(ctx) })
	if err == nil {
		err = l.scrub()
	}
	if err != nil {
		return fmt.Errorf("mend the second copy: %w", err)
	}
	l.o.report(Renewed, "", errors.New("a check found faults in it"))
	return nil
}

// unread runs fn while no backup and no check is under way; else ErrBusy.
func (l *Ledger) unread(fn func() error) error {
	if !l.long.TryLock() {
		return fmt.Errorf("%w: a backup or a check is reading it", ledger.ErrBusy)
	}
	defer l.long.Unlock()
	return fn()
}

func (l *Ledger) compact(ctx context.Context) error {
	switch {
	case l.closed:
		return os.ErrClosed
	case l.o.ReadOnly:
		return os.ErrPermission
	case l.stopped != nil:
		return fmt.Errorf("%w: %w", ledger.ErrUnsure, l.stopped)
	}
	return l.unread(func() error {
		if err := l.soundSelf(ctx); err != nil { // what cannot be read would be left behind
			return err
		}
		return l.rewrite(ctx)
	})
}

// rewrite copies the database into a new file and puts that in its place.
func (l *Ledger) rewrite(ctx context.Context) (err error) {
	temp, err := tempName(l.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(temp)) }()
	db, file, err := openDB(temp, l.o)
	if err != nil {
		return err
	}
	if err := l.copyInto(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	return l.exchange(func() error {
		if err := os.Rename(temp, l.path); err != nil {
			return errors.Join(err, db.Close())
		}
		old := l.db
		l.db, l.file = db, file
		if l.o.opened != nil {
			l.o.opened(l)
		}
		return errors.Join(contain(pages, old.Close), syncDir(l.path))
	})
}

// compactTx bounds the transactions that a compaction writes, in bytes.
const compactTx = 8 << 20

// copyInto copies every value, and syncs once.
func (l *Ledger) copyInto(ctx context.Context, db *bbolt.DB) error {
	db.NoSync = true
	err := contain(pages, func() error { return bbolt.Compact(db, l.db, compactTx) })
	db.NoSync = l.o.noSync
	return errors.Join(err, ctx.Err(), db.Sync())
}
