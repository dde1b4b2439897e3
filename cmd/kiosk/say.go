package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"syscall"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // the words made no sense; nothing was tried

	exitAgain = 75 // to the watching process: start again (EX_TEMPFAIL)
)

var (
	// errSaid: the command has named its faults already; it is not done.
	errSaid = clerk.ErrSaid
	// errHelp: the caller asked for the command's help.
	errHelp = clerk.ErrHelp
)

// A usageError is about the words of the command line.
type usageError = clerk.UsageError

func usage(zh, en string, args ...any) error {
	return usageError{Problem: typed.Problem{Code: "usage", ZH: fmt.Sprintf(zh, args...) + "。", EN: fmt.Sprintf(en, args...) + "."}}
}

// A refusal is a sentence made where the cause is known, with the error that
// the log wants.
type refusal struct {
	typed.Problem
	cause error
}

func (r *refusal) Unwrap() []error { return []error{r.Problem, r.cause} }

// refuse makes a refusal; cause may be nil.
func refuse(cause error, zh, en string, args ...any) error {
	p := typed.Problem{Code: "kiosk", ZH: fmt.Sprintf(zh, args...) + "。", EN: fmt.Sprintf(en, args...) + "."}
	if cause == nil {
		return p
	}
	return &refusal{p, cause}
}

// An exitCode is the answer of the living process, which has said what there
// was to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// settle says what an error means, logs what a person should not read, and
// returns the exit code.
func settle(w io.Writer, log *slog.Logger, err error) int {
	if err == nil {
		return exitDone
	}
	if c, ok := errors.AsType[exitCode](err); ok {
		return int(c)
	}
	if errors.Is(err, errSaid) || errors.Is(err, syscall.EPIPE) { // whoever read our output wanted no more
		return exitFailed
	}
	words := ""
	if t, ok := errors.AsType[*told](err); ok {
		words = t.words
	} else {
		words = sentence(log, err)
	}
	fmt.Fprintln(w, "kiosk: "+words) // if stderr is gone there is nobody to tell
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

// sentence puts an error into words for a person and logs the rest.
func sentence(log *slog.Logger, err error) string {
	if ps, ok := station.FieldsOf(err); ok && len(ps) > 0 {
		var all []string
		for _, p := range ps {
			all = append(all, p.Field+": "+both(p.Problem))
		}
		return strings.Join(all, "; ")
	}
	if e, ok := errors.AsType[*control.Error](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[usageError](err); ok {
		return both(e.Problem)
	}
	p := station.Say(err)
	if p.Code == "E-OTHER" {
		p = sayFile(err, p)
	}
	if log == nil || errors.Is(err, context.Canceled) {
		return both(p)
	}
	code := "E-" + rand.Text()[:5]
	switch {
	case strings.HasPrefix(p.Code, "E-"): // not all is said: the log has the rest
		log.Error("command", "code", code, "err", err)
		return both(p) + " (" + code + ")"
	case errors.As(err, new(*refusal)):
		log.Warn("command refused", "reason", p.EN, "err", err)
	}
	return both(p)
}

// sayFile has words for what only the file itself knows of; other where it is
// none of these.
func sayFile(err error, other typed.Problem) typed.Problem {
	switch {
	case errors.Is(err, bolt.ErrSealed):
		return typed.Problem{Code: "E-SEALED", ZH: "这是加密的备份,要用恢复密钥才能打开。",
			EN: "This backup is sealed; it opens with the recovery key only."}
	case errors.Is(err, bolt.ErrLocked):
		return typed.Problem{Code: "E-LOCKED", ZH: "打开数据的钥匙不在,或不是原来那一把;数据还在。请把钥匙文件 ledger.key 放回数据目录再试。",
			EN: "The key to the data is missing or another one; the data is still there. Put the key file ledger.key back into the data directory and try again."}
	case errors.Is(err, bolt.ErrDamaged):
		return station.Say(ledger.ErrBroken)
	}
	return other
}

func both(p typed.Problem) string { return clerk.Both(p) }

// clip keeps a word that somebody typed from filling the screen, and its
// control characters from reaching it.
func clip(s string) string { return clipTo(s, 40) }

func clipTo(s string, n int) string {
	r := []rune(typed.Clean(s, false))
	if len(r) > n {
		return string(r[:n]) + "…"
	}
	return string(r)
}
