//go:build !race

package main

import (
	"context"
	"fmt"
	"image/color"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/ssh"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"liaison/cmd/clerk"
	"liaison/station"
	"liaison/tui"
	"liaison/tui/door"
	"liaison/tui/tuitest"
)

// A bench is the whole screen of the program, from keys to bytes, in a bubble
// of time: model, Bubble Tea, renderer and a terminal.
type bench struct {
	*tuitest.Terminal
	model   *tui.Model
	profile colorprofile.Profile
	size    chan tea.WindowSizeMsg
	w, h    int
}

// inBubble runs a test on the Monday morning that the sample data end on. In a
// bubble a minute takes no time, and every frame is known to be the last.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 9, 12, 0, 0, station.Beijing)))
		f(t)
	})
}

// sitDown opens the demo's station, with more receptions of today, and has
// 张敏 sit before the screen.
func sitDown(t *testing.T, term string, scr *tuitest.Screen, more int) *bench {
	t.Helper()
	d := &demo{dir: t.TempDir()}
	if err := d.fill(); err != nil {
		t.Fatal(err)
	}
	k, err := openKiosk(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range more {
		r := demoReceptions(time.Now())[i%9]
		r.At = time.Now()
		r.Matters[0].Content = fmt.Sprintf("第%d次来:%s", i, r.Matters[0].Content)
		if _, err := k.desk.Receive(d.who.Who(), r, true, ""); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"TERM=" + term, "COLORTERM=truecolor"}
	b := &bench{model: tui.New(tui.Config{Desk: k.desk}, tui.Caller{Who: d.who.Who(), Env: env}), profile: colorprofile.Env(env), size: make(chan tea.WindowSizeMsg)}
	b.w, b.h = scr.Size()
	keys, in := io.Pipe()
	out, frames := io.Pipe()
	b.Terminal = tuitest.Attach(t, scr, tuitest.Line{Out: out, In: in})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- door.Screen{Model: b.model, In: keys, Out: ssh.NewPtyWriter(frames), Env: env,
			Width: b.w, Height: b.h, Resize: b.size, FPS: clerk.LocalFPS, Farewell: func(error) tea.Msg { return tui.Closing{} }}.Run(ctx)
		_ = frames.Close()
	}()
	t.Cleanup(func() {
		stop()
		time.Sleep(time.Second)
		_ = in.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Minute) // the last tick of the clock
		if err := k.close(); err != nil {
			t.Error(err)
		}
	})
	b.rest()
	return b
}

// rest lets everything come to an end that a key has begun: work, Esc that is
// not Alt, and the frame after it.
func (b *bench) rest() {
	time.Sleep(137 * time.Millisecond)
	synctest.Wait()
}

// resize changes terminal and program together.
func (b *bench) resize(w, h int) {
	b.Look(func(s *tuitest.Screen) { s.Resize(w, h) })
	b.size <- tea.WindowSizeMsg{Width: w, Height: h}
	b.w, b.h = w, h
	b.rest()
}

// compare holds what is on the terminal against what the model draws, cell by
// cell with its style, and the cursor. It returns the first difference.
func (b *bench) compare() (diff string) {
	view := b.model.View()
	want := uv.NewScreenBuffer(b.w, b.h)
	uv.NewStyledString(view.Content).Draw(want, want.Bounds())
	b.Look(func(s *tuitest.Screen) {
		if err := s.Err(); err != nil {
			diff = err.Error()
			return
		}
		for y := range b.h {
			for x := range b.w {
				got, cell := s.Cell(x, y), want.CellAt(x, y)
				if cell.Width == 0 && got.Width == 0 {
					continue
				}
				if got.Text != text(cell) || got.Width != max(cell.Width, 1) || !alike(got, uv.ConvertStyle(cell.Style, b.profile)) {
					diff = fmt.Sprintf("cell %d,%d holds %+v, want %q of %d cells %+v\nrow  %s\nwant %s", x, y, got, cell.Content, cell.Width, cell.Style, s.Row(y), want.Line(y).String())
					return
				}
			}
		}
		at := s.Cursor()
		if at.Visible != (view.Cursor != nil) || at.Visible && (at.X != view.Cursor.X || at.Y != view.Cursor.Y) {
			diff = fmt.Sprintf("the cursor is at %+v, want %+v", at, view.Cursor)
		}
	})
	return diff
}

func text(c *uv.Cell) string {
	if c.Content == "" {
		return " "
	}
	return c.Content
}

// alike compares a style on the terminal with the one that was asked for. On
// a blank only what can be seen of it counts.
func alike(on tuitest.Cell, want uv.Style) bool {
	got := on.Style
	attrs := map[tuitest.Attr]uint8{tuitest.Bold: uv.AttrBold, tuitest.Faint: uv.AttrFaint, tuitest.Italic: uv.AttrItalic,
		tuitest.Blink: uv.AttrBlink, tuitest.Reverse: uv.AttrReverse, tuitest.Conceal: uv.AttrConceal, tuitest.Strike: uv.AttrStrikethrough}
	reversed := want.Attrs&uv.AttrReverse != 0
	blank := on.Text == " " && want.Underline == 0
	for a, b := range attrs {
		if blank && a != tuitest.Reverse && a != tuitest.Strike {
			continue
		}
		if (got.Attrs&a != 0) != (want.Attrs&b != 0) {
			return false
		}
	}
	if blank && !reversed {
		return got.Bg == colour(want.Bg) && got.Underline == 0
	}
	return got.Fg == colour(want.Fg) && got.Bg == colour(want.Bg) && got.Underline == int(want.Underline)
}

// colour is a colour as the terminal keeps it.
func colour(c color.Color) tuitest.Colour {
	switch c := c.(type) {
	case nil:
		return tuitest.Colour{}
	case ansi.BasicColor:
		return tuitest.Colour{Kind: tuitest.Palette, Value: uint32(c)}
	case ansi.IndexedColor:
		return tuitest.Colour{Kind: tuitest.Palette, Value: uint32(c)}
	}
	r, g, b, _ := c.RGBA()
	return tuitest.Colour{Kind: tuitest.RGB, Value: r>>8<<16 | g>>8<<8 | b>>8}
}

// TestEveryFrameIsDrawnRight types, moves, scrolls, opens and closes at random
// over a station full of Chinese text, and after each step compares what is on
// the terminal with what was to be drawn. It keeps watch over the renderer:
// releases of it have lost every third Chinese character. It does not run beside
// tests that start processes: a child that is being born holds every lock.
func TestEveryFrameIsDrawnRight(t *testing.T) {
	for _, c := range []struct {
		term       string
		w, h       int
		old, grows bool
	}{
		{"xterm-256color", 80, 24, false, false},
		{"xterm-256color", 120, 40, true, false},
		{"xterm-256color", 140, 45, false, true},
		{"tmux-256color", 100, 30, false, false},
		{"linux", 81, 25, true, true},
	} {
		t.Run(fmt.Sprintf("%s %d×%d", c.term, c.w, c.h), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				scr := tuitest.NewScreen(c.w, c.h)
				scr.Plain, scr.Grapheme = c.old, !c.old && c.grows
				b := sitDown(t, c.term, scr, 70)
				rng := rand.New(rand.NewPCG(uint64(c.w), 2026))
				bad := 0
				var last []string
				const steps = 300
				for i := range steps {
					did := b.step(rng, c.grows)
					last = append(last, did)
					diff := b.compare()
					if diff != "" { // the frame may be under way: a draft was kept just now
						b.rest()
						diff = b.compare()
					}
					if diff != "" {
						if bad++; bad == 1 {
							t.Errorf("step %d, %q after %q: %s", i, did, last[max(0, i-8):i], diff)
						}
					}
				}
				b.Look(func(s *tuitest.Screen) { _, _ = s.Write([]byte("\x1b[4;30H灯")) })
				if b.compare() == "" {
					t.Error("a character that the program never drew was not noticed")
				}
				bytes, _ := b.Traffic()
				t.Logf("%d of %d frames are wrong, %d bytes a step", bad, steps, bytes/steps)
			})
		})
	}
}

// step does one thing that a person might do, and returns what.
func (b *bench) step(rng *rand.Rand, grows bool) string {
	words := []string{"路灯坏了", "张", "三丰", "小区东门的路灯坏了半个月,晚上老人出门不安全", "abc", "1", "8001", "阿依古丽·买买提", "①★—…“引号”", "𠮷野", " "}
	moves := []string{"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "tab", "tab", "tab", "shift+tab", "enter", "backspace", "delete", "ctrl+u"}
	pages := []string{"f1", "f2", "f3", "f4", "f5", "f6", "ctrl+k", "esc", "esc", "1", "2", "3", "4", "5", "6", "8"}
	did := ""
	switch n := rng.IntN(20); {
	case n < 7:
		did = words[rng.IntN(len(words))]
		b.Type(did)
	case n < 14:
		did = moves[rng.IntN(len(moves))]
		b.Key(did)
	case n < 17:
		did = pages[rng.IntN(len(pages))]
		b.Key(did)
	case n == 17:
		did = "wheel"
		b.Wheel(rng.IntN(b.w), rng.IntN(b.h), rng.IntN(2) == 0)
	case n == 18 && grows:
		w, h := 70+rng.IntN(90), 20+rng.IntN(30)
		did = fmt.Sprintf("%d×%d", w, h)
		b.resize(w, h)
	default:
		x, y := rng.IntN(b.w), rng.IntN(b.h)
		did = fmt.Sprintf("click %d,%d", x, y)
		b.Click(x, y)
	}
	b.rest()
	return strings.TrimSpace(did)
}

// TestTheIdleScreenLocksAndKeepsTheDraft: after the set minutes without a
// touch the screen is covered; with the PIN it is back, text and cursor.
func TestTheIdleScreenLocksAndKeepsTheDraft(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := sitDown(t, "xterm-256color", tuitest.NewScreen(80, 24), 0)
		b.Key("f2")
		b.rest()
		b.Type("13800138055")
		b.WaitTyped("13800138055")
		time.Sleep(9 * time.Minute)
		b.Key("tab")
		b.rest()
		b.Type("王小")
		b.WaitTyped("王小")
		time.Sleep(9 * time.Minute)
		if b.Has("已锁屏") {
			t.Error("locked within ten minutes of a key")
		}
		time.Sleep(2 * time.Minute)
		b.WaitText("已锁屏")
		if b.Has("13800138055") || b.Has("王小") {
			t.Errorf("the record is on the locked screen:\n%s", b.Text())
		}
		b.Type(demoPIN)
		b.rest()
		b.Key("enter")
		b.WaitText("13800138055")
		b.WaitTyped("王小")
	})
}
