package door

import (
	"context"
	"errors"
	"io"
	"strings"

	"charm.land/ssh"
)

// command carries out one command line without a screen.
func (s *session) command(line string) int {
	run := s.door.cfg.Exec
	if run == nil {
		s.say(errNothing)
		return statusRefused
	}
	if len(line) > maxCommand {
		s.say(errLong)
		return statusUsage
	}
	argv, err := split(line)
	if err != nil {
		s.say(err)
		return statusUsage
	}
	stdin, w := io.Pipe()
	defer func() { _ = stdin.Close() }()
	s.running.Go(func() { s.pump(w) })
	defer context.AfterFunc(s.ctx, func() { _ = w.CloseWithError(context.Cause(s.ctx)) })()

	// Without a terminal the output may be a file, such as a backup's.
	stdout, stderr := io.Writer(s.ch), io.Writer(&plain{w: s.ch.Stderr()})
	if s.term != "" {
		stdout, stderr = &plain{w: ssh.NewPtyWriter(stdout)}, &plain{w: ssh.NewPtyWriter(s.ch.Stderr())}
	}
	return run(s.ctx, s.caller(), argv, stdin, stdout, stderr)
}

// pump carries the client's input to a command. The end of the channel's data
// may be the end of the input, or of the client: only one that still answers
// has said all, so that half of what was sent is not taken for the whole.
func (s *session) pump(w *io.PipeWriter) {
	buf := make([]byte, 32<<10)
	for {
		n, err := s.ch.Read(buf)
		p := buf[:n]
		if s.term != "" {
			p, err = s.cook(p, err)
		}
		if len(p) > 0 {
			if _, e := w.Write(p); e != nil {
				return // the command has ended, or its input was ended for it
			}
		}
		if err == io.EOF {
			if _, e := s.ch.SendRequest("keepalive@openssh.com", true, nil); e != nil {
				err = ErrGone
			}
		}
		if err != nil {
			_ = w.CloseWithError(err)
			return
		}
	}
}

// cook does what a terminal's driver would: the client's is raw. Ctrl-C ends
// the command, Ctrl-D its input, Enter is a new line.
func (s *session) cook(p []byte, err error) ([]byte, error) {
	for i, b := range p {
		switch b {
		case 0x03:
			s.end(ErrInterrupted)
			return p[:i], ErrInterrupted
		case 0x04:
			return p[:i], io.EOF
		case '\r':
			p[i] = '\n'
		}
	}
	return p, err
}

// errQuote is a command line that cannot be divided into words.
var errQuote = errors.New("命令里的引号没有成对 / the command has an unclosed quote")

// split divides a command line into words as a POSIX shell does, with quotes
// and backslashes and without expanding anything. The shell at the client's
// side has removed one layer of quotes already.
func split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	in, quote := false, byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == '\'' && c != '\'', quote == '"' && c != '"' && c != '\\':
			word.WriteByte(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\':
			if i++; i == len(line) {
				return nil, errQuote
			}
			if quote == '"' && !strings.ContainsRune("\"\\$`", rune(line[i])) {
				word.WriteByte('\\')
			}
			word.WriteByte(line[i])
			in = true
		case c == '\'', c == '"':
			quote, in = c, true
		case strings.IndexByte(" \t\r\n", c) >= 0:
			if in {
				words = append(words, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, errQuote
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}
