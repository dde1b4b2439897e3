package door

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	gossh "golang.org/x/crypto/ssh"
)

// ErrHostKey is a host key that cannot be used as it lies there. What is
// wrong and what to do stands beside it.
var ErrHostKey = errors.New("主机密钥不可用 / the host key cannot be used")

// hostKey reads the key at path, or makes one where there has never been any.
//
// Clients remember it, and a new one looks to them like an attack. So it is
// never replaced: a key that cannot be read is an error, and so is one that
// is missing while its public half, path+".pub", tells that it existed.
func hostKey(path string, log *slog.Logger) (gossh.Signer, []byte, error) {
	if path == "" {
		return nil, nil, fmt.Errorf("%w: no path", ErrHostKey)
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		log.Info("door: no host key yet, one is made")
		b, err = makeHostKey(path)
	}
	if err != nil {
		return nil, nil, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, nil, fmt.Errorf("%w: 别的账户可以读取;请执行 / others may read it; do: chmod 600 %s", ErrHostKey, path)
	}
	key, err := gossh.ParsePrivateKey(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: 文件已损坏,请从备份恢复 / the file is damaged, restore it from a backup: %s", ErrHostKey, path)
	}
	if t := key.PublicKey().Type(); t != gossh.KeyAlgoED25519 {
		return nil, nil, fmt.Errorf("%w: %s 不是 ed25519 / is %s, not ed25519", ErrHostKey, path, t)
	}
	// The public half tells from now on that there was a key.
	if _, err := os.Lstat(path + ".pub"); errors.Is(err, fs.ErrNotExist) {
		if err := writeNew(path+".pub", gossh.MarshalAuthorizedKey(key.PublicKey())); err != nil {
			return nil, nil, err
		}
	}
	return key, b, nil
}

// makeHostKey writes a key where there has never been one.
func makeHostKey(path string) ([]byte, error) {
	pub := path + ".pub"
	if _, err := os.Lstat(pub); err == nil {
		return nil, fmt.Errorf("%w: %s 不见了,请从备份恢复;确实要换新密钥就先删除 %s / the key is gone: restore it from a backup, or remove the .pub to have a new one made",
			ErrHostKey, path, pub)
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := gossh.MarshalPrivateKey(private, "liaison")
	if err != nil {
		return nil, err
	}
	b := pem.EncodeToMemory(block)
	return b, writeNew(path, b)
}

// writeNew writes a file that does not exist yet, durably and whole or not at
// all.
func writeNew(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Link(f.Name(), path) // unlike a rename, never over another
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}
