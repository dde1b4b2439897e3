package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"

	"liaison/station/ledger"
)

// CheckLog reads the second copy alone and reports its faults, which are for
// Mend. It knows no page of bbolt, so that it neither hangs nor crashes: it
// needs no child process, and no copy.
func (l *Ledger) CheckLog(ctx context.Context, report func(ledger.Fault)) error {
	return l.checkLog(ctx, report)
}

// CheckAgree holds drafts and settings of the database against the second copy,
// and reports what differs: faults of the database, for Heal.
func (l *Ledger) CheckAgree(ctx context.Context, report func(ledger.Fault)) error {
	return l.checkAgree(ctx, report)
}

// Heal makes the database anew from its second copy while the ledger is in
// use, where a check found faults in it: reading goes on, commits wait until
// it is done. What there was is kept under a dated name. Errors: ErrBusy while
// a backup or a check is under way; ErrNotFound where there is no second copy;
// ErrDamaged where that has a hole or lacks the newest commits: then nothing
// is changed, and what is left of both is for Rebuild, with the ledger closed.
func (l *Ledger) Heal(why error) error {
	l.write.Lock()
	defer l.write.Unlock()
	if err := l.unread(func() error { return l.heal(why) }); err != nil {
		return fmt.Errorf("heal the database: %w", err)
	}
	return nil
}

func (l *Ledger) heal(why error) (err error) {
	switch {
	case l.closed:
		return os.ErrClosed
	case l.o.ReadOnly:
		return os.ErrPermission
	case l.whole == nil:
		return fmt.Errorf("%w: there is no second copy", ledger.ErrNotFound)
	}
	n, err := renewed(pastLog{l.whole}, l.path, l.o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(n.temp)) }()
	if n.hole != nil {
		return fmt.Errorf("%w: its second copy, too: %w", ErrDamaged, n.hole)
	}
	err = l.exchange(func() error {
		aside, err := putInPlace(n.temp, l.path, l.o)
		if err != nil {
			return err
		}
		l.o.report(Rebuilt, aside, why)
		_ = l.closeFile() // what closing says is of a file that is given up
		l.db, l.stuck = nil, false
		return l.openFile()
	})
	if err == nil {
		err = l.compareHeads()
	}
	if err != nil {
		l.stopped = err // the next commit begins with opening the file again
		return err
	}
	l.stopped = nil
	return nil
}
