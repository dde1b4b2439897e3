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
	fits, err := d.matcher(q, own)
	if err != nil {
		return nil, err
	}
	var out []*Row
	for _, r := range slices.Backward(between(d.table.all(), q.From, q.To)) {
		if q.Limit > 0 && len(out) >= q.Limit {
			break
		}
		if fits(r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// all is every row, oldest first. The slice is never changed.
func (t *table) all() []*Row {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.rows
}

// between cuts the rows of the days from..to out of all, which are in order;
// zero is an open end.
func between(rows []*Row, from, to typed.Date) []*Row {
	start := func(d typed.Date) int {
		t := d.Time(Beijing)
		i, _ := slices.BinarySearchFunc(rows, t, func(r *Row, t time.Time) int { return cmp.Or(r.At.Compare(t), 1) })
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

// matcher compiles the rest of a query. Where own is given, what it selects must concern
// that deputy too.
func (d *Desk) matcher(q Query, own string) (func(*Row) bool, error) {
	words := queryWords(q.Text)
	var concerns []func(*Row) bool
	for _, code := range []string{q.Deputy, own} {
		if code == "" {
			continue
		}
		f, err := d.concerns(code)
		if err != nil {
			return nil, err
		}
		concerns = append(concerns, f)
	}
	return func(r *Row) bool {
		for _, w := range words {
			if !strings.Contains(r.hay, w) {
				return false
			}
		}
		for _, f := range concerns {
			if !f(r) {
				return false
			}
		}
		if q.Category == "" && q.Disposition == "" {
			return true
		}
		return slices.ContainsFunc(r.Matters, func(m RowMatter) bool {
			return (q.Category == "" || m.Category == q.Category || len(q.Category) == 1 && strings.HasPrefix(m.Category, q.Category)) &&
				(q.Disposition == "" || m.Disposition == q.Disposition)
		})
	}, nil
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

// concerns compiles what concerns a deputy: sessions the deputy sat at, and
// matters the deputy replied to.
func (d *Desk) concerns(code string) (func(*Row) bool, error) {
	sessions := map[ledger.ID]bool{}
	err := each(d.led, KindSession, func(id ledger.ID, s Session) {
		if slices.Contains(s.Deputies, code) {
			sessions[id] = true
		}
	})
	return func(r *Row) bool {
		return sessions[r.Session] || slices.ContainsFunc(r.Matters, func(m RowMatter) bool { return m.Deputy == code })
	}, err
}

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
