package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"liaison/station/ledger"
	"liaison/station/ledger/ledgertest"
)

// A harm is one way in which a file is damaged; nil is no file.
type harm struct {
	name string
	do   func(r *rand.Rand, b []byte) []byte
}

// harms are what disks and power cuts have been seen to do, in the part of a
// file that is in use.
var harms = []harm{
	{"one bit", func(r *rand.Rand, b []byte) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b }},
	{"a sector of zeros", func(r *rand.Rand, b []byte) []byte {
		clear(b[r.IntN(len(b)/sector)*sector:][:sector])
		return b
	}},
	{"a bit in a page's head", func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b)/pageSize)*pageSize+r.IntN(16)] ^= 1 << r.IntN(8)
		return b
	}},
	{"a bit in a page's table", func(r *rand.Rand, b []byte) []byte {
		page := b[r.IntN(len(b)/pageSize)*pageSize:][:pageSize]
		n := max(1, int(binary.LittleEndian.Uint16(page[10:]))) // a log's page has no table: somewhere
		page[pageHead+r.IntN(min(n*element, pageSize-pageHead))] ^= 1 << r.IntN(8)
		return b
	}},
	{"the newest first page", func(_ *rand.Rand, b []byte) []byte {
		newest := 0
		if bytes.Compare(metaTxid(b, 1), metaTxid(b, 0)) > 0 {
			newest = 1
		}
		clear(b[newest*pageSize:][:pageSize])
		return b
	}},
	{"cut short", func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] }},
	{"file gone", func(*rand.Rand, []byte) []byte { return nil }},
}

// metaTxid is the number of the transaction that wrote one of bbolt's two meta
// pages, big-endian.
func metaTxid(b []byte, page int) []byte {
	id := bytes.Clone(b[page*pageSize+16+48:][:8]) // page header; magic … pgid, txid
	slices.Reverse(id)
	return id
}

// fates are what can come of a damaged file, the bad ones last.
const (
	fateRefused  = "refused at open"
	fateRead     = "an error while reading"
	fateFault    = "a fault in the check"
	fateHarmless = "harmless"
	fateHealed   = "healed at open"
	fateRebuilt  = "found later, mended"
	fateLast     = "the commit before the last"
	fateCrash    = "the process died"
	fateHang     = "the process hung"
	fateSilent   = "SILENTLY WRONG"
)

// subject is a ledger to be damaged, with both copies.
type subject struct {
	db, log       []byte
	key           []byte
	logName       string
	before, after map[string]string // what it held before and after its last commit
}

func newSubject(t *testing.T) *subject {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openTest(t, path, testOptions())
	s := &subject{logName: "journal.log.000001"}
	s.before, s.after = damageSubject(t, l)
	closeTest(t, l)
	read := func(p string) []byte {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	s.db, s.log, s.key = read(path), read(filepath.Join(logDir(path, l.o), s.logName)), read(l.keyPath())
	s.db = bytes.TrimRight(s.db, "\x00") // the part in use
	s.db = append(s.db, make([]byte, pageSize-len(s.db)%pageSize)...)
	s.log = append(bytes.TrimRight(s.log, "\x00"), make([]byte, 2*sector)...)
	return s
}

// put writes the subject into a folder, with one of the files damaged.
func (s *subject) put(t *testing.T, db, log []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "ledger.db")
	dir := logDir(path, Options{})
	err := errors.Join(os.WriteFile(filepath.Join(filepath.Dir(path), keyFileName), s.key, 0o600), os.Mkdir(dir, 0o700))
	if db != nil {
		err = errors.Join(err, os.WriteFile(path, db, 0o600))
	}
	if log != nil {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, s.logName), log, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDamageToEitherCopyLosesNothing damages database or log in 72 ways, or
// LEDGER_DAMAGES, opens the ledger in a child process and reads everything.
// Where that meets damage, the database is rebuilt from the log, or the log
// from the database. Everything must be there.
func TestDamageToEitherCopyLosesNothing(t *testing.T) {
	s := newSubject(t)
	seed := uint64(time.Now().UnixNano())
	n := trials(t, "LEDGER_DAMAGES", 72)
	var mu sync.Mutex
	fates, bad := map[string]map[string]int{}, map[string]int{}
	inParts(t, n, func(t *testing.T, i int) {
		h := harms[i%len(harms)]
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		db, log, name := s.db, s.log, h.name+", database"
		if i/len(harms)%3 == 2 {
			log, name = h.do(r, bytes.Clone(s.log)), h.name+", log"
		} else {
			db = h.do(r, bytes.Clone(s.db))
		}
		path := s.put(t, db, log)
		fate, why := s.fate(t, path, "read")
		if fate == fateRefused || fate == fateRead || fate == fateFault {
			was, job := why, "rebuild"
			if fate == fateFault && strings.HasPrefix(why, "journal.log.") {
				job = "mend"
			}
			if fate, why = s.fate(t, path, job); fate == fateHealed || fate == fateHarmless {
				fate = fateRebuilt
			}
			why = was + "; then: " + why
		}
		mu.Lock()
		defer mu.Unlock()
		if fates[name] == nil {
			fates[name] = map[string]int{}
		}
		fates[name][fate]++
		if fate != fateHarmless && fate != fateHealed && fate != fateRebuilt {
			bad[fate]++
			t.Errorf("%s (seed %d, trial %d): %s: %s", name, seed, i, fate, why)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(fates)) {
		t.Logf("%-34s %v", name, fates[name])
	}
	t.Logf("%d damages of %d kinds: %d crashes, %d hangs, %d not mended, %d with anything lost", n, len(harms),
		bad[fateCrash], bad[fateHang], bad[fateRefused]+bad[fateRead]+bad[fateFault], bad[fateSilent]+bad[fateLast])
}

// TestAPageThatLeadsBackToItself has branch pages lead to themselves, or to
// the page above: bbolt would walk them until all memory is gone.
func TestAPageThatLeadsBackToItself(t *testing.T) {
	s := newSubject(t)
	var branches []int
	for id := range len(s.db) / pageSize {
		if b := s.db[id*pageSize:]; binary.LittleEndian.Uint64(b) == uint64(id) && binary.LittleEndian.Uint16(b[8:]) == branchPage {
			branches = append(branches, id)
		}
	}
	if len(branches) < 3 {
		t.Fatalf("only %d branch pages", len(branches))
	}
	fates := map[string]int{}
	for _, id := range branches {
		n := int(binary.LittleEndian.Uint16(s.db[id*pageSize+10:]))
		for _, nth := range []int{0, n / 2, n - 1} {
			db := bytes.Clone(s.db)
			binary.LittleEndian.PutUint64(db[id*pageSize+pageHead+nth*element+8:], uint64(id))
			path := s.put(t, db, s.log)
			fate, why := s.fate(t, path, "read")
			if fate != fateHealed && fate != fateHarmless { // harmless: a page that is free
				t.Errorf("page %d, element %d of %d: %s: %s", id, nth, n, fate, why)
			}
			fates[fate]++
		}
	}
	if fates[fateHealed] == 0 {
		t.Error("no such page is in use: this shows nothing")
	}
	t.Logf("pages that lead back to themselves: %v", fates)
}

// inParts runs n trials in four parts at once: most of a trial is waiting for
// a child process and a disk.
func inParts(t *testing.T, n int, trial func(t *testing.T, i int)) {
	t.Helper()
	const parts = 4
	t.Run("trials", func(t *testing.T) {
		for part := range parts {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				t.Parallel()
				for i := part; i < n; i += parts {
					trial(t, i)
				}
			})
		}
	})
}

// TestDamageWithoutASecondCopyIsNoticed is the control: the same harness, with
// the second copy taken away, must find losses, or it shows nothing.
func TestDamageWithoutASecondCopyIsNoticed(t *testing.T) {
	s := newSubject(t)
	r := rand.New(rand.NewPCG(1, 2))
	fates := map[string]int{}
	for _, name := range []string{"the newest first page", "cut short", "a bit in a page's head"} {
		h := harms[slices.IndexFunc(harms, func(h harm) bool { return h.name == name })]
		for range 4 {
			fate, _ := s.fate(t, s.put(t, h.do(r, bytes.Clone(s.db)), nil), "read alone")
			fates[fate]++
		}
	}
	if fates[fateLast] != 4 || fates[fateHealed] > 0 || fates[fateRefused] == 0 {
		t.Errorf("without a second copy: %v", fates)
	}
	t.Logf("control: without a second copy, of 12 damages: %v", fates)
}

// TestDamageWithoutAChecksumIsNoticed is the control for the CRC: damage under
// a checksum that fits, which is what there would be without any, must show as
// silently wrong.
func TestDamageWithoutAChecksumIsNoticed(t *testing.T) {
	s := newSubject(t)
	path := s.put(t, s.db, s.log)
	raw(t, path, func(tx *bbolt.Tx) error {
		at := localPlace("n1")
		return putRaw(tx, at, appendCell(nil, at, []byte("falsch")))
	})
	fate, _ := s.fate(t, path, "read alone")
	if fate != fateSilent {
		t.Errorf("a changed setting under a fitting checksum: %s", fate)
	}
	t.Logf("control: a changed value that no checksum tells of: %s", fate)
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

// fate lets a child open and read a damaged ledger.
func (s *subject) fate(t *testing.T, path, job string) (fate, why string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var stderr bytes.Buffer
	cmd := child(ctx, t, job, path)
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
	case maps.Equal(v.Digests, s.after) && len(v.Events) > 0:
		return fateHealed, ""
	case maps.Equal(v.Digests, s.after):
		return fateHarmless, ""
	case maps.Equal(v.Digests, s.before):
		return fateLast, fmt.Sprint(v.Events)
	}
	var parts []string
	for part, d := range s.after {
		if v.Digests[part] != d {
			parts = append(parts, part)
		}
	}
	return fateSilent, fmt.Sprint(slices.Sorted(slices.Values(parts)), v.Events)
}

// TestAnElementThatLeadsToItsNeighbourIsMissed: no page of bbolt has a checksum,
// and a bit in the table at a leaf's beginning had a record shown in the place
// of its neighbour. Both were whole and every count agreed, so the check said
// nothing (found by 300 damages to both copies at once).
func TestAnElementThatLeadsToItsNeighbourIsMissed(t *testing.T) {
	s := newSubject(t)
	var leaves []int
	for id := range len(s.db) / pageSize {
		if b := s.db[id*pageSize:]; binary.LittleEndian.Uint64(b) == uint64(id) && binary.LittleEndian.Uint16(b[8:]) == leafPage && binary.LittleEndian.Uint16(b[10:]) > 1 {
			leaves = append(leaves, id)
		}
	}
	var mu sync.Mutex
	fates := map[string]int{}
	inParts(t, len(leaves), func(t *testing.T, i int) {
		db := bytes.Clone(s.db)
		n := int(binary.LittleEndian.Uint16(db[leaves[i]*pageSize+10:]))
		at := func(nth int) []byte { return db[leaves[i]*pageSize+pageHead+nth*element:][:element] }
		copy(at(n/2), at(n/2-1)) // flags, where the key is from here on, length of key and value
		binary.LittleEndian.PutUint32(at(n / 2)[4:], binary.LittleEndian.Uint32(at(n / 2)[4:])-element)
		path := s.put(t, db, s.log)
		fate, why := s.fate(t, path, "read")
		if fate == fateRead || fate == fateFault {
			if fate, why = s.fate(t, path, "rebuild"); fate == fateHealed || fate == fateHarmless {
				fate = fateRebuilt
			}
		}
		if fate != fateRebuilt && fate != fateHealed && fate != fateHarmless { // harmless: a page that is free
			t.Errorf("page %d: %s: %s", leaves[i], fate, why)
		}
		mu.Lock()
		defer mu.Unlock()
		fates[fate]++
	})
	if fates[fateRebuilt] == 0 {
		t.Error("no such page is in use: this shows nothing")
	}
	t.Logf("elements that lead to their neighbour: %v", fates)
}
