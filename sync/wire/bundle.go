package wire

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"

	"liaison/station/ledger"
)

// A bundle carries on a stick what would go over the line: the same batches,
// byte for byte, and the same receipts. It is an age file, sealed to the Ed25519
// key of the one who shall read it, as age seals to SSH keys; inside it is
//
//	head line      BundleHead in canonical JSON
//	part line      BundlePart in canonical JSON, then Size bytes of a batch
//	…              as many parts as there are
//	end line       {"end":N}, the number of parts
//	signature      base64 of the sender's Ed25519 signature over the purpose and
//	               the SHA-256 of all before it, each line with its end
//
// It has no time window: a stick may take weeks. It need have none, since a
// batch is stored once however often it comes, and a receipt stays true.

// Limits of a bundle. Both sides hold to them.
const (
	MaxBundle = 1 << 30  // bytes inside
	MaxParts  = 100_000  // parts
	maxHead   = MaxSmall // bytes of a head or part line
)

// bundleVersion is the one form that this program writes and reads.
const bundleVersion = 1

const forBundle = "liaison bundle v1\n"

// ErrNotForUs: the bundle is sealed to somebody else's key.
var ErrNotForUs = errors.New("bundle for somebody else")

// A BundleHead says whose the bundle is and what the sender has.
type BundleHead struct {
	Bundle int       `json:"bundle"`
	From   string    `json:"from"` // a station's code, or "city"
	For    string    `json:"for"`  // a station's code, or "city"
	At     time.Time `json:"at"`   // the sender's clock
	// Holds is how far the sender, a station, holds each stream, so that the
	// way back need not carry it again.
	Holds []Head `json:"holds,omitempty"`
	// Listing is the city's signed word on how far it holds each stream.
	Listing []byte `json:"listing,omitempty"`
}

// A BundlePart is a batch with, on the way back, the city's receipt for its
// end; or a receipt alone, with no batch (Size 0).
type BundlePart struct {
	Stream  ledger.Stream `json:"stream"`
	First   ledger.Seq    `json:"first"`
	Last    ledger.Seq    `json:"last"`
	Size    int           `json:"size"`
	Receipt []byte        `json:"receipt,omitempty"`

	Body []byte `json:"-"`
}

// Batch is the part's batch.
func (p BundlePart) Batch() Batch {
	return Batch{Stream: p.Stream, First: p.First, Last: p.Last, Body: p.Body}
}

type bundleEnd struct {
	End int `json:"end"`
}

// A BundleWriter writes a bundle; it is whole only after Close.
type BundleWriter struct {
	out   io.WriteCloser
	sum   hash.Hash
	key   ed25519.PrivateKey
	parts int
}

// NewBundleWriter begins a bundle sealed to a key and signed with another. The
// head's version is set here.
func NewBundleWriter(w io.Writer, to ed25519.PublicKey, key ed25519.PrivateKey, head BundleHead) (*BundleWriter, error) {
	pub, err := ssh.NewPublicKey(to)
	if err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	recipient, err := agessh.NewEd25519Recipient(pub)
	if err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	out, err := age.Encrypt(w, recipient)
	if err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	b := &BundleWriter{out: out, sum: sha256.New(), key: key}
	head.Bundle, head.At = bundleVersion, milli(head.At)
	return b, b.line(head)
}

func (b *BundleWriter) line(v any) error {
	text, err := canonical(v)
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return b.write(append(text, '\n'))
}

func (b *BundleWriter) write(p []byte) error {
	b.sum.Write(p)
	if _, err := b.out.Write(p); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// Part adds a part; its Size is set here.
func (b *BundleWriter) Part(p BundlePart) error {
	b.parts++
	p.Size = len(p.Body)
	if err := b.line(p); err != nil {
		return err
	}
	return b.write(p.Body)
}

// Parts is how many parts were added.
func (b *BundleWriter) Parts() int { return b.parts }

// Close signs and ends the bundle.
func (b *BundleWriter) Close() error {
	if err := b.line(bundleEnd{b.parts}); err != nil {
		return err
	}
	sig := ed25519.Sign(b.key, b.sum.Sum([]byte(forBundle)))
	if _, err := fmt.Fprintln(b.out, base64.StdEncoding.EncodeToString(sig)); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	if err := b.out.Close(); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// ReadBundle reads a bundle sealed to mine. It reads it twice: until the
// signature was found to be that of the key which sender names, nothing of it
// is handed on. part's error ends the reading and is returned. Other errors
// wrap ErrNotForUs, ErrUnsigned, ErrMalformed or ErrTooLarge, or are r's.
func ReadBundle(r io.ReadSeeker, mine ed25519.PrivateKey, sender func(BundleHead) (ed25519.PublicKey, error), part func(BundleHead, BundlePart) error) (BundleHead, error) {
	id, err := agessh.NewEd25519Identity(mine)
	if err != nil {
		return BundleHead{}, fmt.Errorf("read bundle: %w", err)
	}
	pass := func(act func(BundleHead, BundlePart) error) (BundleHead, error) {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return BundleHead{}, fmt.Errorf("read bundle: %w", err)
		}
		in, err := age.Decrypt(r, id)
		if none := new(age.NoIdentityMatchError); errors.As(err, &none) {
			return BundleHead{}, fmt.Errorf("read bundle: %w", ErrNotForUs)
		}
		if err != nil {
			return BundleHead{}, fmt.Errorf("%w bundle: %w", ErrMalformed, err)
		}
		return (&bundleReader{in: bufio.NewReaderSize(in, 64<<10), sum: sha256.New()}).read(sender, act)
	}
	if _, err := pass(func(BundleHead, BundlePart) error { return nil }); err != nil {
		return BundleHead{}, err
	}
	return pass(part)
}

type bundleReader struct {
	in  *bufio.Reader
	sum hash.Hash
	n   int64
}

func (b *bundleReader) read(sender func(BundleHead) (ed25519.PublicKey, error), act func(BundleHead, BundlePart) error) (BundleHead, error) {
	var head BundleHead
	if err := b.object(&head); err != nil {
		return head, err
	}
	if head.Bundle != bundleVersion {
		return head, fmt.Errorf("%w bundle: version %d", ErrMalformed, head.Bundle)
	}
	key, err := sender(head)
	if err != nil {
		return head, err
	}
	for n := 0; ; n++ {
		line, err := b.line()
		if err != nil {
			return head, err
		}
		var end bundleEnd
		if strict(line, &end) == nil {
			if end.End != n {
				return head, fmt.Errorf("%w bundle: %d parts, want %d", ErrMalformed, n, end.End)
			}
			return head, b.verify(key)
		}
		var p BundlePart
		if err := strict(line, &p); err != nil {
			return head, err
		}
		if err := b.body(&p, n); err != nil {
			return head, err
		}
		if err := act(head, p); err != nil {
			return head, err
		}
	}
}

// body reads what follows a part's line.
func (b *bundleReader) body(p *BundlePart, n int) error {
	if err := p.Stream.Valid(); err != nil || p.Size < 0 {
		return fmt.Errorf("%w bundle: part %d", ErrMalformed, n+1)
	}
	if b.n += int64(p.Size); n >= MaxParts || p.Size > MaxPacked || b.n > MaxBundle {
		return fmt.Errorf("%w: bundle part %d of %d bytes", ErrTooLarge, n+1, p.Size)
	}
	p.Body = make([]byte, p.Size)
	if _, err := io.ReadFull(b.in, p.Body); err != nil {
		return fmt.Errorf("%w bundle: part %d: %w", ErrMalformed, n+1, err)
	}
	b.sum.Write(p.Body)
	return nil
}

// line reads one line and returns it without its end.
func (b *bundleReader) line() ([]byte, error) {
	var out []byte
	for {
		piece, err := b.in.ReadSlice('\n')
		out = append(out, piece...)
		if len(out) > maxHead+1 {
			return nil, fmt.Errorf("%w: bundle line", ErrTooLarge)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("%w bundle: cut short: %w", ErrMalformed, err)
		}
	}
	b.n += int64(len(out))
	b.sum.Write(out)
	return bytes.TrimSuffix(out, []byte{'\n'}), nil
}

func (b *bundleReader) object(v any) error {
	line, err := b.line()
	if err != nil {
		return err
	}
	return strict(line, v)
}

// verify reads the signature, which must be the last there is.
func (b *bundleReader) verify(key ed25519.PublicKey) error {
	sum := b.sum.Sum([]byte(forBundle))
	text, err := io.ReadAll(io.LimitReader(b.in, 256))
	if err != nil {
		return fmt.Errorf("%w bundle: %w", ErrMalformed, err)
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(string(bytes.TrimSuffix(text, []byte{'\n'})))
	if err != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, sum, sig) {
		return fmt.Errorf("read bundle: %w", ErrUnsigned)
	}
	return nil
}
