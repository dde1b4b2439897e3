package control

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// A Handler carries out one call and returns its exit code. The context ends
// when the caller interrupts, vanishes, or the server stops; context.Cause
// tells which.
type Handler func(ctx context.Context, c Call) int

// A Server answers calls. Nil fields have defaults.
type Server struct {
	Handle Handler
	Log    *slog.Logger  // default: none
	Calls  int           // at once; default 64
	Grace  time.Duration // for calls under way at the end; default 5 s
}

const (
	greetTimeout = 5 * time.Second // the server's greeting, the caller's farewell
	callTimeout  = time.Minute     // from greeting to call
	codePanic    = 70              // EX_SOFTWARE of sysexits.h
)

// Serve is Listen and then Server.Serve with the defaults.
func Serve(ctx context.Context, path string, handle func(ctx context.Context, c Call) int) error {
	l, err := Listen(path)
	if err != nil {
		return err
	}
	return Server{Handle: handle}.Serve(ctx, l)
}

// Serve answers calls until ctx is done and closes l. Then the calls under
// way are told (their context ends) and waited for: those that do not end
// within the grace lose their line, and those that even then do not end are
// left and counted in the error. It returns nil after a clean stop.
func (s Server) Serve(ctx context.Context, l *Listener) error {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Calls == 0 {
		s.Calls = 64
	}
	if s.Grace == 0 {
		s.Grace = 5 * time.Second
	}
	defer func() { _ = l.Close() }()
	defer context.AfterFunc(ctx, l.withdraw)()

	calls, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	r := &room{slots: make(chan struct{}, s.Calls), lines: map[*line]struct{}{}}
	err := s.accept(calls, l, r)
	if ctx.Err() != nil {
		err = nil
	}
	stop(ErrStopping)
	return errors.Join(err, r.leave(s.Grace))
}

// accept answers each caller in a goroutine of its own, held by r.
func (s Server) accept(ctx context.Context, l *Listener, r *room) error {
	var pause time.Duration
	for {
		c, err := l.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("control socket: %w", err)
		}
		if err != nil { // out of descriptors, mostly: others will be given back
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.Log.Warn("control: accept", "error", err)
			time.Sleep(pause)
			continue
		}
		pause = 0
		ln := newLine(c)
		if e := admit(c, r); e != nil {
			s.Log.Warn("control: refused", "reason", e.EN)
			ln.refuse(e)
			_ = c.Close()
			continue
		}
		r.enter(ln, func() { s.answer(ctx, ln) })
	}
}

// admit lets in the owner of this process and root, and takes a slot.
func admit(c *net.UnixConn, r *room) *Error {
	uid, err := peer(c)
	if err != nil || !welcome(uid, os.Geteuid()) {
		return ErrForbidden
	}
	select {
	case r.slots <- struct{}{}:
		return nil
	default:
		return ErrBusy
	}
}

// welcome says whether account uid may give orders to a process of account own.
func welcome(uid, own int) bool { return uid == 0 || uid == own }

// room holds the calls under way.
type room struct {
	slots chan struct{}
	wg    sync.WaitGroup
	mu    sync.Mutex
	lines map[*line]struct{}
}

func (r *room) enter(l *line, f func()) {
	r.mu.Lock()
	r.lines[l] = struct{}{}
	r.mu.Unlock()
	r.wg.Go(func() {
		defer func() {
			_ = l.Close()
			r.mu.Lock()
			delete(r.lines, l)
			r.mu.Unlock()
			<-r.slots
		}()
		f()
	})
}

// leave waits for the calls to end, cuts those that do not, and waits again.
func (r *room) leave(grace time.Duration) error {
	done := make(chan struct{})
	go func() { r.wg.Wait(); close(done) }()
	for range 2 {
		select {
		case <-done:
			return nil
		case <-time.After(grace):
		}
		r.mu.Lock()
		for l := range r.lines {
			_ = l.Close()
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Errorf("%d calls did not end", len(r.lines))
}

// answer carries out one call.
func (s Server) answer(ctx context.Context, l *line) {
	if l.sendJSON(frameHello, hello{protocol, os.Getpid()}) != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = l.SetReadDeadline(time.Now()) })
	_ = l.SetReadDeadline(time.Now().Add(callTimeout))
	kind, p, err := l.next()
	if !stop() || err != nil || kind != frameCall {
		return // looked whether somebody lives, and left
	}
	var q request
	if err := json.Unmarshal(p, &q); err != nil || q.Protocol != protocol {
		l.refuse(ErrVersion)
		return
	}
	_ = l.SetReadDeadline(time.Time{})
	s.carryOut(ctx, l, q)
}

// carryOut runs the handler while a second goroutine listens to the caller.
func (s Server) carryOut(ctx context.Context, l *line, q request) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	in := newInput(func(n uint32) error {
		if l.sendUint32(frameCredit, n) != nil {
			return ErrGone
		}
		return nil
	})
	defer context.AfterFunc(ctx, func() { in.finish(context.Cause(ctx)) })()
	resize := make(chan Size, 1)

	heard := make(chan struct{})
	go func() {
		defer close(heard)
		defer close(resize)
		cancel(hear(l, in, resize, cancel))
	}()

	size := Size{q.Width, q.Height}.clamp()
	c := Call{
		Args: q.Args, Dir: q.Dir, Env: allowed(q.Env), Stdin: in,
		Stdout: output{l, frameStdout}, Stderr: output{l, frameStderr},
		Terminal: q.Terminal, Width: size.Width, Height: size.Height, Resize: resize,
	}
	if c.Terminal {
		c.Stdout, c.Stderr = &returns{w: c.Stdout}, &returns{w: c.Stderr}
	}
	code := s.guard(ctx, c)
	in.finish(io.ErrClosedPipe)
	if l.sendUint32(frameExit, uint32(code)) == nil {
		_ = l.SetReadDeadline(time.Now().Add(greetTimeout)) // the caller hangs up first
	} else {
		_ = l.Close()
	}
	<-heard
}

// guard keeps a panic of one call from the others. The caller sees a code
// that the log carries too.
func (s Server) guard(ctx context.Context, c Call) (code int) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		id := rand.Text()[:6]
		what := fmt.Sprintf("%T", v) // the value may hold what was typed, unless it is the runtime's
		if e, ok := v.(runtime.Error); ok {
			what = e.Error()
		}
		s.Log.Error("control: panic in a call", "code", id, "panic", what, "stack", string(debug.Stack()))
		if c.Terminal {
			_, _ = io.WriteString(c.Stdout, LeaveScreen)
		}
		e := Error{"程序内部出错,这条命令没有做完(代码 " + id + ")", "internal error, the command is unfinished (code " + id + ")"}
		_, _ = fmt.Fprintln(c.Stderr, e.Error())
		code = codePanic
	}()
	return s.Handle(ctx, c)
}

// hear takes in what the caller sends, until its line ends, and returns why.
// Nothing in here waits for the handler.
func hear(l *line, in *input, resize chan Size, cancel context.CancelCauseFunc) error {
	for {
		kind, p, err := l.next()
		if err != nil {
			return ErrGone
		}
		ok := true
		switch kind {
		case frameInput:
			ok = in.arrived(p)
		case frameEnd:
			if ok = len(p) == 1; ok && p[0] == 0 {
				in.finish(io.EOF)
			} else {
				in.finish(ErrInput)
			}
		case frameSize:
			var size Size
			if size, ok = getSize(p); ok {
				newest(resize, size)
			}
		case frameInterrupt:
			cancel(ErrInterrupted)
		default:
			ok = false
		}
		if !ok {
			_ = l.Close()
			return ErrGone
		}
	}
}

// newest puts s into c in place of what lies there. It is c's only sender.
func newest(c chan Size, s Size) {
	select {
	case <-c:
	default:
	}
	c <- s
}
