package clerk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"liaison/station"
	"liaison/station/sheet"
	"liaison/station/typed"
)

// Columns that several tables of bodies have.
var (
	codeColumn     = []string{"编号", "代码", "编码", "code"}
	contactColumn  = []string{"联系人", "contact"}
	phoneColumn    = []string{"联系电话", "电话", "手机", "手机号码", "phone"}
	categoryColumn = []string{"对口分类", "分类", "分管分类", "内容分类", "categories", "category"}
	endedColumn    = []string{"状态", "已撤销", "撤销", "state", "ended"}
	reasonColumn   = []string{"撤销原因", "撤并原因", "原因", "end_reason"}
)

// bodyColumns are the tables of units, leaders, committees and groups.
func bodyColumns(kind string) Kind {
	switch kind {
	case "units":
		return Kind{[]sheet.Column{
			{Key: "code", Names: append([]string{"单位编号", "单位代码"}, codeColumn...), Required: true},
			{Key: "name", Names: []string{"单位名称", "承办单位", "单位", "名称", "name"}, Required: true},
			{Key: "kind", Names: []string{"类别", "单位类别", "类型", "kind"}},
			{Key: "parent", Names: []string{"上级单位", "上级编号", "上级", "主管单位", "parent"}},
			{Key: "contact", Names: contactColumn},
			{Key: "phone", Names: phoneColumn},
			{Key: "leader", Names: []string{"分管领导", "分管领导编号", "领导", "leader"}},
			{Key: "categories", Names: categoryColumn},
			{Key: "ended", Names: endedColumn},
			{Key: "end", Names: reasonColumn},
		}, (*Intake).units}
	case "leaders":
		return Kind{[]sheet.Column{
			{Key: "code", Names: append([]string{"领导编号"}, codeColumn...), Required: true},
			{Key: "name", Names: []string{"姓名", "领导", "name"}, Required: true},
			{Key: "post", Names: []string{"职务", "post"}},
			{Key: "portfolio", Names: []string{"分管工作", "分管领域", "分工", "portfolio"}},
			{Key: "categories", Names: categoryColumn},
			{Key: "ended", Names: endedColumn},
			{Key: "end", Names: reasonColumn},
		}, (*Intake).leaders}
	case "committees":
		return Kind{[]sheet.Column{
			{Key: "code", Names: append([]string{"工委编号"}, codeColumn...), Required: true},
			{Key: "name", Names: []string{"工委", "工委名称", "委员会", "名称", "name"}, Required: true},
			{Key: "contact", Names: contactColumn},
			{Key: "phone", Names: phoneColumn},
			{Key: "categories", Names: categoryColumn},
			{Key: "ended", Names: endedColumn},
			{Key: "end", Names: reasonColumn},
		}, (*Intake).committees}
	case "groups":
		return Kind{[]sheet.Column{
			{Key: "code", Names: append([]string{"小组编号"}, codeColumn...), Required: true},
			{Key: "name", Names: []string{"小组", "代表小组", "小组名称", "名称", "name"}, Required: true},
			{Key: "station", Names: []string{"联络站", "站点", "站点编号", "编入站", "station"}},
			{Key: "head", Names: []string{"组长", "组长编号", "head"}},
			{Key: "members", Names: []string{"成员", "代表编号", "成员编号", "代表", "members"}},
			{Key: "ended", Names: endedColumn},
			{Key: "end", Names: reasonColumn},
		}, (*Intake).groups}
	}
	return ruleColumns(kind)
}

// A row is one of a table, read over what is held already: a table that lacks
// a column says nothing of it, while an empty cell says that there is nothing.
type row struct {
	sheet.Row
	found map[string]string // headings by key
	err   error             // the first thing that could not be read
}

// has reports whether the table has a column.
func (r *row) has(key string) bool { _, ok := r.found[key]; return ok }

// text reads a cell of one line over what is held.
func (r *row) text(key string, held *string) {
	if r.has(key) {
		*held = OneLine(r.Get(key))
	}
}

// code reads a cell that holds a code.
func (r *row) code(key string, held *string) {
	if r.has(key) {
		*held = fold(r.Get(key))
	}
}

// list reads a cell that holds several words.
func (r *row) list(key string, held *[]string) {
	if r.has(key) {
		*held = list(r.Get(key))
	}
}

// into reads a cell as read has it.
func into[T any](r *row, key string, held *T, read func(string) (T, error)) {
	if r.err != nil || !r.has(key) {
		return
	}
	v, err := read(r.Get(key))
	if r.err = err; err == nil {
		*held = v
	}
}

// ending reads whether a body is no more, and why: the table's reason, or where
// that has none the one that was given on screen.
func (r *row) ending(gone *bool, reason *string) {
	into(r, "ended", gone, ended)
	if s := OneLine(r.Get("end")); s != "" || !*gone {
		*reason = s
	}
}

// take reads the rows of a table with read, each over what is held, and gives
// those that the desk would take. What it or the reader refuses is named by its
// line, and so is a code that stands in two rows.
func take[T any](k *Intake, read func(r *row) T) []T {
	var out []T
	first := map[string]int{}
	for _, sr := range k.Table.Rows {
		if !k.Sound(sr) {
			continue
		}
		code := fold(sr.Get("code"))
		switch {
		case code == "":
			k.Refuse(sr.Line, "缺编号 / the code is missing")
			continue
		case first[code] > 0:
			k.Refuse(sr.Line, fmt.Sprintf("编号与第 %d 行相同 / its code stands in row %[1]d already", first[code]))
			continue
		}
		r := &row{Row: sr, found: k.Table.Found}
		if v := read(r); add(k, &out, r, v) {
			first[code] = sr.Line
		}
	}
	return out
}

// add takes a record that was read from a row, unless the reader or the desk
// refuses it, which is named.
func add[T any](k *Intake, out *[]T, r *row, v T) bool {
	err := r.err
	if err == nil {
		v, err = station.CheckRecord(k.Desk, v)
	}
	if err != nil {
		k.Refuse(r.Line, k.wrong(err))
		return false
	}
	*out = append(*out, v)
	return true
}

// wrong says what is wrong with a row; a field goes by the heading of its
// column.
func (k *Intake) wrong(err error) string {
	ps, ok := station.FieldsOf(err)
	if !ok {
		return Sentence(err)
	}
	var all []string
	for _, p := range ps {
		field, _, _ := strings.Cut(p.Field, "[")
		if field == "mandates" {
			field = p.Field[strings.LastIndexByte(p.Field, '.')+1:]
		}
		all = append(all, k.heading(field)+": "+Both(p.Problem))
	}
	return strings.Join(all, "; ")
}

// heading is the table's for a column, or the usual one where it lacks it.
func (k *Intake) heading(key string) string {
	for _, c := range k.Columns {
		if c.Key == key {
			return cmp.Or(k.Table.Found[key], c.Names[0])
		}
	}
	return cmp.Or(k.Table.Found[key], key)
}

// fold tidies a code as people type it.
func fold(s string) string { return strings.ToUpper(OneLine(typed.Fold(s))) }

// list splits what stands in one cell.
func list(s string) []string {
	return strings.FieldsFunc(typed.Fold(s), func(c rune) bool { return strings.ContainsRune("、,;/ \n\t", c) })
}

func upper(in []string) []string {
	for i := range in {
		in[i] = strings.ToUpper(in[i])
	}
	return in
}

// ended reads whether a body is no more.
func ended(s string) (bool, error) {
	switch strings.ToLower(OneLine(s)) {
	case "", "在用", "正常", "否", "no", "false", "0", "active":
		return false, nil
	case "撤销", "已撤销", "撤并", "已撤并", "停用", "离任", "是", "yes", "true", "1", "ended":
		return true, nil
	}
	return false, refuse("状态请写作 在用 或 撤销", "write the state as 在用 or 撤销")
}

func (k *Intake) units(context.Context) error {
	out := take(k, func(r *row) station.UndertakingUnit {
		v, known := k.Desk.Unit(fold(r.Get("code")))
		if !known {
			v.Kind = "other"
		}
		r.code("code", &v.Code)
		r.text("name", &v.Name)
		into(r, "kind", &v.Kind, func(s string) (string, error) { return oneOf(s, "other", station.UnitKinds) })
		r.code("parent", &v.Parent)
		r.text("contact", &v.Contact)
		r.text("phone", &v.Phone)
		r.code("leader", &v.Leader)
		r.list("categories", &v.Categories)
		r.ending(&v.Ended, &v.EndReason)
		return v
	})
	d := k.Desk
	return store(k, out, d.PutUnits, func(v station.UndertakingUnit) bool {
		old, ok := d.Unit(v.Code)
		return ok && same(old, v)
	})
}

// oneOf reads one of a closed set by its word, its key or its Chinese name.
func oneOf(s, otherwise string, of station.Terms) (string, error) {
	s = OneLine(typed.Fold(s))
	if s == "" {
		return otherwise, nil
	}
	var names []string
	for _, t := range of {
		zh, _, _ := strings.Cut(strings.TrimPrefix(t.ZH, "个"), "(")
		if s == t.Code || s == t.Key || s == t.ZH || s == typed.Fold(t.ZH) || s == zh || strings.EqualFold(s, t.EN) {
			return t.Code, nil
		}
		names = append(names, zh)
	}
	all := strings.Join(names, "、")
	return "", refuse("不认识“%[1]s”,可以写 %[2]s", "%[1]s is not known; write one of %[2]s", clip(s), all)
}

func (k *Intake) leaders(context.Context) error {
	out := take(k, func(r *row) station.Leader {
		v, _ := k.Desk.Leader(fold(r.Get("code")))
		r.code("code", &v.Code)
		r.text("name", &v.Name)
		r.text("post", &v.Post)
		r.text("portfolio", &v.Portfolio)
		r.list("categories", &v.Categories)
		r.ending(&v.Ended, &v.EndReason)
		return v
	})
	d := k.Desk
	return store(k, out, d.PutLeaders, func(v station.Leader) bool {
		old, ok := d.Leader(v.Code)
		return ok && same(old, v)
	})
}

func (k *Intake) committees(context.Context) error {
	out := take(k, func(r *row) station.Committee {
		v, _ := k.Desk.Committee(fold(r.Get("code")))
		r.code("code", &v.Code)
		r.text("name", &v.Name)
		r.text("contact", &v.Contact)
		r.text("phone", &v.Phone)
		r.list("categories", &v.Categories)
		r.ending(&v.Ended, &v.EndReason)
		return v
	})
	d := k.Desk
	return store(k, out, d.PutCommittees, func(v station.Committee) bool {
		old, ok := d.Committee(v.Code)
		return ok && same(old, v)
	})
}

// groups takes deputies' groups: the members side by side in one row, by code.
func (k *Intake) groups(context.Context) error {
	out := take(k, func(r *row) station.Group {
		v, _ := k.Desk.Group(fold(r.Get("code")))
		r.code("code", &v.Code)
		r.text("name", &v.Name)
		r.code("station", &v.Station)
		r.code("head", &v.Head)
		if r.has("members") {
			v.Members = upper(list(r.Get("members")))
		}
		r.ending(&v.Ended, &v.EndReason)
		return v
	})
	d := k.Desk
	return store(k, out, d.PutGroups, func(v station.Group) bool {
		old, ok := d.Group(v.Code)
		return ok && same(old, v)
	})
}

// same compares two records by what would be stored.
func same(a, b any) bool {
	x, ex := json.Marshal(a)
	y, ey := json.Marshal(b)
	return ex == nil && ey == nil && string(x) == string(y)
}
