package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/form"
)

// auditPage is the audit log, newest first, for those who may read it.
// Filters: an act, and a text in account, object or origin.
type auditPage struct {
	f     *form.Form
	lines []station.AuditLine
	names map[string]string
	list  list
	read  bool
	asked string // the filter that lines answer
}

func newAudit() *auditPage { return &auditPage{} }

func (p *auditPage) title(e *env) string { return e.word(wAudit) }
func (p *auditPage) scope() scope        { return inAudit }

// auditShown is how many lines a page holds; the command exports all.
const auditShown = 5000

func (p *auditPage) load(e *env) tea.Cmd {
	if p.f == nil {
		acts := append(station.Terms{{Code: "", Key: "0", Text: station.Text{ZH: e.word(wAllActs), EN: e.word(wAllActs)}}}, station.Acts...)
		p.f = form.New("audit", form.Row{form.In(form.NewText(form.TextConfig{ID: "q", Label: e.word(wFind), Placeholder: e.word(wAuditHint), Limit: 50}), 0),
			form.In(choice(e, "act", wAct, acts, ""), 28)})
	}
	return p.fetch(e)
}

func (p *auditPage) fetch(e *env) tea.Cmd {
	desk, who := e.desk, e.who
	asked, text, act := p.filter(), p.f.Value("q"), station.Act(p.f.Value("act"))
	type found struct {
		lines []station.AuditLine
		names map[string]string
	}
	return work(func() (found, error) {
		r := found{names: map[string]string{}}
		users, err := desk.Users()
		if err != nil {
			return r, err
		}
		for _, u := range users {
			r.names[u.ID] = u.Name
		}
		r.lines, err = desk.AuditLog(who, station.AuditQuery{Act: act, Text: text, Limit: auditShown})
		return r, err
	}, func(r found, err error) tea.Cmd {
		if asked != p.filter() {
			return nil // a newer question is under way
		}
		p.lines, p.names, p.read, p.asked = r.lines, r.names, true, asked
		p.list.size(len(r.lines))
		if err != nil {
			return e.fail(err)
		}
		return nil
	})
}

func (p *auditPage) filter() string { return p.f.Value("act") + "\x00" + p.f.Value("q") }

func (p *auditPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if p.f == nil {
		return false, nil
	}
	s := k.String()
	if (s != "home" && s != "end") && p.list.key(s) {
		return true, nil
	}
	if !p.f.Key(k) {
		return false, nil
	}
	if p.filter() == p.asked {
		return true, nil
	}
	return true, p.fetch(e)
}

func (p *auditPage) paste(e *env, text string) tea.Cmd { p.f.Paste(text); return p.fetch(e) }
func (p *auditPage) wheel(_ *env, down bool)           { p.list.wheel(down) }
func (p *auditPage) act(*env, action) tea.Cmd          { return nil }

func (p *auditPage) click(_ *env, x, y int) tea.Cmd {
	if y == 0 && p.f != nil {
		p.f.Click(x-1, y)
		return nil
	}
	p.list.click(y - 2)
	return nil
}

func (p *auditPage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil || !p.read {
		return []string{"", "  " + e.label(wLoading)}, nil
	}
	in, cur := p.f.Rows(e.w-2, 1, e.th)
	rows := []string{" " + in[0],
		"   " + e.th.Head.Render(cell.Pad(e.label(wWhen), 13)+cell.Pad(e.label(wWho), 18)+cell.Pad(e.label(wAct), 16)+e.label(wObject))}
	from, to := p.list.window(e.h - 2)
	for i := from; i < to; i++ {
		rows = append(rows, " "+e.marked(i == p.list.at, p.row(e, p.lines[i])))
	}
	if len(p.lines) == 0 {
		rows = append(rows, "", "  "+e.th.Muted.Render(e.label(wNothing)))
	}
	if cur != nil {
		cur.X++
	}
	return rows, cur
}

func (p *auditPage) row(e *env, l station.AuditLine) string {
	name := p.names[l.Account]
	if name == "" {
		name = l.Account
	}
	act := e.text(station.Acts.Label(string(l.Act)))
	if !l.OK {
		act = e.th.Glyphs.Wrong + " " + act
	}
	object := strings.Join(nonEmpty(l.Object, l.Note, l.Door, l.Remote), "  ")
	room := e.w - 51
	return cell.Pad(e.when(l.At), 13) + cell.Pad(cell.Clip(e.show(name), 17, e.th.Glyphs.More), 18) +
		cell.Pad(cell.Clip(e.show(act), 15, e.th.Glyphs.More), 16) + cell.Pad(cell.Clip(e.show(object), room, e.th.Glyphs.More), room)
}
