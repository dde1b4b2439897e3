package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
)

// memDisk is a folder in memory that forgets, when the power is cut, what was
// not synced: of every write since the last sync any sectors may be there or
// not, and of the changes of names any that come before the one that failed.
type memDisk struct {
	mu     sync.Mutex
	files  map[string]*memNode // as a process sees them
	safe   map[string]*memNode // as they are found after a power cut
	later  []func(map[string]*memNode)
	fail   func(op, name string) error // asked before everything that changes something
	bad    func(name string, off, n int64) error
	watch  func(op string) // called before everything that changes something, with mu held
	room   int64           // bytes that may still be written; -1: no limit
	writes int             // changes made so far
}

func newMemDisk() *memDisk {
	return &memDisk{files: map[string]*memNode{}, safe: map[string]*memNode{}, room: -1}
}

const sector = 512

// memNode is the content of one file.
type memNode struct {
	now  []byte
	safe []byte
	torn []memWrite // since the last sync
}

type memWrite struct {
	off  int64
	data []byte
	cut  int64 // truncation to this size, where data is nil
}

func (d *memDisk) ask(op, name string) error {
	d.writes++
	if d.watch != nil {
		d.watch(op)
	}
	if d.fail == nil {
		return nil
	}
	if err := d.fail(op, name); err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	return nil
}

func (d *memDisk) names() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.files)), nil
}

func (d *memDisk) open(name string, write bool) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.files[name]
	if n == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if write {
		if err := d.ask("open", name); err != nil {
			return nil, err
		}
	}
	return &memFile{d, n, name}, nil
}

func (d *memDisk) create(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ask("create", name); err != nil {
		return nil, err
	}
	n := &memNode{}
	d.change(func(m map[string]*memNode) { m[name] = n })
	return &memFile{d, n, name}, nil
}

func (d *memDisk) rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ask("rename", to); err != nil {
		return err
	}
	n := d.files[from]
	d.change(func(m map[string]*memNode) { delete(m, from); m[to] = n })
	return nil
}

func (d *memDisk) remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	if err := d.ask("remove", name); err != nil {
		return err
	}
	d.change(func(m map[string]*memNode) { delete(m, name) })
	return nil
}

func (d *memDisk) change(f func(map[string]*memNode)) {
	f(d.files)
	d.later = append(d.later, f)
}

func (d *memDisk) sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ask("syncdir", "."); err != nil {
		return err
	}
	d.safe = maps.Clone(d.files)
	d.later = nil
	return nil
}

type memFile struct {
	d    *memDisk
	n    *memNode
	name string
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.bad != nil {
		if err := f.d.bad(f.name, off, int64(len(p))); err != nil {
			return 0, err
		}
	}
	if off >= int64(len(f.n.now)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.now[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.ask("write", f.name)
	if grown := off + int64(len(p)) - int64(len(f.n.now)); f.d.room >= 0 && grown > 0 {
		if grown > f.d.room { // as a real disk does: what fits is written
			p = p[:max(0, int64(len(p))-(grown-f.d.room))]
			err = errors.Join(err, syscall.ENOSPC)
			grown = max(0, off+int64(len(p))-int64(len(f.n.now)))
		}
		f.d.room -= grown
	} else if err != nil {
		p = p[:len(p)/2] // and half of it was written when the disk failed
	}
	w := memWrite{off: off, data: bytes.Clone(p)}
	f.n.now = w.apply(f.n.now)
	f.n.torn = append(f.n.torn, w)
	return len(p), err
}

func (f *memFile) truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.ask("truncate", f.name); err != nil {
		return err
	}
	if f.d.room >= 0 {
		f.d.room += int64(len(f.n.now)) - size
	}
	w := memWrite{cut: size}
	f.n.now = w.apply(f.n.now)
	f.n.torn = append(f.n.torn, w)
	return nil
}

func (f *memFile) sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.ask("sync", f.name)
	for _, w := range f.n.torn {
		if err == nil {
			f.n.safe = w.apply(f.n.safe)
		}
	}
	// After a failed sync the system takes the pages for clean: what they
	// held is read back, but no later sync writes it.
	f.n.torn = nil
	return err
}

func (f *memFile) size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.n.now)), nil
}

func (f *memFile) Close() error { return nil }

func (w memWrite) apply(b []byte) []byte {
	if w.data == nil {
		if w.cut <= int64(len(b)) {
			return bytes.Clone(b[:w.cut])
		}
		return append(bytes.Clone(b), make([]byte, w.cut-int64(len(b)))...)
	}
	if need := w.off + int64(len(w.data)); need > int64(len(b)) {
		b = append(bytes.Clone(b), make([]byte, need-int64(len(b)))...)
	}
	copy(b[w.off:], w.data)
	return b
}

// crash is the disk as it may be found after a power cut at this moment; mu is
// held.
func (d *memDisk) crash(r *rand.Rand) *memDisk {
	names := maps.Clone(d.safe)
	for _, change := range d.later[:r.IntN(len(d.later)+1)] {
		change(names)
	}
	out := newMemDisk()
	for name, n := range names {
		b := n.crash(r)
		out.files[name] = &memNode{now: b, safe: bytes.Clone(b)}
	}
	out.safe = maps.Clone(out.files)
	return out
}

// crash keeps what was synced and of the rest some sectors, in any order. A
// size may have changed before the sectors were written, which then are zero.
func (n *memNode) crash(r *rand.Rand) []byte {
	b := bytes.Clone(n.safe)
	for _, w := range n.torn {
		if w.data == nil {
			if r.IntN(2) == 0 {
				b = w.apply(b)
			}
			continue
		}
		mode := r.IntN(4)
		for from := 0; from < len(w.data); {
			to := min(len(w.data), int((w.off+int64(from))/sector+1)*sector-int(w.off))
			part := memWrite{off: w.off + int64(from), data: w.data[from:to]}
			switch {
			case mode == 0: // nothing of it
			case mode == 1 || mode == 2 && r.IntN(2) == 0: // all, or any
				b = part.apply(b)
			case mode == 3 && r.IntN(8) > 0: // up to some sector
				b = part.apply(b)
			case mode == 3:
				mode = 0
			}
			from = to
		}
	}
	return b
}

// copyOf is a disk with the same files, all of it safe.
func (d *memDisk) copyOf() *memDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := newMemDisk()
	for name, n := range d.files {
		out.files[name] = &memNode{now: bytes.Clone(n.now), safe: bytes.Clone(n.now)}
	}
	out.safe = maps.Clone(out.files)
	return out
}

func (d *memDisk) String() string {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		fmt.Fprintf(&b, "%s(%d) ", name, len(d.files[name].now))
	}
	return b.String()
}
