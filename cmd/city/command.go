package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
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
	makes bool          // the data directory, where there is none yet
	right station.Right // what a caller over SSH must be allowed; "": not over SSH
	act   station.Act   // recorded in the audit log; "": the command records what there is to record
	// flagless commands of package clerk read their own flags.
	flagless bool
	valid    func(*options) error
	// alone sees to the data directory by itself; run works on the open city.
	alone func(context.Context, *invocation) error
	run   func(context.Context, *invocation, *city) error
	// ask runs in the caller's own process, since only there is the terminal: it
	// returns what the command then reads.
	ask func(*invocation) (io.Reader, error)
}

// options are the values of all flags; a command has those it names.
type options struct {
	data         string
	listen       string
	ssh          string
	cert, key    string
	name         string
	json         bool
	station      string
	limit        int
	recovery     string // file of a recovery key
	listOnly     bool
	all          bool
	full         bool // names and phones in full
	backupDir    string
	backupKeep   int
	to           []string
	due          string
	from, doc    string
	title        string
	must         bool
	search       string
	since, until string // days
	month, unit  string
	category, by string
	rows         string // of which rate
	second       string // who agrees to a restore
	alone        bool
	user, act    string
	screen       bool // on this process's own terminal too
	help         bool
	args         []string // what is no flag
	originalArgs []string // as they were given
}

// commands is the table, in the order in which help shows it.
func commands() []*command {
	return []*command{
		{word: "run", args: "[--listen ADDR …] [--ssh ADDR]", about: station.Text{ZH: "打开屏幕;已有程序在接收时打开它的屏幕", EN: "a screen; of the process that serves, where there is one"},
			flags: houseFlags, alone: runScreen},
		{word: "serve", args: "--listen ADDR [--ssh ADDR] [--cert F --key F] [--name NAME] [--backups DIR] [--keep N]", about: station.Text{ZH: "接收各站数据,直到停止", EN: "take in what the stations send, until stopped"},
			flags: houseFlags, alone: runServe},
		{word: "enroll", args: "STATION", about: station.Text{ZH: "给一个站发一次性登记码(24 小时内有效),只印出登记码", EN: "a one-time code for a station, good for 24 hours; prints the code alone"}, least: 1, most: 1, makes: true, right: station.RightSettings,
			valid: func(o *options) error { return checkStation(o.args[0]) }, run: runEnroll},
		{word: "revoke", args: "STATION", about: station.Text{ZH: "吊销一个站的密钥(机器被盗、密钥外泄);之后要重新登记", EN: "take a station's key back, stolen or leaked; it must enrol anew"}, least: 1, most: 1, right: station.RightSettings,
			valid: func(o *options) error { return checkStation(o.args[0]) }, run: runRevoke},
		{word: "audit", args: "[--station S] [--from D] [--to D] [--user NAME] [--act ACT] [--search Q] [--limit N] [--json]", about: station.Text{ZH: "审计日志:市级端自己的,或一个站的", EN: "the audit log: the city's own, or a station's"}, right: station.RightAudit,
			flags: func(f *pflag.FlagSet, o *options) {
				jsonFlag(f, o)
				f.StringVar(&o.station, "station", "", "")
				f.StringVar(&o.since, "from", "", "")
				f.StringVar(&o.until, "to", "", "")
				f.StringVar(&o.user, "user", "", "")
				f.StringVar(&o.act, "act", "", "")
				f.StringVar(&o.search, "search", "", "")
				f.IntVar(&o.limit, "limit", 0, "")
			}, valid: validLimit, run: runAudit},
		{word: "stations", args: "[--json]", about: station.Text{ZH: "各站:条数、最近联系、时钟、疑点、分叉", EN: "the stations: entries, last seen, clock, doubts, forks"}, right: station.RightStatus, flags: jsonFlag, run: runStations},
		{word: "list", args: "receptions|matters|queue [NAME]|suggestions|notices|consults|units|leaders|committees|groups|deputies|villages [--station S] [--limit N] [--json] [--full]", about: station.Text{ZH: "列出各站的接待、事项,或市里的名册、单位、通报", EN: "receptions or matters of the stations, newest first; the city's lists and letters"}, least: 1, most: 2,
			right: station.RightSeeAll, flags: func(f *pflag.FlagSet, o *options) {
				fullFlag(f, o)
				f.StringVar(&o.station, "station", "", "")
				f.IntVar(&o.limit, "limit", 0, "")
			}, valid: validList, run: runList},
		{word: "paper", args: clerk.PaperUsage, about: station.Text{ZH: "出一张单子:回执、登记表、交办单、反馈单、告知单;--print 打印", EN: "a paper: receipt, form, assignment, feedback or guidance; --print prints it"}, right: station.RightSeeAll, flagless: true, run: runPaper},
		{word: "suggest", args: clerk.SuggestUsage, about: station.Text{ZH: "代表建议:列出、看一件、立案、交办、答复、评价", EN: "deputies' suggestions: list, show, enter, assign, reply, appraise"}, right: station.RightSeeAll, flagless: true, run: runSuggest},
		{word: "supervise", args: clerk.SuperviseUsage, about: station.Text{ZH: "五个督办:还缺什么、记录、记一笔", EN: "the five supervisions: what is missing, the log, one act more"}, right: station.RightSeeAll, flagless: true, run: runSupervise},
		{word: "step", args: clerk.StepUsage, about: station.Text{ZH: "办一件事项的一步;不写步骤则列出现在能办的", EN: "do a step of a matter; without ACTION lists what may be done now"}, right: station.RightSeeAll, flagless: true, run: runStep},
		{word: "show", args: "NUMBER [--json] [--full]", about: station.Text{ZH: "看一条登记或一件事项及其经过", EN: "one reception or matter, with its history"}, least: 1, most: 1, right: station.RightSeeAll, flags: fullFlag, run: runShow},
		{word: "rates", args: "[--month M] [--station S] [--unit U] [--category C] [--by station|unit|category] [--rows CODE] [--json]", about: station.Text{ZH: "各项比率及其定义,截至各站最近一次同步;--rows 列出一个比率背后的事项", EN: "the rates and what each means, as of each station's last sync; --rows lists the matters behind one"}, right: station.RightSeeAll,
			flags: func(f *pflag.FlagSet, o *options) {
				jsonFlag(f, o)
				f.StringVar(&o.month, "month", "", "")
				f.StringVar(&o.station, "station", "", "")
				f.StringVar(&o.unit, "unit", "", "")
				f.StringVar(&o.category, "category", "", "")
				f.StringVar(&o.by, "by", "", "")
				f.StringVar(&o.rows, "rows", "", "")
			}, run: runRates},
		{word: "import", args: "deputies|villages|categories|units|leaders|committees|groups|calendar|limits|classes FILE [--dry-run] [--format xlsx|csv] [--replace]", about: station.Text{ZH: "导入名册、村居、分类、单位、工作日、期限,同步后到各站;工作日整年导入,--replace 才以少换多", EN: "load roster, villages, categories, units, working days, limits; the sync takes them to the stations; working days come a whole year at a time, and only --replace puts fewer days in the place of more"},
			right: station.RightRules, act: station.ActImport, flagless: true, run: runImport},
		{word: "notice", args: "FILE|- [--to STATION…] [--title T] [--from WHO] [--doc NO] [--due DAY] [--must]", about: station.Text{ZH: "发通报(文本文件,第一行是标题),不写 --to 发给各站", EN: "send a notice, a text whose first line is its title; to all stations without --to"}, least: 1, most: 1,
			right: station.RightRules, flags: letterFlags, run: runNotice},
		{word: "consult", args: "FILE|- --due DAY [--to STATION…] [--title T] [--from WHO] [--doc NO]", about: station.Text{ZH: "发征询意见函,各站回函", EN: "ask stations for their opinion; they answer"}, least: 1, most: 1,
			right: station.RightRules, flags: letterFlags, run: runConsult},
		{word: "user", args: "add NAME --role ROLE [--key FILE.pub|-] [--pin] | list [--json] | remove NAME | pin NAME | until NAME DATE|-", about: station.Text{ZH: "市级端的账号", EN: "accounts of the city's machine"},
			right: station.RightUsers, flagless: true, makes: true, run: runUser, ask: askPIN},
		{word: "sessions", args: "[--json] | end ID", about: station.Text{ZH: "谁连着;结束一个会话", EN: "who is connected; end a session"}, right: station.RightGuests, flagless: true, run: runSessions},
		{word: "accept", args: "FILE", about: station.Text{ZH: "收下站点用 U 盘送来的文件", EN: "take in what a station sent on a stick"}, least: 1, most: 1, run: runAccept},
		{word: "bundle", args: "STATION FILE [--all]", about: station.Text{ZH: "把给站点的回执和记录加密导出到 U 盘", EN: "receipts and entries for a station, sealed to it, for a stick"}, least: 2, most: 2,
			flags: func(f *pflag.FlagSet, o *options) { f.BoolVar(&o.all, "all", false, "") }, run: runBundle},
		{word: "version", about: station.Text{ZH: "版本", EN: "version"}, alone: runVersion},
		{word: "check", about: station.Text{ZH: "核对全部数据与回执", EN: "walk and verify all entries and receipts"}, run: runCheck},
		{word: "backup", args: "[FILE] | --list", about: station.Text{ZH: "备份(可在运行中进行);不写文件则存入备份目录", EN: "copy everything while stations send; without FILE into the folder of backups"}, most: 1,
			flags: func(f *pflag.FlagSet, o *options) { f.BoolVar(&o.listOnly, "list", false, "") }, run: runBackup},
		{word: "rehearse", args: "[FILE] [--recovery FILE]", about: station.Text{ZH: "恢复演练:在临时目录里恢复并核对一份备份,不改动数据", EN: "try a backup: restore it into a throw-away folder and check it"}, most: 1, flags: recoveryFlag, run: runRehearse},
		{word: "recovery", args: "[new FILE | add AGE1… | remove AGE1…]", about: station.Text{ZH: "恢复钥匙:机器没了以后谁能打开备份", EN: "who can open the backups when the machine is gone"}, most: 2, run: runRecovery},
		{word: "restore", args: "FILE [--recovery FILE] [--second NAME] [--alone]", about: station.Text{ZH: "从备份恢复;原文件改名留存", EN: "go back to a copy; the old file is set aside"}, least: 1, most: 1, flags: restoreFlags, alone: runRestore},
		{word: "second", args: "[DIR|-]", about: station.Text{ZH: "第二份在哪里;写目录则移到那里(最好是另一块盘),- 移回原处", EN: "where the second copy lies; with DIR moves it there, best to another disk; - moves it back"}, most: 1, alone: runSecond},
		{word: wordExamine, args: "FILE KEYFILE", about: station.Text{ZH: "check 的子进程", EN: "the child process of check"}, least: 2, most: 2, alone: runExamine},
		{word: "service", args: "--listen ADDR [--ssh ADDR] [--cert F --key F] [--backups DIR]", about: station.Text{ZH: "印出 systemd 服务文件", EN: "the unit for systemd"}, flags: func(f *pflag.FlagSet, o *options) {
			serveFlags(f, o)
			f.StringVar(&o.ssh, "ssh", "", "")
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

// houseFlags are those of a process that others come to.
func houseFlags(f *pflag.FlagSet, o *options) {
	serveFlags(f, o)
	f.StringVar(&o.ssh, "ssh", "", "")
	f.StringVar(&o.name, "name", "", "")
	f.StringVar(&o.backupDir, "backups", "", "")
	f.IntVar(&o.backupKeep, "keep", 0, "")
}

func serveFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.listen, "listen", "", "")
	f.StringVar(&o.cert, "cert", "", "")
	f.StringVar(&o.key, "key", "", "")
}

// fullFlag goes with jsonFlag where names and phones may be asked for in full.
func fullFlag(f *pflag.FlagSet, o *options) {
	jsonFlag(f, o)
	f.BoolVar(&o.full, "full", false, "")
}

func restoreFlags(f *pflag.FlagSet, o *options) {
	recoveryFlag(f, o)
	f.StringVar(&o.second, "second", "", "")
	f.BoolVar(&o.alone, "alone", false, "")
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
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	who    station.Who
	local  bool // called on this machine by its owner: may name files
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
	if inv.cmd.flagless {
		return inv.parseData(args)
	}
	if err := fs.Parse(args); err != nil {
		return clerk.BadFlag(err)
	}
	inv.args, inv.originalArgs = fs.Args(), args
	if n := len(inv.args); !inv.help && (n < inv.cmd.least || n > inv.cmd.most) {
		return usage("写法:city %s", "usage: city %s", inv.cmd.line())
	}
	if fs.Changed("data") && inv.data == "" {
		return usage("--data 的目录是空的", "--data names no directory")
	}
	if err := inv.findData(); err != nil || inv.help || inv.cmd.valid == nil {
		return err
	}
	return inv.cmd.valid(&inv.options)
}

// findData settles the data directory.
func (inv *invocation) findData() (err error) {
	if inv.data == "" {
		inv.data = defaultDir(inv.env)
	}
	inv.data, err = filepath.Abs(inv.data)
	return err
}

// parseData takes --data out of the arguments of a command that reads its own
// flags.
func (inv *invocation) parseData(args []string) error {
	inv.originalArgs = args
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--data" && i+1 < len(args):
			inv.data = args[i+1]
			i++
		case strings.HasPrefix(a, "--data="):
			inv.data = strings.TrimPrefix(a, "--data=")
		case a == "-h", a == "--help":
			inv.help = true
		default:
			inv.args = append(inv.args, a)
		}
	}
	return inv.findData()
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
	if inv.cmd.ask != nil {
		in, err := inv.cmd.ask(inv)
		if err != nil {
			return err
		}
		inv.stdin = in
	}
	c, living, err := reach(ctx, inv.data, inv.cmd.makes)
	if err != nil {
		return err
	}
	if living != nil {
		return inv.forward(ctx, living, false)
	}
	c.tellNews(inv.stderr)
	return errors.Join(inv.carryOut(ctx, c), c.close())
}

// carryOut runs the command once rights are settled. An act of its own is
// recorded with how it ended.
func (inv *invocation) carryOut(ctx context.Context, c *city) error {
	if inv.cmd.right != "" {
		if err := inv.who.Need(inv.cmd.right); err != nil {
			return errors.Join(err, c.desk.Audit(inv.who, station.ActRefused, inv.cmd.word, false, station.Say(err).Code))
		}
	}
	object := clerk.Object(inv.cmd.word, inv.args)
	err := inv.cmd.run(ctx, inv, c)
	if errors.Is(err, clerk.ErrHelp) {
		return inv.cmd.help(inv.stdout)
	}
	if inv.cmd.act != "" {
		note := ""
		if err != nil {
			note = station.Say(err).Code
		}
		err = errors.Join(err, c.desk.Audit(inv.who, inv.cmd.act, object, err == nil, note))
	}
	return err
}

// forward has the living process carry out the call.
func (inv *invocation) forward(ctx context.Context, l *control.Client, terminal bool) error {
	code, err := l.Run(ctx, control.Request{Args: append([]string{inv.cmd.word}, inv.originalArgs...), Dir: inv.dir,
		Env: control.Vars(inv.env), Stdin: inv.stdin, Stdout: inv.stdout, Stderr: inv.stderr, Terminal: terminal})
	if err != nil {
		return err
	}
	if code != exitDone {
		return exitCode(code) // what there was to say has been said
	}
	return nil
}

func (c *command) line() string { return strings.TrimSpace(c.word + " " + c.args) }

func (c *command) help(w io.Writer) error {
	_, err := fmt.Fprintf(w, "city %s\n  %s\n  %s\n", c.line(), c.about.ZH, c.about.EN)
	return err
}

func runVersion(_ context.Context, inv *invocation) error {
	_, err := fmt.Fprintln(inv.stdout, "city", upkeep.Version())
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
