package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A Listener owns the socket of a directory.
type Listener struct {
	*net.UnixListener
	path string
	lock *os.File // the directory, locked for as long as we serve
	once sync.Once
}

// Listen takes the socket at path. It returns ErrTaken when another process
// serves there, and removes what a dead one left behind. The lock that tells
// them apart is the kernel's and dies with its process; it lies on the
// directory itself, so it leaves no file.
func Listen(path string) (*Listener, error) {
	dir, err := openDir(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := listen(path)
	if err != nil {
		_ = dir.Close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &Listener{UnixListener: l, path: path, lock: dir}, nil
}

// openDir locks the directory. Where everyone may write, anyone could put a
// socket of their own in place of ours, so it is refused.
func openDir(name string) (*os.File, error) {
	d, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := d.Stat()
	if err == nil && st.Mode().Perm()&0o002 != 0 {
		err = fmt.Errorf("%w: chmod 700 %s", ErrPath, name)
	}
	if err == nil {
		err = unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = ErrTaken
		}
	}
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

// listen puts the socket in place. It is made under a name of its own and
// renamed, so that nobody meets it before its mode is set.
func listen(path string) (*net.UnixListener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	fresh := path + ".new"
	if err := removeStale(fresh); err != nil {
		return nil, err
	}
	addr, done, err := address(fresh)
	if err != nil {
		return nil, err
	}
	defer done()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: addr, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	if err = os.Chmod(fresh, 0o600); err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		_ = l.Close()
		_ = os.Remove(fresh)
		return nil, err
	}
	return l, nil
}

// removeStale removes a socket that nobody answers. The lock is held already;
// the question is asked nevertheless, since not every file system has locks.
func removeStale(path string) error {
	st, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%w: %s", ErrPath, path)
	}
	addr, done, err := address(path)
	if err != nil {
		return err
	}
	defer done()
	c, err := net.DialTimeout("unix", addr, time.Second)
	if err == nil {
		_ = c.Close()
		return ErrTaken
	}
	if !errors.Is(err, unix.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// withdraw takes the socket away, so that nobody calls any more.
func (l *Listener) withdraw() {
	l.once.Do(func() {
		_ = os.Remove(l.path)
		_ = l.UnixListener.Close()
	})
}

// Close takes the socket away and lets the next server in.
func (l *Listener) Close() error {
	l.withdraw()
	if err := l.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
