package main

import (
	"cmp"
	"context"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/sheet"
)

// runExport writes the register as a table, oldest first. Phones are whole:
// the file is the office's own paper.
func runExport(ctx context.Context, inv *invocation) error {
	s := inv.selectionFlags()
	format := inv.flags.String("format", "", "")
	args, err := inv.parse(2, 2)
	if err != nil {
		return err
	}
	q, err := s.query(inv.kiosk.desk.Today())
	if err != nil {
		return err
	}
	kind, err := clerk.TableFormat(args[1], *format)
	if err != nil {
		return err
	}
	var all []report.Reception
	err = inv.receptions(ctx, q, func(r report.Reception) (bool, error) { all = append(all, r); return true, nil })
	if err != nil {
		return err
	}
	slices.Reverse(all)
	var out sheet.Sheet
	switch args[0] {
	case "receptions":
		out = receptionSheet(all)
	case "matters":
		out = matterSheet(all)
	default:
		return usage("不能导出“%[1]s”;可以是 receptions matters", "%[1]s cannot be exported; there are receptions and matters", clip(args[0]))
	}
	out.Title = inv.kiosk.desk.Info().Name + out.Title
	return cmp.Or(inv.create(args[1], func(w io.Writer) error { return sheet.Write(w, kind, out) }), inv.missed())
}

func receptionSheet(rs []report.Reception) sheet.Sheet {
	return sheet.Sheet{Title: "接待登记台账",
		Columns: []sheet.Col{{Name: "序号", Width: 6}, {Name: "编号", Width: 18, Text: true}, {Name: "接待时间", Width: 17, Text: true}, {Name: "登记时间", Width: 17, Text: true},
			{Name: "姓名", Width: 12, Text: true}, {Name: "电话", Width: 14, Text: true}, {Name: "村(社区)", Width: 24, Text: true}, {Name: "住址", Width: 24, Text: true},
			{Name: "人次", Width: 6}, {Name: "反映方式", Width: 12, Text: true}, {Name: "场次", Width: 20, Text: true}, {Name: "接待代表", Width: 20, Text: true},
			{Name: "件数", Width: 6}, {Name: "反映事项", Width: 60, Text: true}, {Name: "处理方式", Width: 16, Text: true}, {Name: "备注", Width: 16, Text: true}},
		Rows: func(yield func([]string, error) bool) {
			for i, r := range rs {
				v := or0(r.Voter)
				var titles, done []string
				for _, m := range r.Matters {
					titles, done = append(titles, m.Title), append(done, station.Dispositions.Label(m.Disposition).ZH)
				}
				session, deputies := "", ""
				if r.Session != nil {
					session, deputies = r.Session.Number, strings.Join(r.Session.Deputies, "、")
				}
				row := []string{strconv.Itoa(i + 1), r.Number, r.At.Format(report.Minute), r.Entered.Format(report.Minute), nameOf(v), v.Phone, v.VillageName, v.Address,
					strconv.Itoa(r.Persons), station.Channels.Label(r.Channel).ZH, session, deputies,
					strconv.Itoa(len(r.Matters)), strings.Join(titles, ";"), strings.Join(done, ";"), remark(r)}
				if !yield(row, nil) {
					return
				}
			}
		}}
}

func matterSheet(rs []report.Reception) sheet.Sheet {
	return sheet.Sheet{Title: "反映事项台账",
		Columns: []sheet.Col{{Name: "序号", Width: 6}, {Name: "编号", Width: 20, Text: true}, {Name: "日期", Width: 11, Text: true}, {Name: "姓名", Width: 12, Text: true},
			{Name: "电话", Width: 14, Text: true}, {Name: "标题", Width: 30, Text: true}, {Name: "反映内容", Width: 60, Text: true}, {Name: "性质", Width: 10, Text: true},
			{Name: "内容分类", Width: 24, Text: true}, {Name: "处理方式", Width: 16, Text: true}, {Name: "答复", Width: 40, Text: true}, {Name: "涉及村(社区)", Width: 24, Text: true},
			{Name: "状态", Width: 12, Text: true}, {Name: "到期", Width: 11, Text: true}, {Name: "备注", Width: 16, Text: true}},
		Rows: matterRows(rs)}
}

func matterRows(rs []report.Reception) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		n := 0
		for _, r := range rs {
			v := or0(r.Voter)
			for _, m := range r.Matters {
				n++
				state := report.StateText(m.State).ZH
				if m.Lamp != "" {
					state += " " + report.LampText(m.Lamp).ZH
				}
				row := []string{strconv.Itoa(n), m.Number, r.At.Format(time.DateOnly), nameOf(v), v.Phone, m.Title, m.Content,
					station.MatterKinds.Label(m.Kind).ZH, m.Category + " " + m.CategoryName, station.Dispositions.Label(m.Disposition).ZH,
					m.Reply, m.VillageName, state, m.Due.String(), remark(r)}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

func or0(v *report.Voter) report.Voter {
	if v == nil {
		return report.Voter{}
	}
	return *v
}

func nameOf(v report.Voter) string {
	if v.Name == "" && v.Anonymous {
		return "不署名"
	}
	return v.Name
}

func remark(r report.Reception) string {
	var m []string
	if r.Void {
		m = append(m, "作废:"+r.VoidReason)
	}
	if r.Late {
		m = append(m, "补录")
	}
	if r.Confidential {
		m = append(m, "保密")
	}
	return strings.Join(m, ";")
}
