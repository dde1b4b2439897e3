package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"liaison/cmd/clerk"
	"liaison/cmd/control"
	"liaison/cmd/upkeep"
	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
)

// runBackup copies the whole ledger while people work.
func runBackup(ctx context.Context, inv *invocation) error {
	fl := inv.flagSet()
	list := fl.Bool("list", false, "")
	args, err := inv.parse(0, 1)
	switch {
	case err != nil:
		return err
	case *list:
		return inv.copies().Show()
	case len(args) == 0:
		return inv.copies().New(ctx)
	}
	if args[0] == "-" && clerk.IsTerminal(inv.stdout) {
		return usage("备份是二进制文件,不能印在屏幕上;请写文件名", "a backup cannot be printed on a terminal; give a file name")
	}
	if inv.overLedger(args[0]) {
		return refuse(nil, "%[1]s 是正在使用的数据文件,备份请另起一个名字,最好放在另一块盘上", "%[1]s is the data file in use; give the copy another name, best on another disk", args[0])
	}
	if args[0] == "-" && inv.who.Door == "ssh" && len(inv.kiosk.led.Recovery()) == 0 {
		return refuse(nil, "还没有恢复钥匙,备份没有封上,不从网上送出。请先在本机运行 kiosk recovery new /U盘/恢复钥匙.txt,或在本机备份", "there is no recovery key, so a backup would leave unsealed; run kiosk recovery new /STICK/recovery.txt at the machine first, or make the backup there")
	}
	err = inv.create(args[0], func(w io.Writer) error { return inv.kiosk.backups().Write(ctx, w) })
	if err != nil || args[0] == "-" {
		return err
	}
	if len(inv.kiosk.led.Recovery()) > 0 {
		_, err = fmt.Fprintf(inv.stdout, "已备份到 %s,只有恢复钥匙能在别的机器上打开 / copied; elsewhere it opens with the recovery key alone\n", args[0])
		return err
	}
	_, err = fmt.Fprintf(inv.stdout, "已备份到 %s。里面有选民姓名和电话,请妥善保管 / copied; it holds voters' names and phones, keep it safe\n", args[0])
	return err
}

// overLedger reports whether a name is the living ledger's own file.
func (inv *invocation) overLedger(name string) bool {
	path, err := inv.path(name)
	if err != nil {
		return false
	}
	there, err1 := os.Stat(path)
	live, err2 := os.Stat(filepath.Join(inv.kiosk.dir, ledgerFile))
	return err1 == nil && err2 == nil && os.SameFile(there, live)
}

// runRestore puts a copy in the place of the ledger. The file that was there
// is set aside under a dated name; a new epoch begins, so that no number that
// was given after the copy is given again.
func runRestore(ctx context.Context, inv *invocation) error {
	fl := inv.flagSet()
	by, second, alone := fl.String("recovery", "", ""), fl.String("second", "", ""), fl.Bool("alone", false, "")
	args, err := inv.parse(1, 1)
	if err != nil {
		return err
	}
	id, err := inv.identity(*by)
	if err != nil {
		return err
	}
	if c, err := control.Dial(filepath.Join(inv.data, socketFile)); err == nil {
		defer c.Close()
		return refuse(nil, "程序正在运行(进程 %[1]d),请先停止它再恢复", "the program is running (process %[1]d); stop it before you restore", c.PID())
	} else if !errors.Is(err, control.ErrNobody) {
		return err
	}
	from, err := inv.path(args[0])
	if err != nil {
		return err
	}
	f, err := os.Open(from)
	if err != nil {
		return cannotRead(args[0], err)
	}
	_ = f.Close() // looked only whether it can be read
	if err := os.MkdirAll(inv.data, 0o700); err != nil {
		return cannotMake(inv.data, err)
	}
	if inv.stdin, err = inv.askSecondPIN(*second); err != nil {
		return err
	}
	agreed, err := inv.consents(*second, *alone)
	if err != nil {
		return err
	}
	to, o := filepath.Join(inv.data, ledgerFile), upkeep.Options(inv.data, bolt.Options{Indexes: station.Indexes(), Timeout: heldFor})
	r, err := bolt.Restore(ctx, from, to, bolt.RestoreOptions{Replace: true, Options: o, Identity: id})
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrBusy):
		return busy(inv.data, err)
	default:
		return upkeep.NotSound(args[0], err)
	}
	if err := inv.markRestored(agreed); err != nil { // which also begins the second copy
		return cannotOpen(to, err)
	}
	fmt.Fprintf(inv.stdout, "已恢复 %d 条记录;新编号的字母是 %s / restored %d entries; new numbers carry the letter %s\n", r.Tally.Entries, r.Own.Letter(), r.Tally.Entries, r.Own.Letter())
	if r.Aside != "" {
		fmt.Fprintf(inv.stdout, "原文件留存为 %s / the old file was set aside there\n", r.Aside)
	}
	k, err := openKiosk(inv.data)
	if err != nil {
		return cannotOpen(to, err)
	}
	if k.line.outbox() != nil { // another machine may have gone on from this backup already
		inv.kiosk = k
		err = inv.catchUp(ctx)
	}
	return errors.Join(err, k.close())
}
