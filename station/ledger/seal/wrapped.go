package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrSource: no way in for this kind of source. The key was not wrapped for
// it; the message names those it was wrapped for.
var ErrSource = errors.New("the file's key was not wrapped for this source")

// Wrapped is a file key, wrapped once for each source that may open it. It
// describes itself and holds no secret: it stands in the database, in every
// segment of the log, and in a backup.
type Wrapped []byte

const (
	wrapMagic   = "LKEY"
	wrapVersion = 1
	saltSize    = 16
	boxSize     = nonceSize + rootSize + tagSize
	wrapFixed   = len(wrapMagic) + 3 + idSize + saltSize + 1 + 2 + crcSize

	maxBox     = 4096 // a recovery box for some forty recipients
	maxWraps   = 16
	maxWrapped = 1 << 14
)

// A wrap is the file key wrapped for one source.
type wrap struct {
	suite Suite
	kind  Kind
	id    [idSize]byte
	salt  [saltSize]byte
	cost  string // of a passphrase
	box   []byte
}

// appendHead appends all before the length of the box.
func (w *wrap) appendHead(b []byte) []byte {
	b = append(b, wrapMagic...)
	b = append(b, wrapVersion, byte(w.suite), byte(w.kind))
	b = append(b, w.id[:]...)
	b = append(b, w.salt[:]...)
	b = append(b, byte(len(w.cost)))
	return append(b, w.cost...)
}

func (w *wrap) append(b []byte) []byte {
	start := len(b)
	b = w.appendHead(b)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(w.box)))
	b = append(b, w.box...)
	return binary.LittleEndian.AppendUint32(b, checksum(b[start:]))
}

// parseWrap reads one wrap off the front of b.
func parseWrap(b []byte) (w wrap, rest []byte, err error) {
	bad := func(what string) (wrap, []byte, error) {
		return wrap{}, nil, fmt.Errorf("%w: wrapped key: %s", ErrDamaged, what)
	}
	if len(b) < wrapFixed || !bytes.HasPrefix(b, []byte(wrapMagic)) {
		return bad("it is none, or ends too soon")
	}
	cost := int(b[27])
	if len(b) < wrapFixed+cost {
		return bad("it ends too soon")
	}
	box := int(binary.LittleEndian.Uint16(b[28+cost:]))
	if len(b) < wrapFixed+cost+box {
		return bad("it ends too soon")
	}
	body, ok := cutCRC(b[:wrapFixed+cost+box])
	if !ok {
		return bad("checksum does not match")
	}
	w = wrap{suite: Suite(b[5]), kind: Kind(b[6]), id: [idSize]byte(b[7:]), salt: [saltSize]byte(b[11:]), cost: string(b[28 : 28+cost])}
	w.box = body[30+cost:]
	switch {
	case b[4] != wrapVersion || !w.suite.known() || !w.kind.known():
		return bad(fmt.Sprintf("version %d, %s, source %d; this program knows version %d", b[4], w.suite, w.kind, wrapVersion))
	case w.kind == Recovering && (box == 0 || box > maxBox), w.kind != Recovering && box != boxSize:
		return bad(fmt.Sprintf("box of %d bytes", box))
	case (w.cost != "") != (w.kind == Passphrases):
		return bad("only a passphrase has a cost")
	}
	if w.cost != "" {
		if _, err := parseCost(w.cost); err != nil {
			return bad(err.Error())
		}
	}
	return w, b[wrapFixed+cost+box:], nil
}

// parse reads all wraps, which must be of one key.
func (w Wrapped) parse() ([]wrap, error) {
	if len(w) == 0 || len(w) > maxWrapped {
		return nil, fmt.Errorf("%w: wrapped key of %d bytes", ErrDamaged, len(w))
	}
	var out []wrap
	for rest := []byte(w); len(rest) > 0; {
		one, r, err := parseWrap(rest)
		if err != nil {
			return nil, err
		}
		if len(out) == maxWraps || len(out) > 0 && (one.id != out[0].id || one.suite != out[0].suite) {
			return nil, fmt.Errorf("%w: wrapped keys that do not belong together", ErrDamaged)
		}
		out, rest = append(out, one), r
	}
	return out, nil
}

// Sources says which kinds of source open the key, so that a program knows
// what to ask for. The error wraps ErrDamaged.
func (w Wrapped) Sources() ([]Kind, error) {
	wraps, err := w.parse()
	if err != nil {
		return nil, err
	}
	var kinds []Kind
	for _, one := range wraps {
		kinds = append(kinds, one.kind)
	}
	return kinds, nil
}

// Wrap wraps the file key for the given sources, and only for them. It reads
// the secret of each: errors are those of the source, and ErrWeak for a
// passphrase that is too simple.
func (v *Vault) Wrap(sources ...Source) (Wrapped, error) {
	if len(sources) == 0 || len(sources) > maxWraps {
		return nil, fmt.Errorf("wrap file key: for %d sources, want 1 to %d", len(sources), maxWraps)
	}
	var out Wrapped
	for _, src := range sources {
		w := wrap{suite: v.suite, kind: src.Kind(), id: v.id}
		rand.Read(w.salt[:])
		if err := src.close(&w, v.root); err != nil {
			return nil, fmt.Errorf("wrap file key for the %s: %w", src.Kind(), err)
		}
		out = w.append(out)
	}
	if len(out) > maxWrapped {
		return nil, fmt.Errorf("wrap file key: %d bytes, at most %d", len(out), maxWrapped)
	}
	return out, nil
}

// Unlock opens the vault with a source the file key was wrapped for. Errors:
// ErrSource, ErrWrongKey, ErrDamaged, and those of the source.
func Unlock(w Wrapped, src Source) (*Vault, error) {
	v, err := unlock(w, src)
	if err != nil {
		return nil, fmt.Errorf("unlock with the %s: %w", src.Kind(), err)
	}
	return v, nil
}

func unlock(w Wrapped, src Source) (*Vault, error) {
	wraps, err := w.parse()
	if err != nil {
		return nil, err
	}
	fits := slices.DeleteFunc(slices.Clone(wraps), func(one wrap) bool { return !src.Kind().opens(one.kind) })
	if len(fits) == 0 {
		kinds, _ := w.Sources() // has been parsed
		return nil, fmt.Errorf("%w: it is for %v", ErrSource, kinds)
	}
	for _, one := range fits {
		root, openErr := src.open(&one)
		if openErr != nil {
			err = openErr
			continue
		}
		v, openErr := open(one.suite, root)
		if openErr != nil {
			return nil, openErr
		}
		if v.id != one.id {
			return nil, fmt.Errorf("%w: wrapped key: it holds another key than it says", ErrDamaged)
		}
		return v, nil
	}
	return nil, err
}
