// Package upkeep is what both programs do so that a ledger lives for years
// without anybody looking after it: they put into words what it mends by
// itself, compact it at night, and print the unit by which systemd runs them.
package upkeep

import (
	"os"
	"path/filepath"

	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

// Options completes the options of the ledger in a data directory: where its
// second copy lies, and its key. A key that systemd handed over as a
// credential goes before the key file beside the ledger. It is read from this process's own environment, never from that of
// somebody who calls a command.
func Options(dir string, o bolt.Options) bolt.Options {
	if path, given := keyPath(dir); given {
		o.Key = seal.KeyFile(path)
	} else if WantsPassphrase(dir) {
		o.Key = passphraseSource()
	}
	o.Log = Second(dir)
	return o
}

// KeyPath is the file with the key of the ledger in a data directory. It is
// what the child of a check is given, whose copy lies elsewhere.
func KeyPath(dir string) string {
	path, _ := keyPath(dir)
	return path
}

// keyFile stands beside a ledger that was made without a key of its own.
const keyFile = "ledger.key"

// keyPath also tells whether systemd gave the key. A credential has the form
// of a key file, and is the same key: `systemd-creds encrypt ledger.key …`
// takes it off the disk without touching the ledger.
func keyPath(dir string) (path string, given bool) {
	if c := os.Getenv("CREDENTIALS_DIRECTORY"); c != "" {
		path := filepath.Join(c, seal.CredentialName)
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
	}
	return filepath.Join(dir, keyFile), false
}
