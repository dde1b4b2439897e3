package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

// A harm is one way in which a file is damaged.
type harm struct {
	name string
	do   func(r *rand.Rand, b []byte) []byte
}

// harms are what disks and power cuts have been seen to do, in the part of the file that
// is in use.
var harms = []harm{
	{"one bit", func(r *rand.Rand, b []byte) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b }},
	{"one bit of an entry or the like", func(r *rand.Rand, b []byte) []byte {
		b[2*pageSize+r.IntN(len(b)-2*pageSize)] ^= 1 << r.IntN(8)
		return b
	}},
	{"a sector of zeros", func(r *rand.Rand, b []byte) []byte { clear(b[r.IntN(len(b)/sector)*sector:][:sector]); return b }},
	{"a page of zeros", func(r *rand.Rand, b []byte) []byte {
		clear(b[r.IntN(len(b)/pageSize)*pageSize:][:pageSize])
		return b
	}},
	{"a bit in a page's head", func(r *rand.Rand, b []byte) []byte {
		b[(2+r.IntN(len(b)/pageSize-2))*pageSize+r.IntN(16)] ^= 1 << r.IntN(8)
		return b
	}},
	{"cut short", func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] }},
	{"both first pages", func(r *rand.Rand, b []byte) []byte { clear(b[:2*pageSize]); return b }},
}

// fates are what can come of a damaged file, the bad ones last.
const (
	fateRefused  = "refused at open"
	fateRead     = "an error while reading"
	fateFault    = "a fault in the check"
	fateHarmless = "harmless"
	fateLast     = "the commit before the last" // a rotten meta page; the witness outside the file knows
	fateCrash    = "the process died"
	fateHang     = "the process hung"
	fateSilent   = "SILENTLY WRONG"
)

// TestADamagedFileIsNotTakenForAWholeOne damages a file in 140 ways, or
// LEDGER_DAMAGES, opens it in a child process and reads everything.
func TestADamagedFileIsNotTakenForAWholeOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openTest(t, path, testOptions())
	before, after := damageSubject(t, l)
	closeTest(t, l)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = bytes.TrimRight(whole, "\x00") // the part in use
	whole = append(whole, make([]byte, pageSize-len(whole)%pageSize)...)

	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(1, seed))
	fates := map[string]map[string]int{}
	n := trials(t, "LEDGER_DAMAGES", 140)
	for i := range n {
		h := harms[i%len(harms)]
		bad := filepath.Join(t.TempDir(), "ledger.db")
		if err := os.WriteFile(bad, h.do(r, bytes.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		fate, why := fateOf(t, bad, before, after)
		if fates[h.name] == nil {
			fates[h.name] = map[string]int{}
		}
		fates[h.name][fate]++
		switch {
		case fate == fateSilent,
			fate == fateCrash || fate == fateHang,
			fate == fateLast && h.name != "one bit" && h.name != "a sector of zeros" && h.name != "a page of zeros":
			t.Errorf("%s (seed %d, trial %d): %s: %s", h.name, seed, i, fate, why)
		}
	}
	for _, h := range harms {
		t.Logf("%-32s %v", h.name, fates[h.name])
	}
}

// damageSubject fills a ledger, and returns digests of what it held before
// and after its last commit.
func damageSubject(t *testing.T, l *Ledger) (before, after map[string]string) {
	t.Helper()
	city := ledgertest.Chain{Stream: "city/A-abc"}
	var last ledger.Entry
	for i := range 150 {
		before = digest(t, l)
		c := visit(i, fmt.Sprintf("wort%d %0*d", i, 100+i*5, i))
		if i%10 == 9 {
			c.New[0].ID, c.New[0].Replaces = last.ID, last.Ref
			c.Foreign = []ledger.Entry{city.Next("visit", ledger.ID(fmt.Sprint("c", i)), ledger.Ref{}, "amt")}
			c.Receipts = []ledger.Receipt{{Stream: l.Own(), Through: ledger.Seq(i), Raw: []byte("quittung")}}
		}
		c.Drafts = []ledger.Draft{{Who: "zhang", Form: fmt.Sprint("f", i%3), Body: []byte("entwurf")}}
		c.Local = []ledger.Local{{Name: fmt.Sprint("n", i%5), Value: []byte("wert")}}
		last = mustCommit(t, l, c)[0]
	}
	return before, digest(t, l)
}

func digest(t *testing.T, l *Ledger) map[string]string {
	t.Helper()
	d, err := digests(l)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fateOf lets a child open and read a damaged file.
func fateOf(t *testing.T, path string, before, after map[string]string) (fate, why string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var stderr bytes.Buffer
	cmd := child(ctx, t, "read", path)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return fateHang, ""
	}
	if err != nil {
		first, _, _ := strings.Cut(stderr.String(), "\n")
		return fateCrash, fmt.Sprint(err, ": ", first)
	}
	var v verdict
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatal(err)
	}
	switch {
	case v.Open != "":
		return fateRefused, v.Open
	case v.Read != "":
		return fateRead, v.Read
	case len(v.Faults) > 0:
		return fateFault, v.Faults[0]
	case maps.Equal(v.Digests, after):
		return fateHarmless, ""
	case maps.Equal(v.Digests, before):
		return fateLast, ""
	}
	var parts []string
	for part, d := range after {
		if v.Digests[part] != d {
			parts = append(parts, part)
		}
	}
	return fateSilent, fmt.Sprint(slices.Sorted(slices.Values(parts)))
}
