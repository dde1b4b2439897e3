package station

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// A Probe is what is known so far of a matter that is being typed.
type Probe struct {
	Phone    string // as typed; "" where there is none
	Village  string // code
	Category string // code
	Content  string // the voter's words, at most the first 200 characters count
}

// An Echo is an earlier matter that may be the same one (重复反映). It is a hint:
// a person decides, and both the joining and the refusal to join are kept.
type Echo struct {
	Matter  ledger.ID
	Visit   ledger.ID
	Number  string // QA01-26A-0123-K/1
	Title   string
	Village string // code
	At      time.Time
	SameVoter,
	SamePlace, // village and category
	SameWords bool

	score float64
}

// Why says in words what speaks for it.
func (r Echo) Why() Text {
	var zh, en []string
	for _, w := range [...]struct {
		is bool
		t  Text
	}{{r.SameVoter, Text{"同一电话", "same phone"}}, {r.SamePlace, Text{"同村同类", "same village and category"}}, {r.SameWords, Text{"内容相近", "similar words"}}} {
		if w.is {
			zh, en = append(zh, w.t.ZH), append(en, w.t.EN)
		}
	}
	return Text{strings.Join(zh, "、"), strings.Join(en, ", ")}
}

// How alike the words of two matters must be for a line on the form, 0 to 1.
// Among 346 real messages four pairs reach 0.15, of which three are about one
// thing.
const (
	alikeAlone = 0.15 // where nothing else speaks for it
	alikePlace = 0.06 // beside the same village and category
	alikeVoter = 0.03 // beside the same phone
)

// echoYear is how far back hints look.
const echoYear = 400 * 24 * time.Hour

// fewWords is how many pairs of characters say nothing yet.
const fewWords = 3

// Alike finds earlier matters that may be the same as the one being typed,
// the likeliest first, at most limit. Only those who record may ask.
func (d *Desk) Alike(who Who, p Probe, limit int) ([]Echo, error) {
	if err := who.need(RightRecord); err != nil {
		return nil, err
	}
	words := wordsOf(p.Content)
	phone := strings.ReplaceAll(p.Phone, "-", "")
	if len(words) < fewWords && phone == "" || !d.Ready() {
		return nil, nil
	}
	if err := d.echoes.fill(d.led); err != nil {
		return nil, err
	}
	var out []Echo
	for _, c := range d.echoes.candidates(words, p, d.sameVoter(phone), d.now().Add(-echoYear)) {
		r, ok := d.echo(c, words, p)
		if ok {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Echo) int {
		return cmp.Or(cmp.Compare(b.score, a.score), b.At.Compare(a.At))
	})
	return out[:min(limit, len(out))], nil
}

// sameVoter tells which visits were of the same phone; nil where none is
// known.
func (d *Desk) sameVoter(phone string) map[ledger.ID]bool {
	if len(phone) < 7 {
		return nil
	}
	out := map[ledger.ID]bool{}
	for _, r := range d.table.all() {
		if strings.ReplaceAll(r.Phone, "-", "") == phone {
			out[r.ID] = true
		}
	}
	return out
}

// echo reads a candidate and judges it by its own words.
func (d *Desk) echo(c candidate, words []uint64, p Probe) (Echo, bool) {
	rec, err := d.led.Record(KindMatter, c.matter)
	if err != nil {
		return Echo{}, false
	}
	m, err := decode[Matter](rec.Entry)
	if err != nil {
		return Echo{}, false // erased
	}
	row, ok := d.table.row(m.Visit)
	if !ok || row.Void {
		return Echo{}, false
	}
	r := Echo{Matter: c.matter, Visit: m.Visit, Number: m.Number, Title: m.Title, Village: m.Village, At: row.At,
		SameVoter: c.voter, SamePlace: p.Village != "" && m.Village == p.Village && m.Category == p.Category && p.Category != ""}
	like := d.echoes.likeness(words, wordsOf(m.Content))
	r.SameWords = like >= alikePlace
	r.score = like
	if r.SameVoter {
		r.score += 2 * alikeAlone
	}
	if r.SamePlace {
		r.score += alikeAlone
	}
	return r, like >= alikeAlone || r.SamePlace && like >= alikePlace ||
		r.SameVoter && (r.SamePlace || like >= alikeVoter || len(words) < fewWords)
}

// maxDistinct is how many earlier matters one is told apart from at most.
const maxDistinct = 20

// checkRepeat checks the form of what an issue says about earlier matters;
// whether they are there is asked when it is recorded.
func checkRepeat(m *Issue, at string, ps *Problems) {
	if m.Repeat = strings.TrimSpace(typed.Fold(m.Repeat)); m.Repeat != "" {
		if n, matter, err := ParseNumber(m.Repeat); err != nil {
			ps.add(at+"repeat", asProblem(err))
		} else {
			m.Repeat = n.Matter(max(matter, 1))
		}
	}
	if len(m.Distinct) > maxDistinct {
		ps.add(at+"distinct", outside(0, maxDistinct))
		m.Distinct = m.Distinct[:maxDistinct]
	}
	m.Distinct = slices.Clone(m.Distinct)
	for i := range m.Distinct {
		x := &m.Distinct[i]
		if n, matter, err := ParseNumber(x.Number); err != nil {
			ps.add(at+"distinct", asProblem(err))
		} else {
			x.Number = n.Matter(max(matter, 1))
		}
		x.Reason = ps.text(at+"distinct", x.Reason, maxLine)
	}
}

// row is a visit's row.
func (t *table) row(id ledger.ID) (*Row, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	p, ok := t.at[id]
	return p.Row, ok
}

// WarmAlike makes Alike ready, if it is not: a screen calls it in the
// background, after Warm, so that it is not done while somebody types.
func (d *Desk) WarmAlike() error { return d.echoes.fill(d.led) }

// echoes keeps of each matter a print of its words: which pairs of characters
// it holds. No text can be read out of it. It is filled at the latest when it
// is first asked, and follows every commit.
type echoes struct {
	filling sync.Mutex
	mu      sync.RWMutex
	filled  bool
	list    []print
	at      map[ledger.ID]int
	common  []uint32 // matters that hold a pair, by the pair's hash
}

// print is one matter's.
type print struct {
	matter, visit     ledger.ID
	village, category string
	written           time.Time
	pairs             [printSize]uint64 // a bit a pair, by its hash
	n                 int               // bits that are set
}

// printSize is a print's length in words of 64 bits.
const printSize = 8

type candidate struct {
	matter ledger.ID
	voter  bool
	score  float64
}

// commonSize is how many pairs are told apart when their rarity is judged.
const commonSize = 1 << 16

// courtesies are what nearly every matter says; a station that has few matters
// yet cannot know that they are common.
var courtesies = strings.NewReplacer("希望", " ", "尽快", " ", "解决", " ", "谢谢", " ", "感谢", " ", "领导", " ", "请问", " ", "能否", " ", "能不能", " ",
	"问题", " ", "有关部门", " ", "相关部门", " ", "反映", " ", "尊敬的", " ", "您好", " ", "为什么", " ", "我们", " ")

// wordsOf is the pairs of characters in a text's first 200, each once:
// letters, digits and Chinese characters only, within one clause.
func wordsOf(text string) []uint64 {
	const most = 200
	var out []uint64
	seen := map[uint64]bool{}
	var last rune
	n := 0
	for _, c := range courtesies.Replace(strings.ToLower(typed.Fold(text))) {
		if n++; n > most {
			break
		}
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			last = 0
			continue
		}
		if last != 0 {
			if h := pair(last, c); !seen[h] {
				seen[h] = true
				out = append(out, h)
			}
		}
		last = c
	}
	return out
}

// pair hashes two characters; the high bits are mixed down, since the low ones
// choose the bit of a print.
func pair(a, b rune) uint64 {
	h := (uint64(a)<<21 ^ uint64(b)) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

func printOf(words []uint64) (p [printSize]uint64, n int) {
	for _, w := range words {
		p[w>>6%printSize] |= 1 << (w & 63)
	}
	for _, x := range p {
		n += bits.OnesCount64(x)
	}
	return p, n
}

// fill reads every matter once.
func (t *echoes) fill(l ledger.Ledger) error {
	t.filling.Lock()
	defer t.filling.Unlock()
	t.mu.RLock()
	filled := t.filled
	t.mu.RUnlock()
	if filled {
		return nil
	}
	t.mu.Lock()
	t.at, t.common, t.filled = map[ledger.ID]int{}, make([]uint32, commonSize), true // commits are followed from here on
	t.mu.Unlock()
	n := 0
	err := l.Each(KindMatter, func(e ledger.Entry) error {
		t.put(e, false)
		yield(n)
		n++
		return nil
	})
	if err != nil {
		t.mu.Lock()
		t.filled, t.list = false, nil
		t.mu.Unlock()
	}
	return err
}

// put takes in a matter. newer says that it replaces what is held; a reading
// of everything does not.
func (t *echoes) put(e ledger.Entry, newer bool) {
	m, err := decode[Matter](e)
	if err != nil {
		return
	}
	words := wordsOf(m.Content)
	p := print{matter: e.ID, visit: m.Visit, village: m.Village, category: m.Category, written: e.At}
	p.pairs, p.n = printOf(words)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.filled {
		return
	}
	if i, ok := t.at[e.ID]; ok {
		if newer {
			t.list[i] = p
		}
		return
	}
	t.at[e.ID] = len(t.list)
	t.list = append(t.list, p)
	for _, w := range words {
		t.common[w%commonSize]++
	}
}

// candidates are the matters worth reading: those whose prints have more in
// common with the words than chance gives, the best first. A matter of the
// same voter, or of the same village and category, comes before the others.
func (t *echoes) candidates(words []uint64, p Probe, voter map[ledger.ID]bool, since time.Time) []candidate {
	const most = 24
	pairs, n := printOf(words)
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []candidate
	for i := range t.list {
		e := &t.list[i]
		if e.written.Before(since) {
			continue
		}
		c := candidate{matter: e.matter, voter: voter[e.visit]}
		both := 0
		for j := range pairs {
			both += bits.OnesCount64(pairs[j] & e.pairs[j])
		}
		if n > 0 && e.n > 0 {
			chance := float64(n) * float64(e.n) / (64 * printSize)
			c.score = (float64(both) - chance) / math.Sqrt(float64(n)*float64(e.n))
		}
		if p.Village != "" && e.village == p.Village && e.category == p.Category {
			c.score += alikeAlone
		}
		if c.voter {
			c.score++
		}
		if c.score >= alikePlace {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return out[:min(most, len(out))]
}

// likeness of two texts is what they have in common by the measure of what
// both are, 0 to 1. A pair weighs the more the fewer matters hold it, so that
// 希望尽快解决 says little.
func (t *echoes) likeness(a, b []uint64) float64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	all := float64(len(t.list))
	weight := func(w uint64) float64 { return math.Log1p(all / float64(1+t.common[w%commonSize])) }
	has := make(map[uint64]bool, len(a))
	var wa, wb, both float64
	for _, w := range a {
		has[w] = true
		wa += weight(w)
	}
	for _, w := range b {
		wb += weight(w)
		if has[w] {
			both += weight(w)
		}
	}
	if wa == 0 || wb == 0 {
		return 0
	}
	return both / math.Sqrt(wa*wb)
}
