package inbox

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/sync/wire"
)

// TestStrangersAreTurnedAwayAndStationsAreNot: a source that goes on asking
// without a signature that counts is told to wait, in a few lines of the log. A
// station behind the same address is served as before, and told the city's time
// when its clock is wrong.
func TestStrangersAreTurnedAwayAndStationsAreNot(t *testing.T) {
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	var log logbook
	w := newCity(t, Config{Clock: clock, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	get := call{method: http.MethodGet, path: wire.PathStreams, station: "QA01"}
	forged, unknown, lost := get, get, get
	forged.key = testKey(9)
	unknown.station, unknown.key = "QA99", testKey(9)
	lost.path = "/admin%1b%5d52;c;x%07%0acode=C-FORGED"
	for i := range 3 * strangerBurst {
		c, want := forged, wire.BadSignature
		switch i % 3 {
		case 1:
			c, want = unknown, wire.Stranger
		case 2:
			c, want = lost, wire.NoSuch
		}
		if i >= strangerBurst {
			want = wire.TooMany
		}
		w.refused("a stranger", c, want)
	}
	if a := w.ask(call{method: http.MethodGet, path: wire.PathHealth, station: "QA01"}); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "1" {
		t.Errorf("health: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	if a := w.ask(get); a.status != http.StatusOK {
		t.Errorf("the station: %d", a.status)
	}
	wrong := get
	wrong.at = now.AddDate(-1, 0, 0)
	if p := w.refused("a wrong clock", wrong, wire.ClockOff); p.Time.IsZero() {
		t.Error("it is not told the time")
	}
	w.stored("a batch", w.batch(chain(streamA, 3, `{}`)), 3)
	if n := strings.Count(log.String(), "\n"); n > strangerBurst+20 || !strings.Contains(log.String(), "code=C-FLOOD") {
		t.Errorf("%d lines in the log", n)
	}
	if strings.Contains(log.String(), "\x1b") || strings.Contains(log.String(), "\ncode=C-FORGED") {
		t.Errorf("a path writes into the log as it likes: %q", log.String())
	}
	mu.Lock()
	now = now.Add(time.Minute)
	mu.Unlock()
	w.refused("after a while", forged, wire.BadSignature)
}

// TestOneStationCannotTakeAllReaders: slow bodies of one station leave room for
// the others.
func TestOneStationCannotTakeAllReaders(t *testing.T) {
	w := newCity(t, Config{Readers: maxBodies + 1, Patience: 50 * time.Millisecond})
	m := w.in.member("QA01")
	for range maxBodies { // as if so many were on the line
		<-m.bodies
		<-w.in.readers
	}
	w.refused("one more of the same", w.batch(chain(streamA, 1, `{}`)), wire.Busy)
	w.stored("another station", w.batch(chain("QA02/A-b", 1, `{}`)), 1)
	for range maxBodies {
		m.bodies <- struct{}{}
		w.in.readers <- struct{}{}
	}
	w.stored("afterwards", w.batch(chain(streamA, 1, `{}`)), 1)
}

// TestGuessingAStationsCodeFromManyPlaces: the count by station holds where
// every guess comes from another address.
func TestGuessingAStationsCodeFromManyPlaces(t *testing.T) {
	now := time.Now()
	w := newCity(t, Config{Clock: func() time.Time { return now }})
	tried := w.in.tried("QA07")
	looked := 0
	for range 24 * 60 * 6 { // a day, six a minute
		for tried.empty(now) == 0 {
			tried.take(now)
			looked++
		}
		now = now.Add(10 * time.Second)
	}
	t.Logf("a day of guessing one station's code from everywhere: %d of 2^75 are looked at", looked)
	if looked > 24*60*6+20 {
		t.Errorf("%d were looked at", looked)
	}
	if tried := w.in.tried("QA08"); tried.empty(now) > 0 {
		t.Error("another station's code is not looked at")
	}
}

// logbook is a log that a test can read.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logbook) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
