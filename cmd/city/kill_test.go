package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/sync/outbox"
)

// process is a real `city serve` that can be killed.
type process struct {
	*exec.Cmd
	out io.ReadCloser
	url string
}

// start runs the program itself on an address and waits until it serves.
func start(t *testing.T, f folder, listen string, more ...string) process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := process{Cmd: exec.Command(self, append([]string{"serve", "--data", f.dir, "--listen", listen}, more...)...)}
	p.Env = append(os.Environ(), asCity+"=1")
	if p.out, err = p.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	s := bufio.NewScanner(p.out)
	if !s.Scan() {
		t.Fatal("the city did not start")
	}
	_, p.url, _ = strings.Cut(s.Text(), "serving: ")
	return p
}

// kill is SIGKILL; a second one does nothing.
func (p process) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// pushUntil syncs and calls kill from the side once progress was told of that
// many times; the city dies somewhere in the batch after.
func (k *kiosk) pushUntil(told int, kill func()) {
	k.t.Helper()
	o, err := outbox.New(k.cfg)
	if err != nil {
		k.t.Fatal(err)
	}
	n := 0
	var wg sync.WaitGroup
	err = o.Once(k.t.Context(), func(uint64, uint64) {
		if n++; n == told {
			wg.Go(kill)
		}
	})
	wg.Wait()
	if n < told {
		k.t.Fatalf("the push ended after %d steps, before the city was killed: %v", n, err)
	}
}

// TestCityKilledWhileAStationPushes: SIGKILL at random moments of a push of
// 10,000 entries. Whatever a receipt was given for is there afterwards, and in
// the end all of it, once.
func TestCityKilledWhileAStationPushes(t *testing.T) {
	f := newFolder(t)
	p := start(t, f, "127.0.0.1:0")
	k := newKiosk(t, "QA01")
	if err := k.enrol(p.url, strings.TrimSpace(f.ok("enroll", "QA01"))); err != nil {
		t.Fatal(err)
	}
	const entries, kills = 10_000, 10
	var c ledger.Change
	for i := range entries {
		c.New = append(c.New, ledger.New{Kind: "note", ID: ledger.ID(fmt.Sprintf("n%05d", i)), By: "a1", Body: []byte(`{"text":"路灯不亮"}`)})
	}
	if _, err := k.led.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	listen := strings.TrimPrefix(p.url, "http://")
	for i := range kills {
		k.pushUntil(i%3+1, p.kill)
		before, err := k.led.Head(k.led.Own())
		if err != nil {
			t.Fatal(err)
		}
		p = start(t, f, listen)
		ss := objects[inbox.Station](t, f.ok("stations", "--json"))
		if len(ss) != 1 || ss[0].Entries < before.Confirmed {
			t.Fatalf("kill %d: receipts up to %d, the city holds %+v", i+1, before.Confirmed, ss)
		}
	}
	k.mustSync()
	p.kill()
	own, err := k.led.Head(k.led.Own())
	if err != nil {
		t.Fatal(err)
	}
	led, err := bolt.Open(f.dir+"/"+ledgerFile, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	there, err := led.Head(k.led.Own())
	if err != nil || there.Seq != own.Seq || there.Hash != own.Hash || there.Confirmed != own.Seq {
		t.Errorf("the city holds %+v, the station %+v, %v", there, own, err)
	}
	if err := led.Close(); err != nil {
		t.Fatal(err)
	}
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Error(out)
	}
	t.Logf("%d entries, %d kills", own.Seq, kills)
}

// TestTermination: SIGTERM lets requests under way end, takes the socket away
// and exits 0.
func TestTermination(t *testing.T) {
	f := newFolder(t)
	p := start(t, f, "127.0.0.1:0")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the city ended with %v", err)
	}
	if _, err := os.Stat(filepath.Join(f.dir, socketFile)); err == nil {
		t.Error("the socket is still there")
	}
	f.ok("stations")
}
