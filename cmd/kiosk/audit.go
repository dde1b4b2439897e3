package main

import (
	"context"
	"io"
	"slices"

	"liaison/cmd/report"
	"liaison/station"
)

// runAudit prints the audit log, newest first; with --json one line an act,
// which is how it is handed to those who ask for it.
func runAudit(_ context.Context, inv *invocation) error {
	s := inv.selectionFlags()
	inv.flags.BoolVar(&s.json, "json", false, "")
	user := inv.flags.String("user", "", "")
	act := inv.flags.String("act", "", "")
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	desk := inv.kiosk.desk
	q, err := s.query(desk.Today())
	if err != nil {
		return err
	}
	users, err := desk.Users()
	if err != nil {
		return err
	}
	names := map[string]string{}
	account := *user
	for _, u := range users {
		names[u.ID] = u.Name
		if u.Name == *user {
			account = u.ID
		}
	}
	if _, ok := station.Acts.Find(*act); *act != "" && !ok {
		return usage("没有“%[1]s”这类行为", "there is no act %[1]s", clip(*act))
	}
	lines, err := desk.AuditLog(inv.who, station.AuditQuery{From: q.From, To: q.To, Account: account, Act: station.Act(*act), Text: s.search, Limit: s.limit})
	if err != nil {
		return err
	}
	return list(inv, s.json, func(w io.Writer, all []station.AuditLine) error { return auditTable(all, names).Print(w) }, func(put func(station.AuditLine) error) error {
		for l := range slices.Values(lines) {
			if err := put(l); err != nil {
				return err
			}
		}
		return nil
	})
}

func auditTable(lines []station.AuditLine, names map[string]string) *report.Table {
	t := report.NewTable(report.Column{Head: "时间 Time"}, report.Column{Head: "谁 Who", Width: 16}, report.Column{Head: "行为 Act"},
		report.Column{Head: "结果 Result"}, report.Column{Head: "对象 Object", Width: 40}, report.Column{Head: "来源 From"}, report.Column{Head: "备注 Note"})
	for _, l := range lines {
		name, result := names[l.Account], "成 ok"
		if name == "" {
			name = l.Account
		}
		if !l.OK {
			result = "否 no"
		}
		t.Row(l.At.In(station.Beijing).Format("2006-01-02 15:04:05"), name, station.Acts.Label(string(l.Act)).ZH, result, l.Object, l.Door+" "+l.Remote, l.Note)
	}
	return t
}
