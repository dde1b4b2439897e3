package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"liaison/cmd/clerk"
	"liaison/station"
)

// written is what was sent to a terminal so far.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) { w.mu.Lock(); defer w.mu.Unlock(); return w.b.Write(p) }
func (w *written) String() string              { w.mu.Lock(); defer w.mu.Unlock(); return w.b.String() }

// screen is `ssh -t host`: a guest's screen, what it was sent, and how to type.
func (g guest) screen() (s *ssh.Session, shown *written, said *written, keys io.Writer) {
	g.t.Helper()
	c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{User: "anyone", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = c.Close() })
	if s, err = c.NewSession(); err != nil {
		g.t.Fatal(err)
	}
	shown, said = &written{}, &written{}
	s.Stdout, s.Stderr = shown, said
	if keys, err = s.StdinPipe(); err == nil {
		if err = s.RequestPty("xterm-256color", 24, 80, nil); err == nil {
			err = s.Shell()
		}
	}
	if err != nil {
		g.t.Fatal(err)
	}
	return s, shown, said, keys
}

// TestWhoIsConnectedAndHowASessionIsEnded: an attendant's screen over SSH and
// the station's own are on the list, with the page, the address and the last
// key; the head ends one over SSH. Its terminal is restored and says why, what
// was typed is a draft, and the audit log has it. An attendant may do neither.
func TestWhoIsConnectedAndHowASessionIsEnded(t *testing.T) {
	f := newStation(t)
	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	g, head := newGuest(t, sshAddr.FindString(said)), newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", g.pub)
	f.ok("user", "add", "周立", "--role", "head", "--key", head.pub)
	f.okIn("2580\n", "user", "add", "王芳", "--role", "attendant", "--pin")
	s, shown, words, keys := g.screen()
	eventually(t, "the first page is there", func() bool { return strings.Contains(shown.String(), "张敏") })
	beside := sit(t, f) // a screen of this machine, of the living process
	beside.sees("王芳")

	list := func() []clerk.Session { return objects[clerk.Session](t, f.ok("sessions", "--json")) }
	if _, err := io.WriteString(keys, "\x1bOQ"+"13800138000"); err != nil { // F2, and a phone
		t.Fatal(err)
	}
	var at clerk.Session
	eventually(t, "the list says what goes on", func() bool {
		for _, at = range list() {
			if at.Name == "张敏" && at.Doing == "接待登记" && at.Last != nil {
				return true
			}
		}
		return false
	})
	if at.Door != "ssh" || !strings.HasPrefix(at.Remote, "127.0.0.1:") || at.Role != "attendant" || at.Kind != "screen" || time.Since(at.Since) > time.Hour {
		t.Errorf("listed as %+v", at)
	}
	if all := list(); len(all) != 2 {
		t.Errorf("sessions %+v", all)
	}
	wants(t, f.ok("sessions"), "张敏", "接待登记", "本机", "(未登录)")
	r := head.run("", "sessions --json")
	if all := objects[clerk.Session](t, r.out); r.code != 0 || len(all) != 3 || all[0].Kind != "command" || all[0].Doing != "sessions" || all[0].Name != "周立" {
		t.Errorf("over SSH: %+v", r)
	}

	wants(t, g.run("", "sessions").errs, "没有这项权限")
	wants(t, g.run("", "sessions end "+at.ID).errs, "没有这项权限")
	wants(t, head.run("", "sessions end nobody").errs, "没有这个会话")
	wants(t, head.run("", "sessions end "+at.ID).out, "已结束会话")
	done := make(chan error, 1)
	go func() { done <- s.Wait() }()
	select {
	case err := <-done:
		if exit, ok := errors.AsType[*ssh.ExitError](err); err != nil && (!ok || exit.ExitStatus() != 0) {
			t.Errorf("the screen ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the screen goes on")
	}
	wants(t, shown.String(), "\x1b[?1049l", "\x1b[?1002l")
	wants(t, words.String(), "已由管理员结束", "ended by an administrator")

	for _, own := range list() {
		wants(t, f.ok("sessions", "end", own.ID), "已结束")
	}
	_ = beside.ends()
	eventually(t, "nobody is left", func() bool { return len(list()) == 0 })
	if n := f.status().Drafts; n != 1 {
		t.Errorf("%d drafts", n)
	}
	acts := objects[station.AuditLine](t, f.ok("audit", "--json", "--act", "end"))
	if len(acts) != 2 || acts[1].Role != station.RoleHead || acts[1].Door != "ssh" || !strings.HasPrefix(acts[1].Remote, "127.0.0.1:") || acts[1].Object != at.Account || acts[0].Object != "nobody" {
		t.Errorf("audit %+v", acts)
	}
}

func TestWithoutALivingProcessNobodyIsConnected(t *testing.T) {
	f := newStation(t)
	wants(t, f.no("", "sessions"), "没有在运行")
}

// TestWhoseAccountExpiresIsPutOut: an open screen, and an `add` whose input is
// held open. Both say why; the next line is recorded by nobody.
func TestWhoseAccountExpiresIsPutOut(t *testing.T) {
	f := newStation(t)
	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	g := newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", g.pub)
	screen, shown, words, _ := g.screen()
	eventually(t, "the first page is there", func() bool { return strings.Contains(shown.String(), "张敏") })
	c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{User: "anyone", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	adding, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var numbers, errs written
	adding.Stdout, adding.Stderr = &numbers, &errs
	in, err := adding.StdinPipe()
	if err == nil {
		err = adding.Start("add -")
	}
	if err == nil {
		_, err = io.WriteString(in, line("王小明", "路灯")+"\n")
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first line is recorded", func() bool { return strings.HasPrefix(numbers.String(), "QA01-") })

	f.ok("user", "until", "张敏", time.Now().In(station.Beijing).AddDate(0, 0, -1).Format("2006-01-02"))
	for what, s := range map[string]*ssh.Session{"the screen": screen, "the command": adding} {
		done := make(chan error, 1)
		go func() { done <- s.Wait() }()
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatalf("%s goes on", what)
		}
	}
	_, _ = io.WriteString(in, line("李四", "停水")+"\n") // refused or read by nobody
	wants(t, words.String(), "已到期", "expired")
	wants(t, errs.String(), "已到期", "expired")
	sentenceOnly(t, errs.String())
	if out := f.ok("list", "receptions"); strings.Count(out, "QA01-") != 1 {
		t.Errorf("recorded: %s", out)
	}
	if r := g.run("", "status"); r.code != 255 {
		t.Errorf("in again: %+v", r)
	}
}
