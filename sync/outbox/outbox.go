// Package outbox is the station's side of the line: it brings the station's
// entries to the city, one signed receipt at a time, and fetches what the city
// has for the station.
//
// The city's position is the truth. Every run begins by asking for it, in one
// signed request that also says what is new at the city; what was believed
// before does not count. A batch is frozen durably before it is first sent and
// sent again as the same bytes. It counts as received only when a receipt came
// that the city's pinned key signed, for this stream, this number and this
// hash: a page that answers 200 to everything does not.
//
// What the outbox keeps lies among the ledger's local settings:
//
//	outbox/state               last run, last error, how far the city is
//	outbox/batch/<0 or 1>      frozen batches, byte for byte
//	outbox/doubt/<stream>/<n>  what the city finds wrong with an entry
package outbox

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// City is what the station knows of its city since the enrolment.
type City struct {
	URL  string `json:"url"` // scheme, host and port
	Name string `json:"name"`
	Key  []byte `json:"key"` // the city's Ed25519 public key, pinned
}

// Config says how an outbox works. Fields left nil or zero have defaults, but
// for Ledger, Key, Station and City.
type Config struct {
	Ledger  ledger.Ledger
	Key     ed25519.PrivateKey // the station's, made at enrolment
	Station string
	City    City
	Version string // of the program, which the city shows

	Clock  func() time.Time
	Rand   io.Reader
	Logger *slog.Logger
	// TLS may hold a city's own root certificates; the system's by default.
	TLS *tls.Config
	// Transport takes the place of the outbox's own; for tests.
	Transport http.RoundTripper
	// Stall is how long the line may stand still: 8 s. An unanswered request
	// ends within 17 s: 4 s to connect, 5 s to agree on keys, and Stall.
	Stall time.Duration
	// Withhold reports whether an open entry's body stays here: a contact
	// that was superseded before it was sent. Private bodies always stay.
	Withhold func(ledger.Entry) bool
	Schedule Schedule
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
	if c.Stall == 0 {
		c.Stall = 8 * time.Second
	}
	if c.Withhold == nil {
		c.Withhold = func(ledger.Entry) bool { return false }
	}
	c.Schedule = c.Schedule.withDefaults()
	return c
}

// Outbox brings a station's entries to its city. See New.
type Outbox struct {
	Config
	line   *line
	packer *wire.Packer   // used by one build at a time
	unpack *wire.Unpacker // used by the run
	one    chan struct{}  // the right to run
	nudge  chan struct{}

	mu      sync.Mutex
	state   state
	running bool
	done    uint64
	total   uint64
	next    time.Time
	retry   time.Time // earliest next try after a failure
}

// New returns the outbox of a station's ledger. It opens no connection.
func New(c Config) (*Outbox, error) {
	if c.Ledger == nil || len(c.Key) != ed25519.PrivateKeySize || len(c.City.Key) != ed25519.PublicKeySize {
		return nil, errors.New("open outbox: a ledger and both keys are needed")
	}
	if w := c.Ledger.Own().Writer(); w != c.Station {
		return nil, fmt.Errorf("open outbox: the ledger is %s's, not %s's", w, c.Station)
	}
	o := &Outbox{Config: c.withDefaults(), one: make(chan struct{}, 1), nudge: make(chan struct{}, 1)}
	var err error
	if o.state, err = loadState(c.Ledger); err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	if o.line, err = newLine(c.City.URL, o.Config, o.trustedTime); err != nil {
		return nil, err
	}
	if o.packer, err = wire.NewPacker(); err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	if o.unpack, err = wire.NewUnpacker(); err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	return o, nil
}

// trustedTime judges certificates: the later of the clock and the city's last
// signed time, so that a flat battery does not lock the station out; nor does
// a city's clock that was ahead, see line.ask.
func (o *Outbox) trustedTime() time.Time {
	now := o.Clock()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state.CityTime.After(now) {
		return o.state.CityTime
	}
	return now
}

// Once runs one sync: it sends what the city lacks and fetches what it has
// for the station. Progress, if not nil, hears of entries sent. A run that is
// under way is waited for. The error is an *Error, or ctx's when it was
// cancelled.
func (o *Outbox) Once(ctx context.Context, progress func(done, total uint64)) error {
	if err := o.turn(ctx); err != nil {
		return err
	}
	defer func() { <-o.one }()
	o.set(func() { o.running, o.done, o.total = true, 0, 0 })
	defer o.set(func() { o.running = false })

	r := &run{Outbox: o, progress: progress}
	err := r.sync(ctx)
	if err == nil {
		err = r.succeeded(ctx)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err() // whoever ended it knows why
	}
	e := explain(err)
	r.failed(ctx, e)
	return e
}

func (o *Outbox) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// Nudge has Run sync now. It does not wait.
func (o *Outbox) Nudge() {
	select {
	case o.nudge <- struct{}{}:
	default:
	}
}

// Status says how far the city has confirmed this station's entries. Times
// are zero where there was none.
type Status struct {
	City      string        `json:"city"`
	Entries   uint64        `json:"entries"`
	Confirmed uint64        `json:"confirmed"`
	Waiting   uint64        `json:"waiting"`
	LastSync  time.Time     `json:"last_sync,omitzero"` // last run that succeeded, also one with nothing to send
	LastTry   time.Time     `json:"last_try,omitzero"`
	LastError *Error        `json:"last_error,omitempty"` // nil when the last run succeeded
	Next      time.Time     `json:"next,omitzero"`        // zero unless Run runs
	Skew      time.Duration `json:"clock_skew"`           // this clock minus the city's, nanoseconds
	ClockOff  bool          `json:"clock_off"`            // by more than ClockWarn
	Running   bool          `json:"running"`
	Done      uint64        `json:"done"` // entries sent in the run under way
	Total     uint64        `json:"total"`
}

// ClockWarn is how far the clock may be off before people are told.
const ClockWarn = 2 * time.Minute

// Status returns how things stand, without asking the city.
func (o *Outbox) Status() (Status, error) {
	own, err := o.ownHeads()
	if err != nil {
		return Status{}, fmt.Errorf("sync status: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s := Status{City: o.City.Name, LastSync: o.state.LastSync, LastTry: o.state.LastTry, LastError: o.state.Error, Next: o.next,
		Skew: o.state.Skew, ClockOff: o.state.Skew.Abs() > ClockWarn, Running: o.running, Done: o.done, Total: o.total}
	for _, h := range own {
		if beside(h.Stream) {
			continue
		}
		s.Entries += uint64(h.Seq)
		s.Confirmed += uint64(min(h.Seq, o.state.held(h)))
	}
	s.Waiting = s.Entries - s.Confirmed
	return s, nil
}

// beside reports a stream that goes along with the records without being
// counted among them: one that has a reader, such as the audit log.
func beside(s ledger.Stream) bool { return s.Reader() != "" }

// ownHeads returns the heads of all the station's epochs, the oldest first;
// records go before what goes along with them.
func (o *Outbox) ownHeads() ([]ledger.Head, error) {
	all, err := o.Ledger.Heads()
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(all, func(h ledger.Head) bool { return h.Stream.Writer() != o.Station })
	slices.SortFunc(own, func(a, b ledger.Head) int {
		switch {
		case beside(a.Stream) != beside(b.Stream):
			return cmp.Compare(a.Stream.Reader(), b.Stream.Reader())
		case a.Stream.Epoch() == b.Stream.Epoch():
			return cmp.Compare(a.Stream, b.Stream)
		case a.Stream.Later(b.Stream):
			return 1
		}
		return -1
	})
	return own, nil
}

// upTo returns a random duration from 0 to d.
func upTo(d time.Duration, random io.Reader) time.Duration {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return d
	}
	return time.Duration(binary.BigEndian.Uint64(b[:]) % uint64(d+1))
}
