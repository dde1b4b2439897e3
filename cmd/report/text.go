package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// Minute is how a table shows an instant, in Beijing time.
const Minute = "2006-01-02 15:04"

// Receptions prints a table for people; whoever hands it receptions in full
// (see Masked) has recorded that.
func Receptions(w io.Writer, rs []Reception) error {
	t := NewTable(Column{Head: "编号 Number"}, Column{Head: "时间 Time"}, Column{Head: "姓名 Name", Width: 16}, Column{Head: "电话 Phone"},
		Column{Head: "村居 Village", Width: 24}, Column{Head: "件 N", Right: true}, Column{Head: "处理 Disposition", Width: 20}, Column{Head: "事项 Matter", Width: 44}, Column{Head: ""})
	for _, r := range rs {
		name, phone, village := "", "", ""
		if r.Voter != nil {
			name, phone, village = r.Voter.Name, r.Voter.Phone, r.Voter.VillageName
			if r.Voter.Anonymous && name == "" {
				name = "(不署名)"
			}
		}
		var done, title string
		if len(r.Matters) > 0 {
			done, title = station.Dispositions.Label(r.Matters[0].Disposition).ZH, r.Matters[0].Title
		}
		t.Row(r.Number, r.At.Format(Minute), name, phone, village, strconv.Itoa(len(r.Matters)), done, title, marks(r))
	}
	return t.Print(w)
}

// marks are the words at the end of a reception's row.
func marks(r Reception) string {
	var m []string
	if r.Void {
		m = append(m, "作废")
	}
	if r.Late {
		m = append(m, "补录")
	}
	if r.Rivals > 0 {
		m = append(m, "两份并存")
	}
	return strings.Join(m, " ")
}

// Matters prints a table for people.
func Matters(w io.Writer, ms []Matter) error {
	t := NewTable(Column{Head: "编号 Number"}, Column{Head: "日期 Day"}, Column{Head: "分类 Category", Width: 24}, Column{Head: "处理 Disposition", Width: 20},
		Column{Head: "状态 State"}, Column{Head: "到期 Due"}, Column{Head: "灯 Lamp"}, Column{Head: "事项 Matter", Width: 44})
	for _, m := range ms {
		day := ""
		if m.At != nil {
			day = m.At.Format(time.DateOnly)
		}
		t.Row(m.Number, day, m.Category+" "+m.CategoryName, station.Dispositions.Label(m.Disposition).ZH,
			StateText(m.State).ZH, m.Due.String(), LampText(m.Lamp).ZH, m.Title)
	}
	return t.Print(w)
}

// Sessions prints a table for people; name gives a deputy's name.
func Sessions(w io.Writer, ss []Session, name func(code string) string) error {
	t := NewTable(Column{Head: "编号 Number"}, Column{Head: "日期 Day"}, Column{Head: "时间 Time"}, Column{Head: "三定 Modes", Width: 44},
		Column{Head: "代表 Deputies", Width: 40}, Column{Head: ""})
	for _, s := range ss {
		hours := strings.Trim(s.Start+"–"+s.End, "–")
		var who []string
		for _, c := range s.Deputies {
			who = append(who, name(c))
		}
		modes := station.Session{Time: s.Time, Place: s.Place, Topic: s.Topic, Theme: s.Theme}.Modes().ZH
		closed := ""
		if s.Closed {
			closed = "已结束"
		}
		t.Row(s.Number, s.Day.String(), hours, modes, strings.Join(who, "、"), closed)
	}
	return t.Print(w)
}

// Deputies prints a table for people. Phones are masked.
func Deputies(w io.Writer, ds []Deputy) error {
	t := NewTable(Column{Head: "代表编号 Code"}, Column{Head: "姓名 Name", Width: 20}, Column{Head: "级别 Levels", Width: 20},
		Column{Head: "电话 Phone"}, Column{Head: "单位职务 Post", Width: 40}, Column{Head: ""})
	for _, d := range ds {
		var levels []string
		for _, m := range d.Mandates {
			if m.Level != "" {
				levels = append(levels, m.Level)
			}
		}
		ended := ""
		if !d.Sitting {
			ended = "已终止"
		}
		t.Row(d.Number, d.Name, strings.Join(levels, "、"), typed.MaskPhone(d.Phone), d.Post, ended)
	}
	return t.Print(w)
}

// StateText names the word of a state.
func StateText(word string) station.Text {
	for _, s := range station.States {
		if s.Code == word {
			return s.Text
		}
	}
	return station.Text{ZH: word, EN: word}
}

// LampText names the word of a lamp.
func LampText(word string) station.Text {
	for _, l := range [...]station.Lamp{station.LampOK, station.LampSoon, station.LampOver, station.LampPaused} {
		if lampWord(l) == word {
			return l.Text()
		}
	}
	return station.Text{}
}

// One prints a reception in full, for people at the station: everything they
// wrote, phone included, since whoever shows one record means to use it.
func One(w io.Writer, r Reception) error {
	p := &lines{w: w}
	p.put("编号 Number", r.Number)
	p.put("时间 Time", r.At.Format(Minute)+also(r.Late, "(补录于 "+r.Entered.Format(Minute)+")"))
	if r.Void {
		p.put("作废 Void", r.VoidReason)
	}
	p.put("方式 Channel", station.Channels.Label(r.Channel).ZH+"  "+strconv.Itoa(r.Persons)+" 人次")
	if s := r.Session; s != nil {
		p.put("场次 Session", s.Number+"  "+station.Session{Time: s.Time, Place: s.Place, Topic: s.Topic, Theme: s.Theme}.Modes().ZH)
	}
	if v := r.Voter; v != nil {
		name := v.Name + also(v.Anonymous, "(不愿署名)")
		p.put("选民 Voter", strings.TrimSpace(name+"  "+typed.GroupPhone(v.Phone)))
		p.put("村居 Village", strings.TrimSpace(v.VillageName+"  "+v.Address))
	}
	if r.Confidential {
		p.put("保密 Confidential", "是 yes")
	}
	for _, m := range r.Matters {
		p.matter(m)
	}
	p.history(r.History)
	return p.err
}

// OneMatter prints a matter in full.
func OneMatter(w io.Writer, m Matter) error {
	p := &lines{w: w}
	p.matter(m)
	p.history(m.History)
	return p.err
}

func also(yes bool, s string) string {
	if yes {
		return s
	}
	return ""
}

// lines writes labelled lines and keeps the first error.
type lines struct {
	w   io.Writer
	err error
}

func (p *lines) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// put writes one labelled value; further lines of it are set in.
func (p *lines) put(label, value string) {
	value = strings.ReplaceAll(typed.Clean(value, true), "\n", "\n    ")
	if value != "" {
		p.printf("%s: %s\n", label, value)
	}
}

func (p *lines) matter(m Matter) {
	p.printf("\n")
	p.put("事项 Matter", m.Number+"  "+m.Title)
	p.put("内容 Content", m.Content)
	p.put("分类 Category", m.Category+" "+m.CategoryName+"  "+station.MatterKinds.Label(m.Kind).ZH)
	p.put("处理 Disposition", station.Dispositions.Label(m.Disposition).ZH)
	p.put("答复 Reply", m.Reply)
	state := StateText(m.State).ZH
	if !m.Due.IsZero() {
		state += "  " + LampText(m.Lamp).ZH + " " + m.Due.String()
	}
	p.put("状态 State", state)
	p.life(m.Life)
}

func (p *lines) history(cs []Change) {
	if len(cs) == 0 {
		return
	}
	p.printf("\n经过 History\n")
	for _, c := range cs {
		who := c.By
		if c.Name != "" {
			who = c.Name + " (" + c.By + ")"
		}
		what := "更正 corrected"
		if c.First {
			what = "登记 recorded"
		}
		record := station.KindLabel(ledger.Kind(c.Record)).ZH
		p.printf("  %s  %s  %s %s\n", c.At.Format(Minute+":05"), typed.Clean(who, false), record+also(c.Number != "", " "+c.Number), what)
		if c.Reason != "" {
			p.printf("    原因 reason: %s\n", typed.Clean(c.Reason, false))
		}
		for _, f := range c.Fields {
			p.printf("    %s: %s → %s\n", f.Field, short(f.Old), short(f.New))
		}
	}
}

// short keeps a changed value to one line.
func short(s string) string { return cell.Clip(typed.Clean(s, false), 60, "…") }
