package outbox

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"liaison/sync/inbox"
	"liaison/sync/wire"
)

func wantEnrol(t *testing.T, e Enrolment, code wire.Code) {
	t.Helper()
	_, err := Enrol(t.Context(), e)
	var got *Error
	if code == "" && err != nil || code != "" && (!errors.As(err, &got) || got.Code != code || got.ZH == "" || got.EN == "") {
		t.Errorf("enrol: error %v, want %q", err, code)
	}
}

// TestEnrolmentCodes: wrong, of another station, reused, expired, replaced;
// and the same asked again because the answer was lost.
func TestEnrolmentCodes(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.inCfg = inbox.Config{Clock: func() time.Time { return now }}
	w.serve()
	invite := func(station string) string {
		code, err := w.handler.Load().Invite(t.Context(), station)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	e := Enrolment{URL: w.server.URL, Station: "QA02", Name: "云阳街道代表联络站", Key: testKey(3), Clock: func() time.Time { return now }}

	e.Code = "7K3M9-QXA2F-D01ZT"
	wantEnrol(t, e, wire.BadCode)
	first := invite("QA02")
	e.Code = invite("QA03")
	wantEnrol(t, e, wire.BadCode)
	e.Code = first
	code := e
	code.Code = strings.ToLower(first)
	wantEnrol(t, code, "")
	wantEnrol(t, e, "") // the answer was lost: same code, same key
	e.Key = testKey(4)
	wantEnrol(t, e, wire.CodeUsed)

	w.serve() // the same after a restart
	wantEnrol(t, e, wire.CodeUsed)
	e.Key = testKey(3)
	wantEnrol(t, e, "")

	replaced := invite("QA02")
	e.Code = invite("QA02")
	old := e
	old.Code = replaced
	wantEnrol(t, old, wire.BadCode)
	now = now.Add(inbox.CodeLife)
	wantEnrol(t, e, wire.CodeExpired)
	now = now.Add(-time.Second)
	wantEnrol(t, e, "")
}

// TestGuessingCodesIsSlow: after ten wrong codes nobody's code is looked at
// for a while, not even the right one; then it is.
func TestGuessingCodesIsSlow(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.inCfg = inbox.Config{Clock: func() time.Time { return now }}
	w.serve()
	code, err := w.handler.Load().Invite(t.Context(), "QA02")
	if err != nil {
		t.Fatal(err)
	}
	e := Enrolment{URL: w.server.URL, Station: "QA02", Key: testKey(3), Clock: func() time.Time { return now }}
	for range 10 {
		e.Code = "00000-00000-00000"
		wantEnrol(t, e, wire.BadCode)
	}
	e.Code = code
	wantEnrol(t, e, wire.TooMany)
	now = now.Add(time.Minute)
	wantEnrol(t, e, "")
}

// TestEnrolmentWithAWrongClock: one retry with the city's time.
func TestEnrolmentWithAWrongClock(t *testing.T) {
	w := newWorld(t)
	code, err := w.handler.Load().Invite(t.Context(), "QA02")
	if err != nil {
		t.Fatal(err)
	}
	wantEnrol(t, Enrolment{URL: w.server.URL, Station: "QA02", Key: testKey(3), Code: code,
		Clock: func() time.Time { return time.Now().AddDate(-3, 0, 0) }}, "")
}

// TestEnrolmentAtSomethingElse: a portal, a wrong address, a welcome meant for
// somebody else.
func TestEnrolmentAtSomethingElse(t *testing.T) {
	other, err := wire.Welcome{Name: "x", Station: "QA02", StationKey: []byte("other"), At: time.Now()}.Sign(cityKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"portal": "<html>", "empty": "", "somebody else's": string(other)} {
		e := Enrolment{URL: "http://127.0.0.1:1", Station: "QA02", Key: testKey(3), Code: "x",
			Transport: through(func(*http.Request) (*http.Response, error) { return page(200, body), nil })}
		t.Run(name, func(t *testing.T) { wantEnrol(t, e, "not-the-city") })
	}
	wantEnrol(t, Enrolment{URL: "http://city.example", Station: "QA02", Key: testKey(3), Code: "x"}, wire.NeedTLS)
	wantEnrol(t, Enrolment{URL: "city", Station: "QA02", Key: testKey(3), Code: "x"}, "address")
}
