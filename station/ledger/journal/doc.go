// Package journal keeps the second copy of a ledger: a log of numbered frames,
// one a commit, on the same disk as the database or on another. What a frame
// holds is the caller's business; sealing it is, too.
//
// # Files
//
//	journal.log.000001              a segment: head, frames
//	journal.log.000002              the newest one is written to
//	journal.log.000002.torn-12345   what was cut off the end of a segment, from that byte on
//	journal.log.state-000000000123  everything as it stood after frame 123
//	journal.log.lock                held by the one process that writes
//
// A file whose name ends in .new was not finished and is removed at the next
// Open.
//
// # A segment, version 1
//
// All numbers are little-endian. The head stands twice, each copy in whole
// pages of 4 KiB of its own; frames begin after the second. One rotten page
// leaves the other copy.
//
//	 0   8  f7 "LJSEG" 0d 0a
//	 8   2  version: 1
//	10   1  kind of file: 1 segment, 2 state
//	11   1  zero
//	12   4  length of the head with its CRC
//	16   8  number of the segment; for a state, of the last frame it stands for
//	24   8  number that the first frame begins with; for a state 1
//	32  16  the log's identity, random, the same in all its files
//	48   8  when the file was made, milliseconds since 1970
//	56   2+ the stream's name, with its length before it
//	     4+ the wrapped key, with its length before it
//	     4  CRC32C of all before
//
// # A frame
//
//	 0   4  f7 "LJ" 1e
//	 4   1  kind: 1 commit, 2 catch-up, 3 part of a state, 4 end of a state
//	 5   3  zero
//	 8   8  from: first number the frame stands for
//	16   8  number: last number the frame stands for; but for a catch-up the same
//	24   4  length of the payload
//	28   4  CRC32C of the payload
//	32   4  CRC32C of the file's kind (1 byte) and number (8), the frame's offset (8), and bytes 0 to 32
//	36   n  payload
//
// A frame counts only in the place it was written to: one that lies in
// another frame's payload, or in blocks that a former file left behind, does
// not. After the last frame come zeros, written ahead so that an append need
// not change the file's size or its blocks.
//
// A state is a segment whose frames are the parts 1, 2, 3 … and at last an end
// that holds no payload. It gets its name when it is complete.
//
// # What is promised
//
// Append returns without error after the frame is on the disk: one write, one
// fdatasync. What is read is what was appended, or an error that names the
// place: no wrong payload is ever given out. Frames are read in order, each
// once; where some are missing a [Fault] stands in their place and says which,
// and reading goes on after it.
//
// A torn end is what a power cut leaves of a frame whose Append had not
// returned. Open sets it aside and cuts it off. Damage before the end is left
// as it lies and told.
//
// A log that cannot be written falls behind. It keeps the frames it owes, up
// to a limit, and writes them before the next one as soon as the disk lets it,
// in order, so that it never has a hole it does not know of. When the limit is
// passed, it takes nothing more until the caller gives it everything it
// missed, by CatchUp or by a state.
package journal
