package main

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"liaison/sync/inbox"
)

// How long a stranger may take for a request, and its answer. A batch that a
// station has signed for may take longer: the inbox sees to it.
const (
	headTime   = 10 * time.Second
	wholeTime  = 20 * time.Second
	answerTime = 30 * time.Second
	idleTime   = 2 * time.Minute
	maxHeader  = 16 << 10 // bytes
)

// Connections at once.
const (
	maxConns  = 4096
	perSource = 512
)

// httpServer is what stands before the inbox. It speaks HTTP/1.1, which is what
// stations speak, and no more.
func httpServer(in *inbox.Inbox, secure *tls.Config, log *slog.Logger, c *crowd) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{Handler: in, TLSConfig: secure, Protocols: protocols, ReadHeaderTimeout: headTime, ReadTimeout: wholeTime,
		WriteTimeout: answerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ConnState: c.state, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
}

// A crowd is a listener that keeps so many connections at once, in all and from
// one source. When there are too many, the oldest that has not had an answer yet
// gives way: an honest request is over in a moment. Where all have, the newcomer
// is turned away.
type crowd struct {
	net.Listener
	max, each int
	log       *slog.Logger

	mu     sync.Mutex
	all    map[net.Conn]*guest
	turned int // away or out since the last line of the log
	last   time.Time
}

type guest struct {
	source   netip.Addr
	since    time.Time
	answered bool
	out      bool
}

func newCrowd(l net.Listener, log *slog.Logger) *crowd {
	return &crowd{Listener: l, max: maxConns, each: perSource, log: log, all: map[net.Conn]*guest{}}
}

// Accept implements net.Listener.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		k := &kept{Conn: conn, crowd: c}
		if c.admit(k) {
			return k, nil
		}
		_ = conn.Close()
	}
}

func sourceOf(a net.Addr) netip.Addr {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	ip := ap.Addr().Unmap().WithZone("")
	if ip.Is6() {
		p, _ := ip.Prefix(64)
		return p.Addr()
	}
	return ip
}

func (c *crowd) admit(conn net.Conn) bool {
	g := &guest{source: sourceOf(conn.RemoteAddr()), since: time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, there := 0, 0
	var oldest, oldestThere net.Conn
	older := func(a, b net.Conn) bool { return b == nil || c.all[a].since.Before(c.all[b].since) }
	for k, o := range c.all {
		if o.out {
			continue
		}
		n++
		if o.source == g.source {
			there++
		}
		if o.answered {
			continue
		}
		if older(k, oldest) {
			oldest = k
		}
		if o.source == g.source && older(k, oldestThere) {
			oldestThere = k
		}
	}
	if there >= c.each {
		oldest = oldestThere
	} else if n < c.max {
		c.all[conn] = g
		return true
	}
	c.turned++
	if g.since.Sub(c.last) >= 10*time.Second {
		c.log.Warn("too many connections", "code", "C-CROWD", "source", g.source.String(), "in all", n, "from there", there, "turned away", c.turned)
		c.turned, c.last = 0, g.since
	}
	if oldest == nil {
		return false
	}
	c.all[oldest].out = true
	go func() { _ = oldest.Close() }()
	c.all[conn] = g
	return true
}

// state is the server's word on a connection.
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if g := c.all[conn]; g != nil && s == http.StateIdle {
		g.answered = true
	}
}

// kept is a connection of a crowd.
type kept struct {
	net.Conn
	crowd *crowd
}

func (k *kept) Close() error {
	k.crowd.mu.Lock()
	delete(k.crowd.all, k)
	k.crowd.mu.Unlock()
	return k.Conn.Close()
}
