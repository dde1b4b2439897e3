package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"liaison/station/ledger"
	"liaison/station/ledger/journal"
)

// Where both copies are damaged each may hold what the other lacks. A salvage
// gathers every value that proves itself by its checksum: from all frames and
// parts of states that can be read, also behind a hole; from the pages of the
// database that hang together; and entries from any page at all, since a
// header says itself where it belongs.
//
// The new database gets the entries that follow on each other. What lies
// behind one that neither copy has is kept as a setting (keptPlace), and takes
// its place again, with its body, when the other side returns the ones before.
type salvage struct {
	entries map[ledger.Stream]map[ledger.Seq][]byte
	heads   map[ledger.Stream]ledger.Seq // how far streams are known to have come
	values  map[string]op                // receipts, drafts and settings; the last one counts
	meta    map[string][]byte            // of the old database
	counter uint64                       // of the old database; 0: it cannot be read
	doubt   bool                         // receipts, drafts or settings of the old database cannot be read
}

func newSalvage() *salvage {
	return &salvage{entries: map[ledger.Stream]map[ledger.Seq][]byte{}, heads: map[ledger.Stream]ledger.Seq{}, values: map[string]op{}, meta: map[string][]byte{}}
}

// gather reads all there is, the log first: what the database holds of a
// draft or a setting is as new or newer.
func gather(log pastLog, path string) (*salvage, error) {
	s := newSalvage()
	if log.Log != nil {
		s.log(log.Log)
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	p, err := openPageFile(f)
	if err != nil {
		return nil, err
	}
	p.walk(s.value, "meta", "journal", "head")
	p.bad = false // of entries the heads tell whether they are all there
	p.walk(s.value, "receipt", "draft", "local")
	s.doubt = s.doubt || p.bad
	p.leaves(s.loose)
	return s, nil
}

func (s *salvage) log(log *journal.Log) {
	for _, state := range log.States() {
		for part, err := range log.State(state) {
			if err == nil {
				s.frame(part)
			}
		}
	}
	for f, err := range log.Frames(0) {
		if err == nil {
			s.frame(f.Payload)
		}
	}
}

// commitsIn is the number of the newest commit of a database that may be
// damaged; 0 where it cannot be read.
func commitsIn(path string) uint64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close() // only read from
	p, err := openPageFile(f)
	if err != nil {
		return 0
	}
	s := newSalvage()
	p.walk(s.value, "meta")
	return s.counter
}

func (s *salvage) frame(payload []byte) {
	kind, ops, err := decodeFrame(payload)
	if err != nil {
		return
	}
	if kind == frameAll {
		maps.DeleteFunc(s.values, func(_ string, o op) bool { return o.at.bucket != "receipt" })
	}
	for _, o := range ops {
		if o.value == nil {
			s.values[o.at.String()] = o
		} else {
			s.value(o.at, o.value)
		}
	}
}

// value takes in a value that was found under its place.
func (s *salvage) value(at place, v []byte) {
	if _, _, err := checkCell(at, v); err != nil {
		s.doubt = s.doubt || at.bucket == "receipt" || at.bucket == "draft" || at.bucket == "local"
		return
	}
	at.key, v = slices.Clone(at.key), slices.Clone(v)
	switch at.bucket {
	case "journal":
		if len(at.key) == 8 {
			s.entry(ledger.Ref{Stream: ledger.Stream(at.sub), Seq: ledger.Seq(binary.BigEndian.Uint64(at.key))}, v)
		}
	case "head":
		if h, err := parseHead(at, v); err == nil {
			s.came(ledger.Stream(at.key), h.seq)
		}
	case "meta":
		p, err := openCell(at, v)
		if err != nil {
			return
		}
		s.meta[string(at.key)] = p
		if string(at.key) == "commit" && len(p) >= 8 {
			s.counter = binary.BigEndian.Uint64(p)
		}
	case "receipt", "draft", "local":
		s.values[at.String()] = op{at, v}
	}
}

// loose takes in a value of which only the key is known, if it is an entry.
func (s *salvage) loose(k, v []byte) {
	if len(k) != 8 || len(v) < cellHead {
		return
	}
	h, _, err := ledger.ParseHeader(v[cellHead:])
	if err != nil || uint64(h.Seq) != binary.BigEndian.Uint64(k) {
		return
	}
	if _, _, err := checkCell(journalPlace(h.Ref), v); err == nil {
		s.entry(h.Ref, slices.Clone(v))
	}
}

// entry keeps the better of two cells of an entry: one that was erased stays
// so, and any body is better than none.
func (s *salvage) entry(r ledger.Ref, v []byte) {
	k, err := openKept(journalPlace(r), r, v)
	if err != nil {
		return
	}
	s.came(r.Stream, r.Seq)
	of := s.entries[r.Stream]
	if of == nil {
		of = map[ledger.Seq][]byte{}
		s.entries[r.Stream] = of
	}
	held, err := openKept(journalPlace(r), r, of[r.Seq])
	if err != nil || k.erased() || held.way == bodyAbsent {
		of[r.Seq] = v
	}
}

func (s *salvage) came(stream ledger.Stream, seq ledger.Seq) {
	s.heads[stream] = max(s.heads[stream], seq)
}

// salvageTx is how many values go into one transaction.
const salvageTx = 1000

// into gives a new database what it lacks, and returns the holes that stay:
// what neither copy has, a sentence a stream.
func (s *salvage) into(l *Ledger, number uint64) (holes []string, err error) {
	var ops []op
	for _, stream := range slices.Sorted(maps.Keys(s.heads)) {
		h, err := l.Head(stream)
		if err != nil {
			return nil, err
		}
		next := h.Seq + 1
		for ; s.entries[stream][next] != nil; next++ {
			ops = append(ops, op{journalPlace(ledger.Ref{Stream: stream, Seq: next}), s.entries[stream][next]})
		}
		if end := s.heads[stream]; next <= end {
			later, kept, err := s.keep(l, stream, next)
			if err != nil {
				return nil, err
			}
			ops = append(ops, kept...)
			holes = append(holes, fmt.Sprintf("%s lacks %d of %d entries from %d on", stream, int(end-next)+1-later, end, next))
		}
		s.heads[stream] = next - 1
	}
	for _, at := range slices.Sorted(maps.Keys(s.values)) {
		o := s.values[at]
		if o.at.bucket == "receipt" && ledger.Seq(binary.BigEndian.Uint64(o.at.key)) > s.heads[ledger.Stream(o.at.sub)] {
			continue // for what is not there
		}
		ops = append(ops, o)
	}
	for part := range slices.Chunk(ops, salvageTx) {
		if err := l.apply(number, encodeFrame(frameChange, part)); err != nil {
			return nil, err
		}
	}
	return holes, nil
}

// keptPrefix begins the names of settings that hold entries without a place.
const keptPrefix = "kept/"

func keptName(r ledger.Ref) string { return keptPrefix + r.String() }

// keep stores the entries of a stream after a hole as settings, each as its
// cell, and returns how many there are.
func (s *salvage) keep(l *Ledger, stream ledger.Stream, from ledger.Seq) (n int, ops []op, err error) {
	for _, seq := range slices.Sorted(maps.Keys(s.entries[stream])) {
		if seq < from {
			continue
		}
		o, err := l.localOp(ledger.Local{Name: keptName(ledger.Ref{Stream: stream, Seq: seq}), Value: s.entries[stream][seq]})
		if err != nil {
			return 0, nil, err
		}
		ops = append(ops, o)
		n++
	}
	return n, ops, nil
}

// fillKept gives foreign entries that came without a body the one that a
// salvage kept for them. What was kept is dropped with the same commit.
func (l *Ledger) fillKept(p *prepared) error {
	if !l.keeps.Load() {
		return nil
	}
	p.Foreign = slices.Clone(p.Foreign)
	for i := range p.Foreign {
		e := &p.Foreign[i]
		name := keptName(e.Ref)
		cell, err := l.Local(name)
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		kept, err := l.decode(journalPlace(e.Ref), e.Ref, cell)
		if err != nil {
			return err
		}
		if kept.Hash() == e.Hash() && e.Absent() {
			*e = kept
		}
		p.ops = append(p.ops, op{localPlace(name), nil})
	}
	return nil
}

// noteKept finds out whether a salvage left entries without a place.
func (l *Ledger) noteKept() error {
	kept, err := l.Locals(keptPrefix)
	l.keeps.Store(len(kept) > 0)
	return err
}

// complete gives l, which has what the log holds before its first hole, what
// else can be read in either copy. lost says what neither has; the file then
// begins a new epoch, since numbers may be missing that must not be given
// again.
func (s *salvage) complete(l *Ledger, logged uint64) (lost, err error) {
	holes, err := s.into(l, max(s.counter, logged)+1)
	if err != nil {
		return nil, err
	}
	if len(holes) == 0 && (s.counter == 0 || s.counter < logged) { // else the old heads say where streams ended
		holes = []string{"the newest commits may be missing"}
	}
	if len(holes) > 0 {
		err = l.newEpoch()
	}
	if s.doubt {
		holes = append(holes, "receipts, drafts or settings may be missing")
	}
	if len(holes) == 0 {
		return nil, err
	}
	return errors.New(strings.Join(holes, "; ")), err
}
