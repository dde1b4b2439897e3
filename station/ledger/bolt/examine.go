package bolt

import (
	"context"
	"errors"
	"fmt"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

// Examine is the deep check of a file that nobody has open: a hot copy, a
// backup, or what a power cut left. It opens the file without writing to it,
// however damaged, lets bbolt check its pages, and then checks the ledger.
//
// On some kinds of damage bbolt walks for ever, takes all memory, or faults
// in a goroutine where nothing can catch it. Run it in a child process with a
// limit on time and memory, and take the end of that process for a fault.
func Examine(ctx context.Context, path string, o Options, report func(ledger.Fault)) (tally ledger.Tally, err error) {
	o = o.withDefaults()
	o.ReadOnly, o.lenient = true, true
	l, err := open(path, o)
	if err != nil {
		return tally, fmt.Errorf("examine %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	at := pages
	err = l.view(at, func(tx *bbolt.Tx) error {
		for fault := range tx.Check() { // read to the end, or its goroutine stays
			report(ledger.Fault{Where: at.String(), What: fault.Error()})
		}
		return ctx.Err()
	})
	if err != nil {
		return tally, err
	}
	return l.Check(ctx, report)
}
