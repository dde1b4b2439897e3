package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
)

// A city is an inbox of its own ledger behind a real listener.
type city struct {
	t   *testing.T
	led *bolt.Ledger
	in  *inbox.Inbox
	srv *httptest.Server
}

func newCity(t *testing.T, start func(*httptest.Server)) *city {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	led, err := bolt.Open(filepath.Join(t.TempDir(), ledgerFile), bolt.Options{Writer: "city", Indexes: station.Indexes()})
	if err != nil {
		t.Fatal(err)
	}
	in, err := inbox.New(inbox.Config{Ledger: led, Key: key, Name: "丹阳市"})
	if err != nil {
		t.Fatal(err)
	}
	c := &city{t, led, in, httptest.NewUnstartedServer(in)}
	start(c.srv)
	t.Cleanup(func() {
		c.srv.Close()
		if err := led.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (c *city) code() string {
	c.t.Helper()
	code, err := c.in.Invite(c.t.Context(), "QA01")
	if err != nil {
		c.t.Fatal(err)
	}
	return code
}

// desk is the city's register.
func (c *city) desk() *station.Desk {
	c.t.Helper()
	d, err := station.Open(c.led, station.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

func (f folder) status() Status {
	f.t.Helper()
	return objects[Status](f.t, f.ok("status", "--json"))[0]
}

func TestWhatIsRecordedTheCityHasAfterASync(t *testing.T) {
	f := newStation(t)
	c := newCity(t, (*httptest.Server).Start)
	number := strings.TrimSpace(f.okIn(line("王小明", "路灯")+"\n", "add"))

	wants(t, f.no("", "enroll", c.srv.URL, "00000-00000-00000"), "登记码不对")
	wants(t, f.no("", "enroll", "ftp://nowhere", c.code()), "https")
	wants(t, f.no("", "sync"), "kiosk enroll")
	wants(t, f.ok("enroll", c.srv.URL, c.code()), "丹阳市")
	s := f.status()
	if s.City != c.srv.URL {
		t.Errorf("the city is at %s", s.City)
	}
	if s.Waiting != 0 || s.Confirmed != s.Entries || s.LastSync == nil || s.LastError != "" {
		t.Errorf("after the sync: %+v", s)
	}
	full, _, err := c.desk().Lookup(owner(), number)
	if err != nil || len(full.Matters) != 1 || full.Voter.Name != "" {
		t.Errorf("the city has %+v, %v", full, err)
	}
	wants(t, f.ok("check"), "完好")

	c.srv.CloseClientConnections()
	c.srv.Listener.Close()
	later := f.okIn(line("李四", "市里没开机")+"\n", "add")
	wants(t, f.no("", "sync"), "稍后")
	if s := f.status(); s.Waiting == 0 || s.LastError == "" || s.Confirmed == 0 {
		t.Errorf("with the city down: %+v", s)
	}
	wants(t, f.ok("list", "receptions"), strings.TrimSpace(later))
}

func TestTheServingProcessTakesUpAnEnrolment(t *testing.T) {
	f := newStation(t)
	c := newCity(t, (*httptest.Server).Start)
	serve(t, f)
	f.okIn(line("王小明", "路灯")+"\n", "add")
	f.ok("enroll", c.srv.URL, c.code())
	wants(t, f.ok("sync"), "同步完成")
	if s := f.status(); s.Waiting != 0 || s.Next == nil {
		t.Errorf("in the living process: %+v", s)
	}
}

// TestSyncEndsWhenTheCityIsSilent: somebody accepts the connection and never
// says a word.
func TestSyncEndsWhenTheCityIsSilent(t *testing.T) {
	t.Parallel()
	f := newStation(t)
	c := newCity(t, (*httptest.Server).Start)
	f.ok("enroll", c.srv.URL, c.code())
	addr := c.srv.Listener.Addr().String()
	c.srv.Close()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	began := time.Now()
	wants(t, f.no("", "sync"), "没有应答")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v to say so", took)
	}
}

// TestACertificateDecides: one that nobody knows, one given with --ca, and one
// that has expired.
func TestACertificateDecides(t *testing.T) {
	c := newCity(t, (*httptest.Server).StartTLS)
	f := newStation(t)
	wants(t, f.no("", "enroll", c.srv.URL, c.code()), "证书")
	ca := write(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.srv.Certificate().Raw})))
	wants(t, f.no("", "enroll", c.srv.URL, c.code(), "--ca", write(t, "x.pem", "no certificate")), "证书")
	wants(t, f.no("", "enroll", c.srv.URL, c.code(), "--ca", ca+"x"), "没有")
	f.ok("enroll", c.srv.URL, c.code(), "--ca", ca)
	f.okIn(line("王小明", "路灯")+"\n", "add")
	wants(t, f.ok("sync"), "同步完成") // the certificate was kept

	old := newCity(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{expired(t)}}
		s.StartTLS()
	})
	ca = write(t, "old.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: old.srv.Certificate().Raw})))
	wants(t, newStation(t).no("", "enroll", old.srv.URL, old.code(), "--ca", ca), "过期")

	plain := newStation(t)
	wants(t, plain.no("", "enroll", "http://203.0.113.7:8080", c.code()), "https")
}

func TestACaptivePortalIsNotTheCity(t *testing.T) {
	f := newStation(t)
	c := newCity(t, (*httptest.Server).Start)
	f.ok("enroll", c.srv.URL, c.code())
	before := f.status()
	f.okIn(line("王小明", "路灯")+"\n", "add")
	c.srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<html>please sign in</html>")
	})
	wants(t, f.no("", "sync"), "没有把任何数据算作已送达")
	if s := f.status(); s.Confirmed != before.Confirmed || s.Waiting == 0 {
		t.Errorf("counted as received: %+v", s)
	}
}

// TestACallersInterruptEndsASync as Ctrl-C would.
func TestACallersInterruptEndsASync(t *testing.T) {
	f := newStation(t)
	asked := make(chan struct{}, 100)
	c := newCity(t, (*httptest.Server).Start)
	f.ok("enroll", c.srv.URL, c.code())
	f.okIn(line("王小明", "路灯")+"\n", "add")
	c.srv.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan result, 1)
	go func() { done <- f.runWith(ctx, &bytes.Buffer{}, "sync") }()
	<-asked
	cancel()
	select {
	case r := <-done:
		if r.code == 0 {
			t.Errorf("done: %+v", r)
		}
		sentenceOnly(t, r.errs)
	case <-time.After(patience):
		t.Error("it goes on")
	}
	if n := len(objects[report.Reception](t, f.ok("list", "receptions", "--json"))); n != 1 {
		t.Errorf("%d receptions", n)
	}
}

// expired is a certificate for this machine that was good until yesterday.
func expired(t *testing.T) tls.Certificate {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(0, 0, -1),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
