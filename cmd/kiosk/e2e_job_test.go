//go:build !race

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/tui/tuitest"
)

// TestTheMainJob is what the README's first command promises, done as somebody
// new would do it: the demo on 80×24, a reception typed in Chinese, saved,
// sent to the city by key, and seen by a colleague over SSH without a touch.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	head := c.colleague(80, 24)

	fresh(c.Terminal)
	newVoter(c.Terminal, "13800138055", "赵敏芝", "村口的桥栏杆断了一截,晚上骑车看不见,希望先拦起来。")
	c.Key("f4")
	c.WaitText("已当场协调") // one of the ready phrases
	c.Key("2")
	c.WaitNo("已解释政策")
	c.WaitTyped("已当场协调")
	c.Key("f10")
	n := saved(c.Terminal)
	inLarge(t, c.Terminal)

	head.WaitText(n, "村口的桥栏杆") // without a key of theirs
	guest := strings.TrimSpace(sshOutput(t, c, "list", "receptions", "--limit", "1"))
	wants(t, guest, n, "赵*芝") // whole only on asking, which is recorded
	wants(t, sshOutput(t, c, "list", "receptions", "--limit", "1", "--full"), n, "赵敏芝")

	c.Key("f9")
	c.WaitText("市级已确认")
	c.Wait("nothing left to send", func(s *tuitest.Screen) bool { return strings.Contains(s.Row(0), "已同步") })
	head.Wait("the colleague sees that it was sent", func(s *tuitest.Screen) bool { return strings.Contains(s.Row(0), "已同步") })
	if code := c.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	c.Restored()

	led, err := bolt.Open(filepath.Join(c.f.dir, "city", ledgerFile), bolt.Options{Indexes: station.Indexes(), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer led.Close()
	desk, err := station.Open(led, station.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := desk.List(station.Owner(), station.Query{Limit: 1})
	if err != nil || len(list) != 1 || string(list[0].Number) != n {
		t.Errorf("the city's list begins with %+v, %v; want %s", list, err, n)
	}
}

// inLarge fails the test unless a number stands there five rows high.
func inLarge(t *testing.T, s *tuitest.Terminal) {
	t.Helper()
	rows := 0
	s.Look(func(scr *tuitest.Screen) {
		w, h := scr.Size()
		for y := range h {
			dots := 0
			for x := range w {
				if scr.Cell(x, y).Style.Attrs&tuitest.Reverse != 0 {
					dots++
				}
			}
			if dots > 10 {
				rows++
			}
		}
	})
	if rows != 5 {
		t.Errorf("%d rows of large digits, want 5:\n%s", rows, s.Text())
	}
}

// sshOutput runs a command over the real ssh with the demo's own settings.
func sshOutput(t *testing.T, c counter, words ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh", append([]string{"-F", filepath.Join(c.f.dir, demoSSH), "station"}, words...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ssh %q: %v", words, err)
	}
	return string(out)
}

// TestOverTheRealSSH opens the same station with the ssh of this machine, on a
// terminal, as the demo tells people to: it is there, what is typed stands
// before the cursor, and leaving restores the terminal.
func TestOverTheRealSSH(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	s := tuitest.Start(t, exec.Command("ssh", "-F", filepath.Join(c.f.dir, demoSSH), "station"), 100, 30)
	s.WaitText("周站长", "最近登记")
	s.Key("f3")
	at(s, "查找")
	s.Type("路灯")
	s.WaitTyped("路灯")
	s.WaitText("2 条", "王*明")
	s.WaitNo("尉迟明")
	s.Resize(80, 24)
	s.WaitTyped("路灯")
	s.Key("ctrl+q")
	if code := s.WaitEnd(); code != 0 {
		t.Errorf("ssh exited with %d", code)
	}
	s.Restored()
}

// TestAKnownVoterTakesFewKeys counts from the first page to the number: at most
// 25 key presses beside the voter's own words.
func TestAKnownVoterTakesFewKeys(t *testing.T) {
	t.Parallel()
	c := openDemo(t, 80, 24)
	const words = "上次说的路灯装好了,但是有一盏又不亮了。"
	fresh(c.Terminal)
	c.Type("8001") // the end of the phone number, asked for across the desk
	c.WaitText("陈桂芳", "带入")
	c.Key("enter")
	at(c.Terminal, "内容")
	c.Type(words)
	c.Key("tab")
	at(c.Terminal, "分类")
	c.Type("11")
	at(c.Terminal, "处理")
	c.Type("c")
	c.Key("f10")
	saved(c.Terminal)
	keys, characters := c.Presses()
	keys += characters - len([]rune(words))
	t.Logf("%d key presses beside %d characters of the voter's", keys, len([]rune(words)))
	if keys > 25 {
		t.Errorf("%d key presses, want at most 25", keys)
	}
}
