package control

import (
	"bytes"
	"io"
	"sync"
)

// input is a call's Stdin: what has arrived and was not yet read. It asks for
// more only from within Read, so an unread input stays with its owner.
type input struct {
	grant func(n uint32) error // asks the caller for n bytes more

	mu    sync.Mutex
	moved sync.Cond // arrived, ended or failed
	buf   bytes.Buffer
	open  int // bytes asked for that have not arrived
	err   error
}

func newInput(grant func(uint32) error) *input {
	in := &input{grant: grant}
	in.moved.L = &in.mu
	return in
}

func (in *input) Read(p []byte) (int, error) {
	if err := in.ask(); err != nil {
		return 0, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.buf.Len() == 0 && in.err == nil && len(p) > 0 {
		in.moved.Wait()
	}
	if in.err != nil && (in.err != io.EOF || in.buf.Len() == 0) {
		return 0, in.err
	}
	return in.buf.Read(p)
}

// ask opens the window again as soon as half of it is free. The socket is
// written without the lock: what arrives must never wait for what is sent.
func (in *input) ask() error {
	in.mu.Lock()
	free := maxWindow - in.open - in.buf.Len()
	if in.err != nil || free < maxWindow/2 {
		in.mu.Unlock()
		return nil
	}
	in.open += free
	in.mu.Unlock()
	return in.grant(uint32(free))
}

// arrived takes p over; false means that it was not asked for.
func (in *input) arrived(p []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(p) > in.open {
		return false
	}
	in.open -= len(p)
	if in.err == nil {
		in.buf.Write(p)
		in.moved.Broadcast()
	}
	return true
}

// finish makes Read return err: io.EOF once all is read, any other at once.
// The first error stays, but for the end, which every other overrules.
func (in *input) finish(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err == nil || in.err == io.EOF {
		in.err = err
	}
	if in.err != io.EOF {
		in.buf = bytes.Buffer{}
	}
	in.moved.Broadcast()
}

// output is a call's Stdout or Stderr.
type output struct {
	l    *line
	kind byte
}

func (o output) Write(p []byte) (int, error) {
	for n := 0; n < len(p); {
		part := p[n:min(n+maxChunk, len(p))]
		if err := o.l.send(o.kind, part); err != nil {
			return n, ErrGone
		}
		n += len(part)
	}
	return len(p), nil
}

// returns writes \r\n for every bare \n, as the terminal itself would if it
// were not in raw mode: Bubble Tea counts on it where it does not own the
// terminal.
type returns struct {
	w io.Writer

	mu   sync.Mutex
	last byte
	out  []byte
}

func (r *returns) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = r.out[:0]
	for _, b := range p {
		if b == '\n' && r.last != '\r' {
			r.out = append(r.out, '\r')
		}
		r.out = append(r.out, b)
		r.last = b
	}
	if _, err := r.w.Write(r.out); err != nil {
		return 0, err
	}
	return len(p), nil
}
