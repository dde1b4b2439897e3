package outbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
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
