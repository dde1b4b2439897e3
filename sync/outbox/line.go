package outbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"liaison/sync/wire"
)

// line asks the city and reads its answers.
type line struct {
	base    *url.URL
	http    *http.Client
	station string
	key     ed25519.PrivateKey
	clock   func() time.Time
	random  io.Reader
	program string
	// offset is added to the clock when signing, once the city has said in
	// this run that the clock is off.
	offset time.Duration
	// certTime is when certificates are judged, unless atClock has it be the
	// clock's time.
	certTime func() time.Time
	atClock  atomic.Bool
}

// dialTime is how long a connection may take to be made.
const dialTime = 4 * time.Second

func newLine(address string, c Config, certTime func() time.Time) (*line, error) {
	base, err := checkAddress(address)
	if err != nil {
		return nil, err
	}
	l := &line{base: base, station: c.Station, key: c.Key, clock: c.Clock, random: c.Rand, program: wire.Program(c.Version), certTime: certTime}
	transport := c.Transport
	if transport == nil {
		transport = newTransport(c.TLS, c.Stall, l.judgeAt)
	}
	l.http = &http.Client{
		Transport: transport,
		// A captive portal redirects; the city never does.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return l, nil
}

// judgeAt is when the certificate of a connection that is being made is judged.
func (l *line) judgeAt() time.Time {
	if l.atClock.Load() {
		return l.clock()
	}
	return l.certTime()
}

// checkAddress accepts https to anywhere, and plain http to this machine only.
func checkAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, say(badAddress, errors.Join(err, fmt.Errorf("address %.100q", address)))
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return nil, problem(wire.NewProblem(wire.NeedTLS), fmt.Errorf("address %.100q", address))
	}
	u.Path = ""
	return u, nil
}

// newTransport returns a transport on which nothing can wait for ever: not
// for the connection, not for the answer, not for a line that stands still.
func newTransport(base *tls.Config, stall time.Duration, certTime func() time.Time) *http.Transport {
	secure := &tls.Config{}
	if base != nil {
		secure = base.Clone()
	}
	secure.MinVersion = tls.VersionTLS13
	secure.Time = certTime
	dialer := &net.Dialer{Timeout: dialTime}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		Protocols:           protocols,
		TLSClientConfig:     secure,
		TLSHandshakeTimeout: 5 * time.Second,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
		ReadBufferSize:      32 << 10,
		WriteBufferSize:     32 << 10,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &moving{c, stall}, nil
		},
	}
}

// moving is a connection that breaks when nothing has moved on it for a
// while. A slow line is none the worse for it. An idle one breaks too, and is
// then made anew.
type moving struct {
	net.Conn
	stall time.Duration
}

func (m *moving) Read(p []byte) (int, error) {
	if err := m.SetReadDeadline(time.Now().Add(m.stall)); err != nil {
		return 0, err
	}
	return m.Conn.Read(p)
}

// Write also prolongs a Read that waits for the answer meanwhile.
func (m *moving) Write(p []byte) (int, error) {
	if err := m.SetDeadline(time.Now().Add(m.stall)); err != nil {
		return 0, err
	}
	return m.Conn.Write(p)
}

// answer is what came back when the city did what was asked.
type answer struct {
	header http.Header
	body   []byte
	nonce  string    // of the request that was answered
	at     time.Time // own clock when it came
}

// request is what is asked; it can be asked twice.
type request struct {
	method, path string
	header       map[string]string
	body         []byte
	limit        int64 // bytes of the answer
	station      string
	key          ed25519.PrivateKey
}

func (l *line) get(ctx context.Context, path string, limit int64) (answer, error) {
	return l.ask(ctx, request{method: http.MethodGet, path: path, limit: limit, station: l.station, key: l.key})
}

// put sends a batch; voucher is nil unless it is the city's own.
func (l *line) put(ctx context.Context, b wire.Batch, voucher []byte) (answer, error) {
	header := map[string]string{"Content-Type": wire.TypeEntries, "Content-Encoding": wire.Zstd}
	if voucher != nil {
		header[wire.HeaderReceipt] = base64.StdEncoding.EncodeToString(voucher)
	}
	return l.ask(ctx, request{method: http.MethodPut, path: b.Path(), body: b.Body, limit: wire.MaxSmall, station: l.station, key: l.key, header: header})
}

// ask sends a request. When the city finds the clock wrong, it asks once more
// with the city's time. All that is done is idempotent, so that is safe. The
// error is an *Error or ctx's.
//
// When the certificate is not valid at the city's last said time, which is ahead
// of the clock, it asks once more and has it judged at the clock's time. One of
// the two is wrong and nobody here can tell which: this machine's battery is
// flat, or the city's clock was set wrong for a while. To believe only the
// later one would lock the station out for good in the second case, since without
// a connection the city can never say a better time. What the other choice costs
// is little: whoever holds the key to a certificate that has expired, and stands
// in between, and meets a machine whose clock is behind, may read along; he
// cannot speak as the city, whose every word is signed with the pinned key. A
// clock that is ahead of the city's word is not doubted: time has passed since.
func (l *line) ask(ctx context.Context, q request) (answer, error) {
	a, p, err := l.try(ctx, q)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == oldCertificate.code && l.certTime().After(l.clock()) {
		l.atClock.Store(true)
		a, p, err = l.try(ctx, q)
		l.atClock.Store(false)
	}
	if err == nil && p != nil && p.Code == wire.ClockOff && !p.Time.IsZero() && l.offset == 0 {
		l.offset = p.Time.Sub(l.clock())
		a, p, err = l.try(ctx, q)
	}
	if err != nil {
		return a, err
	}
	if p != nil {
		return a, problem(*p, nil)
	}
	return a, nil
}

// try sends a request once.
func (l *line) try(ctx context.Context, q request) (answer, *wire.Problem, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, l.base.String()+q.path, bytes.NewReader(q.body))
	if err != nil {
		return answer{}, nil, say(badAddress, err)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	r.Header.Set(wire.HeaderProgram, l.program)
	var b [16]byte
	if _, err := io.ReadFull(l.random, b[:]); err != nil {
		return answer{}, nil, fmt.Errorf("sign request: %w", err)
	}
	a := answer{nonce: base64.RawURLEncoding.EncodeToString(b[:])}
	wire.SignRequest(r, q.body, q.station, q.key, l.clock().Add(l.offset), a.nonce)
	resp, err := l.http.Do(r)
	if err != nil {
		return a, nil, network(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	a.at, a.header = l.clock(), resp.Header
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, q.limit+1))
	switch {
	case err != nil:
		return a, nil, network(ctx, err)
	case int64(len(a.body)) > q.limit:
		return a, nil, notTheCity(fmt.Errorf("an answer of more than %d bytes", q.limit))
	case resp.StatusCode == http.StatusOK:
		return a, nil, nil
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	p, err := wire.ParseProblem(a.body)
	if err != nil || media != wire.TypeProblem {
		return a, nil, stray(resp, l.clock())
	}
	p.RetryAfter = wire.RetryAfter(resp.Header, l.clock())
	return a, &p, nil
}

// stray is for an answer that the city's program did not give: something
// between answers for it.
func stray(resp *http.Response, now time.Time) *Error {
	cause := fmt.Errorf("status %d without a problem of ours", resp.StatusCode)
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 {
		e := problem(wire.NewProblem(wire.Busy), cause)
		e.Wait = wire.RetryAfter(resp.Header, now)
		return e
	}
	return notTheCity(cause)
}
