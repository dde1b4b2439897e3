package inbox

import (
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/VictoriaMetrics/metrics"

	"liaison/sync/wire"
)

// figures are the city's Prometheus metrics. No label names a station or a
// person.
type figures struct {
	set     *metrics.Set
	entries *metrics.Counter
	batches *metrics.Counter
	repeats *metrics.Counter
	commits *metrics.Histogram
	forks   atomic.Int64
	doubts  atomic.Int64
}

func newFigures(in *Inbox) (*figures, error) {
	set := metrics.NewSet()
	f := &figures{set: set,
		entries: set.NewCounter("liaison_city_entries_total"),
		batches: set.NewCounter("liaison_city_batches_total"),
		repeats: set.NewCounter("liaison_city_repeated_batches_total"),
		commits: set.NewHistogram("liaison_city_commit_seconds"),
	}
	for _, kept := range []struct {
		prefix string
		count  *atomic.Int64
	}{{localFork, &f.forks}, {localDoubt, &f.doubts}} {
		list, err := in.Ledger.Locals(kept.prefix)
		if err != nil {
			return nil, err
		}
		kept.count.Store(int64(len(list)))
	}
	set.NewGauge("liaison_city_forks", func() float64 { return float64(f.forks.Load()) })
	set.NewGauge("liaison_city_doubtful_entries", func() float64 { return float64(f.doubts.Load()) })
	set.NewGauge("liaison_city_stations", func() float64 {
		in.mu.Lock()
		defer in.mu.Unlock()
		return float64(len(in.members))
	})
	set.NewGauge("liaison_city_busy_workers", func() float64 { return float64(cap(in.workers) - len(in.workers)) })
	return f, nil
}

// answered counts an answer: "ok" or the problem's code.
func (f *figures) answered(code wire.Code) {
	f.set.GetOrCreateCounter(fmt.Sprintf(`liaison_city_answers_total{code=%q}`, code)).Inc()
}

func (f *figures) enrolments(result string) {
	f.set.GetOrCreateCounter(fmt.Sprintf(`liaison_city_enrolments_total{result=%q}`, result)).Inc()
}

func (f *figures) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	f.set.WritePrometheus(w)
}
