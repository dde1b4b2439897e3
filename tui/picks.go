package tui

import (
	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// options are items as a list under a field offers them.
func options[T any](items []T, option func(T) form.Option) []form.Option {
	out := make([]form.Option, len(items))
	for i, it := range items {
		out[i] = option(it)
	}
	return out
}

func (e *env) categoryOption(c station.Category) form.Option {
	parent, _ := e.desk.Category(c.Parent)
	return form.Option{Value: c.Code, Label: c.Code + " " + e.show(c.Name), Hint: e.show(parent.Name)}
}

func (e *env) findCategory(code string) (form.Option, bool) {
	c, ok := e.desk.Category(code)
	return e.categoryOption(c), ok
}

// finePick is a field that picks a category below the first level, at once
// where its two digits are typed.
func (e *env) finePick() form.PickConfig {
	return form.PickConfig{ID: "category", Label: e.word(wCategory), Placeholder: e.word(wCategoryHint), Hop: true,
		Source: func(q string) []form.Option {
			var fine []station.Category
			for _, c := range e.desk.FindCategories(q) {
				if len(c.Code) > 1 {
					fine = append(fine, c)
				}
			}
			return options(fine, e.categoryOption)
		},
		Find: e.findCategory}
}

func (e *env) deputyOption(d station.Deputy) form.Option {
	return form.Option{Value: d.Code, Label: e.show(d.Name), Hint: e.show(d.Levels() + " " + d.Post)}
}

// deputyPick is a field that picks deputies who sit today, by name, initials
// or pinyin. While nothing is typed those on duty are offered, where any are;
// onDuty may be nil.
func (e *env) deputyPick(id string, label word, onDuty func() []string) form.PickConfig {
	return form.PickConfig{ID: id, Label: e.word(label), Placeholder: e.word(wNameHint),
		Source: func(q string) []form.Option {
			if q == "" && onDuty != nil {
				var on []station.Deputy
				for _, code := range onDuty() {
					if d, ok := e.desk.Deputy(code); ok {
						on = append(on, d)
					}
				}
				if len(on) > 0 {
					return options(on, e.deputyOption)
				}
			}
			return options(e.desk.FindDeputies(q, e.desk.Now()), e.deputyOption)
		},
		Find: func(code string) (form.Option, bool) {
			d, ok := e.desk.Deputy(code)
			return e.deputyOption(d), ok
		}}
}

// stationPick is a field that picks one of the city's stations by code, name
// or initials.
func (e *env) stationPick(id string, label, hint word) form.PickConfig {
	option := func(s station.Info) form.Option {
		return form.Option{Value: s.Code, Label: s.Code, Hint: e.show(s.Name)}
	}
	return form.PickConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint),
		Source: func(q string) []form.Option { return options(e.desk.FindStations(q), option) },
		Find: func(code string) (form.Option, bool) {
			return option(station.Info{Code: code, Name: e.desk.StationName(code)}), code != ""
		}}
}

// unitPick is a field that picks an undertaking unit; any name may be typed.
// While nothing is typed those are offered that matters of a category usually
// go to.
func (e *env) unitPick(id string, label word, category string) form.PickConfig {
	option := func(u station.UndertakingUnit) form.Option {
		return form.Option{Value: u.Code, Label: e.show(u.Name), Hint: u.Code}
	}
	return form.PickConfig{ID: id, Label: e.word(label), Placeholder: e.word(wUnitHint), Free: true, First: true,
		Source: func(q string) []form.Option {
			if q == "" {
				if us := e.desk.UnitsFor(category); len(us) > 0 {
					return options(us, option)
				}
			}
			return options(e.desk.FindUnits(q), option)
		},
		Find: func(code string) (form.Option, bool) { u, ok := e.desk.Unit(code); return option(u), ok }}
}

// listPick is a field that picks one of a list of the city's by name.
func listPick[T any](e *env, id string, label word, find func(string) []T, one func(string) (T, bool), of func(T) (code, name, hint string)) form.PickConfig {
	option := func(x T) form.Option {
		code, name, hint := of(x)
		return form.Option{Value: code, Label: e.show(name), Hint: e.show(hint)}
	}
	return form.PickConfig{ID: id, Label: e.word(label), Placeholder: e.word(wNameHint),
		Source: func(q string) []form.Option { return options(find(q), option) },
		Find:   func(code string) (form.Option, bool) { x, ok := one(code); return option(x), ok }}
}

func (e *env) leaderPick(id string, label word) form.PickConfig {
	return listPick(e, id, label, e.desk.FindLeaders, e.desk.Leader, func(l station.Leader) (string, string, string) { return l.Code, l.Name, l.Post })
}

func (e *env) committeePick(id string, label word) form.PickConfig {
	return listPick(e, id, label, e.desk.FindCommittees, e.desk.Committee, func(c station.Committee) (string, string, string) { return c.Code, c.Name, c.Code })
}

func (e *env) groupPick(id string, label word) form.PickConfig {
	return listPick(e, id, label, e.desk.FindGroups, e.desk.Group, func(g station.Group) (string, string, string) { return g.Code, g.Name, g.Station })
}

// classChoice chooses a result class of the scheme in force.
func (e *env) classChoice() *form.Choice {
	var out []form.Option
	for _, c := range e.desk.ResultClasses(e.desk.Today()) {
		out = append(out, form.Option{Value: c.Code, Label: e.text(c.Name()), Keys: c.Class})
	}
	return form.NewChoice(form.ChoiceConfig{ID: "class", Label: e.word(wClass), Options: out})
}

// comingDay is a field for a day that is still to come, as people type it.
func (e *env) comingDay(id string, label, hint word) *form.Text {
	return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint), Limit: 20, Fold: cell.Fold,
		Rule: rule(e, func(v string) (string, error) {
			d, err := typed.ComingDate(v, e.desk.Today())
			return d.String(), err
		})})
}
