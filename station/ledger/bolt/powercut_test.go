package bolt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liaison/station/ledger"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// recorder keeps what reached the disk for certain and what may have.
type recorder struct {
	synced  []byte
	pending []pendingWrite
	atMeta  func() // called before the sync that comes before a meta page
}

type pendingWrite struct {
	off int64
	b   []byte
}

func (r *recorder) write(b []byte, off int64) {
	r.pending = append(r.pending, pendingWrite{off, append([]byte{}, b...)})
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
	image := append([]byte{}, r.synced...)
	keep := rnd.IntN(101) // percent
	for _, i := range rnd.Perm(len(r.pending)) {
		w := r.pending[i]
		for at := 0; at < len(w.b); at += sector {
			if rnd.IntN(100) < keep {
				image = overwrite(image, w.b[at:at+sector], w.off+int64(at))
			}
		}
	}
	return image
}

// record hooks a recorder into a ledger. bbolt syncs once before it writes a
// meta page and once after, at the end of the commit (the caller tells);
// without syncs everything stays pending.
func record(t *testing.T, l *Ledger) *recorder {
	t.Helper()
	image, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{synced: image}
	hookWrites(t, l, func(write writeAt) writeAt {
		return func(b []byte, off int64) (int, error) {
			if isMeta(off) {
				r.atMeta()
				if !l.o.noSync {
					r.sync()
				}
			}
			r.write(b, off)
			return write(b, off)
		}
	})
	return r
}

// powerCuts commits, cuts the power at random moments, and returns what was
// wrong with images that did not hold what had been acknowledged.
func powerCuts(t *testing.T, o Options, images int) (broken []string) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	dir := t.TempDir()
	l, err := Open(filepath.Join(dir, "ledger.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // its file is left behind
	rec := record(t, l)
	cut := filepath.Join(dir, "cut.db")
	through := ledger.Seq(0)
	try := func(when string) {
		images--
		if err := survives(cut, rec.image(rnd), through, o); err != nil {
			broken = append(broken, fmt.Sprintf("%d acknowledged, %s: %.300v", through, when, err))
		}
	}
	rec.atMeta = func() { try("cut before the first sync") }
	for images > 0 {
		mustCommit(t, l, visit(int(through), fmt.Sprintf("wort%d %0600d", through, through)))
		try("cut before the second sync")
		if !o.noSync {
			rec.sync()
		}
		through++
		try("cut after the commit")
	}
	return broken
}

// survives opens an image and expects everything through a number.
func survives(path string, image []byte, through ledger.Seq, o Options) error {
	if err := os.WriteFile(path, image, 0o600); err != nil {
		return err
	}
	l, err := Open(path, o)
	if err != nil {
		return err
	}
	defer l.Close()
	h, err := l.Head(l.Own())
	if err != nil {
		return err
	}
	if h.Seq < through {
		return fmt.Errorf("%d was acknowledged, the ledger ends at %d", through, h.Seq)
	}
	var faults []ledger.Fault
	if _, err := l.Check(context.Background(), func(f ledger.Fault) { faults = append(faults, f) }); err != nil || len(faults) > 0 {
		return fmt.Errorf("check: %v %v", faults, err)
	}
	_, err = l.Commit(context.Background(), visit(1<<20, "danach"))
	return err
}

// TestPowerCutLosesNothingAcknowledged builds crash images from what bbolt
// wrote: 200, or LEDGER_POWERCUTS of them.
func TestPowerCutLosesNothingAcknowledged(t *testing.T) {
	n := trials(t, "LEDGER_POWERCUTS", 200)
	for _, b := range powerCuts(t, testOptions(), n) {
		t.Error(b)
	}
	t.Logf("%d crash images, every acknowledged entry in each", n)
}

// TestPowerCutWithoutSyncIsNoticed is the control: without syncs the same
// test must fail, or it shows nothing.
func TestPowerCutWithoutSyncIsNoticed(t *testing.T) {
	o := testOptions()
	o.noSync = true
	if broken := powerCuts(t, o, 40); len(broken) < 10 {
		t.Errorf("only %d of 40 images broken without any sync", len(broken))
	}
}
