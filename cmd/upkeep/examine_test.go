package upkeep

import (
	"context"
	"errors"
	"log/slog"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liaison/station"
	"liaison/station/ledger"
)

// TestWhateverTheChildDoes: on a damaged file bbolt may die, take all memory,
// or walk for ever. Each is a fault like any other, and never more than that.
func TestWhateverTheChildDoes(t *testing.T) {
	for _, c := range []struct {
		what, does string
		faults     int
		says       string
	}{
		{"it finds nothing", `echo '{"tally":{"Streams":1,"Entries":7}}'`, 0, ""},
		{"it finds a fault", `echo '{"where":"journal/QA01/A-x/7","what":"checksum does not match"}'; echo '{"tally":{"Entries":7}}'`, 1, "checksum"},
		{"it dies", `exit 3`, 1, "broke off"},
		{"it is killed", `kill -9 $$`, 1, "broke off"},
		{"it dies after it found one", `echo '{"where":"a","what":"b"}'; echo 'goroutine 1 [running]'; kill -9 $$`, 1, "b"},
		{"it dies in the middle of a line", `printf '{"where":"a","wh'; exit 2`, 1, "broke off"},
		{"it writes a line without end", `head -c 3000000 /dev/zero; exit 0`, 1, "broke off"},
	} {
		t.Run(c.what, func(t *testing.T) {
			var faults []string
			tally, err := Examined(t.Context(), exec.Command("sh", "-c", c.does), 0, func(f ledger.Fault) { faults = append(faults, f.String()) })
			if err != nil || len(faults) != c.faults || !strings.Contains(strings.Join(faults, "\n"), c.says) {
				t.Errorf("%v, %q", err, faults)
			}
			if c.faults == 0 && tally.Entries != 7 {
				t.Errorf("tally %+v", tally)
			}
		})
	}
}

// TestACheckThatHangsEndsWithItsCaller: and the child with it.
func TestACheckThatHangsEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	child := exec.Command("sleep", "1000")
	told := 0
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := Examined(ctx, child, 0, func(ledger.Fault) { told++ }); !errors.Is(err, context.Canceled) || told > 0 {
		t.Errorf("%v, %d faults", err, told)
	}
	if child.ProcessState == nil {
		t.Error("the child lives on")
	}
}

// TestANightThatWasMissedIsMadeUpForByDay: a kiosk is switched on at eight and
// off at five, for a week.
func TestANightThatWasMissedIsMadeUpForByDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().In(station.Beijing)
		midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, station.Beijing)
		var last time.Time
		var did []string
		fails := 1
		for day := range 7 {
			time.Sleep(time.Until(midnight.Add(time.Duration(day)*24*time.Hour + 8*time.Hour)))
			ctx, off := context.WithCancel(t.Context())
			go Nightly(ctx, slog.New(slog.DiscardHandler), Job{Name: "check", Last: func() time.Time { return last }, Do: func(context.Context) error {
				did = append(did, time.Since(midnight).Truncate(time.Hour).String())
				if fails--; fails >= 0 {
					return errors.New("disk")
				}
				last = time.Now()
				return nil
			}})
			time.Sleep(9 * time.Hour)
			off()
			synctest.Wait()
		}
		// On the first day once more, four hours after it failed; then whenever it
		// is more than 26 hours ago, or as soon after as somebody switches it on.
		want := "8h0m0s 12h0m0s 38h0m0s 64h0m0s 104h0m0s 130h0m0s 156h0m0s"
		if got := strings.Join(did, " "); got != want {
			t.Errorf("done after\n%s, want\n%s", got, want)
		}
	})
}
