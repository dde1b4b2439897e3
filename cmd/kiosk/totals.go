package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station"
)

// runTotals prints the counts that reports ask for, of one month.
func runTotals(_ context.Context, inv *invocation) error {
	fs := inv.flagSet()
	name := fs.String("month", "", "")
	asJSON := fs.Bool("json", false, "")
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	desk := inv.kiosk.desk
	from, to, err := clerk.Month(*name, desk.Today())
	if err != nil {
		return err
	}
	t, err := desk.Totals(inv.who, from, to)
	if err != nil {
		return err
	}
	if *asJSON {
		return inv.putJSON(t)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s – %s\n", desk.Info().Name, t.From, t.To)
	fmt.Fprintf(&b, "场次 Sessions %d   代表人次 Deputies %d   批次 Visits %d   人次 Persons %d   件 Matters %d\n", t.Sessions, t.Deputies, t.Visits, t.Persons, t.Matters)
	fmt.Fprintf(&b, "当场答复率 Answered on the spot %s   补录 Late %d   作废 Void %d\n", t.OnSpot, t.Late, t.Void)
	if _, err := fmt.Fprint(inv.stdout, b.String()); err != nil {
		return err
	}
	for _, part := range [...]struct {
		head   string
		counts map[string]int
		label  func(string) string
	}{
		{"处理 Disposition", t.Dispositions, func(c string) string { return station.Dispositions.Label(c).ZH }},
		{"分类 Category", t.Categories, func(c string) string { return c + " " + desk.CategoryName(c) }},
		{"村居 Village", t.Villages, desk.VillageName},
	} {
		if err := inv.counts(part.head, part.counts, part.label); err != nil {
			return err
		}
	}
	return nil
}

// counts prints one table of counts, the largest first.
func (inv *invocation) counts(head string, counts map[string]int, label func(string) string) error {
	if len(counts) == 0 {
		return nil
	}
	codes := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	t := report.NewTable(report.Column{Head: head, Width: 40}, report.Column{Head: "件 N", Right: true})
	for _, c := range codes {
		t.Row(label(c), fmt.Sprint(counts[c]))
	}
	if _, err := fmt.Fprintln(inv.stdout); err != nil {
		return err
	}
	return t.Print(inv.stdout)
}
