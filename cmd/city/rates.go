package main

import (
	"context"
	"errors"
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
	if err := clerk.RateList(inv.call(c), f); err != nil || f.Rows != "" {
		return err
	}
	all, err := c.in.Stations()
	if err != nil {
		return err
	}
	type behind struct {
		Code string     `json:"code"`
		Name string     `json:"name"`
		Seen *time.Time `json:"seen"` // null: never
	}
	said := struct {
		Stations int      `json:"stations"`
		Synced   int      `json:"synced"`
		Behind   []behind `json:"behind"`
	}{Stations: len(all), Behind: []behind{}}
	q, now := station.RateQuery{To: f.To}, c.desk.Now()
	for _, s := range all {
		if q.Complete(s.Seen, now) {
			said.Synced++
			continue
		}
		b := behind{Code: s.Code, Name: s.Name}
		if !s.Seen.IsZero() {
			b.Seen = &s.Seen
		}
		said.Behind = append(said.Behind, b)
	}
	if f.JSON {
		out := report.NewLines(inv.stdout)
		return errors.Join(out.Put(said), out.Flush())
	}
	zh, en := "", ""
	if len(said.Behind) > 0 {
		zh, en = ";未同步的:", "; not so:"
	}
	if _, err := fmt.Fprintf(inv.stdout, "已同步到期末(本期未完的,一天内)的站 %d / %d%s / synced by the end of the period, or within a day, %[1]d of %[2]d%[4]s\n", said.Synced, said.Stations, zh, en); err != nil {
		return err
	}
	for _, b := range said.Behind {
		seen := "—"
		if b.Seen != nil {
			seen = b.Seen.In(station.Beijing).Format(report.Minute)
		}
		if _, err := fmt.Fprintf(inv.stdout, "  %s %s  %s\n", b.Code, b.Name, seen); err != nil {
			return err
		}
	}
	return nil
}
