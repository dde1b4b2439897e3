package bolt

import (
	"encoding/binary"
	"errors"
	"io"

	"liaison/station/ledger/seal"
)

// A backup that is sealed to nobody carries the text of the key file that
// opens it behind its last page: it must open on another machine, and says so
// to whoever makes it. The text is followed by its length and checksum, four
// bytes each, little-endian, and carryMagic.
const (
	carryMagic = "\xf7LJKEY\r\n"
	carryTail  = 8 + len(carryMagic)
	maxCarried = 4096
)

// appendCarried appends a key file's text as a backup carries it.
func appendCarried(b, text []byte) []byte {
	at := place{bucket: "carried"}
	b = append(b, text...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	b = binary.LittleEndian.AppendUint32(b, checksum(at, formatPlain, text))
	return append(b, carryMagic...)
}

// carried reads the text off the end of a file; nil where there is none.
func carried(f io.ReaderAt, size int64) []byte {
	n := min(size, maxCarried+int64(carryTail))
	b := make([]byte, n)
	if _, err := f.ReadAt(b, size-n); err != nil && err != io.EOF || n < int64(carryTail) {
		return nil
	}
	tail := b[len(b)-carryTail:]
	length := int(binary.LittleEndian.Uint32(tail))
	if string(tail[8:]) != carryMagic || length > len(b)-carryTail {
		return nil
	}
	text := b[len(b)-carryTail-length : len(b)-carryTail]
	if binary.LittleEndian.Uint32(tail[4:]) != checksum(place{bucket: "carried"}, formatPlain, text) {
		return nil
	}
	return text
}

// errNotCarried: the file carries no key.
var errNotCarried = errors.New("the file carries no key")

// unlockCarried opens the vault with the key that a backup carries.
func (l *Ledger) unlockCarried(wrapped seal.Wrapped) (*seal.Vault, error) {
	info, err := l.file.Stat()
	if err != nil {
		return nil, err
	}
	text := carried(l.file, info.Size())
	if text == nil {
		return nil, errNotCarried
	}
	return seal.Unlock(wrapped, seal.KeyFileText(text))
}

// dropCarried cuts the key off the end of a file that has become a ledger in
// use: the key lies in its own file from then on.
func (l *Ledger) dropCarried() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	text := carried(l.file, info.Size())
	if text == nil {
		return nil
	}
	return errors.Join(l.file.Truncate(info.Size()-int64(len(text)+carryTail)), l.file.Sync())
}
