package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
)

func base64Std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func seed(f *testing.F, file string) {
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
}

// Whatever line is taken, writing it again gives the same bytes, and they are
// JSON.
func FuzzLine(f *testing.F) {
	for _, e := range odd() {
		line, err := AppendLine(nil, e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := ParseLine(bytes.Clone(line))
		if err != nil {
			return
		}
		again, err := AppendLine(nil, e)
		if err != nil || !bytes.Equal(again, line) {
			t.Fatalf("taken as\n%s\nwritten as\n%s\n%v", line, again, err)
		}
		if !json.Valid(line) {
			t.Fatalf("not JSON: %s", line)
		}
	})
}

// What passes for clean is JSON, and unmarshals to what marshals again.
func FuzzClean(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":null}],"\u0062":"\ud83d\ude00"}`, `[]`, `-1.5e-3`, `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if Clean(body) == nil && (!json.Valid(body) || bytes.ContainsAny(body, "\r\n")) {
			t.Fatalf("clean, but not JSON on one line: %q", body)
		}
	})
}

func FuzzBatch(f *testing.F) {
	p, u := tools(f)
	b, err := p.Pack(odd())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b.Body)
	f.Fuzz(func(t *testing.T, body []byte) {
		b := b
		b.Body = body
		entries, err := u.Unpack(b)
		if err == nil && len(entries) != b.Len() {
			t.Fatalf("%d entries, want %d", len(entries), b.Len())
		}
	})
}

// FuzzText lets the fuzzer past the packing.
func FuzzText(f *testing.F) {
	p, u := tools(f)
	seed(f, "lines.ndjson")
	f.Fuzz(func(t *testing.T, text []byte) {
		b := Batch{Stream: stream, First: 1, Last: 6, Body: p.enc.EncodeAll(text, nil)}
		if entries, err := u.Unpack(b); err == nil && len(entries) != 6 {
			t.Fatalf("%d entries", len(entries))
		}
	})
}

// FuzzReceipt looks for bytes other than the receipt that pass for it.
func FuzzReceipt(f *testing.F) {
	seed(f, "receipt.json")
	want, key := testReceipt(f), pub(testKey(1))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := OpenReceipt(raw, key); err == nil && !bytes.Equal(raw, want) {
			t.Fatalf("believed: %s", raw)
		}
	})
}

func FuzzProblem(f *testing.F) {
	seed(f, "problem.json")
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ParseProblem(raw)
		if err == nil && (p.Title == "" || p.Detail == "" || p.Status < 400) {
			t.Fatalf("a problem without words: %+v", p)
		}
	})
}

// FuzzSignature looks for another header that verifies.
func FuzzSignature(f *testing.F) {
	good := signed(f)
	input, sig := good.Header.Get(HeaderInput), good.Header.Get(HeaderSignature)
	f.Add(input, sig)
	f.Fuzz(func(t *testing.T, in, sg string) {
		s, err := parseSignature(in, sg)
		if err == nil && s.Verify(good, pub(testKey(2))) && (in != input || sg != sig) {
			t.Fatalf("verifies: %q %q", in, sg)
		}
	})
}

func FuzzEnrolment(f *testing.F) {
	seed(f, "enrolment.json")
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := ParseEnrolment(raw)
		if err != nil {
			return
		}
		if again, err := e.Body(); err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("taken %s, written %s, %v", raw, again, err)
		}
	})
}
