package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"

	"github.com/muesli/cancelreader"
	"golang.org/x/sys/unix"
)

// A Client is a line to the living process. It carries one call.
type Client struct {
	l     *line
	pid   int
	grace time.Duration // for the server's answer to an interrupt
}

// Exit codes of calls that the server did not answer.
const (
	codeFailed      = 1
	codeInterrupted = 130 // 128 + SIGINT, as shells have it
)

// Dial looks for the process that serves path. It returns ErrNobody when
// there is none, ErrForbidden when it belongs to someone else, ErrSilent when
// it does not greet within five seconds, ErrBusy and ErrVersion. Run must
// follow within a minute, or Close.
func Dial(path string) (*Client, error) {
	addr, done, err := address(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNobody
	}
	if err != nil {
		return nil, err
	}
	defer done()
	c, err := net.DialTimeout("unix", addr, greetTimeout)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.ENOTDIR):
		return nil, ErrNobody
	case errors.Is(err, fs.ErrPermission):
		return nil, ErrForbidden
	case err != nil:
		return nil, fmt.Errorf("control socket: %w", err)
	}
	cl, err := greet(c)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return cl, nil
}

func greet(c net.Conn) (*Client, error) {
	cl := &Client{l: newLine(c), grace: greetTimeout}
	_ = c.SetReadDeadline(time.Now().Add(greetTimeout))
	kind, p, err := cl.l.next()
	var h hello
	switch {
	case err == io.EOF || errors.Is(err, unix.ECONNRESET):
		return nil, ErrNobody // it was just leaving
	case err != nil:
		return nil, ErrSilent
	case kind == frameRefused:
		return nil, refusal(p)
	case kind != frameHello || json.Unmarshal(p, &h) != nil || h.Protocol != protocol:
		return nil, ErrVersion
	}
	cl.pid = h.PID
	return cl, c.SetReadDeadline(time.Time{})
}

// refusal gives a known refusal its identity back, for errors.Is.
func refusal(p []byte) error {
	var e Error
	if json.Unmarshal(p, &e) != nil || e == (Error{}) {
		return ErrVersion
	}
	for _, known := range []*Error{ErrForbidden, ErrBusy, ErrVersion} {
		if e == *known {
			return known
		}
	}
	return &e
}

// PID is the living process, to be named to a person.
func (c *Client) PID() int { return c.pid }

// Close hangs up. After Run it does nothing.
func (c *Client) Close() error { return c.l.Close() }

// A Request is a call as its caller makes it.
type Request struct {
	Args []string          // without the program's name
	Dir  string            // the working directory
	Env  map[string]string // see Vars

	// Stdin is read only when the server asks; nil is empty. A read that is
	// under way when the call ends is given up where Stdin is a terminal, a
	// pipe or a socket, and outlives the call otherwise.
	Stdin          io.Reader
	Stdout, Stderr io.Writer // nil: discarded

	// Terminal asks for a screen: Stdin and Stdout must be terminals. They are
	// put in raw mode for the call and given back as they were, also when
	// the server dies with its screen still drawn.
	Terminal bool
}

// Run has the call carried out and returns its exit code. When ctx ends, the
// server is told to interrupt the call and its answer is awaited for five
// seconds. Every error is a sentence for a person, with a code that is not 0.
// Signals are the caller's: have SIGINT, SIGTERM and SIGHUP end ctx.
func (c *Client) Run(ctx context.Context, q Request) (code int, err error) {
	defer func() { _ = c.l.Close() }()
	if q.Stdout == nil {
		q.Stdout = io.Discard
	}
	if q.Stderr == nil {
		q.Stderr = io.Discard
	}
	t, err := openTerminal(q)
	if err != nil {
		return codeFailed, err
	}
	size := t.size()
	err = c.l.sendJSON(frameCall, request{protocol, q.Args, q.Dir, allowed(q.Env), q.Terminal, size.Width, size.Height})
	if err != nil {
		t.restore(true)
		return codeFailed, ErrLost
	}
	code, err = c.converse(ctx, q, t)
	t.restore(err == nil)
	return code, err
}

type result struct {
	code int
	err  error
}

// converse carries the streams until the server's answer, or until it gives up.
func (c *Client) converse(ctx context.Context, q Request, t *terminal) (int, error) {
	var wg sync.WaitGroup
	defer wg.Wait()
	up, stopUp := newPump(c.l, q.Stdin)
	answer := make(chan result, 1)
	go func() { answer <- c.receive(q, up) }() // may hang in a pager that does not read
	if up.cancelable {
		wg.Go(up.run)
	} else {
		go up.run()
	}
	defer stopUp()
	stopSize := t.watch(func(s Size) { _ = c.l.sendSize(s) })
	defer stopSize()

	select {
	case r := <-answer:
		return r.code, r.err
	case <-ctx.Done():
	}
	_ = c.l.SetWriteDeadline(time.Now().Add(c.grace))
	_ = c.l.send(frameInterrupt, nil)
	select {
	case r := <-answer:
		return r.code, r.err
	case <-time.After(c.grace):
		_ = c.l.Close()
		return codeInterrupted, ErrInterrupted
	}
}

// receive passes on what the server sends, up to its exit code.
func (c *Client) receive(q Request, up *pump) result {
	for {
		kind, p, err := c.l.next()
		if err != nil {
			return result{codeFailed, ErrLost}
		}
		switch kind {
		case frameStdout:
			_, err = q.Stdout.Write(p)
		case frameStderr:
			_, err = q.Stderr.Write(p)
		case frameCredit:
			if n, ok := getUint32(p); !ok || !up.wanted(n) {
				return result{codeFailed, ErrVersion}
			}
		case frameExit:
			n, ok := getUint32(p)
			if !ok {
				return result{codeFailed, ErrVersion}
			}
			if n > 255 { // the shell would keep the low byte: 256 would be success
				n = codeFailed
			}
			return result{int(n), nil}
		case frameRefused:
			return result{codeFailed, refusal(p)}
		default:
			return result{codeFailed, ErrVersion}
		}
		if err != nil {
			e := &Error{"输出写不出去,命令已停止", "the output cannot be written; the command was stopped"}
			return result{codeFailed, fmt.Errorf("%w: %w", e, err)}
		}
	}
}

// pump carries the caller's input up, as much as the server asks for.
type pump struct {
	l          *line
	r          io.Reader
	cancelable bool

	mu     sync.Mutex
	moved  sync.Cond
	credit int
	closed bool
}

// newPump prepares the pump; stop ends its run, if r allows, and must be
// called before waiting for it.
func newPump(l *line, r io.Reader) (p *pump, stop func()) {
	p = &pump{l: l, r: r}
	p.moved.L = &p.mu
	shut := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.closed = true
		p.moved.Broadcast()
		_ = l.Close() // a send that the server does not take
	}
	f, ok := r.(*os.File)
	if !ok {
		p.cancelable = r == nil
		return p, shut
	}
	cr, err := cancelReader(f)
	if err != nil {
		p.cancelable = true
		return p, shut
	}
	p.r, p.cancelable = cr, true
	return p, func() { shut(); cr.Cancel() }
}

// cancelReader makes a wait for f's next bytes end with Cancel. It returns an
// error where there is no such wait: a plain file, /dev/null.
func cancelReader(f *os.File) (cancelreader.CancelReader, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	return cancelreader.NewReader(f)
}

// wanted adds n bytes of credit; false if the server asks for too much.
func (p *pump) wanted(n uint32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n > maxWindow || p.credit+int(n) > maxWindow {
		return false
	}
	p.credit += int(n)
	p.moved.Broadcast()
	return true
}

// take waits for credit and returns it; 0 when the call is over.
func (p *pump) take() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.credit == 0 && !p.closed {
		p.moved.Wait()
	}
	if p.closed {
		return 0
	}
	return p.credit
}

func (p *pump) spend(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.credit -= n
}

func (p *pump) run() {
	if cr, ok := p.r.(cancelreader.CancelReader); ok {
		defer func() { _ = cr.Close() }()
	}
	buf := make([]byte, maxChunk)
	for {
		credit := p.take()
		if credit == 0 {
			return
		}
		var n int
		err := io.EOF
		if p.r != nil {
			n, err = p.r.Read(buf[:min(credit, len(buf))])
		}
		if n > 0 {
			p.spend(n)
			if p.l.send(frameInput, buf[:n]) != nil {
				return // the server's last word is read elsewhere
			}
		}
		if err != nil {
			end := byte(0)
			if err != io.EOF {
				end = 1
			}
			_ = p.l.send(frameEnd, []byte{end})
			return
		}
	}
}
