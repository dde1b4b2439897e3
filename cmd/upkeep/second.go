package upkeep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"liaison/station/ledger/bolt"
)

// Names of where the second copy lies, where that is not beside the ledger: a
// file in the data directory holds the path of a folder, and in that folder
// lies the copy. The folder is made once, by MoveSecond, and never again: a
// disk that is not there must not be taken for an empty one.
const (
	secondFile = "second-copy"
	secondName = "ledger.journal"
)

// ErrTaken: the folder for the second copy holds one already.
var ErrTaken = errors.New("the folder holds a second copy already")

// Second is the folder of the second copy of the ledger in a data directory.
func Second(dir string) string {
	if b, err := os.ReadFile(filepath.Join(dir, secondFile)); err == nil {
		if at := strings.TrimSpace(string(b)); filepath.IsAbs(at) {
			return filepath.Join(at, secondName)
		}
	}
	return filepath.Join(dir, secondName)
}

// MoveSecond has the second copy of the ledger named name in a data directory
// lie in the folder to from now on, or beside the ledger where to is "". The
// copy there is complete before the one that was is removed; no other process
// may have the ledger open. Errors: ErrTaken, those of bolt.Open, and of the
// file system. After an error everything is as it was.
func MoveSecond(dir, name, to string, o bolt.Options) error {
	was := Second(dir)
	if to != "" {
		if err := os.MkdirAll(to, 0o700); err != nil {
			return err
		}
	}
	at := filepath.Join(dir, secondName)
	if to != "" {
		at = filepath.Join(to, secondName)
	}
	if at == was {
		return nil
	}
	if list, err := os.ReadDir(at); err == nil && len(list) > 0 {
		return fmt.Errorf("%w: %s", ErrTaken, at)
	}
	if err := fillSecond(filepath.Join(dir, name), at, o); err != nil {
		return errors.Join(err, os.RemoveAll(at))
	}
	if err := pointSecond(dir, to); err != nil {
		return errors.Join(err, os.RemoveAll(at))
	}
	return os.RemoveAll(was)
}

// fillSecond makes the copy: opening a ledger without one begins it.
func fillSecond(path, at string, o bolt.Options) error {
	o.Log = at
	led, err := bolt.Open(path, o)
	if err != nil {
		return err
	}
	behind := led.Behind()
	if _, err := os.Stat(at); err != nil { // the disk took nothing
		behind = errors.Join(behind, err)
	}
	return errors.Join(behind, led.Close())
}

// pointSecond writes where the second copy lies, all at once.
func pointSecond(dir, to string) error {
	path := filepath.Join(dir, secondFile)
	if to == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return syncDir(dir)
	}
	f, err := os.CreateTemp(dir, "."+secondFile+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(to + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
