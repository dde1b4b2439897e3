package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"liaison/cmd/report"
	"liaison/cmd/upkeep"
	"liaison/station"
)

// Status is what `status --json` gives. Every field is always there; times are
// null where nothing has happened yet.
type Status struct {
	Station   string     `json:"station"`
	Name      string     `json:"name"`
	Entries   uint64     `json:"entries"`   // written at this station, all epochs
	Confirmed uint64     `json:"confirmed"` // of those, held by the city under its signature
	Waiting   uint64     `json:"waiting"`   // entries − confirmed
	Drafts    int        `json:"drafts"`
	City      string     `json:"city"`       // address; "" where not enrolled
	LastSync  *time.Time `json:"last_sync"`  // the last run that ended well
	LastError string     `json:"last_error"` // why the latest run did not; "" where it did
	Next      *time.Time `json:"next"`       // when the next run is due
	Version   string     `json:"version"`
}

// tally counts the station's own records' entries, all epochs.
type tally struct{ entries, confirmed uint64 }

// counts reads how far receipts go; an outbox may know better.
func (k *kiosk) counts() (tally, error) {
	var t tally
	heads, err := k.led.Heads()
	for _, h := range heads {
		if h.Stream.Writer() == k.led.Own().Writer() && h.Stream.Reader() == "" { // the audit log goes along uncounted
			t.entries += uint64(h.Seq)
			t.confirmed += uint64(h.Confirmed)
		}
	}
	return t, err
}

func (k *kiosk) status() (Status, error) {
	line := k.line.State()
	s := Status{Station: k.led.Own().Writer(), Name: k.desk.Info().Name, Version: upkeep.Version(), City: line.City,
		Entries: line.Entries, Confirmed: line.Confirmed, Waiting: line.Waiting, LastSync: instant(line.LastSync), Next: instant(line.Next)}
	if line.Err != nil {
		s.LastError = both(*line.Err)
	}
	drafts, err := k.led.Drafts("")
	s.Drafts = len(drafts)
	return s, err
}

// instant is nil for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(station.Beijing)
	return &t
}

func runStatus(_ context.Context, inv *invocation) error {
	asJSON := inv.flagSet().Bool("json", false, "")
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	s, err := inv.kiosk.status()
	if err != nil {
		return err
	}
	if *asJSON {
		return inv.putJSON(s)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "联络站 Station      %s %s\n", s.Station, s.Name)
	fmt.Fprintf(&b, "记录 Entries        %d\n", s.Entries)
	fmt.Fprintf(&b, "市级已确认 Confirmed %d\n", s.Confirmed)
	fmt.Fprintf(&b, "未上传 Waiting      %d\n", s.Waiting)
	fmt.Fprintf(&b, "草稿 Drafts         %d\n", s.Drafts)
	fmt.Fprintf(&b, "市级端 City         %s\n", or(s.City, "未接入 not enrolled"))
	fmt.Fprintf(&b, "上次同步 Last sync   %s\n", or(moment(s.LastSync), "还没有 never"))
	if s.LastError != "" {
		fmt.Fprintf(&b, "上次出错 Last error  %s\n", s.LastError)
	}
	if s.Next != nil {
		fmt.Fprintf(&b, "下次同步 Next        %s\n", moment(s.Next))
	}
	for _, t := range inv.kiosk.events.Notices() {
		fmt.Fprintf(&b, "提示 Notice         %s / %s\n", t.ZH, t.EN)
	}
	fmt.Fprintf(&b, "版本 Version        %s\n", s.Version)
	_, err = fmt.Fprint(inv.stdout, b.String())
	return err
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(station.Beijing).Format(report.Minute)
}

func runVersion(_ context.Context, inv *invocation) error {
	inv.flagSet()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	_, err := fmt.Fprintln(inv.stdout, "kiosk", upkeep.Version())
	return err
}

func runReindex(ctx context.Context, inv *invocation) error {
	inv.flagSet()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	if err := inv.kiosk.led.Reindex(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(inv.stdout, "索引已重建 / the indexes were built anew")
	return err
}
