package tui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/cell"
	"liaison/tui/form"
	"liaison/tui/theme"
)

// settingsPage changes the settings of this machine. Who may not change them
// still chooses language and theme for the session, and the own PIN.
type settingsPage struct {
	formPart
	en  bool // the language that the form was made in
	may bool
}

func newSettings() *settingsPage { return &settingsPage{} }

func (p *settingsPage) title(e *env) string { return e.word(wSettings) }

func (p *settingsPage) scope() scope {
	if p.may {
		return inSettings
	}
	return inOwnSettings
}

func (p *settingsPage) load(e *env) tea.Cmd {
	p.may = e.who.May(station.RightSettings)
	if p.f == nil {
		p.build(e, e.set)
	}
	return nil
}

// The names of languages are written in themselves.
func languages() station.Terms {
	return station.Terms{{Code: "zh", Key: "1", Text: station.Text{ZH: "中文", EN: "中文"}}, {Code: "en", Key: "2", Text: station.Text{ZH: "English", EN: "English"}}}
}

func themes() station.Terms {
	var out station.Terms
	for i, m := range theme.Modes() {
		out = append(out, station.Term{Code: string(m), Key: strconv.Itoa(i + 1), Text: [...]word{wThemeAuto, wThemeLight, wThemeDark, wThemeContrast, wThemePlain}[i].text()})
	}
	return out
}

// number is a field for a whole number within bounds.
func number(e *env, id string, label, hint, wrong word, low, high int) form.Field {
	return form.NewText(form.TextConfig{ID: id, Label: e.word(label), Placeholder: e.word(hint), Limit: 5, Fold: cell.Fold, Rule: func(v string) (string, string) {
		v = strings.TrimSpace(v)
		n, err := strconv.Atoi(v)
		if v != "" && (err != nil || n < low || n > high) {
			return v, e.word(wrong, low, high)
		}
		return v, ""
	}})
}

// build makes the form in the session's language and fills it.
func (p *settingsPage) build(e *env, s station.Settings) {
	p.en = e.en
	rows := []form.Row{
		{form.In(choice(e, "language", wLanguage, languages(), lang(e.en)), 40), form.In(choice(e, "theme", wThemeOf, themes(), string(e.th.Mode)), 0)},
	}
	if p.may {
		rows = append(rows,
			form.Row{form.In(number(e, "idle", wIdle, wIdleHint, wNumberRange, 1, 240), 0)},
			form.Row{form.In(form.NewText(form.TextConfig{ID: "at", Label: e.word(wSyncAt), Placeholder: e.word(wClockHint), Limit: 20, Fold: cell.Fold, Rule: rule(e, typed.Clock)}), 40),
				form.In(number(e, "every", wSyncEvery, wSyncEveryHint, wNumberRange, 0, 1440), 0)},
			form.Row{form.In(number(e, "backups", wKeep, wKeepHint, wNumberRange, 1, 366), 40),
				form.In(form.NewText(form.TextConfig{ID: "backupdir", Label: e.word(wKeepIn), Placeholder: e.word(wKeepInHint), Limit: 200}), 0)},
			form.Row{form.In(form.NewText(form.TextConfig{ID: "phone", Label: e.word(wOwnPhone), Placeholder: e.word(wOwnPhoneHint), Limit: 24, Fold: cell.Fold}), 40),
				form.In(form.NewText(form.TextConfig{ID: "printer", Label: e.word(wPrinter), Placeholder: e.word(wPrinterHint), Limit: 60, Fold: cell.Fold}), 0)},
			form.Row{form.In(form.NewArea(form.AreaConfig{ID: "phrases", Label: e.word(wPhrases), Placeholder: e.word(wPhrasesHint), Limit: 4000, Rows: 4, Grow: 8}), 0)},
			form.Row{note(e, wPhrasesHint)})
	}
	p.f = form.New("settings", rows...)
	p.f.SetWords(formWords(e))
	every := some(s.SyncMins)
	for id, v := range map[string]string{"idle": itoa(s.IdleLock), "at": s.SyncAt, "every": every, "backups": some(s.Backups), "backupdir": s.BackupDir, "phone": s.Phone, "printer": s.Printer, "phrases": strings.Join(s.Phrases, "\n")} {
		p.f.Set(id, v)
	}
}

// some writes a number that has a default when it is 0.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

func lang(en bool) string {
	if en {
		return "en"
	}
	return "zh"
}

// after shows language and theme at once, as soon as they are chosen.
func (p *settingsPage) after(e *env) tea.Cmd {
	language, mode := p.f.Value("language"), p.f.Value("theme")
	if language == lang(e.en) && mode == string(e.th.Mode) {
		return nil
	}
	e.own = ownLook{language, mode}
	return send(restyleMsg{})
}

func (p *settingsPage) key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !p.ready() {
		return false, nil
	}
	if p.f.Key(k) {
		return true, p.after(e)
	}
	return false, nil
}

func (p *settingsPage) click(e *env, x, y int) tea.Cmd {
	if !p.ready() {
		return nil
	}
	p.formPart.click(e, x, y)
	return p.after(e)
}

func (p *settingsPage) act(e *env, id action) tea.Cmd {
	switch id {
	case actSave:
		return p.save(e)
	case actOwnPIN:
		return ownPIN(e)
	}
	return nil
}

// ownPIN changes the PIN of whoever sits here.
func ownPIN(e *env) tea.Cmd {
	desk, id := e.desk, e.who.Account
	return work(func() (station.User, error) { return desk.User(id) }, func(u station.User, err error) tea.Cmd {
		switch {
		case e.who.Role == station.RoleOwner:
			return warn(e.word(wOwnerNoPIN))
		case err != nil:
			return e.fail(err)
		case u.PIN == "":
			return warn(e.word(wKeyOnly))
		}
		return askPIN(e, u)
	})
}

func (p *settingsPage) save(e *env) tea.Cmd {
	if !p.ready() || !p.may {
		return nil
	}
	if ok, cmd := p.check(e); !ok {
		return cmd
	}
	s, v := e.set, p.f.Value
	s.Language, s.Theme, s.SyncAt = v("language"), v("theme"), v("at")
	s.IdleLock, _ = strconv.Atoi(v("idle")) // the fields' rules have read both; empty is the default
	s.SyncMins, _ = strconv.Atoi(v("every"))
	s.Backups, _ = strconv.Atoi(v("backups"))
	s.BackupDir = strings.TrimSpace(v("backupdir"))
	s.Phone, s.Printer = strings.TrimSpace(v("phone")), strings.TrimSpace(v("printer"))
	s.Phrases = nil
	for _, line := range strings.Split(v("phrases"), "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(s.Phrases, line) {
			s.Phrases = append(s.Phrases, line)
		}
	}
	p.busy = true
	desk, who := e.desk, e.who
	return work(func() (bool, error) { return true, desk.SaveSettings(who, s) }, func(_ bool, err error) tea.Cmd {
		p.busy = false
		if ps, ok := station.FieldsOf(err); ok {
			for _, fp := range ps {
				p.f.SetProblem(strings.ReplaceAll(fp.Field, "_", ""), e.problem(fp.Problem))
			}
		}
		if err != nil {
			return e.fail(err)
		}
		e.set = s
		return say(e.word(wSettingsSaved))
	})
}

func (p *settingsPage) view(e *env) ([]string, *tea.Cursor) {
	if p.f == nil {
		return nil, nil
	}
	if p.en != e.en { // the language was just changed
		p.f = translated(p.f, func() *form.Form { p.build(e, e.set); return p.f })
	}
	about := p.about(e)
	rows, cur := p.draw(e, []string{""}, len(about))
	for len(rows) < e.h-len(about) {
		rows = append(rows, "")
	}
	return append(rows[:max(0, min(len(rows), e.h-len(about)))], about...), cur
}

// translated is a form made anew in another language; what was typed stays.
func translated(was *form.Form, build func() *form.Form) *form.Form {
	f := build()
	for id, v := range was.Values() {
		f.Set(id, v)
	}
	if at := was.Focused(); at != nil {
		f.FocusID(at.ID())
	}
	return f
}

// about is how to come in, and what program this is.
func (p *settingsPage) about(e *env) []string {
	rows := []string{e.th.Rule.Render(" " + strings.Repeat(e.th.Glyphs.Rule, e.w-2))}
	if !p.may {
		rows = append(rows, "  "+e.th.Muted.Render(e.label(wSessionOnly)))
	}
	for _, h := range e.hints {
		for _, l := range cell.Wrap(e.show(e.text(h)), e.w-4) {
			rows = append(rows, "  "+e.th.Text.Render(l))
		}
	}
	if e.version != "" {
		rows = append(rows, "  "+e.th.Muted.Render(e.label(wVersion, e.show(e.version))))
	}
	return rows
}
