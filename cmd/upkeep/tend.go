package upkeep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// ErrRebuild: both copies are damaged, and what is left of them can only be
// put together with the ledger closed: close it, bolt.Rebuild, open it again.
var ErrRebuild = errors.New("both copies of the data are damaged")

// A Care looks after the two copies of a ledger that is in use.
type Care struct {
	Ledger *bolt.Ledger
	Dir    string // the data directory
	Log    *slog.Logger
	// Child makes the child process that runs Examine on a file.
	Child func(path, key string) (*exec.Cmd, error)
	// Fault is told each fault as it is found; may be nil.
	Fault func(ledger.Fault)
}

// An Outcome is what a Care found, and that it mended it.
type Outcome struct {
	Tally  ledger.Tally
	Faults int  // found
	Mended bool // and mended: it was checked again
}

// Tend checks both copies, the database by a child process on a hot copy, and
// mends the one that has faults from the other. It says what was found in the
// log, and what was done is an event of the ledger. Errors: ErrRebuild;
// ledger.ErrBusy while something else has the ledger to itself; and where it
// is damaged still.
func (c Care) Tend(ctx context.Context) (Outcome, error) {
	db, second, tally, err := c.look(ctx)
	out := Outcome{Tally: tally, Faults: len(db) + len(second)}
	if tally.Refused > 0 {
		c.Log.Warn("erasures refused", "code", "L-REFUSED", "entries", tally.Refused, "by", tally.RefusedBy)
	}
	if err != nil || out.Faults == 0 {
		return out, err
	}
	for _, f := range firstOf(db, second) {
		c.Log.Warn("fault found", "code", "L-FAULT", "of", out.Faults, "where", f.Where, "what", f.What)
	}
	if err := c.mend(ctx, db, second); err != nil {
		return out, err
	}
	c.Fault = nil
	again, againSecond, tally, err := c.look(ctx)
	if err == nil && len(again)+len(againSecond) > 0 {
		err = fmt.Errorf("%w: mended, and has faults still: %s", bolt.ErrDamaged, firstOf(again, againSecond)[0])
	}
	out.Tally, out.Mended = tally, err == nil
	return out, err
}

// Refusal says, for the person who had the data checked, that somebody asked
// to erase what is not theirs to erase; ok is false where nobody did. Nothing is
// wrong with the data.
func (o Outcome) Refusal() (s station.Text, ok bool) {
	t := o.Tally
	if t.Refused == 0 {
		return s, false
	}
	zh, en := "联络站 "+t.RefusedBy.Stream.Writer(), "station "+t.RefusedBy.Stream.Writer()
	if t.RefusedBy.Stream.Writer() == station.CityCode {
		zh, en = "市级端", "the city"
	}
	return station.Text{
		ZH: fmt.Sprintf("收到以%s名义发来的删除要求,涉及 %d 条它无权删除的记录(别人写的,或审计日志),没有照办。可能有人冒用或改动了对方的程序,请打电话与对方核实(%s)。", zh, t.Refused, t.RefusedBy),
		EN: fmt.Sprintf("In the name of %s somebody asked to erase %d entries that it may not (others wrote them, or they are an audit log); this was not done. Its program or key may be in the wrong hands: telephone and ask (%s).", en, t.Refused, t.RefusedBy),
	}, true
}

// firstOf are some of what was found, for the log.
func firstOf(db, second []ledger.Fault) []ledger.Fault {
	all := append(db[:len(db):len(db)], second...)
	return all[:min(len(all), 20)]
}

// look checks both copies.
func (c Care) look(ctx context.Context) (db, second []ledger.Fault, tally ledger.Tally, err error) {
	note := func(to *[]ledger.Fault) func(ledger.Fault) {
		return func(f ledger.Fault) {
			*to = append(*to, f)
			if c.Fault != nil {
				c.Fault(f)
			}
		}
	}
	tally, err = c.lookAtCopy(ctx, note(&db))
	if err == nil {
		err = c.Ledger.CheckLog(ctx, note(&second))
	}
	if err == nil {
		err = c.Ledger.CheckAgree(ctx, note(&db))
	}
	return db, second, tally, err
}

func (c Care) lookAtCopy(ctx context.Context, fault func(ledger.Fault)) (tally ledger.Tally, err error) {
	dir, err := os.MkdirTemp(c.Dir, checkPrefix)
	if err != nil {
		return tally, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "ledger.db")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return tally, err
	}
	err = c.Ledger.Copy(ctx, f)
	size, serr := f.Seek(0, 2)
	if err := errors.Join(serr, f.Close()); err != nil {
		return tally, err
	}
	if errors.Is(err, bolt.ErrDamaged) {
		fault(ledger.Fault{Where: "ledger.db", What: err.Error()})
		return tally, nil
	}
	if err != nil {
		return tally, err
	}
	child, err := c.Child(path, KeyPath(c.Dir))
	if err != nil {
		return tally, err
	}
	return Examined(ctx, child, size, fault)
}

// mend makes the copy that has faults anew from the other.
func (c Care) mend(ctx context.Context, db, second []ledger.Fault) error {
	if len(db) > 0 {
		err := c.Ledger.Heal(fmt.Errorf("a check found %d faults, the first: %s", len(db), db[0]))
		if errors.Is(err, bolt.ErrDamaged) || errors.Is(err, ledger.ErrNotFound) {
			return fmt.Errorf("%w: %w", ErrRebuild, err)
		}
		if err != nil {
			return err
		}
	}
	if len(second) > 0 {
		return c.Ledger.Mend(ctx)
	}
	return nil
}

// checkPrefix begins the names of folders that a check copies to.
const checkPrefix = "check-"

// Sweep removes what a check left that was killed. Whoever calls it holds the
// ledger, so no other check is under way.
func Sweep(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, checkPrefix+"*"))
	for _, d := range old {
		err = errors.Join(err, os.RemoveAll(d))
	}
	return err
}
