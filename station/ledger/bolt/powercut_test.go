package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
	"liaison/station/ledger/seal"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// recorder keeps what of one file reached the disk for certain and what may
// have.
type recorder struct {
	synced  []byte
	pending []pendingWrite
}

type pendingWrite struct {
	off int64
	b   []byte
}

func (r *recorder) write(b []byte, off int64) {
	r.pending = append(r.pending, pendingWrite{off, bytes.Clone(b)})
}

// sync is an fdatasync.
func (r *recorder) sync() {
	for _, w := range r.pending {
		r.synced = overwrite(r.synced, w.b, w.off)
	}
	r.pending = nil
}

func overwrite(image, b []byte, off int64) []byte {
	if need := int(off) + len(b); need > len(image) {
		image = append(image, make([]byte, need-len(image))...)
	}
	copy(image[off:], b)
	return image
}

// image is what the disk may hold after the power went: everything synced,
// and of the rest any sectors, in any order.
func (r *recorder) image(rnd *rand.Rand) []byte {
	image := bytes.Clone(r.synced)
	keep := rnd.IntN(101) // percent
	for _, i := range rnd.Perm(len(r.pending)) {
		w := r.pending[i]
		for at := 0; at < len(w.b); at += sector {
			if rnd.IntN(100) < keep {
				image = overwrite(image, w.b[at:min(at+sector, len(w.b))], w.off+int64(at))
			}
		}
	}
	return image
}

// cutting records both copies of a ledger and cuts the power.
type cutting struct {
	t      *testing.T
	rnd    *rand.Rand
	l      *Ledger
	db     recorder
	logs   map[string]*recorder
	cut    string // where images are opened
	o      Options
	broken []string
	left   int

	through ledger.Seq // acknowledged
}

// hook records what bbolt writes. It syncs once before it writes a meta page
// and once after, which is when the log is written; without syncs everything
// stays pending.
func (c *cutting) hook(l *Ledger) {
	hookWrites(c.t, l, func(write writeAt) writeAt {
		return func(b []byte, off int64) (int, error) {
			if isMeta(off) && c.l != nil {
				c.try("cut before the first sync")
				if !c.o.noSync {
					c.db.sync()
				}
			}
			c.db.write(b, off)
			return write(b, off)
		}
	})
}

// Append stands between the ledger and its log.
type cutLog struct {
	*journal.Log
	c *cutting
}

func (l cutLog) Append(payload []byte) (uint64, error) {
	l.c.try("cut before the second sync")
	if !l.c.o.noSync {
		l.c.db.sync()
	}
	n, err := l.Log.Append(payload)
	l.c.readLog()
	l.c.try("cut while the log was written")
	if !l.c.o.noSync {
		for _, r := range l.c.logs {
			r.sync()
		}
	}
	return n, err
}

// readLog finds out what was written to the log's files since it was last
// called.
func (c *cutting) readLog() {
	dir := logDir(c.l.path, c.o)
	for _, name := range names(c.t, filepath.Join(dir, "x")) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			c.t.Fatal(err)
		}
		r := c.logs[name]
		if r == nil {
			c.logs[name] = &recorder{synced: b}
			continue
		}
		if len(b) > len(r.synced) {
			r.synced = append(r.synced, make([]byte, len(b)-len(r.synced))...)
		}
		for at := 0; at < len(b); at += sector {
			if end := min(at+sector, len(b)); !bytes.Equal(b[at:end], r.synced[at:end]) {
				r.write(b[at:end], int64(at))
			}
		}
	}
}

// try opens an image of the disk and expects everything acknowledged.
func (c *cutting) try(when string) {
	if c.left--; c.left < 0 {
		return
	}
	if err := c.survives(); err != nil {
		c.broken = append(c.broken, fmt.Sprintf("%d acknowledged, %s: %.300v", c.through, when, err))
	}
}

func (c *cutting) survives() error {
	dir := logDir(c.cut, c.o)
	err := errors.Join(os.WriteFile(c.cut, c.db.image(c.rnd), 0o600), os.RemoveAll(dir))
	if !c.o.noLog {
		err = errors.Join(err, os.Mkdir(dir, 0o700))
	}
	for _, name := range slices.Sorted(maps.Keys(c.logs)) {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), c.logs[name].image(c.rnd), 0o600))
	}
	if err != nil {
		return err
	}
	o := c.o
	o.opened, o.wrapLog = nil, nil
	l, err := Open(c.cut, o)
	if err != nil {
		return err
	}
	defer l.Close() // a file that is thrown away
	h, err := l.Head(l.Own())
	if err != nil {
		return err
	}
	if h.Seq < c.through {
		return fmt.Errorf("%d was acknowledged, the ledger ends at %d", c.through, h.Seq)
	}
	var faults []ledger.Fault
	if _, err := l.Check(context.Background(), func(f ledger.Fault) { faults = append(faults, f) }); err != nil || len(faults) > 0 {
		return fmt.Errorf("check: %v %v", faults, err)
	}
	_, err = l.Commit(context.Background(), visit(1<<20, "danach"))
	return err
}

// powerCuts commits, cuts the power at random moments, and returns what was
// wrong with images that did not hold what had been acknowledged.
func powerCuts(t *testing.T, o Options, images int) (broken []string) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	dir := t.TempDir()
	for round := 0; images > 0; round++ {
		c := &cutting{t: t, rnd: rand.New(rand.NewPCG(seed, uint64(round))), left: min(images, 300), logs: map[string]*recorder{}, cut: filepath.Join(dir, "cut.db")}
		images -= c.left
		path := filepath.Join(dir, fmt.Sprintf("ledger%d.db", round))
		c.run(path, o)
		broken = append(broken, c.broken...)
		if len(c.broken) > 0 {
			t.Logf("seed %d, round %d", seed, round)
		}
	}
	return broken
}

func (c *cutting) run(path string, o Options) {
	l, err := Open(path, o) // made, so that what follows begins with a whole file
	if err != nil {
		c.t.Fatal(err)
	}
	closeTest(c.t, l)
	if c.db.synced, err = os.ReadFile(path); err != nil {
		c.t.Fatal(err)
	}
	o.Key = seal.KeyFile(filepath.Join(filepath.Dir(path), keyFileName))
	o.opened = c.hook
	o.wrapLog = func(l *journal.Log) second { return cutLog{l, c} }
	c.o = o
	if l, err = Open(path, o); err != nil {
		c.t.Fatal(err)
	}
	defer l.Close() // its file is left behind
	c.l = l
	if !o.noLog {
		c.readLog()
	}
	for c.left > 0 {
		mustCommit(c.t, l, visit(int(c.through), fmt.Sprintf("wort%d %0600d", c.through, c.through)))
		if o.noLog && !o.noSync {
			c.try("cut before the second sync")
			c.db.sync()
		}
		c.through++
		c.try("cut after the commit")
	}
}

// TestPowerCutLosesNothingAcknowledged builds crash images from what bbolt and
// the log wrote: 150, or LEDGER_POWERCUTS of them.
func TestPowerCutLosesNothingAcknowledged(t *testing.T) {
	n := trials(t, "LEDGER_POWERCUTS", 150)
	broken := powerCuts(t, testOptions(), n)
	for _, b := range broken {
		t.Error(b)
	}
	t.Logf("%d crash images of both copies, torn and reordered: %d lost", n, len(broken))
}

// TestPowerCutWithoutSyncIsNoticed is the control: without syncs the same
// test must fail, or it shows nothing.
func TestPowerCutWithoutSyncIsNoticed(t *testing.T) {
	o := testOptions()
	o.noSync = true
	broken := powerCuts(t, o, 40)
	if len(broken) < 10 {
		t.Errorf("only %d of 40 images broken without any sync", len(broken))
	}
	t.Logf("control: without syncs %d of 40 images are broken", len(broken))
}
