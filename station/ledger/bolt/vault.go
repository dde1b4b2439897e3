package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"liaison/station/ledger/seal"
)

// ErrLocked: the key that opens the ledger is missing, or it is another one.
// Nothing is lost as long as one of its sources is found: the key file, the
// passphrase, or the recovery key that was printed when the ledger was made.
var ErrLocked = errors.New("the ledger's key is missing or another one")

// keyFileName is the key file beside the database that is made and used where
// the options name no other source. Ledgers in one folder share it.
const keyFileName = "ledger.key"

// KeySource is where the ledger's key is opened from, and whether that is its
// own key file, which a backup that is not sealed carries with it.
func (l *Ledger) KeySource() (from seal.Source, own bool) {
	l.write.Lock()
	defer l.write.Unlock()
	return l.keySource(), l.o.Key == nil
}

// keySource is where the file's key is opened from.
func (l *Ledger) keySource() seal.Source {
	if l.o.Key != nil {
		return l.o.Key
	}
	return seal.KeyFile(l.keyPath())
}

func (l *Ledger) keyPath() string { return filepath.Join(filepath.Dir(l.path), keyFileName) }

// sources are those the file's key is wrapped for. The default key file is
// made where it is missing.
func (l *Ledger) sources() ([]seal.Source, error) {
	if l.o.Key == nil {
		if err := seal.MakeKeyFile(l.keyPath()); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	out := []seal.Source{l.keySource()}
	if len(l.o.Recovery) > 0 {
		out = append(out, seal.Recovery(l.o.Recovery...))
	}
	return out, nil
}

// wrapVault wraps a vault's key for its sources, and writes down who can
// recover it.
func (l *Ledger) wrapVault(v *seal.Vault) (wrapped seal.Wrapped, recovery []byte, err error) {
	sources, err := l.sources()
	if err != nil {
		return nil, nil, err
	}
	wrapped, err = v.Wrap(sources...)
	return wrapped, recipientsText(l.o.Recovery), err
}

// unlock opens the vault: with the source of the options, else with the key
// that a backup carries, else with the recovery identity that a restore was
// given. It reports whether the key must be wrapped anew for this machine.
func (l *Ledger) unlock(wrapped seal.Wrapped) (moved bool, err error) {
	if l.vault, err = seal.Unlock(wrapped, l.keySource()); err == nil {
		return false, nil
	}
	if errors.Is(err, seal.ErrDamaged) {
		return false, metaPlace("key").damaged(err.Error())
	}
	if v, carried := l.unlockCarried(wrapped); carried == nil {
		l.vault = v
		return true, nil
	}
	if l.o.identity != nil {
		if v, rescued := seal.Unlock(wrapped, seal.RecoveredBy(*l.o.identity)); rescued == nil {
			l.vault = v
			return true, nil
		}
	}
	return false, fmt.Errorf("%w: %w", ErrLocked, err)
}

// rewrap makes the key this machine's own.
func (l *Ledger) rewrap() error {
	wrapped, recovery, err := l.wrapVault(l.vault)
	if err != nil {
		return err
	}
	err = l.commitLocked(metaPlace("key"), true, func(w *writing) error {
		return errors.Join(w.set(metaOp("key", wrapped)), w.set(metaOp("recovery", recovery)))
	})
	if err != nil {
		return err
	}
	l.wrapped = wrapped
	return l.describe()
}

// SetKey changes what opens the file: a source, and those who can recover it.
// No value is sealed anew. What was wrapped for the old ones still opens old
// backups.
func (l *Ledger) SetKey(key seal.Source, recovery []seal.Recipient) error {
	l.write.Lock()
	defer l.write.Unlock()
	wasKey, wasRecovery := l.o.Key, l.o.Recovery
	l.o.Key, l.o.Recovery = key, recovery
	if err := l.rewrap(); err != nil {
		l.o.Key, l.o.Recovery = wasKey, wasRecovery
		return fmt.Errorf("change the ledger's key: %w", err)
	}
	return nil
}

// SetRecovery changes who can recover the file and open its backups from now
// on; the source of the key stays.
func (l *Ledger) SetRecovery(recovery []seal.Recipient) error {
	l.write.Lock()
	defer l.write.Unlock()
	was := l.o.Recovery
	l.o.Recovery = recovery
	if err := l.rewrap(); err != nil {
		l.o.Recovery = was
		return fmt.Errorf("change who can recover the ledger: %w", err)
	}
	return nil
}

// Recovery lists those who can open the file and its backups without its key.
func (l *Ledger) Recovery() []seal.Recipient {
	l.write.Lock()
	defer l.write.Unlock()
	return slices.Clone(l.o.Recovery)
}

// recipientsText is how recipients stand in meta/recovery: a line each.
func recipientsText(rs []seal.Recipient) []byte {
	var b strings.Builder
	for _, r := range rs {
		b.WriteString(r.String() + "\n")
	}
	return []byte(b.String())
}

func parseRecipients(text []byte) (out []seal.Recipient, err error) {
	for line := range bytes.Lines(text) {
		r, err := seal.ParseRecipient(string(line))
		if err != nil {
			return nil, metaPlace("recovery").damaged(err.Error())
		}
		out = append(out, r)
	}
	return out, nil
}

// seal seals the parts, one after another, for a place.
func (l *Ledger) seal(at place, parts ...[]byte) ([]byte, error) {
	var b [160]byte
	text := parts[0]
	if len(parts) > 1 {
		text = bytes.Join(parts, nil)
	}
	return l.vault.Seal(at.appendTo(b[:0]), text)
}

// unseal opens what seal made. The error wraps ErrDamaged, or is
// seal.ErrErased.
func (l *Ledger) unseal(at place, sealed []byte) ([]byte, error) {
	var b [160]byte
	text, err := l.vault.Open(at.appendTo(b[:0]), sealed)
	if err != nil && !errors.Is(err, seal.ErrErased) {
		return nil, at.damaged(err.Error())
	}
	return text, err
}

// sealCell makes a sealed cell.
func (l *Ledger) sealCell(at place, parts ...[]byte) ([]byte, error) {
	sealed, err := l.seal(at, parts...)
	if err != nil {
		return nil, err
	}
	return appendFormat(make([]byte, 0, cellHead+len(sealed)), at, formatSealed, sealed), nil
}

// unsealCell opens a cell that is sealed, or plain as in files of layout 1.
func (l *Ledger) unsealCell(at place, v []byte) ([]byte, error) {
	format, p, err := checkCell(at, v)
	if err != nil || format == formatPlain {
		return p, err
	}
	p, err = l.unseal(at, p)
	if errors.Is(err, seal.ErrErased) {
		err = at.damaged("its key was dropped, which happens to entries only")
	}
	return p, err
}

// blindSuffix ends the names of indexes whose keys are made from what people
// or other programs gave, such as a caller's reference. They are kept as
// blind names (seal.Vault.Blind), which serve to find and tell nothing.
const blindSuffix = "-ref"

// indexKey is a key as the file keeps it.
func (l *Ledger) indexKey(index, key string) string {
	if strings.HasSuffix(index, blindSuffix) {
		return l.vault.Blind(index, key)
	}
	return key
}
