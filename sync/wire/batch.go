package wire

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"liaison/station/ledger"
)

// ErrTooLarge: a batch has too many entries, unpacks to too many bytes, or
// has too long a line.
var ErrTooLarge = errors.New("batch too large")

// A Batch is a run of consecutive entries of one stream, packed: their lines,
// each with its end, under zstd (RFC 8878).
type Batch struct {
	Stream      ledger.Stream
	First, Last ledger.Seq
	Body        []byte
}

// Len is the number of entries in the batch.
func (b Batch) Len() int { return int(b.Last - b.First + 1) }

// A Packer packs batches. It is not safe for use by several goroutines.
type Packer struct {
	enc  *zstd.Encoder
	text []byte
}

// NewPacker returns a Packer whose output depends on its input alone.
func NewPacker() (*Packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("start packer: %w", err)
	}
	return &Packer{enc: enc}, nil
}

// Pack packs as many of the entries, from the first on, as the limits allow.
// The entries must follow on each other in one stream.
func (p *Packer) Pack(entries []ledger.Entry) (Batch, error) {
	if len(entries) == 0 {
		return Batch{}, errors.New("pack batch: no entries")
	}
	b := Batch{Stream: entries[0].Stream, First: entries[0].Seq}
	p.text = p.text[:0]
	for i, e := range entries {
		if i == MaxEntries {
			break
		}
		if i > 0 {
			if err := follows(entries[i-1].Header, e.Header); err != nil {
				return Batch{}, fmt.Errorf("pack batch: %w", err)
			}
		}
		n := len(p.text)
		text, err := AppendLine(p.text, e)
		if err != nil {
			return Batch{}, fmt.Errorf("pack batch: %w", err)
		}
		if p.text = append(text, '\n'); len(p.text) > MaxUnpacked {
			p.text = p.text[:n]
			break
		}
		b.Last = e.Seq
	}
	b.Body = p.enc.EncodeAll(p.text, make([]byte, 0, len(p.text)/2))
	return b, nil
}

// follows checks that next continues the stream after prev.
func follows(prev, next ledger.Header) error {
	if next.Stream != prev.Stream || next.Seq != prev.Seq+1 {
		return fmt.Errorf("%w: %s after %s", ErrMalformed, next.Ref, prev.Ref)
	}
	if next.Prev != prev.Hash() {
		return fmt.Errorf("%w: %s does not chain to the entry before it", ledger.ErrBroken, next.Ref)
	}
	return nil
}

// An Unpacker unpacks batches. It is not safe for use by several goroutines.
type Unpacker struct {
	// Odd names the entries of the last batch whose bodies are not clean
	// JSON.
	Odd []ledger.Seq
	dec *zstd.Decoder
}

// NewUnpacker returns an Unpacker that holds little memory between uses.
func NewUnpacker() (*Unpacker, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return nil, fmt.Errorf("start unpacker: %w", err)
	}
	return &Unpacker{dec: dec}, nil
}

// Unpack reads a batch and verifies that its entries are whole, are the ones
// it is said to hold and chain to each other. How far it unpacks is limited on
// the unpacked side: a decoder's own limit does not stop a bomb. The error
// wraps ErrMalformed, ErrTooLarge or ledger.ErrBroken.
func (u *Unpacker) Unpack(b Batch) ([]ledger.Entry, error) {
	if b.First == 0 || b.Last < b.First {
		return nil, fmt.Errorf("%w batch: entries %d to %d", ErrMalformed, b.First, b.Last)
	}
	if b.Last-b.First >= MaxEntries {
		return nil, fmt.Errorf("%w: %d entries, at most %d", ErrTooLarge, b.Last-b.First+1, MaxEntries)
	}
	text, err := u.text(b.Body)
	if err != nil {
		return nil, err
	}
	entries := make([]ledger.Entry, 0, b.Len())
	u.Odd = nil
	for len(text) > 0 {
		line, rest, ended := bytes.Cut(text, []byte{'\n'})
		if len(line) > MaxLine {
			return nil, fmt.Errorf("%w: a line of %d bytes, at most %d", ErrTooLarge, len(line), MaxLine)
		}
		if !ended || len(entries) == b.Len() {
			return nil, fmt.Errorf("%w batch: more than %d lines, or a line without end", ErrMalformed, b.Len())
		}
		e, clean, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(entries)+1, err)
		}
		if !clean {
			u.Odd = append(u.Odd, e.Seq)
		}
		if err := b.next(entries, e.Header); err != nil {
			return nil, err
		}
		entries, text = append(entries, e), rest
	}
	if len(entries) != b.Len() {
		return nil, fmt.Errorf("%w batch: %d lines, want %d", ErrMalformed, len(entries), b.Len())
	}
	return entries, nil
}

func (b Batch) next(have []ledger.Entry, h ledger.Header) error {
	if len(have) > 0 {
		return follows(have[len(have)-1].Header, h)
	}
	if h.Stream != b.Stream || h.Seq != b.First {
		return fmt.Errorf("%w batch: begins with %s, want %s#%d", ErrMalformed, h.Ref, b.Stream, b.First)
	}
	return nil
}

// text unpacks at most MaxUnpacked bytes.
func (u *Unpacker) text(packed []byte) ([]byte, error) {
	if err := u.dec.Reset(bytes.NewReader(packed)); err != nil {
		return nil, fmt.Errorf("%w batch: unpack: %w", ErrMalformed, err)
	}
	// A hint only, and one that a liar can make cost no more than the limit.
	var frame zstd.Header
	size := uint64(0)
	if frame.Decode(packed) == nil && frame.HasFCS {
		size = min(frame.FrameContentSize, MaxUnpacked)
	}
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	n, err := buf.ReadFrom(io.LimitReader(u.dec, MaxUnpacked+1))
	if n > MaxUnpacked {
		return nil, fmt.Errorf("%w: unpacks to more than %d bytes", ErrTooLarge, MaxUnpacked)
	}
	if err != nil {
		return nil, fmt.Errorf("%w batch: unpack: %w", ErrMalformed, err)
	}
	return buf.Bytes(), nil
}

// Digest is the Content-Digest (RFC 9530) of a body as it is on the line.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// DigestIs reports whether body has this Content-Digest; only the form that
// Digest writes counts.
func DigestIs(digest string, body []byte) bool {
	return subtle.ConstantTimeCompare([]byte(digest), []byte(Digest(body))) == 1
}
