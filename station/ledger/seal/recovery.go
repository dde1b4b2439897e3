package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Recovery wraps a file key for identities that are kept off the machine, so
// that a restored backup can be read when the machine and its key are gone.
// It wraps only; RecoveredBy opens. Whoever holds one of the identities can
// read every body, private ones too: the city's must not be among them where
// private bodies are to stay in the station.
func Recovery(to ...Recipient) Source { return recovery{to: to} }

// RecoveredBy opens what Recovery wrapped. It opens only.
func RecoveredBy(i Identity) Source { return recovery{by: i} }

type recovery struct {
	to []Recipient
	by Identity
}

func (r recovery) Kind() Kind { return Recovering }

func (r recovery) close(w *wrap, root []byte) error {
	var box bytes.Buffer
	out, err := SealBackup(&box, r.to...)
	if err != nil {
		return err
	}
	_, err = out.Write(root)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	if box.Len() > maxBox {
		return fmt.Errorf("%d recipients are too many", len(r.to))
	}
	w.box = box.Bytes()
	return nil
}

func (r recovery) open(w *wrap) ([]byte, error) {
	in, err := OpenBackup(bytes.NewReader(w.box), r.by)
	if err != nil {
		return nil, err
	}
	root := make([]byte, rootSize+1)
	n, err := io.ReadFull(in, root)
	switch {
	case err != nil && err != io.EOF && err != io.ErrUnexpectedEOF:
		return nil, err
	case n != rootSize:
		return nil, fmt.Errorf("%w: recovery box of another length", ErrDamaged)
	}
	return root[:rootSize:rootSize], nil
}
