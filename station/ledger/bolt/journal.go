package bolt

import (
	"encoding/binary"

	"liaison/station/ledger"
)

// A journal cell holds the header in its binary form and then the body in
// one of these ways.
const (
	bodyAbsent = 0 // withheld or erased
	bodyPlain  = 1 // salt, body
	bodyZstd   = 2 // salt, length of the body as uvarint, body compressed
)

// minZstd is the length from which compressing a body is tried. Below it the
// frame's own bytes eat what is won.
const minZstd = 128

// appendBody appends the stored form of an entry's salt and body.
func (l *Ledger) appendBody(dst []byte, e ledger.Entry) []byte {
	if e.Absent() {
		return append(dst, bodyAbsent)
	}
	start := len(dst)
	if len(e.Body) >= minZstd {
		dst = append(append(dst, bodyZstd), e.Salt...)
		dst = binary.AppendUvarint(dst, uint64(len(e.Body)))
		dst = l.enc.EncodeAll(e.Body, dst)
		if len(dst)-start < 1+len(e.Salt)+len(e.Body) {
			return dst
		}
	}
	dst = append(append(dst[:start], bodyPlain), e.Salt...)
	return append(dst, e.Body...)
}

// parseEntry reads what a journal cell holds. The result shares no memory
// with p. A fault is told as a sentence.
func (l *Ledger) parseEntry(p []byte) (ledger.Entry, string) {
	h, rest, err := ledger.ParseHeader(p)
	if err != nil {
		return ledger.Entry{}, err.Error()
	}
	e := ledger.Entry{Header: h}
	if len(rest) == 1 && rest[0] == bodyAbsent {
		return e, ""
	}
	if len(rest) < 1+ledger.SaltSize {
		return ledger.Entry{}, "the body ends too soon"
	}
	how, rest := rest[0], rest[1:]
	e.Salt = append([]byte(nil), rest[:ledger.SaltSize]...)
	rest = rest[ledger.SaltSize:]
	switch how {
	case bodyPlain:
		if len(rest) > ledger.MaxBody {
			return ledger.Entry{}, "the body is too long"
		}
		e.Body = append([]byte{}, rest...)
	case bodyZstd:
		n, used := binary.Uvarint(rest)
		if used <= 0 || n > ledger.MaxBody {
			return ledger.Entry{}, "the body's length makes no sense"
		}
		e.Body, err = l.dec.DecodeAll(rest[used:], make([]byte, 0, n))
		if err != nil || uint64(len(e.Body)) != n {
			return ledger.Entry{}, "the body does not unpack"
		}
	default:
		return ledger.Entry{}, "the body is stored in a way this program does not know"
	}
	return e, ""
}

// journalPlace names the place of one entry.
func journalPlace(r ledger.Ref) place {
	return place{"journal", string(r.Stream), seqKey(r.Seq)}
}
