package clerk

import (
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

// maxCopies is more than anybody signs.
const maxCopies = 20

// Paper writes one paper of a matter as text, or as a page for a browser; or
// prints it. A voter is named in full only where full says so, or --full.
func Paper(ctx context.Context, c Call, args []string, full bool, p Printer) error {
	fs := Flags("paper")
	html, toPrinter, named := fs.Bool("html", false, ""), fs.Bool("print", false, ""), fs.Bool("full", false, "")
	copies := fs.Int("copies", 1, "")
	args, err := c.Parse(fs, args, 1, 2)
	if err != nil {
		return err
	}
	if *copies < 1 || *copies > maxCopies {
		return usage("--copies 应在 1 到 %[1]d 之间", "--copies is between 1 and %[1]d", maxCopies)
	}
	kind := "slip"
	if len(args) == 2 {
		if kind = args[1]; !known(station.PaperKinds, kind) {
			return c.misused()
		}
	}
	f, n, err := c.Desk.Lookup(c.Who, args[0])
	if err != nil {
		return err
	}
	page, err := c.Desk.Paper(c.Who, f.MatterID(max(n, 1)-1), kind, full || *named)
	switch {
	case err != nil:
		return err
	case *toPrinter:
		if err := p.Print(ctx, page, *copies); err != nil {
			return err
		}
		_, err = io.WriteString(c.Stdout, "已送打印 / sent to the printer\n")
		return err
	case *html:
		return paper.Page(c.Stdout, page, *copies)
	}
	_, err = io.WriteString(c.Stdout, paper.Text(page, *copies))
	return err
}

func known(ts station.Terms, code string) bool { _, ok := ts.Find(code); return ok }

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
func (p Printer) Print(ctx context.Context, page station.Paper, copies int) error {
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
	media := "A4"
	if page.Small {
		media = "A5"
	}
	args := []string{"-t", page.Number, "-o", "media=" + media}
	if q := p.Settings().Printer; q != "" {
		args = append(args, "-d", q)
	}
	cmd := exec.CommandContext(ctx, name, append(args, "-")...)
	cmd.Stdin = strings.NewReader(paper.Text(page, copies))
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
