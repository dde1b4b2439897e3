package form

import (
	"strings"
	"testing"
)

func area(c AreaConfig) (*Area, *Form) {
	c.ID, c.Label = "f", "字"
	a := NewArea(c)
	return a, New("f", Row{In(a, 0)})
}

func TestEnterGoesOnAndAltEnterBeginsALine(t *testing.T) {
	a := NewArea(AreaConfig{ID: "content", Label: "内容"})
	f := New("f", Row{In(a, 0)}, Row{In(NewText(TextConfig{ID: "reply", Label: "答复"}), 0)})
	commit(f, "一")
	keys(f, "alt+enter")
	commit(f, "二")
	keys(f, "ctrl+j")
	commit(f, "三")
	keys(f, "enter")
	if got := f.Value("content"); got != "一\n二\n三" {
		t.Errorf("value %q", got)
	}
	if got := f.Focused().ID(); got != "reply" {
		t.Errorf("Enter went to %q", got)
	}
}

func TestUpAndDownKeepTheColumnAndLeaveAtTheEdges(t *testing.T) {
	a := NewArea(AreaConfig{ID: "f", Label: "字"})
	f := New("f", Row{In(NewText(TextConfig{ID: "above", Label: "上"}), 0)}, Row{In(a, 0)}, Row{In(NewText(TextConfig{ID: "below", Label: "下"}), 0)})
	f.FocusID("f")
	f.Paste("abcdef\n路\n路灯不亮")
	draw(t, f, 40, 8)
	var at []string
	for range 2 {
		keys(f, "up")
		l := draw(t, f, 40, 8)
		at = append(at, l.left()+"|"+l.right())
	}
	if got, want := strings.Join(at, " "), "路|  f| "; got != want { // column 8 is behind both rows' ends
		t.Errorf("went through %q, want %q", got, want)
	}
	keys(f, "up")
	if got := f.Focused().ID(); got != "above" {
		t.Fatalf("up from the first row went to %q", got)
	}
	f.FocusID("f")
	keys(f, "ctrl+end", "down")
	if got := f.Focused().ID(); got != "below" {
		t.Errorf("down from the last row went to %q", got)
	}
}

func TestHomeAndEndGoByRows(t *testing.T) {
	a, f := area(AreaConfig{})
	f.Paste(strings.Repeat("路", 20)) // 12 characters fit beside the label
	draw(t, f, 30, 4)
	keys(f, "home", "x")
	if got, want := a.Value(), strings.Repeat("路", 12)+"x"+strings.Repeat("路", 8); got != want {
		t.Errorf("home: %q", got)
	}
	keys(f, "up", "end")
	if l := draw(t, f, 30, 4); l.cursor.Y != 0 || l.cursor.X != 29 || l.left() != "x" {
		t.Errorf("end of the first row: %d,%d behind %q", l.cursor.X, l.cursor.Y, l.left())
	}
	keys(f, "y")
	if got, want := a.Value(), strings.Repeat("路", 12)+"xy"+strings.Repeat("路", 8); got != want {
		t.Errorf("typed at the end: %q", got)
	}
}

func TestAnAreaGrowsAndThenScrolls(t *testing.T) {
	_, f := area(AreaConfig{Rows: 2, Grow: 4})
	for n := 1; n <= 6; n++ {
		commit(f, strings.Repeat("路", 12)+"灯")
		keys(f, "alt+enter")
		l := draw(t, f, 30, 0)
		if want := min(max(2*n+1, 2), 4); len(l.rows) != want {
			t.Errorf("%d lines are drawn in %d rows, want %d", n, len(l.rows), want)
		}
		if l.cursor.Y != min(2*n, 3) {
			t.Errorf("cursor in row %d", l.cursor.Y)
		}
	}
	for range 20 {
		keys(f, "up")
	}
	if l := draw(t, f, 30, 0); l.cursor.Y != 0 || !strings.HasPrefix(l.rows[0], "字  路") {
		t.Errorf("after going up the cursor is in row %d of %q", l.cursor.Y, l.rows[0])
	}
}

func TestCaretAmongHangingSpacesStaysInside(t *testing.T) {
	a, f := area(AreaConfig{})
	commit(f, strings.Repeat("路", 12))
	for range 10 {
		keys(f, "space")
		if l := draw(t, f, 30, 3); l.cursor.Y != 0 || l.cursor.X > 29 {
			t.Fatalf("cursor at %d,%d", l.cursor.X, l.cursor.Y)
		}
	}
	commit(f, "灯")
	if l := draw(t, f, 30, 3); l.cursor.Y != 1 || l.left() != "灯" {
		t.Errorf("cursor at %d,%d", l.cursor.X, l.cursor.Y)
	}
	keys(f, "up", "end", "backspace")
	if n := strings.Count(a.Value(), " "); n != 9 {
		t.Errorf("%d spaces are left", n)
	}
}

// FuzzArea is FuzzText for several lines. Up, Down, Home and End go by rows,
// which the model has not: it takes over where they went.
func FuzzArea(f *testing.F) {
	f.Add([]byte{0, 1, 2, 0x8c, 3, 4, 0x80, 0x87, 0x86, 9}, 20)
	f.Add([]byte(strings.Repeat("\x00\x08\x03", 40)+"\x86\x86\x86\x88\x86\x89\x80\x82"), 18)
	names := []string{"left", "right", "backspace", "delete", "ctrl+home", "ctrl+end", "up", "down", "home", "end"}
	f.Fuzz(func(t *testing.T, script []byte, width int) {
		width = 8 + abs(width%80)
		a, form := area(AreaConfig{Rows: 3, Grow: 5, Limit: 5000})
		var m model
		for _, b := range script[:min(len(script), 300)] {
			switch {
			case b == 0x7f:
				m.insert("\n")
				form.Key(press("ctrl+j"))
			case b < 0x80:
				g := pieces[int(b)%len(pieces)]
				m.insert(g)
				form.Key(press(g))
			default:
				name := names[int(b)%len(names)]
				m.key(name)
				form.Key(press(name))
				if i := int(b) % len(names); i >= 6 {
					m.caret = follow(t, m, a.caret)
				}
			}
			if want := strings.Join(m.text, ""); a.Value() != want {
				t.Fatalf("value %q, model %q", a.Value(), want)
			}
			checkArea(t, a, form, m, width)
		}
	})
}

// follow returns the place of a byte offset among the graphemes of the model.
func follow(t *testing.T, m model, offset int) int {
	t.Helper()
	for i, g := range m.text {
		if offset <= 0 {
			return i
		}
		if offset -= len(g); offset < 0 {
			t.Fatal("the caret is inside a grapheme")
		}
	}
	return len(m.text)
}

// checkArea looks at the characters beside the cursor; spaces that hang over
// the edge are not drawn.
func checkArea(t *testing.T, a *Area, form *Form, m model, width int) {
	t.Helper()
	l := draw(t, form, width, 5)
	if l.cursor == nil {
		t.Fatal("no cursor")
	}
	if m.caret > 0 && l.cursor.X > 4 {
		if got, want := l.left(), m.text[m.caret-1]; got != want && want != " " {
			t.Fatalf("left of the cursor stands %q, want %q in %q at %d of width %d", got, want, m.text, m.caret, width)
		}
	}
	if a.edge {
		return // drawn behind its row; the next character starts the next
	}
	if m.caret < len(m.text) && m.text[m.caret] != "\n" && m.text[m.caret] != " " && l.right() != m.text[m.caret] {
		t.Fatalf("under the cursor stands %q, want %q in %q at %d of width %d", l.right(), m.text[m.caret], m.text, m.caret, width)
	}
}

func BenchmarkKeyInAnAreaOf2000Characters(b *testing.B) {
	a, f := area(AreaConfig{Grow: 10, Limit: 2001})
	f.Paste(strings.Repeat("小区东门的路灯坏了半个月，晚上老人出门不安全。", 87)[:6000])
	f.Key(press("ctrl+home"))
	th := plain()
	b.ReportAllocs()
	for b.Loop() {
		f.Key(press("路"))
		f.View(80, 20, th)
		f.Key(press("backspace"))
		f.View(80, 20, th)
	}
	if len(a.Value()) != 6000 {
		b.Fatal("the text changed")
	}
}
