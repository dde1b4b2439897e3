package outbox

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"liaison/sync/inbox"
	"liaison/sync/wire"
)

// listened is a request that somebody copied on its way.
type listened struct {
	r    *http.Request
	body []byte
}

// again sends it once more, as it was, and returns the city's problem.
func (l listened) again(t *testing.T) wire.Code {
	t.Helper()
	r := l.r.Clone(t.Context())
	r.Body = io.NopCloser(bytes.NewReader(l.body))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusOK {
		return ""
	}
	p, err := wire.ParseProblem(b)
	if err != nil {
		t.Fatalf("%d %s: %v", resp.StatusCode, b, err)
	}
	return p.Code
}

// tap is a transport that copies what goes through it.
func tap(t *testing.T, all *[]listened) http.RoundTripper {
	return through(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*all = append(*all, listened{r.Clone(t.Context()), body})
		r.Body = io.NopCloser(bytes.NewReader(body))
		return http.DefaultTransport.RoundTrip(r)
	})
}

func codeOf(err error) wire.Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	if err != nil {
		return "?"
	}
	return ""
}

func (w *world) rekey(old, next ed25519.PrivateKey, line http.RoundTripper) error {
	return Rekey(w.t.Context(), Renewal{City: w.cfg.City, Station: "QA01", Old: old, Next: next, Transport: line})
}

// TestStolenKeyIsRevoked: a station's key is copied. Once the city has revoked
// it, neither the thief nor the station gets anything in or out with it, over the
// line, by exchanging it, by the old code or by a new one; after a restart of
// the city neither. With a new key all is as it was, and the thief is still out.
func TestStolenKeyIsRevoked(t *testing.T) {
	w := newWorld(t)
	var heard []listened
	w.cfg.Transport = tap(t, &heard)
	w.write(30)
	w.sync(w.outbox())
	before := len(heard)
	if err := w.handler.Load().Revoke(t.Context(), "QA01"); err != nil {
		t.Fatal(err)
	}
	if err := w.handler.Load().Revoke(t.Context(), "QA09"); !errors.Is(err, inbox.ErrUnknownStation) {
		t.Errorf("revoking nobody: %v", err)
	}
	w.write(5)
	refused := 0
	for _, when := range []string{"revoked", "and after a restart"} {
		e := w.wantCode(w.outbox(), wire.Revoked)
		if !e.Fatal {
			t.Errorf("%s: it would try for ever", when)
		}
		for _, l := range heard[:before] {
			if got := l.again(t); got != wire.Revoked {
				t.Errorf("%s: %s %s again: %q", when, l.r.Method, l.r.URL.Path, got)
			}
			refused++
		}
		if got := codeOf(w.rekey(stationKey, testKey(9), nil)); got != wire.Revoked {
			t.Errorf("%s: the thief exchanges the key: %q", when, got)
		}
		refused += 2
		w.serve()
	}

	code, err := w.handler.Load().Invite(t.Context(), "QA01")
	if err != nil {
		t.Fatal(err)
	}
	e := Enrolment{URL: w.server.URL, Code: code, Station: "QA01", Name: "曲阿街道代表联络站", Key: stationKey}
	wantEnrol(t, e, wire.SpentKey)
	e.Key = testKey(5)
	wantEnrol(t, e, "") // the code was not used up by the key that was refused
	w.cfg.Key = testKey(5)
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 35, 35)
	for _, l := range heard[:before] {
		if got := l.again(t); got != wire.BadSignature {
			t.Errorf("after all, %s %s again: %q", l.r.Method, l.r.URL.Path, got)
		}
		refused++
	}
	w.same()
	list, err := w.handler.Load().Stations()
	if err != nil || len(list) != 1 || len(list[0].Keys) != 3 || list[0].Keys[1].What != inbox.StepRevoked || !list[0].Revoked.IsZero() {
		t.Errorf("stations %+v, %v", list, err)
	}
	t.Logf("%d requests with the stolen key: 0 had an effect", refused)
}

// TestReplayedRequestsHaveOneEffect: somebody listens to an enrolment, a sync
// and an exchange of the key, and sends each request twenty times more. Batches
// are answered and stored once; who is believed changes once, and those very
// requests are refused, after a restart too.
func TestReplayedRequestsHaveOneEffect(t *testing.T) {
	w := newWorld(t)
	var heard []listened
	w.cfg.Transport = tap(t, &heard)
	code, err := w.handler.Load().Invite(t.Context(), "QA02")
	if err != nil {
		t.Fatal(err)
	}
	wantEnrol(t, Enrolment{URL: w.server.URL, Code: code, Station: "QA02", Name: "云阳", Key: testKey(3), Transport: w.cfg.Transport}, "")
	w.write(700)
	w.sync(w.outbox())
	if err := w.rekey(stationKey, testKey(6), w.cfg.Transport); err != nil {
		t.Fatal(err)
	}
	w.cfg.Key = testKey(6)
	counts := map[string]int{}
	for round := range 20 {
		if round == 10 {
			w.serve()
		}
		for _, l := range heard {
			got := l.again(t)
			switch l.r.URL.Path {
			case wire.PathEnrol:
				if got != wire.Replayed {
					t.Errorf("the enrolment again: %q", got)
				}
			case wire.PathRekey:
				if got != wire.Replayed {
					t.Errorf("the rekey again: %q", got)
				}
			default: // signed with the key that is gone
				if got != wire.BadSignature {
					t.Errorf("%s %s again: %q", l.r.Method, l.r.URL.Path, got)
				}
			}
			counts[l.r.URL.Path]++
		}
	}
	heard = nil
	w.write(700)
	w.sync(w.outbox())
	puts := 0
	for range 20 {
		for _, l := range heard {
			if got := l.again(t); got != "" {
				t.Errorf("%s %s again: %q", l.r.Method, l.r.URL.Path, got)
			}
			if l.r.Method == http.MethodPut {
				puts++
			}
		}
	}
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 1400, 1400)
	w.same()
	list, err := w.handler.Load().Stations()
	if err != nil || len(list) != 2 || list[0].Entries != 1400 || len(list[0].Keys) != 2 || len(list[1].Keys) != 1 {
		t.Errorf("stations %+v, %v", list, err)
	}
	t.Logf("replayed: %d enrolments and %d rekeys refused, %d batches with one effect", counts[wire.PathEnrol], counts[wire.PathRekey], puts)
}

// TestReplayOfYesterdayIsRefused: what was heard is of no use once its time has
// passed, whatever it was.
func TestReplayOfYesterdayIsRefused(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.inCfg.Clock = func() time.Time { return now }
	w.serve()
	var heard []listened
	w.cfg.Transport = tap(t, &heard)
	w.write(10)
	w.sync(w.outbox())
	now = now.Add(wire.ClockWindow + time.Minute)
	for _, l := range heard {
		if got := l.again(t); got != wire.ClockOff {
			t.Errorf("%s %s a little later: %q", l.r.Method, l.r.URL.Path, got)
		}
	}
}

// TestReorderedRequestsAreRefusedOrWait: the batches of a station arrive in
// every order. One that comes before those in front of it is told of the gap and
// changes nothing; the order in the ledger is the numbers'.
func TestReorderedRequestsAreRefusedOrWait(t *testing.T) {
	w := newWorld(t)
	var heard []listened
	w.cfg.Transport = tap(t, &heard)
	w.write(2000) // four batches
	w.sync(w.outbox())
	var puts []listened
	for _, l := range heard {
		if l.r.Method == http.MethodPut {
			puts = append(puts, l)
		}
	}
	if len(puts) != 4 {
		t.Fatalf("%d batches", len(puts))
	}
	gaps, orders := 0, 0
	for _, order := range permutations(4) {
		if err := w.city.Close(); err != nil {
			t.Fatal(err)
		}
		w.dir = t.TempDir() // a city that holds nothing yet
		w.city = w.open("city.db", "city")
		w.serve()
		w.enrol()
		held := 0
		for len(order) > 0 { // a station goes on with what was refused
			var wait []int
			for _, i := range order {
				got, want := puts[i].again(t), wire.Code("")
				if i > held {
					want = wire.Gap
					wait = append(wait, i)
					gaps++
				} else {
					held = max(held, i+1)
				}
				if got != want {
					t.Fatalf("batch %d with %d held: %q, want %q", i, held, got, want)
				}
			}
			order = wait
		}
		w.same()
		orders++
	}
	t.Logf("%d orders of 4 batches: %d came too early and waited, 0 out of order", orders, gaps)
}

// permutations of 0 to n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for at := range n {
			q := append(append(append([]int{}, p[:at]...), n-1), p[at:]...)
			all = append(all, q)
		}
	}
	return all
}

// TestARekeyIsDoneOnceHoweverOftenItIsAsked: the answer is lost before and
// after it was carried out; the old key is good for nothing afterwards, and
// neither comes back.
func TestARekeyIsDoneOnceHoweverOftenItIsAsked(t *testing.T) {
	w := newWorld(t)
	next := testKey(7)
	lost := through(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, errCut
	})
	for range 2 {
		if got := codeOf(w.rekey(stationKey, next, lost)); got != "cut" {
			t.Fatalf("lost: %q", got)
		}
	}
	w.serve() // the city starts anew in between
	if err := w.rekey(stationKey, next, nil); err != nil {
		t.Fatal(err)
	}
	w.write(3)
	w.wantCode(w.outbox(), wire.BadSignature) // with the old key
	w.cfg.Key = next
	w.sync(w.outbox())
	w.same()

	for name, c := range map[string]struct {
		old, next ed25519.PrivateKey
		want      wire.Code
	}{
		"a key that never counted": {testKey(8), testKey(9), wire.BadSignature},
		"the old key, to another":  {stationKey, testKey(9), wire.BadSignature},
		"back to the old key":      {next, stationKey, wire.SpentKey},
		"to itself":                {next, next, wire.BadSignature},
	} {
		if got := codeOf(w.rekey(c.old, c.next, nil)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	// Somebody else's new key: the proof must be by the key that comes.
	k := wire.NewRekey("QA01", next.Public().(ed25519.PublicKey), testKey(9))
	k.Key = testKey(10).Public().(ed25519.PublicKey)
	body, err := k.Body()
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLine(w.server.URL, w.cfg.withDefaults(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.ask(t.Context(), request{method: http.MethodPost, path: wire.PathRekey, body: body, limit: wire.MaxSmall, station: "QA01", key: next})
	if got := codeOf(err); got != wire.BadSignature {
		t.Errorf("a key whose holder did not ask: %q", got)
	}
	list, err := w.handler.Load().Stations()
	if err != nil || len(list[0].Keys) != 2 || list[0].Keys[1].What != inbox.StepRolled {
		t.Errorf("stations %+v, %v", list, err)
	}
}

// TestWrongClockRetriesOnceWithTheCitysTime: enrolment, sync and rekey of a
// station whose clock is three years behind, each with one retry and no more.
func TestWrongClockRetriesOnceWithTheCitysTime(t *testing.T) {
	w := newWorld(t)
	wrong := func() time.Time { return time.Now().AddDate(-3, 0, 0) }
	var heard []listened
	line := tap(t, &heard)
	asked := func(what string, want int) {
		t.Helper()
		if len(heard) != want {
			t.Errorf("%s: %d requests, want %d", what, len(heard), want)
		}
		heard = nil
	}
	code, err := w.handler.Load().Invite(t.Context(), "QA02")
	if err != nil {
		t.Fatal(err)
	}
	wantEnrol(t, Enrolment{URL: w.server.URL, Code: code, Station: "QA02", Name: "云阳", Key: testKey(3), Transport: line, Clock: wrong}, "")
	asked("enrolment", 2)
	if err := Rekey(t.Context(), Renewal{City: w.cfg.City, Station: "QA01", Old: stationKey, Next: testKey(4), Transport: line, Clock: wrong}); err != nil {
		t.Fatal(err)
	}
	asked("rekey", 2)
	w.cfg.Key, w.cfg.Clock, w.cfg.Transport = testKey(4), wrong, line
	w.write(600)
	o := w.outbox()
	w.sync(o)
	asked("sync of two batches", 4)
	w.wantStatus(o, 600, 600)
	if s, err := o.Status(); err != nil || !s.ClockOff {
		t.Errorf("nobody is told of the clock: %+v, %v", s, err)
	}
	w.same()
}
