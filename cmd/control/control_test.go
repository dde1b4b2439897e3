package control

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits before it calls something hung. It is
// never a verdict on speed.
const patience = 20 * time.Second

// serve answers at a socket in a directory of its own until the test ends, and
// fails the test when it did not stop cleanly.
func serve(t *testing.T, h Handler) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "control.sock")
	start(t, path, Server{Handle: h})
	return path
}

// start is serve at a given place; stop may be called early.
func start(t *testing.T, path string, s Server) (stop func()) {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := within(t, "the server to stop", done); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// within waits for c, and gives up on the test where nothing comes.
func within[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("not reached")
	}
}

func dial(t *testing.T, path string) *Client {
	t.Helper()
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// run is a whole call with text for input and output.
func run(t *testing.T, path, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code, err := dial(t, path).Run(t.Context(), Request{
		Args: args, Dir: "/somewhere", Env: map[string]string{"LANG": "zh_CN.UTF-8", "LD_PRELOAD": "x"},
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs,
	})
	if err != nil {
		t.Fatal(err)
	}
	return code, out.String(), errs.String()
}

func TestACallCarriesArgumentsStreamsAndExitCode(t *testing.T) {
	path := serve(t, func(_ context.Context, c Call) int {
		b, err := io.ReadAll(c.Stdin)
		fmt.Fprintf(c.Stdout, "%q %s %v %v %s", c.Args, c.Dir, c.Environ(), err, b)
		fmt.Fprintf(c.Stderr, "%v %d×%d", c.Terminal, c.Width, c.Height)
		return 3
	})
	code, out, errs := run(t, path, "第一行\n", "add", "-", "", "a b")
	if want := `["add" "-" "" "a b"] /somewhere [LANG=zh_CN.UTF-8] <nil> 第一行` + "\n"; out != want {
		t.Errorf("stdout %q, want %q", out, want)
	}
	if errs != "false 0×0" || code != 3 {
		t.Errorf("stderr %q, code %d", errs, code)
	}
}

func TestALineIsSeenBeforeTheCallEnds(t *testing.T) {
	more := make(chan struct{})
	path := serve(t, func(_ context.Context, c Call) int {
		fmt.Fprintln(c.Stdout, "QA01-26A-0001-K")
		<-more
		return 0
	})
	r, w := io.Pipe()
	done := make(chan int, 1)
	c := dial(t, path)
	go func() {
		code, _ := c.Run(t.Context(), Request{Stdout: w})
		done <- code
	}()
	line, err := bufio.NewReader(r).ReadString('\n') // hangs if the number waits for the end
	if err != nil || line != "QA01-26A-0001-K\n" {
		t.Fatalf("%q, %v", line, err)
	}
	close(more)
	if code := within(t, "the call", done); code != 0 {
		t.Errorf("code %d", code)
	}
}

func TestACommandThatDoesNotReadLeavesTheCallersInputAlone(t *testing.T) {
	path := serve(t, func(context.Context, Call) int { return 0 })
	in := strings.NewReader("the next turn of a shell loop")
	if _, err := dial(t, path).Run(t.Context(), Request{Stdin: in}); err != nil {
		t.Fatal(err)
	}
	if in.Len() != int(in.Size()) {
		t.Errorf("%d bytes of the caller's input were taken", int(in.Size())-in.Len())
	}
}

func TestInputThatBreaksOffIsNotTheEnd(t *testing.T) {
	path := serve(t, func(_ context.Context, c Call) int {
		_, err := io.ReadAll(c.Stdin)
		if errors.Is(err, ErrInput) {
			return 4
		}
		return 0
	})
	broken := io.MultiReader(strings.NewReader(`{"at":`), readerFunc(func([]byte) (int, error) { return 0, io.ErrNoProgress }))
	code, err := dial(t, path).Run(t.Context(), Request{Stdin: broken})
	if code != 4 || err != nil {
		t.Errorf("code %d, %v", code, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestNobodyTakenAndStale(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	if _, err := Dial(path); err != ErrNobody {
		t.Fatalf("nothing there: %v", err)
	}

	// A process died and left its socket.
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(path); err != ErrNobody {
		t.Fatalf("stale: %v", err)
	}

	// The next takes its place.
	stop := start(t, path, Server{Handle: func(_ context.Context, c Call) int { return 7 }})
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", st.Mode(), err)
	}

	// A second one is told, and takes nothing away.
	for range 3 {
		if _, err := Listen(path); !errors.Is(err, ErrTaken) {
			t.Fatalf("second: %v", err)
		}
	}
	if code, _, _ := run(t, path, ""); code != 7 {
		t.Errorf("the first no longer answers: %d", code)
	}

	// It leaves nothing behind.
	stop()
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := Dial(path); err != ErrNobody {
		t.Errorf("after the end: %v", err)
	}
}

func TestOfManyStartedAtOnceOneServes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	var wg sync.WaitGroup
	got := make(chan *Listener, 20)
	for range cap(got) {
		wg.Go(func() {
			l, err := Listen(path)
			if err != nil && !errors.Is(err, ErrTaken) {
				t.Errorf("listen: %v", err)
			}
			if err == nil {
				got <- l
			}
		})
	}
	wg.Wait()
	if len(got) != 1 {
		t.Errorf("%d serve", len(got))
	}
	for range len(got) {
		_ = (<-got).Close()
	}
}

func TestAFileInTheWayAndAnOpenDirectoryAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	if err := os.WriteFile(path, []byte("someone's notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path); !errors.Is(err, ErrPath) {
		t.Errorf("file in the way: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || len(b) == 0 {
		t.Errorf("the file is gone: %v", err)
	}
	open := t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(filepath.Join(open, "control.sock")); !errors.Is(err, ErrPath) {
		t.Errorf("open directory: %v", err)
	}
}
