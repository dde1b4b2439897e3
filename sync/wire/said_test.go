package wire

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
)

func testReceipt(t testing.TB) []byte {
	t.Helper()
	raw, err := Receipt{Stream: stream, Through: 412, Head: chain(`{}`)[0].Hash(), At: day,
		Doubtful: []Doubt{{Seq: 7, Code: "no-such-village", ZH: "村（社区）编号不在名册中。", EN: "The village is not on the list <2026>."}}}.Sign(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestReceiptIsBelievedOnlyWhole(t *testing.T) {
	raw := testReceipt(t)
	golden(t, "receipt.json", raw)
	r, err := OpenReceipt(raw, pub(testKey(1)))
	if err != nil || r.Through != 412 || len(r.Doubtful) != 1 || r.City != KeyID(pub(testKey(1))) {
		t.Fatalf("receipt %+v, %v", r, err)
	}
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if _, err := OpenReceipt(bad, pub(testKey(1))); err == nil {
			t.Fatalf("byte %d changed: still believed\n%s", i, bad)
		}
	}
	for name, bad := range map[string][]byte{
		"nothing": nil, "a page": []byte("<html>Welcome to our network. Please sign in.</html>" + strings.Repeat(" ", 200)),
		"a space behind": append(bytes.Clone(raw), ' '), "a space before": append([]byte{' '}, raw...),
	} {
		if _, err := OpenReceipt(bad, pub(testKey(1))); err == nil {
			t.Errorf("%s was believed", name)
		}
	}
	if _, err := OpenReceipt(raw, pub(testKey(2))); !errors.Is(err, ErrUnsigned) {
		t.Errorf("another city's signature: %v", err)
	}
	if _, err := OpenReceipt(raw, nil); !errors.Is(err, ErrUnsigned) {
		t.Errorf("no key at all: %v", err)
	}
	if _, err := OpenListing(raw, pub(testKey(1))); !errors.Is(err, ErrUnsigned) {
		t.Errorf("a receipt passes for a listing: %v", err)
	}
}

// The city's key may sign only what is in canonical form: otherwise two
// readers could read one signed receipt in two ways.
func TestSignedButNotCanonicalIsRefused(t *testing.T) {
	key := testKey(1)
	for _, payload := range []string{
		`{"stream":"QA01/A-x","through":1,"through":2,"head":"` + ledger.Hash{}.String() + `","at":"2026-11-23T01:12:00Z","city":"x"}`,
		`{"stream":"QA01/A-x","through":1,"head":"` + ledger.Hash{}.String() + `","at":"2026-11-23T01:12:00Z","city":"x","more":1}`,
		`{"stream":"QA01/A-x", "through":1,"head":"` + ledger.Hash{}.String() + `","at":"2026-11-23T01:12:00Z","city":"x"}`,
	} {
		sig := ed25519.Sign(key, []byte(forReceipt+payload))
		raw := payload[:len(payload)-1] + sigMember + base64Std(sig) + `"}`
		if _, err := OpenReceipt([]byte(raw), pub(key)); !errors.Is(err, ErrMalformed) {
			t.Errorf("taken: %s: %v", payload, err)
		}
	}
}

func TestListingAndWelcome(t *testing.T) {
	raw, err := Listing{Station: "QA01", Nonce: "n1", At: day, Writes: "city/A-q", Heads: []Head{{Stream: stream, Seq: 3}}}.Sign(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "listing.json", raw)
	if l, err := OpenListing(raw, pub(testKey(1))); err != nil || len(l.Heads) != 1 || l.Nonce != "n1" {
		t.Errorf("listing %+v, %v", l, err)
	}
	raw, err = Welcome{Name: "丹阳市人大", Station: "QA01", StationKey: pub(testKey(2)), At: day}.Sign(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "welcome.json", raw)
	w, err := OpenWelcome(raw)
	if err != nil || !bytes.Equal(w.Key, pub(testKey(1))) {
		t.Errorf("welcome %+v, %v", w, err)
	}
	forged := bytes.Replace(raw, []byte(base64Std(pub(testKey(1)))), []byte(base64Std(pub(testKey(3)))), 1)
	if _, err := OpenWelcome(forged); !errors.Is(err, ErrUnsigned) {
		t.Errorf("a welcome with another key in it: %v", err)
	}
}

func TestProblem(t *testing.T) {
	w := httptest.NewRecorder()
	p := NewProblem(Gap).At(day).With(Head{Stream: stream, Seq: 3}).After(1500 * time.Millisecond)
	if err := p.Write(w); err != nil {
		t.Fatal(err)
	}
	golden(t, "problem.json", w.Body.Bytes())
	if w.Code != 409 || w.Header().Get("Content-Type") != TypeProblem || w.Header().Get("Retry-After") != "2" {
		t.Errorf("status %d, header %v", w.Code, w.Header())
	}
	got, err := ParseProblem(w.Body.Bytes())
	if err != nil || got.Code != Gap || got.Head.Seq != 3 || !got.Time.Equal(day) {
		t.Errorf("problem %+v, %v", got, err)
	}
	for _, s := range []string{`{}`, `<html>`, `{"type":"about:blank","status":404}`, `{"type":"urn:liaison:problem:gap","code":"fork","status":409}`,
		`{"type":"urn:liaison:problem:gap","code":"gap","status":200}`} {
		if _, err := ParseProblem([]byte(s)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s passes for the city's problem", s)
		}
	}
	unknown, err := ParseProblem([]byte(`{"type":"urn:liaison:problem:new","title":"\u001b[31m","status":418,"detail":"x","code":"new"}`))
	if err != nil || unknown.Code != "new" || strings.Contains(unknown.Error(), "\x1b") {
		t.Errorf("a newer city's problem: %+v, %v", unknown, err)
	}
}

func TestEveryCodeHasItsSentences(t *testing.T) {
	for _, c := range []Code{Malformed, BadDigest, TooLarge, BadMedia, BadSignature, ClockOff, Stranger, NotYours, NeedTLS, NoSuch, Gap, Fork,
		Broken, TooMany, Busy, Full, Failing, BadCode, CodeExpired, CodeUsed, Revoked, SpentKey, Replayed} {
		if p := NewProblem(c); p.Code != c || p.Detail == "" || p.Title == "" || p.Status < 400 {
			t.Errorf("%s: %+v", c, p)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for s, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "4294967295": 24 * time.Hour,
		day.Add(time.Minute).Format(http.TimeFormat): time.Minute, day.Add(-time.Minute).Format(http.TimeFormat): 0} {
		if got := RetryAfter(http.Header{"Retry-After": {s}}, day.Truncate(time.Second)); got != want {
			t.Errorf("Retry-After %q is %v, want %v", s, got, want)
		}
	}
}

func signed(t testing.TB) *http.Request {
	t.Helper()
	body := "body"
	r := httptest.NewRequest("PUT", "https://city.example/v1/streams/QA01/A-x/entries/1-2?a=%20b", strings.NewReader(body))
	SignRequest(r, []byte(body), "QA01", testKey(2), day, "bm9uY2U")
	return r
}

func TestRequestSignature(t *testing.T) {
	r := signed(t)
	golden(t, "signature.txt", []byte(r.Header.Get(HeaderInput)+"\n"+r.Header.Get(HeaderSignature)+"\n"))
	s, err := ReadSignature(r)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "signature-base.txt", signatureBase(r, s.params))
	if !s.Verify(r, pub(testKey(2))) || s.Station != "QA01" || s.Nonce != "bm9uY2U" || !s.Created.Equal(day.Truncate(time.Second)) {
		t.Errorf("signature %+v", s)
	}
	if s.Verify(r, pub(testKey(1))) || s.Verify(r, nil) {
		t.Error("verifies with another key")
	}
	if !s.Fresh(s.Created.Add(ClockWindow)) || s.Fresh(s.Created.Add(-ClockWindow-time.Second)) {
		t.Error("the clock's window is not 5 minutes")
	}
	for name, tamper := range map[string]func(*http.Request){
		"method": func(r *http.Request) { r.Method = "POST" },
		"path":   func(r *http.Request) { r.URL.Path = "/v1/streams/QA02/A-x/entries/1-2" },
		"query":  func(r *http.Request) { r.URL.RawQuery = "a=b" },
		"digest": func(r *http.Request) { r.Header.Set(HeaderDigest, Digest([]byte("other"))) },
		"created": func(r *http.Request) {
			r.Header.Set(HeaderInput, strings.Replace(r.Header.Get(HeaderInput), "created=1", "created=2", 1))
		},
		"keyid": func(r *http.Request) {
			r.Header.Set(HeaderInput, strings.Replace(r.Header.Get(HeaderInput), "QA01", "QA02", 1))
		},
		"nonce": func(r *http.Request) {
			r.Header.Set(HeaderInput, strings.Replace(r.Header.Get(HeaderInput), "bm9u", "bm9v", 1))
		},
	} {
		r := signed(t)
		tamper(r)
		if s, err := ReadSignature(r); err == nil && s.Verify(r, pub(testKey(2))) {
			t.Errorf("%s changed: still verifies", name)
		}
	}
}

func TestSignatureOfOtherProfileIsRefused(t *testing.T) {
	r := signed(t)
	input, sig := r.Header.Get(HeaderInput), r.Header.Get(HeaderSignature)
	for name, c := range map[string][2]string{
		"other label":     {strings.Replace(input, "sig=", "sig1=", 1), sig},
		"covers less":     {strings.Replace(input, ` "content-digest"`, "", 1), sig},
		"other algorithm": {strings.Replace(input, "ed25519", "hmac-sha256", 1), sig},
		"expires":         {input + ";expires=9", sig},
		"no nonce":        {strings.Replace(input, `;nonce="bm9uY2U"`, "", 1), sig},
		"empty nonce":     {strings.Replace(input, `bm9uY2U`, "", 1), sig},
		"second":          {input + ", b=()", sig},
		"not base64":      {input, "sig=:!!!:"},
		"short":           {input, "sig=:AAAA:"},
		"empty":           {input, ""},
	} {
		if _, err := parseSignature(c[0], c[1]); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: taken", name)
		}
	}
	r.Header.Add(HeaderSignature, sig)
	if _, err := ReadSignature(r); !errors.Is(err, ErrMalformed) {
		t.Error("two signatures: taken")
	}
}

func TestEnrolment(t *testing.T) {
	e := Enrolment{Station: "QA01", Name: "曲阿街道代表联络站", Key: pub(testKey(2)), Code: "7K3M9-QXA2F-D01ZT"}
	raw, err := e.Body()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "enrolment.json", raw)
	if got, err := ParseEnrolment(raw); err != nil || got.Name != e.Name {
		t.Errorf("%+v, %v", got, err)
	}
	for _, code := range []string{"", "a", "city", "QA/01", "QA01/", "-QA", "QA 01", "QA01QA01QA01QA01Q", "曲阿"} {
		if ValidStation(code) == nil {
			t.Errorf("station %q passes", code)
		}
	}
	if _, err := ParseEnrolment(append(raw, ' ')); !errors.Is(err, ErrMalformed) {
		t.Error("an enrolment with a tail was taken")
	}
}

func TestCodeIsReadTheWayPeopleTypeIt(t *testing.T) {
	code, err := NewCode(bytes.NewReader([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}))
	if err != nil || len(code) != 17 {
		t.Fatalf("code %q, %v", code, err)
	}
	want := CodeHash("7K3M9-QXA2F-D01ZT")
	for _, s := range []string{"7k3m9qxa2fd01zt", "7K3M9 QXA2F DOIZT", "７Ｋ３Ｍ９－ＱＸＡ２Ｆ－Ｄ０１ＺＴ", "7k3m9-qxa2f-dolzt "} {
		if CodeHash(s) != want {
			t.Errorf("%q is not taken for the code", s)
		}
	}
	if CodeHash("7K3M9-QXA2F-D01ZS") == want {
		t.Error("another code is taken for it")
	}
}
