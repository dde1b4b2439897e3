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
}

// Nightly does each job once a day, between three and four in the morning, in
// order, as soon as its Quiet says that nobody is at work. A night in which
// somebody always is, is left out; one on which something else has the ledger
// to itself (ledger.ErrBusy) is tried again. It ends with ctx. Failures go to
// the log: nobody waits for this.
func Nightly(ctx context.Context, log *slog.Logger, jobs ...Job) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	done := make([]string, len(jobs)) // the day on which each was last tried to the end
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for i, j := range jobs {
			now := time.Now().In(station.Beijing)
			day := now.Format(time.DateOnly)
			if ctx.Err() != nil || now.Hour() != nightHour || day == done[i] || j.Quiet != nil && !j.Quiet() {
				continue
			}
			if j.run(ctx, log) {
				done[i] = day
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
