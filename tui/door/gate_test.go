package door

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	gossh "golang.org/x/crypto/ssh"
)

func newTestGate() *gate { return newGate(Limits{}.withDefaults(), slog.New(slog.DiscardHandler)) }

func TestThePenaltyGrowsEndsAndIsForgotten(t *testing.T) {
	for _, c := range []struct {
		what  string
		o     offence
		waits []time.Duration // after each, in seconds
	}{
		{"wrong keys", offenceKeys, []time.Duration{0, 0, 0, 5, 10, 20, 40, 60, 60}},
		{"silence until the deadline", offenceSilent, []time.Duration{0, 0, 0, 5, 10, 20, 40, 60, 60}},
		{"no key", offenceNone, []time.Duration{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60}},
		{"a broken handshake", offenceAbort, []time.Duration{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60}},
	} {
		g := newTestGate()
		src := netip.MustParsePrefix("192.0.2.7/32")
		now := time.Now()
		refused := func(src netip.Prefix, at time.Time) bool {
			why, wait := g.refusal(&visitor{source: src, since: at})
			return why == codePenalty && wait > 0
		}
		for i, want := range c.waits {
			g.fail(src, c.o, now)
			if d := want * time.Second; d > 0 && !refused(src, now.Add(d-1)) || refused(src, now.Add(d)) {
				t.Errorf("%s: failure %d does not wait %v", c.what, i+1, d)
			}
		}
		if refused(netip.MustParsePrefix("192.0.2.8/32"), now) {
			t.Errorf("%s: a neighbour waits too", c.what)
		}
		// It decays: after a quiet while the next wait is shorter, in the end there is none.
		now = now.Add(time.Minute + 3*forgiveness)
		g.fail(src, c.o, now)
		if !refused(src, now) || refused(src, now.Add(59*time.Second)) {
			t.Errorf("%s: it has not decayed", c.what)
		}
		now = now.Add(faultMemory + time.Second)
		g.fail(src, c.o, now)
		if refused(src, now) {
			t.Errorf("%s: it was not forgotten", c.what)
		}
		for range 20 {
			g.fail(src, c.o, now)
		}
		(&visitor{gate: g, source: src}).prove()
		if refused(src, now) {
			t.Errorf("%s: who has proven to be known waits", c.what)
		}
	}
}

func TestHowAConnectionEndedDecidesWhatItCosts(t *testing.T) {
	g := newTestGate()
	now := time.Now()
	wrong := errors.New("no")
	for _, c := range []struct {
		what  string
		notes []string
		age   time.Duration
		want  offence
	}{
		{"cut before the handshake", nil, time.Second, offenceAbort},
		{"silent until the deadline", nil, g.limits.Handshake, offenceSilent},
		{"looked and left", []string{"none"}, time.Second, offenceNone},
		{"a wrong key", []string{"none", "publickey"}, time.Second, offenceKeys},
		{"a password", []string{"none", "password"}, time.Minute, offenceKeys},
	} {
		v := &visitor{gate: g, since: now.Add(-c.age)}
		for _, method := range c.notes {
			v.note(method, wrong)
		}
		if got := v.offence(now); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, time.Duration(got), time.Duration(c.want))
		}
	}
}

func TestTrustedSourcesHaveTheCommonLimitsOnly(t *testing.T) {
	l := Limits{Connections: 3, PerAddress: 1, Trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	g := newGate(l.withDefaults(), slog.New(slog.DiscardHandler))
	src := netip.MustParsePrefix("192.0.2.7/32")
	for range 3 {
		g.fail(src, offenceKeys, time.Now())
		v := &visitor{gate: g, source: src, since: time.Now()}
		if why, _ := g.admit(v); why != "" {
			t.Fatalf("refused: %s", why)
		}
	}
	if why, _ := g.admit(&visitor{gate: g, source: src, since: time.Now()}); why != codeFull {
		t.Errorf("a fourth of three: %q", why)
	}
}

func TestFailuresFromEverywhereTakeLittleMemory(t *testing.T) {
	g := newTestGate()
	now := time.Now()
	culprit := netip.MustParsePrefix("192.0.2.7/32")
	for i := range 50_000 {
		now = now.Add(time.Millisecond)
		src := source(&net.TCPAddr{IP: net.ParseIP(fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff)), Port: 1})
		g.fail(src, offenceKeys, now)
		g.count(codePenalty, src, now, 0)
		if i%1000 == 0 {
			g.fail(culprit, offenceKeys, now)
		}
		if len(g.faults) > maxFaults || len(g.refused) > maxTally {
			t.Fatalf("%d sources and %d refusals are remembered", len(g.faults), len(g.refused))
		}
	}
	if why, _ := g.refusal(&visitor{source: culprit, since: now}); why == "" {
		t.Error("the one that goes on was forgotten for those that came once")
	}
}

// A flood of refusals is a few lines in the log, each with how many they were.
func TestRefusalsAreLoggedByTheDozen(t *testing.T) {
	var out bytes.Buffer
	g := newGate(Limits{}.withDefaults(), slog.New(slog.NewTextHandler(&out, nil)))
	now := time.Now()
	a, b := netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("192.0.2.8/32")
	for range 25_000 { // 25 seconds
		now = now.Add(time.Millisecond)
		g.count(codePenalty, a, now, time.Second)
		g.count(codeShare, b, now, 0)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 6 || !strings.Contains(out.String(), "code=D-PENALTY source=192.0.2.7/32 connections=10000") {
		t.Errorf("%d lines: %s", len(lines), out.String())
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
