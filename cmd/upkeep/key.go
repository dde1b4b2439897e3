package upkeep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

// Where the key of a ledger comes from:
//
//	a credential   of systemd, which goes before all others
//	a key file     ledger.key beside the ledger; what a new ledger has
//	a passphrase   where the file passphrase stands beside the ledger: asked on
//	               the terminal at the start, or read from the file that
//	               LIAISON_PASSPHRASE_FILE names
const (
	passphraseMark = "passphrase"
	passphraseFile = "LIAISON_PASSPHRASE_FILE"
	passphraseText = "LIAISON_PASSPHRASE" // within this process and its children only
)

// ErrNoPassphrase: the ledger opens with a passphrase, and nobody was there to
// give it.
var ErrNoPassphrase = errors.New("no passphrase was given")

// WantsPassphrase reports whether the ledger of a data directory opens with
// one.
func WantsPassphrase(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, passphraseMark))
	return err == nil
}

// KeyFrom names where the key comes from, for people and for the log:
// credential, file or passphrase.
func KeyFrom(dir string) string {
	if _, given := keyPath(dir); given {
		return "credential"
	}
	if WantsPassphrase(dir) {
		return "passphrase"
	}
	return "file"
}

// askPassphrase has the passphrase ready before a ledger is opened: from the
// environment of a parent, from a file, or from whoever sits at the terminal.
func askPassphrase(dir string) error {
	if KeyFrom(dir) != "passphrase" || os.Getenv(passphraseText) != "" {
		return nil
	}
	if path := os.Getenv(passphraseFile); path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoPassphrase, err)
		}
		return os.Setenv(passphraseText, strings.TrimRight(string(b), "\r\n"))
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoPassphrase, err)
	}
	defer tty.Close()
	fmt.Fprint(tty, "数据口令 / passphrase of the data: ")
	b, err := term.ReadPassword(int(tty.Fd()))
	fmt.Fprintln(tty)
	if err != nil || len(b) == 0 {
		return fmt.Errorf("%w: %w", ErrNoPassphrase, errors.Join(err, fs.ErrInvalid))
	}
	return os.Setenv(passphraseText, string(b))
}

// passphraseSource is the key of a data directory that wants a passphrase; nil
// where none was given yet.
func passphraseSource() seal.Source {
	if p := os.Getenv(passphraseText); p != "" {
		return seal.Passphrase([]byte(p))
	}
	return nil
}

// SetPassphrase has a ledger open with a passphrase from now on, or with the
// key file again where text is "". No value is sealed anew. The mark is set
// before the key is wrapped and taken away after it: Open tries both.
func SetPassphrase(dir string, l *bolt.Ledger, text string) error {
	mark := filepath.Join(dir, passphraseMark)
	if text == "" {
		if err := l.SetKey(nil, l.Recovery()); err != nil {
			return err
		}
		if err := os.Remove(mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return errors.Join(syncDir(dir), os.Unsetenv(passphraseText))
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return err
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	if err := l.SetKey(seal.Passphrase([]byte(text)), l.Recovery()); err != nil {
		return errors.Join(err, os.Remove(mark))
	}
	if err := os.Remove(filepath.Join(dir, keyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(syncDir(dir), os.Setenv(passphraseText, text))
}
