package door

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Why a session ends: the cause of its context, and what Farewell is told.
var (
	ErrStopping    = errors.New("程序正在停止,请稍后再连接 / the program is stopping, please connect again later")
	ErrEnded       = errors.New("这个会话已由管理员结束 / this session was ended by an administrator")
	ErrOut         = errors.New("这个账号已到期或已删除,会话已结束;请联系站长或系统管理员 / this account has expired or was removed, and the session has ended; please ask the head or the administrator")
	ErrIdle        = errors.New("长时间没有操作,会话已结束 / nothing was typed for a long time, the session has ended")
	ErrExpired     = errors.New("会话时间已到,请重新连接 / the session has lasted as long as it may, please connect again")
	ErrGone        = errors.New("对方已断开 / the other side has gone")
	ErrInterrupted = errors.New("已中断 / interrupted")
)

// Closing asks a model to keep what was typed and to quit.
type Closing struct{ Why error }

// A Screen is one model on one terminal that is not this process's own: over
// SSH, or a caller's over the control socket.
type Screen struct {
	Model         tea.Model
	In            io.Reader
	Out           io.Writer // must turn \n into \r\n
	Env           []string  // TERM and friends
	Width, Height int
	Resize        <-chan tea.WindowSizeMsg // may be closed
	FPS           int                      // default 30
	Farewell      func(why error) tea.Msg  // default: Closing
	Log           *slog.Logger             // default: none
}

// How long a model may take to quit by itself, and then its program.
const (
	modelGrace   = time.Second
	programGrace = time.Second
)

// Crash is a panic in a model. The log carries the code too.
type Crash struct{ Code string }

func (c *Crash) Error() string {
	return "程序内部出错,这个会话已结束;请重新连接(代码 " + c.Code + ") / internal error, this session has ended; please connect again (code " + c.Code + ")"
}

// Run shows the screen until its model quits. When ctx ends, the model is
// asked to; when it does not, its program is ended, and at last killed. In all
// these cases the terminal is restored, and Run returns nil. A panic in the
// model, or in a command of its, ends this screen with a *Crash.
func (s Screen) Run(ctx context.Context) error {
	if s.FPS == 0 {
		s.FPS = 30
	}
	if s.Farewell == nil {
		s.Farewell = func(why error) tea.Msg { return Closing{why} }
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	own, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	w := &watch{log: s.Log, sized: make(chan struct{})}
	p := tea.NewProgram(guard{s.Model, w},
		tea.WithContext(own), tea.WithInput(s.In), tea.WithOutput(s.Out), tea.WithEnvironment(s.Env),
		tea.WithColorProfile(colorprofile.Env(s.Env)), tea.WithWindowSize(s.Width, s.Height),
		tea.WithFPS(s.FPS), tea.WithoutSignalHandler(), tea.WithFilter(noSuspend))
	w.quit = p.Quit

	var wg sync.WaitGroup
	wg.Go(func() { s.resize(own, p, w.sized) })
	wg.Go(func() { s.dismiss(ctx, own, p, kill) })
	_, err := p.Run()
	kill()
	wg.Wait()
	if c := w.crashed(); c != nil {
		return c
	}
	switch {
	case errors.Is(err, tea.ErrProgramPanic): // not the model's, or guard would know
		return w.note(err)
	case err == nil, ctx.Err() != nil, errors.Is(err, tea.ErrInterrupted):
		return nil
	}
	return fmt.Errorf("screen: %w", err)
}

// noSuspend keeps a model from stopping the whole process: SIGTSTP would go
// to it, not to the person's shell.
func noSuspend(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.SuspendMsg); ok {
		return tea.ResumeMsg{}
	}
	return msg
}

// resize passes sizes on, after the first: Bubble Tea sends that one from a
// goroutine of its own, and it must not overtake a newer.
func (s Screen) resize(own context.Context, p *tea.Program, sized <-chan struct{}) {
	select {
	case <-sized:
	case <-own.Done():
		return
	}
	for {
		select {
		case size, ok := <-s.Resize:
			if !ok {
				return
			}
			p.Send(size)
		case <-own.Done():
			return
		}
	}
}

// dismiss sees the program out when ctx ends. own ends with the program.
func (s Screen) dismiss(ctx, own context.Context, p *tea.Program, kill func()) {
	select {
	case <-own.Done():
		return
	case <-ctx.Done():
	}
	// Send waits for the program, which may wait for a terminal that does not
	// read; kill ends both.
	go func() {
		p.Send(s.Farewell(context.Cause(ctx)))
		select {
		case <-own.Done():
		case <-time.After(modelGrace):
			p.Quit()
		}
	}()
	select {
	case <-own.Done():
	case <-time.After(modelGrace + programGrace):
		kill()
	}
}

// watch is what the goroutines of one program know of each other.
type watch struct {
	log   *slog.Logger
	quit  func()
	sized chan struct{} // closed when the model has had its first size
	once  sync.Once

	mu    sync.Mutex
	crash *Crash
}

func (w *watch) crashed() *Crash {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.crash
}

// note logs a panic under a code, the first of a program only. The value of a
// panic may hold what was typed, so it is logged only when it is the runtime's.
func (w *watch) note(v any) *Crash {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.crash != nil {
		return w.crash
	}
	w.crash = &Crash{rand.Text()[:6]}
	what := fmt.Sprintf("%T", v)
	if e, ok := v.(runtime.Error); ok {
		what = e.Error()
	}
	w.log.Error("door: panic in a session", "code", w.crash.Code, "panic", what, "stack", string(debug.Stack()))
	return w.crash
}

// guard keeps a model's panics from Bubble Tea, which would print them on this
// process's own terminal.
type guard struct {
	model tea.Model
	w     *watch
}

func (g guard) Init() (cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.w.note(v)
			cmd = tea.Quit
		}
	}()
	return g.w.guard(g.model.Init())
}

func (g guard) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	defer func() {
		if v := recover(); v != nil {
			g.w.note(v)
			m, cmd = g, tea.Quit
		}
	}()
	if g.w.crashed() != nil {
		return g, tea.Quit
	}
	if _, ok := msg.(tea.WindowSizeMsg); ok {
		g.w.once.Do(func() { close(g.w.sized) })
	}
	next, cmd := g.model.Update(msg)
	return guard{next, g.w}, g.w.guard(cmd)
}

func (g guard) View() (v tea.View) {
	defer func() {
		if p := recover(); p != nil {
			g.w.note(p)
			v = tea.View{}
			go g.w.quit() // a view cannot ask for it, and Quit waits for the loop that we are in
		}
	}()
	if g.w.crashed() != nil {
		return tea.View{}
	}
	return g.model.View()
}

// guard does for a command what guard does for a model, also for those that a
// batch or a sequence holds.
func (w *watch) guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if v := recover(); v != nil {
				w.note(v)
				msg = tea.QuitMsg{}
			}
		}()
		return w.each(cmd())
	}
}

// each guards the commands in a batch or a sequence, whose type is not
// exported: any slice of commands.
func (w *watch) each(msg tea.Msg) tea.Msg {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return msg
	}
	guarded := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		guarded.Index(i).Set(reflect.ValueOf(w.guard(v.Index(i).Interface().(tea.Cmd))))
	}
	return guarded.Interface()
}
