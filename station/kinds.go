package station

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"liaison/station/ledger"
)

// A kind is what the rest of the program needs to know about one kind of
// record.
type kind struct {
	name    ledger.Kind
	private bool // bodies never leave the station
	city    bool // the city's to revise; a station's own import gives way to it
	label   Text
	keys    func(ledger.Entry) []ledger.Key // nil: found by id only
}

// kinds is the table: one line a kind of record. Adding one touches neither
// ledger nor sync.
var kinds = []kind{
	{name: KindStation, label: Text{"联络站", "Station"}},
	{name: KindDeputy, city: true, label: Text{"代表", "Deputy"}},
	{name: KindVillage, city: true, label: Text{"村(社区)", "Village"}},
	{name: KindCategory, city: true, label: Text{"内容分类", "Category"}},
	{name: KindSession, label: Text{"接待场次", "Session"}, keys: sessionKeys},
	{name: KindVisit, label: Text{"接待批次", "Visit"}, keys: visitKeys},
	{name: KindVoter, private: true, label: Text{"选民", "Voter"}},
	{name: KindMatter, label: Text{"反映事项", "Matter"}, keys: matterKeys},
	{name: KindAudit, label: Text{"审计", "Audit"}},
	{name: KindUnit, city: true, label: Text{"承办单位", "Unit"}},
	{name: KindLeader, city: true, label: Text{"市领导", "Leader"}},
	{name: KindCommittee, city: true, label: Text{"对口工委", "Committee"}},
	{name: KindGroup, city: true, label: Text{"代表小组", "Group"}},
	{name: KindNotice, city: true, label: Text{"通报", "Notice"}},
	{name: KindConsult, city: true, label: Text{"征询意见函", "Request for opinions"}},
	{name: KindRead, label: Text{"阅知", "Read"}},
	{name: KindAnswer, label: Text{"回函", "Answer"}},
	{name: KindContact, label: Text{"联系方式", "Contact"}},
	{name: KindStep, label: Text{"办理步骤", "Step"}, keys: stepKeys},
	{name: KindErased, label: Text{"删除的个人信息", "Erased person"}},
	{name: KindLimit, city: true, label: Text{"办理期限", "Time limit"}},
	{name: KindCalendar, city: true, label: Text{"工作日历", "Working days"}},
	{name: KindResultClass, city: true, label: Text{"结果分类", "Result class"}},
	{name: KindSuggestion, city: true, label: Text{"代表建议", "Suggestion"}},
	{name: KindSupervision, city: true, label: Text{"督办", "Supervision"}},
}

// Indexes tells a ledger how the records of this package are found. Raise the
// version whenever a kind's keys change; files rebuild themselves at open.
func Indexes() ledger.Indexes {
	by := make(map[ledger.Kind]func(ledger.Entry) []ledger.Key, len(kinds))
	for _, k := range kinds {
		if k.keys != nil {
			by[k.name] = k.keys
		}
	}
	return ledger.Indexes{Version: 2, Keys: func(e ledger.Entry) []ledger.Key {
		if f := by[e.Kind]; f != nil && !e.Absent() {
			return f(e)
		}
		return nil
	}}
}

// exactly selects one key. Keys hold no control characters, so nothing lies
// between a key and its end.
func exactly(index, key string) ledger.Find {
	return ledger.Find{Index: index, From: key, To: key + "\x01", Limit: 1}
}

// KindLabel names a kind for a person.
func KindLabel(k ledger.Kind) Text {
	for _, x := range kinds {
		if x.name == k {
			return x.label
		}
	}
	return Text{string(k), string(k)}
}

// says reports whether a record counts here that is the city's alone to write.
// A station may load limits and the like for itself; at the city, and so for all
// the others, it has no say in them.
func says(l ledger.Ledger, e ledger.Entry) bool {
	if l.Own().Writer() != CityCode || e.Stream.Writer() == CityCode {
		return true
	}
	switch e.Kind {
	case KindDeputy, KindVillage, KindCategory: // what its receptions name
		return true
	}
	return !slices.ContainsFunc(kinds, func(x kind) bool { return x.name == e.Kind && x.city })
}

func isPrivate(k ledger.Kind) bool {
	for _, x := range kinds {
		if x.name == k {
			return x.private
		}
	}
	return false
}

// decode reads a body; unknown fields are left alone, since a newer program
// may have written them.
func decode[T any](e ledger.Entry) (T, error) {
	var v T
	if e.Absent() {
		return v, fmt.Errorf("%s %s: %w: the body is withheld", e.Kind, e.ID, ledger.ErrNotFound)
	}
	if err := json.Unmarshal(e.Body, &v); err != nil {
		return v, fmt.Errorf("%s %s: %w: %v", e.Kind, e.ID, ledger.ErrBroken, err)
	}
	return v, nil
}

// Beijing is the one zone of the country; instants are kept in UTC and shown
// here.
var Beijing = time.FixedZone("Asia/Shanghai", 8*3600)

// dayKey makes an index key that sorts by time, to the second.
func dayKey(t time.Time) string { return t.In(Beijing).Format("2006-01-02T15:04:05") }
