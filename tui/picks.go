package tui

import (
	"liaison/station"
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
