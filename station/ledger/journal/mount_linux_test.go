package journal

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallFileSystem mounts one of 512 KiB that is half full, where the test may:
// free gives back the half.
func smallFileSystem(t *testing.T) (dir string, free func(), ok bool) {
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=512k"); err != nil {
		return "", nil, false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 256<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, func() {
		if err := os.Remove(ballast); err != nil {
			t.Error(err)
		}
	}, true
}
