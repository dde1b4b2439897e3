package tui

import (
	"fmt"
	"strconv"
	"time"

	"charm.land/lipgloss/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
)

// text picks the session's language.
func (e *env) text(t station.Text) string {
	if e.en {
		return t.EN
	}
	return t.ZH
}

// word is a label of the table in words.go, with arguments where it has verbs.
func (e *env) word(w word, args ...any) string {
	s := e.text(w.text())
	if len(args) > 0 {
		return fmt.Sprintf(s, args...)
	}
	return s
}

// label is a word as this terminal draws it.
func (e *env) label(w word, args ...any) string { return e.show(e.word(w, args...)) }

// term is the label of a code of a closed set.
func (e *env) term(ts station.Terms, code string) string { return e.show(e.text(ts.Label(code))) }

// show makes stored text safe to draw on this terminal, on one line.
func (e *env) show(s string) string { return e.th.Glyphs.Show(cell.Clean(s, false)) }

// door says through which way in this session came, for the audit log.
func (e *env) door() station.Who {
	return station.Nobody(map[bool]string{true: "ssh", false: "screen"}[e.ssh], e.remote)
}

// problem is a problem in the session's language.
func (e *env) problem(p typed.Problem) string { return e.text(station.Text{ZH: p.ZH, EN: p.EN}) }

func (e *env) weekday(t time.Time) string {
	if e.en {
		return t.Weekday().String()[:3]
	}
	return "周" + string([]rune("日一二三四五六")[t.Weekday()])
}

// when says a time the short way: the clock today, 昨天, or the day.
func (e *env) when(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	t = t.In(station.Beijing)
	day, today := typed.DateOf(t), typed.DateOf(e.now.In(station.Beijing))
	switch {
	case day == today:
		return t.Format("15:04")
	case day == today.AddDays(-1):
		return e.word(wYesterday) + " " + t.Format("15:04")
	case day.Year == today.Year:
		return t.Format("01-02 15:04")
	}
	return t.Format("2006-01-02")
}

// syncWord is the sync's state in a word, for the head.
func (m *Model) syncWord() (string, lipgloss.Style) {
	if m.line == nil || m.desk == nil || m.who.Account == "" {
		return "", m.th.Muted
	}
	s := m.state
	switch {
	case s.Running:
		return m.word(wSyncing), m.th.Accent
	case s.City == "":
		return m.word(wNotEnrolled), m.th.Muted
	case s.Err != nil:
		return m.word(wSyncFailed, s.Waiting), m.th.Warn
	case s.Waiting > 0:
		return m.word(wWaiting, s.Waiting), m.th.Muted
	}
	return m.word(wSynced), m.th.Ok
}

func itoa[T ~int | ~uint64](n T) string { return strconv.FormatInt(int64(n), 10) }
