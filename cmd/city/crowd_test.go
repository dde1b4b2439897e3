package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSilentConnectionsGiveWay: a source has its share of connections. Those
// that never asked anything give way to one that does; where all have been
// answered, the next is turned away.
func TestSilentConnectionsGiveWay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var lines logbook
	log := slog.New(slog.NewTextHandler(&lines, nil))
	c := newCrowd(l, log)
	c.each = 4
	srv := httpServer(nil, nil, log, c)
	srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	go func() { _ = srv.Serve(c) }()
	defer srv.Close()
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(patience))
		return conn
	}
	ask := func(conn net.Conn) string {
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return err.Error()
		}
		b := make([]byte, 512)
		n, err := conn.Read(b)
		if err != nil {
			return err.Error()
		}
		return string(b[:n])
	}
	var silent []net.Conn
	for range 12 {
		silent = append(silent, dial())
	}
	for _, conn := range silent[:8] { // the oldest went
		if _, err := conn.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
			t.Errorf("a silent connection: %v", err)
		}
	}
	for range 4 {
		if got := ask(dial()); !strings.HasPrefix(got, "HTTP/1.1 200") {
			t.Errorf("an honest request: %q", got)
		}
	}
	for limit := time.Now().Add(patience); time.Now().Before(limit); { // until the server has noted the last answer
		c.mu.Lock()
		answered := 0
		for _, g := range c.all {
			if g.answered {
				answered++
			}
		}
		c.mu.Unlock()
		if answered == 4 {
			break
		}
	}
	if got := ask(dial()); strings.HasPrefix(got, "HTTP") {
		t.Errorf("a fifth of four: %q", got)
	}
	if !strings.Contains(lines.String(), "code=C-CROWD") {
		t.Errorf("log: %s", lines.String())
	}
}

// logbook is a log that a test can read.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logbook) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
