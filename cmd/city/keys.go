package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/typed"
	"liaison/sync/inbox"
)

// The city's own audit log is a stream of its ledger, like a station's: chained,
// written by the program alone, read with city audit. No station is sent it.

// record writes down what happens to a station's key, before it does. By the
// line it is the station that acts, by a command the owner of this machine.
func (c *city) record(step, code, keyID string) error {
	act, who := station.ActEnrol, station.Who{Account: code, Door: "line"}
	switch step {
	case inbox.StepRolled:
		act = station.ActRekey
	case inbox.StepRevoked:
		act, who = station.ActRevoke, operator()
	}
	return c.audit(who, act, code, keyID)
}

// operator is who gives a command on this machine.
func operator() station.Who {
	who := station.Owner()
	who.Door, who.City = "command", true
	return who
}

func (c *city) audit(who station.Who, act station.Act, object, note string) error {
	return c.desk.Audit(who, act, object, true, note)
}

// runRevoke takes a station's key back.
func runRevoke(ctx context.Context, inv *invocation, c *city) error {
	err := c.in.Revoke(ctx, inv.args[0])
	if errors.Is(err, inbox.ErrUnknownStation) {
		return refuse(err, "没有登记过站点“%s”", "no station %s is enrolled", clip(inv.args[0]))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已吊销 %[1]s 的密钥,用它签名的一律不收;已收到的都在。要让该站重新接入:city enroll %[1]s / the key of %[1]s is revoked and nothing signed with it is taken; what was stored stays. To let the station back in: city enroll %[1]s\n", inv.args[0])
	return err
}

// runAudit prints the city's audit log, newest first.
func runAudit(_ context.Context, inv *invocation, c *city) error {
	q := station.AuditQuery{Station: inv.station, Account: inv.user, Act: station.Act(inv.act), Text: inv.search, Limit: inv.limit}
	if _, ok := station.Acts.Find(inv.act); inv.act != "" && !ok {
		return usage("没有“%s”这类行为", "there is no act %s", clip(inv.act))
	}
	for _, d := range [...]struct {
		text string
		to   *typed.Date
	}{{inv.since, &q.From}, {inv.until, &q.To}} {
		if d.text == "" {
			continue
		}
		day, err := typed.ParseDate(d.text, c.desk.Today())
		if err != nil {
			return err
		}
		*d.to = day
	}
	users, err := c.desk.Users()
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.Name == inv.user {
			q.Account = u.ID
		}
	}
	lines, err := c.desk.AuditLog(inv.who, q)
	if err != nil {
		return err
	}
	if !inv.json {
		return auditTable(inv.stdout, lines)
	}
	out := report.NewLines(inv.stdout)
	for l := range slices.Values(lines) {
		l.At = beijing(l.At)
		if err := out.Put(l); err != nil {
			return err
		}
	}
	return out.Flush()
}

func auditTable(w io.Writer, lines []station.AuditLine) error {
	t := report.NewTable(report.Column{Head: "时间 Time"}, report.Column{Head: "谁 Who", Width: 16}, report.Column{Head: "行为 Act"},
		report.Column{Head: "站点 Station", Width: 16}, report.Column{Head: "来源 From"}, report.Column{Head: "备注 Note"})
	for _, l := range lines {
		t.Row(l.At.In(station.Beijing).Format("2006-01-02 15:04:05"), l.Account, station.Acts.Label(string(l.Act)).ZH, l.Object, l.Door, l.Note)
	}
	return t.Print(w)
}
