package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"liaison/cmd/control"
	"liaison/station"
)

// A command is one word of the program. The same table serves the process
// that opens the file itself and calls through the control socket.
type command struct {
	word  string
	args  string // what follows the word
	about station.Text
	least int // arguments beside the flags
	most  int
	flags func(*pflag.FlagSet, *options)
	makes bool // the data directory, where there is none yet
	valid func(*options) error
	// alone sees to the data directory by itself; run works on the open city.
	alone func(context.Context, *invocation) error
	run   func(context.Context, *invocation, *city) error
}

// options are the values of all flags; a command has those it names.
type options struct {
	data         string
	listen       string
	cert, key    string
	name         string
	json         bool
	station      string
	limit        int
	recovery     string // file of a recovery key
	listOnly     bool
	all          bool
	backupDir    string
	backupKeep   int
	help         bool
	args         []string // what is no flag
	originalArgs []string // as they were given
}

// commands is the table, in the order in which help shows it.
func commands() []*command {
	return []*command{
		{word: "serve", args: "--listen ADDR [--cert F --key F] [--name NAME] [--backups DIR] [--keep N]", about: station.Text{ZH: "接收各站数据,直到停止", EN: "take in what the stations send, until stopped"},
			flags: func(f *pflag.FlagSet, o *options) {
				serveFlags(f, o)
				f.StringVar(&o.name, "name", "", "")
				f.StringVar(&o.backupDir, "backups", "", "")
				f.IntVar(&o.backupKeep, "keep", 0, "")
			}, alone: runServe},
		{word: "enroll", args: "STATION", about: station.Text{ZH: "给一个站发一次性登记码(24 小时内有效),只印出登记码", EN: "a one-time code for a station, good for 24 hours; prints the code alone"}, least: 1, most: 1, makes: true,
			valid: func(o *options) error { return checkStation(o.args[0]) }, run: runEnroll},
		{word: "revoke", args: "STATION", about: station.Text{ZH: "吊销一个站的密钥(机器被盗、密钥外泄);之后要重新登记", EN: "take a station's key back, stolen or leaked; it must enrol anew"}, least: 1, most: 1,
			valid: func(o *options) error { return checkStation(o.args[0]) }, run: runRevoke},
		{word: "audit", args: "[--limit N] [--json]", about: station.Text{ZH: "审计日志:登记、换密钥、吊销", EN: "the audit log: enrolments, exchanged and revoked keys"},
			flags: func(f *pflag.FlagSet, o *options) {
				jsonFlag(f, o)
				f.IntVar(&o.limit, "limit", 0, "")
			}, valid: validLimit, run: runAudit},
		{word: "stations", args: "[--json]", about: station.Text{ZH: "各站:条数、最近联系、时钟、疑点、分叉", EN: "the stations: entries, last seen, clock, doubts, forks"}, flags: jsonFlag, run: runStations},
		{word: "list", args: "receptions|matters [--station S] [--limit N] [--json]", about: station.Text{ZH: "列出各站的接待或事项,新的在前", EN: "receptions or matters of the stations, newest first"}, least: 1, most: 1,
			flags: func(f *pflag.FlagSet, o *options) {
				jsonFlag(f, o)
				f.StringVar(&o.station, "station", "", "")
				f.IntVar(&o.limit, "limit", 0, "")
			}, valid: validList, run: runList},
		{word: "accept", args: "FILE", about: station.Text{ZH: "收下站点用 U 盘送来的文件", EN: "take in what a station sent on a stick"}, least: 1, most: 1, run: runAccept},
		{word: "bundle", args: "STATION FILE [--all]", about: station.Text{ZH: "把给站点的回执和记录加密导出到 U 盘", EN: "receipts and entries for a station, sealed to it, for a stick"}, least: 2, most: 2,
			flags: func(f *pflag.FlagSet, o *options) { f.BoolVar(&o.all, "all", false, "") }, run: runBundle},
		{word: "check", about: station.Text{ZH: "核对全部数据与回执", EN: "walk and verify all entries and receipts"}, run: runCheck},
		{word: "backup", args: "[FILE] | --list", about: station.Text{ZH: "备份(可在运行中进行);不写文件则存入备份目录", EN: "copy everything while stations send; without FILE into the folder of backups"}, most: 1,
			flags: func(f *pflag.FlagSet, o *options) { f.BoolVar(&o.listOnly, "list", false, "") }, run: runBackup},
		{word: "rehearse", args: "[FILE] [--recovery FILE]", about: station.Text{ZH: "恢复演练:在临时目录里恢复并核对一份备份,不改动数据", EN: "try a backup: restore it into a throw-away folder and check it"}, most: 1, flags: recoveryFlag, run: runRehearse},
		{word: "recovery", args: "[new FILE | add AGE1… | remove AGE1…]", about: station.Text{ZH: "恢复钥匙:机器没了以后谁能打开备份", EN: "who can open the backups when the machine is gone"}, most: 2, run: runRecovery},
		{word: "restore", args: "FILE [--recovery FILE]", about: station.Text{ZH: "从备份恢复;原文件改名留存", EN: "go back to a copy; the old file is set aside"}, least: 1, most: 1, flags: recoveryFlag, alone: runRestore},
		{word: "second", args: "[DIR|-]", about: station.Text{ZH: "第二份在哪里;写目录则移到那里(最好是另一块盘),- 移回原处", EN: "where the second copy lies; with DIR moves it there, best to another disk; - moves it back"}, most: 1, alone: runSecond},
		{word: wordExamine, args: "FILE KEYFILE", about: station.Text{ZH: "check 的子进程", EN: "the child process of check"}, least: 2, most: 2, alone: runExamine},
		{word: "service", args: "--listen ADDR [--cert F --key F] [--backups DIR]", about: station.Text{ZH: "印出 systemd 服务文件", EN: "the unit for systemd"}, flags: func(f *pflag.FlagSet, o *options) {
			serveFlags(f, o)
			f.StringVar(&o.backupDir, "backups", "", "")
		},
			valid: func(o *options) error {
				if (o.cert == "") != (o.key == "") {
					return usage("--cert 和 --key 要一起写", "--cert and --key go together")
				}
				return nil
			}, alone: runService},
		{word: "help", args: "[WORD]", about: station.Text{ZH: "帮助", EN: "help"}, most: 1, alone: runHelp},
	}
}

func serveFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.listen, "listen", "", "")
	f.StringVar(&o.cert, "cert", "", "")
	f.StringVar(&o.key, "key", "", "")
}

func recoveryFlag(f *pflag.FlagSet, o *options) { f.StringVar(&o.recovery, "recovery", "", "") }

func jsonFlag(f *pflag.FlagSet, o *options) { f.BoolVar(&o.json, "json", false, "") }

// find splits a command line into command and arguments. --data may stand
// before the word.
func find(args []string) (*command, []string, error) {
	at := 0
	for at < len(args) && strings.HasPrefix(args[at], "-") {
		switch {
		case args[at] == "--data":
			at += 2
		case strings.HasPrefix(args[at], "--data="):
			at++
		case args[at] == "-h", args[at] == "--help":
			return lookup("help", nil)
		default:
			return nil, nil, usage("没有 %s 这个选项", "there is no flag %s", clip(args[at]))
		}
	}
	if at >= len(args) {
		return nil, nil, usage("请写一个命令:%s", "say a command: %s", strings.Join(words(), " "))
	}
	rest := append(append([]string{}, args[:at]...), args[at+1:]...)
	return lookup(args[at], rest)
}

func lookup(word string, rest []string) (*command, []string, error) {
	for _, c := range commands() {
		if c.word == word {
			return c, rest, nil
		}
	}
	return nil, nil, usage("没有“%s”这个命令,可用:%s", "there is no command %q; there are: %s", clip(word), strings.Join(words(), " "))
}

// words are the commands for people.
func words() []string {
	var all []string
	for _, c := range commands() {
		if c.word != wordExamine {
			all = append(all, c.word)
		}
	}
	return all
}

// An invocation is one call of a command.
type invocation struct {
	options
	cmd    *command
	env    []string
	dir    string // relative file names start there
	stdout io.Writer
	stderr io.Writer
}

// parse reads flags, which may stand between the arguments.
func (inv *invocation) parse(args []string) error {
	fs := pflag.NewFlagSet(inv.cmd.word, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.StringVar(&inv.data, "data", "", "")
	fs.BoolVarP(&inv.help, "help", "h", false, "")
	if inv.cmd.flags != nil {
		inv.cmd.flags(fs, &inv.options)
	}
	if err := fs.Parse(args); err != nil {
		return badFlag(err)
	}
	inv.args, inv.originalArgs = fs.Args(), args
	if n := len(inv.args); !inv.help && (n < inv.cmd.least || n > inv.cmd.most) {
		return usage("写法:city %s", "usage: city %s", inv.cmd.line())
	}
	if fs.Changed("data") && inv.data == "" {
		return usage("--data 的目录是空的", "--data names no directory")
	}
	if inv.data == "" {
		inv.data = defaultDir(inv.env)
	}
	var err error
	if inv.data, err = filepath.Abs(inv.data); err != nil || inv.help || inv.cmd.valid == nil {
		return err
	}
	return inv.cmd.valid(&inv.options)
}

// badFlag says in words what is wrong with a flag.
func badFlag(err error) error {
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

// dispatch decides which process carries the command out.
func (inv *invocation) dispatch(ctx context.Context, args []string) error {
	if err := inv.parse(args); err != nil {
		return err
	}
	if inv.help {
		return inv.cmd.help(inv.stdout)
	}
	if inv.cmd.alone != nil {
		return inv.cmd.alone(ctx, inv)
	}
	c, living, err := reach(ctx, inv.data, inv.cmd.makes)
	if err != nil {
		return err
	}
	if living != nil {
		return inv.forward(ctx, living)
	}
	c.tellNews(inv.stderr)
	return errors.Join(inv.cmd.run(ctx, inv, c), c.close())
}

// forward has the living process carry out the call.
func (inv *invocation) forward(ctx context.Context, l *control.Client) error {
	code, err := l.Run(ctx, control.Request{Args: append([]string{inv.cmd.word}, inv.originalArgs...), Dir: inv.dir,
		Env: control.Vars(inv.env), Stdout: inv.stdout, Stderr: inv.stderr})
	if err != nil {
		return err
	}
	if code != exitDone {
		return exitCode(code) // what there was to say has been said
	}
	return nil
}

// handle carries out a call that came through the socket.
func (c *city) handle(ctx context.Context, call control.Call) int {
	inv := &invocation{dir: call.Dir, stdout: call.Stdout, stderr: call.Stderr}
	cmd, args, err := find(call.Args)
	if err == nil {
		inv.cmd = cmd
		err = inv.parse(args)
	}
	if err == nil && cmd.run == nil {
		err = usage("“%s”不能交给正在运行的程序执行", "%q cannot be carried out by the running program", cmd.word)
	}
	if err == nil {
		err = cmd.run(ctx, inv, c)
	}
	return settle(call.Stderr, err)
}

func (c *command) line() string { return strings.TrimSpace(c.word + " " + c.args) }

func (c *command) help(w io.Writer) error {
	_, err := fmt.Fprintf(w, "city %s\n  %s\n  %s\n", c.line(), c.about.ZH, c.about.EN)
	return err
}

func runHelp(_ context.Context, inv *invocation) error {
	if len(inv.args) == 1 {
		c, _, err := lookup(inv.args[0], nil)
		if err != nil {
			return err
		}
		return c.help(inv.stdout)
	}
	var b strings.Builder
	b.WriteString("city — 市级端 / the city's side of the liaison stations\n\n")
	for _, c := range commands() {
		if c.word != wordExamine {
			fmt.Fprintf(&b, "  city %s\n      %s / %s\n", c.line(), c.about.ZH, c.about.EN)
		}
	}
	b.WriteString("\n  --data DIR (或 LIAISON_DATA) 数据目录 / data directory\n")
	_, err := io.WriteString(inv.stdout, b.String())
	return err
}
