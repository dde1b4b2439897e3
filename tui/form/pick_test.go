package form

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func pickForm(c PickConfig) *Form {
	c.ID, c.Label = "village", "村居"
	if c.Source == nil {
		c.Source = villages
	}
	return New("f", Row{In(NewPick(c), 40)}, Row{In(NewText(TextConfig{ID: "next", Label: "下一项"}), 40)}, Row{}, Row{}, Row{}, Row{})
}

func TestAPickIsFilteredAndTaken(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
		want string
	}{
		{"initials", []string{"q", "a", "c", "enter"}, "321181002001"},
		{"full pinyin", []string{"h", "o", "u", "tab"}, "321181002002"},
		{"part of the name", []string{"南", "门", "enter"}, "321181002003"},
		{"rare character", []string{"𠮷", "enter"}, "321181003001"},
		{"code", []string{"3", "2", "1", "1", "8", "1", "0", "0", "3", "enter"}, "321181003001"},
		{"full-width from an input method", []string{"ｈ", "ａ", "ｃ", "enter"}, "321181002002"},
		{"the second match", []string{"艾", "down", "enter"}, "321181002002"},
		{"down opens the whole list", []string{"down", "down", "down", "enter"}, "321181002003"},
		{"not beyond the last", []string{"艾", "down", "down", "down", "enter"}, "321181002002"},
		{"up again", []string{"艾", "down", "up", "up", "enter"}, "321181002001"},
	} {
		f := pickForm(PickConfig{})
		keys(f, c.keys...)
		if got := f.Value("village"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := f.Focused().ID(); got != "next" {
			t.Errorf("%s: the focus is on %q", c.name, got)
		}
	}
}

func TestAPickIsNeverATrap(t *testing.T) {
	f := pickForm(PickConfig{})
	keys(f, "x", "y", "z")
	draw(t, f, 60, 6).has("没有匹配")
	keys(f, "enter")
	if f.Focused().ID() != "next" {
		t.Fatal("Enter does not leave a query without a match")
	}
	l := draw(t, f, 60, 8)
	l.has("村居    xyz") // what was typed stays, and is marked
	l.has("请从列表中选一项")
	if bad := f.Check(); len(bad) != 1 || f.Focused().ID() != "village" {
		t.Errorf("check finds %v and goes to %q", bad, f.Focused().ID())
	}
	keys(f, "ctrl+u")
	if bad := f.Check(); len(bad) != 0 {
		t.Errorf("an empty field is marked: %v", bad)
	}
}

func TestEscClosesTheListAndKeepsWhatWasChosen(t *testing.T) {
	f := pickForm(PickConfig{})
	keys(f, "q", "a", "enter", "up", "h")
	draw(t, f, 60, 6).has("› 后艾村")
	if !f.Key(press("esc")) {
		t.Fatal("Esc went past the open list")
	}
	if got := f.Value("village"); got != "321181002001" {
		t.Errorf("chosen is %q", got)
	}
	if f.Key(press("esc")) {
		t.Error("Esc with the list closed is for the screen")
	}
}

func TestBackspaceTakesTheChoiceAway(t *testing.T) {
	f := pickForm(PickConfig{})
	keys(f, "q", "a", "enter", "up", "backspace")
	if got := f.Value("village"); got != "" {
		t.Errorf("still %q", got)
	}
	keys(f, "enter") // and Enter does not take the first of all villages
	if got := f.Value("village"); got != "" || f.Focused().ID() != "next" {
		t.Errorf("Enter on the empty field chose %q, focus %q", got, f.Focused().ID())
	}
	keys(f, "up", "艾", "backspace", "enter")
	if got := f.Value("village"); got != "" {
		t.Errorf("Enter after erasing the query chose %q", got)
	}
}

func TestAWholeCodeIsTakenAtOnce(t *testing.T) {
	categories := func(q string) []Option {
		var out []Option
		for _, o := range []Option{{Value: "11", Label: "道路桥梁路灯"}, {Value: "12", Label: "停车"}, {Value: "21", Label: "环境"}} {
			if strings.HasPrefix(o.Value, q) || strings.Contains(o.Label, q) {
				out = append(out, o)
			}
		}
		return out
	}
	f := pickForm(PickConfig{Source: categories, Hop: true})
	keys(f, "1")
	if f.Value("village") != "" {
		t.Fatal("half a code was taken")
	}
	keys(f, "１", "x")
	if f.Value("village") != "11" || f.Value("next") != "x" {
		t.Errorf("taken %q, then typed %q", f.Value("village"), f.Value("next"))
	}
}

func TestFreeTextStandsUnlessAMatchIsMarked(t *testing.T) {
	f := pickForm(PickConfig{Free: true})
	keys(f, "艾", "enter")
	if f.Value("village") != "艾" || f.Focused().ID() != "next" {
		t.Errorf("typed text became %q", f.Value("village"))
	}
	keys(f, "up", "down", "enter")
	if f.Value("village") != "321181002001" {
		t.Errorf("the marked match became %q", f.Value("village"))
	}
	if bad := f.Check(); len(bad) != 0 {
		t.Errorf("free text is marked: %v", bad)
	}
}

func TestAMatchCanBeClicked(t *testing.T) {
	f := pickForm(PickConfig{})
	keys(f, "艾")
	y := draw(t, f, 60, 8).has("后艾村")
	if !f.Click(12, y) || f.Value("village") != "321181002002" || f.Focused().ID() != "next" {
		t.Errorf("clicked: %q, focus %q", f.Value("village"), f.Focused().ID())
	}
}

// Near the foot of the window the form scrolls so that the list is seen.
func TestTheListIsInSight(t *testing.T) {
	rows := make([]Row, 20)
	rows = append(rows, Row{In(NewPick(PickConfig{ID: "village", Label: "村居", Source: villages}), 0)})
	f := New("f", rows...)
	draw(t, f, 60, 10)
	keys(f, "down")
	l := draw(t, f, 60, 10)
	for _, name := range []string{"前艾村", "后艾村", "大南门社区", "𠮷祥村"} {
		l.has(name)
	}
	if l.cursor.Y >= l.has("前艾村") {
		t.Error("the list is not under the field")
	}
}

func TestALongListShowsWhereItIs(t *testing.T) {
	many := func(string) []Option {
		out := make([]Option, 200)
		for i := range out {
			out[i] = Option{Value: strings.Repeat("x", i), Label: strings.Repeat("村", 1+i%30), Hint: strings.Repeat("街道", 20)}
		}
		return out
	}
	f := pickForm(PickConfig{Source: many})
	keys(f, "down", "pgdown", "pgdown", "down")
	for _, width := range []int{20, 40, 80, 120} {
		draw(t, f, width, 12).has("/ 200")
	}
	draw(t, f, 80, 12).has("14 / 200")
}

func TestSeveralArePickedByInitials(t *testing.T) {
	f := New("f", Row{In(NewMultiPick(PickConfig{ID: "d", Label: "代表", Source: deputies}), 0)}, Row{In(NewText(TextConfig{ID: "next", Label: "下"}), 0)}, Row{}, Row{}, Row{})
	commit(f, "ljg")
	keys(f, "enter")
	commit(f, "wxy")
	keys(f, "enter")
	if got := f.Value("d"); got != "D001,D002" {
		t.Fatalf("picked %q", got)
	}
	keys(f, "市")
	if l := draw(t, f, 60, 6); strings.Contains(strings.Join(l.rows[1:], ""), "李建国") {
		t.Error("who is chosen is offered again")
	}
	keys(f, "tab")
	if got := f.Value("d"); got != "D001,D002,D003" || f.Focused().ID() != "next" {
		t.Errorf("Tab took %q and went to %q", got, f.Focused().ID())
	}
	draw(t, f, 60, 6).has("李建国  王秀英  阿依古丽·买买提")
	keys(f, "shift+tab", "backspace", "x", "backspace", "backspace", "enter")
	if got := f.Value("d"); got != "D001" || f.Focused().ID() != "next" {
		t.Errorf("after Backspace %q, focus %q", got, f.Focused().ID())
	}
}

func TestSeveralArePickedByPasteAndClick(t *testing.T) {
	f := New("f", Row{In(NewMultiPick(PickConfig{ID: "d", Label: "代表", Source: deputies}), 0)}, Row{}, Row{}, Row{}, Row{})
	f.Paste("李建国")
	keys(f, "enter")
	keys(f, "down") // with names chosen, Down is for moving on
	f.Paste("市")
	y := draw(t, f, 60, 6).has("阿依古丽")
	f.Click(10, y)
	if got := f.Value("d"); got != "D001,D003" {
		t.Errorf("picked %q", got)
	}
	keys(f, "x", "esc", "left")
	if got := f.Draft()["d query"]; got != "" {
		t.Errorf("Esc left %q", got)
	}
	f.Set("d", "D002, D009,")
	draw(t, f, 60, 6).has("王秀英  D009")
}

func TestAPastedCodeIsTaken(t *testing.T) {
	f := pickForm(PickConfig{Hop: true})
	f.Paste("321181002003")
	if got := f.Value("village"); got != "321181002003" {
		t.Errorf("taken %q", got)
	}
}

func TestTheCallerMayFindValuesItself(t *testing.T) {
	find := func(v string) (Option, bool) { return Option{Value: v, Label: "找到 " + v}, v == "7" }
	f := pickForm(PickConfig{Find: find})
	f.Set("village", "7")
	draw(t, f, 60, 6).has("找到 7")
	f.Set("village", "8")
	draw(t, f, 60, 6).has("村居    8")
}

func TestAQueryComesBackWithItsList(t *testing.T) {
	f := pickForm(PickConfig{})
	f.Restore(map[string]string{"village": "", "village query": "艾"})
	f.FocusID("next")
	f.FocusID("village")
	draw(t, f, 60, 6).has("› 前艾村")
}

func TestMoreNamesThanFitKeepTheCursorInSight(t *testing.T) {
	f := New("f", Row{In(NewMultiPick(PickConfig{ID: "d", Label: "代表", Source: deputies}), 24)})
	for _, q := range []string{"李", "王", "阿"} {
		keys(f, q, "enter")
	}
	commit(f, "张三")
	if l := draw(t, f, 30, 8); l.left() != "三" {
		t.Errorf("the cursor is behind %q", l.left())
	}
}

func TestAValueThatIsNoLongerListedIsKept(t *testing.T) {
	f := pickForm(PickConfig{})
	f.Set("village", "329999")
	draw(t, f, 60, 6).has("329999")
	if f.Value("village") != "329999" {
		t.Errorf("kept %q", f.Value("village"))
	}
	f.Set("village", "321181002001")
	draw(t, f, 60, 6).has("前艾村")
}

// Option texts come from a store that others write to.
func TestHostileOptionsAreDisarmed(t *testing.T) {
	f := pickForm(PickConfig{Source: func(string) []Option {
		return []Option{{Value: "1", Label: "前\x1b[2J艾\n村\u202e", Hint: "\x1b]52;c;eA==\a街道"}}
	}})
	keys(f, "x")
	l := draw(t, f, 60, 6)
	l.has("› 前艾 村  街道")
	keys(f, "enter")
	draw(t, f, 60, 6).has("村居    前艾 村")
}

// A free Pick that marks its first match takes it with Enter; Esc keeps what
// was typed.
func TestAFreePickMayMarkItsFirstMatch(t *testing.T) {
	source := func(q string) []Option {
		if strings.Contains("公安局", q) {
			return []Option{{Value: "GA", Label: "公安局"}}
		}
		return nil
	}
	for _, c := range []struct {
		keys []string
		want string
	}{{[]string{"enter"}, "GA"}, {[]string{"esc", "enter"}, "公安"}} {
		p := NewPick(PickConfig{ID: "unit", Source: source, Free: true, First: true})
		p.Focus()
		for _, r := range "公安" {
			p.Key(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		for _, k := range c.keys {
			p.Key(tea.KeyPressMsg{Code: map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape}[k]})
		}
		if p.Value() != c.want {
			t.Errorf("%v: %q, want %q", c.keys, p.Value(), c.want)
		}
	}
}
