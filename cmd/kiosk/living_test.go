package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"liaison/cmd/clerk"
	"liaison/cmd/report"
	"liaison/station/ledger"
)

// serve runs `kiosk serve` in this process until stop is called, and returns
// the line it printed.
func serve(t *testing.T, f folder, args ...string) (announced string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan result, 1)
	go func() {
		var errs bytes.Buffer
		err := run(ctx, append([]string{"serve", "--data", f.dir}, args...), nil, strings.NewReader(""), w, &errs)
		code := settle(&errs, nil, err)
		_ = w.Close()
		done <- result{"", errs.String(), code}
	}()
	s := bufio.NewScanner(r)
	if !s.Scan() {
		t.Fatalf("serve did not start: %+v", <-done)
	}
	announced = s.Text()
	go func() { _, _ = io.Copy(io.Discard, r) }() // it may start again, and say so
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case r := <-done:
			if r.code != 0 {
				t.Errorf("serve ended with %+v", r)
			}
		case <-time.After(patience):
			t.Error("serve did not stop")
		}
	}
	t.Cleanup(stop)
	return announced, stop
}

func TestCommandsReachTheLivingProcess(t *testing.T) {
	f := newStation(t)
	said, stop := serve(t, f)
	wants(t, said, "QA01", "serving")
	number := strings.TrimSpace(f.okIn(line("王小明", "路灯")+"\n", "add"))
	wants(t, f.ok("list", "receptions"), number)
	r := f.run("{bad\n"+line("李四", "二")+"\n", "add")
	if r.code != exitFailed || strings.Count(r.out, "\n") != 1 {
		t.Errorf("through the socket: %+v", r)
	}
	wants(t, r.errs, "line 1: ")
	if r := f.run("", "list", "receptions", "--bogus"); r.code != exitUsage {
		t.Errorf("code %d through the socket, want %d", r.code, exitUsage)
	}
	dir := t.TempDir()
	t.Chdir(dir) // a relative name starts where the caller stands
	f.ok("export", "receptions", "register.csv")
	if b, err := os.ReadFile(filepath.Join(dir, "register.csv")); err != nil || !strings.Contains(string(b), number) {
		t.Errorf("exported %q, %v", b, err)
	}
	f.okIn("2580\n", "user", "add", "张敏", "--role", "attendant", "--pin")
	wants(t, f.ok("init", "--station", "QA01", "--name", "曲阿街道代表联络站"), "已经")
	wants(t, f.ok("check"), "完好")
	wants(t, f.no("", "serve"), fmt.Sprint(os.Getpid()))
	wants(t, f.no("", "restore", filepath.Join(dir, "register.csv")), "停止")
	stop()
	wants(t, f.ok("list", "receptions"), number)
	if _, err := os.Stat(filepath.Join(f.dir, socketFile)); err == nil {
		t.Error("the socket is still there")
	}
}

// A guest is a person with a key.
type guest struct {
	t      *testing.T
	addr   string
	signer ssh.Signer
	pub    string // file with the public key
}

func newGuest(t *testing.T, addr string) guest {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return guest{t, addr, signer, write(t, "key.pub", string(ssh.MarshalAuthorizedKey(signer.PublicKey())))}
}

// run is `ssh host command`.
func (g guest) run(stdin, command string) result {
	g.t.Helper()
	c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{User: "anyone", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		return result{errs: err.Error(), code: 255}
	}
	defer c.Close()
	s, err := c.NewSession()
	if err != nil {
		g.t.Fatal(err)
	}
	var out, errs bytes.Buffer
	s.Stdin, s.Stdout, s.Stderr = strings.NewReader(stdin), &out, &errs
	code := 0
	if err := s.Run(command); err != nil {
		exit, ok := err.(*ssh.ExitError)
		if !ok {
			g.t.Fatalf("ssh %s: %v", command, err)
		}
		code = exit.ExitStatus()
	}
	return result{out.String(), errs.String(), code}
}

var sshAddr = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// TestOverSSHTheRoleDecides goes through what a role may and may not do.
func TestOverSSHTheRoleDecides(t *testing.T) {
	f := newStation(t)
	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	addr := sshAddr.FindString(said)
	clerk, admin, stranger := newGuest(t, addr), newGuest(t, addr), newGuest(t, addr)
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", clerk.pub)
	f.ok("user", "add", "管理员", "--role", "admin", "--key", admin.pub)

	if r := stranger.run("", "status"); r.code != 255 {
		t.Errorf("a stranger came in: %+v", r)
	}
	r := clerk.run(line("王小明", "路灯")+"\n", "add")
	number := strings.TrimSpace(r.out)
	if r.code != 0 || !strings.HasPrefix(number, "QA01-") {
		t.Fatalf("add over SSH: %+v", r)
	}
	rs := objects[report.Reception](t, clerk.run("", "kiosk list receptions --json").out)
	if len(rs) != 1 || rs[0].By == "owner" {
		t.Errorf("recorded as %+v", rs)
	}
	for _, command := range []string{"list receptions", "list receptions --json", "show " + number, "show --json " + number} {
		if out := clerk.run("", command).out; strings.Contains(out, "王小明") || !strings.Contains(out, "王*明") {
			t.Errorf("%s over SSH names the voter: %s", command, out)
		}
	}
	before := strings.Count(f.ok("audit", "--act", "export"), "张敏")
	for _, command := range []string{"list receptions --full", "list receptions --json --full", "show --full " + number} {
		if out := clerk.run("", command).out; !strings.Contains(out, "王小明") {
			t.Errorf("%s over SSH: %s", command, out)
		}
	}
	if n := strings.Count(f.ok("audit", "--act", "export"), "张敏") - before; n != 2 {
		t.Errorf("seen in full in 2 lists, recorded %d times", n)
	}
	if out := f.ok("audit", "--act", "reveal"); !strings.Contains(out, "张敏") {
		t.Errorf("shown in full and not recorded: %s", out)
	}
	for _, c := range []struct {
		who     guest
		command string
		code    int
	}{
		{clerk, "show " + number, 0}, {clerk, "totals", 0}, {clerk, "status --json", 0}, {clerk, "help", 0},
		{clerk, "export receptions - --format csv", 0}, {clerk, "list receptions --search '路 灯'", 0},
		{clerk, "user list", 1}, {clerk, "backup -", 1}, {clerk, "check", 1}, {clerk, "reindex", 1}, {clerk, "import villages -", 1},
		{clerk, "add /etc/passwd", 2}, {clerk, "export receptions /tmp/x.csv", 2}, {clerk, "list receptions --data /tmp", 2},
		{clerk, "run", 2}, {clerk, "serve", 2}, {clerk, "restore -", 2}, {clerk, "demo", 2}, {clerk, "init", 2}, {clerk, "examine /etc/passwd", 2},
		{admin, "user list", 0}, {admin, "check", 0}, {admin, "status", 0}, {admin, "backup -", 1},
		{admin, "list receptions", 1}, {admin, "list sessions", 1}, {admin, "list deputies", 1}, {admin, "show " + number, 1}, {admin, "totals", 1},
		{admin, "add", 1}, {admin, "export matters - --format csv", 1}, {admin, "backup /tmp/copy.db", 2}, {admin, "user add x --role head --key /etc/passwd", 2},
	} {
		r := c.who.run("", c.command)
		if r.code != c.code {
			t.Errorf("%s: code %d, want %d: %s%s", c.command, r.code, c.code, r.out, r.errs)
		}
		if c.code != 0 {
			sentenceOnly(t, r.errs)
		}
	}
	f.ok("recovery", "new", filepath.Join(t.TempDir(), "recovery.txt"))
	if r := admin.run("", "backup -"); r.code != 0 || !strings.HasPrefix(r.out, "age-encryption.org/") {
		t.Errorf("a backup over SSH, once it is sealed: code %d, %.60q %s", r.code, r.out, r.errs)
	}
	if r := admin.run(string(ssh.MarshalAuthorizedKey(newGuest(t, addr).signer.PublicKey())), "user add 李站长 --role head --key -"); r.code != 0 {
		t.Errorf("a key through standard input: %+v", r)
	}
	f.ok("user", "remove", "张敏")
	if r := clerk.run("", "status"); r.code != 255 {
		t.Errorf("who was removed came in: %+v", r)
	}
}

// TestARemovedAccountsSessionEnds: its key is taken away and its open session
// goes with it.
func TestARemovedAccountsSessionEnds(t *testing.T) {
	f := newStation(t)
	said, _ := serve(t, f, "--ssh", "127.0.0.1:0")
	g := newGuest(t, sshAddr.FindString(said))
	f.ok("user", "add", "张敏", "--role", "attendant", "--key", g.pub)
	c, err := ssh.Dial("tcp", g.addr, &ssh.ClientConfig{User: "x", Auth: []ssh.AuthMethod{ssh.PublicKeys(g.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start("add"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, line("王", "一")+"\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	f.ok("user", "remove", "张敏")
	ended := make(chan error, 1)
	go func() { ended <- s.Wait() }()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the session goes on")
	}
}

// TestTheDemoTellsItsStory is the second line of the README.
func TestTheDemoTellsItsStory(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	var out, errs bytes.Buffer
	err := run(t.Context(), []string{"demo"}, []string{"LIAISON_DATA=" + t.TempDir()}, strings.NewReader(""), &out, &errs)
	if code := settle(&errs, nil, err); code != 0 {
		t.Fatalf("code %d\n%s%s", code, out.String(), errs.String())
	}
	wants(t, out.String(), "QA01-26A-0010", "张敏", "ssh -F", "0 wait", "all sound")
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// failing is a ledger on a disk that reports an error of the last sync.
type failing struct{ ledger.Ledger }

func (failing) Commit(context.Context, ledger.Change) ([]ledger.Entry, error) {
	return nil, fmt.Errorf("%w: fdatasync: input/output error", ledger.ErrUnsure)
}

// TestADiskInDoubtEndsTheProcess: what is durable can only be told by a
// process that opens the file anew.
func TestADiskInDoubtEndsTheProcess(t *testing.T) {
	f := newStation(t)
	k, err := openKiosk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(k, "", &clerk.Seats{})
	if err != nil {
		t.Fatal(err)
	}
	h.read = 0
	h.start(t.Context())
	w := &watched{failing{k.led}, k.unsure}
	for range 3 { // everybody who tries is told, the process once
		if _, err := w.Commit(t.Context(), ledger.Change{}); !errors.Is(err, ledger.ErrUnsure) {
			t.Errorf("committed with %v", err)
		}
	}
	err = h.wait()
	var said bytes.Buffer
	if code := settle(&said, k.log, err); code != exitFailed || !errors.Is(err, ledger.ErrUnsure) {
		t.Errorf("it ended with %v, code %d", err, code)
	}
	sentenceOnly(t, said.String())
	if err := k.close(); err != nil {
		t.Error(err)
	}
	f.ok("status")
}
