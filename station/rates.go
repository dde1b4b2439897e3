package station

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// RateQuery selects the matters that rates are made from: those of receptions
// of the days From..To. Zero fields select all.
type RateQuery struct {
	From, To typed.Date
	Station  string
	Unit     string
	Category string // a first-level code selects its whole branch
}

// Complete reports whether a station that was last heard of at a moment has sent
// all that the rates count: it was heard of after the period was over, or, of
// one that still runs, within the last day.
func (q RateQuery) Complete(seen, now time.Time) bool {
	from := now.Add(-24 * time.Hour)
	if end := q.To.AddDays(1).Time(Beijing); !q.To.IsZero() && end.Before(from) {
		from = end
	}
	return !seen.IsZero() && !seen.Before(from)
}

// A RateLine is one rate with what it means. Both numbers are kept; nothing is
// stored as a percentage (DOMAIN 3.6).
type RateLine struct {
	Code string `json:"code"`
	Text Text   `json:"-"`
	Head Text   `json:"-"` // over a column
	Rule Text   `json:"-"` // what is divided by what
	Rate Rate   `json:"rate"`
}

// Rates are the lines, and the moment until which they count.
type Rates struct {
	At       time.Time  `json:"at"` // cut-off: what had arrived here by then
	Stations []string   `json:"stations"`
	Matters  int        `json:"matters"` // not void
	Lines    []RateLine `json:"lines"`
}

// A rate is one row of the table: of which matters (den) how many (num).
type rate struct {
	code     string
	text     Text
	head     Text
	rule     Text
	den, num func(*Desk, *fate) bool
}

// handedOut are matters that were handed to a unit and are its to answer:
// without those that were joined to another, returned or turned away
// (DOMAIN 3.6: 撤回、并案 and what was not received do not count). What was
// answered was somebody's to answer, also where it was handed out otherwise than
// by 交办: no rate may have more answers than this one.
func handedOut(d *Desk, b *fate) bool {
	return hasReply(d, b) || b.assigned != 0 && b.lead == "" && b.state != StReturned && b.state != StNotAccepted
}

func hasReply(_ *Desk, b *fate) bool { return b.replied != 0 && b.lead == "" }

// satisfied is what counts of both axes: refusals and those who were not
// reached are no ratings.
func satisfied(b *fate) string {
	switch s := Worse(b.attitude, b.outcome); s {
	case "good", "fair", "bad":
		return s
	}
	return ""
}

func isRated(_ *Desk, b *fate) bool { return satisfied(b) != "" }

// rateTable is DOMAIN 3.6, in its order.
var rateTable = []rate{
	{"onspot", Text{"当场答复率", "Answered on the spot"}, Text{"当场", "On spot"}, Text{"当场答复 ÷ 全部事项", "answered on the spot ÷ all matters"},
		func(*Desk, *fate) bool { return true }, func(_ *Desk, b *fate) bool { return b.disposition == "onspot" }},
	{"replied", Text{"答复率", "Replied"}, Text{"答复", "Replied"}, Text{"已答复 ÷ 应办理(已交办,不含并案、退回、不予受理)", "replied ÷ handed out, without those joined, returned or turned away"},
		handedOut, func(d *Desk, b *fate) bool { return hasReply(d, b) }},
	{"intime", Text{"按时答复率", "Replied in time"}, Text{"按时", "In time"}, Text{"期限内答复 ÷ 已答复", "replied within the limit ÷ replied"},
		hasReply, func(_ *Desk, b *fate) bool { return b.inTime }},
	{"met", Text{"见面率", "Met first"}, Text{"见面", "Met"}, Text{"答复前见面联系 ÷ 已答复", "met the voter before replying ÷ replied"},
		hasReply, func(_ *Desk, b *fate) bool { return b.met }},
	{"done", Text{"办成率", "Really done"}, Text{"办成", "Done"}, Text{"结果分类计为办成(A) ÷ 已答复", "result class counts as done (A) ÷ replied"},
		hasReply, func(d *Desk, b *fate) bool { return d.rules().class[b.class].CountsDone }},
	{"good", Text{"满意率", "Satisfied"}, Text{"满意", "Satisfied"}, Text{"满意 ÷ 已评价(拒评、联系不上不计)", "satisfied ÷ rated; refused and not reached do not count"},
		isRated, func(_ *Desk, b *fate) bool { return satisfied(b) == "good" }},
	{"fair", Text{"满意率(含基本满意)", "Satisfied or fairly"}, Text{"含基本", "Or fairly"}, Text{"满意和基本满意 ÷ 已评价", "satisfied and fairly satisfied ÷ rated"},
		isRated, func(_ *Desk, b *fate) bool { return satisfied(b) != "bad" }},
	{"told", Text{"反馈率", "Voter told"}, Text{"反馈", "Told"}, Text{"已反馈选民 ÷ 已答复", "voter told ÷ replied"},
		hasReply, func(_ *Desk, b *fate) bool { return b.told != 0 }},
	{"kept", Text{"落实率", "Promises kept"}, Text{"落实", "Kept"}, Text{"承诺已兑现 ÷ 有承诺", "promises kept ÷ promised"},
		func(_ *Desk, b *fate) bool { return b.promise != 0 }, func(_ *Desk, b *fate) bool { return b.kept != 0 }},
}

// newRates has every line, with nothing counted yet.
func newRates(at time.Time) *Rates {
	out := &Rates{At: at}
	for _, r := range rateTable {
		out.Lines = append(out.Lines, RateLine{Code: r.code, Text: r.text, Head: r.head, Rule: r.rule})
	}
	return out
}

// count takes one matter into the lines.
func (out *Rates) count(d *Desk, b *fate) {
	out.Matters++
	if i, ok := slices.BinarySearch(out.Stations, b.station); !ok {
		out.Stations = slices.Insert(out.Stations, i, b.station)
	}
	for i, r := range rateTable {
		if !r.den(d, b) {
			continue
		}
		out.Lines[i].Rate.Den++
		if r.num(d, b) {
			out.Lines[i].Rate.Num++
		}
	}
}

// Rates counts. Void receptions are not counted; a rate with nothing to divide
// by has no value.
func (d *Desk) Rates(who Who, q RateQuery) (Rates, error) {
	out := newRates(d.now())
	err := d.eachRated(who, q, func(b *fate) { out.count(d, b) })
	return *out, err
}

// RatesBy counts apart for each "station", "unit" or "category" (first level).
func (d *Desk) RatesBy(who Who, q RateQuery, group string) (map[string]*Rates, error) {
	by, now := map[string]*Rates{}, d.now()
	err := d.eachRated(who, q, func(b *fate) {
		k := groupOf(b, group)
		if by[k] == nil {
			by[k] = newRates(now)
		}
		by[k].count(d, b)
	})
	return by, err
}

// Narrow is the query for one of the groups.
func (q RateQuery) Narrow(group, key string) RateQuery {
	switch group {
	case "station":
		q.Station = key
	case "unit":
		q.Unit = key
	default:
		q.Category = key
	}
	return q
}

func groupOf(b *fate, group string) string {
	switch group {
	case "station":
		return b.station
	case "unit":
		return b.unit
	}
	c := b.category()
	return c[:min(1, len(c))]
}

func (b *fate) category() string {
	if b.n < len(b.row.Matters) {
		return b.row.Matters[b.n].Category
	}
	return ""
}

// RateRows lists the matters behind a rate: those that count, and those that
// are divided by, newest first. The lives come without their steps.
func (d *Desk) RateRows(who Who, q RateQuery, code string) (num, den []Life, err error) {
	i := slices.IndexFunc(rateTable, func(r rate) bool { return r.code == code })
	if i < 0 {
		return nil, nil, ledger.ErrNotFound
	}
	var ids []*fate
	if err := d.eachRated(who, q, func(b *fate) {
		if rateTable[i].den(d, b) {
			ids = append(ids, b)
		}
	}); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(ids, func(a, b *fate) int {
		return cmp.Or(b.row.At.Compare(a.row.At), strings.Compare(numberKey(b.row.Number), numberKey(a.row.Number)), cmp.Compare(a.n, b.n))
	})
	for _, b := range ids {
		l, err := d.listed(b.id, b.row)
		if err != nil {
			return nil, nil, err
		}
		den = append(den, l)
		if rateTable[i].num(d, b) {
			num = append(num, l)
		}
	}
	return num, den, nil
}

// eachRated calls fn with every matter that counts. The table is locked for
// reading meanwhile.
func (d *Desk) eachRated(who Who, q RateQuery, fn func(*fate)) error {
	own := ""
	if !who.May(RightSeeAll) {
		if err := who.need(RightSeeOwn); err != nil {
			return err
		}
		if own = who.Deputy; own == "" {
			return nil
		}
	}
	if err := d.Warm(); err != nil {
		return err
	}
	from, to := q.From.Time(Beijing), q.To.AddDays(1).Time(Beijing)
	t := d.table
	t.mu.RLock()
	defer t.mu.RUnlock()
	concerns := func(*Row) bool { return true }
	if own != "" {
		concerns = t.concerns(own)
	}
	for _, b := range t.fates {
		switch {
		case b.row == nil || b.row.Void,
			!q.From.IsZero() && b.row.At.Before(from),
			!q.To.IsZero() && !b.row.At.Before(to),
			q.Station != "" && b.station != q.Station,
			q.Unit != "" && b.unit != q.Unit,
			!concerns(b.row):
			continue
		}
		if c := b.category(); q.Category != "" && c != q.Category && !(len(q.Category) == 1 && strings.HasPrefix(c, q.Category)) {
			continue
		}
		fn(b)
	}
	return nil
}
