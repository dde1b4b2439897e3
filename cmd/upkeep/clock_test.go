package upkeep

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// TestAClockThatJumpsIsTold: forwards and backwards, once each; one that is
// corrected by seconds is not.
func TestAClockThatJumpsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var off atomic.Int64
		var told []time.Duration
		go watchClock(ctx, func() time.Time { return time.Now().Add(time.Duration(off.Load())) }, func(by time.Duration) { told = append(told, by.Round(time.Second)) })
		for _, step := range []time.Duration{0, time.Minute, -time.Hour, 0, 26 * time.Hour, 30 * time.Second} {
			off.Add(int64(step))
			time.Sleep(5 * time.Minute)
		}
		synctest.Wait()
		if len(told) != 2 || told[0] != -time.Hour || told[1] != 26*time.Hour {
			t.Errorf("told %v", told)
		}
	})
}

// TestAFlatBatteryShowsAtTheStart: the clock is behind what was written.
func TestAFlatBatteryShowsAtTheStart(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	led, err := bolt.Open(filepath.Join(t.TempDir(), "ledger.db"), bolt.Options{Writer: "QA01", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer led.Close()
	if _, err := led.Commit(context.Background(), ledger.Change{New: []ledger.New{{Kind: "visit", ID: "v1", At: now, By: "a", Body: []byte(`{}`)}}}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]time.Duration{now.Add(time.Hour): 0, now.Add(-time.Minute): 0, now.AddDate(-10, 0, 0): now.Sub(now.AddDate(-10, 0, 0))} {
		if got, err := ClockBehind(led, at); err != nil || got != want {
			t.Errorf("at %s: behind by %s, want %s: %v", at, got, want, err)
		}
	}
}
