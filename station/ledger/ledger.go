// Package ledger says what an entry is, how entries chain, and what a ledger
// promises. It knows no domain: to it a body is bytes.
//
// A ledger holds streams. A stream is one writer's append-only sequence 1, 2,
// 3 … without holes. An entry is one whole revision of one record. The record
// is the revision that nothing replaces. Nothing is ever changed in place.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

var (
	// ErrNotFound: no such entry, record, head, draft or setting.
	ErrNotFound = errors.New("not found")
	// ErrStale: the revision to be replaced is no longer the newest one;
	// somebody else wrote in between. Read again and decide.
	ErrStale = errors.New("replaced meanwhile")
	// ErrGap: entries were offered that do not follow on the stream's head.
	// Ask for the head and send from there.
	ErrGap = errors.New("entries do not continue the stream")
	// ErrFork: an entry was offered under a number that the ledger already
	// holds with other content, or that does not chain to it. People decide.
	ErrFork = errors.New("another entry has this number")
	// ErrBroken: an entry does not verify: its body is not the one its
	// header vouches for, or the header is malformed.
	ErrBroken = errors.New("entry does not verify")
	// ErrFull: the disk or the file's quota is full. Nothing was written;
	// reading goes on.
	ErrFull = errors.New("no space left")
	// ErrBusy: another process holds the file.
	ErrBusy = errors.New("the file is held by another process")
	// ErrUnsure: the commit failed in a way that leaves open whether it is
	// durable. Writing has stopped; reopen, and look the ids up before
	// trying again.
	ErrUnsure = errors.New("commit may or may not be durable")
)

// A Change is what one Commit makes durable: all of it or nothing.
type Change struct {
	New      []New     // entries of this ledger's own streams, in order
	Foreign  []Entry   // entries of other writers, or of this one's earlier epochs
	Receipts []Receipt // acknowledgements to be kept
	Drafts   []Draft   // drafts to be stored; one with a nil Body is dropped
	Local    []Local   // settings of this machine; one with a nil Value is dropped
}

// Empty reports whether there is nothing to commit.
func (c Change) Empty() bool {
	return len(c.New)+len(c.Foreign)+len(c.Receipts)+len(c.Drafts)+len(c.Local) == 0
}

// New is an entry still to be written; the ledger gives it sequence, salt
// and hashes.
type New struct {
	Stream   Stream    // zero: the ledger's main stream
	Kind     Kind      //
	ID       ID        //
	At       time.Time // the writer's clock, kept to the millisecond
	By       string    // account that wrote, never a person's name
	Private  bool      // the body never leaves the writer's machine
	Replaces Ref       // the revision this one replaces; zero: the first
	Seen     []Ref     // heads of the other side's streams known to the writer
	Body     []byte    //
}

// A Receipt is the other side's word that it holds a stream through a number.
// The bytes are kept as they came; who may believe them is not the ledger's
// business.
type Receipt struct {
	Stream  Stream
	Through Seq
	Raw     []byte
}

// A Draft is what somebody had typed into a form and not yet saved. It is no
// entry: it never travels and is overwritten freely.
type Draft struct {
	Who  string // account
	Form string // which form, or which record's form
	At   time.Time
	Body []byte
}

// Local is one setting or account of this machine. It is never synced.
type Local struct {
	Name  string
	Value []byte
}

// A Head is where a stream ends: its last number and that header's hash, and
// how far the other side has confirmed it.
type Head struct {
	Stream    Stream
	Seq       Seq
	Hash      Hash
	Confirmed Seq    // highest Through among the kept receipts
	Receipt   []byte // the receipt that says so
}

// A Record is the revision that nothing replaces. Rivals are other such
// revisions, left by two epochs that did not know of each other: the later
// epoch counts, and people are shown both.
type Record struct {
	Entry
	Rivals []Entry
}

// A Key is one line of an index. Neither part may hold personal data: keys
// stay readable in the file.
type Key struct {
	Index string // index name
	Key   string // free of NUL
}

// Hit is what a Find returns: the key found and the record it leads to.
type Hit struct {
	Key string
	ID  ID
}

// Indexes says under which keys records are found. Keys is asked once for
// the newest revision of each record; when Version differs from the file's,
// all indexes are built anew at open.
type Indexes struct {
	Version int
	Keys    func(Entry) []Key
}

// Find selects index lines in key order: From <= key < To, To "" meaning no
// end; newest first when Reverse. Limit 0 means all.
type Find struct {
	Index    string
	From, To string
	Reverse  bool
	Limit    int
}

// Prefix selects the keys that begin with p.
func Prefix(index, p string) Find { return Find{Index: index, From: p, To: p + "\xff"} }

// A Fault is something a check found wrong. Where names the place the way a
// person can look it up: bucket, stream, number.
type Fault struct {
	Where string
	What  string
}

func (f Fault) String() string { return f.Where + ": " + f.What }

// Tally is what a check walked over.
type Tally struct {
	Streams, Entries, Records, Keys int
	Absent                          int // bodies lawfully absent
	Refused                         int // entries that somebody asked to erase who may not; see Erases
	RefusedBy                       Ref // the first erasure that asked for one
}

func (t Tally) String() string {
	s := fmt.Sprintf("%d streams, %d entries (%d bodies withheld), %d records, %d index keys",
		t.Streams, t.Entries, t.Absent, t.Records, t.Keys)
	if t.Refused > 0 {
		s += fmt.Sprintf(", %d erasures refused, the first by %s", t.Refused, t.RefusedBy)
	}
	return s
}

// A Ledger keeps entries. Every method is safe for use by several goroutines;
// no method leaves a transaction open when it returns. Implementations pass
// the contract in ledgertest.
type Ledger interface {
	// Own is the stream this ledger writes.
	Own() Stream
	// Commit makes c durable before it returns: entries, newest-revision
	// pointers, index keys, receipts, drafts and settings in one transaction.
	// It returns the own entries as written. Errors: ErrStale, ErrGap,
	// ErrFork, ErrBroken, ErrFull (nothing written), ErrUnsure. Foreign
	// entries the ledger already holds, equal to the bit, are passed over.
	Commit(ctx context.Context, c Change) ([]Entry, error)

	Head(s Stream) (Head, error) // zero Seq and no error for an unknown stream
	Heads() ([]Head, error)      // every stream, by name
	Entry(r Ref) (Entry, error)  // ErrNotFound
	// Since returns at most limit entries after the given number, in order.
	Since(s Stream, after Seq, limit int) ([]Entry, error)
	// Receipt returns the kept receipt for exactly this number; ErrNotFound.
	Receipt(s Stream, through Seq) ([]byte, error)

	Record(k Kind, id ID) (Record, error) // ErrNotFound
	// Each calls fn with the newest revision of every record of a kind, by
	// id, until fn returns an error, which it passes on.
	Each(k Kind, fn func(Entry) error) error
	// History returns every revision of a record the ledger holds, oldest first.
	History(k Kind, id ID) ([]Entry, error)
	Find(f Find) ([]Hit, error)

	Drafts(who string) ([]Draft, error) // newest first; who "": everybody's
	Local(name string) ([]byte, error)  // ErrNotFound
	Locals(prefix string) ([]Local, error)

	// Check walks chains, pointers and indexes and reports what is wrong.
	Check(ctx context.Context, report func(Fault)) (Tally, error)
	// Reindex builds every index anew from the journal.
	Reindex(ctx context.Context) error
	// Backup writes a consistent copy of the whole ledger while people work.
	Backup(ctx context.Context, w io.Writer) error
	Close() error
}
