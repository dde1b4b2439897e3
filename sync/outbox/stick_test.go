package outbox

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/sync/wire"
)

// downAll writes the city's file with everything.
func (w *world) downAll() []byte {
	w.t.Helper()
	var b bytes.Buffer
	if _, err := w.handler.Load().Bundle(w.t.Context(), "QA01", &b, true); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

// parts lists the streams of which a file for the station carries entries.
func (w *world) parts(stick []byte) map[ledger.Stream]ledger.Seq {
	w.t.Helper()
	out := map[ledger.Stream]ledger.Seq{}
	_, err := wire.ReadBundle(bytes.NewReader(stick), stationKey, func(wire.BundleHead) (ed25519.PublicKey, error) { return w.cfg.City.Key, nil },
		func(_ wire.BundleHead, p wire.BundlePart) error {
			if p.Size > 0 {
				out[p.Stream] = p.Last
			}
			return nil
		})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// wantStickCode has the station take in a file that it must not take whole,
// with this code and in both languages.
func (w *world) wantStickCode(o *Outbox, stick []byte, code wire.Code) *Error {
	w.t.Helper()
	_, err := o.Accept(w.t.Context(), bytes.NewReader(stick))
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != code || e.ZH == "" || e.EN == "" {
		w.t.Fatalf("took in the file: %v (%v), want code %s", err, errors.Unwrap(err), code)
	}
	return e
}

// TestAStickAfterTheLineIsTaken: the city's file was refused as somebody
// else's whenever stick and line were mixed, since it carried the station's
// present epoch: after a round trip by stick, where no stick was ever sent, and
// with everything.
func TestAStickAfterTheLineIsTaken(t *testing.T) {
	for _, c := range []struct {
		name      string
		roundTrip bool
		all       bool
	}{{"after a round trip", true, false}, {"never a stick before", false, false}, {"after a round trip, everything", true, true},
		{"never a stick before, everything", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			o := w.outbox()
			w.write(20)
			if c.roundTrip {
				w.arrives(w.up(o, false))
				w.returns(o, w.down())
			}
			w.write(5)
			w.sync(o)
			w.cityWrites(3, "n")
			stick := w.down()
			if parts := w.parts(stick); parts[w.station.Own()] != 0 {
				t.Errorf("the file carries what the station writes itself: %v", parts)
			}
			if c.all {
				stick = w.downAll()
				if parts := w.parts(stick); parts[w.station.Own()] != 25 {
					t.Errorf("the file with everything: %v", parts)
				}
			}
			if a := w.returns(o, stick); a.Confirmed != 25 || a.New != 6 {
				t.Errorf("taken in: %+v", a)
			}
			if a := w.returns(o, stick); a.Confirmed != 25 || a.New != 0 {
				t.Errorf("taken in again: %+v", a)
			}
			w.same()
		})
	}
}

// TestReceiptsComeByStickWhereTheLineLostThem: the line carried the entries and
// was cut before the answers; the receipt comes by stick.
func TestReceiptsComeByStickWhereTheLineLostThem(t *testing.T) {
	w := newWorld(t)
	w.write(20)
	w.arrives(w.up(w.outbox(), false))
	w.write(5)
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && r.Method == http.MethodPut {
			_ = resp.Body.Close()
			return nil, errCut
		}
		return resp, err
	})
	o := w.outbox()
	w.wantCode(o, "cut")
	if a := w.returns(o, w.down()); a.Confirmed != 25 {
		t.Errorf("taken in: %+v", a)
	}
	if h, err := w.station.Head(w.station.Own()); err != nil || h.Confirmed != 25 {
		t.Errorf("receipts through %d, %v", h.Confirmed, err)
	}
}

// TestAStickTellsAFork: a station's old file was put back, or two machines write
// as one station. Beyond the head, or under one number with other content, it
// is said, whether the city's file carries entries or only the receipt.
func TestAStickTellsAFork(t *testing.T) {
	for name, again := range map[string]int{"the city is ahead": 0, "other content": 9} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(4)
			w.copyOf(w.station, "old.db")
			w.write(5)
			w.sync(w.outbox())
			w.station = w.open("old.db", "QA01") // copied back, not restored: the same epoch
			w.cfg.Ledger = w.station
			w.write(again)
			o := w.outbox()
			for _, stick := range [][]byte{w.down(), w.downAll()} {
				w.wantStickCode(o, stick, wire.Fork)
			}
			w.wantStatus(o, uint64(4+again), 0)
		})
	}
}

// TestARestoredStationGetsItsOwnBackByStick: its earlier epoch is sent, also
// when the stick that said how far it was came before the backup was restored.
func TestARestoredStationGetsItsOwnBackByStick(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	w.write(4)
	w.arrives(w.up(o, false))
	w.returns(o, w.down())
	w.copyOf(w.station, "station.copy")
	w.write(5)
	w.sync(o)
	w.restoreStation("station.copy")
	o = w.outbox()
	w.writeAs("b", 2)
	if a := w.returns(o, w.downAll()); a.New != 5 { // at once, where everything is asked for
		t.Errorf("taken in: %+v", a)
	}
	w.arrives(w.up(o, false))
	w.returns(o, w.down())
	w.wantStatus(o, 11, 11)
	w.same()

	w.restoreStation("station.copy") // the same backup: an epoch of the same letter
	o = w.outbox()
	w.writeAs("c", 1)
	w.arrives(w.up(o, false))
	if a := w.returns(o, w.down()); a.New != 7 {
		t.Errorf("taken in: %+v", a)
	}
	w.wantStatus(o, 12, 12)
	w.same()
}

// TestWhatAStickSaysIsTrue: a file that goes wrong half-way is not said to have
// changed nothing, when what comes first was taken in.
func TestWhatAStickSaysIsTrue(t *testing.T) {
	for code, second := range map[wire.Code]func(*wire.BundlePart){
		"bundle-part": func(p *wire.BundlePart) { p.Stream = p.Stream.For("QB02") },
		"bundle-form": func(p *wire.BundlePart) { p.Body = p.Body[:9] },
	} {
		w := newWorld(t)
		o := w.outbox()
		w.cityWrites(2, "n")
		var b bytes.Buffer
		out, err := wire.NewBundleWriter(&b, stationKey.Public().(ed25519.PublicKey), cityKey, wire.BundleHead{From: "city", For: "QA01", At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		own := w.city.Own()
		for i, s := range []ledger.Stream{own, own.For("QA01")} {
			list, err := w.city.Since(s, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := o.packer.Pack(list)
			if err != nil {
				t.Fatal(err)
			}
			receipt, err := wire.Receipt{Stream: s, Through: packed.Last, Head: list[len(list)-1].Hash(), At: time.Now()}.Sign(cityKey)
			if err != nil {
				t.Fatal(err)
			}
			p := wire.BundlePart{Stream: s, First: packed.First, Last: packed.Last, Body: packed.Body, Receipt: receipt}
			if i == 1 {
				second(&p)
			}
			if err := out.Part(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		e := w.wantStickCode(o, b.Bytes(), code)
		if h, err := w.station.Head(own); err != nil || h.Seq != 2 {
			t.Errorf("%s: the first part was not taken in: %d, %v", code, h.Seq, err)
		}
		if strings.Contains(e.ZH, "没有改动") || strings.Contains(e.EN, "nothing was changed") {
			t.Errorf("%s says: %s", code, e)
		}
	}
}

// restoreStation begins anew from a backup, in a new epoch.
func (w *world) restoreStation(backup string) {
	w.t.Helper()
	w.restored++
	name := fmt.Sprintf("station-%d.db", w.restored)
	if _, err := bolt.Restore(w.t.Context(), filepath.Join(w.dir, backup), filepath.Join(w.dir, name), bolt.RestoreOptions{Options: bolt.Options{Writer: "QA01"}}); err != nil {
		w.t.Fatal(err)
	}
	w.station = w.open(name, "QA01")
	w.cfg.Ledger = w.station
}

// writeAs is write for records that no other epoch has.
func (w *world) writeAs(id string, n int) {
	w.t.Helper()
	var c ledger.Change
	for i := range n {
		c.New = append(c.New, ledger.New{Kind: "visit", ID: ledger.ID(fmt.Sprintf("%s%d", id, i)), By: "a1", Body: []byte(`{}`)})
	}
	if _, err := w.station.Commit(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

// TestAStickFromAWrongClockIsNotTheLastWordForEver: the city's clock stood years
// ahead when it wrote one stick. Of every later one the receipts were kept, but
// not how far the city is, and nobody saw that it was heard of.
func TestAStickFromAWrongClockIsNotTheLastWordForEver(t *testing.T) {
	w := newWorld(t)
	years := 100
	w.inCfg.Clock = func() time.Time { return time.Now().AddDate(years, 0, 0) }
	w.serve()
	w.write(20)
	o := w.outbox()
	w.arrives(w.up(o, false))
	ahead := w.down()
	w.returns(o, ahead)
	w.wantStatus(o, 20, 20)
	w.wantHeard(o, time.Time{})
	years = 0
	w.write(5)
	w.arrives(w.up(o, false))
	before := time.Now()
	w.returns(o, w.down())
	w.wantStatus(o, 25, 25)
	w.wantHeard(o, before)
	w.returns(o, ahead) // once more: it takes nothing back
	w.wantStatus(o, 25, 25)
	w.wantHeard(o, before)

	// The city goes back to a backup, and its new epoch's word counts, though
	// it says less.
	w.copyOf(w.city, "city.copy")
	w.write(5)
	w.arrives(w.up(o, false))
	late := w.down()
	w.returns(o, late)
	w.wantStatus(o, 30, 30)
	w.restoreCity("city.copy")
	w.returns(o, w.down())
	w.wantStatus(o, 30, 25)
	w.returns(o, late) // written before
	w.wantStatus(o, 30, 25)
	w.arrives(w.up(o, false))
	w.returns(o, w.down())
	w.wantStatus(o, 30, 30)
}

// wantHeard makes sure that the last sync is shown as between then and now.
func (w *world) wantHeard(o *Outbox, from time.Time) {
	w.t.Helper()
	s, err := o.Status()
	if err != nil || s.LastSync.Before(from.Truncate(time.Millisecond)) || s.LastSync.After(time.Now()) {
		w.t.Errorf("last sync %s, %v; want between %s and now", s.LastSync, err, from)
	}
}

// restoreCity begins anew from a backup, in a new epoch.
func (w *world) restoreCity(backup string) {
	w.t.Helper()
	w.restored++
	name := fmt.Sprintf("city-%d.db", w.restored)
	if _, err := bolt.Restore(w.t.Context(), filepath.Join(w.dir, backup), filepath.Join(w.dir, name), bolt.RestoreOptions{Options: bolt.Options{Writer: "city"}}); err != nil {
		w.t.Fatal(err)
	}
	w.restartCity(name)
}
