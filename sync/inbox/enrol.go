package inbox

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
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

// enrol takes a station in. Wrong codes are counted by source, by the station
// they were tried for, and together; when there were too many, no code is
// looked at: a code has 75 bits and a day, and nobody tries more than one in ten
// seconds.
func (in *Inbox) enrol(w http.ResponseWriter, r *http.Request) error {
	now := in.Clock()
	source := in.source(r.RemoteAddr)
	if wait := max(source.empty(now), in.wrong.empty(now)); wait > 0 {
		return wire.NewProblem(wire.TooMany).After(wait)
	}
	body, err := readSmall(w, r)
	if err != nil {
		return err
	}
	e, err := wire.ParseEnrolment(body)
	if err != nil {
		return in.stranger(r, err)
	}
	tried := in.tried(e.Station)
	if wait := tried.empty(now); wait > 0 {
		return wire.NewProblem(wire.TooMany).After(wait)
	}
	sig, err := wire.ReadSignature(r)
	if err != nil || !wire.DigestIs(r.Header.Get(wire.HeaderDigest), body) || sig.Station != e.Station || !sig.Verify(r, e.Key) {
		return in.stranger(r, wire.NewProblem(wire.BadSignature))
	}
	if !sig.Fresh(now) {
		return wire.NewProblem(wire.ClockOff).At(now)
	}
	if err := in.admit(r.Context(), e, sig.ID()); err != nil {
		source.take(now)
		tried.take(now)
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
// the code and key that were taken, in a new request, gets the same answer: the
// first was lost. A key that was revoked or exchanged is not taken again.
func (in *Inbox) admit(ctx context.Context, e wire.Enrolment, id string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	hash := wire.CodeHash(e.Code)
	now := in.Clock().UTC()
	m := in.members[e.Station]
	was := record{}
	if m != nil {
		m.mu.Lock()
		was = m.rec
		m.mu.Unlock()
	}
	if m != nil && subtle.ConstantTimeCompare(hash[:], was.Code) == 1 {
		switch {
		case was.revoked():
			return ErrRevoked
		case subtle.ConstantTimeCompare(e.Key, was.Key) != 1:
			return wire.NewProblem(wire.CodeUsed)
		case in.once.had(now, id), was.Asked == id:
			return wire.NewProblem(wire.Replayed)
		}
		in.once.keep(now, id)
		return nil
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
	if !now.Before(open.Until) {
		return wire.NewProblem(wire.CodeExpired)
	}
	if m != nil && was.spent(e.Key) {
		return wire.NewProblem(wire.SpentKey)
	}
	if m == nil {
		m = newMember(e.Station, record{}, in.Config)
	} // else the gate stays the one that batches wait at
	next := record{Key: e.Key, Name: e.Name, Since: now, Seen: now, Code: hash[:], Asked: id, Keys: slices.Clone(was.Keys)}
	next.step(now, StepEnrolled, e.Key)
	if err := in.turnKey(ctx, m, next, StepEnrolled, ledger.Local{Name: localEnrol + e.Station}); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	in.once.keep(now, id)
	in.members[e.Station] = m
	in.Logger.Info("enrolled", "code", "C-ENROL", "station", e.Station, "key", wire.KeyID(e.Key))
	return nil
}

// maxSources bounds the memory for wrong enrolments; past it, all are
// forgotten and the common limit holds alone.
const maxSources = 10_000

// source returns the count of wrong tries from an address.
func (in *Inbox) source(addr string) *bucket {
	return in.counted(in.sources, hostOf(addr), 1.0/60, in.Tries)
}

// tried returns the count of wrong tries for a station's code. It forgives sooner
// than a source's: one stubborn address must not keep the station itself out.
func (in *Inbox) tried(station string) *bucket {
	return in.counted(in.codes, station, 1.0/10, in.Tries)
}

func (in *Inbox) counted(all map[string]*bucket, name string, rate float64, burst int) *bucket {
	in.mu.Lock()
	defer in.mu.Unlock()
	b := all[name]
	if b == nil {
		if len(all) >= maxSources {
			clear(all)
		}
		b = newBucket(rate, burst)
		all[name] = b
	}
	return b
}

// hostOf is what a source's requests are counted by: an IPv4 address, or the
// /64 that an IPv6 host chooses its addresses from.
func hostOf(addr string) string {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return addr
	}
	ip := ap.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, _ := ip.Prefix(64)
	return p.String()
}
