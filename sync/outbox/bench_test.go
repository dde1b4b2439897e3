package outbox

import (
	"testing"
)

// BenchmarkPush20k sends 20,000 entries of 2 kB to a durable city on loopback,
// over TLS 1.3, signed and validated on both sides.
func BenchmarkPush20k(b *testing.B) {
	const n = 20_000
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		w.secure()
		write(b, w.station, n, twoKB)
		o := w.outbox()
		b.StartTimer()
		w.sync(o)
		b.StopTimer()
		w.wantStatus(o, n, n)
		w.server.Close()
		b.StartTimer()
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkEmptySync is a sync with nothing to send, after 20,000 entries.
func BenchmarkEmptySync(b *testing.B) {
	w := newWorld(b)
	w.secure()
	write(b, w.station, 20_000, twoKB)
	o := w.outbox()
	w.sync(o)
	for b.Loop() {
		w.sync(o)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/sync")
}
