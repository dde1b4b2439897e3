package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/sync/inbox"
)

// runEnroll prints a one-time code and nothing else.
func runEnroll(ctx context.Context, inv *invocation, c *city) error {
	if err := c.audit(inv.who, station.ActInvite, inv.args[0], ""); err != nil {
		return err
	}
	code, err := c.in.Invite(ctx, inv.args[0])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(inv.stdout, code)
	return err
}

// runStations lists the stations. The JSON is inbox.Station, one a line, with
// instants in Beijing time.
func runStations(_ context.Context, inv *invocation, c *city) error {
	list, err := c.in.Stations()
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		for _, t := range []*time.Time{&s.Since, &s.Seen, &s.Invited, &s.Revoked} {
			*t = beijing(*t)
		}
		for j := range s.Forks {
			s.Forks[j].At = beijing(s.Forks[j].At)
		}
		for j := range s.Keys {
			s.Keys[j].At = beijing(s.Keys[j].At)
		}
	}
	if !inv.json {
		return stationTable(inv.stdout, list)
	}
	out := report.NewLines(inv.stdout)
	for _, s := range list {
		if err := out.Put(s); err != nil {
			return err
		}
	}
	return out.Flush()
}

// beijing leaves a time that is unset unset.
func beijing(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(station.Beijing)
}

func stationTable(w io.Writer, list []inbox.Station) error {
	t := report.NewTable(report.Column{Head: "站点 Station"}, report.Column{Head: "名称 Name", Width: 30}, report.Column{Head: "条数 Entries", Right: true},
		report.Column{Head: "最近联系 Last seen"}, report.Column{Head: "注意 Attention"})
	for _, s := range list {
		t.Row(s.Code, s.Name, strconv.FormatUint(uint64(s.Entries), 10), minute(s.Seen), attention(s))
	}
	return t.Print(w)
}

func minute(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.Format(report.Minute)
}

// attention is what people should look at.
func attention(s inbox.Station) string {
	var all []string
	for _, f := range s.Forks {
		all = append(all, fmt.Sprintf("分叉 fork: %s#%d", f.Stream, f.Seq))
	}
	if s.Doubts > 0 {
		all = append(all, fmt.Sprintf("存疑 doubtful: %d", s.Doubts))
	}
	if skew := time.Duration(s.Skew * float64(time.Second)); skew.Abs() > 2*time.Minute {
		all = append(all, "时钟差 clock off: "+skew.Round(time.Second).String())
	}
	if otherVersion(s) {
		all = append(all, "版本不同 other version: "+cmp.Or(s.Version, "—"))
	}
	if !s.Revoked.IsZero() {
		all = append(all, "密钥已吊销 key revoked: "+minute(s.Revoked))
	}
	switch {
	case !s.Invited.IsZero():
		all = append(all, "登记码有效至 code good until "+minute(s.Invited))
	case s.Since.IsZero():
		all = append(all, "未登记 not enrolled")
	}
	return strings.Join(all, "; ")
}
