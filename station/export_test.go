package station

import (
	"fmt"
	"slices"

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
		c.row, c.slot = nil, 0
		lives = append(lives, fmt.Sprintf("%+v", c))
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
