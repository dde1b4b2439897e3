//go:build !race

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"liaison/tui/tuitest"
)

// The tests in the e2e files sit down before the real program as people do:
// in a pty, or over SSH, with the screen read from a terminal that
// understands what the program writes. Nothing of the program is replaced.

// grouped is the number as it stands under the large one, for reading aloud.
var grouped = regexp.MustCompile(`(QA01)  (\d\dA)  (\d{4})  ([0-9A-Z])\b`)

// A counter is a demo on somebody's terminal.
type counter struct {
	*tuitest.Terminal
	f   folder
	cmd *exec.Cmd
}

// openDemo runs `kiosk demo` on a terminal of w × h cells and waits for its
// first screen.
func openDemo(t *testing.T, w, h int) counter {
	t.Helper()
	f := newFolder(t)
	cmd := f.command("demo")
	c := counter{tuitest.Start(t, cmd, w, h), f, cmd}
	c.WaitText("张敏", "今日接待", "最近登记", "接待登记")
	return c
}

// stationAddress is where the demo's door is, from the file that the second
// terminal uses.
func (c counter) stationAddress() string {
	c.Helper()
	b, err := os.ReadFile(filepath.Join(c.f.dir, demoSSH))
	if err != nil {
		c.Fatal(err)
	}
	var host, port string
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "HostName":
			host = value
		case "Port":
			port = value
		}
	}
	return net.JoinHostPort(host, port)
}

// dial connects with the key from the demo's folder, and to no other host.
func (c counter) dial() *ssh.Client {
	c.Helper()
	b, err := os.ReadFile(filepath.Join(c.f.dir, demoKey))
	if err != nil {
		c.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(b)
	if err != nil {
		c.Fatal(err)
	}
	known, err := knownhosts.New(filepath.Join(c.f.dir, demoHosts))
	if err != nil {
		c.Fatal(err)
	}
	client, err := ssh.Dial("tcp", c.stationAddress(), &ssh.ClientConfig{User: "demo", Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: known, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519}, Timeout: patience})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { _ = client.Close() })
	return client
}

// colleague is a second person, over SSH, on the first page.
func (c counter) colleague(w, h int) *tuitest.Terminal {
	c.Helper()
	s := tuitest.Shell(c, c.dial(), w, h)
	s.WaitText("周站长", "今日接待", "最近登记")
	return s
}

// stop sends SIGTERM and returns the exit status.
func (c counter) stop() int {
	c.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.Fatal(err)
	}
	return c.WaitEnd()
}

// fresh opens the form of a new reception.
func fresh(s *tuitest.Terminal) {
	s.Helper()
	s.Key("f2")
	at(s, "电话")
}

// at waits until the field with this label has the cursor.
func at(s *tuitest.Terminal, label string) {
	s.Helper()
	s.Wait("the cursor in "+label, func(scr *tuitest.Screen) bool {
		return scr.Cursor().Visible && strings.Contains(scr.Before(), label)
	})
}

// saved waits for the number in large and returns it.
func saved(s *tuitest.Terminal) string {
	s.Helper()
	s.WaitText("已保存", "请把编号告诉选民")
	n := grouped.FindStringSubmatch(s.Text())
	if n == nil {
		s.Fatalf("no number on\n%s", s.Text())
	}
	return strings.Join(n[1:], "-")
}

// newVoter types a reception of somebody who was never here, up to the last
// field.
func newVoter(s *tuitest.Terminal, phone, name, content string) {
	s.Helper()
	s.Type(phone)
	s.WaitTyped(phone)
	s.Key("enter")
	at(s, "姓名")
	s.Type(name)
	s.WaitTyped(name)
	s.Key("enter")
	at(s, "村居")
	s.Type("qa")
	s.WaitText("前艾村")
	s.Key("enter")
	at(s, "内容")
	s.Type(content)
	s.WaitTyped(content)
	s.Key("tab")
	at(s, "分类")
	s.Type("11")
	at(s, "处理")
	s.Key("tab")
	at(s, "答复")
}
