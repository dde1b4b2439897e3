package upkeep

import (
	"context"
	"log/slog"

	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// DropBodies is how a desk has bodies erased, under an account: in both copies,
// and with what is left of them on the disk. Where that cannot be tidied at
// once, the bodies are gone all the same and the night's compaction does the
// rest.
func DropBodies(led *bolt.Ledger, log *slog.Logger, by string) func(context.Context, ...ledger.Ref) error {
	return func(ctx context.Context, refs ...ledger.Ref) error {
		e, err := led.Erase(ctx, by, refs...)
		if err != nil && !e.Ref.IsZero() {
			log.Warn("compaction after an erasure waits for the night", "err", err)
			return nil
		}
		return err
	}
}
