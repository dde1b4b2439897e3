package upkeep

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

// nightHour is the hour of the day, in Beijing, when the ledger is looked after.
const nightHour = 3

// lookEvery is how often Nightly looks whether it is time. It looks at the
// clock rather than sleep until the hour: machines are suspended and clocks
// are set.
const lookEvery = 5 * time.Minute

// A Job is one thing that is done every night.
type Job struct {
	Name  string      // for the log: compaction
	Code  string      // of its failure, in the log
	Quiet func() bool // says that it may begin; nil: it may at any time
	Do    func(context.Context) error
	// Last is when it was last done, before this start of the program too. With
	// it, a job whose night was missed is done by day: many machines are
	// switched off at night.
	Last func() time.Time
}

const (
	overdue  = 26 * time.Hour   // since it was last done, when a job is done by day
	settling = 30 * time.Minute // after the start, before that happens
	tryAgain = 4 * time.Hour    // between two tries by day
)

// Nightly does each job once a day, between three and four in the morning, in
// order, as soon as its Quiet says that nobody is at work. A night in which
// somebody always is, is left out; one on which something else has the ledger
// to itself (ledger.ErrBusy) is tried again. It ends with ctx. Failures go to
// the log: nobody waits for this.
func Nightly(ctx context.Context, log *slog.Logger, jobs ...Job) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	began := time.Now()
	done := make([]string, len(jobs)) // the day on which each was last tried to the end
	tried := make([]time.Time, len(jobs))
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for i, j := range jobs {
			now := time.Now()
			beijing := now.In(station.Beijing)
			day := beijing.Format(time.DateOnly)
			night := beijing.Hour() == nightHour && day != done[i]
			missed := j.Last != nil && now.Sub(began) > settling && now.Sub(tried[i]) > tryAgain && now.Sub(j.Last()).Abs() > overdue
			if ctx.Err() != nil || !night && !missed || j.Quiet != nil && !j.Quiet() {
				continue
			}
			if j.run(ctx, log) {
				done[i], tried[i] = day, now
			}
		}
	}
}

// run does a job, and reports whether that is all for tonight.
func (j Job) run(ctx context.Context, log *slog.Logger) bool {
	began := time.Now()
	err := j.Do(ctx)
	switch {
	case ctx.Err() != nil, errors.Is(err, ledger.ErrBusy):
		return false
	case err != nil:
		log.Error("nightly "+j.Name, "code", j.Code, "err", err)
	default:
		log.Info("nightly "+j.Name, "took", time.Since(began).Round(time.Millisecond))
	}
	return true
}
