package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// TestSameBatchAThousandTimes: one effect, a thousand equal answers.
func TestSameBatchAThousandTimes(t *testing.T) {
	w := newCity(t, Config{})
	c := w.batch(chain(streamA, 500, `{"content":"楼道灯不亮"}`))
	const times = 1000
	answers := make([][]byte, times)
	var wg sync.WaitGroup
	for i := range times {
		wg.Go(func() { answers[i] = w.stored("batch", c, 500) })
	}
	wg.Wait()
	for i, a := range answers {
		if !bytes.Equal(a, answers[0]) {
			t.Fatalf("answer %d differs\n%s\n%s", i, a, answers[0])
		}
	}
	w.wantHead(streamA, 500)
	w.metric("liaison_city_entries_total 500")
	w.metric("liaison_city_batches_total 1")
	w.metric(fmt.Sprintf("liaison_city_repeated_batches_total %d", times-1))
	w.check()
}

// TestSameBatchAcrossRestarts: the answer is the same bytes when the program
// that gave it is gone, and when it is packed in another way.
func TestSameBatchAcrossRestarts(t *testing.T) {
	w := newCity(t, Config{})
	entries := chain(streamA, 20, `{}`)
	first := w.stored("batch", w.batch(entries), 20)
	in, err := New(Config{Ledger: w.ledger, Key: testKey(1)})
	if err != nil {
		t.Fatal(err)
	}
	w.in, w.server.Config.Handler = in, in
	if again := w.stored("after a restart", w.batch(entries), 20); !bytes.Equal(first, again) {
		t.Errorf("another answer:\n%s\n%s", first, again)
	}
	for i := range entries {
		entries[i] = entries[i].Withhold()
	}
	if again := w.stored("bodies withheld", w.batch(entries), 20); !bytes.Equal(first, again) {
		t.Errorf("another answer:\n%s\n%s", first, again)
	}
	if e, err := w.ledger.Entry(entries[3].Ref); err != nil || e.Absent() {
		t.Errorf("a body was lost: %v", err)
	}
}

// TestBatchInParts: parts of what is held, and runs that overlap it, have the
// effect of what is new in them, and the same answer each time.
func TestBatchInParts(t *testing.T) {
	w := newCity(t, Config{})
	e := chain(streamA, 30, `{}`)
	for _, part := range [][2]int{{0, 10}, {0, 10}, {0, 5}, {3, 7}, {8, 12}, {0, 12}, {12, 13}, {5, 30}, {29, 30}, {0, 30}} {
		name := fmt.Sprintf("%d to %d", part[0]+1, part[1])
		first := w.stored(name, w.batch(e[part[0]:part[1]]), ledger.Seq(part[1]))
		again := w.stored(name, w.batch(e[part[0]:part[1]]), ledger.Seq(part[1]))
		if !bytes.Equal(first, again) {
			t.Errorf("%s: another answer the second time", name)
		}
	}
	w.wantHead(streamA, 30)
	w.metric("liaison_city_entries_total 30")
	w.check()
}

// TestGap: what does not follow is refused with the city's position.
func TestGap(t *testing.T) {
	w := newCity(t, Config{})
	e := chain(streamA, 30, `{}`)
	p := w.refused("from nothing", w.batch(e[1:5]), wire.Gap)
	if p.Head == nil || p.Head.Seq != 0 {
		t.Errorf("position %+v", p.Head)
	}
	w.stored("beginning", w.batch(e[:5]), 5)
	p = w.refused("a hole", w.batch(e[6:9]), wire.Gap)
	if p.Head == nil || p.Head.Seq != 5 || p.Head.Hash != e[4].Hash() {
		t.Errorf("position %+v", p.Head)
	}
	w.wantHead(streamA, 5)
}

// TestFork: other content under the same number is refused, never merged,
// recorded once, and shown.
func TestFork(t *testing.T) {
	w := newCity(t, Config{})
	e, other := chain(streamA, 10, `{"a":1}`), chain(streamA, 12, `{"a":2}`)
	w.stored("first", w.batch(e), 10)
	for name, c := range map[string]call{
		"from the start": w.batch(other), "in the middle": w.batch(other[3:6]), "behind the end": w.batch(other[10:]), "over the end": w.batch(other[8:]),
	} {
		p := w.refused(name, c, wire.Fork)
		if p.Head == nil || p.Head.Seq != 10 {
			t.Errorf("%s: position %+v", name, p.Head)
		}
	}
	w.wantHead(streamA, 10)
	if h := w.health(); h.Forks != 1 || h.Status != "ok" {
		t.Errorf("health %+v", h)
	}
	list, err := w.in.Stations()
	if err != nil || len(list) != 2 || len(list[0].Forks) != 1 || list[0].Forks[0].Stream != streamA {
		t.Errorf("stations %+v, %v", list, err)
	}
	w.stored("the first goes on", w.batch(e[5:]), 10)
	w.check()
}

// TestDoubtfulEntries: stored like any other, named in the receipt, kept for
// people; bodies that are not clean JSON are among them.
func TestDoubtfulEntries(t *testing.T) {
	w := newCity(t, Config{Doubts: func(e ledger.Entry) []wire.Doubt {
		if e.Seq == 2 {
			return []wire.Doubt{{Code: "x", ZH: "甲", EN: "x"}, {Code: "y", ZH: "乙", EN: "y"}}
		}
		return nil
	}})
	raw := w.stored("not JSON", w.batch(chain(streamA, 3, "\x1b[2J not JSON")), 3)
	r, err := wire.OpenReceipt(raw, w.in.Key.Public().(ed))
	if err != nil || len(r.Doubtful) != 5 || r.Doubtful[0].Code != "body-form" || r.Doubtful[2].Code != "x" || r.Doubtful[2].Seq != 2 {
		t.Errorf("receipt %s, %v", raw, err)
	}
	if h := w.health(); h.Doubts != 3 {
		t.Errorf("health %+v", h)
	}
	if list, err := w.in.Stations(); err != nil || list[0].Doubts != 3 || list[0].Entries != 3 {
		t.Errorf("stations %+v, %v", list, err)
	}
	if e, err := w.ledger.Entry(ledger.Ref{Stream: streamA, Seq: 2}); err != nil || string(e.Body) != "\x1b[2J not JSON" {
		t.Errorf("the body was not kept as it came: %q, %v", e.Body, err)
	}
}

// TestMalformedBatches: each is refused with its reason and stores nothing.
func TestMalformedBatches(t *testing.T) {
	w := newCity(t, Config{})
	good := w.batch(chain(streamA, 5, `{"a":1}`))
	with := func(change func(*call)) call { c := good; change(&c); return c }
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := enc.EncodeAll(make([]byte, 64<<20), nil)
	path := func(s string) call { return with(func(c *call) { c.path = "/v1/streams/" + s }) }
	header := func(name, v string) call { return with(func(c *call) { c.header = map[string]string{name: v} }) }
	for name, c := range map[string]struct {
		call
		code wire.Code
	}{
		"bomb":                  {with(func(c *call) { c.body = bomb }), wire.TooLarge},
		"too many bytes":        {with(func(c *call) { c.body = make([]byte, wire.MaxPacked+1) }), wire.TooLarge},
		"too many entries":      {path("QA01/A-7f3k9q/entries/1-501"), wire.TooLarge},
		"not packed":            {with(func(c *call) { c.body = []byte("{}\n") }), wire.Malformed},
		"empty":                 {with(func(c *call) { c.body = nil }), wire.Malformed},
		"packed nothing":        {with(func(c *call) { c.body = enc.EncodeAll(nil, nil) }), wire.Malformed},
		"other range":           {path("QA01/A-7f3k9q/entries/2-6"), wire.Malformed},
		"longer range":          {path("QA01/A-7f3k9q/entries/1-6"), wire.Malformed},
		"other stream":          {path("QA01/A-other/entries/1-5"), wire.Malformed},
		"range of words":        {path("QA01/A-7f3k9q/entries/a-b"), wire.Malformed},
		"range backwards":       {path("QA01/A-7f3k9q/entries/5-1"), wire.Malformed},
		"epoch without letter":  {path("QA01/7f3k9q/entries/1-5"), wire.Malformed},
		"slash in a name":       {path("QA01/A-7f%2F3k/entries/1-5"), wire.Malformed},
		"no such path":          {path("QA01"), wire.NoSuch},
		"another station's":     {path("QA02/A-7f3k9q/entries/1-5"), wire.NotYours},
		"the city's":            {path("city/A-7f3k9q/entries/1-5"), wire.NotYours},
		"media type":            {header("Content-Type", "text/plain"), wire.BadMedia},
		"no media type":         {header("Content-Type", "-"), wire.BadMedia},
		"encoding":              {header("Content-Encoding", "gzip"), wire.BadMedia},
		"no encoding":           {header("Content-Encoding", "-"), wire.BadMedia},
		"digest of another":     {header(wire.HeaderDigest, wire.Digest(nil)), wire.BadSignature},
		"no digest":             {header(wire.HeaderDigest, "-"), wire.BadSignature},
		"no signature":          {header(wire.HeaderSignature, "-"), wire.BadSignature},
		"no signature's input":  {header(wire.HeaderInput, "-"), wire.BadSignature},
		"another station's key": {with(func(c *call) { c.key = keys["QA02"] }), wire.BadSignature},
		"a stranger":            {with(func(c *call) { c.station, c.key = "QA09", testKey(9) }), wire.Stranger},
		"too old":               {with(func(c *call) { c.at = time.Now().Add(-wire.ClockWindow - time.Minute) }), wire.ClockOff},
		"of tomorrow":           {with(func(c *call) { c.at = time.Now().Add(24 * time.Hour) }), wire.ClockOff},
	} {
		p := w.refused(name, c.call, c.code)
		if c.code == wire.ClockOff && time.Since(p.Time).Abs() > time.Minute {
			t.Errorf("%s: the city's time is said to be %v", name, p.Time)
		}
	}
	w.wantHead(streamA, 0)
	w.stored("the good one", good, 5)
}

// TestBodyUnlikeItsDigest: signed and whole, but changed on the way.
func TestBodyUnlikeItsDigest(t *testing.T) {
	w := newCity(t, Config{})
	c := w.batch(chain(streamA, 5, `{"a":1}`))
	r, err := http.NewRequest(c.method, w.server.URL+c.path, bytes.NewReader(append(bytes.Clone(c.body), 0)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", wire.TypeEntries)
	r.Header.Set("Content-Encoding", wire.Zstd)
	wire.SignRequest(r, c.body, "QA01", keys["QA01"], time.Now(), "n")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 400 {
		t.Errorf("status %d", resp.StatusCode)
	}
	w.wantHead(streamA, 0)
}

// TestBodyUnlikeItsHash: an entry that does not verify is refused, and with it
// its batch.
func TestBodyUnlikeItsHash(t *testing.T) {
	w := newCity(t, Config{})
	var text []byte
	for _, e := range chain(streamA, 3, `{"a":1}`) {
		line, err := wire.AppendLine(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, line...), '\n')
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := call{method: "PUT", path: "/v1/streams/" + string(streamA) + "/entries/1-3", station: "QA01"}
	c.body = enc.EncodeAll(bytes.Replace(text, []byte(`{"a":1}`), []byte(`{"a":9}`), 1), nil)
	w.refused("another body", c, wire.Broken)
	c.body = enc.EncodeAll(bytes.Replace(text, []byte(`"by":"a1"`), []byte(`"by":"a2"`), 1), nil)
	w.refused("another header", c, wire.Broken)
	w.wantHead(streamA, 0)
}

// TestTooOften: a station that asks too often is told when to come back;
// others are not held up.
func TestTooOften(t *testing.T) {
	now := time.Now()
	w := newCity(t, Config{Burst: 3, Rate: 0.5, Clock: func() time.Time { return now }})
	get := func(station string) call { return call{method: "GET", path: wire.PathStreams, station: station} }
	for range 3 {
		if a := w.ask(get("QA01")); a.status != 200 {
			t.Fatalf("status %d", a.status)
		}
	}
	w.refused("the fourth", get("QA01"), wire.TooMany)
	if a := w.ask(get("QA01")); a.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	if a := w.ask(get("QA02")); a.status != 200 {
		t.Errorf("another station: %d", a.status)
	}
	forged := get("QA02")
	forged.key = testKey(9)
	for range 5 {
		w.refused("forged", forged, wire.BadSignature)
	}
	if a := w.ask(get("QA02")); a.status != 200 {
		t.Errorf("forged requests used up a station's rate: %d", a.status)
	}
	now = now.Add(2 * time.Second)
	if a := w.ask(get("QA01")); a.status != 200 {
		t.Errorf("after waiting: %d", a.status)
	}
}

// TestBusy: when all workers are busy for longer than it is patient, the city
// says so at once instead of letting stations wait.
func TestBusy(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	w := newCity(t, Config{Workers: 1, Patience: 20 * time.Millisecond, Doubts: func(e ledger.Entry) []wire.Doubt {
		if e.Stream == streamA {
			close(entered)
			<-leave
		}
		return nil
	}})
	slow := w.batch(chain(streamA, 1, `{}`))
	quick := w.batch(chain("QA02/A-b", 1, `{}`))
	var wg sync.WaitGroup
	wg.Go(func() { w.stored("slow", slow, 1) })
	<-entered
	w.refused("meanwhile", quick, wire.Busy)
	if a := w.ask(quick); a.status != 503 || a.header.Get("Retry-After") != "5" {
		t.Errorf("status %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	w.refused("the same station meanwhile", slow, wire.Busy)
	close(leave)
	wg.Wait()
	w.stored("afterwards", quick, 1)
}

// sick is a ledger whose commits of entries fail.
type sick struct {
	ledger.Ledger
	err error
}

func (s *sick) Commit(ctx context.Context, c ledger.Change) ([]ledger.Entry, error) {
	if s.err != nil && len(c.Foreign) > 0 {
		return nil, s.err
	}
	return s.Ledger.Commit(ctx, c)
}

// TestNoReceiptWithoutCommit: what could not be stored is not signed for, and
// the station is told to come back.
func TestNoReceiptWithoutCommit(t *testing.T) {
	s := &sick{}
	var unsure error
	w := newCity(t, Config{})
	s.Ledger = w.ledger
	in, err := New(Config{Ledger: s, Key: testKey(1), Unsure: func(err error) { unsure = err }})
	if err != nil {
		t.Fatal(err)
	}
	w.in, w.server.Config.Handler = in, in
	c := w.batch(chain(streamA, 5, `{}`))
	for want, err := range map[wire.Code]error{wire.Full: ledger.ErrFull, wire.Failing: ledger.ErrUnsure, wire.Busy: context.DeadlineExceeded} {
		s.err = fmt.Errorf("commit: %w", err)
		w.refused(string(want), c, want)
		if a := w.ask(c); a.header.Get("Retry-After") == "" {
			t.Errorf("%s without Retry-After", want)
		}
	}
	if !errors.Is(unsure, ledger.ErrUnsure) {
		t.Errorf("nobody was told that the ledger is unsure: %v", unsure)
	}
	s.err = nil
	w.stored("afterwards", c, 5)
	w.check()
}
