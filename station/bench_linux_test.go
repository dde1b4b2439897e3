package station_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkReceive is a durable save of visit and matter, each followed by one
// bare write and fdatasync of 4 KiB on the same disk; the budget is 5 × at the
// middle and 12 × at the 99th percentile, second copy included.
func BenchmarkReceive(b *testing.B) {
	d := newDesk(b)
	if err := d.Warm(); err != nil {
		b.Fatal(err)
	}
	bare, err := os.OpenFile(filepath.Join(b.TempDir(), "bare"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	page := make([]byte, 4096)
	r := lamp()
	var saves, syncs []time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := d.Receive(attendant, r, true, ""); err != nil {
			b.Fatal(err)
		}
		saves = append(saves, time.Since(start))
		start = time.Now()
		if _, err := bare.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(bare.Fd())); err != nil {
			b.Fatal(err)
		}
		syncs = append(syncs, time.Since(start))
	}
	s50, s99 := percentiles(b, saves, "")
	f50, f99 := percentiles(b, syncs, "/fdatasync")
	b.ReportMetric(float64(s50)/float64(f50), "p50-ratio")
	b.ReportMetric(float64(s99)/float64(f99), "p99-ratio")
}
