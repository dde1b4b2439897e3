package form

import (
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"liaison/tui/theme"
)

// press makes the key press that a terminal sends for a name such as "left",
// "ctrl+w", or for a character.
func press(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for _, m := range []struct {
		name string
		mod  tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, ok := strings.CutPrefix(name, m.name); ok {
			k.Mod |= m.mod
			name = rest
		}
	}
	codes := map[string]rune{
		"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
		"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	}
	if code, ok := codes[name]; ok {
		k.Code = code
		return k
	}
	if name == "space" {
		name = " "
	}
	k.Code, _ = utf8.DecodeRuneInString(name)
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

// keys sends key presses by name to a form.
func keys(f *Form, names ...string) {
	for _, n := range names {
		f.Key(press(n))
	}
}

// commit sends text as an input method commits it: one key a character.
func commit(f *Form, text string) {
	for _, r := range text {
		f.Key(press(string(r)))
	}
}

// look is a drawn form: rows as a person reads them, and the cursor.
type look struct {
	t      *testing.T
	rows   []string
	cells  uv.ScreenBuffer
	cursor *tea.Cursor
}

// draw draws a form into cells as the renderer does, and holds what is true
// of every drawing: each row has the full width, the cursor is inside.
func draw(t *testing.T, f *Form, width, height int) look {
	t.Helper()
	return drawIn(t, f, width, height, theme.New(theme.Plain, true))
}

func drawIn(t *testing.T, f *Form, width, height int, th *theme.Theme) look {
	t.Helper()
	rows, cursor := f.Rows(width, height, th)
	if height > 0 && len(rows) != height {
		t.Fatalf("%d rows instead of %d", len(rows), height)
	}
	l := look{t: t, cells: cellsOf(t, rows, width), cursor: cursor}
	for y := range rows {
		l.rows = append(l.rows, strings.TrimRight(l.cells.Line(y).String(), " "))
	}
	if cursor != nil && (cursor.X < 0 || cursor.X >= width || cursor.Y < 0 || cursor.Y >= len(rows)) {
		t.Fatalf("cursor at %d,%d outside %d×%d", cursor.X, cursor.Y, width, len(rows))
	}
	return l
}

// cellsOf draws rows into cells and checks that each is exactly width wide.
func cellsOf(t *testing.T, rows []string, width int) uv.ScreenBuffer {
	t.Helper()
	buf := uv.NewScreenBuffer(width+4, len(rows))
	for y, row := range rows {
		s := uv.NewStyledString(row)
		if w := s.WcWidth(); w != width || s.Height() != 1 {
			t.Fatalf("row %d is %d cells × %d instead of %d: %q", y, w, s.Height(), width, row)
		}
		s.Draw(buf, uv.Rect(0, y, width, 1))
	}
	return buf
}

// left is the character in the cells before the cursor, right the one under it.
func (l look) left() string {
	for x := l.cursor.X - 1; x >= 0; x-- {
		if c := l.cells.CellAt(x, l.cursor.Y); c.Width > 0 {
			return c.Content
		}
	}
	return ""
}

func (l look) right() string { return l.cells.CellAt(l.cursor.X, l.cursor.Y).Content }

// has finds the row that holds a text, or fails.
func (l look) has(text string) int {
	l.t.Helper()
	for y, row := range l.rows {
		if strings.Contains(row, text) {
			return y
		}
	}
	l.t.Fatalf("%q is not on the screen:\n%s", text, strings.Join(l.rows, "\n"))
	return -1
}

// villages answers like the caller of this package would, from memory.
func villages(query string) []Option {
	var out []Option
	for _, o := range []struct{ value, name, hint, initials, pinyin string }{
		{"321181002001", "前艾村", "曲阿街道", "qac", "qianaicun"},
		{"321181002002", "后艾村", "曲阿街道", "hac", "houaicun"},
		{"321181002003", "大南门社区", "曲阿街道", "dnmsq", "dananmenshequ"},
		{"321181003001", "𠮷祥村", "开发区", "jxc", "jixiangcun"},
	} {
		if query == "" || strings.Contains(o.name, query) || strings.HasPrefix(o.initials, query) ||
			strings.HasPrefix(o.pinyin, query) || strings.HasPrefix(o.value, query) {
			out = append(out, Option{Value: o.value, Label: o.name, Hint: o.hint})
		}
	}
	return out
}

func deputies(query string) []Option {
	var out []Option
	for _, o := range []Option{
		{Value: "D001", Label: "李建国", Hint: "市 ljg"}, {Value: "D002", Label: "王秀英", Hint: "镇 wxy"},
		{Value: "D003", Label: "阿依古丽·买买提", Hint: "市 aygl"},
	} {
		if strings.Contains(o.Label, query) || strings.Contains(o.Hint, query) || o.Value == query {
			out = append(out, o)
		}
	}
	return out
}

func dispositions() []Option {
	return []Option{
		{Value: "onspot", Label: "当场答复", Keys: "A"}, {Value: "village", Label: "交村", Keys: "B"},
		{Value: "town", Label: "交镇街", Keys: "C"}, {Value: "city", Label: "报市", Keys: "D"},
		{Value: "proposal", Label: "代表建议", Keys: "E"}, {Value: "upper", Label: "转上级", Keys: "F"},
		{Value: "guide", Label: "引导", Keys: "G"}, {Value: "refuse", Label: "不予受理", Keys: "H"},
		{Value: "mediate", Label: "调解", Keys: "I"}, {Value: "collect", Label: "收集备查", Keys: "J"},
	}
}

func mobile(v string) (string, string) {
	v = strings.ReplaceAll(v, " ", "")
	if len(v) != 11 {
		return v, "手机号应为 11 位 a mobile number has 11 digits"
	}
	return v, ""
}

func needed(v string) (string, string) {
	if strings.TrimSpace(v) == "" {
		return v, "请填写 please fill in"
	}
	return v, ""
}

// reception is a form like the one that attendants fill all day.
func reception() *Form {
	yesno := []Option{{Value: "no", Label: "否", Keys: "N0"}, {Value: "yes", Label: "是", Keys: "Y1"}}
	return New("reception",
		Row{In(NewText(TextConfig{ID: "phone", Label: "电话", Limit: 20, Fold: foldDigits, Rule: mobile}), 22),
			Beside(0, func(w int, th *theme.Theme) string { return th.Muted.Render("王小明 · 前艾村 · 上次 09-14") })},
		Row{In(NewText(TextConfig{ID: "name", Label: "姓名", Placeholder: "可以不留名", Limit: 60}), 26),
			In(NewChoice(ChoiceConfig{ID: "anonymous", Label: "不愿署名", Options: yesno}), 17),
			In(NewChoice(ChoiceConfig{ID: "sex", Label: "性别", Options: []Option{{Value: "", Label: "—"}, {Value: "m", Label: "男", Keys: "1M"}, {Value: "f", Label: "女", Keys: "2F"}}}), 14)},
		Row{In(NewPick(PickConfig{ID: "village", Label: "村居", Source: villages, Placeholder: "首字母"}), 36),
			In(NewMultiPick(PickConfig{ID: "deputies", Label: "代表", Source: deputies}), 0)},
		Row{},
		Row{In(NewArea(AreaConfig{ID: "content", Label: "内容", Rows: 3, Grow: 6, Rule: needed}), 0)},
		Row{In(NewChoice(ChoiceConfig{ID: "disposition", Label: "处理", Spread: true, Options: dispositions()}), 0)},
		Row{In(NewText(TextConfig{ID: "reply", Label: "答复", Limit: 500}), 0)},
	)
}

func foldDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s)
}

func plain() *theme.Theme { return theme.New(theme.Plain, true) }
