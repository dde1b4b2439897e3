package outbox

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"liaison/sync/wire"
)

// counting has the world's requests carried without a network, counts runs,
// and lets a test answer in the city's place.
type counting struct {
	w      *world
	mu     sync.Mutex
	times  []time.Time
	answer func() *http.Response
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	if r.URL.Path == wire.PathStreams {
		c.times = append(c.times, time.Now())
	}
	answer := c.answer
	c.mu.Unlock()
	if answer != nil {
		return answer(), nil
	}
	return c.w.direct().RoundTrip(r)
}

// runs returns when each run so far asked the city.
func (c *counting) runs() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.times)
}

// answers sets what is answered in the city's place; nil is the city.
func (c *counting) answers(fn func() *http.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = fn
}

// inTime runs a scenario in a bubble of time that begins at midnight of the
// first of January 2000, UTC, with the loop running. The seed is a first sync.
func inTime(t *testing.T, s Schedule, seed bool, fn func(w *world, o *Outbox, c *counting)) {
	w := newWorld(t)
	c := &counting{w: w}
	w.cfg.Transport = c
	s.Zone = time.UTC
	w.cfg.Schedule = s
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		o := w.outbox()
		if seed {
			w.sync(o)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); o.Run(ctx) }()
		fn(w, o, c)
		cancel()
		<-done
	})
}

// after lets time pass, and then everything that is due come to rest.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// TestNightlyRun: once a night, within the window, at the station's moment.
func TestNightlyRun(t *testing.T) {
	inTime(t, Schedule{}, true, func(w *world, o *Outbox, c *counting) {
		after(10 * 24 * time.Hour)
		if len(c.runs()) != 11 {
			t.Fatalf("%d runs in ten nights and a first one", len(c.runs()))
		}
		for _, at := range c.runs()[1:] {
			if at.Hour() < 2 || at.Hour() > 3 {
				t.Errorf("ran at %v", at)
			}
			if at.Sub(c.runs()[1])%(24*time.Hour) > time.Minute {
				t.Errorf("ran at %v, the first night at %v", at, c.runs()[1])
			}
		}
		s, err := o.Status()
		if err != nil || time.Until(s.Next) > 24*time.Hour || !s.Next.After(time.Now()) {
			t.Errorf("next %v, %v", s.Next, err)
		}
	})
}

// TestMissedNightlyRun: the machine is switched off at night, as kiosks are.
// The run is made up for within a minute of the next start, and only once.
func TestMissedNightlyRun(t *testing.T) {
	w := newWorld(t)
	c := &counting{w: w}
	w.cfg.Transport, w.cfg.Schedule = c, Schedule{Zone: time.UTC}
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.sync(w.outbox())
		w.write(3)
		after(32 * time.Hour) // switched off; it is eight in the morning
		o := w.outbox()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); o.Run(ctx) }()
		after(startSpread + time.Second)
		if len(c.runs()) != 2 {
			t.Errorf("%d runs a minute after the start, want the first and this one", len(c.runs()))
		}
		w.wantStatus(o, 3, 3)
		after(12 * time.Hour)
		if len(c.runs()) != 2 {
			t.Errorf("%d runs by the evening", len(c.runs()))
		}
		cancel()
		<-done
	})
}

// TestFirstRunComesSoon: a station that has never synced does not wait for
// the night.
func TestFirstRunComesSoon(t *testing.T) {
	inTime(t, Schedule{}, false, func(_ *world, _ *Outbox, c *counting) {
		after(startSpread + time.Second)
		if len(c.runs()) != 1 {
			t.Errorf("%d runs", len(c.runs()))
		}
	})
}

// TestEveryFewMinutes: by day too, where a city wishes it.
func TestEveryFewMinutes(t *testing.T) {
	inTime(t, Schedule{Every: 10 * time.Minute}, true, func(_ *world, _ *Outbox, c *counting) {
		after(time.Hour + time.Minute)
		if n := len(c.runs()) - 1; n < 5 || n > 6 {
			t.Errorf("%d runs in an hour", n)
		}
	})
}

// TestNeverByItself: where neither is wished, only a nudge counts.
func TestNeverByItself(t *testing.T) {
	inTime(t, Schedule{Nightly: -1}, false, func(_ *world, o *Outbox, c *counting) {
		after(48 * time.Hour)
		if len(c.runs()) != 0 {
			t.Errorf("%d runs", len(c.runs()))
		}
		o.Nudge()
		synctest.Wait()
		if len(c.runs()) != 1 {
			t.Errorf("%d runs after a nudge", len(c.runs()))
		}
	})
}

// TestBackOffWhileTheCityIsDown: tries spread out to a quarter of an hour and
// stop when it is back.
func TestBackOffWhileTheCityIsDown(t *testing.T) {
	inTime(t, Schedule{}, true, func(w *world, o *Outbox, c *counting) {
		w.write(2)
		c.answers(func() *http.Response { return page(502, "bad gateway") })
		before := len(c.runs())
		o.Nudge()
		after(24 * time.Hour)
		tries := c.runs()[before:]
		if n := len(tries); n < 24*4 || n > 24*4*4 {
			t.Errorf("%d tries in a day", n)
		}
		for i := 1; i < len(tries); i++ {
			if gap := tries[i].Sub(tries[i-1]); gap > lastRetry+2*recheck {
				t.Errorf("%v between tries", gap)
			}
		}
		w.wantStatus(o, 2, 0)
		c.answers(nil)
		after(lastRetry + 2*recheck)
		w.wantStatus(o, 2, 2)
		n := len(c.runs())
		after(time.Hour)
		if more := len(c.runs()) - n; more > 1 {
			t.Errorf("%d more tries after one succeeded", more)
		}
	})
}

// TestRetryAfterIsObeyed: the city says when to come back.
func TestRetryAfterIsObeyed(t *testing.T) {
	inTime(t, Schedule{}, true, func(w *world, o *Outbox, c *counting) {
		w.write(2)
		c.answers(func() *http.Response {
			c.answers(nil)
			return page(503, `{"type":"urn:liaison:problem:busy","title":"x","status":503,"detail":"x","code":"busy"}`,
				"Content-Type", wire.TypeProblem, "Retry-After", "3600")
		})
		o.Nudge()
		after(59 * time.Minute)
		w.wantStatus(o, 2, 0)
		if s, err := o.Status(); err != nil || s.LastError == nil || s.LastError.Code != wire.Busy {
			t.Errorf("status %+v, %v", s, err)
		}
		after(2 * time.Minute)
		w.wantStatus(o, 2, 2)
	})
}

// TestFatalRefusalStopsTheRun: a station whose key was replaced does not knock
// all day; it says why, and tries again at the next regular time.
func TestFatalRefusalStopsTheRun(t *testing.T) {
	w := newWorld(t)
	c := &counting{w: w}
	code, err := w.handler.Load().Invite(t.Context(), "QA01")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Enrol(t.Context(), Enrolment{URL: w.server.URL, Code: code, Station: "QA01", Key: testKey(7)}); err != nil {
		t.Fatal(err)
	}
	w.cfg.Transport, w.cfg.Schedule = c, Schedule{Zone: time.UTC}
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		o := w.outbox()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); o.Run(ctx) }()
		after(90 * time.Minute)
		if len(c.runs()) != 1 {
			t.Errorf("%d tries before the night", len(c.runs()))
		}
		s, err := o.Status()
		if err != nil || s.LastError == nil || s.LastError.Code != wire.BadSignature || !s.LastError.Fatal {
			t.Errorf("status %+v, %v", s.LastError, err)
		}
		after(24 * time.Hour)
		if len(c.runs()) < 2 || len(c.runs()) > 3 {
			t.Errorf("%d tries after the night", len(c.runs()))
		}
		cancel()
		<-done
	})
}

// TestStationsAreSpreadOverTheWindow: ten thousand do not arrive in one
// second.
func TestStationsAreSpreadOverTheWindow(t *testing.T) {
	s := Schedule{Zone: time.UTC}.withDefaults()
	day := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	perMinute := map[int]int{}
	for i := range 10_000 {
		at := s.slot(stationName(i), day)
		if at.Hour() < 2 || at.Hour() > 3 || at.Day() != 23 {
			t.Fatalf("slot %v", at)
		}
		perMinute[at.Hour()*60+at.Minute()]++
	}
	for minute, n := range perMinute {
		if n > 150 { // 83 on average
			t.Errorf("%d stations in minute %d", n, minute)
		}
	}
}

func stationName(i int) string {
	return string([]byte{'Q', byte('A' + i/1000), byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)})
}

// TestWrongClockDoesNotStopTheNight: a last run dated in the future was dated
// by a wrong clock; the station does not wait until then.
func TestWrongClockDoesNotStopTheNight(t *testing.T) {
	s := Schedule{Zone: time.UTC}.withDefaults()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if next := s.due("QA01", now.AddDate(1, 0, 0), now); next.After(now) {
		t.Errorf("next run %v", next)
	}
}
