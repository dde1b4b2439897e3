//go:build !race

package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"liaison/tui/tuitest"
)

// TestAResizeStormWhileTyping: the window changes its size at every character,
// also to sizes that are too small. Nothing that is typed is lost, and the
// screen at the end is drawn as on a window that was never touched.
func TestAResizeStormWhileTyping(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	s := c.colleague(80, 24)
	const text = "小区东门的路灯坏了半个月,晚上老人出门不安全,希望尽快修好。菜场门口两边停满车,救护车都进不来。"
	for _, term := range []*tuitest.Terminal{c.Terminal, s} {
		fresh(term)
		for range 11 {
			term.Key("tab")
		}
		at(term, "内容")
		rng := rand.New(rand.NewPCG(7, 2026))
		for _, r := range text {
			term.Type(string(r))
			term.Resize(60+rng.IntN(120), 18+rng.IntN(40))
		}
		term.Resize(100, 30)
		term.WaitTyped("救护车都进不来。")
		term.WaitText("可能重复") // comes at a pause
		if got := content(term); got != text {
			t.Errorf("the content is %q", got)
		}
	}
	local, remote := rowsOf(c.Terminal), rowsOf(s)
	for y := range local { // the first row tells who it is, the third when the draft was kept
		if y != 0 && y != 2 && local[y] != remote[y] {
			t.Errorf("row %d differs:\n%s\n%s", y, local[y], remote[y])
		}
	}
}

func rowsOf(s *tuitest.Terminal) []string { return strings.Split(s.Text(), "\n") }

// content is the text in the field of that name, which runs over several rows.
func content(s *tuitest.Terminal) (text string) {
	s.Look(func(scr *tuitest.Screen) {
		_, y, _ := scr.Find("内容")
		for ; !strings.Contains(scr.Row(y), "分类"); y++ {
			text += strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(scr.Row(y)), "内容"))
		}
	})
	return text
}

// TestATooSmallScreenSaysSo: below 80×24 there is a sentence in both languages,
// whatever the size, and above it everything is back.
func TestATooSmallScreenSaysSo(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	fresh(c.Terminal)
	c.Type("13800138012")
	c.WaitTyped("13800138012")
	for _, size := range [][2]int{{79, 24}, {80, 23}, {40, 10}, {20, 5}} {
		c.Resize(size[0], size[1])
		c.Wait("the sentence", func(s *tuitest.Screen) bool {
			text := strings.NewReplacer("\n", "", " ", "").Replace(s.Text())
			return strings.Contains(text, "屏幕太小") && strings.Contains(text, "80×24") && !strings.Contains(text, "13800138012")
		})
		c.Resize(80, 24)
		c.WaitTyped("13800138012")
	}
}

// TestALargeScreenIsUsed: at 140×45 more is shown than at 80×24, and every row
// ends inside.
func TestALargeScreenIsUsed(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 140, 45)
	c.Wait("the rule across the screen and the keys at its foot", func(s *tuitest.Screen) bool {
		return len([]rune(strings.TrimSpace(s.Row(1)))) == 138 && strings.Contains(s.Row(44), "F2 新接待")
	})
	c.Key("2")
	c.WaitText("全部登记")
	c.WaitText("小区东门的路灯坏了半个月", "当场答复", "已联系城管值班室") // list and detail side by side
	c.Resize(80, 24)
	c.WaitText("全部登记", "F1 帮助")
	c.WaitNo("已联系城管值班室")
}
