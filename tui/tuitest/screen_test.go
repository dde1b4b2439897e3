package tuitest

import (
	"strings"
	"testing"
)

// show writes to a screen of 10 × 4 cells.
func show(t *testing.T, text string) *Screen {
	t.Helper()
	s := NewScreen(10, 4)
	if _, err := s.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return s
}

// abcd fills the screen with a letter a row.
const abcd = "\x1b[Haaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\ndddddddddd"

func TestWhatSequencesDo(t *testing.T) {
	for _, c := range []struct {
		name, text string
		rows       string // of the screen, trailing blanks cut
		x, y       int
	}{
		{"text", "ab张三", "ab张三", 6, 0},
		{"a character in two writes is tested by FuzzScreen", "张", "张", 2, 0},
		{"carriage return and line feed", "ab\r\ncd\nef", "ab\ncd\n  ef", 4, 2},
		{"backspace", "abc\b\bX", "aXc", 2, 0},
		{"tab and back", "a\tb\x1b[Zc", "a       c", 9, 0},
		{"forward tab", "\x1b[Ix", "        x", 9, 0},
		{"full row waits", "0123456789", "0123456789", 9, 0},
		{"then wraps", "0123456789a", "0123456789\na", 1, 1},
		{"return takes the wait away", "0123456789\ra", "a123456789", 1, 0},
		{"wide does not fit", "012345678张", "012345678\n张", 2, 1},
		{"wide does not fit, no wrap", "\x1b[?7l012345678张", "012345678", 9, 0},
		{"no wrap", "\x1b[?7l0123456789abc", "012345678c", 9, 0},
		{"half of a wide one overwritten", "张三\x1b[1;2Hx", " x三", 2, 0},
		{"other half", "张三\x1b[1;3Hx", "张x", 3, 0},
		{"cursor position", "\x1b[3;5Hx", "\n\n    x", 5, 2},
		{"cursor position without numbers", "ab\x1b[Hx", "xb", 1, 0},
		{"cursor position outside", "\x1b[99;99Hx", "\n\n\n         x", 9, 3},
		{"up down left right", "\x1b[2;5H\x1b[A\x1b[2B\x1b[3C\x1b[2Dx", "\n\n     x", 6, 2},
		{"column and row", "\x1b[4Ga\x1b[3db\x1b[2`c", "   a\n\n c  b", 2, 2},
		{"erase to the end", "abcdef\x1b[3D\x1b[K", "abc", 3, 0},
		{"erase from the beginning", "abcdef\x1b[3D\x1b[1K", "    ef", 3, 0},
		{"erase the row", "abcdef\x1b[2K", "", 6, 0},
		{"erase half of a wide one", "张三\x1b[1;2H\x1b[K", "", 1, 0},
		{"erase below", abcd + "\x1b[2;3H\x1b[J", "aaaaaaaaaa\nbb", 2, 1},
		{"erase above", abcd + "\x1b[2;3H\x1b[1J", "\n   bbbbbbb\ncccccccccc\ndddddddddd", 2, 1},
		{"erase all", abcd + "\x1b[2J", "", 9, 3},
		{"erase characters", "abcdef\x1b[1;2H\x1b[3X", "a   ef", 1, 0},
		{"insert characters", "abcdef\x1b[1;2H\x1b[2@", "a  bcdef", 1, 0},
		{"insert before a wide one at the margin", "01234567张\x1b[1;1H\x1b[@", " 01234567", 0, 0},
		{"delete characters", "abcdef\x1b[1;2H\x1b[2P", "adef", 1, 0},
		{"delete half of a wide one", "张三x\x1b[1;2H\x1b[P", " 三x", 1, 0},
		{"insert rows", abcd + "\x1b[2;3H\x1b[L", "aaaaaaaaaa\n\nbbbbbbbbbb\ncccccccccc", 0, 1},
		{"delete rows", abcd + "\x1b[2;3H\x1b[2M", "aaaaaaaaaa\ndddddddddd", 0, 1},
		{"scroll up", abcd + "\x1b[S", "bbbbbbbbbb\ncccccccccc\ndddddddddd", 9, 3},
		{"scroll down", abcd + "\x1b[2T", "\n\naaaaaaaaaa\nbbbbbbbbbb", 9, 3},
		{"region: line feed at its end", abcd + "\x1b[2;3r\x1b[3;1H\n", "aaaaaaaaaa\ncccccccccc\n\ndddddddddd", 0, 2},
		{"region: up at its top", abcd + "\x1b[2;3r\x1b[2;1H\x1bM", "aaaaaaaaaa\n\nbbbbbbbbbb\ndddddddddd", 0, 1},
		{"region: rows go no further", abcd + "\x1b[2;3r\x1b[2;1H\x1b[L", "aaaaaaaaaa\n\nbbbbbbbbbb\ndddddddddd", 0, 1},
		{"region: insert outside does nothing", abcd + "\x1b[2;3r\x1b[4;1H\x1b[L", "aaaaaaaaaa\nbbbbbbbbbb\ncccccccccc\ndddddddddd", 0, 3},
		{"region: line feed below it", abcd + "\x1b[1;2r\x1b[4;1H\n", "aaaaaaaaaa\nbbbbbbbbbb\ncccccccccc\ndddddddddd", 0, 3},
		{"region taken away", abcd + "\x1b[2;3r\x1b[r\x1b[4;1H\n", "bbbbbbbbbb\ncccccccccc\ndddddddddd", 0, 3},
		{"last row scrolls", abcd + "\r\n", "bbbbbbbbbb\ncccccccccc\ndddddddddd", 0, 3},
		{"repeat", "a\x1b[3bb", "aaaab", 5, 0},
		{"repeat a wide one", "张\x1b[b", "张张", 4, 0},
		{"combining mark", "e\u0301x", "e\u0301x", 2, 0},
		{"ambiguous is narrow", "·—“①", "·—“①", 4, 0},
		{"full width", "，Ａ", "，Ａ", 4, 0},
		{"beyond the basic plane", "𠮷x", "𠮷x", 3, 0},
		{"alternate screen and back", "main\x1b[?1049halt\x1b[?1049l!", "main!", 5, 0},
		{"colours and titles leave no trace", "\x1b[1;38;2;1;2;3mb\x1b[m\x1b]2;title\x07\x1b]8;;http://x\x1b\\l\x1b]8;;\x1b\\", "bl", 2, 0},
	} {
		s := show(t, c.text)
		if err := s.Err(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := strings.TrimRight(s.Text(), "\n"); got != c.rows {
			t.Errorf("%s: %q, want %q", c.name, got, c.rows)
		}
		if at := s.Cursor(); at.X != c.x || at.Y != c.y {
			t.Errorf("%s: the cursor is at %d,%d, want %d,%d", c.name, at.X, at.Y, c.x, c.y)
		}
	}
}

// What is not understood must not be passed over.
func TestUnknownSequencesAreFaults(t *testing.T) {
	for _, text := range []string{"\x1b[5u", "\x1b[?9999h", "\x1b[4h", "\x1b[=1u", "\x1bc", "\x1b7", "\x1bPq\x1b\\", "\x1b]777;x\x07", "\x1b[99m", "\x1b[3J",
		"\x1b[5n", "\x1b[1;2;3", "\x1b[\x05", "\x00", "\x0e", "\xd6\xd0", "\xc2\x9b", "\x1b]9;notify\x07", "\x1b[38;9m", "\x1b]2;a\x1bb", "\x1b[b"} {
		s := show(t, text)
		if text == "\x1b[1;2;3" {
			if s.Settled() {
				t.Errorf("%q is half a sequence", text)
			}
			continue
		}
		if s.Err() == nil {
			t.Errorf("%q was passed over", text)
		}
	}
}

func TestStyles(t *testing.T) {
	rgb := func(v uint32) Colour { return Colour{RGB, v} }
	for text, want := range map[string]Style{
		"\x1b[1;2;3;5;7;8;9m":                   {Attrs: Bold | Faint | Italic | Blink | Reverse | Conceal | Strike},
		"\x1b[1;2;7m\x1b[22;27m":                {},
		"\x1b[4m":                               {Underline: 1},
		"\x1b[4:3m":                             {Underline: 3},
		"\x1b[4m\x1b[24m":                       {},
		"\x1b[31;42m":                           {Fg: Colour{Palette, 1}, Bg: Colour{Palette, 2}},
		"\x1b[91;102m":                          {Fg: Colour{Palette, 9}, Bg: Colour{Palette, 10}},
		"\x1b[38;5;200;48;5;7m":                 {Fg: Colour{Palette, 200}, Bg: Colour{Palette, 7}},
		"\x1b[38;2;1;2;3;48;2;255;0;16m":        {Fg: rgb(0x010203), Bg: rgb(0xff0010)},
		"\x1b[38:2::1:2:3;58:5:4m":              {Fg: rgb(0x010203), Line: Colour{Palette, 4}},
		"\x1b[31m\x1b[39m\x1b[42m\x1b[49m":      {},
		"\x1b[31;1m\x1b[m":                      {},
		"\x1b]8;id=1;https://a.example\x1b\\":   {Link: "https://a.example"},
		"\x1b]8;;https://a.example\x1b\\\x1b[m": {Link: "https://a.example"},
	} {
		if got := show(t, text+"x").Cell(0, 0).Style; got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	if bg := show(t, "\x1b[44mx\x1b[K").Cell(9, 0).Style; bg != (Style{Bg: Colour{Palette, 4}}) {
		t.Errorf("what is erased has the style %+v", bg)
	}
}

func TestAnswers(t *testing.T) {
	for text, want := range map[string]string{
		"ab\x1b[6n":                 "\x1b[1;3R",
		"\x1b[c":                    "\x1b[?62;22c",
		"\x1b[>c":                   "\x1b[>41;390;0c",
		"\x1b[?2026$p":              "\x1b[?2026;2$y",
		"\x1b[?2026h\x1b[?2026$p":   "\x1b[?2026;1$y",
		"\x1b[?2027$p":              "\x1b[?2027;0$y",
		"\x1b]11;?\x07":             "\x1b]11;rgb:0000/0000/0000\x07",
		"\x1b]10;?\x07":             "\x1b]10;rgb:ffff/ffff/ffff\x07",
		"\x1b[?u\x1b[>1u\x1b[>4;2m": "",
	} {
		s := show(t, text)
		if got := string(s.Answers()); got != want || s.Err() != nil {
			t.Errorf("%q is answered %q, want %q (%v)", text, got, want, s.Err())
		}
		if len(s.Answers()) > 0 {
			t.Errorf("%q is answered twice", text)
		}
	}
	light := NewScreen(10, 4)
	light.Light, light.Grapheme = true, true
	_, _ = light.Write([]byte("\x1b]11;?\x07\x1b[?2027$p"))
	if got := string(light.Answers()); got != "\x1b]11;rgb:ffff/ffff/ffff\x07\x1b[?2027;2$y" {
		t.Errorf("a light terminal says %q", got)
	}
}

// A program that leaves anything behind is found out, and what for.
func TestRestored(t *testing.T) {
	for text, want := range map[string]string{
		"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1002h\x1b[?1006h": "mode 1002, mode 1006, mode 1049, mode 2004, mode 25",
		"\x1b[>4;2m\x1b[>1u":                     "key protocol, modifyOtherKeys",
		"\x1b]2;x\x07\x1b]11;#000000\x07":        "colours, title",
		"\x1b[1m\x1b[2;3r":                       "scrolling region, style",
		"\x1b]9;4;1;50\x07\x1b[3 q\x1b[?7l":      "mode 7, progress, shape of the cursor",
		"\x1b[?1049h\x1b[>1u\x1b[?1049l\x1b[<1u": "key protocol", // each screen has its own
	} {
		if err := show(t, text).Restored(); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if err := show(t, "\x1b[?1049h\x1b[>1u\x1b[>4;2m\x1b[?25lx\x1b[<1u\x1b[>4m\x1b[?25h\x1b[?1049l\x1b]9;4;0\x07").Restored(); err != nil {
		t.Error(err)
	}
}

func TestResizeKeepsWhatFits(t *testing.T) {
	s := show(t, "0123张三89\r\nsecond\r\nthird")
	s.Resize(5, 2)
	if got := s.Text(); got != "0123\nsecon" {
		t.Errorf("%q", got)
	}
	s.Resize(12, 3)
	if got := s.Text(); got != "0123\nsecon\n" {
		t.Errorf("%q", got)
	}
	if at := s.Cursor(); at.X != 4 || at.Y != 1 {
		t.Errorf("the cursor is at %+v", at)
	}
}

func TestFindAndBefore(t *testing.T) {
	s := show(t, "a张三b\r\n  张三")
	if x, y, ok := s.Find("三b"); x != 3 || y != 0 || !ok {
		t.Errorf("found at %d,%d %v", x, y, ok)
	}
	if _, _, ok := s.Find("李"); ok {
		t.Error("found what is not there")
	}
	if got := s.Before(); got != "  张三" {
		t.Errorf("before the cursor stands %q", got)
	}
}

func TestKeysAreWhatXtermSends(t *testing.T) {
	for key, want := range map[string]string{
		"a": "a", "中": "中", "enter": "\r", "esc": "\x1b", "backspace": "\x7f", "f1": "\x1bOP", "f10": "\x1b[21~", "f12": "\x1b[24~",
		"up": "\x1b[A", "pgdown": "\x1b[6~", "shift+tab": "\x1b[Z", "ctrl+s": "\x13", "ctrl+k": "\x0b", "alt+n": "\x1bn", "alt+enter": "\x1b\r",
		"alt+up": "\x1b[1;3A", "ctrl+end": "\x1b[1;5F", "ctrl+pgup": "\x1b[5;5~", "shift+f3": "\x1b[1;2R",
	} {
		if got, err := Bytes(key); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", key, got, err, want)
		}
	}
	for _, key := range []string{"", "f99", "ctrl+中", "shift+enter", "ab"} {
		if got, err := Bytes(key); err == nil {
			t.Errorf("%q: %q", key, got)
		}
	}
}

// FuzzScreen: no bytes break the screen, in how many pieces ever they come.
func FuzzScreen(f *testing.F) {
	for _, s := range []string{abcd, "张三\x1b[2;3r\x1b[3;1H\n\x1b[L\x1b[M", "\x1b[?1049h\x1b]2;x\x07\x1b[38;5;1m", "\x1b[9999999999999C", "\x1b[;;H\x1b[0;0r", "\x1b[?7l张张张张张张"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, cut int) {
		if cut < 0 || cut > len(text) {
			cut = len(text) / 2
		}
		whole, pieces := NewScreen(7, 5), NewScreen(7, 5)
		_, _ = whole.Write([]byte(text))
		_, _ = pieces.Write([]byte(text[:cut]))
		_, _ = pieces.Write([]byte(text[cut:]))
		if whole.Text() != pieces.Text() || whole.Cursor() != pieces.Cursor() {
			t.Errorf("%q cut at %d:\n%s\n%s", text, cut, whole.Text(), pieces.Text())
		}
		if c := whole.Cursor(); c.X < 0 || c.X >= 7 || c.Y < 0 || c.Y >= 5 {
			t.Errorf("%q: cursor %+v", text, c)
		}
		for y := range 5 {
			for x := range 7 {
				c := whole.Cell(x, y)
				if right := c.Width == 0; right != (x > 0 && whole.Cell(x-1, y).Width == 2) || c.Width == 2 && x == 6 {
					t.Fatalf("%q: half a character at %d,%d: %q", text, x, y, whole.Row(y))
				}
			}
		}
	})
}
