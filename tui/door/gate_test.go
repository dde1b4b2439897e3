package door

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	gossh "golang.org/x/crypto/ssh"
)

func newTestGate() *gate { return newGate(Limits{}.withDefaults(), slog.New(slog.DiscardHandler)) }

func TestThePenaltyGrowsEndsAndIsForgotten(t *testing.T) {
	g := newTestGate()
	src := netip.MustParsePrefix("192.0.2.7/32")
	now := time.Now()
	refused := func(at time.Time) bool { return g.refusal(&visitor{source: src, since: at}) != "" }
	for i, want := range []time.Duration{0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60} {
		g.fail(src, now)
		if d := want * time.Second; d > 0 && !refused(now.Add(d-1)) || refused(now.Add(d)) {
			t.Errorf("failure %d does not wait %v", i+1, d)
		}
	}
	if g.refusal(&visitor{source: netip.MustParsePrefix("192.0.2.8/32"), since: now}) != "" {
		t.Error("a neighbour waits too")
	}
	now = now.Add(faultMemory + time.Second)
	g.fail(src, now)
	if refused(now) {
		t.Error("it was not forgotten")
	}
	for range 5 {
		g.fail(src, now)
	}
	(&visitor{gate: g, source: src}).prove()
	if refused(now) {
		t.Error("who has proven to be known waits")
	}
}

func TestFailuresFromEverywhereTakeLittleMemory(t *testing.T) {
	g := newTestGate()
	now := time.Now()
	culprit := netip.MustParsePrefix("192.0.2.7/32")
	for i := range 50_000 {
		now = now.Add(time.Millisecond)
		g.fail(source(&net.TCPAddr{IP: net.ParseIP(fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff)), Port: 1}), now)
		if i%1000 == 0 {
			g.fail(culprit, now)
		}
		if len(g.faults) > maxFaults {
			t.Fatalf("%d sources are remembered", len(g.faults))
		}
	}
	if g.refusal(&visitor{source: culprit, since: now}) == "" {
		t.Error("the one that goes on was forgotten for those that came once")
	}
}

func TestAnIPv6HostCannotChangeItsAddressToBeNew(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"[2001:db8::1]:22", "[2001:db8::ffff:2]:9", "2001:db8::/64"},
		{"192.0.2.1:22", "[::ffff:192.0.2.1]:9", "192.0.2.1/32"},
		{"[fe80::1%lo]:22", "[fe80::2]:1", "fe80::/64"},
	} {
		a, b := source(addr(c.a)), source(addr(c.b))
		if a != b || a.String() != c.want {
			t.Errorf("%s → %v, %s → %v, want %s", c.a, a, c.b, b, c.want)
		}
	}
	if source(addr("pipe")).IsValid() {
		t.Error("a source for what has no address")
	}
}

type addr string

func (addr) Network() string  { return "tcp" }
func (a addr) String() string { return string(a) }

// FuzzRequests: whatever a client puts in a request, the size is affordable
// and the environment small and printable.
func FuzzRequests(f *testing.F) {
	f.Add("pty-req", gossh.Marshal(struct {
		T          string
		W, H, P, Q uint32
		M          string
	}{"xterm", 80, 24, 0, 0, ""}))
	f.Add("window-change", gossh.Marshal(struct{ W, H, P, Q uint32 }{1 << 31, 0, 1, 1}))
	f.Add("env", gossh.Marshal(struct{ K, V string }{"LANG", "zh_CN.UTF-8"}))
	f.Add("signal", gossh.Marshal(struct{ N string }{"INT"}))
	d := &Door{cfg: Config{Limits: Limits{}.withDefaults()}}
	f.Fuzz(func(t *testing.T, kind string, payload []byte) {
		ctx, cancel := context.WithCancelCause(context.Background())
		s := &session{door: d, resize: make(chan tea.WindowSizeMsg, 1), ctx: ctx, cancel: cancel}
		for range maxEnv + 2 {
			switch kind {
			case "pty-req":
				s.terminal(payload)
			case "env":
				s.setenv(payload)
			case "signal":
				s.signal(payload)
			}
			s.windowChange(payload)
		}
		l := d.cfg.Limits
		if s.term != "" && (s.size.Width < 1 || s.size.Height < 1 || s.size.Width > l.Width || s.size.Height > l.Height) {
			t.Errorf("size %v", s.size)
		}
		if len(s.resize) > 0 {
			if m := <-s.resize; m.Width < 1 || m.Height < 1 || m.Width > l.Width || m.Height > l.Height {
				t.Errorf("resize %v", m)
			}
		}
		if len(s.env) > maxEnv || len(s.term) > maxTerm || !printable(s.term) {
			t.Errorf("env %q, term %q", s.env, s.term)
		}
		for _, kv := range s.env {
			if len(kv) > 64+maxValue || !printable(kv) {
				t.Errorf("env %q", kv)
			}
		}
	})
}
