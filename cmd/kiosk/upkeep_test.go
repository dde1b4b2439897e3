package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
)

// TestALostDataFileComesBackAndIsTold: the file goes, the next command rebuilds
// it from the second copy, says so once, and the audit log has a line.
func TestALostDataFileComesBackAndIsTold(t *testing.T) {
	f := newStation(t)
	number := strings.TrimSpace(f.okIn(line("王小明", "路灯不亮")+"\n", "add"))
	if err := os.Remove(filepath.Join(f.dir, ledgerFile)); err != nil {
		t.Fatal(err)
	}
	r := f.run("", "list", "receptions")
	if r.code != 0 || !strings.Contains(r.out, number[:10]) {
		t.Errorf("code %d, list\n%s%s", r.code, r.out, r.errs)
	}
	sentenceOnly(t, r.errs)
	wants(t, r.errs, "已用第二份完整重建", "rebuilt from the second copy")
	if r := f.run("", "status"); r.code != 0 || r.errs != "" {
		t.Errorf("told again: %q", r.errs)
	}
	wants(t, f.ok("audit", "--act", string(station.ActRestore)), "rebuilt", ledgerFile)
	log, err := os.ReadFile(filepath.Join(f.dir, logFile))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, string(log), "L-REBUILT")
	wants(t, f.ok("check"), "完好")
}

// TestScreensTellWhatWasMended: who sits down learns it, and the settings
// screen and status keep saying it while the process lives.
func TestScreensTellWhatWasMended(t *testing.T) {
	f := newStation(t)
	if err := os.RemoveAll(filepath.Join(f.dir, "ledger.journal")); err != nil {
		t.Fatal(err)
	}
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	h := &house{k: k, seats: &clerk.Screens{Seats: &clerk.Seats{}}}
	cfg := h.screens()
	wants(t, cfg.Notice().ZH, "第二份", "重新建好")
	if n := len(cfg.Hints); n != 1 || cfg.Hints[0] != cfg.Notice() {
		t.Errorf("hints %q", cfg.Hints)
	}
	k.events.Report(bolt.Event{What: bolt.Behind})
	wants(t, cfg.Notice().EN, "second copy", "one copy")
	var out bytes.Buffer
	inv := &invocation{cmd: &command{}, stdout: &out, kiosk: k}
	if err := runStatus(t.Context(), inv); err != nil {
		t.Fatal(err)
	}
	wants(t, out.String(), "提示 Notice", "现在只有一份")
}

// TestAnAbsentKeyIsSaid: the wrong key is no damage, and nothing is changed.
func TestAnAbsentKeyIsSaid(t *testing.T) {
	f := newStation(t)
	key := upkeep.KeyPath(f.dir)
	away := filepath.Join(t.TempDir(), "key")
	if err := os.Rename(key, away); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"status"}, {"serve"}, {"check"}} {
		wants(t, f.no("", args...), "钥匙", key)
	}
	if err := os.Rename(away, key); err != nil {
		t.Fatal(err)
	}
	wants(t, f.ok("check"), "完好")
}

// TestWordsOfASealedBackupAndDamage: errors that reach the last door still
// become sentences.
func TestWordsOfASealedBackupAndDamage(t *testing.T) {
	for _, err := range []error{bolt.ErrSealed, bolt.ErrLocked, bolt.ErrDamaged} {
		var said bytes.Buffer
		if code := settle(&said, nil, errors.Join(errors.New("open /var/lib"), err)); code != exitFailed {
			t.Errorf("%v: code %d", err, code)
		}
		sentenceOnly(t, said.String())
		if strings.Contains(said.String(), "意外") {
			t.Errorf("%v is said as %q", err, said.String())
		}
	}
}

// TestACheckWhileTheStationLives: a hot copy is sealed, and its folder holds
// no key; the child is told where that lies.
func TestACheckWhileTheStationLives(t *testing.T) {
	f := newStation(t)
	f.okIn(strings.Repeat(line("王小明", "路灯不亮")+"\n", 20), "add")
	_, stop := serve(t, f)
	for range 3 {
		f.okIn(line("李大民", "井盖松动")+"\n", "add")
		wants(t, f.ok("check"), "完好")
	}
	stop()
	wants(t, f.ok("check"), "完好")
	if left, err := filepath.Glob(filepath.Join(f.dir, "check-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestNobodyIsHeldUpAtNight: a house in which somebody types is not quiet, and
// what is saved before a compaction is there after it.
func TestNobodyIsHeldUpAtNight(t *testing.T) {
	f := newStation(t)
	f.okIn(line("王小明", "路灯不亮")+"\n", "add")
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	h := &house{k: k, seats: &clerk.Screens{Seats: &clerk.Seats{}}}
	if !h.quiet() {
		t.Error("an empty house is not quiet")
	}
	h.screens().Typed()
	if h.quiet() {
		t.Error("quiet while somebody types")
	}
	h.typed.Store(time.Now().Add(-quietFor - time.Second).Unix())
	if !h.quiet() {
		t.Error("not quiet long after the last key")
	}
	if err := k.led.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	if all, err := k.desk.List(station.Owner(), station.Query{}); err != nil || len(all) != 1 {
		t.Errorf("after the compaction: %v, %v", all, err)
	}
}

// TestTheServiceNamesThisProgramAndItsData: what is printed works as it is.
func TestTheServiceNamesThisProgramAndItsData(t *testing.T) {
	f := newStation(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wants(t, f.ok("service", "--ssh", ":22"), "ExecStart="+self+" serve --ssh :22 --data "+f.dir+"\n", "ReadWritePaths="+f.dir+"\n", "AmbientCapabilities=")
	wants(t, f.ok("service", "--write", "/mnt/backups"), "ReadWritePaths="+f.dir+" -/mnt/backups\n", "Type=notify\n", "WatchdogSec=")
	wants(t, f.ok("service", "--console"), "--autologin ", "exec "+self+" --data "+f.dir+"\n")
	_, stop := serve(t, f)
	wants(t, f.ok("service"), "Restart=always") // nothing is asked of the living one
	stop()
}
