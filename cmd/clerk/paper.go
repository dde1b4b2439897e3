package clerk

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"liaison/station"
	"liaison/tui/paper"
)

// PaperUsage is how the paper command is called.
const PaperUsage = "NUMBER [slip|form|assign|feedback|guide] [--html] [--copies N] [--print] [--full]"

// maxCopies bounds what one call prints.
const maxCopies = 50

// Paper writes an official paper of a reception or a matter, as text or as a
// page for a browser; or prints it. Names and phones are whole only where
// --full asks for that, which is recorded first.
func Paper(ctx context.Context, c Call, args []string, p Printer) error {
	fs := Flags("paper")
	html, toPrinter, full := fs.Bool("html", false, ""), fs.Bool("print", false, ""), fs.Bool("full", false, "")
	copies := fs.Int("copies", 1, "")
	args, err := c.Parse(fs, args, 1, 2)
	if err != nil {
		return err
	}
	if *copies < 1 || *copies > maxCopies {
		return usage("--copies 应在 1 到 %[1]d 之间", "--copies is between 1 and %[1]d", maxCopies)
	}
	kind := station.PaperSlip
	if len(args) == 2 {
		kind = station.PaperKind(args[1])
	}
	if _, known := station.Papers.Find(string(kind)); !known {
		var all []string
		for _, t := range station.Papers {
			all = append(all, t.Code)
		}
		return usage("没有“%[1]s”这种单子;可以是 %[2]s", "there is no paper %[1]s; there are %[2]s", clip(string(kind)), strings.Join(all, " "))
	}
	if *toPrinter {
		if err := c.Who.MayPrint(); err != nil {
			return err
		}
	}
	x, err := c.Desk.DossierByNumber(c.Who, args[0])
	if err != nil {
		return err
	}
	ps, err := c.Desk.PapersOf(c.Who, x, kind, *full)
	switch {
	case err != nil:
		return err
	case *toPrinter:
		if err := p.Print(ctx, ps, *copies); err != nil {
			return err
		}
		_, err = io.WriteString(c.Stdout, "已送打印 / sent to the printer\n")
		return err
	case *html:
		w := bufio.NewWriter(c.Stdout)
		return cmp.Or(paper.HTML(w, ps, *copies), w.Flush())
	}
	_, err = io.WriteString(c.Stdout, paper.Text(ps, *copies))
	return err
}

// A Printer sends papers to a queue of the system's print service (CUPS), by
// its command lp. Which queue, the settings say; none is the system's own
// choice. Nothing that somebody types becomes a command.
type Printer struct {
	Settings func() station.Settings
	Command  string        // lp
	Patience time.Duration // 30 s: a print service that hangs holds up nobody for longer
}

// Print implements tui.Printer. The title that the queue shows is the paper's
// number, never whose it is.
func (p Printer) Print(ctx context.Context, ps []station.Paper, copies int) error {
	if len(ps) == 0 {
		return nil
	}
	patience := p.Patience
	if patience == 0 {
		patience = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	name := p.Command
	if name == "" {
		name = "lp"
	}
	args := []string{"-t", ps[0].Number, "-o", "media=" + string(ps[0].Size)}
	if q := p.Settings().Printer; q != "" {
		args = append(args, "-d", q)
	}
	cmd := exec.CommandContext(ctx, name, append(args, "-")...)
	cmd.Stdin = strings.NewReader(paper.Text(ps, copies))
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, exec.ErrNotFound):
		return refuse("这台机器没有打印服务(CUPS 的 lp 命令);可用命令 paper 编号 > 文件 存下来再打印", "this machine has no print service (the command lp of CUPS); use the command paper NUMBER > FILE")
	case ctx.Err() != nil:
		return refuse("打印服务 %[1]s 秒没有应答,没有打印;记录都在,稍后再试", "the print service did not answer for %[1]s s and nothing was printed; records are safe, try again later", strconv.Itoa(int(patience.Seconds())))
	case failed:
		return refuse("打印服务没有接受(代码 %[1]d),没有打印;请看打印机名称和打印机是否就绪", "the print service refused (code %[1]d) and nothing was printed; look at the printer's name and whether it is ready", exit.ExitCode())
	}
	return refuse("没有打印成", "nothing was printed")
}
