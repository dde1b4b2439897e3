package inbox

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// What happened to a station's key, as Config.Record is told and as a KeyStep
// says.
const (
	StepEnrolled = "enrolled"
	StepRolled   = "rolled" // exchanged by the station itself
	StepRevoked  = "revoked"
)

// A KeyStep is one turn in the life of a station's keys. It is kept with the
// station's record for good, and shown.
type KeyStep struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Key  string    `json:"key"` // KeyID
}

// maxSteps bounds what is kept of one station: a key a month for forty years.
const maxSteps = 500

// step notes a turn. A key that once counted and no longer does never counts
// again: see spent.
func (r *record) step(now time.Time, what string, key ed25519.PublicKey) {
	r.Keys = append(r.Keys, KeyStep{now, what, wire.KeyID(key)})
	if n := len(r.Keys); n > maxSteps {
		r.Keys = slices.Delete(r.Keys, 0, n-maxSteps)
	}
}

// spent reports a key that was revoked or exchanged.
func (r *record) spent(key ed25519.PublicKey) bool {
	if !r.revoked() && subtle.ConstantTimeCompare(key, r.Key) == 1 {
		return false
	}
	id := wire.KeyID(key)
	return slices.ContainsFunc(r.Keys, func(s KeyStep) bool { return s.Key == id }) || subtle.ConstantTimeCompare(key, r.Key) == 1
}

func (r *record) revoked() bool { return !r.Revoked.IsZero() }

// ErrRevoked: the station's key was taken back and no new one has come yet.
var ErrRevoked = wire.NewProblem(wire.Revoked)

// Revoke takes the station's key back, and its open code with it: from now on
// nothing signed with the key counts, over the line or by stick. What was
// stored stays. A new enrolment with a new key brings the station back. To
// revoke twice changes nothing.
func (in *Inbox) Revoke(ctx context.Context, station string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	m := in.members[station]
	if m == nil {
		return fmt.Errorf("%w: %.20q", ErrUnknownStation, station)
	}
	m.mu.Lock()
	next := m.rec
	m.mu.Unlock()
	if next.revoked() {
		return nil
	}
	now := in.Clock().UTC()
	next.Keys = slices.Clone(next.Keys)
	next.Revoked = now
	next.step(now, StepRevoked, next.Key)
	if err := in.turnKey(ctx, m, next, StepRevoked, ledger.Local{Name: localEnrol + station}); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	in.Logger.Warn("key revoked", "code", "C-REVOKED", "station", station, "key", wire.KeyID(next.Key))
	return nil
}

// turnKey makes a station's new record durable and then has it count. The
// record of what happened is written first: without it nothing happens.
func (in *Inbox) turnKey(ctx context.Context, m *member, next record, what string, more ...ledger.Local) error {
	if err := in.Record(what, m.code, wire.KeyID(next.Key)); err != nil {
		return err
	}
	l, err := next.local(m.code)
	if err != nil {
		return err
	}
	if _, err := in.Ledger.Commit(ctx, ledger.Change{Local: append([]ledger.Local{l}, more...)}); err != nil {
		return err
	}
	m.mu.Lock()
	next.Seen, next.Skew = later(m.rec.Seen, next.Seen), m.rec.Skew
	m.rec = next
	m.mu.Unlock()
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// rekey puts a station's new key in the place of the old one that signed the
// request. Who asks again in a new request, because the answer was lost, gets
// the same answer; this very request a second time is refused.
func (in *Inbox) rekey(w http.ResponseWriter, r *http.Request) error {
	body, err := readSmall(w, r)
	if err != nil {
		return err
	}
	k, err := wire.ParseRekey(body)
	if err != nil {
		return in.stranger(r, err)
	}
	sig, err := wire.ReadSignature(r)
	if err != nil || !wire.DigestIs(r.Header.Get(wire.HeaderDigest), body) || sig.Station != k.Station {
		return in.stranger(r, wire.NewProblem(wire.BadSignature))
	}
	m := in.member(k.Station)
	if m == nil {
		return in.stranger(r, wire.NewProblem(wire.Stranger))
	}
	m.mu.Lock()
	known := sig.Verify(r, m.rec.Key) || sig.Verify(r, m.rec.Before)
	m.mu.Unlock()
	if !known {
		return in.stranger(r, wire.NewProblem(wire.BadSignature))
	}
	now := in.Clock()
	in.mu.Lock() // one key at a time: see Revoke, admit
	defer in.mu.Unlock()
	if err := in.roll(r, m, k, sig, now); err != nil {
		return err
	}
	raw, err := wire.Rekeyed{Station: k.Station, Key: k.Key, Nonce: sig.Nonce, At: now}.Sign(in.Key)
	if err != nil {
		return fmt.Errorf("rekey: %w", err)
	}
	return reply(w, raw)
}

// roll judges the request and has the new key count.
func (in *Inbox) roll(r *http.Request, m *member, k wire.Rekey, sig wire.Signature, now time.Time) error {
	m.mu.Lock()
	rec := m.rec
	m.mu.Unlock()
	old := ed25519.PublicKey(rec.Key)
	again := rec.Before != nil && subtle.ConstantTimeCompare(k.Key, rec.Key) == 1
	if again {
		old = rec.Before
	}
	switch {
	case !sig.Verify(r, old):
		return wire.NewProblem(wire.BadSignature)
	case rec.revoked():
		return ErrRevoked
	case !sig.Fresh(now):
		return wire.NewProblem(wire.ClockOff).At(now)
	case !k.Replaces(old):
		return wire.NewProblem(wire.BadSignature)
	case in.once.had(now, sig.ID()), rec.Asked == sig.ID():
		return wire.NewProblem(wire.Replayed)
	}
	if wait := m.rolls.take(now); wait > 0 {
		return wire.NewProblem(wire.TooMany).After(wait)
	}
	in.once.keep(now, sig.ID())
	switch {
	case again:
		return nil
	case rec.spent(k.Key):
		return wire.NewProblem(wire.SpentKey)
	case subtle.ConstantTimeCompare(k.Key, rec.Key) == 1:
		return wire.NewProblem(wire.Malformed)
	}
	rec.Keys = slices.Clone(rec.Keys)
	rec.Key, rec.Before, rec.Asked, rec.Code = k.Key, old, sig.ID(), nil
	rec.step(now.UTC(), StepRolled, rec.Key)
	if err := in.turnKey(r.Context(), m, rec, StepRolled); err != nil {
		return fmt.Errorf("rekey: %w", err)
	}
	in.Logger.Info("key exchanged", "code", "C-REKEY", "station", m.code, "key", wire.KeyID(rec.Key))
	return nil
}

// readSmall reads the body of an enrolment or a rekey, which may come from
// anybody: a few kilobytes, and not for ever.
func readSmall(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxEnrolment))
	if err != nil {
		return nil, fmt.Errorf("%w body: %w", wire.ErrMalformed, err)
	}
	return body, nil
}

// requests remembers those that must not be carried out twice, for as long as
// their time lies within the window; later ones are refused for that. It is
// small: only what a code or a key that counts has signed is kept, and each
// station's share is limited. The caller holds Inbox.mu.
type requests map[string]time.Time

// had reports whether this very request was carried out.
func (q requests) had(now time.Time, id string) bool {
	for id, at := range q {
		if now.Sub(at).Abs() > 2*wire.ClockWindow {
			delete(q, id)
		}
	}
	_, ok := q[id]
	return ok
}

func (q requests) keep(now time.Time, id string) { q[id] = now }
