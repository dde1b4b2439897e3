package door

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"charm.land/ssh"
)

// gate decides before the handshake who may connect. Keys are not guessed,
// but each try costs this machine a key exchange, and every connection memory.
type gate struct {
	limits Limits
	log    *slog.Logger

	mu       sync.Mutex
	visitors map[*visitor]struct{}
	from     map[netip.Prefix]int
	faults   map[netip.Prefix]*fault
	shut     bool
	empty    chan struct{} // closed when shut and nobody is left
}

// fault is the memory of a source whose connections failed to authenticate.
type fault struct {
	n     int
	last  time.Time
	until time.Time // refused until then
}

const (
	freeFaults  = 3                // failures without a penalty: a forgotten key, a probe
	faultMemory = 10 * time.Minute // after the last one all is forgotten
	maxFaults   = 4096             // sources remembered
	maxWaiting  = 8                // sessions of one connection that wait for a place
)

func newGate(l Limits, log *slog.Logger) *gate {
	return &gate{
		limits: l, log: log, visitors: map[*visitor]struct{}{}, from: map[netip.Prefix]int{},
		faults: map[netip.Prefix]*fault{}, empty: make(chan struct{}),
	}
}

// A visitor is one connection.
type visitor struct {
	net.Conn
	gate   *gate
	source netip.Prefix
	since  time.Time
	slots  chan struct{} // sessions at once

	// under gate.mu
	waiting int
	idle    bool // at the last look
	proven  bool // has authenticated
	cut     bool // closed by us
	gone    bool
}

type visitorKey struct{}

func visitorOf(ctx ssh.Context) *visitor {
	v, _ := ctx.Value(visitorKey{}).(*visitor)
	return v
}

// source is what limits and penalties go by: an IPv4 address, or the /64 that
// an IPv6 host chooses its addresses from. It is zero for what has neither.
func source(a net.Addr) netip.Prefix {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}
	}
	ip := ap.Addr().Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits)
	return p
}

// enter is the server's ConnCallback: nil closes the connection at once.
func (g *gate) enter(ctx ssh.Context, c net.Conn) net.Conn {
	v := &visitor{Conn: c, gate: g, source: source(c.RemoteAddr()), since: time.Now(), slots: make(chan struct{}, g.limits.Sessions)}
	g.mu.Lock()
	defer g.mu.Unlock()
	if why := g.refusal(v); why != "" {
		g.log.Debug("door: refused", "remote", c.RemoteAddr().String(), "why", why)
		return nil
	}
	g.makeRoom()
	g.visitors[v] = struct{}{}
	g.from[v.source]++
	ctx.SetValue(visitorKey{}, v)
	return v
}

func (g *gate) refusal(v *visitor) string {
	switch f := g.faults[v.source]; {
	case g.shut:
		return "shutting down"
	case f != nil && v.since.Before(f.until):
		return "repeated failures"
	case len(g.visitors) >= g.limits.Connections:
		return "too many connections"
	case g.from[v.source] >= g.limits.PerAddress:
		return "too many connections from there"
	}
	return ""
}

// makeRoom closes the oldest connection that has not authenticated, when
// there are too many such: an honest handshake is over in a moment, those that
// linger are not honest.
func (g *gate) makeRoom() {
	var oldest *visitor
	n := 0
	for v := range g.visitors {
		if v.proven || v.cut {
			continue
		}
		n++
		if oldest == nil || v.since.Before(oldest.since) {
			oldest = v
		}
	}
	if n >= g.limits.Unproven {
		oldest.cut = true
		go func() { _ = oldest.Close() }()
	}
}

// prove notes that the connection has authenticated, which clears its source.
func (v *visitor) prove() {
	v.gate.mu.Lock()
	defer v.gate.mu.Unlock()
	v.proven = true
	delete(v.gate.faults, v.source)
}

// Close is called by the server at the end of every connection. One that ends
// without having authenticated counts against its source.
func (v *visitor) Close() error {
	g := v.gate
	g.mu.Lock()
	if !v.gone {
		v.gone = true
		delete(g.visitors, v)
		if g.from[v.source]--; g.from[v.source] == 0 {
			delete(g.from, v.source)
		}
		if !v.proven && !v.cut && !g.shut {
			g.fail(v.source, time.Now())
		}
		g.leave()
	}
	g.mu.Unlock()
	return v.Conn.Close()
}

// fail counts one failure of src and makes it wait, twice as long each time.
// Connections refused while it waits do not prolong it: an honest person
// behind the same address waits no longer than the penalty.
func (g *gate) fail(src netip.Prefix, now time.Time) {
	f := g.faults[src]
	if f == nil || now.Sub(f.last) > faultMemory {
		g.dropFault(now)
		f = &fault{}
		g.faults[src] = f
	}
	f.n++
	f.last = now
	if f.n <= freeFaults {
		return
	}
	wait := min(time.Second<<min(f.n-freeFaults-1, 20), g.limits.Penalty)
	f.until = now.Add(wait)
	g.log.Warn("door: repeated failures", "source", src.String(), "failures", f.n, "wait", wait)
}

// dropFault makes a place in a full memory: all that has lapsed goes, or else
// the one that has been quiet longest.
func (g *gate) dropFault(now time.Time) {
	if len(g.faults) < maxFaults {
		return
	}
	var quietest netip.Prefix
	var since time.Time
	for src, f := range g.faults {
		if now.Sub(f.last) > faultMemory {
			delete(g.faults, src)
			continue
		}
		if since.IsZero() || f.last.Before(since) {
			quietest, since = src, f.last
		}
	}
	if len(g.faults) >= maxFaults {
		delete(g.faults, quietest)
	}
}

// leave tells a waiting drain that nobody is left.
func (g *gate) leave() {
	if !g.shut || len(g.visitors) > 0 {
		return
	}
	select {
	case <-g.empty:
	default:
		close(g.empty)
	}
}

// hangUp is how long a client whose last session has ended may take to close
// the connection itself: closing it first could cost it the exit status.
const hangUp = 500 * time.Millisecond

// drain lets nobody in any more and waits until all have left. Those without
// a session are sent away after hangUp; what is left at the end of ctx is cut
// off and counted.
func (g *gate) drain(ctx context.Context) (cutOff int) {
	g.mu.Lock()
	g.shut = true
	g.leave()
	g.mu.Unlock()
	g.cutAll(func(v *visitor) bool { return !v.proven })
	look := time.NewTicker(hangUp)
	defer look.Stop()
	for {
		select {
		case <-g.empty:
			return 0
		case <-look.C:
			g.cutAll((*visitor).wasIdle)
		case <-ctx.Done():
			return g.cutAll(func(*visitor) bool { return true })
		}
	}
}

// wasIdle says whether the connection has had no session since it was last
// asked.
func (v *visitor) wasIdle() bool {
	was := v.idle
	v.idle = len(v.slots) == 0
	return was && v.idle
}

func (g *gate) cutAll(which func(*visitor) bool) (n int) {
	g.mu.Lock()
	var cut []*visitor
	for v := range g.visitors {
		if which(v) {
			v.cut = true
			cut = append(cut, v)
		}
	}
	g.mu.Unlock()
	for _, v := range cut {
		_ = v.Close()
	}
	return len(cut)
}

// patience is how long a new session waits for the last one's place, which a
// client has given up a moment before.
const patience = 2 * time.Second

// takeSlot takes a session's place on the connection.
func (v *visitor) takeSlot() bool {
	select {
	case v.slots <- struct{}{}:
		return true
	default:
	}
	if !v.queue(1) {
		return false
	}
	defer v.queue(-1)
	select {
	case v.slots <- struct{}{}:
		return true
	case <-time.After(patience):
		return false
	}
}

// queue counts who waits for a place; false when too many do.
func (v *visitor) queue(n int) bool {
	v.gate.mu.Lock()
	defer v.gate.mu.Unlock()
	if n > 0 && v.waiting >= maxWaiting {
		return false
	}
	v.waiting += n
	return true
}

func (v *visitor) giveSlot() { <-v.slots }
