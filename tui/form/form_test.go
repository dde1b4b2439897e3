package form

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"liaison/tui/theme"
)

// An attendant records a known voter without touching the mouse.
func TestAReceptionIsTypedFromTopToBottom(t *testing.T) {
	f := reception()
	commit(f, "１３８００１３８０００")
	keys(f, "enter")
	commit(f, "王小明")
	keys(f, "enter", "enter", "1", "tab")
	commit(f, "qac")
	keys(f, "enter")
	commit(f, "ljg")
	keys(f, "enter", "enter")
	commit(f, "小区东门的路灯坏了半个月，晚上老人出门不安全，希望尽快修好。")
	keys(f, "enter", "ｂ", "enter")
	commit(f, "已联系村委")
	want := map[string]string{
		"phone": "13800138000", "name": "王小明", "anonymous": "no", "sex": "m", "village": "321181002001",
		"deputies": "D001", "content": "小区东门的路灯坏了半个月，晚上老人出门不安全，希望尽快修好。",
		"disposition": "village", "reply": "已联系村委",
	}
	got := f.Values()
	for id, v := range want {
		if got[id] != v {
			t.Errorf("%s is %q, want %q", id, got[id], v)
		}
	}
	if bad := f.Check(); len(bad) != 0 {
		t.Errorf("problems: %v", bad)
	}
	if f.Key(press("enter")) {
		t.Error("Enter on the last field is for the screen")
	}
}

func TestMovingAboutAmongFields(t *testing.T) {
	f := reception()
	draw(t, f, 80, 20)
	for _, c := range []struct{ key, want string }{
		{"tab", "name"}, {"tab", "anonymous"}, {"tab", "sex"}, {"shift+tab", "anonymous"},
		{"up", "phone"}, {"down", "name"}, {"down", "village"}, {"tab", "deputies"}, {"down", "deputies"}, {"esc", "deputies"},
		{"tab", "content"}, {"down", "disposition"}, {"down", "reply"}, {"down", "reply"}, {"tab", "phone"},
		{"shift+tab", "reply"}, {"up", "disposition"}, {"up", "content"}, {"up", "village"},
	} {
		keys(f, c.key)
		if got := f.Focused().ID(); got != c.want {
			t.Fatalf("%s went to %q, want %q", c.key, got, c.want)
		}
	}
}

func TestAWrongFieldIsMarkedAndCanBeLeft(t *testing.T) {
	f := reception()
	commit(f, "1380013")
	keys(f, "tab")
	l := draw(t, f, 80, 20)
	if y := l.has("! 手机号应为 11 位"); y != 1 {
		t.Errorf("the problem is in row %d", y)
	}
	if f.Focused().ID() != "name" {
		t.Fatal("the person is held at the wrong field")
	}
	if f.Problem() != "" {
		t.Error("the problem of another field is in the status line")
	}
	bad := f.Check()
	if len(bad) != 2 || bad[0].ID != "phone" || bad[1].ID != "content" || bad[0].Label != "电话" {
		t.Errorf("problems: %v", bad)
	}
	if f.Focused().ID() != "phone" || f.Problem() == "" {
		t.Errorf("the focus is on %q, its problem %q", f.Focused().ID(), f.Problem())
	}
	commit(f, "8")
	if f.Problem() != "" {
		t.Error("it is still marked while being put right")
	}
}

func TestAnEmptyFieldIsNotMarkedForBeingPassed(t *testing.T) {
	f := reception()
	for range 9 {
		keys(f, "tab")
	}
	if l := draw(t, f, 80, 20); strings.Contains(strings.Join(l.rows, ""), "!") {
		t.Errorf("marked:\n%s", strings.Join(l.rows, "\n"))
	}
}

func TestAProblemFromOutsideIsShownUntilTheNextChange(t *testing.T) {
	f := reception()
	f.SetProblem("name", "此人已于今天登记 recorded already today")
	draw(t, f, 80, 20).has("此人已于今天登记")
	f.FocusID("name")
	commit(f, "王")
	if f.Problem() != "" {
		t.Error("it outlived the change")
	}
}

func TestHiddenFieldsAreNeitherReachedNorChecked(t *testing.T) {
	f := reception()
	f.Set("phone", "13800138000")
	f.FocusID("content")
	f.Hide("content", true)
	if got := f.Focused().ID(); got != "disposition" {
		t.Errorf("the focus went to %q", got)
	}
	if bad := f.Check(); len(bad) != 0 {
		t.Errorf("problems: %v", bad)
	}
	if f.FocusID("content") {
		t.Error("a hidden field took the focus")
	}
	f.Set("content", "路灯")
	if l := draw(t, f, 80, 20); strings.Contains(strings.Join(l.rows, ""), "内容") {
		t.Error("it is on the screen")
	}
	f.Hide("content", false)
	draw(t, f, 80, 20).has("内容  路灯")
	keys(f, "shift+tab")
	if got := f.Focused().ID(); got != "content" {
		t.Errorf("back went to %q", got)
	}
	f.Hide("reply", true)
	f.FocusID("disposition")
	if f.Key(press("enter")) {
		t.Error("Enter on the last field that is shown is for the screen")
	}
}

func TestFocusStaysOnItsFieldInANewLayout(t *testing.T) {
	a, b, c := NewText(TextConfig{ID: "a"}), NewText(TextConfig{ID: "b"}), NewText(TextConfig{ID: "c"})
	f := New("f", Row{In(a, 0)}, Row{In(b, 0)})
	f.FocusID("b")
	commit(f, "路")
	f.SetRows(Row{In(b, 0)}, Row{In(c, 0)})
	commit(f, "灯")
	if b.Value() != "路灯" {
		t.Errorf("typed into another field: %q", b.Value())
	}
	f.SetRows(Row{In(c, 0)})
	commit(f, "x")
	if c.Value() != "x" || f.Focused() != Field(c) {
		t.Errorf("the focus is on %v", f.Focused())
	}
	f.SetRows()
	if f.Focused() != nil || f.Key(press("a")) || f.Paste("x") || len(f.Check()) != 0 {
		t.Error("a form without fields does something")
	}
	rows, cursor := f.Rows(20, 2, plain())
	if len(rows) != 2 || cursor != nil {
		t.Error("a form without fields draws a cursor")
	}
}

func TestAClickBringsFocusAndCaret(t *testing.T) {
	f := reception()
	f.Set("name", "王小明")
	f.Set("content", "小区东门的路灯\n坏了")
	y := draw(t, f, 80, 20).has("内容")
	f.Click(6+4, y)
	commit(f, "x")
	if got := f.Value("content"); got != "小区x东门的路灯\n坏了" {
		t.Errorf("content %q", got)
	}
	f.Click(6+20, y+1)
	commit(f, "y")
	if got := f.Value("content"); got != "小区x东门的路灯\n坏了y" {
		t.Errorf("content %q", got)
	}
	if f.Click(79, 19) {
		t.Error("a click on nothing was taken")
	}
	f.Click(2, 1) // on the label
	if f.Focused().ID() != "name" {
		t.Errorf("the focus is on %q", f.Focused().ID())
	}
}

func TestTheFieldWithTheFocusIsInSight(t *testing.T) {
	var rows []Row
	for i := range 30 {
		rows = append(rows, Row{In(NewText(TextConfig{ID: fmt.Sprint(i), Label: fmt.Sprintf("第%02d项", i)}), 0)})
	}
	f := New("f", rows...)
	for _, height := range []int{1, 2, 5, 10} {
		for range 31 {
			keys(f, "tab")
			l := draw(t, f, 40, height)
			if l.has(f.Focused().Label()) != l.cursor.Y {
				t.Fatalf("the cursor is in row %d:\n%s", l.cursor.Y, strings.Join(l.rows, "\n"))
			}
		}
	}
	f.FocusID("29")
	f.SetProblem("29", "不对 wrong")
	draw(t, f, 40, 3).has("不对") // the problem is in sight with its field
}

// Nothing is hidden without a sign.
func TestMoreAboveAndBelowIsMarked(t *testing.T) {
	f := reception()
	ends := func() string {
		l := draw(t, f, 40, 6)
		return l.cells.CellAt(39, 0).Content + l.cells.CellAt(39, 5).Content
	}
	for id, want := range map[string]string{"phone": " ↓", "content": "↑↓", "reply": "↑ "} {
		f.FocusID(id)
		if got := ends(); got != want {
			t.Errorf("at %s: %q, want %q", id, got, want)
		}
	}
	if l := draw(t, f, 40, 20); strings.ContainsAny(strings.Join(l.rows, ""), "↑↓") {
		t.Error("marked, but all of it is in sight")
	}
}

func TestNarrowItemsStayTogetherAsLongAsTheirMinimumFits(t *testing.T) {
	f := New("f", Row{In(NewText(TextConfig{ID: "a", Label: "甲"}), 20), Item{Field: NewText(TextConfig{ID: "b", Label: "乙"}), Min: 10}})
	for width, rows := range map[int]int{32: 1, 31: 2, 80: 1} {
		if l := draw(t, f, width, 0); len(l.rows) != rows {
			t.Errorf("at %d there are %d rows", width, len(l.rows))
		}
	}
	if content, cursor := f.View(80, 1, plain()); cursor.X != 4 || strings.Contains(content, "\n") {
		t.Errorf("%q, cursor %v", content, cursor)
	}
}

// An area can be higher than the window; the cursor must not be lost.
func TestTheCursorIsInSightInAWindowLowerThanItsField(t *testing.T) {
	_, f := area(AreaConfig{Rows: 8, Grow: 8})
	f.Paste("一\n二\n三\n四\n五\n六\n七\n八")
	for range 8 {
		if l := draw(t, f, 40, 3); l.cursor == nil || l.left() == "" {
			t.Fatal("the cursor is lost")
		}
		keys(f, "up")
	}
}

func TestAnythingFitsIntoAnyWindow(t *testing.T) {
	f := reception()
	commit(f, "138001")
	f.FocusID("content")
	f.Paste(strings.Repeat("小区东门的路灯坏了半个月，parking ", 20))
	f.FocusID("village")
	keys(f, "艾")
	f.SetProblem("reply", "请写明答复 please say what was answered")
	for width := 1; width <= 130; width++ {
		for _, height := range []int{1, 3, 20} {
			rows, cursor := f.Rows(width, height, plain())
			if cursor == nil || len(rows) != height || cursor.X >= width || cursor.Y >= height {
				t.Fatalf("%d×%d: cursor %v", width, height, cursor)
			}
			cellsOf(t, rows, width)
		}
	}
}

func TestHeightIsWhatTheFormNeeds(t *testing.T) {
	f := reception()
	f.FocusID("reply")
	for _, width := range []int{30, 80, 120} {
		draw(t, f, width, 4)
		top := f.shown.top
		rows, _ := f.Rows(width, 0, plain())
		if got := f.Height(width, plain()); got != len(rows) {
			t.Errorf("at %d: height %d of %d rows", width, got, len(rows))
		}
		draw(t, f, width, 4)
		if f.shown.top != top {
			t.Error("asking for the height scrolled the form")
		}
	}
}

func TestWordsOfAnotherLanguage(t *testing.T) {
	f := pickForm(PickConfig{})
	f.SetWords(Words{NoMatch: "nothing found", Choose: "pick one", Over: "%d %d", More: "%d of %d"})
	keys(f, "x")
	draw(t, f, 60, 6).has("nothing found")
	f.SetRows(Row{In(NewPick(PickConfig{ID: "p", Source: villages}), 0)})
	keys(f, "z")
	draw(t, f, 60, 6).has("nothing found")
}

// What changes nothing must not cost a new drawing, and what changes the
// drawing must not be missed by the cache.
func TestDrawingsAreKeptUntilTheyChange(t *testing.T) {
	th := plain()
	f := reception()
	f.Set("content", "路灯不亮")
	first := f.Field("content").Draw(60, th)
	if again := f.Field("content").Draw(60, th); &again.Lines[0] != &first.Lines[0] {
		t.Error("the same drawing was made again")
	}
	for _, c := range []struct {
		name   string
		change func()
	}{
		{"value", func() { f.Set("content", "路灯亮") }},
		{"focus", func() { f.FocusID("content") }},
		{"key", func() { keys(f, "left") }}, // in order: a key goes to the field with the focus
		{"theme", func() { th = theme.New(theme.Dark, true) }},
	} {
		name, before := c.name, f.Field("content").Draw(60, th)
		c.change()
		if after := f.Field("content").Draw(60, th); &after.Lines[0] == &before.Lines[0] {
			t.Errorf("%s: the old drawing is kept", name)
		}
	}
	if d := f.Field("content").Draw(61, th); len(d.Lines) == 0 || slices.Equal(d.Lines, f.Field("content").Draw(60, th).Lines) {
		t.Error("another width has the same rows")
	}
}

func benchmarkForm(b *testing.B, id string, th *theme.Theme) {
	f := reception()
	f.Set("content", strings.Repeat("小区东门的路灯坏了半个月，", 20))
	f.FocusID(id)
	f.View(120, 40, th)
	b.ReportAllocs()
	for b.Loop() {
		f.Key(press("路"))
		f.View(120, 40, th)
		f.Key(press("backspace"))
		f.View(120, 40, th)
	}
}

// Two keys and two views of a whole form an iteration.
func BenchmarkKeyToViewInAText(b *testing.B) { benchmarkForm(b, "reply", theme.New(theme.Dark, true)) }
func BenchmarkKeyToViewInAnArea(b *testing.B) {
	benchmarkForm(b, "content", theme.New(theme.Dark, true))
}
func BenchmarkKeyToViewInAPick(b *testing.B) {
	benchmarkForm(b, "village", theme.New(theme.Dark, true))
}

func BenchmarkViewWithoutAChange(b *testing.B) {
	th := theme.New(theme.Dark, true)
	f := reception()
	b.ReportAllocs()
	for b.Loop() {
		f.View(120, 40, th)
	}
}
