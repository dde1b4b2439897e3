package form

import (
	"strings"
	"testing"
	"unicode/utf8"

	"liaison/tui/cell"
)

func text(limit int) (*Text, *Form) {
	x := NewText(TextConfig{ID: "f", Label: "字", Limit: limit})
	return x, New("f", Row{In(x, 0)})
}

func TestEditingGoesByWhatAReaderTakesForACharacter(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
		want string
	}{
		{"backspace takes letter and mark", []string{"a", "e\u0301", "backspace"}, "a"},
		{"backspace takes a wide character", []string{"𠮷", "野", "backspace"}, "𠮷"},
		{"delete", []string{"路", "灯", "home", "delete"}, "灯"},
		{"insert in the middle", []string{"路", "亮", "left", "灯"}, "路灯亮"},
		{"mark typed by itself joins", []string{"e", "\u0301", "left", "x"}, "xe\u0301"},
		{"mark typed first is nothing", []string{"\u0301", "a"}, "a"},
		{"to the start", []string{"路", "灯", "ctrl+u", "a"}, "a"},
		{"to the start from the middle", []string{"路", "灯", "left", "ctrl+u"}, "灯"},
		{"a word of Latin letters", []string{"停", "c", "a", "r", "ctrl+w"}, "停"},
		{"two Chinese characters, not the clause", []string{"小", "区", "路", "灯", "ctrl+w"}, "小区"},
		{"by words to the left", []string{"小", "区", "路", "灯", "ctrl+left", "x"}, "小区x路灯"},
		{"by words to the right", []string{"小", "区", "路", "灯", "home", "ctrl+right", "x"}, "小区x路灯"},
		{"spaces belong to the next word", []string{"a", "b", "space", "c", "d", "ctrl+left", "x"}, "ab xcd"},
		{"backspace as control H", []string{"a", "b", "ctrl+h"}, "a"},
		{"commands type nothing", []string{"a", "ctrl+k", "alt+x"}, "a"},
	} {
		_, f := text(0)
		keys(f, c.keys...)
		if got := f.Value("f"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestUndoTakesBackWhatWasTypedInOneGo(t *testing.T) {
	_, f := text(0)
	commit(f, "路灯不亮")
	keys(f, "backspace", "backspace")
	f.Paste("坏了")
	for _, want := range []string{"路灯", "路灯不亮", "", ""} {
		keys(f, "ctrl+z")
		if got := f.Value("f"); got != want {
			t.Fatalf("undone to %q, want %q", got, want)
		}
	}
	keys(f, "ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y")
	if got := f.Value("f"); got != "路灯坏了" {
		t.Fatalf("redone to %q", got)
	}
	keys(f, "ctrl+z")
	commit(f, "x")
	keys(f, "ctrl+y") // after a new change there is nothing to redo
	if got := f.Value("f"); got != "路灯x" {
		t.Fatalf("redone over a change: %q", got)
	}
}

func TestUndoRemembersFiftySteps(t *testing.T) {
	x, f := text(0)
	for range 80 {
		f.Paste("字")
	}
	for range 100 {
		keys(f, "ctrl+z")
	}
	if got := utf8.RuneCountInString(x.Value()); got != 80-undoSteps {
		t.Errorf("%d characters left", got)
	}
}

// A paste over the limit once vanished without a word.
func TestPasteOverTheLimitIsSaid(t *testing.T) {
	_, f := text(10)
	f.Paste("一二三四五六七八九十甲乙丙")
	if got := f.Value("f"); got != "一二三四五六七八九十" {
		t.Errorf("kept %q", got)
	}
	draw(t, f, 80, 6).has("最多 10 字，后面 3 字没有收入")
	if bad := f.Check(); len(bad) != 0 {
		t.Errorf("a full field is not wrong: %v", bad)
	}
	keys(f, "tab", "甲")
	draw(t, f, 80, 6).has("后面 1 字没有收入")
	keys(f, "backspace")
	if l := draw(t, f, 80, 6); strings.Contains(strings.Join(l.rows, ""), "没有收入") {
		t.Error("it is still said after the next change")
	}
}

func TestPasteIsCleanedAndKeptOnOneLine(t *testing.T) {
	_, f := text(0)
	f.Paste("路灯\r\n不亮\x1b]52;c;eA==\a\u202e\t。\x00")
	if got := f.Value("f"); got != "路灯 不亮 。" {
		t.Errorf("kept %q", got)
	}
}

func TestAMegabyteInAFieldIsCutAndSaid(t *testing.T) {
	_, f := text(0)
	f.Paste(strings.Repeat("路灯不亮", 1<<20/12))
	if n := utf8.RuneCountInString(f.Value("f")); n != defaultLimit {
		t.Errorf("%d characters kept", n)
	}
	draw(t, f, 80, 4).has("没有收入")
}

func TestFullWidthDigitsAreFoldedWhereAsked(t *testing.T) {
	x := NewText(TextConfig{ID: "f", Label: "电话", Fold: cell.Fold})
	f := New("f", Row{In(x, 0)})
	commit(f, "１３８")
	f.Paste("００１３８０００")
	if got := f.Value("f"); got != "13800138000" {
		t.Errorf("kept %q", got)
	}
}

func TestASecretIsNeitherDrawnNorDrafted(t *testing.T) {
	f := New("f", Row{In(NewText(TextConfig{ID: "pin", Label: "PIN", Secret: true}), 0)})
	commit(f, "135790")
	l := draw(t, f, 40, 2)
	l.has("******")
	if strings.Contains(strings.Join(l.rows, ""), "1") {
		t.Error("the PIN is on the screen")
	}
	if d := f.Draft(); len(d) != 0 {
		t.Errorf("the draft holds %d values", len(d))
	}
	if f.Value("pin") != "135790" {
		t.Error("the value is lost")
	}
}

// A name longer than the field ends in a mark when the field is left, and is
// drawn from its start.
func TestALongValueIsClippedWhereItIsOnlyShown(t *testing.T) {
	f := New("f", Row{In(NewText(TextConfig{ID: "f", Label: "字"}), 20), In(NewText(TextConfig{ID: "g", Label: "字"}), 20)})
	commit(f, "阿不都热依木江吐尔逊")
	l := draw(t, f, 50, 1)
	if !strings.HasPrefix(l.rows[0], "字  ‹") {
		t.Errorf("no mark for what is scrolled away: %q", l.rows[0])
	}
	keys(f, "tab")
	if l = draw(t, f, 50, 1); !strings.HasPrefix(l.rows[0], "字  阿不都热依木江…") {
		t.Errorf("left field: %q", l.rows[0])
	}
}

// pieces are what the models of the fuzzers insert: graphemes that do not join
// each other.
var pieces = []string{"中", "a", "1", "，", "·", "𠮷", "e\u0301", "👍", " ", "灯", "Ｂ", "。", "“"}

// model is the obvious way to edit: a slice of graphemes.
type model struct {
	text  []string
	caret int
}

func (m *model) insert(g string) {
	m.text = append(m.text[:m.caret:m.caret], append([]string{g}, m.text[m.caret:]...)...)
	m.caret++
}

func (m *model) cut(from, to int) {
	m.text = append(m.text[:from:from], m.text[to:]...)
	m.caret = from
}

func (m *model) key(name string) {
	switch n := len(m.text); name {
	case "left":
		m.caret = max(m.caret-1, 0)
	case "right":
		m.caret = min(m.caret+1, n)
	case "backspace":
		m.cut(max(m.caret-1, 0), m.caret)
	case "delete":
		m.cut(m.caret, min(m.caret+1, n))
	case "ctrl+home":
		m.caret = 0
	case "ctrl+end":
		m.caret = n
	}
}

// FuzzText sends random keys to a Text and to the model. Values must agree, and
// the cursor must stand between the characters between which the caret is.
func FuzzText(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0x80, 0x80, 5, 0x82}, 20)
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x84, 0x81, 0x83}, 6)
	f.Add([]byte(strings.Repeat("\x00\x05\x06", 30)+"\x80\x80\x80\x80"), 70)
	names := []string{"left", "right", "backspace", "delete", "ctrl+home", "ctrl+end"}
	f.Fuzz(func(t *testing.T, script []byte, width int) {
		width = 10 + abs(width%100) // four for the label
		x, form := text(5000)
		var m model
		for _, b := range script[:min(len(script), 300)] {
			if b < 0x80 {
				g := pieces[int(b)%len(pieces)]
				m.insert(g)
				form.Key(press(g))
			} else {
				name := names[int(b)%len(names)]
				m.key(name)
				form.Key(press(name))
			}
			if want := strings.Join(m.text, ""); x.Value() != want {
				t.Fatalf("value %q, model %q", x.Value(), want)
			}
			checkCaret(t, form, m, width, 1)
		}
		for range 400 {
			keys(form, "ctrl+z")
		}
		if len(x.undone) != 0 {
			t.Fatal("undo does not end")
		}
	})
}

// checkCaret draws the form and looks at the characters beside the cursor.
func checkCaret(t *testing.T, form *Form, m model, width, height int) {
	t.Helper()
	l := draw(t, form, width, height)
	if l.cursor == nil {
		t.Fatal("no cursor")
	}
	if m.caret > 0 && m.text[m.caret-1] != "\n" && l.cursor.X > 4 {
		if got, want := l.left(), m.text[m.caret-1]; got != want {
			t.Fatalf("left of the cursor stands %q, want %q in %q at %d of width %d", got, want, m.text, m.caret, width)
		}
	}
	if m.caret < len(m.text) && m.text[m.caret] != "\n" && l.right() != m.text[m.caret] {
		if hidden := l.right() == "…" || l.right() == " "; !hidden || l.cursor.X < width-3 {
			t.Fatalf("under the cursor stands %q, want %q in %q at %d of width %d", l.right(), m.text[m.caret], m.text, m.caret, width)
		}
	}
}

// FuzzTextWithAnything: whatever is typed or pasted, nothing breaks and no row
// is too wide.
func FuzzTextWithAnything(f *testing.F) {
	f.Add("a\u0301\u200d🇨", "🇳\x1b[31m", 20)
	f.Add("ᄒ\u1161", "\u11ab가", 7)
	f.Fuzz(func(t *testing.T, first, second string, width int) {
		width = 1 + abs(width%100)
		x := NewText(TextConfig{ID: "f", Limit: 50})
		a := NewArea(AreaConfig{ID: "g", Limit: 50})
		form := New("f", Row{In(x, 0)}, Row{In(a, 0)})
		for range 2 {
			form.Paste(first)
			keys(form, "left", "ctrl+left")
			for _, r := range second {
				form.Key(press(string(r)))
				rows, cursor := form.Rows(width, 5, plain())
				for _, row := range rows {
					if w := cell.Width(row); w != width {
						t.Fatalf("row of %d cells in %d: %q", w, width, row)
					}
				}
				if cursor == nil || cursor.X < 0 || cursor.X >= width || cursor.Y < 0 || cursor.Y >= 5 {
					t.Fatalf("cursor %v", cursor)
				}
			}
			keys(form, "backspace", "end", "delete", "ctrl+w", "ctrl+z", "tab")
		}
		for _, v := range []string{x.Value(), a.Value()} {
			if utf8.RuneCountInString(v) > 50 || !utf8.ValidString(v) {
				t.Fatalf("value %q", v)
			}
		}
		if got := cell.Clean(x.Value(), false); got != x.Value() {
			t.Fatalf("%q is not clean", x.Value())
		}
	})
}
