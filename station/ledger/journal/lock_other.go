//go:build !unix

package journal

import (
	"io"
	"os"
)

// lock only makes the file: here the lock of the database, which is taken
// first, keeps a second process away.
func lock(path string) (io.Closer, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}
