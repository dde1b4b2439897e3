package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

// KeepBackups is how many generations are kept where nobody says otherwise.
const KeepBackups = 7

// Backups is the folder with the generations of a ledger's backups: a file a
// night, and one whenever somebody asks.
type Backups struct {
	Ledger *bolt.Ledger
	Dir    string // made when it is first needed, but none above it
	Keep   int    // generations; KeepBackups where 0
}

// BackupFolder is where the backups of a data directory lie by themselves.
func BackupFolder(dir string) string { return filepath.Join(dir, "backup") }

// A Generation is one backup in the folder.
type Generation struct {
	Path string
	At   time.Time // when it was begun, to the second
	Size int64     // bytes
}

// Names: QA01-20261126T030000Z.backup; the form sorts by time.
const (
	generationTime = "20060102T150405Z"
	generationEnd  = ".backup"
)

// Make writes a new generation and then removes those that are too many. The
// file takes its name when it is whole and on the disk; a backup that fails
// removes none of the earlier ones.
func (b Backups) Make(ctx context.Context) (Generation, error) {
	if err := os.Mkdir(b.Dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return Generation{}, err
	}
	if err := b.sweep(); err != nil {
		return Generation{}, err
	}
	at := time.Now().UTC().Truncate(time.Second)
	path := filepath.Join(b.Dir, b.Ledger.Own().Writer()+"-"+at.Format(generationTime)+generationEnd)
	g := Generation{Path: path, At: at}
	f, err := os.CreateTemp(b.Dir, "."+filepath.Base(path)+".*") // made with mode 0600
	if err != nil {
		return g, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is nothing to remove
	if err := errors.Join(b.Write(ctx, f), f.Sync(), f.Close()); err != nil {
		return g, err
	}
	if st, err := os.Stat(f.Name()); err == nil {
		g.Size = st.Size()
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return g, err
	}
	return g, errors.Join(syncDir(b.Dir), b.prune())
}

// Write writes a backup: sealed to whoever can recover the ledger, and to this
// machine, which must be able to try it.
func (b Backups) Write(ctx context.Context, w io.Writer) error {
	id, err := machine(ctx, b.Ledger)
	if err != nil {
		return err
	}
	return b.Ledger.BackupFor(ctx, w, id.Recipient())
}

// localMachine holds this machine's own identity: sealed in the ledger, as all
// settings are, it opens the machine's backups for whoever can open the ledger
// anyhow.
const localMachine = "backup/machine"

func machine(ctx context.Context, l *bolt.Ledger) (seal.Identity, error) {
	text, err := l.Local(localMachine)
	if err == nil {
		return seal.ParseIdentity(text)
	}
	if !errors.Is(err, ledger.ErrNotFound) {
		return seal.Identity{}, err
	}
	id, err := seal.NewIdentity()
	if err != nil {
		return id, err
	}
	_, err = l.Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: localMachine, Value: id.Text(l.Own().Writer(), time.Now())}}})
	return id, err
}

// sweep removes what a backup left that was cut short.
func (b Backups) sweep() error {
	left, err := filepath.Glob(filepath.Join(globQuote(b.Dir), "."+b.Ledger.Own().Writer()+"-*"+generationEnd+".*"))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// prune removes the oldest generations.
func (b Backups) prune() error {
	list, err := b.List()
	if err != nil {
		return err
	}
	keep := b.Keep
	if keep <= 0 {
		keep = KeepBackups
	}
	for _, g := range list[min(keep, len(list)):] {
		err = errors.Join(err, os.Remove(g.Path))
	}
	return err
}

// List returns the generations, the newest first.
func (b Backups) List() ([]Generation, error) {
	list, err := os.ReadDir(b.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Generation
	for _, e := range list {
		name, ok := strings.CutSuffix(e.Name(), generationEnd)
		name, mine := strings.CutPrefix(name, b.Ledger.Own().Writer()+"-")
		at, err := time.Parse(generationTime, name)
		info, ierr := e.Info()
		if !ok || !mine || err != nil || ierr != nil || !e.Type().IsRegular() {
			continue
		}
		out = append(out, Generation{filepath.Join(b.Dir, e.Name()), at, info.Size()})
	}
	slices.SortFunc(out, func(a, b Generation) int { return b.At.Compare(a.At) })
	return out, nil
}

// Last is when the newest generation was made; long ago where there is none.
func (b Backups) Last() time.Time {
	list, err := b.List()
	if err != nil || len(list) == 0 {
		return time.Time{}
	}
	return list[0].At
}

// Rehearse restores a backup into a throw-away folder beside the ledger, checks
// everything in it, and removes the folder. by opens one that this machine
// cannot open, such as one of the machine before it. Errors: bolt.ErrSealed,
// bolt.ErrLocked, bolt.ErrDamaged, ledger.ErrBroken, and those of the disk.
func (b Backups) Rehearse(ctx context.Context, path string, by *seal.Identity) (ledger.Tally, error) {
	sealed, err := bolt.IsSealed(path)
	if err != nil {
		return ledger.Tally{}, err
	}
	key, own := b.Ledger.KeySource()
	if own && !sealed {
		key = nil // it must open as it would elsewhere
	}
	dir, err := os.MkdirTemp(filepath.Dir(b.Ledger.Path()), ".rehearsal-*")
	if err != nil {
		return ledger.Tally{}, err
	}
	defer os.RemoveAll(dir)
	if by == nil {
		if id, err := machine(ctx, b.Ledger); err == nil {
			by = &id
		}
	}
	o := bolt.Options{Indexes: station.Indexes(), Log: filepath.Join(dir, secondName), Key: key}
	r, err := bolt.Restore(ctx, path, filepath.Join(dir, "ledger.db"), bolt.RestoreOptions{Options: o, Identity: by})
	if err != nil {
		return r.Tally, fmt.Errorf("rehearse: %w", err)
	}
	return r.Tally, nil
}

// SweepRehearsals removes what a rehearsal left that was cut short.
func SweepRehearsals(dir string) error {
	left, err := filepath.Glob(filepath.Join(globQuote(dir), ".rehearsal-*"))
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// globQuote quotes what Glob would read as a pattern.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
