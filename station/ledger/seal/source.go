package seal

import (
	"crypto/cipher"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A Kind says where the key comes from that a file key is wrapped with.
type Kind byte

const (
	Credentials Kind = 1 // handed over by systemd
	KeyFiles    Kind = 2 // a file on the machine or on a stick
	Passphrases Kind = 3 // asked for at start
	Recovering  Kind = 4 // an identity kept off the machine
)

func (k Kind) String() string {
	switch k {
	case Credentials:
		return "credential"
	case KeyFiles:
		return "key file"
	case Passphrases:
		return "passphrase"
	case Recovering:
		return "recovery identity"
	}
	return fmt.Sprintf("source %d", byte(k))
}

func (k Kind) known() bool { return k >= Credentials && k <= Recovering }

// opens reports whether a source of kind k can open what was wrapped for kind
// to. A credential holds what a key file holds, and one may become the other.
func (k Kind) opens(to Kind) bool {
	return k == to || k.machine() && to.machine()
}

// machine reports whether the secret lies on the machine, in a key file's form.
func (k Kind) machine() bool { return k == Credentials || k == KeyFiles }

// A Source can wrap a file key and open it again. It is made by [Credential],
// [KeyFile], [KeyFileText], [Passphrase], [Recovery] and [RecoveredBy]; it reads its secret
// when it is used, not before.
type Source interface {
	Kind() Kind
	close(w *wrap, root []byte) error // fills in cost and box
	open(w *wrap) (root []byte, err error)
}

// CredentialName is what the credential is called in the unit file:
// LoadCredentialEncrypted=liaison.key:/etc/liaison/key.cred.
const CredentialName = "liaison.key"

// Credential is the key that systemd put into the folder it names in
// $CREDENTIALS_DIRECTORY. It has the form of a key file.
func Credential(dir string) Source {
	return keyFile{path: filepath.Join(dir, CredentialName), kind: Credentials}
}

// KeyFile is the key in a file that MakeKeyFile made.
func KeyFile(path string) Source { return keyFile{path: path, kind: KeyFiles} }

// KeyFileText is the key in what was read from a key file, for one that is
// carried elsewhere than in a file.
func KeyFileText(text []byte) Source { return keyFile{text: text, kind: KeyFiles} }

type keyFile struct {
	path string
	text []byte // in place of the file
	kind Kind
}

func (k keyFile) Kind() Kind { return k.kind }

func (k keyFile) close(w *wrap, root []byte) error {
	secret, err := k.read()
	if err != nil {
		return err
	}
	defer clear(secret)
	return closeBox(w, secret, root)
}

func (k keyFile) open(w *wrap) ([]byte, error) {
	secret, err := k.read()
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	return openBox(w, secret)
}

// maxKeyFile bounds what is read, in bytes.
const maxKeyFile = 4096

// read reads the secret from a regular file that nobody else may read. The
// open file is judged, not the name, which may point elsewhere a moment later.
func (k keyFile) read() ([]byte, error) {
	if k.text != nil {
		return parseKeyText(k.text)
	}
	f, err := os.Open(k.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", k.path)
	}
	if exposed(info.Mode(), k.kind) {
		return nil, fmt.Errorf("%w: %s has mode %#o; chmod 600 it, and if others may have read it, make another", ErrExposed, k.path, info.Mode().Perm())
	}
	text := make([]byte, maxKeyFile)
	defer clear(text)
	n, err := io.ReadFull(f, text)
	switch {
	case err == nil:
		return nil, fmt.Errorf("%w: %s is too long to be one", ErrKeyFile, k.path)
	case err != io.ErrUnexpectedEOF && err != io.EOF:
		return nil, err
	}
	secret, err := parseKeyText(text[:n])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.path, err)
	}
	return secret, nil
}

// closeBox seals the file key with a secret.
func closeBox(w *wrap, secret, root []byte) error {
	a, err := w.boxKey(secret)
	if err != nil {
		return err
	}
	// The nonce may be zero: the key is made from a salt that is used once.
	w.box = a.Seal(make([]byte, nonceSize, boxSize), make([]byte, nonceSize), root, w.appendHead(nil))
	return nil
}

// openBox opens what closeBox sealed; ErrWrongKey.
func openBox(w *wrap, secret []byte) ([]byte, error) {
	a, err := w.boxKey(secret)
	if err != nil {
		return nil, err
	}
	root, err := a.Open(nil, w.box[:nonceSize], w.box[nonceSize:], w.appendHead(nil))
	if err != nil {
		return nil, ErrWrongKey
	}
	return root, nil
}

// boxKey makes the key of the box from a secret and the wrap's salt.
func (w *wrap) boxKey(secret []byte) (cipher.AEAD, error) {
	key, err := w.suite.derive(secret, w.salt[:], "wrapping", w.suite.keySize())
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return w.suite.aead(key)
}
