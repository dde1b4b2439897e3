package upkeep

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

// nightHour is the hour of the day, in Beijing, when the ledger is compacted.
const nightHour = 3

// lookEvery is how often Nightly looks whether it is time. It looks at the
// clock rather than sleep until the hour: machines are suspended and clocks
// are set.
const lookEvery = 5 * time.Minute

// Nightly has the ledger compacted once a day, between three and four in the
// morning, when quiet says that nobody is at work. A night in which somebody
// always is, is left out; one on which a backup is under way is tried again.
// It ends with ctx. Failures go to the log: nobody waits for this.
func Nightly(ctx context.Context, log *slog.Logger, quiet func() bool, compact func(context.Context) error) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	done := "" // the day on which it was last tried to the end
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now().In(station.Beijing)
		day := now.Format(time.DateOnly)
		if now.Hour() != nightHour || day == done || !quiet() {
			continue
		}
		err := compact(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, ledger.ErrBusy):
			continue
		case err != nil:
			log.Error("nightly compaction", "code", "L-COMPACT", "err", err)
		default:
			log.Info("nightly compaction", "took", time.Since(now).Round(time.Millisecond))
		}
		done = day
	}
}
