package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"liaison/sync/outbox"
	"liaison/sync/wire"
	"liaison/tui/door/doortest"
)

// An assault is what is done to a city over HTTP, by strangers and by a station
// that is enrolled and means ill, all from the honest station's own address.
type assault struct {
	t       *testing.T
	url     string
	host    string
	secure  *tls.Config
	client  *http.Client
	station string
	key     ed25519.PrivateKey
}

// many does f n times, so many at once.
func many(n, atOnce int, f func(i int)) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range atOnce {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				f(i)
			}
		})
	}
	wg.Wait()
}

// answers counts what came back, by status; 0 is a line that was cut.
type answers struct {
	mu sync.Mutex
	n  map[int]int
}

func (a *answers) add(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.n == nil {
		a.n = map[int]int{}
	}
	a.n[status]++
}

func (a *answers) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.TrimPrefix(fmt.Sprint(a.n), "map")
}

// only fails where any other answer came than those.
func (a *answers) only(t *testing.T, what string, allowed ...int) {
	t.Helper()
	for status, n := range a.n {
		if !slices.Contains(allowed, status) {
			t.Errorf("%s: %d times %d", what, n, status)
		}
	}
}

// ask sends a request and counts its answer.
func (a *assault) ask(r *http.Request, got *answers) {
	resp, err := a.client.Do(r)
	if err != nil {
		got.add(0)
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	_ = resp.Body.Close()
	got.add(resp.StatusCode)
}

func (a *assault) request(method, path string, body io.Reader) *http.Request {
	r, err := http.NewRequest(method, a.url+path, body)
	if err != nil {
		a.t.Fatal(err)
	}
	return r
}

// signed is a batch of the enrolled station that claims entries 1 to n.
func (a *assault) signed(body []byte, n int) *http.Request {
	r := a.request(http.MethodPut, fmt.Sprintf("%s/%s/A-x/entries/1-%d", wire.PathStreams, a.station, n), bytes.NewReader(body))
	r.Header.Set("Content-Type", wire.TypeEntries)
	r.Header.Set("Content-Encoding", wire.Zstd)
	wire.SignRequest(r, body, a.station, a.key, time.Now(), "bm9uY2U")
	return r
}

func (a *assault) headers() string {
	var got answers
	many(300/slowness, 16, func(i int) {
		r := a.request(http.MethodGet, wire.PathStreams, nil)
		r.Header.Set("X-Long", strings.Repeat("x", 32<<10<<(i%5)))
		a.ask(r, &got)
	})
	got.only(a.t, "headers", 0, http.StatusRequestHeaderFieldsTooLarge)
	return fmt.Sprintf("%d headers of 32 KiB to 512 KiB: %s", 300/slowness, &got)
}

func (a *assault) bodies() string {
	var got answers
	big := make([]byte, 64<<20) // packed; the limit is 4 MiB
	many(max(16/slowness, 4), 4, func(int) { a.ask(a.signed(big, 1), &got) })
	many(max(16/slowness, 4), 4, func(int) { a.ask(a.request(http.MethodPost, wire.PathEnrol, bytes.NewReader(big)), &got) })
	got.only(a.t, "bodies", 0, http.StatusRequestEntityTooLarge, http.StatusBadRequest, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	return fmt.Sprintf("%d bodies of 64 MiB: %s", 2*max(16/slowness, 4), &got)
}

// bombs unpack to a gibibyte each.
func (a *assault) bombs() string {
	var b bytes.Buffer
	enc, err := zstd.NewWriter(&b, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		a.t.Fatal(err)
	}
	zeroes := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := enc.Write(zeroes); err != nil {
			a.t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		a.t.Fatal(err)
	}
	var got answers
	many(60/slowness, 16, func(int) { a.ask(a.signed(b.Bytes(), 500), &got) })
	got.only(a.t, "bombs", http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable)
	return fmt.Sprintf("%d zstd bombs of %d KiB for 1 GiB: %s", 60/slowness, b.Len()>>10, &got)
}

// slow are bodies that come a byte at a time, signed and not, until it ends.
func (a *assault) slow(ctx context.Context) string {
	for i := range 60 {
		r := a.signed(make([]byte, 1<<20), 1)
		if i%2 == 1 {
			r = a.request(http.MethodPost, wire.PathEnrol, nil)
		}
		r = r.WithContext(ctx)
		r.Body, r.ContentLength = io.NopCloser(&trickle{ctx}), 1<<20
		go func() {
			if resp, err := a.client.Do(r); err == nil {
				_ = resp.Body.Close()
			}
		}()
	}
	return "60 bodies a byte at a time, until the end"
}

type trickle struct{ ctx context.Context }

func (t *trickle) Read(p []byte) (int, error) {
	select {
	case <-t.ctx.Done():
		return 0, t.ctx.Err()
	case <-time.After(100 * time.Millisecond):
		p[0] = 'x'
		return 1, nil
	}
}

// silent connections: half say nothing, half stop after their half of the TLS
// handshake or in the middle of a header.
func (a *assault) silent() (said string, end func()) {
	var all []net.Conn
	for i := range 500 {
		c, err := net.Dial("tcp", a.host)
		if err != nil {
			continue
		}
		switch i % 4 {
		case 1:
			_, _ = io.WriteString(c, "\x16\x03\x01\x02\x00\x01\x00")
		case 2:
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n")
		case 3:
			s := tls.Client(c, a.secure)
			if s.Handshake() == nil {
				_, _ = io.WriteString(s, "GET /v1/streams HTTP/1.1\r\nHost: x\r\nX-A: ")
			}
		}
		all = append(all, c)
	}
	return fmt.Sprintf("%d connections that say nothing, or stop in the middle, kept", len(all)), func() {
		for _, c := range all {
			_ = c.Close()
		}
	}
}

func (a *assault) parallel() string {
	var got answers
	many(500/min(slowness, 5), 500, func(int) { a.ask(a.request(http.MethodGet, "/"+strings.Repeat("x", 4000), nil), &got) })
	got.only(a.t, "parallel", 0, http.StatusNotFound, http.StatusTooManyRequests)
	return fmt.Sprintf("%d requests at once: %s", 500/min(slowness, 5), &got)
}

func (a *assault) signatures() string {
	var got answers
	_, wrong, err := ed25519.GenerateKey(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	many(5000/slowness, 16, func(i int) {
		r := a.request(http.MethodGet, wire.PathStreams, nil)
		station := []string{"QA01", a.station, "QA99"}[i%3]
		wire.SignRequest(r, nil, station, wrong, time.Now(), "bm9uY2U")
		a.ask(r, &got)
	})
	got.only(a.t, "signatures", 0, http.StatusUnauthorized, http.StatusTooManyRequests)
	return fmt.Sprintf("%d wrong signatures: %s", 5000/slowness, &got)
}

// codes guesses the code that a station has been given.
func (a *assault) codes() string {
	refused := map[wire.Code]int{}
	for range 60 {
		_, err := outbox.Enrol(a.t.Context(), outbox.Enrolment{URL: a.url, Code: "00000-00000-00000", Station: "QA03", Key: a.key, TLS: a.secure})
		e, ok := errors.AsType[*outbox.Error](err)
		if !ok {
			a.t.Fatalf("enrolled with %v", err)
		}
		refused[e.Code]++
	}
	if refused[wire.BadCode] > 12 || refused[wire.BadCode]+refused[wire.TooMany] != 60 {
		a.t.Errorf("codes: %v", refused)
	}
	return fmt.Sprintf("60 guesses of a code: %d were looked at", refused[wire.BadCode])
}

// TestTheCityUnderAbuse: the program as a process of its own, with TLS and the
// limits of every day, read from outside. A station at the same address goes on
// syncing all the time.
func TestTheCityUnderAbuse(t *testing.T) {
	f := newFolder(t)
	cert, key, pool := certificates(t, t.TempDir(), time.Now().Add(time.Hour))
	codes := map[string]string{}
	for _, s := range []string{"QA01", "QA66", "QA03"} {
		codes[s] = strings.TrimSpace(f.ok("enroll", s))
	}
	p := start(t, f, "127.0.0.1:0", "--cert", cert, "--key", key)
	secure := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}
	honest, bad := newKiosk(t, "QA01"), newKiosk(t, "QA66")
	for _, k := range []*kiosk{honest, bad} {
		k.cfg.TLS = secure
		if err := k.enrol(p.url, codes[k.cfg.Station]); err != nil {
			t.Fatal(err)
		}
	}
	a := &assault{t: t, url: p.url, host: strings.TrimPrefix(p.url, "https://"), secure: secure, station: "QA66", key: bad.cfg.Key,
		client: &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: secure, MaxIdleConnsPerHost: 64}}}
	syncs := honest.syncs()
	out := doortest.Proc{TB: t, PID: p.Process.Pid}
	var memory uint64
	if runtime.GOOS == "linux" {
		memory = out.Memory("VmRSS")
		out.ForgetPeak()
	}

	slow, stop := context.WithCancel(t.Context())
	t.Log(a.slow(slow))
	said, hangUp := a.silent()
	t.Log(said)
	for _, step := range []func() string{a.headers, a.bodies, a.bombs, a.parallel, a.signatures, a.codes} {
		began := time.Now()
		said := step()
		t.Logf("%s (%v)", said, time.Since(began).Round(time.Millisecond))
	}
	n, median, longest := syncs()
	t.Logf("the honest station synced %d times meanwhile: median %v, longest %v", n, median.Round(time.Millisecond), longest.Round(time.Millisecond))
	if n < 20 {
		t.Errorf("only %d syncs", n)
	}
	stop()
	hangUp()
	a.client.CloseIdleConnections()
	if runtime.GOOS == "linux" {
		peak := out.Memory("VmHWM")
		quiet := out.Busy(time.Second)
		for limit := time.Now().Add(patience); quiet > 0.2 && time.Now().Before(limit); {
			quiet = out.Busy(time.Second)
		}
		after := out.Memory("VmRSS")
		t.Logf("memory %d MiB before, at most %d MiB, %d MiB after; processor %.1f %% of a core when it is over", memory>>20, peak>>20, after>>20, 100*quiet)
		if peak > memory+slowness*256<<20 || quiet > 0.2 {
			t.Error("memory and processor do not stay level")
		}
	}
	if b, err := os.ReadFile(filepath.Join(f.dir, logFile)); err != nil || len(b) > 2<<20 {
		t.Errorf("a log of %d bytes, %v", len(b), err)
	} else {
		t.Logf("the log has %d KiB", len(b)>>10)
	}
	// The right code is still good once the guesses are forgiven, and all is whole.
	if out := f.ok("check"); !strings.Contains(out, "完好") {
		t.Errorf("check: %s", out)
	}
}

// syncs has the station record and sync until the returned function is called,
// which says how often it did and how long that took.
func (k *kiosk) syncs() (end func() (n int, median, longest time.Duration)) {
	k.t.Helper()
	o, err := outbox.New(k.cfg)
	if err != nil {
		k.t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	var took []time.Duration
	go func() {
		defer close(done)
		for {
			k.receive("王小明", "路灯不亮", "onspot")
			began := time.Now()
			err := o.Once(k.t.Context(), nil)
			if e, ok := errors.AsType[*outbox.Error](err); ok && !e.Fatal { // on a slow machine: a kiosk comes back by itself
				k.t.Logf("after %d syncs it had to come back later: %s", len(took), e.Code)
				select {
				case <-stop: // the last one is made below
					return
				default:
					continue
				}
			}
			if err != nil {
				k.t.Errorf("sync %d: %v: %v", len(took), err, errors.Unwrap(err))
				return
			}
			took = append(took, time.Since(began))
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() (int, time.Duration, time.Duration) {
		close(stop)
		select {
		case <-done:
		case <-time.After(patience):
			k.t.Fatal("the honest station never gets through")
		}
		if len(took) == 0 {
			return 0, 0, 0
		}
		k.mustSync()
		s, err := o.Status()
		if err != nil || s.Waiting != 0 {
			k.t.Errorf("after all: %+v, %v", s, err)
		}
		slices.Sort(took)
		return len(took), took[len(took)/2], took[len(took)-1]
	}
}
