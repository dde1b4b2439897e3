package station

import (
	"cmp"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"

	"liaison/station/ledger"
	"liaison/station/pinyin"
	"liaison/station/typed"
)

// Reference kinds. Their ids are their public codes, so that the city's entry
// takes the place of a local import and links hold.
const (
	KindStation  ledger.Kind = "station"
	KindDeputy   ledger.Kind = "deputy"
	KindVillage  ledger.Kind = "village"
	KindCategory ledger.Kind = "category"
)

// Info is the station's own record.
type Info struct {
	Code string `json:"code"` // QA01
	Name string `json:"name"` // 曲阿街道代表联络站
	Area string `json:"area,omitempty"`
}

// A Mandate is one deputy's seat at one level; a person may hold several
// (五级). A seat ends for one of the reasons of Art. 62 of the 代表法.
type Mandate struct {
	Level        string     `json:"level,omitempty"` // 全国 省 市(设区) 县(市区) 乡镇, as the roster says it
	Term         string     `json:"term,omitempty"`  // 届
	Constituency string     `json:"constituency,omitempty"`
	Group        string     `json:"group,omitempty"`
	From         typed.Date `json:"from,omitzero"`
	To           typed.Date `json:"to,omitzero"`
	EndReason    string     `json:"end_reason,omitempty"`
}

// In reports whether the mandate holds on a day.
func (m Mandate) In(d typed.Date) bool {
	return (m.From.IsZero() || m.From.Compare(d) <= 0) && (m.To.IsZero() || d.Compare(m.To) <= 0)
}

// A Deputy of the people's congress (人大代表).
type Deputy struct {
	Code     string    `json:"code"` // 代表编号
	Name     string    `json:"name"`
	Sex      string    `json:"sex,omitempty"`
	Post     string    `json:"post,omitempty"` // 工作单位及职务
	Phone    string    `json:"phone,omitempty"`
	CertNo   string    `json:"cert,omitempty"` // 代表证号
	Mandates []Mandate `json:"mandates,omitempty"`
}

// Sitting reports whether the deputy holds a seat on a day. A roster that
// says nothing of mandates counts as sitting.
func (d Deputy) Sitting(on typed.Date) bool {
	if len(d.Mandates) == 0 {
		return true
	}
	for _, m := range d.Mandates {
		if m.In(on) {
			return true
		}
	}
	return false
}

// Levels is the short form for lists, such as 市、镇.
func (d Deputy) Levels() string {
	var out []string
	for _, m := range d.Mandates {
		if m.Level != "" {
			out = append(out, m.Level)
		}
	}
	return strings.Join(out, "、")
}

// A Village or community (村、社区) by its 12-digit statistical code.
type Village struct {
	Code string `json:"code"`
	Town string `json:"town,omitempty"`
	Name string `json:"name"`
}

// Full is the name with its town.
func (v Village) Full() string { return strings.TrimSpace(v.Town + " " + v.Name) }

// reference is the lists that forms pick from, held in memory; it is replaced
// whole when one of its records changes, and never changed. Who is handed a
// list of it reads it only.
type reference struct {
	bodies
	info       Info
	stations   []Info
	deputies   []Deputy
	villages   []Village
	categories []Category
	deputy     map[string]Deputy
	village    map[string]Village
	category   map[string]Category
	rules      *rules
}

func loadReference(l ledger.Ledger) (*reference, error) {
	r := &reference{deputy: map[string]Deputy{}, village: map[string]Village{}, category: map[string]Category{}}
	errs := []error{
		l.Each(KindStation, func(e ledger.Entry) error {
			if string(e.ID) != e.Stream.Writer() { // nobody names another
				rec, err := l.Record(KindStation, e.ID)
				i := slices.IndexFunc(rec.Rivals, func(r ledger.Entry) bool { return string(r.ID) == r.Stream.Writer() })
				if err != nil || i < 0 {
					return err
				}
				e = rec.Rivals[i]
			}
			v, err := decode[Info](e)
			if err != nil {
				return nil
			}
			if string(e.ID) != CityCode {
				r.stations = append(r.stations, v)
			}
			if string(e.ID) == l.Own().Writer() {
				r.info = v
			}
			return nil
		}),
		each(l, KindDeputy, func(_ ledger.ID, v Deputy) { r.deputies = append(r.deputies, v); r.deputy[v.Code] = v }),
		each(l, KindVillage, func(_ ledger.ID, v Village) { r.villages = append(r.villages, v); r.village[v.Code] = v }),
	}
	rules, err := loadRules(l)
	r.rules, errs = rules, append(errs, err)
	for _, c := range defaultCategories() {
		r.category[c.Code] = c
	}
	bodies, err := loadBodies(l)
	r.bodies = bodies
	errs = append(errs, err, each(l, KindCategory, func(_ ledger.ID, v Category) { r.category[v.Code] = v }))
	for _, c := range r.category {
		r.categories = append(r.categories, c)
	}
	slices.SortFunc(r.categories, func(a, b Category) int { return strings.Compare(a.Code, b.Code) })
	slices.SortStableFunc(r.deputies, func(a, b Deputy) int { return pinyin.Compare(a.Name, b.Name) })
	return r, errors.Join(errs...)
}

// each decodes the newest revision of every record of a kind. A body that
// does not decode is left to the check; one bad record must not close the
// station.
func each[T any](l ledger.Ledger, k ledger.Kind, fn func(ledger.ID, T)) error {
	n := 0
	return l.Each(k, func(e ledger.Entry) error {
		if v, err := decode[T](e); err == nil && says(l, e) {
			fn(e.ID, v)
		}
		yield(n)
		n++
		return nil
	})
}

// eachBy is each with the writer of every record: at the city the station
// whose record it is.
func eachBy[T any](l ledger.Ledger, k ledger.Kind, fn func(id ledger.ID, writer string, v T)) error {
	n := 0
	return l.Each(k, func(e ledger.Entry) error {
		if v, err := decode[T](e); err == nil {
			fn(e.ID, e.Stream.Writer(), v)
		}
		yield(n)
		n++
		return nil
	})
}

// yield lets others go first now and then in a long walk: a key that is pressed
// meanwhile must not wait for a processor.
func yield(i int) {
	if i%64 == 0 {
		runtime.Gosched()
	}
}

// Info returns the station's code and name; at the city the city's.
func (d *Desk) Info() Info {
	in := d.ref.Load().info
	if in.Code == "" && d.AtCity() {
		return Info{Code: CityCode, Name: "市人大"}
	}
	return in
}

// Deputies returns the roster, by pinyin.
func (d *Desk) Deputies() []Deputy { return d.ref.Load().deputies }

// Deputy returns the deputy with this code.
func (d *Desk) Deputy(code string) (Deputy, bool) { v, ok := d.ref.Load().deputy[code]; return v, ok }

// Villages returns the villages by code.
func (d *Desk) Villages() []Village { return d.ref.Load().villages }

// Village returns the village with this code.
func (d *Desk) Village(code string) (Village, bool) {
	v, ok := d.ref.Load().village[code]
	return v, ok
}

// VillageName returns the full name, or the code where the list lacks it.
func (d *Desk) VillageName(code string) string {
	if v, ok := d.Village(code); ok {
		return v.Full()
	}
	return code
}

// Categories returns the category tree in code order.
func (d *Desk) Categories() []Category { return d.ref.Load().categories }

// Category returns the category with this code.
func (d *Desk) Category(code string) (Category, bool) {
	v, ok := d.ref.Load().category[code]
	return v, ok
}

// checkCode holds the codes of reference records to what can be the id of a
// record: printable ASCII without spaces and slashes.
func checkCode(c string) *typed.Problem {
	switch {
	case c == "":
		return &typed.Problem{Code: "code-missing", ZH: "缺编号。", EN: "The code is missing."}
	case len(c) > maxCode || strings.ContainsFunc(c, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }):
		return &typed.Problem{Code: "code-form",
			ZH: "编号“" + quote(c) + "”只能用字母、数字和连字符,最多 40 个。", EN: "The code “" + quote(c) + "” may hold letters, digits and hyphens only, at most 40."}
	}
	return nil
}

// name cleans the name of a reference record, which must not be empty.
func (ps *Problems) name(field, s string, limit int) string {
	if s = ps.text(field, s, limit); s == "" {
		ps.add(field, &typed.Problem{Code: "name-missing", ZH: "缺名称。", EN: "The name is missing."})
	}
	return s
}

// sameJSON compares two values by what would be stored.
func sameJSON[T any](a, b T) bool {
	x, ex := json.Marshal(a)
	y, ey := json.Marshal(b)
	return ex == nil && ey == nil && string(x) == string(y)
}

func checkVillageRecord(ps *Problems, at string, v *Village) {
	checkVillage(at+"code", &v.Code, ps)
	v.Town = ps.text(at+"town", v.Town, maxLine)
	v.Name = ps.name(at+"name", v.Name, maxLine)
}

func checkCategory(ps *Problems, at string, v *Category) {
	v.Code = ps.text(at+"code", typed.Fold(v.Code), maxCode)
	v.Name = ps.name(at+"name", v.Name, maxLine)
	v.Parent = ps.text(at+"parent", typed.Fold(v.Parent), maxCode)
}

// PutVillages records villages likewise.
func (d *Desk) PutVillages(who Who, vs []Village) (int, error) {
	if err := d.needLists(who); err != nil {
		return 0, err
	}
	return putReference(d, who, KindVillage, vs, checkVillageRecord, func(v Village) string { return v.Code })
}

// PutCategories records categories likewise.
func (d *Desk) PutCategories(who Who, cs []Category) (int, error) {
	if err := d.needLists(who); err != nil {
		return 0, err
	}
	return putReference(d, who, KindCategory, cs, checkCategory, func(v Category) string { return v.Code })
}

// SetInfo writes the station's own record; its code is that of the ledger.
func (d *Desk) SetInfo(who Who, in Info) error {
	if err := who.need(RightSettings); err != nil {
		return err
	}
	_, err := putReference(d, who, KindStation, []Info{in}, d.checkInfo, func(v Info) string { return v.Code })
	return err
}

func (d *Desk) checkInfo(ps *Problems, at string, v *Info) {
	if v.Code != d.code() {
		ps.add(at+"code", &typed.Problem{Code: "station-code",
			ZH: "本站编号是 " + d.code() + ",不能改。", EN: "This station's code is " + d.code() + " and cannot be changed."})
	}
	v.Name = ps.name(at+"name", v.Name, maxLine)
	v.Area = ps.text(at+"area", typed.Fold(v.Area), maxCode)
}

// FindDeputies ranks the roster against a query of characters, initials or
// pinyin; those whose mandates have ended by then are left out.
func (d *Desk) FindDeputies(query string, on time.Time) []Deputy {
	day := typed.DateOf(on.In(Beijing))
	var sitting []Deputy
	for _, x := range d.Deputies() {
		if x.Sitting(day) {
			sitting = append(sitting, x)
		}
	}
	return ranked(sitting, query, func(x Deputy) string { return x.Name }, func(x Deputy) string { return x.Code })
}

// FindVillages ranks villages against a query; villages of the station's own
// area come first among equals.
func (d *Desk) FindVillages(query string) []Village {
	vs := d.Villages()
	if area := d.Info().Area; area != "" {
		vs = slices.Clone(vs)
		slices.SortStableFunc(vs, func(a, b Village) int {
			return cmp.Compare(outOf(area, a), outOf(area, b))
		})
	}
	return ranked(vs, query, func(v Village) string { return v.Name }, func(v Village) string { return v.Town + v.Name }, func(v Village) string { return v.Code })
}

// outOf is 0 for a village of the area and 1 for any other.
func outOf(area string, v Village) int {
	if strings.HasPrefix(v.Code, area) {
		return 0
	}
	return 1
}

// FindCategories ranks categories: digits select by code, anything else by
// name, initials or pinyin.
func (d *Desk) FindCategories(query string) []Category {
	return ranked(d.Categories(), query, func(c Category) string { return c.Code }, func(c Category) string { return c.Name })
}

// ranked keeps the items of which some text matches the query, best first and
// otherwise in the order given.
func ranked[T any](items []T, query string, texts ...func(T) string) []T {
	query = strings.TrimSpace(query)
	if query == "" {
		return items
	}
	type scored struct {
		item T
		rank pinyin.Rank
	}
	var out []scored
	for _, it := range items {
		best, hit := pinyin.Rank(0), false
		for _, text := range texts {
			if r, ok := pinyin.Match(query, text(it)); ok && (!hit || r < best) {
				best, hit = r, true
			}
		}
		if hit {
			out = append(out, scored{it, best})
		}
	}
	slices.SortStableFunc(out, func(a, b scored) int { return cmp.Compare(a.rank, b.rank) })
	items = make([]T, len(out))
	for i, s := range out {
		items[i] = s.item
	}
	return items
}
