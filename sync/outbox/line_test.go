package outbox

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"liaison/sync/wire"
)

// certificate makes one for the loopback address, valid from and until.
func certificate(t *testing.T, from, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "city"}, NotBefore: from, NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// overTLS serves the world's city with a certificate and returns the address.
func (w *world) overTLS(cert tls.Certificate) {
	s := httptest.NewUnstartedServer(w.server.Config.Handler)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}
	s.StartTLS()
	w.t.Cleanup(s.Close)
	w.cfg.City.URL = s.URL
}

// TestExpiredCertificate: told in a sentence that says what to do, and
// nothing was sent.
func TestExpiredCertificate(t *testing.T) {
	w := newWorld(t)
	w.write(2)
	now := time.Now()
	cert, pool := certificate(t, now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0))
	w.overTLS(cert)
	w.cfg.TLS = &tls.Config{RootCAs: pool}
	e := w.wantCode(w.outbox(), "certificate-expired")
	if !strings.Contains(e.ZH, "证书已过期") || strings.Contains(e.Error(), "x509") {
		t.Errorf("said: %s", e)
	}
}

// TestCertificateIsJudgedAtTheCitysTime: a flat battery has put the clock two
// years back, before the certificate; the city's last word is later.
func TestCertificateIsJudgedAtTheCitysTime(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	cert, pool := certificate(t, now.Add(-time.Hour), now.AddDate(1, 0, 0))
	w.overTLS(cert)
	w.cfg.TLS = &tls.Config{RootCAs: pool}
	back := func() time.Time { return time.Now().AddDate(-2, 0, 0) }
	w.cfg.Clock = back
	w.wantCode(w.outbox(), "certificate-expired")
	w.cfg.Clock = nil
	w.sync(w.outbox())
	w.cfg.Clock = back
	w.write(2)
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 2, 2)
}

// TestUnknownCertificate: another server answers at the address.
func TestUnknownCertificate(t *testing.T) {
	w := newWorld(t)
	cert, _ := certificate(t, time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0))
	w.overTLS(cert)
	w.wantCode(w.outbox(), "certificate")
}

// TestPlainHTTPBehindHTTPS: the port speaks no TLS.
func TestPlainHTTPBehindHTTPS(t *testing.T) {
	w := newWorld(t)
	w.cfg.City.URL = strings.Replace(w.server.URL, "http:", "https:", 1)
	w.wantCode(w.outbox(), "no-tls")
}

// TestClockAYearOff: one retry with the city's time, then all is well, and
// the people are told that the clock is wrong.
func TestClockAYearOff(t *testing.T) {
	for _, years := range []int{-1, 1} {
		w := newWorld(t)
		w.write(600)
		requests := 0
		w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
			requests++
			return http.DefaultTransport.RoundTrip(r)
		})
		w.cfg.Clock = func() time.Time { return time.Now().AddDate(years, 0, 0) }
		o := w.outbox()
		w.sync(o)
		w.wantStatus(o, 600, 600)
		if requests != 4 { // question, question with the city's time, two batches
			t.Errorf("%d requests", requests)
		}
		if s, err := o.Status(); err != nil || !s.ClockOff || s.Skew.Abs() < 364*24*time.Hour {
			t.Errorf("clock off %v by %v, %v", s.ClockOff, s.Skew, err)
		}
		w.same()
	}
}

// TestClockRefusalIsRetriedOnce: a city that never finds the time right does
// not keep the station asking.
func TestClockRefusalIsRetriedOnce(t *testing.T) {
	w := newWorld(t)
	requests := 0
	w.cfg.Transport = through(func(*http.Request) (*http.Response, error) {
		requests++
		rec := httptest.NewRecorder()
		err := wire.NewProblem(wire.ClockOff).At(time.Now().AddDate(requests, 0, 0)).Write(rec)
		return rec.Result(), err
	})
	w.wantCode(w.outbox(), wire.ClockOff)
	if requests != 2 {
		t.Errorf("%d requests", requests)
	}
}

// TestSilentCity: it takes the connection and then says nothing, or stops in
// the middle of an answer. A run ends soon.
func TestSilentCity(t *testing.T) {
	for name, begin := range map[string]string{"nothing": "", "half an answer": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					t.Cleanup(func() { _ = c.Close() })
					if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
						_, _ = io.WriteString(c, begin)
					}
				}
			}()
			w.cfg.City.URL, w.cfg.Stall = "http://"+l.Addr().String(), 200*time.Millisecond
			w.wantCode(w.outbox(), "no-answer")
		})
	}
}

// TestSlowLineIsNotSilent: an answer that trickles for longer than a silence
// may last still arrives.
func TestSlowLineIsNotSilent(t *testing.T) {
	w := newWorld(t)
	w.write(1)
	slow := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		w.handler.Load().ServeHTTP(rec, r)
		for name, v := range rec.Header() {
			rw.Header()[name] = v
		}
		rw.WriteHeader(rec.Code)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for part := range strings.SplitSeq(rec.Body.String(), `","`) {
			<-tick.C
			_, _ = io.WriteString(rw, part)
			if !strings.HasSuffix(part, "}") {
				_, _ = io.WriteString(rw, `","`)
			}
			rw.(http.Flusher).Flush()
		}
	}))
	defer slow.Close()
	w.cfg.City.URL, w.cfg.Stall = slow.URL, 400*time.Millisecond
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 1, 1)
}

// TestNobodyThere: the port is closed.
func TestNobodyThere(t *testing.T) {
	w := newWorld(t)
	w.write(1)
	w.server.Close()
	o := w.outbox()
	if e := w.wantCode(o, "not-running"); e.Fatal {
		t.Error("fatal: the station would not try again by itself")
	}
	s, err := o.Status()
	if err != nil || s.LastTry.IsZero() || !s.LastSync.IsZero() {
		t.Errorf("status %+v, %v", s, err)
	}
}

// TestAddresses: plain http only to this machine, and nothing odd.
func TestAddresses(t *testing.T) {
	for _, good := range []string{"https://city.example", "https://city.example:8443/", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"} {
		if _, err := checkAddress(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "city.example", "http://city.example", "http://192.168.1.5:8080", "ftp://city.example", "https://",
		"https://a:b@city.example", "https://city.example/path", "https://city.example?x=1", "http://127.0.0.1.example", "https://city.example#x", "::"} {
		var e *Error
		if _, err := checkAddress(bad); !errors.As(err, &e) || e.ZH == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestStatusSurvivesARestart: last run and last error are kept.
func TestStatusSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	w.write(3)
	w.sync(w.outbox())
	s, err := w.outbox().Status()
	if err != nil || s.LastSync.IsZero() || s.Confirmed != 3 || s.City != "丹阳市人大" {
		t.Errorf("status %+v, %v", s, err)
	}
	first := s.LastSync
	w.sync(w.outbox()) // nothing to send: recorded all the same
	if s, err = w.outbox().Status(); err != nil || !s.LastSync.After(first) {
		t.Errorf("status %+v, %v", s, err)
	}
	w.server.Close()
	w.wantCode(w.outbox(), "not-running")
	if s, err = w.outbox().Status(); err != nil || s.LastError == nil || s.LastError.Code != "not-running" || s.LastError.ZH == "" {
		t.Errorf("status %+v, %v", s, err)
	}
}

// TestWrongLedgerIsRefused: an outbox of one station does not send another's.
func TestWrongLedgerIsRefused(t *testing.T) {
	w := newWorld(t)
	w.cfg.Station = "QA02"
	if _, err := New(w.cfg); err == nil {
		t.Error("opened")
	}
}

// TestOneSyncWhileTheCitysClockIsAheadLocksNobodyOut: the city's clock stood
// years ahead for one sync. From the next new connection on, its certificate
// was judged at that time for good, and a restart did not help.
func TestOneSyncWhileTheCitysClockIsAheadLocksNobodyOut(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	cert, pool := certificate(t, now.Add(-time.Hour), now.AddDate(1, 0, 0))
	w.overTLS(cert)
	w.cfg.TLS = &tls.Config{RootCAs: pool}
	years := 100
	w.inCfg.Clock = func() time.Time { return time.Now().AddDate(years, 0, 0) }
	w.serve()
	w.write(2)
	w.sync(w.outbox())
	w.write(2)
	w.sync(w.outbox()) // a new connection, and the city's clock is as wrong as before
	years = 0
	w.write(2)
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 6, 6)
	if at := o.state.CityTime; at.After(time.Now().Add(time.Hour)) {
		t.Errorf("the city's time is still %s", at)
	}

	// A clock behind the certificate is helped as before.
	w.cfg.Clock = func() time.Time { return time.Now().AddDate(-2, 0, 0) }
	w.sync(w.outbox())
	// What is valid at neither time is refused, and nothing was sent.
	cert, pool = certificate(t, now.AddDate(-1, 0, 0), now.Add(-time.Minute))
	w.overTLS(cert)
	w.cfg.TLS = &tls.Config{RootCAs: pool}
	w.wantCode(w.outbox(), "certificate-expired")
}

// TestAnExpiredCertificateIsNotJudgedInThePast: the city's last word is from
// when the certificate was still valid, but this machine's clock is later.
func TestAnExpiredCertificateIsNotJudgedInThePast(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	cert, pool := certificate(t, now.Add(-time.Hour), now.Add(time.Hour))
	w.overTLS(cert)
	w.cfg.TLS = &tls.Config{RootCAs: pool}
	w.sync(w.outbox())
	w.cfg.Clock = func() time.Time { return time.Now().AddDate(0, 0, 1) }
	w.wantCode(w.outbox(), "certificate-expired")
}
