package control

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// lines makes JSON lines until n bytes are out, and remembers their hash.
type lines struct {
	n, made int64
	sum     hash.Hash
	given   atomic.Int64
}

func (l *lines) Read(p []byte) (int, error) {
	if l.made >= l.n {
		return 0, io.EOF
	}
	n := 0
	for n+120 < len(p) && l.made < l.n {
		s := fmt.Sprintf("{\"at\":\"2026-11-23T09:12:00+08:00\",\"matters\":[{\"content\":\"第%d件\"}]}\n", l.made)
		n += copy(p[n:], s)
		l.made += int64(len(s))
	}
	l.sum.Write(p[:n])
	l.given.Add(int64(n))
	return n, nil
}

func TestAHundredMegabytesOfInputNeverLieInMemory(t *testing.T) {
	src := &lines{n: 100 << 20, sum: sha256.New()}
	most, got := int64(0), sha256.New()
	path := serve(t, func(_ context.Context, c Call) int {
		buf := make([]byte, 10_000) // unlike the frames
		var taken int64
		for {
			n, err := c.Stdin.Read(buf)
			got.Write(buf[:n])
			taken += int64(n)
			most = max(most, src.given.Load()-taken)
			if err == io.EOF {
				return 0
			}
			if err != nil {
				return 1
			}
		}
	})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	code, err := dial(t, path).Run(t.Context(), Request{Stdin: src})
	runtime.ReadMemStats(&after)
	if code != 0 || err != nil {
		t.Fatalf("code %d, %v", code, err)
	}
	if !bytes.Equal(got.Sum(nil), src.sum.Sum(nil)) {
		t.Error("what arrived is not what was sent")
	}
	if most > maxWindow {
		t.Errorf("%d bytes were under way at once, at most %d", most, maxWindow)
	}
	t.Logf("at most %d KiB under way; the heap's size in use grew by %d KiB", most>>10, (int64(after.HeapSys)-int64(before.HeapSys))>>10)
}

func TestAnInterruptIsNotStuckBehindInputThatNobodyReads(t *testing.T) {
	full := make(chan struct{})
	path := serve(t, func(ctx context.Context, c Call) int {
		_, _ = c.Stdin.Read(make([]byte, 1)) // opens the window and never again
		close(full)
		<-ctx.Done()
		return 3
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-full; cancel() }()
	code, err := dial(t, path).Run(ctx, Request{Stdin: &lines{n: 10 << 20, sum: sha256.New()}})
	if code != 3 || err != nil {
		t.Errorf("code %d, %v", code, err)
	}
}

func TestACallerThatDoesNotReadIsLeftBehindWhenTheServerStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	begun := make(chan struct{})
	stop := start(t, path, Server{Grace: 10 * time.Millisecond, Handle: func(_ context.Context, c Call) int {
		close(begun)
		for {
			if _, err := fmt.Fprintln(c.Stdout, "a very long list"); err != nil {
				return 1
			}
		}
	}})
	pager := make(chan struct{})
	defer close(pager)
	c := dial(t, path)
	go func() {
		_, _ = c.Run(t.Context(), Request{Stdout: writerFunc(func(p []byte) (int, error) { <-pager; return 0, io.ErrClosedPipe })})
	}()
	within(t, "the call", begun)
	stop()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestStoppingEndsTheCallsUnderWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	begun := make(chan struct{})
	stop := start(t, path, Server{Handle: func(ctx context.Context, c Call) int {
		close(begun)
		_, err := io.ReadAll(c.Stdin)
		if err != ErrStopping || context.Cause(ctx) != ErrStopping {
			return 1
		}
		return 8
	}})
	got := make(chan int, 1)
	never, _ := io.Pipe()
	c := dial(t, path)
	go func() {
		code, err := c.Run(t.Context(), Request{Stdin: never})
		if err != nil {
			t.Error(err)
		}
		got <- code
	}()
	within(t, "the call", begun)
	stop()
	if code := within(t, "the caller", got); code != 8 {
		t.Errorf("code %d", code)
	}
}

func TestAHandlerThatNeverEndsIsCountedNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	begun, release := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Server{Grace: 10 * time.Millisecond, Handle: func(context.Context, Call) int {
			close(begun)
			<-release
			return 0
		}}.Serve(ctx, l)
	}()
	c := dial(t, path)
	go func() { _, _ = c.Run(t.Context(), Request{}) }()
	within(t, "the call", begun)
	cancel()
	if err := within(t, "the server", done); err == nil || !strings.Contains(err.Error(), "1 calls") {
		t.Errorf("serve: %v", err)
	}
	close(release)
}

func TestAPanicEndsOneCallWithACodeThatTheLogHasToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	var mu sync.Mutex
	var log bytes.Buffer
	start(t, path, Server{
		Log: slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return log.Write(p)
		}), nil)),
		Handle: func(_ context.Context, c Call) int {
			if c.Args[0] == "boom" {
				panic("13800138000")
			}
			return 0
		},
	})
	code, _, errs := run(t, path, "", "boom")
	if code != codePanic || strings.Contains(errs, "138001") {
		t.Errorf("code %d, said %q", code, errs)
	}
	_, rest, _ := strings.Cut(errs, "(code ")
	id, _, _ := strings.Cut(rest, ")")
	mu.Lock()
	defer mu.Unlock()
	if id == "" || !strings.Contains(log.String(), "code="+id) || strings.Contains(log.String(), "138001") {
		t.Errorf("code %q is not in the log: %s", id, log.String())
	}
	if code, _, _ := run(t, path, "", "list"); code != 0 {
		t.Errorf("the next call: %d", code)
	}
}

func TestOneCallTooManyIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
	start(t, path, Server{Calls: 2, Handle: func(context.Context, Call) int { return 0 }})
	a := dial(t, path)
	dial(t, path)
	if _, err := Dial(path); err != ErrBusy {
		t.Fatalf("third: %v", err)
	}
	if _, err := a.Run(t.Context(), Request{}); err != nil {
		t.Error(err)
	}
}

func TestASilentServerIsNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		if _, err := greet(ours); err != ErrSilent {
			t.Errorf("got %v", err)
		}
	})
}

func TestACallThatIsNotAnsweredEndsAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() { _, _ = io.Copy(io.Discard, theirs) }() // listens, and says nothing
		c := &Client{l: newLine(ours), grace: greetTimeout}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		code, err := c.Run(ctx, Request{})
		if code != codeInterrupted || err != ErrInterrupted {
			t.Errorf("code %d, %v", code, err)
		}
	})
}

func TestAnotherProtocolIsRefusedOnBothSides(t *testing.T) {
	ours, theirs := net.Pipe()
	go func() { _ = newLine(theirs).sendJSON(frameHello, hello{Protocol: protocol + 1}) }()
	if _, err := greet(ours); err != ErrVersion {
		t.Errorf("newer server: %v", err)
	}

	path := serve(t, func(context.Context, Call) int { return 0 })
	c := dial(t, path)
	if err := c.l.sendJSON(frameCall, request{Protocol: protocol + 1}); err != nil {
		t.Fatal(err)
	}
	if r := c.receive(Request{}, nil); r.err != ErrVersion {
		t.Errorf("newer client: %v", r.err)
	}
}

func TestInputThatNobodyAskedForCutsTheLine(t *testing.T) {
	cause := make(chan error, 1)
	path := serve(t, func(ctx context.Context, c Call) int {
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return 0
	})
	c := dial(t, path)
	if err := c.l.sendJSON(frameCall, request{Protocol: protocol}); err != nil {
		t.Fatal(err)
	}
	if err := c.l.send(frameInput, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := within(t, "the call to end", cause); err != ErrGone {
		t.Errorf("cause %v", err)
	}
}

func TestArgumentsBeyondTheLimitAreAnErrorNotAHang(t *testing.T) {
	path := serve(t, func(context.Context, Call) int { return 0 })
	code, err := dial(t, path).Run(t.Context(), Request{Args: []string{strings.Repeat("长", maxCall)}})
	if err == nil || code == 0 {
		t.Errorf("code %d, %v", code, err)
	}
}

func TestNewlinesBecomeWhatARawTerminalNeeds(t *testing.T) {
	var b bytes.Buffer
	w := &returns{w: &b}
	for _, s := range []string{"a\nb\r", "\nc\r\n", "\n"} {
		if n, err := io.WriteString(w, s); n != len(s) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if got := b.String(); got != "a\r\nb\r\nc\r\n\r\n" {
		t.Errorf("%q", got)
	}
}

func frame(kind byte, payload string) []byte {
	b := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	return append(b, payload...)
}

// duplex is a connection that says what the fuzzer made up and takes all.
type duplex struct {
	net.Conn // nil: deadlines are overridden below
	in       *bytes.Reader
}

func (d duplex) Read(p []byte) (int, error)       { return d.in.Read(p) }
func (d duplex) Write(p []byte) (int, error)      { return len(p), nil }
func (d duplex) Close() error                     { return nil }
func (d duplex) SetReadDeadline(time.Time) error  { return nil }
func (d duplex) SetWriteDeadline(time.Time) error { return nil }

func FuzzWhatACallerSends(f *testing.F) {
	call := frame(frameCall, `{"protocol":1,"args":["add","-"],"width":80,"height":24}`)
	f.Add(call)
	f.Add(bytes.Join([][]byte{call, frame(frameInput, "{}\n"), frame(frameEnd, "\x00")}, nil))
	f.Add(bytes.Join([][]byte{call, frame(frameSize, "\xff\xff\xff\xff"), frame(frameInterrupt, "")}, nil))
	f.Add(frame(frameCall, `{"protocol":2}`))
	f.Add([]byte{frameInput, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Server{Log: slog.New(slog.DiscardHandler), Handle: func(ctx context.Context, c Call) int {
			if c.Width < 0 || c.Width > maxSize.Width || c.Height < 0 || c.Height > maxSize.Height {
				t.Errorf("size %d×%d", c.Width, c.Height)
			}
			_, err := io.ReadAll(c.Stdin)
			for s := range c.Resize {
				if s != s.clamp() {
					t.Errorf("size %v", s)
				}
			}
			if context.Cause(ctx) == nil {
				t.Errorf("the caller has gone, and the call goes on: %v", err)
			}
			return 0
		}}
		s.answer(t.Context(), newLine(duplex{in: bytes.NewReader(b)}))
	})
}

func FuzzWhatAServerSends(f *testing.F) {
	f.Add(bytes.Join([][]byte{frame(frameStdout, "412\n"), frame(frameStderr, "!"), frame(frameCredit, "\x00\x00\x10\x00"), frame(frameExit, "\x00\x00\x00\x02")}, nil))
	f.Add(frame(frameCredit, "\xff\xff\xff\xff"))
	f.Add(frame(frameRefused, `{"ZH":"不","EN":"no"}`))
	f.Add(frame(frameExit, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &Client{l: newLine(duplex{in: bytes.NewReader(b)}), grace: greetTimeout}
		code, err := c.Run(t.Context(), Request{Stdin: strings.NewReader("some input")})
		if err != nil && code == 0 {
			t.Errorf("exit code 0 with %v", err)
		}
		if errors.Is(err, io.EOF) {
			t.Errorf("a raw error: %v", err)
		}
	})
}
