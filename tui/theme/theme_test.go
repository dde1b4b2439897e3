package theme

import (
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
)

// styles lists every style of a theme by the name of its field.
func styles(t *Theme) map[string]lipgloss.Style {
	all := map[string]lipgloss.Style{}
	v := reflect.ValueOf(*t)
	for i := range v.NumField() {
		if s, ok := v.Field(i).Interface().(lipgloss.Style); ok {
			all[v.Type().Field(i).Name] = s
		}
	}
	return all
}

func everyTheme() map[string]*Theme {
	all := map[string]*Theme{}
	for _, m := range Modes() {
		all[string(m)+" on light"] = New(m, false)
		all[string(m)+" on dark"] = New(m, true)
	}
	return all
}

// luminance and ratio are WCAG 2.2's relative luminance and contrast ratio.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func ratio(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryTextCanBeRead(t *testing.T) {
	for name, p := range map[string]palette{"light": light(), "dark": night(), "contrast light": contrast(false), "contrast dark": contrast(true)} {
		th := fromPalette(p)
		least := 4.5 // WCAG 2.2 AA for text
		if p.bold {
			least = 7 // AAA in high contrast
		}
		for role, s := range styles(th) {
			want := least
			if role == "Rule" {
				want = 1.5 // a line tells nothing that space does not
			}
			ground := s.GetBackground()
			if _, none := ground.(lipgloss.NoColor); none {
				ground = p.ground
			}
			if got := ratio(s.GetForeground(), ground); got < want {
				t.Errorf("%s, %s: contrast %.2f, want %.1f", name, role, got, want)
			}
		}
	}
}

func TestPlainHasNoColour(t *testing.T) {
	th := New(Plain, true)
	if th.Foreground != nil || th.Background != nil {
		t.Error("the ground is coloured")
	}
	for role, s := range styles(th) {
		if out := s.Render("x"); strings.Contains(out, "38;") || strings.Contains(out, "48;") || strings.Contains(out, "[3") && !strings.Contains(out, "[3m") {
			t.Errorf("%s is coloured: %q", role, out)
		}
	}
}

// Without colour, what has the focus, what is selected, what is wrong and what
// is next must still look unlike plain text.
func TestRolesDifferWithoutColour(t *testing.T) {
	th := New(Plain, false)
	plain := th.Text.Render("x")
	for role, s := range map[string]lipgloss.Style{
		"Accent": th.Accent, "LabelFocused": th.LabelFocused, "FieldFocused": th.FieldFocused,
		"MatchOn": th.MatchOn, "Selected": th.Selected, "Error": th.Error, "Warn": th.Warn, "Key": th.Key, "Title": th.Title,
	} {
		if s.Render("x") == plain {
			t.Errorf("%s looks like plain text", role)
		}
	}
}

// Styling every code point by itself tears marks off and costs bytes.
func TestStylesKeepTextWhole(t *testing.T) {
	for name, th := range everyTheme() {
		for role, s := range styles(th) {
			if out := s.Render("re\u0301 路灯"); !strings.Contains(out, "re\u0301 路灯") {
				t.Errorf("%s, %s: %q", name, role, out)
			}
		}
	}
}

// A style that pads, bounds or breaks text would move columns.
func TestStylesTakeNoCells(t *testing.T) {
	for name, th := range everyTheme() {
		for role, s := range styles(th) {
			for _, text := range []string{"路灯 ok", strings.Repeat("灯", 300)} {
				if got := lipgloss.Width(s.Render(text)); got != lipgloss.Width(text) {
					t.Errorf("%s, %s: %d cells instead of %d", name, role, got, lipgloss.Width(text))
				}
			}
		}
	}
}

func TestGroundFollowsTheMode(t *testing.T) {
	for _, c := range []struct {
		mode         Mode
		dark, asDark bool
		own          bool // the terminal keeps its own ground
	}{
		{Auto, true, true, true}, {Auto, false, false, true},
		{Light, true, false, false}, {Dark, false, true, false},
		{Contrast, true, true, false}, {Contrast, false, false, false},
		{Plain, true, true, true},
	} {
		th := New(c.mode, c.dark)
		if th.Dark != c.asDark || (th.Background == nil) != c.own {
			t.Errorf("%s, dark %v: Dark %v, ground %v", c.mode, c.dark, th.Dark, th.Background)
		}
		if !c.own && (luminance(th.Background) < 0.5) != c.asDark {
			t.Errorf("%s: ground %v", c.mode, th.Background)
		}
	}
}

func TestModesAreReadAsTheyAreWritten(t *testing.T) {
	for _, m := range Modes() {
		if ParseMode(string(m)) != m {
			t.Errorf("%s is not read back", m)
		}
	}
	if ParseMode("sepia") != Auto {
		t.Error("an unknown mode must be auto")
	}
}

func TestASCIIChangesGlyphsOnly(t *testing.T) {
	th := New(Dark, true)
	to := th.ASCII()
	if to == th || th.Glyphs.Rule != "─" || to.Glyphs.Rule != "-" {
		t.Errorf("rules %q and %q", th.Glyphs.Rule, to.Glyphs.Rule)
	}
	if to.Error.Render("x") != th.Error.Render("x") {
		t.Error("a style changed")
	}
}
