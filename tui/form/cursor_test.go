package form

import (
	"strings"
	"testing"

	"liaison/tui/theme"
)

// The real cursor stands in the cell after the typed text: input methods put
// their window there. The columns here are counted by hand.
func TestCursorStandsAfterTheTypedText(t *testing.T) {
	for _, c := range []struct {
		name        string
		field       Field
		typed       string
		then        []string // keys after typing
		x, y        int      // field of width 30, label "字" on 3 cells
		left, right string
	}{
		{"nothing yet", NewText(TextConfig{ID: "f", Label: "字", Placeholder: "请输入"}), "", nil, 4, 0, "", "请"},
		{"Chinese", NewText(TextConfig{ID: "f", Label: "字"}), "张三丰", nil, 10, 0, "丰", " "},
		{"Chinese, one left", NewText(TextConfig{ID: "f", Label: "字"}), "张三丰", []string{"left"}, 8, 0, "三", "丰"},
		{"mixed", NewText(TextConfig{ID: "f", Label: "字"}), "QA01号楼3", nil, 13, 0, "3", " "},
		{"extension B", NewText(TextConfig{ID: "f", Label: "字"}), "𠮷野", nil, 8, 0, "野", " "},
		{"ambiguous", NewText(TextConfig{ID: "f", Label: "字"}), "古丽·买", nil, 11, 0, "买", " "},
		{"combining mark", NewText(TextConfig{ID: "f", Label: "字"}), "re\u0301", nil, 6, 0, "e\u0301", " "},
		{"mark, one left", NewText(TextConfig{ID: "f", Label: "字"}), "re\u0301", []string{"left"}, 5, 0, "r", "e\u0301"},
		{"at the start", NewText(TextConfig{ID: "f", Label: "字"}), "张三丰", []string{"home"}, 4, 0, "", "张"},
		{"scrolled", NewText(TextConfig{ID: "f", Label: "字"}), strings.Repeat("路", 25), nil, 27, 0, "路", " "},
		{"secret", NewText(TextConfig{ID: "f", Label: "字", Secret: true}), "1234", nil, 8, 0, "*", " "},
		{"area", NewArea(AreaConfig{ID: "f", Label: "字"}), "小区路灯", nil, 12, 0, "灯", " "},
		{"area, second row", NewArea(AreaConfig{ID: "f", Label: "字"}), strings.Repeat("路", 13) + "灯", nil, 8, 1, "灯", " "},
		{"area, full row", NewArea(AreaConfig{ID: "f", Label: "字"}), strings.Repeat("路", 12), nil, 28, 0, "路", " "},
		{"area, row full to the edge", NewArea(AreaConfig{ID: "f", Label: "字"}), strings.Repeat("路", 12) + "a", nil, 29, 0, "a", " "},
		{"area, comma carried over", NewArea(AreaConfig{ID: "f", Label: "字"}), strings.Repeat("路", 12) + "，", nil, 8, 1, "，", " "},
		{"area, new line", NewArea(AreaConfig{ID: "f", Label: "字"}), "路灯", []string{"alt+enter"}, 4, 1, "", " "},
		{"area, up", NewArea(AreaConfig{ID: "f", Label: "字"}), "路灯不亮\nab", []string{"up"}, 6, 0, "路", "灯"},
		{"pick, query", NewPick(PickConfig{ID: "f", Label: "字", Source: villages}), "艾", nil, 6, 0, "艾", " "},
		{"pick, chosen", NewPick(PickConfig{ID: "f", Label: "字", Source: villages, Hop: true}), "321181003001", nil, 10, 0, "村", " "},
		{"several, query", NewMultiPick(PickConfig{ID: "f", Label: "字", Source: deputies}), "李", nil, 6, 0, "李", " "},
		{"several, one chosen", NewMultiPick(PickConfig{ID: "f", Label: "字", Source: deputies}), "李", []string{"enter"}, 12, 0, " ", " "},
		{"several, next query", NewMultiPick(PickConfig{ID: "f", Label: "字", Source: deputies}), "李", []string{"enter", "王"}, 14, 0, "王", " "},
		{"choice", NewChoice(ChoiceConfig{ID: "f", Label: "字", Options: dispositions()}), "", nil, 4, 0, "", "A"},
		{"choice, all drawn", NewChoice(ChoiceConfig{ID: "f", Label: "字", Options: dispositions(), Spread: true}), "B", nil, 6, 0, "[", "B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := New("f", Row{In(c.field, 30)})
			for _, r := range c.typed {
				if r == '\n' {
					keys(f, "alt+enter")
					continue
				}
				f.Key(press(string(r)))
			}
			keys(f, c.then...)
			l := draw(t, f, 60, 12)
			if l.cursor == nil {
				t.Fatal("no cursor")
			}
			if l.cursor.X != c.x || l.cursor.Y != c.y {
				t.Errorf("cursor at %d,%d, want %d,%d\n%s", l.cursor.X, l.cursor.Y, c.x, c.y, strings.Join(l.rows, "\n"))
			}
			if c.left != "" && l.left() != c.left || l.right() != c.right {
				t.Errorf("cursor between %q and %q, want %q and %q", l.left(), l.right(), c.left, c.right)
			}
		})
	}
}

// An ambiguous character is drawn two cells wide on some terminals; there it
// is replaced, and the cursor moves with it.
func TestCursorWhereAmbiguousCharactersAreWide(t *testing.T) {
	th := theme.New(theme.Plain, true).ASCII()
	f := New("f", Row{In(NewText(TextConfig{ID: "f", Label: "字"}), 30)}, Row{In(NewArea(AreaConfig{ID: "g", Label: "字"}), 30)})
	for _, id := range []string{"f", "g"} {
		f.FocusID(id)
		commit(f, "古丽·买")
		l := drawIn(t, f, 40, 6, th)
		if l.cursor.X != 12 || l.left() != "买" {
			t.Errorf("%s: cursor at %d behind %q", id, l.cursor.X, l.left())
		}
		l.has("古丽・买")
		keys(f, "left", "left", "x")
		if got := f.Value(id); got != "古丽x·买" {
			t.Errorf("%s: the value is %q", id, got)
		}
		keys(f, "home", "right", "right", "right", "right")
		if l = drawIn(t, f, 40, 6, th); l.left() != "・" {
			t.Errorf("%s: cursor behind %q", id, l.left())
		}
		f.Click(11, l.cursor.Y) // on 买, behind the wide ・
		keys(f, "y")
		if got := f.Value(id); got != "古丽x·y买" {
			t.Errorf("%s: after a click the value is %q", id, got)
		}
	}
}

// Twenty cells stay free after the caret in a field that can spare them.
func TestRoomForTheInputMethod(t *testing.T) {
	f := New("f", Row{In(NewText(TextConfig{ID: "f", Label: "内容", Limit: 500}), 0)})
	for range 100 {
		commit(f, "路")
		l := draw(t, f, 80, 1)
		if free := 80 - l.cursor.X; free < 20 {
			t.Fatalf("%d cells free after %d characters", free, len([]rune(f.Value("f"))))
		}
		if l.left() != "路" {
			t.Fatalf("cursor behind %q", l.left())
		}
	}
	for range 100 {
		keys(f, "left")
		if l := draw(t, f, 80, 1); l.right() != "路" {
			t.Fatalf("cursor on %q", l.right())
		}
	}
}
