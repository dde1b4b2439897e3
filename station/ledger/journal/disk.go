package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is the folder the log lies in. Tests put a failing or forgetful one in
// its place.
type disk interface {
	names() ([]string, error)
	open(name string, write bool) (file, error)
	create(name string) (file, error) // empty, also where there was one
	rename(from, to string) error
	remove(name string) error
	sync() error // makes names durable
}

// file is one open file.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	size() (int64, error)
	truncate(size int64) error
	sync() error // makes the content durable
}

// folder is a disk that is a real folder.
type folder string

func (d folder) names() ([]string, error) {
	list, err := os.ReadDir(string(d))
	var out []string
	for _, e := range list {
		if e.Type().IsRegular() {
			out = append(out, e.Name())
		}
	}
	return out, err
}

func (d folder) open(name string, write bool) (file, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	return openFile(filepath.Join(string(d), name), flag)
}

func (d folder) create(name string) (file, error) {
	return openFile(filepath.Join(string(d), name), os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (d folder) rename(from, to string) error {
	return os.Rename(filepath.Join(string(d), from), filepath.Join(string(d), to))
}

func (d folder) remove(name string) error { return os.Remove(filepath.Join(string(d), name)) }

func (d folder) sync() error { return syncFolder(string(d)) }

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// makeFolder makes the folder, but none above it: where another disk should be
// mounted and is not, the log must not begin anew on this one.
func makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return syncFolder(filepath.Dir(path))
}

type osFile struct{ *os.File }

func openFile(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (f osFile) size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f osFile) truncate(size int64) error { return f.Truncate(size) }

func (f osFile) sync() error {
	if err := syncData(f.File); err != nil {
		return fmt.Errorf("sync %s: %w", f.Name(), err)
	}
	return nil
}
