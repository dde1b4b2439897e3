// Package bolt keeps a ledger in one bbolt file, sealed, with a second copy in a
// log beside it.
//
// The file's buckets. What stands in <…> is a name or a key, the rest is
// literal; a test compares this drawing with a real file.
//
//	meta/schema                  number of the file's layout, see migrate.go
//	meta/stream                  the stream this ledger writes
//	meta/created                 when the file was made
//	meta/indexes                 version of the indexes below
//	meta/key                     the file's key, wrapped for its sources
//	meta/recovery                who can open it without them
//	meta/commit                  number of the newest commit, and what it touched
//	meta/scrub                   bodies were erased since the last compaction
//	journal/<stream>/<seq>       header; salt and body, sealed
//	record/<kind>/<id>           the revisions that nothing replaces, see revisions.go
//	index/<name>/<key>␀<id>      nothing: the key says it all, and holds no personal data
//	head/<stream>                last number, its hash, the highest number confirmed
//	erased/<stream>/<seq>        the erasure that names this entry
//	receipt/<stream>/<through>   the receipt as it came, sealed
//	draft/<who>/<form>           when, and what was typed, sealed
//	local/<name>                 settings and accounts of this machine, sealed; never synced
//
// Numbers in keys are eight bytes, big-endian. Every value is a cell: it
// carries a checksum bound to its place, because bbolt has checksums on its
// two meta pages only and would hand out a flipped bit as the truth; see
// cell.go.
//
// # What is sealed
//
// Bodies with their salts, drafts, settings and receipts are sealed by the
// file's vault (package seal), each with a data key of its own, bound to their
// place. Readable without the key are: headers (kinds, ids, accounts, times),
// pointers, index lines, names of drafts and settings. So no name and no
// phone may stand in any of these. Keys of an index whose name ends in "-ref"
// are kept as blind names, and found by the whole key only.
//
// The file's key is wrapped for its sources (Options.Key) and for those who
// can recover it (Options.Recovery), and stands so in meta/key and in every
// file of the log. Values of layout 1, which were plain, stay readable; a file
// of that layout is sealed and compacted when it is opened for writing.
//
// # What a commit promises
//
// A Commit is one bbolt transaction with its two fdatasyncs, and then one frame
// in the second copy, package journal, with one more. When it returns, all of
// it is on the disk twice. When it returns ErrFull, ErrStale, ErrGap, ErrFork
// or ErrBroken, nothing of it is on the disk.
//
// Any other failure of the database leaves the question open: bbolt reports an
// error of the second fdatasync although the transaction may be found again.
// The file is then opened anew in its place, which shows what became of the
// commit. One that is there is made durable by the log; one that is not there
// is tried once more. Only where the disk allows neither the ledger answers
// ErrUnsure; the next Commit begins with opening the file again. A log that
// cannot be written is reported (Event, Behind) and does not stop the day.
//
// # Two copies
//
// A frame holds what a transaction did to the buckets meta, journal, receipt,
// draft and local, as stored; the others follow from them. meta/commit counts
// the transactions, and is the number of the frame. At Open the longer copy
// fills the other, which also brings back the commit that bbolt silently
// forgets when its newest meta page rots. A database that is missing or cannot
// be read is made anew from the log, a log of no use from the database; what
// is replaced stays under a dated name. What rots later is found by a Check,
// and mended under people's hands by Heal (database) or Mend (log).
//
// Where both copies are damaged, Open and Rebuild put together what each still
// has; see salvage.go. If neither has some entries, the ledger begins a new
// epoch and says what is missing (Partly): the other side has it, but for
// private bodies. What lies behind the hole is kept until those come back.
//
// # Erasing
//
// Erase writes an entry that names the erased ones, drops the data keys of
// their bodies, and rewrites both copies, so that no freed page and no old
// frame holds them. An erasure that comes from elsewhere does the same, at the
// next Compact for what is left in freed pages and frames, as far as it names
// what its own writer wrote (ledger.Erases).
//
// # When the disk is full
//
// A file beside the database reserves 4 MiB, and so does part of the quota.
// While the reserve cannot be kept, new entries are refused with ErrFull;
// drafts, settings, receipts and foreign entries may use it.
//
// # What damage does
//
// A damaged file gives an error that wraps ErrDamaged and names the place. It
// does not end the process where that can be prevented: bbolt panics on a
// damaged page and the kernel sends a fault where the file was cut short, and
// both are caught around every transaction. A page that leads back to itself,
// on which bbolt would walk for ever, is looked for before the file is opened.
// Two things cannot be caught: such a page that comes about later, and a fault
// in a goroutine of bbolt's own. Therefore the deep check belongs into a child
// process with a limit on time and memory: see Examine.
package bolt
