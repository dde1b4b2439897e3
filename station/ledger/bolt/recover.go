package bolt

import (
	"errors"
	"fmt"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// commit runs fn in a transaction and writes both copies of it. What is
// essential may use the reserve; see reserve.go.
func (l *Ledger) commit(at place, essential bool, fn func(*writing) error) error {
	l.write.Lock()
	defer l.write.Unlock()
	return l.commitLocked(at, essential, fn)
}

func (l *Ledger) commitLocked(at place, essential bool, fn func(*writing) error) error {
	if l.stopped != nil && !l.closed {
		if err := l.reopen(); err != nil {
			return fmt.Errorf("%w: %w", ledger.ErrUnsure, err)
		}
	}
	if err := l.ration(essential); err != nil {
		return err
	}
	n, frame, err := l.transact(at, fn)
	if errors.Is(err, ledger.ErrFull) && essential && l.giveReserve(err) {
		n, frame, err = l.transact(at, fn)
	}
	if errors.Is(err, ledger.ErrUnsure) {
		return l.recover(at, fn, n, frame, err)
	}
	if err == nil {
		l.copySecond(n, frame)
	}
	return err
}

// transact runs fn in a transaction and returns its number and its frame, as
// far as it came.
func (l *Ledger) transact(at place, fn func(*writing) error) (n uint64, frame []byte, err error) {
	err = l.update(at, func(tx *bbolt.Tx) error {
		w := newWriting(l, tx)
		if err := fn(w); err != nil {
			return err
		}
		n, frame, err = w.finish()
		return err
	})
	return n, frame, err
}

// recover is what happens when a transaction failed with its fate unknown. The
// file is opened anew in its place and shows what became of it: if the commit
// is there, the second copy makes it durable; if not, it is tried once more.
// Where the disk does not allow that, writing stops, and the next commit
// begins with opening the file again.
func (l *Ledger) recover(at place, fn func(*writing) error, n uint64, frame []byte, cause error) error {
	if err := l.reopen(); err != nil {
		return errors.Join(cause, err)
	}
	found, err := l.counter()
	if err != nil {
		return errors.Join(cause, err)
	}
	if n == 0 || found != n {
		n, frame, err = l.transact(at, fn)
		if err != nil {
			return errors.Join(cause, err)
		}
	}
	l.copySecond(n, frame)
	if found == n && !l.secondHas(n) { // visible, and perhaps in memory only
		l.stopped = cause
		return cause
	}
	return nil
}

// secondHas reports whether the log holds commit n durably.
func (l *Ledger) secondHas(n uint64) bool { return l.log != nil && l.log.Last() >= n }

// reopen closes the file and opens it again, and takes from the log what it
// lost. It waits for readers.
func (l *Ledger) reopen() error {
	cause := l.stopped
	if err := l.exchange(func() error {
		// What closing says is of a file that is given up.
		_ = l.closeFile()
		l.db, l.stuck = nil, false
		return l.openFile()
	}); err != nil {
		if !errors.Is(err, ErrDamaged) || l.whole == nil {
			return err
		}
		if err := l.exchange(func() error {
			if err := rebuildFrom(l.whole, l.path, l.o, cause); err != nil {
				return err
			}
			return l.openFile()
		}); err != nil {
			return err
		}
	}
	if err := l.compareHeads(); err != nil {
		return err
	}
	n, err := l.counter()
	if err != nil {
		return err
	}
	l.stopped = nil
	if l.whole != nil && l.whole.Last() > n {
		if err := l.catchUp(n); err != nil {
			l.stopped = err
			return err
		}
	}
	l.o.report(Reopened, "", cause)
	return nil
}

// exchange runs fn, which closes the database or puts another one in its
// place, while nobody reads.
func (l *Ledger) exchange(fn func() error) error {
	l.use.Lock()
	defer l.use.Unlock()
	return fn()
}
