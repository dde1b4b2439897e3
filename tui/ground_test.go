package tui

import (
	"image/color"
	"testing"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"liaison/tui/theme"
)

// Every cell of a light, dark or high-contrast screen has a ground of its own,
// also on a terminal whose ground cannot be set: dark text on a dark terminal
// would not be read.
func TestNoHolesInTheGround(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		for _, mode := range []theme.Mode{theme.Light, theme.Dark, theme.Contrast} {
			set := d.Settings()
			set.Theme = string(mode)
			if err := d.SaveSettings(ps.head, set); err != nil {
				t.Fatal(err)
			}
			s := sitAs(t, d, ps.head)
			for _, keys := range tour() {
				s.press("esc", "esc", "esc")
				s.press(keys...)
				sc := s.screen()
				for y := range sc.h {
					for x := range sc.w {
						if c := sc.cells.CellAt(x, y); c.Width > 0 && c.Style.Bg == nil && c.Style.Attrs&uv.AttrReverse == 0 {
							t.Fatalf("%s, after %v: the cell %d,%d (%q) has no ground\n%s", mode, keys, x, y, c.Content, sc)
						}
					}
				}
				if s.m.locked != nil {
					break
				}
			}
			s.send(Closing{})
		}
	})
}

func TestGroundGoesOnAfterAReset(t *testing.T) {
	panel := lipgloss.NewStyle().Background(lipgloss.Color("#102030"))
	buf := uv.NewScreenBuffer(8, 1)
	uv.NewStyledString(ground(panel, "a"+lipgloss.NewStyle().Bold(true).Render("路")+"b灯 ")).Draw(buf, buf.Bounds())
	want := color.RGBA{0x10, 0x20, 0x30, 0xff}
	for x := range 7 {
		if c := buf.CellAt(x, 0); c.Width > 0 && c.Style.Bg != color.Color(want) {
			t.Errorf("cell %d (%q) lies on %v", x, c.Content, c.Style.Bg)
		}
	}
}
