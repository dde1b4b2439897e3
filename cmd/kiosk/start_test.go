package main

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
)

// TestAFailedStartSaysWhatToDo goes through what keeps a station from starting
// and what it says then. Each station is whole again afterwards.
func TestAFailedStartSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		what string
		harm func(t *testing.T, f folder) (undo func() error)
		says []string
	}{
		{"the key is gone", func(t *testing.T, f folder) func() error {
			return moved(t, upkeep.KeyPath(f.dir))
		}, []string{"钥匙", "ledger.key", "Put the key file"}},
		{"others can read the key", func(t *testing.T, f folder) func() error {
			if err := os.Chmod(upkeep.KeyPath(f.dir), 0o644); err != nil {
				t.Fatal(err)
			}
			return func() error { return os.Chmod(upkeep.KeyPath(f.dir), 0o600) }
		}, []string{"chmod 600", "ledger.key"}},
		{"a newer program wrote it", newerFile, []string{"新版", "newer version", "left as it is"}},
		{"both copies are of no use", func(t *testing.T, f folder) func() error {
			undo := []func() error{moved(t, f.db()), moved(t, f.log())}
			for _, name := range []string{f.db(), f.log()} {
				if err := os.WriteFile(name, make([]byte, 100_000), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			return func() error { return errors.Join(undo[0](), undo[1]()) }
		}, []string{"都已损坏", "kiosk restore FILE", "left as they are"}},
		{"the data is gone, and of the second copy nothing says whose it is", func(t *testing.T, f folder) func() error {
			undo := []func() error{moved(t, f.db()), moved(t, f.log())}
			if err := os.WriteFile(f.log(), make([]byte, 100_000), 0o600); err != nil {
				t.Fatal(err)
			}
			return func() error { return errors.Join(undo[0](), undo[1]()) }
		}, []string{"都已损坏", "kiosk restore FILE"}},
		{"the host key is text", func(t *testing.T, f folder) func() error {
			name := filepath.Join(f.dir, hostKey)
			if err := os.WriteFile(name, []byte("no key"), 0o600); err != nil {
				t.Fatal(err)
			}
			return func() error { return os.Remove(name) }
		}, []string{hostKey, "rename it"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			f := newStation(t)
			had := f.records(3)
			undo := c.harm(t, f)
			said := f.no("", "serve", "--ssh", "127.0.0.1:0")
			wants(t, said, c.says...)
			if err := undo(); err != nil {
				t.Fatal(err)
			}
			if now := f.numbers(); len(now) != len(had) {
				t.Errorf("afterwards %v, want %v", now, had)
			}
			wants(t, f.ok("check"), "完好")
		})
	}
}

// TestACitysDataIsNoStation: the wrong folder is named.
func TestACitysDataIsNoStation(t *testing.T) {
	f := newFolder(t)
	if err := os.Mkdir(f.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	led, err := bolt.Open(f.db(), bolt.Options{Writer: "city", Indexes: station.Indexes()})
	if err != nil {
		t.Fatal(err)
	}
	if err := led.Close(); err != nil {
		t.Fatal(err)
	}
	wants(t, f.no("", "serve"), "市级端", "city serve")
}

// moved puts a file away for a while.
func moved(t *testing.T, name string) (undo func() error) {
	t.Helper()
	away := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.Rename(name, away); err != nil {
		t.Fatal(err)
	}
	return func() error { return os.Rename(away, name) }
}

// newerFile has the file say that it is of layout 99.
func newerFile(t *testing.T, f folder) (undo func() error) {
	t.Helper()
	var was []byte
	change := func(to []byte) error {
		db, err := bbolt.Open(f.db(), 0o600, nil)
		if err != nil {
			return err
		}
		return errors.Join(db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("meta"))
			if was == nil {
				was = append([]byte{}, b.Get([]byte("schema"))...)
			}
			return b.Put([]byte("schema"), to)
		}), db.Close())
	}
	sum := crc32.Update(0, crc32.MakeTable(crc32.Castagnoli), []byte("meta\x00\x00schema\x00\x01c")) // place, format, 99
	if err := change(append(binary.LittleEndian.AppendUint32([]byte{1}, sum), 'c')); err != nil {
		t.Fatal(err)
	}
	return func() error { return change(was) }
}
