package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/sync/inbox"
	"liaison/sync/wire"
	"liaison/tui"
	"liaison/tui/door"
)

// hostKey is the SSH door's, within the data directory.
const hostKey = "ssh_host_ed25519"

// printer sends papers to the queue that the settings name.
func (c *city) printer() clerk.Printer { return clerk.Printer{Settings: c.desk.Settings} }

// screens is what all screens of this process share.
func (c *city) screens() tui.Config {
	return tui.Config{Desk: c.desk, Roll: roll{c}, Guests: c.seats.Seats, ParseKey: clerk.ParseKey, Printer: c.printer(), Hints: append(slices.Clip(c.hints), c.events.Notices()...), Version: upkeep.Version(),
		Notice: func() station.Text {
			if all := c.events.Notices(); len(all) > 0 {
				return all[len(all)-1]
			}
			return station.Text{}
		}}
}

// openDoor listens for SSH.
func (c *city) openDoor(addr string) (*door.Door, net.Listener, error) {
	if addr == "" {
		return nil, nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, cannotListen(addr, err)
	}
	path := filepath.Join(c.dir, hostKey)
	d, err := c.seats.Door(path, c.exec)
	if err != nil {
		return nil, nil, errors.Join(refuse(err, "SSH 主机密钥 %s 不能用", "the SSH host key %s cannot be used", path), l.Close())
	}
	c.hints = []station.Text{{ZH: "SSH 地址 " + l.Addr().String() + "  主机密钥 " + d.Fingerprint(), EN: "SSH address " + l.Addr().String() + "  host key " + d.Fingerprint()}}
	return d, l, nil
}

// exec carries out a command that came over SSH, with the account's rights.
func (c *city) exec(ctx context.Context, from door.Caller, argv []string, stdin io.Reader, stdout, stderr io.Writer) int {
	u, err := c.desk.User(from.User)
	if err != nil {
		return settle(stderr, fmt.Errorf("account: %w", err))
	}
	if len(argv) > 0 && argv[0] == "city" { // as it would be typed on the machine
		argv = argv[1:]
	}
	cmd, args, err := find(argv)
	if err == nil && cmd.right == "" && cmd.word != "help" {
		err = usage("经 SSH 不能用 %s,请在本机运行", "%s cannot be used over SSH; run it on the city's machine", cmd.word)
	}
	if err != nil {
		return settle(stderr, err)
	}
	who := u.Who()
	who.Door, who.Remote = "ssh", from.Remote
	defer c.seats.AtCommand(from, who, cmd.word).Leave()
	inv := &invocation{cmd: cmd, stdin: stdin, stdout: stdout, stderr: stderr, who: who}
	return settle(stderr, clerk.PutOut(ctx, inv.answer(ctx, c, args)))
}

// answer carries a call out in the process that serves.
func (inv *invocation) answer(ctx context.Context, c *city, args []string) error {
	if err := inv.parse(args); err != nil {
		return err
	}
	switch {
	case inv.help || inv.cmd.word == "help":
		if inv.cmd.word == "help" {
			return runHelp(ctx, inv)
		}
		return inv.cmd.help(inv.stdout)
	case inv.cmd.run == nil:
		return usage("“%s”不能交给正在运行的程序执行", "%q cannot be carried out by the running program", inv.cmd.word)
	}
	return inv.carryOut(ctx, c)
}

// handle carries out a call that came through the socket: the owner's, with
// files as seen from the caller's directory.
func (c *city) handle(ctx context.Context, call control.Call) int {
	inv := &invocation{dir: call.Dir, env: call.Environ(), stdin: call.Stdin, stdout: call.Stdout, stderr: call.Stderr, who: operator(), local: true}
	cmd, args, err := find(call.Args)
	switch {
	case err != nil:
	case cmd.word == "run" && call.Terminal:
		err = c.seats.Show(ctx, call)
	default:
		inv.cmd = cmd
		err = inv.answer(ctx, c, args)
	}
	return settle(call.Stderr, err)
}

// runScreen opens a screen: of the process that serves, or where nobody does
// of this one, which then serves too as far as it is told to.
func runScreen(ctx context.Context, inv *invocation) error {
	if !clerk.IsTerminal(inv.stdin) || !clerk.IsTerminal(inv.stdout) {
		return usage("屏幕需要一个终端;没有终端时用 city serve", "the screen needs a terminal; without one use city serve")
	}
	living, err := control.Dial(filepath.Join(inv.data, socketFile))
	if err == nil {
		return inv.forward(ctx, living, true)
	}
	if !errors.Is(err, control.ErrNobody) {
		return err
	}
	secure, err := inv.tls()
	if err != nil {
		return err
	}
	if getenv(inv.env, screenMark) == "" {
		return inv.watch(ctx)
	}
	inv.screen = true
	return inv.serveOnce(ctx, secure, func(*city) {})
}

// screenMark tells the child that runs the screen apart.
const screenMark = "LIAISON_CITY_SCREEN"

// watch runs the screen, and all that serves with it, as a child that is
// started anew after a crash.
func (inv *invocation) watch(ctx context.Context) error {
	code, err := upkeep.Watched{Args: slices.Concat([]string{"run"}, inv.originalArgs, []string{"--data", inv.data}), Env: append(inv.env[:len(inv.env):len(inv.env)], screenMark+"=1"), Dir: inv.dir,
		Stdin: inv.stdin.(*os.File), Stdout: inv.stdout, Stderr: inv.stderr, Log: logFile}.Run(ctx)
	if err == nil && code != exitDone {
		return exitCode(code)
	}
	return err
}

// sit runs the screen of this process's own terminal until it is left.
func (inv *invocation) sit(ctx context.Context, c *city) error {
	seat, ended := c.seats.AtDesk()
	defer seat.Leave()
	return clerk.Own(ctx, c.screens(), seat.Caller(inv.env, ended), inv.stdin, inv.stdout)
}

// roll is the list of stations as screens see it.
type roll struct{ c *city }

// otherVersion reports a station whose program is not of this one's version.
// One that was never heard of says nothing.
func otherVersion(s inbox.Station) bool {
	return !s.Seen.IsZero() && s.Version != wire.CleanVersion(upkeep.Version())
}

// Stations implements tui.Roll.
func (r roll) Stations() ([]tui.StationState, error) {
	list, err := r.c.in.Stations()
	if err != nil {
		return nil, err
	}
	strange, err := r.c.desk.Strange()
	if err != nil {
		return nil, err
	}
	out := make([]tui.StationState, 0, len(list))
	for _, s := range list {
		st := tui.StationState{Code: s.Code, Name: s.Name, Since: s.Since, Seen: s.Seen, Invited: s.Invited, Entries: uint64(s.Entries), Doubts: s.Doubts,
			Skew: time.Duration(s.Skew * float64(time.Second)), Strange: strange[s.Code], Revoked: s.Revoked, Version: s.Version, Other: otherVersion(s)}
		if name := r.c.desk.StationName(s.Code); name != s.Code {
			st.Name = name
		}
		for _, f := range s.Forks {
			st.Forks = append(st.Forks, fmt.Sprintf("%s#%d", f.Stream, f.Seq))
		}
		out = append(out, st)
	}
	return out, nil
}

// Invite implements tui.Roll.
func (r roll) Invite(who station.Who, code string) (string, error) {
	if err := who.Need(station.RightSettings); err != nil {
		return "", err
	}
	if err := checkStation(code); err != nil {
		return "", err
	}
	if err := r.c.audit(who, station.ActInvite, code, ""); err != nil {
		return "", err
	}
	return r.c.in.Invite(context.Background(), code)
}

// call is this call as the commands of both programs take it.
func (inv *invocation) call(c *city) clerk.Call {
	call := clerk.Call{Who: inv.who, Program: "city", Usage: inv.cmd.line(), Stdin: inv.stdin, Stdout: inv.stdout, Stderr: inv.stderr, Open: inv.open}
	if c != nil {
		call.Desk = c.desk
	}
	return call
}

// open opens a file that the caller named; "-" is standard input, which is all
// that a caller over SSH may name.
func (inv *invocation) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(inv.stdin), nil
	}
	if !inv.local {
		return nil, usage("经 SSH 只能用“-”(标准输入输出)代替文件", "over SSH a file is given as “-”, standard input or output")
	}
	f, err := os.Open(inv.path(name))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, refuse(err, "没有“%s”这个文件", "there is no file %s", clip(name))
	case err != nil:
		return nil, refuse(err, "“%s”读不出来", "%s could not be read", clip(name))
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		_ = f.Close()
		return nil, refuse(nil, "“%s”是目录,不是文件", "%s is a directory, not a file", clip(name))
	}
	return f, nil
}
