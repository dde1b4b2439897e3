package clerk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/crypto/ssh"
	"golang.org/x/term"

	"liaison/cmd/control"
	"liaison/station"
	"liaison/tui"
	"liaison/tui/door"
)

// LocalFPS is the frame rate on this machine's own terminals.
const LocalFPS = 120

// Screens are the screens of a living process: over SSH, on the terminal of
// whoever calls through the control socket, and on its own.
type Screens struct {
	*Seats
	Config func() tui.Config
	door   *door.Door
}

// Door opens to those who have an account with a key: a screen, or a command
// that exec carries out.
func (s *Screens) Door(hostKey string, exec func(ctx context.Context, c door.Caller, argv []string, stdin io.Reader, stdout, stderr io.Writer) int) (*door.Door, error) {
	d, err := door.New(door.Config{
		HostKeyPath: hostKey, Log: s.Log, Exec: exec,
		Lookup:   func(fingerprint string) (string, bool) { u, ok := s.Desk.UserByKey(fingerprint); return u.ID, ok },
		NewModel: s.guest, Farewell: farewell,
	})
	s.door = d
	return d, err
}

// guest makes the screen of somebody who came in over SSH.
func (s *Screens) guest(c door.Caller) tea.Model {
	u, err := s.Desk.User(c.User)
	if err != nil {
		s.Log.Warn("screen for an account that is gone", "account", c.User, "err", err)
	}
	who := u.Who()
	who.Door, who.Remote = "ssh", c.Remote
	if err := s.Desk.Audit(who, station.ActSignIn, u.ID, true, ""); err != nil {
		s.Log.Error("audit line not kept", "act", station.ActSignIn, "err", err)
	}
	t := s.Take(c.Session, who, "", func(why error) { s.door.EndFor(c.Session, why) })
	context.AfterFunc(c.Life, t.Leave)
	return tui.New(s.Config(), tui.Caller{Who: who, SSH: true, Remote: c.Remote, Env: c.Env, ID: c.Session, Seat: t, Over: c.Life.Done()})
}

// AtCommand registers a command over SSH while it runs.
func (s *Screens) AtCommand(c door.Caller, who station.Who, word string) *Sitting {
	return s.Take(c.Session, who, word, func(why error) { s.door.EndFor(c.Session, why) })
}

// Show runs a screen on the terminal of a caller of the control socket.
func (s *Screens) Show(ctx context.Context, c control.Call) error {
	sizes := make(chan tea.WindowSizeMsg)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := s.Take("", station.Who{Door: "screen"}, "", cancel)
	defer t.Leave()
	go func() { // ends with the call, which closes Resize
		defer close(sizes)
		for x := range c.Resize {
			select {
			case sizes <- tea.WindowSizeMsg{Width: x.Width, Height: x.Height}:
			case <-ctx.Done():
				return
			}
		}
	}()
	err := door.Screen{
		Model: tui.New(s.Config(), tui.Caller{Env: c.Environ(), ID: t.guest.ID, Seat: t}),
		In:    c.Stdin, Out: c.Stdout, Env: c.Environ(), Width: c.Width, Height: c.Height, Resize: sizes, FPS: LocalFPS,
		Farewell: farewell, Log: s.Log,
	}.Run(ctx)
	switch why := context.Cause(ctx); {
	case err != nil:
	case errors.Is(why, door.ErrEnded):
		return ErrEnded()
	case errors.Is(why, door.ErrOut):
		return errOut()
	}
	return err
}

// Own runs a screen on this process's own terminal until it is left.
func Own(ctx context.Context, cfg tui.Config, who tui.Caller, stdin, stdout any) error {
	in, out := stdin.(*os.File), stdout.(*os.File)
	width, height, err := term.GetSize(int(out.Fd()))
	if err != nil {
		return fmt.Errorf("size of the terminal: %w", err)
	}
	return door.Screen{
		Model: tui.New(cfg, who), In: in, Out: out, Env: who.Env, Width: width, Height: height, FPS: LocalFPS,
		Farewell: farewell,
	}.Run(ctx)
}

// Caller is the seat as a screen takes it.
func (t *Sitting) Caller(env []string, ended <-chan station.Text) tui.Caller {
	return tui.Caller{Env: env, ID: t.guest.ID, Seat: t, Ended: ended}
}

func farewell(error) tea.Msg { return tui.Closing{} }

// ParseKey reads one OpenSSH public key as people paste it.
func ParseKey(line string) (station.UserKey, error) {
	key, comment, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return station.UserKey{}, refuse("这不是 SSH 公钥;它应以 ssh-ed25519 这样的词开头", "this is not an SSH public key; one begins with a word such as ssh-ed25519")
	}
	return station.UserKey{Fingerprint: ssh.FingerprintSHA256(key), Comment: clip(comment)}, nil
}
