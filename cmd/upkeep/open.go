package upkeep

import (
	"errors"
	"os"
	"path/filepath"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// wantedSuffix names the mark, beside a ledger, that both its copies were found
// damaged while it was in use.
const wantedSuffix = ".rebuild"

// WantRebuild has the next Open put together what two damaged copies hold.
func WantRebuild(path string) error { return os.WriteFile(path+wantedSuffix, nil, 0o600) }

// Open opens a ledger, after it was rebuilt where that is wanted. Where that
// cannot be done now, such as on a full disk, it is opened as it is, and the
// wish stays.
func Open(path string, o bolt.Options) (*bolt.Ledger, error) {
	dir := filepath.Dir(path)
	if err := askPassphrase(dir); err != nil {
		return nil, err
	}
	if KeyFrom(dir) == "passphrase" {
		o.Key = passphraseSource()
	}
	if _, err := os.Stat(path + wantedSuffix); err == nil {
		switch err := bolt.Rebuild(path, o); {
		case err == nil:
			err = os.Remove(path + wantedSuffix)
			if err != nil {
				return nil, err
			}
		case errors.Is(err, ledger.ErrBusy), errors.Is(err, bolt.ErrLocked):
			return nil, err
		}
	}
	l, err := bolt.Open(path, o)
	if errors.Is(err, bolt.ErrLocked) && KeyFrom(dir) == "passphrase" { // the power went while the key was changed
		if o.Key = nil; Exists(filepath.Join(dir, keyFile)) {
			return bolt.Open(path, o)
		}
	}
	return l, err
}
