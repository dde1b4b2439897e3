package inbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/wire"
)

func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// keys of the stations that newCity enrols.
var keys = map[string]ed25519.PrivateKey{"QA01": testKey(2), "QA02": testKey(3)}

// city is an inbox on a real file behind a real server.
type city struct {
	t      testing.TB
	ledger *bolt.Ledger
	in     *Inbox
	server *httptest.Server
	packer *wire.Packer
}

func newCity(t testing.TB, c Config) *city {
	t.Helper()
	w := &city{t: t}
	var err error
	if w.ledger, err = bolt.Open(filepath.Join(t.TempDir(), "city.db"), bolt.Options{Writer: "city"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.ledger.Close() })
	if w.packer, err = wire.NewPacker(); err != nil {
		t.Fatal(err)
	}
	if c.Ledger == nil {
		c.Ledger = w.ledger
	}
	c.Key, c.Name = testKey(1), "丹阳市人大"
	if w.in, err = New(c); err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(w.in)
	t.Cleanup(w.server.Close)
	for station := range keys {
		w.enrol(station)
	}
	return w
}

func (w *city) enrol(station string) {
	w.t.Helper()
	code, err := w.in.Invite(w.t.Context(), station)
	if err != nil {
		w.t.Fatal(err)
	}
	key := keys[station]
	body, err := wire.Enrolment{Station: station, Name: station, Key: key.Public().(ed25519.PublicKey), Code: code}.Body()
	if err != nil {
		w.t.Fatal(err)
	}
	if got := w.ask(call{method: "POST", path: wire.PathEnrol, body: body, station: station}); got.status != 200 {
		w.t.Fatalf("enrol: %d %s", got.status, got.body)
	}
}

// call is one request; what is left out is as it should be.
type call struct {
	method, path string
	body         []byte
	station      string
	key          ed25519.PrivateKey
	at           time.Time
	header       map[string]string // set after signing; "-" deletes
}

// got is its answer.
type got struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a signed request.
func (w *city) ask(c call) got {
	w.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), c.method, w.server.URL+c.path, bytes.NewReader(c.body))
	if err != nil {
		w.t.Fatal(err)
	}
	if c.method == http.MethodPut {
		r.Header.Set("Content-Type", wire.TypeEntries)
		r.Header.Set("Content-Encoding", wire.Zstd)
	}
	if c.key == nil {
		c.key = keys[c.station]
	}
	if c.at.IsZero() {
		c.at = w.in.Clock()
	}
	wire.SignRequest(r, c.body, c.station, c.key, c.at, "bm9uY2U")
	for name, v := range c.header {
		if r.Header.Set(name, v); v == "-" {
			r.Header.Del(name)
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return got{resp.StatusCode, resp.Header, b}
}

// refused makes sure that the request is answered with this problem.
func (w *city) refused(name string, c call, code wire.Code) wire.Problem {
	w.t.Helper()
	a := w.ask(c)
	p, err := wire.ParseProblem(a.body)
	if err != nil || p.Code != code || p.Status != a.status || a.header.Get("Content-Type") != wire.TypeProblem {
		w.t.Errorf("%s: status %d, %s, %v; want %s", name, a.status, a.body, err, code)
	}
	return p
}

// stored makes sure that the request is answered with a receipt through here.
func (w *city) stored(name string, c call, through ledger.Seq) []byte {
	w.t.Helper()
	a := w.ask(c)
	r, err := wire.OpenReceipt(a.body, testKey(1).Public().(ed25519.PublicKey))
	if err != nil || a.status != 200 || r.Through != through {
		w.t.Errorf("%s: status %d, %s, %v; want a receipt through %d", name, a.status, a.body, err, through)
	}
	return a.body
}

const streamA = ledger.Stream("QA01/A-7f3k9q")

// chain makes n entries of a stream; what differs makes another chain.
func chain(s ledger.Stream, n int, body string) []ledger.Entry {
	var prev ledger.Hash
	all := make([]ledger.Entry, n)
	for i := range all {
		e := ledger.Entry{Header: ledger.Header{Ref: ledger.Ref{Stream: s, Seq: ledger.Seq(i + 1)}, Kind: "visit",
			ID: ledger.ID(fmt.Sprintf("v%06d", i+1)), At: time.Date(2026, 11, 23, 1, 12, 0, 0, time.UTC), By: "a1", Prev: prev},
			Salt: bytes.Repeat([]byte{7}, ledger.SaltSize), Body: []byte(body)}
		e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
		prev = e.Hash()
		all[i] = e
	}
	return all
}

// batch packs entries as their station would send them.
func (w *city) batch(entries []ledger.Entry) call {
	w.t.Helper()
	b, err := w.packer.Pack(entries)
	if err != nil {
		w.t.Fatal(err)
	}
	return call{method: http.MethodPut, path: b.Path(), body: b.Body, station: b.Stream.Writer()}
}

func (w *city) wantHead(s ledger.Stream, n ledger.Seq) {
	w.t.Helper()
	if h, err := w.ledger.Head(s); err != nil || h.Seq != n {
		w.t.Errorf("the city holds %d entries of %s, %v; want %d", h.Seq, s, err, n)
	}
}

func (w *city) check() {
	w.t.Helper()
	if _, err := w.ledger.Check(w.t.Context(), func(f ledger.Fault) { w.t.Errorf("check: %s", f) }); err != nil {
		w.t.Error(err)
	}
}

// health returns what /healthz says.
func (w *city) health() (h struct {
	Status                  string
	Stations, Forks, Doubts int
}) {
	w.t.Helper()
	a := w.ask(call{method: "GET", path: wire.PathHealth, station: "QA01"})
	if err := json.Unmarshal(a.body, &h); err != nil {
		w.t.Fatal(err)
	}
	return h
}

func (w *city) metric(line string) {
	w.t.Helper()
	a := w.ask(call{method: "GET", path: wire.PathMetrics, station: "QA01"})
	if !strings.Contains(string(a.body), line+"\n") {
		w.t.Errorf("metrics without %q:\n%s", line, a.body)
	}
}
