package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
)

func validList(o *options) error {
	switch {
	case o.args[0] != "receptions" && o.args[0] != "matters" && !slices.Contains(lists, o.args[0]):
		all := strings.Join(append([]string{"receptions", "matters"}, lists...), " ")
		return usage("不能列出“%s”;可以是 %s", "%q cannot be listed; there are %s", clip(o.args[0]), all)
	case len(o.args) == 2 && o.args[0] != "queue":
		return usage("写法:city list 种类", "usage: city list KIND")
	case o.limit < 0:
		return validLimit(o)
	case o.station != "":
		return checkStation(o.station)
	}
	return nil
}

func validLimit(o *options) error {
	if o.limit < 0 {
		return usage("--limit 应是 0 或更大的数", "--limit is 0 or more")
	}
	return nil
}

// runList lists receptions or matters of all stations or one, newest first.
// The limit counts what is listed.
func runList(ctx context.Context, inv *invocation, c *city) error {
	if slices.Contains(lists, inv.args[0]) {
		return listOf(inv, c)
	}
	if err := inv.who.Need(station.RightSeeAll); err != nil {
		return err
	}
	whole := inv.full || inv.local && inv.json
	if whole { // names and phones in full
		if err := c.audit(inv.who, station.ActExport, "list "+inv.args[0], ""); err != nil {
			return err
		}
	}
	l := &listing{led: c.led, desk: c.desk, station: inv.station}
	var err error
	if inv.args[0] == "receptions" {
		err = list(ctx, inv, l, report.Receptions, func(r report.Reception) []report.Reception {
			if !whole {
				r = r.Masked()
			}
			return []report.Reception{r}
		})
	} else {
		err = list(ctx, inv, l, report.Matters, func(r report.Reception) []report.Matter {
			for i, m := range r.Matters {
				r.Matters[i] = r.Alone(m)
			}
			return r.Matters
		})
	}
	if err == nil && l.unread > 0 {
		err = refuse(l.why, "有 %[1]d 批接待读不出来,已跳过。请运行 city check", "%[1]d receptions could not be read and were left out; run city check", l.unread)
	}
	return err
}

// list prints what each reception gives: as JSON at once, as a table at the
// end.
func list[T any](ctx context.Context, inv *invocation, l *listing, table func(io.Writer, []T) error, of func(report.Reception) []T) error {
	left := inv.limit
	out := report.NewLines(inv.stdout)
	var all []T
	err := l.each(ctx, func(r report.Reception) (bool, error) {
		for _, v := range of(r) {
			if !inv.json {
				all = append(all, v)
			} else if err := out.Put(v); err != nil {
				return false, err
			}
			if left--; left == 0 {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	if inv.json {
		return out.Flush()
	}
	return table(inv.stdout, all)
}

// listing reads receptions of the city's ledger.
type listing struct {
	led     ledger.Ledger
	desk    *station.Desk
	station string // only this one's; "": all
	unread  int
	why     error
}

// each calls fn with every reception, newest first, until it returns false.
func (l *listing) each(ctx context.Context, fn func(report.Reception) (more bool, err error)) error {
	hits, err := l.led.Find(ledger.Find{Index: "visit-day", Reverse: true})
	if err != nil {
		return err
	}
	for _, h := range hits {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := l.led.Record(station.KindVisit, h.ID)
		if err == nil && l.station != "" && rec.Stream.Writer() != l.station {
			continue
		}
		var r report.Reception
		if err == nil {
			r, err = l.read(h.ID, rec.Stream.Writer())
		}
		if err != nil { // one bad record must not hide the others
			l.unread, l.why = l.unread+1, errors.Join(l.why, err)
			continue
		}
		if more, err := fn(r); err != nil || !more {
			return err
		}
	}
	return nil
}

// read makes one reception. The station that wrote it counts, whatever its
// number says.
func (l *listing) read(id ledger.ID, writer string) (report.Reception, error) {
	full, err := l.desk.Read(l.desk.Owner(), id)
	if err != nil {
		return report.Reception{}, err
	}
	r := report.FromFull(full, l.desk)
	r.Station = writer
	if r.Voter.Name == "" && r.Voter.Phone == "" {
		r.Voter = nil
	}
	return r, nil
}
