package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/sync/inbox"
	"liaison/sync/wire"
)

// TestRekeySurvivesALostAnswer: the city has exchanged the key and its answer is
// lost; the station, whose commands now fail, goes on where it was by itself.
// Nothing is lost, and both ends have written down what was done.
func TestRekeySurvivesALostAnswer(t *testing.T) {
	f := newStation(t)
	var lose atomic.Bool
	var handed http.Handler
	c := newCity(t, func(s *httptest.Server) {
		handed = s.Config.Handler
		s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wire.PathRekey && lose.Load() {
				rec := httptest.NewRecorder()
				handed.ServeHTTP(rec, r)
				if rec.Code != http.StatusOK {
					t.Errorf("the city says %d %s", rec.Code, rec.Body)
				}
				panic(http.ErrAbortHandler) // the line is cut
			}
			handed.ServeHTTP(w, r)
		})
		s.Start()
	})
	wants(t, f.no("", "rekey"), "kiosk enroll")
	f.ok("enroll", c.srv.URL, c.code())
	f.okIn(line("王小明", "路灯")+"\n", "add")
	f.ok("sync")
	wants(t, f.ok("rekey"), "已更换")
	f.ok("sync")

	lose.Store(true)
	wants(t, f.no("", "rekey"), "中断")
	f.no("", "rekey")
	f.okIn(line("李四", "停水")+"\n", "add")
	lose.Store(false)
	wants(t, f.ok("sync"), "同步完成") // ends the exchange first
	if s := f.status(); s.Waiting != 0 {
		t.Errorf("status %+v", s)
	}
	list, err := c.in.Stations()
	if err != nil || len(list[0].Keys) != 3 || list[0].Keys[2].What != inbox.StepRolled {
		t.Fatalf("stations %+v, %v", list, err)
	}
	acts := objects[station.AuditLine](t, f.ok("audit", "--json", "--act", "rekey"))
	if len(acts) != 5 || !acts[0].OK || acts[0].Note != "resumed" || acts[1].OK || acts[2].OK || !acts[3].OK {
		t.Errorf("audit %+v", acts)
	}

	// The city takes it back. A new code is enough: the program makes a new key.
	if err := c.in.Revoke(t.Context(), "QA01"); err != nil {
		t.Fatal(err)
	}
	wants(t, f.no("", "sync"), "吊销")
	f.ok("enroll", c.srv.URL, c.code())
	f.ok("sync")
	if list, err = c.in.Stations(); err != nil || len(list[0].Keys) != 5 || list[0].Keys[4].Key == list[0].Keys[3].Key {
		t.Errorf("stations %+v, %v", list, err)
	}
	wants(t, f.ok("check"), "完好")
}

// TestAnExchangeCutShortEndsAtTheNextStart: the power goes between the city's
// word and the station's own commit.
func TestAnExchangeCutShortEndsAtTheNextStart(t *testing.T) {
	f := newStation(t)
	c := newCity(t, (*httptest.Server).Start)
	f.ok("enroll", c.srv.URL, c.code())
	f.okIn(line("王小明", "路灯")+"\n", "add")
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	old, err := k.led.Local(localKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.line.rekey(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	next, err := k.led.Local(localKey)
	if err != nil {
		t.Fatal(err)
	}
	// As it was before the station's commit.
	_, err = k.led.Commit(t.Context(), ledger.Change{Local: []ledger.Local{{Name: localKey, Value: old}, {Name: localNext, Value: next}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.close(); err != nil {
		t.Fatal(err)
	}
	_, stop := serve(t, f)
	defer stop()
	eventually(t, "the exchange is ended", func() bool {
		s, err := c.in.Stations()
		return err == nil && len(s[0].Keys) == 2 && f.run("", "sync").code == 0
	})
	if s := f.status(); s.Waiting != 0 {
		t.Errorf("status %+v", s)
	}
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-limit:
			t.Fatalf("waited in vain until %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
