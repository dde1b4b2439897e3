package lossy

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A node is a file or a folder as the kernel knows it.
type node struct {
	fs.Inode
	d *Disk
	f *file
}

var (
	_ fs.NodeCreater   = (*node)(nil)
	_ fs.NodeMkdirer   = (*node)(nil)
	_ fs.NodeMknoder   = (*node)(nil)
	_ fs.NodeLinker    = (*node)(nil)
	_ fs.NodeRenamer   = (*node)(nil)
	_ fs.NodeUnlinker  = (*node)(nil)
	_ fs.NodeRmdirer   = (*node)(nil)
	_ fs.NodeOpener    = (*node)(nil)
	_ fs.NodeReader    = (*node)(nil)
	_ fs.NodeWriter    = (*node)(nil)
	_ fs.NodeFsyncer   = (*node)(nil)
	_ fs.NodeGetattrer = (*node)(nil)
	_ fs.NodeSetattrer = (*node)(nil)
	_ fs.NodeOnAdder   = (*node)(nil)
	_ fs.NodeStatfser  = (*node)(nil)
)

// Mount mounts the disk on a folder. Unmounting fails while a program uses it.
func (d *Disk) Mount(dir string) (unmount func() error, err error) {
	s, err := fs.Mount(dir, &node{d: d, f: d.now[""]}, &fs.Options{
		MountOptions: fuse.MountOptions{DirectMount: true, Name: "lossy", FsName: "lossy", MaxWrite: 1 << 20},
		UID:          uint32(os.Getuid()), GID: uint32(os.Getgid()),
	})
	if err != nil {
		return nil, fmt.Errorf("mount a FUSE file system: %w", err)
	}
	return s.Unmount, nil
}

// OnAdd makes the tree of what the disk holds.
func (n *node) OnAdd(ctx context.Context) {
	if !n.IsRoot() {
		return
	}
	inodes := map[*file]*fs.Inode{}
	folders := map[string]*fs.Inode{"": n.EmbeddedInode()}
	for depth := 1; depth < 8; depth++ {
		for name, f := range n.d.now {
			if name == "" || strings.Count(name, "/")+1 != depth {
				continue
			}
			dir := strings.TrimSuffix(path.Dir(name), ".")
			if folders[dir] == nil {
				continue // its folder was lost
			}
			if inodes[f] == nil {
				inodes[f] = n.NewPersistentInode(ctx, &node{d: n.d, f: f}, fs.StableAttr{Mode: f.mode & syscall.S_IFMT})
			}
			folders[dir].AddChild(path.Base(name), inodes[f], true)
			if f.mode&syscall.S_IFDIR != 0 {
				folders[name] = inodes[f]
			}
		}
	}
}

func (n *node) path(name string) string { return path.Join(n.Path(nil), name) }

func (n *node) add(ctx context.Context, kind, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	f := &file{mode: mode}
	at := n.path(name)
	if e := n.d.move(kind, at, func(m names) { m[at] = f }); e != 0 {
		return nil, e
	}
	child := n.NewPersistentInode(ctx, &node{d: n.d, f: f}, fs.StableAttr{Mode: mode & syscall.S_IFMT})
	out.Mode = mode
	return child, 0
}

func (n *node) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	child, e := n.add(ctx, "create", name, syscall.S_IFREG|mode&0o777, out)
	return child, nil, 0, e
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return n.add(ctx, "mkdir", name, syscall.S_IFDIR|mode&0o777, out)
}

// Mknod makes a socket.
func (n *node) Mknod(ctx context.Context, name string, mode, dev uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return n.add(ctx, "mknod", name, mode, out)
}

func (n *node) Link(ctx context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	t := target.(*node)
	at := n.path(name)
	if e := n.d.move("link", at, func(m names) { m[at] = t.f }); e != 0 {
		return nil, e
	}
	t.fill(&out.Attr)
	return t.EmbeddedInode(), 0
}

func (n *node) Rename(ctx context.Context, name string, to fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	if flags != 0 {
		return syscall.EINVAL
	}
	from, at := n.path(name), to.(*node).path(newName)
	return n.d.move("rename", at, func(m names) {
		for p, f := range m {
			if rest, ok := strings.CutPrefix(p, from+"/"); ok {
				delete(m, p)
				m[at+"/"+rest] = f
			}
		}
		if f := m[from]; f != nil {
			delete(m, from)
			m[at] = f
		}
	})
}

func (n *node) Unlink(ctx context.Context, name string) syscall.Errno {
	at := n.path(name)
	return n.d.move("unlink", at, func(m names) { delete(m, at) })
}

func (n *node) Rmdir(ctx context.Context, name string) syscall.Errno {
	child := n.GetChild(name)
	if child != nil && len(child.Children()) > 0 {
		return syscall.ENOTEMPTY
	}
	return n.Unlink(ctx, name)
}

func (n *node) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_KEEP_CACHE, 0
}

func (n *node) Read(ctx context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	if off >= int64(len(n.f.seen)) {
		return fuse.ReadResultData(nil), 0
	}
	return fuse.ReadResultData(dest[:copy(dest, n.f.seen[off:])]), 0
}

func (n *node) Write(ctx context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	if e := n.d.write(n.f, n.path(""), data, off); e != 0 {
		return 0, e
	}
	return uint32(len(data)), 0
}

func (n *node) Fsync(ctx context.Context, _ fs.FileHandle, flags uint32) syscall.Errno {
	return n.d.sync(n.f, n.path(""))
}

func (n *node) fill(a *fuse.Attr) {
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	a.Mode, a.Size, a.Nlink, a.Blocks = n.f.mode, uint64(len(n.f.seen)), 1, uint64(len(n.f.seen)+511)/512
	a.Uid, a.Gid = uint32(os.Getuid()), uint32(os.Getgid())
}

func (n *node) Getattr(ctx context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	n.fill(&out.Attr)
	return 0
}

func (n *node) Setattr(ctx context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		if e := n.d.truncate(n.f, n.path(""), int64(size)); e != 0 {
			return e
		}
	}
	if mode, ok := in.GetMode(); ok {
		n.d.mu.Lock()
		n.f.mode = n.f.mode&syscall.S_IFMT | mode&0o777
		n.d.mu.Unlock()
	}
	return n.Getattr(ctx, nil, out)
}

func (n *node) Statfs(ctx context.Context, out *fuse.StatfsOut) syscall.Errno {
	out.Bsize, out.NameLen = 4096, 255
	out.Blocks, out.Bfree, out.Bavail = 1<<20, 1<<19, 1<<19
	return 0
}
