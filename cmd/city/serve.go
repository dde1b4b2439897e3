package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
)

// farewell is how long requests under way may take after the order to stop.
const farewell = 10 * time.Second

// runServe takes in what stations send and carries out the other commands,
// until ctx ends or the ledger no longer takes entries.
func runServe(ctx context.Context, inv *invocation) error {
	if inv.listen == "" {
		return usage("请写监听地址,例如 --listen 127.0.0.1:8443", "say where to listen, such as --listen 127.0.0.1:8443")
	}
	secure, err := inv.tls()
	if err != nil {
		return err
	}
	bell := upkeep.NewNotifier(func(name string) string { return getenv(inv.env, name) })
	var living atomic.Pointer[city] // nil while the ledger is opened, and made anew if need be
	go bell.Live(ctx, func() error { return living.Load().alive() })
	for {
		err := inv.serveOnce(ctx, secure, func(c *city) {
			living.Store(c)
			bell.Ready(c.in.Name)
		})
		living.Store(nil)
		switch {
		case !errors.Is(err, upkeep.ErrRebuild):
			bell.Stopping()
			return err
		case ctx.Err() != nil:
			return nil // told to stop; the next start puts the two copies together
		}
	}
}

// alive reports that the ledger answers; it hangs where that does.
func (c *city) alive() error {
	if c == nil {
		return nil
	}
	_, err := c.led.Head(c.led.Own())
	return err
}

// serveOnce serves until it is told to stop, or has to open the ledger anew. It
// says when it serves.
func (inv *invocation) serveOnce(ctx context.Context, secure *tls.Config, serves func(*city)) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	also := []io.Writer{inv.stderr}
	if inv.screen { // nothing may be written over it
		also = nil
	}
	if err := os.MkdirAll(inv.data, 0o700); err != nil {
		return cannotUse(inv.data, err)
	}
	log, logs := upkeep.OpenLog(filepath.Join(inv.data, logFile), also...)
	defer logs.Close() // only appended to
	c, err := open(inv.data, log, end)
	if errors.Is(err, ledger.ErrBusy) {
		return refuse(err, "另一个程序正在使用数据目录 %s", "another program is using the data directory %s", inv.data)
	}
	if err != nil {
		return err
	}
	c.tellNews(inv.stderr)
	c.backupDir, c.backupKeep = inv.backupDir, inv.backupKeep
	if c.backupDir != "" {
		c.backupDir = inv.path(c.backupDir)
	}
	if err := upkeep.SweepRehearsals(c.dir); err != nil {
		log.Error("remove what a rehearsal left", "err", err)
	}
	err = c.serve(ctx, inv, secure, log, end, serves)
	return errors.Join(err, c.close())
}

// serve lets in whoever the flags name: stations over HTTP, people over SSH,
// commands of this machine, and where there is one the screen of its own.
func (c *city) serve(ctx context.Context, inv *invocation, secure *tls.Config, log *slog.Logger, end context.CancelCauseFunc, serves func(*city)) error {
	if inv.name != "" {
		if err := c.christen(ctx, inv.name); err != nil {
			return err
		}
	}
	l, scheme, err := listenFor(inv.listen, secure)
	if err != nil {
		return err
	}
	c.seats = &clerk.Screens{Seats: &clerk.Seats{Desk: c.desk, Log: log}, Config: c.screens}
	door, guests, err := c.openDoor(inv.ssh)
	if err != nil {
		return errors.Join(err, closeIf(l))
	}
	defer func() { _ = errors.Join(closeIf(l), closeIf(guests)) }()
	sock, err := control.Listen(filepath.Join(c.dir, socketFile))
	if err != nil {
		return err
	}
	many := newCrowd(l, log)
	srv := httpServer(c.in, secure, log, many)
	if !inv.screen {
		fmt.Fprintf(inv.stdout, "正在接收 / serving: %s://%s\n", scheme, l.Addr())
		if guests != nil {
			fmt.Fprintf(inv.stdout, "SSH %s  %s\n", guests.Addr(), door.Fingerprint())
		}
	}
	c.mark(station.ActStart)
	serves(c)

	var wg sync.WaitGroup
	run := func(what string, f func() error) {
		wg.Go(func() {
			if err := f(); err != nil && !errors.Is(err, http.ErrServerClosed) {
				end(fmt.Errorf("%s: %w", what, err))
			}
		})
	}
	wg.Go(func() { upkeep.Nightly(ctx, log, c.jobs()...) })
	wg.Go(func() {
		upkeep.WatchClock(ctx, func(by time.Duration) {
			log.Warn("the clock jumped", "by", by)
			if err := c.audit(operator(), station.ActClock, "clock", by.Round(time.Second).String()); err != nil {
				log.Error("audit line not kept", "act", station.ActClock, "err", err)
			}
		})
	})
	wg.Go(func() {
		if err := c.desk.Warm(); err != nil {
			log.Error("fill search table", "err", err)
		}
	})
	run("control socket", func() error { return control.Server{Handle: c.handle, Log: log}.Serve(ctx, sock) })
	if guests != nil {
		run("ssh door", func() error { return door.Serve(ctx, guests) })
	}
	wg.Go(func() { c.seats.Evict(ctx) })
	switch {
	case l == nil:
	case secure != nil:
		run("serve", func() error { return srv.ServeTLS(many, "", "") })
	default:
		run("serve", func() error { return srv.Serve(many) })
	}
	if inv.screen {
		run("screen", func() error { defer end(nil); return inv.sit(ctx, c) })
	}
	<-ctx.Done()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		_ = srv.Close() // whoever is cut off asks again
	}
	wg.Wait()
	c.mark(station.ActStop)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// christen gives the city its name, for those who enrol and for every screen.
func (c *city) christen(ctx context.Context, name string) error {
	if _, err := c.led.Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: localName, Value: []byte(name)}}}); err != nil {
		return err
	}
	c.in.Name = name
	return c.desk.SetInfo(operator(), station.Info{Code: writer, Name: name})
}

// mark records that the city begins or ends to serve. What stopped it may keep
// that from being written.
func (c *city) mark(act station.Act) {
	if err := c.audit(operator(), act, "city", ""); err != nil {
		c.log.Error("audit line not kept", "act", act, "err", err)
	}
}

// listenFor takes the stations' address, where one is given.
func listenFor(addr string, secure *tls.Config) (l net.Listener, scheme string, err error) {
	if addr == "" {
		return nil, "", nil
	}
	if l, err = net.Listen("tcp", addr); err != nil {
		return nil, "", cannotListen(addr, err)
	}
	if secure != nil {
		return l, "https", nil
	}
	if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		return nil, "", errors.Join(refuse(nil, "不加密时只能监听本机地址(127.0.0.1);要让各站连进来,请写 --cert 和 --key",
			"without encryption only this machine's own address (127.0.0.1) may be listened on; give --cert and --key to let stations in"), l.Close())
	}
	return l, "http", nil
}

func closeIf(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// jobs are what the city does at night: the check goes first, since a
// compaction walks the pages in this very process.
func (c *city) jobs() []upkeep.Job {
	check := func(ctx context.Context) error { _, err := c.tend(ctx, nil); return err }
	return []upkeep.Job{
		{Name: "check", Code: "L-CHECK", Do: check},
		{Name: "erasures", Code: "L-ERASE", Do: func(ctx context.Context) error { _, err := c.desk.FollowErasures(ctx); return err }},
		{Name: "backup", Code: "L-BACKUP", Do: c.backups().Nightly, Last: c.backups().Last},
		{Name: "compaction", Code: "L-COMPACT", Do: c.led.Compact},
	}
}

// cannotListen puts the common reasons into words.
func cannotListen(addr string, err error) error {
	addr = clip(addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return refuse(err, "%s 已被另一个程序占用,请换一个端口", "%s is in use by another program; choose another port", addr)
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限监听 %s,请用 1024 以上的端口", "no permission to listen on %s; use a port above 1024", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return refuse(err, "这台机器没有 %s 这个地址", "this machine has no address %s", addr)
	}
	return refuse(err, "不能监听“%s”,地址应写作 :8443 或 127.0.0.1:8443", "cannot listen on %s; an address looks like :8443 or 127.0.0.1:8443", addr)
}

// tls returns the configuration for --cert and --key, nil without them.
func (inv *invocation) tls() (*tls.Config, error) {
	switch {
	case inv.cert == "" && inv.key == "":
		return nil, nil
	case inv.cert == "" || inv.key == "":
		return nil, usage("--cert 和 --key 要一起写", "--cert and --key go together")
	}
	f := &certificate{cert: inv.cert, key: inv.key}
	c, err := f.get(nil)
	if err != nil {
		return nil, refuse(err, "证书 %s 或私钥 %s 不能用", "the certificate %s or its key %s cannot be used", clip(inv.cert), clip(inv.key))
	}
	if leaf, err := x509.ParseCertificate(c.Certificate[0]); err == nil && time.Now().After(leaf.NotAfter) {
		return nil, refuse(nil, "证书 %s 已于 %s 过期,各站会拒绝连接。请先更换证书", "the certificate %s expired on %s and stations would refuse it; renew it first",
			clip(inv.cert), leaf.NotAfter.Format("2006-01-02"))
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: f.get}, nil
}

// certificate is a pair of files that is read again when it was renewed.
type certificate struct {
	cert, key string

	mu   sync.Mutex
	last *tls.Certificate
	at   time.Time // of the file that last came from
}

// get returns the certificate. While a renewed pair is half written, or
// wrong, the one before it serves on.
func (f *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	st, err := os.Stat(f.cert)
	if err == nil && (f.last == nil || !st.ModTime().Equal(f.at)) {
		var c tls.Certificate
		if c, err = tls.LoadX509KeyPair(f.cert, f.key); err == nil {
			f.last, f.at = &c, st.ModTime()
		}
	}
	if f.last != nil {
		return f.last, nil
	}
	return nil, err
}
