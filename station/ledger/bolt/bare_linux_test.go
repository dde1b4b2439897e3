package bolt

import (
	"os"
	"syscall"
)

// datasync is what a database asks of the disk at a commit.
func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
