package tui

import (
	tea "charm.land/bubbletea/v2"

	"liaison/tui/cell"
)

// helpPage explains a page and lists the keys, from the one table.
type helpPage struct {
	of  page
	top int
}

func newHelp(of page) *helpPage { return &helpPage{of: of} }

func (p *helpPage) title(e *env) string      { return e.word(wHelp) }
func (p *helpPage) scope() scope             { return inHelp }
func (p *helpPage) load(*env) tea.Cmd        { return nil }
func (p *helpPage) act(*env, action) tea.Cmd { return nil }
func (p *helpPage) wheel(e *env, down bool)  { p.scroll(e, map[bool]int{true: 3, false: -3}[down]) }
func (p *helpPage) scroll(e *env, by int)    { p.top = max(0, min(p.top+by, len(p.rows(e))-e.h)) }

func (p *helpPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "up":
		p.scroll(e, -1)
	case "down":
		p.scroll(e, 1)
	case "pgup":
		p.scroll(e, -e.h)
	case "pgdown", "space":
		p.scroll(e, e.h)
	case "enter":
		return true, e.atOnce(closeMsg{})
	default:
		return false, nil
	}
	return true, nil
}

func (p *helpPage) rows(e *env) []string {
	rows := []string{"", " " + e.th.Head.Render(p.of.title(e)), ""}
	if text, ok := pageHelp[p.of.scope()]; ok {
		for _, l := range cell.Wrap(e.show(e.text(text)), min(e.w-4, 90)) {
			rows = append(rows, "  "+l)
		}
		rows = append(rows, "")
	}
	for _, part := range [...]struct {
		title word
		scope scope
	}{{wKeysHere, p.of.scope()}, {wKeysAlways, everywhere}} {
		var lines []string
		for _, b := range bindings {
			if b.scope != part.scope || b.right != "" && !e.who.May(b.right) {
				continue
			}
			keys := keyName(b.keys[0])
			for _, k := range b.keys[1:] {
				keys += "  " + keyName(k)
			}
			head := "  " + e.th.Key.Render(cell.Pad(e.th.Glyphs.Show(keys), 18)) + " " + cell.Pad(e.text(b.text), 14) + " "
			for _, l := range cell.Wrap(e.text(b.help), max(20, e.w-37)) {
				lines = append(lines, head+e.th.Muted.Render(l))
				head = cell.Blank(36)
			}
		}
		if len(lines) > 0 {
			rows = append(rows, " "+e.th.Head.Render(e.word(part.title)))
			rows = append(append(rows, lines...), "")
		}
	}
	return rows
}

func (p *helpPage) view(e *env) ([]string, *tea.Cursor) {
	rows := p.rows(e)
	p.top = max(0, min(p.top, len(rows)-e.h))
	return rows[p.top:], nil
}
