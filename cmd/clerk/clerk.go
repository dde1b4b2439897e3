// Package clerk is what the commands of both programs do at a desk: accounts,
// and tables that are taken in. The programs differ in where a call comes from
// and in who may name files; that they say in a Call.
package clerk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"liaison/station"
	"liaison/station/typed"
)

// A Call is one command carried out at a desk.
type Call struct {
	Desk    *station.Desk
	Who     station.Who
	Program string // kiosk, city
	Usage   string // the command's words, for those who got them wrong
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	// Open opens a file that the caller named; "-" is Stdin.
	Open func(name string) (io.ReadCloser, error)
}

var (
	// ErrSaid: the command has named its faults already; it is not done.
	ErrSaid = errors.New("said already")
	// ErrHelp: the caller asked for the command's help.
	ErrHelp = errors.New("help wanted")
)

// A UsageError is about the words of the command line.
type UsageError struct{ typed.Problem }

func usage(zh, en string, args ...any) error {
	return UsageError{typed.Problem{Code: "usage", ZH: fmt.Sprintf(zh, args...) + "。", EN: fmt.Sprintf(en, args...) + "."}}
}

// refuse is about everything else.
func refuse(zh, en string, args ...any) error {
	return typed.Problem{Code: "refused", ZH: fmt.Sprintf(zh, args...) + "。", EN: fmt.Sprintf(en, args...) + "."}
}

// Sentence puts an error into words: of a form's faults every one with its
// field.
func Sentence(err error) string {
	if ps, ok := station.FieldsOf(err); ok && len(ps) > 0 {
		var all []string
		for _, p := range ps {
			all = append(all, p.Field+": "+Both(p.Problem))
		}
		return strings.Join(all, "; ")
	}
	if u, ok := errors.AsType[UsageError](err); ok {
		return Both(u.Problem)
	}
	return Both(station.Say(err))
}

// Both says a problem in both languages on one line.
func Both(p typed.Problem) string { return p.ZH + " / " + p.EN }

// clip keeps a word that somebody typed from filling the screen, and its
// control characters from reaching it.
func clip(s string) string {
	r := []rune(typed.Clean(s, false))
	if len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return string(r)
}

// Flags begins a command's flags; they may stand between its arguments.
func Flags(word string) *pflag.FlagSet {
	fs := pflag.NewFlagSet(word, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SetInterspersed(true)
	fs.Usage = func() {}
	return fs
}

// Parse reads the flags and returns the other arguments, of which there must
// be from least to most.
func (c Call) Parse(fs *pflag.FlagSet, args []string, least, most int) ([]string, error) {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return nil, ErrHelp
		}
		return nil, BadFlag(err)
	}
	if rest := fs.Args(); len(rest) >= least && len(rest) <= most {
		return rest, nil
	}
	return nil, c.misused()
}

func (c Call) misused() error {
	return usage("写法:%[1]s %[2]s", "usage: %[1]s %[2]s", c.Program, c.Usage)
}

// BadFlag says in words what is wrong with a flag.
func BadFlag(err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return usage("没有 --%s 这个选项", "there is no flag --%s", clip(e.GetSpecifiedName()))
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usage("选项 --%s 后面要写值", "the flag --%s needs a value", clip(e.GetSpecifiedName()))
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usage("选项 --%s 不能是“%s”", "the flag --%s cannot be %q", e.GetFlag().Name, clip(e.GetValue()))
	}
	return usage("看不懂这些选项", "the flags could not be read")
}

// day reads a day that lies ahead as people type it.
func (c Call) day(s string) (typed.Date, error) {
	d, err := typed.ComingDate(s, c.Desk.Today())
	if err != nil {
		return d, UsageError{station.Say(err)}
	}
	return d, nil
}

// ReadLine reads one line byte by byte, so that nothing behind it is lost to
// the next reader.
func ReadLine(r io.Reader) (string, error) {
	var b strings.Builder
	one := make([]byte, 1)
	for b.Len() < 4096 {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			return strings.TrimRight(b.String(), "\r"), nil
		}
		if n == 1 {
			b.WriteByte(one[0])
		}
		if err != nil {
			return b.String(), err
		}
	}
	return "", bufio.ErrTooLong
}

// IsTerminal reports whether a stream is a terminal of this process.
func IsTerminal(s any) bool {
	f, ok := s.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Object names a call in the audit log: its word, and after it a number that
// was given or a word of the program's own. What else people type there may be
// a phone number or a name, and is left out.
func Object(word string, args []string) string {
	if len(args) == 0 {
		return word
	}
	if n, matter, err := station.ParseNumber(args[0]); err == nil {
		if matter > 0 {
			return word + " " + n.Matter(matter)
		}
		return word + " " + string(n)
	}
	if args[0] != "" && strings.Trim(args[0], "abcdefghijklmnopqrstuvwxyz") == "" {
		return word + " " + args[0]
	}
	return word
}
