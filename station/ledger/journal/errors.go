package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"liaison/station/ledger"
)

var (
	// ErrDamaged: the log does not hold what was written to it.
	ErrDamaged = errors.New("the journal is damaged")
	// ErrMissing: the log does not hold these frames: they were pruned, or
	// the log was behind, or a file was taken away.
	ErrMissing = errors.New("frames are missing from the journal")
	// ErrBehind: the log owes frames and cannot write them by itself. Give it
	// everything since Behind, by CatchUp or a state.
	ErrBehind = errors.New("the journal is behind")
	// ErrReadOnly: the disk, or the log as it was opened, cannot be written.
	ErrReadOnly = errors.New("the journal cannot be written")
	// ErrDisk: the disk failed to write, sync or read.
	ErrDisk = errors.New("the journal's disk failed")
	// ErrTooLarge: a payload longer than MaxPayload.
	ErrTooLarge = errors.New("too large for one frame")
	// ErrOther: the log is another stream's.
	ErrOther = errors.New("the journal belongs to another stream")
)

// typed adds to an error of the disk which kind it is: ledger.ErrFull,
// ErrReadOnly or ErrDisk.
func typed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ledger.ErrFull), errors.Is(err, ErrReadOnly), errors.Is(err, ErrDisk):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ledger.ErrFull, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return fmt.Errorf("%w: %w", ErrDisk, err)
}

// A Fault is a place where the log is not what it should be.
type Fault struct {
	File   string // name within the folder
	Offset int64  // where in the file
	Length int64  // bytes concerned; 0 where that is not known
	From   uint64 // first missing frame; 0: no frame is known to be missing
	To     uint64 // last missing frame; 0: how many is not known
	What   string // a sentence, for the log
	Kept   string // name of the file that the bytes were set aside in
	Err    error  // ErrDamaged or ErrMissing
}

func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, byte %d: %s", f.File, f.Offset, f.What)
	switch {
	case f.From == 0:
	case f.To == 0:
		fmt.Fprintf(&b, "; missing from frame %d on", f.From)
	default:
		fmt.Fprintf(&b, "; missing frames %d to %d", f.From, f.To)
	}
	if f.Kept != "" {
		fmt.Fprintf(&b, "; kept in %s", f.Kept)
	}
	return b.String()
}

func (f *Fault) Unwrap() error { return f.Err }
