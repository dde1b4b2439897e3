package ledger

import (
	"encoding/json"
	"fmt"
)

// KindErase is the one kind that a ledger reads itself: such an entry names
// entries whose bodies are erased. Every ledger that takes it in drops those
// bodies, as far as its writer may ask for that (Erases), and keeps dropping them when they come again: after a restore, or
// because a stream travelled more slowly. Numbers, headers and chains stay.
const KindErase Kind = "erase"

// MaxErased is how many entries one erasure names at most.
const MaxErased = 1000

// An Erasure is the body of such an entry.
type Erasure struct {
	Entries []Ref `json:"entries"`
}

// ParseErasure reads the body of an entry of KindErase. The error wraps
// ErrBroken.
func ParseErasure(body []byte) (Erasure, error) {
	var x Erasure
	if err := json.Unmarshal(body, &x); err != nil {
		return x, fmt.Errorf("%w: erasure: %w", ErrBroken, err)
	}
	if len(x.Entries) > MaxErased {
		return x, fmt.Errorf("%w: erasure of %d entries, at most %d", ErrBroken, len(x.Entries), MaxErased)
	}
	for _, r := range x.Entries {
		if err := r.Stream.Valid(); err != nil || r.Seq == 0 {
			return x, fmt.Errorf("%w: erasure of %s", ErrBroken, r)
		}
	}
	return x, nil
}

// AuditReader is the last part of the names of streams that nobody erases
// anything of.
const AuditReader = "audit"

// Erases reports whether an erasure in stream by may concern stream s, at the
// ledger that writes here: only its own writer's, unless that is an audit log.
// What another asks for is not done, whoever it is, or a city in the wrong
// hands could empty every station that listens to it. Nor could another epoch
// of who writes here have known what is written here: a city gives back what
// was, and can make up an epoch. What was not done is counted by a check
// (Tally.Refused).
func Erases(by, s, here Stream) bool {
	mine := func(t Stream) bool { return t.Writer() == here.Writer() && t.Epoch() == here.Epoch() }
	return by.Writer() == s.Writer() && s.Reader() != AuditReader && (mine(by) || !mine(s))
}

// Refused counts the entries that an erasure names and may not, at the ledger
// that writes here; 0 for any other entry.
func Refused(e Entry, here Stream) (n int) {
	if e.Kind != KindErase || e.Absent() {
		return 0
	}
	x, err := ParseErasure(e.Body)
	if err != nil {
		return 0 // nobody carries it out
	}
	for _, r := range x.Entries {
		if !Erases(e.Stream, r.Stream, here) {
			n++
		}
	}
	return n
}
