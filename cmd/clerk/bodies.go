package clerk

import (
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

// rows calls one with every row that the reader understood; what it refuses is
// named by its line, and so is a code that stands in two rows.
func (k *Intake) rows(one func(get func(string) string) error) {
	first := map[string]int{}
	for _, r := range k.Table.Rows {
		if !k.Sound(r) {
			continue
		}
		code := fold(r.Get("code"))
		switch {
		case code == "":
			k.Refuse(r.Line, "缺编号 / the code is missing")
			continue
		case first[code] > 0:
			k.Refuse(r.Line, fmt.Sprintf("编号与第 %d 行相同 / its code stands in row %[1]d already", first[code]))
			continue
		}
		if err := one(r.Get); err != nil {
			k.Refuse(r.Line, Sentence(err))
			continue
		}
		first[code] = r.Line
	}
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

// why is the reason why a body is no more: the table's, or where that has
// none the one that was given on screen.
func why(get func(string) string, ended bool, held string) string {
	if s := OneLine(get("end")); s != "" || !ended {
		return s
	}
	return held
}

// put hands the rows over to the desk, which checks them once more as a whole;
// what it finds is named by the code of the record.
func put[T any](k *Intake, items []T, put func(station.Who, []T) (int, error), known func(T) bool, code func(T) string) error {
	err := store(k, items, put, known)
	ps, ok := station.FieldsOf(err)
	if !ok {
		return err
	}
	for _, p := range ps {
		at := -1
		if _, rest, found := strings.Cut(p.Field, "["); found {
			if _, serr := fmt.Sscanf(rest, "%d]", &at); serr != nil {
				at = -1
			}
		}
		if at < 0 || at >= len(items) {
			return err
		}
		field := p.Field[strings.LastIndexByte(p.Field, '.')+1:]
		k.Refused++
		fmt.Fprintf(k.Stderr, "%s %s: %s\n", code(items[at]), field, Both(p.Problem))
	}
	return nil
}

func (k *Intake) units(context.Context) error {
	var out []station.UndertakingUnit
	k.rows(func(get func(string) string) (err error) {
		v := station.UndertakingUnit{Code: fold(get("code")), Name: OneLine(get("name")), Parent: fold(get("parent")), Contact: OneLine(get("contact")),
			Phone: OneLine(get("phone")), Leader: fold(get("leader")), Categories: list(get("categories"))}
		if v.Kind, err = oneOf(get("kind"), "other", station.UnitKinds); err == nil {
			v.Ended, err = ended(get("ended"))
		}
		if err == nil {
			old, _ := k.Desk.Unit(v.Code)
			v.EndReason = why(get, v.Ended, old.EndReason)
			out = append(out, v)
		}
		return err
	})
	d := k.Desk
	return put(k, out, d.PutUnits, func(v station.UndertakingUnit) bool {
		old, ok := d.Unit(v.Code)
		return ok && same(old, v)
	}, func(v station.UndertakingUnit) string { return v.Code })
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
	var out []station.Leader
	k.rows(func(get func(string) string) (err error) {
		v := station.Leader{Code: fold(get("code")), Name: OneLine(get("name")), Post: OneLine(get("post")),
			Portfolio: OneLine(get("portfolio")), Categories: list(get("categories"))}
		if v.Ended, err = ended(get("ended")); err == nil {
			old, _ := k.Desk.Leader(v.Code)
			v.EndReason = why(get, v.Ended, old.EndReason)
			out = append(out, v)
		}
		return err
	})
	d := k.Desk
	return put(k, out, d.PutLeaders, func(v station.Leader) bool {
		old, ok := d.Leader(v.Code)
		return ok && same(old, v)
	}, func(v station.Leader) string { return v.Code })
}

func (k *Intake) committees(context.Context) error {
	var out []station.Committee
	k.rows(func(get func(string) string) (err error) {
		v := station.Committee{Code: fold(get("code")), Name: OneLine(get("name")), Contact: OneLine(get("contact")),
			Phone: OneLine(get("phone")), Categories: list(get("categories"))}
		if v.Ended, err = ended(get("ended")); err == nil {
			old, _ := k.Desk.Committee(v.Code)
			v.EndReason = why(get, v.Ended, old.EndReason)
			out = append(out, v)
		}
		return err
	})
	d := k.Desk
	return put(k, out, d.PutCommittees, func(v station.Committee) bool {
		old, ok := d.Committee(v.Code)
		return ok && same(old, v)
	}, func(v station.Committee) string { return v.Code })
}

// groups takes deputies' groups: the members side by side in one row, by code.
func (k *Intake) groups(context.Context) error {
	var out []station.Group
	k.rows(func(get func(string) string) (err error) {
		v := station.Group{Code: fold(get("code")), Name: OneLine(get("name")), Station: fold(get("station")), Head: fold(get("head")),
			Members: upper(list(get("members")))}
		if v.Ended, err = ended(get("ended")); err == nil {
			old, _ := k.Desk.Group(v.Code)
			v.EndReason = why(get, v.Ended, old.EndReason)
			out = append(out, v)
		}
		return err
	})
	d := k.Desk
	return put(k, out, d.PutGroups, func(v station.Group) bool {
		old, ok := d.Group(v.Code)
		return ok && same(old, v)
	}, func(v station.Group) string { return v.Code })
}

// same compares two records by what would be stored.
func same(a, b any) bool {
	x, ex := json.Marshal(a)
	y, ey := json.Marshal(b)
	return ex == nil && ey == nil && string(x) == string(y)
}
