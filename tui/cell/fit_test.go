package cell

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClipKeepsWithinTheRoom(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
		tail  string
		want  string
	}{
		{"王小明", 6, "…", "王小明"},
		{"王小明", 5, "…", "王小…"},
		{"王小明", 4, "…", "王…"},
		{"王小明", 1, "…", "…"},
		{"王小明", 0, "…", ""},
		{"王小明", 3, "", "王"},
		{"abc", 2, "......", ".."},
		{"e\u0301e\u0301", 1, "", "e\u0301"},
		{"a𠮷b", 2, "", "a"},
	} {
		if got := Clip(c.s, c.width, c.tail); got != c.want {
			t.Errorf("Clip(%q, %d, %q) = %q, want %q", c.s, c.width, c.tail, got, c.want)
		}
	}
}

func TestPaddingMeetsTheColumn(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Pad("王", 4), "王  "},
		{Pad("王小", 3), "王 "}, // the half character becomes a blank
		{PadLeft("12", 4), "  12"},
		{PadLeft("王小", 3), " 王"},
		{Center("王", 5), " 王  "},
		{Pad("x", -1), ""},
		{Pad("\x1b[1m王小明\x1b[0m", 8), "\x1b[1m王小明\x1b[0m  "},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSliceBlanksHalfCharacters(t *testing.T) {
	for _, c := range []struct {
		from, to int
		want     string
	}{
		{0, 6, "王小明"},
		{1, 6, " 小明"},
		{1, 5, " 小 "},
		{2, 4, "小"},
		{3, 4, " "},
		{5, 9, " "},
		{7, 9, ""},
		{-3, 2, "王"},
		{4, 2, ""},
	} {
		if got := Slice("王小明", c.from, c.to); got != c.want {
			t.Errorf("Slice(%d, %d) = %q, want %q", c.from, c.to, got, c.want)
		}
	}
	if got := Slice("ae\u0301b", 1, 2); got != "e\u0301" {
		t.Errorf("a mark must stay with its letter, got %q", got)
	}
}

func TestOffsetFindsTheCharacterUnderAColumn(t *testing.T) {
	s := "王a小"
	for x, want := range []int{0, 0, 3, 4, 4, 7, 7} {
		if got := Offset(s, x); got != want {
			t.Errorf("Offset(%q, %d) = %d, want %d", s, x, got, want)
		}
	}
}

// FuzzFit: whatever the text, columns come out as asked.
func FuzzFit(f *testing.F) {
	f.Add("王小明 abc", 5, 2)
	f.Add("e\u0301𠮷👍·…", 3, 1)
	f.Fuzz(func(t *testing.T, s string, width, from int) {
		s = Clean(s, false)
		width, from = bound(width, 200), bound(from, 200)
		if got := Width(Clip(s, width, "…")); got > width {
			t.Fatalf("Clip(%q, %d) is %d cells", s, width, got)
		}
		for name, got := range map[string]string{"Pad": Pad(s, width), "PadLeft": PadLeft(s, width), "Center": Center(s, width)} {
			if Width(got) != width {
				t.Fatalf("%s(%q, %d) is %d cells", name, s, width, Width(got))
			}
		}
		want := max(min(from+width, Width(s))-from, 0)
		if got := Slice(s, from, from+width); Width(got) != want {
			t.Fatalf("Slice(%q, %d, %d) = %q, %d cells, want %d", s, from, from+width, got, Width(got), want)
		}
		if at := Offset(s, from); !utf8.ValidString(s[:at]) || Width(s[:at]) > from {
			t.Fatalf("Offset(%q, %d) = %d", s, from, at)
		}
	})
}

func bound(n, limit int) int {
	if n < 0 {
		n = -(n + 1)
	}
	return n % limit
}

func TestShowKeepsColumnsCertain(t *testing.T) {
	g := ASCIIGlyphs()
	s := "“阿依古丽·买买提”——停车……"
	got := g.Show(s)
	if want := "＂阿依古丽・买买提＂－－停车～～"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for i := range s {
		if g.Show(s[:i])+g.Show(s[i:]) != got {
			t.Fatalf("Show is not character by character at %d", i)
		}
	}
	if PlainGlyphs().Show(s) != s {
		t.Error("a terminal in its normal state needs no change")
	}
}

func TestGlyphsAreOneCell(t *testing.T) {
	for name, g := range map[string]Glyphs{"plain": PlainGlyphs(), "ascii": ASCIIGlyphs()} {
		for _, s := range []string{g.Rule, g.Bar, g.Dot, g.More, g.Pointer, g.Range, g.Prev, g.Next, g.Up, g.Down, g.Done, g.Wrong, g.Full, g.Empty} {
			if Width(s) != 1 {
				t.Errorf("%s: %q is %d cells", name, s, Width(s))
			}
			if name == "ascii" && (len(s) != 1 || s[0] > '~') {
				t.Errorf("%q is not ASCII", s)
			}
		}
	}
}

func TestFoldTakesWhatAnInputMethodSends(t *testing.T) {
	for s, want := range map[string]string{
		"１３８００１３８０００": "13800138000",
		"ＱＡ０１－２６Ａ":    "QA01-26A",
		"８。１７":        "8.17",
		"８、１７":        "8/17",
		"０９：３０":       "09:30",
		"今天　":         "今天 ",
	} {
		if got := Fold(s); got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
	}
	if got := Grouped("QA01-26A-0123-K"); got != "QA01  26A  0123  K" {
		t.Errorf("Grouped: %q", got)
	}
	if strings.ContainsRune(Fold("～"), '～') {
		t.Error("the last full-width sign is left")
	}
}
