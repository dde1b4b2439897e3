// Package door lets people in over SSH: who may come in, how many at once,
// one screen or one command a session, and how all of them leave in order.
//
// A person is a public key and nothing else: no passwords, and the SSH user
// name means nothing. The key decides twice, once when it authenticates and
// once more when a session starts, so that a person removed in between stays
// out. What a connection merely offered is never remembered.
//
// A connection carries sessions and nothing else: no forwarding, no agent, no
// X11, no subsystems (so no sftp and no scp). The session protocol of RFC 4254
// is spoken in this package and not by the SSH library, whose handler answers
// agent requests with yes, keeps any environment, and stalls the connection
// when nobody reads window sizes. From wish and charm.land/ssh come the server,
// the handshake deadline and the containment of panics before a session.
//
// Nothing that people type is logged: a line carries the account, the remote
// address, and the beginning of the key's fingerprint.
package door

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/ssh"
	"charm.land/wish/v2"
	gossh "golang.org/x/crypto/ssh"
)

// A Caller is who sits before a screen, and at what terminal, or gives a
// command.
type Caller struct {
	Session       string // for End
	User          string // the account that Lookup named
	Remote        string // address and port
	SSH           bool   // true for every session of this package
	Width, Height int    // cells
	Env           []string
	Life          context.Context // ends with the session
}

// Config says what the door opens to. Lookup and HostKeyPath are required;
// every other nil or zero field has a default.
type Config struct {
	Addr        string // for ListenAndServe; default 127.0.0.1:2222
	HostKeyPath string // ed25519, mode 0600; see hostKey

	// Lookup names the account that a key belongs to, by its fingerprint
	// (SHA256:…). It is asked for every key that is offered, possibly by
	// strangers and in parallel, so it must be quick.
	Lookup func(fingerprint string) (user string, ok bool)
	// NewModel makes the model of one screen; nil: no screens.
	NewModel func(Caller) tea.Model
	// Farewell is the message that asks a model to keep what was typed and to
	// quit; default: Closing.
	Farewell func(why error) tea.Msg
	// Exec carries out a command (`ssh host list receptions --json`) and
	// returns its exit code; nil: no commands. ctx ends when the caller goes
	// or interrupts, and when the door shuts.
	Exec func(ctx context.Context, c Caller, argv []string, stdin io.Reader, stdout, stderr io.Writer) int

	Log    *slog.Logger // default: none
	Limits Limits
}

// Limits bound what strangers, and guests, can make this process spend.
type Limits struct {
	Connections int           // at once; default 256
	PerAddress  int           // at once from one address (IPv6: /64); default 32
	Unproven    int           // at once that have not authenticated; the oldest gives way; default 64
	Sessions    int           // at once on one connection; default 2
	Tries       int           // keys offered on one connection; default 3
	Handshake   time.Duration // from connection to authentication; default 10 s
	Penalty     time.Duration // the longest wait after repeated failures; default 1 min
	Width       int           // cells of a window; default 400
	Height      int           // default 120
	Idle        time.Duration // without a key, then the screen ends; default 30 min
	Session     time.Duration // a connection's longest life; default 12 h

	// Trusted are addresses without a share and without penalties, such as a
	// gateway that many come through. None by default, the loopback address
	// neither.
	Trusted []netip.Prefix
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	span := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	set(&l.Connections, 256)
	set(&l.PerAddress, 32)
	set(&l.Unproven, 64)
	set(&l.Sessions, 2)
	set(&l.Tries, 3)
	set(&l.Width, 400)
	set(&l.Height, 120)
	span(&l.Handshake, 10*time.Second)
	span(&l.Penalty, time.Minute)
	span(&l.Idle, 30*time.Minute)
	span(&l.Session, 12*time.Hour)
	return l
}

// A Door is an SSH server. Make it with New.
type Door struct {
	cfg         Config
	srv         *ssh.Server
	fingerprint string
	gate        *gate

	mu       sync.Mutex
	sessions map[string]*session
	shut     bool
	listener net.Listener
	running  sync.WaitGroup
	done     chan struct{} // closed once Shutdown is through
	doneErr  error
}

// New reads or makes the host key and prepares the door; it does not listen.
func New(cfg Config) (*Door, error) {
	if cfg.Lookup == nil {
		return nil, errors.New("door: no Lookup: nobody could come in")
	}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:2222"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	key, pem, err := hostKey(cfg.HostKeyPath, cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("host key: %w", err)
	}
	d := &Door{
		cfg: cfg, fingerprint: gossh.FingerprintSHA256(key.PublicKey()),
		gate: newGate(cfg.Limits, cfg.Log), sessions: map[string]*session{}, done: make(chan struct{}),
	}
	if d.srv, err = d.server(pem); err != nil {
		return nil, fmt.Errorf("ssh server: %w", err)
	}
	return d, nil
}

// server is the SSH server with everything but sessions switched off.
func (d *Door) server(hostKeyPEM []byte) (*ssh.Server, error) {
	l := d.cfg.Limits
	srv, err := wish.NewServer(
		wish.WithAddress(d.cfg.Addr), wish.WithVersion("liaison"), wish.WithHostKeyPEM(hostKeyPEM),
		wish.WithPublicKeyAuth(d.mayEnter),
		// Back-stops: a session ends itself before these, and tidily.
		wish.WithIdleTimeout(l.Idle+time.Minute), wish.WithMaxTimeout(l.Session+time.Minute),
	)
	if err != nil {
		return nil, err
	}
	srv.HandshakeTimeout = l.Handshake
	srv.ConnCallback = d.gate.enter
	srv.ServerConfigCallback = func(ctx ssh.Context) *gossh.ServerConfig {
		v := visitorOf(ctx)
		return &gossh.ServerConfig{
			MaxAuthTries: l.Tries,
			PublicKeyAuthAlgorithms: []string{
				gossh.KeyAlgoED25519, gossh.KeyAlgoSKED25519, gossh.KeyAlgoSKECDSA256, gossh.KeyAlgoECDSA256,
				gossh.KeyAlgoECDSA384, gossh.KeyAlgoECDSA521, gossh.KeyAlgoRSASHA256, gossh.KeyAlgoRSASHA512,
			},
			AuthLogCallback: func(_ gossh.ConnMetadata, method string, err error) { v.note(method, err) },
		}
	}
	srv.ChannelHandlers = map[string]ssh.ChannelHandler{"session": d.session}
	srv.RequestHandlers = map[string]ssh.RequestHandler{}
	srv.SubsystemHandlers = map[string]ssh.SubsystemHandler{}
	return srv, nil
}

// mayEnter decides whether a key may go on to prove that it is the caller's.
// It stores nothing: the caller may not own the key.
func (d *Door) mayEnter(ctx ssh.Context, k ssh.PublicKey) bool {
	fp := gossh.FingerprintSHA256(k)
	_, ok := d.cfg.Lookup(fp)
	if !ok {
		d.cfg.Log.Info("door: unknown key", "remote", ctx.RemoteAddr().String(), "key", short(fp))
	}
	return ok
}

// short is as much of a fingerprint as a log needs.
func short(fingerprint string) string { return fingerprint[:min(len(fingerprint), len("SHA256:")+8)] }

// Fingerprint is the host key's (SHA256:…), to be shown on the station's own
// screen so that people can compare it when they first connect.
func (d *Door) Fingerprint() string { return d.fingerprint }

// ListenAndServe is Serve on Config.Addr.
func (d *Door) ListenAndServe(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", d.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen for ssh on %s: %w", d.cfg.Addr, err)
	}
	return d.Serve(ctx, l)
}

// farewell is how long Serve lets Shutdown take.
const farewell = 5 * time.Second

// Serve lets people in until ctx is done or Shutdown is called, and returns
// when all have left. It closes l. A clean end is nil.
func (d *Door) Serve(ctx context.Context, l net.Listener) error {
	d.mu.Lock()
	if d.shut || d.listener != nil {
		d.mu.Unlock()
		_ = l.Close()
		return errors.New("door: served before")
	}
	d.listener = l
	d.mu.Unlock()

	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	err := d.srv.Serve(l)
	stop()
	d.mu.Lock()
	shut := d.shut
	d.mu.Unlock()
	if shut {
		<-d.done
		return d.doneErr
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	down := d.Shutdown(last)
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, down)
}

// Shutdown asks every screen to keep what was typed and to quit, ends every
// command's context, waits until they have gone, and closes what is left when
// ctx ends. The error tells how many had to be cut off.
func (d *Door) Shutdown(ctx context.Context) error {
	d.mu.Lock()
	if d.shut {
		d.mu.Unlock()
		<-d.done
		return d.doneErr
	}
	d.shut = true
	if d.listener != nil {
		_ = d.listener.Close()
	}
	for _, s := range d.sessions {
		s.end(ErrStopping)
	}
	d.mu.Unlock()

	if n := d.gate.drain(ctx); n > 0 {
		d.doneErr = fmt.Errorf("door: %d connections had to be cut off", n)
	}
	d.doneErr = errors.Join(d.doneErr, d.await())
	close(d.done)
	return d.doneErr
}

// await waits for the sessions whose connections have gone: nothing of theirs
// should still be at work when the caller goes on to close the ledger.
func (d *Door) await() error {
	ended := make(chan struct{})
	go func() { d.running.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-time.After(modelGrace + programGrace):
		return fmt.Errorf("door: %d sessions did not end", len(d.Sessions()))
	}
}

// Kind is what a session does.
type Kind string

// The kinds of session.
const (
	KindScreen  Kind = "screen"
	KindCommand Kind = "command"
)

// Info is one live session.
type Info struct {
	ID     string // for End
	User   string
	Remote string // address and port
	Since  time.Time
	Kind   Kind
}

// Sessions lists the live sessions, the oldest first.
func (d *Door) Sessions() []Info {
	d.mu.Lock()
	list := make([]Info, 0, len(d.sessions))
	for _, s := range d.sessions {
		list = append(list, s.info)
	}
	d.mu.Unlock()
	slices.SortFunc(list, func(a, b Info) int { return a.Since.Compare(b.Since) })
	return list
}

// End asks one session to end, as Shutdown asks all; false if there is none
// of that name. Whoever takes a person's key or rights away ends their
// sessions with it.
func (d *Door) End(id string) bool { return d.EndFor(id, ErrEnded) }

// EndFor is End with another reason, such as ErrOut, which the person is told.
func (d *Door) EndFor(id string, why error) bool {
	d.mu.Lock()
	s, ok := d.sessions[id]
	d.mu.Unlock()
	if ok {
		s.end(why)
	}
	return ok
}

// register adds s, unless the door is shut.
func (d *Door) register(s *session) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		return false
	}
	d.running.Add(1)
	d.sessions[s.info.ID] = s
	return true
}

func (d *Door) forget(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sessions, s.info.ID)
	d.running.Done()
}
