package clerk

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/tui/door"
)

// TestMidnightPutsOutWhoseLastDayItWas: nothing changes at the station, and within
// a minute whoever's account ended with the day is out, on a screen and with a
// command that runs; nobody else is.
func TestMidnightPutsOutWhoseLastDayItWas(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		led, err := bolt.Open(filepath.Join(dir, "ledger.db"), bolt.Options{Writer: "QA01", Indexes: station.Indexes()})
		if err != nil {
			t.Fatal(err)
		}
		defer led.Close()
		desk, err := station.Open(led, station.Options{})
		if err != nil {
			t.Fatal(err)
		}
		day := desk.Now()
		midnight := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, station.Beijing)
		who := map[string]station.Who{}
		for _, u := range []station.User{{Name: "实习生", Role: station.RoleAttendant, Expires: desk.Today()}, {Name: "张敏", Role: station.RoleAttendant, Expires: desk.Today().AddDays(1)}, {Name: "周立", Role: station.RoleHead}} {
			made, err := desk.AddUser(station.Owner(), u, "2580")
			if err != nil {
				t.Fatal(err)
			}
			who[u.Name] = made.Who()
		}
		s := &Seats{Desk: desk}
		out := make(chan string, 10)
		var outAt time.Time
		sit := func(name, command string) {
			s.Take("", who[name], command, func(why error) {
				if !errors.Is(why, door.ErrOut) {
					t.Errorf("%s ends for %v", name, why)
				}
				outAt = time.Now()
				out <- name + command
			})
		}
		sit("实习生", "")
		sit("实习生", "add")
		sit("张敏", "add")
		sit("周立", "")
		sit("nobody", "")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Evict(ctx); close(done) }()

		time.Sleep(time.Until(midnight) - time.Second)
		synctest.Wait()
		if len(out) > 0 {
			t.Errorf("on its last day: %s", <-out)
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		got := map[string]bool{}
		for len(out) > 0 {
			got[<-out] = true
		}
		if len(got) != 2 || !got["实习生"] || !got["实习生add"] || outAt.After(midnight.Add(time.Minute)) {
			t.Errorf("put out: %v at %v", got, outAt)
		}
		cancel()
		<-done
	})
}
