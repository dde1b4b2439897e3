package door_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"liaison/tui/door"
	"liaison/tui/door/doortest"
)

// echo prints its person and words, then its input, and returns as many as it
// was given words.
func echo(_ context.Context, c door.Caller, argv []string, in io.Reader, out, errs io.Writer) int {
	fmt.Fprintf(out, "%s %q\n", c.User, argv)
	n, err := io.Copy(out, in)
	fmt.Fprintf(errs, "%d bytes, %v\n", n, err)
	return len(argv)
}

func TestACommandHasItsWordsStreamsAndStatus(t *testing.T) {
	key := doortest.NewKey(t)
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "zhang"), Exec: echo})
	c := doortest.Connect(t, addr, key)
	for line, want := range map[string][]string{
		`list receptions --json`:         {"list", "receptions", "--json"},
		`list --search '王 小明' --from ""`: {"list", "--search", "王 小明", "--from", ""},
		`add -`:                          {"add", "-"},
		"  a\\ b\t\"c\\\"d\\e\" f'g'h\n": {"a b", `c"d\e`, "fgh"},
		"show QA01-26A-0123-K; rm -rf /": {"show", "QA01-26A-0123-K;", "rm", "-rf", "/"},
		"echo $HOME `id` *":              {"echo", "$HOME", "`id`", "*"},
		"list\x00--json":                 {"list\x00--json"},
		"list --search \xff\xfe":         {"list", "--search", "\xff\xfe"},
		"list --search 全角　空格":            {"list", "--search", "全角　空格"},
	} {
		s, err := c.NewSession()
		must(t, err)
		var out, errs bytes.Buffer
		s.Stdin, s.Stdout, s.Stderr = strings.NewReader("一行\n"), &out, &errs
		got, err := doortest.Status(func() error { return s.Run(line) })
		if got != len(want) {
			t.Errorf("%q: status %d, %v", line, got, err)
		}
		if w := fmt.Sprintf("zhang %q\n一行\n", want); out.String() != w {
			t.Errorf("%q: printed %q, want %q", line, out.String(), w)
		}
		if errs.String() != "7 bytes, <nil>\n" {
			t.Errorf("%q: stderr %q", line, errs.String())
		}
	}
	if n := len(d.Sessions()); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

func TestWhatCannotBeACommandIsTold(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), Exec: echo, NewModel: newPage})
	c := doortest.Connect(t, addr, key)
	for line, want := range map[string]string{
		`list --search 'open`:       "unclosed quote",
		`list \`:                    "unclosed quote",
		strings.Repeat("长", 20_000): "too long",
		"  ":                        "a terminal is needed",
	} {
		s, err := c.NewSession()
		must(t, err)
		var errs bytes.Buffer
		s.Stderr = &errs
		if got, err := doortest.Status(func() error { return s.Run(line) }); got != 2 || !strings.Contains(errs.String(), want) {
			t.Errorf("%.20q: %d, %v, %q", line, got, err, errs.String())
		}
	}
}

func TestALineCutInHalfIsNotTheEndOfTheInput(t *testing.T) {
	key := doortest.NewKey(t)
	got, ended := make(chan string, 1), make(chan error, 2)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), Exec: func(ctx context.Context, _ door.Caller, _ []string, in io.Reader, _, _ io.Writer) int {
		b := make([]byte, 9)
		_, _ = io.ReadFull(in, b)
		got <- string(b)
		_, err := io.ReadAll(in)
		ended <- err
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return 0
	}})
	for range 20 {
		c := doortest.Connect(t, addr, key)
		s, err := c.NewSession()
		must(t, err)
		in, err := s.StdinPipe()
		must(t, err)
		must(t, s.Start("add -"))
		_, err = io.WriteString(in, `{"at":"20`)
		must(t, err)
		if half := <-got; half != `{"at":"20` {
			t.Errorf("read %q", half)
		}
		must(t, c.Close())
		if err := <-ended; err != door.ErrGone {
			t.Fatalf("the input ended with %v", err)
		}
		if err := <-ended; err != door.ErrGone {
			t.Fatalf("the context ended with %v", err)
		}
	}
}

func TestCtrlCAndSignalsEndACommand(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), Exec: func(ctx context.Context, _ door.Caller, _ []string, _ io.Reader, out, _ io.Writer) int {
		fmt.Fprintln(out, "begun")
		<-ctx.Done()
		if context.Cause(ctx) != door.ErrInterrupted {
			return 1
		}
		return 130
	}})
	c := doortest.Connect(t, addr, key)
	for name, interrupt := range map[string]func(*gossh.Session, io.Writer) error{
		"signal": func(s *gossh.Session, _ io.Writer) error { return s.Signal(gossh.SIGINT) },
		"ctrl-c": func(_ *gossh.Session, in io.Writer) error { _, err := io.WriteString(in, "\x03"); return err },
	} {
		s, err := c.NewSession()
		must(t, err)
		must(t, s.RequestPty("xterm", 24, 80, nil))
		in, err := s.StdinPipe()
		must(t, err)
		out, err := s.StdoutPipe()
		must(t, err)
		must(t, s.Start("sync"))
		b := make([]byte, len("begun\r\n"))
		_, err = io.ReadFull(out, b)
		must(t, err)
		if string(b) != "begun\r\n" {
			t.Errorf("%s: %q", name, b)
		}
		must(t, interrupt(s, in))
		if got, err := doortest.Status(s.Wait); got != 130 {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
}

func TestWindowChangesThatACommandIgnoresDoNotStallTheConnection(t *testing.T) {
	key := doortest.NewKey(t)
	release := make(chan struct{})
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage, Exec: func(context.Context, door.Caller, []string, io.Reader, io.Writer, io.Writer) int {
		<-release
		return 0
	}})
	c := doortest.Connect(t, addr, key)
	s, err := c.NewSession()
	must(t, err)
	must(t, s.RequestPty("xterm", 24, 80, nil))
	must(t, s.Start("sync"))
	for i := range 100 {
		must(t, s.WindowChange(24, 80+i))
	}
	other, err := doortest.Sit(c, 80, 24)
	must(t, err)
	must(t, other.Sees("user=u"))
	close(release)
	if got, err := doortest.Status(s.Wait); got != 0 {
		t.Errorf("%d, %v", got, err)
	}
}

func TestAPanicInACommandHasACode(t *testing.T) {
	key := doortest.NewKey(t)
	var log logbook
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), Log: log.logger(), Exec: func(context.Context, door.Caller, []string, io.Reader, io.Writer, io.Writer) int {
		panic("13800138000")
	}})
	s, err := doortest.Connect(t, addr, key).NewSession()
	must(t, err)
	var errs bytes.Buffer
	s.Stderr = &errs
	if got, err := doortest.Status(func() error { return s.Run("status") }); got != 70 || !strings.Contains(errs.String(), "code ") {
		t.Errorf("%d, %v, %q", got, err, errs.String())
	}
	if l := log.String(); !strings.Contains(l, "panic=string") || strings.Contains(l, "138001") {
		t.Errorf("log: %s", l)
	}
}

// The real client: its own quoting, its own exit status.
func TestOpenSSH(t *testing.T) {
	program, err := exec.LookPath("ssh")
	if err != nil {
		t.Log("no ssh program here; the library's client has tried the same")
		return
	}
	dir := t.TempDir()
	id := filepath.Join(dir, "id_ed25519")
	key := newKeyFile(t, id)
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "zhang"), Exec: echo, NewModel: newPage})
	host, port, _ := strings.Cut(addr, ":")
	known := filepath.Join(dir, "known_hosts")
	ssh := func(args ...string) *exec.Cmd {
		return exec.Command(program, append([]string{
			"-F", "none", "-i", id, "-p", port, "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=" + known,
			"-o", "StrictHostKeyChecking=accept-new", "-o", "BatchMode=yes",
		}, args...)...)
	}
	cmd := ssh(host, "list receptions --search '王 小明' --json")
	cmd.Stdin = strings.NewReader("输入\n")
	out, err := cmd.Output()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 5 {
		t.Fatalf("ssh: %v, %s", err, out)
	}
	if want := "zhang [\"list\" \"receptions\" \"--search\" \"王 小明\" \"--json\"]\n输入\n"; string(out) != want {
		t.Errorf("printed %q, want %q", out, want)
	}
	for name, args := range map[string][]string{"sftp": {"-s", host, "sftp"}, "no terminal": {host}, "agent": {"-A", "-T", host}} {
		if err := ssh(args...).Run(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	screen := ssh("-tt", host)
	screen.Env = append(os.Environ(), "TERM=xterm-256color")
	in, err := screen.StdinPipe()
	must(t, err)
	var shown logbook
	screen.Stdout = &shown
	must(t, screen.Start())
	eventually(t, "the screen is up", func() bool { return strings.Contains(shown.String(), "user=zhang") })
	_, err = io.WriteString(in, "路灯")
	must(t, err)
	eventually(t, "what was typed is shown", func() bool { return strings.Contains(shown.String(), "路灯") })
	must(t, d.Shutdown(t.Context()))
	if err := screen.Wait(); err != nil {
		t.Errorf("after the shutdown: %v", err)
	}
	if !strings.Contains(shown.String(), leaveAltScreen) {
		t.Error("the terminal was not restored")
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(`list --search '王 小明' "a\"b" c\ d`)
	f.Add(`'`)
	f.Add(`"\`)
	f.Fuzz(func(t *testing.T, line string) {
		words, err := door.Split(line)
		if err != nil {
			if words != nil {
				t.Errorf("words beside an error: %q", words)
			}
			return
		}
		// Quoted again, they are the same words: nothing is lost or invented.
		var again []string
		for _, w := range words {
			again = append(again, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
		}
		if got, err := door.Split(strings.Join(again, " ")); err != nil || !slices.Equal(got, words) {
			t.Errorf("%q → %q → %q, %v", line, words, got, err)
		}
	})
}

// What a command says to a person does not command the terminal, however it is
// cut into pieces; what it writes to a file is left alone.
func TestACommandsWordsDoNotCommandTheTerminal(t *testing.T) {
	key := doortest.NewKey(t)
	hostile := "好\x1b]52;c;cm0=\x07\x1b[2J\u009b31m\u0085\x7f字é\u00a0\n"
	const clean = "好]52;c;cm0=[2J31m字é\u00a0\n"
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "zhang"), NewModel: newPage,
		Exec: func(_ context.Context, _ door.Caller, _ []string, _ io.Reader, out, errs io.Writer) int {
			for _, w := range []io.Writer{out, errs} {
				for i := range len(hostile) { // a byte a write
					if n, err := io.WriteString(w, hostile[i:i+1]); n != 1 || err != nil {
						t.Errorf("wrote %d, %v", n, err)
					}
				}
			}
			return 0
		}})
	c := doortest.Connect(t, addr, key)
	for _, terminal := range []bool{false, true} {
		s, err := c.NewSession()
		must(t, err)
		var out, errs bytes.Buffer
		s.Stdout, s.Stderr = &out, &errs
		want := hostile
		if terminal {
			must(t, s.RequestPty("xterm", 24, 80, nil))
			want = clean
		}
		must(t, s.Run("list"))
		got := strings.ReplaceAll(out.String(), "\r\n", "\n")
		if got != want || strings.ReplaceAll(errs.String(), "\r\n", "\n") != clean {
			t.Errorf("terminal %v: %q and %q", terminal, out.String(), errs.String())
		}
	}
}
