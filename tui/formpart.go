package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/tui/cell"
	"liaison/tui/form"
	"liaison/tui/theme"
)

// formPart is a form on a page: keys, paste and clicks go to it, and it is
// drawn under the page's heading.
type formPart struct {
	f    *form.Form
	top  int  // row at which it was drawn last
	busy bool // what was typed is on its way to the disk
}

// ready reports whether keys may change the form.
func (p *formPart) ready() bool { return p.f != nil && !p.busy }

func (p *formPart) paste(_ *env, text string) tea.Cmd {
	if p.ready() {
		p.f.Paste(text)
	}
	return nil
}

func (p *formPart) click(_ *env, x, y int) tea.Cmd {
	if p.ready() && y >= p.top {
		p.f.Click(x-2, y-p.top)
	}
	return nil
}

// draw puts the form under the heading, two cells from the left, on at most
// 90 columns, and leaves so many rows free under it.
func (p *formPart) draw(e *env, heading []string, below int) ([]string, *tea.Cursor) {
	p.top = len(heading)
	room := max(3, e.h-p.top-below)
	in, cur := p.f.Rows(min(e.w-4, 90), room, e.th)
	rows := heading
	for _, r := range in {
		rows = append(rows, "  "+r)
	}
	if cur != nil {
		cur.X, cur.Y = cur.X+2, cur.Y+p.top
	}
	if p.busy {
		cur = nil
	}
	return rows, cur
}

// check applies the fields' own rules; where some field is not right the page
// says which ones.
func (p *formPart) check(e *env) (bool, tea.Cmd) {
	takeMatch(p.f)
	bad := p.f.Check()
	if len(bad) == 0 {
		return true, nil
	}
	var names []string
	for _, b := range bad {
		names = append(names, b.Label)
	}
	return false, send(noticeMsg{notice{e.word(wFieldsWrong, len(bad), strings.Join(names, "、")), true}})
}

// refuse puts what the desk found wrong to its fields; the name of the
// desk's field is that of the form, without what stands before a point. What
// belongs to no field is said as a notice.
func (p *formPart) refuse(e *env, err error) tea.Cmd {
	ps, ok := station.FieldsOf(err)
	if !ok {
		return e.fail(err)
	}
	var names []string
	for _, fp := range ps {
		id := fp.Field[strings.LastIndexByte(fp.Field, '.')+1:]
		field := p.f.Field(id)
		if field == nil {
			return e.fail(err)
		}
		if len(names) == 0 {
			p.f.FocusID(id)
		}
		p.f.SetProblem(id, e.problem(fp.Problem))
		names = append(names, field.Label())
	}
	return send(noticeMsg{notice{e.word(wFieldsWrong, len(ps), strings.Join(names, "、")), true}})
}

// takeMatch takes the marked match of the field with the focus, as Enter does:
// who saves with a list open means what is marked in it.
func takeMatch(f *form.Form) {
	if p, ok := f.Focused().(interface{ Pending() string }); ok && p.Pending() != "" {
		f.Key(tea.KeyPressMsg{Code: tea.KeyEnter})
	}
}

// formDialog asks for a few fields over a page. Enter on the last field, or
// the key that saves, hands them over; accept returns false to stay open.
type formDialog struct {
	title  string
	rows   int // of the form, so that a list under a field does not move the panel
	f      *form.Form
	accept func(e *env, f *form.Form) (bool, tea.Cmd)
}

func (d *formDialog) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if d.f.Key(k) {
		return false, nil
	}
	switch k.String() {
	case "esc":
		return true, nil
	case "enter", "f10", "ctrl+s":
		takeMatch(d.f)
		if len(d.f.Check()) == 0 {
			return d.accept(e, d.f)
		}
	}
	return false, nil
}

func (d *formDialog) paste(_ *env, text string) tea.Cmd { d.f.Paste(text); return nil }

func (d *formDialog) view(e *env, w, h int) ([]string, *tea.Cursor) {
	rows := append([]string{e.th.Head.Render(cell.Clip(e.show(d.title), w, e.th.Glyphs.More))}, "")
	in, cur := d.f.Rows(w, max(2, min(d.rows, h-len(rows)-2)), e.th)
	if cur != nil {
		cur.Y += len(rows)
	}
	rows = append(rows, in...)
	return append(rows, "", e.th.Muted.Render(cell.Clip(e.show(e.word(wDialogKeys)), w, e.th.Glyphs.More))), cur
}

// open shows the dialog.
func (d *formDialog) open(e *env) tea.Cmd { return e.atOnce(dialogMsg{d}) }

// required is the rule of a field that must not stay empty.
func required(e *env) form.Rule {
	return func(v string) (string, string) {
		if strings.TrimSpace(v) == "" {
			return v, e.word(wRequired)
		}
		return v, ""
	}
}

// secret is a field for a PIN.
func secret(id, label string, r form.Rule) form.Field {
	return form.NewText(form.TextConfig{ID: id, Label: label, Secret: true, Limit: 12, Fold: cell.Fold, Rule: r})
}

// newPIN are the two fields for a PIN that is set: the form a PIN must have,
// and the same once more. An empty one is allowed where optional.
func newPIN(e *env, of func() *form.Form, optional bool) (first, again form.Field) {
	first = secret("pin", e.word(wNewPIN), func(v string) (string, string) {
		if v == "" && optional {
			return v, ""
		}
		if p := station.CheckPINForm(v); p != nil {
			return v, e.problem(*p)
		}
		return v, ""
	})
	again = secret("again", e.word(wPINAgain), func(v string) (string, string) {
		if v != of().Value("pin") {
			return v, e.word(wPINDiffers)
		}
		return v, ""
	})
	return first, again
}

// note is a line of text in a form.
func note(e *env, w word) form.Item {
	return form.Beside(0, func(cells int, th *theme.Theme) string {
		return th.Muted.Render(cell.Clip(e.show(e.word(w)), cells, th.Glyphs.More))
	})
}
