//go:build !(linux || darwin || freebsd || openbsd || netbsd || dragonfly)

package bolt

import "os"

// letGo closes a file that bbolt left locked and mapped when it panicked.
// The lock may stay until the process ends.
func letGo(f *os.File) error { return f.Close() }
