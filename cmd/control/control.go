// Package control lets a second process use the living one.
//
// The database belongs to one process. Any other command of the same program
// finds that process through a unix socket in the data directory and has its
// words carried out there, with the same output and the same exit code. The
// caller's standard streams travel over the socket; so does its terminal, so
// that a whole screen of the living process can be shown on it.
//
// Only the owner of the living process and root are let in: the socket has
// mode 0600 and the kernel is asked who calls (SO_PEERCRED). The socket exists
// only while somebody serves; a stale one is removed by the next server, which
// proves with a lock on the directory that nobody else lives.
//
// # On the line
//
// Frames of one byte kind, four bytes big-endian length, and that many bytes:
//
//	server              client
//	  hello ─────────────▶        protocol, pid; or refused with a sentence
//	        ◀───────────── call   arguments, directory, environment, sizes
//	  credit ────────────▶        the handler has begun to read: n bytes, please
//	        ◀───────────── input  at most what was asked for
//	        ◀───────────── end    input is at its end, or broke off
//	  stdout, stderr ────▶        as they are written
//	        ◀───────────── size, interrupt
//	  exit ──────────────▶        the last frame
//
// Input is sent only when the handler reads, so a command that does not read
// leaves the caller's input alone (it may stand in a shell loop), and no more
// than 256 KiB of it are ever in memory. Sizes and interrupts are therefore
// never stuck behind it.
package control

import (
	"io"
	"maps"
	"slices"
	"strings"
)

// An Error is a sentence for the person who typed the command.
type Error struct{ ZH, EN string }

func (e *Error) Error() string { return e.ZH + " / " + e.EN }

// What can go wrong, told to errors.Is by identity.
var (
	// ErrNobody means that no process serves the directory.
	ErrNobody = &Error{"没有正在运行的程序", "no running program was found"}
	// ErrTaken means that another process serves the directory already.
	ErrTaken = &Error{"另一个程序正在使用这个数据目录", "another program is already using this data directory"}
	// ErrForbidden means that the living process belongs to someone else.
	ErrForbidden = &Error{"正在运行的程序属于另一个账户;请用同一账户(或 root)再试", "the running program belongs to another account; use the same account, or root"}
	// ErrSilent means that the living process did not greet in time.
	ErrSilent = &Error{"正在运行的程序没有回应;请稍后再试,或重新启动它", "the running program does not answer; try again later, or restart it"}
	// ErrVersion means that the two programs speak different protocols.
	ErrVersion = &Error{"正在运行的程序是另一个版本;请重新启动它", "the running program is of another version; restart it"}
	// ErrBusy means that too many calls are under way.
	ErrBusy = &Error{"同时执行的命令太多;请稍后再试", "too many commands are running at once; try again later"}
	// ErrLost means that the living process ended in the middle of a call.
	ErrLost = &Error{"正在运行的程序中途停止了,这条命令可能没有做完;请查看结果后再试", "the running program stopped midway; the command may be unfinished: check, then try again"}
	// ErrInterrupted means that the caller gave up: the cause of a call's
	// context on the server, and Run's error where the server did not answer.
	ErrInterrupted = &Error{"命令已被中断", "the command was interrupted"}
	// ErrGone is the cause of a call's context when its caller has vanished.
	ErrGone = &Error{"调用者已断开", "the caller has gone"}
	// ErrStopping is the cause of a call's context when the server shuts down.
	ErrStopping = &Error{"程序正在停止", "the program is stopping"}
	// ErrInput is what a call's Stdin returns when the caller's own input
	// broke off with an error, so that half a line is not taken for a whole.
	ErrInput = &Error{"输入中途出错,后面的内容没有读到", "the input broke off with an error; what followed was not read"}
	// ErrTerminal means that a screen was asked for where no terminal is.
	ErrTerminal = &Error{"这条命令需要一个终端", "this command needs a terminal"}
	// ErrPath means that the socket cannot lie where it should.
	ErrPath = &Error{"控制套接字的位置不可用", "the control socket cannot be placed there"}
)

// Size is a terminal's in cells.
type Size struct{ Width, Height int }

// maxSize bounds what a caller may claim, since a screen costs memory a cell.
var maxSize = Size{1000, 400}

// clamp keeps zero, which means that there is no terminal.
func (s Size) clamp() Size {
	return Size{min(max(s.Width, 0), maxSize.Width), min(max(s.Height, 0), maxSize.Height)}
}

// A Call is one command as the server sees it.
type Call struct {
	Args []string          // without the program's name
	Dir  string            // the caller's working directory: relative names start there
	Env  map[string]string // Vars only

	// Stdin is the caller's input. Nothing of the caller's is consumed before
	// the first Read. Once the call's context is done, Read returns its cause
	// at once, also when bytes are left: what is half arrived is not the end.
	Stdin io.Reader
	// Stdout and Stderr pass on every Write at once. They block for as long as
	// the caller does not read (a pager, a stopped process), so hold no
	// transaction while writing.
	Stdout, Stderr io.Writer

	// Terminal says that the caller's terminal is in raw mode for a screen:
	// run a tea.Program on Stdin and Stdout.
	Terminal bool
	// Width and Height are those of the terminal that Stdout is; 0 if none.
	Width, Height int
	// Resize holds the newest size only; it is closed when the call ends.
	Resize <-chan Size
}

// Environ returns Env as sorted KEY=value pairs, as tea.WithEnvironment wants.
func (c Call) Environ() []string {
	kv := make([]string, 0, len(c.Env))
	for _, k := range slices.Sorted(maps.Keys(c.Env)) {
		kv = append(kv, k+"="+c.Env[k])
	}
	return kv
}

// vars are the variables that describe a terminal and a language. No other
// crosses the socket: a caller must not steer the living process.
var vars = []string{
	"COLORTERM", "COLORFGBG", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES",
	"NO_COLOR", "TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "WT_SESSION",
}

const maxVar = 256 // bytes of a variable's value

// Vars picks from environ, as os.Environ returns it, what may travel.
func Vars(environ []string) map[string]string {
	env := map[string]string{}
	for _, kv := range environ {
		if k, v, ok := strings.Cut(kv, "="); ok {
			env[k] = v
		}
	}
	return allowed(env)
}

func allowed(env map[string]string) map[string]string {
	maps.DeleteFunc(env, func(k, v string) bool {
		return !slices.Contains(vars, k) || len(v) > maxVar ||
			strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f })
	})
	return env
}
