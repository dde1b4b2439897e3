package main

import (
	"context"

	"liaison/cmd/clerk"
)

// runRates prints the rates of DOMAIN 3.6, or the matters behind one.
func runRates(_ context.Context, inv *invocation) error {
	fs := inv.flagSet()
	var f clerk.RateFlags
	month := fs.String("month", "", "")
	fs.StringVar(&f.Unit, "unit", "", "")
	fs.StringVar(&f.Category, "category", "", "")
	fs.StringVar(&f.By, "by", "", "")
	fs.StringVar(&f.Rows, "rows", "", "")
	fs.BoolVar(&f.JSON, "json", false, "")
	_, err := inv.parse(0, 0)
	if err == nil && *month != "" {
		f.From, f.To, err = clerk.Month(*month, inv.kiosk.desk.Today())
	}
	if err != nil {
		return err
	}
	return clerk.RateList(inv.call(), f)
}
