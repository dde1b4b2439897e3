package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
)

// rot flips a bit in some records of a kind, wherever the file holds them:
// numbers count the records as they were written, from 0.
func rot(t *testing.T, path, kind string, numbers ...int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mark := []byte(kind + "\x24") // a header: the kind, and the length of an id
	at := map[string][]int64{}    // by id, which is ordered by time
	for i := 0; ; {
		next := bytes.Index(b[i:], mark)
		if next < 0 || i+next+len(mark)+36 > len(b) {
			break
		}
		i += next + len(mark)
		at[string(b[i:i+36])] = append(at[string(b[i:i+36])], int64(i))
	}
	var ids []string
	for id := range at {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, n := range numbers {
		for _, off := range at[ids[n]] {
			if _, err := f.WriteAt([]byte{b[off] ^ 1}, off); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (f folder) db() string { return filepath.Join(f.dir, ledgerFile) }

func (f folder) log() string { return filepath.Join(f.dir, "ledger.journal", "journal.log.000001") }

// numbers are those of all receptions, oldest first.
func (f folder) numbers() (out []string) {
	f.t.Helper()
	for _, r := range objects[report.Reception](f.t, f.ok("list", "receptions", "--json")) {
		out = append(out, r.Number)
	}
	slices.Reverse(out)
	return out
}

// records adds n receptions, and returns their numbers.
func (f folder) records(n int) []string {
	f.t.Helper()
	var in strings.Builder
	for i := range n {
		in.WriteString(line(fmt.Sprint("王", i), "路灯不亮") + "\n")
	}
	return strings.Fields(f.okIn(in.String(), "add"))
}

// a lived-in house: open, with its screens' configuration, and served.
func house1(t *testing.T, f folder) (*kiosk, *house, func() error) {
	t.Helper()
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(k, "", &clerk.Seats{})
	if err != nil {
		t.Fatal(err)
	}
	h.read = 0
	h.start(t.Context())
	ended := false
	end := func() error {
		if ended {
			return nil
		}
		ended = true
		h.stop()
		return errors.Join(h.wait(), k.close())
	}
	t.Cleanup(func() {
		if err := end(); err != nil && !errors.Is(err, upkeep.ErrRebuild) {
			t.Error(err)
		}
	})
	return k, h, end
}

// TestTheNightlyCheckMendsALivingStation: first the database rots while the
// station serves, and then the second copy. The nightly job finds it and mends
// it, receptions go on meanwhile, the screens say it in one line, the log
// tells the story, the audit has a line, and nothing is lost.
func TestTheNightlyCheckMendsALivingStation(t *testing.T) {
	f := newStation(t)
	had := f.records(40)
	k, h, end := house1(t, f)
	for _, c := range []struct{ file, notice, code string }{
		{f.db(), "已用第二份完整重建", "L-REBUILT"},
		{f.log(), "已重新建好", "L-RENEWED"},
	} {
		rot(t, c.file, "visit", 3, 17, 30)
		more := make(chan []string)
		go func() { more <- f.records(20) }()
		if err := h.jobs()[0].Do(t.Context()); err != nil { // the nightly check
			t.Fatal(err)
		}
		had = append(had, <-more...)
		wants(t, h.screens().Notice().ZH, c.notice)
		log, err := os.ReadFile(filepath.Join(f.dir, logFile))
		if err != nil {
			t.Fatal(err)
		}
		wants(t, string(log), "L-FAULT", c.code)
		wants(t, f.ok("check"), "完好")
	}
	if since := time.Since(k.lastCheck()); since > time.Minute {
		t.Errorf("the last check was %v ago", since)
	}
	wants(t, f.ok("audit", "--act", string(station.ActRestore)), "mended", ledgerFile)
	if now := f.numbers(); !slices.Equal(now, had) {
		t.Errorf("%d receptions, want %d", len(now), len(had))
	}
	if aside, err := bolt.Leftovers(f.db(), bolt.Options{}); err != nil || len(aside) != 1 {
		t.Errorf("set aside: %v, %v", aside, err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	wants(t, f.ok("check"), "完好")
	t.Logf("%d receptions, 6 records rotten in either copy while it served: found, mended, 0 lost", len(had))
}

// TestCheckMendsAndNames: a person runs the check, on a station that nobody
// serves. What was found is named, and the database is whole again.
func TestCheckMendsAndNames(t *testing.T) {
	f := newStation(t)
	had := f.records(20)
	rot(t, f.db(), "voter", 2, 5)
	r := f.run("", "check")
	wants(t, r.out, "已用另一份数据修好", "mended from the other copy")
	wants(t, r.errs, "✗ journal/QA01/")
	if r.code != 0 {
		t.Errorf("code %d", r.code)
	}
	wants(t, f.ok("check"), "完好")
	if now := f.numbers(); !slices.Equal(now, had) {
		t.Errorf("%v, want %v", now, had)
	}
}

// TestWhatOneCopyLacksTheOtherHas: both rot while the station serves, each in
// another place. That cannot be mended under people's hands: the process
// opens the ledger anew, and all is there.
func TestWhatOneCopyLacksTheOtherHas(t *testing.T) {
	f := newStation(t)
	had := f.records(30)
	_, stop := serve(t, f)
	rot(t, f.db(), "visit", 4, 5)
	rot(t, f.log(), "visit", 11, 12)
	wants(t, f.no("", "check"), "自动重启", "start again")
	f.served(t)
	if now := f.numbers(); !slices.Equal(now, had) {
		t.Errorf("%d receptions, want %d", len(now), len(had))
	}
	wants(t, f.ok("status"), "已用第二份完整重建")
	wants(t, f.ok("check"), "完好")
	stop()
}

// served waits until the process serves again.
func (f folder) served(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if _, err := os.Stat(f.db() + ".rebuild"); err == nil { // the wish is not fulfilled yet
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if r := f.run("", "status"); r.code == 0 {
			return
		}
	}
	t.Fatal("it does not serve again")
}

// TestTheRestComesFromTheCity: both copies lack the same receptions. What can
// be read is kept, the city has the rest, but for two names; staff are told.
func TestTheRestComesFromTheCity(t *testing.T) {
	f := newStation(t)
	c := newCity(t, (*httptest.Server).Start)
	f.ok("enroll", c.srv.URL, c.code())
	had := f.records(30)
	f.ok("sync")
	rot(t, f.db(), "voter", 9, 10)
	rot(t, f.log(), "voter", 9, 10)
	r := f.run("", "check")
	wants(t, r.errs, "两份数据都有损坏", "names and phones of voters only from a backup")
	wants(t, r.out, "完好")
	if now := f.numbers(); len(now) >= len(had) || len(now) < 9 {
		t.Errorf("%d receptions before the sync", len(now))
	}
	wants(t, f.ok("audit", "--act", string(station.ActRestore)), "partly rebuilt")
	more := f.records(2)
	wants(t, f.ok("sync"), "同步完成")
	now := f.numbers()
	if !slices.Equal(now, append(slices.Clone(had), more...)) {
		t.Errorf("after the sync %d receptions, want %d: %v", len(now), len(had)+2, now)
	}
	var nameless []string
	for _, r := range objects[report.Reception](t, f.ok("list", "receptions", "--json")) {
		if r.Voter.Name == "" {
			nameless = append(nameless, r.Number)
		}
	}
	slices.Sort(nameless)
	if !slices.Equal(nameless, had[9:11]) {
		t.Errorf("without a name: %v, want %v", nameless, had[9:11])
	}
	wants(t, f.ok("check"), "完好")
	t.Logf("%d receptions, 2 rotten in both copies: all there after the sync, 2 without the name", len(had))
}
