package report

import "liaison/station/typed"

// Masked is a reception as lists show it: the voter's name and phone with
// their middle hidden, address and identity number left out, in the history
// too. Whoever sees it in full is recorded first.
func (r Reception) Masked() Reception {
	if r.Voter != nil {
		v := *r.Voter
		v.Name, v.Phone, v.Address = typed.MaskName(v.Name), typed.MaskPhone(v.Phone), hidden(v.Address)
		r.Voter = &v
	}
	r.History = maskedHistory(r.History)
	return r
}

// Masked is likewise for a matter that stands alone: its history never names
// the voter, but a contact's does.
func (m Matter) Masked() Matter {
	m.History = maskedHistory(m.History)
	return m
}

func maskedHistory(all []Change) []Change {
	out := make([]Change, 0, len(all))
	for _, c := range all {
		if c.Record == "voter" || c.Record == "contact" {
			fields := make([]Field, 0, len(c.Fields))
			for _, f := range c.Fields {
				switch f.Field {
				case "name":
					f.Old, f.New = typed.MaskName(f.Old), typed.MaskName(f.New)
				case "phone":
					f.Old, f.New = typed.MaskPhone(f.Old), typed.MaskPhone(f.New)
				default:
					f.Old, f.New = hidden(f.Old), hidden(f.New)
				}
				fields = append(fields, f)
			}
			c.Fields = fields
		}
		out = append(out, c)
	}
	if all == nil {
		return nil
	}
	return out
}

// hidden is what stands for a text that is left out.
func hidden(s string) string {
	if s == "" {
		return ""
	}
	return "…"
}
