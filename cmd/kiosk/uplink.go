package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/sync/outbox"
	"liaison/sync/wire"
	"liaison/tui"
)

// Local settings of the line to the city. They never leave this machine.
const (
	localKey  = "line/key"  // seed of the station's Ed25519 key
	localNext = "line/next" // seed of the key that shall take its place, while the city has not said that it does
	localCity = "line/city" // membership, since the enrolment
)

// membership is what is kept of an enrolment.
type membership struct {
	outbox.City
	CA []byte `json:"ca,omitempty"` // PEM: the city's own root certificates
}

// An uplink is the station's line to its city: nothing before the enrolment,
// an outbox from then on. It is the Line of the screens.
type uplink struct {
	k       *kiosk
	rolling sync.Mutex // one exchange of the key at a time
	joining sync.Mutex // one enrolment at a time, from the look at what is pinned to what takes its place

	mu      sync.Mutex
	box     *outbox.Outbox // nil: not enrolled
	city    membership
	plan    outbox.Schedule
	renewed chan struct{} // closed when box was exchanged
}

var _ tui.Line = (*uplink)(nil)

// openUplink reads what the enrolment left.
func openUplink(k *kiosk) (*uplink, error) {
	u := &uplink{k: k, renewed: make(chan struct{})}
	b, err := k.led.Local(localCity)
	if errors.Is(err, ledger.ErrNotFound) {
		return u, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &u.city)
	}
	if err != nil {
		return nil, fmt.Errorf("read enrolment: %w", err)
	}
	return u, u.renew()
}

// renew makes the outbox that city and settings ask for, and has the loop take
// it up.
func (u *uplink) renew() error {
	seed, err := u.k.led.Local(localKey)
	if err != nil || len(seed) != ed25519.SeedSize {
		return fmt.Errorf("read the station's key (%d bytes): %w", len(seed), errors.Join(err, ledger.ErrBroken))
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	secure, err := u.city.tls()
	if err != nil {
		return err
	}
	u.plan = schedule(u.k.desk.Settings())
	box, err := outbox.New(outbox.Config{
		Ledger: u.k.desk.Ledger(), Key: ed25519.NewKeyFromSeed(seed), Station: u.k.led.Own().Writer(), City: u.city.City,
		Logger: u.k.log, TLS: secure, Schedule: u.plan, Version: upkeep.Version(),
		Withhold: func(e ledger.Entry) bool { return station.Withheld(u.k.led, e) },
	})
	if err != nil {
		return err
	}
	u.box = box
	close(u.renewed)
	u.renewed = make(chan struct{})
	return nil
}

func (m membership) tls() (*tls.Config, error) {
	if m.CA == nil {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(m.CA) {
		return nil, refuse(nil, "--ca 的文件里没有证书(PEM 格式)", "there is no certificate in the --ca file (PEM)")
	}
	return &tls.Config{RootCAs: pool}, nil
}

// schedule turns the settings into times.
func schedule(s station.Settings) outbox.Schedule {
	out := outbox.Schedule{Zone: station.Beijing, Every: time.Duration(s.SyncMins) * time.Minute}
	if t, err := time.Parse("15:04", s.SyncAt); err == nil {
		out.Nightly = max(time.Duration(t.Hour())*time.Hour+time.Duration(t.Minute())*time.Minute, 1) // 0 would mean the default
	}
	return out
}

// loop syncs by the schedule until ctx ends, with whatever enrolment and
// settings say meanwhile.
func (u *uplink) loop(ctx context.Context) {
	changed, stop := u.k.desk.Watch()
	defer stop()
	for ctx.Err() == nil {
		u.mu.Lock()
		box, renewed := u.box, u.renewed
		u.mu.Unlock()
		run, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		if box != nil {
			wg.Go(func() { box.Run(run) })
			wg.Go(func() { u.settleKey(run) })
		}
		u.attend(ctx, renewed, changed)
		cancel()
		wg.Wait()
	}
}

// attend returns when the outbox is to be exchanged, or was.
func (u *uplink) attend(ctx context.Context, renewed, changed <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-renewed:
			return
		case <-changed:
			u.mu.Lock()
			same := u.box == nil || u.plan == schedule(u.k.desk.Settings())
			u.mu.Unlock()
			if same {
				continue
			}
			if err := u.renew(); err != nil {
				u.k.log.Error("renew outbox", "err", err)
			}
			return
		}
	}
}

// outbox returns the present one; nil where the station is not enrolled.
func (u *uplink) outbox() *outbox.Outbox {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.box
}

// address is the city's, "" where the station is not enrolled.
func (u *uplink) address() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.city.URL
}

// State is what the screens show of the line.
func (u *uplink) State() tui.LineState {
	box := u.outbox()
	if box == nil {
		s, err := u.k.counts()
		out := tui.LineState{Entries: s.entries, Confirmed: s.confirmed, Waiting: s.entries - s.confirmed}
		if err != nil {
			p := station.Say(err)
			out.Err = &p
		}
		return out
	}
	s, err := box.Status()
	if err != nil {
		p := station.Say(err)
		return tui.LineState{City: u.address(), Err: &p}
	}
	out := tui.LineState{City: u.address(), Entries: s.Entries, Confirmed: s.Confirmed, Waiting: s.Waiting,
		LastSync: s.LastSync, LastTry: s.LastTry, Next: s.Next, Running: s.Running}
	if s.ClockOff {
		out.Skew = s.Skew
	}
	if e := s.LastError; e != nil {
		out.Err = &typed.Problem{Code: string(e.Code), ZH: e.ZH, EN: e.EN}
	}
	return out
}

// quiet is how long a run may go without any news from the city.
const quiet = 18 * time.Second

var errNotEnrolled = typed.Problem{Code: "not-enrolled",
	ZH: "还没有接入市级端。请向市里要一次性代码,然后运行:kiosk enroll 网址 代码。",
	EN: "This station is not enrolled with a city yet. Ask the city for a one-time code, then run: kiosk enroll URL CODE."}

var errQuiet = typed.Problem{Code: "no-answer",
	ZH: "市级服务器没有应答。数据都在本站,稍后会自动重试。",
	EN: "The city does not answer. The data are safe here and will be sent later."}

// Run syncs now. It gives up when nothing was heard from the city for a while,
// also where it had to wait for a run under way.
func (u *uplink) Run(ctx context.Context, progress func(done, total uint64)) error {
	box := u.outbox()
	if box == nil {
		return errNotEnrolled
	}
	if id, err := u.rekey(ctx, false); id != "" {
		box = u.outbox()
	} else if err != nil && ctx.Err() == nil {
		u.k.log.Warn("the station's key is not exchanged yet", "code", "K-REKEY", "err", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(quiet, func() { cancel(errQuiet) })
	defer watchdog.Stop()
	heard, stop := u.k.desk.Watch() // what the city sends is committed here
	defer stop()
	go func() {
		for range heard {
			watchdog.Reset(quiet)
		}
	}()
	err := box.Once(ctx, func(done, total uint64) {
		watchdog.Reset(quiet)
		if progress != nil {
			progress(done, total)
		}
	})
	if err != nil && errors.Is(context.Cause(ctx), errQuiet) {
		return errQuiet
	}
	return spoken(err)
}

// spoken gives the outbox's own sentence its place among problems.
func spoken(err error) error {
	if e, ok := errors.AsType[*outbox.Error](err); ok {
		return &refusal{typed.Problem{Code: string(e.Code), ZH: e.ZH, EN: e.EN}, e}
	}
	return err
}

// Enrol joins the city at url where there is none yet: the screens ask for one
// only then.
func (u *uplink) Enrol(ctx context.Context, url, code string) error {
	return u.enrol(ctx, url, code, nil, func(joined outbox.City, _ difference) error {
		return elsewhere(joined, differs)
	})
}

// A difference is how the city at hand differs from the one that is pinned.
type difference uint8

const (
	same     difference = iota
	differs             // another address: nobody there has been spoken to
	otherKey            // the same address, where another key answers
)

// elsewhere refuses to take a station away from its city.
func elsewhere(joined outbox.City, how difference) error {
	name := clip(or(joined.Name, joined.URL))
	if how == otherKey {
		return refuse(nil, "%[1]s 这个地址现在应答的不是本站认定的市级端(密钥不同),没有改动任何数据。请先向市里核实;确要改接,请在本机由两个人办:kiosk enroll 网址 代码 --second 另一位站长或管理员", "whoever answers at the address of %[1]s now is not the city that this station pinned: it has another key. Nothing was changed. Ask the city first; to join it all the same takes two people at the machine: kiosk enroll URL CODE --second NAME of a head or administrator", name)
	}
	return refuse(nil, "本站已接入%[1]s(%[2]s),没有改动任何数据。改接另一个市级端,请在本机由两个人办:kiosk enroll 网址 代码 --second 另一位站长或管理员", "this station has joined %[1]s (%[2]s); nothing was changed. To join another city takes two people at the machine: kiosk enroll URL CODE --second NAME of a head or administrator", name, clip(joined.URL))
}

// enrol joins the city at url. The station's key is made once and kept before
// it is shown to anybody, so that a lost answer can be asked for again. Where
// the station has a city, may is asked before anybody at url is: who is no city
// must not even be able to say that the key is spent, and have it given up.
func (u *uplink) enrol(ctx context.Context, url, code string, ca []byte, may func(joined outbox.City, how difference) error) error {
	u.joining.Lock()
	defer u.joining.Unlock()
	u.mu.Lock()
	joined := u.city.City
	u.mu.Unlock()
	if joined.URL != "" {
		how := same
		if host(url) != host(joined.URL) {
			how = differs
		}
		if err := may(joined, how); err != nil {
			return err
		}
	}
	m := membership{CA: ca}
	secure, err := m.tls()
	if err != nil {
		return err
	}
	key, err := u.key(ctx)
	if err != nil {
		return err
	}
	e := outbox.Enrolment{URL: url, Code: code, Station: u.k.led.Own().Writer(), Name: u.k.desk.Info().Name, Key: key, TLS: secure}
	m.City, err = outbox.Enrol(ctx, e)
	if p, ok := errors.AsType[*outbox.Error](err); ok && p.Code == wire.SpentKey { // revoked there: the code is good for another
		if e.Key, err = u.renounce(ctx); err != nil {
			return err
		}
		m.City, err = outbox.Enrol(ctx, e)
	}
	if err != nil {
		return spoken(err)
	}
	if joined.URL != "" && !bytes.Equal(m.Key, joined.Key) {
		if err := may(joined, otherKey); err != nil {
			return err
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := u.keep(ctx, localCity, b); err != nil {
		return err
	}
	u.mu.Lock()
	u.city = m
	u.mu.Unlock()
	return u.renew()
}

// host is where an address leads: name and port, since another port may be
// another program. What is no address leads nowhere that was joined.
func host(address string) string {
	a, err := url.Parse(address)
	if err != nil {
		return address
	}
	port := a.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(a.Scheme)]
	}
	return net.JoinHostPort(strings.ToLower(a.Hostname()), port)
}

// key returns the station's key, made at the first call.
func (u *uplink) key(ctx context.Context) (ed25519.PrivateKey, error) {
	seed, err := u.k.led.Local(localKey)
	if errors.Is(err, ledger.ErrNotFound) {
		if seed, err = newSeed(); err == nil {
			err = u.keep(ctx, localKey, seed)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the station's key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the station's key: %w: %d bytes", ledger.ErrBroken, len(seed))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func (u *uplink) keep(ctx context.Context, name string, value []byte) error {
	_, err := u.k.desk.Ledger().Commit(ctx, ledger.Change{Local: []ledger.Local{{Name: name, Value: value}}})
	return err
}

// name is how the city calls itself, or its address.
func (u *uplink) name() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return or(u.city.Name, u.city.URL)
}
