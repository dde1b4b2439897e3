package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// covered is what every request signature covers, in this order.
const covered = `("@method" "@path" "@query" "content-digest")`

// A Signature says who signed a request, when, over what. It is an HTTP
// Message Signature (RFC 9421) of one fixed profile: label sig; covered
// "@method", "@path", "@query" and "content-digest"; parameters created, nonce,
// keyid and alg, in this order; alg ed25519. Any other is refused. A request
// without a body carries the digest of nothing.
type Signature struct {
	Station string // keyid: the station's code
	Created time.Time
	Nonce   string
	params  string
	sig     []byte
}

// SignRequest adds Content-Digest, Signature-Input and Signature to r, whose
// body is body. Nonce and station are quoted as they are: they must be free of
// quotes and backslashes.
func SignRequest(r *http.Request, body []byte, station string, key ed25519.PrivateKey, created time.Time, nonce string) {
	params := fmt.Sprintf(`%s;created=%d;nonce="%s";keyid="%s";alg="ed25519"`, covered, created.Unix(), nonce, station)
	r.Header.Set(HeaderDigest, Digest(body))
	r.Header.Set(HeaderInput, "sig="+params)
	sig := ed25519.Sign(key, signatureBase(r, params))
	r.Header.Set(HeaderSignature, "sig=:"+base64.StdEncoding.EncodeToString(sig)+":")
}

// signatureBase is what is signed (RFC 9421, section 2.5).
func signatureBase(r *http.Request, params string) []byte {
	return fmt.Appendf(nil, "\"@method\": %s\n\"@path\": %s\n\"@query\": ?%s\n\"content-digest\": %s\n\"@signature-params\": %s",
		r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get(HeaderDigest), params)
}

// ReadSignature takes the signature from a request's header fields. It does
// not verify it: see Verify. The error wraps ErrMalformed.
func ReadSignature(r *http.Request) (Signature, error) {
	for _, name := range []string{HeaderDigest, HeaderInput, HeaderSignature} {
		if len(r.Header.Values(name)) != 1 {
			return Signature{}, fmt.Errorf("%w: want one %s", ErrMalformed, name)
		}
	}
	return parseSignature(r.Header.Get(HeaderInput), r.Header.Get(HeaderSignature))
}

func parseSignature(input, signature string) (Signature, error) {
	params, ok := strings.CutPrefix(input, "sig=")
	rest, ok2 := strings.CutPrefix(params, covered+";created=")
	created, rest, ok3 := strings.Cut(rest, `;nonce="`)
	nonce, rest, ok4 := strings.Cut(rest, `";keyid="`)
	station, rest, ok5 := strings.Cut(rest, `"`)
	if !ok || !ok2 || !ok3 || !ok4 || !ok5 || rest != `;alg="ed25519"` {
		return Signature{}, fmt.Errorf("%w Signature-Input: not of this profile", ErrMalformed)
	}
	if !quotable(nonce) || !quotable(station) {
		return Signature{}, fmt.Errorf("%w Signature-Input: nonce or keyid", ErrMalformed)
	}
	sec, err := strconv.ParseInt(created, 10, 64)
	if err != nil || strconv.FormatInt(sec, 10) != created {
		return Signature{}, fmt.Errorf("%w Signature-Input: created", ErrMalformed)
	}
	text, ok := strings.CutPrefix(signature, "sig=:")
	text, ok2 = strings.CutSuffix(text, ":")
	sig, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || !ok2 || err != nil || len(sig) != ed25519.SignatureSize || len(text) != sigText {
		return Signature{}, fmt.Errorf("%w Signature: not of this profile", ErrMalformed)
	}
	return Signature{station, time.Unix(sec, 0).UTC(), nonce, params, sig}, nil
}

// quotable reports whether s can stand between quotes as it is.
func quotable(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// Verify reports whether the request was signed with the private part of key.
// The body must still be compared with its Content-Digest.
func (s Signature) Verify(r *http.Request, key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, signatureBase(r, s.params), s.sig)
}

// ID is the same for this very request and no other: everything that Verify
// verifies hangs on it, and nobody else can make another of it.
func (s Signature) ID() string { return base64.StdEncoding.EncodeToString(s.sig) }

// Fresh reports whether the signature was made within ClockWindow of now.
func (s Signature) Fresh(now time.Time) bool { return s.Created.Sub(now).Abs() <= ClockWindow }
