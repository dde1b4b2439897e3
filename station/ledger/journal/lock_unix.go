//go:build unix

package journal

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"liaison/station/ledger"
)

// lock makes this process the one that writes, until the lock is closed or
// the process ends. The error is ledger.ErrBusy where another one is.
func lock(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = ledger.ErrBusy
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
