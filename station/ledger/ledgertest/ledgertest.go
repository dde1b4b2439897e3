// Package ledgertest holds the contract that every ledger passes, and a
// writer of foreign entries for tests of whatever takes them in.
package ledgertest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station/ledger"
)

// Options are what a test asks of the ledger it opens.
type Options struct {
	Writer  string // a station's code, or "city"
	Indexes ledger.Indexes
	Now     func() time.Time
}

// File is the name of a ledger in its directory. What else lies there belongs
// to it; a backup put there under this name, with nothing beside it, opens.
const File = "ledger.db"

// Open opens the ledger kept in dir and makes it if there is none. The test
// closes it, and may open the same dir again afterwards.
type Open func(t *testing.T, dir string, o Options) ledger.Ledger

// Run runs the contract. After every scenario the ledger is checked, closed,
// opened again and checked once more.
func Run(t *testing.T, open Open) {
	for _, s := range [...]struct {
		name string
		play func(*scene)
	}{
		{"a new ledger is empty and says whose it is", newLedger},
		{"a commit is there after reopening", commitStays},
		{"numbers follow each other and headers chain", chains},
		{"one commit is all or nothing", allOrNothing},
		{"what is not an entry is refused", refusesMalformed},
		{"only own streams are written", ownStreams},
		{"a stale revision is refused", staleRevision},
		{"of twenty who revise one record at once, one succeeds", concurrentRevision},
		{"readers and writers do not disturb each other", readersAndWriters},
		{"a cancelled commit writes nothing", cancelled},
		{"foreign entries continue their stream", foreignContinues},
		{"foreign entries sent again change nothing", foreignAgain},
		{"a gap is refused", foreignGap},
		{"a fork is refused", foreignFork},
		{"a tampered entry is refused", foreignTampered},
		{"nobody writes into the own epoch from outside", foreignOwnEpoch},
		{"a withheld body is filled in when it comes", foreignFilledIn},
		{"revisions that replace each other are refused", foreignCircle},
		{"a restored epoch and the lost one are rivals", rivalsOfTwoEpochs},
		{"the city's entry takes the place of a local import", cityTakesPlace},
		{"a revision may come before the one it replaces", revisionComesFirst},
		{"history is every revision, oldest first", history},
		{"each record once, by id, while it is written to", each},
		{"find by key, by prefix, backwards, with a limit", find},
		{"an index of another version is rebuilt", indexVersion},
		{"the first receipt for a number is the one that is kept", receipts},
		{"drafts are overwritten and dropped", drafts},
		{"settings are kept by name", locals},
		{"a backup taken in the middle of work is whole", backup},
		{"random work agrees with a simple model", model},
	} {
		t.Run(s.name, func(t *testing.T) {
			sc := &scene{T: t, open: open, dir: t.TempDir(), o: Options{
				Writer:  "QA01",
				Indexes: ledger.Indexes{Version: 1, Keys: words},
				Now:     func() time.Time { return noon },
			}}
			sc.reopen()
			s.play(sc)
			sc.checked()
			sc.reopen()
			sc.checked()
			sc.close()
		})
	}
}

// noon is the time of every scene.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// words finds a record under each word of its body, and under its kind.
func words(e ledger.Entry) []ledger.Key {
	keys := []ledger.Key{{Index: "kind", Key: string(e.Kind)}}
	for _, w := range strings.Fields(string(e.Body)) {
		keys = append(keys, ledger.Key{Index: "word", Key: w})
	}
	return keys
}

// scene is a ledger under test.
type scene struct {
	*testing.T
	open Open
	dir  string
	o    Options
	l    ledger.Ledger
}

func (s *scene) close() {
	s.Helper()
	if s.l == nil {
		return
	}
	if err := s.l.Close(); err != nil {
		s.Fatalf("close: %v", err)
	}
	s.l = nil
}

// reopen closes the ledger and opens it again.
func (s *scene) reopen() {
	s.Helper()
	s.close()
	s.l = s.open(s.T, s.dir, s.o)
}

// as begins a new scene in which the ledger is another writer's.
func (s *scene) as(writer string) {
	s.Helper()
	s.close()
	s.o.Writer, s.dir = writer, s.TempDir()
	s.reopen()
}

// checked fails the test for every fault that a check finds.
func (s *scene) checked() ledger.Tally {
	s.Helper()
	tally, err := s.l.Check(context.Background(), func(f ledger.Fault) { s.Errorf("check: %s", f) })
	if err != nil {
		s.Fatalf("check: %v", err)
	}
	return tally
}

func (s *scene) commit(c ledger.Change) []ledger.Entry {
	s.Helper()
	es, err := s.l.Commit(context.Background(), c)
	if err != nil {
		s.Fatalf("commit: %v", err)
	}
	return es
}

// refused expects an error, and that nothing else of the change is there.
func (s *scene) refused(want error, c ledger.Change) {
	s.Helper()
	before := s.heads()
	if _, err := s.l.Commit(context.Background(), c); !errors.Is(err, want) {
		s.Fatalf("commit: %v, want %v", err, want)
	}
	if after := s.heads(); !slices.EqualFunc(before, after, sameHead) {
		s.Fatalf("a refused commit moved heads from %v to %v", before, after)
	}
}

func sameHead(a, b ledger.Head) bool {
	return a.Stream == b.Stream && a.Seq == b.Seq && a.Hash == b.Hash && a.Confirmed == b.Confirmed && string(a.Receipt) == string(b.Receipt)
}

// write commits one entry of the own stream.
func (s *scene) write(k ledger.Kind, id ledger.ID, replaces ledger.Ref, body string) ledger.Entry {
	s.Helper()
	return s.commit(ledger.Change{New: []ledger.New{entry(k, id, replaces, body)}})[0]
}

func entry(k ledger.Kind, id ledger.ID, replaces ledger.Ref, body string) ledger.New {
	return ledger.New{Kind: k, ID: id, At: noon, By: "zhang", Replaces: replaces, Body: []byte(body)}
}

func (s *scene) heads() []ledger.Head {
	s.Helper()
	hs, err := s.l.Heads()
	if err != nil {
		s.Fatalf("heads: %v", err)
	}
	return hs
}

func (s *scene) head(st ledger.Stream) ledger.Head {
	s.Helper()
	h, err := s.l.Head(st)
	if err != nil {
		s.Fatalf("head of %s: %v", st, err)
	}
	return h
}

func (s *scene) record(k ledger.Kind, id ledger.ID) ledger.Record {
	s.Helper()
	r, err := s.l.Record(k, id)
	if err != nil {
		s.Fatalf("record %s %s: %v", k, id, err)
	}
	return r
}

// newest expects a record's body and those of its rivals.
func (s *scene) newest(k ledger.Kind, id ledger.ID, want string, rivals ...string) {
	s.Helper()
	r := s.record(k, id)
	if string(r.Body) != want {
		s.Errorf("record %s %s is %q, want %q", k, id, r.Body, want)
	}
	var got []string
	for _, e := range r.Rivals {
		got = append(got, string(e.Body))
	}
	if !slices.Equal(got, rivals) {
		s.Errorf("record %s %s has rivals %q, want %q", k, id, got, rivals)
	}
}

// ids expects what a word leads to.
func (s *scene) ids(word string, want ...ledger.ID) {
	s.Helper()
	hits, err := s.l.Find(ledger.Find{Index: "word", From: word, To: word + "\x01"})
	if err != nil {
		s.Fatalf("find %s: %v", word, err)
	}
	var got []ledger.ID
	for _, h := range hits {
		got = append(got, h.ID)
	}
	if !slices.Equal(got, want) {
		s.Errorf("the word %q leads to %v, want %v", word, got, want)
	}
}

// same fails unless two entries are equal to the bit.
func (s *scene) same(got, want ledger.Entry) {
	s.Helper()
	if got.Hash() != want.Hash() || string(got.Salt) != string(want.Salt) || string(got.Body) != string(want.Body) || got.Absent() != want.Absent() {
		s.Errorf("entry %s is %+v, want %+v", want.Ref, got, want)
	}
}
