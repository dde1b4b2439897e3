package station

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"liaison/station/ledger"
	"liaison/station/pinyin"
	"liaison/station/typed"
)

// A Row is one reception as lists show it. Rows are never changed, only
// replaced.
type Row struct {
	ID      ledger.ID
	Number  Number
	At      time.Time // UTC
	Entered time.Time
	Name    string
	Phone   string
	Village string
	Channel string
	Persons int
	Session ledger.ID
	By      string // account that recorded it
	Void    bool
	Matters []RowMatter

	hay string // what a search looks in
}

// RowMatter is one matter of a row.
type RowMatter struct {
	N           int
	Title       string
	Kind        string
	Category    string
	Disposition string
	Deputy      string
}

// Title is the first matter's, with a count of the others.
func (r *Row) Title() string {
	if len(r.Matters) == 0 {
		return ""
	}
	return r.Matters[0].Title
}

// Late reports 补录.
func (r *Row) Late() bool {
	return typed.DateOf(r.Entered.In(Beijing)).Compare(typed.DateOf(r.At.In(Beijing))) > 0
}

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

// table is every reception in compact form, oldest first, for lists and
// search. It is filled behind the first screen and follows every commit.
type table struct {
	once   sync.Once
	ready  chan struct{}
	mu     sync.RWMutex
	rows   []*Row
	at     map[ledger.ID]*Row
	missed map[ledger.ID]bool // changed while the table was being filled
}

func newTable() *table {
	return &table{ready: make(chan struct{}), missed: map[ledger.ID]bool{}}
}

// Warm fills the search table, if it is not filled yet, and returns when it
// is. Lists and searches call it; a screen calls it in the background first.
func (d *Desk) Warm() error {
	var err error
	d.table.once.Do(func() { err = d.table.fill(d) })
	<-d.table.ready
	return err
}

// Ready reports whether lists are complete.
func (d *Desk) Ready() bool {
	select {
	case <-d.table.ready:
		return true
	default:
		return false
	}
}

func (t *table) fill(d *Desk) error {
	defer close(t.ready)
	names := map[ledger.ID]Voter{}
	issues := map[ledger.ID][]RowMatter{}
	err := d.led.Each(KindVoter, func(e ledger.Entry) error {
		if v, err := decode[Voter](e); err == nil {
			names[e.ID] = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = d.led.Each(KindMatter, func(e ledger.Entry) error {
		if m, err := decode[Matter](e); err == nil {
			issues[m.Visit] = append(issues[m.Visit], m.row())
		}
		return nil
	})
	if err != nil {
		return err
	}
	var rows []*Row
	at := map[ledger.ID]*Row{}
	keys := map[string]string{} // pinyin of names met before
	err = d.led.Each(KindVisit, func(e ledger.Entry) error {
		if v, err := decode[Visit](e); err == nil {
			r := makeRow(e, v, names[e.ID], issues[e.ID], keys)
			rows, at[e.ID] = append(rows, r), r
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(rows, byTime)
	t.mu.Lock()
	t.rows, t.at = rows, at
	missed := t.missed
	t.missed = nil
	t.mu.Unlock()
	for id := range missed {
		t.refresh(d, id)
	}
	return nil
}

func (m Matter) row() RowMatter {
	return RowMatter{N: m.N, Title: m.Title, Kind: m.Kind, Category: m.Category, Disposition: m.Disposition, Deputy: m.Deputy}
}

func makeRow(e ledger.Entry, v Visit, who Voter, ms []RowMatter, keys map[string]string) *Row {
	slices.SortFunc(ms, func(a, b RowMatter) int { return cmp.Compare(a.N, b.N) })
	r := &Row{ID: e.ID, Number: v.Number, At: v.At, Entered: v.Entered, Name: who.Name, Phone: who.Phone, Village: v.Village,
		Channel: v.Channel, Persons: v.Persons, Session: v.Session, By: v.By, Void: v.Void != "", Matters: ms}
	name, ok := keys[who.Name]
	if !ok {
		name = pinyin.KeysName(who.Name)
		if keys != nil {
			keys[who.Name] = name
		}
	}
	var b strings.Builder
	num := strings.ToLower(string(v.Number))
	b.WriteString(num + "\n" + strings.ReplaceAll(num, "-", "") + "\n" + name + "\n" + who.Phone)
	for _, m := range ms {
		b.WriteByte('\n')
		b.WriteString(strings.ToLower(m.Title))
	}
	r.hay = b.String()
	return r
}

func byTime(a, b *Row) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Compare(numberKey(a.Number), numberKey(b.Number))
}

// refresh reads one visit anew.
func (t *table) refresh(d *Desk, id ledger.ID) {
	t.mu.Lock()
	if t.missed != nil { // not filled yet
		t.missed[id] = true
		t.mu.Unlock()
		return
	}
	t.mu.Unlock()
	rec, err := d.led.Record(KindVisit, id)
	if err != nil {
		return // a matter ahead of its visit; the visit's own commit brings it
	}
	v, err := decode[Visit](rec.Entry)
	if err != nil {
		return
	}
	var who Voter
	if rv, err := d.led.Record(KindVoter, id); err == nil && !rv.Absent() {
		who, _ = decode[Voter](rv.Entry)
	}
	_, ms, err := matters(d.led, id)
	if err != nil {
		d.log.Error("read matters", "code", "E-ROW", "id", id, "err", err)
	}
	rms := make([]RowMatter, len(ms))
	for i, m := range ms {
		rms[i] = m.row()
	}
	row := makeRow(rec.Entry, v, who, rms, nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.at[id]; old != nil {
		if i, ok := slices.BinarySearchFunc(t.rows, old, byTime); ok {
			t.rows = slices.Concat(t.rows[:i], t.rows[i+1:])
		}
	}
	i, _ := slices.BinarySearchFunc(t.rows, row, byTime)
	if i == len(t.rows) {
		t.rows = append(t.rows, row) // readers hold shorter slices of the same array
	} else {
		t.rows = slices.Concat(t.rows[:i], []*Row{row}, t.rows[i:])
	}
	t.at[id] = row
}

// List returns the rows that a query selects, newest first, as far as who may
// see them.
func (d *Desk) List(who Who, q Query) ([]*Row, error) {
	if !who.May(RightSeeAll) {
		if err := who.need(RightSeeOwn); err != nil {
			return nil, err
		}
		q.Deputy = cmpOr(who.Deputy, "-")
	}
	if err := d.Warm(); err != nil {
		return nil, err
	}
	m := d.matcher(q)
	d.table.mu.RLock()
	rows := d.table.rows
	d.table.mu.RUnlock()
	var out []*Row
	for i := len(rows) - 1; i >= 0; i-- {
		if q.Limit > 0 && len(out) >= q.Limit {
			break
		}
		if m(rows[i]) {
			out = append(out, rows[i])
		}
	}
	return out, nil
}

// matcher compiles a query.
func (d *Desk) matcher(q Query) func(*Row) bool {
	words := strings.Fields(strings.ToLower(typed.Fold(q.Text)))
	var from, to time.Time
	if !q.From.IsZero() {
		from = q.From.Time(Beijing)
	}
	if !q.To.IsZero() {
		to = q.To.AddDays(1).Time(Beijing)
	}
	var sessions map[ledger.ID]bool
	if q.Deputy != "" {
		sessions = d.sessionsOf(q.Deputy)
	}
	return func(r *Row) bool {
		for _, w := range words {
			if !strings.Contains(r.hay, w) {
				return false
			}
		}
		if !from.IsZero() && r.At.Before(from) || !to.IsZero() && !r.At.Before(to) {
			return false
		}
		if q.Deputy != "" && !sessions[r.Session] && !slices.ContainsFunc(r.Matters, func(m RowMatter) bool { return m.Deputy == q.Deputy }) {
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

// sessionsOf returns the sessions at which a deputy sat.
func (d *Desk) sessionsOf(code string) map[ledger.ID]bool {
	out := map[ledger.ID]bool{}
	err := d.led.Each(KindSession, func(e ledger.Entry) error {
		if s, err := readSession(e); err == nil && slices.Contains(s.Deputies, code) {
			out[e.ID] = true
		}
		return nil
	})
	if err != nil {
		d.log.Error("read sessions", "code", "E-SESSIONS", "err", err)
	}
	return out
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
// voter, newest first, at most limit. Only those who record may ask.
func (d *Desk) Recall(who Who, text string, limit int) ([]Earlier, error) {
	if err := who.need(RightRecord); err != nil {
		return nil, err
	}
	text = strings.ToLower(strings.TrimSpace(typed.Fold(text)))
	digits := text != "" && strings.Trim(text, "0123456789") == ""
	if text == "" || digits && len(text) < 4 || !d.Ready() {
		return nil, nil
	}
	d.table.mu.RLock()
	rows := d.table.rows
	d.table.mu.RUnlock()
	known := map[string]bool{}
	var out []Earlier
	for i := len(rows) - 1; i >= 0 && len(out) < limit; i-- {
		r := rows[i]
		if r.Name == "" || r.Void {
			continue
		}
		hit := false
		if digits {
			hit = strings.HasPrefix(r.Phone, text) || strings.HasSuffix(r.Phone, text)
		} else {
			hit = strings.Contains(r.nameKeys(), text)
		}
		if who := r.Name + "\x00" + r.Phone; hit && !known[who] {
			known[who] = true
			out = append(out, Earlier{Name: r.Name, Phone: r.Phone, Village: r.Village, Last: r.At, Title: r.Title(), Number: r.Number})
		}
	}
	return out, nil
}

// nameKeys is the third line of the hay.
func (r *Row) nameKeys() string {
	_, rest, _ := strings.Cut(r.hay, "\n")
	_, rest, _ = strings.Cut(rest, "\n")
	keys, _, _ := strings.Cut(rest, "\n")
	return keys
}
