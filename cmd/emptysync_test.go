package cmd

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/sync/outbox"
)

// BenchmarkEmptySyncOfABigCity is a station's sync with nothing new on either
// side, over TLS on loopback, at a city of 200 stations × 2,000 matters that
// has written to each of them; with its lists warm, as city serve has them. What
// the city itself takes of it stands beside: the rest is the station's own note
// of the sync, which is synced to its disk.
// With -short it is a tenth of the stations with a tenth of the matters.
func BenchmarkEmptySyncOfABigCity(b *testing.B) {
	stations, matters := bigStations, bigMatters
	if testing.Short() {
		stations, matters = stations/10, matters/10
	}
	led, err := bolt.Open(bigCityPath(b, stations, matters), bolt.Options{Writer: "city", Indexes: station.Indexes()})
	if err != nil {
		b.Fatal(err)
	}
	defer led.Close()
	desk, err := station.Open(led, station.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := desk.Warm(); err != nil {
		b.Fatal(err)
	}
	var all []string
	for _, s := range desk.Stations() {
		all = append(all, s.Code)
	}
	if len(all) != stations {
		b.Fatalf("%d stations of %d", len(all), stations)
	}
	if _, err := desk.SendLetter(desk.Owner(), station.KindNotice, station.Letter{Title: "通报", Text: "给每一个站"}, all); err != nil {
		b.Fatal(err)
	}
	in, err := inbox.New(inbox.Config{Ledger: desk.Ledger(), Key: seeded(1), Name: "市人大", Rate: 1e6, Burst: 1e6})
	if err != nil {
		b.Fatal(err)
	}
	var atCity atomic.Int64 // nanoseconds that the city was busy with it
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		in.ServeHTTP(w, r)
		atCity.Add(int64(time.Since(began)))
	}))
	defer srv.Close()

	own, err := bolt.Open(filepath.Join(b.TempDir(), "kiosk.db"), bolt.Options{Writer: "ZZ999", Indexes: station.Indexes()})
	if err != nil {
		b.Fatal(err)
	}
	defer own.Close()
	code, err := in.Invite(context.Background(), "ZZ999")
	if err != nil {
		b.Fatal(err)
	}
	city, err := outbox.Enrol(context.Background(), outbox.Enrolment{URL: srv.URL, Code: code, Station: "ZZ999", Name: "样板站", Key: seeded(9), Transport: srv.Client().Transport})
	if err != nil {
		b.Fatal(err)
	}
	box, err := outbox.New(outbox.Config{Ledger: own, Key: seeded(9), Station: "ZZ999", City: city, Transport: srv.Client().Transport})
	if err != nil {
		b.Fatal(err)
	}
	if err := box.Once(context.Background(), nil); err != nil {
		b.Fatal(err)
	}
	atCity.Store(0)
	for b.Loop() {
		if err := box.Once(context.Background(), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/sync")
	b.ReportMetric(float64(atCity.Load())/1e6/float64(b.N), "ms-at-city/sync")
}
