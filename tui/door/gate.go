package door

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
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
	faults   map[netip.Prefix]*fault
	refused  map[refusal]*tally
	telling  chan struct{} // those who are being told why they may not enter
	shut     bool
	empty    chan struct{} // closed when shut and nobody is left
}

const maxWaiting = 8 // sessions of one connection that wait for a place

func newGate(l Limits, log *slog.Logger) *gate {
	return &gate{
		limits: l, log: log, visitors: map[*visitor]struct{}{},
		faults: map[netip.Prefix]*fault{}, refused: map[refusal]*tally{}, telling: make(chan struct{}, maxTelling),
		empty: make(chan struct{}),
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
	asked   bool // to be let in, with keys or without: the handshake is over
	failed  bool // has shown a key that is not let in
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
	why, wait := g.admit(v)
	if why != "" {
		g.tell(c, why, wait)
		return nil
	}
	ctx.SetValue(visitorKey{}, v)
	return v
}

// admit takes the visitor in, or says why not and for how long.
func (g *gate) admit(v *visitor) (code, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if why, wait := g.refusal(v); why != "" {
		g.count(why, v.source, v.since, wait)
		return why, wait
	}
	g.makeRoom(v.source)
	g.visitors[v] = struct{}{}
	return "", 0
}

func (g *gate) refusal(v *visitor) (code, time.Duration) {
	switch f := g.faults[v.source]; {
	case g.shut:
		return codeShut, 0
	case len(g.visitors) >= g.limits.Connections:
		return codeFull, 0
	case g.trusts(v.source):
	case f != nil && v.since.Before(f.until):
		return codePenalty, f.until.Sub(v.since)
	case g.inside(v.source) >= g.limits.PerAddress:
		return codeShare, 0
	}
	return "", 0
}

// inside counts the people from a source who have authenticated. Who has not
// yet gives way to them: see makeRoom.
func (g *gate) inside(src netip.Prefix) (n int) {
	for v := range g.visitors {
		if v.source == src && v.proven && !v.cut {
			n++
		}
	}
	return n
}

// trusts reports a source that is held to the common limits only.
func (g *gate) trusts(src netip.Prefix) bool {
	return slices.ContainsFunc(g.limits.Trusted, func(p netip.Prefix) bool { return p.Contains(src.Addr()) })
}

// makeRoom closes the oldest connection that has not authenticated, when
// there are too many such, in all or from src: an honest handshake is over in a
// moment, those that linger are not honest, and must not keep others out, their
// neighbours behind the same address neither.
func (g *gate) makeRoom(src netip.Prefix) {
	var oldest, oldestThere *visitor
	n, there := 0, 0
	for v := range g.visitors {
		if v.cut {
			continue
		}
		if v.source == src {
			there++
		}
		if v.proven {
			continue
		}
		n++
		if oldest == nil || v.since.Before(oldest.since) {
			oldest = v
		}
		if v.source == src && (oldestThere == nil || v.since.Before(oldestThere.since)) {
			oldestThere = v
		}
	}
	if there >= g.limits.PerAddress && oldestThere != nil && !g.trusts(src) {
		oldest = oldestThere
	} else if n < g.limits.Unproven {
		return
	}
	oldest.cut = true
	go func() { _ = oldest.Close() }()
}

// prove notes that the connection has authenticated, which clears its source.
func (v *visitor) prove() {
	v.gate.mu.Lock()
	defer v.gate.mu.Unlock()
	v.proven = true
	delete(v.gate.faults, v.source)
}

// note hears of every try to authenticate, of which the first is made without
// a key: it is how a client asks what there is.
func (v *visitor) note(method string, err error) {
	if err == nil {
		v.prove()
		return
	}
	v.gate.mu.Lock()
	defer v.gate.mu.Unlock()
	v.asked = true
	v.failed = v.failed || method != "none"
}

// Close is called by the server at the end of every connection. One that ends
// without having authenticated counts against its source.
func (v *visitor) Close() error {
	g := v.gate
	g.mu.Lock()
	if !v.gone {
		v.gone = true
		delete(g.visitors, v)
		if now := time.Now(); !v.proven && !v.cut && !g.shut && !g.trusts(v.source) {
			g.fail(v.source, v.offence(now), now)
		}
		g.leave()
	}
	g.mu.Unlock()
	return v.Conn.Close()
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
