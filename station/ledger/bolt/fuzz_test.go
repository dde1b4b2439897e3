package bolt

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
	"liaison/station/ledger/seal"
)

// FuzzParseKept: what a journal cell holds may be anything once the file is
// damaged and the checksum, by bad luck or a faulty program, is right.
func FuzzParseKept(f *testing.F) {
	c := ledgertest.Chain{Stream: "QA01/A-abc"}
	e := c.Next("visit", "v1", ledger.Ref{Stream: "QA01/A-abc", Seq: 1}, "路灯不亮")
	at := journalPlace(e.Ref)
	l := &Ledger{}
	var err error
	if l.vault, err = seal.New(seal.AES); err != nil {
		f.Fatal(err)
	}
	header := e.AppendBinary(nil)
	sealed, err := l.seal(at, e.Salt, e.Body)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealedCell(at, header, sealed)[cellHead:])
	f.Add(append(append(header[:len(header):len(header)], bodyPlain), append(e.Salt, e.Body...)...))
	f.Add(append(header[:len(header):len(header)], bodyAbsent))
	f.Add(append(e.AppendBinary(nil), bodyPlain, 1, 2, 3))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, p []byte) {
		k, fault := parseKept(p)
		if fault != "" {
			return
		}
		again := append(k.AppendBinary(nil), k.way)
		again = append(append(append(again, k.Salt...), k.Body...), k.sealed...)
		if !bytes.Equal(again, p) {
			t.Fatalf("%x was read as %+v, which is written %x", p, k, again)
		}
		if _, err := l.unsealEntry(at, k); err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("%x: %v", p, err)
		}
	})
}

// FuzzOpenCell: a cell is whole or it is damage.
func FuzzOpenCell(f *testing.F) {
	at := localPlace("n")
	f.Add(appendCell(nil, at, []byte("wert")))
	f.Add([]byte{formatPlain, 0, 0, 0})
	f.Fuzz(func(t *testing.T, v []byte) {
		p, err := openCell(at, v)
		if err != nil {
			return
		}
		if again := appendCell(nil, at, p); !bytes.Equal(again, v) {
			t.Fatalf("%x was read as %x, which is written %x", v, p, again)
		}
		if _, err := openCell(localPlace("m"), v); err == nil {
			t.Fatalf("%x is valid under another key too", v)
		}
	})
}

func FuzzParseRevisions(f *testing.F) {
	a, b := ledger.Ref{Stream: "QA01/B-abc", Seq: 300}, ledger.Ref{Stream: "QA01/A-abc", Seq: 2}
	for _, r := range []revisions{{open: []ledger.Ref{a}}, {open: []ledger.Ref{a, b}}, {open: []ledger.Ref{a}, missing: []ledger.Ref{b}}} {
		f.Add(r.append(nil))
	}
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0})
	f.Fuzz(func(t *testing.T, p []byte) {
		r, ok := parseRevisions(p)
		if !ok {
			return
		}
		again, ok := parseRevisions(r.append(nil))
		if !ok || !slices.Equal(again.open, r.open) || !slices.Equal(again.missing, r.missing) {
			t.Fatalf("%x was read as %+v and then as %+v", p, r, again)
		}
	})
}
