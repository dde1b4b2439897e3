//go:build !race

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"liaison/cmd/report"
	"liaison/tui/tuitest"
)

// A town is the real city program in a process of its own.
type town struct {
	t         *testing.T
	bin, data string
	url       string
}

// openTown builds the program of the city and has it serve on loopback.
func openTown(t *testing.T) town {
	t.Helper()
	c := town{t: t, bin: filepath.Join(t.TempDir(), "city"), data: filepath.Join(t.TempDir(), "data")}
	if out, err := exec.Command("go", "build", "-o", c.bin, "liaison/cmd/city").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	serve := exec.Command(c.bin, "serve", "--listen", "127.0.0.1:0", "--data", c.data)
	serve.Stderr = t.Output()
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Signal(os.Interrupt)
		if err := serve.Wait(); err != nil {
			t.Errorf("city serve: %v", err)
		}
	})
	s := bufio.NewScanner(out)
	if !s.Scan() {
		t.Fatal("the city did not start")
	}
	c.url = "http://" + regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(s.Text())
	return c
}

func (c town) ok(args ...string) string {
	c.t.Helper()
	out, err := exec.Command(c.bin, append(args, "--data", c.data)...).Output()
	if err != nil {
		c.t.Fatalf("city %q: %v", args, err)
	}
	return string(out)
}

// TestFromNothingToTheCity is the first day with both programs: the kiosk is
// started on an empty directory, its guide makes the station, a voter is
// received, the station joins the city on the screen, and the city lists the
// reception.
func TestFromNothingToTheCity(t *testing.T) {
	t.Parallel()
	city := openTown(t)
	f := newFolder(t)
	cmd := f.command("run")
	c := counter{tuitest.Start(t, cmd, 80, 24), f, cmd}
	c.WaitText("欢迎使用联络站", "还没有联络站")
	for _, field := range [][2]string{{"站点编码", "QA01"}, {"站点名称", "曲阿街道代表联络站"}, {"站长姓名", "周立"}} {
		at(c.Terminal, field[0])
		c.Type(field[1])
		c.WaitTyped(field[1])
		c.Key("enter")
	}
	for _, label := range []string{"新 PIN", "再输一遍"} {
		at(c.Terminal, label)
		c.Type("1357")
		c.WaitTyped("****")
		c.Key("enter")
	}
	c.WaitText("联络站已建好")
	c.Key("enter")
	c.WaitText("曲阿街道代表联络站", "周立 站长", "最近登记")

	fresh(c.Terminal)
	c.Type("无")
	c.Key("enter")
	at(c.Terminal, "姓名")
	c.Type("单小芳")
	c.Key("enter", "enter")
	at(c.Terminal, "内容")
	c.Type("渠道淤了两年,上游放水下游接不到。")
	c.Key("tab")
	at(c.Terminal, "分类")
	c.Type("21")
	at(c.Terminal, "处理")
	c.Type("b")
	c.Key("f10")
	n := saved(c.Terminal)

	back(c.Terminal)
	c.Key("6")
	at(c.Terminal, "市级地址")
	c.Type(city.url)
	c.WaitTyped(city.url)
	c.Key("enter")
	at(c.Terminal, "接入码")
	code := strings.TrimSpace(city.ok("enroll", "QA01"))
	c.Type(code)
	c.WaitTyped(code)
	c.Key("f10")
	c.WaitText("已接入市级")
	c.Key("f9")
	c.Wait("all confirmed", func(s *tuitest.Screen) bool { return strings.Contains(s.Row(0), "已同步") })

	rs := objects[report.Reception](t, city.ok("list", "receptions", "--json"))
	if len(rs) != 1 || rs[0].Number != n || rs[0].Voter != nil {
		t.Errorf("the city lists %+v, want %s without a name", rs, n)
	}
	wants(t, city.ok("check"), "完好")
	if code := c.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	c.Restored()
}
