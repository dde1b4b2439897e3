package outbox

import (
	"context"
	"hash/fnv"
	"time"
)

// Schedule says when Run syncs by itself.
type Schedule struct {
	// Nightly is the time after local midnight at which the window opens:
	// 2 h. Negative: no nightly run.
	Nightly time.Duration
	// Window is how long it stays open: 2 h. Every station has its own
	// moment in it, so that ten thousand do not arrive in one second.
	Window time.Duration
	// Every is the time between runs by day; 0: nightly only.
	Every time.Duration
	// Zone is the local time's; time.Local by default.
	Zone *time.Location
}

func (s Schedule) withDefaults() Schedule {
	if s.Nightly == 0 {
		s.Nightly = 2 * time.Hour
	}
	if s.Window <= 0 {
		s.Window = 2 * time.Hour
	}
	if s.Zone == nil {
		s.Zone = time.Local
	}
	return s
}

const (
	firstRetry = 5 * time.Second
	lastRetry  = 15 * time.Minute
	// startSpread is within how long a missed run is made up for after a
	// start: all stations are switched on at the same hour.
	startSpread = time.Minute
	// recheck is how often Run looks at the wall clock: timers stand still
	// while a machine sleeps, and clocks are set.
	recheck = time.Minute
)

// slot is the station's moment in the night of the day that t is in.
func (s Schedule) slot(station string, t time.Time) time.Time {
	h := fnv.New64a()
	_, _ = h.Write([]byte(station))
	y, m, d := t.In(s.Zone).Date()
	offset := s.Nightly + time.Duration(h.Sum64()%uint64(s.Window))
	return time.Date(y, m, d, 0, 0, 0, 0, s.Zone).Add(offset.Truncate(time.Second))
}

// due is when the next run is to be after one that succeeded at last. It may
// lie in the past: that run was missed. A last run in the future was dated by
// a wrong clock and does not count. Zero: never by itself.
func (s Schedule) due(station string, last, now time.Time) time.Time {
	if s.Nightly < 0 && s.Every <= 0 {
		return time.Time{}
	}
	if last.IsZero() || last.After(now) {
		return now
	}
	var next time.Time
	if s.Nightly >= 0 {
		next = s.slot(station, last)
		if !next.After(last) {
			next = s.slot(station, last.AddDate(0, 0, 1))
		}
	}
	if s.Every > 0 && (next.IsZero() || last.Add(s.Every).Before(next)) {
		next = last.Add(s.Every)
	}
	return next
}

// backOff is how long to wait after a failure: what the city asked for, or a
// random time (full jitter) up to a bound that doubles from firstRetry to
// lastRetry. What only a person can mend waits for the next regular run.
func (o *Outbox) backOff(e *Error) time.Duration {
	o.mu.Lock()
	n := o.state.Failures
	o.mu.Unlock()
	bound := lastRetry
	if n < 8 {
		bound = min(firstRetry<<max(0, n-1), lastRetry)
	}
	wait := max(e.Wait, firstRetry/5+upTo(bound, o.Rand))
	if e.Fatal {
		wait = max(wait, o.untilRegular())
	}
	return wait
}

// untilRegular is the time until a regular run, counted from now.
func (o *Outbox) untilRegular() time.Duration {
	now := o.Clock()
	if next := o.Schedule.due(o.Station, now, now); !next.IsZero() {
		return next.Sub(now)
	}
	return 24 * time.Hour
}

// Run syncs at the times of the schedule, again after failures, and at every
// Nudge, until ctx ends. A run missed while the machine was off is made up
// for soon after the start.
func (o *Outbox) Run(ctx context.Context) {
	started := o.Clock()
	spread := upTo(startSpread, o.Rand)
	for {
		now := o.Clock()
		next := o.plan(now, started.Add(spread))
		wait := recheck
		if !next.IsZero() {
			wait = min(recheck, next.Sub(now))
		}
		timer := time.NewTimer(max(0, wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			o.set(func() { o.next = time.Time{} })
			return
		case <-o.nudge:
			timer.Stop()
		case <-timer.C:
			if now = o.Clock(); next.IsZero() || now.Before(next) {
				continue
			}
		}
		_ = o.Once(ctx, nil) // kept in the state, and logged
	}
}

// plan decides when the next run is, and shows it in the status.
func (o *Outbox) plan(now, earliest time.Time) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	next := o.Schedule.due(o.Station, o.state.LastSync, now)
	if o.retry.After(now.Add(48 * time.Hour)) {
		o.retry = time.Time{} // the clock was set back
	}
	switch e := o.state.Error; {
	case next.IsZero():
	case e != nil && !o.retry.IsZero():
		next = o.retry
	case e != nil && !e.Fatal:
		next = earliest // failed before the start
	case next.Before(earliest):
		next = earliest
	}
	o.next = next
	return next
}
