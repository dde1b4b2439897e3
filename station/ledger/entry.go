package ledger

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Limits on what a header may hold. They are part of the format.
const (
	MaxName = 64      // bytes of a kind, an id, an account, a part of a stream name
	MaxSeen = 8       // counterpart heads in one header
	MaxBody = 1 << 20 // bytes of a body
)

// Seq numbers the entries of a stream from 1; 0 is "none".
type Seq uint64

// Kind names a kind of record, such as "visit".
type Kind string

// ID names a record within its kind: a UUIDv7, or for reference records the
// public code they go by.
type ID string

// Hash is a SHA-256.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether h is unset.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes lower-case hex.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText writes.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 2*len(h) {
		return fmt.Errorf("hash of %d characters, want %d", len(b), 2*len(h))
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// Ref names one entry.
type Ref struct {
	Stream Stream `json:"stream"`
	Seq    Seq    `json:"seq"`
}

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

func (r Ref) String() string { return fmt.Sprintf("%s#%d", r.Stream, r.Seq) }

// A Header is what the hash chain runs over. It vouches for the body by a
// salted hash only, so that a body may be withheld or erased and the chain
// still verifies. Its binary form is frozen: see AppendBinary.
type Header struct {
	Ref
	Kind     Kind
	ID       ID
	At       time.Time // UTC, whole milliseconds
	By       string
	Private  bool
	Replaces Ref
	Seen     []Ref
	Body     Hash // SHA-256 of salt followed by body
	Prev     Hash // hash of the stream's previous header; zero for number 1
}

// City is the writer whose word counts before a station's.
const City = "city"

// Succeeds is the revision whose place this one takes: the one that it
// replaces, if that is its own writer's, and for the city anybody's. Whoever
// else names an entry of another writer revises nothing of it; then Succeeds is
// zero, and the other's record goes on counting.
func (h *Header) Succeeds() Ref {
	if w := h.Stream.Writer(); w == h.Replaces.Stream.Writer() || w == City {
		return h.Replaces
	}
	return Ref{}
}

// Entry is a header with its body and the salt that the body was hashed with.
// Body and Salt are both nil where the body is withheld or erased.
type Entry struct {
	Header
	Salt []byte // 16 bytes
	Body []byte
}

// SaltSize is the length of a body's salt in bytes.
const SaltSize = 16

// Absent reports whether the entry came without its body.
func (e Entry) Absent() bool { return e.Salt == nil && e.Body == nil }

// Withhold returns the entry without body and salt.
func (e Entry) Withhold() Entry { e.Salt, e.Body = nil, nil; return e }

// BodyHash is what a header says of its body.
func BodyHash(salt, body []byte) Hash {
	h := sha256.New()
	h.Write(salt)
	h.Write(body)
	return Hash(h.Sum(nil))
}

// Verify checks the header's form and, where there is one, the body against
// the header. It returns an error that wraps ErrBroken.
func (e Entry) Verify() error {
	if err := e.Header.valid(); err != nil {
		return fmt.Errorf("%w: %s: %s", ErrBroken, e.Ref, err)
	}
	if e.Absent() {
		return nil
	}
	if len(e.Salt) != SaltSize {
		return fmt.Errorf("%w: %s: salt of %d bytes", ErrBroken, e.Ref, len(e.Salt))
	}
	if len(e.Body) > MaxBody {
		return fmt.Errorf("%w: %s: body of %d bytes, at most %d", ErrBroken, e.Ref, len(e.Body), MaxBody)
	}
	got := BodyHash(e.Salt, e.Body)
	if subtle.ConstantTimeCompare(got[:], e.Header.Body[:]) != 1 {
		return fmt.Errorf("%w: %s: the body is not the one the header vouches for", ErrBroken, e.Ref)
	}
	return nil
}

func (h Header) valid() error {
	if h.Seq == 0 {
		return fmt.Errorf("number 0")
	}
	if err := h.Stream.Valid(); err != nil {
		return err
	}
	for _, f := range [...]struct{ name, s string }{{"kind", string(h.Kind)}, {"id", string(h.ID)}, {"account", h.By}} {
		if err := validName(f.s); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if len(h.Seen) > MaxSeen {
		return fmt.Errorf("%d counterpart heads, at most %d", len(h.Seen), MaxSeen)
	}
	for _, r := range append(h.Seen[:len(h.Seen):len(h.Seen)], h.Replaces) {
		if r.IsZero() {
			continue
		}
		if err := r.Stream.Valid(); err != nil {
			return err
		}
	}
	return nil
}

// validName allows printable ASCII without slash, space and NUL, so that a
// name can stand in a key, a path and a log line.
func validName(s string) error {
	if s == "" || len(s) > MaxName {
		return fmt.Errorf("%d bytes, want 1 to %d", len(s), MaxName)
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '/' {
			return fmt.Errorf("character %q not allowed", c)
		}
	}
	return nil
}

// Hash is the link of the chain: SHA-256 over AppendBinary.
func (h Header) Hash() Hash { return sha256.Sum256(h.AppendBinary(make([]byte, 0, 320))) }

// headerV1 begins every header in binary form.
const headerV1 = 1

// AppendBinary appends the header's one binary form, which is what is hashed
// and stored: version byte; then stream, sequence, kind, id, milliseconds
// since 1970 (two's complement), account, private flag, replaced stream and
// sequence, count of seen heads and those, body hash, previous hash. Strings
// carry an unsigned varint length, numbers are unsigned varints.
func (h Header) AppendBinary(b []byte) []byte {
	str := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	ref := func(r Ref) {
		str(string(r.Stream))
		b = binary.AppendUvarint(b, uint64(r.Seq))
	}
	b = append(b, headerV1)
	ref(h.Ref)
	str(string(h.Kind))
	str(string(h.ID))
	b = binary.BigEndian.AppendUint64(b, uint64(h.At.UnixMilli()))
	str(h.By)
	if h.Private {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	ref(h.Replaces)
	b = binary.AppendUvarint(b, uint64(len(h.Seen)))
	for _, r := range h.Seen {
		ref(r)
	}
	b = append(b, h.Body[:]...)
	return append(b, h.Prev[:]...)
}

// ParseHeader reads one header in binary form and returns what follows it.
// It accepts only the form that AppendBinary writes; the error wraps ErrBroken.
func ParseHeader(b []byte) (Header, []byte, error) {
	r := reader{b: b}
	var h Header
	if v := r.byte(); v != headerV1 && r.err == "" {
		r.err = fmt.Sprintf("header version %d, this program knows %d", v, headerV1)
	}
	h.Ref = r.ref()
	h.Kind, h.ID = Kind(r.str()), ID(r.str())
	h.At = time.UnixMilli(int64(r.uint64())).UTC()
	h.By = r.str()
	switch r.byte() {
	case 0:
	case 1:
		h.Private = true
	default:
		r.fail("private flag")
	}
	h.Replaces = r.ref()
	if n := r.uvarint(); n > MaxSeen {
		r.fail("too many counterpart heads")
	} else if n > 0 {
		h.Seen = make([]Ref, n)
		for i := range h.Seen {
			h.Seen[i] = r.ref()
		}
	}
	r.hash(&h.Body)
	r.hash(&h.Prev)
	if r.err != "" {
		return Header{}, nil, fmt.Errorf("%w: %s", ErrBroken, r.err)
	}
	return h, r.b, nil
}

// reader takes fields off the front of b and remembers the first fault.
type reader struct {
	b   []byte
	err string
}

func (r *reader) fail(what string) {
	if r.err == "" {
		r.err = what
	}
	r.b = nil
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.fail("header ends too soon")
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) byte() byte {
	if p := r.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 { // the second: longer than need be
		r.fail("malformed number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) uint64() uint64 {
	if p := r.take(8); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

func (r *reader) str() string {
	n := r.uvarint()
	if n > 4*MaxName {
		r.fail("string too long")
		return ""
	}
	return string(r.take(int(n)))
}

func (r *reader) ref() Ref {
	s := Stream(r.str())
	return Ref{s, Seq(r.uvarint())}
}

func (r *reader) hash(h *Hash) { copy(h[:], r.take(len(h))) }

// Stream names one writer's sequence: "writer/epoch", or "writer/epoch/reader"
// for entries meant for one reader only. An epoch is made with the file and
// anew at every restore: capital letters that count the epochs (A, B … Z, AA),
// a hyphen, and a random part.
type Stream string

// Writer is the first part: a station's code, or "city".
func (s Stream) Writer() string { w, _, _ := strings.Cut(string(s), "/"); return w }

// Epoch is the second part.
func (s Stream) Epoch() string {
	_, rest, _ := strings.Cut(string(s), "/")
	e, _, _ := strings.Cut(rest, "/")
	return e
}

// Reader is the third part, or "" where the stream is for everyone.
func (s Stream) Reader() string {
	_, rest, _ := strings.Cut(string(s), "/")
	_, r, _ := strings.Cut(rest, "/")
	return r
}

// Letter is the part of the epoch that counts: A for the first.
func (s Stream) Letter() string { l, _, _ := strings.Cut(s.Epoch(), "-"); return l }

// For returns the writer's stream of the same epoch meant for one reader.
func (s Stream) For(reader string) Stream {
	return Stream(s.Writer() + "/" + s.Epoch() + "/" + reader)
}

// Valid checks the name's form.
func (s Stream) Valid() error {
	parts := strings.Split(string(s), "/")
	if len(parts) != 2 && len(parts) != 3 {
		return fmt.Errorf("stream name %.80q: want writer/epoch or writer/epoch/reader", string(s))
	}
	for _, p := range parts {
		if err := validName(p); err != nil {
			return fmt.Errorf("stream name %.80q: %w", string(s), err)
		}
	}
	l := s.Letter()
	if l == "" || l == s.Epoch() || strings.Trim(l, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fmt.Errorf("stream name %.80q: the epoch must be letters, a hyphen and a random part", string(s))
	}
	return nil
}

// Later reports whether s belongs to a later epoch of its writer than t.
// Epochs of one letter, which only two restores of one backup can make, are
// ordered by their random part, so that all sides agree.
func (s Stream) Later(t Stream) bool {
	a, b := s.Letter(), t.Letter()
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	if a != b {
		return a > b
	}
	return s.Epoch() > t.Epoch()
}

// NextLetter counts epochs: "" → A, A → B, Z → AA.
func NextLetter(l string) string {
	b := []byte(l)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 'Z' {
			b[i]++
			return string(b)
		}
		b[i] = 'A'
	}
	return "A" + string(b)
}
