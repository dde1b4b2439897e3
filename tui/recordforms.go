package tui

import (
	"cmp"
	"strings"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// textLine is a field of one line; r nil: anything.
func (e *env) textLine(id string, label, hint word, limit int, r form.Rule) *form.Text {
	return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint), Limit: limit, Rule: r})
}

// codeRow is the code of a new record and its name; the code of one that is
// there already cannot be changed, and stands above the form.
func (e *env) codeRow(fresh bool, label word) form.Row {
	name := form.In(e.textLine("name", label, wNeeded, 100, required(e)), 0)
	if !fresh {
		return form.Row{name}
	}
	code := form.NewText(form.TextConfig{ID: "code", Label: e.word(wCode), Placeholder: e.word(wCodeHint), Limit: 40, Rule: required(e),
		Fold: func(s string) string { return strings.ToUpper(cell.Fold(s)) }})
	return form.Row{form.In(code, 30), name}
}

// categoriesPick is a field for the categories of a unit, a leader or a
// committee.
func (e *env) categoriesPick() form.Item {
	return form.In(form.NewMultiPick(form.PickConfig{ID: "categories", Label: e.word(wListCategories), Placeholder: e.word(wCategoriesHint),
		Source: func(q string) []form.Option { return options(e.desk.FindCategories(q), e.categoryOption) }, Find: e.findCategory}), 0)
}

// optionalPick is a field that picks one of a list, or none.
func (e *env) optionalPick(c form.PickConfig) form.Item {
	c.Placeholder = e.word(wPickHint)
	return form.In(form.NewPick(c), 0)
}

// parentPick is a field that picks a unit that still exists.
func (e *env) parentPick() form.Item {
	return e.optionalPick(listPick(e, "parent", wParent, e.desk.FindUnits, e.desk.Unit,
		func(u station.UndertakingUnit) (string, string, string) { return u.Code, u.Name, u.Code }))
}

// codesOf takes apart what a field of several codes holds.
func codesOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// endedName is a name in a title, with what has become of it and why.
func (e *env) endedName(name string, ended bool, over word, why string) string {
	if ended {
		name += "(" + e.word(over)
		if why != "" {
			name += ":" + why
		}
		name += ")"
	}
	return name
}

func unitRecord() recordKind[station.UndertakingUnit] {
	type T = station.UndertakingUnit
	return recordKind[T]{kind: string(station.KindUnit), fresh: wNewUnit, change: wChangeUnit, hint: wRecordHint, ask: wEndRecord,
		fields: func(e *env, _ T, fresh bool) []form.Row {
			return []form.Row{e.codeRow(fresh, wNameOf),
				{form.In(choice(e, "kind", wUnitKind, station.UnitKinds, "gov"), 30), e.parentPick()},
				{form.In(e.textLine("contact", wContactName, wOptional, 50, nil), 30), form.In(e.textLine("phone", wPhone, wOptional, 40, nil), 0)},
				{e.optionalPick(e.leaderPick("leader", wLeaderOf))}, {e.categoriesPick()}}
		},
		values: func(v T) map[string]string {
			return map[string]string{"code": v.Code, "name": v.Name, "kind": v.Kind, "parent": v.Parent, "contact": v.Contact, "phone": v.Phone,
				"leader": v.Leader, "categories": strings.Join(v.Categories, ",")}
		},
		typed: func(_ *env, v T, get func(string) string) T {
			v.Code, v.Name, v.Kind, v.Parent, v.Contact = cmp.Or(get("code"), v.Code), get("name"), get("kind"), get("parent"), get("contact")
			v.Phone, v.Leader, v.Categories = get("phone"), get("leader"), codesOf(get("categories"))
			return v
		},
		held: (*station.Desk).Unit, save: (*station.Desk).ChangeUnit, ended: func(v *T) (*bool, *string) { return &v.Ended, &v.EndReason },
		code: func(v T) string { return v.Code },
		name: func(e *env, v T) string { return e.endedName(v.Name, v.Ended, wListEnded, v.EndReason) }}
}

func leaderRecord() recordKind[station.Leader] {
	type T = station.Leader
	return recordKind[T]{kind: string(station.KindLeader), fresh: wNewLeader, change: wChangeLeader, hint: wRecordHint, ask: wLeaderLeaves,
		fields: func(e *env, _ T, fresh bool) []form.Row {
			return []form.Row{e.codeRow(fresh, wName), {form.In(e.textLine("post", wPostOf, wOptional, 200, nil), 0)},
				{form.In(e.textLine("portfolio", wPortfolio, wPortfolioHint, 200, nil), 0)}, {e.categoriesPick()}}
		},
		values: func(v T) map[string]string {
			return map[string]string{"code": v.Code, "name": v.Name, "post": v.Post, "portfolio": v.Portfolio, "categories": strings.Join(v.Categories, ",")}
		},
		typed: func(_ *env, v T, get func(string) string) T {
			v.Code, v.Name, v.Post, v.Portfolio, v.Categories = cmp.Or(get("code"), v.Code), get("name"), get("post"), get("portfolio"), codesOf(get("categories"))
			return v
		},
		held: (*station.Desk).Leader, save: (*station.Desk).ChangeLeader, ended: func(v *T) (*bool, *string) { return &v.Ended, &v.EndReason },
		code: func(v T) string { return v.Code },
		name: func(e *env, v T) string { return e.endedName(v.Name, v.Ended, wHasLeft, v.EndReason) }}
}

func committeeRecord() recordKind[station.Committee] {
	type T = station.Committee
	return recordKind[T]{kind: string(station.KindCommittee), fresh: wNewCommittee, change: wChangeCommittee, hint: wRecordHint, ask: wEndRecord,
		fields: func(e *env, _ T, fresh bool) []form.Row {
			return []form.Row{e.codeRow(fresh, wNameOf),
				{form.In(e.textLine("contact", wContactName, wOptional, 50, nil), 30), form.In(e.textLine("phone", wPhone, wOptional, 40, nil), 0)}, {e.categoriesPick()}}
		},
		values: func(v T) map[string]string {
			return map[string]string{"code": v.Code, "name": v.Name, "contact": v.Contact, "phone": v.Phone, "categories": strings.Join(v.Categories, ",")}
		},
		typed: func(_ *env, v T, get func(string) string) T {
			v.Code, v.Name, v.Contact, v.Phone, v.Categories = cmp.Or(get("code"), v.Code), get("name"), get("contact"), get("phone"), codesOf(get("categories"))
			return v
		},
		held: (*station.Desk).Committee, save: (*station.Desk).ChangeCommittee, ended: func(v *T) (*bool, *string) { return &v.Ended, &v.EndReason },
		code: func(v T) string { return v.Code },
		name: func(e *env, v T) string { return e.endedName(v.Name, v.Ended, wListEnded, v.EndReason) }}
}

func groupRecord() recordKind[station.Group] {
	type T = station.Group
	return recordKind[T]{kind: string(station.KindGroup), fresh: wNewGroup, change: wChangeGroup, hint: wRecordHint, ask: wEndRecord,
		fields: func(e *env, _ T, fresh bool) []form.Row {
			return []form.Row{e.codeRow(fresh, wNameOf), {e.optionalPick(e.stationPick("station", wListStation, wPickHint))},
				{e.optionalPick(e.deputyPick("head", wGroupHead, nil))}, {form.In(form.NewMultiPick(e.deputyPick("members", wMembers, nil)), 0)}}
		},
		values: func(v T) map[string]string {
			return map[string]string{"code": v.Code, "name": v.Name, "station": v.Station, "head": v.Head, "members": strings.Join(v.Members, ",")}
		},
		typed: func(_ *env, v T, get func(string) string) T {
			v.Code, v.Name, v.Station, v.Head, v.Members = cmp.Or(get("code"), v.Code), get("name"), get("station"), get("head"), codesOf(get("members"))
			return v
		},
		held: (*station.Desk).Group, save: (*station.Desk).ChangeGroup, ended: func(v *T) (*bool, *string) { return &v.Ended, &v.EndReason },
		code: func(v T) string { return v.Code },
		name: func(e *env, v T) string { return e.endedName(v.Name, v.Ended, wListEnded, v.EndReason) }}
}
