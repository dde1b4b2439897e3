package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/tui"
	"liaison/tui/door"
)

// A house is a living process: it has the station open and lets everybody
// else work on it.
//
//	control socket   other commands of this machine, and their screens
//	SSH door         colleagues' screens and commands, where an address is given
//	uplink           syncs with the city
//
// Each is one goroutine, started in start and waited for in wait. When one of
// them fails, all end.
type house struct {
	k       *kiosk
	control *control.Listener
	seats   *clerk.Screens
	ssh     net.Listener // nil: no door
	door    *door.Door

	hints []station.Text // for the settings screen
	typed atomic.Int64   // when somebody last typed at a screen, in Unix seconds
	read  time.Duration  // for people to read what happened before an end they did not ask for
	ctx   context.Context
	end   context.CancelCauseFunc
	wg    sync.WaitGroup
}

// openHouse takes the socket and the SSH port. Whoever calls it holds the
// file, so nobody else can be serving.
func openHouse(k *kiosk, sshAddr string, seats *clerk.Seats) (*house, error) {
	seats.Desk, seats.Log = k.desk, k.log
	h := &house{k: k, read: 10 * time.Second}
	h.seats = &clerk.Screens{Seats: seats, Config: h.screens}
	var err error
	if sshAddr != "" {
		if h.ssh, err = net.Listen("tcp", sshAddr); err != nil {
			return nil, cannotListen(sshAddr, err)
		}
		h.door, err = h.seats.Door(filepath.Join(k.dir, hostKey), h.exec)
		if err != nil {
			return nil, errors.Join(refuse(err, "SSH 主机密钥 %[1]s 不能用。请从备份放回,或把它改名(会另造一把,来访者要重新确认)", "the SSH host key %[1]s cannot be used; put it back from a copy, or rename it: another is made, and whoever comes in is asked to confirm it", filepath.Join(k.dir, hostKey)), h.ssh.Close())
		}
		h.hints = append(h.hints, station.Text{
			ZH: "SSH 地址 " + h.ssh.Addr().String() + "  主机密钥 " + h.door.Fingerprint(),
			EN: "SSH address " + h.ssh.Addr().String() + "  host key " + h.door.Fingerprint()})
	}
	h.control, err = control.Listen(filepath.Join(k.dir, socketFile))
	if err != nil {
		err = fmt.Errorf("serve commands: %w", err)
		if h.ssh != nil {
			err = errors.Join(err, h.ssh.Close())
		}
		return nil, err
	}
	return h, nil
}

// cannotListen puts the common reasons into words.
func cannotListen(addr string, err error) error {
	addr = clip(addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return refuse(err, "%[1]s 已被另一个程序占用,请换一个端口", "%[1]s is in use by another program; choose another port", addr)
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限监听 %[1]s,请用 1024 以上的端口", "no permission to listen on %[1]s; use a port above 1024", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return refuse(err, "这台机器没有 %[1]s 这个地址", "this machine has no address %[1]s", addr)
	}
	return refuse(err, "不能监听“%[1]s”,地址应写作 :2222 或 127.0.0.1:2222", "cannot listen on %[1]s; an address looks like :2222 or 127.0.0.1:2222", addr)
}

// start lets people in. The house ends with ctx.
func (h *house) start(ctx context.Context) {
	h.ctx, h.end = context.WithCancelCause(ctx)
	behind, err := upkeep.ClockBehind(h.k.led, time.Now()) // asked before anything is written with this clock
	h.mark(station.ActStart)
	if err == nil && behind > 0 {
		h.clockJumped("behind the last entry by " + behind.Round(time.Second).String())
	}
	serve := func(what string, f func() error) {
		h.wg.Go(func() {
			if err := f(); err != nil {
				h.end(fmt.Errorf("%s: %w", what, err))
			}
		})
	}
	serve("control socket", func() error { return control.Server{Handle: h.handle, Log: h.k.log}.Serve(h.ctx, h.control) })
	if h.door != nil {
		serve("ssh door", func() error { return h.door.Serve(h.ctx, h.ssh) })
	}
	h.wg.Go(func() { h.seats.Evict(h.ctx) })
	h.wg.Go(h.doubt)
	h.wg.Go(func() {
		upkeep.WatchClock(h.ctx, func(by time.Duration) { h.clockJumped(by.Round(time.Second).String()) })
	})
	h.wg.Go(func() { upkeep.Nightly(h.ctx, h.k.log, h.jobs()...) })
	h.wg.Go(func() { h.k.line.loop(h.ctx) })
	h.wg.Go(func() {
		if err := h.k.desk.Warm(); err != nil {
			h.k.log.Error("fill search table", "err", err)
		}
	})
}

// clockJumped records that the clock did.
func (h *house) clockJumped(note string) {
	h.k.log.Warn("the clock jumped", "by", note)
	if err := h.k.desk.Audit(owner(), station.ActClock, "clock", true, note); err != nil {
		h.k.log.Error("audit line not kept", "act", station.ActClock, "err", err)
	}
}

// mark records that the house begins or ends to serve.
func (h *house) mark(act station.Act) {
	if err := h.k.desk.Audit(owner(), act, upkeep.Version(), true, ""); err != nil {
		h.k.log.Error("audit line not kept", "act", act, "err", err)
	}
}

// stop ends the house; wait must follow.
func (h *house) stop() { h.end(nil) }

// wait returns when everything has ended, with what failed.
func (h *house) wait() error {
	<-h.ctx.Done()
	h.wg.Wait()
	h.mark(station.ActStop)
	if err := context.Cause(h.ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// doubt ends the house when the ledger no longer takes entries, so that it is
// started anew: by run itself, or by whatever watches over serve.
func (h *house) doubt() {
	var err error
	select {
	case <-h.ctx.Done():
		return
	case err = <-h.k.unsure:
	}
	h.k.log.Error("the ledger stopped", "err", err)
	read := h.read
	if errors.Is(err, upkeep.ErrRebuild) { // whoever ran the check is told; the screens come back by themselves
		read = min(read, 2*time.Second)
	}
	select {
	case <-h.ctx.Done():
	case <-time.After(read):
		h.end(err)
	}
}

// printer sends papers to the queue that the settings name.
func (k *kiosk) printer() clerk.Printer { return clerk.Printer{Settings: k.desk.Settings} }

// screens is what all screens of this process share.
func (h *house) screens() tui.Config {
	return tui.Config{Desk: h.k.desk, Line: h.k.line, Guests: h.seats.Seats, ParseKey: clerk.ParseKey, Printer: h.k.printer(), Hints: append(slices.Clip(h.hints), h.k.events.Notices()...), Version: upkeep.Version(),
		Notice: h.notice, Typed: func() { h.typed.Store(time.Now().Unix()) }}
}

// notice is the newest of what the ledger did by itself; the settings screen
// has them all.
func (h *house) notice() station.Text {
	if all := h.k.events.Notices(); len(all) > 0 {
		return all[len(all)-1]
	}
	return station.Text{}
}

// quietFor is how long nobody may have typed before the ledger is compacted,
// during which a save would wait.
const quietFor = 10 * time.Minute

// quiet reports that nobody sits at a screen.
func (h *house) quiet() bool { return time.Since(time.Unix(h.typed.Load(), 0)) >= quietFor }

// jobs are what the house does at night: the check goes first, since a
// compaction walks the pages in this very process.
func (h *house) jobs() []upkeep.Job {
	return []upkeep.Job{
		{Name: "check", Code: "L-CHECK", Do: h.k.nightlyCheck, Last: h.k.lastCheck},
		{Name: "retention", Code: "L-RETAIN", Do: h.k.nightlyRetention},
		{Name: "backup", Code: "L-BACKUP", Do: h.k.nightlyBackup, Last: func() time.Time { return h.k.backups().Last() }},
		{Name: "compaction", Code: "L-COMPACT", Quiet: h.quiet, Do: h.k.led.Compact},
	}
}

// exec carries out a command that came over SSH, with the account's rights.
func (h *house) exec(ctx context.Context, c door.Caller, argv []string, stdin io.Reader, stdout, stderr io.Writer) int {
	u, err := h.k.desk.User(c.User)
	if err != nil {
		return settle(stderr, h.k.log, fmt.Errorf("account: %w", err))
	}
	if len(argv) > 0 && argv[0] == "kiosk" { // as it would be typed at the station
		argv = argv[1:]
	}
	cmd, args, err := find(argv)
	if err == nil && !cmd.remote {
		err = usage("经 SSH 不能用 %[1]s,请在本机运行", "%[1]s cannot be used over SSH; run it at the station", cmd.word)
	}
	if err != nil {
		return settle(stderr, h.k.log, err)
	}
	who := u.Who()
	who.Door, who.Remote = "ssh", c.Remote
	defer h.seats.AtCommand(c, who, cmd.word).Leave()
	inv := &invocation{cmd: cmd, args: args, stdin: stdin, stdout: stdout, stderr: stderr, who: who, kiosk: h.k, house: h}
	return settle(stderr, h.k.log, clerk.PutOut(ctx, inv.carryOut(ctx)))
}

// handle carries out a command that came through the control socket: the
// owner's, with files as seen from the caller's directory.
func (h *house) handle(ctx context.Context, c control.Call) int {
	cmd, args, err := find(c.Args)
	if err != nil {
		return settle(c.Stderr, h.k.log, err)
	}
	inv := &invocation{cmd: cmd, args: args, env: c.Environ(), dir: c.Dir, data: h.k.dir,
		stdin: c.Stdin, stdout: c.Stdout, stderr: c.Stderr, who: owner(), local: true, kiosk: h.k, house: h}
	switch {
	case cmd.word == "run" && c.Terminal:
		err = h.seats.Show(ctx, c)
	case cmd.where == byItself && cmd.word != "init" && cmd.word != "check":
		err = refuse(nil, "程序正在运行,%[1]s 要等它停止后再用", "the program is running; stop it before you use %[1]s", cmd.word)
	default:
		err = inv.carryOut(ctx)
	}
	return settle(c.Stderr, h.k.log, err)
}
