package door_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	gossh "golang.org/x/crypto/ssh"

	"liaison/tui/door"
	"liaison/tui/door/doortest"
)

func TestAThousandWrongKeysDoNotDisturbWhoIsInside(t *testing.T) {
	key := doortest.NewKey(t)
	var log logbook
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage, Log: log.logger()})
	s := sit(t, addr, key, 80, 24)
	must(t, s.Sees("user=u"))

	wrong := doortest.NewKey(t)
	var wg sync.WaitGroup
	tries := make(chan struct{}, 1000)
	for range cap(tries) {
		tries <- struct{}{}
	}
	close(tries)
	for range 8 {
		wg.Go(func() {
			for range tries {
				if c, err := doortest.Dial(addr, wrong); err == nil {
					_ = c.Close()
					t.Error("let in")
				}
			}
		})
	}
	must(t, s.Type("in the middle of it"))
	must(t, s.Sees("in the middle of it"))
	wg.Wait()
	must(t, s.Type(" and after"))
	must(t, s.Sees("and after"))

	// Nearly all were turned away before the handshake, and the log is short.
	if n := strings.Count(log.String(), "unknown key"); n == 0 || n > 100 {
		t.Errorf("%d of 1000 got as far as offering their key", n)
	}
	if n := strings.Count(log.String(), "level=WARN"); n > 100 {
		t.Errorf("%d warnings", n)
	}
}

func TestTwoHundredSilentConnectionsAreClosedAtTheHandshakeDeadline(t *testing.T) {
	key := doortest.NewKey(t)
	const silent = 200
	_, addr := doortest.Open(t, door.Config{
		Lookup: doortest.Only(key, "u"), NewModel: newPage,
		Limits: door.Limits{PerAddress: silent + 1, Unproven: silent + 1, Handshake: 2 * time.Second},
	})
	s := sit(t, addr, key, 80, 24) // outlives the deadline: it has authenticated
	var wg sync.WaitGroup
	for range silent {
		c, err := net.Dial("tcp", addr)
		must(t, err)
		defer c.Close()
		must(t, c.SetReadDeadline(time.Now().Add(doortest.Patience)))
		wg.Go(func() {
			if _, err := io.Copy(io.Discard, c); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("a silent connection was kept")
			}
		})
	}
	wg.Wait()
	must(t, s.Type("still"))
	must(t, s.Sees("still"))
}

// A flood of connections that say nothing must not keep the honest out: the
// oldest silent one gives way.
func TestSilentConnectionsGiveWayToAnHonestOne(t *testing.T) {
	silentGiveWay(t, door.Limits{Unproven: 4, PerAddress: 100, Handshake: time.Hour})
}

// Nor the honest behind the same address, whose share it fills.
func TestSilentNeighboursGiveWayToAnHonestOne(t *testing.T) {
	silentGiveWay(t, door.Limits{Unproven: 100, PerAddress: 4, Handshake: time.Hour})
}

func silentGiveWay(t *testing.T, limits door.Limits) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{
		Lookup: doortest.Only(key, "u"), NewModel: newPage,
		Limits: limits,
	})
	closed := make(chan struct{}, 20)
	for range cap(closed) {
		c, err := net.Dial("tcp", addr)
		must(t, err)
		defer c.Close()
		go func() { _, _ = io.Copy(io.Discard, c); closed <- struct{}{} }()
	}
	for range cap(closed) - 4 {
		<-closed
	}
	s := sit(t, addr, key, 80, 24)
	must(t, s.Sees("user=u"))
}

func TestOneAddressHasItsShareOfConnections(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage, Limits: door.Limits{PerAddress: 3}})
	var open []*gossh.Client
	for range 3 {
		open = append(open, doortest.Connect(t, addr, key))
	}
	if c, err := doortest.Dial(addr, key); err == nil {
		_ = c.Close()
		t.Fatal("a fourth was let in")
	}
	must(t, open[0].Close())
	eventually(t, "a place is free", func() bool {
		c, err := doortest.Dial(addr, key)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

func TestNothingButSessions(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage})
	c := doortest.Connect(t, addr, key)
	if _, err := c.Dial("tcp", addr); err == nil {
		t.Error("forwarding to a port")
	}
	if _, err := c.Dial("unix", "/run/x.sock"); err == nil {
		t.Error("forwarding to a socket")
	}
	if _, err := c.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("forwarding from a port")
	}
	if _, _, err := c.OpenChannel("auth-agent@openssh.com", nil); err == nil {
		t.Error("an agent channel")
	}
	s, err := c.NewSession()
	must(t, err)
	for _, r := range []string{"auth-agent-req@openssh.com", "x11-req", "break", "xon-xoff", "no-such"} {
		if ok, err := s.SendRequest(r, true, nil); ok || err != nil {
			t.Errorf("%s: %v, %v", r, ok, err)
		}
	}
	for _, sub := range []string{"sftp", "netconf", ""} {
		if err := s.RequestSubsystem(sub); err == nil {
			t.Errorf("subsystem %q", sub)
		}
	}
	// All these refusals have not hurt the session itself.
	must(t, s.RequestPty("xterm", 24, 80, nil))
	if err := s.RequestPty("xterm", 24, 80, nil); err == nil {
		t.Error("a second terminal on the same session")
	}
	must(t, s.Shell())
	if ok, _ := s.SendRequest("exec", true, gossh.Marshal(struct{ C string }{"status"})); ok {
		t.Error("a command after the screen")
	}
}

func TestAScreenThatNobodyTouchesEnds(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage, Limits: door.Limits{Idle: 200 * time.Millisecond}})
	s := sit(t, addr, key, 80, 24)
	status(t, s, 0)
	must(t, s.Sees(leaveAltScreen))
	if !strings.Contains(s.Said(), "nothing was typed") {
		t.Errorf("said %q", s.Said())
	}
}

func TestASessionHasALongestLife(t *testing.T) {
	key := doortest.NewKey(t)
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage, Limits: door.Limits{Session: 200 * time.Millisecond}})
	s := sit(t, addr, key, 80, 24)
	status(t, s, 0)
	must(t, s.Sees(leaveAltScreen))
	if !strings.Contains(s.Said(), "as long as it may") {
		t.Errorf("said %q", s.Said())
	}
}

func TestAnEndedSessionIsToldSo(t *testing.T) {
	key := doortest.NewKey(t)
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage})
	s, other := sit(t, addr, key, 80, 24), sit(t, addr, key, 80, 24)
	must(t, s.Sees("user=u"))
	must(t, other.Sees("user=u"))
	first := d.Sessions()[0]
	if !d.End(first.ID) || d.End("no-such") {
		t.Error("End")
	}
	status(t, s, 0)
	must(t, s.Sees(leaveAltScreen))
	if !strings.Contains(s.Said(), "administrator") {
		t.Errorf("said %q", s.Said())
	}
	must(t, other.Type("mine goes on"))
	must(t, other.Sees("mine goes on"))
}

func TestShutdownRestoresEveryTerminal(t *testing.T) {
	key := doortest.NewKey(t)
	why := make(chan error, 2)
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: func(c door.Caller) tea.Model {
		return page{who: c, closed: why}
	}, Exec: func(ctx context.Context, _ door.Caller, _ []string, _ io.Reader, out io.Writer, _ io.Writer) int {
		_, _ = io.WriteString(out, "begun\n")
		<-ctx.Done()
		if context.Cause(ctx) != door.ErrStopping {
			return 1
		}
		return 5
	}})
	screens := []*doortest.Terminal{sit(t, addr, key, 80, 24), sit(t, addr, key, 120, 40)}
	for _, s := range screens {
		must(t, s.Sees("user=u"))
	}
	cmd, err := doortest.Connect(t, addr, key).NewSession()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start("sync"))
	_, err = io.ReadFull(out, make([]byte, len("begun\n")))
	must(t, err)
	silent, err := net.Dial("tcp", addr)
	must(t, err)
	defer silent.Close()

	ctx, cancel := context.WithTimeout(t.Context(), doortest.Patience)
	defer cancel()
	begun := time.Now()
	must(t, d.Shutdown(ctx))
	t.Logf("two screens, a command and a silent connection were out after %v", time.Since(begun).Round(time.Millisecond))
	for _, s := range screens {
		status(t, s, 0)
		must(t, s.Sees(leaveAltScreen))
		must(t, s.Sees("\x1b[?1002l")) // the mouse
		if !strings.Contains(s.Said(), "the program is stopping") {
			t.Errorf("said %q", s.Said())
		}
		if w := <-why; w != door.ErrStopping {
			t.Errorf("told %v", w)
		}
	}
	if got, err := doortest.Status(cmd.Wait); got != 5 {
		t.Errorf("command: %d, %v", got, err)
	}
	if c, err := doortest.Dial(addr, key); err == nil {
		_ = c.Close()
		t.Error("let in after the end")
	}
}

func TestShutdownDoesNotWaitForAModelThatDoesNotListen(t *testing.T) {
	key := doortest.NewKey(t)
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: func(c door.Caller) tea.Model {
		return page{who: c, deaf: true}
	}})
	s := sit(t, addr, key, 80, 24)
	must(t, s.Sees("user=u"))
	must(t, d.Shutdown(t.Context()))
	status(t, s, 0)
	must(t, s.Sees(leaveAltScreen))
}

// stuck is a network connection whose owner stops reading for a while.
type stuck struct {
	net.Conn
	stop, resume chan struct{}
}

func (s stuck) Read(p []byte) (int, error) {
	select {
	case <-s.stop:
		<-s.resume
	default:
	}
	return s.Conn.Read(p)
}

func TestShutdownDoesNotWaitForAClientThatDoesNotRead(t *testing.T) {
	key := doortest.NewKey(t)
	flood := make(chan struct{})
	d, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), Exec: func(_ context.Context, _ door.Caller, _ []string, _ io.Reader, out io.Writer, _ io.Writer) int {
		close(flood)
		for {
			if _, err := out.Write(make([]byte, 64<<10)); err != nil {
				return 1
			}
		}
	}})
	raw, err := net.Dial("tcp", addr)
	must(t, err)
	nc := stuck{raw, make(chan struct{}), make(chan struct{})}
	defer close(nc.resume)
	sc, chans, reqs, err := gossh.NewClientConn(nc, addr, &gossh.ClientConfig{
		User: "u", Auth: []gossh.AuthMethod{gossh.PublicKeys(key)}, HostKeyCallback: gossh.InsecureIgnoreHostKey(),
	})
	must(t, err)
	c := gossh.NewClient(sc, chans, reqs)
	defer c.Close()
	s, err := c.NewSession()
	must(t, err)
	must(t, s.Start("list receptions"))
	<-flood
	close(nc.stop) // from here on nothing is read

	ctx, cancel := context.WithTimeout(t.Context(), doortest.Patience)
	defer cancel()
	begun := time.Now()
	must(t, d.Shutdown(ctx))
	t.Logf("shut after %v", time.Since(begun).Round(time.Millisecond))
	if ctx.Err() != nil {
		t.Error("it waited until its context ended")
	}
}

// Somebody honest behind an address that others misuse is told why and for how
// long, by every client, and comes in when the time is over.
func TestARefusedPersonIsToldWhy(t *testing.T) {
	key, wrong := doortest.NewKey(t), doortest.NewKey(t)
	var log logbook
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(key, "u"), NewModel: newPage, Log: log.logger(),
		Limits: door.Limits{PerAddress: 2, Penalty: 300 * time.Millisecond}})
	a, b := doortest.Connect(t, addr, key), doortest.Connect(t, addr, key)
	_, err := doortest.Dial(addr, key)
	if err == nil || !strings.Contains(err.Error(), "D-SHARE") || !strings.Contains(err.Error(), "太多连接") {
		t.Errorf("a third of two is told %v", err)
	}
	must(t, a.Close())
	must(t, b.Close())
	eventually(t, "a wrong key is told to wait", func() bool {
		_, err := doortest.Dial(addr, wrong)
		return err != nil && strings.Contains(err.Error(), "D-PENALTY") && strings.Contains(err.Error(), "try again in 1 s")
	})
	eventually(t, "the honest come in again", func() bool {
		c, err := doortest.Dial(addr, key)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	for _, code := range []string{"code=D-SHARE", "code=D-PENALTY"} {
		if !strings.Contains(log.String(), code) {
			t.Errorf("the log has no %s: %s", code, log.String())
		}
	}
}

// The same with the ssh program, which shows the sentence.
func TestOpenSSHShowsWhyItIsRefused(t *testing.T) {
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		t.Fatal("the ssh program is needed:", err)
	}
	_, addr := doortest.Open(t, door.Config{Lookup: doortest.Only(doortest.NewKey(t), "u"), NewModel: newPage,
		Limits: door.Limits{Connections: 1}})
	held, err := net.Dial("tcp", addr)
	must(t, err)
	defer held.Close()
	host, port, err := net.SplitHostPort(addr)
	must(t, err)
	eventually(t, "it is full", func() bool {
		out, err := exec.Command(ssh, "-p", port, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile="+os.DevNull, host, "status").CombinedOutput()
		t.Logf("%s", out)
		return err != nil && strings.Contains(string(out), "try again later (D-FULL)")
	})
}
