package clerk

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/typed"
)

// A Waiting is one line of `list queue --json` without a queue's name.
type Waiting struct {
	Queue string `json:"queue"`
	Name  string `json:"name"`
	Count int    `json:"count"`
	Over  int    `json:"overdue"`
}

// Queue counts what waits in every queue of the caller's, or lists the matters
// of one, what is due first. Where station is given, only that one's.
func Queue(c Call, name, code string, limit int, asJSON bool) error {
	if !c.Who.May(station.RightSeeOwn) {
		if err := c.Who.Need(station.RightSeeAll); err != nil {
			return err
		}
	}
	if err := c.Desk.Warm(); err != nil {
		return err
	}
	qs := c.Desk.Queues(c.Who)
	if name == "" {
		return c.queues(qs, asJSON)
	}
	if !slices.ContainsFunc(qs, func(q station.QueueCount) bool { return q.Name == name }) {
		var names []string
		for _, q := range qs {
			names = append(names, q.Name)
		}
		if len(names) == 0 {
			return refuse("您没有待办队列", "no queue is yours")
		}
		return usage("没有“%[1]s”这个队列;可以是 %[2]s", "there is no queue %[1]s; there are %[2]s", clip(name), strings.Join(names, " "))
	}
	ask := limit
	if code != "" {
		ask = 0
	}
	ls, err := c.Desk.Queue(c.Who, name, ask)
	if err != nil {
		return err
	}
	if code != "" {
		ls = slices.DeleteFunc(ls, func(l station.Life) bool { return l.Station != code })
	}
	if limit > 0 {
		ls = ls[:min(limit, len(ls))]
	}
	if asJSON {
		out := report.NewLines(c.Stdout)
		for _, l := range ls {
			if err := out.Put(report.FromLife(l, c.Desk)); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "编号 Number"}, report.Column{Head: "到期 Due"}, report.Column{Head: "灯 Lamp"}, report.Column{Head: "状态 State"},
		report.Column{Head: "承办 Unit", Width: 20}, report.Column{Head: "事项 Matter", Width: 44})
	for _, l := range ls {
		t.Row(l.Number, l.Due.String(), l.Lamp.Text().ZH, l.State.Text().ZH, c.Desk.UnitName(l.Unit), l.Title)
	}
	return t.Print(c.Stdout)
}

func (c Call) queues(qs []station.QueueCount, asJSON bool) error {
	if asJSON {
		out := report.NewLines(c.Stdout)
		for _, q := range qs {
			if err := out.Put(Waiting{Queue: q.Name, Name: q.Text.ZH, Count: q.N, Over: q.Over}); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "队列 Queue"}, report.Column{Head: "名称 Name"}, report.Column{Head: "件 Matters", Right: true}, report.Column{Head: "超期 Overdue", Right: true})
	for _, q := range qs {
		t.Row(q.Name, q.Text.ZH, strconv.Itoa(q.N), strconv.Itoa(q.Over))
	}
	return t.Print(c.Stdout)
}

// A Possible is one line of `step NUMBER --json`: what may be done now.
type Possible struct {
	Action string   `json:"action"`
	Name   string   `json:"name"`
	To     string   `json:"to,omitempty"` // state; "" where it stays
	Needs  []string `json:"needs"`        // flags
}

// StepUsage is how the step command is called.
const StepUsage = "NUMBER [ACTION [--unit U] [--units U,…] [--note N] [--text T|-] [--doc NO] [--class C] [--date D] [--disposition W] [--reason R] [--means M] [--attitude A --outcome O] [--gate no,no,…] [--approver P] [--lead NUMBER] [--hard]] [--json]"

// Step does one step of a matter's life, or says what may be done now.
func Step(c Call, args []string) error {
	fs := Flags("step")
	var s station.Step
	var date, lead string
	for name, to := range map[string]*string{"unit": &s.Unit, "note": &s.Note, "text": &s.Text, "doc": &s.DocNo, "class": &s.Class, "disposition": &s.Disposition,
		"reason": &s.Reason, "means": &s.Means, "attitude": &s.Attitude, "outcome": &s.Outcome, "approver": &s.Approver, "date": &date, "lead": &lead} {
		fs.StringVar(to, name, "", "")
	}
	fs.StringSliceVar(&s.Units, "units", nil, "")
	fs.StringSliceVar(&s.Gate, "gate", nil, "")
	fs.BoolVar(&s.Hard, "hard", false, "")
	asJSON := fs.Bool("json", false, "")
	args, err := c.Parse(fs, args, 1, 2)
	if err != nil {
		return err
	}
	l, err := c.Desk.LifeByNumber(c.Who, args[0])
	if err != nil {
		return err
	}
	if len(args) == 1 {
		return c.possible(l, *asJSON)
	}
	s.Action = station.Action(args[1])
	if _, known := station.Actions.Find(args[1]); !known {
		var all []string
		for _, a := range station.Actions {
			all = append(all, a.Code)
		}
		return usage("没有“%[1]s”这一步;可以是 %[2]s", "there is no step %[1]s; there are %[2]s", clip(args[1]), strings.Join(all, " "))
	}
	if date != "" {
		if s.Date, err = c.day(date); err != nil {
			return err
		}
	}
	if lead != "" {
		first, err := c.Desk.LifeByNumber(c.Who, lead)
		if err != nil {
			return err
		}
		s.Lead = first.MatterID
	}
	if s.Text == "-" {
		b, err := io.ReadAll(io.LimitReader(c.Stdin, 1<<20))
		if err != nil {
			return err
		}
		s.Text = string(b)
	}
	s.Unit = c.unit(s.Unit)
	for i := range s.Units {
		s.Units[i] = c.unit(s.Units[i])
	}
	if l, err = c.Desk.Take(c.Who, l, s); err != nil {
		return err
	}
	if *asJSON {
		return c.putJSON(report.FromLife(l, c.Desk))
	}
	return c.tookStep(l, s)
}

// tookStep says what the matter has become.
func (c Call) tookStep(l station.Life, s station.Step) error {
	what, is := station.Actions.Label(string(s.Action)), l.State.Text()
	due, dueEN := "", ""
	if !l.Due.IsZero() {
		due, dueEN = ",期限 "+l.Due.String(), ", due "+l.Due.String()
	}
	_, err := io.WriteString(c.Stdout, l.Number+" 已办“"+what.ZH+"”,现在是“"+is.ZH+"”"+due+" / "+what.EN+" done; now: "+is.EN+dueEN+"\n")
	return err
}

// unit takes a unit's code, or its whole name, to its code; what no list has
// stays as it is.
func (c Call) unit(s string) string {
	s = OneLine(s)
	if u, ok := c.Desk.Unit(strings.ToUpper(typed.Fold(s))); ok {
		return u.Code
	}
	for _, u := range c.Desk.Units() {
		if u.Name == s && !u.Ended {
			return u.Code
		}
	}
	return s
}

func (c Call) possible(l station.Life, asJSON bool) error {
	var all []Possible
	for _, t := range c.Desk.Next(c.Who, l) {
		p := Possible{Action: string(t.Action), Name: t.Text().ZH, Needs: []string{}}
		if t.To != 0 {
			p.To = t.To.Code()
		}
		for _, n := range t.Needs {
			p.Needs = append(p.Needs, "--"+string(n))
			if n == station.NeedRating {
				p.Needs = append(p.Needs, "--outcome")
			}
		}
		all = append(all, p)
	}
	if asJSON {
		out := report.NewLines(c.Stdout)
		for _, p := range all {
			if err := out.Put(p); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "步骤 Action"}, report.Column{Head: "名称 Name"}, report.Column{Head: "到 To"}, report.Column{Head: "要写 Needs", Width: 40})
	for _, p := range all {
		t.Row(p.Action, p.Name, p.To, strings.Join(p.Needs, " "))
	}
	return t.Print(c.Stdout)
}
