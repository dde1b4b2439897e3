package cell

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanDisarmsWhatTerminalsObey(t *testing.T) {
	for _, c := range []struct{ name, s, want string }{
		{"clipboard write", "A\x1b]52;c;ZXZpbA==\aB", "AB"},
		{"window title", "A\x1b]0;title\aB", "AB"},
		{"hyperlink", "A\x1b]8;;http://e/\x1b\\c\x1b]8;;\x1b\\B", "AcB"},
		{"clear screen", "A\x1b[2J\x1b[HB", "AB"},
		{"tmux passthrough", "A\x1bPtmux;\x1b\x1b]52;c;Z\a\x1b\\B", "AB"},
		{"terminal query", "A\x1bP+q544e\x1b\\B", "AB"},
		{"kitty graphics", "A\x1b_Gf=24,t=f;L2V0\x1b\\B", "AB"},
		{"reset", "A\x1bcB", "AB"},
		{"charset", "A\x1b(0B", "AB"},
		{"C1 as a byte", "A\x9b31mB", "A\ufffd31mB"},
		{"C1 in UTF-8", "A\u009b31mB", "AB"},
		{"C1 string", "A\u009d0;x\u009cB", "AB"},
		{"back and down", "A\b\vB", "AB"},
		{"bell", "A\aB", "AB"},
		{"bidi", "A\u202eB\u202c", "AB"},
		{"zero width", "A\u200b\u200d\ufeffB", "AB"},
		{"tag characters", "A\U000e0041B", "AB"},
		{"pile of marks", "A" + strings.Repeat("\u0301", 20) + "B", "A\u0301\u0301B"},
		{"mark without a letter", "\u0301A", "A"},
		{"NUL", "A\x00B", "AB"},
		{"GBK bytes", "A\xd6\xd0B", "A\ufffd\ufffdB"},
		{"Hangul filler", "A\u3164B", "AB"},
		{"emoji selector", "⚠\ufe0f", "⚠"},
		{"flag", "🇨🇳", "CN"},
		{"private use stays", "\ue000𠮷", "\ue000𠮷"},
		{"line breaks become spaces", "一\r\n二\r三\u2028四\u0085五", "一 二 三 四 五"},
		{"tab", "A\tB", "A B"},
		{"cut sequence loses no text", "A\x1b[31", "A[31"},
		{"open title loses no text", "A\x1b]0;门口路灯不亮", "A]0;门口路灯不亮"},
		{"escape alone", "A\x1b", "A"},
		{"escape before Chinese", "A\x1b灯", "A灯"},
	} {
		if got := Clean(c.s, false); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.s, got, c.want)
		}
	}
	if got := Clean("一\r\n二\r三\n", true); got != "一\n二\n三\n" {
		t.Errorf("several lines: %q", got)
	}
}

// FuzzClean: nothing that a terminal obeys survives, and cleaning again
// changes nothing.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"A\x1b]52;c;Z\aB", "\x1b\x1b[[31mm", "\u009b\u009b1m", "\x1bP\x1b]\a\x1b\\", "a\u0301\u0302\u0303\r\n\t", "\xff\xc2\x9b"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, multiline bool) {
		got := Clean(s, multiline)
		if !utf8.ValidString(got) {
			t.Fatalf("%q: invalid %q", s, got)
		}
		for _, r := range got {
			if r == '\n' && multiline {
				continue
			}
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Fatalf("%q: %+q is left in %q", s, r, got)
			}
		}
		if again := Clean(got, multiline); again != got {
			t.Fatalf("%q: %q, and cleaned again %q", s, got, again)
		}
	})
}

// Openings without an end once took a search to the end each: hours for these
// eight megabytes.
func TestCleanReadsHostileTextOnce(t *testing.T) {
	for _, unit := range []string{"\x1b]x", "\x1bPx", "\x1b]x\a", "\u009dx"} {
		s := strings.Repeat(unit, 8<<20/len(unit))
		if got := Clean(s, false); strings.ContainsAny(got, "\x1b\a") {
			t.Errorf("%q is not clean", unit)
		}
		if got := Clean(s+"\x1b\\", false); strings.Contains(got, "\x1b") {
			t.Errorf("%q with an end is not clean", unit)
		}
	}
}

func BenchmarkCleanHostileMegabyte(b *testing.B) {
	s := strings.Repeat("\x1b]x", 1<<20/3)
	for b.Loop() {
		Clean(s, false)
	}
}

func BenchmarkCleanChinese(b *testing.B) {
	s := strings.Repeat("小区东门的路灯坏了半个月，", 10)
	for b.Loop() {
		Clean(s, false)
	}
}
