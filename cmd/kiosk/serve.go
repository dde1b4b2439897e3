package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/seal"
	"liaison/tui"
)

// sshFlag is --ssh, or LIAISON_SSH.
func (inv *invocation) sshFlag() *string {
	return inv.flagSet().String("ssh", getenv(inv.env, "LIAISON_SSH"), "")
}

// runServe serves the station without a screen until it is told to stop.
func runServe(ctx context.Context, inv *invocation) error {
	addr := inv.sshFlag()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	bell := upkeep.NewNotifier(func(name string) string { return getenv(inv.env, name) })
	var living atomic.Pointer[house] // nil while the ledger is opened, and made anew if need be
	go bell.Live(ctx, func() error { return living.Load().alive() })
	for {
		err := inv.serveOnce(ctx, *addr, func(h *house) {
			living.Store(h)
			bell.Ready(h.k.desk.Info().Name)
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
func (h *house) alive() error {
	if h == nil {
		return nil
	}
	_, err := h.k.led.Head(h.k.led.Own())
	return err
}

// serveOnce serves until it is told to stop, or has to open the ledger anew. It
// says when it serves.
func (inv *invocation) serveOnce(ctx context.Context, addr string, serves func(*house)) error {
	k, living, err := reach(ctx, inv.data, heldFor)
	if err != nil {
		return err
	}
	if living != nil {
		defer living.Close()
		return alreadyServed(living)
	}
	if k.led.Own().Writer() == "city" {
		return errors.Join(refuse(nil, "%[1]s 是市级端的数据,不能当作联络站来用;请用 city serve", "%[1]s holds the data of a city and cannot be served as a station; use city serve", inv.data), k.close())
	}
	h, err := openHouse(k, addr, &clerk.Seats{})
	if err != nil {
		return errors.Join(logged(k.log, err), k.close())
	}
	k.tellNews(inv.stderr)
	h.start(ctx)
	h.announce(inv.stdout)
	serves(h)
	err = h.wait()
	return errors.Join(logged(k.log, err), k.close())
}

func alreadyServed(c *control.Client) error {
	return refuse(nil, "已经有程序在为这个站服务(进程 %[1]d);直接运行 kiosk 就能打开它的屏幕", "a process serves this station already (process %[1]d); run kiosk to open its screen", c.PID())
}

// announce says in one line what the house listens on.
func (h *house) announce(w io.Writer) {
	info := h.k.desk.Info()
	ssh := "SSH 未开 / no SSH"
	if h.ssh != nil {
		ssh = "SSH " + h.ssh.Addr().String()
	}
	fmt.Fprintf(w, "%s %s 正在服务 / serving: %s, %s\n", info.Code, info.Name, ssh, socketFile)
}

// runScreen is the attendant's program: screen, SSH and sync. Beside a living
// process it opens a screen of that one.
func runScreen(ctx context.Context, inv *invocation) error {
	addr := inv.sshFlag()
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	if !clerk.IsTerminal(inv.stdin) || !clerk.IsTerminal(inv.stdout) {
		return refuse(nil, "屏幕需要一个终端;没有终端时用 kiosk serve", "the screen needs a terminal; without one use kiosk serve")
	}
	if getenv(inv.env, childMark) != "run" {
		return inv.watch(ctx)
	}
	k, living, err := reach(ctx, inv.data, heldFor)
	if living != nil {
		return inv.forward(ctx, living, true)
	}
	if err != nil && !errors.Is(err, errNoStation) {
		return err
	}
	return inv.live(ctx, k, *addr)
}

// childMark names the variable that tells the program that it was started by
// itself, and as what.
const childMark = "LIAISON_CHILD"

// watch runs the screen as a child that is started anew after a crash.
func (inv *invocation) watch(ctx context.Context) error {
	code, err := upkeep.Watched{Args: append([]string{"run", "--data", inv.data}, inv.args...), Env: append(inv.env[:len(inv.env):len(inv.env)], childMark+"=run"), Dir: inv.dir,
		Stdin: inv.stdin.(*os.File), Stdout: inv.stdout, Stderr: inv.stderr, Again: exitAgain, Log: logFile}.Run(ctx)
	if err == nil && code != exitDone {
		return exitCode(code)
	}
	return err
}

// live runs the local screen with everything behind it. k is nil on a first
// start: then the screen's guide makes the station, and the rest starts with
// it.
func (inv *invocation) live(ctx context.Context, k *kiosk, addr string) error {
	var h *house
	own := &clerk.Seats{} // it is there before the house is, on a first start
	desk, ended := own.AtDesk()
	defer desk.Leave()
	seat, leave := context.WithCancel(ctx) // the screen ends with the house
	defer leave()
	begin := func() (err error) {
		if h, err = openHouse(k, addr, own); err == nil {
			h.start(ctx)
			context.AfterFunc(h.ctx, leave)
		}
		return err
	}
	cfg := tui.Config{Version: upkeep.Version(), ParseKey: clerk.ParseKey, Guests: own, Printer: clerk.Printer{Settings: func() station.Settings { return k.desk.Settings() }}}
	if k != nil {
		if err := begin(); err != nil {
			return errors.Join(logged(k.log, err), k.close())
		}
		cfg = h.screens()
	} else {
		late := &lateLine{}
		cfg.Line = late
		cfg.Create = func(code, name string) (desk *station.Desk, err error) {
			if k == nil {
				if k, err = inv.make(code, name); err != nil {
					return nil, err
				}
				late.uplink = k.line
			}
			if err := begin(); err != nil {
				return nil, err
			}
			return k.desk, nil
		}
	}
	err := clerk.Own(seat, cfg, desk.Caller(inv.env, ended), inv.stdin, inv.stdout)
	if h != nil {
		h.stop()
		err = errors.Join(err, h.wait())
	}
	if k != nil {
		err = errors.Join(logged(k.log, err), k.close())
	}
	if errors.Is(err, ledger.ErrUnsure) || errors.Is(err, upkeep.ErrRebuild) {
		return exitCode(exitAgain)
	}
	return err
}

// lateLine is the line of a station that the screen's guide has yet to make.
// Nobody asks it for anything before there is a desk.
type lateLine struct{ *uplink }

// make founds a station from the screen and opens it.
func (inv *invocation) make(code, name string) (*kiosk, error) {
	quiet := *inv
	quiet.stdout = io.Discard
	if err := quiet.found(context.Background(), station.Info{Code: code, Name: name}, seal.AES); err != nil {
		return nil, err
	}
	return openKiosk(inv.data)
}
