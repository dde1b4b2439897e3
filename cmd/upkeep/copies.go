package upkeep

import (
	"os"
	"path/filepath"
)

// Exists reports whether there is a ledger at path: of its two copies one is
// enough, since the other is made from it.
func Exists(path string) bool {
	for _, copy := range []string{path, Second(filepath.Dir(path))} {
		if st, err := os.Stat(copy); err == nil && st.Size() > 0 {
			return true
		}
	}
	return false
}
