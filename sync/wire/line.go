package wire

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"liaison/station/ledger"
)

// ErrMalformed: the bytes are not of the one form that this package writes.
var ErrMalformed = errors.New("malformed")

// ErrPrivate: somebody tried to put a private body on the line.
var ErrPrivate = errors.New("a private body never travels")

const atLayout = "2006-01-02T15:04:05.000Z"

// AppendLine appends e as one line of JSON without the line's end:
//
//	{"stream":"QA01/A-x","seq":2,"kind":"visit","id":"…","at":"2026-11-23T01:12:00.000Z","by":"a1",
//	 "private":true,"replaces":{"stream":"QA01/A-x","seq":1},"seen":[{"stream":"city/A-y","seq":9}],
//	 "hash":"…","prev":"…","salt":"…","body":{…}}
//
// in this order and without spaces. Where they are unset, "private",
// "replaces" and "seen" are left out. An absent body is said aloud:
// "withheld":true stands in place of salt and body. A body that is clean JSON
// (see Clean) stands as it is, any other as base64 under "body64", since the
// hash is over its very bytes. A time outside the years 0 to 9999 is written
// in milliseconds since 1970.
//
// The entry is verified first, so that damage is found where it happened. The
// error wraps ledger.ErrBroken or ErrPrivate.
func AppendLine(b []byte, e ledger.Entry) ([]byte, error) {
	if err := e.Verify(); err != nil {
		return b, err
	}
	if e.Private && !e.Absent() {
		return b, fmt.Errorf("%s: %w", e.Ref, ErrPrivate)
	}
	b = append(b, '{')
	b = appendRef(b, e.Ref)
	b = appendName(append(b, `,"kind":`...), string(e.Kind))
	b = appendName(append(b, `,"id":`...), string(e.ID))
	b = appendTime(append(b, `,"at":`...), e.At)
	b = appendName(append(b, `,"by":`...), e.By)
	if e.Private {
		b = append(b, `,"private":true`...)
	}
	if !e.Replaces.IsZero() {
		b = appendRef(append(b, `,"replaces":{`...), e.Replaces)
		b = append(b, '}')
	}
	for i, r := range e.Seen {
		if i == 0 {
			b = append(b, `,"seen":[{`...)
		} else {
			b = append(b, `,{`...)
		}
		b = append(appendRef(b, r), '}')
	}
	if len(e.Seen) > 0 {
		b = append(b, ']')
	}
	b = appendHash(append(b, `,"hash":"`...), e.Header.Body)
	b = appendHash(append(b, `","prev":"`...), e.Prev)
	if e.Absent() {
		return append(b, `","withheld":true}`...), nil
	}
	b = base64.StdEncoding.AppendEncode(append(b, `","salt":"`...), e.Salt)
	if Clean(e.Body) == nil {
		b = append(append(b, `","body":`...), e.Body...)
		return append(b, '}'), nil
	}
	b = base64.StdEncoding.AppendEncode(append(b, `","body64":"`...), e.Body)
	return append(b, `"}`...), nil
}

func appendRef(b []byte, r ledger.Ref) []byte {
	b = appendName(append(b, `"stream":`...), string(r.Stream))
	return strconv.AppendUint(append(b, `,"seq":`...), uint64(r.Seq), 10)
}

// appendName quotes printable ASCII, which is all that a name may hold.
func appendName(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

func appendTime(b []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if t = time.UnixMilli(ms).UTC(); t.Year() < 0 || t.Year() > 9999 {
		return strconv.AppendInt(b, ms, 10)
	}
	return append(t.AppendFormat(append(b, '"'), atLayout), '"')
}

func appendHash(b []byte, h ledger.Hash) []byte { return hex.AppendEncode(b, h[:]) }

// ParseLine reads one line without its end. The entry's header is well formed
// and vouches for the body, which shares memory with line. The error wraps
// ErrMalformed or ledger.ErrBroken.
func ParseLine(line []byte) (ledger.Entry, error) {
	e, _, err := parseLine(line)
	return e, err
}

// parseLine also reports whether the body, if any, is clean JSON.
func parseLine(line []byte) (e ledger.Entry, clean bool, err error) {
	c := cursor{b: line}
	c.want(`{`)
	e.Ref = c.ref()
	c.want(`,"kind":`)
	e.Kind = ledger.Kind(c.name())
	c.want(`,"id":`)
	e.ID = ledger.ID(c.name())
	c.want(`,"at":`)
	e.At = c.time()
	c.want(`,"by":`)
	e.By = c.name()
	e.Private = c.has(`,"private":true`)
	if c.has(`,"replaces":{`) {
		if e.Replaces = c.ref(); e.Replaces.IsZero() {
			c.fail("an empty reference")
		}
		c.want(`}`)
	}
	if c.has(`,"seen":[`) {
		e.Seen = c.seen()
	}
	c.want(`,"hash":"`)
	c.hash(&e.Header.Body)
	c.want(`","prev":"`)
	c.hash(&e.Prev)
	clean = c.body(&e)
	if c.err != "" {
		return ledger.Entry{}, false, fmt.Errorf("%w line: %s", ErrMalformed, c.err)
	}
	if e.Private && !e.Absent() {
		return ledger.Entry{}, false, fmt.Errorf("%w line: %s: %w", ErrMalformed, e.Ref, ErrPrivate)
	}
	return e, clean, e.Verify()
}

// cursor takes fields off the front of b and remembers the first fault.
type cursor struct {
	b   []byte
	err string
}

func (c *cursor) fail(what string) {
	if c.err == "" {
		c.err = what
	}
	c.b = nil
}

func (c *cursor) has(s string) bool {
	if len(c.b) < len(s) || string(c.b[:len(s)]) != s {
		return false
	}
	c.b = c.b[len(s):]
	return true
}

func (c *cursor) want(s string) {
	if !c.has(s) {
		c.fail("expected " + s)
	}
}

func (c *cursor) name() string {
	c.want(`"`)
	var s []byte
	for i := 0; i < len(c.b) && i <= 8*ledger.MaxName; i++ {
		switch ch := c.b[i]; {
		case ch == '"':
			c.b = c.b[i+1:]
			return string(s)
		case ch == '\\':
			if i++; i == len(c.b) || c.b[i] != '"' && c.b[i] != '\\' {
				c.fail("an escape that names do not need")
				return ""
			}
		case ch < ' ' || ch >= 0x7f:
			c.fail("a character that names do not have")
			return ""
		}
		s = append(s, c.b[i])
	}
	c.fail("a name without end")
	return ""
}

// number reads a decimal without leading zeros.
func (c *cursor) number() uint64 {
	n := 0
	for n < len(c.b) && c.b[n] >= '0' && c.b[n] <= '9' {
		n++
	}
	v, err := strconv.ParseUint(string(c.b[:n]), 10, 64)
	if err != nil || n > 1 && c.b[0] == '0' {
		c.fail("not a number")
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) ref() ledger.Ref {
	c.want(`"stream":`)
	s := c.name()
	c.want(`,"seq":`)
	return ledger.Ref{Stream: ledger.Stream(s), Seq: ledger.Seq(c.number())}
}

func (c *cursor) seen() []ledger.Ref {
	var refs []ledger.Ref
	for c.err == "" {
		c.want(`{`)
		refs = append(refs, c.ref())
		c.want(`}`)
		if c.has(`]`) {
			return refs
		}
		if len(refs) == ledger.MaxSeen {
			c.fail("too many counterpart heads")
		}
		c.want(`,`)
	}
	return nil
}

func (c *cursor) time() time.Time {
	n := 0
	for n < len(c.b) && n <= len(atLayout)+2 && c.b[n] != ',' {
		n++
	}
	var t time.Time
	if n == len(atLayout)+2 && c.b[0] == '"' {
		t, _ = time.Parse(atLayout, string(c.b[1:n-1]))
	} else if ms, err := strconv.ParseInt(string(c.b[:n]), 10, 64); err == nil {
		t = time.UnixMilli(ms).UTC()
	}
	if string(appendTime(nil, t)) != string(c.b[:n]) {
		c.fail("not a time in UTC and milliseconds")
	}
	c.b = c.b[min(n, len(c.b)):]
	return t
}

func (c *cursor) hash(h *ledger.Hash) {
	n := 2 * len(h)
	if len(c.b) < n || h.UnmarshalText(c.b[:n]) != nil || string(appendHash(nil, *h)) != string(c.b[:n]) {
		c.fail("not a hash in lower-case hex")
		return
	}
	c.b = c.b[n:]
}

// body reads the rest of the line after the hashes. It reports whether the
// body stood there as it is, or was withheld.
func (c *cursor) body(e *ledger.Entry) (clean bool) {
	if c.has(`","withheld":true}`) {
		if len(c.b) > 0 {
			c.fail("something after the entry")
		}
		return true
	}
	c.want(`","salt":"`)
	e.Salt = c.base64(saltText)
	if c.has(`","body":`) {
		if len(c.b) == 0 || c.b[len(c.b)-1] != '}' {
			c.fail("a line without end")
			return true
		}
		e.Body = c.b[: len(c.b)-1 : len(c.b)-1]
		if err := Clean(e.Body); err != nil {
			c.fail("body: " + err.Error())
		}
		return true
	}
	c.want(`","body64":"`)
	if len(c.b) < 2 || string(c.b[len(c.b)-2:]) != `"}` {
		c.fail("a line without end")
		return false
	}
	e.Body = c.base64(len(c.b) - 2)
	if c.err == "" && Clean(e.Body) == nil {
		c.fail("body64 for a body that is clean JSON")
	}
	return false
}

// saltText is the length of a salt in base64.
const saltText = (ledger.SaltSize + 2) / 3 * 4

// base64 reads n characters, padded and without slack bits.
func (c *cursor) base64(n int) []byte {
	if len(c.b) < n {
		c.fail("base64 ends too soon")
		return nil
	}
	for _, ch := range c.b[:n] {
		if ch == '\n' || ch == '\r' { // which the decoder would pass over
			c.fail("a line's end within base64")
			return nil
		}
	}
	p, err := base64.StdEncoding.Strict().AppendDecode(make([]byte, 0, n/4*3), c.b[:n])
	if err != nil {
		c.fail("not base64")
		return nil
	}
	c.b = c.b[n:]
	return p
}
