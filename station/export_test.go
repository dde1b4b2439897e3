package station

import (
	"fmt"
	"slices"
	"time"

	"liaison/station/ledger"
)

// Rows returns the search table as it is kept, oldest first, each row with
// the text a search looks in.
func Rows(d *Desk) (rows []*Row, hays []string) {
	d.table.mu.RLock()
	defer d.table.mu.RUnlock()
	for _, r := range d.table.rows {
		row := *r.Row
		row.Matters = slices.Clone(row.Matters)
		for i := range row.Matters {
			row.Matters[i].fate = nil
		}
		rows, hays = append(rows, &row), append(hays, r.hay)
	}
	return rows, hays
}

// Fates are the lives of the table in words, by matter, and how many of them
// may wait for somebody.
func Fates(d *Desk) (lives []string, waiting int) {
	d.table.mu.RLock()
	defer d.table.mu.RUnlock()
	for _, f := range d.table.fates {
		c := *f
		c.row, c.slot, c.news, c.teller = nil, 0, nil, nil
		words := fmt.Sprintf("%+v", c)
		if f.news != nil {
			words += fmt.Sprintf(" news %+v", *f.news)
		}
		if f.teller != nil {
			words += fmt.Sprintf(" teller %+v", *f.teller)
		}
		lives = append(lives, words)
	}
	slices.Sort(lives)
	for i, f := range d.table.live {
		if f != nil {
			waiting++
			if f.slot != i || d.table.fates[f.id] != f {
				panic("a life is in the wrong place")
			}
		}
	}
	return lives, waiting
}

// TermSets are the closed sets by name.
func TermSets() map[string]Terms {
	return map[string]Terms{"Channels": Channels, "Times": Times, "Places": Places, "Topics": Topics,
		"MatterKinds": MatterKinds, "Dispositions": Dispositions, "RefuseReasons": RefuseReasons, "Sexes": Sexes,
		"AgeBands": AgeBands, "Affecteds": Affecteds, "Urgencies": Urgencies, "Roles": Roles}
}

// Kinds are the kinds of the table in kinds.go.
func Kinds() (names []ledger.Kind, private map[ledger.Kind]bool) {
	private = map[ledger.Kind]bool{}
	for _, k := range kinds {
		names = append(names, k.name)
		private[k.name] = k.private
	}
	return names, private
}

// RowOf is what the table says of an action: whether it may be done, the state
// that it leads to and the clock that it starts.
func RowOf(state State, a Action, role Role, side Side, realm Realm) (to State, clock Timer, ok bool) {
	t, _ := rowFor(state, a, role, side, realm)
	if t == nil {
		return 0, "", false
	}
	if t.To == 0 {
		return state, t.Clock, true
	}
	return t.To, t.Clock, true
}

// Crowd fills the table with lives that no ledger holds: n receptions of one
// matter each, spread over stations and days before at. Of ten matters seven
// were answered on the spot, two are done, and one is somewhere on its way.
func Crowd(d *Desk, n, stations int, at time.Time) {
	rows := make([]*Row, 0, n)
	words, rules := map[string]string{}, d.rules()
	keys := map[string]string{}
	for i := range n {
		code := fmt.Sprintf("ST%03d", i%stations)
		id := ledger.ID(fmt.Sprintf("0192aaaa-0000-7000-8000-%012d", i))
		when := at.Add(-time.Duration(i/stations) * 3 * time.Hour)
		v := Visit{Number: Number(fmt.Sprintf("%s-26A-%04d-K", code, i/stations)), At: when, Entered: when, Session: id}
		m := RowMatter{ID: id + "-m", station: code, N: 1, Title: "路灯不亮", Disposition: "onspot"}
		var steps []Done
		if i%10 >= 7 {
			m.Disposition = []string{"town", "village", "city"}[i%3]
			steps = crowdSteps(i, m, when)
		}
		m.setFate(id, v, steps, rules, words)
		rows = append(rows, makeRow(id, code, v, Voter{Name: "王小明"}, []RowMatter{m}, keys))
	}
	d.table.put(rows, nil)
}

// crowdSteps is how far the i-th matter came.
func crowdSteps(i int, m RowMatter, at time.Time) []Done {
	city := m.Disposition == "city"
	side, role := "ST/A-x", RoleHead
	if city {
		side, role = "city/A-x", RoleCity
	}
	path := []Step{{Action: DoReview, Disposition: m.Disposition}, {Action: DoAssign, Unit: "城管中队"}, {Action: DoAccept},
		{Action: DoReply, Class: "1A"}, {Action: DoFeedback, Means: "phone"}, {Action: DoRate, Attitude: "good", Outcome: "good"}, {Action: DoClose}, {Action: DoFile}}
	n := len(path)
	if i%10 == 9 {
		n = i / 10 % len(path)
	}
	var out []Done
	for j, s := range path[:n] {
		s.Role = role
		out = append(out, Done{Step: s, ID: newID(), City: city, At: at.Add(time.Duration(j) * 24 * time.Hour), Ref: ledger.Ref{Stream: ledger.Stream(side), Seq: ledger.Seq(j + 1)}})
	}
	return out
}
