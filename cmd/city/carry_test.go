package main

import (
	"crypto/ed25519"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/sync/outbox"
)

// joined is a kiosk that the city has taken in.
func (f folder) joined(url, code string) *kiosk {
	f.t.Helper()
	k := newKiosk(f.t, code)
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", code))); err != nil {
		f.t.Fatal(err)
	}
	k.receive("王小明", "路灯不亮", "onspot")
	k.mustSync()
	return k
}

// refused fails the test unless the city takes nothing from the kiosk.
func (k *kiosk) refused(why string) {
	k.t.Helper()
	if err := k.sync(); err == nil || !strings.Contains(err.Error(), why) {
		k.t.Errorf("%s is told %v, want %q", k.cfg.Station, err, why)
	}
}

// TestARestoreKeepsRevokedKeysRevoked: a key that was revoked after the backup
// stays so, with the code that went with it; one that was exchanged stays spent,
// and the new one counts; a station enrolled since stays in. The restore says
// which.
func TestARestoreKeepsRevokedKeysRevoked(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve()
	plain, rolled, stolen := f.joined(url, "QA06"), f.joined(url, "QA07"), f.joined(url, "QA08")
	code := strings.TrimSpace(f.ok("enroll", "QA08"))
	copied := filepath.Join(t.TempDir(), "copy")
	f.ok("backup", copied)
	f.ok("revoke", "QA08")
	stolen.refused("吊销")
	old := rolled.cfg.Key
	_, next, err := ed25519.GenerateKey(nil)
	if err == nil {
		err = outbox.Rekey(t.Context(), outbox.Renewal{City: rolled.cfg.City, Station: "QA07", Old: old, Next: next})
	}
	if err != nil {
		t.Fatal(err)
	}
	rolled.cfg.Key = next
	fresh := f.joined(url, "QA09")
	stop()

	out := f.ok("restore", copied, "--alone")
	for _, want := range []string{"QA07:备份以后换过密钥", "QA08:密钥已于", "吊销,恢复后仍不收", "QA09:备份以后才登记"} {
		if !strings.Contains(out, want) {
			t.Errorf("the restore does not say %q: %s", want, out)
		}
	}
	if strings.Contains(out, "QA06") || strings.Contains(out, "city revoke") {
		t.Errorf("the restore says %s", out)
	}
	again := func() {
		t.Helper()
		url, stop := f.serve()
		defer stop()
		for _, k := range []*kiosk{plain, rolled, stolen, fresh} {
			k.cfg.City.URL = url
		}
		stolen.refused("吊销")
		thief := newKiosk(t, "QA08")
		if err := thief.enrol(url, code); err == nil {
			t.Error("a code that was taken back with the key is good again")
		}
		for _, k := range []*kiosk{plain, rolled, fresh} {
			k.mustSync()
		}
		rolled.cfg.Key = old
		if err := rolled.sync(); err == nil {
			t.Error("a key that was exchanged counts again")
		}
		rolled.cfg.Key = next
	}
	again()
	if list := objects[inbox.Station](t, f.ok("stations", "--json")); len(list) != 4 || list[2].Revoked.IsZero() || len(list[2].Keys) != 2 {
		t.Errorf("stations %+v", list)
	}

	// The power goes right after the backup took the ledger's name.
	c, err := open(f.dir, slog.New(slog.DiscardHandler), func(error) {})
	if err == nil {
		if err = c.keepKeys(); err == nil {
			err = c.close()
		}
	}
	if err == nil {
		_, err = bolt.Restore(t.Context(), copied, filepath.Join(f.dir, ledgerFile), bolt.RestoreOptions{Replace: true, Options: upkeep.Options(f.dir, bolt.Options{Indexes: station.Indexes()})})
	}
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := os.Stat(filepath.Join(f.dir, keptKeys)); err == nil {
		t.Error("what was carried over still lies there")
	}
}

// TestARestoreSaysWhomItLetsIn where what was there cannot be read, or nothing
// was: then nobody knows any more what was revoked.
func TestARestoreSaysWhomItLetsIn(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve()
	stolen := f.joined(url, "QA08")
	copied := filepath.Join(t.TempDir(), "copy")
	f.ok("backup", copied)
	f.ok("revoke", "QA08")
	stop()
	key, err := os.ReadFile(filepath.Join(f.dir, keyFile))
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.ReadFile(upkeep.KeyPath(f.dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, ledgerFile), []byte(strings.Repeat("broken", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(f.dir, "ledger.journal")); err != nil {
		t.Fatal(err)
	}
	empty := newFolder(t)
	if err := os.MkdirAll(empty.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{keyFile: key, filepath.Base(upkeep.KeyPath(f.dir)): lock} {
		if err := os.WriteFile(filepath.Join(empty.dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for what, g := range map[string]folder{"unreadable": f, "empty": empty} {
		out := g.ok("restore", copied, "--alone")
		if !strings.Contains(out, "QA08") || !strings.Contains(out, "city revoke") || !strings.Contains(out, "revoked again at once") {
			t.Errorf("%s: the restore says %s", what, out)
		}
	}
	stolen.cfg.City.URL, _ = empty.serve()
	stolen.mustSync() // as the restore says
}
