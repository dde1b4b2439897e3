package main

import (
	"context"
	"fmt"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station"
)

// runRates prints the rates over all stations, and which of these had synced
// by now: what they have not sent does not count.
func runRates(_ context.Context, inv *invocation, c *city) error {
	f := clerk.RateFlags{Station: inv.station, Unit: inv.unit, Category: inv.category, By: inv.by, Rows: inv.rows, JSON: inv.json}
	var err error
	if inv.month != "" {
		if f.From, f.To, err = clerk.Month(inv.month, c.desk.Today()); err != nil {
			return err
		}
	}
	if err := clerk.RateList(inv.call(c), f); err != nil || f.JSON || f.Rows != "" {
		return err
	}
	all, err := c.in.Stations()
	if err != nil {
		return err
	}
	fresh := 0
	for _, s := range all {
		if time.Since(s.Seen) < 24*time.Hour {
			fresh++
		}
	}
	if _, err := fmt.Fprintf(inv.stdout, "一天内同步过的站 %d / %d;未同步的: / synced within a day %[1]d of %[2]d; not so:\n", fresh, len(all)); err != nil {
		return err
	}
	for _, s := range all {
		if time.Since(s.Seen) < 24*time.Hour {
			continue
		}
		seen := "—"
		if !s.Seen.IsZero() {
			seen = s.Seen.In(station.Beijing).Format(report.Minute)
		}
		if _, err := fmt.Fprintf(inv.stdout, "  %s %s  %s\n", s.Code, s.Name, seen); err != nil {
			return err
		}
	}
	return nil
}
