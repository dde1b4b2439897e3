package door

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"
)

// Limits on what a session may say about itself.
const (
	maxTerm    = 64       // bytes of a terminal's name
	maxEnv     = 16       // variables
	maxValue   = 256      // bytes of a variable's value
	maxCommand = 32 << 10 // bytes of a command line; longer input goes to stdin
)

// variables that a client may set: those that describe its terminal and its
// language.
var variables = []string{
	"COLORTERM", "COLORFGBG", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES",
	"NO_COLOR", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "WT_SESSION",
}

// cutOff is how long a session that was asked to end may take, its client's
// reading included, before its connection is closed under it.
const cutOff = 3 * time.Second

// Exit statuses that the door itself gives.
const (
	statusRefused = 1
	statusUsage   = 2
	statusCrash   = 70 // EX_SOFTWARE of sysexits.h
)

// A session is one channel of a connection: what it asked for, then what runs.
type session struct {
	door    *Door
	visitor *visitor
	ch      gossh.Channel
	info    Info
	key     string // the fingerprint of the key that authenticated

	term   string // empty: no terminal
	size   tea.WindowSizeMsg
	env    []string
	resize chan tea.WindowSizeMsg // newest only

	ctx     context.Context
	cancel  context.CancelCauseFunc
	ended   sync.Once
	late    *time.Timer // closes the connection under a session that does not end
	running sync.WaitGroup
}

// session serves one channel from its opening to its close. It is the
// ssh.ChannelHandler of "session".
func (d *Door) session(_ *ssh.Server, conn *gossh.ServerConn, nc gossh.NewChannel, ctx ssh.Context) {
	v := visitorOf(ctx)
	key, ok := ctx.Value(ssh.ContextKeyPublicKey).(gossh.PublicKey) // the one that authenticated
	if v == nil || !ok {
		_ = nc.Reject(gossh.Prohibited, "permission denied")
		return
	}
	if !v.takeSlot() {
		_ = nc.Reject(gossh.ResourceShortage, "too many sessions on this connection")
		return
	}
	defer v.giveSlot()
	ch, requests, err := nc.Accept()
	if err != nil {
		return
	}
	s := &session{
		door: d, visitor: v, ch: ch, key: gossh.FingerprintSHA256(key), resize: make(chan tea.WindowSizeMsg, 1),
		info: Info{ID: rand.Text()[:8], Remote: conn.RemoteAddr().String(), Since: time.Now()},
	}
	s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx)) // end alone ends it, and says why
	defer s.cancel(nil)
	s.converse(requests)
}

// converse answers the client's requests until the channel closes, then sees
// to it that what runs ends. Nothing in here waits for what runs: the whole
// connection would.
func (s *session) converse(requests <-chan *gossh.Request) {
	started := false
	for r := range requests {
		ok := false
		switch {
		case r.Type == "window-change":
			ok = s.windowChange(r.Payload)
		case r.Type == "signal":
			s.signal(r.Payload)
		case started:
		case r.Type == "pty-req":
			ok = s.terminal(r.Payload)
		case r.Type == "env":
			ok = s.setenv(r.Payload)
		case r.Type == "shell", r.Type == "exec":
			var line struct{ Command string }
			if ok = r.Type == "shell" || gossh.Unmarshal(r.Payload, &line) == nil; ok {
				started = true
				_ = r.Reply(true, nil)
				s.start(line.Command)
				continue
			}
		}
		_ = r.Reply(ok, nil)
	}
	s.end(ErrGone)
	s.running.Wait()
	s.late.Stop()
}

// end asks what runs to end, and closes the connection when it does not.
func (s *session) end(why error) {
	s.ended.Do(func() {
		s.late = time.AfterFunc(cutOff, func() { _ = s.visitor.Close() })
		s.cancel(why)
	})
}

// clamp makes a window's size one that can be afforded. Zero is what a client
// without a window says.
func (s *session) clamp(w, h uint32) tea.WindowSizeMsg {
	l := s.door.cfg.Limits
	if w == 0 || h == 0 {
		w, h = 80, 24
	}
	return tea.WindowSizeMsg{Width: int(min(w, uint32(l.Width))), Height: int(min(h, uint32(l.Height)))}
}

// terminal takes a pty-req (RFC 4254, 6.2). There is no pty: the client's
// terminal is raw, and programs here know what it needs.
func (s *session) terminal(payload []byte) bool {
	var m struct {
		Term         string
		W, H, PW, PH uint32
		Modes        string
	}
	if gossh.Unmarshal(payload, &m) != nil || s.term != "" || m.Term == "" || len(m.Term) > maxTerm || !printable(m.Term) {
		return false
	}
	s.term, s.size = m.Term, s.clamp(m.W, m.H)
	return true
}

// windowChange keeps the newest size only.
func (s *session) windowChange(payload []byte) bool {
	var m struct{ W, H, PW, PH uint32 }
	if s.term == "" || gossh.Unmarshal(payload, &m) != nil {
		return false
	}
	select {
	case <-s.resize:
	default:
	}
	s.resize <- s.clamp(m.W, m.H)
	return true
}

// setenv takes the variables that are known and harmless.
func (s *session) setenv(payload []byte) bool {
	var m struct{ Key, Value string }
	if gossh.Unmarshal(payload, &m) != nil || len(s.env) >= maxEnv || !slices.Contains(variables, m.Key) ||
		len(m.Value) > maxValue || !printable(m.Value) {
		return false
	}
	s.env = append(s.env, m.Key+"="+m.Value)
	return true
}

// signal ends a command as a terminal's Ctrl-C would.
func (s *session) signal(payload []byte) {
	var m struct{ Name string }
	if gossh.Unmarshal(payload, &m) == nil && s.info.Kind == KindCommand && (m.Name == "INT" || m.Name == "TERM" || m.Name == "HUP") {
		s.end(ErrInterrupted)
	}
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}

// start decides who it is and what was asked for, and runs it.
func (s *session) start(line string) {
	s.info.Kind = KindScreen
	if strings.TrimSpace(line) != "" {
		s.info.Kind = KindCommand
	}
	user, known := s.door.cfg.Lookup(s.key) // once more: the person may have been removed
	s.info.User = user
	s.running.Go(func() {
		status := statusRefused
		if known {
			status = s.run(line)
		} else {
			s.door.cfg.Log.Warn("door: key is no longer known", "remote", s.info.Remote, "key", short(s.key))
			s.say(errRefused)
		}
		if status < 0 || status > 255 { // the client's shell would keep the low byte: 256 would be success
			status = statusRefused
		}
		_, _ = s.ch.SendRequest("exit-status", false, gossh.Marshal(struct{ Status uint32 }{uint32(status)}))
		_ = s.ch.Close()
	})
}

// What the door itself says to a person.
var (
	errRefused  = errors.New("这把钥匙已不能使用,请联系站长 / this key is no longer accepted, please ask the head of the station")
	errTerminal = errors.New("需要终端:请用 ssh -t,或写上命令 / a terminal is needed: use ssh -t, or name a command")
	errNothing  = errors.New("这里没有开放这项功能 / this is not offered here")
	errLong     = errors.New("命令太长,较长的内容请走标准输入 / the command is too long, send long text on standard input")
)

// say writes a sentence to the client, outside of any screen.
func (s *session) say(err error) {
	_, _ = fmt.Fprintf(s.ch.Stderr(), "%s\r\n", err)
}

// run carries out what was asked for, and returns the exit status.
func (s *session) run(line string) (status int) {
	d := s.door
	if !d.register(s) {
		s.say(ErrStopping)
		return statusRefused
	}
	defer d.forget(s)
	log := d.cfg.Log.With("session", s.info.ID, "user", s.info.User, "remote", s.info.Remote, "key", short(s.key))
	log.Info("door: in", "kind", s.info.Kind)
	defer func() {
		if v := recover(); v != nil {
			c := (&watch{log: log}).note(v)
			s.say(c)
			status = statusCrash
		}
		log.Info("door: out", "status", status, "after", time.Since(s.info.Since).Round(time.Second))
	}()
	// From the connection's beginning: at its end the server cuts it.
	expire := time.AfterFunc(time.Until(s.visitor.since.Add(d.cfg.Limits.Session)), func() { s.end(ErrExpired) })
	defer expire.Stop()
	if s.info.Kind == KindCommand {
		return s.command(line)
	}
	return s.screen(log)
}

func (s *session) caller() Caller {
	return Caller{Session: s.info.ID, User: s.info.User, Remote: s.info.Remote, SSH: true,
		Width: s.size.Width, Height: s.size.Height, Env: append(slices.Clone(s.env), "TERM="+s.term), Life: s.ctx}
}

// screen shows a model until it quits or the session is ended.
func (s *session) screen(log *slog.Logger) int {
	cfg := s.door.cfg
	switch {
	case cfg.NewModel == nil:
		s.say(errNothing)
		return statusRefused
	case s.term == "":
		s.say(errTerminal)
		return statusUsage
	}
	idle := time.AfterFunc(cfg.Limits.Idle, func() { s.end(ErrIdle) })
	defer idle.Stop()
	c := s.caller()
	err := Screen{
		Model: cfg.NewModel(c),
		In:    typing{s.ch, func() { idle.Reset(cfg.Limits.Idle) }}, Out: ssh.NewPtyWriter(s.ch), Env: c.Env,
		Width: s.size.Width, Height: s.size.Height, Resize: s.resize, Farewell: cfg.Farewell, Log: log,
	}.Run(s.ctx)

	var crash *Crash
	switch why := context.Cause(s.ctx); {
	case errors.As(err, &crash):
		s.say(crash)
		return statusCrash
	case err != nil:
		log.Warn("door: screen", "error", err)
		return statusRefused
	case why != nil && why != ErrGone:
		s.say(why)
	}
	return 0
}

// typing tells of every key.
type typing struct {
	io.Reader
	touched func()
}

func (t typing) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if n > 0 {
		t.touched()
	}
	return n, err
}
