package bolt

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// An op is what one transaction does to one value that does not follow from
// others: value nil drops it. Heads, record pointers, index lines and marks of
// erasures do follow, and are found out anew when operations are replayed.
type op struct {
	at    place
	value []byte // the cell
}

func metaOp(key string, v []byte) op {
	at := metaPlace(key)
	return op{at, appendCell(nil, at, v)}
}

// kept buckets, by the number they have in a frame. The order is frozen.
var logged = [...]string{"meta", "journal", "receipt", "draft", "local"}

// The first byte of a frame says how what follows is written, the second
// whether it is all there was to say.
const (
	frameVersion = 1

	frameChange = 0 // what one commit did
	frameAll    = 1 // begins everything there is: what is not in it is gone
)

// A frame holds operations one after another: the bucket's number, the bucket
// within and the key with their lengths, and the length of the value plus one
// (0: dropped) and the value. Numbers are unsigned varints.
func encodeFrame(kind byte, ops []op) []byte {
	size := 2
	for _, o := range ops {
		size += 12 + len(o.at.sub) + len(o.at.key) + len(o.value)
	}
	b := append(make([]byte, 0, size), frameVersion, kind)
	for _, o := range ops {
		b = appendOp(b, o)
	}
	return b
}

func appendOp(b []byte, o op) []byte {
	b = appendPlace(b, o.at)
	if o.value == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(o.value))+1)
	return append(b, o.value...)
}

func appendPlace(b []byte, at place) []byte {
	b = append(b, byte(slices.Index(logged[:], at.bucket)))
	b = binary.AppendUvarint(b, uint64(len(at.sub)))
	b = append(b, at.sub...)
	b = binary.AppendUvarint(b, uint64(len(at.key)))
	return append(b, at.key...)
}

// decodeFrame reads what encodeFrame wrote. Keys and values lie in b.
func decodeFrame(b []byte) (kind byte, ops []op, err error) {
	if len(b) < 2 || b[0] != frameVersion || b[1] > frameAll {
		return 0, nil, fmt.Errorf("%w: a frame of the log is of another version", ErrDamaged)
	}
	kind, r := b[1], opReader{b: b[2:]}
	for len(r.b) > 0 && !r.bad {
		at := r.place()
		n := r.number()
		o := op{at: at}
		if n > 0 {
			o.value = r.take(n - 1)
		}
		ops = append(ops, o)
	}
	if r.bad {
		return 0, nil, fmt.Errorf("%w: a frame of the log is malformed", ErrDamaged)
	}
	return kind, ops, nil
}

// opReader takes parts off the front of b.
type opReader struct {
	b   []byte
	bad bool
}

func (r *opReader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *opReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return []byte{}
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}

func (r *opReader) place() place {
	i := r.number()
	if i >= uint64(len(logged)) {
		r.bad, r.b = true, nil
		return place{}
	}
	sub := string(r.take(r.number()))
	return place{logged[i], sub, r.take(r.number())}
}

// encodeTouched writes which values a transaction touched, without them: with
// it, and the values themselves, the newest frame can be made again after a
// power cut between the two copies. Entries that follow each other are
// written as their number.
func encodeTouched(ops []op) []byte {
	var b []byte
	for i := 0; i < len(ops); {
		n := 1
		for i+n < len(ops) && follows(ops[i+n-1].at, ops[i+n].at) {
			n++
		}
		b = appendPlace(b, ops[i].at)
		b = binary.AppendUvarint(b, uint64(n))
		i += n
	}
	return b
}

// follows reports whether b is the entry after a.
func follows(a, b place) bool {
	return a.bucket == "journal" && b.bucket == "journal" && a.sub == b.sub && len(a.key) == 8 && len(b.key) == 8 &&
		binary.BigEndian.Uint64(a.key)+1 == binary.BigEndian.Uint64(b.key)
}

// decodeTouched reads what encodeTouched wrote; false where it is something
// else.
func decodeTouched(b []byte) (places []place, ok bool) {
	r := opReader{b: b}
	for len(r.b) > 0 && !r.bad {
		at := r.place()
		n := r.number()
		if n > 1 && len(at.key) != 8 || n > 1<<20 {
			return nil, false
		}
		for i := range n {
			if n > 1 {
				at.key = seqKey(binary.BigEndian.Uint64(at.key) + min(i, 1))
			}
			places = append(places, at)
		}
	}
	return places, !r.bad
}
