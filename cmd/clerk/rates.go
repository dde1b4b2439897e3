package clerk

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// A RateRow is one line of `rates --json`.
type RateRow struct {
	Group string `json:"group,omitempty"` // of --by
	Label string `json:"group_name,omitempty"`
	Code  string `json:"code"`
	Name  string `json:"name"`
	Rule  string `json:"rule"`
	Num   int    `json:"num"`
	Den   int    `json:"den"`
	Value string `json:"value"` // 80/129 = 62.02%, or —
}

// RateFlags are the words of `rates`.
type RateFlags struct {
	From, To typed.Date
	Station  string
	Unit     string
	Category string
	By       string // station, unit, category
	Rows     string // of which rate to list the matters
	JSON     bool
}

// RateList prints the rates with what each means and until when they count, or
// the matters behind one.
func RateList(c Call, f RateFlags) error {
	q := station.RateQuery{From: f.From, To: f.To, Station: f.Station, Unit: f.Unit, Category: f.Category}
	switch f.By {
	case "", "station", "unit", "category":
	default:
		return usage("--by 可以是 station unit category", "--by is station, unit or category")
	}
	if f.Rows != "" {
		return rateRows(c, q, f)
	}
	groups := map[string]*station.Rates{}
	if f.By == "" {
		all, err := c.Desk.Rates(c.Who, q)
		if err != nil {
			return err
		}
		groups[""] = &all
	} else {
		var err error
		if groups, err = c.Desk.RatesBy(c.Who, q, f.By); err != nil {
			return err
		}
	}
	out := report.NewLines(c.Stdout)
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		r := groups[k]
		if !f.JSON {
			if _, err := fmt.Fprintf(c.Stdout, "%s  %d 件 matters  截至 as of %s\n", group(c, f.By, k), r.Matters, r.At.In(station.Beijing).Format(report.Minute)); err != nil {
				return err
			}
		}
		for _, l := range r.Lines {
			if f.JSON {
				if err := out.Put(RateRow{Group: k, Label: groupName(c, f.By, k), Code: l.Code, Name: l.Text.ZH, Rule: l.Rule.ZH, Num: l.Rate.Num, Den: l.Rate.Den, Value: l.Rate.String()}); err != nil {
					return err
				}
				continue
			}
			if _, err := fmt.Fprintf(c.Stdout, "  %s %s  %s\n      %s / %s\n", l.Text.ZH, l.Text.EN, l.Rate, l.Rule.ZH, l.Rule.EN); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// group is the heading of a group: its code, and its name where there is one.
func group(c Call, by, k string) string {
	name := groupName(c, by, k)
	switch {
	case by == "":
		return "全部 all"
	case k == "":
		return "(未写 none)"
	case name == k: // written in words
		return k
	}
	return k + " " + name
}

func groupName(c Call, by, k string) string {
	switch by {
	case "station":
		return c.Desk.StationName(k)
	case "unit":
		return c.Desk.UnitName(k)
	case "category":
		return c.Desk.CategoryName(k)
	}
	return ""
}

// rateRows lists the matters behind one rate, and says which of them count.
func rateRows(c Call, q station.RateQuery, f RateFlags) error {
	num, den, err := c.Desk.RateRows(c.Who, q, f.Rows)
	if errors.Is(err, ledger.ErrNotFound) {
		return usage("没有“%[1]s”这个比率;%[2]s rates --json 列出各个代码", "there is no rate %[1]s; %[2]s rates --json names the codes", clip(f.Rows), c.Program)
	}
	if err != nil {
		return err
	}
	counts := map[string]bool{}
	for _, l := range num {
		counts[l.Number] = true
	}
	if f.JSON {
		out := report.NewLines(c.Stdout)
		for _, l := range den {
			if err := out.Put(struct {
				report.Life
				Counts bool `json:"counts"`
			}{report.FromLife(l, c.Desk), counts[l.Number]}); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "计入 Counts"}, report.Column{Head: "编号 Number"}, report.Column{Head: "事项 Matter", Width: 44}, report.Column{Head: "单位 Unit", Width: 20}, report.Column{Head: "状态 State"})
	for _, l := range den {
		mark := ""
		if counts[l.Number] {
			mark = "✓"
		}
		t.Row(mark, l.Number, l.Title, c.Desk.UnitName(l.Unit), l.State.Text().ZH)
	}
	if err := t.Print(c.Stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Stdout, "%s\n", station.Rate{Num: len(num), Den: len(den)})
	return err
}
