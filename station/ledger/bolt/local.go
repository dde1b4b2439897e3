package bolt

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
)

func draftPlace(who, form string) place { return place{"draft", who, []byte(form)} }

func localPlace(name string) place { return place{bucket: "local", key: []byte(name)} }

// validName is the form of an account's or a form's name: that of every name
// in an entry.
func validName(s string) error {
	if s == "" || len(s) > ledger.MaxName {
		return fmt.Errorf("%d bytes, want 1 to %d", len(s), ledger.MaxName)
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '/' {
			return fmt.Errorf("character %q not allowed", c)
		}
	}
	return nil
}

// maxSetting bounds the name of a setting, in bytes.
const maxSetting = 255

// validSetting allows any text without control characters in the name of a
// setting: it is seen on this machine only.
func validSetting(s string) error {
	if s == "" || len(s) > maxSetting {
		return fmt.Errorf("%d bytes, want 1 to %d", len(s), maxSetting)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%.80q: control characters are not allowed", s)
	}
	return nil
}

// draftOp stores a draft, or drops it where it has no body.
func (l *Ledger) draftOp(d ledger.Draft, now time.Time) (op, error) {
	at := draftPlace(d.Who, d.Form)
	if d.Body == nil {
		return op{at, nil}, nil
	}
	if d.At.IsZero() {
		d.At = now
	}
	cell, err := l.sealCell(at, binary.BigEndian.AppendUint64(nil, uint64(d.At.UnixMilli())), d.Body)
	return op{at, cell}, err
}

func (l *Ledger) parseDraft(who, form string, v []byte) (ledger.Draft, error) {
	at := draftPlace(who, form)
	p, err := l.unsealCell(at, v)
	if err == nil && len(p) < 8 {
		err = at.damaged("the draft ends too soon")
	}
	if err != nil {
		return ledger.Draft{}, err
	}
	return ledger.Draft{
		Who:  who,
		Form: form,
		At:   time.UnixMilli(int64(binary.BigEndian.Uint64(p))).UTC(),
		Body: append([]byte{}, p[8:]...),
	}, nil
}

// Drafts lists an account's drafts, newest first; who "": everybody's.
func (l *Ledger) Drafts(who string) ([]ledger.Draft, error) {
	var out []ledger.Draft
	err := l.view(place{bucket: "draft", sub: who}, func(tx *bbolt.Tx) error {
		drafts := tx.Bucket([]byte("draft"))
		of := func(who []byte) error {
			b := drafts.Bucket(who)
			if b == nil {
				return nil
			}
			return b.ForEach(func(k, v []byte) error {
				d, err := l.parseDraft(string(who), string(k), v)
				out = append(out, d)
				return err
			})
		}
		if who != "" {
			return of([]byte(who))
		}
		return drafts.ForEachBucket(of)
	})
	slices.SortStableFunc(out, func(a, b ledger.Draft) int { return b.At.Compare(a.At) })
	return out, err
}

// localOp stores a setting, or drops it where it has no value.
func (l *Ledger) localOp(s ledger.Local) (op, error) {
	at := localPlace(s.Name)
	if s.Value == nil {
		return op{at, nil}, nil
	}
	cell, err := l.sealCell(at, s.Value)
	return op{at, cell}, err
}

// Local reads one setting, or ErrNotFound.
func (l *Ledger) Local(name string) (value []byte, err error) {
	at := localPlace(name)
	err = l.view(at, func(tx *bbolt.Tx) error {
		v := tx.Bucket([]byte("local")).Get(at.key)
		if v == nil {
			return ledger.ErrNotFound
		}
		p, err := l.unsealCell(at, v)
		value = append([]byte{}, p...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// Locals lists the settings whose names begin with prefix, by name.
func (l *Ledger) Locals(prefix string) ([]ledger.Local, error) {
	var out []ledger.Local
	err := l.view(place{bucket: "local"}, func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte("local")).Cursor()
		for k, v := c.Seek([]byte(prefix)); k != nil && strings.HasPrefix(string(k), prefix); k, v = c.Next() {
			p, err := l.unsealCell(localPlace(string(k)), v)
			if err != nil {
				return err
			}
			out = append(out, ledger.Local{Name: string(k), Value: append([]byte{}, p...)})
		}
		return nil
	})
	return out, err
}
