//go:build !race

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"liaison/cmd/control"
	"liaison/tui/tuitest"
)

// screenReceptions is how many receptions lie in the file before which the
// benchmarks of this file sit.
const screenReceptions = 100_000

// seatAt opens the local screen of the plant and signs in. The program behind
// it is the whole: screen, door and line; pid is the process that has it open.
func (p plant) seatAt(w, h int) (s *tuitest.Terminal, pid int) {
	p.b.Helper()
	s = tuitest.Start(p.b, p.command("run", "--ssh", "127.0.0.1:0"), w, h)
	s.WaitText("请选择您的名字", "› 周立")
	signIn(s, "1357")
	c, err := control.Dial(filepath.Join(p.dir, socketFile))
	if err != nil {
		p.b.Fatal(err)
	}
	defer c.Close()
	return s, c.PID()
}

// serve runs the plant without a screen of its own, and returns where its door
// is and the process.
func (p plant) serve() (addr string, pid int) {
	p.b.Helper()
	c := p.command("serve", "--ssh", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err != nil {
		p.b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		p.b.Fatal(err)
	}
	p.b.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			p.b.Errorf("serve: %v", err)
		}
	})
	s := bufio.NewScanner(out)
	if !s.Scan() {
		p.b.Fatal("serve did not start")
	}
	return sshAddr.FindString(s.Text()), c.Process.Pid
}

// dial connects with the head's key, from one of many addresses of loopback:
// the door lets in only so many from each.
func (p plant) dial(addr string, from int) *ssh.Client {
	p.b.Helper()
	d := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+from))}}
	conn, err := d.DialContext(p.b.Context(), "tcp", addr)
	if err != nil {
		p.b.Fatal(err)
	}
	c, chans, reqs, err := ssh.NewClientConn(conn, addr, &ssh.ClientConfig{User: "bench", Auth: []ssh.AuthMethod{ssh.PublicKeys(p.key)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		p.b.Fatal(err)
	}
	client := ssh.NewClient(c, chans, reqs)
	p.b.Cleanup(func() { _ = client.Close() })
	return client
}

// BenchmarkKeyToFrame is the time from a key to the last byte of the frame that
// shows what it did, at 120×40 over 100,000 receptions: on the station's own
// terminal (120 frames a second) and over SSH (30). Budgets at the 99th
// percentile: 16 ms and 40 ms. B/key is what the terminal was sent, and
// cpu-ms/key what the program worked for it, the frames' own clock included.
func BenchmarkKeyToFrame(b *testing.B) {
	p := newPlant(b, screenReceptions)
	for _, where := range []string{"local", "ssh"} {
		b.Run(where, func(b *testing.B) {
			p := plant{b, p.bin, p.dir, p.key, p.head}
			var s *tuitest.Terminal
			var pid int
			if where == "local" {
				s, pid = p.seatAt(120, 40)
			} else {
				var addr string
				addr, pid = p.serve()
				s = tuitest.Shell(b, p.dial(addr, 0), 120, 40)
				s.WaitText("周立", "最近登记")
			}
			for _, k := range keyCases() {
				b.Run(k.name, func(b *testing.B) { k.measure(b, s, pid) })
			}
		})
	}
}

// A keyCase is a kind of key: how to come to where it is pressed, and what it
// does to the screen.
type keyCase struct {
	name  string
	begin func(s *tuitest.Terminal)
	key   func(i int) string
	// after judges the screen once key i was pressed; before is the screen's
	// text and cursor when it was.
	after func(s *tuitest.Screen, i int, before string) bool
}

func keyCases() []keyCase {
	queries := []rune("路灯停车电梯")
	changed := func(s *tuitest.Screen, _ int, before string) bool { return picture(s) != before }
	register := func(s *tuitest.Terminal) {
		back(s)
		s.Key("f3")
		s.WaitText("全部登记", fmt.Sprint(screenReceptions)+" 条")
	}
	return []keyCase{
		{"down-in-the-register", register, func(int) string { return "down" }, changed}, // first: it waits until lists are complete
		{"page-in-the-register", register, func(int) string { return "pgdown" }, changed},
		{"search-in-the-register", register, func(i int) string {
			if i%2 == 1 {
				return "backspace"
			}
			return string(queries[i/2%len(queries)])
		}, func(s *tuitest.Screen, i int, _ string) bool {
			all := strings.Contains(s.Text(), fmt.Sprint(screenReceptions)+" 条")
			return all == (i%2 == 1)
		}},
		{"hanzi-in-a-form", toContent, hanzi, afterHanzi},
		{"tab-in-a-form", func(*tuitest.Terminal) {}, func(int) string { return "tab" }, changed},
	}
}

// hanzi is a character for the i-th key.
func hanzi(i int) string {
	all := []rune("张三丰李四王五赵六钱七孙八周九吴十郑")
	return string(all[i%len(all)])
}

func afterHanzi(s *tuitest.Screen, i int, _ string) bool {
	return strings.HasSuffix(s.Before(), hanzi(i))
}

// toContent opens an empty form at the field for the voter's words.
func toContent(s *tuitest.Terminal) {
	back(s)
	fresh(s)
	if s.Has("已恢复上次没保存的草稿") { // an earlier run's
		s.Key("f8")
		s.WaitText("丢弃这张草稿")
		s.Key("right", "enter")
		s.WaitText("新登记")
		at(s, "电话")
	}
	for range 11 {
		s.Key("tab")
	}
	at(s, "内容")
}

// picture is all that a person can see move: text and cursor.
func picture(s *tuitest.Screen) string { return fmt.Sprint(s.Text(), s.Cursor()) }

func (k keyCase) measure(b *testing.B, s *tuitest.Terminal, pid int) {
	k.begin(s)
	worked := processorTime(b, pid)
	rng := rand.New(rand.NewPCG(3, 2026))
	var took []time.Duration
	sent, _ := s.Traffic()
	for i := 0; b.Loop(); i++ {
		<-time.After(time.Duration(20+rng.IntN(20)) * time.Millisecond) // keys do not come in step with frames
		var before string
		s.Look(func(scr *tuitest.Screen) { before = picture(scr) })
		took = append(took, s.Measure(k.key(i), func(scr *tuitest.Screen) bool { return k.after(scr, i, before) }))
	}
	now, _ := s.Traffic()
	b.ReportMetric(float64(now-sent)/float64(len(took)), "B/key")
	b.ReportMetric((processorTime(b, pid)-worked).Seconds()*1000/float64(len(took)), "cpu-ms/key")
	percentiles(b, took)
}

// BenchmarkKeyAfterStart is the same for the first thirty characters after the
// start, while the list of 100,000 receptions is made ready behind the screen.
func BenchmarkKeyAfterStart(b *testing.B) {
	p := newPlant(b, screenReceptions)
	var took []time.Duration
	for b.Loop() {
		cmd := p.command("run")
		s := tuitest.Start(b, cmd, 120, 40)
		s.WaitText("请选择您的名字", "› 周立")
		signIn(s, "1357")
		toContent(s)
		for i := range 30 {
			took = append(took, s.Measure(hanzi(i), func(scr *tuitest.Screen) bool { return afterHanzi(scr, i, "") }))
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		s.WaitEnd()
	}
	percentiles(b, took)
}

// percentiles reports what was measured.
func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for _, q := range []int{50, 95, 99} {
		b.ReportMetric(float64(took[len(took)*q/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", q))
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkOpenToFirstFrame100k is the time from the start of the program on a
// file of 100,000 receptions to the last byte of its first whole page, the
// sign-in, at 120×40; and from the PIN to the last byte of the first page with
// what waits and what was last. The budget for both is half a second.
func BenchmarkOpenToFirstFrame100k(b *testing.B) {
	p := newPlant(b, screenReceptions)
	var opened, signed []time.Duration
	for b.Loop() {
		began := time.Now()
		cmd := p.command("run")
		s := tuitest.Start(b, cmd, 120, 40)
		s.Wait("the whole page", func(scr *tuitest.Screen) bool {
			return strings.Contains(scr.Text(), "› 周立") && strings.Contains(scr.Row(38), "────")
		})
		_, at := s.Traffic()
		opened = append(opened, at.Sub(began))
		s.Type("1357")
		s.WaitTyped("****")
		signed = append(signed, s.Measure("enter", func(scr *tuitest.Screen) bool {
			return strings.Contains(scr.Text(), "100 批") && strings.Contains(scr.Text(), "F2 新接待")
		}))
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		s.WaitEnd()
	}
	slices.Sort(opened)
	slices.Sort(signed)
	b.ReportMetric(float64(opened[len(opened)/2].Microseconds())/1000, "p50-ms-open")
	b.ReportMetric(float64(opened[len(opened)-1].Microseconds())/1000, "max-ms-open")
	b.ReportMetric(float64(signed[len(signed)/2].Microseconds())/1000, "p50-ms-signed-in")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSSHSessions200 opens 200 screens of 120×40 on the real program, each
// on a connection of its own, and reports what one of them costs the process:
// resident memory, and the processor's time while nobody types. The budget is
// 4 MiB each and next to nothing.
func BenchmarkSSHSessions200(b *testing.B) {
	const sessions, watched = 200, 10 * time.Second
	for b.Loop() {
		p := newPlant(b, 1000)
		addr, pid := p.serve()
		first := tuitest.Shell(b, p.dial(addr, 0), 120, 40) // what is made once is there
		first.WaitText("周立", "最近登记")
		before := resident(b, pid)
		for i := range sessions {
			s := tuitest.Shell(b, p.dial(addr, 1+i/20), 120, 40)
			s.WaitText("周立", "最近登记")
		}
		spent := processorTime(b, pid)
		<-time.After(watched)
		spent = processorTime(b, pid) - spent
		b.ReportMetric(float64(resident(b, pid)-before)/sessions/(1<<20), "MiB/session")
		b.ReportMetric(100*spent.Seconds()/watched.Seconds(), "%cpu-idle")
	}
	b.ReportMetric(0, "ns/op")
}

// resident is the memory of a process that is in use, in bytes.
func resident(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kb), " kB"))
			if err != nil {
				b.Fatal(err)
			}
			return n << 10
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// processorTime is what a process has kept the processors busy, in steps of
// 10 ms.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		b.Fatal(err1, err2)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
