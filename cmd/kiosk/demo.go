package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"liaison/station"
	"liaison/station/ledger/bolt"
	"liaison/sync/inbox"
	"liaison/tui"
)

// A demo is a sample station and a city in a folder that is thrown away.
type demo struct {
	dir  string
	k    *kiosk
	h    *house
	city *demoCity
	who  station.User // 张敏, who sits at the station
	out  io.Writer
}

// runDemo shows the whole thing with nothing to configure: with a terminal the
// screen, without one a story told line by line.
func runDemo(ctx context.Context, inv *invocation) (err error) {
	addr := inv.flagSet().String("ssh", "127.0.0.1:0", "")
	if _, err := inv.parse(0, 0); err != nil {
		return err
	}
	d := &demo{out: inv.stdout}
	remove, err := d.folder(inv)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := d.build(ctx, *addr); err != nil {
		return errors.Join(err, d.close())
	}
	if clerk.IsTerminal(inv.stdin) && clerk.IsTerminal(inv.stdout) {
		err = d.show(ctx, inv)
	} else {
		err = d.tell(ctx)
	}
	return errors.Join(err, d.close())
}

// folder makes the throw-away folder, or takes the one named with --data,
// which must not hold a station and is kept.
func (d *demo) folder(inv *invocation) (remove func() error, err error) {
	if !inv.chosen {
		if d.dir, err = os.MkdirTemp("", "liaison-demo-"); err != nil {
			return nil, cannotMake(os.TempDir(), err)
		}
		return func() error { return os.RemoveAll(d.dir) }, nil
	}
	d.dir = inv.data
	if _, err := os.Stat(filepath.Join(d.dir, ledgerFile)); err == nil {
		return nil, refuse(nil, "%[1]s 里已有联络站,演示不动它;请不写 --data,或换一个空目录", "%[1]s holds a station, which a demo leaves alone; leave --data out, or name an empty directory", d.dir)
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, cannotMake(d.dir, err)
	}
	return func() error { return nil }, nil
}

// build makes station, city and key, and starts everything.
func (d *demo) build(ctx context.Context, sshAddr string) error {
	if err := d.fill(); err != nil {
		return err
	}
	var err error
	if d.k, err = openKiosk(d.dir); err != nil {
		return err
	}
	if d.city, err = openDemoCity(filepath.Join(d.dir, "city")); err != nil {
		return err
	}
	code, err := d.city.in.Invite(ctx, demoCode)
	if err != nil {
		return err
	}
	if err := d.k.line.Enrol(ctx, d.city.url, code); err != nil {
		return err
	}
	if d.h, err = openHouse(d.k, sshAddr, &clerk.Seats{}); err != nil {
		return err
	}
	if err := d.sshConfig(); err != nil {
		return err
	}
	d.h.hints = append(d.h.hints, station.Text{
		ZH: "演示:另开一个终端运行  " + d.sshCommand() + "  就能看到同一个站;张敏的 PIN 是 " + demoPIN + "。同步以后,市级台账:kiosk list receptions --data " + d.city.k.dir,
		EN: "Demo: run  " + d.sshCommand() + "  in a second terminal to see the same station; the PIN is " + demoPIN + ". After a sync the city's register: kiosk list receptions --data " + d.city.k.dir})
	at, err := control.Listen(filepath.Join(d.city.k.dir, socketFile))
	if err != nil {
		return err
	}
	d.h.start(ctx)
	d.h.wg.Go(func() {
		if err := (control.Server{Handle: d.city.answer}).Serve(d.h.ctx, at); err != nil {
			d.k.log.Error("the demo's city stopped answering", "err", err)
		}
	})
	return nil
}

// fill writes the sample data as an attendant and a head would have on the
// days it tells of.
func (d *demo) fill() (err error) {
	led, err := bolt.Open(filepath.Join(d.dir, ledgerFile), bolt.Options{Writer: demoCode, Indexes: station.Indexes()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, led.Close()) }()
	now := time.Now()
	rs := demoReceptions(now)
	clock := rs[0].At
	desk, err := station.Open(led, station.Options{Now: func() time.Time { return clock }})
	if err != nil {
		return err
	}
	if err := desk.SetInfo(owner(), station.Info{Code: demoCode, Name: demoName, Area: demoArea}); err != nil {
		return err
	}
	if _, err := desk.PutDeputies(owner(), demoDeputies()); err != nil {
		return err
	}
	if _, err := desk.PutVillages(owner(), demoVillages()); err != nil {
		return err
	}
	if d.who, err = desk.AddUser(owner(), station.User{Name: "张敏", Role: station.RoleAttendant}, demoPIN); err != nil {
		return err
	}
	key, err := d.clientKey()
	if err != nil {
		return err
	}
	if _, err = desk.AddUser(owner(), station.User{Name: "周站长", Role: station.RoleHead, Keys: []station.UserKey{key}}, demoPIN); err != nil {
		return err
	}
	for _, r := range rs {
		clock = r.At
		if _, err := desk.Receive(d.who.Who(), r, true, ""); err != nil {
			return fmt.Errorf("sample reception: %w", err)
		}
	}
	return nil
}

// close ends everything that build started, in reverse.
func (d *demo) close() error {
	var errs []error
	if d.h != nil && d.h.ctx != nil {
		d.h.stop()
		errs = append(errs, d.h.wait())
	}
	if d.city != nil {
		errs = append(errs, d.city.close())
	}
	if d.k != nil {
		errs = append(errs, d.k.close())
	}
	return errors.Join(errs...)
}

// Names in the demo's folder.
const (
	demoKey   = "demo_key"
	demoHosts = "known_hosts"
	demoSSH   = "ssh_config"
)

// clientKey makes the key with which a second terminal comes in.
func (d *demo) clientKey() (station.UserKey, error) {
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return station.UserKey{}, err
	}
	block, err := ssh.MarshalPrivateKey(private, "demo")
	if err != nil {
		return station.UserKey{}, err
	}
	if err := os.WriteFile(filepath.Join(d.dir, demoKey), pem.EncodeToMemory(block), 0o600); err != nil {
		return station.UserKey{}, err
	}
	p, err := ssh.NewPublicKey(pub)
	if err != nil {
		return station.UserKey{}, err
	}
	return station.UserKey{Fingerprint: ssh.FingerprintSHA256(p), Comment: "demo"}, nil
}

// sshConfig lets ssh find door, key and host without a question.
func (d *demo) sshConfig() error {
	host, port, err := net.SplitHostPort(d.h.ssh.Addr().String())
	if err != nil {
		return err
	}
	pub, err := os.ReadFile(filepath.Join(d.dir, hostKey+".pub"))
	if err != nil {
		return err
	}
	line := fmt.Sprintf("[%s]:%s %s\n", host, port, strings.TrimSpace(string(pub)))
	conf := fmt.Sprintf("Host station\n  HostName %s\n  Port %s\n  User demo\n  IdentityFile %q\n  IdentitiesOnly yes\n  UserKnownHostsFile %q\n",
		host, port, filepath.Join(d.dir, demoKey), filepath.Join(d.dir, demoHosts))
	return errors.Join(os.WriteFile(filepath.Join(d.dir, demoHosts), []byte(line), 0o600),
		os.WriteFile(filepath.Join(d.dir, demoSSH), []byte(conf), 0o600))
}

func (d *demo) sshCommand() string { return "ssh -F " + filepath.Join(d.dir, demoSSH) + " station" }

// show opens the screen, signed in.
func (d *demo) show(ctx context.Context, inv *invocation) error {
	fmt.Fprintf(d.out, "演示站在 %s,退出后删除 / the demo lives there and is removed when you leave\n", d.dir)
	fmt.Fprintf(d.out, "另开一个终端 / in a second terminal:  %s\n", d.sshCommand())
	return clerk.Own(ctx, d.h.screens(), tui.Caller{Who: d.who.Who(), Env: inv.env}, inv.stdin, inv.stdout)
}

// demoCity is a city small enough for a folder: an inbox on loopback.
type demoCity struct {
	k   *kiosk // the city's ledger as the list command reads it
	led *bolt.Ledger
	in  *inbox.Inbox
	url string
	srv *http.Server
	end chan error
}

func openDemoCity(dir string) (*demoCity, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	c := &demoCity{end: make(chan error, 1)}
	if c.led, err = bolt.Open(filepath.Join(dir, ledgerFile), bolt.Options{Writer: "city", Indexes: station.Indexes()}); err != nil {
		return nil, err
	}
	desk, err := station.Open(c.led, station.Options{})
	if err != nil {
		return nil, errors.Join(err, c.led.Close())
	}
	c.k = &kiosk{dir: dir, desk: desk, led: c.led, log: slog.New(slog.DiscardHandler)}
	c.in, err = inbox.New(inbox.Config{Ledger: desk.Ledger(), Key: key, Name: "丹阳市人大(演示)"})
	if err != nil {
		return nil, errors.Join(err, c.led.Close())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, c.led.Close())
	}
	c.url = "http://" + l.Addr().String()
	c.srv = &http.Server{Handler: c.in, ReadHeaderTimeout: 10 * time.Second}
	go func() { c.end <- c.srv.Serve(l) }()
	return c, nil
}

// answer carries out a command at the city: its list is there to look at from
// a second terminal, by kiosk or by city, while the demo lives.
func (c *demoCity) answer(ctx context.Context, call control.Call) int {
	_, _, words, err := dataDir(call.Args, call.Environ()) // the city's own program sends --data along
	if err != nil {
		return settle(call.Stderr, c.k.log, err)
	}
	cmd, args, err := find(words)
	if err == nil && cmd.word != "list" {
		err = refuse(nil, "演示里的市级端只能查看:list receptions 或 list matters", "the demo's city can only be looked at: list receptions, or list matters")
	}
	if err != nil {
		return settle(call.Stderr, c.k.log, err)
	}
	inv := &invocation{cmd: cmd, args: args, dir: call.Dir, data: c.k.dir, stdin: call.Stdin, stdout: call.Stdout, stderr: call.Stderr,
		who: owner(), kiosk: c.k}
	return settle(call.Stderr, c.k.log, inv.carryOut(ctx))
}

func (c *demoCity) close() error {
	err := c.srv.Close()
	if served := <-c.end; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, c.led.Close())
}
