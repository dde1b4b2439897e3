// Package bolt keeps a ledger in one bbolt file.
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
// # What a commit promises
//
// A Commit is one bbolt transaction and two fdatasyncs. When it returns, all
// of it is on the disk; when it returns ErrFull, ErrStale, ErrGap, ErrFork or
// ErrBroken, nothing of it is. Any other failure of the commit itself leaves
// the question open (bbolt reports an error of the second fdatasync although
// the transaction may be found again after a restart), so the ledger answers
// ErrUnsure and writes nothing more until it is opened anew.
//
// # What damage does
//
// A damaged file gives an error that wraps ErrDamaged and names the place. It
// does not end the process where that can be prevented: bbolt panics on a
// damaged page and the kernel sends a fault where the file was cut short, and
// both are caught around every transaction. Two things cannot be caught: a
// page that points at itself, on which bbolt walks for ever, and a fault in a
// goroutine of bbolt's own. Therefore the deep check belongs into a child
// process with a limit on time and memory: see Examine.
package bolt
