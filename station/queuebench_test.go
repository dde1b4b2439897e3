package station_test

import (
	"runtime"
	"testing"
	"time"

	"liaison/station"
)

// BenchmarkQueues is the city's home screen and each of its queues with 200
// stations of 2,000 matters: counting every queue, and listing the first 50 of
// each, which are read from the ledger; and the rates over all of them.
func BenchmarkQueues(b *testing.B) {
	w := newRealm(b)
	var before, after runtime.MemStats
	for i := range 60 { // real ones, which are due first
		*w.one.now = monday.AddDate(-1, 0, i/2)
		in := lamp()
		in.Matters[0].Disposition = "city"
		s := w.receive(w.one, in)
		l, err := w.one.LifeByNumber(head, string(s.Number))
		if err != nil {
			b.Fatal(err)
		}
		if i%2 == 0 {
			if _, err := w.one.Take(head, l, station.Step{Action: station.DoReview}); err != nil {
				b.Fatal(err)
			}
		}
	}
	w.carry()
	*w.one.now = monday
	if err := w.city.Warm(); err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	station.Crowd(w.city.Desk, 400_000, 200, monday)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Run("count", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n = 0
			for _, q := range w.city.Queues(office) {
				n += q.N
			}
		}
		b.ReportMetric(float64(n), "waiting")
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/400_000, "B/matter")
	})
	for _, q := range []string{"classify", "assign", "overdue"} {
		b.Run("list/"+q, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				ls, err := w.city.Queue(office, q, 30)
				if err != nil || len(ls) != 30 {
					b.Fatalf("%d, %v", len(ls), err)
				}
				took = append(took, time.Since(start))
			}
			percentiles(b, took, "/list")
		})
	}
	for _, group := range []string{"", "unit", "station"} {
		b.Run("rates/"+group, func(b *testing.B) {
			for b.Loop() {
				by, err := w.city.RatesBy(office, station.RateQuery{}, group)
				if err != nil || len(by) == 0 {
					b.Fatalf("%d, %v", len(by), err)
				}
			}
		})
	}
}
