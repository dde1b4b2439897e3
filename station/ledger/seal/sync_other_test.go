//go:build !linux

package seal

import "os"

func syncData(f *os.File) error { return f.Sync() }
