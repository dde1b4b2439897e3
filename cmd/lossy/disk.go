package lossy

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"sync"
	"syscall"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// A Disk is what the file system lies on. Names are paths within it.
type Disk struct {
	mu    sync.Mutex
	now   map[string]*file // what programs see
	safe  map[string]*file // what a power cut leaves of the names
	moves []func(names)    // changes of names since a folder was last synced, in order
	used  int              // bytes of all files, as programs see them
	cut   bool             // the power is off
	fault func(Op) syscall.Errno

	// Deaf has the disk forget what a sync is: the control, which must lose.
	Deaf bool
	// Room is how many bytes fit; 0 is no limit.
	Room int
}

type names = map[string]*file

// An Op is one operation that changes something, or a sync.
type Op struct {
	Kind string // write, truncate, create, mkdir, rename, link, unlink, fsync, fsyncdir
	Path string
}

// A file is a file or a folder.
type file struct {
	mode    uint32
	seen    []byte // what programs read
	safe    []byte // what was synced
	pending []write
}

// A write is one that was not synced; data nil: a new size.
type write struct {
	off  int64
	data []byte
}

// NewDisk is an empty one.
func NewDisk() *Disk {
	root := &file{mode: syscall.S_IFDIR | 0o700}
	return &Disk{now: names{"": root}, safe: names{"": root}}
}

// Fail has a function decide which operations fail; nil: none does.
func (d *Disk) Fail(fault func(Op) syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = fault
}

// may says whether an operation fails. The caller holds d.mu.
func (d *Disk) may(kind, path string, grow int) syscall.Errno {
	switch {
	case d.cut:
		return syscall.EIO
	case grow > 0 && d.Room > 0 && d.used+grow > d.Room:
		return syscall.ENOSPC
	case d.fault != nil:
		return d.fault(Op{kind, path})
	}
	return 0
}

func (d *Disk) write(f *file, path string, data []byte, off int64) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	grow := max(0, int(off)+len(data)-len(f.seen))
	if e := d.may("write", path, grow); e != 0 {
		return e
	}
	data = bytes.Clone(data)
	f.seen = overwrite(f.seen, data, off)
	f.pending = append(f.pending, write{off, data})
	d.used += grow
	return 0
}

func (d *Disk) truncate(f *file, path string, size int64) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	grow := int(size) - len(f.seen)
	if e := d.may("truncate", path, grow); e != 0 {
		return e
	}
	f.seen = resize(f.seen, size)
	f.pending = append(f.pending, write{off: size})
	d.used += grow
	return 0
}

func (d *Disk) sync(f *file, path string) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	isDir := f.mode&syscall.S_IFDIR != 0
	kind := "fsync"
	if isDir {
		kind = "fsyncdir"
	}
	if e := d.may(kind, path, 0); e != 0 {
		return e
	}
	switch {
	case d.Deaf:
	case isDir:
		for _, move := range d.moves {
			move(d.safe)
		}
		d.moves = nil
	default:
		for _, w := range f.pending {
			f.safe = w.apply(f.safe)
		}
		f.pending = nil
	}
	return 0
}

// move changes names, which is durable once a folder is synced.
func (d *Disk) move(kind, path string, change func(names)) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := d.may(kind, path, 0); e != 0 {
		return e
	}
	change(d.now)
	d.moves = append(d.moves, change)
	return 0
}

// Cut turns the power off: from now on every operation fails.
func (d *Disk) Cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = true
}

// After is the disk when the power is back.
func (d *Disk) After(r *rand.Rand) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := NewDisk()
	left := maps.Clone(d.safe)
	for _, move := range d.moves[:r.IntN(len(d.moves)+1)] { // a journal keeps their order
		move(left)
	}
	same := map[*file]*file{} // one file may have two names
	keep := r.IntN(101)       // percent
	for path, f := range left {
		if same[f] == nil {
			image := f.image(r, keep)
			same[f] = &file{mode: f.mode, seen: image, safe: bytes.Clone(image)}
			out.used += len(image)
		}
		out.now[path], out.safe[path] = same[f], same[f]
	}
	return out
}

// image is what is left of a file: what was synced, and of the rest any
// sectors in any order.
func (f *file) image(r *rand.Rand, keep int) []byte {
	b := bytes.Clone(f.safe)
	for _, i := range r.Perm(len(f.pending)) {
		w := f.pending[i]
		if w.data == nil {
			if r.IntN(100) < keep {
				b = w.apply(b)
			}
			continue
		}
		for at := 0; at < len(w.data); at += sector {
			if r.IntN(100) < keep {
				b = overwrite(b, w.data[at:min(at+sector, len(w.data))], w.off+int64(at))
			}
		}
	}
	return b
}

func (w write) apply(b []byte) []byte {
	if w.data == nil {
		return resize(b, w.off)
	}
	return overwrite(b, w.data, w.off)
}

func overwrite(b, data []byte, off int64) []byte {
	if end := off + int64(len(data)); end > int64(len(b)) {
		b = resize(b, end)
	}
	copy(b[off:], data)
	return b
}

func resize(b []byte, size int64) []byte {
	if size <= int64(len(b)) {
		clear(b[size:])
		return b[:size]
	}
	if size <= int64(cap(b)) {
		return b[:size]
	}
	return append(b, make([]byte, size-int64(len(b)))...)
}
