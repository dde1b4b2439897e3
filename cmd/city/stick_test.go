package main

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheCitysMachineIsStolen: with the backup, the recovery key and the
// signing key the city goes on elsewhere, and the stations believe it.
func TestTheCitysMachineIsStolen(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	paper, saved := filepath.Join(t.TempDir(), "paper.txt"), filepath.Join(t.TempDir(), "city.backup")
	f.ok("recovery", "new", paper)
	f.ok("backup", saved)
	f.ok("backup")
	if out := f.ok("backup", "--list"); strings.Count(out, "\n") != 1 {
		t.Errorf("generations: %q", out)
	}
	f.ok("rehearse")
	f.ok("rehearse", saved, "--recovery", paper)

	g := newFolder(t)
	g.ok("enroll", "QB02") // a city of its own, with another key
	g.no(1, "恢复钥匙", "restore", saved)
	g.no(1, "没有恢复钥匙", "restore", saved, "--recovery", saved)
	g.ok("restore", saved, "--recovery", paper)
	if out := g.ok("stations"); !strings.Contains(out, "QA01") || strings.Contains(out, "QB02") {
		t.Errorf("after the restore: %s", out)
	}
	g.ok("check")
}

// TestStickCommandsSayWhatIsWrong: no station of that name, no bundle.
func TestStickCommandsSayWhatIsWrong(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	f.no(1, "没有登记过站点", "bundle", "QA01", filepath.Join(t.TempDir(), "x"))
	f.no(1, "不完整", "accept", filepath.Join(f.dir, "ledger.db"))
}

// TestACityIsRestoredByTwo: over data that is there, with an account that can
// agree; both names are in the audit log.
func TestACityIsRestoredByTwo(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	saved := filepath.Join(t.TempDir(), "city.backup")
	f.ok("backup", saved)
	f.ok("restore", saved) // nobody else could be asked
	f.okIn("8642\n", "user", "add", "郑工", "--role", "admin", "--pin")
	f.no(1, "--second", "restore", saved)
	c, err := open(f.dir, slog.New(slog.DiscardHandler), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	us, err := c.desk.Users()
	if err == nil {
		err = errors.Join(c.desk.SetPIN(us[0].Who(), us[0].ID, "8642", "9753"), c.close()) // as at the first sign-in
	}
	if err != nil {
		t.Fatal(err)
	}
	f.okIn("9753\n", "restore", saved, "--second", "郑工")
	if out := f.ok("audit", "--act", "restore"); !strings.Contains(out, "with u-") {
		t.Errorf("the audit log: %s", out)
	}
}

// okIn is ok with something on standard input.
func (f folder) okIn(stdin string, args ...string) string {
	f.t.Helper()
	var o, e bytes.Buffer
	err := run(f.t.Context(), append(args, "--data", f.dir), nil, strings.NewReader(stdin), &o, &e)
	if code := settle(&e, err); code != 0 {
		f.t.Fatalf("city %q: %d: %s%s", args, code, o.String(), e.String())
	}
	return o.String()
}
