package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"liaison/station/ledger"
	"liaison/sync/inbox"
	"liaison/sync/wire"
)

// lossy loses a request before it arrives, or its answer after it took effect.
type lossy struct {
	mu   sync.Mutex
	rng  *rand.Rand
	loss float64
	cuts int
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	before, after := l.rng.Float64() < l.loss/2, l.rng.Float64() < l.loss/2
	if before || after {
		l.cuts++
	}
	l.mu.Unlock()
	if before {
		return nil, errCut
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && after {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return nil, errCut
	}
	return resp, err
}

// TestTenThousandEntriesThroughHundredsOfCuts: the line loses most requests or
// their answers, the city is restarted all the while, and so is the outbox.
// The city ends with exactly the same entries.
func TestTenThousandEntriesThroughHundredsOfCuts(t *testing.T) {
	w := newWorld(t)
	line := &lossy{rng: rand.New(rand.NewPCG(1, 2)), loss: 0.8}
	w.cfg.Transport = line
	const parts, each = 100, 100
	o := w.outbox()
	for part := range parts {
		w.write(each)
		for o.Once(t.Context(), nil) != nil {
			if line.cuts > 100_000 {
				t.Fatal("no progress")
			}
		}
		if part%10 == 9 {
			w.restartCity("city.db")
			o = w.outbox()
		}
	}
	w.wantStatus(o, parts*each, parts*each)
	w.same()
	t.Logf("%d entries, %d cuts, %d restarts", parts*each, line.cuts, parts/10)
	if line.cuts < 200 {
		t.Errorf("only %d cuts: the test does not show what it should", line.cuts)
	}
}

// TestBatchIsSentAgainAsTheSameBytes: the answer is lost, the program starts
// anew, more is written and a body is withheld meanwhile; what is sent again
// is what was sent before.
func TestBatchIsSentAgainAsTheSameBytes(t *testing.T) {
	w := newWorld(t)
	w.write(20)
	var sent [][]byte
	lose := true
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPut {
			return http.DefaultTransport.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		sent = append(sent, body)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && lose {
			_ = resp.Body.Close()
			return nil, errCut
		}
		return resp, err
	})
	w.wantCode(w.outbox(), "cut")
	w.write(5)
	lose = false
	w.cfg.Withhold = func(ledger.Entry) bool { return true }
	o := w.outbox()
	w.sync(o)
	if len(sent) != 3 || !bytes.Equal(sent[0], sent[1]) {
		t.Errorf("%d batches sent; the second is the first: %v", len(sent), len(sent) > 1 && bytes.Equal(sent[0], sent[1]))
	}
	w.wantStatus(o, 25, 25)
	w.same()
}

// TestPrivateAndSupersededBodiesStayHere: headers travel, these bodies do not.
func TestPrivateAndSupersededBodiesStayHere(t *testing.T) {
	w := newWorld(t)
	_, err := w.station.Commit(t.Context(), ledger.Change{New: []ledger.New{
		{Kind: "voter", ID: "p1", By: "a1", Private: true, Body: []byte(`{"name":"王小明","phone":"13800138000"}`)},
		{Kind: "contact", ID: "c1", By: "a1", Body: []byte(`{"phone":"13800138001"}`)},
		{Kind: "visit", ID: "v1", By: "a1", Body: []byte(`{"content":"路灯"}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.cfg.Withhold = func(e ledger.Entry) bool { return e.Kind == "contact" }
	w.sync(w.outbox())
	list, err := w.city.Since(w.station.Own(), 0, 10)
	if err != nil || len(list) != 3 || !list[0].Absent() || !list[1].Absent() || list[2].Absent() {
		t.Errorf("the city holds %+v, %v", list, err)
	}
	w.same()
}

// TestOnlyTheCitysReceiptCounts: nothing that something else answers is taken
// for a receipt.
func TestOnlyTheCitysReceiptCounts(t *testing.T) {
	for name, answer := range map[string]*http.Response{
		"captive portal":  page(200, "<html>欢迎使用本网络，请先登录</html>", "Content-Type", "text/html"),
		"redirect":        page(302, "", "Location", "http://portal.example/login"),
		"empty 200":       page(200, ""),
		"no content":      page(204, ""),
		"empty object":    page(200, "{}", "Content-Type", "application/json"),
		"its own problem": page(404, `{"type":"about:blank","title":"Not Found","status":404}`, "Content-Type", wire.TypeProblem),
		"endless":         page(200, strings.Repeat("x", wire.MaxSmall+2)),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPut} {
			t.Run(name+" to "+method, func(t *testing.T) {
				w := newWorld(t)
				w.write(3)
				w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
					if r.Method == method {
						return answer, nil
					}
					return http.DefaultTransport.RoundTrip(r)
				})
				o := w.outbox()
				if e := w.wantCode(o, "not-the-city"); e.Fatal {
					t.Error("fatal: the station would not try again by itself")
				}
				w.wantStatus(o, 3, 0)
				w.cfg.Transport = nil
				o = w.outbox()
				w.sync(o)
				w.wantStatus(o, 3, 3)
			})
		}
	}
}

// TestReceiptOfAnotherKeyOrStreamIsRefused: a well-formed receipt is not
// enough.
func TestReceiptOfAnotherKeyOrStreamIsRefused(t *testing.T) {
	w := newWorld(t)
	w.write(3)
	head, err := w.station.Head(w.station.Own())
	if err != nil {
		t.Fatal(err)
	}
	good := wire.Receipt{Stream: head.Stream, Through: 3, Head: head.Hash, At: w.outbox().Clock()}
	for name, forge := range map[string]func() ([]byte, error){
		"another key":    func() ([]byte, error) { return good.Sign(testKey(9)) },
		"another stream": func() ([]byte, error) { r := good; r.Stream = "QA02/A-x"; return r.Sign(cityKey) },
		"less":           func() ([]byte, error) { r := good; r.Through = 2; return r.Sign(cityKey) },
		"more":           func() ([]byte, error) { r := good; r.Through = 4; return r.Sign(cityKey) },
		"another hash":   func() ([]byte, error) { r := good; r.Head[0] ^= 1; return r.Sign(cityKey) },
	} {
		raw, err := forge()
		if err != nil {
			t.Fatal(err)
		}
		w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPut {
				return page(200, string(raw), "Content-Type", wire.TypeJSON), nil
			}
			return http.DefaultTransport.RoundTrip(r)
		})
		t.Run(name, func(t *testing.T) {
			w.t = t
			o := w.outbox()
			w.wantCode(o, "not-the-city")
			w.wantStatus(o, 3, 0)
		})
	}
}

// TestOldAnswersAreNotTakenForNew: a listing that the city signed for an
// earlier request is refused.
func TestOldAnswersAreNotTakenForNew(t *testing.T) {
	w := newWorld(t)
	var old []byte
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		if old != nil {
			return page(200, string(old), "Content-Type", wire.TypeJSON), nil
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		old, err = io.ReadAll(resp.Body)
		return page(200, string(old), "Content-Type", wire.TypeJSON), err
	})
	o := w.outbox()
	w.sync(o)
	w.wantCode(o, "not-the-city")
}

// TestReplayedRequestsHaveNoEffect: every request of a run is sent again by
// somebody who listened.
func TestReplayedRequestsHaveNoEffect(t *testing.T) {
	w := newWorld(t)
	w.write(700)
	type seen struct {
		r    *http.Request
		body []byte
	}
	var all []seen
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		all = append(all, seen{r.Clone(context.Background()), body})
		r.Body = io.NopCloser(bytes.NewReader(body))
		return http.DefaultTransport.RoundTrip(r)
	})
	w.sync(w.outbox())
	for range 3 {
		for _, s := range all {
			s.r.Body = io.NopCloser(bytes.NewReader(s.body))
			resp, err := http.DefaultTransport.RoundTrip(s.r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s %s again: %d", s.r.Method, s.r.URL.Path, resp.StatusCode)
			}
		}
	}
	w.same()
}

// TestCityRestoredToAnOlderCopy: the city goes back; the station sees it at
// the next run and sends again from there, and shows the truth meanwhile.
func TestCityRestoredToAnOlderCopy(t *testing.T) {
	for _, before := range []int{0, 600} {
		t.Run(fmt.Sprintf("of %d entries", before), func(t *testing.T) {
			w := newWorld(t)
			o := w.outbox()
			w.write(before)
			w.sync(o)
			w.copyOf(w.city, "older.db")
			w.write(700)
			w.sync(o)
			all := uint64(before + 700)
			w.wantStatus(o, all, all)

			w.restartCity("older.db")
			w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPut {
					return nil, errCut
				}
				return http.DefaultTransport.RoundTrip(r)
			})
			o = w.outbox()
			w.wantCode(o, "cut")
			w.wantStatus(o, all, uint64(before))

			w.cfg.Transport = nil
			o = w.outbox()
			w.sync(o)
			w.wantStatus(o, all, all)
			w.same()
		})
	}
}

// TestCityGoesBackBetweenQuestionAndBatch: the position that the city told is
// no longer true when the batch arrives. It says so, and is asked again.
func TestCityGoesBackBetweenQuestionAndBatch(t *testing.T) {
	w := newWorld(t)
	o := w.outbox()
	w.write(10)
	w.sync(o)
	w.copyOf(w.city, "older.db")
	w.write(10)
	w.sync(o)
	w.write(10)
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPut && w.city.Path() != w.dir+"/older.db" {
			w.restartCity("older.db")
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	o = w.outbox()
	w.sync(o)
	w.wantStatus(o, 30, 30)
	w.same()
}

// TestReceiptLostWithItsFrozenBatch: the city has entries for which this
// ledger has neither receipt nor frozen batch. The receipt is fetched.
func TestReceiptLostWithItsFrozenBatch(t *testing.T) {
	w := newWorld(t)
	w.write(10)
	w.copyOf(w.station, "copy.db")
	w.sync(w.outbox())
	w.cfg.Ledger = w.open("copy.db", "QA01") // the same epoch, before it was sent
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 10, 10)
	if h, err := w.cfg.Ledger.Head(w.station.Own()); err != nil || h.Confirmed != 10 {
		t.Errorf("head %+v, %v", h, err)
	}
}

// TestTwoMachinesAsOneStation: a copied file is written to on two machines.
// The second is refused, told so, and the city's people see it.
func TestTwoMachinesAsOneStation(t *testing.T) {
	for name, more := range map[string]int{"as many": 2, "more": 3, "fewer": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(5)
			w.copyOf(w.station, "twin.db")
			w.write(2)
			w.sync(w.outbox())
			twin := w.open("twin.db", "QA01")
			write(t, twin, more, func(ledger.Seq) string { return `{"content":"other"}` })
			w.cfg.Ledger = twin
			if e := w.wantCode(w.outbox(), wire.Fork); !e.Fatal {
				t.Error("not fatal")
			}
			if h, err := w.city.Head(twin.Own()); err != nil || h.Seq != 7 {
				t.Errorf("the city went to %d, %v", h.Seq, err)
			}
		})
	}
}

// TestForkIsShownAtTheCity: two machines send the same number at the same
// moment; each asked before the other had sent.
func TestForkIsShownAtTheCity(t *testing.T) {
	w := newWorld(t)
	w.write(5)
	w.sync(w.outbox())
	w.copyOf(w.station, "twin.db")
	twin := w.open("twin.db", "QA01")
	write(t, twin, 2, func(ledger.Seq) string { return `{"content":"other"}` })
	first := w.outbox()
	w.write(2)
	w.cfg.Ledger = twin
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPut {
			if err := first.Once(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	w.wantCode(w.outbox(), wire.Fork)
	list, err := w.handler.Load().Stations()
	if err != nil || len(list) != 1 || len(list[0].Forks) != 1 || list[0].Forks[0].Seq != 6 {
		t.Errorf("stations %+v, %v", list, err)
	}
	w.same()
}

// TestDoubtfulEntriesAreStoredAndNamed: what the city doubts holds up nothing.
func TestDoubtfulEntriesAreStoredAndNamed(t *testing.T) {
	w := newWorld(t)
	w.inCfg = inbox.Config{Doubts: func(e ledger.Entry) []wire.Doubt {
		if e.Seq%4 != 0 {
			return nil
		}
		return []wire.Doubt{{Code: "no-such-village", ZH: "村（社区）编号不在名册中。", EN: "The village is not on the list."}}
	}}
	w.serve()
	w.write(9)
	o := w.outbox()
	w.sync(o)
	w.wantStatus(o, 9, 9)
	doubts, err := o.Doubts()
	if err != nil || len(doubts) != 2 || doubts[0].Ref.Seq != 4 || doubts[1].Doubts[0].Code != "no-such-village" {
		t.Errorf("doubts %+v, %v", doubts, err)
	}
	list, err := w.handler.Load().Stations()
	if err != nil || list[0].Doubts != 2 {
		t.Errorf("stations %+v, %v", list, err)
	}
	w.same()
}

// TestProgress: the bar goes from nothing to all and never back.
func TestProgress(t *testing.T) {
	w := newWorld(t)
	w.write(1100)
	var steps []string
	err := w.outbox().Once(t.Context(), func(done, total uint64) { steps = append(steps, fmt.Sprintf("%d/%d", done, total)) })
	if err != nil || strings.Join(steps, " ") != "0/1100 500/1100 1000/1100 1100/1100" {
		t.Errorf("progress %v, %v", steps, err)
	}
}

// TestTwoRunsAtOnce: the second waits for the first and finds nothing to do.
func TestTwoRunsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.write(1500)
	o := w.outbox()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := o.Once(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.wantStatus(o, 1500, 1500)
	w.same()
}

// TestCancelledRun: whoever stops a run gets their own error, and nothing of
// it is held against the city.
func TestCancelledRun(t *testing.T) {
	w := newWorld(t)
	w.write(10)
	ctx, cancel := context.WithCancel(t.Context())
	w.cfg.Transport = through(func(r *http.Request) (*http.Response, error) {
		cancel()
		return nil, r.Context().Err()
	})
	o := w.outbox()
	if err := o.Once(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if s, err := o.Status(); err != nil || s.LastError != nil || s.Running {
		t.Errorf("status %+v, %v", s, err)
	}
}
