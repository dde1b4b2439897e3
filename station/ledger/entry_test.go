package ledger_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
)

// goldens are headers whose binary form and hash are frozen in
// testdata/header.golden: ledgers that exist would no longer verify if they
// changed.
func goldens() map[string]ledger.Header {
	body := ledger.BodyHash([]byte("0123456789abcdef"), []byte(`{"content":"路灯不亮"}`))
	first := ledger.Header{
		Ref:  ledger.Ref{Stream: "QA01/A-k3v9x2m4p7", Seq: 1},
		Kind: "visit", ID: "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
		At: time.Date(2026, 11, 23, 1, 12, 0, 345e6, time.UTC), By: "zhang", Body: body,
	}
	revised := first
	revised.Seq, revised.Replaces, revised.Prev = 300, first.Ref, first.Hash()
	revised.Seen = []ledger.Ref{{Stream: "city/B-a1", Seq: 70000}, {Stream: "city/B-a1/QA01", Seq: 12}}
	private := first
	private.Stream, private.Seq, private.Kind, private.Private = "QA01/AB-k3v9x2m4p7/city", math.MaxUint64, "voter", true
	early := first
	early.At = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	return map[string]ledger.Header{
		"first":       first,
		"revised":     revised,
		"private":     private,
		"before-1970": early,
		"least":       {Ref: ledger.Ref{Stream: "a/A-", Seq: 1}, Kind: "k", ID: "i", By: "b", At: time.UnixMilli(0).UTC()},
	}
}

func TestHeaderFormIsFrozen(t *testing.T) {
	text, err := os.ReadFile("testdata/header.golden")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(text)) {
		var name, form, hash string
		if _, err := fmt.Sscan(line, &name, &form, &hash); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		h, ok := goldens()[name]
		if !ok {
			t.Errorf("%s is in the file only", name)
			continue
		}
		seen++
		if got := hex.EncodeToString(h.AppendBinary(nil)); got != form {
			t.Errorf("%s: binary form\n%s, frozen is\n%s", name, got, form)
		}
		if got := h.Hash().String(); got != hash {
			t.Errorf("%s: hash %s, frozen is %s", name, got, hash)
		}
		b, err := hex.DecodeString(form)
		if err != nil {
			t.Fatal(err)
		}
		back, rest, err := ledger.ParseHeader(append(b, "tail"...))
		if err != nil || string(rest) != "tail" || fmt.Sprintf("%+v", back) != fmt.Sprintf("%+v", h) {
			t.Errorf("%s: parsed as %+v, %q, %v", name, back, rest, err)
		}
	}
	if seen != len(goldens()) {
		t.Errorf("%d of %d headers are frozen", seen, len(goldens()))
	}
}

func TestBodyHashIsFrozen(t *testing.T) {
	const want = "51309abcefc5bbb7d04d7285fc509b622683f458aed8c948fe0778ae05f96cd6"
	if got := ledger.BodyHash([]byte("0123456789abcdef"), []byte("路灯不亮")).String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func FuzzParseHeader(f *testing.F) {
	for _, h := range goldens() {
		f.Add(h.AppendBinary(nil))
	}
	f.Add([]byte{1})
	f.Add(bytes.Repeat([]byte{0x80}, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, rest, err := ledger.ParseHeader(b)
		if err != nil {
			if !errors.Is(err, ledger.ErrBroken) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		used := b[:len(b)-len(rest)]
		if again := h.AppendBinary(nil); !bytes.Equal(again, used) {
			t.Fatalf("%x was read as %+v, which is written %x", used, h, again)
		}
		if e := (ledger.Entry{Header: h}); e.Verify() != nil && !errors.Is(e.Verify(), ledger.ErrBroken) {
			t.Fatalf("verify: %v", e.Verify())
		}
	})
}

func TestEveryByteOfAHeaderIsHashed(t *testing.T) {
	h := goldens()["revised"]
	form := h.AppendBinary(nil)
	seen := map[ledger.Hash]bool{h.Hash(): true}
	for i := range form {
		b := bytes.Clone(form)
		b[i] ^= 1
		other, _, err := ledger.ParseHeader(b)
		if err != nil {
			continue // not a header any more
		}
		if seen[other.Hash()] {
			t.Errorf("byte %d does not count: %+v", i, other)
		}
		seen[other.Hash()] = true
	}
}

func TestVerifyTellsAWithheldBodyFromAWrongOne(t *testing.T) {
	e := ledger.Entry{Header: goldens()["first"], Salt: []byte("0123456789abcdef"), Body: []byte(`{"content":"路灯不亮"}`)}
	for what, c := range map[string]struct {
		change func(*ledger.Entry)
		ok     bool
	}{
		"as it is":        {func(*ledger.Entry) {}, true},
		"withheld":        {func(e *ledger.Entry) { *e = e.Withhold() }, true},
		"another body":    {func(e *ledger.Entry) { e.Body = []byte("x") }, false},
		"a body cut":      {func(e *ledger.Entry) { e.Body = e.Body[1:] }, false},
		"an empty body":   {func(e *ledger.Entry) { e.Body = []byte{} }, false},
		"no salt":         {func(e *ledger.Entry) { e.Salt = nil }, false},
		"salt into body":  {func(e *ledger.Entry) { e.Salt, e.Body = e.Salt[:15], append([]byte("f"), e.Body...) }, false},
		"number 0":        {func(e *ledger.Entry) { e.Seq = 0 }, false},
		"a foreign epoch": {func(e *ledger.Entry) { e.Stream = "QA01/k3v9" }, false},
	} {
		x := e
		c.change(&x)
		if err := x.Verify(); (err == nil) != c.ok || err != nil && !errors.Is(err, ledger.ErrBroken) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestStreamNames(t *testing.T) {
	for s, ok := range map[ledger.Stream]bool{
		"QA01/A-x": true, "city/AA-x/QA01": true, "a/A-": true,
		"": false, "QA01": false, "QA01/": false, "/A-x": false, "QA01/x": false, "QA01/-x": false, "QA01/a-x": false,
		"QA01/A-x/": false, "QA01/A-x/b/c": false, "QA01/A-x y": false, "曲阿/A-x": false, "QA01/A-x\x00": false,
		ledger.Stream(strings.Repeat("a", 65) + "/A-x"): false,
	} {
		if err := s.Valid(); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
	s := ledger.Stream("city/AB-x9/QA01")
	if s.Writer() != "city" || s.Epoch() != "AB-x9" || s.Letter() != "AB" || s.Reader() != "QA01" || s.For("QA02") != "city/AB-x9/QA02" {
		t.Errorf("%s has the parts %q %q %q %q", s, s.Writer(), s.Epoch(), s.Letter(), s.Reader())
	}
}

func TestEpochsAreOrderedTheSameOnAllSides(t *testing.T) {
	order := []ledger.Stream{"s/A-a", "s/A-b", "s/B-a", "s/Z-z", "s/AA-a", "s/AB-a", "s/ZZ-a", "s/AAA-a"}
	for i, a := range order {
		for j, b := range order {
			if a.Later(b) != (i > j) {
				t.Errorf("%s later than %s: %t", a, b, a.Later(b))
			}
		}
	}
	if ledger.Stream("s/A-a/x").Later("s/A-a") || ledger.Stream("s/A-a").Later("s/A-a/x") {
		t.Error("streams of one epoch are not of different ages")
	}
	l := ""
	for i, want := range []string{"A", "B", "C"} {
		if l = ledger.NextLetter(l); l != want {
			t.Errorf("letter %d is %s, want %s", i, l, want)
		}
	}
	for l, want := range map[string]string{"Y": "Z", "Z": "AA", "AZ": "BA", "ZZ": "AAA"} {
		if got := ledger.NextLetter(l); got != want {
			t.Errorf("after %s comes %s, want %s", l, got, want)
		}
	}
}

func TestHashAsText(t *testing.T) {
	h := goldens()["first"].Hash()
	b, err := h.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var back ledger.Hash
	if err := back.UnmarshalText(b); err != nil || back != h {
		t.Errorf("%s came back as %s, %v", h, back, err)
	}
	for _, bad := range []string{"", "ab", strings.Repeat("g", 64), strings.Repeat("a", 63), strings.Repeat("a", 66)} {
		if err := back.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as a hash", bad)
		}
	}
}
