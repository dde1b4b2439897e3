package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"liaison/station/ledger"
)

func tools(t testing.TB) (*Packer, *Unpacker) {
	t.Helper()
	p, err := NewPacker()
	if err != nil {
		t.Fatal(err)
	}
	u, err := NewUnpacker()
	if err != nil {
		t.Fatal(err)
	}
	return p, u
}

func many(n int, body string) []ledger.Entry {
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = body
	}
	return chain(bodies...)
}

func zip(t testing.TB, text []byte) []byte {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return enc.EncodeAll(text, nil)
}

func TestBatchThereAndBack(t *testing.T) {
	p, u := tools(t)
	entries := odd()
	b, err := p.Pack(entries)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := p.Pack(entries); err != nil || !bytes.Equal(again.Body, b.Body) {
		t.Errorf("the same entries packed twice differ, error %v", err)
	}
	got, err := u.Unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range got {
		if e.Hash() != entries[i].Hash() || !bytes.Equal(e.Body, entries[i].Body) {
			t.Errorf("%s came back as another entry", e.Ref)
		}
	}
	if b.Path() != "/v1/streams/QA01/A-7f3k9q/entries/1-6" {
		t.Errorf("path %s", b.Path())
	}
}

func TestBatchEndsAtItsLimits(t *testing.T) {
	p, u := tools(t)
	for _, c := range []struct {
		name       string
		entries, n int
		body       string
	}{
		{"entries", MaxEntries + 1, MaxEntries, `{}`},
		{"bytes", 6, 4, `"` + strings.Repeat("x", 1_000_000) + `"`},
		{"bytes of base64", 4, 2, strings.Repeat("\xff", ledger.MaxBody)},
	} {
		b, err := p.Pack(many(c.entries, c.body))
		if err != nil {
			t.Fatal(err)
		}
		if b.Len() != c.n {
			t.Errorf("%s: %d entries packed, want %d", c.name, b.Len(), c.n)
		}
		if _, err := u.Unpack(b); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestBatchRefusesWhatIsNotWhole(t *testing.T) {
	p, u := tools(t)
	entries := many(3, `{"a":1}`)
	line := func(e ledger.Entry) string {
		b, err := AppendLine(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	whole := line(entries[0]) + line(entries[1]) + line(entries[2])
	other := chain(`{"b":0}`, `{"b":1}`)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"hole":             {line(entries[0]) + line(entries[2]), ErrMalformed},
		"twice":            {line(entries[0]) + line(entries[0]) + line(entries[1]), ErrMalformed},
		"one too few":      {line(entries[0]) + line(entries[1]), ErrMalformed},
		"one too many":     {whole + line(entries[2]), ErrMalformed},
		"no end":           {strings.TrimSuffix(whole, "\n"), ErrMalformed},
		"empty line":       {"\n" + whole, ErrMalformed},
		"begins elsewhere": {line(entries[1]) + line(entries[2]), ErrMalformed},
		"other chain":      {line(entries[0]) + line(other[1]) + line(entries[2]), ledger.ErrBroken},
		"nothing":          {"", ErrMalformed},
		"bytes":            {"\x00\x01", ErrMalformed},
		"a long line":      {strings.Repeat("x", MaxLine+1) + "\n", ErrTooLarge},
	} {
		b := Batch{Stream: stream, First: 1, Last: 3, Body: zip(t, []byte(c.text))}
		if _, err := u.Unpack(b); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	good, err := p.Pack(entries)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good.Body {
		bad := good
		bad.Body = bytes.Clone(good.Body)
		bad.Body[i] ^= 0x10
		if got, err := u.Unpack(bad); err == nil && got[2].Hash() != entries[2].Hash() {
			t.Fatalf("byte %d flipped: taken as another batch", i)
		}
	}
	if _, err := p.Pack([]ledger.Entry{entries[0], entries[2]}); err == nil {
		t.Error("a run with a hole was packed")
	}
}

func TestBombIsStopped(t *testing.T) {
	_, u := tools(t)
	var b bytes.Buffer
	enc, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for range 256 {
		if _, err := enc.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Unpack(Batch{Stream: stream, First: 1, Last: 1, Body: b.Bytes()}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%d bytes that unpack to 256 MiB: %v", b.Len(), err)
	}
	if _, err := u.Unpack(Batch{Stream: stream, First: 1, Last: MaxEntries + 1}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too many entries: %v", err)
	}
	if _, err := u.Unpack(Batch{Stream: stream, First: 1, Last: 1 << 63}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("far too many entries: %v", err)
	}
}

func TestDigest(t *testing.T) {
	if d := Digest(nil); d != "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:" {
		t.Errorf("digest of nothing is %s", d)
	}
	if !DigestIs(Digest([]byte("a")), []byte("a")) || DigestIs(Digest([]byte("a")), []byte("b")) || DigestIs("", nil) {
		t.Error("the digest does not tell bodies apart")
	}
}

func TestRange(t *testing.T) {
	if first, last, err := ParseRange("1-500"); err != nil || first != 1 || last != 500 {
		t.Errorf("1-500 is %d to %d, %v", first, last, err)
	}
	for _, s := range []string{"", "1", "-", "1-", "-1", "0-1", "2-1", "01-2", "1-2-3", "1-+2", "1-18446744073709551616"} {
		if _, _, err := ParseRange(s); !errors.Is(err, ErrMalformed) {
			t.Errorf("range %q taken", s)
		}
	}
}

func BenchmarkPack500(b *testing.B) {
	p, _ := tools(b)
	entries := many(500, `{"content":"`+strings.Repeat("楼道灯不亮。", 110)+`"}`)
	for b.Loop() {
		if _, err := p.Pack(entries); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkUnpack500(b *testing.B) {
	p, u := tools(b)
	batch, err := p.Pack(many(500, `{"content":"`+strings.Repeat("楼道灯不亮。", 110)+`"}`))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := u.Unpack(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
