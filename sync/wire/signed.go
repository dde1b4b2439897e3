package wire

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"liaison/station/ledger"
)

// ErrUnsigned: a statement does not carry the city's signature.
var ErrUnsigned = errors.New("not signed by the city")

// A Receipt is the city's word that it durably holds a stream through a
// number. Through 0 says that it holds nothing of the stream.
type Receipt struct {
	Stream   ledger.Stream `json:"stream"`
	Through  ledger.Seq    `json:"through"`
	Head     ledger.Hash   `json:"head"` // hash of the header with that number
	At       time.Time     `json:"at"`   // the city's clock, UTC, milliseconds
	City     string        `json:"city"` // KeyID of the key that signed
	Doubtful []Doubt       `json:"doubtful,omitempty"`
}

// A Doubt is something the city finds wrong with an entry that it has
// nevertheless stored. It holds up nothing; people look at it.
type Doubt struct {
	Seq  ledger.Seq `json:"seq"`
	Code string     `json:"code"`
	ZH   string     `json:"zh"`
	EN   string     `json:"en"`
}

// A Listing is the city's word on how far it holds each stream that concerns
// the station that asked. Nonce is the request's, so that an old listing
// cannot pass for a new one.
type Listing struct {
	Station string        `json:"station"`
	Nonce   string        `json:"nonce"`
	At      time.Time     `json:"at"`
	City    string        `json:"city"`
	Writes  ledger.Stream `json:"writes"` // the stream of the city's present epoch
	Heads   []Head        `json:"heads"`
}

// A Head says where a stream ends.
type Head struct {
	Stream ledger.Stream `json:"stream"`
	Seq    ledger.Seq    `json:"seq"`
	Hash   ledger.Hash   `json:"hash"`
}

// A Welcome is the city's answer to an enrolment: its name and the key that
// the station shall believe from now on. It is signed with that key.
type Welcome struct {
	City       string    `json:"city"` // KeyID
	Name       string    `json:"name"`
	Key        []byte    `json:"key"`
	Station    string    `json:"station"`
	StationKey []byte    `json:"station_key"`
	At         time.Time `json:"at"`
}

// What a signature is for is signed with it, so that one statement cannot
// pass for another.
const (
	forReceipt = "liaison receipt v1\n"
	forListing = "liaison listing v1\n"
	forWelcome = "liaison welcome v1\n"
)

// KeyID names a public key in 16 hex digits.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// Sign returns the receipt's one byte form: what is sent, and kept.
func (r Receipt) Sign(key ed25519.PrivateKey) ([]byte, error) {
	r.City, r.At = keyID(key), milli(r.At)
	return sign(forReceipt, r, key)
}

// OpenReceipt reads a receipt and verifies its signature. The error wraps
// ErrUnsigned or ErrMalformed.
func OpenReceipt(raw []byte, city ed25519.PublicKey) (Receipt, error) {
	return open[Receipt](forReceipt, raw, city)
}

// Sign returns the listing as it is sent.
func (l Listing) Sign(key ed25519.PrivateKey) ([]byte, error) {
	l.City, l.At = keyID(key), milli(l.At)
	return sign(forListing, l, key)
}

// OpenListing reads a listing and verifies its signature.
func OpenListing(raw []byte, city ed25519.PublicKey) (Listing, error) {
	return open[Listing](forListing, raw, city)
}

// Sign returns the welcome as it is sent.
func (w Welcome) Sign(key ed25519.PrivateKey) ([]byte, error) {
	pub := key.Public().(ed25519.PublicKey)
	w.City, w.Key, w.At = KeyID(pub), pub, milli(w.At)
	return sign(forWelcome, w, key)
}

// OpenWelcome reads a welcome. It is signed with the key it brings, which
// proves that the answer comes from who holds that key; that this is the city
// is vouched for by TLS and the one-time code.
func OpenWelcome(raw []byte) (Welcome, error) {
	var claim Welcome
	if err := json.Unmarshal(raw, &claim); err != nil {
		return Welcome{}, fmt.Errorf("%w welcome: %w", ErrMalformed, err)
	}
	if len(claim.Key) != ed25519.PublicKeySize {
		return Welcome{}, fmt.Errorf("%w welcome: key of %d bytes", ErrMalformed, len(claim.Key))
	}
	return open[Welcome](forWelcome, raw, claim.Key)
}

func keyID(key ed25519.PrivateKey) string { return KeyID(key.Public().(ed25519.PublicKey)) }

func milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// A signed statement is one JSON object whose last member is the signature
// over the purpose and the object without that member.
const sigMember = `,"sig":"`

var sigText = base64.StdEncoding.EncodedLen(ed25519.SignatureSize)

func sign(purpose string, v any, key ed25519.PrivateKey) ([]byte, error) {
	b, err := canonical(v)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sig := ed25519.Sign(key, append([]byte(purpose), b...))
	b = append(b[:len(b)-1], sigMember...)
	b = base64.StdEncoding.AppendEncode(b, sig)
	return append(b, `"}`...), nil
}

func open[T any](purpose string, raw []byte, key ed25519.PublicKey) (T, error) {
	var v T
	cut := len(raw) - len(sigMember) - sigText - len(`"}`)
	if cut < 1 || len(raw) > MaxSmall {
		return v, fmt.Errorf("%w: statement of %d bytes", ErrMalformed, len(raw))
	}
	payload := append(append([]byte(nil), raw[:cut]...), '}')
	tail := raw[cut:]
	sig, err := base64.StdEncoding.Strict().DecodeString(string(tail[len(sigMember) : len(sigMember)+sigText]))
	if err != nil || !bytes.HasPrefix(tail, []byte(sigMember)) || !bytes.HasSuffix(tail, []byte(`"}`)) {
		return v, fmt.Errorf("%w: no signature at its end", ErrUnsigned)
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, append([]byte(purpose), payload...), sig) {
		return v, ErrUnsigned
	}
	return v, strict(payload, &v)
}

// canonical is the one JSON form of v: fields in order, nothing escaped that
// need not be, no spaces.
func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// strict reads v from its canonical form and no other: doubled, unknown and
// differently spelled members do not survive being written again.
func strict(b []byte, v any) error {
	if len(b) > MaxSmall {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrMalformed, len(b), MaxSmall)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	again, err := canonical(v)
	if err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("%w: not in canonical form", ErrMalformed)
	}
	return nil
}
