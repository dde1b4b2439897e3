package outbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/sync/wire"
)

func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

var (
	cityKey    = testKey(1)
	stationKey = testKey(2)
)

// world is a station and its city, with real files and a real server.
type world struct {
	t       testing.TB
	dir     string
	station *bolt.Ledger
	city    *bolt.Ledger
	handler atomic.Pointer[inbox.Inbox]
	server  *httptest.Server
	cfg     Config
	inCfg   inbox.Config

	restored int // how often a backup was
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.station = w.open("station.db", "QA01")
	w.city = w.open("city.db", "city")
	w.serve()
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.Load().ServeHTTP(rw, r) }))
	t.Cleanup(w.server.Close)
	w.enrol()
	return w
}

// open opens a ledger that is closed at the end; one that was closed before
// may be closed again.
func (w *world) open(name, writer string) *bolt.Ledger {
	w.t.Helper()
	l, err := bolt.Open(filepath.Join(w.dir, name), bolt.Options{Writer: writer})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = l.Close() })
	return l
}

// serve starts the city's inbox on its ledger.
func (w *world) serve() {
	w.t.Helper()
	c := w.inCfg
	c.Ledger, c.Name = w.city, "丹阳市人大"
	if c.Key == nil {
		c.Key = cityKey
	}
	in, err := inbox.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.handler.Store(in)
}

// restartCity closes the city's file and opens it again, or another one.
func (w *world) restartCity(name string) {
	w.t.Helper()
	if err := w.city.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.city = w.open(name, "city")
	w.serve()
}

// copyOf writes a ledger's backup to a file of this name.
func (w *world) copyOf(l *bolt.Ledger, name string) {
	w.t.Helper()
	f, err := os.Create(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(l.Backup(w.t.Context(), f), f.Close()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enrol() {
	w.t.Helper()
	code, err := w.handler.Load().Invite(w.t.Context(), "QA01")
	if err != nil {
		w.t.Fatal(err)
	}
	city, err := Enrol(w.t.Context(), Enrolment{URL: w.server.URL, Code: code, Station: "QA01", Name: "曲阿街道代表联络站", Key: stationKey})
	if err != nil {
		w.t.Fatal(err)
	}
	w.cfg = Config{Ledger: w.station, Key: stationKey, Station: "QA01", City: city, Stall: 2 * time.Second}
}

func (w *world) outbox() *Outbox {
	w.t.Helper()
	o, err := New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// write adds n entries to the station's ledger.
func (w *world) write(n int) {
	write(w.t, w.station, n, func(ledger.Seq) string { return `{"content":"楼道灯不亮"}` })
}

func write(t testing.TB, l ledger.Ledger, n int, body func(ledger.Seq) string) {
	t.Helper()
	head, err := l.Head(l.Own())
	if err != nil {
		t.Fatal(err)
	}
	for n > 0 {
		c := ledger.Change{}
		for range min(n, 1000) {
			head.Seq++
			c.New = append(c.New, ledger.New{Kind: "visit", ID: ledger.ID(fmt.Sprintf("v%06d", head.Seq)), By: "a1", Body: []byte(body(head.Seq))})
		}
		n -= len(c.New)
		if _, err := l.Commit(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) sync(o *Outbox) {
	w.t.Helper()
	if err := o.Once(w.t.Context(), nil); err != nil {
		w.t.Fatalf("sync: %v: %v", err, errors.Unwrap(err))
	}
}

// same makes sure that the city holds the station's streams, entry for entry,
// and that both files are sound.
func (w *world) same() {
	w.t.Helper()
	heads, err := w.station.Heads()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range heads {
		there, err := w.city.Head(h.Stream)
		if err != nil {
			w.t.Fatal(err)
		}
		if there.Seq != h.Seq || there.Hash != h.Hash {
			w.t.Errorf("%s: station at %d, city at %d, or with another hash", h.Stream, h.Seq, there.Seq)
		}
	}
	for _, l := range []*bolt.Ledger{w.station, w.city} {
		if _, err := l.Check(w.t.Context(), func(f ledger.Fault) { w.t.Errorf("check: %s", f) }); err != nil {
			w.t.Error(err)
		}
	}
}

// wantStatus compares the counts that people are shown.
func (w *world) wantStatus(o *Outbox, entries, confirmed uint64) {
	w.t.Helper()
	s, err := o.Status()
	if err != nil {
		w.t.Fatal(err)
	}
	if s.Entries != entries || s.Confirmed != confirmed || s.Waiting != entries-confirmed {
		w.t.Errorf("status: %d entries, %d confirmed, %d waiting; want %d and %d", s.Entries, s.Confirmed, s.Waiting, entries, confirmed)
	}
}

// wantCode runs a sync that must fail with this code, and in both languages.
func (w *world) wantCode(o *Outbox, code wire.Code) *Error {
	w.t.Helper()
	err := o.Once(w.t.Context(), nil)
	var e *Error
	if !errors.As(err, &e) || e.Code != code {
		w.t.Fatalf("sync: error %v (%v), want code %s", err, errors.Unwrap(err), code)
	}
	if e.ZH == "" || e.EN == "" {
		w.t.Errorf("%s has no sentence", code)
	}
	s, err := o.Status()
	if err != nil || s.LastError == nil || s.LastError.Code != code {
		w.t.Errorf("status shows %+v, want %s", s.LastError, code)
	}
	return e
}

// secure serves the city over TLS 1.3 with a throw-away certificate.
func (w *world) secure() {
	w.server.Close()
	w.server = httptest.NewUnstartedServer(w.server.Config.Handler)
	w.server.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	w.server.StartTLS()
	w.t.Cleanup(w.server.Close)
	w.cfg.City.URL = w.server.URL
	w.cfg.TLS = w.server.Client().Transport.(*http.Transport).TLSClientConfig
}

// twoKB makes bodies of 2 kB that differ and compress about as text does.
func twoKB(n ledger.Seq) string {
	words := []string{"楼道", "路灯", "不亮", "垃圾", "清运", "社区", "居民", "反映", "希望", "尽快", "处理", "停车", "道路", "积水", "噪声", "扰民", "学校", "门口",
		"拥堵", "公交", "班次", "太少", "水压", "偏低", "电梯", "故障", "物业", "收费", "绿化", "修剪"}
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	var b strings.Builder
	b.WriteString(`{"content":"`)
	for b.Len() < 2040 {
		b.WriteString(words[rng.IntN(len(words))])
		if rng.IntN(6) == 0 {
			fmt.Fprintf(&b, "%d号，", rng.IntN(1000))
		}
	}
	b.WriteString(`"}`)
	return b.String()
}

// through is an http.RoundTripper made of a function.
type through func(*http.Request) (*http.Response, error)

func (f through) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

var errCut = errors.New("the line is cut")

// direct carries requests to the city without a network, so that time may be
// a test's own.
func (w *world) direct() http.RoundTripper {
	return through(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.RemoteAddr = "127.0.0.1:1"
		rec := httptest.NewRecorder()
		w.handler.Load().ServeHTTP(rec, r)
		return rec.Result(), nil
	})
}

// page is an answer of something that is not the city.
func page(status int, body string, header ...string) *http.Response {
	rec := httptest.NewRecorder()
	for i := 0; i+1 < len(header); i += 2 {
		rec.Header().Set(header[i], header[i+1])
	}
	rec.WriteHeader(status)
	_, _ = rec.WriteString(body)
	return rec.Result()
}
