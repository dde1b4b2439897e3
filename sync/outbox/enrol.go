package outbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"liaison/sync/wire"
)

// Enrolment is what a station shows to be taken in by a city. The last four
// have defaults.
type Enrolment struct {
	URL     string
	Code    string // the one-time code, as typed
	Station string
	Name    string
	Key     ed25519.PrivateKey // the station's own, to be kept by the caller

	TLS       *tls.Config
	Transport http.RoundTripper
	Clock     func() time.Time
	Rand      io.Reader
}

// Enrol has the station taken in and returns the city with the key that is to
// be believed from now on. It may be repeated with the same code and key when
// the answer was lost. The error is an *Error or ctx's.
func Enrol(ctx context.Context, e Enrolment) (City, error) {
	c := Config{Key: e.Key, Station: e.Station, TLS: e.TLS, Transport: e.Transport, Clock: e.Clock, Rand: e.Rand}.withDefaults()
	l, err := newLine(e.URL, c, c.Clock)
	if err != nil {
		return City{}, err
	}
	pub := e.Key.Public().(ed25519.PublicKey)
	body, err := wire.Enrolment{Station: e.Station, Name: e.Name, Key: pub, Code: e.Code}.Body()
	if err != nil {
		return City{}, fmt.Errorf("enrol: %w", err)
	}
	a, err := l.ask(ctx, request{method: http.MethodPost, path: wire.PathEnrol, body: body, limit: wire.MaxSmall,
		station: e.Station, key: e.Key, header: map[string]string{"Content-Type": wire.TypeJSON}})
	if err != nil {
		return City{}, err
	}
	w, err := wire.OpenWelcome(a.body)
	if err != nil {
		return City{}, notTheCity(err)
	}
	if w.Station != e.Station || !bytes.Equal(w.StationKey, pub) {
		return City{}, notTheCity(fmt.Errorf("welcome for %.20q", w.Station))
	}
	return City{URL: l.base.String(), Name: w.Name, Key: w.Key}, nil
}

// A Renewal is what a station shows to exchange its key. Both keys must be kept
// durably before, and the old one until it is done. The last four have defaults.
type Renewal struct {
	City    City
	Station string
	Old     ed25519.PrivateKey // the one that the city believes
	Next    ed25519.PrivateKey // the one that it shall believe

	TLS       *tls.Config
	Transport http.RoundTripper
	Clock     func() time.Time
	Rand      io.Reader
}

// Rekey has the city believe the next key instead of the old one, and returns
// when the city has said so. It may be repeated with the same two keys when the
// answer was lost. The error is an *Error or ctx's.
func Rekey(ctx context.Context, n Renewal) error {
	c := Config{Key: n.Old, Station: n.Station, TLS: n.TLS, Transport: n.Transport, Clock: n.Clock, Rand: n.Rand}.withDefaults()
	l, err := newLine(n.City.URL, c, c.Clock)
	if err != nil {
		return err
	}
	k := wire.NewRekey(n.Station, n.Old.Public().(ed25519.PublicKey), n.Next)
	body, err := k.Body()
	if err != nil {
		return fmt.Errorf("rekey: %w", err)
	}
	a, err := l.ask(ctx, request{method: http.MethodPost, path: wire.PathRekey, body: body, limit: wire.MaxSmall,
		station: n.Station, key: n.Old, header: map[string]string{"Content-Type": wire.TypeJSON}})
	if err != nil {
		return err
	}
	said, err := wire.OpenRekeyed(a.body, n.City.Key)
	if err != nil || said.Station != n.Station || said.Nonce != a.nonce || !bytes.Equal(said.Key, k.Key) {
		return notTheCity(errors.Join(err, errors.New("the answer does not fit the rekey")))
	}
	return nil
}
