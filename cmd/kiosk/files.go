package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"liaison/cmd/control"
)

// path is where a file that the caller named lies. Only callers on this
// machine may name files; others send and receive them as "-".
func (inv *invocation) path(name string) (string, error) {
	if !inv.local {
		return "", usage("经 SSH 只能用“-”(标准输入输出)代替文件", "over SSH a file is given as “-”, standard input or output")
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(inv.dir, name)
	}
	return name, nil
}

// open opens the input named by args, which is standard input where there is
// none or "-".
func (inv *invocation) open(args []string) (io.ReadCloser, error) {
	if len(args) == 0 || args[0] == "-" {
		return io.NopCloser(inv.stdin), nil
	}
	path, err := inv.path(args[0])
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cannotRead(args[0], err)
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		_ = f.Close()
		return nil, refuse(nil, "“%[1]s”是目录,不是文件", "%[1]s is a directory, not a file", clip(args[0]))
	}
	return f, nil
}

func cannotRead(name string, err error) error {
	name = clip(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refuse(err, "没有“%[1]s”这个文件", "there is no file %[1]s", name)
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限读“%[1]s”", "no permission to read %[1]s", name)
	}
	return refuse(err, "“%[1]s”读不出来", "%[1]s could not be read", name)
}

func cannotWrite(name string, err error) error {
	name = clip(name)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限写“%[1]s”", "no permission to write %[1]s", name)
	case errors.Is(err, fs.ErrNotExist):
		return refuse(err, "“%[1]s”所在的目录不存在", "the directory of %[1]s does not exist", name)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return refuse(err, "磁盘已满,“%[1]s”没有写成", "the disk is full; %[1]s was not written", name)
	case errors.Is(err, syscall.EROFS):
		return refuse(err, "“%[1]s”所在的盘是只读的", "%[1]s lies on a read-only disk", name)
	}
	return refuse(err, "“%[1]s”写不成", "%[1]s could not be written", name)
}

// create writes a file that the caller named, whole or not at all: under a
// temporary name, synced, renamed. "-" is standard output.
func (inv *invocation) create(name string, write func(io.Writer) error) error {
	if name == "-" {
		return write(inv.stdout)
	}
	path, err := inv.path(name)
	if err != nil {
		return err
	}
	return writeWhole(path, name, write)
}

// writeWhole is create for a path that is settled; name is what the caller
// calls it.
func writeWhole(path, name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return cannotWrite(name, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is nothing to remove
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		if _, own := errors.AsType[*fs.PathError](err); own || errors.Is(err, syscall.ENOSPC) {
			return cannotWrite(name, err)
		}
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return cannotWrite(name, err)
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return cannotWrite(name, err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// interruptible is an input on which nobody waits longer than ctx: a terminal
// or a pipe may stay silent for ever. Once ctx is done it is not read again.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	buf := make([]byte, min(len(p), 64<<10))
	done := make(chan result, 1)
	go func() { // outlives the call only where the process is about to end
		n, err := i.r.Read(buf)
		done <- result{n, err}
	}()
	select {
	case <-i.ctx.Done():
		return 0, stopped(i.ctx)
	case r := <-done:
		return copy(p, buf[:r.n]), r.err
	}
}

// stopped is why a command was ended, in words where there are some.
func stopped(ctx context.Context) error {
	cause := context.Cause(ctx)
	if _, ok := errors.AsType[*control.Error](cause); ok {
		return cause
	}
	return ctx.Err()
}
