package bolt

import (
	"encoding/binary"
	"errors"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// head is what head/<stream> holds.
type head struct {
	seq       ledger.Seq
	hash      ledger.Hash
	confirmed ledger.Seq // 0: no receipt kept
}

const headSize = 8 + len(ledger.Hash{}) + 8

func (h head) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(h.seq))
	b = append(b, h.hash[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(h.confirmed))
}

func headPlace(s ledger.Stream) place { return place{bucket: "head", key: []byte(s)} }

// parseHead opens the cell of one head.
func parseHead(at place, v []byte) (h head, err error) {
	p, err := openCell(at, v)
	if err != nil {
		return h, err
	}
	if len(p) != headSize {
		return h, at.damaged("the head has another length")
	}
	h.seq = ledger.Seq(binary.BigEndian.Uint64(p))
	copy(h.hash[:], p[8:])
	h.confirmed = ledger.Seq(binary.BigEndian.Uint64(p[headSize-8:]))
	return h, nil
}

// getHead returns the zero head for an unknown stream.
func getHead(tx *bbolt.Tx, s ledger.Stream) (head, error) {
	at := headPlace(s)
	v := tx.Bucket([]byte("head")).Get(at.key)
	if v == nil {
		return head{}, nil
	}
	return parseHead(at, v)
}

// Head is where a stream ends: zero Seq and no error for an unknown stream.
func (l *Ledger) Head(s ledger.Stream) (ledger.Head, error) {
	var out ledger.Head
	err := l.view(headPlace(s), func(tx *bbolt.Tx) error {
		h, err := getHead(tx, s)
		if err != nil {
			return err
		}
		out, err = l.exportHead(tx, s, h)
		return err
	})
	return out, err
}

// Heads lists every stream by name.
func (l *Ledger) Heads() ([]ledger.Head, error) {
	var out []ledger.Head
	err := l.view(place{bucket: "head"}, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("head")).ForEach(func(k, v []byte) error {
			s := ledger.Stream(k)
			h, err := parseHead(headPlace(s), v)
			if err != nil {
				return err
			}
			e, err := l.exportHead(tx, s, h)
			if err == nil {
				out = append(out, e)
			}
			return err
		})
	})
	return out, err
}

func (l *Ledger) exportHead(tx *bbolt.Tx, s ledger.Stream, h head) (ledger.Head, error) {
	out := ledger.Head{Stream: s, Seq: h.seq, Hash: h.hash, Confirmed: h.confirmed}
	if h.confirmed == 0 {
		return out, nil
	}
	raw, err := l.getReceipt(tx, s, h.confirmed)
	if errors.Is(err, ledger.ErrNotFound) {
		return out, receiptPlace(s, h.confirmed).damaged("the receipt that the head names is missing")
	}
	out.Receipt = raw
	return out, err
}

func receiptPlace(s ledger.Stream, through ledger.Seq) place {
	return place{"receipt", string(s), seqKey(through)}
}

// getReceipt returns a copy, or ErrNotFound.
func (l *Ledger) getReceipt(tx *bbolt.Tx, s ledger.Stream, through ledger.Seq) ([]byte, error) {
	at := receiptPlace(s, through)
	v := lookup(tx, at)
	if v == nil {
		return nil, ledger.ErrNotFound
	}
	p, err := l.unsealCell(at, v)
	return append([]byte{}, p...), err
}

// Receipt returns the receipt kept for exactly this number, or ErrNotFound.
func (l *Ledger) Receipt(s ledger.Stream, through ledger.Seq) (raw []byte, err error) {
	err = l.view(receiptPlace(s, through), func(tx *bbolt.Tx) error {
		raw, err = l.getReceipt(tx, s, through)
		return err
	})
	return raw, err
}

// lookup returns the value at a place, or nil.
func lookup(tx *bbolt.Tx, at place) []byte {
	b := tx.Bucket([]byte(at.bucket))
	if at.sub != "" {
		if b = b.Bucket([]byte(at.sub)); b == nil {
			return nil
		}
	}
	return b.Get(at.key)
}

// compareHeads holds every head against the last entry of its journal. A
// damaged meta page makes bbolt fall back by one commit without a word, but
// then both fall back; what this finds is a page of older content.
func (l *Ledger) compareHeads() error {
	return l.view(place{bucket: "head"}, func(tx *bbolt.Tx) error {
		heads := tx.Bucket([]byte("head"))
		err := tx.Bucket([]byte("journal")).ForEachBucket(func(name []byte) error {
			if heads.Get(name) == nil {
				return headPlace(ledger.Stream(name)).damaged("the stream has a journal and no head")
			}
			return nil
		})
		if err != nil {
			return err
		}
		return heads.ForEach(func(k, v []byte) error {
			s := ledger.Stream(k)
			h, err := parseHead(headPlace(s), v)
			if err != nil {
				return err
			}
			return compareHead(tx, s, h)
		})
	})
}

func compareHead(tx *bbolt.Tx, s ledger.Stream, h head) error {
	j := tx.Bucket([]byte("journal")).Bucket([]byte(s))
	if j == nil {
		return place{bucket: "journal", sub: string(s)}.damaged("the journal is missing")
	}
	k, v := j.Cursor().Last()
	if len(k) != 8 || ledger.Seq(binary.BigEndian.Uint64(k)) != h.seq {
		return headPlace(s).damaged("the journal ends at another number")
	}
	at := journalPlace(ledger.Ref{Stream: s, Seq: h.seq})
	p, err := openCell(at, v)
	if err != nil {
		return err
	}
	last, _, err := ledger.ParseHeader(p)
	if err != nil || last.Hash() != h.hash {
		return at.damaged("the last entry is not the one the head names")
	}
	return nil
}
