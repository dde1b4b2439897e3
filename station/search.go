package station

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/pinyin"
	"liaison/station/typed"
)

// A Query selects rows; zero fields select all. Text is matched against
// number, name, initials, pinyin, phone and title; its words must all match.
type Query struct {
	Text        string
	From, To    typed.Date
	Category    string // a first-level code selects its whole branch
	Disposition string
	Deputy      string // only what concerns this deputy
	Station     string // at the city: only this one's
	Limit       int    // 0: all
}

// List returns the rows that a query selects, newest first, as far as who may
// see them.
func (d *Desk) List(who Who, q Query) ([]*Row, error) {
	own := "" // the deputy who sees nothing else
	if !who.May(RightSeeAll) {
		if err := who.need(RightSeeOwn); err != nil {
			return nil, err
		}
		if who.Deputy == "" {
			return nil, nil
		}
		own = who.Deputy
	}
	if err := d.Warm(); err != nil {
		return nil, err
	}
	rows, fits := d.table.compile(q, own)
	var out []*Row
	for _, r := range slices.Backward(between(rows, q.From, q.To)) {
		if q.Limit > 0 && len(out) >= q.Limit {
			break
		}
		if fits(r) {
			out = append(out, r.Row)
		}
	}
	return out, nil
}

// all is every row, oldest first. The slice is never changed.
func (t *table) all() []placed {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.rows
}

// between cuts the rows of the days from..to out of all, which are in order;
// zero is an open end.
func between(rows []placed, from, to typed.Date) []placed {
	start := func(d typed.Date) int {
		t := d.Time(Beijing)
		i, _ := slices.BinarySearchFunc(rows, t, func(r placed, t time.Time) int { return cmp.Or(r.At.Compare(t), 1) })
		return i
	}
	if !to.IsZero() {
		rows = rows[:start(to.AddDays(1))]
	}
	if !from.IsZero() {
		rows = rows[start(from):]
	}
	return rows
}

// compile gives the rows of this moment, oldest first, and what tells whether
// one fits a query but for its days. Where own is given, it must concern that
// deputy too.
func (t *table) compile(q Query, own string) (rows []placed, fits func(placed) bool) {
	words := queryWords(q.Text)
	t.mu.RLock()
	defer t.mu.RUnlock()
	found, certain := t.sieve.candidates(words)
	if certain {
		words = nil
	}
	var concerns []func(*Row) bool
	for _, code := range []string{q.Deputy, own} {
		if code != "" {
			concerns = append(concerns, t.concerns(code))
		}
	}
	return t.rows, func(r placed) bool {
		if !has(found, r.slot) {
			return false
		}
		for _, f := range concerns {
			if !f(r.Row) {
				return false
			}
		}
		for _, w := range words {
			if !strings.Contains(r.hay, w) {
				return false
			}
		}
		if q.Station != "" && r.Station != q.Station {
			return false
		}
		if q.Category == "" && q.Disposition == "" {
			return true
		}
		return slices.ContainsFunc(r.Matters, func(m RowMatter) bool {
			return (q.Category == "" || m.Category == q.Category || len(q.Category) == 1 && strings.HasPrefix(m.Category, q.Category)) &&
				(q.Disposition == "" || m.Disposition == q.Disposition)
		})
	}
}

// concerns compiles what concerns a deputy: sessions the deputy sat at, and
// matters the deputy replied to. The table is locked for reading.
func (t *table) concerns(code string) func(*Row) bool {
	sessions := map[ledger.ID]bool{}
	for id, deputies := range t.seats {
		if slices.Contains(deputies, code) {
			sessions[id] = true
		}
	}
	return func(r *Row) bool {
		return sessions[r.Session] || slices.ContainsFunc(r.Matters, func(m RowMatter) bool { return m.Deputy == code })
	}
}

// queryWords folds a query the way the hay is folded. A matter's number finds
// its reception; a phone number typed in groups is one word.
func queryWords(text string) []string {
	words := strings.Fields(pinyin.Fold(text))
	if phone := strings.Join(words, ""); len(words) > 1 && len(phone) >= 7 && digitsOnly(phone) {
		return []string{phone}
	}
	for i, w := range words {
		if n, matter, ok := strings.Cut(w, "/"); ok && n != "" && digitsOnly(matter) {
			words[i] = n
		}
	}
	return words
}

// digitsOnly reports whether s holds digits and nothing else; also where it
// is empty.
func digitsOnly(s string) bool { return strings.Trim(s, "0123456789") == "" }

// An Earlier is a voter who has been here before.
type Earlier struct {
	Name    string
	Phone   string
	Village string
	Last    time.Time
	Title   string // of the last matter
	Number  Number
}

// Recall finds earlier voters by the beginning or the tail of a phone number
// (four digits or more), by name, initials or pinyin; the latest visit of each
// voter, newest first, at most limit. Only those who record may ask. While
// the search table is still being filled it finds nobody.
func (d *Desk) Recall(who Who, text string, limit int) ([]Earlier, error) {
	if err := who.need(RightRecord); err != nil {
		return nil, err
	}
	text = pinyin.Fold(text)
	phone := strings.NewReplacer("-", "", " ", "").Replace(text)
	digits := digitsOnly(phone)
	if text == "" || digits && len(phone) < 4 || !d.Ready() {
		return nil, nil
	}
	known := map[string]bool{}
	var out []Earlier
	for _, r := range slices.Backward(d.table.all()) {
		if len(out) >= limit {
			break
		}
		if r.Name == "" || r.Void {
			continue
		}
		hit := false
		if digits {
			p := strings.ReplaceAll(r.Phone, "-", "")
			hit = strings.HasPrefix(p, phone) || strings.HasSuffix(p, phone)
		} else {
			hit = strings.Contains(r.keys, text)
		}
		if who := r.Name + "\x00" + r.Phone; hit && !known[who] {
			known[who] = true
			out = append(out, Earlier{Name: r.Name, Phone: r.Phone, Village: r.Village, Last: r.At, Title: r.Title(), Number: r.Number})
		}
	}
	return out, nil
}
