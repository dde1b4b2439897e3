package bolt

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"liaison/station/ledger"
	"liaison/station/ledger/seal"
)

// refs finds a record by the caller's reference.
func refs(e ledger.Entry) []ledger.Key {
	return []ledger.Key{{Index: "visit-ref", Key: string(e.Body)}}
}

func TestNothingThatWasTypedCanBeReadInAnyFile(t *testing.T) {
	for _, suite := range []seal.Suite{seal.AES, seal.SM4} {
		t.Run(suite.String(), func(t *testing.T) {
			o := testOptions()
			o.Suite, o.Indexes.Keys = suite, refs
			l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
			mustCommit(t, l, ledger.Change{
				New:    []ledger.New{{Kind: "visit", ID: "v1", By: "zhang", Body: []byte("13800138000")}},
				Drafts: []ledger.Draft{{Who: "zhang", Form: "visit", Body: []byte("entwurf")}},
				Local:  []ledger.Local{{Name: "user/zhang", Value: []byte("geheimzahl")}},
			})
			mustCommit(t, l, ledger.Change{Receipts: []ledger.Receipt{{Stream: l.own, Through: 1, Raw: []byte("quittung")}}})
			for _, text := range []string{"13800138000", "entwurf", "geheimzahl", "quittung"} {
				if in := filesWith(t, filepath.Dir(l.path), []byte(text)); len(in) > 0 {
					t.Errorf("%q can be read in %v", text, in)
				}
			}
			hits, err := l.Find(ledger.Find{Index: "visit-ref", From: "13800138000", To: "13800138000\x01", Limit: 1})
			if err != nil || len(hits) != 1 || hits[0].ID != "v1" {
				t.Errorf("by the reference: %v, %v", hits, err)
			}
			if hits, err := l.Find(ledger.Find{Index: "visit-ref", From: "1380013800"}); err != nil || len(hits) > 0 {
				t.Errorf("by part of the reference: %v, %v", hits, err)
			}
		})
	}
}

func TestWithoutTheKeyNothingOpens(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "x"))
	closeTest(t, l)
	key := l.keyPath()
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v", info, err)
	}
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(l.path, testOptions()); !errors.Is(err, ErrLocked) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no key: %v", err)
	}
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(l.path, testOptions()); !errors.Is(err, ErrLocked) {
		t.Errorf("no key, no database: %v", err)
	}
	if err := seal.MakeKeyFile(key); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(l.path, testOptions()); !errors.Is(err, ErrLocked) || !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	if err := os.Rename(key+".away", key); err != nil {
		t.Fatal(err)
	}
	expectVisits(t, openTest(t, l.path, testOptions()), 1)
}

// TestABackupOpensElsewhereWithTheRecoveryKeyAlone: the machine is gone, and
// its key with it; what is left is the backup and a sheet of paper.
func TestABackupOpensElsewhereWithTheRecoveryKeyAlone(t *testing.T) {
	id, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	o := testOptions()
	o.Recovery = []seal.Recipient{id.Recipient()}
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	mustCommit(t, l, visit(1, "gesichert"))
	closeTest(t, l)
	l = openTest(t, l.path, testOptions()) // who can recover it is known from the file
	saved := backupOf(t, l, "backup.db")
	if in := filesWith(t, filepath.Dir(saved), []byte("gesichert")); len(in) != 1 || in[0] != l.path { // the index keys of this test
		t.Errorf("the text is in %v", in)
	}

	ro := restoreOptions(false)
	elsewhere := filepath.Join(t.TempDir(), "ledger.db")
	if _, err := Restore(t.Context(), saved, elsewhere, ro); !errors.Is(err, ErrSealed) {
		t.Errorf("without the recovery key: %v", err)
	}
	other, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	ro.Identity = &other
	if _, err := Restore(t.Context(), saved, elsewhere, ro); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("with another's: %v", err)
	}
	if left := names(t, elsewhere); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	paper, err := seal.ParseIdentity(id.Text("曲阿站", goldenTime))
	if err != nil {
		t.Fatal(err)
	}
	ro.Identity = &paper
	if _, err := Restore(t.Context(), saved, elsewhere, ro); err != nil {
		t.Fatal(err)
	}
	r := openTest(t, elsewhere, testOptions()) // with a key of its own now
	if rec, err := r.Record("visit", "v00001"); err != nil || string(rec.Body) != "gesichert" {
		t.Errorf("%q, %v", rec.Body, err)
	}
	if got := r.Recovery(); len(got) != 1 || got[0].String() != id.Recipient().String() {
		t.Errorf("who can recover it next time: %v", got)
	}
}

func TestTheKeysSourceIsChangedWithoutTouchingValues(t *testing.T) {
	l := newTest(t)
	e := mustCommit(t, l, visit(1, "x"))[0]
	before := sealedBytes(t, l, e.Ref)
	phrase := seal.Passphrase([]byte("站里的长句子 correct horse 42"))
	if err := l.SetKey(phrase, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, sealedBytes(t, l, e.Ref)) {
		t.Error("a value was sealed anew")
	}
	closeTest(t, l)
	if _, err := Open(l.path, testOptions()); !errors.Is(err, ErrLocked) {
		t.Errorf("with the old key: %v", err)
	}
	if err := errors.Join(os.Remove(l.path), os.Remove(l.keyPath())); err != nil {
		t.Fatal(err)
	}
	o := testOptions()
	o.Key = phrase
	expectVisits(t, openTest(t, l.path, o), 1) // rebuilt from the log, which carries the key in its new wrapping
}

// TestABackupCarriesNoKeyThatCameFromElsewhere: where the key is a credential
// or a passphrase, the backup must not make it superfluous.
func TestABackupCarriesNoKeyThatCameFromElsewhere(t *testing.T) {
	o := testOptions()
	path := filepath.Join(t.TempDir(), "stick.key")
	if err := seal.MakeKeyFile(path); err != nil {
		t.Fatal(err)
	}
	o.Key = seal.KeyFile(path)
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	mustCommit(t, l, visit(1, "x"))
	saved := backupOf(t, l, "backup.db")
	if in := filesWith(t, filepath.Dir(saved), []byte("liaison-key-1:")); len(in) > 0 {
		t.Errorf("the key is in %v", in)
	}
	to := filepath.Join(t.TempDir(), "ledger.db")
	if _, err := Restore(t.Context(), saved, to, restoreOptions(false)); !errors.Is(err, ErrLocked) {
		t.Errorf("without the key: %v", err)
	}
	ro := restoreOptions(false)
	ro.Key = o.Key
	if _, err := Restore(t.Context(), saved, to, ro); err != nil {
		t.Error(err)
	}
}

// TestAnOpenBackupsKeyDoesNotStayInTheDatabase: once restored, the key lies in
// its own file, and not at the end of the ledger, too.
func TestAnOpenBackupsKeyDoesNotStayInTheDatabase(t *testing.T) {
	l := newTest(t)
	mustCommit(t, l, visit(1, "x"))
	saved := backupOf(t, l, "backup.db")
	if in := filesWith(t, filepath.Dir(saved), []byte("liaison-key-1:")); len(in) != 2 {
		t.Fatalf("the key is in %v", in)
	}
	to := filepath.Join(t.TempDir(), "ledger.db")
	if _, err := Restore(t.Context(), saved, to, restoreOptions(false)); err != nil {
		t.Fatal(err)
	}
	expectVisits(t, openTest(t, to, Options{Indexes: testOptions().Indexes}), 0)
	if in := filesWith(t, filepath.Dir(to), []byte("liaison-key-1:")); len(in) != 1 || filepath.Base(in[0]) != keyFileName {
		t.Errorf("the key is in %v", in)
	}
}
