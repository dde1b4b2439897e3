package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/sync/outbox"
	"liaison/sync/wire"
)

// runRekey exchanges the station's key for the line to the city.
func runRekey(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	id, err := inv.kiosk.line.rekey(ctx, true)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已更换本站的密钥(%[1]s),旧的不能再用。换之前拷到 U 盘还没交的文件,请重新导出 / the station's key was exchanged (%[1]s) and the old one is good for nothing; what was written to a stick before and not handed in must be written anew\n", id)
	return err
}

// rekey has the city believe a new key of this station. The new one is kept
// before the city is asked, and takes the old one's place once the city has said
// so: whenever the power goes, what is kept says how to go on. With begin a new
// exchange is begun where none is under way; without it one that is gets ended.
// It returns the new key's name; "" where there was nothing to do.
func (u *uplink) rekey(ctx context.Context, begin bool) (string, error) {
	u.rolling.Lock()
	defer u.rolling.Unlock()
	u.mu.Lock()
	city, enrolled := u.city, u.box != nil
	u.mu.Unlock()
	if !enrolled {
		if begin {
			return "", errNotEnrolled
		}
		return "", nil
	}
	seed, err := u.k.led.Local(localNext)
	if errors.Is(err, ledger.ErrNotFound) {
		if !begin {
			return "", nil
		}
		if seed, err = newSeed(); err == nil {
			err = u.keep(ctx, localNext, seed)
		}
	}
	if err != nil || len(seed) != ed25519.SeedSize {
		return "", fmt.Errorf("the station's next key (%d bytes): %w", len(seed), errors.Join(err, ledger.ErrBroken))
	}
	old, err := u.key(ctx)
	if err != nil {
		return "", err
	}
	secure, err := city.tls()
	if err != nil {
		return "", err
	}
	next := ed25519.NewKeyFromSeed(seed)
	err = outbox.Rekey(ctx, outbox.Renewal{City: city.City, Station: u.k.led.Own().Writer(), Old: old, Next: next, TLS: secure})
	if err != nil {
		return "", spoken(err)
	}
	_, err = u.k.desk.Ledger().Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: localKey, Value: seed}, {Name: localNext}}})
	if err == nil && !begin { // nobody's command writes it down
		err = u.k.desk.Audit(owner(), station.ActRekey, "rekey", true, "resumed")
	}
	if err != nil {
		return "", err
	}
	return wire.KeyID(next.Public().(ed25519.PublicKey)), u.renew()
}

// settleKey ends an exchange that the power or the line cut short. Where the
// city refuses it, a person has to act: the next sync says so.
func (u *uplink) settleKey(ctx context.Context) {
	for wait := time.Second; ; wait = min(2*wait, 10*time.Minute) {
		_, err := u.rekey(ctx, false)
		if err == nil || ctx.Err() != nil {
			return
		}
		u.k.log.Warn("the station's key is not exchanged yet", "code", "K-REKEY", "err", err)
		if e, ok := errors.AsType[*outbox.Error](err); ok && e.Fatal {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// renounce makes a new key for an enrolment, in the place of one that the city
// does not take any more.
func (u *uplink) renounce(ctx context.Context) (ed25519.PrivateKey, error) {
	seed, err := newSeed()
	if err != nil {
		return nil, err
	}
	_, err = u.k.desk.Ledger().Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: localKey, Value: seed}, {Name: localNext}}})
	if err != nil {
		return nil, fmt.Errorf("the station's key: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func newSeed() ([]byte, error) {
	seed := make([]byte, ed25519.SeedSize)
	_, err := io.ReadFull(rand.Reader, seed)
	return seed, err
}
