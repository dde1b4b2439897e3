package upkeep

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

// TestEveryEventHasACodeAndItsWords: an event without words would leave people
// in the dark, one without a code could not be looked up.
func TestEveryEventHasACodeAndItsWords(t *testing.T) {
	codes := map[string]bool{}
	for _, k := range []bolt.EventKind{bolt.Rebuilt, bolt.Partly, bolt.Caught, bolt.Renewed, bolt.Behind, bolt.InStep, bolt.Reopened, bolt.Reserve} {
		var s Events
		var log bytes.Buffer
		s.Report(bolt.Event{What: k, Path: "ledger.db.aside", Err: errors.New("why")})
		s.LogTo(slog.New(slog.NewTextHandler(&log, nil)))
		code := sayings()[k].code
		if code == "" || codes[code] || !strings.Contains(log.String(), code) || !strings.Contains(log.String(), "ledger.db.aside") || !strings.Contains(log.String(), "why") {
			t.Errorf("%q is logged as %q", k, log.String())
		}
		codes[code] = true
		said := s.Notices()
		if k != bolt.InStep && (len(said) != 1 || said[0].ZH == "" || said[0].EN == "") {
			t.Errorf("%q is said as %q", k, said)
		}
	}
}

// TestWhatIsOverIsNotSaid: a second copy that could not be written for an hour
// is no news once it is whole, and nothing is said twice.
func TestWhatIsOverIsNotSaid(t *testing.T) {
	var s Events
	for range 3 {
		s.Report(bolt.Event{What: bolt.Behind})
		s.Report(bolt.Event{What: bolt.Reserve})
	}
	if n := len(s.Notices()); n != 2 {
		t.Errorf("%d sentences, want 2", n)
	}
	s.Report(bolt.Event{What: bolt.InStep})
	if said := s.Notices(); len(said) != 1 || said[0] != sayings()[bolt.Reserve].Text {
		t.Errorf("said %q", said)
	}
}

// TestTheLedgerIsCompactedOnceAQuietNight follows five nights of a station.
func TestTheLedgerIsCompactedOnceAQuietNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		now := time.Now().In(station.Beijing)
		midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, station.Beijing)
		var did []string
		quiet := func() bool { // on the second night somebody types until half past three, on the third for the whole hour
			since := time.Since(midnight)
			return since < 24*time.Hour || since > 27*time.Hour+30*time.Minute && since < 48*time.Hour || since > 72*time.Hour
		}
		tries := 0
		others := 0
		busy := Job{Name: "another", Do: func(context.Context) error { others++; return nil }}
		go Nightly(ctx, slog.New(slog.DiscardHandler), busy, Job{Name: "compaction", Quiet: quiet, Do: func(context.Context) error {
			did = append(did, time.Now().In(station.Beijing).Sub(midnight).Truncate(10*time.Minute).String())
			tries++
			switch tries {
			case 3:
				return ledger.ErrBusy // a backup on the fourth night
			case 5:
				return errors.New("disk")
			}
			return nil
		}})
		time.Sleep(time.Until(midnight.Add(120 * time.Hour)))
		synctest.Wait()
		want := []string{"3h0m0s", "27h30m0s", "75h0m0s", "75h0m0s", "99h0m0s"}
		if !slices.Equal(did, want) {
			t.Errorf("compacted at %v after the first midnight, want %v", did, want)
		}
		if others != 5 {
			t.Errorf("a job that waits for nobody was done %d times in five nights", others)
		}
	})
}

// TestACredentialIsTheKeyFileElsewhere: systemd hands the key over in a folder
// of its own; the one on the disk is then not asked for.
func TestACredentialIsTheKeyFileElsewhere(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	dir, cred := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	led, err := bolt.Open(path, Options(dir, bolt.Options{Writer: "QA01"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := led.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(KeyPath(dir), filepath.Join(cred, seal.CredentialName)); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(path, Options(dir, bolt.Options{})); !errors.Is(err, bolt.ErrLocked) {
		t.Errorf("without the key it opens with %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", cred)
	if led, err = bolt.Open(path, Options(dir, bolt.Options{})); err != nil {
		t.Fatal(err)
	}
	if err := led.Close(); err != nil {
		t.Error(err)
	}
}
