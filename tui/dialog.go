package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station/pinyin"
	"liaison/tui/cell"
	"liaison/tui/form"
	"liaison/tui/theme"
)

// A dialog lies over a page and has the keys until it is done.
type dialog interface {
	key(e *env, k tea.KeyPressMsg) (done bool, cmd tea.Cmd)
	// view draws the panel's inside, at most w × h cells.
	view(e *env, w, h int) ([]string, *tea.Cursor)
}

// overlay puts a dialog's panel over the middle of the page.
func overlay(e *env, rows []string, d dialog) ([]string, *tea.Cursor) {
	w := min(e.w-8, 72)
	in, cur := d.view(e, w-4, e.h-4)
	top, left := max(0, (e.h-len(in)-2)/3), (e.w-w)/2
	out := append([]string(nil), rows...)
	put := func(y int, s string) {
		switch {
		case y >= len(out):
		case left < 8: // what would be left of the page at the sides could not be read
			out[y] = cell.Blank(left) + s + cell.Blank(e.w-left-w)
		default:
			plain := out[y]
			out[y] = clipStyled(plain, 0, left) + s + clipStyled(plain, left+w, e.w)
		}
	}
	edge, side := cell.Blank(w), " "
	if e.th.Mode == theme.Contrast || e.th.Mode == theme.Plain { // the panel's ground is the page's
		edge, side = e.th.Rule.Render(strings.Repeat(e.th.Glyphs.Rule, w)), e.th.Rule.Render(e.th.Glyphs.Bar)
	}
	put(top, ground(e.th.Panel, edge))
	for i, r := range in {
		put(top+1+i, ground(e.th.Panel, side+" "+cell.Pad(r, w-4)+" "+side))
	}
	put(top+1+len(in), ground(e.th.Panel, edge))
	if cur != nil {
		cur.X += left + 2
		cur.Y += top + 1
	}
	return out, cur
}

// confirm asks a question before something that cannot be undone.
type confirm struct {
	text string
	yes  tea.Cmd
	on   bool // 确定 is marked; it never is at first
}

func (c *confirm) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "esc":
		return true, nil
	case "left", "right", "tab", "shift+tab":
		c.on = !c.on
	case "enter":
		if c.on {
			return true, c.yes
		}
		return true, nil
	}
	return false, nil
}

func (c *confirm) view(e *env, w, _ int) ([]string, *tea.Cursor) {
	rows := append(cell.Wrap(e.show(c.text), w), "")
	no, yes := "  "+e.word(wCancel)+"  ", "  "+e.word(wConfirm)+"  "
	if c.on {
		yes = e.th.PanelKey.Render(e.th.Glyphs.Pointer + yes[1:])
	} else {
		no = e.th.PanelKey.Render(e.th.Glyphs.Pointer + no[1:])
	}
	return append(rows, no+"   "+yes), nil
}

// prompt asks for one line, such as the reason of a correction.
type prompt struct {
	text string
	f    *form.Form
	then func(string) tea.Cmd
}

func newPrompt(text, label string, secret bool, then func(string) tea.Cmd) *prompt {
	return &prompt{text: text, then: then, f: form.New("prompt", form.Row{form.In(form.NewText(form.TextConfig{ID: "v", Label: label, Secret: secret}), 0)})}
}

func (p *prompt) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "esc":
		return true, nil
	case "enter":
		if v := strings.TrimSpace(p.f.Value("v")); v != "" {
			return true, p.then(v)
		}
		return false, nil
	}
	p.f.Key(k)
	return false, nil
}

func (p *prompt) paste(_ *env, text string) tea.Cmd { p.f.Paste(text); return nil }

func (p *prompt) view(e *env, w, _ int) ([]string, *tea.Cursor) {
	rows := append(cell.Wrap(e.show(p.text), w), "")
	in, cur := p.f.Rows(w, 2, e.th)
	if cur != nil {
		cur.Y += len(rows)
	}
	return append(rows, in...), cur
}

// chooser picks one of a list by typing a part of it, its initials, or with
// the arrows; digits pick directly while nothing has been typed.
type chooser struct {
	title string
	items []chosen
	f     *form.Form
	at    int
	query string
	found []chosen
}

type chosen struct {
	text, hint string
	do         func() tea.Cmd
}

func newChooser(title, hint string, items []chosen) *chooser {
	return &chooser{title: title, items: items, found: items,
		f: form.New("choose", form.Row{form.In(form.NewText(form.TextConfig{ID: "q", Placeholder: hint}), 0)})}
}

// newPhrases offers ready phrases for the reply.
func newPhrases(e *env, then func(string) tea.Cmd) *chooser {
	var items []chosen
	for _, p := range e.set.Phrases {
		items = append(items, chosen{text: p, do: func() tea.Cmd { return then(p) }})
	}
	return newChooser(e.word(wPhrases), e.word(wTypeToFilter), items)
}

// newPalette offers every binding that acts here.
func newPalette(e *env, bs []binding) *chooser {
	var items []chosen
	for _, b := range bs {
		items = append(items, chosen{text: e.text(b.text), hint: keyName(b.keys[0]) + "  " + e.text(b.help), do: func() tea.Cmd { return e.atOnce(runMsg{b}) }})
	}
	return newChooser(e.word(wCommands), e.word(wTypeToFilter), items)
}

// runMsg carries out a binding chosen in the palette.
type runMsg struct{ b binding }

func (c *chooser) key(_ *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	s := cell.Fold(k.String())
	switch {
	case s == "esc":
		return true, nil
	case s == "up" && c.at > 0:
		c.at--
		return false, nil
	case s == "down" && c.at+1 < len(c.found):
		c.at++
		return false, nil
	case s == "enter":
		if c.at < len(c.found) {
			return true, c.found[c.at].do()
		}
		return false, nil
	case c.query == "" && len(s) == 1 && s >= "1" && s <= "9" && int(s[0]-'1') < len(c.found):
		return true, c.found[s[0]-'1'].do()
	}
	c.f.Key(k)
	c.filter()
	return false, nil
}

func (c *chooser) paste(_ *env, text string) tea.Cmd { c.f.Paste(text); c.filter(); return nil }

func (c *chooser) filter() {
	q := strings.TrimSpace(c.f.Value("q"))
	if q == c.query {
		return
	}
	c.query, c.at, c.found = q, 0, nil
	for _, it := range c.items {
		if _, fits := pinyin.Match(q, it.text); fits || strings.Contains(strings.ToLower(it.hint), strings.ToLower(q)) {
			c.found = append(c.found, it)
		}
	}
}

// item is the rows of one: its text, and its hint beside it in as many rows as
// that takes.
func (c *chooser) item(e *env, i int, it chosen, w int) []string {
	mark := "  "
	if i < 9 && c.query == "" {
		mark = itoa(i+1) + " "
	}
	if it.hint == "" {
		return []string{mark + e.show(it.text)}
	}
	tw := min(w/2, max(20, cell.Width(it.text)))
	head := mark + cell.Pad(e.show(it.text), tw) + "  "
	var rows []string
	for _, l := range cell.Wrap(e.show(it.hint), max(8, w-cell.Width(head))) {
		rows = append(rows, head+l)
		head = cell.Blank(cell.Width(head))
	}
	return rows
}

func (c *chooser) view(e *env, w, h int) ([]string, *tea.Cursor) {
	rows := []string{e.th.Head.Render(c.title)}
	in, cur := c.f.Rows(w, 1, e.th)
	if cur != nil {
		cur.Y += len(rows)
	}
	rows = append(rows, in...)
	// The marked item says all of its hint, below it where a row is too short
	// for it; the panel keeps its height as the mark moves.
	spare := 0
	lines := make([][]string, len(c.found))
	for i, it := range c.found {
		lines[i] = c.item(e, i, it, w)
		spare = max(spare, len(lines[i])-1)
	}
	spare = min(spare, max(0, h-len(rows)-1))
	room := max(1, h-len(rows)-spare)
	from := max(0, min(c.at-room/2, len(c.found)-room))
	for i := from; i < len(c.found) && i < from+room; i++ {
		if i != c.at {
			first := lines[i][0]
			if len(lines[i]) > 1 {
				first = cell.Clip(first+" "+e.th.Glyphs.More, w, e.th.Glyphs.More)
			}
			rows = append(rows, cell.Pad(first, w))
			continue
		}
		for _, l := range lines[i][:min(len(lines[i]), 1+spare)] {
			rows = append(rows, e.th.Selected.Render(cell.Pad(l, w)))
			spare--
		}
		spare++
	}
	for range spare {
		rows = append(rows, cell.Blank(w))
	}
	if len(c.found) == 0 {
		rows = append(rows, e.th.Muted.Render(e.word(wNothing)))
	}
	return rows, cur
}
