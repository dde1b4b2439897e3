package upkeep

import (
	"context"
	"time"

	"liaison/station/ledger"
)

// A jump of the clock is what the audit log is told of: order in a ledger is
// the sequence and is unharmed by it, but whoever reads times must know.
const (
	clockLook = time.Minute
	clockJump = 2 * time.Minute
)

// WatchClock compares the clock on the wall with the one that only counts, and
// tells by how much the first has jumped. It ends with ctx. A machine that was
// suspended has jumped, too: both clocks of such a machine disagree.
func WatchClock(ctx context.Context, jumped func(by time.Duration)) {
	watchClock(ctx, time.Now, jumped)
}

// watchClock takes the clock, for tests.
func watchClock(ctx context.Context, now func() time.Time, jumped func(by time.Duration)) {
	tick := time.NewTicker(clockLook)
	defer tick.Stop()
	wall, counted := now().Round(0), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		w, c := now().Round(0), time.Now()
		if by := w.Sub(wall) - c.Sub(counted); by.Abs() > clockJump {
			jumped(by)
		}
		wall, counted = w, c
	}
}

// ClockBehind is by how much the clock is behind the newest entry that the
// ledger itself wrote; 0 where it is not. A flat battery shows at the start.
func ClockBehind(l ledger.Ledger, now time.Time) (time.Duration, error) {
	heads, err := l.Heads()
	if err != nil {
		return 0, err
	}
	var behind time.Duration
	for _, h := range heads {
		if h.Stream.Writer() != l.Own().Writer() || h.Seq == 0 {
			continue
		}
		e, err := l.Entry(ledger.Ref{Stream: h.Stream, Seq: h.Seq})
		if err != nil {
			return 0, err
		}
		if d := e.At.Sub(now); d > clockJump {
			behind = max(behind, d)
		}
	}
	return behind, nil
}
