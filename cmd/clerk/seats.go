package clerk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"liaison/cmd/report"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/typed"
	"liaison/tui"
	"liaison/tui/door"
)

// Seats is who is connected to this process: screens of this machine, screens
// and commands over SSH. It is the Guests of the screens.
type Seats struct {
	Desk *station.Desk // nil until a station is made
	Log  *slog.Logger

	mu  sync.Mutex
	all map[string]*Sitting
	n   int
}

var _ tui.Guests = (*Seats)(nil)

// A Sitting is one session, and the Seat of its screen.
type Sitting struct {
	all   *Seats
	guest tui.Guest
	end   func(why error)
}

var _ tui.Seat = (*Sitting)(nil)

// Take registers a session. id is the door's, "" for one of this machine. end
// must not wait; it is told door.ErrEnded or door.ErrOut. Whoever takes a seat
// leaves it.
func (s *Seats) Take(id string, who station.Who, command string, end func(why error)) *Sitting {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" {
		s.n++
		id = fmt.Sprintf("L%d", s.n)
	}
	t := &Sitting{all: s, end: end, guest: tui.Guest{ID: id, Who: who, Command: command != "", Since: time.Now(), Doing: station.Text{ZH: command, EN: command}}}
	if s.all == nil {
		s.all = map[string]*Sitting{}
	}
	s.all[id] = t
	return t
}

// Leave ends the sitting.
func (t *Sitting) Leave() {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	delete(t.all.all, t.guest.ID)
}

// Shows implements tui.Seat.
func (t *Sitting) Shows(who station.Who, page station.Text) {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	who.Door, who.Remote = t.guest.Who.Door, t.guest.Who.Remote
	t.guest.Who, t.guest.Doing = who, page
}

// Touched implements tui.Seat.
func (t *Sitting) Touched() {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	t.guest.Last = time.Now()
}

// Guests lists the sessions, the newest first.
func (s *Seats) Guests() []tui.Guest {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]tui.Guest, 0, len(s.all))
	for _, t := range s.all {
		list = append(list, t.guest)
	}
	slices.SortFunc(list, func(a, b tui.Guest) int { return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.ID, b.ID)) })
	return list
}

// End ends one session, once that is on record. A full disk must not keep an
// intruder in: then the log has the line.
func (s *Seats) End(who station.Who, id string) error {
	if err := who.Need(station.RightGuests); err != nil {
		return errors.Join(err, s.Desk.Audit(who, station.ActRefused, "session", false, station.Say(err).Code))
	}
	s.mu.Lock()
	t := s.all[id]
	var object string
	if t != nil {
		object = cmp.Or(t.guest.Who.Account, "nobody")
	}
	s.mu.Unlock()
	if t == nil {
		return typed.Problem{Code: "guest-gone", ZH: "没有这个会话,它可能已经结束。", EN: "There is no such session; it may have ended already."}
	}
	err := s.Desk.Audit(who, station.ActEnd, object, true, id)
	if err != nil && !errors.Is(err, ledger.ErrFull) {
		return err
	}
	s.Log.Warn("session ended by another", "code", "K-ENDED", "session", id, "account", object, "by", who.Account, "audited", err == nil)
	t.end(door.ErrEnded)
	return nil
}

// admitLook is how often it is looked whether those who sit here may stay:
// midnight passes without any change that would tell of it.
const admitLook = time.Minute

// Evict ends the sessions and commands of accounts that were removed or whose
// last day has passed, until ctx ends.
func (s *Seats) Evict(ctx context.Context) {
	changed, stop := s.Desk.Watch()
	defer stop()
	tick := time.NewTicker(admitLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-tick.C:
		}
		for _, t := range s.unadmitted() {
			t.end(door.ErrOut)
		}
	}
}

// unadmitted are the sittings of accounts that may not go on.
func (s *Seats) unadmitted() []*Sitting {
	s.mu.Lock()
	by := map[string][]*Sitting{}
	for _, t := range s.all {
		by[t.guest.Who.Account] = append(by[t.guest.Who.Account], t)
	}
	s.mu.Unlock()
	delete(by, "")                      // nobody has signed in
	delete(by, station.Owner().Account) // owns the machine, and has no account
	var out []*Sitting
	for id, all := range by {
		if err := s.Desk.Admitted(id); errors.Is(err, ledger.ErrNotFound) || err != nil && station.Say(err).Code == station.ErrExpired {
			out = append(out, all...)
		}
	}
	return out
}

// ErrEnded is what a screen of this machine says when another ended it.
func ErrEnded() error {
	return refuse("这个会话已由管理员结束,没存的留作草稿", "this session was ended by an administrator; what was not saved stays as a draft")
}

// errOut is what a screen or command says when its account may not go on.
func errOut() error {
	return refuse("这个账号已到期或已删除,会话已结束,没存的留作草稿;请联系站长或系统管理员", "this account has expired or was removed and the session has ended; what was not saved stays as a draft. Ask the head or the administrator")
}

// PutOut says why a command over SSH ended, where that is its account.
func PutOut(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), door.ErrOut) {
		return errOut()
	}
	return err
}

// AtDesk is the seat of the process's own screen. It cannot leave: who sits
// there is signed out.
func (s *Seats) AtDesk() (t *Sitting, ended <-chan station.Text) {
	out := make(chan station.Text, 1)
	t = s.Take("", station.Who{Door: "screen"}, "", func(why error) {
		said := station.Text{ZH: "这个会话已由管理员结束,请重新登录", EN: "This session was ended by an administrator; please sign in again"}
		if errors.Is(why, door.ErrOut) {
			said = station.Text{ZH: "这个账号已到期或已删除,请联系站长或系统管理员", EN: "This account has expired or was removed; please ask the head or the administrator"}
		}
		select {
		case out <- said:
		default: // the one before has not been read yet
		}
	})
	return t, out
}

// A Session is one line of `sessions --json`.
type Session struct {
	ID      string     `json:"id"`
	Account string     `json:"account"` // "": nobody has signed in yet
	Name    string     `json:"name"`
	Role    string     `json:"role"`
	Door    string     `json:"door"`   // screen, ssh
	Remote  string     `json:"remote"` // address and port; "" on this machine
	Kind    string     `json:"kind"`   // screen, command
	Doing   string     `json:"doing"`  // the page, or the command's word
	Since   time.Time  `json:"since"`
	Last    *time.Time `json:"last_key"`
}

// Sessions lists who is connected, or ends a session. Seats is nil where no
// process serves.
func Sessions(c Call, seats *Seats, args []string) error {
	fs := Flags("sessions")
	asJSON := fs.Bool("json", false, "")
	args, err := c.Parse(fs, args, 0, 2)
	if err != nil {
		return err
	}
	if seats == nil {
		return refuse("程序没有在运行,没有人连着", "the program is not running, so nobody is connected")
	}
	switch {
	case len(args) == 0:
		return c.listGuests(seats.Guests(), *asJSON)
	case len(args) == 2 && args[0] == "end":
		if err := seats.End(c.Who, args[1]); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.Stdout, "已结束会话 %s / session %[1]s was ended\n", clip(args[1]))
		return err
	}
	return c.misused()
}

func (c Call) listGuests(list []tui.Guest, asJSON bool) error {
	if asJSON {
		out := report.NewLines(c.Stdout)
		for _, g := range list {
			s := Session{ID: g.ID, Account: g.Who.Account, Name: g.Who.Name, Role: string(g.Who.Role), Door: g.Who.Door, Remote: g.Who.Remote,
				Kind: string(door.KindScreen), Doing: g.Doing.ZH, Since: g.Since.In(station.Beijing), Last: instant(g.Last)}
			if g.Command {
				s.Kind = string(door.KindCommand)
			}
			if err := out.Put(s); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	t := report.NewTable(report.Column{Head: "会话 ID"}, report.Column{Head: "姓名 Name", Width: 16}, report.Column{Head: "角色 Role"}, report.Column{Head: "来自 From", Width: 28},
		report.Column{Head: "开始 Since"}, report.Column{Head: "最近按键 Last key"}, report.Column{Head: "正在 Doing", Width: 24})
	for _, g := range list {
		name, role := "(未登录)", ""
		if g.Who.Account != "" {
			name, role = g.Who.Name, g.Who.RoleText().ZH
		}
		doing := g.Doing.ZH
		if g.Command {
			doing = "命令 " + doing
		}
		t.Row(g.ID, name, role, cmp.Or(g.Who.Remote, "本机"), moment(&g.Since), moment(instant(g.Last)), doing)
	}
	return t.Print(c.Stdout)
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(station.Beijing)
	return &t
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(station.Beijing).Format(report.Minute)
}
