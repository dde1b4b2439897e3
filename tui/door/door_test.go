package door_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	gossh "golang.org/x/crypto/ssh"

	"liaison/tui/door"
	"liaison/tui/door/doortest"
)

// page is a small model: it shows its caller, its size and what was typed.
type page struct {
	who    door.Caller
	size   tea.WindowSizeMsg
	typed  string
	closed chan<- error // told of a Closing
	deaf   bool         // does not listen to it
	broken bool
}

func (m page) Init() tea.Cmd { return nil }

func (m page) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size = msg
	case door.Closing:
		if m.closed != nil {
			m.closed <- msg.Why
		}
		if !m.deaf {
			return m, tea.Quit
		}
	case tea.KeyPressMsg:
		return m.key(msg)
	}
	return m, nil
}

func (m page) key(k tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	boom := func() tea.Msg { panic("王小明 13800138000") } // what a person typed must not be logged
	switch k.String() {
	case "q":
		return m, tea.Quit
	case "ctrl+z":
		return m, tea.Suspend
	case "1":
		boom()
	case "2":
		m.broken = true
	case "3":
		return m, boom
	case "4":
		return m, tea.Batch(func() tea.Msg { return nil }, tea.Sequence(func() tea.Msg { return nil }, boom))
	default:
		m.typed += k.Text
	}
	return m, nil
}

func (m page) View() tea.View {
	if m.broken {
		var none []string
		_ = none[len(m.typed)]
	}
	v := tea.NewView(fmt.Sprintf("user=%s\nsize=%dx%d\ntyped=%s.\nenv=%s", m.who.User, m.size.Width, m.size.Height, m.typed, m.who.Env))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	return v
}

func newPage(c door.Caller) tea.Model { return page{who: c} }

const leaveAltScreen = "\x1b[?1049l"

// logbook is a log that a test can read.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logbook) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	limit := time.After(doortest.Patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// running counts the goroutines that are at work in any of those functions.
func running(functions ...string) (n int) {
	buf := make([]byte, 4<<20)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		for _, f := range functions {
			if strings.Contains(stack, f) {
				n++
				break
			}
		}
	}
	return n
}

// sit is a screen on a connection of its own.
func sit(t testing.TB, addr string, k gossh.Signer, w, h int) *doortest.Terminal {
	t.Helper()
	s, err := doortest.Sit(doortest.Connect(t, addr, k), w, h)
	must(t, err)
	return s
}

func status(t testing.TB, s *doortest.Terminal, want int) {
	t.Helper()
	if got, err := s.Status(); err != nil || got != want {
		t.Errorf("exit status %d, %v, want %d", got, err, want)
	}
}

func TestAPersonComesInTypesResizesAndLeaves(t *testing.T) {
	key := doortest.NewKey(t)
	var log logbook
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "zhang"), NewModel: newPage, Log: log.logger()})

	s := sit(t, addr, key, 80, 24)
	must(t, s.Sees("user=zhang"))
	must(t, s.Sees("size=80x24"))
	must(t, s.Type("路灯不亮"))
	must(t, s.Sees("路灯不亮"))
	must(t, s.WindowChange(40, 120))
	must(t, s.Sees("120x40"))
	must(t, s.Type("\x1a")) // Ctrl+Z would stop the whole process
	must(t, s.Type("好"))
	must(t, s.Sees("好"))

	live := d.Sessions()
	if len(live) != 1 || live[0].User != "zhang" || live[0].Kind != door.KindScreen || live[0].Remote == "" {
		t.Errorf("sessions %+v", live)
	}
	must(t, s.Type("q"))
	status(t, s, 0)
	must(t, s.Sees(leaveAltScreen))
	eventually(t, "the session is off the list", func() bool { return len(d.Sessions()) == 0 })

	fp := doortest.Fingerprint(key)
	if l := log.String(); !strings.Contains(l, "user=zhang") || !strings.Contains(l, fp[:15]) || strings.Contains(l, fp) ||
		strings.Contains(l, "路灯") || strings.Contains(l, "someone") {
		t.Errorf("log: %s", l)
	}
}

func TestOnlyKnownKeysAndNothingElseOpen(t *testing.T) {
	known := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(known, "zhang"), NewModel: newPage})
	for name, auth := range map[string][]gossh.AuthMethod{
		"unknown key": {gossh.PublicKeys(doortest.NewKey(t))},
		"password":    {gossh.Password("zhang")},
		"interactive": {gossh.KeyboardInteractive(func(string, string, []string, []bool) ([]string, error) { return []string{"zhang"}, nil })},
		"none":        nil,
	} {
		c, err := gossh.Dial("tcp", addr, &gossh.ClientConfig{User: "zhang", Auth: auth, HostKeyCallback: gossh.InsecureIgnoreHostKey()})
		if err == nil {
			_ = c.Close()
			t.Errorf("%s was let in", name)
		}
	}
}

// lent is a public key whose private half the client does not have: it offers
// the key, and cannot sign with it.
type lent struct{ gossh.Signer }

func (lent) Sign(io.Reader, []byte) (*gossh.Signature, error) { return nil, errors.New("not mine") }

// mangled signs with a key of its own in the name of another.
type mangled struct{ gossh.Signer }

func (m mangled) Sign(r io.Reader, b []byte) (*gossh.Signature, error) {
	return m.Signer.Sign(r, append(b, 'x'))
}

// CVE-2024-45337 and its kin: the key that was merely offered must not name
// the person.
func TestAKeyThatIsOfferedButNotOwnedGivesNoIdentity(t *testing.T) {
	head, clerk := doortest.NewKey(t), doortest.NewKey(t)
	users := map[string]string{doortest.Fingerprint(head): "head", doortest.Fingerprint(clerk): "clerk"}
	_, addr := doortest.Open(t, door.Config{
		Lookup:   func(fp string) (string, bool) { u, ok := users[fp]; return u, ok },
		NewModel: newPage,
	})

	// Offers the head's key (the server says: go on), then proves the clerk's.
	asked := 0
	c, err := gossh.Dial("tcp", addr, &gossh.ClientConfig{
		User: "head", HostKeyCallback: gossh.InsecureIgnoreHostKey(),
		Auth: []gossh.AuthMethod{gossh.PublicKeysCallback(func() ([]gossh.Signer, error) {
			asked++
			return []gossh.Signer{clerk}, nil
		})},
	})
	must(t, err)
	defer c.Close()
	s, err := doortest.Sit(c, 80, 24)
	must(t, err)
	must(t, s.Sees("user=clerk"))
	if strings.Contains(s.Shown(), "user=head") || asked == 0 {
		t.Error("the user name made the person")
	}

	for name, signer := range map[string]gossh.Signer{"offered only": lent{head}, "bad signature": mangled{head}} {
		c, err := doortest.Dial(addr, signer)
		if err == nil {
			_ = c.Close()
			t.Errorf("%s: let in", name)
		}
	}

	offered := offerThenProve(t, addr, head, clerk)
	must(t, offered.Sees("user=clerk"))
}

func TestAPersonRemovedAfterAuthenticationStaysOut(t *testing.T) {
	key := doortest.NewKey(t)
	var removed atomic.Bool
	_, addr := doortest.Open(t, door.Config{
		Lookup:   func(string) (string, bool) { return "zhang", !removed.Load() },
		NewModel: newPage,
		Exec: func(context.Context, door.Caller, []string, io.Reader, io.Writer, io.Writer) int {
			t.Error("the command was carried out")
			return 0
		},
	})
	c := doortest.Connect(t, addr, key)
	removed.Store(true)
	s, err := doortest.Sit(c, 80, 24)
	must(t, err)
	status(t, s, 1)
	if !strings.Contains(s.Said(), "no longer accepted") || strings.Contains(s.Shown(), "user=") {
		t.Errorf("said %q, showed %q", s.Said(), s.Shown())
	}
	cmd, err := c.NewSession()
	must(t, err)
	if got, err := doortest.Status(func() error { return cmd.Run("list receptions") }); got != 1 {
		t.Errorf("command: %d, %v", got, err)
	}
}

func TestAWindowOfAnySizeIsMadeAffordable(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage})
	for _, c := range []struct {
		w, h int
		want string
	}{{0, 0, "80x24"}, {65535, 65535, "400x120"}, {8000, 2000, "400x120"}, {1, 1, ""}, {-1, -1, "400x120"}} {
		s := sit(t, addr, key, c.w, c.h)
		if c.want != "" {
			must(t, s.Sees("size="+c.want))
		}
		must(t, s.WindowChange(60000, 60000))
		must(t, s.Sees("400x120"))
		must(t, s.WindowChange(31, 101))
		must(t, s.Sees("101x31"))
		must(t, s.Type("q"))
		status(t, s, 0)
	}
}

func TestFiveThousandVariablesLeaveAFewHarmlessOnes(t *testing.T) {
	key := doortest.NewKey(t)
	var env []string
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: func(c door.Caller) tea.Model {
		env = c.Env
		return page{who: c}
	}})
	s, err := doortest.Connect(t, addr, key).NewSession()
	must(t, err)
	for i := range 5000 {
		if err := s.Setenv(fmt.Sprintf("LD_PRELOAD_%d", i), strings.Repeat("x", 32<<10)); err == nil {
			t.Fatal("an unknown variable was taken")
		}
	}
	for name, value := range map[string]string{"LANG": "zh_CN.UTF-8\x1b]0;x\a", "LC_ALL": strings.Repeat("x", 1000), "TERM": "evil"} {
		if err := s.Setenv(name, value); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	must(t, s.Setenv("COLORTERM", "truecolor"))
	must(t, s.RequestPty("xterm", 24, 80, nil))
	out, err := s.StdoutPipe()
	must(t, err)
	must(t, s.Shell())
	_, err = out.Read(make([]byte, 1))
	must(t, err)
	if got := strings.Join(env, " "); got != "COLORTERM=truecolor TERM=xterm" {
		t.Errorf("environment %q", got)
	}
}

func TestAThirdSessionOnAConnectionIsRefused(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage})
	c := doortest.Connect(t, addr, key)
	var open []*doortest.Terminal
	for range 2 {
		s, err := doortest.Sit(c, 80, 24)
		must(t, err)
		must(t, s.Sees("user=u"))
		open = append(open, s)
	}
	if _, err := doortest.Sit(c, 80, 24); err == nil {
		t.Fatal("a third was let in")
	}
	// Its place is free as soon as one leaves, fifty times over.
	for range 50 {
		must(t, open[0].Close())
		s, err := doortest.Sit(c, 80, 24)
		must(t, err)
		open[0] = s
	}
	must(t, open[1].Type("still here"))
	must(t, open[1].Sees("still here"))
}

// A client that closes the channel and keeps the connection (an OpenSSH
// control master) once left a program behind that ate a core.
func TestAClosedChannelOnAKeptConnectionEndsItsProgram(t *testing.T) {
	key := doortest.NewKey(t)
	closed := make(chan error, 1)
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: func(c door.Caller) tea.Model {
		return page{who: c, closed: closed}
	}})
	c := doortest.Connect(t, addr, key)
	for range 5 {
		s, err := doortest.Sit(c, 80, 24)
		must(t, err)
		must(t, s.Sees("user=u"))
		must(t, s.Close())
		if why := <-closed; why != door.ErrGone {
			t.Errorf("told %v", why)
		}
	}
	eventually(t, "all its goroutines have ended", func() bool { return running("bubbletea/v2.", "door.(*session).", "door.Screen.") == 0 })
	if n := len(d.Sessions()); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

func TestAConnectionCutInTheMiddleLeavesNothing(t *testing.T) {
	key := doortest.NewKey(t)
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage})
	for range 10 {
		c, err := doortest.Dial(addr, key)
		must(t, err)
		s, err := doortest.Sit(c, 80, 24)
		must(t, err)
		must(t, s.Sees("user=u"))
		must(t, c.Close())
	}
	eventually(t, "all sessions are over", func() bool { return len(d.Sessions()) == 0 })
	eventually(t, "all goroutines have ended", func() bool {
		return running("bubbletea/v2.", "door.(*session).", "door.Screen.", "handleConn", "crypto/ssh.") == 0
	})
}

func TestAPanicEndsItsOwnSessionWithACodeThatTheLogHasToo(t *testing.T) {
	key := doortest.NewKey(t)
	var log logbook
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage, Log: log.logger()})
	other := sit(t, addr, key, 80, 24)
	must(t, other.Sees("user=u"))
	for _, k := range []string{"1", "2", "3", "4"} { // Update, View, a command, one in a sequence in a batch
		s := sit(t, addr, key, 80, 24)
		must(t, s.Sees("user=u"))
		must(t, s.Type(k))
		status(t, s, 70)
		must(t, s.Sees(leaveAltScreen))
		_, rest, _ := strings.Cut(s.Said(), "(code ")
		code, _, _ := strings.Cut(rest, ")")
		if code == "" || !strings.Contains(log.String(), "code="+code) {
			t.Errorf("key %s: code %q of %q is not in the log", k, code, s.Said())
		}
	}
	if strings.Contains(log.String(), "13800138000") {
		t.Error("the log tells what was typed")
	}
	must(t, other.Type("alive"))
	must(t, other.Sees("alive"))
}

func TestAModelThatCannotBeMadeEndsItsOwnSession(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: func(door.Caller) tea.Model { panic("no") }})
	for range 2 {
		status(t, sit(t, addr, key, 80, 24), 70)
	}
}

func TestTheHostKeyIsMadeOnceAndNeverReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "host_key")
	cfg := door.Config{HostKeyPath: path, Lookup: func(string) (string, bool) { return "", false }}
	first, err := door.New(cfg)
	must(t, err)
	if !strings.HasPrefix(first.Fingerprint(), "SHA256:") {
		t.Errorf("fingerprint %q", first.Fingerprint())
	}
	st, err := os.Stat(path)
	must(t, err)
	if st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", st.Mode())
	}
	again, err := door.New(cfg)
	must(t, err)
	if again.Fingerprint() != first.Fingerprint() {
		t.Error("another key after a restart")
	}

	whole, err := os.ReadFile(path)
	must(t, err)
	refused := func(name string) {
		t.Helper()
		if _, err := door.New(cfg); !errors.Is(err, door.ErrHostKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, os.Chmod(path, 0o644))
	refused("readable by others")
	must(t, os.Chmod(path, 0o600))
	must(t, os.WriteFile(path, whole[:40], 0o600))
	refused("truncated")
	must(t, os.Remove(path))
	refused("lost")
	if _, err := os.Stat(path); err == nil {
		t.Error("a lost key was replaced")
	}
	must(t, os.Remove(path+".pub")) // a person's decision
	fresh, err := door.New(cfg)
	must(t, err)
	if fresh.Fingerprint() == first.Fingerprint() {
		t.Error("the same key twice")
	}
}
