package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// The frame around a page: a head with a rule, a foot with a rule.
const (
	headRows  = 2
	footRows  = 2
	frameRows = headRows + footRows
)

// View draws the session.
func (m *Model) View() tea.View {
	var v tea.View
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.BackgroundColor, v.ForegroundColor = m.th.Background, m.th.Foreground
	v.WindowTitle = "联络站 Liaison"
	if m.quiet {
		return v
	}
	if m.w < MinWidth || m.h+frameRows < MinHeight {
		v.SetContent(m.small())
		return v
	}
	rows, cur := m.top().view(&m.env)
	rows = fit(rows, m.w, m.h)
	if n := len(m.dialogs); n > 0 && m.locked == nil {
		rows, cur = overlay(&m.env, rows, m.dialogs[n-1])
	}
	out := make([]string, 0, m.h+frameRows)
	out = append(out, m.head(), m.rule())
	out = append(out, rows...)
	out = append(out, m.noticeRow(), m.foot())
	if m.th.Background != nil { // not every terminal lets its ground be set
		base := lipgloss.NewStyle().Foreground(m.th.Foreground).Background(m.th.Background)
		for i := range out {
			out[i] = ground(base, out[i])
		}
	}
	v.SetContent(strings.Join(out, "\n"))
	if cur != nil {
		cur.Y += headRows
		v.Cursor = cur
	}
	return v
}

// small is what a screen below 80×24 shows: a sentence.
func (m *Model) small() string {
	s := m.word(wTooSmall)
	return strings.Join(cell.Wrap(s, max(m.w, 2)), "\n")
}

// fit makes rows exactly w × h cells.
func fit(rows []string, w, h int) []string {
	out := make([]string, h)
	for i := range out {
		if i < len(rows) {
			out[i] = cell.Pad(rows[i], w)
		} else {
			out[i] = cell.Blank(w)
		}
	}
	return out
}

func (m *Model) rule() string {
	return m.th.Rule.Render(" " + strings.Repeat(m.th.Glyphs.Rule, max(0, m.w-2)) + " ")
}

// head names the station, the day and who is signed in.
func (m *Model) head() string {
	left := " 联络站 Liaison"
	if m.desk != nil {
		left = " " + m.show(m.desk.Info().Name)
	}
	if len(m.pages) > 1 && m.locked == nil {
		left += "  " + m.top().title(&m.env)
	}
	now := m.now.In(station.Beijing)
	date := typed.DateOf(now).String() + " " + m.weekday(now) + " " + now.Format("15:04")
	right := date
	if m.who.Account != "" && m.locked == nil {
		right += "   " + m.show(m.who.Name) + " " + m.text(m.who.RoleText())
	}
	state, style := m.syncWord()
	rw := cell.Width(right)
	if state != "" {
		rw += 3 + cell.Width(state)
	}
	if room := m.w - rw - 3; cell.Width(left) > room { // the date gives way before the name
		right = strings.TrimPrefix(right, date)
		rw -= cell.Width(date)
		if cell.Width(left) > m.w-rw-3 {
			left = cell.Clip(left, m.w-rw-3, m.th.Glyphs.More)
		}
	}
	gap := cell.Blank(m.w - cell.Width(left) - rw - 1)
	s := m.th.Title.Render(left) + gap + m.th.Muted.Render(right)
	if state != "" {
		s += "   " + style.Render(state)
	}
	return s + " "
}

// noticeRow is the rule above the foot, or what just happened.
func (m *Model) noticeRow() string {
	if m.notice.text == "" {
		return m.rule()
	}
	st, mark := m.th.Ok, m.th.Glyphs.Done
	if m.notice.bad {
		st, mark = m.th.Error, m.th.Glyphs.Wrong
	}
	return cell.Pad(st.Render(" "+mark+" "+cell.Clip(m.show(m.notice.text), m.w-5, m.th.Glyphs.More)), m.w)
}

// foot says what the keys do, from the same table as help and palette.
func (m *Model) foot() string {
	var b strings.Builder
	b.WriteString(" ")
	for _, it := range m.footFits() {
		b.WriteString(m.th.Key.Render(it.key) + " " + m.th.Action.Render(it.text) + "   ")
	}
	return cell.Pad(b.String(), m.w)
}

type footItem struct {
	b         binding
	key, text string
	w         int
}

func (m *Model) footItems() []footItem {
	p := m.top()
	var out []footItem
	for pass := range 2 { // the page's own first
		for _, b := range bindings {
			own := b.scope == p.scope()
			if (pass == 0) != own || !own && b.scope != everywhere || !b.foot || b.right != "" && !m.who.May(b.right) {
				continue
			}
			if b.scope == everywhere && (m.locked != nil || m.who.Account == "") && b.id != actQuit {
				continue
			}
			if b.id == actBack && len(m.pages) < 2 {
				continue
			}
			if !own && len(m.pages) > 1 && (b.id == actNew || b.id == actFind || b.id == actSync) {
				continue // they act here too; help says so
			}
			text, does := m.named(p, b)
			if !does {
				continue
			}
			key, text := m.show(keyName(b.keys[0])), m.show(text)
			out = append(out, footItem{b, key, text, cell.Width(key) + 1 + cell.Width(text) + 3})
		}
	}
	return out
}

// footFits are those that fit on the row. Where it is too narrow the lock and
// the palette go first, which act everywhere, then the page's last ones; the
// way back and the help, which names all, stay.
func (m *Model) footFits() []footItem {
	all := m.footItems()
	w := -2 // one cell before, and no gap after the last
	for _, it := range all {
		w += it.w
	}
	drop := func(may func(binding) bool) {
		for i := len(all) - 1; i >= 0 && w > m.w; i-- {
			if may(all[i].b) {
				w -= all[i].w
				all = slices.Delete(all, i, i+1)
			}
		}
	}
	drop(func(b binding) bool { return b.id == actLock })
	drop(func(b binding) bool { return b.id == actPalette })
	drop(func(b binding) bool { return b.id != actBack && b.id != actHelp })
	return all
}

// footAt finds the foot's key at a column.
func (m *Model) footAt(x int) (binding, bool) {
	at := 1
	for _, it := range m.footFits() {
		if x >= at && x < at+it.w-3 {
			return it.b, true
		}
		at += it.w
	}
	return binding{}, false
}

// blankPage stands in before there is anything to show.
type blankPage struct{}

func (blankPage) title(*env) string                         { return "" }
func (blankPage) scope() scope                              { return inNone }
func (blankPage) load(*env) tea.Cmd                         { return nil }
func (blankPage) key(*env, tea.KeyPressMsg) (bool, tea.Cmd) { return false, nil }
func (blankPage) act(*env, action) tea.Cmd                  { return nil }
func (blankPage) view(*env) ([]string, *tea.Cursor)         { return nil, nil }
