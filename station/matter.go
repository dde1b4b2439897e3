package station

import (
	"fmt"

	"liaison/station/ledger"
)

// KindMatter is 反映事项, one matter a row (一事一件).
const KindMatter ledger.Kind = "matter"

// A Matter is what the voter brought, in the voter's own words, and what was
// decided at the desk.
type Matter struct {
	Visit       ledger.ID `json:"visit"`
	Number      string    `json:"number"` // QA01-26A-0123-K/1
	N           int       `json:"n"`
	Title       string    `json:"title"`
	Content     string    `json:"content"`
	Kind        string    `json:"kind"`
	Category    string    `json:"category"`
	Disposition string    `json:"disposition"`
	Reply       string    `json:"reply,omitempty"`
	Deputy      string    `json:"deputy,omitempty"`
	Refuse      string    `json:"refuse,omitempty"`
	Affected    string    `json:"affected,omitempty"`
	Urgency     string    `json:"urgency"`
	Village     string    `json:"village,omitempty"`
	// Distinct are earlier matters that were held for the same and are not.
	Distinct []Distinct `json:"distinct,omitempty"`
	Reason   string     `json:"reason,omitempty"`
}

// Index "matter-visit": the visit's id and the matter's place in it.
func matterKeys(e ledger.Entry) []ledger.Key {
	m, err := decode[Matter](e)
	if err != nil {
		return nil
	}
	return []ledger.Key{{Index: "matter-visit", Key: fmt.Sprintf("%s-%03d", m.Visit, m.N)}}
}

func matterOf(in Issue, visit ledger.ID, v Visit, n int) Matter {
	village := in.Village
	if village == "" {
		village = v.Village
	}
	return Matter{Visit: visit, Number: v.Number.Matter(n), N: n, Title: in.Title, Content: in.Content, Kind: in.Kind,
		Category: in.Category, Disposition: in.Disposition, Reply: in.Reply, Deputy: in.Deputy, Refuse: in.Refuse,
		Affected: in.Affected, Urgency: in.Urgency, Village: village, Distinct: in.Distinct}
}

// matters returns the newest revision of each matter of a visit, in order, as
// far as the visit's own station wrote them.
func matters(l ledger.Ledger, visit ledger.ID, station string) ([]ledger.Entry, []Matter, error) {
	hits, err := l.Find(ledger.Prefix("matter-visit", string(visit)+"-"))
	if err != nil {
		return nil, nil, err
	}
	var es []ledger.Entry
	var ms []Matter
	for _, h := range hits {
		rec, err := l.Record(KindMatter, h.ID)
		if err != nil {
			return nil, nil, err
		}
		if rec.Stream.Writer() != station {
			continue
		}
		m, err := decode[Matter](rec.Entry)
		if err != nil {
			return nil, nil, err
		}
		es, ms = append(es, rec.Entry), append(ms, m)
	}
	return es, ms, nil
}
