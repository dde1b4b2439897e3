package main

import (
	"cmp"
	"context"
	"io"
	"strings"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// selection is what list and export choose by.
type selection struct {
	search   string
	from, to string
	limit    int
	json     bool
}

func (inv *invocation) selectionFlags() *selection {
	s := &selection{}
	fs := inv.flagSet()
	fs.StringVar(&s.search, "search", "", "")
	fs.StringVar(&s.from, "from", "", "")
	fs.StringVar(&s.to, "to", "", "")
	fs.IntVar(&s.limit, "limit", 0, "")
	return s
}

// query reads the dates as people type them.
func (s *selection) query(today typed.Date) (station.Query, error) {
	q := station.Query{Text: s.search, Limit: s.limit}
	if s.limit < 0 {
		return q, usage("--limit 应是 0 或更大的数", "--limit is 0 or more")
	}
	for _, d := range [...]struct {
		flag, text string
		to         *typed.Date
	}{{"from", s.from, &q.From}, {"to", s.to, &q.To}} {
		if d.text == "" {
			continue
		}
		day, err := typed.ParseDate(d.text, today)
		if err != nil {
			p := station.Say(err)
			return q, usageError{Problem: typed.Problem{Code: p.Code, ZH: "--" + d.flag + ":" + p.ZH, EN: "--" + d.flag + ": " + p.EN}}
		}
		*d.to = day
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		return q, usage("--to 在 --from 之前", "--to lies before --from")
	}
	return q, nil
}

func runList(ctx context.Context, inv *invocation) error {
	s := inv.selectionFlags()
	inv.flags.BoolVar(&s.json, "json", false, "")
	full := inv.flags.Bool("full", false, "")
	args, err := inv.parse(1, 2)
	if err != nil {
		return err
	}
	if len(args) == 2 && args[0] != "queue" {
		return usage("写法:kiosk %[1]s", "usage: kiosk %[1]s", inv.cmd.line())
	}
	q, err := s.query(inv.kiosk.desk.Today())
	if err != nil {
		return err
	}
	switch args[0] {
	case "receptions":
		// On the machine itself its owner's lines are whole, as other programs
		// read them; whoever calls from elsewhere asks for that.
		whole := *full || inv.local && s.json
		if whole {
			if err := inv.needRead(); err != nil {
				return err
			}
			if err := inv.audit(station.ActExport, true, ""); err != nil {
				return err
			}
		}
		return inv.listReceptions(ctx, q, s.json, whole)
	case "matters":
		return inv.listMatters(ctx, q, s.json)
	case "sessions":
		return inv.listSessions(q, s.json)
	case "deputies":
		return inv.listDeputies(q, s.json)
	case "queue":
		return clerk.Queue(inv.call(), strings.Join(args[1:], ""), "", q.Limit, s.json)
	case "suggestions":
		return clerk.Suggestions(inv.call(), s.json)
	case "notices":
		return clerk.Letters(inv.call(), station.KindNotice, q.Limit, s.json)
	case "consults":
		return clerk.Letters(inv.call(), station.KindConsult, q.Limit, s.json)
	}
	return usage("不能列出“%[1]s”;可以是 receptions matters deputies sessions queue notices consults", "%[1]s cannot be listed; there are receptions, matters, deputies, sessions, queue, notices and consults", clip(args[0]))
}

// receptions calls fn with each reception that q selects, newest first, until
// fn returns false. One that cannot be read must not hide the others: it is
// left out, and missed says so once the rest has been put out.
func (inv *invocation) receptions(ctx context.Context, q station.Query, fn func(report.Reception) (more bool, err error)) error {
	desk := inv.kiosk.desk
	rows, err := desk.List(inv.who, q)
	if err != nil {
		return err
	}
	inv.unread, inv.why = desk.Unlisted(inv.who), nil
	for _, row := range rows {
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		f, err := desk.Read(inv.who, row.ID)
		if err != nil {
			inv.unread, inv.why = append(inv.unread, row.Number), err
			continue
		}
		if more, err := fn(report.FromFull(f, desk)); err != nil || !more {
			return err
		}
	}
	return nil
}

// missed says which receptions were left out because they cannot be read.
func (inv *invocation) missed() error {
	if len(inv.unread) == 0 {
		return nil
	}
	names := "编号不明 number unknown"
	var known []string
	for _, n := range inv.unread {
		if n != "" && len(known) < 5 {
			known = append(known, string(n))
		}
	}
	if len(known) > 0 {
		names = strings.Join(known, " ")
	}
	return refuse(inv.why, "有 %[1]d 条登记读不出来,没有列入,其余都在(%[2]s)。请运行 kiosk check",
		"%[1]d receptions could not be read and are left out, all others are there (%[2]s); run kiosk check", len(inv.unread), names)
}

func (inv *invocation) listReceptions(ctx context.Context, q station.Query, asJSON, whole bool) error {
	err := list(inv, asJSON, report.Receptions, func(put func(report.Reception) error) error {
		return inv.receptions(ctx, q, func(r report.Reception) (bool, error) {
			if !whole {
				r = r.Masked()
			}
			return true, put(r)
		})
	})
	return cmp.Or(err, inv.missed())
}

// listMatters counts its limit in matters.
func (inv *invocation) listMatters(ctx context.Context, q station.Query, asJSON bool) error {
	left := q.Limit
	if left == 0 {
		left = -1
	}
	err := list(inv, asJSON, report.Matters, func(put func(report.Matter) error) error {
		return inv.receptions(ctx, q, func(r report.Reception) (bool, error) {
			for _, m := range r.Matters {
				if left == 0 {
					return false, nil
				}
				left--
				if err := put(r.Alone(m)); err != nil {
					return false, err
				}
			}
			return true, nil
		})
	})
	return cmp.Or(err, inv.missed())
}

// list prints what each yields: as JSON at once, as a table at the end.
func list[T any](inv *invocation, asJSON bool, table func(w io.Writer, ts []T) error, each func(put func(T) error) error) error {
	if asJSON {
		out := report.NewLines(inv.stdout)
		if err := each(func(v T) error { return out.Put(v) }); err != nil {
			return err
		}
		return out.Flush()
	}
	var all []T
	if err := each(func(v T) error { all = append(all, v); return nil }); err != nil {
		return err
	}
	return table(inv.stdout, all)
}

// needRead refuses those who may see no business data at all.
func (inv *invocation) needRead() error {
	if inv.who.May(station.RightSeeOwn) {
		return nil
	}
	return inv.who.Need(station.RightSeeAll)
}

func (inv *invocation) listSessions(q station.Query, asJSON bool) error {
	if err := inv.needRead(); err != nil {
		return err
	}
	desk := inv.kiosk.desk
	all, err := desk.Sessions(q.From, q.To, 0)
	if err != nil {
		return err
	}
	name := func(code string) string {
		if d, ok := desk.Deputy(code); ok {
			return d.Name
		}
		return code
	}
	table := func(w io.Writer, ss []report.Session) error { return report.Sessions(w, ss, name) }
	return list(inv, asJSON, table, func(put func(report.Session) error) error {
		n := 0
		for _, s := range all {
			if q.Limit > 0 && n == q.Limit {
				break
			}
			hay := string(s.Number) + " " + s.Theme + " " + s.Where
			for _, c := range s.Deputies {
				hay += " " + c + " " + name(c)
			}
			if !strings.Contains(strings.ToLower(hay), strings.ToLower(strings.TrimSpace(typed.Fold(q.Text)))) {
				continue
			}
			n++
			if err := put(report.FromSession(s)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (inv *invocation) listDeputies(q station.Query, asJSON bool) error {
	if err := inv.needRead(); err != nil {
		return err
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		return usage("代表名册没有日期,不能用 --from 和 --to", "the roster has no dates; --from and --to do not apply")
	}
	desk := inv.kiosk.desk
	all := desk.Deputies()
	if q.Text != "" {
		all = desk.FindDeputies(q.Text, desk.Now())
	}
	if q.Limit > 0 {
		all = all[:min(q.Limit, len(all))]
	}
	return list(inv, asJSON, report.Deputies, func(put func(report.Deputy) error) error {
		for _, d := range all {
			rec, err := desk.Ledger().Record(station.KindDeputy, ledger.ID(d.Code))
			if err != nil {
				return err
			}
			if !inv.who.May(station.RightSeeAll) {
				d.Phone = typed.MaskPhone(d.Phone)
			}
			if err := put(report.FromDeputy(d, rec.At, desk.Today())); err != nil {
				return err
			}
		}
		return nil
	})
}

// runShow shows a reception, or one matter where the number names one, with
// everything that happened to it.
func runShow(_ context.Context, inv *invocation) error {
	fs := inv.flagSet()
	asJSON, full := fs.Bool("json", false, ""), fs.Bool("full", false, "")
	args, err := inv.parse(1, 1)
	if err != nil {
		return err
	}
	inv.args = args // the line of the audit log names the number, wherever the flags stood
	return clerk.Show(inv.call(), args[0], *asJSON, inv.local || *full, func() error { return inv.audit(station.ActReveal, true, "") })
}

// putJSON prints one object on one line.
func (inv *invocation) putJSON(v any) error {
	out := report.NewLines(inv.stdout)
	if err := out.Put(v); err != nil {
		return err
	}
	return out.Flush()
}
