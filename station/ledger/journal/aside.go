package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// SetAside moves the files of a log that is not in use into a folder within
// its own, named after the time, and returns its path: a log that is damaged,
// or that a restored database no longer goes with, is kept, and a new one can
// begin. What was moved opens as a log. The error is ledger.ErrBusy where the
// log is in use.
func SetAside(dir string, at time.Time) (moved string, err error) {
	l, err := lock(filepath.Join(dir, lockName))
	if err != nil {
		return "", fmt.Errorf("set journal %s aside: %w", dir, openError(err))
	}
	moved, err = setAside(dir, prefix+"aside-"+at.UTC().Format("20060102T150405Z"))
	if err := errors.Join(err, l.Close()); err != nil {
		return "", fmt.Errorf("set journal %s aside: %w", dir, openError(err))
	}
	return moved, nil
}

func setAside(dir, name string) (string, error) {
	names, err := folder(dir).names()
	if err != nil {
		return "", err
	}
	to := filepath.Join(dir, name)
	err = os.Mkdir(to, 0o700)
	for i := 2; errors.Is(err, fs.ErrExist); i++ {
		to = filepath.Join(dir, fmt.Sprintf("%s-%d", name, i))
		err = os.Mkdir(to, 0o700)
	}
	for _, n := range names {
		if err == nil && strings.HasPrefix(n, prefix) && n != lockName {
			err = os.Rename(filepath.Join(dir, n), filepath.Join(to, n))
		}
	}
	if err != nil {
		return "", err
	}
	return to, errors.Join(syncFolder(to), syncFolder(dir))
}
