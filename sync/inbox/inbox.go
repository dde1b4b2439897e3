// Package inbox is the city's side of the line: an http.Handler that takes
// entries from stations, stores every well-formed one durably, and gives its
// signed word for it.
//
// What it keeps beside the entries lies among the ledger's local settings:
//
//	station/<code>        key, name, since when, last seen, clock      (a record in JSON)
//	enrol/<code>          hash of an open one-time code, until when
//	fork/<stream>         the first entry that contradicted what the city holds
//	doubt/<stream>/<seq>  what the city finds wrong with a stored entry
//
// Answers are made from what has been committed. The same batch again, whole
// or in part, alone or a thousand times in parallel, has one effect; a batch
// that ends where a stored one ended gets the very bytes of that receipt.
package inbox

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// Config says how an inbox works. Fields left nil or zero have defaults, but
// for Ledger and Key.
type Config struct {
	Ledger ledger.Ledger
	Key    ed25519.PrivateKey // signs receipts; stations pin its public part
	Name   string             // the city's name, told at enrolment
	Clock  func() time.Time
	Rand   io.Reader
	Logger *slog.Logger

	// Doubts is the city's own look at an entry that it has accepted. What
	// it returns is kept, and named in the receipt; Seq need not be set.
	Doubts func(ledger.Entry) []wire.Doubt
	// Record writes down what happens to a station's key (a Step…), before
	// it does; its error stops it.
	Record func(step, station, keyID string) error
	// Unsure is called once when the ledger no longer takes entries
	// (ledger.ErrUnsure): the process should end and start anew.
	Unsure func(error)

	Readers  int           // bodies read at once: 128
	Workers  int           // batches unpacked and stored at once: 4 a processor
	Patience time.Duration // how long a request waits for its turn: 5 s
	Rate     float64       // requests a second and station, lastingly: 50
	Burst    int           // and at once: 2,000
	Tries    int           // wrong enrolment codes at once from one source: 10, then one a minute
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Doubts == nil {
		c.Doubts = func(ledger.Entry) []wire.Doubt { return nil }
	}
	if c.Record == nil {
		c.Record = func(string, string, string) error { return nil }
	}
	if c.Unsure == nil {
		c.Unsure = func(error) {}
	}
	if c.Readers == 0 {
		c.Readers = 128
	}
	if c.Workers == 0 {
		c.Workers = 4 * runtime.GOMAXPROCS(0)
	}
	if c.Patience == 0 {
		c.Patience = 5 * time.Second
	}
	if c.Rate == 0 {
		c.Rate = 50
	}
	if c.Burst == 0 {
		c.Burst = 2000
	}
	if c.Tries == 0 {
		c.Tries = 10
	}
	return c
}

// Inbox is the city's http.Handler. See New.
type Inbox struct {
	Config
	mux     *http.ServeMux
	readers chan struct{}
	workers chan *tools // the tools are the right to work
	figures *figures
	failed  sync.Once

	mu      sync.Mutex
	members map[string]*member
	streams map[string][]ledger.Stream // every stream held, by writer
	once    requests
	sources map[string]*bucket // wrong enrolments by source address
	codes   map[string]*bucket // and by station
	wrong   *bucket            // and all together

	unsigned map[string]*bucket // requests of strangers by source address
	floods   strangers
}

// tools are what one batch is worked on with.
type tools struct {
	*wire.Packer
	*wire.Unpacker
}

// New returns the inbox of a city's ledger.
func New(c Config) (*Inbox, error) {
	if c.Ledger == nil || len(c.Key) != ed25519.PrivateKeySize {
		return nil, errors.New("open inbox: a ledger and a key are needed")
	}
	in := &Inbox{Config: c.withDefaults(), mux: http.NewServeMux(), streams: map[string][]ledger.Stream{}, once: requests{}, sources: map[string]*bucket{}, codes: map[string]*bucket{},
		unsigned: map[string]*bucket{}}
	in.readers = make(chan struct{}, in.Readers)
	for range in.Readers {
		in.readers <- struct{}{}
	}
	in.workers = make(chan *tools, in.Workers)
	in.wrong = newBucket(1, 100)
	for range in.Workers {
		p, err := wire.NewPacker()
		if err != nil {
			return nil, fmt.Errorf("open inbox: %w", err)
		}
		u, err := wire.NewUnpacker()
		if err != nil {
			return nil, fmt.Errorf("open inbox: %w", err)
		}
		in.workers <- &tools{p, u}
	}
	heads, err := c.Ledger.Heads()
	if err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	for _, h := range heads {
		in.streams[h.Stream.Writer()] = append(in.streams[h.Stream.Writer()], h.Stream)
	}
	if in.members, err = loadMembers(in.Config); err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	if in.figures, err = newFigures(in); err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	in.routes()
	return in, nil
}

func (in *Inbox) routes() {
	signed := func(pattern string, h func(http.ResponseWriter, *http.Request, caller) error) {
		in.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			in.answer(w, r, func() error {
				who, err := in.authenticate(r)
				if err != nil {
					return err
				}
				return h(w, r, who)
			})
		})
	}
	signed("PUT "+wire.PathStreams+"/{writer}/{epoch}/entries/{range}", in.put)
	signed("PUT "+wire.PathStreams+"/{writer}/{epoch}/{reader}/entries/{range}", in.put)
	signed("GET "+wire.PathStreams+"/{writer}/{epoch}/head", in.head)
	signed("GET "+wire.PathStreams+"/{writer}/{epoch}/{reader}/head", in.head)
	signed("GET "+wire.PathStreams+"/{writer}/{epoch}/entries", in.entries)
	signed("GET "+wire.PathStreams+"/{writer}/{epoch}/{reader}/entries", in.entries)
	signed("GET "+wire.PathStreams, in.listing)
	in.mux.HandleFunc("POST "+wire.PathEnrol, func(w http.ResponseWriter, r *http.Request) {
		in.answer(w, r, func() error { return in.enrol(w, r) })
	})
	in.mux.HandleFunc("POST "+wire.PathRekey, func(w http.ResponseWriter, r *http.Request) {
		in.answer(w, r, func() error { return in.rekey(w, r) })
	})
	for path, h := range map[string]http.HandlerFunc{wire.PathHealth: in.health, wire.PathMetrics: in.figures.serve} {
		in.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := in.stranger(r, nil); err != nil {
				in.answer(w, r, func() error { return err })
				return
			}
			h(w, r)
		})
	}
	in.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		in.answer(w, r, func() error { return in.stranger(r, wire.NewProblem(wire.NoSuch)) })
	})
}

// ServeHTTP implements http.Handler.
func (in *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { in.mux.ServeHTTP(w, r) }

// answer runs a handler and turns its error into a problem.
func (in *Inbox) answer(w http.ResponseWriter, r *http.Request, handle func() error) {
	w.Header().Set("Cache-Control", "no-store")
	var err error
	if r.TLS != nil || loopback(r.RemoteAddr) {
		err = handle()
	} else {
		err = in.stranger(r, wire.NewProblem(wire.NeedTLS))
	}
	if err == nil {
		in.figures.answered("ok")
		return
	}
	p := problem(err)
	in.figures.answered(p.Code)
	if _, often := err.(flood); often {
		w.Header().Set("Connection", "close")
		_ = p.Write(w)
		return
	}
	switch p.Code {
	case wire.BadSignature, wire.Stranger, wire.NoSuch, wire.NeedTLS: // nobody we know: no connection is kept for them
		w.Header().Set("Connection", "close")
	}
	in.Logger.Warn("refused", "method", r.Method, "path", clip(r.URL.Path), "code", string(p.Code), "error", err)
	if errors.Is(err, ledger.ErrUnsure) {
		in.failed.Do(func() { in.Unsure(err) })
	}
	if err := p.Write(w); err != nil {
		in.Logger.Info("answer not delivered", "error", err)
	}
}

// problem finds the words for an error.
func problem(err error) wire.Problem {
	var p wire.Problem
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &long), errors.Is(err, wire.ErrTooLarge):
		return wire.NewProblem(wire.TooLarge)
	case errors.Is(err, wire.ErrMalformed):
		return wire.NewProblem(wire.Malformed)
	case errors.Is(err, ledger.ErrBroken):
		return wire.NewProblem(wire.Broken)
	case errors.Is(err, ledger.ErrFull):
		return wire.NewProblem(wire.Full).After(10 * time.Minute)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return wire.NewProblem(wire.Busy).After(5 * time.Second)
	}
	return wire.NewProblem(wire.Failing).After(time.Minute)
}

// clip holds what a stranger wrote to what a line of the log can take; the
// handler quotes it.
func clip(s string) string { return s[:min(len(s), 120)] }

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && net.ParseIP(host).IsLoopback()
}

// turn waits for one of limited places, at most as long as Patience.
func turn[T any](ctx context.Context, in *Inbox, places <-chan T) (T, error) {
	select {
	case p := <-places:
		return p, nil
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, in.Patience)
	defer cancel()
	select {
	case p := <-places:
		return p, nil
	case <-ctx.Done():
		var none T
		return none, wire.NewProblem(wire.Busy).After(5 * time.Second)
	}
}
