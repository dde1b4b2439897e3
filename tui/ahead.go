package tui

import tea "charm.land/bubbletea/v2"

// Keys come when they come: over a slow line in bunches, those for a page
// together with the one that opens it. Two things keep each of them with what
// it was meant for. What a key opens is there before the next key is taken
// (atOnce). And a page that is not ready for a key has it wait (waiter): for its
// first reading, or for a save to end.

// A waiter is a page that sometimes cannot take a key yet. The name is ""
// for a paste, a click and the wheel.
type waiter interface{ waiting(key string) bool }

// maxHeld bounds what waits; who sends more is no person.
const maxHeld = 4096

// atOnce has the root carry out a message of its own when the present one is
// done, before any key.
func (e *env) atOnce(msg tea.Msg) tea.Cmd {
	e.due = append(e.due, msg)
	return nil
}

// Update takes one message, or keeps it for when the page can take it.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "alt+esc" { // two that came in one packet
		esc := tea.KeyPressMsg{Code: tea.KeyEscape}
		_, first := m.Update(esc)
		_, second := m.Update(esc)
		return m, tea.Batch(first, second)
	}
	if m.hold(msg) {
		return m, nil
	}
	cmds := m.carry(nil, msg)
	for len(m.held) > 0 && !m.waits(m.held[0]) {
		next := m.held[0]
		m.held = m.held[1:]
		cmds = m.carry(cmds, next)
	}
	m.tellSeat()
	return m, tea.Batch(cmds...)
}

// carry takes a message, and then what is to be done at once for it.
func (m *Model) carry(cmds []tea.Cmd, msg tea.Msg) []tea.Cmd {
	cmds = append(cmds, m.take(msg))
	for len(m.due) > 0 {
		next := m.due[0]
		m.due = m.due[1:]
		cmds = append(cmds, m.news(next))
	}
	return cmds
}

// hold keeps input that the page cannot take yet, and all behind it. Who wants
// to leave does not wait.
func (m *Model) hold(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if b, ok := lookup(inNone, msg.String()); ok && (b.id == actBack || b.id == actQuit || b.id == actLock) {
			m.held = nil
			return false
		}
	case tea.PasteMsg, tea.MouseClickMsg, tea.MouseWheelMsg:
	default:
		return false
	}
	if len(m.held) == 0 && !m.waits(msg) {
		return false
	}
	if len(m.held) < maxHeld {
		m.held = append(m.held, msg)
	}
	return true
}

// waits reports whether the page on top cannot take this input yet.
func (m *Model) waits(msg tea.Msg) bool {
	if m.locking {
		return true
	}
	if len(m.dialogs) > 0 && m.locked == nil {
		return false
	}
	name := ""
	if k, ok := msg.(tea.KeyPressMsg); ok {
		name = k.String()
	}
	w, ok := m.top().(waiter)
	return ok && w.waiting(name)
}
