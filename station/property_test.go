package station_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/station"
)

// A modelled is what a station must remember of one reception.
type modelled struct {
	number  station.Number
	at      time.Time
	name    string
	phone   string
	persons int
	titles  []string
	how     []string // dispositions
	void    bool
}

// model is the simplest station that could be right.
type model struct {
	rng  *rand.Rand
	all  []*modelled
	refs map[string]station.Number
}

var (
	someNames  = []string{"王小明", "单小芳", "欧阳明", "曾祥瑞", "李四"}
	someWords  = []string{"路灯不亮", "停车难", "加装电梯", "入学咨询"}
	someWays   = []string{"onspot", "town", "city", "refuse", "collect"}
	someTopics = []string{"", "停车", "养老"}
)

func pick[T any](r *rand.Rand, xs []T) T { return xs[r.IntN(len(xs))] }

// reception makes a random one, of any day around today.
func (m *model) reception() (station.Reception, *modelled) {
	x := &modelled{name: pick(m.rng, someNames), phone: fmt.Sprintf("138001380%02d", m.rng.IntN(20)), persons: 1 + m.rng.IntN(5)}
	r := station.Reception{Persons: x.persons, Voter: station.InVoter{Name: x.name, Phone: x.phone},
		Session: station.InSession{Theme: pick(m.rng, someTopics)}}
	if m.rng.IntN(3) == 0 {
		r.At = monday.Add(-time.Duration(m.rng.IntN(5*24*3600)) * time.Second)
	}
	for range 1 + m.rng.IntN(3) {
		r.Matters = append(r.Matters, m.issue(x))
	}
	return r, x
}

func (m *model) issue(x *modelled) station.Issue {
	in := station.Issue{Content: "内容", Title: pick(m.rng, someWords), Category: "11", Disposition: pick(m.rng, someWays)}
	x.titles, x.how = append(x.titles, in.Title), append(x.how, in.Disposition)
	return in
}

func (m *model) step(b *bench) {
	b.Helper()
	switch n := m.rng.IntN(20); {
	case n < 10 || len(m.all) == 0:
		r, x := m.reception()
		if n == 0 {
			r.Ref = fmt.Sprint("ref", m.rng.IntN(4))
		}
		s := b.receive(attendant, r)
		if was := m.refs[r.Ref]; was != "" {
			if !s.Known || s.Number != was {
				b.Errorf("ref %s is answered with %s, want %s", r.Ref, s.Number, was)
			}
			return
		}
		if r.Ref != "" {
			m.refs[r.Ref] = s.Number
		}
		if slices.ContainsFunc(m.all, func(o *modelled) bool { return o.number == s.Number }) {
			b.Errorf("%s was given twice", s.Number)
		}
		x.number, x.at = s.Number, r.At
		if r.At.IsZero() {
			x.at = b.clock()
		}
		x.at = x.at.Truncate(time.Second)
		m.all = append(m.all, x)
	case n < 14:
		x := pick(m.rng, m.all)
		if x.void {
			return
		}
		b.correct(head, x.number, func(r *station.Reception) {
			x.name, x.persons = pick(m.rng, someNames), x.persons+1
			r.Voter.Name, r.Persons = x.name, x.persons
			i := m.rng.IntN(len(x.titles))
			x.titles[i], x.how[i] = pick(m.rng, someWords), pick(m.rng, someWays)
			r.Matters[i].Title, r.Matters[i].Disposition = x.titles[i], x.how[i]
			if m.rng.IntN(4) == 0 {
				r.Matters = append(r.Matters, m.issue(x))
			}
		})
	case n < 16:
		x := pick(m.rng, m.all)
		if err := b.Void(head, b.lookup(string(x.number)), "登记错误"); err != nil {
			b.Fatal(err)
		}
		x.void = true
	case n < 17:
		b.restart()
	case n < 18:
		if err := b.Warm(); err != nil {
			b.Fatal(err)
		}
	default:
		b.pass(time.Duration(m.rng.IntN(7200)) * time.Second)
	}
}

// compare asks the station everything and requires the model's answers.
func (m *model) compare(b *bench) {
	b.Helper()
	slices.SortStableFunc(m.all, func(x, y *modelled) int {
		if c := y.at.Compare(x.at); c != 0 {
			return c
		}
		return strings.Compare(string(y.number), string(x.number))
	})
	for _, text := range []string{"", "wxm", "单小芳", "路灯", "停车 lisi", "13800138001", "0003"} {
		var want []station.Number
		for _, x := range m.all {
			if x.fits(text) {
				want = append(want, x.number)
			}
		}
		equal(b, "search "+text, b.find(text), want)
	}
	from, to := date("2026-11-20"), date("2026-11-22")
	want := station.Totals{}
	for _, x := range m.all {
		f := b.lookup(string(x.number))
		if f.Voter.Name != x.name || f.Voter.Phone != x.phone || f.Visit.Persons != x.persons || (f.Visit.Void != "") != x.void || !f.Visit.At.Equal(x.at) || len(f.Matters) != len(x.titles) {
			b.Errorf("%s is %+v, want %+v", x.number, f, x)
			continue
		}
		for i, t := range f.Matters {
			if t.Title != x.titles[i] || t.Disposition != x.how[i] {
				b.Errorf("%s is %s %s, want %s %s", t.Number, t.Title, t.Disposition, x.titles[i], x.how[i])
			}
		}
		if x.at.Before(from.Time(station.Beijing)) || !x.at.Before(to.AddDays(1).Time(station.Beijing)) {
			continue
		}
		if x.void {
			want.Void++
			continue
		}
		want.Visits++
		want.Persons += x.persons
		want.Matters += len(x.how)
		for _, h := range x.how {
			if h == "onspot" {
				want.OnSpot.Num++
			}
		}
	}
	got, err := b.Totals(head, from, to)
	if err != nil || got.Visits != want.Visits || got.Persons != want.Persons || got.Matters != want.Matters || got.Void != want.Void || got.OnSpot.Num != want.OnSpot.Num {
		b.Errorf("totals %+v, %v; want %+v", got, err, want)
	}
}

// fits says by its own simple means whether a search finds a reception.
func (x *modelled) fits(text string) bool {
	initials := map[string]string{"王小明": "wxm", "李四": "lisi"}
	hay := strings.Join(append([]string{string(x.number), x.name, x.phone, initials[x.name]}, x.titles...), "\n")
	for _, w := range strings.Fields(text) {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	return true
}

// Random days at the desk against the model: whatever was received, corrected,
// voided and cut off by restarts, the station says what the model says, and the
// table that followed every commit equals one read anew.
func TestRandomDaysAgainstAModel(t *testing.T) {
	for seed := range uint64(6) {
		b := newDesk(t)
		m := &model{rng: rand.New(rand.NewPCG(seed, 2026)), refs: map[string]station.Number{}}
		for i := range 120 {
			m.step(b)
			if i%40 == 39 {
				m.compare(b)
				sameAfterRefill(t, b)
			}
		}
		b.check()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
