package station

import (
	"strings"
	"testing"
)

// Whatever is put in, no text that holds all words may fall through the sieve,
// also after another text was put in its place; and where the sieve is certain,
// it holds them.
func FuzzSieve(f *testing.F) {
	f.Add("王小明\nwxm\nwangxiaoming\nqa01-26a-0001-7\n路灯不亮", "路灯", "wx", "另一行")
	f.Add("é\u0301x", "\u0301", "x", "\xff\xfe")
	f.Add("zzz", "zz", "z", "8")
	f.Add("", "", "a", "a")
	f.Fuzz(func(t *testing.T, text, a, b, before string) {
		var s sieve
		for _, n := range []int{0, 63, 64, sieveBlock - 1, sieveBlock, 2*sieveBlock + 5} {
			s.put(n, before)
			s.put(n, text)
			for _, words := range [][]string{{a}, {b}, {a, b}, {a, ""}, {}, {"w"}} {
				holds := true
				for _, w := range words {
					holds = holds && strings.Contains(text, w)
				}
				found, certain := s.candidates(words)
				if holds && !has(found, n) && valid(text, words) {
					t.Errorf("%q at %d lost %q", text, n, words)
				}
				if certain && has(found, n) && !holds {
					t.Errorf("%q at %d certainly holds %q, it says", text, n, words)
				}
			}
		}
	})
}

// valid reports whether all are UTF-8, as everything that was cleaned is:
// within broken text neighbours are a matter of opinion.
func valid(text string, words []string) bool {
	return strings.ToValidUTF8(text, "") == text && strings.ToValidUTF8(strings.Join(words, " "), "") == strings.Join(words, " ")
}

func TestSievePassesFewThatDoNotFit(t *testing.T) {
	var s sieve
	const n = 5000
	for i := range n {
		s.put(i, "王小明\nwxm\nwangxm\n王xm\nwangxiaoming\nqa01-26a-0001-7\nqa0126a00017\n13800138000\n小区东门路灯不亮")
	}
	for _, word := range []string{"停车", "zhang", "lisi", "占道经营", "13912", "医保"} {
		found, certain := s.candidates([]string{word})
		passed := 0
		for i := range n {
			if has(found, i) {
				passed++
			}
		}
		if passed != 0 || certain {
			t.Errorf("%q: %d of %d texts passed, certain %v", word, passed, n, certain)
		}
	}
	found, certain := s.candidates([]string{"路灯", "x"})
	for i := range n {
		if !has(found, i) || certain {
			t.Fatalf("text %d fell through", i)
		}
	}
	if found, certain := s.candidates([]string{"q", "7"}); !certain || !has(found, n-1) {
		t.Error("single letters and digits are not certain")
	}
	if found, certain := s.candidates([]string{"j"}); !certain || has(found, n-1) {
		t.Error("a letter that is in no text was found")
	}
}
