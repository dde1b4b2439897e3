package upkeep

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Limits of the log in a data directory.
const (
	maxLog  = 8 << 20              // bytes, and
	monthly = 31 * 24 * time.Hour  // age, at which it makes way for a new one
	keepLog = 8                    // older ones that are kept,
	logAge  = 400 * 24 * time.Hour // and how long
)

// A LogFile is a log that makes way for a new one when it is large or old; the
// older ones have the date behind their name. Where that cannot be done, such
// as on a full disk, it goes on as it is.
type LogFile struct {
	mu   sync.Mutex
	path string
	now  func() time.Time
	f    *os.File
	size int64
	born time.Time // of the file, as far as that is known
}

// OpenLogFile opens the log at path, or makes it.
func OpenLogFile(path string, now func() time.Time) (*LogFile, error) {
	l := &LogFile{path: path, now: now}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *LogFile) open() error {
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	st, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.f, l.size, l.born = f, st.Size(), l.now()
	if l.size > 0 {
		l.born = firstTime(f, st)
	}
	// What the runtime prints when it dies goes there too: a terminal is about
	// to be cleared. Where that fails nothing is lost.
	_ = debug.SetCrashOutput(f, debug.CrashOptions{})
	return nil
}

// firstTime is when a log was begun: its first line says so, and else its last
// change must do.
func firstTime(f *os.File, st os.FileInfo) time.Time {
	var b [64]byte
	n, _ := f.ReadAt(b[:], 0)
	for end := n; end > len("time="); end-- { // slog's text begins time=2006-01-02T…
		if at, err := time.Parse(time.RFC3339Nano, string(b[len("time="):end])); err == nil {
			return at
		}
	}
	return st.ModTime()
}

// Write appends a line.
func (l *LogFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return 0, os.ErrClosed
	}
	if l.size > 0 && (l.size+int64(len(line)) > maxLog || l.now().Sub(l.born) > monthly) {
		l.rotate()
	}
	n, err := l.f.Write(line)
	l.size += int64(n)
	return n, err
}

// rotate begins a new file, if it can.
func (l *LogFile) rotate() {
	aside := l.path + "." + l.now().UTC().Format("2006-01-02T150405.000Z")
	old := l.f
	if os.Rename(l.path, aside) != nil {
		l.born = l.now() // try again in a month, or when another 8 MiB are written
		l.size = 0
		return
	}
	if l.open() != nil {
		_ = os.Rename(aside, l.path)
		return
	}
	_ = old.Close() // only appended to
	l.prune()
}

// prune removes what is too old, and what is too many.
func (l *LogFile) prune() {
	old, err := filepath.Glob(l.path + ".2[0-9][0-9][0-9]-*Z")
	if err != nil {
		return
	}
	slices.Sort(old) // the date is in the name
	for i, name := range old {
		st, err := os.Stat(name)
		if i < len(old)-keepLog || err == nil && l.now().Sub(st.ModTime()) > logAge {
			_ = os.Remove(name) // or the next time
		}
	}
}

// Close ends the use of the file.
func (l *LogFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	err := l.f.Close()
	l.f = nil
	return err
}

// OpenLog is the log of a program: the journal, where systemd connected this
// process's stderr to it, and else a file in the data directory, and whatever
// else is to have it. Where the file cannot be written the program works
// without: a log must not stop a reception. Close the closer at the end.
func OpenLog(path string, also ...io.Writer) (*slog.Logger, io.Closer) {
	if InJournal() {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: untimed})), io.NopCloser(nil)
	}
	var closer io.Closer = io.NopCloser(nil)
	if f, err := OpenLogFile(path, time.Now); err == nil {
		closer, also = f, append(also, f)
	}
	if len(also) == 0 {
		return slog.New(slog.DiscardHandler), closer
	}
	return slog.New(slog.NewTextHandler(io.MultiWriter(also...), nil)), closer
}

// untimed leaves out the time, which the journal has itself.
func untimed(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// InJournal reports whether this process's stderr is systemd's journal.
func InJournal() bool {
	st, err := os.Stderr.Stat()
	if err != nil {
		return false
	}
	s, ok := st.Sys().(*syscall.Stat_t)
	return ok && os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", s.Dev, s.Ino)
}
