package clerk

import (
	"cmp"
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
	end   func()
}

var _ tui.Seat = (*Sitting)(nil)

// Take registers a session. id is the door's, "" for one of this machine. end
// must not wait. Whoever takes a seat leaves it.
func (s *Seats) Take(id string, who station.Who, command string, end func()) *Sitting {
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
	t.end()
	return nil
}

// ErrEnded is what a screen of this machine says when another ended it.
func ErrEnded() error {
	return refuse("这个会话已由管理员结束,没存的留作草稿", "this session was ended by an administrator; what was not saved stays as a draft")
}

// AtDesk is the seat of the process's own screen. It cannot leave: who sits
// there is signed out.
func (s *Seats) AtDesk() (t *Sitting, ended <-chan station.Text) {
	out := make(chan station.Text, 1)
	t = s.Take("", station.Who{Door: "screen"}, "", func() {
		select {
		case out <- station.Text{ZH: "这个会话已由管理员结束,请重新登录", EN: "This session was ended by an administrator; please sign in again"}:
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
