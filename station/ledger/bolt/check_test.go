package bolt

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

// tampered makes a small ledger, lets tamper change the closed file, and
// returns what a check finds, each fault in one line.
func tampered(t *testing.T, tamper func(tx *bbolt.Tx, own ledger.Stream) error) []string {
	t.Helper()
	l := newTest(t)
	a := mustCommit(t, l, visit(1, "eins"))[0]
	mustCommit(t, l, ledger.Change{New: []ledger.New{{Kind: "visit", ID: a.ID, By: "zhang", Replaces: a.Ref, Body: []byte("zwei")}}})
	mustCommit(t, l, visit(2, "drei"))
	c := ledgertest.Chain{Stream: "city/A-abc"}
	mustCommit(t, l, ledger.Change{
		Foreign:  []ledger.Entry{c.Next("unit", "u1", ledger.Ref{}, "amt"), c.NextPrivate("voter", "p1", "x").Withhold()},
		Receipts: []ledger.Receipt{{Stream: a.Stream, Through: 1, Raw: []byte("r1")}, {Stream: a.Stream, Through: 2, Raw: []byte("r2")}},
		Drafts:   []ledger.Draft{{Who: "zhang", Form: "f", Body: []byte("d")}},
		Local:    []ledger.Local{{Name: "n", Value: []byte("v")}},
	})
	if f := faultsOf(t, l); len(f) > 0 {
		t.Fatalf("before: %v", f)
	}
	closeTest(t, l)
	raw(t, l.path, func(tx *bbolt.Tx) error { return tamper(tx, l.own) })
	var out []string
	_, err := Examine(context.Background(), l.path, testOptions(), func(f ledger.Fault) { out = append(out, f.String()) })
	if err != nil {
		t.Fatalf("examine: %v", err)
	}
	return out
}

// recell changes what one cell holds and makes its checksum right again, as
// a faulty program would.
func recell(tx *bbolt.Tx, at place, change func([]byte) []byte) error {
	v, err := openCell(at, lookup(tx, at))
	if err != nil {
		return err
	}
	return putRaw(tx, at, appendCell(nil, at, change(append([]byte{}, v...))))
}

func putRaw(tx *bbolt.Tx, at place, v []byte) error {
	b := tx.Bucket([]byte(at.bucket))
	if at.sub != "" {
		b = b.Bucket([]byte(at.sub))
	}
	if v == nil {
		return b.Delete(at.key)
	}
	return b.Put(at.key, v)
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	ref := func(own ledger.Stream, n ledger.Seq) place { return journalPlace(ledger.Ref{Stream: own, Seq: n}) }
	flip := func(at place) func(*bbolt.Tx, ledger.Stream) error {
		return func(tx *bbolt.Tx, own ledger.Stream) error {
			v := append([]byte{}, lookup(tx, at)...)
			v[len(v)-1] ^= 1
			return putRaw(tx, at, v)
		}
	}
	unitPlace := journalPlace(ledger.Ref{Stream: "city/A-abc", Seq: 1})
	for _, c := range []struct {
		what   string
		tamper func(tx *bbolt.Tx, own ledger.Stream) error
		want   []string // each must be part of some fault
	}{
		{"a flipped bit in an entry", flip(unitPlace), []string{"journal/city/A-abc/1: "}},
		{"a flipped bit in a pointer", flip(recordPlace("visit", "v00002")), []string{`record/visit/"v00002"`}},
		{"a flipped bit in a head", flip(headPlace("city/A-abc")), []string{`head/"city/A-abc"`}},
		{"a flipped bit in a draft", flip(draftPlace("zhang", "f")), []string{`draft/zhang/"f"`}},
		{"a flipped bit in a setting", flip(localPlace("n")), []string{`local/"n"`}},
		{"a value of another key", func(tx *bbolt.Tx, own ledger.Stream) error {
			return putRaw(tx, ref(own, 1), append([]byte{}, lookup(tx, ref(own, 2))...))
		}, []string{"/1: "}},
		{"a changed body with a right checksum", func(tx *bbolt.Tx, own ledger.Stream) error {
			return recell(tx, unitPlace, func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		}, []string{"journal/city/A-abc/1: the sealed bytes are damaged"}},
		{"a changed header with a right checksum", func(tx *bbolt.Tx, own ledger.Stream) error {
			return recell(tx, unitPlace, func(b []byte) []byte {
				return []byte(strings.Replace(string(b), "\x02u1", "\x02u9", 1))
			})
		}, []string{"journal/city/A-abc/2: it does not follow", "which is of another record"}},
		{"an entry of a format to come", func(tx *bbolt.Tx, own ledger.Stream) error {
			v := append([]byte{}, lookup(tx, unitPlace)...)
			v[0] = 3
			return putRaw(tx, unitPlace, v)
		}, []string{"format 3"}},
		{"a missing entry", func(tx *bbolt.Tx, own ledger.Stream) error { return putRaw(tx, ref(own, 2), nil) },
			[]string{"/3: the number before it is 1", `record/visit/"v00001"`}},
		{"a missing end", func(tx *bbolt.Tx, own ledger.Stream) error { return putRaw(tx, ref(own, 3), nil) },
			[]string{"the head says number 3, the journal ends at 2", `record/visit/"v00002"`}},
		{"a missing journal", func(tx *bbolt.Tx, own ledger.Stream) error {
			return tx.Bucket([]byte("journal")).DeleteBucket([]byte("city/A-abc"))
		}, []string{`head/"city/A-abc": there is no journal`}},
		{"a missing head", func(tx *bbolt.Tx, own ledger.Stream) error { return putRaw(tx, headPlace("city/A-abc"), nil) },
			[]string{`head/"city/A-abc": the head says number 0`}},
		{"a pointer to a replaced revision", func(tx *bbolt.Tx, own ledger.Stream) error {
			at := recordPlace("visit", "v00001")
			r := revisions{open: []ledger.Ref{{Stream: own, Seq: 1}}}
			return putRaw(tx, at, appendCell(nil, at, r.append(nil)))
		}, []string{"/2: no revision replaces it, and its record visit v00001 does not point at it"}},
		{"a pointer too many", func(tx *bbolt.Tx, own ledger.Stream) error {
			at := recordPlace("visit", "v00001")
			r := revisions{open: []ledger.Ref{{Stream: own, Seq: 2}, {Stream: own, Seq: 1}}}
			return putRaw(tx, at, appendCell(nil, at, r.append(nil)))
		}, []string{"#1 counts as unreplaced, and a later revision replaces it"}},
		{"pointers in the wrong order", func(tx *bbolt.Tx, own ledger.Stream) error {
			at := recordPlace("visit", "v00001")
			r := revisions{open: []ledger.Ref{{Stream: own, Seq: 1}, {Stream: own, Seq: 2}}}
			return putRaw(tx, at, appendCell(nil, at, r.append(nil)))
		}, []string{"wrong order", "#1 counts as unreplaced, and"}},
		{"a pointer into another record", func(tx *bbolt.Tx, own ledger.Stream) error {
			at := recordPlace("visit", "v00002")
			r := revisions{open: []ledger.Ref{{Stream: own, Seq: 2}}}
			return putRaw(tx, at, appendCell(nil, at, r.append(nil)))
		}, []string{`record/visit/"v00002": it leads to`}},
		{"a waiting reference that nobody made", func(tx *bbolt.Tx, own ledger.Stream) error {
			at := recordPlace("visit", "v00002")
			r := revisions{open: []ledger.Ref{{Stream: own, Seq: 3}}, missing: []ledger.Ref{{Stream: own, Seq: 9}}}
			return putRaw(tx, at, appendCell(nil, at, r.append(nil)))
		}, []string{"replaced but not held"}},
		{"a missing record", func(tx *bbolt.Tx, own ledger.Stream) error {
			return putRaw(tx, recordPlace("visit", "v00001"), nil)
		}, []string{"/1: no revision", "/2: no revision"}},
		{"a missing index line", func(tx *bbolt.Tx, own ledger.Stream) error {
			return putRaw(tx, place{"index", "word", []byte("zwei\x00v00001")}, nil)
		}, []string{`index/word/"zwei\x00v00001": the line is missing`}},
		{"an index line too many", func(tx *bbolt.Tx, own ledger.Stream) error {
			return putRaw(tx, place{"index", "word", []byte("eins\x00v00001")}, []byte{})
		}, []string{`index/word/"eins\x00v00001": no record asks`}},
		{"an index line for another", func(tx *bbolt.Tx, own ledger.Stream) error {
			b := tx.Bucket([]byte("index")).Bucket([]byte("word"))
			if err := b.Delete([]byte("zwei\x00v00001")); err != nil {
				return err
			}
			return b.Put([]byte("zwej\x00v00001"), nil)
		}, []string{"is missing"}},
		{"a missing receipt", func(tx *bbolt.Tx, own ledger.Stream) error {
			return putRaw(tx, receiptPlace(own, 2), nil)
		}, []string{"it names 2 as confirmed", "the receipt for 2 is missing"}},
		{"a receipt for what is not there", func(tx *bbolt.Tx, own ledger.Stream) error {
			at := receiptPlace(own, 9)
			return putRaw(tx, at, appendCell(nil, at, []byte("x")))
		}, []string{"the last receipt is for 9"}},
		{"a key that is no number", func(tx *bbolt.Tx, own ledger.Stream) error {
			at := ref(own, binary.MaxVarintLen64)
			at.key = []byte("x")
			return putRaw(tx, at, []byte("x"))
		}, []string{"the key is no number"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			got := tampered(t, c.tamper)
			for _, w := range c.want {
				if !strings.Contains(strings.Join(got, "\n"), w) {
					t.Errorf("no fault says %q; they are:\n%s", w, strings.Join(got, "\n"))
				}
			}
		})
	}
}

func TestOpenComparesHeadAndJournal(t *testing.T) {
	for what, tamper := range map[string]func(*bbolt.Tx, place) error{
		"the last entry is gone":   func(tx *bbolt.Tx, at place) error { return putRaw(tx, at, nil) },
		"the last entry is broken": func(tx *bbolt.Tx, at place) error { return putRaw(tx, at, []byte("xxxxxxx")) },
		"the journal is gone": func(tx *bbolt.Tx, at place) error {
			return tx.Bucket([]byte("journal")).DeleteBucket([]byte(at.sub))
		},
		"the head is gone": func(tx *bbolt.Tx, at place) error { return putRaw(tx, headPlace(ledger.Stream(at.sub)), nil) },
		"the head is of another entry": func(tx *bbolt.Tx, at place) error {
			return recell(tx, headPlace(ledger.Stream(at.sub)), func(b []byte) []byte { b[9] ^= 1; return b })
		},
		"a bucket is gone": func(tx *bbolt.Tx, at place) error { return tx.DeleteBucket([]byte("receipt")) },
	} {
		t.Run(what, func(t *testing.T) {
			l := newTest(t)
			mustCommit(t, l, visit(1, "x"))
			e := mustCommit(t, l, visit(2, "y"))[0]
			closeTest(t, l)
			raw(t, l.path, func(tx *bbolt.Tx) error { return tamper(tx, journalPlace(e.Ref)) })
			o := testOptions()
			o.noLog = true
			if l, err := Open(l.path, o); err == nil {
				closeTest(t, l)
				t.Error("the file was opened")
			} else if !strings.Contains(err.Error(), ErrDamaged.Error()) {
				t.Error(err)
			}
		})
	}
}
