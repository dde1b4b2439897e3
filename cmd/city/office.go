package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
)

// The commands of the city's office: its lists, its letters, its accounts.

func runImport(ctx context.Context, inv *invocation, c *city) error {
	return clerk.Import(ctx, inv.call(c), inv.args, []string{"deputies", "villages", "categories", "units", "leaders", "committees", "groups", "calendar", "limits", "classes"}, nil)
}

func runUser(_ context.Context, inv *invocation, c *city) error {
	return clerk.Users(inv.call(c), inv.args)
}

// askPIN asks for what runUser then reads. No desk is open yet.
func askPIN(inv *invocation) (io.Reader, error) { return clerk.AskPIN(inv.call(nil), inv.args) }

func runShow(_ context.Context, inv *invocation, c *city) error {
	return clerk.Show(inv.call(c), inv.args[0], inv.json, inv.local || inv.full, func() error {
		return c.desk.Audit(inv.who, station.ActReveal, clerk.Object(inv.cmd.word, inv.args), true, "")
	})
}

func letterFlags(f *pflag.FlagSet, o *options) {
	f.StringSliceVar(&o.to, "to", nil, "")
	f.StringVar(&o.title, "title", "", "")
	f.StringVar(&o.from, "from", "", "")
	f.StringVar(&o.doc, "doc", "", "")
	f.StringVar(&o.due, "due", "", "")
	f.BoolVar(&o.must, "must", false, "")
}

func runNotice(_ context.Context, inv *invocation, c *city) error {
	return inv.send(c, station.KindNotice)
}

func runConsult(_ context.Context, inv *invocation, c *city) error {
	return inv.send(c, station.KindConsult)
}

// maxLetter is how many bytes of a letter's file are read.
const maxLetter = 1 << 20

// send sends the text of a file as a letter.
func (inv *invocation) send(c *city, k ledger.Kind) error {
	in, err := inv.open(inv.args[0])
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxLetter))
	if err != nil {
		return refuse(err, "“%s”读不出来", "%s could not be read", clip(inv.args[0]))
	}
	v := station.Letter{From: inv.from, DocNo: inv.doc, Read: inv.must}
	if v.Title, v.Text, err = clerk.ReadLetter(string(text), inv.title); err != nil {
		return err
	}
	if inv.due != "" {
		if v.Due, err = typed.ComingDate(inv.due, c.desk.Today()); err != nil {
			return clerk.UsageError{Problem: station.Say(err)}
		}
	}
	p, err := c.desk.SendLetter(inv.who, k, v, inv.to)
	if err != nil {
		return err
	}
	return inv.call(c).Sent(p)
}

// lists are what `city list` shows beside receptions and matters.
var lists = []string{"queue", "suggestions", "notices", "consults", "units", "leaders", "committees", "groups", "deputies", "villages"}

// listOf prints one of the city's own lists.
func listOf(inv *invocation, c *city) error {
	d := c.desk
	switch inv.args[0] {
	case "queue":
		return clerk.Queue(inv.call(c), strings.Join(inv.args[1:], ""), inv.station, inv.limit, inv.json)
	case "suggestions":
		return clerk.Suggestions(inv.call(c), inv.json)
	case "notices":
		return clerk.Letters(inv.call(c), station.KindNotice, inv.limit, inv.json)
	case "consults":
		return clerk.Letters(inv.call(c), station.KindConsult, inv.limit, inv.json)
	case "units":
		return table(inv, d.Units(), []string{"编号 Code", "名称 Name", "类别 Kind", "上级 Parent", "联系人 Contact", "电话 Phone", "分类 Categories", ""}, func(u station.UndertakingUnit) []string {
			return []string{u.Code, u.Name, station.UnitKinds.Label(u.Kind).ZH, u.Parent, u.Contact, typed.MaskPhone(u.Phone), strings.Join(u.Categories, " "), gone(u.Ended)}
		})
	case "leaders":
		return table(inv, d.Leaders(), []string{"编号 Code", "姓名 Name", "职务 Post", "分管 Portfolio", "分类 Categories", ""}, func(l station.Leader) []string {
			return []string{l.Code, l.Name, l.Post, l.Portfolio, strings.Join(l.Categories, " "), gone(l.Ended)}
		})
	case "committees":
		return table(inv, d.Committees(), []string{"编号 Code", "名称 Name", "联系人 Contact", "分类 Categories", ""}, func(m station.Committee) []string {
			return []string{m.Code, m.Name, m.Contact, strings.Join(m.Categories, " "), gone(m.Ended)}
		})
	case "groups":
		return table(inv, d.Groups(), []string{"编号 Code", "名称 Name", "联络站 Station", "组长 Head", "人数 Members", ""}, func(g station.Group) []string {
			return []string{g.Code, g.Name, g.Station, d.DeputyName(g.Head), fmt.Sprint(len(g.Members)), gone(g.Ended)}
		})
	case "deputies":
		return table(inv, d.Deputies(), []string{"编号 Code", "姓名 Name", "层级 Level", "单位职务 Post", "电话 Phone"}, func(v station.Deputy) []string {
			return []string{v.Code, v.Name, v.Levels(), v.Post, typed.MaskPhone(v.Phone)}
		})
	}
	return table(inv, d.Villages(), []string{"代码 Code", "镇街 Town", "村居 Village"}, func(v station.Village) []string { return []string{v.Code, v.Town, v.Name} })
}

func gone(ended bool) string {
	if ended {
		return "已撤销 ended"
	}
	return ""
}

// table prints records as they are stored, or as a table for people.
func table[T any](inv *invocation, all []T, heads []string, row func(T) []string) error {
	if inv.limit > 0 {
		all = all[:min(inv.limit, len(all))]
	}
	if inv.json {
		out := report.NewLines(inv.stdout)
		for _, v := range all {
			if err := out.Put(v); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	var cols []report.Column
	for _, h := range heads {
		cols = append(cols, report.Column{Head: h, Width: 40})
	}
	t := report.NewTable(cols...)
	for _, v := range all {
		t.Row(row(v)...)
	}
	return t.Print(inv.stdout)
}

func runSessions(_ context.Context, inv *invocation, c *city) error {
	if c.seats == nil {
		return clerk.Sessions(inv.call(c), nil, inv.args)
	}
	return clerk.Sessions(inv.call(c), c.seats.Seats, inv.args)
}

func runStep(_ context.Context, inv *invocation, c *city) error {
	return clerk.Step(inv.call(c), inv.args)
}

func runSuggest(_ context.Context, inv *invocation, c *city) error {
	return clerk.Suggest(inv.call(c), inv.args)
}

func runPaper(ctx context.Context, inv *invocation, c *city) error {
	return clerk.Paper(ctx, inv.call(c), inv.args, c.printer())
}

func runSupervise(_ context.Context, inv *invocation, c *city) error {
	return clerk.Supervise(inv.call(c), inv.args)
}
