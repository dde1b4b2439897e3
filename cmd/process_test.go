package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"liaison/cmd/report"
)

// programs are the two programs as they are installed.
type programs struct {
	testing.TB
	dir string
}

func buildPrograms(t testing.TB) programs {
	t.Helper()
	p := programs{t, t.TempDir()}
	for _, name := range []string{"kiosk", "city"} {
		c := exec.Command("go", "build", "-o", filepath.Join(p.dir, name+".bin"), "./"+name)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	return p
}

func (p programs) command(name, data string, words ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(p.dir, name+".bin"), append(words, "--data", filepath.Join(p.dir, data))...)
	c.Env = append(os.Environ(), "LANG=C.UTF-8")
	return c
}

// do runs one command, which must succeed.
func (p programs) do(name, data, stdin string, words ...string) string {
	p.Helper()
	c := p.command(name, data, words...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	if err := c.Run(); err != nil {
		p.Fatalf("%s %s: %v: %s%s", name, strings.Join(words, " "), err, out.String(), errs.String())
	}
	return out.String()
}

// serve starts a process that lives until stop, and returns its first line.
func (p programs) serve(name, data string, words ...string) (line string, stop func()) {
	p.Helper()
	c := p.command(name, data, words...)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		p.Fatal(err)
	}
	r := bufio.NewReader(out)
	if line, err = r.ReadString('\n'); err != nil {
		p.Fatalf("%s did not start: %v", name, err)
	}
	gone := make(chan error, 1)
	go func() {
		_, _ = io.Copy(io.Discard, r)
		gone <- c.Wait()
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = c.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-gone:
			if err != nil {
				p.Errorf("%s ended with %v", name, err)
			}
		case <-time.After(30 * time.Second):
			_ = c.Process.Kill()
			p.Errorf("%s did not end", name)
		}
	}
	p.Cleanup(stop)
	return line, stop
}

// TestOneMatterOnTwoMachines walks a matter by commands on the programs
// themselves, each a process of its own: kiosk serve and city serve on their
// own folders, HTTP between them. For more than a third of the steps the city
// is not running: the station works on, and so does the city's office on the
// file. Both print the same steps afterwards.
func TestOneMatterOnTwoMachines(t *testing.T) {
	p := buildPrograms(t)
	code := strings.TrimSpace(p.do("city", "city", "", "enroll", "QA01"))
	line, stop := p.serve("city", "city", "serve", "--listen", "127.0.0.1:0", "--name", "丹阳市人大")
	_, url, _ := strings.Cut(strings.TrimSpace(line), "serving: ")
	addr := strings.TrimPrefix(url, "http://")
	p.do("city", "city", "编号,名称,类别,对口分类\nGA,公安局,政府部门,12\n", "import", "units", "-", "--format", "csv")
	p.do("kiosk", "kiosk", "", "init", "--station", "QA01", "--name", "曲阿街道代表联络站")
	p.serve("kiosk", "kiosk", "serve")
	p.do("kiosk", "kiosk", "", "enroll", url, code)
	n := strings.TrimSpace(p.do("kiosk", "kiosk", `{"at":"2026-03-02T09:12:00+08:00","channel":"walkin","persons":1,"session":{"time":"fixed","place":"station","topic":"open"},"voter":{"name":"王小明","phone":"13800138000","anonymous":false},"matters":[{"content":"小区门口道路狭窄,希望划定停车位","kind":"suggestion","category":"12","disposition":"town"}]}`+"\n", "add"))
	m := n + "/1"
	taken, offline, cut := 0, 0, false
	step := func(name string, words ...string) {
		t.Helper()
		p.do(name, name, "", append([]string{"step", m}, words...)...)
		taken++
		if cut {
			offline++
		}
	}
	sync := func() { t.Helper(); p.do("kiosk", "kiosk", "", "sync") }

	step("kiosk", "review", "--disposition", "town")
	step("kiosk", "escalate", "--note", "超出街道职责")
	sync()
	step("city", "assign", "--unit", "公安局", "--doc", "丹人交〔2026〕7号")
	step("city", "return", "--note", "请先现场核实")
	step("city", "review", "--disposition", "city")
	step("city", "assign", "--unit", "GA")
	sync()

	stop() // the city's machine is off; its office works on the file by and by
	cut = true
	step("kiosk", "contact", "--note", "陪同勘测")
	step("kiosk", "urge")
	if err := p.command("kiosk", "kiosk", "sync").Run(); err == nil {
		t.Error("a sync without a city succeeded")
	}
	step("city", "accept")
	step("city", "reply", "--text", "已划定车位 42 个", "--class", "A")
	cut = false
	_, stop = p.serve("city", "city", "serve", "--listen", addr)
	sync()
	stop()
	cut = true
	step("kiosk", "feedback", "--means", "visit")
	step("kiosk", "rate", "--attitude", "good", "--outcome", "good")
	step("kiosk", "close", "--note", "现场看过")
	step("kiosk", "file")
	cut = false
	p.serve("city", "city", "serve", "--listen", addr)
	sync()

	life := func(name string) report.Life {
		var v struct{ Life report.Life }
		out := p.do(name, name, "", "show", m, "--json")
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return v.Life
	}
	here, there := life("kiosk"), life("city")
	a, _ := json.MarshalIndent(here.Steps, "", " ")
	b, _ := json.MarshalIndent(there.Steps, "", " ")
	if string(a) != string(b) || here.State != there.State || here.Due != there.Due {
		t.Errorf("the programs differ:\nkiosk %s %s\ncity %s %s", here.State, a, there.State, b)
	}
	if here.State != "filed" || len(here.Steps) != taken || offline*3 < taken {
		t.Errorf("%s after %d of %d steps, %d while the line was cut", here.State, len(here.Steps), taken, offline)
	}
	for _, s := range here.Steps {
		t.Logf("%s %-7s %-8s %s → %s  %s", s.At.Format("15:04:05.000"), s.Side, s.Action, s.From, s.To, s.Moot)
	}
	t.Logf("%d steps, %d while there was no line", taken, offline)
}
