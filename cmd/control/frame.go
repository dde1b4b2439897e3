package control

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// protocol is raised when an older program would misunderstand a newer one.
const protocol = 1

// The kinds of frame. Lower case goes up to the server, upper case down.
const (
	frameCall      = 'c' // JSON: request
	frameInput     = 'i' // bytes
	frameEnd       = 'e' // one byte: 0 the end, 1 broken off
	frameSize      = 'w' // width, height: two big-endian uint16
	frameInterrupt = 'x' // empty

	frameHello   = 'H' // JSON: hello
	frameRefused = 'N' // JSON: Error
	frameStdout  = 'O' // bytes
	frameStderr  = 'R' // bytes
	frameCredit  = 'C' // big-endian uint32: bytes of input now wanted in addition
	frameExit    = 'Q' // big-endian uint32: the exit code
)

const (
	maxChunk  = 32 << 10  // bytes of a stream in one frame
	maxWindow = 256 << 10 // bytes of input asked for and not yet read
	maxCall   = 1 << 20   // bytes of a call: its arguments, mostly
	header    = 5
)

// limit is the longest payload of a frame of that kind; ok is false for a
// kind that nobody sends.
func limit(kind byte) (n int, ok bool) {
	switch kind {
	case frameCall:
		return maxCall, true
	case frameInput, frameStdout, frameStderr:
		return maxChunk, true
	case frameHello, frameRefused:
		return 4 << 10, true
	case frameSize, frameCredit, frameExit:
		return 4, true
	case frameEnd:
		return 1, true
	case frameInterrupt:
		return 0, true
	}
	return 0, false
}

type hello struct {
	Protocol int `json:"protocol"`
	PID      int `json:"pid"`
}

type request struct {
	Protocol int               `json:"protocol"`
	Args     []string          `json:"args"`
	Dir      string            `json:"dir"`
	Env      map[string]string `json:"env"`
	Terminal bool              `json:"terminal"`
	Width    int               `json:"width"`
	Height   int               `json:"height"`
}

// A line is one end of the connection. Reading belongs to one goroutine;
// sending is safe from several.
type line struct {
	net.Conn
	in *bufio.Reader
	p  []byte // the payload last read

	mu  sync.Mutex
	out []byte
}

func newLine(c net.Conn) *line { return &line{Conn: c, in: bufio.NewReaderSize(c, maxChunk+header)} }

// next reads one frame. The payload is valid until the following call. A
// frame that breaks off is io.ErrUnexpectedEOF, an end between two io.EOF.
func (l *line) next() (kind byte, payload []byte, err error) {
	var h [header]byte
	if _, err := io.ReadFull(l.in, h[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(h[1:])
	most, ok := limit(h[0])
	if !ok {
		return 0, nil, fmt.Errorf("frame of unknown kind %q", h[0])
	}
	if uint64(n) > uint64(most) {
		return 0, nil, fmt.Errorf("frame %q of %d bytes, at most %d", h[0], n, most)
	}
	if cap(l.p) < int(n) {
		l.p = make([]byte, n)
	}
	l.p = l.p[:n]
	if _, err := io.ReadFull(l.in, l.p); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	return h[0], l.p, nil
}

// send writes one frame in one Write.
func (l *line) send(kind byte, payload []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = append(l.out[:0], kind)
	l.out = binary.BigEndian.AppendUint32(l.out, uint32(len(payload)))
	l.out = append(l.out, payload...)
	_, err := l.Write(l.out)
	return err
}

func (l *line) sendUint32(kind byte, v uint32) error {
	return l.send(kind, binary.BigEndian.AppendUint32(nil, v))
}

func (l *line) sendSize(s Size) error {
	s = s.clamp()
	return l.sendUint32(frameSize, uint32(s.Width)<<16|uint32(s.Height))
}

func (l *line) sendJSON(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if most, _ := limit(kind); len(b) > most {
		return fmt.Errorf("frame %q of %d bytes, at most %d", kind, len(b), most)
	}
	return l.send(kind, b)
}

// refuse tells the other end why, and does not wait for it to listen.
func (l *line) refuse(e *Error) {
	_ = l.SetWriteDeadline(time.Now().Add(time.Second))
	_ = l.sendJSON(frameRefused, e)
}

func getUint32(p []byte) (uint32, bool) {
	if len(p) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(p), true
}

func getSize(p []byte) (Size, bool) {
	v, ok := getUint32(p)
	return Size{int(v >> 16), int(v & 0xffff)}.clamp(), ok
}
