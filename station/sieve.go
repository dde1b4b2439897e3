package station

import (
	"math/bits"
	"unicode/utf8"
)

// A sieve tells which texts cannot hold a word, so that a search looks into
// few of many. It is a signature file cut into slices: for every pair of
// neighbouring characters, hashed to one of 512, a bitmap says in which texts
// it occurs. The texts that have all pairs of a word are the candidates; some
// of them must still be looked into.
//
// The caller sees to it that nobody reads while a text is put in.
type sieve struct {
	blocks []*[sieveBits]([sieveWords]uint64)
}

const (
	sievePairs = 512
	sieveBits  = sievePairs + 36 // and for each letter and digit one of its own
	sieveWords = 64              // of 64 texts each, in one block
	sieveBlock = sieveWords * 64
)

// put makes text the one with this number.
func (s *sieve) put(n int, text string) {
	for n/sieveBlock >= len(s.blocks) {
		s.blocks = append(s.blocks, new([sieveBits][sieveWords]uint64))
	}
	block, word, bit := s.blocks[n/sieveBlock], n%sieveBlock/64, uint64(1)<<(n%64)
	for i := range block {
		block[i][word] &^= bit
	}
	last := rune(0)
	for _, r := range text {
		if i := plainBit(r); i >= 0 {
			block[i][word] |= bit
		}
		block[pairBit(0, r)][word] |= bit
		block[pairBit(last, r)][word] |= bit
		last = r
	}
}

// candidates is a bitmap of the texts that may hold all words, and whether
// they do for certain. nil stands for all texts.
func (s *sieve) candidates(words []string) (found []uint64, certain bool) {
	var which []int
	certain = true
	for _, w := range words {
		if w == "" {
			continue // every text holds it
		}
		if r, n := utf8.DecodeRuneInString(w); n == len(w) {
			i := plainBit(r)
			if i < 0 {
				i, certain = pairBit(0, r), false
			}
			which = append(which, i)
			continue
		}
		certain = false
		last := rune(0)
		for _, r := range w {
			if last != 0 {
				which = append(which, pairBit(last, r))
			}
			last = r
		}
	}
	if len(which) == 0 {
		return nil, certain
	}
	found = make([]uint64, len(s.blocks)*sieveWords)
	for b, block := range s.blocks {
		into := found[b*sieveWords:][:sieveWords]
		copy(into, block[which[0]][:])
		for _, i := range which[1:] {
			for w, m := range &block[i] {
				into[w] &= m
			}
		}
	}
	return found, certain
}

// plainBit is the bitmap of a letter or digit, or -1.
func plainBit(r rune) int {
	switch {
	case r >= 'a' && r <= 'z':
		return sievePairs + int(r-'a')
	case r >= '0' && r <= '9':
		return sievePairs + 26 + int(r-'0')
	}
	return -1
}

// pairBit is the bitmap of two neighbours, or with 0 before it of one
// character.
func pairBit(a, b rune) int {
	h := bits.RotateLeft32(uint32(a)*0x9e3779b1, 13) ^ uint32(b)*0x85ebca6b
	return int(h * 0xc2b2ae35 >> 23)
}

// has reports whether number n is in a bitmap of candidates.
func has(found []uint64, n int) bool {
	return found == nil || found[n/64]&(1<<(n%64)) != 0
}
