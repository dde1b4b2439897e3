package outbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/sync/wire"
)

// What the line does to one request.
const (
	passes = iota
	losesRequest
	losesAnswer
	doubles
	comesLate // after the requests that follow
	fates
)

// machine is a station, a city and a line between them, of which rapid chooses
// every step and every fate of a request.
type machine struct {
	t       *rapid.T
	dir     string
	station *bolt.Ledger
	city    *bolt.Ledger
	in      *inbox.Inbox
	other   http.Handler // in the city's place; for controls
	cfg     Config
	now     time.Time
	ids     int
	fates   []int           // of the requests to come; then they pass
	late    []*http.Request // on their way
	up      [][]byte        // sticks that were written at the station
	down    [][]byte        // and at the city
	must    map[ledger.ID]bool
	copies  map[string]bool
	sends   int
	cuts    int
}

func newMachine(t *rapid.T, dir string) *machine {
	m := &machine{t: t, dir: dir, now: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC), must: map[ledger.ID]bool{}, copies: map[string]bool{}}
	m.open(&m.station, "station.db", "QA01")
	m.openCity()
	code, err := m.in.Invite(context.Background(), "QA01")
	m.ok(err)
	city, err := Enrol(context.Background(), Enrolment{URL: "http://127.0.0.1:1", Code: code, Station: "QA01", Name: "样板站", Key: stationKey, Transport: through(m.deliver), Clock: m.clock})
	m.ok(err)
	m.cfg = Config{Ledger: m.station, Key: stationKey, Station: "QA01", City: city, Clock: m.clock, Transport: through(m.carry), Stall: time.Second}
	return m
}

func (m *machine) clock() time.Time { return m.now }

func (m *machine) ok(err error) {
	if err != nil {
		m.t.Fatalf("%v", err)
	}
}

func (m *machine) open(l **bolt.Ledger, name, writer string) {
	var err error
	*l, err = bolt.Open(filepath.Join(m.dir, name), bolt.Options{Writer: writer, Now: m.clock})
	m.ok(err)
}

func (m *machine) openCity() {
	m.open(&m.city, "city.db", "city")
	var err error
	m.in, err = inbox.New(inbox.Config{Ledger: m.city, Key: cityKey, Name: "丹阳市人大", Clock: m.clock, Rate: 1e6, Burst: 1e6})
	m.ok(err)
}

func (m *machine) close() {
	_ = m.station.Close()
	_ = m.city.Close()
}

// deliver brings one request to the city.
func (m *machine) deliver(r *http.Request) (*http.Response, error) {
	q := r.Clone(context.Background())
	q.RemoteAddr = "127.0.0.1:1"
	rec := httptest.NewRecorder()
	if m.other != nil {
		m.other.ServeHTTP(rec, q)
	} else {
		m.in.ServeHTTP(rec, q)
	}
	return rec.Result(), nil
}

// carry lets the next fate happen to a request.
func (m *machine) carry(r *http.Request) (*http.Response, error) {
	m.sends++
	fate := passes
	if len(m.fates) > 0 {
		fate, m.fates = m.fates[0], m.fates[1:]
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	copied := func() *http.Request {
		q := r.Clone(context.Background())
		q.Body = io.NopCloser(bytes.NewReader(body))
		return q
	}
	if fate != passes {
		m.cuts++
	}
	switch fate {
	case losesRequest:
		return nil, errCut
	case losesAnswer:
		_, _ = m.deliver(copied())
		return nil, errCut
	case doubles:
		_, _ = m.deliver(copied())
	case comesLate:
		m.late = append(m.late, copied())
		return nil, errCut
	}
	answer, err := m.deliver(copied())
	for _, q := range m.late { // what was on its way arrives now, behind a later one
		_, _ = m.deliver(q)
	}
	m.late = nil
	return answer, err
}

// actions are what rapid chooses from.
func (m *machine) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"station writes":              func(t *rapid.T) { m.write(m.station, m.station.Own(), rapid.IntRange(1, 4).Draw(t, "entries")) },
		"city writes for all":         func(t *rapid.T) { m.write(m.city, m.city.Own(), 1) },
		"city writes for the station": func(t *rapid.T) { m.write(m.city, m.city.Own().For("QA01"), 1) },
		"sync over a bad line": func(t *rapid.T) {
			m.t = t
			m.fates = rapid.SliceOfN(rapid.IntRange(passes, fates-1), 0, 6).Draw(t, "fates")
			_ = m.sync()
			m.fates = nil
		},
		"sync once more": func(t *rapid.T) { m.t = t; _ = m.sync() },
		"time passes": func(t *rapid.T) {
			m.now = m.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "minutes")) * time.Minute)
		},
		"station restarts": func(*rapid.T) {
			m.ok(m.station.Close())
			m.open(&m.station, "station.db", "QA01")
			m.cfg.Ledger = m.station
		},
		"city restarts":        func(*rapid.T) { m.ok(m.city.Close()); m.openCity() },
		"station is backed up": func(*rapid.T) { m.backup(m.station, "station.copy") },
		"city is backed up":    func(*rapid.T) { m.backup(m.city, "city.copy") },
		"station goes back to its backup": func(t *rapid.T) {
			m.restore(t, &m.station, "station")
			m.cfg.Ledger = m.station
		},
		"city goes back to its backup": func(t *rapid.T) { m.restore(t, &m.city, "city"); m.ok(m.city.Close()); m.openCity() },
		"a stick is written at the station": func(t *rapid.T) {
			m.up = append(m.up, m.written(func(w io.Writer) error {
				o, err := New(m.cfg)
				m.ok(err)
				_, err = o.Bundle(context.Background(), w, rapid.Bool().Draw(t, "all"))
				return err
			}))
		},
		"a stick is written at the city": func(t *rapid.T) {
			m.down = append(m.down, m.written(func(w io.Writer) error {
				_, err := m.in.Bundle(context.Background(), "QA01", w, rapid.Bool().Draw(t, "all"))
				return err
			}))
		},
		"a stick arrives at the city": func(t *rapid.T) {
			_, err := m.in.Accept(context.Background(), bytes.NewReader(drawStick(t, m.up)))
			if p, ok := errors.AsType[wire.Problem](err); err != nil && (!ok || p.Code != wire.Gap) {
				t.Fatalf("the city takes in a stick: %v", err)
			}
		},
		"a stick arrives at the station": func(t *rapid.T) {
			o, err := New(m.cfg)
			m.ok(err)
			_, err = o.Accept(context.Background(), bytes.NewReader(drawStick(t, m.down)))
			if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Code != "bundle-gap") {
				t.Fatalf("the station takes in a stick: %v: %v", err, errors.Unwrap(err))
			}
		},
		"": func(*rapid.T) { m.honest() },
	}
}

func (m *machine) written(write func(io.Writer) error) []byte {
	var b bytes.Buffer
	m.ok(write(&b))
	return b.Bytes()
}

// drawStick is any that was ever written: sticks are lost, doubled and late.
func drawStick(t *rapid.T, sticks [][]byte) []byte {
	if len(sticks) == 0 {
		t.Skip("no stick yet")
	}
	return sticks[len(sticks)-1-rapid.IntRange(0, len(sticks)-1).Draw(t, "stick, counted from the last")]
}

func (m *machine) write(l *bolt.Ledger, s ledger.Stream, n int) {
	var c ledger.Change
	for range n {
		m.ids++
		id := ledger.ID(fmt.Sprintf("r%06d", m.ids))
		m.must[id] = true
		c.New = append(c.New, ledger.New{Stream: s, Kind: "visit", ID: id, By: "a1", Body: []byte(`{"content":"路灯不亮"}`)})
	}
	_, err := l.Commit(context.Background(), c)
	m.ok(err)
}

func (m *machine) sync() error {
	o, err := New(m.cfg)
	m.ok(err)
	return o.Once(context.Background(), nil)
}

func (m *machine) backup(l *bolt.Ledger, name string) {
	f, err := os.Create(filepath.Join(m.dir, name))
	m.ok(err)
	m.ok(errors.Join(l.Backup(context.Background(), f), f.Close()))
	m.copies[name] = true
}

// restore puts a backup in a file's place: what neither end holds any more is
// lost by that, and nothing else may be.
func (m *machine) restore(t *rapid.T, l **bolt.Ledger, name string) {
	if !m.copies[name+".copy"] {
		t.Skip("no backup yet")
	}
	path := filepath.Join(m.dir, name+".db")
	m.ok((*l).Close())
	_, err := bolt.Restore(context.Background(), path[:len(path)-3]+".copy", path, bolt.RestoreOptions{Replace: true, Options: bolt.Options{Now: m.clock}})
	m.ok(err)
	m.now = m.now.Add(time.Second) // what is set aside has the second in its name
	m.open(l, name+".db", "")
	kept := map[ledger.ID]bool{}
	for _, x := range []*bolt.Ledger{m.station, m.city} {
		for id := range recorded(m, x) {
			kept[id] = m.must[id]
		}
	}
	m.must = kept
}

// recorded counts in how many entries each record was written.
func recorded(m *machine, l *bolt.Ledger) map[ledger.ID]int {
	out := map[ledger.ID]int{}
	heads, err := l.Heads()
	m.ok(err)
	for _, h := range heads {
		es, err := l.Since(h.Stream, 0, 1<<20)
		m.ok(err)
		for i, e := range es {
			if e.Seq != ledger.Seq(i+1) {
				m.t.Fatalf("a hole in %s before %d", h.Stream, e.Seq)
			}
			if e.Kind == "visit" {
				out[e.ID]++
			}
		}
	}
	return out
}

// honest: at no moment is anything there twice, is there a hole, does one
// number have two contents, or does a receipt speak of what was never there.
func (m *machine) honest() {
	for _, l := range []*bolt.Ledger{m.station, m.city} {
		for id, n := range recorded(m, l) {
			if n > 1 {
				m.t.Fatalf("%s is there %d times", id, n)
			}
		}
	}
	heads, err := m.station.Heads()
	m.ok(err)
	for _, h := range heads {
		there, err := m.city.Head(h.Stream)
		m.ok(err)
		for _, at := range []ledger.Seq{min(h.Seq, there.Seq), 1} {
			if at == 0 || at > min(h.Seq, there.Seq) {
				continue
			}
			a, err1 := m.station.Entry(ledger.Ref{Stream: h.Stream, Seq: at})
			b, err2 := m.city.Entry(ledger.Ref{Stream: h.Stream, Seq: at})
			m.ok(errors.Join(err1, err2))
			if a.Hash() != b.Hash() {
				m.t.Fatalf("%s#%d has two contents", h.Stream, at)
			}
		}
		if h.Confirmed > h.Seq {
			m.t.Fatalf("%s: a receipt through %d, and %d entries", h.Stream, h.Confirmed, h.Seq)
		}
	}
}

// delivered: over a line that works everything arrives, at both ends, once.
func (m *machine) delivered() {
	m.fates, m.late = nil, nil
	for range 2 {
		if err := m.sync(); err != nil {
			m.t.Fatalf("the last sync: %v: %v", err, errors.Unwrap(err))
		}
	}
	m.honest()
	here, there := recorded(m, m.station), recorded(m, m.city)
	for id := range m.must {
		if here[id] != 1 || there[id] != 1 {
			m.t.Fatalf("%s: %d times at the station, %d at the city", id, here[id], there[id])
		}
	}
	for _, l := range []*bolt.Ledger{m.station, m.city} {
		_, err := l.Check(context.Background(), func(f ledger.Fault) { m.t.Errorf("%s", f) })
		m.ok(err)
	}
}

// inMemory is a folder for files of which nobody asks that they survive: what
// is tried here is the order of things, not the disk.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "liaison-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// TestTheProtocolAsAStateMachine: whatever order of writing, cutting, doubling,
// restarting, backing up, going back and carrying sticks rapid thinks of, each
// entry arrives once. -rapid.checks raises the number of runs.
func TestTheProtocolAsAStateMachine(t *testing.T) {
	root := inMemory(t)
	runs, steps, sends, cuts := 0, 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			rt.Fatal(err)
		}
		m := newMachine(rt, dir)
		defer func() { m.close(); _ = os.RemoveAll(dir) }()
		actions := m.actions()
		check := actions[""]
		actions[""] = func(t *rapid.T) { m.t = t; steps++; check(t) }
		rt.Repeat(actions)
		m.t = rt
		m.delivered()
		runs, sends, cuts = runs+1, sends+m.sends, cuts+m.cuts
	})
	t.Logf("%d runs of %d steps: %d requests, %d of them lost, doubled or late; doubled 0, holes 0, lost 0", runs, steps, sends, cuts)
}

// naive is a city that applies every batch it gets.
type naive struct {
	applied map[ledger.ID]int
	heads   map[ledger.Stream]wire.Head
	unpack  *wire.Unpacker
}

func (n *naive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sig, err := wire.ReadSignature(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.Method == http.MethodGet {
		l := wire.Listing{Station: sig.Station, Nonce: sig.Nonce, At: time.Now(), Writes: "city/A-1"}
		for _, h := range n.heads {
			l.Heads = append(l.Heads, h)
		}
		raw, _ := l.Sign(cityKey)
		_, _ = w.Write(raw)
		return
	}
	stream, entriesOf, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, wire.PathStreams+"/"), "/entries/")
	b := wire.Batch{Stream: ledger.Stream(stream)}
	b.First, b.Last, _ = wire.ParseRange(entriesOf)
	b.Body, _ = io.ReadAll(r.Body)
	entries, err := n.unpack.Unpack(b)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, e := range entries {
		n.applied[e.ID]++ // here it should have looked how far it is
	}
	last := entries[len(entries)-1]
	if n.heads[b.Stream].Seq < last.Seq {
		n.heads[b.Stream] = wire.Head{Stream: b.Stream, Seq: last.Seq, Hash: last.Hash()}
	}
	raw, _ := wire.Receipt{Stream: b.Stream, Through: last.Seq, Head: last.Hash(), At: time.Now()}.Sign(cityKey)
	w.Header().Set("Content-Type", wire.TypeJSON)
	_, _ = w.Write(raw)
}

// quietTB is a test whose failure is what is wanted.
type quietTB struct {
	testing.TB
	failed bool
}

func (q *quietTB) Errorf(string, ...any) { q.failed = true }
func (q *quietTB) Error(...any)          { q.failed = true }
func (q *quietTB) Fatalf(string, ...any) { q.failed = true }
func (q *quietTB) Fatal(...any)          { q.failed = true }
func (q *quietTB) FailNow()              { q.failed = true }
func (q *quietTB) Fail()                 { q.failed = true }
func (q *quietTB) Failed() bool          { return q.failed }
func (q *quietTB) Logf(string, ...any)   {}
func (q *quietTB) Log(...any)            {}

// TestControlACityWithoutDedupIsFound: the same machine, against a city that
// does not look how far it is, must fail.
func TestControlACityWithoutDedupIsFound(t *testing.T) {
	q, root := &quietTB{TB: t}, inMemory(t)
	rapid.Check(q, func(rt *rapid.T) {
		u, err := wire.NewUnpacker()
		if err != nil {
			rt.Fatal(err)
		}
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			rt.Fatal(err)
		}
		n := &naive{applied: map[ledger.ID]int{}, heads: map[ledger.Stream]wire.Head{}, unpack: u}
		m := &machine{t: rt, dir: dir, now: time.Now(), must: map[ledger.ID]bool{}}
		m.open(&m.station, "station.db", "QA01")
		defer m.station.Close()
		m.other = n
		m.cfg = Config{Ledger: m.station, Key: stationKey, Station: "QA01", Transport: through(m.carry),
			City: City{URL: "http://127.0.0.1:1", Key: cityKey.Public().(ed25519.PublicKey)}}
		all := m.actions()
		rt.Repeat(map[string]func(*rapid.T){
			"station writes":       all["station writes"],
			"sync over a bad line": all["sync over a bad line"],
			"": func(t *rapid.T) {
				for id, times := range n.applied {
					if times > 1 {
						t.Fatalf("%s took effect %d times", id, times)
					}
				}
			},
		})
	})
	if !q.failed {
		t.Error("a city that applies every batch it gets passed")
	}
}
