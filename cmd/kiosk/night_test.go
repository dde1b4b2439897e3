package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
)

// asNight names the variable that makes this test binary a program that
// serves, and does by day, over and over, what stations do at night.
const asNight = "KIOSK_TEST_NIGHT"

// forgetMe is the voter who is erased while the program is killed.
const forgetMe = "忘我"

// serveAtNight is that program. It prints the id of each voter once its name
// is erased.
func serveAtNight(dir string) error {
	k, err := openKiosk(dir)
	if err != nil {
		return err
	}
	h, err := openHouse(k, "", &clerk.Seats{})
	if err != nil {
		return err
	}
	h.start(context.Background())
	h.announce(os.Stdout)
	spare := filepath.Join(dir, "spare.db")
	backup := func() error {
		f, err := os.Create(spare)
		if err != nil {
			return err
		}
		return errors.Join(k.led.Backup(h.ctx, f), f.Close())
	}
	erase := func() error { return k.eraseOne(h.ctx) }
	work := []func() error{erase, func() error { return k.led.Compact(h.ctx) }, erase, func() error { return k.nightlyCheck(h.ctx) }, erase, backup}
	for i := 0; ; i++ {
		if err := work[i%len(work)](); err != nil && !errors.Is(err, ledger.ErrBusy) {
			return err
		}
	}
}

// eraseOne erases the name of one voter who asked for it.
func (k *kiosk) eraseOne(ctx context.Context) error {
	var at ledger.Entry
	err := k.led.Each(station.KindVoter, func(e ledger.Entry) error {
		if bytes.Contains(e.Body, []byte(forgetMe)) {
			at = e
		}
		return nil
	})
	if err != nil || at.ID == "" {
		return err
	}
	if e, err := k.led.Erase(ctx, "owner", at.Ref); err != nil && e.ID == "" {
		return err
	}
	_, err = fmt.Println("erased", at.ID)
	return err
}

// night is one life of that program: it is killed a random time after it
// began to serve. What it said is returned, and what two callers were told
// over its socket.
func (f folder) night(t *testing.T) (printed, erased []string) {
	t.Helper()
	c := f.command("serve")
	c.Env = append(c.Env, asNight+"="+f.dir)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(out)
	if !s.Scan() {
		t.Fatalf("it does not serve: %v, %s", c.Wait(), errs.String())
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	calling, hangUp := context.WithCancel(t.Context()) // or a caller who comes late opens the file itself
	defer hangUp()
	for range 2 {
		wg.Go(func() {
			r := f.runWith(calling, &visitors{}, "add", "-")
			mu.Lock()
			defer mu.Unlock()
			whole := r.out[:strings.LastIndexByte(r.out, '\n')+1]
			printed = append(printed, strings.Fields(whole)...)
		})
	}
	<-time.After(rand.N(250 * time.Millisecond * slowness))
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	hangUp()
	for s.Scan() {
		if id, ok := strings.CutPrefix(s.Text(), "erased "); ok && len(id) == 36 {
			erased = append(erased, id)
		}
	}
	if err := c.Wait(); err == nil || errs.Len() > 0 {
		t.Fatalf("it ended by itself: %v, %s", err, errs.String())
	}
	wg.Wait()
	return printed, erased
}

// visitors come one after another for as long as somebody reads; every fifth
// wants to be forgotten.
type visitors struct {
	n    int
	rest []byte
}

func (v *visitors) Read(p []byte) (int, error) {
	if len(v.rest) == 0 {
		v.n++
		name := "王小明"
		if v.n%5 == 0 {
			name = forgetMe
		}
		v.rest = []byte(line(name, strings.Repeat("路灯不亮。", 1+v.n%40)) + "\n")
	}
	n := copy(p, v.rest)
	v.rest = v.rest[n:]
	return n, nil
}

// TestKilledWhileItServesAndTidiesUp kills a serving program at random moments,
// 25 times or KIOSK_NIGHTS, while receptions come over its socket, and while it
// compacts, backs up, checks and erases. What was printed is there, what was
// erased does not come back.
func TestKilledWhileItServesAndTidiesUp(t *testing.T) {
	f := newStation(t)
	kills := repeats(t, "KIOSK_NIGHTS", 25)
	var printed, erased []string
	for range kills {
		p, e := f.night(t)
		printed, erased = append(printed, p...), append(erased, e...)
	}
	there := map[string]bool{}
	for _, r := range objects[report.Reception](t, f.ok("list", "receptions", "--json")) {
		if there[r.Number] || len(r.Matters) != 1 {
			t.Errorf("%s is there twice, or by half", r.Number)
		}
		there[r.Number] = true
	}
	if n := lost(printed, there); n > 0 {
		t.Errorf("%d of %d printed numbers are gone", n, len(printed))
	}
	back := 0
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range erased {
		if r, err := k.led.Record(station.KindVoter, ledger.ID(id)); err != nil || !r.Absent() {
			back++
			t.Errorf("the voter %s was erased and is back, %v", id, err)
		}
	}
	if err := k.close(); err != nil {
		t.Fatal(err)
	}
	wants(t, f.ok("check"), "完好")
	if err := os.Remove(f.db()); err != nil { // the second copy has it all, too
		t.Fatal(err)
	}
	if now := f.numbers(); len(now) != len(there) {
		t.Errorf("the second copy has %d of %d receptions", len(now), len(there))
	}
	if len(printed) < kills || len(erased) == 0 {
		t.Errorf("%d numbers, %d erasures in %d kills: nothing was tried", len(printed), len(erased), kills)
	}
	t.Logf("%d kills of a serving program while it compacted, backed up, checked and erased: %d numbers printed, %d receptions there, %d lost; %d erasures, %d back",
		kills, len(printed), len(there), lost(printed, there), len(erased), back)
}
