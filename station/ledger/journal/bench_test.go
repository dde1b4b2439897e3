package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkAppend is one durable frame of 2 KiB, beside a bare write of one
// page of 4 KiB at the end of a file with fdatasync, both timed one by one and
// in turn, so that the ratio holds on any disk. The second run writes no zeros
// ahead, to show what they are good for.
func BenchmarkAppend(b *testing.B) {
	for _, step := range []int64{256 << 10, 1} {
		b.Run(fmt.Sprintf("ahead=%d", step), func(b *testing.B) {
			l := mustOpen(b, b.TempDir(), Options{Stream: station, step: step})
			bare, err := os.Create(filepath.Join(b.TempDir(), "bare"))
			if err != nil {
				b.Fatal(err)
			}
			defer bare.Close()
			p, one := make([]byte, 2048), make([]byte, 4096)
			for i := range p {
				p[i] = byte(i * 7)
			}
			var appends, bares []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := l.Append(p); err != nil {
					b.Fatal(err)
				}
				appends = append(appends, time.Since(start))
				b.StopTimer()
				start = time.Now()
				_, err := bare.WriteAt(one, int64(len(bares)*len(one)))
				if err == nil {
					err = syncData(bare)
				}
				if err != nil {
					b.Fatal(err)
				}
				bares = append(bares, time.Since(start))
				b.StartTimer()
			}
			slices.Sort(appends)
			slices.Sort(bares)
			at := func(d []time.Duration, part float64) float64 {
				return float64(d[int(part*float64(len(d)-1))].Nanoseconds()) / 1000
			}
			unit := at(bares, 0.5)
			b.ReportMetric(at(appends, 0.5), "p50-µs")
			b.ReportMetric(at(appends, 0.99), "p99-µs")
			b.ReportMetric(unit, "bare-µs")
			b.ReportMetric(at(appends, 0.5)/unit, "p50/bare")
			b.ReportMetric(at(appends, 0.99)/unit, "p99/bare")
			b.ReportMetric(at(bares, 0.99)/unit, "barep99/bare")
		})
	}
}

// manyFrames is a log of n frames of 2 KiB.
func manyFrames(b *testing.B, n int) string {
	dir := b.TempDir()
	l := mustOpen(b, dir, Options{Stream: station, noSync: true})
	p := make([]byte, 2048)
	for range n {
		if _, err := l.Append(p); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	return dir
}

// BenchmarkOpen opens a log of 100,000 frames: what it takes before work can
// begin in the morning.
func BenchmarkOpen(b *testing.B) {
	dir := manyFrames(b, 100_000)
	for b.Loop() {
		l, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFrames reads a log of 100,000 frames to the end: what a rebuild has
// to read.
func BenchmarkFrames(b *testing.B) {
	l := mustOpen(b, manyFrames(b, 100_000), Options{})
	b.SetBytes(100_000 * 2048)
	for b.Loop() {
		n := 0
		for _, err := range l.Frames(0) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}
