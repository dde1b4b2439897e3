//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package bolt

import (
	"errors"
	"os"
	"syscall"
)

// letGo closes a file that bbolt left locked and mapped when it panicked. To
// close it is not enough: the map, which nobody can take back, keeps the lock.
func letGo(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}
