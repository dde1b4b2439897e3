package cmd

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/sync/outbox"
)

// world is a city and its stations with real files and the real protocol. The
// line between them is a function call that loses, repeats and tears what it
// carries; every end has a clock of its own, which may be wrong.
type world struct {
	testing.TB
	dir      string
	rng      *rand.Rand
	now      time.Time // what the time really is
	city     *end
	in       *inbox.Inbox
	stations []*end
	faults   faults
}

// faults say how often in a hundred requests the line fails, and count.
type faults struct {
	loseRequest, loseAnswer, repeat int
	lost, unheard, repeated, sent   int
}

// end is one machine: the city's or a station's.
type end struct {
	w    *world
	code string
	skew time.Duration
	key  ed25519.PrivateKey
	led  *bolt.Ledger
	desk *station.Desk
	box  *outbox.Outbox // nil at the city
	line outbox.City
}

func seeded(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// newWorld makes a city and stations S001, S002 … that have joined it.
func newWorld(t testing.TB, seed uint64, stations int) *world {
	t.Helper()
	w := &world{TB: t, dir: t.TempDir(), rng: rand.New(rand.NewPCG(seed, 4)), now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	w.city = &end{w: w, code: "city", key: seeded(1)}
	w.city.start()
	for i := range stations {
		e := &end{w: w, code: fmt.Sprintf("S%03d", i+1), key: seeded(byte(2 + i))}
		code, err := w.in.Invite(context.Background(), e.code)
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(w.in)
		e.line, err = outbox.Enrol(context.Background(), outbox.Enrolment{URL: srv.URL, Code: code, Station: e.code, Name: "样板站 " + e.code, Key: e.key})
		srv.Close()
		if err != nil {
			t.Fatal(err)
		}
		e.start()
		w.stations = append(w.stations, e)
	}
	t.Cleanup(func() {
		for _, e := range w.ends() {
			_ = e.led.Close()
		}
	})
	return w
}

func (w *world) ends() []*end { return append([]*end{w.city}, w.stations...) }

func (e *end) clock() time.Time { return e.w.now.Add(e.skew) }

// start opens the machine's file and what lives on it.
func (e *end) start() {
	w := e.w
	w.Helper()
	var err error
	e.led, err = bolt.Open(filepath.Join(w.dir, e.code+".db"), bolt.Options{Writer: e.code, Indexes: station.Indexes(), Now: e.clock})
	if err != nil {
		w.Fatal(err)
	}
	erase := func(ctx context.Context, refs ...ledger.Ref) error {
		_, err := e.led.Erase(ctx, "owner", refs...)
		return err
	}
	if e.desk, err = station.Open(e.led, station.Options{Now: e.clock, Erase: erase}); err != nil {
		w.Fatal(err)
	}
	if e == w.city {
		w.in, err = inbox.New(inbox.Config{Ledger: e.desk.Ledger(), Key: e.key, Name: "丹阳市人大", Clock: e.clock, Rate: 1e6, Burst: 1e6})
	} else {
		e.box, err = outbox.New(outbox.Config{Ledger: e.desk.Ledger(), Key: e.key, Station: e.code, City: e.line, Clock: e.clock, Transport: carry(w.carry),
			Withhold: func(x ledger.Entry) bool { return station.Withheld(e.led, x) }})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// restart is a machine switched off at the wall and on again.
func (e *end) restart() {
	e.w.Helper()
	if err := e.led.Close(); err != nil {
		e.w.Fatal(err)
	}
	e.start()
}

// carry is an http.RoundTripper made of a function.
type carry func(*http.Request) (*http.Response, error)

func (f carry) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

var errCut = errors.New("the line is cut")

func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

// carry takes a request to the city, or not, once or twice, and the answer
// back, or not.
func (w *world) carry(r *http.Request) (*http.Response, error) {
	w.faults.sent++
	if w.chance(w.faults.loseRequest) {
		w.faults.lost++
		return nil, errCut
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	deliver := func() *http.Response {
		q := r.Clone(r.Context())
		q.Body, q.RemoteAddr = io.NopCloser(bytes.NewReader(body)), "127.0.0.1:1"
		rec := httptest.NewRecorder()
		w.in.ServeHTTP(rec, q)
		return rec.Result()
	}
	answer := deliver()
	if w.chance(w.faults.repeat) {
		w.faults.repeated++
		answer = deliver()
	}
	if w.chance(w.faults.loseAnswer) {
		w.faults.unheard++
		return nil, errCut
	}
	return answer, nil
}

// sync has a station try once; a cut line is no failure of the test.
func (e *end) sync() error { return e.box.Once(context.Background(), nil) }

// settle syncs every station over a line that no longer fails until nobody has
// anything new.
func (w *world) settle() {
	w.Helper()
	w.faults.loseRequest, w.faults.loseAnswer, w.faults.repeat = 0, 0, 0
	for range 2 {
		for _, e := range w.stations {
			if err := e.sync(); err != nil {
				w.Fatalf("%s: last sync: %v: %v", e.code, err, errors.Unwrap(err))
			}
		}
	}
}

// sound checks every file.
func (w *world) sound() {
	w.Helper()
	for _, e := range w.ends() {
		if _, err := e.led.Check(context.Background(), func(f ledger.Fault) { w.Errorf("%s: %s", e.code, f) }); err != nil {
			w.Errorf("%s: check: %v", e.code, err)
		}
	}
}
