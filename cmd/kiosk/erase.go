package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"liaison/cmd/clerk"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger/bolt"
)

// eraseFlags are those of `erase`; both the caller's and the working process
// read them.
func (inv *invocation) eraseFlags() (reason, second *string, content *bool) {
	fs := inv.flagSet()
	return fs.String("reason", "", ""), fs.String("second", "", ""), fs.Bool("content", false, "")
}

// runErase erases the person of a reception, with a second person's consent.
func runErase(ctx context.Context, inv *invocation) error {
	reason, second, content := inv.eraseFlags()
	args, err := inv.parse(1, 1)
	if err != nil {
		return err
	}
	f, _, err := inv.kiosk.desk.Lookup(station.Owner(), args[0])
	if err != nil {
		return err
	}
	if err := inv.who.Need(station.RightErase); err != nil {
		return err
	}
	s := station.Second{Account: *second}
	if s.Account != "" {
		if s.PIN, err = clerk.ReadPIN(inv.stdin); err != nil {
			return err
		}
	}
	if err := inv.kiosk.desk.Erase(ctx, inv.who, f, station.Erasing{Content: *content, Reason: *reason}, s); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(inv.stdout, "已删除 %[1]s 的个人信息,编号和统计不变;市里在下次同步时同样删除 / the person of %[1]s is erased; number and counts stay, and the city does the same at the next sync\n", f.Visit.Number); err != nil {
		return err
	}
	return inv.tellLeftovers()
}

// tellLeftovers names what was set aside: it still holds what was erased.
func (inv *invocation) tellLeftovers() error {
	dir := inv.kiosk.dir
	left, err := bolt.Leftovers(filepath.Join(dir, ledgerFile), upkeep.Options(dir, bolt.Options{}))
	if err != nil || len(left) == 0 {
		return err
	}
	_, err = fmt.Fprintf(inv.stderr, "kiosk: 以前留存的旧文件里还有原来的内容,不再需要时请删除:%s / what was set aside earlier still holds it; delete it when it is no longer needed: %[1]s\n", strings.Join(left, " "))
	return err
}

// askSecond asks for the second person's PIN on the caller's terminal.
func askSecond(inv *invocation) (io.Reader, error) {
	_, second, _ := inv.eraseFlags()
	if _, err := inv.parse(0, 9); err != nil {
		return inv.stdin, nil // what is wrong is said by the command itself
	}
	return inv.askSecondPIN(*second)
}

// runRetention shows how long what is kept, applies the periods, or changes
// them.
func runRetention(ctx context.Context, inv *invocation) error {
	fs := inv.flagSet()
	dry := fs.Bool("dry-run", false, "")
	desk := inv.kiosk.desk
	r := desk.Retention()
	fs.IntVar(&r.VoterMonths, "voter", r.VoterMonths, "")
	fs.IntVar(&r.MatterMonths, "matter", r.MatterMonths, "")
	fs.IntVar(&r.DraftDays, "drafts", r.DraftDays, "")
	args, err := inv.parse(0, 1)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "set":
		if err := desk.SetRetention(inv.who, r); err != nil {
			return err
		}
	case len(args) == 1:
		return usage("写法:kiosk %[1]s", "usage: kiosk %[1]s", inv.cmd.line())
	}
	if _, err := fmt.Fprintf(inv.stdout, "姓名电话:办结后 %d 个月;事项原文:办结后 %d 个月;草稿:%d 天;审计日志:一直保留 / names and phones %[1]d months, words %[2]d months after all is done; drafts %[3]d days; the audit log stays\n", r.VoterMonths, r.MatterMonths, r.DraftDays); err != nil {
		return err
	}
	if len(args) == 1 {
		return nil
	}
	if *dry {
		due, err := desk.Overdue()
		if err != nil {
			return err
		}
		for _, o := range due {
			what := "姓名电话 name and phone"
			if o.Content {
				what += ",原文 words"
			}
			if _, err := fmt.Fprintf(inv.stdout, "%s  %s  %s\n", o.Number, o.Done.In(station.Beijing).Format("2006-01-02"), what); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintf(inv.stdout, "今夜将删除 %d 条 / %d to be erased tonight\n", len(due), len(due))
		return err
	}
	n, err := desk.ApplyRetention(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已删除 %d 条 / %d erased\n", n, n)
	return err
}

// nightlyRetention is what the station does by itself.
func (k *kiosk) nightlyRetention(ctx context.Context) error {
	n, err := k.desk.ApplyRetention(ctx)
	if n > 0 {
		k.log.Info("retention", "erased", n)
	}
	return err
}
