package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/cmd/report"
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
	if out := f.ok("service", "--listen", ":8443", "--backups", "/mnt/backups"); !strings.Contains(out, "ReadWritePaths="+f.dir+" -/mnt/backups\n") || !strings.Contains(out, " --backups /mnt/backups ") {
		t.Error(out)
	}
	f.no(exitUsage, "--listen", "service")
	f.no(exitUsage, "--cert", "service", "--listen", ":8443", "--cert", "/etc/c.pem")
}

// TestTheCityMendsALivingFile: one copy rots while the city serves, then the
// other. The check that runs at night finds it and mends it, stations push
// meanwhile, and nothing is lost.
func TestTheCityMendsALivingFile(t *testing.T) {
	f := newFolder(t)
	url, stop := f.serve()
	k := newKiosk(t, "QA01")
	if err := k.enrol(url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	want := 0
	push := func() {
		for range 10 {
			k.receive("王小明", "路灯不亮", "onspot")
			want++
		}
		k.mustSync()
	}
	push()
	for _, file := range []string{ledgerFile, "ledger.journal/journal.log.000001"} {
		rot(t, filepath.Join(f.dir, file), "visit", 2)
		push()
		out, errs, code := f.do("check")
		if code != 0 || !strings.Contains(out, "已用另一份数据修好") || !strings.Contains(errs, "✗ journal") {
			t.Fatalf("%s: exit %d\n%s%s", file, code, out, errs)
		}
		push()
		if out := f.ok("check"); !strings.Contains(out, "完好") {
			t.Error(out)
		}
	}
	// Both, each in another place: the process opens them anew.
	push()
	rot(t, filepath.Join(f.dir, ledgerFile), "matter", 4)
	logs, err := filepath.Glob(filepath.Join(f.dir, "ledger.journal", "journal.log.0*"))
	if err != nil {
		t.Fatal(err)
	}
	rot(t, logs[len(logs)-1], "visit", 0)
	f.namesAndRefuses(t, "两份数据都有损坏")
	deadline := time.Now().Add(patience)
	for _, err := os.Stat(filepath.Join(f.dir, ledgerFile+".rebuild")); err == nil && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond) // while the process opens it
		_, err = os.Stat(filepath.Join(f.dir, ledgerFile+".rebuild"))
	}
	if rs := objects[report.Reception](t, f.ok("list", "receptions", "--json", "--limit", "1000")); len(rs) != want {
		log, _ := os.ReadFile(filepath.Join(f.dir, logFile))
		t.Errorf("%d receptions, want %d\n%s", len(rs), want, log)
	}
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Error(out)
	}
	stop()
	t.Logf("%d receptions, either copy and then both rotten while it served: found, mended, 0 lost", want)
}

// namesAndRefuses expects a check to be refused in a sentence after what it names.
func (f folder) namesAndRefuses(t *testing.T, sentence string) {
	t.Helper()
	out, errs, code := f.do("check")
	if code != exitFailed || out != "" || !strings.Contains(errs, sentence) || !strings.Contains(errs, "✗ ") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// rot flips a bit in one record of a kind, wherever the file holds it: nth
// counts the records as they were written, from 0.
func rot(t *testing.T, path, kind string, nth int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mark := []byte(kind + "\x24") // a header: the kind, and the length of an id, which is ordered by time
	at := map[string][]int64{}
	for i := 0; ; {
		next := bytes.Index(b[i:], mark)
		if next < 0 || i+next+len(mark)+36 > len(b) {
			break
		}
		i += next + len(mark)
		at[string(b[i:i+36])] = append(at[string(b[i:i+36])], int64(i))
	}
	ids := slices.Sorted(maps.Keys(at))
	if len(ids) <= nth {
		t.Fatalf("%s holds %d records of %s", path, len(ids), kind)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, off := range at[ids[nth]] {
		if _, err := f.WriteAt([]byte{b[off] ^ 1}, off); err != nil {
			t.Fatal(err)
		}
	}
}
