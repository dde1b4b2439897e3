package ledgertest

import (
	"crypto/sha256"

	"liaison/station/ledger"
)

// A Chain writes entries of another writer's stream, valid in every way.
type Chain struct {
	Stream ledger.Stream
	last   ledger.Entry
}

// Next makes the entry that follows on the last one made.
func (c *Chain) Next(k ledger.Kind, id ledger.ID, replaces ledger.Ref, body string) ledger.Entry {
	return c.add(ledger.Header{Kind: k, ID: id, Replaces: replaces}, body)
}

// NextPrivate is Next for a private kind.
func (c *Chain) NextPrivate(k ledger.Kind, id ledger.ID, body string) ledger.Entry {
	return c.add(ledger.Header{Kind: k, ID: id, Private: true}, body)
}

// Fork is the chain as it would go on if the next entry were another.
func (c *Chain) Fork() *Chain { f := *c; return &f }

func (c *Chain) add(h ledger.Header, body string) ledger.Entry {
	h.Ref = ledger.Ref{Stream: c.Stream, Seq: c.last.Seq + 1}
	h.At, h.By = noon, "li"
	if c.last.Seq > 0 {
		h.Prev = c.last.Hash()
	}
	salt := sha256.Sum256([]byte(h.Ref.String() + body))
	e := ledger.Entry{Header: h, Salt: salt[:ledger.SaltSize], Body: []byte(body)}
	e.Header.Body = ledger.BodyHash(e.Salt, e.Body)
	c.last = e
	return e
}
