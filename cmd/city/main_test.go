package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/sync/outbox"
)

// TestMain is also the program itself: as the child of a check, and where a
// test kills a real process.
func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" || os.Getenv(asCity) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// asCity has the test's binary be the program.
const asCity = "LIAISON_TEST_AS_CITY"

// patience is how long a test waits before it calls something hung. It is
// never a verdict on speed.
const patience = 30 * time.Second

// folder is a data directory with a shell before it.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T) folder { return folder{t, filepath.Join(t.TempDir(), "city")} }

// do runs one command as a person would.
func (f folder) do(args ...string) (out, errs string, code int) {
	f.t.Helper()
	var o, e bytes.Buffer
	err := run(f.t.Context(), append(args, "--data", f.dir), nil, strings.NewReader(""), &o, &e)
	code = settle(&e, err)
	return o.String(), e.String(), code
}

// ok runs a command that must succeed and say nothing on stderr.
func (f folder) ok(args ...string) string {
	f.t.Helper()
	out, errs, code := f.do(args...)
	if code != 0 || errs != "" {
		f.t.Fatalf("city %s: exit %d, %s", strings.Join(args, " "), code, errs)
	}
	return out
}

// no runs a command that must fail with this code and sentence, in both
// languages, and print nothing else.
func (f folder) no(code int, sentence string, args ...string) {
	f.t.Helper()
	out, errs, got := f.do(args...)
	if got != code || out != "" || !strings.Contains(errs, sentence) || !strings.Contains(errs, " / ") || strings.Count(errs, "\n") != 1 {
		f.t.Errorf("city %s: exit %d, want %d; printed %q, said %q, want %q", strings.Join(args, " "), got, code, out, errs, sentence)
	}
}

// serve runs `city serve` until the returned function is called, and returns
// the address it says it listens on.
func (f folder) serve(args ...string) (url string, stop func()) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var errs bytes.Buffer
	done := make(chan int, 1)
	go func() {
		err := run(ctx, append([]string{"serve", "--data", f.dir, "--listen", "127.0.0.1:0"}, args...), nil, strings.NewReader(""), w, &errs)
		_ = w.Close()
		done <- settle(&errs, err)
	}()
	s := bufio.NewScanner(r)
	if !s.Scan() {
		f.t.Fatalf("serve did not start: exit %d, %s", <-done, errs.String())
	}
	_, url, _ = strings.Cut(s.Text(), "serving: ")
	go func() { _, _ = io.Copy(io.Discard, r) }() // it may start again, and say so
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case code := <-done:
			if code != 0 {
				f.t.Errorf("serve ended with %d: %s", code, errs.String())
			}
		case <-time.After(patience):
			f.t.Error("serve did not stop")
		}
	}
	f.t.Cleanup(stop)
	return url, stop
}

// kiosk is a station with its outbox.
type kiosk struct {
	t    *testing.T
	desk *station.Desk
	led  *bolt.Ledger
	cfg  outbox.Config
}

func newKiosk(t *testing.T, code string) *kiosk {
	t.Helper()
	led, err := bolt.Open(filepath.Join(t.TempDir(), "ledger.db"), bolt.Options{Writer: code, Indexes: station.Indexes()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = led.Close() })
	desk, err := station.Open(led, station.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := desk.SetInfo(station.Owner(), station.Info{Code: code, Name: code + "代表联络站"}); err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &kiosk{t, desk, led, outbox.Config{Ledger: desk.Ledger(), Station: code, Key: key, Stall: 2 * time.Second,
		Withhold: func(e entry) bool { return station.Withheld(led, e) }}}
}

// enrol joins the city with a code.
func (k *kiosk) enrol(url, code string) error {
	city, err := outbox.Enrol(k.t.Context(), outbox.Enrolment{URL: url, Code: code, Station: k.cfg.Station, Name: k.desk.Info().Name, Key: k.cfg.Key, TLS: k.cfg.TLS})
	k.cfg.City = city
	return err
}

// receive records a reception and returns its number.
func (k *kiosk) receive(name, content, disposition string) string {
	k.t.Helper()
	s, err := k.desk.Receive(station.Owner(), station.Reception{At: k.desk.Now(), Channel: "walkin", Persons: 1,
		Session: station.InSession{Time: "fixed", Place: "station", Topic: "open"},
		Voter:   station.InVoter{Name: name, Phone: "13800138000"},
		Matters: []station.Issue{{Content: content, Kind: "suggestion", Category: "12", Disposition: disposition, Reply: "已说明"}}}, false, "")
	if err != nil {
		k.t.Fatal(err)
	}
	return string(s.Number)
}

func (k *kiosk) sync() error {
	o, err := outbox.New(k.cfg)
	if err != nil {
		k.t.Fatal(err)
	}
	return o.Once(k.t.Context(), nil)
}

func (k *kiosk) mustSync() {
	k.t.Helper()
	if err := k.sync(); err != nil {
		k.t.Fatal(err)
	}
}

// objects reads JSON lines.
func objects[T any](t *testing.T, s string) []T {
	t.Helper()
	var all []T
	for line := range strings.Lines(s) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, v)
	}
	return all
}
