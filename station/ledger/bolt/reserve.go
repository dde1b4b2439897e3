package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"liaison/station/ledger"
)

// reserveSize is what is kept back for the day the disk is full, in bytes: as
// a file beside the database, and of the quota, where there is one, an eighth
// if that is less. New entries are refused while it cannot be kept, so that
// drafts, settings, receipts and what the city sends still find room.
const reserveSize = 4 << 20

func (l *Ledger) reservePath() string { return strings.TrimSuffix(l.path, ".db") + ".reserve" }

// keepReserve makes the reserve where it is missing.
func (l *Ledger) keepReserve() {
	if l.o.noLog {
		return
	}
	info, err := os.Stat(l.reservePath())
	if err == nil && info.Size() == reserveSize {
		l.bare = nil
		return
	}
	if l.bare = writeReserve(l.reservePath()); l.bare != nil {
		_ = os.Remove(l.reservePath()) // half of it is of no use
	}
}

// writeReserve writes bytes rather than a hole: a hole reserves nothing.
func writeReserve(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, reserveSize))
	return errors.Join(err, f.Close())
}

// ration refuses what is not essential while there is no reserve, and sets
// how far the file may grow for this commit.
func (l *Ledger) ration(essential bool) error {
	quota := l.o.MaxSize
	if !essential {
		if l.bare != nil {
			l.keepReserve()
		}
		if l.bare != nil {
			return fmt.Errorf("%w: what is left is kept for drafts and sync: %w", ledger.ErrFull, l.bare)
		}
		quota -= min(reserveSize, quota/8)
	}
	if l.o.MaxSize > 0 && l.db != nil {
		l.db.MaxSize = int(quota)
	}
	return nil
}

// giveReserve frees the reserve, and reports whether there was one.
func (l *Ledger) giveReserve(cause error) bool {
	if l.bare != nil || l.o.noLog {
		return false
	}
	l.bare = cause
	if err := os.Remove(l.reservePath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	l.o.report(Reserve, "", cause)
	return true
}
