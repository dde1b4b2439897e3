package station

import "liaison/station/ledger"

// Rows returns the search table as it is kept, oldest first, each row with
// the text a search looks in.
func Rows(d *Desk) (rows []*Row, hays []string) {
	d.table.mu.RLock()
	defer d.table.mu.RUnlock()
	for _, r := range d.table.rows {
		rows, hays = append(rows, r.Row), append(hays, r.hay)
	}
	return rows, hays
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

// MatterID is the id of a reception's i-th matter.
func (f Full) MatterID(i int) ledger.ID { return f.matterIDs[i] }
