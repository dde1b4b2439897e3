package outbox

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/wire"
)

// cityWrites adds entries to the city's stream for everyone and to those for
// two stations.
func (w *world) cityWrites(n int, id string) {
	w.t.Helper()
	var c ledger.Change
	own := w.city.Own()
	for i := range n {
		for _, s := range []ledger.Stream{own, own.For("QA01"), own.For("QA02")} {
			c.New = append(c.New, ledger.New{Stream: s, Kind: "notice", ID: ledger.ID(id + stationName(i) + s.Reader()), By: "city", Body: []byte(`{"text":"通知"}`)})
		}
	}
	if _, err := w.city.Commit(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

// TestWhatTheCityDecidesComesBack: its entries for everyone and for this
// station, over more than one batch and run; not those for others.
func TestWhatTheCityDecidesComesBack(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	own := w.city.Own()
	total := ledger.Seq(0)
	for i, n := range []int{3, 700, 1} {
		w.cityWrites(n, string(rune('a'+i)))
		total += ledger.Seq(n)
		w.sync(o)
		for _, s := range []ledger.Stream{own, own.For("QA01")} {
			here, err := w.station.Head(s)
			there, _ := w.city.Head(s)
			if err != nil || here.Seq != total || here.Hash != there.Hash || here.Confirmed != total {
				t.Errorf("%s: %+v, %v", s, here, err)
			}
		}
		if h, err := w.station.Head(own.For("QA02")); err != nil || h.Seq != 0 {
			t.Errorf("another station's entries came here: %d, %v", h.Seq, err)
		}
	}
	w.wantStatus(o, 0, 0)
	w.same()
}

// TestACityThatWritesMeanwhileIsNotBehind: what the city wrote after it had said
// how far it was came with the fetch, and the station called the city restored
// from an old copy.
func TestACityThatWritesMeanwhileIsNotBehind(t *testing.T) {
	w := newWorld(t)
	w.cityWrites(2, "a")
	late := false
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet && r.URL.Path != wire.PathStreams && !late {
			late = true
			w.cityWrites(2, "b")
		}
		return w.direct().RoundTrip(r)
	})
	w.sync(w.outbox())
	if h, err := w.station.Head(w.city.Own()); !late || err != nil || h.Seq != 4 {
		t.Errorf("late %v: the station is at %d, %v", late, h.Seq, err)
	}
	w.sync(w.outbox())
}

// TestForgedEntriesOfTheCity: what comes down must be signed for and continue
// what is held.
func TestForgedEntriesOfTheCity(t *testing.T) {
	w := newWorld(t)
	w.cityWrites(5, "a")
	for name, tamper := range map[string]func(*http.Response, []byte) []byte{
		"no receipt":    func(r *http.Response, b []byte) []byte { r.Header.Del(wire.HeaderReceipt); return b },
		"other receipt": func(r *http.Response, b []byte) []byte { r.Header.Set(wire.HeaderReceipt, "e30="); return b },
		"other range":   func(r *http.Response, b []byte) []byte { r.Header.Set(wire.HeaderEntries, "2-6"); return b },
		"no range":      func(r *http.Response, b []byte) []byte { r.Header.Del(wire.HeaderEntries); return b },
		"changed":       func(_ *http.Response, b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"changed, digest": func(r *http.Response, b []byte) []byte {
			b = b[:9]
			r.Header.Set(wire.HeaderDigest, wire.Digest(b))
			return b
		},
		"nothing": func(_ *http.Response, b []byte) []byte { return nil },
	} {
		w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil || resp.Header.Get(wire.HeaderEntries) == "" {
				return resp, err
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(bytes.NewReader(tamper(resp, body)))
			return resp, err
		})
		if err := w.outbox().Once(t.Context(), nil); err == nil {
			t.Errorf("%s: taken", name)
		}
		if h, err := w.station.Head(w.city.Own()); err != nil || h.Seq != 0 {
			t.Fatalf("%s: %d entries kept, %v", name, h.Seq, err)
		}
	}
	w.cfg.Transport = nil
	w.sync(w.outbox())
	w.same()
}

// TestRestoredStationGetsItsOwnEntriesBack: the file is lost, an old backup is
// restored. What the city had comes back, without the private bodies; what was
// written anew belongs to a new epoch.
func TestRestoredStationGetsItsOwnEntriesBack(t *testing.T) {
	w := newWorld(t)
	w.write(5)
	w.sync(w.outbox())
	w.copyOf(w.station, "backup.db")
	w.write(600)
	if _, err := w.station.Commit(t.Context(), ledger.Change{New: []ledger.New{
		{Kind: "voter", ID: "p1", By: "a1", Private: true, Body: []byte(`{"name":"王小明"}`)}}}); err != nil {
		t.Fatal(err)
	}
	w.sync(w.outbox())
	old := w.station.Own()

	to := filepath.Join(w.dir, "restored.db")
	if _, err := bolt.Restore(t.Context(), filepath.Join(w.dir, "backup.db"), to, bolt.RestoreOptions{Options: bolt.Options{Writer: "QA01"}}); err != nil {
		t.Fatal(err)
	}
	w.station = w.open("restored.db", "QA01")
	w.cfg.Ledger = w.station
	if w.station.Own() == old {
		t.Fatal("the restored file writes on in the old epoch")
	}
	if _, err := w.station.Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: "visit", ID: "new", By: "a1", Body: []byte(`{}`)}}}); err != nil {
		t.Fatal(err)
	}
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 607, 607)
	if e, err := w.station.Entry(ledger.Ref{Stream: old, Seq: 606}); err != nil || !e.Absent() || !e.Private {
		t.Errorf("the last lost entry came back as %+v, %v", e, err)
	}
	w.same()
}

// TestEarlierEpochsArePushedToo: entries that were not sent before the backup
// was restored still reach the city.
func TestEarlierEpochsArePushedToo(t *testing.T) {
	w := newWorld(t)
	w.write(700)
	w.copyOf(w.station, "backup.db")
	if _, err := bolt.Restore(t.Context(), filepath.Join(w.dir, "backup.db"), filepath.Join(w.dir, "restored.db"),
		bolt.RestoreOptions{Options: bolt.Options{Writer: "QA01"}}); err != nil {
		t.Fatal(err)
	}
	w.station = w.open("restored.db", "QA01")
	w.cfg.Ledger = w.station
	if _, err := w.station.Commit(t.Context(), ledger.Change{New: []ledger.New{{Kind: "visit", ID: "new", By: "a1", Body: []byte(`{}`)}}}); err != nil {
		t.Fatal(err)
	}
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 701, 701)
	w.same()
}

// TestRestoredCityGetsItsOwnEntriesBack: the city's file is lost and an old
// backup restored. It begins a new epoch; the station sends what it lacks, and
// hands back what the city itself had written.
func TestRestoredCityGetsItsOwnEntriesBack(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	old := w.city.Own()
	w.write(3)
	w.cityWrites(4, "a")
	w.sync(o)
	w.copyOf(w.city, "backup.db")
	w.write(600)
	w.cityWrites(700, "b")
	w.sync(o)
	w.cityWrites(5, "c")
	w.sync(o)

	if _, err := bolt.Restore(t.Context(), filepath.Join(w.dir, "backup.db"), filepath.Join(w.dir, "restored.db"),
		bolt.RestoreOptions{Options: bolt.Options{Writer: "city"}}); err != nil {
		t.Fatal(err)
	}
	w.restartCity("restored.db")
	if w.city.Own() == old {
		t.Fatal("the restored city writes on in the old epoch")
	}
	w.sync(o)
	w.wantStatus(o, 603, 603)
	for _, s := range []ledger.Stream{old, old.For("QA01")} {
		if h, err := w.city.Head(s); err != nil || h.Seq != 709 {
			t.Errorf("%s: the city has %d of its entries back, %v", s, h.Seq, err)
		}
	}
	w.cityWrites(2, "d")
	w.sync(o)
	w.same()
}

// TestACitySetUpAnewIsNotHandedTheOldOnesEntries: the city's machine and key are
// lost, and a city is set up anew. Everything of the station's was pushed, and
// yet no sync came to its end, since the old city's entries were offered too.
func TestACitySetUpAnewIsNotHandedTheOldOnesEntries(t *testing.T) {
	w := newWorld(t)
	w.write(3)
	w.cityWrites(4, "a")
	w.sync(w.outbox())
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.inCfg.Key = key
	w.restartCity("anew.db")
	w.enrol()
	w.cityWrites(1, "b")
	w.write(2)
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 5, 5)
	w.sync(o)
	for _, st := range []ledger.Stream{w.city.Own(), w.station.Own()} {
		here, err1 := w.station.Head(st)
		there, err2 := w.city.Head(st)
		if err1 != nil || err2 != nil || here.Seq == 0 || here.Seq != there.Seq || here.Hash != there.Hash {
			t.Errorf("%s: %d here, %d there, %v, %v", st, here.Seq, there.Seq, err1, err2)
		}
	}
}

// TestCityPutBackToAnOldFile: the file is copied back instead of restored. The
// station's entries arrive all the same, and the people are told.
func TestCityPutBackToAnOldFile(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	w.cityWrites(4, "a")
	w.sync(o)
	w.copyOf(w.city, "older.db")
	w.cityWrites(4, "b")
	w.write(3)
	w.sync(o)
	w.restartCity("older.db")
	w.wantCode(o, "city-behind")
	w.wantStatus(o, 3, 3)
}
