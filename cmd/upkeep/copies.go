package upkeep

import (
	"os"
	"path/filepath"

	"liaison/station/ledger/bolt"
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

// Settle opens a ledger that was just restored, and closes it: that begins its
// second copy, so that it has one from the first hour and nobody is told that
// it was missing.
func Settle(path string, o bolt.Options) error {
	led, err := bolt.Open(path, o)
	if err != nil {
		return err
	}
	return led.Close()
}
