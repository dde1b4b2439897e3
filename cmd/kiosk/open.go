package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/ledger/seal"
)

// Names within the data directory.
const (
	ledgerFile = "ledger.db"
	socketFile = "control.sock"
	hostKey    = "ssh_host_ed25519"
	logFile    = "kiosk.log"
)

// heldFor is how long a command waits for another one to let go of the file.
const heldFor = 10 * time.Second

// A kiosk is the open station: what every command, screen and session works
// on. It exists once a process.
type kiosk struct {
	dir  string
	desk *station.Desk
	led  *bolt.Ledger
	line *uplink
	log  *slog.Logger
	logs io.Closer

	stick  sync.Mutex     // one file from a stick at a time comes through a pipe
	events *upkeep.Events // what the ledger did by itself
	unsure chan error     // the ledger no longer takes entries, and why
}

// errNoStation: nothing was ever created in the data directory.
var errNoStation = errors.New("no station yet")

func owner() station.Who {
	who := station.Owner()
	who.Door = "command"
	return who
}

// dataDir takes --data out of args, wherever it stands, and falls back to
// LIAISON_DATA and then to a folder under the user's home.
func dataDir(args, env []string) (dir string, chosen bool, rest []string, err error) {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--":
			rest = append(rest, args[i:]...)
			i = len(args)
		case a == "--data":
			if i+1 == len(args) {
				return "", false, nil, usage("选项 --data 后面要写目录", "the flag --data needs a directory")
			}
			dir, chosen = args[i+1], true
			i++
		case strings.HasPrefix(a, "--data="):
			dir, chosen = strings.TrimPrefix(a, "--data="), true
		default:
			rest = append(rest, a)
		}
	}
	if chosen && dir == "" {
		return "", false, nil, usage("--data 的目录是空的", "--data names no directory")
	}
	if !chosen {
		dir = defaultDir(env)
	}
	if dir == "" { // said by the commands that need one
		return "", false, rest, nil
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", false, nil, fmt.Errorf("data directory: %w", err)
	}
	return dir, chosen, rest, nil
}

func defaultDir(env []string) string {
	if d := getenv(env, "LIAISON_DATA"); d != "" {
		return d
	}
	if d := getenv(env, "XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "liaison", "kiosk")
	}
	if home := getenv(env, "HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "liaison", "kiosk")
	}
	return ""
}

// getenv finds a variable in an environment; the last one counts.
func getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// dispatch decides which process carries the command out.
func (inv *invocation) dispatch(ctx context.Context) error {
	if inv.data == "" && inv.cmd.where != anywhere {
		return usage("不知道数据放在哪里,请写明 --data 目录", "there is no home directory; name one with --data DIR")
	}
	if inv.cmd.where != atStation {
		return inv.carryOut(ctx)
	}
	if inv.cmd.ask != nil {
		in, err := inv.cmd.ask(inv)
		if err != nil {
			return err
		}
		inv.stdin = in
	}
	k, living, err := reach(ctx, inv.data, heldFor)
	if err != nil {
		return err
	}
	if living != nil {
		return inv.forward(ctx, living, false)
	}
	k.tellNews(inv.stderr)
	inv.kiosk = k
	inv.stdin = &interruptible{ctx, inv.stdin}
	err = inv.carryOut(ctx)
	return errors.Join(logged(k.log, err), k.close())
}

// logged makes sure that what a person is not told stands in the log: after
// close nobody can write it any more.
func logged(log *slog.Logger, err error) error {
	if err == nil || errors.Is(err, errSaid) {
		return err
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return err
	}
	return &told{err, sentence(log, err)}
}

// told is an error whose sentence is made already.
type told struct {
	error
	words string
}

func (t *told) Unwrap() error { return t.error }

// forward has the living process carry out the call.
func (inv *invocation) forward(ctx context.Context, c *control.Client, terminal bool) error {
	code, err := c.Run(ctx, control.Request{
		Args: append([]string{inv.cmd.word}, inv.args...), Dir: inv.dir, Env: control.Vars(inv.env),
		Stdin: inv.stdin, Stdout: inv.stdout, Stderr: inv.stderr, Terminal: terminal,
	})
	if err != nil {
		return err
	}
	if code != exitDone {
		return exitCode(code)
	}
	return nil
}

// reach opens the station, or returns a line to the process that has it open.
// While another command holds the file it waits as long as patience, and in
// the end says who.
func reach(ctx context.Context, dir string, patience time.Duration) (*kiosk, *control.Client, error) {
	deadline := time.Now().Add(patience)
	for {
		if _, err := os.Stat(filepath.Join(dir, socketFile)); errors.Is(err, fs.ErrPermission) { // the folder is another account's
			return nil, nil, cannotOpen(filepath.Join(dir, ledgerFile), err)
		}
		c, err := control.Dial(filepath.Join(dir, socketFile))
		if err == nil {
			return nil, c, nil
		}
		if !errors.Is(err, control.ErrNobody) {
			return nil, nil, err
		}
		k, err := openKiosk(dir)
		if !errors.Is(err, ledger.ErrBusy) {
			return k, nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if time.Now().After(deadline) {
			return nil, nil, busy(dir, err)
		}
	}
}

// busy says who holds the file.
func busy(dir string, err error) error {
	if pid := holder(filepath.Join(dir, ledgerFile)); pid > 0 {
		return refuse(err, "数据文件正被另一个程序(进程 %[1]d)使用,请等它结束后再试", "process %[1]d is using the data file; wait for it to end, then try again", pid)
	}
	return refuse(err, "数据文件正被另一个程序使用,请等它结束后再试", "another program is using the data file; wait for it to end, then try again")
}

// openKiosk opens the station of a data directory. The error wraps
// ledger.ErrBusy while another process has it.
func openKiosk(dir string) (*kiosk, error) {
	path := filepath.Join(dir, ledgerFile)
	events := &upkeep.Events{}
	led, err := upkeep.Open(path, upkeep.Options(dir, bolt.Options{Indexes: station.Indexes(), Timeout: 200 * time.Millisecond, Report: events.Report}))
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrBusy):
		return nil, err
	case errors.Is(err, ledger.ErrNotFound):
		return nil, refuse(errNoStation, "%[1]s 里还没有联络站。请先运行:kiosk init --station QA01 --name 站名", "there is no station in %[1]s yet; create it with: kiosk init --station QA01 --name NAME", dir)
	default:
		return nil, cannotOpen(path, err)
	}
	k := &kiosk{dir: dir, led: led, events: events, unsure: make(chan error, 1)}
	k.log, k.logs = upkeep.OpenLog(filepath.Join(dir, logFile))
	events.LogTo(k.log)
	if err := upkeep.SweepRehearsals(dir); err != nil {
		k.log.Error("remove what a rehearsal left", "err", err)
	}
	if err := upkeep.Sweep(dir); err != nil {
		k.log.Warn("remove what an earlier check left", "err", err)
	}
	if err := sweepSticks(dir); err != nil {
		k.log.Warn("remove what was left of a file from a stick", "err", err)
	}
	k.desk, err = station.Open(&watched{led, k.unsure}, station.Options{Log: k.log, Erase: upkeep.DropBodies(led, k.log, owner().Account)})
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), k.close())
	}
	if k.line, err = openUplink(k); err != nil {
		return nil, errors.Join(cannotOpen(path, err), k.close())
	}
	if err := k.desk.FinishErasing(context.Background()); err != nil { // of a time when the power went
		k.log.Error("finish an erasure", "code", "E-ERASE", "err", err)
	}
	for what, note := range map[bolt.EventKind]string{bolt.Rebuilt: "rebuilt", bolt.Partly: "partly rebuilt"} {
		if events.Happened(what) {
			if err := k.desk.Audit(owner(), station.ActRestore, ledgerFile, true, note); err != nil {
				k.log.Error("audit line not kept", "act", station.ActRestore, "err", err)
			}
		}
	}
	return k, nil
}

// tellNews says what the ledger did by itself when it was opened, a sentence
// a line.
func (k *kiosk) tellNews(w io.Writer) {
	for _, t := range k.events.Notices() {
		fmt.Fprintf(w, "kiosk: %s / %s\n", t.ZH, t.EN) // if stderr is gone there is nobody to tell
	}
}

// watched is the ledger with somebody who hears that a commit left open
// whether it is durable: from then on nothing is written, and only a new
// process on a newly opened file can tell what there is.
type watched struct {
	ledger.Ledger
	unsure chan<- error
}

func (w *watched) Commit(ctx context.Context, c ledger.Change) ([]ledger.Entry, error) {
	es, err := w.Ledger.Commit(ctx, c)
	if errors.Is(err, ledger.ErrUnsure) {
		select {
		case w.unsure <- err:
		default: // told already
		}
	}
	return es, err
}

// cannotOpen puts the common reasons into words.
func cannotOpen(path string, err error) error {
	switch {
	case errors.Is(err, upkeep.ErrNoPassphrase):
		return refuse(err, "数据用口令保护,没有拿到口令;请在终端上启动并输入,或用环境变量 LIAISON_PASSPHRASE_FILE 指定存放口令的文件", "the data opens with a passphrase and none was given; start it on a terminal and type it, or name a file that holds it in LIAISON_PASSPHRASE_FILE")
	case errors.Is(err, bolt.ErrDamaged):
		return refuse(err, "数据文件 %[1]s 和它的第二份都已损坏,没有改动它们。请用最近的备份恢复(kiosk restore 文件),原文件会改名留存", "the data file %[1]s and its second copy are damaged and were left as they are; go back to the latest copy with kiosk restore FILE, which sets the damaged one aside", path)
	case errors.Is(err, seal.ErrExposed):
		return refuse(err, "别的账户能读钥匙文件 %[1]s,所以没有打开数据;数据还在。请运行:chmod 600 %[1]s", "other accounts can read the key file %[1]s, so the data was not opened; it is still there. Run: chmod 600 %[1]s", upkeep.KeyPath(filepath.Dir(path)))
	case errors.Is(err, bolt.ErrLocked):
		return refuse(err, "打开 %[1]s 的钥匙不在,或不是原来那一把;数据还在。请把钥匙文件 %[2]s 放回原处再试", "the key that opens %[1]s is missing or another one; the data is still there. Put the key file %[2]s back in its place and try again", path, upkeep.KeyPath(filepath.Dir(path)))
	case errors.Is(err, bolt.ErrNewer):
		return refuse(err, "数据文件 %[1]s 是更新版本的程序写的,没有改动它。请改用新版程序", "the data file %[1]s was written by a newer version of this program and was left as it is; use that version", path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, ledger.ErrFull):
		return refuse(err, "%[1]s 所在的磁盘已满,打不开数据;数据没有损失。请腾出空间再试", "the disk of %[1]s is full and the data cannot be opened; nothing is lost. Free some space and try again", path)
	case errors.Is(err, syscall.EIO):
		return refuse(err, "读写 %[1]s 时硬盘报错;没有改动数据。请技术人员检查硬盘,再试一次", "the disk of %[1]s reported an error; the data was not changed. Have the disk checked, and try again", path)
	case errors.Is(err, fs.ErrPermission):
		return refuse(err, "没有权限读写 %[1]s,请用拥有它的账户再试", "no permission to read and write %[1]s; use the account that owns it", path)
	case errors.Is(err, syscall.EROFS):
		return refuse(err, "%[1]s 所在的盘是只读的,不能记录", "%[1]s lies on a read-only disk; nothing can be recorded", path)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR):
		return refuse(err, "%[1]s 不能用作数据目录:那里不是目录", "%[1]s cannot be used: it is not a directory", path)
	}
	return refuse(err, "打不开数据文件 %[1]s", "the data file %[1]s could not be opened", path)
}

// close ends the use of the station.
func (k *kiosk) close() error {
	return errors.Join(k.led.Close(), k.logs.Close())
}
