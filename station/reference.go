package station

import (
	"encoding/json"
	"errors"
	"sort"
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
// whole when one of its records changes.
type reference struct {
	info       Info
	deputies   []Deputy
	villages   []Village
	categories []Category
	deputy     map[string]Deputy
	village    map[string]Village
	category   map[string]Category
}

func loadReference(l ledger.Ledger) (*reference, error) {
	r := &reference{deputy: map[string]Deputy{}, village: map[string]Village{}, category: map[string]Category{}}
	errs := []error{
		each(l, KindStation, func(_ ledger.ID, v Info) { r.info = v }),
		each(l, KindDeputy, func(_ ledger.ID, v Deputy) { r.deputies = append(r.deputies, v); r.deputy[v.Code] = v }),
		each(l, KindVillage, func(_ ledger.ID, v Village) { r.villages = append(r.villages, v); r.village[v.Code] = v }),
	}
	for _, c := range defaultCategories() {
		r.category[c.Code] = c
	}
	errs = append(errs, each(l, KindCategory, func(_ ledger.ID, v Category) { r.category[v.Code] = v }))
	for _, c := range r.category {
		r.categories = append(r.categories, c)
	}
	sort.Slice(r.categories, func(i, j int) bool { return r.categories[i].Code < r.categories[j].Code })
	sort.SliceStable(r.deputies, func(i, j int) bool { return pinyin.Compare(r.deputies[i].Name, r.deputies[j].Name) < 0 })
	return r, errors.Join(errs...)
}

// each decodes the newest revision of every record of a kind. A body that
// does not decode is left to the check; one bad record must not close the
// station.
func each[T any](l ledger.Ledger, k ledger.Kind, fn func(ledger.ID, T)) error {
	return l.Each(k, func(e ledger.Entry) error {
		if v, err := decode[T](e); err == nil {
			fn(e.ID, v)
		}
		return nil
	})
}

// Info returns the station's code and name.
func (d *Desk) Info() Info { return d.ref.Load().info }

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

// putReference writes reference records that differ from what is held, and
// returns how many were new or changed. ids and bodies go together.
func putReference[T any](d *Desk, who Who, k ledger.Kind, items []T, id func(T) string, same func(old, new T) bool) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	var news []ledger.New
	for _, it := range items {
		n := ledger.New{Kind: k, ID: ledger.ID(id(it)), At: now, By: who.Account, Seen: d.seen()}
		if rec, err := d.led.Record(k, n.ID); err == nil {
			if old, err := decode[T](rec.Entry); err == nil && same(old, it) {
				continue
			}
			n.Replaces = rec.Ref
		} else if !errors.Is(err, ledger.ErrNotFound) {
			return 0, err
		}
		body, err := json.Marshal(it)
		if err != nil {
			return 0, err
		}
		n.Body = body
		news = append(news, n)
	}
	for batch := range chunks(news, 500) {
		if err := d.commit(ledger.Change{New: batch}); err != nil {
			return 0, err
		}
	}
	return len(news), nil
}

// chunks yields s in runs of at most n.
func chunks[T any](s []T, n int) func(func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(s) > 0 {
			k := min(n, len(s))
			if !yield(s[:k]) {
				return
			}
			s = s[k:]
		}
	}
}

// sameJSON compares two values by what would be stored.
func sameJSON[T any](a, b T) bool {
	x, ex := json.Marshal(a)
	y, ey := json.Marshal(b)
	return ex == nil && ey == nil && string(x) == string(y)
}

// PutDeputies records deputies; those that say nothing new are passed over.
func (d *Desk) PutDeputies(who Who, ds []Deputy) (int, error) {
	if err := who.need(RightImport); err != nil {
		return 0, err
	}
	return putReference(d, who, KindDeputy, ds, func(v Deputy) string { return v.Code }, sameJSON[Deputy])
}

// PutVillages records villages likewise.
func (d *Desk) PutVillages(who Who, vs []Village) (int, error) {
	if err := who.need(RightImport); err != nil {
		return 0, err
	}
	return putReference(d, who, KindVillage, vs, func(v Village) string { return v.Code }, sameJSON[Village])
}

// PutCategories records categories likewise.
func (d *Desk) PutCategories(who Who, cs []Category) (int, error) {
	if err := who.need(RightImport); err != nil {
		return 0, err
	}
	return putReference(d, who, KindCategory, cs, func(v Category) string { return v.Code }, sameJSON[Category])
}

// SetInfo writes the station's own record.
func (d *Desk) SetInfo(who Who, in Info) error {
	if err := who.need(RightSettings); err != nil {
		return err
	}
	_, err := putReference(d, who, KindStation, []Info{in}, func(v Info) string { return v.Code }, sameJSON[Info])
	return err
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
	area := d.Info().Area
	vs := ranked(d.Villages(), query, func(v Village) string { return v.Name }, func(v Village) string { return v.Town + v.Name }, func(v Village) string { return v.Code })
	if area != "" {
		sort.SliceStable(vs, func(i, j int) bool {
			return strings.HasPrefix(vs[i].Code, area) && !strings.HasPrefix(vs[j].Code, area)
		})
	}
	return vs
}

// FindCategories ranks categories: digits select by code, anything else by
// name, initials or pinyin.
func (d *Desk) FindCategories(query string) []Category {
	return ranked(d.Categories(), query, func(c Category) string { return c.Code }, func(c Category) string { return c.Name })
}

// ranked keeps the items of which some text matches the query, best first.
func ranked[T any](items []T, query string, texts ...func(T) string) []T {
	query = strings.TrimSpace(typed.Fold(query))
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
	sort.SliceStable(out, func(i, j int) bool { return out[i].rank < out[j].rank })
	items = make([]T, len(out))
	for i, s := range out {
		items[i] = s.item
	}
	return items
}
