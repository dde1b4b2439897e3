package inbox

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

type ed = ed25519.PublicKey

// TestStationsSeeOnlyWhatConcernsThem: own streams, and the city's for all or
// for them.
func TestStationsSeeOnlyWhatConcernsThem(t *testing.T) {
	w := newCity(t, Config{})
	w.stored("own", w.batch(chain(streamA, 3, `{}`)), 3)
	w.stored("other", w.batch(chain("QA02/A-b", 3, `{}`)), 3)
	own := w.ledger.Own()
	var c ledger.Change
	for _, s := range []ledger.Stream{own, own.For("QA01"), own.For("QA02")} {
		c.New = append(c.New, ledger.New{Stream: s, Kind: "notice", ID: ledger.ID("n" + s.Reader()), By: "city", Body: []byte(`{}`)})
	}
	if _, err := w.ledger.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	a := w.ask(call{method: "GET", path: wire.PathStreams, station: "QA01"})
	l, err := wire.OpenListing(a.body, w.in.Key.Public().(ed))
	if err != nil || len(l.Heads) != 3 || l.Nonce != "bm9uY2U" || l.Station != "QA01" {
		t.Errorf("listing %s, %v", a.body, err)
	}
	for s, ok := range map[ledger.Stream]bool{streamA: true, own: true, own.For("QA01"): true, "QA02/A-b": false, own.For("QA02"): false, "QA02/A-7f3k9q/audit": false} {
		for _, path := range []string{wire.PathHead(s), wire.PathAfter(s, 0)} {
			c := call{method: "GET", path: path, station: "QA01"}
			if !ok {
				w.refused(path, c, wire.NotYours)
			} else if a := w.ask(c); a.status != 200 {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
	}
}

// TestEntriesComeBackSigned: what is fetched is a batch with a receipt for its
// end, in as many batches as need be.
func TestEntriesComeBackSigned(t *testing.T) {
	w := newCity(t, Config{})
	e := chain(streamA, 600, `{"a":1}`)
	w.stored("first", w.batch(e[:400]), 400)
	w.stored("second", w.batch(e[400:]), 600)
	u, err := wire.NewUnpacker()
	if err != nil {
		t.Fatal(err)
	}
	for after, last := range map[ledger.Seq]ledger.Seq{0: 500, 500: 600, 599: 600} {
		a := w.ask(call{method: "GET", path: wire.PathAfter(streamA, after), station: "QA01"})
		b := wire.Batch{Stream: streamA, Body: a.body}
		if b.First, b.Last, err = wire.ParseRange(a.header.Get(wire.HeaderEntries)); err != nil || b.First != after+1 || b.Last != last {
			t.Fatalf("after %d: %v, %v", after, a.header, err)
		}
		list, err := u.Unpack(b)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(a.header.Get(wire.HeaderReceipt))
		if err != nil {
			t.Fatal(err)
		}
		r, err := wire.OpenReceipt(raw, w.in.Key.Public().(ed))
		if err != nil || r.Through != last || r.Head != list[len(list)-1].Hash() {
			t.Errorf("after %d: receipt %+v, %v", after, r, err)
		}
	}
	if a := w.ask(call{method: "GET", path: wire.PathAfter(streamA, 600), station: "QA01"}); a.status != http.StatusNoContent {
		t.Errorf("after the last: %d", a.status)
	}
	for _, q := range []string{"", "?after=", "?after=-1", "?after=x", "?after=01"} {
		w.refused(q, call{method: "GET", path: "/v1/streams/" + string(streamA) + "/entries" + q, station: "QA01"}, wire.Malformed)
	}
}

// TestHead: of a stream that the city does not hold, a signed nothing.
func TestHead(t *testing.T) {
	w := newCity(t, Config{})
	w.stored("head of nothing", call{method: "GET", path: wire.PathHead(streamA), station: "QA01"}, 0)
	first := w.stored("batch", w.batch(chain(streamA, 7, `{}`)), 7)
	if head := w.stored("head", call{method: "GET", path: wire.PathHead(streamA), station: "QA01"}, 7); !bytes.Equal(head, first) {
		t.Error("the head is another receipt than the one given")
	}
}

// TestPlainHTTPFromElsewhere is refused before anything is looked at.
func TestPlainHTTPFromElsewhere(t *testing.T) {
	w := newCity(t, Config{})
	for _, path := range []string{wire.PathStreams, wire.PathEnrol, "/"} {
		r := httptest.NewRequest("GET", "http://city.example"+path, nil)
		r.RemoteAddr = "192.0.2.1:1000"
		rec := httptest.NewRecorder()
		w.in.ServeHTTP(rec, r)
		if p, err := wire.ParseProblem(rec.Body.Bytes()); err != nil || p.Code != wire.NeedTLS {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}

// TestStationsList: name, since when, last seen, clock, invitations; kept over
// a restart.
func TestStationsList(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	w := newCity(t, Config{Clock: func() time.Time { return now }})
	if _, err := w.in.Invite(t.Context(), "QA03"); err != nil {
		t.Fatal(err)
	}
	since := now
	now = now.Add(2 * time.Hour)
	w.stored("batch", func() call { c := w.batch(chain(streamA, 3, `{}`)); c.at = now.Add(time.Minute); return c }(), 3)
	now = now.Add(2 * time.Hour)
	if a := w.ask(call{method: "GET", path: wire.PathStreams, station: "QA02"}); a.status != 200 {
		t.Fatal(a.status)
	}
	for _, name := range []string{"alive", "after a restart"} {
		list, err := w.in.Stations()
		if err != nil || len(list) != 3 {
			t.Fatalf("%s: %+v, %v", name, list, err)
		}
		a, b, c := list[0], list[1], list[2]
		if a.Code != "QA01" || !a.Since.Equal(since) || !a.Seen.Equal(since.Add(2*time.Hour)) || a.Skew != 60 || a.Entries != 3 || len(a.Streams) != 1 {
			t.Errorf("%s: %+v", name, a)
		}
		if b.Code != "QA02" || !b.Seen.Equal(since.Add(4*time.Hour)) || b.Entries != 0 {
			t.Errorf("%s: %+v", name, b)
		}
		if c.Code != "QA03" || !c.Since.IsZero() || !c.Invited.Equal(since.Add(CodeLife)) {
			t.Errorf("%s: %+v", name, c)
		}
		if w.in, err = New(Config{Ledger: w.ledger, Key: testKey(1), Clock: w.in.Clock}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.in.Invite(t.Context(), "no station"); err == nil {
		t.Error("a code for a name that no station can have")
	}
}

// TestMetrics are what Prometheus reads, and name no station.
func TestMetrics(t *testing.T) {
	w := newCity(t, Config{})
	w.stored("batch", w.batch(chain(streamA, 3, `{}`)), 3)
	w.refused("gap", w.batch(chain(streamA, 6, `{}`)[4:]), wire.Gap)
	for _, line := range []string{"liaison_city_entries_total 3", "liaison_city_stations 2", "liaison_city_forks 0", `liaison_city_answers_total{code="gap"} 1`,
		`liaison_city_enrolments_total{result="ok"} 2`, "liaison_city_busy_workers 0"} {
		w.metric(line)
	}
	a := w.ask(call{method: "GET", path: wire.PathMetrics, station: "QA01"})
	if strings.Contains(string(a.body), "QA0") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
		t.Errorf("metrics %s", a.body)
	}
}

// TestHandingBackNeedsTheCitysWord: only entries that the city itself has
// signed for continue an old epoch of the city.
func TestHandingBackNeedsTheCitysWord(t *testing.T) {
	w := newCity(t, Config{})
	const old = ledger.Stream("city/Z-before")
	e := chain(old, 5, `{}`)
	sign := func(r wire.Receipt, key ed25519.PrivateKey) map[string]string {
		raw, err := r.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{wire.HeaderReceipt: base64.StdEncoding.EncodeToString(raw)}
	}
	good := wire.Receipt{Stream: old, Through: 5, Head: e[4].Hash(), At: time.Now()}
	with := func(header map[string]string) call {
		c := w.batch(e)
		c.station, c.header = "QA01", header
		return c
	}
	less, other, stream := good, good, good
	less.Through, other.Head, stream.Stream = 4, e[3].Hash(), "city/Z-other"
	for name, header := range map[string]map[string]string{
		"no word": nil, "not base64": {wire.HeaderReceipt: "?"}, "another key's word": sign(good, testKey(9)),
		"another number": sign(less, testKey(1)), "another hash": sign(other, testKey(1)), "another stream": sign(stream, testKey(1)),
	} {
		w.refused(name, with(header), wire.NotYours)
	}
	w.wantHead(old, 0)
	w.stored("with the city's word", with(sign(good, testKey(1))), 5)
	w.stored("again", with(sign(good, testKey(1))), 5)
	w.wantHead(old, 5)

	own := w.ledger.Own()
	now := chain(own, 1, `{}`)
	c := w.batch(now)
	c.station, c.header = "QA01", sign(wire.Receipt{Stream: own, Through: 1, Head: now[0].Hash(), At: time.Now()}, testKey(1))
	w.refused("the present epoch", c, wire.NotYours)
	theirs := chain("city/Z-before/QA02", 1, `{}`)
	c = w.batch(theirs)
	c.station, c.header = "QA01", sign(wire.Receipt{Stream: theirs[0].Stream, Through: 1, Head: theirs[0].Hash(), At: time.Now()}, testKey(1))
	w.refused("another station's", c, wire.NotYours)
	w.check()
}
