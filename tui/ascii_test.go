package tui

import (
	"strings"
	"testing"
)

// On a terminal that draws ambiguous characters two cells wide none is shown,
// or every column after it would be off by one.
func TestNoAmbiguousCharacters(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		for _, language := range []string{"zh", "en"} {
			set := d.Settings()
			set.Language = language
			if err := d.SaveSettings(ps.head, set); err != nil {
				t.Fatal(err)
			}
			s := sitAs(t, d, ps.head)
			s.resize(140, 45)
			s.m.th = s.m.th.ASCII()
			for _, keys := range tour() {
				s.press("esc", "esc", "esc")
				s.press(keys...)
				sc := s.screen()
				if i := strings.IndexAny(sc.String(), "·…“”‘’—–─│×÷°→←↑↓›‹✓█░"); i >= 0 {
					from := strings.LastIndexByte(sc.String()[:i], '\n') + 1
					row, _, _ := strings.Cut(sc.String()[from:], "\n")
					t.Errorf("after %v: %s", keys, row)
				}
			}
			s.send(Closing{})
		}
	})
}
