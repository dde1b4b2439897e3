//go:build !linux

package bolt

import "os"

// datasync is what a database asks of the disk at a commit.
func datasync(f *os.File) error { return f.Sync() }
