package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"liaison/cmd/clerk"
	"liaison/station"
	"liaison/station/ledger"
)

// A place says where a command can be carried out.
type place uint8

const (
	anywhere  place = iota // needs no station: help, version, demo
	atStation              // on the open station, by whichever process has it
	byItself               // sees to the station on its own: init, run, serve, restore
)

// A command is one word of the program. The same table serves the process
// that opens the file itself, calls through the control socket, and SSH.
type command struct {
	word   string
	args   string // what follows the word
	about  station.Text
	right  station.Right // what the caller must be allowed; "": the desk asks by itself
	where  place
	remote bool        // may be called over SSH
	hidden bool        // not for people
	act    station.Act // recorded in the audit log; "": the desk records what there is to record
	run    func(context.Context, *invocation) error
	// ask runs in the caller's own process before a call is forwarded, since
	// only there is the terminal: it returns what the command then reads.
	ask func(*invocation) (io.Reader, error)
}

// commands is the table, in the order in which help shows it.
func commands() []*command {
	return []*command{
		{word: "run", args: "[--ssh ADDR]", about: station.Text{ZH: "打开屏幕,并提供 SSH 与同步;不写命令就是它", EN: "screen, SSH and sync in one process; the default"}, where: byItself, run: runScreen},
		{word: "serve", args: "[--ssh ADDR]", about: station.Text{ZH: "同上,但没有本机屏幕", EN: "the same without the local screen"}, where: byItself, run: runServe},
		{word: "demo", args: "[--ssh ADDR]", about: station.Text{ZH: "演示:样板站和内置的市级端,用完即弃", EN: "a sample station and an embedded city, thrown away afterwards"}, where: anywhere, run: runDemo},
		{word: "init", args: "--station QA01 --name NAME [--area CODE] [--suite aes|sm4]", about: station.Text{ZH: "建立本站", EN: "create the station"}, where: byItself, run: runInit},
		{word: "enroll", act: station.ActEnrol, args: "URL CODE [--ca FILE] [--second NAME]", about: station.Text{ZH: "用一次性代码加入市级端;改接另一个市级端只能在本机,并要第二个人的 PIN", EN: "join the city with a one-time code; another city than the one that was joined only at this machine, with a second person's PIN"}, right: station.RightSync, where: atStation, remote: true, run: runEnroll, ask: askJoin},
		{word: "add", args: "[FILE|-]", about: station.Text{ZH: "录入接待(每行一个 JSON),每存好一条印出编号", EN: "record receptions from JSON lines; prints each number once it is durable"}, right: station.RightRecord, where: atStation, remote: true, run: runAdd},
		{word: "list", args: "receptions|matters|deputies|sessions|queue [NAME]|suggestions|notices|consults [--search Q] [--from D] [--to D] [--limit N] [--json] [--full]", about: station.Text{ZH: "列出", EN: "list records, newest first"}, where: atStation, remote: true, run: runList},
		{word: "paper", args: clerk.PaperUsage, about: station.Text{ZH: "出一张单子:回执、登记表、交办单、反馈单、告知单;--print 打印", EN: "a paper: receipt, form, assignment, feedback or guidance; --print prints it"}, where: atStation, remote: true, run: runPaper},
		{word: "suggest", args: "[NUMBER] [--json]", about: station.Text{ZH: "与本站有关的代表建议", EN: "deputies' suggestions that concern the station"}, where: atStation, remote: true, run: runSuggest},
		{word: "step", args: clerk.StepUsage, about: station.Text{ZH: "办一件事项的一步;不写步骤则列出现在能办的", EN: "do a step of a matter; without ACTION lists what may be done now"}, where: atStation, remote: true, run: runStep},
		{word: "show", args: "NUMBER [--json] [--full]", about: station.Text{ZH: "看一条登记或一件事项及其经过", EN: "one reception or matter, with its history"}, where: atStation, remote: true, run: runShow},
		{word: "totals", args: "[--month M] [--json]", about: station.Text{ZH: "一个月的数字", EN: "the figures of a month"}, where: atStation, remote: true, run: runTotals},
		{word: "rates", args: "[--month M] [--unit U] [--category C] [--by unit|category] [--rows CODE] [--json]", about: station.Text{ZH: "各项比率及其定义;--rows 列出一个比率背后的事项", EN: "the rates and what each means; --rows lists the matters behind one"}, where: atStation, remote: true, run: runRates},
		{word: "export", act: station.ActExport, args: "receptions|matters FILE [--format xlsx|csv]", about: station.Text{ZH: "导出台账(.xlsx 或 .csv)", EN: "the register as .xlsx or .csv"}, right: station.RightExport, where: atStation, remote: true, run: runExport},
		{word: "import", act: station.ActImport, args: "deputies|villages|categories|messages FILE [--dry-run] [--format xlsx|csv]", about: station.Text{ZH: "导入名册、村居、分类或留言", EN: "load a roster, villages, categories or messages"}, right: station.RightImport, where: atStation, remote: true, run: runImport},
		{word: "status", args: "[--json]", about: station.Text{ZH: "本站与同步的状态", EN: "state of station and sync"}, right: station.RightStatus, where: atStation, remote: true, run: runStatus},
		{word: "sync", about: station.Text{ZH: "立即同步", EN: "sync with the city now"}, right: station.RightSync, where: atStation, remote: true, run: runSync},
		{word: "rekey", act: station.ActRekey, about: station.Text{ZH: "更换本站与市级端之间的密钥", EN: "exchange the station's key for the line to the city"}, right: station.RightSync, where: atStation, remote: true, run: runRekey},
		{word: "bundle", act: station.ActExport, args: "FILE|- [--all]", about: station.Text{ZH: "没有网络时:把未确认的记录加密导出到 U 盘,交给市里", EN: "without a line: what the city lacks, sealed to it, for a stick"}, right: station.RightSync, where: atStation, remote: true, run: runBundle},
		{word: "accept", act: station.ActImport, args: "FILE|-", about: station.Text{ZH: "收下市里用 U 盘带回的文件", EN: "take in what the city sent back on a stick"}, right: station.RightSync, where: atStation, remote: true, run: runAccept},
		{word: "check", about: station.Text{ZH: "检查全部数据", EN: "walk and verify everything"}, right: station.RightBackup, where: byItself, remote: true, run: runCheck},
		{word: "reindex", about: station.Text{ZH: "重建索引", EN: "build the indexes anew"}, right: station.RightBackup, where: atStation, remote: true, run: runReindex},
		{word: "backup", act: station.ActBackup, args: "[FILE|-] | --list", about: station.Text{ZH: "备份(可在使用中进行);不写文件则存入备份目录,旧的按代数清理", EN: "copy everything while people work; without FILE into the folder of backups, of which the oldest go"}, right: station.RightBackup, where: atStation, remote: true, run: runBackup},
		{word: "rehearse", act: station.ActBackup, args: "[FILE] [--recovery FILE]", about: station.Text{ZH: "恢复演练:在临时目录里恢复并核对一份备份,不改动数据", EN: "try a backup: restore it into a throw-away folder and check it"}, right: station.RightBackup, where: atStation, remote: true, run: runRehearse},
		{word: "recovery", act: station.ActBackup, args: "[new FILE | add AGE1… | remove AGE1…]", about: station.Text{ZH: "恢复钥匙:机器没了以后谁能打开备份", EN: "who can open the backups when the machine is gone"}, right: station.RightBackup, where: atStation, run: runRecovery},
		{word: "restore", args: "FILE [--recovery FILE] [--second NAME] [--alone]", about: station.Text{ZH: "从备份恢复;原文件改名留存", EN: "go back to a copy; the old file is set aside"}, where: byItself, run: runRestore},
		{word: "key", act: station.ActSettings, args: "[passphrase|file]", about: station.Text{ZH: "数据的钥匙从哪里来;改为口令(从标准输入读)或钥匙文件,数据不重写", EN: "where the data's key comes from; change it to a passphrase, read from standard input, or to a key file; nothing is rewritten"}, right: station.RightBackup, where: atStation, run: runKey, ask: askKey},
		{word: "second", args: "[DIR|-]", about: station.Text{ZH: "第二份在哪里;写目录则移到那里(最好是另一块盘),- 移回原处", EN: "where the second copy lies; with DIR moves it there, best to another disk; - moves it back"}, where: byItself, run: runSecond},
		{word: "user", args: "add NAME --role ROLE [--key FILE.pub|-] [--pin] [--deputy CODE] | list [--json] | remove NAME | pin NAME [--second NAME] | until NAME DATE|-", about: station.Text{ZH: "账号", EN: "accounts of this machine"}, right: station.RightUsers, where: atStation, remote: true, run: runUser, ask: askPIN},
		{word: "sessions", args: "[--json] | end ID", about: station.Text{ZH: "谁连着,从哪里来;结束一个会话", EN: "who is connected, from where; end a session"}, right: station.RightGuests, where: atStation, remote: true, run: runSessions},
		{word: "audit", args: "[--from D] [--to D] [--user NAME] [--act ACT] [--search Q] [--limit N] [--json]", about: station.Text{ZH: "审计日志:谁在什么时候做了什么", EN: "the audit log: who did what, and when"}, right: station.RightAudit, where: atStation, remote: true, run: runAudit},
		{word: "erase", args: "NUMBER --reason R --second NAME [--content]", about: station.Text{ZH: "应选民要求删除个人信息(姓名电话;--content 连同原文),要第二个人的 PIN", EN: "erase a voter's name and phone, with --content the words too; takes a second person's PIN"}, right: station.RightErase, where: atStation, remote: true, run: runErase, ask: askSecond},
		{word: "retention", args: "[--dry-run] | set [--voter M] [--matter M] [--drafts D]", about: station.Text{ZH: "保存期限:看、执行、更改(月、月、天)", EN: "how long what is kept: show, apply or change it (months, months, days)"}, right: station.RightSettings, where: atStation, remote: true, run: runRetention},
		{word: "service", args: "[--ssh ADDR] [--write DIR] [--console]", about: station.Text{ZH: "印出 systemd 服务文件;--write 是数据目录以外也要写的目录,如放备份的盘;加 --console 印出开机自动登录的设置", EN: "the unit for systemd; --write names a folder elsewhere that is written to, such as one for backups; with --console what signs a terminal in by itself"}, where: anywhere, run: runService},
		{word: "help", args: "[WORD]", about: station.Text{ZH: "帮助", EN: "help"}, where: anywhere, remote: true, run: runHelp},
		{word: "version", about: station.Text{ZH: "版本", EN: "version"}, where: anywhere, remote: true, run: runVersion},
		{word: wordExamine, args: "FILE KEYFILE", about: station.Text{ZH: "check 的子进程", EN: "the child process of check"}, where: anywhere, hidden: true, run: runExamine},
	}
}

// lookup finds a command by its word.
func lookup(word string) (*command, error) {
	var words []string
	for _, c := range commands() {
		if c.word == word {
			return c, nil
		}
		if !c.hidden {
			words = append(words, c.word)
		}
	}
	return nil, usage("没有“%s”这个命令,可用:%s", "there is no command %q; there are: %s", clip(word), strings.Join(words, " "))
}

// find splits a command line into command and arguments.
func find(args []string) (*command, []string, error) {
	word := "run"
	switch {
	case len(args) == 0:
	case args[0] == "-h", args[0] == "--help":
		word, args = "help", nil
	case args[0] == "--version":
		word, args = "version", nil
	case !strings.HasPrefix(args[0], "-"):
		word, args = args[0], args[1:]
	}
	c, err := lookup(word)
	return c, args, err
}

// An invocation is one call of a command.
type invocation struct {
	cmd    *command
	args   []string
	env    []string
	dir    string // relative file names start there
	data   string // the data directory
	chosen bool   // data was named with --data
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	who    station.Who
	local  bool   // called on this machine by its owner: may name files
	kiosk  *kiosk // the open station; nil where the command needs none
	house  *house // the living process that carries it out; nil: none does
	note   string // what the audit log says beside the command's act, once it is done
	flags  *pflag.FlagSet

	unread []station.Number // receptions that a list left out; see missed
	why    error
}

// flagSet begins the command's flags; they may stand between its arguments.
func (inv *invocation) flagSet() *pflag.FlagSet {
	fs := pflag.NewFlagSet(inv.cmd.word, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SetInterspersed(true)
	fs.Usage = func() {}
	inv.flags = fs
	return fs
}

// parse reads the flags and returns the other arguments, of which there must
// be from least to most.
func (inv *invocation) parse(least, most int) ([]string, error) {
	if err := inv.flags.Parse(inv.args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return nil, errHelp
		}
		return nil, clerk.BadFlag(err)
	}
	rest := inv.flags.Args()
	if len(rest) < least || len(rest) > most {
		return nil, usage("写法:kiosk %s", "usage: kiosk %s", inv.cmd.line())
	}
	return rest, nil
}

func (c *command) line() string { return strings.TrimSpace(c.word + " " + c.args) }

// carryOut runs the command once rights are settled. A refusal is recorded,
// and so is a command with an act of its own: what takes out voters' names before
// it does, the others with how they ended.
func (inv *invocation) carryOut(ctx context.Context) error {
	if inv.cmd.right != "" {
		if err := inv.who.Need(inv.cmd.right); err != nil {
			return errors.Join(err, inv.audit(station.ActRefused, false, station.Say(err).Code))
		}
	}
	before := inv.cmd.act == station.ActExport
	if before {
		if err := inv.audit(inv.cmd.act, true, ""); err != nil {
			return err
		}
	}
	err := inv.cmd.run(ctx, inv)
	if errors.Is(err, errHelp) {
		return inv.cmd.help(inv.stdout)
	}
	if inv.cmd.act != "" && !before {
		note := inv.note
		if err != nil {
			note = station.Say(err).Code
		}
		err = errors.Join(err, inv.audit(inv.cmd.act, err == nil, note))
	}
	return err
}

// audit records an act of this call, named by the command's words without
// file names. A full disk must not stop people from reading: then the log
// file has the line instead.
func (inv *invocation) audit(act station.Act, ok bool, note string) error {
	if inv.kiosk == nil {
		return nil
	}
	object := clerk.Object(inv.cmd.word, inv.args)
	err := inv.kiosk.desk.Audit(inv.who, act, object, ok, note)
	if errors.Is(err, ledger.ErrFull) {
		inv.kiosk.log.Error("audit line not kept", "act", act, "object", object, "err", err)
		return nil
	}
	return err
}

func (c *command) help(w io.Writer) error {
	_, err := fmt.Fprintf(w, "kiosk %s\n  %s\n  %s\n", c.line(), c.about.ZH, c.about.EN)
	return err
}

func runHelp(_ context.Context, inv *invocation) error {
	inv.flagSet()
	args, err := inv.parse(0, 1)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		c, err := lookup(args[0])
		if err != nil {
			return err
		}
		return c.help(inv.stdout)
	}
	var b strings.Builder
	b.WriteString("kiosk — 人大代表联络站 / deputy liaison station\n\n")
	for _, c := range commands() {
		if c.hidden || !inv.local && !c.remote {
			continue
		}
		fmt.Fprintf(&b, "  kiosk %s\n      %s / %s\n", c.line(), c.about.ZH, c.about.EN)
	}
	b.WriteString("\n  --data DIR (或 LIAISON_DATA) 数据目录 / data directory\n")
	_, err = io.WriteString(inv.stdout, b.String())
	return err
}
