package inbox

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"liaison/station/ledger"
	"liaison/sync/wire"
)

// CodeLife is how long an enrolment code can be used.
const CodeLife = 24 * time.Hour

// openCode is what is kept of a code that has not been used.
type openCode struct {
	Hash  []byte    `json:"hash"`
	Until time.Time `json:"until"`
}

// Invite makes a one-time code with which the station can enrol within
// CodeLife. It takes the place of an earlier one. An enrolled station may be
// invited anew: its machine was replaced. Its old key counts until then.
func (in *Inbox) Invite(ctx context.Context, station string) (string, error) {
	if err := wire.ValidStation(station); err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	code, err := wire.NewCode(in.Rand)
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	hash := wire.CodeHash(code)
	b, err := json.Marshal(openCode{hash[:], in.Clock().UTC().Add(CodeLife)})
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	if _, err := in.Ledger.Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: localEnrol + station, Value: b}}}); err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return code, nil
}

// enrol takes a station in. Wrong codes are counted by source and together;
// when there were too many, nobody's code is looked at.
func (in *Inbox) enrol(w http.ResponseWriter, r *http.Request) error {
	now := in.Clock()
	source := in.source(r.RemoteAddr)
	if wait := max(source.empty(now), in.wrong.empty(now)); wait > 0 {
		return wire.NewProblem(wire.TooMany).After(wait)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxEnrolment))
	if err != nil {
		return fmt.Errorf("%w body: %w", wire.ErrMalformed, err)
	}
	e, err := wire.ParseEnrolment(body)
	if err != nil {
		return err
	}
	sig, err := wire.ReadSignature(r)
	if err != nil || !wire.DigestIs(r.Header.Get(wire.HeaderDigest), body) || sig.Station != e.Station || !sig.Verify(r, e.Key) {
		return wire.NewProblem(wire.BadSignature)
	}
	if !sig.Fresh(now) {
		return wire.NewProblem(wire.ClockOff).At(now)
	}
	if err := in.admit(r.Context(), e); err != nil {
		source.take(now)
		in.wrong.take(now)
		in.figures.enrolments("refused")
		return err
	}
	in.figures.enrolments("ok")
	raw, err := wire.Welcome{Name: in.Name, Station: e.Station, StationKey: e.Key, At: now}.Sign(in.Key)
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	return reply(w, raw)
}

// admit checks the code and records the station's key. Who asks again with
// the code and key that were taken gets the same answer: the first was lost.
func (in *Inbox) admit(ctx context.Context, e wire.Enrolment) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	hash := wire.CodeHash(e.Code)
	m := in.members[e.Station]
	if m != nil && subtle.ConstantTimeCompare(hash[:], m.rec.Code) == 1 {
		if subtle.ConstantTimeCompare(e.Key, m.rec.Key) == 1 {
			return nil
		}
		return wire.NewProblem(wire.CodeUsed)
	}
	var open openCode
	b, err := in.Ledger.Local(localEnrol + e.Station)
	if err == nil {
		err = json.Unmarshal(b, &open)
	} else if errors.Is(err, ledger.ErrNotFound) {
		open.Hash, err = make([]byte, len(hash)), nil // takes as long as a wrong code
	}
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	if subtle.ConstantTimeCompare(hash[:], open.Hash) != 1 {
		return wire.NewProblem(wire.BadCode)
	}
	now := in.Clock().UTC()
	if !now.Before(open.Until) {
		return wire.NewProblem(wire.CodeExpired)
	}
	joined := newMember(e.Station, record{Key: e.Key, Name: e.Name, Since: now, Seen: now, Code: hash[:]}, in.Config)
	l, err := joined.local()
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	if _, err := in.Ledger.Commit(ctx, ledger.Change{Local: []ledger.Local{l, {Name: localEnrol + e.Station}}}); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	if m == nil {
		in.members[e.Station] = joined
	} else { // the gate stays the one that batches wait at
		m.mu.Lock()
		m.rec = joined.rec
		m.mu.Unlock()
	}
	in.Logger.Info("enrolled", "station", e.Station, "key", wire.KeyID(e.Key))
	return nil
}

// maxSources bounds the memory for wrong enrolments; past it, all are
// forgotten and the common limit holds alone.
const maxSources = 10_000

// source returns the count of wrong tries from an address.
func (in *Inbox) source(addr string) *bucket {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	b := in.sources[host]
	if b == nil {
		if len(in.sources) >= maxSources {
			clear(in.sources)
		}
		b = newBucket(1.0/60, in.Tries)
		in.sources[host] = b
	}
	return b
}
