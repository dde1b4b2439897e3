package station

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"liaison/station/ledger"
	"liaison/station/pinyin"
	"liaison/station/typed"
)

// A Row is one reception as lists show it. Rows are never changed, only
// replaced.
type Row struct {
	ID      ledger.ID
	Station string // who wrote it
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

	keys string // the name as it may be typed, one form a line; a part of hay
	hay  string // what a search looks in
}

// placed is a row with its number in the sieve, so that a search need not
// touch the rows it passes over.
type placed struct {
	*Row
	slot int
}

// RowMatter is one matter of a row.
type RowMatter struct {
	N           int    `json:"n"`
	Title       string `json:"title"`
	Kind        string `json:"kind"`
	Category    string `json:"category"`
	Disposition string `json:"disposition"`
	Deputy      string `json:"deputy"`
	Village     string `json:"village"` // where the matter lies (问题属地)

	ID      ledger.ID `json:"-"`
	station string
	fate    *fate
}

// classed is how the matter is classed now, which the rates count by too.
func (m *RowMatter) classed() string {
	if m.fate != nil {
		return m.fate.disposition
	}
	return m.Disposition
}

// Title is the first matter's.
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

// table is every reception in compact form, oldest first, for lists and
// search. It is filled behind the first screen and follows every commit.
type table struct {
	ready chan struct{} // closed once it is filled

	// turn is held from reading records until their rows are in place, so
	// that of two who read the same visit the one who read later is also the
	// one whose row stays.
	turn   sync.Mutex
	ruling sync.Mutex  // held by the one who makes every row anew; taken before turn
	stale  atomic.Bool // the rules have changed, and nobody has made the rows anew

	mu    sync.RWMutex // guards what follows; never held while reading records
	rows  []placed     // replaced or appended to, never changed in place
	at    map[ledger.ID]placed
	sieve sieve
	seats map[ledger.ID][]string // the deputies of each session
	live  []*fate                // what may still wait for somebody, with holes
	free  []int                  // the holes
	fates map[ledger.ID]*fate    // every matter's
	late  *changed               // what changes while everything is read; nil at other times
	blind map[ledger.ID]Number   // visits that could not be read, with the number where something else tells it
}

// changed names the records that a commit touched.
type changed struct {
	visits, sessions map[ledger.ID]bool
}

func newChanged() *changed {
	return &changed{visits: map[ledger.ID]bool{}, sessions: map[ledger.ID]bool{}}
}

func newTable() *table {
	return &table{ready: make(chan struct{}), at: map[ledger.ID]placed{}, seats: map[ledger.ID][]string{},
		fates: map[ledger.ID]*fate{}, late: newChanged()}
}

// Warm fills the search table, if it is not filled yet, and returns when it
// is; those who watch hear of it. Lists and searches call it; a screen calls
// it in the background first. After an error the next call tries again.
func (d *Desk) Warm() error {
	t := d.table
	if d.Ready() {
		return nil
	}
	t.turn.Lock()
	defer t.turn.Unlock()
	if d.Ready() {
		return nil
	}
	if err := t.fill(d); err != nil {
		return fmt.Errorf("fill the search table: %w", err)
	}
	d.watch.tell()
	return nil
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

// fill reads everything. What is committed meanwhile is noted in late and
// read once more at the end.
func (t *table) fill(d *Desk) error {
	rows, seats, blind, err := readRows(d)
	if err != nil {
		return err
	}
	t.put(rows, seats)
	t.setBlind(blind)
	t.put(reread(d, t.takeLate()))
	close(t.ready)
	return nil
}

// rerule makes every row anew after the rules have changed: deadlines are
// counted by them. In a large city that takes seconds, and who commits
// meanwhile waits for none of it: his rows are made by the new rules already,
// and stay.
func (t *table) rerule(d *Desk) error {
	t.ruling.Lock()
	defer t.ruling.Unlock()
	if !t.gatherLate(d) {
		return nil // whoever fills it reads the rules of now
	}
	rows, seats, blind, err := readRows(d)
	t.turn.Lock()
	defer t.turn.Unlock()
	late := t.takeLate()
	if err != nil {
		return err
	}
	t.setBlind(blind)
	maps.DeleteFunc(seats, func(id ledger.ID, _ []string) bool { return late.sessions[id] })
	t.put(slices.DeleteFunc(rows, func(r *Row) bool { return late.visits[r.ID] }), seats)
	return nil
}

// gatherLate begins to note what changes, once the table is filled.
func (t *table) gatherLate(d *Desk) bool {
	t.turn.Lock() // who fills it comes to the end first
	defer t.turn.Unlock()
	if !d.Ready() {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.late = newChanged()
	return true
}

// takeLate returns what changed while everything was read, and ends the noting.
func (t *table) takeLate() *changed {
	t.mu.Lock()
	defer t.mu.Unlock()
	late := t.late
	t.late = nil
	return late
}

// readRows makes the rows of every visit. It reads the kinds side by side: a
// list that is asked for meanwhile waits for it.
func readRows(d *Desk) ([]*Row, map[ledger.ID][]string, map[ledger.ID]Number, error) {
	type named struct {
		id      ledger.ID
		station string
		visit   Visit
	}
	var (
		l      = d.led
		visits []named
		bad    []ledger.ID
		names  = map[ledger.ID]Voter{}
		issues = map[ledger.ID][]RowMatter{}
		seats  = map[ledger.ID][]string{}
		sent   = map[ledger.ID]contactOfVisit{}
		steps  map[ledger.ID][]Done
		errs   [6]error
		all    sync.WaitGroup
	)
	all.Go(func() {
		n := 0
		errs[0] = l.Each(KindVisit, func(e ledger.Entry) error {
			if v, err := decode[Visit](e); err == nil {
				visits = append(visits, named{e.ID, e.Stream.Writer(), v})
			} else {
				bad = append(bad, e.ID)
			}
			yield(n)
			n++
			return nil
		})
	})
	all.Go(func() { errs[1] = each(l, KindVoter, func(id ledger.ID, v Voter) { names[id] = v }) })
	all.Go(func() { issues, errs[2] = readMatters(l) })
	all.Go(func() { errs[3] = each(l, KindSession, func(id ledger.ID, s Session) { seats[id] = s.Deputies }) })
	if l.Own().Writer() == CityCode {
		all.Go(func() {
			errs[4] = eachBy(l, KindContact, func(_ ledger.ID, writer string, c Contact) {
				if c.Name != "" || c.Phone != "" {
					sent[c.Visit] = contactOfVisit{writer, Voter{Name: c.Name, Phone: c.Phone}}
				}
			})
		})
	}
	all.Go(func() { steps, errs[5] = readSteps(l) })
	all.Wait()
	rows := make([]*Row, 0, len(visits))
	keys := map[string]string{} // pinyin of names met before
	words, rules := map[string]string{}, d.rules()
	void := map[ledger.ID]bool{}
	for _, v := range visits {
		if v.visit.Void != "" {
			for _, m := range issues[v.id] {
				void[m.ID] = true
			}
		}
	}
	markVoid(steps, void)
	for i, v := range visits {
		yield(i)
		for j := range issues[v.id] {
			m := &issues[v.id][j]
			m.setFate(v.id, v.visit, steps[m.ID], rules, words)
		}
		who := names[v.id]
		if c := sent[v.id]; who == (Voter{}) && c.station == v.station {
			who = c.voter
		}
		rows = append(rows, makeRow(v.id, v.station, v.visit, who, issues[v.id], keys))
	}
	blind := map[ledger.ID]Number{}
	for _, id := range bad {
		blind[id] = numberOf(l, id, issues[id])
	}
	return rows, seats, blind, errors.Join(errs[:]...)
}

// numberOf finds the number of a visit that cannot be read: an earlier revision
// of it has it, and so have its matters; "" where neither can be read.
func numberOf(l ledger.Ledger, visit ledger.ID, ms []RowMatter) Number {
	es, err := l.History(KindVisit, visit)
	if err != nil {
		es = nil
	}
	for _, e := range es {
		if v, err := decode[Visit](e); err == nil {
			return v.Number
		}
	}
	for _, m := range ms {
		if rec, err := l.Record(KindMatter, m.ID); err == nil {
			if m, err := decode[Matter](rec.Entry); err == nil {
				n, _, _ := strings.Cut(m.Number, "/")
				return Number(n)
			}
		}
	}
	return ""
}

func (t *table) setBlind(blind map[ledger.ID]Number) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.blind = blind
}

// Unlisted are the numbers of the receptions that List leaves out because they
// cannot be read, "" where the number cannot be read either; as far as who may
// see all.
func (d *Desk) Unlisted(who Who) []Number {
	if !who.May(RightSeeAll) {
		return nil
	}
	t := d.table
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []Number
	for id, n := range t.blind {
		if _, back := t.at[id]; !back {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// contactOfVisit is the name that a station sent for one of its visits.
type contactOfVisit struct {
	station string
	voter   Voter
}

// rowMatter is the part of a Matter that a row keeps, as it is stored.
type rowMatter struct {
	Visit ledger.ID `json:"visit"`
	RowMatter
}

// readMatters reads every matter, by visit.
func readMatters(l ledger.Ledger) (map[ledger.ID][]RowMatter, error) {
	out, n := map[ledger.ID][]RowMatter{}, 0
	err := l.Each(KindMatter, func(e ledger.Entry) error {
		if m, err := decode[rowMatter](e); err == nil {
			m.ID, m.station = e.ID, e.Stream.Writer()
			out[m.Visit] = append(out[m.Visit], m.RowMatter)
		}
		yield(n)
		n++
		return nil
	})
	return out, err
}

// readSteps reads every step, by matter.
func readSteps(l ledger.Ledger) (map[ledger.ID][]Done, error) {
	out, n := map[ledger.ID][]Done{}, 0
	err := l.Each(KindStep, func(e ledger.Entry) error {
		if s, err := doneOf(e); err == nil {
			out[s.Matter] = append(out[s.Matter], s)
		}
		yield(n)
		n++
		return nil
	})
	joins := map[ledger.ID][]Done{} // the city's, by both matters
	for _, steps := range out {
		for _, c := range steps {
			if c.City && c.Action == DoJoin {
				joins[c.Matter], joins[c.Lead] = append(joins[c.Matter], c), append(joins[c.Lead], c)
			}
		}
	}
	for _, steps := range out {
		for i := range steps {
			s := &steps[i]
			if s.Action == DoJoin && !s.City {
				s.crossed = slices.ContainsFunc(slices.Concat(joins[s.Matter], joins[s.Lead]), func(c Done) bool { return crosses(c, *s) })
			}
		}
	}
	return out, err
}

// markVoid marks the joins to matters that are void now.
func markVoid(steps map[ledger.ID][]Done, void map[ledger.ID]bool) {
	for _, of := range steps {
		for i := range of {
			of[i].leadVoid = of[i].Action == DoJoin && void[of[i].Lead]
		}
	}
}

// setFate folds the matter's life for the table.
func (m *RowMatter) setFate(visit ledger.ID, v Visit, steps []Done, r *rules, words map[string]string) {
	l := lifeOf(m.ID, Matter{Visit: visit, N: m.N, Disposition: m.Disposition, Deputy: m.Deputy}, v, m.station, steps)
	if l.proposed() {
		l.Number = v.Number.Matter(m.N)
	}
	l.reckon(r)
	m.fate = fateOf(&l, words)
}

func (m Matter) row(id ledger.ID, station string) RowMatter {
	return RowMatter{ID: id, station: station, N: m.N, Title: m.Title, Kind: m.Kind, Category: m.Category, Disposition: m.Disposition, Deputy: m.Deputy, Village: m.Village}
}

func makeRow(id ledger.ID, station string, v Visit, who Voter, ms []RowMatter, names map[string]string) *Row {
	slices.SortFunc(ms, func(a, b RowMatter) int { return cmp.Compare(a.N, b.N) })
	r := &Row{ID: id, Station: station, Number: v.Number, At: v.At, Entered: v.Entered, Name: who.Name, Phone: who.Phone, Village: v.Village,
		Channel: v.Channel, Persons: v.Persons, Session: v.Session, By: v.By, Void: v.Void != "", Matters: ms}
	for i := range ms {
		if ms[i].fate != nil {
			ms[i].fate.row, ms[i].fate.n = r, i
		}
	}
	name, ok := names[who.Name]
	if !ok {
		name = pinyin.KeysName(who.Name)
		if names != nil {
			names[who.Name] = name
		}
	}
	num := strings.ToLower(string(v.Number))
	parts := []string{num, strings.ReplaceAll(num, "-", ""), who.Phone}
	if digits := strings.ReplaceAll(who.Phone, "-", ""); digits != who.Phone {
		parts = append(parts, digits)
	}
	for _, m := range ms {
		parts = append(parts, pinyin.Fold(m.Title))
	}
	r.hay = name + "\n" + strings.Join(parts, "\n")
	r.keys = r.hay[:len(name)]
	return r
}

// byTime orders rows, and tells any two apart.
func byTime(a, b placed) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(numberKey(a.Number), numberKey(b.Number)), strings.Compare(string(a.ID), string(b.ID)))
}

// refresh reads anew what a commit touched. Before the table is filled that is
// left to the one who fills it.
func (t *table) refresh(d *Desk, c *changed) {
	if len(c.visits)+len(c.sessions) == 0 || t.note(c) && !d.Ready() {
		return
	}
	t.turn.Lock()
	defer t.turn.Unlock()
	t.put(reread(d, c))
}

// note adds to what changed while everything is read, if somebody is at it.
func (t *table) note(c *changed) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.late == nil {
		return false
	}
	maps.Copy(t.late.visits, c.visits)
	maps.Copy(t.late.sessions, c.sessions)
	return true
}

// reread makes the rows of some visits and the seats of some sessions. A
// matter ahead of its visit, or a record that cannot be read, makes none: the
// visit's own commit brings it, or the check names it.
func reread(d *Desk, c *changed) ([]*Row, map[ledger.ID][]string) {
	l := d.led
	var rows []*Row
	for id := range c.visits {
		f, err := read(l, id)
		if err != nil {
			continue
		}
		ms := make([]RowMatter, len(f.Matters))
		for i, m := range f.Matters {
			ms[i] = m.row(f.matterIDs[i], f.matterRevs[i].Stream.Writer())
			if steps, err := d.steps(ms[i].ID); err == nil {
				ms[i].setFate(id, f.Visit, steps, d.rules(), nil)
			}
		}
		rows = append(rows, makeRow(id, f.Station, f.Visit, f.Voter, ms, nil))
	}
	seats := map[ledger.ID][]string{}
	for id := range c.sessions {
		if rec, err := l.Record(KindSession, id); err == nil {
			if s, err := readSession(rec.Entry); err == nil {
				seats[id] = s.Deputies
			}
		}
	}
	return rows, seats
}

// put places rows, each instead of its earlier one, and seats. The caller has
// the turn.
func (t *table) put(rows []*Row, seats map[ledger.ID][]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.Copy(t.seats, seats)
	var fresh, gone []placed
	for _, r := range rows {
		old, was := t.at[r.ID]
		p := placed{r, len(t.at)}
		if was {
			p.slot = old.slot
			gone = append(gone, old)
		}
		fresh = append(fresh, p)
		t.at[r.ID] = p
		for i := range r.Matters {
			t.putFate(r.Matters[i].fate)
		}
		t.sieve.put(p.slot, r.hay)
	}
	slices.SortFunc(fresh, byTime)
	slices.SortFunc(gone, byTime)
	if len(gone) == 0 && (len(fresh) == 0 || len(t.rows) == 0 || byTime(t.rows[len(t.rows)-1], fresh[0]) < 0) {
		t.rows = append(t.rows, fresh...) // readers hold shorter slices of the same array
		return
	}
	t.rows = merge(t.rows, fresh, gone)
}

// putFate places a fate instead of its earlier one. The table is locked.
func (t *table) putFate(b *fate) {
	if b == nil {
		return
	}
	old, was := t.fates[b.id]
	t.fates[b.id] = b
	b.slot = -1
	if was && old.slot >= 0 {
		b.slot = old.slot
	}
	switch {
	case !b.waits():
		if b.slot >= 0 {
			t.live[b.slot], t.free, b.slot = nil, append(t.free, b.slot), -1
		}
		return
	case b.slot >= 0:
	case len(t.free) > 0:
		b.slot, t.free = t.free[len(t.free)-1], t.free[:len(t.free)-1]
	default:
		b.slot, t.live = len(t.live), append(t.live, nil)
	}
	t.live[b.slot] = b
}

// merge makes a new list of rows with the fresh ones and without those that
// are gone. All are in order, and what is gone is there.
func merge(rows, fresh, gone []placed) []placed {
	out := make([]placed, 0, len(rows)+len(fresh)+64)
	for len(fresh)+len(gone) > 0 {
		if len(fresh) == 0 || len(gone) > 0 && byTime(gone[0], fresh[0]) <= 0 {
			i, _ := slices.BinarySearchFunc(rows, gone[0], byTime)
			out = append(out, rows[:i]...)
			rows, gone = rows[i+1:], gone[1:]
			continue
		}
		i, _ := slices.BinarySearchFunc(rows, fresh[0], byTime)
		out = append(append(out, rows[:i]...), fresh[0])
		rows, fresh = rows[i:], fresh[1:]
	}
	return append(out, rows...)
}
