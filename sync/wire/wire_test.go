package wire

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with the file, to the byte.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: the form on the line has changed\n got %s\nwant %s", name, got, want)
	}
}

func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func pub(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

var day = time.Date(2026, 11, 23, 1, 12, 0, 5e6, time.UTC)

const stream = ledger.Stream("QA01/A-7f3k9q")

// chain returns entries 1 to len(bodies) of one stream.
func chain(bodies ...string) []ledger.Entry {
	var prev ledger.Hash
	var all []ledger.Entry
	for i, body := range bodies {
		e := ledger.Entry{Header: ledger.Header{
			Ref: ledger.Ref{Stream: stream, Seq: ledger.Seq(i + 1)}, Kind: "visit", ID: ledger.ID(fmt.Sprintf("v%d", i+1)),
			At: day.Add(time.Duration(i) * time.Second), By: "a1", Prev: prev,
		}, Salt: bytes.Repeat([]byte{byte(i)}, ledger.SaltSize), Body: []byte(body)}
		e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
		prev = e.Hash()
		all = append(all, e)
	}
	return all
}

// odd returns entries that use every corner of the line's form.
func odd() []ledger.Entry {
	all := chain(`{"content":"楼道灯不亮","n":[1, 2.5e3,null]}`, "not JSON\n\x00\xff", "", `{"a":1,"\u0061":2}`, "null", `{"phone":"13800138000"}`)
	all[1].Replaces = all[0].Ref
	all[1].Seen = []ledger.Ref{{Stream: "city/B-q", Seq: 9}, {Stream: "city/B-q/QA01", Seq: 1 << 63}}
	all[2].ID, all[2].By = `a"b\c`, `~`
	all[3].At = time.UnixMilli(-1).UTC()
	all[4].At = time.Date(12026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	all[5].Private = true
	all[5] = all[5].Withhold()
	for i := 1; i < len(all); i++ {
		all[i].Prev = all[i-1].Hash()
	}
	return all
}

func TestLineKeepsEveryByte(t *testing.T) {
	var text []byte
	for _, e := range odd() {
		line, err := AppendLine(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseLine(line)
		if err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
		if got.Hash() != e.Hash() || !bytes.Equal(got.Body, e.Body) || got.Absent() != e.Absent() {
			t.Errorf("%s came back as another entry\n%s", e.Ref, line)
		}
		text = append(append(text, line...), '\n')
	}
	golden(t, "lines.ndjson", text)
}

func TestPrivateBodyNeverTravels(t *testing.T) {
	e := chain(`{"name":"王小明"}`)[0]
	line, err := AppendLine(nil, e)
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Replace(line, []byte(`"by":"a1"`), []byte(`"by":"a1","private":true`), 1)
	if _, err := ParseLine(forged); !errors.Is(err, ErrPrivate) {
		t.Errorf("a private body was taken from the line: %v", err)
	}
	e.Private = true
	if _, err := AppendLine(nil, e); !errors.Is(err, ErrPrivate) {
		t.Errorf("a private body was put on the line: %v", err)
	}
}

func TestLineHasOneFormOnly(t *testing.T) {
	line, err := AppendLine(nil, chain(`{"a":1}`)[0])
	if err != nil {
		t.Fatal(err)
	}
	good := string(line)
	for name, change := range map[string][2]string{
		"unknown member":        {`"kind"`, `"sort":1,"kind"`},
		"doubled member":        {`,"kind":"visit"`, `,"kind":"visit","kind":"visit"`},
		"other order":           {`"kind":"visit","id":"v1"`, `"id":"v1","kind":"visit"`},
		"capitals":              {`"kind"`, `"Kind"`},
		"space":                 {`"seq":1`, `"seq": 1`},
		"leading zero":          {`"seq":1`, `"seq":01`},
		"sign":                  {`"seq":1`, `"seq":+1`},
		"number too large":      {`"seq":1`, `"seq":18446744073709551616`},
		"number 0":              {`"seq":1`, `"seq":0`},
		"needless escape":       {`"visit"`, `"vi\u0073it"`},
		"slash in a kind":       {`"visit"`, `"vi/sit"`},
		"control character":     {`"visit"`, "\"vi\x1bsit\""},
		"not UTF-8":             {`"visit"`, "\"vi\xffsit\""},
		"other zone":            {`00.005Z`, `00.005+08:00`},
		"time without parts":    {`00.005Z`, `00Z`},
		"private said false":    {`"by":"a1"`, `"by":"a1","private":false`},
		"empty seen":            {`,"hash"`, `,"seen":[],"hash"`},
		"empty replaces":        {`,"hash"`, `,"replaces":{"stream":"","seq":0},"hash"`},
		"nine seen":             {`,"hash"`, `,"seen":[` + strings.Repeat(`{"stream":"city/B-q","seq":9},`, 8) + `{"stream":"city/B-q","seq":9}],"hash"`},
		"capital hex":           {`"prev":"0000`, `"prev":"000A`},
		"other body":            {`{"a":1}`, `{"a":2}`},
		"body without value":    {`{"a":1}`, ``},
		"body with name twice":  {`{"a":1}`, `{"a":1,"a":1}`},
		"clean body in base64":  {`"body":{"a":1}`, `"body64":"eyJhIjoxfQ=="`},
		"withheld and body":     {`"salt"`, `"withheld":true,"salt"`},
		"salt with slack":       {`"salt":"AAAAAAAAAAAAAAAAAAAAAA=="`, `"salt":"AAAAAAAAAAAAAAAAAAAAAB=="`},
		"something behind":      {`{"a":1}}`, `{"a":1}} `},
		"a second object":       {`{"a":1}}`, `{"a":1}}{}`},
		"end missing":           {`{"a":1}}`, `{"a":1}`},
		"nothing":               {good, ``},
		"withheld and tail":     {`"salt":"AAAAAAAAAAAAAAAAAAAAAA==","body":{"a":1}}`, `"withheld":true} `},
		"a stream without form": {`"QA01/A-7f3k9q"`, `"QA01"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: the change changes nothing", name)
		}
		if _, err := ParseLine([]byte(bad)); !errors.Is(err, ErrMalformed) && !errors.Is(err, ledger.ErrBroken) {
			t.Errorf("%s: taken, error %v\n%s", name, err, bad)
		}
	}
}

func TestClean(t *testing.T) {
	deep := strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)
	for _, s := range []string{`{}`, `[]`, `"\u00e9\ud83d\ude00\n"`, `-0.5E+10`, `0`, `{"a":{"a":1},"b":[{"a":1},{"a":2}]}`, "[1,\t 2]",
		`true`, `false`, `null`, deep, `{"":0," ":1}`} {
		if err := Clean([]byte(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []string{``, ` {}`, `{} `, "{\n}", "[1\r]", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"x":{"a":1,"b":2,"a":3}}`, `01`, `1.`, `.5`, `1e`,
		`+1`, `--1`, `nul`, `"\x"`, `"\ud800"`, `"\udc00"`, `"\ud800\u0041"`, `"\u12g4"`, "\"\xff\"", "\"\x01\"", `"`, `[`, `[1,]`, `{"a"}`,
		`{"a":1,}`, `{a:1}`, `[1 2]`, `{}{}`, "[" + deep + "]", "\xef\xbb\xbf{}", "NaN"} {
		if Clean([]byte(s)) == nil {
			t.Errorf("%q passes for clean JSON", s)
		}
	}
}

// A hundred thousand names in one object must not cost their square.
func BenchmarkCleanManyNames(b *testing.B) {
	var body bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&body, `,"k%06d":1`, i)
	}
	text := append([]byte{'{'}, append(body.Bytes()[1:], '}')...)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := Clean(text); err != nil {
			b.Fatal(err)
		}
	}
}
