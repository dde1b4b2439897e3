package upkeep

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestALogOfYearsStaysSmall: fifteen years of a talkative station.
func TestALogOfYearsStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kiosk.log")
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	l, err := OpenLogFile(path, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	line := func(what string) {
		t.Helper()
		if _, err := fmt.Fprintf(l, "time=%s level=INFO msg=%q\n", now.Format(time.RFC3339Nano), what); err != nil {
			t.Fatal(err)
		}
	}
	files := func() int {
		t.Helper()
		old, err := filepath.Glob(path + ".*")
		if err != nil {
			t.Fatal(err)
		}
		return len(old)
	}
	line("first")
	now = now.Add(monthly + time.Hour)
	line("a month later")
	if n := files(); n != 1 {
		t.Errorf("%d older logs after a month, want 1", n)
	}
	big := strings.Repeat("x", 1<<20)
	for range 9 {
		now = now.Add(time.Minute)
		line(big)
	}
	if st, err := os.Stat(path); err != nil || st.Size() > maxLog {
		t.Errorf("%d bytes, %v", st.Size(), err)
	}
	if n := files(); n != 2 {
		t.Errorf("%d older logs after 9 MiB, want 2", n)
	}
	for range 180 {
		now = now.Add(monthly + time.Minute)
		line("month")
	}
	if n := files(); n > keepLog {
		t.Errorf("%d older logs after fifteen years", n)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// Opened anew, it knows how old it is.
	if l, err = OpenLogFile(path, func() time.Time { return now }); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	before := files()
	line("the same month")
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), "the same month") || strings.Count(string(b), "\n") != 2 || files() != before {
		t.Errorf("%q, %v", b, err)
	}
}

// TestALogThatCannotRotateGoesOn: many write at once, and the folder is gone.
func TestALogThatCannotRotateGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	log, logs := OpenLog(filepath.Join(dir, "kiosk.log"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				log.Info("x", slog.String("text", strings.Repeat("x", 100_000)))
			}
		})
	}
	wg.Wait()
	if err := logs.Close(); err != nil {
		t.Error(err)
	}
	if _, err := logs.(*LogFile).Write([]byte("x")); err == nil {
		t.Error("written after it was closed")
	}
	if _, logs := OpenLog(filepath.Join(dir, "kiosk.log")); logs.Close() != nil { // nowhere to write: no matter
		t.Error("a log that is none cannot be closed")
	}
}
