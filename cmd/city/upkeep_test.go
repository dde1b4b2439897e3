package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liaison/cmd/upkeep"
	"liaison/station/ledger/bolt"
)

// TestTheCityMendsItsFileAndSaysSo: the data file goes, the next command has
// all entries from the second copy and says so once.
func TestTheCityMendsItsFileAndSaysSo(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	number := k.receive("王小明", "路灯不亮", "onspot")
	k.mustSync()
	if out := f.ok("check"); !strings.Contains(out, "完好") { // while it serves
		t.Errorf("check said %q", out)
	}
	stop()
	if err := os.Remove(filepath.Join(f.dir, ledgerFile)); err != nil {
		t.Fatal(err)
	}
	out, errs, code := f.do("list", "receptions")
	if code != 0 || !strings.Contains(out, number[:8]) || !strings.Contains(errs, "已用第二份完整重建") || !strings.Contains(errs, " / ") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Errorf("check said %q", out)
	}
}

// TestAnAbsentLedgerKeyIsSaid: a key that is gone is no damage.
func TestAnAbsentLedgerKeyIsSaid(t *testing.T) {
	f := newFolder(t)
	f.ok("enroll", "QA01")
	if err := os.Remove(upkeep.KeyPath(f.dir)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"stations"}, {"check"}, {"serve", "--listen", "127.0.0.1:0"}} {
		f.no(exitFailed, "钥匙", args...)
	}
	for _, err := range []error{bolt.ErrSealed, bolt.ErrLocked, bolt.ErrDamaged} {
		var said bytes.Buffer
		if settle(&said, errors.Join(errors.New("open /var/lib"), err)); !strings.Contains(said.String(), " / ") || strings.Contains(said.String(), "意外") || strings.Contains(said.String(), "/var") {
			t.Errorf("%v is said as %q", err, said.String())
		}
	}
}

// TestTheServiceNamesThisProgramAndItsData: what is printed works as it is.
func TestTheServiceNamesThisProgramAndItsData(t *testing.T) {
	f := newFolder(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := f.ok("service", "--listen", ":443", "--cert", "/etc/c.pem", "--key", "/etc/k.pem")
	for _, want := range []string{"ExecStart=" + self + " serve --listen :443 --cert /etc/c.pem --key /etc/k.pem --data " + f.dir + "\n",
		"ReadWritePaths=" + f.dir + "\n", "AmbientCapabilities=CAP_NET_BIND_SERVICE\n", "Restart=always\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	f.no(exitUsage, "--listen", "service")
	f.no(exitUsage, "--cert", "service", "--listen", ":8443", "--cert", "/etc/c.pem")
}
