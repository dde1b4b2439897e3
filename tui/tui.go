// Package tui is the interface of a station: one root model a session, the
// same for the station's own screen and over SSH.
//
// Only the root is a tea.Model. Everything else is a page: a plain struct
// with its Update and View in its own file. No input or output happens in
// Update or View; pages return work, whose result is applied in Update (see
// work). Whatever is committed at the desk, from whichever session, wakes
// every root, which has its page read again.
package tui

import (
	"cmp"
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"liaison/station"
	"liaison/station/typed"
	"liaison/tui/theme"
)

// The smallest screen that shows everything.
const (
	MinWidth  = 80
	MinHeight = 24
)

// A Line is the station's line to the city as screens see it.
type Line interface {
	State() LineState
	// Run syncs now and returns when it is done; progress is called from
	// another goroutine with entries confirmed and entries to confirm.
	Run(ctx context.Context, progress func(done, total uint64)) error
	// Enrol joins the station to a city with a one-time code.
	Enrol(ctx context.Context, url, code string) error
}

// LineState is what the sync is at.
type LineState struct {
	City      string // address; "" where the station is not enrolled
	Entries   uint64
	Confirmed uint64
	Waiting   uint64
	LastSync  time.Time // the city last confirmed everything
	LastTry   time.Time
	Next      time.Time
	Running   bool
	Skew      time.Duration  // station's clock minus city's, where notable
	Err       *typed.Problem // why the last try failed
}

// Config is what all sessions of a process share; nil fields have defaults.
type Config struct {
	Desk *station.Desk // nil until the guide has made a station
	Line Line          // nil: no city in this process
	Roll Roll          // at the city: its stations

	// Create makes a station on first start and returns its desk; it may be
	// nil where Desk is set.
	Create func(code, name string) (*station.Desk, error)
	// ParseKey reads an SSH public key as people paste it. nil: keys cannot
	// be added on the screen.
	ParseKey func(line string) (station.UserKey, error)
	// Hints are lines that the settings screen shows, such as how to come in
	// over SSH and the host key's fingerprint.
	Hints []station.Text
	// Notice is what people should know when they sit down, such as a data
	// file that was mended; it is shown after a sign-in. Zero: nothing.
	Notice func() station.Text
	// Typed is told of every key, click and paste; it must not wait.
	Typed func()
	// Guests is who is connected; nil: the page for it is empty.
	Guests Guests
	// Printer is where papers are printed; nil: nowhere from here.
	Printer Printer
	// Version of the program.
	Version string
}

// A Caller is who sits before one session.
type Caller struct {
	Who    station.Who // zero: sign in on the screen
	SSH    bool
	Remote string
	Env    []string
	ID     string // of the session among Config.Guests
	Seat   Seat   // is told what goes on here; nil: nobody is
	// Ended signs the session out, for the reason that it yields; nil: never.
	Ended <-chan station.Text
	// Over is closed when the terminal is gone, whether the session has been
	// told or not; nil: never.
	Over <-chan struct{}
}

// Closing tells a session that the process is about to end: it keeps what
// was typed and quits.
type Closing struct{}

// Model is one session. Make it with New.
type Model struct {
	env
	cfg     Config
	caller  Caller
	pages   []page   // the last one is shown
	dialogs []dialog // over the page, the last one has the keys
	locked  *lockPage
	changed <-chan struct{}
	stop    func()
	last    time.Time     // last key, click or paste
	second  time.Time     // when the changes below began to be counted
	changes int           // of the desk, within a second
	quiet   bool          // quitting
	over    chan struct{} // closed with it
	locking bool          // what was typed is kept first; no key goes to the page any more
	dark    bool          // the terminal's background
	told    struct {      // what the seat was told last
		page page
		who  station.Who
	}
}

// env is what pages may know of the session.
type env struct {
	desk   *station.Desk
	line   Line
	roll   Roll
	who    station.Who
	ssh    bool
	remote string
	th     *theme.Theme
	en     bool // English; Chinese otherwise
	w, h   int  // of the page's own area
	now    time.Time
	set    station.Settings
	state  LineState
	notice notice
	own    ownLook
	due    []tea.Msg // to be carried out before the next key, see atOnce
	held   []tea.Msg // input that waits for the page, see hold

	parseKey func(line string) (station.UserKey, error)
	hints    []station.Text
	version  string
	guests   Guests
	printer  Printer
	seat     string // this session's ID among them
}

// ownLook is what somebody chose for this session alone; "" follows the
// settings of the machine.
type ownLook struct{ language, theme string }

// A notice is one line about what just happened, shown until the next key.
type notice struct {
	text string
	bad  bool
}

// page is one screen. Methods are called from Update or View only.
type page interface {
	// title names the page at the top.
	title(e *env) string
	// scope is the set of bindings that act here, besides the global ones.
	scope() scope
	// load returns work that reads what the page shows; it is called when the
	// page opens, comes back, and after every change at the desk.
	load(e *env) tea.Cmd
	// key takes a key that no dialog took; false hands it on to the bindings.
	key(e *env, k tea.KeyPressMsg) (bool, tea.Cmd)
	// act carries out a binding of the page's scope.
	act(e *env, id action) tea.Cmd
	// view draws exactly e.w × e.h cells; the cursor is relative to them.
	view(e *env) ([]string, *tea.Cursor)
}

// Pages implement these where they have use for them.
type (
	paster interface {
		paste(e *env, text string) tea.Cmd
	}
	clicker interface {
		click(e *env, x, y int) tea.Cmd
	}
	wheeler interface{ wheel(e *env, down bool) }
	// leaver keeps what must not be lost before the page goes away or is
	// covered by the lock.
	leaver interface{ leave(e *env) tea.Cmd }
	// msger takes messages of the parts it is made of, such as form.DraftMsg.
	msger interface {
		msg(e *env, m tea.Msg) tea.Cmd
	}
)

// New makes a session.
func New(cfg Config, c Caller) *Model {
	m := &Model{cfg: cfg, caller: c, last: time.Now(), dark: true, over: make(chan struct{})}
	m.roll = cfg.Roll
	m.desk, m.line, m.who, m.ssh, m.remote = cfg.Desk, cfg.Line, c.Who, c.SSH, c.Remote
	m.who.Door, m.who.Remote = m.door().Door, m.remote
	m.parseKey, m.hints, m.version, m.printer = cfg.ParseKey, cfg.Hints, cfg.Version, cfg.Printer
	m.guests, m.seat = cfg.Guests, c.ID
	m.w, m.h, m.now = MinWidth, MinHeight-frameRows, m.clock()
	if m.desk != nil {
		m.set = m.desk.Settings()
	}
	m.restyle()
	return m
}

// clock is the desk's clock, so that screens and records agree on the day.
func (m *Model) clock() time.Time {
	if m.desk == nil {
		return time.Now()
	}
	return m.desk.Now()
}

// readSettings brings the session in line with the settings of the machine.
func (m *Model) readSettings() tea.Cmd {
	desk := m.desk
	return work(func() (station.Settings, error) { return desk.Settings(), nil }, func(s station.Settings, _ error) tea.Cmd {
		m.set = s
		m.restyle()
		return nil
	})
}

// restyle applies language and theme. A theme that stays keeps its pointer,
// by which drawings are kept.
func (m *Model) restyle() {
	m.en = cmp.Or(m.own.language, m.set.Language) == "en"
	mode := theme.ParseMode(cmp.Or(m.own.theme, m.set.Theme))
	if m.caller.plain() {
		mode = theme.Plain
	}
	if th := theme.New(mode, m.dark); m.th == nil || m.th.Mode != th.Mode || m.th.Dark != th.Dark {
		m.th = th
	}
}

// plain reports a terminal without colour.
func (c Caller) plain() bool {
	for _, kv := range c.Env {
		if kv == "TERM=dumb" || len(kv) > len("NO_COLOR=") && kv[:len("NO_COLOR=")] == "NO_COLOR=" {
			return true
		}
	}
	return false
}

// landed is work that came back.
type landed struct{ apply func() tea.Cmd }

// work runs do outside Update and hands its result to then inside it.
func work[T any](do func() (T, error), then func(T, error) tea.Cmd) tea.Cmd {
	return func() tea.Msg {
		v, err := do()
		return landed{func() tea.Cmd { return then(v, err) }}
	}
}

// Messages to the root.
type (
	openMsg   struct{ p page } // show a page over the present one
	closeMsg  struct{}         // leave the present page
	homeMsg   struct{}         // leave all pages but the first
	dialogMsg struct{ d dialog }
	noticeMsg struct{ notice }
	signInMsg struct {
		who station.Who
		pin string // where it must be changed first
	}
	deskMsg    struct{ d *station.Desk } // the guide made a station
	restyleMsg struct{}
	lockMsg    struct{}
	changedMsg struct{}
	minuteMsg  time.Time
	stateMsg   struct{ s LineState }
	quitMsg    struct{}
)

func send(m tea.Msg) tea.Cmd { return func() tea.Msg { return m } }

// say shows a notice, fail an error in words.
func say(text string) tea.Cmd { return send(noticeMsg{notice{text, false}}) }

func (e *env) fail(err error) tea.Cmd { return send(noticeMsg{notice{e.explain(err), true}}) }

// explain says an error in words, with the code that the log also carries.
func (e *env) explain(err error) string {
	p := station.Say(err)
	return e.problem(p) + codeOf(p)
}

// codeOf shows the codes that a log also carries; those of fields are plain
// enough without.
func codeOf(p typed.Problem) string {
	if len(p.Code) > 2 && p.Code[:2] == "E-" {
		return " [" + p.Code + "]"
	}
	return ""
}

// Init begins the session.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor, m.tick(), m.heed()}
	switch {
	case m.desk == nil:
		cmds = append(cmds, m.push(newGuide(m.cfg.Create)))
	default:
		cmds = append(cmds, m.begin())
	}
	return tea.Batch(cmds...)
}

// begin is Init once there is a desk.
func (m *Model) begin() tea.Cmd {
	m.changed, m.stop = m.desk.Watch()
	m.pages = nil
	cmds := []tea.Cmd{m.listen(0), m.readState()}
	if m.who.Account == "" {
		return tea.Batch(append(cmds, m.push(newSignIn()))...)
	}
	return tea.Batch(append(cmds, m.push(m.homeOf()), m.greet())...)
}

// greet shows the notice to those who sit down.
func (m *Model) greet() tea.Cmd {
	if m.cfg.Notice == nil {
		return nil
	}
	if t := m.cfg.Notice(); t != (station.Text{}) {
		return send(noticeMsg{notice{m.text(t), true}})
	}
	return nil
}

// An import changes more often than anybody can look, and with many screens
// open all of them would do nothing but read: after so many changes within a
// second a screen rests before the next.
const (
	changesAtOnce = 5
	breath        = 200 * time.Millisecond
)

// rest is how long to rest after the change that has come now.
func (m *Model) rest() time.Duration {
	if now := time.Now(); now.Sub(m.second) >= time.Second {
		m.second, m.changes = now, 0
	}
	if m.changes++; m.changes > changesAtOnce {
		return breath
	}
	return 0
}

// listen waits for the next change at the desk.
func (m *Model) listen(rest time.Duration) tea.Cmd {
	c, stop, gone := m.changed, m.stop, m.caller.Over
	return func() tea.Msg {
		time.Sleep(rest) // what changes meanwhile waits in the channel
		select {
		case _, ok := <-c:
			if ok {
				return changedMsg{}
			}
		case <-gone:
			stop()
		}
		return nil
	}
}

func (m *Model) readState() tea.Cmd {
	line := m.line
	if line == nil || m.desk == nil { // before the guide has made a station there is no line to ask
		return nil
	}
	return func() tea.Msg { return stateMsg{line.State()} }
}

// tick wakes the clock at the next full minute; nothing on screen moves more
// often while somebody types. It ends with the session: a clock that ran on
// would keep all of it in memory for as long.
func (m *Model) tick() tea.Cmd {
	over, gone := m.over, m.caller.Over
	return func() tea.Msg {
		now := time.Now()
		minute := time.NewTimer(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
		defer minute.Stop()
		select {
		case t := <-minute.C:
			return minuteMsg(t)
		case <-over:
		case <-gone:
		}
		return nil
	}
}

func (m *Model) push(p page) tea.Cmd {
	m.pages = append(m.pages, p)
	m.dialogs = nil
	return p.load(&m.env)
}

func (m *Model) top() page {
	if m.locked != nil {
		return m.locked
	}
	if len(m.pages) == 0 {
		return blankPage{}
	}
	return m.pages[len(m.pages)-1]
}

// pop leaves the page on top; the first page stays.
func (m *Model) pop() tea.Cmd {
	if len(m.pages) < 2 {
		return nil
	}
	var keep tea.Cmd
	if l, ok := m.top().(leaver); ok {
		keep = l.leave(&m.env)
	}
	m.pages = m.pages[:len(m.pages)-1]
	m.dialogs = nil
	return tea.Sequence(keep, m.top().load(&m.env))
}

// quit keeps what was typed, then ends the session.
func (m *Model) quit() tea.Cmd {
	if m.quiet {
		return nil
	}
	m.quiet = true
	close(m.over)
	if m.stop != nil {
		m.stop()
	}
	return tea.Sequence(m.leaveAll(), tea.Quit)
}

func (m *Model) leaveAll() tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range m.pages {
		if l, ok := p.(leaver); ok {
			cmds = append(cmds, l.leave(&m.env))
		}
	}
	return tea.Sequence(cmds...)
}
