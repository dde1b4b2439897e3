package typed

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"１３８００１３８０００":   "13800138000",
		"２０２６－０８－１７":    "2026-08-17",
		"2026。8。17":     "2026.8.17",
		"９：０５":          "9:05",
		"ＺＸＭ　ａ":         "ZXM a",
		"（０５１１）":        "(0511)",
		"0511—86123456": "0511-86123456",
		"张晓明":           "张晓明",
		"":              "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanTakesWholeSequences(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"clipboard", "A\x1b]52;c;ZXZpbA==\x07B", "AB"},
		{"title", "A\x1b]0;pwned\x07B", "AB"},
		{"link", "A\x1b]8;;http://e/\x1b\\c\x1b]8;;\x1b\\B", "AcB"},
		{"clear screen", "A\x1b[2J\x1b[HB", "AB"},
		{"tmux passthrough", "A\x1bPtmux;\x1b\x1b]52;c;Z\x07\x1b\\B", "AB"},
		{"termcap query", "A\x1bP+q544e\x1b\\B", "AB"},
		{"kitty graphics", "A\x1b_Gf=24,t=f;L2V0\x1b\\B", "AB"},
		{"privacy message", "A\x1b^x\x1b\\B", "AB"},
		{"start of string", "A\x1bXx\x1b\\B", "AB"},
		{"reset", "A\x1bcB", "AB"},
		{"charset", "A\x1b(0B", "AB"},
		{"raw 8-bit CSI is not UTF-8", "A\x9b31mB", "A\uFFFD31mB"},
		{"C1 CSI", "A\u009b31mB", "AB"},
		{"C1 OSC with C1 ST", "A\u009d0;t\u009cB", "AB"},
		{"C1 DCS", "A\u0090q\u009cB", "AB"},
		{"C1 APC", "A\u009fq\x1b\\B", "AB"},
		{"broken-off CSI", "A\x1b[31", "A31"},
		{"broken-off OSC keeps the words", "A\x1b]0;路灯不亮", "A0;路灯不亮"},
		{"a string does not reach past its line", "A\x1b]0;x\nB\x07", "A0;x\nB"},
		{"lone ESC", "A\x1b", "A"},
		{"ESC before Chinese", "A\x1b路灯", "A路灯"},
	} {
		if got := Clean(c.in, true); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestCleanCharacters(t *testing.T) {
	for _, c := range []struct {
		name, in  string
		multiline bool
		want      string
	}{
		{"controls", "A\b\aB\x00C\x7f", false, "ABC"},
		{"bidi override", "A\u202eB\u202c", false, "AB"},
		{"zero width", "A\u200b\u200d\ufeff\u00adB", false, "AB"},
		{"hangul filler", "A\u3164B", false, "AB"},
		{"tags", "A\U000e0041B", false, "AB"},
		{"stacked marks", "x" + strings.Repeat("\u0301", 20) + "B", false, "x\u0301\u0301B"},
		{"thousand marks", "x" + strings.Repeat("\u0301", 1000), false, "x\u0301\u0301"},
		{"composed", "e\u0301", false, "é"},
		{"invalid UTF-8", "A\xd6\xd0B", false, "A\uFFFDB"},
		{"CRLF kept as LF", "A\r\nB\rC\u2028D\u0085E\vF", true, "A\nB\nC\nD\nE\nF"},
		{"CRLF on one line", "A\r\nB\rC", false, "A B C"},
		{"LF on one line", "A\nB", false, "A B"},
		{"tab", "A\tB", true, "A B"},
		{"private use stays", "\ue863明", false, "\ue863明"},
		{"variant of a rare name stays", "葛\U000e0100", false, "葛\U000e0100"},
		{"emoji variation goes", "☎\ufe0f", false, "☎"},
		{"extension B stays", "𠮷野", false, "𠮷野"},
		{"noncharacter", "A\uffff", false, "A"},
		{"compatibility ideograph", "\ufa19", false, "神"},
	} {
		if got := Clean(c.in, c.multiline); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// The fast way out must not differ from the long way round.
func TestCleanPlainIsUnchanged(t *testing.T) {
	for r := rune(' '); r < 0x10000; r++ {
		s := string(r)
		if !plain(s, true) || r == '\n' {
			continue
		}
		if !norm.NFC.IsNormalString(s) || cleanRune(r, true) != r || unicode.In(r, unicode.Mn, unicode.Me) {
			t.Errorf("%U counts as plain and is not", r)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"A\x1b]52;c;ZXZpbA==\x07B", "\x1b\x1b]\u009c", "e\u0301\u0302\u0303\u0304", "\u1100\u1161\u11a8", "路灯\r\n不亮", "\xc2\x9b1m", "\u0344\u0344"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, multiline bool) {
		c := Clean(s, multiline)
		if !utf8.ValidString(c) {
			t.Fatalf("invalid UTF-8: %q", c)
		}
		if again := Clean(c, multiline); again != c {
			t.Fatalf("twice differs: %q, %q", c, again)
		}
		if !norm.NFC.IsNormalString(c) {
			t.Fatalf("not NFC: %q", c)
		}
		for _, r := range c {
			if r == '\n' && multiline {
				continue
			}
			if unicode.In(r, unicode.Cc, unicode.Cf) || r == '\n' {
				t.Fatalf("%U survived in %q", r, c)
			}
		}
	})
}

func BenchmarkClean(b *testing.B) {
	for name, s := range map[string]string{
		"plain": strings.Repeat("小区门口路灯不亮，影响夜间出行安全。", 10),
		"dirty": strings.Repeat("小区门口\x1b[31m路灯不亮\x1b[0m，影响e\u0301夜间出行。", 10),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Clean(s, true)
			}
		})
	}
}
