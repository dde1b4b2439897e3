package ledger

import (
	"encoding/json"
	"fmt"
)

// KindErase is the one kind that a ledger reads itself: such an entry names
// entries whose bodies are erased. Every ledger that takes it in drops those
// bodies, and keeps dropping them when they come again: after a restore, or
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

// Erases reports whether an erasure by writer may concern a stream: its own,
// and, for the city, everyone's.
func Erases(writer string, s Stream) bool { return writer == s.Writer() || writer == "city" }
