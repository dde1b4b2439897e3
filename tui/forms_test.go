package tui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"liaison/station"
	"liaison/tui/form"
)

// shownForm is the form that keys go to now, nil where there is none.
func (s *seat) shownForm() *form.Form {
	if n := len(s.m.dialogs); n > 0 {
		switch d := s.m.dialogs[n-1].(type) {
		case *formDialog:
			return d.f
		case *prompt:
			return d.f
		case *chooser:
			return d.f
		}
	}
	switch p := s.m.top().(type) {
	case *receptionPage:
		return p.f
	case *registerPage:
		return p.search
	case *deputiesPage:
		return p.search
	case *sessionPage:
		return p.f
	case *userPage:
		return p.f
	case *settingsPage:
		return p.f
	case *syncPage:
		return p.f
	case *guidePage:
		return p.f
	case *signInPage:
		return p.f
	case *lockPage:
		return p.f
	}
	return nil
}

// The real cursor stands in the cell after what was typed, in every field of
// every form: input methods put their window there.
func TestCursorInEveryField(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		for _, keys := range [][]string{{"f2"}, {"f3"}, {"f3", "f5"}, {"3", "f6"}, {"3", "f8"}, {"4"}, {"6"}, {"7", "f6"}, {"7", "f7"}, {"8"},
			{"f3", "enter", "f8"}, {"ctrl+k"}, {"f12"}} {
			for _, size := range [][2]int{{80, 24}, {140, 45}} {
				s := sit(t, sampleConfig(d, &city{}), Caller{Who: ps.head}, size[0], size[1])
				s.press(keys...)
				s.cursorInFields()
				s.send(Closing{})
			}
		}
	})
}

// cursorInFields types Chinese text into each field of the form on the screen.
func (s *seat) cursorInFields() {
	s.Helper()
	f := s.shownForm()
	if f == nil {
		s.Fatalf("no form:\n%s", s.screen())
	}
	seen := map[string]bool{}
	for f.Focused() != nil && !seen[f.Focused().ID()] {
		field := f.Focused()
		seen[field.ID()] = true
		if _, choice := field.(*form.Choice); !choice {
			for _, typed := range []string{"路灯坏了", strings.Repeat("小区东门", 30) + "的灯"} {
				s.press("ctrl+end", "ctrl+u")
				s.typed(typed)
				want := string([]rune(typed)[len([]rune(typed))-1:])
				if t, ok := field.(*form.Text); ok && t.Secret() {
					want = "*"
				}
				full := len([]rune(field.Value())) < len([]rune(typed)) // the field's limit was met
				if sc := s.screen(); sc.cursor == nil || sc.left() != want && !full {
					s.Errorf("field %s: the cursor stands after %q, want %q\n%s", field.ID(), sc.left(), want, sc)
				}
				s.press("ctrl+end", "ctrl+u")
			}
		} else if sc := s.screen(); sc.cursor == nil {
			s.Errorf("field %s: no cursor\n%s", field.ID(), sc)
		}
		s.press("tab")
		f = s.shownForm()
	}
	if len(seen) == 0 {
		s.Errorf("no field was reached:\n%s", s.screen())
	}
}

// The same on the first start and at sign-in, before anybody is known.
func TestCursorBeforeSignIn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := sit(t, Config{}, Caller{}, 80, 24)
		s.cursorInFields()
		d, _ := sampleDesk(t)
		s = sit(t, Config{Desk: d}, Caller{}, 80, 24)
		s.typed("2580")
		if sc := s.screen(); sc.left() != "*" {
			t.Errorf("the cursor stands after %q:\n%s", sc.left(), sc)
		}
	})
}

// tour are keys that lead from the first page to every other.
func tour() [][]string {
	return [][]string{{}, {"f2"}, {"f3"}, {"f3", "f5"}, {"f3", "enter"}, {"f3", "enter", "f8"}, {"3"}, {"3", "f6"}, {"3", "f8"}, {"4"}, {"5"}, {"6"}, {"7"}, {"7", "f6"},
		{"7", "f8"}, {"8"}, {"f1"}, {"ctrl+k"}, {"f12"}}
}

// A window may have any size at any moment: nothing panics, and whatever has
// at least 80×24 is drawn in full.
func TestResizeAtAnyMoment(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d, ps := sampleDesk(t)
		rng := rand.New(rand.NewPCG(1, 2))
		for _, keys := range tour() {
			s := sit(t, sampleConfig(d, enrolled()), Caller{Who: ps.head}, 80, 24)
			s.press(keys...)
			for _, size := range [][2]int{{0, 0}, {1, 1}, {80, 23}, {79, 24}, {80, 24}, {300, 100}, {2, 60}} {
				s.resize(size[0], size[1])
				s.screen()
			}
			for range 20 {
				s.resize(rng.IntN(200), rng.IntN(60))
				s.press([]string{"down", "pgdown", "tab", "路", "up", "end"}[rng.IntN(6)])
				s.screen()
			}
			s.resize(80, 24)
			s.screen()
		}
	})
}

// Keys pressed at random, on every page and by every role, never panic, draw
// an incomplete screen or show what no person should read.
func TestRandomKeys(t *testing.T) {
	keys := []string{"up", "down", "left", "right", "pgup", "pgdown", "home", "end", "tab", "shift+tab", "enter", "enter", "esc", "backspace", "delete", "space",
		"ctrl+home", "ctrl+end", "ctrl+u", "ctrl+z", "ctrl+x", "ctrl+n", "ctrl+e", "ctrl+r", "ctrl+t", "ctrl+s", "ctrl+k", "alt+up", "alt+down", "alt+left", "alt+enter",
		"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f12", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "a", "q", "w", "路", "灯", ",", "。", "1"}
	for seed := range uint64(4) {
		t.Run(itoa(seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				d, ps := sampleDesk(t)
				rng := rand.New(rand.NewPCG(seed, 7))
				for range 12 {
					who := []station.Who{ps.attendant, ps.head, ps.deputy, ps.town, ps.admin}[rng.IntN(5)]
					l := enrolled()
					if rng.IntN(3) == 0 {
						l.state.City = ""
					}
					l.enrol = func(url, _ string) error { l.state.City = url; return nil }
					l.run = func(progress func(done, total uint64)) error { progress(1, 2); return nil }
					s := sit(t, sampleConfig(d, l), Caller{Who: who}, 80+rng.IntN(80), 24+rng.IntN(30))
					s.press(tour()[rng.IntN(len(tour()))]...)
					var pressed []string
					for range 60 {
						switch k := keys[rng.IntN(len(keys))]; rng.IntN(12) {
						case 0:
							s.click(rng.IntN(s.m.w), rng.IntN(s.m.h+frameRows))
							pressed = append(pressed, "click")
						case 1:
							s.wheel(rng.IntN(2) == 0)
							pressed = append(pressed, "wheel")
						case 2:
							s.paste("13800138000\x1b]52;c;AAAA\a\n粘贴")
							pressed = append(pressed, "paste")
						case 3:
							s.wait(time.Second)
						default:
							s.press(k)
							pressed = append(pressed, k)
						}
						if s.quit {
							break
						}
						sc := s.screen()
						for _, raw := range []string{"E-OTHER", "%!", "<nil>", "panic", "not found", "\x1b", "{0x"} {
							if sc.has(raw) {
								t.Fatalf("%s: %q is on the screen after %v:\n%s", who.Role, raw, pressed, sc)
							}
						}
					}
					s.send(Closing{})
				}
			})
		})
	}
}
