package clerk

import (
	"liaison/cmd/report"
	"liaison/station"
)

// Show prints one reception or matter with its history; who the voter is, only
// in full where full says so: then reveal records it before it is shown, and
// where there is nothing of the voter to show, nothing.
func Show(c Call, number string, asJSON, full bool, reveal func() error) error {
	f, n, err := c.Desk.Lookup(c.Who, number)
	if err != nil {
		return err
	}
	revs, err := c.Desk.Revisions(c.Who, f)
	if err != nil {
		return err
	}
	names, err := c.accounts()
	if err != nil {
		return err
	}
	r := report.FromFull(f, c.Desk)
	for i := range r.Matters {
		l, err := c.Desk.Life(c.Who, f.MatterID(i))
		if err != nil {
			return err
		}
		life := report.FromLife(l, c.Desk)
		r.Matters[i].Life = &life
	}
	history := report.FromRevisions(revs, func(id string) string { return names[id] })
	if n == 0 {
		r.History = history
		if masked := r.Masked(); !full {
			r = masked
		} else if v := r.Voter; v != nil && v.Name+v.Phone != "" || !same(r, masked) {
			if err := reveal(); err != nil {
				return err
			}
		}
		if asJSON {
			return c.putJSON(r)
		}
		return report.One(c.Stdout, r)
	}
	m := r.Alone(r.Matters[n-1])
	for _, x := range history {
		if x.Number == m.Number {
			m.History = append(m.History, x)
		}
	}
	if masked := m.Masked(); !full {
		m = masked
	} else if !same(m, masked) {
		if err := reveal(); err != nil {
			return err
		}
	}
	if asJSON {
		return c.putJSON(m)
	}
	return report.OneMatter(c.Stdout, m)
}

// accounts gives the names of accounts by id.
func (c Call) accounts() (map[string]string, error) {
	us, err := c.Desk.Users()
	if err != nil {
		return nil, err
	}
	names := map[string]string{station.Owner().Account: station.Owner().Name}
	for _, u := range us {
		names[u.ID] = u.Name
	}
	return names, nil
}

// putJSON prints one object on one line.
func (c Call) putJSON(v any) error {
	out := report.NewLines(c.Stdout)
	if err := out.Put(v); err != nil {
		return err
	}
	return out.Flush()
}
