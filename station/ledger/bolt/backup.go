package bolt

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/seal"
)

// Backup writes a consistent copy of the whole ledger while people work; use
// Restore to make it one that is written to.
//
// Where the ledger has recovery recipients the backup is sealed to them, and
// opens with one of their identities on any machine. Where it has none, the
// backup is a ledger file that carries the key of the key file with it: it
// opens anywhere, for anybody. Where the key comes from elsewhere (a
// credential, a passphrase), it opens with that.
func (l *Ledger) Backup(ctx context.Context, w io.Writer) error {
	return l.BackupFor(ctx, w)
}

// BackupFor is Backup, sealed to others besides the recovery recipients: to
// this machine itself, say, so that it can try its own backups. Where there
// are no recovery recipients there is nothing that others could be added to.
func (l *Ledger) BackupFor(ctx context.Context, w io.Writer, others ...seal.Recipient) error {
	if err := l.backup(ctx, w, others); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func (l *Ledger) backup(ctx context.Context, w io.Writer, others []seal.Recipient) error {
	l.write.Lock()
	to, own := slices.Clone(l.o.Recovery), l.o.Key == nil
	l.write.Unlock()
	if len(to) == 0 {
		return l.openBackup(ctx, w, own)
	}
	out, err := seal.SealBackup(w, append(to, others...)...)
	if err != nil {
		return err
	}
	if err := l.Copy(ctx, out); err != nil {
		return err
	}
	return out.Close()
}

// openBackup writes a backup that is sealed to nobody. It carries the key of
// the key file, if that, its own, is what opens the ledger.
func (l *Ledger) openBackup(ctx context.Context, w io.Writer, own bool) error {
	var text []byte
	if own {
		var err error
		if text, err = os.ReadFile(l.keyPath()); err != nil {
			return err
		}
	}
	if err := l.Copy(ctx, w); err != nil || text == nil {
		return err
	}
	_, err := w.Write(appendCarried(nil, text))
	return err
}

// Copy writes the database as it stands while people work: sealed, and opened
// by what opens the ledger. It is what a check looks at.
func (l *Ledger) Copy(ctx context.Context, w io.Writer) error {
	l.long.Lock()
	defer l.long.Unlock()
	err := l.view(pages, func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(cancellable{ctx, w})
		return err
	})
	if cause := ctx.Err(); err != nil && cause != nil {
		err = cause // bbolt keeps only the text of what it wraps
	}
	return err
}

// cancellable is a writer that ends with its context.
type cancellable struct {
	ctx context.Context
	w   io.Writer
}

func (c cancellable) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// RestoreOptions say what Restore is to do besides copying.
type RestoreOptions struct {
	Options
	// Replace allows that there is a ledger already. It is kept under its
	// name with the date and time behind it.
	Replace bool
	// After is the highest letter of an epoch known from elsewhere, such as
	// the city or a number on paper; letters in the files count anyhow.
	After string
	// Identity opens a backup that was sealed to its recipient, and the key
	// in one whose own source is gone.
	Identity *seal.Identity
}

// Restored says what a Restore did.
type Restored struct {
	Own   ledger.Stream // the stream of the new epoch
	Tally ledger.Tally  // what the copy holds
	Aside string        // where the replaced file lies now, or ""
}

// Restore makes the backup at from the ledger at to. The backup is copied,
// the copy opened and checked, and only then it takes the name. It begins a
// new epoch: what the old epoch wrote after the backup is not in the copy,
// may be known to the city, and its numbers must not be given again.
func Restore(ctx context.Context, from, to string, o RestoreOptions) (r Restored, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restore %s to %s: %w", from, to, err)
		}
	}()
	o.Options = o.Options.withDefaults()
	o.identity = o.Identity
	if from == to {
		return r, errors.New("the backup and the ledger are the same file")
	}
	if _, err := os.Stat(to); err == nil && !o.Replace {
		return r, fmt.Errorf("there is a ledger already: %w", fs.ErrExist)
	}
	temp, err := tempName(to)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, remove(temp)) }()
	if err := copyFile(ctx, from, temp, o.Identity); err != nil {
		return r, err
	}
	old, err := lettersIn(to, o)
	if err != nil {
		return r, err
	}
	if old != nil { // held, so that nobody writes to it meanwhile
		defer func() { err = errors.Join(err, old.Close()) }()
	}
	if err := o.rebirth(ctx, temp, old, &r); err != nil {
		return r, err
	}
	if err := asideLog(to, o.Options); err != nil {
		return r, err
	}
	if r.Aside, err = setAside(to, o.Now()); err != nil {
		return r, err
	}
	if err := os.Rename(temp, to); err != nil {
		return r, err
	}
	return r, syncDir(to)
}

// asideLog sets the second copy of the replaced ledger aside. It would not
// fit the restored one, which begins its own at the first open.
func asideLog(path string, o Options) error {
	dir := logDir(path, o)
	err := os.Rename(dir, dir+"."+stamp(o.Now()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// rebirth checks the copy and begins the new epoch in it.
func (o RestoreOptions) rebirth(ctx context.Context, temp string, old *Ledger, r *Restored) (err error) {
	o.noLog = true
	l, err := open(temp, o.Options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var faults []ledger.Fault
	r.Tally, err = l.Check(ctx, func(f ledger.Fault) { faults = append(faults, f) })
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: the backup has %d faults, the first: %s", ErrDamaged, len(faults), faults[0])
	}
	after, err := lastLetter(o.After, l.own.Writer(), l)
	if err != nil {
		return err
	}
	if old != nil {
		if after, err = lastLetter(after, l.own.Writer(), old); err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
	}
	if r.Own, err = newStream(l.own.Writer(), after); err != nil {
		return err
	}
	return l.commit(metaPlace("stream"), true, func(w *writing) error { return w.set(metaOp("stream", []byte(r.Own))) })
}

// lettersIn opens the file that is to be replaced, without changing it, as far
// as it can be opened: a damaged one is the reason for most restores, a busy
// one is not to be replaced.
func lettersIn(path string, o RestoreOptions) (*Ledger, error) {
	l, err := open(path, Options{Now: o.Now, Timeout: o.Timeout, ReadOnly: true, lenient: true, keyless: true})
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, ledger.ErrBusy):
		return nil, err
	}
	return nil, nil
}

// lastLetter is the later of a letter and those of a writer's epochs in l. In
// a damaged file it is the last of those that could be read.
func lastLetter(after, writer string, l *Ledger) (string, error) {
	streams, err := l.streams()
	for _, s := range append(streams, l.own) {
		letter := s.Letter()
		if s.Writer() == writer && cmp.Or(cmp.Compare(len(letter), len(after)), cmp.Compare(letter, after)) > 0 {
			after = letter
		}
	}
	return after, err
}

// streams lists the names of all streams, as far as they can be read.
func (l *Ledger) streams() (out []ledger.Stream, err error) {
	err = l.view(place{bucket: "head"}, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("head")).ForEach(func(k, _ []byte) error {
			out = append(out, ledger.Stream(k))
			return nil
		})
	})
	return out, err
}

// sealedMagic begins a backup that is sealed to recipients.
const sealedMagic = "age-encryption.org/"

// ErrSealed: the backup is sealed, and opens with the recovery key only.
var ErrSealed = errors.New("the backup is sealed: give the recovery key")

// IsSealed reports whether the backup at path is sealed to somebody.
func IsSealed(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(sealedMagic))
	_, err = io.ReadFull(f, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return string(head) == sealedMagic, err
}

// unsealBackup reads a backup, sealed or not.
func unsealBackup(f io.Reader, by *seal.Identity) (io.Reader, error) {
	r := bufio.NewReader(f)
	head, err := r.Peek(len(sealedMagic))
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case string(head) != sealedMagic:
		return r, nil
	case by == nil:
		return nil, ErrSealed
	}
	return seal.OpenBackup(r, *by)
}

// copyFile copies a file, unsealed where it was sealed, and syncs the copy.
func copyFile(ctx context.Context, from, to string, by *seal.Identity) (err error) {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close() // only read from
	src, err := unsealBackup(f, by)
	if err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(cancellable{ctx, dst}, src)
	return errors.Join(err, dst.Sync(), dst.Close())
}

// setAside gives the file at path a second, dated name, under which it stays
// when the first is taken by another file. At no moment is there no ledger,
// which would be taken for a station that was never set up.
func setAside(path string, now time.Time) (string, error) {
	var aside string
	for { // two in one millisecond, on a fast disk, must both stay
		aside = path + "." + stamp(now)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", err
		}
		now = now.Add(time.Millisecond)
	}
	err := os.Link(path, aside)
	switch {
	case err == nil:
		return aside, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, fs.ErrExist):
		return "", err
	}
	if err := os.Rename(path, aside); err != nil { // a file system without links
		return "", err
	}
	return aside, nil
}
