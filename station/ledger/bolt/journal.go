package bolt

import (
	"liaison/station/ledger"
)

// A journal cell holds the header in its binary form and then the body in
// one of these ways. Bodies are not compressed, see pageSize.
const (
	bodyAbsent = 0 // withheld or erased
	bodyPlain  = 1 // salt, body
)

// appendEntry appends the cell of an entry whose binary header is given.
func appendEntry(dst []byte, at place, header []byte, e *ledger.Entry) []byte {
	if e.Absent() {
		return appendCell(dst, at, header, []byte{bodyAbsent})
	}
	return appendCell(dst, at, header, []byte{bodyPlain}, e.Salt, e.Body)
}

// parseEntry reads what a journal cell holds. The result shares no memory
// with p. A fault is told as a sentence.
func parseEntry(p []byte) (e ledger.Entry, fault string) {
	h, rest, err := ledger.ParseHeader(p)
	if err != nil {
		return e, err.Error()
	}
	e.Header = h
	switch {
	case len(rest) == 0:
		return e, "there is no body and no word of its absence"
	case rest[0] == bodyAbsent && len(rest) == 1:
		return e, ""
	case rest[0] != bodyPlain:
		return e, "the body is stored in a way this program does not know"
	case len(rest) < 1+ledger.SaltSize:
		return e, "the salt ends too soon"
	}
	own := append([]byte{}, rest[1:]...)
	e.Salt, e.Body = own[:ledger.SaltSize:ledger.SaltSize], own[ledger.SaltSize:]
	return e, ""
}

// journalPlace names the place of one entry.
func journalPlace(r ledger.Ref) place {
	return place{"journal", string(r.Stream), seqKey(r.Seq)}
}
