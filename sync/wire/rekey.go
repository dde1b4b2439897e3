package wire

import (
	"crypto/ed25519"
	"fmt"
	"time"
)

// PathRekey is where a station exchanges its key.
const PathRekey = "/v1/rekey"

// A Rekey asks the city to believe another key of the station from now on. The
// request is signed with the key that goes; Proof, by the key that comes, says
// that its holder wants it for this station.
type Rekey struct {
	Station string `json:"station"`
	Key     []byte `json:"key"`   // the new public key
	Proof   []byte `json:"proof"` // see proves
}

const forRekey = "liaison rekey v1\n"

// proves is what the new key signs: which key of which station it replaces.
func (k Rekey) proves(old ed25519.PublicKey) []byte {
	return fmt.Appendf(nil, "%s%s\n%x\n%x\n", forRekey, k.Station, old, k.Key)
}

// NewRekey is the request to put next in the place of old.
func NewRekey(station string, old ed25519.PublicKey, next ed25519.PrivateKey) Rekey {
	k := Rekey{Station: station, Key: next.Public().(ed25519.PublicKey)}
	k.Proof = ed25519.Sign(next, k.proves(old))
	return k
}

// Replaces reports whether the new key's holder vouches for the exchange.
func (k Rekey) Replaces(old ed25519.PublicKey) bool {
	return len(k.Key) == ed25519.PublicKeySize && ed25519.Verify(k.Key, k.proves(old), k.Proof)
}

// Body returns the request as it is sent.
func (k Rekey) Body() ([]byte, error) { return canonical(k) }

// ParseRekey reads what Body writes. The error wraps ErrMalformed.
func ParseRekey(b []byte) (Rekey, error) {
	var k Rekey
	if len(b) > MaxEnrolment {
		return k, fmt.Errorf("%w rekey of %d bytes", ErrMalformed, len(b))
	}
	if err := strict(b, &k); err != nil {
		return Rekey{}, err
	}
	if len(k.Key) != ed25519.PublicKeySize || len(k.Proof) != ed25519.SignatureSize {
		return Rekey{}, fmt.Errorf("%w rekey: key or proof", ErrMalformed)
	}
	return k, ValidStation(k.Station)
}

// A Rekeyed is the city's word that it believes the new key. Nonce is the
// request's.
type Rekeyed struct {
	Station string    `json:"station"`
	Key     []byte    `json:"key"`
	Nonce   string    `json:"nonce"`
	At      time.Time `json:"at"`
	City    string    `json:"city"`
}

const forRekeyed = "liaison rekeyed v1\n"

// Sign returns the answer as it is sent.
func (k Rekeyed) Sign(key ed25519.PrivateKey) ([]byte, error) {
	k.City, k.At = keyID(key), milli(k.At)
	return sign(forRekeyed, k, key)
}

// OpenRekeyed reads the answer and verifies its signature.
func OpenRekeyed(raw []byte, city ed25519.PublicKey) (Rekeyed, error) {
	return open[Rekeyed](forRekeyed, raw, city)
}
