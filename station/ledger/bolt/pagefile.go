package bolt

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"os"
	"slices"
)

// A pageFile reads what can be read of a damaged bbolt file. It does not trust
// a byte of it: every bound is checked and every page is walked once, so that
// it ends, whatever the file holds. What it gives out proves itself by its own
// checksum; see cell.go. For the layout of pages see bbolt's package
// internal/common: numbers are little-endian on every machine this runs on.
type pageFile struct {
	f    io.ReaderAt
	page int64 // size of a page
	size int64
	seen map[uint64]bool // pages walked
	bad  bool            // something that hangs together with the root cannot be read
}

// Flags of a page, and of an element of a leaf page.
const (
	branchPage  = 0x01
	leafPage    = 0x02
	bucketValue = 0x01

	pageHead    = 16
	element     = 16 // of a branch or a leaf page
	bucketHead  = 16 // root page, sequence
	maxOverflow = 4096
)

func openPageFile(f *os.File) (*pageFile, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &pageFile{f: f, page: pageSize, size: info.Size()}, nil
}

// walk calls fn with every value of the named buckets that hangs together with
// the root, by its place. Buckets deeper than the second level are none of ours.
// A named bucket that the root does not lead to cannot be read: every ledger has
// all of them from its first commit on.
func (p *pageFile) walk(fn func(at place, v []byte), of ...string) {
	root, ok := p.root()
	p.seen = map[uint64]bool{}
	if !ok {
		p.bad = true
		return
	}
	met := map[string]bool{}
	p.tree(root, func(name, v []byte, isBucket bool) {
		bucket := string(name)
		if !isBucket || !slices.Contains(of, bucket) {
			return
		}
		met[bucket] = true
		p.bucket(v, func(k, v []byte, isBucket bool) {
			if !isBucket {
				fn(place{bucket: bucket, key: k}, v)
				return
			}
			sub := string(k)
			p.bucket(v, func(k, v []byte, isBucket bool) {
				if !isBucket {
					fn(place{bucket, sub, k}, v)
				}
			})
		})
	})
	p.bad = p.bad || len(met) < len(of)
}

// leaves calls fn with every value on any leaf page, also on those that no
// other page leads to any more, and that are free.
func (p *pageFile) leaves(fn func(k, v []byte)) {
	for id := uint64(0); int64(id)*p.page < p.size; id++ {
		if b := p.read(id); b != nil && binary.LittleEndian.Uint16(b[8:]) == leafPage {
			p.loose(b, fn)
		}
	}
}

func (p *pageFile) loose(b []byte, fn func(k, v []byte)) {
	leafElements(b, func(k, v []byte, isBucket bool) {
		switch {
		case !isBucket:
			fn(k, v)
		case inline(v) != nil:
			p.loose(inline(v), fn)
		}
	})
}

// root is the page of the top bucket, as the newest of the two first pages
// that can be read says.
func (p *pageFile) root() (root uint64, ok bool) {
	var newest uint64
	for _, size := range []int64{pageSize, 4096} {
		for i := range int64(2) {
			b := make([]byte, 64)
			if _, err := p.f.ReadAt(b, i*size+pageHead); err != nil {
				continue
			}
			h := fnv.New64a()
			h.Write(b[:56]) // never fails
			if h.Sum64() != binary.LittleEndian.Uint64(b[56:]) || int64(binary.LittleEndian.Uint32(b[8:])) != size {
				continue
			}
			if txid := binary.LittleEndian.Uint64(b[48:]); !ok || txid > newest {
				p.page, root, newest, ok = size, binary.LittleEndian.Uint64(b[16:]), txid, true
			}
		}
	}
	return root, ok
}

// bucket walks the bucket that a value describes: its pages, or, where it is
// small, what the value holds itself.
func (p *pageFile) bucket(v []byte, fn func(k, v []byte, isBucket bool)) {
	if root := bucketRoot(v); root != 0 {
		p.tree(root, fn)
	} else if b := inline(v); b != nil {
		p.bad = leafElements(b, fn) != uint64(len(b)) || p.bad
	} else {
		p.bad = true
	}
}

func (p *pageFile) tree(id uint64, fn func(k, v []byte, isBucket bool)) {
	b := p.read(id)
	if b == nil || p.seen[id] {
		p.bad = true
		return
	}
	p.seen[id] = true
	switch binary.LittleEndian.Uint16(b[8:]) {
	case leafPage:
		p.bad = leafElements(b, fn) == 0 || p.bad
	case branchPage:
		for i := range int(binary.LittleEndian.Uint16(b[10:])) {
			at := pageHead + i*element
			if at+element > len(b) {
				p.bad = true
				return
			}
			p.tree(binary.LittleEndian.Uint64(b[at+8:]), fn)
		}
	default:
		p.bad = true
	}
}

// read returns a page with those that it overflows into, as far as they are
// there.
func (p *pageFile) read(id uint64) []byte {
	if id >= uint64(p.size/p.page)+1 {
		return nil
	}
	var head [pageHead]byte
	if _, err := p.f.ReadAt(head[:], int64(id)*p.page); err != nil || binary.LittleEndian.Uint64(head[:]) != id {
		return nil
	}
	n := int64(1 + min(binary.LittleEndian.Uint32(head[12:]), maxOverflow))
	b := make([]byte, min(n*p.page, p.size-int64(id)*p.page))
	got, _ := p.f.ReadAt(b, int64(id)*p.page) // what the disk cannot give ends it
	return b[:got]
}

// leafElements calls fn with what stands on a leaf page, as far as it lies on
// it, and returns where the last element ends. It is 0 where one does not begin
// where the one before it ends: bbolt never writes such a page.
func leafElements(b []byte, fn func(k, v []byte, isBucket bool)) (end uint64) {
	n := int(binary.LittleEndian.Uint16(b[10:]))
	end = uint64(pageHead + n*element)
	for i := range n {
		at := pageHead + i*element
		if at+element > len(b) {
			return 0
		}
		e := b[at:]
		from := uint64(at) + uint64(binary.LittleEndian.Uint32(e[4:]))
		mid := from + uint64(binary.LittleEndian.Uint32(e[8:]))
		to := mid + uint64(binary.LittleEndian.Uint32(e[12:]))
		if from != end {
			end = 0
		}
		if to > uint64(len(b)) {
			end = 0
			continue
		}
		if end != 0 {
			end = to
		}
		fn(b[from:mid], b[mid:to], binary.LittleEndian.Uint32(e)&bucketValue != 0)
	}
	return end
}

// nested are the buckets that hold buckets, and nothing else.
var nested = [...]string{"journal", "record", "index", "receipt", "draft", "erased"}

// soundPages is an error that wraps ErrDamaged where the way to the buckets is
// broken. A branch page that leads back to itself bbolt would walk for ever and
// take all memory; where an element leads beside its bucket, it would make one
// of what stands there, and show it empty, or walk that for ever. It reads
// the branch pages, and of leaf pages only those that hold buckets, so that it
// costs next to nothing however large the file is. Nobody may write meanwhile.
func soundPages(f *os.File) error {
	p, err := openPageFile(f)
	if err != nil {
		return err
	}
	root, ok := p.root()
	if !ok {
		return nil // bbolt says what it is
	}
	p.seen = map[uint64]bool{}
	inner := func(_, v []byte) string { return p.unsoundBucket(v, nil) }
	fault := p.unsound(root, func(name, v []byte) string {
		if slices.Contains(nested[:], string(name)) {
			return p.unsoundBucket(v, inner)
		}
		return p.unsoundBucket(v, nil)
	})
	if fault != "" {
		return pages.damaged(fault)
	}
	return nil
}

// bucketRoot is the page of the bucket that a value describes; 0 where it is
// small and has none.
func bucketRoot(v []byte) uint64 {
	if len(v) < bucketHead {
		return 0
	}
	return binary.LittleEndian.Uint64(v)
}

// inline is the page that the value of a small bucket holds itself; nil where
// the value is no such bucket.
func inline(v []byte) []byte {
	if len(v) < bucketHead+pageHead || bucketRoot(v) != 0 || binary.LittleEndian.Uint16(v[bucketHead+8:]) != leafPage {
		return nil
	}
	return v[bucketHead:]
}

// unsoundBucket says what is wrong with the bucket that a value describes. Its
// elements are buckets too, and given to each, if that is not nil.
func (p *pageFile) unsoundBucket(v []byte, each func(name, v []byte) string) string {
	if root := bucketRoot(v); root != 0 && len(v) == bucketHead {
		return p.unsound(root, each)
	}
	b := inline(v)
	if b == nil {
		return "an element is taken for a bucket and is none"
	}
	return unsoundLeaf(b, uint64(len(b)), each)
}

// unsound says what is wrong with the branch pages below a page. What stands on
// its leaf pages is given to each, if that is not nil.
func (p *pageFile) unsound(id uint64, each func(name, v []byte) string) string {
	b := p.read(id)
	if id == 0 || b == nil {
		return "" // bbolt says so
	}
	switch binary.LittleEndian.Uint16(b[8:]) {
	case branchPage:
		if p.seen[id] {
			return leadsBack
		}
		p.seen[id] = true
		return p.unsoundBelow(b, each)
	case leafPage:
		return unsoundLeaf(b, 0, each)
	}
	return ""
}

const leadsBack = "a page leads back to itself"

// unsoundLeaf looks at a leaf page of buckets, which ends at a byte, if that is
// not 0. Without each it holds something else, and only its end is looked at.
func unsoundLeaf(b []byte, end uint64, each func(name, v []byte) string) (fault string) {
	if each == nil && end == 0 {
		return ""
	}
	last := leafElements(b, func(k, v []byte, isBucket bool) {
		switch {
		case fault != "" || each == nil:
		case !isBucket:
			fault = "there is something else among the buckets"
		default:
			fault = each(k, v)
		}
	})
	if fault == "" && (last == 0 || end != 0 && last != end) {
		fault = "the elements of a page do not follow on each other"
	}
	return fault
}

// unsoundBelow looks at what a branch page leads to. Where the first page below
// it is a leaf they all are, unless one was seen already.
func (p *pageFile) unsoundBelow(b []byte, each func(name, v []byte) string) string {
	walk := each != nil
	for i := range int(binary.LittleEndian.Uint16(b[10:])) {
		at := pageHead + i*element
		if at+element > len(b) {
			return "" // bbolt says so
		}
		child := binary.LittleEndian.Uint64(b[at+8:])
		walk = walk || i == 0 && p.isBranch(child)
		if p.seen[child] {
			return leadsBack
		}
		if walk {
			if fault := p.unsound(child, each); fault != "" {
				return fault
			}
		}
	}
	return ""
}

func (p *pageFile) isBranch(id uint64) bool {
	var head [pageHead]byte
	_, err := p.f.ReadAt(head[:], int64(id)*p.page)
	return err == nil && binary.LittleEndian.Uint16(head[8:]) == branchPage
}
