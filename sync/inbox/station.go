package inbox

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// Names of local settings.
const (
	localStation = "station/"
	localEnrol   = "enrol/"
	localFork    = "fork/"
	localDoubt   = "doubt/"
)

// record is what is kept of an enrolled station.
type record struct {
	Key   []byte        `json:"key"`
	Name  string        `json:"name"`
	Since time.Time     `json:"since"`
	Seen  time.Time     `json:"seen"`
	Skew  time.Duration `json:"skew"` // station's clock minus the city's, nanoseconds
	Code  []byte        `json:"code"` // hash of the code it enrolled with

	Version string `json:"version,omitempty"` // of its program, as it said last

	Before  []byte    `json:"before,omitempty"` // the key that the station exchanged for this one
	Asked   string    `json:"asked,omitempty"`  // the request that brought this one, see wire.Signature.ID
	Revoked time.Time `json:"revoked,omitzero"`
	Keys    []KeyStep `json:"keys,omitempty"`
}

func (r record) local(code string) (ledger.Local, error) {
	b, err := json.Marshal(r)
	return ledger.Local{Name: localStation + code, Value: b}, err
}

// member is an enrolled station while the process lives.
type member struct {
	code   string
	bucket *bucket
	rolls  *bucket       // exchanges of its key
	gate   chan struct{} // one batch at a time
	bodies chan struct{} // on the line at once

	mu    sync.Mutex
	rec   record
	saved time.Time // Seen as it was last made durable
	last  answered  // guarded by gate, not mu
}

// answered remembers the last batch stored, to know it again by its digest.
type answered struct {
	path, digest string
	receipt      []byte
}

// maxBodies is how many batches a station may have on the line at once, so
// that one of them cannot take all the Readers.
const maxBodies = 8

func newMember(code string, r record, c Config) *member {
	m := &member{code: code, rec: r, saved: r.Seen, bucket: newBucket(c.Rate, c.Burst), rolls: newBucket(1.0/600, 5), gate: make(chan struct{}, 1),
		bodies: make(chan struct{}, maxBodies)}
	for range maxBodies {
		m.bodies <- struct{}{}
	}
	m.gate <- struct{}{}
	return m
}

func loadMembers(c Config) (map[string]*member, error) {
	all, err := c.Ledger.Locals(localStation)
	if err != nil {
		return nil, err
	}
	members := make(map[string]*member, len(all))
	for _, l := range all {
		var r record
		if err := json.Unmarshal(l.Value, &r); err != nil {
			return nil, fmt.Errorf("read %s: %w", l.Name, err)
		}
		code := strings.TrimPrefix(l.Name, localStation)
		members[code] = newMember(code, r, c)
	}
	return members, nil
}

func (in *Inbox) member(code string) *member {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.members[code]
}

// local is the member's record as a setting to be committed.
func (m *member) local() (ledger.Local, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rec.local(m.code)
}

// key is the one that the station signs with, if it has not been revoked.
func (m *member) key() (key ed25519.PublicKey, revoked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rec.Key, m.rec.revoked()
}

// caller is who sent a request.
type caller struct {
	*member
	sig wire.Signature
}

// authenticate finds out which station signed the request. Clock and rate are
// judged only after the signature, so that nobody can use them up for others.
func (in *Inbox) authenticate(r *http.Request) (caller, error) {
	sig, err := wire.ReadSignature(r)
	if err != nil {
		return caller{}, in.stranger(r, wire.NewProblem(wire.BadSignature))
	}
	m := in.member(sig.Station)
	if m == nil {
		return caller{}, in.stranger(r, wire.NewProblem(wire.Stranger))
	}
	key, revoked := m.key()
	if !sig.Verify(r, key) { // most often a key that a new enrolment has replaced
		return caller{}, in.stranger(r, wire.NewProblem(wire.BadSignature))
	}
	if revoked {
		return caller{}, ErrRevoked
	}
	now := in.Clock()
	if !sig.Fresh(now) {
		return caller{}, wire.NewProblem(wire.ClockOff).At(now)
	}
	if wait := m.bucket.take(now); wait > 0 {
		return caller{}, wire.NewProblem(wire.TooMany).After(wait)
	}
	m.mu.Lock()
	version := wire.ReadProgram(r)
	stale := now.Sub(m.saved).Abs() > time.Minute || version != m.rec.Version
	m.rec.Seen, m.rec.Skew, m.rec.Version = now.UTC(), sig.Created.Sub(now).Round(time.Second), version
	if stale {
		m.saved = now
	}
	m.mu.Unlock()
	if stale && r.Method == http.MethodGet { // a batch saves it with itself
		in.saveSeen(r.Context(), m)
	}
	return caller{m, sig}, nil
}

// saveSeen makes durable that the station was here, so that an idle station
// can be told from a silent one. A disk too full for it refuses nobody.
func (in *Inbox) saveSeen(ctx context.Context, m *member) {
	l, err := m.local()
	if err == nil {
		_, err = in.Ledger.Commit(ctx, ledger.Change{Local: []ledger.Local{l}})
	}
	if err != nil {
		in.Logger.Warn("last seen not kept", "station", m.code, "error", err)
	}
}

// mayWrite reports whether the station may put entries of the stream: of its
// records, and of what goes along with them, such as its audit log.
func (m *member) mayWrite(s ledger.Stream) bool { return s.Writer() == m.code }

// mayHandBack reports whether the stream is one that a city restored from a
// backup may have lost: of an epoch that it no longer writes, and read by the
// station. The batch must be vouched for.
func (in *Inbox) mayHandBack(m *member, s ledger.Stream) bool {
	own := in.Ledger.Own()
	return s.Writer() == own.Writer() && s.Epoch() != own.Epoch() && in.mayRead(m, s)
}

// mayRead reports whether the station may fetch entries of the stream: its
// own, and the city's for everyone or for itself.
func (in *Inbox) mayRead(m *member, s ledger.Stream) bool {
	if s.Writer() == in.Ledger.Own().Writer() {
		return s.Reader() == "" || s.Reader() == m.code
	}
	return m.mayWrite(s)
}

// Station is an enrolled station as people are shown it, or one that has a
// code and has not used it yet.
type Station struct {
	Code    string      `json:"station"`
	Name    string      `json:"name"`
	Since   time.Time   `json:"since,omitzero"`
	Seen    time.Time   `json:"seen,omitzero"`
	Skew    float64     `json:"clock_skew_seconds"` // positive: the station's clock is ahead
	Version string      `json:"version,omitempty"`  // of its program; "" where an older one says none
	Entries ledger.Seq  `json:"entries"`
	Streams []wire.Head `json:"streams"`
	Forks   []Fork      `json:"forks"`
	Doubts  int         `json:"doubts"`
	Invited time.Time   `json:"code_valid_until,omitzero"`
	Revoked time.Time   `json:"revoked,omitzero"` // since then nothing of it counts
	Keys    []KeyStep   `json:"keys"`             // oldest first
}

// A Fork is the first entry that contradicted what the city holds.
type Fork struct {
	Stream  ledger.Stream `json:"stream"`
	Seq     ledger.Seq    `json:"seq"`
	Held    ledger.Hash   `json:"held"`    // hash of the header the city holds
	Offered ledger.Hash   `json:"offered"` // hash of the header that came
	At      time.Time     `json:"at"`
}

// Stations lists every station, by code.
func (in *Inbox) Stations() ([]Station, error) {
	all := map[string]*Station{}
	at := func(code string) *Station {
		if all[code] == nil {
			all[code] = &Station{Code: code, Streams: []wire.Head{}, Forks: []Fork{}, Keys: []KeyStep{}}
		}
		return all[code]
	}
	in.mu.Lock()
	for code, m := range in.members {
		m.mu.Lock()
		s := at(code)
		s.Name, s.Since, s.Seen, s.Skew, s.Version = m.rec.Name, m.rec.Since, m.rec.Seen, m.rec.Skew.Seconds(), m.rec.Version
		s.Revoked, s.Keys = m.rec.Revoked, append(s.Keys, m.rec.Keys...)
		m.mu.Unlock()
	}
	in.mu.Unlock()
	heads, err := in.Ledger.Heads()
	if err != nil {
		return nil, fmt.Errorf("list stations: %w", err)
	}
	for _, h := range heads {
		if w := h.Stream.Writer(); w != in.Ledger.Own().Writer() {
			s := at(w)
			if h.Stream.Reader() == "" { // the audit log goes along uncounted
				s.Entries += h.Seq
			}
			s.Streams = append(s.Streams, wire.Head{Stream: h.Stream, Seq: h.Seq, Hash: h.Hash})
		}
	}
	if err := in.notes(at); err != nil {
		return nil, fmt.Errorf("list stations: %w", err)
	}
	list := make([]Station, 0, len(all))
	for _, s := range all {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Station) int { return cmp.Compare(a.Code, b.Code) })
	return list, nil
}

// notes adds what is kept of forks, doubts and open codes.
func (in *Inbox) notes(at func(code string) *Station) error {
	forks, err := in.Ledger.Locals(localFork)
	if err != nil {
		return err
	}
	for _, l := range forks {
		var f Fork
		if err := json.Unmarshal(l.Value, &f); err != nil {
			return fmt.Errorf("read %s: %w", l.Name, err)
		}
		s := at(f.Stream.Writer())
		s.Forks = append(s.Forks, f)
	}
	doubts, err := in.Ledger.Locals(localDoubt)
	if err != nil {
		return err
	}
	for _, l := range doubts {
		code, _, _ := strings.Cut(strings.TrimPrefix(l.Name, localDoubt), "/")
		at(code).Doubts++
	}
	codes, err := in.Ledger.Locals(localEnrol)
	if err != nil {
		return err
	}
	for _, l := range codes {
		var c openCode
		if err := json.Unmarshal(l.Value, &c); err != nil {
			return fmt.Errorf("read %s: %w", l.Name, err)
		}
		if c.Until.After(in.Clock()) {
			at(strings.TrimPrefix(l.Name, localEnrol)).Invited = c.Until
		}
	}
	return nil
}

// keepFork records the first fork of a stream; people must see it.
func (in *Inbox) keepFork(ctx context.Context, f Fork) error {
	name := localFork + string(f.Stream)
	if _, err := in.Ledger.Local(name); !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if _, err := in.Ledger.Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: name, Value: b}}}); err != nil {
		return fmt.Errorf("keep fork: %w", err)
	}
	in.figures.forks.Add(1)
	return nil
}
