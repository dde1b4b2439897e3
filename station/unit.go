package station

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"liaison/station/ledger"
	"liaison/station/typed"
)

// Kinds of the bodies that matters and suggestions are handed to. They are the
// city's lists; their ids are their codes.
const (
	KindUnit      ledger.Kind = "unit"
	KindLeader    ledger.Kind = "leader"
	KindCommittee ledger.Kind = "committee"
	KindGroup     ledger.Kind = "group"
)

// An UndertakingUnit handles matters (承办单位): a department, a town, a village. It needs no
// account: what it says is entered by the city or town office, or at the
// station from paper.
type UndertakingUnit struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`                 // UnitKinds
	Parent     string   `json:"parent,omitempty"`     // code of the unit above
	Contact    string   `json:"contact,omitempty"`    // 联系人
	Phone      string   `json:"phone,omitempty"`      //
	Leader     string   `json:"leader,omitempty"`     // 分管领导, a Leader's code
	Categories []string `json:"categories,omitempty"` // categories whose matters usually go here
	Ended      bool     `json:"ended,omitempty"`      // 已撤并: kept for what went there
	EndReason  string   `json:"end_reason,omitempty"` // 撤并原因
}

// UnitKinds: 单位类别.
var UnitKinds = Terms{
	{"gov", "1", Text{"政府部门", "Department"}},
	{"town", "2", Text{"镇街", "Town"}},
	{"village", "3", Text{"村(社区)", "Village"}},
	{"other", "4", Text{"其他", "Other"}},
}

// A Leader of the city who has a portfolio (市领导,分管领域).
type Leader struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Post       string   `json:"post,omitempty"`
	Portfolio  string   `json:"portfolio,omitempty"`  // in words
	Categories []string `json:"categories,omitempty"` // codes that fall into it
	Ended      bool     `json:"ended,omitempty"`
	EndReason  string   `json:"end_reason,omitempty"`
}

// A Committee of the standing committee (对口工委): it follows the suggestions and
// matters of its categories.
type Committee struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Contact    string   `json:"contact,omitempty"`
	Phone      string   `json:"phone,omitempty"`
	Categories []string `json:"categories,omitempty"` // mostly one first-level code
	Ended      bool     `json:"ended,omitempty"`
	EndReason  string   `json:"end_reason,omitempty"`
}

// A Group of deputies (代表小组), with the station where it meets.
type Group struct {
	Code      string   `json:"code"`
	Name      string   `json:"name"`
	Station   string   `json:"station,omitempty"` // the station's code
	Head      string   `json:"head,omitempty"`    // 组长, a deputy's code
	Members   []string `json:"members,omitempty"` // deputies' codes
	Ended     bool     `json:"ended,omitempty"`
	EndReason string   `json:"end_reason,omitempty"`
}

// bodies is these lists in memory, a part of reference.
type bodies struct {
	units      []UndertakingUnit
	leaders    []Leader
	committees []Committee
	groups     []Group
	unit       map[string]UndertakingUnit
}

func loadBodies(l ledger.Ledger) (bodies, error) {
	b := bodies{unit: map[string]UndertakingUnit{}}
	err := cmp.Or(
		each(l, KindUnit, func(_ ledger.ID, v UndertakingUnit) { b.units = append(b.units, v); b.unit[v.Code] = v }),
		each(l, KindLeader, func(_ ledger.ID, v Leader) { b.leaders = append(b.leaders, v) }),
		each(l, KindCommittee, func(_ ledger.ID, v Committee) { b.committees = append(b.committees, v) }),
		each(l, KindGroup, func(_ ledger.ID, v Group) { b.groups = append(b.groups, v) }),
	)
	return b, err
}

// Units returns the undertaking units by code, ended ones too.
func (d *Desk) Units() []UndertakingUnit { return d.ref.Load().units }

// Unit returns the unit with this code.
func (d *Desk) Unit(code string) (UndertakingUnit, bool) {
	u, ok := d.ref.Load().unit[code]
	return u, ok
}

// UnitName is a unit's name; what no list has is its own name, since a step
// may name a unit in words.
func (d *Desk) UnitName(code string) string {
	if u, ok := d.Unit(code); ok {
		return u.Name
	}
	return code
}

// FindUnits ranks the units that still exist against characters, initials,
// pinyin or a code.
func (d *Desk) FindUnits(query string) []UndertakingUnit {
	now := still(d.Units(), func(u UndertakingUnit) bool { return u.Ended })
	return ranked(now, query, func(u UndertakingUnit) string { return u.Name }, func(u UndertakingUnit) string { return u.Code })
}

// UnitsFor are the units that matters of a category usually go to: those that
// name it, then those that name its first level.
func (d *Desk) UnitsFor(category string) []UndertakingUnit {
	var exact, branch []UndertakingUnit
	for _, u := range d.Units() {
		switch {
		case u.Ended:
		case slices.Contains(u.Categories, category):
			exact = append(exact, u)
		case category != "" && slices.Contains(u.Categories, category[:1]):
			branch = append(branch, u)
		}
	}
	return append(exact, branch...)
}

// FindLeaders, FindCommittees and FindGroups rank those that still exist,
// likewise.
func (d *Desk) FindLeaders(query string) []Leader {
	return ranked(still(d.Leaders(), func(l Leader) bool { return l.Ended }), query, func(l Leader) string { return l.Name }, func(l Leader) string { return l.Code })
}

// FindCommittees ranks committees.
func (d *Desk) FindCommittees(query string) []Committee {
	return ranked(still(d.Committees(), func(c Committee) bool { return c.Ended }), query, func(c Committee) string { return c.Name }, func(c Committee) string { return c.Code })
}

// FindGroups ranks groups.
func (d *Desk) FindGroups(query string) []Group {
	return ranked(still(d.Groups(), func(g Group) bool { return g.Ended }), query, func(g Group) string { return g.Name }, func(g Group) string { return g.Code })
}

// still leaves out what has ended.
func still[T any](all []T, ended func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), ended)
}

// Leaders returns the leaders by code.
func (d *Desk) Leaders() []Leader { return d.ref.Load().leaders }

// Leader returns the leader with this code.
func (d *Desk) Leader(code string) (Leader, bool) {
	return byCode(d.Leaders(), code, func(v Leader) string { return v.Code })
}

// LeaderFor is the leader whose portfolio a category falls into.
func (d *Desk) LeaderFor(category string) (Leader, bool) {
	return byCategory(d.Leaders(), category, func(v Leader) ([]string, bool) { return v.Categories, v.Ended })
}

// Committees returns the committees by code.
func (d *Desk) Committees() []Committee { return d.ref.Load().committees }

// Committee returns the committee with this code.
func (d *Desk) Committee(code string) (Committee, bool) {
	return byCode(d.Committees(), code, func(v Committee) string { return v.Code })
}

// CommitteeFor is the committee that follows a category (对口督办).
func (d *Desk) CommitteeFor(category string) (Committee, bool) {
	return byCategory(d.Committees(), category, func(v Committee) ([]string, bool) { return v.Categories, v.Ended })
}

// Groups returns the deputies' groups by code.
func (d *Desk) Groups() []Group { return d.ref.Load().groups }

// Group returns the group with this code.
func (d *Desk) Group(code string) (Group, bool) {
	return byCode(d.Groups(), code, func(v Group) string { return v.Code })
}

// GroupsOf are the groups that a deputy belongs to.
func (d *Desk) GroupsOf(deputy string) []Group {
	var out []Group
	for _, g := range d.Groups() {
		if !g.Ended && (g.Head == deputy || slices.Contains(g.Members, deputy)) {
			out = append(out, g)
		}
	}
	return out
}

// StationsOf are the stations that what concerns these deputies concerns too:
// those where their groups meet.
func (d *Desk) StationsOf(deputies ...string) []string {
	var out []string
	for _, c := range deputies {
		for _, g := range d.GroupsOf(c) {
			if g.Station != "" && !slices.Contains(out, g.Station) {
				out = append(out, g.Station)
			}
		}
	}
	slices.Sort(out)
	return out
}

func byCode[T any](list []T, code string, of func(T) string) (found T, ok bool) {
	for _, v := range list {
		if of(v) == code {
			return v, true
		}
	}
	return found, false
}

// byCategory finds who names the category itself, else the nearest branch that
// holds it.
func byCategory[T any](list []T, category string, of func(T) (codes []string, ended bool)) (found T, ok bool) {
	for n := len(category); n > 0; n-- {
		for _, v := range list {
			if codes, ended := of(v); !ended && slices.Contains(codes, category[:n]) {
				return v, true
			}
		}
	}
	return found, false
}

// PutUnits records units; those that say nothing new are passed over.
func (d *Desk) PutUnits(who Who, us []UndertakingUnit) (int, error) {
	return putCity(d, who, KindUnit, us, checkUnit, func(v UndertakingUnit) string { return v.Code })
}

// PutLeaders records leaders likewise.
func (d *Desk) PutLeaders(who Who, ls []Leader) (int, error) {
	return putCity(d, who, KindLeader, ls, checkLeader, func(v Leader) string { return v.Code })
}

// PutCommittees records committees likewise.
func (d *Desk) PutCommittees(who Who, cs []Committee) (int, error) {
	return putCity(d, who, KindCommittee, cs, checkCommittee, func(v Committee) string { return v.Code })
}

// PutGroups records groups likewise.
func (d *Desk) PutGroups(who Who, gs []Group) (int, error) {
	return putCity(d, who, KindGroup, gs, d.checkGroup, func(v Group) string { return v.Code })
}

// putCity is putReference for what the city alone writes.
func putCity[T any](d *Desk, who Who, k ledger.Kind, items []T, check func(*Problems, string, *T), code func(T) string) (int, error) {
	if err := d.needCity(who); err != nil {
		return 0, err
	}
	return putReference(d, who, k, items, check, code)
}

func checkUnit(ps *Problems, at string, v *UndertakingUnit) {
	v.Code = ps.code(at+"code", v.Code)
	v.Name = ps.name(at+"name", v.Name, maxLine)
	v.Kind = cmpOr(v.Kind, "other")
	ps.add(at+"kind", UnitKinds.check(v.Kind))
	v.Parent = ps.code(at+"parent", v.Parent)
	if v.Parent == v.Code && v.Code != "" {
		ps.add(at+"parent", &typed.Problem{Code: "unit-own-parent",
			ZH: "上级单位不能是它自己。", EN: "A unit cannot be its own parent."})
	}
	v.Contact = ps.text(at+"contact", v.Contact, maxName)
	v.Phone = ps.text(at+"phone", typed.Fold(v.Phone), maxCode)
	v.Leader = ps.code(at+"leader", v.Leader)
	v.Categories = ps.codes(at+"categories", v.Categories)
	ps.ended(at, v.Ended, &v.EndReason)
}

func checkLeader(ps *Problems, at string, v *Leader) {
	v.Code = ps.code(at+"code", v.Code)
	v.Name = ps.name(at+"name", v.Name, maxName)
	v.Post = ps.text(at+"post", v.Post, maxLine)
	v.Portfolio = ps.text(at+"portfolio", v.Portfolio, maxLine)
	v.Categories = ps.codes(at+"categories", v.Categories)
	ps.ended(at, v.Ended, &v.EndReason)
}

func checkCommittee(ps *Problems, at string, v *Committee) {
	v.Code = ps.code(at+"code", v.Code)
	v.Name = ps.name(at+"name", v.Name, maxLine)
	v.Contact = ps.text(at+"contact", v.Contact, maxName)
	v.Phone = ps.text(at+"phone", typed.Fold(v.Phone), maxCode)
	v.Categories = ps.codes(at+"categories", v.Categories)
	ps.ended(at, v.Ended, &v.EndReason)
}

// checkGroup holds a group's people to the roster, where there is one.
func (d *Desk) checkGroup(ps *Problems, at string, v *Group) {
	v.Code = ps.code(at+"code", v.Code)
	v.Name = ps.name(at+"name", v.Name, maxLine)
	v.Station = ps.code(at+"station", v.Station)
	if v.Station != "" && !ValidCode(v.Station) {
		ps.add(at+"station", badStation(v.Station))
	}
	v.Head = ps.code(at+"head", v.Head)
	v.Members = ps.codes(at+"members", v.Members)
	for i, c := range v.Members {
		v.Members[i] = strings.ToUpper(c)
		ps.add(at+"members", d.knownDeputy(v.Members[i]))
	}
	if v.Head != "" {
		ps.add(at+"head", d.knownDeputy(v.Head))
	}
	ps.ended(at, v.Ended, &v.EndReason)
}

// ended cleans why a body is no more; of one that is there is no reason.
func (ps *Problems) ended(at string, ended bool, why *string) {
	if *why = ps.text(at+"end", *why, maxLine); !ended {
		*why = ""
	}
}

func badStation(code string) *typed.Problem {
	return &typed.Problem{Code: "station-form",
		ZH: "“" + quote(code) + "”不是站点编号,例如 QA01。", EN: "“" + quote(code) + "” is no station's code, such as QA01."}
}

// codes cleans a list of codes and leaves out what is empty or said twice.
func (ps *Problems) codes(field string, in []string) []string {
	var out []string
	for _, c := range in {
		if c = ps.text(field, typed.Fold(c), maxCode); c != "" && !slices.Contains(out, c) {
			ps.add(field, checkCode(c))
			out = append(out, c)
		}
	}
	if len(out) > maxMembers {
		ps.add(field, &typed.Problem{Code: "codes-many", ZH: fmt.Sprintf("最多 %d 个。", maxMembers), EN: fmt.Sprintf("At most %d.", maxMembers)})
	}
	return out
}

// maxMembers bounds a list of codes within one record.
const maxMembers = 2000
