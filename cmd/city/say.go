package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
	"liaison/sync/wire"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // the words made no sense; nothing was tried
)

// A sentence is an error as a person reads it.
type sentence struct {
	zh, en string
	code   int
	cause  error
}

func (s *sentence) Error() string { return s.zh + "。 / " + s.en + "." }

func (s *sentence) Unwrap() error { return s.cause }

// usage is about the words of the command line.
func usage(zh, en string, args ...any) error {
	return &sentence{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...), exitUsage, nil}
}

// refuse is about everything else; cause may be nil.
func refuse(cause error, zh, en string, args ...any) error {
	return &sentence{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...), exitFailed, cause}
}

// checkStation says what a station's code looks like.
func checkStation(code string) error {
	if err := wire.ValidStation(code); err != nil {
		return &sentence{fmt.Sprintf("站点编号“%s”不对:2 至 16 个大写字母、数字或连字符,例如 QA01", clip(code)),
			fmt.Sprintf("%q is no station's code: 2 to 16 capital letters, digits or hyphens, such as QA01", clip(code)), exitUsage, err}
	}
	return nil
}

// An exitCode is the answer of the living process, which has said what there
// was to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// settle says what an error means and returns the exit code.
func settle(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if c, ok := errors.AsType[exitCode](err); ok {
		return int(c)
	}
	if errors.Is(err, clerk.ErrSaid) || errors.Is(err, syscall.EPIPE) { // whoever read our output wanted no more
		return exitFailed
	}
	fmt.Fprintln(w, "city: "+explain(err)) // if stderr is gone there is nobody to tell
	if s, ok := errors.AsType[*sentence](err); ok {
		return s.code
	}
	if _, ok := errors.AsType[clerk.UsageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

// explain puts any error into words.
func explain(err error) string {
	if s, ok := errors.AsType[*sentence](err); ok {
		return s.Error()
	}
	if e, ok := errors.AsType[*control.Error](err); ok {
		return e.Error()
	}
	if ps, ok := station.FieldsOf(err); ok && len(ps) > 0 {
		return clerk.Sentence(err)
	}
	if u, ok := errors.AsType[clerk.UsageError](err); ok {
		return clerk.Both(u.Problem)
	}
	if p, ok := errors.AsType[typed.Problem](err); ok { // said where the cause is known
		return p.ZH + " / " + p.EN
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "已中断。 / interrupted."
	case errors.Is(err, bolt.ErrSealed):
		return "这是加密的备份,要用恢复密钥才能打开。 / this backup is sealed; it opens with the recovery key only."
	case errors.Is(err, bolt.ErrLocked):
		return "打开数据的钥匙不在,或不是原来那一把;数据还在。请把钥匙文件 ledger.key 放回数据目录再试。 / the key to the data is missing or another one; the data is still there. Put the key file ledger.key back into the data directory and try again."
	case errors.Is(err, bolt.ErrDamaged), errors.Is(err, ledger.ErrBroken):
		return "数据文件已损坏,没有改动它。请用最近的备份恢复(city restore 文件)。 / the data file is damaged and was left as it is; go back to the latest copy with city restore FILE."
	case errors.Is(err, ledger.ErrUnsure):
		return "磁盘写入出错,为防数据出错已停止接收;各站会自动重传。请检查磁盘后重新启动。 / the disk reported an error and nothing more is taken in; stations will send again. Check the disk, then start anew."
	case errors.Is(err, ledger.ErrFull):
		return "磁盘已满,没有保存。请腾出空间后再试。 / the disk is full; nothing was saved. Free some space and try again."
	}
	p := station.Say(err)
	return p.ZH + " / " + p.EN
}

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
