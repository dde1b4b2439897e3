package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

var (
	// ErrExposed: others may read the key file.
	ErrExposed = errors.New("the key file can be read by others")
	// ErrKeyFile: the file does not hold a key, or not the whole of it.
	ErrKeyFile = errors.New("the key file does not hold a key")
)

// keyPrefix begins the line that holds the key. After it come 32 random bytes
// in URL-safe base64, a colon, and their CRC32C in hex, so that a copy typed
// from paper is told from another key.
const keyPrefix = "liaison-key-1:"

// KeyText makes a new key in the form of a key file: lines of comment and one
// line that holds the key.
func KeyText() []byte {
	secret := make([]byte, rootSize)
	rand.Read(secret)
	defer clear(secret)
	b := []byte("# 联络站数据钥匙。请勿外传；遗失则数据无法打开。\n" +
		"# The key of this station's data. Give it to nobody; without it nothing can be read.\n")
	b = append(b, keyPrefix...)
	b = base64.RawURLEncoding.AppendEncode(b, secret)
	b = append(b, ':')
	b = hex.AppendEncode(b, binary.BigEndian.AppendUint32(nil, checksum(secret)))
	return append(b, '\n')
}

// parseKeyText finds the key among comments and empty lines.
func parseKeyText(text []byte) ([]byte, error) {
	var line []byte
	for l := range bytes.Lines(text) {
		l = bytes.TrimSpace(l)
		switch {
		case len(l) == 0 || l[0] == '#':
		case line != nil:
			return nil, fmt.Errorf("%w: it holds more than one line", ErrKeyFile)
		default:
			line = l
		}
	}
	rest, ok := bytes.CutPrefix(line, []byte(keyPrefix))
	key, sum, two := bytes.Cut(rest, []byte(":"))
	if !ok || !two {
		return nil, fmt.Errorf("%w: there is no line that begins with %s", ErrKeyFile, keyPrefix)
	}
	secret, err := base64.RawURLEncoding.Strict().AppendDecode(nil, key)
	if err != nil || len(secret) != rootSize {
		return nil, fmt.Errorf("%w: the key has characters that are not its own, or not all of them", ErrKeyFile)
	}
	if want := hex.AppendEncode(nil, binary.BigEndian.AppendUint32(nil, checksum(secret))); !bytes.Equal(sum, want) {
		return nil, fmt.Errorf("%w: its checksum does not match; was it copied by hand?", ErrKeyFile)
	}
	return secret, nil
}

// MakeKeyFile writes a new key to path, readable by the owner only. The file
// appears whole or not at all, and is on the disk when MakeKeyFile returns.
// One that exists is never replaced: the error then is fs.ErrExist.
func MakeKeyFile(path string) error {
	text := KeyText()
	defer clear(text)
	temp, err := writeTemp(path, text)
	if err == nil {
		err = publish(temp, path)
	}
	if temp != "" { // before the folder is synced, so that no second copy of the key comes back
		if e := os.Remove(temp); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("make key file: %w", err)
	}
	return nil
}

// writeTemp writes a file beside path that only the owner may read, and syncs
// it. It returns the name also where it fails later than making the file.
func writeTemp(path string, text []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	return f.Name(), errors.Join(err, f.Sync(), f.Close())
}

// publish gives a finished file its name, unless the name is taken. Not every
// file system has links, which alone do so in one step.
func publish(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s: %w", path, fs.ErrExist))
	}
	return os.Rename(temp, path)
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
