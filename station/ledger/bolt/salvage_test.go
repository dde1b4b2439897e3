package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
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
	"liaison/station/ledger/journal"
)

// voters is a ledger of private entries p0 … p(n-1), closed.
func voters(t *testing.T, n int) (path string, own ledger.Stream) {
	t.Helper()
	l := newTest(t)
	for i := range n {
		mustCommit(t, l, ledger.Change{
			New:    []ledger.New{{Kind: "voter", ID: ledger.ID(fmt.Sprint("p", i)), By: "zhang", Private: true, Body: fmt.Append(nil, "王某", i)}},
			Drafts: []ledger.Draft{{Who: "zhang", Form: "f", Body: []byte{byte(i)}}},
		})
	}
	closeTest(t, l)
	return l.path, l.own
}

// rotLog makes the frames of some entries unreadable; entry n lies in frame n+1.
func rotLog(t *testing.T, path string, seqs ...int) {
	t.Helper()
	log := filepath.Join(logDir(path, Options{}), "journal.log.000001")
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	frames := slices.Collect(indexes(b, "\xf7LJ\x1e")) // the first one is everything at the start
	for _, seq := range seqs {
		clear(b[frames[seq] : frames[seq]+60])
	}
	if err := os.WriteFile(log, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// rotDB makes entries of the database unreadable.
func rotDB(t *testing.T, path string, own ledger.Stream, seqs ...int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range seqs {
		at := journalPlace(ledger.Ref{Stream: own, Seq: ledger.Seq(seq)})
		var cell []byte
		raw(t, path, func(tx *bbolt.Tx) error { cell = bytes.Clone(lookup(tx, at)); return nil })
		for at := range indexes(b, string(cell)) { // also where an older version of the page lies
			b[at+len(cell)/2] ^= 1
		}
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func expectVoters(t *testing.T, l *Ledger, own ledger.Stream, n int, without ...int) {
	t.Helper()
	es, err := l.Since(own, 0, n+1)
	if err != nil || len(es) != n {
		t.Fatalf("%d entries, %v; want %d", len(es), err, n)
	}
	for i, e := range es {
		if want := fmt.Sprint("王某", i); slices.Contains(without, i+1) != e.Absent() || !e.Absent() && string(e.Body) != want {
			t.Errorf("entry %d is %q, absent %v", i+1, e.Body, e.Absent())
		}
	}
}

// TestTwoDamagedCopiesAreOneWholeOne: each lacks what the other has. Nothing
// is lost, and no new epoch is needed.
func TestTwoDamagedCopiesAreOneWholeOne(t *testing.T) {
	path, own := voters(t, 20)
	rotLog(t, path, 4, 5, 11)
	rotDB(t, path, own, 7, 8, 20)
	var h heard
	l := openTest(t, path, h.options())
	h.expect(t, "both damaged", Rebuilt)
	expectVoters(t, l, own, 20)
	if l.Own() != own {
		t.Errorf("a new epoch: %s", l.Own())
	}
	if ds, err := l.Drafts("zhang"); err != nil || len(ds) != 1 || ds[0].Body[0] != 19 {
		t.Errorf("drafts %v, %v", ds, err)
	}
	if faults := faultsOf(t, l); len(faults) > 0 {
		t.Error(faults)
	}
	left, err := Leftovers(path, l.o)
	if err != nil || len(left) != 2 {
		t.Errorf("set aside: %v, %v", left, err)
	}
}

// TestWhatNeitherCopyHasIsToldAndTheRestKept: entries 8 and 9 are gone from
// both. What lies behind them has no place until the other side, which has
// the headers, returns those two; then it is all there again, but for two
// private bodies.
func TestWhatNeitherCopyHasIsToldAndTheRestKept(t *testing.T) {
	path, own := voters(t, 20)
	sound := filepath.Join(t.TempDir(), "ledger.db")
	copyTree(t, filepath.Dir(path), filepath.Dir(sound))
	if err := os.Chmod(filepath.Join(filepath.Dir(sound), keyFileName), 0o600); err != nil {
		t.Fatal(err)
	}
	rotLog(t, path, 8, 9, 12)
	rotDB(t, path, own, 3, 8, 9)
	var told []Event
	o := testOptions()
	o.Report = func(e Event) { told = append(told, e) }
	if err := Rebuild(path, o); err != nil { // asked for by a check
		t.Fatal(err)
	}
	if len(told) != 1 || told[0].What != Partly || !strings.Contains(fmt.Sprint(told[0].Err), fmt.Sprintf("%s lacks 2 of 20 entries from 8 on", own)) {
		t.Errorf("told %v", told)
	}
	l := openTest(t, path, o)
	expectVoters(t, l, own, 7)
	if l.Own().Letter() != "B" {
		t.Errorf("own stream %s", l.Own())
	}
	mustCommit(t, l, visit(1, "weiter"))
	closeTest(t, l)
	l = openTest(t, path, o)

	city := openTest(t, sound, testOptions())
	es, err := city.Since(own, 7, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i := range es {
		es[i] = es[i].Withhold()
	}
	mustCommit(t, l, ledger.Change{Foreign: es[:5]})
	mustCommit(t, l, ledger.Change{Foreign: es[5:]})
	expectVoters(t, l, own, 20, 8, 9)
	if left, err := l.Locals(keptPrefix); err != nil || len(left) > 0 {
		t.Errorf("kept still: %d, %v", len(left), err)
	}
}

// TestADamagedDatabaseAloneGivesWhatItHas: there is no log any more.
func TestADamagedDatabaseAloneGivesWhatItHas(t *testing.T) {
	path, own := voters(t, 20)
	rotDB(t, path, own, 15, 20)
	if err := os.RemoveAll(logDir(path, Options{})); err != nil {
		t.Fatal(err)
	}
	var h heard
	l := openTest(t, path, h.options())
	if !slices.Contains(h, Partly) {
		t.Errorf("reported %q", h)
	}
	expectVoters(t, l, own, 14)
	kept, err := l.Locals(keptPrefix)
	if err != nil || len(kept) != 4 {
		t.Errorf("%d kept, %v", len(kept), err)
	}
}

// TestALogThatFellBehindIsNotTheWholeTruth: the log could not be written for a
// while, and then the database rotted. The database was once made anew from
// the log alone, and the time between was lost.
func TestALogThatFellBehindIsNotTheWholeTruth(t *testing.T) {
	o := testOptions()
	sick := &sickLog{}
	o.wrapLog = func(l *journal.Log) second { sick.Log = l; return sick }
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), o)
	commitVisits(t, l, 0, 5)
	sick.err = errors.New("input/output error")
	commitVisits(t, l, 5, 12)
	if err := l.Heal(errors.New("asked for")); !errors.Is(err, ErrDamaged) {
		t.Errorf("healed from a log that is behind: %v", err)
	}
	closeTest(t, l)
	rotDB(t, l.path, l.own, 3)
	var h heard
	if err := Rebuild(l.path, h.options()); err != nil {
		t.Fatal(err)
	}
	h.expect(t, "rebuilt", Rebuilt)
	expectVisits(t, openTest(t, l.path, testOptions()), 12)
}

// TestALostLedgerIsNotBegunAnew: the database is gone, and of the log nothing
// says whose it is. An empty ledger was once made in their place.
func TestALostLedgerIsNotBegunAnew(t *testing.T) {
	path, _ := voters(t, 3)
	log := filepath.Join(logDir(path, Options{}), "journal.log.000001")
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	clear(b[:8192])
	if err := errors.Join(os.WriteFile(log, b, 0o600), os.Remove(path)); err != nil {
		t.Fatal(err)
	}
	if l, err := Open(path, testOptions()); err == nil {
		closeTest(t, l)
		t.Error("a new ledger was made")
	}
	if left := names(t, path); !slices.Equal(left, []string{"ledger.journal", "ledger.key", "ledger.reserve"}) {
		t.Errorf("left: %v", left)
	}
}

// TestHealWhilePeopleWork: the database of a living ledger rots, and is made
// anew under the hands of readers and writers.
func TestHealWhilePeopleWork(t *testing.T) {
	var h heard
	l := openTest(t, filepath.Join(t.TempDir(), "ledger.db"), h.options())
	commitVisits(t, l, 0, 200)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			if _, err := l.Head(l.Own()); err != nil {
				read <- err
				return
			}
		}
		read <- nil
	}()
	scribble(t, l, 100)
	if faults := faultsOf(t, l); len(faults) == 0 {
		t.Fatal("the damage is not found")
	}
	if err := l.Heal(errors.New("a check found it")); err != nil {
		t.Fatal(err)
	}
	commitVisits(t, l, 200, 210)
	stop()
	if err := <-read; err != nil {
		t.Errorf("a reader: %v", err)
	}
	h.expect(t, "healed", Rebuilt)
	expectVisits(t, l, 210)
	closeTest(t, l)
	expectVisits(t, openTest(t, l.path, testOptions()), 210)
}

// TestASettingThatVanishesIsMissed: no chain runs over drafts and settings, and
// no page of bbolt has a checksum. An account that was gone from its page, or
// stood there as it had been, was not missed.
func TestASettingThatVanishesIsMissed(t *testing.T) {
	l := newTest(t)
	commitVisits(t, l, 0, 5)
	set := func(v string) {
		mustCommit(t, l, ledger.Change{Local: []ledger.Local{{Name: "user/zhang", Value: []byte(v)}, {Name: "user/li", Value: []byte("x")}}})
	}
	set("old PIN")
	var old []byte
	if err := l.view(pages, func(tx *bbolt.Tx) error { old = bytes.Clone(lookup(tx, localPlace("user/zhang"))); return nil }); err != nil {
		t.Fatal(err)
	}
	set("new PIN")
	for what, harm := range map[string]func(tx *bbolt.Tx) error{
		"local/\"user/zhang\"": func(tx *bbolt.Tx) error { return putRaw(tx, localPlace("user/zhang"), old) },
		"local/\"user/li\"":    func(tx *bbolt.Tx) error { return putRaw(tx, localPlace("user/li"), nil) },
		"draft/zhang/\"f\"":    func(tx *bbolt.Tx) error { return putRaw(tx, draftPlace("zhang", "f"), nil) },
	} {
		if err := l.db.Update(harm); err != nil {
			t.Fatal(err)
		}
		if faults := faultsOf(t, l); len(faults) != 1 || faults[0].Where != what {
			t.Errorf("%s: found %v", what, faults)
		}
		if err := l.Heal(errors.New("a check found it")); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := l.Local("user/zhang"); err != nil || string(v) != "new PIN" {
		t.Errorf("%q, %v", v, err)
	}
	if ds, err := l.Drafts("zhang"); err != nil || len(ds) != 1 {
		t.Errorf("drafts %v, %v", ds, err)
	}
}

// scribble flips a bit in an entry of an open ledger's file, behind its back.
func scribble(t *testing.T, l *Ledger, seq ledger.Seq) {
	t.Helper()
	at := journalPlace(ledger.Ref{Stream: l.own, Seq: seq})
	var cell []byte
	if err := l.view(at, func(tx *bbolt.Tx) error { cell = bytes.Clone(lookup(tx, at)); return nil }); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at := range indexes(b, string(cell)) {
		if _, err := f.WriteAt([]byte{cell[len(cell)-1] ^ 1}, int64(at+len(cell)-1)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamageToBothCopiesKeepsWhatCanBeRead damages both at once in 36 ways, or
// LEDGER_BOTH: no crash, no hang, never a wrong byte; all of it there, or said
// that some is not.
func TestDamageToBothCopiesKeepsWhatCanBeRead(t *testing.T) {
	s := newSubject(t)
	seed := uint64(time.Now().UnixNano())
	n := trials(t, "LEDGER_BOTH", 36)
	var mu sync.Mutex
	fates := map[string]int{}
	inParts(t, n, func(t *testing.T, i int) {
		a, b := harms[i%len(harms)], harms[i/len(harms)%len(harms)]
		if a.name == "file gone" && b.name == "file gone" {
			return
		}
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		path := s.put(t, a.do(r, bytes.Clone(s.db)), b.do(r, bytes.Clone(s.log)))
		fate, why := s.fate(t, path, "read")
		if fate == fateRead || fate == fateFault && !strings.HasPrefix(why, "journal.log.") {
			fate, why = s.fate(t, path, "rebuild")
		}
		if fate == fateFault && strings.HasPrefix(why, "journal.log.") {
			fate, why = s.fate(t, path, "mend")
		}
		switch {
		case fate == fateCrash, fate == fateHang, fate == fateRead, fate == fateFault,
			fate == fateRefused && strings.Contains(why, "goroutine"),
			fate == fateSilent && !strings.Contains(why, string(Partly)):
			t.Errorf("database: %s, log: %s (seed %d, trial %d): %s: %s", a.name, b.name, seed, i, fate, why)
		case fate == fateSilent:
			fate = "some lost, and said"
		}
		mu.Lock()
		defer mu.Unlock()
		fates[fate]++
	})
	t.Logf("%d damages to both copies at once: %v", n, fates)
}

// TestABucketThatCannotBeToldIsSaid damages the element that leads to a bucket,
// in the root or among the buckets of a bucket. Where the second copy was gone
// too, the ledger was once made anew without drafts, settings or receipts and
// called whole; where the element led beside its bucket, reading went round for
// ever.
func TestABucketThatCannotBeToldIsSaid(t *testing.T) {
	s := newSubject(t)
	own := func() string {
		l := openTest(t, s.put(t, s.db, s.log), testOptions())
		defer closeTest(t, l)
		return string(l.Own())
	}()
	p := pageFile{f: bytes.NewReader(s.db), page: pageSize, size: int64(len(s.db))}
	root, _ := p.root()
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(s.db[at:])) }
	// find returns where the element of a bucket stands on a leaf page, and where its value does.
	find := func(page int, name string) (at, value int) {
		for i := range int(binary.LittleEndian.Uint16(s.db[page+10:])) {
			at = page + pageHead + i*element
			if key := at + u32(at+4); string(s.db[key:key+u32(at+8)]) == name {
				return at, key + len(name)
			}
		}
		t.Fatalf("no bucket %q on the page at byte %d", name, page)
		return 0, 0
	}
	elementOf := func(of, name string) int {
		_, value := find(int(root)*pageSize, of)
		page := u32(value) * pageSize
		if page == 0 {
			page = value + bucketHead
		}
		at, _ := find(page, name)
		return at
	}
	add := func(at, field int, n int32) func(db []byte) {
		return func(db []byte) {
			b := db[at+field:]
			binary.LittleEndian.PutUint32(b, binary.LittleEndian.Uint32(b)+uint32(n))
		}
	}
	const flags, pos, keySize = 0, 4, 8
	harmed := 0
	cases := map[string]func(db []byte){}
	for _, name := range buckets {
		at, _ := find(int(root)*pageSize, name)
		cases[name+": a key one byte short"] = add(at, keySize, -1)
		cases[name+": no bucket"] = add(at, flags, -1)
	}
	for of, name := range map[string]string{"draft": "zhang", "receipt": own} {
		at := elementOf(of, name)
		cases[of+"/…: no bucket"] = add(at, flags, -1)
		cases[of+"/…: an empty one in its place"] = add(at, keySize, 16)
		cases[of+"/…: beside its place"] = add(at, pos, 0x200)
		cases[of+"/…: outside its page"] = add(at, keySize, 0x2000)
	}
	for what, harm := range cases {
		db := bytes.Clone(s.db)
		harm(db)
		if fate, why := s.fate(t, s.put(t, db, s.log), "read"); fate != fateHealed {
			t.Errorf("%s, the second copy whole: %s: %s", what, fate, why)
		}
		switch fate, why := s.fate(t, s.put(t, db, nil), "read"); {
		case fate == fateSilent && strings.Contains(why, string(Partly)):
			harmed++
		case fate == fateRefused && strings.HasPrefix(what, "meta"): // nothing says whose ledger it is
		case fate != fateHealed: // what was broken is made anew from the rest
			t.Errorf("%s, no second copy: %s: %s", what, fate, why)
		}
	}
	t.Logf("%d elements of buckets damaged; without a second copy %d lost some and said so", len(cases), harmed)
}
