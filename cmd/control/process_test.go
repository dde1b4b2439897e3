package control

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// The test program plays both sides as processes of their own, which can be
// killed: CONTROL_TEST says which.
func TestMain(m *testing.M) {
	switch role, path := os.Getenv("CONTROL_TEST"), os.Getenv("CONTROL_PATH"); role {
	case "":
		os.Exit(m.Run())
	case "server":
		l, err := Listen(path)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		_ = Server{Handle: playServer}.Serve(context.Background(), l)
	case "client", "screen":
		os.Exit(playClient(path, role == "screen"))
	}
}

// playServer knows two commands: "screen" shows one, any other says "here"
// and then waits for the end of its input.
func playServer(ctx context.Context, c Call) int {
	if len(c.Args) > 0 && c.Args[0] == "screen" {
		return showScreen(ctx, c)
	}
	fmt.Fprintln(c.Stdout, "here")
	_, _ = io.Copy(io.Discard, c.Stdin)
	return 5
}

func playClient(path string, screen bool) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	c, err := Dial(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	q := Request{Env: Vars(os.Environ()), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Terminal: screen}
	if screen {
		q.Args = []string{"screen"}
	}
	code, err := c.Run(ctx, q)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code
}

// showScreen is what the living process does for a caller with a terminal.
func showScreen(ctx context.Context, c Call) int {
	p := tea.NewProgram(card{}, tea.WithContext(ctx), tea.WithInput(c.Stdin), tea.WithOutput(c.Stdout),
		tea.WithEnvironment(c.Environ()), tea.WithWindowSize(c.Width, c.Height), tea.WithoutSignalHandler())
	go func() {
		for s := range c.Resize {
			p.Send(tea.WindowSizeMsg{Width: s.Width, Height: s.Height})
		}
	}()
	if _, err := p.Run(); err != nil {
		return 1
	}
	return 0
}

// card shows its size and what was typed; q quits.
type card struct {
	size  tea.WindowSizeMsg
	typed string
}

func (m card) Init() tea.Cmd { return nil }

func (m card) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = msg
	case tea.KeyPressMsg:
		if msg.Text == "q" {
			return m, tea.Quit
		}
		m.typed += msg.Text
	}
	return m, nil
}

func (m card) View() tea.View {
	v := tea.NewView(fmt.Sprintf("size=%dx%d\ntyped=%s.", m.size.Width, m.size.Height, m.typed))
	v.AltScreen = true
	return v
}

// player is this program in one of the roles.
func player(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CONTROL_TEST="+role, "CONTROL_PATH="+path, "TERM=xterm-256color")
	t.Cleanup(func() {
		if cmd.Process != nil {
			_ = cmd.Process.Kill()
		}
	})
	return cmd
}

// startServer starts a server process and waits until it answers.
func startServer(t *testing.T) (cmd *exec.Cmd, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "control.sock")
	cmd = player(t, "server", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("server: %q, %v", line, err)
	}
	return cmd, path
}

func TestAKilledCallerEndsItsCallAndHalfALineIsNoLine(t *testing.T) {
	lines, ended := make(chan string, 8), make(chan error, 2)
	path := serve(t, func(ctx context.Context, c Call) int {
		in := bufio.NewScanner(c.Stdin)
		for in.Scan() {
			lines <- in.Text()
		}
		ended <- in.Err()
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return 0
	})
	cmd := player(t, "client", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "whole\n"); err != nil {
		t.Fatal(err)
	}
	if got := within(t, "the first line", lines); got != "whole" {
		t.Errorf("got %q", got)
	}
	if _, err := io.WriteString(in, `{"half":`); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := within(t, "the input's error", ended); !errors.Is(err, ErrGone) {
		t.Errorf("input ended with %v", err)
	}
	if err := within(t, "the context", ended); !errors.Is(err, ErrGone) {
		t.Errorf("context ended with %v", err)
	}
	// Scanner hands out an unfinished line even when reading failed, so a
	// handler must look at Err: what matters is that it is there.
	for len(lines) > 0 {
		if l := <-lines; l == "whole" {
			t.Errorf("a line came twice: %q", l)
		}
	}
}

func TestWhenTheServerIsKilledTheCallerSaysSoAndFails(t *testing.T) {
	server, path := startServer(t)
	cmd := player(t, "client", path)
	in, err := cmd.StdinPipe() // never closed: a caller that waits
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "here\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = server.Wait()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var exit *exec.ExitError
	if err := within(t, "the caller", done); !errors.As(err, &exit) || exit.ExitCode() != codeFailed {
		t.Errorf("caller: %v", err)
	}
	if got := errs.String(); !strings.Contains(got, ErrLost.ZH) || !strings.Contains(got, ErrLost.EN) {
		t.Errorf("said %q", got)
	}

	// What the killed server left does not keep the next from serving.
	start(t, path, Server{Handle: func(context.Context, Call) int { return 6 }})
	if code, _, _ := run(t, path, ""); code != 6 {
		t.Errorf("next server: %d", code)
	}
}

func TestCtrlCEndsTheCallOnTheServer(t *testing.T) {
	path := serve(t, func(ctx context.Context, c Call) int {
		fmt.Fprintln(c.Stdout, "here")
		_, err := io.ReadAll(c.Stdin)
		if !errors.Is(err, ErrInterrupted) || context.Cause(ctx) != ErrInterrupted {
			return 1
		}
		fmt.Fprintln(c.Stdout, "2 saved") // an interrupted call may still have its say
		return 130
	})
	cmd := player(t, "client", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	if line, err := out.ReadString('\n'); line != "here\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if line, err := out.ReadString('\n'); line != "2 saved\n" {
		t.Errorf("%q, %v", line, err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("caller: %v", err)
	}
}

func TestOnlyTheOwnerAndRootAreLetIn(t *testing.T) {
	for _, c := range []struct {
		uid, own int
		want     bool
	}{{1000, 1000, true}, {0, 1000, true}, {0, 0, true}, {1001, 1000, false}, {1000, 0, false}, {65534, 0, false}} {
		if got := welcome(c.uid, c.own); got != c.want {
			t.Errorf("welcome(%d, %d) = %v", c.uid, c.own, got)
		}
	}
}
