package bolt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

// drawn reads the paths of the drawing in the package comment.
func drawn(t *testing.T) (paths [][]string) {
	t.Helper()
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		if line, ok := strings.CutPrefix(sc.Text(), "//\t"); ok {
			path, _, _ := strings.Cut(line, "  ")
			paths = append(paths, strings.Split(path, "/"))
		}
	}
	return paths
}

// fits reports whether a key found in the file is one the drawing shows.
func fits(pattern, path []string) bool {
	if len(pattern) != len(path) {
		return false
	}
	for i, p := range pattern {
		switch {
		case !strings.HasPrefix(p, "<"):
			if path[i] != p {
				return false
			}
		case strings.Contains(p, "␀"):
			if strings.Count(path[i], "\x00") != 1 {
				return false
			}
		case p == "<seq>" || p == "<through>":
			if len(path[i]) != 8 {
				return false
			}
		case p == "<stream>":
			if ledger.Stream(path[i]).Valid() != nil {
				return false
			}
		}
	}
	return true
}

func TestTheFileIsAsThePackageCommentDrawsIt(t *testing.T) {
	l := newTest(t)
	c := ledgertest.Chain{Stream: "city/A-abc/QA01"}
	change := visit(1, "eins zwei")
	change.Foreign = []ledger.Entry{c.Next("step", "s1", ledger.Ref{}, "drei")}
	change.Receipts = []ledger.Receipt{{Stream: c.Stream, Through: 1, Raw: []byte("r")}}
	change.Drafts = []ledger.Draft{{Who: "zhang", Form: "visit", At: time.Unix(0, 0), Body: []byte("d")}}
	change.Local = []ledger.Local{{Name: "user/zhang", Value: []byte("v")}}
	e := mustCommit(t, l, change)[0]
	body, err := json.Marshal(ledger.Erasure{Entries: []ledger.Ref{e.Ref}})
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, l, visit(2, "drei"))
	mustCommit(t, l, ledger.Change{New: []ledger.New{{Kind: ledger.KindErase, ID: "e1", By: "zhang", Body: body}}})
	closeTest(t, l)

	patterns := drawn(t)
	if len(patterns) < 10 {
		t.Fatalf("the drawing has %d lines: %v", len(patterns), patterns)
	}
	found := make([]bool, len(patterns))
	raw(t, l.path, func(tx *bbolt.Tx) error {
		var walk func(b *bbolt.Bucket, path []string) error
		walk = func(b *bbolt.Bucket, path []string) error {
			return b.ForEach(func(k, v []byte) error {
				here := append(slices.Clone(path), string(k))
				if v == nil && b.Bucket(k) != nil {
					return walk(b.Bucket(k), here)
				}
				i := slices.IndexFunc(patterns, func(p []string) bool { return fits(p, here) })
				if i < 0 {
					t.Errorf("%q is in the file and not in the drawing", here)
				} else {
					found[i] = true
				}
				return nil
			})
		}
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return walk(b, []string{string(name)}) })
	})
	for i, p := range patterns {
		if !found[i] {
			t.Errorf("%s is in the drawing and not in the file", strings.Join(p, "/"))
		}
	}
}
